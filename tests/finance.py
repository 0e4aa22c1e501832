"""Pairs of scenarios that differ in random ways, for bridges and comparisons."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from optimizer import Plan, Scenario
from optimizer.program.program import program_of
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario

Data = dict[str, Any]


def varied(data: Data, seed: int) -> Data:
    """The scenario with some of its inputs changed: money, hours, prices, response, room, offers, limits, objective."""
    rng = np.random.default_rng(seed)
    other = copy.deepcopy(data)
    other["name"] = f"{data['name']} varied"
    for key in ("budget", "effort_hours"):
        if key in other and rng.random() < 0.6:
            other[key] = round(other[key] * float(rng.uniform(0.55, 1.4)), 2)
    for offer in other["offers"]:
        for key in ("cost_per_post", "hours_per_creator", "engagements_per_post", "cost_per_creator"):
            if isinstance(offer.get(key), int | float) and rng.random() < 0.35:
                offer[key] = round(offer[key] * float(rng.uniform(0.7, 1.4)), 4)
        if "max" in offer.get("creators", {}) and rng.random() < 0.3:
            offer["creators"]["max"] = int(offer["creators"]["max"]) + 1
    if rng.random() < 0.3:
        other["fees"] = {"agency": "10%"}
    if len(other["offers"]) > 2 and rng.random() < 0.3:
        other["offers"].pop()
    if other.get("limits") and rng.random() < 0.6:
        other["limits"].pop(0)
    return other


@cache
def planned_pairs(count: int) -> list[tuple[Plan, Plan]]:
    """So many pairs of plans."""
    found: list[tuple[Plan, Plan]] = []
    for base, other in pairs():
        before, after = plan_or_none(base), plan_or_none(other)
        if before is None or after is None:
            continue
        found.append((before, after))
        if len(found) == count:
            break
    return found


def pairs() -> Iterator[tuple[Scenario, Scenario]]:
    """Pairs of scenarios that can be planned (which does not mean that there is a plan)."""
    for seed in itertools.count(1):
        data = random_scenario(seed)
        try:
            pair = Scenario.model_validate(data), Scenario.model_validate(varied(data, seed))
        except ValueError:
            continue
        if not any(program_of(scenario).problems for scenario in pair):
            yield pair
