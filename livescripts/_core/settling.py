"""When is a burst of saves over? Pure: times are arguments, in seconds of any monotonic clock.

# A batch is ready when nothing has moved for `settle` seconds: files saved together stay together.
# A file that is missing or empty is probably being replaced (editors rename, truncate, write): it holds the whole
# batch back until it has been quiet for `grace` seconds, so that a rename of a script is one change and not a loss and
# a gain.
# What has moved for the last time a third of that ago is probably over: it may be got ready meanwhile.
# A file that never rests, or is never more than half there, must not hold the others back for ever: after `patience`
# seconds they go without it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Settler"]

_SURELY = 0.7  # of a frame
_SHORTEST = 1e-4  # seconds of a frame, so that it can be divided by
_AT_ONCE: Mapping[str, float] = MappingProxyType({})


class Settler:
    """Collects changed paths and says when they form a batch.

    `settle`, `grace` and `patience` are seconds.
    """

    def __init__(self, settle: float, grace: float = 0.2, patience: float = 1.0) -> None:
        self.settle = settle
        self.grace = grace
        self.patience = max(patience, 4 * settle)
        self._touched: dict[str, float] = {}
        self._first = self._last = 0.0

    def __bool__(self) -> bool:
        """Whether any path waits."""
        return bool(self._touched)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that wait."""
        return tuple(self._touched)

    def touch(self, paths: Iterable[str], now: float, came: Mapping[str, float] = _AT_ONCE) -> None:
        """These paths were seen to change: when `came` says, else at `now`. Nothing comes from the future."""
        self._check(now)
        for path in paths:
            moment = min(came.get(path, now), now)
            if not self._touched:
                self._first = self._last = moment
            self._touched[path] = moment
            self._first, self._last = min(self._first, moment), max(self._last, moment)

    def forget(self, paths: Iterable[str]) -> None:
        """These paths need not be waited for any more."""
        for path in paths:
            self._touched.pop(path, None)

    def ready(self, now: float, doubtful: Callable[[str], bool]) -> frozenset[str]:
        """The paths that form a batch now, taken out of the settler; empty when it is too early.

        `doubtful(path)` tells of a file that looks half-replaced (missing or empty); it is asked only for paths
        that have been quiet for `settle` and not for `grace`.
        """
        self._check(now)
        patient = now - self._first < self.patience
        if not self._touched or (patient and now - self._last < self.settle):
            return frozenset()
        quiet = {path for path, seen in self._touched.items() if now - seen >= self.settle}
        doubts = (path for path in quiet if now - self._touched[path] < self.grace and doubtful(path))
        if not patient:
            quiet -= set(doubts)
        elif next(doubts, None) is not None:
            return frozenset()
        for path in quiet:
            del self._touched[path]
        if quiet:  # otherwise patience is still at its end: the next one that rests goes at once
            self._first = min(self._touched.values(), default=now)
        return frozenset(quiet)

    def foreseen(self, now: float, doubtful: Callable[[str], bool]) -> frozenset[str]:
        """What `ready` will say if nothing else moves: all that wait, once they have been quiet for a third of `settle`, and
        if none is `doubtful`. They go on waiting. Empty when it is too early for that.
        """
        self._check(now)
        if not self._touched or now - self._last < self.settle / 3 or any(map(doubtful, self._touched)):
            return frozenset()
        return frozenset(self._touched)

    def frames_left(self, now: float, frame: float) -> int:
        """How many frames of so many seconds there are, this one included, until what waits will have been quiet for
        `settle`: at least 1. One that would begin just before is not counted on.
        """
        remaining = self._last + self.settle - now
        return max(1, int(remaining / max(frame, _SHORTEST) + _SURELY))

    def _check(self, now: float) -> None:
        # A clock that went backwards must not freeze reloading.
        if self._touched and now < self._last:
            self._touched = dict.fromkeys(self._touched, now)
            self._first = self._last = now
