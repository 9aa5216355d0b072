"""The base of everything in the arena: the attributes the engine reads, and the manners all things share."""

from demo_game.engine.contract import GROUND


class Actor:
    """A thing with a place and a velocity (pixels per second)."""

    team = "fx"
    touches = ()
    sprite = ""
    under = ""
    layer = GROUND
    radius = 0.0
    glow = False
    text = ""
    ring = 0.0
    colour = (255, 255, 255)

    def __init__(self, x, y, vx=0.0, vy=0.0):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy
        self.angle = 0.0
        self.scale = 1.0
        self.frame = 0
        self.flash = False
        self.alive = True
        self.age = 0.0

    def update(self, world, dt):
        """Grow older and move on."""
        self.age += dt
        self.x += self.vx * dt
        self.y += self.vy * dt

    def on_touch(self, other, world):
        """React to a touch; most things do not."""

    def stay_inside(self, world, margin):
        """Stop at the arena's edge, `margin` pixels before it."""
        self.x = min(max(self.x, margin), world.width - margin)
        self.y = min(max(self.y, margin), world.height - margin)
