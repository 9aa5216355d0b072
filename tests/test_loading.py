"""Preloading: names, order, what is reported, and what is left behind."""

from __future__ import annotations

import importlib
import pickle
import random
import sys
from pathlib import Path

import pytest

import livescripts
from livescripts import CycleError, Edge, ScriptError
from livescripts.testing import Project


def ROOT(relative):
    return Path(Project.ROOT, relative)


# ------------------------------------------------------------------ the merged layout


def test_a_namespace_has_what_its_scripts_define_whatever_the_files_are_called(project):
    game = project(
        {
            "x/some-thing 2.py": "class Something: pass",
            "x/other.py": "def helper(): return 1\nLIMIT = 3",
            "top.py": "class Top: pass",
        }
    ).namespace
    assert game.x.Something.__name__ == "Something"
    assert (game.x.helper(), game.x.LIMIT) == (1, 3)
    assert game.Top


def test_every_form_of_import_works_from_the_host(project):
    project({"x/a.py": "class A: pass\n_private = 1", "x/b.py": "B = 2", "x/deep/c.py": "C = 3"})
    found: dict[str, object] = {}
    exec(
        "import game.x\nfrom game.x import A\nfrom game.x import B as renamed\nimport game.x.deep as deep\n"
        "from game import x\nimport math",
        found,
    )
    assert found["A"] is found["game"].x.A
    assert (found["renamed"], found["deep"].C, found["x"]) == (2, 3, found["game"].x)
    star: dict[str, object] = {}
    exec("from game.x import *", star)
    assert {name for name in star if not name.startswith("__")} == {"A", "B"}


def test_every_form_of_import_works_from_scripts(project):
    game = project(
        {
            "x/a.py": "import math\nimport game.y\nfrom game.y import Y\nfrom . import Z\nfrom .. import Top\n"
            "from ..y import Y as Also\nfrom game.y import *\n"
            "found = (math.pi > 3, game.y.Y is Y is Also, Z, Top, W)",
            "x/b.py": "Z = 'z'",
            "y/c.py": "class Y: pass",
            "y/d.py": "W = 'w'",
            "t.py": "Top = 'top'",
        }
    ).namespace
    assert game.x.found == (True, True, "z", "top", "w")


def test_imports_private_names_and_test_cases_are_not_exported(project):
    game = project(
        {
            "a.py": """
            import math
            import unittest
            from collections import deque
            _hidden = 1
            class Shown: pass
            class ShownTest(unittest.TestCase):
                def test_it(self): assert Shown
            """
        }
    ).namespace
    assert [name for name in dir(game) if not name.startswith("__")] == ["Shown"]


@pytest.mark.parametrize("more", ["", "__doc__ = 'mine'\n", "del __doc__\n", "import math\n", "from math import *\n"])
def test_names_that_no_statement_binds_are_exported_unless_a_star_may_have_bound_them(project, more):
    game = project({"a.py": more + "x = 1\nglobals()['dynamic'] = 2\n"})
    assert set(game.namespace.__all__) == ({"x"} if "*" in more else {"x", "dynamic"})


def test_all_decides_what_is_exported_if_it_is_there(project):
    game = project({"a.py": "from math import pi\n_private = 1\nother = 2\n__all__ = ['pi', '_private']"}).namespace
    assert (game.pi > 3, game._private) == (True, 1)
    assert not hasattr(game, "other")


def test_the_fall_back_of_an_import_is_no_definition(project):
    text = "try:\n    import no_such_module_here as fast\nexcept ImportError:\n    fast = None\n"
    game = project({"a.py": text + "A = fast", "b.py": text + "B = fast"}).namespace
    assert (game.A, game.B) == (None, None)
    assert not hasattr(game, "fast")


def test_a_definition_that_replaces_an_import_of_the_same_name_is_exported(project):
    game = project(
        {"x/a.py": "from game import Goblin\nclass Goblin(Goblin): pass", "b.py": "class Goblin: pass"}
    ).namespace
    assert issubclass(game.x.Goblin, game.Goblin)
    assert game.x.Goblin is not game.Goblin


