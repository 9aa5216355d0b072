"""Staging in slices: what a frame costs, what is between two frames, and what the report says of it."""

from __future__ import annotations

import logging
import sys
import types
from collections import Counter
from pathlib import Path

import pytest

import livescripts
from livescripts import NOTHING
from livescripts._core.products import products
from livescripts._runtime import overlay, reload, transaction
from livescripts._runtime.modules import Namespace, ScriptModule, TracedModule
from livescripts._runtime.shelves import Companions, Modules, Scripts, packages_of
from livescripts.testing import FakeClock, Project


def at(relative):
    return Path(Project.ROOT, relative)


def saved(game, **scripts):
    """Save these and update until something is reported."""
    for name, text in scripts.items():
        game.write(f"{name}.py", text)
    report, now = NOTHING, 5000.0
    while not report:
        now += 10.0
        report = game.live.update(now=now)
    return report


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless a script says `livescripts.clock.advance(seconds)`."""
    clock = FakeClock()
    monkeypatch.setattr(livescripts, "clock", clock, raising=False)
    return clock


def takes(seconds):
    return f"__import__('livescripts').clock.advance({seconds})"


# ------------------------------------------------------------------ between two slices

STORE = """
    from collections import deque
    class Slotted:
        __slots__ = ("hp",)
        def __init__(self): self.hp = 1
    class Thing:
        alive = []
        v = 1
        def hit(self): return self.v
    thing, slotted = Thing(), Slotted()
    row, table, bag, line = [thing], {1: [2]}, {3}, deque([4])
    score = 0
    def gain():
        global score
        score += 1
"""
# Whatever a body can do to another script.
TAKER = """
    from {store} import Thing, Slotted, thing, slotted, row, table, bag, line, gain
    from {base} import BASE, Base
    class Mine{number}(Base):
        v = BASE
    Thing.alive.append(Mine{number})
    Thing.extra{number} = BASE
    thing.extra{number} = slotted.hp = BASE
    row.append({number}); table[1].append({number}); bag.add({number}); line.append({number})
    gain()
