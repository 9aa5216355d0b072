"""Scripts that are saved, and in which only the code of functions, and values, are new."""

from __future__ import annotations

import contextlib
import gc
import inspect
import sys
import types

import pytest

from livescripts._runtime.swapping import Swap
from livescripts.testing import Project
from tests.fuzz.injection import Injector
from tests.test_amending import BASE, ORC

GOBLIN = '''
"""A goblin."""
from functools import cached_property, lru_cache, wraps
from game import Base
def loud(function):
    @wraps(function)
    def shouting(*args): return function(*args).upper()
    return shouting
FAST = 4
class Goblin(Base):
    """It hits."""
    kind = "goblin"
    def __init__(self): self.x = 1
    def hit(self, hard=2):
        """Hit."""
        return f"hits {hard}"
    @property
    def name(self): return "goblin"
    @classmethod
    def make(cls): return cls()
    @staticmethod
    def help(*, far=1): return f"far {far}"
    @loud
    def cry(self): return "cry"
    @cached_property
    def big(self): return "big"
    def later(self): return lambda: self.hit() + " later"
    class Loot:
        def worth(self): return "worth"
class Other:
    __slots__ = "one", "two"
    def stay(self): return self.one, self.two
def spawn(count=1): return [Goblin() for _ in range(count)]
'''

SMALL = {
    "a method": ("hits {hard}", "strikes {hard}"),
    "a default": ("hard=2", "hard=3"),
    "a keyword default": ("far=1", "far=2"),
    "a parameter": ("def hit(self, hard=2)", "def hit(self, hard=2, more=0)"),
    "a property": ('return "goblin"', 'return "an orc"'),
    "a class method": ("return cls()", "return cls() if 1 else None"),
    "a static method": ('f"far {far}"', 'f"near {far}"'),
    "a decorated method": ('return "cry"', 'return "weep"'),
    "a method of a class in a class": ('return "worth"', 'return "gold"'),
    "a function": ("range(count)", "range(count + 1)"),
    "a method that gives lambdas": ('" later"', '" soon"'),
    "a method that yields": ('return f"hits', 'yield f"hits'),
    "a variable": ("FAST = 4", "FAST = 5"),
    "a class variable": ('kind = "goblin"', 'kind = "orc"'),
    "a doc of a module": ("A goblin.", "An orc."),
    "a doc of a class": ("It hits.", "It strikes."),
    "a doc of a function": ("Hit.", "Strike."),
    "lines": ("FAST", "\n\n\nFAST"),
    "a comment": ("FAST = 4", "FAST = 4  # fast"),
    "a doc and more": ('"""Hit."""', '"""Strike."""\n\n        hard += 1'),
}

LARGE = {
    "a new method": ("    class Loot", "    def run(self): pass\n    class Loot"),
    "a method that goes": ("    def stay(self): return self.one, self.two", "    there = 1"),
    "a new attribute": ("self.x = 1", "self.x = self.y = 1"),
    "a base": ("class Other:", "class Other(Goblin):"),
    "the order of names": (
        '    kind = "goblin"\n    def __init__(self): self.x = 1',
        '    def __init__(self): self.x = 1\n    kind = "goblin"',
    ),
    "a cached property": ('return "big"', 'return "small"'),
    "a cache": ("def spawn", "@lru_cache\ndef spawn"),
    "a decorator": (".upper()", ".title()"),
    "a new name": ("FAST = 4", "FAST = FAR = 4"),
    "a kind of value": ("FAST = 4", "FAST = [4]"),
    "a method that calls its base": ("self.hit() +", "super().__repr__() and self.hit() +"),
    "a global": (
        "def worth(self): return",
        "def worth(self):\n            global FAST\n            FAST = 4\n            return",
    ),
}


def played(space):
    """What a goblin does."""
    goblin = space.Goblin()
    hit = goblin.hit()
    return [
        hit if isinstance(hit, str) else list(hit), goblin.name, type(space.Goblin.make()), space.Goblin.help(), goblin.cry(),
        goblin.big, space.Goblin.Loot().worth(), len(space.spawn()), space.FAST, space.Goblin.kind,
        getattr(goblin, "y", 0), hasattr(goblin, "run"), space.Goblin.__doc__, space.Goblin.hit.__doc__,
        [name for name in vars(space.Goblin) if name[:2] != "__"], [base.__name__ for base in space.Goblin.__mro__],
        space.Goblin.hit.__code__.co_firstlineno, sys.modules[space.Goblin.__module__].__doc__,
    ]  # fmt: skip


