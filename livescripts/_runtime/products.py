"""Which of the containers and instances that statements of both versions have made stay.

# Only what a statement certainly makes by itself is paired: the display or the call has to be in its text, and what is there
# has to be of that kind. What the game has put there is not the script's.
"""

from __future__ import annotations

import builtins
import re
from abc import ABCMeta
from collections import deque
from types import BuiltinFunctionType, ModuleType
from typing import TYPE_CHECKING, Any, cast
from weakref import getweakrefcount

from livescripts._core.merging import is_dict, is_plain, members
from livescripts._core.products import products
from livescripts._runtime.classes import builtin_base, class_values, inherited, kind_of, mro_of
from livescripts._runtime.instances import attributes
from livescripts._runtime.modules import values_of
from livescripts._runtime.swapping import is_container
from livescripts._runtime.world import is_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from livescripts._core.analysis import Analysis, Binding
    from livescripts._core.merging import Snapshot
    from livescripts._core.products import Pair, Path
    from livescripts._runtime.succession import Succession

__all__ = ["Foreseen", "Products", "Side", "alike"]

_NOTHING: Mapping[str, Any] = {}

_MOST = 500  # entries of a table, 25 microseconds each; of a level of ten thousand tiles, none
_CONTAINERS = frozenset(map(id, (list, tuple, dict, deque)))  # in an order that does not depend on identities

_BY_IDENTITY = class_values(object)["__hash__"]

# Without one of these a statement makes nothing that anybody could hold.
_MAKES = re.compile(r"[(\[{]")

# A call of these may well return an object that is everybody's.
_SHARED = (int, float, complex, str, bytes, tuple, frozenset, range, type, type(None))


class Side:
    """One version of a scope: what it holds, the statements that bind it, and, of a class, what the module around it holds."""

    def __init__(
        self, values: Mapping[str, Any], statements: Mapping[str, Binding], around: Mapping[str, Any] = _NOTHING
    ) -> None:
        self.values = values
        self.statements = statements
        self._around = around
        self._known: dict[tuple[str, int], bool] = {}

    def makes(self, maker: str | None, value: object) -> bool:
        """Whether this made the value: a display (""), or a call of what has this dotted name."""
        if maker is None:
            return False
        kind = kind_of(value)
        key = maker, id(kind)
        if key not in self._known:  # a table may have thousands of a kind
            self._known[key] = _is_made(kind) and self._is_maker(maker, kind)
        return self._known[key]

    def _is_maker(self, maker: str, kind: type) -> bool:
        if maker == "":
            return any(kind is each for each in (list, dict, set))
        first, *rest = maker.split(".")
        found: Any = self.values.get(first, self._around.get(first, vars(builtins).get(first)))
        for name in rest:
            if issubclass(type(found), ModuleType):
                found = values_of(found).get(name)
            else:
                found = class_values(found).get(name) if issubclass(cast("type[Any]", type(found)), type) else None
        return found is kind


