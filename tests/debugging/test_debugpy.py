"""What an editor's debugger does, in a real session of debugpy, the one that VS Code brings."""

from __future__ import annotations

import os
import time

import pytest

import livescripts

pytest.importorskip("debugpy", reason="debugpy is not installed")

from .dap import LIMIT, Game

LIBRARY = os.path.dirname(livescripts.__file__)
FIRST = """
def help(x):
    return x

class Goblin:
    def act(self):
        value = help(1)
        return value
"""
SECOND = "# One line more.\n" + FIRST.replace("help(1)", "help(2)")


@pytest.fixture(scope="module")
def game(tmp_path_factory):
    """A game with a debugger: it takes seconds to start."""
    path = tmp_path_factory.mktemp("scripts") / "goblin.py"
    path.write_text(FIRST)
    made = Game(path)
    yield made
    made.close()


@pytest.fixture
def client(game):
    game.client.ask("setExceptionBreakpoints", filters=[])
    game.save(FIRST)
    assert game.said() == "1"
    return game.client


def test_breakpoints_hit_before_and_after_a_reload_that_shifts_lines(game, client):
    assert client.set_breakpoints(game.goblin, 8)[0]["verified"]
    game.frame()
    thread, frames = client.stopped("breakpoint")
    assert frames[0][1:] == (game.goblin, 8)
    assert client.evaluate(thread, "value") == "1"
    client.ask("continue", threadId=thread)
    assert game.said() == "1"

    # An editor moves its breakpoints along with the text.
    game.save(SECOND, 9)
    thread, frames = client.stopped("breakpoint")
    assert frames[0][1:] == (game.goblin, 9)
    assert client.evaluate(thread, "value") == "2"
    client.ask("continue", threadId=thread)
    assert game.said() == "2"


def test_a_condition_and_stepping_over_update(game, client):
    point = {"line": 9, "condition": "value == 3"}
    game.save(SECOND, point)
    assert game.said() == "2"
    game.save(SECOND.replace("help(2)", "help(3)"), point)
    thread, frames = client.stopped("breakpoint")
    assert frames[0][1:] == (game.goblin, 9)
    # Out of the script into the loop, and from there over all that `live.update()` does, and into the script again.
    client.set_breakpoints(game.goblin, 8)
    game.frame()
    while True:
        client.ask("next", threadId=thread)
        thread, frames = client.stopped("step", "breakpoint")
        assert frames[0][1] in (game.goblin, None) or not frames[0][1].startswith(LIBRARY), frames
        if frames[0][1:] == (game.goblin, 8):
            break
    client.set_breakpoints(game.goblin)
    client.ask("continue", threadId=thread)
    assert (game.said(), game.said()) == ("3", "3")


def test_who_stops_in_the_body_of_a_script_has_all_the_time_of_the_world(game, client):
    game.save(SECOND, 6)
    thread, frames = client.stopped("breakpoint")
    assert frames[0] == ("<module>", game.goblin, 6)
    began = time.monotonic()
    while time.monotonic() < began + 2 * LIMIT:
        assert client.evaluate(thread, "__name__") == "'game.goblin_py'"
    client.set_breakpoints(game.goblin)
    client.ask("continue", threadId=thread)
    assert game.said() == "2"


def test_of_exceptions_only_those_of_scripts_stop_it(game, client):
    """Any that is raised, even if it is caught: none of ours."""
    client.ask("setExceptionBreakpoints", filters=["raised"])
    game.save(SECOND)
    assert game.said() == "2"
    game.save(SECOND + "\n1 / 0\n")
    thread, frames = client.stopped("exception")
    assert frames[0] == ("<module>", game.goblin, 11)
    client.ask("setExceptionBreakpoints", filters=[])
    client.ask("continue", threadId=thread)
    assert game.said().startswith("rejected ")
