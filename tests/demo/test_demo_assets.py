"""The demo's pictures and looks follow what is saved; what is broken is reported, and the last good one stays."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from demo_game.engine import look
from demo_game.engine.art import ASSETS, Art
from livescripts import LiveScripts, Report
from tests.watch.conftest import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    return shutil.copytree(ASSETS, tmp_path / "assets", ignore=shutil.ignore_patterns("*.py", "__pycache__"))


@pytest.fixture
def live() -> Iterator[LiveScripts]:
    with LiveScripts(settle=0.01, compile_process=False) as live:
        yield live


def told(live: LiveScripts, wanted: Callable[[Report], object]) -> None:
    eventually(lambda: wanted(live.update()))


@pytest.mark.usefixtures("screen")
def test_a_saved_sprite_is_drawn_at_once_turned_ones_too(assets: Path, live: LiveScripts) -> None:
    art = Art(assets, live)
    old = [art.sprite("beetle", 0, angle, 1.0, flash=False) for angle in (0.0, 1.0)]
    other = art.sprite("grub", 0, 0.0, 1.0, flash=False)
    shutil.copy(assets / "queen.png", assets / "beetle.png")
    told(live, lambda report: report.files)
    new = [art.sprite("beetle", 0, angle, 1.0, flash=False) for angle in (0.0, 1.0)]
    assert all(one.get_size() != another.get_size() for one, another in zip(old, new, strict=True))
    assert art.sprite("grub", 0, 0.0, 1.0, flash=False) is other


@pytest.mark.usefixtures("screen")
def test_a_broken_sprite_is_reported_and_the_last_good_one_stays(assets: Path, live: LiveScripts) -> None:
    art = Art(assets, live)
    old = art.sprite("beetle", 0, 0.0, 1.0, flash=False)
    (assets / "beetle.png").write_bytes(b"no picture")
    told(live, lambda report: [change for change in report.files if change.hook_errors])
    assert art.sprite("beetle", 0, 0.0, 1.0, flash=False) is old
    (assets / "beetle.png").unlink()
    told(live, lambda report: [change for change in report.files if change.kind == "deleted"])
    assert art.sprite("beetle", 0, 0.0, 1.0, flash=False).get_size() == (16, 16)


@pytest.mark.usefixtures("screen")
def test_the_looks_of_the_arena_follow_their_file(assets: Path, live: LiveScripts) -> None:
    art = Art(assets, live)
    before = art.arena().get_at((200, 200))
    (assets / "arena.toml").write_text("tint = [255, 0, 0]\nshake = 0\n")
    told(live, lambda report: report.files)
    assert (art.look.tint, art.look.shake) == ((255, 0, 0), 0.0)
    assert art.arena().get_at((200, 200))[:3] == (before.r, 0, 0)
    (assets / "arena.toml").write_text("tint = [255, 0, 300]\n")
    told(live, lambda report: [change for change in report.files if change.hook_errors])
    assert art.look.tint == (255, 0, 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tint = [1, 2]", "tint is three numbers"),
        ("tint = 'red'", "tint is three numbers"),
        ("shake = -1", "shake is a number from 0 to 5"),
        ("sahke = 1", "nothing is called sahke"),
        ("dust = 3", "dust is a table"),
        ("shake = ", "Invalid value"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "arena.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=says):
        look.read(path)


def test_the_committed_file_is_fine() -> None:
    assert look.read(ASSETS / "arena.toml").dust_count > 0