class Foreseen:
    """What the texts of statements say of what they make: found ahead of the commit, in steps, or when it is asked."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Pair, ...]] = {}

    def of(self, before: str, after: str) -> tuple[Pair, ...]:
        """The pairs of two versions of a statement."""
        if (before, after) not in self._known:
            makes = _MAKES.search(before) and _MAKES.search(after)
            self._known[before, after] = tuple(products(before, after)) if makes else ()
        return self._known[before, after]

    def look(self, before: Analysis, after: Analysis) -> Iterator[None]:
        """Find out about all that two versions of a script have in common. A step is a statement: a table may be long."""
        scopes = [(before.bindings, after.bindings)]
        scopes += ((found, after.classes[name]) for name, found in before.classes.items() if name in after.classes)
        for ours, theirs in scopes:
            for name in ours.keys() & theirs.keys():
                if not ours[name].defines:
                    self.of(ours[name].text, theirs[name].text)
                    yield


class Products:
    """Decides for `succession`. `snapshots` are those of the scripts that gave way."""

    def __init__(self, succession: Succession, snapshots: Iterable[Snapshot], foreseen: Foreseen) -> None:
        self._foreseen = foreseen
        self._succession = succession
        self._heirs = succession.heirs
        self._snapshots = list(snapshots)

    def decide(self, before: Side, after: Side) -> None:
        """Compare what the names of a scope hold."""
        for name, new in after.values.items():
            old = before.values.get(name)
            if old is new or name not in before.statements or name not in after.statements:
                continue
            if is_plain(old) or is_plain(new) or is_code(new) or new in self._heirs:
                continue
            tuples: list[tuple[Any, Any]] = []
            ours, theirs = _Insides(self._loaded), _Insides(members)
            pairs = self._foreseen.of(before.statements[name].text, after.statements[name].text)
            for pair in pairs if len(pairs) <= _MOST else pairs[:1]:
                one, other = _at(old, pair.before.path, ours), _at(new, pair.after.path, theirs)
                if one is other or one in self._heirs or other in self._heirs:
                    continue
                if kind_of(one) is kind_of(other) is tuple:
                    tuples.append((one, other))
                elif before.makes(pair.before.maker, one) and after.makes(pair.after.maker, other):
                    self._decide(one, other, pair, within=bool(pair.after.path))
                    for mine, its in self._values(one, other):
                        if before.makes(pair.before.each, mine) and after.makes(pair.after.each, its):
                            self._decide(mine, its, pair, within=True)
            for one, other in reversed(tuples):  # the innermost first
                self._decide_tuple(one, other)

    def _loaded(self, value: object) -> list[object] | bytes | None:
        """What a value had in it when it was loaded."""
        found = (snapshot.loaded(value) for snapshot in self._snapshots)
        return next((inside for inside in found if inside is not None), None)

    def _values(self, old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
        """What two dicts have under the same numbers and texts."""
        found = self._loaded(old)
        if is_dict(old) and is_dict(new) and isinstance(found, list) and len(new) <= _MOST:
            for key, value in zip(found[::2], found[1::2], strict=True):
                if is_plain(key) and key in new and value is not new[key]:
                    yield value, new[key]

    def _decide(self, old: Any, new: Any, pair: Pair, *, within: bool) -> None:
        if is_container(new) and type(old) is type(new):
            self._heirs.add(new, old)
            if not within or pair.edited or not self._stays_altered(old):
                self._succession.refilled.append((old, new))
        elif within:
            self._decide_entry(old, new, pair)
        else:
            self._heirs.add(old, new)

    def _decide_entry(self, old: Any, new: Any, pair: Pair) -> None:
        kind, missed = kind_of(old), _is_missed(new)
        if kind is not self._heirs.final(kind_of(new)) or kind in self._heirs:
            self._heirs.add(old, new)
        elif builtin_base(kind) is not object:
            # Whether the game has changed what C code keeps in it cannot be told.
            if not pair.edited:
                self._heirs.add(new, old)
        elif not missed and alike(old, new, self._heirs.final):
            self._heirs.add(new, old)
        elif not missed and self._is_hashed_by_identity(old):
            # Whoever has it from the table sees the edit, and nobody has to be found.
            self._heirs.add(new, old)
            self._succession.instances.append((old, new))
            if pair.edited:
                self._succession.afresh.add(id(old))
        elif not pair.edited and self._stays_altered(old):
            self._heirs.add(new, old)
        else:
            self._heirs.add(old, new)

    @staticmethod
    def _is_hashed_by_identity(value: object) -> bool:
        """Whether it stays where it is in sets and dicts, whatever its attributes are."""
        hashed = inherited(kind_of(value), "__hash__")
        return hashed is None or hashed is _BY_IDENTITY

    def _stays_altered(self, value: object) -> bool:
        """Whether the game has changed something in what was loaded: then that stays so."""
        found = [snapshot for snapshot in self._snapshots if snapshot.altered_within(value)]
        self._succession.altered += ((snapshot, value) for snapshot in found)
        return bool(found)

    def _decide_tuple(self, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
        """One that is what it was, but for entries that stay. Of those without any, all the world may have the same one."""
        if len(old) != len(new) or not any(each in self._heirs for each in new):
            return
        final = self._heirs.final
        if all(alike(ours, theirs, final) for ours, theirs in zip(old, new, strict=True)):
            self._heirs.add(new, old)


def _is_missed(value: object) -> bool:
    """Whether somebody would be told that it goes, or has it weakly."""
    return inherited(kind_of(value), "__del__") is not None or bool(getweakrefcount(value))


def alike(one: Any, other: Any, final: Callable[[Any], Any], deep: int = 5) -> bool:
    """Whether two values say the same: numbers, texts, containers and instances that consist of what says the same, of kinds
    that are one by `final`.
    """
    if one is other or final(other) is one:
        return True
    kind = kind_of(one)
    if not deep or kind is not final(kind_of(other)):
        return False
    if is_plain(one):
        return one == other and repr(one) == repr(other)  # there are two zeros
    if id(kind) in _CONTAINERS:
        parts = members(one), members(other)
    elif builtin_base(kind) is object and kind is not object:
        ours, theirs = attributes(one), attributes(other)
        if ours is None or theirs is None or ours.keys() != theirs.keys():
            return False
        parts = [*ours.values()], [theirs[name] for name in ours]
    else:
        return False
    mine, its = parts
    if not isinstance(mine, list) or not isinstance(its, list) or not len(mine) == len(its) <= _MOST:
        return False
    return all(alike(a, b, final, deep - 1) for a, b in zip(mine, its, strict=True))


class _Insides:
    """What displays have in them, in the order of their text: of each asked once, though it may have thousands."""

    def __init__(self, members: Callable[[object], list[object] | bytes | None]) -> None:
        self._members = members
        self._known: dict[int, tuple[object, list[object]]] = {}

    def of(self, display: object) -> list[object]:
        """The values of a dict, or whatever is in another container; nothing of what is none."""
        if id(display) not in self._known:
            found = self._members(display)
            inside = found if isinstance(found, list) else []
            self._known[id(display)] = display, inside[1::2] if is_dict(display) else inside
        return self._known[id(display)][1]


def _at(value: Any, path: Path, insides: _Insides) -> Any:
    """What is there in nested displays; None if they are not what the text says."""
    for index, count in path:
        inside = insides.of(value)
        if len(inside) != count:
            return None
        value = inside[index]
    return value


def _is_made(kind: type[Any]) -> bool:
    """Whether each call of a class makes an object of its own, as far as one can tell without calling it."""
    if any(base is each for base in mro_of(kind) for each in _SHARED) or not any(
        kind_of(kind) is each for each in (type, ABCMeta)
    ):
        return False
    return type(inherited(kind, "__new__")) is BuiltinFunctionType
