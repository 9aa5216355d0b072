"""Classes: reading them, changing their attributes and bases, and moving instances from one to another.

# Nothing here trusts a class: attributes are read through `type`'s own slots, never through the class's.
"""

from __future__ import annotations

import contextlib
import sys
from abc import ABC
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import ExitStack

__all__ = [
    "HEAP_TYPE",
    "Rebased",
    "adopt",
    "attributes_for",
    "bases_of",
    "builtin_base",
    "class_values",
    "classes_of",
    "dismantle",
    "disown",
    "fits",
    "flags_of",
    "functions_in",
    "has_own_words",
    "inherited",
    "is_dismantled",
    "is_equal",
    "is_settable",
    "is_shell",
    "is_slot",
    "kind_of",
    "layout",
    "layout_gap",
    "leave",
    "leaves_no_trace",
    "move",
    "move_all",
    "mro_of",
    "put_in_order",
    "qualname_of",
    "refresh",
    "set_attribute",
    "slots_of",
    "take_over",
    "twins",
]

_type_dict: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
qualname_of: Callable[[type], str] = type.__dict__["__qualname__"].__get__
"""The qualified name of a class, whatever its metaclass says."""
# The descriptor itself: `object.__setattr__` refuses types whose C base has a setattr of its own.
_set_bases: Callable[[type, tuple[type, ...]], None] = type.__dict__["__bases__"].__set__
bases_of: Callable[[type], tuple[type, ...]] = type.__dict__["__bases__"].__get__
"""The bases of a class, whatever its metaclass says."""
mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
"""The order in which Python looks for attributes, whatever the metaclass says."""
_base_of: Callable[[type], type] = type.__dict__["__base__"].__get__
_set_class: Callable[[object, type], None] = object.__dict__["__class__"].__set__

flags_of: Callable[[type], int] = type.__dict__["__flags__"].__get__
"""The flags of a class, whatever its metaclass says."""

HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement

_REFERENCES_OF_OWN_DICT = 3  # the instance, our variable, and the argument of getrefcount

# What a class keeps for itself, and what `type` would take for its own: a class may well define `__name__` or
# `__class__` as a property, but setting that from outside sets the name, or the metaclass.
_OF_TYPE = frozenset(
    {"__doc__", "__module__", "__abstractmethods__", "__annotations__", "__type_params__"}
)  # settable, not deletable
_OWN = (
    frozenset({"__dict__", "__weakref__", "__slots__", "_abc_impl"}).union(
        name
        for name, value in {**object.__dict__, **type.__dict__}.items()
        if hasattr(cast("object", type(value)), "__set__")
    )
    - _OF_TYPE
)


# What most attributes of classes are. By id, since a class may have a metaclass with a `__hash__` of its own.
_NO_CLASSES = frozenset(
    map(
        id,
        (
            FunctionType,
            GetSetDescriptorType,
            MemberDescriptorType,
            str,
            int,
            float,
            bool,
            type(None),
            tuple,
            dict,
            list,
        ),
    )
)

class_values = _type_dict
"""The attribute dict of a class, whatever its metaclass says."""


def kind_of(value: object) -> type[Any]:
    """The class of a value, whatever its `__class__` says."""
    return type(value)


def builtin_base(cls: type) -> type:
    """The class itself, or the nearest of its bases, that no class statement has made."""
    return next(base for base in mro_of(cls) if not flags_of(base) & HEAP_TYPE)


def inherited(cls: type, name: str) -> Any:
    """What Python finds under a name in a class and its bases, as it stands in their dicts; None if there is nothing."""
    return next((_type_dict(base)[name] for base in mro_of(cls) if name in _type_dict(base)), None)


def classes_of(values: Mapping[str, Any], module: str) -> dict[str, type]:
    """The classes that a script defines, nested ones included, by qualified name."""
    found: dict[str, type] = {}
    todo = _only_classes(values)
    while todo:
        value = todo.pop()
        inside = _type_dict(value)
        if inside.get("__module__") != module:
            continue
        name = qualname_of(value)
        if name not in found and "<locals>" not in name:
            found[name] = value
            # Asked of all of them at once first: hardly any class has others inside.
            if not _NO_CLASSES.issuperset(map(id, map(type, inside.values()))):
                todo += _only_classes(inside)
    return found


