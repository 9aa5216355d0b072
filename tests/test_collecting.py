"""No garbage collection in the frames in which scripts are reloaded, and none that a game did not have before."""

from __future__ import annotations

import gc

import pytest

from livescripts._runtime import collecting
from livescripts._runtime.collecting import without_collections

TEXT = "class Goblin:\n    def __init__(self): self.hp = 1\n    def act(self): return {}\n"


@pytest.fixture
def collections():
    """The generations of the collections that were begun."""
    found = []

    def note(phase, info):
        if phase == "start":
            found.append(info["generation"])

    gc.callbacks.append(note)
    yield found
    gc.callbacks.remove(note)


def test_no_collection_comes_in_the_midst_of_a_reload(project, collections):
    game = project({"a.py": TEXT.format(1)})
    goblins = [game.namespace.Goblin() for _ in range(3_000)]
    before = gc.get_threshold()
    gc.set_threshold(50, 2, 2)
    try:
        game.write("a.py", TEXT.format(2).replace("self.hp = 1", "self.hp = 1; self.mana = [2]"))
        gc.collect()
        collections.clear()
        report, now = None, 100.0
        while not report:
            now += 1.0
            begun = len(collections)
            report = game.live.update(now=now)
        # Those few come before and after the work, in what is neither staging nor committing.
        assert len(collections) - begun < 10
        assert gc.get_threshold() == (50, 2, 2)
    finally:
        gc.set_threshold(*before)
    assert report.reloaded[0].migrated == 0
    assert [goblin.mana for goblin in goblins[:2]] == [[2], [2]]


def test_what_was_made_is_old_at_once_if_it_is_much():
    gc.collect()
    with without_collections(100):
        few = [[] for _ in range(10)]
    young = gc.get_objects(generation=0)
    assert any(each is few[0] for each in young)
    del young
    with without_collections(100):
        many = [[] for _ in range(1_000)]
    young = gc.get_objects(generation=0)
    assert not any(each is many[0] for each in young)


def test_what_was_made_does_not_bring_on_a_look_at_the_whole_heap(collections):
    before = gc.get_threshold()
    try:
        # As after a long while: the next collection would go through all generations.
        gc.set_threshold(100, 0, 0)
        collections.clear()
        with without_collections(5_000):
            made = [[] for _ in range(1_000)]
        assert collections == [0]
        assert made
    finally:
        gc.set_threshold(*before)


def test_what_python_itself_has_frozen_is_not_the_games(collections, monkeypatch):
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 375)
    with without_collections(100):
        made = [[] for _ in range(1_000)]
    assert collections == []
    assert made


def test_what_the_game_has_frozen_stays_so(collections):
    gc.collect()
    gc.freeze()
    try:
        count = gc.get_freeze_count()
        collections.clear()
        with without_collections(100):
            made = [[] for _ in range(1_000)]
        assert gc.get_freeze_count() == count
        assert collections == [0]
        assert made
    finally:
        gc.unfreeze()


def test_a_game_without_collections_has_none(collections):
    before = gc.get_threshold()
    gc.disable()
    try:
        with without_collections():
            assert gc.get_threshold() == before
        assert collections == []
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert collecting.FEW > before[0]


def test_a_threshold_that_a_script_sets_meanwhile_is_kept():
    before = gc.get_threshold()
    try:
        with without_collections():
            gc.set_threshold(123, 4, 5)
        assert gc.get_threshold() == (123, 4, 5)
    finally:
        gc.set_threshold(*before)
