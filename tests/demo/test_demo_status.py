"""What the status line says, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo_game.engine.guard import Fault
from demo_game.engine.status import GOOD_SECONDS, MOST_LINES, Status
from livescripts.report import ClassChange, Problem, Rejected, Reloaded, Report

ROOT = Path("/game/scripts")
MOTH = ROOT / "bugs" / "moth.py"
WASP = ROOT / "bugs" / "wasp.py"


def rejection(path: Path = MOTH, *others: Path) -> Rejected:
    """Return the rejection of a script."""
    problem = Problem(path, 7, "x = (", "SyntaxError: '(' was never closed", SyntaxError("x"))
    return Rejected((path, *others), (problem,))


def test_a_reload_is_told_for_some_seconds() -> None:
    """Scripts, milliseconds, entities; then it goes."""
    status = Status(ROOT)
    outcome = Reloaded((MOTH,), dependants=(WASP,), migrated=12, seconds=0.0042)
    (told,) = status.note(Report((outcome,)), now=100.0)
    assert told.kind == "reloaded"
    assert told.text == "reloaded bugs/moth.py in 4 ms, 12 entities migrated, with bugs/wasp.py"
    assert status.lines(100.0 + GOOD_SECONDS - 0.1, {}, []) == [told]
    assert status.lines(100.0 + GOOD_SECONDS + 0.1, {}, []) == []


def test_classes_that_stay_themselves_are_told_by_name() -> None:
    """Their entities need not migrate, so there is no number to tell."""
    change = ClassChange("game.bugs.Moth", created=False)
    outcome = Reloaded((MOTH,), classes=(change, ClassChange("game.bugs.Larva", created=True)), seconds=0.0042)
    (told,) = Status(ROOT).note(Report((outcome,)), now=100.0)
    assert told.text == "reloaded bugs/moth.py in 4 ms, Moth edited"


def test_a_rejection_stays_until_it_is_fixed() -> None:
    """File, line, error and source; no time makes it go, only an empty `errors`."""
    status = Status(ROOT)
    status.note(Report((rejection(),)), now=0.0)
    errors = {MOTH: SyntaxError("x")}
    (line,) = status.lines(10_000.0, errors, [])
    assert line.kind == "rejected"
    assert line.text == "rejected bugs/moth.py:7: SyntaxError: '(' was never closed   >  x = ("
    assert status.lines(10_001.0, {}, []) == []


def test_a_newer_rejection_of_the_same_script_replaces_the_older() -> None:
    """Otherwise each save of a broken file would add a line."""
    status = Status(ROOT)
    status.note(Report((rejection(),)), now=0.0)
    status.note(Report((rejection(MOTH, WASP),)), now=1.0)
    assert len(status.lines(2.0, {MOTH: SyntaxError("x"), WASP: SyntaxError("y")}, [])) == 1


def test_an_error_nobody_reported_is_shown_all_the_same() -> None:
    """Saved is not running: that must be visible however it came about."""
    (line,) = Status(ROOT).lines(0.0, {WASP: ImportError("no name")}, [])
    assert line.text == "rejected bugs/wasp.py: no name"


def test_bad_news_comes_first_and_there_is_a_limit() -> None:
    """Rejections, faults, reloads: in this order."""
    status = Status(ROOT)
    for number in range(MOST_LINES):
        status.note(Report((Reloaded((ROOT / f"{number}.py",)),)), now=0.0)
    status.note(Report((rejection(),)), now=0.0)
    lines = status.lines(1.0, {MOTH: SyntaxError("x")}, [Fault(WASP, 3, "ZeroDivisionError", 1, 0)])
    assert [line.kind for line in lines] == ["rejected", "fault", "reloaded", "reloaded"]
    assert "3.py" in lines[2].text


def test_a_file_saved_back_is_told() -> None:
    """Undoing an edit is a way to fix it."""
    (line,) = Status(ROOT).note(Report(reverted=(MOTH,)), now=0.0)
    assert line.text == "back to the running version: bugs/moth.py"


@pytest.mark.usefixtures("screen")
@pytest.mark.parametrize(
    "words",
    [
        "a short one",
        "many words " * 60,
        "/one/very/long/path" * 30,
        "mixed " + "x" * 300 + " and then " * 20,
        "two\nlines\tand a tab\0",
        "",
    ],
)
@pytest.mark.parametrize("most", [1, 2, 5])
def test_wrapped_text_fits(words: str, most: int) -> None:
    """No line is wider than asked, and there are not more of them; what fits is not cut."""
    from demo_game.engine import text

    lines = text.wrap(words, 24, 400, most)
    assert len(lines) <= most
    assert all(text.font(24).size(line)[0] <= 400 for line in lines)
    whole = text.wrap(words, 24, 400, 1000)
    assert "".join(whole).replace(" ", "") == text.printable(words).replace(" ", "").replace("\n", "")
    assert (lines == whole) or lines[-1].endswith(" ...")
