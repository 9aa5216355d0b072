"""Which files below a watched directory are meant: scripts, or whatever a pattern says.

The watcher asks this of every path the operating system mentions, and a listing asks it of every entry.
"""

# Rule 1: pure string work, on paths relative to the watched directory, with "/" between the components.
# Rule 2: what is hidden or somebody's temporary is never meant, whatever the pattern says; a pattern that could only
#         name such files is refused, for nobody could explain its silence.
# Rule 3: upper and lower case are told apart, on every system: a game that finds "Hero.PNG" as "hero.png" on one
#         computer does not find it on the next.

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Protocol

from livescripts._core.paths import is_script, may_be_directory

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SCRIPTS", "Pattern", "Selection", "one_file", "pattern"]


class Selection(Protocol):
    """A choice of files below one directory. Equal ones select the same."""

    @property
    def home(self) -> str:
        """What the directory is called in messages."""
        ...

    @property
    def recursive(self) -> bool:
        """Whether its sub-directories are looked into, too."""
        ...

    def selects(self, relative: str) -> bool:
        """Whether a file of this name is meant. Only the name is judged."""
        ...


@dataclass(frozen=True, slots=True)
class _Scripts:
    home: str = "the script directory"
    recursive: bool = True

    def selects(self, relative: str) -> bool:
        return is_script(relative)


SCRIPTS: Selection = _Scripts()
"""Every script."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Files that match one of these glob patterns. Made by `pattern` and `one_file`."""

    globs: tuple[str, ...]
    recursive: bool = True
    home: str = "the watched directory"

    def selects(self, relative: str) -> bool:
        """See `Selection`."""
        if not relative or not may_be_directory(relative):
            return False
        parts = tuple(relative.split("/"))
        return any(_matches(parts if "/" in glob else parts[-1:], tuple(glob.split("/"))) for glob in self.globs)


def pattern(globs: str | Iterable[str]) -> Pattern:
    """The selection for one glob pattern, or several.

    A pattern without "/" is compared with the file's name, wherever it is: `*.png`. One with "/" is compared with the
    whole relative path, and `**` stands for any number of directories, or none: `levels/**/*.toml`.

    Raises ValueError for a pattern that cannot match any file.
    """
    several = (globs,) if isinstance(globs, str) else tuple(globs)
    if not several:
        raise ValueError("no pattern was given: nothing would ever match")
    for glob in several:
        _check(glob)
    return Pattern(several)


def one_file(name: str) -> Pattern:
    """The selection for one file of a directory, by name."""
    return Pattern((re.sub(r"([*?[])", r"[\1]", name),), recursive=False)


def _check(glob: str) -> None:
    if "\\" in glob:
        message = f"the pattern {glob!r} has a backslash in it; write / between directories, on Windows too"
        raise ValueError(message)
    # The shortest name that a component can match tells whether all its matches would be hidden or temporary.
    sample = re.sub(r"\[[^]]*\]|\?", "x", glob).replace("*", "x")
    if not glob or not may_be_directory(sample):
        message = (
            f"the pattern {glob!r} can match no file: it is relative to the watched directory, without . and .., and "
            "names that are hidden or taken for an editor's temporary files are never reported"
        )
        raise ValueError(message)


def _matches(parts: tuple[str, ...], globs: tuple[str, ...]) -> bool:
    if not globs:
        return not parts
    first, *rest = globs
    if first == "**" and rest:
        return any(_matches(parts[start:], tuple(rest)) for start in range(len(parts)))
    if first == "**":
        return bool(parts)
    return bool(parts) and fnmatchcase(parts[0], first) and _matches(parts[1:], tuple(rest))
