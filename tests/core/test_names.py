"""Where a file stands and what that makes it: tables."""

from __future__ import annotations

import unicodedata

import pytest

from livescripts._core.names import Location, is_script_module, locate, parents, valid_namespace


def place(relative, namespace="game", layout="merged", root="/scripts/"):
    return locate(root + relative, "/scripts", relative, namespace=namespace, layout=layout)


# ------------------------------------------------------------------ dotted names


@pytest.mark.parametrize("namespace", ["game", "game.mods", "_x", "größe", "match", "type", "a.b.c"])
def test_a_namespace_is_made_of_identifiers(namespace):
    assert valid_namespace(namespace)


@pytest.mark.parametrize(
    "namespace",
    ["", ".", "game.", ".game", "a..b", "my-game", "my game", "2d", "class", "a.None", "a/b", "*"],
)
def test_what_no_import_could_spell_is_no_namespace(namespace):
    assert not valid_namespace(namespace)


def test_a_namespace_that_python_reads_as_another_name_is_none():
    # `import ﬁre` looks for "fire"; so a namespace called "ﬁre" could never be imported.
    assert "ﬁre".isidentifier()
    assert not valid_namespace("ﬁre")


@pytest.mark.parametrize(
    ("name", "above"),
    [("", ()), ("a", ()), ("a.b", ("a",)), ("a.b.c.d", ("a", "a.b", "a.b.c"))],
)
def test_parents_are_the_packages_above_outermost_first(name, above):
    assert parents(name) == above


# ------------------------------------------------------------------ merged


@pytest.mark.parametrize(
    ("relative", "holder", "module"),
    [
        ("goblin.py", "game", "game.goblin_py"),
        ("enemies/goblin.py", "game.enemies", "game.enemies.goblin_py"),
        ("a/b/c/d.py", "game.a.b.c", "game.a.b.c.d_py"),
        ("__init__.py", "game", "game.__init___py"),
        ("two words.py", "game", "game.two words_py"),
        ("2d-physics.py", "game", "game.2d-physics_py"),
        ("class.py", "game", "game.class_py"),
        ("_private.py", "game", "game._private_py"),
    ],
)
def test_merged_names_appear_on_the_directory_whatever_the_file_is_called(relative, holder, module):
    found = place(relative)
    assert found == Location(f"/scripts/{relative}", "/scripts", relative, "merged", module, holder, holder)
    assert is_script_module(module)


def test_the_modules_of_merged_scripts_and_their_namespaces_never_meet():
    files = [
        "x.py",
        "x/y.py",
        "x.y.py",
        "x_y.py",
        "x.y_py.py",
        "x_py.py",
        "x/y_py.py",
        "x/y.z.py",
        "x/y_z.py",
        "ﬁ.py",
        "fi.py",
    ]
    places = [place(relative) for relative in files]
    modules = [found.module for found in places]
    namespaces = {"game"}.union(*([found.holder, *parents(found.holder)] for found in places))
    assert len(set(modules)) == len(files)
    assert not namespaces & set(modules)


def test_a_merged_directory_named_like_a_scripts_module_is_refused():
    # `goblin.py` beside it is the module game.goblin_py, and would be the namespace as well.
    why = place("goblin_py/x.py")
    assert isinstance(why, str)
    assert "goblin_py" in why
    assert "rename" in why
    assert isinstance(place("a/goblin_py/b/x.py"), str)
    assert isinstance(place("goblin_py/x.py", layout="modules"), Location)


@pytest.mark.parametrize("name", ["goblin_py", "game.goblin", "game.goblin_py.x", "game.py", ""])
def test_no_other_name_passes_for_a_scripts_module(name):
    assert not is_script_module(name)


# ------------------------------------------------------------------ modules


