"""What Python cannot move: other slots, another built-in base, members of enums, named tuples with other fields."""

from __future__ import annotations

import collections
import copy
import pickle

import pytest

# ------------------------------------------------------------------ slots and built-in bases


SLOTTED = """
class Goblin:
    __slots__ = ("hp",)
    def __init__(self): self.hp = 7
    def act(self): return "v1"
    def set_mana(self): self.mana = 5
"""
TWO_SLOTS = SLOTTED.replace('("hp",)', '("hp", "mana")').replace("v1", "v2")
UNSLOTTED = SLOTTED.replace('    __slots__ = ("hp",)\n', "").replace("v1", "v2")
BASED = """
class Goblin(<base>):
    def act(self): return "v1", len(self)
"""


def warned(report, *words):
    return any(all(word in warning for word in words) for warning in report.reloaded[0].warnings)


def test_a_slot_that_is_new_is_missing_and_the_warning_names_it(project):
    game = project({"a.py": SLOTTED})
    goblins = [game.namespace.Goblin(), game.namespace.Goblin()]
    report = game.save("a.py", TWO_SLOTS)
    assert (report.reloaded[0].stuck, report.reloaded[0].migrated) == (2, 0)
    assert warned(report, "Goblin", "mana")
    assert [(goblin.hp, goblin.act()) for goblin in goblins] == [(7, "v2")] * 2
    assert isinstance(goblins[0], game.namespace.Goblin)
    with pytest.raises(AttributeError, match="mana"):
        goblins[0].set_mana()
    fresh = game.namespace.Goblin()
    fresh.set_mana()
    assert fresh.mana == 5


def test_a_slot_that_goes(project):
    game = project({"a.py": TWO_SLOTS})
    goblin = game.namespace.Goblin()
    goblin.mana = 3
    report = game.save("a.py", SLOTTED.replace("v1", "v3"))
    assert report.reloaded[0].stuck == 1
    assert warned(report, "Goblin")
    assert (goblin.hp, goblin.act()) == (7, "v3")


def test_the_same_slots_in_another_order_are_the_same_layout(project):
    game = project({"a.py": TWO_SLOTS})
    goblin = game.namespace.Goblin()
    goblin.mana = 3
    report = game.save("a.py", TWO_SLOTS.replace('("hp", "mana")', '("mana", "hp")').replace("v2", "v3"))
    assert (report.reloaded[0].stuck, report.reloaded[0].warnings) == (0, ())
    assert (type(goblin), goblin.hp, goblin.mana, goblin.act()) == (game.namespace.Goblin, 7, 3, "v3")


def test_slots_that_are_given_up(project):
    game = project({"a.py": SLOTTED})
    goblin = game.namespace.Goblin()
    report = game.save("a.py", UNSLOTTED)
    assert report.reloaded[0].stuck == 1
    assert warned(report, "Goblin")
    assert (goblin.hp, goblin.act(), isinstance(goblin, game.namespace.Goblin)) == (7, "v2", True)
    goblin.hp = 8
    assert goblin.hp == 8


def test_slots_that_are_introduced(project):
    game = project({"a.py": UNSLOTTED})
    goblin = game.namespace.Goblin()
    goblin.extra = "kept"
    report = game.save("a.py", SLOTTED.replace("v1", "v3"))
    assert report.reloaded[0].stuck == 1
    assert warned(report, "Goblin")
    assert (goblin.hp, goblin.extra, goblin.act()) == (7, "kept", "v3")
    goblin.set_mana()
    assert (goblin.mana, isinstance(goblin, game.namespace.Goblin)) == (5, True)


BELOW = """
class Thing:
    __slots__ = ("x",)
class Goblin(Thing):
    __slots__ = ("hp",)
    def __init__(self): self.x, self.hp = 1, 7
    def act(self): return "v1"
class Chief(Goblin):
    def __init__(self): super().__init__(); self.name = "grim"
"""


