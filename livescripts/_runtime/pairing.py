"""Which class of a staged script takes the place of which running one."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livescripts._core.analysis import edited
from livescripts._runtime.classes import classes_of
from livescripts._runtime.modules import values_of
from livescripts._runtime.retirement import Lineage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from livescripts._core.analysis import Binding
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Script

__all__ = ["ClassPair", "Orphan", "Pairing", "pair_classes"]


@dataclass(slots=True, eq=False)
class ClassPair:
    """A running class and the one of the same definition in the new version. `edited`: its text is another one; `at_home`:
    it stands in the same script.

    `name` is its full name as users import it; `before` and `after` are what the two texts of its body bind.
    """

    old: type
    new: type
    lineage: Lineage
    entry: Entry
    name: str
    edited: bool
    at_home: bool
    before: Mapping[str, Binding]
    after: Mapping[str, Binding]

    def defines(self, attribute: str) -> bool:
        """Whether both have a definition of this name, rather than a variable that holds some function."""
        before, after = self.before.get(attribute), self.after.get(attribute)
        return before is not None and after is not None and before.defines and after.defines


@dataclass(slots=True)
class Pairing:
    """`created` are new classes without a predecessor, with their qualified names.

    `lineages`, by path and qualified name, are those of the pairs. `orphans` are old classes without a successor, by
    holder and qualified name.
    """

    pairs: list[ClassPair] = field(default_factory=list[ClassPair])
    created: list[tuple[Entry, str, type]] = field(default_factory=list["tuple[Entry, str, type]"])
    lineages: dict[str, dict[str, Lineage]] = field(default_factory=dict[str, dict[str, Lineage]])
    orphans: dict[tuple[str, str], Orphan] = field(default_factory=dict[tuple[str, str], "Orphan"])

    def add(self, entry: Entry, name: str, old: _Old, new: type) -> None:
        if old.cls is new:
            return
        lineage = old.lineage or Lineage(old.cls)
        self.lineages[entry.path][name] = lineage
        full = f"{entry.location.holder}.{name}" if entry.location.holder else name
        before: Mapping[str, Binding] = {} if old.script is None else old.script.version.analysis.classes.get(name, {})
        after = entry.version.analysis.classes.get(name, {})
        edit = _edited(old.script, entry, name)
        at_home = old.script is not None and old.script is entry.live
        self.pairs.append(ClassPair(old.cls, new, lineage, entry, full, edit, at_home, before, after))


def _edited(script: Script | None, entry: Entry, name: str) -> bool:
    if script is None:
        return True
    if script.version is entry.version:
        return False
    first = name.partition(".")[0]
    return edited(script.version.analysis.statement(first), entry.version.analysis.statement(first))


class Orphan(weakref.ref[type]):
    """An old class without a successor, and its lineage, as long as there are others of it: they follow if it comes back."""

    __slots__ = ("_lineage",)
    _lineage: weakref.ref[Lineage] | None

    @property
    def lineage(self) -> Lineage | None:
        """The lineage, if any class still forwards to this one by it."""
        found = None if self._lineage is None else self._lineage()
        return found if found is not None and found.current is self() else None


def _orphan(old: _Old) -> Orphan:
    orphan = Orphan(old.cls)
    orphan._lineage = None if old.lineage is None else weakref.ref(old.lineage)  # pyright: ignore[reportPrivateUsage]
    return orphan


@dataclass(frozen=True, slots=True)
class _Old:
    cls: type
    lineage: Lineage | None
    script: Script | None


class _Running:
    """The classes that run now: by module and qualified name, and by where users find them."""

    def __init__(self) -> None:
        self.classes: dict[tuple[str, str], _Old] = {}
        self.found_at: dict[tuple[str, str], tuple[str, str]] = {}
        self.holders: dict[str, str] = {}

    def add(self, script: Script, values: Mapping[str, Any]) -> None:
        self.holders[script.location.module] = script.location.holder
        for name, cls in classes_of(values, script.location.module).items():
            key = (script.location.module, name)
            lineage = script.lineages.get(name)
            # The game may have put a class of its own in the place of the script's.
            self.classes[key] = _Old(cls, lineage if lineage is not None and lineage.current is cls else None, script)
            if name.partition(".")[0] in script.exports:
                self.found_at[script.location.holder, name] = key


def pair_classes(
    stage: Stage,
    entries: Sequence[Entry],
    removed: Sequence[Script],
    orphans: Mapping[tuple[str, str], Orphan],
) -> Pairing:
    """Match by script and qualified name, or else, for a class that moved to another file, by where users find it.

    `orphans` are those that earlier commits left without a successor.
    """
    running = _Running()
    for entry in entries:
        if entry.live is not None:
            running.add(entry.live, stage.live_values(entry))
    for script in removed:
        running.add(script, values_of(script.module))
    pairing = Pairing(lineages={entry.path: {} for entry in entries})
    homeless: list[tuple[Entry, str, type]] = []
    for entry in entries:
        for name, new in classes_of(stage.staged_values(entry), entry.location.module).items():
            old = running.classes.pop((entry.location.module, name), None)
            if old is None:
                homeless.append((entry, name, new))
            else:
                pairing.add(entry, name, old, new)
    for entry, name, new in homeless:
        key = running.found_at.get((entry.location.holder, name))
        old = running.classes.pop(key, None) if key is not None else None
        if old is None:
            orphan = orphans.get((entry.location.holder, name))
            cls = None if orphan is None else orphan()
            old = None if orphan is None or cls is None else _Old(cls, orphan.lineage, None)
        if old is None:
            pairing.created.append((entry, name, new))
        else:
            pairing.add(entry, name, old, new)
    for (module, name), old in running.classes.items():
        holder = running.holders[module]
        pairing.orphans[holder, name] = _orphan(old)
    return pairing
