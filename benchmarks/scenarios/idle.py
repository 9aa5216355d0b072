"""What `update()` costs while nothing is saved."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from itertools import repeat
from time import perf_counter
from typing import Any

import adapters
import system
import worlds
from measuring import Figure

TITLE = "Idle"

_CALLS = 20_000


class _Nothing:
    def method(self) -> None:
        pass


def cases(*, quick: bool) -> list[dict[str, Any]]:
    """Numbers of scripts."""
    if quick:
        return [{"scripts": 100, "seconds": 2.0}]
    return [{"scripts": scripts, "seconds": 10.0} for scripts in (10, 100, 1_000)]


def _call(function: Any) -> float:
    start = perf_counter()
    for _ in repeat(None, _CALLS):
        function()
    return perf_counter() - start


def _loop() -> float:
    start = perf_counter()
    for _ in repeat(None, _CALLS):
        pass
    return perf_counter() - start


def _allocated(function: Any) -> int:
    """Bytes left after many calls. What a call needs and gives back, such as the number of its thread, does not count.

    The least of several tries: other threads are counted as well.
    """
    left: list[int] = []
    tracemalloc.start()
    try:
        for _ in range(5):
            before = tracemalloc.get_traced_memory()[0]
            _call(function)
            left.append(tracemalloc.get_traced_memory()[0] - before)
    finally:
        tracemalloc.stop()
    return max(0, min(left))


def _wait_for_quiet(processes: list[int]) -> None:
    """Until what was started in the background has started."""
    end = time.monotonic() + 20
    last = -1.0
    while time.monotonic() < end:
        now = sum(map(system.processor_seconds, processes))
        if now == last:
            break
        last = now
        time.sleep(1)


def _tracked(function: Any) -> int:
    """How many more objects the garbage collector knows of after many calls."""
    gc.collect()
    gc.disable()
    try:
        before = gc.get_count()[0]
        _call(function)
        return gc.get_count()[0] - before
    finally:
        gc.enable()


def measure(name: str, case: dict[str, Any], directory: str) -> list[Figure]:
    """So many scripts."""
    scripts = case["scripts"]
    names = worlds.numbered("thing", scripts)
    worlds.write(directory, {each: worlds.thing_text(each) for each in names})
    adapter = adapters.create(name, {})
    adapter.start(directory, names)
    update, nothing = adapter.frame, _Nothing().method
    while update():  # what the watcher found while it began
        pass
    gc.collect()
    time.sleep(0.5)

    ratios: list[float] = []
    costs: list[float] = []
    for _ in range(25):
        loop = _loop()
        empty, cost = _call(nothing) - loop, _call(update) - loop
        ratios.append(cost / empty)
        costs.append(cost / _CALLS)
    allocated = max(_allocated(update), _tracked(update) - _tracked(nothing))

    processes = system.children()
    _wait_for_quiet(processes)
    before = [system.processor_seconds(pid) for pid in processes]
    processor, own, start = time.process_time(), time.thread_time(), perf_counter()
    time.sleep(case["seconds"])
    wall = perf_counter() - start
    others = (time.process_time() - processor) - (time.thread_time() - own)
    others += sum(system.processor_seconds(pid) - was for pid, was in zip(processes, before, strict=True))
    memory = sum(map(system.resident, processes)) / 1024**2
    adapter.stop()
    row = f"{scripts:,} scripts"
    return [
        Figure(
            f"{row}: `update()` against an empty method call", statistics.median(ratios), "times", goal=3.0,
            details={"nanoseconds": statistics.median(costs) * 1e9},
        ),
        Figure(f"{row}: `update()`", statistics.median(costs) * 1e9, "ns"),
        Figure(f"{row}: left on the heap by {_CALLS:,} calls", allocated, "bytes", goal=0),
        Figure(f"{row}: processor time of other threads and processes", others / wall * 100, "%", goal=0.1),
        Figure(
            f"{row}: memory of other processes", memory if system.is_known() else None, "MiB", note="not known here" if not system.is_known() else "",
        ),
    ]  # fmt: skip
