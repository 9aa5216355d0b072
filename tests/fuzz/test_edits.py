"""A fixed part of what `python -m tests.fuzz edits` does at length, and whether it would notice."""

from __future__ import annotations

import pytest

from livescripts._runtime import transaction

from . import machine
from .edits import Save, story


@pytest.mark.parametrize("seed", [3, 7, 12])
@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_story_of_edits_keeps_every_promise(layout, seed):
    finding = machine.fuzz(seed, layout, 25)
    assert finding is None, str(finding)


def test_a_seed_tells_the_same_story_each_time():
    assert story(5, "merged", 40) == story(5, "merged", 40)
    assert story(5, "merged", 40) != story(6, "merged", 40)


def test_a_commit_that_rebinds_nothing_would_be_noticed_and_the_story_made_shorter(monkeypatch):
    monkeypatch.setattr(transaction, "_rebind", lambda *_: None)
    monkeypatch.setattr(transaction, "patch_functions", lambda *_: [])
    finding = next(found for seed in range(20, 30) if (found := machine.fuzz(seed, "merged", 25)) is not None)
    shorter = machine.shrink(finding, 1.0)
    assert len(shorter.steps) <= len(finding.steps)
    assert any(isinstance(step, Save) for step in shorter.steps)
