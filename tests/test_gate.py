"""The gate: validators and unit tests decide whether a staged script may replace the running one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import livescripts
from livescripts import ScriptTestError
from livescripts.testing import Project


def ROOT(relative):
    return Path(Project.ROOT, relative)


INSIDE = """
import unittest
SPEED = {speed}
class SpeedTest(unittest.TestCase):
    def test_limit(self):
        self.assertLess(SPEED, 5, "too fast")
"""


def test_a_failing_test_inside_the_script_rejects_it_with_its_line_and_assertion(project):
    game = project({"a.py": INSIDE.format(speed=1)})
    report = game.save("a.py", INSIDE.format(speed=9))
    (problem,) = report.rejected[0].problems
    assert (problem.path, problem.line) == (ROOT("a.py"), 6)
    assert problem.source_line == 'self.assertLess(SPEED, 5, "too fast")'
    assert "unit test test_limit failed: AssertionError: 9 not less than 5 : too fast" in problem.message
    error = game.live.errors[ROOT("a.py")]
    assert isinstance(error, ScriptTestError)
    assert error.failures[0][0].startswith("test_limit")
    assert game.namespace.SPEED == 1
    assert game.save("a.py", INSIDE.format(speed=2)).reloaded


COMPANION = """
import unittest
class GoblinTest(unittest.TestCase):
    def test_hit_points(self):
        self.assertEqual(Goblin().hp, {hp})
        self.assertEqual(_secret(), "s")
