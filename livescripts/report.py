"""What `update()` returns: frozen values, safe to keep, compare and show.

`Report.outcomes` is a closed union, `Reloaded | Rejected`; match it to the end with `assert_never`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = [
    "NOTHING",
    "ClassChange",
    "Commit",
    "Errors",
    "Fault",
    "FileChange",
    "HookError",
    "Problem",
    "Quarantined",
    "Rejected",
    "Reloaded",
    "Report",
    "ScriptVersion",
    "Slow",
    "Timings",
    "Why",
]

Why: TypeAlias = Literal["saved", "forced", "undone", "rolled back"]


def _listed(names: Sequence[str], most: int = 3) -> str:
    return ", ".join([*names[:most], f"{len(names) - most} more"] if len(names) > most else names)


def _said(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:  # whatever it is, it is a script's, and asked for in the game's frame
        return type(error).__name__


def _files(paths: tuple[Path, ...]) -> str:
    return _listed([path.name for path in paths])


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a script was not loaded.

    `line` counts from 1 and is None where no line is to blame (a file that cannot be read); `source_line` is that
    line without its indentation, or "". `error` is the script's own exception, or one from `livescripts.errors`.
    """

    path: Path
    line: int | None
    source_line: str
    message: str
    error: BaseException = field(compare=False)
    column: int | None = None

    def __str__(self) -> str:
        """File, line and message, then the source line, with a caret where the column is known."""
        where = f"{self.path}:{self.line}" if self.line is not None else str(self.path)
        text = f"{where}: {self.message}"
        if self.source_line:
            text += f"\n    {self.source_line}"
            if self.column is not None:
                text += f"\n    {' ' * (self.column - 1)}^"
        return text


@dataclass(frozen=True, slots=True)
class ClassChange:
    """A class that a reload created, edited or replaced, and how many instances moved to it.

    A class that could be edited in place is the same object as before: its instances follow without a move.
    `name` is the full name users import. Only names: a report that is kept must not keep old classes alive.
    """

    name: str
    created: bool
    migrated: int = 0


