"""What `__init__` and `__post_init__` of a script's classes give to a new instance, read off the text.

So that instances which are older than an attribute can be given it, without running any code of the script.

# Only what is certain to happen counts: statements of the function itself, before anything that may return. What happens
# perhaps, or with a value that is not constant, makes the attribute's value unknown from there on.
# Whether an expression is constant is half decided here, by its form: its names are not the function's own. What the names
# stand for is seen when it is evaluated.
# Like the analysis of the top level, nothing here recurses along the text, and places are counted in bytes.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["GoesOn", "Initial", "Sets", "Step", "initials"]

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_BLOCKS = (
    *(ast.If, ast.Match, ast.For, ast.AsyncFor, ast.While),
    *(ast.With, ast.AsyncWith, ast.Try, ast.TryStar),
)

# What binds a name other than by mentioning it.
_NAMING = (
    *(ast.arg, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.alias, ast.ExceptHandler, ast.Global),
    *(ast.MatchAs, ast.MatchStar, ast.MatchMapping),
)

# What a constant expression consists of, and the parts that have to be constant, too.
_PARTS: Mapping[type[ast.AST], tuple[str, ...]] = {
    ast.Constant: (),
    ast.Name: (),
    ast.Attribute: ("value",),
    ast.Subscript: ("value", "slice"),
    ast.Tuple: ("elts",),
    ast.List: ("elts",),
    ast.Set: ("elts",),
    ast.Dict: ("keys", "values"),
    ast.UnaryOp: ("operand",),
    ast.BinOp: ("left", "right"),
    ast.BoolOp: ("values",),
    ast.Compare: ("left", "comparators"),
    ast.IfExp: ("test", "body", "orelse"),
    ast.JoinedStr: ("values",),
    ast.FormattedValue: ("value", "format_spec"),
    ast.Call: ("func", "args", "keywords"),
    ast.keyword: ("value",),
}


@dataclass(frozen=True, slots=True)
class Sets:
    """Attributes get a value, all of them the same object: that of the expression `text`, or an unknown one (None)."""

    names: tuple[str, ...]
    text: str | None


@dataclass(frozen=True, slots=True)
class GoesOn:
    """The same function of another class is called: of the next one (`base` is ""), or of `base`, a dotted name."""

    base: str
    certain: bool


Step = Sets | GoesOn


@dataclass(frozen=True, slots=True)
class Initial:
    """What a class's own `__init__` and `__post_init__` do to the instance, in order; None for one that it has not.

    `factories` gives fields of a dataclass whose `default_factory` is a lambda with a constant body: the text of that body.
    A class that has none of these has no Initial.
    """

    init: tuple[Step, ...] | None
    post_init: tuple[Step, ...] | None
    factories: Mapping[str, str]

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes that are certain to end up as the value of a constant expression: its text."""
        texts = {name: step.text for step in self._steps() if isinstance(step, Sets) for name in step.names}
        return {name: text for name, text in texts.items() if text is not None}

    @property
    def assigned(self) -> frozenset[str]:
        """Every attribute that is set or deleted, certainly or perhaps."""
        return frozenset(name for step in self._steps() if isinstance(step, Sets) for name in step.names)

    @property
    def goes_on(self) -> bool:
        """Whether the same function of a base class is called, certainly or perhaps."""
        return any(isinstance(step, GoesOn) for step in self._steps())

    def _steps(self) -> tuple[Step, ...]:
        return (*(self.init or ()), *(self.post_init or ()))


