"""What functions assign to names that are not their own: attributes of `self`, and globals."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from livescripts.cli.stubbing.functions import inside, parameters
from livescripts.cli.stubbing.infer import after_change, infer, union
from livescripts.cli.stubbing.scopes import last_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from livescripts.cli.stubbing.functions import Function
    from livescripts.cli.stubbing.infer import Names
    from livescripts.cli.stubbing.scopes import Variable

__all__ = ["Assigned", "of_globals", "of_self", "type_of"]


@dataclass(slots=True)
class Assigned:
    """What is assigned to one name: expressions, with what names mean there; None for what cannot be known."""

    annotation: ast.expr | None = None
    values: list[tuple[ast.expr | None, Names]] = field(default_factory=list["tuple[ast.expr | None, Names]"])
    changes: list[tuple[ast.operator, ast.expr, Names]] = field(
        default_factory=list["tuple[ast.operator, ast.expr, Names]"]
    )

    @classmethod
    def of(cls, variable: Variable, names: Names) -> Assigned:
        """The same for what a module or class assigns itself."""
        values = [(value, names) for value in variable.values]
        return cls(None, values, [(operator, by, names) for operator, by in variable.changes])


def type_of(found: Assigned, start: str | None = None) -> str | None:
    """The type of everything that is assigned, as an annotation; None where it is not certain.

    `start` is what it was before, if that is known.
    """
    if found.annotation is not None:
        return ast.unparse(found.annotation)
    types = [infer(value, names) for value, names in found.values]
    result = union([start, *types]) if start is not None else union(types)
    for operator, by, names in found.changes:
        optional = result is not None and result.endswith(" | None")
        base = result.removesuffix(" | None") if result is not None else None
        after = after_change(base, operator, infer(by, names))
        result = union((base, after, "None" if optional else after))
    # Only None so far: whoever sets it, sets something else.
    return None if result == "None" else result


def of_self(methods: Iterable[Function], names: Names, nested: Iterable[str] = ()) -> dict[str, Assigned]:
    """What methods assign to attributes of their first parameter. `nested` are the classes inside of theirs."""
    found: dict[str, Assigned] = {}
    for method in methods:
        given = parameters(method)
        if not given or any(last_name(each) == "staticmethod" for each in method.decorator_list):
            continue
        own = given[0].arg

        def attribute(node: ast.expr, own: str = own) -> str | None:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == own:
                return node.attr
            return None

        classes = {f"{own}.{name}": name for name in nested}
        _collect(method, replace(inside(method, names), classes=classes), attribute, found)
    return found


def of_globals(functions: Iterable[Function], names: Names) -> dict[str, Assigned]:
    """What functions assign to names that they declare `global`."""
    found: dict[str, Assigned] = {}
    for function in functions:
        declared = {name for node in ast.walk(function) if isinstance(node, ast.Global) for name in node.names}
        if declared:

            def variable(node: ast.expr, declared: set[str] = declared) -> str | None:
                return node.id if isinstance(node, ast.Name) and node.id in declared else None

            local = inside(function, names)
            local.unknown = set(local.unknown) - declared
            _collect(function, local, variable, found)
    return found


def _collect(
    function: Function, names: Names, name_of: Callable[[ast.expr], str | None], found: dict[str, Assigned]
) -> None:
    handled: set[int] = set()

    def get(target: ast.expr) -> Assigned | None:
        name = name_of(target)
        if name is None:
            return None
        handled.add(id(target))
        return found.setdefault(name, Assigned())

    for node in ast.walk(function):
        match node:
            case ast.Assign():
                for target in node.targets:
                    for one, value in _paired(target, node.value):
                        assigned = get(one)
                        if assigned is not None:
                            assigned.values.append((value, names))
            case ast.AnnAssign():
                assigned = get(node.target)
                if assigned is not None and assigned.annotation is None:
                    assigned.annotation = node.annotation
            case ast.AugAssign():
                assigned = get(node.target)
                if assigned is not None:
                    assigned.changes.append((node.op, node.value, names))
            case _:
                pass
    for node in ast.walk(function):
        # Targets of loops, `with` and the like.
        if isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in handled:
            assigned = get(node)
            if assigned is not None:
                assigned.values.append((None, names))


def _paired(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    match target, value:
        case ((ast.Tuple() | ast.List()), (ast.Tuple() | ast.List())) if len(target.elts) == len(value.elts):
            for one, other in zip(target.elts, value.elts, strict=True):
                starred = isinstance(one, ast.Starred) or any(isinstance(each, ast.Starred) for each in value.elts)
                yield from _paired(one, None if starred else other)
        case ((ast.Tuple() | ast.List()), _):
            for one in target.elts:
                yield from _paired(one, None)
        case ast.Starred(), _:
            yield from _paired(target.value, None)
        case _:
            yield target, value
