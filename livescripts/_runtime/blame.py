"""Why did a staged script fail, and what should be mended?

A script that fails because another one failed is *blocked*; only the other is broken.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from livescripts._core.graph import module_take
from livescripts._runtime.entries import State
from livescripts._runtime.failures import describe, problem_of
from livescripts._runtime.versions import source_line
from livescripts.errors import ClashError, CycleError, NameTakenError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.world import World

__all__ = ["blame"]


def blame(
    entry: Entry, error: BaseException, entries: Mapping[str, Entry], world: World, removed: Collection[str]
) -> None:
    """Put down why `entry` failed with `error`: as a problem of its own, or as blocked on another entry."""
    culprit = _culprit(entry, error, entries)
    if culprit is not None:
        entry.blocked_on = culprit.path
        return
    text = entry.version.text
    own: CycleError | NameTakenError | None = entry.cycle if entry.missing else None
    own = own or _name_taken(entry, entries, world, removed)
    if own is not None:
        own.__cause__ = error
        entry.problems.append(replace(problem_of(entry.path, text, error, describe(own)), error=own))
        return
    problem = problem_of(entry.path, text, error)
    if isinstance(error, ClashError):
        binding = entry.version.analysis.bindings.get(module_take(error.name)[1])
        if binding is not None:
            problem = replace(problem, line=binding.line, source_line=source_line(text, binding.line))
    entry.problems.append(problem)


def _culprit(entry: Entry, error: BaseException, entries: Mapping[str, Entry]) -> Entry | None:
    """The failed script because of which this one failed, if that is why."""
    for other in entries.values():
        if other is entry or other.state is not State.FAILED:
            continue
        if any(problem.error is error for problem in other.problems):
            return other
        for holder, name in entry.missing:
            module_wanted = other.location.module in {holder, f"{holder}.{name}"}
            if module_wanted or (other.location.holder == holder and other.may_define(name)):
                return other
    return None


def _name_taken(
    entry: Entry, entries: Mapping[str, Entry], world: World, removed: Collection[str]
) -> NameTakenError | None:
    """The error to report when `entry` failed for a name that the running version of another script has."""
    for take in sorted(entry.missing):
        for path, node in world.graph.nodes.items():
            if path != entry.path and (path in entries or path in removed) and node.offers(take):
                name = ".".join(part for part in take if part)
                return NameTakenError(name, (world.short(entry.path),), gone_from=world.short(path))
    return None
