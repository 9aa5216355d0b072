"""One script in a stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from livescripts._core.codes import renewed
from livescripts._core.graph import Node, Take
from livescripts._core.references import resolve
from livescripts._runtime.registrations import Ledger, Registration
from livescripts._runtime.sources import copied
from livescripts._runtime.world import make_node

if TYPE_CHECKING:
    from types import CodeType, ModuleType

    from livescripts._core.names import Location
    from livescripts._runtime.heirlooms import Heirloom
    from livescripts._runtime.state import State as Merged
    from livescripts._runtime.versions import Version
    from livescripts._runtime.world import Script
    from livescripts.errors import CycleError
    from livescripts.report import Problem

__all__ = ["Entry", "State"]


class State(Enum):
    """How far an entry has come."""

    PENDING = "pending"
    EXECUTING = "executing"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class Entry:
    """A script in a stage: one that was saved, or one that depends on it.

    `blocked_on` is set when it failed only because another one did; `missing` has what it took in vain when it failed
    for want of a name. `replaced` are values that the body made and that gave way to those the game had changed, by scope
    (the qualified name of a class, or "" for the module) and name; `heirlooms` what it takes over from other scripts;
    `registrations` what the body put into containers of other scripts; `called` the paths of scripts, others than this one,
    that have functions which ran meanwhile, or None if nobody knows; `turn` is higher than that of all that were done with
    before; `merged` what its state and that of the game came to, and at which moment of the stage; `tested` whether it has
    unit tests inside. `code` is what was executed last, `codes`
    all that were.
    """

    location: Location
    version: Version
    module: ModuleType
    live: Script | None
    saved: bool
    code: CodeType = field(init=False)
    state: State = State.PENDING
    takes: set[Take] = field(default_factory=set[Take])
    exports: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list["Problem"])
    blocked_on: str | None = None
    missing: frozenset[Take] = frozenset()
    cycle: CycleError | None = None
    replaced: dict[tuple[str, str], object] = field(default_factory=dict[tuple[str, str], object])
    heirlooms: tuple[Heirloom, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    registrations: list[Registration] = field(default_factory=list["Registration"])
    codes: list[CodeType] = field(default_factory=list["CodeType"])
    called: frozenset[str] | None = None
    turn: int = 0
    merged: tuple[object, Merged] | None = None
    tested: bool = False
    _static: Node | None = None

    def next_code(self) -> CodeType:
        """The code to execute. Code objects that made functions before, or may have, are not used again."""
        if next(self.version.runs):
            self.code = renewed(self.version.code)
            copied(self.code)
        else:
            self.code = self.version.code
        self.codes.append(self.code)
        return self.code

    def forget_execution(self) -> None:
        """What was executed, and what it made, has gone."""
        self.code = self.version.code
        self.codes.clear()
        self.replaced.clear()
        self.ledger = Ledger()

    @property
    def path(self) -> str:
        return self.location.path

    def may_define(self, name: str) -> bool:
        analysis = self.version.analysis
        # What a module imports can be taken from it as well.
        return analysis.may_define(name) or (self.location.layout == "modules" and name in analysis.imports)

    def static_node(self) -> Node:
        """What the text alone says of this version, for planning."""
        if self._static is None:
            analysis = self.version.analysis
            names = analysis.public
            if analysis.rebound:
                names |= {name for name in analysis.rebound if name[:1] != "_"}
            self._static = make_node(self.location, names, resolve(analysis.references, self.location.package))
        return self._static

    def node(self) -> Node:
        """The version in the graph, as executed."""
        return make_node(self.location, self.exports, frozenset(self.takes))
