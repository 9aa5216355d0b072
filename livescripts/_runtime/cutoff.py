"""Early cut-off: which dependants of a stage have a reason to be executed again.

# A dependant is executed again if something that it took while loading is another value now, or if it called, while
# loading, a function of a script in which anything is another; if nobody knows what it called; or if it has unit tests, which
# are to try the new version.
# That a function's body was edited concerns only those who called it: whoever keeps the function, or a class that it is in,
# finds it patched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from livescripts._core.graph import EVERYTHING, Take
from livescripts._runtime.comparing import Comparison, Difference
from livescripts._runtime.entries import State
from livescripts._runtime.gate import has_tests_in
from livescripts._runtime.modules import values_of
from livescripts._runtime.world import is_furnished

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from livescripts._core.graph import Node
    from livescripts._runtime.entries import Entry
    from livescripts._runtime.staging import Stage
    from livescripts._runtime.world import Script, World

__all__ = ["Cutoff"]


class Cutoff:
    """What is new in the scripts of a stage, for whoever depends on them. Holds neither: a stage dies with its last user."""

    def __init__(self) -> None:
        self._known: set[str] = set()  # the paths of those that were looked at
        self._new: set[Take] = set()  # what has another value
        self._paths: set[str] = set()  # the scripts in which anything is another
        self._tested: tuple[frozenset[str], Sequence[Take]] | None = None

    def concerns(self, script: Script, stage: Stage) -> bool:
        """Whether a script that is not in the stage has to be executed again. Looks at what has been executed so far."""
        fresh = False
        for entry in stage.entries.values():
            if entry.path not in self._known and entry.state is State.DONE:
                self._known.add(entry.path)
                self._compare(entry, stage)
                fresh = True
        if fresh:
            self._compare_affected(stage)
        if not self._paths:
            return False
        if script.called is None or not script.called.isdisjoint(self._paths) or not script.takes.isdisjoint(self._new):
            return True
        return self._has_tests(script, stage.world)

    def forget(self) -> None:
        """Scripts are executed once more: what was found out about them is void."""
        for found in (self._known, self._new, self._paths):
            found.clear()

    def _has_tests(self, script: Script, world: World) -> bool:
        if self._tested is None:
            files = world.companions.values()
            tested = frozenset(each.location.tests for each in files if each.location.tests is not None)
            self._tested = tested, [take for each in files for take in each.takes]
        tested, taken = self._tested
        if script.path in tested or any(map(script.node().offers, taken)):
            return True
        return has_tests_in(values_of(script.module), script.location.module)

    def _compare(self, entry: Entry, stage: Stage) -> None:
        if entry.live is None:
            self._found(entry.path, entry.node(), entry.exports)
            return
        edited = entry.live.version is not entry.version
        comparison = Comparison(stage.overlay.live_contents, edited=edited)
        new, other = _news(stage.live_values(entry), stage.staged_values(entry), comparison)
        names = entry.live.exports ^ entry.exports
        if other or names:
            self._found(entry.path, entry.node(), new | names)

    def _compare_affected(self, stage: Stage) -> None:
        """Scripts that are not executed again, and that those which were have changed: by registering there, say."""
        for script in stage.overlay.affected():
            live = stage.overlay.live_contents(values_of(script.module))
            comparison = Comparison(stage.overlay.live_contents, edited=False)
            values = values_of(script.module)
            new, other = _news(values if live is None else live, values, comparison)
            if other:
                self._found(script.path, script.node(), new)

    def _found(self, path: str, node: Node, new: Iterable[str]) -> None:
        self._paths.add(path)
        # In the merged layout nobody takes what is not exported.
        shown = {name for name in new if node.open_ended or not name.startswith("_") or name == "__all__"}
        self._new.update((node.holder, name) for name in (*shown, *([EVERYTHING] if shown else ())))


def _news(live: dict[str, Any], staged: dict[str, Any], comparison: Comparison) -> tuple[set[str], bool]:
    """The names that have another value, and whether anything at all is another."""
    new: set[str] = set()
    other = False
    for name in live.keys() | staged.keys():
        if is_furnished(name, live.get(name, staged.get(name))) and is_furnished(name, staged.get(name)):
            continue
        difference = comparison.difference(live.get(name, _ABSENT), staged.get(name, _ABSENT))
        other |= difference is not Difference.SAME
        if difference is Difference.CHANGED:
            new.add(name)
    return new, other


_ABSENT: Any = object()
