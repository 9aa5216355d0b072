"""Other names for what an attribute would hide in the body of its class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from livescripts.cli.stubbing.functions import expression

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Renamed"]


class Renamed(ast.NodeTransformer):
    """Puts aliases in the place of names that are read; in quoted annotations as well."""

    def __init__(self, aliases: Mapping[str, str]) -> None:
        self.aliases = aliases
        self.used: set[str] = set()

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if isinstance(node.ctx, ast.Load) and node.id in self.aliases:
            return ast.Name(self._alias(node.id), ast.Load())
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = self._unquoted(node.annotation)
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None if node.annotation is None else self._unquoted(node.annotation)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None if node.returns is None else self._unquoted(node.returns)
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None if node.returns is None else self._unquoted(node.returns)
        return self.generic_visit(node)

    def _unquoted(self, node: ast.expr) -> ast.expr:
        """In a stub nothing needs quotes."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return expression(node.value.strip())
            except SyntaxError:
                return node
        return node

    def _alias(self, name: str) -> str:
        self.used.add(self.aliases[name])
        return self.aliases[name]