def initials(tree: ast.Module, lines: Sequence[bytes]) -> dict[str, Initial]:
    """The Initials of a script's classes by qualified name, nested classes included, those inside functions left out.

    `lines` are those of the text, in UTF-8 and as the parser counts them.
    """
    found: dict[str, Initial] = {}
    todo: list[tuple[str, list[ast.stmt]]] = [("", tree.body)]
    while todo:
        prefix, body = todo.pop()
        for node in _statements(body):
            if isinstance(node, ast.ClassDef):
                name = prefix + node.name
                todo.append((name + ".", node.body))
                initial = _initial(node, lines)
                if name in found:
                    initial = _either(found[name], initial)
                if initial.init is not None or initial.post_init is not None or initial.factories:
                    found[name] = initial
    return found


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements and what is nested in blocks, in the order of the text."""
    todo: list[ast.AST] = []
    todo += [*body][::-1]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.stmt):
            yield node
        if isinstance(node, (*_BLOCKS, ast.ExceptHandler, ast.match_case)):
            children = ast.iter_child_nodes(node)
            todo += [c for c in children if isinstance(c, ast.stmt | ast.ExceptHandler | ast.match_case)][::-1]


def _initial(cls: ast.ClassDef, lines: Sequence[bytes]) -> Initial:
    methods: dict[str, tuple[Step, ...]] = {}
    factories: dict[str, str | None] = {}
    for node in _statements(cls.body):
        match node:
            case ast.FunctionDef(name="__init__" | "__post_init__" as name):
                steps = tuple(_Method(cls.name, node, lines).steps())
                methods[name] = _unsure([*methods[name], *steps]) if name in methods else steps
            case ast.AnnAssign(target=ast.Name(field), value=ast.Call(keywords=keywords)):
                for keyword in keywords:
                    if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Lambda):
                        name = _mangled(field, cls.name)
                        factories[name] = None if name in factories else _factory(keyword.value, lines)
            case _:
                pass
    known = {name: text for name, text in factories.items() if text is not None}
    return Initial(methods.get("__init__"), methods.get("__post_init__"), known)


def _factory(function: ast.Lambda, lines: Sequence[bytes]) -> str | None:
    arguments = function.args
    if any((arguments.posonlyargs, arguments.args, arguments.vararg, arguments.kwonlyargs, arguments.kwarg)):
        return None
    return _text(function.body, lines) if _is_constant(function.body, frozenset()) else None


def _either(one: Initial, other: Initial) -> Initial:
    """For two classes of the same name: who knows which of them is executed."""
    return Initial(_unsure_of(one.init, other.init), _unsure_of(one.post_init, other.post_init), {})


def _unsure_of(one: tuple[Step, ...] | None, other: tuple[Step, ...] | None) -> tuple[Step, ...] | None:
    return None if one is None and other is None else _unsure([*(one or ()), *(other or ())])


def _unsure(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(Sets(step.names, None) if isinstance(step, Sets) else GoesOn(step.base, False) for step in steps)


class _Method:
    """One `__init__` or `__post_init__`, on its way to steps."""

    def __init__(self, cls: str, function: ast.FunctionDef, lines: Sequence[bytes]) -> None:
        self._cls = cls
        self._function = function
        self._lines = lines
        arguments = [*function.args.posonlyargs, *function.args.args]
        self._self = arguments[0].arg if arguments else None
        self._own = frozenset(_own_names(function))

    def steps(self) -> Iterator[Step]:
        if self._self is None:
            return
        certain = not self._rebound()
        for node in self._function.body:
            if certain:
                if isinstance(node, ast.Return):
                    return
                yield from self._certain(node)
                certain = not (isinstance(node, _BLOCKS) and _may_return(node))
            else:
                yield from self._perhaps(node)

    def _rebound(self) -> bool:
        """Whether the first parameter becomes something else on the way."""
        names = _walk(self._function.body, self._shadows)
        return any(isinstance(n, ast.Name) and n.id == self._self and not isinstance(n.ctx, ast.Load) for n in names)

    def _certain(self, node: ast.stmt) -> Iterator[Step]:
        match node:
            case ast.Assign(targets, value):
                yield from self._assign(targets, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield from self._assign([target], value)
            case ast.AnnAssign():
                pass
            # The one way to set an attribute of a frozen dataclass.
            case ast.Expr(
                ast.Call(
                    func=ast.Attribute(ast.Name("object"), "__setattr__"),
                    args=[ast.Name(owner), ast.Constant(str(name)), value],
                )
            ) if owner == self._self:
                yield Sets((name,), self._constant(value))
            case ast.Expr(ast.Call() as call) if (base := self._base(call)) is not None:
                yield GoesOn(base, True)
            case _:
                yield from self._perhaps(node)

    def _assign(self, targets: Iterable[ast.expr], value: ast.expr) -> Iterator[Step]:
        todo = [([*targets], value)]
        while todo:
            targets, value = todo.pop()
            text = self._constant(value)
            if text is None:
                yield from self._perhaps(value)
            names = tuple(name for name in map(self._attribute, targets) if name is not None)
            if names:
                yield Sets(names, text)
            for target in targets:
                match target, value:
                    case ((ast.Tuple(left) | ast.List(left)), (ast.Tuple(right) | ast.List(right))) if _match(
                        left, right
                    ):
                        todo += [([one], other) for one, other in zip(left, right, strict=True)][::-1]
                    case _:
                        if self._attribute(target) is None:
                            yield from self._perhaps(target)

    def _perhaps(self, node: ast.AST) -> Iterable[Step]:
        """What may happen somewhere in here; once each, since nothing of it is known anyway."""
        return dict.fromkeys(self._inside(node))

    def _inside(self, node: ast.AST) -> Iterator[Step]:
        for inner in _walk([node], self._shadows):
            match inner:
                case ast.Attribute(ctx=ast.Store() | ast.Del()) if (name := self._attribute(inner)) is not None:
                    yield Sets((name,), None)
                case ast.Call() if (base := self._base(inner)) is not None:
                    yield GoesOn(base, False)
                case _:
                    pass

    def _shadows(self, node: ast.AST) -> bool:
        """Whether this is a function inside, with a parameter of its own that has the name of the instance."""
        return isinstance(node, _FUNCTIONS) and any(
            isinstance(arg, ast.arg) and arg.arg == self._self for arg in ast.walk(node.args)
        )

    def _attribute(self, node: ast.expr) -> str | None:
        match node:
            case ast.Attribute(ast.Name(owner), name) if owner == self._self:
                return _mangled(name, self._cls)
            case _:
                return None

    def _base(self, call: ast.Call) -> str | None:
        """Whose function a call goes on to; "" for the next class's."""
        match call:
            case ast.Call(func=ast.Attribute(ast.Call(func=ast.Name("super")), method)):
                base = ""
            case ast.Call(func=ast.Attribute(owner, method), args=[ast.Name(first), *_]) if first == self._self:
                base = _dotted(owner)
            case _:
                return None
        return base if method == self._function.name else None

    def _constant(self, value: ast.expr) -> str | None:
        return _text(value, self._lines) if _is_constant(value, self._own) else None


