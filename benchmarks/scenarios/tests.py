"""A save whose unit tests take half a second."""

from __future__ import annotations

import gc
from typing import Any

import adapters
import worlds
from measuring import Figure, Game
from trials import Probe, Series, extra_figure, median

TITLE = "A batch whose unit tests take 500 ms in 50 tests"

_TEST = """
    def test_{number:02}(self):
        end = perf_counter() + {seconds}
        while perf_counter() < end:
            pass
        self.assertEqual(Thing(1).answer(), {version})
"""


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """One."""
    return [{"tests": 50, "seconds": 0.01, "repeat": 1 if quick else 5}]


def _text(case: dict[str, Any], version: int) -> str:
    tests = "".join(_TEST.format(number=n, seconds=case["seconds"], version=version) for n in range(case["tests"]))
    head = "from time import perf_counter\nfrom unittest import TestCase\n\n\nclass TestThing(TestCase):"
    return f"{worlds.thing_text('tested', answer=version)}\n\n{head}{tests}"


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """The tests are in the script."""
    path = worlds.write(directory, {"tested": _text(case, 0)})["tested"]
    adapter = adapters.create(name, {})
    adapter.start(directory, ["tested"])
    things = [worlds.module("tested").Thing(number) for number in range(1_000)]
    gc.collect()
    game = Game(adapter, things)
    probe = Probe(lambda version: things[-1].answer() == version, lambda _: False)
    saves = Series(game, lambda version: {path: _text(case, version)}, probe)
    trials = saves.trials(case["repeat"])
    game.close()
    figures = [extra_figure("longest extra frame", saves, trials, 2.0 + case["seconds"] * 1e3)]
    if trials:
        figures.append(Figure("frames with work", median(trials, lambda trial: trial.frames), ""))
        figures.append(Figure("save to live", median(trials, lambda trial: trial.to_live) * 1e3, "ms"))
    return figures
