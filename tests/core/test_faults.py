"""Errors of behaviours: which are the same, which are over, and which were there before."""

from __future__ import annotations

from pathlib import Path

import pytest

from livescripts._core.faults import FAULTS, Faults, Kind, changed_names
from livescripts.report import Fault

KIND = Kind("ValueError", "a.py", "Goblin.update")


def fault(line=3, now=1.0):
    return Fault(Path("a.py"), line, "raise ValueError", "Goblin.update", "ValueError", "...", 1, now, now)


def test_the_same_kind_from_the_same_line_is_counted():
    faults = Faults()
    assert faults.again(KIND, 3, 1.0) is None
    record = faults.add(KIND, fault(), frozenset({"a.py"}))
    assert faults.again(KIND, 3, 2.0) is record
    assert faults.again(KIND, 4, 2.0) is None
    assert faults.again(KIND._replace(error="TypeError"), 3, 2.0) is None
    (found,) = faults.recent
    assert (found.count, found.first, found.last) == (2, 1.0, 2.0)


def test_a_fault_is_over_when_its_scripts_change():
    faults = Faults()
    record = faults.add(KIND, fault(), frozenset({"a.py"}))
    faults.end(lambda involved: "b.py" in involved, 1)
    assert not record.over
    assert faults.is_any_open
    assert faults.again(KIND, 3, 2.0)
    assert not faults.was_there_before(KIND, 1)
    faults.end(lambda involved: "a.py" in involved, 2)
    assert record.over
    assert not faults.is_any_open
    assert faults.again(KIND, 3, 2.0) is None
    assert faults.was_there_before(KIND, 2)
    assert not faults.was_there_before(KIND, 3)
    assert not faults.was_there_before(KIND._replace(function="Orc.update"), 2)
    faults.end(lambda _: True, 3)
    assert faults.was_there_before(KIND, 2)


def test_the_oldest_faults_go():
    faults = Faults(2)
    for line in (1, 2, 3):
        faults.add(KIND, fault(line), frozenset({"a.py"}))
    assert [found.line for found in faults.recent] == [2, 3]
    assert faults.again(KIND, 1, 2.0) is None
    assert faults.again(KIND, 2, 2.0)


def test_a_fault_that_is_over_may_go_while_its_like_goes_on():
    faults = Faults(2)
    faults.add(KIND, fault(), frozenset())
    faults.end(lambda _: True, 1)
    faults.add(KIND, fault(), frozenset())
    faults.add(KIND, fault(4), frozenset())
    assert faults.again(KIND, 3, 2.0)


def test_many_are_kept():
    faults = Faults()
    for line in range(FAULTS + 5):
        faults.add(KIND, fault(line), frozenset())
    assert len(faults.recent) == FAULTS


@pytest.mark.parametrize(
    ("before", "now", "names"),
    [
        (b"def f(x): pass", b"def f(x, y): pass", {"f"}),
        (b"def f(x):\n    return 1", b"def f(x):\n    return 2", set()),
        (b"class A:\n    def f(self): pass", b"class A:\n    async def f(self): pass", {"f"}),
        (b"class A: pass\ndef f(): pass", b"def f(): pass", {"A"}),
        (b"x = 1\ny: int = 2\nz = 3", b"z = 3", {"x", "y"}),
        (b"if x == 1: pass", b"", set()),
        (None, b"def f(): pass", {"f"}),
        (b"def f(): pass", None, {"f"}),
        ("def größe(): pass".encode(), b"\xff\xfe", {"größe"}),
    ],
)
def test_names_whose_definition_changed(before, now, names):
    assert changed_names(before, now) == names
