"""What is known about the commands that the README and the pages show: each is looked at, or really run.

# Rule: a command that nobody here knows is an error. Whoever writes one says here how it is checked.
"""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from itertools import takewhile
from pathlib import Path

from demo_game.__main__ import parse
from livescripts.cli import main as cli

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]

# Everybody's, not ours.
OTHERS = {"cd", "cp", "mkdir", "git", "code", "vim"}


def commands(text: str) -> list[list[str]]:
    """The commands of a block, split into words, without what they are piped into.

    Lines that begin with # are remarks. If any begins with "$ ", the others are what the commands print.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if any(line.startswith("$ ") for line in lines):
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    found = [shlex.split(part, comments=True) for line in lines for part in line.split("&&")]
    return [list(takewhile(lambda word: word not in {"|", ">"}, words)) for words in found]


def check(command: list[str]) -> None:
    """Raise whatever shows that a command cannot work."""
    match [word for word in command if not re.fullmatch(r"[A-Z_]+=\S*", word)]:
        case ["python", "-m", "demo_game", *arguments]:
            parse(arguments)
        case ["python", "-m", "pip", "install", "livescripts"]:
            pass
        case ["python", "-m", "pip", "install", *_, wanted] if found := re.fullmatch(
            r"(?:\.|livescripts)\[(.*)\]", wanted
        ):
            assert set(found[1].split(",")) <= set(EXTRAS), f"there is no such extra: {wanted}"
        case ["python", "-m", "pytest", *tests]:
            assert all((ROOT / each).exists() for each in tests if not each.startswith("-"))
        case ["python", "-m", "unittest" | "venv", *_] | ["python", "main.py"]:
            pass
        case ["python", program, *_]:
            assert (ROOT / program).is_file(), f"there is no {program}"
        case ["zensical", "build" | "serve", *_]:
            assert (ROOT / "zensical.toml").is_file()
        case ["livescripts", *arguments]:
            cli._parser().parse_args(arguments)
        case [".ci/run"]:
            assert os.access(ROOT / ".ci" / "run", os.X_OK)
        case [other, *_] if other in OTHERS:
            pass
        case _:
            message = f"nobody knows how to check the command {shlex.join(command)}"
            raise AssertionError(message)
