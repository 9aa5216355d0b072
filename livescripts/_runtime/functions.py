"""Functions across a commit: whoever holds the old function runs the new code.

# The old function object is patched and stays: so what was registered can be taken off again, and nothing that holds it
# need be found. Its globals are its script's dict, which stays the same; what it carries itself is exchanged.
# Where that cannot be (other closure variables, another script's globals), it forwards to the new one.
# What a wrapper closes over is the new one's, except for what it counts itself (`nonlocal`): that is state.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from contextlib import suppress
from operator import is_
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.codes import stores
from livescripts._runtime.classes import is_equal
from livescripts._runtime.swapping import refill, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import ExitStack
    from types import CellType, CodeType

    Counted = Mapping[int, tuple[CellType, object]]

__all__ = [
    "adapted",
    "assign_code",
    "carry_registrations",
    "clear_cache",
    "counted",
    "fits",
    "forward",
    "patch",
    "patch_partial",
    "recode",
    "set_cells",
    "settled",
]

_CARRIED = ("__defaults__", "__kwdefaults__", "__annotations__", "__doc__", "__name__", "__qualname__")

_KINDS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR

_HAS_PARAMETERS = (inspect.CO_VARARGS, inspect.CO_VARKEYWORDS)


def fits(old: FunctionType, new: FunctionType) -> bool:
    """Whether `old` can take the code of `new`: it would find the same globals, and its cells under the same names."""
    return old.__code__.co_freevars == new.__code__.co_freevars and old.__globals__ is new.__globals__


def patch(old: FunctionType, new: FunctionType, final: Callable[[object], object], undo: ExitStack) -> None:
    """Give `old` the code and everything else of `new`, which it `fits`, but for the contents of its cells.

    Its attributes, defaults and annotations are as `final` gives them: what a decorator wraps (`__wrapped__`) is one with
    what it closes over.
    """
    _set_code(old, new.__code__, undo)
    for name in _CARRIED:
        before, after = getattr(old, name), getattr(new, name)
        if not before and not after and type(before) is type(after):
            continue
        after = settled(after, final)
        if not is_equal(before, after):
            undo.callback(setattr, old, name, before)
            setattr(old, name, after)
    attributes = {name: final(value) for name, value in new.__dict__.items()} if new.__dict__ else new.__dict__
    if (attributes or old.__dict__) and not same(old.__dict__, attributes):
        undo.callback(refill, old.__dict__, dict(old.__dict__))
        refill(old.__dict__, attributes)


def settled(values: Any, final: Callable[[object], Any]) -> Any:
    """A tuple or a dict with what `final` gives for its values; the same one if all of them stay. Anything else stays."""
    if type(values) is tuple:
        after = tuple(map(final, cast("tuple[Any, ...]", values)))
        return cast("Any", values) if same(values, after) else after
    if type(values) is dict:
        named = {key: final(value) for key, value in cast("dict[Any, Any]", values).items()}
        return cast("Any", values) if same(values, named) else named
    return values


def _set_code(function: FunctionType, code: CodeType, undo: ExitStack) -> None:
    before = function.__code__
    if before is not code:
        undo.callback(assign_code, function, before)
        assign_code(function, code)


def assign_code(function: FunctionType, code: CodeType) -> None:
    """Give a function other code, whatever kind of function that makes of it."""
    if (function.__code__.co_flags ^ code.co_flags) & _KINDS:
        # A function becomes a generator, say. Python 3.13 advises against it, to prepare for compilers of machine code.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            function.__code__ = code
    else:
        function.__code__ = code


def set_cells(
    old: FunctionType, new: FunctionType, loaded: Counted, final: Callable[[object], object], undo: ExitStack
) -> None:
    """Let `old` close over what `new` does, as `final` gives it.

    Variables that the function rebinds itself are state: what the game has changed since it was `loaded` stays.
    """
    cells = zip(old.__code__.co_freevars, old.__closure__ or (), new.__closure__ or (), strict=True)
    for name, ours, theirs in cells:
        if name == "__class__" or ours is theirs:
            continue
        try:
            before, after = ours.cell_contents, final(theirs.cell_contents)
        except ValueError:  # empty as yet
            continue
        if stores(new.__code__, name) and (id(ours) not in loaded or loaded[id(ours)][1] is not before):
            continue
        if before is not after:
            undo.callback(setattr, ours, "cell_contents", before)
            ours.cell_contents = after


def counted(functions: Iterable[FunctionType]) -> Counted:
    """The closure variables that functions rebind themselves, and what they are now: by the identity of the cell."""
    found: dict[int, tuple[CellType, object]] = {}
    for function in functions:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if name != "__class__" and stores(function.__code__, name):
                with suppress(ValueError):  # empty as yet
                    found[id(cell)] = (cell, cell.cell_contents)
    return found


def recode(function: FunctionType, code: CodeType, undo: ExitStack) -> bool:
    """Give a function that was made at run time, by a factory for instance, the new code of its definition.

    Returns False where that cannot be: the new code wants a variable that it never closed over, or parameters that its
    defaults were not made for.
    """
    before = function.__code__
    if (function.__defaults__ or function.__kwdefaults__) and _parameters(before) != _parameters(code):
        return False
    if before.co_freevars == code.co_freevars:
        _set_code(function, code, undo)
        return True
    cells: Mapping[str, CellType] = dict(zip(before.co_freevars, function.__closure__ or (), strict=True))
    if not set(code.co_freevars) <= cells.keys():
        return False
    closure = tuple(cells[name] for name in code.co_freevars)
    new = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    new.__kwdefaults__ = cast("dict[str, Any]", function.__kwdefaults__)
    new.__qualname__, new.__module__ = code.co_qualname, function.__module__
    forward(function, new, undo)
    return True


def _parameters(code: CodeType) -> tuple[object, ...]:
    count = code.co_argcount + code.co_kwonlyargcount
    flags = tuple(bool(code.co_flags & flag) for flag in _HAS_PARAMETERS)
    return code.co_argcount, code.co_kwonlyargcount, code.co_varnames[:count], flags


# ------------------------------------------------------------------ forwarding

# Stands in for the function that is called, until it takes its place among the constants.
_TARGET = 0x11FE5C21975


def forward(old: FunctionType, target: Any, undo: ExitStack) -> None:
    """Let `old` call `target`, whatever it is called with."""
    waits = type(target) is FunctionType and bool(target.__code__.co_flags & inspect.CO_COROUTINE)
    template = _forwarding(len(old.__code__.co_freevars), waits=waits)
    code = template.replace(
        co_name=old.__code__.co_name,
        co_qualname=old.__code__.co_qualname,
        co_consts=tuple(target if const == _TARGET else const for const in template.co_consts),
    )
    _set_code(old, code, undo)
    for name in ("__defaults__", "__kwdefaults__"):
        undo.callback(setattr, old, name, getattr(old, name))
        setattr(old, name, None)
    undo.callback(refill, old.__dict__, dict(old.__dict__))
    # So that `inspect.signature` and `help` tell about the target. What it sets, the way back has to know.
    for name in functools.WRAPPER_ASSIGNMENTS:
        undo.callback(setattr, old, name, getattr(old, name))
    functools.update_wrapper(old, target)


@functools.cache
def _forwarding(variables: int, *, waits: bool) -> CodeType:
    """The code of a function that forwards, with as many closure variables as the one that it is for."""
    names = ", ".join(f"v{index}" for index in range(variables))
    space: dict[str, Any] = {}
    exec(
        f"def make({names}):\n"
        f"    {'async ' if waits else ''}def forward(*args, **kwargs):\n"
        f"        if 0: {names or None}\n"  # never executed, but they count as used
        f"        target = {_TARGET}\n"
        f"        return {'await ' if waits else ''}target(*args, **kwargs)\n"
        "    return forward\n",
        space,
    )
    return cast("FunctionType", space["make"](*range(variables))).__code__.replace(co_filename="<livescripts>")


# ------------------------------------------------------------------ what the standard library makes of functions


def adapted(shell: Any, final: Callable[[object], object]) -> Any:
    """A static or class method, or a property, around what `final` gives for its functions; the same one if all stay."""
    if type(shell) is property:
        before: list[Any] = [shell.fget, shell.fset, shell.fdel]
        after: list[Any] = [None if part is None else final(part) for part in before]
        if all(map(is_, before, after)):
            return cast("Any", shell)
        # Each as its own kind of property makes it. Not asked for None: on 3.11 `setter(None)` takes a reference to None too
        # many away, and a game that reloads for an hour has none left.
        for part, make in zip(after, ("getter", "setter", "deleter"), strict=True):
            shell = shell if part is None else getattr(shell, make)(part)
        return shell
    function = final(shell.__func__)
    return shell if function is shell.__func__ else type(shell)(function)


def clear_cache(cached: Any, new: Any, undo: ExitStack) -> None:
    """A function under `lru_cache` forgets what its old code gave, and takes over the attributes of its successor."""
    undo.callback(refill, cached.__dict__, dict(cached.__dict__))
    inner = cached.__dict__["__wrapped__"]
    refill(cached.__dict__, dict(new.__dict__))
    cached.__dict__["__wrapped__"] = inner
    undo.callback(cached.cache_clear)
    cached.cache_clear()


def patch_partial(old: Any, new: Any, final: Callable[[object], object], undo: ExitStack) -> None:
    """Let a partial object call what its successor calls, with the same arguments."""
    undo.callback(old.__setstate__, old.__reduce__()[2])
    function, args, keywords, attributes = new.__reduce__()[2]
    old.__setstate__((final(function), tuple(map(final, args)), {k: final(v) for k, v in keywords.items()}, attributes))


def carry_registrations(old: FunctionType, new: FunctionType, is_script: Callable[[str], bool]) -> None:
    """What the host has registered with a `singledispatch` function is registered with its successor, too.

    Scripts register again by themselves.
    """
    ours = _dispatch_table(old)
    theirs = _dispatch_table(new) if ours else ours
    for kind, function in ours.items():
        host = type(function) is not FunctionType or not is_script(function.__module__)
        if host and kind not in theirs:
            theirs[kind] = function


def _dispatch_table(function: FunctionType) -> dict[Any, Any]:
    """The registry of a `singledispatch` function, which it shows read-only; a dict of no consequence for any other."""
    # Asked like this, a function need not make a dict for its attributes.
    dispatch = getattr(function, "dispatch", None)
    if dispatch is None:
        return {}
    if type(function.__dict__.get("registry")) is MappingProxyType and type(dispatch) is FunctionType:
        cells = dict(zip(dispatch.__code__.co_freevars, dispatch.__closure__ or (), strict=True))
        if "registry" in cells:
            return cells["registry"].cell_contents
    return {}
