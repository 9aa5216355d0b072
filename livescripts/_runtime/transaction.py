"""The commit of one part of a stage.

# Rule 1: live state changes only in this file, and in what it calls with an `undo`.
# Rule 2: everything that can fail on purpose happens in `prepare`, before the first change.
# Rule 3: each change registers its inverse before the next one is made. If anything raises, all is taken back.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.graph import Node, module_take
from livescripts._core.merging import Snapshot
from livescripts._core.names import parents
from livescripts._runtime.classes import Lineage, adopt, class_values, move, refresh, retire
from livescripts._runtime.functions import class_function_pairs, function_pairs, patch
from livescripts._runtime.heap import Findings, rebind, search
from livescripts._runtime.modules import Namespace, owners_of, publish, values_of
from livescripts._runtime.pairing import pair_classes
from livescripts._runtime.sources import settle
from livescripts._runtime.state import merge_state
from livescripts._runtime.swapping import contents, is_container, refill
from livescripts._runtime.world import Companion, Script, World
from livescripts.report import ClassChange

if TYPE_CHECKING:
    import weakref
    from collections.abc import Iterable, Mapping, Sequence
    from types import CodeType, FunctionType, ModuleType

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage

__all__ = ["Changes", "commit"]


@dataclass(slots=True)
class Changes:
    """What a commit did, for the report and the callbacks."""

    created: list[type] = field(default_factory=list[type])
    updated: list[tuple[type, type]] = field(default_factory=list[tuple[type, type]])
    classes: list[ClassChange] = field(default_factory=list[ClassChange])
    migrated: int = 0
    stuck: int = 0
    rebound: int = 0
    kept: list[str] = field(default_factory=list[str])
    warnings: list[str] = field(default_factory=list[str])


@dataclass(slots=True)
class _Plan:
    """Everything a commit needs to know, worked out beforehand."""

    values: dict[str, dict[str, Any]]  # path -> what the module will hold
    snapshots: dict[str, Snapshot]
    pairs: list[tuple[type, type]]
    functions: list[tuple[FunctionType, FunctionType]]
    effects: list[tuple[Any, Any]]
    loaded: set[int]  # containers of other scripts, by identity, that hold what loading put in them and nothing else
    findings: Findings
    replaced: dict[int, tuple[object, object]]  # by identity: what a body made, and the live value that it gave way to
    changes: Changes
    lineages: dict[str, dict[str, Lineage]]  # path -> qualified name -> lineage
    orphans: dict[tuple[str, str], weakref.ref[type]]  # classes that lose their script, by where users found them


def commit(
    world: World,
    stage: Stage,
    entries: Sequence[Entry],
    removed: Sequence[str],
    companions: Mapping[str, Companion | None],
) -> Changes:
    """Make these staged scripts the running ones. All or nothing: raises what went wrong with the world as it was."""
    plan = _prepare(world, stage, entries, removed)
    with ExitStack() as undo:
        _apply(world, stage, entries, removed, companions, plan, undo)
        _settle_names(entries, removed, companions, undo)
        undo.pop_all()
    return plan.changes


def _settle_names(
    entries: Sequence[Entry], removed: Sequence[str], companions: Mapping[str, Companion | None], undo: ExitStack
) -> None:
    """Let tracebacks and `inspect` show the text that runs, not what the file says by now."""
    codes: dict[str, CodeType | None] = {path: c and c.version.code for path, c in companions.items()}
    codes.update((entry.path, entry.version.code) for entry in entries)
    codes.update(dict.fromkeys(removed))
    settle(codes, undo)


# ------------------------------------------------------------------ deciding


def _prepare(world: World, stage: Stage, entries: Sequence[Entry], removed: Sequence[str]) -> _Plan:
    changes = Changes()
    modules = {script.location.module for script in world.scripts.values()}
    modules.update(entry.location.module for entry in entries)
    attributes = _attributes_of_script_classes(modules)
    values: dict[str, dict[str, Any]] = {}
    snapshots: dict[str, Snapshot] = {}
    functions: list[tuple[FunctionType, FunctionType]] = []
    for entry in entries:
        staged = stage.staged_values(entry)
        snapshots[entry.path] = Snapshot({**staged, **entry.replaced}, attributes)
        if entry.live is None:
            values[entry.path] = staged
            continue
        live = stage.live_values(entry)
        merged = merge_state(entry, entry.live, live, staged)
        values[entry.path] = merged.values
        changes.kept += [f"{entry.location.holder}.{name}" for name in merged.kept]
        functions += function_pairs(live, staged, entry.location.module)
    pairing = pair_classes(stage, entries, [world.scripts[path] for path in removed], world.orphans)
    pairs, lineages = pairing.pairs, pairing.lineages
    for entry, name, new in pairing.created:
        changes.created.append(new)
        changes.classes.append(ClassChange(f"{entry.location.holder}.{name}", created=True))
    for old, new in pairs:
        functions += class_function_pairs(old, new, class_values(old)["__module__"])
    retired = [cls for found in lineages.values() for lineage in found.values() for cls in lineage.retired()]
    private = [*stage.overlay.private(), *values.values(), *_records(world, entries, removed), retired]
    private += [record for snapshot in snapshots.values() for record in snapshot.private()]
    private += [entry.replaced for entry in entries]
    replaced = _replaced(entries, values)
    findings = search([*(old for old, _ in pairs), *retired], [fresh for fresh, _ in replaced.values()], private)
    effects = stage.overlay.effects()
    others = [script.snapshot for path, script in world.scripts.items() if path not in values]
    loaded = {id(container) for container, _ in effects if not any(other.altered(container) for other in others)}
    return _Plan(
        values, snapshots, pairs, functions, effects, loaded, findings, replaced, changes, lineages, pairing.orphans
    )


def _replaced(entries: Sequence[Entry], values: Mapping[str, Mapping[str, Any]]) -> dict[int, tuple[object, object]]:
    """Containers and instances that new code holds in places other than the variable that was kept."""
    found: dict[int, tuple[object, object]] = {}
    for entry in entries:
        for name, fresh in entry.replaced.items():
            kept = values[entry.path].get(name)
            mutable = is_container(fresh) or class_values(type(fresh)).get("__module__") == entry.location.module
            if mutable and type(kept) is type(fresh) and kept is not fresh:
                found[id(fresh)] = (fresh, kept)
    return found


def _attributes_of_script_classes(modules: set[str]) -> Any:
    def attributes(value: object) -> dict[str, object] | None:
        kind = type(value)
        if class_values(kind).get("__module__") not in modules:
            return None
        try:
            found = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return None
        return cast("dict[str, object]", found) if type(found) is dict else None

    return attributes


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
    for entry in entries:
        _refill(values_of(entry.module), plan.values[entry.path], undo)
    for container, new in plan.effects:
        _refill(container, new, undo)
    changed = {id(container) for container, _ in plan.effects}
    written = [script for script in world.scripts.values() if id(values_of(script.module)) in changed]
    _publish(world, stage, entries, removed, written, undo)
    _migrate(plan, undo)
    for old, new in plan.functions:
        if not patch(old, new, undo):
            plan.changes.warnings.append(
                f"whoever holds {old.__module__}.{old.__qualname__} goes on with the old code: "
                "what it closes over, or the script that it is defined in, has changed"
            )
    _record(world, stage, entries, removed, companions, plan, undo)


def _refill(container: Any, new: Any, undo: ExitStack) -> None:
    undo.callback(refill, container, contents(container))
    refill(container, new)


def _publish(
    world: World,
    stage: Stage,
    entries: Sequence[Entry],
    removed: Sequence[str],
    written: Sequence[Script],
    undo: ExitStack,
) -> None:
    """Modules into `sys.modules` and onto their packages; names onto their namespaces.

    `written` are scripts of the live world whose globals staged code has set.
    """
    gone = [world.scripts[path] for path in removed]
    _add_modules(world, stage, entries, undo)
    _show_names(world, entries, gone, written, undo)
    used = stage.packages_in_use()
    for name in [script.location.module for script in gone]:
        if name in used:
            # The package lost its __init__.py; what is below keeps it alive, bare.
            module = world.modules[name]
            _refill(values_of(module), stage.overlay.staged_values(module), undo)
        else:
            _unimport(world, name, undo)
    left = [script.location for path, script in world.scripts.items() if path not in removed]
    in_use = {name for location in left for name in (location.module, location.package, *parents(location.module))}
    for name in stage.overlay.emptied:
        if name in world.modules and name not in in_use:
            _unimport(world, name, undo)


def _add_modules(world: World, stage: Stage, entries: Sequence[Entry], undo: ExitStack) -> None:
    # The module of a merged script is nobody's attribute: importers never write its name.
    hidden = {entry.location.module for entry in entries if entry.location.layout == "merged"}
    locations = [entry.location for entry in entries]
    committed = {location.module for location in locations if location.is_package}
    needed = {name for location in locations for name in (location.module, location.package, *parents(location.module))}
    for name, module in stage.overlay.new_modules.items():
        if name not in world.modules and name in needed:
            above, last = module_take(name)
            # A package that is committed as well has its final contents; it may have bound the name to something else.
            bound = above in committed and last in values_of(world.modules[above])
            _import(name, module, undo, attach=name not in hidden and not bound)
            undo.callback(world.modules.pop, name, None)
            world.modules[name] = module


def _show_names(
    world: World, entries: Sequence[Entry], gone: Sequence[Script], written: Sequence[Script], undo: ExitStack
) -> None:
    replaced = [entry.live for entry in entries if entry.live is not None]
    touched = {item.location.holder: world.modules[item.location.holder] for item in (*gone, *entries, *written)}
    namespaces = {name: module for name, module in touched.items() if isinstance(module, Namespace)}
    for namespace in namespaces.values():
        for values in (values_of(namespace), owners_of(namespace)):
            undo.callback(refill, values, dict(values))
    for script in (*gone, *replaced):
        namespace = namespaces.get(script.location.holder)
        if namespace is not None:
            for name in script.exports:
                owners_of(namespace).pop(name, None)
                values_of(namespace).pop(name, None)
    for item in (*written, *entries):
        namespace = namespaces.get(item.location.holder)
        if namespace is not None:
            publish(namespace, item.exports, values_of(item.module), item.version.analysis.rebound)
    for namespace in namespaces.values():
        values_of(namespace)["__all__"] = sorted(owners_of(namespace))


def _import(name: str, module: ModuleType, undo: ExitStack, *, attach: bool) -> None:
    undo.callback(sys.modules.pop, name, None)
    sys.modules[name] = module
    above, last = module_take(name)
    parent = sys.modules.get(above) if attach and above else None
    if parent is not None:
        undo.callback(refill, values_of(parent), dict(values_of(parent)))
        values_of(parent)[last] = module


def _unimport(world: World, name: str, undo: ExitStack) -> None:
    module = world.modules[name]
    undo.callback(world.modules.__setitem__, name, module)
    del world.modules[name]
    undo.callback(sys.modules.__setitem__, name, module)
    sys.modules.pop(name, None)
    above, last = module_take(name)
    parent = sys.modules.get(above) if above else None
    if parent is not None and values_of(parent).get(last) is module:
        undo.callback(values_of(parent).__setitem__, last, module)
        del values_of(parent)[last]


def _migrate(plan: _Plan, undo: ExitStack) -> None:
    """Retire the replaced classes and move what belongs to them."""
    changes = plan.changes
    successors: dict[type, type] = {}
    lineage_of = {id(lineage.current): lineage for found in plan.lineages.values() for lineage in found.values()}
    for old, new in plan.pairs:
        lineage = lineage_of[id(old)]
        earlier = lineage.retired()
        lineage.succeed(new)
        undo.callback(lineage.restore, old)
        for cls in (*earlier, old):
            successors[cls] = new
            retire(cls, lineage, undo)
    moved: dict[type, int] = dict.fromkeys((new for _, new in plan.pairs), 0)
    for old, instances in plan.findings.instances.items():
        new = successors[old]
        for instance in instances:
            undo.callback(move, instance, old)
            if move(instance, new):
                refresh(instance)
                moved[new] += 1
            else:
                changes.stuck += 1
    for old, new in plan.pairs:
        _adopt_subclasses(old, successors, changes, undo)
        changes.updated.append((old, new))
        name = f"{class_values(new)['__module__']}.{new.__qualname__}"
        changes.classes.append(ClassChange(name, created=False, migrated=moved[new]))
    changes.migrated = sum(moved.values())
    new = {id(old): cls for old, cls in successors.items()}
    changes.rebound = rebind(plan.findings.holders, new, undo)
    rebind(plan.findings.holders, {key: kept for key, (_, kept) in plan.replaced.items()}, undo)


def _adopt_subclasses(old: type, successors: Mapping[type, type], changes: Changes, undo: ExitStack) -> None:
    """Subclasses that no script defines, such as the host's own, get the new base."""
    for sub in type.__subclasses__(old):
        if sub in successors:
            continue
        reason = adopt(sub, tuple(successors.get(base, base) for base in sub.__bases__), undo)
        if reason is not None:
            changes.warnings.append(f"{sub.__module__}.{sub.__qualname__} keeps its old base: {reason}")


