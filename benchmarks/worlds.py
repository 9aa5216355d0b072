"""The scripts that are measured: plain modules, each with its version in it, so that every save is an edit."""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_THING = '''"""{name}: one kind of thing in a game."""

from math import cos, sin

TUNING = {tuning}


class Thing:
    """Walks about."""

    kind = "{name}"
    speed = 2.5

    def __init__(self, number):
        self.number = number
        self.x, self.y = float(number), 0.0
        self.health = 100{extra}

    def walk(self, dt):
        self.x += self.speed * dt
        self.y -= self.speed * dt
        return self.x + self.y

    def turn(self, angle):
        return self.x * cos(angle) - self.y * sin(angle)

    def hurt(self, points):
        self.health = max(0, self.health - points)

    def answer(self):
        return {answer}

    def tuned(self):
        return TUNING


class Slotted:
    """The same without a dict."""

    __slots__ = ("x", "y")

    def __init__(self):
        self.x, self.y = 0.0, 0.0

    def walk(self, dt):
        self.x += dt
        self.y -= dt
        return self.x + self.y

    def answer(self):
        return {answer}


class Unedited:
    """Nobody edits it."""

    def __init__(self):
        self.x, self.y = 0.0, 0.0

    def walk(self, dt):
        self.x += dt
        self.y -= dt
        return self.x + self.y


def make(number):
    return Thing(number)
'''

# What scripts of games have besides.
_RICH = """

import enum
import functools
import random
from dataclasses import dataclass


class State(enum.Enum):
    IDLE = enum.auto()
    WALKING = enum.auto()


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    state: State
    health: int = 100


KINDS = {each: Kind(each, State.IDLE) for each in ("goblin", "orc", "troll")}
CHANCE = random.Random(1)


@functools.cache
def far(steps):
    return steps * 2
"""

_BASE = '''"""What all others take from."""

SPEED = {speed}


class Base:
    """Walks about."""

    def __init__(self, number):
        self.number = number
        self.x, self.y = float(number), 0.0

    def walk(self, dt):
        self.x += self.speed * dt
        self.y -= self.speed * dt
        return self.x + self.y

    def answer(self):
        return {answer}
'''

_DEPENDANT = '''"""{name}: takes a class and a constant."""

from base import SPEED, Base


class Thing(Base):
    """A kind of its own."""

    kind = "{name}"
    speed = SPEED

    def shout(self):
        return f"{{self.kind}}: {{self.number}}"
'''


@dataclass(frozen=True)
class Edit:
    """A way to edit a script: which versions of its text there are, and how a thing shows which one it is."""

    title: str
    texts: str  # which of the places in the text has the version

    def text(self, name: str, version: int) -> str:
        """The script in this version."""
        return thing_text(name, **{self.texts: version})

    def shown_by(self, thing: Any) -> int:
        """The version that answers."""
        return thing.tuned() if self.texts == "tuning" else thing.answer()


METHOD = Edit("a method edited", "answer")
CONSTANT = Edit("a constant beside the class edited", "tuning")
RICH = Edit("a method edited beside an enumeration, a table, a cache and a random number generator", "rich")
ATTRIBUTE = Edit("a method edited, a new attribute in `__init__`", "both")


def thing_text(name: str, *, answer: int = 0, tuning: int = 0, both: int = 0, rich: int = 0) -> str:
    """A script with one class that has instances."""
    extra = f"\n        self.mana_{both % 8} = {both}" if both else ""
    text = _THING.format(name=name, answer=answer or both or rich, tuning=tuning, extra=extra)
    return text + _RICH if rich else text


def base_text(*, answer: int = 0, speed: int = 1) -> str:
    """What others derive from."""
    return _BASE.format(answer=answer, speed=speed)


def dependant_text(name: str) -> str:
    """One of the others."""
    return _DEPENDANT.format(name=name)


def numbered(stem: str, count: int) -> list[str]:
    """Names of modules."""
    return [f"{stem}_{number:05}" for number in range(count)]


def write(directory: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Write modules, name -> text. Returns their paths by name."""
    os.makedirs(directory, exist_ok=True)
    paths = {name: os.path.join(directory, f"{name}.py") for name in texts}
    for name, text in texts.items():
        with open(paths[name], "w", encoding="utf-8") as file:
            file.write(text)
    return paths


def module(name: str) -> Any:
    """The module as it is imported now."""
    return sys.modules[name]


class Other:
    """What a game consists of besides."""

    def __init__(self, number: int) -> None:
        self.number, self.things = number, [number]


def filling(objects: int) -> list[Any]:
    """About so many objects for the garbage collector, collected once: the game has been loaded."""
    gc.disable()
    made: list[Any] = []
    for number in range(objects // 5):
        other = Other(number)
        made.append((other, {"other": other}, [other, number]))
    gc.enable()
    gc.collect()
    return made
