"""The process that loads scripts for `check` and `graph`, and tells what it saw.

# It may be ended by what it loads at any moment: whatever is known is written before it matters.
# What scripts print goes nowhere, or to stderr on request: the way to the parent is a descriptor of our own.
# It reads its task from stdin; scripts find that empty.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

from livescripts._core.selection import SCRIPTS
from livescripts._runtime.compiling import decode
from livescripts._runtime.failures import describe
from livescripts._runtime.meter import Meter
from livescripts._watch.files import DiskFiles
from livescripts.cli.verdict import Begins, Ends, Finding, Found, Message, Misuse, Verdict, encode
from livescripts.errors import DirectoryError, NamespaceError, ScriptError, ScriptTestError
from livescripts.host import LiveScripts, ScriptDirectory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from livescripts._core.selection import Selection
    from livescripts._watch.inbox import Inbox
    from livescripts.report import Problem

__all__ = ["findings", "main"]


class _Deaf:
    """A watcher that sees nothing: it is there because without one there are no timeouts."""

    def start(self, inbox: Inbox) -> None:
        del inbox

    def watch(self, root: str, selection: Selection = SCRIPTS) -> None:
        del root, selection

    def unwatch(self, root: str, selection: Selection = SCRIPTS) -> None:
        del root, selection

    def forget(self, paths: Iterable[str]) -> None:
        del paths

    def close(self) -> None:
        pass

    def warnings(self) -> tuple[str, ...]:
        return ()


class _Teller:
    """Writes messages, and is the `Meter`'s observer."""

    def __init__(self, descriptor: int, token: str) -> None:
        self._descriptor = descriptor
        self._token = token
        self.tests = 0

    def tell(self, message: Message) -> None:
        data = encode(self._token, message)
        while data:
            data = data[os.write(self._descriptor, data) :]

    def begins(self, path: str, what: str) -> None:
        self.tell(Begins(path, what))

    def ends(self) -> None:
        self.tell(Ends())

    def tested(self, count: int) -> None:
        self.tests += count


def main() -> None:
    """Do what stdin says, and end the process: no thread of a script keeps it."""
    task = json.loads(sys.stdin.readline())
    own = os.dup(1)  # not inheritable: what scripts start does not hold it open
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(2 if task["output"] else nowhere, 1)
    if not task["output"]:
        os.dup2(nowhere, 2)
    teller = _Teller(own, task["token"])
    code = 0
    try:
        _run(task, teller)
    except BaseException:
        # Ours, or a script's that was raised past everything: the parent says that there was no verdict.
        traceback.print_exc()
        code = 70
    os._exit(code)


def _run(task: dict[str, Any], teller: _Teller) -> None:
    logging.getLogger("livescripts").addHandler(logging.NullHandler())
    sys.path[:0] = task["sys_path"]
    sys.argv = ["livescripts"]
    files = DiskFiles()
    directories = [ScriptDirectory(path, namespace, layout) for path, namespace, layout in task["directories"]]
    scripts = [path for root, _, _ in task["directories"] for path in files.listing(files.real_path(root)).scripts]
    teller.tell(Found(tuple(scripts)))
    Meter.observer = teller
    live = LiveScripts(
        watch=_Deaf(),
        compile_process=False,
        bytecode_cache=False,
        run_tests=task["run_tests"],
        timeout=task["timeout"],
    )
    try:
        live.add_directories(*directories)
    except ScriptError as error:
        problems = tuple(each for problem in error.problems for each in findings(problem))
        verdict = Verdict(problems, tuple(map(str, error.blocked)), tuple(scripts), tests=teller.tests)
    except (DirectoryError, NamespaceError) as error:
        teller.tell(Misuse(str(error)))
        return
    else:
        edges = tuple((str(edge.taker), edge.name, str(edge.provider)) for edge in live.graph)
        verdict = Verdict((), (), tuple(scripts), edges, teller.tests)
    teller.tell(verdict)


def findings(problem: Problem) -> Iterator[Finding]:
    """All that a problem stands for: one for each unit test that failed, where each of them failed."""
    path, error = str(problem.path), problem.error
    try:
        with open(path, "rb") as file:
            lines = decode(file.read()).split("\n")
    except (OSError, SyntaxError, ValueError):
        lines = list[str]()
    if isinstance(error, ScriptTestError) and error.exceptions:
        for (test, said), raised in zip(error.failures, error.exceptions, strict=True):
            line, column = _position(path, raised)
            name = test.partition(" ")[0]
            yield Finding(path, line, column, f"unit test {name} failed: {said}", _line(lines, line))
        return
    line, column = problem.line, None
    if isinstance(error, SyntaxError) and error.filename == path:
        column = error.offset or None
    else:
        at, found = _position(path, error)
        column = found if at == line else None
    yield Finding(path, line, column, problem.message or describe(error), _line(lines, line) or problem.source_line)


def _line(lines: list[str], number: int | None) -> str:
    return lines[number - 1].rstrip() if number is not None and 0 < number <= len(lines) else ""


def _position(path: str, error: BaseException) -> tuple[int | None, int | None]:
    """Line and column, from 1, where the innermost frame of this file was. PEP 657 counts bytes."""
    line = column = None
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == path:
            line = number
    tb = error.__traceback__
    while tb is not None:
        code = tb.tb_frame.f_code
        if code.co_filename == path and tb.tb_lineno == line and tb.tb_lasti >= 0:
            positions = list(code.co_positions())
            _, _, start, _ = positions[min(tb.tb_lasti // 2, len(positions) - 1)]
            column = None if start is None else start + 1
        tb = tb.tb_next
    return line, column
