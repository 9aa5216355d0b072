"""What the autopilot fears and wants."""

import math

import game


def danger(world, x, y):
    """Return how bad it is to be at a place: the sum over all that bites, walls included."""
    total = 0.0
    for thing in world.near(x, y, 70.0, "bug", "spit"):
        # Where it will be in a moment counts, not where it is.
        gap = math.hypot(thing.x + thing.vx * 0.15 - x, thing.y + thing.vy * 0.15 - y) - thing.radius
        total += 30.0 / max(4.0, gap) ** 1.3
    edge = min(x, y, world.width - x, world.height - y)
    if edge < 50.0:
        total += ((50.0 - edge) / 50.0) ** 2 * 1.6
    return total


def wish(world, player):
    """Return the most attractive place: worthwhile loot, else the middle of the arena."""
    best, best_worth = (world.width / 2, world.height / 2), 0.0
    for loot in world.near(player.x, player.y, 220.0, "loot"):
        worth = {"Cell": 6.0, "Chip": 5.0}.get(type(loot).__name__, 1.0)
        if isinstance(loot, game.arsenal.Cell) and player.health == game.tuning.PLAYER_HEALTH:
            worth = 0.5
        worth /= 40.0 + math.hypot(loot.x - player.x, loot.y - player.y)
        if worth > best_worth:
            best, best_worth = (loot.x, loot.y), worth
    return best
