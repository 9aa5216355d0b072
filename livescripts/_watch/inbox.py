"""The inbox: the one object that crosses threads."""

# Rule 1: it holds path strings and when they came, and nothing else. No callback, no event: what a path means is decided
#         by the game's thread, between two frames. But a file is quiet from the moment it was saved, not from the next frame.
# Rule 2: a path is never lost. When there are too many, several are replaced by one that covers them all.
# Rule 3: whoever wants to hear of a path at once (the compile process, which can begin before the next frame) gets the
#         path, and nothing else. `announce` neither waits nor raises nor touches the game: it writes the path to a pipe.
# Rule 4: looking whether anything is there takes no lock and no call.

from __future__ import annotations

import os
import threading
import time
import weakref
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Inbox", "Listener"]


class Listener(Protocol):
    """Who hears of paths before the game does. See rule 3."""

    def announce(self, path: str) -> None:
        """A script may have changed. Called from any thread."""
        ...


class Inbox:
    """Paths that may have changed, from any thread to the game's.

    Paths are absolute, in the operating system's own spelling. A path that is a directory, or was one, means
    "anything below it may have changed": whoever drains the inbox looks there again.

    A path put while it is already waiting changes nothing, so memory is bounded by the number of different
    paths; past `limit` of them, files are replaced by the directories that hold them. What looks like a file may be a
    directory, so a path may also stand above the directory that is watched, and means all of that then.

    `listener` is told of each script that is put, each time. `clock` gives seconds, on any thread.
    """

    __slots__ = ("__weakref__", "_clock", "_limit", "_listener", "_lock", "_widen_at", "waiting")

    waiting: dict[str, float]
    """What is waiting, in order of first arrival, and when it came last. The same dict for the inbox's whole life, so an idle frame
    may keep it and test it (`if not waiting`), which costs one lookup and no call. Read only."""

    def __init__(
        self, limit: int = 4096, listener: Listener | None = None, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.waiting = {}
        self._listener = listener
        self._clock = clock
        self._lock = threading.Lock()
        self._limit = limit
        self._widen_at = limit
        _inboxes.add(self)

    def forked(self) -> None:
        """Go on in a child that the game has forked: whoever held the lock stayed behind."""
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Whether anything is waiting. Slower than testing `waiting`: it is a call."""
        return bool(self.waiting)

    def put(self, path: str) -> None:
        """Add a path; nothing happens when it is waiting already. From any thread; never blocks for long."""
        with self._lock:
            self.waiting[path] = self._clock()
            if len(self.waiting) > self._widen_at:
                self._widen()
        if self._listener is not None and path.endswith(".py"):
            self._listener.announce(path)

    def drain(self) -> dict[str, float]:
        """Take everything, in order of first arrival, and when it came last. Empty when nothing was waiting.

        A path put meanwhile is either in the answer or still waiting: a change announced by a `put` that
        returned before the caller reads the file is never missed.
        """
        with self._lock:
            paths = dict(self.waiting)
            self.waiting.clear()
            self._widen_at = self._limit
        return paths

    def _widen(self) -> None:
        # A paused game and a tool that writes files with ever new names: nobody drains, everybody puts.
        # "Something below this directory" says less and takes no more room however long it goes on.
        widened: dict[str, float] = {}
        for path, moment in self.waiting.items():
            above = os.path.dirname(path) if os.path.splitext(path)[1] else path
            widened[above] = max(moment, widened.get(above, moment))
        self.waiting.clear()
        self.waiting.update(widened)
        # All directories already: they are as many as the tree has. Do not try again at every put.
        self._widen_at = max(self._limit, 2 * len(widened))


_inboxes: weakref.WeakSet[Inbox] = weakref.WeakSet()


def _forked() -> None:
    for inbox in _inboxes:
        inbox.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
