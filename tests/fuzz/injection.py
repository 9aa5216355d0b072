"""A failure at one chosen step: the k-th line of our own code that is executed raises.

# Rule 1: every line counts, of staging, gate, commit and books alike; lines of scripts do not.
# Rule 2: one failure per run. What puts things right after it runs undisturbed.
"""

from __future__ import annotations

import linecache
import os
import sys
from typing import TYPE_CHECKING, Any, Self

import livescripts

if TYPE_CHECKING:
    from collections.abc import Callable

_OURS = os.path.dirname(livescripts.__file__) + os.sep
# What stands for the operating system and the game here; and what holds a lock, since a tracer can raise where nothing else does:
# between the last line of a `with` and its exit.
_OUTSIDE = ("testing.py", "inbox.py", "guard.py", "holds.py")
# Callbacks of weak references, and what only they call: they run whenever a collection comes, and what they raise goes nowhere.
_CALLBACKS = frozenset({"_lose", "_lose_root", "_forget_later", "gone"})


class Injected(Exception):
    """What fails."""


class Injector:
    """Counts lines of our code while it is entered, and raises at the `at`-th; never for None.

    `lines` are the places that were passed, by step, `where` is that of the failure, "module:line function".
    """

    def __init__(self, at: int | None = None, kind: Callable[[], BaseException] = Injected) -> None:
        self.at = at
        self.count = 0
        self.lines: list[tuple[str, int]] = []
        self.where = ""
        self._kind = kind
        self._at: dict[int, int] = {}  # the line that each frame is at

    def __enter__(self) -> Self:
        self._before = sys.gettrace()
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(self._before)

    def _call(self, frame: Any, event: str, arg: object) -> Any:
        del event, arg
        name = frame.f_code.co_filename
        if not name.startswith(_OURS) or name.endswith(_OUTSIDE) or frame.f_code.co_name in _CALLBACKS:
            return None
        self._at.pop(id(frame), None)
        return self._line

    def _line(self, frame: Any, event: str, arg: object) -> Any:
        del arg
        if event == "line":
            # On its way out a `with` is announced once more, before its exit. Only a tracer can raise there.
            before, self._at[id(frame)] = self._at.get(id(frame), 0), frame.f_lineno
            if before > frame.f_lineno and linecache.getline(
                frame.f_code.co_filename, frame.f_lineno
            ).lstrip().startswith("with "):
                return self._line
            self.count += 1
            if self.at is None:
                self.lines.append((frame.f_code.co_filename, frame.f_lineno))
            if self.count == self.at:
                code = frame.f_code
                self.where = f"{code.co_filename.removeprefix(_OURS)}:{frame.f_lineno} {code.co_qualname}"
                sys.settrace(None)
                raise self._kind()
        return self._line


def chosen(lines: list[tuple[str, int]], times: int) -> list[int]:
    """Steps that pass every line that was passed: the first and the last time, and evenly between, `times` in all.

    0 for every time.
    """
    if times == 0:
        return list(range(1, len(lines) + 1))
    passed: dict[tuple[str, int], list[int]] = {}
    for step, line in enumerate(lines, 1):
        passed.setdefault(line, []).append(step)
    found: set[int] = set()
    for steps in passed.values():
        last = len(steps) - 1
        found.update(steps[last * n // (times - 1)] if times > 1 else steps[0] for n in range(times))
    return sorted(found)
