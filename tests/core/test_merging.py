"""State across a reload: tables of old source, what the game does, new source, and what is left."""

from __future__ import annotations

import gc
from collections import Counter, OrderedDict, defaultdict, deque
from types import FunctionType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livescripts._core.analysis import analyse
from livescripts._core.merging import Scope, Snapshot, members, merge, spelled


def run(source, values=None):
    values = {"__name__": "script"} if values is None else values
    exec(compile(source, "<script>", "exec", dont_inherit=True), values)
    return values


def attributes(value):
    return vars(value) if type(value).__module__ == "script" else None


def is_code(value):
    return isinstance(value, (FunctionType, type))


class Reload:
    """A script is loaded, played with, and loaded again from another text."""

    def __init__(self, old, play, new):
        self.live = run(old)
        self.snapshot = Snapshot(dict(self.live), attributes)
        run(play, self.live)
        self.new = run(new)
        before, after = analyse(old).statements, analyse(new).statements
        self.merged = merge(self.snapshot, {"": Scope(dict(self.live), self.new, before, after)}, is_code)
        self.values = {name: value for name, value in self.merged.scopes[""].items() if name[-2:] != "__"}
        self.kept = {name for _, name in self.merged.kept}


# ------------------------------------------------------------------ the rule

# old source, what the game does, new source, the values then, the names kept
VARIABLES = {
    "untouched": ("x = 1", "", "x = 2", {"x": 2}, ""),
    "changed": ("x = 1", "x = 5", "x = 1", {"x": 5}, "x"),
    "changed, other lines edited": ("x = 1\ny = 1", "x = 5", "y = 2\nx = 1  # one", {"x": 5, "y": 2}, "x"),
    "changed and edited": ("x = 1", "x = 5", "x = 2", {"x": 2}, ""),
    "edited only": ("x = 1", "", "x = 2", {"x": 2}, ""),
    "set to the same object": ("x = None", "x = 1; x = None", "x = None", {"x": None}, ""),
    "changed, other input": ("x = 1\ny = x", "y = 5", "x = 2\ny = x", {"x": 2, "y": 5}, "y"),
    "untouched, other input": ("x = 1\ny = x", "", "x = 2\ny = x", {"x": 2, "y": 2}, ""),
    "to another type": ("x = 1", "x = 'a'", "x = 1", {"x": "a"}, "x"),
    "a private name": ("_x = 1", "_x = 5", "_x = 1", {"_x": 5}, "_x"),
    "a very private name": ("__x = 1", "globals()['__x'] = 5", "__x = 1", {"__x": 5}, "__x"),
    "a very private name, untouched": ("x = 1\n__x = x", "", "x = 2\n__x = x", {"x": 2, "__x": 2}, ""),
    "new": ("", "", "x = 1", {"x": 1}, ""),
    "its statement gone": ("x = 1", "", "", {}, ""),
    "changed and its statement gone": ("x = 1", "x = 5", "", {}, ""),
    "added by the game": ("", "x = 5", "", {"x": 5}, "x"),
    "added by the game and now by the source": ("", "x = 5", "x = 1", {"x": 1}, ""),
    "deleted": ("x = 1", "del x", "x = 1", {}, "x"),
    "deleted and edited": ("x = 1", "del x", "x = 2", {"x": 2}, ""),
    "deleted and its statement gone": ("x = 1", "del x", "", {}, ""),
    "one of two statements edited": ("x = 1\nx += 1", "x = 5", "x = 1\nx += 2", {"x": 3}, ""),
    "a second statement": ("x = 1", "x = 5", "x = 1\nif x: x = 7", {"x": 7}, ""),
}


@pytest.mark.parametrize(("old", "play", "new", "values", "kept"), VARIABLES.values(), ids=VARIABLES)
def test_what_the_game_has_changed_is_kept_unless_the_statement_was_edited(old, play, new, values, kept):
    reload = Reload(old, play, new)
    assert reload.values == values
    assert reload.kept == set(kept.split())


def test_what_the_import_system_and_the_language_set_comes_from_the_new_source():
    reload = Reload("__all__ = ['a']", "__all__ = ['b']; __file__ = 'x'", "__all__ = ['c']\n__version__ = 1")
    assert reload.merged.scopes[""]["__all__"] == ["c"]
    assert reload.merged.scopes[""]["__version__"] == 1
    assert "__file__" not in reload.merged.scopes[""]
    assert not reload.kept


