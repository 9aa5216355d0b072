"""Shots, loot, lights and stains."""

from __future__ import annotations

import math
import random

from sprite_canvas import INK, Canvas, Colour, mix

CYAN = (90, 226, 255)
GOLD = (255, 206, 84)
LIGHTS: dict[str, Colour] = {
    "cyan": CYAN,
    "gold": GOLD,
    "red": (255, 86, 74),
    "green": (150, 240, 80),
    "violet": (196, 120, 255),
}


def bolt() -> list[Canvas]:
    """The blaster's shot."""
    canvas = Canvas(16)
    canvas.halo(CYAN, 8, 0.7)
    canvas.ellipse((8, 8), (5.5, 1.6), (70, 190, 235))
    canvas.ellipse((9, 8), (3.6, 0.9), (236, 252, 255))
    return [canvas]


def pellet() -> list[Canvas]:
    """The scatter's shot."""
    canvas = Canvas(12)
    canvas.halo(GOLD, 6, 0.8)
    canvas.ellipse((6, 6), (2.6, 1.4), (255, 236, 170))
    return [canvas]


def slug() -> list[Canvas]:
    """The rail's shot."""
    canvas = Canvas(24)
    canvas.halo((180, 110, 255), 12, 0.8)
    canvas.ellipse((12, 12), (10.5, 2.0), (170, 110, 250))
    canvas.ellipse((14, 12), (7.0, 1.0), (255, 240, 255))
    return [canvas]


def spit() -> list[Canvas]:
    """What bugs fire: it must be seen against everything."""
    frames = []
    for radius in (3.6, 3.0):
        canvas = Canvas(12)
        canvas.disc(6, 6, radius + 1, (190, 24, 120))
        canvas.disc(6, 6, radius - 0.4, (255, 92, 190))
        canvas.disc(5.6, 5.6, radius - 1.9, (255, 224, 246))
        canvas.outline()
        frames.append(canvas)
    return frames


def bit() -> list[Canvas]:
    """A golden chip of data, turning."""
    frames = []
    for width in (3.6, 2.8, 1.4, 2.8):
        canvas = Canvas(12)
        canvas.shape([(6 - width, 6), (6, 2), (6 + width, 6), (6, 10)], GOLD)
        canvas.shape([(6 - width * 0.4, 6), (6, 4), (6, 8)], (255, 244, 196))
        canvas.light(0.2)
        canvas.outline((70, 44, 14))
        frames.append(canvas)
    return frames


def cell() -> list[Canvas]:
    """A battery: repairs."""
    frames = []
    for level in range(4):
        canvas = Canvas(16)
        canvas.box(6, 1, 4, 2, (200, 214, 220))
        canvas.box(4, 3, 8, 11, (44, 66, 74))
        canvas.box(5, 12 - level * 2 - 1, 6, 2 * level + 2, (110, 244, 120))
        canvas.box(7, 6, 2, 6, (240, 255, 240))
        canvas.box(5, 8, 6, 2, (240, 255, 240))
        canvas.outline((8, 40, 24))
        frames.append(canvas)
    return frames


def chip() -> list[Canvas]:
    """An upgrade: a chip with a light that runs around."""
    frames = []
    for lit in range(4):
        canvas = Canvas(18)
        for pin in (4, 8, 12):
            canvas.box(pin, 1, 2, 16, (226, 190, 96))
            canvas.box(1, pin, 16, 2, (226, 190, 96))
        canvas.box(3, 3, 12, 12, (40, 44, 78))
        canvas.box(4, 4, 10, 10, (66, 74, 128))
        corner = ((5, 5), (11, 5), (11, 11), (5, 11))[lit]
        canvas.box(*corner, 2, 2, (120, 244, 255))
        canvas.shape([(9, 5.5), (12, 9), (6, 9)], (120, 244, 255))
        canvas.box(8, 9, 2, 3, (120, 244, 255))
        canvas.outline()
        frames.append(canvas)
    return frames


