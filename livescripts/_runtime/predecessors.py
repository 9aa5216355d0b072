"""What the running versions have in the place of what a discarded execution made: the same definition, or what consists
of the same ones.

# A function is known by its code object, a class by its qualified name, any other thing by the global that it is.
# A lambda of the running version that nobody holds any more can be made anew, if it was no more than its code.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.codes import inner, match
from livescripts._runtime.classes import class_values, classes_of, functions_in
from livescripts._runtime.modules import values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import CodeType

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.remains import Remains

__all__ = ["ABSENT", "Predecessors", "names_in"]

ABSENT: Any = object()
_PLAIN = frozenset((str, int, bytes))
_DEPTH = 10  # nobody nests handlers deeper


def names_in(roots: Iterable[CodeType]) -> set[object]:
    """The names and plain constants in code, at any depth."""
    found: set[object] = set()
    todo = list(roots)
    for code in todo:  # grows while we go
        todo += inner(code)
        found.update((*code.co_names, code.co_name))
        for const in code.co_consts:
            # The keys of a dict display are one tuple.
            parts = cast("tuple[Any, ...]", const) if type(const) is tuple else (const,)
            found.update(part for part in parts if type(part) in _PLAIN)
    return found


class Predecessors:
    """What the running versions have in the place of what was made."""

    def __init__(self, remains: Remains, entries: Sequence[Entry], staged: dict[str, dict[str, Any]]) -> None:
        self._remains = remains
        self._by_id: dict[int, Any] = {}
        self._codes: dict[int, tuple[CodeType, Any]] = {}
        before, after = names_in(e.live.code for e in entries if e.live), names_in(c for e in entries for c in e.codes)
        self.named = after
        self.new_names = after - before
        for entry in entries:
            if entry.live is None:
                continue
            values, module = values_of(entry.module), entry.location.module
            classes = classes_of(values, module)
            made_by: dict[int, list[FunctionType]] = defaultdict(list)
            inside = (value for each in (values, *map(class_values, classes.values())) for value in each.values())
            for function in {id(f): f for value in inside for f in functions_in(value)}.values():
                made_by[id(function.__code__)].append(function)
            pairs = [pair for code in entry.codes for pair in match(entry.live.code, code)]
            for old, new in pairs:
                found = made_by[id(old)]
                self._codes[id(new)] = (old, found[0] if len(found) == 1 else None)
            for name, cls in classes_of(staged[entry.path], module).items():
                if name in classes:
                    self._by_id[id(cls)] = classes[name]
            for name, value in staged[entry.path].items():
                if value in remains and name in values and type(value) is not FunctionType:
                    self._by_id.setdefault(id(value), values[name])

    def is_new_name(self, key: object) -> bool:
        """Whether only the discarded text has this name or constant."""
        return type(key) in _PLAIN and key in self.new_names

    def of(self, thing: Any, depth: int = 0) -> Any:
        """The counterpart of something that was made; `ABSENT` if there is none. It is the same one each time."""
        if thing not in self._remains:
            return thing
        if id(thing) not in self._by_id:
            self._by_id[id(thing)] = ABSENT if depth > _DEPTH else self._find(thing, depth + 1)
        return self._by_id[id(thing)]

    def _find(self, thing: Any, depth: int) -> Any:
        kind = cast("type[Any]", type(thing))
        if kind is FunctionType:
            return self._function(thing)
        if kind is MethodType:
            parts = [self.of(part, depth) for part in (thing.__func__, thing.__self__)]
            return ABSENT if any(part is ABSENT for part in parts) else MethodType(*parts)
        if kind is tuple:
            parts = [self.of(part, depth) for part in cast("tuple[Any, ...]", thing)]
            return ABSENT if any(part is ABSENT for part in parts) else tuple(parts)
        if kind is functools.partial:
            parts = [self.of(part, depth) for part in (thing.func, *thing.args, *thing.keywords.values())]
            if any(part is ABSENT for part in parts):
                return ABSENT
            count = 1 + len(thing.args)
            return functools.partial(*parts[:count], **dict(zip(thing.keywords, parts[count:], strict=True)))
        return ABSENT

    def _function(self, new: FunctionType) -> Any:
        old, live = self._codes.get(id(new.__code__), (None, None))
        if live is not None or old is None:
            return ABSENT if live is None else live
        if new.__closure__ or new.__defaults__ or new.__kwdefaults__ or old.co_freevars:
            return ABSENT
        # A lambda that nobody else held: it is gone, and was no more than its code.
        made = FunctionType(old, new.__globals__, new.__name__)
        made.__qualname__, made.__module__ = new.__qualname__, new.__module__
        return made
