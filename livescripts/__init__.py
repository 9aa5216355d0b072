"""Change your game while it runs: hot-reload scripting for games written in Python.

import livescripts

live = livescripts.LiveScripts()
live.add_directory("scripts", namespace="game")
import game

while running:
    live.update()
"""

from livescripts.errors import (
    BlockedError,
    ClashError,
    ClosedError,
    CycleError,
    DirectoryError,
    LiveScriptsError,
    NamespaceError,
    NameTakenError,
    ReentrantError,
    ScriptError,
    ScriptTestError,
    ScriptTimeout,
    UndoneError,
    WrongThreadError,
)
from livescripts.host import Edge, LiveScripts, ScriptDirectory
from livescripts.report import (
    NOTHING,
    ClassChange,
    FileChange,
    HookError,
    Problem,
    Rejected,
    Reloaded,
    Report,
    Slow,
    Timings,
)
from livescripts.scripting import Fresh, Keep, after_reload, before_unload

__all__ = [
    "NOTHING",
    "BlockedError",
    "ClashError",
    "ClassChange",
    "ClosedError",
    "CycleError",
    "DirectoryError",
    "Edge",
    "FileChange",
    "Fresh",
    "HookError",
    "Keep",
    "LiveScripts",
    "LiveScriptsError",
    "NameTakenError",
    "NamespaceError",
    "Problem",
    "ReentrantError",
    "Rejected",
    "Reloaded",
    "Report",
    "ScriptDirectory",
    "ScriptError",
    "ScriptTestError",
    "ScriptTimeout",
    "Slow",
    "Timings",
    "UndoneError",
    "WrongThreadError",
    "after_reload",
    "before_unload",
]