@pytest.mark.usefixtures("moving")
def test_slots_below_slots_that_are_what_they_were(project):
    game = project({"a.py": BELOW})
    goblin, chief = game.namespace.Goblin(), game.namespace.Chief()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("livescripts._runtime.transaction.settle", lambda *_: 1 / 0)
        assert game.save("a.py", BELOW.replace("v1", "v2").replace("class Thing:", "class Thing:\n    y = 1")).rejected
    assert (type(goblin), type(chief)) == (game.namespace.Goblin, game.namespace.Chief)
    assert (goblin.act(), chief.act()) == ("v1", "v1")
    report = game.save("a.py", BELOW.replace("v1", "v3").replace("class Thing:", "class Thing:\n    y = 1"))
    assert (report.reloaded[0].stuck, report.reloaded[0].warnings) == (0, ())
    assert (type(goblin), type(chief)) == (game.namespace.Goblin, game.namespace.Chief)
    assert (goblin.act(), goblin.y, chief.act(), chief.name) == ("v3", 1, "v3", "grim")
    assert [cls.__name__ for cls in game.namespace.Thing.__subclasses__()] == ["Goblin"]


def test_what_a_body_has_made_of_slots_below_slots_is_of_the_class_that_stays(project):
    text = BELOW + "from random import Random\nDICE = Random(1)\nTEAM = [[Goblin(), Chief()] for _ in range({})]\n"
    game = project({"a.py": text.format(1)})
    report = game.save("a.py", text.format(2))
    assert (report.reloaded[0].stuck, report.reloaded[0].warnings) == (0, ())
    (goblin, chief), _ = game.namespace.TEAM
    assert (type(goblin), type(chief)) == (game.namespace.Goblin, game.namespace.Chief)
    assert [cls.__name__ for cls in game.namespace.Thing.__subclasses__()] == ["Goblin"]


@pytest.mark.parametrize(
    ("old", "new", "value"), [("list", "dict", [1, 2]), ("dict", "list", {1: 2, 3: 4}), ("list", "object", [1, 2])]
)
def test_another_built_in_base(project, old, new, value):
    text = BASED.replace("<base>", old)
    game = project({"a.py": text})
    goblin = game.namespace.Goblin(value)
    report = game.save("a.py", BASED.replace("<base>", new).replace("v1", "v2"))
    assert report.reloaded[0].stuck == 1
    assert warned(report, "Goblin")
    assert goblin.act() == ("v2", 2)
    assert goblin == value
    assert isinstance(goblin, game.namespace.Goblin)
    goblin.clear()
    assert goblin.act() == ("v2", 0)


def test_a_built_in_base_that_is_new(project):
    text = 'class Goblin:\n    def __init__(self): self.hp = 7\n    def act(self): return "v1", self.hp\n'
    game = project({"a.py": text})
    goblin = game.namespace.Goblin()
    report = game.save("a.py", text.replace("Goblin:", "Goblin(list):").replace("v1", "v2"))
    assert report.reloaded[0].stuck == 1
    assert warned(report, "Goblin")
    assert (goblin.act(), isinstance(goblin, game.namespace.Goblin)) == (("v2", 7), True)


def test_an_instance_that_is_stuck_follows_later_edits_and_is_counted_each_time(project):
    game = project({"a.py": SLOTTED})
    goblin = game.namespace.Goblin()
    game.save("a.py", TWO_SLOTS)
    report = game.save("a.py", TWO_SLOTS.replace("v2", "v3"))
    assert report.reloaded[0].stuck == 1
    assert (goblin.hp, goblin.act()) == (7, "v3")


def test_an_instance_that_is_stuck_is_freed_when_its_layout_comes_back(project):
    game = project({"a.py": SLOTTED})
    goblin = game.namespace.Goblin()
    game.save("a.py", TWO_SLOTS)
    game.save("a.py", SLOTTED.replace("v1", "v3"))
    assert goblin.act() == "v3"
    assert (type(goblin), goblin.hp) == (game.namespace.Goblin, 7)


