"""`watch_files`: other files follow, too. In memory, with a clock that stands still."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

import pytest

from livescripts import ClosedError, DirectoryError, LiveScripts, ReentrantError
from livescripts.testing import FakeClock, Project

ROOT = Path(Project.ROOT)
FILES = {"a.py": "X = 1", "hero.png": "hero", "ui/heart.png": "heart", "levels/1.toml": "level = 1"}


class Told(list):
    """A callback that remembers what it was called with, relative to the root."""

    def __call__(self, path):
        assert isinstance(path, Path)
        self.append(path.relative_to(ROOT).as_posix())


@pytest.fixture
def project():
    with Project(FILES) as project:
        yield project


@pytest.fixture
def told(project):
    told = Told()
    project.live.watch_files(ROOT, "*.png", told)
    return told


def summary(report):
    return [(change.path.relative_to(ROOT).as_posix(), change.kind) for change in report.files]


# ------------------------------------------------------------ what counts as a change


def test_a_file_that_changes_is_told_of_once(project, told):
    report = project.save("hero.png", "new hero")
    assert told == ["hero.png"]
    assert report
    assert summary(report) == [("hero.png", "changed")]
    assert str(report) == "changed hero.png"
    assert not project.update()
    assert told == ["hero.png"]


def test_an_identical_save_is_nothing(project, told):
    assert not project.save("hero.png", "hero")
    assert told == []


def test_a_save_that_is_taken_back_before_it_is_told_of_is_nothing(project, told):
    project.write("hero.png", "new hero")
    project.live.update(now=2000.0)
    project.write("hero.png", "hero")
    assert not project.update()
    assert told == []


def test_created_and_deleted_files_are_changes(project, told):
    assert summary(project.save("ui/coin.png", "coin")) == [("ui/coin.png", "created")]
    project.delete("ui/coin.png")
    assert summary(project.update()) == [("ui/coin.png", "deleted")]
    assert told == ["ui/coin.png", "ui/coin.png"]


def test_a_file_that_moves_is_gone_here_and_created_there(project, told):
    project.move("hero.png", "ui/hero.png")
    assert summary(project.update()) == [("hero.png", "deleted"), ("ui/hero.png", "created")]


def test_a_file_that_is_missing_for_a_moment_was_being_replaced(project, told):
    project.delete("hero.png")
    project.live.update(now=0.0)
    assert not project.live.update(now=0.1)
    project.write("hero.png", "new hero")
    project.live.update(now=0.15)
    assert summary(project.live.update(now=0.3)) == [("hero.png", "changed")]


def test_a_file_that_was_truncated_is_waited_for(project, told):
    project.write("hero.png", b"")
    project.live.update(now=0.0)
    assert not project.live.update(now=0.1)
    project.write("hero.png", "new hero")
    project.live.update(now=0.15)
    assert summary(project.live.update(now=0.3)) == [("hero.png", "changed")]


def test_nothing_is_told_before_a_file_has_settled(project, told):
    project.write("hero.png", "new hero")
    assert not project.live.update(now=0.0)
    assert not project.live.update(now=0.04)
    assert project.live.busy
    assert project.live.update(now=0.06)
    assert told == ["hero.png"]
    assert not project.live.busy


def test_a_file_that_cannot_be_read_is_told_of_and_again_when_it_can(project, told):
    project.write("hero.png", PermissionError(13, "Permission denied"))
    assert summary(project.update()) == [("hero.png", "changed")]
    assert summary(project.save("hero.png", "hero")) == [("hero.png", "changed")]


def test_files_saved_together_come_in_sorted_order(project, told):
    for name in ("ui/heart.png", "hero.png", "a.png"):
        project.write(name, "new")
    project.update()
    assert told == ["a.png", "hero.png", "ui/heart.png"]


def test_files_that_do_not_match_are_left_alone(project, told):
    for name in ("levels/1.toml", ".hidden.png", "hero.png~", "hero.PNG"):
        assert not project.save(name, "new")
    assert told == []


def test_a_directory_stands_for_all_that_is_below_it(project, told):
    project.files.contents[project.path("ui/heart.png")] = b"new"
    project.files.contents[project.path("ui/deep/coin.png")] = b"coin"
    project.watcher.report(project.path("ui"))
    assert summary(project.update()) == [("ui/deep/coin.png", "created"), ("ui/heart.png", "changed")]
    del project.files.contents[project.path("ui/heart.png")]
    project.watcher.report(os.path.dirname(project.ROOT))
    assert summary(project.update()) == [("ui/heart.png", "deleted")]


def test_a_registration_meanwhile_loses_no_change_of_the_others(project, told):
    project.write("hero.png", "new hero")
    project.live.watch_files(ROOT, ["*.png", "*.toml"], Told())
    assert summary(project.update()) == [("hero.png", "changed")]
    assert told == ["hero.png"]


def test_a_path_above_the_script_directory_stands_for_all_of_it(project):
    project.files.contents[project.path("a.py")] = b"X = 2"
    project.watcher.report(os.path.dirname(project.ROOT))
    assert project.update().reloaded
    assert project.namespace.X == 2


# ------------------------------------------------------------ together with scripts


def test_scripts_saved_together_with_files_are_taken_over_first(project):
    seen = []
    project.live.watch_files(ROOT, "*.toml", lambda path: seen.append((path.name, project.namespace.X)))
    project.write("levels/1.toml", "level = 2")
    project.write("a.py", "X = 2")
    report = project.update()
    assert report.reloaded
    assert summary(report) == [("levels/1.toml", "changed")]
    assert seen == [("1.toml", 2)]


def test_files_wait_for_scripts_that_take_several_frames():
    scripts = {f"s{number}.py": f"X{number} = 1\nimport time\ntime.sleep(0.002)" for number in range(4)}
    with Project({**scripts, "hero.png": "hero"}, clock=None, frame_budget=0.001, compile_process=False) as project:
        project.live._batches._clock = time.perf_counter
        project.live._batches._meter.clock = time.perf_counter
        seen = []
        project.live.watch_files(ROOT, "*.png", lambda path: seen.append(project.namespace.X3))
        for name, text in scripts.items():
            project.write(name, text.replace("= 1", "= 2"))
        project.write("hero.png", "new")
        report = project.update()
        assert report.reloaded[0].frames > 1
        assert seen == [2]


def test_a_rejected_script_holds_no_file_back(project, told):
    project.write("a.py", "X = ")
    project.write("hero.png", "new hero")
    report = project.update()
    assert report.rejected
    assert told == ["hero.png"]


def test_a_script_that_never_rests_holds_no_file_back_for_ever(project, told):
    project.write("hero.png", "new hero")
    now = 0.0
    while not told:
        assert now < 10.0
        project.write("a.py", f"X = {now}")
        project.live.update(now=now)
        now += 0.02


def test_pictures_in_a_script_directory_reload_no_script(project, told):
    report = project.save("hero.png", "new hero")
    assert not report.outcomes
    assert told == ["hero.png"]


def test_while_reloading_is_paused_nothing_is_told(project, told):
    project.live.pause()
    project.write("hero.png", "new hero")
    assert not project.live.update(now=2000.0)
    assert not project.live.update(now=3000.0)
    assert not project.live.reload("/memory/scripts/a.py").files
    assert told == []
    project.live.resume()
    assert summary(project.update()) == [("hero.png", "changed")]


# ------------------------------------------------------------ callbacks


def test_an_exception_that_cannot_be_asked_what_it_says_is_reported_as_well(project, caplog):
    class Wrong(Exception):
        def __str__(self):
            raise SystemExit

    def breaks(path):
        raise Wrong

    project.live.watch_files(ROOT, "hero.png", breaks)
    caplog.set_level(logging.INFO, "livescripts")
    report = project.save("hero.png", "new hero")
    assert str(report) == "changed hero.png\n    Wrong"


def test_what_a_callback_raises_is_logged_and_reported_and_the_others_are_called(project, told, caplog):
    def breaks(path):
        raise ValueError(f"cannot load {path.name}")

    project.live.watch_files(ROOT, "hero.png", breaks)
    late = Told()
    project.live.watch_files(ROOT, ["*.png", "*.toml"], late)
    with caplog.at_level(logging.ERROR, "livescripts"):
        report = project.save("hero.png", "new hero")
    assert told == late == ["hero.png"]
    (change,) = report.files
    assert [str(failed.error) for failed in change.hook_errors] == ["cannot load hero.png"]
    assert change.hook_errors[0].hook is breaks
    assert str(report) == "changed hero.png\n    ValueError: cannot load hero.png"
    assert "raised ValueError: cannot load hero.png" in caplog.text


def test_the_undo_undoes_once_and_only_its_own(project, told):
    other = Told()
    undo = project.live.watch_files(ROOT, "*.png", other)
    undo()
    undo()
    assert project.save("hero.png", "new hero").files
    assert (told, other) == (["hero.png"], [])


def test_after_the_last_undo_nothing_is_watched(project):
    told = Told()
    before = list(project.watcher.watched)
    project.write("hero.png", "newer")
    undo = project.live.watch_files(ROOT, "*.png", told)
    assert project.watcher.watched != before
    undo()
    assert project.watcher.watched == before
    assert not project.save("hero.png", "new hero")
    assert told == []
    assert not project.live.busy


def test_a_callback_may_undo_itself_and_others_and_register_new_ones(project):
    calls = []

    def first(path):
        calls.append("first")
        undo_first()
        undo_second()
        project.live.watch_files(ROOT, "*.toml", lambda path: calls.append(path.name))

    undo_first = project.live.watch_files(ROOT, "*.png", first)
    undo_second = project.live.watch_files(ROOT, "*.png", lambda path: calls.append("second"))
    project.write("hero.png", "new")
    project.write("ui/heart.png", "new")
    project.update()
    assert calls == ["first"]
    project.save("levels/1.toml", "level = 2")
    assert calls == ["first", "1.toml"]


def test_a_callback_that_ends_the_game_does_so_and_the_rest_is_told_if_it_goes_on_all_the_same(project):
    told = []

    def interrupted(path):
        told.append(path.name)
        if path.name == "hero.png":
            raise KeyboardInterrupt

    project.live.watch_files(ROOT, "*.png", interrupted)
    project.write("hero.png", "new")
    project.write("ui/heart.png", "new")
    with pytest.raises(KeyboardInterrupt):
        project.update()
    project.update()
    assert told == ["hero.png", "heart.png"]


def test_a_callback_that_reloads_is_told_not_to(project):
    project.live.watch_files(ROOT, "*.png", lambda path: project.live.reload())
    (change,) = project.save("hero.png", "x").files
    assert [type(failed.error) for failed in change.hook_errors] == [ReentrantError]


def test_callbacks_that_take_long_are_named_and_the_rest_waits_for_the_next_frame():
    clock = FakeClock()
    with Project(FILES, clock=clock) as project:
        told = []

        def slow(path):
            told.append(path.name)
            clock.advance(0.005)

        project.live.watch_files(ROOT, "*.png", slow)
        project.write("hero.png", "new")
        project.write("ui/heart.png", "new")
        report = project.update()
        assert told == ["hero.png"]
        (change,) = report.files
        (named,) = change.slow
        assert (named.what, named.path, round(named.seconds, 3)) == ("callback slow", Path(__file__), 0.005)
        assert "callback slow takes 5.0 ms" in report.warnings[0]
        assert summary(project.update()) == [("ui/heart.png", "changed")]
        assert told == ["hero.png", "heart.png"]


# ------------------------------------------------------------ single files, wrong use, production


def test_a_single_file_is_watched_without_its_neighbours(project):
    told = []
    project.live.watch_files(project.path("levels/1.toml"), "*.toml", told.append)
    project.write("levels/2.toml", "level = 2")
    project.write("levels/deep/1.toml", "level = 2")
    assert not project.update()
    project.save("levels/1.toml", "level = 2")
    assert told == [Path(project.path("levels/1.toml"))]


def test_a_path_where_nothing_is_is_refused(project):
    with pytest.raises(DirectoryError, match=r"there is no .*watch the directory"):
        project.live.watch_files(ROOT / "nowhere", "*", print)


def test_a_single_file_must_match_its_pattern(project):
    with pytest.raises(ValueError, match="must match"):
        project.live.watch_files(project.path("hero.png"), "*.toml", print)


def test_a_pattern_that_cannot_match_is_refused_in_production_too():
    with LiveScripts(watch=False) as live, pytest.raises(ValueError, match="pattern"):
        live.watch_files("anywhere", "*.bak", print)


def test_with_watch_false_nothing_is_watched(tmp_path):
    with LiveScripts(watch=False) as live:
        undo = live.watch_files(tmp_path / "nowhere", "*", print)
        (tmp_path / "x.png").write_text("x")
        assert not live.update()
        undo()


def test_a_closed_plugin_watches_nothing(project, told):
    undo = project.live.watch_files(ROOT, "*.toml", told)
    project.live.close()
    with pytest.raises(ClosedError):
        project.live.watch_files(ROOT, "*.png", told)
    undo()
