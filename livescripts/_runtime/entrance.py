"""Who may call: one thread, one call at a time, never a script, and nobody after the end.

# Rule 1: whoever is refused has changed nothing.
# Rule 2: a refusal says where to call from instead.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
from typing import TYPE_CHECKING

from livescripts._runtime.holds import Holds
from livescripts.errors import ClosedError, ReentrantError, WrongThreadError

if TYPE_CHECKING:
    from collections.abc import Generator

    from livescripts._runtime.world import World

__all__ = ["Entrance"]


class Entrance:
    """Guards the calls that change the world.

    `owner` is the thread that called first, None before that and after the end; `occupied` tells whether a call is on
    its way. `holds` keeps it out while other threads run code of scripts.
    """

    def __init__(self, world: World) -> None:
        self.owner: int | None = None
        self.occupied = False
        self.closed = False
        self.holds = Holds()
        self._world = world

    @property
    def is_owner(self) -> bool:
        """Whether this is the thread that called first."""
        return self.owner == threading.get_ident()

    def check_thread(self, call: str) -> None:
        """Raises ClosedError after the end, WrongThreadError on any thread but the first that came here."""
        if self.closed:
            message = f"{call}() was called after close()"
            raise ClosedError(message)
        if self.owner is None:
            self.owner = threading.get_ident()
        elif self.owner != threading.get_ident():
            message = (
                f"{call}() was called from the thread {threading.current_thread().name!r}, but this LiveScripts belongs "
                "to the thread that called it first; call it from the game loop only"
            )
            raise WrongThreadError(message)

    @contextlib.contextmanager
    def exclusive(self, call: str, *, wait: bool = True) -> Generator[bool]:
        """Only one at a time, from the owner's thread, and never from a script. Raises ReentrantError otherwise.

        Waits for threads that hold the scripts; without `wait` it gives False when there are any.
        """
        self.check_thread(call)
        if self.occupied:
            message = f"{call}() was called while scripts are being loaded, from a script, a test or a callback"
            raise ReentrantError(message)
        frame = inspect.currentframe()
        scripts = self._world.scripts.by_globals
        while frame is not None:
            script = scripts.get(id(frame.f_globals))
            if script is not None:
                message = (
                    f"{call}() was called from the script {script.path}, line {frame.f_lineno}: in the middle of a frame "
                    "nothing may change. Call it from the game loop, in code that is no script"
                )
                raise ReentrantError(message)
            frame = frame.f_back
        if self.holds.depth:
            message = f"{call}() was called by the thread that holds the scripts; leave the block of hold() first"
            raise ReentrantError(message)
        # An interrupt may come at any line, and whoever is kept out then is kept out for good: hence twice.
        try:
            try:
                if not self.holds.take(wait=wait):
                    yield False
                    return
                self.occupied = True
                yield True
            finally:
                self._leave()
        finally:
            self._leave()

    def _leave(self) -> None:
        self.occupied = False
        self.holds.give()

    def close(self) -> None:
        """The end: every later call is refused."""
        self.closed = True
        self.owner = None
