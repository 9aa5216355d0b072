"""Text that fits: every character is ten pixels wide here, "W" thirty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livescripts.overlay.wrapping import clip, printable, wrap


def measure(text):
    return sum(30 if char == "W" else 10 for char in text)


@pytest.mark.parametrize(
    ("text", "width", "most", "lines"),
    [
        ("short", 100, 3, ["short"]),
        ("", 100, 3, []),
        ("one two three", 70, 3, ["one two", "three"]),
        ("one two three four five", 70, 2, ["one two", "three …"]),
        ("/a/path/without/spaces", 100, 9, ["/a/path/wi", "thout/spac", "es"]),
        ("see /a/path/without/spaces", 100, 9, ["see /a/pat", "h/without/", "spaces"]),
        ("first\n  second\n", 100, 3, ["first", "second"]),
        ("first\n\nthird", 100, 3, ["first", "", "third"]),
        ("1\n2\n3", 100, 2, ["1", "2 …"]),
        ("abcdefghij\nmore", 100, 1, ["abcdefgh …"]),
        ("WWW", 20, 5, ["W", "W", "W"]),
    ],
)
def test_wrapping(text, width, most, lines):
    assert wrap(text, width, most, measure) == lines


@pytest.mark.parametrize(
    ("text", "width", "clipped"),
    [("short", 100, "short"), ("longer than that", 100, "longer t …"), ("long", 30, "l …"), ("long", 20, "lo"), ("long", 5, "")],
)  # fmt: skip
def test_clipping(text, width, clipped):
    assert clip(text, width, measure) == clipped


@pytest.mark.parametrize(
    ("text", "drawn"),
    [("a\tb", "a   b"), ("a\0b\x1b[31mc\x7f\x85", "ab[31mc"), ("\ud800é日😀", "?é日😀"), ("a\nb\r", "a\nb"), ("x" * 9999, "x" * 2000)],
)  # fmt: skip
def test_what_cannot_be_drawn_is_left_out(text, drawn):
    assert printable(text) == drawn


@given(st.text(max_size=200), st.integers(1, 300), st.integers(1, 5))
def test_no_line_is_too_wide_and_there_are_not_more_than_asked(text, width, most):
    lines = wrap(text, width, most, measure)
    assert len(lines) <= most
    assert all(measure(line) <= width or len(line) == 1 or line == " …" for line in lines)
