"""What the text of a class says about new instances: tables of source text. Where a text can be run, Python is the judge."""

from __future__ import annotations

import sys
from textwrap import dedent, indent

import pytest

from livescripts._core.analysis import analyse
from livescripts._core.initials import GoesOn, Sets


def found(source, name="A"):
    return analyse(dedent(source)).initials[name]


def body(text, *, parameters="self, given=None", method="__init__"):
    """The Initial of a class whose method has this body."""
    return found(f"class A:\n    def {method}({parameters}):\n{indent(dedent(text), ' ' * 8)}\n")


# ------------------------------------------------------------------ constant expressions

CONSTANT = {
    "number": "1",
    "negative number": "-1.5",
    "string": "'x'",
    "joined strings": "'x' 'y'",
    "bytes": "b'x'",
    "None": "None",
    "Ellipsis": "...",
    "tuple": "(1, 2)",
    "list": "[1, [2]]",
    "empty list": "[]",
    "set": "{1, 2}",
    "dict": "{'a': 1, 'b': [2]}",
    "f-string": "f'{LIMIT:>{LIMIT}} {LIMIT!r}'",
    "arithmetic": "2 * LIMIT + 1",
    "not": "not LIMIT",
    "and": "LIMIT and 1 or 2",
    "comparison": "0 < LIMIT <= 10",
    "condition": "1 if LIMIT else 2",
    "name of the module": "LIMIT",
    "dotted name": "math.pi",
    "subscript": "NAMES[0]",
    "subscript of a dotted name": "config.NAMES['x']",
    "call": "list((1, 2))",
    "call by a dotted name": "collections.deque([1], maxlen=3)",
    "dunder name": "__name__",
}
NOT_CONSTANT = {
    "parameter": "given",
    "inside": "[1, given]",
    "the instance": "self.speed",
    "in an f-string": "f'{given}'",
    "in a format": "f'{1:{given}}'",
    "value of a dict": "{'a': given}",
    "key of a dict": "{given: 1}",
    "unpacked dict": "{**LIMITS}",
    "unpacked list": "[*NAMES]",
    "lambda": "lambda: 1",
    "comprehension": "[0 for _ in NAMES]",
    "walrus": "(LIMIT := 1)",
    "slice": "NAMES[1:]",
    "method of a call": "make().x",
    "method of a display": "[1].copy",
    "method of a literal": "'{}'.format(1)",
    "result of a call called": "make()()",
    "argument": "list(given)",
    "keyword argument": "dict(x=given)",
    "unpacked arguments": "max(*NAMES)",
    "unpacked keyword arguments": "dict(**LIMITS)",
    "private name of the module": "__limit",
    "private attribute": "config.__limit",
    "yield": "(yield)",
}


@pytest.mark.parametrize("text", CONSTANT.values(), ids=CONSTANT)
def test_constant_expressions(text):
    initial = body(f"self.x = {text}")
    assert initial.attributes == {"x": text}
    assert initial.assigned == {"x"}


@pytest.mark.parametrize("text", NOT_CONSTANT.values(), ids=NOT_CONSTANT)
def test_other_expressions(text):
    initial = body(f"self.x = {text}")
    assert initial.attributes == {}
    assert initial.assigned == {"x"}


LOCAL = {
    "assigned": "n = 1",
    "assigned later": "pass\n",
    "loop": "for n in (): pass",
    "with": "with a as n: pass",
    "except": "try: pass\nexcept ValueError as n: pass",
    "import": "import n",
    "import of a part": "import n.m",
    "import as": "import m as n",
    "from": "from m import n",
    "function": "def n(): pass",
    "async function": "async def n(): pass",
    "class": "class n: pass",
    "walrus": "print(n := 1)",
    "walrus in a comprehension": "[n := 1 for _ in ()]",
    "match": "match 1:\n    case n: pass",
    "match as": "match 1:\n    case 1 as n: pass",
    "match star": "match []:\n    case [*n]: pass",
    "match rest": "match {}:\n    case {1: _, **n}: pass",
    "global": "global n\nn = 1",
    "deleted": "del n",
    "lambda": "f = lambda n: n",
}


@pytest.mark.parametrize("statement", LOCAL.values(), ids=LOCAL)
def test_names_of_the_function_itself_are_not_constant(statement):
    initial = body(f"{statement}\nself.x = n\nn = 2" if statement == "pass\n" else f"{statement}\nself.x = n")
    assert initial.attributes == {}
    assert initial.assigned == {"x"}


