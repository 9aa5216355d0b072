"""Classes across a commit: which new one replaces which old one, and how the old one is retired.

# A class that was replaced must never answer as itself again. Instances that a walk over the heap found have moved
# already; one that it could not find (in the frozen heap, untracked, created by a running frame) moves the first time
# somebody touches it.
# Nothing here trusts a class: attributes are read through `type`'s own slots, never through the class's.
"""

from __future__ import annotations

import contextlib
import sys
import weakref
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import ExitStack

__all__ = ["Lineage", "adopt", "class_values", "classes_of", "disown", "functions_in", "move", "refresh", "retire"]

_type_dict: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__
_type_qualname: Callable[[type], str] = type.__dict__["__qualname__"].__get__
# The descriptor itself: `object.__setattr__` refuses types whose C base has a setattr of its own.
_set_bases: Callable[[type, tuple[type, ...]], None] = type.__dict__["__bases__"].__set__
_set_class: Callable[[object, type], None] = object.__dict__["__class__"].__set__

_REFERENCES_OF_OWN_DICT = 3  # the instance, our variable, and the argument of getrefcount

# What a class keeps for itself, and what `type` would take for its own: a class may well define `__name__` or
# `__class__` as a property, but setting that from outside sets the name, or the metaclass.
_OWN = frozenset({"__dict__", "__weakref__", "__slots__", "__getattribute__", "__new__"}).union(
    name
    for name, value in {**object.__dict__, **type.__dict__}.items()
    if hasattr(cast("object", type(value)), "__set__")
) - {"__doc__", "__module__", "__abstractmethods__", "__annotations__"}


class_values = _type_dict
"""The attribute dict of a class, whatever its metaclass says."""


def classes_of(values: Mapping[str, Any], module: str) -> dict[str, type]:
    """The classes that a script defines, nested ones included, by qualified name."""
    found: dict[str, type] = {}

    def visit(candidates: Mapping[str, Any]) -> None:
        for value in list(candidates.values()):
            if not issubclass(type(value), type):
                continue
            inside = _type_dict(value)
            name = _type_qualname(value)
            if inside.get("__module__") == module and name not in found and "<locals>" not in name:
                found[name] = value
                visit(inside)

    visit(values)
    return found


class Lineage:
    """All versions of one class. `current` is the one that instances belong to; the others forward to it.

    `retired` gives those of the others that somebody still holds.
    """

    __slots__ = ("_retired", "current")

    def __init__(self, current: type) -> None:
        self.current = current
        self._retired: list[weakref.ref[type]] = []

    def retired(self) -> list[type]:
        """The retired classes that are still alive, oldest first."""
        return [cls for ref in self._retired if (cls := ref()) is not None]

    def succeed(self, new: type) -> None:
        """`new` takes over; the class that was current joins the retired ones."""
        self._retired = [ref for ref in self._retired if ref() is not None]
        self._retired.append(weakref.ref(self.current))
        self.current = new

    def restore(self, old: type) -> None:
        """Take back the last `succeed`, which replaced `old`."""
        self._retired.pop()
        self.current = old


def move(instance: object, new: type) -> bool:
    """Make `instance` one of `new`. Returns False where Python forbids it because the layouts differ."""
    try:
        _set_class(instance, new)
    except TypeError:
        return False
    return True


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


def functions_in(value: Any) -> Iterator[FunctionType]:
    """The plain functions that a class attribute consists of."""
    kind = cast("type[Any]", type(value))
    if kind is FunctionType:
        yield value
    elif kind in {staticmethod, classmethod}:
        yield from functions_in(value.__func__)
    elif kind is property:
        for part in (value.fget, value.fset, value.fdel):
            yield from functions_in(part)


def retire(old: type, lineage: Lineage, undo: ExitStack) -> None:
    """Turn `old` into a forwarder to `lineage.current`, or renew it if it is one; `undo` gets the way back."""
    new = lineage.current
    before = dict(_type_dict(old))
    cells = [
        cell
        for value in before.values()
        for function in functions_in(value)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        if name == "__class__"
    ]
    after = {k: v for k, v in _type_dict(new).items() if k not in _OWN and not _is_slot(v)}
    for name, value in before.items():
        if name in _OWN or _is_slot(value) or name in after:
            continue
        undo.callback(type.__setattr__, old, name, value)
        type.__delattr__(old, name)
    # Last, so that it is undone first: since 3.13, setting it throws `__firstlineno__` away.
    module = after.pop("__module__")
    if before.get("__module__") != module:
        after["__module__"] = module
    for name, value in after.items():
        _set(old, name, value, before, undo)
    _set(old, "__getattribute__", _forwarding(old, lineage), before, undo)
    _set(old, "__new__", staticmethod(_constructing(old, lineage)), before, undo)
    adopt(old, (new,), undo)
    for cell in cells:
        # So that `super()` works in frames that still run the old code.
        undo.callback(setattr, cell, "cell_contents", cell.cell_contents)
        cell.cell_contents = new


def adopt(cls: type, bases: tuple[type, ...], undo: ExitStack) -> str | None:
    """Give a class other bases, if the layouts allow it; says why not if they do not.

    A retired class becomes a subclass of its successor: so it inherits what that inherits, and the classes above it do
    not list it among their `__subclasses__`.
    """
    undo.callback(_restore_bases, cls, cls.__bases__)
    try:
        _set_bases(cls, bases)
    except TypeError as error:
        return str(error)
    return None


class _Rejected:
    """The base of classes that were staged and rejected."""


def disown(cls: type) -> None:
    """Take a rejected class off the `__subclasses__` of its bases at once, where the layouts allow it.

    It is garbage, but game code that walks over subclasses would see it until it is collected.
    """
    with contextlib.suppress(TypeError):
        _set_bases(cls, (_Rejected,))


def _restore_bases(cls: type, bases: tuple[type, ...]) -> None:
    if cls.__bases__ != bases:
        _set_bases(cls, bases)


def _is_slot(value: object) -> bool:
    return type(value) in {MemberDescriptorType, GetSetDescriptorType}


def _set(old: type, name: str, value: object, before: Mapping[str, Any], undo: ExitStack) -> None:
    if name in before:
        undo.callback(type.__setattr__, old, name, before[name])
    else:
        undo.callback(type.__delattr__, old, name)
    type.__setattr__(old, name, value)


def _forwarding(old: type, lineage: Lineage) -> Callable[[object, str], object]:
    def __getattribute__(self: object, name: str) -> object:  # noqa: N807
        new = lineage.current
        if type(self) is not old:
            return object.__getattribute__(self, name)
        if name == "__class__":
            # Answered without moving: `isinstance` compares the answer with the type that it saw before.
            return new
        if move(self, new):
            return getattr(self, name)
        return object.__getattribute__(self, name)

    return __getattribute__


def _constructing(old: type, lineage: Lineage) -> Callable[..., object]:
    def __new__(cls: type, /, *args: Any, **kwargs: Any) -> object:  # noqa: N807
        if cls is not old:
            # A subclass that could not be given the new base.
            make: Callable[..., object] = super(old, cls).__new__
            return make(cls) if make is object.__new__ else make(cls, *args, **kwargs)
        # Not an instance of the retired class, so `type.__call__` does not call `__init__` again.
        return lineage.current(*args, **kwargs)

    return __new__
