"""Rings, muzzle flashes, explosions, and the shaking of the screen."""

import game
from game.actors import Actor

from demo_game.engine.contract import FLOOR, SPARKS


class Ring(Actor):
    """A circle of light that grows and goes out."""

    layer = SPARKS

    def __init__(self, x, y, size):
        super().__init__(x, y)
        self.size = size

    def update(self, world, dt):
        """Grow quickly, then slowly."""
        self.age += dt
        part = min(1.0, self.age / 0.45)
        self.ring = self.size * (1.0 - (1.0 - part) ** 3)
        light = 1.0 - 0.65 * part
        self.colour = (int(150 * light), int(226 * light), int(255 * light))
        if part >= 1.0:
            self.alive = False


class Flash(Actor):
    """A short light."""

    sprite = "flash"
    layer = SPARKS
    glow = True

    def update(self, world, dt):
        """Go out."""
        self.age += dt
        self.frame = min(2, int(self.age * 40))
        if self.age > 0.075:
            self.alive = False


class Stain(Actor):
    """What is left on the board for a while."""

    layer = FLOOR

    def __init__(self, x, y, colour, scale):
        super().__init__(x, y)
        self.sprite = f"stain_{colour}"
        self.scale = scale

    def update(self, world, dt):
        """Dry up."""
        self.age += dt
        self.frame = min(3, int(self.age / 1.5))
        if self.age > 6.0:
            self.alive = False


def shake(world, amount):
    """Shake the screen by at least `amount` pixels."""
    world.shake = max(world.shake, amount)


def ring(world, x, y, size):
    """Send out a ring that grows to a radius of `size` pixels."""
    world.spawn(Ring(x, y, size))


def muzzle(world, x, y):
    """Light up a muzzle."""
    world.spawn(Flash(x, y))


def explode(world, x, y, colour, size):
    """Burst a body of a size (1: an ordinary bug)."""
    flash = world.spawn(Flash(x, y))
    flash.scale = 1.5 * size
    game.fx.burst(world, x, y, colour, int(7 * size), 120.0)
    world.spawn(Stain(x, y, colour, size))
    if size >= 1.4:
        ring(world, x, y, 16.0 * size)
        shake(world, 4.0 * size)
