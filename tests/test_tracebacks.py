"""Tracebacks, `inspect` and other tools show each version's own text, and never say of an old line that it runs now."""

from __future__ import annotations

import asyncio
import contextlib
import cProfile
import faulthandler
import gc
import inspect
import linecache
import logging
import marshal
import os
import pdb  # noqa: T100, it is what is tested
import pickle
import pstats
import re
import subprocess
import sys
import textwrap
import threading
import traceback
import tracemalloc
import types
import warnings

import pytest

import livescripts
from livescripts._core.codes import renewed
from livescripts._runtime import sources, transaction
from livescripts.testing import ManualWatcher, Project

FIRST = """
import threading

def walk():
    yield 1
    raise ValueError("first")  # line 6

def make():
    def inner():
        return [1 / 0 for _ in (1,)]  # the first inner
    return inner

class Goblin:
    def hit(self):
        raise ValueError("first hit")
"""

SECOND = """# A line more, so that every number below is another one.
# And one more.
import threading

def walk():
    yield 2  # nothing is raised on line 6

def make():
    x = 1
    def inner():
        return x  # the second inner
    return inner

class Goblin:
    def hit(self):
        raise ValueError("second hit")
"""


@pytest.fixture(autouse=True)
def own_directory(request, monkeypatch):
    # What an earlier test left to the garbage collector has names, too.
    monkeypatch.setattr(Project, "ROOT", os.path.abspath(os.path.join(os.sep, "memory", request.node.name)))


@pytest.fixture(params=["merged", "modules"])
def game(request, project):
    made = project({"goblin.py": FIRST}, layout=request.param)
    made.path_of_goblin = made.path("goblin.py")
    made.goblin = lambda: sys.modules["game" if request.param == "merged" else "game.goblin"]
    return made


@pytest.fixture(params=["merged", "modules"])
def on_disk(request, tmp_path):
    """A game from real files: (module, file, save(text))."""
    path = tmp_path / "goblin.py"
    path.write_text(FIRST)
    with livescripts.LiveScripts(watch=ManualWatcher()) as live:
        live.add_directory(tmp_path, namespace="game", layout=request.param)

        def save(text):
            path.write_text(text)
            return live.reload(path)

        yield sys.modules["game" if request.param == "merged" else "game.goblin"], path, save


def raised_by(call):
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def text_of(error):
    return "".join(traceback.format_exception(error))


def started(generator):
    next(generator)
    return generator


# ---------------------------------------------------------------- the version that runs


def test_the_running_version_has_its_path_and_its_text_at_the_right_line(game):
    for text, number in ((FIRST, 15), (SECOND, 16)):
        if text is SECOND:
            assert game.save("goblin.py", SECOND).reloaded
        frame = traceback.extract_tb(raised_by(game.goblin().Goblin().hit).__traceback__)[-1]
        assert (frame.filename, frame.lineno) == (game.path_of_goblin, number)
        assert frame.line == text.split("\n")[number - 1].strip()


def test_a_rejected_save_does_not_change_what_tracebacks_of_the_running_version_show(game):
    assert game.save("goblin.py", "# nothing\n" * 30 + "1 / 0").rejected
    assert game.save("goblin.py", "# nothing\n" * 30 + "class Goblin(:").rejected
    linecache.checkcache()
    error = raised_by(game.goblin().Goblin().hit)
    assert f'File "{game.path_of_goblin}", line 15, in hit\n    raise ValueError("first hit")\n' in text_of(error)


def test_inspect_shows_the_running_text(game):
    game.save("goblin.py", SECOND)
    goblin = game.goblin()
    assert inspect.getsource(goblin.Goblin) == SECOND[SECOND.index("class") :]
    assert inspect.getsourcelines(goblin.Goblin.hit) == (SECOND.splitlines(keepends=True)[14:], 15)
    assert inspect.getfile(goblin.walk) == inspect.getsourcefile(goblin.walk) == game.path_of_goblin
    game.save("goblin.py", "# nothing\n" * 30 + "1 / 0")
    linecache.checkcache()
    assert inspect.getsource(goblin.Goblin) == SECOND[SECOND.index("class") :]


