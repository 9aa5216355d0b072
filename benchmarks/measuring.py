"""How it is measured: a game loop, saves from another process, and the same loop with nothing saved beside each figure."""

# Rule 1: nothing is allocated for the garbage collector while frames are timed.
# Rule 2: every figure is a median of repeated trials, each beside its own control (`trials`).
# Rule 3: what cannot be told apart from the noise of the machine is not made to look better: extras may be negative.

from __future__ import annotations

import gc
import json
import os
import random
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
