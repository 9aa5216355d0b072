"""Paths and the directories they are in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

__all__ = ["beneath"]


def beneath(paths: Iterable[str], tops: AbstractSet[str]) -> Iterator[str]:
    """Those of `paths` that are in one of the directories `tops`, at any depth, in their order.

    Takes as long for many directories as for one: forty pictures that were saved among scripts may each have been one.
    """
    known: dict[str, bool] = {}
    for path in paths:
        above = path.rpartition(os.sep)[0]
        if above not in known:
            known[above] = any(directory in tops for directory in _upwards(above))
        if known[above]:
            yield path


def _upwards(directory: str) -> Iterator[str]:
    yield directory
    while (above := os.path.dirname(directory)) != directory:
        yield above
        directory = above
