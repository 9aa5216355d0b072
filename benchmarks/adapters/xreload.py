"""xreload: patches the classes and functions of one module."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import xreload

from adapters._importing import Watched

if TYPE_CHECKING:
    from types import ModuleType


class Adapter(Watched):
    """The saved module, by itself."""

    def reload(self, module: ModuleType) -> None:
        """See the base."""
        with contextlib.redirect_stdout(io.StringIO()):  # it prints its errors, and our output is JSON
            xreload.xreload(module)
