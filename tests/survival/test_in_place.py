"""A class is edited in place wherever that is possible: nothing has to be found, and nothing moves."""

from __future__ import annotations

import abc
import gc
import sys
import types
import typing

import pytest

from livescripts._runtime import heap


def test_a_class_of_any_kind_is_the_same_object_after_an_edit_and_its_instances_stay(project, kind):
    game = project({"a.py": kind.source})
    cls = kind.cls(game.namespace)
    thing = kind.make(cls)
    before = kind.state(thing)
    report = game.save("a.py", kind.edited)
    assert kind.cls(game.namespace) is cls is type(thing)
    assert (report.reloaded[0].migrated, report.reloaded[0].stuck, report.reloaded[0].warnings) == (0, 0, ())
    assert [change.name for change in report.reloaded[0].classes if not change.created]
    for each in (thing, kind.make(cls)):
        assert each.act() == "v2"
        assert kind.state(each) == before


BASE = "class Base:\n    def act(self): return 'base v1'\n    def other(self): return 'other'\n"
GOBLIN = """
from game import Base
class Goblin(Base):
    speed = 1
    def __init__(self): self.hp = 7
    def act(self): return "v1"
    def gone(self): return "gone"
    @staticmethod
    def tell(): return "static v1"
    @classmethod
    def kind(cls): return cls, "v1"
    @property
    def half(self): return "half v1"
class Boss(Goblin):
    def act(self): return "boss " + super().act()
"""
EDITED = """
from game import Base
class Goblin(Base):
    speed = 2
    def __init__(self): self.hp = 7
    def fresh(self): return "fresh " + super().act()
    def act(self): return "v2"
    @staticmethod
    def tell(): return "static v2"
    @classmethod
    def kind(cls): return cls, "v2"
    @property
    def half(self): return "half v2"
    def __len__(self): return 3
    def __eq__(self, other): return self is other
class Boss(Goblin):
    def act(self): return "boss " + super().act()
"""


def test_an_edit_in_place_takes_no_walk_over_the_heap(project, walks):
    game = project({"base.py": BASE, "a.py": GOBLIN})
    space = game.namespace
    goblins = [space.Goblin() for _ in range(3)]
    boss = space.Boss()
    report = game.save("a.py", EDITED)
    assert walks == []
    assert [goblin.act() for goblin in goblins] == ["v2"] * 3
    assert boss.act() == "boss v2"
    assert report.reloaded[0].migrated == 0


BESIDE = {
    "an enumeration": "import enum\nclass Thing(enum.Enum):\n    A = 1\n    B = (2, 3)\n    def low(self): return 1",
    "flags": "import enum\nclass Thing(enum.Flag):\n    A = 1\n    B = 2\nthing = Thing.A | Thing.B",
    "a table of members": "import enum\nclass Thing(enum.IntEnum):\n    A = 1\nthing = {Thing.A: [Thing.A]}\nother = {Thing.A}",
    "members as defaults": "import enum\nclass Thing(enum.Enum):\n    A = 1\nclass Other:\n    a = Thing.A\n    def hit(self, a=Thing.A): return a",
    "a thing with state": "import random\nthing = random.Random(1)",
    "a thing with things": "import queue\nthing = queue.Queue()",
    "a bag": "from collections import Counter\nthing = Counter('aab')",
    "tables of instances with members": (
        "import enum, functools, random\nfrom dataclasses import dataclass\nclass State(enum.Enum):\n    IDLE = 1\n"
        "@dataclass(frozen=True, slots=True)\nclass Thing:\n    name: str\n    state: State\n"
        "THINGS = {each: Thing(each, State.IDLE) for each in 'abc'}\nCHANCE = random.Random(1)\n"
        "@functools.cache\ndef far(n): return State.IDLE"
    ),
    "slots of a decorator": "from dataclasses import dataclass\n@dataclass(slots=True)\nclass Thing:\n    a: int = 1\n    def hit(self): return 1",
}


