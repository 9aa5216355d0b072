"""What flies out of a muzzle or a mouth."""

import game
from game.actors import Actor

from demo_game.engine.contract import SHOTS
from demo_game.engine.vec import polar


class Shot(Actor):
    """Flies straight, hurts the first bug it meets; a piercing one hurts several."""

    team = "shot"
    touches = ("bug",)
    sprite = "bolt"
    layer = SHOTS
    radius = 3.0
    glow = True
    reach = 1.1  # seconds

    def __init__(self, x, y, angle, damage, speed=None, pierce=0):
        speed = game.tuning.SHOT_SPEED if speed is None else speed
        super().__init__(x, y, *polar(angle, speed))
        self.angle = angle
        self.damage = damage
        self.pierce = pierce
        self.struck = []

    def update(self, world, dt):
        """Fly until it leaves the arena or tires."""
        super().update(world, dt)
        if self.age > self.reach or not world.inside(self.x, self.y, 8.0):
            self.alive = False

    def on_touch(self, other, world):
        """Hurt a bug, once."""
        if other in self.struck:
            return
        self.struck.append(other)
        other.hurt(self.damage, world, self.vx, self.vy)
        game.fx.burst(world, self.x, self.y, "cyan", 2, 90.0)
        if len(self.struck) > self.pierce:
            self.alive = False


class Pellet(Shot):
    """Short of breath."""

    sprite = "pellet"
    reach = 0.38


class Slug(Shot):
    """Goes through a crowd and leaves a trail."""

    sprite = "slug"
    radius = 4.0

    def update(self, world, dt):
        """Fly, and glow behind."""
        super().update(world, dt)
        game.fx.spark(world, self.x, self.y, "violet")


class Spit(Actor):
    """What bugs fire: slow, and it hurts the drone."""

    team = "spit"
    sprite = "spit"
    layer = SHOTS
    radius = 3.5
    damage = 1

    def __init__(self, x, y, angle, start=0.0):
        dx, dy = polar(angle, 1.0)
        speed = game.tuning.SPIT_SPEED
        super().__init__(x + dx * start, y + dy * start, dx * speed, dy * speed)

    def update(self, world, dt):
        """Fly until the edge."""
        super().update(world, dt)
        self.frame = int(self.age * 10) % 2
        if not world.inside(self.x, self.y, 8.0):
            self.alive = False
