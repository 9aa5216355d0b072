"""The forecast of what a script takes, from its text alone."""

from __future__ import annotations

import ast

import pytest

from livescripts._core.references import references, resolve

TABLE = [
    ("", set()),
    ("import game", {(0, "game")}),
    ("import game.x, math as m", {(0, "game.x"), (0, "math")}),
    ("from game.x import A, B as C", {(0, "game.x.A"), (0, "game.x.B")}),
    ("from game.x import *", {(0, "game.x.*")}),
    ("from . import Z", {(1, "Z")}),
    ("from ..y import Z", {(2, "y.Z")}),
    ("import game\nclass A(game.x.Base): pass", {(0, "game"), (0, "game.x.Base"), (0, "game.x")}),
    ("import game.x as gx\nprint(gx.A)", {(0, "game.x"), (0, "game.x.A")}),
    ("import game.x\nprint(game.y.A)", {(0, "game.x"), (0, "game.y.A"), (0, "game.y")}),
    ("from . import y\n@y.mark\ndef f(a=y.LIMIT, *, b=y.MORE): return y.inside", {(1, "y"), (1, "y.mark"), (1, "y.LIMIT"), (1, "y.MORE")}),
    ("def f():\n    import late\n    from game import Late\nasync def g():\n    import later", set()),
    ("import game\nf = lambda: game.x", {(0, "game")}),
    ("try:\n    import fast\nexcept ImportError:\n    from game import slow", {(0, "fast"), (0, "game.slow")}),
    ("import game\nprint(unknown.x, f().y, game.make().z)", {(0, "game"), (0, "game.make")}),
    ("class A:\n    from game import Part", {(0, "game.Part")}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_what_a_text_refers_to(text, expected):
    assert references(ast.parse(text)) == expected


@pytest.mark.parametrize(
    ("reference", "package", "expected"),
    [
        ((0, "game"), "game.x", {("", "game")}),
        ((0, "game.x.A"), "elsewhere", {("", "game"), ("game", "x"), ("game.x", "A")}),
        ((0, "game.*"), "game", {("", "game"), ("game", "*")}),
        ((1, "A"), "game.x", {("", "game"), ("game", "x"), ("game.x", "A")}),
        ((2, "y.A"), "game.x", {("", "game"), ("game", "y"), ("game.y", "A")}),
        ((3, "A"), "game.x", set()),
        ((1, "A"), "", set()),
        ((0, "goblin.A"), "", {("", "goblin"), ("goblin", "A")}),
    ],
)
def test_what_that_takes_in_a_package(reference, package, expected):
    assert resolve({reference}, package) == expected
