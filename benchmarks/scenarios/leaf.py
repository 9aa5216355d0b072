"""The longest frame that a save of one script of many costs, beyond the control."""

from __future__ import annotations

import gc
from typing import Any

import adapters
import worlds
from measuring import Figure, Game
from trials import Probe, Series, extra_figure

TITLE = "Longest extra frame: a leaf of 100 scripts, small heap"

_GOALS = {
    ("METHOD", 1_000): 1.0, ("METHOD", 10_000): 3.0, ("METHOD", 100_000): 20.0,
    ("ATTRIBUTE", 1_000): 1.0, ("ATTRIBUTE", 10_000): 3.0, ("ATTRIBUTE", 100_000): 20.0,
    ("CONSTANT", 1_000): 1.0, ("CONSTANT", 10_000): 1.0, ("CONSTANT", 100_000): 1.0,
}  # fmt: skip


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Edits and numbers of instances."""
    if quick:
        return [
            {"edit": "METHOD", "instances": 10_000, "repeat": 3, "peers": True},
            {"edit": "CONSTANT", "instances": 10_000, "repeat": 3},
        ]
    return [
        *(
            {"edit": edit, "instances": instances, "repeat": 7, "peers": edit == "METHOD" or instances == 10_000}  # noqa: PLR2004
            for edit, instances in _GOALS
        ),
        {"edit": "METHOD", "instances": 1_000, "repeat": 7, "settle": 0.0},
    ]


def play(
    name: str, directory: str, scripts: int, instances: int, *, frozen: bool = False, **options: float
) -> tuple[Game, list[Any], str]:
    """A game with so many things of the last of so many scripts, and these `options` of `LiveScripts`. Returns it, its things, and
    the module's name.
    """
    names = worlds.numbered("thing", scripts)
    worlds.write(directory, {each: worlds.thing_text(each) for each in names})
    adapter = adapters.create(name, options)
    adapter.start(directory, names)
    leaf = names[-1]
    things = [worlds.module(leaf).Thing(number) for number in range(instances)]
    gc.collect()
    if frozen:
        gc.freeze()
    return Game(adapter, things), things, leaf


def series(game: Game, things: list[Any], leaf: str, directory: str, edit: worlds.Edit) -> Series:
    """Saves of that script."""
    path = f"{directory}/{leaf}.py"
    return Series(
        game,
        lambda version: {path: edit.text(leaf, version)},
        Probe(
            lambda version: edit.shown_by(things[-1]) == version,
            lambda version: edit.shown_by(worlds.module(leaf).Thing(0)) == version,
        ),
    )


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """One edit, so many instances."""
    edit: worlds.Edit = getattr(worlds, case["edit"])
    options = {"settle": case["settle"]} if "settle" in case else {}
    game, things, leaf = play(name, directory, case.get("scripts", 100), case["instances"], **options)
    saves = series(game, things, leaf, directory, edit)
    trials = saves.trials(case["repeat"])
    game.close()
    goal = _GOALS.get((case["edit"], case["instances"]))
    at_once = ", `settle=0`" if options else ""
    return [extra_figure(f"{case['instances']:,} instances, {edit.title}{at_once}", saves, trials, goal)]
