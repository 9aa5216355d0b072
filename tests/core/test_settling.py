"""When a burst of saves is over: sentences about a clock that the test moves, and random days at the keyboard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livescripts._core.settling import Settler

# Binary fractions, so that sums of times are exact: settle 1/8 s, grace 1/2 s, patience 2 s.
SETTLE, GRACE, PATIENCE = 0.125, 0.5, 2.0
TICK = 1 / 64


def settler(settle=SETTLE, grace=GRACE, patience=PATIENCE):
    return Settler(settle, grace, patience)


def sure(path):
    return False


def doubt(*paths):
    return lambda path: path in paths


# ------------------------------------------------------------------ settling


def test_nothing_touched_is_nothing_ready():
    files = settler()
    assert not files
    files.touch([], 1.0)
    assert not files
    assert files.ready(5.0, sure) == set()


def test_a_file_is_ready_when_it_has_been_quiet_for_the_settle_time_and_not_before():
    files = settler()
    files.touch(["a"], 1.0)
    assert files
    assert files.ready(1.0, sure) == set()
    assert files.ready(1.0 + SETTLE - TICK, sure) == set()
    assert files.ready(1.0 + SETTLE, sure) == {"a"}
    assert not files


def test_a_file_is_quiet_from_when_it_was_saved_and_not_from_when_somebody_looked():
    files = settler()
    files.touch(["a", "b", "c"], 1.0, {"a": 1.0 - SETTLE, "b": 1.0 - TICK, "c": 1.0 - 2 * TICK})
    assert files.ready(1.0, sure) == set()
    assert files.ready(1.0 + SETTLE - 2 * TICK, sure) == set()
    assert files.ready(1.0 + SETTLE - TICK, sure) == {"a", "b", "c"}


def test_a_save_that_comes_from_the_future_was_made_now():
    files = settler()
    files.touch(["a"], 1.0, {"a": 100.0})
    assert files.ready(1.0 + SETTLE, sure) == {"a"}


def test_patience_begins_with_the_earliest_save():
    files = settler()
    files.touch(["a", "b"], 10.0, {"b": 10.0 - PATIENCE + TICK})
    files.touch(["a"], 10.0 + TICK)
    assert files.ready(10.0 + TICK, sure) == {"b"}


def test_a_batch_is_handed_out_once_and_a_file_touched_again_is_a_new_one():
    files = settler()
    files.touch(["a"], 1.0)
    assert files.ready(2.0, sure) == {"a"}
    assert files.ready(3.0, sure) == set()
    files.touch(["a"], 4.0)
    assert files.ready(4.0, sure) == set()
    assert files.ready(5.0, sure) == {"a"}


def test_a_file_that_moves_again_holds_back_those_saved_together_with_it():
    files = settler()
    files.touch(["a", "b"], 1.0)
    files.touch(["b"], 1.0 + SETTLE - TICK)
    assert files.ready(1.0 + SETTLE, sure) == set()
    assert files.ready(1.0 + 2 * SETTLE - TICK, sure) == {"a", "b"}


def test_a_settle_time_of_zero_waits_for_nothing():
    files = settler(settle=0.0)
    files.touch(["a"], 1.0)
    assert files.ready(1.0, sure) == {"a"}


# ------------------------------------------------------------------ half-replaced files


def test_a_missing_file_holds_the_batch_back_for_the_grace_time_and_then_it_is_really_gone():
    files = settler()
    files.touch(["gone", "new"], 1.0)
    assert files.ready(1.0 + SETTLE, doubt("gone")) == set()
    assert files.ready(1.0 + GRACE - TICK, doubt("gone")) == set()
    assert files.ready(1.0 + GRACE, doubt("gone")) == {"gone", "new"}


def test_a_file_that_is_whole_again_ends_the_wait():
    files = settler()
    files.touch(["a", "b"], 1.0)
    assert files.ready(1.0 + SETTLE, doubt("a")) == set()
    assert files.ready(1.0 + SETTLE + TICK, sure) == {"a", "b"}


def test_a_grace_time_shorter_than_the_settle_time_is_over_by_then():
    files = settler(settle=1.0, grace=0.5, patience=8.0)
    files.touch(["a"], 1.0)
    assert files.ready(2.0 - TICK, sure) == set()
    assert files.ready(2.0, doubt("a")) == {"a"}


def test_only_files_that_are_quiet_but_not_for_long_are_looked_at():
    files = settler()
    looked = []

    def look(path):
        looked.append(path)
        return True

    files.touch(["old"], 1.0)
    assert files.ready(1.0 + SETTLE - TICK, look) == set()
    assert looked == []
    assert files.ready(1.0 + SETTLE, look) == set()
    assert looked == ["old"]
    files.touch(["young"], 1.0 + GRACE - SETTLE)
    looked.clear()
    assert files.ready(1.0 + GRACE, look) == set()
    assert looked == ["young"]


# ------------------------------------------------------------------ files that never rest


def run(files, touches, *, until, doubtful=sure):
    """Let `touches` (time -> paths) happen and ask at each tick; returns path -> when it came out first."""
    out = {}
    now = 0.0
    while now <= until:
        for path in files.ready(now, doubtful):
            out.setdefault(path, now)
        files.touch(touches.get(now, ()), now)
        now += TICK
    return out


def every(seconds, until, *paths):
    return {n * seconds: list(paths) for n in range(round(until / seconds) + 1)}


@pytest.mark.parametrize("pause", [TICK, SETTLE / 2, SETTLE - TICK])
def test_a_file_that_never_settles_does_not_hold_the_others_back_for_ever(pause):
    touches = every(pause, 8.0, "noisy")
    touches[0.0] = ["noisy", "quiet"]
    assert run(settler(), touches, until=8.0) == {"quiet": PATIENCE}


def test_until_patience_is_over_they_wait_for_each_other():
    touches = every(SETTLE / 2, 1.0, "noisy")
    touches[0.0] = ["noisy", "quiet"]
    assert run(settler(), touches, until=8.0) == {"noisy": 1.0 + SETTLE, "quiet": 1.0 + SETTLE}


@pytest.mark.parametrize("frame", [1, 8, 12, 13, 16])
def test_a_file_that_is_emptied_again_and_again_does_not_starve_the_others(frame):
    # Each time long enough quiet to be asked about, and never long enough to be believed.
    files = settler()
    out = {}
    for tick in range(512):
        now = tick * TICK
        if tick % 12 == 0:
            files.touch(["emptied"], now)
        if tick == 0:
            files.touch(["saved"], now)
        if tick % frame == 0:
            out.update(dict.fromkeys(files.ready(now, doubt("emptied")), now))
    assert set(out) == {"saved"}
    assert PATIENCE <= out["saved"] < PATIENCE + frame * TICK


def test_after_patience_a_file_in_doubt_stays_until_its_grace_is_over():
    touches = every(SETTLE / 2, 8.0, "noisy")
    touches[0.0] = ["noisy", "saved"]
    late = PATIENCE - SETTLE * 2
    touches[late] = ["noisy", "gone"]
    assert run(settler(), touches, until=8.0, doubtful=doubt("gone")) == {
        "saved": PATIENCE,
        # A new burst began with what was left then.
        "gone": late + PATIENCE,
    }


def test_patience_is_at_least_four_times_the_settle_time():
    touches = every(0.5, 16.0, "noisy")
    touches[0.0] = ["noisy", "quiet"]
    assert run(settler(settle=1.0, patience=2.0), touches, until=16.0) == {"quiet": 4.0}


def test_a_new_burst_has_patience_of_its_own():
    files = settler()
    files.touch(["a"], 0.0)
    assert files.ready(10.0, sure) == {"a"}
    files.touch(["a", "b"], 20.0)
    files.touch(["a"], 20.0 + SETTLE - TICK)
    assert files.ready(20.0 + SETTLE, sure) == set()


# ------------------------------------------------------------------ clocks


def test_a_clock_that_goes_back_delays_a_batch_by_the_settle_time_only():
    files = settler()
    files.touch(["a"], 1000.0)
    assert files.ready(5.0, sure) == set()
    assert files.ready(5.0 + SETTLE - TICK, sure) == set()
    assert files.ready(5.0 + SETTLE, sure) == {"a"}


def test_a_clock_that_goes_back_between_two_saves_strands_neither():
    files = settler()
    files.touch(["a"], 1000.0)
    files.touch(["noisy"], 0.0)
    touches = every(SETTLE / 2, 8.0, "noisy")
    assert run(files, touches, until=8.0) == {"a": PATIENCE}


# ------------------------------------------------------------------ random days

EVENTS = st.lists(
    st.tuples(st.integers(0, 24), st.lists(st.sampled_from("abcd"), max_size=3), st.sets(st.sampled_from("abcd"))),
    max_size=40,
)


@given(EVENTS, st.integers(0, 16), st.integers(0, 32))
def test_every_touched_file_comes_out_once_settled_and_in_time(events, settle, grace):
    files = Settler(settle * TICK, grace * TICK, PATIENCE)
    limit = max(files.patience, files.grace)
    touched, now = {}, 0.0
    for ticks, paths, half in [*events, (round(limit / TICK), [], set("abcd"))]:
        now += ticks * TICK
        batch = files.ready(now, half.__contains__)
        for path in batch:
            assert now - touched.pop(path) >= files.settle
        assert bool(files) is bool(touched)
        # Whatever else moves, a file that rests does not wait longer than this.
        assert all(now - seen < limit for seen in touched.values())
        if batch and touched:
            # The batch was torn only since some file did not rest, or was in doubt, for long.
            assert all(now - seen < files.settle or path in half for path, seen in touched.items())
        files.touch(paths, now)
        touched.update(dict.fromkeys(paths, now))
    assert not touched


@given(EVENTS, st.lists(st.sampled_from([0.0, 0.0, 0.0, -1.0, -100.0]), max_size=40))
def test_a_clock_that_jumps_back_loses_nothing(events, jumps):
    files = settler()
    touched, now = set(), 50.0
    for at, (ticks, paths, half) in enumerate(events):
        now += ticks * TICK + (jumps[at] if at < len(jumps) else 0.0)
        batch = files.ready(now, half.__contains__)
        assert batch <= touched
        touched -= batch
        files.touch(paths, now)
        touched.update(paths)
    now -= 1000.0
    assert files.ready(now, doubt(*"abcd")) == set()
    assert files.ready(now + GRACE, doubt(*"abcd")) == touched
    assert not files


@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from("abc")), min_size=1, max_size=20))
def test_saves_less_than_the_settle_time_apart_are_one_batch(saves):
    saves = [(ticks % 7 + 1, path) for ticks, path in saves]
    files, now = settler(patience=100.0), 0.0
    for ticks, path in saves:
        now += ticks * TICK
        assert files.ready(now, sure) == set()
        files.touch([path], now)
    assert files.ready(now + SETTLE, sure) == {path for _, path in saves}


def test_what_is_forgotten_is_not_waited_for():
    settler = Settler(0.05)
    settler.touch(["a", "b"], 0.0)
    settler.forget(["a", "never seen"])
    assert settler.ready(1.0, lambda path: False) == {"b"}
    settler.touch(["c"], 2.0)
    settler.forget(["c"])
    assert settler.ready(3.0, lambda path: False) == frozenset()
    assert not settler


def test_it_says_what_waits():
    settler = Settler(0.1)
    assert settler.paths == ()
    settler.touch(["a", "b"], 0.0)
    assert settler.paths == ("a", "b")
    assert settler.ready(1.0, lambda _: False) == {"a", "b"}
    assert settler.paths == ()


def test_two_files_that_are_saved_in_turns_are_taken_whenever_one_of_them_rests():
    settler, taken = Settler(0.05), []
    for step in range(1200):
        now = step * 0.0075
        if step % 4 == 0:
            settler.touch("ab"[step // 4 % 2], now)
        taken += [now] * bool(settler.ready(now, lambda _: False))
    assert len(taken) >= 4


# ------------------------------------------------------------------ ahead


def test_what_will_be_ready_is_foreseen_after_a_third_of_the_time_and_goes_on_waiting():
    files = settler(settle=3 / 16)
    assert files.foreseen(1.0, sure) == set()
    files.touch(["a", "b"], 1.0)
    assert files.foreseen(1.0 + 3 * TICK, sure) == set()
    assert files.foreseen(1.0 + 4 * TICK, sure) == {"a", "b"}
    assert files.frames_left(1.0 + 4 * TICK, 2 * TICK) == 4
    assert files.ready(1.0 + 4 * TICK, sure) == set()
    assert files.ready(1.0 + 12 * TICK, sure) == {"a", "b"}


def test_nothing_is_foreseen_while_one_of_them_moves_or_is_in_doubt():
    files = settler(settle=3 / 16)
    files.touch(["a"], 1.0)
    files.touch(["b"], 1.0 + 2 * TICK)
    assert files.foreseen(1.0 + 5 * TICK, sure) == set()
    assert files.foreseen(1.0 + 6 * TICK, doubt("a")) == set()
    assert files.foreseen(1.0 + 6 * TICK, sure) == {"a", "b"}


@pytest.mark.parametrize(("now", "frames"), [(1.0, 3), (1.25, 3), (1.5, 2), (1.875, 2), (2.5, 1), (2.9, 1), (4.0, 1)])
def test_the_frames_are_counted_that_are_sure_to_come_before_it_has_settled(now, frames):
    files = settler(settle=2.0)
    files.touch(["a"], 1.0)
    assert files.frames_left(now, 0.75) == frames


def test_a_frame_that_took_no_time_is_no_reason_to_hurry():
    files = settler(settle=2.0)
    files.touch(["a"], 1.0)
    assert files.frames_left(1.0, 0.0) > 1_000