def script_of(game, path="goblin.py"):
    return game.live._world.scripts[game.path(path)]


@pytest.mark.parametrize("layout", ["merged", "modules"])
@pytest.mark.parametrize("edit", [*SMALL, *LARGE])
def test_an_edit_comes_to_the_same_as_a_fresh_start(project, edit, layout):
    before, after = {**SMALL, **LARGE}[edit]
    text = GOBLIN if layout == "merged" else GOBLIN.replace("from game import Base", "from game.base import Base")
    game = project({"base.py": BASE.format(speed=1), "goblin.py": text}, layout=layout)
    space = game.namespace if layout == "merged" else sys.modules["game.goblin"]
    script, kind, held = script_of(game), space.Goblin, space.Goblin.__dict__["hit"]
    goblin = kind()
    report = game.save("goblin.py", text.replace(before, after))
    assert report.reloaded[0].scripts[0].name == "goblin.py"
    # Whether the running script gets what is new, or another one takes its place.
    assert (script_of(game) is script) == (edit in SMALL)
    assert (space.Goblin, space.Goblin.__dict__["hit"], type(goblin)) == (kind, held, kind)
    found = played(space)
    assert (script_of(game).number, script_of(game).code.co_filename) == (2, game.path("goblin.py"))
    assert inspect.getsource(kind.Loot.worth).strip() in text.replace(before, after)
    game.live.undo()
    undone = played(space)
    game.close()
    for source, expected in ((text.replace(before, after), found), (text, undone)):
        with Project({"base.py": BASE.format(speed=1), "goblin.py": source}, layout=layout) as fresh:
            anew = fresh.namespace if layout == "merged" else sys.modules["game.goblin"]
            ours, theirs = (
                [each.__name__ if isinstance(each, type) else each for each in one] for one in (expected, played(anew))
            )
            assert ours == theirs


def test_of_its_classes_those_are_reported_whose_text_is_another_one(project):
    game = project({"base.py": BASE.format(speed=1), "goblin.py": GOBLIN})
    updated = []
    game.live.on_class_updated(lambda old, new: updated.append((old, new)))
    assert [each.name for each in game.save("goblin.py", GOBLIN.replace("hits", "strikes")).reloaded[0].classes] == [
        "game.Goblin", "game.Goblin.Loot",
    ]  # fmt: skip
    assert not game.save("goblin.py", GOBLIN.replace("hits", "strikes").replace("FAST", "\nFAST")).reloaded[0].classes
    assert updated == [(kind, kind) for kind in (game.namespace.Goblin, game.namespace.Goblin.Loot)]


def test_functions_that_old_code_has_made_follow(project):
    text = (
        "def make(n):\n    def inner(): return n, 'old'\n    return inner\n"
        "class A:\n    def later(self): return lambda: 'old'"
    )
    game = project({"a.py": text})
    script, held = script_of(game, "a.py"), [game.namespace.make(1), game.namespace.make(2), game.namespace.A().later()]
    report = game.save("a.py", text.replace("old", "new"))
    assert script_of(game, "a.py") is script
    assert [each() for each in held] == [(1, "new"), (2, "new"), "new"]
    assert not report.reloaded[0].warnings
    report = game.save("a.py", text.replace("lambda: 'old'", "'no function'"))
    assert script_of(game, "a.py") is script
    assert [each() for each in held] == [(1, "old"), (2, "old"), "new"]
    assert "goes on with the old code" in report.reloaded[0].warnings[0]
    game.save("a.py", text.replace("old", "back"))
    assert [each() for each in held] == [(1, "back"), (2, "back"), "back"]


