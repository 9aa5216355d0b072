"""The batch that is on its way: begun, staged frame by frame, brought to its end, or dropped.

# Rule 1: there is never more than one. What is saved meanwhile joins it, and it begins anew.
# Rule 2: what is dropped is looked at again.
# Rule 3: what is not taken over is in `Intake.pending`, with its reason.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._core.history import History
from livescripts._core.pace import Pace
from livescripts._core.settling import Settler
from livescripts._runtime import registry
from livescripts._runtime.calls import throughout
from livescripts._runtime.collecting import without_collections
from livescripts._runtime.failures import describe
from livescripts._runtime.intake import Pending
from livescripts._runtime.meter import Meter, advice
from livescripts._runtime.reload import Reload
from livescripts._runtime.versions import prepare
from livescripts.report import NOTHING, Problem, Rejected, Reloaded, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from livescripts._runtime.callbacks import Callbacks
    from livescripts._runtime.compiler import Compiler
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.importing import ScriptLoader
    from livescripts._runtime.intake import Intake
    from livescripts._runtime.reload import Saved
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.versions import Broken, Version
    from livescripts._runtime.world import World
    from livescripts.report import Slow

__all__ = ["Batches"]

_log = logging.getLogger("livescripts")


class Batches:
    """Brings saved files to their outcomes, and back.

    `history` has the way back. `busy` is whether the next `frame` has something to do even if no path has come in. `frame_budget` and `settle` are
    seconds, `clock` is read in seconds.
    """

    def __init__(
        self,
        world: World,
        intake: Intake,
        guard: Guard,
        loader: ScriptLoader,
        callbacks: Callbacks,
        *,
        clock: Callable[[], float],
        frame_budget: float,
        settle: float,
        run_tests: bool,
        compiler: Compiler | None = None,
    ) -> None:
        self.busy = False
        self.history = History()
        self._world = world
        self._intake = intake
        self._guard = guard
        self._loader = loader
        self._callbacks = callbacks
        self._clock = clock
        self._frame_budget = frame_budget
        self._run_tests = run_tests
        self._compiler = compiler
        self._settler = Settler(settle)
        self._reload: Reload | None = None
        self._was: dict[str, Version | None] = {}  # what its files ran when it began
        self._meter = Meter(clock, frame_budget)
        self._frames = 0
        self._seconds = self._began = 0.0
        self._named: dict[Path | None, tuple[bytes, set[str]]] = {}  # slow things, by file, and its version

    @property
    def stage(self) -> Stage | None:
        """What is being staged, if anything."""
        return None if self._reload is None else self._reload.stage

    # ------------------------------------------------------------ beginning

    def frame(self, now: float, paths: Iterable[str]) -> Report:
        """One frame's share of the work. `paths` may have changed, `now` is in seconds."""
        self._began = self._clock()
        self._settler.touch(self._intake.expand(paths), now)
        batch = self._settler.ready(now, self._intake.doubtful)
        report = self._begin(batch, wait=False) if batch else self._go_on(wait=False)
        self.busy = bool(self._settler) or self._reload is not None
        return report

    def force(self, paths: Iterable[str]) -> Report:
        """Reload these at once, whether or not they changed."""
        self._began = self._clock()
        wanted = frozenset(paths)
        self.drop()
        self._intake.forced.update(wanted)
        return self._begin(wanted, wait=True)

    def undo(self) -> Report:
        """Back to the sources before the last batch, at once: all of them, or none."""
        sources = self.history.last()
        if not sources:
            return NOTHING
        was = {path: self._world.running(path) for path in sources}
        self._began = self._clock()
        self._frames, self._seconds = 1, 0.0
        try:
            # Without what was rejected earlier: going back brings nothing new.
            reload = self.preload(sources)
        except Exception as error:
            return self._give_up(sources, error, undone=True)
        self._seconds = self._meter.longest_frame = self._clock() - self._began
        if not reload.rejections:
            self.history.step_back()
            self._intake.take_back(was)
        return self._tell(reload, undone=True)

    def preload(
        self,
        found: Mapping[str, bytes | OSError | None],
        prepare: Callable[[str, bytes], Version | Broken] = prepare,
    ) -> Reload:
        """Load these at once, all of them or, if anything is wrong with one, none. Nobody is told."""
        self.drop()
        self._meter = Meter(self._clock, self._frame_budget)
        reload = self._reload = self._new(found, {}, strict=True)
        reload.prepare = prepare
        try:
            with without_collections(), nullcontext() if self._guard.timeout is None else throughout():
                reload.advance(to_the_end=True)
        finally:
            reload.abandon()
            self._reload = None
        return reload

    def retry(self) -> None:
        """Try again soon whatever was rejected."""
        rejected = self._intake.retried()
        if rejected:
            self._look_again(rejected)

    def drop(self) -> None:
        """Give up what is being staged; its files are looked at again as soon as there is time."""
        if self._reload is not None:
            reload, self._reload = self._reload, None
            reload.abandon()
            self._look_again(reload.fresh)

    def _look_again(self, paths: Iterable[str]) -> None:
        again = tuple(paths)
        self._intake.forced.update(again)
        self._settler.touch(again, self._clock())
        self.busy = True

    def _begin(self, batch: frozenset[str], *, wait: bool) -> Report:
        if self._reload is not None:
            # Saved again while it was staged, or something else was: one batch.
            batch |= frozenset(self._reload.fresh)
            self.drop()
            self._settler.forget(batch)
        self._meter = Meter(self._clock, self._frame_budget)
        with self._meter.measuring("loading"):
            fresh, back = self._intake.look(batch)
        reverted = tuple(map(Path, back))
        if not fresh:
            return Report(reverted=reverted) if reverted else NOTHING
        pending = {path: saved for path, saved in self._intake.retried().items() if path not in fresh}
        self._reload = self._new(fresh, pending, strict=False)
        if self._compiler is not None:
            self._reload.prepare = self._compiler.at_once if wait else self._compiler.prepare
            if not wait:
                self._compiler.expect({path: data for path, data in fresh.items() if isinstance(data, bytes)})
        self._was = {path: self._world.running(path) for path in (*fresh, *pending)}
        self._frames, self._seconds = 0, 0.0
        report = self._go_on(wait=wait)
        return replace(report, reverted=reverted) if reverted else report

    def _new(
        self, fresh: Mapping[str, bytes | OSError | None], pending: Mapping[str, Saved], *, strict: bool
    ) -> Reload:
        return Reload(
            self._world,
            fresh,
            pending,
            self._guard,
            self._loader,
            self._meter,
            Pace(self._frame_budget),
            tuple(self._callbacks.validators),
            run_tests=self._run_tests,
            strict=strict,
            hidden=self._hidden,
        )

    def _hidden(self, path: str) -> str | None:
        directory = self._world.directory_of(path)
        if directory is None or directory.namespace or path in self._world.scripts:
            return None
        location = directory.locate(path)
        return None if isinstance(location, str) else registry.shadowed(self._world, directory, location.module)

    # ------------------------------------------------------------ going on, and the end

    def _go_on(self, *, wait: bool) -> Report:
        reload = self._reload
        if reload is None:
            return NOTHING
        try:
            with without_collections():
                done = reload.advance(to_the_end=wait)
        except BaseException as error:
            self.drop()
            if not isinstance(error, Exception):
                raise
            self._settler.forget(reload.fresh)
            self._intake.forced.clear()
            for path in reload.fresh:
                self._intake.pending[path] = Pending(reload.saved.get(path), error)
            return self._give_up(reload.fresh, error)
        if done or not reload.awaiting:
            # A frame that only looked for an answer was none of the batch's.
            self._frames += 1
            took = self._clock() - self._began
            self._seconds += took
            self._meter.longest_frame = max(self._meter.longest_frame, took)
        if not done:
            return NOTHING
        self._reload = None
        if self._compiler is not None:
            self._compiler.forget(reload.fresh)
        return self._finish(reload)

    def _give_up(self, scripts: Iterable[str], error: Exception, *, undone: bool = False) -> Report:
        """Something of ours failed while staging: the scripts stay as they are, and the game goes on."""
        paths = sorted(scripts)
        _log.exception("could not stage %s", ", ".join(paths))
        error.add_note("raised while staging; nothing was changed")
        problem = Problem(Path(paths[0]), None, "", f"could not be staged: {describe(error)}", error)
        timings = self._meter.timings()
        rejected = Rejected(tuple(map(Path, paths)), (problem,), self._seconds, self._frames, undone, timings)
        self._callbacks.on_error.call(rejected)
        return Report((rejected,))

    def _finish(self, reload: Reload) -> Report:
        pending = self._intake.pending
        for path in reload.accepted:
            pending.pop(path, None)
        for rejection in reload.rejections:
            for path, error in rejection.errors.items():
                pending[path] = Pending(reload.saved[path], error)
        before = {path: _source(self._was[path]) for path in reload.accepted}
        self._was = {}  # holds no version that does not run
        self.history.record({p: data for p, data in before.items() if data != _source(self._world.running(p))})
        return self._tell(reload)

    def _tell(self, reload: Reload, *, undone: bool = False) -> Report:
        changes = iter(reload.changes)
        outcomes: list[Reloaded | Rejected] = []
        self._callbacks.meter = self._meter
        timings = self._meter.timings()
        for outcome in reload.outcomes:
            timed = replace(outcome, seconds=self._seconds, frames=self._frames, undone=undone, timings=timings)
            if isinstance(timed, Reloaded):
                timed = self._callbacks.committed(self._with_advice(timed, timed.slow), next(changes))
                late = self._meter.slow(())
                timed = self._with_advice(replace(timed, slow=(*timed.slow, *late)), late)
            else:
                self._callbacks.rejected(timed)
                self._advise(self._meter.slow(()))
            outcomes.append(timed)
        return Report(tuple(outcomes))

    def _with_advice(self, outcome: Reloaded, slow: tuple[Slow, ...]) -> Reloaded:
        new = self._advise(slow)
        return replace(outcome, warnings=(*outcome.warnings, *new)) if new else outcome

    def _advise(self, slow: Iterable[Slow]) -> list[str]:
        """Name these in the log, once for each version; returns what was said, a line for each file."""
        new: dict[Path | None, list[Slow]] = {}
        for each in slow:
            version = None if each.path is None else self._world.running(str(each.path))
            digest = b"" if version is None else version.digest
            before, named = self._named.get(each.path, (digest, set[str]()))
            if before != digest:
                named = set[str]()
            if each.what not in named:
                new.setdefault(each.path, []).append(each)
            self._named[each.path] = digest, {*named, each.what}
        lines = [advice(found, self._frame_budget) for found in new.values()]
        for line in lines:
            _log.warning("%s", line)
        return lines


def _source(version: Version | None) -> bytes | None:
    return None if version is None else version.data
