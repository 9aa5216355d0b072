"""Scripts that turned out to be what they were, but for values of names and the code of functions: they are amended.

    SPEED = 4 in a base script         it was saved: the name gets another value
    def walk(self): ...                the function that runs stays, and gets other code
    class Orc(Base): speed = SPEED     executed again; the class that runs stays, and gets another `speed`

# What such an execution made has done its work: it showed what is new, and goes. So the commit has hardly anything to do for
# it, and everything else is done before, in slices.
# Rule 1: nobody may hold what goes. References are counted; whose things are held is replaced as a whole, and so is whoever
# made what those refer to.
# Rule 2: each is asked once more right before it is taken to pieces, those first that were executed last: between two
# slices the game may have found a class among the `__subclasses__()` of its base, and who refers to what is replaced must
# not have gone to pieces himself.
# Rule 3: what the game does until the commit counts as well: a name that it has set meanwhile stays as it is, unless its
# own statement was edited.
"""

from __future__ import annotations

import typing
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.analysis import edited
from livescripts._core.merging import spelled
from livescripts._runtime.classes import class_values, classes_of, mro_of
from livescripts._runtime.definitions import Definitions, same_build
from livescripts._runtime.entries import State
from livescripts._runtime.enums import is_enum
from livescripts._runtime.following import code_pairs, follow_code
from livescripts._runtime.functions import assign_code
from livescripts._runtime.insides import CACHED
from livescripts._runtime.likeness import Likeness, NewValue
from livescripts._runtime.modules import Namespace, owners_of, values_of
from livescripts._runtime.script_hooks import reload_hooks
from livescripts._runtime.state import GONE, class_state

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
    from contextlib import ExitStack
    from types import CodeType

    from livescripts._core.codes import CodePair
    from livescripts._core.graph import Take
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.following import Following
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.versions import Version
    from livescripts._runtime.world import Script, World

__all__ = ["Amendment", "amend", "find_amendments", "follow_edits", "kept_by"]

_FEW = 20  # scripts


@dataclass(frozen=True, slots=True, eq=False)
class Amendment:
    """What is new about a script: `values`, and whose functions it `called` while loading.

    `namespace` is the one that shows its names, if one does. `kept` are the names that are as the game left them, as
    reports show them, at that `moment` of the stage. `version` and `code` are the text that runs from now on, and what of it
    was executed, `takes` what that took. Where the text `is_edit`, another one, `classes` are those that it changes, by their
    qualified names, `defined` all that it defines, and `functions` the code of its functions, see `code_pairs`.
    """

    script: Script
    namespace: Namespace | None
    values: Sequence[NewValue]
    kept: Sequence[str]
    moment: object
    called: frozenset[str] | None
    version: Version
    code: CodeType
    takes: frozenset[Take]
    is_edit: bool
    classes: Mapping[str, type]
    defined: Sequence[type]
    functions: tuple[list[CodePair], list[CodeType]]


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
    script = cast("Script", entry.live)
    is_edit = entry.version is not script.version
    classes: dict[str, type] = {}
    defined: list[type] = []
    functions: tuple[list[CodePair], list[CodeType]] = [], []
    if is_edit:
        functions = code_pairs(script.code, entry.code)
        before, after = script.version.analysis, entry.version.analysis
        for name, cls in classes_of(stage.live_values(entry), entry.location.module).items():
            defined.append(cls)
            first = name.partition(".")[0]
            if edited(before.statement(first), after.statement(first)):
                classes[name] = cls
    return Amendment(
        script,
        namespace,
        likeness.values,
        likeness.kept,
        stage.moment,
        entry.called,
        entry.version,
        entry.code if is_edit else script.code,
        frozenset(entry.takes),
        is_edit,
        classes,
        defined,
        functions,
    )


def _compare(stage: Stage) -> Generator[None, None, dict[str, Likeness]]:
    entries = [entry for entry in stage.entries.values() if entry.live is not None]
    candidates: list[Entry] = []
    others: list[Entry] = []
    for entry in entries:
        (candidates if _is_candidate(entry, stage.world) else others).append(entry)
    if not candidates:
        return {}
    definitions = Definitions()
    for entry in entries:
        definitions.learn(entry, stage.live_values(entry), stage.staged_values(entry))
        yield
    for entry in others:
        for cls in classes_of(stage.staged_values(entry), entry.location.module).values():
            running = definitions.live(cls)
            if running is not None and (is_enum(cls) or not same_build(cast("type", running), cls, definitions)):
                definitions.forget(cls)
        yield
    found: dict[str, Likeness] = {}
    for entry in candidates:
        entry.merged = None  # holds what the script made
        likeness = Likeness(entry, stage, definitions)
        if entry.saved and any(map(_has_hooks, classes_of(stage.live_values(entry), entry.location.module).values())):
            continue
        if likeness.look(stage.live_values(entry), values_of(entry.module)):
            found[entry.path] = likeness
        yield
    return found


def _is_candidate(entry: Entry, world: World) -> bool:
    """Whether nothing but values and code can be new, by what is known without looking at what it made."""
    live = entry.live
    return (
        live is not None
        and (_is_small_edit(live, entry.version, world) if entry.version is not live.version else not entry.saved)
        and entry.state is State.DONE
        and len(entry.codes) == 1
        and entry.code is not live.code
        and entry.exports == live.exports
        and (entry.saved or frozenset(entry.takes) == live.takes)
        and not entry.heirlooms
        and not entry.registrations
        and not live.registrations
    )


