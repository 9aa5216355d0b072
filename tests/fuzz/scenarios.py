"""Small games for `faults`: scripts, what the game holds, one change, and the save that comes after it.

Together they walk through staging, the gate, rejections, commits with classes that stay and classes that move, removals,
`undo()` and roll-backs.
"""

from __future__ import annotations

import functools
import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from livescripts.testing import Project

BASE = """
import enum
from dataclasses import dataclass
from livescripts import Keep, before_unload
import functools

KINDS = []
TABLE = {"speed": 1}
score: Keep[int] = 0

def register(cls):
    KINDS.append(cls)
    return cls

def doubled(function):
    @functools.wraps(function)
    def wrapper(*args):
        return 2 * function(*args)
    return wrapper

class Unit:
    tag = 1
    def who(self): return ("unit", self.tag)

class Mode(enum.Enum):
    CALM = 1
    WILD = 2

@dataclass
class Box:
    size: int = 1

class Slim:
    __slots__ = ("mark", "__weakref__")
    def who(self): return "slim"

def make(n):
    def inner(): return n + 1
    return inner

inner = make(1)

@before_unload
def leave(): pass
"""
ORC = """
from {base} import Unit, register, doubled, KINDS
from livescripts import after_reload

@register
class Orc(Unit):
    friends = []
    def __init__(self):
        self.hp = 1
    def who(self): return ("orc", super().who())
    @after_reload
    def again(self, old): pass

@doubled
def roar(): return 1
"""
ORC_TEST = """
import unittest
class Tests(unittest.TestCase):
    def test_orc(self): self.assertTrue(Orc().who())
"""
GOBLIN = """
from {base} import Unit, register
from {orc} import roar
import unittest

@register
class Goblin(Unit):
    def who(self): return ("goblin", roar())

KEPT = Goblin()

class T(unittest.TestCase):
    def test_it(self): self.assertEqual(Goblin().who()[0], "goblin")
"""
ADVENT = """
from {base} import Unit
class Newcomer(Unit): pass
def hail(): return "hail"
"""


def scripts(layout: str) -> dict[str, str]:
    """The files that the game begins with."""
    places = {"base": "game", "orc": "game"} if layout == "merged" else {"base": "game.base", "orc": "game.orc"}
    texts = {"base.py": BASE, "orc.py": ORC, "orc_unittest.py": ORC_TEST, "goblin.py": GOBLIN}
    return {
        path: text.replace("{base}", places["base"]).replace("{orc}", places["orc"]) for path, text in texts.items()
    }


def edited(layout: str, path: str, *pairs: tuple[str, str]) -> str:
    """A file with replacements made in it."""
    text = scripts(layout)[path]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def advent(layout: str) -> str:
    """A new file."""
    return ADVENT.replace("{base}", "game" if layout == "merged" else "game.base")


@dataclass(slots=True)
class Game:
    """A project, and what the host holds of it."""

    project: Project
    layout: str
    held: dict[str, Any] = field(default_factory=dict)

    def module(self, name: str) -> Any:
        """The module that the definitions of the script `name` are taken from."""
        if self.layout == "merged":
            return self.project.namespace
        return getattr(self.project.namespace, name)

    def hold(self) -> None:
        """Take hold of everything in every way."""
        base, orc, goblin = map(self.module, ("base", "orc", "goblin"))
        units = [orc.Orc(), goblin.Goblin(), base.Unit(), base.Box(), base.Slim()]
        self.held.update(
            units=units,
            classes=[orc.Orc, goblin.Goblin, base.Unit, base.Box, base.Slim],
            pair=(base.Unit, orc.roar),
            names={"orc": orc.Orc, orc.Orc: "orc"},
            bound=units[0].who,
            partial=functools.partial(orc.roar),
            closure=base.make(7),
            mode=base.Mode.WILD,
            weak=weakref.WeakSet(units[:2]),
            frozen=frozenset({base.Unit}),
        )
        base.TABLE["game"] = 5
        base.score = 9

    def identities(self) -> dict[str, Any]:
        """What is held, by identity and class."""
        held = self.held
        return {
            "units": [(id(each), id(type(each))) for each in held["units"]],
            "classes": [id(each) for each in held["classes"]],
            "pair": [id(each) for each in held["pair"]],
            "names": [(id(key), id(value)) for key, value in held["names"].items()],
            "bound": (id(held["bound"].__func__), id(held["bound"].__self__)),
            "partial": id(held["partial"].func),
            "closure": id(held["closure"].__code__),
            "mode": id(held["mode"]),
            "weak": sorted(map(id, held["weak"])),
            "frozen": sorted(map(id, held["frozen"])),
            "table": dict(self.module("base").TABLE),
            "score": self.module("base").score,
        }

    def answers(self) -> list[Any]:
        """What is held answers; held objects must be the ones that the names lead to."""
        held, base, orc, goblin = self.held, *map(self.module, ("base", "orc", "goblin"))
        wanted = [orc.Orc, goblin.Goblin, base.Unit, base.Box, base.Slim]
        # Not their types: an instance with slots keeps its layout, and forwards.
        assert [each.__class__ for each in held["units"]] == wanted
        assert all(one is other for one, other in zip(held["classes"], wanted, strict=True))
        assert held["pair"][0] is base.Unit
        assert held["names"]["orc"] is orc.Orc
        assert held["names"][orc.Orc] == "orc"
        assert held["mode"] is base.Mode.WILD
        assert base.Unit in held["frozen"]
        assert len(held["weak"]) == 2
        assert (base.TABLE["game"], base.score) == (5, 9)
        assert len(base.KINDS) == len(set(base.KINDS)), base.KINDS
        assert base.KINDS.count(orc.Orc) == base.KINDS.count(goblin.Goblin) == 1
        units = [_said(each.who) for each in held["units"] if hasattr(each, "who")]
        return [units, _said(held["bound"]), held["partial"](), held["pair"][1](), held["closure"]()]


