"""The file names in code objects, and the texts that `linecache` has for them.

`co_filename` is how tracebacks, debuggers and profilers get from code to text. Here each living version has one:

    /x/goblin.py                        the version that runs; while a stage is shown, the staged one
    </x/goblin.py, saved version>       it was saved and does not run (yet): staged or rejected
    </x/goblin.py, older version 2>     it gave way to another one, and something still runs or holds its code

# Rule 1: a name belongs to one version, and `linecache` has the text of that version for it.
# Rule 2: a version is renamed in its code objects themselves, so frames that are running change their name, too.
# Rule 3: an entry of `linecache` goes when the last code object of its version has gone, with the next version that gets a
# name: a collection may come in the midst of `linecache.checkcache`, which cannot stand it. Nothing here keeps code alive.

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

from livescripts._runtime.compiling import decode

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping

__all__ = [
    "Names",
    "adopted",
    "arrived",
    "compiled",
    "copied",
    "lend",
    "path_of",
    "put_right",
    "release",
    "settle",
    "tidy",
]

# What importlib corrects the names in cached bytecode with. It sets them in place, in nested code objects as well.
_name_code = cast("Callable[[CodeType, str], None]", cast("Any", _imp)._fix_co_filename)
_cache = cast("dict[str, object]", linecache.cache)


class _Lines(tuple[Any, ...]):  # noqa: SLOT001 - of a tuple they would have to be empty
    """An entry of `linecache` that is cut into lines when somebody wants to see one: few texts are ever looked at."""

    _lines: list[str] | None = None

    def __getitem__(self, index: Any) -> Any:
        found: Any = super().__getitem__(index)
        if index != _TEXT:
            return found
        if self._lines is None:
            self._lines = io.StringIO(decode(found)).readlines()
        return self._lines

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in range(len(self)))


_TEXT = 2  # where `linecache` has the lines


class _Source:
    """A version's text, its name, and the code objects that have it.

    `running` is set from the commit of the version until another one, or none, takes its place.
    """

    __slots__ = ("_entry", "_known", "_older_name", "_orphans", "_roots", "name", "path", "running")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.name = ""
        self.running = False
        self._older_name = ""
        # Without a modification time: `linecache.checkcache` leaves such an entry alone.
        self._entry = _Lines((len(data), None, data, path))
        # By identity: weak references compare as what they refer to, and two lambdas may be equal. A root keeps its
        # constants alive, and so those inside; what is left of them when it dies is looked after one by one.
        self._roots: dict[int, tuple[weakref.ref[CodeType], tuple[object, ...]]] = {}
        self._orphans: dict[int, weakref.ref[CodeType]] = {}
        self._known = False  # whether there was any code

    def watch(self, root: CodeType) -> None:
        """Belong to this code and all that is nested in it, until none of it is left."""
        reference = weakref.ref(root, self._lose_root)
        self._roots[id(reference)] = (reference, root.co_consts)
        self._known = True

    def rename(self, name: str) -> None:
        before = self.name
        try:
            self._take(name, before)
        except BaseException:
            self._take(name, before)  # an interrupt: two names for one version would stay for good
            raise

    def _take(self, name: str, before: str) -> None:
        self.name = name
        _named[name] = self
        _cache[name] = self._entry
        # A generator, or a traceback, may have outlived the module's own code.
        for reference in (*(reference for reference, _ in self._roots.values()), *self._orphans.values()):
            code = reference()
            if code is not None:
                _name_code(code, name)
        if before != name:
            _forget(before, self)
        if self._known and not self._roots and not self._orphans:
            _forget(name, self)  # dead since it had its last name

    def older_name(self) -> str:
        """Its name when it is not the one that runs (any more)."""
        if not self._older_name:
            number = _numbers.get(self.path, 0) + 1
            while (name := f"<{self.path}, older version {number}>") in _named:
                number += 1
            self._older_name, _numbers[self.path] = name, number
        return self._older_name

    # Defaults, because code objects die after the globals of modules when the interpreter ends.
    def _lose_root(
        self,
        reference: weakref.ref[CodeType],
        code_type: type[CodeType] = CodeType,
        make: type[weakref.ref[CodeType]] = weakref.ref,
    ) -> None:
        _, constants = self._roots.pop(id(reference))
        todo = [constants]
        for found in todo:  # grows while we go
            for code in found:
                if type(code) is code_type:
                    orphan = make(code, self._lose)
                    self._orphans[id(orphan)] = orphan
                    todo.append(code.co_consts)
        if not self._roots and not self._orphans:
            _forget_later(self.name, self, self._entry)

    def _lose(self, reference: weakref.ref[CodeType]) -> None:
        self._orphans.pop(id(reference), None)
        if not self._roots and not self._orphans:
            _forget_later(self.name, self, self._entry)


_named: dict[str, _Source] = {}
_numbers: dict[str, int] = {}  # path -> the number of its last version that was called older


_stale: list[tuple[str, object]] = []  # entries of versions that are gone


def _forget(name: str, source: _Source) -> None:
    if _named.get(name) is source:
        del _named[name]
        _cache.pop(name, None)


# Defaults for the same reason.
def _forget_later(
    name: str,
    source: _Source,
    entry: object,
    named: dict[str, _Source] = _named,
    stale: list[tuple[str, object]] = _stale,
) -> None:
    if named.get(name) is source:
        del named[name]
        stale.append((name, entry))


def tidy() -> None:
    """Drop the texts of versions that are gone. To be called where nobody goes through `linecache`: in our own frames."""
    while _stale:
        name, entry = _stale.pop()
        if _cache.get(name) is entry:
            del _cache[name]


@contextmanager
def compiled(path: str, data: bytes, make: Callable[[], CodeType]) -> Generator[CodeType]:
    """Name the code that `make` makes of what was saved as `path`. In it, and in the block, the new code has that name, so
    its warnings show its text. The code belongs to nobody else.

    After the block the code is called a saved version, if another one runs. Raises what `make` raises; if it or the block
    raises, names are as before.
    """
    tidy()
    source = _Source(path, data)
    with ExitStack() as undo:
        holder = _named.get(path)
        if holder is not None:
            if holder.running:
                undo.callback(holder.rename, path)
            holder.rename(holder.older_name())
        source.rename(path)
        try:
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


def path_of(code: CodeType) -> str | None:
    """The path of the script that this code is of; None for any other code."""
    source = _named.get(code.co_filename)
    return None if source is None else source.path


def arrived(path: str, data: bytes, code: CodeType) -> None:
    """Name code that was made elsewhere of what was saved as `path`: a saved version, if another one runs.

    The code belongs to nobody else, and has not been shown to anybody.
    """
    tidy()
    source, name, holder = _Source(path, data), f"<{path}, saved version>", _named.get(path)
    if holder is None or not holder.running:
        name = path
    if name in _named:  # one that was rejected, or saved again before it could run
        _named[name].rename(_named[name].older_name())
    source.watch(code)
    source.rename(name)


def adopted(path: str, data: bytes, make: Callable[[], CodeType]) -> CodeType:
    """The same as `compiled`, when nothing is left to do in the block."""
    if path in _named:
        with compiled(path, data, make) as code:
            return code
    source = _Source(path, data)
    try:
        source.rename(path)
        code = make()
        _name_code(code, path)
        source.watch(code)
    except BaseException:
        _forget(path, source)
        raise
    return code


def copied(copy: CodeType) -> None:
    """Rename this code along with the version that it is a copy of, whose name it has."""
    source = _named.get(copy.co_filename)
    if source is not None:
        source.watch(copy)


class Names:
    """Who is to get his name back. If `close` raises, call it once more: it goes on where it was."""

    def __init__(self) -> None:
        self._inverses: list[tuple[Callable[..., None], tuple[Any, ...]]] = []

    def callback(self, inverse: Callable[..., None], *args: Any) -> None:
        """Have this called by `close`, before what was given earlier."""
        self._inverses.append((inverse, args))

    def close(self) -> None:
        """Give all of them their names back."""
        while self._inverses:
            inverse, args = self._inverses[-1]
            inverse(*args)
            del self._inverses[-1]


def lend(codes: Mapping[str, CodeType | None], undo: ExitStack | Names) -> None:
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


def put_right(codes: Mapping[str, CodeType | None]) -> None:
    """These run, whatever failed while others had their names."""
    lend({path: code for path, code in codes.items() if code is not None}, Names())


def settle(codes: Mapping[str, CodeType | None], undo: ExitStack) -> None:
    """The same when these versions are committed: they run from now on."""
    tidy()
    before: list[tuple[_Source, bool]] = []
    undo.callback(_run_again, before)
    for path, code in codes.items():
        holder = _named.get(path)
        heir = None if code is None else _named.get(code.co_filename)
        for source, running in ((holder, False), (heir, True)):
            if source is not None:
                before.append((source, source.running))
                source.running = running
    lend(codes, undo)


def _run_again(before: list[tuple[_Source, bool]]) -> None:
    for source, running in reversed(before):
        source.running = running


def release(paths: Iterable[str]) -> None:
    """These are not loaded any more. What lives on keeps its name and text until the path is loaded anew.

    So the traceback of an exception that ends the game is the same before and after `close()`.
    """
    tidy()
    for path in paths:
        _numbers.pop(path, None)
        source = _named.get(path)
        if source is not None:
            source.running = False
