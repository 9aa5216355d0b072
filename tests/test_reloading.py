"""Reloading: what `update()` takes over, what it rejects, and that a rejection leaves no trace."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import livescripts
from livescripts import NOTHING
from livescripts.testing import FakeClock, Project


def ROOT(relative):
    return Path(Project.ROOT, relative)


def world(project):
    """Everything that a rejected reload must leave as it was, by identity."""
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == project.name}
    return {
        "modules": modules,
        "contents": {name: dict(vars(module)) for name, module in modules.items()},
        "graph": project.live.graph,
        "classes": {
            cls: dict(vars(cls))
            for module in modules.values()
            for cls in vars(module).values()
            if isinstance(cls, type) and cls.__module__ in modules
        },
    }


# ------------------------------------------------------------------ nothing


def test_update_is_falsy_when_nothing_happened(project):
    game = project({"a.py": "x = 1"})
    assert game.update() is NOTHING
    game.write("a.py", "x = 1")
    assert not game.update()
    assert not game.live.busy


def test_a_touch_without_a_change_reloads_nothing(project):
    game = project({"a.py": "class A: pass"})
    before = game.namespace.A
    game.write("a.py", "class A: pass")
    assert not game.update()
    assert game.namespace.A is before


# ------------------------------------------------------------------ changing


def test_a_saved_script_is_taken_over_between_two_frames(project):
    game = project({"a.py": "def f(): return 1"})
    held = game.namespace.f
    game.write("a.py", "def f(): return 2")
    assert held() == 1
    report = game.update()
    assert report.reloaded[0].scripts == (ROOT("a.py"),)
    assert (held(), game.namespace.f()) == (2, 2)
    assert "a.py" in str(report)


def test_a_change_waits_until_its_file_has_settled(project):
    clock = FakeClock()
    game = project({"a.py": "x = 1"}, settle=0.05, clock=clock)
    game.write("a.py", "x = 2")
    assert not game.live.update()
    clock.advance(0.04)
    assert not game.live.update()
    game.write("a.py", "x = 3")
    assert not game.live.update()
    clock.advance(0.04)
    assert not game.live.update()
    clock.advance(0.02)
    assert game.live.update()
    assert game.namespace.x == 3


def test_a_file_settles_from_the_moment_it_was_saved_whenever_a_frame_comes(project):
    clock = FakeClock()
    game = project({"a.py": "x = 1"}, settle=0.0625, clock=clock)
    game.write("a.py", "x = 2")
    clock.advance(0.03125)
    assert not game.live.update()
    clock.advance(0.03125)
    assert game.live.update()
    game.write("a.py", "x = 3")
    clock.advance(0.0625)
    assert game.live.update()
    assert game.namespace.x == 3


def test_saves_of_one_burst_are_one_batch(project):
    game = project({f"s{number}.py": f"n{number} = 0" for number in range(40)})
    for number in range(40):
        game.write(f"s{number}.py", f"n{number} = 1")
    report = game.update()
    assert sorted(path for outcome in report.reloaded for path in outcome.scripts) == sorted(
        ROOT(f"s{number}.py") for number in range(40)
    )
    assert not game.live.busy
    assert game.namespace.n39 == 1


def test_dependants_run_again_in_order_and_once(project):
    game = project(
        {
            "host.py": "runs = []",
            "c.py": "import game\nclass Base: value = 1",
            "b.py": "from game import Base\nclass Mid(Base): pass",
            "a.py": "from game import Mid\nclass Leaf(Mid): pass",
            "other.py": "class Other: pass",
        }
    )
    leaf, other = game.namespace.Leaf(), game.namespace.Other
    report = game.save("c.py", "class Base: value = 2")
    assert report.reloaded[0].dependants == (ROOT("a.py"), ROOT("b.py"))
    assert leaf.value == 2
    assert type(leaf) is game.namespace.Leaf
    assert issubclass(game.namespace.Leaf, game.namespace.Base)
    assert game.namespace.Other is other


def test_a_use_inside_a_function_is_no_dependency(project):
    game = project({"a.py": "class A: v = 1", "b.py": "import game\ndef f(): return game.A.v"})
    report = game.save("a.py", "class A: v = 2")
    assert report.reloaded[0].dependants == ()
    assert game.namespace.f() == 2


def test_new_scripts_and_new_directories_join(project):
    game = project({"a.py": "A = 1"})
    game.write("new/deep/b.py", "from game import A\nB = A + 1")
    assert game.update().reloaded
    assert game.namespace.new.deep.B == 2
    assert sys.modules["game.new.deep"] is game.namespace.new.deep


def test_a_probed_name_that_appears_later_reaches_the_prober(project):
    game = project({"a.py": "import game\nfound = hasattr(game, 'Mod')"})
    assert game.namespace.found is False
    game.write("mod.py", "class Mod: pass")
    game.update()
    assert game.namespace.found is True


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_an_optional_import_follows_its_module_coming_and_going(project, layout):
    text = "try:\n    from game.extra import Thing\nexcept ImportError:\n    Thing = None\nfound = Thing is not None"
    game = project({"a.py": text}, layout=layout)
    holder = lambda: game.namespace if layout == "merged" else game.namespace.a
    assert holder().found is False
    path = "extra/b.py" if layout == "merged" else "extra.py"
    game.write(path, "class Thing: pass")
    assert game.update().reloaded
    assert holder().found is True
    game.delete(path)
    assert game.update().reloaded
    assert holder().found is False
    assert "game.extra" not in sys.modules


def test_a_star_import_follows_names_that_come_and_go(project):
    game = project(
        {"x/a.py": "one = 1", "b.py": "from game.x import *\nnames = sorted(n for n in dir() if n[0] != '_')"}
    )
    game.write("x/c.py", "two = 2")
    game.update()
    assert game.namespace.names == ["one", "two"]
    game.delete("x/c.py")
    game.update()
    assert game.namespace.names == ["one"]


# ------------------------------------------------------------------ deleting, moving, renaming


def test_a_deleted_script_takes_its_names_along(project):
    game = project({"x/a.py": "class A: pass", "b.py": "B = 1"})
    held = game.namespace.x.A()
    game.delete("x/a.py")
    report = game.update()
    assert report.reloaded[0].removed == (ROOT("x/a.py"),)
    assert not hasattr(game.namespace, "x")
    assert "game.x" not in sys.modules
    assert held
    assert not [name for name in sys.modules if name.startswith("game.")] or "game.b_py" in sys.modules


def test_a_file_that_is_missing_for_a_moment_is_not_deleted(project):
    clock = FakeClock()
    game = project({"a.py": "class A: pass"}, settle=0.05, clock=clock)
    cls = game.namespace.A
    game.delete("a.py")
    game.live.update()
    clock.advance(0.1)
    assert not game.live.update()
    game.write("a.py", "class A: pass")
    game.live.update()
    clock.advance(0.1)
    assert not game.live.update()
    assert game.namespace.A is cls
    game.delete("a.py")
    game.live.update()
    clock.advance(0.3)
    assert game.live.update().reloaded


def test_a_file_truncated_for_a_moment_is_not_emptied(project):
    clock = FakeClock()
    game = project({"a.py": "class A: pass", "b.py": "from game import A"}, settle=0.05, clock=clock)
    game.write("a.py", "")
    game.live.update()
    clock.advance(0.1)
    assert not game.live.update()
    game.write("a.py", "class A: v = 2")
    game.live.update()
    clock.advance(0.1)
    assert game.live.update().reloaded
    assert game.namespace.A.v == 2


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_renamed_file_keeps_entities_alive(project, layout):
    game = project({"x/goblin.py": "class Goblin:\n    v = 1"}, layout=layout)
    x = game.namespace.x
    goblin = x.Goblin() if layout == "merged" else x.goblin.Goblin()
    goblin.hp = 7
    game.move("x/goblin.py", "x/ork.py")
    assert game.update().reloaded
    if layout == "merged":
        assert type(goblin) is x.Goblin
        game.save("x/ork.py", "class Goblin:\n    v = 2")
        assert (goblin.v, goblin.hp) == (2, 7)
    else:
        assert not hasattr(x, "goblin")
        assert x.ork.Goblin.v == 1


def test_a_definition_may_move_between_files_in_one_burst(project):
    game = project(
        {"a.py": "class A:\n    v = 1", "b.py": "class B: pass", "c.py": "from game import A\nclass C(A): pass"}
    )
    a, c = game.namespace.A(), game.namespace.C()
    game.write("a.py", "")
    game.write("b.py", "class B: pass\nclass A:\n    v = 2")
    assert game.update().reloaded
    assert (a.v, c.v) == (2, 2)
    assert type(a) is game.namespace.A


def test_renaming_a_definition_that_nobody_takes_works(project):
    game = project({"a.py": "class Old: pass"})
    game.save("a.py", "class New: pass")
    assert hasattr(game.namespace, "New")
    assert not hasattr(game.namespace, "Old")


@pytest.mark.parametrize("how", ["edit", "delete"])
@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_removing_a_name_that_somebody_takes_is_rejected_and_says_who(project, how, layout):
    source = "game" if layout == "merged" else "game.a"
    game = project(
        {"a.py": "class Base: pass", "b.py": f"from {source} import Base\nclass Sub(Base): pass"}, layout=layout
    )
    before = world(game)
    if how == "edit":
        game.write("a.py", "class Renamed: pass")
    else:
        game.delete("a.py")
    report = game.update()
    error = game.live.errors[ROOT("a.py")]
    assert isinstance(error, livescripts.NameTakenError)
    assert error.takers == ("b.py",)
    assert "Base" in str(report) or "game.a" in str(report)
    assert report.rejected[0].problems[0].path == ROOT("b.py")
    assert report.rejected[0].problems[0].line == 1
    assert world(game) == before
    new_source = "game" if layout == "merged" else "game.c"
    game.write("c.py", "class Base: v = 5")
    game.write("b.py", f"from {new_source} import Base\nclass Sub(Base): pass")
    assert game.update().reloaded
    assert not game.live.errors
    holder = game.namespace if layout == "merged" else game.namespace.b
    assert holder.Sub.v == 5


# ------------------------------------------------------------------ rejection


BAD = {
    "syntax": "def f(:",
    "raises": "class A: v = 2\n1 / 0",
    "exits": "import sys\nclass A: v = 2\nsys.exit()",
    "interrupts": "class A: v = 2\nraise KeyboardInterrupt",
    "recursion": "class A: v = 2\ndef f(): f()\nf()",
    "generator exit": "class A: v = 2\nraise GeneratorExit",
    "endless": "class A: v = 2\nwhile True: pass",
    "clash": "class A: v = 2\nclass B: pass",
    "test": "import unittest\nclass A: v = 2\nclass T(unittest.TestCase):\n    def test_it(self): self.assertEqual(A.v, 1)",
    "missing": "from game import Nobody\nclass A: v = 2",
    "bad all": "class A: v = 2\n__all__ = ['A', 'Z']",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_rejected_version_leaves_no_trace_and_heals_when_it_is_fixed(project, kind):
    game = project(
        {
            "a.py": "class A: v = 1\nregistry = {}\ndef register(cls):\n    registry[cls.__name__] = cls\n    return cls",
            "b.py": "class B: pass",
            "c.py": "from game import A, register\n@register\nclass C(A): pass",
        },
        timeout=0.2,
    )
    full = "registry = {}\ndef register(cls):\n    registry[cls.__name__] = cls\n    return cls\n"
    instance = game.namespace.C()
    before = world(game)
    report = game.save("a.py", full + BAD[kind])
    assert report.rejected
    assert not report.reloaded
    assert world(game) == before
    assert instance.v == 1
    assert list(game.live.errors) == [ROOT("a.py")]
    assert game.update() is NOTHING
    assert game.save("a.py", full + "class A: v = 3").reloaded
    assert not game.live.errors
    assert instance.v == 3
    assert game.namespace.registry == {"C": game.namespace.C}


def test_a_dependant_that_fails_rejects_the_whole_part(project):
    game = project({"a.py": "LIMIT = 1", "b.py": "from game import LIMIT\nassert LIMIT < 5, 'too much'"})
    before = world(game)
    report = game.save("a.py", "LIMIT = 9")
    assert world(game) == before
    problem = report.rejected[0].problems[0]
    assert (problem.path, problem.line) == (ROOT("b.py"), 2)
    assert isinstance(game.live.errors[ROOT("a.py")], AssertionError)


def test_a_staged_registration_elsewhere_is_taken_back_with_its_script(project):
    game = project(
        {
            "base.py": "kinds = []\nnames = {}\nseen = set()\nclass Base:\n    subclasses = []\n"
            "    def __init_subclass__(cls): Base.subclasses.append(cls.__name__)",
            "mob.py": "from game import Base, kinds, names, seen\nclass Mob(Base): pass\nkinds.append(Mob.__name__)\n"
            "names['mob'] = Mob\nseen.add('mob')",
        }
    )
    space = game.namespace
    state = lambda: (list(space.kinds), dict(space.names), set(space.seen), list(space.Base.subclasses))
    before = state()
    game.save(
        "mob.py",
        "from game import Base, kinds, names, seen\nclass Mob(Base): pass\nclass Mob2(Base): pass\nkinds.append('x')\n"
        "names['x'] = 1\ndel names['mob']\nseen.clear()\n1 / 0",
    )
    assert state() == before
    game.write("extra.py", "from game import names\nnames['extra'] = 2\nEXTRA = 1")
    assert game.update().reloaded
    assert set(space.names) == {"mob", "extra"}


def test_independent_parts_of_a_batch_stand_alone(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1", "c.py": "from game import B\nC = B"})
    game.write("a.py", "A = 2")
    game.write("b.py", "B = 2\n1 / 0")
    report = game.update()
    assert [outcome.scripts for outcome in report.reloaded] == [(ROOT("a.py"),)]
    assert [outcome.scripts for outcome in report.rejected] == [(ROOT("b.py"),)]
    assert (game.namespace.A, game.namespace.B, game.namespace.C) == (2, 1, 1)


def test_files_saved_together_that_need_each_other_fail_together(project):
    game = project({"a.py": "A = 1", "b.py": "from game import A\nB = A"})
    game.write("a.py", "A = 2\nNEW = 1")
    game.write("b.py", "from game import A, NEW\nB = A\n1 / 0")
    assert game.update().rejected
    assert (game.namespace.A, game.namespace.B) == (1, 1)
    assert isinstance(game.live.errors[ROOT("b.py")], ZeroDivisionError)
    assert isinstance(game.live.errors[ROOT("a.py")], livescripts.BlockedError)
    assert game.save("b.py", "from game import A, NEW\nB = A + NEW").reloaded
    assert (game.namespace.A, game.namespace.B) == (2, 3)
    assert not game.live.errors


def test_a_fresh_save_is_not_held_back_by_an_old_failure(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1", "both.py": "from game import A, B\nboth = A + B"})
    game.save("a.py", "A = 10\n1 / 0")
    report = game.save("b.py", "B = 2")
    assert report.reloaded
    assert not report.rejected
    assert game.namespace.both == 3
    assert list(game.live.errors) == [ROOT("a.py")]


def test_fixing_one_file_retries_all_that_waited_on_it(project):
    game = project({"a.py": "A = 1", "b.py": "B = 1"})
    game.save("b.py", "from game import NEW\nB = NEW")
    assert list(game.live.errors) == [ROOT("b.py")]
    report = game.save("a.py", "A = 2\nNEW = 5")
    assert report.reloaded[0].scripts == (ROOT("a.py"), ROOT("b.py"))
    assert game.namespace.B == 5
    assert not game.live.errors


def test_a_save_back_to_the_running_version_heals(project):
    game = project({"a.py": "A = 1"})
    game.save("a.py", "A = (")
    report = game.save("a.py", "A = 1")
    assert report.reverted == (ROOT("a.py"),)
    assert not report.outcomes
    assert not game.live.errors


def test_who_waited_for_a_save_that_is_back_to_the_running_version_is_tried_again(project):
    game = project({"a.py": "A = 1", "b.py": "from game import A\nB = 1"})
    game.write("a.py", "A = 1 / 0")
    game.write("b.py", "from game import A\nB = 2")
    assert game.update().rejected
    report = game.save("a.py", "A = 1")
    assert report.reverted == (ROOT("a.py"),)
    assert [outcome.scripts for outcome in report.reloaded] == [(ROOT("b.py"),)]
    assert game.namespace.B == 2
    assert not game.live.errors


def test_what_is_broken_in_its_own_right_says_so_once_another_is_back_to_the_running_version(project):
    game = project({"a.py": "A = 1", "b.py": "from game import A\nB = 1"})
    game.save("b.py", "from game import A\nB = 1 / 0")
    assert game.save("a.py", "C = 1").rejected
    assert game.save("a.py", "A = 1").reverted
    assert {path.name: type(error) for path, error in game.live.errors.items()} == {"b.py": ZeroDivisionError}


def test_a_broken_new_script_that_is_deleted_again_is_forgotten(project):
    game = project({"a.py": "A = 1"})
    game.save("b.py", "B = (")
    game.delete("b.py")
    assert game.update().reverted == (ROOT("b.py"),)
    assert not game.live.errors


def test_a_rejected_deletion_is_forgotten_when_the_file_comes_back(project):
    game = project({"a.py": "A = 1", "b.py": "from game import A"})
    game.delete("a.py")
    assert game.update().rejected
    assert game.save("a.py", "A = 1").reverted
    assert not game.live.errors


def test_the_same_broken_save_again_is_not_reported_again(project):
    game = project({"a.py": "A = 1"})
    assert game.save("a.py", "A = (").rejected
    assert not game.save("a.py", "A = (")


def test_an_unreadable_or_undecodable_save_is_rejected_and_heals(project):
    game = project({"a.py": "A = 1"})
    for bad in (PermissionError(13, "Permission denied"), b"A = '\xff'", b"A = 1\0"):
        game.write("a.py", bad)
        assert game.update().rejected
        assert game.namespace.A == 1
    game.write("a.py", "A = 2")
    assert game.update().reloaded
    assert game.namespace.A == 2


def test_a_script_that_deletes_itself_runs_and_is_then_removed(project):
    game = project({"a.py": "A = 1"})
    game.live.add_validator(lambda module: game.files.contents.pop(game.path("b.py"), None))
    game.write("b.py", "B = 1")
    assert game.update().reloaded
    assert game.namespace.B == 1
    game.watcher.report(game.path("b.py"))
    assert game.update().reloaded[0].removed
    assert not hasattr(game.namespace, "B")


def test_forced_reload_runs_the_same_text_again(project):
    game = project({"a.py": "import time\nclass A: pass\nfirst = time.perf_counter_ns()"})
    cls, first = game.namespace.A, game.namespace.first
    report = game.live.reload(game.path("a.py"))
    assert report.reloaded
    assert game.namespace.first > first
    assert game.namespace.A is cls  # nobody edited it
    with pytest.raises(livescripts.DirectoryError):
        game.live.reload("/memory/elsewhere.py")
    assert not game.live.reload()


# ------------------------------------------------------------------ packages of the modules layout


def test_a_directory_gets_and_loses_its_init(project):
    game = project({"x/a.py": "A = 1", "user.py": "import game.x.a\nU = game.x.a.A"}, layout="modules")
    package, module = game.namespace.x, game.namespace.x.a
    game.write("x/__init__.py", "from .a import A\nSIZE = A + 1")
    assert game.update().reloaded
    assert game.namespace.x is package
    assert (package.SIZE, package.a) == (2, module)
    game.delete("x/__init__.py")
    assert game.update().reloaded
    assert not hasattr(game.namespace.x, "SIZE")
    assert game.namespace.x.a is module
    assert sys.modules["game.x"] is package


def test_a_module_may_become_a_package(project):
    game = project({"x.py": "V = 1", "user.py": "from game.x import V\nU = V"}, layout="modules")
    game.delete("x.py")
    game.write("x/__init__.py", "from .sub import V")
    game.write("x/sub.py", "V = 2")
    assert game.update().reloaded
    assert game.namespace.user.U == 2
    assert game.namespace.x.sub.V == 2


# ------------------------------------------------------------------ callbacks


def test_callbacks_hear_of_reloads_errors_and_classes(project):
    game = project({"a.py": "class A: pass"})
    heard = []
    undo = [
        game.live.on_reload(lambda outcome: heard.append(("reload", outcome.scripts))),
        game.live.on_error(lambda outcome: heard.append(("error", outcome.scripts))),
        game.live.on_class_created(lambda cls: heard.append(("created", cls.__name__))),
        game.live.on_class_updated(lambda old, new: heard.append(("updated", old is not new, new is game.namespace.A))),
    ]
    game.save("a.py", "class A: x = 0\nclass B: pass")
    assert heard == [("created", "B"), ("updated", False, True), ("reload", (ROOT("a.py"),))]
    heard.clear()
    game.save("a.py", "class A(")
    assert heard == [("error", (ROOT("a.py"),))]
    heard.clear()
    for remove in undo:
        remove()
        remove()
    game.save("a.py", "class A: x = 1")
    assert heard == []


def test_a_callback_that_raises_is_reported_and_the_others_still_run(project, caplog):
    game = project({"a.py": "class A: pass"})
    heard = []
    game.live.on_reload(lambda outcome: 1 / 0)
    game.live.on_reload(heard.append)
    report = game.save("a.py", "class A: x = 1")
    assert heard
    assert isinstance(report.reloaded[0].hook_errors[0].error, ZeroDivisionError)
    assert "ZeroDivisionError" in caplog.text


# ------------------------------------------------------------------ misuse


def test_update_belongs_to_one_thread(project):
    import threading

    game = project({"a.py": "A = 1"})
    caught = []

    def call():
        try:
            game.live.update()
        except livescripts.WrongThreadError as error:
            caught.append(str(error))

    thread = threading.Thread(target=call, name="worker")
    thread.start()
    thread.join()
    assert "'worker'" in caught[0]


def test_update_may_not_be_called_by_a_script_body_a_test_or_a_behaviour(project):
    game = project({"a.py": "def f(live): return live.update()"})
    import builtins

    builtins.the_live = game.live
    try:
        report = game.save("b.py", "the_live.update()")
        assert isinstance(report.rejected[0].problems[0].error, livescripts.ReentrantError)
        report = game.save("b.py", "the_live.add_directory('/memory', namespace='other')")
        assert isinstance(report.rejected[0].problems[0].error, livescripts.ReentrantError)
        report = game.save("b.py", "the_live.close()")
        assert isinstance(report.rejected[0].problems[0].error, livescripts.ReentrantError)
    finally:
        del builtins.the_live
    game.write("a.py", "def f(live): return 2")
    with pytest.raises(livescripts.ReentrantError, match=r"a\.py, line 1"):
        game.namespace.f(game.live)
    assert game.update().reloaded


def test_nothing_works_after_close_and_says_so(project):
    game = project({"a.py": "A = 1"})
    game.close()
    for call in (
        game.live.update,
        game.live.reload,
        lambda: game.live.add_directory(Project.ROOT, namespace="game"),
        lambda: game.live.remove_directory(Project.ROOT),
    ):
        with pytest.raises(livescripts.ClosedError, match="after close"):
            call()


# ------------------------------------------------------------------ staging over several frames


class Ticking:
    """A clock that moves on by a step each time somebody looks."""

    def __init__(self, step):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def test_a_batch_staged_over_many_frames_leaves_the_live_world_untouched_until_it_commits(project):
    scripts = {f"s{number:02}.py": f"from game import BASE\nV{number} = BASE" for number in range(20)}
    scripts["base.py"] = "BASE = 1\nlog = []\nclass Thing: v = 1"
    game = project(scripts, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    thing = game.namespace.Thing()
    before = world(game)
    game.write("base.py", "BASE = 2\nlog = []\nclass Thing: v = 2")
    frames = 0
    report = NOTHING
    while not report:
        assert world(game) == before
        assert thing.v == 1
        frames += 1
        assert frames < 1000
        report = game.live.update()
    assert frames > 5
    assert report.reloaded[0].frames == frames or report.reloaded[0].frames > 5
    assert thing.v == 2
    assert [getattr(game.namespace, f"V{number}") for number in range(20)] == [2] * 20


def test_a_save_while_staging_restarts_the_batch(project):
    scripts = {f"s{number:02}.py": f"from game import BASE\nV{number} = BASE" for number in range(10)}
    game = project({"base.py": "BASE = 1", **scripts}, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    game.write("base.py", "BASE = 2")
    for _ in range(4):
        assert not game.live.update()
    game.write("s00.py", "from game import BASE\nV0 = -BASE")
    report = NOTHING
    for _ in range(1000):
        report = report or game.live.update()
    assert report.reloaded[0].scripts == (ROOT("base.py"), ROOT("s00.py"))
    assert (game.namespace.V0, game.namespace.V9) == (-2, 2)


def test_what_the_game_does_while_a_batch_is_staged_is_not_lost(project):
    scripts = {f"s{number:02}.py": "from game import BASE, log\nlog.append('loaded')" for number in range(8)}
    scripts["base.py"] = "BASE = 1"
    scripts["store.py"] = "log = []\nscore = 0\ndef gain():\n    global score\n    score += 1"
    game = project(scripts, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    assert game.namespace.log == ["loaded"] * 8
    game.write("base.py", "BASE = 2")
    game.write("store.py", "score = 0\nlog = []\ndef gain():\n    global score\n    score += 2")
    report, frames = NOTHING, 0
    while not report:
        report = game.live.update()
        game.namespace.gain()
        frames += 1
    assert frames > 5
    assert game.namespace.score == frames + 1


def test_a_container_that_the_game_and_a_staged_script_both_change_keeps_both_changes(project):
    scripts = {f"s{number:02}.py": f"from game import BASE\nV{number} = BASE" for number in range(8)}
    scripts["base.py"] = "BASE = 1"
    scripts["store.py"] = "from collections import deque\nrow = []\ntable = {'old': 0}\nbag = {1}\nline = deque()"
    scripts["mob.py"] = (
        "from game import BASE, row, table, bag, line\nrow.append('mob')\ntable['mob'] = BASE\nbag.add('mob')"
    )
    game = project(scripts, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    space = game.namespace
    game.write("base.py", "BASE = 2")
    game.write(
        "mob.py", scripts["mob.py"] + "\nrow.append('mob 2')\ndel table['old']\nbag.discard(1)\nline.append('mob')"
    )
    report, frames = NOTHING, 0
    while not report:
        report = game.live.update()
        if not report:
            frames += 1
            space.row.append(frames)
            space.table[frames] = frames
            space.bag.add(-frames)
            space.line.append(frames)
    assert frames > 3
    played = list(range(1, frames + 1))
    assert space.row == ["mob", *played, "mob 2"]
    assert space.table == {"mob": 2, **{frame: frame for frame in played}}
    assert space.bag == {"mob", *(-frame for frame in played)}
    assert list(space.line) == [*played, "mob"]


def test_an_error_of_our_own_while_staging_rejects_and_the_game_goes_on(project, monkeypatch):
    game = project({"a.py": "A = 1"})
    before = world(game)
    with monkeypatch.context() as patched:
        patched.setattr("livescripts._runtime.staging.Stage.steps", lambda stage: iter([1 / 0]))
        report = game.save("a.py", "A = 2")
    assert "could not be staged: ZeroDivisionError" in str(report)
    assert list(game.live.errors) == [ROOT("a.py")]
    assert world(game) == before
    assert game.live.reload().reloaded
    assert game.namespace.A == 2


def test_pressing_ctrl_c_while_we_work_is_not_swallowed(project, monkeypatch):
    game = project({"a.py": "A = 1"})

    def interrupted(stage):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("livescripts._runtime.staging.Stage.steps", interrupted)
        with pytest.raises(KeyboardInterrupt):
            game.save("a.py", "A = 2")
    assert game.namespace.A == 1
    game.write("a.py", "A = 3")
    assert game.update().reloaded


def test_a_function_that_cannot_run_the_new_code_is_reported(project):
    text = "def make():\n    {0}\n    def inner(): return {1}\n    return inner\nclass A:\n    def f(self): return {2}"
    game = project({"a.py": text.format("x = 1", "x", "1")})
    method, made = game.namespace.A.f, game.namespace.make()
    report = game.save("a.py", text.format("x = y = 1", "x + y", "super().__str__() and 2"))
    assert method(game.namespace.A()) == 2
    assert made() == 1
    assert "make.<locals>.inner" in report.reloaded[0].warnings[0]


def test_a_host_subclass_that_cannot_take_the_new_base_is_reported(project):
    game = project({"a.py": "class A:\n    __slots__ = ('x',)"})
    sub = type("HostA", (game.namespace.A,), {"__slots__": (), "__module__": __name__})
    report = game.save("a.py", "class A:\n    __slots__ = ('x', 'y')")
    assert "HostA keeps its old base" in report.reloaded[0].warnings[0]
    assert sub()


def test_a_file_that_does_not_compile_makes_nobody_else_run_twice(project, monkeypatch):
    monkeypatch.setattr(livescripts, "runs", [], raising=False)
    game = project({"a.py": "A = 1"})
    game.save("b.py", "B = (")
    assert game.save("a.py", "import livescripts\nlivescripts.runs.append('a')\nA = 2").reloaded
    assert livescripts.runs == ["a"]
    game.write("a.py", "import livescripts\nlivescripts.runs.append('a')\nA = 3")
    game.write("c.py", "C = (")
    report = game.update()
    assert (len(report.reloaded), len(report.rejected)) == (1, 1)
    assert livescripts.runs == ["a", "a"]
    assert {path.name for path in game.live.errors} == {"b.py", "c.py"}


def test_two_thousand_saves_in_a_minute_are_followed_and_the_last_one_runs(project):
    game = project({"a.py": "A = 0", "b.py": "B = 0"})
    now, seen = 2000.0, set()
    for number in range(1, 2001):
        game.write("ab"[number % 2] + ".py", f"{'AB'[number % 2]} = {number}\n" if number % 7 else "A = (")
        for _ in range(4):
            now += 60.0 / 2000 / 4
            game.live.update(now)
        seen.add(game.namespace.A)
    game.write("a.py", "A = 'last'")
    game.update()
    # Never quiet for long enough: patience runs out every second or so, and a reload comes all the same.
    assert len(seen) > 20
    assert (game.namespace.A, game.namespace.B) == ("last", 1999)
    assert not game.live.errors
