"""What two worlds are compared by: the one that was edited, and one that was loaded afresh from the accepted files.

# Rule 1: nothing here knows how the edits came about.
# Rule 2: a picture is plain data, without identities: what a script's author could tell apart, and nothing else.
"""

from __future__ import annotations

import contextlib
import enum
import functools
import gc
import itertools
import re
import sys
import types
from typing import Any

from livescripts._core.graph import Graph, Node
from livescripts._core.references import resolve
from livescripts._runtime.modules import owners_of
from livescripts.testing import Project

NAMESPACE = "game"
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_SKIPPED = {
    "__dict__", "__weakref__", "__module__", "__doc__", "__firstlineno__", "__static_attributes__", "__annotations__",
    "__qualname__", "_abc_impl", "__abstractmethods__", "__match_args__", "__dataclass_params__", "__slots__",
}  # fmt: skip


def is_ours(name: object) -> bool:
    """Whether a module of this name belongs to the scripts."""
    return isinstance(name, str) and name.split(".")[0] == NAMESPACE


# ------------------------------------------------------------------ pictures


def picture(value: Any, seen: frozenset[int] = frozenset()) -> Any:
    """A value as plain data."""
    if isinstance(value, types.ModuleType):
        return ("module", value.__name__)
    if id(value) in seen:
        return ("again", type(value).__qualname__)
    inner = seen | {id(value)}
    if isinstance(value, type):
        return _class(value, inner)
    if isinstance(value, types.FunctionType):
        return _function(value, inner)
    if isinstance(value, types.MethodType):
        return ("method", picture(value.__func__, inner), type(value.__self__).__qualname__)
    if isinstance(value, (staticmethod, classmethod)):
        return (type(value).__name__, picture(value.__func__, inner))
    if isinstance(value, property):
        return ("property", *(picture(each, inner) for each in (value.fget, value.fset, value.fdel)))
    if isinstance(value, functools.partial):
        return ("partial", picture(value.func, inner), picture(value.args, inner))
    if type(value).__name__ == "_lru_cache_wrapper":
        return ("cached", picture(value.__wrapped__, inner))
    if isinstance(value, enum.Enum):
        return ("member", type(value).__qualname__, value.name, value.value)
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, *(picture(each, inner) for each in value))
    if isinstance(value, (dict, types.MappingProxyType)):
        return ("dict", *((picture(key, inner), picture(each, inner)) for key, each in value.items()))
    if isinstance(value, (set, frozenset)):
        return ("set", *sorted(repr(picture(each, inner)) for each in value))
    if is_ours(type(value).__module__):
        return ("instance", type(value).__module__, type(value).__qualname__, picture(state(value), inner))
    return _ADDRESS.sub("", repr(value))


def _class(cls: type, seen: frozenset[int]) -> Any:
    if not is_ours(cls.__module__):
        return ("class", cls.__module__, cls.__qualname__)
    own = {name: picture(each, seen) for name, each in sorted(vars(cls).items()) if name not in _SKIPPED}
    bases = [picture(base, seen) for base in cls.__bases__]
    return ("class", cls.__module__, cls.__qualname__, own, bases, repr(vars(cls).get("__slots__")))


def _function(function: types.FunctionType, seen: frozenset[int]) -> Any:
    if not is_ours(function.__module__):
        return ("function", function.__module__, function.__qualname__)
    cells: list[Any] = []
    for cell in function.__closure__ or ():
        try:
            cells.append(picture(cell.cell_contents, seen))
        except ValueError:
            cells.append("empty")
    return (
        "function",
        function.__module__,
        function.__qualname__,
        code(function.__code__),
        picture(function.__defaults__, seen),
        picture(function.__kwdefaults__, seen),
        sorted(function.__annotations__),
        function.__doc__,
        cells,
    )


def code(of: types.CodeType) -> Any:
    """A code object without the name of its file: while another world has the same files, they are called otherwise here."""
    inner = [code(const) if isinstance(const, types.CodeType) else repr(const) for const in of.co_consts]
    return (of.co_code, inner, of.co_names, of.co_varnames, of.co_firstlineno)


def state(instance: Any) -> dict[str, Any]:
    """The attributes of an instance, slots included, whatever its class says about them."""
    found: dict[str, Any] = {}
    with contextlib.suppress(AttributeError, TypeError):
        found.update(object.__getattribute__(instance, "__dict__"))
    for cls in type(instance).__mro__:
        for name, member in vars(cls).items():
            if isinstance(member, types.MemberDescriptorType):
                with contextlib.suppress(AttributeError):
                    found[name] = member.__get__(instance)
    return found


# ------------------------------------------------------------------ worlds


