"""Garbage collections, which have no place in the frames in which we work.

What a stage makes stays, or goes by counting references: a collection in the midst of it finds next to nothing, however
often it comes. With a hundred thousand instances to move it came fifteen times, and through all of the heap.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["FEW", "without_collections"]

FEW = 20_000  # objects that a collection of the young ones is through with in a millisecond or two
_NEVER = 1 << 30

# Python 3.12 begins with 375 frozen objects of its own. A game that freezes its heap freezes all of it.
_FROZEN_BY_PYTHON = 1_000


@contextmanager
def without_collections(few: int = FEW) -> Generator[None]:
    """Put off collections meanwhile. What was made then counts as old at once, if there are more than `few` of it.

    Nothing is changed for a game that has switched collections off.
    """
    before = gc.get_threshold()
    if not before[0] or not gc.isenabled():
        yield
        return
    # Not `gc.disable`: that is for the game to say, or for a script.
    meanwhile = (_NEVER, *before[1:])
    # Twice: an interrupt may come at the first line of what puts it back, and then there were no collections any more.
    try:
        try:
            gc.set_threshold(*meanwhile)
            yield
        finally:
            _age(
                before[0], few
            )  # first: with the thresholds of before, the next object that is made would bring a collection
            if gc.get_threshold() == meanwhile:
                gc.set_threshold(*before)
    finally:
        if gc.get_threshold() == meanwhile:
            gc.set_threshold(*before)


def _age(many: int, few: int) -> None:
    """Collect what was made, if it is as much as a collection begins with: now, since one that began by itself might go on
    with all of the heap. Or let it count as old, if it is more than `few`.
    """
    young = gc.get_count()[0]
    if many < young <= few:
        gc.collect(0)
    elif young > few:
        # It counts them: 20 ns for each object that is frozen.
        if gc.get_freeze_count() > _FROZEN_BY_PYTHON:
            gc.collect(0)  # one look at all of it: what the game has frozen stays so
        else:
            # Without a look: nearly all of it will live on.
            try:
                gc.freeze()
            finally:
                gc.unfreeze()
