"""Who comes when: a wave is a list of arrivals, made from a budget. `waves_unittest.py` guards it."""

from dataclasses import dataclass

import game


@dataclass(frozen=True)
class Arrival:
    """A group of one kind that crawls out of one hole, `at` seconds after the wave began."""

    at: float
    kind: str
    count: int


def budget(number):
    """Return what wave `number` (from 1) may spend."""
    tuning = game.tuning
    return int(tuning.FIRST_BUDGET + tuning.BUDGET_STEP * (number - 1) + tuning.BUDGET_GROWTH * (number - 1) ** 2)


def plan_wave(number, menu, rng):
    """Return the arrivals of a wave, soonest first.

    `menu` says what there is: the spec of each kind by name. What it costs is taken from the budget.
    """
    seconds = game.tuning.WAVE_SECONDS
    names = [name for name, spec in menu.items() if spec.first_wave <= number and spec.weight > 0]
    weights = [menu[name].weight for name in names]
    left = budget(number)
    arrivals = []
    while names and left >= min(menu[name].cost for name in names):
        kind = rng.choices(names, weights)[0]
        cost = menu[kind].cost
        count = min(left // cost, rng.randint(2, 4 + number // 2))
        if count < 1:
            continue
        left -= count * cost
        arrivals.append(Arrival(rng.random() * seconds, kind, count))
    if number % game.tuning.QUEEN_EVERY == 0 and "Queen" in menu:
        arrivals.append(Arrival(0.0, "Queen", 1))
    return sorted(arrivals, key=lambda arrival: arrival.at)