"""
GOBLIN = "class Goblin:\n    hp = {hp}\ndef _secret(): return 's'\n"


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_companion_file_sees_the_scripts_globals(project, layout):
    game = project({"x/goblin.py": GOBLIN.format(hp=3), "x/goblin_unittest.py": COMPANION.format(hp=3)}, layout=layout)
    report = game.save("x/goblin.py", GOBLIN.format(hp=4))
    (problem,) = report.rejected[0].problems
    assert (problem.path, problem.line) == (ROOT("x/goblin_unittest.py"), 5)
    assert report.rejected[0].scripts == (ROOT("x/goblin.py"),)
    assert list(game.live.errors) == [ROOT("x/goblin.py")]
    holder = game.namespace.x if layout == "merged" else game.namespace.x.goblin
    assert holder.Goblin.hp == 3
    assert not hasattr(holder, "GoblinTest")


def test_editing_only_the_test_file_runs_it_again(project):
    game = project({"goblin.py": GOBLIN.format(hp=3), "goblin_unittest.py": COMPANION.format(hp=3)})
    cls = game.namespace.Goblin
    report = game.save("goblin_unittest.py", COMPANION.format(hp=4))
    assert report.rejected[0].scripts == (ROOT("goblin_unittest.py"),)
    assert list(game.live.errors) == [ROOT("goblin_unittest.py")]
    report = game.save("goblin_unittest.py", COMPANION.format(hp=3) + "# edited\n")
    assert report.reloaded[0].scripts == (ROOT("goblin_unittest.py"),)
    assert not game.live.errors
    assert game.namespace.Goblin is cls


def test_script_and_test_may_change_together(project):
    game = project({"goblin.py": GOBLIN.format(hp=3), "goblin_unittest.py": COMPANION.format(hp=3)})
    game.write("goblin.py", GOBLIN.format(hp=4))
    game.write("goblin_unittest.py", COMPANION.format(hp=4))
    assert game.update().reloaded
    assert game.namespace.Goblin.hp == 4


def test_a_rejected_script_is_retried_when_its_test_is_fixed(project):
    game = project({"goblin.py": GOBLIN.format(hp=3), "goblin_unittest.py": COMPANION.format(hp=3)})
    assert game.save("goblin.py", GOBLIN.format(hp=4)).rejected
    report = game.save("goblin_unittest.py", COMPANION.format(hp=4))
    assert report.reloaded
    assert game.namespace.Goblin.hp == 4
    assert not game.live.errors


def test_deleting_the_test_file_lets_the_script_pass(project):
    game = project({"goblin.py": GOBLIN.format(hp=3), "goblin_unittest.py": COMPANION.format(hp=3)})
    assert game.save("goblin.py", GOBLIN.format(hp=4)).rejected
    game.delete("goblin_unittest.py")
    assert game.update().reloaded
    assert game.namespace.Goblin.hp == 4


def test_the_tests_of_a_dependant_count_too(project):
    game = project(
        {
            "base.py": "class Base:\n    hp = 3",
            "goblin.py": "from game import Base\nclass Goblin(Base): pass\ndef _secret(): return 's'",
            "goblin_unittest.py": COMPANION.format(hp=3),
        }
    )
    report = game.save("base.py", "class Base:\n    hp = 4")
    assert report.rejected[0].problems[0].path == ROOT("goblin_unittest.py")
    assert game.namespace.Goblin.hp == 3


def test_a_test_that_takes_something_elsewhere_runs_when_that_changes(project):
    game = project(
        {
            "goblin.py": "class Goblin: hp = 3",
            "tuning.py": "LIMIT = 5",
            "goblin_unittest.py": """
            import unittest
            from game import LIMIT
            class T(unittest.TestCase):
                def test_it(self): self.assertLess(Goblin.hp, LIMIT)
            """,
        }
    )
    assert game.save("tuning.py", "LIMIT = 2").rejected
    assert game.namespace.LIMIT == 5


def test_a_companion_without_its_script_is_mentioned_and_waits_for_it(project):
    game = project({"a.py": "A = 1"})
    report = game.save("goblin_unittest.py", COMPANION.format(hp=3))
    assert "goblin_unittest.py tests goblin.py, which is not there" in report.reloaded[0].warnings[0]
    assert game.save("goblin.py", GOBLIN.format(hp=4)).rejected
    assert game.save("goblin.py", GOBLIN.format(hp=3)).reloaded


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("while True: pass", "did not return in time"),
        ("raise SystemExit", "SystemExit"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("self.test_it()", "RecursionError"),
        ("1 / 0", "ZeroDivisionError"),
        ("with self.subTest(n=1): self.fail('sub')", "sub"),
    ],
)
def test_a_test_that_misbehaves_rejects_and_harms_nobody(project, body, expected):
    game = project({"a.py": "A = 1"}, timeout=0.2)
    text = f"import unittest\nA = 2\nclass T(unittest.TestCase):\n    def test_it(self):\n        {body}\n"
    report = game.save("a.py", text)
    assert expected in report.rejected[0].problems[0].message
    assert game.namespace.A == 1
    assert game.save("a.py", "A = 3").reloaded


def test_class_fixtures_run_once_for_all_tests_of_the_class(project, monkeypatch):
    import builtins

    text = """
    import unittest
    class T(unittest.TestCase):
        @classmethod
        def setUpClass(cls): fixture_log.append("up")
        @classmethod
        def tearDownClass(cls): fixture_log.append("down")
        def test_a(self): fixture_log.append("a")
        def test_b(self): fixture_log.append("b")
    """
    monkeypatch.setattr(builtins, "fixture_log", [], raising=False)
    project({"a.py": text})
    assert builtins.fixture_log == ["up", "a", "b", "down"]


def test_a_broken_fixture_a_broken_test_file_and_an_expected_failure(project):
    game = project({"a.py": "A = 1"})
    fixture = "import unittest\nclass T(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls): 1 / 0\n    def test_it(self): pass"
    assert "ZeroDivisionError" in str(game.save("a.py", fixture))
    assert game.save("a_unittest.py", "import unittest\n1 / 0").rejected[0].problems[0].line == 2
    game.delete("a_unittest.py")
    game.update()
    fine = "import unittest\nclass T(unittest.TestCase):\n    @unittest.expectedFailure\n    def test_it(self): self.fail()\n    @unittest.skip('later')\n    def test_b(self): self.fail()"
    assert game.save("a.py", fine).reloaded
    assert game.save("a.py", fine.replace("self.fail()", "pass", 1)).rejected


def test_a_test_file_does_not_become_importable(project):
    game = project({"a.py": "A = 1", "a_unittest.py": "B = 2"}, layout="modules")
    assert not hasattr(game.namespace, "a_unittest")
    assert "game.a_unittest" not in sys.modules


def test_tests_are_not_run_when_told_so(project):
    game = project({"a.py": INSIDE.format(speed=9)}, run_tests=False)
    assert game.save("a.py", INSIDE.format(speed=10)).reloaded


def test_a_validator_rejects_by_raising_until_it_is_taken_back(project):
    game = project({"a.py": "A = 1"})

    def no_negative(module):
        assert module.A >= 0, "A must not be negative"

    undo = game.live.add_validator(no_negative)
    report = game.save("a.py", "A = -1")
    assert "A must not be negative" in report.rejected[0].problems[0].message
    assert "no_negative" in game.live.errors[ROOT("a.py")].__notes__[0]
    assert game.namespace.A == 1
    undo()
    assert game.live.reload().reloaded
    assert game.namespace.A == -1


def test_a_validator_counts_at_preload_too(project):
    game = project({"a.py": "A = 1"}, load=False)
    game.live.add_validator(lambda module: 1 / 0)
    with pytest.raises(livescripts.ScriptError, match="ZeroDivisionError"):
        game.load()


def test_tests_see_the_staged_world_and_the_live_one_is_untouched(project):
    game = project({"a.py": "A = 1", "b.py": "from game import A\nB = A"})
    text = """
    import unittest
    A = 2
    class T(unittest.TestCase):
        def test_it(self):
            import game
            self.assertEqual((game.A, game.B), (2, 2))
            game.A = 99
            game.B = 99
            self.fail("after all")
    """
    assert game.save("a.py", text).rejected
    assert (game.namespace.A, game.namespace.B) == (1, 1)


STATEFUL = """
count = 0
seen = []
class Config:
    def __init__(self): self.volume = 1
