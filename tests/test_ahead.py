"""What was saved is staged while it settles; what is done then, and what happens meanwhile."""

from __future__ import annotations

import itertools
import sys
import types

import pytest

SETTLE = 0.0625
FRAME = SETTLE / 16
TEXT = """
import host_of_ahead
host_of_ahead.seen.append({number})
speed = {number}
LIMITS = [1, 2]
class Goblin:
    def hit(self): return {number}
"""


@pytest.fixture
def seen(monkeypatch):
    """What bodies of scripts have noted."""
    host = types.ModuleType("host_of_ahead")
    host.seen = []
    monkeypatch.setitem(sys.modules, host.__name__, host)
    return host.seen


@pytest.fixture
def game(project, seen):
    one = project({"a.py": TEXT.format(number=1)}, settle=SETTLE)
    seen.clear()
    return one


def text(number):
    return TEXT.format(number=number)


def play(game, frames, each=lambda frame: None):
    """That many frames. Returns the reports that say something, by the number of the frame."""
    found = {}
    for frame in range(1, frames + 1):
        game._time += FRAME
        report = game.live.update(now=game._time)
        if report:
            found[frame] = report
        each(frame)
    return found


def test_a_save_is_staged_while_it_settles_and_live_when_it_has(game, seen):
    goblin = game.namespace.Goblin()
    game.write("a.py", text(2))
    states = []
    found = play(game, 40, lambda _: states.append((bool(seen), goblin.hit(), game.namespace.speed, game.live.busy)))
    assert states[:5] == [(False, 1, 1, True)] * 5  # a third of the time it takes to settle, nothing is done
    assert (True, 1, 1, True) in states  # then it is executed, and nobody sees it
    (frame,) = found
    assert states[frame - 2][:3] == (True, 1, 1)
    assert states[frame - 1] == (True, 2, 2, False)
    assert frame * FRAME >= SETTLE
    assert seen == [2]
    assert found[frame].reloaded[0].frames > 1


def test_it_is_live_in_the_frame_in_which_it_has_settled(game):
    game.write("a.py", text(2))
    game.live.update(now=game._time)
    assert list(play(game, 40)) == [16]


@pytest.mark.parametrize("when", range(1, 17))
def test_a_save_meanwhile_begins_anew(game, seen, when):
    game.write("a.py", text(2))
    game.live.update(now=game._time)
    found = play(game, 60, lambda frame: frame == when and game.write("a.py", text(3)))
    first = 2 if when == 16 else 3  # by then it was live already
    assert [report.reloaded[0].scripts[0].name for report in found.values()] == ["a.py"] * (4 - first)
    assert game.namespace.speed == game.namespace.Goblin().hit() == 3
    assert seen[-1] == 3
    assert not game.live.busy


@pytest.mark.parametrize("when", range(1, 16))
def test_what_the_file_says_when_it_has_settled_counts_and_not_what_it_said_before(game, when):
    path = game.path("a.py")

    def write(frame):
        if frame == when:
            game.files.contents[path] = text(3).encode()  # and nobody is told

    game.write("a.py", text(2))
    found = play(game, 60, write)
    assert len(found) == 1
    assert game.namespace.speed == game.namespace.Goblin().hit() == 3


def test_a_file_that_is_what_it_was_when_it_has_settled_was_never_saved(game, seen):
    def write(frame):
        if frame == 12:
            game.files.contents[game.path("a.py")] = text(1).encode()

    game.write("a.py", text(2))
    assert not play(game, 60, write)
    assert seen == [2]
    assert (game.namespace.speed, game.live.busy, game.live.errors) == (1, False, {})
    assert game.save("a.py", text(2)).reloaded


@pytest.mark.parametrize(
    "bad",
    ["speed = (", "speed = 1 / 0", "import unittest\nclass T(unittest.TestCase):\n    def test_it(self): self.fail()"],
)
def test_nobody_is_told_of_what_is_wrong_before_it_has_settled(game, bad):
    errors = []
    game.live.on_error(errors.append)
    game.write("a.py", bad)
    game.live.update(now=game._time)
    play(game, 15)
    assert not errors
    assert not game.live.errors
    assert [report.rejected[0].scripts[0].name for report in play(game, 30).values()] == ["a.py"]
    assert errors
    assert game.namespace.speed == 1


def test_what_the_game_does_meanwhile_counts(game):
    space = game.namespace

    def plays(frame):
        if frame == 13:
            space.speed = 100
            space.LIMITS.append(3)

    game.write("a.py", TEXT.format(number=1).replace("return 1", "return 2"))
    assert play(game, 60, plays)
    assert (space.speed, space.LIMITS, space.Goblin().hit()) == (100, [1, 2, 3], 2)
    game.save("a.py", TEXT.format(number=1).replace("return 1", "return 3"))
    assert (space.speed, space.LIMITS, space.Goblin().hit()) == (100, [1, 2, 3], 3)


