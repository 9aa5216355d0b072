"""Panda3D: `update()` is a task.

    import livescripts.engines.panda3d

    livescripts.engines.panda3d.install(live)
    base.run()

# Tasks run one after the other. Ours is the first of a frame, before input (-50), events and behaviours (0) and drawing (50):
# whatever runs in a frame is of one version.
# Tasks in a chain with threads of its own run beside it: such a chain must not run behaviours.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from livescripts.engines._ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.host import LiveScripts

__all__ = ["install"]

_FIRST = -1000


def install(live: LiveScripts) -> Callable[[], None]:
    """Have Panda3D's task manager update `live` at the beginning of each frame. Returns the undo."""
    manager = import_module("direct.task.TaskManagerGlobal").taskMgr

    def update(task: Any) -> object:
        return task.cont if tick(live) else task.done

    task = manager.add(update, "livescripts", sort=_FIRST)

    def undo() -> None:
        manager.remove(task)

    return undo
