"""Who takes whose place in a commit: decided before anything changes.

# A loser gives way to its winner everywhere. Which of the two versions wins is decided object by object:
# - a class: the old one, wherever it can take over what the new one has; else the new one, and instances move;
# - a function, an untouched container: the old one, which gets the new contents; what cannot be filled so: the new one.
# So what is held keeps its identity, and little has to be found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime import enums
from livescripts._runtime.classes import (
    bases_of,
    class_values,
    fits,
    has_own_words,
)
from livescripts._runtime.counterparts import Counterparts
from livescripts._runtime.functions import fits as function_fits
from livescripts._runtime.products import Products, Side
from livescripts._runtime.state import GONE, class_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from livescripts._core.analysis import Binding
    from livescripts._core.merging import Snapshot
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.pairing import ClassPair, Pairing
    from livescripts._runtime.products import Foreseen
    from livescripts._runtime.retirement import Lineage
    from livescripts._runtime.state import State

__all__ = ["Heirs", "Scene", "Succession", "decide"]


class Heirs:
    """Losers and their winners, by identity."""

    def __init__(self) -> None:
        self.pairs: dict[int, tuple[object, object]] = {}

    def __contains__(self, thing: object) -> bool:
        return id(thing) in self.pairs

    def add(self, loser: object, winner: object) -> None:
        """`loser` gives way; whoever has a winner already keeps it."""
        if loser is not winner and self.final(winner) is not loser:
            self.pairs.setdefault(id(loser), (loser, winner))

    def final(self, thing: Any) -> Any:
        """Who is there in the end instead of `thing`."""
        while id(thing) in self.pairs:
            thing = self.pairs[id(thing)][1]
        return thing

    def settled(self) -> dict[int, tuple[object, object]]:
        """By the identity of each loser: it, and the winner that is no loser itself."""
        return {key: (loser, self.final(winner)) for key, (loser, winner) in self.pairs.items()}


@dataclass(slots=True)
class Scene:
    """A script that is committed, and its globals: `live` as they are in the running game, `made` as the new version's
    body left them, and `state`, what they and the classes are to hold.
    """

    entry: Entry
    live: Mapping[str, Any]
    made: Mapping[str, Any]
    state: State

    @property
    def staged(self) -> dict[str, Any]:
        """What the module will hold, before heirs take their places."""
        return self.state.values

    @property
    def loaded(self) -> Mapping[str, Any]:
        """What the running version's body had made; empty for a new script."""
        return {} if self.entry.live is None else self.entry.live.snapshot.scopes[""]


@dataclass(slots=True)
class Succession:
    """The decisions of a commit. `kept` and `moved` are classes; `patched` are functions whose old object stays,
    `forwarded` those that call their heir from now on; `redirected` likewise are classes that have become
    something else. `classes` are all classes that give way, those of earlier versions as well, with the winner and their
    lineage. `refilled` are containers whose old object stays, `instances`
    what a decorator made of a definition, and what stands in displays; `afresh` those, by identity, whose text was edited;
    `made` the attributes that they would have if the game had not changed any. `altered` is what stays as the game has changed it,
    with the snapshot that knows what it was. `rigid` are
    old named tuple classes, by identity, whose instances can never be of the new one.
    """

    heirs: Heirs = field(default_factory=Heirs)
    kept: list[ClassPair] = field(default_factory=list["ClassPair"])
    moved: list[ClassPair] = field(default_factory=list["ClassPair"])
    patched: list[tuple[FunctionType, FunctionType]] = field(default_factory=list[tuple[FunctionType, FunctionType]])
    forwarded: list[tuple[FunctionType, object]] = field(default_factory=list[tuple[FunctionType, object]])
    redirected: list[tuple[type, object]] = field(default_factory=list[tuple[type, object]])
    caches: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])
    partials: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])
    instances: list[tuple[object, object]] = field(default_factory=list[tuple[object, object]])
    refilled: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])
    classes: list[tuple[type, type, Lineage]] = field(default_factory=list["tuple[type, type, Lineage]"])
    afresh: set[int] = field(default_factory=set[int])
    altered: list[tuple[Snapshot, object]] = field(default_factory=list["tuple[Snapshot, object]"])
    made: list[tuple[object, dict[str, object]]] = field(default_factory=list[tuple[object, dict[str, object]]])
    rigid: set[int] = field(default_factory=set[int])
    warnings: list[str] = field(default_factory=list[str])

    def has_old_losers(self) -> bool:
        """Whether anything gives way that the game may hold: not only what the new versions have made beside it."""
        new = {id(pair.new) for pair in self.kept}
        for pairs in (self.patched, self.caches, self.partials, self.instances, self.refilled):
            new.update(id(after) for _, after in pairs)
        return not new.issuperset(self.heirs.pairs)

    def twos(self) -> Iterator[tuple[object, object]]:
        """Our own tuples of what gives way and what takes its place."""
        yield from (*self.patched, *self.forwarded, *self.redirected)
        yield from (*self.caches, *self.partials, *self.instances, *self.refilled)

    def note_classes(self) -> None:
        """Now is the time to ask lineages which classes are retired already: `kept` and `moved` are complete."""
        for pair in self.kept:
            self.classes += [(loser, pair.old, pair.lineage) for loser in (*pair.lineage.retired(), pair.new)]
        for pair in self.moved:
            self.classes += [(loser, pair.new, pair.lineage) for loser in (*pair.lineage.retired(), pair.old)]


