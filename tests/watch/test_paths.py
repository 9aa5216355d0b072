"""Which names are scripts: tables."""

from __future__ import annotations

import pytest

from livescripts._core.paths import is_script, may_be_directory, unittest_subject

SCRIPTS = [
    "goblin.py",
    "enemies/goblin.py",
    "a/b/c/d.py",
    "goblin_unittest.py",
    "__init__.py",
    "_private.py",
    "x.y.py",
    "4913.py",
    "two words.py",
    "größe.py",
    "tmp.py",
    "bak.py",
    "my_backup_2.py",
    "flymake.py",
    "flycheck.py",
    "the_REMOTE.py",
]

NO_SCRIPTS = [
    ("", "nothing"),
    (".py", "hidden, and no name"),
    ("/goblin.py", "absolute"),
    ("a//goblin.py", "an empty component"),
    ("./goblin.py", "a dot"),
    ("../goblin.py", "leaves the root"),
    ("a/../goblin.py", "dots"),
    ("goblin.py/", "a directory"),
    ("goblin.pyc", "compiled"),
    ("goblin.pyi", "a stub"),
    ("goblin.PY", "not what Python imports everywhere"),
    ("goblin.txt", "text"),
    ("goblin", "no suffix"),
    (".hidden.py", "hidden"),
    (".git/x.py", "in a hidden directory"),
    ("a/.venv/b/x.py", "below a hidden directory"),
    ("__pycache__/x.py", "in __pycache__"),
    ("a/__pycache__/x.py", "in __pycache__"),
    ("#goblin.py#", "emacs: auto-save"),
    (".#goblin.py", "emacs: lock"),
    ("goblin.py~", "backup"),
    ("goblin.py.~1~", "emacs: numbered backup"),
    ("~goblin.py", "backup"),
    ("goblin~base.k3j9x.py", "Mercurial: merge"),
    ("GOBLIN~1.py", "Windows: short name"),
    ("goblin.py~RF3f2a1.TMP", "Windows: ReplaceFile"),
    ("4913", "vim: probe"),
    ("5036", "vim: probe, when 4913 exists"),
    (".goblin.py.swp", "vim: swap"),
    ("goblin.py.swp", "vim: swap"),
    ("goblin.py.swo", "vim: swap"),
    ("goblin.py.swx", "vim: swap"),
    ("__main__.py", "started by python -m, never imported"),
    ("tools/__main__.py", "started by python -m, never imported"),
    (".goblin.py.un~", "vim: undo"),
    ("goblin.py.tmp", "temporary"),
    ("goblin.py.1234.tmp", "temporary"),
    ("goblin.py.tmp.1234.5678", "temporary"),
    ("goblin.py___jb_tmp___", "JetBrains: safe write"),
    ("goblin.py___jb_old___", "JetBrains: safe write"),
    ("goblin.py___jb_bak___", "JetBrains: safe write"),
    (".goutputstream-A1B2C3", "GNOME"),
    ("goblin.py.bak", "backup"),
    ("goblin.py.orig", "patch"),
    ("goblin.py.rej", "patch"),
    ("sedk3J9xQ", "sed -i"),
    ("goblin.py.kX82hd", "Qt: QSaveFile"),
    ("goblin.py.vsctmp", "Visual Studio Code"),
    ("flycheck_goblin.py", "emacs: flycheck"),
    ("enemies/flycheck_goblin.py", "emacs: flycheck"),
    ("goblin_flymake.py", "emacs: flymake"),
    ("goblin_LOCAL_1234.py", "git mergetool"),
    ("goblin_REMOTE_1234.py", "git mergetool"),
    ("goblin_BASE_1234.py", "git mergetool"),
    ("goblin_BACKUP_1234.py", "git mergetool"),
    ("goblin_LOCAL_LCONFL_1234.py", "git mergetool"),
    ("enemies~/goblin.py", "in a directory kept as a backup"),
    ("enemies.bak/goblin.py", "in a directory kept as a backup"),
    ("enemies.BAK/goblin.py", "in a directory kept as a backup"),
]


@pytest.mark.parametrize("relative", SCRIPTS)
def test_an_ordinary_python_file_is_a_script(relative: str) -> None:
    assert is_script(relative)


@pytest.mark.parametrize(("relative", "_why"), NO_SCRIPTS, ids=[repr(name) for name, _ in NO_SCRIPTS])
def test_temporaries_backups_and_hidden_files_are_no_scripts(relative: str, _why: str) -> None:
    assert not is_script(relative)


@pytest.mark.parametrize("relative", ["", "enemies", "a/b", "_private", "my-dir", "2024", "x.py", "dotted.name"])
def test_a_directory_of_an_ordinary_name_is_searched(relative: str) -> None:
    assert may_be_directory(relative)


@pytest.mark.parametrize(
    "relative",
    [".", "..", "/", "a/", "/a", ".git", "a/.git", "__pycache__", "a/__pycache__", "a~", "a.bak", "a.orig"],
)
def test_hidden_cached_and_backup_directories_are_not_searched(relative: str) -> None:
    assert not may_be_directory(relative)


@pytest.mark.parametrize("relative", [*SCRIPTS, *(name for name, _ in NO_SCRIPTS)])
def test_every_directory_above_a_script_is_searched(relative: str) -> None:
    directory, _, _ = relative.rpartition("/")
    assert may_be_directory(directory) or not is_script(relative)


@pytest.mark.parametrize(
    ("relative", "subject"),
    [
        ("goblin_unittest.py", "goblin.py"),
        ("x/goblin_unittest.py", "x/goblin.py"),
        ("x_unittest.py/goblin.py", None),
        ("goblin.py", None),
        ("goblin_unittest.txt", None),
        ("_unittest.py", None),
        ("x/_unittest.py", None),
        ("unittest.py", None),
        (".hidden/goblin_unittest.py", None),
        ("goblin_unittest_unittest.py", "goblin_unittest.py"),
        ("flycheck_goblin_unittest.py", None),
        ("", None),
    ],
)
def test_unit_tests_name_their_subject(relative: str, subject: str | None) -> None:
    assert unittest_subject(relative) == subject
