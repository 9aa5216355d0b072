"""The pictures: drawn by the script that is in the repository, and there for every name in use."""

from __future__ import annotations

import importlib
import re
import sys
from typing import TYPE_CHECKING, Any

import pygame
import pytest

from demo_game.engine.art import ASSETS, Art

from .conftest import SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def maker() -> Iterator[Any]:
    """Return the script that draws the sprites, as a module."""
    sys.path.insert(0, str(ASSETS))
    yield importlib.import_module("make_sprites")
    sys.path.remove(str(ASSETS))


@pytest.mark.usefixtures("screen")
def test_the_committed_pictures_are_what_the_script_draws(maker: Any) -> None:
    """Pixels are compared, not files: PNG encoders differ."""
    for name in maker.SHEETS:
        saved = pygame.image.load(ASSETS / f"{name}.png").convert_alpha()
        drawn = maker.sheet(name).convert_alpha()
        assert pygame.image.tobytes(saved, "RGBA") == pygame.image.tobytes(drawn, "RGBA"), name


def test_there_is_no_picture_nobody_draws(maker: Any) -> None:
    """A sheet whose function was renamed would stay behind."""
    assert {path.stem for path in ASSETS.glob("*.png")} == set(maker.SHEETS)


def test_every_sprite_a_script_names_exists(maker: Any) -> None:
    """Names are found in the source, where a thing or an icon says what it looks like."""
    named: set[str] = set()
    colours: set[str] = set()
    for path in SCRIPTS.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        named |= set(re.findall(r'(?:sprite|under) = (?:"aura" if .* else )?"(\w+)"', source))
        named |= set(re.findall(r'"(aura)"', source))
        named |= set(re.findall(r'Icon\("(\w+)"', source))
        colours |= set(re.findall(r'gore = "(\w+)"', source))
        colours |= set(re.findall(r'fx\.(?:spark|burst|explode)\([^"]*"(\w+)"', source))
    assert len(named) > 12
    assert len(colours) > 3
    named |= {f"{kind}_{colour}" for kind in ("spark", "stain") for colour in colours}
    assert named <= set(maker.SHEETS)


@pytest.mark.usefixtures("screen")
def test_a_missing_sprite_is_a_checked_square() -> None:
    """A script may name a sheet before it is drawn."""
    art = Art()
    assert art.sprite("no_such_thing", 3, 0.0, 1.0, flash=False).get_size() == (16, 16)


@pytest.mark.usefixtures("screen")
def test_a_sprite_is_turned_scaled_and_whitened() -> None:
    """A quarter turn swaps the sides; twice the scale doubles them; a flash is white."""
    art = Art()
    plain = art.sprite("slug", 0, 0.0, 1.0, flash=False)
    assert art.sprite("slug", 0, 0.0, 2.0, flash=False).get_width() == 2 * plain.get_width()
    beetle = art.sprite("beetle", 0, 0.0, 1.0, flash=False)
    assert art.sprite("beetle", 0, 6.2832, 1.0, flash=False) is beetle
    assert art.sprite("beetle", 2, 0.0, 1.0, flash=False).get_size() == beetle.get_size()
    middle = (beetle.get_width() // 2, beetle.get_height() // 2)
    assert beetle.get_at(middle)[:3] != (255, 255, 255)
    assert art.sprite("beetle", 0, 0.0, 1.0, flash=True).get_at(middle)[:3] == (255, 255, 255)
