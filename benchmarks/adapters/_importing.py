"""What adapters of tools for plain modules share: importing them, and a watcher that is quick and cheap."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


def import_all(directory: str, names: Sequence[str]) -> dict[str, ModuleType]:
    """Import these modules of the directory. Returns them by the paths of their files."""
    # The cached bytecode is checked by size and whole seconds: an edit right after the import would not be seen.
    sys.dont_write_bytecode = True
    sys.path.insert(0, directory)
    return {os.path.join(directory, f"{name}.py"): importlib.import_module(name) for name in names}


class Watch:
    """Paths that changed, as watchfiles reports them: a thread waits in native code and fills a queue."""

    def __init__(self, directory: str) -> None:
        self._paths: deque[str] = deque()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(directory,), daemon=True)
        self._thread.start()

    def _run(self, directory: str) -> None:
        import watchfiles

        # The shortest step: a frame is 7 ms, the default of 50 would be most of the time from the save to the frame.
        for changes in watchfiles.watch(directory, stop_event=self._end, step=1, debounce=100, rust_timeout=200):
            self._paths.extend(path for _, path in changes)

    def take(self) -> list[str]:
        """The paths since the last call, each once."""
        if not self._paths:
            return []
        taken: dict[str, None] = {}
        while self._paths:
            taken[self._paths.popleft()] = None
        return list(taken)

    def stop(self) -> None:
        """End the thread."""
        self._end.set()
        self._thread.join()


class Watched:
    """An adapter whose tool reloads a module when it is told to: `reload` is all that remains to be written."""

    def start(self, directory: str, names: Sequence[str]) -> None:
        """See the protocol."""
        self._modules = import_all(directory, names)
        self._watch = Watch(directory)

    def frame(self) -> bool:
        """See the protocol."""
        modules = [self._modules[path] for path in self._watch.take() if path in self._modules]
        for module in modules:
            try:
                self.reload(module)
            except Exception as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return bool(modules)

    def stop(self) -> None:
        """See the protocol."""
        self._watch.stop()

    def reload(self, module: ModuleType) -> None:
        """Reload one module."""
        raise NotImplementedError
