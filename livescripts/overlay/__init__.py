"""What was reloaded, rejected and raised, drawn over a pygame game.

from livescripts import overlay

while running:
    live.update()
    ...
    overlay.draw(live, screen)  # last of all, before the flip
    pygame.display.flip()

pygame (or pygame-ce) is imported when the first frame is drawn, not here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    import pygame

    from livescripts.host import LiveScripts
    from livescripts.overlay.pygame import KEYS, Overlay

__all__ = ["KEYS", "Overlay", "draw"]

_draw: Callable[[LiveScripts, pygame.Surface], None] | None = None


def draw(live: LiveScripts, surface: pygame.Surface) -> None:
    """Draw what there is to say about `live` over a finished frame; nothing, mostly. Never raises for what it draws.

    The first call makes an `Overlay` with the usual keys, which is kept as long as `live` is. To choose others, make one
    yourself, and call its `draw` instead.
    """
    global _draw  # noqa: PLW0603 - an import statement in each frame would take longer than all that follows
    if _draw is None:
        from livescripts.overlay.pygame import draw as _draw
    _draw(live, surface)


def __getattr__(name: str) -> Any:
    if name in ("KEYS", "Overlay"):
        # A submodule that is imported becomes an attribute: of what it has, only this is meant to be found here.
        from livescripts.overlay import pygame

        return getattr(pygame, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
