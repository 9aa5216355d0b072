"""The README tells the truth: its code runs, and what it shows of an error is what one looks like."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def run(code, where):
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    return subprocess.run([sys.executable, "-c", code], cwd=where, env=environment, timeout=60, check=False, text=True,
                          capture_output=True)  # fmt: skip


def test_the_integration_runs_in_a_pygame_loop(tmp_path):
    pytest.importorskip("pygame")
    (loop,) = (block for block in BLOCKS if "pygame" in block)
    (tmp_path / "scripts" / "enemies").mkdir(parents=True)
    # The player quits in the third frame.
    (tmp_path / "scripts" / "enemies" / "anything.py").write_text(
        "import pygame\nframes = 0\nclass Goblin:\n    def update(self, dt):\n        global frames\n        frames += 1\n"
        "        if frames == 25: pygame.event.post(pygame.event.Event(pygame.QUIT))\n"
    )
    code = loop.replace("import pygame\n", "import pygame\npygame.init()\npygame.display.set_mode((64, 64))\n", 1)
    result = run(code + "\nprint(game.enemies.frames)\nlive.close()", tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split()[-1] == "30"


def test_the_example_of_testing_runs(tmp_path):
    (example,) = (block for block in BLOCKS if "testing" in block)
    result = run(example, tmp_path)
    assert result.returncode == 0, result.stderr


def test_the_example_of_what_scripts_say_does_what_it_says(project):
    (example,) = (block for block in BLOCKS if "after_reload" in block)
    game = project({"a.py": example.replace("    @after_reload\n", "")})
    goblin = game.namespace.Goblin()
    game.namespace.Goblin.slain = 5
    assert game.save("a.py", example.replace("= 0", "= 1")).reloaded
    assert (goblin.slain, goblin.was) == (5, "Goblin")
    assert game.live.undo()
    assert type(goblin) is game.namespace.Goblin


def test_the_error_it_shows_is_what_one_looks_like(tmp_path):
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    scripts = tmp_path / "scripts"
    (scripts / "enemies").mkdir(parents=True)
    (scripts / "weapons").mkdir()
    (scripts / "enemies" / "goblin.py").write_text("from . import Enemy\n\nclass Goblin(Enemy)\n    pass\n")
    (scripts / "enemies" / "base.py").write_text("class Enemy: pass\n")
    (scripts / "weapons" / "bow.py").write_text(
        "import unittest\n\nclass Bow:\n    range = 12\nclass BowTest(unittest.TestCase):\n    def test_range(self):\n"
        "        self.assertLess(Bow().range, 10)\n"
    )
    code = "import livescripts\nwith livescripts.LiveScripts() as live:\n    live.add_directory('scripts', namespace='game')"
    result = run(code, tmp_path)
    said = result.stderr[result.stderr.index("livescripts.errors") :].replace(str(tmp_path), "/game")
    assert said.strip() == shown.strip()


def test_it_has_the_commands_that_set_everything_up_and_is_short():
    assert 'python -m pip install -e ".[demo]" && python -m demo_game' in README
    assert 'python -m pip install -e ".[dev]" && python -m pytest' in README
    assert len(README.splitlines()) < 120
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
