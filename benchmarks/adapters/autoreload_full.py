"""IPython's autoreload with `--full`: every module that changed is executed again and its instances are looked for."""

from __future__ import annotations

from adapters.autoreload import Adapter as Autoreload


class Adapter(Autoreload):
    """The same with another switch."""

    full = True
