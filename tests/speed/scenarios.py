"""Synthetic scenarios of a given size, for timings: whole creators, three limits, reach, set-up free."""

from __future__ import annotations

from typing import Any

import numpy as np

from optimizer.scenario.scenario import Scenario

TIERS = ("nano", "micro", "mid", "macro", "mega")
PLATFORMS = ("instagram", "tiktok", "youtube")
# followers, cost per post, engagement rate, hours per creator: of the order of public figures for each tier
TYPICAL = {
    "nano": (4_000, 50, 0.05, 3.0),
    "micro": (35_000, 300, 0.03, 4.0),
    "mid": (150_000, 1_500, 0.022, 6.0),
    "macro": (400_000, 4_000, 0.015, 10.0),
    "mega": (2_500_000, 30_000, 0.011, 25.0),
}


def scenario_data(packages: int, *, seed: int = 1) -> dict[str, Any]:
    """A scenario with that many packages: offers of 1 to 3 posts per creator (exactly 1 in the smallest)."""
    posts = 3 if packages >= 15 else 1
    random = np.random.default_rng(seed)
    offers = []
    for number in range(max(1, packages // posts)):
        tier = TIERS[number % len(TIERS)]
        followers, cost, rate, hours = TYPICAL[tier]
        spread = random.lognormal(0.0, 0.3, size=4)
        offers.append(
            {
                "name": f"offer-{number}",
                "tier": tier,
                "platform": PLATFORMS[number % len(PLATFORMS)],
                "followers": round(float(followers * spread[0])),
                "cost_per_post": round(float(cost * spread[1]), 2),
                "engagement_rate": round(float(min(0.5, rate * spread[2])), 5),
                "reach_rate": 0.2,
                "hours_per_creator": round(float(hours * spread[3]), 2),
                "hours_per_post": 0.5,
                "repeat_decay": 0.15,
                "creators": {"max": int(random.integers(4, 12))},
                "posts_per_creator": {"min": 1, "max": posts},
            }
        )
    size = len(offers)
    return {
        "name": f"{packages} packages",
        "budget": 4_000 * size,
        "effort_hours": 20 * size,
        "objective": "engagements",
        "audience": {"people": 500_000 * (size + 20), "overlap": "5%"},
        "offers": offers,
        "limits": [
            {"measure": "cost", "where": {"platform": "tiktok"}, "min": "5% of budget"},
            {"measure": "cost", "where": {"tier": ["nano", "micro"]}, "min": "10% of cost"},
            {"measure": "creators", "where": {"tier": "mega"}, "max": max(1, size // 10)},
        ],
    }


def scenario(packages: int) -> Scenario:
    """As `scenario_data`, validated."""
    return Scenario.model_validate(scenario_data(packages))
