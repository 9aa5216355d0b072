"""Whether the game is being debugged: then nobody says how long a script may take.

# Asked by another thread than the one in question, so `sys.gettrace()` says nothing about it; its frames do.
# A tool that only measures is no debugger: coverage traces lines as well.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Thread
    from types import FrameType

__all__ = ["is_debugged", "left_alone"]

# `bdb` is below pdb, IPython's, pudb and others; pydevd below those of VS Code (debugpy), PyCharm and Eclipse.
_DEBUGGERS = ("bdb", "pdb", "pydevd", "_pydevd", "debugpy")

# Python's own documentation describes it, in spite of its name.
_frames = cast("Callable[[], dict[int, FrameType]]", cast("Any", sys)._current_frames)


def is_debugged(thread: int) -> bool:
    """Whether this thread is stopped in a debugger, or was started by one. To be asked from any thread."""
    if sys.version_info >= (3, 12) and sys.monitoring.get_tool(sys.monitoring.DEBUGGER_ID) is not None:
        return True
    frame = _frames().get(thread)
    while frame is not None:
        # Not `f_trace`: pdb leaves it behind in the frames of the game when it goes.
        # What a script puts there does not get to run here.
        name = dict.get(frame.f_globals, "__name__")
        if type(name) is str and name.startswith(_DEBUGGERS):
            return True
        frame = frame.f_back
    return False


def left_alone(thread: Thread) -> Thread:
    """Have debuggers not stop this thread, which is ours, when they stop the game.

    pydevd stops all threads at once, wherever they are: one that holds a lock would hold it for as long. This attribute is
    what it looks at, and what ipykernel sets for the same reason.
    """
    setattr(thread, "pydev_do_not_trace", True)  # noqa: B010, no attribute that a type checker knows
    return thread
