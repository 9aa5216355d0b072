"""Which function of a new text is which of the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from livescripts._core.codes import inner, match, nested, renewed, same_meaning, stores

if TYPE_CHECKING:
    from types import CodeType


def code(text: str) -> CodeType:
    return compile(text, "<script>", "exec")


def named(old: str, new: str) -> list[tuple[str, int, int]]:
    pairs = match(code(old), code(new))
    return sorted((a.co_qualname, a.co_firstlineno, b.co_firstlineno) for a, b in pairs)


TABLE = [
    ("def f(): pass", "\ndef f(): return 1", [("f", 1, 2)]),
    ("def f(): pass", "def g(): pass", []),
    ("class A:\n def f(self): pass", "class A:\n\n def f(self): pass", [("A", 1, 1), ("A.f", 2, 3)]),
    # The class is another one: its methods are not matched.
    ("class A:\n def f(self): pass", "class B:\n def f(self): pass", []),
    ("def f():\n def g(): pass", "def f():\n x = 1\n def g(): pass", [("f", 1, 1), ("f.<locals>.g", 2, 3)]),
    # Lambdas: what did not change first, the rest by order.
    ("a = lambda: 1\nb = lambda: 2", "b = lambda: 2", [("<lambda>", 2, 1)]),
    ("a = lambda: 1", "z = lambda: 0\na = lambda: 1", [("<lambda>", 1, 2)]),
    ("a = lambda: 1\nb = lambda: 2", "a = lambda: 3\nb = lambda: 4", [("<lambda>", 1, 1), ("<lambda>", 2, 2)]),
    ("a = lambda: 1\nb = lambda: 2", "a = lambda: 1\nc = lambda: 9\nb = lambda: 2", [("<lambda>", 1, 1), ("<lambda>", 2, 3)]),
    # One constant is not another: True is not 1.
    ("a = lambda: 1", "z = lambda: True\na = lambda: 1", [("<lambda>", 1, 2)]),
    # Defined twice, as under an `if`.
    ("if x:\n def f(): return 1\nelse:\n def f(): return 2",
     "if x:\n def f(): return 1\nelse:\n def f(): return 3", [("f", 2, 2), ("f", 4, 4)]),
    ("a = lambda: (lambda: 1)\nb = 1", "z = lambda: 5\na = lambda: (lambda: 1)",
     [("<lambda>", 1, 2), ("<lambda>.<locals>.<lambda>", 1, 2)]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), TABLE)
def test_functions_are_matched_by_where_they_are_defined(old, new, expected):
    assert named(old, new) == expected


def test_what_is_nested_is_found_at_any_depth():
    text = "class A:\n    def b(self):\n        def c(): return lambda: 1\ndef d(): pass\n"
    names = [code.co_name for code in nested(compile(text, "x.py", "exec"))]
    assert sorted(names) == ["<lambda>", "A", "b", "c", "d"]


def test_a_renewed_code_object_is_equal_but_another_and_so_is_all_that_is_in_it():
    before = code("def f():\n def g(): return 1\n return g")
    after = renewed(before)
    assert after == before
    assert after is not before
    f, g = inner(after)[0], inner(inner(after)[0])[0]
    assert f is not inner(before)[0]
    assert g is not inner(inner(before)[0])[0]
    space: dict = {}
    exec(after, space)
    assert space["f"]()() == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("nonlocal n; n += 1", True),
        ("return n", False),
        ("return n, m", False),
        ("nonlocal m; m = n", False),
        ("\n  def deep():\n   nonlocal n; n = 2\n  return deep, n", True),
        ("\n  def deep(): return n\n  return deep", False),
        ("\n  def other(): return 1\n  return other, n", False),
    ],
)
def test_whether_a_closure_rebinds_a_variable(body, expected):
    function = code(f"def make():\n n = m = 0\n def g(): {body}\n return g")
    g = inner(inner(function)[0])[0]
    assert stores(g, "n") is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("def f(): return 1", "\n\ndef f(): return 1", True),
        ("def f(): return 1", "def f(): return 2", False),
        ("def f(): return 1", "def f(): return True", False),
        ("def f(): return lambda: 1", "def f(): return lambda: 2", False),
    ],
)
def test_whether_two_functions_do_the_same(one, other, expected):
    assert same_meaning(inner(code(one))[0], inner(code(other))[0]) is expected
