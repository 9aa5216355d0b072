"""What several commands share on their command lines: script directories, and the words for wrong use."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from livescripts._core.names import Layout

__all__ = ["FINE", "PROBLEMS", "WRONG_USE", "Place", "UsageError", "add_places", "places", "shown"]

FINE, PROBLEMS, WRONG_USE = 0, 1, 2
"""Exit codes."""


class UsageError(Exception):
    """A command was used wrongly: its text is printed, and the exit code is 2."""


@dataclass(frozen=True, slots=True)
class Place:
    """A script directory as the command line names it; `path` is absolute."""

    path: str
    namespace: str
    layout: Layout


def add_places(parser: argparse.ArgumentParser) -> None:
    """The arguments that name script directories."""
    parser.add_argument(
        "directories",
        nargs="+",
        metavar="DIR[=NAMESPACE[:LAYOUT]]",
        help="script directories; those that need each other belong on one command line",
    )
    parser.add_argument("--namespace", default="game", help="namespace of each DIR that names none (default: game)")
    parser.add_argument(
        "--layout",
        choices=("merged", "modules"),
        default="merged",
        help="layout of each DIR that names none (default: merged)",
    )


def places(options: argparse.Namespace) -> list[Place]:
    """The script directories of a command line. Raises `UsageError` for one that is not there."""
    found: list[Place] = []
    for text in options.directories:
        place = _place(text, options.namespace, options.layout)
        if not os.path.isdir(place.path):
            what = "is not a directory" if os.path.exists(place.path) else "does not exist"
            raise UsageError(f"the script directory {text!r} {what}")
        found.append(place)
    return found


def _place(text: str, namespace: str, layout: Layout) -> Place:
    directory, equals, rest = text.rpartition("=")
    if not equals or os.path.isdir(text):  # a name may have a "=" in it
        return Place(os.path.abspath(text), namespace, layout)
    namespace, colon, wanted = rest.partition(":")
    if not colon:
        return Place(os.path.abspath(directory), namespace, layout)
    if wanted == "merged" or wanted == "modules":  # noqa: PLR1714 - narrows the type
        return Place(os.path.abspath(directory), namespace, wanted)
    raise UsageError(f"the layout in {text!r} is {wanted!r}; it is merged or modules")


def shown(path: str) -> str:
    """A path as messages show it: relative to the current directory if it is below it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative
