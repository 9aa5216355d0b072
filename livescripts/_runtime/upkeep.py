"""The life of the compile process: launched in the background, replaced when it dies, ended with the game.

# Rule 1: whatever takes time happens on a thread of its own, which ends when it is through: launching, reaping, pausing
#         between two starts, and telling the process of what has been loaded.
# Rule 2: `channel` changes only under `lock`, and the lock is held while something is sent or received: so nobody uses a
#         descriptor that has just been closed, and that is something else by now.
# Rule 3: a process that keeps dying is given up, with one warning.
# Rule 4: a fork of the game leaves the process to its parent.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from collections import deque
from typing import TYPE_CHECKING

from livescripts._runtime.debuggers import left_alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livescripts._runtime.channel import Channel

__all__ = ["PAUSES", "Upkeep"]

_log = logging.getLogger("livescripts")

PAUSES = (0.0, 0.1, 0.5, 2.0)
"""Seconds before the first, second, … start after a quick death. After them there is no other."""
_LIVES = 10.0  # seconds: whoever dies earlier died quickly
_FULL = 0.01  # seconds until another try to write to a full pipe


class Upkeep:
    """Keeps a process running.

    `launch` starts one, and may raise OSError. `forget` is called, with the lock held, when the process is gone, or is to
    go: what it was asked will not be answered. `clock` is in seconds.
    """

    def __init__(
        self,
        launch: Callable[[], Channel],
        forget: Callable[[], None],
        *,
        pauses: tuple[float, ...],
        clock: Callable[[], float],
    ) -> None:
        self.lock = threading.Lock()
        self.channel: Channel | None = None
        """The process, as far as anybody knows; None when there is none (yet)."""
        self._launch = launch
        self._forget = forget
        self._pauses = pauses
        self._clock = clock
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._requests: deque[bytes] = deque()
        self._end: weakref.finalize[..., Upkeep] | None = None
        self._born = 0.0
        self._quick_deaths = 0

    def start(self) -> None:
        """Launch in the background. Nothing happens the second time, or after `close`."""
        with self.lock:
            if self._thread is None and not self._closing.is_set():
                _watch_forks(self)
                self._spawn(lambda: self._run(None, 0.0))

    def close(self) -> None:
        """End the process, and every thread of this. Safe to call twice."""
        self._closing.set()
        while (thread := self._thread) is not None and thread.is_alive():
            thread.join()
        with self.lock:
            channel = self._part()
        if channel is not None:
            channel.close()

    def replace(self) -> None:
        """Have the process killed, and another one started, in the background. The lock is held."""
        channel = self._part()
        if self._clock() - self._born >= _LIVES:
            self._quick_deaths = 0
        pause = self._next_pause()
        if not self._spawn(lambda: self._run(channel, pause)) and channel is not None:
            channel.close()

    def tell(self, requests: Iterable[bytes]) -> None:
        """Send these in the background, to this process or, if none runs yet, to the first. They are not answered."""
        with self.lock:
            idle = not self._requests
            self._requests += requests
            if idle and self.channel is not None:
                self._spawn(self._deliver)

    def abandon(self) -> None:
        """Do without from here on, in the child of a fork: another thread may have held the lock."""
        self.lock = threading.Lock()
        self._closing = threading.Event()
        self._closing.set()
        self._thread = None
        channel = self._part()
        if channel is not None:
            channel.abandon()

    def _part(self) -> Channel | None:
        channel, self.channel = self.channel, None
        if self._end is not None:
            self._end.detach()
            self._end = None
        self._forget()
        return channel

    def _next_pause(self) -> float | None:
        """Seconds until the next start; None when there have been enough of them."""
        self._quick_deaths += 1
        if self._quick_deaths > len(self._pauses):
            _log.warning(
                "the compile process could not be kept alive; the game goes on without it, and compiles saved scripts "
                "itself: a long one may cost a frame (compile_process=False does without it from the start)"
            )
            return None
        return self._pauses[self._quick_deaths - 1]

    def _spawn(self, work: Callable[[], None]) -> bool:
        # No daemon: an interpreter that ends in the middle of a launch waits for it, and then ends the process.
        before = self._thread

        def run() -> None:
            if before is not None:
                before.join()
            work()

        thread = left_alone(threading.Thread(target=run, name="livescripts-compiler", daemon=False))
        try:
            thread.start()
        except RuntimeError:  # no more threads: the interpreter ends, or the system is short of them
            return False
        self._thread = thread
        return True

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
            with self.lock:
                self._born = self._clock()
                self.channel = channel
                # For games that end without `close()`.
                self._end = weakref.finalize(self, _end, self.lock, self._closing, channel)
            self._deliver()
            return

    def _deliver(self) -> None:
        while not self._closing.is_set():
            with self.lock:
                if self.channel is None or not self._requests:
                    return
                try:
                    sent = self.channel.send(self._requests[0])
                except EOFError:
                    self._requests.clear()  # whoever asks next notices, too
                    return
                if sent:
                    self._requests.popleft()
            if not sent:
                self._closing.wait(_FULL)


def _end(lock: threading.Lock, closing: threading.Event, channel: Channel) -> None:
    closing.set()
    with lock:
        channel.close()


_all: weakref.WeakSet[Upkeep] = weakref.WeakSet()
_watching_forks = False


def _watch_forks(upkeep: Upkeep) -> None:
    global _watching_forks  # noqa: PLW0603 - a hook cannot be taken back, so it is set once
    _all.add(upkeep)
    if not _watching_forks and hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_abandon_all)
    _watching_forks = True


def _abandon_all() -> None:
    for upkeep in list(_all):
        upkeep.abandon()
