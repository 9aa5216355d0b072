"""One batch of saved files, from text to outcomes, in steps that can be spread over frames.

    compile what was saved; execute it and its dependants beside the live world; run their gates
    parts that are sound and stand alone     -> commit
    parts that are not                       -> reject, and remember why

# A stage is committed only if all of it is sound. If a part of it is not, the rest is staged once more without it: so
# a rejected script leaves no trace in one that is committed, wherever it may have registered itself.
# Scripts that were rejected earlier are tried again along with every batch; a fresh save is never rejected on their
# account alone.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from livescripts._runtime.amending import find_amendments
from livescripts._runtime.attempts import companions_to_run, find_parts, problems_of, sort
from livescripts._runtime.entries import State
from livescripts._runtime.failures import describe, trim
from livescripts._runtime.gate import companion_problems, entry_problems
from livescripts._runtime.modules import switching
from livescripts._runtime.script_hooks import run_after_reload, run_before_unload
from livescripts._runtime.staging import Stage
from livescripts._runtime.transaction import Changes, commit
from livescripts._runtime.versions import Broken, Version, prepare, unreadable
from livescripts._runtime.withdrawal import withdraw_remains
from livescripts.errors import BlockedError
from livescripts.report import Problem, Rejected, Reloaded

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from livescripts._core.names import Location
    from livescripts._core.pace import Pace
    from livescripts._runtime.amending import Amendment
    from livescripts._runtime.attempts import Attempt, Saved
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.meter import Meter
    from livescripts._runtime.world import Companion, World
    from livescripts.report import HookError

__all__ = ["Rejection", "Reload", "finish"]

_log = logging.getLogger("livescripts")

_SMALL = 2  # scripts: what is left of such a batch is not worth a frame
_CHUNK = 50  # scripts that something short is done with in a step
_LET_GO = 200  # records in a step


@dataclass(frozen=True, slots=True, eq=False)
class Rejection:
    """Why each of the saved files of one part was not taken over."""

    errors: Mapping[str, BaseException]
    problems: tuple[Problem, ...]
    blocked: tuple[str, ...]


@dataclass(slots=True)
class Reload:
    """A batch on its way.

    `fresh` maps paths to what was read from disk (None: gone; OSError: unreadable); `pending` are the scripts that
    were rejected before. With `strict` nothing is committed unless all of it is sound. Unless it is `told_of`, what
    is committed has no outcome. While it is `held`, nothing is committed or rejected. `hidden(location)` tells why a
    script must not be loaded there, or None. `prepare(path, data)` compiles, or returns None when that is under way elsewhere: then it is
    asked again in the next frame.

    When `advance` has returned True, `outcomes` has what to report, `accepted` the files that run now as saved, and
    `rejections` the others. `pace` tells how long to go on in a frame; `meter` gets what everything takes.
    """

    world: World
    fresh: Mapping[str, bytes | OSError | None]
    pending: Mapping[str, Saved]
    guard: Guard
    loader: object
    meter: Meter
    pace: Pace
    validators: Sequence[Callable[[ModuleType], object]] = ()
    run_tests: bool = True
    strict: bool = False
    told_of: bool = True
    held: bool = False
    hidden: Callable[[Location], str | None] = lambda _: None
    prepare: Callable[[str, bytes], Version | Broken | None] = prepare
    outcomes: list[Reloaded | Rejected] = field(default_factory=list["Reloaded | Rejected"])
    changes: list[Changes] = field(default_factory=list[Changes])
    saved: dict[str, Saved] = field(default_factory=dict[str, "Saved"])
    accepted: set[str] = field(default_factory=set[str])
    rejections: list[Rejection] = field(default_factory=list[Rejection])
    stage: Stage | None = None
    awaiting: bool = False
    """Whether the last `advance` did nothing but look for an answer of the compile process."""
    staged: bool = False
    """Whether all that is left of an attempt is to commit or reject it."""
    number: int = 0
    """The commit's, once it has one."""
    told: list[Reloaded | Rejected] = field(default_factory=list["Reloaded | Rejected"])
    """The outcomes that callbacks know of, as they were told."""
    tidying: Iterator[None] | None = None
    """What makes no difference to anybody, takes a while, and has to be done to its end."""
    _steps: Generator[None] | None = None
    _begun: int = 0  # frames in which something was done
    _nearly_through: bool = False  # whether what is left of an attempt is not worth a frame

    def advance(self, *, to_the_end: bool, began: float) -> bool:
        """Go on until the time of this frame, which `began` then, is up, or `to_the_end`; returns whether this is the end.

        Whenever this returns, the live world is in place.
        """
        clock, pace = self.meter.clock, self.pace
        pace.begin(began)
        self._begun += 1
        if self._steps is None:
            self._steps = self._run()
        if self.stage is not None:
            self.stage.resume(staged=not self.staged)
            pace.ready(clock())
        try:
            idle = True
            for _ in self._steps:
                idle = idle and self.awaiting
                if self.awaiting or not (to_the_end or self._goes_on(clock())):
                    self.awaiting = idle
                    self._begun -= idle
                    return False
        finally:
            if self.stage is not None:
                hides = clock()
                self.stage.show(staged=False, pausing=True)
                pace.reserve = clock() - hides
        return True

    def _goes_on(self, now: float) -> bool:
        """Whether the next step is made in this frame.

        The commit is one piece. Where a batch takes several frames anyway, it gets one that is nearly its own; where one
        frame is nearly enough, it is not put off for want of a little.
        """
        if self._nearly_through and self._begun == 1 and not self.held:
            return not self.pace.is_late(now)
        if self.staged and (self.held or self._begun > 1):
            return not self.held and self.pace.is_early(now)
        return self.pace.goes_on(now)

    def abandon(self) -> None:
        """Drop everything staged so far."""
        if self._steps is not None:
            self._steps.close()
        if self.stage is not None:
            self.stage.discard()
            self.stage = None
        if self.tidying is not None:
            finish(self.tidying)

    # ------------------------------------------------------------ the attempts

    def _run(self) -> Generator[None]:
        for path in sorted(self.fresh):
            data = self.fresh[path]
            if data is None:
                self.saved[path] = None
            elif isinstance(data, OSError):
                self.saved[path] = unreadable(path, data)
            else:
                with self.meter.measuring("loading"):
                    version = self.prepare(path, data)
                while version is None:
                    self.awaiting = True
                    yield
                    with self.meter.measuring("loading"):
                        version = self.prepare(path, data)
                self.awaiting = False
                self.saved[path] = version
                yield
        todo = {**self.pending, **self.saved}
        self.saved = dict(todo)
        while todo:
            todo = yield from self._attempt(todo)

    def _attempt(self, saved: dict[str, Saved]) -> Generator[None, None, dict[str, Saved]]:
        """Stage, gate, and commit or reject; returns what is to be tried next, without what was in the way."""
        attempt = yield from sort(self.world, saved, self.hidden)
        tests = {path: item.version.code for path, item in attempt.companions.items() if item is not None}
        self.stage = stage = Stage(
            self.world,
            attempt.versions,
            attempt.removed,
            guard=self.guard,
            meter=self.meter,
            loader=self.loader,
            tests=tests,
        )
        yield from stage.overlay.start_tracing()
        stage.show(staged=True)
        yield from stage.steps()
        if (yield from self._has_gate(stage, attempt)):
            restore = yield from stage.overlay.testbed(entry.module for entry in stage.entries.values())
            yield from self._gate(stage, attempt)
            yield from restore()
            del restore  # its copies would count as somebody who holds what is staged
        self._nearly_through = len(stage.entries) <= _SMALL
        whole = self._sound_whole(stage, attempt)
        found = (whole,) if whole is not None else (yield from find_parts(stage, attempt))
        wrong = {part for part in found if problems_of(stage, attempt, part)}
        amendments: dict[str, Amendment] = {}
        if not wrong:
            amendments = yield from find_amendments(stage)
            for path, entry in list(stage.entries.items()):
                if path not in amendments and entry.live is not None:
                    yield from stage.foreseen.look(entry.live.version.analysis, entry.version.analysis)
        # Here, because hundreds of path objects have no place in the frame of the commit.
        for number, path in enumerate(stage.entries if self.told_of else (), 1):
            attempt.files[path] = Path(path)
            if number % _CHUNK == 0:
                yield
        stage.show(staged=False, pausing=True)  # for good, but for tracing
        self.staged = True
        yield
        self.staged = self._nearly_through = False
        if self.strict and not wrong:
            found = (frozenset[str]().union(*found),)  # all or nothing: one commit
        sound: dict[str, Saved] = {}
        again: dict[str, Saved] = {}
        rejected: list[tuple[frozenset[str], dict[str, Saved]]] = []
        for part in found:
            mine = {path: saved[path] for path in part if path in saved}
            if part not in wrong:
                sound.update(mine)
                continue
            fresh = {path: value for path, value in mine.items() if path not in self.pending or path in self.fresh}
            if fresh and len(fresh) < len(mine) and not self.strict:
                again.update(fresh)
                mine = {path: value for path, value in mine.items() if path not in fresh}
            rejected.append((part, mine))
        executed = {*stage.entries, *attempt.removed}
        discarded = again or (rejected and self.strict) or any(executed & part for part, _ in rejected)
        if discarded:
            stage.discard()
            self.stage = None
        # After that: what is discarded is taken out of wherever it is, and a script may raise an exception of its own class.
        for part, mine in rejected:
            self._reject(stage, attempt, part, mine)
        if discarded:
            return {} if self.strict else {**sound, **again}
        # What is left of the rejected are files that do not compile: they had no part in this stage.
        found = tuple(part for part in found if not any(part is other for other, _ in rejected))
        if len(found) > 1 and stage.overlay.effects():
            # Who of them changed a container that belongs to neither cannot be told: they stand together.
            found = (frozenset[str]().union(*found),)
        unsound = [path for path in frozenset[str]().union(*found) if path in stage.entries and not stage.is_done(path)]
        if unsound:
            message = f"{', '.join(sorted(unsound))} did not run to the end, and nobody knows why"
            raise RuntimeError(message)
        for part in found:
            self._commit(stage, attempt, part, amendments)
        traced = stage.overlay.leave_traced()
        remains: list[object] = [*amendments.values(), *(stage.entries[path] for path in amendments)]
        if traced or len(amendments) > _CHUNK:
            self.tidying = _tidying(traced, remains)
        self.stage = None
        return {}

    # ------------------------------------------------------------ the gate

    def _has_gate(self, stage: Stage, attempt: Attempt) -> Generator[None, None, bool]:
        if self.validators or not self.run_tests:
            return bool(self.validators)
        if any(entry.tested for entry in stage.entries.values()):
            return True
        yield
        return bool(companions_to_run(stage, attempt))

    def _gate(self, stage: Stage, attempt: Attempt) -> Iterator[None]:
        for entry in list(stage.entries.values()):
            yield
            if entry.state is State.DONE:
                yield from entry_problems(stage, entry, self.validators, self.guard, run_tests=self.run_tests)
        if not self.run_tests:
            return
        for companion in companions_to_run(stage, attempt):
            subject = companion.location.tests
            entry = stage.entries.get(subject or "")
            script = self.world.scripts.get(subject or "")
            if entry is not None:
                if entry.state is not State.DONE:
                    continue
                module = entry.module
            elif script is not None and subject not in attempt.removed:
                module = script.module
            else:
                continue
            attempt.tests_run[companion.location.path] = companion
            problems = yield from companion_problems(stage, companion, module, self.guard)
            if problems:
                attempt.failed_tests[companion.location.path] = problems

    def _sound_whole(self, stage: Stage, attempt: Attempt) -> frozenset[str] | None:
        """All of a preload, if nothing is wrong with it: it need not be taken apart."""
        if (
            not self.strict
            or attempt.broken
            or attempt.failed_tests
            or attempt.removed
            or self.world.scripts
            or self.world.companions
        ):
            return None
        if any(entry.state is not State.DONE or entry.problems for entry in stage.entries.values()):
            return None
        return frozenset(attempt.saved) or None

    # ------------------------------------------------------------ outcomes

    def _reject(self, stage: Stage, attempt: Attempt, part: frozenset[str], mine: dict[str, Saved]) -> None:
        if not mine:
            return
        problems = problems_of(stage, attempt, part)
        culprits = [self.world.short(str(problem.path)) for problem in problems]
        errors: dict[str, BaseException] = {}
        blocked: list[str] = []
        for path in mine:
            own = [problem.error for problem in problems if str(problem.path) == path]
            if own:
                errors[path] = own[0]
            elif path in attempt.removed or len(mine) == 1:
                # Nothing is wrong in the file itself: another script cannot live with the change.
                errors[path] = problems[0].error
            else:
                errors[path] = BlockedError(list(dict.fromkeys(culprits)))
                errors[path].__cause__ = problems[0].error
            entry = stage.entries.get(path)
            if entry is not None and entry.state is State.FAILED and not entry.problems:
                blocked.append(path)
        self.rejections.append(Rejection(errors, tuple(problems), tuple(blocked)))
        if any(path in self.fresh for path in mine) or self.strict:
            self.outcomes.append(Rejected(tuple(Path(path) for path in sorted(mine)), tuple(problems)))

    def _commit(
        self, stage: Stage, attempt: Attempt, part: frozenset[str], amendments: Mapping[str, Amendment]
    ) -> None:
        with self.meter.measuring("committing"):
            self._commit_part(stage, attempt, part, amendments)

    def _commit_part(
        self, stage: Stage, attempt: Attempt, part: frozenset[str], amendments: Mapping[str, Amendment]
    ) -> None:
        executed = [entry for path, entry in stage.entries.items() if path in part]
        entries = [entry for entry in executed if entry.path not in amendments]
        removed = [path for path in attempt.removed if path in part]
        companions: dict[str, Companion | None] = {
            path: companion for path, companion in {**attempt.companions, **attempt.tests_run}.items() if path in part
        }
        saved = tuple(sorted(path for path in part if path in attempt.saved))
        replaced = [entry.live for entry in entries if entry.live is not None]
        leaving = [*replaced, *(self.world.scripts[path] for path in removed)]
        hook_errors = run_before_unload(leaving, self.guard, self.meter)
        paths = [entry.path for entry in executed]
        amended = [amendments[path] for path in paths if path in amendments]
        try:
            changes = commit(self.world, stage, entries, removed, companions, amended, told=self.told_of)
        except Exception as error:
            withdraw_remains(stage.overlay, executed)
            error.add_note("raised while committing; everything was taken back")
            problem = Problem(Path(saved[0]), None, "", f"could not be committed: {describe(error)}", trim(error))
            self.rejections.append(Rejection(dict.fromkeys(saved, error), (problem,), ()))
            self.outcomes.append(Rejected(tuple(map(Path, saved)), (problem,)))
            return
        # From here on these run, whatever becomes of the rest.
        stage.committed.update(paths)
        self.accepted.update(saved)
        self.changes.append(changes)
        told = len(self.outcomes)
        try:
            self._conclude(attempt, part, saved, executed, changes, hook_errors)
        except Exception:
            _log.exception("%s runs, but not all that follows a reload was done", ", ".join(saved))
            if len(self.outcomes) == told:
                self.outcomes.append(Reloaded(tuple(map(Path, saved))))

    def _conclude(
        self,
        attempt: Attempt,
        part: frozenset[str],
        saved: tuple[str, ...],
        entries: list[Entry],
        changes: Changes,
        hook_errors: list[HookError],
    ) -> None:
        """What follows a commit: warnings, `@after_reload`, the outcome."""
        for path in attempt.companions:
            companion = attempt.companions[path]
            subject = companion.location.tests if companion is not None else None
            if path in part and subject is not None and subject not in self.world.scripts:
                changes.warnings.append(
                    f"{self.world.short(path)} tests {self.world.short(subject)}, which is not there"
                )
        hook_errors += run_after_reload(changes.visited, self.guard, self.meter)
        if not self.told_of:
            return
        self.outcomes.append(
            Reloaded(
                tuple(map(Path, saved)),
                removed=tuple(Path(path) for path in saved if attempt.saved[path] is None),
                dependants=tuple(attempt.files[path] for path in sorted(e.path for e in entries if not e.saved)),
                classes=tuple(changes.classes),
                migrated=changes.migrated,
                stuck=changes.stuck,
                rebound=changes.rebound,
                kept=tuple(changes.kept),
                warnings=tuple(changes.warnings),
                hook_errors=tuple(hook_errors),
                slow=self.meter.slow(part),
            )
        )


def _tidying(traced: Iterable[ModuleType], remains: list[object]) -> Iterator[None]:
    yield from switching(traced, on=False)
    while remains:
        del remains[-_LET_GO:]
        yield


def finish(steps: Iterator[None]) -> None:
    """Make all the steps that are left."""
    deque(steps, maxlen=0)
