"""What stands in tables of a script, such as `ITEMS = {"coin": Spec(1)}`, and is held by entities."""

from __future__ import annotations

import pytest

KINDS = {
    "a plain class": "class Spec:\n    def __init__(self, price): self.price = price\n",
    "a dataclass": "from dataclasses import dataclass\n@dataclass\nclass Spec:\n    price: int\n",
    "one with slots": "class Spec:\n    __slots__ = ('price', '__weakref__')\n    def __init__(self, price): self.price = price\n",
    "one with both": (
        "class Base:\n    __slots__ = ('price',)\nclass Spec(Base):\n    def __init__(self, price): self.price = price\n"
    ),
    "one that guards itself": (
        "class Spec:\n    def __init__(self, price): object.__setattr__(self, 'price', price)\n"
        "    def __setattr__(self, name, value): raise TypeError(name)\n"
    ),
}
HASHED = {
    "a frozen dataclass": "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Spec:\n    price: int\n",
    "one with a hash of its own": (
        "class Spec:\n    def __init__(self, price): self.price = price\n    def __hash__(self): return self.price\n"
        "    def __eq__(self, other): return self.price == other.price\n"
    ),
    "one that says when it goes": (
        "class Spec:\n    def __init__(self, price): self.price = price\n    def __del__(self): closed.append(id(self))\nclosed = []\n"
    ),
    "one with a finalizer": (
        "import weakref\nclass Spec:\n    def __init__(self, price):\n        self.price = price\n"
        "        self.end = weakref.finalize(self, closed.append, id(self))\n        self.end.atexit = False\nclosed = []\n"
    ),
}
TABLES = {
    "a dict": ("ITEMS = {{'coin': Spec({0}), 'gem': Spec(5)}}\n", lambda items: items["coin"]),
    "a list": ("ITEMS = [Spec(5), Spec({0})]\n", lambda items: items[1]),
    "a tuple": ("ITEMS = Spec(5), Spec({0})\n", lambda items: items[1]),
    "a comprehension": (
        "ITEMS = {{name: Spec(price) for name, price in [('coin', {0}), (3, 5)]}}\n",
        lambda items: items["coin"],
    ),
    "tables in each other": ("ITEMS = {{1: [(Spec({0}),), {{}}]}}\n", lambda items: items[1][0][0]),
    "a table of a class": (
        "class Shop:\n    ITEMS = {{'coin': Spec({0})}}\nITEMS = Shop.ITEMS\n",
        lambda items: items["coin"],
    ),
}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_holds_an_entry_sees_its_edit_and_is_not_looked_for(project, walks, kind, table):
    text, entry = TABLES[table]
    game = project({"a.py": KINDS[kind] + text.format(1)})
    space = game.namespace
    held, bag = entry(space.ITEMS), [entry(space.ITEMS)]
    walks.clear()
    report = game.save("a.py", KINDS[kind] + text.format(2))
    assert not report.reloaded[0].warnings
    assert held.price == 2
    assert held is bag[0] is entry(space.ITEMS)
    assert type(held) is space.Spec
    assert not walks


@pytest.mark.parametrize("kind", HASHED)
def test_whoever_holds_an_entry_that_cannot_be_changed_where_it_is_gets_the_new_one(project, walks, kind):
    text, entry = TABLES["a dict"]
    game = project({"a.py": HASHED[kind] + text.format(1)})
    space = game.namespace
    game.save("a.py", HASHED[kind] + text.format(3))
    assert not walks or "finalizer" in kind  # as long as nobody holds one
    bag, keys = [entry(space.ITEMS)], {}
    if hasattr(space, "closed"):
        space.closed.clear()
    else:
        keys[bag[0]] = "coin"
    game.save("a.py", HASHED[kind] + text.format(2))
    assert bag[0].price == 2
    assert bag[0] is entry(space.ITEMS)
    assert all(keys[key] == "coin" for key in [bag[0]] if keys)
    # What lives is not told that it goes.
    assert not set(map(id, space.ITEMS.values())) & {*getattr(space, "closed", ())}


def test_a_table_that_comes_again_is_the_same_though_its_script_is_executed_as_a_whole(project):
    text = "from random import Random\nDICE = Random({})\n" + KINDS["a plain class"] + "ITEMS = {{'coin': Spec(1)}}\n"
    game = project({"a.py": text.format(1)})
    held = game.namespace.ITEMS["coin"]
    game.save("a.py", text.format(2))
    assert held is game.namespace.ITEMS["coin"]


def test_entries_follow_their_keys(project):
    spec = KINDS["a plain class"]
    game = project({"a.py": spec + "ITEMS = {'coin': Spec(1), 'gem': Spec(5)}\nROW = [Spec(1), Spec(2), Spec(3)]\n"})
    items, row = dict(game.namespace.ITEMS), list(game.namespace.ROW)
    game.save(
        "a.py",
        spec
        + "ITEMS = {'gem': Spec(6), 'sword': Spec(9), 'coin': Spec(2)}\nROW = [Spec(0), Spec(1), Spec(4), Spec(3)]\n",
    )
    assert (items["coin"].price, items["gem"].price) == (2, 6)
    assert [each.price for each in row] == [1, 4, 3]
    assert row == game.namespace.ROW[1:]
    assert [each.price for each in game.namespace.ITEMS.values()] == [6, 9, 2]