# Statements in branches: not all of them are executed.
BRANCHES = {
    "not executed, then set by the game": ("if 0: x = 1", "x = 5", "if 0: x = 1", {"x": 5}, "x"),
    "not executed, edited, set by the game": ("if 0: x = 1", "x = 5", "if 0: x = 2", {"x": 5}, "x"),
    "executed only now, not edited": ("if 0: x = 1", "x = 5", "if 1: x = 1", {"x": 5}, "x"),
    "executed only now, edited": ("if 0: x = 1", "x = 5", "if 1: x = 2", {"x": 2}, ""),
    "executed only now, untouched": ("if 0: x = 1", "", "if 1: x = 1", {"x": 1}, ""),
    "no longer executed, changed": ("if 1: x = 1", "x = 5", "if 0: x = 1", {"x": 5}, "x"),
    "no longer executed, untouched": ("if 1: x = 1", "", "if 0: x = 1", {}, ""),
    "no longer executed, deleted": ("if 1: x = 1", "del x", "if 0: x = 1", {}, ""),
    "never executed, and gone": ("if 0: x = 1", "x = 5", "", {}, ""),
    "unbound by the source": ("x = 1\ndel x", "x = 5", "x = 1\ndel x", {"x": 5}, "x"),
    "an annotation alone": ("x: int", "x = 5", "x: str", {"x": 5}, "x"),
}


@pytest.mark.parametrize(("old", "play", "new", "values", "kept"), BRANCHES.values(), ids=BRANCHES)
def test_an_edited_statement_that_was_not_executed_decides_nothing(old, play, new, values, kept):
    reload = Reload(old, play, new)
    assert reload.values == values
    assert reload.kept == set(kept.split())


@pytest.mark.parametrize(
    ("old", "new", "kept"),
    [
        ("from math import pi as x", "from math import pi as x", True),
        ("from math import pi as x", "from math import (\n    pi as x,\n)", True),
        ("from math import pi as x", "from math import tau as x", False),
        ("from math import pi as x", "x = 3", False),
    ],
)
def test_an_import_is_a_statement_like_any_other(old, new, kept):
    reload = Reload(old, "x = 5", new)
    assert reload.values["x"] == (5 if kept else reload.new["x"])
    assert reload.kept == ({"x"} if kept else set())


def test_names_that_no_statement_mentions_are_kept_when_the_game_changed_them():
    dynamic = "globals()['x'] = 1\nglobals()['y'] = 1"
    assert Reload(dynamic, "x = 5", dynamic).values == {"x": 5, "y": 1}


# ------------------------------------------------------------------ containers and instances

THING = "class Thing:\n    def __init__(self): self.hp, self.bag = 10, []\n"

# what the value is, and what the game does to it
INSIDE = {
    "list append": ("[1]", "x.append(2)"),
    "list item": ("[1, 2]", "x[0] = 3"),
    "list swap": ("[1, 2]", "x.reverse()"),
    "list clear": ("[1]", "x.clear()"),
    "dict value": ("{'a': 1}", "x['a'] = 2"),
    "dict key": ("{'a': 1}", "x['b'] = x.pop('a')"),
    "dict key like another": ("{1: 'a'}", "del x[1]; x[True] = 'a'"),
    "dict order": ("{'a': 1, 'b': 1}", "x['a'] = x.pop('a')"),
    "set add": ("{1}", "x.add(2)"),
    "set exchange": ("{1}", "x.remove(1); x.add(2)"),
    "deque": ("deque([1, 2])", "x.rotate()"),
    "bytearray": ("bytearray(b'ab')", "x[0] = 1"),
    "defaultdict": ("defaultdict(list)", "x['a']"),
    "OrderedDict": ("OrderedDict(a=1, b=2)", "x.move_to_end('a')"),
    "Counter": ("Counter('aab')", "x['a'] += 1"),
    "attribute": ("Thing()", "x.hp = 5"),
    "new attribute": ("Thing()", "x.speed = 5"),
    "deleted attribute": ("Thing()", "del x.hp"),
    "container in an instance": ("Thing()", "x.bag.append(1)"),
    "instance in a list": ("[Thing()]", "x[0].hp = 5"),
    "container in containers": ("{'a': [({},)]}", "x['a'][0][0]['b'] = 1"),
    "container in a tuple": ("([],)", "x[0].append(1)"),
    "key of a dict": ("{Thing(): 1}", "next(iter(x)).hp = 5"),
    "member of a frozen set": ("frozenset({Thing()})", "next(iter(x)).hp = 5"),
    "instances that know each other": ("Thing()\nx.friend = Thing()\nx.friend.friend = x", "x.friend.hp = 5"),
    "a list that is in itself": ("[1]\nx.append(x)", "x.append(2)"),
    "deep down": ("[" * 50 + "]" * 50, "y = x\nwhile y: y = y[0]\ny.append(1)\ndel y"),
}
IMPORTS = "from collections import Counter, OrderedDict, defaultdict, deque\n"


