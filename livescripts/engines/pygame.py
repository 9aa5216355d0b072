"""pygame: reloads and rejections as events, for games that react to everything by events.

    import livescripts.engines.pygame as live_events

    live_events.post_events(live)
    ...
    for event in pygame.event.get():
        if event.type == live_events.LIVESCRIPTS_RELOADED:
            toast(event.text)

A pygame game has its own loop, and calls `live.update()` in it, between frames: before or after handling events.
"""

# Rule 1: pygame is imported with this module, for the numbers of the events are pygame's to give.
# Rule 2: an event that cannot be posted is logged. It is news, and no reason for a game to stop.

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pygame

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.host import LiveScripts
    from livescripts.report import Rejected, Reloaded

__all__ = ["LIVESCRIPTS_REJECTED", "LIVESCRIPTS_RELOADED", "post_events"]

_log = logging.getLogger("livescripts")

LIVESCRIPTS_RELOADED: int = pygame.event.custom_type()
"""Type of the event for a commit: `outcome` (a `Reloaded`), `scripts`, `removed`, `undone`, `seconds`, `text`."""

LIVESCRIPTS_REJECTED: int = pygame.event.custom_type()
"""Type of the event for a rejection: `outcome` (a `Rejected`), `scripts`, `problems`, `undone`, `seconds`, `text`."""


def post_events(live: LiveScripts) -> Callable[[], None]:
    """Post an event for each commit and each rejection from now on. Returns the undo.

    Attributes are those of the outcome, `outcome` itself, and `text`, which is what the log says. Never raises: where the
    queue is full, or the display is not initialised, the log says so.
    """
    undo_reloaded = live.on_reload(_reloaded)
    undo_rejected = live.on_error(_rejected)

    def undo() -> None:
        undo_reloaded()
        undo_rejected()

    return undo


def _reloaded(outcome: Reloaded) -> None:
    _post(LIVESCRIPTS_RELOADED, outcome, removed=outcome.removed)


def _rejected(outcome: Rejected) -> None:
    _post(LIVESCRIPTS_REJECTED, outcome, problems=outcome.problems)


def _post(kind: int, outcome: Reloaded | Rejected, **more: Any) -> None:
    try:
        pygame.event.post(
            pygame.event.Event(
                kind,
                outcome=outcome,
                scripts=outcome.scripts,
                undone=outcome.undone,
                seconds=outcome.seconds,
                text=str(outcome),
                **more,
            )
        )
    except pygame.error as error:
        _log.warning("no event was posted for %s: %s", ", ".join(path.name for path in outcome.scripts), error)
