"""The format in which the game and its compile process talk: frames of bytes, each of them validated.

    magic, kind, number, length | payload | checksum of all that

# Nothing is believed: a length is checked before anybody waits for so many bytes, a kind must be one that is expected, and
# the checksum must be right. After the first frame that is not valid nobody knows where the next one begins: whoever
# reads such a thing gives the other side up.
# A payload is bytes. What they mean is for whoever knows the kind; nothing is ever unpickled.
"""

from __future__ import annotations

import struct
from binascii import crc32
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

__all__ = [
    "ANNOUNCED", "ANSWER", "ASKED", "DIGEST", "LOADED", "LONGEST_ANSWER", "LONGEST_REQUEST", "NOTHING", "SAME",
    "Frame", "Unpacker", "WireError", "joined", "pack", "parts",
]  # fmt: skip

_HEAD: Final = struct.Struct("<4sBQI")
_TAIL: Final = struct.Struct("<I")
_MAGIC: Final = b"lsc1"

# To the process; the payload is a path.
ANNOUNCED: Final = 1
"""This file may have changed. Is answered with SAME when the last answer for it said all there is."""
ASKED: Final = 2
"""The game waits for this file. Is answered in full."""
LOADED: Final = 6
"""This file has been loaded: work out what can be said of it, for when it is edited. Is not answered."""

# From the process, under the number of the request.
ANSWER: Final = 3
"""What `joined` makes of the digest of the file's contents, their record, and those of the contents as LOADED in one, or b""."""
SAME: Final = 4
"""The file has the contents that it had for the last ANSWER. No payload."""
NOTHING: Final = 5
"""The file cannot be read, or not be compiled here. No payload."""

DIGEST: Final = 16
LONGEST_REQUEST: Final = 4096 - _HEAD.size - _TAIL.size
"""Bytes of payload: so much is written to a pipe in one piece on Linux. Elsewhere it may be less."""
LONGEST_ANSWER: Final = 32 * 1024 * 1024
"""Bytes of payload. The code of a script of 2,000 lines has 100 thousand."""


_LENGTH: Final = struct.Struct("<I")


class WireError(ValueError):
    """What came is not a frame, or not one that was expected. The message says which of its parts is wrong."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    kind: int
    number: int
    payload: bytes = b""


def pack(frame: Frame) -> bytes:
    """The bytes of a frame."""
    body = _HEAD.pack(_MAGIC, frame.kind, frame.number, len(frame.payload)) + frame.payload
    return body + _TAIL.pack(crc32(body))


def joined(digest: bytes, record: bytes, before: bytes) -> bytes:
    """The payload of an ANSWER."""
    return digest + _LENGTH.pack(len(record)) + record + before


def parts(payload: bytes) -> tuple[bytes, bytes, bytes]:
    """What was joined. Raises WireError."""
    start = DIGEST + _LENGTH.size
    if len(payload) < start:
        raise WireError("an answer without a digest")
    (length,) = _LENGTH.unpack_from(payload, DIGEST)
    if len(payload) < start + length:
        raise WireError("an answer without its record")
    return payload[:DIGEST], payload[start : start + length], payload[start + length :]


class Unpacker:
    """Frames from bytes, which may come in any pieces.

    Frames of other `kinds` and with payloads longer than `longest` bytes are not valid.
    """

    def __init__(self, kinds: Collection[int], longest: int) -> None:
        self._kinds = frozenset(kinds)
        self._longest = longest
        self._bytes = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that these bytes complete. Raises WireError at the first that is not valid, after those before it.

        The iterator is to be used up before the next call.
        """
        self._bytes += data
        while len(self._bytes) >= _HEAD.size:
            magic, kind, number, length = _HEAD.unpack_from(self._bytes)
            if magic != _MAGIC:
                raise WireError(f"a frame begins with {_MAGIC!r}, not {magic!r}")
            if kind not in self._kinds:
                raise WireError(f"a frame of kind {kind} was not expected")
            if length > self._longest:
                raise WireError(f"a frame of {length} bytes is longer than {self._longest}")
            end = _HEAD.size + length
            if len(self._bytes) < end + _TAIL.size:
                return
            body = bytes(self._bytes[:end])
            (checksum,) = _TAIL.unpack_from(self._bytes, end)
            if checksum != crc32(body):
                raise WireError("the checksum of a frame is wrong")
            del self._bytes[: end + _TAIL.size]
            yield Frame(kind, number, body[_HEAD.size :])
