"""Scripts in a zip or a wheel, and from whatever else `importlib.resources` gives: they play as from the disk."""

from __future__ import annotations

import importlib
import importlib.resources
import inspect
import io
import logging
import os
import pickle
import subprocess
import sys
import textwrap
import traceback
import zipapp
import zipfile
from pathlib import Path

import pytest

import livescripts
from livescripts._watch.bundled import BundledFiles
from livescripts._watch.files import DiskFiles

PACKAGE = "bundled_maze"
FILES = {
    f"{PACKAGE}/__init__.py": "",
    f"{PACKAGE}/pictures/wall.txt": "####",
    f"{PACKAGE}/scripts/b_goblins.py": """
        from game.x import Orc
        class Goblin(Orc):
            def fail(self):
                return 1 / 0  # the line
        """,
    f"{PACKAGE}/scripts/x/orcs.py": f"""
        import importlib.resources
        class Orc:
            wall = (importlib.resources.files("{PACKAGE}") / "pictures" / "wall.txt").read_text()
        """,
    f"{PACKAGE}/scripts/x/.hidden.py": "1/0",
    f"{PACKAGE}/scripts/x/notes.txt": "no script",
    f"{PACKAGE}/scripts/__pycache__/x.py": "1/0",
    f"{PACKAGE}/scripts/b_goblins_unittest.py": """
        import unittest
        class Goblins(unittest.TestCase):
            def test(self): self.assertEqual(Goblin().wall, "####")
        """,
    f"{PACKAGE}/tree/pack/__init__.py": """
        import importlib.resources
        from . import inner
        words = (importlib.resources.files(__name__) / "words.txt").read_text()
        """,
    f"{PACKAGE}/tree/pack/words.txt": "grr",
    f"{PACKAGE}/tree/pack/inner.py": "size = 3\n",
    f"{PACKAGE}/tree/bare/loot.py": "",
    f"{PACKAGE}/tree/bare/loot.txt": "gold",
}


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """A zip with the package, on `sys.path`. Gone from everywhere afterwards."""
    archive = tmp_path / "maze.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in FILES.items():
            file.writestr(name, textwrap.dedent(text))
    monkeypatch.syspath_prepend(str(archive))
    yield archive
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]
    sys.path_importer_cache.pop(str(archive), None)


@pytest.fixture
def live():
    with livescripts.LiveScripts(watch=False) as live:
        yield live


def scripts(folder: str = "scripts"):
    return importlib.resources.files(PACKAGE) / folder


