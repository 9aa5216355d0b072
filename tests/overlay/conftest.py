"""Shared by the tests of the overlay: no screen, no sound."""

from __future__ import annotations

import os
import warnings

import pytest

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

with warnings.catch_warnings():
    # pygame 2.6 imports pkg_resources, which warns; here warnings are errors. Once is enough.
    warnings.simplefilter("ignore")
    import pygame


@pytest.fixture
def screen():
    pygame.display.init()
    yield pygame.display.set_mode((640, 360))
    pygame.quit()
