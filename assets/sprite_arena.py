"""The board the game is played on: a circuit board at night."""

from __future__ import annotations

import math
import random

import pygame
from sprite_canvas import Canvas, Colour, mix

WIDTH, HEIGHT = 640, 360
BOARD = (13, 30, 36)
TRACE = (22, 58, 60)
PAD = (52, 104, 92)
EIGHT_WAYS = [(1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1)]


def arena() -> list[Canvas]:
    """Traces, pads, chips and a frame, darker towards the edges."""
    rng = random.Random(20)
    canvas = Canvas(WIDTH, HEIGHT)
    surface = canvas.surface
    surface.fill(BOARD)
    for y in range(0, HEIGHT, 8):
        for x in range(0, WIDTH, 8):
            if rng.random() < 0.25:
                surface.fill(mix(BOARD, (20, 44, 50), rng.random() * 0.5), (x, y, 8, 8))
    for _ in range(64):
        _trace(canvas, rng)
    parts: list[pygame.Rect] = []
    for _ in range(60):
        _chip(canvas, rng, parts)
    for x in range(20, WIDTH - 20, 12):
        for y in (3, HEIGHT - 7):
            surface.fill((74, 66, 38), (x, y, 6, 4))
    for x, y in ((14, 14), (WIDTH - 14, 14), (14, HEIGHT - 14), (WIDTH - 14, HEIGHT - 14)):
        _dot(canvas, x, y, 6.5, (92, 82, 48))
        _dot(canvas, x, y, 3.5, (6, 12, 16))
    _vignette(canvas)
    return [canvas]


def _dot(canvas: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    """Draw a disc without walking the whole board."""
    for py in range(math.floor(y - radius), math.ceil(y + radius)):
        for px in range(math.floor(x - radius), math.ceil(x + radius)):
            if math.hypot(px + 0.5 - x, py + 0.5 - y) <= radius and canvas.surface.get_rect().collidepoint(px, py):
                canvas.surface.set_at((px, py), colour)


def _trace(canvas: Canvas, rng: random.Random) -> None:
    """Draw a bundle of parallel lines that turn by 45 degrees, with pads at the ends."""
    x, y = rng.randrange(2, WIDTH // 8) * 8.0, rng.randrange(2, HEIGHT // 8) * 8.0
    way = rng.randrange(0, 8, 2)
    colour = mix(TRACE, BOARD, rng.random() * 0.5)
    legs = [(rng.randrange(3, 13) * 8, rng.choice((-1, 1))) for _ in range(rng.randint(2, 4))]
    for line in range(rng.choice((1, 1, 2, 4))):
        side_x, side_y = EIGHT_WAYS[(way + 2) % 8]
        at_x, at_y = x + side_x * line * 6, y + side_y * line * 6
        heading = way
        _dot(canvas, at_x, at_y, 2.6, PAD)
        _dot(canvas, at_x, at_y, 1.1, (8, 18, 22))
        for length, bend in legs:
            step_x, step_y = EIGHT_WAYS[heading]
            for _ in range(length):
                # pygame and pygame-ce disagree about what is partly outside, so nothing is.
                square = pygame.Rect(round(at_x), round(at_y), 2, 2)
                canvas.surface.fill(colour, square.clip(canvas.surface.get_rect()))
                at_x, at_y = at_x + step_x, at_y + step_y
            heading = (heading + bend) % 8
        _dot(canvas, at_x + 1, at_y + 1, 2.6, PAD)
        _dot(canvas, at_x + 1, at_y + 1, 1.1, (8, 18, 22))


def _chip(canvas: Canvas, rng: random.Random, parts: list[pygame.Rect]) -> None:
    """Draw a flat black part with pins, unless it would lie on another one."""
    width, height = rng.choice(((40, 24), (24, 24), (56, 32), (18, 12), (12, 18)))
    x, y = rng.randrange(3, (WIDTH - 80) // 8) * 8, rng.randrange(3, (HEIGHT - 40) // 8) * 8
    place = pygame.Rect(x, y, width, height)
    if place.inflate(70, 50).collidelist(parts) >= 0:
        return
    parts.append(place)
    surface = canvas.surface
    for pin in range(3, width - 3, 5):
        surface.fill((66, 84, 84), (x + pin, y - 3, 2, height + 6))
    if width == height:
        for pin in range(3, height - 3, 5):
            surface.fill((66, 84, 84), (x - 3, y + pin, width + 6, 2))
    surface.fill((8, 17, 22), (x, y, width, height))
    surface.fill((16, 29, 35), (x + 1, y + 1, width - 2, height - 2))
    surface.fill((24, 40, 46), (x + 1, y + 1, width - 2, 1))
    _dot(canvas, x + 4, y + 4, 1.3, (40, 60, 64))
    for line in range(2):
        surface.fill((30, 50, 54), (x + 6, y + height // 2 + line * 3 - 1, min(width - 10, rng.randint(6, 30)), 1))


def _vignette(canvas: Canvas) -> None:
    """Let the light fall off towards the edges, in steps so coarse that they look drawn."""
    for y in range(HEIGHT):
        for x in range(WIDTH):
            gap = math.hypot((x - WIDTH / 2) / (WIDTH / 2), (y - HEIGHT / 2) / (HEIGHT / 2))
            part = min(0.62, max(0.0, gap - 0.5) * 0.75)
            part = math.floor(part * 24 + ((x + y) % 2) * 0.5) / 24
            red, green, blue, _ = canvas.surface.get_at((x, y))
            canvas.surface.set_at((x, y), mix((red, green, blue), (3, 7, 12), part))
