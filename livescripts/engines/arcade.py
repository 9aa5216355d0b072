"""Arcade: `update()` is called by its scheduler.

    import livescripts.engines.arcade

    livescripts.engines.arcade.install(live)
    arcade.run()

# The same clock calls `on_update`, `on_fixed_update` and `on_draw` of a window: before or after, never in between.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from livescripts.engines._ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.host import LiveScripts

__all__ = ["install"]


def install(live: LiveScripts, *, interval: float = 1 / 60) -> Callable[[], None]:
    """Have Arcade update `live` every `interval` seconds. Returns the undo."""
    arcade = import_module("arcade")

    def update(dt: float) -> None:
        del dt
        if not tick(live):
            undo()

    def undo() -> None:
        arcade.unschedule(update)

    arcade.schedule(update, interval)
    return undo