"""


def contents(value):
    """What a value holds, by identity all the way down to what is no container."""
    kind = type(value)
    if kind in (list, tuple) or kind.__name__ == "deque":
        return [contents(member) for member in value]
    if kind is set:
        return set(map(id, value))
    if kind is dict:
        return [(key, contents(member)) for key, member in value.items()]
    return id(value)


def everything(game):
    """All that a stage may touch, as the game sees it between two frames."""
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == game.name}
    world = game.live._world
    found = {name: (id(module), type(module)) for name, module in modules.items()}
    classes = set()
    for name, module in modules.items():
        inside = {k: v for k, v in vars(module).items() if k != "__builtins__"}
        found[name, "contents"] = contents(inside)
        found[name, "dir"] = dir(module)
        classes.update(value for value in inside.values() if isinstance(value, type))
        for each in inside.values():
            found[name, "attributes", id(each)] = [
                contents(dict(getattr(each, "__dict__", {}))) if type(each).__module__ in modules else None,
                getattr(each, "hp", None),
            ]
    for cls in classes:
        # A method descriptor is made anew each time; what matters is what is in the class.
        found[cls] = contents(dict(vars(cls))), cls.__bases__, [id(sub) for sub in cls.__subclasses__()]
    found["books"] = (dict(world.scripts), dict(world.modules), dict(world.companions), world.graph, game.live.graph)
    found["errors"] = dict(game.live.errors)
    found["others"] = set(sys.modules)
    return found


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_between_its_slices_a_batch_leaves_everything_as_it_was_and_then_it_commits_at_once(project, layout):
    store, base = ("game", "game") if layout == "merged" else ("game.store", "game.base")
    takers = {f"t{i}.py": TAKER.format(number=i, store=store, base=base) for i in range(8)}
    tests = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): row.append('tested')\n"
    scripts = {"store.py": STORE, "base.py": "BASE = 1\nclass Base: v = 1", "store_unittest.py": tests, **takers}
    game = project(scripts, layout=layout, frame_budget=0.0, settle=0)
    held = sys.modules[base].Base, sys.modules[store].row, sys.modules["game" if layout == "merged" else "game.t1"]
    before = everything(game)
    ours = game.live._world.modules.values()
    assert {type(module) for module in ours} <= {types.ModuleType, Namespace, ScriptModule}  # nothing is traced
    game.write("base.py", "BASE = 2\nclass Base: v = 2")
    game.write("store_unittest.py", tests + "# more")
    game.write("new.py", "class New: pass")
    game.write("broken.py", "1 +")
    game.live.update(now=5000.0)
    between = 0
    while not (report := game.live.update(now=6000.0 + between)):
        between += 1
        assert everything(game) == before, between
    assert between > 30
    assert [str(one) for one in report.rejected[0].scripts] == [game.path("broken.py")]
    reloaded = report.reloaded
    assert {path.name for one in reloaded for path in one.scripts} == {"base.py", "new.py", "store_unittest.py"}
    assert {one.frames for one in reloaded} == {report.rejected[0].frames}
    assert reloaded[0].frames >= between
    assert held[2].Mine1.v == 2
    assert held[1][1:] == list(range(8))
    assert sys.modules[store].score == 16  # a number does not know who has counted it up
    assert held[1][0].extra1 == 2


@pytest.fixture
def many(project, monkeypatch):
    """A game with more modules than tracing is switched on and off for in one go, one in each step; all of them."""
    monkeypatch.setattr(overlay, "_MANY", 1)
    monkeypatch.setattr("livescripts._runtime.modules._AT_ONCE", 1)
    files = {"base.py": "BASE = 1", "a.py": "from game.base import BASE\nA = BASE", "other.py": "OTHER = 1"}
    game = project(files, layout="modules", frame_budget=0.0, settle=0)
    return game, [sys.modules[name] for name in ("game", "game.base", "game.a", "game.other")]


def frames(game, *, until):
    """Play until that is so; yields after each frame, with its report."""
    now = 5000.0
    while not until():
        yield game.live.update(now=now)
        now += 10.0


def traced(modules):
    return sum(type(module) is TracedModule for module in modules)


def test_many_modules_are_traced_until_the_batch_is_through_and_nobody_is_told_what_the_game_reads(many):
    game, modules = many
    graph, counts = game.live.graph, []
    game.write("base.py", "BASE = 2")
    reports = []
    for report in frames(game, until=lambda: any(reports)):
        reports.append(report)
        counts.append(traced(modules))
        assert report or (modules[1].BASE, modules[3].OTHER) == (1, 1)
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3, 4}  # one after the other
    assert (modules[2].A, game.live.graph) == (2, graph)


def test_afterwards_they_are_traced_no_more_one_after_the_other(many):
    game, modules = many
    game.write("base.py", "BASE = 2")
    counts = []
    for report in frames(game, until=lambda: counts and not game.live.busy):
        if report or counts:
            counts.append(traced(modules))
    assert counts[:5] == [4, 3, 2, 1, 0]


def test_before_anything_else_happens_to_them_they_are_traced_no_more(many):
    game, modules = many
    game.write("base.py", "BASE = 2")
    assert any(frames(game, until=lambda: False))
    assert traced(modules) == 4
    game.live.close()
    assert traced(modules) == 0


@pytest.mark.parametrize("after", range(12))
def test_a_batch_that_is_given_up_leaves_none_of_them_traced(many, after):
    game, modules = many
    game.write("base.py", "BASE = 2\n1 / 0")
    for _ in zip(range(after), frames(game, until=lambda: False), strict=False):
        pass
    game.live.close()
    assert traced(modules) == 0


@pytest.mark.parametrize("place", ["ITEMS = {}", "class Shop:\n    ITEMS = {}"], ids=["a module", "a class"])
def test_no_text_of_a_table_is_read_in_the_commit(project, monkeypatch, place):
    spec = "class Spec:\n    def __init__(self, price): self.price = price\n"
    game = project({"a.py": spec + place.format("{'coin': Spec(1)}")}, frame_budget=0.0, settle=0)
    read, times = [], []
    monkeypatch.setattr("livescripts._runtime.products.products", lambda *texts: read.append(texts) or products(*texts))
    commit = transaction.commit
    monkeypatch.setattr(
        reload, "commit", lambda *a, **k: [times.append(len(read)), commit(*a, **k), times.append(len(read))][1]
    )
    assert game.save("a.py", spec + place.format("{'coin': Spec(2)}")).reloaded
    assert read
    assert times == [len(read)] * 2


# ------------------------------------------------------------------ what a leaf costs


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_leaf_is_reloaded_without_a_look_at_the_other_scripts(project, monkeypatch, layout):
    files = {f"d{i % 3}/s{i}.py": f"class C{i}: v = 1\nT{i} = [1]" for i in range(9)}
    files |= {f"d{i % 3}/s{i}_unittest.py": "import unittest" for i in range(9)}
    game = project(files, layout=layout)

    def looked(*_):
        raise AssertionError("everything that is loaded was looked at")

    with monkeypatch.context() as patch:
        for shelf in (Scripts, Companions, Modules):
            for name in ("__iter__", "items", "keys", "values", "copy"):
                if shelf is not Modules or name != "keys":
                    patch.setattr(shelf, name, looked, raising=False)
        report = saved(game, **{"d1/s4": "class C4: v = 2\nT4 = [1]"})
        assert [str(path) for path in report.reloaded[0].scripts] == [game.path("d1/s4.py")]
        assert saved(game, **{"d1/s4": "class C4: v = 3\n1 / 0"}).rejected
        game.delete("d1/s4_unittest.py")
        game.delete("d1/s4.py")
        assert saved(game).reloaded[0].removed
    assert len(game.live._world.scripts) == 8
    assert game.save("d1/s4.py", "class C4: v = 3").reloaded


def test_what_is_loaded_is_found_by_module_and_by_globals_whatever_happens_to_it(project, monkeypatch):
    game = project({"a.py": "A = 1", "x/b.py": "B = 1", "x/b_unittest.py": "import unittest\nfrom game import A"})

    def check():
        world = game.live._world
        assert world.scripts.by_module == {script.location.module: script for script in world.scripts.values()}
        assert world.scripts.by_globals == {id(vars(script.module)): script for script in world.scripts.values()}
        assert +world.scripts.packages == dict(
            Counter(package for script in world.scripts.values() for package in packages_of(script.location))
        )
        assert world.modules.name_of == {id(module): name for name, module in world.modules.items()}
        return set(world.scripts), dict(+world.scripts.packages)

    before = check()
    game.delete("x/b.py")
    game.delete("x/b_unittest.py")
    game.write("y/c.py", "C = 1")
    with monkeypatch.context() as patch:
        patch.setattr("livescripts._runtime.transaction.settle", lambda *_: 1 / 0)
        report = game.update()
    assert {str(one.problems[0].error) for one in report.rejected} == {"division by zero"}
    assert check() == before
    game.live.reload()
    assert check() == ({game.path("a.py"), game.path("y/c.py")}, {"game": 2, "game.y": 1})
    game.move("y/c.py", "y/d.py")
    game.update()
    assert check()[0] == {game.path("a.py"), game.path("y/d.py")}


# ------------------------------------------------------------------ phases


def test_the_report_says_what_each_phase_took(project, clock):
    game = project({"a.py": "A = 1", "b.py": "B = 1"}, clock=clock, frame_budget=1.0)
    game.live.add_validator(lambda module: clock.advance(8.0) if module.__name__ == "game.b_py" else None)
    body = f"from game import B\n{takes(2.0)}\nimport unittest\nclass T(unittest.TestCase):\n def test_it(self): {takes(4.0)}"
    report = saved(game, a=body, b=f"B = 2\n{takes(1.0)}\nfrom livescripts import before_unload")
    (one,) = report.reloaded
    timings = one.timings
    assert (timings.loading, timings.executing, timings.testing) == (0, 3.0, 12.0)
    assert (timings.committing, timings.finding) == (0, 0)
    # Each body, the validator and the test are steps of their own.
    assert (one.seconds, timings.longest_frame) == (15.0, 8.0)
    assert f"15000.0 ms in {one.frames} frames, the longest 8000.0 ms" in str(one)


def test_the_phases_of_a_commit_and_of_a_rejection(project, clock, monkeypatch):
    unload = f"from livescripts import before_unload\n@before_unload\ndef bye(): {takes(2.0)}\n"
    game = project({"a.py": unload + "A = 1"}, clock=clock, frame_budget=1.0)
    follow = livescripts._runtime.transaction.follow
    monkeypatch.setattr("livescripts._runtime.transaction.follow", lambda *args: clock.advance(4.0) or follow(*args))
    (one,) = saved(game, a=unload + "A = 2").reloaded
    assert (one.timings.committing, one.timings.finding, one.timings.longest_frame) == (6.0, 4.0, 6.0)
    (other,) = saved(game, a=f"{takes(0.5)}\n1 / 0").rejected
    assert other.timings.executing == other.timings.longest_frame == 0.5
    assert game.live.undo() is not NOTHING


def test_the_commit_of_a_batch_over_several_frames_has_one_nearly_to_itself(project, clock):
    unload = f"from livescripts import before_unload\n@before_unload\ndef bye(): {takes(0.9)}\n"
    game = project({"a.py": unload, "b.py": "B = 1"}, clock=clock, frame_budget=1.0)
    (one,) = saved(game, a=f"{takes(0.8)}\n").reloaded
    assert (one.frames, one.timings.longest_frame) == (1, pytest.approx(1.7))
    saved(game, a=unload)
    one, _ = saved(game, a=f"{takes(1.1)}\n", b=f"B = 2\n{takes(0.7)}").reloaded
    assert (one.frames, one.timings.longest_frame) == (3, pytest.approx(1.1))
    saved(game, a=unload)
    # Where there is time enough, it need not wait.
    one, _ = saved(game, a=f"{takes(1.1)}\n", b=f"B = 3\n{takes(0.3)}").reloaded
    assert (one.frames, one.timings.longest_frame) == (2, pytest.approx(1.2))


def test_a_batch_that_takes_no_time_has_taken_none(project, caplog):
    game = project({"a.py": "A = 1"}, frame_budget=0.0)
    with caplog.at_level(logging.WARNING, logger="livescripts"):
        (one,) = game.save("a.py", "A = 2").reloaded
    assert one.timings == livescripts.Timings()
    assert one.slow == one.warnings == ()
    assert not caplog.records


def test_tests_run_one_in_a_frame_in_the_script_as_in_a_file_of_their_own(project, clock):
    tests = "import unittest\nclass T(unittest.TestCase):\n"
    tests += "".join(f"    def test_{number}(self): {takes(0.01)}\n" for number in range(10))
    game = project({"a.py": "A = 1\n" + tests, "b.py": "B = 1", "b_unittest.py": tests}, clock=clock)
    (one, other) = saved(game, a="A = 2\n" + tests, b="B = 2").reloaded
    assert one.timings.testing == pytest.approx(0.2)
    assert one.timings.longest_frame == pytest.approx(0.01)
    assert one.frames == other.frames >= 20


# ------------------------------------------------------------------ slow code is named


def test_a_slow_body_is_named_without_those_that_it_waits_for_and_once_for_each_version(project, clock, caplog):
    game = project({"a.py": "A = 1"}, clock=clock)
    game.write("deep.py", f"{takes(0.5)}\ndeep = 1")
    report = saved(game, a=f"import game\nB = getattr(game, 'de' + 'ep')\n{takes(0.02)}\nA = 2")
    found = {one.path: one for outcome in report.reloaded for one in outcome.slow}
    assert {path.name: round(one.seconds, 3) for path, one in found.items()} == {"a.py": 0.02, "deep.py": 0.5}
    assert {one.what for one in found.values()} == {"module body"}
    warnings = [line for outcome in report.reloaded for line in outcome.warnings]
    assert any(
        line.startswith("a.py: module body takes 20.0 ms, more than the frame budget of 2 ms") for line in warnings
    )
    assert all("Move what takes long into a function" in line for line in warnings)
    assert set(warnings) <= {record.message for record in caplog.records}
    # It runs again and is slow again, as the same version.
    again = saved(game, deep=f"{takes(0.5)}\ndeep = 2")
    assert "a.py" in {one.path.name for outcome in again.reloaded for one in outcome.slow}
    assert [line.partition(":")[0] for outcome in again.reloaded for line in outcome.warnings] == ["deep.py"]


def test_slow_tests_validators_hooks_and_callbacks_are_named(project, clock):
    hooks = f"""
