"""What comes over the pipe is believed only if it has the right form."""

from __future__ import annotations

import json

import pytest

from livescripts.cli.verdict import Begins, Ends, Finding, Found, Misuse, Verdict, encode, parse


@pytest.mark.parametrize(
    "message",
    [
        Found(("/a.py",)),
        Begins("/a.py", "module body"),
        Ends(),
        Misuse("no"),
        Verdict(),
        Verdict((Finding("/a.py", 1, None, "é\n", "x"),), ("/b.py",), ("/a.py",), (("/a.py", "game.X", "/b.py"),), 3),
    ],
)
def test_what_is_sent_arrives(message):
    line = encode("token", message)
    assert line.count(b"\n") == 1
    assert parse("token", line) == message
    assert parse("other", line) is None


GOOD = {"problems": [], "blocked": [], "scripts": [], "edges": [], "tests": 0}
FINDING = {"path": "a", "line": 1, "column": None, "message": "m", "source": ""}


@pytest.mark.parametrize(
    "value",
    [
        "x",
        None,
        [],
        ["Verdict"],
        ["Verdict", []],
        [["Verdict"], GOOD],
        ["Unknown", {}],
        ["Found", {"scripts": 3}],
        ["Begins", {"path": "a", "what": 1}],
        ["Misuse", {"message": None}],
        ["Verdict", {**GOOD, "tests": -1}],
        ["Verdict", {**GOOD, "tests": True}],
        ["Verdict", {**GOOD, "blocked": [1]}],
        ["Verdict", {**GOOD, "problems": [1]}],
        ["Verdict", {**GOOD, "problems": [{**FINDING, "line": "1"}]}],
        ["Verdict", {**GOOD, "problems": [{**FINDING, "message": 1}]}],
        ["Verdict", {**GOOD, "edges": [["a", "b"]]}],
        ["Verdict", {**GOOD, "edges": [["a", "b", 3]]}],
        ["Verdict", {key: GOOD[key] for key in ("problems", "tests")}],
    ],
)
def test_what_has_another_form_is_no_message(value):
    assert parse("token", b"token " + json.dumps(value).encode()) is None


@pytest.mark.parametrize("line", [b"", b"token", b"token {", b"token \xff", b"token " + b"[" * 100_000])
def test_nor_is_what_is_no_json(line):
    assert parse("token", line) is None
