"""Fixtures: projects in memory, and a check that every test cleans up after itself."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from livescripts._runtime import amending, heap, succession
from livescripts.testing import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What is rejected on purpose here need not be printed.
logging.getLogger("livescripts").addHandler(logging.NullHandler())

settings.register_profile(
    "repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("repeatable")


_begun = count()
_TESTS = 20  # between two collections: what they leave is soon more than what they need


def pytest_runtest_setup() -> None:
    """Keep the half million objects of pytest and the libraries out of the walks over the heap, and of collections.

    They were made between tests: no script is among them, and nothing that a test holds. Two thirds of the suite's time
    went into looking at them. A test that wants to see all of them calls `gc.unfreeze()`. To livescripts the heap is not
    frozen: a walk sees all that matters.
    """
    if next(_begun) % _TESTS == 0:
        gc.collect()  # what is garbage now would stay for ever
        gc.freeze()
        heap._WITNESS = [object()]


@pytest.fixture
def project() -> Iterator[Callable[..., Project]]:
    """Makes projects: `project({"a.py": "…"}, layout="modules")`. All are closed, and must leave nothing behind."""
    modules, meta_path = set(sys.modules), list(sys.meta_path)
    made: list[Project] = []

    def make(scripts: dict[str, str] | None = None, **options: Any) -> Project:
        made.append(Project(scripts, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()
    left = {name for name in set(sys.modules) - modules if name.partition(".")[0] in {"game", "mods", "goblin"}}
    assert not left
    assert sys.meta_path == meta_path
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("livescripts")]


@pytest.fixture
def moving(monkeypatch: pytest.MonkeyPatch) -> None:
    """No class is edited in place, as if each edit changed the layout as well: instances have to move."""
    monkeypatch.setattr(amending, "_is_small_edit", lambda *_: False)
    monkeypatch.setattr(succession._Verdicts, "_can_be_edited", lambda *_: False)
