"""asyncio: `update()` is called by the running event loop, between the steps of tasks.

    import livescripts.engines.asyncio

    async def main():
        livescripts.engines.asyncio.install(live)
        await play()

# A callback of the loop runs while every task rests at an `await`: none of them is in the midst of a step. A coroutine that rests
# goes on in its old code; what it calls next is new.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from livescripts.engines._ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.host import LiveScripts

__all__ = ["install"]


def install(live: LiveScripts, *, interval: float = 1 / 60) -> Callable[[], None]:
    """Have the running event loop update `live` every `interval` seconds. Returns the undo.

    Raises RuntimeError when no event loop is running.
    """
    loop = asyncio.get_running_loop()
    handle: asyncio.TimerHandle | None = None

    def update() -> None:
        nonlocal handle
        handle = loop.call_later(interval, update)
        if not tick(live):
            undo()

    def undo() -> None:
        nonlocal handle
        if handle is not None:
            handle.cancel()
            handle = None

    handle = loop.call_later(interval, update)
    return undo
