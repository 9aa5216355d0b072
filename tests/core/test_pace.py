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
