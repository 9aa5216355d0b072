"""The commit of the first scripts of a world, where there is nothing yet that could give way.

# Like any commit: each change registers its inverse before the next one is made.
# A game starts with this, and with a thousand scripts: what can only concern a running version is not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from livescripts._core.merging import Snapshot
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
    from collections.abc import Mapping, Sequence
    from contextlib import ExitStack
    from typing import Any

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Companion, World

__all__ = ["arrive", "is_first"]


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
) -> list[tuple[str, type]]:
    """Make these staged scripts the running ones. Returns their classes, with the full names."""
    created: list[tuple[str, type]] = []
    owners: list[dict[str, type]] = []
    before: list[tuple[dict[str, Any], dict[str, Any]]] = []
    undo.callback(_refill, before)
    for entry in entries:
        values = values_of(entry.module)
        before.append((values, dict(values)))
        refill(values, stage.staged_values(entry))
        owners.append(classes_of(values, entry.location.module))
    publish_scripts(world, stage, entries, (), (), undo)
    for entry in entries:
        world.scripts.keep(entry.path, undo)
    for path in companions:
        world.companions.keep(path, undo)
    undo.callback(setattr, world, "graph", world.graph)
    for entry, classes in zip(entries, owners, strict=True):
        world.scripts[entry.path] = _script(entry, classes)
        created += ((f"{entry.location.holder}.{name}", cls) for name, cls in classes.items())
    for path, companion in companions.items():
        if companion is not None:
            world.companions[path] = companion
    world.graph = world.graph.replace({path: script.node() for path, script in world.scripts.items()})
    return created


def _refill(before: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    for values, contents in reversed(before):
        refill(values, contents)


def _script(entry: Entry, classes: Mapping[str, type]) -> Script:
    values = values_of(entry.module)
    functions = closures(value for name, value in values.items() if name not in _FURNISHED)
    for cls in classes.values():
        functions += closures(class_values(cls).values())
    return Script(
        entry.location,
        entry.module,
        entry.version,
        entry.exports,
        frozenset(entry.takes),
        Snapshot(values, attributes, {name: class_state(cls) for name, cls in classes.items()}),
        entry.code,
        counted(definitions(functions)),
        registrations=tuple(entry.registrations),
        called=entry.called,
    )
