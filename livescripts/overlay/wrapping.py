"""Text that fits: broken at spaces where there are any, anywhere where there are none, cut with a mark at the end."""

# Rule 1: pure. How wide a text is, is asked of the caller, and nothing here knows what a font is.
# Rule 2: whatever a script puts into a message can be drawn: no control characters, no halves of surrogate pairs.

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["clip", "printable", "wrap"]

MORE = " …"
# A message may be a megabyte (`assertEqual` of two levels, say); nobody reads that over a game.
_LONGEST = 2000


def printable(text: str) -> str:
    """Text that any font can be asked to draw: tabs are spaces, line ends stay, what is not a character is "?"."""
    text = text[:_LONGEST].expandtabs(4).encode("utf-8", "replace").decode("utf-8")
    return "".join(
        char if char >= " " and not "\x7f" <= char <= "\x9f" else "\n" if char == "\n" else "" for char in text
    )


def clip(text: str, width: int, measure: Callable[[str], int]) -> str:
    """As much of a text as is no wider than `width`; one that was cut says so. "" where nothing fits."""
    if measure(text) <= width:
        return text
    kept = _fitting(text, width - measure(MORE), measure)
    return (text[:kept].rstrip() + MORE) if kept else text[: _fitting(text, width, measure)]


def wrap(text: str, width: int, most: int, measure: Callable[[str], int]) -> list[str]:
    """At most `most` (one or more) lines, each no wider than `width`; the last one says if there was more.

    A character that is wider than `width` stands alone on its line.
    """
    lines: list[str] = []
    for paragraph in printable(text).split("\n"):
        if len(lines) > most:
            break
        rest = paragraph.strip()
        while measure(rest) > width:
            fits = max(1, _fitting(rest, width, measure))
            space = rest.rfind(" ", 1, fits + 1)
            # A word that is wider than half of the line, such as a path, is better broken than left alone.
            cut = space if space > fits // 2 else fits
            lines.append(rest[:cut].rstrip())
            rest = rest[cut:].lstrip()
            if len(lines) > most:
                break
        if rest or paragraph == "":
            lines.append(rest)
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) > most:
        last = lines[most - 1]
        while last and measure(last + MORE) > width:
            last = last[:-1]
        lines = [*lines[: most - 1], last.rstrip() + MORE]
    return lines


def _fitting(text: str, width: int, measure: Callable[[str], int]) -> int:
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
