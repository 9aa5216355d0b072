"""The ledger: a change is seen by comparing, once, and not before it had its time to be announced."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from livescripts._watch.files import DiskFiles, Listing
from livescripts._watch.ledger import Ledger

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, text: str = "x = 1\n") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def ledger(root: Path) -> Ledger:
    for name in ("a.py", "x/b.py", "x/y/c.py"):
        write(root / name)
    ledger = Ledger(str(root), DiskFiles())
    ledger.note(str(root))
    for directory in (root, root / "x", root / "x" / "y"):
        # A change within the same tick of the clock would not be seen in the times of a directory.
        os.utime(directory, (1.0, 1.0))
    for _ in range(3):  # from now on directories that are as they were are not listed
        assert ledger.overdue(0.0, 0.0) == ()
    return ledger


def compare(ledger: Ledger, root: Path, now: float = 0.0, grace: float = 0.0) -> list[str]:
    return [path.removeprefix(f"{root}/") for path in ledger.overdue(now, grace)]


def test_nothing_is_overdue_where_nothing_happened(ledger: Ledger, root: Path) -> None:
    write(root / "notes.txt")
    write(root / ".hidden.py")
    assert compare(ledger, root) == []
    assert not ledger.suspicious


def test_changed_new_and_removed_scripts_are_overdue_once(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "other")
    write(root / "new.py")
    (root / "x" / "b.py").unlink()
    assert compare(ledger, root) == ["a.py", "new.py", "x/b.py"]
    assert compare(ledger, root) == []


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_noticed(ledger: Ledger, root: Path) -> None:
    before = (root / "a.py").stat()
    (root / "tmp").write_text("y = 2\n")
    os.utime(root / "tmp", ns=(before.st_atime_ns, before.st_mtime_ns))
    (root / "tmp").replace(root / "a.py")
    after = (root / "a.py").stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    assert compare(ledger, root) == ["a.py"]


def test_a_file_rewritten_in_place_with_its_time_set_back_is_noticed(ledger: Ledger, root: Path) -> None:
    before = (root / "a.py").stat()
    while (root / "a.py").stat().st_ctime_ns == before.st_ctime_ns:  # as fast as the file system's clock ticks
        write(root / "a.py", "y = 2\n")
        os.utime(root / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert compare(ledger, root) == ["a.py"]


def test_what_was_noted_since_is_not_overdue(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "other")
    write(root / "new.py")
    (root / "x" / "b.py").unlink()
    for name in ("a.py", "new.py", "x/b.py"):
        ledger.note(str(root / name))
    assert compare(ledger, root) == []


def test_noting_a_directory_notes_everything_below_it(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "other")
    write(root / "x" / "new.py")
    (root / "x" / "y" / "c.py").unlink()
    ledger.note(str(root / "x"))
    assert compare(ledger, root) == ["a.py"]


def test_noting_a_directory_that_is_gone_forgets_everything_below_it(ledger: Ledger, root: Path) -> None:
    (root / "x").rename(root.parent / "x")
    ledger.note(str(root / "x"))
    assert compare(ledger, root) == []
    assert not ledger.knows_below(str(root / "x"))


def test_noting_one_file_says_nothing_about_its_neighbours(ledger: Ledger, root: Path) -> None:
    write(root / "x" / "b.py", "other")
    write(root / "x" / "y" / "c.py", "other")
    ledger.note(str(root / "x" / "b.py"))
    assert compare(ledger, root) == ["x/y/c.py"]


def test_a_difference_has_its_grace_to_be_announced(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "other")
    assert compare(ledger, root, now=10.0, grace=1.0) == []
    assert ledger.suspicious
    assert compare(ledger, root, now=10.9, grace=1.0) == []
    assert compare(ledger, root, now=11.0, grace=1.0) == ["a.py"]
    assert not ledger.suspicious


def test_a_difference_that_is_announced_in_time_is_never_overdue(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "other")
    assert compare(ledger, root, now=10.0, grace=1.0) == []
    ledger.note(str(root / "a.py"))
    assert not ledger.suspicious
    assert compare(ledger, root, now=20.0, grace=1.0) == []


def test_a_second_difference_after_an_announced_one_has_a_grace_of_its_own(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "other")
    assert compare(ledger, root, now=10.0, grace=1.0) == []
    ledger.note(str(root / "a.py"))
    write(root / "a.py", "and another")
    assert compare(ledger, root, now=11.0, grace=1.0) == []
    assert compare(ledger, root, now=12.0, grace=1.0) == ["a.py"]


def test_a_file_that_keeps_changing_unannounced_is_overdue_all_the_same(ledger: Ledger, root: Path) -> None:
    write(root / "a.py", "1")
    assert compare(ledger, root, now=10.0, grace=1.0) == []
    write(root / "a.py", "22")
    assert compare(ledger, root, now=10.5, grace=1.0) == []
    write(root / "a.py", "333")
    assert compare(ledger, root, now=11.0, grace=1.0) == ["a.py"]


def test_it_knows_which_directories_had_scripts(ledger: Ledger, root: Path) -> None:
    assert ledger.knows_below(str(root / "x"))
    assert ledger.knows_below(str(root / "x" / "y"))
    assert not ledger.knows_below(str(root / "a.py"))
    assert not ledger.knows_below(str(root / "x2"))


def test_directories_that_are_as_they_were_are_listed_only_now_and_then(
    ledger: Ledger, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[str] = []
    listing = DiskFiles.listing

    def counted(files: DiskFiles, root: str, *which: Any) -> Listing:
        listed.append(root)
        return listing(files, root, *which)

    monkeypatch.setattr(DiskFiles, "listing", counted)
    for _ in range(104):
        assert compare(ledger, root) == []
    assert len(listed) == 10
    write(root / "a.py", "in place")
    assert compare(ledger, root) == ["a.py"]
    assert len(listed) == 10
    # A new directory is listed with the one that it is in, and looked at once more: it may have changed meanwhile.
    write(root / "x" / "z" / "new.py")
    assert compare(ledger, root) == ["x/z/new.py"]
    assert compare(ledger, root) == []
    assert len(listed) == 12
    shutil.rmtree(root / "x" / "y")
    assert compare(ledger, root) == ["x/y/c.py"]


def test_where_a_link_is_refused_everything_is_listed_each_time(ledger: Ledger, root: Path) -> None:
    # What it leads to may come into being in a directory that nobody looks at.
    (root / "link.py").symlink_to(root / ".hidden" / "target.py")
    for _ in range(3):
        assert compare(ledger, root) == []
    write(root / ".hidden" / "target.py")
    for directory in (root, root / ".hidden"):
        os.utime(directory, (1.0, 1.0))
    assert compare(ledger, root) == ["link.py"]


def test_what_was_forgotten_is_told_of_again_if_it_is_there(ledger: Ledger, root: Path) -> None:
    (root / "there.py").write_text("A = 1")
    ledger.note(str(root))
    assert ledger.overdue(0.0, 0.0) == ()
    ledger.forget([str(root / "there.py"), str(root / "gone.py")])
    assert ledger.overdue(1.0, 0.0) == (str(root / "there.py"),)
    assert ledger.overdue(2.0, 0.0) == ()
