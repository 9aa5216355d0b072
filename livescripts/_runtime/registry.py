"""Script directories: what may be registered, and how one is taken out again."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from typing import TYPE_CHECKING

from livescripts._core.graph import module_take
from livescripts._core.names import Layout, parents, valid_namespace
from livescripts._runtime.modules import Namespace, owners_of, values_of
from livescripts._runtime.shadows import real_module
from livescripts._runtime.world import Directory, World, new_module
from livescripts.errors import DirectoryError, NamespaceError, NameTakenError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from livescripts._watch.files import Files

__all__ = ["check_directory", "check_removal", "close_namespaces", "open_namespaces", "unload"]


def check_directory(
    world: World, files: Files, path: str, namespace: str, layout: Layout, place: Traversable | None = None
) -> Directory:
    """The directory to register. Raises DirectoryError or NamespaceError, and says what to do.

    `place` is where `files` have it, if that is not the disk.
    """
    if layout not in {"merged", "modules"}:
        message = f"layout must be 'merged' or 'modules', not {layout!r}"
        raise ValueError(message)
    if namespace and not valid_namespace(namespace):
        message = f"namespace {namespace!r} is not made of Python identifiers with dots between them"
        raise NamespaceError(message)
    if not namespace and layout == "merged":
        message = 'namespace="" makes top-level modules, so it needs layout="modules"'
        raise NamespaceError(message)
    root = files.real_path(path)
    if not files.is_directory(root):
        what = "is a file, not a directory" if files.exists(root) else "does not exist"
        message = f"script directory {path!r} {what} (looked for {root}){_hint(files, root)}"
        raise DirectoryError(message)
    for other in world.directories.values():
        if root == other.root:
            message = f"script directory {root} is registered already, as namespace {other.namespace!r}"
            raise DirectoryError(message)
        if root.startswith(other.root + os.sep) or other.root.startswith(root + os.sep):
            message = f"script directories may not be nested: {root} and {other.root}"
            raise DirectoryError(message)
        if namespace and other.namespace == namespace and other.layout != layout:
            message = f"namespace {namespace!r} is used with layout={other.layout!r} already, by {other.root}"
            raise NamespaceError(message)
    if namespace:
        _check_namespace(world, root, namespace)
    return Directory(root, namespace, layout, _free_tag(world, namespace) if layout == "merged" else "", place)


def _hint(files: Files, root: str) -> str:
    """What to do about a path inside of an archive; "" if it is not in any file."""
    above = root
    while above != os.path.dirname(above):
        above = os.path.dirname(above)
        if files.is_directory(above):
            break
        if files.exists(above):
            return (
                f". {above} is a file: what is inside of an archive is no directory of the disk; give "
                'importlib.resources.files("your_package") / "scripts" instead of a path'
            )
    return ""


def _free_tag(world: World, namespace: str) -> str:
    top = namespace.partition(".")[0]
    taken = {other.tag for other in world.directories.values() if other.namespace.partition(".")[0] == top}
    return next(tag for tag in ("", *map(str, range(2, len(taken) + 3))) if tag not in taken)


def _check_namespace(world: World, root: str, namespace: str) -> None:
    place = real_module(world, namespace, root)
    if place is not None:
        message = f"namespace {namespace!r} is already a real module ({place}): choose another name"
        raise NamespaceError(message)


def open_namespaces(world: World, directory: Directory) -> list[str]:
    """Create the modules that a directory hangs from; returns the names of those that were not there."""
    created: list[str] = []
    if not directory.namespace:
        return created
    for name in (*parents(directory.namespace), directory.namespace):
        if name in sys.modules:
            continue
        if name != directory.namespace and _import_real(name):
            continue
        module = world.modules[name] = sys.modules[name] = new_module(
            name,
            directory.layout,
            directory.root if name == directory.namespace else None,
            directory.place if name == directory.namespace else None,
        )
        created.append(name)
        above, last = module_take(name)
        if above:
            values_of(sys.modules[above])[last] = module
    return created


def _import_real(name: str) -> bool:
    """Import the user's own package that a namespace is to be part of, if there is one."""
    try:
        if importlib.util.find_spec(name) is None:
            return False
    except (ImportError, ValueError):
        return False
    importlib.import_module(name)
    return True


def close_namespaces(world: World, names: list[str]) -> None:
    """Undo `open_namespaces`, or whatever is left of a directory's packages."""
    for name in sorted(names, reverse=True):
        module = world.modules.pop(name, None)
        if module is None:
            continue
        if sys.modules.get(name) is module:
            del sys.modules[name]
        above, last = module_take(name)
        parent = sys.modules.get(above) if above else None
        if parent is not None and values_of(parent).get(last) is module:
            del values_of(parent)[last]


def check_removal(world: World, directory: Directory) -> None:
    """Raises NameTakenError when a script of another directory takes something from this one."""
    mine = {path for path in world.scripts if directory.contains(path)}
    for taker, take, provider in world.graph.edges():
        if provider in mine and taker not in mine:
            name = ".".join(part for part in take if part)
            raise NameTakenError(name, (taker,), gone_from=provider)


def unload(world: World, directory: Directory) -> None:
    """Take a directory's scripts, modules and namespaces out. Their objects live on with whoever holds them."""
    gone = [script for path, script in world.scripts.items() if directory.contains(path)]
    for script in gone:
        del world.scripts[script.path]
    for path in [path for path in world.companions if directory.contains(path)]:
        del world.companions[path]
    world.graph = world.graph.replace({script.path: None for script in gone})
    world.directories.pop(directory.root, None)
    used: set[str] = set()
    for script in world.scripts.values():
        used.update((script.location.module, script.location.package))
    used.update(other.namespace for other in world.directories.values())
    used.discard("")
    used = used.union(*map(parents, used)) if used else used
    for script in gone:
        # A namespace that goes keeps its names: what lives on may still look them up on it.
        holder = world.modules.get(script.location.holder) if script.location.holder in used else None
        if isinstance(holder, Namespace):
            for name in script.exports:
                if owners_of(holder).get(name) is values_of(script.module):
                    del owners_of(holder)[name]
                    values_of(holder).pop(name, None)
            values_of(holder)["__all__"] = sorted(owners_of(holder))
    close_namespaces(world, [name for name in world.modules if name not in used])
