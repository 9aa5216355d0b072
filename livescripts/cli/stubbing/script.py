"""The stub of one script."""

from __future__ import annotations

import ast
import builtins
import copy
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from livescripts.cli.stubbing.assigned import Assigned, of_globals, of_self, type_of
from livescripts.cli.stubbing.functions import expression, stub_function
from livescripts.cli.stubbing.infer import Names, free_names
from livescripts.cli.stubbing.renamed import Renamed
from livescripts.cli.stubbing.scopes import Scope, bound_by, dotted, is_overload, last_name, targets_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from livescripts.cli.stubbing.functions import Function
    from livescripts.cli.stubbing.scopes import Variable

__all__ = ["Knowledge", "ScriptStub", "is_test", "methods_of"]

# Classes whose bodies mean more than attributes: what is not annotated there stays so.
_SPECIAL_BASES = re.compile(r"(Enum|Flag|NamedTuple|TypedDict|Protocol|BaseModel|Struct)$")
_SPECIAL_DECORATORS = {"dataclass", "define", "frozen", "mutable", "attrs", "attr", "s"}

_SHORT = 60  # characters

_NO_TYPES = {"Final", "TypeAlias", "ClassVar", "Keep", "Fresh", "Annotated"}

_KEPT_VALUES = {"Final", "TypeAlias"}

_HOMES = {
    "Any": "typing",
    "Self": "typing",
    "Callable": "collections.abc",
    "Generator": "collections.abc",
    "AsyncGenerator": "collections.abc",
}

_BUILTINS = frozenset(dir(builtins)) | {"__file__", "__path__", "__annotations__", "reveal_type"}


class Knowledge(Protocol):
    """What is known of other scripts. Names are dotted, as the script writes them."""

    def is_class(self, name: str) -> bool:
        """Whether a name is a class of some script, and not a generic one."""
        ...

    def is_value(self, name: str) -> bool:
        """Whether a name is anything but a function or class of some script."""
        ...

    def is_plain_function(self, name: str) -> bool:
        """Whether a name is a function of some script of which it cannot be said what it returns."""
        ...

    def inherited(self, bases: Iterable[str]) -> Mapping[str, str | None]:
        """What classes of scripts among these bases declare: name -> type if that was inferred, "" if it is firm."""
        ...


