"""Loading scripts in a fresh process, and waiting for what it says, whatever the scripts do to it.

# The child may print, hang in C, be killed, or end by itself: the parent always comes to a verdict.
# It is killed when one piece of a script takes much longer than its timeout, which Python code alone cannot survive.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import secrets
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, assert_never

from livescripts.cli.options import Place, UsageError
from livescripts.cli.verdict import Begins, Ends, Finding, Found, Message, Misuse, Verdict, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Task", "load"]

_GRACE = 3.0  # seconds that code which does not heed its timeout has to come back
_PATIENCE = 120.0  # seconds in which nothing of a script's is executed: reading, compiling, committing

_START = "import sys; sys.path.append({root!r}); from livescripts.cli.child import main; main()"


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be loaded. `timeout`: seconds for one body or test. `output`: whether what scripts print is shown."""

    places: Sequence[Place]
    run_tests: bool = True
    timeout: float = 2.0
    sys_path: Sequence[str] = ()
    output: bool = False


def load(task: Task, progress: Callable[[Message], object] = lambda _: None) -> Verdict:
    """Load scripts in a process of their own, and tell `progress` what happens there.

    Returns the verdict; a process that came to none is a problem of the script that it executed last. Raises
    `UsageError` when the directories cannot be used.
    """
    token = secrets.token_hex(16)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    # Nobody wants windows and sounds from a check; who does, says so in the environment.
    environment = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _START.format(root=root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**environment, **os.environ},
        start_new_session=os.name == "posix",
    )
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - they were asked for
    try:
        process.stdin.write(_line(task, token))
        process.stdin.close()
        return _follow(process, process.stdout, token, task, progress)
    finally:
        _kill(process)
        process.wait()


def _line(task: Task, token: str) -> bytes:
    value = {
        "token": token,
        "directories": [[place.path, place.namespace, place.layout] for place in task.places],
        "run_tests": task.run_tests,
        "timeout": task.timeout,
        "sys_path": list(task.sys_path),
        "output": task.output,
    }
    return json.dumps(value).encode() + b"\n"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The child and whatever scripts have started, which may be there when it is gone."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def _follow(
    process: subprocess.Popen[bytes],
    pipe: IO[bytes],
    token: str,
    task: Task,
    progress: Callable[[Message], object],
) -> Verdict:
    messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()

    def listen() -> None:
        # The pipe may be held open by what a script started: then the verdict ends the waiting, not the end of it.
        try:
            for line in pipe:
                message = parse(token, line)
                if message is not None:
                    messages.put(message)
        except (OSError, ValueError):
            pass
        messages.put(None)

    listener = threading.Thread(target=listen, name="livescripts-check", daemon=True)
    listener.start()
    try:
        return _await(process, messages, task, progress)
    finally:
        _kill(process)
        listener.join(_GRACE)  # it goes on only if something that a script started still has the pipe
        if not listener.is_alive():
            pipe.close()


def _await(
    process: subprocess.Popen[bytes],
    messages: queue.SimpleQueue[Message | None],
    task: Task,
    progress: Callable[[Message], object],
) -> Verdict:
    running: list[Begins] = []
    scripts: tuple[str, ...] = ()
    while True:
        try:
            message = messages.get(timeout=task.timeout + _GRACE if running else _PATIENCE)
        except queue.Empty:
            return _stuck(running, task.timeout, scripts)
        match message:
            case None:
                try:
                    return _ended(running, process.wait(task.timeout + _GRACE), scripts)
                except subprocess.TimeoutExpired:  # it has closed the pipe, and goes on
                    return _stuck(running, task.timeout, scripts)
            case Verdict():
                return message
            case Misuse():
                raise UsageError(message.message)
            case Begins():
                running.append(message)
            case Ends():
                running[-1:] = []
            case Found():
                scripts = message.scripts
            case _:
                assert_never(message)
        progress(message)


def _stuck(running: list[Begins], timeout: float, scripts: tuple[str, ...]) -> Verdict:
    if not running:
        message = f"nothing happened for {_PATIENCE:g} seconds, and no script was being executed"
        return Verdict((Finding("livescripts", None, None, message),), scripts=scripts)
    last = running[-1]
    message = f"{last.what} did not return in {timeout:g} seconds, and could not be stopped: the process was ended"
    return Verdict((Finding(last.path, None, None, f"{message}. Nothing after it was checked"),), scripts=scripts)


def _ended(running: list[Begins], code: int, scripts: tuple[str, ...]) -> Verdict:
    how = f"exit code {code}"
    if code < 0:
        try:
            how = signal.Signals(-code).name
        except ValueError:
            how = f"signal {-code}"
    if not running:
        message = f"the process that loads {len(scripts)} scripts ended ({how}) before it had a verdict"
        return Verdict((Finding("livescripts", None, None, message),), scripts=scripts)
    last = running[-1]
    message = f"{last.what} ended the process ({how}). Nothing after it was checked"
    return Verdict((Finding(last.path, None, None, message),), scripts=scripts)
