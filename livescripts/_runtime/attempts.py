"""What is staged at once: saved files, sorted by kind, and the parts that stand or fall together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from livescripts._core.graph import Node, module_take
from livescripts._core.names import parents
from livescripts._core.parts import Member, parting
from livescripts._runtime.entries import State
from livescripts._runtime.failures import describe
from livescripts._runtime.versions import Broken, Version
from livescripts._runtime.world import Companion, World
from livescripts.errors import ClashError, DirectoryError
from livescripts.report import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from livescripts._core.names import Location
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage

__all__ = ["Attempt", "Saved", "companions_to_run", "find_parts", "problems_of", "sort"]

Saved: TypeAlias = "Version | Broken | None"
"""A saved file: one that compiles, one that does not, or None for one that is gone."""


@dataclass(slots=True)
class Attempt:
    """What is staged at once, sorted by kind.

    `saved` is all of it, by path; `versions` are scripts, `broken` what cannot be executed, `removed` scripts that are gone,
    `companions` files of unit tests (None: gone). `tests_run` are those whose tests were run, `failed_tests` what was wrong with
    them. `files` are paths as reports have them.
    """

    saved: dict[str, Saved]
    versions: dict[str, tuple[Location, Version]] = field(default_factory=dict[str, "tuple[Location, Version]"])
    broken: dict[str, Broken] = field(default_factory=dict[str, Broken])
    removed: list[str] = field(default_factory=list[str])
    companions: dict[str, Companion | None] = field(default_factory=dict[str, "Companion | None"])
    failed_tests: dict[str, list[Problem]] = field(default_factory=dict[str, "list[Problem]"])
    tests_run: dict[str, Companion] = field(default_factory=dict[str, Companion])
    files: dict[str, Path] = field(default_factory=dict[str, Path])


def sort(
    world: World, saved: dict[str, Saved], hidden: Callable[[Location], str | None]
) -> Generator[None, None, Attempt]:
    """Tell what was saved apart. `hidden(location)` tells why a script must not be loaded there, or None."""
    attempt = Attempt(saved)
    for path, version in saved.items():
        yield
        script = world.scripts.get(path)
        if script is not None:
            location = script.location
        else:
            directory = world.directory_of(path)
            location = None if directory is None else directory.locate(path)
            if location is not None and not isinstance(location, str):
                location = hidden(location) or location
        if version is None:
            if path in world.scripts:
                attempt.removed.append(path)
            elif path in world.companions:
                attempt.companions[path] = None
        elif isinstance(version, Broken):
            attempt.broken[path] = version
        elif location is None or isinstance(location, str):
            message = location or "is in no registered script directory"
            problem = Problem(Path(path), None, "", message, DirectoryError(message))
            attempt.broken[path] = Broken(version.digest, version.data, problem)
        elif location.tests is not None:
            attempt.companions[path] = Companion(location, version)
        else:
            attempt.versions[path] = (location, version)
    _refuse_doubles(world, attempt)
    return attempt


def _refuse_doubles(world: World, attempt: Attempt) -> None:
    """Two files that would be one module: `x.py` beside `x/__init__.py`."""
    owner: dict[str, str] = {}
    for location, _ in attempt.versions.values():
        script = world.scripts.by_module.get(location.module)
        if script is not None and script.path not in attempt.versions and script.path not in attempt.removed:
            owner[location.module] = script.path
    for path in sorted(attempt.versions):
        location, version = attempt.versions[path]
        other = owner.setdefault(location.module, path)
        if other != path:
            error = ClashError(location.module, (world.short(other), world.short(path)))
            problem = Problem(Path(path), None, "", describe(error), error)
            attempt.broken[path] = Broken(version.digest, version.data, problem)
            del attempt.versions[path]


# ------------------------------------------------------------------ what is to be run, and what belongs together


def companions_to_run(stage: Stage, attempt: Attempt) -> list[Companion]:
    """The files of unit tests that were saved, that test what was executed, or that take something from it."""
    chosen = {path: companion for path, companion in attempt.companions.items() if companion is not None}
    nodes = [entry.node() for entry in stage.entries.values()] if stage.world.companions else []
    for path in stage.world.companions.touched_by(stage.entries, nodes) - attempt.companions.keys():
        companion = stage.world.companions[path]
        # A copy, because what it takes belongs to this attempt only.
        chosen[path] = Companion(companion.location, companion.version, companion.takes)
    return [chosen[path] for path in sorted(chosen)]


def find_parts(stage: Stage, attempt: Attempt) -> Generator[None, None, tuple[frozenset[str], ...]]:
    """The independent parts of an attempt that have something saved in them."""
    members: dict[str, Member] = dict.fromkeys(attempt.saved, Member())
    for path, companion in {**attempt.companions, **attempt.tests_run}.items():
        if companion is not None:
            members[path] = Member(takes=companion.takes, tied=frozenset((companion.location.tests or path,)))
    live = stage.world.graph.nodes
    modules = {*stage.overlay.new_modules, *stage.overlay.emptied}
    for path in (*attempt.removed, *attempt.broken):
        script = stage.world.scripts.get(path)
        packages = () if script is None else _package_nodes(script.location, modules)
        members[path] = Member((live[path],) if path in live else (), packages)
    for path, entry in stage.entries.items():
        yield
        node = entry.node() if entry.state is State.DONE else entry.static_node()
        offers = (node,) if live.get(path, node) == node else (live[path], node)
        takes = set(entry.takes)
        if path in live and (entry.state is State.FAILED or not entry.saved):
            # It is here because of what its running version took.
            takes |= live[path].takes
        tied: set[str] = set()
        if entry.state is State.FAILED:
            if entry.blocked_on is None:
                entry.blocked_on = _likely_broken(stage.world, entry, attempt)
            if entry.blocked_on is not None:
                tied.add(entry.blocked_on)
        packages = _package_nodes(entry.location, modules)
        members[path] = Member(offers, packages, frozenset(takes), frozenset(tied))
    found = yield from parting(members)
    return tuple(part for part in found if not part.isdisjoint(attempt.saved))


def _likely_broken(world: World, entry: Entry, attempt: Attempt) -> str | None:
    """A name that is missing may be in a script that does not compile: then that is what has to be fixed."""
    for other, broken in attempt.broken.items():
        directory = world.directory_of(other)
        location = None if directory is None else directory.locate(other)
        if location is None or isinstance(location, str):
            continue
        text = broken.data.decode(errors="replace")
        for holder, name in entry.missing:
            wanted = (holder, name) == module_take(location.module)
            if wanted or (holder == location.holder and re.search(rf"\b{re.escape(name)}\b", text)):
                entry.problems.clear()
                return other
    return None


def _package_nodes(location: Location, modules: set[str]) -> tuple[Node, ...]:
    """Nodes for those of `modules`, which come or go with this batch, that a script at `location` is in."""
    names = {*parents(location.module), location.package} & modules
    return tuple(Node(above, frozenset((last,))) for above, last in map(module_take, names))


def problems_of(stage: Stage, attempt: Attempt, part: frozenset[str]) -> list[Problem]:
    """What is wrong with a part, or with what is in it."""
    found: list[Problem] = []
    for path in sorted(part):
        entry = stage.entries.get(path)
        if path in attempt.broken:
            found.append(attempt.broken[path].problem)
        if entry is not None:
            found += entry.problems
        found += attempt.failed_tests.get(path, ())
    return found
