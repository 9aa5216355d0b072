"""How it is measured: a game loop, saves from another process, and the same loop with nothing saved beside each figure."""

# Rule 1: nothing is allocated for the garbage collector while frames are timed.
# Rule 2: every figure is a median of repeated trials, each beside its own control.
# Rule 3: what cannot be told apart from the noise of the machine is not made to look better: extras may be negative.

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import subprocess
import sys
import time
from array import array
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from adapters import Adapter

    Saved = dict[str, str]  # path -> text

PERIOD = 1 / 144
TAIL = 10  # frames that belong to a reload after the one in which it was seen: hooks, first touches, collections
_PATIENCE = 8.0  # seconds until a save was not seen
_MOST = 144 * 20  # frames in one recording


@dataclass
class Figure:
    """One cell of a table. Without a value, `note` says why. `goal`: at most this much of `value`."""

    row: str
    value: float | None
    unit: str
    control: float | None = None
    goal: float | None = None
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is printed."""
        return asdict(self)


class Collections:
    """What the garbage collector did: (moment, generation, seconds) of each collection."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int, float]] = []
        self._since = 0.0

    def _note(self, phase: str, info: dict[str, int]) -> None:
        now = perf_counter()
        if phase == "start":
            self._since = now
        else:
            self.seen.append((self._since, info["generation"], now - self._since))

    def __enter__(self) -> Self:
        gc.callbacks.append(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        gc.callbacks.remove(self._note)

    def full(self) -> int:
        """How many were of the oldest generation."""
        return sum(generation == 2 for _, generation, _ in self.seen)  # noqa: PLR2004

    def longest(self) -> float:
        """Seconds."""
        return max((seconds for _, _, seconds in self.seen), default=0.0)


class Saver:
    """The process that saves."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, os.path.join(os.path.dirname(__file__), "saver.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._random = random.Random(144)  # noqa: S311

    def order(self, files: Saved, how: str) -> None:
        """Have them saved at a random moment of one of the next frames."""
        delay = 2 * PERIOD + self._random.random() * PERIOD
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"files": files, "how": how, "delay": delay}) + "\n")
        self._process.stdin.flush()

    def moment(self) -> float:
        """When the last order was through. Waits for it."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.communicate()


@dataclass
class Recording:
    """Frames one after the other; times in seconds. `live`: when the new version was first seen, or 0."""

    begin: array[float]
    length: array[float]
    processor: array[float]
    update: array[float]
    count: int = 0
    live: float = 0.0
    collections: Collections = field(default_factory=Collections)

    @classmethod
    def empty(cls) -> Recording:
        """With room for all frames."""
        return cls(*(array("d", bytes(8 * _MOST)) for _ in range(4)))

    def since(self, moment: float) -> range:
        """The frames that ended after it."""
        first = next((i for i in range(self.count) if self.begin[i] + self.length[i] >= moment), self.count)
        return range(first, self.count)


def work_of_a_frame(entities: Sequence[Any], seconds: float = 0.001) -> list[Any]:
    """So many of the entities, some repeatedly, that calling `walk(0.01)` on each of them takes so long."""
    some = list(islice(cycle(entities), 2000))
    times: list[float] = []
    for _ in range(7):
        start = perf_counter()
        for entity in some:
            entity.walk(0.01)
        times.append(perf_counter() - start)
    return list(islice(cycle(entities), max(1, int(2000 * seconds / min(times)))))


class Game:
    """144 frames a second. Each asks the adapter, looks whether the new version is there, and does its work."""

    def __init__(self, adapter: Adapter, entities: Sequence[Any]) -> None:
        self.adapter = adapter
        self.saver = Saver()
        self._work = work_of_a_frame(entities)

    def close(self) -> None:
        """Stop what runs."""
        self.saver.close()
        self.adapter.stop()

    def play(self, most: int, is_live: Callable[[], bool] | None = None, tail: int = TAIL) -> Recording:
        """So many frames at most; with `is_live`, until it has been true for `tail` frames."""
        recording = Recording.empty()
        begin, length, processor, update = recording.begin, recording.length, recording.processor, recording.update
        frame, work = self.adapter.frame, self._work
        live, last, due = 0.0, min(most, _MOST) - 1, perf_counter()
        with recording.collections:
            for i in range(last + 1):
                start, processor_start = perf_counter(), thread_time()
                frame()
                now = perf_counter()
                if is_live is not None and not live and is_live():
                    live, last = now, min(i + tail, last)
                for entity in work:
                    entity.walk(0.01)
                end = perf_counter()
                begin[i], length[i], update[i], processor[i] = (
                    start, end - start, now - start, thread_time() - processor_start,
                )  # fmt: skip
                recording.count = i + 1
                if i >= last:
                    break
                due = max(due + PERIOD, end)
                time.sleep(max(0.0, due - perf_counter()))
        recording.live = live
        return recording

    def save_and_play(
        self,
        files: Saved,
        is_live: Callable[[], bool],
        how: str = "moved",
        seconds: float = _PATIENCE,
        tail: int = TAIL,
    ) -> tuple[float, Recording]:
        """Returns the moment of the save, and the frames around it."""
        self.saver.order(files, how)
        recording = self.play(int(seconds / PERIOD), is_live, tail)
        return self.saver.moment(), recording


@dataclass
class Trial:
    """One save beside its control. Seconds; `extra` is of the longest frames."""

    longest: float
    control: float
    processor: float
    processor_control: float
    to_live: float
    frames: int  # in which more than a tenth of a millisecond went to the adapter
    update: float  # all that went to it
    median: float  # of all frames
    collections: Collections
    control_collections: Collections

    @property
    def extra(self) -> float:
        """Beyond the control."""
        return self.longest - self.control

    @property
    def extra_processor(self) -> float:
        """The same in processor time of the game's thread: what the machine does besides is not in it."""
        return self.processor - self.processor_control


def try_once(
    game: Game, files: Saved, is_live: Callable[[], bool], how: str = "moved", tail: int = TAIL
) -> Trial | None:
    """Save once. None if the new version was never seen."""
    saved, recording = game.save_and_play(files, is_live, how, tail=tail)
    if not recording.live:
        return None
    frames = recording.since(saved)
    control = game.play(len(frames))
    return Trial(
        longest=max(recording.length[i] for i in frames),
        control=max(control.length[: control.count]),
        processor=max(recording.processor[i] for i in frames),
        processor_control=max(control.processor[: control.count]),
        to_live=recording.live - saved,
        frames=sum(recording.update[i] > 1e-4 for i in frames),  # noqa: PLR2004
        update=sum(recording.update[i] for i in frames),
        median=statistics.median(recording.length[: recording.count]),
        collections=recording.collections,
        control_collections=control.collections,
    )


@dataclass
class Probe:
    """How the new version shows: on what exists, else (for tools which leave that alone) on what is looked up anew."""

    existing: Callable[[int], bool]
    anew: Callable[[int], bool]


class Series:
    """Saves of growing versions. The first tells whether what exists follows; it does not count otherwise."""

    def __init__(self, game: Game, edit: Callable[[int], Saved], probe: Probe) -> None:
        self._game, self._edit = game, edit
        self._version = 1
        # Twice: on some file systems a new watcher needs a moment.
        self.first = self._try(lambda version: probe.existing(version) or probe.anew(version)) or self._try(probe.anew)
        self.follows = probe.existing(self._version)
        self._is_live = probe.existing if self.follows else probe.anew

    @property
    def version(self) -> int:
        """The last one that was saved."""
        return self._version

    def _try(self, is_live: Callable[[int], bool], how: str = "moved", tail: int = TAIL) -> Trial | None:
        self._version += 1
        version = self._version
        return try_once(self._game, self._edit(version), lambda: is_live(version), how, tail)

    def trials(self, count: int, how: str = "moved", tail: int = TAIL) -> list[Trial]:
        """So many; fewer if one of them was never seen."""
        found: list[Trial] = []
        if self.first is not None:
            for _ in range(count):
                trial = self._try(self._is_live, how, tail)
                if trial is None:
                    break
                found.append(trial)
        return found

    @property
    def note(self) -> str:
        """What a reader has to know of all figures of this series."""
        if self.first is None:
            return "never live"
        return "" if self.follows else "†"


def median(trials: Sequence[Trial], what: Callable[[Trial], float]) -> float:
    """Of all trials."""
    return statistics.median(map(what, trials))


def extra_figure(row: str, series: Series, trials: Sequence[Trial], goal: float | None) -> Figure:
    """The longest extra frame, in ms. `goal` is in ms, too."""
    if not trials:
        return Figure(row, None, "ms", goal=goal, note=series.note or "never live")
    first = series.first
    return Figure(
        row,
        median(trials, lambda trial: trial.extra) * 1e3,
        "ms",
        median(trials, lambda trial: trial.control) * 1e3,
        goal,
        series.note,
        {
            "trials": [trial.extra * 1e3 for trial in trials],
            "processor": median(trials, lambda trial: trial.extra_processor) * 1e3,
            "first": first.extra * 1e3 if first else None,
            "median frame": median(trials, lambda trial: trial.median) * 1e3,
            "update": median(trials, lambda trial: trial.update) * 1e3,
            "frames": median(trials, lambda trial: trial.frames),
            "to live": median(trials, lambda trial: trial.to_live) * 1e3,
            "full collections": sum(trial.collections.full() for trial in trials),
            "full collections of the control": sum(trial.control_collections.full() for trial in trials),
        },
    )
