"""The compile process: it spares the game a compilation, and whatever becomes of it costs nobody a reload."""

from __future__ import annotations

import gc
import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from contextlib import contextmanager

import pytest

import livescripts
from livescripts import host
from livescripts._core import analysis
from livescripts._core.wire import (
    ANNOUNCED,
    ANSWER,
    ASKED,
    LOADED,
    LONGEST_ANSWER,
    LONGEST_REQUEST,
    NOTHING,
    SAME,
    Frame,
    Unpacker,
    joined,
    pack,
    parts,
)  # fmt: skip
from livescripts._runtime import channel as channels
from livescripts._runtime import compiler as compilers
from livescripts._runtime import compiling, worker
from livescripts._runtime.channel import Process, command
from livescripts._runtime.compiler import Compiler
from livescripts._runtime.compiling import compile_source, digest
from livescripts._runtime.versions import Broken, Version
from livescripts._runtime.worker import Desk
from livescripts.testing import FakeClock, ManualWatcher

DEADLINE = 20.0  # seconds
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and priorities as POSIX has them")
PROC = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="looks into /proc")
PADDING = "# a line of a script that is worth the way to another process\n" * 40


def until(condition, what="it"):
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} did not come about"
        time.sleep(0.002)
    return found


@pytest.fixture
def compiled_here(monkeypatch):
    """The paths that the game compiled itself."""
    paths = []
    ordinary = compilers.prepare

    def prepare(path, data):
        paths.append(path)
        return ordinary(path, data)

    monkeypatch.setattr(compilers, "prepare", prepare)
    return paths


# ---------------------------------------------------------------- the game's side, with a process by hand


class Fake:
    """A process that says what the test wants it to say."""

    def __init__(self):
        self.requests = Unpacker({ANNOUNCED, ASKED, LOADED}, LONGEST_REQUEST)
        self.asked = []
        self.says = []
        self.full = self.dead = self.closed = False

    def send(self, data):
        assert not self.closed
        if self.dead:
            raise EOFError
        if self.full:
            return False
        self.asked += self.requests.feed(data)
        return True

    def receive(self):
        if self.says:
            return self.says.pop(0)
        if self.dead:
            raise EOFError
        return b""

    def close(self):
        self.closed = True

    def abandon(self):
        self.closed = True

    def answer(self, data, number=None, path="/x/a.py", **changes):
        number = self.asked[-1].number if number is None else number
        self.says.append(pack(Frame(ANSWER, number, joined(digest(data), compile_source(path, data), b""), **changes)))


A = "/x/a.py"
TEXT = (PADDING + "def f():\n    return 1\n").encode()
OTHER = (PADDING + "def f():\n    return 2\n").encode()


class Setting:
    def __init__(self, **options):
        self.fakes = []
        self.clock = FakeClock()
        self.compiler = Compiler(self.launch, clock=self.clock, **options)
        self.compiler.start()
        self.settled(1)

    def launch(self):
        self.fakes.append(Fake())
        return self.fakes[-1]

    def settled(self, number):
        until(lambda: len(self.fakes) == number and self.compiler.running, f"process {number}")

    @property
    def fake(self):
        return self.fakes[-1]


@pytest.fixture
def setting():
    made = []

    def make(**options):
        made.append(Setting(**options))
        return made[-1]

    yield make
    for each in made:
        each.compiler.close()
        assert all(fake.closed for fake in each.fakes)


def test_what_was_announced_is_used_when_its_batch_begins(setting, compiled_here):
    it = setting()
    it.compiler.announce(A)
    it.fake.answer(TEXT)
    it.compiler.expect({A: TEXT})
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    assert [frame.kind for frame in it.fake.asked] == [ANNOUNCED]
    assert not compiled_here


def test_a_batch_waits_for_what_is_on_its_way_and_no_longer_than_it_has_patience(setting, compiled_here):
    it = setting()
    it.compiler.announce(A)
    it.compiler.expect({A: TEXT})
    assert it.compiler.prepare(A, TEXT) is None
    it.clock.advance(0.4)
    assert it.compiler.prepare(A, TEXT) is None
    it.clock.advance(0.2)
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    # The next batch does not wait for one that is late.
    it.compiler.expect({A: OTHER})
    assert isinstance(it.compiler.prepare(A, OTHER), Version)
    assert compiled_here == [A, A]
    # Until it has caught up, though it has got more to do by then.
    it.compiler.announce("/x/b.py")
    it.fake.answer(TEXT, 1)
    it.compiler.expect({"/x/b.py": OTHER})
    assert it.compiler.prepare("/x/b.py", OTHER) is None
    assert it.fakes == [it.fake]


