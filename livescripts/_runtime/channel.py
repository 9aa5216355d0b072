"""The compile process as the game sees it: something that takes bytes, and gives bytes, and may be gone.

# Rule 1: nothing here waits for the process, but `launch`, and `close` once it has been killed. Neither is called in a frame.
# Rule 2: the descriptors are the game's alone: no other child of it gets them, and a fork lets go of them.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Protocol, cast

from livescripts._runtime.pipes import read_now, unblock, write_now
from livescripts._runtime.worker import BOOTSTRAP

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Channel", "Process", "available", "launch"]

_WITHOUT_PROCESSES = ("emscripten", "wasi", "ios", "android", "tvos", "watchos")
_PYTHONS = ("python", "pypy")
_ANSWERS = 1024 * 1024  # bytes: what Linux gives to everybody
_DYING = 5.0  # seconds: a process that was killed is gone at once, unless it hangs in the file system


class Channel(Protocol):
    """A running process. `send` and `receive` are called from any thread, by one at a time, and not during `close`."""

    def send(self, data: bytes) -> bool:
        """Hand over all of it, or nothing and return False. Raises EOFError when the process is gone."""
        ...

    def receive(self) -> bytes:
        """What has come, b"" if nothing has. Raises EOFError when the process is gone."""
        ...

    def close(self) -> None:
        """End it, if it runs still, and reap it."""
        ...

    def abandon(self) -> None:
        """Let go of it without touching it: it is another process's child."""
        ...


def available() -> bool:
    """Whether this interpreter can start another one that does nothing but compile."""
    # A frozen game, a compiled one and one that embeds Python may be their own `sys.executable`, and be started twice.
    name = os.path.basename(sys.executable or "").lower()
    if not any(word in name for word in _PYTHONS) or getattr(sys, "frozen", False) or "__compiled__" in globals():
        return False
    return sys.platform not in _WITHOUT_PROCESSES


def launch() -> Channel:
    """Start the process. Raises OSError when that cannot be."""
    return Process(command())


def command() -> list[str]:
    """What starts it: the same Python with the same options, without the game's environment and site-packages."""
    options = cast("Callable[[], list[str]]", vars(subprocess)["_args_from_interpreter_flags"])()
    # The game may have changed it since it started: what is a syntax error depends on it.
    options += ["-X", f"int_max_str_digits={sys.get_int_max_str_digits()}"]
    return [sys.executable, *options, "-I", "-S", "-c", BOOTSTRAP, *sys.modules["livescripts"].__path__]


class Process:
    """A `Channel` to a child process that reads its standard input, and writes its standard output."""

    def __init__(self, arguments: list[str]) -> None:
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.BELOW_NORMAL_PRIORITY_CLASS | subprocess.CREATE_NO_WINDOW
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            arguments,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=flags,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for
        assert self._process.stdout is not None  # noqa: S101
        self._input, self._output = self._process.stdin, self._process.stdout
        _widen(self._output.fileno())
        unblock(self._input.fileno())
        if sys.platform != "win32":
            unblock(self._output.fileno())

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def send(self, data: bytes) -> bool:
        """See `Channel`."""
        if self._input.closed:
            raise EOFError
        return write_now(self._input.fileno(), data)

    def receive(self) -> bytes:
        """See `Channel`."""
        if self._output.closed:
            raise EOFError
        return read_now(self._output.fileno())

    def close(self) -> None:
        """See `Channel`."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._let_go()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_DYING)

    def abandon(self) -> None:
        """See `Channel`."""
        self._let_go()
        self._process.returncode = 0  # or its destructor would complain that it runs

    def _let_go(self) -> None:
        for stream in (self._input, self._output):
            with contextlib.suppress(OSError):
                stream.close()


def _widen(fd: int) -> None:
    """Let the pipe take a whole answer, where it can: else a long one needs several turns of a process of low priority."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _ANSWERS)