@pytest.mark.parametrize(
    ("relative", "namespace", "module", "package"),
    [
        ("goblin.py", "game", "game.goblin", "game"),
        ("goblin.py", "", "goblin", ""),
        ("x/goblin.py", "game", "game.x.goblin", "game.x"),
        ("x/goblin.py", "", "x.goblin", "x"),
        ("x/goblin.py", "game.mods", "game.mods.x.goblin", "game.mods.x"),
        ("match.py", "game", "game.match", "game"),
        ("größe.py", "game", "game.größe", "game"),
    ],
)
def test_in_the_modules_layout_a_scripts_names_appear_on_its_own_module(relative, namespace, module, package):
    assert place(relative, namespace, "modules") == Location(
        f"/scripts/{relative}", "/scripts", relative, "modules", module, package, module
    )


@pytest.mark.parametrize(
    ("relative", "namespace", "package"),
    [("__init__.py", "game", "game"), ("x/__init__.py", "game", "game.x"), ("x/__init__.py", "", "x")],
)
def test_an_init_file_is_its_package(relative, namespace, package):
    assert place(relative, namespace, "modules") == Location(
        f"/scripts/{relative}", "/scripts", relative, "modules", package, package, package, is_package=True
    )


def test_an_init_file_without_a_package_above_is_refused():
    why = place("__init__.py", "", "modules")
    assert isinstance(why, str)
    assert "__init__.py" in why


@pytest.mark.parametrize("file", ["x.y.py", "goblin.v2.py", "x..py"])
def test_a_module_file_with_a_dot_in_its_name_is_refused_since_an_import_would_look_in_a_package(file):
    why = place(file, layout="modules")
    assert isinstance(why, str)
    assert repr(file) in why
    assert "rename" in why
    assert isinstance(place(file), Location)


@pytest.mark.parametrize(
    "stem", ["two words", "2d", "class", "my-goblin", "one\N{HORIZONTAL ELLIPSIS}two", "x\N{SUPERSCRIPT TWO}-y"]
)
def test_a_module_file_that_only_import_module_can_name_is_named_as_it_is(stem):
    assert place(f"x/{stem}.py", layout="modules").module == f"game.x.{stem}"


@pytest.mark.parametrize("layout", ["merged", "modules"])
@pytest.mark.parametrize("folder", ["two words", "2d", "class", "my-dir", "dotted.name"])
def test_a_directory_that_no_import_could_spell_is_refused(folder, layout):
    for relative in (f"{folder}/x.py", f"a/{folder}/b/x.py"):
        why = place(relative, layout=layout)
        assert isinstance(why, str)
        assert repr(folder) in why
        assert "rename" in why


def test_names_are_spelled_as_python_reads_them_however_the_file_system_does():
    # macOS hands out decomposed names; `import größe` looks for the composed one.
    folder, file = (unicodedata.normalize("NFD", part) for part in ("Fähre", "größe.py"))
    found = place(f"{folder}/{file}", layout="modules")
    assert found.module == "game.Fähre.größe"
    assert found.path == f"/scripts/{folder}/{file}"
    assert place(f"{folder}/{file}").holder == "game.Fähre"


# ------------------------------------------------------------------ unit tests


@pytest.mark.parametrize("layout", ["merged", "modules"])
@pytest.mark.parametrize(
    ("relative", "subject"),
    [
        ("goblin_unittest.py", "goblin.py"),
        ("x/goblin_unittest.py", "x/goblin.py"),
        ("goblin_unittest_unittest.py", "goblin_unittest.py"),
        ("goblin.py", None),
        ("x_unittest/goblin.py", None),
        ("_unittest.py", None),
    ],
)
def test_a_file_of_unit_tests_names_the_script_it_tests(relative, subject, layout):
    assert place(relative, layout=layout).tests == (None if subject is None else f"/scripts/{subject}")


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_the_tested_script_has_a_path_like_its_tests_on_windows_too(layout):
    path = "C:\\scripts\\x\\goblin_unittest.py"
    found = locate(path, "C:\\scripts", "x/goblin_unittest.py", namespace="game", layout=layout)
    assert found.tests == "C:\\scripts\\x\\goblin.py"
