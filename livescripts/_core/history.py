"""What ran before each batch: the way back. Pure: paths and sources, nothing that is alive.

# A batch is one step, however many scripts and parts it had: they were saved together and go back together.
# `undo()` walks the way back from its end. A roll-back may take a step out of the middle, but only files that no later step
# changed. So what runs now is always what ran after the last step of each file, and its sources fit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["BATCHES", "History", "Step"]

# More than anybody goes back one by one, and little: sources of the files that were changed, some kilobytes a batch.
BATCHES = 100


@dataclass(frozen=True, slots=True)
class Step:
    """A batch that was committed: for each of its files the source that ran before it, None for one that did not run.

    `number` is the commit's, `at` when it was, in seconds of the host's clock. `trusted`: asked for by hand after it had
    been rolled back once, so that nobody takes it back again but by hand.
    """

    before: Mapping[str, bytes | None]
    number: int = 0
    at: float = 0.0
    trusted: bool = False


class History:
    """The last `most` steps, and the way back along them."""

    def __init__(self, most: int = BATCHES) -> None:
        self._steps: deque[Step] = deque(maxlen=most)

    def __len__(self) -> int:
        """How many batches can be taken back."""
        return len(self._steps)

    def record(self, step: Step) -> None:
        """A batch was committed; nothing is recorded when it changed no source, or when it is recorded already."""
        if step.before and (not self._steps or self._steps[-1].number != step.number or not step.number):
            self._steps.append(replace(step, before=dict(step.before)))

    @property
    def last(self) -> Step | None:
        """The last step; None when there is nothing to go back to."""
        return self._steps[-1] if self._steps else None

    def since(self, time: float) -> Iterator[Step]:
        """The steps that were taken at `time` (seconds) or later and are not trusted, the newest first."""
        return (step for step in reversed(self._steps) if step.at >= time and not step.trusted)

    def alone(self, number: int) -> Mapping[str, bytes | None]:
        """What ran before that step, without the files that later steps changed; empty if there is no such step."""
        later: set[str] = set()
        for step in reversed(self._steps):
            if step.number == number:
                return {path: data for path, data in step.before.items() if path not in later}
            later.update(step.before)
        return {}

    def take_out(self, number: int) -> None:
        """What `alone` gives for that step was taken back. The files that later steps changed stay in it."""
        gone = self.alone(number)
        self._keep(lambda step, path: step.number != number or path not in gone)

    def forget(self, gone: Callable[[str], bool]) -> None:
        """These paths are nobody's any more; a batch of nothing else is none."""
        self._keep(lambda _, path: not gone(path))

    def _keep(self, keeps: Callable[[Step, str], bool]) -> None:
        left = [
            replace(step, before={path: data for path, data in step.before.items() if keeps(step, path)})
            for step in self._steps
        ]
        self._steps = deque((step for step in left if step.before), maxlen=self._steps.maxlen)
