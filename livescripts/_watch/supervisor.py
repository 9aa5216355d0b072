"""The supervisor: the thread that keeps every root watched, whatever becomes of it and of watchdog."""

# Rule 1: it alone talks to watchdog's observer. The game's thread leaves requests; watchdog's threads call the ears.
# Rule 2: notifications make watching quick, comparing makes it right. Comparing now and then finds what was not
#         announced; where nothing is announced, comparing often is polling.
# Rule 3: a path is recorded in the ledger, then put in the inbox; a new watch is set, then the root recorded.
# Rule 4: what is wrong with watching is said once, in a sentence, and costs nobody a change.

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from livescripts._core.selection import SCRIPTS
from livescripts._watch.ear import Ear
from livescripts._watch.files import DiskFiles, relative_to
from livescripts._watch.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livescripts._core.selection import Selection
    from livescripts._watch.inbox import Inbox

__all__ = ["Observer", "Request", "Supervisor"]

# After a comparison that kept the processor busy for some time, rest for so many times as long, however large the
# directory is: at most 0.05 % of a core where changes are announced, and comparing is only for what gets lost; at most
# 1 % where comparing is all there is.
_REST = 2000
_REST_POLLED = 100

# How often in a row an observer may fail a root, with nothing heard in between, before the root is polled.
_STRIKES = 2

_SUSPECTS = "is it a shared folder, or fs.inotify.max_user_watches too low?"

_JOIN_PATIENCE = 2.0  # seconds


class Observer(Protocol):
    """What we use of watchdog's observers, from version 4 on."""

    @property
    def emitters(self) -> Iterable[threading.Thread]: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def join(self, timeout: float | None = None) -> None: ...

    def is_alive(self) -> bool: ...

    def schedule(self, event_handler: Any, path: str, *, recursive: bool) -> object: ...

    def unschedule(self, watch: Any) -> None: ...

    def remove_handler_for_watch(self, event_handler: Any, watch: Any) -> None: ...


@dataclass(slots=True, eq=False)
class Request:
    """Asks for the watching of a root to begin or to end."""

    root: str
    begin: bool
    selection: Selection = SCRIPTS
    done: threading.Event = field(default_factory=threading.Event)
    late: bool = False
    """Whether whoever asked did not wait for it to be done."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Which directory a root is just now. One that was replaced has the same path and another place."""

    real: str
    device: int
    inode: int


@dataclass(slots=True, eq=False)
class _Root:
    """A watched root. A directory that is watched for different files is several."""

    path: str
    selection: Selection
    ledger: Ledger
    place: _Place | None = None
    ear: Ear | None = None
    watch: object = None
    heard: int = 0
    polled: bool = False
    strikes: int = 0
    compare_at: float = 0.0


