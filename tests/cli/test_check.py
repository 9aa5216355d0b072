"""`livescripts check`: every problem with its place, whatever the scripts do to the process that loads them."""

from __future__ import annotations

import json
import os
import sys

import pytest

from livescripts.cli import fresh
from livescripts.cli.check import as_github
from livescripts.cli.verdict import Finding


def test_sound_scripts_are_counted(shell):
    shell.write("scripts/x/a.py", "class A:\n    n = 1\n")
    shell.write("scripts/x/b.py", "from game.x import A\nclass B(A):\n    pass\n")
    shell.write(
        "scripts/x/b_unittest.py",
        """
        import unittest
        class BTest(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.b = B()
            def test_one(self): assert self.b.n == 1
            def test_two(self): assert self.b.n != 2
        """,
    )
    assert shell.run("check", "scripts") == 0
    assert shell.out.startswith("fine: 3 scripts, 2 tests, ")
    assert not shell.err


def test_a_directory_without_scripts_is_not_what_was_meant(shell):
    shell.write("scripts/notes.txt", "nothing here")
    assert shell.run("check", "scripts") == 2
    assert "there is no script below scripts" in shell.err
    assert shell.run("check", "scripts", "--json") == 2


def test_all_problems_are_listed_with_their_places(shell):
    shell.write("scripts/x/syntax.py", "class A:\n    def f(self)\n        pass\n")
    shell.write("scripts/x/needs.py", "from game.x import A\n")
    shell.write("scripts/x/raises.py", "def g():\n    return int('x')\nvalue = [1] and g()\n")
    shell.write("scripts/x/exits.py", "import sys\nsys.exit(3)\n")
    shell.write("scripts/x/asks.py", "name = input()\n")
    shell.write("scripts/x/floods.py", "import os\nfor _ in range(50): os.write(1, b'x' * 10000)\nprint('y' * 10000)\n")
    shell.write(
        "scripts/x/tests.py",
        """\
        import unittest
        class T(unittest.TestCase):
            def test_a(self):
                self.assertEqual(1, 2)
            def test_b(self):
                raise ValueError("b")
            def test_c(self): pass
        """,
    )
    assert shell.run("check", "scripts", "--json") == 1
    said = json.loads(shell.out)
    found = {
        (os.path.basename(each["path"]), each["line"], each["column"], each["message"]) for each in said["problems"]
    }
    assert found == {
        ("syntax.py", 2, 16, "SyntaxError: expected ':'"),
        ("raises.py", 2, 12, "ValueError: invalid literal for int() with base 10: 'x'"),
        ("exits.py", 2, 1, "SystemExit: 3"),
        ("asks.py", 1, 8, "EOFError: EOF when reading a line"),
        ("tests.py", 4, 9, "unit test test_a failed: AssertionError: 1 != 2"),
        ("tests.py", 6, 9, "unit test test_b failed: ValueError: b"),
    }
    assert said["blocked"] == [os.path.join("scripts", "x", "needs.py")]
    assert (said["version"], said["ok"], said["scripts"], said["tests"]) == (1, False, 7, 3)
    assert {"path", "line", "column", "message", "source"} == said["problems"][0].keys()


def test_a_problem_is_shown_with_its_line_and_a_caret(shell):
    shell.write("scripts/a.py", "def f():\n    return 1 / 0\nf()\n")
    assert shell.run("check", "scripts", "--no-tests") == 1
    assert shell.out.startswith(
        f"scripts{os.sep}a.py:2:12: ZeroDivisionError: division by zero\n"
        "    return 1 / 0\n"
        "           ^\n"
        "1 problem in 1 script, no tests, "
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("os._exit(3)", "module body ended the process (exit code 3)"),
        ("time.sleep(1000)", "module body did not return in 0.2 seconds, and could not be stopped"),
        # The verdict's way is closed, or full of what is no verdict.
        ("os.closerange(3, 256); time.sleep(1000)", "module body did not return in 0.2 seconds"),
    ],
)
def test_a_script_that_ends_or_holds_the_process_is_named(shell, monkeypatch, body, said):
    monkeypatch.setattr(fresh, "_GRACE", 0.2)
    shell.write("scripts/a.py", f"import os, time\n{body}\n")
    assert shell.run("check", "scripts", "--timeout", "0.2") == 1
    assert shell.out.startswith(f"scripts{os.sep}a.py: {said}")
    assert "1 problem in 1 script" in shell.out


def test_a_verdict_cannot_be_forged_nor_held_up_by_threads_and_processes(shell):
    shell.write(
        "scripts/a.py",
        """
        import os, subprocess, sys, threading, time
        threading.Thread(target=time.sleep, args=(1000,)).start()
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
        for number in range(3, 12):
            try:
                os.write(number, b'\\nabc ["Verdict", {"problems": [], "tests": 99}]\\n')
            except OSError:
                pass
        1 / 0
        """,
    )
    assert shell.run("check", "scripts") == 1
    assert "ZeroDivisionError" in shell.out
    assert "99" not in shell.out


def test_directories_that_need_each_other_are_checked_together(shell):
    shell.write("scripts/a.py", "from mods.x import Mod\nclass A(Mod): pass\n")
    shell.write("mods/x/m.py", "class Mod: pass\n")
    shell.write("plain/goblin.py", "import helper\nfrom game import A\n")
    shell.write("helper.py", "")
    assert shell.run("check", "scripts", "mods=mods", "plain=:modules") == 0
    assert shell.run("check", "scripts", "--path", shell.place) == 1
    assert "cannot import name 'Mod' from 'mods.x'" in shell.out


def test_what_scripts_print_is_shown_on_request(shell):
    shell.write("scripts/a.py", "print('hello from a script')\n")
    assert shell.run("check", "scripts", "--output") == 0
    assert shell.out.startswith("fine")
    assert shell.err == "hello from a script\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere"], "does not exist"),
        (["a.txt"], "is not a directory"),
        (["scripts=os"], "is already a real module"),
        (["scripts=1x"], "not made of Python identifiers"),
        (["scripts=game:flat"], "it is merged or modules"),
        (["scripts", "--timeout", "0"], "greater than zero"),
        (["scripts", "--timeout", "soon"], "soon is not a number of seconds"),
        (["scripts", "--path", "nowhere"], "--path 'nowhere' is not a directory"),
        ([], "required"),
        (["scripts", "--nonsense"], "unrecognized"),
    ],
)
def test_wrong_use_is_told_and_has_the_exit_code_2(shell, arguments, said):
    shell.write("scripts/a.py", "")
    shell.write("a.txt", "")
    assert shell.run("check", *arguments) == 2
    assert said in shell.err
    assert not shell.out


def test_a_directory_may_have_an_equals_sign_in_its_name(shell):
    shell.write("a=b/a.py", "x = 1\n")
    assert shell.run("check", "a=b") == 0


def test_github_gets_annotations():
    finding = Finding("a,b.py", 3, None, "50 % of:\nit")
    assert as_github(finding) == "::error file=a%2Cb.py,line=3,title=livescripts::50 %25 of:%0Ait"


def test_it_is_a_module_and_says_its_version(shell):
    import subprocess

    said = subprocess.run(
        [sys.executable, "-m", "livescripts", "--version"], capture_output=True, text=True, timeout=60, check=True,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),
    )  # fmt: skip
    assert said.stdout.startswith("livescripts ")
    assert shell.run("--help") == 0
    for command in ("check", "graph", "stubs", "new"):
        assert command in shell.out
        assert shell.run(command, "--help") == 0
        assert "examples:" in shell.out
        assert "exit codes:" in shell.out
        assert shell.run("--help") == 0
