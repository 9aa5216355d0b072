"""`livescripts new`: a small game that reloads, with scripts, tests and the loop wired up, to begin with.

# All or nothing: it is written beside its place, and renamed.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import tempfile
from importlib.resources import files
from typing import TYPE_CHECKING

from livescripts.cli.options import FINE, UsageError
from livescripts.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

__all__ = ["add_to", "contents"]

_EXAMPLES = """\
examples:
  livescripts new asteroids && cd asteroids && python main.py
  livescripts new asteroids --into ~/games

exit codes: 0 fine, 2 wrong use: a name that cannot be one, or a directory that is there already
"""

_SUFFIX = ".tmpl"  # templates are no modules of ours: nothing may import, check or compile them
_NAME = re.compile(r"[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?")
_TAKEN = {"livescripts", "pygame", "pygame-ce", "scripts", "game"}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "new",
        help="make a small game that reloads, to begin with",
        description="Make a directory NAME with a small pygame game: a loop, scripts, tests.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", help="letters, digits, - and _; begins with a letter")
    parser.add_argument("--into", default=os.curdir, metavar="DIR", help="where to make it (default: here)")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    name: str = options.name
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a game: letters, digits, - and _, beginning with a letter")
    if name.lower().replace("_", "-") in _TAKEN:
        raise UsageError(f"{name!r} is the name of something that the game needs: choose another one")
    into = os.path.abspath(options.into)
    if not os.path.isdir(into):
        raise UsageError(f"{options.into!r} is not a directory")
    target = os.path.join(into, name)
    if os.path.lexists(target) and not _is_empty(target):
        raise UsageError(f"{os.path.relpath(target)} is there already, and is not overwritten")
    try:
        _make(into, target, name)
    except OSError as error:
        raise UsageError(f"{target} cannot be made: {error.strerror or error}") from error
    out = Terminal()
    for path in sorted(contents(name)):
        out.line("  ", (os.path.join(name, *path.split("/")), "dim"))
    there = os.path.relpath(target)
    out.line(("made: ", "bold green"), f"cd {there} && python main.py")
    out.line("then edit scripts/things/ball.py while it runs, and save")
    return FINE


def _is_empty(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path) and not os.listdir(path)


def _make(into: str, target: str, name: str) -> None:
    temporary = tempfile.mkdtemp(prefix=f".{name}-", dir=into)
    try:
        for path, text in contents(name).items():
            place = os.path.join(temporary, *path.split("/"))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
        os.chmod(temporary, 0o755)  # noqa: S103 - as any directory: mkdtemp makes them private
        if os.path.isdir(target):
            os.rmdir(target)
        os.rename(temporary, target)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def contents(name: str) -> dict[str, str]:
    """The files of a new game by relative path."""
    root = files("livescripts.cli") / "templates" / "game"
    return {
        path.removesuffix(_SUFFIX).replace("gitignore", ".gitignore"): text.replace("{{name}}", name)
        for path, text in _below(root, "")
    }


def _below(root: Traversable, prefix: str) -> Iterator[tuple[str, str]]:
    for each in root.iterdir():
        if each.is_dir():
            yield from _below(each, f"{prefix}{each.name}/")
        elif each.name.endswith(_SUFFIX):
            yield prefix + each.name, each.read_text(encoding="utf-8")
