"""One save beside its control, many times over, and the figures that come of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from measuring import TAIL, Collections, Figure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from measuring import Game, Saved


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
