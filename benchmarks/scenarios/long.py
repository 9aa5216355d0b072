"""Long scripts: whether compiling them is seen in a frame."""

from __future__ import annotations

import gc
import statistics
from time import perf_counter
from typing import Any

import adapters
import worlds
from measuring import Figure, Game
from trials import Probe, Series, extra_figure

TITLE = "Longest extra frame: a long script, 1,000 instances"


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Lines."""
    if quick:
        return [{"lines": 2_000, "repeat": 3}]
    return [{"lines": lines, "repeat": 9, "peers": True} for lines in (200, 2_000)]


def _text(lines: int, version: int) -> str:
    text = worlds.thing_text("long", answer=version)
    number, parts = 0, [text]
    length = text.count("\n")
    while length < lines:
        parts.append(
            f"\n\ndef count_{number}(values, limit={number}):\n    total = 0\n    for value in values:\n"
            f"        if value > limit:\n            total += value * {number} - limit\n        else:\n"
            f"            total -= value\n    return total\n"
        )
        number, length = number + 1, length + 10
    return "".join(parts)


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """So many lines."""
    lines = case["lines"]
    path = worlds.write(directory, {"long": _text(lines, 0)})["long"]
    adapter = adapters.create(name, {})
    adapter.start(directory, ["long"])
    things = [worlds.module("long").Thing(number) for number in range(1_000)]
    gc.collect()
    game = Game(adapter, things)
    saves = Series(
        game,
        lambda version: {path: _text(lines, version)},
        Probe(
            lambda version: things[-1].answer() == version,
            lambda version: worlds.module("long").Thing(0).answer() == version,
        ),
    )
    trials = saves.trials(case["repeat"])
    game.close()
    figures = [extra_figure(f"{lines:,} lines", saves, trials, None)]
    times: list[float] = []
    for version in range(7):
        text = _text(lines, version)
        start = perf_counter()
        compile(text, path, "exec", dont_inherit=True)
        times.append(perf_counter() - start)
    figures.append(Figure(f"{lines:,} lines: compiling takes, by itself", statistics.median(times) * 1e3, "ms"))
    figures[0].goal = 1.0 if lines < 1_000 else None  # noqa: PLR2004 - executing two thousand lines takes what it takes
    return figures
