"""The autopilot: looks a little ahead in sixteen directions and takes the best."""

import math

import game

from demo_game.engine.contract import Controls
from demo_game.engine.vec import polar, unit

DIRECTIONS = [polar(number * math.tau / 16, 1.0) for number in range(16)]


def decide(world):
    """Return the controls for this step."""
    player = world.player
    if player is None or not player.alive:
        return Controls(fire=True)
    goal_x, goal_y = game.pilot.wish(world, player)
    to_x, to_y = unit(goal_x - player.x, goal_y - player.y)
    here = game.pilot.danger(world, player.x, player.y)
    # Standing still is an option, with a small preference for going on as before.
    best, best_score = (0.0, 0.0), -here
    for dx, dy in DIRECTIONS:
        score = -game.pilot.danger(world, player.x + dx * 26.0, player.y + dy * 26.0)
        score += 0.35 * (dx * to_x + dy * to_y)
        score += 0.15 * (dx * player.vx + dy * player.vy) / game.tuning.PLAYER_SPEED
        if score > best_score:
            best, best_score = (dx, dy), score
    crowd = len(world.near(player.x, player.y, 75.0, "bug"))
    # The plain scheme of an experienced player: scatter into a crowd, rail into a queue,
    # blaster for the rest.
    want = 1 if crowd >= 7 else 0
    return Controls(
        move_x=best[0],
        move_y=best[1],
        fire=world.nearest(player.x, player.y, "bug", within=230.0) is not None,
        dash=here > 5.0,
        pulse=crowd >= 8 or (crowd >= 3 and player.health <= 2),
        swap=player.held != want and world.frame % 2 == 0,
    )
