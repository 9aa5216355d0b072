"""From the bytes of a file to something that can be executed, or the reason why not."""

from __future__ import annotations

import builtins
import contextlib
import itertools
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._core.analysis import Analysis, analyse
from livescripts._runtime.compiling import Compiled, Failed, decode, digest, read_record, record_of
from livescripts._runtime.sources import adopted, arrived, compiled
from livescripts.report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

    from livescripts._runtime.compiling import Given

__all__ = ["Broken", "Version", "digest", "learn", "load", "prepare", "prepare_to_keep", "source_line", "unreadable"]


@dataclass(slots=True, eq=False)  # not frozen: that takes three times as long to make, and there are thousands
class Version:
    """A version of a script that compiles. `runs` gives how often it has been executed, and counts. The rest never changes."""

    digest: bytes
    data: bytes
    code: CodeType
    analysis: Analysis
    runs: Iterator[int] = field(default_factory=itertools.count)

    @property
    def text(self) -> str:
        """The decoded data: seldom asked for, so not kept."""
        return decode(self.data)


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A version of a script that does not compile, or a file that cannot be read."""

    digest: bytes
    data: bytes
    problem: Problem


def unreadable(path: str, error: OSError) -> Broken:
    """The version of a file that the operating system does not give us."""
    reason = error.strerror or str(error)
    return Broken(b"", b"", Problem(Path(path), None, "", f"cannot be read: {reason}", error))


def source_line(text: str, line: int | None) -> str:
    """Line `line` (from 1) without its indentation; "" if there is none."""
    if line is None:
        return ""
    lines = text.split("\n")  # as Python counts them; `splitlines` splits at form feeds and more
    return lines[line - 1].strip() if 0 < line <= len(lines) else ""


def prepare(path: str, data: bytes) -> Version | Broken:
    """Decode, compile and analyse. Never raises for what the file contains."""
    key = digest(data)
    try:
        text = decode(data)
        with compiled(path, data, lambda: compile(text, path, "exec", dont_inherit=True)) as code:
            return Version(key, data, code, analyse(text, path, code))
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Broken(key, data, _problem(path, data, error))


def prepare_to_keep(path: str, data: bytes, key: bytes | None = None) -> tuple[Version | Broken, bytes | None]:
    """The same, and the record of it that `load` takes later; None if there is none. `key` is the digest of `data`."""
    key = digest(data) if key is None else key
    given: list[Given] = []
    try:
        text = decode(data)
        with compiled(path, data, lambda: _compile(path, text, given)) as code:
            version = Version(key, data, code, analyse(text, path, code))
            return version, record_of(key, code, version.analysis, given)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Broken(key, data, _problem(path, data, error)), None


def _compile(path: str, text: str, given: list[Given]) -> CodeType:
    """Compile, and note the warnings, which are given as always."""
    code = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.suppress(Exception):
            code = compile(text, path, "exec", dont_inherit=True)
    for each in caught:
        if each.filename == path:
            given.append((each.category.__name__, str(each.message), each.lineno))
        else:  # from another thread
            warnings.warn_explicit(each.message, each.category, each.filename, each.lineno)
    # Once more, for whoever wants to see what is wrong, in the way he wants it.
    return compile(text, path, "exec", dont_inherit=True) if code is None or given else code


def load(path: str, data: bytes, record: bytes | memoryview, key: bytes | None = None) -> Version | Broken | None:
    """What `prepare` returns for these bytes, from a record of them; None if that has to be asked. Never raises.

    `key` is the digest of `data`, if it is known.
    """
    key = digest(data) if key is None else key
    found = read_record(path, key, lambda: decode(data), record)
    if found is None or (found.given and _may_raise()):
        return None
    if isinstance(found, Compiled) and not found.given:
        arrived(path, data, found.code)
        return Version(key, data, found.code, found.analysis)
    try:
        code = adopted(path, data, lambda: _code(path, found))
    except SyntaxError as error:
        return Broken(key, data, _problem(path, data, error))
    return Version(key, data, code, found.analysis) if isinstance(found, Compiled) else None


def learn(path: str, version: Version, record: bytes) -> None:
    """Spare this version the finding of details if this is a record of its bytes. Never raises."""
    found = read_record(path, version.digest, lambda: version.text, record)
    if isinstance(found, Compiled):
        version.analysis.learn(found.analysis)


def _may_raise() -> bool:
    """Whether a warning may be an error: then it is for the compiler to give it, and to stop."""
    return any(each[0] == "error" for each in warnings.filters)


def _code(path: str, found: Compiled | Failed) -> CodeType:
    for category, text, line in found.given:
        warnings.warn_explicit(text, vars(builtins)[category], path, line)
    if isinstance(found, Failed):
        raise found.error
    return found.code


def _problem(path: str, data: bytes, error: BaseException) -> Problem:
    line = column = None
    if isinstance(error, SyntaxError):
        line, column = error.lineno, error.offset
    elif isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
    elif b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
    text = data.decode("utf-8", errors="replace")
    # Python words this differently from one release to the next, and never says what to do.
    detail = error.msg if isinstance(error, SyntaxError) else str(error)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        column = None
        detail = "the file contains null bytes; it is not text, or was saved as UTF-16: save it as UTF-8"
    elif isinstance(error, UnicodeDecodeError):
        detail = f"{detail}; save the file as UTF-8, or declare its encoding in the first line"
    message = f"{type(error).__name__}: {detail}"
    shown = source_line(text, line)
    if column is not None and line is not None:
        raw = [*text.split("\n"), ""][min(line - 1, text.count("\n") + 1)]
        column = max(1, column - (len(raw) - len(raw.lstrip())))
        if column > len(shown) + 1:
            column = None
    return Problem(Path(path), line, shown, message, error, column)
