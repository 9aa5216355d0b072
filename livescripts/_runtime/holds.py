"""Threads that run code of scripts, and the one that changes it: many of those, or this one.

# Rule 1: whoever changes the scripts does not wait in a frame: it comes again, and until then no further thread gets in.
# Rule 2: a thread waits a moment at most. A game that has stopped calling `update()` must not stop its threads.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["Holds"]

_PATIENCE = 0.25  # seconds that a thread lets others go first


class Holds:
    """A context manager for any number of threads, against one that takes it for itself. A thread may enter it again."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._inside = 0
        self._wanted = False  # somebody wants to change the scripts
        self._taken = False
        self._own = threading.local()

    def __enter__(self) -> None:
        """Wait until nothing is being changed; nothing is from now on."""
        depth = self.depth
        if not depth:
            with self._condition:
                deadline = time.monotonic() + _PATIENCE
                while self._taken or (self._wanted and time.monotonic() < deadline):
                    self._condition.wait(None if self._taken else _PATIENCE)
                self._inside += 1
        self._own.depth = depth + 1

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Let it be changed."""
        self._own.depth -= 1
        if not self._own.depth:
            with self._condition:
                self._inside -= 1
                self._condition.notify_all()

    @property
    def depth(self) -> int:
        """How often this thread has entered."""
        return getattr(self._own, "depth", 0)

    def take(self, *, wait: bool) -> bool:
        """Keep all threads out until `give`. Without `wait`, returns False while one is inside."""
        with self._condition:
            if self._inside and not wait:
                self._wanted = True
                return False
            self._wanted = True
            self._condition.wait_for(lambda: not self._inside)
            self._wanted, self._taken = False, True
        return True

    def give(self) -> None:
        """Let the threads in."""
        with self._condition:
            self._taken = False
            self._condition.notify_all()
