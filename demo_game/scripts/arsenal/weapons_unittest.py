"""Tests of weapons.py. They see its globals, so nothing is imported from it."""

# ruff: noqa: F821 - the names of weapons.py are there when this runs

import unittest
from types import SimpleNamespace

from demo_game.engine.world import World


class WeaponsTest(unittest.TestCase):
    """What must hold of any weapon, and of each."""

    def fired(self, gun):
        """Return the shots one pull of the trigger puts into an empty arena."""
        world = World(seed=3)
        gun.shoot(world, 50.0, 50.0, 0.0)
        world.step(world.controls)
        return world.things

    def test_a_weapon_pauses_between_shots(self):
        """The trigger does nothing until the pause is over."""
        world, holder = World(), SimpleNamespace(x=0.0, y=0.0, angle=0.0)
        gun = Blaster()
        self.assertTrue(gun.fire(world, holder))
        self.assertFalse(gun.fire(world, holder))
        gun.cool(gun.pause())
        self.assertTrue(gun.fire(world, holder))

    def test_levels_are_worth_having(self):
        """Each level adds shots or damage, up to a limit."""
        for kind in (Blaster, Scatter, Rail):
            gun = kind()
            before = sum(shot.damage for shot in self.fired(gun))
            self.assertTrue(gun.upgrade())
            self.assertGreater(sum(shot.damage for shot in self.fired(gun)), before, kind.__name__)
            while gun.upgrade():
                pass
            self.assertLess(gun.level, 20)