@pytest.mark.parametrize(("value", "play"), INSIDE.values(), ids=INSIDE)
def test_a_value_that_the_game_changed_inside_is_kept_and_keeps_its_identity(value, play):
    source = f"{IMPORTS}{THING}x = {value}"
    reload = Reload(source, play, source)
    assert reload.values["x"] is reload.live["x"]
    assert "x" in reload.kept


@pytest.mark.parametrize(("value", "play"), INSIDE.values(), ids=INSIDE)
def test_a_value_that_nobody_changed_comes_from_the_new_source(value, play):
    source = f"{IMPORTS}{THING}x = {value}"
    reload = Reload(source, "", source)
    assert reload.values["x"] is reload.new["x"]
    assert not reload.kept


@pytest.mark.parametrize(("value", "play"), INSIDE.values(), ids=INSIDE)
def test_a_value_that_the_game_changed_inside_gives_way_to_an_edit(value, play):
    old = f"{IMPORTS}{THING}x = {value}"
    reload = Reload(old, play, old.replace("x =", "x = other =", 1))
    assert reload.values["x"] is reload.new["x"]
    assert "x" not in reload.kept


@pytest.mark.parametrize(
    ("value", "play"),
    [
        ("[1]", "x.append(2); x.pop()"),
        ("{'a': 1}", "x['b'] = 2; del x['b']"),
        ("set(range(5))", "x.update(range(1000)); x.intersection_update(range(5))"),
        # Their hashes collide, so the order of a set depends on how it came about.
        ("{8, 0}", "x.clear(); x.update([0, 8])"),
        ("bytearray(b'a')", "x[0] = 1; x[0] = 97"),
        ("Thing()", "x.hp = 5; x.hp = 10"),
    ],
)
def test_a_value_that_is_again_as_it_was_loaded_was_not_changed(value, play):
    source = f"{THING}x = {value}"
    assert not Reload(source, play, source).kept


def test_values_with_ideas_of_their_own_are_not_asked():
    asked = []

    def ask(*args):
        asked.append(args)
        return 0

    class Meta(type):
        __eq__ = __hash__ = ask

    class Hostile(list, metaclass=Meta):
        __iter__ = __len__ = __eq__ = __hash__ = __bool__ = __getitem__ = ask

    one, other, cls = Hostile(), Hostile(), Hostile
    values = {"one": one, "list": [one], "tuple": (1, {2: one}), "set": {one}, "cls": cls, "classes": {1: cls}}
    asked.clear()
    snapshot = Snapshot(dict(values), lambda value: None)
    assert not [name for name, value in values.items() if snapshot.changed(name, value)]
    assert snapshot.changed("one", other)
    values["list"].append(other)
    assert snapshot.changed("list", values["list"])
    assert members(one) is None
    assert not asked


def test_instances_whose_insides_are_not_to_be_seen_change_by_being_replaced_only():
    class Foreign:
        pass

    thing = Foreign()
    snapshot = Snapshot({"x": thing, "y": [thing]}, attributes)
    thing.hp = 5
    assert not snapshot.changed("x", thing)
    assert not snapshot.changed("y", snapshot.scopes[""]["y"])
    assert snapshot.changed("x", Foreign())