def test_an_instance_that_is_stuck_can_be_saved_and_copied(project):
    game = project({"a.py": SLOTTED})
    goblin = game.namespace.Goblin()
    game.save("a.py", TWO_SLOTS)
    for other in (pickle.loads(pickle.dumps(goblin)), copy.copy(goblin), copy.deepcopy(goblin)):
        assert (other.hp, other.act(), isinstance(other, game.namespace.Goblin)) == (7, "v2", True)


def test_an_unedited_subclass_of_a_class_whose_slots_changed(project):
    sub = "from game import Goblin\nclass Chief(Goblin):\n    __slots__ = ()\n    def lead(self): return self.act()\n"
    game = project({"a.py": SLOTTED, "b.py": sub})
    chief = game.namespace.Chief()
    report = game.save("a.py", TWO_SLOTS)
    assert report.reloaded[0].stuck == 1
    assert warned(report, "Chief", "mana")
    assert (chief.hp, chief.act(), chief.lead()) == (7, "v2", "v2")
    assert isinstance(chief, game.namespace.Chief)
    assert isinstance(chief, game.namespace.Goblin)
    assert issubclass(game.namespace.Chief, game.namespace.Goblin)


# ------------------------------------------------------------------ enums


def enum(base, red="1", blue="2", act="v1"):
    return (
        f"from enum import {base}\nclass Color({base}):\n    RED = {red}\n    BLUE = {blue}\n"
        f"    def act(self): return '{act}'\n"
    )


ENUMS = {
    "Enum": ("1", "2"),
    "IntEnum": ("1", "2"),
    "Flag": ("1", "2"),
    "IntFlag": ("1", "2"),
    "StrEnum": ("'r'", "'b'"),
}
EVERY_ENUM = pytest.mark.parametrize("base", ENUMS)


class Holder:
    """An object of the host."""


@EVERY_ENUM
def test_a_held_member_becomes_the_new_member_of_its_name(project, host, base):
    game = project({"a.py": enum(base, *ENUMS[base]), "b.py": "class Goblin: pass\n"})
    space = game.namespace
    holder, goblin = Holder(), space.Goblin()
    host.color = holder.color = goblin.color = space.Color.RED
    row, table, keyed, bag = [space.Color.RED], {"color": space.Color.RED}, {space.Color.RED: "red"}, {space.Color.RED}
    report = game.save("a.py", enum(base, *ENUMS[base], act="v2"))
    red = space.Color.RED
    assert red.act() == "v2"
    assert host.color is holder.color is goblin.color is red
    assert row[0] is red
    assert table["color"] is red
    assert next(iter(keyed)) is red
    assert keyed[red] == "red"
    assert next(iter(bag)) is red
    assert red in bag
    assert (host.color.act(), host.color in space.Color, isinstance(row[0], space.Color)) == ("v2", True, True)
    assert report.reloaded[0].warnings == ()


@EVERY_ENUM
def test_a_held_member_has_the_value_that_its_name_has_now(project, base):
    red, blue = ENUMS[base]
    other = "'x'" if base == "StrEnum" else "4"
    game = project({"a.py": enum(base, red, blue)})
    space = game.namespace
    row, keyed, bag = [space.Color.RED], {space.Color.RED: "red"}, {space.Color.RED, space.Color.BLUE}
    game.save("a.py", enum(base, other, blue))
    assert row[0] is space.Color.RED
    assert repr(row[0].value) == other
    assert keyed == {space.Color.RED: "red"}
    assert keyed[space.Color.RED] == "red"
    assert bag == {space.Color.RED, space.Color.BLUE}
    assert space.Color.RED in bag


@pytest.mark.parametrize("base", ["Flag", "IntFlag"])
def test_a_held_combination_of_flags_becomes_the_new_one(project, host, base):
    game = project({"a.py": enum(base)})
    space = game.namespace
    host.both = space.Color.RED | space.Color.BLUE
    row, keyed, none = [host.both], {host.both: "both"}, [space.Color(0)]
    game.save("a.py", enum(base, act="v2"))
    both = space.Color.RED | space.Color.BLUE
    assert host.both is both
    assert row[0] is both
    assert next(iter(keyed)) is both
    assert none[0] is space.Color(0)
    assert (row[0].act(), space.Color.RED in row[0], isinstance(row[0], space.Color)) == ("v2", True, True)


