"""hmr: modules are functions of the names that they take; what depends on a changed name is executed again."""

from __future__ import annotations

import importlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from reactivity.hmr.core import HMR_CONTEXT, BaseReloader

from adapters._importing import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class Adapter:
    """An effect for each module stands for the game: what nobody takes would not be executed again."""

    def start(self, directory: str, names: Sequence[str]) -> None:
        """See the protocol."""
        sys.path.insert(0, directory)
        self._reloader = BaseReloader(os.path.join(directory, "no_entry.py"), includes=[directory])
        modules = [importlib.import_module(name) for name in names]
        self._effects = [HMR_CONTEXT.effect(partial(_take_all, module)) for module in modules]
        self._watch = Watch(directory)

    def frame(self) -> bool:
        """See the protocol."""
        saved = {Path(path).resolve() for path in self._watch.take() if os.path.exists(path)}
        if saved:
            self._reloader.on_changes(saved)
        return bool(saved)

    def stop(self) -> None:
        """See the protocol."""
        self._watch.stop()


def _take_all(module: ModuleType) -> None:
    for name in dir(module):
        getattr(module, name)
