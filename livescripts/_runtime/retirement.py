"""What becomes of a class that gave way: it forwards to its successor, for whoever still holds it.

# A class that was replaced must never answer as itself again. Instances that a walk over the heap found have moved
# already; one that it could not find (in the frozen heap, untracked, created by a running frame) moves the first time
# somebody touches it.
"""

from __future__ import annotations

import typing
import weakref
from abc import ABCMeta
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.census import is_garbage, is_watched
from livescripts._runtime.classes import (
    adopt,
    attributes_for,
    builtin_base,
    class_values,
    dismantle,
    disown,
    functions_in,
    inherited,
    leave,
    move,
    qualname_of,
    refresh,
    set_attribute,
    take_over,
    twins,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import ExitStack
    from types import CellType

__all__ = ["Lineage", "Renewal", "abandon", "drop_twins", "let_go", "redirect", "retire"]


@dataclass(slots=True, eq=False)
class Renewal:
    """What an instance gets that moves late, when it is first touched: `give` does it to one of any class, `quickly` to one
    of the class that is current when the renewal is made.
    """

    give: Callable[[object], object]
    quickly: Callable[[object], object]

    def generalise(self) -> None:
        """That class is current no more; it must not live on for the sake of speed."""
        self.quickly = self.give


class Lineage:
    """All versions of one class. `current` is the one that instances belong to; the others forward to it.

    `retired` gives those of the others that somebody still holds. `renewals` are, by the identity of each of these, what an
    instance of it gets that moves late.
    """

    __slots__ = ("__weakref__", "_retired", "current", "renewals")

    def __init__(self, current: type) -> None:
        self.current = current
        self.renewals: dict[int, list[Renewal]] = {}
        self._retired: list[weakref.ref[type]] = []

    def retired(self) -> list[type]:
        """The retired classes that are still alive, oldest first."""
        return [cls for ref in self._retired if (cls := ref()) is not None]

    def prune(self) -> None:
        """Forget the retired classes that nobody holds any more."""
        self._retired = [ref for ref in self._retired if not _is_gone(ref)]
        there = set(map(id, self.retired()))
        self.renewals = {key: found for key, found in self.renewals.items() if key in there}

    def renew(self, late: Renewal) -> None:
        """An instance that moves to the current class from now on gets this as well."""
        self.renewals = {id(cls): [*self.renewals.get(id(cls), ()), late] for cls in self.retired()}

    def succeed(self, new: type) -> None:
        """`new` takes over; the class that was current joins the retired ones."""
        self._retired = [ref for ref in self._retired if ref() is not None]
        self._retired.append(weakref.ref(self.current))
        self.current = new
        for renewals in self.renewals.values():
            for renewal in renewals:
                renewal.generalise()

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


def _is_gone(ref: weakref.ref[type]) -> bool:
    cls = ref()
    return cls is None or is_garbage(cls)


def retire(old: type, lineage: Lineage, undo: ExitStack, *, stays: frozenset[str] | None = None) -> None:
    """Turn `old` into a forwarder to `lineage.current`, or renew it if it is one; `undo` gets the way back.

    With `stays` instances never move to the current class: they keep these attributes of `old`.
    """
    new = lineage.current
    cells = _cells_of(old)
    after = attributes_for(new)
    after.update((name, inherited(old, name)) for name in stays or ())
    after["__getattribute__"] = _forwarding(old, lineage, moves=stays is None)
    if _is_builtin(old):
        after["__new__"] = staticmethod(_constructing(old, lineage))
    if "__reduce_ex__" not in after:
        after["__reduce_ex__"] = _reducing(old, lineage)
    take_over(old, after, undo)
    adopt(old, (new,), undo)
    if "_abc_impl" in class_values(old):
        cast("Any", ABCMeta)._abc_caches_clear(old)  # its answers were those of its former self
    _turn(cells, new, undo)


def abandon(old: type, lineage: Lineage, undo: ExitStack) -> None:
    """Nobody holds this class: it need not forward. But its functions may go on, in `lineage.current`."""
    _turn(_cells_of(old), lineage.current, undo)
    leave(old, undo)


def _cells_with(cls: type) -> list[CellType]:
    """The cells that functions of a class have the class itself in, each once."""
    cells = [
        cell
        for value in class_values(cls).values()
        for function in functions_in(value)
        for cell in function.__closure__ or ()
    ]
    return [*{id(cell): cell for cell in cells if _content(cell) is cls}.values()]


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:  # the class is not made yet
        return None


def _cells_of(cls: type) -> list[CellType]:
    """The cells that `super()` looks in, in the methods of a class."""
    return [
        cell
        for value in class_values(cls).values()
        for function in functions_in(value)
        if function.__closure__ is not None
        for name, cell in zip(function.__code__.co_freevars, function.__closure__, strict=True)
        if name == "__class__" and _has_version_of(cls, cell)
    ]


def _turn(cells: list[CellType], new: type, undo: ExitStack) -> None:
    for cell in cells:
        # So that `super()` works in frames that still run the old code.
        undo.callback(setattr, cell, "cell_contents", cell.cell_contents)
        cell.cell_contents = new


def _has_version_of(cls: type, cell: CellType) -> bool:
    """Whether a cell holds a version of this class, which may as well have a method of another: `hit = Goblin.attack`."""
    try:
        found = cell.cell_contents
    except ValueError:  # the class is not made yet
        return False
    if not issubclass(type(found), type):
        return False
    homes = [class_values(each).get("__module__") for each in (found, cls)]
    return qualname_of(found) == qualname_of(cls) and homes[0] == homes[1]


def _is_builtin(cls: type) -> bool:
    """Whether Python itself makes the instances. The C code of others may call `__new__` with no arguments at all, not
    even an empty tuple (pygame's vectors do), which only C code survives.
    """
    return builtin_base(cls).__module__ == "builtins"


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
        if is_garbage(cls, references=2):  # the list, and our variable
            disown(cls)


def drop_twins(classes: Iterable[type]) -> None:
    """Take apart what a decorator has made these classes from and left behind: what they are made of would be held by it until
    the next collection. One that somebody refers to weakly stays: he may come back to it.
    """
    for cls in classes:
        if "__slots__" in class_values(cls):
            found = list(twins(cls))
            for twin in found:
                # The methods of a frozen one look whether they are called for an instance of it.
                cells = _cells_with(twin)
                alone = is_garbage(twin, references=2 + len(cells))  # the list, and our variable
                if alone and not is_watched(twin) and not _cells_of(twin):
                    dismantle(twin)


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
            for renew in lineage.renewals.get(id(old), ()):
                renew.quickly(self)
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
        set_attribute(cls, "__new__", staticmethod(__new__), class_values(cls), undo)


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
