"""`livescripts stubs`: files are written, left alone and removed; type checkers find right and wrong uses."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cli.stubbed import HOST, SCRIPTS
from livescripts.cli.main import main

ROOT = Path(__file__).parent.parent.parent


def stats(root):
    return {path.relative_to(root).as_posix(): path.stat().st_mtime_ns for path in root.rglob("*.pyi")}


def test_only_what_changed_is_written_and_only_what_is_ours_is_removed(shell):
    shell.write("scripts/a.py", "X = 1\n")
    shell.write("scripts/x/b.py", "def f(): print(1)\n")
    assert shell.run("stubs", "scripts") == 0
    assert "4 stubs in typings, 4 written, 0 removed" in shell.out
    before = stats(shell.place / "typings")
    assert set(before) == {"game/__init__.pyi", "game/a_py.pyi", "game/x/__init__.pyi", "game/x/b_py.pyi"}

    shell.write("scripts/a.py", "X = 1  # a comment\n")
    assert shell.run("stubs", "scripts") == 0
    assert stats(shell.place / "typings") == before

    shell.write("typings/game/x/by_hand.pyi", "Z: int\n")
    shell.write("typings/pygame.pyi", "Z: int\n")
    (shell.place / "scripts/x/b.py").unlink()
    assert shell.run("stubs", "scripts") == 0
    assert "0 written, 2 removed" not in shell.out  # `game` has no `x` any more: it is another, too
    after = stats(shell.place / "typings")
    assert set(after) == {"game/__init__.pyi", "game/a_py.pyi", "game/x/by_hand.pyi", "pygame.pyi"}
    assert after["game/a_py.pyi"] == before["game/a_py.pyi"]
    assert not list((shell.place / "typings").rglob("*.tmp"))


def test_folders_that_are_empty_now_go(shell):
    shell.write("scripts/a.py", "X = 1\n")
    shell.write("scripts/x/y/b.py", "X = 1\n")
    shell.run("stubs", "scripts", "-o", "out/stubs")
    (shell.place / "scripts/x/y/b.py").unlink()
    assert shell.run("stubs", "scripts", "--out", "out/stubs") == 0
    assert [path.name for path in (shell.place / "out/stubs").iterdir()] == ["game"]
    assert not (shell.place / "out/stubs/game/x").exists()


def test_check_says_whether_they_are_up_to_date_and_writes_nothing(shell):
    shell.write("scripts/a.py", "X = 1\n")
    assert shell.run("stubs", "scripts", "--check") == 1
    assert shell.out.count("missing") == 2
    assert not (shell.place / "typings").exists()
    shell.run("stubs", "scripts")
    assert shell.run("stubs", "scripts", "--check") == 0
    shell.write("scripts/a.py", "Y = 1\n")
    shell.write("scripts/b.py", "Z = 1\n")
    assert shell.run("stubs", "scripts", "--check") == 1
    assert (shell.out.count("out of date"), shell.out.count("missing")) == (2, 1)
    (shell.place / "scripts/a.py").rename(shell.place / "scripts/c.py")
    assert shell.run("stubs", "scripts", "--check") == 1
    assert "its script is gone" in shell.out


def test_nothing_is_written_if_a_script_cannot_be_read(shell):
    shell.write("scripts/a.py", "X =\n")
    shell.write("scripts/1x/b.py", "X = 1\n")
    assert shell.run("stubs", "scripts") == 1
    assert re.search(r"a\.py:1: SyntaxError", shell.err)
    assert "'1x' is not a Python identifier" in shell.err
    assert not (shell.place / "typings").exists()


def test_scripts_are_never_run(shell):
    shell.write("scripts/a.py", "import os\nos._exit(7)\n")
    assert shell.run("stubs", "scripts") == 0


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["scripts="], ["scripts=1x"], ["scripts", "-o", "own"], ["scripts", "-o", "a.txt"]]
)
def test_wrong_use(shell, arguments):
    shell.write("scripts/a.py", "X = 1\n")
    shell.write("own/game/__init__.pyi", "# by hand\n")
    shell.write("a.txt", "")
    assert shell.run("stubs", *arguments) == 2
    assert (shell.place / "own/game/__init__.pyi").read_text() == "# by hand\n"


def test_a_package_that_is_there_is_not_hidden(shell):
    shell.write("my/__init__.py", "")
    shell.write("scripts/a.py", "X = 1\n")
    assert shell.run("stubs", "scripts=my.game") == 0
    assert set(stats(shell.place / "typings")) == {"my/game/__init__.pyi", "my/game/a_py.pyi"}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """The host file beside stubs of its scripts, and of the demo's; and what is checking them at this moment."""
    place = tmp_path_factory.mktemp("checked")
    for relative, text in SCRIPTS.items():
        path = place / "scripts" / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    (place / "host.py").write_text(HOST)
    demo = "import bughunt\n\nqueen = bughunt.bugs.Queen(1.0, 2.0)\nqueen.hurt(3, None)\nprint(queen.push_x + 1)\nqueen.hrut(3)  # wrong\n"
    (place / "demo.py").write_text(demo)
    shutil.copytree(ROOT / "demo_game" / "scripts", place / "demo_scripts")
    for path in (place / "demo_scripts").rglob("*.py"):  # a namespace of its own, beside the other one
        path.write_text(re.sub(r"\bgame\b(?!\.engine)", "bughunt", path.read_text()).replace("bughunt_engine", ""))
    assert (
        main(["stubs", str(place / "scripts"), f"{place / 'demo_scripts'}=bughunt", "-o", str(place / "typings")]) == 0
    )
    settings = {
        "include": ["host.py", "demo.py", "typings"],
        "extraPaths": [str(ROOT)],
        "reportMissingModuleSource": "none",
    }
    (place / "pyrightconfig.json").write_text(json.dumps(settings))
    (place / "mypy.ini").write_text(f"[mypy]\nmypy_path = typings:{ROOT}\nfollow_imports = silent\n")
    stubs = [path.relative_to(place).as_posix() for path in (place / "typings").rglob("*.pyi")]
    commands = {
        "pyright": ["--outputjson", "--pythonpath", sys.executable, "-p", str(place)],
        "mypy": ["--cache-dir", str(place / "cache"), "host.py", "demo.py", *stubs],
    }
    # Both take some seconds, mostly for the library: at the same time.
    running = {
        name: subprocess.Popen(
            [sys.executable, "-m", name, *arguments],
            cwd=place,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name, arguments in commands.items()
        if importlib.util.find_spec(name) is not None
    }
    yield place, running
    for process in running.values():
        with process:
            process.kill()


def said_by(checker, checked):
    place, running = checked
    if checker not in running:
        pytest.skip(f"{checker} is not installed")
    return place, running[checker].communicate(timeout=120)[0]


def wrong(place, file, checker):
    lines = (place / file).read_text().split("\n")
    marks = ("# wrong", f"# wrong for {checker}")
    return {f"{file}:{number}" for number, line in enumerate(lines, 1) if line.endswith(marks)}


def test_pyright_finds_what_is_wrong_and_nothing_else(checked):
    place, said = said_by("pyright", checked)
    found = json.loads(said[said.index("{") :])["generalDiagnostics"]
    errors = {
        f"{Path(each['file']).relative_to(place.resolve()).as_posix()}:{each['range']['start']['line'] + 1}"
        for each in found
        if each["severity"] == "error"
    }
    assert errors == wrong(place, "host.py", "pyright") | wrong(place, "demo.py", "pyright"), said


def test_mypy_finds_what_is_wrong_and_nothing_else(checked):
    place, said = said_by("mypy", checked)
    errors = set(re.findall(r"^([^:\n]+:\d+): error", said, re.MULTILINE))
    assert errors == wrong(place, "host.py", "mypy") | wrong(place, "demo.py", "mypy"), said
