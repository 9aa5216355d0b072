"""The window, on SDL's dummy driver: nobody sees it, but all of it runs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pygame
import pytest

from demo_game.engine import keys, window
from demo_game.engine.contract import Controls
from demo_game.engine.panel import draw_panel
from demo_game.engine.session import Session
from demo_game.engine.tour.runner import Pace, Runner
from demo_game.engine.tour.steps import STEPS

from .conftest import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("screen")


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a game at its beginning."""
    with Session(SCRIPTS, seed=4) as session:
        yield session


def press(key: int) -> None:
    """Let the window find a key press."""
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def frames(shown: window.Window, count: int) -> None:
    """Show some frames."""
    for _ in range(count):
        shown.frame()


def test_it_plays_the_number_of_steps_it_was_asked_for(session: Session, tmp_path: Path) -> None:
    """Neither fewer nor more, however many steps a frame takes; and the last picture is saved."""
    picture = tmp_path / "last.png"
    window.play(session, 25, picture, autopilot=True)
    assert session.world.frame == 25
    assert pygame.image.load(picture).get_size() == window.WINDOW


def test_steps_follow_the_clock(session: Session) -> None:
    """Half a second of frames is about thirty steps, at whatever rate they come."""
    shown = window.Window(session, autopilot=True)
    began = pygame.time.get_ticks()
    while pygame.time.get_ticks() - began < 500:
        shown.frame()
    assert 20 <= session.world.frame <= 33


@pytest.mark.parametrize(
    "event", [pygame.event.Event(pygame.QUIT), pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE)]
)
def test_closing_ends_it(session: Session, event: pygame.event.Event) -> None:
    """The window's button and the escape key."""
    pygame.event.post(event)
    window.play(session, None, None, autopilot=True)
    assert session.world.frame <= 3


def test_pause_and_autopilot_are_switches(session: Session) -> None:
    """P stops the steps, not the frames; TAB gives the controls away and back."""
    shown = window.Window(session, autopilot=False)
    press(pygame.K_p)
    frames(shown, 4)
    assert shown.paused
    assert session.world.frame == 0
    press(pygame.K_p)
    press(pygame.K_TAB)
    frames(shown, 4)
    assert shown.autopilot
    assert session.world.frame > 0
    press(pygame.K_TAB)
    frames(shown, 1)
    assert not shown.autopilot


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([], Controls()),
        ([pygame.K_d, pygame.K_w], Controls(move_x=1.0, move_y=-1.0)),
        ([pygame.K_a, pygame.K_d, pygame.K_s], Controls(move_y=1.0)),
        ([pygame.K_SPACE], Controls(fire=True)),
        ([pygame.K_LEFT], Controls(aim_x=-1.0, fire=True)),
        ([pygame.K_DOWN, pygame.K_LSHIFT], Controls(aim_y=1.0, fire=True, dash=True)),
        ([pygame.K_e, pygame.K_q], Controls(pulse=True, swap=True)),
    ],
)
def test_keys(held: list[int], expected: Controls, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole game is playable with the keyboard."""
    state = defaultdict(bool, dict.fromkeys(held, True))
    monkeypatch.setattr(pygame.key, "get_pressed", lambda: state)
    assert keys.read() == expected


def test_a_rejection_is_on_the_screen(scripts: Path) -> None:
    """The lower left shows it in its colour, and nothing of the colour without it."""

    def reds(shown: window.Window) -> int:
        shown.draw()
        width, height = shown.surface.get_size()
        corner = shown.surface.subsurface((0, height - 160, width // 2, 160))
        return pygame.mask.from_threshold(corner, (255, 104, 98), (1, 1, 1, 255)).count()

    with Session(scripts, seed=4) as session:
        shown = window.Window(session, autopilot=True)
        assert reds(shown) == 0
        fliers = scripts / "bugs" / "fliers.py"
        fliers.write_text(fliers.read_text(encoding="utf-8") + "oops = (\n", encoding="utf-8")
        session.live.reload(fliers)
        assert session.told("rejected", "fliers.py", "SyntaxError")
        assert reds(shown) > 500


def test_every_caption_of_the_tour_fits(session: Session) -> None:
    """Whatever phase a step is in, its panel ends above the status line."""
    shown = window.Window(session, autopilot=True)
    runner = Runner(session, STEPS, Pace(1, 1))
    height = shown.surface.get_height()
    for number in range(len(STEPS)):
        for phase in ("announce", "watch", "hold"):
            runner.number, runner.phase = number, phase
            shown.surface.fill((0, 0, 0))
            draw_panel(shown.surface, runner)
            drawn = pygame.mask.from_threshold(shown.surface, (0, 0, 0), (1, 1, 1, 255))
            drawn.invert()
            (panel, *_) = drawn.get_bounding_rects()
            assert panel.height > 60
            assert panel.bottom < height - 120
