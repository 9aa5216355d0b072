"""How long to go on within a frame. Pure: times are arguments, in seconds of any monotonic clock.

# What a step takes is known only afterwards. So a step is begun when there is time left, unless it would clearly not
# fit: when even the shortest of the last few would not.
# Every frame makes at least one step, however small the budget is: whoever never begins never ends.
# A batch that has time takes a part of the budget only, but as much as it loses at the ends of its frames.
# Of the frames that it has, each gets its share: what is put off too long comes all at once.
"""

from __future__ import annotations

from collections import deque

__all__ = ["Pace"]

_LAST = 3
_MOST = 4  # frames: a smaller part of the budget is lost at their ends


class Pace:
    """The frames of one batch. `budget` is seconds; `reserve` those that the end of a frame takes on its own; `frames` is how
    many there are for what is left, this one included, where the batch has to wait anyway.

    At most half of the budget is kept back for the end: a batch that is large beyond measure must come to its own.
    """

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self.reserve = 0.0
        self.frames = 1
        self._last: deque[float] = deque(maxlen=_LAST)
        self._deadline = self._began = 0.0

    def begin(self, now: float) -> None:
        """A frame begins."""
        self._deadline = now + self.budget / min(self.frames, _MOST)
        self._began = now

    def ready(self, now: float) -> None:
        """Steps can be made from now on."""
        if self.frames > 1:
            self._deadline = max(self._deadline, now + 2 * min(self.reserve, self.budget / 2))
        self._began = now

    def is_early(self, now: float) -> bool:
        """Whether most of the frame's time is left."""
        return now < self._deadline - self.budget / 2

    def is_late(self, now: float) -> bool:
        """Whether it has taken half as long again as it should."""
        return now >= self._deadline + self.budget / 2

    def goes_on(self, now: float) -> bool:
        """A step has been made: whether another one is to be made in this frame."""
        self._last.append(now - self._began)
        self._began = now
        enough = len(self._last) == _LAST
        reserve = min(self.reserve, self.budget / 2)
        return now + reserve + (min(self._last) if enough else 0.0) < self._deadline
