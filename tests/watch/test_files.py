"""The disk: what a script directory lists, what it refuses, and why."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from livescripts._watch.files import DiskFiles, Listing, relative_to

if TYPE_CHECKING:
    from collections.abc import Iterator

files = DiskFiles()


def write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x = 1\n")


def names(root: Path, below: Path | None = None) -> list[str]:
    listing = files.listing(str(root), None if below is None else str(below))
    return [path.removeprefix(f"{root}/") for path in listing.scripts]


def reasons(root: Path, below: Path | None = None) -> dict[str, str]:
    listing = files.listing(str(root), None if below is None else str(below))
    return {path.removeprefix(f"{root}/"): reason for path, reason in listing.refused}


def aliases(root: Path) -> dict[str, str]:
    return {
        path.removeprefix(f"{root}/"): other.removeprefix(f"{root}/")
        for path, other in files.listing(str(root)).aliases
    }


@pytest.fixture
def project(root: Path) -> Path:
    for name in ("b.py", "a.py", "x/c.py", "x/y/d.py", "x/d_unittest.py"):
        write(root / name)
    return root


def test_scripts_are_listed_sorted_as_absolute_paths(project: Path) -> None:
    expected = sorted(str(project / name) for name in ("a.py", "b.py", "x/c.py", "x/d_unittest.py", "x/y/d.py"))
    assert files.listing(str(project)) == Listing(scripts=tuple(expected))


def test_what_is_no_script_is_not_listed(project: Path) -> None:
    before = names(project)
    for name in ("notes.txt", ".git/x.py", "__pycache__/a.py", "x/.a.py", "a.py~", "#a.py#", "4913", "x.bak/e.py"):
        write(project / name)
    (project / "empty").mkdir()
    (project / "directory.py").mkdir()
    os.mkfifo(project / "pipe.py")
    assert names(project) == before
    assert reasons(project) == {}


def test_odd_names_are_listed(root: Path) -> None:
    odd = ["two words.py", "größe.py", "new\nline.py", "emoji\N{PILE OF POO}.py", "a'b\"c.py", "back\\slash.py", "*.py"]
    for name in odd:
        write(root / name)
        write(root / "x y" / name)
    assert sorted(names(root)) == sorted([*odd, *(f"x y/{name}" for name in odd)])


def test_a_name_that_is_no_text_is_refused_and_its_reason_can_be_printed(root: Path) -> None:
    write(root / "good.py")
    for name in (b"bad\xff.py", b"dir\xff/x.py", b"harmless\xff.txt"):
        write(Path(os.fsdecode(os.fsencode(root) + b"/" + name)))
    assert names(root) == ["good.py"]
    assert set(reasons(root)) == {"bad\\udcff.py", "dir\\udcff"}
    for path, reason in files.listing(str(root)).refused:
        (path + reason).encode()
        assert "not valid text" in reason


def test_a_missing_root_lists_nothing(tmp_path: Path) -> None:
    assert files.listing(str(tmp_path / "nowhere")) == Listing()


def test_a_root_that_is_a_file_lists_nothing(tmp_path: Path) -> None:
    write(tmp_path / "file.py")
    assert files.listing(str(tmp_path / "file.py")) == Listing()


def test_a_listing_can_be_restricted_to_a_directory_or_to_one_script(project: Path) -> None:
    assert names(project, project / "x") == ["x/c.py", "x/d_unittest.py", "x/y/d.py"]
    assert names(project, project / "x" / "y") == ["x/y/d.py"]
    assert names(project, project / "x" / "c.py") == ["x/c.py"]
    assert names(project, project) == names(project)


@pytest.mark.parametrize("below", ["nowhere", "nowhere/deep", "x/nowhere.py", ".hidden", "x/.hidden.py", "notes.txt"])
def test_a_restriction_to_what_is_not_there_or_no_script_lists_nothing(project: Path, below: str) -> None:
    write(project / ".hidden" / "x.py")
    write(project / "x" / ".hidden.py")
    write(project / "notes.txt")
    assert files.listing(str(project), str(project / below)) == Listing()


def test_a_restriction_outside_the_root_is_a_mistake(project: Path) -> None:
    with pytest.raises(ValueError, match="not inside"):
        files.listing(str(project), str(project.parent))
    with pytest.raises(ValueError, match="not inside"):
        files.listing(str(project), f"{project}2")


def test_a_directory_that_vanishes_while_it_is_listed_is_no_error(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def vanishing(path: str) -> object:
        if str(path).endswith("/y"):
            raise FileNotFoundError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", vanishing)
    assert names(project) == ["a.py", "b.py", "x/c.py", "x/d_unittest.py"]
    assert reasons(project) == {}


# Links.


def test_a_link_to_a_listed_script_is_an_alias_whichever_sorts_first(root: Path) -> None:
    write(root / "m.py")
    (root / "a.py").symlink_to("m.py")
    (root / "z.py").symlink_to(root / "m.py")
    assert names(root) == ["m.py"]
    assert aliases(root) == {"a.py": "m.py", "z.py": "m.py"}
    assert reasons(root) == {}


def test_a_link_to_a_searched_directory_is_an_alias(root: Path) -> None:
    write(root / "x" / "a.py")
    (root / "again").symlink_to("x")
    assert names(root) == ["x/a.py"]
    assert aliases(root) == {"again": "x"}


def test_a_link_to_a_hidden_file_is_listed_under_the_path_of_the_link(root: Path) -> None:
    write(root / ".versions" / "2" / "a.py")
    (root / "a.py").symlink_to(".versions/2/a.py")
    assert names(root) == ["a.py"]
    assert files.read(str(root / "a.py")) == b"x = 1\n"


def test_a_link_to_a_hidden_directory_is_walked(root: Path) -> None:
    write(root / ".versions" / "2" / "deep" / "a.py")
    (root / "current").symlink_to(".versions/2", target_is_directory=True)
    assert names(root) == ["current/deep/a.py"]


def test_of_several_links_to_a_hidden_file_the_first_in_sort_order_is_listed(root: Path) -> None:
    write(root / ".store" / "a.py")
    (root / "z.py").symlink_to(".store/a.py")
    (root / "b.py").symlink_to(".store/a.py")
    (root / "y").symlink_to(".store")
    assert names(root) == ["b.py"]
    assert aliases(root) == {"y/a.py": "b.py", "z.py": "b.py"}


def test_hard_links_are_different_scripts(root: Path) -> None:
    write(root / "a.py")
    os.link(root / "a.py", root / "b.py")
    assert names(root) == ["a.py", "b.py"]


def test_a_link_that_leaves_the_root_is_refused(root: Path) -> None:
    outside = root.parent / "outside"
    write(outside / "a.py")
    (root / "file.py").symlink_to(outside / "a.py")
    (root / "directory").symlink_to(outside)
    (root / "by_dots").symlink_to("../outside")
    (root / "first").symlink_to("second")
    (root / "second").symlink_to("../outside")
    write(root / "good.py")
    assert names(root) == ["good.py"]
    assert set(reasons(root)) == {"file.py", "directory", "by_dots", "first", "second"}
    assert all(str(outside) in reason and "outside" in reason for reason in reasons(root).values())


def test_a_sibling_whose_name_starts_like_the_root_is_outside(root: Path) -> None:
    write(root.parent / "scripts2" / "a.py")
    (root / "a.py").symlink_to("../scripts2/a.py")
    assert names(root) == []
    assert set(reasons(root)) == {"a.py"}


def test_a_link_outside_that_is_no_script_is_nobodys_business(root: Path) -> None:
    write(root.parent / "notes.txt")
    (root / "notes.txt").symlink_to("../notes.txt")
    (root / "notes").symlink_to("../nowhere")
    (root / ".hidden").symlink_to("..")
    assert files.listing(str(root)) == Listing()


def test_a_link_that_leads_nowhere_is_refused(root: Path) -> None:
    (root / "a.py").symlink_to("gone.py")
    assert names(root) == []
    assert "does not exist" in reasons(root)["a.py"]


def test_link_loops_are_refused_and_end(root: Path) -> None:
    write(root / "x" / "a.py")
    (root / "x" / "up").symlink_to("..")
    (root / "x" / "same").symlink_to(".")
    (root / "self.py").symlink_to("self.py")
    (root / "one.py").symlink_to("two.py")
    (root / "two.py").symlink_to("one.py")
    (root / "loop").symlink_to("loop")
    assert names(root) == ["x/a.py"]
    assert set(reasons(root)) == {"x/up", "x/same", "self.py", "one.py", "two.py", "loop"}


def test_loops_through_hidden_directories_end(root: Path) -> None:
    write(root / ".one" / "a.py")
    write(root / ".two" / "b.py")
    (root / ".one" / "to_two").symlink_to("../.two")
    (root / ".two" / "to_one").symlink_to("../.one")
    (root / "start").symlink_to(".one")
    assert names(root) == ["start/a.py", "start/to_two/b.py"]
    assert set(reasons(root)) == {"start/to_two/to_one"}


def test_a_root_that_is_a_link_lists_under_its_own_path(root: Path) -> None:
    write(root / "x" / "a.py")
    (root / "alias.py").symlink_to(root / "x" / "a.py")
    link = root.parent / "link"
    link.symlink_to(root)
    assert files.listing(str(link)).scripts == (str(link / "x" / "a.py"),)
    assert files.listing(str(link), str(link / "x")).scripts == (str(link / "x" / "a.py"),)
    assert files.listing(str(link)).refused == ()


def test_a_part_of_a_listing_is_that_part_of_the_whole(root: Path) -> None:
    outside = root.parent / "outside"
    write(outside / "o.py")
    for name in ("a.py", "x/b.py", "x/y/c.py", ".store/s.py", ".store/deep/t.py"):
        write(root / name)
    for link, target in {
        "again": "x",
        "x/alias.py": "../a.py",
        "x/stored.py": "../.store/s.py",
        "before.py": ".store/s.py",
        "store": ".store",
        "x/out": outside,
        "x/up": "..",
        "x/lost.py": "nowhere.py",
    }.items():
        (root / link).symlink_to(target)
    whole = files.listing(str(root))
    assert whole.scripts
    assert whole.refused
    assert whole.aliases
    for below in ("", "a.py", "x", "x/y", "again", "again/y", "store", "store/deep", "x/stored.py", "before.py"):
        start = str(root / below)
        part = files.listing(str(root), start)
        assert part.scripts == tuple(path for path in whole.scripts if relative_to(start, path) is not None), below
        for whole_items, part_items in ((whole.refused, part.refused), (whole.aliases, part.aliases)):
            assert set(part_items) <= set(whole_items)
            assert {item for item in whole_items if relative_to(start, item[0]) is not None} <= set(part_items)


def test_below_a_link_that_leaves_the_root_the_link_is_what_is_refused(root: Path) -> None:
    write(root.parent / "outside" / "deep" / "a.py")
    (root / "out").symlink_to("../outside")
    below = root / "out" / "deep" / "a.py"
    assert names(root, below) == []
    assert set(reasons(root, below)) == {"out"}


# Directories and files that may not be read.


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A directory in which this process is an ordinary user, also when the tests run as root."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o777)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            yield directory
        finally:
            os.seteuid(user)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs permissions as POSIX has them")
def test_an_unreadable_directory_is_refused_and_the_others_are_listed(unprivileged: Path) -> None:
    write(unprivileged / "a.py")
    write(unprivileged / "x" / "b.py")
    write(unprivileged / "locked" / "c.py")
    (unprivileged / "locked").chmod(0)
    (unprivileged / "link.py").symlink_to("locked/c.py")
    try:
        assert names(unprivileged) == ["a.py", "x/b.py"]
        assert set(reasons(unprivileged)) == {"locked", "link.py"}
        assert all("Permission denied" in reason for reason in reasons(unprivileged).values())
        assert set(reasons(unprivileged, unprivileged / "locked")) == {"locked"}
        assert files.listing(str(unprivileged / "locked")).scripts == ()
    finally:
        (unprivileged / "locked").chmod(0o700)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs permissions as POSIX has them")
def test_an_unreadable_file_is_listed_and_reading_it_raises(unprivileged: Path) -> None:
    write(unprivileged / "a.py")
    (unprivileged / "a.py").chmod(0)
    assert names(unprivileged) == ["a.py"]
    with pytest.raises(PermissionError):
        files.read(str(unprivileged / "a.py"))


# Single files.


def test_reading_returns_the_bytes(root: Path) -> None:
    (root / "a.py").write_bytes(b"\xff\r\n\x00")
    assert files.read(str(root / "a.py")) == b"\xff\r\n\x00"


def test_all_is_read_whatever_the_system_gives_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.py").write_bytes(b"x = 1\n" * 100)
    read = os.read
    monkeypatch.setattr(os, "read", lambda file, size: read(file, min(size, 7)))
    assert files.read(str(root / "a.py")) == b"x = 1\n" * 100


def test_a_file_that_grows_is_read_to_its_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.py").write_bytes(b"x = 1\n")
    read = os.read

    def grows(file: int, size: int) -> bytes:
        monkeypatch.setattr(os, "read", read)
        with (root / "a.py").open("ab") as more:
            more.write(b"y = 2\n" * 10)
        return read(file, size)

    monkeypatch.setattr(os, "read", grows)
    assert files.read(str(root / "a.py")) == b"x = 1\n" + b"y = 2\n" * 10


def test_reading_what_is_no_file_raises_as_the_system_does(root: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.read(str(root / "nowhere.py"))
    with pytest.raises(IsADirectoryError):
        files.read(str(root))


def test_reading_a_pipe_raises_instead_of_waiting_for_a_writer(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    with pytest.raises(OSError, match="not a regular file"):
        files.read(str(root / "pipe.py"))


def test_questions_about_one_path(root: Path) -> None:
    write(root / "x" / "a.py")
    (root / "link").symlink_to("x")
    (root / "lost").symlink_to("nowhere")
    assert files.exists(str(root / "x" / "a.py"))
    assert files.exists(str(root / "link"))
    assert not files.exists(str(root / "lost"))
    assert files.is_directory(str(root / "link"))
    assert not files.is_directory(str(root / "x" / "a.py"))
    assert not files.is_directory(str(root / "nowhere"))
    assert files.real_path(str(root / "link" / "a.py")) == os.path.realpath(root / "x" / "a.py")


@pytest.mark.parametrize(
    ("directory", "path", "relative"),
    [
        ("/r", "/r", ""),
        ("/r", "/r/a.py", "a.py"),
        ("/r", "/r/x/a.py", "x/a.py"),
        ("/r", "/r2/a.py", None),
        ("/r", "/", None),
        ("/", "/a.py", "a.py"),
        ("/", "/", ""),
    ],
)
def test_relative_paths(directory: str, path: str, relative: str | None) -> None:
    assert relative_to(directory, path) == relative