@pytest.mark.parametrize("edit", ["return function(*args).upper()", "return function(*args).title()"])
def test_a_decorator_that_is_saved_along_with_its_users(project, edit):
    head, _, tail = GOBLIN.partition("FAST = 4")
    loud = "from functools import wraps\n" + head.partition("from game import Base\n")[2]
    texts = {
        "loud.py": loud,
        "goblin.py": "from functools import cached_property\nfrom game import Base, loud\nFAST = 4" + tail,
    }
    game = project({"base.py": BASE.format(speed=1), **texts})
    goblin, cry = game.namespace.Goblin(), game.namespace.Goblin.cry
    game.write("loud.py", "\n\n" + texts["loud.py"].replace("return function(*args).upper()", edit))
    game.save("goblin.py", texts["goblin.py"].replace('"cry"', '"weep"'))
    expected = "WEEP" if "upper" in edit else "Weep"
    assert [goblin.cry(), cry(goblin), game.namespace.Goblin().cry()] == [expected] * 3
    assert cry.__code__.co_filename == game.path("loud.py")
    game.live.undo()
    assert [goblin.cry(), cry(goblin), game.namespace.Goblin().cry()] == ["CRY"] * 3


def test_what_a_frozen_heap_has_hidden_is_found_with_the_next_edit(project):
    game = project({"a.py": "class A:\n    def __init__(self): self.x = 1\n    def hit(self): return 1"})
    held = [game.namespace.A, game.namespace.A()]
    gc.freeze()
    try:
        game.save("a.py", "class A:\n    def __init__(self): self.x, self.y = 1, 2\n    def hit(self): return 1")
        assert held[0] is not game.namespace.A
    finally:
        gc.unfreeze()
    game.save("a.py", "class A:\n    def __init__(self): self.x, self.y = 1, 2\n    def hit(self): return 2")
    assert held[0] is game.namespace.A
    assert held[1].hit() == 2


def test_what_an_edited_script_takes_is_known(project):
    text = "import game\nclass A:\n    speed = 1\n    def hit(self): return 1"
    game = project({"a.py": text, "b.py": "FAR = 5"})
    script, kind = script_of(game, "a.py"), game.namespace.A
    game.save("a.py", text.replace("speed = 1", "speed = game.FAR"))
    assert (script_of(game, "a.py"), kind.speed) == (script, 5)
    assert game.save("b.py", "FAR = 6").reloaded[0].dependants
    assert kind.speed == 6
    game.save("a.py", text)
    assert not game.save("b.py", "FAR = 7").reloaded[0].dependants
    assert (script_of(game, "a.py"), kind.speed) == (script, 1)


def test_a_generator_goes_on_and_the_next_one_is_new(project):
    text = "class A:\n    def walk(self):\n        yield 'old'\n        yield 'old'"
    game = project({"a.py": text})
    walk = game.namespace.A().walk()
    assert next(walk) == "old"
    game.save("a.py", text.replace("old", "new"))
    assert (next(walk), [*game.namespace.A().walk()]) == ("old", ["new", "new"])


@pytest.mark.parametrize("below", [False, True])
def test_who_wants_to_be_told_of_an_edit_is_told(project, below):
    hook = "    @livescripts.after_reload\n    def told(self, old): self.times = getattr(self, 'times', 0) + 1\n"
    text = f"import livescripts\nclass A:\n    def hit(self): return 1\n{'' if below else hook}"
    other = f"import livescripts\nfrom game import A\nclass B(A):\n{hook if below else '    pass'}"
    game = project({"a.py": text, "b.py": other})
    ours = game.namespace.B()
    game.save("a.py", text.replace("return 1", "return 2"))
    assert (ours.hit(), ours.times) == (2, 1)


def test_a_save_that_changes_a_constant_and_who_took_it(project):
    game = project({"base.py": BASE.format(speed=4), "orc.py": ORC})
    scripts = [script_of(game, path) for path in ("base.py", "orc.py")]
    orc = game.namespace.Orc()
    game.save("base.py", BASE.format(speed=7).replace("return self.speed", "return self.speed * 2"))
    assert [script_of(game, path) for path in ("base.py", "orc.py")] == scripts
    assert (orc.walk(), orc.speed, game.namespace.SPEED) == (14, 7, 7)


