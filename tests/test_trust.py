"""Who may change the game: strangers are named once, nothing listens, nothing unpickles, and nobody else is believed."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import time

import pytest

import livescripts
from livescripts._core import wire
from livescripts._core.wire import Frame, Unpacker, WireError, pack
from livescripts._runtime.compiler import Compiler
from livescripts._watch.trust import Trust, strangers
from livescripts.testing import ManualWatcher

posix = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owner here")
ME = os.geteuid() if hasattr(os, "geteuid") else 0
OTHER = ME + 1


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


# ------------------------------------------------------------------ who may write


@pytest.mark.parametrize(
    ("mode", "owner", "ancestor", "said"),
    [
        (0o100644, 1000, False, ""),
        (0o100644, 0, False, ""),  # installed by the system
        (0o100664, 1000, False, ""),  # a group of one's own, on most systems
        (0o100646, 1000, False, "can be written by every user"),
        (0o100644, 1001, False, "belongs to user 1001"),
        (0o100646, 1001, False, "belongs to user 1001"),
        (0o040777, 1000, False, "can be written by every user"),
        (0o041777, 1000, False, "can be written by every user"),  # whoever may add a file adds a script
        (0o041777, 0, True, ""),  # /tmp: nobody may rename what is mine in there
        (0o040777, 0, True, "can be written by every user"),
        (0o040755, 1001, True, "belongs to user 1001"),
    ],
)
def test_who_is_a_stranger(mode, owner, ancestor, said):
    assert strangers(mode, owner, 1000, ancestor=ancestor) == said


def test_the_system_trusts_itself_alone():
    assert strangers(0o100644, 0, 0) == ""
    assert strangers(0o100644, 1000, 0) == "belongs to user 1000"


def status(mode=0o100644, owner=1000):
    return os.stat_result((mode, 0, 0, 1, owner, owner, 0, 0, 0, 0))


def test_each_path_is_told_once_and_alike_ones_together(tmp_path):
    trust = Trust(ME)
    assert trust.sentences() == ()
    for _ in range(2):
        for name in "cab":
            trust.file(str(tmp_path / f"{name}.py"), status(owner=OTHER))
    trust.file(str(tmp_path / "open.py"), status(0o100666, ME))
    told = trust.sentences()
    assert told == (
        f"{tmp_path / 'a.py'} (and 2 more) belongs to user {OTHER}, who can run code in the game that way; if that is not you, `chown` it",
        f"{tmp_path / 'open.py'} can be written by every user, who can run code in the game that way; `chmod o-w` ends that",
    )
    trust.file(str(tmp_path / "a.py"), status(owner=OTHER))
    assert trust.sentences() == ()


def test_where_files_have_no_owner_nothing_is_asked(tmp_path):
    trust = Trust(None)
    trust.root(str(tmp_path))
    trust.file(str(tmp_path / "a.py"), status(0o100666, OTHER))
    assert trust.sentences() == ()


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "scripts"
    (place / "x").mkdir(parents=True)
    for path in (tmp_path, place, place / "x"):
        path.chmod(0o755)
    for name in ("a.py", "x/b.py"):
        (place / name).write_text("n = 1\n")
        (place / name).chmod(0o644)
    return place


def start(place, **options):
    live = livescripts.LiveScripts(**{"watch": ManualWatcher(), "settle": 0, "compile_process": False, **options})
    live.add_directory(place, namespace="game")
    return live


@posix
def test_what_only_its_owner_can_write_is_nothing_to_speak_of(place, caplog):
    with start(place):
        assert caplog.text == ""


@posix
@pytest.mark.parametrize(
    ("which", "mode"),
    [("a.py", 0o646), ("x", 0o757), ("x/__pycache__", 0o777), (".", 0o757), ("..", 0o757), ("..", 0o1757)],
)
def test_what_everybody_may_write_is_logged_when_it_is_loaded(place, caplog, which, mode):
    (place / "x" / "__pycache__").mkdir(mode=0o755)
    (place / which).chmod(mode)
    with start(place):
        expected = [] if mode & stat.S_ISVTX else [str((place / which).resolve())]
    assert [record.getMessage().split(" can be written by every user")[0] for record in caplog.records] == expected


@posix
def test_a_file_that_appears_is_reported_with_its_first_reload(place, caplog):
    with start(place) as live:
        path = place / "x" / "c.py"
        path.write_text("n = 2\n")
        path.chmod(0o666)
        (place / "a.py").write_text("n = 3\n")
        reports = []
        for text in ("n = 2\n", "n = 4\n"):
            path.write_text(text)
            live._inbox.put(str(path))
            live._inbox.put(str(place / "a.py"))
            while not reports or live.busy:
                reports.append(live.update())
        warnings = [warning for report in reports for warning in report.warnings]
    assert [warning.split(" can be")[0] for warning in warnings] == [str(path)]
    assert caplog.text.count("who can run code") == 1


@posix
@pytest.mark.skipif(ME != 0, reason="only root can give a file away")
def test_the_owner_is_looked_at(place, caplog):
    os.chown(place / "a.py", 12345, -1)
    with start(place):
        pass
    assert f"{place / 'a.py'} belongs to user 12345, who can" in caplog.text


@posix
def test_a_shipped_game_does_not_ask(place, caplog):
    for path in (place / "a.py", place, place.parent):
        path.chmod(0o777)
    with start(place, watch=False):
        assert caplog.text == ""


@posix
def test_it_costs_nothing_but_a_look_at_each_folder(place, monkeypatch):
    for number in range(20):
        (place / "x" / f"s{number}.py").write_text("")
    counts = {}
    real = os.stat

    def counted(path, *arguments, **keywords):
        counts[path] = counts.get(path, 0) + 1
        return real(path, *arguments, **keywords)

    def stats(trust):
        counts.clear()
        files = livescripts.host.DiskFiles(trust)
        with monkeypatch.context() as patch:
            patch.setattr(os, "stat", counted)
            for path in (*place.rglob("*.py"), *place.rglob("*.py")):
                files.read(str(path))
        return sum(counts.values())

    assert stats(Trust(ME)) - stats(None) == 4


# ------------------------------------------------------------------ what a session does to the system

SESSION = """
import os, sys, time
seen = []
BANNED = ("socket.", "pickle.", "urllib", "http", "ftplib", "smtplib", "os.system", "webbrowser")
def audit(event, arguments):
    if event.startswith(BANNED):
        seen.append(event)
    elif event == "subprocess.Popen":
        started.append(arguments)
