"""What preloading costs, beside plain importlib importing the same files: cold (nothing cached yet) and warm.

    python benchmarks/preload.py [--scripts 100 1000] [--repeat 5] [--watch]

Each figure is the median over fresh processes; the two take turns, so that a busy machine is busy for both.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

FOLDERS = 10

SCRIPT = '''\
"""Creatures of kind {n}."""

import math
import random
{imports}

SPEED_{n} = 40 + {n}
NAMES_{n} = ["grim", "gnash", "snag"]


class Loot{n}:
    label = "loot"

    def __init__(self, gold: int = {n}, weight: float = 1.5) -> None:
        self.gold = gold
        self.weight = weight

    def value(self, luck: float) -> float:
        return self.gold * luck + self.weight


class Base{n}:
    kind = "base{n}"

    def __init__(self, x: float, y: float) -> None:
        self.x = x
        self.y = y
        self.health = 10
        self.path = [(x, y)]

    def update(self, dt: float) -> None:
        angle = math.atan2(self.y, self.x)
        self.x += math.cos(angle) * SPEED_{n} * dt
        self.y += math.sin(angle) * SPEED_{n} * dt
        self.path.append((self.x, self.y))
        if len(self.path) > 20:
            del self.path[0]

    def hurt(self, amount: int) -> bool:
        self.health -= amount
        return self.health <= 0


class Creature{n}({base}):
    kind = "creature{n}"

    def update(self, dt: float) -> None:
        super().update(dt)
        if random.random() < 0.01:
            self.health = min(10, self.health + 1)

    def drop(self) -> Loot{n}:
        return Loot{n}(gold=int(self.health * 2))


def spawn_{n}(count: int) -> list:
    return [Creature{n}(i * 10.0, i * 5.0) for i in range(count)]


def distance_{n}(a, b) -> float:
    return math.hypot(a.x - b.x, a.y - b.y)
'''


def write_scripts(place: Path, count: int, *, merged: bool) -> None:
    """`count` scripts in ten folders, every third of which takes a base class from another one.

    Merged or as the modules of a package, they differ in where that class is imported from.
    """
    for n in range(count):
        folder = place / f"f{n % FOLDERS}"
        folder.mkdir(parents=True, exist_ok=True)
        imports, base = "", f"Base{n}"
        if n % 3 == 0:
            # Some from the next folder, with another number: neither order of names is the order of loading.
            other = (n * 7 + 1) % count
            if other % 3:
                home = f"f{other % FOLDERS}" if merged else f"f{other % FOLDERS}.s{other}"
                imports, base = f"from game.{home} import Base{other}", f"Base{other}"
        (folder / f"s{n}.py").write_text(SCRIPT.format(n=n, imports=imports, base=base))


PLAIN = """
import sys, time, importlib, os, json
place, count = sys.argv[1], int(sys.argv[2])
import math, random
sys.path.insert(0, os.path.dirname(place))
names = sorted(f"game.{folder}.{name[:-3]}" for folder in os.listdir(place) if folder[0] == "f" for name in os.listdir(os.path.join(place, folder)) if name.endswith(".py"))
start = time.perf_counter()
for name in names:
    importlib.import_module(name)
print(json.dumps(time.perf_counter() - start))
"""

OURS = """
import sys, time, json
place, count, watch = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "watch"
import math, random
import livescripts
live = livescripts.LiveScripts(watch=watch)
start = time.perf_counter()
live.add_directory(place, namespace="game")
taken = time.perf_counter() - start
import game
assert game.f1.spawn_1(2)[1].hurt(1) is False
live.close()
print(json.dumps(taken))
"""


def run(program: str, place: Path, count: int, *more: str, python: str = sys.executable) -> float:
    """Seconds that one fresh process needed."""
    command = [python, "-c", program, str(place), str(count), *more]
    found = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())  # noqa: S603
    return float(json.loads(found.stdout))


def _environment() -> dict[str, str]:
    # Caching is what is measured, wherever it is switched off.
    left_out = ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX")
    return {**{k: v for k, v in os.environ.items() if k not in left_out}, "PYTHONPATH": str(ROOT)}


def forget(place: Path) -> None:
    """Take away everything that was cached."""
    for cache in place.rglob("__pycache__"):
        shutil.rmtree(cache)


def measure(count: int, repeat: int, *, watch: bool = False) -> dict[str, dict[str, float]]:
    """Medians in seconds: {"cold"|"warm": {"importlib": …, "livescripts": …, "ratio": …}}."""
    times: dict[str, dict[str, list[float]]] = {k: {"importlib": [], "livescripts": []} for k in ("cold", "warm")}
    more = ("watch" if watch else "ship",)
    with tempfile.TemporaryDirectory() as scratch:
        plain, ours = Path(scratch, "plain", "game"), Path(scratch, "ours", "game")
        write_scripts(plain, count, merged=False)
        write_scripts(ours, count, merged=True)
        for _ in range(repeat):
            for kind in ("cold", "warm"):
                if kind == "cold":
                    forget(plain)
                    forget(ours)
                times[kind]["importlib"].append(run(PLAIN, plain, count))
                times[kind]["livescripts"].append(run(OURS, ours, count, *more))
    found: dict[str, dict[str, float]] = {}
    for kind, each in times.items():
        one, other = (statistics.median(each[who]) for who in ("importlib", "livescripts"))
        found[kind] = {"importlib": one, "livescripts": other, "ratio": other / one}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scripts", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--watch", action="store_true")
    options = parser.parse_args()
    for count in options.scripts:
        for kind, found in measure(count, options.repeat, watch=options.watch).items():
            print(
                f"{count:6} scripts, {kind}: importlib {found['importlib'] * 1000:8.1f} ms, "
                f"livescripts {found['livescripts'] * 1000:8.1f} ms, ratio {found['ratio']:.2f}"
            )


if __name__ == "__main__":
    main()
