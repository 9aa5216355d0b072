"""The state of a script across a reload: the three-way merge of `_core.merging`, for a staged script and its classes.

# Merging is done twice: right after a body has run, so that whoever takes from the script gets what is kept; and at
# commit, for what the game changed in the frames between. If nothing is kept, and nobody had his turn in between, the second
# would come to the same.
# A staged class is nobody's yet: while staging, its attributes are set without a way back. At commit there is one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import EnumMeta
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from livescripts._core.merging import Scope, Snapshot, merge, spelled
from livescripts._core.registries import registered
from livescripts._runtime.classes import class_values, classes_of
from livescripts._runtime.modules import values_of
from livescripts._runtime.swapping import is_container, refill, same
from livescripts._runtime.world import is_code

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from contextlib import ExitStack

    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Script

__all__ = [
    "GONE",
    "State",
    "class_state",
    "keep_state",
    "merge_state",
    "remember",
    "replacements",
    "set_while_loading",
    "settle_classes",
]

GONE: Any = object()
"""Stands for the value of a name that there is none of, or that is to be deleted."""

# By id, since a class may have a metaclass with a `__hash__` of its own.
_SLOTS = frozenset(map(id, (MemberDescriptorType, GetSetDescriptorType)))

_Set: TypeAlias = tuple[Snapshot, str, str, object]

_type_qualname: Callable[[type], str] = type.__dict__["__qualname__"].__get__


@dataclass(frozen=True, slots=True)
class State:
    """What a merge decided for one entry: what each scope should hold, the module ("") and its classes.

    `owners` are the staged classes by qualified name, `live` what the scopes hold in the running game. `kept` are names
    as reports show them. `replaced` is what the body made and what gave way, by scope and name; `GONE` where the body
    made nothing. `registered` are containers that are kept, with what they should hold once
    the code that the new source registers in them is in. `late` are identities of containers that were not kept when the
    body had run, but are now.
    """

    scopes: dict[str, dict[str, Any]]
    owners: dict[str, type]
    live: dict[str, dict[str, Any]]
    kept: tuple[str, ...]
    replaced: dict[tuple[str, str], object]
    registered: list[tuple[Any, Any]]
    late: frozenset[int]

    @property
    def values(self) -> dict[str, Any]:
        """What the module should hold."""
        return self.scopes[""]

    @property
    def classes(self) -> dict[str, dict[str, Any]]:
        """By qualified name: what to set on a staged class (or `GONE`) where it holds something else."""
        found: dict[str, dict[str, Any]] = {}
        for name, owner in self.owners.items():
            now, wanted = class_state(owner), self.scopes[name]
            found[name] = {key: value for key, value in wanted.items() if now.get(key, GONE) is not value}
            found[name] |= dict.fromkeys(now.keys() - wanted, GONE)
        return found

    def private(self) -> list[object]:
        """What a walk over the heap must leave alone."""
        dicts = [*self.scopes.values(), *self.live.values()]
        return [*dicts, self.owners, self.replaced, self.registered, *self.registered]


def class_state(cls: type) -> dict[str, Any]:
    """The attributes of a class that count as state: not what Python and `enum` keep there for themselves."""
    values = class_values(cls)
    # What has two underscores around it, asked without a call: a start asks it of all attributes.
    found = {name: value for name, value in values.items() if not name[:2] == "__" == name[-2:]}
    is_enum = issubclass(type(cls), EnumMeta)
    if not is_enum and "_abc_impl" not in found and _SLOTS.isdisjoint(map(id, map(type, found.values()))):
        return found
    hidden: Collection[str] = {"_abc_impl", *values.get("_member_map_", ())} if is_enum else {"_abc_impl"}
    return {
        name: value
        for name, value in cast("dict[str, object]", found).items()
        if name not in hidden
        and id(type(value)) not in _SLOTS
        and not (is_enum and name.startswith("_") and name.endswith("_"))
    }


# ------------------------------------------------------------------ deciding


def merge_state(stage: Stage, entry: Entry) -> State:
    """What the script of `entry` and its classes should hold, going by what they hold in the running game.

    A name that the script only imports is not merged on its own: it follows the script that it is imported from.
    """
    staged, analysis = stage.staged_values(entry), entry.version.analysis
    merged, entry.merged = entry.merged, None
    if merged is not None and merged[0] == stage.moment and same(merged[1].values, staged):
        return merged[1]
    owners = classes_of(staged, entry.location.module)
    made = {"": staged, **{name: class_state(owner) for name, owner in owners.items()}}
    for (scope, name), fresh in entry.replaced.items():
        # As the body made it.
        if fresh is not GONE:
            made[scope][name] = fresh
        else:
            made[scope].pop(name, None)
    scopes = {scope: dict(found) for scope, found in made.items()}
    sources = _sources(entry)
    if not sources:
        return State(scopes, owners, {}, (), {}, [], frozenset())
    statements = analysis.statements
    for name in staged.keys() & analysis.imported.keys() - analysis.bindings.keys():
        statements[name] = replace(statements[name], policy="fresh")
    after = {**analysis.classes, "": statements}
    live: dict[str, dict[str, Any]] = {}
    kept: list[str] = []
    replaced: dict[tuple[str, str], object] = {}
    found: list[tuple[Any, Any]] = []
    late: set[int] = set()
    for script, names in sources:
        loaded = script.snapshot
        known = _scopes(script, names, stage.overlay.live_values(script.module), made, owners, after)
        for scope, each in known.items():
            live.setdefault(scope, {}).update(each.live)
        merged = merge(
            loaded,
            known,
            is_code,
            stage.overlay.withdrawn(loaded.loaded),
        )
        definition = _definition_in(stage if merged.kept else None)
        for scope, name in merged.kept:
            kept.append(spelled(scope, name))
            fresh = replaced[scope, name] = made[scope].get(name, GONE)
            if name not in merged.scopes[scope]:
                del scopes[scope][name]
                continue
            value = scopes[scope][name] = merged.scopes[scope][name]
            if (scope, name) not in entry.replaced:
                found += registered(loaded, loaded.scopes[scope].get(name), value, fresh, definition)
                late.add(id(value))
    return State(scopes, owners, live, tuple(kept), replaced, found, frozenset(late))


def _sources(entry: Entry) -> list[tuple[Script, frozenset[str] | None]]:
    """Where the state of an entry comes from, with the names at its top level, or None for all."""
    own = [] if entry.live is None else [(entry.live, None)]
    return [*own, *((heirloom.script, heirloom.names) for heirloom in entry.heirlooms)]


def _scopes(
    script: Script,
    names: frozenset[str] | None,
    live: Mapping[str, Any],
    made: Mapping[str, Mapping[str, Any]],
    owners: Mapping[str, type],
    after: Mapping[str, Mapping[str, Any]],
) -> dict[str, Scope]:
    """Module and classes, each on its way from what `script` holds to what the new source made."""
    analysis = script.version.analysis
    values = made[""]
    if names is not None:
        # A name that the game has deleted is not handed on.
        names &= live.keys()
        live = {name: live[name] for name in names}
        values = {name: values[name] for name in names if name in values}
    scopes = {"": Scope(live, values, analysis.statements, after[""])}
    for name, old in classes_of(live, script.location.module).items():
        if name in owners and owners[name] is not old:
            before = analysis.classes.get(name, {})
            scopes[name] = Scope(class_state(old), made[name], before, after.get(name, {}))
    return scopes


def _definition_in(stage: Stage | None) -> Callable[[object], tuple[str, str] | None]:
    """A function that tells where users find a function or class of a script."""

    def definition(value: object) -> tuple[str, str] | None:
        if type(value) is FunctionType:
            module, name = cast("object", value.__module__), value.__qualname__
        elif issubclass(type(value), type):
            cls = cast("type", value)
            module, name = class_values(cls).get("__module__"), _type_qualname(cls)
        else:
            return None
        location = stage.location_of(module) if stage is not None and type(module) is str else None
        return None if location is None else (location.holder, name)

    return definition


def replacements(entry: Entry, state: State) -> dict[int, tuple[object, object]]:
    """Containers and instances that new code may hold in other places than the name that was kept.

    By identity: what the body made, and what took its place.
    """
    # By what a name holds from now on, and what it holds in the running game: where the game has parted two names of
    # one object, the one that is not kept has the fresh object.
    holding: dict[int, list[object]] = {}
    for scope, values in state.scopes.items():
        before = state.live.get(scope, {})
        for name, value in values.items():
            if name in before:
                holding.setdefault(id(value), []).append(before[name])
    module = entry.location.module
    found: dict[int, tuple[object, object]] = {}
    for (scope, name), fresh in entry.replaced.items():
        value = state.scopes.get(scope, {}).get(name, GONE)
        if fresh is GONE or value is GONE or value is fresh:
            continue
        if any(other is not value for other in holding.get(id(fresh), ())):
            continue
        one, other = cast("type[Any]", type(fresh)), cast("type[Any]", type(value))
        if one is other and is_container(fresh):
            fits = True
        else:
            homes = {class_values(kind).get("__module__") for kind in (one, other)}
            fits = homes == {module} and _type_qualname(one) == _type_qualname(other)
        if fits:
            found.setdefault(id(fresh), (fresh, value))
    return found


def set_while_loading(scripts: Iterable[Script], effects: Iterable[tuple[Any, Any]]) -> list[_Set]:
    """What staged code of other scripts sets in the globals and classes of these: it is not the game's doing.

    `effects` are containers, and what they will hold. A name that the game has set before is left out.
    """
    owners = {id(values_of(script.module)): (script.snapshot, "") for script in scripts}
    modules = {script.location.module: script.snapshot for script in scripts}
    found: list[_Set] = []
    for container, new in effects:
        if issubclass(type(container), type):
            now = class_values(container)
            snapshot, scope = modules.get(now.get("__module__", "")), _type_qualname(container)
        else:
            now = container
            snapshot, scope = owners.get(id(container), (None, ""))
        if snapshot is None or scope not in snapshot.scopes:
            continue
        loaded = snapshot.scopes[scope]
        found += [
            (snapshot, scope, name, value)
            for name, value in new.items()
            if value is not now.get(name, GONE) and loaded.get(name, GONE) is now.get(name, GONE)
        ]
    return found


# ------------------------------------------------------------------ doing


def keep_state(stage: Stage, entry: Entry, values: dict[str, Any]) -> None:
    """What the game has changed takes its place in the staged script, before anybody takes it from there."""
    state = merge_state(stage, entry)
    if not state.kept:
        entry.merged = stage.moment, state
        return
    shown: dict[str, Any] = {}
    for (scope, name), fresh in state.replaced.items():
        # A variable that the game has deleted stays until the commit: others may want to import it. One that it has
        # added is nobody's to import.
        if not scope and fresh is not GONE and name in state.values:
            shown[name] = state.values[name]
        if scope or name in shown:
            entry.replaced[scope, name] = fresh
    values.update(shown)
    changes = state.classes
    taken = [*shown.values(), *(value for found in changes.values() for value in found.values() if value is not GONE)]
    for script, _ in _sources(entry) if taken else ():
        stage.overlay.guard(taken, script.location.module)
    for name, found in changes.items():
        for attribute, value in found.items():
            if value is GONE:
                type.__delattr__(state.owners[name], attribute)
            else:
                type.__setattr__(state.owners[name], attribute, value)
    for container, contents in state.registered:
        refill(container, contents)


def settle_classes(state: State, undo: ExitStack) -> None:
    """Give the staged classes what the game changed since their script was staged."""
    for name, found in state.classes.items():
        owner = state.owners[name]
        before = class_values(owner)
        for attribute, value in found.items():
            if attribute in before:
                undo.callback(type.__setattr__, owner, attribute, before[attribute])
            else:
                undo.callback(type.__delattr__, owner, attribute)
            if value is GONE:
                type.__delattr__(owner, attribute)
            else:
                type.__setattr__(owner, attribute, value)


def remember(entry: Entry, state: State, attributes: Callable[[object], dict[str, object] | None]) -> Snapshot:
    """The values to compare with from now on: as the new source made them, whatever was kept.

    To be called when everything is in its place: functions and classes may have become others while it was put there.
    """
    values = values_of(entry.module)
    scopes = {name: class_state(cls) for name, cls in classes_of(values, entry.location.module).items()}
    scopes[""] = dict(values)
    kept = set(state.kept)
    base = {
        scope: {name: value for name, value in found.items() if spelled(scope, name) not in kept}
        for scope, found in scopes.items()
    }
    for (scope, name), fresh in entry.replaced.items():
        if scope in base and fresh is not GONE:
            base[scope][name] = fresh
    snapshot = Snapshot(base.pop(""), attributes, base)
    for script, _ in _sources(entry):
        for scope, name in entry.replaced:
            snapshot.carry(script.snapshot, state.scopes.get(scope, {}).get(name), known=False)
    return snapshot
