"""What the process that loads the scripts tells the one that waits for it: lines of JSON, each checked.

# Pure. Whoever sends is full of somebody else's code: nothing is believed that does not have the right form, and a line
# without the token of this run is not from us.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias, TypeGuard, cast

__all__ = ["Begins", "Ends", "Finding", "Found", "Message", "Misuse", "Verdict", "encode", "parse"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `line` and `column` count from 1, None where unknown; `source` is the line with its indentation."""

    path: str
    line: int | None
    column: int | None
    message: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """These scripts are about to be loaded."""

    scripts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begins:
    """`what` of the file `path` is about to be executed. It may never return."""

    path: str
    what: str


@dataclass(frozen=True, slots=True)
class Ends:
    """What began last has returned."""


@dataclass(frozen=True, slots=True)
class Misuse:
    """The script directories cannot be used as they were given."""

    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All is said. `blocked` are scripts that were not tried to the end, because they need broken ones.

    `edges` are (taker, name, provider).
    """

    problems: tuple[Finding, ...] = ()
    blocked: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    edges: tuple[tuple[str, str, str], ...] = ()
    tests: int = 0


Message: TypeAlias = Found | Begins | Ends | Misuse | Verdict


def encode(token: str, message: Message) -> bytes:
    """One line."""
    return f"{token} {json.dumps([type(message).__name__, asdict(message)])}\n".encode()


def parse(token: str, line: bytes) -> Message | None:
    """The message in a line; None if it is none of ours, or not what it should be."""
    prefix = f"{token} ".encode()
    if not line.startswith(prefix):
        return None
    try:
        kind, values = json.loads(line[len(prefix) :])
        return _checked(kind, values)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _checked(kind: object, values: Any) -> Message | None:
    if not isinstance(kind, str) or not isinstance(values, dict):
        return None
    found = cast("dict[str, Any]", values)
    match kind:
        case "Found" if _is_texts(found["scripts"]):
            return Found(tuple(found["scripts"]))
        case "Begins" if _is_texts([found["path"], found["what"]]):
            return Begins(found["path"], found["what"])
        case "Ends":
            return Ends()
        case "Misuse" if isinstance(found["message"], str):
            return Misuse(found["message"])
        case "Verdict" if _is_count(found["tests"]) and _is_texts(found["blocked"]) and _is_texts(found["scripts"]):
            problems = tuple(_finding(each) for each in found["problems"])
            edges = tuple(_edge(each) for each in found["edges"])
            return Verdict(problems, tuple(found["blocked"]), tuple(found["scripts"]), edges, found["tests"])
        case _:
            return None


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_texts(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[object]", value))


def _finding(value: Any) -> Finding:
    if not _is_texts([value["path"], value["message"], value["source"]]):
        raise TypeError
    for number in (value["line"], value["column"]):
        if number is not None and not _is_count(number):
            raise TypeError
    return Finding(value["path"], value["line"], value["column"], value["message"], value["source"])


def _edge(value: Any) -> tuple[str, str, str]:
    if not _is_texts(value) or len(value) != 3:  # noqa: PLR2004 - taker, name, provider
        raise TypeError
    return value[0], value[1], value[2]
