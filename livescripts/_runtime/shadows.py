"""Which names real modules have: a namespace, or a script at the top, must not take one from everybody else."""

from __future__ import annotations

import importlib.util
import os
import pkgutil
import sys
from functools import partial
from importlib.machinery import FileFinder, PathFinder
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts._core.names import Location
    from livescripts._runtime.world import World

__all__ = ["Shadows", "real_module"]

# To list the path takes as long as to find about so many modules on it.
_FEW = 20


_Ask: TypeAlias = "Callable[[str], object]"
"""Asks a finder for a module: one of `sys.meta_path`, or of an entry of `sys.path`."""


def real_module(world: World, name: str, root: str) -> str | None:
    """Where a module of this name comes from that is none of ours and not below `root`; None if there is none."""
    if name in world.modules:
        return None
    module = sys.modules.get(name)
    if module is not None:
        return str(getattr(module, "__file__", None) or "built in")
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None or (spec.origin is None and spec.submodule_search_locations is not None):
        # Nothing, or a mere directory of that name on sys.path, such as the script directory itself.
        return None
    origin = str(spec.origin)
    return None if os.path.realpath(origin).startswith(root + os.sep) else origin


class Shadows:
    """Asked about the scripts of one batch. Of a thousand, the import system is asked only about those names that
    something on `sys.path`, listed once, may go by.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._asked = 0
        self._listed: dict[str, tuple[frozenset[str], tuple[_Ask, ...]]] = {}  # by script directory

    def hidden_by(self, location: Location) -> str | None:
        """Why a new script cannot be at `location`: as a module at the top it would hide a real one. None when it can."""
        module = location.module
        if "." in module or self._world.directories[location.root].namespace:
            return None
        self._asked += 1
        if self._asked > _FEW and not self._may_be_real(module, location.root):
            return None
        place = real_module(self._world, module, location.root)
        if place is None:
            return None
        return (
            f"would hide the module {module!r} ({place}) from everybody: rename it, or give the directory a namespace"
        )

    def _may_be_real(self, name: str, root: str) -> bool:
        if name in sys.modules:
            return True
        if root not in self._listed:
            self._listed[root] = _whereabouts(root)
        names, others = self._listed[root]
        if name in names:
            return True
        try:
            return any(ask(name) is not None for ask in others)
        except (ImportError, ValueError, AttributeError):
            return True


def _whereabouts(root: str) -> tuple[frozenset[str], tuple[_Ask, ...]]:
    """The names of modules that may be in the directories of `sys.path`, but for `root`; and how to ask whoever else has
    modules.
    """
    names: set[str] = set()
    others: list[_Ask] = [partial(_ask_for, finder) for finder in sys.meta_path if finder is not PathFinder]
    for entry in sys.path if PathFinder in sys.meta_path else ():
        finder: Any = pkgutil.get_importer(entry)
        if type(finder) is not FileFinder:
            others += [] if finder is None else [finder.find_spec]
        elif os.path.realpath(finder.path) != root:
            try:
                names.update(each.partition(".")[0] for each in os.listdir(finder.path))
            except OSError:
                continue  # what cannot be listed cannot be imported from
    return frozenset(names), tuple(others)


def _ask_for(finder: Any, name: str) -> object:
    return finder.find_spec(name, None)
