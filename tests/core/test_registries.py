"""What new source registers in a container that is kept: tables of the container as loaded, as played with, as made anew."""

from __future__ import annotations

from collections import Counter, defaultdict, deque

import pytest

from livescripts._core.merging import Snapshot
from livescripts._core.registries import registered
from livescripts._runtime.swapping import refill


class Meta(type):
    def __repr__(cls):
        return cls.__name__


def version(name):
    return Meta(name, (), {"__module__": "script"})


A, B, C, D = map(version, "ABCD")
A2, B2, C2, D2 = map(version, "ABCD")  # the same, of the new source
HOST = type("A", (), {})


class Box:
    __module__ = "script"

    def __init__(self, **values):
        vars(self).update(values)

    def __eq__(self, other):
        return vars(self) == vars(other)

    __hash__ = None


def definition(value):
    return (value.__module__, value.__name__) if isinstance(value, type) and value.__module__ == "script" else None


def attributes(value):
    return vars(value) if isinstance(value, Box) else None


def result(start, play, fresh):
    """What becomes of a container; None where nothing is to be done."""
    loaded = Snapshot({"x": start}, attributes)
    play(start)
    before = repr(start)
    found = list(registered(loaded, start, start, fresh, definition))
    assert repr(start) == before
    for container, contents in found:
        assert type(container) is type(contents)
        refill(container, contents)
    return start if found else None


def nothing(_):
    pass