@dataclass(frozen=True, slots=True)
class HookError:
    """A callback of the game, or a hook of a script, that raised. It was logged; everything else went on."""

    hook: Callable[..., object] = field(compare=False)
    error: BaseException = field(compare=False)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that a behaviour raised inside of `LiveScripts.call`, and how often.

    The same kind of error from the same line of the same version is one fault. `what` is the behaviour's qualified name,
    `message` the type and text of the exception. `path` and `line` say which script raised it, the innermost if several
    did; without a script among them they are those of the innermost function; `source_line` is that line without its
    indentation. `traceback` is the first one, whole, as text: a fault that is kept must not keep entities alive. `first` and `last` are seconds
    of the `clock` of `LiveScripts`.
    """

    path: Path | None
    line: int | None
    source_line: str
    what: str
    message: str
    traceback: str = field(repr=False)
    count: int = 1
    first: float = 0.0
    last: float = 0.0

    def __str__(self) -> str:
        """One line: where, which behaviour, what it raised, and how often if more than once."""
        where = "" if self.path is None else f"{self.path.name}:{self.line}: "
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{where}{self.what} raised {self.message}{times}"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """`entities` (or functions) that `LiveScripts.call` skips because of `fault`, until its scripts change."""

    fault: Fault
    entities: int


@dataclass(frozen=True, slots=True)
class ScriptVersion:
    """Which version of a script ran before a commit, and which runs since.

    Versions are numbered from 1, the one that was preloaded, and are told apart by their text: going back gives the old
    number again. None: it did not run, or does not any more.
    """

    path: Path
    before: int | None
    version: int | None


@dataclass(frozen=True, slots=True)
class Timings:
    """How long the phases of a batch took, in seconds.

    `loading`: reading files and compiling them. `executing`: module bodies. `testing`: validators and unit tests.
    `committing`: everything from the first `@before_unload` to the last `@after_reload`, and `finding` the part of it that
    went into looking for instances and stale references on the heap. What is left of `seconds` is planning, and changing
    between the staged and the live contents of modules. `longest_frame` is the longest single `update()` of the batch,
    callbacks aside. All outcomes of one batch have the same.
    """

    loading: float = 0.0
    executing: float = 0.0
    testing: float = 0.0
    committing: float = 0.0
    finding: float = 0.0
    longest_frame: float = 0.0


@dataclass(frozen=True, slots=True)
class Slow:
    """Code of the game that alone took longer than the frame budget, so that it cost a frame.

    `path` is the file it is in, None where it is not written in Python; `what` says what it is: "module body",
    "unit test test_x", "validator check", "hook tidy", "callback show". A hook that was called for several instances counts
    as one. `seconds` leaves out what other scripts took that it made load.
    """

    path: Path | None
    what: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A commit: scripts that now run the version that is saved; with `undone`, the version before.

    That is by `undo()`, or, with a `fault`, a roll-back because of it. `versions` has the versions of `scripts`.

    `scripts` are the files that were changed, added or removed; `removed` those of them that are gone;
    `dependants` the scripts that were executed again because something of those that they used while loading is another now.
    `migrated` counts instances that moved to a new class; those of a class that was edited in place stay as they are, and
    nobody counts them. `stuck` counts those whose layout did not let them move (they run the new methods where they can), `rebound` stale references that were replaced, `kept` names whose value the
    game had changed and that were kept. `seconds` is the time spent in `update()`, spread over `frames` frames, and
    `timings` says on what. `slow` names what alone took longer than the frame budget. `warnings` say what could not be
    done or deserves a look.
    """

    scripts: tuple[Path, ...]
    removed: tuple[Path, ...] = ()
    dependants: tuple[Path, ...] = ()
    classes: tuple[ClassChange, ...] = ()
    migrated: int = 0
    stuck: int = 0
    rebound: int = 0
    kept: tuple[str, ...] = ()
    seconds: float = 0.0
    frames: int = 1
    warnings: tuple[str, ...] = ()
    hook_errors: tuple[HookError, ...] = ()
    undone: bool = False
    timings: Timings = Timings()
    slow: tuple[Slow, ...] = ()
    versions: tuple[ScriptVersion, ...] = ()
    fault: Fault | None = None

    @property
    def edited(self) -> tuple[str, ...]:
        """The names of the classes that were edited in place, without what they are imported from."""
        stayed = (change for change in self.classes if not change.created and not change.migrated)
        return tuple(change.name.rpartition(".")[2] for change in stayed)

    @property
    def verb(self) -> str:
        """What was done to the scripts: "reloaded", "removed", "taken back" or "rolled back"."""
        if self.undone:
            return "taken back" if self.fault is None else "rolled back"
        return "removed" if self.removed and len(self.removed) == len(self.scripts) else "reloaded"

    @property
    def what(self) -> str:
        """The scripts, with the numbers of the versions that run now: "moth.py v4, wasp.py v2"."""
        numbers = {each.path: each.version for each in self.versions}
        into = "to v" if self.undone else "v"
        found = ((path.name, numbers.get(path)) for path in self.scripts)
        return _listed([name if number is None else f"{name} {into}{number}" for name, number in found])

    @property
    def details(self) -> tuple[str, ...]:
        """What else there is to say, in a few words each, the time it took first."""
        spread = f" in {self.frames} frames, the longest {self.timings.longest_frame * 1000:.1f} ms"
        parts = [f"{self.seconds * 1000:.1f} ms{spread if self.frames > 1 else ''}"]
        if self.migrated:
            parts.append(f"{self.migrated} migrated")
        if self.edited:
            parts.append(f"{_listed(self.edited)} edited")
        if self.stuck:
            parts.append(f"{self.stuck} keep their old layout")
        if self.kept:
            parts.append(f"kept {_listed(self.kept)}")
        if self.dependants:
            parts.append(f"with {_files(self.dependants)}")
        return tuple(parts)

    def __str__(self) -> str:
        """One line for a log or a status bar."""
        because = "" if self.fault is None else f", because {self.fault}"
        return f"{self.verb} {self.what}{because} ({'; '.join(self.details)})"