EDITS = {
    "a variable": ("speed = 1", "speed = 0 + 1", lambda space: setattr(space, "speed", 100)),
    "a list": ("LIMITS = [1, 2]", "LIMITS = [1, 1 + 1]", lambda space: space.LIMITS.append(3)),
    "a method": ("return 1", "return 3 - 2", lambda space: setattr(space.Goblin, "hit", lambda self: 100)),
    "a method that goes": ("return 1", "return 3 - 2", lambda space: delattr(space.Goblin, "hit")),
    "a class": ("return 1", "return 3 - 2", lambda space: setattr(space, "Goblin", type(space))),
    "a function": ("def run(): return 1", "def run(): return 3 - 2", lambda space: setattr(space, "run", len)),
    "a function that goes": ("def run(): return 1", "def run(): return 3 - 2", lambda space: delattr(space, "run")),
}


@pytest.mark.parametrize("what", EDITS)
@pytest.mark.parametrize("when", range(7, 16))
def test_an_edit_wins_over_what_the_game_does_meanwhile(project, seen, what, when):
    before, after, plays = EDITS[what]
    body = TEXT.format(number=1) + "def run(): return 1\n"
    game = project({"a.py": body}, settle=SETTLE)
    space = game.namespace
    kind, run = space.Goblin, space.run
    game.write("a.py", body.replace(before, after))
    game.live.update(now=game._time)
    assert play(game, 60, lambda frame: frame == when and plays(space))
    assert (space.speed, space.LIMITS, space.run) == (1, [1, 2], run)
    assert space.Goblin().hit() == kind().hit() == run() == 1
    game.live.undo()
    assert space.Goblin().hit() == run() == 1


def test_what_is_no_everyday_edit_waits(project, seen):
    files = {
        f"{name}.py": text(1).replace("speed", f"speed_{name}").replace("Goblin", name.title())
        for name in "abcdefghijk"
    }
    game = project({name: body.replace("LIMITS", f"LIMITS_{name[0]}") for name, body in files.items()}, settle=SETTLE)

    def ahead(*writes):
        for name, body in writes:
            (game.write(name, body) if body is not None else game.delete(name))
        seen.clear()
        game.live.update(now=game._time)
        play(game, 15)
        before = [*seen]
        play(game, 60)
        assert seen or not any(body for _, body in writes)
        return before

    body = (game.files.contents[game.path("a.py")]).decode()
    assert ahead(("a.py", body + "# 1"))
    assert not ahead(("new.py", "import host_of_ahead\nhost_of_ahead.seen.append(0)"))
    assert not ahead(("a.py", body + "# 2"), ("new.py", None))
    assert not ahead(("a.py", body + "# 3"), ("b.py", ""))
    every = [(name, game.files.contents[game.path(name)].decode() + "\n# 4") for name in files if name != "b.py"]
    assert ahead(*every[:-1])
    assert not ahead(
        *[(name, body + "# 5") for name, body in every], ("b.py", "import host_of_ahead\nhost_of_ahead.seen.append(0)")
    )