def _only_classes(values: Mapping[str, Any]) -> list[type]:
    """The last one first."""
    return [value for value in values.values() if issubclass(type(value), type)][::-1]


def move(instance: object, new: type) -> bool:
    """Make `instance` one of `new`. Returns False where Python forbids it because the layouts differ."""
    try:
        _set_class(instance, new)
    except TypeError:
        return False
    return True


def move_all(instances: list[object], old: type, new: type, undo: ExitStack) -> int:
    """Make instances of `old` ones of `new`. Returns how many; where the layouts differ, none."""
    moved: list[object] = []

    def back() -> None:
        for instance in moved:
            move(instance, old)

    undo.callback(back)
    for instance in instances:
        moved.append(instance)  # before it moves: so an interrupt in between loses nobody
        if move(instance, new):
            refresh(instance)
        else:
            moved.pop()
    return len(moved)


def refresh(instance: object) -> None:
    """Give a moved instance a fresh attribute dict.

    The move turned its inline attributes into a dict keyed for the old class, which makes attribute access about three
    times slower for good; a fresh dict brings that to 1.3 (measured on 3.11 to 3.13). A dict that somebody else holds
    too, as with instances that share their state, is left alone.
    """
    try:
        values: Any = object.__getattribute__(instance, "__dict__")
        if type(values) is dict and sys.getrefcount(values) <= _REFERENCES_OF_OWN_DICT:
            object.__setattr__(instance, "__dict__", dict(cast("dict[str, Any]", values)))
    except (AttributeError, TypeError):
        return


def is_equal(one: object, other: object) -> bool:
    """Whether one need not be put in the place of the other: it is the same object, or says the same, as docstrings do."""
    return one is other or (type(one) is str and type(other) is str and one == other)


def is_settable(name: str) -> bool:
    """Whether an attribute of a class can be set, rather than something that `type` has under its name."""
    return name not in _OWN


def is_shell(value: object) -> bool:
    """Whether a class attribute is one of Python's own wrappers around functions."""
    kind = kind_of(value)
    return kind is staticmethod or kind is classmethod or kind is property


def functions_in(value: Any) -> Iterator[FunctionType]:
    """The plain functions that a class attribute consists of."""
    kind = cast("type[Any]", type(value))
    if kind is FunctionType:
        yield value
    elif kind is staticmethod or kind is classmethod:
        yield from functions_in(value.__func__)
    elif kind is property:
        for part in (value.fget, value.fset, value.fdel):
            yield from functions_in(part)


def attributes_for(cls: type) -> dict[str, Any]:
    """What another class can take over from `cls`: not what belongs to the object itself, such as its slots."""
    return {name: value for name, value in _type_dict(cls).items() if name not in _OWN and not is_slot(value)}


def take_over(cls: type, attributes: Mapping[str, Any], undo: ExitStack) -> None:
    """Give `cls` exactly these attributes, besides those that belong to itself; `undo` gets the way back."""
    before = dict(_type_dict(cls))
    after = dict(attributes)
    for name, value in before.items():
        if name in _OWN or is_slot(value) or name in after:
            continue
        undo.callback(type.__setattr__, cls, name, value)
        type.__delattr__(cls, name)
    # Last, so that it is undone first: since 3.13, setting it throws `__firstlineno__` away.
    module = after.pop("__module__", None)
    if module is not None and before.get("__module__") != module:
        after["__module__"] = module
    for name, value in after.items():
        if name not in before or not is_equal(before[name], value):
            set_attribute(cls, name, value, before, undo)


# ------------------------------------------------------------------ keeping a class


_WORDS = _OWN - {"__dict__", "__weakref__", "__slots__", "_abc_impl"}


def has_own_words(cls: type) -> bool:
    """Whether a class defines, for its instances, what `type` has a meaning of its own for, such as `__class__`."""
    return not _WORDS.isdisjoint(_type_dict(cls))


