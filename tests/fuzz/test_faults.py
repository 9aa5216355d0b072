"""A fixed part of what `python -m tests.fuzz faults` does at length, and whether it would notice."""

from __future__ import annotations

import pytest

from livescripts._runtime import transaction

from . import faults
from .injection import Injected, chosen
from .scenarios import SCENARIOS

SEEN = {scenario.name: scenario for scenario in SCENARIOS}
RUNS = 4  # of each


@pytest.mark.parametrize("kind", [Injected, KeyboardInterrupt])
@pytest.mark.parametrize(
    ("name", "layout"),
    [("bodies", "merged"), ("layouts", "modules"), ("mixed", "merged"), ("leave", "modules"), ("rollback", "merged")],
)
def test_a_failure_at_any_line_changes_nothing_or_comes_too_late(name, layout, kind):
    lines = faults.steps(SEEN[name], layout)
    todo = chosen(lines, 1)
    first = len(name) + 10 * (kind is Injected)
    for step in todo[first :: len(todo) // RUNS]:
        failure = faults.disturb(SEEN[name], layout, step, kind)
        assert failure is None, str(failure)


def test_an_undo_that_is_missing_would_be_noticed(monkeypatch):
    def refill(container, new, undo):
        del undo
        transaction.refill(container, new)

    monkeypatch.setattr(transaction, "_refill", refill)
    lines = faults.steps(SEEN["bodies"], "merged")
    step = next(number for number, (path, _) in enumerate(lines, 1) if path.endswith("publishing.py"))
    assert faults.disturb(SEEN["bodies"], "merged", step) is not None


def test_steps_are_chosen_so_that_each_line_is_passed():
    lines = [("a", 1), ("a", 2), ("a", 1), ("a", 1), ("b", 1)]
    assert chosen(lines, 1) == [1, 2, 5]
    assert chosen(lines, 2) == [1, 2, 4, 5]
    assert chosen(lines, 0) == [1, 2, 3, 4, 5]
