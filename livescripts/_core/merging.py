"""State across a reload: a three-way merge of the names of a module, and of the attributes of its classes.

# What the game has changed since it was loaded is kept; what it has not comes from the new source; if the statement
# itself was edited, the edit wins. This holds for every kind of value, functions and classes included: a variable may
# hold the current state of a machine, or a hook that the host has put in. `Keep` and `Fresh` overrule it.
# A scope is a module (its name is "") or a class (its name is its qualified name); the rule is the same for both.
# Nothing here calls user code: changes are seen by identity, and inside containers and instances by comparing their
# members, by identity too, with a copy made after loading.
# Looking into values stays cheap however large they are: the outermost come first, and there is a limit.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from dataclasses import dataclass
from operator import is_, itemgetter
from types import FunctionType, GetSetDescriptorType, MappingProxyType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.analysis import edited

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from livescripts._core.analysis import Binding

__all__ = [
    "Merged",
    "Scope",
    "Snapshot",
    "is_dict",
    "is_dunder",
    "is_plain",
    "is_row",
    "is_set",
    "members",
    "merge",
    "spelled",
]

_MISSING: Any = object()
_NOTHING: Mapping[int, object] = MappingProxyType({})

# How the texts of definitions begin.
_DEFINITIONS = ("def ", "class ", "async def ", "@")

# By id, since a class may have a metaclass with a `__hash__` of its own.
_DICTS = frozenset(map(id, (dict, defaultdict, OrderedDict, Counter)))
_SEQUENCES = frozenset(map(id, (list, tuple, deque)))
_SETS = frozenset(map(id, (set, frozenset)))

# Values without insides, which are most of them.
_ATOMS = frozenset(map(id, (int, float, complex, bool, str, bytes, type(None))))

# Those, and code, which is no state.
_BARE = _ATOMS | frozenset(map(id, (FunctionType, ModuleType, type)))

# How a class keeps what its instances have outside of their dicts.
_SLOTS = frozenset(map(id, (MemberDescriptorType, GetSetDescriptorType)))
SHALLOW = _BARE | _SLOTS
"""The identities of kinds of values that have no insides, as attributes of a class or names of a module."""

# A script that makes a level of 100,000 tiles while loading must not cost frames: a look into a value takes a
# microsecond or two.
_LOOKS = 1_000


def is_dict(value: object) -> bool:
    """Whether this is exactly one of Python's own dicts."""
    return id(type(value)) in _DICTS


def is_row(value: object) -> bool:
    """Whether this is exactly a list or a deque."""
    return type(value) is list or type(value) is deque


def is_set(value: object) -> bool:
    """Whether this is exactly a set."""
    return type(value) is set


def is_plain(value: object) -> bool:
    """Whether this is a number, a text or None."""
    return id(type(value)) in _ATOMS


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


@dataclass(slots=True, eq=False)
class _Inside:
    """The insides of `value` after loading, and which of them may have insides of their own."""

    value: object  # held, so that its id stays its own
    contents: list[object] | bytes
    deeper: list[object]