def test_an_instance_whose_attributes_cannot_be_seen_any_more_has_changed():
    shown = [{"hp": 10}]
    thing = object()
    snapshot = Snapshot({"x": thing}, lambda value: shown[0] if value is thing else None)
    assert not snapshot.changed("x", thing)
    shown[0] = None
    assert snapshot.changed("x", thing)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2], [1, 2]),
        ((1, 2), [1, 2]),
        ({"a": 1, "b": 2}, ["a", 1, "b", 2]),
        (deque([1, 2]), [1, 2]),
        (OrderedDict(a=1), ["a", 1]),
        (defaultdict(int, a=1), ["a", 1]),
        (Counter("a"), ["a", 1]),
        (bytearray(b"ab"), b"ab"),
        ({1}, [1]),
        (frozenset({1}), [1]),
        ("text", None),
        (b"ab", None),
        (1, None),
        (None, None),
        (range(3), None),
        (type("Sub", (dict,), {})(a=1), None),
    ],
)
def test_members_are_those_of_pythons_own_containers(value, expected):
    assert members(value) == expected


# ------------------------------------------------------------------ how far one looks


def test_much_data_is_looked_into_from_the_outside_as_far_as_the_limit_goes():
    looks = []

    def look(value):
        looks.append(value)
        return vars(value) if type(value) is Tile else None

    class Tile:
        pass

    level = [[Tile() for _ in range(200)] for _ in range(200)]
    last = {"deep": [1]}
    snapshot = Snapshot({"level": level, "numbers": list(range(100_000)), "last": last}, look)
    assert len(looks) < 2_000
    for row in (level[0], level[199]):
        row.append(Tile())
        assert snapshot.changed("level", level)
        row.pop()
        assert not snapshot.changed("level", level)
    last["deep"].append(2)
    assert snapshot.changed("last", last)
    looks.clear()
    assert not snapshot.changed("numbers", snapshot.scopes[""]["numbers"])
    assert not looks


def test_every_variable_is_looked_into_however_many_there_are():
    values = {f"x{n}": [] for n in range(5_000)}
    snapshot = Snapshot(dict(values), attributes)
    values["x4999"].append(1)
    assert [name for name in values if snapshot.changed(name, values[name])] == ["x4999"]


def test_data_that_is_shared_many_times_over_is_looked_into_once():
    value = last = []
    for _ in range(200):
        value = [value, value]
    snapshot = Snapshot({"x": value}, attributes)
    assert not snapshot.changed("x", value)
    last.append(1)
    assert snapshot.changed("x", value)


NESTED = st.recursive(
    st.integers(0, 3) | st.text("ab", max_size=2) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, max_size=3).map(deque)
        | st.dictionaries(st.text("abc", max_size=1), inner, max_size=3)
        | st.sets(st.integers(0, 3), max_size=3)
    ),
    max_leaves=12,
)


def containers(value):
    yield value
    for member in value.values() if isinstance(value, dict) else value:
        if isinstance(member, (list, tuple, deque, dict, set)):
            yield from containers(member)


@given(st.dictionaries(st.sampled_from("xyz"), NESTED, min_size=1), st.data())
def test_a_change_anywhere_inside_is_seen_and_nothing_else(values, data):
    snapshot = Snapshot(dict(values), attributes)
    assert not any(snapshot.changed(name, value) for name, value in values.items())
    name = data.draw(st.sampled_from(sorted(values)))
    inside = [each for each in containers([values[name]]) if not isinstance(each, tuple)][1:]
    if not inside:
        values[name] = object()
    else:
        chosen = data.draw(st.sampled_from(inside))
        if isinstance(chosen, dict):
            chosen["new"] = 1
        elif isinstance(chosen, set):
            chosen.add("new")
        else:
            chosen.append(object())
    assert [other for other in values if snapshot.changed(other, values[other])] == [name]


# ------------------------------------------------------------------ other scripts' registrations


def test_what_another_script_registers_while_loading_is_not_the_games_doing():
    registry, nested = {}, []
    snapshot = Snapshot({"registry": registry, "also": registry, "list": [nested], "x": 1}, attributes)
    registry["goblin"] = {}
    nested.append([])
    assert snapshot.changed("registry", registry)
    snapshot.refresh({id(registry), id(nested), id(object())})
    assert not snapshot.changed("registry", registry)
    assert not snapshot.changed("also", registry)
    assert not snapshot.changed("list", snapshot.scopes[""]["list"])
    registry["goblin"]["hp"] = 1
    assert snapshot.changed("registry", registry)
    nested[0].append(1)
    assert snapshot.changed("list", snapshot.scopes[""]["list"])


