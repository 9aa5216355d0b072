"""The game without a window: the autopilot plays as fast as it can, and prints what it does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from demo_game.engine.contract import FPS
from demo_game.engine.display import hidden_surface, save_png
from demo_game.engine.draw import WINDOW, Renderer
from livescripts import overlay

if TYPE_CHECKING:
    from pathlib import Path

    from demo_game.engine.session import Session


FRAMES = 30 * FPS
REPORT_EVERY = 5 * FPS


def play(session: Session, frames: int | None, screenshot: Path | None) -> None:
    """Play a number of steps with the autopilot."""
    total = FRAMES if frames is None else frames
    began = time.perf_counter()
    try:
        for number in range(total):
            session.live.update()
            session.step(None)
            if (number + 1) % REPORT_EVERY == 0 and number + 1 < total:
                print(session.summary(), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    seconds = time.perf_counter() - began
    world = session.world
    print(
        f"{session.summary()}\n{world.frame} steps in {seconds:.2f} s, checksum {world.checksum()}",
        flush=True,
    )
    if screenshot is not None:
        save_screenshot(session, screenshot)


def save_screenshot(session: Session, path: Path) -> None:
    """Draw the present state and save it as PNG."""
    surface = hidden_surface(WINDOW)
    Renderer().draw(surface, session.world, session.hud())
    overlay.draw(session.live, surface)
    save_png(surface, path)