def test_a_dependant_that_ran_again_is_no_older_version(project):
    game = project({"a.py": "SPEED = 1", "b.py": "from game import SPEED\ndef walk():\n    yield SPEED\n    1 / 0"})
    running = started(game.namespace.walk())
    assert game.save("a.py", "SPEED = 2").reloaded[0].dependants
    assert next(game.namespace.walk()) == 2
    for generator in (running, started(game.namespace.walk())):
        assert f'"{game.path("b.py")}", line 4, in walk\n    1 / 0' in text_of(raised_by(lambda: next(generator)))  # noqa: B023


def test_what_nobody_edited_shows_its_new_lines(project, monkeypatch):
    text = """
        import livescripts
        from functools import partial
        def fail():
            return 1 / 0  # fail
        def make():
            def inner():
                return 1 / 0  # inner
            return inner
        class Goblin:
            def hit(self):
                return 1 / 0  # hit
            twice = property(lambda self: 1 / 0)  # twice
        TABLE = {"a": lambda: 1 / 0}  # table
        livescripts.later = partial(fail)
    """
    monkeypatch.setattr(livescripts, "later", None, raising=False)
    game = project({"goblin.py": text})
    of = game.namespace
    goblin = of.Goblin()
    held = {
        "fail": of.fail,
        "inner": of.make(),
        "hit": goblin.hit,
        "twice": lambda: goblin.twice,
        "table": of.TABLE["a"],
        "later": livescripts.later,
    }
    game.save(
        "goblin.py", text.replace("import livescripts", "# more\n        # and more\n        import livescripts", 1)
    )
    for name, call in held.items():
        frame = traceback.extract_tb(raised_by(call).__traceback__)[-1]
        assert frame.line.endswith(f"# {name}".replace("later", "fail")), frame
        assert frame.filename == game.path("goblin.py"), name


def test_versions_that_ran_again_and_again_are_renamed_as_one(project):
    # A lock cannot be compared, so the script is replaced as a whole.
    text = "from threading import Lock; from game import SPEED; thing = Lock()\ndef walk():\n    yield SPEED\n    1 / 0  # {}"
    game = project({"a.py": "SPEED = 1", "b.py": text.format("old")})
    walking = []
    for speed in (2, 3, 4):
        walking.append(started(game.namespace.walk()))
        assert game.save("a.py", f"SPEED = {speed}").reloaded[0].dependants
    codes = {id(generator.gi_code) for generator in walking}
    gc.collect()
    game.save("b.py", "# more\n" + text.format("new"))
    assert len(codes) == 3
    for generator in walking:
        shown = text_of(raised_by(lambda: next(generator)))  # noqa: B023
        assert 'older version 1>", line 4, in walk\n    1 / 0  # old\n' in shown


def test_what_was_undone_shows_the_text_that_runs_again(game):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    second = game.goblin().Goblin.hit
    assert game.live.undo().reloaded
    assert f'"{game.path_of_goblin}", line 15, in hit\n    raise ValueError("first hit")' in text_of(
        raised_by(game.goblin().Goblin().hit)
    )
    assert second.__code__.co_filename == game.path_of_goblin
    assert 'older version 1>", line 6, in walk\n    raise ValueError("first")' in text_of(
        raised_by(lambda: next(walking))
    )


# ---------------------------------------------------------------- older versions that still run


def assert_older(text, line, number):
    # Right below its place: the frames of this file may well have the same words in their lines.
    place = rf'goblin\.py, older version 1>", line {number}, in [<>\w]+\n    '
    assert re.search(place + re.escape(line) + r"\n", text), text


def test_a_generator_of_an_older_version_shows_its_own_text(game):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    error = raised_by(lambda: next(walking))
    shown = (
        f'File "<{game.path_of_goblin}, older version 1>", line 6, in walk\n    raise ValueError("first")  # line 6\n'
    )
    assert shown in text_of(error)
    assert shown in "".join(traceback.TracebackException.from_exception(error).format())
    linecache.checkcache()
    late = traceback.TracebackException.from_exception(error, lookup_lines=False)
    game.save("goblin.py", SECOND + "# third")
    assert shown in "".join(late.format())


def test_each_older_version_has_its_own_text(game):
    first = started(game.goblin().walk())
    game.save("goblin.py", SECOND.replace("yield 2", "yield 2\n    0 / 0"))
    second = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    assert 'older version 1>", line 6, in walk\n    raise ValueError' in text_of(raised_by(lambda: next(first)))
    assert 'older version 2>", line 7, in walk\n    0 / 0' in text_of(raised_by(lambda: next(second)))


