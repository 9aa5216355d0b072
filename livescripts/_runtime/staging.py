"""Executing new versions of scripts beside the running ones, in an order that is discovered.

# Rule 1: whoever takes a name that is not there yet makes its provider run first.
# Rule 2: while a stage is not shown, the live world is exactly as it was; `overlay` sees to that.
# Rule 3: a stage decides nothing about the live world. It ends with what could be committed and what failed.

A preload is a stage in which every script is new.
"""

from __future__ import annotations

import importlib
import sys
import threading
from contextlib import contextmanager, suppress
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from itertools import count, islice
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from livescripts._core.graph import EVERYTHING, Graph, Node, Take, module_take
from livescripts._runtime.affected import Affected
from livescripts._runtime.blame import blame
from livescripts._runtime.calls import recording, still
from livescripts._runtime.classes import classes_of
from livescripts._runtime.commons import Shared, put_back
from livescripts._runtime.entries import Entry, State
from livescripts._runtime.failures import trim
from livescripts._runtime.gate import has_tests_in
from livescripts._runtime.heirlooms import heirlooms
from livescripts._runtime.modules import Namespace, owners_of, tracer, values_of
from livescripts._runtime.overlay import Overlay
from livescripts._runtime.products import Foreseen
from livescripts._runtime.registrations import Ledger, Registration
from livescripts._runtime.retirement import drop_twins
from livescripts._runtime.sources import Names, lend
from livescripts._runtime.state import keep_state
from livescripts._runtime.withdrawal import withdraw_remains
from livescripts._runtime.world import exported_names, furnish
from livescripts.errors import CycleError, ScriptTimeout

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from types import CodeType

    from livescripts._core.names import Location
    from livescripts._runtime.commons import Exchange
    from livescripts._runtime.guard import Guard
    from livescripts._runtime.meter import Meter
    from livescripts._runtime.versions import Version
    from livescripts._runtime.world import World

__all__ = ["Stage"]


# A script that has to wait for a chain of providers has no less room for its own recursion than any other.
_FRAMES_OF_A_LEVEL = 40


