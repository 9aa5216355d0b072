"""Which files a pattern selects: tables of pattern, path, answer."""

from __future__ import annotations

import pytest

from livescripts._core.selection import SCRIPTS, one_file, pattern


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("*.png", ["hero.png", "ui/hero.png", "a/b/c.png"], ["hero.jpg", "hero.png.txt", "HERO.PNG", ""]),
        ("*", ["hero.png", "ui/hero.png", "LICENSE"], [".hidden", "ui/.hidden", "hero.png~", "x.tmp", ".git/config"]),
        ("**", ["hero.png", "ui/hero.png"], [".hidden"]),
        ("level?.toml", ["level1.toml", "x/level2.toml"], ["level10.toml", "level.toml"]),
        ("tile[0-9].png", ["tile3.png"], ["tilex.png"]),
        ("levels/*.toml", ["levels/1.toml"], ["1.toml", "levels/a/1.toml", "x/levels/1.toml"]),
        ("levels/**/*.toml", ["levels/1.toml", "levels/a/1.toml", "levels/a/b/1.toml"], ["1.toml", "x/levels/1.toml"]),
        ("**/*.toml", ["1.toml", "a/1.toml", "a/b/1.toml"], ["1.png"]),
        ("levels/**", ["levels/1.toml", "levels/a/1.toml"], ["levels", "1.toml"]),
        ("**/levels/*.toml", ["levels/1.toml", "a/b/levels/1.toml"], ["levels/a/1.toml"]),
        ("le*s/x.toml", ["levels/x.toml"], ["le/s/x.toml"]),
        (["*.png", "*.PNG"], ["hero.png", "HERO.PNG"], ["hero.Png"]),
    ],
)
def test_what_a_pattern_selects(glob, yes, no):
    selection = pattern(glob)
    assert [path for path in yes if not selection.selects(path)] == []
    assert [path for path in no if selection.selects(path)] == []


@pytest.mark.parametrize("name", ["arena.toml", "a[1].toml", "what?.toml", "a*b.png"])
def test_one_file_is_that_file_and_no_other(name):
    selection = one_file(name)
    assert selection.selects(name)
    assert not selection.selects("x" + name)
    assert not selection.selects(name.translate(str.maketrans("[]?*", "xxxx")) + ".x")
    assert not selection.recursive


@pytest.mark.parametrize(
    "glob",
    [
        "",
        [],
        "/etc/*.png",
        "a//b.png",
        "levels/",
        "../*.png",
        "./*.png",
        ".*",
        "*.bak",
        "*~",
        ".git/*",
        "__pycache__/*",
    ],
)
def test_a_pattern_that_can_match_no_file_is_refused(glob):
    with pytest.raises(ValueError, match="pattern"):
        pattern(glob)


def test_a_backslash_is_refused_with_what_to_write_instead():
    with pytest.raises(ValueError, match="write / between directories"):
        pattern("levels\\*.toml")


def test_equal_patterns_are_one_selection():
    assert pattern("*.png") == pattern(["*.png"])
    assert len({pattern("*.png"), pattern("*.png"), SCRIPTS}) == 2


def test_scripts_are_a_selection_too():
    assert SCRIPTS.selects("a/b.py")
    assert not SCRIPTS.selects("a/b.png")
    assert SCRIPTS.home == "the script directory"
