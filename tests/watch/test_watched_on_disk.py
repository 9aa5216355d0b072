"""`watch_files` with the real watcher on a real directory. No test waits for a time: each waits for a callback."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from livescripts import LiveScripts
from livescripts._core.selection import pattern
from livescripts._watch import reader as reader_module
from livescripts._watch.files import DiskFiles
from livescripts._watch.observer import WatchdogWatcher
from livescripts._watch.reader import Content, Reader, Scope, differ
from tests.watch.conftest import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from livescripts.report import FileChange


class Game:
    """A directory of files that is watched, and a loop."""

    def __init__(self, root: Path, **options: Any) -> None:
        self.root = root
        self.live = LiveScripts(settle=0.01, compile_process=False, **options)
        self.changes: list[FileChange] = []
        self.called: list[Path] = []

    def watch(self, globs: str | list[str] = "*", path: Path | None = None) -> Callable[[], None]:
        return self.live.watch_files(path or self.root, globs, self.called.append)

    def seen(self, path: Path, kind: str) -> bool:
        self.changes += self.live.update().files
        return any(change.path == path and change.kind == kind for change in self.changes)

    def is_told(self, path: Path, kind: str) -> None:
        """Wait for it, and forget what came until then."""
        eventually(lambda: self.seen(path, kind))
        self.changes.clear()

    def is_told_only(self, *paths: Path) -> None:
        """Nothing but changes of these has come when a file that is written now is told of."""
        marker = self.root / "marker.png"
        marker.write_text("x" if not marker.exists() else marker.read_text() + "x")
        eventually(lambda: self.seen(marker, "created") or self.seen(marker, "changed"))
        assert {change.path for change in self.changes} - {marker} == set(paths)
        self.changes.clear()

    def knows_all(self) -> None:
        """Wait until the contents of all files are known. An idle frame does not ask: so there is something to do."""
        watched = self.live._watched

        def all_are_known() -> bool:
            self.is_told_only()
            return all(content.digest is not None for content in watched._told.values())

        eventually(all_are_known)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "assets"
    (root / "ui").mkdir(parents=True)
    (root / "hero.png").write_text("hero")
    (root / "ui" / "heart.png").write_text("heart")
    return root


@pytest.fixture
def game(root: Path) -> Iterator[Game]:
    game = Game(root)
    with game.live:
        yield game


def replace(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.k2j3")
    temporary.write_text(text)
    temporary.replace(path)


def visible_temporary(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text)
    temporary.replace(path)


def backup(path: Path, text: str) -> None:
    path.rename(f"{path}~")
    path.write_text(text)


@pytest.mark.parametrize("save", [Path.write_text, replace, visible_temporary, backup])
def test_however_a_file_is_saved_it_is_told_of(game: Game, save: Callable[[Path, str], object]) -> None:
    game.watch()
    save(game.root / "hero.png", "new hero")
    game.is_told(game.root / "hero.png", "changed")
    game.is_told_only()
    assert set(game.called) == {game.root / "hero.png", game.root / "marker.png"}


def test_a_touch_and_an_identical_save_are_nothing(game: Game) -> None:
    game.watch("*.png")
    game.knows_all()
    os.utime(game.root / "hero.png")
    replace(game.root / "ui" / "heart.png", "heart")
    game.is_told_only()


def test_a_change_of_the_same_size_that_keeps_the_times_is_seen(game: Game) -> None:
    game.watch("*.png")
    path = game.root / "hero.png"
    times = path.stat()
    path.write_text("HERO")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    game.is_told(path, "changed")


def test_a_directory_that_goes_and_comes_back_is_followed(root: Path) -> None:
    game = Game(root, watch=WatchdogWatcher(check_interval=0.02))
    with game.live:
        game.watch("*.png")
        away = root.with_name("away")
        root.rename(away)
        game.is_told(root / "hero.png", "deleted")
        (away / "hero.png").write_text("new hero")
        away.rename(root)
        game.is_told(root / "hero.png", "created")
        (root / "hero.png").write_text("newer hero")
        game.is_told(root / "hero.png", "changed")


def test_new_directories_are_followed(game: Game) -> None:
    game.watch("levels/**/*.toml")
    path = game.root / "levels" / "a" / "b" / "1.toml"
    path.parent.mkdir(parents=True)
    path.write_text("level = 1")
    game.is_told(path, "created")
    shutil.rmtree(game.root / "levels")
    game.is_told(path, "deleted")


def test_a_directory_that_moves_takes_its_files_along(game: Game) -> None:
    game.watch("*.png")
    (game.root / "ui").rename(game.root / "hud")
    game.is_told(game.root / "hud" / "heart.png", "created")


def test_a_directory_that_is_moved_in_and_out_takes_its_files_along(game: Game, tmp_path: Path) -> None:
    game.watch("*.png")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "coin.png").write_text("coin")
    elsewhere.rename(game.root / "loot")
    game.is_told(game.root / "loot" / "coin.png", "created")
    (game.root / "loot").rename(elsewhere)
    game.is_told(game.root / "loot" / "coin.png", "deleted")


def test_a_file_and_its_directory_are_watched_and_unwatched_apart(game: Game) -> None:
    game.watch("*.png")
    undo = game.watch("*.png", game.root / "hero.png")
    observer = game.live._watcher._supervisor._observer
    assert len(observer.emitters) == 2
    undo()
    assert len(observer.emitters) == 1
    (game.root / "hero.png").write_text("new hero")
    game.is_told(game.root / "hero.png", "changed")


def test_links_are_followed_inside_and_refused_when_they_lead_out(game: Game, tmp_path: Path) -> None:
    outside = tmp_path / "outside.png"
    outside.write_text("x")
    (game.root / "out.png").symlink_to(outside)
    (game.root / "same.png").symlink_to("hero.png")
    game.watch("*.png")
    outside.write_text("y")
    game.is_told_only()
    (game.root / "hero.png").write_text("new hero")
    game.is_told(game.root / "hero.png", "changed")


def test_paths_begin_with_what_was_given(game: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "link"
    link.symlink_to(game.root)
    game.watch("*.png", link)
    monkeypatch.chdir(tmp_path)
    game.watch("*.png", Path("assets"))
    (game.root / "hero.png").write_text("new hero")
    eventually(lambda: game.seen(link / "hero.png", "changed") and game.seen(Path("assets/hero.png"), "changed"))
    assert set(game.called) == {link / "hero.png", Path("assets/hero.png")}


def test_a_single_file_and_a_link_to_one_are_watched(game: Game, tmp_path: Path) -> None:
    link = tmp_path / "current.png"
    link.symlink_to(game.root / "hero.png")
    game.watch("*", link)
    game.watch("*.png", game.root / "ui" / "heart.png")
    (game.root / "ui" / "other.png").write_text("x")
    (game.root / "hero.png").write_text("new hero")
    game.is_told(link, "changed")
    replace(game.root / "ui" / "heart.png", "new heart")
    game.is_told(game.root / "ui" / "heart.png", "changed")
    assert set(game.called) == {link, game.root / "ui" / "heart.png"}


def test_a_directory_of_scripts_may_be_watched_as_well_and_unwatched_alone(game: Game) -> None:
    script = game.root / "a.py"
    script.write_text("X = 1")
    game.live.add_directory(game.root, namespace="watched_game")
    undo = game.watch(["*.png", "*.py"])
    script.write_text("X = 2")
    reports = [game.live.update()]

    def follows() -> bool:
        reports.append(game.live.update())
        return bool(reports[-1].files)

    eventually(follows)
    (reloaded,) = [outcome for report in reports for outcome in report.reloaded]
    assert reloaded.scripts == (script,)
    undo()
    script.write_text("X = 3")
    eventually(lambda: game.live.update().reloaded)
    game.live.remove_directory(game.root)
    game.watch("*.png")
    (game.root / "hero.png").write_text("new hero")
    game.is_told(game.root / "hero.png", "changed")


def test_watching_again_and_again_leaves_nothing_behind(game: Game) -> None:
    (game.root / "a.py").write_text("X = 1")
    game.live.add_directory(game.root, namespace="watched_game")
    for _ in range(3):
        game.watch("*.png")()
    (observer,) = [game.live._watcher._supervisor._observer]
    assert [len(handlers) for handlers in observer._handlers.values()] == [1]


def test_without_notifications_files_are_polled(root: Path) -> None:
    def no_observer() -> Any:
        raise OSError(28, "No space left on device")

    watcher = WatchdogWatcher(check_interval=0.02, poll_interval=0.02, make_observer=no_observer)
    game = Game(root, watch=watcher)
    with game.live:
        game.watch("*.png")
        (root / "hero.png").write_text("new hero")
        game.is_told(root / "hero.png", "changed")


def test_a_file_that_takes_long_to_read_holds_no_frame(game: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    game.watch("*.png")
    game.knows_all()
    goes_on = threading.Event()
    opened = DiskFiles.open

    def slow(files: DiskFiles, path: str) -> Any:
        assert threading.current_thread().name == "livescripts-reader"
        assert goes_on.wait(5)
        return opened(files, path)

    monkeypatch.setattr(DiskFiles, "open", slow)
    (game.root / "hero.png").write_text("new hero")
    eventually(lambda: game.live.update() or game.live._watched._awaited)
    assert game.called[-1].name == "marker.png"
    assert not game.live.update()  # it returns, and the file is not told of yet
    goes_on.set()
    game.is_told(game.root / "hero.png", "changed")


# ------------------------------------------------------------ the reader


@pytest.fixture
def all_files_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were written a moment ago are read at registration; older ones in the background."""
    monkeypatch.setattr(reader_module, "_RACY", -(10**18))


