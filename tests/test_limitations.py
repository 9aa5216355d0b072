"""What a reload does not do, so that nobody believes it does: see docs/limitations.md."""

from __future__ import annotations

import gc
import itertools
import sys
import time
import traceback
import tracemalloc
import weakref

import pytest

import livescripts
from livescripts.testing import ManualWatcher


def test_a_closure_that_lacks_a_variable_of_the_new_code_goes_on_with_the_old(project):
    text = "def make():\n    x = y = 1\n    def inner(): return {0}\n    return inner\n"
    game = project({"a.py": text.format("x")})
    held = game.namespace.make()
    report = game.save("a.py", text.format("x + y"))
    assert held() == 1
    assert "goes on with it" in report.reloaded[0].warnings[0]


def test_an_instance_whose_layout_changed_keeps_it(project):
    game = project({"a.py": "class A:\n    __slots__ = ('x',)\n    def f(self): return 1"})
    a = game.namespace.A()
    report = game.save("a.py", "class A:\n    __slots__ = ('x', 'y')\n    def f(self): return 2")
    assert report.reloaded[0].stuck == 1
    assert a.f() == 2
    assert type(a) is not game.namespace.A


def test_a_class_that_a_running_function_holds_stays_the_old_one(project, moving):
    game = project({"a.py": "class A: v = 1"})
    held = (game.namespace.A, "x")
    game.save("a.py", "class A: v = 2")
    assert held[0] is not game.namespace.A
    assert type(held[0]()) is game.namespace.A


def test_a_container_that_a_call_made_is_replaced(project):
    game = project({"a.py": "def load(): return ['goblin']\nKINDS = load()\n"})
    held = game.namespace.KINDS
    game.save("a.py", "def load(): return ['orc']\nKINDS = load()\n")
    assert (held, game.namespace.KINDS) == (["goblin"], ["orc"])


def test_an_instance_in_a_list_that_a_comprehension_made_is_another_one(project):
    text = (
        "class Level:\n    def __init__(self, number): self.number = number\nLEVELS = [Level(n) for n in range(1, 3)]\n"
        "class Door:\n    def count(self): return 1\n"
    )
    game = project({"a.py": text})
    space = game.namespace
    door, levels = space.Door(), space.LEVELS
    door.to = levels[0]
    game.save("a.py", text.replace("return 1", "return 2"))
    assert door.to is levels[0]
    game.save("a.py", text.replace("range(1, 3)", "range(2, 4)"))
    assert (door.to.number, levels[0].number) == (1, 2)
    assert (space.LEVELS, type(door.to)) == (levels, space.Level)


def test_an_entry_that_is_made_like_a_list_is_another_one_once_its_text_is_edited(project):
    text = "class Bag(list): pass\nBAGS = {'small': Bag([1])}\n"
    game = project({"a.py": text})
    held = game.namespace.BAGS["small"]
    game.save("a.py", text.replace("[1]", "[2]"))
    assert (held, game.namespace.BAGS) == ([1], {"small": [2]})


def test_an_attribute_that_has_to_be_computed_is_not_added(project):
    text = "def roll(): return 6\nclass A:\n    def __init__(self, hp=1):\n        self.hp = hp\n"
    game = project({"a.py": text})
    a = game.namespace.A()
    game.save("a.py", text + "        self.most = hp * 2\n        self.luck = roll()\n        self.mana = 5\n")
    assert vars(a) == {"hp": 1, "mana": 5}


def test_what_is_running_finishes_in_the_old_code(project):
    text = "def count():\n    yield 'old'\n    yield 'old'\n    yield word()\ndef word(): return 'old'\n"
    game = project({"a.py": text})
    running = game.namespace.count()
    next(running)
    game.save("a.py", text.replace("old", "new"))
    assert list(running) == ["old", "new"]


def test_what_has_no_successor_stays(project):
    game = project({"a.py": "import enum\nclass Color(enum.Enum): RED = 1; BLUE = 2\ndef f(): return 1\n"})
    blue, f = game.namespace.Color.BLUE, game.namespace.f
    report = game.save("a.py", "import enum\nclass Color(enum.Enum): RED = 1\n")
    assert (blue.value, f()) == (2, 1)
    said = " ".join(report.reloaded[0].warnings)
    assert "BLUE" in said
    assert "a_py.f is gone" in said


def test_what_is_frozen_holds_old_classes_which_forward(project, moving):
    game = project({"a.py": "class A: v = 1"})
    held, a = [game.namespace.A], game.namespace.A()
    gc.freeze()
    try:
        game.save("a.py", "class A: v = 2")
    finally:
        gc.unfreeze()
    assert held[0] is not game.namespace.A
    assert held[0].v == 2
    assert type(held[0]()) is game.namespace.A
    assert a.v == 2
    assert type(a) is game.namespace.A


def test_a_script_with_a_structure_of_ctypes_cannot_be_reloaded(project):
    text = (
        "import ctypes\nclass P(ctypes.Structure):\n    _fields_ = [('x', ctypes.c_int)]\n    def act(self): return 1\n"
    )
    game = project({"a.py": text})
    assert "could not be committed" in str(game.save("a.py", text.replace("return 1", "return 2")).rejected[0])
    assert game.namespace.P().act() == 1


