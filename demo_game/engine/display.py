"""Is there a screen? And the drawing surface, with one or without."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pygame

from demo_game.engine import text

if TYPE_CHECKING:
    from pathlib import Path

NO_SCREEN_DRIVERS = frozenset({"dummy", "offscreen"})


def why_no_window() -> str | None:
    """Start the display; return None if windows can be opened, else the reason in a few words."""
    asked = os.environ.get("SDL_VIDEODRIVER", "")
    if (
        sys.platform.startswith("linux")
        and not asked
        and not os.environ.get("DISPLAY")
        and not os.environ.get("WAYLAND_DISPLAY")
    ):
        # SDL would go on to try the console's frame buffer, and its "offscreen" driver succeeds at once.
        return "neither DISPLAY nor WAYLAND_DISPLAY is set"
    try:
        pygame.display.init()
    except pygame.error as error:
        return str(error)
    driver = pygame.display.get_driver()
    if driver.lower() in NO_SCREEN_DRIVERS:
        pygame.display.quit()
        return f"SDL's video driver is {driver}"
    return None


def open_window(size: tuple[int, int], title: str) -> pygame.Surface:
    """Open the window and return its surface."""
    text.restart()
    surface = pygame.display.set_mode(size)
    pygame.display.set_caption(title)
    return surface


def save_png(surface: pygame.Surface, path: Path) -> None:
    """Save a picture as PNG, whatever the file is called, and say so."""
    with path.open("wb") as file:
        pygame.image.save(surface, file, "frame.png")
    print(f"screenshot: {path}", flush=True)


def hidden_surface(size: tuple[int, int]) -> pygame.Surface:
    """Return a surface to draw on where no window is wanted."""
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    pygame.display.quit()
    pygame.display.init()
    text.restart()
    return pygame.display.set_mode(size)
