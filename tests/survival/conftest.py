"""Fixtures of the survival tests: a module of the game's own, and pygame without a screen."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import types
import warnings

import pytest

from livescripts._runtime import heap

from .kinds import KINDS

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

with warnings.catch_warnings(), contextlib.suppress(ImportError):
    # pygame 2.6 imports pkg_resources, which warns; here warnings are errors. Once is enough.
    warnings.simplefilter("ignore")
    import pygame  # noqa: F401


@pytest.fixture
def host(monkeypatch):
    """A module that is no script: scripts `import host`, and write into `host.log` what they did."""
    module = types.ModuleType("host")
    module.log = []
    monkeypatch.setitem(sys.modules, "host", module)
    return module


@pytest.fixture(params=KINDS)
def kind(request):
    """A class of each kind, as a script."""
    found = KINDS[request.param]
    if found.pygame:
        pytest.importorskip("pygame")
    return found


@pytest.fixture
def walks(monkeypatch):
    """The walks over the heap, counted."""
    made = []
    real = gc.get_referrers
    monkeypatch.setattr(heap.gc, "get_referrers", lambda *things: made.append("walk") or real(*things))
    return made
