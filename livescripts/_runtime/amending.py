"""Scripts that were executed again and turned out to be what they were, but for values of names: they are amended.

    SPEED = 4 in a base script         the script that was saved: replaced, as any other
    class Orc(Base): speed = SPEED     executed again; the class that runs stays, and gets another `speed`

# What such an execution made has done its work: it showed what is new, and goes. So the commit has hardly anything to do for
# it, and everything else is done before, in slices.
# Rule 1: nobody may hold what goes. References are counted; whose things are held is replaced as a whole, and so is whoever
# made what those refer to.
# Rule 2: each is asked once more right before it is taken to pieces, those first that were executed last: between two
# slices the game may have found a class among the `__subclasses__()` of its base, and who refers to what is replaced must
# not have gone to pieces himself.
# Rule 3: what the game does until the commit counts as well: a name that it has set meanwhile stays as it is.
"""

from __future__ import annotations

import typing
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.classes import class_values, classes_of
from livescripts._runtime.definitions import Definitions, same_build
from livescripts._runtime.entries import State
from livescripts._runtime.likeness import Likeness, NewValue
from livescripts._runtime.modules import Namespace, owners_of, values_of
from livescripts._runtime.state import GONE

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence
    from contextlib import ExitStack

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Script

__all__ = ["Amendment", "amend", "find_amendments"]


@dataclass(frozen=True, slots=True, eq=False)
class Amendment:
    """What is new about a script: `values`, and whose functions it `called` while loading.

    `namespace` is the one that shows its names, if one does. `kept` are the names that are as the game left them, as
    reports show them.
    """

    script: Script
    namespace: Namespace | None
    values: Sequence[NewValue]
    kept: Sequence[str]
    called: frozenset[str] | None


# ------------------------------------------------------------------ deciding


def find_amendments(stage: Stage) -> Generator[None, None, dict[str, Amendment]]:
    """By path, the scripts of a stage that need not be replaced. The staged world is shown, and nothing of it will run
    any more: what those executions made is gone afterwards.
    """
    found = yield from _compare(stage)
    if not found:
        return {}
    known = yield from _count(stage, found)
    yield from _drop_held(found, known)
    shown = _shown(stage, found)
    amendments: dict[str, Amendment] = {}
    for path in sorted(found, key=lambda path: stage.entries[path].turn, reverse=True):
        if path not in found:
            continue
        entry, likeness = stage.entries[path], found.pop(path)
        mine = Counter(likeness.references())
        known.subtract(mine)
        if likeness.held(mine, shown):
            yield from _drop_held(found, known)
            continue
        amendments[path] = _amendment(stage, entry, likeness)
        likeness.dismantle()
        stage.overlay.forget(entry.module, entry.location.holder, entry.exports)
        entry.forget_execution()
        del likeness  # so that what it consists of goes now, and holds nothing any more
        yield
    stage.overlay.tidy()
    return amendments


def _amendment(stage: Stage, entry: Entry, likeness: Likeness) -> Amendment:
    holder = stage.world.modules.get(entry.location.holder)
    namespace = holder if isinstance(holder, Namespace) else None
    return Amendment(cast("Script", entry.live), namespace, likeness.values, likeness.kept, entry.called)


def _compare(stage: Stage) -> Generator[None, None, dict[str, Likeness]]:
    entries = [entry for entry in stage.entries.values() if entry.live is not None]
    candidates: list[Entry] = []
    others: list[Entry] = []
    for entry in entries:
        (candidates if _is_candidate(entry) else others).append(entry)
    if not candidates:
        return {}
    definitions = Definitions()
    for entry in entries:
        definitions.learn(entry, stage.live_values(entry), stage.staged_values(entry))
        yield
    for entry in others:
        for cls in classes_of(stage.staged_values(entry), entry.location.module).values():
            running = definitions.live(cls)
            if running is None:
                continue
            if same_build(cast("type", running), cls, definitions):
                definitions.learn_methods(cast("type", running), cls)
            else:
                definitions.forget(cls)
        yield
    found: dict[str, Likeness] = {}
    for entry in candidates:
        entry.merged = None  # holds what the script made
        likeness = Likeness(entry, stage, definitions)
        if likeness.look(stage.live_values(entry), values_of(entry.module)):
            found[entry.path] = likeness
        yield
    return found


