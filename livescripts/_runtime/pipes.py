"""What the two ends of a pipe need beyond `os.read` and `os.write`.

# POSIX has non-blocking descriptors and `poll`. Windows has neither for pipes: it has peeking, and a mode without waiting.
# This is imported by the compile process as well: nothing else of ours here.
"""

from __future__ import annotations

import os
import select
import sys
import time

__all__ = ["CHUNK", "PIECE", "read_now", "readable", "unblock", "write_now"]

CHUNK = 65536  # bytes: what a pipe holds on Linux
PIECE = getattr(select, "PIPE_BUF", 512)
"""Bytes that are written to a pipe in one piece. POSIX promises 512; Windows promises nothing, and does it."""

if sys.platform == "win32":
    import _winapi
    import msvcrt

    _PIPE_NOWAIT = 1
    _PEEK_PAUSE = 0.001  # seconds

    def unblock(fd: int) -> None:
        """Make writing to this end of a pipe never wait."""
        _winapi.SetNamedPipeHandleState(msvcrt.get_osfhandle(fd), _PIPE_NOWAIT, None, None)

    def readable(fd: int, timeout: float) -> bool:
        """Whether there is something to read, or an end, within `timeout` seconds."""
        end = time.monotonic() + timeout
        while True:
            try:
                if _winapi.PeekNamedPipe(msvcrt.get_osfhandle(fd), 0)[0]:
                    return True
            except OSError:
                return True  # the other end is closed: reading says so
            if time.monotonic() >= end:
                return False
            time.sleep(_PEEK_PAUSE)

else:

    def unblock(fd: int) -> None:
        """Make this end of a pipe never wait."""
        os.set_blocking(fd, False)

    def readable(fd: int, timeout: float) -> bool:
        """Whether there is something to read, or an end, within `timeout` seconds."""
        poll = select.poll()  # unlike `select`, it takes any number for a descriptor
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(timeout * 1000))


def read_now(fd: int) -> bytes:
    """What is there to be read; b"" when there is nothing. Raises EOFError when the other end is closed."""
    if sys.platform == "win32" and not readable(fd, 0):
        return b""
    try:
        data = os.read(fd, CHUNK)
    except BlockingIOError:
        return b""
    except OSError as error:
        raise EOFError from error
    if not data:
        raise EOFError
    return data


def write_now(fd: int, data: bytes) -> bool:
    """Write all of it, or nothing: False when the pipe is full. Raises EOFError when the other end is closed.

    The end has been unblocked, and the data fit into `PIPE_BUF`: so the system promises not to write a part of them.
    """
    try:
        written = os.write(fd, data)
    except BlockingIOError:
        return False
    except OSError as error:
        raise EOFError from error
    if 0 < written < len(data):
        raise EOFError("half a request was written")  # Windows promises nothing; nobody could read on from here
    return written > 0
