"""IPython's autoreload, without the shell around it."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import TYPE_CHECKING

from IPython.extensions.autoreload import ModuleReloader

from adapters._importing import Watch, import_all

if TYPE_CHECKING:
    from collections.abc import Sequence

logging.getLogger("autoreload").addHandler(logging.NullHandler())


class Adapter:
    """It looks at modification times itself; a watcher tells when it is worth the while."""

    full = False

    def start(self, directory: str, names: Sequence[str]) -> None:
        """See the protocol."""
        import_all(directory, names)
        self._reloader = ModuleReloader()
        self._reloader.enabled = True
        self._reloader.check_all = False  # only what is marked: the standard library is not looked at
        self._reloader.deduper_reloader.enabled = not self.full
        for name in names:
            self._reloader.mark_module_reloadable(name)
        self._reloader.check()
        self._watch = Watch(directory)

    def frame(self) -> bool:
        """See the protocol."""
        if not self._watch.take():
            return False
        with contextlib.redirect_stdout(io.StringIO()):
            self._reloader.check()
        return True

    def stop(self) -> None:
        """See the protocol."""
        self._watch.stop()