def test_whoever_cannot_wait_does_not(setting, compiled_here):
    it = setting()
    it.compiler.announce(A)
    assert isinstance(it.compiler.at_once(A, TEXT), Version)
    assert compiled_here == [A]
    it.fake.answer(TEXT)
    assert isinstance(it.compiler.at_once(A, TEXT), Version)
    assert compiled_here == [A]


def test_an_answer_for_older_contents_is_not_used(setting, compiled_here):
    it = setting()
    it.compiler.announce(A)
    it.fake.answer(TEXT)
    it.compiler.expect({A: OTHER})
    assert it.compiler.prepare(A, OTHER) is None
    assert [frame.kind for frame in it.fake.asked] == [ANNOUNCED, ASKED]
    it.fake.answer(TEXT)  # and once more: it was saved again, and back
    version = it.compiler.prepare(A, OTHER)
    assert version.data == OTHER
    assert 2 in version.code.co_consts[0].co_consts
    assert compiled_here == [A]


def test_one_answer_covers_all_saves_before_it(setting, compiled_here):
    it = setting()
    for _ in range(3):
        it.compiler.announce(A)
    it.fake.answer(TEXT)
    it.compiler.expect({A: OTHER})
    assert it.compiler.prepare(A, OTHER) is None
    assert [frame.kind for frame in it.fake.asked] == [ANNOUNCED] * 3 + [ASKED]


@pytest.mark.parametrize("kind", [SAME, NOTHING])
def test_an_answer_that_brings_nothing_is_asked_about_once(setting, compiled_here, kind):
    it = setting()
    it.compiler.announce(A)
    it.fake.says.append(pack(Frame(kind, 1)))
    it.compiler.expect({A: TEXT})
    assert it.compiler.prepare(A, TEXT) is None
    it.fake.says.append(pack(Frame(kind, it.fake.asked[-1].number)))
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    assert compiled_here == [A]


def test_a_few_lines_are_not_waited_for(setting, compiled_here):
    it = setting()
    it.compiler.expect({A: b"x = 1\n"})
    assert isinstance(it.compiler.prepare(A, b"x = 1\n"), Version)
    assert not it.fake.asked
    assert compiled_here == [A]


def test_a_full_pipe_and_a_path_that_does_not_fit_mean_compiling_here(setting, compiled_here):
    it = setting()
    it.fake.full = True
    it.compiler.announce(A)
    it.compiler.expect({A: TEXT})
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    it.fake.full = False
    long = "/x/" + "y" * 5000 + ".py"
    it.compiler.announce(long)
    it.compiler.expect({long: TEXT})
    assert isinstance(it.compiler.prepare(long, TEXT), Version)
    assert it.fakes == [it.fake]
    assert not it.fake.asked
    assert compiled_here == [A, long]


def test_answers_that_nobody_wants_are_few(setting, monkeypatch):
    monkeypatch.setattr(compilers, "_KEPT", 20_000)
    monkeypatch.setattr(compilers, "_OUTSTANDING", 100)
    it = setting()
    for number in range(200):
        it.compiler.announce(f"/x/{number}.py")
    assert len(it.fake.asked) == 100
    for frame in it.fake.asked:
        it.fake.answer(TEXT, frame.number, os.fsdecode(frame.payload))
    while it.fake.says:
        it.compiler.expect({})
    kept = it.compiler._answers
    assert 1 < len(kept) < 100
    assert it.compiler._kept == sum(sum(map(len, answer)) for answer in kept.values()) <= 20_000
    it.compiler.forget(list(kept))
    assert it.compiler._kept == 0
    it.compiler.announce(A)
    assert it.fake.asked[-1].payload == A.encode()


GOOD = pack(Frame(ANSWER, 1, joined(digest(TEXT), compile_source(A, TEXT), b"")))


