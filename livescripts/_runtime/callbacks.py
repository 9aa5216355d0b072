"""The game's callbacks, and the log: whom an outcome is told to."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from livescripts._runtime.hooks import Hooks
from livescripts.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path
    from types import ModuleType

    from livescripts._runtime.meter import Meter
    from livescripts._runtime.transaction import Changes
    from livescripts.report import Fault, HookError, Rejected, Reloaded

__all__ = ["Callbacks"]

_log = logging.getLogger("livescripts")


class Callbacks:
    """What the game has registered, by kind. `meter` measures the callbacks of the batch that is told of."""

    def __init__(self) -> None:
        self.meter: Meter | None = None
        self.validators: Hooks[[ModuleType]] = Hooks(self._judging)
        self.on_reload: Hooks[[Reloaded]] = Hooks(self._judging)
        self.on_error: Hooks[[Rejected]] = Hooks(self._judging)
        self.on_fault: Hooks[[Fault]] = Hooks(lambda _: nullcontext())  # in the midst of a frame, of no batch
        self.on_class_created: Hooks[[type]] = Hooks(self._judging)
        self.on_class_updated: Hooks[[type, type]] = Hooks(self._judging)

    def _judging(self, callback: Callable[..., object]) -> AbstractContextManager[None]:
        return nullcontext() if self.meter is None else self.meter.judging_hook(callback, "callback")

    def committed(self, outcome: Reloaded, changes: Changes) -> Reloaded:
        """Tell of a commit: classes first, then the whole. Returns the outcome with what the callbacks raised."""
        errors = [*outcome.hook_errors]
        errors += [error for cls in changes.created for error in self.on_class_created.call(cls)]
        errors += [error for pair in changes.updated for error in self.on_class_updated.call(*pair)]
        outcome = _with(outcome, errors)
        _log.info("%s", outcome)
        errors += self.on_reload.call(outcome)
        changes.close()
        return _with(outcome, errors)

    def rejected(self, outcome: Rejected) -> None:
        """Tell of a rejection."""
        _log.error("%s", outcome)
        self.on_error.call(outcome)

    def reverted(self, paths: tuple[Path, ...]) -> None:
        """Tell, in the log alone, of files that were saved back to what runs."""
        _log.info("%s", Report(reverted=paths))


def _with(outcome: Reloaded, errors: list[HookError]) -> Reloaded:
    return outcome if len(errors) == len(outcome.hook_errors) else replace(outcome, hook_errors=tuple(errors))