def test_a_namespace_follows_its_scripts_variables_and_writes_reach_the_script(project):
    game = project(
        {
            "a.py": """
            score = 0
            SPEED = 1
            def gain():
                global score
                score += 1
            def read():
                return score, SPEED
            def later():
                global made_later
                made_later = "now"
            """
        }
    ).namespace
    game.gain()
    assert game.score == 1
    game.score = 10
    game.SPEED = 5
    assert game.read() == (10, 5)
    game.gain()
    assert game.score == 11
    assert "score" in dir(game)
    assert not hasattr(game, "made_later")
    game.later()
    assert game.made_later == "now"
    del game.SPEED
    assert not hasattr(game, "SPEED")
    with pytest.raises(NameError):
        game.read()


def test_a_namespace_is_a_module_to_everybody(project):
    import inspect
    import types

    game = project({"x/a.py": "class A: pass"}).namespace
    assert inspect.ismodule(game.x)
    assert isinstance(game.x, types.ModuleType)
    assert importlib.import_module("game.x") is game.x
    assert pickle.loads(pickle.dumps(game.x.A())).__class__ is game.x.A
    with pytest.raises(AttributeError, match="no script in it defines that name"):
        _ = game.x.Missing
    with pytest.raises(ImportError, match="Missing"):
        exec("from game.x import Missing")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("game.x.missing")


def test_the_module_of_a_class_is_the_one_with_its_globals(project):
    import typing

    game = project(
        {
            "x/a.py": """
            from __future__ import annotations
            from dataclasses import dataclass
            @dataclass
            class Pair:
                one: Other
                score: int = 0
            class Other: pass
            def here(): return globals()
            """
        }
    ).namespace
    assert sys.modules[game.x.Pair.__module__].__dict__ is game.x.here()
    assert typing.get_type_hints(game.x.Pair) == {"one": game.x.Other, "score": int}


def test_a_save_game_of_before_the_class_moved_to_another_file_loads(project):
    game = project({"x/old.py": "class Goblin:\n    hp = 1"})
    saved = pickle.dumps(game.namespace.x.Goblin())
    game.move("x/old.py", "x/new.py")
    assert game.update().reloaded
    assert type(pickle.loads(saved)) is game.namespace.x.Goblin


# ------------------------------------------------------------------ the modules layout


def test_a_module_per_file_tree_works_unmodified(project):
    game = project(
        {
            "__init__.py": "VERSION = 1\nfrom .x import Goblin",
            "x/__init__.py": "from .goblin import Goblin\n__all__ = ['Goblin']",
            "x/goblin.py": "from .. import base\nclass Goblin(base.Base): pass",
            "base.py": "class Base: pass",
            "plain/tool.py": "from game.x.goblin import Goblin\nimport game.base as base\nused = (Goblin, base)",
        },
        layout="modules",
    ).namespace
    assert game.VERSION == 1
    assert game.Goblin is game.x.Goblin is game.x.goblin.Goblin
    assert issubclass(game.Goblin, game.base.Base)
    assert game.plain.tool.used == (game.Goblin, game.base)
    assert game.x.goblin.__name__ == "game.x.goblin"
    assert game.x.__package__ == "game.x"


def test_top_level_modules_with_an_empty_namespace(project):
    project(
        {"goblin.py": "from goblin_base import Base\nclass Goblin(Base): pass", "goblin_base.py": "class Base: pass"},
        layout="modules",
        namespace="",
    )
    import goblin
    import goblin_base

    assert issubclass(goblin.Goblin, goblin_base.Base)


def test_importing_a_module_for_its_effect_alone_runs_it_first(project):
    game = project(
        {
            "a.py": "import game.z\nfrom game.registry import seen\norder = list(seen)",
            "registry.py": "seen = []",
            "z.py": "from game.registry import seen\nseen.append('z')",
        },
        layout="modules",
    ).namespace
    assert game.a.order == ["z"]


