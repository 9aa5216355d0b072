"""Words on the screen: pygame's own font, rendered once, wrapped to a width."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import pygame

if TYPE_CHECKING:
    from demo_game.engine.contract import Align, Colour

SHADE = (4, 8, 12)


@lru_cache(maxsize=32)
def font(size: int) -> pygame.font.Font:
    """Return the default font at a height in window pixels."""
    return pygame.font.Font(None, size)


@lru_cache(maxsize=600)
def words(text: str, size: int, colour: Colour) -> pygame.Surface:
    """Return a line of text with a dark edge to the lower right, so that it is readable on anything."""
    face = font(size)
    front = face.render(text, True, colour)
    surface = pygame.Surface((front.get_width() + 2, front.get_height() + 2), pygame.SRCALPHA)
    surface.blit(face.render(text, True, SHADE), (2, 2))
    surface.blit(front, (0, 0))
    return surface


def restart() -> None:
    """Start the fonts anew. A font that outlives `pygame.quit()` crashes the interpreter when it is used."""
    font.cache_clear()
    words.cache_clear()
    pygame.font.init()


def put(
    target: pygame.Surface, text: str, x: float, y: float, size: int, colour: Colour, align: Align = "left"
) -> pygame.Rect:
    """Draw a line of text with its top at `y`; return where it went."""
    surface = words(printable(text), size, colour)
    left = {"left": x, "centre": x - surface.get_width() / 2, "right": x - surface.get_width()}[align]
    return target.blit(surface, (round(left), round(y)))


def printable(text: str) -> str:
    """Return text a font can draw: no null characters, tabs as spaces."""
    return text.replace("\0", "").replace("\t", "    ")


def wrap(text: str, size: int, width: int, most: int) -> list[str]:
    """Break text into at most `most` lines no wider than `width`; the last one shows if more was cut."""
    face = font(size)
    lines: list[str] = []
    for paragraph in printable(text).splitlines():
        line = ""
        # A word may be wider than the window, a path for example: then it is broken anywhere.
        for word in paragraph.split(" "):
            rest = f"{line} {word}" if line else word
            while rest and face.size(rest)[0] > width:
                cut = _fitting(face, rest, width) if not line or face.size(word)[0] > width else len(line)
                lines.append(rest[:cut])
                rest = rest[cut:].lstrip(" ")
                line = ""
            line = rest
        lines.append(line)
    if len(lines) > most:
        last = lines[most - 1]
        while last and face.size(last + " ...")[0] > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last + " ..."]
    return lines


def _fitting(face: pygame.font.Font, text: str, width: int) -> int:
    """Return how many characters fit, at least one."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if face.size(text[:middle])[0] <= width:
            low = middle
        else:
            high = middle - 1
    return low
