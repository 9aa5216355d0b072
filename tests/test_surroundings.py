"""What may become of the world around a game: its directory, its clock, its script directory."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from livescripts import LiveScripts
from livescripts.testing import FakeClock, Project

DEADLINE = 20.0  # seconds


def until(live, condition):
    """Play until it is so."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        live.update()
        time.sleep(0.005)


@pytest.fixture
def scripts(tmp_path, monkeypatch):
    """A script directory of which the game knows the relative path."""
    directory = tmp_path / "game" / "scripts"
    directory.mkdir(parents=True)
    (directory / "goblins.py").write_text("speed = 1\n")
    monkeypatch.chdir(directory.parent)
    return directory


def test_a_game_that_changes_its_directory_goes_on(scripts, tmp_path):
    with LiveScripts(settle=0.0) as live:
        live.add_directory("scripts", namespace="game")
        import game

        os.chdir(tmp_path)
        (scripts / "goblins.py").write_text("speed = 2\n")
        until(live, lambda: game.speed == 2)
        assert live.reload(scripts / "goblins.py").reloaded
        assert live.undo().reloaded
        assert game.speed == 1


def test_a_directory_that_is_deleted_and_comes_back_loses_only_what_is_gone(scripts, tmp_path):
    with LiveScripts(settle=0.0) as live:
        live.add_directory("scripts", namespace="game")
        import game

        (scripts / "orcs.py").write_text("class Orc: size = 1\n")
        until(live, lambda: hasattr(game, "Orc"))
        orc = game.Orc()
        shutil.copytree(scripts, tmp_path / "aside")
        shutil.rmtree(scripts)
        until(live, lambda: not hasattr(game, "Orc"))
        shutil.move(tmp_path / "aside", scripts)
        until(live, lambda: hasattr(game, "Orc") and hasattr(game, "speed"))
        (scripts / "orcs.py").write_text("class Orc: size = 2\n")
        until(live, lambda: game.Orc.size == 2)
        assert orc.size == 2
        assert isinstance(orc, game.Orc)


@pytest.mark.parametrize("jump", [-1e9, -3600.0, -1.0, 1e9])
def test_a_clock_that_jumps_does_not_stop_reloading(jump):
    clock = FakeClock()
    with Project({"a.py": "A = 1"}, clock=clock) as project:
        for number in range(2, 6):
            project.write("a.py", f"A = {number}")
            project.live.update()
            clock.now += jump
            for _ in range(100):
                project.live.update()
                clock.now += 0.01
                if not project.live.busy:
                    break
            assert project.namespace.A == number


def test_what_was_taken_for_gone_is_asked_for_again(project):
    # A directory that is moved away and back at once looks to the watcher as ever, and the game has looked in between.
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.delete("a.py")
    assert game.update().reloaded[0].removed
    assert game.watcher.forgotten == [game.path("a.py")]
