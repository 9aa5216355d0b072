"""Behaviours that raise: who is skipped from then on, and which commit is to blame.

# Rule 1: nothing of the scripts changes here. A commit that is to blame is put down in `due`, for the next `update()`.
# Rule 2: an entity is skipped as a whole, from its first error on, until one of the scripts involved changes.
# Rule 3: nothing here keeps an entity alive, if it can be referred to weakly; what is kept of an exception is text.
# Rule 4: a raising behaviour costs a look into a table. Only the first error of its kind is described, logged and judged.
"""

from __future__ import annotations

import linecache
import logging
import traceback
import weakref
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.faults import Faults, Kind, changed_names
from livescripts._runtime.classes import class_values, mro_of, qualname_of
from livescripts._runtime.failures import describe, is_bound, is_machinery, name_of, traceback_of
from livescripts._runtime.sources import path_of
from livescripts.report import Fault, Quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from livescripts._core.faults import Record
    from livescripts._core.history import History, Step
    from livescripts._runtime.hooks import Hooks
    from livescripts._runtime.world import World

__all__ = ["Behaviours"]

_log = logging.getLogger("livescripts")
# What somebody calls in another way than it is written now.
_MISFITS = (TypeError, AttributeError, NameError, ImportError)


class _Weak(weakref.ref[object]):
    """An entity that is skipped, and why."""

    __slots__ = ("record",)
    record: Record


class _Strong:
    """The same for one that cannot be referred to weakly."""

    __slots__ = ("_entity", "record")

    def __init__(self, entity: object, record: Record) -> None:
        self._entity = entity
        self.record = record

    def __call__(self) -> object:
        return self._entity


class Behaviours:
    """What `LiveScripts.call` does when a behaviour raises.

    `skipped` has the entities that are not called, by identity. `due` are commits that the next `update()` is to roll
    back: number -> the fault because of which. `probation` is seconds, `clock` gives seconds.
    """

    def __init__(
        self,
        world: World,
        history: History,
        on_fault: Hooks[[Fault]],
        *,
        clock: Callable[[], float],
        probation: float,
    ) -> None:
        self.skipped: dict[int, _Weak | _Strong] = {}
        self.due: dict[int, Record] = {}
        self._faults = Faults()
        self._world = world
        self._history = history
        self._on_fault = on_fault
        self._clock = clock
        self._probation = probation

    # ------------------------------------------------------------ raising

    def skips(self, behaviour: object) -> bool:
        """Whether it is one of an entity that is skipped."""
        entity = _entity_of(behaviour)
        held = self.skipped.get(id(entity))
        return held is not None and held() is entity

    def failed(self, behaviour: object, error: BaseException) -> bool:
        """A behaviour raised. Returns False for what is not to be contained: an exception that means to end something."""
        if not self._contains(error):
            return False
        now = self._clock()
        where = _Where(error)
        kind = Kind(qualname_of(type(error)), where.path, where.function)
        record = self._faults.again(kind, where.line, now)
        if record is None:
            try:
                self._new(kind, where, behaviour, error, now)
            except Exception:  # ours: the game has not deserved to end for it
                _log.exception("could not find out which commit is to blame for %s", describe(error))
        else:
            self._skip(_entity_of(behaviour), record)
        return True

    def _contains(self, error: BaseException) -> bool:
        # KeyboardInterrupt, CancelledError and their like belong to whoever waits for them; but a script's own exception does
        # not end the game, whatever its base is, and `sys.exit()` in a behaviour does not either.
        return issubclass(type(error), (Exception, SystemExit)) or _module_of(type(error)) in self._world.modules

    def _new(self, kind: Kind, where: _Where, behaviour: object, error: BaseException, now: float) -> None:
        text = _text(error)
        path = None if where.path is None else Path(where.path)
        fault = Fault(path, where.line, where.source_line, name_of(behaviour), describe(error), text, 1, now, now)
        record = self._faults.add(kind, fault, self._involved(where, behaviour))
        self._skip(_entity_of(behaviour), record)  # before anybody is told, who may release it
        culprit = self._culprit(record, where, error, now)
        if culprit is None:
            fate = "it is skipped until its script changes"
        else:
            self.due[culprit.number] = record
            record.involved |= culprit.before.keys()
            files = ", ".join(Path(path).name for path in sorted(self._history.alone(culprit.number)))
            fate = f"the last save of {files} is rolled back"
        _log.error("%s; %s\n%s", fault, fate, text)
        self._on_fault.call(fault)

    def _involved(self, where: _Where, behaviour: object) -> frozenset[str]:
        """The scripts that have to do with it: those that were running, and those of the entity's classes."""
        found = set(where.scripts)
        entity = _entity_of(behaviour)
        classes: Iterable[type] = () if type(entity) is FunctionType else mro_of(type(entity))
        if issubclass(type(entity), type):
            classes = mro_of(cast("type", entity))
        for cls in classes:
            script = self._world.scripts.by_module.get(_module_of(cls))
            if script is not None:
                found.add(script.path)
        if type(entity) is FunctionType and (path := path_of(entity.__code__)) is not None:
            found.add(path)
        return frozenset(found)

    # ------------------------------------------------------------ who is to blame

    def _culprit(self, record: Record, where: _Where, error: BaseException, now: float) -> Step | None:
        """The last commit that is on probation and has to do with it, if it was not raised before that, too."""
        names = where.names if issubclass(type(error), _MISFITS) else frozenset[str]()
        for step in self._history.since(now - self._probation):
            if self._faults.was_there_before(record.kind, step.number):
                continue
            # For what a later step changed, that one answers.
            mine = self._history.alone(step.number)
            if not self._reach(mine).isdisjoint(record.involved) or self._redefines(mine, names):
                return step
        return None

    def _reach(self, paths: Iterable[str]) -> set[str]:
        """These scripts, and those that depend on them while loading."""
        graph = self._world.graph
        known = {path: [graph.nodes[path]] for path in paths if path in graph.nodes}
        return {*paths, *graph.dependants(known)}

    def _redefines(self, sources: Mapping[str, bytes | None], names: frozenset[str]) -> bool:
        # What is called at run time is no dependency while loading. A call that does not fit, though, names what it calls.
        if not names:
            return False
        for path, before in sources.items():
            version = self._world.running(path)
            if changed_names(before, None if version is None else version.data) & names:
                return True
        return False

    # ------------------------------------------------------------ skipping

    def _skip(self, entity: object, record: Record) -> None:
        if type(entity) is BuiltinFunctionType:
            return  # `next`, say: it is everybody's
        key = id(entity)
        skipped = self.skipped

        def gone(reference: object) -> None:
            if skipped.get(key) is reference:
                del skipped[key]

        try:
            held = _Weak(entity, gone)
            held.record = record
        except TypeError:
            held = _Strong(entity, record)
        skipped[key] = held

    def changed(self, paths: Iterable[str], number: int) -> None:
        """The commit `number` brought new versions of these scripts: what has to do with them is called again."""
        if not self.skipped and not self._faults.is_any_open:
            return
        touched = self._reach(tuple(paths))

        def affects(involved: frozenset[str]) -> bool:
            return not involved or not touched.isdisjoint(involved)

        self._faults.end(affects, number)
        for key, held in list(self.skipped.items()):
            if affects(held.record.involved):
                self.skipped.pop(key, None)

    def forgive(self) -> None:
        """Leave commits alone whose faults are over: somebody was quicker, and has changed what they were raised in."""
        for number in [number for number, record in list(self.due.items()) if record.over]:
            self.due.pop(number, None)

    def release(self, entity: object = None) -> int:
        """Call this one again, or all of them for None. Returns how many were skipped."""
        keys = [
            key
            for key, held in list(self.skipped.items())
            if (found := held()) is not None and (entity is None or found is entity)
        ]
        return sum(self.skipped.pop(key, None) is not None for key in keys)

    # ------------------------------------------------------------ looking

    @property
    def recent(self) -> tuple[Fault, ...]:
        """The last faults, the oldest first."""
        return self._faults.recent

    @property
    def quarantined(self) -> tuple[Quarantined, ...]:
        """Who is skipped, by fault."""
        counts: dict[int, int] = {}
        records: dict[int, Record] = {}
        for held in list(self.skipped.values()):
            records[id(held.record)] = held.record
            counts[id(held.record)] = counts.get(id(held.record), 0) + 1
        return tuple(Quarantined(records[key].fault, count) for key, count in counts.items())


