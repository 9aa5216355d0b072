"""What random edits and injected failures have found, each as small as it got."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import time

import pytest

from livescripts._core.history import History, Step
from livescripts.testing import Project


def test_who_holds_a_class_with_super_in_a_new_container_is_found():
    text = "class Orc:\n    def __init__(self): super().__init__()\n"
    with Project({"a.py": text}) as project:
        orc = project.namespace.Orc
        project.save("a.py", text + "TABLE = {'orc': Orc}\n")
        assert project.namespace.TABLE["orc"] is project.namespace.Orc is orc


def test_instances_of_an_old_layout_follow_when_a_definition_comes_back():
    slots = "class Orc:\n    __slots__ = ({}'mark',)\n    def who(self): return {}\n"
    with Project({"a.py": slots.format("", 1)}) as project:
        orc = project.namespace.Orc()
        project.save("a.py", slots.format("'more', ", 2))
        project.save("a.py", "")
        project.save("a.py", slots.format("'more', ", 3))
        assert orc.__class__ is project.namespace.Orc
        assert orc.who() == 3


@pytest.mark.parametrize("made", ["@functools.lru_cache\ndef f(): return {}\n", "f = functools.partial(lambda: {})\n"])
def test_importing_a_name_from_elsewhere_leaves_both_definitions_alone(made):
    made = "import functools\n" + made
    texts = {"x/a.py": made.format(1), "y/b.py": made.format(2), "z/c.py": "from game.x import f\n"}
    with Project(texts) as project:
        game = project.namespace
        one, two = game.x.f, game.y.f
        project.save("z/c.py", "from game.y import f\n")
        assert (game.x.f(), game.y.f()) == (1, 2)
        assert (one(), two()) == (1, 2)


def test_a_script_that_runs_as_saved_is_no_error_when_its_reload_is_refused():
    with Project({"a.py": "A = 1", "b.py": "from game import A\nB = A"}) as project:
        project.save("b.py", "from game import A\n1 / 0")
        assert project.live.reload(project.path("a.py"), project.path("b.py")).rejected
        assert [path.name for path in project.live.errors] == ["b.py"]


def test_an_enum_that_moves_to_another_file_says_so():
    text = "import enum\nclass Mood(enum.Enum):\n    CALM = 1\n    def who(self): return 1\n"
    with Project({"a.py": text}) as project:
        calm = project.namespace.Mood.CALM
        project.move("a.py", "b.py")
        project.update()
        assert project.namespace.Mood.CALM is calm
        assert project.namespace.Mood.__module__ == "game.b_py"
        assert pickle.loads(pickle.dumps(calm)) is calm


def test_a_batch_that_is_dropped_before_its_scripts_ran_leaves_the_bases_of_their_classes():
    texts = {
        "a.py": "class Base:\n    def who(self): return 'base'\n",
        "b.py": "from game import Base\nclass Orc(Base): pass\n",
        "c.py": "from game import Orc\nclass Chief(Orc): pass\n",
    }
    with Project(texts, frame_budget=1e-9) as project:
        chief = project.namespace.Chief()
        bases = [cls.__bases__ for cls in type(chief).__mro__]
        for frames in range(1, 40):
            now = 10_000.0 + 100 * frames
            for path in texts:
                project.write(path, texts[path] + f"# {frames}\n")
            for frame in range(frames):
                project.live.update(now=now + frame)
            project.live.reload(project.path("a.py"))  # drops what is on its way
            assert [cls.__bases__ for cls in type(chief).__mro__] == bases
            assert chief.who() == "base"
            project._time = now + 50
            project.update()


def test_a_file_that_we_failed_with_is_not_taken_for_one_that_is_gone(monkeypatch):
    with Project({"a.py": "A = 1", "b.py": "B = 1"}) as project:
        with monkeypatch.context() as patched:
            patched.setattr("livescripts._runtime.batches.Reload.advance", lambda *_, **__: 1 / 0)
            assert project.save("a.py", "A = 2").rejected
        assert list(map(str, project.live.errors)) == [project.path("a.py")]
        project.save("b.py", "B = 2")
        assert (project.namespace.A, project.namespace.B) == (2, 2)
        assert not project.live.errors


def test_what_was_saved_is_not_forgotten_when_we_fail_before_it_is_staged(monkeypatch):
    with Project({"a.py": "A = 1", "b.py": "B = 1"}) as project:
        with monkeypatch.context() as patched:
            patched.setattr(project.live._intake, "look", lambda _: 1 / 0)
            assert "ZeroDivisionError" in str(project.save("a.py", "A = 2"))
        assert str(project.live.errors) != "{}"
        project.save("b.py", "B = 2")
        assert (project.namespace.A, project.namespace.B) == (2, 2)


def test_an_interrupt_before_anything_is_staged_forgets_nothing(monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    with Project({"a.py": "A = 1"}) as project:
        with monkeypatch.context() as patched:
            patched.setattr(project.live._intake, "look", interrupted)
            with pytest.raises(KeyboardInterrupt):
                project.save("a.py", "A = 2")
        project.update()
        assert project.namespace.A == 2


def test_a_commit_is_in_the_books_though_the_first_attempt_to_write_it_down_fails(monkeypatch):
    with Project({"a.py": "A = 1"}) as project:
        told = []
        project.live.on_reload(told.append)
        record, failures = History.record, [ZeroDivisionError()]

        def once(history: History, step: Step) -> None:
            if failures:
                raise failures.pop()
            record(history, step)

        monkeypatch.setattr(History, "record", once)
        assert project.save("a.py", "A = 2").reloaded
        assert len(told) == len(project.live.history) == 1
        assert project.live.undo().reloaded
        assert project.namespace.A == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # 3.12: a fork while threads run
def test_a_child_that_the_game_forks_executes_scripts_and_stops_those_that_do_not_return():
    with Project({"a.py": "A = 1"}, timeout=0.2) as project:
        project.save("a.py", "A = 2")  # the timer's thread is there
        child = os.fork()
        if child == 0:
            project.save("a.py", "A = 3")
            good = project.namespace.A == 3
            good = good and bool(project.save("a.py", "while True: pass").rejected)
            project.close()
            os._exit(0 if good else 1)
        until = time.monotonic() + 20
        status = None
        while status is None and time.monotonic() < until:
            pid, code = os.waitpid(child, os.WNOHANG)
            status = code if pid else None
            time.sleep(0.01)
        if status is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        assert status == 0
        project.save("a.py", "A = 4")
        assert project.namespace.A == 4
    assert "game" not in sys.modules
