"""How much of a value is new: what the running version of a script made, beside what the new version made.

    SAME      nobody can tell them apart, but by identity
    BODY      functions in it do something else; whoever does not call them cannot tell
    CHANGED   anything else, and whatever is not certain

# No code of a script runs: attributes are read from dicts and slots, numbers and texts are compared by what they look like.
# What C code keeps inside of an object cannot be seen, so two such objects are never the same.
"""

from __future__ import annotations

import inspect
from collections import OrderedDict, defaultdict, deque
from enum import IntEnum
from functools import partial
from types import CodeType, FunctionType, MappingProxyType, MethodType
from typing import TYPE_CHECKING, Any

from livescripts._core.codes import same_meaning
from livescripts._core.merging import is_plain
from livescripts._runtime.classes import (
    HEAP_TYPE,
    class_values,
    is_shell,
    is_slot,
    kind_of,
    mro_of,
    qualname_of,
    slots_of,
)
from livescripts._runtime.instances import attribute_dict, slots
from livescripts._runtime.sources import path_of
from livescripts._runtime.weak import registered_with
from livescripts._runtime.world import is_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Comparison", "Difference"]

_LOOKS = 5_000  # a level of ten thousand tiles is not compared
_SIGNATURE = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)

_ROWS = frozenset(map(id, (list, tuple, deque)))
_TABLES = frozenset(map(id, (dict, OrderedDict, defaultdict, MappingProxyType)))
_SETS = frozenset(map(id, (set, frozenset)))
# What follows from the text of a class, or from where it stands, without being anything that a game sees.
_ABOUT_TEXT = frozenset({"__dict__", "__weakref__", "__firstlineno__", "__static_attributes__", "_abc_impl"})


class Difference(IntEnum):
    """How much is new. The greater one counts."""

    SAME = 0
    BODY = 1
    CHANGED = 2


_SAME, _BODY, _CHANGED = Difference


