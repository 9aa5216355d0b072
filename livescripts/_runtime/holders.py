"""Holders that can be changed in place: for each kind of them, how winners get into the places of losers.

# No method that a script's or the game's class may have overridden is called: always the one of the C base.
# What raises nevertheless (a key that cannot be hashed any more, an attribute that is read-only) is left as it was.
# Each function returns how many references it has replaced, and `undo` gets the way back.
"""

from __future__ import annotations

import contextlib
import gc
from collections import OrderedDict, deque
from functools import partial
from types import CellType, FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values, mro_of
from livescripts._runtime.replacements import Replacements, renewed_items, renewed_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import ExitStack

__all__ = ["Attributes", "handler_of", "in_class"]

_ABSENT: Any = object()


def _in_dict(base: Any, holder: Any, heirs: Replacements, undo: ExitStack) -> int:
    if not heirs.any_in(dict[Any, Any].values(holder)) and not heirs.any_in(dict[Any, Any].keys(holder)):
        return 0
    try:
        items: list[tuple[Any, Any]] = list(base.items(holder))
    except Exception:  # an OrderedDict looks its keys up on the way
        return 0
    renewed = renewed_items(items, heirs) if heirs.any_in(key for key, _ in items) else None
    if renewed is not None:
        kind = cast("type[Any]", type(holder))
        # A copy of a dict keeps the hashes; but copying one of a subclass would ask that for its keys.
        undo.callback(_refill_dict, base, holder, dict[Any, Any].copy(holder) if kind is dict else dict(items))
        _refill_dict(base, holder, renewed)
        return _replaced((part for item in items for part in item), heirs)
    before: list[tuple[Any, Any]] = []
    undo.callback(_put_back, base, holder, before)
    for key, value in items:
        winner = heirs.of(value)
        if winner is value:
            continue
        size = len(items)
        before.append((key, value))
        try:
            base.__setitem__(holder, key, winner)
            if dict[Any, Any].__len__(holder) > size:
                # Its hash is not what it was: the place is out of reach.
                base.__delitem__(holder, key)
                before.pop()
        except Exception:  # a key that raises when it is looked for
            before.pop()
    return len(before)


def _put_back(base: Any, holder: Any, before: list[tuple[Any, Any]]) -> None:
    for key, value in before:
        base.__setitem__(holder, key, value)


def _refill_dict(base: Any, holder: Any, items: dict[Any, Any]) -> None:
    base.clear(holder)
    if base is dict:
        # From dict to dict, without asking the keys for their hashes again.
        dict[Any, Any].update(holder, items)
    else:
        for key, value in items.items():
            base.__setitem__(holder, key, value)


def _in_list(holder: Any, heirs: Replacements, undo: ExitStack) -> int:
    before = list(list[Any].__iter__(holder))
    after = renewed_members(before, heirs)
    if after is None or _same(before, after):
        return 0
    undo.callback(_refill_list, holder, before)
    _refill_list(holder, after)
    return _replaced(before, heirs)


def _refill_list(holder: Any, members: list[Any]) -> None:
    list[Any].__setitem__(holder, slice(None), members)


def _in_deque(holder: Any, heirs: Replacements, undo: ExitStack) -> int:
    before = list(deque[Any].__iter__(holder))
    after = renewed_members(before, heirs)
    if after is None or _same(before, after):
        return 0
    undo.callback(_refill_deque, holder, before)
    _refill_deque(holder, after)
    return _replaced(before, heirs)


def _refill_deque(holder: Any, members: list[Any]) -> None:
    deque[Any].clear(holder)
    deque[Any].extend(holder, members)


def _in_set(holder: Any, heirs: Replacements, undo: ExitStack) -> int:
    before = set[Any](holder)  # from set to set no hash is asked for
    renewed = renewed_items([(member, None) for member in before], heirs) if heirs.any_in(before) else None
    if renewed is None:
        return 0
    undo.callback(_refill_set, holder, before)
    _refill_set(holder, renewed)
    return _replaced(before, heirs)


def _refill_set(holder: Any, members: set[Any] | dict[Any, Any]) -> None:
    set[Any].clear(holder)
    set[Any].update(holder, members)


def _in_cell(holder: CellType, heirs: Replacements, undo: ExitStack) -> int:
    return _in_places(holder, ("cell_contents",), heirs, undo)


def _in_function(holder: FunctionType, heirs: Replacements, undo: ExitStack) -> int:
    count = _in_places(holder, ("__defaults__", "__kwdefaults__", "__type_params__"), heirs, undo)
    if heirs.any_in(gc.get_referents(holder)):
        # Annotations are a tuple until somebody asks for them; then they are a new dict.
        count += _in_dict(dict, holder.__annotations__, heirs, undo)
    return count


def _in_exception(holder: Any, heirs: Replacements, undo: ExitStack) -> int:
    values = _args_of(holder)
    winner = heirs.of(values)
    if winner is values:
        return 0
    undo.callback(_set_args, holder, values)
    _set_args(holder, winner)
    return 1


_args_of: Callable[[Any], Any] = BaseException.__dict__["args"].__get__
_set_args: Callable[[Any, Any], None] = BaseException.__dict__["args"].__set__


