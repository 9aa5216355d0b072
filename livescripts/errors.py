"""Everything livescripts raises or stores in `LiveScripts.errors`.

Two families. *Misuse* of the library (a directory registered twice, `update()` from a second thread) is raised at
the call. *Script trouble* is raised only while preloading, as one `ScriptError`; while the game runs it is reported
and stored, never raised.

A script's own exception is kept as it is, with notes; the classes here are for what no script raised itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from livescripts.report import Fault, Problem

__all__ = [
    "BlockedError",
    "ClashError",
    "ClosedError",
    "CycleError",
    "DirectoryError",
    "LiveScriptsError",
    "NameTakenError",
    "NamespaceError",
    "ReentrantError",
    "RolledBackError",
    "ScriptError",
    "ScriptTestError",
    "ScriptTimeout",
    "SharedError",
    "UndoneError",
    "WrongThreadError",
]


class LiveScriptsError(Exception):
    """Base of every exception that livescripts itself creates, but for `ScriptTimeout`."""


# ---------------------------------------------------------------- misuse


class ClosedError(LiveScriptsError, RuntimeError):
    """The `LiveScripts` was closed before this call."""


class WrongThreadError(LiveScriptsError, RuntimeError):
    """`update()` and its relatives belong to the one thread that first called them."""


class ReentrantError(LiveScriptsError, RuntimeError):
    """`update()` and its relatives were called while scripts load, or from a script's own code."""


class DirectoryError(LiveScriptsError, ValueError):
    """A path cannot be a script directory: missing, not a directory, registered already, or nested."""


class NamespaceError(LiveScriptsError, ValueError):
    """A namespace cannot be used: not made of identifiers, or the name of a real module."""


# ---------------------------------------------------------------- script trouble


class ScriptError(LiveScriptsError):
    """A script directory was not registered because scripts in it are broken. Nothing was left behind.

    `problems` has one `Problem` per broken script, each with file, line and source line.
    """

    def __init__(self, problems: Sequence[Problem], blocked: Sequence[Path] = ()) -> None:
        self.problems = tuple(problems)
        self.blocked = tuple(blocked)
        count = len(self.problems)
        lines = [f"{count} broken script{'s' if count != 1 else ''}; no script was loaded.", ""]
        lines += [str(problem) for problem in self.problems]
        if self.blocked:
            waiting = ", ".join(path.name for path in self.blocked)
            lines += ["", f"Not tried to the end, because they need those: {waiting}"]
        super().__init__("\n".join(lines))


class CycleError(LiveScriptsError, ImportError):
    """Scripts need each other while loading, and a name one of them takes does not exist yet.

    `chain` are the script files, the first repeated at the end; `wanted` is the name that was not there.
    """

    def __init__(self, chain: Sequence[str], wanted: str) -> None:
        self.chain = tuple(chain)
        self.wanted = wanted
        super().__init__(
            f"{' -> '.join(self.chain)}: each needs the other while loading "
            f"({self.chain[-2]} wants {wanted} from {self.chain[-1]}, which has not defined it yet). "
            "Move what both need into a third script, or use it inside a function.",
            name=wanted,
        )


class ClashError(LiveScriptsError):
    """Two scripts define one name in one namespace. `paths` are both, `name` the full name."""

    def __init__(self, name: str, paths: Sequence[str]) -> None:
        self.name = name
        self.paths = tuple(paths)
        super().__init__(
            f"{name} is defined twice: in {' and in '.join(self.paths)}. "
            "Rename one, make it private with a leading underscore, or leave it out of __all__."
        )


class NameTakenError(LiveScriptsError):
    """A name or script would disappear that another loaded script still takes while loading.

    `name` is the full name, `takers` the script files that take it.
    """

    def __init__(self, name: str, takers: Sequence[str], *, gone_from: str) -> None:
        self.name = name
        self.takers = tuple(takers)
        self.gone_from = gone_from
        super().__init__(
            f"{name} is gone from {gone_from}, but {', '.join(self.takers)} still takes it while loading. "
            "The last good version stays; change the taker too, or bring the name back."
        )


class BlockedError(LiveScriptsError):
    """A saved script is fine by itself, but waits for others that are not. `on` are those script files.

    The error of the first of them is the `__cause__`.
    """

    def __init__(self, on: Sequence[str]) -> None:
        self.on = tuple(on)
        super().__init__(f"waits for {', '.join(self.on)}; it is retried with the next change")


class ScriptTestError(LiveScriptsError, AssertionError):
    """Unit tests of a script failed. `failures` has one (test, what it said) pair per failed test.

    `exceptions` are what they raised, in the same order.
    """

    def __init__(self, failures: Sequence[tuple[str, str]], exceptions: Sequence[BaseException] = ()) -> None:
        self.failures = tuple(failures)
        self.exceptions = tuple(exceptions)
        first_test, first_text = self.failures[0]
        last_line = first_text.strip().splitlines()[-1] if first_text.strip() else "failed"
        more = f" (and {len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
        super().__init__(f"{first_test}: {last_line}{more}")


class SharedError(LiveScriptsError):
    """A script body replaced or removed what the whole game uses. `names` are what was put back at once."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        shown = ", ".join(self.names[:3]) + (f" and {len(self.names) - 3} more" if len(self.names) > 3 else "")  # noqa: PLR2004
        super().__init__(
            f"the script replaced or removed {shown}, which the whole game uses, livescripts included. It was put back. "
            "Give what you want a name of your own"
        )


class UndoneError(LiveScriptsError):
    """A script does not run as saved because `undo()` took it back. It is not tried again by itself.

    `runs` is whether an older version of it runs; if not, there was none.
    """

    def __init__(self, *, runs: bool) -> None:
        self.runs = runs
        what = "runs a version from before the last reload" if runs else "does not run, as before the last reload"
        super().__init__(
            f"{what}, because undo() was called; change and save the file to go on, or call reload() to take it as it is"
        )


class RolledBackError(UndoneError):
    """A script does not run as saved because a behaviour failed soon after. It is not tried again by itself.

    `fault` is what was raised. `reload()` takes the save over in spite of it; then nothing rolls it back any more.
    """

    def __init__(self, fault: Fault, *, runs: bool) -> None:
        self.fault = fault
        super().__init__(runs=runs)
        what = "the version before runs again" if runs else "it does not run, as before"
        message = (
            f"rolled back, {what}: soon after it was taken over, {fault}. Change and save the file to go on, or call "
            "reload() to take it as it is"
        )
        self.args = (message,)


class ScriptTimeout(BaseException):
    """Raised inside a script body, a unit test or a hook that runs longer than `timeout` seconds."""
