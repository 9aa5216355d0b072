"""What a rejected script has registered with the host is taken out again, and what it has replaced comes back."""

from __future__ import annotations

import sys
import types

import pytest

from livescripts._runtime import transaction
from livescripts._runtime.predecessors import ABSENT, names_in
from livescripts._runtime.withdrawal import without
from livescripts.testing import Project


@pytest.fixture
def arcade(monkeypatch):
    """The host's module, and how to run its text."""

    def make(text):
        module = types.ModuleType("arcade")
        monkeypatch.setitem(sys.modules, "arcade", module)
        exec(text, vars(module))
        return module

    return make


F = "def f(): return 'v1'\n"
ON = "H = []\ndef on(f):\n    def wrapper(): return f()\n    H.append(wrapper)\n    return f\n"
WRAPPER = (
    "import functools\nH = []\nclass W:\n    def __init__(self, f): functools.update_wrapper(self, f)\n"
    "    def __call__(self): return self.__wrapped__()\ndef on(f):\n    H.append(W(f))\n    return f\n"
)
VARIABLE = (
    "def make():\n    current = None\n    def put(f):\n        nonlocal current\n        current = f\n"
    "    def fire(): return current()\n    return put, fire\nput, fire = make()\nH = [fire]\n"
)

# What the host has, what a script does there, and what the host then says.
CASES = {
    "an attribute": ("class B: cb = None\nb = B()", F + "arcade.b.cb = f", "b.cb()"),
    "an attribute of a module": ("cb = None", F + "arcade.cb = f", "cb()"),
    "an attribute of a class": ("class B: cb = None", F + "arcade.B.cb = f", "B.cb()"),
    "a slot": ("class B: __slots__ = ('cb',)\nb = B()", F + "arcade.b.cb = f", "b.cb()"),
    "a variable of a function": (VARIABLE, F + "arcade.put(f)", "[g() for g in H]"),
    "a wrapper of the host": (ON, "@arcade.on\n" + F, "[g() for g in H]"),
    "an object of the host that wraps": (WRAPPER, "@arcade.on\n" + F, "[g() for g in H]"),
    "a lambda in a dict": ("H = {}", "arcade.H['a'] = lambda: 'v1'", "H['a']()"),
    "a lambda in a list": ("H = []", "arcade.H.append(lambda: 'v1')", "[g() for g in H]"),
    "a method in a dict": (
        "H = {}",
        "class B:\n    def f(self): return 'v1'\nb = B()\narcade.H['a'] = b.f",
        "H['a']()",
    ),
    "a partial": ("H = []", F + "import functools\narcade.H.append(functools.partial(f))", "[g() for g in H]"),
    "a partial in a dict": ("H = {}", F + "import functools\narcade.H['a'] = functools.partial(f)", "H['a']()"),
    "a tuple in a dict": ("H = {}", F + "arcade.H['a'] = (1, f)", "H['a'][1]()"),
    "an instance": (
        "H = []",
        "class B:\n    def __call__(self): return 'v1'\narcade.H.append(B())",
        "[g() for g in H]",
    ),
    "an entry that is a dict": ("H = []", F + "arcade.H.append({'do': f, 'n': 1})", "[g['do']() for g in H]"),
    "a weak set": ("import weakref\nH = weakref.WeakSet()", F + "arcade.H.add(f)", "[g() for g in H]"),
    "a weak dictionary": (
        "import weakref\nH = weakref.WeakValueDictionary()",
        F + "arcade.H['a'] = f",
        "H['a']()",
    ),
    "a list with places": ("H = [None] * 3", F + "arcade.H[1] = f", "[g and g() for g in H]"),
    "a generator": ("H = []", "def f(): yield 'v1'\narcade.H.append(f())", "len(H)"),
    "a singledispatch function": (
        "import functools\n@functools.singledispatch\ndef r(x): return 'base'",
        "@arcade.r.register(int)\ndef f(x): return 'v1'",
        "r(1)",
    ),
    "a cached function": ("H = []", "import functools\n@functools.cache\n" + F + "arcade.H.append(f)", "[g() for g in H]"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_rejected_script_registered_is_withdrawn(arcade, case):
    text, register, question = CASES[case]
    host = arcade(text)
    script = f"import arcade\n{register}\n"
    with Project({"a.py": script}) as game:
        before = eval(question, vars(host))
        for number in range(2):
            assert game.save("a.py", script.replace("v1", "rejected") + f"{number} / 0").rejected
            assert eval(question, vars(host)) == before


@pytest.mark.parametrize("case", CASES)
def test_so_is_what_a_new_script_registered(arcade, case):
    text, register, _ = CASES[case]
    host = arcade(text)
    with Project({"a.py": "A = 1"}) as game:
        assert game.save("b.py", f"import arcade\n{register}\n1 / 0").rejected
        if "H" in vars(host) and case != "a variable of a function":
            assert not any(host.H)


def test_a_key_that_only_the_rejected_text_names_goes(arcade):
    host = arcade("H = {}")
    text = "import arcade\ndef f(): return 'v1'\narcade.H['a'] = f\n"
    with Project({"a.py": text}) as game:
        assert game.save("a.py", text + "arcade.H['b'] = f\n1 / 0").rejected
        assert list(host.H) == ["a"]
        assert host.H["a"] is game.namespace.f


def test_what_was_there_before_comes_back_once(arcade):
    host = arcade("H = [None] * 4")
    text = "import arcade\ndef f(): return 'v1'\narcade.H[1] = f\n"
    with Project({"a.py": text}) as game:
        assert game.save("a.py", text + "arcade.H[2] = f\n1 / 0").rejected
        assert [None, game.namespace.f, None, None] == host.H


def test_places_in_a_list_stay_where_they_are_when_two_entries_become_one(arcade):
    host = arcade("H = [None] * 4")
    text = "import arcade\ndef f(): return 'v1'\narcade.H[1] = f\n"
    with Project({"a.py": text}) as game:
        assert game.save("a.py", text.replace("[1]", "[2]").replace("v1", "v2")).reloaded
        assert len(host.H) == 4


def test_what_ran_twice_in_one_batch_is_registered_once(arcade):
    host = arcade("H = []")
    text = "import arcade\ndef f(): return 'v1'\narcade.H += [f, lambda: 'l']\n"
    with Project({"a.py": text, "b.py": "B = 1"}) as game:
        for number in range(3):
            game.write("a.py", text + f"# {number}")
            game.write("b.py", f"1 / 0 # {number}")
            assert game.update().reloaded
            assert [f() for f in host.H] == ["v1", "l"]
        assert game.save("b.py", "B = 2").reloaded
        assert game.save("a.py", text.replace("v1", "v2")).reloaded
        assert [f() for f in host.H] == ["v2", "l"]


def test_methods_that_the_host_has_overridden_are_not_called(arcade):
    class Stubborn(dict):
        def __delitem__(self, key):
            raise RuntimeError

    host = arcade("L = []")
    host.H = Stubborn()
    text = "import arcade\ndef f(): return 'v1'\narcade.H['a'] = arcade.L.append(f) or f\n"
    with Project({"a.py": "A = 1"}) as game:
        assert game.save("b.py", text + "1 / 0").rejected
        assert dict(host.H) == {}  # the dict's own way, not the class's
        assert host.L == []


def test_keys_that_raise_do_not_keep_the_rest_from_being_withdrawn(arcade):
    host = arcade("D = {}\nL = []")
    text = """
    import arcade
    class Key:
        calls = 0
        def __hash__(self):
            Key.calls += 1
            if Key.calls > 1: raise ValueError
            return 1
    arcade.D[Key()] = 1
    arcade.L.append(Key)
    1 / 0
    """
    with Project({"a.py": "A = 1"}) as game:
        assert game.save("b.py", text).rejected
        assert host.L == []


def test_existing_objects_of_the_host_stay_in_its_lists(arcade):
    host = arcade("class Button: pass\nb = Button()\nb.rows = {'click': None}\nH = [b, b.rows]")
    text = "import arcade\ndef f(): return 'v1'\narcade.b.click = f\narcade.b.rows['click'] = f\n"
    with Project({"a.py": text}) as game:
        assert game.save("a.py", text.replace("v1", "rejected") + "1 / 0").rejected
        assert host.H[0] is host.b
        assert host.b.click() == "v1"


def test_without_is_decided_by_identity():
    made, before = object(), object()
    of = {id(made): before}.get
    assert without([1, made, 2], lambda thing: thing is made, lambda _: before) == [1, 2]
    assert without([None, made, made], lambda thing: thing is made, lambda thing: of(id(thing))) == [None, before, None]
    assert without([None, made, before], lambda thing: thing is made, lambda _: before) == [None, None, before]
    assert without([None, made], lambda thing: thing is made, lambda _: ABSENT) == [None, None]


def test_names_in_code_are_found_at_any_depth():
    found = names_in([compile("def f():\n    return g('deep', {'a': 1, 'b': 2})", "<test>", "exec")])
    assert {"f", "g", "deep", "a", "b", 1} <= found


def test_so_it_is_when_a_commit_fails(arcade, monkeypatch):
    host = arcade("H = []")
    text = "import arcade\ndef f(): return 'v1'\narcade.H += [f, lambda: 'l']\n"
    with Project({"a.py": text}) as game:
        before = list(host.H)
        monkeypatch.setattr(transaction, "_settle_names", lambda *_: 1 / 0)
        assert game.save("a.py", text.replace("v1", "v2")).rejected
        assert before == host.H
        assert [f() for f in host.H] == ["v1", "l"]
