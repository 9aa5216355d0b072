"""Reloading for hours leaves nothing behind: no objects, modules, classes, source lines or memory.

Each test reloads so often that whatever one reload leaves, if only a single object, stands out from the tolerance.
"""

from __future__ import annotations

import gc
import linecache
import logging
import sys
import tracemalloc
import typing
import weakref
from dataclasses import dataclass, replace
from types import FunctionType

import pytest

from livescripts._core.chronicle import Chronicle
from livescripts._core.history import History
from livescripts._runtime import sources

WARM_UP = 20  # reloads after which the caches of the interpreter, and ours, are full
RELOADS = 200
FEWER = 80  # for one kind of script alone, and where memory is traced: four times slower
REJECTIONS = 50
OBJECTS = 40  # more, in all: fewer than one for each of the reloads that are compared; weak references come and go
MEMORY = 32 * 1024  # bytes more, in all: caches of the interpreter fill up by and by
TABLE = 16 * 1024  # bytes; a block larger than that is a table of the interpreter, of all interned strings, say

_module_of = type.__dict__["__module__"].__get__


def collect():
    """Let everything go that nobody holds.

    `typing` holds the last 128 classes that hints were made of. CPython's own tests for leaks empty its caches, too.
    """
    for clear in typing._cleanups:
        clear()
    gc.collect()


@dataclass(frozen=True)
class Footprint:
    """What there is when the garbage is gone; `classes` and `functions` are the scripts'."""

    objects: int
    modules: int
    lines: int
    classes: int
    functions: int

    @classmethod
    def take(cls):
        for _ in range(3):
            collect()  # what finalizers let go of is garbage in turn
        sources.tidy()  # the texts of versions that are gone leave with the next save; here now
        things = gc.get_objects()
        # Through `type` itself: a class may answer for its module as it likes.
        classes = [_module_of(thing) for thing in things if issubclass(type(thing), type)]
        functions = [thing.__module__ for thing in things if type(thing) is FunctionType]
        return cls(
            len(things), len(sys.modules), len(linecache.cache), len(of_scripts(classes)), len(of_scripts(functions))
        )


def of_scripts(modules):
    return [name for name in modules if isinstance(name, str) and name.partition(".")[0] == "game"]


def traced_memory():
    """The memory allocated since tracing began.

    A table that was there before counts in full when it grows, and what it replaces does not: tables are left out.
    """
    return sum(trace[1] for trace in tracemalloc.take_snapshot().traces._traces if trace[1] < TABLE)


def assert_no_growth(before, after):
    assert replace(after, objects=0) == replace(before, objects=0)
    assert after.objects <= before.objects + OBJECTS


@pytest.fixture(autouse=True)
def a_short_history(monkeypatch):
    """What is kept on purpose is all there by the end of the warming up."""
    monkeypatch.setattr(History.__init__, "__defaults__", (WARM_UP,))
    monkeypatch.setattr(Chronicle.__init__, "__defaults__", (WARM_UP,))


@pytest.fixture(autouse=True)
def nobody_keeps_the_log(monkeypatch):
    """Pytest keeps what is logged for its report, and with it the exceptions."""
    monkeypatch.setattr(logging.getLogger("livescripts"), "disabled", True)


@pytest.fixture
def tracing():
    """Memory is traced meanwhile."""
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
        """, ("[space.hit, [space.miss, space.miss()], space.cost, space.cost(), space.show, space.show(1), space.zone,"
            " space.fire, space.Goblin().hit, space.Goblin().power]")),
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
# It takes all that there is while it loads, and is never edited.
DEPENDANT = """
import game
TAKEN = {name: getattr(game, name) for name in dir(game) if name[0] != "_"}
BASES = [thing for thing in TAKEN.values() if isinstance(thing, type) and not hasattr(thing, "__members__")]
OWN = []
for base in BASES:
    class Own(base): pass
    OWN.append(Own)
def count(): return len(TAKEN)
"""
# All of it in one script, under names that differ.
EVERYTHING = """
import functools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

score = {n}
LEVELS = [[{n}], {{"a": {n}}}]
class Base:
    def who(self): return {n}
class Goblin(Base):
    speed = {n}
    def __init__(self): self.hp = 10
    def update(self): return super().who() + self.speed
    class Part: size = {n}
@dataclass
class Item:
    name: str = "sword {n}"
    tags: list[str] = field(default_factory=list)
@dataclass(frozen=True, slots=True)
class Point:
    x: int = {n}
class Actor(ABC):
    @abstractmethod
    def act(self): ...
class Ork(Actor):
    def act(self): return {n}
T = TypeVar("T")
class Box(Generic[T]):
    def get(self, x: T) -> T: return x
class Swords(Box[Item]): v = {n}
class State(Enum):
    IDLE = "idle"
    CHASE = {n}
def loud(f):
    @functools.wraps(f)
    def wrapper(*args): return f(*args), {n}
    return wrapper
def counted(f):
    calls = 0
    def wrapper(*args):
        nonlocal calls
        calls += 1
        return f(*args), calls
    return wrapper
