"""The drone: moves, dashes, aims by itself when it is not told where, and fires what it carries."""

import math

import game
from game.actors import Actor

from demo_game.engine.contract import AIR
from demo_game.engine.vec import approach, turn, unit


class Player(Actor):
    """What the keyboard or the autopilot steers."""

    team = "player"
    touches = ("bug", "spit", "loot")
    sprite = "drone"
    under = "lamp"
    layer = AIR
    radius = 6.0

    def __init__(self, x, y):
        super().__init__(x, y)
        self.health = game.tuning.PLAYER_HEALTH
        self.grace = 2.0
        self.dash_left = 0.0
        self.dash_pause = 0.0
        self.bits = 0
        self.guns = [kind() for kind in game.actors.LOADOUT]
        self.held = 0
        self.swap_was_down = False

    @property
    def gun(self):
        """The weapon in hand."""
        return self.guns[self.held % len(self.guns)]

    @property
    def charge(self):
        """How full the pulse is, 0..1."""
        return min(1.0, self.bits / game.tuning.PULSE_COST)

    def update(self, world, dt):
        """Obey the controls for one step."""
        controls = world.controls
        self.age += dt
        self.grace = max(0.0, self.grace - dt)
        self.flash = False
        self.move(controls, world, dt)
        self.aim(controls, world, dt)
        self.frame = int(self.age * 20) % 2
        if controls.swap and not self.swap_was_down:
            self.held = (self.held + 1) % len(self.guns)
        self.swap_was_down = controls.swap
        for gun in self.guns:
            gun.cool(dt)
        if controls.fire:
            self.gun.fire(world, self)
        if controls.pulse and self.charge >= 1.0:
            self.bits = 0
            game.arsenal.pulse(world, self.x, self.y)

    def move(self, controls, world, dt):
        """Accelerate to where the controls point; a dash overrules them for a moment."""
        want_x, want_y = unit(controls.move_x, controls.move_y)
        self.dash_pause = max(0.0, self.dash_pause - dt)
        if controls.dash and self.dash_pause == 0.0 and (want_x or want_y):
            self.dash_left = game.tuning.DASH_SECONDS
            self.dash_pause = game.tuning.DASH_PAUSE
            self.grace = max(self.grace, game.tuning.DASH_SECONDS + 0.1)
            self.vx, self.vy = want_x * game.tuning.DASH_SPEED, want_y * game.tuning.DASH_SPEED
        if self.dash_left > 0.0:
            self.dash_left -= dt
            game.fx.ghost(world, self)
        else:
            grip = min(1.0, game.tuning.PLAYER_GRIP * dt)
            speed = game.tuning.PLAYER_SPEED
            self.vx += (want_x * speed - self.vx) * grip
            self.vy += (want_y * speed - self.vy) * grip
        self.x += self.vx * dt
        self.y += self.vy * dt
        self.stay_inside(world, 12)
        if (want_x or want_y) and world.frame % 3 == 0:
            game.fx.exhaust(world, self)

    def aim(self, controls, world, dt):
        """Turn to where the controls aim, else to the nearest bug, else ahead."""
        aim_x, aim_y = controls.aim_x, controls.aim_y
        if not (aim_x or aim_y):
            target = world.nearest(self.x, self.y, "bug", within=240.0)
            if target is not None:
                aim_x, aim_y = target.x - self.x, target.y - self.y
            elif math.hypot(self.vx, self.vy) > 10.0:
                aim_x, aim_y = self.vx, self.vy
        if aim_x or aim_y:
            self.angle = turn(self.angle, math.atan2(aim_y, aim_x), 16.0 * dt)

    def on_touch(self, other, world):
        """Collect loot, suffer bugs and their spit."""
        if other.team == "loot":
            other.take(self, world)
        elif self.grace == 0.0:
            self.hurt(other.damage, world)
            if other.team == "spit":
                other.alive = False

    def hurt(self, damage, world):
        """Lose health; push the crowd away for a breath."""
        self.health = approach(self.health, 0, damage)
        self.grace = game.tuning.GRACE
        self.flash = True
        game.fx.shake(world, 7.0)
        game.fx.burst(world, self.x, self.y, "red", 16, 150.0)
        game.fx.ring(world, self.x, self.y, 60.0)
        for bug in world.near(self.x, self.y, 60.0, "bug"):
            bug.push(bug.x - self.x, bug.y - self.y, 160.0)
        if self.health <= 0:
            self.alive = False
            game.fx.explode(world, self.x, self.y, "cyan", 3.0)
            game.fx.shake(world, 14.0)
            world.director.game_over(world)
