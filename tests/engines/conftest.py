"""What the tests of engines share: a goblin in a script, and a game in a process of its own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    directory = tmp_path / "scripts"
    directory.mkdir()
    (directory / "goblin.py").write_text("class Goblin:\n    def speed(self):\n        return 1\n")
    return directory


@pytest.fixture
def run(scripts: Path) -> Run:
    """Run a game of `games/` with its engine, without a screen; skip where the engine is not installed."""

    def run(engine: str, *needs: str) -> subprocess.CompletedProcess[str]:
        # Looked for, not imported: engines warn, open displays and never quite leave a process.
        missing = [name for name in needs if importlib.util.find_spec(name) is None]
        if missing:
            pytest.skip(f"{', '.join(missing)} is not installed (pip install -e '.[engines]')")
        hidden = {"DISPLAY", "WAYLAND_DISPLAY", "PYTHONWARNINGS"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        environment |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYTHONPATH": str(ROOT)}
        return subprocess.run(
            [sys.executable, HERE / "games" / f"{engine}_game.py", scripts],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