def test_only_the_containers_named_are_taken_over():
    one, other = [], []
    snapshot = Snapshot({"one": one, "other": other}, attributes)
    one.append(1)
    other.append(1)
    snapshot.refresh([id(one)])
    assert not snapshot.changed("one", one)
    assert snapshot.changed("other", other)


def test_which_containers_the_game_has_altered_can_be_asked_before():
    one, other, inner = [], [], []
    one.append(inner)
    snapshot = Snapshot({"one": one, "other": other}, attributes)
    inner.append(1)
    other.append(1)
    assert [snapshot.altered(each) for each in (one, inner, other, [])] == [False, True, True, False]


def test_a_walk_over_the_heap_is_told_all_that_belongs_to_the_snapshot():
    class Old:
        pass

    values = {"cls": Old, "list": [Old], "dict": {"a": (Old, [Old])}, "set": {Old}}
    before = {id(holder) for holder in gc.get_referrers(Old)}
    snapshot = Snapshot(dict(values), attributes)
    private = {id(each) for each in snapshot.private()}
    added = {id(holder) for holder in gc.get_referrers(Old)} - before
    assert added
    assert added <= private


# ------------------------------------------------------------------ functions and classes

CODE = "def idle(): return 'idle'\ndef chase(): return 'chase'\nclass Bow: pass\nclass Sword: pass\n"


def test_functions_and_classes_come_from_the_new_source():
    reload = Reload(CODE, "", CODE)
    assert all(reload.values[name] is reload.new[name] for name in ("idle", "chase", "Bow", "Sword"))
    assert not reload.kept


@pytest.mark.parametrize(("first", "then"), [("idle", "chase"), ("Bow", "Sword"), ("None", "chase"), ("Bow", "idle")])
def test_a_variable_that_the_game_set_to_code_of_the_script_is_kept_as_the_new_version_of_that(first, then):
    source = f"{CODE}state = {first}"
    reload = Reload(source, f"state = {then}", source)
    assert reload.values["state"] is reload.new[then]
    assert reload.kept == {"state"}


def test_a_second_name_of_a_function_does_not_mislead():
    old = f"{CODE}default = idle\nstate = chase"
    reload = Reload(old, "state = idle", old.replace("default = idle", "default = chase"))
    assert reload.values["default"] is reload.new["chase"]
    assert reload.values["state"] is reload.new["idle"]


def test_code_whose_definition_is_gone_is_kept_as_it_is():
    source = f"{CODE}state = idle"
    reload = Reload(source, "state = chase", source.replace("chase", "hunt"))
    assert reload.values["state"] is reload.live["state"]
    assert "chase" not in reload.values


@pytest.mark.parametrize("source", ["hook = 1", "def hook(): return 1", "class hook: pass"])
@pytest.mark.parametrize("mine", ["lambda: 2", "5", "None", "type('T', (), {})"])
def test_what_the_host_puts_in_the_place_of_a_hook_is_kept_until_the_statement_is_edited(source, mine):
    reload = Reload(source, f"hook = {mine}", f"{source}  # same\nother = 1")
    assert reload.values["hook"] is reload.live["hook"]
    assert reload.kept == {"hook"}
    for edit in ("hook = 7", "def hook(): return 8", "@staticmethod\ndef hook(): return 1"):
        reload = Reload(source, f"hook = {mine}", edit)
        assert reload.values["hook"] is reload.new["hook"]
        assert not reload.kept


def test_what_a_decorator_makes_of_a_function_is_new_when_the_function_was_edited():
    decorator = "class Command:\n    def __init__(self, f): self.f, self.calls = f, 0\n"
    old = f"{decorator}@Command\ndef attack(): return 1\n"
    played = "attack.calls += 1"
    assert Reload(old, played, old).values["attack"].calls == 1
    reload = Reload(old, played, old.replace("return 1", "return 2"))
    assert reload.values["attack"] is reload.new["attack"]
    reload = Reload(old, played, old.replace("@Command", "@(lambda f: Command(f))"))
    assert reload.values["attack"] is reload.new["attack"]


