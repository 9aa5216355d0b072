"""Classes and their instances across a commit: the doing of what `succession` decided.

# First the winners get what is theirs, then the losers are retired, then instances move: whoever is touched in between
# finds a class that is complete.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livescripts._runtime import enums
from livescripts._runtime.classes import (
    Rebased,
    adopt,
    attributes_for,
    bases_of,
    class_values,
    is_settable,
    is_shell,
    layout_gap,
    leaves_no_trace,
    move,
    move_all,
    put_in_order,
    qualname_of,
    take_over,
)
from livescripts._runtime.functions import adapted, settled
from livescripts._runtime.retirement import abandon, retire
from livescripts._runtime.weak import forget_answers_about, take_over_registry

if TYPE_CHECKING:
    from contextlib import ExitStack

    from livescripts._runtime.following import Following
    from livescripts._runtime.pairing import ClassPair
    from livescripts._runtime.retirement import Lineage
    from livescripts._runtime.succession import Heirs, Succession

__all__ = ["Migrated", "migrate"]


@dataclass(slots=True)
class Migrated:
    """How many instances moved to each class, by its identity, and how many could not; `warnings` say why."""

    moved: Counter[int] = field(default_factory=Counter[int])
    stuck: int = 0
    warnings: list[str] = field(default_factory=list[str])


def migrate(succession: Succession, following: Following, undo: ExitStack) -> Migrated:
    """Give the winners what is theirs, retire the losers, and move instances. Each step registers its way back."""
    outcome = Migrated()
    losers = list(succession.classes)
    for pair in succession.kept:
        _keep(pair, succession.heirs, undo)
    for pair in succession.moved:
        _complete(pair.new, succession.heirs, undo)
    forget_answers_about([pair.old for pair in succession.kept if pair.edited], undo)
    for pair in succession.moved:
        undo.callback(pair.lineage.restore, pair.old)
        pair.lineage.succeed(pair.new)
    # Before the losers forward: a class that has once inherited a `__new__` cannot go back to that of `object`, which would
    # then refuse the arguments of `__init__`.
    for loser, _, _ in losers:
        _adopt_subclasses(loser, succession.heirs, outcome, undo)
    # Whoever did not get another base goes on with the one that he has.
    free = {id(loser) for loser, _, _ in losers if id(loser) in following.free and not type.__subclasses__(loser)}
    # Nor may the game meet one that cannot be taken off its bases.
    free -= {id(loser) for loser, _, _ in losers if not leaves_no_trace(loser)}
    for pair in succession.kept:
        if id(pair.new) not in free:
            undo.callback(pair.lineage.forget)
            pair.lineage.note(pair.new)
    # Those that the new scripts have made, and nobody else has.
    stuck = _move([each for each in losers if id(each[0]) in free], succession, following, outcome, undo)
    for loser, winner, lineage in losers:
        if id(loser) in free and not stuck[id(winner)]:
            following.instances.pop(id(loser), None)
            abandon(loser, lineage, undo)
            continue
        stays = frozenset(enums.fields_of(loser)) if id(loser) in succession.rigid else None
        retire(loser, lineage, undo, stays=stays)
    stuck += _move([each for each in losers if id(each[0]) not in free], succession, following, outcome, undo)
    _report_stuck([*succession.moved, *succession.kept], stuck + following.stuck, outcome)
    return outcome


def _move(
    losers: list[tuple[type, type, Lineage]],
    succession: Succession,
    following: Following,
    outcome: Migrated,
    undo: ExitStack,
) -> Counter[int]:
    """Let instances of these classes become instances of their winners. Returns how many stay as they are, by the identity of
    the class that they should be of.
    """
    rest: list[tuple[list[object], type, type]] = []
    for loser, winner, _ in losers:
        instances = following.instances.get(id(loser), [])
        moved = move_all(instances, loser, winner, undo)
        outcome.moved[id(winner)] += moved
        if moved < len(instances):
            # Whatever gives way itself may stay as it is.
            rest.append(([each for each in instances if each not in succession.heirs], loser, winner))
    stuck: Counter[int] = Counter()
    if not rest:
        return stuck
    # Below others that have slots, Python moves instances if the classes above are the very same.
    bases = [(loser, tuple(map(succession.heirs.final, bases_of(loser)))) for loser, _, _ in succession.classes]
    rebased = Rebased(bases)
    undo.callback(rebased.leave)
    try:
        rebased.enter()
        for instances, loser, winner in rest:
            moved = move_all(instances, loser, winner, undo)
            outcome.moved[id(winner)] += moved
            stuck[id(winner)] += len(instances) - moved
    finally:
        undo.callback(rebased.enter)
        rebased.leave()
    return stuck


def _keep(pair: ClassPair, heirs: Heirs, undo: ExitStack) -> None:
    """The old class stays: it takes over what the new one has, its bases and its metaclass."""
    old, new = pair.old, pair.new
    attributes = attributes_for(new)
    if enums.is_enum(old):
        # Its members stay, and with them what `enum` knows of them; but it may have moved to another file.
        place = {"__module__": attributes["__module__"]}
        attributes = {**attributes_for(old), **place, **enums.extra_attributes(new)}
    after = {name: _final(value, heirs) for name, value in attributes.items()}
    if "__annotations__" in after:
        after["__annotations__"] = settled(after["__annotations__"], heirs.final)
    if pair.edited:
        put_in_order(old, after, undo)
    take_over(old, after, undo)
    _set_bases(old, tuple(map(heirs.final, bases_of(new))), undo)
    if "_abc_impl" in class_values(old):
        # The answers that it remembers are those of its former self.
        take_over_registry(old, new, heirs.final, undo)
    metaclass = heirs.final(type(new))
    if type(old) is not metaclass:
        undo.callback(move, old, type(old))
        move(old, metaclass)


def _complete(new: type, heirs: Heirs, undo: ExitStack) -> None:
    """The new class takes over functions and nested classes that stay."""
    for name, value in list(class_values(new).items()):
        final = _final(value, heirs)
        if final is not value and is_settable(name):
            undo.callback(type.__setattr__, new, name, value)
            type.__setattr__(new, name, final)
    _set_bases(new, tuple(map(heirs.final, bases_of(new))), undo)


def _final(value: Any, heirs: Heirs) -> Any:
    final = heirs.final(value)
    return adapted(final, heirs.final) if is_shell(final) else final


def _set_bases(cls: type, bases: tuple[type, ...], undo: ExitStack) -> str | None:
    return None if bases_of(cls) == bases else adopt(cls, bases, undo)


def _adopt_subclasses(loser: type, heirs: Heirs, outcome: Migrated, undo: ExitStack) -> None:
    """Subclasses that give way to nobody, such as the host's own and those that are new, get the base that stays."""
    for sub in type.__subclasses__(loser):
        if sub in heirs:
            continue
        reason = _set_bases(sub, tuple(map(heirs.final, bases_of(sub))), undo)
        if reason is not None:
            name = f"{class_values(sub).get('__module__')}.{qualname_of(sub)}"
            outcome.warnings.append(f"{name} keeps its old base: {reason}")


def _gap(pair: ClassPair) -> str:
    # Where the class stays, what is stuck is of an earlier one.
    old = next(iter(pair.lineage.retired()), pair.old)
    if enums.is_named_tuple(old):
        missing = ", ".join(map(repr, enums.missing_fields(old, pair.new)))
        return f"they have no {missing}" if missing else "they have other fields"
    return layout_gap(old, pair.new)


def _report_stuck(pairs: list[ClassPair], stuck: Counter[int], outcome: Migrated) -> None:
    for pair in pairs:
        count = stuck[id(pair.lineage.current)]
        if count:
            outcome.stuck += count
            keeps, runs = ("1 instance keeps its", "runs") if count == 1 else (f"{count} instances keep their", "run")
            outcome.warnings.append(
                f"{pair.name}: {keeps} old layout and {runs} the new methods as far as it goes: "
                f"{_gap(pair)}; make new ones from them"
            )