def test_packages_can_be_walked_and_what_is_no_script_lies_beside_them(tmp_path):
    import pkgutil
    from importlib import resources

    for relative, text in {
        "plugins/one.py": "NAME = 'one'",
        "plugins/deep/two.py": "NAME = 'two'",
        "plugins/deep/data.txt": "data",
        "packed/__init__.py": "",
        "packed/data.txt": "packed data",
        "app.py": "import pkgutil, importlib\nimport game.plugins\n"
        "found = [importlib.import_module(f'game.plugins.{m.name}') for m in pkgutil.iter_modules(game.plugins.__path__)]",
    }.items():
        (tmp_path / relative).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / relative).write_text(text)
    with livescripts.LiveScripts(watch=False) as live:
        live.add_directory(tmp_path, namespace="game", layout="modules")
        game = sys.modules["game"]
        assert [module.__name__ for module in game.app.found] == ["game.plugins.one"]
        assert {module.name for module in pkgutil.walk_packages(game.__path__, "game.")} >= {"game.app"}
        assert (Path(game.plugins.deep.__path__[0]) / "data.txt").read_text() == "data"
        assert resources.files("game.plugins.deep").joinpath("data.txt").read_text() == "data"
        assert resources.files("game.packed").joinpath("data.txt").read_text() == "packed data"
        (tmp_path / "saved_later.py").write_text("x = 1")
        with pytest.raises(ModuleNotFoundError, match="saved, but not loaded"):
            importlib.import_module("game.saved_later")


# ------------------------------------------------------------------ several directories


def test_directories_of_both_layouts_depend_on_each_other(project):
    both = Project({"base.py": "class Base: pass"}, load=False)
    with both:
        both.files.directories.add("/memory/mods")
        both.files.contents["/memory/mods/extra.py"] = b"from game import Base\nclass Extra(Base): pass"
        both.write("user.py", "from mods.extra import Extra\nclass User(Extra): pass")
        both.live.add_directories(
            livescripts.ScriptDirectory(Project.ROOT, "game"),
            livescripts.ScriptDirectory("/memory/mods", "mods", "modules"),
        )
        game, mods = sys.modules["game"], sys.modules["mods"]
        assert issubclass(game.User, mods.extra.Extra)
        assert issubclass(mods.extra.Extra, game.Base)
        with pytest.raises(livescripts.NameTakenError, match=r"user\.py"):
            both.live.remove_directory("/memory/mods")


def test_two_directories_feed_one_namespace_and_one_can_go(project):
    one = project({"x/a.py": "A = 1"})
    one.files.contents["/memory/more/x/b.py"] = b"B = 2"
    one.files.contents["/memory/more/y/c.py"] = b"C = 3"
    one.live.add_directory("/memory/more", namespace="game")
    game = one.namespace
    assert (game.x.A, game.x.B, game.y.C) == (1, 2, 3)
    one.live.remove_directory("/memory/more")
    assert game.x.A == 1
    assert not hasattr(game.x, "B")
    assert not hasattr(game, "y")
    assert "game.y" not in sys.modules


def test_a_namespace_may_be_part_of_the_users_own_package(project, tmp_path, monkeypatch):
    (tmp_path / "mygame_pkg").mkdir()
    (tmp_path / "mygame_pkg" / "__init__.py").write_text("TITLE = 'mine'\n")
    monkeypatch.syspath_prepend(tmp_path)
    one = Project(
        {"x/a.py": "A = 1", "b.py": "from mygame_pkg import TITLE\nB = TITLE"}, namespace="mygame_pkg.scripts"
    )
    import mygame_pkg.scripts.x

    assert (mygame_pkg.scripts.x.A, mygame_pkg.scripts.B, mygame_pkg.TITLE) == (1, "mine", "mine")
    assert one.save("x/a.py", "A = 2").reloaded
    assert mygame_pkg.scripts.x.A == 2
    one.close()
    assert not hasattr(mygame_pkg, "scripts")
    assert sys.modules.pop("mygame_pkg") is mygame_pkg
    assert not [name for name in sys.modules if name.startswith("mygame_pkg")]


