"""Attributes that are new in a class appear on its instances, and no code of the script runs for it."""

from __future__ import annotations

import collections
import dataclasses
import enum
import functools
import io
import math
import sys
import types
from collections import Counter, OrderedDict, defaultdict, deque
from textwrap import dedent

import pygame
import pytest

from livescripts._core.analysis import analyse
from livescripts._runtime.evaluating import NotConstant, construct, evaluate, is_harmless
from livescripts._runtime.modules import new_namespace, publish, set_tracing, values_of
from livescripts._runtime.renewal import additions

# ------------------------------------------------------------------ evaluating


class Ran(BaseException):
    """Code of the script was run: an exception that is not taken for an answer."""


class Alarm(type):
    """A metaclass that minds whatever is done to its classes."""

    def __getattribute__(cls, name):
        raise Ran(name)

    def __hash__(cls):
        raise Ran

    def __eq__(cls, other):
        raise Ran

    def __call__(cls, *args, **kwargs):
        raise Ran


def alarm(self, *args, **kwargs):
    raise Ran


SPECIAL = (
    *(
        "__getattribute__",
        "__eq__",
        "__ne__",
        "__lt__",
        "__le__",
        "__gt__",
        "__ge__",
        "__hash__",
        "__bool__",
        "__len__",
    ),
    *("__add__", "__radd__", "__mul__", "__rmul__", "__sub__", "__rsub__", "__or__", "__ror__", "__mod__", "__rmod__"),
    *(
        "__neg__",
        "__pos__",
        "__invert__",
        "__getitem__",
        "__iter__",
        "__contains__",
        "__call__",
        "__index__",
        "__int__",
    ),
    *("__float__", "__complex__", "__bytes__", "__str__", "__repr__", "__format__", "__fspath__", "__missing__"),
)


def hostile():
    """Things that mind whatever is done to them; not at top level, where pytest would look at them."""
    special = dict.fromkeys(SPECIAL, alarm) | {"x": 1}
    cls = types.new_class("Hostile", (), {"metaclass": Alarm}, lambda values: values.update(special))
    instance = object.__new__(cls)
    return {
        "HOSTILE": instance,
        "Hostile": cls,
        "HOSTILE_LIST": type("HostileList", (list,), special)([1]),
        "HOSTILE_INT": type("HostileInt", (int,), special)(1),
        "HostileList": type("HostileList", (list,), special),
        "HOSTILE_KEYS": {"a": 1, 5: instance},
    }


class Color(enum.Enum):
    RED = 1
    CRIMSON = RED

    @property
    def pretty(self):
        return "x"


class Flag(enum.IntFlag):
    A = 1
    B = 2


class Base:
    SPEED = 3
    shadowed = 1


class Goblin(Base):
    shadowed = 2
    numbers = (1, 2)

    class Part:
        SIZE = 4

    def method(self): ...

    @property
    def computed(self): ...


class Described:
    def __get__(self, instance, owner):
        raise Ran


Goblin.described = Described()

NAMES = {
    "LIMIT": 5,
    "TEXT": "abc",
    "NUMBERS": [1, 2, 3],
    "PAIR": (1, 2),
    "TABLE": {"a": 1, (1, 2): "pair"},
    "math": math,
    "collections": collections,
    "pygame": pygame,
    "Color": Color,
    "Flag": Flag,
    "Goblin": Goblin,
    **hostile(),
    "MISSING": defaultdict(alarm),
    "deque": deque,
    "Counter": Counter,
    "OrderedDict": OrderedDict,
    "defaultdict": defaultdict,
    "make": alarm,
}

