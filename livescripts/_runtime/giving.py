"""Attributes that are given to instances which are older than they: where these go, and for many instances at once.

# Rule 1: no code of a script runs: what is given goes into the instance's dict or slot directly.
# Rule 2: an attribute that is there is never touched.
# Rule 3: a game may have a hundred thousand instances. Where that makes no difference to them, no step is in Python.
"""

from __future__ import annotations

import contextlib
import gc
from collections import deque
from dataclasses import dataclass
from functools import partial
from itertools import compress, repeat
from operator import is_
from types import GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import builtin_base, class_values, inherited
from livescripts._runtime.evaluating import NotConstant, construct, is_single, mro_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from contextlib import ExitStack

    Setter = Callable[[Any, str, object], object]

__all__ = ["REFUSED", "Additions", "Source"]

# `dict`'s own: what an instance has for its attributes may be of a subclass.
_contains: Callable[[dict[str, Any], str], bool] = vars(dict)["__contains__"]
_setitem: Callable[[dict[str, Any], str, object], None] = vars(dict)["__setitem__"]
_setdefault: Callable[[dict[str, Any], str, object], object] = vars(dict)["setdefault"]
_pop: Callable[[dict[str, Any], str, None], object] = vars(dict)["pop"]

_GETATTRIBUTE = class_values(object)["__getattribute__"]
_SETATTR = class_values(object)["__setattr__"]

_NOTHING = object()

# A copy of a container of plain values is what its expression would make once more.
_COPIES: Mapping[int, Callable[[Any], object]] = {id(kind): vars(kind)["copy"] for kind in (list, dict, set)}


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where the value of attributes comes from; one for all targets of a chained assignment, which share the value.

    `make` raises NotConstant if there is no value after all.
    """

    make: Callable[[], object]
    factory: bool = False


REFUSED = Source(partial(construct, None), factory=True)
"""Of a field whose value only code of the script could make."""


class Additions:
    """Attributes to give, in one commit. False if there are none, and nothing was refused.

    `refused` are fields of a dataclass whose factory is code of the script: whoever wants to have them on existing
    instances has to set them in `@after_reload`.
    """

    __slots__ = ("_constants", "_names", "_places", "_refused", "_sources")

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = {name: source for name, source in sources.items() if source is not REFUSED}
        self._names = tuple(self._sources)
        self._constants: dict[int, object] = {}
        self._places: dict[int, _Places] = {}
        self._refused = [name for name in sources if name not in self._sources]

    def __bool__(self) -> bool:
        return bool(self._sources or self._refused)

    @property
    def refused(self) -> tuple[str, ...]:
        """The fields to be named in the report. Complete once `give` was called; sorted."""
        return tuple(sorted(self._refused))

    # ------------------------------------------------------------ to one

    def give(self, instance: object, names: Iterable[str] | None = None) -> list[str]:
        """Give an instance the attributes that it lacks, or those of `names`; returns the names of what it got.

        Never raises, never overwrites. What there is no place for is left out, and what a property or the like answers
        for. The class of the instance should have its new attributes already: it is looked at once.
        """
        given: list[str] = []
        made: dict[int, object] = {}
        places = self._places_in(type(instance))
        values = _attributes_of(instance, places.dict)
        for name in [*self._sources] if names is None else names:
            source = self._sources.get(name)
            if source is None:
                continue
            slot = places.slots.get(name)
            if slot is not None:
                lacking = _is_empty(slot, instance)
            else:
                lacking = values is not None and name not in places.slots and not _contains(values, name)
            if not lacking:
                continue
            try:
                value = self._make(source, made)
            except NotConstant:
                self._drop(name, source)
                continue
            if slot is not None:
                # An empty one can be set: read-only members, which C code defines, are never empty.
                slot.__set__(instance, value)
            else:
                _setitem(cast("dict[str, Any]", values), name, value)
            given.append(name)
        return given

    def late(self, cls: type) -> Callable[[object], object]:
        """What does to an instance of `cls` what `give` does, and to no other: quickly, where plain values go into a dict. Of
        those that nobody has found, ten thousand may be touched in one frame.
        """
        places = _places_of(cls, self._names)
        made: dict[int, object] = {}
        try:
            items = [(name, self._make(source, made)) for name, source in self._sources.items()]
        except NotConstant:
            return self.give
        if (
            places.slots
            or type(places.dict) is not GetSetDescriptorType
            or not all(is_single(item) for _, item in items)
        ):
            return self.give
        values_of = places.dict.__get__

        def give(instance: object) -> None:
            values = values_of(instance)
            for name, value in items:
                _setdefault(values, name, value)

        return give

    def take_back(self, instance: object, names: Iterable[str]) -> None:
        """Undo `give`, which returned `names`, while the instance is still of the class that it was of then."""
        places = self._places_in(type(instance))
        values = _attributes_of(instance, places.dict)
        for name in names:
            slot = places.slots.get(name)
            if slot is not None:
                slot.__delete__(instance)
            elif values is not None:
                _pop(values, name, None)

    # ------------------------------------------------------------ to many

    def give_all(self, instances: Sequence[object], undo: ExitStack) -> list[object]:
        """Give many instances what they lack, as `give` does; `undo` gets the way back.

        Returns those that were given more than plain values: things that may refer to what gives way.
        """
        if not instances or not self._sources:
            return []
        looked_through: list[object] = []
        cls = cast("type[Any]", type(instances[0]))
        setter = _plain_setter(cls, self._places_in(cls).dict)
        if setter is None or not all(map(is_, map(type, instances), repeat(cls))):
            rest = list(self._sources)
        else:
            inside = [class_values(base) for base in mro_of(cls)]
            rest = [
                name
                for name in list(self._sources)
                # Where a class has the name, too, an instance that lacks it cannot be told by asking.
                if any(name in values for values in inside)
                or not self._give_plainly(name, instances, setter, looked_through, undo)
            ]
        given: list[tuple[object, list[str]]] = []
        undo.callback(self._take_all_back, given)
        for instance in instances if rest else ():
            names = self.give(instance, rest)
            if names:
                given.append((instance, names))
        looked_through += (instance for instance, _ in given)
        return looked_through

    def _take_all_back(self, given: list[tuple[object, list[str]]]) -> None:
        for instance, names in given:
            self.take_back(instance, names)

    def _give_plainly(
        self, name: str, instances: Sequence[object], setter: Setter, looked_through: list[object], undo: ExitStack
    ) -> bool:
        """Give one attribute to all that lack it, in a few loops of C. Returns False where each needs a look of its own."""
        found = map(getattr, instances, repeat(name), repeat(_NOTHING))
        lacking = [*compress(instances, map(is_, found, repeat(_NOTHING)))]
        if not lacking:
            return True
        source = self._sources[name]
        try:
            value = self._make(source, {})
            again = self._make(source, {})
        except NotConstant:
            self._drop(name, source)
            return True
        values: Iterator[object] = repeat(value)
        if value is not again:
            copy = _COPIES.get(id(type(value)))
            alone = sum(other is source for other in self._sources.values()) == 1
            if copy is None or not alone or not _is_flat(value):
                return False
            values = map(copy, repeat(value))
        undo.callback(_delete_all, lacking, name)
        deque(map(setter, lacking, repeat(name), values), 0)
        if value is again and not is_single(value):
            looked_through += lacking
        return True

    # ------------------------------------------------------------ what, and where

    def _places_in(self, cls: type) -> _Places:
        places = self._places.get(id(cls))
        if places is None:
            places = self._places[id(cls)] = _places_of(cls, self._names)
        return places

    def _make(self, source: Source, made: dict[int, object]) -> object:
        key = id(source)
        if key in self._constants:
            return self._constants[key]
        if key not in made:
            made[key] = source.make()
            if is_single(made[key]):
                self._constants[key] = made[key]
        return made[key]

    def _drop(self, name: str, source: Source) -> None:
        del self._sources[name]
        if source.factory:
            self._refused.append(name)


def _is_flat(container: Any) -> bool:
    """Whether a list, set or dict has plain values in it alone."""
    return all(map(is_single, gc.get_referents(container)))


def _delete_all(instances: Iterable[object], name: str) -> None:
    for instance in instances:
        with contextlib.suppress(AttributeError):  # it was not given yet, or shares its dict with another one
            object.__delattr__(instance, name)


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Where instances of a class have attributes.

    `slots`: names that do not go into the dict, with the slot; None if something else answers for the name. `dict` is
    Python's own way to the dict of an instance; None if there is none.
    """

    cls: type  # held, so that its id stays its own
    slots: Mapping[str, MemberDescriptorType | None]
    dict: GetSetDescriptorType | MemberDescriptorType | None


