"""What flies: moths flutter, wasps aim and strike."""

import math

import game
from game.bugs import Bug
from game.tuning import MOTH, WASP

from demo_game.engine.contract import AIR
from demo_game.engine.vec import approach, unit


class Flier(Bug):
    """Keeps above the crowd: it is not jostled, and it is drawn over what walks."""

    layer = AIR
    stride = 18.0
    crowd = 0.3


class Moth(Flier):
    """Flutters to its prey in wide curves."""

    spec = MOTH
    sprite = "moth"
    body = 6.0
    gore = "violet"
    SWING = 1.1  # radians to either side

    def steer(self, world, dt):
        """Head for the prey, swinging to both sides."""
        goal_x, goal_y = self.prey(world)
        swing = math.sin(self.age * 2.6) * self.SWING
        heading = math.atan2(goal_y - self.y, goal_x - self.x) + swing
        self.vx = math.cos(heading) * self.spec.speed
        self.vy = math.sin(heading) * self.spec.speed


class Wasp(Flier):
    """Circles, stops, strikes in a straight line."""

    spec = WASP
    sprite = "wasp"
    body = 6.0
    gore = "gold"
    circle = 95.0

    def __init__(self, x, y, elite=False):
        super().__init__(x, y, elite)
        self.mood = "circle"
        self.patience = 1.6

    def steer(self, world, dt):
        """Go through the moods: circle, aim, strike."""
        goal_x, goal_y = self.prey(world)
        dx, dy = unit(goal_x - self.x, goal_y - self.y)
        self.patience -= dt
        if self.mood == "circle":
            gap = math.hypot(goal_x - self.x, goal_y - self.y)
            inwards = max(-1.0, min(1.0, (gap - self.circle) / 40.0))
            self.vx = (dx * inwards - dy) * self.spec.speed
            self.vy = (dy * inwards + dx) * self.spec.speed
            if self.patience <= 0.0 and gap < self.circle * 1.6:
                self.mood, self.patience = "aim", 0.45
        elif self.mood == "aim":
            self.vx = approach(self.vx, dx * 4.0, 260.0 * dt)
            self.vy = approach(self.vy, dy * 4.0, 260.0 * dt)
            self.flash = int(self.age * 20) % 2 == 0
            if self.patience <= 0.0:
                self.mood, self.patience = "strike", 0.5
                self.vx, self.vy = dx * 250.0, dy * 250.0
        elif self.patience <= 0.0:
            self.mood, self.patience = "circle", 1.2 + 0.8 * world.rng.random()
        elif world.frame % 3 == 0:
            game.fx.spark(world, self.x, self.y, "gold")
