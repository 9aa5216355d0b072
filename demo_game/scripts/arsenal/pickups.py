"""What bugs leave behind."""

import math

import game
from game.actors import Actor

from demo_game.engine.contract import LOOT
from demo_game.engine.vec import polar, unit


class Pickup(Actor):
    """Lies there, comes when the drone is near, spoils after a while."""

    team = "loot"
    layer = LOOT
    radius = 7.0
    keeps = 12.0  # seconds

    def update(self, world, dt):
        """Drift, be drawn to the drone, blink before it spoils."""
        super().update(world, dt)
        self.vx *= 0.92
        self.vy *= 0.92
        self.stay_inside(world, 8)
        self.frame = int(self.age * 6) % 4
        player = world.player
        if player is not None and player.alive:
            gap = math.hypot(player.x - self.x, player.y - self.y)
            if gap < game.tuning.MAGNET:
                dx, dy = unit(player.x - self.x, player.y - self.y)
                self.vx += dx * 40.0
                self.vy += dy * 40.0
        left = self.keeps - self.age
        self.flash = left < 2.0 and int(self.age * 12) % 2 == 0
        if left <= 0.0:
            self.alive = False

    def take(self, player, world):
        """Do good to the drone."""
        self.alive = False


class Bit(Pickup):
    """Loads the pulse, scores a little."""

    sprite = "bit"

    def take(self, player, world):
        """Count."""
        super().take(player, world)
        player.bits += 1
        world.director.scoring.add(2)
        game.fx.spark(world, self.x, self.y, "gold")


class Cell(Pickup):
    """Repairs the drone."""

    sprite = "cell"
    under = "shadow"

    def take(self, player, world):
        """Repair one point."""
        super().take(player, world)
        player.health = min(game.tuning.PLAYER_HEALTH, player.health + 1)
        game.fx.floater(world, self.x, self.y, "REPAIRED", "green")
        game.fx.burst(world, self.x, self.y, "green", 10, 80.0)


class Chip(Pickup):
    """Raises the level of the weapon in hand."""

    sprite = "chip"
    under = "shadow"
    keeps = 20.0

    def take(self, player, world):
        """Upgrade, or score when there is nothing left to upgrade."""
        super().take(player, world)
        if player.gun.upgrade():
            game.fx.floater(world, self.x, self.y, f"{player.gun.name} {player.gun.level}", "cyan")
        else:
            world.director.scoring.add(100)
            game.fx.floater(world, self.x, self.y, "+100", "gold")
        game.fx.ring(world, self.x, self.y, 24.0)


def drop(world, bug):
    """Leave what a dead bug was carrying."""
    rng = world.rng
    count = bug.spec.bits * (3 if bug.elite else 1)
    for _ in range(count):
        vx, vy = polar(rng.random() * math.tau, 20.0 + 60.0 * rng.random())
        world.spawn(Bit(bug.x, bug.y, vx, vy))
    if bug.elite or rng.random() < 0.012:
        world.spawn(Chip(bug.x, bug.y))
    elif rng.random() < 0.016 or count >= 40:
        world.spawn(Cell(bug.x, bug.y))
