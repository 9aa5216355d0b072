"""Threads that run code of scripts, and the one that changes it: many of those, or this one.

# Rule 1: whoever changes the scripts does not wait in a frame: it comes again, and until then no further thread gets in.
# Rule 2: a thread waits a moment at most. A game that has stopped calling `update()`, or is paused, must not stop its threads.
# Rule 3: whoever changes the scripts may enter, in a callback, say: he would wait for himself.
"""

from __future__ import annotations

import math
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Holds"]

_PATIENCE = 0.25  # seconds that a thread lets others go first, and that a refusal is remembered


class Holds:
    """A context manager for any number of threads, against one that takes it for itself. A thread may enter it again."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._wanted = 0.0  # until then somebody wants to change the scripts, in seconds of the monotonic clock
        self._taken: int | None = None  # by the thread that changes them
        self._own = threading.local()
        _all.add(self)

    def forked(self) -> None:
        """Go on in a child that the game has forked: of the threads only this one is left."""
        self._condition = threading.Condition()
        self._inside = int(bool(self.depth) and self._own.counts)
        self._wanted = 0.0
        self._taken = None if self._taken != threading.get_ident() else self._taken

    def __enter__(self) -> None:
        """Wait until nothing is being changed; nothing is from now on."""
        depth = self.depth
        if not depth:
            with self._condition:
                self._own.counts = self._taken != threading.get_ident()
                if self._own.counts:
                    self._wait()
                    self._inside += 1
        self._own.depth = depth + 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Let it be changed."""
        self._own.depth -= 1
        if not self._own.depth and self._own.counts:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    def _wait(self) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            rest = min(deadline, self._wanted) - time.monotonic()
            if self._taken is None and rest <= 0:
                return
            self._condition.wait(rest if self._taken is None else None)

    @property
    def depth(self) -> int:
        """How often this thread has entered."""
        return getattr(self._own, "depth", 0)

    def take(self, *, wait: bool) -> bool:
        """Keep all threads out until `give`. Without `wait`, returns False while one is inside."""
        with self._condition:
            if self._inside and not wait:
                self._wanted = time.monotonic() + _PATIENCE
                return False
            try:
                self._wanted = math.inf
                self._condition.wait_for(lambda: not self._inside)
                self._taken = threading.get_ident()
            finally:
                self._wanted = 0.0
        return True

    def give(self) -> None:
        """Let the threads in."""
        with self._condition:
            self._taken = None
            self._condition.notify_all()


_all: weakref.WeakSet[Holds] = weakref.WeakSet()


def _forked() -> None:
    for holds in _all:
        holds.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
