"""What the tests of watching share: waiting for a condition, and a watcher on a real directory."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from livescripts._watch.inbox import Inbox
from livescripts._watch.observer import WatchdogWatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NEVER = 3600.0  # seconds: an interval that no test waits for


def eventually(condition: Callable[[], object], within: float = 5.0) -> None:
    """Return as soon as `condition()` is true; fail when it is not within so many seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within:g} seconds"
        threading.Event().wait(0.002)


class Watching:
    """A root directory, and what a watcher put in the inbox about it."""

    def __init__(self, root: Path, watcher: WatchdogWatcher, inbox: Inbox) -> None:
        self.root = root
        self.watcher = watcher
        self.inbox = inbox
        self.seen: dict[str, None] = {}

    eventually = staticmethod(eventually)

    def start(self) -> Watching:
        self.watcher.start(self.inbox)
        self.watcher.watch(str(self.root))
        assert self.fresh() == ()
        return self

    def path(self, relative: str) -> str:
        return str(self.root / relative)

    def fresh(self) -> tuple[str, ...]:
        """Drain the inbox, and forget what came before."""
        self.seen = dict.fromkeys(self.inbox.drain())
        return tuple(self.seen)

    def reports(self, *relatives: str, within: float = 5.0) -> None:
        """Wait until each of these paths has come through the inbox since `fresh`."""
        wanted = {self.path(relative) for relative in relatives}

        def came() -> bool:
            self.seen.update(dict.fromkeys(self.inbox.drain()))
            return wanted <= self.seen.keys()

        try:
            eventually(came, within)
        except AssertionError as error:
            error.add_note(f"wanted {sorted(wanted)}, came {sorted(self.seen)}")
            raise

    def reports_root(self, within: float = 5.0) -> None:
        """Wait until the root itself, "look at everything", has come through the inbox."""
        self.reports("", within=within)

    def is_watched_again(self, within: float = 5.0) -> None:
        """Wait until a change is reported by its own path, and not only by a rescan that finds it as well."""
        path = self.root / "watched_again.py"

        def came() -> bool:
            path.write_text("x = 1\n")
            return str(path) in self.inbox.drain()

        eventually(came, within)

    def is_at_rest(self, *, for_at_least: float) -> None:
        """Wait until the root will not be compared for so many seconds."""
        (root,) = self.watcher._supervisor._roots.values()
        eventually(lambda: root.compare_at - time.monotonic() > for_at_least)


@pytest.fixture(autouse=True)
def no_thread_is_left_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before]
    assert left == []


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "scripts"
    root.mkdir()
    return root


@pytest.fixture
def make_watching(root: Path) -> Iterator[Callable[..., Watching]]:
    """Make watchers that do not compare unless told to, so that what they report was announced."""
    made: list[WatchdogWatcher] = []

    def make(**options: Any) -> Watching:
        settings = {"check_interval": 0.02, "compare_interval": NEVER, "poll_interval": 0.02, "grace": 0.05}
        watcher = WatchdogWatcher(**settings | options)
        made.append(watcher)
        return Watching(root, watcher, Inbox())

    yield make
    for watcher in made:
        watcher.close()


@pytest.fixture
def watching(make_watching: Callable[..., Watching]) -> Watching:
    """A watcher with the real observer, to be started when the test has laid out its files."""
    return make_watching()
