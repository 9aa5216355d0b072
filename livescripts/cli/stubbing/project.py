"""The stubs of whole script directories: which files there are, and what is in them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from livescripts._core.analysis import Analysis, analyse
from livescripts._core.names import Location, parents
from livescripts.cli.stubbing.functions import stub_function
from livescripts.cli.stubbing.infer import Names
from livescripts.cli.stubbing.scopes import Scope, bound_by
from livescripts.cli.stubbing.script import ScriptStub, is_test

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["MARK", "Broken", "Source", "is_ours", "stubs"]

MARK = "# Made by `livescripts stubs`"
"""What the first line of a stub begins with: only such files are replaced or removed."""

# What is wrong with a script is told where the script is; in a stub these are about how stubs are made.
_HEADER = """\
{mark} from {source}. Do not edit: edit the script, and run it again.
# mypy: disable-error-code="override,misc,assignment,var-annotated,no-redef,type-arg,import-untyped,import-not-found"
# pyright: basic, reportInvalidStubStatement=false, reportAssignmentType=false, reportInconsistentOverload=false
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false
# pyright: reportMissingImports=false, reportMissingModuleSource=false
# ruff: noqa
"""


@dataclass(frozen=True, slots=True)
class Source:
    """A script: where it stands, what the header of its stub calls it, and its text."""

    location: Location
    shown: str
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """Why there are no stubs: a script that does not parse, or a name that two define."""

    path: str
    line: int | None
    message: str


@dataclass(slots=True)
class _Script:
    source: Source
    module: str
    scope: Scope
    analysis: Analysis
    exports: frozenset[str]
    meaning: dict[str, str] = field(default_factory=dict[str, str])
    stub: ScriptStub | None = None


def is_ours(text: str) -> bool:
    """Whether a file was made by us."""
    return text.startswith(MARK)


def stubs(sources: Sequence[Source]) -> tuple[dict[str, str], tuple[Broken, ...]]:
    """The stubs by path below the directory for stubs, with "/" in it; and what is in the way of having them."""
    broken: list[Broken] = []
    project = _Project()
    for source in sources:
        try:
            project.add(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = error.lineno if isinstance(error, SyntaxError) else None
            text = error.msg if isinstance(error, SyntaxError) else str(error)
            broken.append(Broken(source.location.path, line, f"{type(error).__name__}: {text}"))
    broken += project.clashes()
    return ({}, tuple(broken)) if broken else (project.files(), ())


class _Project:
    def __init__(self) -> None:
        self._scripts: list[_Script] = []
        self._owner: dict[tuple[str, str], _Script] = {}
        self._modules: set[str] = set()
        self._members: dict[tuple[str, str], dict[str, str | None]] = {}

    def add(self, source: Source) -> None:
        tree = ast.parse(source.text, source.location.path)
        analysis = analyse(source.text, source.location.path)
        scope = Scope.of(tree.body)
        module = self._free_module(source.location)
        script = _Script(source, module, scope, analysis, _exports(scope, analysis))
        above = source.location.package.split(".") if source.location.package else []
        for node in scope.imports:
            script.meaning[bound_by(node)] = _meaning(node, above)
        self._scripts.append(script)

    def _free_module(self, location: Location) -> str:
        # The module of `goblin-2.py` is not for importing; its stub must be.
        above, _, last = location.module.rpartition(".")
        last = re.sub(r"\W", "_", last)
        last = f"_{last}" if last[:1].isdigit() else last
        module = f"{above}.{last}" if above else last
        while module in self._modules:
            module += "_"
        self._modules.add(module)
        return module

    def clashes(self) -> list[Broken]:
        found: list[Broken] = []
        for script in self._scripts:
            holder = script.source.location.holder
            for name in sorted(script.exports):
                other = self._owner.setdefault((holder, name), script)
                if other is not script:
                    message = f"{holder}.{name} is defined twice: here and in {other.source.shown}"
                    found.append(Broken(script.source.location.path, None, message))
        return found

    def files(self) -> dict[str, str]:
        for script in self._scripts:
            public = script.exports if script.source.location.layout == "merged" else _public(script)
            bound = script.analysis.names | script.analysis.rebound
            script.stub = ScriptStub(script.scope, bound, public, _Knowledge(self, script))
        packages: set[str] = set()
        for script in self._scripts:
            location = script.source.location
            packages.update(part for part in (*parents(location.package), location.package) if part)
        found: dict[str, str] = {}
        for script in self._scripts:
            if script.stub is None:  # for the type checker: all have one by now
                continue
            text = _HEADER.format(mark=MARK, source=script.source.shown) + script.stub.text()
            if script.source.location.is_package:
                text += self._children(script.module, packages, but=script.analysis.names)
                found[f"{script.module.replace('.', '/')}/__init__.pyi"] = text
            else:
                found[f"{script.module.replace('.', '/')}.pyi"] = text
        for package in sorted(packages):
            path = f"{package.replace('.', '/')}/__init__.pyi"
            if path not in found:
                found[path] = self._namespace(package, packages)
        return found

    def _namespace(self, package: str, packages: set[str]) -> str:
        lines: list[str] = []
        names: list[str] = []
        for script in self._scripts:
            if script.source.location.holder == package and script.source.location.layout == "merged":
                for name in sorted(script.exports):
                    lines.append(f"from {script.module} import {name} as {name}\n")
                    names.append(name)
        header = _HEADER.format(mark=MARK, source="all scripts of this namespace")
        shown = f"\n__all__ = {sorted(names)!r}\n" if lines else ""
        return header + "".join(lines) + self._children(package, packages, but=names) + shown

    def _children(self, package: str, packages: set[str], but: Iterable[str]) -> str:
        """Imports of what is below a package: at run time all of it has been loaded."""
        below = {each for each in packages if each.rpartition(".")[0] == package}
        below |= {
            each.module
            for each in self._scripts
            if each.source.location.layout == "modules" and each.module.rpartition(".")[0] == package
        }
        names = sorted({each.rpartition(".")[2] for each in below} - set(but))
        return "".join(f"from . import {name} as {name}\n" for name in names)

    # ------------------------------------------------------------ what names are

    def find(self, script: _Script, name: str) -> tuple[_Script, str] | None:
        """The script that defines what another one calls by a dotted name, and what it is called there."""
        head, _, rest = name.partition(".")
        if head not in script.meaning:
            return (
                (script, name)
                if not rest and (head in script.scope.definitions or head in script.scope.variables)
                else None
            )
        full = f"{script.meaning[head]}.{rest}" if rest else script.meaning[head]
        holder, _, last = full.rpartition(".")
        owner = self._owner.get((holder, last))
        return None if owner is None else (owner, last)

    def class_of(self, script: _Script, name: str) -> tuple[_Script, ast.ClassDef] | None:
        found = self.find(script, name)
        if found is not None:
            owner, last = found
            node = owner.scope.definitions.get(last, [None])[-1]
            if isinstance(node, ast.ClassDef):
                return owner, node
        return None

    def members(self, script: _Script, node: ast.ClassDef) -> dict[str, str | None]:
        key = script.module, node.name
        if key not in self._members:
            self._members[key] = {}  # a class that is its own base, for now
            if script.stub is not None:
                self._members[key] = script.stub.members(node)
        return self._members[key]


class _Knowledge:
    def __init__(self, project: _Project, script: _Script) -> None:
        self._project = project
        self._script = script

    def is_class(self, name: str) -> bool:
        found = self._project.class_of(self._script, name)
        if found is None:
            return False
        _, node = found
        generic = getattr(node, "type_params", None) or any(isinstance(each, ast.Subscript) for each in node.bases)
        return not generic

    def is_value(self, name: str) -> bool:
        found = self._project.find(self._script, name)
        return found is not None and found[1] in found[0].scope.variables

    def is_plain_function(self, name: str) -> bool:
        found = self._project.find(self._script, name)
        if found is None:
            return False
        owner, last = found
        node = owner.scope.definitions.get(last, [None])[-1]
        if node is None or isinstance(node, ast.ClassDef) or node.returns is not None:
            return False
        used: dict[str, str] = {}
        stub_function(node, Names((), lambda _: False, used), method=False, keep=lambda _: True)
        return "T" not in used.values()

    def inherited(self, bases: Iterable[str]) -> Mapping[str, str | None]:
        found: dict[str, str | None] = {}
        for name in reversed(list(bases)):
            base = self._project.class_of(self._script, name)
            if base is not None:
                found.update(self._project.members(*base))
        return found


def _meaning(node: ast.Import | ast.ImportFrom, above: list[str]) -> str:
    """The absolute dotted name of what an import binds."""
    alias = node.names[0]
    if isinstance(node, ast.Import):
        return alias.name if alias.asname else alias.name.partition(".")[0]
    start = above[: len(above) - node.level + 1] if node.level else []
    return ".".join([*start, *([node.module] if node.module else []), alias.name])


def _exports(scope: Scope, analysis: Analysis) -> frozenset[str]:
    """The names that a script offers, as far as its text says so."""
    variable = scope.variables.get("__all__")
    explicit: list[object] | None = None
    if variable is not None:
        values = [*variable.values, *(by for _, by in variable.changes)]
        if variable.annotated is not None:
            values.append(variable.annotated.value)
        try:
            explicit = [name for value in values if value is not None for name in ast.literal_eval(value)]
        except (ValueError, TypeError):
            explicit = None
    if explicit is not None:
        return frozenset(name for name in explicit if isinstance(name, str))
    return frozenset(
        name
        for name in analysis.names | analysis.rebound
        if not name.startswith("_")
        and name not in scope.never
        and (name not in analysis.imports or name in scope.definitions)
        and not any(is_test(node, scope) for node in scope.definitions.get(name, ()))
    )


def _public(script: _Script) -> frozenset[str]:
    """In the modules layout, imported names are to be had as well, as from any module."""
    return script.exports | frozenset(name for name in script.scope.imported if not name.startswith("_"))