class ScriptStub:
    """Makes the stub of one script.

    `bound` are the names of its top level that are no imports, `public` those that others may take.
    """

    def __init__(self, scope: Scope, bound: Iterable[str], public: Iterable[str], knowledge: Knowledge) -> None:
        self._scope = scope
        self._public = frozenset(public)
        self._know = knowledge
        self._used: dict[str, str] = {}
        self._apart: dict[str, str] = {}
        tests = {name for name, nodes in scope.definitions.items() if is_test(nodes[-1], scope)}
        self._tests = tests
        self._bound = frozenset(bound) - tests - scope.never
        self._names = Names(_all_names(scope) | self._bound, knowledge.is_class, self._used)
        self._stars = bool(scope.stars)
        functions = [
            each
            for name in sorted(self._bound)
            for node in scope.definitions.get(name, ())
            for each in ast.walk(node)
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        self._rebound = of_globals(functions, self._names)
        self._names.known = {
            name: found
            for name in sorted({*scope.variables, *self._rebound})
            if (found := self._plain_type(name)) is not None
        }

    def text(self) -> str:
        """The stub, without a header."""
        body = self._module()
        body = [
            *(ast.Assign([ast.Name(alias, ast.Store())], ast.Name(name)) for alias, name in self._apart.items()),
            *body,
        ]
        needed = _mentioned(body)
        imports: list[ast.stmt] = [*self._scope.stars]
        for node in self._scope.imports:
            name = bound_by(node)
            if name in self._public:
                alias = node.names[0]
                shown = ast.alias(alias.name, name)  # `import a as a`: this is how a stub says that it is for others
                both = isinstance(node, ast.ImportFrom)
                imports.append(ast.ImportFrom(node.module, [shown], node.level) if both else ast.Import([shown]))
            elif name in needed:
                imports.append(node)
        ours: list[ast.stmt] = []
        for alias, name in sorted(self._used.items()):
            if name == "T":
                ours += ast.parse(f"from typing import TypeVar as {alias}Var\n{alias} = {alias}Var('{alias}')").body
            elif name == "builtins":
                ours.append(ast.Import([ast.alias(name, None if alias == name else alias)]))
            else:
                ours.append(ast.ImportFrom(_HOMES[name], [ast.alias(name, None if alias == name else alias)], 0))
        docstring = [ast.Expr(ast.Constant(self._scope.docstring))] if self._scope.docstring else []
        module = ast.Module([*docstring, *imports, *ours, *body], [])
        return ast.unparse(ast.fix_missing_locations(module)) + "\n"

    def _plain_type(self, name: str) -> str | None:
        """The type of a variable of the module, without what only the reload reads."""
        found = self._module_variable(name)
        if found.annotation is not None:
            kept = _policy(self._scope.variables[name])
            if kept is not None:
                return ast.unparse(kept)
            if {last_name(each) for each in _parts(found.annotation)} & _NO_TYPES:
                return None
        return type_of(found)

    def members(self, node: ast.ClassDef) -> dict[str, str | None]:
        """What a class declares, by name: the type if it was inferred (None: unknown), "" if it is firm."""
        found: dict[str, str | None] = dict(self._know.inherited(_bases(node)))
        scope = Scope.of(node.body)
        for name, assigned in self._attributes(scope).items():
            found[name] = "" if assigned.annotation is not None else type_of(assigned)
        found.update(
            (name, "") for name in (*scope.definitions, *(n for n, v in scope.variables.items() if v.annotated))
        )
        return found

    # ------------------------------------------------------------ the module

    def _module(self) -> list[ast.stmt]:
        scope, rebound, body = self._scope, self._rebound, list[ast.stmt]()
        together = {name: node for node in scope.together for name in targets_of(node.targets[0])}
        done: set[str] = set(scope.imported) | self._tests | {"__all__", "__slots__", "__doc__"}
        for name in [*scope.order, *sorted(self._bound - set(scope.order)), *sorted(rebound.keys() - self._bound)]:
            if name in done:
                continue
            done.add(name)
            if name in scope.definitions:
                body += self._definitions(scope.definitions[name], method=False)
            elif name in scope.aliases:
                body.append(scope.aliases[name])
            elif name in together and name not in rebound and self._stays(together[name].value):
                node = together[name]
                done.update(targets_of(node.targets[0]))
                body.append(node)
            else:
                found = self._module_variable(name)
                body.append(self._variable(name, scope.variables.get(name), found, special=False, in_class=False))
        return body

    def _module_variable(self, name: str) -> Assigned:
        """All that is assigned to a variable of the module, by functions as well."""
        variable = self._scope.variables.get(name)
        found = Assigned() if variable is None else Assigned.of(variable, self._names)
        if variable is not None and variable.annotated is not None:
            found.annotation = variable.annotated.annotation
        more = self._rebound.get(name)
        if more is not None:
            found.values += more.values
            found.changes += more.changes
        return found

    def _definitions(
        self, nodes: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef], *, method: bool
    ) -> list[ast.stmt]:
        if len(nodes) > 1 and is_overload(nodes[0]) and not is_overload(nodes[-1]):
            nodes = nodes[:-1]  # a stub has no implementation
        made: list[ast.stmt] = []
        for node in nodes:
            if isinstance(node, ast.ClassDef):
                made.append(self._class(node))
            else:
                made.append(stub_function(node, self._names, method=method, keep=self._stays))
        return made

    def _variable(
        self, name: str, variable: Variable | None, found: Assigned, *, special: bool, in_class: bool
    ) -> ast.stmt:
        target = ast.Name(name, ast.Store())
        unknown = expression(self._names.special("Any"))
        if variable is not None and variable.annotated is not None:
            node = variable.annotated
            kept = in_class or any(last_name(each) in _KEPT_VALUES for each in _parts(node.annotation))
            value = node.value if kept else None
            if value is not None and not self._stays(value):
                value = ast.Constant(...)
            return ast.AnnAssign(target, node.annotation, value, simple=1)
        # What a function assigns means what it means there, and does not stay.
        own = variable.values if variable is not None else []
        only = own[0] if len(own) == len(found.values) == 1 and not found.changes else None
        if special:
            # In an enum it is a member, in a dataclass it is no field: with an annotation it would be something else.
            return ast.Assign([target], only if only is not None and self._stays(only) else ast.Constant(...))
        known = type_of(found)
        text = "" if only is None else ast.unparse(only)
        # What is short shows the value as well; of a tuple, pyright would take the values for the type.
        better = known is None or (len(text) < _SHORT and not isinstance(only, ast.Tuple))
        if only is not None and self._stays(only) and not _is_empty(only) and better:
            return ast.Assign([target], only)
        return ast.AnnAssign(target, unknown if known is None else expression(known), None, simple=1)

    def _stays(self, node: ast.expr) -> bool:
        """Whether an expression may stand in the stub as it does in the script."""
        if any(isinstance(each, ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom) for each in ast.walk(node)):
            return False
        return self._stars or all(name in self._names.hidden or name in _BUILTINS for name in free_names(node))

    # ------------------------------------------------------------ classes

    def _class(self, node: ast.ClassDef) -> ast.ClassDef:
        scope = Scope.of(node.body)
        special = _is_special(node)
        inherited = self._know.inherited(_bases(node))
        attributes = self._attributes(scope)
        body: list[ast.stmt] = [ast.Expr(ast.Constant(scope.docstring))] if scope.docstring else []
        body += scope.imports
        for name in scope.order:
            if name in scope.aliases:
                body.append(scope.aliases[name])
            elif name in scope.variables and name not in {"__slots__", "__doc__", "__hash__"}:
                body += self._class_variable(scope, name, attributes, special=special)
        late: list[ast.stmt] = []
        for name, found in attributes.items():
            if name not in scope.variables and name not in scope.definitions and name not in {"__class__", "__dict__"}:
                made = self._attribute(name, found, inherited)
                if made is not None:
                    (late if special else body).extend(_as_property(made) if special else [made])
        for name in scope.order:
            if name in scope.definitions:
                body += self._definitions(scope.definitions[name], method=True)
        body += late
        made = copy.copy(node)
        made.body = body or [ast.Expr(ast.Constant(...))]
        made.bases = [each if self._stays(each) else expression(self._names.special("Any")) for each in node.bases]
        made.keywords = [each for each in node.keywords if self._stays(each.value)]
        made.decorator_list = [each for each in node.decorator_list if self._stays(each) and self._keeps_class(each)]
        self._keep_apart(made, attributes.keys() - {*scope.order, *scope.imported})
        return made

    def _keep_apart(self, node: ast.ClassDef, new: AbstractSet[str]) -> None:
        """Give another name to what attributes would hide that are in the body of the class in the stub alone.

        `self.box: box.Box`, or `def play(self, world: world.World)` beside `self.world`.
        """
        hidden = {name for name in new if name in self._bound or name in self._scope.imported or name in _BUILTINS}
        if not hidden:
            return
        renamed = Renamed({name: self._alias(name) for name in sorted(hidden)})
        node.body = [renamed.visit(copy.deepcopy(each)) for each in node.body]
        for name, alias in renamed.aliases.items():
            if alias in renamed.used:
                self._apart[alias] = name

    def _alias(self, name: str) -> str:
        alias = f"_{name}"
        while alias in self._names.hidden or alias in self._used:
            alias += "_"
        return alias

    def _class_variable(
        self, scope: Scope, name: str, attributes: Mapping[str, Assigned], *, special: bool
    ) -> list[ast.stmt]:
        variable = scope.variables[name]
        found = Assigned.of(variable, self._names) if special else attributes[name]
        return [self._variable(name, variable, found, special=special, in_class=True)]

    def _keeps_class(self, decorator: ast.expr) -> bool:
        """Not where the stub would say that a class is `Any` after a decorator of some script."""
        name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
        return name is None or not self._know.is_plain_function(name)

    def _attributes(self, scope: Scope) -> dict[str, Assigned]:
        """All attributes of a class by what the class body and its methods assign to them."""
        nested = [name for name, nodes in scope.definitions.items() if isinstance(nodes[-1], ast.ClassDef)]
        found = of_self(methods_of(scope), self._names, nested)
        in_class = replace(self._names, unknown=frozenset(scope.order))
        for name, variable in scope.variables.items():
            own = Assigned.of(variable, in_class)
            more = found.get(name)
            if more is not None:
                own.values += more.values
                own.changes += more.changes
            found[name] = own
        return found

    def _attribute(
        self, name: str, found: Assigned, inherited: Mapping[str, str | None]
    ) -> ast.AnnAssign | ast.Assign | None:
        """The declaration of an attribute that methods set; None if that is left to the base."""
        target = ast.Name(name, ast.Store())
        if found.annotation is not None:
            return ast.AnnAssign(target, found.annotation, None, simple=1)
        known = type_of(found)
        if name in inherited:
            base = inherited[name]
            if not base:  # firm, or anything
                return None
            if known is None and found.values and base == "int":
                return ast.AnnAssign(target, expression(self._names.special("Any")), None, simple=1)
            known = type_of(found, base)
            return None if known in {None, base} else ast.AnnAssign(target, expression(known or ""), None, simple=1)
        if not found.values:
            return None  # changed only: then a base has it
        if known is None and len(found.values) == 1 and not found.changes:
            value, names = found.values[0]
            if value is not None and self._may_move(value, names):
                return ast.Assign([target], value)
        return ast.AnnAssign(target, expression(known or self._names.special("Any")), None, simple=1)

    def _may_move(self, value: ast.expr, names: Names) -> bool:
        """Whether a value that a method assigns means the same in the body of the class."""
        if free_names(value) & {*names.unknown, *names.local} or not self._stays(value):
            return False
        match value:
            case ast.Call(func=function):
                # `Sprite()` and `pygame.Rect(0, 0, 1, 1)`; of what a function of a script returns the stub knows less.
                return dotted(function) is not None
            case ast.Attribute():
                name = dotted(value)
                return name is not None and self._know.is_value(name)
            case _:
                return False


