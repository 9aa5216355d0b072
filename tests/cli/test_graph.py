"""`livescripts graph`: what was seen while loading, and the way from one script to another."""

from __future__ import annotations

import json
import os

import pytest

from livescripts.cli import graph
from livescripts.cli.graph import pick
from livescripts.cli.options import UsageError
from livescripts.cli.verdict import Finding, Verdict


def place(relative):
    return os.path.join("scripts", *relative.split("/"))


def test_the_graph_is_what_loading_has_shown(shell):
    shell.write("scripts/x/goblin.py", "from game.x import Enemy\nclass Goblin(Enemy): pass\n")
    shell.write("scripts/x/enemy.py", "import game\nclass Enemy:\n    def f(self): return game.x.Goblin\n")
    shell.write("scripts/x/goblin_unittest.py", "")
    assert shell.run("graph", "scripts") == 0
    assert shell.out == f"{place('x/goblin.py')}\n└── {place('x/enemy.py')}  game.x.Enemy\n"
    assert shell.run("graph", "scripts", "--json") == 0
    assert json.loads(shell.out)["links"] == [
        {"taker": place("x/goblin.py"), "names": ["game.x.Enemy"], "provider": place("x/enemy.py")}
    ]


@pytest.fixture
def loaded(monkeypatch):
    """As if three scripts had been loaded."""
    paths = {name: os.path.abspath(place(f"x/{name}.py")) for name in "abc"}
    edges = ((paths["a"], "game.x.B", paths["b"]), (paths["b"], "game.x.C", paths["c"]))
    verdict = Verdict((), (), tuple(paths.values()), edges)
    monkeypatch.setattr(graph, "load_shown", lambda *_, **__: verdict)


def test_why_names_what_each_takes(shell, loaded):
    assert shell.run("graph", "scripts", "--why", "a.py", "x/c.py") == 0
    assert shell.out == (
        f"{place('x/a.py')} takes game.x.B from {place('x/b.py')}\n"
        f"{place('x/b.py')} takes game.x.C from {place('x/c.py')}\n"
    )
    assert shell.run("graph", "scripts", "--why", place("x/a.py"), "b.py", "--json") == 0
    assert [each["names"] for each in json.loads(shell.out)["links"]] == [["game.x.B"]]


def test_why_has_the_exit_code_1_where_there_is_no_way(shell, loaded):
    assert shell.run("graph", "scripts", "--why", "c.py", "a.py") == 1
    assert "does not depend" in shell.out
    assert shell.run("graph", "scripts", "--why", "c.py", "a.py", "--json") == 1
    assert json.loads(shell.out)["links"] == []


def test_scripts_that_do_not_load_have_no_graph(shell, monkeypatch):
    verdict = Verdict((Finding("a.py", 1, None, "broken"),), (), ("a.py",))
    monkeypatch.setattr(graph, "load_shown", lambda *_, **__: verdict)
    assert shell.run("graph", "scripts", "--format", "dot") == 1
    assert not shell.out
    assert "a.py:1: broken" in shell.err


def test_a_tree_is_drawn_in_plain_characters_where_there_are_no_others():
    assert graph._writable("a\n├── b\n│   └── ö", "ascii") == "a\n|-- b\n|   `-- ö"
    assert graph._writable("└── b", "utf-8") == graph._writable("└── b", None) == "└── b"


def test_a_script_is_picked_by_the_end_of_its_path(shell, loaded):
    scripts = [place("x/a.py"), place("y/a.py"), place("y/aa.py")]
    assert pick(scripts, "aa.py") == place("y/aa.py")
    assert pick(scripts, os.path.join("x", "a.py")) == place("x/a.py")
    with pytest.raises(UsageError, match="may be any of"):
        pick(scripts, "a.py")
    assert shell.run("graph", "scripts", "--why", "a.py", "nobody.py") == 2
    assert "there is no script 'nobody.py'" in shell.err
