"""Script directories that come and go: registered, watched, preloaded; unloaded again.

# Rule 1: what cannot be added leaves nothing behind: no namespace, no watch, no script.
# Rule 2: a directory is watched before it is read. A save in between is seen twice rather than not at all.
"""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from livescripts._runtime import registry
from livescripts._runtime.bytecode import Bytecode
from livescripts._runtime.modules import settle_modules
from livescripts._runtime.script_hooks import run_before_unload
from livescripts._runtime.sources import release
from livescripts._runtime.versions import prepare
from livescripts.errors import DirectoryError, ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

    from livescripts._core.names import Layout
    from livescripts._runtime.batches import Batches
    from livescripts._runtime.compiler import Compiler
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.importing import Finder
    from livescripts._runtime.intake import Intake
    from livescripts._runtime.world import Directory, World
    from livescripts._watch.bundled import BundledFiles
    from livescripts._watch.files import Files
    from livescripts._watch.observer import Watcher
    from livescripts._watch.trust import Trust

__all__ = ["Directories", "ScriptDirectory"]

_log = logging.getLogger("livescripts")


@dataclass(frozen=True, slots=True)
class ScriptDirectory:
    """A directory for `add_directories`."""

    path: str | os.PathLike[str] | Traversable
    namespace: str
    layout: Layout = "merged"


class Directories:
    """The directories of a world, and its place in the import system.

    What may be None is not there: with `watcher`, nothing is watched; with `compiler`, no process compiles; with `trust`,
    nobody asks who may write; with `bundled`, every directory is on the disk. `caches`: whether bytecode is kept.
    """

    def __init__(
        self,
        world: World,
        files: Files,
        intake: Intake,
        batches: Batches,
        finder: Finder,
        guard: Guard,
        *,
        watcher: Watcher | None,
        compiler: Compiler | None,
        trust: Trust | None,
        bundled: BundledFiles | None,
        caches: bool,
    ) -> None:
        self._world = world
        self._files = files
        self._intake = intake
        self._batches = batches
        self._finder = finder
        self._guard = guard
        self._watcher = watcher
        self._compiler = compiler
        self._trust = trust
        self._bundled = bundled
        self._caches = caches

    def add(self, directories: Iterable[ScriptDirectory]) -> None:
        """Preload these. Raises as `LiveScripts.add_directory` does."""
        if self._finder not in sys.meta_path:
            sys.meta_path.insert(0, self._finder)
        added: list[Directory] = []
        created: list[str] = []
        try:
            for wanted in directories:
                added.append(self._register(wanted))
                created += registry.open_namespaces(self._world, added[-1])
                if self._trust is not None:
                    self._trust.root(added[-1].root)
                if self._watcher is not None:
                    self._watcher.watch(added[-1].root)
            self._preload(added)
        except BaseException:
            self._withdraw(added, created)
            raise

    def remove(self, path: str | os.PathLike[str] | Traversable) -> None:
        """Unload one. Raises as `LiveScripts.remove_directory` does."""
        root = self._files.real_path(self._place(path)[0])
        directory = self._world.directories.get(root)
        if directory is None:
            message = f"{root} is not a registered script directory"
            raise DirectoryError(message)
        registry.check_removal(self._world, directory)
        self._batches.drop()
        leaving = [script for path, script in self._world.scripts.items() if directory.contains(path)]
        run_before_unload(leaving, self._guard)
        self._forget(directory)
        self._withdraw([directory], [])

    def close(self) -> None:
        """Unload all of them."""
        self._batches.drop()
        run_before_unload(list(self._world.scripts.values()), self._guard)
        for directory in list(self._world.directories.values()):
            self._forget(directory)
            registry.unload(self._world, directory)
        registry.close_namespaces(self._world, list(self._world.modules))
        self._stop_finder()

    def _register(self, wanted: ScriptDirectory) -> Directory:
        path, place = self._place(wanted.path)
        directory = registry.check_directory(self._world, self._files, path, wanted.namespace, wanted.layout, place)
        self._world.directories[directory.root] = directory
        return directory

    def _place(self, path: str | os.PathLike[str] | Traversable) -> tuple[str, Traversable | None]:
        """The path of a directory, and where it is if that is not the disk. Raises DirectoryError, or TypeError."""
        if isinstance(path, (str, os.PathLike)) or not hasattr(path, "iterdir"):
            return os.fspath(cast("str", path)), None
        if self._bundled is None:
            message = (
                f"{path} is not a directory on the disk: nobody can edit or watch what is in there. It can be played "
                "from with LiveScripts(watch=False); to edit it, give the directory that it was made from"
            )
            raise DirectoryError(message)
        return self._bundled.register(path), path

    def _preload(self, directories: Iterable[Directory]) -> None:
        found: dict[str, bytes | OSError | None] = {}
        for directory in directories:
            found.update(self._intake.everything(directory))
        cache = Bytecode() if self._caches else None
        bundled = self._bundled is not None and any(directory.place is not None for directory in directories)
        # What is not on the disk has no place beside it, either.
        compiling = prepare if cache is None or bundled else cache.prepare
        reload = self._batches.preload(found, compiling, told_of=False)
        if reload.rejections:
            problems = {
                (problem.path, problem.line, problem.message): problem
                for rejection in reload.rejections
                for problem in rejection.problems
            }
            blocked = [Path(path) for rejection in reload.rejections for path in rejection.blocked]
            raise ScriptError(sorted(problems.values(), key=lambda p: (str(p.path), p.line or 0)), blocked)
        if cache is not None:
            cache.write()
        if self._compiler is not None:
            self._compiler.loaded(path for path in found if self._world.running(path) is not None)
        if self._watcher is None:
            settle_modules(self._world.modules.values())
        self._batches.retry()
        for sentence in () if self._trust is None else self._trust.sentences():
            _log.warning("%s", sentence)

    def _withdraw(self, directories: Iterable[Directory], created: list[str]) -> None:
        for directory in directories:
            if self._watcher is not None:
                self._watcher.unwatch(directory.root)
            registry.unload(self._world, directory)
        registry.close_namespaces(self._world, created)
        if not self._world.directories:
            self._stop_finder()

    def _forget(self, directory: Directory) -> None:
        release(path for path in (*self._world.scripts, *self._world.companions) if directory.contains(path))
        for path in [path for path in self._intake.pending if directory.contains(path)]:
            del self._intake.pending[path]
        self._batches.forget(directory.contains)

    def _stop_finder(self) -> None:
        with suppress(ValueError):
            sys.meta_path.remove(self._finder)
        self._finder.forget()
