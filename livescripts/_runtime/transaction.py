"""The commit of one part of a stage.

# Rule 1: live state changes only in this file, and in what it calls with an `undo`.
# Rule 2: everything that can fail on purpose happens in `prepare`, before the first change.
# Rule 3: each change registers its inverse before the next one is made. If anything raises, all is taken back.
"""

from __future__ import annotations

import gc
import weakref
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any

from livescripts._runtime.amending import amend, follow_edits, kept_by
from livescripts._runtime.arrival import arrive, is_first
from livescripts._runtime.classes import class_values, classes_of
from livescripts._runtime.counterparts import closures, definitions
from livescripts._runtime.following import Following, follow
from livescripts._runtime.functions import counted
from livescripts._runtime.instances import attributes
from livescripts._runtime.migration import migrate
from livescripts._runtime.modules import values_of
from livescripts._runtime.pairing import Pairing, pair_classes
from livescripts._runtime.patching import patch_functions
from livescripts._runtime.publishing import publish_scripts
from livescripts._runtime.rebinding import rebind
from livescripts._runtime.retirement import let_go
from livescripts._runtime.sources import settle
from livescripts._runtime.state import (
    GONE,
    merge_state,
    remember,
    replacements,
    set_while_loading,
    settle_classes,
)
from livescripts._runtime.succession import Scene, Succession, decide
from livescripts._runtime.surroundings import surroundings
from livescripts._runtime.swapping import contents, refill
from livescripts._runtime.visiting import Residents, Visit, initials, plan_visits, renewing, visit
from livescripts._runtime.weak import forget_answers_about, forget_answers_of
from livescripts._runtime.world import Companion, Script, World
from livescripts.report import ClassChange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import CodeType

    from livescripts._core.graph import Node
    from livescripts._core.merging import Snapshot
    from livescripts._runtime.amending import Amendment
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.registrations import Registration
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.versions import Version

__all__ = ["Changes", "commit"]


@dataclass(slots=True)
class Changes:
    """What a commit did, for the report and the callbacks.

    `visited` are instances with `@after_reload` methods that are still to be called, and the class that each was of.
    """

    created: list[type] = field(default_factory=list[type])
    updated: list[tuple[type, type]] = field(default_factory=list[tuple[type, type]])
    classes: list[ClassChange] = field(default_factory=list[ClassChange])
    migrated: int = 0
    stuck: int = 0
    rebound: int = 0
    kept: list[str] = field(default_factory=list[str])
    visited: list[tuple[object, type]] = field(default_factory=list[tuple[object, type]])
    retired: list[type] = field(default_factory=list[type])
    warnings: list[str] = field(default_factory=list[str])

    def close(self) -> None:
        """All that were to be told of the classes have been: what nobody else holds may go."""
        self.visited.clear()
        self.updated.clear()
        self.created.clear()
        let_go(self.retired)
        self.retired.clear()


@dataclass(slots=True)
class _Plan:
    """Everything a commit needs to know, worked out beforehand."""

    scenes: list[Scene]
    pairing: Pairing
    succession: Succession
    following: Following
    visits: list[Visit]
    effects: list[tuple[Any, Any]]
    loaded: set[int]  # containers of other scripts, by identity, that hold what loading put in them and nothing else
    loaded_names: list[tuple[Snapshot, str, str, object]]  # what other scripts set while they were loaded
    private: list[Any]
    changes: Changes
    left: list[FunctionType] = field(default_factory=list["FunctionType"])  # those that go on with the old code


def commit(
    world: World,
    stage: Stage,
    entries: Sequence[Entry],
    removed: Sequence[str],
    companions: Mapping[str, Companion | None],
    amendments: Sequence[Amendment] = (),
    *,
    told: bool = True,
) -> Changes:
    """Make these staged scripts the running ones, and amend others. All or nothing: raises what went wrong with the world
    as it was.

    Unless anybody is `told`, the classes that the first scripts of a world bring are not listed.
    """
    if is_first(world, removed):
        changes = Changes()
        with ExitStack() as undo:
            created = arrive(world, stage, entries, companions, undo)
            for entry, classes in created if told else ():
                changes.created += classes.values()
                changes.classes += (ClassChange(f"{entry.location.holder}.{name}", created=True) for name in classes)
            _settle_names([(entry.path, entry.version) for entry in entries], removed, companions, undo)
            undo.pop_all()
        return changes
    edits = [amendment for amendment in amendments if amendment.is_edit]
    plan = _prepare(world, stage, entries, removed) if entries or removed or stage.overlay.effects() else None
    changes = Changes() if plan is None else plan.changes
    following = follow_edits(edits)
    versions = [*((entry.path, entry.version) for entry in entries), *((e.script.path, e.version) for e in edits)]
    with ExitStack() as undo:
        amend(amendments, undo)
        _take_anew(world, [edit.script for edit in edits], undo)
        forget_answers_about([cls for each in edits for cls in each.classes.values()], undo)
        forget_answers_of([cls for each in edits for cls in each.defined], undo)
        left = patch_functions([], Succession(), following, (), changes.warnings, undo)
        if plan is not None:
            plan.left += left
            _apply(world, stage, entries, removed, companions, plan, undo)
        else:
            _record_companions(world, companions, undo)
            undo.callback(setattr, world, "left", world.left)
            world.left = [*world.left, *map(weakref.ref, left)]
        _settle_names(versions, removed, companions, undo)
        for amendment, kept in kept_by(amendments, stage.moment):
            holder = amendment.script.location.holder
            changes.kept += (f"{holder}.{name}" for name in kept)
            for name, cls in amendment.classes.items():
                changes.updated.append((cls, cls))
                changes.classes.append(ClassChange(f"{holder}.{name}" if holder else name, created=False))
        undo.pop_all()
    return changes


