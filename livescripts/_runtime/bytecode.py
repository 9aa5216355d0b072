"""Compiled scripts on the disk, so that a start need not compile what an earlier one did.

# Content decides: a record is found by the hash of the source bytes, never by times or sizes.
# One file per folder, in its `__pycache__`: a thousand small files would take longer to open than to compile.
# What cannot be read is compiled, what cannot be written is not kept: no error here ever reaches the game.
# Writing is atomic, and only adds to what is asked for: of two processes that write at once, the later one wins.
"""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import struct
import sys
from typing import TYPE_CHECKING, TypeAlias

from livescripts._runtime.compiling import digest
from livescripts._runtime.versions import load, prepare_to_keep

if TYPE_CHECKING:
    from livescripts._runtime.versions import Broken, Version

__all__ = ["Bytecode", "pack_of"]

_log = logging.getLogger("livescripts")

_Records: TypeAlias = "dict[bytes, bytes | memoryview]"
"""By the digest of the source."""

_HEAD = b"livescripts pack 1\n"
_COUNT = struct.Struct("<I")
_ENTRY = struct.Struct("<16sQ")  # the digest of the source, and the length of its record


def pack_of(folder: str) -> str | None:
    """Where the compiled scripts of a folder are kept; None where Python keeps nothing."""
    try:
        # As Python names its own: this knows `sys.pycache_prefix`, the version and the optimisation level.
        path = importlib.util.cache_from_source(os.path.join(folder, "livescripts.py"))
    except (NotImplementedError, ValueError):
        return None
    return os.path.splitext(path)[0] + ".pack"


class Bytecode:
    """The compiled scripts that one preload finds, uses and leaves for the next."""

    def __init__(self) -> None:
        self._packs: dict[str, str | None] = {}  # by folder
        self._found: dict[str, _Records] = {}
        self._used: dict[str, _Records] = {}
        self._grown: set[str] = set()

    def prepare(self, path: str, data: bytes) -> Version | Broken:
        """What `versions.prepare` returns, from the disk if it is there."""
        folder, key = path.rpartition(os.sep)[0], digest(data)
        if folder not in self._found:
            self._packs[folder] = pack_of(os.path.dirname(path))
            self._found[folder] = _read(self._packs[folder])
            self._used[folder] = {}
        record = self._found[folder].get(key)
        if record is not None:
            known = load(path, data, record, key)
            if known is not None:
                self._used[folder][key] = record
                return known
        found, record = prepare_to_keep(path, data, key)
        if record is not None:
            self._used[folder][key] = record
            self._grown.add(folder)
        return found

    def write(self) -> None:
        """Keep what was compiled anew, and of the folders concerned only what was asked for. Never raises."""
        if sys.dont_write_bytecode:
            return
        for folder in sorted(self._grown):
            path = self._packs[folder]
            if path is not None:
                try:
                    _write(path, self._used[folder])
                except OSError as error:
                    _log.debug("cannot keep bytecode in %s: %s", path, error)
        self._grown.clear()


def _read(path: str | None) -> _Records:
    if path is None:
        return {}
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return {}
    # Nothing of this is trusted: whatever is wrong in it, a record that is no record says so itself.
    start = len(_HEAD) + _COUNT.size
    if len(data) < start or not data.startswith(_HEAD):
        return {}
    (count,) = _COUNT.unpack_from(data, len(_HEAD))
    place = start + count * _ENTRY.size
    found: _Records = {}
    view = memoryview(data)
    if place > len(data):
        return {}
    for key, size in _ENTRY.iter_unpack(data[start:place]):
        found[key] = view[place : place + size]
        place += size
    return found


def _write(path: str, records: _Records) -> None:
    """Raises OSError; the old file is there then."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    scratch = f"{path}.{os.getpid()}.{id(records):x}"
    try:
        with open(scratch, "xb") as file:
            file.write(_HEAD + _COUNT.pack(len(records)))
            file.writelines(_ENTRY.pack(key, len(record)) for key, record in records.items())
            file.writelines(records.values())
        os.replace(scratch, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(scratch)
        raise
