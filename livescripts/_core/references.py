"""What a script's text seems to take from other modules while it loads.

Only a forecast: it puts scripts into an order in which hardly any has to wait for another in the middle of its own
execution. What is taken in truth is found out by executing.

The forecast is a function of the texts alone. So where scripts need each other in a circle, and what each of them sees
depends on which began, a reload of some begins with the same one as a fresh start of all.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

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
    meaning: dict[str, Reference] = {}  # what local names stand for
    mentioned: list[str] = []
    for node in _outside_functions(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    yield 0, alias.name
                    head = alias.name.partition(".")[0]
                    meaning[alias.asname or head] = (0, alias.name if alias.asname else head)
            case ast.ImportFrom():
                for alias in node.names:
                    name = EVERYTHING if alias.name == "*" else alias.name
                    full = node.level, f"{node.module}.{name}" if node.module else name
                    yield full
                    meaning[alias.asname or alias.name] = full
            case ast.Attribute():
                dotted = _dotted(node)
                if dotted is not None:
                    mentioned.append(dotted)
            case _:
                pass
    for dotted in mentioned:
        head, _, rest = dotted.partition(".")
        if head in meaning:
            level, name = meaning[head]
            yield level, f"{name}.{rest}"


def _outside_functions(tree: ast.Module) -> Iterator[ast.AST]:
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = node.args
            todo += [*node.decorator_list, *arguments.defaults, *filter(None, arguments.kw_defaults)]
        elif not isinstance(node, ast.Lambda):
            todo += ast.iter_child_nodes(node)


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