def test_a_coroutine_of_an_older_version_shows_its_own_text(project):
    text = "async def walk(gate):\n    await gate.wait()\n    1 / 0  # old\n"
    game = project({"goblin.py": text})

    async def main():
        gate = asyncio.Event()
        task = asyncio.create_task(game.namespace.walk(gate))
        await asyncio.sleep(0)
        game.save("goblin.py", "# new\n" * 9 + text)
        gate.set()
        return (await asyncio.gather(task, return_exceptions=True))[0]

    assert_older(text_of(asyncio.run(main())), "1 / 0  # old", 3)


def test_a_thread_in_an_older_version_shows_its_own_text(project):
    text = "def walk(gate, started):\n    started.set()\n    gate.wait(10)\n    1 / 0  # old\n"
    game = project({"goblin.py": text})
    gate, begun, errors = threading.Event(), threading.Event(), []
    thread = threading.Thread(target=lambda: errors.append(raised_by(lambda: game.namespace.walk(gate, begun))))
    thread.start()
    assert begun.wait(10)
    game.save("goblin.py", "# new\n" * 9 + text)
    gate.set()
    thread.join(10)
    assert_older(text_of(errors[0]), "1 / 0  # old", 4)


def test_a_closure_that_goes_on_with_old_code_shows_its_own_text(game):
    inner = game.goblin().make()
    code = inner.__code__
    game.save("goblin.py", SECOND)
    held = types.FunctionType(code, {}, "inner", None, inner.__closure__ if code.co_freevars else None)
    assert_older(text_of(raised_by(held)), "return [1 / 0 for _ in (1,)]  # the first inner", 10)
    assert inspect.getsource(held).startswith("    def inner():\n        return [1 / 0")
    assert inspect.getsourcelines(held)[1] == 9


def test_what_is_left_of_a_removed_script_shows_its_text(game):
    walking = started(game.goblin().walk())
    game.delete("goblin.py")
    assert game.update().reloaded[0].removed
    assert_older(text_of(raised_by(lambda: next(walking))), 'raise ValueError("first")  # line 6', 6)
    assert game.path_of_goblin not in linecache.cache


def test_without_its_cached_text_an_older_version_shows_no_line_rather_than_a_wrong_one(on_disk):
    goblin, _, save = on_disk
    walking = started(goblin.walk())
    save(SECOND)
    error = raised_by(lambda: next(walking))
    entries = dict(linecache.cache)
    linecache.clearcache()
    shown = text_of(error)
    linecache.cache.update(entries)
    assert "older version 1>" in shown
    assert "line 6, in walk\nValueError" in shown


def test_the_interpreter_s_own_tracebacks_show_no_wrong_line_of_an_older_version(on_disk, capsys):
    goblin, path, save = on_disk
    walking = started(goblin.walk())
    save(SECOND)
    error = raised_by(lambda: next(walking))
    sys.__excepthook__(type(error), error, error.__traceback__)
    shown = capsys.readouterr().err
    assert f'File "<{path}, older version 1>", line 6, in walk\n' in shown
    assert "nothing is raised" not in shown


# ---------------------------------------------------------------- what was not taken over


def test_the_error_of_a_rejected_version_shows_the_rejected_text(game):
    for number in (3, 5):
        text = "# x\n" * (number - 1) + f"{number} / 0\n"
        report = game.save("goblin.py", text)
        (problem,) = report.rejected[0].problems
        assert (problem.line, problem.source_line) == (number, f"{number} / 0")
        assert f"line {number}, in <module>\n    {number} / 0\n" in text_of(problem.error)
        assert f'File "{game.path_of_goblin}"' not in text_of(problem.error)
        if number == 3:
            earlier = problem.error
    assert "line 3, in <module>\n    3 / 0\n" in text_of(earlier)
    assert game.save("goblin.py", SECOND).reloaded
    assert "line 3, in <module>\n    3 / 0\n" in text_of(earlier)
    assert "line 5, in <module>\n    5 / 0\n" in text_of(problem.error)


def test_the_errors_of_a_failed_preload_show_their_text_after_the_end(project):
    game = project({"goblin.py": "A = 1\n1 / 0  # here"}, load=False)
    error = raised_by(game.load)
    game.close()
    shown = text_of(error.problems[0].error)
    assert f'File "{game.path("goblin.py")}", line 2, in <module>\n    1 / 0  # here\n' in shown