def test_a_deleted_function_stays_deleted_until_it_is_edited():
    assert Reload(CODE, "del idle", CODE).kept == {"idle"}
    assert "idle" not in Reload(CODE, "del idle", CODE).values
    assert "idle" in Reload(CODE, "del idle", CODE.replace("'idle'", "'wait'")).values


# ------------------------------------------------------------------ nothing is touched


def test_a_merge_changes_nothing_but_its_answer():
    reload = Reload("x = []\ny = 1\nz = 1", "x.append(1); del y; w = 1", "x = []\ny = 1\nz = 2")
    assert reload.new["x"] == []
    assert (reload.new["y"], reload.live["z"]) == (1, 1)
    assert "w" not in reload.new
    assert reload.merged.scopes[""] is not reload.new


# ------------------------------------------------------------------ classes


class ClassReload:
    """The same for the attributes of a class."""

    def __init__(self, old, play, new):
        text = "def base(): return 1\n"
        self.live, self.new = run(text + old), run(text + new)
        self.snapshot = Snapshot(dict(self.live), attributes, {"A": dict(vars(self.live["A"]))})
        run(play, self.live)
        one, other = analyse(text + old), analyse(text + new)
        self.merged = merge(
            self.snapshot,
            {
                "": Scope(dict(self.live), self.new, one.statements, other.statements),
                "A": Scope(vars(self.live["A"]), vars(self.new["A"]), one.classes["A"], other.classes["A"]),
                "B": Scope({"x": 1}, {"x": 2}, {}, {}),
            },
            is_code,
        )

    def value(self, name):
        return self.merged.scopes["A"].get(name, "gone")


# class body, what the game does, new class body, the value of x then, whether it was kept
ATTRIBUTES = {
    "untouched": ("x = 1", "", "x = 2", 2, False),
    "changed": ("x = 1", "A.x = 5", "x = 1\n    y = 2", 5, True),
    "changed inside": ("x = [1]", "A.x.append(2)", "x = [1]", [1, 2], True),
    "changed and edited": ("x = 1", "A.x = 5", "x = 2", 2, False),
    "deleted": ("x = 1", "del A.x", "x = 1", "gone", True),
    "added": ("y = 1", "A.x = 5", "y = 1", 5, True),
    "gone": ("x = 1", "A.x = 5", "y = 1", "gone", False),
    "private": ("__x = x = 1", "A.x = A._A__x = 5", "__x = x = 1", 5, True),
    "no longer executed": ("x = 1", "A.x = 5", "if 0: x = 2", 5, True),
}


@pytest.mark.parametrize(("old", "play", "new", "value", "kept"), ATTRIBUTES.values(), ids=ATTRIBUTES)
def test_attributes_of_classes_follow_the_same_rule(old, play, new, value, kept):
    reload = ClassReload(f"class A:\n    {old}", play, f"class A:\n    {new}")
    assert reload.value("x") == value
    assert (("A", "x") in reload.merged.kept) is kept


def test_a_class_that_was_not_there_when_the_script_was_loaded_comes_from_the_new_source():
    reload = ClassReload("class A: x = 1", "A.x = 5", "class A: x = 1")
    assert reload.merged.scopes["B"] == {"x": 2}
    assert [spelled(*name) for name in reload.merged.kept] == ["A.x"]
    assert spelled("", "x") == "x"


def test_a_method_that_the_game_put_elsewhere_is_kept_as_its_new_version():
    body = "class A:\n    def f(self): return 1\n    def g(self): return 2\n    h = f\n"
    reload = ClassReload(f"{body}alias = A.f", "A.h = A.g; A.x = base; x = A.g", f"{body}alias = A.g")
    new = vars(reload.new["A"])
    assert reload.value("h") is new["g"]
    assert reload.value("x") is reload.new["base"]
    assert reload.merged.scopes[""]["x"] is new["g"]


