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
    RolledBackError,
    ScriptError,
    ScriptTestError,
    ScriptTimeout,
    SharedError,
    UndoneError,
    WrongThreadError,
)
from livescripts.host import Edge, LiveScripts, ScriptDirectory
from livescripts.report import (
    NOTHING,
    ClassChange,
    Commit,
    Errors,
    Fault,
    FileChange,
    HookError,
    Problem,
    Quarantined,
    Rejected,
    Reloaded,
    Report,
    ScriptVersion,
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
    "Commit",
    "CycleError",
    "DirectoryError",
    "Edge",
    "Errors",
    "Fault",
    "FileChange",
    "Fresh",
    "HookError",
    "Keep",
    "LiveScripts",
    "LiveScriptsError",
    "NameTakenError",
    "NamespaceError",
    "Problem",
    "Quarantined",
    "ReentrantError",
    "Rejected",
    "Reloaded",
    "Report",
    "RolledBackError",
    "ScriptDirectory",
    "ScriptError",
    "ScriptTestError",
    "ScriptTimeout",
    "ScriptVersion",
    "SharedError",
    "Slow",
    "Timings",
    "UndoneError",
    "WrongThreadError",
    "after_reload",
    "before_unload",
]
