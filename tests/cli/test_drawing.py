"""The forms of a graph: tables of links and what is drawn of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from livescripts.cli.drawing import Drawing, Link, dot, drawing, mermaid, to_json, tree, why

CHAIN = [("a", "x.B", "b"), ("b", "x.C", "c")]
DIAMOND = [("a", "B", "b"), ("a", "C", "c"), ("b", "D", "d"), ("c", "D", "d"), ("d", "E", "e")]
CIRCLE = [("a", "B", "b"), ("b", "C", "c"), ("c", "B2", "b")]
ROUND = [("a", "B", "b"), ("b", "A", "a")]
KNOT = [("a", "B", "b"), ("b", "A", "a"), ("b", "C", "c"), ("c", "A", "a"), ("c", "B", "b")]
MANY = [("a", name, "b") for name in "VWXYZ"]


@pytest.mark.parametrize(
    ("scripts", "edges", "drawn"),
    [
        ([], [], ""),
        (["z", "y"], [], "y\nz"),
        ([], CHAIN, "a\n└── b  x.B\n    └── c  x.C"),
        (["o"], DIAMOND, "a\n├── b  B\n│   └── d  D\n│       └── e  E\n└── c  C\n    └── d  D  (*)\no"),
        (
            [],
            CIRCLE,
            (
                "a\n└── b  B\n    └── c  C\n        └── b  B2  (circle)\n\n"
                "circle (benign: each name was there when it was taken): b -> c -> b"
            ),
        ),
        (
            [],
            ROUND,
            (
                "a\n└── b  B\n    └── a  A  (circle)\n\n"
                "circle (benign: each name was there when it was taken): a -> b -> a"
            ),
        ),
        (
            [],
            KNOT,
            (
                "a\n└── b  B\n    ├── a  A  (circle)\n    └── c  C\n        ├── a  A  (circle)\n        └── b  B  (circle)\n\n"
                "circle (benign: each name was there when it was taken): a -> b -> a; also c"
            ),
        ),
        ([], MANY, "a\n└── b  V, W, X, Y, 1 more"),
    ],
)
def test_a_tree_shows_below_each_script_what_it_needs(scripts, edges, drawn):
    assert tree(drawing(scripts, edges)) == drawn


def test_a_chain_may_be_longer_than_the_recursion_limit():
    edges = [(f"s{number:04}", "N", f"s{number + 1:04}") for number in range(3000)]
    shape = drawing([], [*edges, ("s3000", "N", "s0000")])
    assert len(shape.circles[0]) == 3001
    assert len(why(shape, "s0000", "s3000")) == 3000
    assert tree(shape).count("\n") >= 3000


@pytest.mark.parametrize(
    ("edges", "one", "other", "way"),
    [
        (CHAIN, "a", "c", [("a", ("x.B",), "b"), ("b", ("x.C",), "c")]),
        (CHAIN, "c", "a", None),
        (CHAIN, "a", "a", None),
        (DIAMOND, "a", "d", [("a", ("B",), "b"), ("b", ("D",), "d")]),
        (ROUND, "a", "a", [("a", ("B",), "b"), ("b", ("A",), "a")]),
        (MANY, "a", "b", [("a", ("V", "W", "X", "Y", "Z"), "b")]),
        ([*CHAIN, ("a", "y.C", "c")], "a", "c", [("a", ("y.C",), "c")]),
    ],
)
def test_why_is_the_shortest_way(edges, one, other, way):
    found = why(drawing([], edges), one, other)
    assert found == (None if way is None else tuple(Link(*each) for each in way))


ODD = drawing(["alone"], [*CIRCLE, ('q"uo\\te', "N<ame>", "line\nbreak"), ("a", "#1", "ö b")])


def test_dot_follows_its_grammar():
    # https://graphviz.org/doc/info/lang.html, as far as it is used.
    name = r'"(?:[^"\\\n]|\\.)*"'
    line = rf"    (?:rankdir=LR|node \[shape=box\]|{name}(?: -> {name})?(?: \[(?:label={name}|color=orange)\])?);"
    assert re.fullmatch(rf"digraph scripts {{\n(?:{line}\n)+}}", dot(ODD))
    assert '"q\\"uo\\\\te" -> "line\\nbreak" [label="N<ame>"];' in dot(ODD)
    assert '"alone";' in dot(ODD)
    assert '"b" [color=orange];' in dot(ODD)


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")
def test_graphviz_reads_it():
    said = subprocess.run(["dot", "-Tplain"], input=dot(ODD), text=True, capture_output=True, check=True, timeout=60)
    assert len([each for each in said.stdout.splitlines() if each.startswith("edge")]) == len(ODD.links)


def test_mermaid_has_every_script_and_link():
    lines = mermaid(ODD).split("\n")
    assert lines[0] == "graph LR"
    boxes = [each for each in lines if re.fullmatch(r'    s\d+\["[^"\n]*"\]', each)]
    arrows = [each for each in lines if re.fullmatch(r'    s\d+ -->\|"[^"\n]*"\| s\d+', each)]
    assert (len(boxes), len(arrows)) == (len(ODD.scripts), len(ODD.links))
    assert len(lines) == 1 + len(boxes) + len(arrows) + 2
    assert lines[-1] == f"    class s{ODD.scripts.index('b')},s{ODD.scripts.index('c')} circle"
    assert "circle" not in mermaid(drawing([], CHAIN))


def test_json_has_it_all():
    assert json.loads(to_json(drawing(["o"], CIRCLE))) == {
        "version": 1,
        "scripts": ["a", "b", "c", "o"],
        "links": [
            {"taker": "a", "names": ["B"], "provider": "b"},
            {"taker": "b", "names": ["C"], "provider": "c"},
            {"taker": "c", "names": ["B2"], "provider": "b"},
        ],
        "circles": [["b", "c"]],
    }


def test_nothing_is_nothing():
    assert drawing([], []) == Drawing((), (), ())
