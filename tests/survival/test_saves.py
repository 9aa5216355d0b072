"""Save games: what was pickled before a reload loads after it, and what goes on can be pickled."""

from __future__ import annotations

import copy
import pickle

import pytest

from .kinds import KINDS

GOBLIN = """
class Goblin:
    class Part:
        def act(self): return "part v1"
    def __init__(self, hp=7): self.hp = hp
    def act(self): return "v1"
    @classmethod
    def make(cls): return cls(1)
    @staticmethod
    def rule(): return "v1"
def free(): return "v1"
"""
COLOR = "from enum import Enum\nclass Color(Enum):\n    RED = 1\n    def act(self): return 'v1'\n"
EDITED = GOBLIN.replace("v1", "v2")
RESTARTED = pytest.mark.parametrize("restarted", [False, True], ids=["after a reload", "after a restart"])


class Places:
    """A project whose files change: while the game runs, or between two runs of it."""

    def __init__(self, project, scripts, *, restarted, **options):
        self.project, self.scripts, self.restarted, self.options = project, dict(scripts), restarted, options
        self.game = project(scripts, **options)

    @property
    def space(self):
        return self.game.namespace

    def change(self, **files):
        """New texts by name of the file, without the suffix; None takes a file away."""
        for name, text in files.items():
            path = f"{name}.py"
            if text is None:
                del self.scripts[path]
                self.game.delete(path)
            else:
                self.scripts[path] = text
                self.game.write(path, text)
        if self.restarted:
            self.game.close()
            self.game = self.project(self.scripts, **self.options)
        else:
            report = self.game.update()
            assert report.reloaded
            assert not report.rejected


@pytest.fixture(params=KINDS)
def kind(request):
    found = KINDS[request.param]
    if found.pygame:
        pytest.importorskip("pygame")
    if "pickle" in found.lacks:
        pytest.skip("not with this kind of class at all")
    return found


# ------------------------------------------------------------------ saved before


@RESTARTED
def test_an_instance_of_any_kind_that_was_saved_loads_as_one_of_the_edited_class(project, kind, restarted):
    places = Places(project, {"a.py": kind.source}, restarted=restarted)
    thing = kind.make(kind.cls(places.space))
    state, saved = kind.state(thing), pickle.dumps(thing)
    places.change(a=kind.edited)
    loaded = pickle.loads(saved)
    assert type(loaded) is kind.cls(places.space)
    assert (kind.state(loaded), loaded.act()) == (state, "v2")


@RESTARTED
def test_what_was_saved_before_its_file_was_renamed_loads(project, restarted):
    places = Places(project, {"a.py": GOBLIN + COLOR}, restarted=restarted)
    space = places.space
    saved = pickle.dumps([space.Goblin(9), space.Goblin.Part(), space.Color.RED, space.free, space.Goblin])
    places.change(a=None, other=(GOBLIN + COLOR).replace("v1", "v2"))
    goblin, part, color, free, cls = pickle.loads(saved)
    space = places.space
    assert (type(goblin), goblin.hp, goblin.act()) == (space.Goblin, 9, "v2")
    assert (type(part), part.act()) == (space.Goblin.Part, "part v2")
    assert (color is space.Color.RED, free(), cls is space.Goblin) == (True, "v2", True)


@RESTARTED
def test_what_was_saved_before_it_moved_to_another_file_loads_though_its_old_file_is_still_there(project, restarted):
    places = Places(project, {"a.py": GOBLIN + "def stays(): return 1\n", "b.py": "B = 1\n"}, restarted=restarted)
    saved = pickle.dumps([places.space.Goblin(9), places.space.free, places.space.stays])
    places.change(a="def stays(): return 2\n", b="B = 1\n" + EDITED)
    goblin, free, stays = pickle.loads(saved)
    assert (type(goblin), goblin.hp, goblin.act()) == (places.space.Goblin, 9, "v2")
    assert (free(), stays()) == ("v2", 2)


@RESTARTED
def test_what_was_saved_before_it_moved_twice_loads(project, restarted):
    places = Places(project, {"a.py": GOBLIN}, restarted=restarted)
    saved = [pickle.dumps(places.space.Goblin(1))]
    places.change(a=None, b=EDITED)
    saved.append(pickle.dumps(places.space.Goblin(2)))
    places.change(b=None, c=EDITED.replace("v2", "v3"))
    loaded = [pickle.loads(one) for one in saved]
    assert [(type(one), one.hp, one.act()) for one in loaded] == [
        (places.space.Goblin, number, "v3") for number in (1, 2)
    ]


FIELDS = """
from dataclasses import dataclass
@dataclass<how>
class Goblin:
    hp: int = 7
"""


