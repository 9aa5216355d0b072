"""The finder on `sys.meta_path`, the loader that modules show, and save games of before a file was renamed."""

from __future__ import annotations

import os
import sys
from importlib.abc import Loader
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import TYPE_CHECKING

from livescripts._core.graph import module_take
from livescripts._core.names import is_script_module
from livescripts._runtime.modules import Namespace, values_of
from livescripts._runtime.world import read_through, resource_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.resources.abc import TraversableResources

    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import World

__all__ = ["Finder", "ScriptLoader"]


class ScriptLoader(Loader):
    """The `__loader__` of script modules: answers `inspect` and `linecache` with the text that runs."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Scripts are executed by a reload only. Raises ImportError."""
        message = f"{spec.name} is a live script: save its file, or call reload(), instead of loading it again"
        raise ImportError(message, name=spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """The same. Raises ImportError."""
        message = f"{module.__name__} is a live script: save its file, or call reload(), instead of loading it again"
        raise ImportError(message, name=module.__name__)

    def get_source(self, fullname: str) -> str | None:
        """The text of the running version. Raises ImportError for a module that is no script."""
        script = self._world.scripts.by_module.get(fullname)
        if script is not None:
            return script.version.text
        message = f"{fullname} is not a live script"
        raise ImportError(message, name=fullname)

    def get_resource_reader(self, fullname: str) -> TraversableResources | None:
        """What `importlib.resources` reads the files beside a package's script by; None for any other script on the disk."""
        # One that is being loaded is no script of the world yet.
        module = sys.modules.get(fullname)
        spec = values_of(module).get("__spec__") if isinstance(module, ModuleType) else None
        if not isinstance(spec, ModuleSpec) or spec.loader is not self or spec.origin is None:
            return None
        directory = self._world.directory_of(spec.origin)
        folder = None if directory is None else directory.folder_of(spec.origin)
        # Of what is on the disk, Python finds what is beside any other script by its path.
        is_package = spec.submodule_search_locations is not None
        return resource_reader(spec.origin, folder) if is_package or folder is not None else None

    def is_package(self, fullname: str) -> bool:
        """Whether the script is the `__init__.py` of a package."""
        script = self._world.scripts.by_module.get(fullname)
        return script is not None and script.location.is_package


class Finder:
    """First on `sys.meta_path`: finds scripts that are being loaded, and keeps all other eyes off the files.

    Scripts that are loaded are in `sys.modules` and never get here.
    """

    def __init__(self, world: World, stage: Callable[[], Stage | None], loader: ScriptLoader) -> None:
        self._world = world
        self._stage = stage
        self._loader = loader
        self.aliases: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The import system's question.

        Raises ModuleNotFoundError for a script that is saved but not accepted, and ImportError for `importlib.reload`.
        """
        if target is not None and target is self._world.modules.get(fullname):
            message = f"{fullname} is live: save its script, or call reload(), instead of importlib.reload()"
            raise ImportError(message, name=fullname)
        stage = self._stage()
        if stage is not None:
            spec = stage.find_spec(fullname)
            if spec is not None:
                return spec
        module = self._world.modules.get(fullname)
        if module is not None:
            return self._again(fullname, module)
        above, _ = module_take(fullname)
        package = self._world.modules.get(above)
        if package is None:
            return None
        if isinstance(package, Namespace):
            if is_script_module(fullname):
                self.aliases.add(fullname)
                return ModuleSpec(fullname, _AliasLoader(package))
            return None
        return self._beside_scripts(fullname, path)

    def _again(self, fullname: str, module: ModuleType) -> ModuleSpec | None:
        # Somebody took it out of sys.modules; a script that loads once more would be two.
        stage = self._stage()
        if stage is not None and stage.overlay.hides(fullname):
            return None
        return ModuleSpec(fullname, _AgainLoader(module), is_package=hasattr(module, "__path__"))

    def _beside_scripts(self, fullname: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """What stands beside scripts and is none, such as a compiled extension, is found as everywhere."""
        spec = PathFinder.find_spec(fullname, path)
        origin = None if spec is None else spec.origin
        if origin is not None and origin.endswith(".py") and self._world.directory_of(os.path.realpath(origin)):
            message = f"No module named {fullname!r}: {origin} is saved, but not loaded"
            raise ModuleNotFoundError(message, name=fullname)
        return None

    def forget(self) -> None:
        """Take the aliases made for old save games out of `sys.modules`."""
        for name in self.aliases:
            sys.modules.pop(name, None)
        self.aliases.clear()


class _AliasLoader(Loader):
    """A script module that is not there (any more) answers with the names of its namespace.

    So a save game pickled before a class moved to another file of the namespace still loads.
    """

    def __init__(self, namespace: Namespace) -> None:
        self._namespace = namespace

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = ModuleType(spec.name)
        values_of(module)["__getattr__"] = read_through(spec.name, self._namespace.__name__)
        return module

    def exec_module(self, module: ModuleType) -> None:
        del module


class _AgainLoader(Loader):
    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._spec = values_of(module).get("__spec__")

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        del spec
        return self._module

    def exec_module(self, module: ModuleType) -> None:
        values_of(module)["__spec__"] = self._spec
