"""What the tour looks at: expectations, evaluated once per frame.

An expectation is a generator. It is started before the edit is made and yields a verdict each frame until one
is good, so it can compare before and after, and watch over several frames.
"""

# Rule 1: a probe looks at the running game (live entities, what the plugin told), not at the files
#         it was made from.
# Rule 2: before the edit a probe must say no. The runner checks that: a probe that is
#         always content proves nothing.

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from livescripts import RolledBackError, UndoneError

if TYPE_CHECKING:
    from demo_game.engine.session import Session


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the effect is there, and what was seen."""

    good: bool
    seen: str


Expectation = Iterator[Verdict]


@dataclass(slots=True)
class Stage:
    """The running game, and the bugs the present step put into it to look at."""

    session: Session
    specimens: list[Any] = field(default_factory=list[Any])

    @property
    def game(self) -> Any:
        """The scripts' namespace."""
        return self.session.game

    @property
    def world(self) -> Any:
        """The world, as scripts see it."""
        return self.session.world

    def cast(self, kinds: tuple[str, ...], count: int) -> None:
        """Put `count` bugs of the kinds in turn around the drone, too tough to be gone at once."""
        world = self.world
        for bug in self.specimens:
            # Those of the last step become ordinary bugs, or there would be more and more of them.
            bug.health = min(bug.health, 2)
        self.specimens = []
        for number in range(count if kinds else 0):
            angle = number * math.tau / count
            x = min(max(world.player.x + math.cos(angle) * 130, 20), world.width - 20)
            y = min(max(world.player.y + math.sin(angle) * 130, 20), world.height - 20)
            bug = getattr(self.game.bugs, kinds[number % len(kinds)])(x, y)
            bug.health = 60
            self.specimens.append(world.spawn(bug))

    def alive(self) -> list[Any]:
        """Return the specimens that are still alive."""
        return [bug for bug in self.specimens if bug.alive]


def size_becomes(size: float) -> Callable[[Stage], Expectation]:
    """Expect the live specimens to have a size."""

    def expect(stage: Stage) -> Expectation:
        before = stage.specimens[0].radius
        while True:
            bugs = stage.alive()
            good = bool(bugs) and all(math.isclose(bug.scale, size, rel_tol=0.05) for bug in bugs)
            now = bugs[0].radius if bugs else 0.0
            yield Verdict(good, f"{len(bugs)} live bugs, radius {before:.0f} -> {now:.0f}")

    return expect


def drone_is_faster_than(speed: float) -> Callable[[Stage], Expectation]:
    """Expect the drone to fly faster than `speed` without dashing."""

    def expect(stage: Stage) -> Expectation:
        peak = 0.0
        while True:
            drone = stage.world.player
            # A dash is faster anyway. Half a second after one hardly anything is left of it.
            if drone.alive and drone.dash_pause < 0.55:
                peak = max(peak, math.hypot(drone.vx, drone.vy))
            yield Verdict(peak > speed, f"drone at up to {peak:.0f} pixels/s")

    return expect


def circling(stage: Stage) -> Expectation:
    """Expect the live specimens to go round the drone rather than towards it."""
    while True:
        drone = stage.world.player
        bugs = stage.alive()
        going = 0
        for bug in bugs:
            dx, dy = drone.x - bug.x, drone.y - bug.y
            inwards, around = dx * bug.vx + dy * bug.vy, dx * bug.vy - dy * bug.vx
            going += abs(around) > 1.5 * abs(inwards)
        yield Verdict(bool(bugs) and going == len(bugs), f"{going} of {len(bugs)} live beetles circle the drone")


def breathing(stage: Stage) -> Expectation:
    """Expect every kind among the specimens to change its size all the time."""
    sizes: dict[str, list[float]] = {type(bug).__name__: [] for bug in stage.specimens}
    while True:
        for bug in stage.alive():
            sizes[type(bug).__name__].append(bug.scale)
        moving = sorted(kind for kind, seen in sizes.items() if seen and max(seen) - min(seen) > 0.25)
        yield Verdict(len(moving) == len(sizes), f"breathing: {', '.join(moving) or 'none'}")


