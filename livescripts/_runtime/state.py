"""The state of a script across a reload: the three-way merge of `_core.merging`, for a staged script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livescripts._core.merging import Merged, merge
from livescripts._runtime.world import is_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.world import Script

__all__ = ["merge_state"]


def merge_state(entry: Entry, live: Script, now: Mapping[str, Any], staged: Mapping[str, Any]) -> Merged:
    """What the globals of `entry` should hold: `now` is what they hold in the running game, `staged` what its body made.

    A name that the script only imports is not merged on its own: it follows the script that it is imported from.
    """
    analysis = entry.version.analysis
    merged = merge(live.snapshot, now, staged, live.version.analysis.statements, analysis.statements, is_code)
    followed = {name for name in staged if name in analysis.imported and name not in analysis.bindings}
    values = merged.values | {name: staged[name] for name in followed}
    return Merged(values, tuple(name for name in merged.kept if name not in followed))
