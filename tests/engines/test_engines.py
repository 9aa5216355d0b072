"""Each engine runs its own loop, headless, in a process of its own; a script is saved, and a live object follows."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import livescripts.engines.asyncio
from livescripts import ReentrantError
from livescripts.engines._ticking import tick
from livescripts.engines.loop import frames
from livescripts.testing import FakeClock, Project
from tests.watch.conftest import eventually

if TYPE_CHECKING:
    from tests.engines.conftest import Run

GOBLIN = "class Goblin:\n    def speed(self): return {}\n"


@pytest.mark.parametrize(
    ("engine", "needs"),
    [
        ("pyglet", ["pyglet"]),
        ("arcade", ["arcade"]),
        ("panda3d", ["panda3d"]),
        ("ursina", ["ursina"]),
        ("pgzero", ["pgzero"]),
    ],
)
def test_a_live_object_follows_in_the_loop_of(engine: str, needs: list[str], run: Run) -> None:
    done = run(engine, *needs)
    assert "saw [1, 2] in several frames: True" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def test_adapters_import_no_engine_before_they_are_used() -> None:
    code = """
import sys
import livescripts.engines.arcade, livescripts.engines.loop, livescripts.engines.panda3d, livescripts.engines.pgzero
import livescripts.engines.asyncio, livescripts.engines.pyglet, livescripts.engines.ursina
print([name for name in ("arcade", "direct", "panda3d", "pgzero", "pygame", "pyglet", "ursina") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


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

        project.clock.advance(1.0)
        asyncio.run(asyncio.wait_for(play(), 10))


def test_asyncio_stops_when_the_plugin_is_closed() -> None:
    async def play() -> None:
        with Project({"goblin.py": GOBLIN.format(1)}) as project:
            livescripts.engines.asyncio.install(project.live, interval=0.0)
        for _ in range(3):
            await asyncio.sleep(0)
        assert not asyncio.get_running_loop()._scheduled  # the timer is gone, or cancelled and forgotten

    asyncio.run(play())


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
