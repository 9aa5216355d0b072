"""Numbers of the waves and of the score."""

FIRST_BUDGET = 44
BUDGET_STEP = 34
BUDGET_GROWTH = 5.0  # times the square of the wave's number
WAVE_SECONDS = 9.0  # in which a wave's bugs arrive
WAVE_LIMIT = 20.0  # seconds after which the next wave comes, beaten or not
WAVE_PAUSE = 1.6
QUEEN_EVERY = 5
ELITE_CHANCE = 0.05
MOST_BUGS = 200

COMBO_SECONDS = 2.0
COMBO_STEP = 8  # kills for the next multiplier
COMBO_MOST = 9