# annotation before, what the game does, annotation after, new value, x then, whether kept
POLICIES = [
    ("Keep[int]", "x = 5", "Keep[int]", 2, 5, True),
    ("Keep[int]", "", "Keep[int]", 2, 1, True),
    ("Keep[int]", "", "Keep[int]", 1, 1, False),
    ("int", "x = 5", "Keep[int]", 2, 5, True),
    ("Keep[int]", "x = 5", "int", 2, 2, False),
    ("Keep[int]", "del x", "Keep[int]", 1, None, True),
    ("Keep[int]", "del x", "Keep[int]", 2, 2, False),
    ("Fresh[int]", "x = 5", "Fresh[int]", 1, 1, False),
    ("int", "x = 5", "Fresh[int]", 1, 1, False),
    ("Fresh[int]", "x = 5", "int", 1, 1, False),
]


@pytest.mark.parametrize(("one", "play", "other", "new", "value", "kept"), POLICIES)
def test_keep_and_fresh_overrule_the_rule(one, play, other, new, value, kept):
    head = "from livescripts import Fresh, Keep\n"
    reload = Reload(f"{head}x: {one} = 1", play, f"{head}x: {other} = {new}")
    assert reload.values.get("x") == value
    assert reload.kept == ({"x"} if kept else set())


def test_containers_that_show_something_else_are_compared_with_what_they_hold_in_the_game():
    row = [1]
    snapshot = Snapshot({"row": row}, attributes)
    row.clear()
    assert snapshot.altered(row)
    assert not snapshot.altered(row, {id(row): [1]})
    assert not snapshot.changed("row", row, instead={id(row): [1]})
    scope = Scope({"row": row}, {"row": []}, {}, {})
    assert not merge(snapshot, {"": scope}, is_code, {id(row): [1]}).kept
    assert merge(snapshot, {"": scope}, is_code).kept == (("", "row"),)


def test_what_another_script_sets_while_loading_is_not_the_games_doing():
    snapshot = Snapshot({}, attributes, {"A": {"count": 0}})
    row = []
    snapshot.accept("A", "count", 1)
    snapshot.accept("A", "row", row)
    assert not snapshot.changed("count", 1, "A")
    assert not snapshot.changed("row", row, "A")
    row.append(1)
    assert snapshot.changed("row", row, "A")
    assert snapshot.loaded(row) == []
    assert snapshot.loaded([]) is None


def test_members_that_were_exchanged_while_loading_are_forgotten():
    first, second = [1], [2]
    registry = [first]
    snapshot = Snapshot({"registry": registry}, attributes)
    assert snapshot.loaded(first) == [1]
    registry[:] = [second]
    snapshot.refresh([id(registry)])
    assert snapshot.loaded(first) is None
    assert snapshot.loaded(second) == [2]
    snapshot.refresh([id(first)])
    assert not snapshot.changed("registry", registry)


# ------------------------------------------------------------------ what stays as the game has changed it


def test_whether_the_game_has_changed_something_within():
    inner, other = [1], [2]
    snapshot = Snapshot({"x": {"inner": [inner]}, "y": other}, attributes)
    x = {"inner": [inner]}
    assert not snapshot.altered_within(x)  # it was not there
    loaded = next(iter(snapshot.scopes[""].values()))
    assert not snapshot.altered_within(loaded)
    inner.append(2)
    assert snapshot.altered_within(loaded)
    assert not snapshot.altered_within(other)


@pytest.mark.parametrize("known", [True, False])
def test_what_was_changed_before_goes_on_to_be_changed(known):
    inner = [1]
    value = {"inner": inner}
    before = Snapshot({"x": value}, attributes)
    inner.append(2)
    after = Snapshot({"x": value} if known else {}, attributes)
    assert after.knows(inner) == known
    after.carry(before, value, known=not known)
    assert after.altered_within(value) != known
    after.carry(before, value, known=known)
    assert after.altered_within(value)
    assert after.loaded(inner) == [1]


def test_what_loading_has_made_of_an_instance_may_be_something_else_than_it_has():
    thing, part = run(THING)["Thing"](), [1]
    thing.hp, thing.bag = 5, part
    snapshot = Snapshot({"x": thing}, attributes)
    snapshot.expect(thing, {"hp": 1, "bag": part})
    assert snapshot.altered(thing)
    thing.hp = 1
    assert not snapshot.altered_within(thing)
    part.append(2)
    assert snapshot.altered_within(thing)
