"""What runs in the compile process: reads paths, answers with what their files compile to.

# Rule 1: it never executes a script, imports one, or unpickles anything. It reads files, and writes to one pipe.
# Rule 2: it is in nobody's way: low priority, deaf to Ctrl-C, silent; it ends when the game does, however that ends.
# Rule 3: it imports as little of ours as it can, and nothing of the game's. `BOOTSTRAP` puts an empty package in the place
#         of `livescripts`, so that the host and the watcher stay out.
# Rule 4: every request that was read is answered, or covered by the answer to a later one for the same path; but for LOADED.
"""

from __future__ import annotations

import gc
import os
import stat
import sys
from typing import TYPE_CHECKING

from livescripts._core import wire
from livescripts._core.wire import Frame, Unpacker, WireError, pack
from livescripts._runtime.compiling import compile_source, digest
from livescripts._runtime.pipes import CHUNK, readable

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BOOTSTRAP", "Desk", "main", "serve"]

# Run with `-c`; the arguments are the directories that `livescripts` consists of. Politeness first: until then, Ctrl-C
# ends it, and it takes as much of a core as the game.
BOOTSTRAP = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
import os
if hasattr(os, "nice"):
    try: os.nice(10)
    except OSError: pass
package = type(sys)("livescripts")
package.__path__ = sys.argv[1:]
sys.modules["livescripts"] = package
from livescripts._runtime.worker import main
main()
"""

_PATIENCE = 5.0  # seconds between two looks whether the game is still there: its pipe may have been inherited
_LARGEST = 16 * 1024 * 1024  # bytes of a script: beyond that, somebody saved a movie as `.py`
_ROOM = 16 * 1024 * 1024  # bytes of records of what was loaded: some 800 scripts of 200 lines
_SHARE = 4  # a record has about so many times the length of its text: do not make one for which there is no room
_REMEMBERED = 4096  # paths whose last answer is known


def main() -> None:
    """Serve on what were the standard streams, and keep everybody else from them."""
    source, sink = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(sink, os.O_BINARY)
    # A third of the time of a long script went into looking for cycles, which trees do not have.
    gc.disable()
    serve(source, sink, compile_source)


def serve(source: int, sink: int, compile_source: Callable[[str, bytes], bytes]) -> None:
    """Answer what is read from `source`, until its end, an invalid request, or the end of the parent process."""
    parent = os.getppid()
    requests = Unpacker({wire.ANNOUNCED, wire.ASKED, wire.LOADED}, wire.LONGEST_REQUEST)
    desk = Desk(compile_source)
    try:
        while os.getppid() == parent:
            # What has come meanwhile goes first: a file that was saved again need not be compiled twice.
            if readable(source, 0 if desk.busy else _PATIENCE):
                data = os.read(source, CHUNK)
                if not data:
                    return
                for frame in requests.feed(data):
                    desk.put(frame)
            elif desk.busy:
                answer = desk.work()
                if answer is not None:
                    _write(sink, pack(answer))
                if not desk.busy:
                    gc.collect()
    except (OSError, WireError):
        return  # the game is gone, or has given us up


class Desk:
    """Requests that wait, one for each path, and what is remembered between them."""

    def __init__(self, compile_source: Callable[[str, bytes], bytes]) -> None:
        self._compile = compile_source
        self._asked: dict[bytes, Frame] = {}
        self._announced: dict[bytes, Frame] = {}
        self._loaded: dict[bytes, Frame] = {}
        self._answered: dict[bytes, bytes] = {}  # path -> digest of its last answer
        self._before: dict[bytes, bytes] = {}  # path -> digest and record of what was loaded
        self._room = _ROOM

    @property
    def busy(self) -> bool:
        """Whether anything waits."""
        return bool(self._asked or self._announced or self._loaded)

    def put(self, frame: Frame) -> None:
        """Let this wait. One answer, under the later number, does for two requests."""
        path = frame.payload
        if frame.kind == wire.LOADED:
            self._loaded[path] = frame
        elif frame.kind == wire.ASKED or path in self._asked:
            self._announced.pop(path, None)
            self._asked[path] = Frame(wire.ASKED, frame.number, path)
        else:
            self._announced[path] = frame

    def work(self) -> Frame | None:
        """Do what is most urgent, and return the answer, if there is one: the game waits for what it has asked for."""
        for waiting in (self._asked, self._announced):
            if waiting:
                return self._answer(waiting.pop(next(iter(waiting))))
        self._remember(self._loaded.pop(next(iter(self._loaded))).payload)
        return None

    def _answer(self, frame: Frame) -> Frame:
        path = frame.payload
        try:
            data = _read(path)
            key = digest(data)
            if frame.kind == wire.ANNOUNCED and self._answered.get(path) == key:
                return Frame(wire.SAME, frame.number)
            before = self._before.get(path, b"")
            record = self._compile(os.fsdecode(path), data)
            payload = wire.joined(key, record, b"" if before.startswith(key) else before)
            if len(payload) > wire.LONGEST_ANSWER:
                raise ValueError("too long")
        except Exception:  # whatever it is, the game sees it itself when it compiles
            self._answered.pop(path, None)
            return Frame(wire.NOTHING, frame.number)
        if len(self._answered) >= _REMEMBERED:
            self._answered.clear()
        self._answered[path] = key
        return Frame(wire.ANSWER, frame.number, payload)

    def _remember(self, path: bytes) -> None:
        self._room += len(self._before.pop(path, b""))
        try:
            data = _read(path)
            if self._room < _SHARE * len(data):
                return
            kept = digest(data) + self._compile(os.fsdecode(path), data)
        except Exception:  # the game will find out by itself
            return
        if len(kept) <= self._room:
            self._room -= len(kept)
            self._before[path] = kept


def _read(path: bytes) -> bytes:
    """The contents of a regular file. Raises OSError for anything else: a named pipe would make us wait."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
    fd = os.open(path, flags)
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            raise OSError("not a script")
        with open(fd, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(fd)


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]