GONE = {
    "plain": "class Gone:\n    def hit(self): return 1\n",
    "slotted": "class Gone:\n    __slots__ = ('a',)\n    def hit(self): return super().__hash__()\n",
    "wrapped": "class Gone:\n    @property\n    def hp(self): return 1\n    @staticmethod\n    def make(): return Gone()\n",
    "two": "class Gone:\n    def hit(self): return 1\nclass Sub(Gone):\n    def hit(self): return super().hit()\n",
    "nested": "class Gone:\n    class Inner:\n        def hit(self): return 1\n",
}


@pytest.mark.parametrize("kind", GONE)
def test_a_class_that_nobody_holds_goes_without_a_word(project, walks, kind):
    game = project({"base.py": BASE, "a.py": GOBLIN + GONE[kind]})
    goblin = game.namespace.Goblin()
    report = game.save("a.py", EDITED)
    assert (walks, report.reloaded[0].warnings) == ([], ())
    assert goblin.act() == "v2"
    game.save("a.py", EDITED + GONE[kind])
    instance = game.namespace.Gone()
    assert game.save("a.py", EDITED).reloaded[0].warnings
    assert type(instance).__name__ == "Gone"


@pytest.mark.parametrize("thing", BESIDE)
def test_beside_anything_it_takes_none(project, walks, thing):
    game = project({"base.py": BASE, "a.py": f"{BESIDE[thing]}\n{GOBLIN}"})
    goblin, held = game.namespace.Goblin(), getattr(game.namespace, "Thing", None)
    report = game.save("a.py", f"{BESIDE[thing]}\n{EDITED}    def more(self): return 'more'\n")
    assert (goblin.act(), game.namespace.Boss().more(), getattr(game.namespace, "Thing", None)) == ("v2", "more", held)
    assert (walks, report.reloaded[0].migrated) == ([], 0)


FILLED = {
    "[]": "append(1)",
    "{}": "update(a=1)",
    "set()": "add(1)",
    "deque(maxlen=3)": "append(1)",
    "defaultdict(list)": "update(a=1)",
    "OrderedDict()": "update(a=1)",
    "Counter()": "update('a')",
}


@pytest.mark.parametrize("made", FILLED)
def test_beside_a_container_that_the_game_has_filled_it_takes_none(project, walks, made):
    text = f"from collections import *\nfrom game import SPEED\nthings = {made}\n{GOBLIN}    speed = SPEED\n    all = {made}\n"
    game = project({"base.py": BASE, "speed.py": "SPEED = 1", "a.py": text})
    space = game.namespace
    exec(f"space.things.{FILLED[made]}\nspace.Boss.all.{FILLED[made]}", {"space": space})
    goblin, things, everyone, inside = space.Goblin(), space.things, space.Boss.all, repr(space.things)
    edited = text.replace('"v1"', '"v2"')
    kept = ("game.things", "game.Boss.all")
    assert edited != text
    for _ in range(2):
        assert game.save("a.py", edited).reloaded[0].kept == kept
        assert game.save("speed.py", f"SPEED = {space.Boss.speed + 1}").reloaded[0].kept == kept
        edited += "# again\n"
    assert (goblin.act(), space.Boss.speed, walks) == ("v2", 3, [])
    assert space.things is things
    assert space.Boss.all is everyone
    assert repr(things) == repr(everyone) == inside
    things.clear()
    assert game.save("a.py", edited).reloaded[0].kept == ("game.Boss.all",)
    game.live.undo()
    game.live.undo()
    assert (space.things, space.Boss.all) == (things, everyone)
    assert not things
    assert repr(everyone) == inside


def test_whoever_gets_an_empty_container_from_a_body_has_the_one_that_the_game_has_filled(project, host):
    host.table = {}
    text = f"import host\nthings = []\nhost.table['things'] = things\n{GOBLIN}"
    game = project({"base.py": BASE, "a.py": text})
    things = game.namespace.things
    things.append(1)
    assert game.save("a.py", text.replace('"v1"', '"v2"')).reloaded
    assert things == [1]
    assert game.namespace.things is host.table["things"] is things


