"""Functions in a stub: the signature, and what is returned if nobody says so."""

from __future__ import annotations

import ast
import copy
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from livescripts.cli.stubbing.infer import free_names, infer, union
from livescripts.cli.stubbing.scopes import last_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livescripts.cli.stubbing.infer import Names

__all__ = ["Function", "expression", "inside", "own_nodes", "parameters", "stub_function"]

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

# What the language asks of them, whatever they return.
_SPECIAL = {
    **dict.fromkeys(("__init__", "__post_init__", "__init_subclass__", "__set_name__", "__del__"), "None"),
    **dict.fromkeys(("__setattr__", "__delattr__", "__setitem__", "__delitem__", "__set__", "__delete__"), "None"),
    **dict.fromkeys(("__str__", "__repr__", "__format__"), "str"),
    **dict.fromkeys(("__len__", "__hash__", "__index__", "__int__", "__length_hint__"), "int"),
    **dict.fromkeys(("__bool__", "__contains__", "__instancecheck__", "__subclasscheck__"), "bool"),
    "__float__": "float",
    "__bytes__": "bytes",
}


def expression(text: str) -> ast.expr:
    """The syntax tree of an annotation."""
    return ast.parse(text, mode="eval").body


def parameters(function: Function) -> list[ast.arg]:
    """All parameters, in order."""
    given = function.args
    stars = [each for each in (given.vararg, given.kwarg) if each is not None]
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *stars]


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """What a function consists of, without functions and classes inside of it."""
    todo: list[ast.AST] = [*reversed(function.body)]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, _NESTED):
            todo += [*ast.iter_child_nodes(node)][::-1]


def inside(function: Function, names: Names) -> Names:
    """What names mean in a function: parameters with an annotation are known, if nothing else is assigned to them."""
    bound: list[str] = []
    for node in own_nodes(function):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.append(name)
            case ast.Import() | ast.ImportFrom():
                bound += [alias.asname or alias.name.partition(".")[0] for alias in node.names]
            case ast.ExceptHandler(name=str(name)):
                bound.append(name)
            case _:
                pass
    local: dict[str, str] = {}
    for each in [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]:
        if each.annotation is not None and each.arg not in bound:
            text = each.annotation
            quoted = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None
            local[each.arg] = quoted if quoted is not None else ast.unparse(text)
    elsewhere = {name for node in own_nodes(function) if isinstance(node, ast.Global) for name in node.names}
    everything = {*bound, *(each.arg for each in parameters(function))} - elsewhere
    return replace(names, local=local, unknown=everything - local.keys())


def stub_function(node: Function, names: Names, *, method: bool, keep: Callable[[ast.expr], bool]) -> Function:
    """The function with `...` for a body. `keep(decorator)` tells which decorators stay."""
    static = any(last_name(each) == "staticmethod" for each in node.decorator_list)
    returned = _returned(node, names, method=method and not static)
    same = _gives_back(node)
    docstring = ast.get_docstring(node)
    node = copy.copy(node)  # what is changed below is copied whole, the body is not looked at again
    node.args = copy.deepcopy(node.args)
    for index, each in enumerate(parameters(node)):
        each.type_comment = None
        if each.annotation is None and not (method and not static and index == 0):
            each.annotation = expression(names.special("T" if each.arg == same else "Any"))
    node.args.defaults = [_default(each) for each in node.args.defaults]
    node.args.kw_defaults = [None if each is None else _default(each) for each in node.args.kw_defaults]
    node.decorator_list = [each for each in node.decorator_list if keep(each)]
    node.returns = node.returns or (None if returned is None else expression(returned))
    node.body = [ast.Expr(ast.Constant(docstring if docstring is not None else ...))]
    if docstring is not None:
        node.body.append(ast.Expr(ast.Constant(...)))
    return node


def _default(node: ast.expr) -> ast.expr:
    match node:
        case ast.Constant() | ast.UnaryOp(operand=ast.Constant()):
            return node
        case _:
            return ast.Constant(...)