class Comparison:
    """Compares live values with staged ones.

    `live_contents(container)` gives what a container, or a class, holds in the live world; None if that is what it shows.
    `edited`: what made the staged ones is another text.
    """

    def __init__(self, live_contents: Callable[[Any], Any], *, edited: bool) -> None:
        self._edited = edited
        self._live_contents = live_contents
        self._begun: dict[tuple[int, int], Difference] = {}
        self._partners: tuple[dict[int, int], dict[int, int]] = ({}, {})
        self._held: list[object] = []  # so that ids stay their own
        self._looks = _LOOKS

    def difference(self, live: Any, staged: Any) -> Difference:
        """How much of `staged` is new beside `live`."""
        known = len(self._begun)
        found = self._compare(live, staged)
        if found is not _SAME:
            # What leads back to these two was taken for as new as they were thought to be.
            for key in list(self._begun)[known:]:
                del self._begun[key]
        return found

    def _compare(self, live: Any, staged: Any) -> Difference:
        if is_plain(live) or is_plain(staged):
            # Not by `==`: there are two zeros, and a number that is not equal to itself.
            return _SAME if type(live) is type(staged) and repr(live) == repr(staged) else _CHANGED
        contents = self._live_contents(live)
        if live is staged and contents is None:
            # What is not ours may have been changed by the new text, unless it cannot change: `()` is the same everywhere.
            if kind_of(live) in {tuple, frozenset}:
                return self._most((each, each) for each in live)
            constant = is_code(live) or live is Ellipsis or live is NotImplemented
            return _CHANGED if self._edited and not constant else _SAME
        key = id(live), id(staged)
        if not self._are_partners(*key, kind_of(live)):
            return _CHANGED
        if key not in self._begun:
            self._looks -= 1
            if self._looks < 0:
                return _CHANGED
            self._held += (live, staged)
            self._begun[key] = _SAME  # what leads back to itself is as new as the rest of it
            self._begun[key] = self._look(live, staged, live if contents is None else contents)
        return self._begun[key]

    def _are_partners(self, live: int, staged: int, kind: type) -> bool:
        """Whether neither stands for another one: two names of one object are not two objects that look alike."""
        if kind is tuple or kind is frozenset:
            return True
        ours, theirs = self._partners
        return ours.setdefault(live, staged) == staged and theirs.setdefault(staged, live) == live

    def _look(self, live: Any, staged: Any, contents: Any) -> Difference:
        kind = kind_of(live)
        if issubclass(kind, type) and issubclass(type(staged), type):
            return self._classes(live, staged, contents)
        if kind is FunctionType and type(staged) is FunctionType:
            return self._functions(live, staged)
        if id(kind) in _ROWS and kind is type(staged):
            if kind is deque and live.maxlen != staged.maxlen:
                return _CHANGED
            return self._rows(list(contents), list(staged))
        if id(kind) in _TABLES and kind is type(staged):
            made = [each.default_factory for each in (live, staged) if kind is defaultdict]
            return max(self._tables(dict(contents), dict(staged)), self._rows(made[:1], made[1:]))
        if id(kind) in _SETS and kind is type(staged):
            same = all(map(is_plain, contents)) and all(map(is_plain, staged))
            return _SAME if same and set(map(_spelled, contents)) == set(map(_spelled, staged)) else _CHANGED
        if is_shell(live) and kind is type(staged):
            if kind is property:
                return self._rows(
                    [live.fget, live.fset, live.fdel, live.__doc__],
                    [staged.fget, staged.fset, staged.fdel, staged.__doc__],
                )
            return self._compare(live.__func__, staged.__func__)
        if kind is partial and type(staged) is partial:
            return self._rows([live.func, live.args, live.keywords], [staged.func, staged.args, staged.keywords])
        if kind is MethodType and type(staged) is MethodType:
            return self._rows([live.__func__, live.__self__], [staged.__func__, staged.__self__])
        return self._instances(live, staged)

    def _rows(self, live: list[Any], staged: list[Any]) -> Difference:
        if len(live) != len(staged):
            return _CHANGED
        return self._most(zip(live, staged, strict=True))

    def _tables(self, live: Mapping[Any, Any], staged: Mapping[Any, Any]) -> Difference:
        keys = self._rows([*live], [*staged])
        return max(keys, self._rows([*live.values()], [*staged.values()]))

    def _most(self, pairs: Iterable[tuple[Any, Any]]) -> Difference:
        most = _SAME
        for one, other in pairs:
            most = max(most, self._compare(one, other))
            if most is _CHANGED:
                break
        return most

    # ------------------------------------------------------------ code

    def _functions(self, live: FunctionType, staged: FunctionType) -> Difference:
        ours, theirs = live.__code__, staged.__code__
        if ours is not theirs and _signature(ours) != _signature(theirs):
            return _CHANGED
        shown = (_shown(live), _shown(staged))
        cells = [function.__closure__ or () for function in (live, staged)]
        if len(cells[0]) != len(cells[1]) or ours.co_freevars != theirs.co_freevars:
            return _CHANGED
        inside = [
            [_content(cell) for name, cell in zip(ours.co_freevars, each, strict=True) if name != "__class__"]
            for each in cells
        ]
        most = max(self._rows(*shown), self._rows(*inside))
        if ours is theirs or same_meaning(ours, theirs):
            return most
        # Of code that stands in no script, nobody knows who called it.
        return _CHANGED if path_of(ours) is None or path_of(theirs) is None else max(most, _BODY)

    def _classes(self, live: type, staged: type, contents: Any) -> Difference:
        if not live.__flags__ & staged.__flags__ & HEAP_TYPE or qualname_of(live) != qualname_of(staged):
            return _CHANGED
        ours, theirs = (
            _attributes(class_values(live) if contents is live else contents),
            _attributes(class_values(staged)),
        )
        if ours.keys() != theirs.keys() or slots_of(live) != slots_of(staged):
            return _CHANGED
        if not _registered(staged) <= _registered(live):
            return _CHANGED
        most = self._rows([type(live), *mro_of(live)[1:]], [type(staged), *mro_of(staged)[1:]])
        return max(most, self._rows([*ours], [*theirs]), self._most((ours[name], theirs[name]) for name in ours))

    # ------------------------------------------------------------ instances

    def _instances(self, live: Any, staged: Any) -> Difference:
        kinds = kind_of(live), kind_of(staged)
        if not all(map(_is_transparent, kinds)):
            return _CHANGED
        most = self._compare(*kinds)
        inside = [{**(attribute_dict(each) or {}), **slots(each)} for each in (live, staged)]
        contents = self._live_contents(attribute_dict(live)) if attribute_dict(live) is not None else None
        if contents is not None:
            inside[0] = {**contents, **slots(live)}
        return max(most, self._tables(*inside))


def _registered(cls: type) -> set[str]:
    """The classes that were registered with an abstract base class."""
    return {f"{each.__module__}.{qualname_of(each)}" for each in registered_with(cls)}


def _spelled(value: object) -> tuple[str, str]:
    return type(value).__name__, repr(value)


def _signature(code: CodeType) -> tuple[object, ...]:
    count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & inspect.CO_VARARGS)
    names = code.co_varnames[: count + bool(code.co_flags & inspect.CO_VARKEYWORDS)]
    return code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, names, code.co_flags & _SIGNATURE


def _shown(function: FunctionType) -> list[Any]:
    """What whoever looks at a function sees, without calling it."""
    return [
        function.__qualname__,
        function.__module__,
        function.__doc__,
        function.__defaults__,
        function.__kwdefaults__,
        function.__annotations__,
        function.__dict__,
    ]


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # empty as yet
        return None


def _attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    # Its slots are compared by name; their descriptors are C's.
    return {name: value for name, value in values.items() if name not in _ABOUT_TEXT and not is_slot(value)}


def _is_transparent(kind: type) -> bool:
    """Whether all that instances hold is in a dict or in slots."""
    # By its size: types of C may have the flag of those that a class statement makes.
    pointers = (
        bool(kind.__dictoffset__) + bool(kind.__weakrefoffset__) + sum(len(slots_of(cls)) for cls in mro_of(kind))
    )
    return kind is not object and not kind.__itemsize__ and kind.__basicsize__ <= object.__basicsize__ + 8 * pointers
