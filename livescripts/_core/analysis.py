"""What a script's text says about its top level, without running it.

The answers steer loading (who defines a name that is not there yet), exports (what an `import` bound is not exported)
and state (was the statement that sets a variable edited?).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Analysis", "Binding", "analyse"]

# Ways to define a global whose name is not in the text as one.
_DYNAMIC = ("globals(", "exec(", "vars(", "setattr(", "__dict__", "locals(")


@dataclass(frozen=True, slots=True)
class Binding:
    """A name bound at top level: the first line that binds it, and the text of all statements that set it.

    `text` is empty for functions and classes: their text never decides what happens to a value.
    """

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the top level binds.

    `bindings`: names bound by anything but an import. `imported`: by an import. `rebound`: set by a function through
    `global`. `star`: there is a `from … import *`. `opaque`: the script may define names that cannot be read off
    its text.
    """

    bindings: Mapping[str, Binding]
    imported: frozenset[str]
    rebound: frozenset[str]
    star: bool
    opaque: bool

    def may_define(self, name: str) -> bool:
        """Whether a namespace asked for `name` should load this script to look."""
        return name in self.bindings or name in self.rebound


def analyse(source: str, filename: str = "<script>") -> Analysis:
    """Analyse the text of a script that compiles. Raises SyntaxError if it does not parse.

    `filename` is for the warnings of the parser: with the name that `compile` got they are shown once, not twice.
    """
    tree = ast.parse(source, filename)
    walker = _TopLevel(source)
    walker.statements(tree.body)
    rebound: frozenset[str] = frozenset()
    if "global" in source:
        rebound = frozenset(_rebound(tree))
    bindings = {name: Binding(line, "\n".join(texts)) for name, (line, texts) in walker.bound.items()}
    opaque = walker.star or "__all__" in bindings or any(hint in source for hint in _DYNAMIC)
    return Analysis(bindings, frozenset(walker.imported), rebound, walker.star, opaque)


def _rebound(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names


class _TopLevel:
    """Collects what statements bind in the scope they stand in; never descends into functions and classes."""

    def __init__(self, source: str) -> None:
        self._lines = source.encode().splitlines()
        self._walrus = ":=" in source
        self.bound: dict[str, tuple[int, list[str]]] = {}
        self.imported: set[str] = set()
        self.star = False

    def statements(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._bind(node.name, node.lineno, "")
                self._expressions(*node.decorator_list)
                return
            case ast.Import():
                self.imported.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
                return
            case ast.ImportFrom():
                names = [alias.asname or alias.name for alias in node.names]
                self.star = self.star or "*" in names
                self.imported.update(name for name in names if name != "*")
                return
            case ast.Assign():
                self._targets(node, *node.targets)
            case ast.AugAssign():
                self._targets(node, node.target)
            case ast.AnnAssign():
                if node.value is not None:
                    self._targets(node, node.target)
            case ast.For() | ast.AsyncFor():
                self._targets(node, node.target)
            case ast.With() | ast.AsyncWith():
                self._targets(node, *(item.optional_vars for item in node.items if item.optional_vars))
            case ast.Match():
                self._captures(node)
            case _:
                # ast.TypeAlias came with 3.12.
                name = getattr(node, "name", None)
                if isinstance(name, ast.Name):
                    self._bind(name.id, node.lineno, self._text(node))
        self._blocks(node)

    def _blocks(self, node: ast.stmt) -> None:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.stmt():
                    self._statement(child)
                case ast.ExceptHandler() | ast.match_case():
                    self.statements(child.body)
                case ast.expr():
                    self._expressions(child)
                case ast.withitem():
                    self._expressions(child.context_expr)
                case _:
                    pass

    def _expressions(self, *nodes: ast.expr) -> None:
        if not self._walrus:
            return
        for node in nodes:
            for inner in ast.walk(node):
                if isinstance(inner, ast.NamedExpr):
                    self._bind(inner.target.id, inner.lineno, self._text(inner))

    def _targets(self, statement: ast.stmt, *targets: ast.expr) -> None:
        text = self._text(statement)
        for target in targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self._bind(node.id, statement.lineno, text)

    def _captures(self, statement: ast.Match) -> None:
        for case in statement.cases:
            for node in ast.walk(case.pattern):
                name = getattr(node, "name", None) or getattr(node, "rest", None)
                if isinstance(name, str):
                    self._bind(name, statement.lineno, self._text(statement))

    def _bind(self, name: str, line: int, text: str) -> None:
        _, texts = self.bound.setdefault(name, (line, []))
        if text:
            texts.append(text)

    def _text(self, node: ast.stmt | ast.expr) -> str:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        # Columns count bytes; the end first, since on one line it is measured from the same start.
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode(errors="replace")
