"""Scenarios as plain data with some values changed, and the best of them by counting every plan."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from tests.enumeration import World

Data = dict[str, Any]


def changed(data: Data, changes: Mapping[str, Any]) -> Data:
    """The data with values changed, e.g. `{"limits[0].min": 3}`; a value of None takes the key (or item) away."""
    result = copy.deepcopy(data)
    for path, value in changes.items():
        *steps, last = [int(part) if part.isdigit() else part for part in re.findall(r"[^.\[\]]+", path)]
        at: Any = result
        for step in steps:
            at = at[step]
        if value is None:
            del at[last]
        else:
            at[last] = int(value) if steps and steps[-1] == "creators" else value
    return result


def best_by_counting(data: Data) -> float | None:
    """Best value of the first objective over every plan; None where no plan keeps the limits."""
    world = World(data)
    measure, sign, _ = world.goals[0]
    values = [world.total(plan, measure) for plan in world.plans() if world.keeps_limits(plan)]
    return sign * max(sign * value for value in values) if values else None


def same(one: float | None, other: float | None) -> bool:
    """Whether two values differ by rounding only."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-8 * max(1.0, abs(one), abs(other))
