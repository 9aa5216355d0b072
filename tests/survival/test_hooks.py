"""`@after_reload` on methods, and `@before_unload` on functions: what a script does itself when it is replaced."""

from __future__ import annotations

import logging

import pytest

import livescripts

GOBLIN = """
import host
from livescripts import after_reload
class Goblin:
    def __init__(self, name="g"): self.name = name
    def act(self): return "v1"
    @after_reload
    def refit(self, old): host.log.append((self.name, old, type(self), self.act()))
"""
EDITED = GOBLIN.replace("v1", "v2")
BARE = GOBLIN.partition("    @after_reload")[0]


def names(log):
    return sorted(entry[0] for entry in log)


def errors(report):
    (outcome,) = report.reloaded
    return outcome.hook_errors


# ------------------------------------------------------------------ @after_reload


def test_a_marked_method_runs_once_on_each_instance_with_the_old_class(project, host):
    game = project({"a.py": GOBLIN})
    before = game.namespace.Goblin
    goblins = list(map(before, "abc"))  # no closure: a reload would rebind `before` in it
    report = game.save("a.py", EDITED)
    now = game.namespace.Goblin
    assert names(host.log) == ["a", "b", "c"]
    for _, old, new, act in host.log:
        assert old is before
        assert new is now
        assert old is not new
        assert act == "v2"
    assert [type(goblin) for goblin in goblins] == [now] * 3
    assert errors(report) == ()


def test_it_runs_after_each_reload_with_the_class_that_was_just_replaced(project, host):
    game = project({"a.py": GOBLIN})
    goblin = game.namespace.Goblin()
    for version in ("v2", "v3", "v4"):
        host.log.clear()
        before = game.namespace.Goblin
        game.save("a.py", GOBLIN.replace("v1", version))
        ((_, old, new, act),) = host.log
        assert (old is before, new is game.namespace.Goblin, act) == (True, True, version)
    assert goblin.act() == "v4"


def test_the_reload_that_introduces_it_runs_it(project, host):
    game = project({"a.py": BARE})
    before = game.namespace.Goblin
    goblin = before("a")
    game.save("a.py", EDITED)
    assert host.log == [("a", before, game.namespace.Goblin, "v2")]
    assert type(goblin) is game.namespace.Goblin


def test_the_reload_that_removes_it_does_not_run_it(project, host):
    game = project({"a.py": GOBLIN})
    goblin = game.namespace.Goblin()
    assert game.save("a.py", BARE.replace("v1", "v2")).reloaded
    assert (host.log, goblin.act()) == ([], "v2")


def test_it_may_do_what_defaults_cannot(project, host):
    game = project({"a.py": BARE})
    goblin = game.namespace.Goblin()
    goblin.hp = 7
    text = BARE + (
        "    @after_reload\n    def refit(self, old):\n        self.mana = self.hp * 2\n        self.size += 1\n"
    )
    game.save("a.py", text.replace("self.name = name", "self.name = name; self.size = 1"))
    assert (goblin.mana, goblin.size) == (14, 2)


def test_all_instances_have_moved_when_the_first_of_them_is_told(project, host):
    text = """
    import host
    from livescripts import after_reload
    class Goblin:
        @after_reload
        def refit(self, old): host.log.append([one.act() + type(one).__name__ for one in host.everyone])
        def act(self): return "v1"
    class Ork(Goblin):
        def act(self): return "v1" and super().act()
    """
    game = project({"a.py": text})
    space = game.namespace
    host.everyone = [space.Goblin(), space.Ork(), space.Goblin()]
    game.save("a.py", text.replace("v1", "v2"))
    assert host.log == [["v2Goblin", "v2Ork", "v2Goblin"]] * 3


def test_names_and_held_references_are_new_when_it_runs(project, host):
    text = GOBLIN.replace("host.log.append(", "host.log.append((Goblin, host.kinds[0], host.game.Goblin) or ")
    game = project({"a.py": text})
    host.game = game.namespace
    host.kinds = [game.namespace.Goblin]
    goblin = game.namespace.Goblin()
    game.save("a.py", text.replace("v1", "v2"))
    assert host.log == [(game.namespace.Goblin,) * 3]
    assert type(goblin) is game.namespace.Goblin


