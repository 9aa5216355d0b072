"""`importlib.reload` when watchfiles says so."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from adapters._importing import Watched

if TYPE_CHECKING:
    from types import ModuleType


class Adapter(Watched):
    """The saved module, by itself."""

    def reload(self, module: ModuleType) -> None:
        """See the base."""
        importlib.reload(module)
