"""docs/debugging.md tells the truth: its code runs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

TEXT = (Path(__file__).parents[2] / "docs" / "debugging.md").read_text(encoding="utf-8")


def test_the_code_runs(tmp_path):
    for code in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60, cwd=tmp_path)


def test_the_configuration_is_json():
    (text,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert json.loads(text)["configurations"][0]["type"] == "debugpy"
