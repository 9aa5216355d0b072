"""Environments of their own for the tools that are measured, made when they are needed and kept.

They lie in the user's directory for caches, one for each tool and version of Python.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters import Kind

_PATIENCE = 300  # seconds for one installation


class UnavailableError(Exception):
    """A tool cannot be measured here; the message says why, in a few words."""


def default_directory() -> Path:
    """Where caches go on this platform."""
    if sys.platform == "win32":
        caches = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        caches = Path.home() / "Library" / "Caches"
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return caches / "livescripts-benchmarks"


def python_for(kind: Kind, directory: Path, *, install: bool = True) -> str:
    """The interpreter that has what the adapter requires. Raises `UnavailableError`, with `install=False` where it is not there."""
    if sys.version_info < kind.python:
        raise UnavailableError(f"needs Python {'.'.join(map(str, kind.python))}")
    if not kind.requires:
        return sys.executable
    tag = sys.implementation.cache_tag or "python"
    place = directory / f"{kind.name}-{tag}"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    complete = place / "complete.txt"  # written last
    wanted = "\n".join((*kind.requires, sys.version))
    if complete.is_file() and complete.read_text(encoding="utf-8") == wanted:
        return str(python)
    if not install:
        raise UnavailableError("not installed")
    print(f"Installing {', '.join(kind.requires)} …", file=sys.stderr, flush=True)
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", str(place)])
    _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *kind.requires])
    complete.write_text(wanted, encoding="utf-8")
    return str(python)


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, capture_output=True, check=True, timeout=_PATIENCE)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        # What pip prints has addresses in it; the table needs to know only that it did not work.
        raise UnavailableError("could not be installed") from error
