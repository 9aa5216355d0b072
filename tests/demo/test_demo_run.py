"""`python -m demo_game`: arguments, output, exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo_game.__main__ import parse
from demo_game.engine import pictures
from demo_game.engine.options import Options
from demo_game.engine.session import Session
from demo_game.engine.tour.runner import Pace

from .conftest import ROOT, Run


def checksum(output: str) -> str:
    """Return the checksum a headless run ends with."""
    found = re.search(r"checksum (\w{8})$", output, re.MULTILINE)
    assert found, output
    return found[1]


def test_the_same_seed_plays_the_same_game(run: Run) -> None:
    """Same seed: same output but for the time it took. Another seed: another game."""
    first, second, other = (run("--headless", "--frames", 500, "--seed", seed) for seed in (5, 5, 6))
    assert [done.returncode for done in (first, second, other)] == [0, 0, 0]
    took = re.compile(r"in \d+\.\d+ s")
    assert took.sub("", first.stdout) == took.sub("", second.stdout)
    assert checksum(first.stdout) != checksum(other.stdout)


def test_headless_prints_what_it_does_and_ends_by_itself(run: Run, tmp_path: Path) -> None:
    """A line every few seconds of game time, half a minute of it, and a picture if one was asked for."""
    picture = tmp_path / "without-a-suffix"
    done = run("--headless", "--screenshot", picture)
    assert done.returncode == 0
    # A checkout in which others may write is warned about.
    assert [line for line in done.stderr.splitlines() if "who can run code" not in line] == []
    assert len(re.findall(r"^ +\d+\.0 s  wave \d+  score ", done.stdout, re.MULTILINE)) == 6
    assert "1800 steps" in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the variables are X11's and Wayland's")
def test_without_a_display_it_says_so_and_runs_headless(run: Run) -> None:
    """No arguments, no screen: still something to see, and it ends."""
    done = run("--frames", 60)
    assert done.returncode == 0
    assert done.stdout.startswith("no display (neither DISPLAY nor WAYLAND_DISPLAY is set): running headless")
    assert checksum(done.stdout)


def test_a_display_that_cannot_be_opened_is_no_display(run: Run) -> None:
    """The variable is set but nobody answers."""
    done = run("--frames", 60, DISPLAY=":4711", SDL_VIDEODRIVER="x11")
    assert done.returncode == 0
    assert done.stdout.startswith("no display (")


def test_a_driver_without_a_screen_is_no_display(run: Run) -> None:
    """A window nobody can see or close would play for ever."""
    done = run("--frames", 60, SDL_VIDEODRIVER="dummy")
    assert done.returncode == 0
    assert done.stdout.startswith("no display (SDL's video driver is dummy): running headless")


def test_no_scripts_directory(run: Run, tmp_path: Path) -> None:
    """Exit code 2, and the path that is not there."""
    done = run("--headless", "--scripts", tmp_path / "nowhere")
    assert done.returncode == 2
    assert str(tmp_path / "nowhere") in done.stderr
    assert "Traceback" not in done.stderr


def test_no_directory_for_the_screenshot(run: Run, tmp_path: Path) -> None:
    """It is said at the start, not after the game."""
    done = run("--headless", "--screenshot", tmp_path / "nowhere" / "a.png")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_directory_for_the_pictures(run: Run, tmp_path: Path) -> None:
    """As with the screenshot."""
    done = run("--pictures", tmp_path / "nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_pictures_of_the_documentation(scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A still of a rejection, and one that moves; here of one step, in a hurry."""
    pytest.importorskip("PIL", reason="the moving picture needs Pillow")
    monkeypatch.setattr(pictures, "SHOWN", ("A syntax",))
    monkeypatch.setattr(pictures, "PACE", Pace(announce=0.1, hold=0.3))
    monkeypatch.setattr(pictures, "STILL_AFTER", 0.1)
    monkeypatch.setattr(pictures, "WARM_UP", 0.1)
    monkeypatch.setattr(pictures, "SIZE", (64, 36))
    with Session(scripts, seed=1) as session:
        assert pictures.take(session, tmp_path)
    assert (tmp_path / "overlay-rejection.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "tour.webp").read_bytes().startswith(b"RIFF")


def test_broken_scripts(run: Run, scripts: Path) -> None:
    """Exit code 1, and every broken file with its line."""
    (scripts / "fx" / "broken.py").write_text("x = 1\ny = (\n", encoding="utf-8")
    (scripts / "bugs" / "grub.py").write_text("1 / 0\n", encoding="utf-8")
    done = run("--headless", "--scripts", scripts)
    assert done.returncode == 1
    assert "broken.py:2" in done.stderr
    assert "grub.py:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_scripts_of_another_game(run: Run, tmp_path: Path) -> None:
    """They load, but there is nothing to play: exit code 1, and what is missing."""
    (tmp_path / "hello.py").write_text("x = 1\n", encoding="utf-8")
    done = run("--headless", "--scripts", tmp_path)
    assert done.returncode == 1
    assert "no game can be started from them: AttributeError" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_pygame_it_says_how_to_install_it() -> None:
    """Exit code 2, no traceback."""
    code = "import sys; sys.modules['pygame'] = None; from demo_game.__main__ import main; sys.exit(main([]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.strip() == 'the demo needs pygame:  python -m pip install -e ".[demo]"'


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for one process only")
def test_an_interrupt_is_a_clean_end() -> None:
    """Control-C: exit code 0, no traceback, and the state of the game."""
    # What a shell starts in the background ignores the signal, and hands that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "demo_game", "--headless", "--frames", "100000000"],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout is not None
        assert "wave" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")
    assert "interrupted" in out
    assert checksum(out)


@pytest.mark.parametrize("arguments", [["--frames", "0"], ["--frames", "x"], ["--seed"], ["--nonsense"]])
def test_wrong_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Argparse's exit code 2 and its usage line."""
    with pytest.raises(SystemExit) as stop:
        parse(arguments)
    assert stop.value.code == 2
    assert "usage: python -m demo_game" in capsys.readouterr().err


def test_arguments() -> None:
    """Everything the command line can say arrives."""
    assert parse([]) == Options()
    words = [
        "--headless",
        "--autopilot",
        "--tour",
        "--frames",
        "9",
        "--seed",
        "-3",
        "--screenshot",
        "a.png",
        "--scripts",
        "b",
        "--pictures",
        "c",
    ]
    expected = Options(
        headless=True,
        autopilot=True,
        tour=True,
        frames=9,
        seed=-3,
        screenshot=Path("a.png"),
        scripts=Path("b"),
        pictures=Path("c"),
    )
    assert parse(words) == expected


def test_starting_is_quick(run: Run) -> None:
    """A demo that takes seconds to appear is not shown twice. Generous: the machine may be busy."""
    began = time.perf_counter()
    assert run("--headless", "--frames", 1).returncode == 0
    assert time.perf_counter() - began < 5.0
