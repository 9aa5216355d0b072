"""pyglet: `update()` is called by its clock.

    import livescripts.engines.pyglet

    livescripts.engines.pyglet.install(live)
    pyglet.app.run()

# The clock calls what is scheduled one after the other, from the event loop, and never within an event handler.
# By interval, and not with every tick of the clock: pyglet's loop does not rest while anything wants every tick.
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
    """Have pyglet's default clock update `live` every `interval` seconds. Returns the undo."""
    clock = import_module("pyglet.clock")

    def update(dt: float) -> None:
        del dt
        if not tick(live):
            undo()

    def undo() -> None:
        clock.unschedule(update)

    clock.schedule_interval(update, interval)
    return undo