started = []
sys.addaudithook(audit)
import livescripts

def until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        live.update()
        time.sleep(0.005)

place = sys.argv[1]
with livescripts.LiveScripts(settle=0.01) as live:
    live.add_directory(place, namespace="game")
    import game
    until(lambda: live._compiler.running)
    with open(os.path.join(place, "a.py"), "w") as file:
        file.write("n = 2\\n" + "# long enough to be compiled elsewhere\\n" * 100)
    until(lambda: game.n == 2)
    live.undo()
    pid = live._compiler._upkeep.channel.pid
    if sys.platform == "linux":
        for process in ("self", str(pid)):
            for fd in os.listdir(f"/proc/{process}/fd"):
                try:
                    target = os.readlink(f"/proc/{process}/fd/{fd}")
                except OSError:
                    continue
                if target.startswith("socket:"):
                    seen.append((process, target))
print(seen)
print(len(started), [argument for argument in started[0][1] if argument in ("-I", "-S")], started[0][3])
"""


def test_a_session_opens_no_socket_and_unpickles_nothing(tmp_path):
    """Watched, with the compile process, from the first frame to the last; as Python's own audit events tell it."""
    (tmp_path / "a.py").write_text("n = 1\n")
    done = subprocess.run(
        [sys.executable, "-c", SESSION, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    nothing, process = done.stdout.splitlines()
    assert nothing == "[]"
    assert process == "1 ['-I', '-S'] None"  # one child, isolated, with the directories of livescripts alone


def test_the_process_imports_nothing_that_lies_around(tmp_path, monkeypatch):
    """A `struct.py` where the game was started, or in PYTHONPATH, is none of the compile process's business."""
    for name in ("struct", "zlib", "marshal", "livescripts", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(3)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "struct.py"))
    script = tmp_path / "scripts" / "a.py"
    script.parent.mkdir()
    script.write_text("n = 1\n" * 400)
    from livescripts._runtime.channel import launch

    channel = launch()
    try:
        unpacker = Unpacker({wire.ANSWER, wire.NOTHING, wire.SAME}, wire.LONGEST_ANSWER)
        assert channel.send(pack(Frame(wire.ASKED, 1, os.fsencode(script))))
        frames = []
        wait_for(lambda: frames.extend(unpacker.feed(channel.receive())) or frames)  # EOFError if it had died
        assert frames[0].kind == wire.ANSWER
    finally:
        channel.close()


# ------------------------------------------------------------------ what comes back from the compile process


class Liar:
    """A `Channel` that answers what it is told to, whatever it is asked."""

    def __init__(self, answer):
        self._answer = answer
        self._data = b""
        self.closed = False

    def send(self, data):
        (frame,) = Unpacker({wire.ANNOUNCED, wire.ASKED, wire.LOADED}, wire.LONGEST_REQUEST).feed(data)
        if frame.kind == wire.ASKED:
            self._data += self._answer(frame)
        return True

    def receive(self):
        data, self._data = self._data[:65536], self._data[65536:]
        return data

    def close(self):
        self.closed = True

    def abandon(self):
        self.closed = True


OVERSIZE = struct.pack("<4sBQI", b"lsc1", wire.ANSWER, 1, wire.LONGEST_ANSWER + 1)
LIES = {
    "garbage": lambda frame: os.urandom(4096).replace(b"lsc1", b"xxxx"),
    "nothing but zeros": lambda frame: bytes(100_000),
    "a frame longer than allowed": lambda frame: OVERSIZE + bytes(100),
    "four gigabytes": lambda frame: struct.pack("<4sBQI", b"lsc1", wire.ANSWER, frame.number, 2**32 - 1),
    "a number nobody asked for": lambda frame: pack(Frame(wire.ANSWER, frame.number + 7, bytes(40))),
    "the same number twice": lambda frame: 2 * pack(Frame(wire.NOTHING, frame.number)),
    "a number of long ago": lambda frame: pack(Frame(wire.NOTHING, 0)),
    "a kind of request": lambda frame: pack(Frame(wire.ASKED, frame.number, b"/etc/passwd")),
    "an answer without a digest": lambda frame: pack(Frame(wire.ANSWER, frame.number, b"short")),
    "a record longer than the answer": lambda frame: pack(
        Frame(wire.ANSWER, frame.number, bytes(16) + struct.pack("<I", 2**31) + b"x")
    ),
    "a payload where none belongs": lambda frame: pack(Frame(wire.SAME, frame.number, b"x")),
    "a wrong checksum": lambda frame: pack(Frame(wire.NOTHING, frame.number))[:-1] + b"\0",
    "a frame that was cut": lambda frame: pack(Frame(wire.ANSWER, frame.number, bytes(5000)))[:-1000] + b"lsc1" * 400,
}


@pytest.mark.parametrize("lie", LIES)
def test_a_process_that_lies_is_closed_and_the_game_compiles(lie):
    made = []

    def launch():
        made.append(Liar(LIES[lie]))
        return made[-1]

    compiler = Compiler(launch, patience=0.0, pauses=(0.0,))
    try:
        compiler.start()
        wait_for(lambda: compiler.running)
        data = b"n = 1\n" + b"# long\n" * 400
        compiler.expect({"/x/a.py": data})
        found = compiler.prepare("/x/a.py", data) or compiler.prepare("/x/a.py", data)
        assert found.code.co_names == ("n",)
        wait_for(lambda: made[0].closed)
    finally:
        compiler.close()


FORGED = {
    "random bytes": lambda key, record: os.urandom(len(record)),
    "for another Python": lambda key, record: bytes(16) + record[16:],
    "a changed payload": lambda key, record: record[:-1] + bytes([record[-1] ^ 1]),
    "cut": lambda key, record: record[: len(record) // 2],
    "empty": lambda key, record: b"",
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_record_that_is_not_sealed_is_never_unmarshalled(forgery, monkeypatch):
    from livescripts._runtime import compiling

    data = b"n = 1\n" + b"# long\n" * 400
    key = compiling.digest(data)
    record = compiling.compile_source("/x/a.py", data)
    forged = FORGED[forgery](key, record)
    read = []
    loads = compiling.marshal.loads
    monkeypatch.setattr(compiling.marshal, "loads", lambda *arguments: read.append(1) or loads(*arguments))
    compiler = Compiler(
        lambda: Liar(lambda frame: pack(Frame(wire.ANSWER, frame.number, wire.joined(key, forged, b"")))), patience=0.0
    )
    try:
        compiler.start()
        wait_for(lambda: compiler.running)
        compiler.expect({"/x/a.py": data})
        assert compiler.prepare("/x/a.py", data).code.co_names == ("n",)
        assert read == []
    finally:
        compiler.close()


def test_an_answer_for_other_bytes_is_not_believed():
    """A process that has read something else than the game has not read what the game runs."""
    from livescripts._runtime import compiling

    data, other = (b"n = %d\n" % number + b"# long\n" * 400 for number in (1, 2))

    def answer(frame):
        return pack(
            Frame(
                wire.ANSWER,
                frame.number,
                wire.joined(compiling.digest(data), compiling.compile_source("/x/a.py", other), b""),
            )
        )

    compiler = Compiler(lambda: Liar(answer), patience=0.0)
    try:
        compiler.start()
        wait_for(lambda: compiler.running)
        compiler.expect({"/x/a.py": data})
        found = compiler.prepare("/x/a.py", data)
        values = {}
        exec(found.code, values)
        assert values["n"] == 1
    finally:
        compiler.close()


def test_the_process_gives_up_on_requests_that_are_none(tmp_path):
    from livescripts._runtime.channel import command

    for data in (b"garbage" * 100, pack(Frame(wire.ANSWER, 1, b"x")), OVERSIZE, b"lsc1" + b"\xff" * 60):
        done = subprocess.run(command(), input=data, capture_output=True, timeout=60, check=False)
        assert (done.stdout, done.returncode) == (b"", 0)


def test_a_frame_is_never_larger_than_its_limit_in_memory():
    unpacker = Unpacker({wire.ANSWER}, 1000)
    with pytest.raises(WireError, match="longer than"):
        list(unpacker.feed(struct.pack("<4sBQI", b"lsc1", wire.ANSWER, 1, 1001)))
