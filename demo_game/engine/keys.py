"""The keyboard, as controls."""

from __future__ import annotations

import pygame

from demo_game.engine.contract import Controls


def read() -> Controls:
    """Return what is held down at this moment."""
    held = pygame.key.get_pressed()

    def axis(less: int, more: int) -> float:
        return float(held[more]) - float(held[less])

    aim_x, aim_y = axis(pygame.K_LEFT, pygame.K_RIGHT), axis(pygame.K_UP, pygame.K_DOWN)
    return Controls(
        move_x=axis(pygame.K_a, pygame.K_d),
        move_y=axis(pygame.K_w, pygame.K_s),
        aim_x=aim_x,
        aim_y=aim_y,
        fire=bool(held[pygame.K_SPACE] or aim_x or aim_y),
        dash=bool(held[pygame.K_LSHIFT] or held[pygame.K_RSHIFT]),
        pulse=bool(held[pygame.K_e]),
        swap=bool(held[pygame.K_q]),
    )
