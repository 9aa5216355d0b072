"""Scripts that mean harm, or do it by mistake: the game goes on, and the next save is taken as if nothing had been."""

from __future__ import annotations

import builtins
import gc
import logging
import os
import signal
import sys
import threading
import warnings

import pytest

from livescripts import SharedError
from livescripts.testing import Project

GOOD = "class Goblin:\n    def update(self): return {!r}\n"


class Everything:
    """What a script can spoil for the whole process, as it was."""

    def __init__(self):
        self.builtins, self.names = builtins.__dict__, dict(builtins.__dict__)
        self.modules, self.finders = dict(sys.modules), list(sys.meta_path)
        self.streams = sys.stdout, sys.stderr
        self.hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
        self.limit, self.directory, self.filters = sys.getrecursionlimit(), os.getcwd(), list(warnings.filters)
        self.threshold, self.interrupt = gc.get_threshold(), signal.getsignal(signal.SIGINT)

    def restore(self):
        self.builtins.update(self.names)
        sys.modules.update(self.modules)
        sys.meta_path[:] = self.finders
        sys.stdout, sys.stderr = self.streams
        sys.excepthook, sys.unraisablehook, threading.excepthook = self.hooks
        sys.setrecursionlimit(self.limit)
        os.chdir(self.directory)
        warnings.filters[:] = self.filters
        sys.settrace(None)
        sys.setprofile(None)
        gc.enable()
        gc.unfreeze()
        gc.set_threshold(*self.threshold)
        signal.signal(signal.SIGINT, self.interrupt)


@pytest.fixture
def everything():
    before = Everything()
    modules = before.modules
    yield before
    before.modules = modules  # without those of a game that has been closed
    before.restore()


class Stream:
    closed = False

    def write(self, text):
        assert not self.closed

    def flush(self):
        pass

    def close(self):
        self.closed = True


class Game(Project):
    """Found by scripts as `sys.modules["the_game"]`."""