class _Where:
    """Where an exception was raised: the innermost line of a script, or of anything if no script was running."""

    def __init__(self, error: BaseException) -> None:
        self.scripts: list[str] = []
        self.path: str | None = None
        self.line: int | None = None
        self.function = ""
        self.names = frozenset[str]()
        self._file = ""
        tb = traceback_of(error)
        tb = None if tb is None else tb.tb_next  # the first is of `LiveScripts.call`
        while tb is not None:
            code = tb.tb_frame.f_code
            script = path_of(code)
            if script is not None:
                self.scripts.append(script)
            if script is not None or not self.scripts:
                self.path, self.line = script or code.co_filename, tb.tb_lineno
                self.function, self._file = code.co_qualname, code.co_filename
            if not is_machinery(code.co_filename):  # it says that a namespace has no such name
                self.names = frozenset(code.co_names) if script is not None else frozenset[str]()
            tb = tb.tb_next
        if not self.scripts and type(error) in (AttributeError, NameError):
            # The host asked a script for something: `goblin.draw` in a frame of the game's own.
            name = cast("AttributeError | NameError", error).name
            self.names = frozenset((name,) if type(name) is str else ())

    @property
    def source_line(self) -> str:
        """The line, without its indentation."""
        return "" if self.line is None else linecache.getline(self._file, self.line).strip()


def _entity_of(behaviour: Any) -> object:
    """Whom a behaviour belongs to: what it is bound to; else it is one itself."""
    # By their true types: a script's own callables answer for any attribute as they like.
    while type(behaviour) is partial:
        behaviour = cast("Any", behaviour).func
    if is_bound(behaviour):
        owner: object = behaviour.__self__
        if not issubclass(type(owner), ModuleType):  # as of `math.sin`
            return owner
    return behaviour


def _module_of(cls: type) -> str:
    module = class_values(cls).get("__module__")
    return module if type(module) is str else ""


def _text(error: BaseException) -> str:
    tb = traceback_of(error)
    try:
        return "".join(traceback.format_exception(type(error), error, None if tb is None else tb.tb_next)).rstrip()
    except BaseException as inner:  # it asks the exception's class for its name, which may be a script's code
        return f"{describe(error)}\n(no traceback: {describe(inner)})"
