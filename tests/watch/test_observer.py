"""The watcher with the real observer on a real directory: whatever saves a script, its path reaches the inbox.

And with observers that fail in every way we know of. No test waits for a time: each waits for a path.
"""

from __future__ import annotations

import errno
import itertools
import os
import shutil
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from livescripts._watch.inbox import Inbox
from livescripts._watch.observer import WatchdogWatcher, _without_reading, default_observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts._watch.ear import Ear
    from tests.watch.conftest import Watching

    MakeWatching = Callable[..., Watching]

VIM = shutil.which("vim")
OFTEN, NEVER = 0.02, 3600.0  # seconds


def write(path: Path, text: str = "x = 2\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


# Saves, as editors and tools do them.


def in_place(path: Path) -> None:
    write(path)


def truncate_then_write(path: Path) -> None:
    path.open("w").close()
    with path.open("r+") as file:
        file.write("x = 2\n")


def hidden_temporary_and_replace(path: Path) -> None:
    temporary = path.with_name(f".{path.name}.k2j3")
    write(temporary)
    temporary.replace(path)


def visible_temporary_and_replace(path: Path) -> None:
    temporary = path.with_name(f"{path.name}.1234.tmp")
    write(temporary)
    temporary.replace(path)


def temporary_from_elsewhere(path: Path) -> None:
    temporary = path.parents[1] / "elsewhere"
    write(temporary)
    temporary.replace(path)


def backup_then_rename_twice(path: Path) -> None:
    # JetBrains' "safe write".
    temporary, old = Path(f"{path}___jb_tmp___"), Path(f"{path}___jb_old___")
    write(temporary)
    path.replace(old)
    temporary.replace(path)
    old.unlink()


def unlink_then_create(path: Path) -> None:
    # git
    path.unlink()
    write(path)


def with_its_time_set_back(path: Path) -> None:
    before = path.stat()
    write(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def hard_link_onto(path: Path) -> None:
    temporary = path.with_name("#link#")
    write(temporary)
    path.unlink()
    os.link(temporary, path)
    temporary.unlink()


def sed(path: Path) -> None:
    subprocess.run(["sed", "-i", "s/1/2/", str(path)], check=True)


def vim(path: Path, *settings: str) -> None:
    if VIM is None:
        pytest.skip("vim is not installed")
    commands = [part for setting in settings for part in ("-c", f"set {setting}")]
    subprocess.run([VIM, "-u", "NONE", "-es", *commands, "-c", "%s/1/2/", "-c", "wq", str(path)], check=True)


def vim_copying(path: Path) -> None:
    vim(path, "writebackup", "backupcopy=yes")


def vim_renaming(path: Path) -> None:
    vim(path, "writebackup", "backupcopy=no")


def vim_keeping_a_backup(path: Path) -> None:
    vim(path, "backup", "backupcopy=no", "backupdir=.")


def vim_with_a_visible_swap_file(path: Path) -> None:
    vim(path, "swapfile", f"directory={path.parent}", "backupcopy=auto")


SAVES = [
    in_place,
    truncate_then_write,
    hidden_temporary_and_replace,
    visible_temporary_and_replace,
    temporary_from_elsewhere,
    backup_then_rename_twice,
    unlink_then_create,
    with_its_time_set_back,
    hard_link_onto,
    sed,
    vim_copying,
    vim_renaming,
    vim_keeping_a_backup,
    vim_with_a_visible_swap_file,
]


@pytest.mark.parametrize("save", SAVES, ids=lambda save: save.__name__)
def test_a_saved_script_is_reported_and_its_temporaries_are_not(
    watching: Watching, save: Callable[[Path], None]
) -> None:
    write(watching.root / "x" / "goblin.py", "x = 1\n")
    watching.start()
    save(watching.root / "x" / "goblin.py")
    assert (watching.root / "x" / "goblin.py").read_text() == "x = 2\n"
    watching.reports("x/goblin.py")
    # Events come in order: when the mark is here, so is everything before it.
    write(watching.root / "mark.py")
    watching.reports("mark.py")
    assert set(watching.seen) == {watching.path("x/goblin.py"), watching.path("mark.py")}


def test_temporaries_hidden_files_and_reading_are_not_reported(watching: Watching) -> None:
    write(watching.root / "a.py")
    watching.start()
    for name in (".a.py.swp", "4913", "a.py~", "#a.py#", "__pycache__/a.cpython-311.pyc", ".git/x.py", "notes.txt"):
        write(watching.root / name)
        write(watching.root / name, "more")
        (watching.root / name).unlink()
    (watching.root / ".#a.py").symlink_to("somebody@somewhere.1234:5678")
    (watching.root / "a.py").read_bytes()
    os.listdir(watching.root)
    write(watching.root / "mark.py")
    watching.reports("mark.py")
    assert set(watching.seen) == {watching.path("mark.py")}


def test_a_created_script_and_a_deleted_one_are_reported(watching: Watching) -> None:
    write(watching.root / "old.py")
    watching.start()
    write(watching.root / "new.py")
    (watching.root / "old.py").unlink()
    watching.reports("new.py", "old.py")


def test_a_renamed_script_is_reported_under_both_names(watching: Watching) -> None:
    write(watching.root / "old.py")
    write(watching.root / "x" / "other.py")
    watching.start()
    (watching.root / "old.py").rename(watching.root / "x" / "new.py")
    watching.reports("old.py", "x/new.py")


def test_a_script_moved_out_of_the_root_is_reported(watching: Watching) -> None:
    write(watching.root / "a.py")
    watching.start()
    (watching.root / "a.py").rename(watching.root.parent / "a.py")
    watching.reports("a.py")


def test_forty_files_at_once_are_all_reported(watching: Watching) -> None:
    names = [f"x{number % 5}/script{number}.py" for number in range(40)]
    for name in names:
        write(watching.root / name, "x = 1\n")
    watching.start()
    for name in names:
        unlink_then_create(watching.root / name)
    watching.reports(*names)


def test_two_roots_are_told_apart(watching: Watching) -> None:
    other = watching.root.parent / "other"
    other.mkdir()
    watching.start()
    watching.watcher.watch(str(other))
    write(watching.root / "a.py")
    write(other / "b.py")
    watching.reports("a.py", str(other / "b.py"))


# Directories.


def test_a_directory_created_with_files_in_it_is_reported(watching: Watching) -> None:
    watching.start()
    write(watching.root / "a" / "b" / "c" / "x.py")
    watching.reports("a")
    watching.fresh()
    # Whatever of it was seen before it was watched: from now on it is.
    write(watching.root / "a" / "b" / "c" / "y.py")
    watching.reports("a/b/c/y.py")


def test_a_directory_moved_into_the_root_is_reported(watching: Watching) -> None:
    elsewhere = watching.root.parent / "elsewhere"
    write(elsewhere / "deep" / "a.py")
    watching.start()
    elsewhere.rename(watching.root / "x")
    watching.reports("x")


def test_a_directory_moved_out_of_the_root_is_reported(watching: Watching) -> None:
    write(watching.root / "x" / "a.py")
    watching.start()
    (watching.root / "x").rename(watching.root.parent / "gone")
    watching.reports("x")


def test_a_directory_moved_out_and_back_is_reported_and_watched(watching: Watching) -> None:
    write(watching.root / "x" / "a.py")
    watching.start()
    (watching.root / "x").rename(watching.root.parent / "gone")
    (watching.root.parent / "gone").rename(watching.root / "x")
    watching.reports("x")
    watching.fresh()
    write(watching.root / "x" / "a.py", "x = 3")
    watching.reports("x/a.py")


def test_a_directory_renamed_inside_the_root_is_reported_under_both_names(watching: Watching) -> None:
    write(watching.root / "x" / "a.py")
    watching.start()
    (watching.root / "x").rename(watching.root / "y")
    watching.reports("x", "y")
    watching.fresh()
    write(watching.root / "y" / "a.py")
    watching.reports("y/a.py")


def test_a_deleted_directory_is_reported(watching: Watching) -> None:
    write(watching.root / "x" / "a.py")
    watching.start()
    shutil.rmtree(watching.root / "x")
    watching.reports("x", "x/a.py")


# Links.


def test_a_root_that_is_a_link_is_watched_and_reported_under_its_own_path(make_watching: MakeWatching) -> None:
    watching = make_watching()
    real = watching.root
    watching.root = real.parent / "link"
    watching.root.symlink_to(real)
    watching.start()
    write(real / "x" / "a.py")
    write(watching.root / "b.py")
    watching.reports("x", "b.py")


def test_a_root_below_a_linked_directory_is_watched(make_watching: MakeWatching) -> None:
    watching = make_watching()
    (watching.root.parent / "link").symlink_to(watching.root.parent)
    watching.root = watching.root.parent / "link" / watching.root.name
    watching.start()
    write(watching.root / "a.py")
    watching.reports("a.py")


def test_a_root_whose_link_is_turned_elsewhere_is_watched_there(make_watching: MakeWatching) -> None:
    watching = make_watching()
    first, second = watching.root, watching.root.parent / "second"
    second.mkdir()
    watching.root = first.parent / "link"
    watching.root.symlink_to(first)
    watching.start()
    watching.root.unlink()
    watching.root.symlink_to(second)
    watching.reports_root()
    watching.is_watched_again()
    assert (second / "watched_again.py").exists()


def test_editing_through_a_linked_directory_reports_the_path_that_is_listed(watching: Watching) -> None:
    write(watching.root / "x" / "a.py")
    (watching.root / "again").symlink_to("x")
    watching.start()
    write(watching.root / "again" / "a.py")
    watching.reports("x/a.py")


def test_a_link_to_a_directory_that_comes_or_goes_is_reported(watching: Watching) -> None:
    write(watching.root / ".store" / "a.py")
    (watching.root / "old").symlink_to(".store")
    watching.start()
    (watching.root / "old").unlink()
    (watching.root / "new").symlink_to(".store")
    watching.reports("old", "new")


def test_what_a_link_to_a_hidden_file_leads_to_is_compared(make_watching: MakeWatching) -> None:
    observers: list[FakeObserver] = []
    watching = make_watching(
        compare_interval=OFTEN, grace=OFTEN, make_observer=lambda: remember(observers, FakeObserver())
    )
    write(watching.root / ".versions" / "1.py", "x = 1")
    write(watching.root / ".versions" / "2.py", "x = 2")
    (watching.root / ".current").symlink_to(".versions/1.py")
    (watching.root / "a.py").symlink_to(".current")
    watching.start()
    (watching.root / ".next").symlink_to(".versions/2.py")
    (watching.root / ".next").replace(watching.root / ".current")
    watching.reports("a.py")
    write(watching.root / ".versions" / "2.py", "x = 3")
    watching.reports("a.py")
    # Nobody promised to announce these: the observer is not to blame.
    assert len(observers) == 1
    assert watching.watcher.warnings() == ()


# The root comes and goes.


def renamed_away_and_back(root: Path) -> None:
    root.rename(root.parent / "away")
    (root.parent / "away").rename(root)


def deleted_and_created(root: Path) -> None:
    shutil.rmtree(root)
    root.mkdir()


def replaced_by_rename(root: Path) -> None:
    write(root.parent / "next" / "a.py", "x = 3")
    root.rename(root.parent / "previous")
    (root.parent / "next").rename(root)


@pytest.mark.parametrize("happen", [renamed_away_and_back, deleted_and_created, replaced_by_rename])
def test_a_replaced_root_is_watched_again(watching: Watching, happen: Callable[[Path], None]) -> None:
    write(watching.root / "a.py", "x = 1")
    watching.start()
    happen(watching.root)
    if happen is not renamed_away_and_back:  # then it is the same directory, and its watch goes on
        watching.reports_root()
    watching.is_watched_again()
    assert watching.watcher.warnings() == ()


def test_a_root_that_vanishes_is_reported_and_watched_when_it_is_back(watching: Watching) -> None:
    write(watching.root / "a.py")
    watching.start()
    watching.root.rename(watching.root.parent / "away")
    watching.reports_root()
    watching.fresh()
    (watching.root.parent / "away").rename(watching.root)
    watching.reports_root()
    write(watching.root / "b.py")
    watching.reports("b.py")


def test_the_deletion_of_a_root_is_noticed_at_once(make_watching: MakeWatching) -> None:
    watching = make_watching(check_interval=NEVER).start()
    watching.root.rmdir()
    watching.reports_root()


def test_a_root_that_vanishes_while_it_is_being_watched_is_tried_again(make_watching: MakeWatching) -> None:
    gone = FakeObserver(on_schedule=FileNotFoundError())
    watching = make_watching(make_observer=lambda: gone)
    watching.watcher.start(watching.inbox)
    watching.watcher.watch(str(watching.root))
    gone.on_schedule = None
    watching.eventually(lambda: gone.ears)
    watching.reports_root()
    assert watching.watcher.warnings() == ()


def test_a_root_below_a_directory_that_is_renamed_is_noticed(make_watching: MakeWatching) -> None:
    watching = make_watching()
    watching.root = watching.root / "deep" / "er"
    write(watching.root / "a.py")
    watching.start()
    above = watching.root.parent
    above.rename(above.with_name("elsewhere"))
    watching.reports_root()


def test_a_root_that_does_not_exist_yet_is_watched_when_it_does(make_watching: MakeWatching) -> None:
    watching = make_watching()
    watching.root = watching.root.parent / "later"
    watching.start()
    watching.root.mkdir()
    watching.reports_root()
    write(watching.root / "a.py")
    watching.reports("a.py")
    assert watching.watcher.warnings() == ()


def test_a_root_that_is_a_file_is_like_one_that_does_not_exist(make_watching: MakeWatching) -> None:
    watching = make_watching()
    watching.root = watching.root.parent / "file"
    write(watching.root)
    watching.start()
    watching.root.unlink()
    write(watching.root / "a.py")
    watching.reports_root()


# Observers that fail.


class FakeObserver:
    """An observer that announces only what a test tells it to."""

    def __init__(
        self,
        *,
        on_start: Exception | None = None,
        on_schedule: Exception | None = None,
        on_stop: Exception | None = None,
    ) -> None:
        self.emitters: set[threading.Thread] = set()
        self.ears: list[Ear] = []
        self.alive = False
        self.stopped = False
        self.on_start = on_start
        self.on_schedule = on_schedule
        self.on_stop = on_stop

    def start(self) -> None:
        if self.on_start is not None:
            raise self.on_start
        self.alive = True

    def stop(self) -> None:
        self.alive = False
        self.stopped = True
        if self.on_stop is not None:
            raise self.on_stop

    def join(self, timeout: float | None = None) -> None:
        pass

    def is_alive(self) -> bool:
        return self.alive

    def schedule(self, event_handler: Ear, path: str, *, recursive: bool) -> object:
        assert recursive
        assert os.path.isdir(path)
        if self.on_schedule is not None:
            raise self.on_schedule
        self.ears.append(event_handler)
        return object()

    def unschedule(self, watch: object) -> None:
        raise KeyError(watch)


class FakeEvent:
    def __init__(self, path: Path, event_type: str = "modified", destination: Path | None = None) -> None:
        self.event_type = event_type
        self.is_directory = path.is_dir()
        self.src_path: str | bytes = str(path)
        self.dest_path: str | bytes = "" if destination is None else str(destination)


def remember(seen: list[Any], item: Any) -> Any:
    seen.append(item)
    return item


def real_observers(made: list[Any]) -> Callable[[], Any]:
    make = default_observer()
    assert make is not None
    return lambda: remember(made, make())


def test_an_emitter_that_died_is_replaced_and_the_root_rescanned(make_watching: MakeWatching) -> None:
    made: list[Any] = []
    watching = make_watching(make_observer=real_observers(made)).start()
    next(iter(made[0].emitters)).stop()
    watching.reports_root()
    assert len(made) == 2
    write(watching.root / "a.py")
    watching.reports("a.py")
    assert not made[0].is_alive()


def test_an_observer_that_died_is_replaced_and_the_root_rescanned(make_watching: MakeWatching) -> None:
    made: list[Any] = []
    watching = make_watching(make_observer=real_observers(made)).start()
    made[0].stop()
    watching.reports_root()
    write(watching.root / "a.py")
    watching.reports("a.py")


def test_an_observer_that_keeps_dying_is_given_up_for_polling(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(make_observer=lambda: remember(made, FakeObserver())).start()
    for number in range(2):
        assert len(made) == number + 1
        made[number].alive = False
        watching.reports_root()
        watching.fresh()
    watching.is_watched_again()
    assert len(watching.watcher.warnings()) == 1


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (OSError(errno.ENOSPC, "inotify watch limit reached"), "fs.inotify.max_user_watches"),
        (OSError(errno.EMFILE, "inotify instance limit reached"), "fs.inotify.max_user_instances"),
        (OSError(errno.EIO, "the disk is on fire"), "the disk is on fire"),
        (SystemError("Cannot start fsevents stream"), "fsevents"),
    ],
    ids=["ENOSPC", "EMFILE", "EIO", "fsevents"],
)
@pytest.mark.parametrize("when", ["made", "started", "scheduled"])
def test_a_root_that_cannot_be_watched_is_polled_with_a_warning(
    make_watching: MakeWatching, error: Exception, advice: str, when: str
) -> None:
    made: list[FakeObserver] = []

    def make() -> FakeObserver:
        if when == "made":
            raise error
        on_start, on_schedule = (error, None) if when == "started" else (None, error)
        return remember(made, FakeObserver(on_start=on_start, on_schedule=on_schedule))

    watching = make_watching(make_observer=make, check_interval=NEVER, grace=NEVER)
    write(watching.root / "x" / "old.py")
    watching.watcher.start(watching.inbox)
    watching.watcher.watch(str(watching.root))
    # The host asks for warnings when something is in the inbox: so something is.
    assert watching.fresh() == (str(watching.root),)
    (warning,) = watching.watcher.warnings()
    assert advice in warning
    assert f"looking at {watching.root} every 0.02 s instead" in warning
    assert watching.watcher.warnings() == ()
    write(watching.root / "x" / "new.py")
    watching.reports("x/new.py")
    (watching.root / "x" / "old.py").unlink()
    watching.reports("x/old.py")
    hidden_temporary_and_replace(watching.root / "x" / "new.py")
    watching.reports("x/new.py")
    assert watching.watcher.warnings() == ()
    # watchdog 7 starts a thread when an observer is made: one that did not start has to be stopped.
    assert all(observer.stopped for observer in made) == (when != "scheduled")


IN_A_USER_NAMESPACE = ["unshare", "--user", "--map-root-user"]  # where the limits can be changed for us alone


def namespaces_work() -> bool:
    return (
        shutil.which("unshare") is not None
        and subprocess.run([*IN_A_USER_NAMESPACE, "true"], check=False).returncode == 0
    )


@pytest.mark.skipif(sys.platform != "linux" or not namespaces_work(), reason="needs Linux and user namespaces")
@pytest.mark.parametrize("limit", ["max_inotify_watches", "max_inotify_instances"])
def test_when_inotify_really_has_none_left_a_root_is_polled(root: Path, limit: str) -> None:
    program = f"""
        import pathlib, sys, time
        from livescripts._watch.inbox import Inbox
        from livescripts._watch.observer import WatchdogWatcher
        pathlib.Path("/proc/sys/user/{limit}").write_text("0")
        root, inbox, watcher = pathlib.Path(sys.argv[1]), Inbox(), WatchdogWatcher(poll_interval=0.02)
        watcher.start(inbox)
        watcher.watch(str(root))
        assert list(inbox.drain()) == [str(root)]
        (warning,) = watcher.warnings()
        assert "{limit.replace("inotify", "user")}" in warning, warning
        (root / "a.py").write_text("x = 1")
        deadline = time.monotonic() + 5
        while str(root / "a.py") not in inbox.waiting:
            assert time.monotonic() < deadline
        watcher.close()
    """
    command = [*IN_A_USER_NAMESPACE, sys.executable, "-W", "error", "-c", textwrap.dedent(program), str(root)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2])


