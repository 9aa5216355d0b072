"""The autopilot's host part: asks the script that plays, and does not trust its answer."""

from __future__ import annotations

import math
from typing import Any

from demo_game.engine.contract import Controls
from demo_game.engine.guard import blame
from demo_game.engine.world import NO_CONTROLS, World


def steer(world: World, game: Any) -> Controls:
    """Return what `game.pilot.decide` wants, or no controls at all if it raises."""
    # Looked up anew every step: the script that defines it may have moved to another file meanwhile.
    decide = game.pilot.decide
    answer = world.call(decide, world)
    if answer is None:
        return NO_CONTROLS
    try:
        return _checked(answer)
    except (TypeError, ValueError) as error:
        blame(world.call, decide, error)
        return NO_CONTROLS


def _checked(answer: Any) -> Controls:
    if not isinstance(answer, Controls):
        message = f"the autopilot returned {answer!r} instead of Controls"
        raise TypeError(message)
    axes = (answer.move_x, answer.move_y, answer.aim_x, answer.aim_y)
    if not all(math.isfinite(axis) and -1.0001 <= axis <= 1.0001 for axis in axes):
        message = f"the autopilot returned an axis outside -1..1: {answer!r}"
        raise ValueError(message)
    return answer