# fmt: off
VALUES = [
    "1", "-1.5", "+1", "1j", "'x' 'y'", "b'x'", "None", "True", "...", "()", "(1,)", "[]", "{1, 2}", "{}",
    "{'a': [1], (1, 2): {3}}", "1, 2", "[LIMIT, TEXT]", "~5", "not LIMIT", "not ''", "1 + 2", "5 - 2", "2 * 3",
    "7 / 2", "7 // 2", "7 % 4", "2 ** 10", "2 ** -1", "2.0 ** 3", "1 << 4", "16 >> 2", "6 & 3", "6 | 3",
    "6 ^ 3", "[0] * 3", "3 * 'ab'", "1.5 * 2", "[1] + [2]", "-1 * [1]", "'%d %s' % (1, 'x')", "b'%d' % 1",
    "{1} | {2}", "{'a': 1} | {'b': 2}", "'a' 'b' * 2", "1.5 % 1", "0 and make", "0 or 5", "1 and 2 and 3",
    "'' or [] or 7", "1 or make()", "1 if LIMIT else make()", "make() if 0 else 2", "1 < 2 < 3", "1 < 2 > 3",
    "1 > 2 < make()", "1 == 1.0", "1 != 2", "2 <= 2", "3 >= 4", "1 in NUMBERS", "4 not in NUMBERS",
    "None is None", "1 is not None", "'a' in TABLE", "f'{LIMIT}'",
    "f'{LIMIT:>{LIMIT}}|{TEXT!r:>10}{TEXT!s}{TEXT!a} {1.5:.3f}'", "f'{NUMBERS} {PAIR} {TABLE}'", "NUMBERS[0]",
    "NUMBERS[-1]", "TEXT[1]", "TABLE['a']", "TABLE[1, 2]", "range(5)[2]", "b'ab'[0]", "math.pi", "Goblin.SPEED",
    "Goblin.shadowed", "Goblin.Part.SIZE", "Goblin.numbers[1]", "Goblin", "Color.RED", "Color.CRIMSON",
    "Flag.B", "make", "print", "HOSTILE", "math", "[HOSTILE]", "(HOSTILE, Hostile)", "{'a': HOSTILE}",
    "HOSTILE is None", "HOSTILE is not HOSTILE", "MISSING", "HOSTILE_LIST", "1 and HOSTILE",
    "HOSTILE if 1 else 2", "[HOSTILE_INT]", "list()", "list((1, 2))", "tuple([1])", "set('ab')",
    "frozenset([1])", "dict(a=1)", "dict([('a', 1)])", "int('12')", "int('ff', base=16)", "float('1e3')",
    "float('inf')", "str(5)", "str()", "bool([])", "complex(1, 2)", "bytes()", "bytes(3)", "bytearray(b'x')",
    "bytearray([1, 2])", "bytes('x', 'utf-8')", "list(range(3))", "range(1, 5, 2)", "deque([1], maxlen=3)",
    "collections.deque()", "Counter()", "Counter({'a': 2})", "Counter(a=1, b=2)", "defaultdict(list)",
    "defaultdict(int, {'a': 1})", "defaultdict(Hostile)", "OrderedDict([('a', 1)])", "OrderedDict(a=1)",
    "list(deque([1]))", "pygame.Vector2(1, 2)", "pygame.Vector2()", "pygame.Vector3(1, 2, 3)",
    "pygame.Rect(0, 0, 3, 4)", "pygame.Color('red')", "pygame.math.Vector2((1, 2))", "pygame.K_SPACE",
    "(1 +\n  2)", "1 +\n  2  # two", "[  # one\n  1,\n 2]  # two", "'\\d'",
]
# fmt: on


@pytest.mark.parametrize("text", VALUES)
@pytest.mark.filterwarnings("ignore::SyntaxWarning", "ignore::DeprecationWarning")
def test_values(text):
    # Python is the judge.
    expected = eval(f"({text}\n)", dict(NAMES))
    value = evaluate(text, NAMES)
    assert type(value) is type(expected)
    assert identical(value, expected)


def identical(one, other):
    """Whether two values are the same; by identity, where they may mind being compared."""
    if one is other:
        return True
    if type(one) in {list, tuple}:
        return len(one) == len(other) and all(map(identical, one, other))
    if type(one) is dict:
        return identical(list(one), list(other)) and identical(list(one.values()), list(other.values()))
    return one == other


