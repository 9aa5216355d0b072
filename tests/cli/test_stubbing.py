"""Stubs as text: what a script becomes. Tables of source and of lines that the stub has."""

from __future__ import annotations

import ast
import sys
import textwrap

import pytest

from livescripts._core.names import locate
from livescripts.cli.stubbing.project import MARK, Source, is_ours, stubs


def source(relative, text, *, namespace="game", layout="merged", tag=""):
    location = locate(f"/s/{relative}", "/s", relative, namespace=namespace, layout=layout, tag=tag)
    return Source(location, f"s/{relative}", textwrap.dedent(text))


def made(*sources):
    files, broken = stubs(sources)
    assert not broken
    for text in files.values():
        ast.parse(text)
        assert is_ours(text)
    return files


def body(text, **others):
    """The lines of the stub of one script, without the header."""
    sources = [source("a.py", text), *(source(f"{name}.py", other) for name, other in others.items())]
    stub = made(*sources)["game/a_py.pyi"]
    return [line for line in stub.split("\n") if line and not line.startswith("#")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # Variables of the module: values stay where they say more.
        ("X = 1", "X = 1"),
        ("X = None", "X: Any"),
        ("X = []", "X: list[Any]"),
        ("X = {}", "X: dict[Any, Any]"),
        ("X = ()", "X: tuple[Any, ...]"),
        ("X = set()", "X: set[Any]"),
        ("X = (1, 'a')", "X: tuple[int, str]"),
        ("X = 1\nX = 2.5", "X: float"),
        ("X = 1\nX = 'a'", "X: int | str"),
        ("X = 1\nX += 1", "X: int"),
        ("X = 1\nX /= 2", "X: float"),
        ("X = 1\nX = unknown()", "X: Any"),
        ("if __debug__:\n    X = 1\nelse:\n    X = None", "X: int | None"),
        ("try:\n    X = 1\nexcept ValueError:\n    X = ''", "X: int | str"),
        ("for X in (1, 2): pass", "X: Any"),
        ("with open('a') as X: Y = X.read()", "X: Any"),
        ("X, Y = 1, 2.0", "Y = 2.0"),
        ("X, Y = divmod(7, 2)", "X, Y = divmod(7, 2)"),
        ("X, *Y = 1, 2, 3", "Y: Any"),
        ("X = (Y := 3)", "Y: Any"),
        ("match 3:\n    case X: pass", "X: Any"),
        ("X: int = 3", "X: int"),
        ("from typing import Final\nX: Final = 3", "X: Final = 3"),
        ("from typing import TypeAlias\nX: TypeAlias = 'list[int]'", "X: TypeAlias = 'list[int]'"),
        ("def f():\n    global X\n    X = 1", "X: int"),
        ("a = 1\ndef f(a):\n    global X\n    X = a.b", "X: Any"),
        ("X = 0\ndef f(by: int):\n    global X\n    X += by", "X: int"),
        ("X = 0\ndef f(by):\n    global X\n    X += by", "X: Any"),
        # Functions.
        ("def f(a, b=1, *c, d='x', e=[], **f): pass", "def f(a: Any, b: Any=1, *c: Any, d: Any='x', e: Any=..., **f: Any) -> Any:"),
        ("def f(a: int, /, b: str = 'x') -> bool: return True", "def f(a: int, /, b: str='x') -> bool:"),
        ("async def f(): print(1)", "async def f() -> None:"),
        ("def f():\n    if a: return 1", "def f() -> int | None:"),
        ("def f():\n    if a: return 1\n    else: return 2.0", "def f() -> float:"),
        ("def f():\n    while True:\n        if a: return 'x'", "def f() -> str:"),
        ("def f():\n    while True:\n        if a: break\n        return 'x'", "def f() -> str | None:"),
        ("def f():\n    try: return 1\n    except OSError: raise", "def f() -> int:"),
        ("def f():\n    match a:\n        case 1: return 1\n        case _: return 2", "def f() -> int:"),
        ("def f(): return a.b()", "def f() -> Any:"),
        ("def f(): return not a, a is b, f'{a}', -1, 'a' + 'b', len(a)", "def f() -> tuple[bool, bool, str, int, str, int]:"),
        ("def f(a: int): return a", "def f(a: int) -> int:"),
        ("def f(a: int):\n    a = 'x'\n    return a", "def f(a: int) -> Any:"),
        ("def f(): return [n for n in a]", "def f() -> list[Any]:"),
        ("def f(): return {1: 'a'}", "def f() -> dict[int, str]:"),
        ("def f(): return [1, 'a']", "def f() -> list[int | str]:"),
        ("def f(): raise NotImplementedError", "def f() -> Any:"),
        ("def f(): yield 1", "def f() -> Generator[Any, Any, Any]:"),
        ("async def f(): yield 1", "async def f() -> AsyncGenerator[Any, Any]:"),
        ("def f(c):\n    K.append(c)\n    return c", "def f(c: _T) -> _T:"),
        ("def f(n):\n    def w(c): return c\n    return w", "def f(n: Any) -> Callable[[_T], _T]:"),
        ("import functools\ndef f(g):\n    @functools.wraps(g)\n    def w(): pass\n    return w", "def f(g: _T) -> _T:"),
        # Classes.
        ("class A:\n    def __init__(self):\n        self.x = 1", "    x: int"),
        ("class A:\n    def __init__(self):\n        self.x = self.y = None", "    y: Any"),
        ("class A:\n    def __init__(self):\n        self.x = 0.0\n    def f(self, dt): self.x += dt", "    x: float"),
        ("class A:\n    def __init__(self):\n        self.x = 0\n    def f(self, dt): self.x += dt", "    x: Any"),
        ("class A:\n    def __init__(self):\n        self.x = None\n    def f(self): self.x = B()\nclass B: pass", "    x: B | None"),
        ("class A:\n    def __init__(self, x: 'list[int]'):\n        self.x = x", "    x: list[int]"),
        ("class A:\n    def __init__(self, x=0):\n        self.x = x", "    x: Any"),
        ("class A:\n    def __init__(self):\n        self.x: set[int] = set()", "    x: set[int]"),
        ("class A:\n    def __init__(self):\n        for self.x in range(3): pass", "    x: Any"),
        ("class A:\n    def __init__(self):\n        self.x = self.B()\n    class B: pass", "    x: B"),
        ("import pygame\nclass A:\n    def __init__(self):\n        self.x = pygame.Rect(1, 2, 3, 4)", "    x = pygame.Rect(1, 2, 3, 4)"),
        ("class A:\n    x = 1\n    def f(self): self.x = None", "    x: int | None"),
        ("class A:\n    __slots__ = ('x',)\n    def f(self): self.x = 1", "    x: int"),
        ("class A:\n    list = 1\n    def f(self): self.x = []", "    x: builtins.list[Any]"),
        ("import w\nclass A:\n    def __init__(self, w: w.W):\n        self.w = w", "    w: _w.W"),
        ("import w\nclass A:\n    def __init__(self, w: 'w.W'):\n        self.w = w", "    def __init__(self, w: _w.W) -> None:"),
        ("class A:\n    def __init__(self, x: int):\n        self.int = x", "    int: _int"),
        ("class A:\n    def f(self): return self", "    def f(self) -> Self:"),
        ("class A:\n    @classmethod\n    def f(cls): cls.n = 3", "    n: int"),
        ("class A:\n    def __repr__(self): return a", "    def __repr__(self) -> str:"),
        ("class A(make()): pass\ndef make(): pass", "class A(make()):"),
        ("class A(metaclass=M): pass\nclass M(type): pass", "class A(metaclass=M):"),
        ("import enum\nclass A(enum.Enum):\n    X = None", "    X = None"),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: list = []\n    y = 1", "    y = 1"),
    ],
)  # fmt: skip
def test_a_script_becomes(text, line):
    assert line in body(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("import os\nX = 1", "os"),
        ("from __future__ import annotations\nX = 1", "annotations"),
        ("import unittest\nclass T(unittest.TestCase): pass\nclass U(T): pass", "class"),
        ("if __name__ == '__main__':\n    X = 1", "X"),
        ("X = 1\ndel X", "X"),
        ("class A:\n    __slots__ = ('x',)", "slots"),
        ("def f():\n    secret = 1", "secret"),
        ("def mark(c): return 3\n@mark\nclass A: pass", "@mark"),
    ],
)
def test_a_stub_leaves_out(text, word):
    assert word not in "\n".join(body(text))


