"""What values consist of, so that two of them can be compared without asking either: no code of a script runs.

# Whatever may have more inside than can be seen has no parts.
"""

from __future__ import annotations

import copyreg
import functools
from collections import Counter, OrderedDict, defaultdict, deque
from enum import Enum
from types import (
    FunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MethodDescriptorType,
    MethodType,
    SimpleNamespace,
    UnionType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any, TypeVar, cast

from livescripts._core.merging import is_plain
from livescripts._core.names import Location
from livescripts._runtime.classes import HEAP_TYPE, builtin_base, flags_of, inherited, kind_of, mro_of, slots_of
from livescripts._runtime.instances import attribute_dict, slots
from livescripts._runtime.sources import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CACHED", "as_text", "has_own_hash", "is_constant", "parts"]

CACHED: type[Any] = type(functools.lru_cache(len))
"""Functions that keep what they gave."""

_POINTER = tuple.__itemsize__

_MOST = 3  # parts of what C code says of a value when it is to be saved


def parts(kind: type[Any], value: Any) -> list[Any] | None:
    """What a value of this kind consists of, if it consists of nothing else; None where that cannot be known.

    Two values are alike if they are of the same kind, and their parts are alike one by one. Parts that are texts, others than
    members, are those of `as_text`.
    """
    known = _PARTS.get(id(kind))
    if known is not None:
        return known(value)
    if not flags_of(kind) & HEAP_TYPE:
        return _named({}) if kind is object else _saved(kind, value)
    return _of_instance(kind, value)


def _named(values: dict[Any, Any]) -> list[Any]:
    return [*values, *values.values()]


def _without_order(value: Any) -> list[Any] | None:
    # The order of a set says nothing, but a text says which one it is.
    return sorted(map(as_text, value)) if all(map(is_plain, value)) else None


def _attributes(value: Any) -> list[Any]:
    return _named(attribute_dict(value) or {})


def _of_cached_property(value: Any) -> list[Any]:
    # Before 3.12 each has a lock, which nobody else sees.
    return _named({name: each for name, each in (attribute_dict(value) or {}).items() if name != "lock"})


def _in_order(value: Any) -> list[Any]:
    return [*value]


def _of_dict(value: Any) -> list[Any] | None:
    if not all(map(has_own_hash, value)):
        return None  # if that is edited, it has to be found in another place
    return [getattr(value, "default_factory", None), *_named(value), *_attributes(value)]


def has_own_hash(key: Any, deep: int = 5) -> bool:
    """Whether no code of a script has a say in the hash of a key."""
    kind = kind_of(key)
    way = inherited(kind, "__hash__")
    if way is vars(tuple)["__hash__"]:
        return deep > 0 and all(has_own_hash(each, deep - 1) for each in tuple[Any, ...].__iter__(key))
    return type(way) is WrapperDescriptorType or way is vars(Enum)["__hash__"]


def _of_deque(value: Any) -> list[Any]:
    return [value.maxlen, *value]


def _of_property(value: Any) -> list[Any]:
    return [value.fget, value.fset, value.fdel, value.__doc__]


def _of_shell(value: Any) -> list[Any]:
    return [value.__func__, *_attributes(value)]


def _of_partial(value: Any) -> list[Any]:
    return [value.func, value.args, value.keywords, *_attributes(value)]


def _of_method(value: Any) -> list[Any]:
    return [value.__func__, value.__self__]


def _of_variable(value: Any) -> list[Any] | None:
    if getattr(value, "__infer_variance__", False):
        return None  # one of a `[T]`: to ask for its bound would evaluate that
    variances = value.__covariant__, value.__contravariant__
    return [value.__name__, *variances, value.__bound__, value.__constraints__, *_attributes(value)]


def _of_field(value: Any) -> list[Any]:
    return [as_text(value.__reduce__()[1])]  # of a named tuple: which one, and the doc


def _of_alias(value: Any) -> list[Any]:
    return [getattr(value, "__origin__", None), value.__args__]


# By id, since a class may have a metaclass with a `__hash__` of its own.
_PARTS: Mapping[int, Callable[[Any], list[Any] | None]] = {
    **dict.fromkeys(map(id, (list, tuple)), _in_order),
    **dict.fromkeys(map(id, (dict, OrderedDict, defaultdict, Counter)), _of_dict),
    **dict.fromkeys(map(id, (set, frozenset)), _without_order),
    **dict.fromkeys(map(id, (staticmethod, classmethod)), _of_shell),
    **dict.fromkeys(map(id, (GenericAlias, UnionType)), _of_alias),
    id(deque): _of_deque,
    id(property): _of_property,
    id(functools.cached_property): _of_cached_property,
    id(functools.partial): _of_partial,
    id(MethodType): _of_method,
    id(CACHED): _attributes,
    id(SimpleNamespace): _attributes,
    id(TypeVar): _of_variable,
    id(kind_of(vars(Location)["path"])): _of_field,
}


def _of_instance(kind: type, value: Any) -> list[Any] | None:
    """Attributes, in a dict and in slots; and a number, a text or the members of a tuple, if it is one of these."""
    below = builtin_base(kind)
    exact = _EXACT.get(id(below))
    if exact is None or inherited(kind, "__del__") is not None:  # that would be told when it goes
        return None
    if kind.__dictoffset__ and type(inherited(kind, "__dict__")) is not GetSetDescriptorType:
        return None  # what the class shows as its dict is its own business
    # C code may define such a class, too, and keep whatever it likes in its instances.
    fields = sum(len(slots_of(cls)) for cls in mro_of(kind) if flags_of(cls) & HEAP_TYPE)
    added = (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    room = kind.__basicsize__ - below.__basicsize__ - fields * _POINTER
    if room != added * _POINTER and not (
        below is int and 0 <= room <= _POINTER
    ):  # where its dict is depends on its length
        return None
    return [*exact(value), *_named({**(attribute_dict(value) or {}), **slots(value)})]


# What such an instance is besides, whatever its class makes of that.
_EXACT: Mapping[int, Callable[[Any], list[Any]]] = {
    id(object): lambda _: [],
    id(tuple): lambda value: [*tuple[Any, ...].__iter__(value)],
    id(int): lambda value: [as_text(int.__int__(value))],
    id(float): lambda value: [as_text(float.__float__(value))],
    id(str): lambda value: [as_text(str.__str__(value))],
}


def _saved(kind: type, value: Any) -> list[Any] | None:
    """What a class of C says of an instance when it is to be saved: a vector, a color, a rectangle."""
    way: Any = copyreg.dispatch_table.get(kind) or inherited(kind, "__reduce__")
    if type(way) is FunctionType:
        is_known = path_of(way.__code__) is None  # a library's, for its own C code
    else:
        is_known = type(way) is MethodDescriptorType and way.__objclass__ is not object
    if not is_known or kind.__dictoffset__:
        return None
    try:
        found = way(value)
    except Exception:  # whatever it is: then it cannot be saved
        return None
    if type(found) is not tuple:
        return None  # it is the name of something that there is once
    made_by, *rest = cast("tuple[Any, ...]", found)
    # What has more parts has members, one by one.
    return [made_by, *map(as_text, rest)] if len(rest) < _MOST and all(map(is_constant, rest)) else None


def is_constant(value: object, deep: int = 5) -> bool:
    """Whether this is what the compiler makes constants of: nobody can tell it from one that is equal."""
    if type(value) is tuple or type(value) is frozenset:
        return deep > 0 and all(is_constant(each, deep - 1) for each in cast("tuple[object, ...]", value))
    return is_plain(value)


def as_text(constant: object) -> str:
    """A number, a text, or a tuple or set of them, so that others are as_text otherwise: there are two zeros, and a number
    that is not equal to itself.
    """
    if type(constant) is tuple:
        return f"({', '.join(map(as_text, cast('tuple[object, ...]', constant)))})"
    if type(constant) is frozenset:
        return f"{{{', '.join(sorted(map(as_text, cast('frozenset[object]', constant))))}}}"
    # Python refuses to write numbers of thousands of digits as decimals.
    return hex(constant) if type(constant) is int else repr(constant)
