"""How long it takes from the save until an entity that was there before answers as the new version."""

from __future__ import annotations

from typing import Any

import adapters
import worlds
from measuring import PERIOD, Figure, Game
from trials import median

from scenarios import leaf

TITLE = "From the save to the first frame in which what exists is new"

_HOW = {"rename": "a temporary file beside it takes its place", "write": "written in place"}
_DEFAULT_SETTLE = 0.05


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Ways to save, and, for us, ways to wait."""
    if quick:
        return [{"how": "rename", "settle": 0.0, "repeat": 9}]
    return [
        {"how": how, "settle": settle, "repeat": 31, "peers": not settle}
        for how in _HOW
        for settle in (0.0, _DEFAULT_SETTLE)
    ]


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """Many saves of one script of ten."""
    settle, how = case["settle"], case["how"]
    row = f"{'`settle=0`' if not settle else 'default settle (50 ms)'}, {_HOW[how]}"
    goal = (settle + 1.5 * PERIOD) * 1e3
    names = worlds.numbered("thing", 10)
    worlds.write(directory, {each: worlds.thing_text(each) for each in names})
    adapter = adapters.create(name, {"settle": settle})
    adapter.start(directory, names)
    things = [worlds.module(names[-1]).Thing(number) for number in range(100)]
    game = Game(adapter, things)
    saves = leaf.series(game, things, names[-1], directory, worlds.METHOD)
    trials = saves.trials(case["repeat"], how, tail=3)
    game.close()
    if not trials:
        return [Figure(row, None, "ms", goal=goal, note="never live")]
    times = sorted(trial.to_live * 1e3 for trial in trials)
    return [
        Figure(
            row, median(trials, lambda trial: trial.to_live) * 1e3, "ms", None, goal, saves.note,
            {"shortest": times[0], "longest": times[-1], "missed": case["repeat"] - len(trials)},
        )
    ]  # fmt: skip
