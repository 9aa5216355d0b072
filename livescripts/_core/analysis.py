"""What a script's text says about its top level, without running it.

The answers steer loading (who defines a name that is not there yet), exports (what an `import` bound is not exported)
and state (was the statement that sets a variable edited?).

# Scopes are Python's: what a function binds is its own; a walrus in a comprehension binds outside of it, in a lambda it
# does not; default arguments, decorators and base classes belong to the scope around.
# Lines and columns are the parser's, which counts bytes of UTF-8 and ends lines at newlines only: `str.splitlines` would
# also end them at form feeds and the like.
# Nesting is walked without recursion: a long `elif` chain compiles, so it must not fail here.
# What loading needs is found at once; what only a reload compares is left until it is asked for.
"""

from __future__ import annotations

import ast
import hashlib
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.initials import Initial, initials
from livescripts._core.outline import Outline, outline
from livescripts._core.policies import Policy, policies
from livescripts._core.references import Reference, references

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import CodeType

__all__ = ["NUMBER", "Analysis", "Binding", "Details", "analyse", "details", "edited", "parsed"]

NUMBER = 2
"""To be raised with each change of what an analysis finds: what was found before is not used again then."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = (
    *(ast.If, ast.Match, ast.For, ast.AsyncFor, ast.While),
    *(ast.With, ast.AsyncWith, ast.Try, ast.TryStar),
)

# What constants, names and flags in a tree are; all else are nodes and lists.
_PLAIN = frozenset((str, int, type(None), float, bool, bytes, complex, type(...)))

# Ways to define a global whose name is not in the text as one.
_DYNAMIC = ("globals(", "exec(", "vars(", "setattr(", "__dict__", "locals(")


@dataclass(frozen=True, slots=True)
class Binding:
    """A name bound at top level or in a class: the first line that binds it, and the text of all statements that set it.

    `text` has what sets the name and nothing around it: all of a function or class, but of a loop only the head, of a
    `with` one item, of a `match` the subject and the cases. It can be parsed by itself. Whether a statement was edited is
    for `edited` to say: texts differ by comments and layout, too. `policy` is what its annotation says of a reload.
    `key` is the same for statements that do not differ otherwise; None where nobody worked it out.
    """

    line: int
    text: str
    policy: Policy | None = None
    key: bytes | None = field(default=None, compare=False)

    @property
    def defines(self) -> bool:
        """Whether it is the definition of a function or class."""
        return self.text.startswith(("def ", "async def ", "class ", "@("))


@dataclass(frozen=True, slots=True)
class Details:
    """The part of an analysis that takes time, and that only a reload needs: the texts of statements.

    The fields are those of the `Analysis`.
    """

    bindings: Mapping[str, Binding]
    imported: Mapping[str, Binding]
    classes: Mapping[str, Mapping[str, Binding]]
    initials: Mapping[str, Initial]


class Analysis:
    """What the top level binds.

    `names`: those bound by anything but an import. `imports`: by an import. A name may be in both; one that is
    unbound again by a `del` at top level, or after an `except … as`, is in neither. `public`: those of `names` that do not
    begin with an underscore. `rebound`: names that a function,
    or the body of a class, declares `global` and sets or deletes; a function that only reads a global changes nothing
    behind anybody's back. `star`: there is a `from … import *`. `opaque`: the script may define names that cannot be
    read off its text. `references`: what it seems to take from other modules while it loads.

    The rest is found when it is first asked for. `bindings` and `imported`: the statements that bind `names` and
    `imports`. `classes`: what the bodies of classes bind, imports included, by the classes' qualified names; those in
    functions are left out. `initials`: what the classes give to a new instance, likewise.
    """

    __slots__ = ("_details", "_find", "imports", "names", "opaque", "public", "rebound", "references", "star")

    def __init__(
        self,
        names: frozenset[str],
        imports: frozenset[str],
        rebound: frozenset[str],
        references: frozenset[Reference],
        *,
        star: bool,
        opaque: bool,
        find: Callable[[], Details],
    ) -> None:
        self.names = names
        private = [name for name in names if name[:1] == "_"]
        self.public = names.difference(private) if private else names
        self.imports = imports
        self.rebound = rebound
        self.references = references
        self.star = star
        self.opaque = opaque
        self._find = find
        self._details: Details | None = None

    @property
    def details(self) -> Details:
        """What is found when it is first asked for."""
        if self._details is None:
            self._details = self._find()
        return self._details

    def learn(self, other: Analysis) -> None:
        """Take the rest from this analysis of the same text, if it has not been found yet."""
        if self._details is None:
            self._find = lambda: other.details

    @property
    def bindings(self) -> Mapping[str, Binding]:
        """Names bound by anything but an import."""
        return self.details.bindings

    @property
    def imported(self) -> Mapping[str, Binding]:
        """Names bound by an import."""
        return self.details.imported

    @property
    def classes(self) -> Mapping[str, Mapping[str, Binding]]:
        """What the bodies of classes bind, by qualified names."""
        return self.details.classes

    @property
    def initials(self) -> Mapping[str, Initial]:
        """What the classes give to a new instance, by qualified names."""
        return self.details.initials

    @property
    def statements(self) -> dict[str, Binding]:
        """Every name that the top level binds, with the text of imports as well: what a merge of state compares."""
        return _together(self.imported, self.bindings)

    def statement(self, name: str) -> Binding | None:
        """The one of the `statements` that is about this name, if any."""
        one, other = self.imported.get(name), self.bindings.get(name)
        return other if one is None else one if other is None else _joined(one, other)

    def may_define(self, name: str) -> bool:
        """Whether a namespace asked for `name` should load this script to look."""
        return name in self.names or name in self.rebound


def analyse(source: str, filename: str = "<script>", code: CodeType | None = None) -> Analysis:
    """Analyse the text of a script that compiles, to this code if there is any yet. Raises SyntaxError if it does not parse.

    No warnings are given: it was for `compile` to do so.
    """
    found = None if code is None else outline(code, source)
    if found is None:
        found = _outlined(source, filename)
    return Analysis(
        found.names,
        found.imports,
        found.rebound,
        found.references,
        star=found.star,
        opaque="__all__" in found.names or any(hint in source for hint in _DYNAMIC),
        find=lambda: details(source, filename),
    )


def _outlined(source: str, filename: str) -> Outline:
    """The same from the text itself."""
    tree = parsed(source, filename)
    walrus = ":=" in source
    scope = _Scope(None, walrus=walrus)
    scope.certain(tree.body)
    rebound = frozenset(_rebound(tree.body, walrus=walrus)) if "global" in source else frozenset[str]()
    return Outline(frozenset(scope.bound), frozenset(scope.imported), rebound, references(tree), scope.star)


def details(source: str, filename: str = "<script>", *, keys: bool = False) -> Details:
    """What an analysis has besides, with the `key` of each binding on request.

    Never raises: where less of the stack is left than when the text was compiled, nothing may be found.
    """
    try:
        tree = parsed(source, filename)
    except (SyntaxError, RecursionError, MemoryError):
        return Details({}, {}, {}, {})
    # Like the parser, this splits at newlines only.
    lines = source.encode().splitlines()
    walrus = ":=" in source
    policy = policies(tree, source)
    scope = _Scope(lines, walrus=walrus, policy=policy, keys=keys)
    scope.certain(tree.body)
    classes: dict[str, _Scope] = {}
    for name, body in _classes(tree.body):
        classes.setdefault(name, _Scope(lines, walrus=walrus, policy=policy, keys=keys)).certain(body)
    return Details(
        scope.bindings(),
        scope.imports(),
        {name: _attributes(name, found) for name, found in classes.items()},
        initials(tree, lines),
    )


def parsed(source: str, filename: str = "<script>") -> ast.Module:
    """The syntax tree of a text that compiles, without the warnings that the compiler has given. Raises SyntaxError."""
    if "\\" not in source:
        return ast.parse(source, filename)
    # The parser has said it already: that there is no such escape sequence.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source, filename)


def edited(before: Binding | None, after: Binding | None) -> bool:
    """Whether a statement that sets a name was changed, added or removed. Comments, layout and quotes do not count.

    None stands for no statement. Texts that are too deeply nested to be compared count as edited.
    """
    if before is None or after is None:
        return before is not after
    if before.text == after.text:
        return False
    if before.key is not None and after.key is not None:
        return before.key != after.key
    one = _key(before.text)
    return one is None or one != _key(after.text)


@lru_cache(maxsize=512)
def _key(text: str) -> bytes | None:
    """The same for texts that differ by comments, layout and quotes alone; None for one that is nested too deeply.

    Most statements of a file that is saved were in it before: that is what the last ones are remembered for.
    """
    try:
        tree = parsed(text, "<script>")
    except (SyntaxError, RecursionError, MemoryError):
        return None
    # Like `ast.dump`, but five times as fast. Whether a name is read or set shows from where it stands.
    found: list[str] = []
    todo: list[Any] = [tree]
    while todo:
        node = todo.pop()
        kind = cast("type[Any]", type(node))
        if kind is list:
            found.append(f"[{len(node)}")
            todo += node
        elif kind in _PLAIN:
            found.append(repr(node))
        else:
            found.append(kind.__name__)
            todo += [getattr(node, name, None) for name in kind._fields if name != "ctx"]
    return _hash("\0".join(found).encode(errors="surrogatepass"))


def _hash(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=16).digest()


def _together(imported: Mapping[str, Binding], bindings: Mapping[str, Binding]) -> dict[str, Binding]:
    both = {**imported, **bindings}
    both.update((name, _joined(imported[name], bindings[name])) for name in imported.keys() & bindings.keys())
    return both


def _joined(one: Binding, other: Binding) -> Binding:
    key = None if one.key is None or other.key is None else _hash(one.key + other.key)
    return Binding(min(one.line, other.line), f"{one.text}\n{other.text}", other.policy, key)


def _classes(module: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Qualified names and bodies of the classes outside of functions; a name may come twice."""
    todo = [("", module)]
    for above, body in todo:  # grows while we go
        for node in _flat(body):
            if isinstance(node, ast.ClassDef):
                yield above + node.name, node.body
                todo.append((f"{above}{node.name}.", node.body))


