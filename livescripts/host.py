"""`LiveScripts`: what a game holds. Wiring only; decisions are in `_core`, effects in `_runtime` and `_watch`."""

from __future__ import annotations

import logging
import os
import time
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

from livescripts._core.selection import pattern as selection_for
from livescripts._runtime.batches import Batches
from livescripts._runtime.callbacks import Callbacks
from livescripts._runtime.channel import available
from livescripts._runtime.compiler import Compiler
from livescripts._runtime.directories import Directories, ScriptDirectory
from livescripts._runtime.entrance import Entrance
from livescripts._runtime.guard import Guard
from livescripts._runtime.importing import Finder, ScriptLoader
from livescripts._runtime.intake import Intake
from livescripts._runtime.watched import Told, WatchedFiles
from livescripts._runtime.world import World
from livescripts._watch.bundled import BundledFiles
from livescripts._watch.files import DiskFiles, Files
from livescripts._watch.inbox import Inbox
from livescripts._watch.observer import WatchdogWatcher, Watcher
from livescripts._watch.reader import Reader, differ, scope_of
from livescripts._watch.trust import Trust
from livescripts.errors import DirectoryError, ReentrantError
from livescripts.report import NOTHING, Commit, Errors, Fault, Quarantined, Rejected, Reloaded, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager
    from importlib.resources.abc import Traversable
    from types import ModuleType, TracebackType

    from livescripts._core.names import Layout
    from livescripts.report import FileChange

__all__ = ["Edge", "LiveScripts", "ScriptDirectory"]