from livescripts import after_reload, before_unload
class Goblin:
    v = 1
    @after_reload
    def grow(self, old): {takes(0.0015)}
@before_unload
def bye(): {takes(0.01)}
"""
    tests = f"import unittest\nclass T(unittest.TestCase):\n def test_it(self): {takes(0.02)}\n def test_ok(self): pass"
    game = project({"a.py": hooks, "a_unittest.py": tests}, clock=clock)
    goblins = [game.namespace.Goblin() for _ in range(4)]

    def picky(_module):
        clock.advance(0.03)

    def told(_report):
        clock.advance(0.04)

    game.live.add_validator(picky)
    game.live.on_reload(told)
    game.live.on_class_updated(lambda *_: clock.advance(0.001))
    (one,) = saved(game, a=hooks.replace("v = 1", "v = 2")).reloaded
    assert len(goblins) == 4
    assert {(each.path.name, each.what): round(each.seconds, 4) for each in one.slow} == {
        ("a_unittest.py", "unit test test_it"): 0.02,
        ("a.py", "validator picky"): 0.03,
        ("a.py", "hook bye"): 0.01,
        ("a.py", "hook grow"): 0.006,
        ("test_slices.py", "callback told"): 0.04,
    }
    assert len(one.warnings) == 3
    assert any("validator picky takes 30.0 ms" in line and "2 more in this file" in line for line in one.warnings)
    (again,) = saved(game, a=hooks.replace("v = 1", "v = 3")).reloaded
    assert len(again.slow) == 5
    assert [line.partition(":")[0] for line in again.warnings] == ["a.py"]  # the only one with a new version


def test_a_slow_callback_of_a_rejection_is_in_the_log(project, clock, caplog):
    game = project({"a.py": "A = 1"}, clock=clock)
    game.live.on_error(lambda _: clock.advance(0.5))
    assert saved(game, a="1 / 0").rejected
    assert "callback <lambda> takes 500.0 ms" in caplog.text


# ------------------------------------------------------------------ the texts of what is staged


def test_a_script_that_runs_in_a_later_slice_sees_the_saved_text_of_an_earlier_one(project):
    game = project({"a.py": "class A: v = 1", "b.py": "B = 1", "c.py": "C = 1"}, frame_budget=0.0)
    seen = saved(
        game,
        a="class A: v = 2  # new",
        b="import inspect\nfrom game import A\nB = inspect.getsource(A)",
        c="import inspect, unittest\nfrom game import A\nclass T(unittest.TestCase):\n"
        "    def test_it(self): assert 'new' in inspect.getsource(A)\nC = 2",
    )
    assert seen.reloaded[0].frames > 5
    assert game.namespace.B == "class A: v = 2  # new"
    assert game.namespace.C == 2
