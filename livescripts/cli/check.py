"""`livescripts check`: would the game start with these scripts? Loads them in a fresh process, runs their unit tests."""

from __future__ import annotations

import argparse
import json
import os
import time
from typing import TYPE_CHECKING

from livescripts.cli.fresh import Task, load
from livescripts.cli.options import FINE, PROBLEMS, UsageError, add_places, places, shown
from livescripts.cli.terminal import Terminal, progress
from livescripts.cli.verdict import Begins, Found, Message, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.cli.verdict import Finding

__all__ = ["add_loading", "add_to", "as_github", "as_json", "load_shown", "tell"]

_EXAMPLES = """\
examples:
  livescripts check scripts --namespace game
  livescripts check scripts=game mods=mods           two directories that may need each other
  livescripts check src=:modules                     a tree of ordinary top-level modules
  livescripts check scripts --json | jq .problems
  livescripts check scripts --format github          annotations in a GitHub workflow

Every problem is listed as path:line:column: message. What scripts print is thrown away, unless --output is given.
exit codes: 0 fine, 1 problems found, 2 wrong use
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "check",
        help="load all scripts in a fresh process, run their unit tests, list all problems",
        description="Would the game start? Load all scripts in a fresh process, run their unit tests, and list all problems.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_places(parser)
    parser.add_argument("--no-tests", action="store_true", help="do not run the scripts' unit tests")
    add_loading(parser)
    parser.add_argument("--format", choices=("text", "json", "github"), default="text", help="default: text")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    parser.set_defaults(run=_run)


def add_loading(parser: argparse.ArgumentParser) -> None:
    """The options of commands that execute scripts."""
    parser.add_argument(
        "--timeout", type=_seconds, default=2.0, metavar="S", help="seconds for one script body or test (default: 2)"
    )
    parser.add_argument(
        "--path",
        action="append",
        default=[],
        metavar="DIR",
        help="where scripts find modules of the game; may be repeated (default: the current directory)",
    )
    parser.add_argument("--output", action="store_true", help="show on stderr what scripts print")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:  # noqa: PLR2004 - more is a mistake
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds greater than zero")
    return value


def load_shown(options: argparse.Namespace, *, run_tests: bool) -> Verdict:
    """Load the directories of a command line, with a bar on stderr."""
    for path in options.path or ():
        if not os.path.isdir(path):
            raise UsageError(f"--path {path!r} is not a directory")
    sys_path = [os.path.abspath(path) for path in options.path or (os.curdir,)]
    task = Task(places(options), run_tests, options.timeout, sys_path, options.output)
    with progress("checking") as show:
        return load(task, _counting(show))


def _counting(show: Callable[[int, int, str], None]) -> Callable[[Message], None]:
    done = total = 0

    def tell_bar(message: Message) -> None:
        nonlocal done, total
        if isinstance(message, Found):
            total = len(message.scripts)
        elif isinstance(message, Begins):
            done += message.what == "module body"
            show(min(done, total), total, f"{os.path.basename(message.path)} {message.what}")

    return tell_bar


def _run(options: argparse.Namespace) -> int:
    began = time.perf_counter()
    verdict = load_shown(options, run_tests=not options.no_tests)
    seconds = time.perf_counter() - began
    if not verdict.scripts and not verdict.problems:
        # Most likely another directory was meant, and in CI nobody would ever notice.
        raise UsageError(f"there is no script below {', '.join(shown(place.path) for place in places(options))}")
    if options.format == "json":
        print(as_json(verdict, seconds))
    elif options.format == "github":
        for finding in verdict.problems:
            Terminal().line(as_github(finding))
    if options.format != "json":
        tell(verdict, seconds, tests=not options.no_tests, out=Terminal())
    return PROBLEMS if verdict.problems else FINE


def tell(verdict: Verdict, seconds: float | None = None, *, tests: bool, out: Terminal) -> None:
    """Print a verdict for people."""
    for finding in verdict.problems:
        place = ":".join(map(str, filter(None, (shown(finding.path), finding.line, finding.column))))
        first, *more = finding.message.split("\n")
        out.line((f"{place}: ", "bold"), (first, "red"))
        for line in more:
            out.line("    ", line)
        if finding.source.strip():
            out.line("    ", finding.source.strip())
            if finding.column is not None:
                out.line("    ", " " * _before_caret(finding), ("^", "bold green"))
    for path in verdict.blocked:
        out.line((f"{shown(path)}: ", "bold"), ("not tried to the end, because it needs a broken one", "yellow"))
    found = len(verdict.problems)
    took = "" if seconds is None else f", {seconds:.1f} s"
    number = f"{_many(len(verdict.scripts), 'script')}, {_many(verdict.tests, 'test') if tests else 'no tests'}"
    if found:
        out.line((_many(found, "problem"), "bold red"), f" in {number}{took}")
    else:
        out.line(("fine: ", "bold green"), f"{number}{took}")


def _before_caret(finding: Finding) -> int:
    # Columns count bytes for run-time errors and characters for syntax errors; they differ only behind letters that
    # are not ASCII, where a caret that is a little off is no harm.
    indentation = len(finding.source) - len(finding.source.lstrip())
    return max(0, (finding.column or 1) - 1 - indentation)


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def as_json(verdict: Verdict, seconds: float) -> str:
    """The shape is documented in docs/cli.md."""
    value = {
        "version": 1,
        "ok": not verdict.problems,
        "scripts": len(verdict.scripts),
        "tests": verdict.tests,
        "seconds": round(seconds, 3),
        "problems": [
            {
                "path": shown(each.path),
                "line": each.line,
                "column": each.column,
                "message": each.message,
                "source": each.source,
            }
            for each in verdict.problems
        ],
        "blocked": [shown(path) for path in verdict.blocked],
    }
    return json.dumps(value, indent=2)


def as_github(finding: Finding) -> str:
    """A workflow command; its escapes are those of actions/toolkit."""
    place = {"file": shown(finding.path), "line": finding.line, "col": finding.column, "title": "livescripts"}
    values = ",".join(f"{key}={_escaped(str(value))}" for key, value in place.items() if value is not None)
    message = finding.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error {values}::{message}"


def _escaped(text: str) -> str:
    for old, new in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(old, new)
    return text