BODIES = {
    # What never ends, or too deep
    "a loop": "while True: pass",
    "a loop that swallows": "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "two loops that swallow": """while True:
    try:
        try:
            while True: str(5)
        except BaseException as error: print(error)
        finally: print(1)
    except: print(2)""",
    "a function that swallows": """def f():
    try:
        while True: pass
    except BaseException: f()
while True:
    try: f()
    except BaseException: f()""",
    "recursion": "def f(): f()\nf()",
    "deep data": "x = []\nfor _ in range(100_000): x = [x]",
    "deep data in an error": "x = []\nfor _ in range(100_000): x = [x]\nraise ValueError(x)",
    "too much memory": "x = bytearray(10**15)",
    "nested brackets": "x = " + "(" * 5_000 + ")" * 5_000,
    "nested functions": "f = " + "lambda: " * 90 + "0",
    # What ends things
    "exit": "exit()",
    "an exception of its own": "class X(BaseException): pass\nraise X",
    "an interrupt": "raise KeyboardInterrupt",
    "a group": "raise BaseExceptionGroup('x', [SystemExit(), KeyboardInterrupt()])",
    # Errors that do not like to be looked at
    "an error without text": "class E(Exception):\n    def __str__(self): raise SystemExit\n    __repr__ = __str__\nraise E",
    "an error without attributes": "class E(Exception):\n    def __getattribute__(self, name): raise SystemExit\nraise E",
    "an error of another class": "class E(Exception):\n    __class__ = property(lambda self: exit())\nraise E",
    "an error with odd notes": "e = ValueError(1)\ne.__notes__ = 5\nraise e",
    "an odd syntax error": "e = SyntaxError('x')\ne.filename, e.lineno, e.offset = 5, 'q', None\nraise e",
    "a number too long to show": "raise ValueError(10**100_000)",
    "half a character": "raise ValueError('\\ud800')",
    # What all share
    "a builtin": "import builtins\nbuiltins.len = None",
    "a builtin and an error": "import builtins\nbuiltins.isinstance = builtins.print = lambda *_: 1 / 0\n1 / 0",
    "no builtins": "__builtins__.clear() if isinstance(__builtins__, dict) else vars(__builtins__).clear()",
    "import": "import builtins\nbuiltins.__import__ = lambda *_, **__: 1 / 0",
    "the namespace": "import sys\nsys.modules['game'] = None",
    "all its modules": "import sys\nfor n in list(sys.modules):\n    if n.startswith('game'): del sys.modules[n]",
    "the engine's modules": "import sys\nfor n in list(sys.modules):\n    if n.startswith('livescripts'): del sys.modules[n]",
    "its module": "import sys\nsys.modules[__name__] = None",
    "the finders": "import sys\nsys.meta_path.clear()",
    "closed streams": "import sys\nsys.stdout.close()\nsys.stderr.close()",
    "no streams": "import sys\nsys.stdout = sys.stderr = None",
    "a tracer": "import sys\nsys.settrace(lambda *_: 1 / 0)\ndef f(): pass",
    "a profiler": "import sys\nsys.setprofile(lambda *_: None)",
    "little recursion": "import sys\nsys.setrecursionlimit(70)",
    "warnings as errors": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('x')",
    "no hooks": "import sys, threading\nsys.excepthook = sys.unraisablehook = threading.excepthook = None",
    "collections": "import gc\ngc.disable()\ngc.freeze()\ngc.set_threshold(1)",
    "another directory": "import os\nos.chdir('/')",
    "signals": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
    "threads": "import threading\nfor _ in range(5): threading.Thread(target=lambda: None).start()",
    # Who it calls
    "update": "import sys\nsys.modules['the_game'].live.update()",
    "add_directory": "import sys\nsys.modules['the_game'].live.add_directory('/', namespace='x')",
    "remove_directory": "import sys\ng = sys.modules['the_game']\ng.live.remove_directory(g.ROOT)",
    "close": "import sys\nsys.modules['the_game'].close()",
    "undo": "import sys\nsys.modules['the_game'].live.undo()",
    "reload": "import sys\nsys.modules['the_game'].live.reload()",
    "itself": "import sys\nsys.modules['the_game'].delete('a.py')",
    # What it does to itself
    "no globals": "globals().clear()",
    "odd globals": "globals()[5] = globals()[(1,)] = 6",
    "a name that is none": "globals()['\\ud800'] = 1",
    "another name": "__name__ = 'other'\n__file__ = __spec__ = __loader__ = None\n__dict__ = __class__ = 1",
    "no __builtins__": "del __builtins__",
    "a coding that is none": "# coding: nonsense",
    "a null byte": "x = '\0'",
    "a name that is none, for ever": """class Name:
    def __str__(self): raise SystemExit
__name__ = Name()
while True: pass""",
    # Objects that raise, met while finding, comparing and rebinding
    "unequal": """class A:
    def __eq__(self, other): raise SystemExit
    __ne__ = __lt__ = __bool__ = __len__ = __iter__ = __repr__ = __eq__
    __hash__ = None
a, b, c = A(), [A()], {1: A()}""",
    "unequal for ever": """class A:
    def __eq__(self, other):
        while True: pass
    __hash__ = object.__hash__
a = {A()}""",
    "no attributes": "class A:\n    def __getattribute__(self, name): raise SystemExit\na, b = A(), [A()]",
    "a last word": "class A:\n    def __del__(self): raise ValueError\na = A()\ndel a\na = A()",
    "a metaclass": """class M(type):
    def __getattribute__(cls, name): raise SystemExit
    def __eq__(cls, other): raise SystemExit
    def __hash__(cls): raise SystemExit
class A(metaclass=M): pass""",
    "a metaclass that answers": """class M(type):
    def __call__(cls, *_): raise SystemExit
    __instancecheck__ = __subclasscheck__ = __call__
    def mro(cls): return [cls, object]
class A(metaclass=M): pass""",
    "liars": """class A: __class__ = property(lambda self: exit())
class B: __class__ = type
class C: __class__ = dict
a = [A(), B(), C()]""",
    "a dict": """class D(dict):
    def __getitem__(self, key): raise SystemExit
    __iter__ = keys = items = values = __len__ = __eq__ = get = __getitem__
d = D(a=1)""",
    "a str": """class S(str):
    def __eq__(self, other): raise SystemExit
    __hash__ = startswith = __eq__
s = S('a')""",
    "a str that is exported": "class S(str):\n    def __eq__(self, other): raise SystemExit\n    __hash__ = str.__hash__\n__all__ = [S('Goblin')]",
    "names of all kinds": "ª = µ = \U0001d518\U0001d52b\U0001d526 = 1\nclass Größe: pass\nclass 妖精:\n    \u017f = 1",
}


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:invalid escape", "ignore:coroutine"
)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_game_goes_on(everything, monkeypatch, body, first):
    monkeypatch.setattr(sys, "stdout", Stream())
    monkeypatch.setattr(sys, "stderr", Stream())
    monkeypatch.setattr(logging.getLogger("livescripts"), "disabled", True)
    good = GOOD.format("well")
    with Game({"a.py": good, "b.py": "B = 1"}, timeout=0.1) as game:
        monkeypatch.setitem(sys.modules, "the_game", game)
        everything.modules = dict(sys.modules)
        goblin = game.namespace.Goblin()
        held = goblin.update
        report = game.save("a.py", f"{body}\n{good}" if first else f"{good}{body}\n")
        everything.restore()
        assert report
        assert (goblin.update(), held()) == ("well", "well")
        assert game.save("a.py", GOOD.format("better")).reloaded
        assert (goblin.update(), held(), game.namespace.Goblin().update()) == ("better",) * 3
        assert game.save("b.py", "B = 2").reloaded
        assert game.namespace.B == 2
        assert not game.live.errors
    assert not [name for name in sys.modules if name.partition(".")[0] == "game"]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("import builtins\nbuiltins.len = None", ("len",)),
        ("import builtins\ndel builtins.print, builtins.len", ("print", "len")),
        ("import sys\nsys.modules['game'] = None", ("sys.modules['game']",)),
        (
            "import sys\ndel sys.modules['game'], sys.modules['livescripts']",
            ("sys.modules['livescripts']", "sys.modules['game']"),
        ),
    ],
)
def test_what_all_share_is_put_back_and_the_script_is_rejected(project, everything, body, names):
    game = project({"a.py": GOOD.format("well")})
    before = dict(builtins.__dict__), dict(sys.modules)
    (rejected,) = game.save("a.py", body).rejected
    error = rejected.problems[0].error
    assert isinstance(error, SharedError)
    assert set(error.names) == set(names)
    assert "which the whole game uses" in rejected.problems[0].message
    assert (builtins.__dict__, sys.modules) == before


def test_a_test_beside_a_script_may_not_take_them_away_either(project, everything):
    game = project({"a.py": GOOD.format("well")})
    report = game.save("a_unittest.py", "import builtins\nbuiltins.len = None")
    assert isinstance(report.rejected[0].problems[0].error, SharedError)
    assert len([]) == 0


def test_a_console_of_ones_own_is_fine_unless_the_script_is_rejected(project, everything):
    game = project({"a.py": "A = 1"})
    before = print
    assert game.save("a.py", "import builtins\nbuiltins.print = builtins._ = str").reloaded
    assert builtins.print is builtins._ is str
    builtins.print = before
    assert game.save("a.py", "import builtins\nbuiltins.print = str\n1 / 0").rejected
    assert builtins.print is before
    del builtins._


def test_an_error_that_cannot_be_looked_at_is_named_with_its_line(project):
    game = project({"a.py": "A = 1"})
    text = "class E(Exception):\n    def __getattribute__(self, name): raise SystemExit\n\nraise E"
    (problem,) = game.save("a.py", text).rejected[0].problems
    assert (problem.line, problem.source_line) == (4, "raise E")
    assert problem.message == "LiveScriptsError: E (it answers for its own attributes)"


def test_a_very_long_script_is_as_good_as_a_short_one(project):
    game = project({"a.py": "A = 1"}, timeout=60)
    text = "".join(f"x{n} = {n}  # {'long ' * 250}\n" for n in range(4_000))
    assert len(text) > 5_000_000
    assert game.save("a.py", text + "A = 2").reloaded
    assert (game.namespace.A, game.namespace.x3999) == (2, 3999)
