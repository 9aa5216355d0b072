"""What a reload does not do, so that nobody believes it does: see docs/limitations.md."""

from __future__ import annotations

import livescripts


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


def test_a_class_in_a_tuple_of_the_host_stays_the_old_one(project):
    game = project({"a.py": "class A: v = 1"})
    held = (game.namespace.A, "x")
    game.save("a.py", "class A: v = 2")
    assert held[0] is not game.namespace.A
    assert type(held[0]()) is game.namespace.A


def test_what_a_rejected_body_did_to_the_host_stays(project, monkeypatch):
    monkeypatch.setattr(livescripts, "a_host_list", [], raising=False)
    game = project({"a.py": "A = 1"})
    assert game.save("b.py", "import livescripts\nlivescripts.a_host_list.append(1)\n1 / 0").rejected
    assert livescripts.a_host_list == [1]


def test_a_body_may_run_twice_when_another_part_of_its_batch_is_rejected(project, monkeypatch):
    monkeypatch.setattr(livescripts, "runs", [], raising=False)
    game = project({"a.py": "A = 1"})
    game.write("a.py", "import livescripts\nlivescripts.runs.append('a')\nA = 2")
    game.write("b.py", "1 / 0")
    assert game.update().reloaded
    assert livescripts.runs == ["a", "a"]


def test_a_call_that_stays_in_c_is_stopped_when_it_returns(project):
    game = project({"a.py": "A = 1"}, timeout=0.05)
    text = "import time\nt = time.monotonic()\ntime.sleep(0.3)\nB = time.monotonic() - t\nfor _ in range(10**9): pass"
    report = game.save("a.py", text)
    assert isinstance(report.rejected[0].problems[0].error, livescripts.ScriptTimeout)
    assert report.rejected[0].seconds >= 0.3
