"""Sparks and what is made of them. Effects decide nothing: the game plays the same without them."""

import math

from game.actors import Actor

from demo_game.engine.contract import FLOOR, SPARKS
from demo_game.engine.vec import polar

MOST = 260


class Spark(Actor):
    """A speck of light that slows down and goes out."""

    layer = SPARKS
    glow = True

    def __init__(self, x, y, vx, vy, colour, seconds):
        super().__init__(x, y, vx, vy)
        self.sprite = f"spark_{colour}"
        self.seconds = seconds

    def update(self, world, dt):
        """Fly and fade."""
        self.age += dt
        self.x += self.vx * dt
        self.y += self.vy * dt
        self.vx *= 0.93
        self.vy *= 0.93
        self.frame = min(3, int(4 * self.age / self.seconds))
        if self.age >= self.seconds:
            self.alive = False


class Ghost(Actor):
    """What a fast thing leaves behind for a moment."""

    layer = FLOOR
    glow = True

    def __init__(self, thing):
        super().__init__(thing.x, thing.y)
        self.sprite = thing.sprite
        self.angle = thing.angle
        self.scale = thing.scale

    def update(self, world, dt):
        """Shrink away."""
        self.age += dt
        self.scale -= 3.0 * dt
        if self.age > 0.22:
            self.alive = False


def spark(world, x, y, colour):
    """Leave one slow speck."""
    if len(world.things) < MOST * 3:
        rng = world.rng
        world.spawn(Spark(x, y, rng.uniform(-15, 15), rng.uniform(-15, 15), colour, 0.3))


def burst(world, x, y, colour, count, speed):
    """Throw specks to all sides; fewer when there are many already."""
    rng = world.rng
    if len(world.things) > MOST:
        count = (count + 2) // 3
    for _ in range(count):
        vx, vy = polar(rng.random() * math.tau, speed * (0.25 + 0.75 * rng.random()))
        world.spawn(Spark(x, y, vx, vy, colour, 0.25 + 0.35 * rng.random()))


def exhaust(world, thing):
    """Leave a speck behind a moving thing."""
    spread = world.rng.uniform(-18, 18)
    world.spawn(
        Spark(
            thing.x - thing.vx * 0.06,
            thing.y - thing.vy * 0.06,
            spread - thing.vx * 0.4,
            spread - thing.vy * 0.4,
            "cyan",
            0.28,
        )
    )


def ghost(world, thing):
    """Leave an image of a fast thing."""
    world.spawn(Ghost(thing))