def decide(
    scenes: list[Scene],
    gone: Mapping[tuple[str, str], Any],
    left: Iterable[FunctionType],
    pairing: Pairing,
    have_to_move: Callable[[ClassPair], bool],
    foreseen: Foreseen,
) -> Succession:
    """Decide all there is to decide.

    `gone` are the values of definitions that left their script, by holder and name; `left` are functions that an earlier
    commit left behind: their definition may be back. `have_to_move` tells whether something has to be done to each instance
    of an edited class that only a move makes sure of. `foreseen` tells what the texts of tables say.
    """
    succession = Succession()
    _decide_classes(pairing, have_to_move, succession)
    found = Counterparts(lambda one, other: succession.heirs.final(one) is succession.heirs.final(other))
    for scene in scenes:
        _compare(scene, gone, found)
    _meet_again(scenes, left, found)
    # What the game has set in a class since that of the new version was made is in the merge only, as yet.
    late = {
        id(scene.state.owners[name]): changes
        for scene in scenes
        if scene.entry.replaced
        for name, changes in scene.state.classes.items()
    }
    for pair in pairing.pairs:
        found.compare(class_values(pair.old), _settled(class_values(pair.new), late.get(id(pair.new))), pair.defines)
    _decide_functions(found, succession)
    snapshots = [scene.entry.live.snapshot for scene in scenes if scene.entry.live is not None]
    products = Products(succession, snapshots, foreseen)
    for scene in scenes:
        if scene.entry.live is not None:
            before, after = scene.entry.live.version.analysis.bindings, scene.entry.version.analysis.bindings
            products.decide(Side(scene.live, before), Side(scene.staged, after))
    around = {scene.entry.location.module: (scene.live, scene.staged) for scene in scenes}
    for pair in pairing.pairs:
        if _has_variables(pair):
            after = _settled(class_state(pair.new), late.get(id(pair.new)))
            live, staged = around[pair.entry.location.module]
            products.decide(Side(class_state(pair.old), pair.before, live), Side(after, pair.after, staged))
    return succession


