"""What the command line asked for."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

FROZEN: bool = getattr(sys, "frozen", False)
"""Whether this is a build of the game, such as PyInstaller's, in which nobody edits anything."""
SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"


@dataclass(frozen=True, slots=True)
class Options:
    """The choices of one run."""

    headless: bool = False
    autopilot: bool = False
    tour: bool = False
    frames: int | None = None
    """Steps after which the run ends. None: when the window is closed; half a minute without one."""
    seed: int = 1
    screenshot: Path | None = None
    scripts: Path = SCRIPTS
    shipped: bool = FROZEN
    """Whether to play as it is shipped: scripts are loaded, and not watched."""
    pictures: Path | None = None
