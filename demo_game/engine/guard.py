"""How the engine reaches scripts: through `LiveScripts.call`, which tells of what raises, and skips whose it is."""

# Rule: the engine itself cannot know what a script hands to it. What it cannot use is told of in the same way.

from __future__ import annotations

from types import MethodType
from typing import TYPE_CHECKING, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class Caller(Protocol):
    """What `LiveScripts.call` looks like."""

    def __call__(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what the function returns; None if it raised, or is skipped."""
        ...


def plainly(fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T | None:
    """Call it, and let raise what raises: for unit tests."""
    return fn(*args, **kwargs)


def blame(call: Caller, entity: object, error: BaseException) -> None:
    """Tell of an error that came of using `entity`, which is skipped from now on until its script changes."""
    call(MethodType(use, entity), error)


def use(_: object, error: BaseException) -> None:
    """Raise what came of it: this is the name under which it is told."""
    raise error
