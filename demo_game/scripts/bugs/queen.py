"""The queen: every few waves, with a court of mites."""

import math

import game
from game.bugs import Bug
from game.tuning import QUEEN

from demo_game.engine.vec import approach


class Queen(Bug):
    """Wanders; spits rings; lays mites; gets angrier as she gets weaker."""

    spec = QUEEN
    sprite = "queen"
    under = "shadow_big"
    body = 21.0
    turn_rate = 1.4
    stride = 4.0
    crowd = 0.0
    gore = "gold"

    def __init__(self, x, y, elite=False):
        super().__init__(x, y, elite)
        self.full_health = self.health
        self.next_ring = 3.0
        self.next_brood = 2.0

    @property
    def anger(self):
        """0 when unhurt, 1 when nearly dead."""
        return 1.0 - max(0.0, self.health) / self.full_health

    def steer(self, world, dt):
        """Wander around the middle, attack on two clocks."""
        goal_x = world.width / 2 + math.cos(self.age * 0.35) * 190.0
        goal_y = world.height / 2 + math.sin(self.age * 0.5) * 90.0
        gap = max(1.0, math.hypot(goal_x - self.x, goal_y - self.y))
        speed = self.spec.speed * (1.0 + 1.2 * self.anger)
        self.vx = approach(self.vx, (goal_x - self.x) / gap * speed, 60.0 * dt)
        self.vy = approach(self.vy, (goal_y - self.y) / gap * speed, 60.0 * dt)
        self.next_ring -= dt
        self.next_brood -= dt
        if self.next_ring <= 0.0:
            self.next_ring = 2.8 - 1.4 * self.anger
            self.spit_ring(world, 12 + int(8 * self.anger))
        if self.next_brood <= 0.0:
            self.next_brood = 3.0 - self.anger
            for side in (-1.0, 1.0):
                back = self.angle + math.pi + side * 0.5
                world.spawn(game.bugs.Mite(self.x + math.cos(back) * 24, self.y + math.sin(back) * 24))

    def spit_ring(self, world, count):
        """Spit all around, each time turned a little."""
        for number in range(count):
            heading = self.age + number * math.tau / count
            world.spawn(game.arsenal.Spit(self.x, self.y, heading, start=20.0))
        game.fx.shake(world, 3.0)

    def die(self, world):
        """Go out with a bang, and take the court along."""
        super().die(world)
        for turn in range(6):
            game.fx.explode(
                world,
                self.x + math.cos(turn) * 18,
                self.y + math.sin(turn) * 18,
                ("gold", "red")[turn % 2],
                2.0,
            )
        game.fx.shake(world, 16.0)
        for spit in world.team("spit"):
            spit.alive = False
