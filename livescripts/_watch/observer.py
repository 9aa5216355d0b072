"""The watcher: puts the path of whatever changes below a watched directory in the inbox."""

# Rule 1: it only puts paths in the inbox. It touches no game state, and nothing it does raises in the game.
# Rule 2: whatever may wait, fail or hang happens on the supervisor's thread. The game's waits for it when a
#         directory is added or removed, and never for long.
# Rule 3: watchdog is imported by `start` and nowhere else.

from __future__ import annotations

import inspect
import os
import threading
import warnings
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, cast

from livescripts._core.selection import SCRIPTS
from livescripts._watch.ear import READING
from livescripts._watch.supervisor import Request, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from livescripts._core.selection import Selection
    from livescripts._watch.inbox import Inbox
    from livescripts._watch.supervisor import Observer

__all__ = ["WatchdogWatcher", "Watcher", "default_observer"]

# Seconds. Beginning a watch and closing take milliseconds. Only a file system that does not answer takes longer,
# and then the game goes on without.
_WATCH_PATIENCE = 2.0
_CLOSE_PATIENCE = 5.0


class Watcher(Protocol):
    """What tells of changes in directories. Paths are absolute; only `start` may raise.

    `selection` says which files below a root are meant. A root may be watched with several.
    """

    def start(self, inbox: Inbox) -> None:
        """Report into `inbox` from now on. Raises RuntimeError when it was started or closed before."""
        ...

    def watch(self, root: str, selection: Selection = SCRIPTS) -> None:
        """Report changes below `root`, which need not exist yet: every one that happens after this returns.

        So list a directory after watching it. Nothing happens when it is watched already, or after `close`.
        """
        ...

    def unwatch(self, root: str, selection: Selection = SCRIPTS) -> None:
        """Stop reporting changes below `root`, but for one that may be on its way. Nothing happens when unwatched."""
        ...

    def forget(self, paths: Iterable[str]) -> None:
        """These were taken for gone. Whichever is there all the same has yet to be reported.

        A root that is moved away and back at once may have been read in between, and looks to a watcher as ever.
        """
        ...

    def close(self) -> None:
        """Stop, and leave no thread behind. Nothing happens the second time."""
        ...

    def warnings(self) -> tuple[str, ...]:
        """What went wrong with watching since the last call, as sentences; empty when nothing did.

        Whoever warns also puts a path in the inbox, so it is enough to ask after draining that.
        """
        ...


def default_observer() -> Callable[[], Observer] | None:
    """Import watchdog and return what makes its best observer for this system; None when it is not installed."""
    try:
        from watchdog.observers import Observer as Default  # here, not above: rule 3
    except ImportError:
        return None
    # watchdog 7 warns its users of its own race, whenever `mkdir -p a/b/c` creates faster than it looks, or a
    # directory is moved away and back. Harmless, but printed into the game's console; and where warnings are errors
    # it is raised in the thread that reads inotify, which ends, and with it all notifications.
    warnings.filterwarnings("ignore", message="Callback with id", category=RuntimeWarning, module=r"watchdog\.")
    return _without_reading(cast("Any", Default))


def _without_reading(default: Any) -> Callable[[], Observer]:
    """Have the observer ask the system for nothing that is only read: it wakes its threads for each file that a preload
    opens, and for each directory that is listed. A watchdog that cannot be asked for less reports all of it to the `Ear`.
    """
    from watchdog import events  # here, too

    if "event_filter" not in inspect.signature(default.schedule).parameters:
        return default
    # All but those: a later watchdog may have kinds of its own.
    every = events.FileSystemEvent
    kinds = [kind for kind in vars(events).values() if inspect.isclass(kind) and issubclass(kind, every)]
    changes = [kind for kind in kinds if kind is not every and kind.event_type not in READING]

    def make() -> Observer:
        observer = default()
        observer.schedule = partial(observer.schedule, event_filter=changes)
        return observer

    return make


class WatchdogWatcher:
    """The `Watcher` that listens to watchdog's observer, and compares where that is not enough.

    All times are seconds. Every `check_interval` it sees whether each root is still the same directory and the
    observer alive. Every `compare_interval` it compares the disk with what was reported; a difference that is
    not announced within `grace` is reported, and the observer replaced. A root that the observer cannot watch,
    or whose changes it keeps missing, is compared every `poll_interval` instead, with a warning.

    `make_observer` returns an observer that is not started; by default watchdog's best for this system.
    """

    def __init__(
        self,
        *,
        check_interval: float = 1.0,
        compare_interval: float = 2.0,
        poll_interval: float = 0.5,
        grace: float = 1.0,  # watchdog holds the news of a file that was moved away back for half a second
        make_observer: Callable[[], Observer] | None = None,
    ) -> None:
        self._supervisor = Supervisor(
            check_interval=check_interval, compare_interval=compare_interval, poll_interval=poll_interval, grace=grace
        )
        self._make_observer = make_observer
        self._inbox: Inbox | None = None
        self._thread: threading.Thread | None = None

    def start(self, inbox: Inbox) -> None:
        """See `Watcher`. Imports watchdog; without it, directories are polled."""
        if self._thread is not None or self._supervisor.closing:
            msg = "a watcher is started once, and not after it was closed"
            raise RuntimeError(msg)
        make_observer = self._make_observer or default_observer()
        self._inbox = inbox
        before = tuple(self._supervisor.requests)
        self._thread = threading.Thread(
            target=self._supervisor.run, args=(inbox, make_observer), name="livescripts-watcher", daemon=True
        )
        self._thread.start()
        for request in before:
            self._await(request, inbox)

    def watch(self, root: str, selection: Selection = SCRIPTS) -> None:
        """See `Watcher`. Before `start`, it only remembers the root."""
        self._ask(Request(os.path.abspath(root), begin=True, selection=selection))

    def unwatch(self, root: str, selection: Selection = SCRIPTS) -> None:
        """See `Watcher`."""
        self._ask(Request(os.path.abspath(root), begin=False, selection=selection))

    def forget(self, paths: Iterable[str]) -> None:
        """See `Watcher`. The next comparison with the disk reports them."""
        self._supervisor.forget(paths)

    def close(self) -> None:
        """See `Watcher`. A thread that hangs in the file system is given up; it ends with the process."""
        self._supervisor.close()
        if self._thread is not None:
            self._thread.join(_CLOSE_PATIENCE)

    def warnings(self) -> tuple[str, ...]:
        """See `Watcher`."""
        sentences: list[str] = []
        while self._supervisor.warnings:
            sentences.append(self._supervisor.warnings.popleft())
        return tuple(sentences)

    def _ask(self, request: Request) -> None:
        if self._supervisor.closing:
            return
        self._supervisor.requests.append(request)
        if self._inbox is not None:
            self._supervisor.wake.set()
            self._await(request, self._inbox)

    def _await(self, request: Request, inbox: Inbox) -> None:
        if request.done.wait(_WATCH_PATIENCE):
            return
        # The caller lists the directory now, while nobody watches it. So it has to be listed again once somebody
        # does: the supervisor says so, or we do when it became ready between these lines.
        request.late = True
        if request.done.is_set():
            inbox.put(request.root)
