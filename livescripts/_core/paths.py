"""Which names in a script directory are scripts, and which are somebody's temporaries.

The watcher asks this of every path the operating system mentions, and the listing of a directory asks it of
every entry; both must give one answer, so the answer lives here.
"""

# Rule 1: pure string work on paths *relative to a script directory*, with "/" between the components.
#         Whoever holds an OS path makes it relative and replaces `os.sep` first.
# Rule 2: a name is judged as a whole path: `a/.git/x.py` is no script because of `.git`.
# Rule 3: hide only what a tool is known to leave behind. A file that merely looks odd stays a script: then its
#         error is seen, whereas a file we ignore is a silence nobody can explain.

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["UNITTEST_SUFFIX", "is_script", "may_be_directory", "unittest_subject"]

UNITTEST_SUFFIX = "_unittest.py"

# Every tool named here writes *beside* the file it is about: checked against its source, its documentation, or the
# report of somebody whose watcher tripped over it. Hidden names need no list of their own: vim's .x.py.swp and
# .x.py.un~, emacs' lock .#x.py (a link that leads nowhere), gedit's .goutputstream-X, rsync's .x.py.X, macOS' ._x.py.
# Nor do names without .py at their end: vim's 4913 (may I create files here?), emacs' #x.py#, sed's sedX,
# JetBrains' x.py___jb_tmp___.
_ANYWHERE = ("~", "___jb_")  # x.py~  x.py.~1~  ~x.py  x.py~RF3f2.TMP (Windows)  x~base.k3j9.py (Mercurial's merge)

# A file with one of these suffixes does not end in .py: they are for directories kept as backups, `enemies.bak/`,
# which would define everything a second time. Compared in lower case: Windows writes .TMP.
_LAST = (".bak", ".bck", ".old", ".orig", ".rej", ".save", ".swo", ".swp", ".swx", ".temp", ".tmp", ".vsctmp")

# Copies of a script that do end in .py.
_COPY = re.compile(
    r"""
      flycheck_ .* \.py                           # emacs: flycheck checks a copy beside the original ...
    | .* _flymake\.py                             # ... and so did the older flymake
    | .* _(?:BASE|LOCAL|REMOTE|BACKUP)(?:_[LR]CONFL)?_\d+\.py    # git mergetool, all defining the same names
    """,
    re.VERBOSE,
)


def is_script(relative: str) -> bool:
    """Whether `relative` names a script: it ends in `.py`, and nothing in it is hidden or a temporary.

    Only the name is judged: whether a file is there, and is one, is for the caller to see. A unit test
    (`goblin_unittest.py`) is a script in this sense. The empty path, an absolute one, and one with `.` or `..`
    in it are none. Nor is `__main__.py`: `python -m` runs it, and whoever imports it starts a program.
    """
    if relative.endswith("__main__.py") and relative.rpartition("/")[2] == "__main__.py":
        return False
    return relative.endswith(".py") and may_be_directory(relative)


def may_be_directory(relative: str) -> bool:
    """Whether a directory of this name would be searched for scripts. The empty path, the root, would.

    Only the name is judged, so this also holds for any file whose name is not a temporary's.
    """
    return not relative or all(map(_is_ordinary, relative.split("/")))


def unittest_subject(relative: str) -> str | None:
    """The script whose unit tests are in `relative`: `x/goblin.py` for `x/goblin_unittest.py`.

    None when `relative` is not named like a script's tests. The subject need not exist.
    """
    if not is_script(relative) or not relative.endswith(UNITTEST_SUFFIX):
        return None
    subject = relative.removesuffix(UNITTEST_SUFFIX) + ".py"
    return subject if is_script(subject) else None


@lru_cache(maxsize=4096)  # the same folders for every file in them, and each file more than once
def _is_ordinary(name: str) -> bool:
    return not (
        not name  # "a//b", "/a", "a/"
        or name.startswith(".")  # "." and ".." as well
        or any(mark in name for mark in _ANYWHERE)
        or name == "__pycache__"
        or name.lower().endswith(_LAST)
        or _COPY.fullmatch(name)
    )