def put_in_order(cls: type, attributes: Mapping[str, Any], undo: ExitStack) -> None:
    """Prepare `cls` for `take_over`, so that it has the attributes in this order then: whoever lists them may mind."""
    before = _parts(cls)
    stay = [name for name in before if name in attributes]
    wanted = [name for name in attributes if name not in _OF_TYPE]
    if stay == wanted[: len(stay)]:
        return
    # What comes first and is in its place already stays there; the rest is put in anew, at the end.
    there = next(index for index, name in enumerate(stay) if name != wanted[index])
    rest = {name: value for name, value in before.items() if name not in stay[:there]}
    undo.callback(_put_back, cls, rest)
    for name in rest:
        type.__delattr__(cls, name)


def _put_back(cls: type, attributes: Mapping[str, Any]) -> None:
    """Give `cls` these attributes again, in this order."""
    for name in attributes:
        if name in _type_dict(cls):
            type.__delattr__(cls, name)
    for name, value in attributes.items():
        type.__setattr__(cls, name, value)


def fits(old: type, new: type, bases: tuple[type, ...]) -> bool:
    """Whether `old` can stay and take over what `new` has, with these bases."""
    if layout(old) != layout(new):
        return False
    before = bases_of(old)
    if before == bases:
        return True
    # Only Python knows, so it is asked; and `old` is as it was at once.
    try:
        _set_bases(old, bases)
    except TypeError:
        return False
    finally:
        _restore_bases(old, before)
    return True


def layout(cls: type) -> tuple[object, ...]:
    """How instances are stored, as far as the class itself says: comparable."""
    sizes = cls.__basicsize__, cls.__itemsize__, cls.__dictoffset__, cls.__weakrefoffset__
    return *sizes, tuple(slots_of(cls))


def slots_of(cls: type) -> list[str]:
    """The names of a class's own slots."""
    return [name for name, value in _type_dict(cls).items() if type(value) is MemberDescriptorType]


def layout_gap(old: type, new: type) -> str:
    """What instances of `old` cannot have because they cannot become instances of `new`, in words."""
    ours = {name for cls in mro_of(old) for name in slots_of(cls)}
    theirs = {name for cls in mro_of(new) for name in slots_of(cls)}
    missing = sorted(theirs - ours)
    if missing and not old.__dictoffset__:
        return f"they have no room for {', '.join(map(repr, missing))}"
    builtin = [builtin_base(cls) for cls in (old, new)]
    if builtin[0] is not builtin[1]:
        return f"they are made like {builtin[0].__name__}, not like {builtin[1].__name__}"
    return "their attributes are stored in another way"


def adopt(cls: type, bases: tuple[type, ...], undo: ExitStack) -> str | None:
    """Give a class other bases, if the layouts allow it; says why not if they do not.

    A retired class becomes a subclass of its successor: so it inherits what that inherits, and the classes above it do
    not list it among their `__subclasses__`.
    """
    undo.callback(_restore_bases, cls, bases_of(cls))
    try:
        _set_bases(cls, bases)
    except TypeError as error:
        return str(error)
    return None


class Rebased:
    """Classes that have other bases for a while: `enter`, and `leave` in the end. Those whose layouts forbid it keep theirs."""

    def __init__(self, wanted: Iterable[tuple[type, tuple[type, ...]]]) -> None:
        found = [(cls, bases_of(cls), bases) for cls, bases in wanted]
        # From the top, since Python compares what is above a class, too.
        self._bases = sorted((each for each in found if each[1] != each[2]), key=lambda each: len(mro_of(each[0])))

    def enter(self) -> None:
        """Give them their other bases."""
        for cls, _, bases in self._bases:
            with contextlib.suppress(TypeError):
                _set_bases(cls, bases)

    def leave(self) -> None:
        """Give them back those that they had."""
        for cls, bases, _ in reversed(self._bases):
            _restore_bases(cls, bases)


class _Rejected:
    """The base of classes that were made in vain."""


class _RejectedAndBare:
    """The same for those whose bases keep nothing in an instance, as `abc.ABC`."""

    __slots__ = ()


class _RejectedAndAbstract(ABC):  # noqa: B024 - nobody makes instances of it
    """The same for those below an abstract class."""


_T = TypeVar("_T")


class _RejectedAndGeneric(Generic[_T]):
    """The same for those below a generic class."""