MEANWHILE = {
    "reload": lambda game: game.live.reload(game.path("a.py")),
    "undo": lambda game: game.live.undo(),
    "pause": lambda game: (game.live.pause(), play(game, 20), game.live.resume()),
    "another directory": lambda game: (
        game.files.directories.add(game.ROOT + "_more")
        or game.live.add_directory(game.ROOT + "_more", namespace="mods")
    ),
    "close": lambda game: game.live.close(),
    "remove": lambda game: game.live.remove_directory(game.ROOT),
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("when", [9, 13])
def test_whatever_is_asked_for_meanwhile_is_done(project, seen, what, when):
    game = project({"a.py": text(0)}, settle=SETTLE)
    game.save("a.py", text(1))
    space, goblin = game.namespace, game.namespace.Goblin()
    game.write("a.py", text(2))
    play(game, when)
    assert (space.speed, goblin.hit()) == (1, 1)
    MEANWHILE[what](game)
    if what in ("close", "remove"):
        assert goblin.hit() == 1
        return
    play(game, 60)
    assert (space.speed, goblin.hit(), game.live.busy) == (2, 2, False)
    game.live.undo()
    assert goblin.hit() == space.speed == (0 if what == "undo" else 1)
    game.save("a.py", text(4))
    assert (space.speed, goblin.hit()) == (4, 4)


def test_with_nothing_to_wait_for_nothing_is_done_ahead(project, seen):
    game = project({"a.py": text(1)}, settle=0)
    game.write("a.py", text(2))
    assert game.live.update(now=game._time).reloaded[0].frames == 1


@pytest.mark.parametrize(("period", "slices"), [(SETTLE / 16, 4), (SETTLE / 2, 2)])
def test_where_few_frames_are_left_each_does_more(project, seen, period, slices):
    times = itertools.count(1000, 0.001)
    game = project({"a.py": text(1)}, settle=SETTLE, frame_budget=0.04, clock=lambda: next(times))
    seen.clear()
    game.write("a.py", text(2))
    game.live.update(now=(now := 5000.0))
    while not (report := game.live.update(now=(now := now + period))):
        assert now < 5000.0 + SETTLE
    assert now == 5000.0 + SETTLE
    assert (report.reloaded[0].frames, seen) == (slices, [2])


CLASS_STATE = {
    "a value": (lambda kind: setattr(kind, "power", 100), "Goblin.power", 100),
    "a list": (lambda kind: kind.rows.append(2), "Goblin.rows", [1, 2]),
    "a new list": (lambda kind: setattr(kind, "rows", [5]), "Goblin.rows", [5]),
    "a method": (lambda kind: setattr(kind, "cry", lambda self: 100), "Goblin().cry()", 100),
}


@pytest.mark.parametrize("edit", ["return 2", "return 2\n    def new(self): return 1"])
@pytest.mark.parametrize("what", CLASS_STATE)
@pytest.mark.parametrize("when", [1, 9, 15])
def test_what_the_game_does_to_a_class_meanwhile_counts(project, seen, edit, what, when):
    body = TEXT.format(number=1) + "    rows = [1]\n    power = 1\n    def cry(self): return 1\n"
    game = project({"a.py": body}, settle=SETTLE)
    plays, question, answer = CLASS_STATE[what]
    goblin = game.namespace.Goblin()
    game.write("a.py", body.replace("return 1", edit, 1))
    game.live.update(now=game._time)
    assert play(game, 60, lambda frame: frame == when and plays(game.namespace.Goblin))
    assert (goblin.hit(), eval(question, vars(game.namespace))) == (2, answer)
    game.live.undo()
    assert (goblin.hit(), eval(question, vars(game.namespace))) == (1, answer)


@pytest.mark.parametrize("when", [1, 9, 15])
def test_who_wants_to_validate_meanwhile_is_asked(game, when):
    def no(module):
        if module.speed == 2:
            raise ValueError("no")

    game.write("a.py", text(2))
    game.live.update(now=game._time)
    found = play(game, 60, lambda frame: frame == when and game.live.add_validator(no))
    assert [bool(report.rejected) for report in found.values()] == [True]
    assert game.namespace.speed == 1


def test_news_of_files_that_are_no_scripts_do_not_begin_it_anew(game, seen):
    game.live.watch_files(game.ROOT, "*.log", lambda change: None)
    game.write("a.py", text(2))
    found = play(game, 40, lambda frame: game.write("game.log", f"frame {frame}"))
    assert game.namespace.speed == 2
    assert [report.reloaded[0].scripts[0].name for report in found.values() if report.reloaded] == ["a.py"]
    assert seen == [2]


@pytest.mark.parametrize("start", ["1", "[1]"])
@pytest.mark.parametrize("when", [1, 9, 15])
def test_what_is_never_kept_is_not_kept_because_it_was_set_meanwhile(project, start, when):
    body = f"from livescripts import Fresh\nshots: Fresh[object] = {start}\nclass Goblin:\n    hits: Fresh[object] = {start}\ndef run(): return 1"
    game = project({"a.py": body}, settle=SETTLE)
    space, wanted = game.namespace, eval(start)

    def plays(frame):
        if frame == when and type(wanted) is list:
            space.shots.append(2)
            space.Goblin.hits.append(2)
        elif frame == when:
            space.shots = space.Goblin.hits = 2

    game.write("a.py", body.replace("return 1", "return 2"))
    game.live.update(now=game._time)
    assert play(game, 60, plays)
    assert (space.shots, space.Goblin.hits, space.run()) == (wanted, wanted, 2)


SET_BY_THE_GAME = {
    "game.speed": lambda space: setattr(space, "speed", 100),
    "game.LIMITS": lambda space: space.LIMITS.append(3),
    "game.run": lambda space: setattr(space, "run", len),
    "game.Goblin.power": lambda space: setattr(space.Goblin, "power", 100),
    "game.Goblin.hit": lambda space: setattr(space.Goblin, "hit", len),
    "game.far": lambda space: setattr(space, "far", 100),
}


@pytest.mark.parametrize("name", SET_BY_THE_GAME)
@pytest.mark.parametrize("when", [1, 9, 15])
def test_what_the_game_sets_meanwhile_is_reported_as_kept(project, seen, name, when):
    body = TEXT.format(number=1) + "    power = 1\ndef run(): return 1\ndef walk(): return 1\nFAR = 1\n"
    game = project({"a.py": body, "b.py": "from game import FAR\nfar = FAR"}, settle=SETTLE)
    game.write("a.py", body.replace("walk(): return 1", "walk(): return 2").replace("FAR = 1", "FAR = 2"))
    game.live.update(now=game._time)
    found = play(game, 60, lambda frame: frame == when and SET_BY_THE_GAME[name](game.namespace))
    assert [report.reloaded[0].kept for report in found.values()] == [(name,)]
    assert game.namespace.walk() == 2
