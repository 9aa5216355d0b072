"""New attributes for many instances at once: no different from giving them one by one, and their class stays."""

from __future__ import annotations

import copy
import gc
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import Enum
from functools import partial

import pytest

from livescripts._runtime import visiting
from livescripts._runtime.evaluating import evaluate
from livescripts._runtime.giving import REFUSED, Additions, Source
from livescripts.testing import Project

# ------------------------------------------------------------------ one by one, and all at once


class Ran(BaseException):
    """Code of the script was run."""


def alarm(*args, **kwargs):
    raise Ran


class Plain:
    pass


class Sub(Plain):
    pass


class Shadowed:
    mana = "of the class"


class Property:
    mana = property(lambda self: "computed")


class Slotted:
    __slots__ = ("__dict__", "mana")


class WithoutDict:
    __slots__ = ("hp",)


@dataclass(frozen=True)
class Frozen:
    hp: int = 1


Guarded = type("Guarded", (), {"__setattr__": alarm, "__delattr__": alarm})
Asked = type("Asked", (), {"__getattr__": alarm})
Watched = type("Watched", (), {"__getattribute__": alarm})
OwnDict = type("OwnDict", (), {"__dict__": property(alarm)})


class Mapping(dict):
    pass


class Kind(Enum):
    A = 1


TABLE = [1]
CLASSES = (Plain, Sub, Shadowed, Property, Slotted, WithoutDict, Frozen, Guarded, Asked, Watched, OwnDict, Mapping)
TEXTS = (
    "5",
    "'x' * 3",
    "[]",
    "{'a': 1}",
    "{1}",
    "[[]]",
    "(1, [])",
    "Kind.A",
    "TABLE",
    "bytearray()",
    "1 / 0",
    "make()",
)


def values_of(instance):
    """What an instance has inside, without asking it."""
    found = {}
    for cls in type(instance).__mro__:
        for name, way in vars(cls).items():
            if type(way).__name__ in {"getset_descriptor", "member_descriptor"} and name != "__weakref__":
                try:
                    found[name] = way.__get__(instance)
                except AttributeError:
                    continue
    return copy.deepcopy(found)


def instances(cls):
    """Three of a class; the second has the attribute already, if it can."""
    made = [cls.__new__(cls) for _ in range(3)]
    with suppress(AttributeError, TypeError):
        object.__setattr__(made[1], "mana", "its own")
    return made


def gains(text):
    source = Source(partial(evaluate, text, {"Kind": Kind, "TABLE": TABLE, "make": alarm}))
    return Additions({"mana": source, "rage": Source(partial(evaluate, "2", {})), "calm": REFUSED})


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("text", TEXTS)
def test_all_at_once_is_the_same_as_one_by_one_and_is_taken_back(cls, text):
    one_by_one, at_once = instances(cls), instances(cls)
    before = [values_of(each) for each in at_once]
    for each in one_by_one:
        gains(text).give(each)
    with ExitStack() as undo:
        gains(text).give_all(at_once, undo)
        assert [values_of(each) for each in at_once] == [values_of(each) for each in one_by_one]
    assert [values_of(each) for each in at_once] == before


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("text", TEXTS)
def test_late_is_the_same_as_one_by_one(cls, text):
    one_by_one, late = instances(cls), instances(cls)
    give = gains(text).late(cls)
    for one, other in zip(one_by_one, late, strict=True):
        gains(text).give(one)
        give(other)
    assert [values_of(each) for each in late] == [values_of(each) for each in one_by_one]


def test_instances_of_several_classes():
    at_once = [Plain(), Sub(), Slotted()]
    with ExitStack() as undo:
        gains("[]").give_all(at_once, undo)
        assert [each.mana for each in at_once] == [[], [], []]


def given(text, **more):
    at_once = [Plain(), Plain()]
    with ExitStack() as undo:
        sources = {"a": Source(partial(evaluate, text, {"Kind": Kind, "TABLE": TABLE}))}
        looked_through = Additions({**sources, **more, "b": sources["a"]} if more else sources).give_all(at_once, undo)
        undo.pop_all()
    return at_once, looked_through


