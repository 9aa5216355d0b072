"""livescripts, through its public interface."""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any

import livescripts

if TYPE_CHECKING:
    from collections.abc import Sequence

logging.getLogger("livescripts").addHandler(logging.NullHandler())


class Adapter:
    """`layout="modules"`, so that all are measured with the same files."""

    def __init__(self, **options: Any) -> None:
        self.live = livescripts.LiveScripts(**options)
        self.frame = self.live.update

    def start(self, directory: str, names: Sequence[str]) -> None:
        """See the protocol."""
        self.live.add_directory(directory, namespace="", layout="modules")
        for name in names:
            importlib.import_module(name)

    def stop(self) -> None:
        """See the protocol."""
        self.live.close()
