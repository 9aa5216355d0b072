"""The long modes. `python -m tests.fuzz edits --help`, `python -m tests.fuzz faults --help`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter

from livescripts import ScriptError

from . import faults, machine
from .injection import Injected

KINDS = {"exception": Injected, "memory": MemoryError, "interrupt": KeyboardInterrupt}


def inject(options: argparse.Namespace) -> int:
    """Enumerate failures; returns how many steps did not hold."""
    runs, failed = 0, Counter[str]()
    kind = KINDS[options.kind]
    found_all = faults.enumerate_faults(
        options.times, options.stride, options.offset, options.only, again=options.again, kind=kind
    )
    for found in found_all:
        if isinstance(found, int):
            runs += found
            continue
        failed[found.where] += 1
        if failed[found.where] == 1:
            print(found if options.verbose else found.brief(), flush=True)
    print(f"{runs} runs, {failed.total()} failed, at {len(failed)} places")
    for where, count in failed.most_common():
        print(f"{count:6} {where}")
    return failed.total()


def edit(options: argparse.Namespace) -> int:
    """Play stories; returns how many ended badly."""
    counts: dict[str, int] = {}
    played = bad = 0
    seed = options.seed
    while played < options.steps:
        for layout in ("merged", "modules"):
            try:
                found = machine.fuzz(seed, layout, options.length, counts)
            except ScriptError:
                continue  # the project that it begins with does not load
            played += options.length
            if found is not None:
                bad += 1
                shortest = machine.shrink(found, options.shrink)
                print(
                    f"##### seed {seed}, {layout}, {len(found.steps)} steps, {len(shortest.steps)} left\n{shortest}",
                    flush=True,
                )
        seed += 1
        if bad >= options.most:
            break
    print(f"{played} steps, seeds {options.seed} to {seed - 1}, {bad} ended badly; {counts}")
    return bad


def main() -> int:
    """Parse and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("faults", help="a failure at every line of ours that a reload executes")
    sub.add_argument("--times", type=int, default=3, help="how often each line: first, last, between; 0 for every time")
    sub.add_argument("--again", action="store_true", help="each line in every scenario and layout that executes it")
    sub.add_argument("--stride", type=int, default=1)
    sub.add_argument("--offset", type=int, default=0)
    sub.add_argument("--only", default="", help="one scenario")
    sub.add_argument("--verbose", action="store_true", help="whole tracebacks")
    sub.add_argument("--kind", choices=list(KINDS), default="exception")
    sub.set_defaults(run=inject)
    sub = commands.add_parser("edits", help="random edits, and what a game does between them")
    sub.add_argument("--steps", type=int, default=2000, help="in all")
    sub.add_argument("--seed", type=int, default=1, help="the first one")
    sub.add_argument("--length", type=int, default=50, help="steps of one story")
    sub.add_argument("--shrink", type=float, default=60.0, help="seconds for making a failing story shorter")
    sub.add_argument("--most", type=int, default=10, help="stories that may end badly before this ends")
    sub.set_defaults(run=edit)
    options = parser.parse_args()
    logging.getLogger("livescripts").setLevel(logging.CRITICAL + 1)  # it fails on purpose
    return min(options.run(options), 1)


if __name__ == "__main__":
    sys.exit(main())