@pytest.mark.parametrize("text", ["[]", "{'a': 1}", "{1}", "[[]]", "bytearray()"])
def test_each_gets_a_container_of_its_own(text):
    (one, other), _ = given(text)
    assert one.a == other.a
    assert one.a is not other.a


def test_what_two_attributes_share_is_shared():
    (one, other), _ = given("[]", c=Source(lambda: 1))
    assert one.a is one.b
    assert one.a is not other.a


@pytest.mark.parametrize(("text", "whole"), [("5", False), ("[]", False), ("Kind.A", True), ("TABLE", True)])
def test_whoever_got_more_than_plain_values_is_looked_through(text, whole):
    made, looked_through = given(text)
    assert looked_through == (made if whole else [])


# ------------------------------------------------------------------ in a commit

OLD = "class Goblin:\n    def __init__(self): self.hp = 1"
NEW = "class Goblin:\n    def __init__(self): self.hp = 1; self.mana = 5; self.items = []"


def test_the_class_stays_and_so_do_its_instances():
    with Project({"a.py": OLD}) as project:
        cls = project.namespace.Goblin
        goblins = [cls() for _ in range(3)]
        report = project.save("a.py", NEW)
        assert project.namespace.Goblin is cls
        assert report.reloaded[0].migrated == 0
        assert [vars(each) for each in goblins] == [{"hp": 1, "mana": 5, "items": []}] * 3
        assert goblins[0].items is not goblins[1].items


def test_a_class_moves_if_a_walk_may_not_find_all_of_its_instances():
    with Project({"a.py": OLD}) as project:
        cls = project.namespace.Goblin
        goblin = cls()
        gc.freeze()
        try:
            project.save("a.py", NEW)
        finally:
            gc.unfreeze()
        assert project.namespace.Goblin is not cls
        assert (goblin.mana, goblin.items) == (5, [])


def test_what_is_given_is_what_runs_in_the_end():
    text = """
        from dataclasses import dataclass
        from enum import Enum
        class Kind(Enum):
            A = 1
        @dataclass
        class Goblin:
            hp: int = 1
    """
    with Project({"a.py": text}) as project:
        goblin = project.namespace.Goblin()
        held = project.namespace.Kind.A
        more = "            kind: Kind = Kind.A\n            both: tuple = (Kind.A,)\n"
        project.save("a.py", text.rstrip() + "\n" + more)
        assert goblin.kind is held is project.namespace.Kind.A
        assert goblin.both[0] is held


def test_an_attribute_that_the_game_deletes_does_not_come_back():
    with Project({"a.py": OLD}) as project:
        goblin = project.namespace.Goblin()
        project.save("a.py", NEW)
        del goblin.mana
        project.save("a.py", NEW + "; self.rage = 7")
        assert vars(goblin) == {"hp": 1, "items": [], "rage": 7}


def test_instances_below_an_edited_class_get_it_too():
    with Project({"a.py": OLD, "b.py": "from game import Goblin\nclass Chief(Goblin): pass"}) as project:
        chief = project.namespace.Chief()

        class Hosts(project.namespace.Goblin):
            pass

        host = Hosts()
        project.save("a.py", NEW)
        assert chief.mana == host.mana == 5


def test_a_commit_that_fails_afterwards_takes_all_of_it_back(monkeypatch):
    with Project({"a.py": OLD}) as project:
        goblin = project.namespace.Goblin()

        def fail(each, warnings):
            assert goblin.mana == 5
            raise RuntimeError("no")

        monkeypatch.setattr(visiting, "_report", fail)
        assert project.save("a.py", NEW).rejected
        assert vars(goblin) == {"hp": 1}
        monkeypatch.undo()
        assert project.live.reload().reloaded
        assert goblin.mana == 5