@pytest.mark.parametrize(
    "table", ["ITEMS = {{'coin': Spec({0}), 'gem': Spec(5)}}", "ITEMS = {{i: Spec({0}) for i in range(2)}}"]
)
def test_of_a_large_table_nobody_is_compared_and_whoever_holds_an_entry_goes_on_with_it(project, monkeypatch, table):
    monkeypatch.setattr("livescripts._runtime.products._MOST", 1)
    text = KINDS["a plain class"] + table
    game = project({"a.py": text.format(1)})
    items = game.namespace.ITEMS
    held = next(iter(items.values()))
    game.save("a.py", text.format(2))
    assert items is game.namespace.ITEMS
    assert (held.price, next(iter(items.values())).price) == (1, 2)


def test_entries_that_the_text_does_not_tell_from_each_other_are_left_alone(project):
    spec = KINDS["a plain class"]
    game = project({"a.py": spec + "ITEMS = {'coin': Spec(1), 'coin': Spec(2), 'gem': Spec(5)}\n"})
    held = dict(game.namespace.ITEMS)
    game.save("a.py", spec + "ITEMS = {'coin': Spec(3), 'gem': Spec(6)}\n")
    assert (held["coin"].price, held["gem"].price) == (2, 5)
    assert [each.price for each in game.namespace.ITEMS.values()] == [3, 6]


def test_what_the_game_did_to_an_entry_stays_until_the_entry_is_edited(project):
    spec = KINDS["a plain class"]
    game = project({"a.py": spec + "ITEMS = {'coin': Spec(1), 'gem': Spec(5)}\n"})
    items = game.namespace.ITEMS
    items["coin"].sold, items["gem"].sold = 3, 4
    game.save("a.py", spec + "ITEMS = {'coin': Spec(1), 'gem': Spec(6)}\n")
    assert vars(items["coin"]) == {"price": 1, "sold": 3}
    assert vars(items["gem"]) == {"price": 6}


