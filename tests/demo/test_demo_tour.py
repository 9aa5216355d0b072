"""The tour: it passes, and it is able to fail."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo_game.engine.tour.edits import Rename, Replace, Write
from demo_game.engine.tour.probes import Stage, Verdict
from demo_game.engine.tour.runner import Pace, Runner
from demo_game.engine.tour.steps import STEPS, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Run


def test_the_whole_tour_passes_without_a_window(run: Run) -> None:
    """Every step is printed as ok, in its order, and the exit code is 0."""
    done = run("--tour", "--headless")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(\w+) +(\d+)\.", done.stdout, re.MULTILINE) == [
        ("ok", str(number + 1)) for number in range(len(STEPS))
    ]


def test_the_tour_edits_a_copy(run: Run, scripts: Path) -> None:
    """The scripts it was started with are what they were; and a tour that cannot be taken fails."""
    bugs = scripts / "tuning" / "bugs.py"
    bugs.write_text(bugs.read_text(encoding="utf-8").replace("health=4, ", "health=5, "), encoding="utf-8")
    before = {path: path.read_bytes() for path in scripts.rglob("*.py")}
    done = run("--tour", "--headless", "--scripts", scripts)
    assert done.returncode == 1
    assert re.search(r"^FAILED +1\. .*\n +the edit cannot be made \(tuning/bugs.py has 0", done.stdout, re.MULTILINE)
    assert {path: path.read_bytes() for path in scripts.rglob("*.py")} == before


def test_the_edits_of_the_tour_fit_the_scripts(scripts: Path) -> None:
    """All of them can be made, one after the other, and each has something to show."""
    for step in STEPS:
        for edit in step.edits:
            edit.apply(scripts)
            assert edit.lines()
    changed = {path.relative_to(scripts) for path in scripts.rglob("*.py")}
    assert Path("bugs/firefly.py") in changed
    assert Path("bugs/crawlers.py") not in changed


class Scene:
    """A stand-in for a session: the runner only asks for the drone and the place of the scripts."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.world: Any = type("World", (), {"player": None})()


def steps(*verdicts: list[bool]) -> list[Step]:
    """Return steps that write a file each and see what they are told to see."""

    def expecting(answers: list[bool]) -> Any:
        def expect(_: Stage) -> Iterator[Verdict]:
            for good in answers:
                yield Verdict(good, f"saw {good}")
            while True:
                yield Verdict(good=False, seen="nothing")

        return expect

    return [
        Step(f"step {number}", (Write(f"new{number}.py", "x = 1\n"),), expecting(answers))
        for number, answers in enumerate(verdicts)
    ]


def take(root: Path, table: list[Step]) -> tuple[Runner, list[str], float]:
    """Take a tour in no time; return the runner, what it said, and the seconds it believes it took."""
    said: list[str] = []
    scene: Any = Scene(root)
    runner = Runner(scene, table, Pace(announce=1.0, hold=1.0, deadline=5.0), said.append)
    now = 0.0
    while runner.phase != "over":
        runner.tick(now)
        now += 0.1
        assert now < 100
    return runner, said, now


def test_the_runner_goes_from_step_to_step(tmp_path: Path) -> None:
    """An effect may take a few frames."""
    runner, said, _ = take(tmp_path, steps([False, True], [False, False, False, True]))
    assert runner.passed
    assert [line.split()[0] for line in said] == ["ok", "ok"]
    assert (tmp_path / "new0.py").exists()
    assert (tmp_path / "new1.py").exists()


def test_an_effect_that_does_not_come_ends_the_tour(tmp_path: Path) -> None:
    """After the deadline, not before; and no later step is tried."""
    runner, said, now = take(tmp_path, steps([False], [False, True]))
    assert runner.failed
    assert not runner.passed
    assert len(said) == 1
    assert said[0].startswith("FAILED")
    assert "not within 5 s; seen: nothing" in said[0]
    assert 6.0 < now < 7.0
    assert not (tmp_path / "new1.py").exists()


def test_an_effect_that_was_there_before_proves_nothing(tmp_path: Path) -> None:
    """The edit is not even made."""
    runner, said, _ = take(tmp_path, steps([True]))
    assert runner.failed
    assert "the effect was there before the edit" in said[0]
    assert not (tmp_path / "new0.py").exists()


@pytest.mark.parametrize("by_rename", [False, True])
def test_replacing(tmp_path: Path, by_rename: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Both ways of saving end in the same file; nothing is left beside it."""
    file = tmp_path / "a.py"
    file.write_text("one\ntwo\nthree\n", encoding="utf-8")
    Replace("a.py", "two", "2", by_rename=by_rename).apply(tmp_path)
    assert file.read_text(encoding="utf-8") == "one\n2\nthree\n"
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


@pytest.mark.parametrize("old", ["four", "o"])
def test_replacing_what_is_not_there_once_is_an_error(tmp_path: Path, old: str) -> None:
    """A tour that skips an edit would wait for an effect that cannot come."""
    (tmp_path / "a.py").write_text("one\ntwo\n", encoding="utf-8")
    with pytest.raises(ValueError, match="to be replaced"):
        Replace("a.py", old, "x").apply(tmp_path)


def test_writing_and_renaming_never_overwrite(tmp_path: Path) -> None:
    """Both want a free name."""
    Write("a.py", "1").apply(tmp_path)
    Write("b.py", "2").apply(tmp_path)
    with pytest.raises(FileExistsError):
        Write("a.py", "3").apply(tmp_path)
    with pytest.raises(FileExistsError):
        Rename("a.py", "b.py").apply(tmp_path)


def test_the_caption_shows_only_what_differs() -> None:
    """Context lines of a replacement are not shown as changes."""
    edit = Replace("a.py", "same\nold\nend\n", "same\nnew\nmore\nend\n")
    assert edit.lines() == [("-", "old"), ("+", "new"), ("+", "more")]


def test_the_tour_shows_what_the_game_promises() -> None:
    """A value, a behaviour, a new file, renames, a syntax error, a failing test, fixes, a roll-back, and an undo."""
    kinds = {type(edit).__name__ for step in STEPS for edit in step.edits}
    assert kinds == {"Replace", "Write", "Rename", "Undo"}
    assert any(edit.by_rename for step in STEPS for edit in step.edits if isinstance(edit, Replace))
    words = " ".join(step.caption.lower() for step in STEPS)
    for word in (
        "number",
        "behaviour",
        "new file",
        "another name",
        "syntax error",
        "unit test",
        "raises",
        "rolled back",
        "undo",
    ):
        assert word in words