def appears(kind: str) -> Callable[[Stage], Expectation]:
    """Expect the game itself to bring a kind of bug into the arena."""

    def expect(stage: Stage) -> Expectation:
        while True:
            count = sum(type(bug).__name__ == kind for bug in stage.world.team("bug"))
            yield Verdict(count > 1, f"{count} x {kind} among {len(stage.world.team('bug'))} bugs")

    return expect


def same_from_another_file(kind: str, file: str) -> Callable[[Stage], Expectation]:
    """Expect a file to be reported, and the live specimens still to be what `game.bugs` calls `kind`."""

    def expect(stage: Stage) -> Expectation:
        places = {id(bug): (bug.x, bug.y) for bug in stage.specimens}
        while True:
            bugs = stage.alive()
            known = [bug for bug in bugs if isinstance(bug, getattr(stage.game.bugs, kind))]
            moved = sum(places[id(bug)] != (bug.x, bug.y) for bug in bugs)
            told = stage.session.told("reloaded", file)
            good = bool(bugs and told) and len(known) == moved == len(bugs) and not stage.session.live.errors
            yield Verdict(good, f"{len(known)} of {len(bugs)} are game.bugs.{kind}; {told or 'no reload yet'}")

    return expect


def named(new: str, old: str) -> Callable[[Stage], Expectation]:
    """Expect `game.arsenal` to have a name instead of another one, and everything saved to run."""

    def expect(stage: Stage) -> Expectation:
        while True:
            arsenal = stage.game.arsenal
            errors = len(stage.session.live.errors)
            good = hasattr(arsenal, new) and not hasattr(arsenal, old) and not errors
            guns = [kind.__name__ for kind in stage.game.actors.LOADOUT]
            yield Verdict(good and new in guns, f"the drone's guns: {', '.join(guns)}; {errors} files rejected")

    return expect


def rejected(*words: str, still: Callable[[Any], bool]) -> Callable[[Stage], Expectation]:
    """Expect a rejection that says all the words, and the game to go on as before for a third of a second.

    `still` gets the namespace and tells whether the last good version is running.
    """

    def expect(stage: Stage) -> Expectation:
        since: int | None = None
        while True:
            told = stage.session.told("rejected", *words)
            if not told or not stage.session.live.errors or not still(stage.game):
                since = None
            elif since is None:
                since = stage.world.frame
            good = since is not None and stage.world.frame >= since + 20
            yield Verdict(good, told or "no rejection that says " + ", ".join(words))

    return expect


def healed(works: Callable[[Any], bool], what: str) -> Callable[[Stage], Expectation]:
    """Expect every saved file to run, nothing to be skipped, and `works` (it gets the namespace) to be true."""

    def expect(stage: Stage) -> Expectation:
        live = stage.session.live
        while True:
            errors, effect = len(live.errors), works(stage.game)
            good = effect and not errors and not live.quarantined
            yield Verdict(good, f"{what}: {'yes' if effect else 'no'}, {errors} files rejected")

    return expect


def rolled_back(file: str) -> Callable[[Stage], Expectation]:
    """Expect a behaviour to raise, its save to be rolled back because of that, and the live specimens to move on."""

    def expect(stage: Stage) -> Expectation:
        live = stage.session.live
        since, places = 0, dict[int, tuple[float, float]]()
        while True:
            told = stage.session.told("rolled back", file)
            back = any(isinstance(error, RolledBackError) for error in live.errors.values()) and not live.quarantined
            if not (told and back):
                since = 0
            elif not since:
                since, places = stage.world.frame, {id(bug): (bug.x, bug.y) for bug in stage.alive()}
            bugs = [bug for bug in stage.alive() if id(bug) in places]
            moving = bool(bugs) and all(places[id(bug)] != (bug.x, bug.y) for bug in bugs)
            yield Verdict(bool(since) and stage.world.frame > since + 30 and moving, told or "no error yet")

    return expect


def undone(works: Callable[[Any], bool], what: str) -> Callable[[Stage], Expectation]:
    """Expect something saved to be taken back on purpose, and `works` (it gets the namespace) to be true again."""

    def expect(stage: Stage) -> Expectation:
        while True:
            effect = works(stage.game)
            waiting = [path.name for path, error in stage.session.live.errors.items() if isinstance(error, UndoneError)]
            yield Verdict(effect and bool(waiting), f"{what}: {'yes' if effect else 'no'}; {', '.join(waiting)} waits")

    return expect
