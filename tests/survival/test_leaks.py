"""Reloading for hours leaves nothing behind: no objects, modules, classes, source lines or memory.

Each test reloads so often that whatever one reload leaves, if only a single object, stands out from the tolerance.
"""

from __future__ import annotations

import gc
import linecache
import logging
import sys
import textwrap
import tracemalloc
import typing
import weakref
from dataclasses import dataclass

import pytest

WARM_UP = 20  # reloads after which caches of the interpreter and of ours are full
RELOADS = 200
REJECTIONS = 50
OBJECTS = 60  # fewer than one for each three reloads or each rejection
MEMORY = 48 * 1024  # bytes; with 200 reloads, 250 bytes each


@dataclass(frozen=True)
class Footprint:
    objects: int
    modules: int
    lines: int
    classes: int
    functions: int
    memory: int


def footprint(prefix="game"):
    """What there is now that the garbage is gone."""
    # As CPython's own tests for leaks do: these caches are bounded, and not ours.
    for clear in typing._cleanups:
        clear()
    sys._clear_type_cache()
    for _ in range(3):
        gc.collect()
    things = gc.get_objects()
    ours = [kind for thing in things for kind in [type(thing)] if issubclass(kind, type) or kind is FUNCTION]
    del ours
    # Through `type` itself: a script's class may answer for its module as it likes.
    classes = sum(is_of(prefix, type.__dict__["__module__"].__get__(thing)) for thing in things if type_of(thing))
    functions = sum(is_of(prefix, thing.__module__) for thing in things if type(thing) is FUNCTION)
    count = len(things)
    del things
    memory = tracemalloc.get_traced_memory()[0]
    return Footprint(count, len(sys.modules), len(linecache.cache), classes, functions, memory)


FUNCTION = type(footprint)


def type_of(thing):
    return issubclass(type(thing), type)


def is_of(prefix, module):
    return isinstance(module, str) and module.partition(".")[0] == prefix


