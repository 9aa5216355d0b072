"""Who is held by somebody we do not know of: decided by counting references, so that the heap need not be walked.

# Counting errs on one side only: a place that was not accounted for makes us look for a holder who is not there.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import suppress
from functools import partial
from types import MethodType
from typing import TYPE_CHECKING, Any

from livescripts._runtime.classes import (
    HEAP_TYPE,
    bases_of,
    class_values,
    flags_of,
    functions_in,
    is_slot,
    kind_of,
    mro_of,
)
from livescripts._runtime.enums import member_places
from livescripts._runtime.heap import ALONE
from livescripts._runtime.insides import CACHED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CellType

__all__ = ["Census", "about_class", "is_garbage", "is_watched", "places_of_class"]

# References of `held` itself: its list, its variable, and the argument of `getrefcount`.
_OURS = 3


def _references(argument: object) -> int:
    return sys.getrefcount(argument)


_thing = object()
# What `getrefcount` says of an argument that its caller holds by a name, and nobody else.
_BY_NAME = _references(_thing)

_FORWARDING = "livescripts._runtime.retirement"  # where the functions of retired classes are from

_SIZED = frozenset(map(id, (list, dict, set, frozenset, tuple, deque, OrderedDict, defaultdict)))

# What holds things, besides instances.
_HOLDING = _SIZED | frozenset(map(id, (MethodType, partial, CACHED)))

# Whatever a level of ten thousand tiles consists of is looked for rather than counted.
_MOST = 2_000


def _may_hold(thing: object) -> bool:
    kind = kind_of(thing)
    if id(kind) in _HOLDING:
        return True
    return bool(flags_of(kind) & HEAP_TYPE) and not issubclass(kind, type)


class Census:
    """References that are known about: those from `places`, which are dicts, lists, tuples and cells."""

    def __init__(self, places: Iterable[Any]) -> None:
        self._known: Counter[int] = Counter()
        self._counted: set[int] = set()  # by identity: a place that was counted twice would hide a holder
        self._count(places)

    def _count(self, places: Iterable[Any]) -> None:
        different = {id(place): place for place in places if id(place) not in self._counted}.values()
        self._counted.update(map(id, different))
        few = [place for place in different if id(kind_of(place)) not in _SIZED or len(place) <= _MOST]
        # All of them at once: there are hundreds of places, and most refer to little.
        self._known.update(map(id, gc.get_referents(*few)))

    def of(self, thing: object) -> int:
        """How many references to a thing are known about."""
        return self._known[id(thing)]

    def add(self, places: Iterable[tuple[Any, int]]) -> None:
        """More places, each with the number of references to it that it is to have besides those that are known about.

        One that has more is left out: whoever else holds it would go on seeing what it holds now.
        """
        pairs = list(places)
        ours = Counter(id(place) for place, _ in pairs)
        private: dict[int, Any] = {}
        for place, owners in pairs:
            if sys.getrefcount(place) <= self._known[id(place)] + owners + ours[id(place)] + (id(place) in private) + 2:
                private[id(place)] = place  # that is one more; two are our variable and the argument
        self._count(private.values())

    def absorb(self, things: Iterable[Any]) -> list[Any]:
        """More places: those of these things that nobody else holds, and what is in them likewise. Returns them, in a list
        that is accounted for.

        Only containers, instances and functions under a cache are looked into, and of a level of ten thousand tiles not all.
        """
        todo = [thing for thing in things if _may_hold(thing)]
        times = Counter(map(id, todo))
        found: dict[int, Any] = {}
        for thing in todo:  # grows while we go: what two things hold comes twice
            # Others than `todo`, our variable, and the argument.
            if id(thing) in found or sys.getrefcount(thing) > self._known[id(thing)] + times[id(thing)] + 2:
                continue
            inside = gc.get_referents(thing)
            if len(found) + len(inside) <= _MOST:
                found[id(thing)] = thing
                self._count((thing,))
                inside = [each for each in inside if _may_hold(each)]
                todo += inside
                times.update(map(id, inside))
            del inside
        self.account(found.values())
        return [*found.values()]

    def add_members(self, cls: type) -> None:
        """The same for what belongs to an enumeration whose dict is known about: what refers to members, and to their class
        from them.
        """
        for found in member_places(cls):
            self.add((place, 1) for place in found)  # the list

    def account(self, things: Iterable[object]) -> None:
        """One more reference to each of these is known about."""
        self._known.update(map(id, things))

    def held(self, things: Iterable[object]) -> list[Any]:
        """Those that have a reference from anywhere else. The caller must not hold them by name meanwhile."""
        asked = list(things)
        return [thing for thing in asked if sys.getrefcount(thing) > self._known[id(thing)] + _OURS]


# ------------------------------------------------------------------ classes


def places_of_class(cls: type) -> Iterator[Any]:
    """The places that refer to a class because it is one: its MRO, and those of its subclasses. Each has one owner."""
    yield mro_of(cls)
    for sub in _below(cls):
        yield from (mro_of(sub), bases_of(sub))


def about_class(cls: type) -> Iterator[type]:
    """The class, once for each reference to it from something that belongs to it: a slot, the cell that `super()` looks in."""
    cells: dict[int, CellType] = {}
    slots: set[int] = set()
    for value in class_values(cls).values():
        if is_slot(value):
            if value.__objclass__ is cls and id(value) not in slots:  # it may have two names
                yield cls
            slots.add(id(value))
            continue
        for function in functions_in(value):
            if function.__closure__ is None:
                continue
            # Not whatever else a decorator closes over: that has to be found, and replaced.
            ours = function.__module__ == _FORWARDING
            for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
                if ours or name == "__class__":
                    cells[id(cell)] = cell
    for cell in cells.values():
        with suppress(ValueError):  # empty as yet
            if cell.cell_contents is cls:
                yield cls
    for sub in _below(cls):
        if sub.__base__ is cls:
            yield cls


def is_garbage(cls: type, references: int = 1) -> bool:
    """Whether a class has only itself to live on: until the next collection.

    `references` is how many the caller has, the name by which it calls included.
    """
    census = Census(places_of_class(cls))
    census.account(about_class(cls))
    return sys.getrefcount(cls) < census.of(cls) + _BY_NAME + references


def is_watched(cls: type) -> bool:
    """Whether somebody besides the bases of a class has a weak reference to it, and may come back to it before it goes."""
    refs = weakref.getweakrefs(cls)
    # Those without a callback are one and the same, which each base has once.
    return len(refs) > 1 or any(sys.getrefcount(ref) > ALONE + len(bases_of(cls)) for ref in refs)


def _below(cls: type) -> list[type]:
    found = list(type.__subclasses__(cls))
    for sub in found:  # grows while we go
        found += [each for each in type.__subclasses__(sub) if not any(each is other for other in found)]
    return found
