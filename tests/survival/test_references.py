"""What the host holds of a script becomes the new object, wherever the host put it, and handlers are never doubled."""

from __future__ import annotations

import gc
import sys
import textwrap
import types
import typing
import weakref
from collections import deque

import pytest


@pytest.fixture(autouse=True)
def _moving(moving):
    """A class that is edited in place needs no references replaced: what is meant here is one that cannot be."""


@pytest.fixture
def host_with(monkeypatch):
    """Makes the host's module `arcade` from a text. Scripts may import it, too."""

    def make(text):
        module = types.ModuleType("arcade")
        monkeypatch.setitem(sys.modules, "arcade", module)
        exec(compile(textwrap.dedent(text), "arcade.py", "exec", dont_inherit=True), vars(module))
        return module

    return make


def save(game, text, path="a.py"):
    """Save one script, which must be taken over."""
    report = game.save(path, text)
    assert report.reloaded, str(report)
    return report.reloaded[0]


def let_typing_forget():
    """Empty the caches of `typing`, as CPython's own tests for leaks do: they hold the last 128 classes in hints."""
    for clear in typing._cleanups:
        clear()


# ------------------------------------------------------------------ wherever the host put it


# What a script exports as `Thing`: its text, and what shows which version of it one has.
THINGS = {
    "class": ("class Thing:\n    v = '{0}'\n    @classmethod\n    def make(cls): return cls\n", "New().v == '{0}'"),
    "decorated function": (
        (
            "def old(f):\n    def wrapper(): return f()\n    return wrapper\n"
            "def new(f):\n    def another(): return f()\n    return another\n"
            "@{0}\ndef Thing(): return '{0}'\n"
        ),
        "New() == '{0}'",
    ),
    "function that became a class": ("{0}", "New().v == '{0}'"),
    "instance": (
        "class Player:\n    def __init__(self): self.v = '{0}'\n    def hit(self): return self.v\nThing = Player()\n",
        "New.v == New.hit() == '{0}'",
    ),
}
FUNCTION = "def Thing():\n    import types\n    return types.SimpleNamespace(v='old')\n"
CLASS = "class Thing:\n    v = 'new'\n"

