"""What the drone carries, in the order of the key that swaps."""

from game.arsenal import Blaster, Rail, Scatter

LOADOUT = (Blaster, Scatter, Rail)
