"""The picture of one frame: arena at 640x360, doubled, with words over it at window resolution."""

# Rule 1: drawing changes nothing in the world and takes nothing from its random numbers: a run without a
#         window plays the same game.
# Rule 2: a thing that cannot be drawn is skipped from then on, as if it had raised; so is the HUD.

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pygame

from demo_game.engine import text
from demo_game.engine.art import Art
from demo_game.engine.contract import HEIGHT, SPARKS, WIDTH, Bar, HudItem, Icon, Label, Thing
from demo_game.engine.guard import blame

if TYPE_CHECKING:
    from demo_game.engine.look import Look
    from demo_game.engine.world import World
    from livescripts import LiveScripts

SCALE = 2
WINDOW = (WIDTH * SCALE, HEIGHT * SCALE)
ROOM = (6, 10, 14)


class Renderer:
    """Draws worlds onto a window-sized surface."""

    def __init__(self, live: LiveScripts | None = None) -> None:
        self.art = Art(live=live)
        self._canvas = pygame.Surface((WIDTH, HEIGHT)).convert()

    def draw(self, target: pygame.Surface, world: World, hud: list[HudItem]) -> None:
        """Draw everything but the tour's captions and what the plugin has to say."""
        canvas = self._canvas
        look = self.art.look
        shift_x, shift_y = _shaken(world, look.shake)
        canvas.fill(look.room)
        canvas.blit(self.art.arena(), (shift_x, shift_y))
        _dust(canvas, world, look)
        layers: list[list[Thing]] = [[] for _ in range(SPARKS + 1)]
        for thing in world.things:
            try:
                layers[thing.layer].append(thing)
                if thing.under:
                    self._sprite(thing, thing.under, 0, 0.0, shift_x, shift_y)
            except Exception as error:
                blame(world.call, thing, error)
        for thing in itertools.chain.from_iterable(layers):
            try:
                self._thing(thing, shift_x, shift_y)
            except Exception as error:
                blame(world.call, thing, error)
        pygame.transform.scale(canvas, target.get_size(), target)
        for thing in layers[SPARKS]:
            try:
                _float(target, thing)
            except Exception as error:
                blame(world.call, thing, error)
        for item in hud:
            try:
                self._item(target, item)
            except Exception as error:
                blame(world.call, world.hud, error)

    def _thing(self, thing: Thing, shift_x: int, shift_y: int) -> None:
        if thing.sprite:
            self._sprite(thing, thing.sprite, thing.frame, thing.angle, shift_x, shift_y)
        if thing.ring > 0:
            place = (round(thing.x + shift_x), round(thing.y + shift_y))
            pygame.draw.circle(self._canvas, thing.colour, place, round(thing.ring), 2)

    def _sprite(self, thing: Thing, name: str, frame: int, angle: float, shift_x: int, shift_y: int) -> None:
        whole = name == thing.sprite
        image = self.art.sprite(name, frame, angle, thing.scale, flash=whole and thing.flash)
        width, height = image.get_size()
        place = (round(thing.x) + shift_x - width // 2, round(thing.y) + shift_y - height // 2)
        self._canvas.blit(image, place, None, pygame.BLEND_RGB_ADD if whole and thing.glow else 0)

    def _item(self, target: pygame.Surface, item: HudItem) -> None:
        if isinstance(item, Label):
            text.put(target, item.text, item.x * SCALE, item.y * SCALE, item.size, item.colour, item.align)
        elif isinstance(item, Bar):
            left, top = round(item.x * SCALE), round(item.y * SCALE)
            width, height = round(item.width * SCALE), round(item.height * SCALE)
            filled = round(width * max(0.0, min(1.0, item.part)))
            target.fill(ROOM, (left - 2, top - 2, width + 4, height + 4))
            target.fill((34, 50, 56), (left, top, width, height))
            target.fill(item.colour, (left, top, filled, height))
        elif isinstance(item, Icon):
            image = self.art.sprite(item.sprite, item.frame, 0.0, SCALE, flash=False)
            place = image.get_rect(center=(round(item.x * SCALE), round(item.y * SCALE)))
            target.blit(image, place)
        else:
            message = f"hud returned {item!r}; it may return Label, Bar and Icon"
            raise TypeError(message)


def _float(target: pygame.Surface, thing: Thing) -> None:
    if thing.text:
        text.put(target, thing.text, thing.x * SCALE, thing.y * SCALE, 26, thing.colour, "centre")


def _dust(canvas: pygame.Surface, world: World, look: Look) -> None:
    """Specks that drift. Where they are comes from the time: rule 1."""
    for number in range(look.dust_count):
        depth = 0.4 + number * 0.618 % 0.6  # the far ones are slower
        left = (number * 0.754878 * WIDTH + world.time * look.dust_speed * depth) % WIDTH
        top = number * 0.569840 * HEIGHT % HEIGHT
        canvas.set_at((int(left), int(top)), look.dust_colour)


def _shaken(world: World, factor: float) -> tuple[int, int]:
    """Return the picture's offset. It comes from the frame number: rule 1."""
    amount = max(0.0, min(20.0, world.shake)) * factor
    return round(math.sin(world.frame * 2.1) * amount), round(math.cos(world.frame * 2.7) * amount)
