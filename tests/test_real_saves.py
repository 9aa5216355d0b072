"""End to end: the real watcher, real files, saved as editors and tools save them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time

import pytest

import livescripts

DEADLINE = 10.0  # seconds


class Game:
    """A game loop on a directory on disk."""

    def __init__(self, root, **options):
        self.root = root
        self.live = livescripts.LiveScripts(**options)
        self.live.add_directory(root, namespace="game")
        self.module = sys.modules["game"]
        self.reports = []

    def frames_until(self, condition):
        """Play until `condition()` holds; returns the reports on the way."""
        end = time.monotonic() + DEADLINE
        del self.reports[:]
        while not condition():
            assert time.monotonic() < end, f"nothing came of it: {self.reports}"
            report = self.live.update()
            if report:
                self.reports.append(report)
            time.sleep(0.002)
        return self.reports


@pytest.fixture
def game(tmp_path):
    threads = set(threading.enumerate())
    (tmp_path / "goblin.py").write_text("class Goblin:\n    v = 1\n")
    one = Game(tmp_path, settle=0.02)
    one.goblin = one.module.Goblin()
    yield one
    one.live.close()
    assert set(threading.enumerate()) <= threads
    assert "game" not in sys.modules


TEXT = "class Goblin:\n    v = 2\n"


def in_place(path):
    path.write_text(TEXT)


def truncate_then_write(path):
    with path.open("w") as file:
        file.flush()
        os.fsync(file.fileno())
        for char in TEXT:
            file.write(char)
            file.flush()


def atomic_rename(path):
    temporary = path.with_name(".goblin.py.tmp")
    temporary.write_text(TEXT)
    temporary.replace(path)


def visible_temporary(path):
    temporary = path.with_name("goblin.py.1234.tmp")
    temporary.write_text(TEXT)
    temporary.replace(path)


def backup_then_write(path):
    path.rename(path.with_name("goblin.py~"))
    path.write_text(TEXT)


def rename_twice(path):
    path.with_name("goblin.py.new").write_text(TEXT)
    path.rename(path.with_name("goblin.py.bak"))
    path.with_name("goblin.py.new").rename(path)
    path.with_name("goblin.py.bak").unlink()


def keep_mtime(path):
    before = path.stat()
    path.write_text(TEXT)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def vim(path, *settings):
    if shutil.which("vim") is None:
        pytest.skip("vim is not installed")
    commands = [part for setting in settings for part in ("-c", setting)]
    subprocess.run(
        ["vim", "-Nu", "NONE", "-es", *commands, "-c", "%s/v = 1/v = 2/e", "-c", "wq", str(path)],
        check=True,
        timeout=DEADLINE,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def vim_in_place(path):
    vim(path, "set backupcopy=yes")


def vim_by_rename(path):
    vim(path, "set backupcopy=no", "set writebackup")


ALL_SAVES = pytest.mark.parametrize(
    "save",
    [in_place, truncate_then_write, atomic_rename, visible_temporary, backup_then_write, rename_twice, keep_mtime,
     vim_in_place, vim_by_rename],
)  # fmt: skip


@ALL_SAVES
def test_a_save_reaches_the_live_entity(game, save):
    save(game.root / "goblin.py")
    reports = game.frames_until(lambda: game.goblin.v == 2)
    assert not game.live.errors
    assert not any(report.rejected for report in reports)
    assert type(game.goblin) is game.module.Goblin


@ALL_SAVES
def test_what_was_undone_stays_undone_however_the_same_text_is_saved(game, save):
    path = game.root / "goblin.py"
    path.write_text(TEXT)
    game.frames_until(lambda: game.goblin.v == 2)
    assert game.live.undo().reloaded
    assert game.goblin.v == 1
    save(path)
    (game.root / "later.py").write_text("LATER = 1\n")
    reports = game.frames_until(lambda: hasattr(game.module, "LATER"))
    assert [list(outcome.scripts) for report in reports for outcome in report.outcomes] == [[game.root / "later.py"]]
    assert game.goblin.v == 1
    assert isinstance(game.live.errors[path], livescripts.UndoneError)
    path.write_text("class Goblin:\n    v = 3\n")
    game.frames_until(lambda: game.goblin.v == 3)
    assert not game.live.errors


def test_a_broken_save_is_rejected_and_the_fix_is_taken(game):
    path = game.root / "goblin.py"
    path.write_text("class Goblin(:\n")
    game.frames_until(lambda: game.live.errors)
    assert list(game.live.errors) == [path]
    assert game.goblin.v == 1
    path.write_text(TEXT)
    game.frames_until(lambda: not game.live.errors)
    assert game.goblin.v == 2


def test_new_moved_and_deleted_files_and_directories(game):
    (game.root / "deep" / "er").mkdir(parents=True)
    (game.root / "deep" / "er" / "ork.py").write_text("class Ork: v = 1\n")
    game.frames_until(lambda: hasattr(game.module, "deep"))
    ork = game.module.deep.er.Ork()
    (game.root / "deep" / "er" / "ork.py").rename(game.root / "deep" / "er" / "uruk.py")
    game.frames_until(lambda: "game.deep.er.uruk_py" in sys.modules)
    assert type(ork) is game.module.deep.er.Ork
    (game.root / "deep").rename(game.root / "other")
    game.frames_until(lambda: hasattr(game.module, "other"))
    game.frames_until(lambda: not hasattr(game.module, "deep"))
    assert game.module.other.er.Ork
    shutil.rmtree(game.root / "other")
    game.frames_until(lambda: not hasattr(game.module, "other"))
    assert not game.live.errors


def test_forty_files_at_once_are_one_batch(game):
    # Long enough for a busy machine to pause in the middle of writing.
    game.live.close()
    game = Game(game.root, settle=0.5)
    with game.live:
        forty_files(game)


def forty_files(game):
    for number in range(40):
        (game.root / f"s{number}.py").write_text(f"N{number} = 1\n")
    reports = game.frames_until(lambda: all(hasattr(game.module, f"N{number}") for number in range(40)))
    assert len(reports) == 1
    for number in range(40):
        (game.root / f"s{number}.py").write_text(f"N{number} = 2\n")
    reports = game.frames_until(lambda: game.module.N39 == 2)
    assert len(reports) == 1
    assert all(getattr(game.module, f"N{number}") == 2 for number in range(40))


def test_what_is_no_script_or_did_not_change_reloads_nothing(game):
    cls = game.module.Goblin
    (game.root / "goblin.py").touch()
    (game.root / "goblin.py~").write_text("1 / 0")
    (game.root / ".goblin.py.swp").write_text("1 / 0")
    (game.root / "notes.txt").write_text("1 / 0")
    (game.root / "__pycache__").mkdir(exist_ok=True)
    (game.root / "__pycache__" / "x.py").write_text("1 / 0")
    # What comes after it in the queue has arrived: so nothing came of the others.
    (game.root / "last.py").write_text("LAST = 1\n")
    reports = game.frames_until(lambda: hasattr(game.module, "LAST"))
    assert [path.name for report in reports for outcome in report.outcomes for path in outcome.scripts] == ["last.py"]
    assert game.module.Goblin is cls


def test_a_link_that_leaves_the_directory_is_refused(game, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "evil.py"
    outside.write_text("EVIL = 1\n")
    (game.root / "evil.py").symlink_to(outside)
    (game.root / "last.py").write_text("LAST = 1\n")
    game.frames_until(lambda: hasattr(game.module, "LAST"))
    assert not hasattr(game.module, "EVIL")


def test_a_script_that_is_replaced_by_a_link_that_leaves_the_directory_keeps_running(game, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "evil.py"
    outside.write_text("class Goblin: v = 666\n")
    (game.root / "goblin.py").unlink()
    (game.root / "goblin.py").symlink_to(outside)
    (game.root / "last.py").write_text("LAST = 1\n")
    game.frames_until(lambda: hasattr(game.module, "LAST") and game.live.errors)
    assert game.goblin.v == 1
    assert "outside the script directory" in str(game.live.errors[game.root / "goblin.py"])


def test_a_link_that_leaves_the_directory_is_refused_at_preload(tmp_path):
    (tmp_path / "outside.py").write_text("x = 1\n")
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "evil.py").symlink_to(tmp_path / "outside.py")
    with (
        livescripts.LiveScripts() as live,
        pytest.raises(livescripts.ScriptError, match="outside the script directory"),
    ):
        live.add_directory(tmp_path / "scripts", namespace="game")


def test_tracebacks_show_the_text_that_runs(game):
    import linecache
    import traceback

    path = game.root / "goblin.py"
    path.write_text("class Goblin:\n    v = 2\n    def fail(self): return 1 / 0\n")
    game.frames_until(lambda: game.goblin.v == 2)
    path.write_text("# broken\n# now\nclass Goblin(:\n")
    game.frames_until(lambda: game.live.errors)
    linecache.checkcache()
    with pytest.raises(ZeroDivisionError) as caught:
        game.goblin.fail()
    assert "def fail(self): return 1 / 0" in "".join(traceback.format_exception(caught.value))


def test_a_shipped_game_has_no_thread_and_does_not_look_again(tmp_path):
    code = f"""
import sys, threading
import livescripts
(path := {str(tmp_path)!r})
open(path + "/a.py", "w").write("A = 1\\n")
with livescripts.LiveScripts(watch=False) as live:
    live.add_directory(path, namespace="game")
    import game
    open(path + "/a.py", "w").write("A = 2\\n")
    assert live.update() is livescripts.NOTHING and game.A == 1
    assert threading.active_count() == 1, threading.enumerate()
    assert "watchdog" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
