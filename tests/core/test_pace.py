"""How long to go on within a frame."""

from __future__ import annotations

import pytest

from livescripts._core.pace import Pace


def steps(pace, *durations):
    """How many steps of these durations are made in one frame, which begins at 100."""
    now = 100.0
    pace.begin(now)
    for count, duration in enumerate(durations, 1):
        now += duration
        if not pace.goes_on(now):
            return count
    return None


@pytest.mark.parametrize(
    ("budget", "durations", "made"),
    [
        (0.0, (0.0,), 1),  # at least one step, however small the budget is
        (2.0, (5.0,), 1),
        (2.0, (1.0, 0.5, 0.5), 3),
        (2.0, (1.0, 0.5, 0.25), 3),
        (2.0, (1.0, 0.5, 0.2), None),
        (2.0, (0.0,) * 50, None),  # a clock that stands still
    ],
)
def test_a_frame_goes_on_until_its_time_is_up(budget, durations, made):
    assert steps(Pace(budget), *durations) == made


def test_a_step_that_would_clearly_not_fit_is_not_begun():
    pace = Pace(10.0)
    assert steps(pace, 3.0, 3.0, 3.0) == 3
    # One short step may be followed by another one.
    assert steps(pace, 3.0, 0.5, 3.0, 3.0) == 4


def test_the_end_of_a_frame_has_its_share_of_the_budget():
    pace = Pace(10.0)
    pace.reserve = 4.0
    assert steps(pace, 3.0, 3.0, 3.0) == 2


def test_a_frame_is_early_while_half_of_its_time_is_left():
    pace = Pace(2.0)
    pace.begin(100.0)
    assert [pace.is_early(now) for now in (100.0, 100.9, 101.0, 103.0)] == [True, True, False, False]


@pytest.mark.parametrize(("frames", "made"), [(1, 7), (2, 3), (3, 3), (4, 2), (9, 2)])
def test_of_the_frames_that_are_left_each_gets_its_share_of_the_budget_but_not_less_than_a_quarter(frames, made):
    pace = Pace(2.0)
    pace.frames = frames
    assert steps(pace, *[0.25] * 8) == made


def test_but_as_much_as_it_loses_at_the_ends():
    pace = Pace(2.0)
    pace.frames, pace.reserve = 4, 0.75
    pace.begin(100.0)
    pace.ready(100.75)
    assert [pace.goes_on(now) for now in (100.875, 101.25, 101.5)] == [True, True, False]


def test_and_not_more_than_the_budget():
    pace = Pace(2.0)
    pace.frames, pace.reserve = 4, 10.0
    pace.begin(100.0)
    pace.ready(100.75)
    assert [pace.goes_on(now) for now in (101.5, 101.75)] == [True, False]


def test_whoever_has_none_keeps_to_the_budget():
    pace = Pace(2.0)
    pace.reserve = 0.75
    pace.begin(100.0)
    pace.ready(101.0)
    assert [pace.goes_on(now) for now in (101.125, 101.25)] == [True, False]


def test_a_frame_is_late_when_it_has_taken_half_as_long_again():
    pace = Pace(2.0)
    pace.begin(100.0)
    assert [pace.is_late(now) for now in (100.0, 102.0, 102.9, 103.0)] == [False, False, False, True]