BASE = """
import host
from livescripts import after_reload
class Base:
    def act(self): return "base 1"
    @after_reload
    def refit(self, old): host.log.append((type(self).__name__, old, type(self)))
"""
SUB = "from game import Base\nclass Sub(Base):\n    def own(self): return 'sub 1'\n"


def test_one_that_an_edited_class_inherits_runs_on_its_instances_only(project, host):
    game = project({"base.py": BASE, "sub.py": SUB})
    before = game.namespace.Sub
    sub, base = before(), game.namespace.Base()
    game.save("sub.py", SUB.replace("sub 1", "sub 2"))
    assert host.log == [("Sub", before, game.namespace.Sub)]
    assert before is not game.namespace.Sub
    assert (sub.own(), base.act()) == ("sub 2", "base 1")


def test_one_in_an_edited_base_runs_on_instances_of_an_unedited_subclass(project, host):
    game = project({"base.py": BASE, "sub.py": SUB})
    before, sub_class = game.namespace.Base, game.namespace.Sub
    base, sub = before(), sub_class()
    game.save("base.py", BASE.replace("base 1", "base 2"))
    assert sorted(entry[0] for entry in host.log) == ["Base", "Sub"]
    for _, old, new in host.log:
        assert old is before
        assert old is not new
    assert game.namespace.Sub is sub_class
    assert (type(base), type(sub), sub.act()) == (game.namespace.Base, sub_class, "base 2")


def test_one_that_is_introduced_in_a_base_runs_on_instances_of_an_unedited_subclass(project, host):
    bare = BASE.partition("    @after_reload")[0]
    game = project({"base.py": bare, "sub.py": SUB})
    before = game.namespace.Base
    sub = game.namespace.Sub()
    game.save("base.py", BASE)
    assert host.log == [("Sub", before, game.namespace.Sub)]
    assert type(sub) is game.namespace.Sub


def test_one_in_an_edited_base_runs_on_instances_of_a_subclass_in_the_host(project, host):
    game = project({"base.py": BASE})
    before = game.namespace.Base

    class HostSub(game.namespace.Base):
        pass

    one = HostSub()
    game.save("base.py", BASE.replace("base 1", "base 2"))
    assert host.log == [("HostSub", before, HostSub)]
    assert one.act() == "base 2"


def test_one_that_is_overridden_runs_once_and_several_of_one_class_all_run(project, host):
    sub = """
    import host
    from game import Base
    from livescripts import after_reload
    class Sub(Base):
        version = 1
        @after_reload
        def refit(self, old):
            host.log.append("sub's")
            super().refit(old)
        @after_reload
        def more(self, old): host.log.append("more")
    """
    game = project({"base.py": BASE, "sub.py": sub})
    before = game.namespace.Sub
    one = before()
    game.save("sub.py", sub.replace("version = 1", "version = 2"))
    assert one.version == 2
    assert sorted(host.log, key=str) == sorted([("Sub", before, game.namespace.Sub), "more", "sub's"], key=str)


def test_a_marked_method_can_be_called_like_any_other(project, host):
    game = project({"a.py": GOBLIN})
    goblin = game.namespace.Goblin("me")
    goblin.refit(int)
    assert host.log == [("me", int, game.namespace.Goblin, "v1")]
    assert game.namespace.Goblin.refit.__name__ == "refit"


@pytest.mark.parametrize("how", ["@dataclass(slots=True)", "@dataclass(frozen=True)"])
def test_it_runs_on_instances_of_dataclasses(project, host, how):
    text = f"""
    import host
    from dataclasses import dataclass
    from livescripts import after_reload
    {how}
    class Goblin:
        hp: int = 7
        @after_reload
        def refit(self, old): host.log.append((self.hp, old.__name__, "v1"))
    """
    game = project({"a.py": text})
    goblins = [game.namespace.Goblin(1), game.namespace.Goblin(2)]
    game.save("a.py", text.replace("v1", "v2"))
    assert sorted(host.log) == [(1, "Goblin", "v2"), (2, "Goblin", "v2")]
    assert len(goblins) == 2


