"""What a scope of a script binds, flattened: blocks are taken apart, since a stub has no use for them.

# Of `if`, `for`, `try` and the like both ways count: a variable gets what any of them gives it. Of functions, classes and
# imports the first counts in a handler or an `else` (a fall-back), the last one otherwise (a redefinition).
# `if __name__ == "__main__"` is never true in a script, and left out.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Definition", "Scope", "Variable", "dotted", "last_name", "targets_of"]

Definition: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(slots=True)
class Variable:
    """A variable: its annotation if it has one, and what is assigned to it; None stands for what cannot be known."""

    name: str
    annotated: ast.AnnAssign | None = None
    values: list[ast.expr | None] = field(default_factory=list["ast.expr | None"])
    changes: list[tuple[ast.operator, ast.expr]] = field(default_factory=list["tuple[ast.operator, ast.expr]"])


@dataclass(slots=True)
class Scope:
    """A module or the body of a class. `order` has names in the order in which they are bound.

    `definitions` has functions and classes, several for overloads and properties. `together` are assignments to several
    names at once. `imports` are statements that import one thing each. `never` are names that are bound only where nothing
    is ever executed.
    """

    docstring: str | None = None
    order: list[str] = field(default_factory=list[str])
    variables: dict[str, Variable] = field(default_factory=dict[str, Variable])
    definitions: dict[str, list[Definition]] = field(default_factory=dict[str, list[Definition]])
    aliases: dict[str, ast.stmt] = field(default_factory=dict[str, ast.stmt])
    together: list[ast.Assign] = field(default_factory=list[ast.Assign])
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list["ast.Import | ast.ImportFrom"])
    imported: set[str] = field(default_factory=set[str])
    stars: list[ast.ImportFrom] = field(default_factory=list[ast.ImportFrom])
    never: set[str] = field(default_factory=set[str])

    @classmethod
    def of(cls, body: list[ast.stmt]) -> Scope:
        """The scope of these statements."""
        scope = cls()
        match body:
            case [ast.Expr(value=ast.Constant(value=str(text))), *_]:
                scope.docstring = text
            case _:
                pass
        scope._go(body, fallback=False)
        scope.never -= {*scope.order, *scope.imported}
        return scope

    def variable(self, name: str) -> Variable:
        """The variable of this name; a new one if there was none."""
        if name not in self.variables:
            self.variables[name] = Variable(name)
            self.order.append(name)
        return self.variables[name]

    def _go(self, body: Iterable[ast.stmt], *, fallback: bool) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    self._define(node, fallback=fallback)
                case ast.Import() | ast.ImportFrom():
                    self._import(node, fallback=fallback)
                case ast.Assign():
                    self._assign(node)
                case ast.AnnAssign(target=ast.Name(id=name)):
                    variable = self.variable(name)
                    if variable.annotated is None or not fallback:
                        variable.annotated = node
                case ast.AugAssign(target=ast.Name(id=name)):
                    self.variable(name).changes.append((node.op, node.value))
                case ast.Delete():
                    for target in node.targets:
                        if isinstance(target, ast.Name):
                            self._forget(target.id)
                case ast.If():
                    self._if(node, fallback=fallback)
                case ast.For() | ast.AsyncFor():
                    self._unknown(node.target)
                    self._go(node.body, fallback=fallback)
                    self._go(node.orelse, fallback=fallback)
                case ast.While():
                    self._go(node.body, fallback=fallback)
                    self._go(node.orelse, fallback=fallback)
                case ast.With() | ast.AsyncWith():
                    for item in node.items:
                        if item.optional_vars is not None:
                            self._unknown(item.optional_vars)
                    self._go(node.body, fallback=fallback)
                case ast.Try() | ast.TryStar():
                    self._go([*node.body, *node.orelse], fallback=fallback)
                    for handler in node.handlers:
                        self._go(handler.body, fallback=True)
                    self._go(node.finalbody, fallback=fallback)
                case ast.Match():
                    for case in node.cases:
                        self._go(case.body, fallback=True)
                case _:
                    if type(node).__name__ == "TypeAlias":  # Python 3.12
                        name = str(vars(node)["name"].id)
                        self.aliases[name] = node
                        self.order.append(name)

    def _if(self, node: ast.If, *, fallback: bool) -> None:
        if _is_main(node.test):
            inside = Scope.of(node.body)
            self.never |= {*inside.order, *inside.imported}
        else:
            self._go(node.body, fallback=fallback)
        self._go(node.orelse, fallback=True)

    def _define(self, node: Definition, *, fallback: bool) -> None:
        before = self.definitions.get(node.name, [])
        if fallback and (before or node.name in self.imported):
            return
        if node.name in self.imported:
            self._drop_import(node.name)
        if before and _joins(before[-1], node):
            before.append(node)
            return
        if node.name not in self.order:
            self.order.append(node.name)
        self.variables.pop(node.name, None)
        self.definitions[node.name] = [node]

    def _import(self, node: ast.Import | ast.ImportFrom, *, fallback: bool) -> None:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            return
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            if name == "*":
                if isinstance(node, ast.ImportFrom):
                    self.stars.append(node)
                continue
            if fallback and (name in self.imported or name in self.definitions):
                continue
            if isinstance(node, ast.ImportFrom):
                if name in self.imported:
                    self._drop_import(name)
                self.imports.append(ast.ImportFrom(node.module, [alias], node.level))
            else:  # `import a.b` and `import a.c` both bind `a`
                self.imports.append(ast.Import([alias]))
            self.imported.add(name)

    def _drop_import(self, name: str) -> None:
        self.imports = [each for each in self.imports if name != bound_by(each)]
        self.imported.discard(name)

    def _assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            match target, node.value:
                case ast.Name(id=name), _:
                    self.variable(name).values.append(node.value)
                case ((ast.Tuple() | ast.List()), (ast.Tuple() | ast.List())) if _pairs(target, node.value):
                    for one, value in zip(target.elts, node.value.elts, strict=True):
                        if isinstance(one, ast.Name):
                            self.variable(one.id).values.append(value)
                        else:
                            self._unknown(one)
                case ((ast.Tuple() | ast.List()), _) if self._is_first(target) and len(node.targets) == 1:
                    self.together.append(node)
                    for name in targets_of(target):
                        self.variable(name).values.append(None)
                case _:
                    self._unknown(target)

    def _is_first(self, target: ast.Tuple | ast.List) -> bool:
        return all(isinstance(each, ast.Name) and each.id not in self.order for each in target.elts)

    def _unknown(self, target: ast.expr) -> None:
        for name in targets_of(target):
            self.variable(name).values.append(None)

    def _forget(self, name: str) -> None:
        self._drop_import(name)
        self.variables.pop(name, None)
        self.definitions.pop(name, None)
        self.order = [each for each in self.order if each != name]


def bound_by(node: ast.Import | ast.ImportFrom) -> str:
    """The name that an import of one thing binds."""
    alias = node.names[0]
    return alias.asname or alias.name.partition(".")[0]


def targets_of(target: ast.expr) -> Iterator[str]:
    """The names that an assignment to a target binds."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple() | ast.List():
            for each in target.elts:
                yield from targets_of(each)
        case ast.Starred():
            yield from targets_of(target.value)
        case _:
            pass


def _pairs(target: ast.Tuple | ast.List, value: ast.Tuple | ast.List) -> bool:
    together = [*target.elts, *value.elts]
    return len(target.elts) == len(value.elts) and not any(isinstance(each, ast.Starred) for each in together)


def _joins(before: Definition, node: Definition) -> bool:
    """Whether a definition belongs to the one before it: overloads, the setter of a property."""
    if isinstance(before, ast.ClassDef) or isinstance(node, ast.ClassDef):
        return False
    names = [dotted(each) or "" for each in node.decorator_list]
    return any(name.startswith(f"{node.name}.") for name in names) or is_overload(before)


def is_overload(node: Definition) -> bool:
    """Whether a function is one of several `@overload`s."""
    return any(last_name(each) == "overload" for each in node.decorator_list)


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def dotted(node: ast.expr) -> str | None:
    """`a.b.c` as text, None if it is something else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def last_name(node: ast.expr) -> str:
    """What a decorator or a base class is called, without where it is from and what it is called with; "" if nothing."""
    while isinstance(node, ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return (dotted(node) or "").rpartition(".")[2]
