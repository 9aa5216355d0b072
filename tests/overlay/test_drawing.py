"""The overlay on a window of SDL's dummy driver, over a project in memory."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections import defaultdict

import pygame
import pytest

from livescripts import overlay
from livescripts.overlay import Overlay
from livescripts.overlay import pygame as drawing
from livescripts.testing import FakeClock, Project

GAME = (30, 90, 60)
MOTH = "class Moth:\n    def update(self): return 1\n"
BROKEN = "class Moth\n    def update(self): return 1\n"
RAISING = "class Moth:\n    def update(self): return 1 / 0\n"


@pytest.fixture
def project():
    with Project({"moth.py": MOTH}) as project:
        yield project


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def shown(project, clock):
    return Overlay(project.live, clock=clock)


def drawn(overlay_, surface, clock=None):
    """Whether it draws anything; the clock goes on by as much as it may take to notice something."""
    if clock is not None:
        clock.advance(0.5)
    surface.fill(GAME)
    overlay_.draw(surface)
    mask = pygame.mask.from_threshold(surface, GAME, (1, 1, 1, 255))
    mask.invert()
    return bool(mask.count())


def tone(surface, colour):
    return pygame.mask.from_threshold(surface, colour, (1, 1, 1, 255)).count()


RED, GREEN, AMBER, BLUE = (255, 104, 98), (96, 220, 146), (255, 184, 76), (112, 186, 255)


def test_nothing_is_drawn_when_there_is_nothing_to_say(shown, screen, clock):
    assert not drawn(shown, screen)
    assert not drawn(shown, screen, clock)


def test_a_reload_is_shown_for_some_seconds(project, shown, screen, clock):
    project.save("moth.py", MOTH.replace("1", "2"))
    assert drawn(shown, screen, clock)
    assert tone(screen, GREEN) > 100
    clock.advance(60)
    assert not drawn(shown, screen, clock)


def test_an_exception_that_ends_the_program_when_it_is_asked_for_anything_is_shown(project, screen, clock):
    wrong = """
class Wrong(BaseException):
    def __str__(self): raise SystemExit
    def __eq__(self, other): raise SystemExit
    __hash__ = None
