"""What is around the scripts of a stage: the packages that they are in, and the modules that may refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livescripts._core.names import parents
from livescripts._runtime.modules import values_of
from livescripts._runtime.shelves import packages_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage

__all__ = ["packages_in_use", "surroundings", "tidy_packages"]


def tidy_packages(stage: Stage) -> None:
    """Packages that lose their own script stay while anything is below them; packages without anything go."""
    locations = [stage.world.scripts[path].location for path in stage.removed]
    gone = {location.module for location in locations}
    names = gone.union(*map(packages_of, locations)) & stage.world.modules.keys()
    kept = packages_in_use(stage, names)
    for name in sorted(names, reverse=True):
        script = stage.world.scripts.by_module.get(name)
        if name in stage.by_module or (script is not None and script.path not in stage.removed):
            continue
        if name not in kept:
            stage.overlay.empty(name)
        elif name in gone:
            stage.overlay.bare(name)


def packages_in_use(stage: Stage, names: Iterable[str]) -> set[str]:
    """Those of the packages called `names` that a script of the staged world is in, or that a directory hangs from."""
    used = {package for entry in stage.entries.values() for package in packages_of(entry.location)}
    for directory in stage.world.directories.values():
        used.update((directory.namespace, *parents(directory.namespace)))
    is_used = stage.world.scripts.without(stage.removed)
    return {name for name in names if name in used or is_used(name)}


def surroundings(stage: Stage, entries: Sequence[Entry], removed: Sequence[str], *, old: bool) -> list[dict[str, Any]]:
    """The dicts of those modules of ours that refer to what the new versions of these scripts made, or have it next.

    With `old` also those that may refer to what the running versions made.
    """
    nodes = stage.world.graph.nodes
    paths = [path for path in (*(entry.path for entry in entries), *removed) if path in nodes]
    if old:
        paths += stage.world.graph.dependants({path: [nodes[path]] for path in paths})
    scripts = [stage.world.scripts[path] for path in paths]
    modules = {id(script.module): script.module for script in scripts}
    modules.update((id(entry.module), entry.module) for entry in entries)
    holders = {script.location.holder for script in (*scripts, *entries)}
    modules.update(
        (id(stage.world.modules[name]), stage.world.modules[name]) for name in holders & stage.world.modules.keys()
    )
    return list(map(values_of, modules.values()))
