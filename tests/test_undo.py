"""`undo()`: back to what ran before the last reload, everything alive included, until somebody saves something new."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import types
from pathlib import Path

import pytest
from test_reloading import Ticking, world

import livescripts
from livescripts import NOTHING, UndoneError
from livescripts._core.history import BATCHES
from livescripts.testing import Project

LAYOUTS = pytest.mark.parametrize("layout", ["merged", "modules"])


def ROOT(relative):
    return Path(Project.ROOT, relative)


def undone(game):
    """The files that are not running as saved because of `undo`."""
    return {path.name for path, error in game.live.errors.items() if isinstance(error, UndoneError)}


def running(game):
    books = game.live._world.scripts, game.live._world.companions
    return {path: item.version.data for book in books for path, item in book.items()}


def quiet(game):
    """Nothing comes back by itself: not in the next frames, not when the watcher looks at everything again."""
    before = running(game), dict(game.live.errors)
    assert not game.update()
    game.watcher.report(game.ROOT)
    assert not game.update()
    game.watcher.report(*map(str, game.files.contents))
    assert not game.update()
    assert (running(game), dict(game.live.errors)) == before
    return True


# ------------------------------------------------------------------ code, names, entities, state


def test_code_and_names_are_those_before_the_last_reload(project):
    game = project({"a.py": "def f(): return 1\ndef old(): return 'old'"})
    game.save("a.py", "def f(): return 2\ndef new(): return 'new'")
    held = game.namespace.f
    assert (held(), hasattr(game.namespace, "old")) == (2, False)
    report = game.live.undo()
    assert (held(), game.namespace.f(), game.namespace.old()) == (1, 1, "old")
    assert not hasattr(game.namespace, "new")
    (outcome,) = report.reloaded
    assert outcome.undone
    assert outcome.scripts == (ROOT("a.py"),)
    assert str(outcome).startswith("taken back a.py to v1 (")
    assert quiet(game)


@LAYOUTS
def test_entities_go_back_with_their_state_and_those_made_since_as_well(project, layout):
    game = project({"a.py": "class Goblin:\n    def roar(self): return 'old'"}, layout=layout)
    space = (lambda: game.namespace) if layout == "merged" else (lambda: game.namespace.a)
    early = space().Goblin()
    early.hp = 3
    game.save("a.py", "class Goblin:\n    def roar(self): return 'new'\n    def fly(self): return 'up'")
    late = space().Goblin()
    late.hp = 4
    call = early.roar
    assert (early.roar(), late.fly()) == ("new", "up")
    report = game.live.undo()
    assert [goblin.roar() for goblin in (early, late)] == ["old", "old"]
    assert call() == "old"
    assert type(early) is type(late) is space().Goblin
    assert (early.hp, late.hp) == (3, 4)
    assert not hasattr(early, "fly")
    assert not hasattr(late, "fly")
    assert report.reloaded[0].undone


def test_state_is_kept_as_in_any_reload(project):
    game = project({"a.py": "score = 0\nlimit = 1\ndef gain():\n    global score\n    score += 1"})
    game.namespace.gain()
    game.save("a.py", "score = 0\nlimit = 2\ndef gain():\n    global score\n    score += 10")
    game.namespace.gain()
    report = game.live.undo()
    assert (game.namespace.score, game.namespace.limit) == (11, 1)
    assert report.reloaded[0].kept == ("game.score",)
    game.namespace.gain()
    assert game.namespace.score == 12


def test_dependants_follow(project):
    game = project({"a.py": "BASE = 1", "b.py": "from game import BASE\nTWICE = BASE * 2"})
    game.save("a.py", "BASE = 5")
    assert game.namespace.TWICE == 10
    report = game.live.undo()
    assert game.namespace.TWICE == 2
    assert report.reloaded[0].dependants == (ROOT("b.py"),)
    assert undone(game) == {"a.py"}


def test_callbacks_hear_of_it(project):
    game = project({"a.py": "class A:\n    v = 1"})
    game.save("a.py", "class A:\n    v = 2")
    told, pairs = [], []
    game.live.on_reload(told.append)
    game.live.on_class_updated(lambda old, new: pairs.append((old.__name__, new.v)))
    report = game.live.undo()
    assert told == list(report.reloaded)
    assert told[0].undone
    assert pairs == [("A", 1)]


def test_tracebacks_show_the_text_that_runs(project):
    import linecache

    game = project({"a.py": "def f(): return 'old'"})
    game.save("a.py", "def f(): return 'new'")
    game.live.undo()
    assert linecache.getline(game.path("a.py"), 1).strip() == "def f(): return 'old'"


# ------------------------------------------------------------------ files that come, go and move


@LAYOUTS
def test_an_added_file_is_taken_away_from_the_game_and_stays_visible(project, layout):
    game = project({"a.py": "A = 1"}, layout=layout)
    before = world(game)
    game.save("x/b.py", "B = 1")
    report = game.live.undo()
    assert {**world(game), "contents": None} == {**before, "contents": None}
    assert report.reloaded[0].removed == (ROOT("x/b.py"),)
    assert undone(game) == {"b.py"}
    assert "does not run, as before" in str(game.live.errors[ROOT("x/b.py")])
    assert quiet(game)
    with pytest.raises(ImportError):
        __import__("game.x.b")
    game.delete("x/b.py")
    report = game.update()
    assert (report.reverted, report.outcomes) == ((ROOT("x/b.py"),), ())
    assert not game.live.errors


@LAYOUTS
def test_a_removed_file_comes_back(project, layout):
    game = project({"x/a.py": "class A: v = 1", "x/b.py": "B = 1"}, layout=layout)
    x = game.namespace.x
    find = (lambda: x.A) if layout == "merged" else (lambda: sys.modules["game.x.a"].A)
    entity = find()()
    game.delete("x/a.py")
    assert game.update().reloaded[0].removed
    assert game.live.undo()
    assert find().v == 1
    assert type(entity) is find()
    assert undone(game) == {"a.py"}
    assert "runs a version from before" in str(game.live.errors[ROOT("x/a.py")])
    assert quiet(game)
    game.write("x/a.py", "class A: v = 1")
    assert game.update().reverted == (ROOT("x/a.py"),)
    assert not game.live.errors


@LAYOUTS
def test_a_directory_that_lost_all_its_files_comes_back(project, layout):
    game = project({"a.py": "A = 1", "x/__init__.py": "", "x/y/b.py": "B = 1"}, layout=layout)
    before = set(world(game)["modules"])
    game.delete("x/__init__.py")
    game.delete("x/y/b.py")
    game.update()
    assert set(world(game)["modules"]) < before
    game.live.undo()
    assert set(world(game)["modules"]) == before


@LAYOUTS
def test_a_renamed_file_gets_its_name_back(project, layout):
    game = project({"a.py": "class Goblin:\n    def name(self): return __name__"}, layout=layout)
    goblin = (game.namespace if layout == "merged" else game.namespace.a).Goblin()
    first = goblin.name()
    game.move("a.py", "b.py")
    assert game.update().reloaded
    assert ("game.b" in sys.modules) == (layout == "modules")
    game.live.undo()
    assert set(map(Path, running(game))) == {ROOT("a.py")}
    current = (game.namespace if layout == "merged" else game.namespace.a).Goblin
    assert type(goblin) is current
    assert goblin.name() == current().name() == first
    assert undone(game) == {"a.py", "b.py"}
    assert quiet(game)
    game.write("b.py", "class Goblin:\n    def name(self): return 'new'")
    # In one namespace they would both define Goblin.
    assert bool(game.update().rejected) == (layout == "merged")
    assert game.live.reload().reloaded
    assert set(map(Path, running(game))) == {ROOT("b.py")}
    assert not game.live.errors


def test_unit_tests_beside_a_script_go_back_with_it(project):
    tests = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.assertEqual(speed, {})"
    game = project({"a.py": "speed = 1", "a_unittest.py": tests.format(1)})
    game.write("a.py", "speed = 2")
    game.write("a_unittest.py", tests.format(2))
    assert game.update().reloaded
    assert game.live.undo().reloaded
    assert game.namespace.speed == 1
    assert undone(game) == {"a.py", "a_unittest.py"}
    # The tests that run are those of the running version.
    assert game.save("a.py", "speed = 3").rejected


def test_unit_tests_that_were_added_are_not_run_any_more(project):
    tests = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.assertEqual(speed, 1)"
    game = project({"a.py": "speed = 1"})
    game.save("a_unittest.py", tests)
    game.live.undo()
    assert undone(game) == {"a_unittest.py"}
    assert game.save("a.py", "speed = 2").reloaded
    assert undone(game) == {"a_unittest.py"}


# ------------------------------------------------------------------ batches and repetition


def test_a_batch_goes_back_as_one_however_many_parts_it_had(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.write("a.py", "A = 2")
    game.write("b.py", "B = 2")
    assert len(game.update().reloaded) == 2
    (outcome,) = game.live.undo().reloaded
    assert outcome.scripts == (ROOT("a.py"), ROOT("b.py"))
    assert (game.namespace.A, game.namespace.B) == (1, 1)
    assert not game.live.undo()


def test_what_was_committed_of_a_partly_rejected_batch_is_undone(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.write("a.py", "A = 2")
    game.write("b.py", "B = 1 / 0")
    report = game.update()
    assert report.reloaded
    assert report.rejected
    assert [outcome.scripts for outcome in game.live.undo().outcomes] == [(ROOT("a.py"),)]
    assert game.namespace.A == 1
    assert isinstance(game.live.errors[ROOT("b.py")], ZeroDivisionError)
    assert undone(game) == {"a.py"}


@LAYOUTS
def test_repeated_undo_walks_back_to_what_was_preloaded(project, layout):
    game = project({"a.py": "A = 0\nclass K:\n    v = 0"}, layout=layout)
    space = (lambda: game.namespace) if layout == "merged" else (lambda: sys.modules["game.a"])
    entity = space().K()
    states = [running(game)]
    for number in range(1, 4):
        game.write("a.py", f"A = {number}\nclass K:\n    v = {number}")
        game.write(f"b{number}.py", f"B{number} = 1")
        assert game.update().reloaded
        states.append(running(game))
    for number in (2, 1, 0):
        assert game.live.undo().reloaded
        assert (space().A, entity.v) == (number, number)
        assert running(game) == states[number]
        assert undone(game) == {"a.py", *(f"b{later}.py" for later in range(number + 1, 4))}
        assert quiet(game)
    assert game.live.undo() is NOTHING
    assert entity.v == 0
    # Saved again, the newest text is what was taken back; any other is new.
    assert not game.save("a.py", "A = 3\nclass K:\n    v = 3")
    assert game.save("a.py", "A = 2\nclass K:\n    v = 2").reloaded
    assert entity.v == 2


def test_there_is_nothing_to_undo_at_first_and_after_rejections_and_reloads_of_the_same(project):
    game = project({"a.py": "A = 1"})
    assert game.live.undo() is NOTHING
    game.save("a.py", "A = 1 / 0")
    assert game.live.undo() is NOTHING
    assert game.live.errors
    game.save("a.py", "A = 1")
    assert game.live.reload(game.path("a.py")).reloaded
    assert game.live.undo() is NOTHING
    livescripts.LiveScripts(watch=False).undo()


def test_a_reload_of_the_same_text_is_no_step_back(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.reload(game.path("a.py"))
    game.live.undo()
    assert game.namespace.A == 1


def test_what_reload_took_over_can_be_undone_without_a_watcher():
    from livescripts.testing import MemoryFiles

    files = MemoryFiles()
    files.directories.add(Project.ROOT)
    path = Project.ROOT + "/a.py"
    files.contents[path] = b"A = 1"
    with livescripts.LiveScripts(watch=False, files=files) as live:
        live.add_directory(Project.ROOT, namespace="game")
        files.contents[path] = b"A = 2"
        live.reload(path)
        assert sys.modules["game"].A == 2
        assert live.undo().reloaded
        assert sys.modules["game"].A == 1
        assert list(live.errors) == [Path(path)]
        files.contents[path] = b"A = 1"
        assert live.reload(path)
        assert not live.errors


def test_the_way_back_is_bounded(project):
    game = project({"a.py": "A = -1"})
    for number in range(BATCHES + 3):
        game.save("a.py", f"A = {number}")
    steps = 0
    while game.live.undo():
        steps += 1
    assert (steps, game.namespace.A) == (BATCHES, 2)


def test_nothing_alive_is_kept_for_the_way_back(project):
    game = project({"a.py": "class A: pass"})
    game.save("a.py", "class A:\n    v = 2")
    seen, todo = set(), [game.live._batches.history]
    while todo:
        item = todo.pop()
        if id(item) in seen or isinstance(item, type):
            continue
        seen.add(id(item))
        assert not isinstance(item, (types.ModuleType, types.FrameType, types.FunctionType))
        todo += gc.get_referents(item)
    assert len(seen) > 3


# ------------------------------------------------------------------ going forward again


def test_new_text_goes_forward_and_the_next_undo_returns_to_before_it(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    report = game.save("a.py", "A = 3")
    assert not report.reloaded[0].undone
    assert game.namespace.A == 3
    assert not game.live.errors
    game.live.undo()
    assert game.namespace.A == 1
    assert undone(game) == {"a.py"}
    assert not game.live.undo()


def test_the_same_text_saved_again_changes_nothing(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    assert not game.save("a.py", "A = 2")
    assert game.namespace.A == 1
    assert undone(game) == {"a.py"}


def test_the_running_text_saved_clears_it(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    report = game.save("a.py", "A = 1")
    assert (report.reverted, report.outcomes) == ((ROOT("a.py"),), ())
    assert not game.live.errors
    assert quiet(game)


@pytest.mark.parametrize("paths", [("a.py",), ()], ids=["of the file", "of everything"])
def test_a_reload_takes_it_as_it_is(project, paths):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    assert game.live.reload(*map(game.path, paths)).reloaded
    assert game.namespace.A == 2
    assert not game.live.errors
    game.live.undo()
    assert game.namespace.A == 1


def test_a_reload_takes_an_added_file_again(project):
    game = project({"a.py": "A = 1"})
    game.save("b.py", "B = 1")
    game.live.undo()
    assert game.live.reload(game.path("b.py")).reloaded
    assert game.namespace.B == 1
    game.live.undo()
    assert not hasattr(game.namespace, "B")


def test_undone_and_saved_back_there_is_no_error_after_the_next_step_back(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.save("a.py", "A = 1")
    game.live.undo()
    assert (game.namespace.A, undone(game)) == (2, {"a.py"})
    game.live.undo()
    assert game.namespace.A == 1
    assert not game.live.errors, "the file says what runs"


def test_a_broken_save_after_it_is_pending_as_any_other(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    assert game.save("a.py", "A = 1 / 0").rejected
    assert isinstance(game.live.errors[ROOT("a.py")], ZeroDivisionError)
    assert game.namespace.A == 1
    assert game.save("a.py", "A = 2").reloaded


def test_other_saves_leave_it_undone_though_it_runs_again_as_a_dependant(project):
    game = project({"a.py": "A = 1", "b.py": "from game import A\nB = A"})
    game.save("b.py", "from game import A\nB = -A")
    game.live.undo()
    report = game.save("a.py", "A = 2")
    assert report.reloaded[0].scripts == (ROOT("a.py"),)
    assert report.reloaded[0].dependants == (ROOT("b.py"),)
    assert game.namespace.B == 2
    assert undone(game) == {"b.py"}
    game.live.undo()
    assert (game.namespace.A, game.namespace.B) == (1, 1)
    assert undone(game) == {"a.py", "b.py"}


def test_another_directory_leaves_it_undone(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    other = Project.ROOT + "_mods"
    game.files.contents[other + "/m.py"] = b"import game\nM = game.A"
    game.live.add_directory(other, namespace="mods")
    assert sys.modules["mods"].M == 1
    assert quiet(game)


def test_a_file_that_cannot_be_read_for_a_moment_stays_undone(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    game.live.undo()
    assert not game.save("a.py", PermissionError(13, "locked"))
    assert undone(game) == {"a.py"}
    assert not game.save("a.py", "A = 2")
    assert (game.namespace.A, undone(game)) == (1, {"a.py"})


def test_an_added_file_that_is_replaced_for_a_moment_stays_undone(project):
    game = project({"a.py": "A = 1"})
    game.save("b.py", "B = 1")
    game.live.undo()
    game.write("b.py", b"")
    start = game._time = game._time + 100
    for elapsed in (0, 0.1, 0.15):
        assert not game.live.update(now=start + elapsed)
    game.write("b.py", "B = 1")
    assert not game.update()
    assert undone(game) == {"b.py"}


# ------------------------------------------------------------------ with scripts that wait, settle or are staged


def test_a_rejected_script_stays_pending_and_is_retried_as_before(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1", "c.py": "C = 1"})
    game.save("a.py", "A = 2")
    game.save("b.py", "from game import LATER\nB = LATER")
    told = []
    game.live.on_error(told.append)
    report = game.live.undo()
    assert (report.rejected, told) == ((), [])
    assert isinstance(game.live.errors[ROOT("b.py")], ImportError)
    assert undone(game) == {"a.py"}
    game.save("c.py", "LATER = 3")
    assert (game.namespace.B, game.namespace.A) == (3, 1)
    assert undone(game) == {"a.py"}
    game.live.undo()
    assert (game.namespace.B, game.namespace.C) == (1, 1)
    assert undone(game) == {"a.py", "b.py", "c.py"}


def test_going_back_brings_nothing_new(project):
    game = project({"a.py": "OLD = 1", "b.py": "B = 1"})
    game.save("a.py", "NEW = 1")
    game.save("b.py", "from game import OLD\nB = OLD + 1")
    game.live.undo()
    assert (game.namespace.OLD, game.namespace.B) == (1, 1)
    assert isinstance(game.live.errors[ROOT("b.py")], ImportError)
    game.live.reload(game.path("b.py"))
    assert game.namespace.B == 2


def test_a_rejected_save_of_the_same_file_is_what_its_error_is_about(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.save("a.py", "A = 2")
    game.save("a.py", "from game import LATER\nA = LATER")
    game.live.undo()
    assert game.namespace.A == 1
    assert isinstance(game.live.errors[ROOT("a.py")], ImportError)
    assert not undone(game)
    game.save("b.py", "LATER = 3")
    assert game.namespace.A == 3
    assert not game.live.errors


def test_a_save_that_settles_goes_forward_afterwards(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.save("a.py", "A = 2")
    game.write("a.py", "A = 3")
    game.write("b.py", "B = 3")
    assert not game.live.update(now=game._time)
    game.live.undo()
    assert (game.namespace.A, game.namespace.B) == (1, 1)
    assert undone(game) == {"a.py"}
    assert game.update().reloaded
    assert (game.namespace.A, game.namespace.B) == (3, 3)
    assert not game.live.errors


def test_a_staged_batch_is_dropped_and_looked_at_again(project):
    scripts = {f"s{number:02}.py": f"from game import BASE\nV{number} = BASE" for number in range(10)}
    game = project({"base.py": "BASE = 1", **scripts}, clock=Ticking(0.001), frame_budget=0.0015, settle=0)

    def frames(times):
        report = NOTHING
        for _ in range(times):
            report = report or game.live.update()
        return report

    game.write("base.py", "BASE = 2")
    assert frames(1000).reloaded
    game.write("s00.py", "from game import BASE\nV0 = -BASE")
    game.write("base.py", "BASE = 3")
    while game.live._batches.stage is None:
        assert not frames(1)
    report = game.live.undo()
    assert report.reloaded[0].frames == 1
    assert (game.namespace.V0, game.namespace.V9) == (1, 1)
    assert game.live.busy
    assert frames(1000).reloaded
    assert (game.namespace.V0, game.namespace.V9) == (-3, 3)
    assert not game.live.errors
    game.live.undo()
    assert (game.namespace.V0, game.namespace.V9) == (1, 1)


def test_what_was_staged_and_is_what_runs_then_is_not_loaded_again(project):
    scripts = {f"s{number:02}.py": f"from game import BASE\nV{number} = BASE" for number in range(10)}
    game = project({"base.py": "BASE = 1", **scripts}, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    game.write("base.py", "BASE = 2")
    while not game.live.update():
        pass
    game.write("base.py", "BASE = 1")
    while game.live._batches.stage is None:
        assert not game.live.update()
    assert game.live.undo().reloaded
    assert not game.live.errors
    while game.live.busy:
        assert not game.live.update()
    assert game.namespace.V9 == 1


def test_with_nothing_to_undo_a_staged_batch_goes_on(project):
    scripts = {f"s{number:02}.py": f"from game import BASE\nV{number} = BASE" for number in range(10)}
    game = project({"base.py": "BASE = 1", **scripts}, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    game.write("base.py", "BASE = 2")
    while game.live._batches.stage is None:
        assert not game.live.update()
    stage = game.live._batches.stage
    assert game.live.undo() is NOTHING
    assert game.live._batches.stage is stage


# ------------------------------------------------------------------ when the old version is refused


def test_an_old_version_that_does_not_pass_any_more_changes_nothing_and_may_be_tried_again(project):
    checks = (
        "import unittest, os\nclass T(unittest.TestCase):\n    def test_it(self): assert not hasattr(os, 'refuse')\n"
    )
    game = project({"a.py": checks + "A = 1", "b.py": "B = 1"})
    game.write("a.py", "A = 2")
    game.write("b.py", "B = 2")
    game.update()
    before, told = world(game), []
    game.live.on_error(told.append)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.refuse", 1, raising=False)
        report = game.live.undo()
    assert report.rejected == tuple(told)
    assert not report.reloaded
    assert told[0].undone
    assert str(told[0]).startswith("not taken back ")
    assert "unit test test_it failed" in str(told[0])
    assert world(game) == before
    assert not game.live.errors, "what is saved runs"
    assert quiet(game)
    assert game.live.undo().reloaded
    assert (game.namespace.A, game.namespace.B) == (1, 1)


def test_a_name_that_another_directory_has_come_to_need_is_not_taken_away(project):
    game = project({"a.py": "A = 1"})
    game.save("b.py", "B = 1")
    other = Project.ROOT + "_mods"
    game.files.contents[other + "/m.py"] = b"from game import B\nM = B"
    game.live.add_directory(other, namespace="mods")
    assert game.live.undo().rejected
    assert game.namespace.B == 1
    game.live.remove_directory(other)
    assert game.live.undo().reloaded
    assert not hasattr(game.namespace, "B")


@pytest.mark.parametrize("where", ["staging.Stage.steps", "transaction._settle_names"])
def test_an_error_of_our_own_changes_nothing(project, monkeypatch, where, caplog):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    before = world(game)
    with monkeypatch.context() as patched, caplog.at_level(logging.CRITICAL):
        patched.setattr(f"livescripts._runtime.{where}", lambda *args: iter([1 / 0]))
        report = game.live.undo()
    assert report.rejected[0].undone
    assert world(game) == before
    assert not game.live.errors
    assert not game.live.busy
    assert game.live.undo().reloaded
    assert game.namespace.A == 1


def test_an_interrupt_leaves_everything_as_it_was(project, monkeypatch):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    before = world(game)

    def interrupted(*args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("livescripts._runtime.staging.Stage.steps", interrupted)
        with pytest.raises(KeyboardInterrupt):
            game.live.undo()
    assert world(game) == before
    assert quiet(game)
    assert game.live.undo().reloaded


# ------------------------------------------------------------------ directories and who may call


def test_a_removed_directory_is_no_part_of_the_way_back(project):
    game = project({"a.py": "A = 1"})
    other = Project.ROOT + "_mods"
    game.files.contents[other + "/m.py"] = b"M = 1"
    game.live.add_directory(other, namespace="mods")
    game.save("a.py", "A = 2")
    game.files.contents[other + "/m.py"] = b"M = 2"
    game.watcher.report(other + "/m.py")
    game.write("a.py", "A = 3")
    game.update()
    game.files.contents[other + "/m.py"] = b"M = 3"
    game.watcher.report(other + "/m.py")
    game.update()
    game.live.remove_directory(other)
    for value in (2, 1):
        assert game.live.undo().reloaded[0].scripts == (ROOT("a.py"),)
        assert game.namespace.A == value
    assert not game.live.undo()
    game.live.add_directory(other, namespace="mods")
    assert not game.live.undo()


def test_preloading_is_no_step(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    other = Project.ROOT + "_mods"
    game.files.contents[other + "/m.py"] = b"M = 1"
    game.live.add_directory(other, namespace="mods")
    assert game.live.undo().reloaded[0].scripts == (ROOT("a.py"),)
    assert sys.modules["mods"].M == 1


def test_scripts_tests_and_callbacks_may_not_call_it(project):
    game = project({"a.py": "A = 1\ndef back(live): live.undo()"})
    game.save("a.py", "A = 2\ndef back(live): live.undo()")
    with pytest.raises(livescripts.ReentrantError, match=r"undo\(\) was called from the script .*a\.py, line 2"):
        game.namespace.back(game.live)
    caught = []

    def call_back(_):
        with pytest.raises(livescripts.ReentrantError) as refusal:
            game.live.undo()
        caught.append(refusal)

    game.live.on_reload(call_back)
    game.live.undo()
    assert len(caught) == 1
    assert game.namespace.A == 1


def test_another_thread_may_not_call_it_nor_anybody_after_the_end(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = 2")
    caught = []

    def elsewhere():
        try:
            game.live.undo()
        except livescripts.WrongThreadError as error:
            caught.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(caught) == 1
    assert game.namespace.A == 2
    game.close()
    with pytest.raises(livescripts.ClosedError, match="after close"):
        game.live.undo()
