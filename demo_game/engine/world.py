"""The arena: what is in it, one fixed step at a time."""

# Rule 1: no clock, no global random numbers, no iteration over sets: the same seed and the same controls play
#         the same game, to the last bit.
# Rule 2: the list of things changes only between steps, so scripts may spawn and kill while it is walked.
# Rule 3: scripts are reached through `call`: whatever one raises concerns that one thing, which is skipped from then on.

from __future__ import annotations

import math
import random
import zlib
from typing import TYPE_CHECKING, Any

from demo_game.engine.contract import DT, HEIGHT, WIDTH, Controls, Thing
from demo_game.engine.grid import Grid
from demo_game.engine.guard import Caller, blame, plainly

if TYPE_CHECKING:
    from collections.abc import Sequence

NO_CONTROLS = Controls()


class World:
    """State and services for scripts. A script gets it in every call and keeps nothing else of the engine."""

    width = WIDTH
    height = HEIGHT

    def __init__(self, seed: int = 1, call: Caller = plainly) -> None:
        self.call = call
        self.rng = random.Random(seed)
        self.frame = 0
        self.controls = NO_CONTROLS
        self.things: list[Thing] = []
        self.player: Any = None
        self.director: Any = None
        self.hud: Any = None
        """The function that says what is on the HUD."""
        self.shake = 0.0
        """Amplitude of the screen's shaking in arena pixels. Scripts raise it and let it fade."""
        self._grid = Grid()
        self._spawned: list[Thing] = []
        self._wipe = False

    # Services for scripts

    @property
    def time(self) -> float:
        """Seconds of game time since the start."""
        return self.frame * DT

    def spawn(self, thing: Thing) -> Thing:
        """Put a thing into the arena at the end of this step, and return it."""
        self._spawned.append(thing)
        return thing

    def wipe(self) -> None:
        """Empty the arena at the end of this step, but for what was spawned since this call."""
        self._wipe = True
        self._spawned.clear()

    def team(self, name: str) -> Sequence[Thing]:
        """Return the things of a team, as of the start of this step."""
        return self._grid.members(name)

    def near(self, x: float, y: float, radius: float, *teams: str) -> list[Thing]:
        """Return the living things of `teams` whose circle overlaps the one at (x, y)."""
        return [thing for thing in self._grid.near(x, y, radius, teams) if thing.alive]

    def nearest(self, x: float, y: float, team: str, within: float = math.inf) -> Any:
        """Return the living thing of a team that is nearest to (x, y), or None if none is `within`."""
        best, best_gap = None, within * within
        for thing in self._grid.members(team):
            gap = (thing.x - x) ** 2 + (thing.y - y) ** 2
            if gap < best_gap and thing.alive:
                best, best_gap = thing, gap
        return best

    def inside(self, x: float, y: float, margin: float = 0.0) -> bool:
        """Tell whether a point lies in the arena, widened on every side by `margin`."""
        return -margin <= x <= self.width + margin and -margin <= y <= self.height + margin

    # The engine's side

    def step(self, controls: Controls) -> None:
        """Play one step of `DT` seconds."""
        self.controls = controls
        self._index()
        if self.director is not None:
            self.call(self.director.update, self, DT)
        for thing in self.things:
            try:
                if thing.alive:
                    self.call(thing.update, self, DT)
            except (Exception, SystemExit) as error:
                blame(self.call, thing, error)
        self._index()
        for thing in self.things:
            try:
                if thing.touches and thing.alive:
                    self._touch(thing)
            except (Exception, SystemExit) as error:
                blame(self.call, thing, error)
        self._renew()
        self.frame += 1

    def checksum(self) -> str:
        """Return eight hex digits that differ when anything about the game differs."""
        state: list[object] = [self.frame, self.rng.getstate(), getattr(self.director, "score", None)]
        state += [(type(thing).__name__, repr(thing.x), repr(thing.y)) for thing in self.things]
        return f"{zlib.crc32(repr(state).encode()):08x}"

    def _touch(self, thing: Thing) -> None:
        for other in self._grid.near(thing.x, thing.y, thing.radius, thing.touches):
            if other.alive and other is not thing:
                self.call(thing.on_touch, other, self)
                if not thing.alive:
                    return

    def _index(self) -> None:
        self._grid.clear()
        for thing in self.things:
            try:
                if thing.team != "fx":
                    self._grid.add(thing)
            except (Exception, SystemExit) as error:
                # A place that is not a number, or a class without what the contract asks for: it cannot stay,
                # it would raise in every later step as well.
                blame(self.call, thing, error)
                thing.alive = False

    def _renew(self) -> None:
        if self._wipe:
            self.things = []
            self._wipe = False
        else:
            # A script may have taken the attribute away altogether; what nobody can ask is gone.
            self.things = [thing for thing in self.things if getattr(thing, "alive", False)]
        self.things += self._spawned
        self._spawned.clear()