def test_a_namespace_of_several_parts_makes_the_packages_above(project):
    one = project({"a.py": "A = 1"}, namespace="game.mods.one")
    import game.mods.one

    assert game.mods.one.A == 1
    one.close()
    assert not [name for name in sys.modules if name.split(".")[0] == "game"]


def test_a_module_taken_out_of_sys_modules_by_somebody_comes_back_the_same(project):
    game = project({"x/a.py": "A = 1"}).namespace
    x = sys.modules.pop("game.x")
    assert importlib.import_module("game.x") is x is game.x
    assert x.A == 1


def test_scripts_tell_their_source(project):
    import inspect

    game = project({"a.py": "def f():\n    return 1\n"}, layout="modules").namespace
    assert inspect.getsource(game.a.f) == "def f():\n    return 1\n"
    assert inspect.getsource(game.a) == "def f():\n    return 1\n"


def test_files_of_one_name_in_two_directories_of_one_namespace_are_two_scripts(project):
    one = project({"x/a.py": "class A: v = 1"})
    one.files.contents["/memory/more/x/a.py"] = b"class B: v = 1"
    one.live.add_directory("/memory/more", namespace="game")
    a, b = one.namespace.x.A(), one.namespace.x.B()
    one.save("x/a.py", "class A: v = 2")
    one.files.contents["/memory/more/x/a.py"] = b"class B: v = 3"
    one.watcher.report("/memory/more/x/a.py")
    assert one.update().reloaded
    assert (a.v, b.v) == (2, 3)
    assert type(pickle.loads(pickle.dumps(b))) is one.namespace.x.B


def test_a_module_and_a_package_of_one_name_clash(project):
    with pytest.raises(
        ScriptError, match=r"game\.x is defined twice: in x/__init__\.py and in x\.py|in x\.py and in x/__init__"
    ):
        project({"x.py": "A = 1", "x/__init__.py": "B = 1"}, layout="modules")


def test_close_leaves_everything_as_it_was_before(project):
    before = set(sys.modules), list(sys.meta_path)
    one = Project({"x/a.py": "A = 1"})
    held = one.namespace.x
    one.close()
    one.close()
    assert (set(sys.modules), list(sys.meta_path)) == before
    assert held.A == 1


# ------------------------------------------------------------------ order


@pytest.mark.parametrize("layout", ["merged", "modules"])
@pytest.mark.parametrize("seed", range(6))
def test_a_chain_of_subclasses_loads_in_one_pass_whatever_the_files_are_called(project, layout, seed):
    names = [f"f{number}" for number in range(12)]
    random.Random(seed).shuffle(names)
    scripts = {f"{names[0]}.py": "import builtins\nbuiltins.runs.append(0)\nclass C0: pass"}
    for number in range(1, 12):
        source = "game" if layout == "merged" else f"game.{names[number - 1]}"
        scripts[f"{names[number]}.py"] = (
            f"import builtins\nfrom {source} import C{number - 1}\nbuiltins.runs.append({number})\n"
            f"class C{number}(C{number - 1}): pass"
        )
    import builtins

    builtins.runs = []
    try:
        game = project(scripts, layout=layout).namespace
        assert builtins.runs == list(range(12))
    finally:
        del builtins.runs
    last = game if layout == "merged" else getattr(game, names[11])
    assert len(last.C11.__mro__) == 13


def test_a_name_taken_by_a_decorator_or_a_call_is_there_as_well(project):
    game = project(
        {
            "a.py": "import game\n@game.mark\nclass A(game.zoo.Base, key=game.zoo.KEY()): pass",
            "b.py": "def mark(cls):\n    cls.marked = True\n    return cls",
            "zoo/c.py": "class Base:\n    def __init_subclass__(cls, key): cls.key = key\ndef KEY(): return 7",
        }
    ).namespace
    assert (game.A.marked, game.A.key) == (True, 7)


