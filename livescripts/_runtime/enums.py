"""Members of enumerations and named tuples across a commit.

# They are compared by identity, or are values that cannot be changed. So it is not the member that follows its class,
# but whoever holds it that gets the new member of the same name.
"""

from __future__ import annotations

import enum
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values, inherited, kind_of, mro_of
from livescripts._runtime.insides import as_text, is_constant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "all_members",
    "counterparts",
    "extra_attributes",
    "fields_of",
    "is_enum",
    "is_named_tuple",
    "member_pairs",
    "member_places",
    "missing_fields",
    "own_names",
    "removed_members",
    "renewed_tuple",
    "same_members",
]

# Where `inspect` finds the class, since 3.13.
_ABOUT_TEXT = ("__doc__", "__firstlineno__")

_PLAIN = (int, float, complex, str, bytes, bool, type(None))


def is_enum(cls: type) -> bool:
    """Whether a class is an enumeration with members."""
    return issubclass(type(cls), enum.EnumMeta) and bool(_members(cls))


def _members(cls: type) -> dict[str, Any]:
    """Name -> member, aliases included."""
    return class_values(cls).get("_member_map_", {})


def all_members(cls: type) -> list[Any]:
    """The members of an enumeration, combined flags included, each once."""
    found = (class_values(cls)[name].values() for name in ("_member_map_", "_value2member_map_"))
    return [*{id(member): member for some in found for member in some}.values()]


def counterparts(cls: type, other: type) -> Iterator[tuple[object, object]]:
    """The members of an enumeration, each with the one of the same name in the other; combined flags by their values, if they
    are there already.
    """
    theirs = _members(other)
    yield from ((member, theirs[name]) for name, member in _members(cls).items() if name in theirs)
    by_value = class_values(other)["_value2member_map_"]
    for value, member in class_values(cls)["_value2member_map_"].items():
        if type(value) in _PLAIN and value in by_value:
            yield member, by_value[value]


def own_names(cls: type) -> set[str]:
    """The names under which an enumeration has its members, and what the `enum` module keeps for itself."""
    hidden = {name for name in class_values(cls) if name[:1] == name[-1:] == "_" and name[:2] != "__"}
    return hidden.union(_members(cls))


def same_members(old: type, new: type) -> bool:
    """Whether two enumerations have the same names in the same order, with the same constants as values."""
    ours, theirs = _members(old), _members(new)
    return list(ours) == list(theirs) and all(map(_same_value, ours.values(), theirs.values()))


def _same_value(one: Any, other: Any) -> bool:
    ours, theirs = _value(one), _value(other)
    return is_constant(ours) and is_constant(theirs) and as_text(ours) == as_text(theirs)


def _value(member: Any) -> Any:
    return object.__getattribute__(member, "__dict__")["_value_"]


def member_pairs(old: type, new: type) -> Iterator[tuple[object, object]]:
    """Each member of `old` with the one of the same name in `new`; combined flags by the names that they consist of."""
    ours, theirs = _members(old), _members(new)
    seen: set[int] = set()
    for name, member in ours.items():
        if name in theirs and id(member) not in seen:
            seen.add(id(member))
            yield member, theirs[name]
    if not issubclass(new, enum.Flag):
        return
    for member in list(class_values(old)["_value2member_map_"].values()):
        if id(member) in seen:
            continue
        seen.add(id(member))
        value = _value(member)
        names = [name for name, each in ours.items() if _value(each) and _value(each) & value == _value(each)]
        if (names or value == 0) and all(name in theirs for name in names):
            combined = 0
            for name in names:
                combined |= _value(theirs[name])
            yield member, cast("Any", new)(combined)


def member_places(cls: type) -> Iterator[list[Any]]:
    """What refers to members, and then what members refer to the class from, each list by way of the one before.

    Not what a script has put into the class: if the class stays, so does that.
    """
    yield [class_values(cls)[name] for name in ("_member_map_", "_value2member_map_")]
    members = all_members(cls)
    yield members
    yield [object.__getattribute__(each, "__dict__") for each in members]


def removed_members(old: type, new: type) -> list[str]:
    """The names of `old` that `new` has no member for."""
    return [name for name in _members(old) if name not in _members(new)]


def extra_attributes(cls: type) -> dict[str, Any]:
    """What an enumeration has besides its members and what the `enum` module keeps for itself."""
    members = _members(cls)
    return {
        name: value
        for name, value in class_values(cls).items()
        if name not in members
        and (
            name in _ABOUT_TEXT or not (name.startswith("_") and name.endswith("_") and type(value) is not FunctionType)
        )
    }


# ------------------------------------------------------------------ named tuples


def is_named_tuple(cls: type) -> bool:
    """Whether a class was made by `NamedTuple` or `namedtuple`."""
    return any(base is tuple for base in mro_of(cls)) and kind_of(inherited(cls, "_fields")) is tuple


def fields_of(cls: type) -> tuple[str, ...]:
    """The names of the fields of a named tuple class; none for any other class."""
    return inherited(cls, "_fields") if is_named_tuple(cls) else ()


def _defaults(cls: type) -> dict[str, Any]:
    return inherited(cls, "_field_defaults") or {}


def missing_fields(old: type, new: type) -> list[str]:
    """The fields of `new` that a tuple of `old` has no value for."""
    known = {*fields_of(old), *_defaults(new)}
    return [name for name in fields_of(new) if name not in known]


def renewed_tuple(value: tuple[Any, ...], old: type, new: type) -> Any:
    """A tuple of class `new` with what `value` has under the same names, and defaults for the rest.

    None where `new` is no named tuple, or has a field without a default that `old` has not.
    """
    if not is_named_tuple(new) or missing_fields(old, new):
        return None
    known = dict(zip(fields_of(old), tuple[Any, ...].__iter__(value), strict=False))
    values = _defaults(new) | known
    make: Callable[..., Any] = vars(tuple)["__new__"]
    return make(new, [values[name] for name in fields_of(new)])
