"""What statements make, and what stands for what in another version of them."""

from __future__ import annotations

import pytest

from livescripts._core.products import products


def made(before, after):
    """The pairs: what makes each, and where in the one and in the other it is; numbers of places are left out."""
    return {
        (
            *(pair.before.maker, tuple(index for index, _ in pair.before.path)),
            *(pair.after.maker, tuple(index for index, _ in pair.after.path)),
        )
        for pair in products(before, after)
    }


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("x = []", ""),
        ("x = {'a': 1}", ""),
        ("x = {1, 2}", ""),
        ("x = [n for n in y]", ""),
        ("x: list[int] = [1]", ""),
        ("x = Player()", "Player"),
        ("x = 1, y", "()"),
        ("x = game.units.Player(1, hp=2)", "game.units.Player"),
        ("x = make()()", None),
        ("x = y", None),
        ("x = LEVELS[0]", None),
        ("x, y = [], []", None),
        ("x = y = []", None),
        ("x += []", None),
        ("x = []\nx = [1]", None),
        ("def f(): pass", None),
        ("x = (", None),
        ("x: int", None),
        ("(x := [])", None),
    ],
)
def test_what_makes_a_value(text, maker):
    assert made(text, text) == (set() if maker is None else {(maker, (), maker, ())})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = []", set()),
        ("x = [[1], [2], y]", {(0,), (1,)}),
        ("x = {'a': [{}], 'b': y, k: []}", {(0,), (0, 0), (2,)}),
        ("x = [*y, []]", set()),
        ("x = {**y, 'a': []}", set()),
        ("x = Player([])", set()),
        ("x = [Player([]), Player]", {(0,)}),
        ("x = {'a': (1, [])}", {(0,), (0, 1)}),
        ("x = (Player(1), [2])", {(0,), (1,)}),
        ("x = (", set()),
    ],
)
def test_what_there_is_in_displays(text, expected):
    assert {one for _, one, _, _ in made(text, text) if one} == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{'a': A(1), 'b': B()}", "{'b': B(), 'a': A(2)}", {(0, 1), (1, 0)}),
        ("{'a': A(1), 'b': B()}", "{'c': C(), 'b': B()}", {(1, 1)}),
        ("{Kind.A: A(1)}", "{Kind.B: A(2), Kind.A: A(3)}", {(0, 1)}),
        ("[A(1), A(2)]", "[A(1), A(3)]", {(0, 0), (1, 1)}),
        ("[A(1), A(2)]", "[A(0), A(1), A(2)]", {(0, 1), (1, 2)}),
        ("[A(1), A(2), A(3)]", "[A(1), A(3)]", {(0, 0), (2, 1)}),
        ("[A(1), A(2)]", "[A(3), A(4), A(5)]", set()),
        ("(A(1), B('é'), A(2))", "(A(1), B('ü'), A(2))", {(0, 0), (1, 1), (2, 2)}),
        ("[A(\n  'é', 1), A(2)]", "[A(0), A(\n  'é', 1), A(2)]", {(0, 1), (1, 2)}),
        ("[A(1)]", "(A(1),)", set()),
        ("[A(1)]", "{0: A(1)}", set()),
        ("[A(1), 2]", "[3, A(1)]", {(0, 1)}),
    ],
)
def test_which_stand_for_each_other(before, after, expected):
    pairs = made(f"x = {before}", f"x = {after}")
    assert {(one[0], other[0]) for _, one, _, other in pairs if one} == expected


def test_a_place_says_of_how_many_it_is_one():
    assert [each.before.path for each in products("x = {'a': 1, 'b': [3]}", "x = {'b': [4]}")] == [(), ((1, 2),)]
    assert [each.after.path for each in products("x = {'a': 1, 'b': [3]}", "x = {'b': [4]}")] == [(), ((0, 1),)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("{'a': A(1), 'b': B()}", "{'a': A(2), 'b': B()}", [True, True, False]),
        ("{'a': A(1, 'x')}", "{\n'a':A(1,\n\"x\")}", [True, False]),
        ("{'a': A(1)}", "{'a': A(1), 'b': B()}", [True, False]),
    ],
)
def test_whether_it_was_edited(before, after, expected):
    assert [each.edited for each in products(f"x = {before}", f"x = {after}")] == expected


@pytest.mark.parametrize(
    ("text", "each"),
    [
        ("{k: A(v) for k, v in y}", "A"),
        ("{k: [v] for k in y}", ""),
        ("{k: v for k in y}", None),
        ("[A(v) for v in y]", None),
    ],
)
def test_what_makes_the_values_of_a_comprehension_of_a_dict(text, each):
    (pair,) = products(f"x = {text}", f"x = {text}")
    assert (pair.before.each, pair.after.each) == (each, each)