def _attributes(cls: str, found: _Scope) -> dict[str, Binding]:
    """What a class body binds, under the names that the class gets: `__secret` is `_Goblin__secret` there."""
    statements = _together(found.imports(), found.bindings())
    prefix = cls.rpartition(".")[2].lstrip("_")
    return {
        f"_{prefix}{name}" if prefix and name.startswith("__") and not name.endswith("__") else name: binding
        for name, binding in statements.items()
        if name not in found.declared
    }


def _rebound(module: list[ast.stmt], *, walrus: bool) -> Iterator[str]:
    scopes = [module]
    while scopes:
        statements = scopes.pop()
        declared: set[str] = set()
        for node in _flat(statements):
            if isinstance(node, _DEFINITIONS):
                scopes.append(node.body)
            elif isinstance(node, ast.Global):
                declared.update(node.names)
        # At top level itself `global` says nothing new.
        if declared and statements is not module:
            scope = _Scope(None, walrus=walrus)
            scope.statements(statements)
            yield from declared & {*scope.bound, *scope.imported, *scope.unbound}


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements and what is nested in them, but not in functions and classes, in the order of the text."""
    todo = [*body][::-1]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, _BLOCKS):
            for child in reversed(list(ast.iter_child_nodes(node))):
                if isinstance(child, ast.stmt):
                    todo.append(child)
                elif isinstance(child, ast.ExceptHandler | ast.match_case):
                    todo += reversed(child.body)


class _Scope:
    """Collects what statements bind in the scope they stand in.

    `bound` and `imported` map names to their first line and the texts that set them, `unbound` are those that a `del`
    or the end of an `except` clause takes away; `declared` are `global`. Without `lines` the texts are empty.
    With `keys` the bindings have theirs.
    """

    def __init__(
        self,
        lines: list[bytes] | None,
        *,
        walrus: bool,
        policy: Callable[[ast.expr], Policy | None] = lambda _: None,
        keys: bool = False,
    ) -> None:
        self._lines = lines
        self._walrus = walrus
        self._policy = policy
        self._keys = keys
        self._policies: dict[str, Policy | None] = {}
        self.bound: dict[str, tuple[int, list[str]]] = {}
        self.imported: dict[str, tuple[int, list[str]]] = {}
        self.unbound: set[str] = set()
        self.declared: set[str] = set()
        self.star = False

    def bindings(self) -> dict[str, Binding]:
        """What anything but an import binds."""
        return {
            name: self._binding(line, texts, self._policies.get(name)) for name, (line, texts) in self.bound.items()
        }

    def imports(self) -> dict[str, Binding]:
        """What an import binds."""
        return {name: self._binding(line, texts, None) for name, (line, texts) in self.imported.items()}

    def _binding(self, line: int, texts: list[str], policy: Policy | None) -> Binding:
        text = "\n".join(texts)
        return Binding(line, text, policy, _key(text) if self._keys else None)

    def certain(self, body: Iterable[ast.stmt]) -> None:
        """Go through a top level or the body of a class, where a `del` is certain to be executed."""
        for statement in body:
            self.statements([statement])
            if isinstance(statement, ast.Delete):
                for name in _names(statement.targets):
                    self.bound.pop(name.id, None)
                    self.imported.pop(name.id, None)

    def statements(self, body: Iterable[ast.stmt]) -> None:
        """Go through statements and what is nested in them, in the order of the text."""
        for node in _flat(body):
            self._binds(node)
            if self._walrus:
                self._expressions(_heads(node))

    def _binds(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                decorators = [f"@({self._text(decorator)})\n" for decorator in node.decorator_list]
                self._bind(node.name, node.lineno, "".join([*decorators, self._text(node)]))
            case ast.Import():
                for alias in node.names:
                    self._import(alias, alias.asname or alias.name.partition(".")[0], "")
            case ast.ImportFrom():
                for alias in node.names:
                    self._import(alias, alias.asname or alias.name, f"from {'.' * node.level}{node.module or ''} ")
            case ast.Assign():
                self._set(node.targets, self._text(node))
            case ast.For() | ast.AsyncFor():
                self._set([node.target], f"for {self._text(node.target)} in ({self._text(node.iter)}): pass")
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        target = self._text(item.optional_vars)
                        text = f"with ({self._text(item.context_expr)}) as {target}: pass"
                        self._set([item.optional_vars], text)
            case ast.Match():
                self._captures(node)
            case ast.Try() | ast.TryStar():
                self.unbound.update(handler.name for handler in node.handlers if handler.name is not None)
            case ast.Delete():
                self.unbound.update(name.id for name in _names(node.targets))
            case ast.Global():
                self.declared.update(node.names)
            case _:
                # `x += 1`, `x: int = 1` and, since 3.12, `type x = int`.
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    self._policies[node.target.id] = self._policy(node.annotation)
                target = getattr(node, "target", None) or getattr(node, "name", None)
                if target is not None and getattr(node, "value", None) is not None:
                    self._set([target], self._text(node))

    def _set(self, targets: Iterable[ast.expr], text: str) -> None:
        for name in _names(targets):
            self._bind(name.id, name.lineno, text)

    def _bind(self, name: str, line: int, text: str) -> None:
        self.bound.setdefault(name, (line, []))[1].append(text)

    def _import(self, alias: ast.alias, name: str, origin: str) -> None:
        if name == "*":
            self.star = True
            return
        text = f"{origin}import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
        self.imported.setdefault(name, (alias.lineno, []))[1].append(text)

    def _captures(self, statement: ast.Match) -> None:
        lines = [f"match ({self._text(statement.subject)}):"]
        for case in statement.cases:
            guard = "" if case.guard is None else f" if ({self._text(case.guard)})"
            lines.append(f" case ({self._text(case.pattern)}){guard}: pass")
        text = "\n".join(lines)
        for pattern in chain.from_iterable(ast.walk(case.pattern) for case in statement.cases):
            match pattern:
                case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                    self._bind(name, pattern.lineno, text)
                case _:
                    pass

    def _expressions(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            for walrus in _walruses(node):
                self._bind(walrus.target.id, walrus.lineno, f"({self._text(node)})")

    def _text(self, node: ast.stmt | ast.expr | ast.pattern) -> str:
        if self._lines is None:
            return ""
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        lines = self._lines[first:last]
        # The end first: on one line both are measured from the same start.
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()


def _heads(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions of a statement that are evaluated in its scope."""
    match node:
        case ast.ClassDef():
            yield from chain(node.decorator_list, node.bases, (keyword.value for keyword in node.keywords))
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from node.decorator_list
            yield from _heads(node.args)
            if node.returns is not None:
                yield node.returns
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield child
                elif isinstance(child, ast.ExceptHandler | ast.match_case | ast.withitem | ast.arg):
                    yield from _heads(child)


def _names(targets: Iterable[ast.expr]) -> Iterator[ast.Name]:
    """The names among the targets of an assignment: not what stands in an index."""
    todo = [*targets][::-1]
    while todo:
        match todo.pop():
            case ast.Name() as name:
                yield name
            case ast.Tuple(elts) | ast.List(elts):
                todo += reversed(elts)
            case ast.Starred(value):
                todo.append(value)
            case _:
                pass


def _walruses(expression: ast.expr) -> Iterator[ast.NamedExpr]:
    """The walrus expressions that bind in the scope this expression stands in, in the order of the text."""
    todo: list[ast.AST] = [expression]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.NamedExpr):
            yield node
        inside = node.args if isinstance(node, ast.Lambda) else node
        todo += reversed(list(ast.iter_child_nodes(inside)))