@pytest.mark.parametrize("parameters", ["self, n", "self, *n", "self, **n", "self, *, n", "self, n, /"])
def test_parameters_of_every_kind_are_not_constant(parameters):
    assert body("self.x = n", parameters=parameters).attributes == {}


def test_match_without_names_binds_nothing():
    text = "match 1:\n    case [*_]: pass\n    case {1: 1}: pass\n    case _: pass\nself.x = n"
    assert body(text).attributes == {"x": "n"}


# ------------------------------------------------------------------ the text of an expression


@pytest.mark.parametrize(
    "text",
    [
        "self.x = [  # one\n    1,\n    'ü', 2 ]  # end",
        "self.ä = 'ü' + 'ö'; self.x = ['ß', 1] ; y = 2",
        "self.x = (1 +\n  2  # two\n)",
        "self.x = '''a\n  b\n'''",
    ],
)
def test_the_text_is_that_of_the_expression_alone(text):
    source = f"class A:\n    def __init__(self):\n        {text}\n"
    namespace = {}
    exec(source, namespace)
    fresh = namespace["A"]()
    initial = analyse(source).initials["A"]
    assert eval(f"({initial.attributes['x']}\n)") == fresh.x
    assert initial.attributes.keys() == vars(fresh).keys()


# ------------------------------------------------------------------ which assignments

CERTAIN = {
    "annotated": ("self.x: int = 1", {"x": "1"}),
    "annotated without value": ("self.x: int", {}),
    "chain": ("self.x = self.y = 1", {"x": "1", "y": "1"}),
    "chain with others": ("a = self.x = b[0] = self.y = 1", {"x": "1", "y": "1"}),
    "the last one": ("self.x = 1\nself.x = 2", {"x": "2"}),
    "first perhaps": ("if given: self.x = 1\nself.x = 2", {"x": "2"}),
    "first unknown": ("self.x = given\nself.x = 2", {"x": "2"}),
    "in pairs": ("self.x, self.y = 1, 2", {"x": "1", "y": "2"}),
    "in nested pairs": ("[self.x, (self.y, z)] = 1, [2, 3]", {"x": "1", "y": "2"}),
    "a pair that is partly known": ("self.x, self.y = given, 2", {"y": "2"}),
    "pair and chain": ("self.p = self.x, self.y = 1, 2", {"p": "1, 2", "x": "1", "y": "2"}),
    "frozen": ("object.__setattr__(self, 'x', [1])", {"x": "[1]"}),
    "frozen and unknown": ("object.__setattr__(self, 'x', given)", {}),
    "after a block": ("for i in given: print(i)\nself.x = 1", {"x": "1"}),
    "after a raise": ("if not given: raise ValueError\nself.x = 1", {"x": "1"}),
    "after a function that returns": ("if given:\n    def f(): return 1\nself.x = 1", {"x": "1"}),
    "after a class in which one returns": ("if given:\n    class C:\n        f = lambda: 1\nself.x = 1", {"x": "1"}),
    "before a return": ("self.x = 1\nreturn", {"x": "1"}),
    "never": ("return\nself.x = 1", {}),
    "of another object": ("given.x = 1\nself.y.z = 2", {}),
    "item": ("self.y[0] = 1", {}),
    "private": ("self.__x = 1", {"_A__x": "1"}),
    "dunder": ("self.__x__ = 1", {"__x__": "1"}),
}


@pytest.mark.parametrize(("text", "expected"), CERTAIN.values(), ids=CERTAIN)
def test_certain_assignments(text, expected):
    assert body(text).attributes == expected