def test_what_a_body_puts_no_longer_into_a_container_that_the_game_has_changed_leaves_it(project):
    text = f"from game import SPEED\n{GOBLIN}things = [Goblin] if SPEED == 1 else []\n"
    game = project({"base.py": BASE, "speed.py": "SPEED = 1", "a.py": text})
    game.namespace.things.append(1)
    assert game.save("speed.py", "SPEED = 2").reloaded[0].kept == ("game.things",)
    assert game.namespace.things == [1]


REGISTERING = {
    "a decorator": (
        "KINDS = {}\ndef register(cls):\n    KINDS[cls.__name__] = cls\n    return cls",
        "register",
        "@register\nclass Goblin:",
    ),
    "a list": (
        "KINDS = []\ndef register(cls):\n    KINDS.append(cls)\n    return cls",
        "register",
        "@register\nclass Goblin:",
    ),
    "a base": (
        "KINDS = set()\nclass Base:\n    def __init_subclass__(cls): KINDS.add(cls)",
        "Base",
        "class Goblin(Base):",
    ),
}


@pytest.mark.parametrize("edit", ["a method", "more"])
@pytest.mark.parametrize("way", REGISTERING)
def test_who_registers_with_another_script_is_there_once_and_takes_no_walk(project, walks, way, edit):
    base, name, head = REGISTERING[way]
    text = f"from game import {name}\n{head}\n    def act(self): return 'v1'\n"
    game = project({"base.py": base, "a.py": text})
    cls, goblin = game.namespace.Goblin, game.namespace.Goblin()
    for number in (2, 3):
        edited = text.replace("v1", f"v{number}") + (f"    def more_{number}(self): pass\n" if edit == "more" else "")
        assert game.save("a.py", edited).reloaded
        kinds = game.namespace.KINDS
        assert [*(kinds.values() if isinstance(kinds, dict) else kinds)] == [cls]
        assert (goblin.act(), walks) == (f"v{number}", [])
    game.delete("a.py")
    game.update()
    assert not game.namespace.KINDS


RICH = """
import enum, functools, random
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple
class State(enum.Enum):
    IDLE = 1
    WALKING = 2
@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    state: State
@dataclass(frozen=True)
class Pair:
    kind: Kind
    states: tuple
class Place(NamedTuple):
    kind: object
class Timer:
    def __init__(self): self.state = State.IDLE
    def tick(self): return self.state
KINDS = {each: Kind(each, State.IDLE) for each in "abc"}
PLACES = {Kind("d", State.WALKING): Place(KINDS["a"]), State.IDLE: [deque([KINDS["b"]])]}
PAIRS = {Pair(Kind("e", State.IDLE), (State.IDLE, (State.WALKING,)))}
BOTH = frozenset(State)
TIMER = Timer()
CALL = functools.partial(max, Timer(), key=State.IDLE)
CHANCE = random.Random(1)
@functools.cache
def far(kind, state=State.IDLE, states=(State.IDLE, (State.WALKING,)), *, both=BOTH): return state, states, both
"""


@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_what_scripts_have_made_anew_is_of_what_stays(project, layout):
    text = RICH + GOBLIN.replace("from game import Base", "")
    text = text.replace("(Base)", "").replace("super().other()", "1")
    game = project({"a.py": text}, layout=layout)
    space = game.namespace if layout == "merged" else game.namespace.a
    goblin = space.Goblin()
    for number in range(3):
        assert game.save("a.py", text + f"    def more_{number}(self): return {number}\n").reloaded
        idle, walking, kind = space.State.IDLE, space.State.WALKING, space.Kind
        assert [type(each) for each in space.KINDS.values()] == [kind] * 3
        assert {each.state for each in space.KINDS.values()} == {idle} == {space.TIMER.state, space.CALL.args[0].tick()}
        assert space.PLACES[kind("d", walking)] == space.Place(space.KINDS["a"])
        assert type(space.PLACES[kind("d", walking)]) is space.Place
        assert space.PLACES[idle][0][0] is space.KINDS["b"]
        assert space.Pair(kind("e", idle), (idle, (walking,))) in space.PAIRS
        assert set(space.BOTH) == {idle, walking}
        assert space.far(1) == (idle, (idle, (walking,)), space.BOTH)
        assert (type(space.TIMER), type(space.CALL.args[0]), space.CALL.keywords) == (
            space.Timer,
            space.Timer,
            {"key": idle},
        )
        assert type(goblin) is space.Goblin


