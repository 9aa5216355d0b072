"""Instances that must be visited after a commit: to get new attributes, and to have their `@after_reload` run.

Not only those that move: whatever is below an edited class has a new `__init__`, too.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import MISSING, dataclass
from functools import cached_property
from types import FunctionType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.analysis import edited
from livescripts._core.codes import same_meaning
from livescripts._runtime.classes import bases_of, class_values, classes_of, kind_of, mro_of, qualname_of
from livescripts._runtime.heap import instances_of
from livescripts._runtime.instances import attribute_dict
from livescripts._runtime.modules import values_of
from livescripts._runtime.renewal import Additions, additions
from livescripts._runtime.retirement import Renewal
from livescripts._runtime.script_hooks import reload_hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import ExitStack

    from livescripts._core.initials import Initial
    from livescripts._runtime.following import Following
    from livescripts._runtime.meter import Meter
    from livescripts._runtime.pairing import ClassPair
    from livescripts._runtime.succession import Scene, Succession
    from livescripts._runtime.world import World

    InitialOf = Callable[[type], tuple[Initial, Mapping[str, Any]] | None]

_FIELD: Any = vars(dataclasses)["_FIELD"]  # what `fields` goes by; not a ClassVar, not an InitVar

_NOTHING: dict[str, Any] = {}
_MAKING = frozenset({"__init__", "__post_init__", "__new__"})
_METHOD = re.compile(r"(@\((property|staticmethod|classmethod)\)\n)*(async )?def ")

__all__ = ["Residents", "Visit", "initials", "plan_visits", "renewing", "visit"]


@dataclass(frozen=True, slots=True)
class Visit:
    """What happens to instances that are of `cls` before the commit.

    `edited` is the class among its bases, or itself, that is replaced. `hooked`: there are `@after_reload` methods for
    them. `cached` are names of cached properties whose value was computed by code that is gone. `missing` are fields of
    a dataclass that existing instances cannot get.
    """

    cls: type
    edited: type
    name: str
    additions: Additions
    hooked: bool
    cached: tuple[str, ...]
    missing: tuple[str, ...]


def initials(world: World, scenes: list[Scene]) -> InitialOf:
    """How to find what the text of a class gives to its instances, for classes of both versions."""
    staged = {
        id(cls): (scene.entry.version, name, scene.entry.module)
        for scene in scenes
        for name, cls in classes_of(scene.made, scene.entry.location.module).items()
    }
    running = world.scripts.by_module

    def initial_of(cls: type) -> tuple[Initial, Mapping[str, Any]] | None:
        if id(cls) in staged:
            version, name, module = staged[id(cls)]
        else:
            script = running.get(class_values(cls).get("__module__", ""))
            if script is None:
                return None
            version, name, module = script.version, qualname_of(cls), script.module
        found = version.analysis.initials.get(name)
        return None if found is None else (found, values_of(module))

    return initial_of


def plan_visits(succession: Succession, residents: Residents, initial_of: InitialOf) -> Iterator[Visit]:
    """Whom to visit, and what for: instances of edited classes, and of those below them that stay."""
    edits = [*succession.moved, *(pair for pair in succession.kept if pair.edited)]
    replaced = {id(pair.new): pair.old for pair in edits}
    for pair in succession.moved:
        yield _visit(pair.old, pair.old, mro_of(pair.new), pair.name, initial_of)
    hooked = _Hooked()
    # What is below an edit of methods alone is visited for the sake of its own hooks only: there may be hundreds.
    deep = {id(pair.old) for pair in succession.moved}
    deep.update(
        id(pair.old)
        for pair in succession.kept
        if pair.edited and (residents.are_lacking(pair) or not _concerns_methods_only(pair))
    )
    for pair in succession.kept:
        above = [replaced[id(cls)] for cls in mro_of(pair.new) if id(cls) in replaced]
        if above and (not deep.isdisjoint(map(id, above)) or hooked.has(mro_of(pair.new))):
            yield from _worth_it(_visit(pair.old, above[0], mro_of(pair.new), pair.name, initial_of))
    # The host's own subclasses, and those of scripts that are not executed again, at any depth.
    seen = {id(cls) for loser, winner, _ in succession.classes for cls in (loser, winner)}
    below = [(sub, pair.old) for pair in edits for sub in type.__subclasses__(pair.old)]
    passed: set[int] = set()
    # A class that stays is what its new version says.
    versions = {id(pair.old): pair.new for pair in succession.kept}
    for sub, base in below:  # grows while we go
        if id(sub) in passed:
            continue
        passed.add(id(sub))
        below += ((each, base) for each in type.__subclasses__(sub))
        if id(sub) not in seen and (not deep.isdisjoint(map(id, mro_of(sub))) or hooked.has(mro_of(sub))):
            name = f"{class_values(sub).get('__module__')}.{qualname_of(sub)}"
            to_be = tuple(versions.get(id(cls)) or succession.heirs.final(cls) for cls in mro_of(sub))
            yield from _worth_it(_visit(sub, base, to_be, name, initial_of))


class _Hooked:
    """Which classes have `@after_reload` methods: asked of each class once, for there may be hundreds below one."""

    def __init__(self) -> None:
        self._known: dict[int, bool] = {}

    def has(self, mro: tuple[type, ...]) -> bool:
        return any(map(self._has, mro))

    def _has(self, cls: type) -> bool:
        if id(cls) not in self._known:
            self._known[id(cls)] = bool(reload_hooks((cls,)))
        return self._known[id(cls)]


def _concerns_methods_only(pair: ClassPair) -> bool:
    """Whether an edit changed nothing but plain methods: those have nothing to do with what instances hold."""
    if class_values(pair.old).keys() != class_values(pair.new).keys():
        return False
    changed = [name for name in {**pair.before, **pair.after} if edited(pair.before.get(name), pair.after.get(name))]
    bindings = [each.get(name) for name in changed for each in (pair.before, pair.after)]
    return not _MAKING.intersection(changed) and all(
        binding is not None and _METHOD.match(binding.text) is not None for binding in bindings
    )


class Residents:
    """The instances of edited classes that can get what they lack where they are. Looked for when it is first asked.

    `found` are those of each such class and of all below it, by the identity of the class.
    """

    def __init__(self, pairs: Iterable[ClassPair], initial_of: InitialOf, meter: Meter) -> None:
        self.found: dict[int, list[object]] = {}
        self._pairs = pairs
        self._initial_of = initial_of
        self._meter = meter
        self._lacking: set[int] | None = None
        self._all_seen = True

    def have_to_move(self, pair: ClassPair) -> bool:
        """Whether the instances of an edited class have to get another class, so that each gets its due.

        What a walk does not find gets it when it moves, on its first touch. And `@after_reload` methods are given the
        class that was replaced: so there has to be one.
        """
        return bool(reload_hooks(mro_of(pair.new))) or (self.are_lacking(pair) and not self._all_seen)

    def are_lacking(self, pair: ClassPair) -> bool:
        """Whether something has to be done to the instances of an edited class, or said of them."""
        if self._lacking is None:
            self._lacking = self._look()
        return id(pair.new) in self._lacking

    def _look(self) -> set[int]:
        lacking = [pair for pair in self._pairs if pair.edited and self._is_lacking(pair)]
        if lacking:
            classes = [pair.old for pair in lacking]
            for cls in classes:  # grows while we go
                classes += type.__subclasses__(cls)
            with self._meter.measuring("finding"):
                found = instances_of(classes)
            self._all_seen = found is not None
            self.found = found or {}
        return {id(pair.new) for pair in lacking}

    def _is_lacking(self, pair: ClassPair) -> bool:
        after = mro_of(pair.new)
        as_before = bases_of(pair.old) == bases_of(pair.new) and not _found_in(after, "__dataclass_fields__")
        if as_before and _concerns_methods_only(pair) and not reload_hooks(after):
            return False
        return any(_worth_it(_visit(pair.old, pair.old, mro_of(pair.new), pair.name, self._initial_of)))


def _visit(cls: type, edited: type, to_be: tuple[type, ...], name: str, initial_of: InitialOf) -> Visit:
    before = mro_of(cls)
    gains = additions(cls, to_be, initial_of)
    return Visit(cls, edited, name, gains, bool(reload_hooks(to_be)), _cached(before, to_be), _missing(before, to_be))


def renewing(additions: Additions, cached: tuple[str, ...], cls: type) -> Renewal:
    """What happens to an instance that moves, to `cls` for the time being, when it is first touched."""

    def renewed(give: Callable[[object], object]) -> Callable[[object], object]:
        def renew(instance: object) -> None:
            give(instance)
            values = attribute_dict(instance) or {}
            for name in cached:
                values.pop(name, None)

        return renew if cached else give

    return Renewal(renewed(additions.give), renewed(additions.late(cls)))


def _worth_it(visit: Visit) -> Iterator[Visit]:
    if visit.additions or visit.hooked or visit.cached or visit.missing:
        yield visit


def _cached(before: tuple[type, ...], after: tuple[type, ...]) -> tuple[str, ...]:
    """Cached properties that changed: what they left in an instance would hide a method, or be out of date."""
    if not any(kind_of(value) is cached_property for cls in before for value in class_values(cls).values()):
        return ()
    new = _attributes(after)
    return tuple(
        name
        for name, old in _attributes(before).items()
        if kind_of(old) is cached_property and _differs(old, new.get(name))
    )


def _attributes(mro: tuple[type, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for cls in reversed(mro):
        found.update(class_values(cls))
    return found


def _found_in(mro: tuple[type, ...], name: str) -> Any:
    return next((class_values(cls)[name] for cls in mro if name in class_values(cls)), _NOTHING)


def _differs(old: cached_property[Any], new: object) -> bool:
    if type(new) is not cached_property:
        return True
    ours, theirs = old.func, cast("Any", new).func
    if type(ours) is not FunctionType or type(theirs) is not FunctionType:
        return ours is not theirs
    return not same_meaning(ours.__code__, theirs.__code__)


def _missing(before: tuple[type, ...], after: tuple[type, ...]) -> tuple[str, ...]:
    """Fields of the dataclass to be that instances cannot have: they are new, and have no default."""
    theirs = _found_in(after, "__dataclass_fields__")
    if not theirs:
        return ()
    ours = _found_in(before, "__dataclass_fields__")
    return tuple(
        name
        for name, field in theirs.items()
        if name not in ours
        and field.init
        and field._field_type is _FIELD
        and field.default is MISSING
        and field.default_factory is MISSING
    )


def visit(
    visits: list[Visit], following: Following, warnings: list[str], undo: ExitStack
) -> Iterator[tuple[object, type]]:
    """Give instances what they lack. Yields those with `@after_reload` methods, and the class that was replaced.

    Instances that got something which may refer to what gives way join the holders.
    """
    for each in visits:
        instances = following.instances.get(id(each.cls), [])
        following.holders += each.additions.give_all(instances, undo)
        taken: list[tuple[dict[str, Any], str, object]] = []
        undo.callback(_take_back, taken)
        for instance in instances if each.cached else ():
            values = attribute_dict(instance) or {}
            taken += ((values, name, values.pop(name)) for name in each.cached if name in values)
        if instances:
            _report(each, warnings)
        if each.hooked:
            yield from ((instance, each.edited) for instance in instances)


def _take_back(taken: list[tuple[dict[str, Any], str, object]]) -> None:
    for values, name, value in taken:
        values[name] = value


def _report(each: Visit, warnings: list[str]) -> None:
    if each.additions.refused:
        warnings.append(
            f"{each.name}: instances made before do not get {_listed(each.additions.refused)}: the default factory is "
            "code of the script, which a reload does not call; set it in a method marked @after_reload"
        )
    if each.missing:
        warnings.append(
            f"{each.name}: instances made before do not have {_listed(each.missing)}, which has no default; give it one, "
            "or set it in a method marked @after_reload"
        )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))