@pytest.mark.usefixtures("all_files_are_old")
def test_a_change_before_the_first_reading_is_told_of_once(game: Game) -> None:
    game.watch("*.png")
    assert game.live._watched._told
    (game.root / "hero.png").write_text("new hero")
    game.is_told(game.root / "hero.png", "changed")
    game.is_told_only()
    game.knows_all()
    os.utime(game.root / "ui" / "heart.png")
    game.is_told_only()


@pytest.mark.usefixtures("all_files_are_old")
def test_a_change_between_registration_and_the_first_reading_is_not_lost(root: Path) -> None:
    reader = Reader(DiskFiles(), threaded=False)
    scope = Scope(str(root), pattern("*.png"))
    reader.scopes = (scope,)
    before = reader.listing(scope)
    path = str(root / "hero.png")
    Path(path).write_text("new hero")
    reader.prepare(sorted(before))
    assert all(content.digest is None for content in before.values())
    found = {each: content for answer in reader.answers for each, content in answer.found.items()}
    assert {each for each, content in found.items() if differ(before[each], content)} == {path}


def test_files_whose_times_are_as_they_were_are_not_read_again_in_a_rescan(root: Path) -> None:
    reads: list[str] = []

    class Counting(DiskFiles):
        def open(self, path: str) -> Any:
            reads.append(path)
            return super().open(path)

    hero, fresh = root / "hero.png", root / "fresh.png"
    os.utime(hero, ns=(0, 0))
    reader = Reader(Counting(), threaded=False)
    reader.scopes = (Scope(str(root), pattern("*.png")),)
    signature = DiskFiles.signature

    class Old(Counting):
        def signature(self, path: str) -> Any:
            # Nobody can set back the time of a change of the file's entry: so this does.
            found = signature(self, path)
            return found and found._replace(changed=0)

    reader._files = Old()
    fresh.write_text("fresh")
    reader.ask(str(root))
    reader.ask(str(root))
    assert reads.count(str(hero)) == 1
    assert reads.count(str(fresh)) == 2  # written a moment ago: it might be written again in the same tick of the clock
    reader.ask(str(hero))
    assert reads.count(str(hero)) == 2


def test_a_look_that_fails_is_answered(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Failing(DiskFiles):
        def listing(self, *which: Any) -> Any:
            raise MemoryError

    reader = Reader(Failing(), threaded=False)
    reader.scopes = (Scope(str(root), pattern("*")),)
    reader.ask(str(root))
    (answer,) = reader.answers
    assert isinstance(answer.failed, MemoryError)
    assert "could not look at" in caplog.text


def test_contents_that_nobody_read_are_compared_by_their_signature(root: Path) -> None:
    signature = DiskFiles().signature(str(root / "hero.png"))
    assert not differ(Content(signature), Content(signature, b"1"))
    assert differ(Content(None), Content(signature, b"1"))
    assert differ(Content(signature, b"1"), Content(signature, b"2"))
    assert differ(None, Content(signature))
    assert not differ(None, None)
