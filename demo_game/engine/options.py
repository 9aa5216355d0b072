"""What the command line asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    pictures: Path | None = None
