"""The overlay for pygame and pygame-ce: keys, and one picture that is made anew only when there is something new."""

# Rule 1: what is shown is decided in `view`, when in `desk`; how it looks, in `painting`.
# Rule 2: a frame in which nothing is to be said asks for the modifiers that are held, and makes two tests.

from __future__ import annotations

import time
from types import MappingProxyType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import pygame

from livescripts.overlay.desk import Desk
from livescripts.overlay.painting import Painter

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from livescripts.host import LiveScripts
    from livescripts.overlay.view import Action

__all__ = ["KEYS", "Overlay", "draw"]

KEYS: Mapping[Action, str] = MappingProxyType(
    {"reload": "ctrl+f5", "pause": "ctrl+f6", "undo": "ctrl+f7", "fold": "ctrl+f8"}
)
"""What the keys of an overlay do, unless it is told otherwise."""

_MODIFIERS = {"ctrl": pygame.KMOD_CTRL, "shift": pygame.KMOD_SHIFT, "alt": pygame.KMOD_ALT, "meta": pygame.KMOD_META}
_ANY = pygame.KMOD_CTRL | pygame.KMOD_SHIFT | pygame.KMOD_ALT | pygame.KMOD_META


class Overlay:
    """What there is to say about a `LiveScripts`, drawn over the game, and keys to steer it.

    `keys` maps "reload" (try everything again that was saved and does not run), "pause" (leave saves alone, and go on),
    "undo" and "fold" to names such as "ctrl+f8"; those that are not named keep theirs, None switches one off, and
    `keys=None` all of them. `scale` makes everything larger or smaller than what suits the window. `font` is the file
    of a font with the characters that pygame's own lacks. Raises `ValueError` for a key or a scale that does not exist.

    Keys are read from the keyboard's state in `draw`, unless events are fed to `handle`. An overlay of a game with
    `watch=False` shows nothing and has no keys.
    """

    def __init__(
        self,
        live: LiveScripts,
        *,
        keys: Mapping[Action, str | None] | None = KEYS,
        scale: float = 1.0,
        font: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not scale > 0:
            message = f"scale is a number greater than zero, not {scale!r}"
            raise ValueError(message)
        chosen: dict[Action, str | None] = {} if keys is None else {**KEYS, **keys}
        names: dict[Action, str] = {action: key for action, key in chosen.items() if key is not None}
        self._keys: dict[tuple[int, int], Action] = {_parsed(action, key): action for action, key in names.items()}
        self._bare = any(not modifiers for modifiers, _ in self._keys)  # whether a key works without any modifier
        self._held: set[tuple[int, int]] = set()
        self._polls = bool(self._keys)
        self._scale = scale
        self._font = font
        self._desk = Desk(live, {action: _readable(key) for action, key in names.items()}, clock)
        self._made: tuple[int, tuple[int, int]] | None = None
        self._picture: tuple[pygame.Surface, tuple[int, int]] | None = None

    @property
    def folded(self) -> bool:
        """Whether it is folded away to a badge."""
        return self._desk.folded

    def fold(self) -> None:
        """Fold it away to a badge, or unfold it."""
        self._desk.act("fold")

    def draw(self, surface: pygame.Surface) -> None:
        """Draw over a finished frame; nothing, when there is nothing to say. Never raises: an error switches it off."""
        desk = self._desk
        if desk.off:
            return
        try:
            if self._polls:
                self._poll()
            if desk.idle():
                return
            picture = self.picture(surface.get_size())
            if picture is not None:
                surface.blit(*picture)
        except Exception as error:
            desk.give_up(error)

    def picture(self, size: tuple[int, int]) -> tuple[pygame.Surface, tuple[int, int]] | None:
        """What `draw` would blit onto a surface of this size, and where; None when there is nothing to say.

        For windows that cannot be blitted to (OpenGL, `_sdl2.Renderer`): make a texture of it when it is another surface
        than the last time. Raises what pygame raises.
        """
        desk = self._desk
        if desk.off or not desk.look():
            self._made = self._picture = None
            return None
        wanted = (desk.changes, size)
        if wanted != self._made:
            self._picture = Painter(size, self._scale, self._font).paint(desk.view)
            self._made = wanted
        return self._picture

    def handle(self, event: pygame.event.Event) -> bool:
        """Do what an event asks for. Returns whether it was one of the overlay's keys, which is none of the game's then.

        From the first call on, keys are taken from events alone.
        """
        self._polls = False
        if self._desk.off or event.type != pygame.KEYDOWN:
            return False
        action = self._keys.get((_plain(getattr(event, "mod", 0)), event.key))
        if action is None:
            return False
        self._desk.act(action)
        return True

    def close(self) -> None:
        """Show nothing any more. Safe to call twice."""
        self._desk.close()
        self._made = self._picture = None

    def _poll(self) -> None:
        if not pygame.display.get_init():
            return  # drawn on without a window: there is no keyboard either
        modifiers = pygame.key.get_mods()
        if not (self._bare or modifiers & _ANY):
            self._held.clear()
            return
        pressed, plain = pygame.key.get_pressed(), _plain(modifiers)
        held = {key for key in self._keys if key[0] == plain and pressed[key[1]]}
        new, self._held = held - self._held, held
        for key in new:
            self._desk.act(self._keys[key])


_overlays: WeakKeyDictionary[LiveScripts, Overlay] = WeakKeyDictionary()


def draw(live: LiveScripts, surface: pygame.Surface) -> None:
    """Draw with the overlay of `live`, which the first call makes."""
    found = _overlays.get(live)
    if found is None:
        found = _overlays[live] = Overlay(live)
    found.draw(surface)


# ---------------------------------------------------------------- keys


def _parsed(action: str, name: str) -> tuple[int, int]:
    """The modifiers and the key of "ctrl+f8"."""
    if action not in KEYS:
        message = f"there is no action {action!r}; there are {', '.join(KEYS)}"
        raise ValueError(message)
    *modifiers, key = name.lower().split("+")
    code = getattr(pygame, f"K_{key}", getattr(pygame, f"K_{key.upper()}", None))
    if code is None or not all(each in _MODIFIERS for each in modifiers):
        message = (
            f"{name!r} is no key; write it as in 'ctrl+f8', with {', '.join(_MODIFIERS)} and the names of pygame.K_*"
        )
        raise ValueError(message)
    wanted = 0
    for each in modifiers:
        wanted |= _MODIFIERS[each]
    return wanted, code


def _plain(modifiers: int) -> int:
    """Modifiers without their sides, and without the locks."""
    plain = 0
    for modifier in _MODIFIERS.values():
        if modifiers & modifier:
            plain |= modifier
    return plain


def _readable(key: str) -> str:
    return "+".join(part.upper() if len(part) == 1 or part[1:].isdigit() else part.title() for part in key.split("+"))
