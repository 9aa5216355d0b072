"""Numbers of the bugs. A kind of bug takes its own line while loading, so it is reloaded with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BugSpec:
    """What makes one kind of bug weak or strong."""

    health: float
    speed: float  # pixels per second
    size: float = 1.0
    score: int = 10
    damage: int = 1
    cost: int = 1  # of a wave's budget
    first_wave: int = 1
    weight: float = 1.0  # how often a wave picks it
    bits: int = 1  # dropped when it dies


BEETLE = BugSpec(health=4, speed=44, score=20, cost=2, weight=3.0)
MITE = BugSpec(health=1, speed=84, size=1.0, score=5, cost=1, weight=3.0)
GRUB = BugSpec(health=6, speed=30, score=25, cost=4, first_wave=3, weight=1.2, bits=2)
MOTH = BugSpec(health=2, speed=70, score=15, cost=2, first_wave=2, weight=2.0)
WASP = BugSpec(health=3, speed=66, score=30, cost=4, first_wave=4, weight=1.5, bits=2)
SPITTER = BugSpec(health=5, speed=38, score=35, cost=5, first_wave=3, weight=1.2, bits=3)
QUEEN = BugSpec(health=170, speed=20, score=800, cost=0, damage=2, weight=0.0, bits=40)

ELITE_HEALTH = 4.0
ELITE_SIZE = 1.5
ELITE_SCORE = 5
