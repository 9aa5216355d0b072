"""Takes the tour, one frame at a time: announce a step, make its edits, watch, go on."""

# Rule 1: time is an argument. The runner sleeps nowhere; whoever calls it decides what a second is.
# Rule 2: an edit is made only after its expectation said no, or the step would prove nothing.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from demo_game.engine.tour.edits import Undo
from demo_game.engine.tour.probes import Expectation, Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from demo_game.engine.session import Session
    from demo_game.engine.tour.steps import Step

SPECIMENS = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a step is announced before its edit, and held after it; those its effect may take."""

    announce: float
    hold: float
    deadline: float = 10.0


FAST = Pace(announce=0.15, hold=0.0)
WATCHABLE = Pace(announce=3.0, hold=2.4)

Phase = Literal["announce", "watch", "hold", "over"]


class Runner:
    """The state of a tour."""

    def __init__(self, session: Session, steps: Sequence[Step], pace: Pace, say: Callable[[str], None] = print) -> None:
        self.steps = steps
        self.number = 0
        self.phase: Phase = "announce"
        self.verdict = Verdict(good=False, seen="")
        self.seconds = 0.0
        """How long the effect of the last step took to show."""
        self.failed = False
        self._pace = pace
        self._say = say
        self._stage = Stage(session)
        self._expectation: Expectation = iter(())
        self._since: float | None = None

    @property
    def step(self) -> Step:
        """The step under way, or the last one."""
        return self.steps[min(self.number, len(self.steps) - 1)]

    @property
    def passed(self) -> bool:
        """Whether every step showed its effect."""
        return self.phase == "over" and not self.failed

    def tick(self, now: float) -> None:
        """Go on by one frame. `now` is in seconds."""
        if self.phase == "over":
            return
        if self._since is None:
            self._since = now
            self._stage.cast(self.step.cast, SPECIMENS)
        passed = now - self._since
        self._spare_the_drone()
        if self.phase == "announce" and passed >= self._pace.announce:
            self._edit(now)
        elif self.phase == "watch":
            self._watch(now, passed)
        elif self.phase == "hold" and passed >= self._pace.hold:
            self.number += 1
            self.phase = "announce" if self.number < len(self.steps) else "over"
            self._since = None

    def _edit(self, now: float) -> None:
        if len(self._stage.alive()) < len(self._stage.specimens) // 2:
            # They were shot while the caption was being read: others take their place, one frame later.
            self._stage.cast(self.step.cast, SPECIMENS)
        self._expectation = self.step.expect(self._stage)
        self.verdict = next(self._expectation)
        if self.verdict.good:
            self._finish(now, problem="the effect was there before the edit")
            return
        try:
            for edit in self.step.edits:
                edit.apply(self._stage.session.root)
                if isinstance(edit, Undo):
                    self._stage.session.live.undo()
        except (OSError, ValueError) as error:
            # The tour may have been started with other scripts than it was written for.
            self._finish(now, problem=f"the edit cannot be made ({error})")
            return
        self.phase, self._since = "watch", now

    def _watch(self, now: float, passed: float) -> None:
        self.verdict = next(self._expectation)
        if self.verdict.good:
            self.seconds = passed
            self._finish(now)
        elif passed > self._pace.deadline:
            self._finish(now, problem=f"not within {self._pace.deadline:.0f} s")

    def _finish(self, now: float, problem: str = "") -> None:
        """End a step, and after a failure the tour: later steps build on earlier ones."""
        mark = "FAILED" if problem else "ok"
        seen = self.verdict.seen
        words = f"{problem}; seen: {seen}" if problem else f"after {self.seconds:.2f} s: {seen}"
        self._say(f"{mark:6}  {self.number + 1:2}. {self.step.caption}\n            {words}")
        self.failed = bool(problem)
        self.phase, self._since = ("over" if problem else "hold"), now

    def _spare_the_drone(self) -> None:
        """Keep the drone alive: a new game in the middle would take away what a step looks at."""
        drone = self._stage.world.player
        if drone is not None and drone.alive:
            drone.health = max(drone.health, 3)
