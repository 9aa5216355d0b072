"""Whether a statement makes the object that it gives a name to, or names one that is made elsewhere."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["displays", "maker"]

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def maker(text: str) -> str | None:
    """What makes the value of an assignment: the (dotted) name that it calls, or "" for a display or comprehension.

    None for anything else: an index, another name, several statements.
    """
    value = _value(text)
    if isinstance(value, _DISPLAYS):
        return ""
    return _dotted(value.func) if isinstance(value, ast.Call) else None


def displays(text: str) -> set[tuple[Any, ...]]:
    """Where in the value of an assignment there are further displays: the keys and indices that lead to each."""
    found: set[tuple[Any, ...]] = set()
    todo: list[tuple[tuple[Any, ...], ast.expr | None]] = [((), _value(text))]
    while todo:
        path, node = todo.pop()
        if path and isinstance(node, _DISPLAYS):
            found.add(path)
        todo += (((*path, key), inner) for key, inner in _inside(node))
    return found


def _inside(node: ast.expr | None) -> Iterator[tuple[Any, ast.expr]]:
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant):
                yield key.value, value
    elif isinstance(node, ast.List) and not any(isinstance(each, ast.Starred) for each in node.elts):
        yield from enumerate(node.elts)


def _value(text: str) -> ast.expr | None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, RecursionError, MemoryError):
        return None
    match body:
        case [ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=ast.expr() as value)]:
            return value
        case _:
            return None


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
