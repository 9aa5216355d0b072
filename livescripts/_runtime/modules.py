"""The modules users see: namespaces, and the tracing that discovers load order.

# A namespace is a view on its scripts' globals, never a second place of truth.
# Reads are ordinary module reads. Only writes pass through Python code: that is the price of `game.score = 5`
# reaching the script (measured: a read of a module subclass costs 12 ns more than of a plain module).
# Tracing classes are put on only while scripts load, and taken off again: at run time nothing watches. The exception
# are the modules of merged scripts, of which there may be thousands and which nobody reads at run time.
"""

from __future__ import annotations

from collections import deque
from itertools import islice, repeat
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

__all__ = [
    "Namespace",
    "ScriptModule",
    "TracedModule",
    "TracedNamespace",
    "new_namespace",
    "owners_of",
    "publish",
    "set_tracing",
    "settle_modules",
    "switching",
    "tracer",
    "values_of",
]


values_of: Callable[[ModuleType], dict[str, Any]] = vars(ModuleType)["__dict__"].__get__
"""The dict of a module, without waking the tracer."""


class Namespace(ModuleType):
    """A module whose names live in scripts.

    `_owners` maps each exported name to the globals of the script that defines it. Names that a script rebinds at
    run time (`global score`) are kept out of the module's dict and read through `__getattr__`; all others sit in the
    dict, as in any module.
    """

    __slots__ = ("_owners",)
    _owners: dict[str, dict[str, Any]]

    def __setattr__(self, name: str, value: object) -> None:
        """Set a name; one that a script exports is set in the script as well."""
        owner = self._owners.get(name)
        if owner is not None:
            owner[name] = value
            if name not in values_of(self):
                return
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        """Delete a name, in the script that exports it as well. Raises AttributeError if it is not there."""
        owner = self._owners.get(name)
        if owner is not None and name in owner:
            del owner[name]
            values_of(self).pop(name, None)
            return
        ModuleType.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        """The names of the dict, and the variables that are read through."""
        hidden = {name for name, owner in self._owners.items() if name in owner}
        return sorted({*values_of(self), *hidden} - {"__getattr__"})


def new_namespace(name: str) -> Namespace:
    """An empty namespace called `name`; it is not put into `sys.modules`."""
    namespace = Namespace(name)
    owners: dict[str, dict[str, Any]] = {}
    object.__setattr__(namespace, "_owners", owners)

    def read_through(wanted: str) -> object:
        try:
            return owners[wanted][wanted]
        except KeyError:
            message = f"namespace {name!r} has no {wanted!r}: no script in it defines that name"
            raise AttributeError(message, name=wanted, obj=namespace) from None

    # PEP 562: called only for names that are not in the dict.
    values_of(namespace)["__getattr__"] = read_through
    values_of(namespace)["__all__"] = list[str]()
    values_of(namespace)["__path__"] = []
    values_of(namespace)["__package__"] = name
    return namespace


def owners_of(namespace: Namespace) -> dict[str, dict[str, Any]]:
    """Exported name -> globals of the script that defines it; the namespace's own dict, to be changed by publishing."""
    return object.__getattribute__(namespace, "_owners")


def publish(namespace: Namespace, names: frozenset[str], values: dict[str, Any], variables: Collection[str]) -> None:
    """Show names of a script on its namespace: `variables` by reading through, all others directly."""
    owners, shown = owners_of(namespace), values_of(namespace)
    if not variables and values.keys() >= names:
        owners.update(dict.fromkeys(names, values))
        shown.update({name: values[name] for name in names})
        return
    for name in names:
        owners[name] = values
        if name in variables or name not in values:
            shown.pop(name, None)
        else:
            shown[name] = values[name]


# ---------------------------------------------------------------- tracing


class Tracer(Protocol):
    """Who is told what scripts do to modules while they load."""

    def take(self, module: ModuleType, name: str) -> None:
        """`name` is about to be read."""
        ...

    def touch(self, module: ModuleType, name: str) -> None:
        """`name` is about to be set or deleted."""
        ...


tracer: list[Tracer] = []
"""The one active tracer, or none. A list, so that a test of it is a read of a global."""


class TracedModule(ModuleType):
    """A module that tells the tracer each name that is taken from it, or set."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if tracer:
            tracer[-1].take(self, name)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        if tracer:
            tracer[-1].touch(self, name)
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if tracer:
            tracer[-1].touch(self, name)
        ModuleType.__delattr__(self, name)


class ScriptModule(TracedModule):
    """The module of a merged script: names are read from its namespace, so it may be traced all the time."""

    __slots__ = ()


class TracedNamespace(Namespace):
    """The same for a namespace."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if tracer and name != "_owners":
            tracer[-1].take(self, name)
        return ModuleType.__getattribute__(self, name)

    def __setattr__(self, name: str, value: object) -> None:
        if tracer:
            tracer[-1].touch(self, name)
        Namespace.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        if tracer:
            tracer[-1].touch(self, name)
        Namespace.__delattr__(self, name)


_set_class: Callable[[object, type], None] = vars(object)["__class__"].__set__

_TRACED: dict[type, type] = {ModuleType: TracedModule, Namespace: TracedNamespace}
_PLAIN: dict[type, type] = {traced: plain for plain, traced in _TRACED.items()}


def set_tracing(modules: Iterable[ModuleType], *, on: bool) -> None:
    """Switch tracing of these modules on or off; modules with a class of their own are left alone."""
    modules = list(modules)
    kinds = set(map(type, modules))
    for kind, other in (_TRACED if on else _PLAIN).items():
        if kind in kinds:
            those = modules if len(kinds) == 1 else [module for module in modules if type(module) is kind]
            # A loop in C: there may be ten thousand of them, and it is done twice for each slice.
            deque(map(_set_class, those, repeat(other)), maxlen=0)


_AT_ONCE = 1_000


def switching(modules: Iterable[ModuleType], *, on: bool) -> Iterator[None]:
    """The same in steps: of ten thousand modules it takes longer than a frame has for it."""
    rest = iter(list(modules))
    while some := list(islice(rest, _AT_ONCE)):
        set_tracing(some, on=on)
        yield


def settle_modules(modules: Iterable[ModuleType]) -> None:
    """Make ordinary modules of those of merged scripts: what takes from them is of no interest any more."""
    for module in modules:
        if type(module) is ScriptModule:
            _set_class(module, ModuleType)
