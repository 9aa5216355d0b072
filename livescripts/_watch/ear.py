"""The ear: what watchdog tells, translated into paths in the inbox. Called on watchdog's threads."""

# Rule 1: an event is a rumour. Its path goes into the inbox; what happened there, if anything, is seen by looking.
# Rule 2: when in doubt, report. A path too many is read once and found unchanged; a path too few is a save that
#         nobody sees.
# Rule 3: nothing here imports watchdog: an event is what has these four attributes.

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Protocol

from livescripts._core.paths import may_be_directory
from livescripts._core.selection import SCRIPTS
from livescripts._watch.files import relative_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts._core.selection import Selection
    from livescripts._watch.inbox import Inbox
    from livescripts._watch.ledger import Ledger

__all__ = ["READING", "Ear", "Event"]

# Reading a file is not changing it. Any other kind counts, also one that a later watchdog invents: 7 brought
# "attrib" for what 4 called "modified".
READING = frozenset({"opened", "closed_no_write"})
# What can happen to a file that is not selected, and matter all the same: it may be a link to a directory, or (Windows
# cannot tell) have been a directory.
_COMING_OR_GOING = frozenset({"created", "moved", "deleted"})


class Event(Protocol):
    """What we use of watchdog's `FileSystemEvent`."""

    event_type: str
    is_directory: bool
    src_path: str | bytes
    dest_path: str | bytes


class Ear:
    """Listens to one watched directory. watchdog calls `dispatch`, on a thread of its own.

    `real` is the directory that is watched, without links: paths in events start with it, and with `root`
    instead when they are reported. `on_root` is called when something happened to the directory itself.
    """

    def __init__(
        self,
        *,
        root: str,
        real: str,
        ledger: Ledger,
        inbox: Inbox,
        on_root: Callable[[], None],
        selection: Selection = SCRIPTS,
    ) -> None:
        self.closed = False
        """Set to True to hear no more: an event may still be on its way when a watch is removed."""
        self.heard = 0
        """How many paths were reported: shows that notifications arrive."""
        self.real = real
        self._root = root
        self._ledger = ledger
        self._inbox = inbox
        self._on_root = on_root
        self._selection = selection

    def dispatch(self, event: Event) -> None:
        """Report what an event is about. Nothing happens when it cannot have changed a selected file."""
        kind = event.event_type
        if kind in READING:
            return
        # A directory is "modified" whenever an entry of it comes or goes, and that has an event of its own.
        if kind == "modified" and event.is_directory:
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._report(os.fsdecode(path), kind, is_directory=event.is_directory)

    def _report(self, path: str, kind: str, *, is_directory: bool) -> None:
        relative = relative_to(self.real, path)
        if self.closed or relative is None:
            return
        if not relative:
            self._on_root()
            return
        named = os.path.join(self._root, *relative.split("/"))
        if self._matters(named, relative, kind, is_directory=is_directory):
            self._ledger.note(named)
            self._inbox.put(named)
            self.heard += 1

    def _matters(self, named: str, relative: str, kind: str, *, is_directory: bool) -> bool:
        if is_directory:
            return self._selection.recursive and may_be_directory(relative)
        if self._selection.selects(relative):
            return True
        if not self._selection.recursive or kind not in _COMING_OR_GOING or not may_be_directory(relative):
            return False
        return os.path.isdir(named) or self._ledger.knows_below(named)
