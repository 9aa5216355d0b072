"""A behaviour that raises is reported once and skipped; the frame goes on."""

# Rule: an error is the same error when it has the same type and comes from the same line. Two hundred bugs
#       that divide by zero sixty times a second are one line in the log.

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

logger = logging.getLogger("demo_game")

P = ParamSpec("P")
T = TypeVar("T")

SHOWN_FRAMES = 90
"""How long a fault stays on the screen after it happened last."""


@dataclass(slots=True)
class Fault:
    """One error of a behaviour: where it was raised, how often, when last."""

    path: Path
    line: int
    message: str
    count: int = 0
    last_frame: int = 0

    def __str__(self) -> str:
        """Return `file:line: Error: words`, and how often if it was more than once."""
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{self.path.name}:{self.line}: {self.message}{times}"


class Faults:
    """All errors of behaviours since the game started."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[type[BaseException], Path, int], Fault] = {}

    def note(self, error: BaseException, frame: int) -> Fault:
        """Count an error; log it, with its traceback, the first time."""
        path, line = _origin(error.__traceback__)
        key = (type(error), path, line)
        fault = self._by_key.get(key)
        if fault is None:
            words = str(error)
            message = f"{type(error).__name__}: {words}" if words else type(error).__name__
            fault = self._by_key[key] = Fault(path, line, message)
            logger.error("a behaviour raised and was skipped: %s", fault, exc_info=error)
        fault.count += 1
        fault.last_frame = frame
        return fault

    def call(self, frame: int, default: T, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns, or `default` if it raises; the error is noted."""
        try:
            return function(*args, **kwargs)
        # A script may raise anything; SystemExit from a behaviour must not end the game either.
        except (Exception, SystemExit) as error:
            self.note(error, frame)
            return default

    def recent(self, frame: int) -> list[Fault]:
        """Return the faults that still belong on the screen, the latest first."""
        shown = [fault for fault in self._by_key.values() if frame - fault.last_frame <= SHOWN_FRAMES]
        return sorted(shown, key=lambda fault: -fault.last_frame)

    @property
    def total(self) -> int:
        """How many times any behaviour raised."""
        return sum(fault.count for fault in self._by_key.values())


def _origin(traceback: TracebackType | None) -> tuple[Path, int]:
    """Return file and line of the innermost frame."""
    path, line = Path("?"), 0
    while traceback is not None:
        path, line = Path(traceback.tb_frame.f_code.co_filename), traceback.tb_lineno
        traceback = traceback.tb_next
    return path, line