TESTED = """
import unittest
class Test(unittest.TestCase):
    def test(self): Goblin().act()
"""


def test_after_unit_tests_nobody_is_looked_for_either(project, walks):
    game = project({"base.py": BASE, "a.py": GOBLIN + TESTED})
    goblin = game.namespace.Goblin()
    game.save("a.py", EDITED + TESTED)
    assert (goblin.act(), walks) == ("v2", [])
    assert game.save("a.py", (EDITED + TESTED).replace("act()", "gone()")).rejected


def test_what_was_made_in_vain_is_nobodys_subclass_and_holds_nothing_of_the_new_version(project):
    game = project({"base.py": BASE, "a.py": GOBLIN})
    goblin, base = game.namespace.Goblin, game.namespace.Base
    for text in (EDITED, GOBLIN, EDITED):
        game.save("a.py", text)
        assert base.__subclasses__() == [goblin]
        functions = [each for each in gc.get_referrers(goblin.act.__code__) if callable(each)]
        assert functions == [goblin.act]


def test_a_class_that_only_a_weak_reference_knows_forwards(project):
    made = []
    game = project({"base.py": BASE, "a.py": "class Goblin:\n    def act(self): return 'v1'\n"})
    game.namespace.made = made
    text = (
        "import weakref, game\nclass Goblin:\n    def act(self): return 'v2'\ngame.made.append(weakref.ref(Goblin))\n"
    )
    gc.disable()
    try:
        game.save("a.py", text)
        staged = made[-1]()
        assert staged is not game.namespace.Goblin
        assert type(staged()) is game.namespace.Goblin
        assert staged().act() == "v2"
    finally:
        gc.enable()


def test_a_class_edited_in_place_is_what_a_fresh_one_would_be(project):
    game = project({"base.py": BASE, "a.py": GOBLIN})
    cls, thing, act, tell = game.namespace.Goblin, game.namespace.Goblin(), game.namespace.Goblin.act, None
    tell = cls.tell
    assert hash(thing) == object.__hash__(thing)
    game.save("a.py", EDITED)
    fresh = project({"base.py": BASE, "a.py": EDITED}, namespace="mods").namespace.Goblin
    ours = [name for name in vars(cls) if name not in {"__firstlineno__", "__doc__"}]
    theirs = [name for name in vars(fresh) if name not in {"__firstlineno__", "__doc__"}]
    assert [name for name in ours if not name.startswith("__")] == [n for n in theirs if not n.startswith("__")]
    assert set(ours) == set(theirs)
    assert not hasattr(thing, "gone")
    assert (thing.fresh(), thing.act(), act(thing), tell(), thing.half) == (
        "fresh base v1",
        "v2",
        "v2",
        "static v2",
        "half v2",
    )
    assert (thing.kind(), len(thing), thing.speed) == ((cls, "v2"), 3, 2)
    assert cls.__hash__ is None
    game.save("a.py", GOBLIN)
    assert (thing.gone(), thing.act(), act(thing), thing.speed) == ("gone", "v1", "v1", 1)
    assert hash(thing) == object.__hash__(thing)
    with pytest.raises(TypeError):
        len(thing)


