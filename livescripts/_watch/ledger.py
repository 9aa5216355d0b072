"""What each watched file looked like when it was last reported: how a change nobody announced is noticed."""

# Notifications get lost: a full inotify queue (watchdog drops the message that says so), a directory it could not
# watch, a thread of it that died, a share that notifies nobody. Comparing the disk with what was reported last finds
# all of them alike, whatever the operating system and the version of watchdog. It is also how polling works.
#
# Rule 1: a script is looked at *before* its path is put in the inbox. A write in between differs from what is
#         recorded, so the next comparison finds it; the other way round it would be recorded and never read.
# Rule 2: comparing is as cheap as can be, for it goes on all day: scripts come and go where a directory changes, so
#         directories that are as they were are not listed again. Not for ever: now and then everything is.
# Rule 3: nothing here reads a file. A signature only says "look again"; content decides, on the game's thread.

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

from livescripts._core.selection import SCRIPTS
from livescripts._watch.files import Signature, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livescripts._core.selection import Selection
    from livescripts._watch.files import Files

__all__ = ["Ledger"]


# At the latest with every so manieth comparison, all directories are listed: the times of a directory are no finer than
# the system's clock tick, and some file systems do not keep them at all.
_LISTED_EVERY = 10


class Ledger:
    """The selected files below one root, each as it was when it was last reported. Usable from any thread."""

    def __init__(self, root: str, files: Files, selection: Selection = SCRIPTS) -> None:
        self._root = root
        self._files = files
        self._selection = selection
        self._lock = threading.Lock()
        self._reported: dict[str, Signature] = {}
        self._suspects: dict[str, float] = {}  # path -> when it was first seen to differ, in seconds
        self._listed: tuple[str, ...] = ()
        self._directories: dict[str, Signature | None] = {}  # as they were before they were listed; None: unknown
        self._age = _LISTED_EVERY

    @property
    def suspicious(self) -> bool:
        """Whether the last `overdue` saw a difference that may still be announced."""
        return bool(self._suspects)

    def note(self, path: str) -> None:
        """Record the script at `path`, or every script below it, as it is now. Call it before reporting the path."""
        found = self._look(path)
        with self._lock:
            if path not in found and self._reported.pop(path, None) is None:
                for known in self._known_below(path):
                    del self._reported[known]
            self._reported.update(found)
            # Whatever was suspected is being reported right now.
            self._suspects = {known: since for known, since in self._suspects.items() if not _covers(path, known)}

    def forget(self, paths: Iterable[str]) -> None:
        """These count as never reported: `overdue` tells of those that are there."""
        with self._lock:
            for path in paths:
                self._reported.pop(path, None)

    def knows_below(self, directory: str) -> bool:
        """Whether any script below `directory` was there when it was last reported."""
        with self._lock:
            return any(known != directory for known in self._known_below(directory))

    def overdue(self, now: float, grace: float) -> tuple[str, ...]:
        """The scripts that differ from what was reported, and have done so for `grace` seconds; sorted.

        They are recorded as they are now: the caller reports them. A difference that is younger may have been
        announced and be on its way, so it is kept for the next call. Empty when all is as it was reported.
        """
        found = _signatures(self._scripts())
        with self._lock:
            differing = [
                path for path in found.keys() | self._reported.keys() if found.get(path) != self._reported.get(path)
            ]
            self._suspects = {path: self._suspects.get(path, now) for path in differing}
            late = sorted(path for path, since in self._suspects.items() if now - since >= grace)
            for path in late:
                del self._suspects[path]
                if path in found:
                    self._reported[path] = found[path]
                else:
                    del self._reported[path]
        return tuple(late)

    def _look(self, path: str) -> dict[str, Signature]:
        return _signatures(self._files.listing(self._root, path, self._selection).scripts)

    def _scripts(self) -> tuple[str, ...]:
        """All scripts below the root; some may be gone already. Called by `overdue`, hence on one thread."""
        now = _signatures(self._directories)
        self._age += 1
        if self._age >= _LISTED_EVERY or now != self._directories:
            listing = self._files.listing(self._root, None, self._selection)
            self._listed = listing.scripts
            # What a refused link leads to may change anywhere.
            self._age = _LISTED_EVERY if listing.refused else 0
            # A directory that is new may have changed since it was listed: so it counts as changed next time.
            self._directories = {path: now.get(path) for path in listing.directories}
        return self._listed

    def _known_below(self, directory: str) -> list[str]:
        return [known for known in self._reported if _covers(directory, known)]


def _signatures(paths: Iterable[str]) -> dict[str, Signature]:
    """Those that are there, as they are."""
    found: dict[str, Signature] = {}
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:
            continue  # Gone since it was listed.
        found[path] = Signature(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)
    return found


def _covers(directory: str, path: str) -> bool:
    return relative_to(directory, path) is not None
