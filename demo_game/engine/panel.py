"""The tour's caption: which step, what is being saved, what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pygame

from demo_game.engine import text

if TYPE_CHECKING:
    from demo_game.engine.tour.runner import Runner

WIDTH = 620
PAD = 14
MOST_LINES = 9
TITLE = (255, 226, 140)
PLAIN = (206, 222, 222)
DIM = (122, 158, 158)
SIGNS = {"-": (255, 128, 118), "+": (140, 236, 156), " ": PLAIN}
GOOD, BAD = (132, 240, 150), (255, 122, 112)

Row = tuple[str, int, tuple[int, int, int]]


def draw_panel(target: pygame.Surface, runner: Runner) -> None:
    """Draw the panel at the left, below the gauges: the status line may need the lower edge."""
    rows = _rows(runner)
    height = sum(text.font(size).get_linesize() + 2 for _, size, _ in rows) + 2 * PAD
    left, top = 16, 124
    shade = pygame.Surface((WIDTH, height), pygame.SRCALPHA)
    shade.fill((6, 12, 18, 216))
    target.blit(shade, (left, top))
    target.fill(TITLE, (left, top, 3, height))
    y = top + PAD
    for words, size, colour in rows:
        text.put(target, words, left + PAD, y, size, colour)
        y += text.font(size).get_linesize() + 2


def _rows(runner: Runner) -> list[Row]:
    step, width = runner.step, WIDTH - 2 * PAD
    rows: list[Row] = [(f"STEP {min(runner.number + 1, len(runner.steps))} OF {len(runner.steps)}", 18, DIM)]
    rows += [(line, 30, TITLE) for line in text.wrap(step.caption, 30, width, 2)]
    lines: list[Row] = []
    for edit in step.edits:
        lines.append((edit.path, 20, DIM))
        lines += [(text.wrap(f"{sign} {line}", 20, width, 1)[0], 20, SIGNS[sign]) for sign, line in edit.lines()]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], ("...", 20, DIM)]
    rows += lines
    if runner.phase == "announce":
        rows.append(("about to be saved ...", 22, DIM))
    elif runner.phase == "watch":
        rows.append(("saved", 22, PLAIN))
    else:
        mark, colour = ("FAILED", BAD) if runner.failed else ("ok", GOOD)
        rows += [(line, 22, colour) for line in text.wrap(f"{mark}: {runner.verdict.seen}", 22, width, 2)]
    return rows