def _settled(values: Mapping[str, Any], changes: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """What a class is to hold, before heirs take their places."""
    return {name: value for name, value in {**values, **changes}.items() if value is not GONE} if changes else values


# ------------------------------------------------------------------ classes


class _Verdicts:
    """Which of the old classes stay. Asked of bases and metaclasses first: what is below them depends on it."""

    def __init__(self, pairing: Pairing, have_to_move: Callable[[ClassPair], bool]) -> None:
        self._have_to_move = have_to_move
        self._by_new = {id(pair.new): pair for pair in pairing.pairs}
        self._by_old = {id(pair.old): pair for pair in pairing.pairs}
        self._stays: dict[int, bool] = {}

    def stays(self, pair: ClassPair) -> bool:
        """Whether the old class of this pair stays."""
        key = id(pair.new)
        if key not in self._stays:
            self._stays[key] = False  # a class is not above itself
            self._stays[key] = self._can_stay(pair) and (not pair.edited or self._can_be_edited(pair))
        return self._stays[key]

    def _final(self, cls: type) -> type:
        pair = self._by_new.get(id(cls))
        return pair.old if pair is not None and self.stays(pair) else cls

    def _can_stay(self, pair: ClassPair) -> bool:
        old, new = pair.old, pair.new
        metaclass = self._final(type(new))
        successor = self._by_old.get(id(type(old)))
        if type(old) is not metaclass and (successor is None or successor.new is not metaclass):
            return False
        if enums.is_enum(new) and not enums.same_members(old, new):
            return False
        return fits(old, new, tuple(map(self._final, bases_of(new))))

    def _can_be_edited(self, pair: ClassPair) -> bool:
        """Whether the edit can be made to the class as it is: with other attributes, and nothing else that is new."""
        old, new = pair.old, pair.new
        return (
            pair.at_home
            and bases_of(old) == tuple(map(self._final, bases_of(new)))
            and not enums.is_enum(old)
            and not enums.is_enum(new)
            and enums.fields_of(old) == enums.fields_of(new)
            and not has_own_words(old)
            and not has_own_words(new)
            and repr(class_values(old).get("__slots__")) == repr(class_values(new).get("__slots__"))
            # A class that had a `__new__` once does not go back to making instances as if it never had.
            and ("__new__" in class_values(old)) == ("__new__" in class_values(new))
            and not self._have_to_move(pair)
        )


def _decide_classes(pairing: Pairing, have_to_move: Callable[[ClassPair], bool], succession: Succession) -> None:
    for pair in pairing.pairs:
        pair.lineage.prune()
    verdicts = _Verdicts(pairing, have_to_move)
    for pair in pairing.pairs:
        (succession.kept if verdicts.stays(pair) else succession.moved).append(pair)
    succession.note_classes()
    for loser, winner, _ in succession.classes:
        succession.heirs.add(loser, winner)
    for pair in succession.kept:
        if enums.is_enum(pair.old):
            for new, old in enums.member_pairs(pair.new, pair.old):
                succession.heirs.add(new, old)
    for pair in succession.moved:
        if enums.is_named_tuple(pair.old) and enums.fields_of(pair.old) != enums.fields_of(pair.new):
            succession.rigid.add(id(pair.old))
        if enums.is_enum(pair.old) and enums.is_enum(pair.new):
            for old, new in enums.member_pairs(pair.old, pair.new):
                succession.heirs.add(old, new)
            succession.warnings += [
                f"{pair.name}.{name} is gone: whoever holds it keeps the old member"
                for name in enums.removed_members(pair.old, pair.new)
            ]


# ------------------------------------------------------------------ functions


def _compare(scene: Scene, gone: Mapping[tuple[str, str], Any], found: Counterparts) -> None:
    entry = scene.entry
    before: Mapping[str, Binding] = {} if entry.live is None else entry.live.version.analysis.bindings
    # A new script has nothing to compare: its statements are left alone.
    after: Mapping[str, Binding] = entry.version.analysis.bindings if before else {}

    def defined(name: str) -> bool:
        return name in before and name in after and before[name].defines and after[name].defines

    for name, binding in before.items():
        # A definition became a variable: whoever holds the one gets what the other has.
        if binding.defines and name in after and not after[name].defines:
            found.supersede(scene.live.get(name), scene.staged.get(name))

    found.compare(scene.live, scene.staged, defined)
    # The game may have put something else in the place of a function that is still held.
    found.compare(scene.loaded, scene.made, defined)
    for name, value in scene.staged.items():
        # It moved here from another file.
        if name not in scene.live and (entry.location.holder, name) in gone:
            binding = entry.version.analysis.bindings.get(name)
            if binding is not None:
                found.pair(gone[entry.location.holder, name], value, defined=binding.defines)


def _meet_again(scenes: list[Scene], left: Iterable[FunctionType], found: Counterparts) -> None:
    values = {scene.entry.location.module: scene.made for scene in scenes}
    for function in left:
        first, *rest = function.__qualname__.split(".")
        new: Any = values.get(function.__module__, {}).get(first)
        for name in rest:
            new = class_values(new).get(name) if issubclass(type(new), type) else None
        if type(new) is FunctionType and new.__qualname__ == function.__qualname__:
            found.pair(function, new, defined=True)


def _decide_functions(found: Counterparts, succession: Succession) -> None:
    heirs = succession.heirs
    for old, new in found.functions:
        # Asking for annotations makes a dict of them: now, so that the walk over the heap sees it.
        _ = new.__annotations__
        if function_fits(old, new):
            heirs.add(new, old)
            succession.patched.append((old, new))
        else:
            heirs.add(old, new)
            succession.forwarded.append((old, new))
    for old, new in found.caches:
        if _parameters(old) == _parameters(new):
            heirs.add(new, old)
            succession.caches.append((old, new))
        else:
            heirs.add(old, new)
    for old, new in found.instances:
        heirs.add(new, old)
        succession.instances.append((old, new))
    for old, new in found.partials:
        heirs.add(new, old)
        succession.partials.append((old, new))
    for old, new in found.others:
        if new in heirs and heirs.final(new) is old:
            continue
        if type(old) is FunctionType:
            succession.forwarded.append((old, new))
        elif issubclass(type(old), type):
            succession.redirected.append((cast("type", old), new))
        heirs.add(old, new)


def _parameters(cached: Any) -> object:
    return cached.__dict__["cache_parameters"]()


def _has_variables(pair: ClassPair) -> bool:
    """Whether both texts of a class set something that is no definition."""
    return any(name in pair.after and not binding.defines for name, binding in pair.before.items())
