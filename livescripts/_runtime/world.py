"""What is loaded: directories, scripts, their modules and the graph. Plain records; only a commit changes them."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.readers import FileReader
from importlib.resources.abc import TraversableResources
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from livescripts._core.graph import Graph, Node, Take
from livescripts._core.names import Layout, Location, locate
from livescripts._runtime.modules import ScriptModule, new_namespace, values_of
from livescripts._runtime.shelves import Companions, Modules, Scripts

if TYPE_CHECKING:
    import weakref
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    from livescripts._core.merging import Snapshot
    from livescripts._runtime.pairing import Orphan
    from livescripts._runtime.registrations import Registration
    from livescripts._runtime.retirement import Lineage
    from livescripts._runtime.versions import Version

__all__ = [
    "Companion",
    "Directory",
    "Script",
    "World",
    "exported_names",
    "furnish",
    "is_code",
    "is_furnished",
    "is_test_case",
    "make_node",
    "new_module",
    "resource_reader",
    "script_module",
]


@dataclass(frozen=True, slots=True)
class Directory:
    """A registered script directory; `root` is its real, absolute path.

    `tag` tells apart the script modules of merged directories that feed one namespace: "" for the first of them. `place`
    is where the files are if they are not on the disk; then the root is but a name.
    """

    root: str
    namespace: str
    layout: Layout
    tag: str = ""
    place: Traversable | None = field(default=None, compare=False)

    def locate(self, path: str) -> Location | str:
        """Where `path`, which is below the root, stands; or a sentence saying why nothing could import it."""
        relative = path.removeprefix(self.root).lstrip(os.sep).replace(os.sep, "/")
        return locate(path, self.root, relative, namespace=self.namespace, layout=self.layout, tag=self.tag)

    def contains(self, path: str) -> bool:
        """Whether `path` is below the root."""
        return path.startswith(self.root + os.sep)

    def folder_of(self, path: str) -> Traversable | None:
        """The folder that `path` is in, which is below the root; None if it is one on the disk."""
        relative = os.path.dirname(path).removeprefix(self.root).lstrip(os.sep).replace(os.sep, "/")
        return self.place.joinpath(relative) if self.place is not None and relative else self.place


@dataclass(slots=True, eq=False)
class Script:
    """A loaded script. `number` counts its versions from 1; `lineages` has the history of its classes.

    `called` are the paths of other scripts with functions that ran while this one was loaded; None if nobody knows.
    `code` is what was executed: functions that this version made have code objects from inside of it. `counted` are
    closure variables that functions rebind themselves, as they were after loading, by the identity of the cell.
    """

    location: Location
    module: ModuleType
    version: Version
    exports: frozenset[str]
    takes: frozenset[Take]
    snapshot: Snapshot
    code: CodeType
    counted: Mapping[int, tuple[CellType, object]]
    number: int = 1
    lineages: dict[str, Lineage] = field(default_factory=dict[str, "Lineage"])
    registrations: tuple[Registration, ...] = ()
    called: frozenset[str] | None = None

    @property
    def path(self) -> str:
        return self.location.path

    def node(self) -> Node:
        """The script in the graph."""
        return make_node(self.location, self.exports, self.takes)


@dataclass(slots=True, eq=False)
class Companion:
    """A file of unit tests for a script. `takes` is what it took while its tests were last collected."""

    location: Location
    version: Version
    takes: frozenset[Take] = frozenset()


@dataclass(slots=True)
class World:
    """Everything that is loaded.

    `modules` are all module objects that are ours, by name: namespaces, packages and scripts' own. `orphans` are classes
    whose definition is gone, by holder and qualified name: it may come back, and their instances still live. `left` are
    functions that run the code of an earlier version because their definition is gone, or the new code does not fit.
    """

    directories: dict[str, Directory] = field(default_factory=dict[str, Directory])
    scripts: Scripts = field(default_factory=Scripts)
    companions: Companions = field(default_factory=Companions)
    modules: Modules = field(default_factory=Modules)
    graph: Graph = field(default_factory=Graph)
    orphans: dict[tuple[str, str], Orphan] = field(default_factory=dict[tuple[str, str], "Orphan"])
    left: list[weakref.ref[FunctionType]] = field(default_factory=list["weakref.ref[FunctionType]"])

    def directory_of(self, path: str) -> Directory | None:
        """The script directory that `path` is in, if any."""
        for directory in self.directories.values():
            if directory.contains(path):
                return directory
        return None

    def running(self, path: str) -> Version | None:
        """The version of a script or of a file of unit tests that is loaded, if any."""
        item = self.scripts.get(path) or self.companions.get(path)
        return None if item is None else item.version

    def short(self, path: str) -> str:
        """A path as messages show it: relative to its script directory."""
        directory = self.directory_of(path)
        return path if directory is None else os.path.relpath(path, directory.root)


def make_node(location: Location, exports: frozenset[str], takes: frozenset[Take]) -> Node:
    """The graph node of a script."""
    return Node(location.holder, exports, takes, open_ended=location.layout == "modules")


def new_module(name: str, layout: Layout, place: str | None = None, folder: Traversable | None = None) -> ModuleType:
    """A package without a script of its own: a namespace, or a directory without `__init__.py`.

    `place` is that directory, for `pkgutil` and for whatever lies in it and is no script; None where there is none.
    `folder` is the same if it is not on the disk.
    """
    if layout == "merged":
        module: ModuleType = new_namespace(name)
    else:
        module = ModuleType(name)
        values_of(module)["__path__"] = [] if place is None else [place]
        values_of(module)["__package__"] = name
    loader = None if place is None or layout == "merged" else _PlaceLoader(place, folder)
    spec = ModuleSpec(name, loader, origin=place, is_package=True)
    spec.submodule_search_locations = values_of(module)["__path__"]
    values_of(module)["__spec__"] = spec
    return module


def script_module(location: Location) -> ModuleType:
    """The module of a new script."""
    return (ScriptModule if location.layout == "merged" else ModuleType)(location.module)


class _PlaceLoader(Loader):
    """The loader of a package without a script: only there for whoever looks for files in it."""

    def __init__(self, place: str, folder: Traversable | None) -> None:
        self._place = place
        self._folder = folder

    def get_resource_reader(self, fullname: str) -> TraversableResources:
        del fullname
        return resource_reader(os.path.join(self._place, "__init__.py"), self._folder)


class _FolderReader(TraversableResources):
    def __init__(self, folder: Traversable) -> None:
        self._folder = folder

    def files(self) -> Traversable:
        return self._folder


def resource_reader(path: str, folder: Traversable | None) -> TraversableResources:
    """What `importlib.resources` reads the files beside `path` by, which are in `folder` if they are not on the disk."""
    return FileReader(cast("Any", SimpleNamespace(path=path))) if folder is None else _FolderReader(folder)


def furnish(module: ModuleType, location: Location, loader: Any) -> None:
    """Empty a script's module and give it what the import system gives to every module."""
    # As `importlib.util.spec_from_file_location` makes it of an absolute path.
    spec = ModuleSpec(location.module, loader, origin=location.path)
    spec.has_location = True
    if location.is_package:
        spec.submodule_search_locations = [os.path.dirname(location.path)]
    values: dict[str, Any] = {
        "__name__": location.module,
        "__doc__": None,
        "__package__": location.package,
        "__loader__": loader,
        "__spec__": spec,
        "__file__": location.path,
        "__builtins__": __builtins__,
    }
    if location.layout == "merged":
        # A save game may ask for a class that has moved to another file of the namespace.
        values["__getattr__"] = read_through(location.module, location.holder)
    if location.is_package:
        values["__path__"] = [os.path.dirname(location.path)]
    values_of(module).clear()
    values_of(module).update(values)