class Snapshot:
    """The values of a script right after it was loaded, to tell later what the game has changed.

    `values` is a copy of the module's dict, `classes` has copies of the dicts of its classes, by qualified name: they are the
    snapshot's own from then on. `deep`, if somebody has looked, names the scopes with values that may have insides. Names with
    two underscores around them are not looked at. `attributes(value)` gives the attributes of instances whose insides count,
    or None.
    """

    __slots__ = ("_copies", "_inside", "_scopes", "attributes")

    def __init__(
        self,
        values: dict[str, object],
        attributes: Callable[[object], dict[str, object] | None],
        classes: Mapping[str, dict[str, object]] = MappingProxyType({}),
        deep: Iterable[str] | None = None,
    ) -> None:
        self._copies = {"": values, **classes}
        self._scopes: dict[str, dict[str, object]] | None = None
        self.attributes = attributes
        self._inside: dict[int, _Inside] = {}
        some: list[object] = []
        for scope in self._copies if deep is None else deep:
            some += [
                value
                for name, value in self._copies[scope].items()
                if id(type(value)) not in SHALLOW and not name[:2] == "__" == name[-2:]
            ]
        if some:
            self._note(some)

    @property
    def scopes(self) -> dict[str, dict[str, object]]:
        """What counts, by scope: the module's in "", then the attributes of its classes by qualified name."""
        if self._scopes is None:
            # Of most scripts nobody ever asks.
            self._scopes = {
                scope: {
                    name: value
                    for name, value in found.items()
                    if not is_dunder(name) and not (scope and id(type(value)) in _SLOTS)
                }
                for scope, found in self._copies.items()
            }
            self._copies.clear()
        return self._scopes

    def _note(self, values: Collection[object]) -> None:
        """Remember the insides of these values, and of what they hold."""
        todo = deque([value for value in values if id(type(value)) not in _BARE])
        looks = len(values) + _LOOKS
        while todo and looks:
            value = todo.popleft()
            if id(type(value)) in _BARE or id(value) in self._inside:
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

    def _look(self, value: object, instead: Mapping[int, object] = _NOTHING) -> list[object] | bytes | None:
        contents = members(instead.get(id(value), value))
        if contents is None:
            attributes = self.attributes(value)
            contents = None if attributes is None else members(attributes)
        return contents

    def loaded(self, value: object) -> list[object] | bytes | None:
        """The members that a value had after loading, if it was looked into; see `members`."""
        inside = self._inside.get(id(value))
        return None if inside is None else inside.contents

    def accept(self, scope: str, name: str, value: object) -> None:
        """Another script set this name while loading: that is not the game's doing."""
        self.scopes[scope][name] = value
        self._note([value])

    def knows(self, value: object) -> bool:
        """Whether a value was looked into."""
        return id(value) in self._inside

    def carry(self, before: Snapshot, value: object, *, known: bool) -> None:
        """The game has changed this, and it stays: what was in it when `before` was made is what loading has made, of what is
        `known` by now, or of what is not.
        """
        found = {id(inner): before._inside[id(inner)] for inner in before._within(value)}
        self._inside.update((key, inside) for key, inside in found.items() if known or key not in self._inside)

    def expect(self, value: object, made: dict[str, object]) -> None:
        """Loading has made these attributes of an instance; what else is in it now is the game's doing."""
        contents = members(made) or []
        deeper = [member for member in contents if id(type(member)) not in _ATOMS]
        self._inside[id(value)] = _Inside(value, contents, deeper)

    def private(self) -> list[object]:
        """What this snapshot consists of: whatever refers to the values."""
        parts = [part for inside in self._inside.values() for part in (inside, inside.contents, inside.deeper)]
        return [self.scopes, *self.scopes.values(), self._copies, self._inside, *parts]

    def refresh(self, containers: Collection[int]) -> None:
        """Other scripts registered in these containers (by `id`) while loading: that is not the game's doing.

        Leave out those that the game has changed as well (`altered`, asked before the registration): what it did there
        would be forgotten.
        """
        known = [self._inside.pop(key).value for key in containers if key in self._inside]
        self._note(known)
        if known:
            # What was in them is nobody's any more.
            values = [value for found in self.scopes.values() for value in found.values()]
            there = {id(inner) for value in values for inner in self._within(value)}
            self._inside = {key: inside for key, inside in self._inside.items() if key in there}

    def altered(self, container: object, instead: Mapping[int, object] = _NOTHING) -> bool:
        """Whether the game has changed the direct members of a container or instance that was looked into.

        `instead` maps the identities of containers that show something else just now to what they hold in the game.
        """
        inside = self._inside.get(id(container))
        return inside is not None and not _same(inside.contents, self._look(container, instead))

    def altered_within(self, value: object) -> bool:
        """The same of a value and everything in it."""
        return any(map(self.altered, self._within(value)))

    def changed(self, name: str, value: object, scope: str = "", instead: Mapping[int, object] = _NOTHING) -> bool:
        """Whether the game has rebound `name` to something else, or changed the insides of its value."""
        if self.scopes[scope].get(name, _MISSING) is not value:
            return True
        return id(value) in self._inside and any(self.altered(inner, instead) for inner in self._within(value))

    def in_question(self, scope: str, live: Mapping[str, object]) -> set[str]:
        """The names of a scope that may be `changed`, going by what it holds now: hardly ever is it any."""
        before, inside = self.scopes[scope], self._inside
        found = {name for name, value in live.items() if before.get(name, _MISSING) is not value or id(value) in inside}
        found |= before.keys() - live.keys()
        return {name for name in found if not is_dunder(name)}

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
class Scope:
    """A scope on its way from one source to the next.

    `live` is what it holds in the running game, `new` what the new source made of it; `before` and `after` are the
    statements of the two sources, those of imports included.
    """

    live: Mapping[str, object]
    new: Mapping[str, object]
    before: Mapping[str, Binding]
    after: Mapping[str, Binding]