def test_a_held_combination_is_made_of_the_names_that_it_was_made_of(project):
    game = project({"a.py": enum("Flag", "1", "2")})
    space = game.namespace
    row = [space.Color.RED | space.Color.BLUE]
    game.save("a.py", enum("Flag", "4", "8"))
    assert row[0] is space.Color.RED | space.Color.BLUE
    assert row[0].value == 12


@pytest.mark.parametrize("base", ["Enum", "IntEnum", "Flag", "StrEnum"])
def test_a_member_that_is_removed_is_reported_and_stays_usable(project, base):
    red, blue = ENUMS[base]
    game = project({"a.py": enum(base, red, blue)})
    row, keyed = [game.namespace.Color.BLUE], {game.namespace.Color.BLUE: "blue"}
    report = game.save("a.py", enum(base, red, blue).replace(f"    BLUE = {blue}\n", ""))
    assert warned(report, "Color", "BLUE")
    assert row[0].name == "BLUE"
    assert repr(row[0].value) == blue
    assert "BLUE" in repr(row[0])
    assert keyed[row[0]] == "blue"
    assert row[0] == row[0]  # asking does not raise
    assert row[0] != game.namespace.Color.RED


@EVERY_ENUM
def test_an_enum_that_was_not_edited_keeps_its_members(project, base):
    red, blue = ENUMS[base]
    game = project({"base.py": "HOUR = 1", "a.py": "from game import HOUR\n" + enum(base, red, blue)})
    space = game.namespace
    # Locals, not a list: in that a reload would rebind them.
    cls, one, two = space.Color, space.Color.RED, space.Color.BLUE
    both = one | two if base.endswith("Flag") else None
    report = game.save("base.py", "HOUR = 2")
    assert report.reloaded[0].dependants
    assert space.Color is cls
    assert space.Color.RED is one
    assert space.Color.BLUE is two
    assert space.Color(one.value) is space.Color["RED"] is one
    assert list(map(id, space.Color)) == [id(one), id(two)]
    assert (type(one), one.act()) == (space.Color, "v1")
    if both is not None:
        assert space.Color.RED | space.Color.BLUE is both
    assert pickle.loads(pickle.dumps(two)) is two


def test_a_member_whose_value_depends_on_something_edited(project):
    text = "from game import HOUR\nfrom enum import Enum\nclass Color(Enum):\n    RED = HOUR\n    BLUE = 'b'\n"
    game = project({"base.py": "HOUR = 1", "a.py": text})
    space = game.namespace
    row, keyed = [space.Color.RED, space.Color.BLUE], {space.Color.RED: "red"}
    game.save("base.py", "HOUR = 2")
    assert (space.Color.RED.value, row[0].value) == (2, 2)
    assert row[0] is space.Color.RED
    assert row[1] is space.Color.BLUE
    assert keyed[space.Color.RED] == "red"
    assert space.Color(2) is space.Color.RED
    with pytest.raises(ValueError, match="1 is not a valid"):
        space.Color(1)


def test_members_with_attributes_of_their_own(project):
    text = """
    from enum import Enum
    class Kind(Enum):
        ORK = ("ork", 10)
        ELF = ("elf", 20)
        def __init__(self, label, hp):
            self.label, self.hp = label, hp
    """
    game = project({"a.py": text})
    row = [game.namespace.Kind.ELF]
    game.save("a.py", text.replace("20", "30"))
    assert row[0] is game.namespace.Kind.ELF
    assert (row[0].label, row[0].hp) == ("elf", 30)


# ------------------------------------------------------------------ named tuples


POINT = """
from typing import NamedTuple
class Point(NamedTuple):
    x: int
    y: int
    def total(self): return self.x + self.y
"""
TIMES = POINT.replace("self.x + self.y", "(self.x + self.y) * 10")


