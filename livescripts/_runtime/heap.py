"""Finding what is alive: instances of replaced classes, and references to those classes.

One walk finds both, because an instance refers to its class as a list refers to its members.
"""

from __future__ import annotations

import gc
from types import CellType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from contextlib import ExitStack

__all__ = ["Findings", "rebind", "search"]


class Findings:
    """What one walk found: `instances` by class, and `holders` of references to a class."""

    __slots__ = ("holders", "instances")

    def __init__(self) -> None:
        self.instances: dict[type, list[object]] = {}
        self.holders: list[object] = []


def search(classes: Collection[type], others: Collection[object], private: Iterable[object]) -> Findings:
    """Find the instances of exactly these classes, and everything else that refers to one of them or of `others`.

    `private` are objects of ours that refer to them and are nobody's business. The walk does not see instances that
    the garbage collector does not track, nor those that `gc.freeze()` hid.
    """
    found = Findings()
    if not classes and not others:
        return found
    hidden = {id(thing) for thing in private}
    hidden |= {id(classes), id(others)}
    wanted = {id(cls): found.instances.setdefault(cls, []) for cls in classes}
    for holder in gc.get_referrers(*classes, *others):
        mine = wanted.get(id(cast("object", type(holder))))
        if mine is not None:
            mine.append(holder)
        if id(holder) not in hidden:
            found.holders.append(holder)
    return found


def rebind(holders: Iterable[object], new: Mapping[int, object], undo: ExitStack) -> int:
    """Put the new object wherever a holder has the old one (`new` is by its identity). Returns how often that was.

    Handles dicts (module globals, attributes, values and keys), lists, sets, closure cells, default arguments, and
    attributes of instances and classes.
    """
    count = 0
    for holder in cast("Iterable[Any]", holders):
        kind = cast("type[Any]", type(holder))
        if kind is dict:
            count += _in_dict(holder, new, undo)
        elif kind is list:
            count += _in_list(holder, new, undo)
        elif kind is set:
            count += _in_set(holder, new, undo)
        elif kind is CellType:
            target = new.get(id(holder.cell_contents))
            if target is not None:
                undo.callback(setattr, holder, "cell_contents", holder.cell_contents)
                holder.cell_contents = target
                count += 1
        elif kind is tuple and holder and not issubclass(type(holder[0]), type):
            # Not the tuples of classes: each class has two, and nobody holds them but the class.
            count += _in_defaults(holder, new, undo)
        elif not issubclass(kind, (type, ModuleType)):
            count += _in_attributes(holder, new, undo)
    return count


def _in_dict(holder: dict[Any, Any], new: Mapping[int, object], undo: ExitStack) -> int:
    owner = _class_of_dict(holder)
    if owner is not None:
        return _in_class(owner, new, undo)
    count = sum(id(part) in new for item in holder.items() for part in item)
    if not count:
        return 0
    undo.callback(_refill_dict, holder, dict(holder))
    if any(id(key) in new for key in holder):
        _refill_dict(holder, {new.get(id(k), k): new.get(id(v), v) for k, v in holder.items()})
    else:
        for key, value in list(holder.items()):
            if id(value) in new:
                holder[key] = new[id(value)]
    return count


def _class_of_dict(holder: dict[Any, Any]) -> type | None:
    """The class that this very dict belongs to: such a dict may be changed only through the class."""
    if "__module__" not in holder:
        return None
    for owner in gc.get_referrers(holder):
        if issubclass(type(owner), type) and any(part is holder for part in gc.get_referents(owner)):
            return owner
    return None


def _in_class(owner: type, new: Mapping[int, object], undo: ExitStack) -> int:
    count = 0
    for name, value in list(class_values(owner).items()):
        if id(value) in new:
            undo.callback(type.__setattr__, owner, name, value)
            type.__setattr__(owner, name, new[id(value)])
            count += 1
    return count


def _in_list(holder: list[Any], new: Mapping[int, object], undo: ExitStack) -> int:
    count = 0
    for index, value in enumerate(holder):
        if id(value) in new:
            if not count:
                undo.callback(_refill_list, holder, list(holder))
            holder[index] = new[id(value)]
            count += 1
    return count


def _in_set(holder: set[Any], new: Mapping[int, object], undo: ExitStack) -> int:
    stale = [value for value in holder if id(value) in new]
    if stale:
        before = set(holder)
        undo.callback(holder.update, before)
        undo.callback(holder.clear)
        holder.difference_update(stale)
        holder.update(new[id(value)] for value in stale)
    return len(stale)


def _in_defaults(holder: tuple[Any, ...], new: Mapping[int, object], undo: ExitStack) -> int:
    """A tuple cannot be changed; but one that is the default arguments of a function can be replaced."""
    count = sum(id(value) in new for value in holder)
    owners = gc.get_referrers(holder) if count else ()
    functions = [owner for owner in owners if type(owner) is FunctionType and owner.__defaults__ is holder]
    for function in functions:
        undo.callback(setattr, function, "__defaults__", holder)
        function.__defaults__ = tuple(new.get(id(value), value) for value in holder)
    return count * len(functions)


def _in_attributes(holder: object, new: Mapping[int, object], undo: ExitStack) -> int:
    # Since 3.11 attributes may be stored in the instance itself, which then is the referrer.
    try:
        values: Any = object.__getattribute__(holder, "__dict__")
    except AttributeError:
        return 0
    return _in_dict(cast("dict[Any, Any]", values), new, undo) if type(values) is dict else 0


def _refill_dict(holder: dict[Any, Any], values: dict[Any, Any]) -> None:
    holder.clear()
    holder.update(values)


def _refill_list(holder: list[Any], values: list[Any]) -> None:
    holder[:] = values
