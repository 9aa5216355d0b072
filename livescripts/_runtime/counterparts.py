"""What in a new version stands for what in the old one: both are walked side by side, name by name.

# A definition is known by its name: whatever stood there under a `def` is replaced by whatever stands there now,
# decorated or not. A variable is not: it may hold one function now and quite another in the new source.
# Nothing here changes anything, and nothing calls what it looks at.
"""

from __future__ import annotations

import functools
from itertools import compress, islice, repeat
from operator import attrgetter, is_
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import kind_of
from livescripts._runtime.instances import attribute_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

__all__ = ["Counterparts", "closures", "definitions", "innermost"]

_CACHED: type[Any] = type(functools.lru_cache(lambda: None))

# Tables of functions are short.
_MOST = 1_000
_PLAIN = frozenset(map(id, (int, str, bytes, bool)))

_NONE: Any = object()
_SUPER = ("__class__",)  # all that a method closes over that calls `super()`

# Most of what stands beside functions in a module or a class; by id, since a class may have a metaclass.
_LEAVES = frozenset(
    map(
        id,
        (
            *(str, int, float, bool, type(None), tuple, list, dict, set, type, ModuleType),
            *(GetSetDescriptorType, MemberDescriptorType),
        ),
    )
)

_USUAL = _LEAVES | {id(FunctionType)}

_closure_of: Callable[[FunctionType], object] = attrgetter("__closure__")

# Of these there is nothing to compare.
_BARE = frozenset(map(id, (str, int, float, bool, type(None), ModuleType)))

# Descriptors that nobody holds: what is held of them are the functions inside.
_SHELLS = (property, functools.cached_property, staticmethod, classmethod, functools.singledispatchmethod)


_KNOWN = (*_SHELLS, FunctionType, _CACHED, functools.partial, functools.partialmethod, MethodType, type)


class Counterparts:
    """Pairs of (old, new), found by `compare`.

    `functions` are plain functions, each old one once. `caches` are functions under `lru_cache`, `partials` partial
    objects, `instances` what a decorator that is a class has made of a definition. `others` are pairs of different
    kinds, such as a function that got a decorator which makes it something else. `akin(one, other)` tells whether two
    classes are one and the same after the commit.
    """

    def __init__(self, akin: Callable[[type, type], bool]) -> None:
        self._akin = akin
        self.instances: list[tuple[object, object]] = []
        self.functions: list[tuple[FunctionType, FunctionType]] = []
        self.caches: list[tuple[Any, Any]] = []
        self.partials: list[tuple[functools.partial[Any], functools.partial[Any]]] = []
        self.others: list[tuple[object, object]] = []
        self._seen: set[tuple[int, int]] = set()
        self._taken: set[int] = set()

    def compare(self, old: Mapping[str, Any], new: Mapping[str, Any], defined: Callable[[str], bool]) -> None:
        """Pair what stands under the same names. `defined(name)`: whether a `def` binds it, before and after."""
        for name, before in old.items():
            after = new.get(name, before)
            kind = kind_of(before)
            if after is before or id(kind) in _BARE:
                continue
            certain = defined(name)
            if certain or kind is not type:
                self.pair(before, after, defined=certain)

    def pair(self, old: object, new: object, *, defined: bool) -> None:
        """Pair two values, and what they consist of."""
        todo: list[tuple[Any, Any, bool]] = [(old, new, defined)]
        for before, after, certain in todo:  # grows while we go
            key = (id(before), id(after))
            if before is after or key in self._seen:
                continue
            self._seen.add(key)
            kind = kind_of(before)
            if kind is FunctionType and kind is type(after):
                if (certain or _same_origin(before, after)) and id(before) not in self._taken:
                    self._taken.add(id(before))
                    self.functions.append((before, after))
                    if not (_is_bare(before) and _is_bare(after)):
                        todo += ((a, b, False) for a, b in _parts(before, after))
            elif certain and self._are_instances(before, after):
                self.instances.append((before, after))
                ours, theirs = attribute_dict(before) or {}, attribute_dict(after) or {}
                todo += ((value, theirs[name], False) for name, value in ours.items() if name in theirs)
            elif kind is not type(after):
                if certain:
                    todo += self._of_different_kinds(before, after)
            elif kind is _CACHED and (certain or _may_succeed(before, after)):
                self.caches.append((before, after))
                todo.append((before.__wrapped__, after.__wrapped__, certain))
            elif kind is dict:
                # By identity or equality of plain keys only: others may have an `__eq__` of their own.
                todo += (
                    (value, after[key], False)
                    for key, value in islice(cast("dict[Any, Any]", before).items(), _MOST)
                    if id(kind_of(key)) in _PLAIN and key in after
                )
            elif kind is list or kind is tuple:
                if len(before) == len(after):
                    todo += ((a, b, False) for a, b in islice(zip(before, after, strict=True), _MOST))
            elif kind is functools.partial and (certain or _may_succeed(before.func, after.func)):
                self.partials.append((before, after))
                todo.append((before.func, after.func, False))
            elif _is_kind(kind, _SHELLS) or _is_kind(kind, (MethodType, functools.partialmethod)):
                todo += ((a, b, certain) for a, b in zip(_inside(before), _inside(after), strict=True))
            if certain:
                # Under another stack of decorators there is still the same definition.
                ours, theirs = innermost(before), innermost(after)
                if ours is not before or theirs is not after:
                    todo.append((ours, theirs, True))

    def _are_instances(self, old: object, new: object) -> bool:
        """Whether both are instances that can be filled with what another one has."""
        return (
            not _is(old, _KNOWN)
            and self._akin(type(old), type(new))
            and attribute_dict(old) is not None
            and attribute_dict(new) is not None
        )

    def supersede(self, old: object, new: object) -> None:
        """A function or class gave way to something else that is called in its place, made elsewhere perhaps."""
        if old is not new and _is(old, (FunctionType, _CACHED, type)) and callable(new) and id(old) not in self._taken:
            self._taken.add(id(old))
            self.others.append((old, new))

    def _of_different_kinds(self, old: Any, new: Any) -> Iterator[tuple[Any, Any, bool]]:
        if _is(old, _SHELLS) or _is(new, _SHELLS):
            yield innermost(old) if _is(old, _SHELLS) else old, innermost(new) if _is(new, _SHELLS) else new, True
        elif _is(old, (FunctionType, _CACHED, functools.partial, type)) and callable(new):
            self._taken.add(id(old))
            self.others.append((old, new))
            yield innermost(old), innermost(new), False


