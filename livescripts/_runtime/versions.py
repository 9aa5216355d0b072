"""From the bytes of a file to something that can be executed, or the reason why not."""

from __future__ import annotations

import hashlib
import io
import itertools
import tokenize
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._core.analysis import Analysis, analyse
from livescripts._runtime.sources import compiled
from livescripts.report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType

__all__ = ["Broken", "Version", "digest", "prepare", "source_line", "unreadable"]


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """A version of a script that compiles. `runs` gives how often it has been executed, and counts."""

    digest: bytes
    data: bytes
    text: str
    code: CodeType
    analysis: Analysis
    runs: Iterator[int] = field(default_factory=itertools.count)


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A version of a script that does not compile, or a file that cannot be read."""

    digest: bytes
    data: bytes
    problem: Problem


def digest(data: bytes) -> bytes:
    """A hash of a file's contents: the identity of a version."""
    return hashlib.blake2b(data, digest_size=16).digest()


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
        text = _decode(data)
        with compiled(path, text) as code:
            return Version(key, data, text, code, analyse(text, path))
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return Broken(key, data, _problem(path, data, error))


def _decode(data: bytes) -> str:
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    text = data.decode(encoding)
    return io.IncrementalNewlineDecoder(None, translate=True).decode(text, final=True)


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
