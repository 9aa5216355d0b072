"""The pulse: what the drone does when it has collected enough and has had enough."""

import game


def pulse(world, x, y):
    """Hurt and push every bug around, and dissolve their spit."""
    reach = game.tuning.PULSE_RADIUS
    for bug in world.near(x, y, reach, "bug"):
        bug.push(bug.x - x, bug.y - y, 260.0)
        bug.hurt(game.tuning.PULSE_DAMAGE, world, bug.x - x, bug.y - y)
    for spit in world.near(x, y, reach, "spit"):
        spit.alive = False
        game.fx.spark(world, spit.x, spit.y, "cyan")
    game.fx.ring(world, x, y, reach)
    game.fx.ring(world, x, y, reach * 0.7)
    game.fx.burst(world, x, y, "cyan", 30, 260.0)
    game.fx.shake(world, 9.0)
