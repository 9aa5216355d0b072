"""The status line: what was reloaded, what was rejected and why, what raises while it runs."""

# Rule 1: good news stays for some seconds, a rejection until it is fixed.
# Rule 2: no pygame here; the window draws these lines and the headless run prints them.

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo_game.engine.contract import Colour
    from demo_game.engine.guard import Fault
    from livescripts import Rejected, Report

GOOD_SECONDS = 5.0
MOST_LINES = 4

Kind = Literal["reloaded", "rejected", "fault"]
COLOURS: dict[Kind, Colour] = {
    "reloaded": (132, 240, 150),
    "rejected": (255, 122, 112),
    "fault": (255, 190, 90),
}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One thing to tell."""

    kind: Kind
    text: str


class Status:
    """Collects reports; tells what belongs on the screen now."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._passing: list[tuple[float, StatusLine]] = []
        self._bad: list[Rejected] = []

    def note(self, report: Report, now: float) -> list[StatusLine]:
        """Take in a report of the plugin; return the lines that are new with it. `now` is in seconds."""
        new: list[StatusLine] = []
        for outcome in report.reloaded:
            names = self._names(outcome.scripts)
            verb = "took back" if outcome.undone else "reloaded"
            text = f"{verb} {names} in {outcome.seconds * 1000:.0f} ms"
            if outcome.migrated:
                text += f", {'1 entity' if outcome.migrated == 1 else f'{outcome.migrated} entities'} migrated"
            if outcome.edited:
                text += f", {', '.join(outcome.edited)} edited"
            if outcome.dependants:
                text += f", with {self._names(outcome.dependants)}"
            if outcome.kept:
                text += f", kept {', '.join(outcome.kept)}"
            new.append(StatusLine("reloaded", text))
            new += [StatusLine("fault", f"but {warning}") for warning in outcome.warnings]
        new += [StatusLine("fault", warning) for warning in report.warnings]
        for outcome in report.rejected:
            self._bad = [old for old in self._bad if not set(old.scripts) & set(outcome.scripts)]
            self._bad.append(outcome)
            new += self._reasons(outcome)
        if report.reverted:
            names = self._names(report.reverted)
            new.append(StatusLine("reloaded", f"back to the running version: {names}"))
        self._passing += [(now + GOOD_SECONDS, line) for line in new if line.kind != "rejected"]
        return new

    def lines(self, now: float, errors: Mapping[Path, BaseException], faults: list[Fault]) -> list[StatusLine]:
        """Return what to show: rejections that still hold first, then faults, then what was reloaded."""
        self._passing = [(until, line) for until, line in self._passing if until > now]
        # Fixing one file may settle a rejection of several: what counts is whether any of them still waits.
        self._bad = [old for old in self._bad if any(script in errors for script in old.scripts)]
        lines = [line for old in self._bad for line in self._reasons(old)]
        if errors and not lines:
            lines = [StatusLine("rejected", f"rejected {self._name(path)}: {error}") for path, error in errors.items()]
        lines += [StatusLine("fault", f"raised while running: {fault}") for fault in faults]
        lines += [line for _, line in reversed(self._passing)]
        return lines[:MOST_LINES]

    def _reasons(self, outcome: Rejected) -> list[StatusLine]:
        lines: list[StatusLine] = []
        for problem in outcome.problems:
            place = self._name(problem.path) + (f":{problem.line}" if problem.line else "")
            source = f"   >  {problem.source_line.strip()}" if problem.source_line else ""
            lines.append(StatusLine("rejected", f"rejected {place}: {problem.message}{source}"))
        return lines

    def _name(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else path.name

    def _names(self, paths: tuple[Path, ...]) -> str:
        """Return file names, but not more than three of them."""
        names = [self._name(path) for path in paths]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