def _plain_setter(cls: type, way: object) -> Setter | None:
    """What sets an attribute in the dict of an instance, if `getattr` finds nothing else than what is there, or in classes.

    None where code of a class would run, or where C code has a way of its own.
    """
    if builtin_base(cls) is not object or type(way) is not GetSetDescriptorType:
        return None
    if inherited(cls, "__getattr__") is not None or inherited(cls, "__getattribute__") is not _GETATTRIBUTE:
        return None
    # The same, and three times as quick where Python need not look whether it is.
    return setattr if inherited(cls, "__setattr__") is _SETATTR else object.__setattr__


def _places_of(cls: type, names: Iterable[str]) -> _Places:
    mro = [*map(class_values, mro_of(cls))]
    slots: dict[str, MemberDescriptorType | None] = {}
    for name in names:
        found = next((inside[name] for inside in mro if name in inside), None)
        if type(found) is MemberDescriptorType:
            slots[name] = found
            continue
        kinds = [*map(class_values, mro_of(cast("type[Any]", type(found))))]
        if any("__set__" in kind or "__delete__" in kind for kind in kinds):
            slots[name] = None
    way = next((inside["__dict__"] for inside in mro if "__dict__" in inside), None)
    if type(way) is GetSetDescriptorType or type(way) is MemberDescriptorType:
        return _Places(cls, slots, way)
    return _Places(cls, slots, None)


def _attributes_of(instance: object, way: GetSetDescriptorType | MemberDescriptorType | None) -> dict[str, Any] | None:
    try:
        values = None if way is None else way.__get__(instance)
    except (AttributeError, TypeError):
        return None  # the descriptor of another class
    # Not so for classes, which are instances, too.
    return cast("dict[str, Any]", values) if issubclass(cast("type[Any]", type(values)), dict) else None


def _is_empty(slot: MemberDescriptorType, instance: object) -> bool:
    try:
        slot.__get__(instance)
    except AttributeError:
        return True
    except TypeError:
        pass  # the descriptor of another class
    return False