def _record(
    world: World,
    stage: Stage,
    entries: Iterable[Entry],
    removed: Sequence[str],
    companions: Mapping[str, Companion | None],
    plan: _Plan,
    undo: ExitStack,
) -> None:
    """The books: what is loaded now."""
    for book in (world.scripts, world.companions):
        undo.callback(refill, book, dict(book))
    undo.callback(setattr, world, "graph", world.graph)
    nodes: dict[str, Node | None] = dict.fromkeys(removed)
    for path in removed:
        del world.scripts[path]
    for entry in entries:
        script = Script(
            entry.location,
            entry.module,
            entry.version,
            entry.exports,
            frozenset(entry.takes),
            plan.snapshots[entry.path],
            1 if entry.live is None else entry.live.number + entry.saved,
            plan.lineages[entry.path],
            tuple(entry.registrations),
        )
        world.scripts[entry.path] = script
        nodes[entry.path] = script.node()
    for path, companion in companions.items():
        if companion is None:
            world.companions.pop(path, None)
        else:
            world.companions[path] = companion
    world.graph = world.graph.replace(nodes)
    undo.callback(refill, world.orphans, dict(world.orphans))
    for key, lineage in plan.orphans.items():
        world.orphans[key] = lineage
    for entry in entries:
        for name in plan.lineages[entry.path]:
            world.orphans.pop((entry.location.holder, name), None)
    for script in world.scripts.values():
        if script.path not in plan.values:
            script.snapshot.refresh(plan.loaded)
    del stage
