"""The game's side of the compile process: asks early, looks now and then, never depends on it.

    a file is saved     -> the watcher's thread announces the path; the process reads and compiles it
    its batch begins    -> an answer for just these bytes is there, or is awaited for some frames
    no answer, in time  -> the game compiles

# Rule 1: nothing the process does or fails to do changes what is loaded, but only when: an answer counts if it is for the
#         bytes that the game itself has read, and is otherwise dropped.
# Rule 2: whoever asks never waits for the process. Requests are written whole or not at all; answers are taken as far as
#         they have come.
# Rule 3: a process that is dead, or says what makes no sense, is killed and replaced in the background; whatever it was
#         asked is compiled in the game.
# Rule 4: `announce` is called from the watcher's threads. It hands over a path and learns nothing. The lock is held
#         while a request is written, so that nobody writes to a descriptor that has just been closed.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
import time
import weakref
from typing import TYPE_CHECKING

from livescripts._core import wire
from livescripts._core.wire import Frame, Unpacker, WireError, pack
from livescripts._runtime.channel import launch
from livescripts._runtime.pipes import PIECE
from livescripts._runtime.versions import digest, load, prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from livescripts._runtime.channel import Channel
    from livescripts._runtime.versions import Broken, Version

__all__ = ["Compiler"]

_log = logging.getLogger("livescripts")

_PATIENCE = 0.5  # seconds that a batch waits for answers, in all
_SMALL = 1024  # bytes: compiling so much (0.4 ms) is cheaper than waiting for the next frame
_OUTSTANDING = 4096  # requests without an answer
_KEPT = 32 * 1024 * 1024  # bytes of answers that nobody has asked for yet
_READS = 64  # pieces that are taken from the pipe in one frame

_LIVES = 10.0  # seconds: whoever dies earlier died quickly
_PAUSES = (0.0, 0.1, 0.5, 2.0)  # seconds before the first, second, … start after a quick death; then no more


class Compiler:
    """Has files compiled elsewhere, if it can.

    `start` launches the process in the background. Until it runs, and whenever it does not, everything is compiled
    by the caller. `patience` and `clock` are in seconds; `launcher` starts a process, and may raise OSError.
    """

    def __init__(
        self,
        launcher: Callable[[], Channel] = launch,
        *,
        patience: float = _PATIENCE,
        pauses: tuple[float, ...] = _PAUSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._launch = launcher
        self._patience = patience
        self._pauses = pauses
        self._clock = clock
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._starter: threading.Thread | None = None
        self._channel: Channel | None = None
        self._end: weakref.finalize[..., Compiler] | None = None  # of the channel, if nobody closes it
        self._born = 0.0
        self._quick_deaths = 0
        self._reset()

    def _reset(self) -> None:
        self._answers_in = Unpacker({wire.ANSWER, wire.SAME, wire.NOTHING}, wire.LONGEST_ANSWER)
        self._numbers = itertools.count(1)
        self._outstanding: dict[int, str] = {}  # number of a request -> its path
        self._asked: dict[str, list[int]] = {}  # the same by path, oldest first; no path without any
        self._answers: dict[str, tuple[bytes, bytes]] = {}  # path -> digest, record
        self._kept = 0
        self._wanted: dict[str, bytes] = {}  # path -> the digest that it has been asked for in this batch
        self._waits_since: float | None = None
        self._late = False  # whether it has kept a batch waiting for too long, and still owes the answers

    @property
    def running(self) -> bool:
        """Whether there is a process, as far as anybody knows."""
        return self._channel is not None

    # ------------------------------------------------------------ asking, from any thread

    def announce(self, path: str) -> None:
        """A file may have changed. Never waits, never raises; nothing happens without a process."""
        self._request(wire.ANNOUNCED, path)

    def _request(self, kind: int, path: str) -> bool:
        payload = os.fsencode(path)
        with self._lock:
            channel = self._channel
            if channel is None or len(self._outstanding) >= _OUTSTANDING or len(payload) > wire.LONGEST_REQUEST:
                return False
            number = next(self._numbers)
            request = pack(Frame(kind, number, payload))
            if len(request) > PIECE:
                return False
            # Before it is sent: the answer may be there before `send` returns.
            self._outstanding[number] = path
            self._asked.setdefault(path, []).append(number)
            try:
                if channel.send(request):
                    return True
            except EOFError:
                self._replace()
                return False
            del self._outstanding[number]
            self._asked[path].pop()
            if not self._asked[path]:
                del self._asked[path]
            return False

    # ------------------------------------------------------------ a batch, on the game's thread

    def expect(self, files: Mapping[str, bytes]) -> None:
        """A batch with these contents begins: ask for whatever is not on its way."""
        self._waits_since = None
        self._wanted.clear()
        self._receive()
        for path, data in files.items():
            if len(data) > _SMALL and path not in self._asked and not self._has(path, digest(data)):
                self._ask(path, digest(data))

    def prepare(self, path: str, data: bytes) -> Version | Broken | None:
        """What these bytes compile to; None when that is not known yet: ask again in the next frame.

        None is returned for `patience` seconds of a batch at most.
        """
        key = digest(data)
        self._receive()
        if self._has(path, key):
            found = load(path, data, self._answers[path][1], key)
            if found is not None:
                return found
        elif len(data) > _SMALL and self._is_coming(path, key) and self._may_wait():
            return None
        return prepare(path, data)

    def at_once(self, path: str, data: bytes) -> Version | Broken:
        """The same, for whoever cannot wait."""
        key = digest(data)
        self._receive()
        found = load(path, data, self._answers[path][1], key) if self._has(path, key) else None
        return prepare(path, data) if found is None else found

    def forget(self, paths: Iterable[str]) -> None:
        """The batch with these files is over."""
        for path in paths:
            self._drop(path)

    def _has(self, path: str, key: bytes) -> bool:
        return path in self._answers and self._answers[path][0] == key

    def _is_coming(self, path: str, key: bytes) -> bool:
        # What was announced may have been answered for older contents: then it is asked for once more, and only once.
        return path in self._asked or (self._wanted.get(path) != key and self._ask(path, key))

    def _ask(self, path: str, key: bytes) -> bool:
        if not self._request(wire.ASKED, path):
            return False
        self._wanted[path] = key
        return True

    def _may_wait(self) -> bool:
        if self._late:
            return False
        now = self._clock()
        if self._waits_since is None:
            self._waits_since = now
        self._late = now - self._waits_since >= self._patience
        return not self._late

    # ------------------------------------------------------------ answers

    def _receive(self) -> None:
        channel = self._channel
        if channel is None:
            return
        try:
            for _ in range(_READS):
                data = channel.receive()
                if not data:
                    break
                for frame in self._answers_in.feed(data):
                    self._take(frame)
        except (EOFError, WireError) as error:
            _log.debug("the compile process is replaced: %s", error or "it ended")
            with self._lock:
                if self._channel is channel:
                    self._replace()

    def _take(self, frame: Frame) -> None:
        with self._lock:
            path = self._outstanding.get(frame.number)
            if path is None:
                raise WireError(f"nobody asked for number {frame.number}")
            # It has read the file after it read this request: so this answers the earlier ones for the path, too.
            numbers = self._asked[path]
            while numbers and numbers[0] <= frame.number:
                del self._outstanding[numbers.pop(0)]
            if not numbers:
                del self._asked[path]
            if not self._outstanding:
                self._late = False
        if frame.kind == wire.ANSWER:
            self._drop(path)
            if len(frame.payload) < wire.DIGEST:
                raise WireError("an answer without a digest")
            self._answers[path] = frame.payload[: wire.DIGEST], frame.payload[wire.DIGEST :]
            self._kept += len(frame.payload)
            while self._kept > _KEPT:
                self._drop(next(iter(self._answers)))
        elif frame.kind == wire.NOTHING or frame.payload:
            self._drop(path)
            if frame.payload:
                raise WireError("a payload where none belongs")

    def _drop(self, path: str) -> None:
        answer = self._answers.pop(path, None)
        if answer is not None:
            self._kept -= len(answer[0]) + len(answer[1])

    # ------------------------------------------------------------ its life

    def start(self) -> None:
        """Launch the process in the background. Nothing happens the second time, or after `close`."""
        with self._lock:
            if self._starter is None and not self._closing.is_set():
                _watch_forks(self)
                self._spawn(None, 0.0)

    def close(self) -> None:
        """End the process. Safe to call twice; everything is compiled by the caller from then on."""
        self._closing.set()
        while (starter := self._starter) is not None and starter.is_alive():
            starter.join()
        with self._lock:
            channel = self._part()
        if channel is not None:
            channel.close()

    def _part(self) -> Channel | None:
        """Forget the process and all that it was asked; returns it. The lock is held."""
        channel, self._channel = self._channel, None
        if self._end is not None:
            self._end.detach()
            self._end = None
        self._reset()
        return channel

    def _replace(self) -> None:
        """Have the process killed, and another one started, in the background. The lock is held."""
        channel = self._part()
        if self._clock() - self._born >= _LIVES:
            self._quick_deaths = 0
        self._spawn(channel, self._next_pause())

    def _next_pause(self) -> float | None:
        """Seconds until the next start; None when there have been enough of them."""
        self._quick_deaths += 1
        if self._quick_deaths > len(self._pauses):
            _log.warning(
                "the compile process could not be kept alive; the game goes on without it, and compiles saved scripts "
                "itself: a large one may cost a frame (compile_process=False does without it from the start)"
            )
            return None
        return self._pauses[self._quick_deaths - 1]

    def _spawn(self, old: Channel | None, pause: float | None) -> None:
        # No daemon: an interpreter that ends in the middle of a launch waits for it, and then ends the process.
        starter = threading.Thread(target=self._run, args=(old, pause), name="livescripts-compiler")
        try:
            starter.start()
        except RuntimeError:  # no more threads: the interpreter ends, or the system is short of them
            if old is not None:
                old.close()
        else:
            self._starter = starter

    def _run(self, old: Channel | None, pause: float | None) -> None:
        if old is not None:
            old.close()
        while pause is not None and not self._closing.wait(pause):
            try:
                channel = self._launch()
            except OSError as error:
                _log.debug("the compile process did not start: %s", error)
                pause = self._next_pause()
                continue
            with self._lock:
                self._born = self._clock()
                self._channel = channel
                # For games that end without `close()`.
                self._end = weakref.finalize(self, channel.close)
            return

    def abandon(self) -> None:
        """Do without from here on, in the child of a fork: the process belongs to the parent, and another thread may have held the lock."""
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._closing.set()
        self._starter = None
        channel = self._part()
        if channel is not None:
            channel.abandon()


_compilers: weakref.WeakSet[Compiler] = weakref.WeakSet()
_watching_forks = False


def _watch_forks(compiler: Compiler) -> None:
    global _watching_forks  # noqa: PLW0603 - a hook cannot be taken back, so it is set once
    _compilers.add(compiler)
    if not _watching_forks and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_let_go)
    _watching_forks = True


def _let_go() -> None:
    for compiler in list(_compilers):
        compiler.abandon()
