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
