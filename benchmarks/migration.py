"""What it costs that the living follow a reload: finding, moving and rebinding, for many instances in large heaps.

    python benchmarks/migration.py [--quick] [--slots | --dataclass] [--repeat N]

A script with one class is reloaded in a game that holds so many instances of it, among so many objects of other kinds;
the commit is timed by phases:

    finding      counting references, and walks over the heap
    moving       `__class__` of each instance, and a fresh attribute dict for each
    rebinding    winners in the places of losers
    rest         deciding, publishing names, retiring classes, keeping the books

Prints Markdown, times in milliseconds; each is the median of the repetitions. It is processor time: nothing here waits, and
what else the machine does shall not count.

# The product has no hooks for this: functions are wrapped where their callers look them up.
# Phases nest (rebinding walks the heap, too). A moment belongs to the innermost of them.
"""

from __future__ import annotations

import argparse
import gc
import platform
import statistics
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING, Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the checkout that it lies in

from livescripts._runtime import migration, rebinding, reload, transaction, visiting
from livescripts.testing import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HEAPS = (30_000, 1_000_000)
COUNTS = (1_000, 10_000, 100_000)
REST = "rest"
PHASES = ("finding", "moving", "rebinding", REST)
# Where a function is looked up, its name, and the phase that it is.
WRAPPED = (
    (reload, "commit", REST),
    (transaction, "follow", "finding"),
    (visiting, "instances_of", "finding"),
    (rebinding, "referrers", "finding"),
    (migration, "move_all", "moving"),
    (transaction, "rebind", "rebinding"),
)

KINDS = {
    "plain": "class Goblin:\n    def __init__(self, name, x, y, health):\n"
    "        self.name, self.x, self.y, self.health = name, x, y, health\n",
    "slots": "class Goblin:\n    __slots__ = ('name', 'x', 'y', 'health')\n    def __init__(self, name, x, y, health):\n"
    "        self.name, self.x, self.y, self.health = name, x, y, health\n",
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass Goblin:\n    name: str\n    x: float\n    y: float\n"
    "    health: int\n",
}
SCRIPT = "from . import SPEED\n{kind}    speed = SPEED\n    def walk(self): return {version}\n"
# A class cannot get or lose this while it stays itself.
NEW = "    def __new__(cls, *args): return object.__new__(cls)\n"


