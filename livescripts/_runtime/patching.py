"""Functions, and what else can be filled with new contents, across a commit: the doing of what `succession` decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livescripts._core.merging import is_plain
from livescripts._runtime.functions import (
    carry_registrations,
    clear_cache,
    fits,
    forward,
    patch,
    patch_partial,
    recode,
    set_cells,
)
from livescripts._runtime.instances import attribute_dict, attributes, fill_slots, has_slots, slots
from livescripts._runtime.products import alike
from livescripts._runtime.retirement import redirect
from livescripts._runtime.state import GONE
from livescripts._runtime.swapping import contents, refill

if TYPE_CHECKING:
    from collections.abc import Collection
    from contextlib import ExitStack
    from types import FunctionType

    from livescripts._core.merging import Snapshot
    from livescripts._runtime.following import Following
    from livescripts._runtime.succession import Scene, Succession

__all__ = ["patch_functions"]


def patch_functions(
    scenes: list[Scene],
    succession: Succession,
    following: Following,
    scripts: Collection[str],
    warnings: list[str],
    undo: ExitStack,
) -> list[FunctionType]:
    """Let whoever holds a function run the new code. Returns those that go on with the old one.

    `scripts` are the modules of all scripts. Adds to `warnings` what cannot follow.
    """
    final = succession.heirs.final
    running = [scene.entry.live for scene in scenes if scene.entry.live is not None]
    loaded = {key: value for script in running for key, value in script.counted.items()}
    for old, new in succession.patched:
        carry_registrations(old, new, scripts.__contains__)
        set_cells(old, new, loaded, final, undo)
        patch(old, new, final, undo)
    for old, target in succession.forwarded:
        forward(old, final(target), undo)
    for cls, target in succession.redirected:
        redirect(cls, final(target), undo)
    for old, new in succession.instances:
        _refill_instance(old, new, [script.snapshot for script in running], succession, undo)
    for old, new in succession.caches:
        clear_cache(old, new, undo)
    for old, new in succession.partials:
        patch_partial(old, new, final, undo)
    left: list[FunctionType] = []
    for function, code, twin in following.strays:
        if twin is not None and fits(function, twin) and not function.__closure__:
            patch(function, twin, final, undo)
        elif not recode(function, code, undo):
            left.append(function)
            warnings.append(
                f"{function.__module__}.{function.__qualname__}: a function made by the old code is still held and goes "
                "on with it: the new code needs what it was not made with"
            )
    warnings += (
        f"{function.__module__}.{function.__qualname__} is gone; whoever holds it goes on with the old code"
        for function in following.lost
    )
    return left + following.lost


def _refill_instance(
    old: object, new: object, snapshots: list[Snapshot], succession: Succession, undo: ExitStack
) -> None:
    """It has the new attributes, but for those that the game has changed, unless what makes it was edited."""
    now, fresh = attributes(old) or {}, attributes(new) or {}
    known = next((snapshot for snapshot in snapshots if snapshot.loaded(old) is not None), None)
    members: Any = known.loaded(old) if known is not None else None
    loaded = now if members is None else dict(zip(members[::2], members[1::2], strict=True))
    kept = {
        name: value
        for name, value in now.items()
        if loaded.get(name, GONE) is not value
        or (known is not None and not is_plain(value) and known.altered_within(value))
    }
    if id(old) in succession.afresh:
        kept.clear()
    final = succession.heirs.final
    # Somebody may hold what says the same.
    same = {
        name: now[name]
        for name, value in fresh.items()
        if not is_plain(value) and name in now and alike(now[name], value, final)
    }
    made = {name: final(value) for name, value in fresh.items()} | same
    wanted = made | kept
    if kept and known is not None:
        succession.made.append((old, made))
        succession.altered += ((known, value) for value in kept.values())
    in_slots: set[str] = set()
    if has_slots(old):
        in_slots = {*slots(old), *slots(new)}
        undo.callback(fill_slots, old, slots(old))
        fill_slots(old, wanted)
    values = attribute_dict(old)
    if values is not None:
        undo.callback(refill, values, contents(values))
        refill(values, {name: value for name, value in wanted.items() if name not in in_slots})
