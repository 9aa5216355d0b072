"""Plays what `edits` wrote, and looks after each step whether the world is as it should be."""

from __future__ import annotations

import functools
import re
import sys
import time
import traceback
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from livescripts.testing import Project

from . import oracle
from .edits import KINDS, Do, Layout, Save, Step, story

if TYPE_CHECKING:
    from collections.abc import Sequence

HOST = "host_of_fuzz"
_TOKEN = re.compile(rb'"(token [0-9]+)"')


@dataclass(slots=True)
class _Kept:
    """An instance that the game has: of which class it is, and its number."""

    instance: Any
    holder: str
    name: str
    mark: int


# Seconds of a frame: of some, a save has settled with the next one; in others it is staged ahead of that.
_PERIODS = 0.2, 0.03, 0.004


class Machine:
    """A game in play. Use it as a context manager."""

    def __init__(self, files: dict[str, bytes], layout: Layout) -> None:
        self.layout: Layout = layout
        self.host = types.ModuleType(HOST)
        self.host.__dict__.update(seen=[], table={})
        sys.modules[HOST] = self.host
        self.kept: list[_Kept] = []
        self.held: list[Any] = []
        self.touched: set[str] = set()
        self.ran: set[str] = set()  # tokens that were in an accepted version at any time
        self.saved: set[str] = set()
        self.counts: dict[str, int] = {}
        self.earlier = {id(each): each for each in oracle.alive()}  # of other games
        self.project = Project(layout=layout, load=False, frame_budget=1e-9)
        self.project.files.contents.update({self.project.path(path): data for path, data in files.items()})
        try:
            self.project.load()
        except BaseException:
            self.__exit__()
            raise
        self._note()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.project.close()
        sys.modules.pop(HOST, None)

    # ------------------------------------------------------------ playing

    def play(self, step: Step) -> None:
        """One step, and the look at the world after it."""
        live = self.project.live
        if isinstance(step, Save):
            self._save(step)
        else:
            getattr(self, f"_{step.what}")(step.number)
        if isinstance(step, Save) and step.slices:
            for _ in range(step.slices):
                self.project._time += _PERIODS[step.slices % 3]
                live.update(now=self.project._time)
            self._note()
            if live.busy:
                return  # the next step finds it in the midst
        self._settle()
        self._note()
        self.check()

    def _save(self, step: Save) -> None:
        for path, data in step.files:
            if data is not None:
                self.project.write(path, data)
                self.saved |= _tokens(data)
            elif self.project.path(path) in self.project.files.contents:
                self.project.delete(path)

    def _settle(self) -> None:
        if self.project.live.paused:
            return
        for _ in range(30):
            report = self.project.update()
            for outcome in report.outcomes:
                self._count(type(outcome).__name__)
                for problem in getattr(outcome, "problems", ()):
                    assert "could not be" not in problem.message, problem
            if not self.project.live.busy:
                return
        raise AssertionError("it never settles")

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1

    def _note(self) -> None:
        for data in oracle.accepted_files(self.project).values():
            self.ran |= _tokens(data)

    def _undo(self, number: int) -> None:
        for _ in range(1 + number % 3 // 2):
            self._count("undo")
            self.project.live.undo()
            self._note()

    def _reload(self, number: int) -> None:
        self._count("reload")
        if number % 2:
            paths = sorted(oracle.accepted_files(self.project))
            self.project.live.reload(*paths[number % (len(paths) or 1) :][:2])
        else:
            self.project.live.reload()

    def _pause(self, _: int) -> None:
        self.project.live.pause()

    def _resume(self, _: int) -> None:
        self.project.live.resume()

    def _release(self, _: int) -> None:
        self.project.live.release()

    def _call(self, _: int) -> None:
        for kept in self.kept[-10:]:
            if hasattr(kept.instance, "act"):
                self._count("call")
                self.project.live.call(kept.instance.act)

    def _classes(self) -> list[tuple[str, type]]:
        found: dict[int, tuple[str, type]] = {}
        for name, module in oracle.modules().items():
            for value in list(vars(module).values()):
                if isinstance(value, type) and oracle.is_ours(value.__module__) and KINDS.get(value.__name__):
                    holder = value.__module__ if self.layout == "modules" else value.__module__.rpartition(".")[0]
                    if holder == name:
                        found[id(value)] = (holder, value)
        return list(found.values())

    def _instantiate(self, number: int) -> None:
        classes = self._classes()
        for holder, cls in classes[number % (len(classes) or 1) :][:4]:
            try:
                instance = cls["A"] if KINDS[cls.__name__] == "enum" else cls()
            except Exception:  # half a file, that loads all the same
                continue
            if KINDS[cls.__name__] in {"plain", "slots"}:
                instance.mark = number
            self.kept = [*self.kept, _Kept(instance, holder, cls.__name__, number)][-40:]

    def _hold(self, number: int) -> None:
        """Whatever there is, in one of many ways."""
        things = [
            each
            for module in oracle.modules().values()
            for each in vars(module).values()
            if oracle.is_ours(getattr(each, "__module__", None)) and callable(each)
        ]
        if not things:
            return
        thing = things[number % len(things)]
        instance = self.kept[number % len(self.kept)].instance if self.kept else None
        ways = [
            thing,
            [thing],
            {"k": thing},
            (thing, (thing,)),
            functools.partial(thing),
            lambda: thing,
            {1: [thing]},
            getattr(instance, "who", thing),
        ]
        self.held = [*self.held, ways[number % len(ways)]][-30:]

    def _drop(self, number: int) -> None:
        del self.kept[number % (len(self.kept) + 1) :], self.held[number % (len(self.held) + 1) :]

    def _mutate(self, number: int) -> None:
        """The game changes a variable."""
        places = [
            (module, name)
            for module in oracle.modules().values()
            for name in list(vars(module))
            if name in {f"v{n}" for n in range(8)}
        ]
        if places:
            module, name = places[number % len(places)]
            value = getattr(module, name)
            self.touched.add(name)
            if isinstance(value, list):
                value.append(number)
            elif isinstance(value, dict):
                value[number] = number
            else:
                setattr(module, name, number)

    # ------------------------------------------------------------ looking

    def check(self) -> None:
        """Everything that is promised."""
        self._count("checks")
        self._check_errors()
        running, graph = self._view(), {str(edge) for edge in self.project.live.graph}
        answers = [self._answers(kept) for kept in self.kept]
        circular = oracle.circular(self.project)
        with oracle.fresh_world(self.project, self.layout) as fresh:
            if not circular:
                found = oracle.differences(running, self._view())
                assert not found, "the world is not that of a fresh load:\n" + "\n".join(found[:20])
                assert graph == {str(edge) for edge in fresh.live.graph}, "another graph"
            wanted = [self._wanted(kept) for kept in self.kept]
        for kept, answer, want in zip(self.kept, answers, wanted, strict=True):
            if want is not None and answer is not None:
                assert answer == want, f"{kept.holder}.{kept.name}: {answer} instead of {want}"
        self._check_heap()

    def _view(self) -> dict[str, Any]:
        return {
            module: {name: each for name, each in names.items() if name.removeprefix("taken_") not in self.touched}
            for module, names in oracle.view().items()
        }

    def _check_errors(self) -> None:
        running, files = oracle.accepted_files(self.project), self.project.files.contents
        differ = {path for path in {*running, *files} if running.get(path) != files.get(path)}
        errors = {str(path) for path in self.project.live.errors}
        if not self.project.live.paused:
            assert errors == differ, f"saved and running differ in {differ}, but errors has {errors}"

    def _current(self, kept: _Kept) -> type | None:
        found = getattr(sys.modules.get(kept.holder), kept.name, None)
        if isinstance(found, type) and (
            found.__module__ == kept.holder or found.__module__.rpartition(".")[0] == kept.holder
        ):
            return found
        return None

    def _answers(self, kept: _Kept) -> Any:
        """What an instance that the game has is and says; None when its class is gone."""
        current, instance = self._current(kept), kept.instance
        if current is None:
            return None
        assert instance.__class__ is current, f"{kept.holder}.{kept.name}: {instance.__class__} is not {current}"
        if KINDS[kept.name] in {"plain", "slots"}:
            assert instance.mark == kept.mark
        state = oracle.state(instance) if KINDS[kept.name] in {"plain", "data"} else {}
        return {
            **_said(instance),
            "missing": sorted({"hp", "bag", "a", "b"} & _new_state(current) - state.keys()) if state else [],
        }

    def _wanted(self, kept: _Kept) -> Any:
        """What a new instance with the same state says."""
        current = self._current(kept)
        if current is None:
            return None
        if KINDS[kept.name] == "enum":
            fresh: Any = current["A"]
        elif KINDS[kept.name] == "plain":
            fresh = current.__new__(current)
            fresh.__dict__.update({key: each for key, each in oracle.state(kept.instance).items() if key != "slow"})
        else:
            try:
                fresh = current()
            except Exception:  # half a file, that loads all the same
                return None
        return {**_said(fresh), "missing": []}

    def _check_heap(self) -> None:
        rejected = self.saved - self.ran
        if rejected:
            for item in self.project.live._intake.pending.values():
                _forget_frames(item.error, set())
            found = [each for each in oracle.alive(rejected) if id(each) not in self.earlier]
            assert not found, (
                f"alive, though it was rejected: {found[:5]}, {[getattr(each, '__code__', None) for each in found[:5]]}"
            )


def _new_state(cls: type) -> set[str]:
    """The attributes of a new instance; none for a class that half a file has."""
    try:
        return set(oracle.state(cls()))
    except Exception:
        return set()


def _said(instance: Any) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name in ("who", "act", "size", "still", "made", "up", "slow", "Inner"):
        try:
            found = getattr(instance, name)
            said[name] = found().who() if name == "Inner" else found() if callable(found) else found
        except Exception as error:
            said[name] = type(error).__name__
    return said


def _tokens(data: bytes) -> set[str]:
    return {found.decode() for found in _TOKEN.findall(data)}


def _forget_frames(error: BaseException | None, seen: set[int]) -> None:
    """An error that is kept refers to the frames it came through, and so to what they ran."""
    if error is not None and id(error) not in seen:
        seen.add(id(error))
        error.__traceback__ = None
        _forget_frames(error.__context__, seen)
        _forget_frames(error.__cause__, seen)


# ------------------------------------------------------------------ runs


@dataclass(frozen=True, slots=True)
class Finding:
    """A series of steps that ends in a broken promise."""

    layout: Layout
    files: dict[str, bytes]
    steps: list[Step]
    what: str

    def __str__(self) -> str:
        lines = [self.what, f"\nlayout {self.layout}"]
        lines += [f"--- {path}\n{data.decode(errors='replace')}" for path, data in self.files.items()]
        for step in self.steps:
            if isinstance(step, Do):
                lines.append(f"=== {step}")
            else:
                lines.append(f"=== save, {step.slices} slices")
                lines += [
                    f"--- {path}\n{'gone' if data is None else data.decode(errors='replace')}"
                    for path, data in step.files
                ]
        return "\n".join(lines)


def run(
    files: dict[str, bytes], layout: Layout, steps: Sequence[Step], counts: dict[str, int] | None = None
) -> Finding | None:
    """Play these; None when every promise was kept."""
    played: list[Step] = []
    with Machine(files, layout) as machine:
        for step in steps:
            played.append(step)
            try:
                machine.play(step)
            except Exception as error:
                lines = traceback.format_exception(error)
                return Finding(layout, files, played, "".join(lines))
        for what, number in machine.counts.items():
            if counts is not None:
                counts[what] = counts.get(what, 0) + number
    return None


def shrink(finding: Finding, seconds: float = 60.0) -> Finding:
    """The same with fewer steps and files: whatever can be left out is, as long as it fails with the same sort of error."""
    until = time.monotonic() + seconds
    sort = _sort(finding)

    def fails(files: dict[str, bytes], steps: list[Step]) -> Finding | None:
        if time.monotonic() > until:
            return None
        try:
            found = run(files, finding.layout, steps)
        except Exception:
            return None  # it does not even load
        return found if found is not None and _sort(found) == sort else None

    best, size = finding, max(1, len(finding.steps) // 2)
    while size:
        at = 0
        while at < len(best.steps):
            shorter = fails(best.files, [*best.steps[:at], *best.steps[at + size :]])
            best, at = (shorter, at) if shorter is not None else (best, at + size)
        size //= 2
    for path in list(best.files):
        best = fails({key: data for key, data in best.files.items() if key != path}, best.steps) or best
    for at, step in enumerate(list(best.steps)):
        if isinstance(step, Save):
            for each in step.files:
                now = best.steps[at] if at < len(best.steps) else None
                if isinstance(now, Save) and len(now.files) > 1:
                    fewer = Save(tuple(other for other in now.files if other != each), now.slices)
                    best = fails(best.files, [*best.steps[:at], fewer, *best.steps[at + 1 :]]) or best
    return best


def _sort(finding: Finding) -> str:
    last = [line for line in finding.what.splitlines() if line.startswith(("AssertionError", "  File"))]
    error = (
        finding.what.rpartition("\nAssertionError: ")[2].splitlines()[0][:25]
        if "AssertionError" in finding.what
        else ""
    )
    return error or last[-1]


def fuzz(seed: int, layout: Layout, steps: int, counts: dict[str, int] | None = None) -> Finding | None:
    """One story of this many steps."""
    files, happens = story(seed, layout, steps)
    return run(files, layout, happens, counts)
