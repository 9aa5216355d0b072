"""The disk: which scripts, or other files, a directory holds, and what is in them."""

# Rule 1: a listing never raises and never hangs. What cannot be listed is refused, with a reason somebody can act on.
# Rule 2: one file is one script. Two paths to it would define everything twice.
# Rule 3: a listing of a part of a directory is exactly that part of the listing of the whole.

from __future__ import annotations

import errno
import os
import stat
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from livescripts._core.paths import is_script, may_be_directory
from livescripts._core.selection import SCRIPTS

if TYPE_CHECKING:
    from livescripts._core.selection import Selection
    from livescripts._watch.trust import Trust

__all__ = ["DiskFiles", "Files", "Listing", "Signature", "relative_to"]


class Signature(NamedTuple):
    """Two of these are equal when, as far as `stat` can tell, nothing happened to the file. Times are nanoseconds."""

    modified: int
    changed: int  # cannot be set back: this tells of a tool that preserves the modification time
    size: int
    inode: int
    device: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What a directory holds. All paths are absolute and start with the root as it was given.

    `scripts` are the files that were selected: scripts, unless others were asked for.

    `refused` pairs a path with the reason it is left out: a link that leaves the root or leads nowhere, a link
    loop, a directory that cannot be read, a name that is no text (such a path is given escaped, to be printed).
    `aliases` pairs a second path to a file or directory with the path its scripts are listed under. `directories` are
    those that were looked into: as long as they are as they were, and nothing was refused, so is the listing.
    """

    scripts: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    directories: tuple[str, ...] = field(default=(), compare=False)


class Files(Protocol):
    """Where scripts come from: the disk, or a project in memory. Paths are absolute."""

    def listing(self, root: str, below: str | None = None, selection: Selection = SCRIPTS) -> Listing:
        """The selected files of the directory `root`, sorted by path; never raises an OSError.

        `below`, a path inside the root, restricts the answer to that directory or to that one file. It need
        not exist, or be listed at all: then the answer is empty. Raises ValueError when it is not inside.
        """
        ...

    def read(self, path: str) -> bytes:
        """The contents of a file. Raises OSError as the system does: FileNotFoundError when it is missing."""
        ...

    def open(self, path: str) -> BinaryIO:
        """The same, to be read piece by piece and closed by the caller."""
        ...

    def signature(self, path: str) -> Signature | None:
        """What `stat` says of a regular file, links followed; None when there is none, or nobody may look."""
        ...

    def exists(self, path: str) -> bool:
        """Whether anything is there, links followed. False as well when nobody may look."""
        ...

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there, links followed."""
        ...

    def real_path(self, path: str) -> str:
        """The path with every link in it followed. What does not exist is kept as it is spelled."""
        ...