def test_attributes_are_in_the_order_of_the_text(project):
    game = project({"a.py": "class A:\n    b = 1\n    c = 2\n"})
    cls = game.namespace.A
    for text in (
        "    a = 0\n    c = 2\n    b = 1\n",
        "    c = 2\n    'Doc.'\n    d = 3\n",
        "    'Doc.'\n    b = 1\n    c = 2\n",
    ):
        game.save("a.py", "class A:\n" + text)
        made = [line.split()[0] for line in text.splitlines() if "=" in line]
        assert [name for name in vars(cls) if name in "abcd"] == made
        assert game.namespace.A is cls


def test_an_instance_in_the_frozen_heap_follows_at_once(project):
    game = project({"base.py": BASE, "a.py": GOBLIN})
    thing = game.namespace.Goblin()
    gc.freeze()
    try:
        game.save("a.py", EDITED)
    finally:
        gc.unfreeze()
    assert type(thing) is game.namespace.Goblin
    assert thing.act() == "v2"


def test_what_the_body_has_registered_elsewhere_is_the_class_that_stays(project, walks):
    text = "from game import KINDS\nclass Goblin:\n    def act(self): return 1\nKINDS.append(Goblin)\n"
    game = project({"kinds.py": "KINDS = []", "a.py": text})
    cls = game.namespace.Goblin
    game.save("a.py", text.replace("return 1", "return 2"))
    assert game.namespace.KINDS == [cls]
    assert game.namespace.KINDS[0] is cls is game.namespace.Goblin


def test_what_holds_the_class_in_the_host_needs_no_change(project, monkeypatch):
    import livescripts

    held = []
    monkeypatch.setattr(livescripts, "held", held, raising=False)
    text = (
        "import livescripts\nclass Goblin:\n    def act(self): return 1\nlivescripts.held.append((Goblin, Goblin()))\n"
    )
    game = project({"a.py": text})
    cls = game.namespace.Goblin
    game.save("a.py", text.replace("return 1", "return 2"))
    assert [each[0] is cls for each in held] == [True, True]
    assert [type(each[1]) is cls for each in held] == [True, True]
    assert [each[1].act() for each in held] == [2, 2]


def test_an_abstract_class_forgets_what_it_has_answered(project):
    text = "from abc import ABC, abstractmethod\nclass Shape(ABC):\n    @abstractmethod\n    def area(self): ...\n"
    game = project({"a.py": text + "class Round: pass\n"})
    cls, round_one = game.namespace.Shape, game.namespace.Round()
    assert not isinstance(round_one, cls)
    with pytest.raises(TypeError):
        cls()
    hook = (
        "    @classmethod\n    def __subclasshook__(cls, other): return other.__name__ == 'Round' or NotImplemented\n"
    )
    game.save("a.py", text.replace("    @abstractmethod\n", "") + hook + "class Round: pass\n")
    assert game.namespace.Shape is cls
    assert isinstance(round_one, cls)
    assert isinstance(cls(), abc.ABC)
    game.save("a.py", text + "class Round: pass\n")
    assert not isinstance(round_one, cls)
    assert not isinstance(1, cls)
    game.save("a.py", text + "    # registered\n    edited = 1\nclass Round: pass\nShape.register(int)\n")
    assert isinstance(1, cls)


