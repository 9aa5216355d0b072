"""Reads a page as somebody would who types everything in: runs its code, saves its files, compares what it shows.

A page is one session with a directory, a namespace and at most one game at a time:

- a `python` block is run, in the namespace of the page and with its directory as the current one;
- a block with a file name for a title (`python title="scripts/goblin.py"`) is saved under that name. If a game of the
  page is running and the file is one of its scripts, frames go by until the save has been dealt with; `report` is then
  what `update()` said;
- a `diff` with a file name for a title is an edit of that file: the lines with "-" or " " are found in it, once, and become
  those with "+" or " "; it is saved, and frames go by as above;
- `text title="log"` must be what the logger `livescripts` said, and `text title="output"` what was printed, since the last
  block that one can see or that was compared; `…` stands for anything, the page's directory is called `/game`, and milliseconds are equal;
- each command of a `console` block must be one that `console.py` knows how to check;
- `<!-- invisible-code-block: python … -->` sets the stage where a page cannot do without: it is run like any other, and
  is seen by whoever reads the page's source.
"""

# Rule 1: nothing is skipped. There is no mark that leaves a block out, and a fence that looks like Python without
#         being understood here is an error.
# Rule 2: a save that is rejected is an error of the page unless the page shows it: by its log, its output, or code that
#         asks for `rejected` or `errors`.

from __future__ import annotations

import contextlib
import doctest
import io
import logging
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sybil import Document, Example, Region
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import DirectiveInHTMLCommentLexer, RawFencedCodeBlockLexer

from livescripts import LiveScripts, Report

from . import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PATIENCE = 20.0  # seconds until a save that nobody dealt with is an error
SLOW = "more than the frame budget"
ASKS = re.compile(r"\b(rejected|errors|problems)\b")
_FENCE = re.compile(r'(?P<language>[^\s`]*)(?: +title="(?P<title>[^"\n]+)")?(?P<rest>[^\n]*)$\n', re.MULTILINE)
_run = PythonEvaluator()


def read(path: Path, directory: Path) -> int:
    """Read the page at `path`, in `directory`. Returns how many blocks there were. Raises what the first bad one raises."""
    with Session(path, directory) as session:
        document = Document.parse(str(path), session.fences, session.comments)
        examples = list(document.examples())
        for example in examples:
            example.evaluate()
        session.expect_no_rejection("the end of the page")
    return len(examples)


