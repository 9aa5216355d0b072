"""The game itself, played by the autopilot in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pygame
import pytest

from demo_game.engine import autopilot
from demo_game.engine.contract import Bar, Controls, Icon, Label
from demo_game.engine.draw import Renderer
from demo_game.engine.session import Session

from .conftest import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def session() -> Iterator[Session]:
    """Return a game at its beginning."""
    with Session(SCRIPTS, seed=2) as session:
        yield session


def play(session: Session, seconds: float) -> None:
    """Let the autopilot play."""
    for _ in range(round(seconds * 60)):
        session.step(None)


def test_the_autopilot_plays_well_and_nothing_raises(session: Session) -> None:
    """After a minute it is alive, some waves on, with many kills; the arena was full."""
    world = session.world
    crowd = 0
    for _ in range(60 * 60):
        session.step(None)
        crowd = max(crowd, len(world.things))
    assert session.faults == 0
    assert world.player.alive
    assert world.director.wave >= 4
    assert world.director.scoring.kills > 150
    assert crowd >= 200


def test_somebody_who_does_nothing_loses_and_may_try_again(session: Session) -> None:
    """The drone dies, the game says so; firing begins a new one in an empty arena."""
    world = session.world
    while world.director.over_for is None:
        session.step(Controls())
        assert world.frame < 60 * 60
    for _ in range(150):
        session.step(Controls())
    assert not world.player.alive
    assert any("try again" in item.text for item in session.hud() if isinstance(item, Label))
    session.step(Controls(fire=True))
    session.step(Controls())
    assert world.player.alive
    assert (world.director.score, len(world.team("bug"))) == (0, 0)


def test_unit_tests_of_scripts_leave_no_trace(session: Session) -> None:
    """They ran while the scripts were loaded; the best score is still that of the games played."""
    session.step(Controls())
    assert session.game.rules.best_score == 0


def test_the_drone_obeys(session: Session) -> None:
    """Each control does what it says."""
    world = session.world
    session.step(Controls())
    start = world.player.x
    for _ in range(30):
        session.step(Controls(move_x=1.0))
    assert world.player.x > start + 20
    for _ in range(12):
        session.step(Controls(fire=True, aim_y=-1.0))
    shots = world.team("shot")
    assert shots
    assert all(shot.vy < 0 for shot in shots[-1:])  # pyright: ignore[reportAttributeAccessIssue]
    first = world.player.gun.name
    session.step(Controls(swap=True))
    session.step(Controls(swap=True))
    assert world.player.held == 1
    assert world.player.gun.name != first
    session.step(Controls(dash=True, move_x=-1.0))
    assert world.player.vx < -200


def test_the_pulse_needs_a_full_charge(session: Session) -> None:
    """It clears what is near, once."""
    world = session.world
    session.step(Controls())
    player = world.player
    near = world.spawn(session.game.bugs.Mite(player.x + 40, player.y))
    far = world.spawn(session.game.bugs.Mite(player.x + 300, player.y))
    session.step(Controls())
    session.step(Controls(pulse=True))
    assert near.alive
    player.bits = session.game.tuning.PULSE_COST
    session.step(Controls(pulse=True))
    assert not near.alive
    assert far.alive
    assert player.bits == 0


def test_the_queen_comes_and_can_be_beaten(session: Session) -> None:
    """She spits, she lays, she has a bar of her own, and she is worth something."""
    world = session.world
    session.step(Controls())
    queen: Any = world.spawn(session.game.bugs.Queen(100.0, 100.0))
    for _ in range(60 * 4):
        world.player.grace = 1.0
        session.step(Controls())
    assert world.team("spit")
    assert any(type(bug).__name__ == "Mite" for bug in world.team("bug"))
    assert any(item.text == "QUEEN" for item in session.hud() if isinstance(item, Label))
    before = world.director.score
    queen.hurt(10_000, world)
    assert world.director.score >= before + queen.spec.score
    session.step(Controls())
    assert session.game.rules.best_score == world.director.score


@pytest.mark.parametrize("answer", ["raise", "nonsense", "too much"])
def test_a_broken_autopilot_steers_nowhere(session: Session, answer: str) -> None:
    """The engine does not trust the script: no controls, and a fault to show."""

    def decide(_: object) -> object:
        if answer == "raise":
            raise KeyError(answer)
        return Controls(move_x=float("nan")) if answer == "too much" else answer

    session.game.pilot.decide = decide
    assert autopilot.steer(session.world, session.game) == Controls()
    assert session.faults == 1


def test_drawing_changes_nothing(session: Session, screen: pygame.Surface) -> None:
    """The picture shows something, and a game that is drawn is the game that is not."""
    renderer = Renderer()
    play(session, 8)
    before = session.world.checksum()
    renderer.draw(screen, session.world, session.hud())
    assert session.world.checksum() == before
    assert session.faults == 0
    assert len(set(pygame.image.tobytes(screen, "RGB"))) > 100


def test_what_cannot_be_drawn_is_left_out(session: Session, screen: pygame.Surface) -> None:
    """A thing with a place that is none and a HUD item of a wrong kind are faults; the rest is drawn, and they are skipped."""
    play(session, 2)
    things: Any = session.world.things
    things[0].x, things[0].under = "left", ""
    hud: Any = [Label("ok", 1, 1), 17, Bar(1, 1, 10, 2, 7.0, (1, 2, 3)), Icon("heart", 5, 5)]
    for _ in range(3):
        Renderer().draw(screen, session.world, hud)
    assert session.faults == 2
    assert [each.fault.message.partition(":")[0] for each in session.live.quarantined] == ["TypeError", "TypeError"]
    assert session.hud() == []


def test_all_behaviour_is_in_scripts() -> None:
    """At least twelve scripts in three namespaces, three with companions; none needs pygame."""
    files = [path.relative_to(SCRIPTS) for path in SCRIPTS.rglob("*.py")]
    tests = [path for path in files if path.stem.endswith("_unittest")]
    assert len(files) - len(tests) >= 12
    assert len({path.parts[0] for path in files}) >= 3
    assert len(tests) >= 3
    assert not [path for path in files if "import pygame" in (SCRIPTS / path).read_text(encoding="utf-8")]


def test_a_session_of_broken_scripts_leaves_nothing_running(scripts: Path) -> None:
    """After the error the same process can play from scripts that work."""
    import livescripts

    (scripts / "rules" / "waves.py").write_text("def plan_wave(:\n", encoding="utf-8")
    with pytest.raises(livescripts.ScriptError, match=r"waves\.py"):
        Session(scripts, seed=1)
    with Session(SCRIPTS, seed=1) as session:
        play(session, 0.5)
