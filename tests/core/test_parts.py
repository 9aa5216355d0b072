"""Which files of a batch stand or fall together."""

from __future__ import annotations

import pytest

from livescripts._core.graph import EVERYTHING, Node
from livescripts._core.parts import Member, parts


def defines(*names, takes=(), **more):
    return Member(offers=(Node("game", frozenset(names)),), takes=frozenset(takes), **more)


def module(name, *takes):
    return Member(offers=(Node(name, frozenset(), open_ended=True),), takes=frozenset(takes))


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, []),
        ({"a": defines("A"), "b": defines("B")}, ["a", "b"]),
        ({"a": defines("A"), "b": defines("B", takes=[("game", "A")])}, ["ab"]),
        ({"a": defines("A"), "b": defines("B"), "c": defines("C", takes=[("game", "B")])}, ["a", "bc"]),
        ({"a": defines("Same"), "b": defines("Same")}, ["ab"]),
        ({"a": defines("A"), "b": defines("B", takes=[("game", EVERYTHING)])}, ["ab"]),
        ({"a": defines("A"), "b": defines("B", tied=frozenset("a"))}, ["ab"]),
        ({"a": defines("A"), "b": defines("B", tied=frozenset(["not in the batch"]))}, ["a", "b"]),
        ({"a": defines("A"), "b": defines("B", takes=[("other", "A")])}, ["a", "b"]),
        ({"a": module("game.a"), "b": module("game.b", ("game.a", "Anything"))}, ["ab"]),
        ({"a": module("game.a"), "b": module("game.b", ("game", "a"))}, ["ab"]),
        ({"a": module("game.a"), "b": module("game.b")}, ["a", "b"]),
        ({"a": module("game.x"), "b": module("game.x")}, ["ab"]),
        # A package that comes with one script, which another asked for; but two scripts in it are independent.
        ({"a": Member(packages=(Node("game", frozenset(["x"])),)), "b": Member(takes=frozenset([("game", "x")]))}, ["ab"]),
        ({name: Member(packages=(Node("game", frozenset(["x"])),)) for name in "ab"}, ["a", "b"]),
    ],
)  # fmt: skip
def test_a_batch_splits_into_independent_parts(members, expected):
    assert list(parts(members)) == [frozenset(part) for part in expected]