# The same for those below a class that is made like one of these, as the members of an `IntEnum` are like numbers.
_REJECTED_AND_BUILTIN = tuple(
    type(f"_Rejected{kind.__name__}", (kind,), {}) for kind in (int, str, Exception, dict, list)
)

_DISOWNED = (_Rejected, _RejectedAndBare, _RejectedAndAbstract, _RejectedAndGeneric, *_REJECTED_AND_BUILTIN)


def disown(cls: type) -> bool:
    """Take a rejected class off the `__subclasses__` of its bases at once. Returns False where the layouts forbid it.

    It is garbage, but game code that walks over subclasses would see it until it is collected.
    """
    for base in _DISOWNED:
        with contextlib.suppress(TypeError):
            _set_bases(cls, (base,))
            return True
    return False


def leaves_no_trace(cls: type) -> bool:
    """Whether `disown` would do, or nobody minds: who walks over all subclasses of `object`?"""
    if not any(base.__flags__ & HEAP_TYPE for base in bases_of(cls)):
        return True
    # Not asked by trying it: that gives each class below another `__mro__`.
    stored = _storage(_base_of(cls))
    return any(stored == _storage(base) for base in _DISOWNED)


def _storage(base: type) -> tuple[object, ...]:
    """What two classes must have in common, so that one can take the other's place as a base: comparable."""
    first = base  # of those above that store as much
    while first is not object and layout(_base_of(first))[:4] == layout(base)[:4]:
        first = _base_of(first)
    return *layout(base)[:4], *slots_of(first), object if first is object else _base_of(first)


# What decorators that make slots leave in a class: those of `dataclasses` and of `attrs`.
_MAKERS = frozenset({"__dataclass_fields__", "__attrs_attrs__"})
_LATEST = 200  # classes: more than a script makes


def twins(cls: type) -> Iterator[type]:
    """Classes from which a decorator has just made this one, with what they had, as `dataclass(slots=True)` does."""
    name, values = qualname_of(cls), class_values(cls)
    if _MAKERS.isdisjoint(values):
        return
    own = {id(value) for value in values.values() if type(value) is FunctionType}
    for base in bases_of(cls):
        # There may be thousands below `object`: the latest come last.
        for other in type.__subclasses__(base)[-_LATEST:]:
            if qualname_of(other) != name or other is cls:
                continue
            theirs = class_values(other)
            if theirs.get("__module__") == values.get("__module__") and not own.isdisjoint(map(id, theirs.values())):
                yield other


def dismantle(cls: type) -> None:
    """The same for a class that nobody holds. What it consists of goes at once, without a collection."""
    if not disown(cls):
        _set_bases(cls, (*list(bases_of(cls)),))  # others may have the same tuple, and want to know who else has it
    for name in (*_parts(cls), *({"__annotations__"} & _type_dict(cls).keys())):
        type.__delattr__(cls, name)


def is_dismantled(cls: type) -> bool:
    """Whether nothing is left of a class but its name."""
    return not _parts(cls)


def leave(cls: type, undo: ExitStack) -> None:
    """The same with a way back. Its functions would go on as somebody's."""
    for base in _DISOWNED:
        if adopt(cls, (base,), undo) is None:
            break
    parts = _parts(cls)
    undo.callback(_put_back, cls, parts)
    for name in parts:
        type.__delattr__(cls, name)


def _parts(cls: type) -> dict[str, Any]:
    """What can be taken off a class."""
    return {n: v for n, v in _type_dict(cls).items() if n not in _OWN and n not in _OF_TYPE and not is_slot(v)}


def _restore_bases(cls: type, bases: tuple[type, ...]) -> None:
    if bases_of(cls) != bases:
        _set_bases(cls, bases)


def is_slot(value: object) -> bool:
    return type(value) is MemberDescriptorType or type(value) is GetSetDescriptorType


def set_attribute(old: type, name: str, value: object, before: Mapping[str, Any], undo: ExitStack) -> None:
    if name in before:
        undo.callback(type.__setattr__, old, name, before[name])
    else:
        undo.callback(type.__delattr__, old, name)
    type.__setattr__(old, name, value)