PERHAPS = {
    "if": "if given: self.x = 1",
    "else": "if given: pass\nelse: self.x = 1",
    "loop": "for _ in given: self.x = 1",
    "while": "while given: self.x = 1",
    "try": "try: self.x = 1\nexcept ValueError: pass",
    "except": "try: pass\nexcept ValueError: self.x = 1",
    "with": "with given: self.x = 1",
    "match": "match given:\n    case 1: self.x = 1",
    "after a return": "if given: return\nself.x = 1",
    "after a return in a loop": "for _ in given:\n    return\nself.x = 1",
    "augmented": "self.x += 1",
    "for target": "for self.x in given: pass",
    "with target": "with given as self.x: pass",
    "unpacked": "self.x, y = given",
    "starred": "self.x, *y = 1, 2, 3",
    "starred value": "self.x, y = *given, 2",
    "starred target": "y, *self.x = 1, 2",
    "other length": "self.x, y = 1, 2, 3",
    "nested target": "(self.x, z), y = given, 1",
    "deleted": "self.x = 1\ndel self.x",
    "perhaps deleted": "self.x = 1\nif given: del self.x",
    "later perhaps": "self.x = 1\nif given: self.x = 2",
    "later unknown": "self.x = 1\nself.x = given",
    "later augmented": "self.x = 1\nself.x += 1",
    "in a function": "def later(): self.x = 1",
    "in a lambda": "f = lambda: [0 for self.x in given]",
    "in a value": "y = [0 for self.x in given]",
    "instance rebound": "self.x = 1\nself = given",
    "instance rebound by a loop": "self.x = 1\nfor self in given: pass",
    "instance deleted": "self.x = 1\ndel self",
}


@pytest.mark.parametrize("text", PERHAPS.values(), ids=PERHAPS)
def test_what_is_assigned_perhaps_or_with_an_unknown_value(text):
    initial = body(text)
    assert initial.attributes == {}
    assert initial.assigned == {"x"}


def test_a_function_inside_with_an_instance_of_its_own_assigns_nothing():
    assert body("class B:\n    def f(self): self.x = 1\nself.y = 2").assigned == {"y"}
    assert body("f = lambda self: [0 for self.x in given]\nself.y = 2").attributes == {"y": "2"}


@pytest.mark.parametrize("parameters", ["this, self=None", "this, /", "this, *args"])
def test_the_instance_may_have_any_name(parameters):
    assert body("this.x = 1\nself.y = 2", parameters=parameters).attributes == {"x": "1"}


def test_a_function_without_a_first_parameter_says_nothing():
    assert body("self.x = 1", parameters="*args").assigned == frozenset()


def test_targets_of_one_assignment_stay_together():
    assert body("self.x = self.y = []\nself.z = []").init == (Sets(("x", "y"), "[]"), Sets(("z",), "[]"))


def test_names_of_classes_that_are_all_underscores_mangle_nothing():
    initial = found("class __:\n    def __init__(self): self.__x = 1", "__")
    assert initial.attributes == {"__x": "1"}
    assert found("class __B:\n    def __init__(self): self.__x = 1", "__B").attributes == {"_B__x": "1"}


# ------------------------------------------------------------------ going on to base classes

GOES_ON = {
    "super": ("super().__init__()", [GoesOn("", True)]),
    "super with arguments": ("super(A, self).__init__(1, x=2)", [GoesOn("", True)]),
    "base": ("Base.__init__(self)", [GoesOn("Base", True)]),
    "dotted base": ("game.x.Base.__init__(self, 1)", [GoesOn("game.x.Base", True)]),
    "perhaps": ("if given: super().__init__()", [GoesOn("", False)]),
    "perhaps, in several ways": ("if given: super().__init__()\nelse: super().__init__(1)", [GoesOn("", False)]),
    "base perhaps": ("try: Base.__init__(self)\nfinally: pass", [GoesOn("Base", False)]),
    "in a value": ("y = super().__init__()", [GoesOn("", False)]),
    "in order": (
        "self.x = 1\nsuper().__init__()\nself.y = 2",
        [Sets(("x",), "1"), GoesOn("", True), Sets(("y",), "2")],
    ),
    "two bases": ("B.__init__(self)\nC.__init__(self)", [GoesOn("B", True), GoesOn("C", True)]),
    "another function": ("super().start()", []),
    "another instance": ("Base.__init__(given)", []),
    "no argument": ("Base.__init__()", []),
    "not by name": ("bases[0].__init__(self)", []),
    "super of another": ("super().x.__init__()", []),
    "only mentioned": ("super().__init__", []),
}


@pytest.mark.parametrize(("text", "steps"), GOES_ON.values(), ids=GOES_ON)
def test_going_on(text, steps):
    initial = body(text)
    assert initial.init == tuple(steps)
    assert initial.goes_on is any(isinstance(step, GoesOn) for step in steps)


