"""Plain plane geometry for scripts: pairs of floats in, pairs of floats out."""

from __future__ import annotations

import math


def unit(dx: float, dy: float) -> tuple[float, float]:
    """Return the direction of (dx, dy) with length 1, or (0, 0) for the null vector."""
    size = math.hypot(dx, dy)
    if size == 0.0:
        return 0.0, 0.0
    return dx / size, dy / size


def limit(dx: float, dy: float, most: float) -> tuple[float, float]:
    """Return (dx, dy), shortened to length `most` if it is longer."""
    size = math.hypot(dx, dy)
    if size <= most:
        return dx, dy
    return dx / size * most, dy / size * most


def polar(angle: float, size: float) -> tuple[float, float]:
    """Return the vector of length `size` that points to `angle` (radians)."""
    return math.cos(angle) * size, math.sin(angle) * size


def clamp(value: float, low: float, high: float) -> float:
    """Return `value`, moved into low..high."""
    return low if value < low else min(value, high)


def approach(value: float, goal: float, step: float) -> float:
    """Return `value` moved towards `goal` by at most `step`."""
    if value < goal:
        return min(goal, value + step)
    return max(goal, value - step)


def turn(angle: float, goal: float, step: float) -> float:
    """Return `angle` turned towards `goal` the short way round, by at most `step` radians."""
    gap = (goal - angle + math.pi) % math.tau - math.pi
    return angle + clamp(gap, -step, step)
