"""The tables of docs/survival.md promise what tests show."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLES = sorted((ROOT / "docs").glob("survival*.md"))
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


def defined_in(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_there_is_a_table():
    assert [table.name for table in TABLES][:1] == ["survival.md"]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_row_names_a_test(table):
    assert len(rows(table)) >= 10
    assert [row for row in rows(table) if not NAMED.search(row)] == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_test_that_is_named_exists(table):
    wrong = []
    for name, test in NAMED.findall(table.read_text(encoding="utf-8")):
        file = file_of(name)
        if file is None or test not in defined_in(file):
            wrong.append(f"{name}::{test}")
    assert wrong == []


@pytest.mark.parametrize(
    "file", ["test_instances.py", "test_layouts.py", "test_new_attributes.py", "test_hooks.py", "test_saves.py"]
)
def test_every_test_of_survival_has_a_row(file):
    text = "".join(table.read_text(encoding="utf-8") for table in TABLES)
    named = {test for name, test in NAMED.findall(text) if name.endswith(file)}
    assert defined_in(ROOT / "tests" / "survival" / file) - named == set()