@pytest.mark.parametrize(
    "said",
    [
        b"Fatal Python error: Segmentation fault\n",
        pack(Frame(ASKED, 1, b"/x/a.py")),
        pack(Frame(ANSWER, 1, b"x"))[:13] + (LONGEST_ANSWER + 1).to_bytes(4, "little"),
        GOOD[:-1] + bytes([GOOD[-1] ^ 1]),
        GOOD[:100] + b"\xff\xff" + GOOD[102:],
        pack(Frame(ANSWER, 2, GOOD[17:-4])),
        pack(Frame(ANSWER, 1, b"short")),
        pack(Frame(SAME, 1, b"x")),
        pack(Frame(NOTHING, 1, b"x")),
    ],
    ids=["garbage", "kind", "oversized", "checksum", "bytes", "number", "digest", "same", "nothing"],
)  # fmt: skip
def test_a_process_that_makes_no_sense_is_replaced(setting, compiled_here, said):
    it = setting()
    it.compiler.announce(A)
    it.fake.says.append(said)
    version = it.compiler.prepare(A, TEXT)
    assert isinstance(version, Version)
    assert compiled_here == [A]
    it.settled(2)
    assert it.fakes[0].closed
    it.compiler.announce(A)
    it.fake.answer(OTHER)
    it.compiler.expect({A: OTHER})
    assert isinstance(it.compiler.prepare(A, OTHER), Version)
    assert compiled_here == [A]


