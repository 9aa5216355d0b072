"""What a script's text seems to take from other modules while it loads.

Only a forecast: it puts scripts into an order in which hardly any has to wait for another in the middle of its own
execution. What is taken in truth is found out by executing.

The forecast is a function of the texts alone. So where scripts need each other in a circle, and what each of them sees
depends on which began, a reload of some begins with the same one as a fresh start of all.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.graph import EVERYTHING, Take

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Reference", "references", "resolve"]

Reference = tuple[int, str]
"""A dotted name, and how many packages up it starts: `from ..x import A` refers to (2, "x.A")."""


def references(tree: ast.Module) -> frozenset[Reference]:
    """Every dotted name that code outside of functions imports or mentions."""
    return frozenset(_references(tree))


def _references(tree: ast.Module) -> Iterator[Reference]:
    meaning: dict[str, list[Reference]] = {}  # what local names may stand for
    mentioned: list[str] = []
    for node in _outside_functions(tree):
        kind = cast("type[Any]", type(node))
        if kind is ast.Attribute:
            dotted = _dotted(node)
            if dotted is not None:
                mentioned.append(dotted)
        elif kind is ast.Import:
            for alias in node.names:
                yield 0, alias.name
                head = alias.name.partition(".")[0]
                meaning.setdefault(alias.asname or head, []).append((0, alias.name if alias.asname else head))
        elif kind is ast.ImportFrom:
            for alias in node.names:
                name = EVERYTHING if alias.name == "*" else alias.name
                full = node.level, f"{node.module}.{name}" if node.module else name
                yield full
                meaning.setdefault(alias.asname or alias.name, []).append(full)
    for dotted in mentioned:
        head, _, rest = dotted.partition(".")
        for level, name in meaning.get(head, ()):
            yield level, f"{name}.{rest}"


# What has nothing inside that could refer to anything: most of a tree.
_PLAIN = frozenset((str, int, bool, type(None), ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del))
_FUNCTIONS = frozenset((ast.FunctionDef, ast.AsyncFunctionDef))


def _outside_functions(tree: ast.Module) -> Iterator[Any]:
    """The nodes outside of functions, but for plain ones. By hand, since a cold start spends much of its time here."""
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        kind = cast("type[Any]", type(node))
        if kind in _PLAIN:
            continue
        yield node
        if kind in _FUNCTIONS:
            todo += node.decorator_list
            todo += node.args.defaults
            todo += node.args.kw_defaults
        elif kind is not ast.Lambda:
            for name in kind._fields:
                inside = getattr(node, name, None)
                if type(inside) is list:
                    todo += inside
                else:
                    todo.append(inside)


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def resolve(found: Iterable[Reference], package: str) -> frozenset[Take]:
    """What a script in `package` takes by these references: each part of a dotted name from the part before it."""
    takes: set[Take] = set()
    for level, dotted in found:
        takes.update(_takes(level, dotted, package if level else ""))
    return frozenset(takes)


@lru_cache(maxsize=4096)  # many scripts refer to the same things
def _takes(level: int, dotted: str, package: str) -> tuple[Take, ...]:
    above = package.split(".") if package else []
    if level > len(above):
        return ()  # beyond the top: Python refuses such an import
    start = above[: len(above) - level + 1] if level else []
    parts = [*start, *dotted.split(".")]
    return tuple((".".join(parts[:index]), parts[index]) for index in range(len(parts)))