def test_code_that_is_being_staged_has_the_path_and_shows_its_own_text(game, monkeypatch):
    monkeypatch.setattr(livescripts, "seen", [], raising=False)
    walking = started(game.goblin().walk())
    monkeypatch.setattr(livescripts, "walking", walking, raising=False)
    body = """
        import inspect, livescripts, traceback, unittest
        def note():
            livescripts.seen.append(traceback.format_exc())
        try:
            1 / 0  # staged
        except ZeroDivisionError:
            note()
        try:
            next(livescripts.walking)
        except ValueError:
            note()
        class Orc:
            speed = 3  # staged
        livescripts.seen.append(inspect.getsource(Orc))
        class Tests(unittest.TestCase):
            def test(self):
                assert False, "staged"
    """
    report = game.save("goblin.py", body)
    staged, running, source = livescripts.seen
    assert f'File "{game.path_of_goblin}", line 6, in <module>\n    1 / 0  # staged\n' in staged
    assert_older(running, 'raise ValueError("first")  # line 6', 6)
    assert source == "class Orc:\n    speed = 3  # staged\n"
    (problem,) = report.rejected[0].problems
    assert (problem.line, problem.source_line) == (18, 'assert False, "staged"')
    assert 'saved version>", line 18, in test\n    assert False, "staged"\n' in text_of(problem.error.__cause__)


def test_a_version_is_blamed_for_its_own_lines_only(game, monkeypatch):
    monkeypatch.setattr(livescripts, "hit", game.goblin().Goblin().hit, raising=False)
    report = game.save("goblin.py", "import livescripts\nlivescripts.hit()")
    (problem,) = report.rejected[0].problems
    assert (problem.line, problem.source_line) == (2, "livescripts.hit()")


def test_a_rejection_leaves_the_names_of_the_running_version(game):
    code = game.goblin().walk.__code__
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND + "1 / 0")
    assert code.co_filename == game.goblin().Goblin.hit.__code__.co_filename == game.path_of_goblin
    assert f'File "{game.path_of_goblin}", line 6, in walk\n    raise' in text_of(raised_by(lambda: next(walking)))


def test_between_the_frames_of_a_stage_the_running_version_has_its_name(project):
    game = project({"a.py": "A = 1\ndef fail(): 1 / 0  # first", "b.py": "B = 1"}, frame_budget=0.0)
    game.write("b.py", "B = 2")
    game.write("a.py", "# more\n" * 5 + "A = 2\ndef fail(): 1 / 0  # second")
    frames = 0
    for now in range(2000, 3000, 10):
        if report := game.live.update(now=float(now)):
            break
        assert f'"{game.path("a.py")}", line 2, in fail\n    def fail(): 1 / 0  # first' in text_of(
            raised_by(game.namespace.fail)
        )
        frames += game.live._batches.stage is not None
    assert report.reloaded
    assert frames >= 2
    assert f'"{game.path("a.py")}", line 7, in fail\n    def fail(): 1 / 0  # second' in text_of(
        raised_by(game.namespace.fail)
    )


def test_a_commit_that_fails_leaves_names_as_they_were(game, monkeypatch):
    def settle_and_fail(codes, undo):
        sources.settle(codes, undo)
        assert linecache.getlines(game.path_of_goblin)[0] == SECOND.split("\n")[0] + "\n"
        raise RuntimeError

    entry = linecache.cache[game.path_of_goblin]
    code = game.goblin().walk.__code__
    with monkeypatch.context() as patch:
        patch.setattr(transaction, "settle", settle_and_fail)
        report = game.save("goblin.py", SECOND)
    assert "could not be committed" in report.rejected[0].problems[0].message
    assert code.co_filename == game.path_of_goblin
    assert linecache.cache[game.path_of_goblin] is entry
    assert game.save("goblin.py", SECOND + "# again").reloaded
    assert code.co_filename == f"<{game.path_of_goblin}, older version 1>"