def test_annotations_of_a_class_edited_in_place_name_the_class_that_stays(project, walks):
    text = (
        "from typing import Optional\nclass Goblin:\n    def act(self): return 1\nclass Den:\n    boss: Goblin\n"
        "    def born(self, one: Goblin, rank=Goblin, *, more=Goblin) -> Goblin: return 1\n"
    )
    game = project({"a.py": text})
    space, born = game.namespace, game.namespace.Den.born
    cls = space.Goblin
    game.save("a.py", text.replace("return 1", "return 2"))
    assert walks == []
    assert typing.get_type_hints(space.Den) == {"boss": cls}
    assert typing.get_type_hints(born) == {"one": cls, "return": cls}
    assert (born.__defaults__, born.__kwdefaults__) == ((cls,), {"more": cls})


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        ("class Goblin:\n    __slots__ = ('hp',)\n    def act(self): return 2\n", "another layout"),
        ("class Base: pass\nclass Goblin(Base):\n    def act(self): return 2\n", "another base"),
        (
            "class Goblin:\n    def __new__(cls): return object.__new__(cls)\n    def act(self): return 2\n",
            "a new __new__",
        ),
        (
            (
                "from livescripts import after_reload\nclass Goblin:\n    @after_reload\n    def renew(self, old): pass\n"
                "    def act(self): return 2\n"
            ),
            "somebody who is given the old class",
        ),
        ("class Meta(type): pass\nclass Goblin(metaclass=Meta):\n    def act(self): return 2\n", "a metaclass"),
    ],
    ids=lambda text: None if "\n" in text else text,
)
def test_what_cannot_be_made_of_the_class_gets_a_class_of_its_own(project, edit, why):
    game = project({"a.py": "class Goblin:\n    def act(self): return 1\n"})
    cls, thing = game.namespace.Goblin, game.namespace.Goblin()
    assert game.save("a.py", edit).reloaded
    assert game.namespace.Goblin is not cls
    assert isinstance(thing, game.namespace.Goblin)
    assert thing.act() == 2


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (
            "R = {}\nclass B:\n    def __init_subclass__(cls): R[1] = cls.__annotations__\nclass I(B): item: G\n",
            "R[1]['item']",
        ),
        ("def f(x: G): ...\nH = f.__annotations__\n", "H['x']"),
        ("def f(x=G): ...\nH = f.__defaults__\n", "H[0]"),
        ("def f(): ...\nf.k = G\nH = f.__dict__\n", "H['k']"),
        ("class K: make = staticmethod(G)\nL = [vars(K)['make']]\n", "L[0].__func__"),
        ("class S(G): pass\nM = S.__bases__\n", "M[0]"),
        ("I = G()\nL = [I]\n", "type(L[0])"),
    ],
)
def test_what_holds_a_part_of_a_class_or_function_sees_the_class_that_stays(project, text, where):
    game = project({"a.py": "class G: x = 1\n" + text}, layout="modules")
    cls = game.namespace.a.G
    game.save("a.py", "class G: x = 2\n" + text)
    assert game.namespace.a.G is cls
    assert eval(where, vars(game.namespace.a)) is cls


def test_a_slot_with_two_names_is_counted_once(project):
    text = "class G:\n    __slots__ = ('x',)\n    def act(self): return {}\nG.y = G.x\nI = G()\nL = [I]\n"
    game = project({"a.py": text.format(1)})
    game.save("a.py", text.format(2))
    assert type(game.namespace.I) is game.namespace.G
    assert type(game.namespace.L[0]) is game.namespace.G


def test_abstract_classes_that_were_asked_about_an_edited_class_answer_anew(project):
    import collections.abc

    text = "class G:\n    x = 1\nclass S(G): pass\n"
    game = project({"a.py": text})
    things = [game.namespace.G(), game.namespace.S()]
    assert not any(isinstance(thing, collections.abc.Sized) for thing in things)
    game.save("a.py", text.replace("    x = 1\n", "    x = 1\n    def __len__(self): return 1\n"))
    assert all(isinstance(thing, collections.abc.Sized) for thing in things)
    game.save("a.py", text)
    assert not any(isinstance(thing, collections.abc.Sized) for thing in things)


def test_slots_in_another_order_are_listed_so(project):
    text = "class G:\n    __slots__ = {}\n"
    game = project({"a.py": text.format("('a', 'b')")})
    game.save("a.py", text.format("('b', 'a')"))
    assert game.namespace.G.__slots__ == ("b", "a")


def test_what_type_has_a_meaning_of_its_own_for_reaches_the_instances(project):
    game = project({"a.py": "class G:\n    x = 1\n"})
    thing = game.namespace.G()
    game.save("a.py", "class G:\n    x = 1\n    __class__ = property(lambda self: int)\n")
    assert thing.__class__ is int


