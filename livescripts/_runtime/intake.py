"""From paths that may have changed to files that did: what a batch consists of.

# Content decides, not events: a file that reads as the version that runs, or as the one that was rejected, is dropped.
"""

from __future__ import annotations

import errno
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._core.paths import is_script
from livescripts._runtime.failures import describe
from livescripts._runtime.tree import beneath
from livescripts._runtime.versions import Broken, digest
from livescripts.errors import RolledBackError, UndoneError
from livescripts.report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from livescripts._runtime.attempts import Saved
    from livescripts._runtime.versions import Version
    from livescripts._runtime.world import Directory, World
    from livescripts._watch.files import Files
    from livescripts.report import Fault

__all__ = ["Intake", "Pending"]

_log = logging.getLogger("livescripts")


@dataclass(frozen=True, slots=True)
class Pending:
    """A saved file that does not run, and why.

    With `undone` it did run, and was taken back on purpose: only a new save, or a request, brings it again.
    """

    saved: Saved
    error: BaseException
    undone: bool = False


class Intake:
    """Reads what the watcher points at.

    `pending` are the files whose saved text is not running, by path. `forced` are files that count as changed whatever
    they contain, until the next look. `lost` are paths that something of ours failed with: they are looked at again along
    with the next ones that come.
    """

    def __init__(self, world: World, files: Files) -> None:
        self.pending: dict[str, Pending] = {}
        self.forced: set[str] = set()
        self.lost: set[str] = set()
        self._read: dict[str, bytes | OSError | None] = {}  # in this frame, to find out whether a file is there
        self._world = world
        self._files = files

    def read(self, path: str) -> bytes | OSError | None:
        """The contents of a file; None when it is not there, the exception when it cannot be read."""
        try:
            return self._files.read(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            return error

    def everything(self, directory: Directory) -> dict[str, bytes | OSError | None]:
        """All files of a directory; what is refused counts as unreadable."""
        listing = self._files.listing(directory.root)
        found: dict[str, bytes | OSError | None] = {path: self.read(path) for path in listing.scripts}
        found.update((path, PermissionError(errno.EPERM, reason, path)) for path, reason in listing.refused)
        return found

    def expand(self, paths: Iterable[str]) -> Iterator[str]:
        """Scripts among these paths, and those that are or were in directories among them."""
        below: set[str] = set()
        for path in paths:
            directory = self._world.directory_of(path)
            if directory is None:
                # A path may stand for all that is below it: directories that it is, or that are in it.
                below.update(root for root in self._world.directories if (root + os.sep).startswith(path + os.sep))
                continue
            if self._may_be_script(path):
                yield path
            else:
                below.add(path)
        if below:
            yield from self._rescan(below)

    def retried(self) -> dict[str, Saved]:
        """What is pending and tried again with every batch: all that was rejected."""
        return {path: item.saved for path, item in self.pending.items() if not item.undone}

    def lose(self, paths: Iterable[str], error: Exception) -> list[str]:
        """Something of ours failed while it had to do with these. Returns those that do not run as saved because of it."""
        files = [path for path in sorted(paths) if self._may_be_script(path)]
        behind: list[str] = []
        for path in files:
            item = self.pending.get(path)
            data = self.read(path)
            if self._is_running(path, data):
                self.pending.pop(path, None)
            elif item is None or not self._is_pending(path, data):
                self.pending[path] = Pending(_failed(path, error), error)
                behind.append(path)
        self.lost.update({*paths}.difference(files), behind)
        return behind

    def _may_be_script(self, path: str) -> bool:
        directory = self._world.directory_of(path)
        if directory is None:
            return False
        relative = os.path.relpath(path, directory.root).replace(os.sep, "/")
        return self._is_known(path) or (is_script(relative) and not self._files.is_directory(path))

    def was_rolled_back(self, paths: Iterable[str]) -> bool:
        """Whether one of these does not run because a commit of it was rolled back."""
        return any(path in self.pending and isinstance(self.pending[path].error, RolledBackError) for path in paths)

    def take_back(self, was: Mapping[str, Version | None], fault: Fault | None = None) -> None:
        """These files run an older version by now, because of `fault` if there is one; `was` is what they ran until then.

        Those whose text is another one are pending. One that was rejected already stays what it is: its text never ran.
        """
        for path, version in was.items():
            item = self.pending.get(path)
            if self._is_running(path, self.read(path)):
                self.pending.pop(path, None)
            elif item is None or item.undone:
                runs = self._world.running(path) is not None
                error = UndoneError(runs=runs) if fault is None else RolledBackError(fault, runs=runs)
                # Taken back more than once: what is saved is still what ran at first.
                self.pending[path] = Pending(version if item is None else item.saved, error, undone=True)
            else:
                continue
            # It may have been in a batch that was dropped for this: from here on its content decides.
            self.forced.discard(path)

    def _is_known(self, path: str) -> bool:
        return path in self._world.scripts or path in self._world.companions or path in self.pending

    def _rescan(self, below: set[str]) -> Iterator[str]:
        found: set[str] = set()
        for path in below:
            directory = self._world.directories.get(path) or self._world.directory_of(path)
            if directory is not None:
                found.update(self._list(directory, path))
        yield from sorted(found)
        for known in (self._world.scripts, self._world.companions, self.pending):
            yield from (path for path in beneath(known, below) if path not in found)

    def _list(self, directory: Directory, below: str) -> tuple[str, ...]:
        listing = self._files.listing(directory.root, below)
        for path, reason in listing.refused:
            _log.warning("%s %s", path, reason)
        return listing.scripts

    def begin(self) -> None:
        """A frame begins: what was read before may be out of date."""
        self._read.clear()

    def doubtful(self, path: str) -> bool:
        """Whether a file looks as if it were being replaced right now: it was there, and is missing or empty."""
        if self._world.running(path) is None and not self._is_undone(path):
            return False
        data = self._read[path] = self.read(path)
        return data is None or data == b""

    def edited(self, batch: Iterable[str]) -> dict[str, bytes] | None:
        """The same batch, read beforehand, if all that `look` would say of it is that scripts that run have another text;
        None otherwise. Nothing is remembered.
        """
        found: dict[str, bytes] = {}
        for path in sorted(batch):
            data = self._read[path] if path in self._read else self.read(path)
            if (
                not isinstance(data, bytes)
                or path not in self._world.scripts
                or path in self.forced
                or self._is_running(path, data)
                or self._is_pending(path, data)
                or self._files.real_path(path) != path
            ):
                return None
            found[path] = data
        return found

    def look(self, batch: Iterable[str]) -> tuple[dict[str, bytes | OSError | None], tuple[str, ...]]:
        """Read a batch: what changed, by path, and what was saved back to the version that runs."""
        fresh: dict[str, bytes | OSError | None] = {}
        reverted: list[str] = []
        for path in sorted(batch):
            directory = self._world.directory_of(path)
            if directory is None:
                continue
            data = self._read.pop(path) if path in self._read else self.read(path)
            if path in self.forced:
                fresh[path] = data
            elif self._is_running(path, data):
                if self.pending.pop(path, None) is not None:
                    reverted.append(path)
            elif not self._is_pending(path, data):
                refusal = self._refusal(directory, path) if isinstance(data, bytes) else None
                if refusal is None:
                    fresh[path] = data
                elif self._is_known(path):
                    fresh[path] = refusal
        self.forced.clear()
        return fresh, tuple(reverted)

    def _refusal(self, directory: Directory, path: str) -> OSError | None:
        """Why a file that can be read is no script: a link may lead out of the directory, or to another script."""
        if self._files.real_path(path) == path:
            return None
        listing = self._files.listing(directory.root, path)
        if path in listing.scripts:
            return None
        reason = next((reason for refused, reason in listing.refused if refused == path), "links to another script")
        _log.warning("%s %s", path, reason)
        return PermissionError(errno.EPERM, reason, path)

    def _is_running(self, path: str, data: bytes | OSError | None) -> bool:
        running = self._world.running(path)
        if running is None:
            return data is None
        return isinstance(data, bytes) and running.digest == digest(data)

    def _is_undone(self, path: str) -> bool:
        pending = self.pending.get(path)
        return pending is not None and pending.undone

    def _is_pending(self, path: str, data: bytes | OSError | None) -> bool:
        pending = self.pending.get(path)
        if isinstance(data, OSError):
            # Once it can be read again, it may say what it said. Rejected, it would come back by itself then.
            return self._is_undone(path)
        if pending is None:
            return False
        if pending.saved is None or data is None:
            return pending.saved is None and data is None
        return pending.saved.digest == digest(data)


def _failed(path: str, error: Exception) -> Broken:
    """The version of a file that something of ours failed with."""
    return Broken(b"", b"", Problem(Path(path), None, "", f"could not be staged: {describe(error)}", error))
