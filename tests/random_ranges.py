"""Random scenarios whose numbers have ranges, whose creators differ and of whom not all deliver."""

from __future__ import annotations

import random
from typing import Any

from tests.random_scenarios import random_scenario

Data = dict[str, Any]
AMOUNTS = ("cost_per_post", "cpm", "cost_per_creator", "impressions_per_post", "engagements_per_post", "reachable",
           "hours_per_creator", "hours_per_post", "setup_cost", "setup_hours", "value_per_conversion")  # fmt: skip
SHARES = (
    "reach_rate",
    "engagement_rate",
    "click_rate",
    "conversion_rate",
    "authentic",
    "on_target",
    "commission",
)


def ranged_scenario(seed: int) -> Data:
    """A random scenario with ranges, the same for the same seed; some ranges are not even, some reach a border."""
    data, rng = random_scenario(seed), random.Random(seed)
    for offer in data["offers"]:
        for field in AMOUNTS:
            value = offer.get(field)
            if isinstance(value, int | float) and rng.random() < 0.6:
                low = 0 if field.startswith("hours") and rng.random() < 0.1 else value * rng.uniform(0.7, 1.0)
                offer[field] = [low, value, value * rng.uniform(1.0, 1.5)]
        for field in SHARES:
            value = offer.get(field)
            if isinstance(value, str) and rng.random() < 0.6:
                share = float(value.removesuffix("%")) / 100
                high = 1.0 if rng.random() < 0.1 else share * rng.uniform(1.0, 1.5)
                offer[field] = [share * rng.uniform(0.7, 1.0), share, min(1.0, high)]
        if rng.random() < 0.7:
            offer["spread"] = round(rng.uniform(0, 0.6), 2)
        if rng.random() < 0.5:
            offer["post_spread"] = round(rng.uniform(0, 0.6), 2)
        if rng.random() < 0.5:
            offer["completion"] = [0.6, 0.8, rng.choice([0.9, 1.0])]
        if rng.random() < 0.3:
            offer["paid_if_missed"] = round(rng.random(), 2)
    if rng.random() < 0.4:
        data["correlation"] = {"market": round(rng.uniform(0, 0.5), 2), "tier": round(rng.uniform(0, 0.3), 2)}
    return data