def test_it_does_not_run_where_nothing_moved(project, host):
    ork_text = "from game import HOUR\n" + GOBLIN.replace("Goblin", "Ork")
    game = project({"a.py": "HOUR = 1\n" + GOBLIN, "b.py": "B = 1", "c.py": ork_text})
    goblin, ork = game.namespace.Goblin(), game.namespace.Ork()
    assert game.save("b.py", "B = 2").reloaded
    assert game.save("a.py", "HOUR = 2\n" + GOBLIN + "# a comment\n").reloaded[0].dependants
    assert host.log == []
    assert (goblin.act(), ork.act()) == ("v1", "v1")


def test_it_does_not_run_on_what_the_new_version_makes_itself(project, host):
    text = GOBLIN.replace("(self.name, old, type(self), self.act())", "self") + "boss = Goblin('boss')\n"
    game = project({"a.py": text})
    goblin = game.namespace.Goblin()
    game.save("a.py", text.replace("v1", "v2").replace("'boss'", "'big boss'"))
    assert any(one is goblin for one in host.log)
    assert game.namespace.boss.name == "big boss"
    assert not any(one is game.namespace.boss for one in host.log)
    host.log.clear()
    assert game.save("d.py", text.replace("Goblin", "Troll").replace("boss =", "troll =")).reloaded
    assert host.log == []


BROKEN = {
    "a body that raises": "1 / 0\n",
    "text that does not compile": "def\n",
    "a test that fails": "\nimport unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.fail()\n",
}


@pytest.mark.parametrize("broken", BROKEN)
def test_it_does_not_run_when_the_save_is_rejected(project, host, broken):
    game = project({"a.py": GOBLIN})
    goblin = game.namespace.Goblin()
    assert game.save("a.py", EDITED + BROKEN[broken]).rejected
    assert (host.log, goblin.act()) == ([], "v1")


RAISING = GOBLIN.replace(
    "    def refit(self, old): ", "    def refit(self, old):\n        if self.name == 'bad': <raise>\n        "
)


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_one_that_raises_is_reported_and_the_others_run(project, host, bad):
    game = project({"a.py": RAISING.replace("<raise>", "raise ValueError('no')")})
    goblins = [game.namespace.Goblin("bad" if number == bad else "ok") for number in range(3)]
    report = game.save("a.py", RAISING.replace("<raise>", "raise ValueError('no')").replace("v1", "v2"))
    (error,) = errors(report)
    assert error.hook.__self__ is goblins[bad]
    assert error.hook.__name__ == "refit"
    assert isinstance(error.error, ValueError)
    assert names(host.log) == ["ok", "ok"]
    assert not report.rejected
    assert not game.live.errors
    assert [(type(goblin), goblin.act()) for goblin in goblins] == [(game.namespace.Goblin, "v2")] * 3


def test_one_that_wants_to_end_the_game_is_reported_as_well(project, host):
    game = project({"a.py": RAISING.replace("<raise>", "raise SystemExit")})
    bad, good = game.namespace.Goblin("bad"), game.namespace.Goblin("ok")
    report = game.save("a.py", RAISING.replace("<raise>", "raise SystemExit").replace("v1", "v2"))
    (error,) = errors(report)
    assert error.hook.__self__ is bad
    assert isinstance(error.error, SystemExit)
    assert (names(host.log), good.act()) == (["ok"], "v2")


LOOPS = {
    "plain": """
            while True: pass""",
    "that catches everything": """
            try:
                while True: pass
            except BaseException: pass""",
}


