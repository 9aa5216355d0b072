"""The way back: what ran before each batch, the last one first, and no more than anybody needs."""

from __future__ import annotations

from livescripts._core.history import BATCHES, History, Step


def history_of(*befores, most=BATCHES):
    """A history of these steps, numbered from 1; each was taken at the second of its number."""
    history = History(most)
    for number, before in enumerate(befores, 1):
        history.record(Step(before, number, float(number)))
    return history


def walk(history):
    """Go back to the beginning; what each step leads to."""
    steps = []
    while (last := history.last) is not None:
        steps.append(dict(last.before))
        history.take_out(last.number)
    return steps


def test_at_first_there_is_nothing_to_go_back_to():
    history = History()
    assert not history
    assert history.last is None
    assert history.alone(1) == {}
    history.take_out(1)
    assert not history


def test_batches_are_walked_from_the_last_to_the_first():
    history = history_of({"a": b"1"}, {"a": b"2", "b": None})
    assert len(history) == 2
    assert walk(history) == [{"a": b"2", "b": None}, {"a": b"1"}]


def test_a_batch_that_changed_no_source_is_no_step():
    assert walk(history_of({"a": b"1"}, {})) == [{"a": b"1"}]


def test_what_is_recorded_is_a_copy():
    batch = {"a": b"1"}
    history = history_of(batch)
    batch.clear()
    assert walk(history) == [{"a": b"1"}]


def test_the_oldest_batches_are_forgotten_first():
    assert walk(history_of(*({"a": b"%d" % number} for number in range(4)), most=2)) == [{"a": b"3"}, {"a": b"2"}]
    assert len(history_of(*[{"a": b""}] * (BATCHES + 5))) == BATCHES


def test_forgotten_paths_leave_every_batch_and_empty_batches_go():
    history = history_of({"a": b"1", "b": b"1"}, {"b": b"2"}, {"a": b"3"})
    history.forget(lambda path: path == "b")
    assert walk(history) == [{"a": b"3"}, {"a": b"1"}]


def test_one_step_alone_leaves_out_what_later_steps_changed():
    history = history_of({"a": b"1", "b": b"1"}, {"b": b"2"}, {"c": None})
    assert history.alone(1) == {"a": b"1"}
    assert history.alone(2) == {"b": b"2"}
    assert history.alone(4) == {}
    history.take_out(1)
    assert walk(history) == [{"c": None}, {"b": b"2"}, {"b": b"1"}]


def test_a_step_from_the_middle_leaves_the_others_as_they_were():
    history = history_of({"a": b"1"}, {"b": b"1"}, {"a": b"2"})
    history.take_out(2)
    assert walk(history) == [{"a": b"2"}, {"a": b"1"}]


def test_the_steps_since_a_time_are_the_newest_first_without_those_that_are_trusted():
    history = history_of({"a": b"1"}, {"a": b"2"})
    history.record(Step({"a": b"3"}, 3, 3.0, trusted=True))
    history.record(Step({"a": b"4"}, 4, 4.0))
    assert [step.number for step in history.since(2.0)] == [4, 2]
    assert list(history.since(4.5)) == []
