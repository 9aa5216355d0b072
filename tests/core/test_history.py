"""The way back: what ran before each batch, the last one first, and no more than anybody needs."""

from __future__ import annotations

import pytest

from livescripts._core.history import BATCHES, History


def walk(history):
    """Go back to the beginning; what each step leads to."""
    steps = []
    while history:
        steps.append(dict(history.last()))
        history.step_back()
    return steps


def test_at_first_there_is_nothing_to_go_back_to():
    history = History()
    assert not history
    assert history.last() == {}
    with pytest.raises(IndexError):
        history.step_back()


def test_batches_are_walked_from_the_last_to_the_first():
    history = History()
    history.record({"a": b"1"})
    history.record({"a": b"2", "b": None})
    assert len(history) == 2
    assert walk(history) == [{"a": b"2", "b": None}, {"a": b"1"}]


def test_a_batch_that_changed_no_source_is_no_step():
    history = History()
    history.record({"a": b"1"})
    history.record({})
    assert walk(history) == [{"a": b"1"}]


def test_what_is_recorded_is_a_copy():
    history, batch = History(), {"a": b"1"}
    history.record(batch)
    batch.clear()
    assert walk(history) == [{"a": b"1"}]


def test_the_oldest_batches_are_forgotten_first():
    history = History(2)
    for number in range(4):
        history.record({"a": b"%d" % number})
    assert walk(history) == [{"a": b"3"}, {"a": b"2"}]
    history = History()
    for _ in range(BATCHES + 5):
        history.record({"a": b""})
    assert len(history) == BATCHES


def test_forgotten_paths_leave_every_batch_and_empty_batches_go():
    history = History()
    history.record({"a": b"1", "b": b"1"})
    history.record({"b": b"2"})
    history.record({"a": b"3"})
    history.forget(lambda path: path == "b")
    assert walk(history) == [{"a": b"3"}, {"a": b"1"}]