def heart() -> list[Canvas]:
    """Health: full and empty."""
    frames = []
    for body, shine in (((255, 82, 92), (255, 190, 190)), ((44, 58, 68), (58, 76, 86))):
        canvas = Canvas(14)
        canvas.disc(4.6, 5, 2.9, body)
        canvas.disc(9.4, 5, 2.9, body)
        canvas.shape([(2, 6), (12, 6), (7, 12)], body)
        canvas.box(4, 3, 2, 2, shine)
        canvas.outline()
        frames.append(canvas)
    return frames


def hole() -> list[Canvas]:
    """Where bugs come from, opening."""
    rng = random.Random(5)
    cracks = [(number * math.tau / 9 + rng.uniform(-0.25, 0.25), rng.uniform(10, 15)) for number in range(9)]
    frames = []
    for step in range(4):
        canvas = Canvas(36)
        grown = (step + 1) / 4
        for angle, reach in cracks:
            points = []
            for part in range(4):
                gap = reach * grown * part / 3
                bend = angle + (0.25 if part % 2 else -0.1)
                points.append((18 + math.cos(bend) * gap, 18 + math.sin(bend) * gap))
            canvas.stroke(points, (150, 60, 190))
        canvas.disc(18, 18, 9.5 * grown, (120, 40, 160))
        canvas.disc(18, 18, 8.0 * grown, (52, 16, 84))
        canvas.disc(18, 18.6, 6.2 * grown, (8, 4, 18))
        frames.append(canvas)
    return frames


def flash() -> list[Canvas]:
    """A short light."""
    frames = []
    for radius, strength in ((15, 1.2), (12, 0.8), (8, 0.5)):
        canvas = Canvas(32)
        canvas.halo((255, 226, 170), radius, strength)
        frames.append(canvas)
    return frames


def spark(colour: Colour) -> list[Canvas]:
    """A speck, going out."""
    frames = []
    for step in range(4):
        canvas = Canvas(10)
        canvas.halo(colour, 4.6 - step * 0.5, 0.75 - step * 0.15)
        size = 2 if step < 3 else 1
        canvas.box(4, 4, size, size, mix(colour, (255, 255, 255), 0.7 - step * 0.2))
        frames.append(canvas)
    return frames


def stain(colour: Colour) -> list[Canvas]:
    """Splashes on the board, drying."""
    rng = random.Random(sum(colour))
    drops = [(rng.random() * math.tau, rng.uniform(2, 9), rng.uniform(0.8, 2.4)) for _ in range(9)]
    frames = []
    for step in range(4):
        canvas = Canvas(26)
        dark = mix(colour, (10, 22, 28), 0.62 + 0.08 * step)
        alpha = 170 - 42 * step
        for angle, gap, radius in drops:
            canvas.disc(13 + math.cos(angle) * gap, 13 + math.sin(angle) * gap, radius, dark, alpha)
        canvas.disc(13, 13, 4.0, dark, alpha)
        frames.append(canvas)
    return frames


def shadow(size: int) -> list[Canvas]:
    """A soft dark patch, a little below what casts it."""
    canvas = Canvas(size)
    middle = size / 2
    canvas.ellipse((middle, middle + size * 0.12), (size * 0.44, size * 0.36), INK, 60)
    canvas.ellipse((middle, middle + size * 0.12), (size * 0.36, size * 0.28), INK, 110)
    return [canvas]


def aura() -> list[Canvas]:
    """The mark of an elite: a golden circle beneath it."""
    canvas = Canvas(26)
    canvas.disc(13, 13, 12.5, (255, 190, 60), 50)
    canvas.ring(13, 13, 12.5, 1.2, (255, 206, 84), 200)
    canvas.ring(13, 13, 10.0, 1.0, (255, 206, 84), 90)
    return [canvas]


def lamp() -> list[Canvas]:
    """The light around the drone, so that it is found at once in a crowd."""
    canvas = Canvas(64)
    for radius in range(32, 4, -4):
        canvas.disc(32, 32, radius, (90, 200, 230), 8 + (32 - radius) * 2)
    canvas.ellipse((32, 36), (10, 8), INK, 120)
    return [canvas]