def test_who_reads_the_body_of_a_function_while_loading_is_not_executed_again(project):
    text = "def f(): return 1\n"
    reader = "import inspect\nfrom game import f\nTEXT = inspect.getsource(f)\n"
    game = project({"a.py": text, "b.py": reader})
    assert game.namespace.TEXT == text
    assert game.save("a.py", text.replace("1", "2")).reloaded[0].dependants == ()
    assert (game.namespace.f(), game.namespace.TEXT) == (2, text)


def test_main_and_a_module_beside_its_package_are_no_scripts(project):
    game = project({"a.py": "A = 1", "__main__.py": "1 / 0"}, layout="modules")
    assert game.save("a/__init__.py", "A = 2").rejected


def test_a_bare_weak_reference_and_an_iterator_stay(project):
    game = project({"a.py": "class A: v = 1"})
    bare, pairs = weakref.ref(game.namespace.A), enumerate([game.namespace.A])
    old, pair = bare(), zip([game.namespace.A], strict=True)
    cycle = itertools.cycle((game.namespace.A,))
    game.save("a.py", "class A: v = 2")
    assert bare() is old
    assert next(cycle) is old
    assert next(pairs)[1] is next(pair)[0] is game.namespace.A  # these go through a list, which can be changed


def test_what_a_rejected_body_did_to_the_host_stays(project, monkeypatch):
    monkeypatch.setattr(livescripts, "a_host_list", [], raising=False)
    game = project({"a.py": "A = 1"})
    text = "import livescripts\ndef f(): pass\nlivescripts.a_host_list += [1, f]\nlivescripts.a_host_name = f\n1 / 0"
    assert game.save("b.py", text).rejected
    assert livescripts.a_host_list == [1]  # the function is known to be the script's
    assert callable(livescripts.a_host_name)  # what was there before is not
    del livescripts.a_host_name


def test_a_body_may_run_twice_when_another_part_of_its_batch_is_rejected(project, monkeypatch):
    monkeypatch.setattr(livescripts, "runs", [], raising=False)
    game = project({"a.py": "A = 1"})
    game.write("a.py", "import livescripts\nlivescripts.runs.append('a')\nA = 2")
    game.write("b.py", "1 / 0")
    assert game.update().reloaded
    assert livescripts.runs == ["a", "a"]


def test_a_call_that_stays_in_c_is_stopped_when_it_returns(project):
    game = project({"a.py": "A = 1"}, timeout=0.05, clock=time.perf_counter)
    text = "import time\nt = time.monotonic()\ntime.sleep(0.3)\nB = time.monotonic() - t\nfor _ in range(10**9): pass"
    report = game.save("a.py", text)
    assert isinstance(report.rejected[0].problems[0].error, livescripts.ScriptTimeout)
    assert report.rejected[0].seconds >= 0.3


def test_the_interpreter_s_own_tracebacks_show_the_saved_file_before_3_13(tmp_path, capsys):
    path = tmp_path / "a.py"
    path.write_text("def fail():\n    1 / 0  # running\n")
    with livescripts.LiveScripts(watch=ManualWatcher()) as live:
        live.add_directory(tmp_path, namespace="game")
        path.write_text("1 / 0\n# saved\n")
        assert live.reload(path).rejected
        try:
            sys.modules["game"].fail()
        except ZeroDivisionError as error:
            sys.__excepthook__(type(error), error, error.__traceback__)
            assert ("# saved" if sys.version_info < (3, 13) else "# running") in capsys.readouterr().err
            traceback.print_exception(type(error), error, error.__traceback__)  # what to set as sys.excepthook instead
            assert "# running" in capsys.readouterr().err


def test_lines_that_were_noted_before_a_reload_are_looked_up_in_the_new_text(project):
    game = project({"a.py": "def grow():\n    return bytearray(9_000)  # old\n"})
    tracemalloc.start()
    try:
        grown = game.namespace.grow()
        game.save("a.py", "\n# new\n")
        assert tracemalloc.get_object_traceback(grown).format()[-1] == "    # new"
    finally:
        tracemalloc.stop()


def test_copied_code_of_an_older_version_goes_by_the_path(project):
    game = project({"a.py": "def f(): pass\ncopy = f.__code__.replace(co_name='g')"})
    copy = game.namespace.copy
    game.save("a.py", "def f(): pass")
    assert copy.co_filename == game.path("a.py")


def test_a_behaviour_that_is_made_anew_in_each_frame_is_called_though_it_raises(project):
    game = project({"a.py": "calls = []\ndef f(): calls.append(1); 1 / 0"})
    for _ in range(3):
        game.live.call(lambda: [game.namespace.f()])
    assert len(game.namespace.calls) == 3
    assert [fault.count for fault in game.live.errors.recent] == [3]


def test_a_subclass_in_the_host_cannot_be_made_once_its_base_gets_a_metaclass(project):
    text = "class State:\n    def __init__(self, owner): pass\n"
    game = project({"a.py": text})

    class Host(game.namespace.State):
        pass

    Host(1)
    game.save("a.py", "class M(type): pass\n" + text.replace("State", "State(metaclass=M)"))
    assert isinstance(Host.__mro__[1], game.namespace.M)
    with pytest.raises(TypeError, match="takes exactly one argument"):
        Host(1)
