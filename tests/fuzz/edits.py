"""What a game's author does: projects of scripts, and edits of them, as plain data.

# Rule 1: pure. A seed gives the same steps on every Python, whatever the reloads come to; so steps can be left out of a
# failing series one by one, and what is left fails in the same way.
# Rule 2: each definition has a token of its own, a new one with every edit of it: nothing of a version that was rejected
# can hide from who walks the heap.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

Layout: TypeAlias = Literal["merged", "modules"]
Kind: TypeAlias = Literal["plain", "slots", "data", "enum", "named"]

FOLDERS = ("", "x/", "x/y/", "z/")
# Each may take from those before it: so nobody needs each other in a circle.
FILES = tuple(f"{FOLDERS[n % 4]}{'abcdefgh'[n // 4]}{n}.py" for n in range(30))
KINDS: dict[str, Kind] = {f"K{n}": "plain" for n in range(12)}
KINDS |= {"S0": "slots", "S1": "slots", "D0": "data", "D1": "data", "E0": "enum", "N0": "named"}
FUNCTIONS = tuple(f"f{n}" for n in range(10))
VALUES = tuple(f"v{n}" for n in range(8))
BREAKS = (
    "1 / 0",
    "def broken(:",
    "raise SystemExit",
    "import nowhere_at_all",
    "from game import no_such_name",
    "__all__ = ['no']",
    "raise BaseException('out')",
    "  indented = 1",
    "import host_of_fuzz; host_of_fuzz.seen += [each for each in list(globals().values()) if callable(each)]; 1 / 0",
    "import host_of_fuzz; host_of_fuzz.table.update({n: each for n, each in list(globals().items()) if callable(each)}); 1 / 0",
    "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.fail('no')",
    "assert False",
    "\0",
    "x = '\udcff'",
)


# ------------------------------------------------------------------ steps


@dataclass(frozen=True, slots=True)
class Save:
    """Files saved at once; None is a file that is gone. `slices` updates with a tiny budget come before the next step."""

    files: tuple[tuple[str, bytes | None], ...]
    slices: int = 0


@dataclass(frozen=True, slots=True)
class Do:
    """What the game, or somebody at its keyboard, does: `number` says with which, modulo how many there are."""

    what: Literal["undo", "reload", "pause", "resume", "call", "instantiate", "hold", "drop", "mutate", "release"]
    number: int = 0


Step: TypeAlias = Save | Do


# ------------------------------------------------------------------ scripts


@dataclass(frozen=True, slots=True)
class Class:
    """A class: `variant` decides what is in it, `raises` whether its behaviour raises."""

    name: str
    token: str
    tag: int
    variant: int
    base: str | None = None
    raises: bool = False
    decorated: str | None = None

    def text(self) -> str:
        """Its definition."""
        kind, token, variant = KINDS[self.name], self.token, self.variant
        who = f'    def who(self):\n        "{token}"\n        return ("{self.name}", {self.tag}, getattr(self, "hp", None))\n'
        act = f'    def act(self):\n        "{token}"\n        return {"1 / 0" if self.raises else self.tag}\n'
        mark = f'    token = "{token}"\n'
        if kind == "enum":
            more = "    C = 3\n" if variant & 1 else ""
            return f"class {self.name}(enum.Enum):\n    A = {self.tag}\n    B = 'b'\n{more}{who}"
        if kind == "named":
            more = f"    b: int = {self.tag}\n" if variant & 1 else ""
            return f"class {self.name}(typing.NamedTuple):\n    a: int = 1\n{more}{who}"
        if kind == "data":
            more = f"    b: int = {self.tag}\n" if variant & 1 else ""
            frozen = "(frozen=True)" if variant & 2 else ""
            return f"@dataclasses.dataclass{frozen}\nclass {self.name}:\n{mark}    a: int = 1\n{more}{who}{act}"
        if kind == "slots":
            more = '"more", ' if variant & 1 else ""
            return f'class {self.name}:\n{mark}    __slots__ = ({more}"mark", "__weakref__")\n{who}{act}'
        body = f"{mark}    tag = {self.tag}\n{who}{act}"
        if variant & 1:
            body += f"    def __init__(self):\n        super().__init__()\n        self.hp = {self.tag}\n        self.bag = []\n"
        if variant & 2:
            body += f'    @property\n    def size(self):\n        "{token}"\n        return {self.tag}\n'
            body += f'    @staticmethod\n    def still():\n        "{token}"\n        return {self.tag}\n'
        if variant & 4:
            body += f'    class Inner:\n        token = "{token}"\n        def who(self): return {self.tag}\n'
            body += f'    @classmethod\n    def made(cls):\n        "{token}"\n        return cls.__name__\n'
        if variant & 8:
            body += f'    def up(self):\n        "{token}"\n        return (__class__.__name__, {self.tag})\n    shared = []\n'
        if variant & 16:
            body += (
                f'    @functools.cached_property\n    def slow(self):\n        "{token}"\n        return {self.tag}\n'
            )
        head = f"@{self.decorated}\n" if self.decorated else ""
        return f"{head}class {self.name}({self.base or ''}):\n{body}"


@dataclass(frozen=True, slots=True)
class Function:
    """A function: `variant` decides of which sort."""

    name: str
    token: str
    number: int
    variant: int

    def text(self) -> str:
        """Its definition. `deco...` is a decorator and `make...` a factory, both made along with it."""
        name, doc, number = self.name, f'"{self.token}"', self.number
        plain = f"def {name}(a=1, *, b={number}):\n    {doc}\n    return (a, b)\n"
        return (
            plain,
            f"@functools.lru_cache\n{plain}",
            f"def make_{name}(n):\n    def inner():\n        {doc}\n        return n + {number}\n    return inner\n{name} = make_{name}({number})\n",
            f"{name} = functools.partial(lambda a: (a, {doc}, {number}), {number})\n",
            f"def wrap_{name}(function):\n    @functools.wraps(function)\n    def wrapper(*args):\n        {doc}\n        return (function(*args), {number})\n    return wrapper\n@wrap_{name}\ndef {name}():\n    {doc}\n    return {number}\n",
            f"def {name}():\n    {doc}\n    yield {number}\n",
        )[self.variant % 6]


@dataclass(frozen=True, slots=True)
class Value:
    """A variable of a module."""

    name: str
    number: int
    variant: int

    def text(self) -> str:
        """Its statement, with a function that rebinds it in one case."""
        name, number = self.name, self.number
        return (
            f"{name} = {number}\n",
            f"{name} = [{number}, 2]\n",
            f"{name} = {{'n': {number}}}\n",
            f"{name} = {number}\ndef bump_{name}():\n    global {name}\n    {name} += 1\n",
            f"{name}: int = {number}\n",
        )[self.variant % 5]


@dataclass(frozen=True, slots=True)
class Script:
    """A file. `takes` are (file, name, form); `tail` comes at its end."""

    classes: tuple[Class, ...] = ()
    functions: tuple[Function, ...] = ()
    values: tuple[Value, ...] = ()
    takes: tuple[tuple[str, str, str], ...] = ()
    tail: str = ""

    def names(self) -> tuple[str, ...]:
        """What it defines."""
        return tuple(each.name for each in (*self.classes, *self.functions, *self.values))

    def text(self, layout: Layout) -> bytes:
        """The file."""
        lines = ["import dataclasses, enum, functools, typing\n"]
        for path, name, form in self.takes:
            source = module_of(layout, path)
            if form == "from":
                lines.append(f"from {source} import {name}\n")
            elif form == "attribute":
                lines.append(f"import {source}\ntaken_{name} = {source}.{name}\n")
            else:
                lines.append(
                    f"try:\n    from {source} import {name} as taken_{name}\nexcept ImportError:\n    taken_{name} = None\n"
                )
        # A base comes before what is made of it.
        own = [
            *self.values,
            *self.functions,
            *sorted(self.classes, key=lambda each: each.base in {c.name for c in self.classes}),
        ]
        lines += [each.text() for each in own]
        if self.classes and self.functions:
            lines.append(
                f"TABLE_{self.classes[0].name} = {{'class': {self.classes[0].name}, 'call': {self.functions[0].name}}}\n"
            )
        return ("\n".join(lines) + self.tail + "\n").encode("utf-8", "surrogateescape")


def module_of(layout: Layout, path: str) -> str:
    """The name that a script's definitions are imported from."""
    parts = path.removesuffix(".py").split("/")
    return ".".join(["game", *(parts if layout == "modules" else parts[:-1])])


