"""What walks: beetles, slow and hard; mites, quick and soft."""

import math

from game.bugs import Bug
from game.tuning import BEETLE, MITE

from demo_game.engine.vec import unit


class Crawler(Bug):
    """Walks straight to its prey, weaving a little so that a crowd does not become a line."""

    weave = 0.35

    def steer(self, world, dt):
        """Go for the prey."""
        goal_x, goal_y = self.prey(world)
        dx, dy = unit(goal_x - self.x, goal_y - self.y)
        sway = math.sin(self.age * 3.0 + self.x * 0.05) * self.weave
        self.vx = (dx - dy * sway) * self.spec.speed
        self.vy = (dy + dx * sway) * self.spec.speed


class Beetle(Crawler):
    """The footman."""

    spec = BEETLE
    sprite = "beetle"
    body = 7.0
    gore = "red"


class Mite(Crawler):
    """Comes in dozens."""

    spec = MITE
    sprite = "mite"
    body = 4.0
    weave = 0.9
    stride = 16.0
    gore = "green"
