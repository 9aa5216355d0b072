"""Shared by the tests of the demo game: no screen, no sound, and the repository importable."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

with warnings.catch_warnings():
    # pygame 2.6 imports pkg_resources, which warns; here warnings are errors. Once is enough.
    warnings.simplefilter("ignore")
    import pygame

SCRIPTS = ROOT / "demo_game" / "scripts"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run() -> Run:
    """Return a function that runs `python -m demo_game` to its end, without a display."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        hidden = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"}
        inherited = {name: value for name, value in os.environ.items() if name not in hidden}
        return subprocess.run(
            [sys.executable, "-m", "demo_game", *map(str, arguments)],
            cwd=ROOT,
            env=inherited | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Return a copy of the game's scripts that may be changed."""
    copy = tmp_path / "scripts"
    shutil.copytree(SCRIPTS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def screen() -> Iterator[pygame.Surface]:
    """Return a window nobody sees."""
    from demo_game.engine.display import hidden_surface
    from demo_game.engine.draw import WINDOW

    yield hidden_surface(WINDOW)
    pygame.quit()
