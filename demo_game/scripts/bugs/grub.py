"""The grub: fat, slow, and full of mites."""

import game
from game.bugs import Crawler
from game.tuning import GRUB

from demo_game.engine.vec import polar


class Grub(Crawler):
    """Bursts into mites when it dies."""

    spec = GRUB
    sprite = "grub"
    body = 8.0
    weave = 0.1
    stride = 5.0
    turn_rate = 2.0
    brood = 4
    gore = "violet"

    def die(self, world):
        """Let the brood out."""
        super().die(world)
        for number in range(self.brood):
            dx, dy = polar(self.angle + number * 6.283 / self.brood, 8.0)
            mite = world.spawn(game.bugs.Mite(self.x + dx, self.y + dy))
            mite.push(dx, dy, 120.0)
