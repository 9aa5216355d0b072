"""What the compile process costs and saves.

    python benchmarks/compile_process.py [--saves 15]

Its memory and its start; then a 144 Hz game that saves scripts of several lengths, with the process and without: how long
from the save to the new code (in frames), and the longest `update()` on the way (in milliseconds); medians.
"""

from __future__ import annotations

import argparse
import pathlib
import platform
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import livescripts
from livescripts._core import wire
from livescripts._runtime import channel
from livescripts._runtime.compiling import compile_source
from livescripts._runtime.versions import load, prepare

FRAME = 1 / 144


def source(lines: int, value: int) -> str:
    """A script with a class of about so many lines."""
    function = "    def f{0}(self, a, b=2):\n        for k in range(a):\n            a += k * b\n        return a\n"
    return f"class Goblin:\n    v = {value}\n" + "".join(map(function.format, range(lines // 4)))


def start() -> None:
    """The start, as the game's loop sees it, and the memory."""
    walls, gaps = [], []
    for _ in range(5):
        live = livescripts.LiveScripts()
        began = time.perf_counter()
        assert live._compiler is not None
        longest, last = 0.0, began
        live._compiler.start()
        while not live._compiler.running:
            time.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        walls.append(time.perf_counter() - began)
        gaps.append(longest)
        live.close()
    process = channel.launch()
    assert isinstance(process, channel.Process)
    began = time.perf_counter()
    process.send(wire.pack(wire.Frame(wire.ASKED, 1, __file__.encode())))
    while not process.receive():
        time.sleep(0.0005)
    ready = time.perf_counter() - began
    print(
        f"launch: {statistics.median(walls) * 1e3:.1f} ms in a thread, longest gap of a loop beside it "
        f"{statistics.median(gaps) * 1e3:.1f} ms; first answer after {ready * 1e3:.0f} ms"
    )
    if pathlib.Path("/proc/self/smaps_rollup").exists():
        rollup = pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="ascii")
        sizes = dict(line.split(":")[:2] for line in rollup.splitlines()[1:])
        print(
            "memory:", ", ".join(f"{name} {' '.join(sizes[name].split())}" for name in ("Rss", "Pss", "Private_Dirty"))
        )
    process.close()


def kinds(lines: int) -> tuple[float, float, float]:
    """Milliseconds to compile in the game, to make a record of it elsewhere, and to load that record."""
    data = source(lines, 1).encode()
    path = f"/x/{lines}.py"
    record = compile_source(path, data)

    def best(call: object) -> float:
        times = []
        for _ in range(9):
            began = time.perf_counter()
            call()
            times.append(time.perf_counter() - began)
        return min(times) * 1e3

    return (
        best(lambda: prepare(path, data)),
        best(lambda: compile_source(path, data)),
        best(lambda: load(path, data, record)),
    )


def saves(lines: int, count: int, *, compile_process: bool) -> tuple[float, float]:
    """Medians over saves: frames from the save to the new code; the longest `update()` on the way, in ms."""
    frames, longest = [], []
    with (
        tempfile.TemporaryDirectory() as name,
        livescripts.LiveScripts(settle=0, compile_process=compile_process) as live,
    ):
        path = pathlib.Path(name).resolve() / "goblin.py"
        path.write_text(source(lines, 0), encoding="utf-8")
        live.add_directory(path.parent, namespace="game")
        module = sys.modules["game"]
        goblin = module.Goblin()
        time.sleep(0.5)
        for value in range(1, count + 1):
            temporary = path.with_suffix(".tmp")
            temporary.write_text(source(lines, value), encoding="utf-8")
            temporary.replace(path)
            saved = due = time.perf_counter()
            spent: list[float] = []
            while goblin.v != value:
                due += FRAME
                time.sleep(max(0.0, due - time.perf_counter()))
                began = time.perf_counter()
                live.update()
                spent.append(time.perf_counter() - began)
            frames.append((time.perf_counter() - saved) / FRAME)
            longest.append(max(spent) * 1e3)
            time.sleep(0.05)
    return statistics.median(frames), statistics.median(longest)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--saves", type=int, default=15)
    count = parser.parse_args().saves
    print(f"{platform.python_implementation()} {platform.python_version()}, {sys.platform}")
    start()
    heads = ("lines", "compiled in the game, ms", "in the process", "loaded", "frames to live with it", "without")
    print("", f"| {' | '.join(heads)} | longest `update()` with it, ms | without |", "|---:" * 8 + "|", sep="\n")
    for lines in (20, 200, 2000):
        here, there, loaded = kinds(lines)
        with_it, without = (saves(lines, count, compile_process=way) for way in (True, False))
        cells = (here, there, loaded, with_it[0], without[0], with_it[1], without[1])
        print(f"| {lines:,} | {' | '.join(f'{cell:.2f}' if cell < 1 else f'{cell:.1f}' for cell in cells)} |")


if __name__ == "__main__":
    main()