@RESTARTED
@pytest.mark.parametrize("how", ["", "(frozen=True)", "(kw_only=True)"])
def test_what_was_saved_before_a_field_was_added_has_its_default(project, restarted, how):
    text = FIELDS.replace("<how>", how)
    places = Places(project, {"a.py": text}, restarted=restarted)
    saved = pickle.dumps(places.space.Goblin(hp=9))
    places.change(a=text + "    mana: int = 5\n")
    goblin = pickle.loads(saved)
    assert (type(goblin), goblin.hp, goblin.mana) == (places.space.Goblin, 9, 5)
    assert goblin == places.space.Goblin(hp=9)
    assert copy.deepcopy(goblin).mana == 5


@RESTARTED
def test_what_was_saved_in_the_modules_layout_loads(project, restarted):
    places = Places(project, {"a.py": GOBLIN}, restarted=restarted, layout="modules")
    saved = pickle.dumps([places.space.a.Goblin(9), places.space.a.free])
    places.change(a=EDITED)
    goblin, free = pickle.loads(saved)
    assert (type(goblin), goblin.hp, goblin.act(), free()) == (places.space.a.Goblin, 9, "v2", "v2")


# ------------------------------------------------------------------ saved afterwards


def everything(space):
    goblin = space.Goblin
    return {
        "class": goblin, "nested class": goblin.Part, "function": space.free, "method": goblin.act,
        "class method": goblin.make, "static method": goblin.rule, "bound method": goblin(3).act,
        "instance": goblin(4), "nested instance": goblin.Part(), "list": [goblin, goblin(5), space.free],
    }  # fmt: skip


def check(space, version):
    for name, thing in everything(space).items():
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            loaded = pickle.loads(pickle.dumps(thing, protocol))
            if name in {"class", "nested class", "function", "method", "static method"}:
                assert loaded is thing, name
            if "function" in name or "static" in name or "bound" in name:
                assert loaded() == version, name
            if "instance" in name:
                assert type(loaded) is type(thing), name
                assert loaded.act() == thing.act()
                assert loaded.act().endswith(version)


def test_what_a_moved_class_consists_of_can_be_saved(project):
    game = project({"a.py": GOBLIN})
    goblin, cls, free, act = (
        game.namespace.Goblin(9),
        [game.namespace.Goblin],
        game.namespace.free,
        game.namespace.Goblin.act,
    )
    for version in ("v2", "v3"):
        game.save("a.py", GOBLIN.replace("v1", version))
        check(game.namespace, version)
        assert pickle.loads(pickle.dumps(goblin)).hp == 9
        assert pickle.loads(pickle.dumps(cls)) == [game.namespace.Goblin]
        assert pickle.loads(pickle.dumps(free)) is game.namespace.free is free
        assert pickle.loads(pickle.dumps(act)) is game.namespace.Goblin.act is act


def test_what_a_class_consists_of_that_was_not_edited_can_be_saved(project):
    game = project({"base.py": "HOUR = 1", "a.py": "from game import HOUR\n" + GOBLIN})
    before, goblin, free = game.namespace.Goblin, game.namespace.Goblin(9), game.namespace.free
    for hour in (2, 3):
        assert game.save("base.py", f"HOUR = {hour}").reloaded[0].dependants
        check(game.namespace, "v1")
        assert pickle.loads(pickle.dumps(before)) is game.namespace.Goblin is before
        assert pickle.loads(pickle.dumps(goblin)).hp == 9
        assert pickle.loads(pickle.dumps(free)) is free


def test_what_moved_to_another_file_can_be_saved(project):
    game = project({"a.py": GOBLIN, "b.py": "B = 1\n"})
    goblin, cls = game.namespace.Goblin(9), [game.namespace.Goblin]
    game.write("a.py", "A = 1\n")
    game.write("b.py", "B = 1\n" + EDITED)
    assert game.update().reloaded
    check(game.namespace, "v2")
    assert type(goblin) is game.namespace.Goblin
    assert pickle.loads(pickle.dumps(goblin)).hp == 9
    assert pickle.loads(pickle.dumps(cls)) == [game.namespace.Goblin]


def test_members_of_enums_can_be_saved(project):
    game = project({"base.py": "HOUR = 1", "a.py": "from game import HOUR\n" + COLOR})
    row = [game.namespace.Color.RED]
    saved = pickle.dumps(row)
    game.save("base.py", "HOUR = 2")
    assert pickle.loads(pickle.dumps(row))[0] is row[0] is game.namespace.Color.RED
    game.save("a.py", "from game import HOUR\n" + COLOR.replace("v1", "v2"))
    assert pickle.loads(pickle.dumps(row))[0] is row[0] is game.namespace.Color.RED
    assert pickle.loads(saved)[0] is game.namespace.Color.RED
