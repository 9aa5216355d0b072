"""Ten thousand scripts: loading them, their memory, and a save of one of them."""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Any

import adapters
import system
import worlds
from measuring import Figure, Game
from trials import extra_figure

from scenarios import leaf

TITLE = "10,000 scripts, 1,000 instances of a leaf"


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """One, too long for a quick run."""
    return [] if quick else [{"scripts": 10_000, "repeat": 7}]


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """Load, then save."""
    count = case["scripts"]
    names = worlds.numbered("thing", count)
    worlds.write(directory, {each: worlds.thing_text(each) for each in names})
    adapter = adapters.create(name, {})
    gc.collect()
    before, start = system.resident(), perf_counter()
    adapter.start(directory, names)
    seconds = perf_counter() - start
    gc.collect()
    memory = (system.resident() - before) / count / 1024
    things = [worlds.module(names[-1]).Thing(number) for number in range(1_000)]
    game = Game(adapter, things)
    figures = [
        Figure("loading them, no caches", seconds, "s"),
        Figure("memory of each script", memory if before else None, "KiB", note="" if before else "not known here"),
    ]
    for edit, goal in ((worlds.METHOD, 1.0), (worlds.CONSTANT, 1.0)):
        saves = leaf.series(game, things, names[-1], directory, edit)
        trials = saves.trials(case["repeat"])
        figures.append(extra_figure(f"longest extra frame, {edit.title}", saves, trials, goal))
    game.close()
    return figures
