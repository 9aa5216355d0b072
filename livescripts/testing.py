"""Tests of games and of livescripts itself, without a disk, a thread or a clock.

    from livescripts.testing import Project

    with Project({"goblins.py": "class Goblin: speed = 1"}) as project:
        goblin = project.namespace.Goblin()
        report = project.save("goblins.py", "class Goblin: speed = 2")
        assert report.reloaded and goblin.speed == 2

`Project` puts three parts together that can be used alone: `MemoryFiles`, `ManualWatcher` and `FakeClock`.
"""

from __future__ import annotations

import io
import os
import sys
import textwrap
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from livescripts._core.selection import SCRIPTS
from livescripts._watch.files import Listing, Signature
from livescripts.host import LiveScripts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType, TracebackType

    from livescripts._core.names import Layout
    from livescripts._core.selection import Selection
    from livescripts._watch.inbox import Inbox
    from livescripts.report import Report

__all__ = ["FakeClock", "ManualWatcher", "MemoryFiles", "Project"]


class FakeClock:
    """A clock that stands still until told otherwise. Call it for the time, in seconds."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        """The time now, in seconds."""
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class MemoryFiles:
    """Files that exist only in memory, by absolute path. A value that is an OSError is raised when it is read."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes | OSError] = {}
        self.directories: set[str] = set()
        self.reads = 0

    def listing(self, root: str, below: str | None = None, selection: Selection = SCRIPTS) -> Listing:
        """All selected files, scripts by default, below `root`, or below one of its directories."""
        start = root if below is None else below
        found = [
            path
            for path in self.contents
            if (path == start or path.startswith(start + os.sep))
            and self._is_selected(os.path.relpath(path, root).replace(os.sep, "/"), selection)
        ]
        return Listing(scripts=tuple(sorted(found)))

    @staticmethod
    def _is_selected(relative: str, selection: Selection) -> bool:
        return selection.selects(relative) and (selection.recursive or "/" not in relative)

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError, or the OSError that was put in its place."""
        self.reads += 1
        data = self.contents.get(path)
        if data is None:
            raise FileNotFoundError(2, "No such file", path)
        if isinstance(data, OSError):
            raise data
        return data

    def open(self, path: str) -> BinaryIO:
        """The same, as an open file."""
        return io.BytesIO(self.read(path))

    def signature(self, path: str) -> Signature | None:
        """Another one whenever the contents are others; None when there is no file."""
        data = self.contents.get(path)
        if data is None:
            return None
        size = 1 if isinstance(data, OSError) else len(data)
        return Signature(hash(data), 0, size, 0, 0)

    def exists(self, path: str) -> bool:
        """Whether there is a file or directory."""
        return path in self.contents or self.is_directory(path)

    def is_directory(self, path: str) -> bool:
        """Whether any file is below `path`, or it was created as a directory."""
        return path in self.directories or any(other.startswith(path + os.sep) for other in self.contents)

    def real_path(self, path: str) -> str:
        """The path itself, made absolute."""
        return os.path.abspath(path)


class ManualWatcher:
    """A watcher that reports what it is told to report."""

    def __init__(self) -> None:
        self.inbox: Inbox | None = None
        self.watched: list[str] = []
        self.forgotten: list[str] = []
        self.closed = False
        self.pending_warnings: list[str] = []

    def start(self, inbox: Inbox) -> None:
        """Remember the inbox."""
        self.inbox = inbox

    def watch(self, root: str, selection: Selection = SCRIPTS) -> None:
        """Remember the root, whatever is selected in it."""
        del selection
        self.watched.append(root)

    def unwatch(self, root: str, selection: Selection = SCRIPTS) -> None:
        """Forget the root."""
        del selection
        if root in self.watched:
            self.watched.remove(root)

    def forget(self, paths: Iterable[str]) -> None:
        """Remember the paths."""
        self.forgotten += paths

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def warnings(self) -> tuple[str, ...]:
        """The sentences put into `pending_warnings`, once."""
        found = tuple(self.pending_warnings)
        self.pending_warnings.clear()
        return found

    def report(self, *paths: str) -> None:
        """Say that these absolute paths changed."""
        assert self.inbox is not None, "the watcher was not started"
        for path in paths:
            self.inbox.put(path)


class Project:
    """A script directory in memory with a `LiveScripts` on it.

    `scripts` maps relative paths to source texts, which are dedented; other files may be among them, for
    `live.watch_files(project.ROOT, ...)`. Further keywords go to `LiveScripts`. Raises
    `ScriptError` if they do not load. Use it as a context manager, or call `close()`.
    """

    ROOT = os.path.abspath(os.sep + os.path.join("memory", "scripts"))

    def __init__(
        self,
        scripts: Mapping[str, str] | None = None,
        *,
        namespace: str = "game",
        layout: Layout = "merged",
        load: bool = True,
        **options: Any,
    ) -> None:
        self.clock: Callable[[], float] = options.pop("clock", None) or FakeClock()
        self.files = MemoryFiles()
        self.files.directories.add(self.ROOT)
        self.watcher = ManualWatcher()
        self.name = namespace
        self._layout: Layout = layout
        self._time = 1000.0
        self.live = LiveScripts(watch=self.watcher, files=self.files, clock=self.clock, **options)
        for relative, text in (scripts or {}).items():
            self.write(relative, text)
        if load:
            try:
                self.load()
            except BaseException:
                self.live.close()
                raise

    def load(self) -> None:
        """Register the directory."""
        self.live.add_directory(self.ROOT, namespace=self.name, layout=self._layout)

    def path(self, relative: str) -> str:
        """The absolute path of a script."""
        return os.path.join(self.ROOT, *relative.split("/"))

    def write(self, relative: str, text: str | bytes | OSError) -> None:
        """Put a file there, and tell the watcher, but do not update."""
        data = textwrap.dedent(text).encode() if isinstance(text, str) else text
        self.files.contents[self.path(relative)] = data
        self._report(relative)

    def delete(self, relative: str) -> None:
        """Take a file away, and tell the watcher, but do not update."""
        del self.files.contents[self.path(relative)]
        self._report(relative)

    def move(self, relative: str, to: str) -> None:
        """Rename a file, and tell the watcher, but do not update."""
        self.files.contents[self.path(to)] = self.files.contents.pop(self.path(relative))
        self._report(relative)
        self._report(to)

    def _report(self, relative: str) -> None:
        if self.watcher.inbox is not None:
            self.watcher.report(self.path(relative))

    def update(self) -> Report:
        """Let enough time pass for every file to have settled, and update once; then until staging is through."""
        report = self.live.update(now=self._time)
        for _ in range(10_000):
            self._time += 10.0
            report = report or self.live.update(now=self._time)
            if report or not self.live.busy:
                break
        return report

    def save(self, relative: str, text: str) -> Report:
        """Write one file and update."""
        self.write(relative, text)
        return self.update()

    @property
    def namespace(self) -> Any:
        """The namespace module, as `import` gives it."""
        module: ModuleType = sys.modules[self.name]
        return module

    def close(self) -> None:
        """Close the `LiveScripts`."""
        self.live.close()

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Close."""
        self.close()
