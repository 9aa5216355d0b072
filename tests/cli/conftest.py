"""Commands are run in this process, in a directory of their own, without a terminal."""

from __future__ import annotations

import textwrap

import pytest

from livescripts.cli.main import main


class Shell:
    """A directory, and the commands that are run in it."""

    def __init__(self, place, capfd):
        self.place = place
        self._capfd = capfd
        self.out = self.err = ""

    def write(self, relative, text):
        path = self.place / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def run(self, *arguments):
        """Run a command; returns the exit code, and leaves what it said in `out` and `err`."""
        self._capfd.readouterr()
        code = main([str(each) for each in arguments])
        self.out, self.err = self._capfd.readouterr()
        return code


@pytest.fixture
def shell(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Shell(tmp_path, capfd)
