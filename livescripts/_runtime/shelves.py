"""What is loaded, in dicts that have an index: so that a reload costs no more for there being ten thousand scripts.

# A shelf changes one item at a time: by `shelf[key] = item`, `del shelf[key]` and `shelf.pop(key)`, never by `update` or
# `clear`. Whoever takes a change back does it the same way.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from livescripts._core.graph import Takers
from livescripts._core.names import parents
from livescripts._runtime.modules import Namespace, ScriptModule, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import ExitStack

    from livescripts._core.graph import Node
    from livescripts._core.names import Location
    from livescripts._runtime.world import Companion, Script

__all__ = ["Companions", "Modules", "Scripts", "Shelf", "packages_of"]

_T = TypeVar("_T")
_ABSENT: Any = object()


def packages_of(location: Location) -> tuple[str, ...]:
    """The packages that a script is in, and its own if it is one."""
    return _with_parents(location.package)


@lru_cache(maxsize=1024)
def _with_parents(package: str) -> tuple[str, ...]:
    return (*parents(package), package) if package else ()


class Shelf(dict[str, _T]):
    """A dict that tells its index what comes (`_shelve`) and what goes (`_unshelve`).

    An index may be told twice: what was interrupted in its midst is undone by putting back what was there.
    """

    def _shelve(self, key: str, item: _T) -> None:
        raise NotImplementedError

    def _unshelve(self, key: str, item: _T) -> None:
        raise NotImplementedError

    def __setitem__(self, key: str, item: _T) -> None:
        """Put an item in the place of any that has this key."""
        if key in self:
            self._unshelve(key, self[key])
        super().__setitem__(key, item)
        self._shelve(key, item)

    def __delitem__(self, key: str) -> None:
        """Take an item out. Raises KeyError if there is none."""
        self._unshelve(key, self[key])
        super().__delitem__(key)

    def pop(self, key: str, default: Any = _ABSENT) -> Any:
        """Take an item out and return it; `default`, if there is one, where there is no item. Raises KeyError."""
        if key not in self and default is not _ABSENT:
            return default
        item = self[key]
        del self[key]
        return item

    def keep(self, key: str, undo: ExitStack) -> None:
        """Put back what has this key now, if anything, when `undo` is done."""
        if key in self:
            undo.callback(self.__setitem__, key, self[key])
        else:
            undo.callback(self.pop, key, None)


class Modules(Shelf[ModuleType]):
    """Our modules by name. `name_of` has their names by identity; those that tracing is switched on and off for are in
    `plain` and `namespaces`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.name_of: dict[int, str] = {}
        self.plain: dict[str, ModuleType] = {}
        self.namespaces: dict[str, ModuleType] = {}

    def _shelve(self, key: str, item: ModuleType) -> None:
        self.name_of[id(item)] = key
        if isinstance(item, Namespace):
            self.namespaces[key] = item
        elif not isinstance(item, ScriptModule):
            self.plain[key] = item

    def _unshelve(self, key: str, item: ModuleType) -> None:
        self.name_of.pop(id(item), None)
        self.plain.pop(key, None)
        self.namespaces.pop(key, None)


class Scripts(Shelf["Script"]):
    """Loaded scripts by path; `by_module` has them by the name of their module, `by_globals` by the identity of its dict.

    `packages` counts the scripts in each package, at any depth.
    """

    def __init__(self) -> None:
        super().__init__()
        self.by_module: dict[str, Script] = {}
        self.by_globals: dict[int, Script] = {}
        self.packages: Counter[str] = Counter()

    def _shelve(self, key: str, item: Script) -> None:
        del key
        self.by_module[item.location.module] = item
        self.by_globals[id(values_of(item.module))] = item
        # Not `Counter.update`, which takes five times as long: there may be thousands.
        for package in packages_of(item.location):
            self.packages[package] += 1

    def _unshelve(self, key: str, item: Script) -> None:
        del key
        if self.by_module.get(item.location.module) is item:
            del self.by_module[item.location.module]
        if self.by_globals.get(id(values_of(item.module))) is item:
            del self.by_globals[id(values_of(item.module))]
        self.packages.subtract(packages_of(item.location))

    def without(self, removed: Iterable[str]) -> Callable[[str], bool]:
        """How to ask whether a module, or a package around it, is one of a script's, if those at `removed` were gone."""
        gone = {path: self[path].location for path in removed if path in self}
        fewer = Counter(package for location in gone.values() for package in packages_of(location))

        def is_used(name: str) -> bool:
            script = self.by_module.get(name)
            return (script is not None and script.path not in gone) or self.packages[name] > fewer[name]

        return is_used


class Companions(Shelf["Companion"]):
    """Files of unit tests by path."""

    def __init__(self) -> None:
        super().__init__()
        self._of: dict[str, dict[str, None]] = {}  # by the script that they test
        self._takers = Takers()

    def _shelve(self, key: str, item: Companion) -> None:
        self._of.setdefault(item.location.tests or "", {})[key] = None
        self._takers.add(key, item.takes)

    def _unshelve(self, key: str, item: Companion) -> None:
        self._of.get(item.location.tests or "", {}).pop(key, None)
        self._takers.remove(key, item.takes)

    def touched_by(self, scripts: Iterable[str], nodes: Iterable[Node]) -> set[str]:
        """The files that test one of these scripts, or that took something which these nodes give a new value."""
        found = {path for node in nodes for path in self._takers.of(node)}
        for path in scripts:
            found.update(self._of.get(path, ()))
        return found
