"""Where users find what a commit loaded: modules in `sys.modules` and on their packages, names on their namespaces.

# Each step registers its inverse before the next one is made.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from livescripts._core.graph import module_take
from livescripts._core.names import parents
from livescripts._runtime.modules import Namespace, owners_of, publish, values_of
from livescripts._runtime.surroundings import packages_in_use
from livescripts._runtime.swapping import refill

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack
    from types import ModuleType

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Script, World

__all__ = ["publish_scripts"]


def publish_scripts(
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
    if written or removed or world.scripts or len(entries) < len(stage.entries):
        _show_names(world, entries, gone, written, undo)
    else:
        _show_all_names(world, stage, entries, undo)
    names = [script.location.module for script in gone]
    used = packages_in_use(stage, names)
    for name in names:
        if name in used:
            # The package lost its __init__.py; what is below keeps it alive, bare.
            module = world.modules[name]
            undo.callback(refill, values_of(module), dict(values_of(module)))
            refill(values_of(module), stage.overlay.staged_values(module))
        else:
            _unimport(world, name, undo)
    is_used = world.scripts.without(removed)
    for name in stage.overlay.emptied:
        if name in world.modules and not is_used(name):
            _unimport(world, name, undo)


def _add_modules(world: World, stage: Stage, entries: Sequence[Entry], undo: ExitStack) -> None:
    # The module of a merged script is nobody's attribute: importers never write its name.
    hidden: set[str] = set()
    committed: set[str] = set()
    needed: set[str] = set()
    packages: set[str] = set()
    for entry in entries:
        location = entry.location
        needed.add(location.module)
        packages.add(location.package)
        if location.layout == "merged":
            hidden.add(location.module)
        elif location.is_package:
            committed.add(location.module)
    needed.update(packages, *map(parents, packages))
    quiet: list[str] = []
    undo.callback(_forget, world, quiet)
    for name, module in stage.overlay.new_modules.items():
        if name not in world.modules and name in needed:
            if name in hidden:
                quiet.append(name)
                sys.modules[name] = world.modules[name] = module
                continue
            above, last = module_take(name)
            # A package that is committed as well has its final contents; it may have bound the name to something else.
            bound = above in committed and last in values_of(world.modules[above])
            _import(name, module, undo, attach=not bound)
            undo.callback(world.modules.pop, name, None)
            world.modules[name] = module


def _forget(world: World, names: list[str]) -> None:
    for name in names:
        sys.modules.pop(name, None)
        world.modules.pop(name, None)


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


def _show_all_names(world: World, stage: Stage, entries: Sequence[Entry], undo: ExitStack) -> None:
    """The same when these are the first, and all of the stage: what their namespaces show is staged as a whole."""
    for name in {entry.location.holder for entry in entries}:
        namespace = world.modules[name]
        if isinstance(namespace, Namespace):
            values, owners = values_of(namespace), owners_of(namespace)
            undo.callback(refill, values, dict(values))
            undo.callback(refill, owners, dict(owners))
            owners.update(stage.overlay.staged_contents([owners])[0])
            shown = stage.overlay.staged_values(namespace)
            values.update({name: owner[name] for name, owner in owners.items() if name in shown and name in owner})
            values["__all__"] = sorted(owners)


def _import(name: str, module: ModuleType, undo: ExitStack, *, attach: bool) -> None:
    undo.callback(sys.modules.pop, name, None)
    sys.modules[name] = module
    above, last = module_take(name)
    parent = sys.modules.get(above) if attach and above else None
    if parent is not None:
        if last in values_of(parent):
            undo.callback(values_of(parent).__setitem__, last, values_of(parent)[last])
        else:
            undo.callback(values_of(parent).pop, last, None)
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
