"""The file names in code objects, and the texts that `linecache` has for them.

`co_filename` is how tracebacks, debuggers and profilers get from code to text. Here each living version has one:

    /x/goblin.py                        the version that runs; while a stage is shown, the staged one
    </x/goblin.py, saved version>       it was saved and does not run (yet): staged or rejected
    </x/goblin.py, older version 2>     it gave way to another one, and something still runs or holds its code

# Rule 1: a name belongs to one version, and `linecache` has the text of that version for it.
# Rule 2: a version is renamed in its code objects themselves, so frames that are running change their name, too.
# Rule 3: an entry of `linecache` goes when the last code object of its version goes. Nothing here keeps code alive.

Names in angle brackets are what Python uses for code without a file: nobody looks on the disk for them, nor elsewhere.
"""

from __future__ import annotations

import _imp
import io
import linecache
import weakref
from contextlib import ExitStack, contextmanager
from types import CodeType
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

__all__ = ["compiled", "copied", "lend", "paths_of", "release", "settle"]

# What importlib corrects the names in cached bytecode with. It sets them in place, in nested code objects as well.
_name_code = cast("Callable[[CodeType, str], None]", cast("Any", _imp)._fix_co_filename)
_cache = cast("dict[str, object]", linecache.cache)


class _Source:
    """A version's text, its name, and the code objects that have it.

    `running` is set from the commit of the version until another one, or none, takes its place.
    """

    __slots__ = ("_entry", "_older_name", "_orphaned", "_references", "_roots", "name", "path", "running")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.name = ""
        self.running = False
        self._older_name = ""
        # Without a modification time: `linecache.checkcache` leaves such an entry alone.
        self._entry = (len(text), None, io.StringIO(text).readlines(), path)
        self._references: dict[int, weakref.ref[CodeType]] = {}
        self._roots: list[weakref.ref[CodeType]] = []
        self._orphaned = False  # whether there may be code left whose root is gone

    def watch(self, root: CodeType) -> None:
        """Belong to this code and all that is nested in it, until none of it is left."""
        alive = [reference for reference in self._roots if reference() is not None]
        self._orphaned |= len(alive) < len(self._roots)
        self._roots = [*alive, weakref.ref(root)]
        for code in _with_nested(root):
            # By identity: weak references compare as what they refer to, and two lambdas may be equal.
            reference = weakref.ref(code, self._lose)
            self._references[id(reference)] = reference

    def rename(self, name: str) -> None:
        before, self.name = self.name, name
        _named[name] = self
        _cache[name] = self._entry
        roots = [root() for root in self._roots]
        # A generator, or a traceback, may have outlived the module's own code.
        for code in (
            [reference() for reference in self._references.values()] if self._orphaned or None in roots else roots
        ):
            if code is not None:
                _name_code(code, name)
        _forget(before, self)
        if self._roots and not self._references:
            _forget(name, self)  # dead since it had its last name

    def older_name(self) -> str:
        """Its name when it is not the one that runs (any more)."""
        if not self._older_name:
            number = _numbers.get(self.path, 0) + 1
            while (name := f"<{self.path}, older version {number}>") in _named:
                number += 1
            self._older_name, _numbers[self.path] = name, number
        return self._older_name

    def _lose(self, reference: weakref.ref[CodeType]) -> None:
        self._references.pop(id(reference), None)
        if not self._references:
            _forget(self.name, self)


_named: dict[str, _Source] = {}
_numbers: dict[str, int] = {}  # path -> the number of its last version that was called older


# Defaults, because code objects die after the globals of modules when the interpreter ends.
def _forget(name: str, source: _Source, named: dict[str, _Source] = _named, cache: dict[str, object] = _cache) -> None:
    if named.get(name) is source:
        del named[name]
        cache.pop(name, None)


def _with_nested(root: CodeType) -> list[CodeType]:
    found = [root]
    for code in found:
        found += [const for const in code.co_consts if isinstance(const, CodeType)]
    return found


@contextmanager
def compiled(path: str, text: str, make: Callable[[], CodeType] | None = None) -> Generator[CodeType]:
    """Compile a text that was saved as `path`. In the block the new code has that name, so its warnings show its text.

    With `make` the code is what that returns, which belongs to nobody else. After it the code is called a saved version, if another one runs. Raises what `compile` raises; if it or the block
    raises, names are as before.
    """
    source = _Source(path, text)
    with ExitStack() as undo:
        holder = _named.get(path)
        if holder is not None:
            if holder.running:
                undo.callback(holder.rename, path)
            holder.rename(holder.older_name())
        source.rename(path)
        try:
            if make is None:
                code = compile(text, path, "exec", dont_inherit=True)
            else:
                code = make()
                _name_code(code, path)
            source.watch(code)
            yield code
        except BaseException:
            _forget(path, source)
            raise
        name = f"<{path}, saved version>"
        if name in _named:  # one that was rejected, or saved again before it could run
            _named[name].rename(_named[name].older_name())
        if holder is not None and holder.running:
            source.rename(name)


def paths_of(codes: Iterable[CodeType]) -> frozenset[str]:
    """The paths of the scripts that these code objects are of; what is of no script is left out."""
    found = (_named.get(name) for name in {code.co_filename for code in codes})
    return frozenset(source.path for source in found if source is not None)


def copied(copy: CodeType) -> None:
    """Rename this code along with the version that it is a copy of, whose name it has."""
    source = _named.get(copy.co_filename)
    if source is not None:
        source.watch(copy)


def lend(codes: Mapping[str, CodeType | None], undo: ExitStack) -> None:
    """Let these be the versions that their paths name, until `undo`. None: no version has the path as its name."""
    for path, code in codes.items():
        holder = _named.get(path)
        heir = None if code is None else _named.get(code.co_filename)
        if heir is holder:
            continue
        if holder is not None:
            undo.callback(holder.rename, path)
            holder.rename(holder.older_name())
        if heir is not None:
            undo.callback(heir.rename, heir.name)
            heir.rename(path)


def settle(codes: Mapping[str, CodeType | None], undo: ExitStack) -> None:
    """The same when these versions are committed: they run from now on."""
    for path, code in codes.items():
        holder = _named.get(path)
        heir = None if code is None else _named.get(code.co_filename)
        for source, running in ((holder, False), (heir, True)):
            if source is not None:
                undo.callback(setattr, source, "running", source.running)
                source.running = running
    lend(codes, undo)


def release(paths: Iterable[str]) -> None:
    """These are not loaded any more. What lives on keeps its name and text until the path is loaded anew.

    So the traceback of an exception that ends the game is the same before and after `close()`.
    """
    for path in paths:
        _numbers.pop(path, None)
        source = _named.get(path)
        if source is not None:
            source.running = False
