"""`LiveScripts`: what a game holds. Wiring only; decisions are in `_core`, effects in `_runtime` and `_watch`."""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Self

from livescripts._core.settling import Settler
from livescripts._runtime import registry
from livescripts._runtime.failures import describe
from livescripts._runtime.guard import Guard
from livescripts._runtime.hooks import Hooks
from livescripts._runtime.importing import Finder, ScriptLoader
from livescripts._runtime.intake import Intake, Pending
from livescripts._runtime.reload import Reload, Saved
from livescripts._runtime.sources import release
from livescripts._runtime.world import Directory, World
from livescripts._watch.files import DiskFiles, Files
from livescripts._watch.inbox import Inbox
from livescripts._watch.observer import WatchdogWatcher, Watcher
from livescripts.errors import ClosedError, DirectoryError, ReentrantError, ScriptError, WrongThreadError
from livescripts.report import NOTHING, Problem, Rejected, Reloaded, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from types import TracebackType

    from livescripts._core.names import Layout

__all__ = ["Edge", "LiveScripts", "ScriptDirectory"]

_log = logging.getLogger("livescripts")


@dataclass(frozen=True, slots=True)
class ScriptDirectory:
    """A directory for `add_directories`."""

    path: str | os.PathLike[str]
    namespace: str
    layout: Layout = "merged"


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One line of the load-time dependency graph: `taker` takes `name` from `provider` while it loads."""

    taker: Path
    name: str
    provider: Path


class LiveScripts:
    """Loads script directories, and reloads what changes in them.

    All times are seconds. `frame_budget`: how long one `update()` goes on staging; what cannot be split, such as one
    script body, may take longer. `settle`: how long a file must have been quiet before it is looked at. `timeout`: how
    long a script body or a unit test may run. `run_tests`: whether unit tests are part of the gate. `watch`: False for
    a shipped game: scripts load the same way, but there is no watcher, no thread and no timeout, and `update()` does
    nothing; or a watcher of your own. `files` and `clock` are where scripts are read from and what time it is; both,
    and a watcher, come with `livescripts.testing`.

    Belongs to one thread: the one that first calls `update()`, `add_directory()` or the like.
    """

    def __init__(
        self,
        *,
        frame_budget: float = 0.002,
        settle: float = 0.05,
        timeout: float = 2.0,
        run_tests: bool = True,
        watch: bool | Watcher = True,
        files: Files | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, value in (("frame_budget", frame_budget), ("settle", settle)):
            if not value >= 0:
                message = f"{name} is a number of seconds, zero or more, not {value!r}"
                raise ValueError(message)
        if not timeout > 0:
            message = f"timeout is a number of seconds greater than zero, not {timeout!r}"
            raise ValueError(message)
        self._frame_budget = frame_budget
        self._run_tests = run_tests
        self._files: Files = DiskFiles() if files is None else files
        self._clock = clock
        self._watcher: Watcher | None = None
        if watch is not False:
            self._watcher = WatchdogWatcher() if watch is True else watch
        self._inbox = Inbox()
        self._waiting = self._inbox.waiting  # the idle frame's one test, with `_busy`
        self._settler = Settler(settle)
        self._busy = False

        self._world = World()
        self._intake = Intake(self._world, self._files)
        self._pending = self._intake.pending
        self._reload: Reload | None = None
        self._frames = 0
        self._seconds = 0.0
        self._guard = Guard(timeout if self._watcher is not None else None)
        self._loader = ScriptLoader(self._world)
        self._finder = Finder(
            self._world, lambda: self._reload.stage if self._reload is not None else None, self._loader
        )

        self._owner: int | None = None
        self._inside = False
        self._closed = False
        self._started = False
        self._validators: Hooks[[ModuleType]] = Hooks()
        self._on_reload: Hooks[[Reloaded]] = Hooks()
        self._on_error: Hooks[[Rejected]] = Hooks()
        self._on_class_created: Hooks[[type]] = Hooks()
        self._on_class_updated: Hooks[[type, type]] = Hooks()

    # ------------------------------------------------------------ directories

    def add_directory(self, path: str | os.PathLike[str], *, namespace: str, layout: Layout = "merged") -> None:
        """Preload every script below `path` and make it importable as `namespace`.

        `layout="merged"`: what scripts define appears on the namespace of their directory, whatever the files are
        called. `layout="modules"`: one module per file, as in any Python package; `namespace=""` makes top-level
        modules.

        Raises `ScriptError`, which lists every broken script, and leaves nothing behind then; `DirectoryError` for a
        path and `NamespaceError` for a namespace that cannot be used.
        """
        self.add_directories(ScriptDirectory(path, namespace, layout))

    def add_directories(self, *directories: ScriptDirectory) -> None:
        """Preload several directories at once, whose scripts may need each other. Raises as `add_directory` does."""
        with self._exclusive("add_directories"):
            self._start()
            added: list[Directory] = []
            created: list[str] = []
            try:
                for wanted in directories:
                    path = os.fspath(wanted.path)
                    directory = registry.check_directory(
                        self._world, self._files, path, wanted.namespace, wanted.layout
                    )
                    self._world.directories[directory.root] = directory
                    added.append(directory)
                    created += registry.open_namespaces(self._world, directory)
                    if self._watcher is not None:
                        # Watched before it is read: a save in between is seen twice rather than not at all.
                        self._watcher.watch(directory.root)
                self._preload(added)
            except BaseException:
                self._withdraw(added, created)
                raise

    def _preload(self, directories: Iterable[Directory]) -> None:
        found: dict[str, bytes | OSError | None] = {}
        for directory in directories:
            found.update(self._intake.everything(directory))
        self._drop_reload()
        reload = self._reload = self._new_reload(found, {}, strict=True)
        try:
            reload.advance(lambda: False)
        finally:
            reload.abandon()
            self._reload = None
        if reload.rejections:
            problems = {
                (problem.path, problem.line, problem.message): problem
                for rejection in reload.rejections
                for problem in rejection.problems
            }
            blocked = [Path(path) for rejection in reload.rejections for path in rejection.blocked]
            raise ScriptError(sorted(problems.values(), key=lambda p: (str(p.path), p.line or 0)), blocked)
        if self._pending:
            self._busy = True
            self._settler.touch(self._pending, self._clock())
            self._intake.forced.update(self._pending)

    def _withdraw(self, directories: Iterable[Directory], created: list[str]) -> None:
        for directory in directories:
            if self._watcher is not None:
                self._watcher.unwatch(directory.root)
            registry.unload(self._world, directory)
        registry.close_namespaces(self._world, created)
        if not self._world.directories:
            self._stop_finder()

    def remove_directory(self, path: str | os.PathLike[str]) -> None:
        """Take the scripts of a directory out of `sys.modules` and stop watching them.

        Objects made from them live on. Raises `DirectoryError` if it is not registered, `NameTakenError` if a script
        of another directory takes something from it.
        """
        with self._exclusive("remove_directory"):
            root = self._files.real_path(os.fspath(path))
            directory = self._world.directories.get(root)
            if directory is None:
                message = f"{root} is not a registered script directory"
                raise DirectoryError(message)
            registry.check_removal(self._world, directory)
            self._drop_reload()
            self._forget(directory)
            self._withdraw([directory], [])

    def _forget(self, directory: Directory) -> None:
        release(path for path in (*self._world.scripts, *self._world.companions) if directory.contains(path))
        for path in [path for path in self._pending if directory.contains(path)]:
            del self._pending[path]

    # ------------------------------------------------------------ the frame

    def update(self, *, now: float | None = None) -> Report:
        """Once per frame, between frames: take over what was saved. Nothing else ever changes the game.

        Returns a falsy report when nothing happened. Never raises for what scripts contain. Raises `WrongThreadError`,
        `ReentrantError` when a script calls it, and `ClosedError`. `now` replaces the clock, in seconds.
        """
        if threading.get_ident() != self._owner:
            self._check_thread("update")
        if not self._waiting and not self._busy:
            return NOTHING
        with self._exclusive("update"):
            return self._frame(self._clock() if now is None else now)

    def reload(self, *paths: str | os.PathLike[str]) -> Report:
        """Reload these scripts, or everything that is pending, at once, whether or not the files changed.

        Returns the report. Raises `DirectoryError` for a path that is not in a script directory.
        """
        with self._exclusive("reload"):
            wanted = [self._files.real_path(os.fspath(path)) for path in paths] or list(self._pending)
            for path in wanted:
                if self._world.directory_of(path) is None:
                    message = f"{path} is in no registered script directory"
                    raise DirectoryError(message)
            self._drop_reload()
            self._intake.forced.update(wanted)
            return self._begin(frozenset(wanted), wait=True)

    def _frame(self, now: float) -> Report:
        warnings: tuple[str, ...] = ()
        if self._waiting:
            self._settler.touch(self._intake.expand(self._inbox.drain()), now)
            warnings = self._warnings()
        batch = self._settler.ready(now, self._intake.doubtful)
        report = self._begin(batch, wait=False) if batch else self._go_on(wait=False)
        self._busy = bool(self._settler) or self._reload is not None
        if warnings:
            report = replace(report, warnings=(*report.warnings, *warnings))
        return report

    def _warnings(self) -> tuple[str, ...]:
        warnings = self._watcher.warnings() if self._watcher is not None else ()
        for warning in warnings:
            _log.warning("%s", warning)
        return warnings

    def _begin(self, batch: frozenset[str], *, wait: bool) -> Report:
        if self._reload is not None:
            # Saved again while it was staged, or something else was: one batch.
            batch |= frozenset(self._reload.fresh)
            self._drop_reload()
            self._settler.forget(batch)
        fresh, back = self._intake.look(batch)
        reverted = tuple(map(Path, back))
        if not fresh:
            return Report(reverted=reverted) if reverted else NOTHING
        pending = {path: item.saved for path, item in self._pending.items() if path not in fresh}
        self._reload = self._new_reload(fresh, pending, strict=False)
        self._frames, self._seconds = 0, 0.0
        report = self._go_on(wait=wait)
        return replace(report, reverted=reverted) if reverted else report

    def _new_reload(
        self, fresh: Mapping[str, bytes | OSError | None], pending: Mapping[str, Saved], *, strict: bool
    ) -> Reload:
        return Reload(
            self._world,
            fresh,
            pending,
            self._guard,
            self._loader,
            tuple(self._validators),
            run_tests=self._run_tests,
            strict=strict,
            hidden=self._hidden,
        )

    def _hidden(self, path: str) -> str | None:
        directory = self._world.directory_of(path)
        if directory is None or path in self._world.scripts:
            return None
        location = directory.locate(path)
        return None if isinstance(location, str) else registry.shadowed(self._world, directory, location.module)

    def _go_on(self, *, wait: bool) -> Report:
        reload = self._reload
        if reload is None:
            return NOTHING
        started = time.perf_counter()
        deadline = self._clock() + self._frame_budget
        try:
            done = reload.advance(lambda: not wait and self._clock() >= deadline)
        except BaseException as error:
            self._drop_reload()
            if not isinstance(error, Exception):
                raise
            self._settler.forget(reload.fresh)
            self._intake.forced.clear()
            return self._give_up(reload, error)
        self._frames += 1
        self._seconds += time.perf_counter() - started
        if not done:
            return NOTHING
        self._reload = None
        return self._finish(reload)

    def _give_up(self, reload: Reload, error: Exception) -> Report:
        """Something of ours failed while staging: the scripts stay as they are, and the game goes on."""
        _log.exception("could not stage %s", ", ".join(sorted(reload.fresh)))
        paths = sorted(reload.fresh)
        error.add_note("raised while staging; nothing was changed")
        for path in paths:
            self._pending[path] = Pending(reload.saved.get(path), error)
        problem = Problem(Path(paths[0]), None, "", f"could not be staged: {describe(error)}", error)
        rejected = Rejected(tuple(map(Path, paths)), (problem,), self._seconds, self._frames)
        self._on_error.call(rejected)
        return Report((rejected,))

    def _finish(self, reload: Reload) -> Report:
        for path in reload.accepted:
            self._pending.pop(path, None)
        for rejection in reload.rejections:
            for path, error in rejection.errors.items():
                self._pending[path] = Pending(reload.saved[path], error)
        changes = iter(reload.changes)
        outcomes: list[Reloaded | Rejected] = []
        for outcome in reload.outcomes:
            timed = replace(outcome, seconds=self._seconds, frames=self._frames)
            if isinstance(timed, Reloaded):
                what = next(changes)
                errors = [error for cls in what.created for error in self._on_class_created.call(cls)]
                errors += [error for pair in what.updated for error in self._on_class_updated.call(*pair)]
                timed = replace(timed, hook_errors=tuple(errors))
                _log.info("%s", timed)
                errors += self._on_reload.call(timed)
                timed = replace(timed, hook_errors=tuple(errors))
            else:
                _log.error("%s", timed)
                self._on_error.call(timed)
            outcomes.append(timed)
        return Report(tuple(outcomes))

    def _drop_reload(self) -> None:
        """Give up what is being staged; its files are looked at again as soon as there is time."""
        if self._reload is not None:
            reload, self._reload = self._reload, None
            reload.abandon()
            self._intake.forced.update(reload.fresh)
            self._settler.touch(reload.fresh, self._clock())
            self._busy = True

    # ------------------------------------------------------------ registrations

    def add_validator(self, validator: Callable[[ModuleType], object]) -> Callable[[], None]:
        """Have every staged script pass `validator(module)`, which rejects it by raising. Returns the undo."""
        return self._validators.add(validator)

    def on_reload(self, callback: Callable[[Reloaded], object]) -> Callable[[], None]:
        """Call back after each commit. Returns the undo."""
        return self._on_reload.add(callback)

    def on_error(self, callback: Callable[[Rejected], object]) -> Callable[[], None]:
        """Call back after each rejection. Returns the undo."""
        return self._on_error.add(callback)

    def on_class_created(self, callback: Callable[[type], object]) -> Callable[[], None]:
        """Call back with each class that a reload brought. Returns the undo."""
        return self._on_class_created.add(callback)

    def on_class_updated(self, callback: Callable[[type, type], object]) -> Callable[[], None]:
        """Call back with (old, new) for each class that a reload replaced, after its instances moved. Returns the undo."""
        return self._on_class_updated.add(callback)

    # ------------------------------------------------------------ looking

    @property
    def busy(self) -> bool:
        """Whether saves are settling or being staged: whether the next `update()` has something to do."""
        return self._busy or bool(self._waiting)

    @property
    def errors(self) -> Mapping[Path, BaseException]:
        """Why scripts do not run as saved: path -> exception. Empty when everything does."""
        return MappingProxyType({Path(path): item.error for path, item in self._pending.items()})

    @property
    def graph(self) -> tuple[Edge, ...]:
        """Who depends on whom while loading, by name, sorted."""
        edges = self._world.graph.edges()
        return tuple(
            sorted(
                Edge(Path(taker), ".".join(part for part in take if part), Path(provider))
                for taker, take, provider in edges
            )
        )

    # ------------------------------------------------------------ the end

    def close(self) -> None:
        """Stop watching, take all scripts out of `sys.modules`. Objects made from them live on. Safe to call twice."""
        if self._closed:
            return
        if self._inside:
            message = "close() was called while scripts load; call it from the game"
            raise ReentrantError(message)
        self._drop_reload()
        for directory in list(self._world.directories.values()):
            self._forget(directory)
            registry.unload(self._world, directory)
        registry.close_namespaces(self._world, list(self._world.modules))
        if self._watcher is not None:
            self._watcher.close()
        self._stop_finder()
        self._guard.close()
        self._pending.clear()
        self._inbox.drain()
        self._busy = False
        self._closed = True
        self._owner = None

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close."""
        self.close()

    # ------------------------------------------------------------ guards

    def _start(self) -> None:
        if self._finder not in sys.meta_path:
            sys.meta_path.insert(0, self._finder)
        if not self._started and self._watcher is not None:
            self._watcher.start(self._inbox)
        self._started = True

    def _stop_finder(self) -> None:
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(self._finder)
        self._finder.forget()

    def _check_thread(self, call: str) -> None:
        if self._closed:
            message = f"{call}() was called after close()"
            raise ClosedError(message)
        if self._owner is None:
            self._owner = threading.get_ident()
        elif self._owner != threading.get_ident():
            message = (
                f"{call}() was called from the thread {threading.current_thread().name!r}, but this LiveScripts belongs "
                "to the thread that called it first; call it from the game loop only"
            )
            raise WrongThreadError(message)

    @contextlib.contextmanager
    def _exclusive(self, call: str) -> Generator[None]:
        """Only one at a time, from the owner's thread, and never from a script."""
        self._check_thread(call)
        if self._inside:
            message = f"{call}() was called while scripts are being loaded, from a script, a test or a callback"
            raise ReentrantError(message)
        frame = inspect.currentframe()
        scripts = {id(vars(script.module)): path for path, script in self._world.scripts.items()}
        while frame is not None:
            path = scripts.get(id(frame.f_globals))
            if path is not None:
                message = (
                    f"{call}() was called from the script {path}, line {frame.f_lineno}: in the middle of a frame "
                    "nothing may change. Call it from the game loop, in code that is no script"
                )
                raise ReentrantError(message)
            frame = frame.f_back
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
