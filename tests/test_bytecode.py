"""Compiled scripts are kept between starts, and nothing but the time that a start takes shows it."""

import errno
import gc
import importlib.util
import linecache
import os
import subprocess
import sys
import textwrap
import tokenize
import traceback
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import livescripts
from livescripts._core.analysis import edited
from livescripts._runtime import bytecode, compiling, transaction, versions
from livescripts._runtime.bytecode import Bytecode, pack_of
from livescripts._runtime.compiling import compile_source, digest
from livescripts.testing import ManualWatcher

SCRIPT = """
    score = 0
    class Goblin:
        def __init__(self):
            self.health = 3
        def hurt(self):
            global score
            score += 1
            self.health -= 1
            return self.health
"""


@pytest.fixture(autouse=True)
def _bytecode_is_written(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def compiles(monkeypatch):
    """The paths that were compiled rather than found."""
    seen = []
    original = bytecode.prepare_to_keep

    def noted(path, data, key):
        seen.append(os.path.basename(path))
        return original(path, data, key)

    monkeypatch.setattr(bytecode, "prepare_to_keep", noted)
    return seen


def write(place: Path, **scripts: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for name, text in scripts.items():
        (place / f"{name}.py").write_text(textwrap.dedent(text))


def start(place: Path, **options):
    live = livescripts.LiveScripts(watch=ManualWatcher(), settle=0, **options)
    try:
        live.add_directory(place, namespace="cached_game")
    except BaseException:
        live.close()
        raise
    return live


def run(place: Path, **options):
    """Start and end; returns what is left of the namespace."""
    with start(place, **options):
        import cached_game

        return dict(vars(cached_game))


def pack(place: Path) -> Path:
    return Path(pack_of(str(place)))


# ------------------------------------------------------------------ found or not


def test_a_second_start_compiles_nothing(tmp_path, compiles):
    write(tmp_path, goblin=SCRIPT)
    write(tmp_path / "x", orc="from cached_game import Goblin\nclass Orc(Goblin): pass\n")
    run(tmp_path)
    assert sorted(compiles) == ["goblin.py", "orc.py"]
    compiles.clear()
    assert run(tmp_path)["x"].Orc().hurt() == 2
    assert compiles == []


def test_it_is_kept_where_python_keeps_its_own(tmp_path):
    write(tmp_path, goblin=SCRIPT)
    run(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["__pycache__", "goblin.py"]
    beside = importlib.util.cache_from_source(str(tmp_path / "goblin.py"))
    assert pack(tmp_path).parent == Path(beside).parent
    assert sys.implementation.cache_tag in pack(tmp_path).name


def test_content_decides_not_time_and_size(tmp_path, compiles):
    write(tmp_path, goblin="speed = 1\n")
    file = tmp_path / "goblin.py"
    run(tmp_path)
    before = file.stat()
    file.write_text("speed = 2\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_mtime_ns == before.st_mtime_ns
    assert file.stat().st_size == before.st_size
    compiles.clear()
    assert run(tmp_path)["speed"] == 2
    assert compiles == ["goblin.py"]


def test_another_name_and_another_time_make_no_difference(tmp_path, compiles):
    write(tmp_path, goblin=SCRIPT)
    run(tmp_path)
    (tmp_path / "goblin.py").rename(tmp_path / "gnome.py")
    os.utime(tmp_path / "gnome.py", (1, 1))
    compiles.clear()
    found = run(tmp_path)["Goblin"]
    assert compiles == []
    assert found.hurt.__code__.co_filename == str(tmp_path / "gnome.py")


def test_code_is_called_what_its_file_is_called_now():
    data = b"def f():\n    return [x for x in ()]\n"
    record = compile_source("/x/old.py", data)
    first = versions.load("/x/new.py", data, record)
    assert first.code.co_filename == first.code.co_consts[0].co_filename == "/x/new.py"
    second = versions.load("/x/new.py", data, record)
    assert first.code is not second.code
    assert second.code.co_filename == second.code.co_consts[0].co_filename == "/x/new.py"
    assert first.code.co_filename == first.code.co_consts[0].co_filename == "</x/new.py, older version 1>"


def test_two_files_with_one_text_have_code_of_their_own(tmp_path, compiles):
    write(tmp_path, a="def _f(): pass\n", b="def _f(): pass\n")
    for _ in range(2):
        with start(tmp_path):
            one, other = (sys.modules[f"cached_game.{name}_py"]._f.__code__ for name in "ab")
            assert one is not other
            assert (one.co_filename, other.co_filename) == (str(tmp_path / "a.py"), str(tmp_path / "b.py"))
    assert compiles == ["a.py", "b.py"]


def test_what_is_gone_is_dropped_when_something_is_added(tmp_path, compiles):
    write(tmp_path, a=SCRIPT, b="b = 1\n", c="c = 1\n")
    run(tmp_path)
    size = pack(tmp_path).stat().st_size
    (tmp_path / "a.py").unlink()
    write(tmp_path, b="b = 2\n")
    run(tmp_path)
    assert pack(tmp_path).stat().st_size < size
    compiles.clear()
    run(tmp_path)
    assert compiles == []


def test_nothing_is_written_when_nothing_is_new(tmp_path):
    write(tmp_path, goblin=SCRIPT)
    run(tmp_path)
    os.utime(pack(tmp_path), (1, 1))
    run(tmp_path)
    assert pack(tmp_path).stat().st_mtime == 1


def test_a_reload_leaves_its_compiling_to_the_next_start(tmp_path, compiles):
    write(tmp_path, goblin="speed = 1\n")
    with start(tmp_path) as live:
        write(tmp_path, goblin="speed = 2\n")
        assert live.reload(tmp_path / "goblin.py").reloaded
    compiles.clear()
    assert run(tmp_path)["speed"] == 2
    assert run(tmp_path)["speed"] == 2
    assert compiles == ["goblin.py"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[:5],
        lambda data: data[:30],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b"x" + data[1:],
        lambda data: data[:19] + b"\xff\xff\xff\xff" + data[23:],
        lambda data: data[:39] + b"\xff" * 8 + data[47:],
        lambda data: data[:-20] + bytes(20),
        lambda data: bytes(len(data)),
        lambda data: data + b"more",
    ],
)
def test_a_damaged_pack_is_as_good_as_none(tmp_path, compiles, spoil):
    write(tmp_path, goblin=SCRIPT)
    run(tmp_path)
    data = pack(tmp_path).read_bytes()
    pack(tmp_path).write_bytes(spoil(data))
    compiles.clear()
    assert run(tmp_path)["Goblin"]().hurt() == 2
    if compiles:
        assert pack(tmp_path).read_bytes()[:20] == data[:20]
        compiles.clear()
    assert run(tmp_path)["Goblin"]().hurt() == 2
    assert compiles == []


def test_a_pack_that_is_a_directory_is_as_good_as_none(tmp_path, caplog):
    write(tmp_path, goblin=SCRIPT)
    pack(tmp_path).mkdir(parents=True)
    caplog.set_level("DEBUG", "livescripts")
    assert run(tmp_path)["Goblin"]().hurt() == 2
    assert "cannot keep bytecode" in caplog.text
    assert [path.name for path in pack(tmp_path).parent.iterdir()] == [pack(tmp_path).name]


def test_one_damaged_record_costs_one_compilation(tmp_path, compiles):
    write(tmp_path, a=SCRIPT, b="b = 1\n")
    run(tmp_path)
    data = bytearray(pack(tmp_path).read_bytes())
    data[-1] ^= 1
    pack(tmp_path).write_bytes(data)
    compiles.clear()
    run(tmp_path)
    assert len(compiles) == 1


@pytest.mark.parametrize(
    "other", ["livescripts._core.analysis.NUMBER += 1", "importlib.util.MAGIC_NUMBER = b'none'", "sys.version = 'x'"]
)
def test_records_of_another_livescripts_or_python_are_left_alone(other):
    data = b"x = 1\n"
    program = (
        "import sys, importlib.util, livescripts._core.analysis\n"
        "del sys.modules['livescripts._runtime.compiling']\n"
        f"{other}\n"
        "from livescripts._runtime.compiling import compile_source\n"
        "sys.stdout.buffer.write(compile_source('/x/a.py', b'x = 1\\n'))\n"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)
    assert found.stdout
    assert isinstance(versions.load("/x/a.py", data, compile_source("/x/a.py", data)), versions.Version)
    assert versions.load("/x/a.py", data, found.stdout) is None


# ------------------------------------------------------------------ not wanted, not possible


def test_off_on_request(tmp_path, compiles):
    write(tmp_path, goblin=SCRIPT)
    assert run(tmp_path, bytecode_cache=False)["Goblin"]().hurt() == 2
    assert not (tmp_path / "__pycache__").exists()
    assert compiles == []


def test_what_is_there_is_read_when_nothing_may_be_written(tmp_path, monkeypatch, compiles):
    write(tmp_path, goblin=SCRIPT)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    run(tmp_path)
    assert not (tmp_path / "__pycache__").exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    run(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compiles.clear()
    run(tmp_path)
    assert compiles == []


def test_it_goes_where_python_is_told_to_put_it(tmp_path, monkeypatch, compiles):
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    write(tmp_path / "scripts", goblin=SCRIPT)
    run(tmp_path / "scripts")
    assert [path.name for path in (tmp_path / "scripts").iterdir()] == ["goblin.py"]
    assert pack(tmp_path / "scripts").is_relative_to(tmp_path / "elsewhere")
    compiles.clear()
    run(tmp_path / "scripts")
    assert compiles == []


def test_a_python_that_keeps_no_bytecode(tmp_path, monkeypatch, compiles):
    write(tmp_path, goblin=SCRIPT)
    monkeypatch.setattr(sys.implementation, "cache_tag", None)
    assert pack_of(str(tmp_path)) is None
    assert run(tmp_path)["Goblin"]().hurt() == 2
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize("function", ["makedirs", "replace"])
def test_a_disk_that_cannot_be_written_is_no_error(tmp_path, monkeypatch, caplog, function):
    write(tmp_path, goblin=SCRIPT)

    def refuse(*_, **__):
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(bytecode.os, function, refuse)
    caplog.set_level("DEBUG", "livescripts")
    assert run(tmp_path)["Goblin"]().hurt() == 2
    assert "read-only" in caplog.text
    assert not list(tmp_path.rglob("*.pack*"))


def test_a_write_that_fails_in_the_middle_leaves_the_old_pack(tmp_path, compiles):
    write(tmp_path, goblin=SCRIPT)
    run(tmp_path)
    before = pack(tmp_path).read_bytes()

    class Full(bytes):
        def __len__(self):
            raise OSError(errno.ENOSPC, "disk full")

    with pytest.raises(OSError, match="disk full"):
        bytecode._write(str(pack(tmp_path)), {digest(b""): Full()})
    assert [path.name for path in pack(tmp_path).parent.iterdir()] == [pack(tmp_path).name]
    assert pack(tmp_path).read_bytes() == before


def test_a_preload_that_fails_keeps_nothing(tmp_path):
    write(tmp_path, goblin=SCRIPT, orc="1/0")
    with pytest.raises(livescripts.ScriptError):
        run(tmp_path)
    assert not (tmp_path / "__pycache__").exists()


def test_two_games_that_write_at_once_do_each_other_no_harm(tmp_path, compiles):
    write(tmp_path, a=SCRIPT, b="b = 1\n")
    one, other = Bytecode(), Bytecode()
    for cache, name in ((one, "a.py"), (other, "b.py")):
        path = tmp_path / name
        cache.prepare(str(path), path.read_bytes())
    one.write()
    other.write()
    compiles.clear()
    run(tmp_path)
    assert compiles == ["a.py"]
    compiles.clear()
    run(tmp_path)
    assert compiles == []


# ------------------------------------------------------------------ as if it had been compiled

WARNING = "def f(x):\n    return x is 1\n"
ESCAPE = "text = '\\d'\n"


def through_a_record(path: str, data: bytes):
    return versions.load(path, data, compile_source(path, data))


def seen(make):
    """What a call returns, and the warnings that it gives."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = make()
    return found, [(w.category, str(w.message), w.filename, w.lineno) for w in caught]


@pytest.mark.parametrize("text", [WARNING, ESCAPE, WARNING + ESCAPE, "x = 1 is 1\nreturn x\n"])
def test_warnings_are_given_anew(tmp_path, text):
    path, data = str(tmp_path / "a.py"), text.encode()
    expected = seen(lambda: versions.prepare(path, data))[1]
    assert expected
    assert seen(lambda: through_a_record(path, data))[1] == expected
    assert seen(lambda: versions.prepare_to_keep(path, data))[1] == expected
    record = versions.prepare_to_keep(path, data)[1] if "return x\n" not in text else None
    if record is not None:
        assert seen(lambda: versions.load(path, data, record))[1] == expected


@pytest.fixture(autouse=True)
def _compiler_warnings_are_not_errors():
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        yield


def test_a_warning_that_is_an_error_is_left_to_the_compiler(tmp_path):
    path, data = str(tmp_path / "a.py"), WARNING.encode()
    record = compile_source(path, data)
    with warnings.catch_warnings():
        warnings.simplefilter("error", SyntaxWarning)
        assert versions.load(path, data, record) is None
        found, kept = versions.prepare_to_keep(path, data)
    assert isinstance(found, versions.Broken)
    assert found.problem.line == 2
    assert kept is None


@pytest.mark.parametrize(
    "text",
    [
        "x = (\n",
        "if 1:\nx\n",
        "if 1:\n\tx\n        y\n",
        "return 1\n",
        "x = 1\n  y = 2\n",
        "def f():\n    é $ 1\n",
        "f(**a, *b)",
    ],
)
def test_syntax_errors_are_the_same_through_a_record(tmp_path, text):
    path, data = str(tmp_path / "a.py"), text.encode()
    (tmp_path / "a.py").write_bytes(data)
    one, other = versions.prepare(path, data), through_a_record(path, data)
    assert isinstance(one, versions.Broken)
    assert isinstance(other, versions.Broken)
    assert one.problem == other.problem
    assert str(one.problem) == str(other.problem)
    assert type(one.problem.error) is type(other.problem.error)
    assert one.problem.error.args == other.problem.error.args
    shown = ["".join(traceback.format_exception_only(each.problem.error)) for each in (one, other)]
    assert shown[0] == shown[1]
    assert one.digest == other.digest


@pytest.mark.parametrize("data", [b"x = 1\0", b"x = '\xff'", b"# coding: nonsense\n", b"x = " + b"-" * 100_000 + b"1"])
def test_what_is_no_ordinary_syntax_error_is_done_in_the_game(tmp_path, data):
    path = str(tmp_path / "a.py")
    assert through_a_record(path, data) is None
    assert isinstance(versions.prepare(path, data), versions.Broken)


def test_a_record_is_for_its_bytes_only():
    record = compile_source("/x/a.py", b"x = 1\n")
    assert versions.load("/x/a.py", b"x = 2\n", record) is None


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_damage_gets_through(data):
    record = bytearray(compile_source("/x/a.py", b"def f(x=1): return x\n"))
    place = data.draw(st.integers(0, len(record) - 1))
    record[place] ^= data.draw(st.integers(1, 255))
    assert versions.load("/x/a.py", b"def f(x=1): return x\n", bytes(record)) is None
    assert versions.load("/x/a.py", b"def f(x=1): return x\n", bytes(record[:place])) is None


@pytest.mark.parametrize(
    "contents",
    [
        None,
        (),
        ("code",),
        (None, "code", None, None, None, ()),
        ("KEY", "code", None, None, None, ()),
        ("KEY", "code", "CODE", None, None, ()),
        ("KEY", "code", "CODE", "PLAIN", None, ((1, 2, 3),)),
        ("KEY", "code", "CODE", "PLAIN", None, (("int", "text", 1),)),
        ("KEY", "code", "CODE", "PLAIN", None, (("SyntaxWarning", "text"),)),
        ("KEY", "code", "CODE", "PLAIN", None, 1),
        ("KEY", "error", "ValueError", "text", (1, 1, "", 1, 1), ()),
        ("KEY", "error", "SyntaxError", "text", (1, 1, ""), ()),
        ("KEY", "not here"),
    ],
)
def test_a_record_of_another_form_says_nothing(contents):
    data = b"x = 1\n"
    code = compile(data, "/x/a.py", "exec")
    names = frozenset({"x"})
    known = {"KEY": digest(data), "CODE": code, "PLAIN": (names, names, names, frozenset(), False, False)}
    filled = tuple(known.get(each, each) if type(each) is str else each for each in contents or ())
    assert versions.load("/x/a.py", data, compiling._seal(*filled)) is None


def test_details_of_another_form_are_found_anew():
    data = b"x = 1\n"
    code, names = compile(data, "/x/a.py", "exec"), frozenset({"x"})
    plain = (names, frozenset(), frozenset(), frozenset(), False, False)
    found = versions.load("/x/a.py", data, compiling._seal(digest(data), "code", code, plain, b"nonsense", ()))
    assert found.analysis.bindings["x"].text == "x = 1"


@pytest.mark.parametrize(
    "data", [b"x = 1\r\ny = 2\r", b"\xef\xbb\xbfx = 1\n", "# coding: latin-1\nx = 'é'\n".encode("latin-1"), b""]
)
def test_texts_are_decoded_as_python_does(tmp_path, data):
    (tmp_path / "a.py").write_bytes(data)
    with tokenize.open(tmp_path / "a.py") as file:
        expected = file.read()
    assert compiling.decode(data) == expected
    assert through_a_record(str(tmp_path / "a.py"), data).text == expected


# ------------------------------------------------------------------ the first commit of a world


def test_a_first_commit_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise RuntimeError("no commit today")

    with start(tmp_path) as live:
        before, ours = dict(sys.modules), dict(live._world.modules)
        write(tmp_path, goblin=SCRIPT)
        write(tmp_path / "x", orc="from cached_game import Goblin\n")
        files = [tmp_path / "goblin.py", tmp_path / "x" / "orc.py"]
        with monkeypatch.context() as patched:
            patched.setattr(transaction, "settle", fail)
            assert "no commit today" in str(live.reload(*files))
        assert sys.modules == before
        assert live._world.modules == ours
        assert not live._world.scripts
        assert not live.graph
        assert not hasattr(sys.modules["cached_game"], "Goblin")
        assert live.reload(*files).reloaded
        assert sys.modules["cached_game"].Goblin().hurt() == 2


COUNTER = """
        def counter():
            count = 0
            def more():
                nonlocal count
                count += 1
                return count
            return more
"""


def test_a_first_commit_remembers_what_functions_count_for_themselves(tmp_path):
    text = f"""{COUNTER}        kept, fresh = counter(), counter()
        class A:
            more = staticmethod(counter())
        kept()
    """
    write(tmp_path, counters=text)
    with start(tmp_path) as live:
        import cached_game

        assert len(live._world.scripts[str(tmp_path / "counters.py")].counted) == 3
        assert (cached_game.kept(), cached_game.A.more()) == (2, 1)
        assert live.reload(tmp_path / "counters.py").reloaded
        assert (cached_game.kept(), cached_game.fresh(), cached_game.A.more()) == (3, 1, 2)


@pytest.mark.parametrize(
    ("more", "name"),
    [("kept = counter()", "kept"), ("def kept(): pass\n        kept.__wrapped__ = counter()", "kept.__wrapped__")],
)
def test_it_does_so_where_all_are_plain_functions(tmp_path, more, name):
    text = f"""{COUNTER}        class A:
            def __init__(self): super().__init__()
        {more}
        {name}()
    """
    write(tmp_path, counters=text)
    with start(tmp_path) as live:
        assert len(live._world.scripts[str(tmp_path / "counters.py")].counted) == 1


# ------------------------------------------------------------------ a warm start is a start


@pytest.fixture(params=["kept", "sent"])
def warm(request, tmp_path, monkeypatch, compiles):
    """Starts that compile nothing, from a cache or with records that were made elsewhere."""

    def begin(**scripts):
        write(tmp_path, **scripts)
        run(tmp_path)
        if request.param == "sent":
            monkeypatch.setattr(
                Bytecode, "prepare", lambda _, path, data: versions.load(path, data, compile_source(path, data))
            )
        compiles.clear()
        live = start(tmp_path)
        assert compiles == []
        return live

    return begin


def test_state_is_kept_and_edits_win_after_a_warm_start(tmp_path, warm):
    with warm(goblin=SCRIPT + "    speed = 1\n    limit = 5\n") as live:
        import cached_game

        goblin = cached_game.Goblin()
        goblin.hurt()
        cached_game.speed = 7
        cached_game.limit = 9
        text = SCRIPT.replace("-= 1", "-= 2") + "    speed = 2\n    limit  =  5  # as before\n"
        write(tmp_path, goblin=text)
        assert live.reload(tmp_path / "goblin.py").reloaded
        assert (cached_game.score, cached_game.speed, cached_game.limit) == (1, 2, 9)
        assert type(goblin) is cached_game.Goblin
        assert goblin.hurt() == 0
        assert cached_game.score == 2


def test_tracebacks_show_the_text_after_a_warm_start(tmp_path, warm):
    with warm(goblin="def f():\n    return 1 / 0  # here\n"):
        import cached_game

        with pytest.raises(ZeroDivisionError) as caught:
            cached_game.f()
        shown = traceback.format_exception(caught.value)
        assert f'File "{tmp_path / "goblin.py"}", line 2' in "".join(shown)
        assert "return 1 / 0  # here" in "".join(shown)
        assert linecache.getline(str(tmp_path / "goblin.py"), 1) == "def f():\n"
        linecache.checkcache()
        _, time, lines, name = linecache.cache[str(tmp_path / "goblin.py")]
        assert (time, lines[1], name) == (None, "    return 1 / 0  # here\n", str(tmp_path / "goblin.py"))


def test_what_was_edited_is_seen_without_parsing(tmp_path, monkeypatch):
    one, other = (
        through_a_record("/x/a.py", textwrap.dedent(text).encode()).analysis
        for text in (SCRIPT, SCRIPT.replace("= 0", "=  0").replace("-= 1", "-= 2"))
    )
    assert set(one.bindings) == {"score", "Goblin"}
    monkeypatch.setattr("livescripts._core.analysis.ast", None)
    assert not edited(one.bindings["score"], other.bindings["score"])
    assert edited(one.bindings["Goblin"], other.bindings["Goblin"])


def test_the_garbage_collector_is_as_it_was(tmp_path):
    write(tmp_path, a="import gc\nduring = gc.get_threshold()\n", b="import gc\nenabled = gc.isenabled()\n")
    before = gc.get_threshold()
    found = run(tmp_path)
    assert gc.get_threshold() == before
    assert found["during"][0] > before[0]
    assert found["enabled"]
    write(tmp_path, a="import gc\ngc.set_threshold(123)\n")
    try:
        run(tmp_path)
        assert gc.get_threshold()[0] == 123
    finally:
        gc.set_threshold(*before)


def test_compiling_needs_nothing_else_of_ours():
    program = (
        "import sys, types\n"
        "package = types.ModuleType('livescripts')\n"
        f"package.__path__ = [{str(Path(livescripts.__file__).parent)!r}]\n"
        "sys.modules['livescripts'] = package\n"
        "import livescripts._runtime.compiling\n"
        "print(*[name for name in sys.modules if name.startswith(('livescripts.', 'watchdog', 'ctypes', 'threading'))])"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, check=True, text=True, timeout=60
    )
    names = found.stdout.split()
    assert "livescripts._runtime.compiling" in names
    assert all(name.startswith(("livescripts._core", "livescripts._runtime")) for name in names)
    assert [name for name in names if name.startswith("livescripts._runtime.")] == ["livescripts._runtime.compiling"]