def methods_of(scope: Scope) -> list[Function]:
    """The functions in the body of a class."""
    return [each for nodes in scope.definitions.values() for each in nodes if not isinstance(each, ast.ClassDef)]


def is_test(node: ast.stmt, scope: Scope) -> bool:
    """Whether a definition is a `unittest.TestCase`, by the names of its bases."""
    seen: set[str] = set()
    todo = [node]
    while todo:
        one = todo.pop()
        if isinstance(one, ast.ClassDef) and one.name not in seen:
            seen.add(one.name)
            names = [last_name(each) for each in one.bases]
            if any(name.endswith("TestCase") for name in names):
                return True
            todo += [each for name in names for each in scope.definitions.get(name, ())]
    return False


def _bases(node: ast.ClassDef) -> list[str]:
    return [name for each in node.bases if (name := dotted(each)) is not None]


def _is_special(node: ast.ClassDef) -> bool:
    return any(_SPECIAL_BASES.search(last_name(each)) for each in node.bases) or any(
        last_name(each) in _SPECIAL_DECORATORS for each in node.decorator_list
    )


def _is_empty(node: ast.expr) -> bool:
    """Values that say nothing of what is to come."""
    match node:
        case ast.Constant(value=None) | ast.List(elts=[]) | ast.Tuple(elts=[]) | ast.Dict(keys=[]):
            return True
        case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "tuple" | "frozenset"), args=[], keywords=[]):
            return True
        case _:
            return False


