"""Numbers of the drone. They are read while playing, so a saved change is felt at once."""

PLAYER_SPEED = 118.0  # pixels per second
PLAYER_GRIP = 9.0  # how fast it takes a new direction, per second
PLAYER_HEALTH = 6
GRACE = 1.4  # seconds without damage after a hit

DASH_SPEED = 340.0
DASH_SECONDS = 0.16
DASH_PAUSE = 1.1

MAGNET = 46.0  # pixels from which loot comes to the drone
PULSE_COST = 40  # bits to collect for one pulse
PULSE_RADIUS = 130.0
PULSE_DAMAGE = 8
