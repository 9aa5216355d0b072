"""Score and combo. `scoring_unittest.py` guards the rules."""

import game

# The game rebinds it, so it survives every reload of this file.
best_score = 0


class Scoring:
    """Kills in quick succession raise a multiplier; a pause loses it."""

    def __init__(self):
        self.score = 0
        self.kills = 0
        self.streak = 0
        self.left = 0.0

    @property
    def multiplier(self):
        """1 at first, one more for every few kills of the streak."""
        return min(game.tuning.COMBO_MOST, 1 + self.streak // game.tuning.COMBO_STEP)

    def kill(self, worth):
        """Count a kill and return the points it gave."""
        self.kills += 1
        self.streak += 1
        self.left = game.tuning.COMBO_SECONDS
        points = worth * self.multiplier
        self.add(points)
        return points

    def add(self, points):
        """Add plain points."""
        self.score += points

    def update(self, dt):
        """Let the streak run out."""
        self.left = max(0.0, self.left - dt)
        if self.left == 0.0:
            self.streak = 0


def remember(score):
    """Keep the best score of all games. Apart from `Scoring`, so that trying that out leaves no trace."""
    global best_score
    best_score = max(best_score, score)
