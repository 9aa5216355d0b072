"""Finding what is alive: instances of replaced classes, and whoever refers to something.

One walk finds both, because an instance refers to its class as a list refers to its members. A walk costs 15 to 25 ns
for each object of the game: so what can be told without one is told without one.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter, OrderedDict, deque
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import bases_of, class_values, kind_of, mro_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from contextlib import ExitStack

__all__ = [
    "ALONE",
    "Findings",
    "Owners",
    "Records",
    "all_classes",
    "instances_of",
    "is_tuple_of_class",
    "referrers",
    "search",
]


def _alone() -> int:
    things = [object()]
    for thing in things:
        return sys.getrefcount(thing)
    return 0  # pragma: no cover


_CONTAINERS = frozenset(map(id, (dict, list, set, tuple, deque, OrderedDict)))

ALONE = _alone()
"""What `sys.getrefcount(thing)` says inside `for thing in things`, if nobody but `things` refers to it.

How many references the interpreter itself counts there differs between versions: so it is tried out.
"""


class Findings:
    """What one walk found: `instances` by the identity of their class, and `holders` of references to a class."""

    __slots__ = ("holders", "instances")

    def __init__(self) -> None:
        self.instances: dict[int, list[object]] = {}
        self.holders: list[object] = []


def search(classes: Collection[type], others: Collection[object], private: Iterable[object]) -> Findings:
    """Find the instances of exactly these classes, and everything else that refers to one of them or of `others`.

    `private` are objects of ours that refer to them and are nobody's business. The walk does not see instances that
    the garbage collector does not track, nor those that `gc.freeze()` hid.
    """
    found = Findings()
    if not classes and not others:
        return found
    hidden = {id(thing) for thing in private}
    hidden |= {id(classes), id(others)}
    wanted = {id(cls): found.instances.setdefault(id(cls), []) for cls in classes}
    for holder in _holders([*classes, *others]):
        mine = wanted.get(id(type(holder)))
        if mine is not None:
            mine.append(holder)
        if id(holder) not in hidden:
            found.holders.append(holder)
    return found


# Older than any instance of a script's class: if a walk does not see it, it may not see some of them. Asking
# `gc.get_freeze_count` would take 30 to 90 ms with a million frozen objects, which it counts.
_WITNESS = [object()]


def instances_of(classes: Iterable[type]) -> dict[int, list[object]] | None:
    """All instances of exactly these classes, by the identity of the class.

    None if there may be some that no walk finds, because the game has called `gc.freeze()`.
    """
    wanted = list({id(cls): cls for cls in classes}.values())
    before = sys.getrefcount(_WITNESS)
    holders = _holders([*wanted, *_WITNESS])
    if sys.getrefcount(_WITNESS) == before:
        return None
    if len(wanted) == 1:
        cls = wanted[0]  # there may be a hundred thousand: this is the quickest way
        return {id(cls): [holder for holder in holders if type(holder) is cls]}
    found: dict[int, list[object]] = {id(cls): [] for cls in wanted}
    for holder in holders:
        mine = found.get(id(type(holder)))
        if mine is not None:
            mine.append(holder)
    return found


def referrers(things: Sequence[object], hidden: Collection[int]) -> list[object]:
    """Everything that refers to one of `things`, but for objects with `hidden` identities."""
    return [holder for holder in _holders(things) if id(holder) not in hidden]


# `gc.get_referrers` compares whatever an object refers to with each target; a pass with a set costs the same for any number
# of them, 120 to 150 ns for an object. They cross at 160 to 190 targets (CPython 3.11 and 3.13).
_MANY = 170
_AT_ONCE = 256


def _holders(things: Sequence[object]) -> list[object]:
    """Everything but `things` that refers to one of them, in the cheaper of two ways."""
    found = gc.get_referrers(*things) if len(things) < _MANY else _holders_of_many(set(map(id, things)))
    return [holder for holder in found if holder is not things]


def _holders_of_many(wanted: set[int]) -> list[object]:
    found: list[object] = []
    objects = gc.get_objects()
    for start in range(0, len(objects), _AT_ONCE):
        some = objects[start : start + _AT_ONCE]
        if not wanted.isdisjoint(map(id, gc.get_referents(*some))):
            found += [each for each in some if not wanted.isdisjoint(map(id, gc.get_referents(each)))]
    return found


def is_tuple_of_class(thing: object) -> bool:
    """Whether a thing is the `__mro__` or the `__bases__` of a class: nobody else is interested in those."""
    first: Any = cast("tuple[Any, ...]", thing)[0] if type(thing) is tuple and thing else None
    if not issubclass(type(first), type):
        return False
    return mro_of(first) is thing or any(bases_of(sub) is thing for sub in type.__subclasses__(first))


class Records:
    """What an `ExitStack` of inverses keeps: the records of the past must stay what they are.

    `hidden` are the identities of its own objects, among them copies which nobody else has. `held` says how often it
    holds a thing, in such a copy as well.
    """

    __slots__ = ("held", "hidden")

    def __init__(self, undo: ExitStack) -> None:
        # All at once, for there may be one record for each of ten thousand instances.
        wrappers = [callback for _, callback in cast("Any", undo)._exit_callbacks if type(callback) is FunctionType]
        # `ExitStack.callback` makes a function that closes over the callback and its arguments.
        cells, contents = _closed_over(wrappers)
        inner, more = _closed_over([thing for thing in contents if type(thing) is FunctionType])
        arguments: list[Any] = [thing for thing in contents if type(thing) is tuple]
        things = [*gc.get_referents(*arguments), *more]
        self.held = Counter(map(id, things))
        self.hidden = {id(undo), *map(id, cells), *map(id, inner), *map(id, arguments)}
        containers = list({id(thing): thing for thing in things if id(kind_of(thing)) in _CONTAINERS}.values())
        del contents, more, things
        private = [thing for thing in containers if sys.getrefcount(thing) <= ALONE + self.held[id(thing)]]
        self.hidden.update(map(id, private))
        self.held.update(map(id, gc.get_referents(*private)))


def _closed_over(functions: list[FunctionType]) -> tuple[list[Any], list[Any]]:
    """The closure cells of functions, and what is in them."""
    cells = gc.get_referents(*[function.__closure__ for function in functions if function.__closure__])
    return cells, gc.get_referents(*cells)


def all_classes() -> Iterator[type]:
    """Every class there is: object's subclasses, and theirs. Takes half a millisecond for a thousand classes."""
    seen: set[int] = set()
    todo: list[type] = [object]
    while todo:
        cls = todo.pop()
        if id(cls) not in seen:
            seen.add(id(cls))
            yield cls
            todo += type.__subclasses__(cls)


class Owners:
    """The classes that dicts belong to. A class's dict may be changed only through the class."""

    def __init__(self, likely: Iterable[object]) -> None:
        """`likely` holds the classes that are probably asked for; what is no class among it is ignored."""
        self._known: dict[int, type] = {}
        self._complete = False
        self._learn(cast("type", thing) for thing in likely if issubclass(type(thing), type))

    def _learn(self, classes: Iterable[type]) -> None:
        for cls in classes:
            # A mappingproxy refers to one thing, the dict.
            self._known[id(gc.get_referents(class_values(cls))[0])] = cls

    def of(self, values: dict[Any, Any]) -> type | None:
        """The class that this very dict belongs to."""
        # The dicts that `functools.wraps` fills look like those of classes; but classes keep no `__qualname__` there.
        if "__module__" not in values or "__qualname__" in values:
            return None
        if id(values) not in self._known and not self._complete:
            self._complete = True
            self._learn(all_classes())
        return self._known.get(id(values))
