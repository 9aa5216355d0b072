"""Holders that cannot be changed: they get a successor, and whoever holds them is looked for in turn.

Each kind is a pair of functions: what such a thing is made of, and how another one is made of other parts.
"""

from __future__ import annotations

import operator
from functools import reduce
from types import (
    BuiltinMethodType,
    GenericAlias,
    MethodDescriptorType,
    MethodType,
    UnionType,
)
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values, mro_of
from livescripts._runtime.holders import Attributes
from livescripts._runtime.replacements import renewed_items

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts._runtime.replacements import Replacements

__all__ = ["Immutable", "immutable_of"]


def _make_tuple(old: Any, parts: list[Any]) -> object:
    return cast("Any", tuple).__new__(type(old), parts)


def _make_method(old: Any, parts: list[Any]) -> object:
    del old
    return MethodType(*parts)


def _make_builtin_method(old: Any, parts: list[Any]) -> object:
    """`names.append` of another list."""
    winner: Any = parts[0]
    if type(winner) is type(old.__self__):
        for base in mro_of(cast("type[Any]", type(winner))):
            found: Any = class_values(base).get(old.__name__)
            if type(found) is MethodDescriptorType:
                return found.__get__(winner)
    return old


def _make_wrapper(old: Any, parts: list[Any]) -> object:
    return cast("Any", type(old))(parts[0])


def _make_property(old: Any, parts: list[Any]) -> object:
    inherited = old.__doc__ == getattr(old.fget, "__doc__", None)
    made = property(*parts, doc=None if inherited else old.__doc__)
    name = getattr(old, "__name__", None)
    if name is not None:
        cast("Any", made).__set_name__(None, name)
    return made


def _make_alias(old: Any, parts: list[Any]) -> object:
    made = cast("Any", GenericAlias).__new__(type(old), *parts)
    return next(iter(made)) if getattr(old, "__unpacked__", False) else made


def _make_union(old: Any, parts: list[Any]) -> object:
    del old
    return reduce(cast("Any", operator).or_, parts[0])


def _make_slice(old: Any, parts: list[Any]) -> object:
    del old
    return slice(*parts)


_KINDS: dict[Any, tuple[Callable[[Any], list[Any]], Callable[[Any, list[Any]], object]]] = {
    tuple: (lambda old: list(tuple[Any, ...].__iter__(old)), _make_tuple),
    MethodType: (lambda old: [old.__func__, old.__self__], _make_method),
    BuiltinMethodType: (lambda old: [old.__self__], _make_builtin_method),
    staticmethod: (lambda old: [old.__func__], _make_wrapper),
    classmethod: (lambda old: [old.__func__], _make_wrapper),
    property: (lambda old: [old.fget, old.fset, old.fdel], _make_property),
    GenericAlias: (lambda old: [old.__origin__, old.__args__], _make_alias),
    UnionType: (lambda old: [old.__args__], _make_union),
    slice: (lambda old: [old.start, old.stop, old.step], _make_slice),
}
_WITH_SUBCLASSES: frozenset[type[Any]] = frozenset({tuple, frozenset, GenericAlias})


class Immutable:
    """How to make the successor of a thing of one type."""

    __slots__ = ("_attributes", "_base")

    def __init__(self, kind: type[Any], base: type[Any]) -> None:
        self._base = base
        has_dict = kind is not base or base in {staticmethod, classmethod}
        self._attributes = Attributes(kind) if has_dict else None

    def heir(self, old: Any, heirs: Replacements) -> object | None:
        """The successor; `old` itself, if nothing but a hash in it has changed; None if it holds no loser.

        Raises whatever making one raises.
        """
        if self._base is frozenset:
            made = self._frozenset(old, heirs)
        else:
            read, make = _KINDS[self._base]
            parts = read(old)
            if not heirs.any_in(parts):
                return None
            renewed = [heirs.of(part) for part in parts]
            made = old if _same(parts, renewed) else make(old, renewed)
        if self._attributes is not None and made is not None and made is not old:
            values = self._attributes.values_of(made)
            for name, value in self._attributes.values_of(old).items():
                values.setdefault(name, heirs.of(value))
        return made

    @staticmethod
    def _frozenset(old: Any, heirs: Replacements) -> object | None:
        members = list(frozenset[Any].__iter__(old))
        if not heirs.any_in(members):
            return None
        renewed = renewed_items([(member, None) for member in members], heirs)
        return None if renewed is None else cast("Any", frozenset).__new__(type(old), renewed)


def immutable_of(kind: type[Any]) -> Immutable | None:
    """The way to make successors of things of this type; None if it is not one of those that need that."""
    bases: tuple[type[Any], ...] = mro_of(kind)
    base = next((base for base in bases if base in _KINDS or base is frozenset), None)
    if base is None or (kind is not base and base not in _WITH_SUBCLASSES):
        return None
    return Immutable(kind, base)


def _same(one: list[object], other: list[object]) -> bool:
    return all(a is b for a, b in zip(one, other, strict=True))
