import behaviour
import pgzrun
import pygame

import livescripts.engines.pgzero

WIDTH, HEIGHT = 160, 120

livescripts.engines.pgzero.install(behaviour.live)


def update() -> None:
    if behaviour.frame():
        pygame.event.post(pygame.event.Event(pygame.QUIT))


def draw() -> None:
    screen.clear()  # noqa: F821


pgzrun.go()
behaviour.finish()
