"""What ran before each batch: the way back. Pure: paths and sources, nothing that is alive.

# A batch is one step, however many scripts and parts it had: they were saved together and go back together.
# The way back is walked from its end only. So what runs now is what ran after the last batch, and its sources fit.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["BATCHES", "History"]

# More than anybody goes back one by one, and little: sources of the files that were changed, some kilobytes a batch.
BATCHES = 100


class History:
    """The last `most` batches: for each of its files the source that ran before it, None for one that did not run."""

    def __init__(self, most: int = BATCHES) -> None:
        self._batches: deque[dict[str, bytes | None]] = deque(maxlen=most)

    def __len__(self) -> int:
        """How many batches can be taken back."""
        return len(self._batches)

    def record(self, before: Mapping[str, bytes | None]) -> None:
        """A batch was committed; nothing is recorded when it changed no source."""
        if before:
            self._batches.append(dict(before))

    def last(self) -> Mapping[str, bytes | None]:
        """What ran before the last batch; empty when there is none."""
        return self._batches[-1] if self._batches else {}

    def step_back(self) -> None:
        """The last batch was taken back. Raises IndexError when there is none."""
        self._batches.pop()

    def forget(self, gone: Callable[[str], bool]) -> None:
        """These paths are nobody's any more; a batch of nothing else is none."""
        left = [{path: data for path, data in batch.items() if not gone(path)} for batch in self._batches]
        self._batches.clear()
        self._batches.extend(batch for batch in left if batch)