def _is_small_edit(script: Script, version: Version, world: World) -> bool:
    """Whether the text binds what it bound, and gives to its instances what it gave."""
    before, after = script.version.analysis, version.analysis
    return (
        before.names == after.names
        and before.imports == after.imports
        and before.rebound == after.rebound
        and before.star == after.star
        and before.classes.keys() == after.classes.keys()
        and before.initials == after.initials
        # Those of earlier versions are looked for with every edit.
        and not any(lineage.retired() for lineage in script.lineages.values())
        and not world.left
    )


def _has_hooks(cls: type) -> bool:
    """Whether instances of a class, or of one below it, are told of an edit."""
    return bool(reload_hooks(mro_of(cls))) or any(map(_has_hooks, type.__subclasses__(cls)))


def _count(stage: Stage, found: dict[str, Likeness]) -> Generator[None, None, Counter[int]]:
    """The references that are known, by the identity of what is referred to."""
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
    cleared = False
    while True:
        held: list[str] = []
        for path, likeness in found.items():
            if likeness.held(known):
                held.append(path)
            yield
        if not held:
            return
        if not cleared:
            # What `typing` remembers of `Optional[Goblin]` is only there to be quick.
            cleared = True
            for clear in getattr(typing, "_cleanups", ()):
                clear()
            continue
        for path in held:
            known.subtract(found.pop(path).references())
            yield


# ------------------------------------------------------------------ doing


def follow_edits(amendments: Iterable[Amendment]) -> Following:
    """The functions that were made by what is edited, and that no name leads to."""
    pairs = [pair for each in amendments for pair in each.functions[0]]
    lost = [code for each in amendments for code in each.functions[1]]
    # That of a function is its own, in the `NewValue`, and in the list; what is lost is in two lists.
    values = [value for each in amendments for value in each.values if value.name == "__code__"]
    before = [value.before for value in values]
    made = [(value.after, value.place) for value in values]
    return follow_code(pairs, lost, chain(before, before, before, lost), made)


def amend(amendments: Iterable[Amendment], undo: ExitStack) -> None:
    """Set what is new. Each change is written down before it is made, so that `undo` finds it."""
    done: list[tuple[Any, str, Any]] = []
    undo.callback(_take_back, done)
    for amendment in amendments:
        script = amendment.script
        if amendment.is_edit:
            done += ((script, name, getattr(script, name)) for name in ("version", "code", "takes", "number"))
            script.version, script.code, script.takes = amendment.version, amendment.code, amendment.takes
            script.number += 1
        if script.called != amendment.called:
            done.append((script, "called", script.called))
            script.called = amendment.called
        scopes = script.snapshot.scopes
        for scope, name, place, before, after, loaded, is_edited in amendment.values:
            if scope is None:
                done.append((place, name, getattr(place, name) if type(place) is FunctionType else before))
                _assign(place, name, after)
                continue
            if before is not after or is_edited:
                values: Mapping[str, Any] = class_values(place) if scope else place
                now = values.get(name, GONE)
                if now is not after and (now is before or is_edited):
                    done.append((place, name, now))
                    _assign(place, name, after)
                    if amendment.namespace is not None and not scope:
                        _show(amendment.namespace, name, place, after, done)
            remembered = scopes[scope]
            done.append((remembered, name, remembered.get(name, GONE)))
            _assign(remembered, name, loaded)


def kept_by(amendments: Sequence[Amendment], moment: object) -> Iterator[tuple[Amendment, Sequence[str]]]:
    """The names of each that are as the game left them, after they were amended, at this moment of the stage.

    Of a great many, those that were so when they were compared: to look at them once more would take a frame.
    """
    for each in amendments:
        # If nobody had his turn in between, nothing has changed.
        known = each.moment == moment or len(amendments) > _FEW
        yield each, each.kept if known else _all_kept(each)


def _all_kept(amendment: Amendment) -> Sequence[str]:
    script, loaded = amendment.script, amendment.script.snapshot
    analysis, values = script.version.analysis, values_of(script.module)
    scopes: dict[str, Mapping[str, Any]] = {"": values}
    scopes.update((name, class_state(cls)) for name, cls in classes_of(values, script.location.module).items())
    imported = analysis.imported.keys() - analysis.bindings.keys()
    found = [
        spelled(scope, name)
        for scope, now in scopes.items()
        if scope in loaded.scopes
        for name in sorted(loaded.in_question(scope, now))
        if (scope or name not in imported) and loaded.changed(name, now.get(name, GONE), scope)
    ]
    return [*dict.fromkeys([*amendment.kept, *found])]


def _show(namespace: Namespace, name: str, place: Any, value: Any, done: list[tuple[Any, str, Any]]) -> None:
    """A name of a script is also one of its namespace, if it offers it and does not rebind it."""
    shown = values_of(namespace)
    if name in shown and owners_of(namespace).get(name) is place:
        done.append((shown, name, shown[name]))
        shown[name] = value


def _assign(place: Any, name: str, value: Any) -> None:
    if type(place) is dict:
        if value is GONE:
            cast("dict[str, Any]", place).pop(name, None)
        else:
            place[name] = value
    elif issubclass(type(place), type):
        if value is GONE:
            type.__delattr__(place, name)
        else:
            type.__setattr__(place, name, value)
    elif name == "__code__":
        assign_code(place, value)
    elif name == "cache_clear":
        CACHED.cache_clear(place)
    else:
        setattr(place, name, value)


def _take_back(done: list[tuple[Any, str, Any]]) -> None:
    for place, name, before in reversed(done):
        _assign(place, name, before)
