"""`livescripts new`: a game that is there whole, or not at all, and that plays."""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from livescripts.cli.new import contents


def test_it_makes_a_game_whose_scripts_are_fine(shell):
    assert shell.run("new", "asteroids") == 0
    assert "cd asteroids && python main.py" in shell.out
    made = {path.relative_to(shell.place / "asteroids").as_posix() for path in shell.place.rglob("*") if path.is_file()}
    assert made == set(contents("asteroids"))
    assert {"main.py", "README.md", "pyproject.toml", ".gitignore", "test_game.py", "scripts/look.py"} < made
    assert shell.run("check", "asteroids/scripts", "--namespace", "game") == 0
    assert "5 scripts, 1 test, " in shell.out
    assert not [each for each in os.listdir(shell.place) if each != "asteroids"]


def test_the_name_is_put_in_and_every_file_is_sound():
    import tomllib

    for path, text in contents("my-game").items():
        assert "{{" not in text, path
        if path.endswith(".py"):
            ast.parse(text)
    assert tomllib.loads(contents("my-game")["pyproject.toml"])["project"]["name"] == "my-game"


@pytest.mark.parametrize("name", ["9lives", "a/b", "..", "", "-x", "a b", "é", "x.", "pygame", "LiveScripts", "a\n"])
def test_what_is_no_name_is_refused(shell, name):
    assert shell.run("new", "--", name) == 2
    assert os.listdir(shell.place) == []


def test_nothing_is_overwritten(shell):
    shell.write("full/main.py", "mine\n")
    shell.write("file", "mine\n")
    (shell.place / "empty").mkdir()
    assert shell.run("new", "full") == 2
    assert "is there already" in shell.err
    assert shell.run("new", "file") == 2
    assert shell.run("new", "x", "--into", "nowhere") == 2
    assert [path.name for path in (shell.place / "full").iterdir()] == ["main.py"]
    assert shell.run("new", "empty") == 0
    assert (shell.place / "empty" / "main.py").exists()


def test_what_cannot_be_finished_leaves_nothing(shell, monkeypatch):
    def fail(source, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "rename", fail)
    assert shell.run("new", "x") == 2
    assert "No space left" in shell.err
    assert os.listdir(shell.place) == []


def test_it_plays_and_its_tests_pass(shell):
    pytest.importorskip("pygame")
    shell.run("new", "asteroids")
    environment = {**os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    where = shell.place / "asteroids"
    for arguments in (["main.py", "--frames", "10"], ["-m", "unittest"]):
        said = subprocess.run(
            [sys.executable, *arguments],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert said.returncode == 0, said.stdout + said.stderr
    assert "Ran 2 tests" in said.stderr
