"""`live.call`: a behaviour that raises does not end the game; a commit that broke it is rolled back, or its entity skipped."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import operator
import sys
import weakref
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest
from test_reloading import world

from livescripts import NOTHING, RolledBackError, UndoneError
from livescripts.testing import FakeClock, Project

GOBLIN = "class Goblin:\n    def update(self, dt=0): return {}\n"
GOOD, BAD = GOBLIN.format("'well'"), GOBLIN.format("1 / 0")


def ROOT(relative):
    return Path(Project.ROOT, relative)


@pytest.fixture
def game(project):
    return project({"a.py": GOOD})


def failing(game, *entities):
    return [game.live.call(entity.update) for entity in entities]


# ------------------------------------------------------------------ a plain call while all is well


def test_it_returns_what_the_behaviour_returns_and_passes_on_what_it_is_given(game):
    def behaviour(*args, **kwargs):
        return args, kwargs

    assert game.live.call(behaviour, 1, fn=2) == ((1,), {"fn": 2})
    assert game.live.call(game.namespace.Goblin().update) == "well"
    assert not game.update()


# ------------------------------------------------------------------ rolling back


def test_a_commit_that_breaks_a_behaviour_is_rolled_back_by_the_next_update(game):
    goblin, told = game.namespace.Goblin(), []
    game.save("a.py", BAD)
    game.live.on_reload(told.append)
    assert failing(game, goblin) == [None]
    with pytest.raises(ZeroDivisionError):
        goblin.update()  # nothing has changed in the midst of the frame
    (outcome,) = game.live.update().outcomes
    assert failing(game, goblin) == ["well"]
    assert outcome.undone
    assert outcome.scripts == (ROOT("a.py"),)
    assert outcome.fault.message == "ZeroDivisionError: division by zero"
    assert str(outcome).startswith("rolled back a.py to v1, because a.py:2: Goblin.update raised ZeroDivisionError")
    assert told == [outcome]
    assert not game.live.quarantined
    assert game.update() == NOTHING


def test_what_was_rolled_back_is_told_from_what_was_rejected_or_taken_back(game):
    game.save("a.py", BAD)
    failing(game, game.namespace.Goblin())
    game.update()
    error = game.live.errors[ROOT("a.py")]
    assert isinstance(error, RolledBackError)
    assert isinstance(error, UndoneError)
    assert error.fault == game.live.errors.recent[-1]
    assert "rolled back, the version before runs again" in str(error)
    assert "Goblin.update raised ZeroDivisionError" in str(error)


def test_it_does_not_come_back_by_itself_but_a_new_save_is_taken(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    failing(game, goblin)
    game.update()
    game.watcher.report(game.path("a.py"))
    assert not game.update()
    game.save("b.py", "B = 1")
    assert failing(game, goblin) == ["well"]
    assert game.save("a.py", GOBLIN.format("'better'")).reloaded
    assert failing(game, goblin) == ["better"]
    assert not game.live.errors


def test_a_second_attempt_that_fails_is_rolled_back_as_well(game):
    goblin = game.namespace.Goblin()
    for attempt in (BAD, BAD + "# again\n", BAD + "# and again\n"):
        game.save("a.py", attempt)
        assert failing(game, goblin) == [None]
        assert game.update().reloaded[0].fault
        assert failing(game, goblin) == ["well"]


def test_the_decision_is_undone_by_hand_and_then_it_stays(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    failing(game, goblin)
    game.update()
    assert game.live.reload().reloaded[0].fault is None
    assert failing(game, goblin, goblin) == [None, None]
    assert not game.update()
    assert [each.entities for each in game.live.quarantined] == [1]
    assert not game.live.errors


def test_a_commit_is_on_probation_for_some_seconds_only(project):
    clock = FakeClock()
    game = project({"a.py": GOOD}, clock=clock, probation=3.0)
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    clock.advance(3.1)
    failing(game, goblin)
    assert not game.update()
    assert [each.entities for each in game.live.quarantined] == [1]
    with pytest.raises(ValueError, match="probation is a number of seconds"):
        Project(probation=-1)


def test_what_the_version_before_raised_as_well_is_not_blamed_on_a_commit(project):
    game = project({"a.py": BAD})
    goblin = game.namespace.Goblin()
    failing(game, goblin)
    for attempt in ("# one\n", "# one\n# two\n"):
        assert game.save("a.py", attempt + BAD).reloaded
        assert not game.live.quarantined
        failing(game, goblin)
        assert not game.update()
        assert [each.entities for each in game.live.quarantined] == [1]


def test_the_last_of_two_commits_that_have_to_do_with_it_goes_first(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    game.save("a.py", BAD + "# not called in between\n")
    failing(game, goblin)
    game.update()
    assert failing(game, goblin) == [None]
    game.update()
    assert failing(game, goblin) == ["well"]


def test_a_commit_of_a_script_that_has_nothing_to_do_with_it_stays(project):
    game = project({"a.py": BAD, "b.py": "B = 1"})
    game.save("b.py", "B = 2")
    failing(game, game.namespace.Goblin())
    assert not game.update()
    assert game.namespace.B == 2


def test_a_commit_of_a_script_that_it_depends_on_is_rolled_back(project):
    game = project({"a.py": "from game import SPEED\n" + GOBLIN.format("1 / SPEED"), "b.py": "SPEED = 1"})
    goblin = game.namespace.Goblin()
    game.save("b.py", "SPEED = 0")
    failing(game, goblin)
    assert game.update().reloaded[0].scripts == (ROOT("b.py"),)
    assert failing(game, goblin) == [1.0]


@pytest.mark.parametrize(
    "edit",
    ["def helper(x, y): return x", "def assistant(x): return x", "helper: int = None"],
    ids=["another signature", "another name", "no function any more"],
)
def test_a_commit_of_what_is_called_at_run_time_is_rolled_back_when_the_call_does_not_fit(project, edit):
    game = project({"a.py": "import game\n" + GOBLIN.format("game.helper(1)"), "b.py": "def helper(x): return x"})
    goblin = game.namespace.Goblin()
    game.save("b.py", edit)
    game.save("c.py", "UNRELATED = 1")
    assert failing(game, goblin) == [None]
    assert game.update().reloaded[0].scripts == (ROOT("b.py"),)
    assert failing(game, goblin) == [1]
    assert game.namespace.UNRELATED == 1


def test_a_commit_of_the_entity_s_class_is_to_blame_for_what_its_base_in_the_host_raises(project, monkeypatch):
    class Walker:
        def update(self):
            return 1 / self.speed

    monkeypatch.setattr("test_behaviours.Walker", Walker, raising=False)
    game = project({"a.py": "from test_behaviours import Walker\nclass Goblin(Walker): speed = 1"})
    goblin = game.namespace.Goblin()
    game.save("a.py", "from test_behaviours import Walker\nclass Goblin(Walker): speed = 0")
    assert failing(game, goblin) == [None]
    game.update()
    assert failing(game, goblin) == [1.0]


def test_two_commits_that_broke_something_in_the_same_frame_are_both_rolled_back(game):
    game.save("b.py", GOOD.replace("Goblin", "Orc"))
    goblin, orc = game.namespace.Goblin(), game.namespace.Orc()
    game.save("a.py", BAD)
    game.save("b.py", BAD.replace("Goblin", "Orc"))
    assert failing(game, goblin, orc) == [None, None]
    assert [game.live.update().reloaded[0].scripts for _ in range(2)] == [(ROOT("b.py"),), (ROOT("a.py"),)]
    assert failing(game, goblin, orc) == ["well", "well"]


def test_files_saved_together_go_back_together_but_not_those_that_were_saved_again(project):
    game = project({"a.py": GOOD, "b.py": "B = 1", "c.py": "C = 1"})
    goblin = game.namespace.Goblin()
    for relative, text in {"a.py": BAD, "b.py": "B = 2", "c.py": "C = 2"}.items():
        game.write(relative, text)
    game.update()
    game.save("c.py", "C = 3")
    failing(game, goblin)
    game.update()
    assert (failing(game, goblin), game.namespace.B, game.namespace.C) == (["well"], 1, 3)
    assert set(game.live.errors) == {ROOT("a.py"), ROOT("b.py")}
    game.live.undo()
    assert game.namespace.C == 2
    game.live.undo()
    assert game.namespace.C == 1
    assert not game.live.undo()


def test_a_script_that_was_not_there_before_goes(game):
    game.save("b.py", "class Orc:\n    def update(self): raise ValueError")
    orc = game.namespace.Orc()
    failing(game, orc)
    assert game.update().reloaded[0].removed == (ROOT("b.py"),)
    assert not hasattr(game.namespace, "Orc")
    assert "it does not run, as before" in str(game.live.errors[ROOT("b.py")])


def test_state_is_kept_and_all_entities_follow(project):
    game = project({"a.py": "score = 0\n" + GOOD})
    goblins = [game.namespace.Goblin() for _ in range(3)]
    game.save("a.py", "score = 0\n" + GOBLIN.format("missing"))
    game.namespace.score = 7
    for goblin in goblins:
        goblin.hp = 5
    assert failing(game, *goblins) == [None] * 3
    game.update()
    assert failing(game, *goblins) == ["well"] * 3
    assert [goblin.hp for goblin in goblins] == [5] * 3
    assert game.namespace.score == 7
    assert game.live.errors.recent[-1].count == 3


def test_a_version_that_does_not_pass_any_more_is_not_gone_back_to(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    before = world(game)

    def veto(module):
        if "well" in str(module.Goblin.update.__code__.co_consts):
            raise ValueError("not that one")

    game.live.add_validator(veto)
    failing(game, goblin)
    (outcome,) = game.update().rejected
    assert outcome.undone
    assert world(game) == before
    assert [each.entities for each in game.live.quarantined] == [1]
    assert not game.update()


def test_undo_by_hand_may_be_quicker(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    failing(game, goblin)
    assert game.live.undo().reloaded[0].fault is None
    assert not game.update()
    assert failing(game, goblin) == ["well"]


def test_a_save_in_the_same_frame_is_taken_after_the_roll_back(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    failing(game, goblin)
    game.write("b.py", "B = 1")
    assert game.update().reloaded[0].fault
    assert game.update().reloaded[0].scripts == (ROOT("b.py"),)
    assert failing(game, goblin) == ["well"]


def test_a_commit_does_not_answer_for_a_file_that_was_saved_again(project):
    game = project({"a.py": GOOD, "b.py": "B = 1"})
    goblin = game.namespace.Goblin()
    game.write("a.py", GOBLIN.format("'better'"))
    game.write("b.py", "B = 2")
    game.update()
    game.save("a.py", BAD)
    failing(game, goblin)
    game.update()
    game.live.reload()  # it is wanted as it is; `b.py` has nothing to do with that
    failing(game, goblin)
    assert not game.update()
    assert (game.namespace.B, len(game.live.quarantined)) == (2, 1)


def test_what_was_mended_by_hand_meanwhile_is_not_rolled_back_any_more(project):
    game = project({"a.py": GOOD, "b.py": "B = 1"})
    goblin = game.namespace.Goblin()
    game.write("a.py", BAD)
    game.write("b.py", "B = 2")
    game.update()
    game.live.pause()
    failing(game, goblin)
    game.write("a.py", GOBLIN.format("'mended'"))
    assert game.live.reload(game.path("a.py")).reloaded
    game.live.resume()
    assert not game.update()
    assert (failing(game, goblin), game.namespace.B) == (["mended"], 2)


def test_a_fault_of_a_directory_that_was_removed_takes_nothing_back_elsewhere(project):
    game = project({"b.py": "B = 1"})
    other = game.files.directories.add("/memory/other") or "/memory/other"
    game.files.contents[other + "/a.py"] = GOOD.encode()
    game.live.add_directory(other, namespace="livescripts_other")
    goblin = sys.modules["livescripts_other"].Goblin()
    game.files.contents[other + "/a.py"] = BAD.encode()
    game.watcher.report(other + "/a.py")
    game.save("b.py", "B = 2")
    assert failing(game, goblin) == [None]
    game.live.remove_directory(other)
    assert not game.update()
    assert game.namespace.B == 2


# ------------------------------------------------------------------ while scripts load


HOST = "livescripts_test_host"


@pytest.fixture
def host(game, monkeypatch):
    """A module of the game that scripts may import."""
    module = ModuleType(HOST)
    module.call = game.live.call
    monkeypatch.setitem(sys.modules, HOST, module)
    return module


IN_A_TEST = f"""
import unittest
class Test(unittest.TestCase):
    def test_update(self):
        import {HOST} as host
        self.assertEqual(host.call(Goblin().update), "well")
