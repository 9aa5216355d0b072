"""The log: one event, one line, and for a rejection the source line below it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from livescripts.testing import Project

A = "class A:\n    def f(self, x=0): return 1\n"


def lines(caplog):
    """What was logged since the last call."""
    said = [(record.levelname, record.message) for record in caplog.records]
    caplog.clear()
    return said


def shape(message):
    """A message without its milliseconds."""
    return message.partition(" (")[0]


@pytest.fixture
def game(project, caplog):
    caplog.set_level(logging.INFO, "livescripts")
    return project({"a.py": A, "b.py": "from game import A\nclass B(A): pass\n"})


def test_each_event_is_a_line_with_version_numbers(game, caplog):
    game.save("a.py", A.replace("1", "2"))
    game.live.undo()
    game.live.reload()
    game.save("c.py", "C = 1")
    game.delete("c.py")
    game.update()
    assert [(level, shape(message)) for level, message in lines(caplog)] == [
        ("INFO", "reloaded a.py v2"),
        ("INFO", "taken back a.py to v1"),
        ("INFO", "reloaded a.py v2"),
        ("INFO", "reloaded c.py v1"),
        ("INFO", "removed c.py"),
    ]


def test_a_roll_back_says_because_of_what(game, caplog):
    game.save("a.py", A.replace("1", "1 / x"))
    game.live.call(game.namespace.B().f)
    game.update()
    assert shape(lines(caplog)[-1][1]).startswith(
        "rolled back a.py to v1, because a.py:2: A.f raised ZeroDivisionError"
    )


def test_a_rejection_has_its_place_its_line_and_a_caret(game, caplog):
    game.save("a.py", A.replace("f(self", "f((self"))
    ((level, message),) = lines(caplog)
    first, source, caret = message.splitlines()
    assert level == "ERROR"
    assert first.startswith(f"rejected {game.path('a.py')}:2: SyntaxError: ")
    assert source == "    def f((self, x=0): return 1"
    assert caret.strip() == "^"
    game.save("a.py", A)
    assert lines(caplog) == [("INFO", "back to the running version: a.py")]


@pytest.mark.parametrize(
    ("text", "caret"),
    [
        ("A = [1,\n  2 + 'x']", "2 + 'x']"),  # it is the whole line
        ("A = 1\nB = A + nonsense", "B = A + nonsense\n            ^"),
        ("A = 'é' + nonsense", "A = 'é' + nonsense\n              ^"),
        ("if 1:\n    A = 1 / 0", "A = 1 / 0\n        ^"),
        ("raise ValueError('a')", "raise ValueError('a')"),
        ("def f():\n    return nonsense\nA = f()", "return nonsense\n           ^"),
    ],
)
def test_the_caret_stands_below_what_raised(game, caplog, text, caret):
    game.save("c.py", text)
    ((_, message),) = lines(caplog)
    assert message.endswith(f"\n    {caret}")


def test_a_rejection_for_another_files_sake_names_both(game, caplog):
    game.save("a.py", "class Z: pass")
    ((_, message),) = lines(caplog)
    assert message.splitlines()[0] == "rejected a.py:"
    assert message.splitlines()[1].startswith(f"{game.path('b.py')}:1: NameTakenError: ")


def test_which_version_runs_can_be_asked(game):
    path = Path(Project.ROOT, "a.py")
    assert game.live.version(path) == 1
    game.save("a.py", A.replace("1", "2"))
    game.save("a.py", A.replace("1", "("))
    assert game.live.version(str(path)) == 2
    game.live.undo()
    assert game.live.version(path) == 1
    assert game.live.version("nowhere.py") is None


def test_whether_anything_is_watched_can_be_asked(game):
    from livescripts import LiveScripts

    assert game.live.watching
    with LiveScripts(watch=False) as live:
        assert not live.watching


def test_a_callback_that_raises_is_named_as_its_source_names_it(game, caplog):
    def celebrate(outcome):
        return 1 / 0

    game.live.on_reload(celebrate)
    caplog.clear()
    game.save("a.py", A.replace("1", "2"))
    (said,) = [message for level, message in lines(caplog) if level == "ERROR"]
    assert said.startswith("the callback test_a_callback_that_raises_")
    assert said.endswith("celebrate raised ZeroDivisionError: division by zero")
