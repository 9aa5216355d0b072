"""What a code object says about a top level: never anything else than the text says, and most of the time something."""

from __future__ import annotations

import ast
import glob
import os
import sys
import warnings

import pytest

from livescripts._core.analysis import analyse
from livescripts._core.outline import outline
from livescripts._core.references import resolve

FROM_3_12 = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")


def both(text):
    """What the code says, or None, and what the text says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code = compile(text, "<script>", "exec", dont_inherit=True)
    return outline(code, text), analyse(text)


def bindings(found):
    return found.names, found.imports, found.rebound, found.star


def takes(found):
    return resolve(found.references, "a.package.of.some.depth")


MANY = "\n".join(f"x{i} = y.z{i}" for i in range(300))

SURE = {
    "nothing": "",
    "a docstring": "'''Says something.'''\nx = 1",
    "assignments": "x = y = 1\na, (b, *c) = 1, (2, 3)\nx += 1\nd: int = 1\ne: int",
    "more names than fit into a byte": f"import y\n{MANY}\ndef f():\n    global x299\n    x299 = 1",
    "more imports than fit into a byte": "\n".join(
        f"import m{i}.n{i} as o{i}\nfrom p{i} import q{i}" for i in range(200)
    ),
    "more constants than fit into a byte": "x = [" + ", ".join(f"{i}.5" for i in range(300)) + "]\nfrom ..y import z",
    "loops, blocks, cases": """
import m
for x in m.a: y = 1
else: z = 2
while m.b(): w = 3
with m.c as v, m.d as (u, t): s = 4
match m.e:
    case [m.F(a=r), *q]: p = 5
    case {'k': o, **n}: l = 6
    case m.G as k: pass
try: j = 7
except m.H: i = 8
else: h = 9
finally: g = 10
""",
    "imports": """
import a, b.c, d.e.f as g, h as i
from j import k, l as m
from . import n
from ..o import p as q
from .r import (s, t)
""",
    "a star": "from m import *\nx = 1",
    "a star in front of a definition": "from .m import *\ndef f(): pass\nfrom n import *\n__all__ = ['f']",
    "either this or that": "try: import m\nexcept ImportError: m = None\nm.x\ntry: import a as n\nexcept ImportError: import b as n\nn.y.z",
    "what is mentioned": """
import a.b, c as d
from e import f
a.b.C.d
d.x.y(f.z)[d.w].v
a.u += 1
a.t = 2
a.s[0] += 3
x = [f.r for t in d.q if a.p]
y = {d.o: a.n for t in d.m}
w = (d.l for t in a.k)
v = lambda: a.not_this
""",
    "what is deleted of something": "import m\ndel m.x\nl = [1]\nl.n = m\ndel l[m.y]",
    "definitions": """
import m
@m.d(m.e)
def f(a=m.b, *, c=m.c):
    import n
    m.not_this, n.nor_this
@m.f
class C(m.B, metaclass=m.M):
    import k
    x = k.y
    '''Not a docstring.'''
    class D(m.C):
        z = m.D
        def g(self, a=m.E): return m.not_this
async def h(): await m.not_this
""",
    "global at top level": "global x, y\nx = 1\nimport y",
    "what is rebound among many names": f"def f():\n    global x299, y\n    {MANY.replace(chr(10), '; ')}\n    y = 1",
    "what a class takes away": "class C:\n    x = 1\n    del x\n    y = 2",
    "what is rebound": """
x = y = 1
def f():
    global x, y, z
    def g():
        global w
        w = y
    x, a = 1, 2
    del z
class C:
    global v
    v = 1
    def h(self):
        global u
        import u
        for t in u: pass
""",
}

SURE_3_12 = {
    "generics": """
import m
type X = int
class A[T: m.B](m.C):
    x = m.D
def f[T](a=m.E): m.not_this
""",
}

UNSURE = {
    "a walrus": "[(x := 1) for _ in a]",
    "what is certainly deleted": "x = 1\ndel x",
    "what is perhaps deleted": "x = 1\nif a: del x",
    "what the end of a clause takes away": "e = 1\ntry: pass\nexcept E as e: pass",
    "what is never executed": "if 0: x = 1\ny = 2",
    "what comes after the end": "raise SystemExit\nx = 1",
    "a docstring that may be none": "'''Is this a __doc__?'''",
    "annotations of its own": "__annotations__ = {}",
}


@pytest.mark.parametrize("text", SURE.values(), ids=SURE)
def test_what_the_code_says_is_what_the_text_says(text):
    found, expected = both(text)
    assert found is not None
    assert bindings(found) == bindings(expected)
    assert takes(found) == takes(expected)


@FROM_3_12
@pytest.mark.parametrize("text", SURE_3_12.values(), ids=SURE_3_12)
def test_so_it_is_with_newer_syntax(text):
    found, expected = both(text)
    assert bindings(found) == bindings(expected)
    assert takes(found) | {("m", "B")} == takes(expected)  # bounds are evaluated when somebody asks


@pytest.mark.parametrize("text", UNSURE.values(), ids=UNSURE)
def test_what_only_the_text_tells_is_left_to_it(text):
    found, _ = both(text)
    assert found is None


@pytest.mark.parametrize("text", [*SURE.values(), *UNSURE.values()], ids=[*SURE, *UNSURE])
def test_an_analysis_is_the_same_whoever_tells(text):
    by_text = analyse(text)
    by_both = analyse(text, "<script>", compile(text, "<script>", "exec", dont_inherit=True))
    assert bindings(by_both) == bindings(by_text)
    assert (by_both.opaque, takes(by_both)) == (by_text.opaque, takes(by_text))


def test_what_an_annotation_takes_is_taken_where_it_is_evaluated():
    text = "import m\ndef f(x: m.X) -> m.Y: pass"
    found, _ = both(text)
    if sys.version_info < (3, 14):
        assert {("m", "X"), ("m", "Y")} <= takes(found)
    found, _ = both(f"from __future__ import annotations\n{text}")
    assert not {("m", "X"), ("m", "Y")} & takes(found)


def annotated(text):
    return any(
        isinstance(node, ast.AnnAssign) or getattr(node, "annotation", None) or getattr(node, "returns", None)
        for node in ast.walk(ast.parse(text))
    )


@pytest.mark.parametrize("package", ["", "asyncio", "email", "importlib", "json", "logging", "unittest", "xml/dom"])
def test_real_modules(package):
    sure = 0
    files = sorted(glob.glob(os.path.join(os.path.dirname(os.__file__), package, "*.py")))[:60]
    for file in files:
        with open(file, encoding="utf-8") as source:
            text = source.read()
        found, expected = both(text)
        if found is not None:
            sure += 1
            assert bindings(found) == bindings(expected), file
            assert annotated(text) or takes(found) == takes(expected), file
    assert sure >= len(files) / 3  # docstrings of the library talk of `__doc__` more than those of games