def test_the_unit_tests_beside_a_script_show_the_text_that_ran(project):
    test = "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        assert speed == 1  # {}"
    game = project({"a.py": "speed = 1", "a_unittest.py": test.format("first")})
    report = game.save("a.py", "speed = 2")
    path = game.path("a_unittest.py")
    first = report.rejected[0].problems[0].error.__cause__
    assert f'File "{path}", line 4, in test\n    assert speed == 1  # first' in text_of(first)
    assert game.save("a_unittest.py", "# one more\n" + test.format("second")).reloaded
    report = game.save("a.py", "speed = 3")
    second = report.rejected[0].problems[0].error.__cause__
    assert f'File "{path}", line 5, in test\n    assert speed == 1  # second' in text_of(second)
    assert 'older version 1>", line 4, in test\n    assert speed == 1  # first' in text_of(first)


def test_unit_tests_that_are_rejected_leave_the_name_of_those_that_run(project):
    test = "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        assert speed == {}"
    game = project({"a.py": "speed = 1", "a_unittest.py": test.format(1)})
    (problem,) = game.save("a_unittest.py", "# more\n" + test.format(2)).rejected[0].problems
    assert (problem.line, problem.source_line) == (5, "assert speed == 2")
    (problem,) = game.save("a.py", "speed = 3").rejected[0].problems
    assert (problem.line, problem.source_line) == (4, "assert speed == 1")
    path = game.path("a_unittest.py")
    assert f'File "{path}", line 4, in test\n    assert speed == 1' in text_of(problem.error.__cause__)


# ---------------------------------------------------------------- warnings and logs


@pytest.fixture
def shown_warnings(monkeypatch):
    """All warnings, as they are printed."""
    shown = []
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda *args: shown.append(warnings.formatwarning(*args[:4])))
        yield shown


def test_warnings_show_the_line_that_warned(game, shown_warnings):
    warn = "import warnings\ndef walk():\n    yield\n    warnings.warn('old')  # the old one\n"
    game.save("goblin.py", warn)
    walking = started(game.goblin().walk())
    game.save("goblin.py", "# more\n" * 4 + warn.replace("old", "new"))
    list(walking)
    list(game.goblin().walk())
    older = f"<{game.path_of_goblin}, older version 2>:4: UserWarning: old\n  warnings.warn('old')  # the old one\n"
    newer = f"{game.path_of_goblin}:8: UserWarning: new\n  warnings.warn('new')  # the new one\n"
    assert shown_warnings == [older, newer]


def test_warnings_of_the_compiler_show_the_saved_text(game, shown_warnings):
    game.save("goblin.py", "# more\n" * 5 + "x = () is '\\d'  # odd\n1 / 0")
    assert len(shown_warnings) >= 2
    for warning in shown_warnings:
        assert warning.startswith(f"{game.path_of_goblin}:6: ")
        assert warning.endswith("  x = () is '\\d'  # odd\n")
    linecache.checkcache()
    assert linecache.getline(game.path_of_goblin, 6) == '    raise ValueError("first")  # line 6\n'


def test_log_records_name_the_version(game, caplog):
    text = "import logging\ndef walk():\n    yield\n    logging.warning('now')\n"
    game.save("goblin.py", text)
    gc.collect()  # what is left of the first version; its number is not given away again
    walking = started(game.goblin().walk())
    game.save("goblin.py", "# more\n" + text)
    with caplog.at_level(logging.WARNING):
        list(walking)
        list(game.goblin().walk())
    places = [(record.pathname, record.lineno) for record in caplog.records]
    assert places == [(f"<{game.path_of_goblin}, older version 2>", 4), (game.path_of_goblin, 5)]


# ---------------------------------------------------------------- tools


def test_a_breakpoint_by_path_stops_in_the_running_version_only(game):
    text = "import livescripts\ndef walk(here):\n    yield 1\n    here()\n    yield 2\n"
    game.save("goblin.py", text)
    older = started(game.goblin().walk(lambda: None))
    game.save("goblin.py", text.replace("1", "one").replace("one", "10"))
    newer = started(game.goblin().walk(lambda: None))
    debugger = pdb.Pdb(nosigint=True, readrc=False)
    try:
        assert debugger.set_break(game.path_of_goblin, 3) is None
        assert debugger.break_here(newer.gi_frame)
        assert not debugger.break_here(older.gi_frame)
        older_line = older.gi_frame.f_lineno
        assert debugger.format_stack_entry((older.gi_frame, older_line)).endswith("yield 1")
        assert debugger.format_stack_entry((newer.gi_frame, 3)).endswith("yield 10")
    finally:
        debugger.clear_all_breaks()