@pytest.mark.parametrize("step", range(14))
def test_a_commit_that_fails_takes_edits_back(project, monkeypatch, step):
    from livescripts._runtime import amending, transaction

    game = project({"base.py": BASE.format(speed=1), "goblin.py": GOBLIN})
    before, script = played(game.namespace), script_of(game)
    version, held = script.version, game.namespace.Goblin().later()
    edit = GOBLIN.replace("hits", "strikes").replace("FAST = 4", "\nFAST = 5").replace("It hits", "It bites")
    real, calls = amending._assign, []

    def fails(*args):
        calls.append(args)
        if len(calls) == step + 1:
            raise RuntimeError("injected")
        real(*args)

    with monkeypatch.context() as patched:
        if step < 13:
            patched.setattr(amending, "_assign", fails)
        else:
            patched.setattr(transaction, "settle", lambda *_, **__: 1 / 0)
        assert game.save("goblin.py", edit).rejected
    assert (played(game.namespace), held()) == (before, "hits 2 later")
    assert (script.version, script.number, script_of(game)) == (version, 1, script)
    assert game.save("goblin.py", edit.replace("strikes", "bites")).reloaded
    assert (played(game.namespace)[0], held()) == ("bites 2", "bites 2 later")


# ------------------------------------------------------------------ what was edited, and who depends on it without a name


def test_a_function_made_by_an_earlier_call_is_what_one_made_now_would_be(project):
    text = "def make():\n    def inner(x=1, *, y=1): return x, y\n    return inner\nfirst = make()"
    game = project({"a.py": text})
    held, code = game.namespace.make(), game.namespace.first.__code__
    game.save("a.py", text.replace("x=1, *, y=1", "x=2, *, y=3"))
    assert game.namespace.first.__code__ is not code
    assert held() == game.namespace.first() == (2, 3)


