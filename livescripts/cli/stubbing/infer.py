"""The type of an expression, as text of an annotation, where its form alone makes it certain; None otherwise."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from livescripts.cli.stubbing.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

__all__ = ["Names", "after_change", "free_names", "infer", "union"]

_PLAIN_CALLS = {"int", "float", "str", "bool", "bytes", "complex", "len", "repr", "ascii", "chr", "ord", "hash", "id"}
_RESULT = {"len": "int", "repr": "str", "ascii": "str", "chr": "str", "ord": "int", "hash": "int", "id": "int"}
_NUMBERS = ("bool", "int", "float", "complex")


@dataclass(slots=True)
class Names:
    """What names mean where an expression stands.

    `hidden` are those that a scope around binds, so that they are not the builtins; `local` is what is known of names in
    the function; any of its other names are in `unknown`. `known` is what is known of variables of the module, and
    `classes` of classes that are called by way of `self`. `is_class(dotted)` tells whether a name is a class of a script.
    `used` collects what annotations need: "Any" and the like, and builtins that are hidden.
    """

    hidden: Collection[str]
    is_class: Callable[[str], bool]
    used: dict[str, str]
    local: Mapping[str, str] = field(default_factory=dict[str, str])
    unknown: Collection[str] = ()
    known: Mapping[str, str] = field(default_factory=dict[str, str])
    classes: Mapping[str, str] = field(default_factory=dict[str, str])

    def builtin(self, name: str) -> str:
        """How to write a builtin type here."""
        if name not in self.hidden:
            return name
        return f"{self.special('builtins')}.{name}"

    def special(self, name: str) -> str:
        """How to write a name of `typing`, or `builtins`, or the type variable `T` here."""
        alias = f"_{name}" if name == "T" else name
        while alias in self.hidden:
            alias = f"_{alias}"
        self.used[alias] = name
        return alias

    def of(self, container: str, *inside: str | None) -> str:
        """A builtin container of these; None is `Any`."""
        return f"{self.builtin(container)}[{', '.join(each or self.special('Any') for each in inside)}]"


def union(types: Iterable[str | None]) -> str | None:
    """One of these; None if one of them is not known."""
    found: dict[str, None] = {}
    for each in types:
        if each is None:
            return None
        found.update(dict.fromkeys(each.split(" | ") if "[" not in each else [each]))
    if "float" in found:
        found.pop("int", None)  # PEP 484: an int will do for a float
    none = found.pop("None", "")
    return " | ".join([*found, *(["None"] if none is None else [])]) or None


def infer(node: ast.expr | None, names: Names) -> str | None:
    """The type of an expression; None if it is not certain."""
    match node:
        case ast.Constant(value=None):
            return "None"
        case ast.Constant(value=bool() | int() | float() | str() | bytes() | complex() as value):
            return names.builtin(type(value).__name__)
        case ast.JoinedStr():
            return names.builtin("str")
        case ast.UnaryOp(op=ast.Not()):
            return names.builtin("bool")
        case ast.UnaryOp(operand=operand):
            found = infer(operand, names)
            return names.builtin("int") if found == "bool" else found if found in _NUMBERS else None
        case ast.Compare():
            return _compare(node, names)
        case ast.BoolOp():
            return union(infer(each, names) for each in node.values)
        case ast.IfExp():
            return union((infer(node.body, names), infer(node.orelse, names)))
        case ast.BinOp():
            return _operation(infer(node.left, names), node.op, infer(node.right, names), names)
        case ast.Name(id=name):
            return names.local.get(name) or (None if name in names.unknown else names.known.get(name))
        case ast.NamedExpr():
            return infer(node.value, names)
        case ast.Call():
            return _call(node, names)
        case ast.List() | ast.Set():
            return names.of(type(node).__name__.lower(), _elements(node.elts, names))
        case ast.Tuple():
            if not node.elts or any(isinstance(each, ast.Starred) for each in node.elts):
                return f"{names.builtin('tuple')}[{names.special('Any')}, ...]"
            return names.of("tuple", *(infer(each, names) for each in node.elts))
        case ast.Dict():
            keys = [each for each in node.keys if each is not None]
            if len(keys) < len(node.keys):
                return names.of("dict", None, None)
            return names.of("dict", _elements(keys, names), _elements(node.values, names))
        case ast.ListComp():
            return names.of("list", infer(node.elt, _without(names, node)))
        case ast.SetComp():
            return names.of("set", infer(node.elt, _without(names, node)))
        case ast.DictComp():
            inner = _without(names, node)
            return names.of("dict", infer(node.key, inner), infer(node.value, inner))
        case _:
            return None


def _without(names: Names, node: ast.ListComp | ast.SetComp | ast.DictComp) -> Names:
    """The names inside of a comprehension, whose variables are not known."""
    bound = {each.id for part in node.generators for each in ast.walk(part.target) if isinstance(each, ast.Name)}
    local = {name: found for name, found in names.local.items() if name not in bound}
    return replace(names, hidden={*names.hidden, *bound}, local=local, unknown={*names.unknown, *bound})


def _elements(nodes: Iterable[ast.expr], names: Names) -> str | None:
    """The types of what is in a container: None for none at all, where one is not known, and for `None`."""
    found = [infer(each, names) for each in nodes]  # in their order: the same stub from the same script
    return union(found) if found and None not in found and "None" not in found else None


def _compare(node: ast.Compare, names: Names) -> str | None:
    if all(isinstance(each, ast.Is | ast.IsNot | ast.In | ast.NotIn) for each in node.ops):
        return names.builtin("bool")
    # What `==` and `<` return is up to the operands.
    known = all(infer(each, names) is not None for each in (node.left, *node.comparators))
    return names.builtin("bool") if known else None


def _operation(left: str | None, operator: ast.operator, right: str | None, names: Names) -> str | None:
    del names
    if left in _NUMBERS and right in _NUMBERS:
        higher = max(left, right, key=_NUMBERS.index)
        match operator:
            case ast.Div():
                return higher if higher == "complex" else "float"
            case ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod():
                return "int" if higher == "bool" else higher
            case ast.BitAnd() | ast.BitOr() | ast.BitXor() | ast.LShift() | ast.RShift():
                return "bool" if left == right == "bool" and not _shifts(operator) else "int"
            case _:
                return None
    if left == "str" and isinstance(operator, ast.Mod):
        return "str"
    if left == right == "str" and isinstance(operator, ast.Add):
        return "str"
    return None


def _shifts(operator: ast.operator) -> bool:
    return isinstance(operator, ast.LShift | ast.RShift)


def after_change(before: str | None, operator: ast.operator, by: str | None) -> str | None:
    """The type of `x` after `x += …`."""
    if before in {"float", "str", "bytes"} or (before or "").startswith(("list[", "dict[", "set[")):
        # Whatever is added: it stays what it is, or it would have failed.
        return None if before == "float" and by == "complex" else before
    if before in {"int", "bool"} and by in {"int", "bool"} and not isinstance(operator, ast.Div | ast.Pow):
        return "int"
    if before in {"int", "bool"} and by in {"int", "float"} and not isinstance(operator, ast.Pow):
        return "float"
    return None


def _call(node: ast.Call, names: Names) -> str | None:
    name = dotted(node.func)
    if name is None:
        return None
    if name in names.classes:
        return names.classes[name]
    head = name.partition(".")[0]
    if head in names.unknown or head in names.local:
        return None
    if name in names.hidden or "." in name:
        return name if names.is_class(name) else None
    if name in _PLAIN_CALLS:
        return names.builtin(_RESULT.get(name, name))
    match name:
        case "list" | "sorted":
            return names.of("list", None)
        case "set" | "frozenset":
            return names.of(name, None)
        case "dict":
            return names.of("dict", None, None)
        case "isinstance" | "issubclass" | "callable" | "hasattr" | "any" | "all":
            return names.builtin("bool")
        case _:
            return name if names.is_class(name) else None


def free_names(node: ast.AST) -> set[str]:
    """The names that an expression reads, but for those that it binds itself."""
    read: set[str] = set()
    bound: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            (read if isinstance(each.ctx, ast.Load) else bound).add(each.id)
        elif isinstance(each, ast.arg):
            bound.add(each.arg)
    return read - bound