def _settle_names(
    versions: Iterable[tuple[str, Version]],
    removed: Sequence[str],
    companions: Mapping[str, Companion | None],
    undo: ExitStack,
) -> None:
    """Let tracebacks and `inspect` show the text that runs, not what the file says by now."""
    codes: dict[str, CodeType | None] = {path: c and c.version.code for path, c in companions.items()}
    codes.update((path, version.code) for path, version in versions)
    codes.update(dict.fromkeys(removed))
    settle(codes, undo)


# ------------------------------------------------------------------ deciding


def _prepare(world: World, stage: Stage, entries: Sequence[Entry], removed: Sequence[str]) -> _Plan:
    changes = Changes()
    scenes: list[Scene] = []
    for entry in entries:
        state = merge_state(stage, entry)
        entry.replaced = {**state.replaced, **entry.replaced}
        scenes.append(Scene(entry, stage.live_values(entry), _as_made(stage.staged_values(entry), entry), state))
        changes.kept += [f"{entry.location.holder}.{name}" for name in state.kept]
    gone = [world.scripts[path] for path in removed]
    pairing = pair_classes(stage, entries, gone, world.orphans)
    for entry, name, new in pairing.created:
        changes.created.append(new)
        changes.classes.append(ClassChange(f"{entry.location.holder}.{name}", created=True))
    left = [function for ref in world.left if (function := ref()) is not None]
    initial_of = initials(world, scenes)
    residents = Residents(pairing.pairs, initial_of, stage.meter)
    succession = decide(scenes, _moved_away(scenes, gone), left, pairing, residents.have_to_move, stage.foreseen)
    private = [*stage.overlay.private(), *_records(world, entries, removed), scenes, pairing.pairs]
    for scene in scenes:
        private += [scene.live, scene.made, scene.entry.replaced, *scene.state.private()]
        for fresh, kept in replacements(scene.entry, scene.state).values():
            succession.heirs.add(fresh, kept)
    leaving = succession.has_old_losers() or bool(pairing.orphans)
    known: list[Any] = [*surroundings(stage, entries, removed, old=leaving)]
    for entry in entries:
        known += (
            item for _, items in entry.registrations for item in items
        )  # `_registered` puts heirs in their places
    known += (old for old, _ in succession.refilled)
    visits = list(plan_visits(succession, residents, initial_of))
    with stage.meter.measuring("finding"):
        moving = {id(pair.old) for pair in succession.moved}
        found = {key: instances for key, instances in residents.found.items() if key not in moving}
        following = follow(scenes, succession, [v.cls for v in visits if id(v.cls) not in found], private, known, left)
        following.instances.update(found)
    late = frozenset[int]().union(*(scene.state.late for scene in scenes))
    effects = [effect for effect in stage.overlay.effects() if id(effect[0]) not in late]
    effects += [found for scene in scenes for found in scene.state.registered]
    paths = {entry.path for entry in entries}
    others = [script for path, script in world.scripts.items() if path not in paths] if effects else []
    loaded = {
        id(container) for container, _ in effects if not any(other.snapshot.altered(container) for other in others)
    }
    loaded_names = set_while_loading(others, effects)
    return _Plan(scenes, pairing, succession, following, visits, effects, loaded, loaded_names, private, changes)


