"""Pygame Zero: `update()` is called by its clock.

    import livescripts.engines.pgzero

    livescripts.engines.pgzero.install(live)  # anywhere in the main file
    pgzrun.go()

# The clock ticks after all events were handled, and before the game's `update()`.
# Whoever wants every tick makes Pygame Zero draw every frame. A game that has an `update()` does so anyway.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from livescripts.engines._ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.host import LiveScripts

__all__ = ["install"]

# The clock holds what it calls weakly.
_installed: list[Callable[[float], None]] = []


def install(live: LiveScripts) -> Callable[[], None]:
    """Have Pygame Zero update `live` once per frame. Returns the undo."""
    clock = import_module("pgzero.clock").clock

    def update(dt: float) -> None:
        del dt
        if not tick(live):
            undo()

    def undo() -> None:
        if update in _installed:
            _installed.remove(update)
            clock.unschedule(update)

    _installed.append(update)
    clock.each_tick(update)
    return undo