config = Config()
class Goblin:
    made = 0
    kinds = []
def work():
    global count
    count += 1
    seen.append(count)
    config.volume = 9
    Goblin.made += 1
    Goblin.kinds.append("x")
"""


def state_of(game):
    return game.count, list(game.seen), game.config.volume, game.Goblin.made, list(game.Goblin.kinds)


@pytest.mark.parametrize("where", ["inside", "beside", "elsewhere"])
def test_what_passing_tests_change_does_not_reach_the_game(project, where):
    case = "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): {}\n"
    scripts = {"a.py": STATEFUL}
    if where == "inside":
        scripts["a.py"] += case.format("work()")
    elif where == "beside":
        scripts["a_unittest.py"] = case.format("work()")
    game = project(scripts)
    untouched = (0, [], 1, 0, [])
    assert state_of(game.namespace) == untouched
    if where == "elsewhere":
        game.namespace.work()
        untouched = state_of(game.namespace)
        game.write("b.py", "import game\nB = 1\n" + case.format("game.work()"))
    else:
        game.write("a.py", scripts["a.py"] + "# edited\n")
    assert game.update().reloaded
    assert state_of(game.namespace) == untouched
    game.namespace.work()
    assert game.namespace.count == untouched[0] + 1


def test_what_a_rejected_body_did_to_classes_elsewhere_is_taken_back(project):
    game = project({"base.py": "class Base:\n    last = None\n    def __init_subclass__(cls): Base.last = cls"})
    game.save("bad.py", "from game import Base\nclass Sub(Base): pass\nBase.extra = 1\n1 / 0")
    assert game.namespace.Base.last is None
    assert not hasattr(game.namespace.Base, "extra")
    game.save("good.py", "from game import Base\nclass Sub(Base): pass")
    assert game.namespace.Base.last is game.namespace.Sub


@pytest.mark.parametrize("kind", ["Exception", "BaseException"])
@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_script_that_raises_its_own_exception_is_rejected_like_any_other(project, kind, layout):
    game = project({"a.py": "A = 1"}, layout=layout)
    (rejected,) = game.save("a.py", f"class Wrong({kind}): pass\nA = 2\nraise Wrong('so')").rejected
    assert rejected.problems[0].message == "Wrong: so"
    assert [str(error) for error in game.live.errors.values()] == ["so"]
    game.save("b.py", "B = 1")
    assert len(game.live.errors) == 1
    assert game.save("a.py", "A = 3").reloaded
    assert not game.live.errors
