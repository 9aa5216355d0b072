"""The benchmarks measure: one small scenario goes through the whole machinery. What it measures is not judged here."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch):
    """Imports a module of the benchmarks, and forgets all of them afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(BENCHMARKS)):
            del sys.modules[name]


def test_a_save_is_measured_and_becomes_a_row_of_a_table(benchmarks, tmp_path):
    case = {"edit": "METHOD", "instances": 10, "scripts": 2, "repeat": 1}
    result = benchmarks("run").measure(sys.executable, "leaf", "livescripts", case, str(tmp_path), patience=60)
    (figure,) = result["figures"]
    assert figure["unit"] == "ms"
    assert figure["value"] is not None
    assert figure["control"] > 0
    assert figure["details"]["to live"] > 0
    assert figure["details"]["frames"] >= 1

    tables = benchmarks("tables")
    results = {
        "tools": {"livescripts": {"title": "livescripts"}},
        "scenarios": {"leaf": {"title": "A title", "figures": {"livescripts": [figure]}}},
    }
    header = next(line for line in tables.scenario_table(results, "leaf") if line.startswith("| |"))
    assert header == "| | livescripts |"
    assert f"({tables.number(figure['control'], 'ms')})" in "\n".join(tables.scenario_table(results, "leaf"))


def test_what_cannot_be_measured_says_why(benchmarks, tmp_path):
    with pytest.raises(RuntimeError, match="there_is_no_such_scenario"):
        benchmarks("run").measure(sys.executable, "there_is_no_such_scenario", "livescripts", {}, str(tmp_path))
    environments, adapters = benchmarks("environments"), benchmarks("adapters")
    with pytest.raises(environments.UnavailableError, match="not installed"):
        environments.python_for(adapters.KINDS["xreload"], tmp_path, install=False)
    future = adapters.Kind("future", "of another Python", python=(4, 0))
    with pytest.raises(environments.UnavailableError, match=r"needs Python 4\.0"):
        environments.python_for(future, tmp_path)


def test_every_scenario_and_every_tool_is_there(benchmarks):
    for name in benchmarks("scenarios").NAMES:
        scenario = benchmarks(f"scenarios.{name}")
        assert scenario.TITLE
        assert scenario.cases(quick=False), name
        assert json.dumps(scenario.cases(quick=True))
    adapters = benchmarks("adapters")
    assert set(adapters.NAMES) == set(adapters.KINDS)
    for name in adapters.NAMES:
        assert (BENCHMARKS / "adapters" / f"{name}.py").is_file()


def test_the_documentation_takes_the_tables_in(benchmarks, tmp_path):
    tables = benchmarks("tables")
    path = tmp_path / "performance.md"
    path.write_text(f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n", encoding="utf-8")
    tables.replace_between_markers(path, "new\n")
    assert path.read_text(encoding="utf-8") == f"before\n{tables.BEGIN}\nnew\n{tables.END}\nafter\n"
    path.write_text("no markers", encoding="utf-8")
    with pytest.raises(ValueError, match="has no"):
        tables.replace_between_markers(path, "new\n")


def test_the_command_explains_itself():
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "run.py"), "--help"],
        capture_output=True, text=True, check=True, timeout=60, env=dict(os.environ),
    )  # fmt: skip
    assert "--quick" in done.stdout