ANSWERS = {
    "how it is answered": ("'fly'", "'run'"),
    "a value of that": ("swims = 0", "swims = 1"),
    "what it asks": ("swims) > 0", "swims) >= 0"),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_an_abstract_class_remembers_no_answer_that_an_edit_made_wrong(project, what):
    text = (
        "from abc import ABC\n"
        "def asked(swims): return int(swims) > 0\n"
        "class Mover(ABC):\n"
        "    @classmethod\n"
        "    def __subclasshook__(cls, other): return hasattr(other, 'fly') or asked(other.swims)\n"
        "class Bird:\n    swims = 0\n    run = None\nclass Duck(Bird): pass\n"
    )
    before, after = ANSWERS[what]
    game = project({"a.py": text})
    space = game.namespace
    assert not isinstance(space.Duck(), space.Mover)
    game.save("a.py", text.replace(before, after))
    assert isinstance(space.Duck(), space.Mover)
    game.live.undo()
    assert not isinstance(space.Duck(), space.Mover)


def test_who_wants_the_game_to_end_while_what_was_made_goes_finds_each_world_in_place():
    for step in range(1, 200):
        swap, things = Swap(), [{"live": 0}, {"live": 1}, [2], {"live": 3}, [4]]
        for thing in things:
            swap.add(thing)
            thing.clear()
        swap.forget(things[0])
        things[3]["staged"] = 3
        with contextlib.suppress(KeyboardInterrupt), Injector(step, KeyboardInterrupt) as injector:
            swap.tidy()
        swap.show(staged=False)
        assert things == [{"live": 0}, {"live": 1}, [2], {"live": 3}, [4]], injector.where
        assert [swap.staged_contents(thing) for thing in things[1:]] == [{}, [], {"staged": 3}, []], injector.where
        swap.show(staged=True)
        assert things == [{"live": 0}, {}, [], {"staged": 3}, []], injector.where
        if not injector.where:
            break
    assert step > 5


def test_what_a_cache_has_kept_of_old_code_is_forgotten(project):
    text = "from functools import cache\ndef far(): return 1\n@cache\ndef thing(n): return far() + n\nclass Thing:\n    @cache\n    def hit(self): return far()"
    game = project({"a.py": text})
    script, thing, it = script_of(game, "a.py"), game.namespace.thing, game.namespace.Thing()
    assert (thing(1), it.hit()) == (2, 1)
    game.save("a.py", text.replace("return 1", "return 2"))
    assert (script_of(game, "a.py") is script, game.namespace.thing is thing) == (True, True)
    assert (thing(1), it.hit()) == (3, 2)
    game.save("a.py", text.replace("far() + n", "far() - n"))
    assert (script_of(game, "a.py") is script, thing(1)) == (True, 0)


def test_a_table_that_the_game_has_changed_is_not_taken_for_what_it_was(project):
    text = (
        "class Kind:\n    def __init__(self, hp): self.hp = hp\ngoblin = Kind(3)\norcs = [Kind(5)]\ndef hit(): return 1"
    )
    game = project({"a.py": text})
    space = game.namespace
    goblin, orc = space.goblin, space.orcs[0]
    goblin.hp = orc.hp = 9
    game.save("a.py", text.replace("return 1", "return 2"))
    assert (space.hit(), space.goblin, space.orcs) == (2, goblin, [orc])
    assert (goblin.hp, orc.hp) == (9, 9)
    game.save("a.py", text.replace("return 1", "return 3").replace("Kind(3)", "Kind(4)"))
    assert (space.hit(), space.goblin.hp, orc.hp) == (3, 4, 9)


def test_an_enumeration_that_is_edited_stays_where_only_code_is_new(project):
    text = "import enum\nclass Color(enum.Enum):\n    RED = 1\n    def low(self): return 'red'\nclass Goblin:\n    color = Color.RED"
    game = project({"a.py": text})
    script, red = script_of(game, "a.py"), game.namespace.Color.RED
    game.save("a.py", text.replace("'red'", "'low'"))
    assert (script_of(game, "a.py") is script, red.low(), game.namespace.Goblin.color) == (True, "low", red)
    game.save("a.py", text.replace("RED = 1", "RED = 2"))
    assert (script_of(game, "a.py") is script, red.low()) == (False, "red")
    assert game.namespace.Goblin.color is game.namespace.Color.RED
    assert game.namespace.Color.RED.value == 2


def test_who_takes_members_of_an_enumeration_is_amended_beside_it(project):
    kinds = (
        "import enum\nfrom game import SPEED\nclass Kind(enum.Enum):\n    ORC = 1\n    def far(self, n=SPEED): return n"
    )
    user = "from game import Kind, SPEED\nclass Orc:\n    kind = Kind.ORC\n    speed = SPEED\nTABLE = {Kind.ORC: Orc}"
    game = project({"base.py": BASE.format(speed=4), "kinds.py": kinds, "user.py": user})
    space = game.namespace
    member, orc, table = space.Kind.ORC, space.Orc, space.TABLE
    before = [script_of(game, path) for path in ("kinds.py", "user.py")]
    game.save("base.py", BASE.format(speed=7))
    assert [script_of(game, path) for path in ("kinds.py", "user.py")] == before
    assert (space.Kind.ORC, space.Orc, space.TABLE, orc.kind, orc.speed, member.far()) == (
        member,
        orc,
        table,
        member,
        7,
        7,
    )
    assert table[member] is orc


def test_a_table_is_found_by_a_key_whose_hash_is_edited(project):
    text = (
        "class Place:\n    def __init__(self, x): self.x = x\n    def __eq__(self, other): return self.x == other.x\n"
        "    def __hash__(self): return hash((self.x, 1))\nTILES = {Place(1): 'wall'}"
    )
    game = project({"a.py": text})
    game.save("a.py", text.replace("(self.x, 1)", "(self.x, 2)"))
    assert game.namespace.TILES[game.namespace.Place(1)] == "wall"


@pytest.mark.parametrize("way", ["ref", "proxy"])
def test_who_refers_weakly_to_an_instance_has_one_that_is_there(project, monkeypatch, way):
    host = types.ModuleType("host_of_amending")
    host.table = {}
    monkeypatch.setitem(sys.modules, "host_of_amending", host)
    text = (
        "import weakref\nimport host_of_amending as host\nclass Boss:\n    def __init__(self): self.hp = 5\n"
        f"boss = Boss()\nhost.table['boss'] = weakref.{way}(boss)\ndef hit(): return 1"
    )
    game = project({"a.py": text})
    report = game.save("a.py", text.replace("return 1", "return 2"))
    assert not report.rejected
    boss = host.table["boss"]() if way == "ref" else host.table["boss"]
    assert (boss.hp, boss.__class__) == (5, game.namespace.Boss)