"""


def test_what_a_unit_test_calls_fails_that_test_and_is_nobody_s_fault(game, host):
    game.save("a.py", GOOD + "# saved")  # on probation
    (outcome,) = game.save("a.py", BAD + IN_A_TEST).rejected
    assert "ZeroDivisionError" in str(outcome)
    assert not game.live.errors.recent
    assert not game.update()
    assert game.save("a.py", GOOD + IN_A_TEST).reloaded


def test_a_unit_test_may_call_what_is_skipped(game, host):
    def tick(behaviour):
        return behaviour()

    host.call = lambda behaviour: game.live.call(tick, behaviour)
    game.save("a.py", BAD)
    game.clock.advance(10)
    assert host.call(game.namespace.Goblin().update) is None
    assert host.call(str) is None, "the function is skipped"
    assert game.save("a.py", GOOD + IN_A_TEST).reloaded


def test_what_a_hook_calls_is_reported_as_the_hook_s_and_judged_when_the_game_calls_it(game, host):
    goblin = game.namespace.Goblin()
    hook = f"""
    from livescripts import after_reload
    @after_reload
    def again(self, old):
        import {HOST} as host
        host.call(self.update)
"""
    (outcome,) = game.save("a.py", BAD + hook).reloaded
    assert [type(each.error) for each in outcome.hook_errors] == [ZeroDivisionError]
    assert not game.live.errors.recent
    assert failing(game, goblin) == [None]
    assert game.update().reloaded[0].fault
    assert failing(game, goblin) == ["well"]


def test_what_a_callback_calls_is_a_fault_of_the_new_version(game):
    goblin = game.namespace.Goblin()
    game.live.on_reload(lambda _: game.live.call(goblin.update))
    game.save("a.py", BAD)
    assert game.update().reloaded[0].fault
    assert failing(game, goblin) == ["well"]


# ------------------------------------------------------------------ skipping


def test_an_entity_that_raises_is_skipped_and_the_others_are_not(project):
    game = project({"a.py": "calls = []\n" + GOBLIN.format("calls.append(self) or 1 / self.speed")})
    slow, fast = game.namespace.Goblin(), game.namespace.Goblin()
    slow.speed, fast.speed = 0, 2
    slow.draw = None
    for _ in range(3):
        assert failing(game, slow, fast) == [None, 0.5]
    assert game.namespace.calls == [slow, fast, fast, fast]
    assert game.live.call(slow.__repr__) is None, "it is skipped as a whole"
    (quarantined,) = game.live.quarantined
    assert (quarantined.entities, quarantined.fault.count) == (1, 1)


def test_it_is_called_again_when_its_script_changes_or_one_that_is_involved(project):
    game = project({"a.py": "import game\n" + GOBLIN.format("game.b.ratio()"), "b/b.py": "def ratio(): return 1 / 0"})
    goblin = game.namespace.Goblin()
    assert failing(game, goblin) == [None]
    game.save("c.py", "C = 1")
    assert game.live.quarantined
    game.save("b/b.py", "def ratio(): return 1")
    assert not game.live.quarantined
    assert failing(game, goblin) == [1]


def test_a_subclass_is_called_again_when_its_base_is_mended(project):
    game = project({"a.py": BAD, "b.py": "from game import Goblin\nclass Chief(Goblin): pass"})
    chief = game.namespace.Chief()
    assert failing(game, chief) == [None]
    game.save("a.py", GOOD)
    assert failing(game, chief) == ["well"]


def test_it_is_released_by_hand(project):
    game = project({"a.py": "ok = False\n" + GOBLIN.format("ok or 1 / 0")})
    one, other = game.namespace.Goblin(), game.namespace.Goblin()
    failing(game, one, other)
    assert game.live.release() == 2
    failing(game, one, other)
    game.namespace.ok = True
    assert game.live.release(one) == 1
    assert failing(game, one, other) == [True, None]
    assert game.live.release(one) == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda space: space.behave,
        lambda space: functools.partial(space.behave),
        lambda space: functools.partial(functools.partial(space.Slotted().update), 1),
        lambda space: space.Slotted().update,
        lambda space: space.Slotted.make,
        lambda space: space.Called(),
        lambda space: space.generate().__next__,
        lambda space: space.Lying().update,
        lambda space: space.Odd().behave,
        lambda space: functools.partial(space.odd().sort, key=space.behave),
    ],
    ids=[
        "function",
        "partial",
        "nested partial",
        "no weak references",
        "class method",
        "callable",
        "generator",
        "liar",
        "class with an odd class",
        "builtin method of such a one",
    ],
)
def test_whatever_can_be_called_can_be_skipped(project, make):
    game = project(
        {
            "a.py": """
            calls = []
            def behave(*args): calls.append(1); raise ValueError
            class Slotted:
                __slots__ = ()
                def update(self, *args): behave()
                @classmethod
                def make(cls): behave()
            class Called:
                def __call__(self): behave()
                def __getattr__(self, name): raise SystemExit
            def generate():
                behave()
                yield
            class Lying:
                __class__ = property(lambda self: behave())
                __eq__ = __bool__ = __hash__ = lambda self: behave()
                def __getattribute__(self, name):
                    return object.__getattribute__(self, name) if name == "update" else behave()
                def update(self): behave()
            class Meta(type):
                __hash__ = type.__hash__
                def __eq__(self, other): raise SystemExit
                def __getattribute__(self, name): raise SystemExit
            class Odd(metaclass=Meta):
                def behave(self): behave()
            class Popped(list, metaclass=Meta): pass
            def odd():
                return Popped([1, 2])
            """
        }
    )
    behaviour = make(game.namespace)
    assert [game.live.call(behaviour) for _ in range(3)] == [None] * 3
    assert len(game.namespace.calls) == 1
    assert len(game.live.errors.recent) == 1
    assert game.live.release() == 1


def test_a_class_that_compares_as_it_likes_is_called_while_others_are_skipped(project):
    game = project(
        {
            "a.py": """
            class Meta(type):
                __hash__ = type.__hash__
                def __eq__(self, other): raise SystemExit
            class Odd(metaclass=Meta):
                def __call__(self): return "well"
            def bad(): 1 / 0
            """
        }
    )
    game.live.call(game.namespace.bad)
    assert game.live.call(game.namespace.Odd()) == "well"


def test_functions_of_modules_are_not_skipped_for_their_module(game):
    game.live.call(operator.truediv, 1, 0)
    assert game.live.call(operator.truediv, 1, 0) is None
    assert game.live.call(operator.add, 1, 2) == 3


def test_a_builtin_is_everybody_s_and_skipped_for_nobody(game):
    def broken():
        raise ValueError
        yield

    assert game.live.call(next, broken()) is None
    assert game.live.call(next, iter([5])) == 5
    assert not game.live.quarantined


def test_a_host_function_is_called_again_after_any_commit(game):
    def draw():
        raise ValueError

    game.live.call(draw)
    assert game.live.quarantined
    assert game.save("b.py", "B =").rejected
    assert game.live.quarantined
    game.save("b.py", "B = 1")
    assert not game.live.quarantined


def test_nobody_is_kept_alive_by_being_skipped(project):
    game = project({"a.py": BAD})
    goblin = game.namespace.Goblin()
    failing(game, goblin)
    gone = weakref.ref(goblin)
    del goblin
    gc.collect()
    assert gone() is None
    assert not game.live.quarantined
    assert not game.live._skipped


# ------------------------------------------------------------------ telling


def test_the_same_error_is_one_fault_however_often_and_logged_and_told_once(project, caplog):
    game = project({"a.py": BAD})
    told = []
    undo = game.live.on_fault(told.append)
    caplog.set_level(logging.INFO, "livescripts")
    goblins = [game.namespace.Goblin() for _ in range(200)]
    failing(game, *goblins, *goblins)
    (fault,) = game.live.errors.recent
    assert (fault.count, fault.path, fault.line, fault.what) == (200, ROOT("a.py"), 2, "Goblin.update")
    assert fault.source_line == "def update(self, dt=0): return 1 / 0"
    assert str(fault) == "a.py:2: Goblin.update raised ZeroDivisionError: division by zero (200 times)"
    assert [each.what for each in told] == ["Goblin.update"]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "it is skipped until its script changes" in record.message
    assert 'a.py", line 2, in update' in record.message
    assert "livescripts" not in fault.traceback
    undo()


def test_a_fault_goes_on_counting_only_until_its_script_changes(project):
    game = project({"a.py": BAD})
    goblin = game.namespace.Goblin()
    failing(game, goblin)
    game.save("a.py", BAD + "\n")
    failing(game, goblin)
    assert [fault.count for fault in game.live.errors.recent] == [1, 1]


@pytest.mark.parametrize(
    ("name", "ask"),
    [
        ("draw", lambda space, thing: thing.draw()),
        ("Thing", lambda space, thing: space.Thing()),
        ("colour", lambda space, thing: space.LOOK.colour),
    ],
)
def test_what_the_host_misses_since_a_save_takes_that_save_back(project, name, ask):
    text = "class Thing:\n    def draw(self): return 1\nclass Look:\n    colour = 1\nLOOK = Look()\n"
    game = project({"a.py": text, "b.py": "B = 1"})
    space, thing = game.namespace, game.namespace.Thing()

    def frame():
        return bool(ask(space, thing))

    assert game.live.call(frame) is True
    game.save("a.py", text.replace(name, "another"))
    game.save("b.py", "B = 2")
    assert game.live.call(frame) is None
    game.update()
    assert game.live.history[-1].why == "rolled back"
    assert game.live.call(frame) is True
    assert space.B == 2


def test_an_error_deep_in_the_host_names_the_line_of_the_script(project):
    game = project({"a.py": "import json\n" + GOBLIN.format("json.loads('{')")})
    failing(game, game.namespace.Goblin())
    (fault,) = game.live.errors.recent
    assert (fault.path, fault.line) == (ROOT("a.py"), 3)
    assert "json/decoder" in fault.traceback.replace("\\", "/")


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda: {}.popitem, "dict.popitem"),
        (lambda: [].__iter__().__next__, "list_iterator.__next__"),
        (lambda: functools.partial(operator.truediv, 1, 0), "truediv"),
        (lambda: functools.partial(dict.fromkeys, 1), "dict.fromkeys"),
        (lambda: functools.partial(Fraction, 1, 0), "Fraction"),
    ],
)
def test_a_fault_names_what_was_called(game, make, what):
    game.live.call(make())
    assert game.live.errors.recent[0].what == what


def test_a_callback_may_release_whom_it_is_told_of(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    game.live.on_fault(lambda _: game.live.release(goblin))
    failing(game, goblin)
    assert not game.live.quarantined


def test_a_callback_that_ends_the_game_leaves_the_roll_back_to_the_next_update(game):
    goblin = game.namespace.Goblin()
    game.save("a.py", BAD)
    game.live.on_fault(lambda _: sys.exit())
    with pytest.raises(SystemExit):
        failing(game, goblin)
    assert game.live.update().reloaded[0].fault
    assert failing(game, goblin) == ["well"]


def test_a_callback_is_named_without_being_asked(project, caplog):
    game = project(
        {
            "a.py": """
            class Goblin:
                def __repr__(self): raise SystemExit
                def react(self, fault): raise KeyError
                def update(self): 1 / 0
            """
        }
    )
    goblin = game.namespace.Goblin()
    game.live.on_fault(goblin.react)
    game.live.call(goblin.update)
    assert "the callback Goblin.react raised KeyError" in caplog.text


def test_a_callback_that_raises_is_logged(project):
    game = project({"a.py": BAD})
    game.live.on_fault(lambda fault: 1 / 0)
    assert failing(game, game.namespace.Goblin()) == [None]


@pytest.mark.parametrize(
    "text", ["raise SystemExit", "raise Mine", "raise Nasty", "raise Worst", "return self.update()"]
)
def test_scripts_do_not_end_the_game(project, text):
    game = project(
        {
            "a.py": f"""
            class Mine(BaseException): pass
            class Nasty(Exception):
                def __str__(self): raise SystemExit
                __repr__ = __str__
            class Meta(type):
                __module__ = __name__ = property(lambda cls: exit())
            class Worst(BaseException, metaclass=Meta): pass
            class Goblin:
                def update(self): {text}
            """
        }
    )
    assert failing(game, game.namespace.Goblin()) == [None]
    assert len(game.live.errors.recent) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
def test_what_is_meant_to_end_something_does(game, error):
    def stop():
        raise error

    with pytest.raises(error):
        game.live.call(stop)
    assert not game.live.errors.recent


def test_without_watching_it_is_a_plain_call(tmp_path):
    from livescripts import LiveScripts

    (tmp_path / "a.py").write_text(BAD)
    with LiveScripts(watch=False) as live:
        live.add_directory(tmp_path, namespace="game")
        goblin = sys.modules["game"].Goblin()
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                live.call(goblin.update)
        assert not live.quarantined
        assert not live.errors.recent
