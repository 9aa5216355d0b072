"""The time limit of scripts: what takes too long is stopped, however much was quick before it."""

from __future__ import annotations

import time

import pytest

from livescripts._runtime.guard import Guard
from livescripts.errors import ScriptTimeout


@pytest.fixture
def guard():
    made = Guard(0.05)
    yield made
    made.close()


def endless():
    while True:
        pass


def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_what_comes_right_after_something_quick_is_stopped(guard):
    for _ in range(100):
        assert guard.run(lambda: 1) == 1
    with pytest.raises(ScriptTimeout):
        guard.run(endless)
    assert guard.run(lambda: 2) == 2


def test_what_comes_after_a_rest_is_stopped(guard, monkeypatch):
    monkeypatch.setattr("livescripts._runtime.guard._TIRED", 0)
    guard.run(lambda: 1)
    until(lambda: guard._resting)
    with pytest.raises(ScriptTimeout):
        guard.run(endless)
    until(lambda: guard._resting)
    with pytest.raises(ScriptTimeout):
        guard.run(lambda: guard.run(endless))


def test_the_timer_is_not_woken_for_each_of_many_scripts(monkeypatch):
    guard = Guard(60.0)
    woken = []
    notify = guard._condition.notify
    monkeypatch.setattr(guard._condition, "notify", lambda: (woken.append(1), notify()))
    try:
        for _ in range(100):
            guard.run(lambda: 1)
        assert len(woken) <= 1  # it may have rested for a moment at first
    finally:
        guard.close()