_log = logging.getLogger("livescripts")
_P = ParamSpec("_P")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One line of the load-time dependency graph: `taker` takes `name` from `provider` while it loads."""

    taker: Path
    name: str
    provider: Path


class LiveScripts:
    """Loads script directories, and reloads what changes in them.

    All times are seconds. `frame_budget`: how long one `update()` goes on staging; what cannot be split, such as one
    script body, may take longer. `settle`: how long a file must have been quiet before its text is live; from a third of
    that on, it is staged. `timeout`: how
    long a script body or a unit test may run. `run_tests`: whether unit tests are part of the gate. `probation`: for how long after a commit
    `call` rolls it back if a behaviour fails because of it. `watch`: False for
    a shipped game: scripts load the same way, but there is no watcher, no thread and no timeout, and `update()` does
    nothing; or a watcher of your own. `compile_process`: whether another process compiles what is saved, so that it takes
    no time of a frame; it is not there with `watch=False`, nor where it cannot be started. `bytecode_cache`: whether
    compiled scripts are kept in `__pycache__` directories beside them for the next start, as Python keeps those of
    modules. `files` and `clock` are where scripts are read from and what time it is, on any thread; both, and a watcher, come with
    `livescripts.testing`.

    Belongs to one thread: the one that first calls `update()`, `add_directory()` or the like. Others that run code of scripts
    do so within `hold()`.
    """

    def __init__(
        self,
        *,
        frame_budget: float = 0.002,
        settle: float = 0.05,
        timeout: float = 2.0,
        run_tests: bool = True,
        probation: float = 5.0,
        watch: bool | Watcher = True,
        compile_process: bool = True,
        bytecode_cache: bool = True,
        files: Files | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        for name, value in (("frame_budget", frame_budget), ("settle", settle), ("probation", probation)):
            if not value >= 0:
                message = f"{name} is a number of seconds, zero or more, not {value!r}"
                raise ValueError(message)
        if not timeout > 0:
            message = f"timeout is a number of seconds greater than zero, not {timeout!r}"
            raise ValueError(message)
        trust = Trust.of_this_process() if watch is not False and files is None else None
        bundled = BundledFiles(DiskFiles()) if watch is False and files is None else None
        self._files: Files = files or bundled or DiskFiles(trust)
        self._clock = clock
        self._watcher: Watcher | None = None
        if watch is not False:
            self._watcher = WatchdogWatcher() if watch is True else watch
        self._world = World()
        self._compiler: Compiler | None = None
        if compile_process and self._watcher is not None and files is None and available():
            self._compiler = Compiler(running=self._world.running)
        self._inbox = Inbox(listener=self._compiler, clock=clock)
        self._waiting = self._inbox.waiting  # the idle frame's one test, with `Batches.busy`
        self._started = False
        self._unchecked = True  # whether the next `update()` is to ask who calls, even if it is idle

        self._entrance = Entrance(self._world)
        self._intake = Intake(self._world, self._files)
        self._guard = Guard(timeout if self._watcher is not None else None)
        self._callbacks = Callbacks()
        loader = ScriptLoader(self._world)
        self._batches = Batches(
            self._world,
            self._intake,
            self._guard,
            loader,
            self._callbacks,
            clock=clock,
            date=time.time,
            probation=probation,
            frame_budget=frame_budget,
            settle=settle,
            run_tests=run_tests,
            compiler=self._compiler,
        )
        self._batches.busy = True  # so that the idle frame need not test whether it is the first
        self._behaviours = self._batches.behaviours
        self._skipped = self._behaviours.skipped
        self._paused = False
        self._trust = trust
        self._directories = Directories(
            self._world,
            self._files,
            self._intake,
            self._batches,
            Finder(self._world, lambda: self._batches.stage, loader),
            self._guard,
            watcher=self._watcher,
            compiler=self._compiler,
            trust=trust,
            bundled=bundled,
            caches=bytecode_cache and files is None,  # what is in memory has no place beside it
        )
        self._reader = Reader(self._files, threaded=files is None)
        self._watched: WatchedFiles | None = None
        if self._watcher is not None:
            self._watched = WatchedFiles(
                self._files,
                self._watcher,
                self._reader,
                differ=differ,
                clock=clock,
                settle=settle,
                frame_budget=frame_budget,
            )

    # ------------------------------------------------------------ directories

    def add_directory(
        self, path: str | os.PathLike[str] | Traversable, *, namespace: str, layout: Layout = "merged"
    ) -> None:
        """Preload every script below `path` and make it importable as `namespace`.

        `layout="merged"`: what scripts define appears on the namespace of their directory, whatever the files are
        called. `layout="modules"`: one module per file, as in any Python package; `namespace=""` makes top-level
        modules. With `watch=False`, `path` may also be a directory that is not on the disk, of a game in a zip or a wheel:
        `importlib.resources.files("mygame") / "scripts"`.

        Raises `ScriptError`, which lists every broken script, and leaves nothing behind then; `DirectoryError` for a
        path and `NamespaceError` for a namespace that cannot be used.
        """
        self.add_directories(ScriptDirectory(path, namespace, layout))

    def add_directories(self, *directories: ScriptDirectory) -> None:
        """Preload several directories at once, whose scripts may need each other. Raises as `add_directory` does."""
        with self._entrance.exclusive("add_directories"):
            self._start()
            self._directories.add(directories)

    def remove_directory(self, path: str | os.PathLike[str] | Traversable) -> None:
        """Take the scripts of a directory out of `sys.modules` and stop watching them.

        Objects made from them live on. Raises `DirectoryError` if it is not registered, `NameTakenError` if a script
        of another directory takes something from it.
        """
        with self._entrance.exclusive("remove_directory"):
            self._directories.remove(path)

    # ------------------------------------------------------------ the frame

    def update(self, now: float | None = None) -> Report:
        """Once per frame, between frames: take over what was saved. Nothing else ever changes the game.

        Returns a falsy report when nothing happened. Never raises for what scripts contain. Raises `WrongThreadError`
        (the first time, and when there is something to do), `ReentrantError` when a script calls it, and `ClosedError`.
        `now` replaces the clock, in seconds.
        """
        if not self._waiting and not self._batches.busy:
            # An idle frame is these two tests: asking for the thread would take as long as all of it.
            return NOTHING
        if self._unchecked:
            self._entrance.check_thread("update")
            self._unchecked = False
            self._batches.busy = self._has_work
            if not self.busy:
                return NOTHING
        if self._paused:
            self._entrance.check_thread("update")
            return NOTHING
        with self._entrance.exclusive("update", wait=False) as admitted:
            return self._frame(now) if admitted else NOTHING

    def reload(self, *paths: str | os.PathLike[str]) -> Report:
        """Reload these scripts, or everything that is pending, at once, whether or not the files changed.

        What `undo()` took back is pending, too: this is how it comes again without a new save.

        Returns the report. Raises `DirectoryError` for a path that is not in a script directory.
        """
        with self._entrance.exclusive("reload"):
            wanted = [self._files.real_path(os.fspath(path)) for path in paths] or list(self._intake.pending)
            for path in wanted:
                if self._world.directory_of(path) is None:
                    message = f"{path} is in no registered script directory"
                    raise DirectoryError(message)
            return self._batches.force(wanted)

    def undo(self) -> Report:
        """Back to the sources before the last `update()` or `reload()` that changed any, at once.

        Everything alive follows, and state is kept, as in any reload. Called again, it goes back further, to what was
        preloaded at most; a new save goes forward from where it is. All or nothing: if an old source does not pass any
        more, the report says why, nothing is changed, and the next call tries again. `errors` has an `UndoneError` for
        each file that says something else than what runs because of this.

        Returns the report, falsy when there is nothing to go back to. Raises as `update()` does.
        """
        with self._entrance.exclusive("undo"):
            return self._batches.undo()

    # ------------------------------------------------------------ behaviours

    def call(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T | None:
        """Call a behaviour so that the game survives it: `live.call(enemy.update, dt)`.

        Returns what it returns; None when it raised, or is skipped. When it raises and its script, or one that it depends
        on, was committed less than `probation` seconds ago, the next `update()` rolls that commit back, unless the
        version before raised the same. In any case its entity (`enemy`; the function itself if it is bound to nothing)
        is skipped from then on until one of the scripts involved changes. `errors.recent` and `on_fault` tell of it.

        Exceptions that are meant to end something are raised as always: KeyboardInterrupt, and whatever is no
        `Exception`, unless a script defines it or it is SystemExit. With `watch=False` everything is: it is a plain call.
        So it is in a script that is being loaded, in its unit tests, validators and hooks: what raises there is their error.
        """
        if self._skipped and self._behaviours.skips(fn) and not self._loading():
            return None
        try:
            return fn(*args, **kwargs)
        except BaseException as error:
            if self._watcher is None or self._loading():
                raise
            try:
                if not self._behaviours.failed(fn, error):
                    raise
            finally:
                if self._behaviours.due:
                    self._batches.busy = True
            return None

    def _loading(self) -> bool:
        """Whether this thread is loading scripts right now: it sees versions that may never run."""
        return self._batches.advancing and self._entrance.occupied and self._entrance.is_owner

    def release(self, entity: object = None) -> int:
        """Call the behaviours of this entity again, or those of all that are skipped. Returns how many were."""
        return self._behaviours.release(entity)

    @property
    def quarantined(self) -> tuple[Quarantined, ...]:
        """Whom `call` skips, by fault."""
        return self._behaviours.quarantined

    def hold(self) -> AbstractContextManager[None]:
        """For other threads that run code of scripts: `with live.hold(): goblin.think()`. Nothing changes in the block.

        Any number of threads may be in such a block. `update()` does not wait for them: it takes nothing over while one is
        inside, and holds up the next ones, for a quarter of a second at most, so that its turn comes. `reload()` and the like
        wait. So keep blocks short, and do not wait for the game's thread in one. Calls of that thread in its own block raise
        `ReentrantError`. With `watch=False` nothing is held: nothing changes.
        """
        return nullcontext() if self._watcher is None else self._entrance.holds

    # ------------------------------------------------------------ pausing

    def pause(self) -> None:
        """From now on `update()` takes nothing over, for a recording or a boss fight. What is saved meanwhile waits.

        `reload()` and `undo()` by hand still work. Nothing happens if it is paused already.
        """
        self._paused = True

    def resume(self) -> None:
        """The end of `pause()`: the next `update()` takes over what was saved meanwhile."""
        self._paused = False

    @property
    def paused(self) -> bool:
        """Whether `update()` takes nothing over."""
        return self._paused

    def _frame(self, given: float | None) -> Report:
        now = self._clock() if given is None else given
        paths: dict[str, float] = {}
        try:
            paths = self._inbox.drain()
            if given is not None:
                paths = dict.fromkeys(paths, now)  # it came by another clock
            report = self._batches.frame(now, paths)
        except BaseException as error:  # KeyboardInterrupt as well: it goes on from there
            report = self._batches.recover(paths, error)
        if self._watcher is not None:
            for outcome in report.reloaded:
                self._watcher.forget(map(str, outcome.removed))
        warnings = self._warnings() if paths or report else ()
        files = self._watched_files(now, paths)
        if files:
            warnings += tuple(self._batches.advise(slow for change in files for slow in change.slow))
            report = replace(report, files=files)
        return replace(report, warnings=(*report.warnings, *warnings)) if warnings else report

    def _watched_files(self, now: float, paths: Iterable[str]) -> tuple[FileChange, ...]:
        batches, watched = self._batches, self._watched
        if not watched:
            return ()
        try:
            return watched.frame(now, paths, staging=batches.stage is not None, settling=batches.busy)
        finally:
            batches.busy = batches.busy or watched.busy  # one flag for the idle frame's test

    def _warnings(self) -> tuple[str, ...]:
        warnings = self._watcher.warnings() if self._watcher is not None else ()
        if self._trust is not None:
            warnings += self._trust.sentences()
        for warning in warnings:
            _log.warning("%s", warning)
        return warnings

    # ------------------------------------------------------------ registrations

    def add_validator(self, validator: Callable[[ModuleType], object]) -> Callable[[], None]:
        """Have every staged script pass `validator(module)`, which rejects it by raising. Returns the undo."""
        return self._callbacks.validators.add(validator)

    def on_reload(self, callback: Callable[[Reloaded], object]) -> Callable[[], None]:
        """Call back after each commit. Returns the undo."""
        return self._callbacks.on_reload.add(callback)

    def on_error(self, callback: Callable[[Rejected], object]) -> Callable[[], None]:
        """Call back after each rejection. Returns the undo."""
        return self._callbacks.on_error.add(callback)

    def watch_files(
        self,
        path: str | os.PathLike[str],
        pattern: str | Iterable[str],
        callback: Callable[[Path], object],
    ) -> Callable[[], None]:
        """Call back with each file that is no script and says something else now: pictures, levels, sounds, shaders.

        `path` is a directory, sub-directories included, or one file. `pattern` is a glob, or several: without "/" it is
        compared with names (`"*.png"`), else with paths below the directory (`"levels/**/*.toml"`). Hidden files and
        editors' temporary ones are left out. With one file, the pattern has to match its name.

        `update()` calls `callback(path)` once for each file whose content changed, that was created, or is gone, in sorted
        order, when it has been quiet for `settle` seconds and saved scripts have been taken over. The path begins with
        what was given here; whether a file is gone, `path.exists()` tells. What callbacks raise is logged, and is in
        `Report.files`. Calls that do not fit into the frame budget are made in the frames that follow.

        Returns the undo. Raises `DirectoryError` if nothing is at `path`, ValueError for a pattern that can match no file,
        and as `update()` does. With `watch=False` nothing is watched.
        """
        self._entrance.check_thread("watch_files")
        selection = selection_for(pattern)
        if self._watched is None:
            return lambda: None
        self._start()
        scope = scope_of(self._files, os.fspath(path), selection)
        return self._watched.add(Told(scope, Path(path), callback))

    def on_fault(self, callback: Callable[[Fault], object]) -> Callable[[], None]:
        """Call back when a behaviour raises something new, in the midst of the frame. Returns the undo."""
        return self._callbacks.on_fault.add(callback)

    def on_class_created(self, callback: Callable[[type], object]) -> Callable[[], None]:
        """Call back with each class that a reload brought. Returns the undo."""
        return self._callbacks.on_class_created.add(callback)

    def on_class_updated(self, callback: Callable[[type, type], object]) -> Callable[[], None]:
        """Call back with (old, new) for each class whose text was edited, after its instances followed. Returns the undo.

        Both are the same class where it was edited in place.
        """
        return self._callbacks.on_class_updated.add(callback)

    # ------------------------------------------------------------ looking

    @property
    def busy(self) -> bool:
        """Whether saves are settling or being staged: whether the next `update()` has something to do, unless it is paused."""
        return (self._has_work if self._unchecked else self._batches.busy) or bool(self._waiting)

    @property
    def _has_work(self) -> bool:
        return self._batches.has_work or (self._watched is not None and self._watched.busy)

    @property
    def errors(self) -> Errors:
        """Why scripts do not run as saved: path -> exception, empty when everything does. `errors.recent`: what behaviours raised."""
        pending = {Path(path): item.error for path, item in self._intake.pending.items()}
        return Errors(pending, self._behaviours.recent)

    @property
    def history(self) -> tuple[Commit, ...]:
        """What was taken over since the scripts were preloaded, the last hundred commits, the oldest first."""
        return tuple(self._batches.chronicle.commits)

    def version(self, path: str | os.PathLike[str]) -> int | None:
        """The number of the version of a script that runs, counted as in `history`; None if none does."""
        return self._batches.number(self._files.real_path(os.fspath(path)))

    @property
    def watching(self) -> bool:
        """Whether scripts are watched at all: False in a shipped game, with `watch=False`."""
        return self._watcher is not None

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
        if self._entrance.closed:
            return
        if self._entrance.occupied:
            message = "close() was called while scripts load; call it from the game"
            raise ReentrantError(message)
        self._directories.close()
        if self._watcher is not None:
            self._watcher.close()
        self._reader.close()
        if self._compiler is not None:
            self._compiler.close()
        self._guard.close()
        self._intake.pending.clear()
        self._inbox.drain()
        self._batches.busy = self._unchecked = True  # every later `update()` is refused
        self._entrance.close()

    def _start(self) -> None:
        if not self._started and self._watcher is not None:
            if self._compiler is not None:
                self._compiler.start()
            self._watcher.start(self._inbox)
        self._started = True

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close."""
        self.close()
