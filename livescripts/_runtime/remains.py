"""What scripts made that are discarded, and who holds it: functions by their code, classes by the staged globals, and
what consists of them, such as bound methods, tuples, and the wrappers of the host's decorators.

# What was made can be told from what was there before: an immutable thing that holds something made was made later.
# A list, a dict or an instance of the host's may have been there: those are places, and what is done there is
# `withdrawal`'s to decide.
# Where reference counts show that nobody outside holds anything, nothing is looked for.
"""

from __future__ import annotations

import functools
import gc
import inspect
import sys
from collections import defaultdict, deque
from itertools import chain
from types import AsyncGeneratorType, CellType, CoroutineType, FunctionType, GeneratorType, MethodType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.codes import nested, stores
from livescripts._runtime.census import Census
from livescripts._runtime.classes import bases_of, class_values, functions_in, mro_of
from livescripts._runtime.heap import ALONE, is_tuple_of_class, referrers
from livescripts._runtime.immutables import immutable_of
from livescripts._runtime.instances import attribute_dict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

__all__ = ["Remains", "functions_inside"]

_ROUNDS = 12
_CACHED: type[Any] = type(functools.lru_cache(lambda: None))
_ASKED = frozenset(map(id, (dict, CellType)))
_COLLECTIONS = (list, dict, set, deque)


def functions_inside(root: CodeType) -> Iterator[CodeType]:
    """The code objects of the functions inside of one, at any depth."""
    return (code for code in nested(root) if code.co_flags & inspect.CO_OPTIMIZED)


