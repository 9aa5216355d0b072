"""pdb in a game whose scripts are edited: breakpoints, `breakpoint()`, stepping over `live.update()`."""

from __future__ import annotations

import io
import os
import pdb  # noqa: T100, it is what is tested
import sys
import threading
import time

import pytest

from livescripts._runtime.debuggers import is_debugged
from livescripts.errors import ScriptTimeout
from livescripts.testing import Project

FIRST = """
def help(x):
    return x

class Goblin:
    def act(self):
        value = help(1)
        return value
"""
SECOND = "# One line more.\n" + FIRST.replace("help(1)", "help(2)")
LIMIT = 0.2  # seconds that a script may take


class Session(pdb.Pdb):
    """Somebody who types these commands, and what pdb says; `before` is called before each."""

    def __init__(self, *commands, before=lambda: None):
        self.said = io.StringIO()
        self.before = before
        self.typed = [*commands]
        super().__init__(stdin=io.StringIO(), stdout=self.said, nosigint=True, readrc=False)
        self.use_rawinput = False

    def cmdloop(self, intro=None):
        stop = None
        while not stop:
            while self.cmdqueue:  # since 3.13, what tells where it stands
                self.onecmd(self.cmdqueue.pop(0))
            self.before()
            stop = self.onecmd(self.typed.pop(0) if self.typed else "continue")


@pytest.fixture(autouse=True)
def nobody_traces():
    yield
    sys.settrace(None)
    pdb.Pdb(nosigint=True, readrc=False).clear_all_breaks()


@pytest.fixture
def game(project, tmp_path, monkeypatch):
    """Scripts that are on the disk as well: pdb looks whether a file is there."""
    monkeypatch.setattr(Project, "ROOT", str(tmp_path))
    (tmp_path / "goblin.py").touch()
    made = project({"goblin.py": FIRST}, timeout=LIMIT)
    made.goblin = os.path.join(str(tmp_path), "goblin.py")
    return made


def test_a_breakpoint_hits_in_the_edited_script_before_and_after_the_reload(game):
    goblin = game.namespace.Goblin()
    before = Session("continue", "p 'value', value")
    before.set_break(game.goblin, 8)
    assert before.runcall(goblin.act) == 1
    assert "('value', 1)" in before.said.getvalue()
    before.clear_all_breaks()
    game.save("goblin.py", SECOND)
    after = Session("continue", "where", "p 'value', value")
    after.set_break(game.goblin, 9, cond="value == 2")
    after.set_break(game.goblin, 9, cond="value == 1")
    assert after.runcall(goblin.act) == 2
    assert "('value', 2)" in after.said.getvalue()
    assert f"> {game.goblin}(9)act()\n-> return value" in after.said.getvalue()


def test_a_breakpoint_that_is_set_before_a_reload_stays_at_its_line(game):
    session = Session()
    session.set_break(game.goblin, 8)

    def play():
        game.save("goblin.py", SECOND)
        return game.namespace.Goblin().act()

    assert session.runcall(play) == 2
    assert f"> {game.goblin}(8)act()\n-> value = help(2)" in session.said.getvalue()


def test_breakpoint_in_a_script_stops_there_and_steps_over_update(game, monkeypatch):
    session = Session(*["next"] * 7)
    monkeypatch.setattr(sys, "breakpointhook", lambda: session.set_trace(sys._getframe(1)))
    game.save("goblin.py", SECOND.replace("        value", "        breakpoint()\n        value"))

    def frame():
        value = game.namespace.Goblin().act()
        game.live.update()
        return value

    assert frame() == 2
    said = session.said.getvalue()
    assert "-> value = help(2)" in said
    assert "game.live.update()" in said
    assert "livescripts/host.py" not in said


def test_who_stops_in_the_body_of_a_script_is_not_hurried(game, monkeypatch):
    def dawdle():
        end = time.monotonic() + 2 * LIMIT
        while time.monotonic() < end:
            pass

    session = Session("p __name__", "continue", before=dawdle)
    monkeypatch.setattr(sys, "breakpointhook", lambda: session.set_trace(sys._getframe(1)))
    report = game.save("goblin.py", SECOND + "\nbreakpoint()\nX = 1\n")
    assert report.reloaded, str(report)
    assert "'game.goblin_py'" in session.said.getvalue()


def test_a_loop_without_end_is_stopped_after_the_debugger_has_gone(game, monkeypatch):
    session = Session("continue")
    monkeypatch.setattr(sys, "breakpointhook", lambda: session.set_trace(sys._getframe(1)))
    report = game.save("goblin.py", SECOND + "\nbreakpoint()\nwhile True: pass\n")
    assert isinstance(report.rejected[0].problems[0].error, ScriptTimeout)
    assert session.typed == []


def test_only_debuggers_are_taken_for_debuggers():
    def asked():
        found = []
        thread = threading.Thread(target=lambda number: found.append(is_debugged(number)), args=[threading.get_ident()])
        thread.start()
        thread.join()
        return found[0]

    def measure(*_):
        return measure

    assert not asked()
    sys.settrace(measure)
    assert not asked()
    sys.settrace(None)
    session = Session("step", "continue")
    assert session.runcall(asked)