def assert_no_growth(before, after):
    assert after.modules == before.modules
    assert after.lines == before.lines
    assert after.classes == before.classes
    assert after.functions == before.functions
    assert after.objects <= before.objects + OBJECTS
    assert after.memory <= before.memory + MEMORY


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Nobody keeps what we log, as pytest does for its report; and memory is traced."""
    monkeypatch.setattr(logging.getLogger("livescripts"), "propagate", False)
    tracemalloc.start()
    yield
    tracemalloc.stop()


# Scripts, with a number that each version has another one of, and what the game keeps of them.
KINDS = {
    "plain class": ("""
        class Base:
            def who(self): return {n}
        class Goblin(Base):
            speed = {n}
            def __init__(self): self.hp = 10
            def update(self): return super().who() + self.speed
            class Part: size = {n}
        """, "[space.Goblin(), space.Goblin.Part(), space.Goblin().update, space.Goblin]"),
    "slots": ("""
        class Goblin:
            __slots__ = ("hp", "__weakref__")
            def update(self): return {n}
        """, "[space.Goblin(), space.Goblin().update]"),
    "layout that changes": ("""
        class Goblin:
            __slots__ = ("hp", "v{n}")
            def update(self): return {n}
        """, "[space.Goblin()]"),
    "dataclass": ("""
        from dataclasses import dataclass, field
        @dataclass
        class Item:
            name: str = "sword {n}"
            tags: list[str] = field(default_factory=list)
        @dataclass(frozen=True, slots=True)
        class Point:
            x: int = {n}
        """, "[space.Item(), space.Point(), [space.Item]]"),
    "ABC": ("""
        from abc import ABC, abstractmethod
        from collections.abc import Sized
        class Actor(ABC):
            @abstractmethod
            def act(self): ...
        class Goblin(Actor):
            def act(self): return {n}
        class Bag:
            def __len__(self): return {n}
        Actor.register(Bag)
        SIZED = isinstance(Bag(), Sized), isinstance(Bag(), Actor), isinstance(Goblin(), Actor)
        """, "[space.Goblin(), space.Bag(), isinstance(space.Bag(), space.Actor)]"),
    "Generic": ("""
        from typing import Generic, Optional, Protocol, TypeVar
        T = TypeVar("T")
        class Box(Generic[T]):
            v = {n}
            def get(self, x: T) -> Optional[T]: return x
        class Sword: v = {n}
        class Swords(Box[Sword]): v = {n}
        class Sized(Protocol):
            def size(self) -> int: ...
        HINTS = (Box[int], list[Sword], Sword | None, Optional[Sword])
        """, "[space.Box(), space.Swords(), space.Box[int](), list[space.Sword], space.Sword | None]"),
    "Enum": ("""
        from enum import Enum, Flag, IntEnum, auto
        class State(Enum):
            IDLE = "idle"
            CHASE = {n}
            def next(self): return {n}
        class Level(IntEnum):
            ONE = 1
            TWO = {n}
        class Bits(Flag):
            A = auto()
            B = auto()
        AB = Bits.A | Bits.B
        """, "[space.State.IDLE, {space.State.CHASE: space.Level.TWO}, space.Bits.A | space.Bits.B]"),
    "exceptions": ("""
        class Boom(Exception): v = {n}
        def fail():
            try: raise Boom({n})
            except Boom as error: return error
        """, "[space.fail(), (space.Boom, OSError)]"),
    "metaclass": ("""
        class Meta(type):
            def __call__(cls, *args): return super().__call__(*args)
            kinds = {n}
        class Goblin(metaclass=Meta):
            v = {n}
            def __init_subclass__(cls, **names): cls.kind = {n}
        class Boss(Goblin): pass
        """, "[space.Goblin(), space.Boss()]"),
    "decorated functions": ("""
        import functools
        from contextlib import contextmanager
        def loud(f):
            @functools.wraps(f)
            def wrapper(*args): return f(*args), {n}
            return wrapper
        def bare(f):
            calls = 0
            def wrapper(*args):
                nonlocal calls
                calls += 1
                return f(*args), calls
            return wrapper
        @loud
        def hit(): return {n}
        @bare
        def miss(): return {n}
        @functools.cache
        def cost(x=1): return [{n}]
        @functools.singledispatch
        def show(x): return {n}
        @show.register
        def _(x: int): return {n}
        @contextmanager
        def zone(): yield {n}
        fire = functools.partial(hit)
        class Goblin:
            @loud
            def hit(self): return {n}
            @functools.cached_property
            def power(self): return {n}
            @property
            def half(self): return {n}
        """, "[space.hit, [space.miss, space.miss()], space.cost, space.cost(), space.show, space.show(1), space.zone,"
            " space.fire, space.Goblin().hit, space.Goblin().power]"),
    "decorators that come and go": ("""
        def loud(f):
            x = {n}
            def wrapper(*args): return f(*args), x
            return wrapper
        def plain(f): return f
        @(loud if {n} % 2 else plain)
        def hit(): return {n}
        """, "[space.hit, (space.hit, 1)]"),
    "closures": ("""
        def make_ai(level):
            seen = []
            def ai(x):
                seen.append(x)
                return level, {n}
            return ai
        ATTACKS = {{"bite": lambda: {n}, "claw": lambda: -{n}}}
        def make():
            x = {n}
            def inner(): return x
            return inner
        inner = make()
        """, "[space.make_ai(1), space.make_ai(2), space.ATTACKS['bite'], space.inner]"),
    "closures that change": ("""
        class Base:
            def hit(self): return {n}
        class Goblin(Base):
            def hit(self): return super().hit() if {n} % 2 else {n}
        if {n} % 2:
            class Ork(Base):
                def hit(self): return super().hit()
        else:
            class Ork(Base):
                def hit(self): return {n}
        """, "[space.Goblin().hit, space.Ork().hit, space.Ork.hit]"),
    "state": ("""
        LEVELS = [[{n}], {{"a": {n}}}]
        ENTITIES = []
        score = {n}
        class Player:
            drops = [{n}]
            def __init__(self): self.hp = {n}
        PLAYER = Player()
        def gain():
            global score
            score += 1
        """, "[space.LEVELS, space.ENTITIES, space.PLAYER, space.PLAYER.drops, (space.PLAYER,)]"),
    "registrations": ("""
        from game import BUS
        class Goblin: v = {n}
        def on_hit(): return {n}
        BUS.append(Goblin)
        BUS.append(("hit", on_hit))
        """, "[space.Goblin(), space.on_hit]"),
    "names that change": ("""
        class Goblin{n}: pass
        def hit{n}(): return {n}
        v{n} = {n}
        """, "[]"),
}  # fmt: skip
SHARED = "BUS = []\n"
# It takes names while it loads, and is never edited.
DEPENDANT = """
import game
KINDS = {name: value for name in dir(game) if name[0] != "_" for value in [getattr(game, name)] if name != "KINDS"}
class Own: pass
for base in [value for value in KINDS.values() if type(value) is type]:
    class Own(base): pass
