"""The words and gauges over the picture. Called once a frame; whatever it returns is drawn."""

import game

from demo_game.engine.contract import Bar, Icon, Label

WHITE = (226, 240, 238)
DIM = (122, 158, 158)
GOLD = (255, 214, 92)
CYAN = (120, 240, 255)
RED = (255, 110, 110)


def hud(world):
    """Return the labels, bars and icons of this frame."""
    items = []
    director = world.director
    scoring = director.scoring
    player = world.player
    for number in range(game.tuning.PLAYER_HEALTH):
        items.append(Icon("heart", 14 + number * 14, 13, frame=0 if number < player.health else 1))
    items.append(Bar(8, 24, 82, 3, player.charge, CYAN if player.charge >= 1.0 else (60, 130, 150)))
    items.append(Label(f"{player.gun.name} {player.gun.level}", 8, 31, 20, CYAN))
    if player.charge >= 1.0:
        items.append(Label("PULSE READY  [E]", 96, 20, 18, CYAN))
    items.append(Label(f"{scoring.score:,}", world.width - 8, 6, 40, WHITE, "right"))
    items.append(Label(f"best {game.rules.best_score:,}", world.width - 8, 27, 18, DIM, "right"))
    if scoring.multiplier > 1:
        items.append(Label(f"x{scoring.multiplier}", world.width - 8, 38, 36, GOLD, "right"))
        items.append(Bar(world.width - 48, 58, 40, 2, scoring.left / game.tuning.COMBO_SECONDS, GOLD))
    items.append(Label(f"WAVE {director.wave}", world.width / 2, 6, 24, WHITE, "centre"))
    items += queens(world)
    if director.banner_left > 0.0:
        middle = world.width / 2
        items.append(Label(director.banner, middle, world.height / 2 - 70, 84, WHITE, "centre"))
        if director.over_for is not None:
            items.append(
                Label(
                    f"{scoring.score:,} points, {scoring.kills} bugs, wave {director.wave}",
                    middle,
                    world.height / 2 + 62,
                    30,
                    GOLD,
                    "centre",
                )
            )
            if director.over_for > 2.0:
                items.append(Label("fire to try again", middle, world.height / 2 + 84, 24, DIM, "centre"))
        elif director.wave <= 1:
            items.append(
                Label(
                    "WASD move    SPACE or arrows fire    SHIFT dash    E pulse    Q weapon    "
                    "TAB autopilot    P pause",
                    middle,
                    world.height / 2 + 62,
                    22,
                    DIM,
                    "centre",
                )
            )
    return items


def queens(world):
    """Return a long bar for each queen alive."""
    items = []
    for bug in world.team("bug"):
        if hasattr(bug, "anger"):
            y = 22 + 8 * (len(items) // 2)
            items.append(Bar(world.width / 2 - 110, y, 220, 5, 1.0 - bug.anger, RED))
            items.append(Label("QUEEN", world.width / 2 - 114, y - 3, 16, RED, "right"))
    return items
