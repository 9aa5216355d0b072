"""State across a reload: a three-way merge of a module's names.

# What the game has changed since it was loaded is kept; what it has not comes from the new source; if the statement
# itself was edited, the edit wins. This holds for every kind of value, functions and classes included: a variable may
# hold the current state of a machine, or a hook that the host has put in.
# Nothing here calls user code: changes are seen by identity, and inside containers and instances by comparing their
# members, by identity too, with a copy made after loading.
# Looking into values stays cheap however large they are: the outermost come first, and there is a limit.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from operator import is_
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.analysis import edited

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from livescripts._core.analysis import Binding

__all__ = ["Merged", "Snapshot", "members", "merge"]

_MISSING: Any = object()

# By id, since a class may have a metaclass with a `__hash__` of its own.
_DICTS = frozenset(map(id, (dict, defaultdict, OrderedDict, Counter)))
_SEQUENCES = frozenset(map(id, (list, tuple, deque)))
_SETS = frozenset(map(id, (set, frozenset)))

# Values without insides, which are most of them.
_ATOMS = frozenset(map(id, (int, float, complex, bool, str, bytes, type(None))))

# A script that makes a level of 100,000 tiles while loading must not cost frames: a look into a value takes a
# microsecond or two.
_LOOKS = 1_000


def members(value: object) -> list[object] | bytes | None:
    """The direct members of a container, keys and values in turn for a dict; None for anything else.

    Only for Python's own types: a subclass may have its own ideas of iteration. Two sets with the same members have
    them in the same order.
    """
    kind = type(value)
    if id(kind) in _DICTS:
        return [member for item in cast("dict[object, object]", value).items() for member in item]
    if id(kind) in _SEQUENCES:
        return list(cast("Iterable[object]", value))
    if id(kind) in _SETS:
        return sorted(cast("Iterable[object]", value), key=id)
    if kind is bytearray:
        return bytes(cast("bytearray", value))
    return None


def _same(before: list[object] | bytes, now: list[object] | bytes | None) -> bool:
    if isinstance(before, list) and isinstance(now, list):
        return len(before) == len(now) and all(map(is_, before, now))
    return before == now


@dataclass(frozen=True, slots=True, eq=False)
class _Inside:
    """The insides of `value` after loading, and which of them may have insides of their own."""

    value: object  # held, so that its id stays its own
    contents: list[object] | bytes
    deeper: list[object]


class Snapshot:
    """The values of a module right after it was loaded, to tell later what the game has changed.

    `attributes(value)` gives the attribute dict of instances whose insides count, or None.
    """

    __slots__ = ("_attributes", "_inside", "values")

    def __init__(self, values: Mapping[str, object], attributes: Callable[[object], dict[str, object] | None]) -> None:
        self.values = {name: value for name, value in values.items() if not _is_dunder(name)}
        self._attributes = attributes
        self._inside: dict[int, _Inside] = {}
        self._note(self.values.values())

    def _note(self, values: Collection[object]) -> None:
        """Remember the insides of these values, and of what they hold."""
        todo = deque(values)
        looks = len(values) + _LOOKS
        while todo and looks:
            value = todo.popleft()
            if id(type(value)) in _ATOMS or id(value) in self._inside:
                continue
            looks -= 1
            contents = self._look(value)
            if contents is None:
                continue
            # Asked of all members at once, which is much the fastest for a long list of numbers.
            plain = isinstance(contents, bytes) or _ATOMS.issuperset(map(id, map(type, contents)))
            deeper = [] if plain else [member for member in contents if id(type(member)) not in _ATOMS]
            self._inside[id(value)] = _Inside(value, contents, deeper)
            todo.extend(deeper)

    def _look(self, value: object) -> list[object] | bytes | None:
        contents = members(value)
        if contents is None:
            attributes = self._attributes(value)
            contents = None if attributes is None else members(attributes)
        return contents

    def private(self) -> list[object]:
        """The dicts and lists that this snapshot consists of."""
        lists = [part for inside in self._inside.values() for part in (inside.contents, inside.deeper)]
        return [self.values, self._inside, *lists]

    def refresh(self, containers: Collection[int]) -> None:
        """Other scripts registered in these containers (by `id`) while loading: that is not the game's doing.

        Leave out those that the game has changed as well (`altered`, asked before the registration): what it did there
        would be forgotten.
        """
        known = [self._inside.pop(key).value for key in containers if key in self._inside]
        self._note(known)

    def altered(self, container: object) -> bool:
        """Whether the game has changed the direct members of a container or instance that was looked into."""
        inside = self._inside.get(id(container))
        return inside is not None and not _same(inside.contents, self._look(container))

    def changed(self, name: str, value: object) -> bool:
        """Whether the game has rebound `name` to something else, or changed the insides of its value."""
        return self.values.get(name, _MISSING) is not value or any(map(self.altered, self._within(value)))

    def _within(self, value: object) -> Iterator[object]:
        """A value and everything in it that was looked into."""
        seen: set[int] = set()
        todo = [value]
        while todo:
            value = todo.pop()
            inside = self._inside.get(id(value))
            if inside is not None and id(value) not in seen:
                seen.add(id(value))
                yield value
                todo += inside.deeper


@dataclass(frozen=True, slots=True)
class Merged:
    """The values a module gets; and the names that are as the game left them, the deleted ones included."""

    values: dict[str, object]
    kept: tuple[str, ...]


def merge(
    loaded: Snapshot,
    live: Mapping[str, object],
    new: Mapping[str, object],
    before: Mapping[str, Binding],
    after: Mapping[str, Binding],
    code: Callable[[object], bool],
) -> Merged:
    """The values for a module whose source went from `before` to `after`.

    A name that the game has set, changed or deleted is as it left it, unless its statement was edited or is gone: then
    it is as in `new`. An edited statement that was not executed decides nothing. `before` and `after` should have the
    statements of imports, too. `code(value)` tells functions and classes: one of the old source that the game has put
    into a variable is kept as its new version.
    """
    values = dict(new)
    kept: list[str] = []
    heirs: dict[int, object] = {}
    for name, value in loaded.values.items():
        if name in new and code(value) and code(new[name]):
            # The first name is that of the definition: others can only be given after it.
            heirs.setdefault(id(value), new[name])
    for name in {**live, **new}:
        value = live.get(name, _MISSING)
        if _is_dunder(name) or not loaded.changed(name, value):
            continue
        if (name in new or name not in after) and edited(before.get(name), after.get(name)):
            continue
        if value is not _MISSING:
            values[name] = heirs.get(id(value), value)
        else:
            del values[name]
        kept.append(name)
    return Merged(values, tuple(kept))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
