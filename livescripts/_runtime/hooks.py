"""The game's callbacks: registered with an undo, called with errors contained."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, ParamSpec

from livescripts._runtime.failures import describe
from livescripts.report import HookError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

__all__ = ["Hooks"]

_P = ParamSpec("_P")
_log = logging.getLogger("livescripts")


class Hooks(Generic[_P]):
    """Callbacks of one kind, in order of registration. Each is called within `judging(callback)`."""

    def __init__(self, judging: Callable[[Callable[_P, object]], AbstractContextManager[None]]) -> None:
        self._judging = judging
        self._hooks: list[Callable[_P, object]] = []

    def __iter__(self) -> Iterator[Callable[_P, object]]:
        """The callbacks that are registered now."""
        return iter(tuple(self._hooks))

    def add(self, hook: Callable[_P, object]) -> Callable[[], None]:
        """Register; returns the undo, which may be called more than once."""
        self._hooks.append(hook)
        registered = [hook]

        def undo() -> None:
            if registered:
                self._hooks.remove(registered.pop())

        return undo

    def call(self, *args: _P.args, **kwargs: _P.kwargs) -> Iterable[HookError]:
        """Call all of them. What one raises is logged and returned; the others are called all the same."""
        errors: list[HookError] = []
        for hook in self:
            try:
                with self._judging(hook):
                    hook(*args, **kwargs)
            except Exception as error:
                # What it was told has happened already; a callback cannot undo it.
                _log.exception(
                    "the callback %s raised %s", getattr(hook, "__qualname__", None) or repr(hook), describe(error)
                )
                errors.append(HookError(hook, error))
        return errors
