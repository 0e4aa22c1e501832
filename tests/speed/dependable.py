"""How long a dependable plan takes beside the plain one: offers of one package, every number of them with a range."""

from __future__ import annotations

import random
import time
from typing import Any

from optimizer.program.program import program_of
from optimizer.scenario.scenario import Scenario
from optimizer.solve.solved import solve_verified

SIZES = (12, 40, 100, 300)


def case(size: int, confidence: float | None) -> Scenario:
    """Nano to macro creators on three platforms, 100,000 of money and 800 hours."""
    rng = random.Random(size)
    offers = []
    for number in range(size):
        followers = 10 ** rng.uniform(3.3, 6)
        fee = 8 * (followers / 1000) ** 0.85 * rng.uniform(0.6, 1.6)
        brought = followers * 0.04 * (followers / 1e4) ** -0.1 * rng.uniform(0.6, 1.6)
        offers.append(
            {
                "name": f"offer-{number}",
                "platform": rng.choice(["instagram", "tiktok", "youtube"]),
                "tier": "nano" if followers < 1e4 else "micro" if followers < 1e5 else "macro",
                "cost_per_post": [fee / 1.5, fee, fee * 1.5],
                "engagements_per_post": [brought / 2, brought, brought * 2],
                "completion": 0.92,
                "spread": 0.8,
                "post_spread": 0.4,
                "hours_per_creator": [4, 6, 9],
                "creators": {"max": rng.randint(1, 25)},
            }
        )
    goal: dict[str, Any] = {"maximize": "engagements"} | (
        {} if confidence is None else {"confidence": confidence}
    )
    return Scenario(budget=100_000, effort_hours=800, objective=goal, offers=offers)


def dependables() -> None:
    """The plain plan (gap 0.01 %) and the one that is reached in 9 of 10 cases (gap 0.1 %), k set by draws."""
    print(f"\n{'dependable plans, seconds':>28} {'plain':>8} {'90 %':>8} {'ratio':>7}   gap")
    for size in SIZES:
        seconds = []
        for confidence in (None, 0.9):
            program = program_of(case(size, confidence))
            began = time.perf_counter()
            outcome = solve_verified(program)
            seconds.append(time.perf_counter() - began)
        stage = outcome.stages[0]
        gap = abs((stage.bound or 0.0) - stage.best) / abs(stage.best)
        label = f"{size} packages"
        print(f"{label:>28} {seconds[0]:7.2f}s {seconds[1]:7.2f}s {seconds[1] / seconds[0]:7.1f}   {gap:.1e}")
