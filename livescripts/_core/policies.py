"""Whether a script wants a value kept or made anew with every reload: `Keep` and `Fresh` in annotations.

Read off the text, because an annotation need not be evaluated (`from __future__ import annotations`) nor be there at
run time (attributes of instances, quotes).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Policy", "policies"]

Policy: TypeAlias = Literal["keep", "fresh"]

_POLICIES: dict[str, Policy] = {"Keep": "keep", "Fresh": "fresh"}
_HOMES = ("livescripts", "livescripts.scripting")
# What may stand around them: `alive: ClassVar[Keep[int]] = 0`.
_QUALIFIERS = ("ClassVar", "Final")


def policies(tree: ast.Module, source: str) -> Callable[[ast.expr], Policy | None]:
    """A function from an annotation of this script to its policy, through whatever names its imports give."""
    if "livescripts" not in source or not any(name in source for name in _POLICIES):
        return lambda _: None
    known: dict[str, Policy | None] = {
        f"{home}.{name}": policy for home in _HOMES for name, policy in _POLICIES.items()
    }
    meaning: dict[str, str] = {}  # what local names stand for
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    head = alias.name.partition(".")[0]
                    meaning[alias.asname or head] = alias.name if alias.asname else head
            case ast.ImportFrom(module=str(module), level=0) if module in _HOMES:
                for alias in node.names:
                    names = _POLICIES if alias.name == "*" else (alias.name,)
                    meaning |= {alias.asname or name: f"{module}.{name}" for name in names}
            case _:
                pass

    def policy(annotation: ast.expr) -> Policy | None:
        match annotation:
            case ast.Constant(value=str(text)):
                return policy(quoted) if (quoted := _parsed(text)) is not None else None
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _QUALIFIERS:
                return policy(annotation.slice)
            case ast.Subscript():
                return policy(annotation.value)
            case ast.Attribute() | ast.Name():
                head, _, rest = ast.unparse(annotation).partition(".")
                return known.get(f"{meaning.get(head, '')}.{rest}" if rest else meaning.get(head, ""))
            case _:
                return None

    return policy


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
