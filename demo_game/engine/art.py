"""Sprites: loaded from `assets/`, turned, scaled and whitened on demand, kept; loaded again when they are saved."""

# Rule 1: what a script asks for may not exist (yet). A missing sheet is drawn as a checked
#         square, never an error.
# Rule 2: a saved picture that cannot be loaded is reported by the plugin, and the last good one stays.

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pygame

from demo_game.engine import look

if TYPE_CHECKING:
    from livescripts import LiveScripts

ASSETS = Path(__file__).resolve().parents[2] / "assets"
TURNS = 32
SIZES = 8  # steps per unit of scale
MOST_KEPT = 4000

Variant = tuple[str, int, int, int, bool]


class Art:
    """All pictures of the game, and the looks of its arena. With `live`, both follow what is saved."""

    def __init__(self, directory: Path = ASSETS, live: LiveScripts | None = None) -> None:
        self._directory = directory
        self._sheets: dict[str, list[pygame.Surface]] = {}
        self._variants: dict[Variant, pygame.Surface] = {}
        self._arena: pygame.Surface | None = None
        self.look = look.Look()
        if live is not None:
            # Before anything is loaded: what is saved from here on is told of.
            live.watch_files(directory, "*.png", self._follow_picture)
            live.watch_files(directory, "arena.toml", self._follow_look)
        try:
            self._follow_look(directory / "arena.toml")
        except (OSError, ValueError) as error:
            print(f"arena.toml: {error}", file=sys.stderr)

    def sheet(self, name: str) -> list[pygame.Surface]:
        """Return the frames of a sheet. Needs a display mode to be set."""
        frames = self._sheets.get(name)
        if frames is None:
            frames = self._sheets[name] = self._load(name)
        return frames

    def arena(self) -> pygame.Surface:
        """Return the floor, in the tint of the day."""
        if self._arena is None:
            self._arena = pygame.image.load(self._directory / "arena.png").convert()
            self._arena.fill(self.look.tint, special_flags=pygame.BLEND_RGB_MULT)
        return self._arena

    def _follow_picture(self, path: Path) -> None:
        name = path.stem
        if name == "arena":
            pygame.image.load(path)
            self._arena = None
        elif name in self._sheets:
            self._sheets[name] = self._load(name)
            self._variants = {key: image for key, image in self._variants.items() if key[0] != name}

    def _follow_look(self, path: Path) -> None:
        self.look = look.read(path)
        self._arena = None

    def sprite(self, name: str, frame: int, angle: float, scale: float, *, flash: bool) -> pygame.Surface:
        """Return a frame, turned to one of 32 directions and scaled in steps of one eighth."""
        turn = round(angle * TURNS / math.tau) % TURNS
        size = max(1, round(scale * SIZES))
        return self._variant((name, frame, turn, size, flash))

    def _variant(self, key: Variant) -> pygame.Surface:
        found = self._variants.get(key)
        if found is None:
            if len(self._variants) >= MOST_KEPT:
                self._variants.clear()
            found = self._variants[key] = self._make(key)
        return found

    def _load(self, name: str) -> list[pygame.Surface]:
        path = self._directory / f"{name}.png"
        if not path.is_file():
            return [_missing()]
        sheet = pygame.image.load(path).convert_alpha()
        size = sheet.get_height()
        return [
            sheet.subsurface((left, 0, size, size)) for left in range(0, max(size, sheet.get_width()) - size + 1, size)
        ]

    def _make(self, key: Variant) -> pygame.Surface:
        name, frame, turn, size, flash = key
        if size != SIZES:
            # From the turned one, not from the sheet: turning is dear, and growing things ask for many sizes.
            surface = self._variant((name, frame, turn, SIZES, flash))
            return pygame.transform.scale_by(surface, size / SIZES)
        if turn:
            # Turning a small sprite tears its outline; turning it enlarged by scale2x and shrinking it does not.
            surface = self._variant((name, frame, 0, SIZES, flash))
            large = pygame.transform.scale2x(pygame.transform.scale2x(surface))
            large = pygame.transform.rotate(large, -360.0 * turn / TURNS)
            width, height = large.get_size()
            return pygame.transform.scale(large, (max(1, width // 4), max(1, height // 4)))
        frames = self.sheet(name)
        surface = frames[frame % len(frames)]
        if flash:
            mask = pygame.mask.from_surface(surface, 140)
            return mask.to_surface(setcolor=(255, 255, 255, 255), unsetcolor=(0, 0, 0, 0))
        return surface


def _missing() -> pygame.Surface:
    surface = pygame.Surface((16, 16))
    surface.fill((255, 0, 255))
    surface.fill((0, 0, 0), (0, 0, 8, 8))
    surface.fill((0, 0, 0), (8, 8, 8, 8))
    return surface.convert()