def count(): return len(KINDS)
"""


def play(project, kind, *, dependant):
    text, keep = KINDS[kind]
    scripts = {"shared.py": SHARED, "a.py": text.format(n=1000)}
    if dependant:
        # Below `game`, so that it may ask for all that is there without asking for itself.
        scripts["below/b.py"] = DEPENDANT
    game = project(scripts)
    return game, text, eval(keep, {"space": game.namespace})


def reload(game, text, numbers):
    for number in numbers:
        report = game.save("a.py", text.format(n=number))
        assert report.reloaded, str(report)


@pytest.mark.parametrize("dependant", [False, True], ids=["alone", "with a dependant"])
@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_reloads_leave_nothing_behind(project, kind, dependant):
    game, text, kept = play(project, kind, dependant=dependant)
    # As many digits in each, and an even number of reloads: the world is the same before and after but for one number.
    reload(game, text, range(1001, 1001 + WARM_UP))
    footprint()
    before = footprint()
    reload(game, text, range(1001 + WARM_UP, 1001 + RELOADS))
    after = footprint()
    assert_no_growth(before, after)
    assert len(kept) == len(eval(KINDS[kind][1], {"space": game.namespace}))


@pytest.mark.parametrize("how", ["raises", "test", "dependant", "syntax"])
def test_fifty_rejected_saves_leave_nothing_behind(project, how):
    every = [kind for kind in KINDS if kind not in {"names that change", "registrations"}]
    text = "".join(textwrap.dedent(KINDS[kind][0]) for kind in every)
    end = {
        "raises": "1 / 0\n",
        "test": "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail('{n}')\n",
        "dependant": "",
        "syntax": "def f(:\n",
    }[how]
    game = project({"a.py": text.format(n=1000), "b.py": "from game import score\nif score > 1000: 1 / 0"})
    goblin, wanted = game.namespace.Goblin(), type(game.namespace.Goblin())

    def reject(numbers):
        for number in numbers:
            assert game.save("a.py", (text + end).format(n=number)).rejected

    reject(range(1001, 1001 + WARM_UP))
    footprint()
    before = footprint()
    reject(range(2001, 2001 + REJECTIONS))
    after = footprint()
    assert_no_growth(before, after)
    assert type(goblin) is wanted


def test_reloads_that_alternate_with_rejections_leave_nothing_behind(project):
    text, keep = KINDS["plain class"]
    game = project({"a.py": text.format(n=1000)})
    kept = eval(keep, {"space": game.namespace})

    def both(numbers):
        for number in numbers:
            assert game.save("a.py", text.format(n=number)).reloaded
            assert game.save("a.py", textwrap.dedent(text).format(n=number) + "1 / 0").rejected

    both(range(1001, 1001 + WARM_UP))
    footprint()
    before = footprint()
    both(range(2001, 2001 + REJECTIONS))
    assert_no_growth(before, footprint())
    assert kept[2]() == 2 * (2000 + REJECTIONS)


def test_scripts_that_come_and_go_leave_nothing_behind(project):
    game = project({"base.py": "class Base: pass"})

    def come_and_go(times):
        for number in range(times):
            assert game.save("mob.py", f"from game import Base\nclass Mob(Base): v = {number}").reloaded
            mob = game.namespace.Mob()
            game.delete("mob.py")
            assert game.update().reloaded
            assert mob.v == number

    come_and_go(WARM_UP)
    footprint()
    before = footprint()
    come_and_go(REJECTIONS)
    assert_no_growth(before, footprint())


def test_entities_that_die_are_not_kept_alive_by_reloads(project):
    text, _ = KINDS["plain class"]
    game = project({"a.py": text.format(n=1000)})
    seen = []
    for number in range(1001, 1021):
        goblin = game.namespace.Goblin()
        seen.append(weakref.ref(goblin))
        save_and_touch(game, text, number, goblin)
        del goblin
    gc.collect()
    assert [ref() for ref in seen] == [None] * len(seen)


def save_and_touch(game, text, number, goblin):
    assert game.save("a.py", text.format(n=number)).reloaded
    assert goblin.update() == 2 * number
