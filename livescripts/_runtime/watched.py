"""Files that are no scripts: from a path that may have changed to the callbacks of `watch_files`.

A path comes in; it is quiet for `settle` seconds; the reader finds out what is there; when no scripts are staged any more,
what says something else than what was told last is told, in sorted order.
"""

# Rule 1: content decides, not events. What counts as known is what the callbacks were told last, and before that what
#         was there when `watch_files` was called.
# Rule 2: nothing is listed, read or hashed in a frame: the reader does that, on its own thread.
# Rule 3: files wait for scripts that are under way, since they may need what is in them; scripts never wait for files.
# Rule 4: a callback may do anything but `update()`: register, undo, raise. What one raises is reported.
# Rule 5: each frame makes at least one call, and no further one when its time is up.

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from livescripts._core.pace import Pace
from livescripts._core.settling import Settler
from livescripts._runtime.hooks import Hooks
from livescripts._runtime.meter import Meter
from livescripts._runtime.tree import beneath
from livescripts.report import FileChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from livescripts._watch.files import Files
    from livescripts._watch.observer import Watcher
    from livescripts._watch.reader import Content, Reader, Scope
    from livescripts.report import HookError, Slow

__all__ = ["Told", "WatchedFiles"]

_log = logging.getLogger("livescripts")

