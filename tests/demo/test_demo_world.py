"""A step of the world: what a broken behaviour may and may not do."""

from __future__ import annotations

import math
from typing import Any

from demo_game.engine.contract import Controls
from demo_game.engine.world import World
from livescripts import LiveScripts
from livescripts.testing import ManualWatcher


class Dummy:
    """A thing that counts its steps and touches."""

    team = "bug"
    touches: tuple[str, ...] = ()
    radius = 5.0

    def __init__(self, x: float = 0.0, y: float = 0.0, team: str = "bug", touches: tuple[str, ...] = ()) -> None:
        self.x, self.y, self.team, self.touches = x, y, team, touches
        self.alive = True
        self.steps = 0
        self.touched: list[object] = []

    def update(self, world: World, dt: float) -> None:
        """Count."""
        self.steps += 1

    def on_touch(self, other: object, world: World) -> None:
        """Remember."""
        self.touched.append(other)


class Broken(Dummy):
    """Raises in each step."""

    def update(self, world: World, dt: float) -> None:
        """Fail."""
        raise SystemExit(7)


LIVE = LiveScripts(watch=ManualWatcher())


def world_of(*things: Any) -> World:
    """Return a world in which things are already there."""
    world = World(call=LIVE.call)
    for thing in things:
        world.spawn(thing)
    world.step(Controls())
    return world


def test_a_behaviour_that_raises_is_told_once_and_costs_nobody_else_a_step() -> None:
    """Not even SystemExit ends the game; who raises is skipped from then on."""
    first, broken, last = Dummy(), Broken(), Dummy()
    world = world_of(first, broken, last)
    told: list[str] = []
    stop = LIVE.on_fault(lambda fault: told.append(fault.message))
    for _ in range(5):
        world.step(Controls())
    stop()
    assert (first.steps, last.steps) == (5, 5)
    assert told == ["SystemExit: 7"]
    assert LIVE.release(broken) == 1


def test_a_thing_that_is_not_what_the_engine_asks_for_is_told_in_the_same_way() -> None:
    """Nobody called a script when it went wrong; but it is a script's thing that did."""
    shapeless = Dummy()
    world = world_of(shapeless)
    wrong: Any = 5
    shapeless.touches = wrong
    world.step(Controls())
    assert "TypeError: 'int' object is not iterable" in LIVE.errors.recent[-1].message
    assert LIVE.release(shapeless) == 1


def test_a_thing_that_is_nowhere_is_taken_out() -> None:
    """A place that is not a number would raise in every later step."""
    lost = Dummy()
    world = world_of(lost, Dummy())
    lost.x = math.nan
    world.step(Controls())
    assert lost not in world.things
    assert len(world.things) == 1


def test_touching_is_told_to_those_who_asked() -> None:
    """The shot is told of the bug it overlaps, not of the one beside; the bug is told nothing."""
    shot = Dummy(10, 10, "shot", ("bug",))
    near, far = Dummy(18, 10), Dummy(40, 10)
    world = world_of(shot, near, far)
    world.step(Controls())
    assert shot.touched == [near]
    assert near.touched == []


def test_the_dead_are_not_touched() -> None:
    """Two shots that hit one bug in one step: the second one flies on."""

    class Deadly(Dummy):
        def on_touch(self, other: Any, world: World) -> None:
            super().on_touch(other, world)
            other.alive = False

    shots = [Deadly(0, 0, "shot", ("bug",)), Deadly(1, 0, "shot", ("bug",))]
    world = world_of(*shots, Dummy(0, 1))
    world.step(Controls())
    assert [len(shot.touched) for shot in shots] == [1, 0]


def test_the_dead_do_not_touch() -> None:
    """A shot that tires in this step hits nothing any more."""

    class Tired(Dummy):
        def update(self, world: World, dt: float) -> None:
            self.alive = False

    shot = Tired(0, 0, "shot", ("bug",))
    world_of(shot, Dummy(0, 0)).step(Controls())
    assert shot.touched == []


def test_what_is_spawned_in_a_step_lives_from_the_next_one_on() -> None:
    """The list of things does not change while it is walked."""
    child = Dummy()

    class Parent(Dummy):
        def update(self, world: World, dt: float) -> None:
            super().update(world, dt)
            if self.steps == 1:
                world.spawn(child)

    world = world_of(Parent())
    world.step(Controls())
    assert child in world.things
    assert child.steps == 0
    world.step(Controls())
    assert child.steps == 1


def test_wiping_leaves_only_what_came_after() -> None:
    """A new game begins in an empty arena."""
    world = world_of(Dummy(), Dummy())
    world.spawn(Dummy())
    world.wipe()
    newcomer = Dummy()
    world.spawn(newcomer)
    world.step(Controls())
    assert world.things == [newcomer]