@loud
def hit(): return {n}
@counted
def miss(): return {n}
@functools.cache
def cost(x=1): return [{n}]
def make_ai(level):
    def ai(): return level, {n}
    return ai
ATTACKS = {{"bite": lambda: {n}, "claw": lambda: -{n}}}
PLAYER = Goblin()
"""
KEPT = """[
    space.Goblin(), space.Goblin.Part(), space.Goblin().update, space.Goblin, space.Item(), space.Point(), space.Ork(),
    space.Box(), space.Swords(), space.Box[int](), {space.State.IDLE: space.State.CHASE}, space.hit, space.miss(),
    space.miss, space.cost(), space.cost, space.make_ai(1), (space.make_ai(2), 2), space.ATTACKS["bite"], space.LEVELS,
    [space.PLAYER, space.PLAYER.update, (space.PLAYER,)],
]"""


def reload(game, text, numbers):
    for number in numbers:
        report = game.save("a.py", text.format(n=number))
        assert report.reloaded, str(report)
        if number % 5 == 0:
            # As happens by and by in a game: what is garbage makes the next reload slower.
            collect()


def reject(game, text, numbers):
    for number in numbers:
        report = game.save("a.py", text.format(n=number))
        assert report.rejected, str(report)
        assert not report.reloaded


# The numbers have as many digits each: the world is the same before and after, but for them.


@pytest.mark.parametrize("kind", KINDS)
def test_reloads_of_one_kind_of_script_leave_nothing_behind(project, kind):
    text, keep = KINDS[kind]
    game = project({"shared.py": SHARED, "a.py": text.format(n=1000), "below/b.py": DEPENDANT})
    kept = eval(keep, {"space": game.namespace})
    reload(game, text, range(1001, 1001 + WARM_UP))
    before = Footprint.take()
    for start in range(1001 + WARM_UP, 1001 + FEWER, WARM_UP):
        reload(game, text, range(start, start + WARM_UP))
        # Every now and then, since what piles up would make the rest slow.
        assert_no_growth(before, Footprint.take())
    assert len(kept) == len(eval(keep, {"space": game.namespace}))


def test_two_hundred_reloads_leave_nothing_behind(project):
    game = project({"a.py": EVERYTHING.format(n=1000), "below/b.py": DEPENDANT})
    kept = eval(KEPT, {"space": game.namespace})
    reload(game, EVERYTHING, range(1001, 1001 + WARM_UP))
    before = Footprint.take()
    for start in range(1001 + WARM_UP, 1001 + RELOADS, WARM_UP):
        reload(game, EVERYTHING, range(start, start + WARM_UP))
        assert_no_growth(before, Footprint.take())
    assert kept[0].update() == 2 * 1200


def test_reloads_leave_no_memory_behind(project, tracing):
    game = project({"a.py": EVERYTHING.format(n=1000), "below/b.py": DEPENDANT})
    kept = eval(KEPT, {"space": game.namespace})
    reload(game, EVERYTHING, range(1001, 1001 + 2 * WARM_UP))
    before, memory = Footprint.take(), traced_memory()
    reload(game, EVERYTHING, range(1001 + 2 * WARM_UP, 1001 + FEWER))
    assert_no_growth(before, Footprint.take())
    assert traced_memory() <= memory + MEMORY
    assert kept[0].update() == 2 * (1000 + FEWER)


@pytest.mark.parametrize("how", ["raises", "test", "dependant", "syntax"])
def test_fifty_rejected_saves_leave_nothing_behind(project, tracing, how):
    text = (
        EVERYTHING
        + {
            "raises": "1 / 0\n",
            "test": "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail('{n}')\n",
            "dependant": "",
            "syntax": "def f(:\n",
        }[how]
    )
    game = project({"a.py": EVERYTHING.format(n=1000), "b.py": "from game import score\nif score > 1000: 1 / 0"})
    kept = eval(KEPT, {"space": game.namespace})
    reject(
        game, text, range(1001, 1001 + REJECTIONS)
    )  # the first fifty fill caches, the fifty after them take a tenth of it
    before, memory = Footprint.take(), traced_memory()
    reject(game, text, range(2001, 2001 + REJECTIONS))
    assert_no_growth(before, Footprint.take())
    assert traced_memory() <= memory + MEMORY
    assert type(kept[0]) is game.namespace.Goblin
    assert kept[0].update() == 2000


def test_reloads_that_alternate_with_rejections_leave_nothing_behind(project):
    game = project({"a.py": EVERYTHING.format(n=1000)})
    kept = eval(KEPT, {"space": game.namespace})

    def both(numbers):
        for number in numbers:
            reload(game, EVERYTHING, [number])
            reject(game, EVERYTHING + "1 / 0", [number])

    both(range(1001, 1001 + WARM_UP))
    before = Footprint.take()
    both(range(2001, 2001 + REJECTIONS))
    assert_no_growth(before, Footprint.take())
    assert kept[0].update() == 2 * (2000 + REJECTIONS)


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
    before = Footprint.take()
    come_and_go(REJECTIONS)
    assert_no_growth(before, Footprint.take())


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
