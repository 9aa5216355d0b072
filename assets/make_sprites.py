"""Draws every picture of the demo game: `python assets/make_sprites.py [DIRECTORY]`.

A sheet is one row of frames of equal width, as PNG, beside this script. The pictures are committed; run this
after changing how one is drawn. The same script always draws the same pixels.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pygame
import sprite_arena
import sprite_bugs
import sprite_things

if TYPE_CHECKING:
    from collections.abc import Callable

    from sprite_canvas import Canvas

SHEETS: dict[str, Callable[[], list[Canvas]]] = {
    "arena": sprite_arena.arena,
    "aura": sprite_things.aura,
    "beetle": sprite_bugs.beetle,
    "bit": sprite_things.bit,
    "bolt": sprite_things.bolt,
    "cell": sprite_things.cell,
    "chip": sprite_things.chip,
    "drone": sprite_bugs.drone,
    "firefly": sprite_bugs.firefly,
    "flash": sprite_things.flash,
    "grub": sprite_bugs.grub,
    "heart": sprite_things.heart,
    "hole": sprite_things.hole,
    "lamp": sprite_things.lamp,
    "mite": sprite_bugs.mite,
    "moth": sprite_bugs.moth,
    "pellet": sprite_things.pellet,
    "queen": sprite_bugs.queen,
    "shadow": partial(sprite_things.shadow, 24),
    "shadow_big": partial(sprite_things.shadow, 60),
    "slug": sprite_things.slug,
    "spit": sprite_things.spit,
    "spitter": sprite_bugs.spitter,
    "wasp": sprite_bugs.wasp,
} | {
    f"{kind}_{name}": partial(draw, colour)
    for kind, draw in (("spark", sprite_things.spark), ("stain", sprite_things.stain))
    for name, colour in sprite_things.LIGHTS.items()
}


def sheet(name: str) -> pygame.Surface:
    """Draw one sheet."""
    frames = SHEETS[name]()
    width, height = frames[0].width, frames[0].height
    surface = pygame.Surface((width * len(frames), height), pygame.SRCALPHA)
    for number, frame in enumerate(frames):
        surface.blit(frame.surface, (number * width, 0))
    return surface


def main(directory: Path) -> None:
    """Write all sheets into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in SHEETS:
        pygame.image.save(sheet(name), directory / f"{name}.png")
    print(f"{len(SHEETS)} sheets in {directory}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
