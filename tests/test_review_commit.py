"""Findings of a review of commits, each as the shortest program that showed it."""

from __future__ import annotations

import inspect

import pytest

from livescripts._runtime import transaction
from livescripts.testing import Project


def test_a_forwarding_function_that_is_taken_back_has_its_own_name_and_signature(monkeypatch):
    with Project({"a.py": "def f(x):\n    'one'\n    return x"}) as project:
        held = project.namespace.f

        def fail(*_args):
            raise RuntimeError

        monkeypatch.setattr(transaction, "_record", fail)
        # A closure variable: the old function cannot take the new code.
        closing = "def make(n):\n    def f(x: int, y=2):\n        'two'\n        return n\n    return f\nf = make(1)"
        before = (held.__doc__, held.__qualname__, dict(held.__annotations__), inspect.signature(held))
        assert project.save("a.py", closing).rejected
        assert (held.__doc__, held.__qualname__, held.__annotations__, inspect.signature(held)) == before
        assert held(3) == 3


WRAPPING = (
    "def decorate(cls):\n"
    "    class Decorated(cls):\n"
    "        def f(self): return super().f() + 100\n"
    "    Decorated.__name__, Decorated.__qualname__ = cls.__name__, cls.__qualname__\n"
    "    return Decorated\n"
    "class Base:\n"
    "    def f(self): return 0\n"
    "@decorate\n"
    "class Goblin(Base):\n"
    "    def f(self): return super().f() + X\n"
)


@pytest.mark.parametrize("edited", [True, False])
def test_super_works_in_a_class_that_its_decorator_made_a_subclass_of(edited):
    with Project({"x.py": "X = 1", "a.py": "from game import X\n" + WRAPPING}) as project:
        goblin = project.namespace.Goblin()
        held = goblin.f
        for number in (2, 3):
            if edited:
                text = WRAPPING.replace("+ X", f"+ {number}")
                assert project.save("a.py", "from game import X\n" + text).reloaded
            else:
                assert project.save("x.py", f"X = {number}").reloaded
            assert goblin.f() == held() == project.namespace.Goblin().f() == 100 + number


def test_a_method_that_another_class_holds_keeps_its_own_class_when_that_one_is_edited():
    orc = "from game import Goblin\nclass Orc:\n    hit = Goblin.attack\n    tag = 1\n"
    goblin = "class Base:\n    def attack(self): return 1\nclass Goblin(Base):\n    def attack(self): return super().attack()\n"
    with Project({"goblin.py": goblin, "orc.py": orc}) as project:
        goblin = project.namespace.Goblin()
        assert project.save("orc.py", orc.replace("1", "2")).reloaded
        assert goblin.attack() == 1


@pytest.mark.parametrize("decorator", ["wrapper", "functools.cache", "functools.wraps(len)"])
def test_what_a_wrapper_names_as_wrapped_is_what_it_calls(decorator):
    text = (
        "import functools\n"
        "def wrapper(function):\n"
        "    @functools.wraps(function)\n"
        "    def inner(*args): return function(*args)\n"
        "    return inner\n"
        f"@{decorator}\n"
        "def f(): return 1\n"
    )
    with Project({"a.py": text}) as project:
        held = project.namespace.f
        inner = inspect.unwrap(held)
        assert project.save("a.py", text.replace("return 1", "return 2")).reloaded
        assert project.namespace.f is held
        assert inspect.unwrap(held) is inner


@pytest.mark.parametrize("many", ["Goblin", "list[Goblin]"])
def test_annotations_of_a_function_that_is_executed_again_name_the_classes_that_stay(many):
    a = f"from game import X\nclass Goblin: pass\ndef f(one: Goblin, many: {many}) -> Goblin: return X\n"
    with Project({"x.py": "X = 1", "a.py": a}) as project:
        goblin = project.namespace.Goblin
        for number in (2, 3):
            assert project.save("x.py", f"X = {number}").reloaded
            found = project.namespace.f.__annotations__
            assert project.namespace.Goblin is goblin
            assert found["one"] is found["return"] is goblin
            assert getattr(found["many"], "__args__", (found["many"],)) == (goblin,)


def test_the_source_of_an_enumeration_that_stays_is_found_where_it_is_now(project):
    text = "import enum\nclass Color(enum.Enum):\n    RED = 1\n"
    game = project({"a.py": text})
    color = game.namespace.Color
    assert game.save("a.py", "SPEED = 1\n\n\n\n" + text).reloaded
    assert game.namespace.Color is color
    assert inspect.getsource(color) == "class Color(enum.Enum):\n    RED = 1\n"
