"""The reader: finds out what is in watched files, on a thread of its own."""

# Rule 1: listing, reading and hashing happen on this thread, whatever the size of a file and however slow its disk.
#         A read waits without the interpreter's lock, and so does a hash of more than 2 kB: the game goes on meanwhile.
# Rule 2: what crosses are questions (paths) and answers (digests). What they mean is decided by the game's thread.
# Rule 3: what the game waits for comes first. Contents nobody asked about yet, the base of later comparisons, are read
#         while nothing else is to be done.
# Rule 4: an answer comes to every question, also when looking failed: then it says so, and nobody waits for ever.

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livescripts._core.selection import one_file
from livescripts._watch.files import Signature, relative_to
from livescripts.errors import DirectoryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from livescripts._core.selection import Pattern, Selection
    from livescripts._watch.files import Files

__all__ = ["Answer", "Content", "Reader", "Scope", "differ", "scope_of"]

_log = logging.getLogger("livescripts")

_CHUNK = 1 << 18
_CLOSE_PATIENCE = 2.0  # seconds
# A file that was written so shortly before it was read may be written again within the same tick of the clock, and keep
# its signature (as in git's "racy" index): nanoseconds, with room for file systems that count in seconds.
_RACY = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Files that somebody wants to hear of: those below `root` that `selection` selects."""

    root: str
    selection: Selection

    def covers(self, path: str) -> bool:
        """Whether `path` is its root, in it, or a directory that it is in."""
        return relative_to(self.root, path) is not None or relative_to(path, self.root) is not None

    def relative(self, path: str) -> str | None:
        """The relative path of one of its files; None for any other path."""
        relative = relative_to(self.root, path)
        return relative if relative and self.selection.selects(relative) else None


def scope_of(files: Files, path: str, pattern: Pattern) -> Scope:
    """What `pattern` selects in the directory `path`, or the file `path` alone.

    Raises DirectoryError if nothing is there, ValueError if it is a file that the pattern does not match.
    """
    if files.is_directory(path):
        return Scope(os.path.abspath(path), pattern)
    # It is saved where it is: a link to it is not touched by that.
    directory, name = os.path.split(files.real_path(path))
    if not files.exists(os.path.join(directory, name)):
        message = f"there is no {path}; to be told when it is created, watch the directory that it will be in"
        raise DirectoryError(message)
    scope = Scope(directory, one_file(name))
    if not (pattern.selects(os.path.basename(path)) and scope.selection.selects(name)):
        message = f"{path} is the file to be watched: it must match {', '.join(pattern.globs)}, and not be hidden"
        raise ValueError(message)
    return scope


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file. `digest` is None where nobody has read it yet: then its signature stands for it."""

    signature: Signature | None
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found at `path`: every selected file at or below it. `failed` is why nothing could be found out."""

    path: str
    asked: bool
    found: dict[str, Content] = field(default_factory=dict[str, Content])
    refused: tuple[tuple[str, str], ...] = ()
    failed: Exception | None = None


def _is_old(signature: Signature | None, now: int) -> bool:
    return signature is not None and max(signature.modified, signature.changed) + _RACY < now


def differ(one: Content | None, other: Content | None) -> bool:
    """Whether a file says something else than before. None stands for no file."""
    if one is None or other is None:
        return one is not other
    if one.digest is None or other.digest is None:
        return one.signature != other.signature
    return one.digest != other.digest


class Reader:
    """Answers what is at a path. `threaded=False` answers at once, on the caller's thread: for files in memory.

    `scopes` are the files that count; the caller replaces the tuple, never changes it.
    """

    def __init__(self, files: Files, *, threaded: bool) -> None:
        self.scopes: tuple[Scope, ...] = ()
        self.answers: deque[Answer] = deque()
        """For the caller to take from the left."""
        self._files = files
        self._threaded = threaded
        self._asked: deque[str] = deque()
        self._background: deque[str] = deque()
        self._read: dict[str, Content] = {}
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def listing(self, scope: Scope) -> dict[str, Content]:
        """Which files there are, most of them unread. On the caller's thread."""
        found: dict[str, Content] = {}
        now = time.time_ns()
        for path in self._files.listing(scope.root, None, scope.selection).scripts:
            signature = self._files.signature(path)
            # One that was written a moment ago may be written again and look the same: its signature stands for nothing.
            content = Content(signature) if _is_old(signature, now) else self._content(path, trust=False)
            if content is not None:
                found[path] = content
        return found

    def ask(self, path: str) -> None:
        """Have what is at `path` looked at: one answer comes, soon."""
        self._put(self._asked, (path,))

    def prepare(self, paths: Iterable[str]) -> None:
        """Have these files read when there is nothing else to do: an answer comes for each, some time."""
        self._put(self._background, paths)

    def close(self) -> None:
        """End the thread. One that hangs in the file system is given up; it ends with the process."""
        self._closed = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_PATIENCE)

    def _put(self, questions: deque[str], paths: Iterable[str]) -> None:
        questions.extend(paths)
        if not self._threaded:
            while self._work():
                pass
        elif self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="livescripts-reader", daemon=True)
            self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while not self._closed:
            self._wake.clear()
            while not self._closed and self._work():
                pass
            self._wake.wait()

    def _work(self) -> bool:
        """Answer one question; returns False when there is none."""
        asked = bool(self._asked)
        if not asked and not self._background:
            return False
        path = (self._asked if asked else self._background).popleft()
        try:
            answer = self._look(path, asked=asked)
        except Exception as error:
            _log.exception("could not look at %s", path)
            answer = Answer(path, asked, failed=error)
        if not self._closed:
            self.answers.append(answer)
        return True

    def _look(self, path: str, *, asked: bool) -> Answer:
        found: dict[str, Content] = {}
        refused: list[tuple[str, str]] = []
        for scope in self.scopes:
            if not scope.covers(path):
                continue
            inside = relative_to(scope.root, path) is not None
            listing = self._files.listing(scope.root, path if inside else None, scope.selection)
            refused += listing.refused
            for each in listing.scripts:
                # An event about this very file: it is read, whatever its signature says.
                content = found.get(each) or self._content(each, trust=each != path)
                if content is not None:
                    found[each] = content
        return Answer(path, asked, found, tuple(refused))

    def _content(self, path: str, *, trust: bool) -> Content | None:
        signature = self._files.signature(path)
        known = self._read.get(path)
        if trust and known is not None and known.signature == signature:
            return known
        began = time.time_ns()
        try:
            content = Content(signature, self._digest(path))
        except FileNotFoundError:
            return None
        except OSError as error:
            # That it cannot be read is what the callback will find, too, and report.
            return Content(signature, f"{type(error).__name__} {error.errno}".encode())
        if _is_old(signature, began):
            self._read[path] = content
        else:
            self._read.pop(path, None)
        return content

    def _digest(self, path: str) -> bytes:
        digest = hashlib.blake2b(digest_size=20)
        with self._files.open(path) as file:
            while not self._closed and (chunk := file.read(_CHUNK)):
                digest.update(chunk)
        return digest.digest()