def test_very_many_classes_at_once_are_found_in_another_way_and_all_of_them(project, moving, monkeypatch):
    text = "\n".join(f"class C{n}:\n    def act(self): return 1" for n in range(60))
    game = project({"a.py": text})
    held = [getattr(game.namespace, f"C{n}") for n in range(60)]
    things = [cls() for cls in held]
    table = {"one": held[0], "all": list(held)}
    monkeypatch.setattr(heap, "_MANY", 20)
    monkeypatch.setattr(heap.gc, "get_referrers", lambda *things: 1 / 0 if len(things) > 20 else gc_referrers(*things))
    report = game.save("a.py", text.replace("return 1", "return 2"))
    assert report.reloaded[0].migrated == 60
    assert [thing.act() for thing in things] == [2] * 60
    assert [type(thing) for thing in things] == held == table["all"]
    assert table["one"] is game.namespace.C0


gc_referrers = gc.get_referrers


def test_a_class_that_a_decorator_of_the_host_closes_over_is_the_one_that_stays(project, monkeypatch):
    import livescripts

    def closing(cls):
        def made(self):
            return cls

        cls.made = made
        return cls

    monkeypatch.setattr(livescripts, "closing", closing, raising=False)
    text = "import livescripts\nclass Goblin:\n    def act(self): return {}\n"
    game = project({"a.py": text.format(1)})
    cls, goblin = game.namespace.Goblin, game.namespace.Goblin()
    for version in (2, 3):
        game.save("a.py", text.replace("class", "@livescripts.closing\nclass").format(version))
        assert (goblin.act(), game.namespace.Goblin) == (version, cls)
        assert goblin.made() is cls


NESTED = {
    "a list": "TABLE = {'goblin': made([Goblin])}",
    "a list in a tuple": "TABLE = [made(([Goblin],))]",
    "a dict": "TABLE = [made({1: made([Goblin])}) for _ in range(2)]",
    "a member": "TABLE = {Color.RED: [Color.RED]}",
}


@pytest.mark.parametrize("table", NESTED)
def test_what_is_deep_in_a_table_that_stays_is_what_its_name_means(project, table):
    text = (
        "import enum, threading\nlock = threading.Lock()\ndef made(thing): return thing\nclass Goblin: pass\n"
        f"class Color(enum.Enum):\n    RED = 1\n{NESTED[table]}\ndef act(): return 1\n"
    )
    game = project({"a.py": text})
    space, there = game.namespace, game.namespace.TABLE
    game.save("a.py", text.replace("return 1", "return 2"))
    assert space.TABLE is there
    thing = there
    while isinstance(thing, list | dict | tuple):
        thing = next(iter(thing.values() if isinstance(thing, dict) else thing))
    assert thing is (space.Color.RED if table == "a member" else space.Goblin)


SHARED = {
    "annotations": "class Color(enum.Enum):\n    other: Goblin\n    RED = 1",
    "a table of its own": "class Color(enum.Enum):\n    RED = 1\nColor.table = {'goblin': Goblin}",
    "a table": "TABLE = {'goblin': Goblin}\nclass Color(enum.Enum):\n    RED = 1\nColor.table = TABLE",
}


@pytest.mark.parametrize("shared", SHARED)
def test_a_class_that_an_enumeration_refers_to_has_its_holders_found(project, monkeypatch, shared):
    host = types.ModuleType("host_in_place")
    host.goblins = {}
    monkeypatch.setitem(sys.modules, "host_in_place", host)
    text = (
        "import enum, threading, host_in_place as host\nlock = threading.Lock()\n"
        f"class Goblin:\n    def act(self): return 'v1'\n{SHARED[shared]}\nhost.goblins['goblin'] = Goblin\n"
    )
    game = project({"a.py": text})
    game.save("a.py", text.replace("v1", "v2"))
    assert host.goblins["goblin"] is game.namespace.Goblin
    assert host.goblins["goblin"]().act() == "v2"
    if shared != "annotations":
        assert game.namespace.Color.table["goblin"] is game.namespace.Goblin
