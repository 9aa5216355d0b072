"""How the overlay looks: one picture of a view, as large as a window has room for."""

# Rule 1: readable over anything: a plate that hides most of the game behind it, an outline for games as dark as the plate.
# Rule 2: no font outlives a picture: one that outlives `pygame.quit()` crashes the interpreter when it is used again.
# Rule 3: only what a bare pygame has: its own font, and drawn marks instead of symbols that the font lacks.

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pygame

from livescripts.overlay.view import BARE, FULL, Card, Row, View
from livescripts.overlay.wrapping import clip, printable, wrap

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from livescripts.overlay.view import Role, Tone

__all__ = ["Painter"]

_Colour = tuple[int, int, int]
_TONES: Mapping[Tone, _Colour] = {
    "good": (96, 220, 146),
    "bad": (255, 104, 98),
    "warning": (255, 184, 76),
    "note": (112, 186, 255),
}
_ROLES: Mapping[Role, _Colour] = {
    "place": (176, 196, 214),
    "message": (240, 243, 246),
    "code": (255, 233, 190),
    "dim": (150, 164, 178),
    "warning": (255, 184, 76),
}
_TITLE = (250, 252, 255)
_ON_LABEL = (10, 12, 16)
_PLATE = (14, 17, 23, 241)
_EDGE = (92, 100, 112, 236)
_OUTLINE = (0, 0, 0, 170)
_STRIP = (0, 0, 0, 130)

_TALL = 480
"""Pixels from which on a window has so much room that a third of it is left to the game."""


@dataclass(slots=True)
class _Block:
    """A plate with things at places on it. Sizes are in pixels; `tone` colours the bar at its left, if it has one."""

    tone: _Colour | None
    width: int = 0
    height: int = 0
    things: list[Callable[[pygame.Surface, int, int], object]] = field(
        default_factory=list["Callable[[pygame.Surface, int, int], object]"]
    )
    """Each draws itself on a picture, given the top of the block and the width of all blocks."""