@pytest.mark.parametrize("core", ["ctrace", "sysmon"])
def test_coverage_puts_lines_down_to_the_path(tmp_path, core):
    if core == "sysmon" and sys.version_info < (3, 12):
        pytest.skip("there is no sys.monitoring before Python 3.12")
    path = tmp_path / "scripts" / "goblin.py"
    path.parent.mkdir()
    text = "def walk():\n    yield 1\n    yield 2\n\n\nX = 1\n"
    code = f"""
        import coverage, livescripts
        from livescripts.testing import ManualWatcher
        from pathlib import Path
        path = Path({str(path)!r})
        path.write_text({text!r})
        cov = coverage.Coverage(data_file=None, source=[{str(path.parent)!r}])
        cov.start()
        with livescripts.LiveScripts(watch=ManualWatcher()) as live:
            live.add_directory(path.parent, namespace="game")
            import game
            walking = game.walk()
            next(walking)
            path.write_text({"# more" + chr(10) + text!r})
            assert live.reload(path)
            next(walking)
            next(game.walk())
        cov.stop()
        assert cov.get_data().measured_files() == {{str(path)}}, cov.get_data().measured_files()
        assert sorted(cov.get_data().lines(str(path))) == [1, 2, 3, 6, 7], cov.get_data().lines(str(path))
        cov.report(file=open("{os.devnull}", "w"))
    """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60, env={**os.environ, "COVERAGE_CORE": core}
    )


def test_profiles_can_be_saved(game, tmp_path):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    profile = cProfile.Profile()
    with profile:
        list(game.goblin().walk())
        raised_by(lambda: next(walking))
    profile.dump_stats(tmp_path / "out")
    stats = pstats.Stats(str(tmp_path / "out")).stats
    assert {(game.path_of_goblin, 5, "walk"), (f"<{game.path_of_goblin}, older version 1>", 4, "walk")} <= set(stats)
    assert marshal.loads(marshal.dumps(game.goblin().walk.__code__)).co_filename == game.path_of_goblin


def test_tracemalloc_finds_the_line(game):
    game.save("goblin.py", "# more\n\ndef grow():\n    return bytearray(10_000)  # here\n")
    tracemalloc.start(3)
    try:
        grown = game.goblin().grow()
        trace = tracemalloc.get_object_traceback(grown)
    finally:
        tracemalloc.stop()
    assert f'  File "{game.path_of_goblin}", line 4' in trace.format()
    assert "    return bytearray(10_000)  # here" in trace.format()


def test_faulthandler_names_the_version(game, tmp_path):
    text = "def walk(dump):\n    yield\n    dump()\n"
    game.save("goblin.py", text)
    with (tmp_path / "dump").open("w+") as file:
        walking = started(game.goblin().walk(lambda: faulthandler.dump_traceback(file, all_threads=False)))
        game.save("goblin.py", "# more\n" + text)
        list(walking)
        file.seek(0)
        assert f'File "<{game.path_of_goblin}, older version 2>", line 3 in walk' in file.read()


def test_exceptions_and_recorded_frames_can_be_pickled(game):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    error = raised_by(lambda: next(walking))
    error.add_note("noted")
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["noted"]
    frame = pickle.loads(pickle.dumps(traceback.extract_tb(error.__traceback__)))[-1]
    assert frame.filename.endswith("older version 1>")


# ---------------------------------------------------------------- the end


@pytest.fixture
def no_log(monkeypatch):
    # pytest keeps the records, which hold the errors of what was rejected, which hold its code.
    monkeypatch.setattr(logging.getLogger("livescripts"), "disabled", True)


def mentions(path):
    sources.tidy()  # as the next version would, when it gets its name
    return {key for key in linecache.cache if isinstance(key, str) and path in key}


def test_a_text_does_not_go_while_somebody_goes_through_the_cache(game):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    names = list(linecache.cache)
    del walking
    gc.collect()
    assert set(names) == set(linecache.cache)
    linecache.checkcache()
    game.save("goblin.py", SECOND + "# again")
    assert f"<{game.path_of_goblin}, older version 1>" in names
    assert f"<{game.path_of_goblin}, older version 1>" not in linecache.cache


