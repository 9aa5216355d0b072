"""The same with a million other objects, frozen (`gc.freeze()`) or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import worlds
from trials import extra_figure

from scenarios import leaf

if TYPE_CHECKING:
    from measuring import Figure

TITLE = "Longest extra frame: 10,000 instances, many other objects on the heap"

_OBJECTS = 1_000_000
_GOALS = {True: 3.0, False: 5.0}


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Frozen or not; edits."""
    if quick:
        return [{"edit": "ATTRIBUTE", "frozen": False, "objects": _OBJECTS, "repeat": 3}]
    return [
        {"edit": edit, "frozen": frozen, "objects": _OBJECTS, "repeat": 7, "peers": edit == "METHOD"}
        for frozen in (True, False)
        for edit in ("METHOD", "RICH", "ATTRIBUTE", "CONSTANT")
    ]


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """One edit."""
    edit: worlds.Edit = getattr(worlds, case["edit"])
    others = worlds.filling(case["objects"])
    game, things, module = leaf.play(name, directory, 100, 10_000, frozen=case["frozen"])
    saves = leaf.series(game, things, module, directory, edit)
    trials = saves.trials(case["repeat"])
    game.close()
    del others
    row = f"{'frozen' if case['frozen'] else 'not frozen'}, {edit.title}"
    return [extra_figure(row, saves, trials, _GOALS[case["frozen"]])]
