"""Tests of waves.py. They see its globals, so nothing is imported from it."""

# ruff: noqa: F821 - the names of waves.py are there when this runs

import random
import unittest
from types import SimpleNamespace

import game

MENU = {
    "Cheap": SimpleNamespace(cost=1, weight=1.0, first_wave=1),
    "Late": SimpleNamespace(cost=3, weight=1.0, first_wave=4),
    "Queen": SimpleNamespace(cost=0, weight=0.0, first_wave=1),
}


class WavesTest(unittest.TestCase):
    """What the player may rely on."""

    def test_waves_grow(self):
        """Each wave is bigger than the one before."""
        sizes = [budget(number) for number in range(1, 12)]
        self.assertEqual(sizes, sorted(set(sizes)))

    def test_a_wave_spends_its_budget_on_what_is_allowed(self):
        """Nothing comes before its time, and nothing for free."""
        for number in (1, 3, 6):
            wave = plan_wave(number, MENU, random.Random(number))
            spent = sum(MENU[arrival.kind].cost * arrival.count for arrival in wave)
            self.assertEqual(spent, budget(number))
            if number < 4:
                self.assertNotIn("Late", {arrival.kind for arrival in wave})

    def test_the_queen_comes_now_and_then(self):
        """She keeps her appointments."""
        every = game.tuning.QUEEN_EVERY
        self.assertIn("Queen", {a.kind for a in plan_wave(every, MENU, random.Random(1))})
        self.assertNotIn("Queen", {a.kind for a in plan_wave(every + 1, MENU, random.Random(1))})

    def test_the_same_seed_plans_the_same_wave(self):
        """The game is the same for the same seed."""
        self.assertEqual(plan_wave(5, MENU, random.Random(7)), plan_wave(5, MENU, random.Random(7)))
