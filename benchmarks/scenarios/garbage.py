"""What a reload throws away: pauses of the garbage collector during a reload and in the two seconds after it."""

from __future__ import annotations

import statistics
from typing import Any

import worlds
from measuring import PERIOD, Figure

from scenarios import leaf

TITLE = "Garbage: the longest collection during a reload and 2 s after it, with a million other objects"

_SECONDS = 2.0


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Edits."""
    if quick:
        return []
    return [
        {"edit": edit, "objects": 1_000_000, "repeat": 3, "peers": edit == "METHOD"} for edit in ("METHOD", "ATTRIBUTE")
    ]


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """One edit."""
    edit: worlds.Edit = getattr(worlds, case["edit"])
    others = worlds.filling(case["objects"])
    game, things, module = leaf.play(name, directory, 100, 10_000)
    saves = leaf.series(game, things, module, directory, edit)
    trials = saves.trials(case["repeat"], tail=int(_SECONDS / PERIOD))
    game.close()
    del others
    if not trials:
        return [Figure(edit.title, None, "ms", note=saves.note)]
    full = sum(trial.collections.full() for trial in trials)
    return [
        Figure(
            f"{edit.title}: longest collection",
            statistics.median(trial.collections.longest() for trial in trials) * 1e3,
            "ms",
            statistics.median(trial.control_collections.longest() for trial in trials) * 1e3,
            note=saves.note,
        ),
        Figure(f"{edit.title}: full collections in all", full, "", goal=0, note=saves.note),
    ]