def _walk(nodes: Iterable[ast.AST], leave_out: Callable[[ast.AST], bool]) -> Iterator[ast.AST]:
    """These nodes and what is in them, in the order of the text."""
    todo = [*nodes][::-1]
    while todo:
        node = todo.pop()
        if not leave_out(node):
            yield node
            todo += [*ast.iter_child_nodes(node)][::-1]


def _may_return(block: ast.stmt) -> bool:
    inside = _walk([block], lambda node: isinstance(node, (*_FUNCTIONS, ast.ClassDef)))
    return any(isinstance(node, ast.Return) for node in inside)


def _own_names(function: ast.FunctionDef) -> Iterator[str]:
    """The parameters and locals of a function, those of functions inside as well, and what it declares `global`."""
    for node in _walk([function.args, *function.body], lambda _: False):
        # Most nodes are names that are only read, or nothing of the kind: this is on the way of every load.
        if type(node) is ast.Name:
            if type(node.ctx) is not ast.Load:
                yield node.id
            continue
        if not isinstance(node, _NAMING):
            continue
        match node:
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.alias():
                yield node.asname or node.name.partition(".")[0]
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name
            case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
                yield name
            case ast.Global(names):
                yield from names
            case _:
                pass


def _is_constant(expression: ast.expr, own: frozenset[str]) -> bool:
    """Whether an expression has the form of a constant one in a function with these names of its own."""
    todo: list[ast.AST | None] = [expression]
    while todo:
        node = todo.pop()
        match node:
            # A private name means another one than it says.
            case ast.Name(name) if name in own or _is_private(name):
                return False
            case ast.Attribute(owner, name) if _is_private(name) or not isinstance(owner, ast.Name | ast.Attribute):
                return False
            case ast.Call(function) if not isinstance(function, ast.Name | ast.Attribute):
                return False
            # `**values`, in a call or in a dict, where it has None for its key.
            case None | ast.keyword(arg=None):
                return False
            case _:
                pass
        if type(node) not in _PARTS:
            return False
        for part in _PARTS[type(node)]:
            inside = getattr(node, part)
            if isinstance(inside, list):
                todo += inside
            elif inside is not None:
                todo.append(inside)
    return True


def _match(targets: Sequence[ast.expr], values: Sequence[ast.expr]) -> bool:
    starred = any(isinstance(item, ast.Starred) for item in (*targets, *values))
    return len(targets) == len(values) and not starred


def _dotted(node: ast.expr) -> str | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _mangled(name: str, cls: str) -> str:
    """An attribute's name as the class knows it: Python puts the class's before a private one."""
    owner = cls.lstrip("_")
    return f"_{owner}{name}" if owner and _is_private(name) else name


def _text(node: ast.expr, lines: Sequence[bytes]) -> str:
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    found = [*lines[first:last]]
    # The end first: on one line both are measured from the same start.
    found[-1] = found[-1][: node.end_col_offset]
    found[0] = found[0][node.col_offset :]
    return b"\n".join(found).decode()
