"""The batch that is on its way: begun, staged frame by frame, brought to its end, or dropped.

# Rule 1: there is never more than one. What is saved meanwhile joins it, and it begins anew.
# Rule 2: what is dropped is looked at again.
# Rule 3: what is not taken over is in `Intake.pending`, with its reason.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._core.settling import Settler
from livescripts._runtime import registry
from livescripts._runtime.failures import describe
from livescripts._runtime.intake import Pending
from livescripts._runtime.reload import Reload
from livescripts.report import NOTHING, Problem, Rejected, Reloaded, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from livescripts._runtime.callbacks import Callbacks
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.importing import ScriptLoader
    from livescripts._runtime.intake import Intake
    from livescripts._runtime.reload import Saved
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import World

__all__ = ["Batches"]

_log = logging.getLogger("livescripts")


class Batches:
    """Brings saved files to their outcomes.

    `busy` is whether the next `frame` has something to do even if no path has come in. `frame_budget` and `settle` are
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
    ) -> None:
        self.busy = False
        self._world = world
        self._intake = intake
        self._guard = guard
        self._loader = loader
        self._callbacks = callbacks
        self._clock = clock
        self._frame_budget = frame_budget
        self._run_tests = run_tests
        self._settler = Settler(settle)
        self._reload: Reload | None = None
        self._frames = 0
        self._seconds = 0.0

    @property
    def stage(self) -> Stage | None:
        """What is being staged, if anything."""
        return None if self._reload is None else self._reload.stage

    # ------------------------------------------------------------ beginning

    def frame(self, now: float, paths: Iterable[str]) -> Report:
        """One frame's share of the work. `paths` may have changed, `now` is in seconds."""
        self._settler.touch(self._intake.expand(paths), now)
        batch = self._settler.ready(now, self._intake.doubtful)
        report = self._begin(batch, wait=False) if batch else self._go_on(wait=False)
        self.busy = bool(self._settler) or self._reload is not None
        return report

    def force(self, paths: Iterable[str]) -> Report:
        """Reload these at once, whether or not they changed."""
        wanted = frozenset(paths)
        self.drop()
        self._intake.forced.update(wanted)
        return self._begin(wanted, wait=True)

    def preload(self, found: Mapping[str, bytes | OSError | None]) -> Reload:
        """Load these at once, all of them or, if anything is wrong with one, none."""
        self.drop()
        reload = self._reload = self._new(found, {}, strict=True)
        try:
            reload.advance(lambda: False)
        finally:
            reload.abandon()
            self._reload = None
        return reload

    def retry(self) -> None:
        """Try again soon whatever is pending."""
        if self._intake.pending:
            self._look_again(self._intake.pending)

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
        fresh, back = self._intake.look(batch)
        reverted = tuple(map(Path, back))
        if not fresh:
            return Report(reverted=reverted) if reverted else NOTHING
        pending = {path: item.saved for path, item in self._intake.pending.items() if path not in fresh}
        self._reload = self._new(fresh, pending, strict=False)
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
            tuple(self._callbacks.validators),
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

    # ------------------------------------------------------------ going on, and the end

    def _go_on(self, *, wait: bool) -> Report:
        reload = self._reload
        if reload is None:
            return NOTHING
        started = time.perf_counter()
        deadline = self._clock() + self._frame_budget
        try:
            done = reload.advance(lambda: not wait and self._clock() >= deadline)
        except BaseException as error:
            self.drop()
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
            self._intake.pending[path] = Pending(reload.saved.get(path), error)
        problem = Problem(Path(paths[0]), None, "", f"could not be staged: {describe(error)}", error)
        rejected = Rejected(tuple(map(Path, paths)), (problem,), self._seconds, self._frames)
        self._callbacks.on_error.call(rejected)
        return Report((rejected,))

    def _finish(self, reload: Reload) -> Report:
        pending = self._intake.pending
        for path in reload.accepted:
            pending.pop(path, None)
        for rejection in reload.rejections:
            for path, error in rejection.errors.items():
                pending[path] = Pending(reload.saved[path], error)
        changes = iter(reload.changes)
        outcomes: list[Reloaded | Rejected] = []
        for outcome in reload.outcomes:
            timed = replace(outcome, seconds=self._seconds, frames=self._frames)
            if isinstance(timed, Reloaded):
                timed = self._callbacks.committed(timed, next(changes))
            else:
                self._callbacks.rejected(timed)
            outcomes.append(timed)
        return Report(tuple(outcomes))
