"""Ursina: `update()` is a task of Panda3D, which Ursina is made with.

    import livescripts.engines.ursina

    livescripts.engines.ursina.install(live)
    app.run()

# Ursina calls all `update` functions, those of entities and the one of the main file, in one task: ours comes before it. It
# goes on while `application.paused`: a paused game can be edited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from livescripts.engines import panda3d

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.host import LiveScripts

__all__ = ["install"]


def install(live: LiveScripts) -> Callable[[], None]:
    """Have `live` updated at the beginning of each frame. Returns the undo."""
    return panda3d.install(live)
