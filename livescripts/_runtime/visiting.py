"""Instances that must be visited after a commit: to get new attributes, and to have their `@after_reload` run.

Not only those that move: whatever is below an edited class has a new `__init__`, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livescripts._runtime.classes import class_values, classes_of, mro_of, qualname_of
from livescripts._runtime.modules import values_of
from livescripts._runtime.renewal import Additions, additions
from livescripts._runtime.script_hooks import reload_hooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import ExitStack

    from livescripts._core.initials import Initial
    from livescripts._runtime.following import Following
    from livescripts._runtime.succession import Scene, Succession
    from livescripts._runtime.world import World

    InitialOf = Callable[[type], tuple[Initial, Mapping[str, Any]] | None]

__all__ = ["Visit", "initials", "plan_visits", "visit"]


@dataclass(frozen=True, slots=True)
class Visit:
    """What instances get that are of `cls` before the commit. `hooked`: there are `@after_reload` methods for them."""

    cls: type
    name: str
    additions: Additions
    hooked: bool


def initials(world: World, scenes: list[Scene]) -> InitialOf:
    """How to find what the text of a class gives to its instances, for classes of both versions."""
    staged = {
        id(cls): (scene.entry.version, name, scene.entry.module)
        for scene in scenes
        for name, cls in classes_of(scene.made, scene.entry.location.module).items()
    }
    running = {script.location.module: script for script in world.scripts.values()}

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


def plan_visits(succession: Succession, initial_of: InitialOf) -> Iterator[Visit]:
    """Whom to visit, and what for."""
    final = succession.heirs.final
    new = {id(pair.new) for pair in succession.moved}
    for pair in succession.moved:
        yield Visit(pair.old, pair.name, additions(pair.old, pair.new, initial_of), bool(reload_hooks(pair.new)))
    for pair in succession.kept:
        if any(id(cls) in new for cls in mro_of(pair.new)):
            gains = additions(pair.old, pair.new, initial_of)
            hooked = bool(reload_hooks(pair.new))
            if gains or hooked:
                yield Visit(pair.old, pair.name, gains, hooked)
    # The host's own subclasses, at any depth.
    below = [sub for pair in succession.moved for sub in type.__subclasses__(pair.old)]
    seen = {id(cls) for pair in (*succession.moved, *succession.kept) for cls in (pair.old, pair.new)}
    for sub in below:  # grows while we go
        if id(sub) in seen:
            continue
        seen.add(id(sub))
        below += type.__subclasses__(sub)
        to_be = tuple(map(final, mro_of(sub)))
        gains = additions(sub, to_be, initial_of)
        hooked = any(reload_hooks(cls) for cls in to_be)
        if gains or hooked:
            yield Visit(sub, f"{class_values(sub).get('__module__')}.{qualname_of(sub)}", gains, hooked)


def visit(
    visits: list[Visit], following: Following, warnings: list[str], undo: ExitStack
) -> Iterator[tuple[object, type]]:
    """Give instances what they lack. Yields those with `@after_reload` methods, and the class that they were of."""
    for each in visits:
        instances = following.instances.get(each.cls, [])
        given: list[tuple[object, list[str]]] = []

        def back(each: Visit = each, given: list[tuple[object, list[str]]] = given) -> None:
            for instance, names in given:
                each.additions.take_back(instance, names)

        undo.callback(back)
        for instance in instances if each.additions else ():
            names = each.additions.give(instance)
            if names:
                given.append((instance, names))
        if instances and each.additions.refused:
            missing = ", ".join(map(repr, each.additions.refused))
            warnings.append(
                f"{each.name}: instances made before do not get {missing}: the default factory is code of the script, "
                "which a reload does not call; set it in a method marked @after_reload"
            )
        if each.hooked:
            yield from ((instance, each.cls) for instance in instances)
