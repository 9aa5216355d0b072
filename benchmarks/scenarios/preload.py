"""Loading scripts when the game starts, against plain imports of the same files."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from time import perf_counter, process_time
from typing import Any

import worlds
from measuring import Figure

TITLE = "Preloading, against importlib importing the same files"

_STATES = ("cold", "warm")


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Numbers of scripts."""
    if quick:
        return [{"scripts": 100, "repeat": 1}]
    return [
        {"scripts": 100, "repeat": 9},
        {"scripts": 1_000, "repeat": 5},
        {"scripts": 10_000, "repeat": 1, "ways": ["livescripts", "importlib"]},
    ]


def load(who: str, directory: str, names: list[str]) -> list[float]:
    """Seconds, wall and processor, of loading the directory in this process. Imports of the tool itself do not count."""
    import importlib

    import livescripts

    live = livescripts.LiveScripts(watch=who == "livescripts") if who != "importlib" else None
    sys.path.insert(0, directory)
    start, processor = perf_counter(), process_time()
    if live is not None:
        live.add_directory(directory, namespace="", layout="modules")
    for name in names:
        importlib.import_module(name)
    times = [perf_counter() - start, process_time() - processor]
    if live is not None:
        live.close()
    return times


def _in_new_process(who: str, directory: str, names: list[str]) -> list[float]:
    program = "import json, sys\nfrom scenarios.preload import load\nprint(json.dumps(load(*json.load(sys.stdin))))"
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    path = os.pathsep.join((here, os.path.dirname(here)))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program],
        input=json.dumps([who, directory, names]), capture_output=True, text=True, check=True,
        env=environment | {"PYTHONPATH": path},
    )  # fmt: skip
    return json.loads(done.stdout)


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """So many scripts: written anew for each repetition, so that no cache knows them, then loaded twice by each."""
    assert name == "livescripts"
    count = case["scripts"]
    names = worlds.numbered("thing", count)
    ways = case.get("ways", ["livescripts", "not watching", "importlib"])
    times: dict[tuple[str, str], list[list[float]]] = {(who, state): [] for who in ways for state in _STATES}
    for repetition in range(case["repeat"]):
        for number, who in enumerate(ways):
            place = os.path.join(directory, f"{repetition}_{number}")
            version = 1 + repetition * len(ways) + number
            worlds.write(place, {each: worlds.thing_text(each, answer=version) for each in names})
            for state in _STATES:
                times[who, state].append(_in_new_process(who, place, names))

    def figure(who: str, state: str, index: int, unit: str) -> Figure:
        pairs = zip(times[who, state], times["importlib", state], strict=True)
        ratio = statistics.median(ours[index] / theirs[index] for ours, theirs in pairs)
        what = "`watch=False`, " if who != "livescripts" else ""
        return Figure(
            f"{count:,} scripts, {what}{state}{unit}", ratio, "times", goal=1.0,
            details={
                "seconds": statistics.median(each[index] for each in times[who, state]),
                "importlib": statistics.median(each[index] for each in times["importlib", state]),
            },
        )  # fmt: skip

    figures = [figure(who, state, 0, "") for who in ways[:-1] for state in _STATES]
    figures += [figure("livescripts", state, 1, ", processor time") for state in _STATES]
    figures += [
        Figure(
            f"{count:,} scripts, {state}: {who}",
            statistics.median(each[0] for each in times[who, state]) * 1e3,
            "ms",
        )
        for who in ("livescripts", "importlib")
        for state in _STATES
    ]
    return figures
