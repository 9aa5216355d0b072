"""Finding what is alive: instances of replaced classes, and whoever refers to something.

One walk finds both, because an instance refers to its class as a list refers to its members. A walk costs 15 to 25 ns
for each object of the game: so what can be told without one is told without one.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter, OrderedDict, deque
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import bases_of, class_values, classes_of, mro_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from contextlib import ExitStack

__all__ = ["ALONE", "Findings", "Owners", "Records", "is_tuple_of_class", "referrers", "search"]


def _alone() -> int:
    things = [object()]
    for thing in things:
        return sys.getrefcount(thing)
    return 0  # pragma: no cover


_CONTAINERS = frozenset({dict, list, set, tuple, deque, OrderedDict})

ALONE = _alone()
"""What `sys.getrefcount(thing)` says inside `for thing in things`, if nobody but `things` refers to it.

How many references the interpreter itself counts there differs between versions: so it is tried out.
"""


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


def referrers(things: Sequence[object], hidden: Collection[int]) -> list[object]:
    """Everything that refers to one of `things`, but for objects with `hidden` identities."""
    return [holder for holder in gc.get_referrers(*things) if id(holder) not in hidden and holder is not things]


def is_tuple_of_class(thing: object) -> bool:
    """Whether a thing is the `__mro__` or the `__bases__` of a class: nobody else is interested in those."""
    first: Any = cast("tuple[Any, ...]", thing)[0] if type(thing) is tuple and thing else None
    if not issubclass(type(first), type):
        return False
    return mro_of(first) is thing or any(bases_of(sub) is thing for sub in type.__subclasses__(first))


class Records:
    """What an `ExitStack` of inverses keeps: the records of the past must stay what they are.

    `hidden` are the identities of its own objects, among them copies which nobody else has. `held` says how often it
    holds a thing directly.
    """

    __slots__ = ("held", "hidden")

    def __init__(self, undo: ExitStack) -> None:
        # All at once, for there may be one record for each of ten thousand instances.
        wrappers = [callback for _, callback in cast("Any", undo)._exit_callbacks if type(callback) is FunctionType]
        # `ExitStack.callback` makes a function that closes over the callback and its arguments.
        cells, contents = _closed_over(wrappers)
        inner, more = _closed_over([thing for thing in contents if type(thing) is FunctionType])
        arguments: list[Any] = [thing for thing in contents if type(thing) is tuple]
        things = [*gc.get_referents(*arguments), *more]
        self.held = Counter(map(id, things))
        self.hidden = {id(undo), *map(id, cells), *map(id, inner), *map(id, arguments)}
        containers = list({id(thing): thing for thing in things if type(thing) in _CONTAINERS}.values())
        del contents, more, things
        for thing in containers:
            if sys.getrefcount(thing) <= ALONE + self.held[id(thing)]:
                self.hidden.add(id(thing))


def _closed_over(functions: list[FunctionType]) -> tuple[list[Any], list[Any]]:
    """The closure cells of functions, and what is in them."""
    cells = gc.get_referents(*[function.__closure__ for function in functions if function.__closure__])
    return cells, gc.get_referents(*cells)


class Owners:
    """The classes that dicts belong to. A class's dict may be changed only through the class."""

    def __init__(self, classes: Iterable[object]) -> None:
        """`classes` are those most probably asked for; what is no class among them is ignored."""
        self._known: dict[int, type] = {}
        self._modules: set[str] = set()
        self.learn(classes)

    def learn(self, things: Iterable[object]) -> None:
        """Remember the dicts of the classes among `things`."""
        for thing in things:
            if issubclass(type(thing), type):
                # A mappingproxy refers to one thing, the dict.
                values = gc.get_referents(class_values(cast("type", thing)))[0]
                self._known[id(values)] = cast("type", thing)

    def of(self, values: dict[Any, Any]) -> type | None:
        """The class that this very dict belongs to, as far as that can be told without a walk."""
        if id(values) not in self._known:
            for name in ("__dict__", "__weakref__"):
                self.learn([getattr(values.get(name), "__objclass__", None)])
            module = values.get("__module__")
            if type(module) is str and module not in self._modules:
                self._modules.add(module)
                found = sys.modules.get(module)
                inside = getattr(found, "__dict__", None)
                if type(inside) is dict:
                    self.learn(classes_of(cast("dict[str, Any]", inside), module).values())
        return self._known.get(id(values))
