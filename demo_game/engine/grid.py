"""Which things overlap a circle: a uniform grid, rebuilt every step."""

# Rule 1: answers come in the order the things were added. A set, or an order by address, would make the same
#         seed play a different game.
# Rule 2: a thing lies in the cell of its centre only; a query is widened by the largest radius of that team
#         instead. So nothing is found twice.

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from demo_game.engine.contract import Thing

CELL = 32.0
# One row of cells per this many columns: cell (cx, cy) is the single integer cy * STRIDE + cx.
STRIDE = 1 << 16


class Grid:
    """A snapshot of where things are, by team."""

    def __init__(self) -> None:
        self._cells: dict[str, dict[int, list[tuple[int, Thing]]]] = {}
        self._reach: dict[str, float] = {}
        self._members: dict[str, list[Thing]] = {}
        self._added = 0

    def clear(self) -> None:
        """Forget everything."""
        self._cells.clear()
        self._reach.clear()
        self._members.clear()
        self._added = 0

    def add(self, thing: Thing) -> None:
        """Take in one thing. Raises ValueError or OverflowError for a place that is not a finite number."""
        cell = math.floor(thing.y / CELL) * STRIDE + math.floor(thing.x / CELL)
        team = thing.team
        radius = thing.radius
        if team not in self._cells:
            self._cells[team] = {}
            self._reach[team] = 0.0
            self._members[team] = []
        self._cells[team].setdefault(cell, []).append((self._added, thing))
        self._members[team].append(thing)
        self._added += 1
        self._reach[team] = max(self._reach[team], radius)

    def members(self, team: str) -> Sequence[Thing]:
        """Return all things of a team, in the order they were added."""
        return self._members.get(team, ())

    def near(self, x: float, y: float, radius: float, teams: Iterable[str]) -> list[Thing]:
        """Return the things of `teams` whose circle overlaps the circle at (x, y), in the order added."""
        found: list[tuple[int, Thing]] = []
        for team in teams:
            cells = self._cells.get(team)
            if cells is None:
                continue
            # Radii may have changed since the thing was added, a script is free to do so;
            # what was added counts.
            span = radius + self._reach[team]
            left, right = math.floor((x - span) / CELL), math.floor((x + span) / CELL)
            for row in range(math.floor((y - span) / CELL), math.floor((y + span) / CELL) + 1):
                for cell in range(row * STRIDE + left, row * STRIDE + right + 1):
                    for entry in cells.get(cell, ()):
                        thing = entry[1]
                        gap = radius + thing.radius
                        dx, dy = thing.x - x, thing.y - y
                        if dx * dx + dy * dy <= gap * gap:
                            found.append(entry)
        found.sort(key=_when_added)
        return [thing for _, thing in found]


def _when_added(entry: tuple[int, Thing]) -> int:
    return entry[0]