def _is_candidate(entry: Entry) -> bool:
    """Whether nothing but values can be new, by what is known without looking at what it made."""
    live = entry.live
    return (
        live is not None
        and entry.version is live.version
        and not entry.saved
        and entry.state is State.DONE
        and len(entry.codes) == 1
        and entry.code is not live.code
        and entry.exports == live.exports
        and frozenset(entry.takes) == live.takes
        and not entry.heirlooms
        and not entry.registrations
        and not live.registrations
    )


def _count(stage: Stage, found: dict[str, Likeness]) -> Generator[None, None, Counter[int]]:
    """The references that are known, by the identity of what is referred to."""
    # What `typing` remembers of `Optional[Goblin]` is only there to be quick.
    for clear in getattr(typing, "_cleanups", ()):
        clear()
    known = _shown(stage, found)
    counted: set[int] = set()
    for path, likeness in list(found.items()):
        # What two scripts consist of cannot be told apart.
        if counted.isdisjoint(likeness.places):
            counted.update(likeness.places)
            known.update(likeness.references())
        else:
            del found[path]
        yield
    return known


def _shown(stage: Stage, found: Iterable[str]) -> Counter[int]:
    """The references of namespaces."""
    shown: Counter[int] = Counter()
    for holder in {stage.entries[path].location.holder for path in found}:
        namespace = stage.world.modules.get(holder)
        if isinstance(namespace, Namespace):
            shown.update(map(id, values_of(namespace).values()))
    return shown


def _drop_held(found: dict[str, Likeness], known: Counter[int]) -> Generator[None]:
    """Leave out those of which somebody holds something, until there are none."""
    while True:
        held: list[str] = []
        for path, likeness in found.items():
            if likeness.held(known):
                held.append(path)
            yield
        if not held:
            return
        for path in held:
            known.subtract(found.pop(path).references())
            yield


# ------------------------------------------------------------------ doing


def amend(amendments: Iterable[Amendment], undo: ExitStack) -> None:
    """Set what is new. Each change is written down before it is made, so that `undo` finds it."""
    done: list[tuple[Any, str, Any]] = []
    undo.callback(_take_back, done)
    for amendment in amendments:
        script = amendment.script
        if script.called != amendment.called:
            done.append((script, "called", script.called))
            script.called = amendment.called
        scopes = script.snapshot.scopes
        for scope, name, place, before, after, loaded in amendment.values:
            if scope is None:
                done.append((place, name, getattr(place, name)))
                setattr(place, name, after)
                continue
            if before is not after:
                now: Mapping[str, Any] = class_values(place) if scope else place
                if now.get(name, GONE) is before:
                    done.append((place, name, before))
                    _assign(place, name, after)
                    if amendment.namespace is not None and not scope:
                        _show(amendment.namespace, name, place, after, done)
            remembered = scopes[scope]
            done.append((remembered, name, remembered.get(name, GONE)))
            _assign(remembered, name, loaded)


def _show(namespace: Namespace, name: str, place: Any, value: Any, done: list[tuple[Any, str, Any]]) -> None:
    """A name of a script is also one of its namespace, if it offers it and does not rebind it."""
    shown = values_of(namespace)
    if name in shown and owners_of(namespace).get(name) is place:
        done.append((shown, name, shown[name]))
        shown[name] = value


def _assign(place: Any, name: str, value: Any) -> None:
    if type(place) is not dict:
        if value is GONE:
            type.__delattr__(place, name)
        else:
            type.__setattr__(place, name, value)
    elif value is GONE:
        cast("dict[str, Any]", place).pop(name, None)
    else:
        place[name] = value


def _take_back(done: list[tuple[Any, str, Any]]) -> None:
    for place, name, before in reversed(done):
        if type(place) is dict or issubclass(type(place), type):
            _assign(place, name, before)
        else:
            setattr(place, name, before)