def test_a_fatal_cycle_is_reported_with_its_chain_and_the_wanted_name(project):
    with pytest.raises(ScriptError) as caught:
        project(
            {"a.py": "from game import Ork\nclass Goblin: pass", "b.py": "from game import Goblin\nclass Ork: pass"}
        )
    (problem,) = caught.value.problems
    assert isinstance(problem.error, CycleError)
    assert problem.error.chain == ("a.py", "b.py", "a.py")
    assert problem.error.wanted == "Goblin"
    assert (problem.path, problem.line, problem.source_line) == (ROOT("b.py"), 1, "from game import Goblin")
    assert caught.value.blocked == (ROOT("a.py"),)


def test_a_fatal_cycle_between_modules_is_reported_too(project):
    with pytest.raises(ScriptError) as caught:
        project(
            {
                "a.py": "from game.b import Ork\nclass Goblin: pass",
                "b.py": "from game.a import Goblin\nclass Ork: pass",
            },
            layout="modules",
        )
    (problem,) = caught.value.problems
    assert isinstance(problem.error, CycleError)
    assert problem.error.chain == ("a.py", "b.py", "a.py")


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_benign_cycle_works_as_in_ordinary_python(project, layout):
    a, b = ("game", "game") if layout == "merged" else ("game.a", "game.b")
    game = project(
        {
            "a.py": f"class Goblin: pass\nfrom {b} import Ork\nfriend = Ork",
            "b.py": f"from {a} import Goblin\nclass Ork(Goblin): pass",
        },
        layout=layout,
    ).namespace
    holder = game if layout == "merged" else game.a
    assert issubclass(holder.friend, holder.Goblin)


def test_an_optional_import_in_a_cycle_is_no_error(project):
    game = project(
        {
            "a.py": "try:\n    from game import Ork\nexcept ImportError:\n    Ork = None\nclass Goblin: pass\n"
            "__all__ = ['Goblin']",
            "b.py": "from game import Goblin\nclass Ork(Goblin): pass",
        }
    )
    assert issubclass(game.namespace.Ork, game.namespace.Goblin)


def test_the_graph_says_who_depends_on_whom_by_name(project):
    game = project(
        {
            "a.py": "class Base: pass",
            "b.py": "from game import Base\nclass Mid(Base):\n    def f(self):\n        import game\n        return game.Leaf",
            "c.py": "import game\nclass Leaf(game.Mid): pass",
        }
    )
    assert game.live.graph == (
        Edge(ROOT("b.py"), "game.Base", ROOT("a.py")),
        Edge(ROOT("c.py"), "game.Mid", ROOT("b.py")),
    )
    assert game.namespace.Mid().f() is game.namespace.Leaf


def test_no_import_of_a_script_touches_the_disk_after_preloading(project):
    game = project({"x/a.py": "class A: pass", "b.py": "B = 1"})
    reads = game.files.reads
    exec("import game.x\nfrom game.x import A\nfrom game import B\nimport game")
    assert game.files.reads == reads


# ------------------------------------------------------------------ preloading validates


BROKEN = {
    "syntax.py": ("x = 1\ndef f(:\n    pass", 2, "def f(:", SyntaxError),
    "raises.py": ("def f():\n    return 1 / 0\n\nf()", 2, "return 1 / 0", ZeroDivisionError),
    "exits.py": ("import sys\nsys.exit(3)", 2, "sys.exit(3)", SystemExit),
    "interrupt.py": ("raise KeyboardInterrupt", 1, "raise KeyboardInterrupt", KeyboardInterrupt),
    "recursion.py": ("def f(): f()\nf()", 1, "def f(): f()", RecursionError),
    "clash2.py": ("a = 1\nclass Same: pass", 2, "class Same: pass", livescripts.ClashError),
    "wants.py": ("from game import Nowhere", 1, "from game import Nowhere", ImportError),
    "test.py": (
        "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1, 2)",
        4, "self.assertEqual(1, 2)", livescripts.ScriptTestError,
    ),
    "bad_all.py": ("__all__ = ['missing']", None, "", NameError),
    "cycle_a.py": ("from game import CB\nclass CA: pass", None, "", None),
    "cycle_b.py": ("from game import CA\nclass CB: pass", 1, "from game import CA", CycleError),
    "undecodable.py": (b"x = 1\ny = '\xff'", 2, None, UnicodeDecodeError),
    "cookie.py": (b"# coding: no-such-codec\n", None, None, SyntaxError),
    "null.py": (b"x = 1\ny = 2\0", 2, None, Exception),
    "unreadable.py": (PermissionError(13, "Permission denied"), None, "", PermissionError),
    "bad-dir/a.py": ("x = 1", None, "", livescripts.DirectoryError),
    "class/a.py": ("x = 1", None, "", livescripts.DirectoryError),
}  # fmt: skip


