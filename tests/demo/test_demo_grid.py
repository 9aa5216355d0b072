"""The grid finds what comparing everything with everything finds, in the same order."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo_game.engine.grid import Grid

places = st.floats(-200, 900, allow_nan=False)
things = st.lists(
    st.builds(
        SimpleNamespace,
        x=places,
        y=places,
        radius=st.floats(0, 60),
        team=st.sampled_from(["bug", "shot", "loot"]),
    ),
    max_size=40,
)


def filled(crowd: list[Any]) -> Grid:
    """Return a grid of things."""
    grid = Grid()
    for thing in crowd:
        grid.add(thing)
    return grid


@given(things, places, places, st.floats(0, 120), st.sets(st.sampled_from(["bug", "shot", "none"])))
def test_near_is_brute_force(crowd: list[Any], x: float, y: float, radius: float, teams: set[str]) -> None:
    """Every overlap is found once, none is invented, and the order is that of adding."""
    expected = [
        thing
        for thing in crowd
        if thing.team in teams and (thing.x - x) ** 2 + (thing.y - y) ** 2 <= (radius + thing.radius) ** 2
    ]
    assert filled(crowd).near(x, y, radius, sorted(teams)) == expected


@given(things)
def test_members_are_all_of_a_team(crowd: list[Any]) -> None:
    """Nobody is lost, whatever cell they fell into."""
    assert list(filled(crowd).members("bug")) == [thing for thing in crowd if thing.team == "bug"]


def test_clearing_forgets_everything() -> None:
    """What was there in the last step is not there in this one."""
    grid = filled([SimpleNamespace(x=0.0, y=0.0, radius=500.0, team="bug")])
    grid.clear()
    assert grid.near(0, 0, 1000, ["bug"]) == []
    assert not grid.members("bug")


@pytest.mark.parametrize("place", [math.nan, math.inf])
def test_a_place_that_is_no_place_is_refused(place: float) -> None:
    """The world relies on it to get rid of such things."""
    with pytest.raises((ValueError, OverflowError)):
        Grid().add(SimpleNamespace(x=place, y=0.0, radius=1.0, team="bug"))  # pyright: ignore[reportArgumentType]