def _in_partial(holder: Any, heirs: Replacements, undo: ExitStack) -> int:
    parts = tuple(read(holder) for read in _PARTS_OF_PARTIAL)
    if not heirs.any_in(parts):
        return 0
    before = (*parts, partial.__dict__["__dict__"].__get__(holder))
    undo.callback(_set_partial, holder, before)
    _set_partial(holder, tuple(map(heirs.of, before)))
    return _replaced(parts, heirs)


_PARTS_OF_PARTIAL: list[Callable[[Any], Any]] = [
    partial.__dict__[name].__get__ for name in ("func", "args", "keywords")
]
_set_partial: Callable[[Any, Any], None] = partial.__dict__["__setstate__"]


def _in_places(holder: object, names: Iterable[str], heirs: Replacements, undo: ExitStack) -> int:
    count = 0
    for name in names:
        try:
            value = getattr(holder, name, None)
        except ValueError:  # an empty cell
            continue
        winner = heirs.of(value)
        if winner is not value:
            undo.callback(setattr, holder, name, value)
            setattr(holder, name, winner)
            count += 1
    return count


# By identity here and in what follows: a class may have a metaclass with a `__hash__` or `__eq__` of its own.
_BY_BASE: dict[type, Callable[[Any, Replacements, ExitStack], int]] = {
    dict: partial(_in_dict, dict),
    OrderedDict: partial(_in_dict, OrderedDict),
    list: _in_list,
    deque: _in_deque,
    set: _in_set,
    CellType: _in_cell,
    FunctionType: _in_function,
    partial: _in_partial,
    BaseException: _in_exception,
}


_HANDLERS = {id(base): handler for base, handler in _BY_BASE.items()}


def handler_of(kind: type) -> Callable[[Any, Replacements, ExitStack], int] | None:
    """How to change a holder of this type, as its nearest C base has it; None if it has attributes at most."""
    return next((_HANDLERS[id(base)] for base in mro_of(kind) if id(base) in _HANDLERS), None)


class Attributes:
    """Where instances of a class keep their attributes: in a dict, in slots, or in both."""

    __slots__ = ("_members", "_values")

    def __init__(self, kind: type) -> None:
        inside = [class_values(base) for base in mro_of(kind)]
        found: list[Any] = [values["__dict__"] for values in inside if "__dict__" in values]
        # A class may have a `__dict__` of its own making; then there is no way to the real one.
        self._values = next((value for value in found if type(value) is GetSetDescriptorType), None)
        self._members = [v for values in inside for v in values.values() if type(v) is MemberDescriptorType]

    def values_of(self, holder: object) -> dict[str, Any]:
        """The attributes outside of slots."""
        values: Any = None if self._values is None else self._values.__get__(holder)
        return cast("dict[str, Any]", values) if type(values) is dict else {}

    def any_in(self, holders: list[object], heirs: Replacements) -> bool:
        """Whether one of these instances has a loser. Quick where there are many."""
        if heirs.any_in(gc.get_referents(*holders)):
            return True
        return self._values is not None and heirs.any_in(gc.get_referents(*map(self._values.__get__, holders)))

    def rebind(self, holder: object, heirs: Replacements, undo: ExitStack) -> int:
        """Replace losers among the attributes of one instance."""
        # Asking for the dict of an instance that keeps its values inline makes it slower: so only if need be.
        inside = gc.get_referents(holder)
        if not heirs.any_in(inside) and not any(type(each) is dict for each in inside):
            return 0
        # One that has moved since it was found has another dict, which no walk has seen.
        count = _in_dict(dict, self.values_of(holder), heirs, undo)
        for member in self._members:
            try:
                value = member.__get__(holder)
                winner = heirs.of(value)
                if winner is not value:
                    member.__set__(holder, winner)
                    undo.callback(member.__set__, holder, value)
                    count += 1
            except (AttributeError, TypeError):  # an empty slot, one that is read-only
                continue
        return count

    def replace(self, holder: object, final: Callable[[Any], Any]) -> None:
        """Put `final(value)` in the place of each attribute, where that is another one."""
        values = self.values_of(holder)
        for name, value in list(values.items()):
            if final(value) is not value:
                values[name] = final(value)
        for member in self._members:
            with contextlib.suppress(AttributeError, TypeError):  # an empty slot, one that is read-only
                value = member.__get__(holder)
                if final(value) is not value:
                    member.__set__(holder, final(value))


def in_class(owner: type, heirs: Replacements, undo: ExitStack) -> int:
    """Replace losers among the attributes of a class."""
    count = 0
    for name, value in list(class_values(owner).items()):
        winner = heirs.of(value)
        if winner is value or name in _OF_TYPE:
            continue
        try:
            type.__setattr__(owner, name, winner)
        except TypeError:  # a class that cannot be changed
            continue
        undo.callback(type.__setattr__, owner, name, value)
        if type(winner) is property:
            # It has a name since 3.13, and one for messages before.
            cast("Any", property).__set_name__(winner, owner, name)
        count += 1
    return count


# What a class may define, but `type` would take for its own when it is set from outside.
_OF_TYPE = {name for name, value in class_values(type).items() if hasattr(cast("Any", type(value)), "__set__")}
_OF_TYPE.discard("__annotations__")


def _same(one: list[object], other: list[object]) -> bool:
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def _replaced(things: Iterable[object], heirs: Replacements) -> int:
    return sum(heirs.of(thing) is not thing for thing in things)
