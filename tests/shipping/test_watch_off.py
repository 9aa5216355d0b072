"""`LiveScripts(watch=False)`: the same game, and nothing of the plugin beside it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
import types
from typing import TYPE_CHECKING

import pytest

import livescripts
from livescripts.report import NOTHING

if TYPE_CHECKING:
    from pathlib import Path

SCRIPTS = {
    "goblins.py": """
        import functools
        import game
        score = 0

        def hit(by=1):
            global score
            score += by
            return score

        @functools.lru_cache
        def armour(level): return level * 2

        class Goblin:
            __slots__ = ("health",)
            kinds = []
            def __init__(self): self.health = 3
            def hurt(self): self.health -= 1; return self.health
            @staticmethod
            def growl(): return "grr"
            @property
            def alive(self): return self.health > 0
            class Ear: pass
        """,
    "x/orcs.py": "from game import Goblin, hit\nclass Orc(Goblin): pass\nheld = hit\n",
    "x/orcs_unittest.py": """
        import unittest
        class Orcs(unittest.TestCase):
            def test(self): self.assertTrue(Orc().alive)
        """,
}


def write(place: Path, scripts: dict[str, str] = SCRIPTS) -> Path:
    for name, text in scripts.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(textwrap.dedent(text))
    return place


@pytest.fixture
def live(tmp_path):
    with livescripts.LiveScripts(watch=False) as live:
        live.add_directory(write(tmp_path), namespace="game")
        yield live


def plain(tmp_path: Path) -> dict[str, object]:
    """The same text as Python executes it without us."""
    values: dict[str, object] = {"__name__": "plain"}
    text = textwrap.dedent(SCRIPTS["goblins.py"]).replace("import game\n", "")
    exec(compile(text, str(tmp_path / "plain.py"), "exec"), values)
    return values


def test_functions_and_classes_are_what_python_makes_of_the_text(live, tmp_path):
    import game

    expected = plain(tmp_path)
    for name in ("hit", "Goblin", "armour"):
        assert type(getattr(game, name)) is type(expected[name])
    assert type(game.Goblin) is type
    assert game.Goblin.__mro__ == (game.Goblin, object)
    assert list(vars(game.Goblin)) == list(vars(expected["Goblin"]))
    for name, value in vars(game.Goblin).items():
        assert type(value) is type(vars(expected["Goblin"])[name]), name
    assert list(vars(game.Goblin.Ear)) == list(vars(expected["Goblin"].Ear))
    for function, other in ((game.hit, expected["hit"]), (game.Goblin.hurt, expected["Goblin"].hurt)):
        assert type(function) is types.FunctionType
        assert function.__code__.co_code == other.__code__.co_code
        assert vars(function) == vars(other) == {}
        assert (function.__closure__, function.__defaults__) == (other.__closure__, other.__defaults__)
    assert vars(game.armour).keys() == vars(expected["armour"]).keys()


def test_what_is_imported_is_the_object_itself(live):
    import game

    script = sys.modules["game.goblins_py"]
    assert game.Goblin is script.Goblin is game.x.Orc.__base__
    assert game.x.held is game.hit is script.hit
    assert game.hit.__globals__ is vars(script)
    assert vars(game)["Goblin"] is game.Goblin  # found without any code of ours


def test_modules_of_scripts_are_plain_modules(live, tmp_path):
    write(tmp_path / "more", {"pack/__init__.py": "", "pack/trolls.py": "from game import Goblin\n"})
    with livescripts.LiveScripts(watch=False) as other:
        other.add_directory(tmp_path / "more", namespace="others", layout="modules")
        for name in ("game.goblins_py", "game.x.orcs_py", "others", "others.pack", "others.pack.trolls"):
            assert type(sys.modules[name]) is types.ModuleType, name
    import game

    # The one exception: a namespace passes on what is set on it, and is read like any module.
    assert type(game).__getattribute__ is types.ModuleType.__getattribute__
    game.score = 5
    assert game.hit() == game.score == 6


def test_update_does_nothing_whatever_is_saved(live, tmp_path):
    import game

    write(tmp_path, {"goblins.py": "def hit(): return 0\n"})
    (tmp_path / "x" / "orcs.py").unlink()
    before = dict(vars(game))
    for _ in range(3):
        assert live.update() is NOTHING
    assert not live.busy
    assert vars(game) == before


def test_call_is_a_plain_call(live):
    import game

    goblin = game.Goblin()
    assert live.call(goblin.hurt) == 2
    assert live.call(game.hit, by=3) == 3

    def fail():
        raise KeyError("lost")

    for _ in range(2):
        with pytest.raises(KeyError, match="lost"):
            live.call(fail)
    assert live.quarantined == ()
    assert live.errors.recent == ()


def test_no_thread_hook_or_tool_is_left(live):
    assert [thread for thread in threading.enumerate() if thread.name.startswith("livescripts")] == []
    assert (sys.gettrace(), sys.getprofile(), threading.getprofile()) == (None, None, None)
    assert live._guard.timeout is live._compiler is live._watcher is None


PROGRAM = """
import sys, threading
started = []
def audit(event, arguments):
    if event in ("subprocess.Popen", "os.fork", "os.posix_spawn", "os.system", "_thread.start_new_thread"):
        started.append(event)
sys.addaudithook(audit)

class Blocked:
    asked = []
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("watchdog", "pygame"):
            self.asked.append(name)
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())

import livescripts
with livescripts.LiveScripts(watch=False) as live:
    live.add_directory(sys.argv[1], namespace="game")
    import game
    for _ in range(3):
        assert not live.update()
    assert game.x.Orc().hurt() == live.call(game.x.Orc().hurt) == 2
    assert threading.active_count() == 1
    assert (sys.gettrace(), sys.getprofile()) == (None, None)
    if sys.version_info >= (3, 12):
        assert [sys.monitoring.get_tool(number) for number in range(6)] == [None] * 6
assert "game" not in sys.modules
print(Blocked.asked, started)
"""


def test_watchdog_is_not_asked_for_and_nothing_is_started(tmp_path):
    program = [sys.executable, "-W", "error", "-c", PROGRAM, str(write(tmp_path))]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("[] []\n", "")
