"""What a text says about its top level: tables of source text. Where a text can be run, Python itself is the judge."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import inspect
import json.decoder
import sys
import textwrap
from textwrap import dedent

import pytest

from livescripts._core.analysis import Binding, analyse, edited

FROM_3_12 = pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")


def names(source):
    """What the top level binds: (by anything else, by an import)."""
    found = analyse(dedent(source))
    return set(found.bindings), set(found.imported)


def is_edited(before, after, name="x"):
    return edited(analyse(dedent(before)).statements.get(name), analyse(dedent(after)).statements.get(name))


def executed(source):
    values = {"__name__": "script", "__builtins__": __builtins__}
    exec(compile(source, "<script>", "exec", dont_inherit=True), values)
    return {name for name in values if not (name.startswith("__") and name.endswith("__"))}


# ------------------------------------------------------------------ which names

RUNNABLE = {
    "assignment": "x = 1",
    "chain": "x = y = 1",
    "tuple": "x, y = 1, 2",
    "nested targets": "(a, [b, *c]), *d = (1, [2, 3]), 4",
    "star": "*x, y = 1, 2, 3",
    "list target": "[x, y] = 1, 2",
    "attributes and items are no names": "class A: pass\nA.b = 1\nl = [0]\nl[0] = 2",
    "a comprehension in an index": "l = [0]\nl[[i for i in range(1)][0]] = 5",
    "a walrus in an index": "l = [0]\nl[(i := 0)] = 5",
    "a name in an index is only read": "i = 0\nl = [0]\nl[i] += 5",
    "augmented": "x = 1\nx += 1",
    "annotated": "x: int = 1",
    "annotated in parentheses": "(x): int = 1",
    "annotated without value": "x: int\ny = 1",
    "annotated attribute": "class A: pass\nA.x: int = 1",
    "function": "def f(a, b=1, *c, d, **e):\n    inner = 1\n    def g(): pass",
    "async function": "async def f():\n    async with a as b: pass\n    async for c in d: pass",
    "class": "class C:\n    attribute = 1\n    def method(self): pass\n    class Inner: pass",
    "lambda": "f = lambda a: a",
    "decorators": "def d(f): return f\n@d\ndef f(): pass\n@d\nclass C: pass",
    "for": "for x in [1]:\n    y = x\nelse:\n    z = 1",
    "for with targets": "for a, (b, *c) in [(1, (2, 3))]: pass",
    "while": "while True:\n    x = 1\n    break",
    "while else": "while False: pass\nelse: x = 1",
    "if": "if True:\n    x = 1\n    if True:\n        y = 1",
    "with": "import contextlib\nwith contextlib.nullcontext(1) as x, contextlib.nullcontext((1, 2)) as (y, z):\n    w = 1",
    "with an attribute": "import contextlib\nclass A: pass\nwith contextlib.nullcontext(1) as A.x: pass",
    "with nothing": "import contextlib\nwith contextlib.nullcontext(1): x = 1",
    "except as, unbound after": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    x = e",
    "except star": "try:\n    raise ExceptionGroup('', [ValueError()])\nexcept* ValueError as e:\n    x = 1",
    "finally": "try:\n    x = 1\nfinally:\n    y = 1",
    "try else": "try:\n    pass\nexcept ValueError: pass\nelse:\n    x = 1",
    "match capture": "match 1:\n    case x:\n        y = 1",
    "match as": "match 1:\n    case (1 | 2) as x: pass",
    "match star": "match [1, 2, 3]:\n    case [a, *b]: pass",
    "match star without a name": "match [1, 2, 3]:\n    case [a, *_]: pass",
    "match rest": "match {1: 2, 3: 4}:\n    case {1: a, **b}: pass",
    "match class": "match 5:\n    case int(real=a): pass",
    "match nested": "match [{'k': (1, 2)}]:\n    case [{'k': (a, b)}]: pass",
    "match wildcard": "match 1:\n    case _: pass",
    "match value": "import math\nmatch 1:\n    case math.pi: pass\n    case _: x = 1",
    "match guard": "match 1:\n    case x if (y := x): pass",
    "match subject": "match (x := 1):\n    case _: pass",
    "walrus": "(x := 1)\nstr((y := 2)) if (z := 3) else 0",
    "walrus in if": "if (x := 1) and (y := 2): pass",
    "walrus in while": "while not (x := 1): pass",
    "walrus in for": "for x in (y := [1]): pass",
    "walrus in with": "import contextlib\nwith (x := contextlib.nullcontext(1)) as y: pass",
    "walrus in except": "try: 1 / 0\nexcept (x := ZeroDivisionError): pass",
    "walrus in assert": "assert (x := 1)",
    "walrus in del": "l = [0]\ndel l[(x := 0)]",
    "walrus in augmented": "x = 1\nx += (y := 2)",
    "walrus in annotation": "x: (y := int) = 1",
    "walrus in an f-string": "s = f'{(x := 1)}'",
    "walrus in a comprehension": "l = [(y := x) for x in [1] if (z := x)]",
    "walrus in nested comprehensions": "l = [[(z := y) for y in [x]] for x in [1]]",
    "walrus in a generator": "l = list((y := x) for x in [1])",
    "walrus in a lambda is local": "f = lambda: (x := 1)\nf()",
    "walrus in a lambda's default": "f = lambda a=(x := 1), *, b=(y := 2): (z := 3)",
    "walrus in a lambda in a lambda's default": "f = lambda a=lambda: (x := 1): a",
    "walrus in a comprehension in a lambda": "f = lambda: [(y := x) for x in [1]]\nf()",
    "walrus in a decorator": "@(d := lambda f: f)\ndef f(): (x := 1)",
    "walrus in a class decorator": "@(d := lambda c: c)\nclass C: (x := 1)",
    "walrus in defaults": "def f(p=(a := 1), /, q=(b := 2), *, r=(c := 3)): pass",
    "walrus in annotations": "def f(p: (a := int), *q: (b := int), r: (c := int), **s: (d := int)) -> (e := int): pass",
    "walrus in bases": "class C((x := object), metaclass=(y := type)): pass",
    "walrus over lines": "x = [\n    (y :=\n     1),\n]",
    "import": "import os\nimport sys as system",
    "dotted import": "import os.path\nimport xml.dom as dom\nimport os.path as p, json.decoder",
    "from import": "from os import path, sep as separator\nfrom os.path import (join,\n    split as s)",
    "future import": "from __future__ import annotations\nx = 1",
    "import in a try": "try:\n    import no_such_module\nexcept ImportError:\n    no_such_module = None",
    "import in a function": "def f():\n    import os\n    from os import path",
    "del": "x = y = 1\ndel x",
    "del of many": "a = b = c = d = 1\ndel a, (b, [c])",
    "del of an import": "import os, sys\ndel os",
    "del of an item": "x = [1]\ndel x[0]",
    "bound again after del": "x = 1\ndel x\nx = 2",
    "a loop variable that is tidied up": "for i in range(3):\n    pass\ndel i",
    "comprehension": "x = [i for i in range(3)]\ny = {k: v for k, v in {}.items()}",
    "semicolons": "x = 1; y = 2; import os",
    "non-ASCII": "größe = 1; 数, ñ = 2, 3",
    "an identifier that is normalized": "ﬁre = 1",
    "global at top level": "global x\nx = 1",
    "docstring": "'text'",
    "nothing": "",
    "pass": "pass; ...",
}

RUNNABLE_3_12 = {
    "type alias": "type X = list[int]\ntype Y[T] = list[T]",
    "generic function": "def f[T: int, *A, **P](a: T) -> T: pass",
    "generic class": "class C[T: int](dict[str, T]): pass",
}


@pytest.mark.parametrize("source", RUNNABLE.values(), ids=RUNNABLE)
def test_the_names_found_are_those_that_running_the_script_leaves(source):
    bound, imported = names(source)
    assert bound | imported == executed(source)


@FROM_3_12
@pytest.mark.parametrize("source", RUNNABLE_3_12.values(), ids=RUNNABLE_3_12)
def test_the_names_of_newer_syntax_are_found_as_well(source):
    bound, imported = names(source)
    assert bound | imported == executed(source)


@pytest.mark.parametrize(
    ("source", "bound", "imported"),
    [
        ("import a.b.c, d.e as f\nfrom . import g\nfrom ..h import i as j", set(), {"a", "f", "g", "j"}),
        ("from x import *", set(), set()),
        ("try:\n    import numpy\nexcept ImportError:\n    numpy = None", {"numpy"}, {"numpy"}),
        ("from base import Goblin\nclass Goblin(Goblin): pass", {"Goblin"}, {"Goblin"}),
        ("if TYPE_CHECKING:\n    from x import Y", set(), {"Y"}),
        ("def f(): import os", {"f"}, set()),
    ],
)
def test_names_bound_by_an_import_are_told_apart(source, bound, imported):
    assert names(source) == (bound, imported)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("if debug:\n    x = 1\nelif test:\n    y = 1\nelse:\n    z = 1", {"x", "y", "z"}),
        ("try:\n    a = 1\nexcept A:\n    b = 1\nexcept B as e:\n    c = 1\nelse:\n    d = 1\nfinally:\n    f = 1", set("abcdf")),
        ("match v:\n    case [a, *b] | {'k': a, **b}: c = 1\n    case d: e = 1", set("abcde")),
        ("for a in v:\n    while a:\n        with a as b:\n            try:\n                c = 1\n            finally: pass", set("abc")),
        ("if 1:\n    for _ in v:\n        def f(): pass\n        class C: pass", {"_", "f", "C"}),
        ("x = 1\nif done:\n    del x", {"x"}),
    ],
)  # fmt: skip
def test_every_branch_counts_executed_or_not(source, expected):
    assert names(source) == (expected, set())


def test_a_chain_of_branches_longer_than_the_stack_is_deep_is_no_trouble():
    count = sys.getrecursionlimit() + 500
    source = "if a == 0:\n    x0 = 1\n" + "".join(f"elif a == {n}:\n    x{n} = 1\n" for n in range(1, count))
    source += "def f():\n    global y\n" + "".join(f"    if a: y = {n}\n" for n in range(count))
    try:
        compile(source, "<script>", "exec")
    except RecursionError:
        pytest.skip("this Python does not compile it")
    found = analyse(source)
    assert len(found.bindings) == count + 1
    assert found.rebound == {"y"}


def test_what_does_not_parse_is_a_syntax_error_with_the_name_of_the_file():
    with pytest.raises(SyntaxError) as caught:
        analyse("x = (", "goblin.py")
    assert caught.value.filename == "goblin.py"


# ------------------------------------------------------------------ lines

LINES = [
    ("\n\nx = 1\nx = 2", {"x": 3}),
    ("@d\n@e\ndef x(): pass", {"x": 3}),
    ("if a:\n    pass\nelse:\n    x = 1", {"x": 4}),
    ("(a,\n b) = 1, 2", {"a": 1, "b": 2}),
    ("for (a,\n     b) in c: pass", {"a": 1, "b": 2}),
    ("from x import (a,\n    b)", {"a": 1, "b": 2}),
    ("import x\nx = 1", {"x": 1}),
    ("x = 1\nimport x", {"x": 1}),
    ("try:\n    pass\nexcept E:\n    x = 1\n    x = 2", {"x": 4}),
    ("match a:\n    case 1:\n        x = 1\n        x = 2", {"x": 3}),
    ("f(\n    (a := 1),\n    (b := 2))", {"a": 2, "b": 3}),
    ("match v:\n    case [a]: pass\n    case (b,\n     c): pass", {"a": 2, "b": 3, "c": 4}),
    ("with f() as a, \\\n    f() as b: pass", {"a": 1, "b": 2}),
    ("s = '''\n\n'''; x = 1", {"x": 3}),
    ("x = 1\ndel x\nx = 2", {"x": 3}),
    ("\x0c\nx = 1\n\x0cy = 2", {"x": 2, "y": 3}),
    ("s = '\x0c \x1c \x1d \x1e \x85 \u2028 \u2029'\nx = 1", {"s": 1, "x": 2}),
    ("# \x0b \x1c \u2028 \x85\nx = 1", {"x": 2}),
    ("a = 1\r\nb = 2\rc = 3\nd = 4", {"a": 1, "b": 2, "c": 3, "d": 4}),
]


@pytest.mark.parametrize(("source", "expected"), LINES)
def test_the_line_is_the_first_that_binds_the_name_as_editors_count(source, expected):
    analysis = analyse(source)
    found = analysis.statements
    assert all(analysis.statement(name) == binding for name, binding in found.items())
    assert analysis.statement("nobody") is None
    assert {name: found[name].line for name in expected} == expected


# ------------------------------------------------------------------ texts

TEXTS = [
    ("x = 1", "x = 1"),
    ("a = 0; x = 1; b = 2", "x = 1"),
    ("é = 'ü'; x = 'ß'; z = 1", "x = 'ß'"),
    ("数 = '字'; x = ['字',\n '数']; z = '字'", "x = ['字',\n '数']"),
    ("\x0cx = 1\n\x0c\ny = 1", "x = 1"),
    ("s = '\u2028'; x = '\x1c'", "x = '\x1c'"),
    ("s = '\u2028'\nt = '\x0c\x85'\nx = 1", "x = 1"),
    ("x = '''a\x1cb\u2028c\x0c\nd'''", "x = '''a\x1cb\u2028c\x0c\nd'''"),
    ("a = 1\r\nx = [1,\r\n 2]\r\nb = 1", "x = [1,\n 2]"),
    ("x = 1 \\\n  + 2; y = 3", "x = 1 \\\n  + 2"),
    ("if a:\n    x = (1,\n         2)  # comment\n    y = 1", "x = (1,\n         2)"),
    ("x = 1\nif a:\n    x += 2\nelse:\n    x: int = 3", "x = 1\nx += 2\nx: int = 3"),
    ("y = x = 1", "y = x = 1"),
    ("def x():\n    return 1\ny = 1", "def x():\n    return 1"),
    ("import os.path as x, sys", "import os.path as x"),
    ("from ..a.b import c, d as x", "from ..a.b import d as x"),
    ("from . import x", "from . import x"),
    ("try:\n    import x\nexcept ImportError:\n    x = None", "import x\nx = None"),
]


@pytest.mark.parametrize(("source", "expected"), TEXTS)
def test_the_text_is_exactly_the_statements_that_set_the_name(source, expected):
    assert analyse(source).statements["x"].text == expected


@pytest.mark.parametrize("source", [*RUNNABLE.values(), *(source for source, _ in TEXTS)])
def test_every_text_can_be_parsed_by_itself(source):
    for name, binding in analyse(source).statements.items():
        assert name in names(binding.text)[0] | names(binding.text)[1]


# A template, and what may stand for X and Y in it: editing X touches the statement that sets x, editing Y does not.
EDITS = {
    "assignment": "y = Y\nx = X\nz = Y",
    "target": "x = z = X\ny = Y",
    "tuple": "x, y = X\nz = Y",
    "augmented": "x = 1\nx += X\ny = Y",
    "annotation": "x: X = 1\ny: Y = 1",
    "in a branch": "if Y:\n    x = X\nelse:\n    y = Y",
    "the other branch": "if Y:\n    x = 1\nelse:\n    x = X",
    "in a loop": "for y in Y:\n    x = X",
    "for": "for x in X:\n    y = Y\nelse:\n    y = Y",
    "for without parentheses": "for x in 1, X: Y",
    "while": "while Y:\n    x = X",
    "with": "with X as x:\n    y = Y",
    "one with of two": "with X as x, Y as y: Y",
    "with a tuple": "with (X, 1) as (x, z): Y",
    "match subject": "match X:\n    case x: y = Y",
    "match pattern": "match v:\n    case 'X' | 'A': Y\n    case [x, *_]: y = Y",
    "match guard": "match v:\n    case x if x > X: y = Y",
    "match of a tuple": "match v, X:\n    case x, *_: y = Y",
    "walrus": "if f(x := X):\n    y = Y",
    "walrus in a comprehension": "y = Y\nz = [(x := a) for a in X]",
    "walrus in a call over lines": "f(\n    (x :=\n      X),\n)\ny = Y",
    "walrus in a class header": "class C(f(x := X)):\n    y = Y",
    "walrus in a default": "def f(a=(x := X)):\n    y = Y",
    "function": "def x():\n    return X\ndef y():\n    return Y",
    "decorator": "@d(X)\ndef x(): pass\n@d(Y)\ndef y(): pass",
    "decorator over lines": "@(\n    d(X)\n)\nclass x: pass\ny = Y",
    "class": "class x(B):\n    a = X\nclass y(B):\n    a = Y",
    "metaclass": "class x(metaclass=X): pass\ny = Y",
    "a method in a branch": "if Y:\n    class x:\n        def f(self):\n            return X\n",
    "import": "import X as x, Y as y",
    "from import": "from X import x\nfrom a import Y",
    "imported name": "from a import X as x, Y",
    "fallback": "try:\n    import x\nexcept Y:\n    x = X",
    "over lines": "x = [\n    1,\n    X,\n]; y = Y",
    "a string over lines": "x = '''\n  X\n'''\ny = '''\n  Y\n'''",
    "after a del": "x = Y\ndel x\nx = X",
    "non-ASCII": "é = Y; x = 'ß', X; ü = Y",
}


@pytest.mark.parametrize("template", EDITS.values(), ids=EDITS)
def test_editing_a_statement_that_sets_the_name_counts_and_nothing_else_does(template):
    base = template.replace("X", "A").replace("Y", "B")
    assert is_edited(base, template.replace("X", "C").replace("Y", "B"))
    assert not is_edited(base, template.replace("X", "A").replace("Y", "C"))


@pytest.mark.parametrize("template", EDITS.values(), ids=EDITS)
def test_moving_a_statement_to_another_line_is_no_edit(template):
    base = template.replace("X", "A").replace("Y", "B")
    assert not is_edited(base, f"# a comment\n\nzz = 1\n{base}\nyy = 2\n")


NO_EDITS = [
    ("x = 1", "x = 1  # one"),
    ("x = 1  # one", "# two\nx = 1  # two\n# three"),
    ("x = [1, 2]", "x = [\n    1,  # easy\n    2,\n]"),
    ("x = [  # a\n    1,\n]", "x = [  # b\n    1,\n]"),
    ("x = ('#1'  # a\n     '#2')", "x = ('#1'  # b\n     '#2')"),
    ("x=1+2", "x = 1 + 2"),
    ("x = 'a'", 'x = "a"'),
    ("x = (1)", "x = 1"),
    ("x = 1_000", "x = 1000"),
    ("x = 1", "if a:\n    x = 1"),
    ("x = 1; y = 2", "x = 1\ny = 3"),
    ("x = [1,\n  2]\ny = 1", "if a:\n    x = [1,\n      2]\n    y = 1"),
    ("for x in a:\n    f()", "for x in a:  # each\n    g()"),
    ("with a as x: f()", "with (\n    a as x,\n    b as y,\n): g()"),
    ("match a:\n    case [x, 1]: f()", "match (a):\n    case [x, 1]:  # pair\n        g()"),
    ("from a import x", "from a import (\n    w,\n    x,  # the name\n)"),
    ("import x", "import w, x"),
    ("@d\ndef x(): return 1", "@d  # why\n\ndef x():\n    return 1"),
    ("def x():\n    return 1", "if a:\n    def x():\n        return 1"),
]


@pytest.mark.parametrize(("before", "after"), NO_EDITS)
def test_comments_layout_and_quotes_are_no_edit(before, after):
    assert not is_edited(before, after)
    assert not is_edited(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1", ""),
        ("x = 1", "x = 1\nx = 1"),
        ("x = 1", "x += 1"),
        ("x = 1", "x = True"),
        ("x = '#1'", "x = '#2'"),
        ("x = '''\n# 1\n'''", "x = '''\n# 2\n'''"),
        ("x = f'{a}  # 1'", "x = f'{a}  # 2'"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'a b'", "x = 'a  b'"),
        ("x = 1", "def x(): pass"),
        ("x = 1", "import x"),
        ("def x(): return 1", "def x(): return 2"),
        ("x = 1", "del y\nx = 2"),
    ],
)
def test_another_statement_another_value_and_text_in_strings_are_edits(before, after):
    assert is_edited(before, after)
    assert is_edited(after, before)


def test_a_name_that_neither_source_binds_is_not_edited():
    assert not edited(None, None)


def test_what_is_too_deep_to_compare_counts_as_edited():
    deep = Binding(1, "x = " + "-" * 3 * sys.getrecursionlimit() + "1")
    assert edited(deep, Binding(1, "x = 1"))
    assert not edited(deep, Binding(2, deep.text))


def test_all_that_sets_a_name_is_in_statements_and_what_is_no_import_in_bindings():
    found = analyse("import a\nb = 1\ntry:\n    c = 1\nexcept E:\n    import c")
    assert {name: binding.line for name, binding in found.statements.items()} == {"a": 1, "b": 2, "c": 4}
    assert found.bindings["c"].text == "c = 1"


# ------------------------------------------------------------------ global

REBOUND = [
    ("def f():\n    global x\n    x = 1", {"x"}),
    ("def f():\n    global x, y\n    x += 1 if y else 2", {"x"}),
    ("def f():\n    global x\n    print(x)", set()),
    ("def f():\n    global x\n    x.y = 1\n    x[0] = 1\n    x.append(1)", set()),
    ("def f():\n    x = 1", set()),
    ("def f():\n    global x\n    def g():\n        x = 1", set()),
    ("def f():\n    global x\n    def g():\n        global x\n        x = 1", {"x"}),
    ("def f():\n    def g():\n        global x\n        x = 1", {"x"}),
    ("class C:\n    def f(self):\n        global x\n        x = 1", {"x"}),
    ("class C:\n    class D:\n        def f(self):\n            global x\n            x = 1", {"x"}),
    ("class C:\n    global x\n    x = 1", {"x"}),
    ("def f():\n    class C:\n        global x\n        def x(self): pass", {"x"}),
    ("class C:\n    global x\n    def f(self): x = 1", set()),
    ("async def f():\n    global x, y, z\n    async for x in a: pass\n    async with a as y: z = await a", {"x", "y", "z"}),
    ("def f():\n    global x\n    for x in a: pass", {"x"}),
    ("def f():\n    global x\n    with a as (x, y): pass", {"x"}),
    ("def f():\n    global x\n    import x.y", {"x"}),
    ("def f():\n    global x, z\n    from y import z as x", {"x"}),
    ("def f():\n    global x\n    def x(): pass", {"x"}),
    ("def f():\n    global x\n    class x: pass", {"x"}),
    ("def f():\n    global x\n    del x", {"x"}),
    ("def f():\n    global x\n    try: pass\n    except E as x: pass", {"x"}),
    ("def f():\n    global x, y\n    match a:\n        case [x, *y]: pass", {"x", "y"}),
    ("def f():\n    global x\n    if (x := 1): pass", {"x"}),
    ("def f():\n    global x\n    return [x := a for a in b]", {"x"}),
    ("def f():\n    global x\n    return lambda: (x := 1)", set()),
    ("def f():\n    global x\n    x = lambda: (y := 1)", {"x"}),
    ("def f():\n    if a:\n        try:\n            global x\n        finally:\n            x = 1", {"x"}),
    ("def f():\n    while a:\n        match b:\n            case 1:\n                global x\n                x = 1", {"x"}),
    ("if a:\n    def f():\n        global x\n        x = 1", {"x"}),
    ("try: pass\nexcept E:\n    def f():\n        global x\n        x = 1", {"x"}),
    ("def f():\n    global x\ndef g():\n    x = 1", set()),
    ("global x\nx = 1", set()),
    ("if a:\n    global x\n    x = 1", set()),
    ("def f():\n    def g():\n        nonlocal x\n        x = 1\n    x = 1", set()),
    ("s = 'global x'\n# global y\nx = 1", set()),
    ("def f():\n    global größe\n    größe = 1", {"größe"}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), REBOUND)
def test_rebound_are_the_globals_that_a_function_sets_not_those_it_reads(source, expected):
    assert analyse(source).rebound == expected


def test_a_name_that_only_functions_set_is_no_binding_of_the_top_level():
    found = analyse("def f():\n    global x\n    x = 1")
    assert "x" not in found.bindings
    assert found.may_define("x")


# ------------------------------------------------------------------ who defines a name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", True),
        ("class x: pass", True),
        ("if a:\n    x = 1", True),
        ("def f():\n    global x\n    x = 1", True),
        ("def f():\n    global x\n    return x", False),
        ("def f(): x = 1", False),
        ("import x", False),
        ("x.y = 1\nprint(x)\nx: int", False),
        ("x = 1\ndel x", False),
        ("try: pass\nexcept E as x: pass", False),
        ("[x for x in a]", False),
    ],
)
def test_a_script_may_define_what_its_top_level_or_a_function_of_it_binds(source, expected):
    assert analyse(source).may_define("x") is expected


@pytest.mark.parametrize("source", ["from x import *", "if a:\n    from . import *"])
def test_a_star_import_brings_names_but_none_to_be_found_here(source):
    found = analyse(source)
    assert found.star
    assert not found.opaque
    assert not found.bindings


@pytest.mark.parametrize(
    "source",
    [
        "__all__ = ['x']",
        "__all__ += other.__all__",
        "globals()['x'] = 1",
        "globals().update(x=1)",
        "vars()['x'] = 1",
        "locals()['x'] = 1",
        "exec('x = 1')",
        "import sys\nsetattr(sys.modules[__name__], 'x', 1)",
        "import sys\nsys.modules[__name__].__dict__['x'] = 1",
    ],
)
def test_a_script_that_may_define_names_not_in_its_text_is_opaque(source):
    found = analyse(source)
    assert found.opaque
    assert not found.star


@pytest.mark.parametrize("source", ["x = 1", "from x import y", "def f(): return 2 * 3", "import x.y as z"])
def test_an_ordinary_script_is_not(source):
    found = analyse(source)
    assert (found.opaque, found.star) == (False, False)


# ------------------------------------------------------------------ real code


@pytest.mark.parametrize(
    "module", [argparse, contextlib, dataclasses, json.decoder, textwrap], ids=lambda m: m.__name__
)
def test_real_modules_define_what_the_analysis_says(module):
    found = analyse(inspect.getsource(module)).statements
    there = {name for name in vars(module) if not (name.startswith("__") and name.endswith("__"))}
    assert there <= set(found)
    for name, binding in found.items():
        assert not edited(binding, analyse(binding.text).statements[name])


# ------------------------------------------------------------------ classes

CLASSES = """
class Goblin:
    hp: int = 10
    speed = 1
    if speed:
        name = "a"
    else:
        name = "b"
    import os
    gone = 1
    del gone
    global elsewhere
    elsewhere = 1
    __secret = 1
    __dunder__ = 1
    @staticmethod
    def attack():
        inner = 1
        class NotSeen: pass
    class Part:
        weight = (half := 1) + 1
        class __Deep:
            __x = 1
    a, (b, *c) = 1, (2, 3)

