"""Whether a statement makes what it names."""

from __future__ import annotations

import pytest

from livescripts._core.products import displays, maker


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = []", ""),
        ("x = {'a': 1}", ""),
        ("x = {1, 2}", ""),
        ("x = [n for n in y]", ""),
        ("x: list[int] = [1]", ""),
        ("x = Player()", "Player"),
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
def test_what_makes_a_value(text, expected):
    assert maker(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = []", set()),
        ("x = [[1], [2], y]", {(0,), (1,)}),
        ("x = {'a': [{}], 'b': y, k: []}", {("a",), ("a", 0)}),
        ("x = [*y, []]", set()),
        ("x = Player([])", set()),
        ("x = {'a': (1, [])}", set()),
        ("x = (", set()),
    ],
)
def test_where_there_are_further_displays(text, expected):
    assert displays(text) == expected