def test_imports_in_quotes_and_in_blocks_are_kept():
    lines = body(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from x import A, B\ndef f(a: 'A') -> None: ...\n"
    )
    assert "from x import A" in lines
    assert "from x import B" not in lines


def test_a_subclass_leaves_to_its_base_what_the_base_declares():
    base = (
        "class Base:\n    def __init__(self, x: int):\n        self.x = x\n        self.n = 1.0\n        self.m = 1\n"
    )
    base += (
        "        self.k: int = 0\n    @property\n    def p(self): return 1\n    @p.setter\n    def p(self, v): pass\n"
    )
    text = "from game import Base\nclass A(Base):\n    def f(self, u):\n        self.x += u\n        self.n = u\n"
    text += "        self.m = u\n        self.k = u\n        self.p = u\n        self.own = 'a'\n"
    lines = body(text, b=base)
    assert [line.strip() for line in lines if line.startswith("    ") and ":" in line and "def" not in line] == [
        "m: Any",
        "own: str",
    ]


def test_namespaces_show_what_scripts_export_and_what_is_below():
    files = made(
        source("a.py", "X = 1\n_y = 2\nimport os\n"),
        source("b.py", "__all__ = ['_z', 'pi']\nfrom math import pi\n_z = 1\nW = 2\n"),
        source("x/c.py", "C = 1\n"),
        source("x/y/d.py", "def f(): pass\n"),
        source("x/2d-odd.py", "D = 1\n"),
        source("x/2d_odd.py", "E = 1\n"),
        source("more.py", "M = 1\n", tag="2"),
    )
    assert set(files) == {
        *("game/__init__.pyi", "game/a_py.pyi", "game/b_py.pyi", "game/more_py2.pyi", "game/x/__init__.pyi"),
        *("game/x/c_py.pyi", "game/x/y/__init__.pyi", "game/x/y/d_py.pyi", "game/x/_2d_odd_py.pyi"),
        "game/x/_2d_odd_py_.pyi",
    }
    top = files["game/__init__.pyi"]
    for line in (
        "from game.a_py import X as X",
        "from game.b_py import _z as _z",
        "from game.b_py import pi as pi",
        "from game.more_py2 import M as M",
        "from . import x as x",
        "__all__ = ['M', 'X', '_z', 'pi']",
    ):
        assert f"\n{line}\n" in top
    assert "_y" not in top
    assert "W as" not in top
    assert "from math import pi as pi" in files["game/b_py.pyi"]
    assert "from . import y as y" in files["game/x/__init__.pyi"]


