"""The commit of the first scripts of a world, where there is nothing yet that could give way.

# Like any commit: each change registers its inverse before the next one is made.
# A game starts with this, and with a thousand scripts: what can only concern a running version is not asked.
"""

from __future__ import annotations

from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from livescripts._core.merging import SHALLOW, Snapshot
from livescripts._runtime.classes import class_values, classes_of
from livescripts._runtime.counterparts import closures, definitions
from livescripts._runtime.functions import counted
from livescripts._runtime.instances import attributes
from livescripts._runtime.modules import values_of
from livescripts._runtime.publishing import publish_scripts
from livescripts._runtime.state import class_state
from livescripts._runtime.swapping import refill
from livescripts._runtime.world import Script

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import ExitStack

    from livescripts._core.graph import Node
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.shelves import Scripts
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Companion, World

__all__ = ["arrive", "is_first"]


_clear = dict[str, Any].clear
_copied: Callable[[Any], dict[str, Any]] = vars(MappingProxyType)["copy"]  # of a class; quicker than `dict`
_update = dict[str, Any].update

# What a module gets from the import system. A `__getattr__` that a script defines stands in no closure.
_FURNISHED = frozenset(("__spec__", "__loader__", "__builtins__", "__getattr__"))


def is_first(world: World, removed: Sequence[str]) -> bool:
    """Whether nothing runs, and nothing lives on that ran."""
    return not (world.scripts or world.companions or world.orphans or world.left or removed)


def arrive(
    world: World,
    stage: Stage,
    entries: Sequence[Entry],
    companions: Mapping[str, Companion | None],
    undo: ExitStack,
) -> list[tuple[Entry, dict[str, type]]]:
    """Make these staged scripts the running ones. Returns the classes of each, by qualified name."""
    modules = [values_of(entry.module) for entry in entries]
    undo.callback(_refill, [(values, values.copy()) for values in modules])
    staged = stage.overlay.staged_contents(modules)
    # Loops in C: there may be thousands.
    deque(map(_clear, modules), maxlen=0)
    deque(map(_update, modules, staged), maxlen=0)
    created = [
        (entry, classes_of(values, entry.location.module)) for entry, values in zip(entries, modules, strict=True)
    ]
    publish_scripts(world, stage, entries, (), (), undo)
    undo.callback(_leave, world.scripts, [entry.path for entry in entries])
    for path in companions:
        world.companions.keep(path, undo)
    undo.callback(setattr, world, "graph", world.graph)
    nodes: dict[str, Node | None] = {}
    for entry, classes in created:
        script = world.scripts[entry.path] = _script(entry, classes)
        nodes[entry.path] = script.node()
    for path, companion in companions.items():
        if companion is not None:
            world.companions[path] = companion
    world.graph = world.graph.replace(nodes)
    return created


def _refill(before: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for values, contents in reversed(before):
        refill(values, contents)


def _leave(scripts: Scripts, paths: Sequence[str]) -> None:
    for path in paths:
        scripts.pop(path, None)


def _script(entry: Entry, classes: Mapping[str, type]) -> Script:
    own = values_of(entry.module).copy()
    for name in _FURNISHED:
        own.pop(name, None)
    everything: list[Any] = []
    copies: dict[str, dict[str, Any]] = {}
    for name, cls in classes.items():
        inside = class_values(cls)
        everything += inside.values()
        # An ordinary class is sifted when somebody asks.
        copies[name] = _copied(inside) if type(cls) is type else class_state(cls)
    kinds = {*map(id, map(type, everything))}
    deep = ["", *copies] if not kinds <= SHALLOW else [""]
    everything += own.values()
    kinds.update(map(id, map(type, own.values())))
    functions = closures(everything, kinds)
    return Script(
        entry.location,
        entry.module,
        entry.version,
        entry.exports,
        frozenset(entry.takes),
        Snapshot(own, attributes, copies, deep),
        entry.code,
        counted(definitions(functions)) if functions else {},
        registrations=tuple(entry.registrations),
        called=entry.called,
    )