DEEP = """
class Part:
    def __init__(self, value): self.value = value
class Mob:
    def __init__(self, part): self.part = part
class Named(Mob):
    def __hash__(self): return 1
    def __eq__(self, other): return self is other
class Bag(list): pass
"""
ENTRIES = {
    "an instance": ("Mob(Part(1))", lambda mob: setattr(mob.part, "value", 9), lambda mob: mob.part.value == 9),
    "deep down": (
        "Mob([{1: Part(1)}])",
        lambda mob: setattr(mob.part[0][1], "value", 9),
        lambda mob: mob.part[0][1].value == 9,
    ),
    "hashed in its own way": ("Named(1)", lambda mob: setattr(mob, "part", 9), lambda mob: mob.part == 9),
    "made like a list": ("Bag([1])", lambda bag: bag.append(9), lambda bag: bag == [1, 9]),
    "a list": ("[1]", lambda row: row.append(9), lambda row: row == [1, 9]),
    "a dict": ("{1: [2]}", lambda found: found[1].append(9), lambda found: found == {1: [2, 9]}),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_entry_that_the_game_changed_in_its_depth_stays_when_another_one_is_edited(project, entry):
    made, change, is_changed = ENTRIES[entry]
    game = project({"a.py": DEEP + f"ITEMS = {{'one': {made}, 'other': Mob(1)}}\n"})
    held = game.namespace.ITEMS["one"]
    change(held)
    game.save("a.py", DEEP + f"ITEMS = {{'one': {made}, 'other': Mob(2)}}\n")
    assert held is game.namespace.ITEMS["one"]
    assert is_changed(held)
    assert game.namespace.ITEMS["other"].part == 2


def test_what_the_game_did_to_an_entry_stays_over_saves_of_other_things_and_other_entries(project):
    text = (
        "from random import Random\nDICE = Random({})\n"
        + KINDS["a plain class"]
        + "ITEMS = {{'coin': Spec(1), 'gem': Spec({})}}\n"
    )
    game = project({"a.py": text.format(1, 5)})
    coin, gem = game.namespace.ITEMS.values()
    coin.sold = 3
    for dice, price in ((2, 5), (3, 5), (4, 6), (5, 6), (6, 7)):
        game.save("a.py", text.format(dice, price))
        assert [*game.namespace.ITEMS.values()] == [coin, gem]
        assert (coin.sold, gem.price) == (3, price)


def test_what_an_entry_consists_of_stays_with_it_if_it_says_the_same(project):
    text = DEEP + "class Two(Mob):\n    def __init__(self, part, hp): self.part = part; self.hp = hp\n"
    game = project({"a.py": text + "ITEMS = {'one': Mob(Part([1])), 'other': Two(Part(2), 1)}\n"})
    parts = [each.part for each in game.namespace.ITEMS.values()]
    game.save("a.py", text + "ITEMS = {'one': Mob(Part([1])), 'other': Two(Part(2), 5)}\n")
    assert game.namespace.ITEMS["other"].hp == 5
    assert all(one is each.part for one, each in zip(parts, game.namespace.ITEMS.values(), strict=True))


def test_an_entry_made_like_a_list_stays_with_its_holder_when_it_is_edited(project):
    game = project({"a.py": DEEP + "ITEMS = {'one': Bag([1])}\n"})
    held = game.namespace.ITEMS["one"]
    held.append(9)
    game.save("a.py", DEEP + "ITEMS = {'one': Bag([2])}\n")
    assert (held, game.namespace.ITEMS["one"]) == ([1, 9], [2])


def test_zero_is_not_minus_zero(project):
    spec = "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Spec:\n    x: float\n"
    game = project({"a.py": spec + "ITEMS = {'one': Spec(0.0)}\n"})
    game.save("a.py", spec + "ITEMS = {'one': Spec(-0.0)}\n")
    assert str(game.namespace.ITEMS["one"].x) == "-0.0"


def test_what_the_game_did_to_an_entry_of_a_comprehension_stays_until_that_is_edited(project):
    text = (
        KINDS["a plain class"]
        + "PRICES = {{'coin': {}, 'gem': 5}}\nITEMS = {{name: Spec({}) for name, price in PRICES.items()}}\n"
    )
    game = project({"a.py": text.format(1, "price")})
    items = dict(game.namespace.ITEMS)
    game.save("a.py", text.format(2, "price"))
    assert (vars(items["coin"]), vars(items["gem"])) == ({"price": 2}, {"price": 5})
    items["coin"].sold = 3
    game.save("a.py", text.format(2, "price * 2"))
    assert (vars(items["coin"]), vars(items["gem"])) == ({"price": 4}, {"price": 10})
    assert items == game.namespace.ITEMS


def test_an_entry_that_the_game_has_put_there_is_not_mistaken_for_the_scripts(project):
    spec = KINDS["a plain class"]
    game = project({"a.py": spec + "ITEMS = {'coin': Spec(1)}\n"})
    first, own = game.namespace.ITEMS["coin"], game.namespace.Spec(7)
    game.namespace.ITEMS["coin"] = own
    game.save("a.py", spec + "ITEMS = {'coin': Spec(2)}\n")
    assert (first.price, own.price, game.namespace.ITEMS["coin"].price) == (2, 7, 2)
    assert game.namespace.ITEMS["coin"] is first


def test_an_entry_that_becomes_one_of_another_class_is_the_new_one(project):
    specs = KINDS["a plain class"] + "class Other(Spec): pass\n"
    game = project({"a.py": specs + "ITEMS = {'coin': Spec(1)}\n"})
    bag = [game.namespace.ITEMS["coin"]]
    game.save("a.py", specs + "ITEMS = {'coin': Other(2)}\n")
    assert type(bag[0]) is game.namespace.Other
    assert bag[0] is game.namespace.ITEMS["coin"]


def test_an_entry_whose_class_cannot_stay_is_the_new_one(project):
    spec = "class Spec:\n    __slots__ = ('price',{})\n    def __init__(self, price): self.price = price\n"
    table = "ITEMS = {{'coin': Spec({})}}\n"
    game = project({"a.py": spec.format("") + table.format(1)})
    bag = [game.namespace.ITEMS["coin"]]
    game.save("a.py", spec.format(" 'sold',") + table.format(2))
    assert bag[0] is game.namespace.ITEMS["coin"]
    assert (type(bag[0]), bag[0].price) == (game.namespace.Spec, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rejected_save_and_a_commit_that_fails_change_no_entry(project, kind, monkeypatch):
    text, entry = TABLES["a dict"]
    game = project({"a.py": KINDS[kind] + text.format(1)})
    held = entry(game.namespace.ITEMS)
    assert game.save("a.py", KINDS[kind] + text.format(2) + "1 / 0\n").rejected
    assert held.price == 1
    with monkeypatch.context() as patch:
        patch.setattr("livescripts._runtime.transaction.settle", lambda *_: 1 / 0)
        assert game.save("a.py", KINDS[kind] + text.format(3)).rejected
    assert held.price == 1
    assert held is entry(game.namespace.ITEMS)


def test_an_entry_that_its_init_registers_is_registered_once(project, host):
    host.specs = []
    spec = "import host\nclass Spec:\n    def __init__(self, price):\n        self.price = price\n        host.specs.append(self)\n"
    game = project({"a.py": spec + "ITEMS = {'coin': Spec(1)}\n"})
    held = game.namespace.ITEMS["coin"]
    game.save("a.py", spec + "ITEMS = {'coin': Spec(2)}\n")
    assert host.specs == [held]
    assert held.price == 2