def _as_property(node: ast.AnnAssign | ast.Assign) -> list[ast.stmt]:
    """An attribute that is no field: with an annotation, a dataclass would take it for one."""
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
        return [node]
    name, annotation = node.target.id, ast.unparse(node.annotation)
    return ast.parse(
        f"@property\ndef {name}(self) -> {annotation}: ...\n@{name}.setter\ndef {name}(self, value: {annotation}) -> None: ..."
    ).body


def _policy(variable: Variable) -> ast.expr | None:
    """What is in the brackets of `Keep[...]` or `Fresh[...]`."""
    match variable.annotated:
        case ast.AnnAssign(annotation=ast.Subscript(value=value, slice=inner)) if last_name(value) in {"Keep", "Fresh"}:
            return inner
        case _:
            return None


def _parts(annotation: ast.expr) -> list[ast.expr]:
    return [each for each in ast.walk(annotation) if isinstance(each, ast.expr)]


def _all_names(scope: Scope) -> set[str]:
    """Every name that the module or a class in it binds."""
    found: set[str] = set()
    todo = [scope]
    while todo:
        one = todo.pop()
        found |= {*one.order, *one.imported, *one.definitions}
        classes = [each for nodes in one.definitions.values() for each in nodes if isinstance(each, ast.ClassDef)]
        todo += [Scope.of(each.body) for each in classes]
        found |= {name for each in classes for name in of_self(methods_of(Scope.of(each.body)), _NOBODY)}
    return found


_NOBODY = Names((), lambda _: False, dict[str, str]())


def _mentioned(body: list[ast.stmt]) -> set[str]:
    """The names that statements read; in quoted annotations as well."""
    found: set[str] = set()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
                found.update(re.findall(r"\w+", node.value))
    return found
