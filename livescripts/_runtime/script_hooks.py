"""Hooks that scripts define: what they do before they are replaced, and after their instances have moved.

# They are scripts' code: one that raises, or does not return, is reported, and the others still run.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from types import FunctionType, MethodType
from typing import TYPE_CHECKING

from livescripts._runtime.classes import class_values, mro_of
from livescripts._runtime.failures import describe, trim
from livescripts._runtime.modules import values_of
from livescripts.report import HookError
from livescripts.scripting import AFTER_RELOAD, BEFORE_UNLOAD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livescripts._runtime.guard import Guard
    from livescripts._runtime.meter import Meter
    from livescripts._runtime.world import Script

__all__ = ["reload_hooks", "run_after_reload", "run_before_unload"]

_log = logging.getLogger("livescripts")


def reload_hooks(mro: tuple[type, ...]) -> list[FunctionType]:
    """The methods marked `@after_reload` of a class with this MRO, those of its bases first."""
    methods: dict[str, object] = {}
    for each in reversed(mro):
        if each is not object:
            methods.update(class_values(each))
    return _marked(methods.values(), AFTER_RELOAD)


def _marked(values: Iterable[object], mark: str) -> list[FunctionType]:
    found = {id(value): value for value in values if type(value) is FunctionType and hasattr(value, mark)}
    return list(found.values())


def run_after_reload(instances: Iterable[tuple[object, type]], guard: Guard, meter: Meter) -> list[HookError]:
    """Call the `@after_reload` methods of these instances with the class that each was of before."""
    errors: list[HookError] = []
    hooks: dict[int, list[FunctionType]] = {}
    for instance, old in instances:
        cls: type = type(instance)
        for function in hooks.setdefault(id(cls), reload_hooks(mro_of(cls))):
            method = MethodType(function, instance)
            with meter.judging_hook(function, "hook"):
                _call(method, lambda method=method, old=old: method(old), guard, errors)
    return errors


def run_before_unload(scripts: Iterable[Script], guard: Guard, meter: Meter | None = None) -> list[HookError]:
    """Call the `@before_unload` functions of scripts that are about to be replaced or to go."""
    errors: list[HookError] = []
    for script in scripts:
        values = values_of(script.module)
        for function in _marked(values.values(), BEFORE_UNLOAD):
            if function.__globals__ is values:  # not one that is imported
                with nullcontext() if meter is None else meter.judging_hook(function, "hook"):
                    _call(function, function, guard, errors)
    return errors


def _call(hook: Callable[..., object], call: Callable[[], object], guard: Guard, errors: list[HookError]) -> None:
    try:
        guard.run(call)
    except BaseException as error:  # SystemExit and the like must not end the game
        told = describe(error)
        errors.append(HookError(hook, trim(error)))
        _log.error("the hook %s raised %s", hook.__qualname__, told, exc_info=errors[-1].error)