def test_fifty_reloads_leave_one_text_in_the_cache(game, no_log):
    for number in range(50):
        text = SECOND.replace("yield 2", f"yield {number}") + "1 / 0\n" * (number % 3 == 2)
        report = game.save("goblin.py", text)
        assert bool(report.rejected) == (number % 3 == 2)
    del report
    gc.collect()
    assert mentions(game.path_of_goblin) == {game.path_of_goblin}
    assert {name for name in sources._named if game.path_of_goblin in name} == {game.path_of_goblin}


def test_a_text_goes_with_the_last_code_of_its_version(game):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    gc.collect()
    assert mentions(game.path_of_goblin) == {game.path_of_goblin, f"<{game.path_of_goblin}, older version 1>"}
    del walking
    gc.collect()
    assert mentions(game.path_of_goblin) == {game.path_of_goblin}


def test_a_crash_shows_the_path_and_the_running_text_after_close(game, no_log):
    game.save("goblin.py", "# nothing\n" * 30 + "1 / 0")
    hit = game.goblin().Goblin().hit
    game.close()
    assert f'"{game.path_of_goblin}", line 15, in hit\n    raise ValueError("first hit")' in text_of(raised_by(hit))
    del hit
    gc.collect()
    assert mentions(game.path_of_goblin) <= {game.path_of_goblin}


def test_a_path_that_is_loaded_anew_belongs_to_the_new_version(game, project):
    hit = game.goblin().Goblin().hit
    game.close()
    again = project({"goblin.py": SECOND})
    assert f'"{again.path("goblin.py")}", line 16, in hit' in text_of(raised_by(again.namespace.Goblin().hit))
    assert_older(text_of(raised_by(hit)), 'raise ValueError("first hit")', 15)


def test_errors_of_a_path_that_is_loaded_anew_show_the_path(game, project):
    hit = game.goblin().Goblin().hit
    game.close()
    again = project({"goblin.py": "1 / 0  # new"}, load=False)
    error = raised_by(again.load).problems[0].error
    assert f'"{again.path("goblin.py")}", line 1, in <module>\n    1 / 0  # new' in text_of(error)
    assert_older(text_of(raised_by(hit)), 'raise ValueError("first hit")', 15)


def test_a_text_that_does_not_compile_leaves_nothing(game):
    assert game.save("orc.py", "class Orc(:").rejected
    assert not mentions(game.path("orc.py"))
    assert not any(game.path("orc.py") in name for name in sources._named)


def test_a_version_that_dies_while_it_has_the_path_leaves_nothing_when_it_steps_back(game):
    path = game.path_of_goblin
    with (
        sources.compiled(path, b"X = 1", lambda: compile("X = 1", path, "exec")) as code,
        contextlib.ExitStack() as names,
    ):
        pass
    sources.lend({game.path_of_goblin: code}, names)
    assert linecache.getlines(game.path_of_goblin) == ["X = 1"]
    del code
    names.close()
    assert mentions(game.path_of_goblin) == {game.path_of_goblin}
    assert linecache.getlines(game.path_of_goblin) == FIRST.splitlines(keepends=True)


def test_the_name_of_an_older_version_that_still_lives_is_not_given_away(game, project):
    walking = started(game.goblin().walk())
    game.save("goblin.py", SECOND)
    hit = game.goblin().Goblin().hit
    game.close()
    again = project({"goblin.py": SECOND})
    newer = started(again.namespace.walk())
    again.save("goblin.py", FIRST)
    assert_older(text_of(raised_by(lambda: next(walking))), 'raise ValueError("first")  # line 6', 6)
    assert newer.gi_code.co_filename not in {again.path("goblin.py"), walking.gi_code.co_filename}
    assert linecache.getlines(newer.gi_code.co_filename) == SECOND.splitlines(keepends=True)
    assert "second hit" in text_of(raised_by(hit))


def test_functions_of_a_copy_that_is_gone_are_renamed_as_well(game):
    path = game.path("orc.py")
    text = "def growl(): pass"
    with (
        sources.compiled(path, text.encode(), lambda: compile(text, path, "exec")) as code,
        contextlib.ExitStack() as names,
    ):
        copy = renewed(code)
        sources.copied(copy)
        growl = copy.co_consts[0]
        del copy
        copy = renewed(code)
        sources.copied(copy)
        sources.lend({path: None}, names)
        assert growl.co_filename == copy.co_filename == f"<{path}, older version 1>"