def test_the_modules_layout_keeps_its_modules():
    files = made(
        source("__init__.py", "from .goblin import Goblin\n", layout="modules"),
        source("goblin.py", "class Goblin: pass\n", layout="modules"),
        source("x/orc.py", "class Orc: pass\n", layout="modules"),
    )
    assert set(files) == {"game/__init__.pyi", "game/goblin.pyi", "game/x/__init__.pyi", "game/x/orc.pyi"}
    assert "from .goblin import Goblin as Goblin" in files["game/__init__.pyi"]
    assert "from . import goblin as goblin" in files["game/__init__.pyi"]
    assert "from . import orc as orc" in files["game/x/__init__.pyi"]
    top = made(source("goblin.py", "X = 1\n", layout="modules", namespace=""))
    assert set(top) == {"goblin.pyi"}


def test_what_is_in_the_way_is_told_all_at_once():
    files, broken = stubs(
        [source("a.py", "x ="), source("b.py", "X = 1"), source("c.py", "X = 2"), source("d.py", "\0")]
    )
    assert not files
    assert [(each.path, each.line) for each in broken] == [("/s/a.py", 1), ("/s/d.py", None), ("/s/c.py", None)]
    assert broken[-1].message == "game.X is defined twice: here and in s/b.py"


def test_a_class_that_is_its_own_base_ends():
    assert "class A(A):" in body("class A(A):\n    def f(self): self.x = 1\n")


def test_only_files_with_our_mark_are_ours():
    assert is_ours(f"{MARK} from a.py")
    assert not is_ours("# by hand")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax came with Python 3.12")
def test_type_parameters_stay():
    lines = body(
        "type Pair[T] = tuple[T, T]\nclass Box[T]:\n    def get(self, x: T) -> T: return x\ndef f[T](x: T) -> T: return x\n"
    )
    assert {"type Pair[T] = tuple[T, T]", "class Box[T]:", "def f[T](x: T) -> T:"} <= set(lines)