@pytest.mark.parametrize("loop", LOOPS)
def test_one_that_does_not_return_is_stopped_and_reported(project, host, loop):
    text = RAISING.replace(" <raise>", LOOPS[loop])
    game = project({"a.py": text}, timeout=0.2)
    bad, good = game.namespace.Goblin("bad"), game.namespace.Goblin("ok")
    report = game.save("a.py", text.replace("v1", "v2"))
    (error,) = errors(report)
    assert error.hook.__self__ is bad
    assert isinstance(error.error, livescripts.ScriptTimeout)
    assert "ok" in names(host.log)
    assert (bad.act(), good.act()) == ("v2", "v2")


def test_one_may_not_reload_the_game(project, host):
    text = GOBLIN.replace("host.log.append(", "host.live.reload() or host.log.append(")
    game = project({"a.py": text})
    host.live = game.live
    goblin = game.namespace.Goblin()
    report = game.save("a.py", text.replace("v1", "v2"))
    found = [error.error for outcome in report.reloaded for error in outcome.hook_errors]
    assert [type(error) for error in found] == [livescripts.ReentrantError]
    assert goblin.act() == "v2"


# ------------------------------------------------------------------ @before_unload


TIMER = """
import host
from livescripts import before_unload
VERSION = 1
score = 0
@before_unload
def stop(): host.log.append((VERSION, score))
"""


def test_a_marked_function_runs_before_its_script_is_replaced_and_sees_what_is_alive(project, host):
    text = TIMER.replace("(VERSION, score)", "(VERSION, score, host.game.VERSION, type(host.goblin).v, Goblin.v)")
    text += "class Goblin: v = 1\n"
    game = project({"a.py": text})
    host.game, host.goblin = game.namespace, game.namespace.Goblin()
    game.namespace.score = 9
    report = game.save("a.py", text.replace("VERSION = 1", "VERSION = 2").replace("v = 1", "v = 2"))
    assert host.log == [(1, 9, 1, 1, 1)]
    assert errors(report) == ()
    assert (game.namespace.VERSION, game.namespace.score) == (2, 9)
    assert host.goblin.v == 2


def test_it_is_the_old_version_that_runs(project, host):
    game = project({"a.py": TIMER})
    game.save("a.py", TIMER.replace("VERSION = 1", "VERSION = 2").replace("(VERSION, score)", "('edited', VERSION)"))
    assert host.log == [(1, 0)]
    game.save("a.py", "VERSION = 3")
    assert host.log == [(1, 0), ("edited", 2)]
    game.save("a.py", TIMER)
    assert len(host.log) == 2
    game.save("a.py", TIMER + "# a comment\n")
    assert host.log[2:] == [(1, 0)]


def test_all_marked_functions_of_a_script_run_once_and_no_others(project, host):
    text = TIMER + (
        "other_name = stop\n@before_unload\ndef also(): host.log.append('also')\ndef unmarked(): host.log.append('no')\n"
    )
    third = TIMER.replace("stop", "halt").replace("VERSION", "V").replace("score", "s")
    game = project({"a.py": text, "b.py": "from game import stop\nB = 1\n", "c.py": third})
    game.save("a.py", text + "# a comment\n")
    assert sorted(host.log, key=str) == [(1, 0), "also"]
    host.log.clear()
    game.save("b.py", "from game import stop\nB = 2\n")
    assert host.log == []


def test_it_runs_before_its_script_is_run_again_as_a_dependant(project, host):
    game = project(
        {"base.py": "HOUR = 1", "a.py": "from game import HOUR\n" + TIMER.replace("(VERSION, score)", "HOUR")}
    )
    report = game.save("base.py", "HOUR = 2")
    assert report.reloaded[0].dependants
    assert host.log == [1]
    game.save("base.py", "HOUR = 3")
    assert host.log == [1, 2]


def test_it_runs_before_its_script_is_removed(project, host):
    game = project({"a.py": TIMER, "b.py": "B = 1"})
    game.namespace.score = 4
    game.delete("a.py")
    assert game.update().reloaded
    assert host.log == [(1, 4)]
    assert not hasattr(game.namespace, "stop")


def test_it_runs_before_its_file_is_renamed(project, host):
    game = project({"a.py": TIMER})
    game.move("a.py", "b.py")
    assert game.update().reloaded
    assert host.log == [(1, 0)]