def test_a_game_in_a_zip_plays(archive, live, tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    caplog.set_level(logging.DEBUG, "livescripts")
    live.add_directory(scripts(), namespace="game")
    import game

    assert game.Goblin().wall == "####"
    assert game.__all__ == ["Goblin"]
    assert live.graph[0].taker == archive / PACKAGE / "scripts" / "b_goblins.py"
    assert not live.update()
    # Nothing was written, tried, or said.
    assert [path.name for path in tmp_path.iterdir()] == ["maze.zip"]
    assert caplog.text == ""


def test_tracebacks_show_the_lines_of_what_is_in_a_zip(archive, live):
    live.add_directory(scripts(), namespace="game")
    import game

    with pytest.raises(ZeroDivisionError) as caught:
        game.Goblin().fail()
    shown = "".join(traceback.format_exception(caught.value))
    assert f'File "{archive / PACKAGE / "scripts" / "b_goblins.py"}", line 5, in fail' in shown
    assert "return 1 / 0  # the line" in shown
    assert "1 / 0  # the line" in inspect.getsource(game.Goblin.fail)
    assert inspect.getsource(sys.modules["game.b_goblins_py"]).startswith("\nfrom game.x import Orc")


def test_the_other_layout_with_its_resources(archive, live):
    live.add_directory(scripts("tree"), namespace="game", layout="modules")
    pack = importlib.import_module("game.pack")
    assert (pack.words, pack.inner.size) == ("grr", 3)
    with importlib.resources.as_file(importlib.resources.files("game.pack") / "words.txt") as path:
        assert path.read_text() == "grr"
    assert (importlib.resources.files("game.bare") / "loot.txt").read_text() == "gold"
    assert sorted(entry.name for entry in importlib.resources.files("game").iterdir()) == ["bare", "pack"]


def test_a_wheel_that_is_imported_as_it_is(archive, live, tmp_path, monkeypatch):
    wheel = tmp_path / "maze-1.0-py3-none-any.whl"
    archive.rename(wheel)
    monkeypatch.syspath_prepend(str(wheel))
    live.add_directory(scripts(), namespace="game")
    import game

    assert pickle.loads(pickle.dumps(game.Goblin())).wall == "####"


def test_what_is_broken_is_named_as_on_the_disk(archive, live):
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr(f"{PACKAGE}/scripts/z.py", "x = 1\ny = (\n")
    importlib.invalidate_caches()
    with pytest.raises(livescripts.ScriptError, match=r"z\.py:2") as caught:
        live.add_directory(scripts(), namespace="game")
    assert caught.value.problems[0].path == archive / PACKAGE / "scripts" / "z.py"
    assert "game" not in sys.modules


def test_the_same_place_is_added_once_and_can_be_removed(archive, live):
    live.add_directory(scripts(), namespace="game")
    with pytest.raises(livescripts.DirectoryError, match="registered already"):
        live.add_directory(scripts(), namespace="other")
    with pytest.raises(livescripts.DirectoryError, match="does not exist"):
        live.add_directory(scripts("nowhere"), namespace="other")
    live.remove_directory(scripts())
    assert "game" not in sys.modules
    live.add_directory(scripts(), namespace="game")
    assert "game" in sys.modules


def test_reload_by_hand_and_a_script_that_is_not_there(archive, live):
    live.add_directory(scripts(), namespace="game")
    import game

    place = archive / PACKAGE / "scripts"
    before = game.Goblin
    assert live.reload(place / "b_goblins.py").reloaded
    assert game.Goblin is before
    assert not live.reload(place / "nothing.py").rejected


def test_it_cannot_be_watched_and_says_what_to_do(archive):
    with livescripts.LiveScripts() as live:
        with pytest.raises(livescripts.DirectoryError, match=r"watch=False.*directory that it was made from"):
            live.add_directory(scripts(), namespace="game")
        assert "game" not in sys.modules


def test_a_path_into_a_zip_is_told_the_way(archive, live):
    with pytest.raises(livescripts.DirectoryError, match=r"maze\.zip is a file: .*importlib\.resources"):
        live.add_directory(archive / PACKAGE / "scripts", namespace="game")


def test_the_same_line_works_for_what_is_installed_on_the_disk(tmp_path, monkeypatch):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        for watch in (True, False):
            with livescripts.LiveScripts(watch=watch, compile_process=False) as live:
                # `__pycache__` and hidden files are no scripts here either.
                live.add_directory(scripts(), namespace="game")
                assert sys.modules["game"].Goblin().wall == "####"
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]


class Shelf:
    """A `Traversable` of an importer that has no paths, and raises what it likes for what is not there."""

    def __init__(self, name, contents):
        self.name, self._contents = name, contents

    def is_dir(self):
        return isinstance(self._contents, dict)

    def is_file(self):
        return not self.is_dir()

    def iterdir(self):
        return (Shelf(name, contents) for name, contents in self._contents.items())

    def joinpath(self, *parts):
        found = self
        for part in "/".join(parts).split("/"):
            found = Shelf(part, found._contents[part])
        return found

    __truediv__ = joinpath

    def read_bytes(self):
        return self._contents.encode()

    def read_text(self, encoding="utf-8"):
        return self._contents

    def open(self, mode="r", *args, **kwargs):
        return io.BytesIO(self.read_bytes()) if "b" in mode else io.StringIO(self._contents)