_FURNISHED = frozenset(
    ("__name__", "__loader__", "__spec__", "__file__", "__builtins__", "__package__", "__path__", "__cached__")
)


def is_furnished(name: str, value: object) -> bool:
    """Whether a module has this name from the import system, or from us, and not from its script."""
    if name == "__getattr__":
        return type(value) is FunctionType and value.__globals__ is globals()
    return name in _FURNISHED


def read_through(module: str, holder: str) -> Callable[[str], Any]:
    """A module's `__getattr__` (PEP 562) that answers with the names of the namespace `holder`."""

    def __getattr__(name: str) -> Any:  # noqa: N807
        namespace = sys.modules.get(holder)
        if namespace is None or name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}", name=name)
        return getattr(namespace, name)

    return __getattr__


def exported_names(values: Mapping[str, Any], version: Version, location: Location) -> frozenset[str]:
    """The names that a loaded script offers.

    Modules layout: all of them. Merged layout: `__all__`, or else the public names that the script binds itself:
    not by an import, not as an import's fall-back, and no `TestCase`; names that its functions set through `global` count as well. Raises NameError
    for a name in `__all__` that is not there, TypeError if `__all__` is not a list of strings.
    """
    if location.layout == "modules":
        return frozenset(name for name in values if not name.startswith("__"))
    analysis = version.analysis
    explicit: object = values.get("__all__")
    if explicit is not None:
        names = cast("list[Any]", list(cast("Any", explicit)) if isinstance(explicit, (list, tuple)) else [None])
        if not all(isinstance(name, str) for name in names):
            message = f"__all__ must be a list of strings, not {explicit!r}"
            raise TypeError(message)
        for name in names:
            if name not in values and name not in analysis.rebound:
                message = f"__all__ lists {name!r}, which the script does not define"
                raise NameError(message, name=name)
        return frozenset(names)
    bound, imported = analysis.names, analysis.imports
    # Sets are asked, not names one by one: a start asks it of a thousand scripts.
    found, there = analysis.public, values.keys()
    complete = bound.isdisjoint(imported) and there >= bound and there >= imported
    if not complete:
        found = (found & there) - imported
        # What is bound by an import and otherwise as well is a fall-back for the import, unless it is defined here.
        for name in analysis.public & imported & there:
            if getattr(values[name], "__module__", None) == location.module:
                found |= {name}
    usual = complete and there >= _FURNITURE and _FURNITURE.isdisjoint(bound) and _FURNITURE.isdisjoint(imported)
    if not analysis.star and not (usual and len(there) == len(bound) + len(imported) + len(_FURNITURE)):
        # Bound in a way that cannot be read off the text.
        found |= {name for name in there - bound - imported - _FURNITURE if name[:1] != "_"}
    tests = [name for name in found if issubclass(type(values[name]), type) and is_test_case(values[name])]
    if tests:
        found -= set(tests)
    if analysis.rebound:
        found |= {name for name in analysis.rebound if not name.startswith("_")}
    return found


# What every module has.
_FURNITURE = frozenset(
    ("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__file__", "__builtins__", "__getattr__")
)

_CODE = (FunctionType, BuiltinFunctionType, ModuleType, type, staticmethod, classmethod, property)


def is_code(value: object) -> bool:
    """Whether a value is code rather than state: a function, a class, a module."""
    return issubclass(type(value), _CODE)


def is_test_case(value: object) -> bool:
    # By the true type and order of bases, which `type` itself looks at: `isinstance` and `issubclass` may run a script's
    # own code.
    if not issubclass(type(value), type):
        return False
    unittest_case = sys.modules.get("unittest.case")
    if unittest_case is None:
        return False
    return type.__subclasscheck__(unittest_case.TestCase, cast("type", value))