def _is_kind(kind: type, kinds: tuple[type, ...]) -> bool:
    # A class may have a metaclass with an `__eq__` or `__hash__` of its own.
    return any(kind is each for each in kinds)


def _is(value: object, kinds: type | tuple[type, ...]) -> bool:
    # `isinstance` would ask the value for its `__class__`, which may be a script's own code.
    return issubclass(type(value), kinds)


def _same_origin(one: FunctionType, other: FunctionType) -> bool:
    return one.__qualname__ == other.__qualname__ and one.__module__ == other.__module__


def _may_succeed(one: object, other: object) -> bool:
    """The same for what is around functions: a name may be imported from another script than before, whose function that is."""
    inside = innermost(one), innermost(other)
    return not all(type(each) is FunctionType for each in inside) or _same_origin(*inside)


def _parts(old: FunctionType, new: FunctionType) -> Iterator[tuple[object, object]]:
    """What the functions wrap, and what they close over under the same name."""
    before, after = _cells(old), _cells(new)
    for name in before.keys() & after.keys() - {"__class__"}:
        yield before[name], after[name]
    yield old.__dict__.get("__wrapped__"), new.__dict__.get("__wrapped__")


def _cells(function: FunctionType) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # empty as yet
            continue
    return found


def _inside(value: Any) -> tuple[Any, ...]:
    """The functions that a descriptor, or a method, consists of."""
    if _is(value, property):
        return (value.fget, value.fset, value.fdel)
    if _is(value, (staticmethod, classmethod, MethodType)):
        return (value.__func__,)
    if _is(value, functools.singledispatchmethod):
        return (value.func, value.dispatcher)
    return (value.func,)


def _is_bare(function: FunctionType) -> bool:
    """Whether it closes over nothing, and wraps nothing."""
    # Asked like this, a function need not make a dict for its attributes.
    return function.__closure__ is None and getattr(function, "__wrapped__", _NONE) is _NONE


def innermost(value: Any) -> Any:
    """The definition under all decorators that say what they wrap, or the value itself."""
    if type(value) is FunctionType and getattr(value, "__wrapped__", _NONE) is _NONE:
        return value
    for _ in range(100):  # nobody decorates deeper, but a wrapper may name itself
        if _is(value, _SHELLS):
            value = _inside(value)[0]
        elif _is_kind(kind_of(value), (FunctionType, _CACHED)) and "__wrapped__" in value.__dict__:
            value = value.__dict__["__wrapped__"]
        else:
            break
    return value


def closures(values: Sequence[Any], kinds: AbstractSet[int] | None = None) -> list[Any]:
    """Those among values whose `definitions` may close over something, but for the class that they are in.

    `kinds` are the identities of the types of all values, if the caller has them.
    """
    if kinds is None:
        kinds = {*map(id, cast("Iterable[object]", map(type, values)))}
    if kinds <= _USUAL:
        # Loops in C: a start asks it of everything that a thousand scripts define.
        types = cast("Iterable[object]", map(type, values))
        functions: list[FunctionType] = list(compress(values, map(is_, types, repeat(FunctionType))))
        # Asked like this, a function need not make a dict for its attributes.
        wrapping = any(map(hasattr, functions, repeat("__wrapped__")))
        if not wrapping and not [f for f in filter(_closure_of, functions) if f.__code__.co_freevars != _SUPER]:
            return []
    return [
        value
        for value in cast("Sequence[object]", values)
        if not (
            (
                (value.__closure__ is None or value.__code__.co_freevars == _SUPER)
                and getattr(value, "__wrapped__", _NONE) is _NONE
            )
            if type(value) is FunctionType
            else id(type(value)) in _LEAVES
        )
    ]


def definitions(values: Iterable[Any]) -> Iterator[FunctionType]:
    """The functions that values consist of, with what they wrap."""
    for value in values:
        found = _inside(value) if _is(value, _SHELLS) else (value,)
        for each in found:
            function = each
            for _ in range(100):
                if type(function) is FunctionType:
                    yield function
                if not _is_kind(kind_of(function), (FunctionType, _CACHED)) or "__wrapped__" not in function.__dict__:
                    break
                function = function.__dict__["__wrapped__"]
