"""`python -m demo_game`: arguments in, exit code out. What a run does is in `engine.app`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from demo_game.engine.options import FROZEN, SCRIPTS, Options

INSTALL = 'the demo needs pygame:  python -m pip install -e ".[demo]"'


def parse(arguments: list[str]) -> Options:
    """Return the options, or exit with code 2 and a message."""
    parser = argparse.ArgumentParser(
        prog="python -m demo_game", description="Bughunt: a game that is edited while it runs."
    )
    parser.add_argument("--headless", action="store_true", help="no window: the autopilot plays and prints")
    parser.add_argument("--autopilot", action="store_true", help="let the autopilot play in the window (TAB)")
    parser.add_argument("--tour", action="store_true", help="edit a copy of the scripts while the game runs")
    parser.add_argument(
        "--frames", type=_count, metavar="N", help="end after N steps of 1/60 s (a tour ends by itself)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of everything random (default: 1)")
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="save the last frame as PNG")
    parser.add_argument("--scripts", type=Path, default=SCRIPTS, metavar="DIR", help="play from these scripts")
    parser.add_argument(
        "--shipped", action="store_true", default=FROZEN, help="play as it is shipped: nothing is watched or reloaded"
    )
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="save those of the documentation (needs Pillow)")
    return Options(**vars(parser.parse_args(arguments)))


def main(arguments: list[str]) -> int:
    """Run the demo; return its exit code."""
    options = parse(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    logging.getLogger("livescripts").setLevel(logging.INFO)  # what the screen says, a terminal says as well
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    try:
        import pygame  # noqa: F401 - asked here, so that its absence is not a traceback
    except ModuleNotFoundError as error:
        if error.name != "pygame":
            raise
        print(INSTALL, file=sys.stderr)
        return 2
    from demo_game.engine import app

    return app.run(options)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        message = "must be at least 1"
        raise argparse.ArgumentTypeError(message)
    return number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
