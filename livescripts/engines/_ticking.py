"""What all adapters call once per frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from livescripts.errors import ClosedError, ReentrantError

if TYPE_CHECKING:
    from livescripts.host import LiveScripts

__all__ = ["tick"]


def tick(live: LiveScripts) -> bool:
    """Update, and return whether there is anything to come: False after `live.close()`.

    Raises WrongThreadError.
    """
    try:
        live.update()
    except ReentrantError:
        # A behaviour runs the engine's loop within its own frame, such as a modal dialogue: the next frame will do.
        return True
    except ClosedError:
        return False
    return True