class Painter:
    """Makes a picture of a view for a window of a size. `font` is a file, None for pygame's own."""

    def __init__(self, window: tuple[int, int], scale: float, font: str | os.PathLike[str] | None) -> None:
        width, height = window
        if not pygame.font.get_init():
            pygame.font.init()
        # Slower than the window grows: who has a large one does not sit further away.
        size = min(9 + height / 65, max(10.0, width / 26)) * scale
        self._unit = max(9, round(size))
        self._font = pygame.font.Font(font, self._unit)
        self._small = pygame.font.Font(font, max(9, round(self._unit * 0.78)))
        self._margin = max(4, self._unit // 2)
        self._pad = max(4, round(self._unit * 0.6))
        self._bar = max(2, round(self._unit * 0.24))
        self._line = max(1, round(self._unit / 16))
        self._gap = max(2, self._unit // 3)
        self._window = window
        self._room = max(8, min(width - 2 * self._margin, 46 * self._unit) - 2 * self._pad - self._bar)
        self._highest = max(1, round(height * (0.66 if height >= _TALL else 0.8)) - self._margin)

    def paint(self, decide: Callable[[int], View]) -> tuple[pygame.Surface, tuple[int, int]] | None:
        """The picture of what is decided for a detail, and where it goes: as much detail as there is room for."""
        blocks: list[_Block] = []
        for detail in range(FULL, BARE - 1, -1):
            view = decide(detail)
            if not view:
                return None
            blocks = self._blocks(view)
            if self._height(blocks) <= self._highest:
                break
        else:
            blocks = self._those_that_fit(blocks)
        widest = max(1, self._window[0] - 2 * self._margin)
        size = (min(widest, max(block.width for block in blocks)), min(self._height(blocks), self._highest))
        picture = pygame.Surface(size, pygame.SRCALPHA)
        top = 0
        for block in blocks:
            self._plate(picture, top, size[0], block)
            for draw in block.things:
                draw(picture, top, size[0])
            top += block.height + self._gap
        if pygame.display.get_init() and pygame.display.get_surface():  # without one there is nothing to convert to
            picture = picture.convert_alpha()
        return picture, (self._margin, self._window[1] - self._margin - size[1])

    def _blocks(self, view: View) -> list[_Block]:
        blocks = [self._card(card) for card in view.cards]
        if view.badge:
            blocks.append(self._badge(view.badge))
        if view.hint:
            blocks.append(self._hint(view.hint))
        return blocks

    def _height(self, blocks: list[_Block]) -> int:
        return sum(block.height for block in blocks) + self._gap * (len(blocks) - 1)

    def _those_that_fit(self, blocks: list[_Block]) -> list[_Block]:
        left = len(blocks)
        while left > 1 and self._height(blocks[:left]) > self._highest:
            left -= 1
        if left == len(blocks):
            return blocks
        more = self._hint(f"and {len(blocks) - left + 1} more")
        return [*blocks[: max(1, left - 1)], more]

    # ------------------------------------------------------------ blocks

    def _card(self, card: Card) -> _Block:
        block = _Block(_TONES[card.tone], height=self._pad)
        left = self._bar + self._pad
        label = self._small.render(card.label, True, _ON_LABEL)
        inset = max(2, self._unit // 4)
        chip = pygame.Rect(left, block.height, label.get_width() + 2 * inset, self._font.get_linesize())
        block.things.append(_filled(chip, _TONES[card.tone], self._unit // 5))
        block.things.append(_put(label, chip.x + inset, chip.y + (chip.height - label.get_height() + 1) // 2))
        beside = self._room - chip.width - inset
        block.width = chip.right
        title = printable(card.title).replace("\n", " ")
        if self._font.size(title)[0] <= beside:
            self._write(block, title, self._font, _TITLE, chip.right + 2 * inset - inset // 2)
        else:
            block.height = chip.bottom + self._gap // 2
            for line in wrap(title, self._room, 2, _width(self._font)):
                self._write(block, line, self._font, _TITLE, left)
        if card.rows:
            block.height += self._gap // 2
        for row in card.rows:
            if row.role == "code":
                self._code(block, row, _TONES[card.tone])
                continue
            font = self._small if row.role == "dim" else self._font
            for line in wrap(row.text, self._room, row.most, _width(font)):
                self._write(block, line, font, _ROLES[row.role], left)
        block.width += self._pad
        block.height += self._pad
        return block

    def _write(self, block: _Block, text: str, font: pygame.font.Font, colour: _Colour, left: int) -> None:
        words = font.render(text, True, colour)
        block.things.append(_put(words, left, block.height))
        block.width = max(block.width, left + words.get_width())
        block.height += font.get_linesize() + self._line

    def _code(self, block: _Block, row: Row, tone: _Colour) -> None:
        """A source line on a strip of its own; what is pointed at is in sight however long the line is."""
        inset = max(2, self._unit // 3)
        left, room = self._bar + self._pad, self._room - 2 * inset
        measure = _width(self._font)
        text, caret = printable(row.text).replace("\n", " "), row.caret
        while caret is not None and caret > 8 and measure(text[: caret + 12]) > room:  # noqa: PLR2004
            cut = max(8, caret // 4)
            text, caret = "… " + text[cut:], caret - cut + 2
        text = clip(text, room, measure)
        words = self._font.render(text, True, _ROLES["code"])
        mark = max(3, round(self._unit * 0.34)) if caret is not None else 0
        strip = pygame.Rect(left, block.height + self._gap // 2, 0, words.get_height() + self._gap + mark)
        block.things.append(_strip(strip, self._pad))
        block.things.append(_put(words, left + inset, strip.y + self._gap // 2))
        if caret is not None:
            at, after = measure(text[:caret]), measure(text[: caret + 1])
            under = strip.y + self._gap // 2 + words.get_height() - self._font.get_height() // 8
            middle = left + inset + (at + max(after, at + self._unit // 3)) // 2
            block.things.append(_caret(middle, under, mark, tone))
        block.width = max(block.width, left + words.get_width() + 2 * inset)
        block.height = strip.bottom + self._gap // 2 + self._line

    def _badge(self, parts: tuple[tuple[Tone, str], ...]) -> _Block:
        block = _Block(None, height=self._small.get_linesize() + self._pad)
        left, dot = self._pad, max(2, round(self._unit * 0.22))
        for number, (tone, text) in enumerate(parts):
            room = self._room - left - 3 * dot
            if number and room < 4 * self._unit:
                break
            words = self._small.render(
                clip(printable(text).replace("\n", " "), max(8, room), _width(self._small)), True, _TITLE
            )
            block.things.append(_dot(left + dot, block.height // 2, dot, _TONES[tone]))
            block.things.append(_put(words, left + 3 * dot, (block.height - words.get_height() + 1) // 2))
            left += 3 * dot + words.get_width() + self._pad
        block.width = left
        return block

    def _hint(self, text: str) -> _Block:
        block = _Block(None, height=self._pad // 2)
        for line in wrap(text, self._room, 2, _width(self._small)):
            self._write(block, line, self._small, _ROLES["dim"], self._pad)
        block.width += self._pad
        block.height += self._pad // 2
        return block

    def _plate(self, picture: pygame.Surface, top: int, width: int, block: _Block) -> None:
        whole = pygame.Rect(0, top, width if block.tone else block.width, block.height)
        line, round_ = self._line, max(2, self._unit // 4)
        pygame.draw.rect(picture, _OUTLINE, whole, border_radius=round_)
        pygame.draw.rect(picture, _EDGE, whole.inflate(-2 * line, -2 * line), border_radius=round_)
        inner = whole.inflate(-4 * line, -4 * line)
        pygame.draw.rect(picture, _PLATE, inner, border_radius=round_)
        if block.tone:
            bar = pygame.Rect(inner.x, inner.y, self._bar, inner.height)
            pygame.draw.rect(picture, block.tone, bar, border_top_left_radius=round_, border_bottom_left_radius=round_)


# ---------------------------------------------------------------- what stands on a plate


def _width(font: pygame.font.Font) -> Callable[[str], int]:
    return lambda text: font.size(text)[0]


def _put(words: pygame.Surface, left: int, y: int) -> Callable[[pygame.Surface, int, int], object]:
    return lambda picture, top, _: picture.blit(words, (left, top + y))


def _filled(rect: pygame.Rect, colour: _Colour, radius: int) -> Callable[[pygame.Surface, int, int], object]:
    return lambda picture, top, _: pygame.draw.rect(picture, colour, rect.move(0, top), border_radius=radius)


def _strip(rect: pygame.Rect, pad: int) -> Callable[[pygame.Surface, int, int], object]:
    def draw(picture: pygame.Surface, top: int, width: int) -> None:
        shade = pygame.Surface((max(1, width - rect.x - pad), rect.height), pygame.SRCALPHA)
        shade.fill(_STRIP)
        picture.blit(shade, (rect.x, top + rect.y))

    return draw


def _caret(x: int, y: int, size: int, colour: _Colour) -> Callable[[pygame.Surface, int, int], object]:
    def draw(picture: pygame.Surface, top: int, _: int) -> None:
        pygame.draw.polygon(picture, colour, ((x, top + y), (x - size, top + y + size), (x + size, top + y + size)))

    return draw


def _dot(x: int, y: int, size: int, colour: _Colour) -> Callable[[pygame.Surface, int, int], object]:
    return lambda picture, top, _: pygame.draw.circle(picture, colour, (x, top + y), size)
