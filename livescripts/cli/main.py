"""`livescripts check | graph | stubs | new`: arguments in, an exit code out."""

from __future__ import annotations

import argparse
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from livescripts.cli import check, graph, new, stubs
from livescripts.cli.options import FINE, WRONG_USE, UsageError
from livescripts.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["entry", "main"]

_EXAMPLES = """\
examples:
  livescripts new asteroids                      a small game that reloads, to begin with
  livescripts check scripts --namespace game     would the game start? for CI and pre-commit
  livescripts graph scripts --why a.py b.py      why does a.py need b.py?
  livescripts stubs scripts -o typings           let editors and type checkers know `import game`

exit codes: 0 fine, 1 problems found, 2 wrong use
"""


def _version() -> str:
    try:
        return version("livescripts")
    except PackageNotFoundError:  # run from a checkout
        return "unknown"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="livescripts",
        description="Change your game while it runs: what helps around the scripts.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"livescripts {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (check, graph, stubs, new):
        command.add_to(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command (default: what `sys.argv` says). Returns the exit code, and never raises for wrong use."""
    parser = _parser()
    try:
        options = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has said it all
        return end.code if isinstance(end.code, int) else FINE
    try:
        return options.run(options)
    except UsageError as error:
        Terminal(sys.stderr).line(("livescripts: ", "bold red"), str(error))
        return WRONG_USE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # `livescripts graph … | head`: whoever read has enough. What is left in the buffer would raise at exit.
        sys.stdout = None
        return FINE


def entry() -> None:
    """The console script."""
    sys.exit(main())
