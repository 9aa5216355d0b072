"""A small canvas for pixel art: hard-edged shapes, a dark outline, one light."""

# Rule 1: every pixel is computed here, not by pygame.draw: its ellipses differ between releases.
# Rule 2: sprites look to the right, and what is symmetric is drawn in the upper half and mirrored.

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pygame

if TYPE_CHECKING:
    from collections.abc import Callable

Colour = tuple[int, int, int]
Point = tuple[float, float]

INK = (14, 16, 28)


def mix(first: Colour, second: Colour, part: float) -> Colour:
    """Return the colour `part` of the way from first to second."""
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return red, green, blue


class Canvas:
    """A square frame of a sheet. Coordinates are pixels; whole numbers are pixel corners."""

    def __init__(self, size: int, height: int | None = None) -> None:
        self.width = size
        self.height = height or size
        self.surface = pygame.Surface((self.width, self.height), pygame.SRCALPHA)

    def fill(self, inside: Callable[[float, float], bool], colour: Colour, alpha: int = 255) -> None:
        """Colour every pixel whose centre is inside."""
        for y in range(self.height):
            for x in range(self.width):
                if inside(x + 0.5, y + 0.5):
                    self.surface.set_at((x, y), (*colour, alpha))

    def ellipse(self, centre: Point, radii: Point, colour: Colour, alpha: int = 255, tilt: float = 0.0) -> None:
        """Draw a filled ellipse, tilted by radians."""
        cos, sin = math.cos(tilt), math.sin(tilt)

        def inside(x: float, y: float) -> bool:
            dx, dy = x - centre[0], y - centre[1]
            along, across = dx * cos + dy * sin, dy * cos - dx * sin
            return (along / radii[0]) ** 2 + (across / radii[1]) ** 2 <= 1.0

        self.fill(inside, colour, alpha)

    def disc(self, x: float, y: float, radius: float, colour: Colour, alpha: int = 255) -> None:
        """Draw a filled circle."""
        self.ellipse((x, y), (radius, radius), colour, alpha)

    def ring(self, x: float, y: float, radius: float, width: float, colour: Colour, alpha: int = 255) -> None:
        """Draw a circle of a width, measured inwards."""
        self.fill(lambda px, py: radius - width <= math.hypot(px - x, py - y) <= radius, colour, alpha)

    def box(self, left: float, top: float, width: float, height: float, colour: Colour, alpha: int = 255) -> None:
        """Draw a filled rectangle."""
        self.fill(lambda x, y: left <= x < left + width and top <= y < top + height, colour, alpha)

    def shape(self, points: list[Point], colour: Colour, alpha: int = 255) -> None:
        """Draw a filled polygon."""

        def inside(x: float, y: float) -> bool:
            odd = False
            for (ax, ay), (bx, by) in zip(points, points[1:] + points[:1], strict=True):
                if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
                    odd = not odd
            return odd

        self.fill(inside, colour, alpha)

    def stroke(self, points: list[Point], colour: Colour, width: float = 1.0) -> None:
        """Draw lines from point to point."""
        for (ax, ay), (bx, by) in itertools.pairwise(points):
            steps = max(1, math.ceil(math.hypot(bx - ax, by - ay) * 2))
            for step in range(steps + 1):
                x, y = ax + (bx - ax) * step / steps, ay + (by - ay) * step / steps
                self.box(math.floor(x), math.floor(y), width, width, colour)

    def mirror(self) -> None:
        """Copy the upper half, upside down, to the lower half."""
        for y in range(self.height // 2):
            for x in range(self.width):
                self.surface.set_at((x, self.height - 1 - y), self.surface.get_at((x, y)))

    def light(self, amount: float = 0.28) -> None:
        """Brighten what has nothing above it and darken what has nothing below it: the sprite gets a body."""
        source = self.surface.copy()
        for y in range(self.height):
            for x in range(self.width):
                red, green, blue, alpha = source.get_at((x, y))
                if alpha < 200:
                    continue
                colour = (red, green, blue)
                if y == 0 or source.get_at((x, y - 1))[3] < 200:
                    colour = mix(colour, (255, 255, 255), amount)
                elif y == self.height - 1 or source.get_at((x, y + 1))[3] < 200:
                    colour = mix(colour, INK, amount * 1.3)
                self.surface.set_at((x, y), (*colour, alpha))

    def outline(self, colour: Colour = INK) -> None:
        """Draw a dark line around everything opaque."""
        source = self.surface.copy()
        for y in range(self.height):
            for x in range(self.width):
                if source.get_at((x, y))[3] >= 200:
                    continue
                for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    near = (x + dx, y + dy)
                    if source.get_rect().collidepoint(near) and source.get_at(near)[3] >= 200:
                        self.surface.set_at((x, y), (*colour, 255))
                        break

    def halo(self, colour: Colour, radius: float, strength: float) -> None:
        """Draw a soft light around the middle, for sprites that are added to the picture."""
        middle_x, middle_y = self.width / 2, self.height / 2
        for y in range(self.height):
            for x in range(self.width):
                gap = math.hypot(x + 0.5 - middle_x, y + 0.5 - middle_y)
                part = max(0.0, 1.0 - gap / radius) ** 2 * strength
                if part > 0.0:
                    red, green, blue, _ = self.surface.get_at((x, y))
                    lit = (red + colour[0] * part, green + colour[1] * part, blue + colour[2] * part)
                    self.surface.set_at((x, y), (*(min(255, round(value)) for value in lit), 255))
