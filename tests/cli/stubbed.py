"""Scripts with one of everything that stubs have to get right, and a host that uses them, rightly and wrongly."""

SCRIPTS = {
    "x/base.py": '''
        """What all enemies share."""
        from __future__ import annotations

        import math
        import unittest
        from typing import TYPE_CHECKING, ClassVar

        from livescripts import Fresh, Keep, after_reload

        if TYPE_CHECKING:
            from collections.abc import Iterator

        _secret = 1
        SPEED = 2.5
        NAMES = ["grunt", "boss"]
        EMPTY = []
        ORIGIN = (0, 0)
        score: Keep[int] = 0
        cache: Fresh[dict[str, int]] = {}
        try:
            import fancy_maths_that_is_not_there as fancy
        except ImportError:
            fancy = None

        class Enemy:
            """Base of enemies."""

            count: ClassVar[int] = 0
            slain: Keep[int] = 0
            armour = 1
            target = None

            class Weapon:
                """Nested."""

                damage = 3

                def swing(self) -> float:
                    return self.damage * 1.5

            def __init__(self, name: str, health: int = 10, loot=None):
                self.name = name
                self.health = health
                self.loot = loot
                self.weapon = self.Weapon()
                self.age = 0.0
                self.level = 1
                self.x, self.y = 0.0, 0.0
                self.tags = []
                self._hidden = "h"
                self.alive: bool = True

            @property
            def strength(self) -> int:
                return self.health * 2

            @strength.setter
            def strength(self, value: int) -> None:
                self.health = value // 2

            @classmethod
            def spawn(cls, name: str) -> Enemy:
                return cls(name)

            @staticmethod
            def distance(x: float, y: float) -> float:
                return math.hypot(x, y)

            @after_reload
            def adapt(self, old):
                self.age = 0.0

            def update(self, dt):
                self.age += dt
                self.level += 1
                self.x += dt

            def shout(self):
                return f"{self.name}!"

            def moved(self):
                self.x = 1.0
                return self

            def hook(self):
                """For subclasses."""

            def walk(self) -> Iterator[int]:
                yield 1

            async def think(self) -> str:
                return "hm"

            def __len__(self):
                return 3

        def strongest(*enemies: Enemy, least: int = 0, **more: str) -> Enemy:
            return max(enemies, key=lambda each: each.health)

        def add():
            global score
            score += 1

        class EnemyTest(unittest.TestCase):
            def test_it(self):
                self.assertTrue(Enemy("e"))
    ''',
    "x/a-goblin.py": """
        import dataclasses
        import enum
        from dataclasses import dataclass, field
        from typing import Generic, NamedTuple, TypeAlias, TypeVar, overload

        import game
        from . import Enemy
        from game.x import SPEED
        from game.tools import register, timed, kind

        T = TypeVar("T")
        Point: TypeAlias = tuple[float, float]
        _secret = "another"

        class Mood(enum.Enum):
            CALM = 1
            WILD = enum.auto()

            def fierce(self):
                return self is Mood.WILD

        @register
        class Goblin(Enemy):
            mood = Mood.CALM
            list = 3
            bag = [1]

            def __init__(self, name: str, mount: "Goblin | None" = None):
                super().__init__(name)
                self.mount = mount
                self.purse = Purse(3)
                self.best = game.tools.Tool("axe")
                self.places: dict[str, Point] = {}
                self.friends = []

            @timed
            def steal(self, what: str) -> int:
                return len(what)

            def update(self, dt):
                self.x += dt
                self.level += 2

            def hook(self):
                return 5

        @kind("boss")
        class Chief(Goblin):
            rank = 1

        @dataclass
        class Purse:
            coins: int
            holes: int = 0
            rest: list[str] = field(default_factory=list)

            def spend(self):
                self.coins -= 1
                self.spent = True

        @dataclasses.dataclass(frozen=True)
        class Frozen:
            size: float = 1.0

        class Pair(NamedTuple):
            one: int
            two: str = ""

        class Stack(Generic[T]):
            def __init__(self) -> None:
                self._items: list[T] = []

            def push(self, item: T) -> None:
                self._items.append(item)

            def pop(self) -> T:
                return self._items.pop()

        @overload
        def pick(what: int) -> int: ...
        @overload
        def pick(what: str) -> str: ...
        def pick(what):
            return what

        def set(text):
            return text

        def crowd():
            return {1, 2}

        KINDS = {"goblin": Goblin}
        STARTER = Goblin("first")
        half = lambda number: number / 2
    """,
    "tools/anything.py": """
        import functools

        __all__ = ["Tool", "register", "timed", "kind", "pi"]

        from math import pi, e

        TOOLS = []

        class Tool:
            __slots__ = ("name", "worn")

            def __init__(self, name: str):
                self.name = name
                self.worn = False

        class Unlisted:
            pass

        def register(cls):
            TOOLS.append(cls)
            return cls

        def timed(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner

        def kind(name):
            def wrap(cls):
                cls.kind = name
                return cls
            return wrap
    """,
    "top.py": """
        from game.x import Goblin

        lives = 3
        title = "Game"
        names = [goblin.name for goblin in [Goblin("a")]]
        for index in range(3):
            last = index
        if lives > 2:
            mode = "easy"
        else:
            mode = None

        def lose():
            global lives
            lives -= 1
            return lives > 0

        def count():
            for each in names:
                yield each

        def first(goblins: list[Goblin]) -> Goblin | None:
            return goblins[0] if goblins else None
    """,
}