@dataclass(frozen=True, slots=True)
class Merged:
    """The values that each scope gets; and (scope, name) of what is as the game left it, the deleted included."""

    scopes: dict[str, dict[str, object]]
    kept: tuple[tuple[str, str], ...]


def merge(
    loaded: Snapshot,
    scopes: Mapping[str, Scope],
    code: Callable[[object], bool],
    instead: Mapping[int, object] = _NOTHING,
) -> Merged:
    """The values of scopes whose source was replaced. Those that `loaded` does not know come from the new source.

    A name that the game has set, changed or deleted is as it left it, unless its statement was edited or is gone: then
    it is as the new source has it. An edited statement that was not executed decides nothing. `code(value)` tells
    functions and classes: one of the old source that the game has put into a variable is kept as its new version.
    `instead` is for `Snapshot.altered`.
    """
    merged = {name: dict(scope.new) for name, scope in scopes.items()}
    known = {name: scope for name, scope in scopes.items() if name in loaded.scopes}
    kept = [
        (place, name)
        for place, scope in known.items()
        for name in _in_question(loaded, place, scope)
        if _keeps(loaded, place, scope, name, instead)
    ]
    heirs = _heirs(loaded, known, code) if kept else {}
    for place, name in kept:
        if name in known[place].live:
            value = known[place].live[name]
            merged[place][name] = heirs.get(id(value), value)
        else:
            del merged[place][name]
    return Merged(merged, tuple(kept))


def _in_question(loaded: Snapshot, place: str, scope: Scope) -> list[str]:
    """The names of a scope that may be as the game left them, or are to be."""
    found = loaded.in_question(place, scope.live)
    found.update(name for name, after in scope.after.items() if after.policy is not None and not is_dunder(name))
    return [name for name in {**scope.live, **scope.new} if name in found] if found else []


def _keeps(loaded: Snapshot, place: str, scope: Scope, name: str, instead: Mapping[int, object]) -> bool:
    """Whether a name stays as the game left it."""
    value = scope.live.get(name, _MISSING)
    after = scope.after.get(name)
    policy = None if after is None else after.policy
    if policy == "fresh":
        return False
    if policy == "keep" and value is not _MISSING:
        return value is not scope.new.get(name, _MISSING)
    if not loaded.changed(name, value, place, instead):
        return False
    return (name not in scope.new and after is not None) or not edited(scope.before.get(name), after)


def _heirs(loaded: Snapshot, scopes: Mapping[str, Scope], code: Callable[[object], bool]) -> dict[int, object]:
    """By the identity of functions and classes of the old source: what they are in the new one."""
    found: list[tuple[bool, int, object]] = []
    for place, scope in scopes.items():
        for name, value in loaded.scopes[place].items():
            if name in scope.new and code(value) and code(scope.new[name]):
                binding = scope.before.get(name)
                other = binding is None or not binding.text.startswith(_DEFINITIONS)
                found.append((other, id(value), scope.new[name]))
    # A definition says more than other names: those may mean something else by now. Then the first one counts.
    heirs: dict[int, object] = {}
    for _, key, value in sorted(found, key=itemgetter(0)):
        heirs.setdefault(key, value)
    return heirs


def spelled(scope: str, name: str) -> str:
    """A name as reports show it: "score", "Goblin.alive"."""
    return f"{scope}.{name}" if scope else name


def is_dunder(name: str) -> bool:
    """Whether Python, or the import system, sets this name."""
    return name.startswith("__") and name.endswith("__")
