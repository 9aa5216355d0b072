"""The tour in a window, with captions, or on the console."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from demo_game.engine import headless, window
from demo_game.engine.contract import DT
from demo_game.engine.display import save_png
from demo_game.engine.panel import draw_panel
from demo_game.engine.tour.runner import FAST, WATCHABLE, Runner
from demo_game.engine.tour.steps import STEPS

if TYPE_CHECKING:
    from pathlib import Path

    from demo_game.engine.session import Session


def take(session: Session, screenshot: Path | None, *, show: bool) -> bool:
    """Take the tour; return whether no step failed. Closing the window ends it early."""
    say = partial(print, flush=True)
    runner = Runner(session, STEPS, WATCHABLE if show else FAST, say)
    began = time.monotonic()
    try:
        if show:
            _in_window(session, runner, screenshot)
        else:
            _on_console(session, runner, screenshot)
    except KeyboardInterrupt:
        say("interrupted")
    done = min(runner.number, len(STEPS))
    faults = session.faults
    seconds = time.monotonic() - began
    say(f"{done} of {len(STEPS)} steps in {seconds:.1f} s; behaviours raised {faults} times on the way")
    say(session.summary())
    return not runner.failed


def _in_window(session: Session, runner: Runner, screenshot: Path | None) -> None:
    screen = window.Window(session, autopilot=True)
    caption = partial(draw_panel, runner=runner)
    while not screen.closed and runner.phase != "over":
        screen.frame(caption)
        runner.tick(time.monotonic())
    if screenshot is not None:
        screen.draw(caption)
        save_png(screen.surface, screenshot)


def _on_console(session: Session, runner: Runner, screenshot: Path | None) -> None:
    due = time.monotonic()
    while runner.phase != "over":
        session.live.update()
        session.step(None)
        runner.tick(time.monotonic())
        # In step with the clock: the plugin waits until files have settled, and
        # needs the processor meanwhile.
        due = max(due + DT, time.monotonic() - DT)
        time.sleep(max(0.0, due - time.monotonic()))
    if screenshot is not None:
        headless.save_screenshot(session, screenshot)
