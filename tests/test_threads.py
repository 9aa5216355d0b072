"""Other threads that run code of scripts while the game's thread reloads: within `hold()` they see one version of everything."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time

import pytest

from livescripts import NOTHING, LiveScripts, ReentrantError

DEADLINE = 20.0  # seconds; nothing takes that long unless it is broken


class Threads:
    """Threads that are joined at the end, and whose exceptions are the test's."""

    def __init__(self):
        self._threads = []
        self.errors = []

    def start(self, function):
        def run():
            try:
                function()
            except BaseException as error:
                self.errors.append(error)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def join(self):
        for thread in self._threads:
            thread.join(DEADLINE)
            assert not thread.is_alive()
        assert not self.errors


@pytest.fixture
def threads():
    threads = Threads()
    yield threads
    threads.join()


def holder(game, threads):
    """A thread that holds the scripts until the event is set that this returns."""
    inside, leave = threading.Event(), threading.Event()

    def run():
        with game.live.hold():
            inside.set()
            assert leave.wait(DEADLINE)

    thread = threads.start(run)
    assert inside.wait(DEADLINE)
    return leave, thread


def until(condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_nothing_is_taken_over_while_a_thread_holds_the_scripts(project, threads):
    game = project({"a.py": "A = 1"})
    leave, thread = holder(game, threads)
    game.write("a.py", "A = 2")
    for now in (2000.0, 2010.0, 2020.0):
        assert game.live.update(now) == NOTHING
    assert (game.namespace.A, game.live.busy) == (1, True)
    leave.set()
    thread.join(DEADLINE)
    assert game.update().reloaded
    assert game.namespace.A == 2


def test_reload_by_hand_waits_for_the_thread(project, threads):
    game = project({"a.py": "A = 1"})
    leave, _ = holder(game, threads)
    game.write("a.py", "A = 2")
    threads.start(lambda: (until(lambda: game.live._entrance.holds._wanted), leave.set()))
    assert game.live.reload(game.path("a.py")).reloaded
    assert leave.is_set()
    assert game.namespace.A == 2


def test_the_turn_of_update_comes_though_threads_come_and_go_without_a_gap(project, threads):
    game = project({"a.py": "A = 1"})
    done = threading.Event()
    inside = threading.Semaphore(0)

    def run():
        while not done.is_set():
            with game.live.hold():
                inside.release()
                time.sleep(0.005)

    for _ in range(3):
        threads.start(run)
    for _ in range(6):
        assert inside.acquire(timeout=DEADLINE)
    game.write("a.py", "A = 2")
    try:
        until(lambda: game.live.update(2000.0 + time.monotonic()) and game.namespace.A == 2)
    finally:
        done.set()


def test_a_thread_that_waits_for_its_turn_goes_on_though_update_is_never_called_again(project, threads):
    game = project({"a.py": "A = 1"})
    leave, _ = holder(game, threads)
    game.write("a.py", "A = 2")
    game.live.update()
    entered = threading.Event()

    def run():
        with game.live.hold():
            entered.set()

    threads.start(run)
    assert entered.wait(DEADLINE)
    leave.set()


def test_a_thread_may_hold_the_scripts_twice(project, threads):
    game = project({"a.py": "A = 1"})
    game.write("a.py", "A = 2")
    once, again, go = threading.Event(), threading.Event(), threading.Event()

    def run():
        with game.live.hold():
            once.set()
            assert go.wait(DEADLINE)
            with game.live.hold():
                again.set()
            game.live._entrance.holds._condition.acquire(timeout=DEADLINE)
            assert game.live._entrance.holds._inside == 1
            game.live._entrance.holds._condition.release()

    threads.start(run)
    assert once.wait(DEADLINE)
    assert not game.live.update()  # it is wanted by now: a new thread would wait
    go.set()
    assert again.wait(DEADLINE)


def test_the_game_s_own_thread_may_not_reload_in_its_own_block(project):
    game = project({"a.py": "A = 1"})
    game.write("a.py", "A = 2")
    with game.live.hold(), pytest.raises(ReentrantError, match="leave the block of hold"):
        game.live.update()
    assert game.update().reloaded


def test_the_game_s_own_thread_may_enter_while_it_reloads(project, threads):
    game = project({"a.py": "A = 1"})
    seen = []

    def again(_):
        with game.live.hold(), game.live.hold():
            seen.append(game.namespace.A)

    def run():
        with game.live.hold():
            seen.append("other")

    game.live.on_reload(again)
    game.live.on_reload(lambda _: threads.start(run))
    # In a thread that can be given up: it used to wait for itself.
    reloading = threads.start(lambda: (setattr(game.live._entrance, "owner", None), game.save("a.py", "A = 2")))
    reloading.join(DEADLINE)
    assert not reloading.is_alive()
    until(lambda: len(seen) == 2)
    assert seen[0] == 2
    assert game.live._entrance.holds._inside == 0


def test_a_thread_does_not_wait_for_a_game_that_is_paused(project, threads):
    game = project({"a.py": "A = 1"})
    leave, thread = holder(game, threads)
    game.write("a.py", "A = 2")
    assert not game.live.update(9e9)
    game.live.pause()
    leave.set()
    thread.join(DEADLINE)
    holds = game.live._entrance.holds
    until(lambda: holds._wanted <= time.monotonic())
    waits = []
    holds._condition.wait = waits.append
    with game.live.hold():
        pass
    assert not waits


def test_an_exception_in_the_block_gives_the_scripts_free(project):
    game = project({"a.py": "A = 1"})
    with pytest.raises(ZeroDivisionError), game.live.hold():
        raise ZeroDivisionError
    assert game.save("a.py", "A = 2").reloaded


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_in_a_forked_child_only_its_own_thread_may_hold_the_scripts(project, threads):
    game = project({"a.py": "A = 1"}, compile_process=False)
    leave, _ = holder(game, threads)
    child = os.fork()
    if not child:
        # Whatever comes: the child must not go on with the tests.
        with contextlib.suppress(BaseException):
            game.live._guard.timeout = None
            game.write("a.py", "A = 2")
            os._exit(5 if game.live.reload(game.path("a.py")).reloaded else 6)
        os._exit(7)
    ended = []
    until(lambda: ended.extend([os.waitpid(child, os.WNOHANG)]) or ended[-1][0] == child)
    leave.set()
    assert os.waitstatus_to_exitcode(ended[-1][1]) == 5


def test_without_watching_nothing_is_held():
    with LiveScripts(watch=False) as live, live.hold():
        live.update()


VERSION = """
def number(): return {n}
class Goblin:
    kind = {n}
    def think(self): return {n}
"""
SECOND = "from game import Goblin\nclass Chief(Goblin):\n    kind = {n}\n    def think(self): return (super().think(), {n})\n"


def save(game, n):
    game.write("a.py", VERSION.format(n=n))
    game.write("b.py", SECOND.format(n=n))


def see(game, chief):
    """Everything of the scripts that has a number of the version."""
    space = game.namespace
    return {
        space.number(),
        space.Goblin.kind,
        space.Chief.kind,
        type(chief).kind,
        *chief.think(),
        space.Goblin().think(),
    }


@pytest.mark.parametrize("interval", [1e-6, 0.005])
@pytest.mark.parametrize("budget", [0, 1])
def test_threads_that_hold_the_scripts_see_one_version_of_everything(project, threads, interval, budget):
    game = project({"a.py": VERSION.format(n=0), "b.py": SECOND.format(n=0)}, frame_budget=budget)
    chief = game.namespace.Chief()
    done, seen = threading.Event(), []
    before = sys.getswitchinterval()

    def run():
        while not done.is_set():
            with game.live.hold():
                seen.append(see(game, chief))

    sys.setswitchinterval(interval)
    try:
        for _ in range(3):
            threads.start(run)
        for n in range(1, 5):
            save(game, n)
            now = 2000.0 + 1000 * n
            until(lambda now=now: game.live.update(now + time.monotonic()))
            assert see(game, chief) == {n}
    finally:
        done.set()
        threads.join()
        sys.setswitchinterval(before)
    assert all(len(numbers) == 1 for numbers in seen)
    assert len(set(map(tuple, seen))) > 1


def test_tasks_of_the_game_s_own_loop_see_one_version_between_two_awaits(project):
    game = project({"a.py": VERSION.format(n=0), "b.py": SECOND.format(n=0)}, frame_budget=0)
    chief, seen = game.namespace.Chief(), []

    async def think():
        while True:
            seen.append(see(game, chief))
            await asyncio.sleep(0)

    async def play():
        tasks = [asyncio.create_task(think()) for _ in range(3)]
        for n in range(1, 10):
            save(game, n)
            while not game.live.update(2000.0 + 1000 * n + time.monotonic()):  # noqa: ASYNC110 - a game loop
                await asyncio.sleep(0)
        for task in tasks:
            task.cancel()

    asyncio.run(play())
    assert all(len(numbers) == 1 for numbers in seen)
    assert len(set(map(tuple, seen))) > 1
