"""Who else may change the game: scripts are code, and whoever may write one may run what he likes in the game.

# Nothing is refused: a directory that is mounted into a container, or shared on purpose, looks the same. It is said once.
# One `fstat` of a file that is open anyway, and two `stat`s for each folder. Not for a shipped game, which reads its scripts as Python reads
# its modules.
# A group that may write is no stranger: many systems give each user a group of his own, and let it write.
"""

from __future__ import annotations

import os
import stat

__all__ = ["Trust", "strangers"]

_SYSTEM = 0  # root may do anything anyhow
_OPEN = "can be written by every user"


def strangers(mode: int, owner: int, me: int, *, ancestor: bool = False) -> str:
    """Who, besides the user `me` and the system, may change a file or directory, as the end of a sentence; "" if nobody.

    Of an `ancestor` only the name below it matters, which nobody else may change where the sticky bit is set.
    """
    if owner not in (_SYSTEM, me):
        return f"belongs to user {owner}"
    if mode & stat.S_IWOTH and not (ancestor and mode & stat.S_ISVTX):
        return _OPEN
    return ""


class Trust:
    """Looks at what scripts are read from, and remembers what it has said.

    `me` is the number of the user that the game runs as, None where files have no such thing: then nothing is noted.
    """

    def __init__(self, me: int | None) -> None:
        self._me = me
        self._folders: set[str] = set()
        self._told: set[str] = set()
        self._new: dict[str, str] = {}  # path -> what is the matter

    @classmethod
    def of_this_process(cls) -> Trust:
        """For whoever runs this."""
        return cls(os.geteuid() if hasattr(os, "geteuid") else None)

    def root(self, path: str) -> None:
        """A script directory: also who may put another one in its place."""
        if self._me is not None:
            above = os.path.dirname(path)
            while True:
                self._look(above, ancestor=True)
                if above == os.path.dirname(above):
                    return
                above = os.path.dirname(above)

    def file(self, path: str, status: os.stat_result) -> None:
        """A script is being read. On the game's thread, like everything here."""
        if self._me is None:
            return
        reason = strangers(status.st_mode, status.st_uid, self._me)
        if reason:
            self._note(path, reason)
        folder = path.rpartition(os.sep)[0] or os.sep
        if folder not in self._folders:
            self._folders.add(folder)
            self._look(folder)
            self._look(os.path.join(folder, "__pycache__"))  # compiled code comes from there

    def sentences(self) -> tuple[str, ...]:
        """What has been noticed since the last call: a sentence for each kind, with the first path and how many more."""
        if not self._new:
            return ()
        by_reason: dict[str, list[str]] = {}
        for path in sorted(self._new):
            by_reason.setdefault(self._new[path], []).append(path)
        self._new.clear()
        return tuple(
            f"{paths[0]}{f' (and {len(paths) - 1} more)' if paths[1:] else ''} {reason}, "
            "who can run code in the game that way; "
            + ("`chmod o-w` ends that" if reason == _OPEN else "if that is not you, `chown` it")
            for reason, paths in by_reason.items()
        )

    def _look(self, path: str, *, ancestor: bool = False) -> None:
        try:
            status = os.stat(path)
        except OSError:
            return  # Gone, or nobody may look: reading says so.
        if self._me is not None:
            self._note(path, strangers(status.st_mode, status.st_uid, self._me, ancestor=ancestor))

    def _note(self, path: str, reason: str) -> None:
        if reason and path not in self._told:
            self._told.add(path)
            self._new[path] = reason
