"""Words on a terminal: with colours and a bar where `rich` is installed (`livescripts[cli]`), plainly otherwise.

# Colours only on a terminal, unless FORCE_COLOR says so; never where NO_COLOR is set (https://no-color.org).
# The bar is on stderr, only on a terminal, and leaves nothing behind.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

__all__ = ["Piece", "Style", "Terminal", "coloured", "progress"]

Style: TypeAlias = Literal["", "bold", "dim", "red", "green", "yellow", "cyan", "bold red", "bold green"]
Piece: TypeAlias = "str | tuple[str, Style]"


def coloured(stream: IO[str], environment: Mapping[str, str]) -> bool:
    """Whether to write colours to a stream."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return environment["FORCE_COLOR"] != "0"
    return stream.isatty() and environment.get("TERM") != "dumb"


class Terminal:
    """Writes lines made of pieces to a stream (default: what `sys.stdout` is now)."""

    def __init__(self, stream: IO[str] | None = None) -> None:
        self._stream = sys.stdout if stream is None else stream
        self._colours = coloured(self._stream, os.environ)

    def line(self, *pieces: Piece) -> None:
        """Write one line. A character that the stream has no way to write is escaped."""
        text = "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces)
        if self._colours:
            text = _painted(pieces) or text
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        self._stream.write(text.encode(encoding, errors="backslashreplace").decode(encoding) + "\n")


def _painted(pieces: tuple[Piece, ...]) -> str | None:
    try:
        from rich.color import ColorSystem
        from rich.style import Style as RichStyle
    except ImportError:
        return None
    return "".join(
        piece
        if isinstance(piece, str)
        else RichStyle.parse(piece[1]).render(piece[0], color_system=ColorSystem.STANDARD)
        for piece in pieces
    )


@contextmanager
def progress(title: str) -> Generator[Callable[[int, int, str], None]]:
    """What the block gets, it calls with (done, total, what is being done). Without a terminal nothing is shown."""
    stream = sys.stderr
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda _done, _total, _what: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    except ImportError:
        with _plain_bar(stream, title) as show:
            yield show
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[what]}", markup=False),
    )
    console = Console(file=stream, color_system="standard" if coloured(stream, os.environ) else None)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None, what="")
        yield lambda done, total, what: bar.update(task, completed=done, total=total, what=what)


@contextmanager
def _plain_bar(stream: IO[str], title: str) -> Generator[Callable[[int, int, str], None]]:
    width = shutil.get_terminal_size().columns - 1

    def show(done: int, total: int, what: str) -> None:
        stream.write("\r" + f"{title} {done}/{total} {what}"[:width].ljust(width))
        stream.flush()

    try:
        yield show
    finally:
        stream.write("\r" + " " * width + "\r")
        stream.flush()
