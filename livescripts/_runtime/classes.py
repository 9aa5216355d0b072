"""Classes across a commit: which new one replaces which old one, and how the old one is retired.

# A class that was replaced must never answer as itself again. Instances that a walk over the heap found have moved
# already; one that it could not find (in the frozen heap, untracked, created by a running frame) moves the first time
# somebody touches it.
# Nothing here trusts a class: attributes are read through `type`'s own slots, never through the class's.
"""

from __future__ import annotations

import contextlib
import sys
import typing
import weakref
from abc import ABCMeta
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import ExitStack

__all__ = [
    "Lineage",
    "adopt",
    "attributes_for",
    "bases_of",
    "class_values",
    "classes_of",
    "disown",
    "fits",
    "functions_in",
    "inherited",
    "kind_of",
    "layout_gap",
    "move",
    "move_all",
    "mro_of",
    "qualname_of",
    "redirect",
    "refresh",
    "retire",
    "take_over",
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
_set_class: Callable[[object, type], None] = object.__dict__["__class__"].__set__

_HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: made by a class statement

_REFERENCES_OF_OWN_DICT = 3  # the instance, our variable, and the argument of getrefcount

# What a class keeps for itself, and what `type` would take for its own: a class may well define `__name__` or
# `__class__` as a property, but setting that from outside sets the name, or the metaclass.
_OWN = frozenset({"__dict__", "__weakref__", "__slots__", "_abc_impl"}).union(
    name
    for name, value in {**object.__dict__, **type.__dict__}.items()
    if hasattr(cast("object", type(value)), "__set__")
) - {"__doc__", "__module__", "__abstractmethods__", "__annotations__"}


class_values = _type_dict
"""The attribute dict of a class, whatever its metaclass says."""


def kind_of(value: object) -> type[Any]:
    """The class of a value, whatever its `__class__` says."""
    return type(value)


def inherited(cls: type, name: str) -> Any:
    """What Python finds under a name in a class and its bases, as it stands in their dicts; None if there is nothing."""
    return next((_type_dict(base)[name] for base in mro_of(cls) if name in _type_dict(base)), None)


def classes_of(values: Mapping[str, Any], module: str) -> dict[str, type]:
    """The classes that a script defines, nested ones included, by qualified name."""
    found: dict[str, type] = {}
    todo: list[Any] = list(values.values())[::-1]
    while todo:
        value = todo.pop()
        if not issubclass(type(value), type):
            continue
        inside = _type_dict(value)
        name = qualname_of(value)
        if inside.get("__module__") == module and name not in found and "<locals>" not in name:
            found[name] = value
            todo += list(inside.values())[::-1]
    return found


class Lineage:
    """All versions of one class. `current` is the one that instances belong to; the others forward to it.

    `retired` gives those of the others that somebody still holds. `renewals` are what an instance gets that moves late,
    when it is first touched.
    """

    __slots__ = ("_retired", "current", "renewals")

    def __init__(self, current: type) -> None:
        self.current = current
        self.renewals: list[Callable[[object], object]] = []
        self._retired: list[weakref.ref[type]] = []

    def retired(self) -> list[type]:
        """The retired classes that are still alive, oldest first."""
        return [cls for ref in self._retired if (cls := ref()) is not None]

    def succeed(self, new: type) -> None:
        """`new` takes over; the class that was current joins the retired ones."""
        self._retired = [ref for ref in self._retired if ref() is not None]
        self._retired.append(weakref.ref(self.current))
        self.current = new

    def note(self, loser: type) -> None:
        """The current class stays, and `loser` was made in vain: it joins the retired ones."""
        self._retired = [ref for ref in self._retired if ref() is not None]
        self._retired.append(weakref.ref(loser))

    def forget(self) -> None:
        """Take back the last `note`."""
        self._retired.pop()

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


def move_all(instances: list[object], old: type, new: type, undo: ExitStack) -> int:
    """Make instances of `old` ones of `new`. Returns how many; where the layouts differ, none."""
    moved: list[object] = []

    def back() -> None:
        for instance in moved:
            move(instance, old)

    undo.callback(back)
    for instance in instances:
        if move(instance, new):
            moved.append(instance)
            refresh(instance)
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


def attributes_for(cls: type) -> dict[str, Any]:
    """What another class can take over from `cls`: not what belongs to the object itself, such as its slots."""
    return {name: value for name, value in _type_dict(cls).items() if name not in _OWN and not _is_slot(value)}


def take_over(cls: type, attributes: Mapping[str, Any], undo: ExitStack) -> None:
    """Give `cls` exactly these attributes, besides those that belong to itself; `undo` gets the way back."""
    before = dict(_type_dict(cls))
    after = dict(attributes)
    for name, value in before.items():
        if name in _OWN or _is_slot(value) or name in after:
            continue
        undo.callback(type.__setattr__, cls, name, value)
        type.__delattr__(cls, name)
    # Last, so that it is undone first: since 3.13, setting it throws `__firstlineno__` away.
    module = after.pop("__module__", None)
    if module is not None and before.get("__module__") != module:
        after["__module__"] = module
    for name, value in after.items():
        if name not in before or before[name] is not value:
            _set(cls, name, value, before, undo)


def retire(old: type, lineage: Lineage, undo: ExitStack, *, stays: frozenset[str] | None = None) -> None:
    """Turn `old` into a forwarder to `lineage.current`, or renew it if it is one; `undo` gets the way back.

    With `stays` instances never move to the current class: they keep these attributes of `old`.
    """
    new = lineage.current
    cells = [
        cell
        for value in _type_dict(old).values()
        for function in functions_in(value)
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        if name == "__class__"
    ]
    after = attributes_for(new)
    after.update((name, inherited(old, name)) for name in stays or ())
    after["__getattribute__"] = _forwarding(old, lineage, moves=stays is None)
    if _is_builtin(old):
        after["__new__"] = staticmethod(_constructing(old, lineage))
    if "__reduce_ex__" not in after:
        after["__reduce_ex__"] = _reducing(old, lineage)
    take_over(old, after, undo)
    adopt(old, (new,), undo)
    if "_abc_impl" in _type_dict(old):
        cast("Any", ABCMeta)._abc_caches_clear(old)  # its answers were those of its former self
    for cell in cells:
        # So that `super()` works in frames that still run the old code.
        undo.callback(setattr, cell, "cell_contents", cell.cell_contents)
        cell.cell_contents = new


def _is_builtin(cls: type) -> bool:
    """Whether Python itself makes the instances. The C code of others may call `__new__` with no arguments at all, not
    even an empty tuple (pygame's vectors do), which only C code survives.
    """
    return next(base for base in mro_of(cls) if not base.__flags__ & _HEAP_TYPE).__module__ == "builtins"


# ------------------------------------------------------------------ keeping a class


def fits(old: type, new: type, bases: tuple[type, ...]) -> bool:
    """Whether `old` can stay and take over what `new` has, with these bases."""
    if _layout(old) != _layout(new):
        return False
    before = bases_of(old)
    if before == bases:
        return True
    # Only Python knows, so it is asked; and `old` is as it was at once.
    try:
        _set_bases(old, bases)
    except TypeError:
        return False
    _set_bases(old, before)
    return True


def _layout(cls: type) -> tuple[object, ...]:
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
    builtin = [next(base for base in mro_of(cls) if not base.__flags__ & _HEAP_TYPE) for cls in (old, new)]
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


def let_go(retired: list[type]) -> None:
    """Take those of the retired classes that nobody holds off the `__subclasses__` of their successors.

    They are garbage, but game code that walks over subclasses would see them until they are collected. The caller must
    hold them by this list alone.
    """
    if retired:
        # What `typing` remembers of `Optional[Goblin]` is only there to be quick.
        for clear in getattr(typing, "_cleanups", ()):
            clear()
    for cls in retired:
        values = _type_dict(cls)
        slots = sum(_is_slot(value) and value.__objclass__ is cls for value in values.values())
        cells = sum(_closes_over(values[name], cls) for name in _FORWARDERS if name in values)
        if sys.getrefcount(cls) == slots + cells + _REFERENCES_OF_RETIRED:
            disown(cls)


_FORWARDERS = ("__getattribute__", "__new__", "__reduce_ex__")
_REFERENCES_OF_RETIRED = 4  # its own MRO; and of `let_go` the list, the variable and the argument of getrefcount


def _closes_over(value: Any, cls: type) -> bool:
    function = value.__func__ if type(value) is staticmethod else value
    return type(function) is FunctionType and any(cell.cell_contents is cls for cell in function.__closure__ or ())


class _Rejected:
    """The base of classes that were staged and rejected."""


def disown(cls: type) -> None:
    """Take a rejected class off the `__subclasses__` of its bases at once, where the layouts allow it.

    It is garbage, but game code that walks over subclasses would see it until it is collected.
    """
    with contextlib.suppress(TypeError):
        _set_bases(cls, (_Rejected,))


def _restore_bases(cls: type, bases: tuple[type, ...]) -> None:
    if bases_of(cls) != bases:
        _set_bases(cls, bases)


def _is_slot(value: object) -> bool:
    return type(value) in {MemberDescriptorType, GetSetDescriptorType}


def _set(old: type, name: str, value: object, before: Mapping[str, Any], undo: ExitStack) -> None:
    if name in before:
        undo.callback(type.__setattr__, old, name, before[name])
    else:
        undo.callback(type.__delattr__, old, name)
    type.__setattr__(old, name, value)


def _forwarding(old: type, lineage: Lineage, *, moves: bool) -> Callable[[object, str], object]:
    def __getattribute__(self: object, name: str) -> object:  # noqa: N807
        new = lineage.current
        if type(self) is not old:
            return object.__getattribute__(self, name)
        if name == "__class__":
            # Answered without moving: `isinstance` compares the answer with the type that it saw before.
            return new
        if moves and move(self, new):
            refresh(self)
            for renew in lineage.renewals:
                renew(self)
            return getattr(self, name)
        return object.__getattribute__(self, name)

    return __getattribute__


def redirect(cls: type, target: Any, undo: ExitStack) -> None:
    """Let a class that has become a function, or anything else that is called, call that."""

    def __new__(called: type, /, *args: Any, **kwargs: Any) -> object:  # noqa: N807
        if called is cls:
            return target(*args, **kwargs)
        make: Callable[..., object] = super(cls, called).__new__
        return make(called) if make is object.__new__ else make(called, *args, **kwargs)

    if _is_builtin(cls):
        _set(cls, "__new__", staticmethod(__new__), _type_dict(cls), undo)


def _reducing(old: type, lineage: Lineage) -> Callable[[object, Any], object]:
    """How an instance that keeps its layout is saved and copied: as one of the class that it answers to."""

    def __reduce_ex__(self: object, protocol: Any) -> object:  # noqa: N807
        new = lineage.current
        if type(self) is old:
            move(self, new)
        result = inherited(new, "__reduce_ex__").__get__(self, type(self))(protocol)
        if type(self) is not old or type(result) is not tuple:
            return result
        function, arguments, *rest = cast("tuple[Any, ...]", result)
        return (function, tuple(new if argument is old else argument for argument in arguments), *rest)

    return __reduce_ex__


def _constructing(old: type, lineage: Lineage) -> Callable[..., object]:
    def __new__(cls: type, /, *args: Any, **kwargs: Any) -> object:  # noqa: N807
        if cls is not old:
            # A subclass that could not be given the new base.
            make: Callable[..., object] = super(old, cls).__new__
            return make(cls) if make is object.__new__ else make(cls, *args, **kwargs)
        # Not an instance of the retired class, so `type.__call__` does not call `__init__` again.
        return lineage.current(*args, **kwargs)

    return __new__
