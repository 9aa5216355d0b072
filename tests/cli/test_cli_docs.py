"""docs/cli.md says what is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

from livescripts.cli.check import as_json
from livescripts.cli.drawing import drawing, to_json
from livescripts.cli.verdict import Finding, Verdict

ROOT = Path(__file__).parent.parent.parent
DOCS = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
SHAPES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)]


def test_every_option_that_is_named_is_there(shell):
    known = {"--help"}
    for command in ("check", "graph", "stubs", "new"):
        assert shell.run(command, "--help") == 0
        known |= set(re.findall(r"--[a-z-]+", shell.out))
    named = {each for each in re.findall(r"(?<![\w-])--[a-z][a-z-]+", DOCS) if each != "--frames"}
    assert named <= known
    assert {"--json", "--why", "--check", "--timeout", "--no-tests", "--format", "--path", "--output"} <= named


def test_the_json_has_the_shape_that_is_shown(shell):
    finding = Finding("scripts/enemies/goblin.py", 3, 20, "SyntaxError: expected ':'", "class Goblin(Enemy)")
    verdict = Verdict((finding,), ("scripts/enemies/chief.py",), ("a", "b", "c"), (), 1)
    assert json.loads(as_json(verdict, 0.4123)) == SHAPES[0]
    bug, crawlers = "scripts/bugs/bug.py", "scripts/bugs/crawlers.py"
    assert json.loads(to_json(drawing([], [(crawlers, "game.bugs.Bug", bug)]))) == SHAPES[1]


def test_the_output_of_check_is_what_is_shown(shell):
    (shown,) = re.findall(r"```text\n(scripts/enemies.*?)```", DOCS, re.DOTALL)
    shell.write("scripts/enemies/goblin.py", "from . import Enemy\n\nclass Goblin(Enemy)\n    pass\n")
    shell.write("scripts/enemies/base.py", "class Enemy: pass\n")
    shell.write(
        "scripts/weapons/bow.py",
        "import unittest\n\nclass Bow:\n    range = 12\nclass BowTest(unittest.TestCase):\n    def test_range(self):\n"
        "        self.assertLess(Bow().range, 10)\n",
    )
    assert shell.run("check", "scripts") == 1
    assert re.sub(r"[\d.]+ s\n", "0.4 s\n", shell.out) == shown


def test_the_hooks_for_pre_commit_are_commands(shell):
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    entries = re.findall(r"entry: livescripts (\w+)", text)
    assert entries == ["check", "stubs"]
    for command, identity in zip(entries, re.findall(r"- id: (\S+)", text), strict=True):
        assert identity == f"livescripts-{command}"
        assert identity in DOCS
        assert shell.run(command, "--help") == 0
