"""`post_events`: reloads and rejections in pygame's own queue."""

from __future__ import annotations

import warnings

import pytest

from livescripts.testing import Project

with warnings.catch_warnings():
    # pygame 2.6 imports pkg_resources, which warns; here warnings are errors.
    warnings.simplefilter("ignore")
    pygame = pytest.importorskip("pygame", reason="pygame is not installed")

from livescripts.engines.pygame import LIVESCRIPTS_REJECTED, LIVESCRIPTS_RELOADED, post_events

KINDS = [LIVESCRIPTS_RELOADED, LIVESCRIPTS_REJECTED]


@pytest.fixture
def project(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    with Project({"a.py": "X = 1"}) as project:
        yield project
    pygame.display.quit()


def test_the_events_have_numbers_of_their_own():
    assert LIVESCRIPTS_RELOADED != LIVESCRIPTS_REJECTED
    assert all(pygame.USEREVENT < kind < pygame.NUMEVENTS for kind in KINDS)


def test_a_reload_is_an_event(project):
    post_events(project.live)
    (outcome,) = project.save("a.py", "X = 2").outcomes
    (event,) = pygame.event.get(KINDS)
    assert event.type == LIVESCRIPTS_RELOADED
    assert event.outcome.scripts == event.scripts == outcome.scripts
    assert (event.removed, event.undone) == ((), False)
    assert event.text.startswith("reloaded a.py")


def test_a_rejection_is_an_event(project):
    post_events(project.live)
    (outcome,) = project.save("a.py", "X = ").outcomes
    (event,) = pygame.event.get(KINDS)
    assert event.type == LIVESCRIPTS_REJECTED
    assert (event.outcome, event.scripts, event.problems) == (outcome, outcome.scripts, outcome.problems)
    assert "a.py:1" in event.text


def test_an_undone_reload_says_so(project):
    post_events(project.live)
    project.save("a.py", "X = 2")
    project.live.undo()
    assert [event.undone for event in pygame.event.get(KINDS)] == [False, True]


def test_after_the_undo_nothing_is_posted(project):
    post_events(project.live)()
    project.save("a.py", "X = 2")
    project.save("a.py", "X = ")
    assert pygame.event.get(KINDS) == []


def test_a_full_queue_is_logged_and_stops_nobody(project, caplog):
    post_events(project.live)
    kind = pygame.event.custom_type()
    try:
        while pygame.event.post(pygame.event.Event(kind)):
            pass
    except pygame.error:
        pass
    assert project.save("a.py", "X = 2").reloaded[0].hook_errors == ()
    assert "no event was posted for a.py" in caplog.text
    pygame.event.clear()


def test_without_a_display_nothing_is_raised(project, caplog):
    post_events(project.live)
    pygame.display.quit()
    assert project.save("a.py", "X = 2").reloaded[0].hook_errors == ()
    assert "no event was posted for a.py" in caplog.text