@dataclass(frozen=True, slots=True)
class Commit:
    """A step of `LiveScripts.history`: what was taken over at once, when, and why.

    `when` is seconds since 1970. `why`: "saved", "forced" by `reload()`, "undone" by `undo()`, "rolled back" because of a fault.
    `outcomes` are its independent parts, as `on_reload` is told of them but without `hook_errors`; they say how long it took,
    and `versions` has the scripts of all of them.
    """

    number: int
    when: float
    why: Why
    versions: tuple[ScriptVersion, ...]
    outcomes: tuple[Reloaded, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A save that was not taken over: nothing has changed, the last good version keeps running.

    `scripts` are the saved files that now differ from what runs; `problems` say why, one per culprit. With `undone`
    they are files that `undo()` could not take back, and the problems are those of the version before. `seconds`, `frames` and
    `timings` as in `Reloaded`.
    """

    scripts: tuple[Path, ...]
    problems: tuple[Problem, ...]
    seconds: float = 0.0
    frames: int = 1
    undone: bool = False
    timings: Timings = Timings()

    @property
    def verb(self) -> str:
        """What became of the scripts: "rejected" or "not taken back"."""
        return "not taken back" if self.undone else "rejected"

    def __str__(self) -> str:
        """What, where and why, then the source line; the scripts first if it is not one that has one problem."""
        what = "\n".join(str(problem) for problem in self.problems)
        if len(self.scripts) == 1 and self.scripts == tuple(problem.path for problem in self.problems):
            return f"{self.verb} {what}"
        return f"{self.verb} {_files(self.scripts)}:\n{what}"


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file given to `watch_files` that says something else now, was created or is gone; its callbacks were called.

    `path` begins with what was given to `watch_files`. `hook_errors` has what callbacks raised; `slow` names those that
    took longer than the frame budget.
    """

    path: Path
    kind: Literal["changed", "created", "deleted"]
    hook_errors: tuple[HookError, ...] = ()
    slow: tuple[Slow, ...] = ()

    def __str__(self) -> str:
        """One line, and one more for each callback that raised."""
        errors = (f"\n    {_said(failed.error)}" for failed in self.hook_errors)
        return f"{self.kind} {self.path.name}{''.join(errors)}"


@dataclass(frozen=True, slots=True)
class Report:
    """What one `update()` did. Falsy when nothing happened.

    `reverted` are files saved back to the version that was running all along: their errors are gone, nothing was
    executed. `warnings` concern the watching, not one reload. `files` are other files, whose callbacks were called.
    """

    outcomes: tuple[Reloaded | Rejected, ...] = ()
    reverted: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    files: tuple[FileChange, ...] = ()

    @property
    def reloaded(self) -> tuple[Reloaded, ...]:
        """The commits; empty when there was none."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Reloaded))

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """The rejections; empty when there was none."""
        return tuple(outcome for outcome in self.outcomes if isinstance(outcome, Rejected))

    def __bool__(self) -> bool:
        """Whether anything happened."""
        return bool(self.outcomes or self.reverted or self.warnings or self.files)

    def __str__(self) -> str:
        """A readable line or more for each outcome; "nothing happened" for an empty report."""
        lines = [str(outcome) for outcome in self.outcomes]
        if self.reverted:
            lines.append(f"back to the running version: {_files(self.reverted)}")
        lines += map(str, self.files)
        lines += self.warnings
        return "\n".join(lines) or "nothing happened"


class Errors(Mapping["Path", BaseException]):
    """Why scripts do not run as saved, by path; and `recent`: what behaviours raised lately, the oldest first.

    A snapshot: it does not change any more.
    """

    def __init__(self, errors: Mapping[Path, BaseException], recent: tuple[Fault, ...]) -> None:
        self._errors = dict(errors)
        self.recent = recent

    def __getitem__(self, path: Path) -> BaseException:
        """Why this script does not run as saved. Raises KeyError if it does."""
        return self._errors[path]

    def __iter__(self) -> Iterator[Path]:
        """The scripts."""
        return iter(self._errors)

    def __len__(self) -> int:
        """How many scripts do not run as saved."""
        return len(self._errors)

    def __repr__(self) -> str:
        """As of a dictionary, and how many behaviours raised."""
        return f"<Errors {self._errors!r}, {len(self.recent)} recent>"


NOTHING = Report()
"""The report of a frame in which nothing happened."""
