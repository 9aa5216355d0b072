"""Early cut-off: dependants are executed again only if something that they used while loading is another."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

BASE = """
LIMIT = 3
KINDS = []
class Base:
    speed = 1
    def update(self): return "v1"
    def describe(cls_or_self): return "described v1"
    @staticmethod
    def tell(): return "told v1"
    sprites, rest = (), ...
    @property
    def half(self): return "half v1"
def helper(n=1): return _inner(n)
def _inner(n): return n
EMPTY, MANY, REST, NOTHING = (), ((1, "a"), (None, 2.5)), ..., frozenset()
"""


def dependants(report):
    return {path.name for path in report.reloaded[0].dependants}


EDITS = {
    "a method": ('return "v1"', 'return "v2"'),
    "a static method": ("told v1", "told v2"),
    "a property": ("half v1", "half v2"),
    "a comment": ("LIMIT = 3", "# three\nLIMIT = 3"),
    "a function that nobody called": ("return _inner(n)", "return _inner(n) * 2"),
    "an equal constant": ("LIMIT = 3", "LIMIT = 1 + 2"),
    "a new private name": ("LIMIT = 3", "LIMIT = 3\n_more = 1"),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("layout", ["merged", "modules"])
def test_who_cannot_tell_the_difference_is_not_executed_again(project, edit, layout):
    home = "game" if layout == "merged" else "game.base"
    scripts = {
        "base.py": BASE,
        "sub.py": f"from {home} import Base\nclass Sub(Base):\n    def own(self): return super().update()\n",
        "data.py": f"from dataclasses import dataclass\nfrom {home} import Base\n@dataclass\nclass Data(Base):\n    hp: int = 3\n",
        "uses.py": f"from {home} import Base, helper, LIMIT\ndef make(): return Base(), helper()\nTWICE = LIMIT * 2\n",
        "star.py": f"from {home} import *\nclass Star(Base): pass\n",
    }
    game = project(scripts, layout=layout)
    space = game.namespace
    subs = space if layout == "merged" else space.sub
    sub, kind = subs.Sub(), subs.Sub
    before = {module.__name__: dict(vars(module)) for module in sys.modules.values() if module.__name__ == "game.sub"}
    report = game.save("base.py", BASE.replace(*EDITS[edit]))
    # `from base import *` may have asked for the dict of the module, and that shows all names.
    expected = {"star.py"} if (layout, edit) == ("modules", "a new private name") else set()
    assert dependants(report) == expected
    assert (type(sub), subs.Sub) == (kind, kind)
    assert sub.own() == ("v2" if edit == "a method" else "v1")
    assert sub.half == ("half v2" if edit == "a property" else "half v1")
    assert {
        module.__name__: dict(vars(module)) for module in sys.modules.values() if module.__name__ == "game.sub"
    } == before


USERS = {
    "takes a constant": "from game import LIMIT\nX = LIMIT * 2",
    "takes a class whose attribute is another": "from game import Base\nclass X(Base):\n    fast = Base.speed * 2",
    "takes a list": "from game import KINDS\nX = len(KINDS)",
    "takes everything": "from game import *\nX = LIMIT",
    "calls a function": "from game import helper\nX = helper()",
    "calls a method": "from game import Base\nX = Base().update()",
    "calls an inherited method": "from game import Middle\nX = Middle().update()",
    "is decorated": "from game import mark\n@mark\nclass X: pass",
    "has unit tests": "import unittest\nfrom game import Base\nX = 1\nclass TestIt(unittest.TestCase):\n    def test(self): assert Base().update()",
}


@pytest.mark.parametrize("user", USERS)
def test_who_may_have_used_what_is_new_is_executed_again(project, user):
    text = BASE + "def mark(cls):\n    cls.marked = Base.speed\n    return cls\n"
    middle = "from game import Base\nclass Middle(Base): pass\n"
    game = project({"base.py": text, "middle.py": middle, "user.py": USERS[user]})
    edited = text.replace("LIMIT = 3", "LIMIT = 4").replace("speed = 1", "speed = 2").replace('"v1"', '"v2"')
    edited = edited.replace("KINDS = []", "KINDS = [1]").replace("return n\n", "return n * 10\n")
    report = game.save("base.py", edited)
    assert "user.py" in dependants(report)
    fresh = project({"base.py": edited, "middle.py": middle, "user.py": USERS[user]}, namespace="mods")
    ours, theirs = game.namespace.X, fresh.namespace.X
    if isinstance(ours, type):
        names = {"fast", "marked"}
        ours, theirs = ({name: getattr(x, name) for name in names if hasattr(x, name)} for x in (ours, theirs))
    assert ours == theirs


def test_who_is_executed_again_sees_all_that_it_depends_on_as_it_will_be(project):
    game = project(
        {
            "a.py": "SPEED = 4",
            "b.py": "from game import SPEED\nFAST = SPEED > 3",
            "c.py": "from game import SPEED, FAST\nBOTH = SPEED, FAST",
        }
    )
    assert dependants(game.save("a.py", "SPEED = 1")) == {"b.py", "c.py"}
    assert game.namespace.BOTH == (1, False)


def test_a_method_that_a_dependant_called_while_loading_counts_wherever_it_is_inherited_from(project):
    game = project(
        {
            "base.py": BASE,
            "middle.py": "from game import Base\nclass Middle(Base): pass\n",
            "user.py": "from game import Middle\nX = Middle().update()\nY = 1\n",
            "other.py": "from game import Y\nZ = Y\n",
        }
    )
    report = game.save("base.py", BASE.replace('"v1"', '"v2"'))
    assert dependants(report) == {"middle.py", "user.py"}
    assert game.namespace.X == "v2"


def test_the_cut_is_where_nothing_is_new_any_more(project):
    game = project(
        {
            "a.py": "SPEED = 4",
            "b.py": "from game import SPEED\nFAST = SPEED > 3",
            "c.py": "from game import FAST\nX = FAST",
            "d.py": "from game import X\nBOTH = 0, X",
        }
    )
    assert dependants(game.save("a.py", "SPEED = 5")) == {"b.py"}
    assert game.namespace.BOTH == (0, True)
    assert dependants(game.save("a.py", "SPEED = 1")) == {"b.py", "c.py", "d.py"}
    assert game.namespace.BOTH == (0, False)


def test_a_base_that_has_to_be_replaced_is_replaced_beneath_those_that_are_not_executed(project):
    hook = "    @livescripts.after_reload\n    def again(self, old): self.seen = True\n"
    text = "import livescripts\nclass Base:\n    def act(self): return 1\n" + hook
    game = project({"base.py": text, "sub.py": "from game import Base\nclass Sub(Base):\n    own = Base\n"})
    sub, kind = game.namespace.Sub(), game.namespace.Sub
    report = game.save("base.py", text.replace("return 1", "return 2"))
    assert dependants(report) == set()
    assert (game.namespace.Sub, type(sub)) == (kind, kind)
    assert kind.__mro__ == (kind, game.namespace.Base, object)
    assert kind.own is game.namespace.Base
    assert (sub.act(), sub.seen) == (2, True)
    module = sys.modules[kind.__module__]
    assert module.Base is game.namespace.Base
    # What it holds by now is no change of the game's: the next version of it wins.
    assert (
        not game.save("sub.py", "from game import Base\nclass Sub(Base):\n    own = Base\n    more = 1\n")
        .reloaded[0]
        .kept
    )


def test_a_registration_is_made_once_whoever_is_executed(project):
    text = "KINDS = []\ndef register(cls):\n    KINDS.append(cls)\n    return cls\n"
    game = project({"a.py": text, "b.py": "from game import register\n@register\nclass Orc: pass\n"})
    orc = game.namespace.Orc
    game.save("a.py", text + "X = 1\n")
    assert game.namespace.KINDS == [orc] == [game.namespace.Orc]
    game.namespace.KINDS.append("the game's")
    game.save("a.py", text + "X = 2\n")
    # The order is that of the registrations, and this one was made anew.
    assert Counter(game.namespace.KINDS) == Counter([game.namespace.Orc, "the game's"])


def test_what_a_provider_calls_while_it_is_loaded_for_somebody_is_its_own(project):
    base = "def mark(cls): return cls\n@mark\nclass Base:\n    def act(self): return 1\n"
    # So that it is loaded in the midst of the one that needs it.
    sub = "import game\n_Base = getattr(game, 'Ba' 'se')\nclass Sub(_Base): pass\n"
    game = project({"a_sub.py": sub, "base.py": base})
    assert dependants(game.save("base.py", base.replace("1", "2"))) == set()


def test_whoever_takes_what_his_text_does_not_show_is_always_executed_again(project):
    edited = BASE.replace('"v1"', '"v2"')
    sub = "import importlib\n_Base = getattr(importlib.import_module('game'), 'Base')\nclass Sub(_Base): pass\n"
    game = project({"base.py": BASE, "sub.py": sub})
    game.save("sub.py", sub + "X = 1\n")
    assert dependants(game.save("base.py", edited)) == {"sub.py"}


def test_what_calls_are_made_is_unknown_under_another_profiler(project):
    if sys.version_info >= (3, 12):
        for number in (3, 4):
            if sys.monitoring.get_tool(number) is None:
                sys.monitoring.use_tool_id(number, "somebody else")
        taken = [number for number in (3, 4) if sys.monitoring.get_tool(number) == "somebody else"]
        ours = [number for number in (3, 4) if sys.monitoring.get_tool(number) == "livescripts"]
        for number in ours:
            sys.monitoring.free_tool_id(number)
            sys.monitoring.use_tool_id(number, "somebody else")
            taken.append(number)
    else:
        sys.setprofile(lambda *_: None)
    try:
        game = project({"base.py": BASE, "sub.py": "from game import Base\nclass Sub(Base): pass\n"})
        report = game.save("base.py", BASE.replace('"v1"', '"v2"'))
    finally:
        if sys.version_info >= (3, 12):
            for number in taken:
                sys.monitoring.free_tool_id(number)
        else:
            sys.setprofile(None)
    assert dependants(report) == {"sub.py"}


def test_a_broken_base_leaves_its_dependants_alone(project):
    game = project({"base.py": BASE, "sub.py": "from game import Base\nX = []\nclass Sub(Base): pass\n"})
    sub = game.namespace.Sub
    report = game.save("base.py", BASE + "1 / 0\n")
    assert report.rejected[0].scripts == (Path(game.ROOT, "base.py"),)
    assert game.namespace.Sub is sub
    game.save("base.py", BASE.replace('"v1"', '"v2"'))
    assert sub().update() == "v2"


# What was taken, how it is edited, how it is used while loading: the user has to see what a fresh load would show.
SEEN = {
    "a compiled pattern": ("import re\nP = re.compile('{0}')", "a", "b", "P", "P.findall('abab')"),
    "an itemgetter": ("import operator\nP = operator.itemgetter({0})", "0", "1", "P", "P('ab')"),
    "an array": ("import array\nP = array.array('i', [{0}])", "1", "2", "P", "P[0]"),
    "a random generator": ("import random\nP = random.Random({0})", "1", "2", "P", "P.getstate()"),
    "the factory of a defaultdict": (
        "import collections\nP = collections.defaultdict({0})", "list", "set", "P", "P.default_factory"),
    "the length of a deque": ("import collections\nP = collections.deque([], {0})", "3", "4", "P", "P.maxlen"),
    "two names of one object": ("A = []\nP = {0}", "A", "[]", "A, P", "A is P"),
    "a function without a file": ("P = eval('lambda: {0}')", "1", "2", "P", "P()"),
    "what is caught": (
        "def P(a):\n    try:\n        int(a)\n    except {0}:\n        return 'caught'\n", "ValueError", "(ValueError, TypeError)",
        "P", "P('x')"),
    "a class that is registered": (
        "import abc\nclass P(abc.ABC): pass\nclass Q: pass\n{0}", "", "P.register(Q)", "P, Q", "issubclass(Q, P)"),
    "an annotation": ("P: {0} = 1", "int", "float", "P", "__import__('sys').modules[P_MODULE].__annotations__['P']"),
}  # fmt: skip


@pytest.mark.parametrize("what", SEEN)
def test_a_user_sees_what_a_fresh_load_would_show(project, what):
    text, before, after, names, use = SEEN[what]
    user = f"from game.a import {names}\nimport game.a\nP_MODULE = game.a.__name__\nSEEN = {use}\n"
    game = project({"a.py": text.format(before), "b.py": user}, layout="modules")
    game.save("a.py", text.format(after))
    seen = game.namespace.b.SEEN
    game.close()
    fresh = project({"a.py": text.format(after), "b.py": user}, layout="modules")
    assert seen == fresh.namespace.b.SEEN


def test_names_that_a_star_import_does_not_bring_any_more_are_gone(project):
    game = project({"a.py": "__all__ = ['X', 'Y']\nX = Y = 1", "b.py": "from game.a import *\n"}, layout="modules")
    game.save("a.py", "__all__ = ['X']\nX = Y = 1")
    assert not hasattr(game.namespace.b, "Y")


@pytest.mark.parametrize("how", ["R['a'] = {}", "put({})", "Config.limit = {}"])
def test_what_a_script_did_to_another_one_reaches_those_after_it(project, how):
    base = "R = {}\nclass Config: limit = 0\ndef put(value): R['a'] = value\n"
    text = "from game import R, put, Config\n" + how + "\nDONE = 1\n"
    user = "from game import DONE, R, Config\nV = R.get('a'), Config.limit\n"
    game = project({"base.py": base, "a.py": text.format(1), "b.py": user})
    game.save("a.py", text.format(2))
    assert 2 in game.namespace.V


def test_calls_of_functions_that_are_alike_in_two_scripts_count_for_both(project):
    user = "import game.a, game.b\nV = game.a.f(), game.b.f()\n"
    game = project({"a.py": "def f(): return 1", "b.py": "def f(): return 1", "c.py": user}, layout="modules")
    game.save("a.py", "def f(): return 2")
    assert game.namespace.c.V == (2, 1)
    game.save("a.py", "def f(): return 1")
    game.save("b.py", "def f(): return 3")
    assert game.namespace.c.V == (1, 3)


def test_a_call_in_a_thread_that_a_script_starts_counts(project):
    user = (
        "from game import f\nimport threading\nfound = []\nt = threading.Thread(target=lambda: found.append(f()))\n"
        "t.start()\nt.join()\nV = found[0]\n"
    )
    game = project({"a.py": "def f(): return 1", "b.py": user})
    game.save("a.py", "def f(): return 2")
    assert game.namespace.V == 2


def test_a_script_that_takes_the_profiler_away_is_always_executed_again(project):
    user = "import sys\nfrom game import f\nsys.setprofile(None)\nV = f()\n"
    game = project({"a.py": "def f(): return 1", "b.py": user})
    game.save("a.py", "def f(): return 2")
    assert game.namespace.V == 2