class Phases:
    """Seconds by phase: those spent in a wrapped function, without those in wrapped functions that it calls."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._running: list[str] = []
        self._since = 0.0

    def _switch(self, change: Callable[[], object]) -> None:
        now = process_time()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        change()
        self._since = process_time()

    def wrap(self, function: Callable[..., Any], phase: str) -> Callable[..., Any]:
        """The same function, which says when it runs."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._switch(lambda: self._running.append(phase))
            try:
                return function(*args, **kwargs)
            finally:
                self._switch(self._running.pop)

        return timed

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Have all phases timed meanwhile."""
        with ExitStack() as stack:
            for module, name, phase in WRAPPED:
                stack.enter_context(mock.patch.object(module, name, self.wrap(getattr(module, name), phase)))
            yield


@dataclass(frozen=True)
class Outcome:
    """Seconds by phase, of the whole `update()`, and, if they were hidden, for each first touch of an instance."""

    phases: dict[str, float]
    update: float
    touch: float = 0.0

    @property
    def commit(self) -> float:
        """Seconds for all phases."""
        return sum(self.phases.values())


class Other:
    """What a game consists of besides goblins."""

    def __init__(self, number: int) -> None:
        self.number, self.things = number, [number]


def filling(objects: int) -> list[Any]:
    """So many objects for the garbage collector, those that are there already included."""
    made: list[Any] = []
    for number in range((objects - len(gc.get_objects())) // 5):
        other = Other(number)  # two: it, and its list
        made.append((other, {"other": other}, [other, number]))
    return made


class Game:
    """A game with `count` goblins. It holds their class by a name and in a dict, and in a tuple if `in_tuple`."""

    def __init__(self, kind: str, count: int, *, in_tuple: bool = False) -> None:
        self._version = 0
        self.update = 0.0
        self._kind = KINDS[kind]
        self.project = Project({"tuning.py": "SPEED = 0", "goblins.py": self._text()})
        self.goblins = [self.project.namespace.Goblin(f"goblin {n}", 1.0 * n, 2.0 * n, n) for n in range(count)]
        self.held = {"goblin": self.project.namespace.Goblin, "spawns": []}
        if in_tuple:
            self.held["spawns"] = [(self.project.namespace.Goblin, 0.5)]

    def _text(self) -> str:
        return SCRIPT.format(kind=self._kind, version=self._version)

    def edit(self) -> None:
        """Save the class with an edited method: it stays, and so do its instances."""
        self._version += 1
        before = type(self.goblins[0])
        self._save("goblins.py", self._text())
        assert type(self.goblins[0]) is before
        assert self.goblins[-1].walk() == self._version

    def replace(self) -> None:
        """Save the class with a `__new__`, or without it again: another class takes its place, and instances move."""
        self._version += 1
        self._save("goblins.py", self._text() + NEW * (self._version % 2))
        assert self.goblins[-1].walk() == self._version

    def tune(self) -> None:
        """Save the constant that the class takes: it runs again, and its instances stay."""
        self._version += 1
        before = type(self.goblins[0])
        self._save("tuning.py", f"SPEED = {self._version}")
        assert type(self.goblins[0]) is before
        assert self.goblins[-1].speed == self._version

    def _save(self, file: str, text: str) -> None:
        start = process_time()
        report = self.project.save(file, text)
        self.update = process_time() - start
        assert report.reloaded, report
        assert not report.reloaded[0].stuck


def measure(game: Game, act: Callable[[], None], *, frozen: bool) -> Outcome:
    """Do it once. `frozen`: the walk does not see the heap, and instances move when they are touched."""
    phases = Phases()
    gc.collect()
    if frozen:
        gc.freeze()
    try:
        with phases.watching():
            act()
        # A walk does not see what is frozen: there the old class forwards.
        assert frozen or game.held["goblin"] is game.project.namespace.Goblin
        touch = 0.0
        if frozen:
            first, again = _touch(game.goblins), _touch(game.goblins)
            touch = (first - again) / len(game.goblins)
    finally:
        gc.unfreeze()
    return Outcome({phase: phases.seconds[phase] for phase in PHASES}, game.update, touch)


def _touch(goblins: list[Any]) -> float:
    start = process_time()
    for goblin in goblins:
        goblin.name  # noqa: B018 - it is looked up
    return process_time() - start


def median(outcomes: list[Outcome]) -> Outcome:
    """Of each phase by itself."""
    return Outcome(
        {phase: statistics.median(each.phases[phase] for each in outcomes) for phase in PHASES},
        statistics.median(each.update for each in outcomes),
        statistics.median(each.touch for each in outcomes),
    )


@dataclass(frozen=True)
class Case:
    """One table: what is done, and how."""

    title: str
    act: Callable[[Game], None]
    frozen: bool = False
    in_tuple: bool = False

    def run(self, kind: str, count: int, repeat: int) -> Outcome:
        """The median of so many repetitions, after one that does not count."""
        game = Game(kind, count, in_tuple=self.in_tuple)
        with game.project:
            self.act(game)
            return median([measure(game, partial(self.act, game), frozen=self.frozen) for _ in range(repeat)])


CASES = (
    Case("A method was edited: the class stays, and its instances", Game.edit),
    Case("The class was not edited, only executed again: the same", Game.tune),
    Case("The class had to be replaced: its instances move", Game.replace),
    Case("The same, and the game holds the class in a tuple as well", Game.replace, in_tuple=True),
    Case(
        "The same, the heap is frozen (`gc.freeze()`): instances move when they are touched", Game.replace, frozen=True
    ),
)


def table(case: Case, rows: list[tuple[int, int, Outcome]]) -> Iterator[str]:
    """Lines of Markdown. The ratio in brackets is to the first row."""
    yield f"**{case.title}**"
    yield ""
    touch = " | first touch, µs each" if case.frozen else ""
    yield f"| other objects | instances | {' | '.join(PHASES)} | commit | `update()`{touch} |"
    yield "|---:" * (len(PHASES) + 4 + case.frozen) + "|"
    smallest = rows[0][2].commit
    for objects, count, outcome in rows:
        cells = [f"{objects:,}", f"{count:,}"]
        cells += [f"{each * 1e3:.1f} ({each / outcome.commit:.0%})" for each in outcome.phases.values()]
        cells += [f"{outcome.commit * 1e3:.1f} ({outcome.commit / smallest:.1f} times)", f"{outcome.update * 1e3:.1f}"]
        if case.frozen:
            cells.append(f"{outcome.touch * 1e6:.2f}")
        yield f"| {' | '.join(cells)} |"
    yield ""


def main() -> None:
    """Run all cases and print the tables."""
    parser = argparse.ArgumentParser(description="What it costs that instances follow a reload.")
    parser.add_argument("--quick", action="store_true", help="small heaps, three repetitions")
    parser.add_argument("--repeat", type=int, help="repetitions; 9, or 3 with --quick")
    which = parser.add_mutually_exclusive_group()
    for kind in ("slots", "dataclass"):
        which.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, default="plain")
    options = parser.parse_args()
    heaps, counts = ((30_000, 100_000), (1_000, 10_000)) if options.quick else (HEAPS, COUNTS)
    repeat = options.repeat or (3 if options.quick else 9)

    print(
        f"CPython {platform.python_version()}, a {options.kind} class with four attributes, medians of {repeat}, ms.\n"
    )
    rows: dict[Case, list[tuple[int, int, Outcome]]] = {case: [] for case in CASES}
    for objects in heaps:
        others = filling(objects)
        for case in CASES:
            rows[case] += ((objects, count, case.run(options.kind, count, repeat)) for count in counts)
        del others
    for case in CASES:
        print("\n".join(table(case, rows[case])))


if __name__ == "__main__":
    main()