def test_without_watchdog_directories_are_polled(make_watching: MakeWatching, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchdog.observers", None)
    watching = make_watching()
    watching.watcher.start(watching.inbox)
    watching.watcher.watch(str(watching.root))
    watching.reports_root()
    write(watching.root / "a.py")
    watching.reports("a.py")
    assert "watchdog cannot be imported" in watching.watcher.warnings()[0]


def test_a_polled_root_that_vanishes_is_tried_again_when_it_is_back(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(
        make_observer=lambda: remember(made, FakeObserver(on_schedule=OSError(errno.ENOSPC, "full")))
    )
    write(watching.root / "a.py")
    watching.watcher.start(watching.inbox)
    watching.watcher.watch(str(watching.root))
    watching.reports_root()
    watching.fresh()
    made[0].on_schedule = None
    shutil.rmtree(watching.root)
    watching.reports_root()
    watching.fresh()
    watching.root.mkdir()
    watching.reports_root()
    assert len(made[0].ears) == 1


def test_what_is_not_announced_is_found_and_the_observer_replaced(make_watching: MakeWatching) -> None:
    # This is what an overflow of inotify's queue looks like: watchdog says nothing of it to those who listen.
    made: list[FakeObserver] = []
    watching = make_watching(compare_interval=OFTEN, grace=OFTEN, make_observer=lambda: remember(made, FakeObserver()))
    for name in ("a.py", "x/b.py", "y/c.py"):
        write(watching.root / name)
    watching.start()
    write(watching.root / "a.py", "changed")
    write(watching.root / "x" / "new.py")
    shutil.rmtree(watching.root / "y")
    watching.reports("a.py", "x/new.py", "y/c.py", "")
    assert len(made) == 2
    assert not made[0].alive
    assert made[1].alive
    assert watching.watcher.warnings() == ()


def test_what_was_announced_is_not_found_a_second_time(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(compare_interval=OFTEN, grace=OFTEN, make_observer=lambda: remember(made, FakeObserver()))
    write(watching.root / ".store" / "linked.py", "x = 1")
    (watching.root / "linked.py").symlink_to(".store/linked.py")
    write(watching.root / "x" / "gone.py")
    watching.start()
    (ear,) = made[0].ears
    write(watching.root / "new.py")
    ear.dispatch(FakeEvent(watching.root / "new.py", "created"))
    write(watching.root / "y" / "new.py")
    ear.dispatch(FakeEvent(watching.root / "y", "created"))
    (watching.root / "x").rename(watching.root.parent / "x")
    event = FakeEvent(watching.root / "x", "deleted")
    event.is_directory = True
    ear.dispatch(event)
    assert set(watching.fresh()) == {watching.path(name) for name in ("new.py", "y", "x")}
    watching.fresh()
    # This one is found by comparing, some time later than the others would have been.
    write(watching.root / ".store" / "linked.py", "x = 2")
    watching.reports("linked.py")
    assert set(watching.seen) == {watching.path("linked.py")}
    assert len(made) == 1


def test_a_root_whose_changes_are_never_announced_is_polled(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(
        compare_interval=OFTEN, grace=OFTEN, make_observer=lambda: remember(made, FakeObserver())
    ).start()
    for number in range(2):
        write(watching.root / f"{number}.py")
        watching.reports(f"{number}.py", "")
        watching.fresh()
    (warning,) = watching.watcher.warnings()
    assert "not announced" in warning
    assert str(watching.root) in warning
    watching.is_watched_again()
    assert len(made) == 3


def test_an_observer_that_announces_something_in_between_is_not_given_up(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(
        compare_interval=OFTEN, grace=OFTEN, make_observer=lambda: remember(made, FakeObserver())
    ).start()
    for number in range(4):
        write(watching.root / f"announced{number}.py")
        made[-1].ears[-1].dispatch(FakeEvent(watching.root / f"announced{number}.py"))
        watching.reports(f"announced{number}.py")
        watching.fresh()
        write(watching.root / f"silent{number}.py")
        watching.reports(f"silent{number}.py", "")
    assert len(made) == 5
    assert watching.watcher.warnings() == ()


def test_a_supervisor_that_stumbles_goes_on_and_says_so_once(
    make_watching: MakeWatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching = make_watching().start()
    stumbled = threading.Semaphore(0)

    def broken(_path: str) -> None:
        stumbled.release()
        raise RuntimeError("a file system nobody thought of")

    with monkeypatch.context() as patch:
        patch.setattr("livescripts._watch.supervisor._place", broken)
        for _ in range(3):
            assert stumbled.acquire(timeout=5)
    assert watching.fresh() == (str(watching.root),)
    (warning,) = watching.watcher.warnings()
    assert "nobody thought of" in warning
    write(watching.root / "a.py")
    watching.reports("a.py")


def test_comparing_a_root_that_takes_long_is_done_less_often(
    make_watching: MakeWatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each look at this clock finds a second of work done: so a comparison takes one, and rest is due.
    ticks = itertools.count()
    monkeypatch.setattr("livescripts._watch.supervisor.time.thread_time", lambda: float(next(ticks)))
    watching = make_watching(compare_interval=OFTEN, grace=OFTEN, make_observer=FakeObserver).start()
    write(watching.root / "a.py")
    watching.is_at_rest(for_at_least=1000.0)
    assert watching.fresh() == ()


# Starting, stopping.


def test_roots_given_before_the_start_are_watched_from_the_start(watching: Watching) -> None:
    watching.watcher.watch(str(watching.root))
    watching.watcher.start(watching.inbox)
    write(watching.root / "a.py")
    watching.reports("a.py")


def test_a_root_watched_twice_is_one_root(watching: Watching) -> None:
    watching.start()
    watching.watcher.watch(str(watching.root))
    assert watching.fresh() == ()
    watching.watcher.unwatch(str(watching.root))
    write(watching.root / "a.py")
    assert_nothing_more(watching)


def test_an_unwatched_root_is_not_reported_and_can_be_watched_again(watching: Watching) -> None:
    watching.start()
    watching.watcher.unwatch(str(watching.root))
    watching.watcher.unwatch(str(watching.root))
    watching.watcher.unwatch("/nowhere")
    write(watching.root / "a.py")
    assert_nothing_more(watching)
    watching.watcher.watch(str(watching.root))
    assert watching.fresh() == ()
    write(watching.root / "b.py")
    watching.reports("b.py")


def test_an_event_that_was_on_its_way_when_its_root_was_unwatched_is_not_reported(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(make_observer=lambda: remember(made, FakeObserver())).start()
    watching.watcher.unwatch(str(watching.root))
    made[0].ears[0].dispatch(FakeEvent(watching.root / "a.py"))
    assert watching.fresh() == ()


def assert_nothing_more(watching: Watching) -> None:
    """That nothing comes is known when something that happened later, in another root, came."""
    other = watching.root.parent / "other"
    other.mkdir()
    watching.watcher.watch(str(other))
    write(other / "mark.py")
    watching.reports(str(other / "mark.py"))
    assert set(watching.seen) == {str(other / "mark.py")}
    watching.watcher.unwatch(str(other))
    watching.fresh()


def test_two_roots_that_are_one_directory_can_be_unwatched_one_by_one(watching: Watching) -> None:
    link = watching.root.parent / "link"
    link.symlink_to(watching.root)
    watching.start()
    watching.watcher.watch(str(link))
    write(watching.root / "a.py")
    watching.reports("a.py", str(link / "a.py"))
    watching.watcher.unwatch(str(link))
    write(watching.root / "b.py")
    watching.reports("b.py")
    assert str(link / "b.py") not in watching.seen


def test_a_root_inside_a_root_is_reported_by_both(watching: Watching) -> None:
    inner = watching.root / "inner"
    inner.mkdir()
    watching.start()
    watching.watcher.watch(str(inner))
    watching.watcher.unwatch(str(inner))
    write(inner / "a.py")
    watching.reports("inner/a.py")


def test_a_root_that_was_not_watched_in_time_is_rescanned(watching: Watching, monkeypatch: pytest.MonkeyPatch) -> None:
    watching.start()
    monkeypatch.setattr("livescripts._watch.observer._WATCH_PATIENCE", 0.0)
    watching.watcher.watch(str(watching.root / "x"))
    watching.reports("x")


def test_with_long_intervals_watching_and_closing_are_quick_too(make_watching: MakeWatching) -> None:
    watching = make_watching(check_interval=NEVER).start()
    other = watching.root.parent / "other"
    other.mkdir()
    before = time.monotonic()
    watching.watcher.watch(str(other))
    write(other / "a.py")
    watching.reports(str(other / "a.py"))
    watching.watcher.close()
    assert time.monotonic() - before < 1.0


def test_after_closing_nothing_happens_and_at_once(watching: Watching) -> None:
    watching.start()
    watching.watcher.close()
    before = time.monotonic()
    watching.watcher.close()
    watching.watcher.watch(str(watching.root))
    watching.watcher.unwatch(str(watching.root))
    assert watching.watcher.warnings() == ()
    assert time.monotonic() - before < 1.0


def test_closing_an_observer_that_will_not_stop_raises_nothing(make_watching: MakeWatching) -> None:
    watching = make_watching(make_observer=lambda: FakeObserver(on_stop=RuntimeError("no")))
    watching.start().watcher.close()


def test_closing_while_changes_arrive_leaves_no_thread(watching: Watching) -> None:
    watching.start()
    for number in range(200):
        write(watching.root / f"x{number}" / "a.py")
    watching.watcher.close()


def test_a_watcher_that_was_never_started_can_be_closed() -> None:
    watcher = WatchdogWatcher()
    watcher.watch("/somewhere")
    watcher.close()
    with pytest.raises(RuntimeError):
        watcher.start(Inbox())


def test_a_watcher_is_started_once(watching: Watching) -> None:
    watching.start()
    with pytest.raises(RuntimeError):
        watching.watcher.start(Inbox())


def test_watchdog_is_imported_by_start_and_not_before() -> None:
    program = """
        import sys
        from livescripts._watch.inbox import Inbox
        from livescripts._watch.observer import WatchdogWatcher, default_observer
        watcher = WatchdogWatcher()
        assert not [name for name in sys.modules if name.startswith("watchdog")]
        watcher.start(Inbox())
        assert "watchdog.observers" in sys.modules
        watcher.close()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True, cwd=Path(__file__).parents[2])


# What no test can make a real observer say.


def test_events_of_every_kind_are_understood(make_watching: MakeWatching) -> None:
    made: list[FakeObserver] = []
    watching = make_watching(make_observer=lambda: remember(made, FakeObserver())).start()
    root = watching.root
    (root / "x").mkdir()
    (ear,) = made[0].ears

    def tells(path: Path, kind: str, destination: Path | None = None) -> set[str]:
        ear.dispatch(FakeEvent(path, kind, destination))
        return {path.removeprefix(f"{root}/") for path in watching.fresh()}

    script, other, temporary = root / "a.py", root / "b.py", root / ".a.py.tmp"
    for kind in ("created", "modified", "closed", "deleted", "attrib", "invented later"):
        assert tells(script, kind) == {"a.py"}, kind
    for kind in ("opened", "closed_no_write"):
        assert tells(script, kind) == set(), kind
    assert tells(script, "moved", other) == {"a.py", "b.py"}
    assert tells(temporary, "moved", other) == {"b.py"}
    assert tells(script, "moved", temporary) == {"a.py"}
    for kind in ("created", "deleted", "moved"):
        assert tells(root / "x", kind) == {"x"}, kind
    assert tells(root / "x", "modified") == set()
    assert tells(root / ".git", "created") == set()
    assert tells(root.parent / "scripts2" / "a.py", "created") == set()
    event = FakeEvent(script)
    event.src_path = os.fsencode(script)
    ear.dispatch(event)
    assert watching.fresh() == (str(script),)


def test_a_directory_that_is_reported_deleted_as_if_it_were_a_file_is_understood(make_watching: MakeWatching) -> None:
    # Windows cannot tell what it was.
    made: list[FakeObserver] = []
    watching = make_watching(make_observer=lambda: remember(made, FakeObserver()))
    write(watching.root / "x" / "a.py")
    watching.start()
    shutil.rmtree(watching.root / "x")
    made[0].ears[0].dispatch(FakeEvent(watching.root / "x", "deleted"))
    assert watching.fresh() == (watching.path("x"),)


# What it is not to be told of.


def test_reading_is_not_reported_to_us_at_all(tmp_path: Path) -> None:
    """A preload reads a thousand files: watchdog's threads have better things to do meanwhile."""
    kinds: list[str] = []
    written = threading.Event()

    class Recorder:
        def dispatch(self, event: Any) -> None:
            kinds.append(event.event_type)
            if os.fsdecode(event.src_path).endswith("last.py"):
                written.set()

    read = tmp_path / "read.py"
    write(read)
    make = default_observer()
    assert make is not None
    observer: Any = make()
    observer.start()
    try:
        observer.schedule(Recorder(), str(tmp_path), recursive=True)
        for _ in range(3):
            read.read_text()
            os.listdir(tmp_path)
        write(tmp_path / "last.py")
        assert written.wait(10)
    finally:
        observer.stop()
        observer.join()
    assert not {"opened", "closed_no_write"} & {*kinds}


def test_a_watchdog_that_cannot_be_asked_for_less_is_taken_as_it_is() -> None:
    class Old:
        def schedule(self, event_handler: object, path: str, *, recursive: bool = False) -> None: ...

    assert _without_reading(Old) is Old
