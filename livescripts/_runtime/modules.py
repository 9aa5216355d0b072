"""The modules users see: namespaces, and the tracing that discovers load order.

# A namespace is a view on its scripts' globals, never a second place of truth.
# Reads are ordinary module reads. Only writes pass through Python code: that is the price of `game.score = 5`
# reaching the script (measured: a read of a module subclass costs 12 ns more than of a plain module).
# Tracing classes are put on only while scripts load, and taken off again: at run time nothing watches.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

__all__ = ["Namespace", "new_namespace", "owners_of", "publish", "set_tracing", "tracer"]


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
            if name not in vars(self):
                return
        ModuleType.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        """Delete a name, in the script that exports it as well. Raises AttributeError if it is not there."""
        owner = self._owners.get(name)
        if owner is not None and name in owner:
            del owner[name]
            vars(self).pop(name, None)
            return
        ModuleType.__delattr__(self, name)

    def __dir__(self) -> list[str]:
        """The names of the dict, and the variables that are read through."""
        hidden = {name for name, owner in self._owners.items() if name in owner}
        return sorted({*vars(self), *hidden} - {"__getattr__"})


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
    vars(namespace)["__getattr__"] = read_through
    vars(namespace)["__all__"] = list[str]()
    vars(namespace)["__path__"] = []
    vars(namespace)["__package__"] = name
    return namespace


def owners_of(namespace: Namespace) -> dict[str, dict[str, Any]]:
    """Exported name -> globals of the script that defines it; the namespace's own dict, to be changed by publishing."""
    return object.__getattribute__(namespace, "_owners")


def publish(namespace: Namespace, names: Iterable[str], values: dict[str, Any], variables: Collection[str]) -> None:
    """Show names of a script on its namespace: `variables` by reading through, all others directly."""
    owners, shown = owners_of(namespace), vars(namespace)
    for name in names:
        owners[name] = values
        if name in variables or name not in values:
            shown.pop(name, None)
        else:
            shown[name] = values[name]


# ---------------------------------------------------------------- tracing

tracer: list[Callable[[ModuleType, str], None]] = []
"""The one active tracer, or none. A list, so that a test of it is a read of a global."""


class TracedModule(ModuleType):
    """A module that tells the tracer each name that is taken from it."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if tracer:
            tracer[-1](self, name)
        return ModuleType.__getattribute__(self, name)


class TracedNamespace(Namespace):
    """The same for a namespace."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if tracer and name != "_owners":
            tracer[-1](self, name)
        return ModuleType.__getattribute__(self, name)


_TRACED: dict[type, type] = {ModuleType: TracedModule, Namespace: TracedNamespace}
_PLAIN: dict[type, type] = {traced: plain for plain, traced in _TRACED.items()}


def set_tracing(modules: Iterable[ModuleType], *, on: bool) -> None:
    """Switch tracing of these modules on or off; modules with a class of their own are left alone."""
    switch = _TRACED if on else _PLAIN
    for module in modules:
        other = switch.get(type(module))
        if other is not None:
            ModuleType.__setattr__(module, "__class__", other)
