"""The demo as a folder of PyInstaller's, where that is installed: `build_demo.py` can be run by itself as well."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(importlib.util.find_spec("PyInstaller") is None, reason="PyInstaller is not installed")
def test_the_demo_is_built_and_plays():
    script = Path(__file__).with_name("build_demo.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
