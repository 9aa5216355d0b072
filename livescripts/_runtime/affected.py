"""Which scripts a stage executes besides those that were saved: whoever depends on them, and has a reason.

# Dependants of what comes or goes are admitted at once. Those of a script that has a new version wait until that has been
# executed, and `cutoff` can tell what is new for them.
# Who is executed brings along all that it depends on and that waits: it must see one world, as it will be.
# Each `yield` is a place where the frame may end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from livescripts._core.graph import Node, Offers, Take, module_take
from livescripts._runtime.cutoff import Cutoff
from livescripts._runtime.entries import State
from livescripts._runtime.modules import values_of
from livescripts._runtime.surroundings import tidy_packages

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from livescripts._runtime.staging import Stage

__all__ = ["Affected"]


class Affected:
    """The dependants of one stage. Does not hold it: a stage dies with its last user."""

    def __init__(self) -> None:
        self._waiting = Offers(())  # those that are executed only if there is a reason
        self._cutoff = Cutoff()

    def begin(self, stage: Stage) -> Iterator[None]:
        """Admit those that have to be executed whatever the saved scripts, which are admitted already, turn out to be."""
        graph, scripts = stage.world.graph, stage.world.scripts
        if not graph.nodes:
            return  # there is nobody yet
        changed: dict[str, list[Node]] = {}
        known: dict[str, list[Node]] = {}
        for path, entry in stage.entries.items():
            live = graph.nodes.get(path)
            if live is None:
                changed[path] = [entry.static_node()]
            else:
                known[path] = [live, entry.static_node()]
        for path in stage.removed:
            stage.overlay.withdraw(scripts[path])
            changed[path] = [graph.nodes[path]]
            yield
        if stage.removed:
            tidy_packages(stage)
        # Modules that come or go, as what an import of them takes.
        names = {*stage.overlay.new_modules, *stage.overlay.emptied}
        names.update(scripts[path].location.module for path in stage.removed)
        changed[""] = [Node(above, frozenset((last,))) for above, last in map(module_take, names)]
        yield from self._admit(stage, graph.dependants(changed))
        waiting = [path for path in graph.dependants(known) if _is_outside(stage, path)]
        self._waiting = Offers((path, graph.nodes[path]) for path in waiting)
        yield
        if any(map(self._waiting.providers, _taken_by(stage))):
            # A circle, or nearly: only the order of a load from scratch is sure to be right.
            yield from self._admit(stage, waiting)
        else:
            # What somebody has registered is taken out, and put in again, with the script that it was put into.
            hiding = _hide_children(stage)
            reasons = (
                path for path in waiting if scripts[path].registrations or scripts[path].location.module in hiding
            )
            yield from self._admit(stage, reasons)

    def follow_news(self, stage: Stage) -> Generator[None, None, bool]:
        """Admit those that what has been executed concerns. Returns whether there are any."""
        concerned: list[str] = []
        for path in self._waiting:
            if _is_outside(stage, path) and self._is_concerned(stage, path):
                concerned.append(path)
            yield
        yield from self._admit(stage, concerned)
        return bool(concerned)

    def follow_surprises(self, stage: Stage) -> Generator[None, None, bool]:
        """Admit dependants of names that only execution showed to come. Returns whether there are any."""
        if not stage.world.graph.nodes:
            return False  # there was nobody yet
        known = set(stage.entries)
        done = [entry for entry in stage.entries.values() if entry.state is State.DONE]
        takers = stage.world.graph.takers(entry.node() for entry in done)
        concerned = [path for path in takers if _is_outside(stage, path) and self._is_concerned(stage, path)]
        yield from self._admit(stage, concerned)
        # Nor may anybody have run with what waits, unless it was taken in a way that cannot be seen in the text.
        yield from self._admit(stage, self._waiting.of(take for entry in done for take in entry.takes))
        todo = [stage.world.graph.nodes[path] for path in stage.entries if path not in known]
        surprises = bool(todo)
        while todo:
            # Whoever has run already with a name of theirs runs again.
            node = todo.pop()
            for entry in stage.entries.values():
                if entry.state is State.DONE and any(map(node.renews, entry.takes)):
                    todo.append(entry.node())
                    stage.repeat(entry)
                    self._cutoff.forget()
        return surprises

    def _is_concerned(self, stage: Stage, path: str) -> bool:
        return self._cutoff.concerns(stage.world.scripts[path], stage)

    def _admit(self, stage: Stage, paths: Iterable[str]) -> Iterator[None]:
        todo = sorted(path for path in paths if _is_outside(stage, path))
        for path in todo:  # grows while we go
            if _is_outside(stage, path):
                script = stage.world.scripts[path]
                todo += self._waiting.of(script.takes)
                stage.admit(script.location, script.version, saved=False)
                yield


def _is_outside(stage: Stage, path: str) -> bool:
    return path not in stage.entries and path not in stage.removed


def _taken_by(stage: Stage) -> set[Take]:
    """What the saved scripts take, by the look of their text, and what the others of the stage took."""
    nodes = [
        entry.static_node() if entry.live is None or entry.saved else entry.live.node()
        for entry in stage.entries.values()
    ]
    return {take for node in nodes for take in node.takes}


def _hide_children(stage: Stage) -> set[str]:
    """The packages that use the name of a script of the stage for something else: an import of that undoes it."""
    found: set[str] = set()
    for above, last in map(module_take, stage.by_module):
        package = stage.world.modules.get(above)
        if package is not None and last in values_of(package):
            found.add(above)
    return found
