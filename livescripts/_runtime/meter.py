"""What each phase of a batch takes, and which script alone takes more than a frame can bear.

# Times come from the clock that the game gives us. What is measured inside of something that is measured counts once,
# for the inner one: a script that waits for another one while it loads is not slow because of that.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

from livescripts.report import Slow, Timings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Sequence
    from contextlib import AbstractContextManager

__all__ = ["Meter", "Observer", "Phase", "advice"]

Phase: TypeAlias = Literal["loading", "executing", "testing", "committing", "finding"]

# A smaller budget is one for spreading work out, and not for judging it.
_LEAST = 0.001


class Observer(Protocol):
    """Who wants to know what is being executed, even if it never returns."""

    def begins(self, path: str, what: str) -> None:
        """`what` of the file `path` is about to be executed."""
        ...

    def ends(self) -> None:
        """What began last has returned, or raised."""
        ...

    def tested(self, count: int) -> None:
        """So many unit tests have been run."""
        ...


class Meter:
    """Measures one batch with `clock`, in seconds. What takes more than `limit` by itself is slow.

    `observer` is told of everything that is judged: `livescripts check` has one, in a process of its own.
    """

    observer: ClassVar[Observer | None] = None

    def __init__(self, clock: Callable[[], float], limit: float) -> None:
        self.clock = clock
        self.limit = max(limit, _LEAST)
        self.longest_frame = 0.0
        self._seconds: dict[Phase, float] = {}
        self._inside: list[float] = []  # what took time within each measurement under way
        self._slow: dict[tuple[str, str], float] = {}
        self._hooks: dict[tuple[str | None, str], float] = {}

    def measuring(self, phase: Phase) -> AbstractContextManager[None]:
        """Whatever is done in the block belongs to `phase`."""
        return _Measurement(self, phase, None, "")

    def judging(self, phase: Phase, path: str, what: str) -> AbstractContextManager[None]:
        """The same for code of a script that cannot be interrupted: `what` of the file `path`."""
        return _Measurement(self, phase, path, what)

    def begin(self) -> float:
        """A measurement begins, inside of those that are under way; `end` takes what this returns."""
        self._inside.append(0.0)
        return self.clock()

    def tested(self, count: int) -> None:
        """So many unit tests have been run."""
        if self.observer is not None:
            self.observer.tested(count)

    @contextmanager
    def judging_hook(self, hook: Callable[..., object], kind: str) -> Generator[None]:
        """For hooks and callbacks, whose calls count together; they belong to whatever is measured around them."""
        began = self.clock()
        try:
            yield
        finally:
            hook = getattr(hook, "__func__", hook)
            code = getattr(hook, "__code__", None)
            key = getattr(code, "co_filename", None), f"{kind} {getattr(hook, '__name__', hook)!s}"
            self._hooks[key] = self._hooks.get(key, 0.0) + self.clock() - began

    def end(self, phase: Phase, began: float, path: str | None = None, what: str = "") -> None:
        """The one that began last ends. With a `path`, it is judged."""
        took = self.clock() - began
        own = took - self._inside.pop()
        self._seconds[phase] = self._seconds.get(phase, 0.0) + own
        if self._inside:
            self._inside[-1] += took
        if path is not None and own > self.limit:
            self._slow[path, what] = own

    def slow(self, paths: Collection[str]) -> tuple[Slow, ...]:
        """What was slow in these files, and, once, which hooks and callbacks were since this was asked last."""
        hooks, self._hooks = self._hooks, {}
        found = [Slow(Path(path), what, took) for (path, what), took in self._slow.items() if path in paths]
        found += [
            Slow(None if path is None else Path(path), what, took)
            for (path, what), took in hooks.items()
            if took > self.limit
        ]
        return tuple(found)

    def timings(self) -> Timings:
        """The phases so far."""
        seconds = self._seconds
        finding = seconds.get("finding", 0.0)
        return Timings(
            loading=seconds.get("loading", 0.0),
            executing=seconds.get("executing", 0.0),
            testing=seconds.get("testing", 0.0),
            committing=seconds.get("committing", 0.0) + finding,
            finding=finding,
            longest_frame=self.longest_frame,
        )


class _Measurement:
    """One block. A class, since a generator takes three times as long, and a start has thousands of them."""

    __slots__ = ("_began", "_meter", "_path", "_phase", "_what")

    def __init__(self, meter: Meter, phase: Phase, path: str | None, what: str) -> None:
        self._meter = meter
        self._phase: Phase = phase
        self._path = path
        self._what = what

    def __enter__(self) -> None:
        if self._path is not None and self._meter.observer is not None:
            self._meter.observer.begins(self._path, self._what)
        self._began = self._meter.begin()

    def __exit__(self, *error: object) -> None:
        self._meter.end(self._phase, self._began, self._path, self._what)
        if self._path is not None and self._meter.observer is not None:
            self._meter.observer.ends()


_ADVICE = {
    "module": "Move what takes long into a function that is called when it is needed, or into code that is no script",
    "unit": "Let it do less, or move it to tests that run outside of the game",
    "validator": "Let it look at less",
    "hook": "Let it do less, or spread the work over the frames that follow",
    "callback": "Let it do less, or spread the work over the frames that follow",
}


def advice(found: Sequence[Slow], budget: float) -> str:
    """The sentences that name what was slow in one file, the slowest first. `budget` is seconds."""
    slowest, *others = sorted(found, key=lambda each: -each.seconds)
    where = "" if slowest.path is None else f"{slowest.path.name}: "
    more = f" {len(others)} more in this file take too long as well." if others else ""
    return (
        f"{where}{slowest.what} takes {slowest.seconds * 1000:.1f} ms, more than the frame budget of {budget * 1000:g} ms, "
        f"and cannot be interrupted: that costs the game a frame. {_ADVICE[slowest.what.partition(' ')[0]]}.{more}"
    )
