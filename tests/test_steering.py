"""`history`, `pause()` and `resume()`: what happened, and when nothing may."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from livescripts import NOTHING, ClosedError, ScriptVersion, WrongThreadError
from livescripts.testing import Project


def ROOT(relative):
    return Path(Project.ROOT, relative)


def told(game):
    return [(commit.number, commit.why, commit.versions) for commit in game.live.history]


def of(relative, before, version):
    return ScriptVersion(ROOT(relative), before, version)


# ------------------------------------------------------------------ history


def test_the_history_says_what_was_taken_over_why_and_which_versions(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    assert game.live.history == ()
    game.save("a.py", "A = 2")
    game.live.reload(game.path("b.py"))
    game.live.undo()
    game.save("a.py", "A = 3")
    assert told(game) == [
        (1, "saved", (of("a.py", 1, 2),)),
        (2, "forced", (of("b.py", 1, 1),)),
        (3, "undone", (of("a.py", 2, 1),)),
        (4, "saved", (of("a.py", 1, 3),)),
    ]


def test_a_roll_back_is_in_the_history(project):
    game = project({"a.py": "def f(): pass"})
    game.save("a.py", "def f(): 1 / 0")
    game.live.call(game.namespace.f)
    game.update()
    commit = game.live.history[-1]
    assert (commit.why, commit.versions) == ("rolled back", (of("a.py", 2, 1),))
    assert commit.outcomes[0].fault.what == "f"


def test_a_commit_has_its_parts_as_they_were_told_of(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    seen = []
    game.live.on_reload(lambda outcome: seen.append((outcome, game.live.history[-1])))
    game.write("a.py", "A = 2")
    game.write("b.py", "B = 2")
    game.write("c.py", "C = 1")
    game.write("d.py", "1 / 0")
    report = game.update()
    (commit,) = game.live.history
    assert commit.outcomes == report.reloaded
    assert commit.versions == (of("a.py", 1, 2), of("b.py", 1, 2), of("c.py", None, 1))
    assert [outcome.versions for outcome in report.reloaded] == [(version,) for version in commit.versions]
    assert seen == [(outcome, commit) for outcome in report.reloaded]


def test_it_keeps_nothing_alive_that_a_hook_raised(project):
    game = project({"a.py": "A = 1"})
    text = "from livescripts import before_unload\nclass Thing: pass\n@before_unload\ndef f():\n    thing = Thing()\n    1 / 0\n"
    game.save("a.py", text)
    (error,) = game.save("a.py", text + "A = 2").reloaded[0].hook_errors
    assert error.error
    assert not any(outcome.hook_errors for commit in game.live.history for outcome in commit.outcomes)


def test_what_was_rejected_is_no_part_of_it(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "1 / 0")
    assert game.live.history == ()
    game.save("a.py", "A = 2")
    assert told(game) == [(1, "saved", (of("a.py", 1, 2),))]


def test_a_script_that_goes_has_no_version(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.delete("a.py")
    game.update()
    assert told(game) == [(1, "saved", (of("a.py", 1, None),))]


def test_it_says_when(project, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1234.5)
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    assert game.live.history[0].when == 1234.5


# ------------------------------------------------------------------ pausing


def test_nothing_is_taken_over_while_it_is_paused(project):
    game = project({"a.py": "A = 1"})
    assert not game.live.paused
    game.live.pause()
    game.live.pause()
    game.write("a.py", "A = 2")
    game.write("b.py", "B = 1")
    for now in (2000.0, 2001.0, 2002.0):
        assert game.live.update(now) == NOTHING
    assert (game.namespace.A, game.live.paused, game.live.busy) == (1, True, True)
    game.live.resume()
    assert {path.name for outcome in game.update().reloaded for path in outcome.scripts} == {"a.py", "b.py"}
    assert (game.namespace.A, game.namespace.B, game.live.paused) == (2, 1, False)


def test_a_batch_that_is_on_its_way_waits_and_then_goes_on(project):
    game = project({f"a{n}.py": f"A{n} = 1" for n in range(5)}, frame_budget=0)
    for n in range(5):
        game.write(f"a{n}.py", f"A{n} = 2")
    game.live.update(2000.0)
    assert not game.live.update(2010.0)
    assert game.live.busy
    game.live.pause()
    assert not any(game.live.update(2020.0) for _ in range(50))
    assert {getattr(game.namespace, f"A{n}") for n in range(5)} == {1}
    game.live.resume()
    game.update()
    assert {getattr(game.namespace, f"A{n}") for n in range(5)} == {2}


def test_by_hand_everything_still_works_while_it_is_paused(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.pause()
    assert game.live.undo().reloaded
    assert game.namespace.A == 1
    assert game.live.reload().reloaded
    assert game.namespace.A == 2


def test_a_roll_back_waits_and_its_entity_is_skipped_meanwhile(project):
    game = project({"a.py": "def f(): return 1"})
    game.save("a.py", "def f(): 1 / 0")
    game.live.pause()
    assert game.live.call(game.namespace.f) is None
    assert not game.live.update()
    assert game.live.quarantined
    game.live.resume()
    assert game.live.update().reloaded[0].fault
    assert game.live.call(game.namespace.f) == 1


def test_a_paused_update_still_says_who_may_call(project):
    game = project({"a.py": "A = 1"})
    game.live.pause()
    game.write("a.py", "A = 2")
    raised = []

    def call():
        with pytest.raises(WrongThreadError) as caught:
            game.live.update()
        raised.append(caught)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert raised
    game.live.close()
    with pytest.raises(ClosedError):
        game.live.update()
