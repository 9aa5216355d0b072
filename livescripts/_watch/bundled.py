"""Scripts that are not on the disk: in a zip, in a wheel that is imported as it is, or wherever an importer has its files."""

# Rule 1: such a place is called what Python calls it: `/games/maze.pyz/maze/scripts`. The paths of its scripts are made of
#         that, so that a traceback reads as always. Nobody ever opens one of them.
# Rule 2: nothing here changes, and so nobody watches it. Whatever is not below such a place is asked of the disk.

from __future__ import annotations

import errno
import io
import os
from typing import TYPE_CHECKING, BinaryIO

from livescripts._core.paths import may_be_directory
from livescripts._core.selection import SCRIPTS
from livescripts._watch.files import Listing, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from livescripts._core.selection import Selection
    from livescripts._watch.files import Files, Signature

__all__ = ["BundledFiles"]


class BundledFiles:
    """The `Files` of a shipped game: `Traversable`s that have been registered, and else the disk."""

    def __init__(self, disk: Files) -> None:
        self._disk = disk
        self._places: dict[str, Traversable] = {}

    def register(self, place: Traversable) -> str:
        """The path by which this place is known from now on; the same as before if it is known."""
        for root, known in self._places.items():
            if known is place or known == place:
                return root
        root = _path_of(place)
        if root is None:
            number = 1 + sum(known.name == place.name for known in self._places.values())
            root = f"<{place.name}>" if number == 1 else f"<{place.name} {number}>"
        self._places.setdefault(root, place)
        return root

    def folder(self, path: str) -> Traversable | _Nothing | None:
        """What is at `path` if it is in a registered place: a directory or a file, or nothing at all. Else None."""
        for root, place in self._places.items():
            relative = relative_to(root, path)
            if relative is not None:
                try:
                    return place.joinpath(relative) if relative else place
                except Exception:  # some importers raise what they like for what is not there
                    return _Nothing()
        return None

    def listing(self, root: str, below: str | None = None, selection: Selection = SCRIPTS) -> Listing:
        """See `Files`."""
        place = self.folder(root)
        if place is None:
            return self._disk.listing(root, below, selection)
        start = root if below is None else below
        found = (root + "/" + relative for relative in _files(place, "") if selection.selects(relative))
        paths = (path.replace("/", os.sep) for path in found)
        return Listing(scripts=tuple(sorted(path for path in paths if relative_to(start, path) is not None)))

    def read(self, path: str) -> bytes:
        """See `Files`."""
        place = self.folder(path)
        return self._disk.read(path) if place is None else self._contents(place, path)

    def open(self, path: str) -> BinaryIO:
        """See `Files`."""
        place = self.folder(path)
        return self._disk.open(path) if place is None else io.BytesIO(self._contents(place, path))

    @staticmethod
    def _contents(place: Traversable | _Nothing, path: str) -> bytes:
        # Whatever an importer raises for want of a file, it is this.
        if not place.is_file():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return place.read_bytes()

    def signature(self, path: str) -> Signature | None:
        """See `Files`. Nothing changes there, so nobody asks."""
        return self._disk.signature(path) if self.folder(path) is None else None

    def exists(self, path: str) -> bool:
        """See `Files`."""
        place = self.folder(path)
        return self._disk.exists(path) if place is None else place.is_file() or place.is_dir()

    def is_directory(self, path: str) -> bool:
        """See `Files`."""
        place = self.folder(path)
        return self._disk.is_directory(path) if place is None else place.is_dir()

    def real_path(self, path: str) -> str:
        """See `Files`. There are no links in such a place."""
        return self._disk.real_path(path) if self.folder(path) is None else path


class _Nothing:
    """What is not there."""

    name = ""

    def is_file(self) -> bool:
        return False

    def is_dir(self) -> bool:
        return False

    def iterdir(self) -> Iterator[Traversable]:
        return iter(())

    def read_bytes(self) -> bytes:
        raise FileNotFoundError


def _path_of(place: Traversable) -> str | None:
    """Where Python says that this is; None if it has no words for it."""
    return None if type(place).__str__ is object.__str__ else os.path.abspath(str(place))


def _files(place: Traversable | _Nothing, above: str) -> Iterator[str]:
    for entry in place.iterdir():
        relative = f"{above}{entry.name}"
        if entry.is_dir():
            if may_be_directory(relative):
                yield from _files(entry, relative + "/")
        else:
            yield relative
