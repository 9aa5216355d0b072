"""Edits of script files, as values: they can be shown as well as made."""

# Rule: an edit that does not find what it is to replace is an error in the tour, not something to skip over.

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

Lines = list[tuple[str, str]]
"""A sign ("-", "+" or " ") and a line of source."""


@dataclass(frozen=True, slots=True)
class Replace:
    """Put `new` where `old` is, which must be there exactly once.

    Editors save in two ways, and the plugin must understand both: over the file, or into a temporary file
    that is then renamed over it (`by_rename`).
    """

    path: str
    old: str
    new: str
    by_rename: bool = False

    def apply(self, root: Path) -> None:
        """Save the file."""
        file = root / self.path
        text = file.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            message = f"{self.path} has {text.count(self.old)} times what is to be replaced: {self.old!r}"
            raise ValueError(message)
        text = text.replace(self.old, self.new)
        if self.by_rename:
            beside = file.with_name(f".{file.name}.tmp")
            beside.write_text(text, encoding="utf-8")
            beside.replace(file)
        else:
            file.write_text(text, encoding="utf-8")

    def lines(self) -> Lines:
        """Return what goes and what comes, without the lines that stay."""
        old, new = self.old.splitlines(), self.new.splitlines()
        shown: Lines = []
        for kind, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind != "equal":
                shown += [("-", line) for line in old[a:b]] + [("+", line) for line in new[c:d]]
        return shown


@dataclass(frozen=True, slots=True)
class Write:
    """Create a file."""

    path: str
    text: str

    def apply(self, root: Path) -> None:
        """Save the file; it must be new."""
        with (root / self.path).open("x", encoding="utf-8") as file:
            file.write(self.text)

    def lines(self) -> Lines:
        """Return the text without imports and blank lines: what it does."""
        skipped = ("import ", "from ", '"""')
        return [("+", line) for line in self.text.splitlines() if line.strip() and not line.strip().startswith(skipped)]


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a file another name in the same directory."""

    path: str
    to: str

    def apply(self, root: Path) -> None:
        """Rename the file; the new name must be free."""
        target = (root / self.path).with_name(self.to)
        if target.exists():
            message = f"{target} exists"
            raise FileExistsError(message)
        (root / self.path).rename(target)

    def lines(self) -> Lines:
        """Return the move."""
        return [(" ", f"mv {self.path} {Path(self.path).with_name(self.to).as_posix()}")]


@dataclass(frozen=True, slots=True)
class Undo:
    """No file is saved: the game goes back to what ran before the last save."""

    path: str = "no file, but a key"

    def apply(self, root: Path) -> None:
        """Leave the files alone."""

    def lines(self) -> Lines:
        """Return the call."""
        return [(" ", "live.undo()")]


Edit = Replace | Write | Rename | Undo
