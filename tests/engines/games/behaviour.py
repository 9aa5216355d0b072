"""What the games of all engines have in common: a script is saved while the engine's own loop runs, and a goblin follows."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

import livescripts

SCRIPT = Path(sys.argv[1]) / "goblin.py"

live = livescripts.LiveScripts(settle=0.01, compile_process=False)
live.add_directory(SCRIPT.parent, namespace="game")
goblin = importlib.import_module("game").Goblin()
seen: list[int] = []
deadline = time.monotonic() + 20.0


def frame() -> bool:
    """One frame of the game; True when it is over."""
    seen.append(goblin.speed())
    if len(seen) == 3:
        SCRIPT.write_text(SCRIPT.read_text().replace("return 1", "return 2"))
    return seen[-1] == 2 or time.monotonic() > deadline


def finish() -> None:
    """Say how it went. The test reads this line."""
    print(f"saw {sorted(set(seen))} in several frames: {len(seen) > 3}", flush=True)  # noqa: T201
    live.close()
