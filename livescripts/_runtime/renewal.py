"""What a new instance of an edited class has from the start, given to those that are older.

# Rule 1: no code of a script runs. Values are evaluated, not computed.
# Rule 2: what the old class set as well, and an instance has not any more, was deleted by the game, and stays so.
# Rule 3: what a new instance has is found by following `__init__` and `__post_init__` as Python would run them, with
# everything that is not certain left out.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from types import FunctionType, MemberDescriptorType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.initials import Initial, Sets
from livescripts._runtime.classes import class_values
from livescripts._runtime.evaluating import construct, evaluate, is_harmless, mro_of
from livescripts._runtime.giving import REFUSED, Additions, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from livescripts._core.initials import Step

    InitialOf = Callable[[type], tuple[Initial, Mapping[str, Any]] | None]
    Lineup = type | tuple[type, ...]

__all__ = ["Additions", "additions"]

_type_name: Callable[[type], str] = type.__dict__["__name__"].__get__


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


# ------------------------------------------------------------------ what a new instance gets


class _Course:
    """The making of an instance. `sources`: every attribute that is set on the way; None if its value is not known."""

    def __init__(self, lineup: Lineup, initial_of: InitialOf) -> None:
        self.sources: dict[str, Source | None] = {}
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
                source = Source(partial(evaluate, str(step.text), values)) if known else None
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

    def _fields(self, cls: type) -> Iterator[tuple[str, Source | None]]:
        # `fields` asks the class, and so its metaclass, where it is asked for the class itself.
        shown: Any = SimpleNamespace(__dataclass_fields__=_own_fields(cls))
        for field in dataclasses.fields(shown):
            if field.default_factory is not dataclasses.MISSING:
                yield field.name, self._factory(field)
            elif field.default is not dataclasses.MISSING:
                # One that is no parameter stays with the class, where the instances find it, unless there is a slot.
                if field.init or type(class_values(cls).get(field.name)) is MemberDescriptorType:
                    yield field.name, Source(partial(_same, field.default))
            elif field.init:
                yield field.name, None

    def _factory(self, field: dataclasses.Field[Any]) -> Source:
        function: Any = field.default_factory
        if is_harmless(function):
            return Source(partial(construct, function), factory=True)
        if type(function) is FunctionType and function.__code__.co_name == "<lambda>":
            for cls in self._mro:
                found = self._initial_of(cls)
                # A subclass may have another field of that name, or the same one without its text.
                if found is None or _own_fields(cls).get(field.name) is not field:
                    continue
                if field.name in found[0].factories:
                    return Source(partial(evaluate, found[0].factories[field.name], found[1]), factory=True)
        return REFUSED


def _own_fields(cls: type) -> dict[str, dataclasses.Field[Any]]:
    fields: Any = class_values(cls).get("__dataclass_fields__")
    if type(fields) is not dict:
        return {}
    found = cast("dict[str, dataclasses.Field[Any]]", fields)
    return {name: field for name, field in found.items() if type(field) is dataclasses.Field}


def _same(value: object) -> object:
    return value