def test_every_broken_file_is_listed_with_its_line_and_nothing_is_left_behind(project):
    before = set(sys.modules), list(sys.meta_path)
    game = project({}, load=False)
    game.write("clash1.py", "class Same: pass")
    game.write("fine.py", "fine = 1")
    for name, (text, *_) in BROKEN.items():
        game.write(name, text)
    with pytest.raises(ScriptError) as caught:
        game.load()
    problems = {problem.path: problem for problem in caught.value.problems}
    for name, (_, line, source, error) in BROKEN.items():
        if error is None:
            assert ROOT(name) in caught.value.blocked
            continue
        problem = problems.pop(ROOT(name))
        assert isinstance(problem.error, error), name
        assert problem.line == line, name
        if source is not None:
            assert problem.source_line == source, name
        assert str(problem) in str(caught.value)
    assert not problems
    assert set(sys.modules) == before[0]
    assert game.live.graph == ()
    for name in BROKEN:
        game.delete(name)
    game.load()
    assert game.namespace.fine == 1


def test_a_script_that_waits_for_a_broken_one_is_not_called_broken(project):
    with pytest.raises(ScriptError) as caught:
        project({"a.py": "from game import Base\nclass Sub(Base): pass", "b.py": "class Base: pass\n1 / 0"})
    assert [problem.path for problem in caught.value.problems] == [ROOT("b.py")]
    assert caught.value.blocked == (ROOT("a.py"),)
    assert "a.py" in str(caught.value)


def test_a_clash_names_both_files(project):
    with pytest.raises(ScriptError, match=r"game\.Same is defined twice: in a\.py and in b\.py"):
        project({"a.py": "class Same: pass", "b.py": "class Same: pass"})


def test_a_name_may_not_be_a_sub_namespace_as_well(project):
    with pytest.raises(ScriptError, match=r"game\.x is defined twice"):
        project({"a.py": "x = 1", "x/b.py": "y = 1"})


def test_a_script_may_be_called_like_a_directory_or_like_what_it_defines(project):
    game = project({"x.py": "class X: pass", "x/Goblin.py": "class Goblin: pass"}).namespace
    assert game.X
    assert game.x.Goblin.__name__ == "Goblin"


def test_an_endless_body_is_stopped_and_reported(project):
    with pytest.raises(ScriptError, match="did not return in time") as caught:
        project(
            {"a.py": "x = 1\nwhile True:\n    try:\n        pass\n    except Exception:\n        pass"}, timeout=0.1
        )
    assert isinstance(caught.value.problems[0].error, livescripts.ScriptTimeout)
    assert caught.value.problems[0].line in range(2, 7)


def test_a_real_ordinary_module_that_a_rejected_script_imported_does_not_keep_its_objects(project, tmp_path):
    (tmp_path / "host_helper.py").write_text("from game import Goblin\n")
    sys.path.insert(0, str(tmp_path))
    try:
        with pytest.raises(ScriptError):
            project({"a.py": "class Goblin: pass", "b.py": "import host_helper\n1 / 0"})
        assert "host_helper" not in sys.modules
    finally:
        sys.path.remove(str(tmp_path))
        sys.modules.pop("host_helper", None)


# ------------------------------------------------------------------ bad input


