"""Each engine runs the program that `docs/engines.md` shows, in its own loop: a script is saved, and a live object follows."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import livescripts.engines.asyncio
from livescripts import ReentrantError
from livescripts.engines._ticking import tick
from livescripts.engines.loop import frames
from livescripts.testing import FakeClock, Project
from tests.watch.conftest import eventually

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "engines.md"

GOBLIN = "class Goblin:\n    def speed(self): return {}\n"

# A goblin that saves its own script in the third frame, and ends the game when it runs the new version.
SAVER = """
import os


class Goblin:
    frames = 0

    def update(self, dt):
        self.frames += 1
        if self.frames == 3:
            with open(__file__) as file:
                text = file.read()
            with open(__file__, "w") as file:
                file.write(text.replace("= 'old'", "= 'new'"))
        version = 'old'
        if version == 'new':
            print(f"followed: {self.frames > 3 and 0 <= dt < 5}", flush=True)
            os._exit(0)  # in the middle of a frame: each engine leaves its loop in another way
"""

# What makes an engine do without a screen; the program stays as it is shown.
WITHOUT_A_SCREEN = {
    "pyglet": "import pyglet; pyglet.options.headless = True",
    "arcade": "import os; os.environ['ARCADE_HEADLESS'] = '1'; import arcade, pyglet; arcade.run = lambda: pyglet.app.run(None)",
    "panda3d": "import panda3d.core; panda3d.core.loadPrcFileData('', 'window-type none\\naudio-library-name null')",
    "ursina": "import functools, ursina; ursina.Ursina = functools.partial(ursina.Ursina, window_type='none')",
    "pgzero": "",
}


@pytest.mark.parametrize("engine", WITHOUT_A_SCREEN)
def test_a_live_object_follows_in_the_loop_of(engine: str, tmp_path: Path) -> None:
    if importlib.util.find_spec(engine) is None:  # looked for, not imported: engines open displays and never leave
        pytest.skip(f"{engine} is not installed (pip install -e '.[engines]')")
    program = f"{engine}_game.py"
    text = re.search(rf'```python title="{program}"\n(.*?)```', PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert text is not None
    (tmp_path / program).write_text(text[1])
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "goblin.py").write_text(SAVER)
    start = f"{WITHOUT_A_SCREEN[engine]}\nimport runpy; runpy.run_path({program!r}, run_name='__main__')"
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", start],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "followed: True" in done.stdout, done.stdout + done.stderr


def test_adapters_import_no_engine_before_they_are_used() -> None:
    code = """
import sys
import livescripts.engines.arcade, livescripts.engines.loop, livescripts.engines.panda3d, livescripts.engines.pgzero
import livescripts.engines.asyncio, livescripts.engines.pyglet, livescripts.engines.ursina
print([name for name in ("arcade", "direct", "panda3d", "pgzero", "pygame", "pyglet", "ursina") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


class Engine:
    """Holds what an adapter registered, under the names that the engines have for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.registered: list[Any] = []
        self.order: list[int] = []
        self.clock = self
        self.taskMgr = self
        for name in ("pyglet.clock", "arcade", "pgzero.clock", "direct.task.TaskManagerGlobal"):
            monkeypatch.setitem(sys.modules, name, self)

    def schedule_interval(self, function: Any, interval: float) -> None:
        assert 0 < interval < 1
        self.registered.append(function)

    schedule = schedule_interval

    def each_tick(self, function: Any) -> None:
        self.registered.append(function)

    def add(self, function: Any, name: str, sort: int) -> Any:
        self.registered.append(function)
        self.order.append(sort)
        return function

    def unschedule(self, function: Any) -> None:
        if function in self.registered:
            self.registered.remove(function)

    remove = unschedule

    def frame(self) -> None:
        for function in list(self.registered):
            if function(types.SimpleNamespace(cont=1, done=2)) == 2:
                self.registered.remove(function)


@pytest.mark.parametrize("name", ["pyglet", "arcade", "panda3d", "ursina", "pgzero"])
def test_an_adapter_updates_until_it_is_undone_or_the_plugin_is_closed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = importlib.import_module(f"livescripts.engines.{name}")
    engine = Engine(monkeypatch)
    clock = FakeClock()
    with Project({"goblin.py": GOBLIN.format(1)}, clock=clock) as project:
        undo = adapter.install(project.live)
        project.write("goblin.py", GOBLIN.format(2))
        engine.frame()
        clock.advance(1.0)
        engine.frame()
        assert project.namespace.Goblin().speed() == 2
        undo()
        undo()
        assert engine.registered == []
        adapter.install(project.live)
        engine.frame()
        assert len(engine.registered) == 1
    engine.frame()
    assert engine.registered == []
    assert all(sort < -50 for sort in engine.order)  # Panda3D's input comes at -50


def test_asyncio_updates_between_the_steps_of_tasks() -> None:
    with Project({"goblin.py": GOBLIN.format(1)}, settle=0.0) as project:
        goblin = project.namespace.Goblin()

        async def play() -> None:
            undo = livescripts.engines.asyncio.install(project.live, interval=0.001)
            project.write("goblin.py", GOBLIN.format(2))
            while goblin.speed() == 1:  # noqa: ASYNC110 - it is what is tested
                await asyncio.sleep(0.001)
            undo()
            undo()
            project.write("goblin.py", GOBLIN.format(3))
            await asyncio.sleep(0.005)
            assert goblin.speed() == 2

        asyncio.run(asyncio.wait_for(play(), 10))


def test_asyncio_stops_when_the_plugin_is_closed() -> None:
    async def play() -> None:
        calls = []
        with Project({"goblin.py": GOBLIN.format(1)}) as project:
            update = project.live.update
            project.live.update = lambda: (calls.append(1), update())
            livescripts.engines.asyncio.install(project.live, interval=0.0)
        for _ in range(20):
            await asyncio.sleep(0)
        assert calls == [1]

    asyncio.run(play())


def test_asyncio_needs_a_running_loop() -> None:
    with Project({}) as project, pytest.raises(RuntimeError, match="no running event loop"):
        livescripts.engines.asyncio.install(project.live)


def test_a_plain_loop_gets_frames_and_their_times() -> None:
    clock = FakeClock()
    with Project({"goblin.py": GOBLIN.format(1)}, settle=0.0) as project:
        goblin = project.namespace.Goblin()
        seen = []
        for dt in frames(project.live, fps=10, clock=clock, sleep=clock.advance):
            seen.append((goblin.speed(), round(dt, 6)))
            if len(seen) == 2:
                project.write("goblin.py", GOBLIN.format(2))
                clock.advance(0.3)  # a long frame: it is not made up for
            if goblin.speed() == 2:
                project.live.close()
        assert seen == [(1, 0.1), (1, 0.1), (2, 0.3)]


def test_a_plain_loop_need_not_wait() -> None:
    with Project({"goblin.py": GOBLIN.format(1)}) as project:
        loop = frames(project.live, fps=0)
        assert next(loop) >= 0
        assert next(loop) >= 0


def test_a_tick_in_the_midst_of_a_script_waits_for_the_next_frame() -> None:
    with Project({"modal.py": "def show(tick): return tick()"}, settle=0.0) as project:
        project.write("modal.py", "def show(tick): return tick(), 2")
        with pytest.raises(ReentrantError):
            project.namespace.show(project.live.update)
        assert project.namespace.show(lambda: tick(project.live)) is True
        eventually(lambda: tick(project.live) and project.namespace.show(lambda: 1) == (1, 2))
        project.close()
        assert not tick(project.live)
