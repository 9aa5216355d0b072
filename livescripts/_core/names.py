"""Names: from a file in a script directory to the module it becomes and the holder its names appear on.

# Merged layout: `x/goblins.py` of namespace `game` is the module `game.x.goblins_py`; its names appear on `game.x`.
# The suffix keeps a script's module apart from what scripts define and from sub-namespaces: `x/Goblin.py` may define
# `Goblin`, and `x.py` may stand beside `x/`. It also marks the names that old save games may ask for (see
# `is_script_module`), which nobody writes in an import. So no directory may have it.
# Modules layout: the ordinary rule; a script's names appear on its own module.
# Python normalizes the identifiers it reads (NFKC), file systems do not, or otherwise: names here are normalized.
"""

from __future__ import annotations

import keyword
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

from livescripts._core.paths import UNITTEST_SUFFIX, unittest_subject

__all__ = [
    "Layout",
    "Location",
    "is_script_module",
    "locate",
    "parents",
    "valid_namespace",
]

Layout: TypeAlias = Literal["merged", "modules"]

_MERGED_SUFFIX = "_py"


class Location(NamedTuple):
    """Where a script file stands, and what that makes it.

    `holder` is the module users take its names from; `package` is what its relative imports start from.
    `tests` is the path of the script that this file holds the unit tests of, or None for a script.
    """

    path: str
    root: str
    relative: str
    layout: Layout
    module: str
    package: str
    holder: str
    is_package: bool = False
    tests: str | None = None


def _is_name(part: str) -> bool:
    return part.isidentifier() and not keyword.iskeyword(part) and part == _normalized(part)


def _normalized(part: str) -> str:
    # What is no identifier is imported by a string, which nobody normalizes.
    return unicodedata.normalize("NFKC", part) if part.isidentifier() else part


def valid_namespace(namespace: str) -> bool:
    """Whether `namespace` is made of identifiers, as Python reads them, with dots between them."""
    return all(_is_name(part) for part in namespace.split("."))


@lru_cache(maxsize=1024)  # the same packages for every script in them
def parents(name: str) -> tuple[str, ...]:
    """The packages above a dotted name, outermost first: `a.b.c` has `a`, `a.b`."""
    parts = name.split(".")
    return tuple(".".join(parts[:count]) for count in range(1, len(parts)))


def is_script_module(name: str) -> bool:
    """Whether a module of this name can have been a merged script's own."""
    return name.rstrip("0123456789").endswith(_MERGED_SUFFIX) and "." in name


@lru_cache(maxsize=1024)  # the same folders for every file in them
def _package_of(folder: str, namespace: str, layout: Layout) -> str | None:
    """The package of the scripts in a folder; None when nothing could import it."""
    folders = folder.split("/") if folder else []
    if any(_fault_of(each, layout) is not None for each in folders):
        return None
    return ".".join([part for part in (namespace, *map(_normalized, folders)) if part])


def _no_package(folder: str, layout: Layout) -> str:
    return next(fault for each in folder.split("/") if (fault := _fault_of(each, layout)) is not None)


def _fault_of(folder: str, layout: Layout) -> str | None:
    """Why nothing could import from a directory of this name."""
    if not _is_name(_normalized(folder)):
        return f"the directory {folder!r} is not a Python identifier, so nothing could import from it: rename it"
    if layout == "merged" and folder.endswith(_MERGED_SUFFIX):
        script = f"{folder.removesuffix(_MERGED_SUFFIX)}.py"
        return f"the directory {folder!r} is named like the module of a script {script!r}: rename it"
    return None


def locate(path: str, root: str, relative: str, *, namespace: str, layout: Layout, tag: str = "") -> Location | str:
    """The location of the file `relative` (with "/" between its parts) below `root`, or why it cannot have one.

    Returns a sentence instead of a `Location` when nothing could import it: a directory is not named by an identifier,
    or, in the modules layout, a file has a dot in its name. `tag`, digits or nothing, goes to the end of a merged
    script's module, to tell directories of one namespace apart.
    """
    folder, _, file = relative.rpartition("/")
    stem = file.removesuffix(".py")
    package = _package_of(folder, namespace, layout)
    if package is None:
        return _no_package(folder, layout)
    # Not by way of `relative`: on Windows the path has other separators.
    tests = None
    if relative.endswith(UNITTEST_SUFFIX) and unittest_subject(relative) is not None:
        tests = path.removesuffix(UNITTEST_SUFFIX) + ".py"
    if layout == "merged":
        # Importers never write this name, so any file name will do. A dot becomes what no file name has.
        module = f"{package}.{stem.replace('.', '/')}{_MERGED_SUFFIX}{tag}"
        return Location(path, root, relative, layout, module, package, package, tests=tests)
    if stem == "__init__":
        if not package:
            return 'a directory with namespace="" has no package of its own, so its __init__.py is never imported'
        return Location(path, root, relative, layout, package, package, package, is_package=True)
    if "." in stem:
        # Any other name can be imported, if only by `importlib.import_module`, and real trees do that.
        return f"{file!r} has a dot in its name, so nothing could import it: rename it"
    module = f"{package}.{_normalized(stem)}" if package else _normalized(stem)
    return Location(path, root, relative, layout, module, package, module, tests=tests)
