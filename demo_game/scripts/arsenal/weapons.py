"""The base of all weapons, and the three the drone carries. `weapons_unittest.py` guards them."""

import game

from demo_game.engine.vec import polar


class Weapon:
    """Fires, then pauses. Chips raise its level."""

    name = "?"

    def __init__(self):
        self.level = 1
        self.wait = 0.0

    def pause(self):
        """Return the seconds until it may fire again."""
        return 0.5

    def cool(self, dt):
        """Let time pass."""
        self.wait = max(0.0, self.wait - dt)

    def fire(self, world, holder):
        """Fire if the pause is over; tell whether it did."""
        if self.wait > 0.0:
            return False
        self.wait = self.pause()
        dx, dy = polar(holder.angle, 9.0)
        self.shoot(world, holder.x + dx, holder.y + dy, holder.angle)
        game.fx.muzzle(world, holder.x + dx * 1.3, holder.y + dy * 1.3)
        return True

    def shoot(self, world, x, y, angle):
        """Put the shots into the arena."""

    def upgrade(self):
        """Raise the level; tell whether that was possible."""
        if self.level >= game.tuning.MAX_LEVEL:
            return False
        self.level += 1
        return True


class Blaster(Weapon):
    """Quick and plain; levels add barrels."""

    name = "BLASTER"

    def pause(self):
        """Fire quickly."""
        return game.tuning.BLASTER_PAUSE

    def shoot(self, world, x, y, angle):
        """Fire one shot a barrel, side by side."""
        side_x, side_y = polar(angle + 1.5708, 1.0)
        for barrel in range(self.level):
            off = (barrel - (self.level - 1) / 2) * 5.0
            fan = (barrel - (self.level - 1) / 2) * 0.035
            world.spawn(game.arsenal.Shot(x + side_x * off, y + side_y * off, angle + fan, game.tuning.BLASTER_DAMAGE))


class Scatter(Weapon):
    """A fan of pellets; levels add pellets."""

    name = "SCATTER"

    def pause(self):
        """Take a breath."""
        return game.tuning.SCATTER_PAUSE

    def shoot(self, world, x, y, angle):
        """Fire the fan."""
        count = game.tuning.SCATTER_PELLETS + 2 * (self.level - 1)
        for number in range(count):
            fan = (number / (count - 1) - 0.5) * game.tuning.SCATTER_SPREAD
            speed = game.tuning.SHOT_SPEED * (0.9 + 0.2 * world.rng.random())
            world.spawn(game.arsenal.Pellet(x, y, angle + fan, 1.0, speed))


class Rail(Weapon):
    """One slug through everything; levels make it hurt more."""

    name = "RAIL"

    def pause(self):
        """Charge."""
        return game.tuning.RAIL_PAUSE

    def shoot(self, world, x, y, angle):
        """Fire the slug."""
        damage = game.tuning.RAIL_DAMAGE * (0.7 + 0.3 * self.level)
        world.spawn(game.arsenal.Slug(x, y, angle, damage, game.tuning.SHOT_SPEED * 1.7, pierce=6))
        game.fx.shake(world, 1.5)
