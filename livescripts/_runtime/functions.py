"""Functions across a commit: whoever holds the old function runs the new code.

A function's globals are its script's dict, which stays the same, so only what the function itself carries changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livescripts._runtime.classes import class_values, functions_in
from livescripts._runtime.swapping import refill, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import ExitStack
    from types import FunctionType

__all__ = ["class_function_pairs", "function_pairs", "patch"]

_CARRIED = ("__code__", "__defaults__", "__kwdefaults__", "__annotations__", "__doc__", "__name__", "__qualname__")


def function_pairs(
    old: Mapping[str, Any], new: Mapping[str, Any], module: str
) -> Iterator[tuple[FunctionType, FunctionType]]:
    """The plain functions of a module or class that have a successor of the same name."""
    for name, value in old.items():
        if name not in new or type(value) is not type(new[name]):
            continue
        ours, theirs = list(functions_in(value)), list(functions_in(new[name]))
        if len(ours) != len(theirs):
            continue
        for before, after in zip(ours, theirs, strict=True):
            # A variable may hold one function now and another in the new source.
            if before is not after and before.__module__ == module and before.__qualname__ == after.__qualname__:
                yield before, after


def class_function_pairs(old: type, new: type, module: str) -> Iterator[tuple[FunctionType, FunctionType]]:
    """The same for the methods of a class."""
    return function_pairs(class_values(old), class_values(new), module)


def patch(old: FunctionType, new: FunctionType, undo: ExitStack) -> bool:
    """Give `old` the code and everything else of `new`.

    Returns False when their closures or their globals differ: the new code would not find its variables.
    """
    if old.__code__.co_freevars != new.__code__.co_freevars or old.__globals__ is not new.__globals__:
        return False
    for name in _CARRIED:
        before = getattr(old, name)
        after = getattr(new, name)
        if before is not after:
            undo.callback(setattr, old, name, before)
            setattr(old, name, after)
    if not same(old.__dict__, new.__dict__):
        undo.callback(refill, old.__dict__, dict(old.__dict__))
        refill(old.__dict__, dict(new.__dict__))
    return True
