"""What alone takes longer than a frame, named once for each version of its script."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from livescripts._runtime.meter import advice

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from livescripts._runtime.world import World
    from livescripts.report import Reloaded, Slow

__all__ = ["Adviser"]

_log = logging.getLogger("livescripts")


class Adviser:
    """Tells what to do about slow things. `frame_budget` is seconds."""

    def __init__(self, world: World, frame_budget: float) -> None:
        self._world = world
        self._frame_budget = frame_budget
        self._named: dict[Path | None, tuple[bytes, set[str]]] = {}  # by file: its version, and what was named of that

    def add_to(self, outcome: Reloaded, slow: tuple[Slow, ...]) -> Reloaded:
        """The outcome, with what is new about these among its warnings."""
        new = self.advise(slow)
        return replace(outcome, warnings=(*outcome.warnings, *new)) if new else outcome

    def advise(self, slow: Iterable[Slow]) -> list[str]:
        """Name these in the log, once for each version; returns what was said, a line for each file."""
        new: dict[Path | None, list[Slow]] = {}
        for each in slow:
            version = None if each.path is None else self._world.running(str(each.path))
            digest = b"" if version is None else version.digest
            before, named = self._named.get(each.path, (digest, set[str]()))
            if before != digest:
                named = set[str]()
            if each.what not in named:
                new.setdefault(each.path, []).append(each)
            self._named[each.path] = digest, {*named, each.what}
        lines = [advice(found, self._frame_budget) for found in new.values()]
        for line in lines:
            _log.warning("%s", line)
        return lines