class Session:
    """One reader of one page."""

    def __init__(self, page: Path, directory: Path) -> None:
        self.page = page
        self.directory = directory
        self.log: list[str] = []
        self.printed = io.StringIO()
        self.rejected = ""
        self._namespace: dict[str, Any] = {}
        self._modules = set(sys.modules)
        self._handler = _Handler(self.log)

    # ------------------------------------------------------------ finding blocks

    def fences(self, document: Document) -> Iterator[Region]:
        """All fenced blocks that something is to be done with."""
        self._namespace = document.namespace
        document.namespace["__name__"] = "__main__"
        for region in RawFencedCodeBlockLexer(_FENCE)(document):
            found = region.lexemes
            language, title, rest = found["language"], found["title"], found["rest"].strip()
            if language.startswith("py") and (language != "python" or rest):
                message = f"{self.page}: a fence that nobody understands: {language} {rest}"
                raise ValueError(message)
            evaluate: Callable[[Example], None] | None = None
            if title in {"log", "output"}:
                evaluate = self._compare
            elif title is not None:
                evaluate = self._edit if language == "diff" else self._write
            elif language == "python":
                evaluate = self._execute
            elif language == "console":
                evaluate = self._check
            if evaluate is not None:
                region.parsed, region.evaluator = found["source"], evaluate
                yield region

    def comments(self, document: Document) -> Iterator[Region]:
        """All invisible blocks."""
        for region in DirectiveInHTMLCommentLexer("invisible-code-block", "python")(document):
            region.parsed, region.evaluator = region.lexemes["source"], self._set_stage
            yield region

    # ------------------------------------------------------------ doing what they say

    def _execute(self, example: Example) -> None:
        if ASKS.search(example.parsed):
            self.rejected = ""
        self.expect_no_rejection(f"line {example.line}")
        self._forget()
        self._set_stage(example)

    def _set_stage(self, example: Example) -> None:
        with contextlib.redirect_stdout(self.printed):
            _run(example)

    def _write(self, example: Example) -> None:
        self._save(example, str(example.parsed))

    def _edit(self, example: Example) -> None:
        lines = str(example.parsed).splitlines()
        assert all(line[:1] in {"+", "-", " ", ""} for line in lines), f"{self.page}:{example.line} is no diff"
        old, new = ("".join(f"{line[1:]}\n" for line in lines if line[:1] in {sign, " ", ""}) for sign in "-+")
        text = (self.directory / example.region.lexemes["title"]).read_text(encoding="utf-8")
        assert text.count(old) == 1, (
            f"{self.page}:{example.line}: what is to be edited is there {text.count(old)} times"
        )
        self._save(example, text.replace(old, new))

    def _save(self, example: Example, text: str) -> None:
        self.expect_no_rejection(f"line {example.line}")
        self._forget()
        path = self.directory / example.region.lexemes["title"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        game = next((game for game in self._games() if _has(game, path)), None)
        if game is not None:
            with contextlib.redirect_stdout(self.printed):
                report = self._namespace["report"] = go_on(game)
            if report.rejected:
                self.rejected = str(report)

    def _compare(self, example: Example) -> None:
        kind, want = example.region.lexemes["title"], _plain(str(example.parsed))
        said = "\n".join(self.log) if kind == "log" else self.printed.getvalue()
        got = _plain(said.replace(str(self.directory), "/game"))
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        if not doctest.OutputChecker().check_output(want, got, flags):
            message = f"{self.page}:{example.line} shows\n\n{want}\n\nbut it is\n\n{got}"
            raise AssertionError(message)
        self.rejected = ""
        self._forget()

    def _check(self, example: Example) -> None:
        for command in console.commands(str(example.parsed)):
            try:
                console.check(command)
            except (Exception, SystemExit) as error:
                error.add_note(f"{self.page}:{example.line}: {command}")
                raise

    def expect_no_rejection(self, where: str) -> None:
        """Raise AssertionError if a save was rejected, and the page did not say so by `where`."""
        if self.rejected:
            message = (
                f"{self.page}, before {where}: a save was rejected, and the page does not say so:\n{self.rejected}"
            )
            raise AssertionError(message)

    def _forget(self) -> None:
        self.log.clear()
        self.printed.seek(0)
        self.printed.truncate()

    def _games(self) -> list[LiveScripts]:
        return [value for value in self._namespace.values() if isinstance(value, LiveScripts)]

    # ------------------------------------------------------------ beginning and end

    def __enter__(self) -> Self:
        self._logger = logging.getLogger("livescripts")
        self._level = self._logger.level
        self._logger.setLevel(logging.INFO)
        self._logger.addHandler(self._handler)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self._handler)
        self._logger.setLevel(self._level)
        for game in self._games():
            game.close()
        for name in set(sys.modules) - self._modules:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and Path(file).is_relative_to(self.directory):
                del sys.modules[name]


class _Handler(logging.Handler):
    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        # What was slow depends on what else the machine does.
        if SLOW not in record.getMessage():
            self._lines.append(record.getMessage())


def go_on(game: LiveScripts) -> Report:
    """Let frames go by until something that was saved has been dealt with. Returns what `update()` said."""
    until = time.monotonic() + PATIENCE
    report = Report()
    while not report or game.busy:
        report = game.update() or report
        if time.monotonic() > until:
            message = f"nothing came of a save within {PATIENCE:g} s"
            raise TimeoutError(message)
        time.sleep(0.002)
    return report


def _has(game: LiveScripts, path: Path) -> bool:
    directory = game._world.directory_of(str(path.resolve()))
    return directory is not None and path.suffix == ".py"


def _plain(text: str) -> str:
    text = re.sub(r" in \d+ frames, the longest [\d.]+ ms", "", text.strip())
    return re.sub(r"\d+(\.\d+)? ms", "# ms", text.replace("…", "...")) + "\n"


def pages(root: Path) -> Iterable[Path]:
    """The README and every page of the site."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]