def test_named_tuples_run_a_method_that_was_edited(project):
    game = project({"a.py": POINT})
    point, row = game.namespace.Point(1, 2), [game.namespace.Point(3, 4)]
    report = game.save("a.py", TIMES)
    assert (type(point), type(row[0])) == (game.namespace.Point,) * 2
    assert (point.total(), row[0].total(), report.reloaded[0].stuck) == (30, 70, 0)
    assert (point, point._replace(y=3).total(), point._asdict()) == ((1, 2), 40, {"x": 1, "y": 2})


def test_held_named_tuples_have_a_field_that_is_new_and_has_a_default(project, host):
    game = project({"a.py": POINT, "b.py": "class Goblin: pass\n"})
    space = game.namespace
    holder, goblin = Holder(), space.Goblin()
    host.point = holder.point = goblin.point = space.Point(1, 2)
    row, table = [space.Point(3, 4), "other"], {"point": space.Point(5, 6)}
    game.save("a.py", POINT.replace("    y: int\n", "    y: int\n    z: int = 9\n"))
    assert type(host.point) is space.Point
    assert host.point == (1, 2, 9)
    assert host.point is holder.point is goblin.point
    assert (row[0], row[0].z, row[0].y) == ((3, 4, 9), 9, 4)
    assert table == {"point": (5, 6, 9)}
    assert all(isinstance(one, space.Point) for one in (row[0], table["point"]))
    assert row[0].total() == 7


def test_a_named_tuple_that_nobody_can_replace_is_still_readable(project):
    game = project({"a.py": POINT})
    point = game.namespace.Point(1, 2)  # a local variable of a running frame
    game.save("a.py", TIMES.replace("    y: int\n", "    y: int\n    z: int = 9\n"))
    assert (point.x, point.y, tuple(point)[:2]) == (1, 2, (1, 2))
    assert point.total() == 30


@pytest.mark.parametrize(
    "fields",
    ["    x: int\n    y: int\n    z: int\n", "    z: int\n    x: int\n    y: int\n"],
    ids=["behind", "in front"],
)
def test_a_named_tuple_without_a_field_that_is_new_and_has_no_default_can_be_read_and_is_reported(project, fields):
    game = project({"a.py": POINT})
    point, row = game.namespace.Point(1, 2), [game.namespace.Point(3, 4)]
    report = game.save("a.py", TIMES.replace("    x: int\n    y: int\n", fields))
    assert warned(report, "Point")
    assert (point.x, point.y, row[0].x, row[0].y) == (1, 2, 3, 4)
    assert (point.total(), row[0].total()) == (30, 70)


def test_named_tuples_whose_fields_changed_places_are_read_by_name(project):
    game = project({"a.py": POINT})
    row = [game.namespace.Point(1, 2)]
    game.save("a.py", POINT.replace("    x: int\n    y: int\n", "    y: int\n    x: int\n"))
    assert (row[0].x, row[0].y, row[0].total()) == (1, 2, 3)


def test_named_tuples_that_lose_a_field_keep_the_others(project):
    text = POINT.replace("return self.x + self.y", "return self.x")
    game = project({"a.py": text})
    row = [game.namespace.Point(1, 2)]
    game.save("a.py", text.replace("    y: int\n", "").replace("self.x", "self.x * 10"))
    assert (row[0].x, row[0].total()) == (1, 10)


def test_a_named_tuple_that_was_not_edited_stays_itself(project):
    game = project({"base.py": "HOUR = 1", "a.py": "from game import HOUR\n" + POINT.lstrip()})
    before = game.namespace.Point
    row, turns = [before(1, 2)], collections.deque([before(3, 4)])
    held = row[0]
    report = game.save("base.py", "HOUR = 2")
    assert report.reloaded[0].dependants
    assert game.namespace.Point is before
    assert row[0] is held
    assert (type(held), held.total(), type(turns[0])) == (before, 3, before)
    assert pickle.loads(pickle.dumps(held)) == held