def _said(behaviour: Callable[[], object]) -> object:
    """What it returns. The version that is to be rolled back raises: it runs on if the one before it fails by now."""
    try:
        return behaviour()
    except ZeroDivisionError as error:
        return error.args


@dataclass(frozen=True, slots=True)
class Scenario:
    """`prepare` may save something undisturbed; `act` is what is disturbed; both get the game."""

    name: str
    act: Callable[[Game], object]
    prepare: Callable[[Game], object] = lambda _: None


def _bodies(game: Game) -> None:
    game.project.write("base.py", edited(game.layout, "base.py", ('("unit", self.tag)', '("UNIT", self.tag)')))
    game.project.update()


def _layouts(game: Game) -> None:
    base = edited(
        game.layout,
        "base.py",
        ("class Unit:", "class Unit:\n    level = 3\n    def __init__(self): self.mana = 4"),
        ('"mark", "__weakref__"', '"mark", "more", "__weakref__"'),
        ("WILD = 2", "WILD = 3"),
        ("size: int = 1", "size: int = 1\n    depth: int = 2"),
        ("return n + 1", "return n + 2"),
    )
    game.project.write("base.py", base)
    game.project.write("orc.py", edited(game.layout, "orc.py", ("self.hp = 1", "self.hp = 1\n        self.rage = 0")))
    game.project.update()


def _mixed(game: Game) -> None:
    game.project.write(
        "goblin.py", edited(game.layout, "goblin.py", ('assertEqual(Goblin().who()[0], "goblin")', "fail()"))
    )
    game.project.write("advent.py", advent(game.layout))
    game.project.update()


def _broken(game: Game) -> None:
    game.project.write("base.py", edited(game.layout, "base.py", ("inner = make(1)", "KINDS.append(Unit)\n1 / 0")))
    game.project.update()


def _arrive(game: Game) -> None:
    game.project.write("x/advent.py", advent(game.layout))
    game.project.write(
        "goblin.py",
        edited(game.layout, "goblin.py", ('("goblin", roar())', '("GOBLIN", roar())'), ('[0], "g', '[0].lower(), "g')),
    )
    game.project.update()


def _leave(game: Game) -> None:
    game.project.delete("x/advent.py")
    game.project.update()


def _undo(game: Game) -> None:
    game.project.live.undo()


def _raise(game: Game) -> None:
    text = edited(game.layout, "orc.py", ("def who(self): return (", "def who(self): return 1 / 0, ("))
    game.project.write("orc_unittest.py", "")
    game.project.write("orc.py", text)
    game.project.update()
    game.project.live.call(game.held["units"][0].who)


def _roll_back(game: Game) -> None:
    game.project.update()


SCENARIOS = [
    Scenario("bodies", _bodies),
    Scenario("layouts", _layouts),
    Scenario("mixed", _mixed),
    Scenario("broken", _broken),
    Scenario("arrive", _arrive),
    Scenario("leave", _leave, _arrive),
    Scenario("undo", _undo, _layouts),
    Scenario("raise", _raise),
    Scenario("rollback", _roll_back, _raise),
]