_MOST = 500  # answers to be taken in a frame
_AT_ONCE = 50  # files to be compared before looking at the clock


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Whom to tell: one call of `watch_files`. `given` is its path as it was given: of the directory, or of the file."""

    scope: Scope
    given: Path
    callback: Callable[[Path], object]

    def shown(self, path: str) -> Path | None:
        """What to call a file; None if it is not one of these."""
        relative = self.scope.relative(path)
        if relative is None:
            return None
        return self.given / relative if self.scope.selection.recursive else self.given


class WatchedFiles:
    """What is watched beside scripts, and what was told of it.

    `busy` is whether the next `frame` has something to do even if no path has come in. `settle` and `frame_budget` are
    seconds, `clock` is read in seconds. `differ` compares contents.
    """

    def __init__(
        self,
        files: Files,
        watcher: Watcher,
        reader: Reader,
        *,
        differ: Callable[[Content | None, Content | None], bool],
        clock: Callable[[], float],
        settle: float,
        frame_budget: float,
    ) -> None:
        self._files = files
        self._watcher = watcher
        self._reader = reader
        self._differ = differ
        self._clock = clock
        self._frame_budget = frame_budget
        self._settler = Settler(settle)
        self._registered: list[Told] = []
        self._told: dict[str, Content] = {}
        self._found: deque[tuple[str, Content | None]] = deque()  # to be compared
        self._read: deque[tuple[str, Content]] = deque()  # the same, of files that nobody has asked about
        self._latest: dict[str, Content | None] = {}  # what is to be told
        self._awaited = 0
        self._since: float | None = None  # when all answers had come
        self._refused: set[tuple[str, str]] = set()

    def __bool__(self) -> bool:
        """Whether anything is watched."""
        return bool(self._registered)

    @property
    def busy(self) -> bool:
        """Whether files are settling, being read, or waiting to be told of."""
        return bool(self._settler or self._latest or self._found or self._read or self._reader.answers or self._awaited)

    def add(self, told: Told) -> Callable[[], None]:
        """Watch; returns the undo, which may be called more than once."""
        scope = told.scope
        self._watcher.watch(scope.root, scope.selection)
        self._registered.append(told)
        if scope not in self._reader.scopes:
            self._reader.scopes = (*self._reader.scopes, scope)
            # Another scope may have told of some of them, and be about to tell of what has changed since.
            new = {path: at for path, at in self._reader.listing(scope).items() if path not in self._told}
            self._told.update(new)
            self._reader.prepare(sorted(path for path, content in new.items() if content.digest is None))

        def undo() -> None:
            if told in self._registered:
                self._registered.remove(told)
                self._leave(scope)

        return undo

    def _leave(self, scope: Scope) -> None:
        if any(other.scope == scope for other in self._registered):
            return
        self._watcher.unwatch(scope.root, scope.selection)
        self._reader.scopes = tuple(other for other in self._reader.scopes if other != scope)
        for known in (self._told, self._latest):
            for path in [path for path in known if not self._is_watched(path)]:
                del known[path]

    # ------------------------------------------------------------ the frame

    def frame(self, now: float, paths: Iterable[str], *, staging: bool, settling: bool) -> tuple[FileChange, ...]:
        """One frame's share: what was told of. `paths` may have changed, `now` is in seconds.

        `staging` and `settling` are whether scripts are.
        """
        self._settler.touch((path for path in paths if any(scope.covers(path) for scope in self._reader.scopes)), now)
        for path in sorted(self._settler.ready(now, self._doubtful)):
            self._awaited += 1
            self._reader.ask(path)
        self._take_answers()
        # Files saved together are told of together.
        if not self._compare() or self._awaited or not self._latest:
            self._since = None
            return ()
        self._since = now if self._since is None else self._since
        # A script that never rests must not hold the files back for ever.
        if staging or (settling and 0 <= now - self._since < self._settler.patience):
            return ()
        return tuple(self._tell())

    def _doubtful(self, path: str) -> bool:
        """Whether a file looks as if it were being replaced right now: it was there, and is missing; or it is empty."""
        signature = self._files.signature(path)
        return path in self._told if signature is None else not signature.size

    def _take_answers(self) -> None:
        looked: set[str] = set()
        found: dict[str, Content | None] = {}
        for _ in range(min(_MOST, len(self._reader.answers))):
            answer = self._reader.answers.popleft()
            self._awaited -= answer.asked
            for refusal in answer.refused:
                if refusal not in self._refused:
                    self._refused.add(refusal)
                    _log.warning("%s %s", *refusal)
            if not answer.asked:
                self._read.extend(answer.found.items())
            elif answer.failed is None:
                looked.add(answer.path)
                found.update(answer.found)
        if not looked:
            return
        gone = [path for path in looked if path in self._told]
        # Nothing is below what was a file. That spares a pass over everything that is watched.
        if tops := looked - self._told.keys():
            gone += beneath(self._told, tops)
        found.update((path, None) for path in gone if path not in found)
        self._found.extend(found.items())

    def _compare(self) -> bool:
        """See which of the files that were found are changes. Returns whether all have been seen."""
        end = self._clock() + self._frame_budget
        while self._found or self._read:
            for _ in range(min(_AT_ONCE, len(self._found))):
                path, content = self._found.popleft()
                if not self._is_watched(path):
                    continue
                if self._differ(self._told.get(path), content):
                    self._latest[path] = content
                    continue
                self._latest.pop(path, None)
                if content is not None:
                    self._told[path] = content
            for _ in range(min(_AT_ONCE, len(self._read))):
                # What these said from the beginning. One that is another by now was announced, and has yet to settle.
                path, content = self._read.popleft()
                known = self._told.get(path)
                if known is not None and known.digest is None and not self._differ(known, content):
                    self._told[path] = content
            if self._clock() >= end:
                break
        return not self._found

    def _is_watched(self, path: str) -> bool:
        return any(scope.relative(path) is not None for scope in self._reader.scopes)

    # ------------------------------------------------------------ telling

    def _tell(self) -> Iterator[FileChange]:
        pace = Pace(self._frame_budget)
        pace.begin(self._clock())
        for path in sorted(self._latest):
            if path not in self._latest:
                continue  # A callback has undone its watching.
            content, before = self._latest.pop(path), self._told.pop(path, None)
            if content is not None:
                self._told[path] = content
            yield from self._call(path, "created" if before is None else "deleted" if content is None else "changed")
            if not pace.goes_on(self._clock()):
                return

    def _call(self, path: str, kind: Literal["changed", "created", "deleted"]) -> Iterator[FileChange]:
        whom: dict[Path, list[Told]] = {}
        for told in self._registered:
            shown = told.shown(path)
            if shown is not None:
                whom.setdefault(shown, []).append(told)
        for shown, those in whom.items():
            errors: list[HookError] = []
            slow: list[Slow] = []
            for told in those:
                if told in self._registered:
                    meter = Meter(self._clock, self._frame_budget)
                    hooks: Hooks[[Path]] = Hooks(partial(meter.judging_hook, kind="callback"))
                    hooks.add(told.callback)
                    errors += hooks.call(shown)
                    slow += meter.slow(())
            change = FileChange(shown, kind, tuple(errors), tuple(slow))
            _log.info("%s", change)
            yield change
