"""What fails on purpose is not logged."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def quiet():
    logger = logging.getLogger("livescripts")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    yield
    logger.setLevel(before)