def test_a_namespace_that_is_a_real_module_is_refused(project):
    for name in ("math", "json.decoder", "pytest"):
        with pytest.raises(livescripts.NamespaceError, match="already a real module"):
            project({"a.py": "x = 1"}, namespace=name)


@pytest.mark.parametrize("name", ["not-a-name", "1x", "class", "a..b", ".a", "a b"])
def test_a_namespace_that_is_not_made_of_identifiers_is_refused(project, name):
    with pytest.raises(livescripts.NamespaceError, match="identifiers"):
        project({"a.py": "x = 1"}, namespace=name)


def test_directories_that_are_missing_files_double_or_nested_are_refused(project):
    game = project({"x/a.py": "x = 1"})
    add = game.live.add_directory
    with pytest.raises(livescripts.DirectoryError, match="does not exist"):
        add("/memory/nowhere", namespace="other")
    with pytest.raises(livescripts.DirectoryError, match="is a file"):
        add(game.path("x/a.py"), namespace="other")
    with pytest.raises(livescripts.DirectoryError, match="registered already"):
        add(Project.ROOT, namespace="other")
    for nested in (game.path("x"), "/memory"):
        with pytest.raises(livescripts.DirectoryError, match="nested"):
            add(nested, namespace="other")
    game.files.contents["/memory/other/a.py"] = b""
    with pytest.raises(livescripts.NamespaceError, match="layout"):
        add("/memory/other", namespace="game", layout="modules")
    with pytest.raises(ValueError, match="layout"):
        add("/memory/other", namespace="other", layout="flat")
    with pytest.raises(livescripts.NamespaceError, match="modules"):
        add("/memory/other", namespace="")
    with pytest.raises(livescripts.DirectoryError, match="not a registered"):
        game.live.remove_directory("/memory/other")
    assert game.namespace.x.x == 1


def test_a_top_level_script_may_not_hide_a_real_module(project):
    with pytest.raises(ScriptError, match="would hide the module 'random'"):
        project({"random.py": "x = 1"}, layout="modules", namespace="")
    assert random.random() < 1


@pytest.mark.parametrize("name", ["random", "colorsys", "zipimport", "itertools", "found_elsewhere", "beside"])
def test_among_many_top_level_scripts_none_may_hide_a_real_module_either(project, monkeypatch, tmp_path, name):
    class Elsewhere:
        @staticmethod
        def find_spec(name, path=None, target=None):
            return importlib.machinery.ModuleSpec(name, None, origin="elsewhere") if name == "found_elsewhere" else None

    (tmp_path / "beside.py").write_text("x = 1")
    monkeypatch.setattr(sys, "meta_path", [Elsewhere, *sys.meta_path])
    monkeypatch.syspath_prepend(tmp_path)
    many = {f"script_{number}.py": "x = 1" for number in range(50)}
    with pytest.raises(ScriptError, match=f"would hide the module '{name}'") as caught:
        project({**many, f"{name}.py": "x = 1"}, layout="modules", namespace="")
    assert len(caught.value.problems) == 1


def test_many_top_level_scripts_may_be_in_a_directory_of_the_path(monkeypatch, tmp_path):
    for number in range(50):
        (tmp_path / f"script_of_the_path_{number}.py").write_text(f"x = {number}")
    monkeypatch.syspath_prepend(tmp_path)
    with livescripts.LiveScripts(watch=False) as live:
        live.add_directory(tmp_path, namespace="", layout="modules")
        assert importlib.import_module("script_of_the_path_49").x == 49


def test_options_out_of_range_are_refused():
    for options in ({"settle": -1}, {"frame_budget": -0.1}, {"timeout": 0}, {"settle": float("nan")}):
        with pytest.raises(ValueError, match="number of seconds"):
            livescripts.LiveScripts(**options)


def test_importlib_reload_of_a_script_is_refused_with_advice(project):
    game = project({"a.py": "x = 1"}, layout="modules").namespace
    with pytest.raises(ImportError, match=r"game\.a is live"):
        importlib.reload(game.a)
    assert game.a.x == 1
