"""Tests of scoring.py. They see its globals, so nothing is imported from it."""

# ruff: noqa: F821 - the names of scoring.py are there when this runs

import unittest

import game


class ScoringTest(unittest.TestCase):
    """The promises of the combo."""

    def test_a_streak_raises_the_multiplier(self):
        """Kill after kill is worth more and more."""
        scoring = Scoring()
        points = [scoring.kill(10) for _ in range(game.tuning.COMBO_STEP + 1)]
        self.assertEqual(points[0], 10)
        self.assertEqual(points[-1], 20)
        self.assertEqual(scoring.score, sum(points))

    def test_a_pause_ends_the_streak(self):
        """The multiplier is lost when nothing dies for a while."""
        scoring = Scoring()
        for _ in range(game.tuning.COMBO_STEP * 3):
            scoring.kill(1)
        self.assertGreater(scoring.multiplier, 1)
        scoring.update(game.tuning.COMBO_SECONDS + 0.1)
        self.assertEqual(scoring.multiplier, 1)

    def test_the_multiplier_has_a_limit(self):
        """Nobody gets infinitely many points."""
        scoring = Scoring()
        scoring.streak = 10_000
        self.assertEqual(scoring.multiplier, game.tuning.COMBO_MOST)