# Where the host puts a `Thing`, and what must be true with `New` for the one that the script exports now.
HOLDERS = {
    "a global": ("", "Thing is New"),
    "a list": ("x = [1, Thing, Thing]", "x[0] == 1 and x[1] is x[2] is New"),
    "a list in a list": ("x = [[[Thing]]]", "x[0][0][0] is New"),
    "a tuple": ("x = (1, Thing, 'x')", "x[1] is New and x[::2] == (1, 'x')"),
    "a tuple in a tuple": ("x = (1, (2, (Thing,)))", "x[1][1][0] is New and x[1][0] == 2"),
    "a tuple in a list": ("x = [('hit', Thing)]", "x == [('hit', New)]"),
    "a tuple that two hold": ("x = (Thing, 1)\ny = [x]", "x[0] is New and y[0] is x"),
    "a tuple in a tuple in a default argument": ("def get(x=None, *, y=((Thing,),)): return y", "get()[0][0] is New"),
    "a tuple as a key": ("x = {(Thing, 1): 'v', 2: 3}", "x[New, 1] == 'v' and list(x.values()) == ['v', 3]"),
    "a tuple of tuples as a key": ("x = {((Thing, 1), 2): 'v'}", "x[(New, 1), 2] == 'v'"),
    "a tuple in a set": ("x = {(Thing, 1)}", "x == {(New, 1)}"),
    "a named tuple": (
        "from collections import namedtuple\nPair = namedtuple('Pair', 'a b')\nx = Pair(1, Thing)",
        "x.b is New and x.a == 1 and type(x) is Pair",
    ),
    "a set": ("x = {Thing, 1}", "x == {New, 1}"),
    "a frozenset": ("x = frozenset({Thing, 1})", "x == {New, 1} and type(x) is frozenset"),
    "a frozenset as a key": ("x = {frozenset({Thing}): 'v'}", "x[frozenset({New})] == 'v'"),
    "a value of a dict": ("x = {1: 0, 'thing': Thing, 2: 0}", "x['thing'] is New and list(x) == [1, 'thing', 2]"),
    "a key of a dict": ("x = {1: 0, Thing: 'v', 2: 0}", "x[New] == 'v' and list(x) == [1, New, 2]"),
    "a dict in a dict": ("x = {'a': {'b': Thing}}", "x['a']['b'] is New"),
    "a deque": (
        "from collections import deque\nx = deque([1, Thing, 2], maxlen=3)",
        "list(x) == [1, New, 2] and x.maxlen == 3",
    ),
    "an OrderedDict": (
        "from collections import OrderedDict\nx = OrderedDict([(1, 0), (Thing, 'v'), (2, Thing)])",
        (
            "list(x.items()) == [(1, 0), (New, 'v'), (2, New)] and x.popitem() == (2, New)"
            " and x.setdefault(2, New) is New and type(x) is OrderedDict"
        ),
    ),
    "a defaultdict": (
        "from collections import defaultdict\nx = defaultdict(list)\nx[Thing].append(Thing)",
        "dict(x) == {New: [New]} and x.default_factory is list",
    ),
    "a Counter": ("from collections import Counter\nx = Counter([Thing, Thing])", "x[New] == 2 and len(x) == 1"),
    "a ChainMap": ("from collections import ChainMap\nx = ChainMap({}, {'a': Thing})", "x['a'] is New"),
    "a UserDict": ("from collections import UserDict\nx = UserDict({'a': Thing})", "x['a'] is New"),
    "a view of a dict": ("import types\nx = types.MappingProxyType({'a': Thing})", "x['a'] is New"),
    "a heap": ("import heapq\nx = [(2, 'b', Thing)]\nheapq.heappush(x, (1, 'a', Thing))", "x[0][2] is x[1][2] is New"),
    "a queue": (
        "import queue\nx = queue.Queue()\nx.put(Thing)",
        "x.queue[0] is New",
    ),
    "a closure": (
        "def make(thing):\n    def get(): return thing\n    return get\nx = make(Thing)",
        "x() is New",
    ),
    "a default argument": (
        "def x(a, thing=Thing): return thing\ny = lambda thing=(1, Thing): thing[1]",
        "x(1) is y() is New",
    ),
    "a default of a keyword": ("def x(*, thing=Thing): return thing", "x() is New"),
    "an attribute of a function": ("def x(): pass\nx.thing = Thing", "x.thing is New"),
    "an instance": (
        "class Slot: pass\nx = Slot()\nx.a, x.thing, x.b = 1, Thing, 2",
        "x.thing is New and list(vars(x)) == ['a', 'thing', 'b']",
    ),
    "a guarded instance": (
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Slot:\n    thing: object\nx = Slot(Thing)",
        "x.thing is New",
    ),
    "slots": (
        (
            "class Slot:\n    __slots__ = ('thing', 'empty', '__private')\n"
            "    def __init__(self): self.thing = self.__private = Thing\n    def get(self): return self.__private\n"
            "class Sub(Slot): __slots__ = ('more',)\nx = Sub()\nx.more = Thing"
        ),
        "x.thing is x.more is x.get() is New and not hasattr(x, 'empty')",
    ),
    "guarded slots": (
        (
            "from dataclasses import dataclass\n@dataclass(frozen=True, slots=True)\nclass Slot:\n    thing: object\n"
            "x = Slot(Thing)"
        ),
        "x.thing is New",
    ),
    "an instance of a list": ("class Row(list): pass\nx = Row([Thing])", "x == [New] and type(x) is Row"),
    "an instance of a dict": ("class Table(dict): pass\nx = Table(a=Thing)", "x == {'a': New} and type(x) is Table"),
    "an instance of a tuple": (
        "class Pair(tuple): pass\nx = Pair((1, Thing))\nx.name = 'n'",
        "x == (1, New) and type(x) is Pair and x.name == 'n'",
    ),
    "an attribute of a class": (
        "class Holder:\n    thing = Thing\n    row = [Thing]\n    pair = (1, Thing)\n    class Inner:\n        thing = Thing",
        "Holder.thing is Holder.row[0] is Holder.pair[1] is Holder.Inner.thing is New",
    ),
    "an attribute of a guarded class": (
        (
            "class Strict(type):\n    def __setattr__(cls, name, value): raise TypeError('no')\n"
            "class Holder(metaclass=Strict):\n    thing = Thing"
        ),
        "Holder.thing is New",
    ),
    "a namespace": ("import types\nx = types.SimpleNamespace(thing=Thing)", "x.thing is New"),
    "the arguments of a partial": (
        "from functools import partial\nx = partial(lambda *args, **names: (args, names), 1, Thing, thing=Thing)",
        "x(2) == ((1, New, 2), {'thing': New})",
    ),
    "a property": ("class Holder:\n    thing = property(lambda self, thing=Thing: thing)", "Holder().thing is New"),
    "another module": (
        "import sys, types\nx = types.ModuleType('arcade_more')\nx.Thing = Thing\nx.y = [Thing]",
        "x.Thing is x.y[0] is New",
    ),
    "itself": ("x = [Thing]\nx.append(x)\ny = ([Thing],)\ny[0].append(y)", "x[0] is x[1][0] is New and y[0][0] is New"),
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("thing", THINGS)
def test_what_the_host_holds_is_the_new_one(project, host_with, thing, holder):
    text, version = THINGS[thing]
    setup, holds = HOLDERS[holder]
    words = (FUNCTION, CLASS) if thing == "function that became a class" else ("old", "new")
    game = project({"a.py": text.format(words[0])})
    arcade = host_with("from game import Thing\n" + setup)

    def check(word):
        # The same question before and after: so it asks for something that can be answered.
        names = {"New": game.namespace.Thing, "__builtins__": __builtins__}
        assert eval(version.format(word), names)
        assert eval(holds, vars(arcade) | names)

    check("old")
    save(game, text.format(words[1]))
    check("new")


# The same for what only a class can be in.
CLASS_HOLDERS = {
    "a partial": ("from functools import partial\nx = partial(Thing)", "x.func is New and type(x()) is New"),
    "a partial in a partial": (
        "from functools import partial\nx = partial(partial(lambda thing, n: thing(), Thing), 1)",
        "type(x()) is New",
    ),
    "the factory of a defaultdict": (
        "from collections import defaultdict\nx = defaultdict(Thing)\nx[1]",
        "x.default_factory is New and type(x[1]) is type(x[2]) is New",
    ),
    "a classmethod that was taken": ("x = [Thing.make]\ny = {'make': Thing.make}", "x[0]() is y['make']() is New"),
    "a list of a hint": ("x = list[Thing]", "x.__args__ == (New,) and x == list[New]"),
    "a hint in a hint": ("x = dict[str, list[Thing]]", "x == dict[str, list[New]]"),
    "a union": ("x = Thing | None", "x == New | None and isinstance(New(), x) and isinstance(None, x)"),
    "an optional": ("from typing import Optional\nx = Optional[Thing]", "x == New | None"),
    "a callable of typing": (
        "from typing import Callable\nx = Callable[[Thing], Thing]",
        "x.__args__ == (New, New)",
    ),
    "a type": ("x = type[Thing]", "x == type[New]"),
    "annotations of a function": (
        "import typing\ndef x(a: Thing, b: list[Thing]) -> Thing | None: pass",
        "typing.get_type_hints(x) == {'a': New, 'b': list[New], 'return': New | None}",
    ),
    "annotations of a class": (
        "import typing\nclass Holder:\n    thing: Thing\n    row: list[Thing]",
        "typing.get_type_hints(Holder) == {'thing': New, 'row': list[New]}",
    ),
    "annotations of the module": ("thing: Thing", "__annotations__['thing'] is New"),
    "the fields of a dataclass": (
        "from dataclasses import dataclass, field, fields\n@dataclass\nclass Holder:\n    thing: Thing = field(default_factory=Thing)",
        "fields(Holder)[0].type is New and fields(Holder)[0].default_factory is New and type(Holder().thing) is New",
    ),
    "a weak set": ("from weakref import WeakSet\nx = WeakSet([Thing, int])", "set(x) == {New, int} and len(x) == 2"),
    "the keys of a weak dict": (
        "from weakref import WeakKeyDictionary\nx = WeakKeyDictionary({Thing: 'v'})",
        "x[New] == 'v' and list(x) == [New]",
    ),
    "the values of a weak dict": (
        "from weakref import WeakValueDictionary\nx = WeakValueDictionary({'thing': Thing})",
        "x['thing'] is New",
    ),
    "an abstract class that it was registered with": (
        "from abc import ABC\nclass Drawable(ABC): pass\nDrawable.register(Thing)",
        "isinstance(New(), Drawable) and issubclass(New, Drawable)",
    ),
    "a generic function": (
        (
            "from functools import singledispatch\n@singledispatch\ndef x(thing): return 'anything'\n"
            "@x.register\ndef _(thing: Thing): return 'thing'\n@x.register(int)\ndef _(thing): return 'int'"
        ),
        (
            "x(New()) == 'thing' and x(1) == 'int' and x.dispatch(New) is not x.dispatch(object) and New in x.registry"
            " and len(x.registry) == 3"
        ),
    ),
    "a generic method": (
        (
            "from functools import singledispatchmethod\nclass Holder:\n    @singledispatchmethod\n"
            "    def x(self, thing): return 'anything'\n    @x.register(Thing)\n    def _(self, thing): return 'thing'"
        ),
        "Holder().x(New()) == 'thing' and Holder().x(1) == 'anything'",
    ),
    "a subclass": (
        "class Pet(Thing):\n    def who(self): return super().make()\nclass Puppy(Pet): pass\nx = Puppy()",
        (
            "Pet.__bases__ == (New,) and issubclass(Puppy, New) and isinstance(x, New) and x.v == New.v"
            " and x.who() is Puppy and Pet in New.__subclasses__()"
        ),
    ),
    "a subclass with more bases": (
        "class Mixin: pass\nclass Pet(Mixin, Thing): pass",
        "Pet.__bases__ == (Mixin, New) and Pet().v == New.v",
    ),
    "a function that asks for instances": (
        (
            "def x(thing): return isinstance(thing, Thing), issubclass(type(thing), Thing), isinstance(thing, (int, Thing))\n"
            "KINDS = (int, Thing)\ndef y(thing): return isinstance(thing, KINDS)"
        ),
        "x(New()) == (True, True, True) and y(New()) and x(1) == (False, False, True)",
    ),
    "a match": (
        "def x(thing):\n    match thing:\n        case Thing(v=v): return v\n        case _: return None",
        "x(New()) == New.v and x(1) is None",
    ),
    "a registry": (
        "REGISTRY = {'thing': Thing}\ndef x(): return REGISTRY['thing']()",
        "type(x()) is New and x().v == New.v",
    ),
}


@pytest.mark.parametrize("holder", CLASS_HOLDERS)
def test_a_class_that_the_host_uses_is_the_new_one(project, host_with, holder):
    text, version = THINGS["class"]
    setup, holds = CLASS_HOLDERS[holder]
    game = project({"a.py": text.format("old")})
    arcade = host_with("from game import Thing\n" + setup)

    def check(word):
        names = {"New": game.namespace.Thing, "__builtins__": __builtins__}
        assert eval(version.format(word), names)
        assert eval(holds, vars(arcade) | names)

    check("old")
    for word in ("new", "newer"):
        save(game, text.format(word))
        check(word)


@pytest.mark.parametrize("thing", ["class", "instance"])
def test_what_the_host_holds_of_an_unedited_script_is_what_that_exports(project, host_with, thing):
    text, _ = THINGS[thing]
    game = project({"base.py": "SPEED = 1", "a.py": "from game import SPEED\n" + text.format("same")})
    arcade = host_with("from game import Thing\nrow = [Thing]\npair = (1, Thing)\ntable = {Thing: 1}")
    save(game, "SPEED = 2", "base.py")
    new = game.namespace.Thing
    assert arcade.Thing is arcade.row[0] is arcade.pair[1] is new
    assert arcade.table[new] == 1


def test_after_the_commit_nobody_holds_the_old_class(project, host_with):
    text, _ = THINGS["class"]
    game = project({"a.py": text.format("old")})
    setups = [setup for setup, _ in (*HOLDERS.values(), *CLASS_HOLDERS.values())]
    arcades = [host_with("from game import Thing\n" + setup) for setup in setups]
    arcades += [host_with("from game import Thing\nx = Thing()\ny = [Thing(), x.make, {x: 1}]\nThing.link = x")]
    old = weakref.ref(game.namespace.Thing)
    save(game, text.format("new"))
    let_typing_forget()
    gc.collect()
    alive = [cls for cls in [old()] if cls is not None]
    holders = [holder for holder in gc.get_referrers(*alive) if holder is not alive] if alive else []
    # Not what the class itself needs: its tuple of superclasses, and its descriptors.
    own = {id(thing) for cls in alive for thing in (*gc.get_referents(cls), *vars(cls).values())}
    assert [f"{type(holder).__name__}: {holder!r:.200}" for holder in holders if id(holder) not in own] == []
    assert not alive
    assert len(arcades) == len(setups) + 1


# ------------------------------------------------------------------ exceptions


ERRORS = "class Boom(Exception):\n    v = '{0}'\nclass Other(Exception): pass\ndef fail(): raise Boom('{0}')\n"


@pytest.mark.parametrize(
    "catch",
    [
        "def attempt(f):\n    try: f()\n    except Boom as error: return error.v",
        "def attempt(f):\n    try: f()\n    except (Boom, OSError) as error: return error.v",
        "CAUGHT = (OSError, Boom)\ndef attempt(f):\n    try: f()\n    except CAUGHT as error: return error.v",
        "def attempt(f, caught=(OSError, Boom)):\n    try: f()\n    except caught as error: return error.v",
        "import contextlib\nQUIET = contextlib.suppress(Boom)\ndef attempt(f):\n    with QUIET: f()\n    return Boom.v",
        (
            "HANDLERS = {Boom: lambda error: error.v}\ndef attempt(f):\n    try: f()\n"
            "    except Exception as error: return HANDLERS[type(error)](error)"
        ),
        "def attempt(f):\n    try: f()\n    except* Boom as group: raised = group.exceptions[0].v\n    return raised",
    ],
    ids=["except", "a tuple", "a tuple of the module", "a default", "suppress", "handlers", "a group"],
)
def test_the_host_catches_the_new_exception(project, host_with, catch):
    game = project({"a.py": ERRORS.format("old")})
    arcade = host_with("from game import Boom, fail\n" + catch)
    assert arcade.attempt(arcade.fail) == "old"
    save(game, ERRORS.format("new"))
    assert arcade.attempt(arcade.fail) == "new"
    assert arcade.attempt(game.namespace.fail) == "new"


def test_an_exception_that_was_raised_before_is_caught_after(project, host_with):
    game = project({"a.py": ERRORS.format("old")})
    arcade = host_with("from game import Boom, Other")
    with pytest.raises(arcade.Boom) as raised:
        game.namespace.fail()
    save(game, ERRORS.format("new"))
    with pytest.raises(arcade.Boom):
        raise raised.value
    assert raised.value.v == "new"
    assert not isinstance(raised.value, arcade.Other)


# ------------------------------------------------------------------ functions that had to be replaced


HANDLER = """
class Base:
    def on_hit(self): return "base"
class Bot(Base):
    def on_hit(self): return {0}
bot = Bot()
"""


@pytest.mark.parametrize(
    ("before", "after"), [("'old'", "super().on_hit()"), ("super().on_hit()", "'new'")], ids=["gained", "lost"]
)
def test_a_bound_method_whose_function_was_replaced_is_the_one_freshly_taken(project, host_with, before, after):
    game = project({"a.py": HANDLER.format(before)})
    arcade = host_with(
        "from game import Bot\nbot = Bot()\nrow = [bot.on_hit]\ntable = {bot.on_hit: 1}\npair = ('hit', bot.on_hit)\n"
        "taken = [Bot.on_hit]"
    )
    save(game, HANDLER.format(after))
    bot = arcade.bot
    said = "base" if "super" in after else "new"
    assert arcade.row[0]() == arcade.pair[1]() == arcade.taken[0](bot) == said
    assert arcade.table[bot.on_hit] == 1
    assert arcade.pair == ("hit", bot.on_hit)
    assert arcade.taken == [game.namespace.Bot.on_hit]
    arcade.row.remove(bot.on_hit)
    assert arcade.row == []


# ------------------------------------------------------------------ instances and containers of a script


PLAYER = """
class Player:
    def __init__(self): self.hp = {hp}
    def hit(self): return {hit!r}
PLAYER = Player()
"""


def test_an_instance_that_the_game_did_not_change_is_the_new_one(project, host_with):
    game = project({"a.py": PLAYER.format(hp=10, hit="old")})
    arcade = host_with("from game import PLAYER\nrow = [PLAYER]\nhit = [PLAYER.hit]")
    save(game, PLAYER.format(hp=20, hit="new"))
    player = game.namespace.PLAYER
    assert arcade.PLAYER is arcade.row[0] is arcade.hit[0].__self__ is player
    assert (player.hp, player.hit(), arcade.hit[0]()) == (20, "new", "new")


def test_an_instance_that_the_game_changed_is_kept(project, host_with):
    game = project({"a.py": PLAYER.format(hp=10, hit="old")})
    arcade = host_with("from game import PLAYER\nrow = [PLAYER]")
    held = game.namespace.PLAYER
    held.hp = 7
    save(game, PLAYER.format(hp=10, hit="new"))
    assert held is game.namespace.PLAYER is arcade.PLAYER is arcade.row[0]
    assert (held.hp, held.hit()) == (7, "new")


def test_an_instance_whose_statement_was_edited_is_the_new_one_even_if_the_game_changed_it(project, host_with):
    text = "class Player:\n    def __init__(self, hp): self.hp = hp\nPLAYER = Player({})"
    game = project({"a.py": text.format(10)})
    arcade = host_with("from game import PLAYER\nrow = [PLAYER]")
    game.namespace.PLAYER.hp = 7
    save(game, text.format(20))
    assert arcade.PLAYER is arcade.row[0] is game.namespace.PLAYER
    assert arcade.PLAYER.hp == 20


CONTAINERS = {
    "a list": ("[1, 2]", "[3]"),
    "a list that grows": ("[1]", "[1, 2, 3]"),
    "a dict": ("{'a': 1, 'b': 2}", "{'b': 3, 'a': 1}"),
    "a set": ("{1, 2}", "{2, 3}"),
    "a deque": ("deque([1, 2])", "deque([3])"),
    "an OrderedDict": ("OrderedDict(a=1, b=2)", "OrderedDict(b=2, a=1)"),
    "a defaultdict": ("defaultdict(list, a=[1])", "defaultdict(list, b=[2])"),
    "a Counter": ("Counter('aab')", "Counter('abb')"),
    "a bytearray": ("bytearray(b'ab')", "bytearray(b'c')"),
    "lists in a list": ("[[1, 2], [3]]", "[[1, 5], [6], []]"),
    "a level": ("{'forest': {'goblins': [1, 2]}}", "{'forest': {'goblins': [1, 2, 3]}, 'cave': {}}"),
    "an emptied list": ("[1, 2]", "[]"),
}


@pytest.mark.parametrize("kind", CONTAINERS)
def test_whoever_holds_a_container_sees_its_edited_contents(project, host_with, kind):
    before, after = CONTAINERS[kind]
    text = "from collections import Counter, OrderedDict, defaultdict, deque\nLEVELS = {}\n"
    game = project({"a.py": text.format(before)})
    arcade = host_with("from game import LEVELS\nrow = [LEVELS]")
    local = game.namespace.LEVELS
    save(game, text.format(after))
    names: dict = {}
    exec(text.format(after), names)
    wanted = names["LEVELS"]
    for held in (local, arcade.LEVELS, arcade.row[0], game.namespace.LEVELS):
        assert held == wanted
        assert isinstance(held, set) or list(held) == list(wanted)
        assert held is game.namespace.LEVELS


@pytest.mark.parametrize("how", ["unedited statement", "dependant"])
def test_whoever_holds_a_container_still_holds_the_scripts_after_an_edit_elsewhere(project, host_with, how):
    text = "from game import SPEED\nLEVELS = [SPEED]\nTABLE = {'a': [1]}\n"
    game = project({"base.py": "SPEED = 1", "a.py": text})
    arcade = host_with("from game import LEVELS, TABLE")
    local, table, inner = game.namespace.LEVELS, game.namespace.TABLE, game.namespace.TABLE["a"]
    if how == "dependant":
        save(game, "SPEED = 2", "base.py")
    else:
        save(game, text + "MORE = 1\n")
    space = game.namespace
    assert space.LEVELS == ([2] if how == "dependant" else [1])
    assert local is arcade.LEVELS is space.LEVELS
    assert table is arcade.TABLE is space.TABLE
    assert inner is space.TABLE["a"]


def test_what_the_game_puts_into_a_held_container_afterwards_reaches_the_script(project):
    text = "LEVELS = {0}\ndef count(): return len(LEVELS)"
    game = project({"a.py": text.format("[1]")})
    local = game.namespace.LEVELS
    save(game, text.format("[1, 2]"))
    local.append("by the game")
    assert game.namespace.count() == 3
    save(game, text.format("[1, 2]") + "\n# edited")
    assert local == game.namespace.LEVELS == [1, 2, "by the game"]


def test_a_container_that_became_another_kind_is_the_new_one_for_the_host(project, host_with):
    game = project({"a.py": "LEVELS = [1]"})
    arcade = host_with("from game import LEVELS\nrow = [LEVELS]")
    save(game, "LEVELS = {'a': 1}")
    assert arcade.LEVELS is arcade.row[0] is game.namespace.LEVELS
    assert arcade.LEVELS == {"a": 1}


def test_a_container_of_a_class_shows_its_edited_contents_to_whoever_holds_it(project):
    text = "class Goblin:\n    drops = {}\n    def count(self): return len(self.drops)"
    game = project({"a.py": text.format("['gold']")})
    local, goblin = game.namespace.Goblin.drops, game.namespace.Goblin()
    save(game, text.format("['gold', 'tooth']"))
    assert local == ["gold", "tooth"]
    assert local is game.namespace.Goblin.drops
    assert goblin.count() == 2


def test_a_rejected_save_leaves_held_containers_as_they_were(project):
    text = "LEVELS = [[1], {'a': 1}]\nclass Goblin:\n    drops = ['gold']\n"
    game = project({"a.py": text})
    levels, drops = game.namespace.LEVELS, game.namespace.Goblin.drops
    members = list(levels)
    assert game.save("a.py", text.replace("1", "2").replace("gold", "tooth") + "1 / 0").rejected
    assert levels == [[1], {"a": 1}]
    assert levels is game.namespace.LEVELS
    assert [one is other for one, other in zip(levels, members, strict=True)] == [True, True]
    assert drops == ["gold"]


# ------------------------------------------------------------------ handlers that register again


# What the host's `HANDLERS` is, how a script registers `{0}` there, and what is in it.
STORES = {
    "a list": ("[first]", "arcade.HANDLERS.append({0})", "list(HANDLERS)"),
    "the front of a list": ("[first]", "arcade.HANDLERS.insert(0, {0})", "list(HANDLERS)"),
    "a list that is extended": ("[first]", "arcade.HANDLERS += [{0}]", "list(HANDLERS)"),
    "a dict by key": ("{'first': first}", "arcade.HANDLERS['hit'] = {0}", "list(HANDLERS.values())"),
    "a dict of handlers": ("{first: 1}", "arcade.HANDLERS[{0}] = 'hit'", "list(HANDLERS)"),
    "a set": ("{first}", "arcade.HANDLERS.add({0})", "list(HANDLERS)"),
    "a deque": ("deque([first])", "arcade.HANDLERS.append({0})", "list(HANDLERS)"),
    "lists in a dict": (
        "{'hit': [first]}",
        "arcade.HANDLERS.setdefault('hit', []).append({0})",
        "HANDLERS['hit'] + HANDLERS.get('more', [])",
    ),
    "lists in a defaultdict": ("defaultdict(list, x=[first])", "arcade.HANDLERS['hit'].append({0})", "sum(HANDLERS.values(), [])"),
    "an instance": (
        "type('Bus', (), {'__init__': lambda self: setattr(self, 'row', [first])})()",
        "arcade.HANDLERS.row.append({0})",
        "list(HANDLERS.row)",
    ),
    "a function of the host": ("[first]", "arcade.subscribe({0})", "list(HANDLERS)"),
}  # fmt: skip
HOST = """
from collections import defaultdict, deque
def first(): return "first"
def last(): return "last"
HANDLERS = {}
def subscribe(handler): HANDLERS.append(handler)
"""
# What a script registers: the text before, and the expression.
REGISTERED = {
    "a function": ("def on_hit(): return 'v1'", "on_hit"),
    "a bound method": ("class Bot:\n    def on_hit(self): return 'v1'\nbot = Bot()", "bot.on_hit"),
    "a classmethod": ("class Bot:\n    @classmethod\n    def on_hit(cls): return 'v1'", "Bot.on_hit"),
    "a class": ("class Hit:\n    v = 'v1'", "Hit"),
    "a lambda": ("", "lambda: 'v1'"),
    "a tuple": ("def on_hit(): return 'v1'", "('hit', on_hit)"),
    "a decorated function": (
        "def loud(f):\n    def wrapper(): return f()\n    return wrapper\n@loud\ndef on_hit(): return 'v1'",
        "on_hit",
    ),
}


def said(handler):
    if isinstance(handler, tuple):
        return said(handler[1])
    return handler.v if isinstance(handler, type) else handler()


def entries(arcade, store):
    return eval(STORES[store][2], vars(arcade))


def add_last(arcade):
    """The host registers one more, after the script."""
    store = arcade.HANDLERS
    if hasattr(store, "row"):
        store = store.row
    if isinstance(store, dict):
        rows = [row for row in store.values() if isinstance(row, list)]
        if rows:
            rows[-1].append(arcade.last)
        else:
            store[arcade.last if arcade.first in store else "last"] = arcade.last
    elif isinstance(store, set):
        store.add(arcade.last)
    else:
        store.append(arcade.last)


def contents(store):
    """What is in a store, comparable: handlers by identity or, where they have none, as Python does."""
    if hasattr(store, "row"):
        return contents(store.row)
    if isinstance(store, dict):
        return [(key, contents(value)) for key, value in store.items()]
    if isinstance(store, set):
        return sorted(map(id, store))
    return [contents(member) for member in store] if isinstance(store, list | deque) else store


@pytest.mark.parametrize("edit", ["edited", "unedited", "forced", "dependant"])
@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("registered", REGISTERED)
def test_a_handler_that_registers_again_is_there_once(project, host_with, registered, store, edit):
    definition, expression = REGISTERED[registered]
    initial, register, _ = STORES[store]
    arcade = host_with(HOST.replace("HANDLERS = {}", f"HANDLERS = {initial}"))
    text = "import arcade\nfrom game import SPEED\n" + definition + "\n" + register.format(expression) + "\n"
    game = project({"base.py": "SPEED = 1", "a.py": text})
    add_last(arcade)
    assert sorted(map(said, entries(arcade, store))) == ["first", "last", "v1"]
    order = [handler for handler in entries(arcade, store) if said(handler) != "v1"]
    for number in (2, 3):
        now = "v1"
        if edit == "edited":
            now = f"v{number}"
            save(game, text.replace("v1", now))
        elif edit == "unedited":
            save(game, text + "# edited\n" * number)
        elif edit == "forced":
            assert game.live.reload(game.path("a.py")).reloaded
        else:
            save(game, f"SPEED = {number}", "base.py")
        found = entries(arcade, store)
        assert sorted(map(said, found)) == ["first", "last", now]
        if store != "a set":
            assert [handler for handler in found if said(handler) != now] == order


@pytest.mark.parametrize("registered", REGISTERED)
def test_the_entry_that_is_left_is_the_one_the_script_has_now(project, host_with, registered):
    definition, expression = REGISTERED[registered]
    if registered == "a lambda":
        definition, expression = "on_hit = lambda: 'v1'", "on_hit"
    arcade = host_with("HANDLERS = []")
    text = f"import arcade\n{definition}\narcade.HANDLERS.append({expression})\nREGISTERED = lambda: {expression}\n"
    game = project({"a.py": text})
    save(game, text.replace("v1", "v2"))
    arcade.HANDLERS.remove(game.namespace.REGISTERED())
    assert arcade.HANDLERS == []


def test_handlers_that_a_script_registers_twice_on_purpose_stay_twice(project, host_with):
    arcade = host_with("HANDLERS = []")
    text = "import arcade\ndef on_hit(): return 'v1'\narcade.HANDLERS += [on_hit, on_hit]\n"
    game = project({"a.py": text})
    for number in (2, 3):
        save(game, text.replace("v1", f"v{number}"))
        assert [handler() for handler in arcade.HANDLERS] == [f"v{number}"] * 2


def test_several_handlers_of_one_script_are_each_there_once(project, host_with):
    arcade = host_with("HANDLERS = []\ndef on(f):\n    HANDLERS.append(f)\n    return f")
    text = "import arcade\n@arcade.on\ndef on_hit(): return 'hit v1'\n@arcade.on\ndef on_miss(): return 'miss v1'\n"
    game = project({"a.py": text, "b.py": "import arcade\n@arcade.on\ndef on_hurt(): return 'hurt'\n"})
    for number in (2, 3):
        save(game, text.replace("v1", f"v{number}"))
        assert sorted(handler() for handler in arcade.HANDLERS) == [f"hit v{number}", "hurt", f"miss v{number}"]
    save(game, text + "@arcade.on\ndef on_end(): return 'end'\n")
    assert sorted(handler() for handler in arcade.HANDLERS) == ["end", "hit v1", "hurt", "miss v1"]


def test_two_handlers_that_look_alike_are_not_taken_for_one(project, host_with):
    arcade = host_with("HANDLERS = []")
    text = """
    import arcade
    def make(word):
        def handler(): return word, 1
        return handler
    arcade.HANDLERS += [make("a"), make("b")]
    """
    game = project({"a.py": text})
    assert [handler() for handler in arcade.HANDLERS] == [("a", 1), ("b", 1)]
    save(game, text.replace("word, 1", "word, 2"))
    assert sorted(handler() for handler in arcade.HANDLERS) == [("a", 2), ("b", 2)]


def test_a_handler_that_the_host_registered_itself_is_not_dropped(project, host_with):
    arcade = host_with("HANDLERS = []\nMINE = []")
    text = "import arcade\ndef on_hit(): return 'v1'\narcade.HANDLERS.append(on_hit)\n"
    game = project({"a.py": text})
    arcade.MINE.append(game.namespace.on_hit)
    arcade.MINE.append(game.namespace.on_hit)
    save(game, text.replace("v1", "v2"))
    assert [handler() for handler in arcade.MINE] == ["v2", "v2"]
    assert [handler() for handler in arcade.HANDLERS] == ["v2"]


# ------------------------------------------------------------------ a rejected save that registers


WHY = {
    "raises": "1 / 0\n",
    "test": "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.fail('on purpose')\n",
    "exit": "raise SystemExit\n",
}


@pytest.mark.parametrize("why", [*WHY, "dependant", "validator", "new script"])
@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("registered", ["a function", "a class", "a tuple"])
def test_a_rejected_save_leaves_the_hosts_handlers_as_they_were(project, host_with, registered, store, why):
    definition, expression = REGISTERED[registered]
    initial, register, _ = STORES[store]
    arcade = host_with(HOST.replace("HANDLERS = {}", f"HANDLERS = {initial}"))
    text = "import arcade\nSPEED = 1\n" + definition + "\n" + register.format(expression) + "\n"
    path = "b.py" if why == "new script" else "a.py"
    scripts = {"a.py": "A = 1" if why == "new script" else text}
    if why == "dependant":
        scripts["c.py"] = "from game import SPEED\nif SPEED > 1: 1 / 0"
    game = project(scripts)
    add_last(arcade)
    container, before = arcade.HANDLERS, contents(arcade.HANDLERS)
    edited = text.replace("v1", "v2").replace("SPEED = 1", "SPEED = 2")
    forget = game.live.add_validator(lambda module: 1 / 0) if why == "validator" else None
    assert game.save(path, edited + WHY.get(why, WHY["raises"] if why == "new script" else "")).rejected
    if forget is not None:
        forget()
    assert arcade.HANDLERS is container
    assert contents(arcade.HANDLERS) == before
    if why in WHY:
        assert sorted(map(said, entries(arcade, store))) == ["first", "last", "v1"]
        save(game, edited)
        assert sorted(map(said, entries(arcade, store))) == ["first", "last", "v2"]
