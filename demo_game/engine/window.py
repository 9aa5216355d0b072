"""The game in a window, at 60 frames a second."""

# Rule 1: the plugin is updated once per frame, before the steps: scripts never change in the middle of one.
# Rule 2: steps are of fixed length. A slow machine plays up to three per frame, then the game slows down.

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from demo_game.engine import keys
from demo_game.engine.contract import DT, FPS
from demo_game.engine.display import open_window, save_png
from demo_game.engine.draw import WINDOW, Renderer
from demo_game.engine.text import put
from livescripts import overlay

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo_game.engine.session import Session


MOST_STEPS = 3
DIM = (104, 136, 138)


class Window:
    """The screen and who plays."""

    def __init__(self, session: Session, *, autopilot: bool) -> None:
        self.surface = open_window(WINDOW, "Bughunt - a livescripts demo")
        self.session = session
        self.autopilot = autopilot
        self.paused = False
        self.closed = False
        self._renderer = Renderer(session.live)
        self._clock = pygame.time.Clock()
        self._owed = 0.0

    def frame(self, caption: Callable[[pygame.Surface], None] | None = None, most_steps: int = MOST_STEPS) -> None:
        """Handle input, play what time has passed, draw, wait for the next frame."""
        self._events()
        self.session.live.update()
        self._owed += min(0.25, self._clock.get_time() / 1000.0)
        steps = min(most_steps, round(self._owed / DT))
        self._owed = max(0.0, min(DT, self._owed - steps * DT))
        if not self.paused:
            for _ in range(steps):
                self.session.step(None if self.autopilot else keys.read())
        self.draw(caption)
        pygame.display.flip()
        self._clock.tick(FPS)

    def draw(self, caption: Callable[[pygame.Surface], None] | None = None) -> None:
        """Draw the game, who plays it, and over it what the plugin has to say, without showing it yet."""
        session = self.session
        self._renderer.draw(self.surface, session.world, session.hud())
        who = "autopilot  " if self.autopilot else ""
        note = f"{who}{self._clock.get_fps():.0f} fps  {len(session.world.things)} things"
        put(self.surface, note, 16, 92, 18, DIM)
        if self.paused:
            width, height = self.surface.get_size()
            put(self.surface, "PAUSED", width / 2, height / 2 - 40, 80, (226, 240, 238), "centre")
        if caption is not None:
            caption(self.surface)
        overlay.draw(session.live, self.surface)

    def _events(self) -> None:
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self.closed = True
            elif event.type == pygame.KEYDOWN:
                if event.key == pygame.K_ESCAPE:
                    self.closed = True
                elif event.key == pygame.K_TAB:
                    self.autopilot = not self.autopilot
                elif event.key == pygame.K_p:
                    self.paused = not self.paused


def play(session: Session, frames: int | None, screenshot: Path | None, *, autopilot: bool) -> None:
    """Play until the window is closed, or for a number of steps."""
    window = Window(session, autopilot=autopilot)
    world = session.world
    try:
        while not window.closed and (frames is None or world.frame < frames):
            window.frame(most_steps=MOST_STEPS if frames is None else min(MOST_STEPS, frames - world.frame))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    print(session.summary(), flush=True)
    if screenshot is not None:
        window.draw()
        save_png(window.surface, screenshot)
