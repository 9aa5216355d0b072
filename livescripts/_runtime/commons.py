"""What everybody shares, and no script may take away: Python's builtins, and the modules of other scripts and of livescripts.

# A script that replaces `len` replaces it in the whole game, in livescripts too, at once and for good, even if it is rejected.
# So what a body did to them is put back as soon as it returns, and the body has failed.
# Rule: nothing but methods of dicts between a body's return and the putting back. The builtins may be gone.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from livescripts.errors import SharedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Exchange", "Shared", "put_back"]

_BUILTINS: dict[str, Any] = builtins.__dict__
# Of use to a program that has another idea of its console, and to nobody else. `_` is gettext's, and the prompt's.
_FREE = frozenset(
    {"print", "input", "open", "help", "breakpoint", "exit", "quit", "copyright", "credits", "license", "_"}
)
_ABSENT = object()

Exchange: TypeAlias = "tuple[str, Any, Any]"
"""A builtin of the console that a body replaced: its name, what it was, what it is."""


def put_back(exchanges: Iterable[Exchange]) -> None:
    """Undo these, but for those that somebody else has replaced since. The last comes first."""
    for key, before, after in exchanges:
        if _BUILTINS.get(key) is after:
            _BUILTINS[key] = before


class Shared:
    """Keeps them while a body runs in the block: `data` is its source, `own` the name of its module.

    `is_ours` tells of a module's name whether it is one of a script. On leaving, raises SharedError if the body returned
    and had taken something away; if it raised, that goes on. Otherwise `exchanged` is what it replaced and may.
    """

    __slots__ = ("_is_ours", "_modules", "_names", "_own", "exchanged")

    def __init__(self, data: bytes, own: str, is_ours: Callable[[str], bool]) -> None:
        self.exchanged: list[Exchange] = []
        self._own = own
        self._is_ours = is_ours
        # Copies take some microseconds, for each script; nobody gets there without the words.
        self._names = _BUILTINS.copy() if b"builtins" in data else {}
        self._modules = sys.modules.copy() if b"modules" in data else {}

    def __enter__(self) -> Self:
        """Return self: it has been looked at."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, tb: object) -> None:
        """Put back what is missing or another."""
        names = self._names
        others = [key for key in names if _BUILTINS.get(key, _ABSENT) is not names[key]]
        harm = [key for key in others if key not in _FREE or key not in _BUILTINS]
        for key in others if harm or kind is not None else ():
            _BUILTINS[key] = names[key]
        for name, module in self._modules.items():
            if sys.modules.get(name, _ABSENT) is not module and name != self._own and self._is_shared(name):
                sys.modules[name] = module
                harm.append(f"sys.modules[{name!r}]")
        if harm and kind is None:
            raise SharedError(harm)
        if kind is None:
            self.exchanged = [(key, names[key], _BUILTINS[key]) for key in others]

    def _is_shared(self, name: str) -> bool:
        return name.partition(".")[0] == "livescripts" or self._is_ours(name)
