"""Findings of reviews, each as the shortest program that showed it."""

from __future__ import annotations

import gc
import pickle
import sys
from pathlib import Path

import pytest
from test_reloading import Ticking

import livescripts
from livescripts.testing import Project

CASE = "import unittest\nfrom unittest import mock\nclass T(unittest.TestCase):\n"


def ROOT(relative):
    return Path(Project.ROOT, relative)


@pytest.mark.parametrize("layout", ["merged", "modules"])
@pytest.mark.parametrize("verdict", ["mocked", "other"])
def test_a_patch_in_a_unit_test_does_not_outlive_it(project, layout, verdict):
    where = "game" if layout == "merged" else "game.b"
    game = project({"a.py": "x=1", "b.py": "def roll(): return 'real'\ndef play(): return roll()"}, layout=layout)
    game.save(
        "a.py",
        f"x=2\n{CASE}    @mock.patch('{where}.roll', lambda: 'mocked')\n    def test_1(self):\n        import {where}\n"
        f"        self.assertEqual({where}.play(),'{verdict}')\n",
    )
    holder = game.namespace if layout == "merged" else game.namespace.b
    assert holder.play() == "real"


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_a_write_without_a_read_is_taken_back_too(project, layout):
    where = "game" if layout == "merged" else "game.store"
    game = project({"store.py": "z = 1\ny = 1"}, layout=layout)
    holder = game.namespace if layout == "merged" else game.namespace.store
    game.save("bad.py", f"import {where}\n{where}.z = 5\ndel {where}.y\n1/0")
    assert (holder.z, holder.y) == (1, 1)
    game.save("good.py", f"x = 1\nimport {where}\n{CASE}    def test_1(self): {where}.z = 9\n")
    assert holder.z == 1
    assert game.save("good.py", f"import {where}\n{where}.z = 7\nx = 2").reloaded
    assert holder.z == 7


def staging(game):
    """Update frame by frame until something comes of it."""
    report = None
    while not report:
        report = game.live.update()
        if not report:
            yield None
    yield report


