"""Colours and the bar: on a terminal, with rich or without it."""

from __future__ import annotations

import io
import sys

import pytest

from livescripts.cli.terminal import Terminal, coloured, progress


class Tty(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=["with rich", "without rich"])
def has_rich(request, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if request.param == "without rich":
        for name in [name for name in sys.modules if name.partition(".")[0] == "rich"] + ["rich"]:
            monkeypatch.setitem(sys.modules, name, None)
        return False
    pytest.importorskip("rich")
    return True


@pytest.mark.parametrize(
    ("stream", "environment", "colours"),
    [
        (Tty(), {}, True),
        (io.StringIO(), {}, False),
        (Tty(), {"NO_COLOR": "1"}, False),
        (Tty(), {"NO_COLOR": ""}, True),
        (Tty(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (Tty(), {"FORCE_COLOR": "0"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_for_terminals_and_those_who_ask(stream, environment, colours):
    assert coloured(stream, environment) is colours


def test_a_line_has_colours_where_it_can(has_rich):
    for stream, colours in ((Tty(), has_rich), (io.StringIO(), False)):
        Terminal(stream).line(("fine: ", "bold green"), "3 [bold]scripts[/bold]")
        said = stream.getvalue()
        assert ("\x1b[1;32m" in said) is colours
        assert said.endswith("3 [bold]scripts[/bold]\n")


def test_what_a_terminal_cannot_write_is_escaped():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", newline="\n")
    Terminal(stream).line("é")
    stream.flush()
    assert stream.buffer.getvalue() == b"\\xe9\n"


def test_the_bar_is_shown_on_a_terminal_and_leaves_nothing(has_rich, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys, "stderr", Tty())
    with progress("checking") as show:
        show(1, 4, "goblin.py module body [x]")
        show(4, 4, "orc.py")
    said = sys.stderr.getvalue()
    assert "checking" in said
    assert "4/4" in said
    # The last that is written clears the line.
    assert said.rpartition("4/4")[2].count("\x1b[2K") == 1 if has_rich else said.endswith("\r" + " " * 59 + "\r")


def test_there_is_no_bar_without_a_terminal(has_rich, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress("checking") as show:
        show(1, 4, "goblin.py")
    assert sys.stderr.getvalue() == ""
