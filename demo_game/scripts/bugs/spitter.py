"""The spitter: keeps its distance and spits."""

import math

import game
from game.bugs import Bug
from game.tuning import SPITTER

from demo_game.engine.vec import unit


class Spitter(Bug):
    """Walks to shooting distance, sways there, spits now and then."""

    spec = SPITTER
    sprite = "spitter"
    body = 7.0
    gore = "green"
    distance = 120.0

    def __init__(self, x, y, elite=False):
        super().__init__(x, y, elite)
        self.throat = 1.5

    def steer(self, world, dt):
        """Hold the distance; face the prey; spit when the throat is full."""
        goal_x, goal_y = self.prey(world)
        gap = math.hypot(goal_x - self.x, goal_y - self.y)
        dx, dy = unit(goal_x - self.x, goal_y - self.y)
        inwards = 1.0 if gap > self.distance + 15 else -0.7 if gap < self.distance - 15 else 0.12
        sway = math.sin(self.age * 1.3) * 0.5
        self.vx = (dx * inwards - dy * sway) * self.spec.speed
        self.vy = (dy * inwards + dx * sway) * self.spec.speed
        self.throat -= dt
        if self.throat <= 0.0 and world.inside(self.x, self.y):
            self.throat = 2.2 + world.rng.random()
            heading = math.atan2(dy, dx)
            for fan in (-0.22, 0.0, 0.22) if self.elite else (0.0,):
                world.spawn(game.arsenal.Spit(self.x + dx * 8, self.y + dy * 8, heading + fan))
            self.push(-dx, -dy, 60.0)
