"""Puts a run together and says how it went: the exit code."""

# Exit codes: 0 played or tour passed; 1 scripts cannot be loaded, or the tour failed; 2 the call cannot work
# (no scripts directory, no pygame).

from __future__ import annotations

import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pygame

import livescripts
from demo_game.engine import display, headless, pictures, window
from demo_game.engine.session import Session, UnplayableError
from demo_game.engine.tour import player as tour

if TYPE_CHECKING:
    from demo_game.engine.options import Options

OK, FAILED, UNUSABLE = 0, 1, 2


def run(options: Options) -> int:
    """Play as asked; return the exit code."""
    if not options.scripts.is_dir():
        print(f"there is no scripts directory {options.scripts}", file=sys.stderr)
        return UNUSABLE
    if options.screenshot is not None and not options.screenshot.parent.is_dir():
        print(f"there is no directory {options.screenshot.parent} for the screenshot", file=sys.stderr)
        return UNUSABLE
    if options.pictures is not None:
        if not options.pictures.is_dir():
            print(f"there is no directory {options.pictures} for the pictures", file=sys.stderr)
            return UNUSABLE
        if find_spec("PIL") is None:
            print("the moving picture needs Pillow:  python -m pip install pillow", file=sys.stderr)
            return UNUSABLE
    show = not options.headless and options.pictures is None
    if show and (reason := display.why_no_window()):
        print(f"no display ({reason}): running headless, with the autopilot", flush=True)
        show = False
    try:
        if options.tour or options.pictures is not None:
            return _tour(options, show=show)
        return _play(options, show=show)
    except (livescripts.LiveScriptsError, UnplayableError) as error:
        print(f"the scripts in {options.scripts} cannot be loaded:\n{error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return OK
    finally:
        pygame.quit()


def _play(options: Options, *, show: bool) -> int:
    """Play from the scripts themselves."""
    with Session(options.scripts, options.seed, watch=not options.shipped) as session:
        if show:
            window.play(session, options.frames, options.screenshot, autopilot=options.autopilot)
        else:
            headless.play(session, options.frames, options.screenshot)
    return OK


def _tour(options: Options, *, show: bool) -> int:
    """Take the tour, or pictures of it, on a copy of the scripts."""
    with tempfile.TemporaryDirectory(prefix="bughunt-") as directory:
        scripts = Path(directory).resolve() / "scripts"
        shutil.copytree(options.scripts, scripts, ignore=shutil.ignore_patterns("__pycache__"))
        print(f"the scripts of this game are in {scripts}", flush=True)
        with Session(scripts, options.seed) as session:
            if options.pictures is not None:
                return OK if pictures.take(session, options.pictures) else FAILED
            passed = tour.take(session, options.screenshot, show=show)
    return OK if passed else FAILED
