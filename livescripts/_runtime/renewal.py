"""What a new instance of an edited class has from the start, given to those that are older.

# Rule 1: no code of a script runs. Values are evaluated, not computed; they go into the instance's dict or slot directly.
# Rule 2: an attribute that is there is never touched. One that the old class set as well, and that is not there any more,
# was deleted by the game, and stays so.
# Rule 3: what a new instance has is found by following `__init__` and `__post_init__` as Python would run them, with
# everything that is not certain left out.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import partial
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.initials import Initial, Sets
from livescripts._runtime.classes import class_values
from livescripts._runtime.evaluating import NotConstant, construct, evaluate, is_harmless, is_single, mro_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from livescripts._core.initials import Step

    InitialOf = Callable[[type], tuple[Initial, Mapping[str, Any]] | None]
    Lineup = type | tuple[type, ...]

__all__ = ["Additions", "additions"]

_type_name: Callable[[type], str] = type.__dict__["__name__"].__get__

# `dict`'s own: what an instance has for its attributes may be of a subclass.
_contains: Callable[[dict[str, Any], str], bool] = vars(dict)["__contains__"]
_setitem: Callable[[dict[str, Any], str, object], None] = vars(dict)["__setitem__"]
_pop: Callable[[dict[str, Any], str, None], object] = vars(dict)["pop"]


@dataclass(frozen=True, slots=True, eq=False)
class _Source:
    """Where the value of attributes comes from; one for all targets of a chained assignment, which share the value.

    `make` raises NotConstant if there is no value after all.
    """

    make: Callable[[], object]
    factory: bool = False


# Only code of the script could make the value.
_REFUSED = _Source(partial(construct, None), factory=True)


def additions(old: Lineup, new: Lineup, initial_of: InitialOf) -> Additions:
    """What instances of `old` may lack that those of `new` have from the start.

    `initial_of(cls)` gives the Initial of a class and the globals of its script, or None for classes without one: those of
    nobody's script, and those whose text has none. It is asked for the classes of both versions, and each must get that of
    its own text. A class that is about to get other bases is given as its MRO to be.

    Nothing is evaluated yet. So this may be asked before a commit, and must be before the old class is retired; values
    are looked up in the globals when an instance is given its attributes.
    """
    before, after = _Course(old, initial_of), _Course(new, initial_of)
    fresh = {
        name: source for name, source in after.sources.items() if source is not None and name not in before.sources
    }
    return Additions(fresh)


class Additions:
    """Attributes to give, in one commit. False if there are none, and nothing was refused.

    `refused` are fields of a dataclass whose factory is code of the script: whoever wants to have them on existing
    instances has to set them in `@after_reload`.
    """

    __slots__ = ("_constants", "_names", "_places", "_refused", "_sources")

    def __init__(self, sources: Mapping[str, _Source]) -> None:
        self._sources = {name: source for name, source in sources.items() if source is not _REFUSED}
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

    def give(self, instance: object) -> list[str]:
        """Give an instance the attributes that it lacks; the names of those. Never raises, never overwrites.

        What there is no place for is left out, and what a property or the like answers for. The class of the instance
        should have its new attributes already: it is looked at once.
        """
        given: list[str] = []
        made: dict[int, object] = {}
        places = self._places_in(type(instance))
        values = _attributes_of(instance, places.dict)
        for name, source in list(self._sources.items()):
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

    def _places_in(self, cls: type) -> _Places:
        places = self._places.get(id(cls))
        if places is None:
            places = self._places[id(cls)] = _places_of(cls, self._names)
        return places

    def _make(self, source: _Source, made: dict[int, object]) -> object:
        key = id(source)
        if key in self._constants:
            return self._constants[key]
        if key not in made:
            made[key] = source.make()
            if is_single(made[key]):
                self._constants[key] = made[key]
        return made[key]

    def _drop(self, name: str, source: _Source) -> None:
        del self._sources[name]
        if source.factory:
            self._refused.append(name)


# ------------------------------------------------------------------ what a new instance gets


class _Course:
    """The making of an instance. `sources`: every attribute that is set on the way; None if its value is not known."""

    def __init__(self, lineup: Lineup, initial_of: InitialOf) -> None:
        self.sources: dict[str, _Source | None] = {}
        self._mro: tuple[type, ...] = lineup if type(lineup) is tuple else mro_of(cast("type", lineup))
        self._initial_of = initial_of
        self._call("__init__", self._mro, certain=True)

    def _call(self, method: str, candidates: Iterable[type], *, certain: bool) -> None:
        """What the first of these classes that has the method does in it."""
        cls = next((cls for cls in candidates if method in class_values(cls)), None)
        if cls is None:
            return
        found = self._initial_of(cls)
        steps = None if found is None else found[0].init if method == "__init__" else found[0].post_init
        if found is not None and steps is not None:
            self._follow(method, cls, steps, found[1], certain=certain)
        elif method == "__init__" and "__dataclass_fields__" in class_values(cls):
            # No `__init__` in the text: the one that `dataclass` has made.
            for name, source in self._fields(cls):
                self.sources[name] = source if certain else None
            self._call("__post_init__", self._mro, certain=certain)

    def _follow(
        self, method: str, cls: type, steps: Iterable[Step], values: Mapping[str, Any], *, certain: bool
    ) -> None:
        for step in steps:
            if isinstance(step, Sets):
                known = certain and step.text is not None
                source = _Source(partial(evaluate, str(step.text), values)) if known else None
                self.sources.update(dict.fromkeys(step.names, source))
            else:
                self._call(method, self._above(cls, step.base), certain=certain and step.certain)

    def _above(self, cls: type, base: str) -> tuple[type, ...]:
        """The classes that are asked when `cls` calls the method of `base`; "" stands for `super()`."""
        place = next(index for index, other in enumerate(self._mro) if other is cls)
        rest = self._mro[place + 1 :]
        if not base:
            return rest
        # Only classes above: so following calls comes to an end, even where the script's own would not.
        # By name, which is right before a commit and after it, too: globals hold either the old class or the new one.
        name = base.rpartition(".")[2]
        owner = next((other for other in rest if _type_name(other) == name), None)
        above = frozenset[int]() if owner is None else frozenset(map(id, mro_of(owner)))
        return tuple(other for other in rest if id(other) in above)

    def _fields(self, cls: type) -> Iterator[tuple[str, _Source | None]]:
        # `fields` asks the class, and so its metaclass, where it is asked for the class itself.
        shown: Any = SimpleNamespace(__dataclass_fields__=_own_fields(cls))
        for field in dataclasses.fields(shown):
            if field.default_factory is not dataclasses.MISSING:
                yield field.name, self._factory(field)
            elif field.default is not dataclasses.MISSING:
                # One that is no parameter stays with the class, where the instances find it, unless there is a slot.
                if field.init or type(class_values(cls).get(field.name)) is MemberDescriptorType:
                    yield field.name, _Source(partial(_same, field.default))
            elif field.init:
                yield field.name, None

    def _factory(self, field: dataclasses.Field[Any]) -> _Source:
        function: Any = field.default_factory
        if is_harmless(function):
            return _Source(partial(construct, function), factory=True)
        if type(function) is FunctionType and function.__code__.co_name == "<lambda>":
            for cls in self._mro:
                found = self._initial_of(cls)
                # A subclass may have another field of that name, or the same one without its text.
                if found is None or _own_fields(cls).get(field.name) is not field:
                    continue
                if field.name in found[0].factories:
                    return _Source(partial(evaluate, found[0].factories[field.name], found[1]), factory=True)
        return _REFUSED


def _own_fields(cls: type) -> dict[str, dataclasses.Field[Any]]:
    fields: Any = class_values(cls).get("__dataclass_fields__")
    if type(fields) is not dict:
        return {}
    found = cast("dict[str, dataclasses.Field[Any]]", fields)
    return {name: field for name, field in found.items() if type(field) is dataclasses.Field}


def _same(value: object) -> object:
    return value


# ------------------------------------------------------------------ where it goes


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Where instances of a class have attributes.

    `slots`: names that do not go into the dict, with the slot; None if something else answers for the name. `dict` is
    Python's own way to the dict of an instance; None if there is none.
    """

    cls: type  # held, so that its id stays its own
    slots: Mapping[str, MemberDescriptorType | None]
    dict: GetSetDescriptorType | MemberDescriptorType | None


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