# A line with `# wrong` is one where a type checker has to complain, and nowhere else. pyright lets anybody set any
# attribute of any module to anything.
HOST = """
from collections.abc import Iterator
from typing import assert_type

import game
from game.x import Enemy, Goblin, Mood, Pair, Point, Purse, Stack, pick, strongest
from game.tools import Tool, pi
from game.x import EnemyTest  # wrong
from game.x import _secret  # wrong
from game.tools import Unlisted  # wrong
from game.tools import e  # wrong

goblin = game.x.Goblin("grip")
assert_type(goblin, Goblin)
assert_type(goblin.name, str)
assert_type(goblin.health, int)
assert_type(goblin.age, float)
assert_type(goblin.x, float)
assert_type(goblin.level, int)
assert_type(goblin.alive, bool)
assert_type(goblin.armour, int)
assert_type(goblin.strength, int)
assert_type(goblin.weapon.swing(), float)
assert_type(goblin.mood, Mood)
assert_type(goblin.mood.fierce(), bool)
assert_type(goblin.mount, Goblin | None)
assert_type(goblin.purse, Purse)
assert_type(goblin.purse.coins, int)
assert_type(goblin.purse.spent, bool)
assert_type(goblin.best, Tool)
assert_type(goblin.best.worn, bool)
assert_type(goblin.places, dict[str, Point])
assert_type(goblin.slain, int)
assert_type(goblin.steal("hat"), int)
assert_type(goblin.shout(), str)
assert_type(goblin.moved(), Goblin)
assert_type(goblin.walk(), Iterator[int])
assert_type(len(goblin), int)
assert_type(goblin.list, int)
assert_type(goblin.bag, list[int])
assert_type(Enemy("e", 3).health, int)
assert_type(Enemy.spawn("e"), Enemy)
assert_type(Enemy.distance(1, 2), float)
assert_type(Enemy.Weapon().damage, int)
assert_type(strongest(goblin, least=3, colour="red"), Enemy)
assert_type(game.x.SPEED, float)
assert_type(game.x.NAMES, list[str])
assert_type(game.x.ORIGIN, tuple[int, int])
assert_type(game.x.score, int)
assert_type(game.x.cache, dict[str, int])
assert_type(game.x.KINDS["goblin"]("k"), Goblin)
assert_type(game.x.STARTER, Goblin)
assert_type(game.x.Chief("c").rank, int)
assert_type(game.lives, int)
assert_type(game.lose(), bool)
assert_type(game.title, str)
assert_type(game.names, list[str])
assert_type(game.first([goblin]), Goblin | None)
assert_type(pi, float)
assert_type(game.x.set(3), int)
assert_type(game.x.crowd(), set[int])
assert_type(pick(1), int)
assert_type(pick("a"), str)
assert_type(Pair(1, "b").two, str)
assert_type(Purse(3, rest=["a"]).rest, list[str])
stack = Stack[int]()
stack.push(3)
assert_type(stack.pop(), int)
goblin.age = 2
goblin.target = goblin
goblin.loot = "a ring"
goblin.strength = 4
goblin.tags.append("green")
goblin.friends.append(goblin)
goblin.hook()
game.lives = 5
game.x.EMPTY.append(1)
for each in game.count():
    print(each)
print(Mood.WILD.name, game.x.Frozen(2.0).size, game.x.half(3), game.mode)


async def main() -> None:
    assert_type(await goblin.think(), str)

game.x.Goblim("typo")  # wrong
game.y  # wrong
game.x.fancy  # wrong
Goblin()  # wrong
Goblin(3)  # wrong
goblin.nmae  # wrong
goblin.health = "much"  # wrong
goblin.age = "old"  # wrong
goblin.level = None  # wrong
goblin.update()  # wrong
goblin.steal(3)  # wrong
goblin.mood = 1  # wrong
goblin.moved().jump()  # wrong
goblin.mount.name  # wrong
goblin.purse.coins = "many"  # wrong
goblin.best.worn = "very"  # wrong
goblin.shout() + 1  # wrong
Purse("three")  # wrong
Purse(1, spent=True)  # wrong
game.x.Frozen(1.0).size = 2.0  # wrong
game.x.score = "high"  # wrong for mypy
game.lives = None  # wrong for mypy
game.x.SPEED.upper()  # wrong
Mood.MAD  # wrong
stack.push("three")  # wrong
pick(1.5)  # wrong
strongest(3)  # wrong
game.first([goblin]).name  # wrong
"""
