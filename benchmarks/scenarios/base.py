"""A script that many take from, while they load: a method of its class, and a constant that class bodies take."""

from __future__ import annotations

import gc
import statistics
from time import perf_counter
from typing import Any

import adapters
import worlds
from measuring import Figure, Game
from trials import Probe, Series, extra_figure, median

TITLE = "A base script with many dependants, 10,000 instances over them"

_BUDGET = 2.0  # ms, the default of `frame_budget`
_INSTANCES = 10_000
_EDITS = {"answer": "a method of the base class edited", "speed": "a constant edited that class bodies take"}


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Edits and numbers of dependants."""
    if quick:
        return [{"edit": "speed", "dependants": 100, "repeat": 3}]
    return [
        {"edit": edit, "dependants": count, "repeat": 5, "peers": count == 100}  # noqa: PLR2004
        for edit in _EDITS
        for count in (10, 100, 500)
    ]


def _body(text: str) -> float:
    """Milliseconds that one module body takes, by itself."""
    code = compile(text, "<body>", "exec")
    times: list[float] = []
    for _ in range(9):
        start = perf_counter()
        exec(code, {"__name__": "dependant_00000"})
        times.append(perf_counter() - start)
    return statistics.median(times) * 1e3


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """One edit, so many dependants."""
    edit, dependants = case["edit"], worlds.numbered("dependant", case["dependants"])
    texts = {each: worlds.dependant_text(each) for each in dependants}
    worlds.write(directory, {"base": worlds.base_text(), **texts})
    adapter = adapters.create(name, {})
    adapter.start(directory, ["base", *dependants])
    classes = [worlds.module(each).Thing for each in dependants]
    things = [classes[number % len(classes)](number) for number in range(_INSTANCES)]
    del classes
    gc.collect()
    path, some = f"{directory}/base.py", things[-len(dependants) :]

    def shown(thing: Any) -> int:
        return thing.answer() if edit == "answer" else thing.speed

    def anew(version: int) -> bool:
        base = worlds.module("base")
        return base.Base(0).answer() == version if edit == "answer" else version == base.SPEED

    game = Game(adapter, things)
    saves = Series(
        game,
        lambda version: {path: worlds.base_text(**{edit: version})},
        Probe(lambda version: all(shown(thing) == version for thing in some), anew),
    )
    trials = saves.trials(case["repeat"])
    body = _body(texts[dependants[0]])
    game.close()

    row = f"{case['dependants']} dependants, {_EDITS[edit]}"
    figures = [extra_figure(f"{row}: longest extra frame", saves, trials, _BUDGET + body + 2.0)]
    if trials:
        note = saves.note
        figures += [
            Figure(f"{row}: frames with work", median(trials, lambda trial: trial.frames), "", note=note),
            Figure(f"{row}: work in all", median(trials, lambda trial: trial.update) * 1e3, "ms", note=note),
            Figure(f"{row}: save to live", median(trials, lambda trial: trial.to_live) * 1e3, "ms", note=note),
        ]
    return figures
