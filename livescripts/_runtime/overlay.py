"""The modules of a stage: which there are, what they hold, and how all that is shown and hidden again.

# While an overlay is hidden, the live world is exactly as it was: the contents of modules, `sys.modules`, and the
# containers of other scripts that staged code changed.
# A module keeps its one dict; `swapping` says how that dict has two contents.
"""

from __future__ import annotations

import os
import sys
from itertools import chain
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from livescripts._core.graph import EVERYTHING, Take, module_take
from livescripts._core.names import parents
from livescripts._runtime.classes import classes_of, disown
from livescripts._runtime.modules import Namespace, ScriptModule, owners_of, publish, set_tracing, switching, values_of
from livescripts._runtime.registrations import withdraw
from livescripts._runtime.swapping import Container, Swap
from livescripts._runtime.testbed import Testbed
from livescripts._runtime.world import Script, World, new_module, script_module
from livescripts.errors import ClashError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

    from livescripts._core.names import Location
    from livescripts._runtime.versions import Version

__all__ = ["Overlay"]

_ABSENT: Any = object()

# With more modules than these, tracing is not switched off and on again between two slices: that would take longer than
# all the rest.
_MANY = 1_000


class Overlay:
    """The staged modules on top of the live ones. It starts out hidden.

    `new_modules` are modules that the live world has not, by name; `emptied` names packages that nothing is left in.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.new_modules: dict[str, ModuleType] = {}
        self.emptied: list[str] = []
        self.shown = False
        self._changing = False  # between them
        self._traced = False
        self._swap = Swap()
        self._imported = _Imported()
        self._before = tuple(sys.modules)
        self._name_of: dict[int, str] = {}  # of new modules
        self._packaged: set[str] = set()  # packages of merged scripts that are there, with all above them
        self._protected: dict[int, Testbed] = {}  # by the identity of a script's globals
        self._withdrawn: dict[int, Container] = {}

    # ------------------------------------------------------------ showing and hiding

    def show(self, *, staged: bool, pausing: bool = False) -> None:
        """Show the staged world to whoever looks, or the live one: for good, or `pausing`. Cheap when it shows already.

        If it raises, call it once more, for either of them.
        """
        traced = staged or (pausing and self._traced and len(self.world.modules.plain) > _MANY)
        if staged == self.shown and traced == self._traced and not self._changing:
            return
        again, self._changing = self._changing, True
        self._swap.show(staged=staged)
        self._imported.show(staged=staged)
        if again or traced != self._traced:
            self._trace(on=traced)
        self.shown = staged
        self._changing = False

    def _trace(self, *, on: bool) -> None:
        self._traced = on
        set_tracing(self._traceable(), on=on)

    def _traceable(self) -> Iterator[ModuleType]:
        modules = self.world.modules
        return chain(modules.plain.values(), modules.namespaces.values(), self.new_modules.values())

    def start_tracing(self) -> Iterator[None]:
        """Where there are many modules, trace them before `show` does it all at once: in steps."""
        if len(self.world.modules.plain) > _MANY:
            self._traced = True  # some of them are
            yield from switching(self._traceable(), on=True)

    def leave_traced(self) -> list[ModuleType]:
        """When all is over: the modules that are traced still. From here on that is the caller's to end."""
        traced, self._traced = self._traced, False
        return [*self._traceable()] if traced else []

    def discard(self, modules: Iterable[ModuleType]) -> None:
        """Back to the live world for good. `modules` are those that were executed in vain.

        An ordinary module that a rejected script imported may stay, unless it holds something of that script.
        """
        self.show(staged=False)
        opened = [module for module in modules if values_of(module) in self._swap]
        staged: set[int] = set()
        for module in opened:
            values = self.staged_values(module)
            # One that was not executed yet shows what runs, and one that failed may have taken it from itself.
            running = set(map(id, self.live_values(module).values()))
            staged.update(
                id(value)
                for value in values.values()
                if issubclass(type(value), (FunctionType, type)) and id(value) not in running
            )
            live = {id(cls) for cls in classes_of(self.live_values(module), values.get("__name__", "")).values()}
            for cls in classes_of(values, values.get("__name__", "")).values():
                if id(cls) not in live:
                    disown(cls)
        for name in sys.modules.keys() - set(self._before):
            module: Any = sys.modules[name]
            if isinstance(module, ModuleType) and any(
                id(value) in staged for value in list(values_of(module).values())
            ):
                del sys.modules[name]

    # ------------------------------------------------------------ modules that come and go

    def name_of(self, module: ModuleType) -> str | None:
        """The name of a module that is ours; None for any other."""
        return self.world.modules.name_of.get(id(module)) or self._name_of.get(id(module))

    def is_ours(self, name: str) -> bool:
        """Whether a module of this name is ours, live or staged."""
        return name in self.world.modules or name in self.new_modules

    def hides(self, name: str) -> bool:
        """Whether a module that is loaded in the live world is not there in the staged one."""
        return self.shown and name in self._imported.other and name not in sys.modules

    def module_for(self, location: Location) -> ModuleType:
        """The module of a new script, and the packages above it.

        A directory that was a package without a script keeps its module when it gets an `__init__.py`.
        """
        if location.package not in self._packaged:
            self._packages_for(location)
        known = self.world.modules.get(location.module) or self.new_modules.get(location.module)
        return self._adopt(location.module, script_module(location)) if known is None else known

    def _packages_for(self, location: Location) -> None:
        for name in (*parents(location.holder), location.package):
            if name and not self.is_ours(name) and name not in sys.modules:
                place = self._place_of(name, location)
                module = new_module(name, location.layout, place, self._folder_of(place))
                self.put(name, self._adopt(name, module), attach=True)
        if location.holder == location.package:
            self._packaged.add(location.package)

    @staticmethod
    def _place_of(package: str, location: Location) -> str:
        """The directory of a package that the script at `location` is in, at whatever depth."""
        above = len(location.package.split(".")) - len(package.split("."))
        place = os.path.dirname(location.path)
        for _ in range(above):
            place = os.path.dirname(place)
        return place

    def _folder_of(self, place: str) -> Traversable | None:
        inside = os.path.join(place, "__init__.py")
        directory = self.world.directory_of(inside)
        return None if directory is None else directory.folder_of(inside)

    def _adopt(self, name: str, module: ModuleType) -> ModuleType:
        self.new_modules[name] = module
        self._name_of[id(module)] = name
        if type(module) is not ScriptModule:  # that is traced anyway
            set_tracing([module], on=True)
        return module

    def put(self, name: str, module: ModuleType, *, attach: bool) -> None:
        """Put a module into `sys.modules`, and as an attribute on the package above it."""
        self._import(name, module)
        parent = self._parent(name) if attach else None
        if parent is not None:
            self._swap.add(values_of(parent))
            values_of(parent)[module_take(name)[1]] = module

    def take_out(self, name: str) -> None:
        """Take a module out of `sys.modules`, and off the package above it."""
        module = sys.modules.get(name, _ABSENT)
        self._import(name, _ABSENT)
        parent, last = self._parent(name), module_take(name)[1]
        if parent is not None and values_of(parent).get(last) is module:
            self._swap.add(values_of(parent))
            del values_of(parent)[last]

    def await_execution(self, name: str) -> None:
        """A package that had no script gets one: whoever imports it must run that first."""
        self._import(name, _ABSENT)

    def lose(self, name: str) -> None:
        """A script that is being executed failed: nobody can import it."""
        _set_sys_module(name, _ABSENT)

    @staticmethod
    def _parent(name: str) -> ModuleType | None:
        above, _ = module_take(name)
        return sys.modules.get(above) if above else None

    def _import(self, name: str, module: Any) -> None:
        self._imported.other.setdefault(name, sys.modules.get(name, _ABSENT))
        _set_sys_module(name, module)

    def bare(self, name: str) -> None:
        """A package lost its own script and stays, for what is below it."""
        module = self.world.modules[name]
        self.open(module)
        children = {k: v for k, v in values_of(module).items() if sys.modules.get(f"{name}.{k}") is v}
        place = os.path.dirname(values_of(module)["__file__"])
        values_of(module).clear()
        values_of(module).update({**values_of(new_module(name, "modules", place)), **children})
        self.put(name, module, attach=True)

    def empty(self, name: str) -> None:
        """A package that nothing is left in goes."""
        self.emptied.append(name)
        self.take_out(name)

    # ------------------------------------------------------------ contents

    def open(self, module: ModuleType) -> None:
        """The contents of `module` are about to be staged."""
        self._swap.add(values_of(module))

    def withdraw(self, script: Script) -> None:
        """Take a live script's names and module out of the staged world."""
        for registration in script.registrations:
            container = registration[0]
            self.guard([container], script.location.module)
            self._withdrawn[id(container)] = container
            withdraw(registration)
        holder = self.world.modules[script.location.holder]
        self.open(holder)
        self.open(script.module)
        if isinstance(holder, Namespace):
            self._import(script.location.module, _ABSENT)
            self.unpublish(holder, script.exports)
        elif script.location.is_package:
            # It stays on the package above: what is below it may be imported while it is not yet executed.
            self._import(script.location.module, _ABSENT)
        else:
            self.take_out(script.location.module)

    def unpublish(self, namespace: Namespace, names: Iterable[str]) -> None:
        """Take names off a namespace."""
        owners = owners_of(namespace)
        self._swap.add(owners)
        self.open(namespace)
        for name in names:
            values_of(namespace).pop(name, None)
            owners.pop(name, None)

    def publish(self, location: Location, version: Version, names: frozenset[str], module: ModuleType) -> None:
        """Show a script's exports on its namespace. Raises ClashError; nothing is shown then."""
        namespace = sys.modules[location.holder]
        if not isinstance(namespace, Namespace):
            return
        owners, mine = owners_of(namespace), values_of(module)
        self._swap.add(owners)
        self.open(namespace)
        # Asked this way round, it goes over the names of the script, not over all of the namespace.
        if not owners.keys().isdisjoint(names) or [n for n in names if f"{location.holder}.{n}" in sys.modules]:
            self._refuse_clashes(location, names, owners, mine)
        publish(namespace, names, mine, version.analysis.rebound)

    def _refuse_clashes(
        self, location: Location, names: frozenset[str], owners: Mapping[str, dict[str, Any]], mine: dict[str, Any]
    ) -> None:
        for name in sorted(names):
            full = f"{location.holder}.{name}"
            other = owners.get(name)
            if other is not None and other is not mine:
                paths = sorted((self.world.short(location.path), self.world.short(other["__file__"])))
                raise ClashError(full, paths)
            if self.is_ours(full) and full in sys.modules:
                child = f"{location.relative.rpartition('/')[0] or '.'}/{name}/"
                raise ClashError(full, (self.world.short(location.path), f"the directory {child}"))

    def show_early(self, namespace: ModuleType, name: str, value: object) -> None:
        """Show one name of a script that is still being executed: a benign cycle."""
        self.open(namespace)
        values_of(namespace)[name] = value

    def available(self, take: Take) -> bool:
        """Whether what was taken is there in the staged world."""
        holder, name = take
        if ".".join(part for part in take if part) in sys.modules:
            return True
        module = sys.modules.get(holder)
        if module is None or name == EVERYTHING:
            return module is not None
        if isinstance(module, Namespace) and name in owners_of(module):
            return True
        return name in values_of(module)

    def forget(self, module: ModuleType, holder: str, names: Iterable[str]) -> None:
        """What was staged of `module` is of no interest any more: it shows what runs, and so does the namespace `holder`
        under these names, if it is one.
        """
        self._swap.forget(values_of(module))
        namespace = self.world.modules.get(holder)
        if isinstance(namespace, Namespace) and values_of(namespace) in self._swap:
            shown, live = values_of(namespace), self.live_values(namespace)
            for name in names:
                if name in shown and name in live:
                    shown[name] = live[name]
                else:
                    shown.pop(name, None)

    def tidy(self) -> None:
        """That was all that is forgotten."""
        self._swap.tidy()

    def staged_values(self, module: ModuleType) -> dict[str, Any]:
        """What an opened module holds in the staged world."""
        return self._swap.staged_contents(values_of(module))

    def staged_contents(self, modules: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The same for the dicts of many modules, while the live world is shown; not to be changed."""
        return self._swap.hidden(modules)

    def staged_if_open(self, module: ModuleType) -> dict[str, Any]:
        """The same; empty for a module that was never opened."""
        return self.staged_values(module) if values_of(module) in self._swap else {}

    def live_values(self, module: ModuleType) -> dict[str, Any]:
        """What an opened module holds in the live world."""
        return self._swap.live_contents(values_of(module))

    def affected(self) -> list[Script]:
        """The scripts, besides those that are executed, whose contents staged code has changed."""
        changed = [state for state in self._protected.values() if self._is_changed(state)]
        scripts = (self.world.scripts.by_globals.get(key) for key, state in self._protected.items() if state in changed)
        return [script for script in scripts if script is not None]

    def _is_changed(self, state: Testbed) -> bool:
        return any(self._swap.effect(container) is not None for container in state.containers())

    def live_contents(self, container: Any) -> Any:
        """What a container holds in the live world, if it may hold something else in the staged one; else None."""
        return self._swap.live_contents(container) if container in self._swap else None

    def withdrawn(self, known: Callable[[object], object]) -> dict[int, Any]:
        """By identity: the containers that registrations were taken out of, and what they hold in the live world.

        Only those that `known(container)` is not None for.
        """
        found = [container for container in self._withdrawn.values() if known(container) is not None]
        return {id(container): self._swap.live_contents(container) for container in found}

    def private(self) -> Iterator[object]:
        """Copies held here that a walk over the heap must leave alone."""
        yield from self._swap.private()
        for state in self._protected.values():
            yield from state.private()

    # ------------------------------------------------------------ scripts that are not executed again

    def protect(self, values: dict[str, Any], executed: Iterable[str]) -> None:
        """Staged code took something from the script with these globals, and may register in its containers.

        Their contents are staged from now on. The same goes for the scripts which that one takes from in turn.
        `executed` are the scripts of the stage, which need no protection.
        """
        todo = [values]
        while todo:
            values = todo.pop()
            script = self.world.scripts.by_globals.get(id(values))
            if script is None or id(values) in self._protected or script.path in executed:
                continue
            state = self._protected[id(values)] = Testbed([script.module])
            for container in state.containers():
                self._swap.add(container)
            for holder, name in script.takes:
                module = self.world.modules.get(holder)
                if isinstance(module, Namespace) and name in owners_of(module):
                    todo.append(owners_of(module)[name])
                elif module is not None:
                    todo.append(values_of(module))

    def guard(self, values: Iterable[object], module: str) -> None:
        """Staged code is about to see these live values of a script that is executed again, and may change them."""
        state = Testbed(values=values, module=module)
        for container in state.containers():
            self._swap.add(container)
        self._protected[id(state)] = state

    def testbed(self, modules: Iterable[ModuleType]) -> Generator[None, None, Callable[[], Iterator[None]]]:
        """Remember the staged world as it is, in steps; the answer puts it back, in steps too.

        `modules` are those that were executed.
        """
        before = set(self._protected)
        scripts = self.world.scripts.by_globals
        protected = [scripts[key].module for key in before if key in scripts]
        state = Testbed()
        yield from state.remember([*modules, *protected], self._swap.containers())

        def restore() -> Iterator[None]:
            yield from state.restore()
            for key, late in list(self._protected.items()):
                if key not in before:
                    yield from late.restore()

        return restore

    def effects(self) -> list[tuple[Any, Any]]:
        """(container, new contents) for each container of those scripts that staged code changed."""
        containers = {id(found): found for state in self._protected.values() for found in state.containers()}
        effects = [(container, self._swap.effect(container)) for container in containers.values()]
        return [(container, effect) for container, effect in effects if effect is not None]


class _Imported:
    """What `sys.modules` has in the world that is not shown, by name. It starts out staged."""

    def __init__(self) -> None:
        self.other: dict[str, Any] = {}
        self._staged = True
        self._now: dict[str, Any] | None = None  # what it had, until all of `other` is there

    def show(self, *, staged: bool) -> None:
        if self._now is not None:
            self._finish(self._now)
        if staged != self._staged:
            self._now = {name: sys.modules.get(name, _ABSENT) for name in self.other}
            self._finish(self._now)

    def _finish(self, now: dict[str, Any]) -> None:
        for name, module in self.other.items():
            if module is not sys.modules.get(name, _ABSENT):
                _set_sys_module(name, module)
        self._staged, self.other, self._now = not self._staged, now, None


def _set_sys_module(name: str, module: Any) -> None:
    if module is _ABSENT:
        sys.modules.pop(name, None)
    else:
        sys.modules[name] = module
