"""State of definitions that move to another file of their namespace: when a file is renamed, or cut in two.

File names do not matter to those who import from a namespace, so they must not matter to its state.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.versions import Version
    from livescripts._runtime.world import Script

__all__ = ["Heirloom", "heirlooms"]


@dataclass(frozen=True, slots=True)
class Heirloom:
    """Names that have left `script`, and that another script of its namespace defines from now on."""

    script: Script
    names: frozenset[str]


def heirlooms(stage: Stage, entry: Entry) -> tuple[Heirloom, ...]:
    """What an entry takes over from scripts of its namespace.

    A private name may have left several scripts, or have come to several: nobody knows which it was, so it stays behind.
    """
    scripts = stage.world.scripts
    new = _gained(entry) if scripts else None
    if not new:
        return ()
    holder = entry.location.holder
    others = [other for other in stage.entries.values() if other is not entry and other.location.holder == holder]
    for other in others:
        new -= _gained(other)
    left = {path: _names(scripts[path].version) for path in stage.removed if scripts[path].location.holder == holder}
    left |= {other.path: _names(other.live.version) - _names(other.version) for other in others if other.live}
    found: list[Heirloom] = []
    for path, names in left.items():
        elsewhere = frozenset[str]().union(*(lost for other, lost in left.items() if other != path))
        moved = (new & names) - elsewhere
        if moved:
            found.append(Heirloom(scripts[path], moved))
    return tuple(found)


def _gained(entry: Entry) -> frozenset[str]:
    if entry.location.layout != "merged":
        return frozenset()
    names = _names(entry.version)
    return names if entry.live is None else names - _names(entry.live.version)


def _names(version: Version) -> frozenset[str]:
    return frozenset({*version.analysis.names, *version.analysis.rebound})