def modules() -> dict[str, types.ModuleType]:
    """The modules of the scripts that are in `sys.modules`."""
    return {name: module for name, module in sorted(sys.modules.items()) if is_ours(name)}


def names(module: types.ModuleType) -> dict[str, Any]:
    """What a module offers, with what it reads through to the script that rebinds it."""
    found = {key: each for key, each in vars(module).items() if not (key.startswith("__") and key != "__all__")}
    with contextlib.suppress(Exception):
        for name in owners_of(module):  # type: ignore[arg-type]
            found.setdefault(name, getattr(module, name, None))
    return found


def view() -> dict[str, dict[str, Any]]:
    """Every name of every module, as plain data."""
    return {name: {key: picture(each) for key, each in names(module).items()} for name, module in modules().items()}


def identities() -> dict[str, Any]:
    """Every name of every module, by identity: equal only if nothing at all has changed."""
    found: dict[str, Any] = {}
    for name, module in modules().items():
        found[name] = (id(module), type(module).__qualname__, {key: id(each) for key, each in names(module).items()})
        for key, each in names(module).items():
            if isinstance(each, type) and is_ours(each.__module__):
                own = {k: id(v) for k, v in vars(each).items() if k not in _SKIPPED}
                found[f"{name}:{key}"] = (own, [id(base) for base in each.__bases__])
            elif isinstance(each, types.FunctionType):
                found[f"{name}:{key}"] = (id(each.__code__), each.__code__.co_filename, repr(each.__defaults__))
    return found


def accepted_files(project: Project) -> dict[str, bytes]:
    """What runs: the text of every script, and of every companion, by path."""
    world = project.live._world
    return {path: item.version.data for book in (world.scripts, world.companions) for path, item in book.items()}


@contextlib.contextmanager
def fresh_world(project: Project, layout: Any) -> Any:
    """A world of its own, loaded from the accepted files; the live one steps aside meanwhile."""
    aside = {name: sys.modules.pop(name) for name in list(sys.modules) if is_ours(name)}
    finders = [finder for finder in sys.meta_path if type(finder).__module__.startswith("livescripts")]
    for finder in finders:
        sys.meta_path.remove(finder)
    try:
        with Project({}, layout=layout, load=False, run_tests=False) as other:
            other.files.contents.update(accepted_files(project))
            other.load()
            yield other
    finally:
        sys.modules.update(aside)
        sys.meta_path[:0] = finders


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two pictures differ, as readable lines."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other}, key=str)
        found = [differences(one.get(key, "<absent>"), other.get(key, "<absent>"), f"{path}/{key}") for key in keys]
        return list(itertools.chain.from_iterable(found))
    if isinstance(one, (tuple, list)) and isinstance(other, (tuple, list)) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return list(itertools.chain.from_iterable(differences(a, b, f"{path}[{i}]") for i, (a, b) in pairs))
    return [] if one == other else [f"{path}: {one!r} != {other!r}"]


def circular(project: Project) -> bool:
    """Whether scripts need each other in a circle, as far as their texts or their last load tell.

    Then what each of them sees depends on where a load enters the circle. See docs/limitations.md.
    """
    nodes = {
        path: Node(
            script.location.holder,
            frozenset(script.version.analysis.bindings),
            resolve(script.version.analysis.references, script.location.package),
            open_ended=script.location.layout == "modules",
        )
        for path, script in project.live._world.scripts.items()
    }
    edges = {(taker, provider) for taker, _, provider in Graph(nodes).edges()}
    edges |= {(str(edge.taker), str(edge.provider)) for edge in project.live.graph}
    while True:
        takers = {taker for taker, _ in edges}
        left = {(taker, provider) for taker, provider in edges if provider in takers}
        if left == edges:
            return bool(edges)
        edges = left


# ------------------------------------------------------------------ the heap


def tokens(of: types.CodeType) -> set[str]:
    """The tokens in the constants of a code object itself."""
    return {const for const in of.co_consts if isinstance(const, str) and const.startswith("token ")}


def alive(rejected: set[str] | None = None) -> list[Any]:
    """Functions, classes and instances on the heap that come from texts with these tokens; with any for None."""
    gc.collect()
    found: list[Any] = []
    for each in gc.get_objects():
        kind = type(each)
        if kind is types.FunctionType:
            has = tokens(each.__code__) if is_ours(each.__module__) else {None}
        elif issubclass(kind, type):
            values = type.__getattribute__(each, "__dict__")
            has = {values.get("token") if is_ours(values.get("__module__")) else None}
        elif is_ours(kind.__module__):
            has = {kind.__dict__.get("token")}
        else:
            continue
        if has - {None} if rejected is None else has & rejected:
            found.append(each)
    return found
