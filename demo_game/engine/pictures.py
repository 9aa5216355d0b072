"""The pictures of the documentation, taken of the game itself: `python -m demo_game --pictures docs/images`."""

# Rule 1: nothing is staged. The steps are the tour's, the saves are real, and what is seen is what a player sees.
# Rule 2: Pillow is needed for the moving picture alone; the others are pygame's own.

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import pygame

from demo_game.engine.contract import DT
from demo_game.engine.display import hidden_surface, save_png
from demo_game.engine.draw import WINDOW, Renderer
from demo_game.engine.panel import draw_panel
from demo_game.engine.tour.runner import Pace, Runner
from demo_game.engine.tour.steps import STEPS
from livescripts import overlay

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

    from demo_game.engine.session import Session

SHOWN = (
    "A number",
    "A new file",
    "A syntax",
    "The bracket",
    "A behaviour that",
    "The typo",
    "A wild",
    "Not that",
)
"""How the captions begin of the steps that are shown. They do not need those that are left out."""
STILLS = {
    "A number": "overlay-reload",
    "A new file": "demo",
    "A syntax": "overlay-rejection",
    "A behaviour that": "overlay-rollback",
    "Not that": "overlay-undo",
}
PACE = Pace(announce=1.5, hold=2.0)
STILL_AFTER = 0.7
"""Seconds into the holding of a step at which its picture is taken: what moves has moved, and the news is still up."""
WARM_UP = 9.0
"""Seconds of play before the first step."""
PER_SECOND = 4
FILM_SCALE = 1.5
"""Of the overlay in the moving picture, which is shown smaller than the game."""
SIZE = (720, 405)
QUALITY = 34


def take(session: Session, directory: Path) -> bool:
    """Save the pictures; return whether every step did what the tour says. Takes about a minute."""
    steps = [step for step in STEPS if step.caption.startswith(SHOWN)]
    names = {step.caption: name for step in steps for start, name in STILLS.items() if step.caption.startswith(start)}
    surface = hidden_surface(WINDOW)
    renderer, film = Renderer(), list["Image"]()
    runner = Runner(session, steps, PACE, partial(print, flush=True))
    while session.world.time < WARM_UP:
        session.step(None)
    larger = overlay.Overlay(session.live, scale=FILM_SCALE, keys=None)
    overlay.draw(session.live, surface)  # from now on it listens
    began = due = time.monotonic()
    held: float | None = None
    while runner.phase != "over":
        session.live.update()
        session.step(None)
        now = time.monotonic()
        runner.tick(now)
        renderer.draw(surface, session.world, session.hud())
        held = None if runner.phase != "hold" else now if held is None else held
        name = names.get(runner.step.caption)
        if name and held is not None and now - held > STILL_AFTER:
            overlay.draw(session.live, surface)
            save_png(surface, directory / f"{name}.png")
            del names[runner.step.caption]
        elif (now - began) * PER_SECOND >= len(film):
            draw_panel(surface, runner)
            larger.draw(surface)
            film.append(_frame(surface))
        due = max(due + DT, time.monotonic() - DT)
        time.sleep(max(0.0, due - time.monotonic()))
    _save(film, directory / "tour.webp")
    return not runner.failed


def _frame(surface: pygame.Surface) -> Image:
    from PIL import Image

    return Image.frombytes("RGB", SIZE, pygame.image.tobytes(pygame.transform.smoothscale(surface, SIZE), "RGB"))


def _save(film: list[Image], path: Path) -> None:
    first, *others = film
    first.save(
        path, save_all=True, append_images=others, duration=1000 // PER_SECOND, loop=0, quality=QUALITY, method=4
    )
    print(f"moving picture: {path}, {path.stat().st_size // 1024} KB", flush=True)
