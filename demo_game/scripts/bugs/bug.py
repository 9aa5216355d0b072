"""The base of all bugs. A kind of bug says how it steers; everything else they share.

A wave picks from every class in `game.bugs` that has a `spec`: to add a kind, save one more file beside this
one.
"""

import math
import unittest

import game
from game.actors import Actor

from demo_game.engine.contract import GROUND
from demo_game.engine.vec import turn, unit
from demo_game.engine.world import World


class Bug(Actor):
    """Something to shoot at. Subclasses set `spec` (numbers) and `sprite`, and steer."""

    team = "bug"
    under = "shadow"
    layer = GROUND
    spec = None
    gore = "green"
    body = 6.0  # radius at size 1
    turn_rate = 7.0  # radians per second
    stride = 8.0  # animation frames per second
    crowd = 1.0  # how much it keeps away from its like

    def __init__(self, x, y, elite=False):
        super().__init__(x, y)
        self.elite = elite
        self.health = self.spec.health * (game.tuning.ELITE_HEALTH if elite else 1.0)
        self.damage = self.spec.damage
        self.push_x = 0.0
        self.push_y = 0.0
        self.hit_left = 0.0
        self.resize()

    def resize(self):
        """Take the size from the numbers; called every step, so that a saved number is seen at once."""
        self.scale = self.spec.size * (game.tuning.ELITE_SIZE if self.elite else 1.0)
        self.radius = self.body * self.scale
        self.under = "aura" if self.elite else type(self).under

    def update(self, world, dt):
        """Steer, be pushed around, walk."""
        self.age += dt
        self.resize()
        self.steer(world, dt)
        self.jostle(world, dt)
        self.x += (self.vx + self.push_x) * dt
        self.y += (self.vy + self.push_y) * dt
        self.stay_inside(world, 6)
        self.push_x *= 0.9
        self.push_y *= 0.9
        if self.vx or self.vy:
            self.angle = turn(self.angle, math.atan2(self.vy, self.vx), self.turn_rate * dt)
        self.hit_left -= dt
        self.flash = self.hit_left > 0.0
        self.frame = int(self.age * self.stride) % 2

    def steer(self, world, dt):
        """Set the velocity. A bug that does not say how stands still."""

    def prey(self, world):
        """Return where it wants to go: the drone, or the middle of the arena."""
        if world.player is not None and world.player.alive:
            return world.player.x, world.player.y
        return world.width / 2, world.height / 2

    def jostle(self, world, dt):
        """Keep a little distance to the others. A bug looks every fourth step only: it is dear."""
        if (world.frame + int(self.age * 7)) % 4:
            return
        for other in world.near(self.x, self.y, self.radius, "bug"):
            if other is not self:
                dx, dy = unit(self.x - other.x, self.y - other.y)
                if not (dx or dy):
                    dx = 1.0
                self.push_x += dx * 16.0 * self.crowd
                self.push_y += dy * 16.0 * self.crowd

    def push(self, dx, dy, force):
        """Shove it towards (dx, dy); heavy bugs are shoved less."""
        dx, dy = unit(dx, dy)
        weight = max(1.0, self.spec.health / 3.0)
        self.push_x += dx * force / weight
        self.push_y += dy * force / weight

    def hurt(self, damage, world, dx=0.0, dy=0.0):
        """Lose health; (dx, dy) is where the blow goes."""
        if not self.alive:
            return
        self.health -= damage
        self.hit_left = 0.07
        self.push(dx, dy, 70.0)
        if self.health <= 0:
            self.alive = False
            self.die(world)

    def die(self, world):
        """Burst, drop loot, count."""
        worth = self.spec.score * (game.tuning.ELITE_SCORE if self.elite else 1)
        world.director.killed(self, worth, world)
        game.fx.explode(world, self.x, self.y, self.gore, self.scale)
        game.arsenal.drop(world, self)


class BugTest(unittest.TestCase):
    """Runs against the new version before it replaces the running one."""

    def make(self):
        """Return a bug in an empty arena."""
        kind = type("TestBug", (Bug,), {"spec": game.tuning.BEETLE})
        return kind(100.0, 100.0), World()

    def test_a_blow_costs_health_and_pushes(self):
        """A hit moves the bug along the blow."""
        bug, world = self.make()
        before = bug.health
        bug.hurt(1, world, 1.0, 0.0)
        bug.update(world, 1 / 60)
        assert bug.health == before - 1
        assert bug.x > 100.0

    def test_an_elite_is_bigger(self):
        """Elites show what they are."""
        bug, _ = self.make()
        elite = type(bug)(0.0, 0.0, elite=True)
        assert elite.scale > bug.scale
        assert elite.health > bug.health
