"""Words that rise from where something happened."""

from game.actors import Actor

from demo_game.engine.contract import SPARKS

COLOURS = {"gold": (255, 214, 92), "cyan": (120, 240, 255), "green": (140, 255, 150)}


class Floater(Actor):
    """A few words, rising."""

    layer = SPARKS

    def __init__(self, x, y, text, colour):
        super().__init__(x, y, 0.0, -26.0)
        self.text = text
        self.colour = COLOURS[colour]

    def update(self, world, dt):
        """Rise and go."""
        super().update(world, dt)
        self.vy *= 0.96
        if self.age > 0.8:
            self.alive = False


def floater(world, x, y, text, colour):
    """Let words rise."""
    world.spawn(Floater(x, y, text, colour))