def _as_made(staged: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    """What the body of a script made, whatever of it has given way."""
    fresh = {name: value for (scope, name), value in entry.replaced.items() if not scope}
    return {name: value for name, value in {**staged, **fresh}.items() if value is not GONE}


def _moved_away(scenes: Sequence[Scene], gone: Sequence[Script]) -> dict[tuple[str, str], Any]:
    """What scripts offered and do so no longer, by holder and name: another file may define it now."""
    found: dict[tuple[str, str], Any] = {}
    for script in gone:
        values = values_of(script.module)
        found.update(((script.location.holder, name), values[name]) for name in script.exports if name in values)
    for scene in scenes:
        if scene.entry.live is not None:
            names = [name for name in scene.entry.live.exports if name in scene.live and name not in scene.staged]
            found.update(((scene.entry.location.holder, name), scene.live[name]) for name in names)
    return found


def _records(world: World, entries: Sequence[Entry], removed: Sequence[str]) -> list[object]:
    """Our own books about the scripts that are about to change: no references to rebind there."""
    scripts = [world.scripts[path] for path in removed]
    scripts += [entry.live for entry in entries if entry.live is not None]
    records: list[object] = []
    for script in scripts:
        records += script.snapshot.private()
    return records


# ------------------------------------------------------------------ doing


def _apply(
    world: World,
    stage: Stage,
    entries: Sequence[Entry],
    removed: Sequence[str],
    companions: Mapping[str, Companion | None],
    plan: _Plan,
    undo: ExitStack,
) -> None:
    final = plan.succession.heirs.final
    for scene in plan.scenes:
        values = {name: final(value) for name, value in scene.state.values.items()}
        _refill(values_of(scene.entry.module), values, undo)
        if scene.entry.replaced:  # otherwise they are as the body has made them
            settle_classes(scene.state, undo)
    for container, new in plan.effects:
        _refill(container, new, undo)
    for old, new in plan.succession.refilled:
        _refill(old, contents(new), undo)
    changed = {id(container) for container, _ in plan.effects}
    by_globals = world.scripts.by_globals
    written = [by_globals[key] for key in changed & by_globals.keys()]
    scripts = world.scripts.by_module.keys()
    plan.left += patch_functions(plan.scenes, plan.succession, plan.following, scripts, plan.changes.warnings, undo)
    _migrate(plan, undo)
    publish_scripts(world, stage, entries, removed, written, undo)
    _renew_late(plan, undo)
    plan.changes.visited += visit(plan.visits, plan.following, plan.changes.warnings, undo)
    with stage.meter.measuring("finding"):
        _rebind(world, plan, undo)
    _record(world, entries, removed, companions, plan, undo)


def _refill(container: Any, new: Any, undo: ExitStack) -> None:
    undo.callback(refill, container, contents(container))
    refill(container, new)


def _migrate(plan: _Plan, undo: ExitStack) -> None:
    changes = plan.changes
    outcome = migrate(plan.succession, plan.following, undo)
    for pair in plan.succession.moved:
        changes.updated.append((pair.old, pair.new))
        changes.classes.append(ClassChange(pair.name, created=False, migrated=outcome.moved[id(pair.new)]))
    for pair in plan.succession.kept:
        if pair.edited:
            changes.updated.append((pair.old, pair.old))
            changes.classes.append(ClassChange(pair.name, created=False))
    changes.retired += (loser for loser, _, _ in plan.succession.classes if id(loser) not in plan.following.free)
    changes.migrated = sum(outcome.moved[id(pair.new)] for pair in plan.succession.moved)
    changes.stuck = outcome.stuck
    changes.warnings += [*plan.succession.warnings, *outcome.warnings]


def _renew_late(plan: _Plan, undo: ExitStack) -> None:
    """Instances that no walk finds get what is new when they move."""
    lineages = {id(pair.old): pair.lineage for pair in plan.succession.moved}
    for each in plan.visits:
        lineage = lineages.get(id(each.cls))
        if lineage is not None and (each.additions or each.cached):
            undo.callback(setattr, lineage, "renewals", lineage.renewals)
            lineage.renew(renewing(each.additions, each.cached, lineage.current))


def _rebind(world: World, plan: _Plan, undo: ExitStack) -> None:
    """Whoever refers to what has given way refers to its heir."""
    written = [container for container, _ in plan.effects]
    written += [old for old, _ in plan.succession.refilled]
    holders = plan.following.holders
    holders += written
    heirs = plan.succession.heirs.settled()
    hidden = [*plan.private, *plan.succession.heirs.pairs.values(), *plan.succession.twos()]
    made = plan.following.made
    around = [*written, *_around(world, plan)] if made else []
    plan.changes.rebound = rebind(heirs, holders, undo, hidden=hidden, known=made, around=around)


def _around(world: World, plan: _Plan) -> Iterator[object]:
    """Who holds what the new scripts have made, as far as that is likely: modules, classes, and what functions hold."""
    for scene in plan.scenes:
        yield values_of(scene.entry.module)
        yield values_of(world.modules[scene.entry.location.holder])
    for pair in (*plan.succession.kept, *plan.succession.moved):
        yield from (gc.get_referents(class_values(cls))[0] for cls in (pair.old, pair.new))
    for thing in {id(thing): thing for two in plan.succession.twos() for thing in two}.values():
        yield thing
        yield from (each for each in gc.get_referents(thing) if type(each) is tuple or type(each) is CellType)
        if type(thing) is FunctionType:
            yield from (thing.__kwdefaults__ or {}, *(thing.__closure__ or ()))


def _record(
    world: World,
    entries: Iterable[Entry],
    removed: Sequence[str],
    companions: Mapping[str, Companion | None],
    plan: _Plan,
    undo: ExitStack,
) -> None:
    """The books: what is loaded now."""
    undo.callback(setattr, world, "graph", world.graph)
    nodes: dict[str, Node | None] = dict.fromkeys(removed)
    for path in (*removed, *(entry.path for entry in entries)):
        world.scripts.keep(path, undo)
    for path in removed:
        del world.scripts[path]
    for scene in plan.scenes:
        entry = scene.entry
        script = Script(
            entry.location,
            entry.module,
            entry.version,
            entry.exports,
            frozenset(entry.takes),
            _remember(scene, plan.succession),
            entry.code,
            counted(definitions(closures([*_values_and_attributes(entry)]))),
            1 if entry.live is None else entry.live.number + entry.saved,
            plan.pairing.lineages[entry.path],
            _registered(entry, plan.succession),
            entry.called,
        )
        world.scripts[entry.path] = script
        nodes[entry.path] = script.node()
    _record_companions(world, companions, undo)
    world.graph = world.graph.replace(nodes)
    undo.callback(refill, world.orphans, dict(world.orphans))
    world.orphans.update(plan.pairing.orphans)
    for key in [key for key, orphan in world.orphans.items() if orphan() is None]:
        del world.orphans[key]
    undo.callback(setattr, world, "left", world.left)
    patched = {id(old) for old, _ in (*plan.succession.patched, *plan.succession.forwarded)}
    strays = {id(function) for function, _, _ in plan.following.strays}
    still = [ref for ref in world.left if id(ref()) not in patched | strays and ref() is not None]
    world.left = [*still, *map(weakref.ref, plan.left)]
    for entry in entries:
        for name in plan.pairing.lineages[entry.path]:
            world.orphans.pop((entry.location.holder, name), None)
    paths = {entry.path for entry in entries}
    final = plan.succession.heirs.final
    for script in world.scripts.values() if plan.loaded else ():
        if script.path not in paths:
            script.snapshot.refresh(plan.loaded)
    for snapshot, scope, name, value in plan.loaded_names:
        snapshot.accept(scope, name, final(value))


def _remember(scene: Scene, succession: Succession) -> Snapshot:
    """What to compare with from now on: what the game has changed goes on being its doing."""
    snapshot = remember(scene.entry, scene.state, attributes)
    for value, made in succession.made:
        if snapshot.knows(value):
            snapshot.expect(value, made)
    filled: set[int] = set()
    if succession.altered:  # hardly ever, and there may be hundreds of scripts
        filled = {id(old) for old, _ in (*succession.refilled, *succession.instances)}
    for before, value in succession.altered:
        if snapshot.knows(value) and id(value) not in filled:
            snapshot.carry(before, value, known=True)
    return snapshot


def _take_anew(world: World, scripts: Iterable[Script], undo: ExitStack) -> None:
    """These may have taken something else while they were loaded."""
    nodes: dict[str, Node | None] = {script.path: script.node() for script in scripts}
    changed = {path: node for path, node in nodes.items() if node != world.graph.nodes.get(path)}
    if changed:
        undo.callback(setattr, world, "graph", world.graph)
        world.graph = world.graph.replace(changed)


def _record_companions(world: World, companions: Mapping[str, Companion | None], undo: ExitStack) -> None:
    for path, companion in companions.items():
        world.companions.keep(path, undo)
        if companion is None:
            world.companions.pop(path, None)
        else:
            world.companions[path] = companion


def _values_and_attributes(entry: Entry) -> list[Any]:
    values = values_of(entry.module)
    found = [*values.values()]
    for cls in classes_of(values, entry.location.module).values():
        found += class_values(cls).values()
    return found


def _registered(entry: Entry, succession: Succession) -> tuple[Registration, ...]:
    """What a script has put into containers of others, as it is there by now."""
    final = succession.heirs.final
    return tuple(
        (final(container), [(final(key), final(member)) for key, member in items])
        for container, items in entry.registrations
    )
