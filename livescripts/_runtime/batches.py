"""The batch that is on its way: begun, staged frame by frame, brought to its end, or dropped.

# Rule 1: there is never more than one. What is saved meanwhile joins it, and it begins anew.
# Rule 2: what is dropped is looked at again.
# Rule 3: what settles is staged ahead of that, and held until it has settled; its paths stay in the settler, and any news
# drops it. So the frame in which it settles has little more to do than to commit.
# Rule 4: what is not taken over is in `Intake.pending`, with its reason.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._core.chronicle import Chronicle
from livescripts._core.history import History, Step
from livescripts._core.pace import Pace
from livescripts._core.settling import Settler
from livescripts._runtime.advising import Adviser
from livescripts._runtime.behaviours import Behaviours
from livescripts._runtime.calls import throughout
from livescripts._runtime.collecting import without_collections
from livescripts._runtime.failures import describe
from livescripts._runtime.intake import Pending
from livescripts._runtime.meter import Meter
from livescripts._runtime.reload import Reload, finish
from livescripts._runtime.shadows import Shadows
from livescripts._runtime.sources import put_right
from livescripts._runtime.versions import prepare
from livescripts.report import NOTHING, Problem, Rejected, Reloaded, Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from livescripts._runtime.attempts import Saved
    from livescripts._runtime.callbacks import Callbacks
    from livescripts._runtime.compiler import Compiler
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.importing import ScriptLoader
    from livescripts._runtime.intake import Intake
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.versions import Broken, Version
    from livescripts._runtime.world import World
    from livescripts.report import Fault, Why

__all__ = ["Batches"]

_log = logging.getLogger("livescripts")

_MOST_AHEAD = 10  # files
_END = object()


class Batches:
    """Brings saved files to their outcomes, and back.

    `history` has the way back, `chronicle` what was done, `behaviours` who raised, `adviser` what was slow. `busy` is whether
    the next `frame` has something to do even if no path has come in, `advancing` whether scripts are loaded, tested or
    committed at this moment.
    `frame_budget`, `settle` and `probation` are seconds; `clock` gives seconds, `date` seconds since 1970.
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
        date: Callable[[], float],
        probation: float,
        frame_budget: float,
        settle: float,
        run_tests: bool,
        compiler: Compiler | None = None,
    ) -> None:
        self.busy = self.advancing = False
        self.history = History()
        self.chronicle = Chronicle()
        self.behaviours = Behaviours(world, self.history, callbacks.on_fault, clock=clock, probation=probation)
        self._world = world
        self._intake = intake
        self._guard = guard
        self._loader = loader
        self._callbacks = callbacks
        self._clock = clock
        self._date = date
        self._frame_budget = frame_budget
        self._run_tests = run_tests
        self._compiler = compiler
        self._settler = Settler(settle)
        self._reload: Reload | None = None
        self._failed_once: set[int] = set()  # commits that could not be rolled back at the first attempt
        self._concerned: tuple[str, ...] = ()  # what was settling when the frame began
        self._was: dict[str, Version | None] = {}  # what its files ran when it began
        self._meter = Meter(clock, frame_budget)
        self._tidying: Iterator[None] | None = None  # up after the last batch
        self.adviser = Adviser(world, frame_budget)
        self._foreseen = False  # whether what settles has been looked at ahead of that
        self._last_frame = 0.0  # when the last frame was that had something to do
        self._why: Why = "saved"
        self._trusted = False
        self._frames = 0
        self._seconds = self._began = 0.0

    @property
    def stage(self) -> Stage | None:
        """What is being staged, if anything."""
        return None if self._reload is None else self._reload.stage

    # ------------------------------------------------------------ beginning

    @property
    def has_work(self) -> bool:
        """Whether anything is settling, being staged, or to be rolled back."""
        return bool(self._settler or self.behaviours.due) or self._reload is not None

    def frame(self, now: float, paths: Mapping[str, float]) -> Report:
        """One frame's share of the work. `paths` may have changed, at these times; `now` is in seconds, too."""
        self._concerned = self._settler.paths
        self._began = self._clock()
        if self._tidying is not None and next(self._tidying, _END) is _END:
            self._tidying = None
        self._intake.begin()
        touched = tuple(self._intake.expand(paths)) if paths else ()
        if touched:
            self._drop_ahead()
        self._settler.touch(touched, now, paths)
        if self.behaviours.due:
            report = self._roll_back()
        else:
            batch = self._settler.ready(now, self._intake.doubtful)
            if not batch:
                self._look_ahead(now)
            report = self._begin(batch, wait=False) if batch else self._go_on(wait=False)
        self.busy = self.has_work or self._tidying is not None
        self._last_frame = now
        return report

    def recover(self, paths: Iterable[str], error: BaseException) -> Report:
        """Something of ours failed, with these at hand, or somebody wants the game to end, which is raised again.

        The world is as it was, or wholly as it was to be; nothing that was saved is forgotten.
        """
        concerned = {*paths, *self._concerned}
        reload, self._reload = self._reload, None
        if reload is not None:
            concerned |= reload.fresh.keys()
            reload.abandon()
            versions = {path: self._world.running(path) for path in (*reload.fresh, *reload.saved)}
            put_right({path: version and version.code for path, version in versions.items()})
        self.busy = True
        if not isinstance(error, Exception):
            self._look_again(concerned)
            raise error
        self._settler.forget(concerned)
        self._intake.forced.clear()
        behind = self._intake.lose(concerned, error)
        return self._give_up(behind or concerned, error) if concerned else NOTHING

    def force(self, paths: Iterable[str]) -> Report:
        """Reload these at once, whether or not they changed."""
        self._began = self._clock()
        wanted = frozenset(paths)
        try:
            self.drop()
            self._intake.begin()
            self._intake.forced.update(wanted)
            self._why, self._trusted = "forced", self._intake.was_rolled_back(wanted)
            return self._begin(wanted, wait=True)
        except BaseException as error:
            return self.recover(wanted, error)
        finally:
            self._why, self._trusted = "saved", False

    def undo(self) -> Report:
        """Back to the sources before the last batch, at once: all of them, or none."""
        last = self.history.last
        return NOTHING if last is None else self._back(last.number, "undone")

    def _roll_back(self) -> Report:
        """The same for a commit that broke a behaviour; what later ones changed stays."""
        due = self.behaviours.due
        number = max(due)
        report = self._back(number, "rolled back", due[number].fault)
        failed = report.rejected and number not in self._failed_once and self.history.alone(number)
        if failed and any("could not be staged" in problem.message for problem in report.rejected[0].problems):
            self._failed_once.add(number)  # something of ours failed: once more, in the next frame
        else:
            due.pop(number, None)
        return report

    def _back(self, number: int, why: Why, fault: Fault | None = None) -> Report:
        sources = self.history.alone(number)
        if not sources:
            return NOTHING  # somebody was quicker: `undo()`, say
        was = {path: self._world.running(path) for path in sources}
        self._began = self._clock()
        self._frames, self._seconds = 1, 0.0
        try:
            # Without what was rejected earlier: going back brings nothing new.
            reload = self.preload(sources)
        except Exception as error:
            return self._give_up(sources, error, undone=True)
        self._seconds = self._meter.longest_frame = self._clock() - self._began

        def close() -> Report:
            if not reload.rejections:
                self.history.take_out(number)
                self._intake.take_back(was, fault)
            return self._tell(reload, was, why, fault)

        return self._surely(close)

    def preload(
        self,
        found: Mapping[str, bytes | OSError | None],
        prepare: Callable[[str, bytes], Version | Broken] = prepare,
        *,
        told_of: bool = True,
    ) -> Reload:
        """Load these at once, all of them or, if anything is wrong with one, none. Nobody is told yet, or, with
        `told_of=False`, ever.
        """
        self.drop()
        self._meter = Meter(self._clock, self._frame_budget)
        reload = self._reload = self._new(found, {}, strict=True)
        reload.prepare, reload.told_of = prepare, told_of
        try:
            with without_collections(), nullcontext() if self._guard.timeout is None else throughout():
                self._advance(reload, to_the_end=True)
        finally:
            self._reload = None
            try:
                reload.abandon()
            except Exception:
                _log.exception("what was staged could not be put away; once more")
                reload.abandon()
        return reload

    def _advance(self, reload: Reload, *, to_the_end: bool) -> bool:
        try:
            self.advancing = True
            return reload.advance(to_the_end=to_the_end, began=self._began)
        finally:
            self.advancing = False

    def retry(self) -> None:
        """Try again soon whatever was rejected."""
        rejected = self._intake.retried()
        if rejected:
            self._look_again(rejected)

    def drop(self) -> None:
        """Give up what is being staged; its files are looked at again as soon as there is time."""
        self._drop_ahead()
        self._tidy_up()
        if self._reload is not None:
            reload, self._reload = self._reload, None
            reload.abandon()
            self._look_again(reload.fresh)

    def _tidy_up(self) -> None:
        if self._tidying is not None:
            finish(self._tidying)

    def _drop_ahead(self) -> None:
        """The same for what is only staged ahead: its files settle still."""
        self._foreseen = False
        if self._reload is not None and self._reload.held:
            reload, self._reload = self._reload, None
            reload.abandon()

    def _look_again(self, paths: Iterable[str]) -> None:
        again = tuple(paths)
        self._intake.forced.update(again)
        self._settler.touch(again, self._clock())
        self.busy = True

    def forget(self, gone: Callable[[str], bool]) -> None:
        """These paths are nobody's any more."""
        self.behaviours.changed([path for path in self._world.scripts if gone(path)], 0)
        self.behaviours.forgive()
        self.history.forget(gone)
        self.chronicle.forget(lambda path: gone(str(path)))

    def _look_ahead(self, now: float) -> None:
        """Stage what settles, a little in each frame if there are some left."""
        if self._reload is None and not self._foreseen:
            batch = self._settler.foreseen(now, self._intake.doubtful)
            if batch:
                self._foreseen = True
                self._begin_ahead(batch)
        if self._reload is not None and self._reload.held:
            self._reload.pace.frames = self._settler.frames_left(now, now - self._last_frame)

    def _begin_ahead(self, batch: frozenset[str]) -> None:
        """Stage what settles, if it is an everyday edit."""
        meter = Meter(self._clock, self._frame_budget)
        with meter.measuring("loading"):
            # Of many files hardly anything would be done by then, and all of them have to be read once more.
            fresh = self._intake.edited(batch) if len(batch) <= _MOST_AHEAD and not self._intake.lost else None
        if fresh is not None:
            self._meter = meter
            self._open(fresh, wait=False).held = True

    def _begin(self, batch: frozenset[str], *, wait: bool) -> Report:
        held = self._reload if self._reload is not None and self._reload.held else None
        if self._reload is not None and held is None:
            # Saved again while it was staged, or something else was: one batch.
            batch |= frozenset(self._reload.fresh)
            self.drop()
            self._settler.forget(batch)
        if held is None:
            self._meter = Meter(self._clock, self._frame_budget)
        if self._intake.lost:
            batch |= frozenset(self._intake.expand(self._intake.lost))
        with self._meter.measuring("loading"):
            fresh, back = self._intake.look(batch)
        self._intake.lost.clear()
        if held is not None and fresh == held.fresh and held.validators == tuple(self._callbacks.validators):
            self._foreseen, held.held, held.pace.frames = False, False, 1
            return self._go_on(wait=wait)
        if held is not None:
            self._meter = Meter(self._clock, self._frame_budget)
        self._drop_ahead()
        reverted = tuple(map(Path, back))
        if reverted:
            self._callbacks.reverted(reverted)
        if not fresh and not (reverted and self._intake.retried()):  # somebody may have waited for what is back
            return Report(reverted=reverted) if reverted else NOTHING
        self._open(fresh, wait=wait)
        report = self._go_on(wait=wait)
        return replace(report, reverted=reverted) if reverted else report

    def _open(self, fresh: Mapping[str, bytes | OSError | None], *, wait: bool) -> Reload:
        self._tidy_up()  # it may refer to what is compared
        pending = {path: saved for path, saved in self._intake.retried().items() if path not in fresh}
        reload = self._reload = self._new(fresh, pending, strict=False)
        if self._compiler is not None:
            reload.prepare = self._compiler.at_once if wait else self._compiler.prepare
            if not wait:
                self._compiler.expect({path: data for path, data in fresh.items() if isinstance(data, bytes)})
        self._was = {path: self._world.running(path) for path in (*fresh, *pending)}
        self._frames, self._seconds = 0, 0.0
        return reload

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
            hidden=Shadows(self._world).hidden_by,
        )

    # ------------------------------------------------------------ going on, and the end

    def _go_on(self, *, wait: bool) -> Report:
        reload = self._reload
        if reload is None or (reload.held and reload.staged):
            return NOTHING
        with without_collections():
            done = self._advance(reload, to_the_end=wait)
        if done or not reload.awaiting:
            # A frame that only looked for an answer was none of the batch's.
            self._frames += 1
            took = self._clock() - self._began
            self._seconds += took
            self._meter.longest_frame = max(self._meter.longest_frame, took)
        if not done:
            return NOTHING
        self._reload = None
        self._tidying = reload.tidying
        if self._compiler is not None:
            self._compiler.forget(reload.fresh)
        return self._surely(lambda: self._finish(reload))

    def _surely(self, close: Callable[[], Report]) -> Report:
        """What was committed is committed: the books are brought up to date, at the second attempt if need be."""
        try:
            return close()
        except Exception:
            _log.exception("what was taken over is not in the books yet; once more")
            return close()

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
                saved, running = reload.saved[path], self._world.running(path)
                if saved is not None and running is not None and saved.digest == running.digest:
                    pending.pop(path, None)  # asked for by hand, and it runs as it is
                else:
                    pending[path] = Pending(saved, error)
        was = self._was
        before = {path: _source(was[path]) for path in reload.accepted}
        changed = {p: data for p, data in before.items() if data != _source(self._world.running(p))}
        reload.number = reload.number or self.chronicle.next_number
        self.history.record(Step(changed, reload.number, self._clock(), self._trusted))
        report = self._tell(reload, was, self._why)
        self.behaviours.forgive()
        self._was = {}  # holds no version that does not run
        return report

    def _tell(self, reload: Reload, was: Mapping[str, Version | None], why: Why, fault: Fault | None = None) -> Report:
        outcomes = [self._complete(outcome, was, why, fault) for outcome in reload.outcomes]
        commits = [outcome for outcome in outcomes if isinstance(outcome, Reloaded)]
        changed = (str(path) for outcome in commits for path in (*outcome.scripts, *outcome.dependants))
        reload.number = reload.number or self.chronicle.next_number
        if commits:
            self.behaviours.changed(changed, reload.number)
        if self.chronicle.next_number == reload.number:
            # Without the exceptions of hooks: they would keep alive what they were raised in.
            plain = [replace(each, hook_errors=()) if each.hook_errors else each for each in commits]
            self.chronicle.record(why, self._date(), plain)
        changes = iter(reload.changes[sum(isinstance(outcome, Reloaded) for outcome in reload.told) :])
        self._callbacks.meter = self._meter
        told = reload.told
        for outcome in outcomes[len(told) :]:
            told.append(outcome)  # nobody is told twice
            if isinstance(outcome, Reloaded):
                committed = self._callbacks.committed(self.adviser.add_to(outcome, outcome.slow), next(changes))
                late = self._meter.slow(())
                told[-1] = (
                    self.adviser.add_to(replace(committed, slow=(*committed.slow, *late)), late) if late else committed
                )
            else:
                self._callbacks.rejected(outcome)
                self.adviser.advise(self._meter.slow(()))
        return Report(tuple(told))

    def number(self, path: str) -> int | None:
        """The number of the version of a script that runs; None if none does."""
        running = self._world.running(path)
        return None if running is None else self.chronicle.version(Path(path), running.digest, running.digest).version

    def _complete(
        self, outcome: Reloaded | Rejected, was: Mapping[str, Version | None], why: Why, fault: Fault | None
    ) -> Reloaded | Rejected:
        """An outcome with what only the batch knows."""
        undone = why in {"undone", "rolled back"}
        timings = self._meter.timings()
        known = {"seconds": self._seconds, "frames": self._frames, "undone": undone, "timings": timings}
        if not isinstance(outcome, Reloaded):
            return replace(outcome, **known)
        pairs = [(path, was.get(str(path)), self._world.running(str(path))) for path in outcome.scripts]
        versions = [self.chronicle.version(path, _digest(before), _digest(now)) for path, before, now in pairs]
        return replace(outcome, **known, versions=tuple(versions), fault=fault)


def _digest(version: Version | None) -> bytes | None:
    return None if version is None else version.digest


def _source(version: Version | None) -> bytes | None:
    return None if version is None else version.data
