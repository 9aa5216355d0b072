"""`livescripts stubs`: stubs that let editors and type checkers know a namespace. Reads the scripts, never runs them.

# Written by renaming, and only if something changed: an editor that watches them sees whole files, and few.
# Only files that begin with our mark are replaced or removed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from typing import TYPE_CHECKING

from livescripts._core.names import Location, locate, valid_namespace
from livescripts._runtime.compiling import decode
from livescripts._watch.files import DiskFiles, relative_to
from livescripts.cli.options import FINE, PROBLEMS, Place, UsageError, add_places, places, shown
from livescripts.cli.stubbing.project import Broken, Source, is_ours, stubs
from livescripts.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["add_to"]

_EXAMPLES = """\
examples:
  livescripts stubs scripts -o typings                game.x.Goblin is known to editors from here on
  livescripts stubs scripts=game mods=mods
  livescripts stubs scripts --check                   in CI: are the stubs up to date?

pyright and Pylance find `typings` by themselves; mypy with `mypy_path = "typings"` in its configuration.
exit codes: 0 fine, 1 a script cannot be read, or, with --check, stubs are out of date; 2 wrong use
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:  # pyright: ignore[reportPrivateUsage]
    """Add the command to the parser."""
    parser = commands.add_parser(
        "stubs",
        help="write stubs (PEP 561), so that editors and type checkers know `import game`",
        description="Write stubs that let editors and type checkers know a namespace. Scripts are read, and never run.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_places(parser)
    parser.add_argument("-o", "--out", default="typings", metavar="DIR", help="where to write them (default: typings)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if they are out of date")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    sources, broken = _read(places(options))
    made, more = stubs(sources)
    if broken or more:
        out = Terminal(sys.stderr)
        for each in (*broken, *more):
            place = shown(each.path) if each.line is None else f"{shown(each.path)}:{each.line}"
            out.line((f"{place}: ", "bold"), (each.message, "red"))
        out.line("no stubs were written")
        return PROBLEMS
    root = os.path.abspath(options.out)
    wanted = {os.path.join(root, *path.split("/")): text for path, text in made.items()}
    for package in _real_packages(wanted, root):
        del wanted[package]
    out = Terminal()
    changed, stale = _changed(wanted), sorted(_stale(root, wanted))
    foreign = [path for path in changed if os.path.exists(path) and not _is_ours(path)]
    if foreign:
        raise UsageError(
            f"{shown(foreign[0])} was not made by livescripts, and would be overwritten: choose another -o"
        )
    if options.check:
        for path in changed:
            out.line((f"{shown(path)}: ", "bold"), ("out of date" if os.path.exists(path) else "missing", "yellow"))
        for path in stale:
            out.line((f"{shown(path)}: ", "bold"), ("its script is gone", "yellow"))
        return PROBLEMS if changed or stale else FINE
    try:
        for path in changed:
            _write(path, wanted[path])
        for path in stale:
            _remove(path, root)
    except OSError as error:
        raise UsageError(f"stubs cannot be written to {options.out!r}: {error.strerror or error}") from error
    out.line(
        ("fine: ", "bold green"), f"{len(wanted)} stubs in {shown(root)}, {len(changed)} written, {len(stale)} removed"
    )
    return FINE


def _read(found: Iterable[Place]) -> tuple[list[Source], list[Broken]]:
    files = DiskFiles()
    sources: list[Source] = []
    broken: list[Broken] = []
    tags: dict[str, int] = {}
    for place in found:
        if place.namespace and not valid_namespace(place.namespace):
            raise UsageError(f"namespace {place.namespace!r} is not made of Python identifiers with dots between them")
        if not place.namespace and place.layout == "merged":
            raise UsageError('an empty namespace makes top-level modules, so it needs the layout "modules"')
        root = files.real_path(place.path)
        number = tags[place.namespace] = tags.get(place.namespace, 0) + 1
        tag = "" if number == 1 or place.layout == "modules" else str(number)
        for path in files.listing(root).scripts:
            relative = relative_to(root, path) or ""
            location = locate(path, root, relative, namespace=place.namespace, layout=place.layout, tag=tag)
            if not isinstance(location, Location):
                broken.append(Broken(path, None, location))
            elif location.tests is None:
                try:
                    with open(path, "rb") as file:
                        text = decode(file.read())
                except (OSError, SyntaxError, ValueError) as error:
                    broken.append(Broken(path, None, f"cannot be read: {error}"))
                else:
                    sources.append(Source(location, f"{os.path.basename(root)}/{relative}", text))
    return sources, broken


def _real_packages(wanted: Iterable[str], root: str) -> list[str]:
    """The `__init__.pyi` of packages that exist without us, above a namespace with dots: they would hide the real ones."""
    found: list[str] = []
    for path in wanted:
        package = os.path.dirname(os.path.relpath(path, root))
        if os.path.basename(path) == "__init__.pyi" and package:
            real = os.path.join(os.curdir, package, "__init__.py")
            above = any(other.startswith(os.path.dirname(path) + os.sep) for other in wanted if other != path)
            if above and os.path.isfile(real):
                found.append(path)
    return found


def _is_ours(path: str) -> bool:
    return is_ours(_text(path) or "")


def _text(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (OSError, UnicodeDecodeError):
        return None


def _changed(wanted: dict[str, str]) -> list[str]:
    return [path for path in sorted(wanted) if _text(path) != wanted[path]]


def _stale(root: str, wanted: dict[str, str]) -> Iterator[str]:
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if name.endswith(".pyi") and path not in wanted and _is_ours(path):
                yield path


def _write(path: str, text: str) -> None:
    directory = os.path.dirname(path)
    os.makedirs(directory, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=directory)
    try:
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)  # mkstemp makes them private
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _remove(path: str, root: str) -> None:
    os.unlink(path)
    directory = os.path.dirname(path)
    with contextlib.suppress(OSError):  # until one is not empty
        while directory != root:
            os.rmdir(directory)
            directory = os.path.dirname(directory)