REFUSED = {
    "unknown name": "nothing",
    "call of a function": "make()",
    "call of a builtin function": "len(NUMBERS)",
    "call of a class": "Goblin()",
    "call of a hostile class": "Hostile()",
    "call of a subclass": "HostileList()",
    "call of an instance": "HOSTILE()",
    "call of another type": "type(1)",
    "call of object": "object()",
    "call in a branch that counts": "1 and make()",
    "attribute of an instance": "HOSTILE.x",
    "attribute of a value": "LIMIT.real",
    "attribute that is not there": "math.nothing",
    "class attribute that is not there": "Goblin.nothing",
    "attribute of a hostile class": "Hostile.x",
    "property": "Goblin.computed",
    "method": "Goblin.method",
    "descriptor": "Goblin.described",
    "of the metaclass": "Goblin.__name__",
    "no member": "Color.pretty",
    "hostile operand": "HOSTILE + 1",
    "hostile right operand": "1 + HOSTILE",
    "hostile subclass": "HOSTILE_LIST + [1]",
    "hostile number": "HOSTILE_INT + 1",
    "hostile inside": "[HOSTILE] == [1]",
    "hostile deep inside": "[[{1: (HOSTILE,)}]] == []",
    "hostile compared": "HOSTILE == 1",
    "hostile searched": "1 in HOSTILE_LIST",
    "hostile unary": "-HOSTILE",
    "hostile truth": "HOSTILE or 1",
    "hostile condition": "1 if HOSTILE else 2",
    "hostile negation": "not HOSTILE",
    "hostile key": "{HOSTILE: 1}",
    "hostile class as key": "{Hostile: 1}",
    "hostile key inside": "{(1, HOSTILE): 1}",
    "hostile member": "{HOSTILE}",
    "hostile index": "NUMBERS[HOSTILE]",
    "hostile number as index": "NUMBERS[HOSTILE_INT]",
    "hostile container": "HOSTILE[0]",
    "hostile list": "HOSTILE_LIST[0]",
    "hostile argument": "list(HOSTILE)",
    "hostile argument inside": "set([HOSTILE])",
    "hostile keyword argument": "dict(a=HOSTILE)",
    "hostile in a text": "f'{HOSTILE}'",
    "hostile in a text inside": "f'{[HOSTILE]!r}'",
    "hostile in percent": "'%s' % HOSTILE",
    "defaultdict asked": "MISSING['x']",
    "key of an enum": "{Color.RED: 1}",
    "division by zero": "1 / 0",
    "wrong types": "1 + 'x'",
    "no such index": "NUMBERS[7]",
    "no such key": "TABLE['b']",
    "unhashable": "{[]: 1}",
    "matrix product": "1 @ 2",
    "percent of a list": "[1] % 2",
    "shift of a text": "1 << 'x'",
    "inverted truth": "~True",
    "pointless number": "int('x')",
    "wrong arguments": "range()",
    "text of an encoding": "str(b'x', 'rot13')",
    "text by keyword": "str(object=1)",
    "bytes of another encoding": "bytes('x', 'rot13')",
    "bytes by keyword": "bytes('x', encoding='ascii')",
    "bytes with too many arguments": "bytes('x', 'ascii', 'strict')",
    "counted list": "Counter([1])",
    "too much to count": "Counter({}, {})",
    "unpacked keywords": "dict(**TABLE)",
    "unpacked arguments": "list(*NUMBERS)",
    "unpacked dict": "{**TABLE}",
    "lambda": "lambda: 1",
    "comprehension": "[n for n in NUMBERS]",
    "slice": "NUMBERS[1:]",
    "huge power": "10 ** 10 ** 10",
    "power that is huge at once": "10 ** 1000000",
    "huge shift": "1 << 10 ** 9",
    "huge text": "'x' * 10 ** 9",
    "huge text from the other side": "10 ** 9 * 'x'",
    "huge list": "[0] * 10 ** 9",
    "huge by nesting": "[[[0] * 1000] * 1000] * 1000",
    "huge text by nesting": "f'{[[[0] * 1000] * 1000]}'",
    "huge bytes": "bytes(10 ** 9)",
    "huge bytearray": "bytearray(10 ** 9)",
    "huge range": "list(range(10 ** 9))",
    "endless range": "list(range(10 ** 30))",
    "long search": "'x' in range(10 ** 9)",
    "wide format": "f'{1:1000000000d}'",
    "wide format from a variable": "f'{1:>{10 ** 9}}'",
    "wide percent": "'%1000000000d' % 1",
    "wide percent of bytes": "b'%1000000000d' % 1",
    "wide percent from a variable": "'%*d' % (10 ** 9, 1)",
    "deep": "-" * 10000 + "1",
    "long": " + ".join(["1"] * 100000),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused(text):
    with pytest.raises(NotConstant):
        evaluate(text, NAMES)


def test_values_that_hold_themselves_are_refused():
    loop = [1]
    loop.append(loop)
    with pytest.raises(NotConstant):
        evaluate("loop == loop", {"loop": loop})
    assert evaluate("loop", {"loop": loop}) is loop


def test_displays_are_made_anew_and_names_are_not():
    values = {"SHARED": [1]}
    assert evaluate("[[]]", values) is not evaluate("[[]]", values)
    assert evaluate("[[]]", values)[0] is not evaluate("[[]]", values)[0]
    assert evaluate("SHARED", values) is values["SHARED"]
    assert evaluate("list(SHARED)", values) is not values["SHARED"]


def test_a_script_may_give_a_builtin_another_meaning():
    with pytest.raises(NotConstant):
        evaluate("list()", {"list": alarm})
    assert evaluate("list", {"list": 1}) == 1


def test_warnings_are_not_shown_a_second_time(recwarn):
    assert evaluate("'\\w'", {}) == "\\w"
    assert evaluate("1 if 1is 1 else 2", {}) == 1
    assert not recwarn.list


def test_a_key_of_a_dict_is_not_compared_with_a_hostile_one():
    class Key:
        def __hash__(self):
            return hash("a")

    table = {Key(): 1}
    Key.__eq__ = alarm
    with pytest.raises(NotConstant):
        evaluate("TABLE['a']", {"TABLE": table})


def test_names_of_namespaces_are_read_without_asking_them():
    namespace = new_namespace("game")
    script = {"SPEED": 3, "score": 0}
    publish(namespace, ["SPEED", "score"], script, {"score"})
    script["score"] = 7
    assert "score" not in values_of(namespace)
    for traced in (False, True, False):
        set_tracing([namespace], on=traced)
        assert evaluate("game.SPEED, game.score", {"game": namespace}) == (3, 7)
    with pytest.raises(NotConstant):
        evaluate("game.nothing", {"game": namespace})


def test_modules_that_compute_their_names_are_not_asked():
    lazy = types.ModuleType("lazy")
    lazy.__getattr__ = alarm
    with pytest.raises(NotConstant):
        evaluate("lazy.x", {"lazy": lazy})
    special = type("Special", (types.ModuleType,), {"__getattribute__": alarm})("special")
    with pytest.raises(NotConstant):
        evaluate("special.x", {"special": special})


def test_what_a_metaclass_answers_for_is_not_read_from_the_class():
    class Meta(type):
        @property
        def x(cls):
            raise Ran

    class A(metaclass=Meta):
        x = 1
        y = 2

    assert evaluate("A.y", {"A": A}) == 2
    with pytest.raises(NotConstant):
        evaluate("A.x", {"A": A})


def test_only_types_of_c_are_harmless():
    assert is_harmless(pygame.Vector2)
    assert is_harmless(pygame.Color)
    vector = type("Vector2", (), {"__module__": "pygame.math", "__init__": alarm})
    assert not is_harmless(vector)
    assert not is_harmless(type("Vector2", (pygame.Vector2,), {"__module__": "pygame.math"}))
    assert not is_harmless(pygame.Surface)
    assert not is_harmless(NAMES["Hostile"])
    assert not is_harmless(NAMES["HOSTILE"])
    with pytest.raises(NotConstant):
        construct(vector)


# ------------------------------------------------------------------ two versions of a class


class Versions:
    """Two texts of a script, both executed; and what `additions` says about a class in them."""

    def __init__(self, old, new, **names):
        self.old, self.new = ({"__name__": "script", **names}, {"__name__": "script", **names})
        self._initials = {}
        for text, values in ((old, self.old), (new, self.new)):
            source = dedent(text)
            exec(compile(source, "<script>", "exec", dont_inherit=True), values)
            analysis = analyse(source)
            for name, initial in analysis.initials.items():
                cls = values.get(name.partition(".")[0])
                for part in name.split(".")[1:]:
                    cls = vars(cls)[part]
                self._initials[id(cls)] = initial, values

    def initial_of(self, cls):
        return self._initials.get(id(cls))

    def additions(self, name="A", old=None):
        return additions(old or self.old[name], self.new[name], self.initial_of)

    def moved(self, name="A", *args):
        """An instance of the old version that has become one of the new."""
        instance = self.old[name](*args)
        object.__dict__["__class__"].__set__(instance, self.new[name])
        return instance


@pytest.fixture(autouse=True, scope="module")
def script_module():
    """Dataclasses look their module up."""
    sys.modules["script"] = types.ModuleType("script")
    yield
    del sys.modules["script"]


def renewed(old, new, name="A", **names):
    """The attributes of an instance, and the names that were given to it."""
    versions = Versions(old, new, **names)
    instance = versions.moved(name)
    given = versions.additions(name).give(instance)
    return vars(instance), given


OLD = "class A:\n    def __init__(self): self.hp = 1"


def test_newly_assigned_attributes_appear():
    new = (
        "class A:\n    def __init__(self):\n        self.hp = 9\n        self.mana = LIMIT * 2\n        self.items = []"
    )
    assert renewed(OLD, new, LIMIT=5) == ({"hp": 1, "mana": 10, "items": []}, ["mana", "items"])


def test_nothing_new_is_nothing():
    versions = Versions(OLD, "class A:\n    def __init__(self): self.hp = 2")
    assert not versions.additions()
    assert versions.additions().give(versions.moved()) == []
    assert not Versions("class A: pass", "class A: pass").additions()


def test_values_are_fresh_for_each_instance():
    versions = Versions(OLD, "class A:\n    def __init__(self): self.items = [[]]; self.name = 'x' * 3")
    one, other = versions.moved(), versions.moved()
    found = versions.additions()
    for instance in (one, other):
        found.give(instance)
    assert one.items == other.items == [[]]
    assert one.items is not other.items
    assert one.items[0] is not other.items[0]
    assert one.name is other.name


def test_targets_of_one_assignment_share_their_value():
    versions = Versions(OLD, "class A:\n    def __init__(self): self.a = self.b = []; self.c = []")
    one, other = versions.moved(), versions.moved()
    found = versions.additions()
    found.give(one)
    found.give(other)
    assert one.a is one.b
    assert one.a is not one.c
    assert one.a is not other.a


def test_nothing_is_overwritten():
    versions = Versions(OLD, "class A:\n    def __init__(self): self.mana = 1; self.rage = 2")
    instance = versions.moved()
    instance.mana = None
    assert versions.additions().give(instance) == ["rage"]
    assert instance.mana is None


def test_what_the_game_deleted_stays_deleted():
    new = "class A:\n    def __init__(self):\n        self.hp = 1\n        self.mana = 2"
    versions = Versions("class A:\n    def __init__(self):\n        if 1: self.hp = 1", new)
    instance = versions.moved()
    del instance.hp
    versions.additions().give(instance)
    assert vars(instance) == {"mana": 2}


def test_what_is_not_constant_after_all_is_left_out():
    new = "class A:\n    def __init__(self): self.a = make(); self.b = nothing; self.c = 1 / 0; self.d = 2"
    assert renewed(OLD, new, make=alarm) == ({"hp": 1, "d": 2}, ["d"])
    versions = Versions(OLD, new, make=alarm)
    found = versions.additions()
    found.give(versions.moved())
    assert found.refused == ()


def test_the_globals_are_those_at_the_time_of_giving():
    versions = Versions(OLD, "SPEED = 1\nclass A:\n    def __init__(self): self.speed = SPEED")
    found = versions.additions()
    versions.new["SPEED"] = 2
    instance = versions.moved()
    found.give(instance)
    assert instance.speed == 2


def test_what_was_given_can_be_taken_back():
    new = "class A:\n    __slots__ = ('s', '__dict__')\n    def __init__(self): self.hp = 1; self.mana = 2; self.s = 3"
    versions = Versions("class A:\n    __slots__ = ('s', '__dict__')\n    def __init__(self): self.hp = 1", new)
    instance = versions.moved()
    found = versions.additions()
    given = found.give(instance)
    assert sorted(given) == ["mana", "s"]
    assert (instance.s, instance.mana) == (3, 2)
    found.take_back(instance, given)
    assert vars(instance) == {"hp": 1}
    assert not hasattr(instance, "s")
    assert sorted(found.give(instance)) == ["mana", "s"]
    found.take_back(object(), ["nothing"])


# ------------------------------------------------------------------ inherited and chained __init__

BASE = "class Base:\n    def __init__(self): self.b = 1\n"


def test_an_inherited_init_counts():
    new = "class Base:\n    def __init__(self): self.b = 2; self.mana = 3\nclass A(Base): pass"
    assert renewed(BASE + "class A(Base): pass", new)[0] == {"b": 1, "mana": 3}


@pytest.mark.parametrize("call", ["super().__init__()", "super(A, self).__init__()", "Base.__init__(self)"])
def test_a_base_init_that_is_called_counts(call):
    old = BASE + f"class A(Base):\n    def __init__(self): {call}"
    new = f"class Base:\n    def __init__(self): self.b = 2; self.mana = 3\nclass A(Base):\n    def __init__(self): {call}"
    assert renewed(old, new)[0] == {"b": 1, "mana": 3}


def test_a_base_init_that_is_newly_called_counts():
    old = BASE + "class A(Base):\n    def __init__(self): pass"
    new = BASE + "class A(Base):\n    def __init__(self): super().__init__()"
    assert renewed(old, new)[0] == {"b": 1}


@pytest.mark.parametrize(
    "body", ["pass", "if self: super().__init__()", "Other.__init__(self)", "return\n        super().__init__()"]
)
def test_a_base_init_that_is_not_certain_to_be_called_does_not_count(body):
    old = BASE + "class A(Base):\n    def __init__(self): pass"
    new = BASE + f"class Other: __init__ = lambda self: 1\nclass A(Base):\n    def __init__(self):\n        {body}"
    assert renewed(old, new)[0] == {}


def test_the_last_assignment_on_the_way_counts():
    old = BASE + "class A(Base):\n    def __init__(self): pass"
    base = "class Base:\n    def __init__(self): self.x = 1; self.y = 1; self.z = 1\n"
    own = "class A(Base):\n    def __init__(self): self.x = 2; super().__init__(); self.y = 2; self.z = print"
    unknown = "class A(Base):\n    def __init__(self): super().__init__(); self.y = id(self)"
    assert renewed(old, base + own)[0] == {"x": 1, "y": 2, "z": print}
    assert renewed(old, base + unknown)[0] == {"x": 1, "z": 1}


def test_a_call_of_a_grandparent_passes_over_the_parent():
    new = (
        "class Top:\n    def __init__(self): self.top = 1\n"
        "class Base(Top):\n    def __init__(self): self.base = 2\n"
        "class A(Base):\n    def __init__(self): Top.__init__(self)"
    )
    assert renewed("class A: pass", new)[0] == {"top": 1}


def test_a_named_base_that_inherits_its_init():
    new = (
        "class Top:\n    def __init__(self): self.top = 1\nclass Base(Top): pass\n"
        "class Mixin:\n    def __init__(self): self.mixin = 2\n"
        "class A(Mixin, Base):\n    def __init__(self): Mixin.__init__(self); Base.__init__(self)"
    )
    assert renewed("class A: pass", new)[0] == {"mixin": 2, "top": 1}


def test_cooperative_inits_follow_the_mro_of_the_instance():
    new = (
        "class Top:\n    def __init__(self): self.top = 1\n"
        "class L(Top):\n    def __init__(self): super().__init__(); self.l = 2\n"
        "class R(Top):\n    def __init__(self): super().__init__(); self.r = 3\n"
        "class A(L, R): pass"
    )
    assert renewed("class A: pass", new)[0] == {"top": 1, "l": 2, "r": 3}


def test_the_init_of_a_base_called_through_a_subclass_uses_its_own_fields():
    base = DATA + "@dataclass\nclass Base:\n    hp: int = 1\n"
    field = "    y: list = field(default_factory=lambda: [2])\n"
    sub = "@dataclass\nclass A(Base):\n{}    def __init__(self): super().__init__()\n"
    own = "    y: list = field(default_factory=lambda: [4])\n"
    assert renewed(base + sub.format(""), base + field + sub.format(own))[0] == {"hp": 1, "y": [2]}


def test_inits_that_call_each_other_in_a_circle_come_to_an_end():
    new = (
        "class Base:\n    def __init__(self): self.b = 1; Base.__init__(self)\n"
        "class Other(Base):\n    def __init__(self): super().__init__(); super().__init__(); Other.__init__(self)\n"
        "class A(Other): pass"
    )
    assert renewed("class A: pass", new)[0] == {"b": 1}


def test_an_init_of_the_host_ends_the_chain():
    class Host:
        def __init__(self):
            self.host = 1

    new = (
        "class Mixin:\n    def __init__(self): self.m = 1\n"
        "class A(Host, Mixin):\n    def __init__(self): super().__init__(); self.x = 2"
    )
    old = "class Mixin: pass\nclass A(Host, Mixin):\n    def __init__(self): super().__init__()"
    assert renewed(old, new, Host=Host)[0] == {"host": 1, "x": 2}


def test_nested_classes():
    old = "class A:\n    class Part:\n        def __init__(self): self.__x = 1"
    versions = Versions(old, old + "; self.__y = 2")
    instance = versions.old["A"].Part()
    new = versions.new["A"].Part
    instance.__class__ = new
    additions(versions.old["A"].Part, new, versions.initial_of).give(instance)
    assert vars(instance) == {"_Part__x": 1, "_Part__y": 2}


def test_a_class_that_is_about_to_get_other_bases_is_given_as_its_mro():
    versions = Versions(BASE, "class Base:\n    def __init__(self): self.b = 2; self.mana = 3")

    class Sub(versions.old["Base"]):
        def __init__(self):
            raise Ran

    class Plain(versions.old["Base"]):
        pass

    to_be = (versions.new["Base"], object)
    instance = Plain()
    assert additions(Plain, (Plain, *to_be), versions.initial_of).give(instance) == ["mana"]
    assert not additions(Sub, (Sub, *to_be), versions.initial_of)


# ------------------------------------------------------------------ dataclasses

DATA = "from dataclasses import dataclass, field, InitVar, KW_ONLY\nfrom typing import ClassVar\n"
OLD_DATA = DATA + "@dataclass\nclass A:\n    hp: int = 1\n"


def test_fields_with_defaults_appear():
    new = OLD_DATA + "    mana: int = 2\n    _: KW_ONLY\n    name: str = field(default='x', repr=False)\n"
    assert renewed(OLD_DATA, new)[0] == {"hp": 1, "mana": 2, "name": "x"}


def test_fields_that_are_none_do_not_appear():
    new = OLD_DATA + "    a: ClassVar[int] = 2\n    b: InitVar[int] = 3\n    c: int = field(init=False)\n"
    assert renewed(OLD_DATA, new)[0] == {"hp": 1}
    assert renewed(DATA + "class A: pass", DATA + "@dataclass\nclass A:\n    hp: int\n")[0] == {}


def test_a_default_is_the_object_itself_whatever_it_is():
    versions = Versions(OLD_DATA, OLD_DATA + "    x: object = HOSTILE\n", HOSTILE=FrozenHostile())
    instance = versions.moved()
    assert versions.additions().give(instance) == ["x"]
    assert vars(instance)["x"] is versions.new["HOSTILE"]


class FrozenHostile:
    """A default value that minds everything but being hashable, which `dataclass` asks of it."""

    __hash__ = object.__hash__
    __getattr__ = __eq__ = __bool__ = alarm


def test_a_field_that_is_no_parameter_stays_with_the_class():
    new = (
        OLD_DATA + "    x: int = field(default=2, init=False)\n    y: list = field(default_factory=list, init=False)\n"
    )
    assert renewed(OLD_DATA, new)[0] == {"hp": 1, "y": []}
    fresh = Versions(OLD_DATA, new).new["A"]()
    assert vars(fresh) == {"hp": 1, "y": []}


FACTORIES = {
    "list": [],
    "dict": {},
    "set": set(),
    "Counter": Counter(),
    "Vector2": pygame.Vector2(),
    "lambda: [1, LIMIT]": [1, 5],
    "lambda: pygame.Rect(0, 0, LIMIT, 1)": pygame.Rect(0, 0, 5, 1),
}
USER_FACTORIES = [
    "make",
    "lambda: make()",
    "lambda: nothing",
    "lambda n=1: [n]",
    "Hostile",
    "range",
    "partial(make, 1)",
    "(lambda: [1]) if 1 else make",
]
HELPERS = {"LIMIT": 5, "Counter": Counter, "Vector2": pygame.Vector2, "pygame": pygame, "make": alarm}


@pytest.mark.parametrize(("factory", "expected"), FACTORIES.items(), ids=FACTORIES)
def test_harmless_factories_are_called(factory, expected):
    new = OLD_DATA + f"    x: object = field(default_factory={factory})\n"
    versions = Versions(OLD_DATA, new, **HELPERS)
    one, other = versions.moved(), versions.moved()
    found = versions.additions()
    assert found.give(one) == found.give(other) == ["x"]
    assert one.x == other.x == expected
    assert one.x is not other.x
    assert found.refused == ()


@pytest.mark.parametrize("factory", USER_FACTORIES)
def test_factories_of_the_script_are_not_called_but_named(factory):
    new = OLD_DATA + f"    x: object = field(default_factory={factory})\n    y: int = 2\n"
    versions = Versions(OLD_DATA, new, partial=functools.partial, Hostile=NAMES["Hostile"], **HELPERS)
    instance = versions.moved()
    found = versions.additions()
    assert found
    assert found.give(instance) == ["y"]
    assert found.refused == ("x",)
    assert vars(instance) == {"hp": 1, "y": 2}


def test_a_factory_that_is_not_what_the_text_says():
    new = (
        "import dataclasses\n"
        "def field(default_factory): return dataclasses.field(default_factory=make)\n"
        "@dataclasses.dataclass\nclass A:\n    hp: int = 1\n    x: object = field(default_factory=lambda: [1])\n"
    )
    found = Versions(OLD_DATA, new, make=alarm).additions()
    assert found.refused == ("x",)


def test_a_factory_that_is_overruled_is_not_missed():
    new = (
        OLD_DATA + "    x: object = field(default_factory=make)\n    z: object = field(default_factory=make)\n"
        "    def __post_init__(self):\n        self.x = 2\n        self.z = self.x"
    )
    versions = Versions(OLD_DATA, new, **HELPERS)
    instance = versions.moved()
    found = versions.additions()
    assert found.give(instance) == ["x"]
    assert found.refused == ()


def test_refusals_alone_are_something_to_say():
    found = Versions(OLD_DATA, OLD_DATA + "    x: object = field(default_factory=make)\n", **HELPERS).additions()
    assert found
    assert found.refused == ("x",)


def test_inherited_fields_and_their_factories():
    base = DATA + "@dataclass\nclass Base:\n    hp: int = 1\n"
    fields = "    x: list = field(default_factory=lambda: [1])\n    y: list = field(default_factory=lambda: [2])\n"
    sub = "@dataclass\nclass A(Base):\n    z: int = 3\n"
    own = "    y: list = field(default_factory=lambda: [4])\n    def __post_init__(self): pass"
    assert renewed(base + sub, base + fields + sub)[0] == {"hp": 1, "z": 3, "x": [1], "y": [2]}
    assert renewed(base + sub, base + fields + sub + own)[0] == {"hp": 1, "z": 3, "x": [1], "y": [4]}


def test_post_init_counts_where_dataclass_calls_it():
    post = "    def __post_init__(self): self.extra = [1]\n"
    assert renewed(OLD_DATA, OLD_DATA + post)[0] == {"hp": 1, "extra": [1]}
    mixin = "class Mixin:\n    def __post_init__(self): self.extra = [2]\n"
    new = OLD_DATA.replace("@dataclass\nclass A:", mixin + "@dataclass\nclass A(Mixin):")
    assert renewed(OLD_DATA, new)[0] == {"hp": 1, "extra": [2]}
    own = "    def __post_init__(self): super().__post_init__(); self.more = 3\n"
    assert renewed(OLD_DATA, new + own)[0] == {"hp": 1, "extra": [2], "more": 3}
    # Nobody calls these.
    assert renewed(OLD_DATA, "class A:\n" + post)[0] == {"hp": 1}
    assert renewed(OLD_DATA, OLD_DATA + post + "    def __init__(self): self.hp = 2\n")[0] == {"hp": 1}


def test_a_subclass_gets_the_fields_if_it_goes_on():
    base = DATA + "@dataclass\nclass Base:\n    hp: int = 1\n"
    field = "    mana: int = 2\n"
    for call, expected in (("super().__init__()", {"mana": 2}), ("pass", {}), ("if self: super().__init__()", {})):
        sub = f"class A(Base):\n    def __init__(self):\n        {call}\n"
        values, _ = renewed(base + sub, base + field + sub)
        values.pop("hp", None)
        assert values == expected


def test_a_dataclass_without_an_init_gives_no_fields():
    old = DATA + "@dataclass(init=False)\nclass A:\n    hp: int = 1\n"
    assert renewed(old, old + "    mana: int = 2\n")[0] == {}


def test_frozen_dataclasses():
    old = OLD_DATA.replace("@dataclass", "@dataclass(frozen=True)")
    post = "    mana: int = 2\n    def __post_init__(self): object.__setattr__(self, 'extra', [])\n"
    assert renewed(old, old + post)[0] == {"hp": 1, "mana": 2, "extra": []}


def test_slots():
    old = DATA + "@dataclass(slots=True)\nclass A:\n    hp: int = 1\n    x: object = field(init=False)\n"
    new = old + "    def __post_init__(self): self.x = [2]\n"
    versions = Versions(old, new)
    instance = versions.moved()
    assert versions.additions().give(instance) == ["x"]
    assert instance.x == [2]
    assert versions.additions().give(instance) == []
    default = DATA + "@dataclass(slots=True)\nclass A:\n    hp: int = 1\n    x: object = field(init=False, default=5)\n"
    old = "class A:\n    __slots__ = ('hp', 'x')"
    versions = Versions(old, default)
    instance = versions.moved()
    assert sorted(versions.additions().give(instance)) == ["hp", "x"]
    assert (instance.hp, instance.x) == (1, 5)


def test_an_instance_that_kept_its_layout_has_no_place():
    old = "class A:\n    __slots__ = ()\n    def __init__(self): pass"
    versions = Versions(old, "class A:\n    __slots__ = ('x',)\n    def __init__(self): self.x = 1; self.y = 2")
    assert versions.additions().give(versions.old["A"]()) == []


# ------------------------------------------------------------------ hostile classes

LOUD = """
class Meta(type):
    armed = False
    def __getattribute__(cls, name):
        if ARMED: raise Ran(name)
        return type.__getattribute__(cls, name)
    def __hash__(cls): raise Ran
    def __eq__(cls, other): raise Ran
    def __instancecheck__(cls, other): raise Ran
    def __subclasscheck__(cls, other): raise Ran

class A(metaclass=Meta):
    def __init__(self): {}
    def __getattribute__(self, name): raise Ran(name)
    def __setattr__(self, name, value): raise Ran(name)
    def __delattr__(self, name): raise Ran(name)
    def __eq__(self, other): raise Ran
    def __hash__(self): raise Ran
    def __bool__(self): raise Ran
"""


def test_nothing_of_a_hostile_class_is_run():
    versions = Versions(LOUD.format("pass"), LOUD.format("self.x = [1]; self.y = 2"), ARMED=False, Ran=Ran)
    instance = versions.moved()
    for values in (versions.old, versions.new):
        values["ARMED"] = True
    found = versions.additions()
    given = found.give(instance)
    values = object.__getattribute__(instance, "__dict__")
    assert given == ["x", "y"]
    assert values == {"x": [1], "y": 2}
    found.take_back(instance, given)
    assert values == {}


@pytest.mark.parametrize(
    "attribute",
    [
        "x = property(alarm, alarm, alarm)",
        "x = type('D', (), {'__set__': alarm})()",
        "x = type('D', (), {'__delete__': alarm})()",
        "x = Other.slot",
        "x = types.FunctionType.__code__",
        "x = types.FunctionType.__closure__",
        "__dict__ = property(alarm, alarm)",
        "__dict__ = {}",
        "__dict__ = HOSTILE",
        "__dict__ = vars(Other2)['__dict__']",
    ],
)
def test_what_answers_for_the_name_itself_is_left_alone(attribute):
    helpers = "class Other:\n    __slots__ = ('slot',)\nclass Other2: pass\n"
    new = helpers + f"class A:\n    {attribute}\n    def __init__(self): self.x = 1"
    versions = Versions("class A: pass", new, alarm=alarm, types=types, HOSTILE=NAMES["HOSTILE"])
    instance = versions.moved()
    assert versions.additions().give(instance) == []


@pytest.mark.parametrize("attribute", ["x = 5", "def x(self): ...", "x = functools.cached_property(alarm)"])
def test_what_instances_may_have_before_their_class_is_given(attribute):
    new = f"class A:\n    {attribute}\n    def __init__(self): self.x = 1"
    assert renewed("class A: pass", new, alarm=alarm, functools=functools)[0] == {"x": 1}


def test_read_only_members_of_c_types_are_left_alone():
    new = "class A(Base):\n    def __init__(self): self.buffer = 1; self.x = 2"
    versions = Versions("class A(Base): pass", new, Base=io.TextIOWrapper)
    instance = versions.new["A"].__new__(versions.new["A"])
    assert versions.additions().give(instance) == ["x"]


@pytest.mark.parametrize("base", [types.SimpleNamespace, Exception, dict, pygame.sprite.Sprite])
def test_instances_with_a_dict_of_whatever_kind(base):
    text = "class A(Base):\n    def __init__(self): Base.__init__(self)"
    versions = Versions(text, text + "; self.x = [1]", Base=base)
    instance = versions.moved()
    assert versions.additions().give(instance) == ["x"]
    assert instance.x == [1]


def test_instances_whose_dict_is_of_a_hostile_subclass():
    class Loud(dict):
        __getitem__ = __setitem__ = __contains__ = __iter__ = keys = get = pop = alarm

    versions = Versions("class A: pass", "class A:\n    def __init__(self): self.x = 1")
    instance = versions.moved()
    instance.__dict__ = Loud()
    found = versions.additions()
    assert found.give(instance) == ["x"]
    assert found.give(instance) == []
    assert instance.x == 1
    found.take_back(instance, ["x"])
    assert dict.__len__(instance.__dict__) == 0


def test_classes_are_instances_without_a_place():
    versions = Versions("class A(type): pass", "class A(type):\n    def __init__(self, *args): self.x = 1")
    made = versions.old["A"]("made", (), {})
    assert additions(versions.old["A"], versions.new["A"], versions.initial_of).give(made) == []


def test_fields_that_are_no_fields_are_left_out():
    new = "class A:\n    __dataclass_fields__ = {'x': 1, 'y': HOSTILE}\n    __init__ = make"
    assert not Versions("class A: pass", new, HOSTILE=NAMES["HOSTILE"], make=alarm).additions()
    new = "class A:\n    __dataclass_fields__ = HOSTILE\n    __init__ = make"
    assert not Versions("class A: pass", new, HOSTILE=NAMES["HOSTILE"], make=alarm).additions()


def test_dataclass_helper_is_what_the_standard_library_says():
    # `additions` reads the fields through a stand-in for the class.
    shown = types.SimpleNamespace(__dataclass_fields__=dataclasses.make_dataclass("D", ["a"]).__dataclass_fields__)
    assert [field.name for field in dataclasses.fields(shown)] == ["a"]