@pytest.mark.parametrize("last", ["\n1/0", "\n" + CASE + "".join(f"    def test_{n}(self): pass\n" for n in range(5))])
def test_what_the_game_does_to_class_attributes_while_staging_is_not_lost(project, last):
    scripts = {f"s{number}.py": "from game import BASE, Enemy" for number in range(8)}
    scripts |= {"base.py": "BASE=1", "enemy.py": "class Enemy:\n    alive=0\n    def __init__(self): Enemy.alive+=1\n"}
    game = project(scripts, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    game.write("base.py", "BASE=2")
    game.write("s7.py", "from game import BASE, Enemy\nEnemy.speed = 99" + last)
    made = 0
    for report in staging(game):
        if report is None:
            assert not hasattr(game.namespace.Enemy, "speed")
            game.namespace.Enemy()
            made += 1
    assert made > 3
    assert game.namespace.Enemy.alive == made


def test_a_package_may_bind_the_name_of_its_module(project):
    game = project(
        {
            "pk/__init__.py": "from .foo import foo",
            "pk/foo.py": "def foo(): return 1",
            "u.py": "import game.pk\nw=game.pk.foo()",
        },
        layout="modules",
    )
    assert game.namespace.pk.foo() == 1
    game.save("pk/foo.py", "def foo(): return 2")
    assert game.namespace.pk.foo() == 2
    game.save("pk/__init__.py", "from .foo import foo\nMORE = 1")
    assert game.namespace.pk.foo() == 2


def test_registrations_of_independent_scripts_are_made_once(project):
    game = project({"store.py": "kinds=[]"})
    game.write("a.py", "from game import kinds\nkinds.append('a')\nA=1")
    game.write("b.py", "from game import kinds\nkinds.append('b')\nB=1")
    assert game.update().reloaded
    assert game.namespace.kinds == ["a", "b"]


@pytest.mark.parametrize("call", ["reload", "add", "remove"])
def test_a_save_that_is_being_staged_is_not_forgotten(project, call):
    scripts = {f"s{number}.py": "from game import BASE" for number in range(6)} | {"base.py": "BASE=1", "z.py": "Z=1"}
    game = project(scripts, clock=Ticking(0.001), frame_budget=0.0015, settle=0)
    game.files.contents["/memory/other/a.py"] = b"OTHER = 1"
    if call == "remove":
        game.live.add_directory("/memory/other", namespace="mods")
    game.write("base.py", "BASE=2")
    while game.live._batches.stage is None:
        assert not game.live.update()
    match call:
        case "reload":
            game.live.reload(game.path("z.py"))
        case "add":
            game.live.add_directory("/memory/other", namespace="mods")
        case _:
            game.live.remove_directory("/memory/other")
    while game.live.busy:
        game.live.update()
    assert game.namespace.BASE == 2


def test_a_held_function_never_runs_code_of_another_script(project):
    game = project({"a.py": "K=1\ndef f(): return K"}, layout="modules")
    held = game.namespace.a.f
    game.write("b.py", "SECRET=2\ndef f(): return SECRET")
    game.write("a.py", "from game.b import f\nK=1")
    game.update()
    assert held() == 1
    assert game.namespace.a.f() == 2


def test_function_attributes_are_compared_by_identity(project):
    text = "class Odd:\n    def __eq__(self, other): raise ValueError('ambiguous')\ndef f(): return {0}\nf.odd = Odd()"
    game = project({"a.py": text.format(1)})
    assert game.save("a.py", text.format(2)).reloaded


@pytest.mark.parametrize(
    "text",
    [
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
        "class L:\n    @property\n    def __class__(s): raise RuntimeError('no context')\nl=L()\n1/0",
    ],
)
def test_update_never_lets_a_scripts_exception_out(project, text):
    game = project({"a.py": "x=1"})
    assert game.save("a.py", text).rejected
    assert game.namespace.x == 1


def test_neither_rejected_nor_retired_classes_are_listed_as_subclasses(project):
    game = project(
        {
            "base.py": "class Enemy: pass\ndef kinds(): return [c.__name__ for c in Enemy.__subclasses__()]",
            "mob.py": "from game import Enemy\nclass Orc(Enemy): pass",
        }
    )
    game.save("mob.py", "from game import Enemy\nclass Orc(Enemy): pass\nclass Broken(Enemy): pass\n1/0")
    assert game.namespace.kinds() == ["Orc"]
    game.save("mob.py", "from game import Enemy\nclass Orc(Enemy): v=2")
    assert game.namespace.kinds() == ["Orc"]
    assert gc.isenabled()


@pytest.mark.parametrize("name", ["__name__", "__class__", "__qualname__"])
def test_a_class_that_answers_for_its_own_name_or_class_reloads(project, name):
    text = f"class F:\n    {name if name == '__qualname__' else 'x'} = 'F'\n    @property\n    def {name}(self): return F\n    v=%d\n"
    if name == "__qualname__":
        text = "class F:\n    v=%d\n"
    game = project({"a.py": text % 1})
    one = game.namespace.F()
    assert game.save("a.py", text % 2).reloaded
    assert one.v == 2


def test_a_save_game_loads_when_its_class_moved_and_its_old_file_still_exists(project):
    game = project({"a.py": "class A: v=1\nclass Q: pass", "b.py": "class B: pass"})
    saved = pickle.dumps(game.namespace.A())
    game.write("a.py", "class Q: pass")
    game.write("b.py", "class B: pass\nclass A: v=2")
    game.update()
    assert pickle.loads(saved).v == 2


def test_the_dict_of_a_namespace_does_not_depend_on_file_order(project):
    game = project({"b/z.py": "A=1", "a.py": "import game.b\nseen=[n for n in vars(game.b) if n[0]!='_']"})
    assert game.namespace.seen == ["A"]
    game.live.reload(game.path("a.py"))
    assert game.namespace.seen == ["A"]


def test_a_companion_sees_the_scripts_names_inside_class_bodies_too(project):
    game = project({"a.py": "class Goblin: hp=3\nSLOW = True\nmax = 7"})
    report = game.save(
        "a_unittest.py",
        CASE + "    cls = Goblin\n    biggest = max\n    @mock.patch.object(Goblin,'hp',5)\n    def test_1(self):\n"
        "        self.assertEqual((Goblin.hp, self.cls, self.biggest), (5, Goblin, 7))\n"
        "    @unittest.skipIf(SLOW, 'slow')\n    def test_2(self): self.fail()\n",
    )
    assert report.reloaded
    assert game.namespace.Goblin.hp == 3


def test_module_fixtures_run_once_around_all_tests(project):
    fixtures = "res=[]\ndef setUpModule(): res.append(1)\ndef tearDownModule(): res.clear()\n"
    tests = "    def test_1(self): self.assertEqual(res,[1])\n    def test_2(self): self.assertEqual(res,[1])\n"
    game = project({"a.py": "x=1"})
    assert game.save("a.py", fixtures + CASE + tests).reloaded
    assert game.save("a_unittest.py", fixtures + CASE + tests).reloaded
    assert game.save("a_unittest.py", fixtures.replace("res.append(1)", "1/0") + CASE + tests).rejected


def test_a_test_file_may_skip_itself(project):
    game = project({"a.py": "x=1"})
    assert game.save("a_unittest.py", "import unittest\nraise unittest.SkipTest('not here')").reloaded


def test_a_class_that_comes_back_takes_its_instances_up_again(project):
    game = project({"a.py": "class A: v=1\nclass B: pass"})
    a = game.namespace.A()
    game.save("a.py", "class B: pass")
    game.save("a.py", "class A: v=2\nclass B: pass")
    assert isinstance(a, game.namespace.A)
    assert a.v == 2


def test_a_body_that_swallows_the_timeout_is_rejected_all_the_same(project):
    game = project({"a.py": "x=1"}, timeout=0.2)
    text = "def slow():\n    n=0\n    while True: n+=1\ntry: slow()\nexcept BaseException: pass\nx=2"
    assert isinstance(game.save("a.py", text).rejected[0].problems[0].error, livescripts.ScriptTimeout)
    assert game.namespace.x == 1


def test_registrations_deep_inside_are_taken_back_too(project):
    game = project(
        {"s.py": "from collections import defaultdict, Counter\ndd=defaultdict(list)\nreg={'e':[]}\nc=Counter(a=1)"}
    )
    game.save("m.py", "from game import dd,reg,c\ndd['x'].append(1)\nreg['e'].append(1)\nc['a'] += 1\nc['b'] += 1\n1/0")
    assert (dict(game.namespace.dd), game.namespace.reg, dict(game.namespace.c)) == ({}, {"e": []}, {"a": 1})


def test_a_host_subclass_with_a_metaclass_of_its_own_gets_the_new_base(project):
    game = project({"a.py": "class A: v=1"})

    class Strict(type):
        def __setattr__(cls, name, value):
            raise TypeError("no")

    sub = Strict("Sub", (game.namespace.A,), {})
    assert not game.save("a.py", "class A: v=2").reloaded[0].warnings
    assert sub().v == 2


def test_a_host_subclass_of_a_class_whose_layout_changed_still_makes_its_own(project):
    game = project({"a.py": "class G:\n    __slots__=('x',)"})

    class Host(game.namespace.G):
        pass

    game.save("a.py", "class G:\n    __slots__=('x','y')")
    assert type(Host()) is Host
    assert Host().__class__ is Host


def test_names_that_the_host_put_on_a_namespace_follow_too(project):
    game = project({"a.py": "class G: v=1", "b.py": "current = None"})
    space = game.namespace
    space.alias = space.G
    space.current = space.G
    game.save("a.py", "class G: v=2")
    assert space.alias is space.G
    assert space.current is space.G
    assert sys.modules["game.b_py"].current is space.G


def test_a_kept_value_and_those_who_take_it_stay_together(project):
    base = "entities=[]\ndef f(): return %d\n"
    game = project({"base.py": base % 1, "c.py": "x=1"})
    game.namespace.entities.append("goblin")
    game.write("base.py", base % 2)
    game.write("c.py", "from game import entities\ndef count(): return len(entities)")
    assert game.update().reloaded
    assert game.namespace.count() == 1
    game.namespace.entities.append("ork")
    game.save("base.py", base % 3)
    assert game.namespace.count() == 2


def test_an_edited_value_reaches_those_who_take_it(project):
    game = project({"config.py": "S={'speed':1}", "player.py": "from game import S\ndef speed(): return S['speed']"})
    game.namespace.S["volume"] = 3
    game.save("config.py", "S={'speed':2}")
    assert (game.namespace.S, game.namespace.speed()) == ({"speed": 2}, 2)


def test_a_kept_container_is_kept_wherever_the_script_put_it(project):
    text = "entities=[]\nclass World:\n    things=entities\ndef spawn(x,into=entities): into.append(x)\nrow=[entities]\nv=%d\n"
    game = project({"base.py": text % 1})
    game.namespace.spawn("goblin")
    game.save("base.py", text % 2)
    game.namespace.spawn("ork")
    assert game.namespace.entities == ["goblin", "ork"]
    assert game.namespace.World.things is game.namespace.entities is game.namespace.row[0]


def test_a_kept_container_is_untouched_when_a_dependant_is_rejected(project):
    game = project(
        {"base.py": "entities=[]\nv=1", "c.py": "from game import entities, v\nif v > 1: entities.clear(); 1/0"}
    )
    game.namespace.entities.append("goblin")
    assert game.save("base.py", "entities=[]\nv=2").rejected
    assert game.namespace.entities == ["goblin"]


MOB = "from game import kinds, names, Base\nclass Mob(Base): v=%d\nkinds.append(Mob)\nnames['mob%d']=1"
STORE = "kinds=[]\nnames={}\nclass Base:\n    subs = []\n    def __init_subclass__(cls): Base.subs.append(cls.__name__)"


def test_a_script_that_registers_in_another_one_is_registered_once(project):
    game = project(
        {"store.py": STORE, "mob.py": MOB % (1, 1), "imp.py": "from game import kinds\nkinds.append('imp')\nI=1"}
    )
    space = game.namespace
    space.kinds.append("by the game")
    for number in (2, 3):
        game.save("mob.py", MOB % (number, number))
        assert sorted(map(str, space.kinds)) == sorted(map(str, [space.Mob, "imp", "by the game"]))
        assert space.names == {f"mob{number}": 1}
        assert space.Base.subs == ["Mob"]
    game.save("store.py", STORE + "\nclass Other: pass")
    assert sorted(map(str, space.kinds)) == sorted(map(str, [space.Mob, "imp", "by the game"]))
    game.delete("mob.py")
    game.update()
    assert sorted(map(str, space.kinds)) == ["by the game", "imp"]
    assert space.names == {}


def test_an_event_bus_calls_each_handler_once(project):
    bus = "handlers = {}\ndef on(name):\n    def register(f):\n        handlers.setdefault(name, []).append(f)\n        return f\n    return register\n"
    bus += "def fire(name): return [f() for f in handlers.get(name, [])]\n"
    game = project({"bus.py": bus, "a.py": "from game import on\n@on('hit')\ndef a(): return 1"})
    for number in (2, 3, 4):
        game.save("a.py", f"from game import on\n@on('hit')\ndef a(): return {number}")
        assert game.namespace.fire("hit") == [number]
    game.save("b.py", "from game import on\n@on('hit')\ndef b(): return 'b'")
    game.save("a.py", "from game import on\n@on('hit')\ndef a(): return 5")
    assert sorted(map(str, game.namespace.fire("hit"))) == ["5", "b"]


def test_an_exception_whose_text_takes_for_ever_does_not_stop_the_game(project):
    game = project({"a.py": "x=1"}, timeout=0.1)
    odd = "class E(Exception):\n    def __str__(self):\n        while True: pass\n"
    assert game.save("a.py", odd + "raise E").rejected
    assert game.save("a.py", odd + CASE + "    def test_1(self): raise E").rejected
    assert game.save("a.py", "__all__ = 'x'").rejected


def test_who_did_without_a_script_in_a_circle_follows_it_all_the_same(project):
    optional = "try:\n    from game.b import K as opt\nexcept ImportError:\n    opt = None\nv1 = 1"
    game = project({"a.py": optional, "b.py": "from game.a import v1\nclass K: tag = 1"}, layout="modules")
    assert game.namespace.a.opt is None
    game.save("b.py", "class K: tag = 3")
    assert game.namespace.a.opt is game.namespace.b.K


def test_who_was_blocked_by_a_script_that_came_to_life_later_runs_too(project):
    optional = "try:\n    from game.b import K as opt\nexcept ImportError:\n    opt = None\nv1 = 1"
    game = project(
        {
            "a.py": optional,
            "b.py": "from game.a import v1\nclass K: tag = 1",
            "c.py": "from game.b import K\nclass L(K): pass",
        },
        layout="modules",
    )
    assert issubclass(game.namespace.c.L, game.namespace.b.K)


def test_a_script_in_a_circle_that_fails_for_another_reason_runs_once(project, monkeypatch):
    monkeypatch.setattr(livescripts, "runs", [], raising=False)
    b = "import game, livescripts\nlivescripts.runs.append('b')\nhasattr(game, 'Goblin')\n1/0\nclass Ork: pass"
    with pytest.raises(livescripts.ScriptError, match="ZeroDivisionError"):
        project(
            {"a.py": "import game\nOrk = getattr(game, 'Ork')\nclass Goblin: pass\n__all__ = ['Goblin']", "b.py": b}
        )
    assert livescripts.runs == ["b"]


def test_a_cache_of_the_host_that_was_asked_about_a_rejected_class_stays_where_it_is(project, monkeypatch):
    import functools

    import livescripts

    known = functools.lru_cache(lambda cls: cls.__name__)
    listed = [known.cache_clear, known]
    monkeypatch.setattr(livescripts, "known", known, raising=False)
    game = project({"a.py": "A = 1"})
    assert game.save("b.py", "import livescripts\nclass B: pass\nlivescripts.known(B)\n1 / 0").rejected
    assert listed == [known.cache_clear, known]