def test_whatever_an_importer_has(live, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    one = Shelf(
        "scripts", {"a.py": "class A:\n    def fail(self): 1 / 0\n", "deep": {"b.py": "from game import A\nb = A\n"}}
    )
    other = Shelf("scripts", {"c.py": "from game.deep import b\nclass C(b): pass\n", "c.txt": "c"})
    live.add_directories(livescripts.ScriptDirectory(one, "game"), livescripts.ScriptDirectory(other, "game.more"))
    import game

    assert game.more.C.__base__ is game.A
    with pytest.raises(ZeroDivisionError) as caught:
        game.A().fail()
    shown = "".join(traceback.format_exception(caught.value))
    assert f'"<scripts>{os.sep}a.py", line 2' in shown
    assert "def fail(self): 1 / 0" in shown
    live.remove_directory(other)
    assert not hasattr(game, "more")
    assert list(tmp_path.iterdir()) == []
    if sys.version_info >= (3, 12):  # before, only packages have resources
        live.add_directory(other, namespace="again", layout="modules")
        assert (importlib.resources.files("again.c") / "c.txt").read_text() == "c"


MAIN = f"""
import importlib.resources, sys, traceback
import livescripts
from livescripts._watch.bundled import BundledFiles
from livescripts._watch.files import DiskFiles
with livescripts.LiveScripts(watch=False) as live:
    live.add_directory(importlib.resources.files("{PACKAGE}") / "scripts", namespace="game")
    import game
    try:
        live.call(game.Goblin().fail)
    except ZeroDivisionError:
        print(traceback.format_exc().splitlines()[-3].strip())
    print(game.Goblin.wall)
"""


def test_a_zipapp_with_livescripts_itself_in_it(tmp_path):
    """`python maze.pyz` where nothing is installed: the plugin, the game and its scripts come out of one file."""
    place = tmp_path / "app"
    for name, text in FILES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(textwrap.dedent(text))
    (place / "__main__.py").write_text(MAIN)
    ours = Path(livescripts.__file__).parent
    for file in ours.rglob("*.py"):
        target = place / "livescripts" / file.relative_to(ours)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    zipapp.create_archive(place, tmp_path / "maze.pyz")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "maze.pyz"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines()[-1] == "####"
    assert "return 1 / 0  # the line" in done.stdout


def test_what_is_not_there_is_asked_of_the_disk(tmp_path):
    (tmp_path / "a.py").write_text("on the disk")
    files = BundledFiles(DiskFiles())
    root = files.register(Shelf("scripts", {"a.py": "a", "x": {"b.py": "b", "c.txt": "c", ".d": {"e.py": ""}}}))
    assert root == files.register(files.folder(root)) == "<scripts>"
    assert files.register(Shelf("scripts", {})) == "<scripts 2>"
    inside, outside = os.path.join(root, "x", "b.py"), str(tmp_path / "a.py")
    assert files.listing(root).scripts == (os.path.join(root, "a.py"), inside)
    assert files.listing(root, os.path.join(root, "x")).scripts == (inside,)
    assert (files.read(inside), files.open(inside).read()) == (b"b", b"b")
    assert files.signature(inside) is None
    assert files.exists(inside)
    assert not files.is_directory(inside)
    assert files.is_directory(os.path.dirname(inside))
    assert files.real_path(inside) == inside
    with files.open(outside) as file:
        assert file.read() == files.read(outside) == b"on the disk"
    assert files.signature(outside) is not None
    assert (files.exists(outside), files.is_directory(str(tmp_path))) == (True, True)
    assert files.listing(str(tmp_path)).scripts == (outside,)
    gone = os.path.join(root, "y", "z.py")
    assert not files.exists(gone)
    assert not files.is_directory(gone)
    assert files.listing(root, gone).scripts == files.listing(os.path.dirname(gone)).scripts == ()
    for read in (files.read, files.open):
        with pytest.raises(FileNotFoundError):
            read(gone)
