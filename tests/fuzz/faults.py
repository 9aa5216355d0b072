"""A failure at every step of a reload: nothing has changed, or all of it has; and the next save works.

For each scenario and each line of ours that it executes, one run in which that very line raises. After it

- `update()` has not raised (an `Exception`: it reports; a KeyboardInterrupt passes through);
- the world is what a fresh load of the accepted files gives; if they are those from before, it is so by identity;
- nothing of the machinery is left switched on;
- what the game holds answers, and a save right after it is taken over.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from livescripts._runtime import modules as runtime_modules
from livescripts.testing import Project

from . import oracle
from .injection import Injected, Injector, chosen
from .scenarios import SCENARIOS, Game, Scenario, edited, scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# Before and after the work itself: who calls, and what has come in.
AT_THE_DOOR = {
    "Inbox.put",
    "Inbox.drain",
    "Entrance.exclusive",
    "Entrance._leave",
    "Entrance.check_thread",
    "Holds.depth",
    "Holds.take",
    "Holds.give",
    # Asked for by hand, and nothing has been done yet.
    "Batches.undo",
    "Batches._back",
    "History.last",
    "History.alone",
    "World.running",
    "LiveScripts.update",
    "WatchedFiles.__bool__",
    "LiveScripts.undo",
    "LiveScripts._frame",
    "LiveScripts._warnings",
    "LiveScripts._watched_files",
    "LiveScripts.call",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """A step at which it did not hold."""

    scenario: str
    layout: str
    step: int
    where: str
    what: str

    def brief(self) -> str:
        """Where, and the end of what."""
        lines = [line[:160] for line in self.what.splitlines() if line[:1].strip() and not line.startswith("Traceback")]
        return f"{self.scenario}/{self.layout} step {self.step}, {self.where}: {' | '.join(lines[-3:])}"

    def __str__(self) -> str:
        return f"{self.scenario}/{self.layout} step {self.step}, {self.where}\n{self.what}"


def steps(scenario: Scenario, layout: str) -> list[tuple[str, int]]:
    """The lines of ours that the scenario executes undisturbed, one for each step."""
    with Project(scripts(layout), layout=layout) as project:
        game = Game(project, layout)
        game.hold()
        scenario.prepare(game)
        with Injector() as injector:
            scenario.act(game)
        check(game)
        return injector.lines


def disturb(scenario: Scenario, layout: str, step: int, kind: Callable[[], BaseException] = Injected) -> Failure | None:
    """One run with one failure; None when all that is promised holds."""
    injector = Injector(step, kind)
    project = Project(scripts(layout), layout=layout)
    try:
        game = Game(project, layout)
        game.hold()
        scenario.prepare(game)
        project.live.call(game.held["closure"])
        before, files, switches = (game.identities(), oracle.identities()), oracle.accepted_files(project), machinery()
        raised: BaseException | None = None
        with injector:
            try:
                scenario.act(game)
            except BaseException as error:
                raised = error
        if raised is not None and not passes(raised, injector.where):
            raise AssertionError("update() raised") from raised
        assert machinery() == switches, f"{switches} before, {machinery()} now"
        if oracle.accepted_files(project) == files and not moved_on(project):
            now = (game.identities(), oracle.identities())
            assert now == before, "\n".join(oracle.differences(before, now))
        settle(project)
        check(game)
        follow(game)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and kind is Injected:
            raise
        text = "".join(traceback.format_exception(error))
        return Failure(scenario.name, layout, step, injector.where, text)
    else:
        return None
    finally:
        project.close()


def passes(error: BaseException, where: str) -> bool:
    """Whether an exception may leave `update()`: what means to end the game, or what fails before there is anything to do."""
    return not isinstance(error, Exception) or where.partition(" ")[2] in AT_THE_DOOR


def moved_on(project: Project) -> bool:
    """Whether the files were loaded again though they are the same."""
    return bool(project.live.history)


def machinery() -> dict[str, Any]:
    """What a reload switches on and has to switch off again."""
    return {
        "tracers": len(runtime_modules.tracer),
        "recursion limit": sys.getrecursionlimit(),
        "collecting": (gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() > 1000),
        "profile": sys.getprofile(),
        "finders": [type(finder).__name__ for finder in sys.meta_path],
        "monitoring": monitored(),
    }


def monitored() -> Any:
    """The tools of `sys.monitoring`, and what they listen to."""
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is None:
        return None
    tools = [(number, monitoring.get_tool(number)) for number in range(6)]
    return [(name, monitoring.get_events(number)) for number, name in tools if name is not None]


def settle(project: Project) -> None:
    """Let the game go on until there is nothing to do."""
    for _ in range(20):
        project.update()
        if not project.live.busy:
            return
    raise AssertionError("it never settles")


def check(game: Game) -> None:
    """The world is the one of a fresh load, and what is held answers."""
    game.answers()
    running = oracle.view()
    with oracle.fresh_world(game.project, game.layout) as fresh:
        base = Game(fresh, game.layout).module("base")
        base.TABLE["game"], base.score = 5, 9
        wanted = oracle.view()
    found = oracle.differences(running, wanted)
    assert not found, "\n".join(found)
    saved = {path for path, data in game.project.files.contents.items()}
    running_files = oracle.accepted_files(game.project)
    differ = {
        path
        for path in saved | running_files.keys()
        if running_files.get(path) != game.project.files.contents.get(path)
    }
    errors = {str(path) for path in game.project.live.errors}
    assert errors == differ, f"errors: {errors}, but {differ} do not run as saved"


def follow(game: Game) -> None:
    """The next saves are taken over, whatever happened: first of another file, which retries what waits."""
    game.project.write("other.py", "OTHER = 1")
    game.project.update()
    settle(game.project)
    check(game)
    game.project.delete("other.py")
    for path, text in scripts(game.layout).items():
        game.project.write(path, text)
    last = edited(game.layout, "orc.py", ('("orc", super().who())', '("again", super().who())'))
    game.project.write("orc.py", last)
    game.project.update()
    settle(game.project)
    assert oracle.accepted_files(game.project)[game.project.path("orc.py")] == last.encode()
    assert not game.project.live.errors, dict(game.project.live.errors)
    game.project.live.release()
    check(game)
    assert game.answers()[0][0][0] == "again"


# ------------------------------------------------------------------ many of them


def enumerate_faults(
    times: int,
    stride: int = 1,
    offset: int = 0,
    only: str = "",
    *,
    again: bool = False,
    kind: Callable[[], BaseException] = Injected,
) -> Iterator[Failure | int]:
    """Every line that any scenario executes in either layout, `times` each (see `chosen`), and of these every `stride`-th.

    With `again`, a line counts anew in each scenario and layout. Gives failures, and a number of runs now and then.
    """
    covered: set[tuple[str, int]] = set()
    for scenario, layout in itertools.product(SCENARIOS, ("merged", "modules")):
        if only in {"", scenario.name}:
            lines = steps(scenario, layout)
            todo = [step for step in chosen(lines, times) if lines[step - 1] not in covered][offset::stride]
            if not again:
                covered.update(lines)
            print(
                f"{scenario.name}/{layout}: {len(lines)} steps, {len(set(lines))} lines, {len(todo)} runs", flush=True
            )
            yield from _in_children(scenario, layout, todo, kind)


def _in_children(
    scenario: Scenario, layout: str, steps: list[int], kind: Callable[[], BaseException]
) -> Iterator[Failure | int]:
    """A world that was damaged must not spoil the next run: a child goes on until it finds a failure."""
    todo = list(steps)
    while todo:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            with os.fdopen(writer, "w") as out:
                for step in todo[:500]:
                    failure = disturb(scenario, layout, step, kind)
                    out.write(f"{step}\n")
                    if failure is not None:
                        out.write(f"!{failure.where}\0{failure.what}")
                        break
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as answers:
            text = answers.read()
        os.waitpid(child, 0)
        done, _, failed = text.partition("!")
        through = [int(line) for line in done.split()]
        if failed:
            where, _, what = failed.partition("\0")
            yield Failure(scenario.name, layout, through[-1], where, what)
        elif len(through) < min(len(todo), 500):
            died = todo[len(through)]
            yield Failure(scenario.name, layout, died, "?", "the process died")
            through.append(died)
        yield len(through)
        todo = todo[len(through) :]
