"""A loop of your own, without an engine: a simulation, a server, a game in a terminal.

from livescripts.engines.loop import frames

for dt in frames(live, fps=60):
    world.update(dt)
    draw(world)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from livescripts.engines._ticking import tick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livescripts.host import LiveScripts

__all__ = ["frames"]


def frames(
    live: LiveScripts,
    *,
    fps: float = 60,
    clock: Callable[[], float] = time.perf_counter,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[float]:
    """Update `live`, then give the seconds since the last frame; at most `fps` times a second. Ends with `live.close()`.

    `fps=0` does not wait. A frame that took too long is not made up for.
    """
    least = 1 / fps if fps else 0.0
    last = clock()
    while tick(live):
        rest = last + least - clock()
        if rest > 0:
            sleep(rest)
        now = clock()
        yield now - last
        last = now
