"""Numbers of the weapons."""

BLASTER_PAUSE = 0.13  # seconds between shots
BLASTER_DAMAGE = 1.0

SCATTER_PAUSE = 0.42
SCATTER_PELLETS = 5
SCATTER_SPREAD = 0.55  # radians from the first to the last pellet

RAIL_PAUSE = 0.6
RAIL_DAMAGE = 4.0

SHOT_SPEED = 330.0
SPIT_SPEED = 105.0
MAX_LEVEL = 4