class DiskFiles:
    """The `Files` of the operating system.

    Links are followed inside the root. A link to something that is listed under its own name adds nothing, since
    that is the name editors save and the system reports; it is an alias. A link to something that is not (its
    target is hidden, as in `current.py -> .versions/2/current.py`) is listed under the link's path, and when
    several lead there, under the first in sort order. Hard links are different files: the system cannot tell
    which name is the copy, and editors part them at the next save.

    `trust` is shown what is read as a whole: scripts.
    """

    def __init__(self, trust: Trust | None = None) -> None:
        self._trust = trust

    def listing(self, root: str, below: str | None = None, selection: Selection = SCRIPTS) -> Listing:
        root = os.path.abspath(root)
        start = root if below is None else os.path.abspath(below)
        relative = relative_to(root, start)
        if relative is None:
            msg = f"{start} is not inside {root}"
            raise ValueError(msg)
        if not may_be_directory(relative):
            return Listing()
        walk = _Walk(root, selection)
        if os.path.realpath(start) == os.path.join(walk.real_root, *relative.split("/")).rstrip(os.sep):
            walk.run(start)
            if not walk.needs_all:
                return walk.result()
            walk = _Walk(root, selection)
        # A link is on the way, or below there are links to hidden targets: which of several paths counts is known
        # only when all of them are.
        walk.run(root)
        return _part(walk.result(), start)

    def read(self, path: str) -> bytes:
        file = os.open(path, _READING)
        try:
            status = os.fstat(file)
            _refuse_others(status.st_mode, path)
            if self._trust is not None:
                self._trust.file(path, status)
            size = status.st_size
            data = os.read(file, size + 1)
            if len(data) != size:  # it is being written, or more than a read gives at once
                parts = [data]
                while parts[-1]:
                    parts.append(os.read(file, _PART))
                data = b"".join(parts)
            return data
        finally:
            os.close(file)

    def open(self, path: str) -> BinaryIO:
        # Opening a named pipe waits for somebody to write into it, and the game with it.
        _refuse_others(os.stat(path).st_mode, path)
        return open(path, "rb")

    def signature(self, path: str) -> Signature | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return Signature(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)

    def exists(self, path: str) -> bool:
        return os.path.exists(path)

    def is_directory(self, path: str) -> bool:
        return os.path.isdir(path)

    def real_path(self, path: str) -> str:
        return os.path.realpath(path)


def relative_to(directory: str, path: str) -> str | None:
    """`path` relative to `directory`, with "/" between its components; "" for itself, None when not inside.

    Both are absolute and normalised; links are not followed.
    """
    if path == directory:
        return ""
    prefix = directory if directory.endswith(os.sep) else directory + os.sep
    return path.removeprefix(prefix).replace(os.sep, "/") if path.startswith(prefix) else None


# Without buffers and text layers, which take as long as the reading; a named pipe is opened without waiting for a writer.
_READING: int = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_BINARY", "O_NONBLOCK", "O_NOCTTY"))
_PART = 1 << 20  # bytes