# ------------------------------------------------------------------ authors


@dataclass(slots=True)
class Author:
    """Writes a project, and goes on editing it."""

    random: random.Random
    layout: Layout
    scripts: dict[str, Script] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    past: list[dict[str, Script]] = field(default_factory=list)
    tokens: int = 0

    def begin(self) -> dict[str, bytes]:
        """The files that the game is started with."""
        for path in self.random.sample(FILES, 12):
            self.scripts[path] = Script()
        for path in sorted(self.scripts, key=FILES.index):
            for _ in range(3):
                self._grow(path)
        return {path: script.text(self.layout) for path, script in self.scripts.items()}

    def step(self) -> Step:
        """The next thing that happens."""
        if self.random.random() < 0.4:
            what = self.random.choice(
                [
                    "undo",
                    "reload",
                    "pause",
                    "resume",
                    "resume",
                    "call",
                    "instantiate",
                    "instantiate",
                    "hold",
                    "hold",
                    "drop",
                    "mutate",
                    "release",
                ]
            )
            return Do(what, self.random.randrange(1000))
        before = dict(self.scripts)
        if self.random.random() < 0.06 and self.past:
            self.scripts = dict(self.random.choice(self.past))  # another branch
        else:
            for _ in range(self.random.choice([1, 1, 1, 2, 3])):
                self._edit()
        self.past = [*self.past, before][-20:]
        files: dict[str, bytes | None] = dict.fromkeys(before.keys() - self.scripts.keys())
        changed = [path for path, script in self.scripts.items() if before.get(path) != script or path in self.broken]
        for path in changed:
            files[path] = self._saved(path)
        slices = self.random.choice([0, 0, 0, 0, 1, 3, 10, 20, 30])
        return Save(tuple(sorted(files.items())), slices)

    def _saved(self, path: str) -> bytes:
        text = self.scripts[path].text(self.layout)
        self.broken.discard(path)
        chance = self.random.random()
        if chance < 0.12:
            self.broken.add(path)
            return replace(self.scripts[path], tail="\n" + self.random.choice(BREAKS)).text(self.layout)
        if chance < 0.15:
            self.broken.add(path)
            return text[: self.random.randrange(len(text))]  # half of it, as yet
        return text

    def _token(self) -> str:
        self.tokens += 1
        return f"token {self.tokens}"

    # ------------------------------------------------------------ edits

    def _edit(self) -> None:
        if not self.scripts:
            self.scripts[FILES[0]] = Script()
        path = self.random.choice(sorted(self.scripts))
        edit = self.random.choice(
            [self._change] * 6
            + [self._grow] * 3
            + [self._shrink, self._take, self._rename, self._move, self._new, self._delete, self._merge]
        )
        edit(path)

    def _change(self, path: str) -> None:
        script = self.scripts[path]
        items = [*script.classes, *script.functions, *script.values]
        if not items:
            self._grow(path)
            return
        item = self.random.choice(items)
        new: Class | Function | Value
        if isinstance(item, Class):
            new = replace(item, token=self._token(), tag=self.random.randrange(9), raises=self.random.random() < 0.08)
            if self.random.random() < 0.3:
                new = replace(new, variant=item.variant ^ (1 << self.random.randrange(5)))
            if self.random.random() < 0.2:
                new = replace(new, base=self._base(path, item.name))
        elif isinstance(item, Function):
            new = replace(item, token=self._token(), number=self.random.randrange(9))
            if self.random.random() < 0.15:
                new = replace(new, variant=self.random.randrange(6))
        else:
            new = replace(item, number=self.random.randrange(9))
        self._put(path, item, new)

    def _put(self, path: str, old: object, new: object) -> None:
        script = self.scripts[path]
        self.scripts[path] = replace(
            script,
            classes=tuple(new if each is old else each for each in script.classes),
            functions=tuple(new if each is old else each for each in script.functions),
            values=tuple(new if each is old else each for each in script.values),
        )

    def _free(self, names: tuple[str, ...]) -> list[str]:
        taken = {name for script in self.scripts.values() for name in script.names()}
        return [name for name in names if name not in taken]

    def _grow(self, path: str) -> None:
        script = self.scripts[path]
        which = self.random.choice(["class", "class", "function", "value", "take"])
        if which == "class" and (free := self._free(tuple(KINDS))):
            name = self.random.choice(free)
            made = Class(
                name, self._token(), self.random.randrange(9), self.random.randrange(32), self._base(path, name)
            )
            self.scripts[path] = replace(script, classes=(*script.classes, made))
        elif which == "function" and (free := self._free(FUNCTIONS)):
            function = Function(
                self.random.choice(free), self._token(), self.random.randrange(9), self.random.randrange(6)
            )
            self.scripts[path] = replace(script, functions=(*script.functions, function))
        elif which == "value" and (free := self._free(VALUES)):
            value = Value(self.random.choice(free), self.random.randrange(9), self.random.randrange(5))
            self.scripts[path] = replace(script, values=(*script.values, value))
        else:
            self._take(path)

    def _base(self, path: str, name: str) -> str | None:
        script = self.scripts[path]
        if KINDS[name] != "plain":
            return None
        own = [
            each.name
            for each in script.classes
            if each.name != name and each.base is None and KINDS[each.name] == "plain"
        ]
        if any(each.base == name for each in script.classes):
            own = []
        taken = [
            each for _, each, form in script.takes if form == "from" and KINDS.get(each) == "plain" and each != name
        ]
        return self.random.choice([None, *own, *taken])

    def _take(self, path: str) -> None:
        script = self.scripts[path]
        known = [
            (other, name)
            for other in self.scripts
            for name in self.scripts[other].names()
            if FILES.index(other) < FILES.index(path)
        ]
        known = [each for each in known if each[1] not in {*script.names(), *(name for _, name, _ in script.takes)}]
        if known:
            other, name = self.random.choice(sorted(known))
            form = self.random.choice(["from", "from", "attribute", "optional"])
            self.scripts[path] = replace(script, takes=(*script.takes, (other, name, form)))

    def _shrink(self, path: str) -> None:
        script = self.scripts[path]
        items = [*script.classes, *script.functions, *script.values, *script.takes]
        if items:
            gone = self.random.choice(items)
            self.scripts[path] = Script(
                *(
                    tuple(each for each in part if each is not gone)
                    for part in (script.classes, script.functions, script.values, script.takes)
                )
            )
            if self.random.random() < 0.7:
                self._follow(path)

    def _follow(self, path: str) -> None:
        """Let nobody take what is not there."""
        del path
        where = {name: path for path, script in self.scripts.items() for name in script.names()}
        for path, script in list(self.scripts.items()):
            takes = []
            for other, name, form in script.takes:
                now = where.get(name, other)
                if name in where and FILES.index(now) < FILES.index(path):
                    takes.append((now, name, form))
            names = {name for _, name, form in takes if form == "from"} | {each.name for each in script.classes}
            classes = tuple(
                each if each.base is None or each.base in names else replace(each, base=None) for each in script.classes
            )
            if tuple(takes) != script.takes or classes != script.classes:
                self.scripts[path] = replace(script, takes=tuple(takes), classes=classes)

    def _rename(self, path: str) -> None:
        script = self.scripts[path]
        plain = [each for each in script.classes if KINDS[each.name] == "plain"]
        free = [name for name in self._free(tuple(KINDS)) if KINDS[name] == "plain"]
        if plain and free:
            old = self.random.choice(plain)
            self._put(path, old, replace(old, name=self.random.choice(free), token=self._token()))
            self._follow(path)

    def _move(self, path: str) -> None:
        """Split: something goes to another file."""
        script = self.scripts[path]
        if script.classes:
            moved = self.random.choice(script.classes)
            to = self.random.choice(FILES)
            if to != path:
                self.scripts[path] = replace(
                    script, classes=tuple(each for each in script.classes if each is not moved)
                )
                there = self.scripts.get(to, Script())
                self.scripts[to] = replace(there, classes=(*there.classes, moved))
                self._follow(path)

    def _merge(self, path: str) -> None:
        """A file goes into another one."""
        to = self.random.choice(FILES)
        if to != path:
            script, there = self.scripts.pop(path), self.scripts.get(to, Script())
            takes = {name: (other, name, form) for other, name, form in (*there.takes, *script.takes)}
            names = {*there.names(), *script.names()}
            self.scripts[to] = Script(
                (*there.classes, *script.classes),
                (*there.functions, *script.functions),
                (*there.values, *script.values),
                tuple(take for name, take in takes.items() if name not in names),
            )
            self._follow(path)

    def _new(self, path: str) -> None:
        del path
        free = [each for each in FILES if each not in self.scripts]
        if free:
            new = self.random.choice(free)
            self.scripts[new] = Script()
            self._grow(new)

    def _delete(self, path: str) -> None:
        if len(self.scripts) > 3:
            del self.scripts[path]
            if self.random.random() < 0.7:
                self._follow(path)


def story(seed: int, layout: Layout, steps: int) -> tuple[dict[str, bytes], list[Step]]:
    """The files that a game begins with, and what happens then."""
    author = Author(random.Random(seed), layout)
    return author.begin(), [author.step() for _ in range(steps)]