raise Wrong
"""
    project.save("moth.py", MOTH + wrong)
    shown = Overlay(project.live, clock=clock)  # so that it has to ask the exception itself
    for number in range(2):
        assert drawn(shown, screen, clock)
        assert tone(screen, RED) > 100
        project.save("moth.py", f"{MOTH}# {number}{wrong}")


def test_a_rejection_is_shown_until_it_is_fixed(project, shown, screen, clock):
    project.save("moth.py", BROKEN)
    clock.advance(1e6)
    assert drawn(shown, screen, clock)
    assert tone(screen, RED) > 100
    project.save("moth.py", MOTH)
    clock.advance(60)
    drawn(shown, screen, clock)  # that it is fixed
    clock.advance(60)
    assert not drawn(shown, screen, clock)


def test_a_roll_back_and_a_quarantine_have_a_colour_of_their_own(project, shown, screen, clock):
    moth = project.namespace.Moth()
    project.save("moth.py", RAISING)
    project.live.call(moth.update)
    assert drawn(shown, screen, clock)
    assert tone(screen, AMBER) > 100
    project.update()
    assert drawn(shown, screen, clock)
    assert (tone(screen, AMBER) > 100, tone(screen, RED)) == (True, 0)
    project.live.reload()
    project.clock.advance(60)
    project.live.call(moth.update)
    clock.advance(60)
    assert drawn(shown, screen, clock)
    assert tone(screen, AMBER) > 100
    project.live.release()
    clock.advance(60)
    assert not drawn(shown, screen, clock)


def test_what_was_wrong_before_it_was_made_is_shown(project, screen, clock):
    project.save("moth.py", BROKEN)
    assert drawn(Overlay(project.live, clock=clock), screen)


def test_a_frame_costs_one_blit_and_no_picture_until_something_is_new(project, shown, screen, clock, monkeypatch):
    painted = []
    real = drawing.Painter
    monkeypatch.setattr(drawing, "Painter", lambda *args: painted.append(args) or real(*args))
    for _ in range(50):
        clock.advance(0.1)
        shown.draw(screen)
    assert painted == []
    project.save("moth.py", BROKEN)
    first = shown.picture((640, 360))
    for _ in range(50):
        clock.advance(0.1)
        assert shown.picture((640, 360)) is first
    assert len(painted) == 1
    shown.picture((800, 600))
    assert len(painted) == 2
    project.save("moth.py", MOTH + BROKEN)
    shown.picture((800, 600))
    assert len(painted) == 3


def test_a_quiet_game_is_asked_for_nothing_but_whether_it_is_paused(project, shown, screen, clock, monkeypatch):
    shown.draw(screen)
    monkeypatch.setattr(type(project.live), "errors", property(lambda _: pytest.fail("asked for its errors")))
    for _ in range(10):
        clock.advance(1)
        shown.draw(screen)
    assert not shown._desk.off


SIZES = [(1, 1), (40, 30), (160, 120), (320, 240), (640, 360), (240, 900), (3840, 2160)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_it_stays_within_windows_of_any_size(project, clock, size, scale):
    project.write("moth.py", BROKEN)
    project.write("wasp.py", "raise ValueError(chr(0xd800) + '日本😀' + chr(0) + 'long ' * 4000)")
    project.write("bee.py", "y = (" + "very_long_name + " * 40 + "!")
    for number in range(9):
        project.write(f"more{number}.py", f"raise ValueError('{'words ' * number}')")
    project.update()
    shown = Overlay(project.live, clock=clock, scale=scale)
    picture, (left, top) = shown.picture(size)
    width, height = picture.get_size()
    assert left >= 0
    assert size[0] < 40 or left + width <= size[0]
    assert size[1] < 40 or (top >= 0 and top + height <= size[1])


def test_more_room_shows_more(project, clock):
    for number in range(12):
        project.write(f"more{number}.py", "raise ValueError('words')")
    project.update()
    shown = Overlay(project.live, clock=clock)
    heights = [shown.picture((640, height))[0].get_height() for height in (200, 500, 1000, 2000)]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4


@pytest.mark.parametrize("game", [(0, 0, 0), (14, 17, 23), (255, 255, 255), (255, 104, 98)])
def test_it_stands_out_from_any_game(project, shown, screen, game):
    project.save("moth.py", BROKEN)
    picture, place = shown.picture(screen.get_size())
    screen.fill(game)
    screen.blit(picture, place)
    left, middle = place[0], place[1] + picture.get_height() // 3

    def light(x):
        return sum(screen.get_at((x, middle))[:3])

    plate = light(left + picture.get_width() - 12)
    assert plate < 150  # whatever is behind, light words are read on it
    edge = [light(x) for x in range(left + picture.get_width() - 4, left + picture.get_width() + 2)]
    assert max(abs(one - plate) for one in edge) > 100  # and it ends visibly, on a game as dark as it is


# ---------------------------------------------------------------- keys


def press(key, modifiers=pygame.KMOD_LCTRL):
    return pygame.event.Event(pygame.KEYDOWN, key=key, mod=modifiers)


def test_keys_steer_the_game(project, shown, clock):
    project.save("moth.py", MOTH.replace("1", "2"))
    moth = project.namespace.Moth()
    assert shown.handle(press(pygame.K_F7))
    assert moth.update() == 1
    assert shown.handle(press(pygame.K_F5, pygame.KMOD_RCTRL | pygame.KMOD_NUM | pygame.KMOD_CAPS))
    assert moth.update() == 2
    assert shown.handle(press(pygame.K_F6))
    assert project.live.paused
    assert shown.handle(press(pygame.K_F6))
    assert not project.live.paused
    assert shown.handle(press(pygame.K_F8))
    assert shown.folded
    shown.fold()
    assert not shown.folded


@pytest.mark.parametrize(
    "event",
    [
        press(pygame.K_F7, 0),
        press(pygame.K_F7, pygame.KMOD_LCTRL | pygame.KMOD_LSHIFT),
        press(pygame.K_F9),
        pygame.event.Event(pygame.KEYUP, key=pygame.K_F7, mod=pygame.KMOD_LCTRL),
        pygame.event.Event(pygame.MOUSEMOTION, pos=(1, 1), rel=(0, 0), buttons=(0, 0, 0)),
        pygame.event.Event(pygame.USEREVENT),
    ],
)
def test_other_events_are_the_games(project, shown, event):
    project.save("moth.py", MOTH.replace("1", "2"))
    assert not shown.handle(event)
    assert project.namespace.Moth().update() == 2


def test_a_key_that_can_do_nothing_says_so(shown, screen, clock):
    for key in (pygame.K_F7, pygame.K_F5):
        assert shown.handle(press(key))
    assert [card.label for card in shown._desk.view(2).cards] == ["NOTHING DONE", "NOTHING DONE"]
    assert drawn(shown, screen, clock)


def test_a_key_that_the_game_refuses_says_so(project, shown, clock):
    project.live.close()
    assert shown.handle(press(pygame.K_F7))
    assert [card.label for card in shown._desk.view(2).cards] == ["NOT DONE"]


def test_folded_a_rejection_is_a_badge(project, shown, screen, clock):
    project.save("moth.py", BROKEN)
    whole = shown.picture(screen.get_size())[0].get_size()
    shown.fold()
    badge = shown.picture(screen.get_size())[0].get_size()
    assert badge[0] * badge[1] < whole[0] * whole[1] / 3
    drawn(shown, screen, clock)
    assert tone(screen, RED) > 5


class Held:
    """A keyboard on which keys are held."""

    def __init__(self, monkeypatch):
        self.keys, self.modifiers = set(), 0
        monkeypatch.setattr(pygame.key, "get_mods", lambda: self.modifiers)
        monkeypatch.setattr(pygame.key, "get_pressed", lambda: defaultdict(bool, dict.fromkeys(self.keys, True)))


def test_without_events_keys_are_read_once_for_each_press(project, shown, screen, monkeypatch):
    held = Held(monkeypatch)
    for keys, modifiers, paused in [
        ((), 0, False),
        ((pygame.K_F6,), 0, False),
        ((pygame.K_F6,), pygame.KMOD_LCTRL, True),
        ((pygame.K_F6,), pygame.KMOD_LCTRL, True),
        ((), pygame.KMOD_LCTRL, True),
        ((pygame.K_F6,), pygame.KMOD_LCTRL, False),
    ]:
        held.keys, held.modifiers = keys, modifiers
        shown.draw(screen)
        assert project.live.paused is paused, (keys, modifiers)


def test_who_feeds_events_is_not_asked_twice(project, shown, screen, monkeypatch):
    held = Held(monkeypatch)
    assert shown.handle(press(pygame.K_F6))
    held.keys, held.modifiers = (pygame.K_F6,), pygame.KMOD_LCTRL
    shown.draw(screen)
    assert project.live.paused


def test_keys_can_be_chosen_and_switched_off(project, screen, monkeypatch):
    held = Held(monkeypatch)
    chosen = Overlay(project.live, keys={"pause": "p", "undo": None})
    held.keys = (pygame.K_p, pygame.K_F7)
    chosen.draw(screen)
    assert project.live.paused
    assert not chosen.handle(press(pygame.K_F7))
    assert chosen.handle(press(pygame.K_F8))
    off = Overlay(project.live, keys=None)
    assert not off.handle(press(pygame.K_F6))


@pytest.mark.parametrize("keys", [{"undo": "ctrl+nonsense"}, {"undo": "strg+f7"}, {"nonsense": "f7"}, {"undo": ""}])
def test_a_key_that_does_not_exist_is_an_error_at_once(project, keys):
    with pytest.raises(ValueError, match=r"key|action"):
        Overlay(project.live, keys=keys)
    with pytest.raises(ValueError, match="scale"):
        Overlay(project.live, scale=0)


# ---------------------------------------------------------------- it never disturbs the game


def test_an_error_inside_is_logged_once_and_switches_it_off(project, shown, screen, clock, monkeypatch, caplog):
    project.save("moth.py", BROKEN)
    monkeypatch.setattr(drawing, "Painter", lambda *_: 1 / 0)
    caplog.clear()
    for _ in range(5):
        assert not drawn(shown, screen, clock)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "the overlay is switched off: it raised ZeroDivisionError" in caplog.text
    assert not shown.handle(press(pygame.K_F6))
    assert not project.live.paused


def test_an_error_while_it_is_told_something_is_none_of_the_games_reports(project, shown, monkeypatch, caplog):
    monkeypatch.setattr(type(shown._desk._state), "told", lambda *_: 1 / 0)
    caplog.clear()
    (outcome,) = project.save("moth.py", MOTH.replace("1", "2")).reloaded
    assert not outcome.hook_errors
    assert "the overlay is switched off: it raised ZeroDivisionError" in caplog.text


def test_a_pygame_without_fonts_is_no_end_of_the_game(project, shown, screen, clock, monkeypatch, caplog):
    class Missing:
        def __getattr__(self, name):
            raise NotImplementedError("font module not available")

    project.save("moth.py", BROKEN)
    monkeypatch.setattr(pygame, "font", Missing())
    assert not drawn(shown, screen, clock)
    assert "NotImplementedError" in caplog.text


def test_it_survives_the_end_and_a_new_beginning_of_pygame(project, shown, screen, clock):
    project.save("moth.py", BROKEN)
    assert drawn(shown, screen, clock)
    pygame.quit()
    assert drawn(shown, pygame.Surface((640, 360)), clock)  # no window, no keyboard
    pygame.display.init()
    assert drawn(shown, pygame.display.set_mode((800, 600)), clock)


def test_a_game_that_ships_is_left_alone(screen, clock):
    with Project({"moth.py": MOTH}) as project:
        project.live._watcher = None
        shown = Overlay(project.live, clock=clock)
        assert not shown.handle(press(pygame.K_F6))
        assert not project.live.paused
        assert not drawn(shown, screen, clock)


def test_closed_it_listens_to_nobody(project, shown, screen, clock):
    shown.close()
    shown.close()
    project.save("moth.py", BROKEN)
    assert not drawn(shown, screen, clock)
    callbacks = project.live._callbacks
    assert [list(hooks) for hooks in (callbacks.on_reload, callbacks.on_error, callbacks.on_fault)] == [[], [], []]


# ---------------------------------------------------------------- one line in the loop


def test_one_line_in_the_loop_is_enough(project, screen):
    screen.fill(GAME)
    overlay.draw(project.live, screen)
    project.save("moth.py", BROKEN)
    overlay.draw(project.live, screen)
    assert tone(screen, RED) > 100


def test_it_goes_with_its_game(screen):
    project = Project({"moth.py": MOTH})
    overlay.draw(project.live, screen)
    gone = weakref.ref(project.live)
    project.close()
    del project
    gc.collect()
    assert gone() is None


def test_pygame_is_imported_by_the_first_frame():
    code = (
        "import sys; from livescripts import overlay; assert 'pygame' not in sys.modules; print(overlay.draw.__doc__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "Never raises" in done.stdout
