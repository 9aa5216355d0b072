"""What the operating system knows of this process and those that it started. Linux only: elsewhere nothing is known."""

from __future__ import annotations

import os
from pathlib import Path

_PROC = Path("/proc")


def _fields(pid: int | str) -> list[str]:
    """Of `/proc/PID/stat` after the name, which may contain anything; none if there is no such process."""
    try:
        return (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def is_known() -> bool:
    """Whether the system tells at all."""
    return bool(_fields("self"))


def children() -> list[int]:
    """The processes that this one has started and that are running."""
    own = str(os.getpid())
    pids = [int(path.name) for path in _PROC.glob("[0-9]*")]
    return [pid for pid in pids if (fields := _fields(pid)) and fields[1] == own and fields[0] != "Z"]


def processor_seconds(pid: int) -> float:
    """Processor time of a process until now; steps of a hundredth of a second."""
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def resident(pid: int | str = "self") -> float:
    """Bytes of memory of a process, shared ones included."""
    fields = _fields(pid)
    return int(fields[21]) * float(os.sysconf("SC_PAGE_SIZE")) if fields else 0.0
