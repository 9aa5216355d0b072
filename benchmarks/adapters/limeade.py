"""limeade: executes a module again while classes are made into the ones that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import limeade

from adapters._importing import Watched

if TYPE_CHECKING:
    from types import ModuleType


class Adapter(Watched):
    """The saved module is its batch: without one it looks at all modules of the process."""

    def reload(self, module: ModuleType) -> None:
        """See the base."""
        limeade.refresh([module])
