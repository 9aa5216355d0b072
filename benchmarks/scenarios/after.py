"""What fifty reloads leave behind: the same work of a frame before and after them."""

from __future__ import annotations

import time
from time import perf_counter
from typing import Any

import adapters
import worlds
from measuring import Figure
from saver import save

TITLE = "The same work after 50 reloads, against before"

_RELOADS = 50
_INSTANCES = 2_000
_MADE = ("Thing", "Slotted", "Unedited")


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Edits of a method, which a class can take as it is, and of attributes."""
    edits = ("ATTRIBUTE",) if quick else ("METHOD", "ATTRIBUTE")
    return [{"edit": edit, "reloads": _RELOADS, "repeat": 15, "peers": not quick} for edit in edits]


def _create(leaf: str) -> dict[str, list[Any]]:
    module = worlds.module(leaf)
    return {
        "Thing": [module.Thing(number) for number in range(_INSTANCES)],
        "Slotted": [module.Slotted() for _ in range(_INSTANCES)],
        "Unedited": [module.Unedited() for _ in range(_INSTANCES)],
    }


def _walk(things: list[Any]) -> float:
    start = perf_counter()
    for _ in range(3):
        for thing in things:
            thing.walk(0.01)
    return perf_counter() - start


def _times(groups: dict[str, list[Any]], repeat: int) -> dict[str, float]:
    """Seconds for each group, in turns; the shortest, which the machine's other work has in it least."""
    times: dict[str, list[float]] = {name: [] for name in groups}
    for _ in range(repeat):
        for name, things in groups.items():
            times[name].append(_walk(things))
    return {name: min(found) for name, found in times.items()}


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """One kind of edit."""
    edit: worlds.Edit = getattr(worlds, case["edit"])
    names = worlds.numbered("thing", 2)
    edited, control = names
    paths = worlds.write(directory, {each: worlds.thing_text(each) for each in names})
    adapter = adapters.create(name, {"settle": 0.0})
    adapter.start(directory, names)
    old, never = _create(edited), _create(control)
    _times({"Thing": old["Thing"]}, 3)
    before = _times({**old, "control": never["Thing"]}, case["repeat"])
    done = 0
    for version in range(1, case["reloads"] + 1):
        save(paths[edited], edit.text(edited, version), "moved")
        end = time.monotonic() + 2
        while time.monotonic() < end:
            adapter.frame()
            if edit.shown_by(worlds.module(edited).Thing(0)) == version:
                done += 1
                break
            time.sleep(0.002)
    follows = edit.shown_by(old["Thing"][0]) == case["reloads"]
    groups = {**old, "created": _create(edited)["Thing"], "control": never["Thing"]}
    _times(groups, 3)
    after = _times(groups, case["repeat"])
    adapter.stop()
    note = "" if done == case["reloads"] else f"{done} of {case['reloads']} seen"
    stays = note if follows else f"† {note}".strip()
    noise = after["control"] / before["control"]

    def figure(group: str, base: str, row: str, goal: float, about: str) -> Figure:
        return Figure(f"{edit.title}: {row}", after[group] / before[base], "times", noise, goal, about)

    return [
        figure("Thing", "Thing", "instances made before", 1.4, stays),
        figure("created", "Thing", "instances created afterwards", 1.05, note),
        figure("Slotted", "Slotted", "instances made before, with `__slots__`", 1.05, stays),
        figure("Unedited", "Unedited", "instances of a class that was not edited", 1.05, note),
    ]
