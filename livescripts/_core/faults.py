"""Errors of behaviours: counted, kept, and told apart from those that were there before. Pure: times are arguments.

# Rule 1: the same kind of error from the same line of the same version is one fault, however many entities raise it.
# Rule 2: a fault is over when its scripts change. What is raised after that is a new one: the edit did not help, or did it.
# Rule 3: a commit is not to blame for what the version before it raised as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.report import Fault

__all__ = ["FAULTS", "Faults", "Kind", "Record", "changed_names"]

FAULTS = 50


class Kind(NamedTuple):
    """What makes two errors the same across versions: lines move, messages have numbers in them."""

    error: str
    path: str | None
    function: str


@dataclass(slots=True, eq=False)
class Record:
    """A fault, the scripts that are involved, and the number of the commit that ended it, None while it is not over."""

    kind: Kind
    first: Fault
    involved: frozenset[str]
    count: int = 1
    last: float = 0.0
    ended_by: int | None = None

    @property
    def over(self) -> bool:
        """Whether its scripts have changed since."""
        return self.ended_by is not None

    @property
    def fault(self) -> Fault:
        """The fault as it is now."""
        return replace(self.first, count=self.count, last=self.last)


class Faults:
    """The last `most` faults, the oldest first."""

    def __init__(self, most: int = FAULTS) -> None:
        self._most = most
        self._records: list[Record] = []
        self._open: dict[tuple[Kind, int | None], Record] = {}

    def again(self, kind: Kind, line: int | None, now: float) -> Record | None:
        """Count one more of a fault that is not over; None if there is none like that."""
        record = self._open.get((kind, line))
        if record is not None:
            record.count += 1
            record.last = now
        return record

    def add(self, kind: Kind, fault: Fault, involved: frozenset[str]) -> Record:
        """A new fault."""
        record = Record(kind, fault, involved, fault.count, fault.last)
        self._records.append(record)
        self._open[kind, fault.line] = record
        if len(self._records) > self._most:
            oldest = self._records.pop(0)
            if self._open.get((oldest.kind, oldest.first.line)) is oldest:
                del self._open[oldest.kind, oldest.first.line]
        return record

    @property
    def is_any_open(self) -> bool:
        """Whether one of them is not over."""
        return bool(self._open)

    def end(self, changed: Callable[[frozenset[str]], bool], number: int) -> None:
        """The commit `number` changed some scripts: over is every fault whose scripts it `changed`."""
        for key, record in list(self._open.items()):
            if changed(record.involved):
                record.ended_by = number
                del self._open[key]

    def was_there_before(self, kind: Kind, number: int) -> bool:
        """Whether what ran until the commit `number` raised the same."""
        return any(record.kind == kind and record.ended_by == number for record in self._records)

    @property
    def recent(self) -> tuple[Fault, ...]:
        """The faults."""
        return tuple(record.fault for record in self._records)


_DEFINITION = re.compile(r"\s*(?:(?:async\s+)?def\s+(\w+)|class\s+(\w+)|(\w+)\s*(?::[^=]*)?=(?!=))")


def changed_names(before: bytes | None, now: bytes | None) -> frozenset[str]:
    """Names whose definition is on a line that one of these texts has and the other has not.

    Good enough to ask which of the last saves has to do with a failed call, and quick: nothing is parsed.
    """
    lines = _lines(before) ^ _lines(now)
    return frozenset(match.group(match.lastindex or 0) for line in lines if (match := _DEFINITION.match(line)))


def _lines(source: bytes | None) -> set[str]:
    return set((source or b"").decode(errors="replace").splitlines())
