"""How long most reach takes over segments of the audience, beside one segment: 100 creators, a third of their price."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import numpy as np

from optimizer.plan.build import build_plan
from optimizer.scenario.scenario import Scenario
from optimizer.solve.ready import ready
from optimizer.solve.solved import solve_verified

SIZES = ((100, 1), (100, 4), (100, 15), (100, 30), (300, 15))
"""Creators and segments."""
FOLLOWED = ((100, 4_000), (300, 30_000))
"""Creators and people of whom is known whom they follow."""
SEEDS = (1, 2, 3)


def case(creators: int, segments: int, seed: int, *, persons: int = 0) -> Scenario:
    """Named creators with most of their audience in a few segments; `persons` of them have a second offer."""
    rng = random.Random(f"{creators} {segments} {seed}")
    people = {f"segment-{g}": float(round(rng.lognormvariate(13.5, 0.6))) for g in range(segments)}
    offers = []
    for number in range(creators):
        weights = [rng.gammavariate(0.25, 1.0) + 1e-9 for _ in people]
        real = rng.uniform(0.5, 0.95) / sum(weights)
        shares = {name: round(w * real, 4) for name, w in zip(people, weights, strict=True)}
        largest = min(0.5 * people[name] / share for name, share in shares.items() if share > 0)
        followers = round(min(rng.lognormvariate(11.3, 1.0), largest))
        offer: dict[str, Any] = {
            "name": f"creator-{number}",
            "followers": followers,
            "reach_rate": 0.3,
            "cost_per_post": round(followers * 0.02 * rng.lognormvariate(0, 0.5) + 100),
            "creators": {"max": 1},
            "segments": {name: share for name, share in shares.items() if share > 0},
        }
        if number < persons:
            offers.append(
                offer | {"name": f"creator-{number}-late", "person": f"person-{number}", "reach_rate": 0.4}
            )
            offer["person"] = f"person-{number}"
        offers.append(offer)
    budget = round(0.3 * sum(offer["cost_per_post"] for offer in offers))
    return Scenario(
        objective="reach", budget=budget, audience={"segments": people, "overlap": 0.12}, offers=offers
    )


def reaches() -> None:
    """Seconds to the plan, lean and with a second opinion, and its gap; the goal for 15 segments is under 5 seconds."""
    print(f"\n{'most reach over segments':>34} {'seconds, three cases':>24}   gaps")
    sizes = [(*size, 0) for size in SIZES] + [(100, 15, 20)]
    for creators, segments, persons in sizes:
        label = f"{creators} creators, {segments} segment{'s' if segments > 1 else ''}"
        label += f", {persons} twice" if persons else ""
        _measured(label, [case(creators, segments, seed, persons=persons) for seed in SEEDS])
    for creators, people in FOLLOWED:
        _measured(
            f"{creators} creators, {people:,} followers", [followed(creators, people, seed) for seed in SEEDS]
        )


def followed(creators: int, people: int, seed: int) -> Scenario:
    """Named creators, and groups of people who follow them: people of one interest, who follow more or less."""
    rng = np.random.default_rng(seed)
    at, home, zeal = rng.random(creators), rng.random(people), rng.random(people)
    near = np.exp(-(((at[:, None] - home) / 0.02) ** 2)) + 0.003
    follows = rng.random((creators, people)) < 0.5 * zeal * near
    groups = Counter(tuple(np.flatnonzero(row).tolist()) for row in follows.T)
    names = [f"creator-{number}" for number in range(creators)]
    prices = np.round(20 + follows.sum(axis=1) * rng.lognormal(0, 0.3, creators), 2)
    offers = [
        {
            "name": name,
            "followers": int(of.sum()),
            "reach_rate": 1.0,
            "cost_per_post": float(price),
            "creators": {"max": 1},
        }
        for name, of, price in zip(names, follows, prices, strict=True)
    ]
    listed = [[[names[i] for i in key], count] for key, count in groups.items() if key]
    audience = {"people": people, "followers": {"file": "made up", "groups": listed}}
    return Scenario(
        objective="reach",
        budget=float(prices.sum()) / 10,
        audience=audience,
        offers=offers,
        solver={"time_limit": 60},
    )


def _measured(label: str, scenarios: list[Scenario]) -> None:
    seconds, gaps = [], []
    for scenario in scenarios:
        began = time.perf_counter()
        program = ready(scenario)
        plan = build_plan(program, solve_verified(program))
        seconds.append(time.perf_counter() - began)
        gaps.append(plan.objective.gap)
    times = " ".join(f"{s:7.2f}" for s in seconds)
    print(f"{label:>34} {times:>24}   {' '.join(f'{gap or 0:.1e}' for gap in gaps)}")
