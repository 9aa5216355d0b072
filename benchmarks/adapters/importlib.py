"""`importlib.reload` of the standard library, and what one writes around it: a look at the files, a few in each frame."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

from adapters._importing import import_all

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT_ONCE = 25  # some 50 microseconds


class Adapter:
    """Compares modification times in turn."""

    def start(self, directory: str, names: Sequence[str]) -> None:
        """See the protocol."""
        self._modules = import_all(directory, names)
        self._times = {path: os.stat(path).st_mtime_ns for path in self._modules}
        self._paths = list(self._modules)
        self._next = 0

    def frame(self) -> bool:
        """See the protocol."""
        reloaded = False
        for path in self._paths[self._next : self._next + _AT_ONCE]:
            time = os.stat(path).st_mtime_ns
            if time != self._times[path]:
                self._times[path] = time
                reloaded = True
                try:
                    importlib.reload(self._modules[path])
                except Exception as error:
                    print(f"{type(error).__name__}: {error}", file=sys.stderr)
        self._next = self._next + _AT_ONCE if self._next + _AT_ONCE < len(self._paths) else 0
        return reloaded

    def stop(self) -> None:
        """Nothing runs."""