def _returned(node: Function, names: Names, *, method: bool) -> str | None:
    """The annotation of what a function returns; None where its own stands, or there is better none."""
    if node.returns is not None or node.name == "__new__":
        return None
    special = _SPECIAL.get(node.name) if method else None
    if special is not None:
        return special if special == "None" else names.builtin(special)
    nodes = [*own_nodes(node)]
    unknown = names.special("Any")
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in nodes):
        if isinstance(node, ast.AsyncFunctionDef):
            return f"{names.special('AsyncGenerator')}[{unknown}, {unknown}]"
        return f"{names.special('Generator')}[{unknown}, {unknown}, {unknown}]"
    if _is_hook(node):
        return unknown
    if _gives_back(node) is not None:
        return names.special("T")
    if _decorator_inside(node):
        return f"{names.special('Callable')}[[{names.special('T')}], {names.special('T')}]"
    local = inside(node, names)
    first = node.args.posonlyargs[:1] or node.args.args[:1]
    types: list[str | None] = []
    for each in nodes:
        if isinstance(each, ast.Return):
            is_self = isinstance(each.value, ast.Name) and method and bool(first) and each.value.id == first[0].arg
            if is_self and first[0].annotation is None and _is_plain_method(node):
                types.append(names.special("Self"))
            else:
                types.append("None" if each.value is None else infer(each.value, local))
    if not _ends(node.body):
        types.append("None")
    return union(types) or unknown


def _is_plain_method(node: Function) -> bool:
    return not any(last_name(each) == "classmethod" for each in node.decorator_list)


def _is_hook(node: Function) -> bool:
    """A body that does nothing, or only raises: subclasses may return what they like."""
    if any(last_name(each) in {"abstractmethod", "abstractproperty"} for each in node.decorator_list):
        return True
    *most, last = node.body
    idle = [isinstance(each, ast.Pass) or _is_constant(each) for each in most]
    return all(idle) and (isinstance(last, ast.Pass | ast.Raise) or _is_constant(last))


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _gives_back(node: Function) -> str | None:
    """The parameter, without annotation, that a function always returns: what a registering decorator does."""
    if node.returns is not None or isinstance(node, ast.AsyncFunctionDef) or not _ends(node.body):
        return None
    nodes = [*own_nodes(node)]
    returned = [each.value for each in nodes if isinstance(each, ast.Return)]
    plain = {each.arg for each in [*node.args.posonlyargs, *node.args.args] if each.annotation is None}
    plain -= {each.id for each in nodes if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)}
    nested = {each.name: each for each in nodes if isinstance(each, ast.FunctionDef)}
    found = {_stands_for(each, nested) for each in returned}
    if len(found) != 1 or node.name.startswith("__"):
        return None
    (name,) = found
    first = (node.args.posonlyargs or node.args.args)[:1]
    return name if name in plain and not (first and first[0].arg == name and name in {"self", "cls"}) else None


def _stands_for(value: ast.expr | None, nested: dict[str, ast.FunctionDef]) -> str | None:
    """The name that is returned; what `@functools.wraps(f)` stands on counts as `f`."""
    if not isinstance(value, ast.Name):
        return None
    function = nested.get(value.id)
    if function is None:
        return value.id
    for each in function.decorator_list:
        match each:
            case ast.Call(args=[ast.Name(id=name), *_]) if last_name(each) == "wraps":
                return name
            case _:
                pass
    return None


def _decorator_inside(node: Function) -> bool:
    """Whether a function returns a function of its own that gives back what it gets: `@register("goblin")`."""
    nodes = [*own_nodes(node)]
    nested = {each.name: each for each in nodes if isinstance(each, ast.FunctionDef) and not each.decorator_list}
    returned = [each.value for each in nodes if isinstance(each, ast.Return)]
    inner = [nested.get(each.id) if isinstance(each, ast.Name) else None for each in returned]
    if not inner or isinstance(node, ast.AsyncFunctionDef):
        return False
    return all(
        each is not None
        and len(parameters(each)) == 1
        and _gives_back(each) == parameters(each)[0].arg
        and parameters(each)[0].arg not in free_names(node.args)
        for each in inner
    )


def _ends(body: list[ast.stmt]) -> bool:
    """Whether the end of these statements is never reached. A `with` is taken to let exceptions through."""
    match body[-1] if body else None:
        case ast.Return() | ast.Raise():
            return True
        case ast.If() as node:
            return _ends(node.body) and _ends(node.orelse)
        case ast.With() | ast.AsyncWith() as node:
            return _ends(node.body)
        case ast.Try() | ast.TryStar() as node:
            whole = _ends(node.orelse or node.body) and all(_ends(each.body) for each in node.handlers)
            return whole or _ends(node.finalbody)
        case ast.While(test=ast.Constant(value=True)) as node:
            return not any(isinstance(each, ast.Break) for each in ast.walk(node))
        case ast.Match() as node:
            return all(_ends(each.body) for each in node.cases) and _is_irrefutable(node.cases[-1])
        case _:
            return False


def _is_irrefutable(case: ast.match_case) -> bool:
    return isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None
