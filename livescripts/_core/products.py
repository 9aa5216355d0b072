"""Whether a statement makes the object that it gives a name to, or names one that is made elsewhere."""

from __future__ import annotations

import ast

__all__ = ["maker"]

_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def maker(text: str) -> str | None:
    """What makes the value of an assignment: the (dotted) name that it calls, or "" for a display or comprehension.

    None for anything else: an index, another name, several statements.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, RecursionError, MemoryError):
        return None
    match body:
        case [ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(value=ast.expr() as value)]:
            pass
        case _:
            return None
    if isinstance(value, _DISPLAYS):
        return ""
    return _dotted(value.func) if isinstance(value, ast.Call) else None


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