def test_it_runs_when_its_directory_is_removed(project, host):
    text = TIMER.replace("(VERSION, score)", "(VERSION, score, host.sys.modules['game'].VERSION)")
    host.sys = __import__("sys")
    game = project({"a.py": text, "x/b.py": text})
    host.sys.modules["game"].score = 3
    game.live.remove_directory(game.ROOT)
    assert sorted(host.log) == [(1, 0, 1), (1, 3, 1)]
    game.close()
    assert len(host.log) == 2


def test_it_runs_when_the_game_ends(project, host):
    text = TIMER.replace("(VERSION, score)", "(VERSION, score, host.sys.modules['game'].VERSION)")
    host.sys = __import__("sys")
    game = project({"a.py": text, "x/b.py": text})
    game.namespace.score = 3
    game.close()
    assert sorted(host.log) == [(1, 0, 1), (1, 3, 1)]
    game.close()
    assert len(host.log) == 2


def test_a_marked_function_can_be_called_like_any_other(project, host):
    game = project({"a.py": TIMER})
    game.namespace.stop()
    assert host.log == [(1, 0)]
    assert game.namespace.stop.__name__ == "stop"


@pytest.mark.parametrize("broken", BROKEN)
def test_it_does_not_run_before_a_save_that_is_rejected(project, host, broken):
    game = project({"base.py": "HOUR = 1", "a.py": "from game import HOUR\n" + TIMER})
    assert game.save("a.py", "from game import HOUR\n" + TIMER + BROKEN[broken]).rejected
    assert host.log == []
    assert game.save("base.py", "HOUR = 2\n" + BROKEN[broken]).rejected
    assert host.log == []


def test_it_does_not_run_when_a_validator_refuses_the_save(project, host):
    game = project({"a.py": TIMER})

    def refuse(module):
        raise ValueError(module.__name__)

    game.live.add_validator(refuse)
    assert game.save("a.py", TIMER + "# a comment\n").rejected
    assert host.log == []


FAILING = TIMER + "@before_unload\ndef bad(): <bad>\n@before_unload\ndef last(): host.log.append('last')\n"
FAILURES = {
    "raise ValueError('no')": ValueError,
    "raise SystemExit": SystemExit,
    "\n    while True: pass": livescripts.ScriptTimeout,
}


@pytest.mark.parametrize("bad", FAILURES)
def test_one_that_fails_does_not_stop_the_reload(project, host, bad):
    game = project({"a.py": FAILING.replace("<bad>", bad)}, timeout=0.2)
    report = game.save("a.py", TIMER.replace("VERSION = 1", "VERSION = 2"))
    (error,) = errors(report)
    assert (error.hook.__name__, type(error.error)) == ("bad", FAILURES[bad])
    assert sorted(host.log, key=str) == [(1, 0), "last"]
    assert (game.namespace.VERSION, dict(game.live.errors)) == (2, {})


@pytest.mark.parametrize("bad", FAILURES)
def test_one_that_fails_does_not_stop_a_removal(project, host, bad):
    game = project({"a.py": FAILING.replace("<bad>", bad), "b.py": "B = 1"}, timeout=0.2)
    game.delete("a.py")
    report = game.update()
    (error,) = errors(report)
    assert (error.hook.__name__, type(error.error)) == ("bad", FAILURES[bad])
    assert sorted(host.log, key=str) == [(1, 0), "last"]
    assert not hasattr(game.namespace, "VERSION")


@pytest.mark.parametrize("bad", FAILURES)
@pytest.mark.parametrize("how", ["close", "remove_directory"])
def test_one_that_fails_at_the_end_is_logged(project, host, caplog, how, bad):
    game = project({"a.py": FAILING.replace("<bad>", bad)}, timeout=0.2)
    with caplog.at_level(logging.ERROR, logger="livescripts"):
        if how == "close":
            game.close()
        else:
            game.live.remove_directory(game.ROOT)
    assert any("bad" in record.getMessage() for record in caplog.records)
    assert sorted(host.log, key=str) == [(1, 0), "last"]
