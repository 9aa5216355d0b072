"""An analysis as plain values, and back."""

import dataclasses
import inspect
import marshal
import sys
from textwrap import dedent

import pytest

from livescripts._core.analysis import Analysis, analyse, details, edited
from livescripts._core.records import pack, pack_details, unpack, unpack_details

SCRIPT = dedent("""
    from __future__ import annotations
    import os.path
    from game.x import Goblin
    from livescripts import Keep
    score: Keep[int] = 0
    try:
        import fast
    except ImportError:
        fast = None

    class A(Goblin):
        kinds = []
        class Inner:
            x: int = 1
        def __init__(self, a, *, b):
            super().__init__(a)
            self.x = self.y = 1
            self.z = a
            Goblin.__init__(self)
            if b:
                super().__init__()

    def f():
        global score
        score += 1
""")


def outline(analysis: Analysis) -> tuple[object, ...]:
    a = analysis
    return (a.names, a.imports, a.rebound, a.references, a.star, a.opaque)


def there_and_back(source: str, *, keys: bool = False) -> Analysis:
    analysis = analyse(source)
    found = marshal.dumps(pack_details(details(source, keys=keys)))
    plain = marshal.loads(marshal.dumps(pack(analysis)))
    return unpack(plain, lambda: unpack_details(marshal.loads(found)))


@pytest.mark.parametrize("keys", [False, True])
def test_what_comes_back_is_what_was_packed(keys):
    before, after = analyse(SCRIPT), there_and_back(SCRIPT, keys=keys)
    assert outline(after) == outline(before)
    assert after.details == before.details
    assert list(after.bindings) == list(before.bindings)
    assert after.statements == before.statements
    assert after.initials["A"].goes_on
    assert all((binding.key is not None) is keys for binding in after.statements.values())


@pytest.mark.parametrize("name", ["ast", "dataclasses", "enum", "inspect", "socket", "tokenize", "typing", "warnings"])
def test_real_modules_survive_the_journey(name):
    __import__(name)
    source = inspect.getsource(sys.modules[name])
    before, after = analyse(source), there_and_back(source)
    assert outline(after) == outline(before)
    assert after.details == before.details


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("x = 1", "x  =  1  # one", False),
        ("x = 'a'", 'x = "a"', False),
        ("x = 1", "x = 2", True),
        ("import x\nx = 1", "import x\nx  = 1", False),
        ("import x\nx = 1", "import x\nx = 2", True),
        ("import x\nx = 1", "import x as x\nx = 1", True),
        ("@d\ndef x(): pass", "@ d\ndef x():\n  pass", False),
        ("@d\ndef x(): pass", "@e\ndef x(): pass", True),
    ],
)
def test_keys_say_what_the_texts_say(before, after, expected):
    one, other = there_and_back(before, keys=True).statements["x"], there_and_back(after, keys=True).statements["x"]
    assert one.key
    assert other.key
    assert edited(one, other) is expected
    assert edited(dataclasses.replace(one, key=None), other) is expected
    assert edited(analyse(before).statements["x"], analyse(after).statements["x"]) is expected


def test_keys_are_believed_without_looking_at_the_texts():
    one = there_and_back("x = 1", keys=True).statements["x"]
    assert not edited(one, dataclasses.replace(one, text="this does not parse"))
    assert edited(dataclasses.replace(one, key=None), dataclasses.replace(one, key=None, text="this does not parse"))


def test_what_can_no_longer_be_parsed_has_no_details():
    assert details("x = (").bindings == {}


def test_the_parser_does_not_warn_twice(recwarn):
    assert analyse("x = '\\d'").statements["x"].text == "x = '\\d'"
    assert not recwarn.list


BINDING = (1, "x = 1", None, None)
GOOD = ((("x", BINDING),), (), (("A", (("y", BINDING),)),), (("A", (None, ((("x",), "1"),), ())),))


def test_the_good_example_is_good():
    assert unpack_details(GOOD).bindings["x"].text == "x = 1"


@pytest.mark.parametrize(
    "plain",
    [
        None,
        (),
        (*GOOD, ()),
        ([], *GOOD[1:]),
        ((("x",),), *GOOD[1:]),
        (("xy",), *GOOD[1:]),
        (((1, BINDING),), *GOOD[1:]),
        ((("x", BINDING), ("x", BINDING)), *GOOD[1:]),
        ((("x", (True, "x = 1", None, None)),), *GOOD[1:]),
        ((("x", (1, b"x = 1", None, None)),), *GOOD[1:]),
        ((("x", (1, "x = 1", "sometimes", None)),), *GOOD[1:]),
        ((("x", (1, "x = 1", [], None)),), *GOOD[1:]),
        ((("x", (1, "x = 1", None, "key")),), *GOOD[1:]),
        (*GOOD[:3], (("A", (None, None)),)),
        (*GOOD[:3], (("A", ([], None, ())),)),
        (*GOOD[:3], (("A", (((1, None),), None, ())),)),
        (*GOOD[:3], (("A", ((("base", 1),), None, ())),)),
        (*GOOD[:3], (("A", ((((1,), None),), None, ())),)),
        (*GOOD[:3], (("A", (None, None, (("x", 1),))),)),
    ],
)
def test_details_of_another_form_are_refused(plain):
    with pytest.raises(ValueError, match=r"expected|policy|twice"):
        unpack_details(plain)


NAMES = frozenset({"x"})
OUTLINE = (NAMES, NAMES, NAMES, frozenset({(0, "os.path")}), False, True)


@pytest.mark.parametrize(
    "plain",
    [
        (),
        (("x",), *OUTLINE[1:]),
        (frozenset({1}), *OUTLINE[1:]),
        (*OUTLINE[:3], frozenset({"os"}), False, True),
        (*OUTLINE[:3], frozenset({("0", "os")}), False, True),
        (*OUTLINE[:4], 0, True),
        (*OUTLINE[:5], None),
    ],
)
def test_an_outline_of_another_form_is_refused(plain):
    assert unpack(OUTLINE, lambda: details("")).opaque
    with pytest.raises(ValueError, match=r"expected|policy|twice"):
        unpack(plain, lambda: details(""))