# as loaded, what the game does, as made anew, as it should be (None: as it is)
ROWS = {
    "nothing new": (lambda: [A], lambda x: x.append(1), [A2], None),
    "one more": (lambda: [A], lambda x: x.append(1), [A2, B], [A, 1, B]),
    "one less": (lambda: [A, B], lambda x: x.append(1), [B2], [B, 1]),
    "another one": (lambda: [A], lambda x: x.append(1), [B], [1, B]),
    "in order": (lambda: [B], lambda x: x.insert(0, 1), [C, A, B2, D], [1, B, C, A, D]),
    "taken out by the game": (lambda: [A, B], lambda x: x.remove(A), [A2, B2], None),
    "taken out by both": (lambda: [A, B], lambda x: x.remove(A), [B2], None),
    "put in by the game": (lambda: [A], lambda x: x.append(B), [A2, B2], None),
    "put in by the game only": (lambda: [A], lambda x: x.append(B), [A2], None),
    "the host's own class": (lambda: [A], lambda x: x.append(HOST), [], [HOST]),
    "twice": (lambda: [A], lambda x: x.append(1), [A2, A2], [A, 1, A2]),
    "twice no more": (lambda: [A, A], lambda x: x.append(1), [A2], [A, 1]),
    "plain values are state": (lambda: [A, 1], lambda x: x.append(2), [A2, 1, 7], None),
    "a pair": (lambda: [(1, A)], lambda x: x.append(1), [(1, A2), (2, B)], [(1, A), 1, (2, B)]),
    "another pair": (lambda: [(1, A)], lambda x: x.append(1), [(2, A2)], [1, (2, A2)]),
    "a pair with a list is none": (list, lambda x: x.append(1), [([], A)], None),
    "a pair without code": (list, lambda x: x.append(1), [(1, 2)], None),
    "a deque": (lambda: deque([A], maxlen=9), lambda x: x.append(1), deque([A2, B]), deque([A, 1, B])),
    "a set": (lambda: {A}, lambda x: x.add(1), {B}, {1, B}),
    "another type": (lambda: [A], lambda x: x.append(1), (A2, B), None),
    "bytes": (lambda: bytearray(b"a"), lambda x: x.append(1), bytearray(b"b"), None),
    "no container": (lambda: 1, nothing, 2, None),
    "dict, nothing new": (lambda: {"a": A}, lambda x: x.update(m=1), {"a": A2}, None),
    "dict, one more": (lambda: {"a": A}, lambda x: x.update(m=1), {"a": A2, "b": B}, {"a": A, "m": 1, "b": B}),
    "dict, one less": (lambda: {"a": A, "b": B}, lambda x: x.update(m=1), {"b": B2}, {"b": B, "m": 1}),
    "dict, another key": (lambda: {"a": A}, lambda x: x.update(m=1), {"b": A2}, {"m": 1, "b": A2}),
    "dict, another class": (lambda: {"a": A}, lambda x: x.update(m=1), {"a": B}, {"a": B, "m": 1}),
    "dict, set by the game": (lambda: {"a": A}, lambda x: x.update(a=HOST), {"a": B}, None),
    "dict, set by the game before": (dict, lambda x: x.update(a=1), {"a": A}, None),
    "dict, set to a class by the game": (dict, lambda x: x.update(a=A), {"a": A2}, None),
    "dict, deleted by the game": (lambda: {"a": A}, dict.clear, {"a": A2}, None),
    "dict, plain value": (lambda: {"a": 1}, lambda x: x.update(b=1), {"a": 2, "c": 3}, None),
    "dict, plain value becomes code": (lambda: {"a": None}, lambda x: x.update(m=1), {"a": A}, {"a": A, "m": 1}),
    "dict, changed plain value": (lambda: {"a": None}, lambda x: x.update(a=1), {"a": A}, None),
    "dict, code becomes a plain value": (lambda: {"a": A}, lambda x: x.update(m=1), {"a": 5}, {"a": 5, "m": 1}),
    "dict, plain value gone": (lambda: {"a": 1}, lambda x: x.update(m=1), {}, None),
    "dict by class": (lambda: {A: 1}, lambda x: x.update(m=1), {A2: 1, B: 2}, {A: 1, "m": 1, B: 2}),
    "dict by class, one less": (lambda: {A: 1, B: 1}, lambda x: x.update(m=1), {B2: 1}, {B: 1, "m": 1}),
    "dict by class, another value": (lambda: {A: 1}, lambda x: x.update(m=1), {A2: 2}, None),
    "a counter": (lambda: Counter({A: 1}), lambda x: x.update("m"), Counter({B: 2}), Counter({"m": 1, B: 2})),
    "lists in a dict": (
        lambda: {"a": [A], "b": [B]},
        lambda x: x["a"].append(1),
        {"a": [A2, C], "b": [], "d": [D]},
        {"a": [A, 1, C], "b": [], "d": [D]},
    ),
    "a list that is gone": (lambda: {"a": [A], "b": [B, 1]}, lambda x: x.update(m=1), {}, {"b": [1], "m": 1}),
    "a list that is gone, and the game's": (lambda: {"a": [A]}, lambda x: x["a"].append(1), {}, {"a": [1]}),
    "a list that is gone, taken over": (lambda: {"a": [A]}, lambda x: x.update(a=[HOST, B]), {}, None),
    "a list that both have made": (dict, lambda x: x.update(a=[1]), {"a": [A]}, {"a": [1, A]}),
    "a list of the game's alone": (dict, lambda x: x.update(a=[A]), {"b": 1}, None),
    "a dict that is gone": (lambda: {"a": {"b": A}}, lambda x: x.update(m=1), {}, {"a": {}, "m": 1}),
    "defaultdict": (
        lambda: defaultdict(list, a=[A]),
        lambda x: x["m"].append(1),
        defaultdict(list, b=[B]),
        {"m": [1], "b": [B]},
    ),
    "an instance": (
        lambda: Box(row=[A], n=1, old=[A]),
        lambda x: x.row.append(1),
        Box(row=[A2, B], n=2, new=[C]),
        Box(row=[A, 1, B], n=1, old=[]),
    ),
}


@pytest.mark.parametrize(("start", "play", "fresh", "expected"), ROWS.values(), ids=ROWS)
def test_code_that_the_new_source_registers_comes_and_code_that_it_does_not_goes(start, play, fresh, expected):
    found = result(start(), play, fresh)
    assert found == expected
    if isinstance(expected, dict):
        assert list(found) == list(expected)


def test_a_container_that_is_in_itself_is_looked_at_once():
    start, fresh = {"a": A}, {"a": A2, "b": B}
    start["self"], fresh["self"] = start, fresh
    assert result(start, nothing, fresh) is start
    assert start["b"] is B


def test_what_is_already_the_new_object_is_left_alone():
    row = [A]
    assert result(row, lambda x: x.append(1), row) is None


def test_a_container_that_the_game_put_in_the_place_of_the_loaded_one_gets_it_too():
    loaded = Snapshot({"x": (old := [A])}, attributes)
    mine = [HOST]
    assert list(registered(loaded, old, mine, [A2, B], definition)) == [(mine, [HOST, B])]