def _refuse_others(mode: int, path: str) -> None:
    """Raises OSError for what is no regular file."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "not a regular file", path)


class _Walk:
    """One walk over a directory, or a part of it."""

    def __init__(self, root: str, selection: Selection) -> None:
        self.root = root
        self._selection = selection
        self.real_root = os.path.realpath(root)
        self.needs_all = False
        """Whether something was found whose path depends on what else there is."""
        self._plain: list[str] = []
        self._linked: dict[str, list[str]] = {}  # real path -> the paths it was found under
        self._refused: list[tuple[str, str]] = []
        self._aliases: list[tuple[str, str]] = []
        self._directories: list[str] = []
        # (directory, its real path, the real directories that the links on the way here stood in)
        self._stack: list[tuple[str, str, tuple[str, ...]]] = []

    def run(self, start: str) -> None:
        """Walk from `start`, a directory or a script. Nothing happens when it is neither."""
        real = os.path.realpath(start)
        try:
            mode = os.lstat(real).st_mode
        except OSError:
            return
        if stat.S_ISREG(mode):
            self._file(start, real)
        elif stat.S_ISDIR(mode):
            self._stack.append((start, real, ()))
        while self._stack:
            self._directory(*self._stack.pop())

    def result(self) -> Listing:
        """What was found, in order."""
        first = {real: min(paths) for real, paths in self._linked.items()}
        others = [(path, first[real]) for real, paths in self._linked.items() for path in paths if path != first[real]]
        return Listing(
            scripts=tuple(sorted((*self._plain, *first.values()))),
            refused=tuple(sorted(self._refused)),
            aliases=tuple(sorted((*self._aliases, *others))),
            directories=tuple(self._directories),
        )

    def _directory(self, path: str, real: str, trail: tuple[str, ...]) -> None:
        self._directories.append(path)
        # Most files are neither links nor below one, and of names that any file system knows: little is left to ask then.
        usual = self._selection == SCRIPTS and path.isascii() and self._is_plain(path, real)
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    name = entry.name
                    if usual and name.endswith(".py") and name.isascii() and entry.is_file(follow_symlinks=False):
                        if is_script(name):
                            self._plain.append(entry.path)
                    else:
                        self._entry(entry, os.path.join(real, name), trail)
        except (FileNotFoundError, NotADirectoryError):
            pass  # Gone since its name was read: whoever removed it is announced by other means.
        except OSError as error:
            self._refuse(path, f"cannot be read: {error.strerror}")

    def _is_plain(self, path: str, real: str) -> bool:
        relative = relative_to(self.root, path)
        return relative is not None and relative == relative_to(self.real_root, real)

    def _entry(self, entry: os.DirEntry[str], real: str, trail: tuple[str, ...]) -> None:
        relative = relative_to(self.root, entry.path)
        if relative is None or not may_be_directory(relative):
            return
        try:
            if entry.is_symlink() or (sys.version_info >= (3, 12) and entry.is_junction()):
                self._link(entry.path, os.path.dirname(real), trail)
            elif entry.is_dir(follow_symlinks=False):
                if self._selection.recursive and self._is_text(entry.path):
                    self._stack.append((entry.path, real, trail))
            elif entry.is_file(follow_symlinks=False):
                self._file(entry.path, real)
        except OSError as error:
            self._refuse(entry.path, f"cannot be read: {error.strerror}")

    def _file(self, path: str, real: str) -> None:
        relative = relative_to(self.root, path)
        if relative is None or not self._selection.selects(relative) or not self._is_text(path):
            return
        if relative_to(self.real_root, real) == relative:
            self._plain.append(path)
        else:
            self.needs_all = True
            self._linked.setdefault(real, []).append(path)

    def _link(self, path: str, home: str, trail: tuple[str, ...]) -> None:
        relative = relative_to(self.root, path) or ""
        target = os.path.realpath(path)
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            mode = None
        except OSError as error:
            if error.errno == errno.ELOOP:
                self._refuse(path, "is a link that leads back to itself")
            elif self._selection.selects(relative):
                self._refuse(path, f"links to {target}, which cannot be read: {error.strerror}")
            return
        is_directory = mode is not None and stat.S_ISDIR(mode)
        if is_directory and not self._selection.recursive:
            return
        if not is_directory and not (self._selection.selects(relative) and (mode is None or stat.S_ISREG(mode))):
            return
        if not self._is_text(path):
            return
        inside = relative_to(self.real_root, target)
        if inside is None:
            self._refuse(path, f"links to {target}, which is outside {self._selection.home} {self.root}")
        elif mode is None:
            self._refuse(path, f"links to {target}, which does not exist")
        elif is_directory and any(relative_to(target, place) is not None for place in (*trail, home)):
            # Walking the target would come back to this link, and again.
            self._refuse(path, f"links back to {target}, the directory it is in")
        elif may_be_directory(inside) if is_directory else self._selection.selects(inside):
            self._aliases.append((path, os.path.join(self.root, *inside.split("/"))))
        elif is_directory:
            self._stack.append((path, target, (*trail, home)))
        else:
            self._file(path, target)

    def _is_text(self, path: str) -> bool:
        try:
            path.encode()
        except UnicodeEncodeError:
            # Nobody could write such a name in an import, nor print it in a report.
            name = path.encode(errors="backslashreplace").decode()
            self._refused.append((name, "its name is not valid text in the encoding of the file system"))
            return False
        return True

    def _refuse(self, path: str, reason: str) -> None:
        self._refused.append((path, reason))


def _part(whole: Listing, start: str) -> Listing:
    def within(path: str) -> bool:
        return relative_to(start, path) is not None

    return Listing(
        scripts=tuple(filter(within, whole.scripts)),
        # A refused link above `start` is why nothing is listed here.
        refused=tuple(item for item in whole.refused if within(item[0]) or relative_to(item[0], start) is not None),
        aliases=tuple(item for item in whole.aliases if within(item[0]) or relative_to(item[0], start) is not None),
    )
