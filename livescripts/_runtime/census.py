"""Who is held by somebody we do not know of: decided by counting references, so that the heap need not be walked.

# Counting errs on one side only: a place that was not accounted for makes us look for a holder who is not there.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Census"]

# References of `held` itself: its list, its variable, and the argument of `getrefcount`.
_OURS = 3

# Whatever a level of ten thousand tiles consists of is looked for rather than counted.
_MOST = 2_000


class Census:
    """References that are known about: those from `places`, which are dicts, lists, tuples and cells."""

    def __init__(self, places: Iterable[Any]) -> None:
        self._known: Counter[int] = Counter()
        distinct = {id(place): place for place in places}
        for place in distinct.values():
            if not hasattr(place, "__len__") or len(place) <= _MOST:
                self._known.update(map(id, gc.get_referents(place)))

    def account(self, things: Iterable[object]) -> None:
        """One more reference to each of these is known about."""
        self._known.update(map(id, things))

    def held(self, things: Iterable[object]) -> list[Any]:
        """Those that have a reference from anywhere else. The caller must not hold them by name meanwhile."""
        asked = list(things)
        return [thing for thing in asked if sys.getrefcount(thing) > self._known[id(thing)] + _OURS]
