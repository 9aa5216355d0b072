"""Which functions run while a script is loaded.

A script that takes a function from another one and calls it while loading depends on what the function does; one that
only keeps it, or makes a subclass of the class that it is in, does not.

# Since Python 3.12 `sys.monitoring` says so (PEP 669), before that `sys.setprofile`. Where somebody else has that already,
# nothing is known: then `recording` says None.
# Only while scripts are executed: switching it on and off costs each function of the game 0.1 microseconds once.
# What is noted is the path of the script that a function is of, at once: code objects of different files may be equal.
# Other threads may be noted, and at any moment: so nothing here fails when a recording ends meanwhile.
"""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

from livescripts._runtime.sources import path_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from types import CodeType, FrameType

__all__ = ["recording", "still", "throughout"]

_NAME = "livescripts"
_FREE = (3, 4)  # tool numbers that no kind of tool has a claim to

_running: list[set[str]] = []  # what was noted for the scripts that are being executed, the innermost last


@contextmanager
def recording(called: set[str], *, needed: bool = True) -> Generator[bool]:
    """Add the path of each script with a function that starts meanwhile to `called`, but for what an inner recording gets.

    Gives whether there is anybody to tell. If it is not `needed`, that is only within another recording, which is not to
    get what is not its own.
    """
    if not needed and not _running:
        yield False
        return
    depth = len(_running)
    stop = None
    try:
        try:
            stop = _stop if _running else _start()
            if stop is None:
                yield False
                return
            _running.append(called)
            yield True
        finally:
            _close(depth, stop)
    finally:
        _close(depth, stop)  # whatever came between: it must not stay switched on


def _close(depth: int, stop: Callable[[], None] | None) -> None:
    """Go back to the recordings that there were. A second time does nothing."""
    del _running[depth:]
    if stop is not None and not _running:
        stop()


def throughout() -> AbstractContextManager[object]:
    """Have one recording for many scripts: since 3.12 it takes longer to begin one than to go on with it."""
    return recording(set()) if sys.version_info >= (3, 12) else nullcontext()


def still() -> bool:
    """Whether nobody has taken our place since the recording began. To be asked within it."""
    return _is_ours()


def _stop() -> None:
    """An outer recording goes on."""


if sys.version_info >= (3, 12):
    _events = sys.monitoring.events.PY_START

    def _note(code: CodeType, offset: int) -> object:
        del offset
        path = path_of(code)
        if path is None:
            return sys.monitoring.DISABLE  # never again: it costs nothing from here on
        for called in _running[-1:]:
            called.add(path)
        return None

    def _start() -> Callable[[], None] | None:
        tool = _tool()
        if tool is None:
            return None
        try:
            sys.monitoring.set_events(tool, _events)
            return lambda: sys.monitoring.set_events(tool, 0)  # in here: it would stay on if Ctrl-C came between
        except BaseException:
            sys.monitoring.set_events(tool, 0)
            raise

    def _is_ours() -> bool:
        return any(sys.monitoring.get_tool(number) == _NAME and sys.monitoring.get_events(number) for number in _FREE)

    def _tool() -> int | None:
        for number in _FREE:
            name = sys.monitoring.get_tool(number)
            if name is None:
                sys.monitoring.use_tool_id(number, _NAME)
                sys.monitoring.register_callback(number, _events, _note)
                return number
            if name == _NAME:
                return number
        return None

else:

    def _note(frame: FrameType, event: str, argument: Any) -> None:
        del argument
        path = path_of(frame.f_code) if event == "call" else None
        if path is not None:
            for called in _running[-1:]:
                called.add(path)

    def _start() -> Callable[[], None] | None:
        before = threading.getprofile()
        if sys.getprofile() is not None or before is not None:
            return None
        try:
            sys.setprofile(_note)
            threading.setprofile(_note)  # of those that a script starts
            return _end  # noqa: TRY300 - in here: it would stay on if Ctrl-C came between
        except BaseException:
            _end()
            raise

    def _end() -> None:
        if threading.getprofile() is cast("Any", _note):  # a script may have begun to profile
            threading.setprofile(cast("Any", None))
        if _is_ours():
            sys.setprofile(None)

    def _is_ours() -> bool:
        return sys.getprofile() is _note