class Stage:
    """One attempt to bring a batch of versions to life.

    `versions` are the saved scripts that compile, `removed` the scripts whose files are gone, `tests` the code of the
    saved files of unit tests, by path. `loader` is what modules get as `__loader__`. `entries` are the scripts of the stage by
    path, `by_module` the same by the names of their modules.
    """

    def __init__(
        self,
        world: World,
        versions: Mapping[str, tuple[Location, Version]],
        removed: Sequence[str],
        *,
        guard: Guard,
        meter: Meter,
        loader: object,
        tests: Mapping[str, CodeType] = MappingProxyType({}),
    ) -> None:
        self.world = world
        self.removed = tuple(removed)
        self.entries: dict[str, Entry] = {}
        self.committed: set[str] = set()
        self.overlay = Overlay(world)
        self.foreseen = Foreseen()
        self._codes = {**tests, **{path: version.code for path, (_, version) in versions.items()}}
        self._slices = 0
        self._lent: set[str] = set()  # the paths that name the saved version just now ...
        self._names = Names()  # ... and give the running versions their names back
        self._by_globals: dict[int, str] = {}
        self.meter = meter
        self._guard = guard
        self._loader = loader
        self._thread = threading.get_ident()
        self._by_holder: dict[str, list[Entry]] = {}
        self._definers: dict[Take, list[Entry]] = {}  # by the look of their text ...
        self._indexed = 0  # ... of so many entries
        self.by_module: dict[str, Entry] = {}
        self._stack: list[Entry] = []  # scripts being executed, the innermost last
        self._journal: list[Registration] = []  # of all scripts so far, in order
        self._exchanges: list[Exchange] = []  # of the console's builtins
        self._takers: list[set[Take]] = []  # whom a name that is taken now is put down to
        self._turns = count(1)
        self._versions = versions

    def show(self, *, staged: bool, pausing: bool = False) -> None:
        """Show the staged world to whoever looks, or the live one, as in the beginning. If it raises, call it once more.

        `pausing`: until the next slice.
        """
        self.overlay.show(staged=staged, pausing=pausing)
        if staged and self not in tracer:
            tracer.append(self)
        elif not staged:
            if self in tracer:
                tracer.remove(self)
            self._names.close()
            self._lent.clear()

    def resume(self, *, staged: bool) -> None:
        """The game has had its turn, and this goes on: in the staged world, or in the live one."""
        self._slices += 1
        if staged:
            self.show(staged=True)

    @property
    def moment(self) -> object:
        """Equal at two moments if neither the game nor a script has had its turn in between, and nothing was committed."""
        return self._guard.calls, self._slices, len(self.committed)

    def lend(self, *paths: str) -> None:
        """Until the live world is shown again, these paths name their saved versions, for their code is about to run.

        Not all of them at once: renaming five hundred versions takes longer than a slice.
        """
        for path in paths:
            if path in self._codes and path not in self._lent:
                self._lent.add(path)
                lend({path: self._codes[path]}, self._names)

    def discard(self) -> None:
        """Back to the live world for good."""
        self.show(staged=False)
        if not self.committed:
            put_back(reversed(self._exchanges))
        # What has been committed of it runs: that is nobody's to take out again.
        vain = [entry for path, entry in self.entries.items() if path not in self.committed]
        withdraw_remains(self.overlay, vain)
        self.overlay.discard(entry.module for entry in vain)

    # ------------------------------------------------------------ what is executed

    def admit(self, location: Location, version: Version, *, saved: bool) -> None:
        """Have this version executed. What runs of the script leaves the staged world at once."""
        live = self.world.scripts.get(location.path)
        if live is not None:
            self.overlay.withdraw(live)
        module = live.module if live is not None else self.overlay.module_for(location)
        if live is None and location.layout == "modules":
            self.overlay.await_execution(location.module)
        entry = Entry(location, version, module, live, saved)
        self.entries[location.path] = entry
        self._by_holder.setdefault(location.holder, []).append(entry)
        self.by_module[location.module] = entry
        self._by_globals[id(values_of(module))] = location.path

    def location_of(self, module: str) -> Location | None:
        """Where the script with the module of this name stands, in the live world or in the staged one."""
        script = self.by_module.get(module) or self.world.scripts.by_module.get(module)
        return None if script is None else script.location

    # ------------------------------------------------------------ execution

    def steps(self) -> Iterator[None]:
        """Execute everything; a step is one script with the providers it needed first, or what is to be found out."""
        for path in sorted(self._versions):
            self.admit(*self._versions[path], saved=True)
            yield
        affected = Affected()
        yield from affected.begin(self)
        yield from self._in_order()
        while (yield from affected.follow_news(self)):
            yield from self._in_order()
        while (yield from affected.follow_surprises(self)) or self._retry_failed():
            for entry in list(self.entries.values()):
                yield from self._step(entry)

    def _in_order(self) -> Iterator[None]:
        """Execute what has not been executed, providers first."""
        nodes: dict[str, Node] = {}
        for path, entry in self.entries.items():
            if entry.state is State.PENDING:
                nodes[path] = entry.static_node()
                yield
        order = yield from Graph(nodes).ordering(nodes)
        yield
        for path in order:
            yield from self._step(self.entries[path])

    def _step(self, entry: Entry) -> Iterator[None]:
        if entry.state is State.PENDING:
            self._load(entry)
            yield

    def _retry_failed(self) -> bool:
        """Give those a second chance whose reason to fail is gone: the name they wanted is there by now, or the script
        that they were blocked on has come to life.
        """
        again = [entry for entry in self.entries.values() if entry.state is State.FAILED and self._is_healed(entry)]
        for entry in again:
            self.repeat(entry)
        return bool(again)

    def _is_healed(self, entry: Entry) -> bool:
        if entry.blocked_on is not None:
            return self.entries[entry.blocked_on].state is State.DONE
        # Nothing missing: it failed for a reason of its own, and would do so again.
        return entry.cycle is not None and bool(entry.missing) and all(map(self.overlay.available, entry.missing))

    def repeat(self, entry: Entry) -> None:
        """Have a script executed once more, as if it had not been yet."""
        namespace = self.world.modules.get(entry.location.holder)
        if isinstance(namespace, Namespace):
            self.overlay.unpublish(namespace, entry.exports)
        self.overlay.take_out(entry.location.module)
        entry.state = State.PENDING
        entry.problems.clear()
        entry.blocked_on = entry.cycle = None
        entry.missing = frozenset()
        entry.takes.clear()
        entry.replaced.clear()
        entry.ledger = Ledger()

    def _load(self, entry: Entry) -> None:
        if entry.location.layout == "merged" or self._needs_no_import(entry.location.module):
            self._execute(entry)
            return
        try:
            # The import system runs the packages above first, and brings us to `execute`.
            importlib.import_module(entry.location.module)
        except BaseException as error:
            if entry.state is State.PENDING:
                self._fail(entry, error)

    def _needs_no_import(self, module: str) -> bool:
        """Whether nobody imports this module just now, and what is above it is there: the import system would find the
        script and run it, for as long as that takes.
        """
        above, _ = module_take(module)
        return not self._takers and (not above or above in sys.modules)

    def find_spec(self, fullname: str) -> ModuleSpec | None:
        """The import system asks for a module that is not there: perhaps a script that has not run yet."""
        if self._takers and threading.get_ident() == self._thread:
            above, last = module_take(fullname)
            if not above or self.overlay.is_ours(above):
                self._takers[-1].add((above, last))
        entry = self.by_module.get(fullname)
        if entry is not None and entry.state is State.FAILED:
            self._miss(fullname)
        if entry is None or entry.state is not State.PENDING or not self.overlay.shown:
            return None
        return ModuleSpec(fullname, _StageLoader(self, entry), is_package=entry.location.is_package)

    def execute(self, entry: Entry) -> None:
        """Run a script for the import system. Raises what the script raises."""
        self._execute(entry)
        if entry.state is State.FAILED:
            self._miss(entry.location.module)
            raise (
                entry.problems[0].error
                if entry.problems
                else ImportError(f"{entry.location.module} could not be loaded", name=entry.location.module)
            )

    def _miss(self, module: str) -> None:
        """Somebody imports a script that has failed, and may go on without it: any change of it concerns him."""
        if self._takers:
            self._takers[-1].add((module, EVERYTHING))

    def _execute(self, entry: Entry) -> None:
        limit = sys.getrecursionlimit()
        try:
            self._execute_within(limit, entry)
        finally:
            sys.setrecursionlimit(limit)  # twice: an interrupt may come just before the first

    def _execute_within(self, limit: int, entry: Entry) -> None:
        entry.state = State.EXECUTING
        self.lend(entry.path)
        module, name = entry.module, entry.location.module
        self.overlay.open(module)
        values = values_of(module)
        children: dict[str, Any] = {}
        if entry.location.is_package:
            children = {key: value for key, value in values.items() if self.overlay.available((name, key))}
        furnish(module, entry.location, self._loader)
        if children:
            values.update((key, value) for key, value in children.items() if isinstance(value, ModuleType))
        self.overlay.put(name, module, attach=False)
        self._stack.append(entry)
        self._takers.append(entry.takes)
        start = len(self._journal)
        try:
            sys.setrecursionlimit(limit + _FRAMES_OF_A_LEVEL)
            code = entry.next_code()
            called: set[str] = set()
            with self.meter.judging("executing", entry.path, "module body"):
                known = self._guard.run(lambda: self._run_noting(code, values, entry, called))
            # Who has taken nothing is nobody's dependant, and is not asked.
            entry.called = frozenset(called - {entry.path}) if known or not entry.takes else None
            entry.registrations, entry.ledger = entry.ledger.close(self._journal[start:]), Ledger()
            self._journal += entry.registrations
            if entry.live is not None and b"slots" in entry.version.data:
                drop_twins(classes_of(values, name).values())
            entry.heirlooms = heirlooms(self, entry)
            if entry.live is not None or entry.heirlooms:
                keep_state(self, entry, values)
            entry.exports = exported_names(values, entry.version, entry.location)
            entry.tested = has_tests_in(values, name)
            self.overlay.publish(entry.location, entry.version, entry.exports, module)
        except BaseException as error:  # SystemExit and the like reject the script, too
            self._fail(entry, error)
        else:
            entry.state = State.DONE
            entry.turn = next(self._turns)
            if entry.location.layout == "modules":
                self.overlay.put(name, module, attach=True)
        finally:
            sys.setrecursionlimit(limit)
            self._stack.pop()
            self._takers.pop()

    def _run_noting(self, code: CodeType, values: dict[str, Any], entry: Entry, called: set[str]) -> bool:
        """Execute a body, and note in `called` whose functions run. Returns whether all of them are there."""
        # Around the body alone: before 3.12 each call takes longer meanwhile, ours as well.
        with recording(called, needed=self._depends(entry)) as known:
            self.run(code, values, entry.version.data, entry.location.module)
            return known and still()

    def _depends(self, entry: Entry) -> bool:
        """Whether it matters which functions a script calls while it loads, as far as its text tells: to begin and to end a
        recording takes half a millisecond on 3.12.
        """
        if self._guard.timeout is None:
            return False  # without a watcher, and so without a time limit, nothing is executed again
        ours = self.overlay.is_ours
        takes = entry.static_node().takes
        return any(ours(holder) or ours(f"{holder}.{name}" if holder else name) for holder, name in takes)

    def run(self, code: CodeType, values: dict[str, Any], data: bytes, name: str) -> None:
        """Execute a body with this source, of the module of this name. Raises what it raises, and SharedError."""
        if b"builtins" not in data and b"modules" not in data:
            exec(code, values)  # nobody gets at what is shared without the words
            return
        with Shared(data, name, self.overlay.is_ours) as shared:
            exec(code, values)
        self._exchanges += shared.exchanged

    def _fail(self, entry: Entry, error: BaseException) -> None:
        entry.state = State.FAILED
        self.overlay.lose(entry.location.module)
        if issubclass(type(error), (ImportError, AttributeError, NameError)):
            entry.missing = frozenset(take for take in entry.takes if not self.overlay.available(take))
        with suppress(ScriptTimeout):
            # It asks the exception for its text, and that may be a script's own endless loop.
            self._guard.run(lambda: blame(entry, trim(error), self.entries, self.world, self.removed))

    # ------------------------------------------------------------ discovering order

    @contextmanager
    def recording(self, takes: set[Take]) -> Generator[None]:
        """Collect what code that is no script body, such as a unit test, takes meanwhile."""
        self._takers.append(takes)
        try:
            yield
        finally:
            self._takers.pop()

    def take(self, module: ModuleType, name: str) -> None:
        """A module is asked for `name`, perhaps by the script that is loading."""
        if not self._takers or threading.get_ident() != self._thread:
            return
        holder = self.overlay.name_of(module)
        if holder is None or (self._stack and self._stack[-1].module is module):
            return
        path = self._by_globals.get(id(values_of(module)))
        if path is not None:
            self.lend(path)  # `inspect` asks for its `__file__`, and reads that
        if name.startswith("__") and name.endswith("__"):
            if name == "__spec__":  # read by every `import` of a module that is there already
                self._takers[-1].add(module_take(holder))
            if name not in {"__all__", "__dict__"}:
                return
            name = EVERYTHING
        self._takers[-1].add((holder, name))
        if isinstance(module, Namespace):
            self._take_from_namespace(module, holder, name)
        else:
            self._take_from_module(module, holder, name)

    def touch(self, module: ModuleType, name: str) -> None:
        """A module's name is set or deleted, perhaps by a script that is loading or by a test."""
        if not self._takers or threading.get_ident() != self._thread or self.overlay.name_of(module) is None:
            return
        self.overlay.open(module)
        if not isinstance(module, Namespace):
            self.overlay.protect(values_of(module), self.entries)
        elif name in owners_of(module):
            self.overlay.protect(owners_of(module)[name], self.entries)

    def _take_from_namespace(self, namespace: Namespace, holder: str, name: str) -> None:
        owners = owners_of(namespace)
        entries = self._by_holder.get(holder, ())
        if name == EVERYTHING:
            for entry in [entry for entry in entries if entry.state is State.PENDING]:
                self._load(entry)
            self.overlay.show_early(namespace, "__all__", sorted(owners))
            for owner in {id(owner): owner for owner in owners.values()}.values():
                self._look_at(owner)
            return
        if name in owners:
            self._look_at(owners[name])
            return
        if self._load_child(holder, name):
            return
        likely = self._definers_of(holder, name) or [entry for entry in entries if entry.version.analysis.opaque]
        for entry in likely:
            if entry.state is State.PENDING:
                self._load(entry)
            if name in owners:
                self._look_at(owners[name])
                return
        for entry in likely:
            if entry.state is State.EXECUTING and (not self._stack or entry is not self._stack[-1]):
                if name in values_of(entry.module):
                    # A benign cycle: the name exists already, though its script is not done.
                    self.overlay.show_early(namespace, name, values_of(entry.module)[name])
                elif entry.may_define(name):
                    self._note_cycle(entry, name)

    def _definers_of(self, holder: str, name: str) -> list[Entry]:
        """The scripts that define a name, by the look of their text. Seldom asked: most scripts come in the right order."""
        for entry in islice(self.entries.values(), self._indexed, None):
            for each in entry.version.analysis.names | entry.version.analysis.rebound:
                self._definers.setdefault((entry.location.holder, each), []).append(entry)
        self._indexed = len(self.entries)
        return self._definers.get((holder, name), [])

    def _take_from_module(self, module: ModuleType, holder: str, name: str) -> None:
        entry = self.by_module.get(holder)
        if entry is not None and entry.state is State.PENDING and entry.module is module:
            self._load(entry)
        values = values_of(module)
        if name in values:
            self._look_at(values)
            if isinstance(values[name], ModuleType):
                self._load_child(holder, name)
        elif self._load_child(holder, name) or entry is None:
            return
        elif entry.state is State.EXECUTING and entry.may_define(name):
            self._note_cycle(entry, name)

    def _look_at(self, values: dict[str, Any]) -> None:
        """The script that is loading takes something from the one with these globals, and may register there."""
        self.overlay.protect(values, self.entries)
        if self._stack:
            self._stack[-1].ledger.watch(values)

    def _load_child(self, holder: str, name: str) -> bool:
        child = self.by_module.get(f"{holder}.{name}")
        if child is None or child.location.layout != "modules":
            return False
        if child.state is State.PENDING:
            self._load(child)
        return child.state is not State.FAILED

    def _note_cycle(self, provider: Entry, name: str) -> None:
        if self._stack:
            chain = [*self._stack[self._stack.index(provider) :], provider]
            self._stack[-1].cycle = CycleError([self.world.short(entry.path) for entry in chain], name)

    # ------------------------------------------------------------ the outcome

    def is_done(self, path: str) -> bool:
        """Whether the script at `path`, which is an entry, has run to its end."""
        return self.entries[path].state is State.DONE

    def staged_values(self, entry: Entry) -> dict[str, Any]:
        """What an executed script's globals hold in the staged world."""
        return self.overlay.staged_values(entry.module)

    def live_values(self, entry: Entry) -> dict[str, Any]:
        """What the same globals hold in the live world; empty for a new script."""
        return {} if entry.live is None else self.overlay.live_values(entry.module)


class _StageLoader(Loader):
    """Loads one script of a stage through the import system."""

    def __init__(self, stage: Stage, entry: Entry) -> None:
        self._stage = stage
        self._entry = entry

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The script's own module: the same for its whole life."""
        del spec
        return self._entry.module

    def exec_module(self, module: ModuleType) -> None:
        """Run the script."""
        del module
        self._stage.execute(self._entry)
