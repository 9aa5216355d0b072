"""Who is held by somebody we do not know of: decided by counting references, so that the heap need not be walked.

# Counting errs on one side only: a place that was not accounted for makes us look for a holder who is not there.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

from livescripts._runtime.classes import bases_of, class_values, functions_in, mro_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Census", "about_class", "is_garbage", "places_of_class"]

# References of `held` itself: its list, its variable, and the argument of `getrefcount`.
_OURS = 3


def _references(argument: object) -> int:
    return sys.getrefcount(argument)


_thing = object()
_BY_NAME = _references(
    _thing
)  # what `getrefcount` says of an argument that its caller holds by a name, and nobody else

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


# ------------------------------------------------------------------ classes


def places_of_class(cls: type) -> Iterator[Any]:
    """The places that refer to a class because it is one: its MRO, those of its subclasses, the cells of its methods."""
    yield mro_of(cls)
    for sub in _below(cls):
        yield from (mro_of(sub), bases_of(sub))
    for value in class_values(cls).values():
        for function in functions_in(value):
            yield from function.__closure__ or ()


def about_class(cls: type) -> Iterator[type]:
    """The class, once for each reference to it from inside of an object of C that belongs to it."""
    for value in class_values(cls).values():
        if type(value) in {GetSetDescriptorType, MemberDescriptorType} and value.__objclass__ is cls:
            yield cls
    for sub in _below(cls):
        if sub.__base__ is cls:
            yield cls


def is_garbage(cls: type, references: int = 1) -> bool:
    """Whether a class has only itself to live on: until the next collection.

    `references` is how many the caller has, the name by which it calls included.
    """
    known = Counter(map(id, about_class(cls)))
    for place in {id(place): place for place in places_of_class(cls)}.values():
        known.update(map(id, gc.get_referents(place)))
    return sys.getrefcount(cls) < known[id(cls)] + _BY_NAME + references


def _below(cls: type) -> list[type]:
    found = list(type.__subclasses__(cls))
    for sub in found:  # grows while we go
        found += [each for each in type.__subclasses__(sub) if not any(each is other for other in found)]
    return found