class Supervisor:
    """Watches roots on the thread that calls `run`. See `WatchdogWatcher` for the intervals, in seconds.

    `requests`, `warnings`, `wake` and `close` are for other threads: append, set `wake`; pop.
    """

    def __init__(self, *, check_interval: float, compare_interval: float, poll_interval: float, grace: float) -> None:
        self.requests: deque[Request] = deque()
        self.warnings: deque[str] = deque()
        self.wake = threading.Event()
        self.closing = False
        self._check_interval = check_interval
        self._compare_interval = compare_interval
        self._poll_interval = poll_interval
        self._grace = grace
        self._files = DiskFiles()
        self._roots: dict[tuple[str, Selection], _Root] = {}
        self._observer: Observer | None = None
        self._excuse = ""  # why there is no observer
        self._said: set[str] = set()

    def close(self) -> None:
        """Make `run` return soon, with its observer stopped."""
        self.closing = True
        self.wake.set()

    def forget(self, paths: Iterable[str]) -> None:
        """Have these reported anew if they are there. From any thread."""
        gone = tuple(paths)
        for root in list(self._roots.values()):
            root.ledger.forget(gone)

    def run(self, inbox: Inbox, make_observer: Callable[[], Observer] | None) -> None:
        """Watch until `close`. Never raises. `make_observer` is None when there is none to be had."""
        self._inbox = inbox
        self._make_observer = make_observer
        self._observer = self._begin()
        while not self.closing:
            try:
                self._round(time.monotonic())
            except Exception as error:
                # One root that fails in a way nobody thought of must not end the watching of the others.
                self._warn(f"watching stumbled and goes on: {error!r}", *(path for path, _ in self._roots))
            self.wake.wait(self._pause(time.monotonic()))
            self.wake.clear()
        self._end(self._observer)
        while self.requests:
            self.requests.popleft().done.set()

    def _pause(self, now: float) -> float:
        due = [root.compare_at - now for root in self._roots.values() if root.place is not None]
        return max(0.0, min([self._check_interval, *due]))

    def _round(self, now: float) -> None:
        while self.requests:
            self._answer(self.requests.popleft(), now)
        for root in self._roots.values():
            if root.ear is not None and root.ear.heard != root.heard:
                root.heard = root.ear.heard
                root.strikes = 0
            self._check_place(root, now)
        observer = self._observer
        if observer is not None and not (observer.is_alive() and all(part.is_alive() for part in observer.emitters)):
            self._replace_observer(now, *self._roots.values())
        for root in self._roots.values():
            if root.place is not None and now >= root.compare_at:
                self._compare(root, now)

    def _answer(self, request: Request, now: float) -> None:
        key = request.root, request.selection
        try:
            if not request.begin:
                root = self._roots.pop(key, None)
                if root is not None:
                    self._unschedule(root)
            elif key not in self._roots:
                ledger = Ledger(request.root, self._files, request.selection)
                root = self._roots[key] = _Root(request.root, request.selection, ledger, _place(request.root))
                self._schedule(root, now)
                root.ledger.note(root.path)
        finally:
            request.done.set()
            if request.late and request.begin:
                self._inbox.put(request.root)

    def _check_place(self, root: _Root, now: float) -> None:
        # That a root was renamed, or a directory above it, is not announced; its deletion ends watchdog's interest
        # in it. That it is there again is seen by looking.
        place = _place(root.path)
        if place == root.place:
            return
        self._unschedule(root)
        root.place = place
        root.polled = False
        root.strikes = 0
        self._schedule(root, now)
        self._rescan(root)

    def _compare(self, root: _Root, now: float) -> None:
        before = time.thread_time()
        late = root.ledger.overdue(now, 0.0 if root.polled else self._grace)
        rest = (_REST_POLLED if root.polled else _REST) * (time.thread_time() - before)
        for path in late:
            self._inbox.put(path)
        if root.polled:
            interval = self._poll_interval
        else:
            interval = self._grace if root.ledger.suspicious else self._compare_interval
        root.compare_at = now + max(interval, rest)
        if not root.polled and any(self._is_announced(root, path) for path in late):
            # Once is a full queue, or a directory that filled too quickly: with new watches all is well. Again is a
            # share that announces nothing, or watches that watchdog could not get and kept silent about.
            self._replace_observer(now, root)

    def _is_announced(self, root: _Root, path: str) -> bool:
        # What a link leads to is announced under its own path, and not at all when that is hidden.
        real = relative_to(root.place.real, self._files.real_path(path)) if root.place is not None else None
        return real == relative_to(root.path, path)

    def _replace_observer(self, now: float, *failed: _Root) -> None:
        for root in self._roots.values():
            self._unschedule(root)
        self._end(self._observer)
        self._observer = self._begin()
        for root in self._roots.values():
            if root in failed and not root.polled:
                root.strikes += 1
                if root.strikes >= _STRIKES:
                    self._poll(root, now, f"changes in {root.path} are not announced ({_SUSPECTS})")
            self._schedule(root, now)
            self._rescan(root)

    def _schedule(self, root: _Root, now: float) -> None:
        if root.place is None or root.polled:
            return
        root.compare_at = now + self._compare_interval
        if self._observer is None:
            self._poll(root, now, self._excuse)
            return
        real = root.place.real
        ear = Ear(
            root=root.path,
            real=real,
            ledger=root.ledger,
            inbox=self._inbox,
            on_root=self.wake.set,
            selection=root.selection,
        )
        try:
            # Without the links in it: asked to watch a link, watchdog watches the link.
            root.watch = self._observer.schedule(ear, real, recursive=root.selection.recursive)
        except (FileNotFoundError, NotADirectoryError):
            root.place = None  # Gone since we looked. It is watched when it is there again.
        except Exception as error:
            # Whatever the reason, polling needs none of it.
            self._poll(root, now, _reason(error))
        else:
            root.ear = ear
            root.heard = 0

    def _unschedule(self, root: _Root) -> None:
        ear, watch = root.ear, root.watch
        root.ear = root.watch = None
        if ear is None:
            return
        ear.closed = True
        # Two roots that are one directory, by a link or for different files, share a watch.
        shared = any(
            other.ear is not None
            and other.ear.real == ear.real
            and other.selection.recursive == root.selection.recursive
            for other in self._roots.values()
        )
        if self._observer is not None:
            with contextlib.suppress(Exception):  # It may have ended with its directory.
                if shared:
                    self._observer.remove_handler_for_watch(ear, watch)
                else:
                    self._observer.unschedule(watch)

    def _rescan(self, root: _Root) -> None:
        root.ledger.note(root.path)
        self._inbox.put(root.path)

    def _begin(self) -> Observer | None:
        if self._make_observer is None:
            self._excuse = "watchdog cannot be imported"
            return None
        observer = None
        try:
            observer = self._make_observer()
            observer.start()
        except Exception as error:
            self._excuse = _reason(error)
            self._end(observer)
            return None
        return observer

    @staticmethod
    def _end(observer: Observer | None) -> None:
        if observer is not None:
            with contextlib.suppress(Exception):
                # Also when it did not start: watchdog 7 starts a thread when an observer is made.
                observer.stop()
                observer.join(_JOIN_PATIENCE)

    def _poll(self, root: _Root, now: float, reason: str) -> None:
        root.polled = True
        root.compare_at = now
        self._warn(f"{reason}: looking at {root.path} every {self._poll_interval:g} s instead", root.path)

    def _warn(self, sentence: str, *paths: str) -> None:
        if sentence not in self._said:
            self._said.add(sentence)
            self.warnings.append(sentence)
            for path in paths:
                self._inbox.put(path)


def _place(path: str) -> _Place | None:
    real = os.path.realpath(path)
    try:
        status = os.stat(real)
    except OSError:
        return None
    return _Place(real, status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOSPC:
        return "no inotify watches left (raise fs.inotify.max_user_watches)"
    if number in {errno.EMFILE, errno.ENFILE}:
        return "no inotify instances or open files left (raise fs.inotify.max_user_instances, or ulimit -n)"
    return f"the system does not announce changes ({error!r})"