def test_a_process_that_ends_in_the_middle_of_an_answer_is_replaced(setting, compiled_here):
    it = setting()
    it.compiler.announce(A)
    it.fake.says.append(GOOD[: len(GOOD) // 2])
    it.compiler.expect({A: TEXT})
    assert it.compiler.prepare(A, TEXT) is None
    it.fake.dead = True
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    assert compiled_here == [A]
    it.settled(2)


@pytest.mark.parametrize("part", range(8))
def test_a_process_that_ends_at_any_byte_of_its_answer_costs_no_reload(setting, compiled_here, part):
    head, step = 64, 97  # each byte of the header, then here and there, then each of the end
    cuts = [*range(head), *range(head, len(GOOD) - head, step), *range(len(GOOD) - head, len(GOOD))]
    for cut in cuts[part::8]:
        it = setting()
        compiled_here.clear()
        it.compiler.announce(A)
        it.fake.says.append(GOOD[:cut])
        it.compiler.expect({A: TEXT})
        assert it.compiler.prepare(A, TEXT) is None
        it.fake.dead = True
        assert it.compiler.prepare(A, TEXT).data == TEXT
        assert compiled_here == [A]


def test_a_batch_that_has_lost_its_process_does_not_wait_for_the_next(setting, compiled_here):
    it = setting()
    it.compiler.expect({A: TEXT, "/x/b.py": TEXT})
    it.fake.dead = True
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    it.settled(2)
    assert isinstance(it.compiler.prepare("/x/b.py", TEXT), Version)
    assert not it.fake.asked
    assert compiled_here == [A, "/x/b.py"]


def test_a_record_that_is_none_means_compiling_here(setting, compiled_here):
    it = setting()
    it.compiler.announce(A)
    it.fake.says.append(pack(Frame(ANSWER, 1, joined(digest(TEXT), b"not a record", b""))))
    it.compiler.expect({A: TEXT})
    assert isinstance(it.compiler.prepare(A, TEXT), Version)
    assert compiled_here == [A]
    assert it.fakes == [it.fake]


def test_a_process_that_keeps_dying_is_given_up_with_one_warning(setting, caplog):
    it = setting(pauses=(0.0, 0.0))
    for number in (2, 3):
        it.fake.dead = True
        it.compiler.announce(A)
        it.settled(number)
    it.fake.dead = True
    it.compiler.announce(A)
    until(lambda: not it.compiler._upkeep._thread.is_alive())
    it.compiler.announce(A)
    assert not it.compiler.running
    assert len(it.fakes) == 3
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "goes on without it" in caplog.text


def test_one_that_lived_long_is_not_held_against_the_next(setting):
    it = setting(pauses=(0.0, 0.0))
    for number in range(2, 8):
        it.clock.advance(60)
        it.fake.dead = True
        it.compiler.announce(A)
        it.settled(number)


def test_one_that_cannot_be_started_is_given_up_with_one_warning(caplog):
    def launch():
        raise FileNotFoundError(2, "No such file", "/no/python")

    compiler = Compiler(launch, pauses=(0.0, 0.0))
    compiler.start()
    until(lambda: not compiler._upkeep._thread.is_alive())
    assert isinstance(compiler.prepare(A, TEXT), Version)
    compiler.close()
    assert len(caplog.records) == 1


def test_closing_does_not_wait_for_a_pause(setting):
    it = setting(pauses=(3600.0,))
    it.fake.dead = True
    it.compiler.announce(A)
    it.compiler.close()
    it.compiler.start()
    assert not it.compiler.running
    assert it.fakes == [it.fake]


def test_what_was_loaded_is_known_to_the_first_edit_without_parsing_it(setting, monkeypatch):
    loaded = compilers.prepare(A, TEXT)
    it = setting(running={A: loaded}.get)
    it.compiler.loaded([A])
    until(lambda: it.fake.asked, "the news")
    assert it.fake.asked[0] == Frame(LOADED, 0, A.encode())
    it.compiler.announce(A)
    before = digest(TEXT) + compile_source(A, TEXT)
    it.fake.says.append(pack(Frame(ANSWER, 1, joined(digest(OTHER), compile_source(A, OTHER), before))))

    def parse(*_, **__):
        raise AssertionError("parsed in a frame")

    monkeypatch.setattr(compiling, "details", parse)
    monkeypatch.setattr(analysis, "details", parse)
    it.compiler.expect({A: OTHER})
    version = it.compiler.prepare(A, OTHER)
    assert loaded.analysis.bindings.keys() == version.analysis.bindings.keys() == {"f"}


def test_a_record_of_something_else_than_what_was_loaded_is_no_news_of_it(setting):
    loaded = compilers.prepare(A, TEXT)
    it = setting(running={A: loaded}.get)
    it.compiler.announce(A)
    before = digest(TEXT) + compile_source(A, b"g = 1\n")
    it.fake.says.append(pack(Frame(ANSWER, 1, joined(digest(OTHER), compile_source(A, OTHER), before))))
    it.compiler.expect({A: OTHER})
    assert it.compiler.prepare(A, OTHER)
    assert set(loaded.analysis.bindings) == {"f"}


def work(desk):
    while desk.busy:
        frame = desk.work()
        if frame is not None:
            yield frame


def test_what_was_loaded_is_worked_out_last_and_sent_along_when_it_has_changed(tmp_path):
    desk = Desk(compile_source)
    first, second = (tmp_path / name for name in ("a.py", "b.py"))
    for path in (first, second):
        path.write_bytes(TEXT)
        desk.put(Frame(LOADED, 0, os.fsencode(path)))
    desk.put(Frame(ANNOUNCED, 1, os.fsencode(first)))
    desk.put(Frame(ANNOUNCED, 2, os.fsencode(second)))
    desk.put(Frame(ASKED, 3, os.fsencode(second)))
    desk.put(Frame(ANNOUNCED, 4, os.fsencode(second)))
    found = list(work(desk))
    assert [frame.number for frame in found] == [4, 1]
    assert all(parts(frame.payload)[2] == b"" for frame in found)
    second.write_bytes(OTHER)
    for number in (5, 6):  # as often as it is saved: nobody knows which version is taken over
        desk.put(Frame(ASKED, number, os.fsencode(second)))
        (frame,) = work(desk)
        assert parts(frame.payload)[2] == digest(TEXT) + compile_source(str(second), TEXT)


def test_the_process_remembers_no_more_than_it_has_room_for(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "_SHARE", 0)
    monkeypatch.setattr(worker, "_ROOM", 3 * len(compile_source("x.py", TEXT)))
    desk = Desk(compile_source)
    for _ in range(2):
        for number in range(8):
            path = tmp_path / f"{number}.py"
            path.write_bytes(TEXT)
            desk.put(Frame(LOADED, 0, os.fsencode(path)))
        assert list(work(desk)) == []
        assert 0 < len(desk._before) < 4
        assert desk._room == worker._ROOM - sum(map(len, desk._before.values())) >= 0


# ---------------------------------------------------------------- a game with a real process


def script(value, more=""):
    return f"{PADDING}class Goblin:\n    v = {value}\n    def go(self):\n        return {value}\n{more}"


class Game:
    """Real files, a real process, and a watcher that reports when the test says so."""

    def __init__(self, root, **options):
        self.root = root
        self.path = root / "goblin.py"
        self.path.write_text(script(1))
        self.watcher = ManualWatcher()
        self.live = livescripts.LiveScripts(
            **{"watch": self.watcher, "settle": 0, "timeout": 60.0, "frame_budget": 60.0, **options}
        )
        self.live.add_directory(root, namespace="game")
        self.module = sys.modules["game"]
        self.goblin = self.module.Goblin()

    @property
    def compiler(self):
        return self.live._compiler

    @property
    def process(self):
        return self.compiler._upkeep.channel

    def process_is_there(self, other_than=None):
        until(lambda: self.process is not None and self.process is not other_than, "a process")
        # It has answered once: so the time that it takes to start is over.
        probe = self.root / "probe.txt"
        probe.write_text(PADDING)
        self.compiler._request(ASKED, str(probe))
        until(lambda: self.compiler._receive() or str(probe) in self.compiler._answers, "an answer")
        self.compiler.forget([str(probe)])
        return self.process

    def save(self, text):
        temporary = self.root / "goblin.tmp"
        temporary.write_text(text)
        temporary.replace(self.path)
        self.watcher.report(str(self.path))

    def play(self):
        """Frames until something was reported."""
        return until(self.live.update, "a report")


@contextmanager
def playing(root, **options):
    threads = set(threading.enumerate())
    game = Game(root, **options)
    try:
        yield game
    finally:
        game.live.close()
        assert set(threading.enumerate()) <= threads


@pytest.fixture
def game(tmp_path, monkeypatch):
    monkeypatch.setattr(compilers, "_PATIENCE", DEADLINE)
    monkeypatch.setattr(host, "Compiler", lambda **more: Compiler(patience=DEADLINE, **more))
    with playing(tmp_path) as one:
        yield one


def test_the_code_that_runs_came_from_the_process(game, compiled_here):
    game.process_is_there()
    del compiled_here[:]
    for value in (2, 3):
        game.save(script(value))
        report = game.play()
        assert report.reloaded
        assert game.goblin.go() == value
    assert not compiled_here
    assert game.module.Goblin.go.__code__.co_filename == str(game.path)


@POSIX
def test_the_frames_that_wait_leave_the_game_as_it_is(game, compiled_here):
    game.process_is_there()
    os.kill(game.process.pid, signal.SIGSTOP)
    try:
        game.save(script(2))
        for _ in range(3):
            assert not game.live.update()
            assert game.live.busy
            assert game.goblin.go() == 1
        game.save(script(3))
        assert not game.live.update()
    finally:
        os.kill(game.process.pid, signal.SIGCONT)
    (outcome,) = game.play().outcomes
    assert game.goblin.go() == 3
    assert outcome.frames == 1  # those that only waited do not count


def test_reload_and_undo_do_not_wait(game, compiled_here):
    game.process_is_there()
    game.path.write_text(script(2))
    assert game.live.reload(game.path).reloaded
    assert game.goblin.go() == 2
    assert game.live.undo().reloaded
    assert game.goblin.go() == 1


def test_syntax_errors_are_told_as_they_are_without_a_process(tmp_path, game, compiled_here):
    game.process_is_there()
    del compiled_here[:]
    text = script(2, "def f(:\n    pass\n")
    game.save(text)
    (here,) = game.play().rejected
    assert not compiled_here
    expected = compilers.prepare(str(game.path), text.encode())
    assert isinstance(expected, Broken)
    assert here.problems == (expected.problem,)
    assert repr(here.problems[0].error) == repr(expected.problem.error)
    assert game.goblin.go() == 1


def test_warnings_of_the_compiler_are_given_once_and_can_be_errors(game, compiled_here):
    game.process_is_there()
    del compiled_here[:]
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        warnings.simplefilter("always")
        game.save(script(2, "w = 1 is 1\n"))
        assert game.play().reloaded
    assert [(each.category, each.filename) for each in caught] == [(SyntaxWarning, str(game.path))]
    assert not compiled_here
    game.save(script(3, "w = 2 is 2\n"))  # pytest has made them errors again
    (rejected,) = game.play().rejected
    assert "SyntaxError" in str(rejected)


@POSIX
@pytest.mark.parametrize("asked", [False, True])
def test_a_killed_process_costs_no_reload_and_is_replaced(game, compiled_here, asked):
    first = game.process_is_there()
    if asked:
        os.kill(first.pid, signal.SIGSTOP)
        game.save(script(2))
        assert not game.live.update()
        os.kill(first.pid, signal.SIGKILL)
    else:
        os.kill(first.pid, signal.SIGKILL)
        until(lambda: select.select([first._output], [], [], 0)[0])
        game.save(script(2))
    assert game.play().reloaded
    assert game.goblin.go() == 2
    second = game.process_is_there(other_than=first)
    assert first._process.returncode == -signal.SIGKILL  # reaped
    del compiled_here[:]
    game.save(script(3))
    game.play()
    assert game.goblin.go() == 3
    assert not compiled_here
    assert game.process is second


def test_without_the_option_there_is_no_process(tmp_path, compiled_here):
    with playing(tmp_path, compile_process=False) as game:
        assert game.compiler is None
        game.save(script(2))
        assert game.play().reloaded
        assert game.goblin.go() == 2


@pytest.mark.parametrize("reason", ["", "/games/maze", "frozen", "platform"])
def test_where_there_can_be_no_process_there_is_none(tmp_path, monkeypatch, reason):
    if reason == "frozen":
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    elif reason == "platform":
        monkeypatch.setattr(channels.sys, "platform", "emscripten")
    else:
        monkeypatch.setattr(sys, "executable", reason)
    assert not channels.available()
    monkeypatch.setattr(host, "available", lambda: False)
    with playing(tmp_path) as game:
        assert game.compiler is None


def test_files_in_memory_and_shipped_games_have_no_process(tmp_path, project):
    assert project({"a.py": "x = 1"}).live._compiler is None
    with livescripts.LiveScripts(watch=False) as live:
        assert live._compiler is None


def test_a_missing_executable_means_compiling_here(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(host, "Compiler", lambda **more: Compiler(pauses=(0.0,), **more))
    with playing(tmp_path) as game:
        until(lambda: not game.compiler._upkeep._thread.is_alive())
        game.save(script(2))
        assert game.play().reloaded
        assert game.goblin.go() == 2
    assert "could not be kept alive" in caplog.text


# ---------------------------------------------------------------- the process itself


@pytest.fixture
def process():
    one = channels.launch()
    yield one
    one.close()


def answers(process, number, kinds=(ANSWER, SAME, NOTHING)):
    unpacker = Unpacker(kinds, LONGEST_ANSWER)
    found = []
    until(lambda: found.extend(unpacker.feed(process.receive())) or len(found) >= number, "an answer")
    return found


def test_it_answers_in_full_when_asked_and_in_short_when_nothing_changed(process, tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(TEXT)
    payload = os.fsencode(path)
    said = []
    for number, kind in enumerate((ANNOUNCED, ANNOUNCED, ASKED), 1):
        assert process.send(pack(Frame(kind, number, payload)))
        said += answers(process, 1)
    full = joined(digest(TEXT), compile_source(str(path), TEXT), b"")
    assert said == [Frame(ANSWER, 1, full), Frame(SAME, 2), Frame(ANSWER, 3, full)]


def test_what_is_no_file_is_answered_with_nothing(process, tmp_path):
    names = [tmp_path / "missing.py", tmp_path]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.py")
        names.append(tmp_path / "pipe.py")
    for number, name in enumerate(names):
        assert process.send(pack(Frame(ASKED, number, os.fsencode(name))))
    assert {(frame.kind, frame.number) for frame in answers(process, len(names))} == {
        (NOTHING, number) for number in range(len(names))
    }


def test_it_runs_nothing_of_a_script(process, tmp_path):
    path = tmp_path / "a.py"
    data = f"open({str(tmp_path / 'ran')!r}, 'w')\nimport nowhere\n1 / 0\n".encode()
    path.write_bytes(data)
    assert process.send(pack(Frame(ASKED, 1, os.fsencode(path))))
    assert answers(process, 1)[0].kind == ANSWER
    assert not (tmp_path / "ran").exists()


def ended(process):
    def is_over():
        try:
            process.receive()
        except EOFError:
            return True
        return False

    return until(is_over, "its end")


def test_it_ends_with_its_input_and_at_what_is_no_request(process, tmp_path):
    process._input.close()
    assert ended(process)
    other = channels.launch()
    other.send(b"\0" * 100)
    assert ended(other)
    other.close()


@POSIX
@PROC
def test_it_is_polite(process, tmp_path):
    path = tmp_path / "a.py"
    path.write_bytes(TEXT)
    process.send(pack(Frame(ASKED, 1, os.fsencode(path))))
    answers(process, 1)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
    os.kill(process.pid, signal.SIGINT)
    process.send(pack(Frame(ASKED, 2, os.fsencode(path))))
    assert answers(process, 1)[0].number == 2
    open_files = [os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")]
    # No socket, nothing of the game's; and whatever prints, prints nowhere.
    assert sorted(name.partition(":")[0] for name in open_files) == ["/dev/null"] * 3 + ["pipe"] * 2


@PROC
def test_closing_leaves_no_process_and_no_descriptor(tmp_path):
    before = set(os.listdir("/proc/self/fd"))
    with playing(tmp_path) as game:
        process = game.process_is_there()
        for stream in (process._input, process._output):
            assert not os.get_inheritable(stream.fileno())
    assert not os.path.exists(f"/proc/{process.pid}")
    assert set(os.listdir("/proc/self/fd")) <= before


def run(code, *options):
    return subprocess.run(
        [sys.executable, *options, "-c", textwrap.dedent(code)],
        timeout=DEADLINE, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(livescripts.__file__))},
    )  # fmt: skip


@POSIX
def test_a_game_that_ends_without_closing_leaves_no_orphan_and_no_warning(tmp_path):
    (tmp_path / "a.py").write_text(script(1))
    ran = run(f"""
        import time, livescripts
        live = livescripts.LiveScripts()
        live.add_directory({str(tmp_path)!r}, namespace="game")
        while not live._compiler.running: time.sleep(0.001)
        print(live._compiler._upkeep.channel.pid)
        """, "-W", "error", "-X", "dev")  # fmt: skip
    assert ran.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(ran.stdout), 0)


@POSIX
def test_a_game_that_is_killed_leaves_no_orphan(tmp_path):
    out, into = os.pipe()
    code = """
        import os, sys, signal
        from livescripts._runtime.channel import launch
        process = launch()
        os.write(int(sys.argv[1]), b"%d " % process.pid)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(into)], pass_fds=[into], timeout=DEADLINE, check=False
    )
    os.close(into)
    pid = int(os.read(out, 100))
    os.close(out)
    until(lambda: is_gone(pid), "its end")


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"  # nobody reaps here
    except OSError:
        return False


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_of_the_game_does_without_and_leaves_the_parents_alone(tmp_path):
    ran = run("""
        import os, time
        from livescripts._runtime.compiler import Compiler
        compiler = Compiler()
        compiler.start()
        while not compiler.running: time.sleep(0.001)
        process = compiler._upkeep.channel
        inputs = [os.fstat(stream.fileno()) for stream in (process._input, process._output)]
        if os.fork() == 0:
            for fd in range(3, 100):
                try: assert os.fstat(fd) not in inputs
                except OSError: pass
            assert not compiler.running
            compiler.announce("/x/a.py")
            text = b"x = 1\\n" * 1000
            compiler.expect({"/x/a.py": text})
            print(compiler.prepare("/x/a.py", text).analysis.names, flush=True)
            raise SystemExit
        os.wait()
        print(process._process.poll(), compiler.running)
        """, "-W", "error", "-W", "ignore::DeprecationWarning")  # fmt: skip
    assert ran.stdout.splitlines() == ["frozenset({'x'})", "None True"]
    assert ran.stderr == ""


def test_the_options_of_the_interpreter_go_along():
    ran = run("from livescripts._runtime.channel import command; print(*command()[:-2])", "-O", "-X", "utf8")
    arguments = ran.stdout.split()
    assert {"-O", "utf8", "-I", "-S"} <= set(arguments)
    assert command()[0] == sys.executable


def test_it_imports_little(tmp_path):
    code = command()[-2].replace("main()", "") + "print(*sys.modules)"
    ran = subprocess.run(
        [*command()[:-2], code, *livescripts.__path__], capture_output=True, text=True, check=True, timeout=DEADLINE
    )
    modules = set(ran.stdout.split())
    assert "livescripts._runtime.worker" in modules
    assert not modules & {"livescripts.host", "watchdog", "subprocess", "socket", "pickle", "threading", "site"}


def test_nothing_is_left_for_the_collector(tmp_path):
    with warnings.catch_warnings(), playing(tmp_path) as game:
        warnings.simplefilter("error")
        process = game.process_is_there()
        assert isinstance(process, Process)
        del process
    gc.collect()
