"""`livescripts graph`: who needs whom while loading. Loads the scripts in a fresh process, and draws what was seen."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from livescripts._core.paths import UNITTEST_SUFFIX
from livescripts.cli import drawing
from livescripts.cli.check import add_loading, load_shown, tell
from livescripts.cli.options import FINE, PROBLEMS, UsageError, add_places, shown
from livescripts.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livescripts.cli.drawing import Drawing

__all__ = ["add_to", "pick"]

_EXAMPLES = """\
examples:
  livescripts graph scripts                           a tree: below each script what it needs
  livescripts graph scripts --why queen.py bugs.py    by which names does queen.py depend on bugs.py?
  livescripts graph scripts --format dot | dot -Tsvg -o graph.svg
  livescripts graph scripts=game mods=mods --json

(*) marks what is drawn above already, (circle) scripts that need each other. What functions use when they run is
looked up anew each time, and is no dependency.
exit codes: 0 fine, 1 the scripts do not load, or --why finds no way; 2 wrong use
"""

_FORMATS = {"text": drawing.tree, "dot": drawing.dot, "mermaid": drawing.mermaid, "json": drawing.to_json}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "graph",
        help="draw which scripts need which while they load",
        description="Who needs whom while loading? Load the scripts in a fresh process, and draw what was seen.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_places(parser)
    add_loading(parser)
    parser.add_argument("--format", choices=tuple(_FORMATS), default="text", help="default: text")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="the same as --format json")
    parser.add_argument("--why", nargs=2, metavar=("A", "B"), help="show by which names script A depends on script B")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    verdict = load_shown(options, run_tests=False)
    if verdict.problems:
        tell(verdict, tests=False, out=Terminal(sys.stderr))
        return PROBLEMS
    shape = drawing.drawing(
        (shown(path) for path in verdict.scripts if not path.endswith(UNITTEST_SUFFIX)),
        ((shown(taker), name, shown(provider)) for taker, name, provider in verdict.edges),
    )
    if options.why is not None:
        return _why(shape, *options.why, as_json=options.format == "json")
    Terminal().line(_writable(_FORMATS[options.format](shape), sys.stdout.encoding))
    return FINE


def _writable(text: str, encoding: str | None) -> str:
    """A drawing in plain characters where the terminal has no others, as in a console of Windows."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return text.translate(str.maketrans("├└│─", "|`|-"))
    return text


def _why(shape: Drawing, one: str, other: str, *, as_json: bool) -> int:
    taker, provider = pick(shape.scripts, one), pick(shape.scripts, other)
    way = drawing.why(shape, taker, provider)
    if as_json:
        print(drawing.to_json(drawing.Drawing((taker, provider), way or (), ())))
        return FINE if way else PROBLEMS
    out = Terminal()
    if way is None:
        out.line((taker, "bold"), " does not depend on ", (provider, "bold"), " while it loads")
        return PROBLEMS
    for link in way:
        out.line((link.taker, "bold"), " takes ", (", ".join(link.names), "cyan"), " from ", (link.provider, "bold"))
    return FINE


def pick(scripts: Sequence[str], wanted: str) -> str:
    """The script that is meant by a path or the end of one. Raises `UsageError` if none is, or more than one."""
    name = os.path.normpath(wanted)
    found = [path for path in scripts if path in {name, shown(os.path.abspath(wanted))}]
    found = found or [path for path in scripts if path.endswith(os.sep + name)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"there is no script {wanted!r}")
    raise UsageError(f"{wanted!r} may be any of {', '.join(found)}: say more of its path")