def make():
    class Local: x = 1

if True:
    class Goblin:
        speed = 2
    class ___:
        __x = 1
"""


def test_what_the_bodies_of_classes_bind_is_known_by_qualified_name():
    found = analyse(CLASSES).classes
    assert {name: set(bound) for name, bound in found.items()} == {
        "Goblin": {
            *("hp", "speed", "name", "os", "_Goblin__secret", "__dunder__", "attack", "Part", "a", "b", "c"),
        },
        "Goblin.Part": {"weight", "half", "_Part__Deep"},
        "Goblin.Part.__Deep": {"_Deep__x"},
        "___": {"__x"},
    }
    assert found["Goblin"]["speed"] == Binding(4, "speed = 1\nspeed = 2")
    assert found["Goblin"]["name"].text == 'name = "a"\nname = "b"'
    assert found["Goblin"]["os"].text == "import os"
    assert found["Goblin"]["attack"].text.startswith("@(staticmethod)\ndef attack():")


def test_the_names_are_those_that_the_classes_get():
    values = {"__name__": "script"}
    exec(
        compile(CLASSES.replace("class Goblin:\n        speed = 2", "pass"), "<script>", "exec", dont_inherit=True),
        values,
    )
    bound = analyse(CLASSES).classes
    todo = [values["Goblin"], values["___"]]
    for cls in todo:
        todo += [value for value in vars(cls).values() if isinstance(value, type)]
        own = {"__module__", "__dict__", "__weakref__", "__doc__", "__static_attributes__", "__firstlineno__"}
        own |= {"__annotations__", "__annotate__"}
        assert set(vars(cls)) - own == set(bound[cls.__qualname__])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("class A:\n    x = 1", "class A:\n    y = 2\n    x = 1  # one", False),
        ("class A:\n    x = 1", "class A:\n    x = 2", True),
        ("class A:\n    x: int = 1", "class A:\n    x: float = 1", True),
        (
            "class A:\n    class x:\n        def f(self):\n            '''é'''",
            "class A:\n  class x:\n    def f(self):\n      'é'",
            False,
        ),
    ],
)
def test_whether_the_statement_of_an_attribute_was_edited(before, after, expected):
    one, other = analyse(before).classes["A"]["x"], analyse(after).classes["A"]["x"]
    assert edited(one, other) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def x(): pass", True),
        ("async def x(): pass", True),
        ("class x: pass", True),
        ("@a\n@b(1)\ndef x(): pass", True),
        ("x = lambda: 1", False),
        ("x: int = 1", False),
        ("for x in y: pass", False),
    ],
)
def test_what_is_a_definition(text, expected):
    assert analyse(text).bindings["x"].defines is expected


def test_an_analysis_learns_from_another_what_it_has_not_found_yet():
    one, other, third = (analyse(text) for text in ("x = 1", "x = 2", "x = 3"))
    one.learn(other)
    assert one.bindings["x"].text == "x = 2"
    one.learn(third)
    assert one.bindings["x"].text == "x = 2"
