"""Stopping code that does not return.

A timer thread raises `ScriptTimeout` in the game's thread (`PyThreadState_SetAsyncExc`, the C API's documented way to
interrupt another thread's Python code). It cannot interrupt a call that stays in C, such as `time.sleep(100)`: that
is stopped when it returns.

# The thread starts with the first guarded call and waits on a condition between calls.
# An exception that is already on its way when the code returns must not reach anybody else. It cannot be taken back:
# on 3.11, `PyThreadState_SetAsyncExc(thread, NULL)` leaves the interpreter's "something is pending" flag up for good,
# and every loop and call of the process is slow from then on. So after a shot the guard sends for one more, which
# takes the place of any that is under way, and waits until it is there.
# The time of somebody who debugs does not count: the limit begins anew whenever we look and find a debugger. We look
# more often than once, since whoever goes on right before the end would have no time left.
#
# Code may swallow every shot: `while True:` around a `try:` with a bare `except:`. On 3.13 each of them arrives inside of the
# `try`, whenever it is fired. So after some shots, where there is `sys.monitoring` (3.12), every line and jump of the
# thread raises, those of the handlers included; nothing gets round that. It slows the whole process down, hence not at once.
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from livescripts._runtime.debuggers import is_debugged, left_alone
from livescripts.errors import ScriptTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Guard"]

_T = TypeVar("_T")
_REPEAT = 0.05  # seconds between two shots at code that swallows the first
_LOOKS = 8  # for a debugger, in the time that there is
_TIRED = 120  # times half of the limit without anything to do, after which the thread has to be woken
_SHOTS = 3  # before every line raises
_TOOLS = (4, 3, 1, 5)  # those that are nobody's first; never a debugger's
_OURS = str(Path(__file__).parent.parent)
_monitoring: Any = getattr(sys, "monitoring", None)

# Own function object: argtypes set on the shared `pythonapi` attribute would be everybody's.
_set_async_exc = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_ulong, ctypes.py_object)(
    ("PyThreadState_SetAsyncExc", ctypes.pythonapi)
)


class Guard:
    """Runs callables with a time limit.

    `timeout` is in seconds; None runs everything without a limit and without a thread. Calls nest: the time of an
    inner call does not count for the outer one.
    """

    def __init__(self, timeout: float | None) -> None:
        self.timeout = timeout
        # Entered directly: its __enter__ is C, so an exception cannot land between taking the lock and the `with`.
        self._lock = threading.RLock()
        self._condition = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._target = 0
        self._deadline: float | None = None
        self._resting = False
        self._idle = 0  # how often the thread has found nothing to do
        self._closed = False
        self._shot = False
        self._shots = 0
        self._tool: int | None = None  # with which every line raises
        self.calls = 0  # how many were run: while it stays the same, no code of scripts has done anything
        _guards.add(self)

    def forked(self) -> None:
        """Go on in a child that the game has forked: the thread stayed behind, perhaps with the lock in its hands."""
        self._lock = threading.RLock()
        self._condition = threading.Condition(self._lock)
        self._thread = None

    def run(self, call: Callable[[], _T]) -> _T:
        """Run `call`. Raises whatever it raises, and `ScriptTimeout` in its midst when its time is up."""
        self.calls += 1
        if self.timeout is None:
            return call()
        started = time.monotonic()
        outer = self._enter(started + self.timeout)
        try:
            result = call()
        finally:
            left = hit = False
            while not left:
                try:
                    hit |= self._shot
                    left = self._leave(None if outer is None else outer + time.monotonic() - started)
                except ScriptTimeout:
                    self._shot = False
        if hit:
            # It was caught on the way; that it took too long is true all the same.
            raise ScriptTimeout
        return result

    def close(self) -> None:
        """End the timer thread. Safe to call twice."""
        with self._lock:
            self._closed = True
            self._condition.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None

    def _enter(self, deadline: float) -> float | None:
        with self._lock:
            outer, self._deadline = self._deadline, deadline
            self._shots = 0
            self._target = threading.get_ident()
            if self._thread is None:
                self._closed = self._resting = False
                self._idle = 0
                self._thread = left_alone(threading.Thread(target=self._watch, name="livescripts-timeout", daemon=True))
                self._thread.start()
            elif self._resting:
                # Otherwise it wakes up in time anyway: no deadline is earlier than the one before. Waking it costs a frame
                # up to a millisecond, for it wants the interpreter at once.
                self._resting = False
                self._condition.notify()
        return outer

    def _leave(self, outer: float | None) -> bool:
        """Call off the shooting. Returns True when nothing is under way any more; raises what is."""
        with self._lock:
            self._deadline = outer
            self._disarm()
            if not self._shot:
                return True
            _set_async_exc(self._target, ScriptTimeout)
        while True:
            pass

    def _watch(self) -> None:
        limit = self.timeout or 0.0
        pause = limit / _LOOKS
        with self._lock:
            while not self._closed:
                if self._deadline is None:
                    self._idle += 1
                    self._resting = self._idle > _TIRED
                    # Nothing that is called meanwhile is to end earlier.
                    self._condition.wait(None if self._resting else limit / 2)
                    continue
                self._idle = 0
                rest = self._deadline - time.monotonic()
                if rest < limit - pause and is_debugged(self._target):
                    rest = limit
                    self._deadline = time.monotonic() + limit
                if rest > 0:
                    self._condition.wait(min(rest, pause))
                    continue
                self._shot = True
                self._shots += 1
                if self._shots > _SHOTS:
                    self._arm()
                _set_async_exc(self._target, ScriptTimeout)
                # It may be caught by a bare `except:` inside a loop; then it comes again.
                self._condition.wait(_REPEAT)

    def _arm(self) -> None:
        """Have every line of the thread raise from now on, but ours. Without `sys.monitoring`, or a free tool, nothing happens."""
        if _monitoring is None or self._tool is not None:
            return
        target = self._target

        def strike(code: Any, *_: object) -> None:
            if threading.get_ident() == target and not code.co_filename.startswith(_OURS):
                raise ScriptTimeout

        for tool in _TOOLS:
            if _monitoring.get_tool(tool) is None:
                _monitoring.use_tool_id(tool, "livescripts timeout")
                for event in _every_line():
                    _monitoring.register_callback(tool, event, strike)
                _monitoring.set_events(tool, sum(_every_line()))
                self._tool = tool
                return

    def _disarm(self) -> None:
        if self._tool is not None:
            _monitoring.set_events(self._tool, 0)
            for event in _every_line():
                _monitoring.register_callback(self._tool, event, None)
            _monitoring.free_tool_id(self._tool)
            self._tool = None


def _every_line() -> tuple[int, ...]:
    """The events that come wherever code goes: a loop on one line has no other lines, an empty one only jumps."""
    events = _monitoring.events
    return events.LINE, events.JUMP, events.PY_START


_guards: weakref.WeakSet[Guard] = weakref.WeakSet()


def _forked() -> None:
    for guard in _guards:
        guard.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