def test_each_function_goes_on_with_its_own_kind():
    initial = found("""
        class A:
            def __init__(self):
                super().__post_init__()
                self.x = 1
            def __post_init__(self):
                super().__post_init__()
                self.x = 2
                self.y = 3
    """)
    assert initial.init == (Sets(("x",), "1"),)
    assert initial.post_init == (GoesOn("", True), Sets(("x",), "2"), Sets(("y",), "3"))
    assert initial.attributes == {"x": "2", "y": "3"}
    assert initial.assigned == {"x", "y"}
    assert initial.goes_on


# ------------------------------------------------------------------ which classes


def test_classes_by_qualified_name():
    initials = analyse(
        dedent("""
        class Plain: x = 1
        class Goblin:
            class Part:
                class Tip:
                    def __init__(self): self.__x = 1
            if True:
                def __init__(self): self.x = 2
        if True:
            try:
                class Orc:
                    def __post_init__(self): self.x = 3
            except ValueError:
                class Elf:
                    def __init__(self): self.x = 4
        match 1:
            case 1:
                class Rat:
                    def __init__(self): self.x = 5
        def make():
            class Inner:
                def __init__(self): self.x = 6
        class Ghost:
            async def __init__(self): self.x = 7
            def other(self): self.x = 8
        """)
    ).initials
    assert {name: initial.attributes for name, initial in initials.items()} == {
        "Goblin": {"x": "2"},
        "Goblin.Part.Tip": {"_Tip__x": "1"},
        "Orc": {"x": "3"},
        "Elf": {"x": "4"},
        "Rat": {"x": "5"},
    }


@pytest.mark.parametrize(
    "source",
    [
        "class A:\n def __init__(self): self.x = 1\nclass A:\n def __init__(self): self.y = 2; super().__init__()",
        "class A:\n def __init__(self): self.x = 1\n def __init__(self): self.y = 2; super().__init__()",
        "class A:\n if 1:\n  def __init__(self): self.x = 1\n else:\n  def __init__(self): self.y = 2; super().__init__()",
    ],
)
def test_of_two_definitions_nobody_knows_which_one_runs(source):
    initial = analyse(source).initials["A"]
    assert initial.init == (Sets(("x",), None), Sets(("y",), None), GoesOn("", False))
    assert initial.post_init is None


def test_two_definitions_only_one_of_which_has_the_function():
    source = "class A:\n def __post_init__(self): self.x = 1\nclass A:\n y: list = field(default_factory=lambda: [])"
    initial = analyse(source).initials["A"]
    assert initial.init is None
    assert initial.post_init == (Sets(("x",), None),)
    assert initial.factories == {}


def test_scripts_without_classes_have_none():
    assert analyse("def f(self): self.x = 1").initials == {}


def test_long_expressions_are_read_without_recursion():
    terms = 2 * sys.getrecursionlimit()
    text = " + ".join(["1"] * 900)
    assert body(f"self.x = {text}").attributes == {"x": text}
    chain = "if given: pass\n" + "elif given: self.x = 1\n" * 300 + "self.y = 2"
    assert body(chain).attributes == {"y": "2"}
    display = "[" + "1, " * terms + "]"
    assert body(f"self.x = {display}").attributes == {"x": display}


# ------------------------------------------------------------------ factories


def test_factories_with_a_constant_body():
    source = """
        class A:
            a: list = field(default_factory=lambda: [1, 2])
            b: dict = dataclasses.field(init=False, default_factory=lambda: {
                'x': LIMIT,  # comment
            })
            c: list = field(default_factory=lambda n: [n])
            d: list = field(default_factory=lambda *n: [n])
            e: list = field(default_factory=lambda: make([n for n in range(3)]))
            f: list = field(default_factory=list)
            g: list = field(default=1)
            __h: list = field(default_factory=lambda: [3])
            i = field(default_factory=lambda: [4])
            j: list = []
            k: list
    """
    initial = found(source)
    assert initial.factories == {
        "a": "[1, 2]",
        "b": initial.factories["b"],
        "_A__h": "[3]",
    }
    assert eval(initial.factories["b"], {"LIMIT": 5}) == {"x": 5}
    assert initial.init is None
    assert initial.post_init is None
    assert (initial.attributes, initial.assigned, initial.goes_on) == ({}, frozenset(), False)


def test_of_two_factories_nobody_knows_which_one_counts():
    source = (
        "class A:\n x: list = field(default_factory=lambda: [1])\n if y: x: list = field(default_factory=lambda: [2])"
    )
    assert "A" not in analyse(source).initials
