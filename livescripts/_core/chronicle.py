"""What was taken over so far, and which version of a script it was. Pure: digests of sources and times come in.

# A version is a text. Numbers count the texts that ran, from 1: going back to one gives its number again.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livescripts._core.history import BATCHES
from livescripts.report import Commit, ScriptVersion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from livescripts.report import Reloaded, Why

__all__ = ["Chronicle"]


@dataclass(slots=True)
class _Numbers:
    """The numbers of one script's texts, the one that was asked for last at the end."""

    by_digest: dict[bytes, int] = field(default_factory=dict[bytes, int])
    last: int = 0

    def of(self, digest: bytes) -> int:
        number = self.by_digest.pop(digest, 0)
        if not number:
            number = self.last = self.last + 1
        self.by_digest[digest] = number
        if len(self.by_digest) > BATCHES + 1:  # nobody can go back to it any more
            del self.by_digest[next(iter(self.by_digest))]
        return number


class Chronicle:
    """The last `most` commits, the oldest first."""

    def __init__(self, most: int = BATCHES) -> None:
        self.commits: deque[Commit] = deque(maxlen=most)
        self._numbers: dict[Path, _Numbers] = {}
        self._last = 0

    @property
    def next_number(self) -> int:
        """The number that the next commit will have."""
        return self._last + 1

    def version(self, path: Path, before: bytes | None, now: bytes | None) -> ScriptVersion:
        """The numbers of the texts with these digests; None for a script that did not run, or does not any more."""
        numbers = self._numbers.setdefault(path, _Numbers())
        return ScriptVersion(
            path, None if before is None else numbers.of(before), None if now is None else numbers.of(now)
        )

    def record(self, why: Why, when: float, outcomes: Iterable[Reloaded]) -> None:
        """A batch was committed, in these parts. Nothing is recorded if there is none. `when` is seconds since 1970."""
        told = tuple(outcomes)
        if told:
            versions = tuple(version for outcome in told for version in outcome.versions)
            self.commits.append(Commit(self._last + 1, when, why, versions, told))
            self._last += 1

    def forget(self, gone: Callable[[Path], bool]) -> None:
        """These scripts are nobody's any more: if they come back, they count anew."""
        for path in [path for path in self._numbers if gone(path)]:
            del self._numbers[path]
