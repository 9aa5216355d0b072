"""What scripts say to the reload about themselves.

# Nothing here has an effect when a script runs: the reload reads annotations off the script's text, and looks for marks
# on functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AFTER_RELOAD", "BEFORE_UNLOAD", "Fresh", "Keep", "after_reload", "before_unload"]

_T = TypeVar("_T")

Keep = Annotated[_T, "kept over every reload"]
Keep.__doc__ = """`score: Keep[int] = 0` keeps the value that the game has over every reload, even if it is the loaded one and
the statement was edited. For variables of a script and attributes of its classes."""

Fresh = Annotated[_T, "never kept over a reload"]
Fresh.__doc__ = """`cache: Fresh[dict] = {}` starts anew with every reload, even if the game has changed it. For variables of
a script and attributes of its classes."""

AFTER_RELOAD = "__livescripts_after_reload__"
BEFORE_UNLOAD = "__livescripts_before_unload__"

_F = TypeVar("_F", bound="Callable[..., Any]")


def after_reload(method: _F) -> _F:
    """Have a method called on each instance whose class a reload has edited, once all of them have moved.

    It is called with the class that the instance was of before, and is the place for what a new attribute needs thought
    for. One that raises, or takes longer than `timeout`, is reported in `hook_errors`; the others are still called. On a
    subclass that was not itself edited it is called for its instances, too, with that subclass.
    """
    setattr(method, AFTER_RELOAD, True)
    return method


def before_unload(function: _F) -> _F:
    """Have a function of a script called, without arguments, before the script is replaced or removed.

    It sees the script as it runs, and is the place to release timers, threads and subscriptions. It is not called for a
    save that is rejected. One that raises, or takes longer than `timeout`, is reported in `hook_errors`, and the reload
    goes on.
    """
    setattr(function, BEFORE_UNLOAD, True)
    return function
