"""jurigged: finds which functions of a file differ, and changes their code."""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING

from jurigged.live import Watcher
from jurigged.register import registry

from adapters._importing import import_all

if TYPE_CHECKING:
    from collections.abc import Sequence

# Without it, a file is read when it has just been truncated, and what is written in the same tick of the clock is not seen.
_DEBOUNCE = 0.01


class _Between(Watcher):
    """Its watcher's thread would change code in the middle of a frame, and compete with it; so it only takes notes."""

    def __init__(self) -> None:
        super().__init__(registry, debounce=_DEBOUNCE)
        self.saved: deque[str] = deque()

    def refresh(self, path: str) -> None:
        self.saved.append(path)

    def refresh_now(self, path: str) -> None:
        super().refresh(path)


class Adapter:
    """Its own watcher."""

    def start(self, directory: str, names: Sequence[str]) -> None:
        """See the protocol."""
        modules = import_all(directory, names)
        wanted = set(modules)
        registry.auto_register(filter=lambda path: os.path.abspath(path) in wanted)
        for path in modules:
            registry.get(path)  # parsed on the first save otherwise
        self._watcher = _Between()
        self._watcher.start()

    def frame(self) -> bool:
        """See the protocol."""
        if not self._watcher.saved:
            return False
        saved = dict.fromkeys(self._watcher.saved)
        self._watcher.saved.clear()
        for path in saved:
            self._watcher.refresh_now(path)
        return True

    def stop(self) -> None:
        """See the protocol."""
        self._watcher.stop()
