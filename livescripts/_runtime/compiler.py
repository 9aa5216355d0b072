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
# Rule 4: `announce` is called from the watcher's threads. It hands over a path and learns nothing.
# Rule 5: what the first edit of a script is compared with was loaded before: so the process is told what has been
#         loaded, works out what there is to say of it while nothing else is asked, and sends it along with an answer.
"""

from __future__ import annotations

import itertools
import logging
import os
import time
from typing import TYPE_CHECKING

from livescripts._core import wire
from livescripts._core.wire import Frame, Unpacker, WireError, pack
from livescripts._runtime.channel import launch
from livescripts._runtime.pipes import PIECE
from livescripts._runtime.upkeep import PAUSES, Upkeep
from livescripts._runtime.versions import digest, learn, load, prepare

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
_ANSWERS = frozenset((wire.ANSWER, wire.SAME, wire.NOTHING))
_READS = 64  # pieces that are taken from the pipe in one frame


class Compiler:
    """Has files compiled elsewhere, if it can.

    `start` launches the process in the background. Until it runs, and whenever it does not, everything is compiled
    by the caller. `patience` and `clock` are in seconds; `launcher` starts a process, and may raise OSError;
    `running(path)` is the version that is loaded.
    """

    def __init__(
        self,
        launcher: Callable[[], Channel] = launch,
        running: Callable[[str], Version | None] = lambda _: None,
        *,
        patience: float = _PATIENCE,
        pauses: tuple[float, ...] = PAUSES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._running = running
        self._patience = patience
        self._clock = clock
        self._upkeep = Upkeep(launcher, self._lose, pauses=pauses, clock=clock)
        self._numbers = itertools.count(1)
        # Of the process that runs; under the lock.
        self._outstanding: dict[int, str] = {}  # number of a request -> its path
        self._asked: dict[str, list[int]] = {}  # the same by path, oldest first; no path without any
        self._late = 0  # up to this number it owes answers that it has kept a batch waiting for, for too long
        self._lost = False  # whether the batch has seen a process go: it does not wait for the next one
        # The game's thread's own.
        self._heard: Channel | None = None
        self._unpacker = Unpacker(_ANSWERS, wire.LONGEST_ANSWER)
        self._answers: dict[str, tuple[bytes, bytes, bytes]] = {}  # path -> digest, record, that of what was loaded
        self._kept = 0
        self._wanted: dict[str, bytes] = {}  # path -> the digest that it has been asked for in this batch
        self._waits_since: float | None = None

    def _lose(self) -> None:
        """The process goes, on any thread, with the lock held. Answers that it gave are as good as before."""
        self._outstanding.clear()
        self._asked.clear()
        self._lost = True

    @property
    def running(self) -> bool:
        """Whether there is a process, as far as anybody knows."""
        return self._upkeep.channel is not None

    # ------------------------------------------------------------ asking, from any thread

    def announce(self, path: str) -> None:
        """A file may have changed. Never waits, never raises; nothing happens without a process."""
        self._request(wire.ANNOUNCED, path)

    def _request(self, kind: int, path: str) -> bool:
        payload = os.fsencode(path)
        with self._upkeep.lock:
            channel = self._upkeep.channel
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
                self._upkeep.replace()
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
        self._lost = False
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
            found = self._load(path, data, key)
            if found is not None:
                return found
        elif len(data) > _SMALL and self._is_coming(path, key) and self._may_wait():
            return None
        return prepare(path, data)

    def at_once(self, path: str, data: bytes) -> Version | Broken:
        """The same, for whoever cannot wait."""
        key = digest(data)
        self._receive()
        found = self._load(path, data, key) if self._has(path, key) else None
        return prepare(path, data) if found is None else found

    def forget(self, paths: Iterable[str]) -> None:
        """The batch with these files is over."""
        for path in paths:
            self._drop(path)

    def _load(self, path: str, data: bytes, key: bytes) -> Version | Broken | None:
        _, record, before = self._answers[path]
        version = self._running(path)
        if version is not None and before[: wire.DIGEST] == version.digest:
            learn(path, version, before[wire.DIGEST :])
        return load(path, data, record, key)

    def _has(self, path: str, key: bytes) -> bool:
        return path in self._answers and self._answers[path][0] == key

    def _is_coming(self, path: str, key: bytes) -> bool:
        # What was announced may have been answered for older contents: then it is asked for once more, and only once.
        if self._lost:
            return False
        return path in self._asked or (self._wanted.get(path) != key and self._ask(path, key))

    def _ask(self, path: str, key: bytes) -> bool:
        if not self._request(wire.ASKED, path):
            return False
        self._wanted[path] = key
        return True

    def _may_wait(self) -> bool:
        with self._upkeep.lock:
            # Numbers grow, so the first is the oldest. What came after them need not be late as well.
            if next(iter(self._outstanding), self._late + 1) <= self._late:
                return False
            now = self._clock()
            if self._waits_since is None:
                self._waits_since = now
            if now - self._waits_since < self._patience:
                return True
            self._late = next(reversed(self._outstanding), 0)
            return False

    # ------------------------------------------------------------ answers

    def _receive(self) -> None:
        channel = self._upkeep.channel
        if channel is None:
            return
        if channel is not self._heard:
            self._heard, self._unpacker = channel, Unpacker(_ANSWERS, wire.LONGEST_ANSWER)
        try:
            for _ in range(_READS):
                with self._upkeep.lock:
                    if self._upkeep.channel is not channel:
                        return
                    data = channel.receive()
                if not data:
                    return
                for frame in self._unpacker.feed(data):
                    self._take(frame)
        except (EOFError, WireError) as error:
            _log.debug("the compile process is replaced: %s", error or "it ended")
            with self._upkeep.lock:
                if self._upkeep.channel is channel:
                    self._upkeep.replace()

    def _take(self, frame: Frame) -> None:
        with self._upkeep.lock:
            path = self._outstanding.get(frame.number)
            if path is None:
                raise WireError(f"nobody asked for number {frame.number}")
            # It has read the file after it read this request: so this answers the earlier ones for the path, too.
            numbers = self._asked[path]
            while numbers and numbers[0] <= frame.number:
                del self._outstanding[numbers.pop(0)]
            if not numbers:
                del self._asked[path]
        if frame.kind == wire.ANSWER:
            self._drop(path)
            self._answers[path] = answer = wire.parts(frame.payload)
            self._kept += sum(map(len, answer))
            while self._kept > _KEPT:
                self._drop(next(iter(self._answers)))
        elif frame.kind == wire.NOTHING or frame.payload:
            self._drop(path)
            if frame.payload:
                raise WireError("a payload where none belongs")

    def _drop(self, path: str) -> None:
        answer = self._answers.pop(path, None)
        if answer is not None:
            self._kept -= sum(map(len, answer))

    # ------------------------------------------------------------ its life

    def start(self) -> None:
        """Launch the process in the background. Nothing happens the second time, or after `close`."""
        self._upkeep.start()

    def loaded(self, paths: Iterable[str]) -> None:
        """These have been loaded from the disk. Does not wait."""
        frames = (Frame(wire.LOADED, 0, os.fsencode(path)) for path in paths)
        self._upkeep.tell(request for request in map(pack, frames) if len(request) <= PIECE)

    def close(self) -> None:
        """End the process. Safe to call twice; everything is compiled by the caller from then on."""
        self._upkeep.close()
