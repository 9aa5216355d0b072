"""The tables of docs/survival.md promise what tests show."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "survival.md"
GROUPS = [
    "Instances",
    "Layout",
    "Functions",
    "References",
    "Attributes",
    "Hooks",
    "State",
    "Saves",
    "Undo",
    "Tracebacks",
]
FILES = sorted(each.name for each in Path(__file__).parent.glob("test_*.py") if each.name != "test_table.py")
NAMED = re.compile(r"`(?:tests/)?([\w/]+\.py)::(\w+)(?:\[[^`]*\])?`")


def rows(table):
    """The rows of all tables in the file, without headers and rules."""
    lines = table.read_text(encoding="utf-8").splitlines()
    return [
        line
        for line, below in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("|---") and not below.startswith("|---")
    ]


def file_of(name):
    places = [ROOT / "tests" / name, ROOT / "tests" / "survival" / name]
    return next((place for place in places if place.is_file()), None)


@cache
def defined_in(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_the_groups_are_those_that_a_reader_looks_for():
    text = TABLE.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == GROUPS
    assert all("|---" in group for group in text.split("\n## ")[1:])


def test_every_row_names_a_test():
    assert len(rows(TABLE)) >= 100
    assert [row for row in rows(TABLE) if not NAMED.search(row)] == []


def test_every_test_that_is_named_exists():
    wrong = []
    for name, test in NAMED.findall(TABLE.read_text(encoding="utf-8")):
        file = file_of(name)
        if file is None or test not in defined_in(file):
            wrong.append(f"{name}::{test}")
    assert wrong == []


@pytest.mark.parametrize("file", FILES)
def test_every_test_of_survival_has_a_row(file):
    named = {test for name, test in NAMED.findall(TABLE.read_text(encoding="utf-8")) if name.endswith(file)}
    assert defined_in(ROOT / "tests" / "survival" / file) - named == set()
