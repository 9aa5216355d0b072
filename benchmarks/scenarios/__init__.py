"""What is measured: one small file for each question.

Each has `TITLE`; `cases(quick=…)`, plain values that a process is given, with `peers` where the other tools are asked as
well as ours; `measure(name, case, directory)`, which runs in a fresh process and a fresh directory, and returns figures.
"""

from __future__ import annotations

NAMES = (
    "facts",
    "leaf",
    "heap",
    "base",
    "live",
    "long",
    "tests",
    "idle",
    "preload",
    "after",
    "many",
    "garbage",
)
"""In the order of the tables."""
