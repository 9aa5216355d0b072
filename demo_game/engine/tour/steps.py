"""The tour itself: a table of steps. To change the tour, change the table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from demo_game.engine.tour import probes
from demo_game.engine.tour.edits import Edit, Rename, Replace, Undo, Write

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo_game.engine.tour.probes import Expectation, Stage

FIREFLY = '''"""The firefly: circles the drone at a distance, and glows."""

import math

from game.bugs import Flier
from game.tuning import BugSpec


class Firefly(Flier):
    """Saved into the running game."""

    spec = BugSpec(health=3, speed=95, score=40, cost=3, weight=3.0)
    sprite = "firefly"
    gore = "green"

    def steer(self, world, dt):
        """Fly a figure around the prey."""
        x, y = self.prey(world)
        x += math.cos(self.age * 1.5) * 110 - self.x
        y += math.sin(self.age * 3.0) * 70 - self.y
        gap = max(1.0, math.hypot(x, y))
        self.vx, self.vy = x / gap * self.spec.speed, y / gap * self.spec.speed
'''


@dataclass(frozen=True, slots=True)
class Step:
    """One edit, or several saved together, and what must come of it."""

    caption: str
    edits: tuple[Edit, ...]
    expect: Callable[[Stage], Expectation]
    cast: tuple[str, ...] = ()
    """Kinds of bugs that are put into the arena beforehand, to be looked at."""


def _multiplier(game: Any, streak: int) -> int:
    scoring = game.rules.Scoring()
    scoring.streak = streak
    return scoring.multiplier


def _swing(game: Any) -> float:
    return game.bugs.Moth.SWING


STEPS: tuple[Step, ...] = (
    Step(
        "A number: beetles twice the size, those alive as well",
        (
            Replace(
                "tuning/bugs.py",
                "BEETLE = BugSpec(health=4, speed=44, score=20,",
                "BEETLE = BugSpec(health=4, size=2.0, speed=44, score=20,",
            ),
        ),
        probes.size_becomes(2.0),
        cast=("Beetle",),
    ),
    Step(
        "Another number, saved the way vim does: a faster drone",
        (
            Replace(
                "tuning/player.py",
                "PLAYER_SPEED = 118.0  # pixels",
                "PLAYER_SPEED = 220.0  # pixels",
                by_rename=True,
            ),
        ),
        probes.drone_is_faster_than(118.0 * 1.1),
    ),
    Step(
        "A behaviour: what walks begins to circle the drone",
        (
            Replace(
                "bugs/crawlers.py",
                "sway = math.sin(self.age * 3.0 + self.x * 0.05) * self.weave",
                "sway = 2.5",
            ),
        ),
        probes.circling,
        cast=("Beetle", "Mite"),
    ),
    Step(
        "A base class: five other files derive from it, and every bug breathes",
        (
            Replace(
                "bugs/bug.py",
                "        self.radius = self.body * self.scale\n",
                "        self.scale *= 1.0 + 0.3 * math.sin(self.age * 9.0)\n"
                "        self.radius = self.body * self.scale\n",
            ),
        ),
        probes.breathing,
        cast=("Beetle", "Mite", "Grub", "Moth", "Wasp", "Spitter"),
    ),
    Step(
        "A new file: a kind of bug that did not exist",
        (Write("bugs/firefly.py", FIREFLY),),
        probes.appears("Firefly"),
    ),
    Step(
        "A file gets another name: nobody minds",
        (Rename("bugs/crawlers.py", "walkers.py"),),
        probes.same_from_another_file("Beetle", "walkers.py"),
        cast=("Beetle",),
    ),
    Step(
        "A class gets another name, but the loadout still takes the old one: rejected",
        (Replace("arsenal/weapons.py", "class Scatter(Weapon):", "class Shotgun(Weapon):"),),
        probes.rejected("weapons", "Scatter", still=lambda game: hasattr(game.arsenal, "Scatter")),
    ),
    Step(
        "The files that use it are saved as well: all three go in together",
        (
            Replace(
                "arsenal/weapons_unittest.py",
                "for kind in (Blaster, Scatter, Rail):",
                "for kind in (Blaster, Shotgun, Rail):",
            ),
            Replace(
                "actors/loadout.py",
                "from game.arsenal import Blaster, Rail, Scatter\n\nLOADOUT = (Blaster, Scatter, Rail)",
                "from game.arsenal import Blaster, Rail, Shotgun\n\nLOADOUT = (Blaster, Shotgun, Rail)",
            ),
        ),
        probes.named("Shotgun", "Scatter"),
    ),
    Step(
        "A syntax error: rejected, the moths fly on",
        (
            Replace(
                "bugs/fliers.py",
                "SWING = 1.1  # radians to either side",
                "SWING = (1.4  # radians to either side",
            ),
        ),
        probes.rejected("bugs/fliers.py:", "SyntaxError", still=lambda game: math.isclose(_swing(game), 1.1)),
        cast=("Moth",),
    ),
    Step(
        "The bracket is closed",
        (
            Replace(
                "bugs/fliers.py",
                "SWING = (1.4  # radians to either side",
                "SWING = (1.4)  # radians to either side",
            ),
        ),
        probes.healed(lambda game: math.isclose(_swing(game), 1.4), "moths swing wider"),
        cast=("Moth",),
    ),
    Step(
        "A generous combo: its unit test says no",
        (
            Replace(
                "rules/scoring.py",
                "return min(game.tuning.COMBO_MOST, 1 + self.streak // game.tuning.COMBO_STEP)",
                "return min(game.tuning.COMBO_MOST, 1 + 2 * (self.streak // game.tuning.COMBO_STEP))",
            ),
        ),
        probes.rejected("scoring", "30 != 20", still=lambda game: _multiplier(game, 8) == 2),
    ),
    Step(
        "The test is changed too: both go in, and the best score is kept",
        (
            Replace(
                "rules/scoring_unittest.py",
                "self.assertEqual(points[-1], 20)",
                "self.assertEqual(points[-1], 30)",
            ),
        ),
        probes.healed(
            lambda game: _multiplier(game, 8) == 3 and game.rules.best_score > 0,
            "8 kills in a row give x3",
        ),
    ),
    Step(
        "A behaviour that raises: its save is rolled back, the moths fly on",
        (
            Replace(
                "bugs/fliers.py",
                "swing = math.sin(self.age * 2.6) * self.SWING",
                "swing = math.sin(self.age * 2.6) * self.SWNIG",
            ),
        ),
        probes.rolled_back("fliers.py"),
        cast=("Moth",),
    ),
    Step(
        "The typo is gone: the file says again what runs",
        (
            Replace(
                "bugs/fliers.py",
                "swing = math.sin(self.age * 2.6) * self.SWNIG",
                "swing = math.sin(self.age * 2.6) * self.SWING",
            ),
        ),
        probes.healed(lambda game: math.isclose(_swing(game), 1.4), "no more errors"),
        cast=("Moth",),
    ),
    Step(
        "A wild idea: moths swing until they fly backwards",
        (
            Replace(
                "bugs/fliers.py",
                "SWING = (1.4)  # radians to either side",
                "SWING = 3.0  # radians to either side",
            ),
        ),
        probes.healed(lambda game: math.isclose(_swing(game), 3.0), "moths swing wildly"),
        cast=("Moth",),
    ),
    Step(
        "Not that wild: an undo, and those alive fly as before",
        (Undo(),),
        probes.undone(lambda game: math.isclose(_swing(game), 1.4), "moths swing as before"),
        cast=("Moth",),
    ),
)
