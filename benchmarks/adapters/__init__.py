"""Who is measured: one small file each, with a class `Adapter` of one protocol.

Nothing but the standard library and the adapted tool may be imported here: adapters run in environments of their own.
"""

# Rule 1: an adapter uses what its tool offers to everybody, in the quickest way that is right.
# Rule 2: `start` returns when saves are going to be noticed; what is saved is applied in `frame`, and only there.
# Rule 3: no adapter helps its tool with what the tool does not do (dependants, instances, taking back).

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = (
    "livescripts",
    "importlib",
    "watchfiles",
    "xreload",
    "limeade",
    "autoreload",
    "autoreload_full",
    "jurigged",
    "hmr",
)
"""In the order of the tables, ours first."""


class Adapter(Protocol):
    """One way to reload modules."""

    def start(self, directory: str, names: Sequence[str]) -> None:
        """Make these modules of the directory importable by their plain names, import them, begin to watch."""

    def frame(self) -> object:
        """Once per frame. Returns something true if this frame has reloaded anything."""

    def stop(self) -> None:
        """Stop watching; the process ends after it."""


@dataclass(frozen=True)
class Kind:
    """What there is to know about an adapter without importing its tool."""

    name: str
    title: str
    requires: tuple[str, ...] = ()  # distributions; none: it runs in the environment that the benchmark runs in
    python: tuple[int, int] = (3, 11)
    distribution: str = ""  # whose version is noted
    note: str = ""


KINDS = {
    kind.name: kind
    for kind in (
        Kind("livescripts", "livescripts", distribution="livescripts"),
        Kind("importlib", "importlib.reload", note="files are polled, 25 in each frame; the saved module alone is reloaded"),
        Kind(
            "watchfiles", "watchfiles + importlib.reload", ("watchfiles",), distribution="watchfiles",
            note="the saved module alone is reloaded",
        ),
        Kind("xreload", "xreload", ("xreload", "watchfiles"), distribution="xreload", note="told by watchfiles"),
        Kind("limeade", "limeade", ("limeade", "watchfiles"), distribution="limeade", note="told by watchfiles"),
        Kind(
            "autoreload", "IPython autoreload", ("ipython", "watchfiles"), distribution="ipython",
            note="what `%autoreload 2` does, told by watchfiles, restricted to the scripts",
        ),
        Kind(
            "autoreload_full", "IPython autoreload, full", ("ipython", "watchfiles"), distribution="ipython",
            note="what `%autoreload 2 --full` does, otherwise the same",
        ),
        Kind(
            "jurigged", "jurigged", ("jurigged",), distribution="jurigged",
            note="its own watcher, waiting 10 ms instead of 50 (without waiting it misses the end of a save); applied between frames",
        ),
        Kind(
            "hmr", "hmr", ("hmr", "watchfiles"), (3, 12), "hmr",
            note="told by watchfiles; an effect for each module takes its names, as a game would",
        ),
    )
}  # fmt: skip
"""By name."""


def create(name: str, options: dict[str, Any]) -> Adapter:
    """An adapter, not yet started. Options are those of `LiveScripts`; the others have none."""
    module = importlib.import_module(f"adapters.{name}")
    return module.Adapter(**(options if name == "livescripts" else {}))
