"""The long modes. `python -m tests.fuzz edits --help`, `python -m tests.fuzz faults --help`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from . import faults
from .injection import Injected

KINDS = {"exception": Injected, "memory": MemoryError, "interrupt": KeyboardInterrupt}


def inject(options: argparse.Namespace) -> int:
    """Enumerate failures; returns how many steps did not hold."""
    runs, failed = 0, Counter[str]()
    for found in faults.enumerate_faults(options.times, options.stride, options.offset, options.only, KINDS[options.kind]):
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


def main() -> int:
    """Parse and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    commands = parser.add_subparsers(required=True)
    sub = commands.add_parser("faults", help="a failure at every line of ours that a reload executes")
    sub.add_argument("--times", type=int, default=3, help="how often each line: first, last, between; 0 for every time")
    sub.add_argument("--stride", type=int, default=1)
    sub.add_argument("--offset", type=int, default=0)
    sub.add_argument("--only", default="", help="one scenario")
    sub.add_argument("--verbose", action="store_true", help="whole tracebacks")
    sub.add_argument("--kind", choices=list(KINDS), default="exception")
    sub.set_defaults(run=inject)
    options = parser.parse_args()
    return min(options.run(options), 1)


if __name__ == "__main__":
    sys.exit(main())