class Remains:
    """What was made by executing `roots`, the code of whole scripts; `classes` are those that they defined.

    `values` are the globals that the scripts had then. `hidden` are objects of ours that nobody is to look at.
    `places` are the lists, dicts, sets, deques, instances, classes and cells that hold some of it; `owners` tells who
    refers to a dict among them.
    """

    def __init__(
        self,
        roots: Iterable[CodeType],
        classes: Iterable[type],
        values: Iterable[dict[str, Any]],
        hidden: Iterable[Any],
    ) -> None:
        self._roots = list(roots)
        self._codes = {id(code): code for root in self._roots for code in functions_inside(root)}
        self._classes = {id(cls): cls for cls in classes}
        self._values = list(values)
        self._hidden = list(hidden)
        self.made: dict[int, Any] = dict(self._classes)
        self.places: dict[int, Any] = {}
        self._closures: list[Any] = []
        self._stored: set[int] = set()
        self.owners: dict[int, list[Any]] = defaultdict(list)

    def __contains__(self, thing: object) -> bool:
        return id(thing) in self.made

    def is_variable(self, cell: CellType) -> bool:
        """Whether some function sets this variable: then it holds now what it did not always hold."""
        return id(cell) in self._stored

    def search(self) -> bool:
        """Find everything. Returns whether anybody outside holds something."""
        targets = self._held_outside()
        if not targets:
            return False
        for _ in range(_ROUNDS):
            targets = self._round(targets)
            if not targets:
                break
        return bool(self.places)

    def _held_outside(self) -> list[Any]:
        """Those of the codes, functions and classes that are referred to from elsewhere than the scripts themselves."""
        functions = {id(f): f for value in self._inside() for f in functions_in(value) if id(f.__code__) in self._codes}
        dicts = [gc.get_referents(class_values(cls))[0] for cls in self._classes.values()]
        known: list[Any] = [code.co_consts for code in self._all_codes()]
        known += [*self._hidden, *self._values, *dicts, *(mro_of(cls) for cls in self._classes.values())]
        known += [bases_of(cls) for cls in self._classes.values()]
        known += [cell for function in functions.values() for cell in function.__closure__ or ()]
        census = Census(known)
        census.account(function.__code__ for function in functions.values())
        census.account(self._codes.values())
        census.account(functions.values())
        for _ in range(2):  # `made` and `_classes`
            census.account(self._classes.values())
        for inside in dicts:
            census.account(gc.get_referents(*[inside[name] for name in ("__dict__", "__weakref__") if name in inside]))
        held = census.held(iter(self._codes.values()))
        held += census.held(iter(functions.values()))
        held += census.held(iter(self._classes.values()))
        self.made.update(functions)
        return held

    def _all_codes(self) -> list[CodeType]:
        return [*self._roots, *chain.from_iterable(map(nested, self._roots))]

    def _inside(self) -> Iterator[Any]:
        for values in (*self._values, *map(class_values, self._classes.values())):
            yield from values.values()

    def _round(self, targets: list[Any]) -> list[Any]:
        """Look at whoever refers to these. Returns those who have to be looked for in turn."""
        asked = {id(thing) for thing in targets if id(cast("object", type(thing))) in _ASKED}
        found: list[Any] = referrers(targets, self._not_looked_at(targets))
        # From 3.13 on, the arguments of the search are found, too.
        found = [holder for holder in found if type(holder) is not tuple or sys.getrefcount(holder) > ALONE]
        for holder in found:
            if type(holder) is FunctionType:
                self._note_variables(holder)
        next_targets: list[Any] = []
        for holder in found:
            referents = gc.get_referents(holder)
            carried = [thing for thing in referents if id(thing) in asked]
            for thing in carried:
                self.owners[id(thing)].append(holder)
            if id(holder) in self.made:
                continue
            holds = any(map(self._holds, referents))
            if self._is_made(holder, looks=holds or bool(carried)):
                self.made[id(holder)] = holder
                next_targets.append(holder)
            elif id(holder) not in self.places and holds:
                self.places[id(holder)] = holder
                if issubclass(type(holder), dict) or type(holder) is CellType:
                    next_targets.append(holder)
            elif type(holder) is tuple and carried:
                self._closures.append(holder)
                next_targets.append(holder)
        del found
        holder = None  # counted below otherwise
        # `made` or `places`, and our list.
        return [thing for thing in next_targets if sys.getrefcount(thing) > ALONE + 1]

    def _not_looked_at(self, targets: list[Any]) -> set[int]:
        ours = (targets, self._roots, self._values, self._hidden, *self._hidden, *self._values, *self.owners.values())
        hidden = {id(thing) for thing in (*ours, self.made, self.places, self.owners, self._closures)}
        hidden |= {id(self._codes), id(self._classes), *(id(code.co_consts) for code in self._all_codes())}
        return hidden | {id(gc.get_referents(class_values(cls))[0]) for cls in self._classes.values()}

    def _note_variables(self, function: FunctionType) -> None:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if id(cell) in self.places and stores(function.__code__, name):
                self._stored.add(id(cell))

    def _holds(self, thing: object) -> bool:
        return id(thing) in self.made

    def _is_made(self, thing: Any, *, looks: bool) -> bool:
        """`looks`: whether its attributes may be looked at. Doing so costs an instance some speed."""
        kind = cast("type[Any]", type(thing))
        if id(kind) in self._classes:
            return True
        if kind is FunctionType:
            if id(thing.__code__) in self._codes or any(map(self._is_fixed, thing.__closure__ or ())):
                return True
            return looks and self._wraps(thing)
        if any(kind is each for each in (GeneratorType, CoroutineType, AsyncGeneratorType)):
            return any(id(part) in self._codes for part in gc.get_referents(thing))
        if kind is _CACHED:
            # Not for what it remembers: a function of the host's may have been asked about something made.
            return self._wraps(thing)
        if kind is MethodType or kind is functools.partial:
            return any(map(self._holds, gc.get_referents(thing)))
        if immutable_of(kind) is not None:
            return any(map(self._holds, gc.get_referents(thing))) and not is_tuple_of_class(thing)
        return looks and not issubclass(kind, (type, *_COLLECTIONS)) and self._wraps(thing)

    def _is_fixed(self, cell: CellType) -> bool:
        """Whether a variable holds something made, and always has."""
        return id(cell) in self.places and id(cell) not in self._stored

    def _wraps(self, thing: object) -> bool:
        """What a decorator made says what it wraps."""
        return self._holds((attribute_dict(thing) or {}).get("__wrapped__"))
