"""Reach over very many segments, as an export of followers has: solved by rows that hold for all of them together."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from optimizer import Scenario, optimize
from optimizer.program.program import program_of
from optimizer.report.sections.plan import headline
from optimizer.solve.summed import MANY, SummedReach
from tests.chosen_reach import most_reach


def followers(seed: int, creators: int, people: int) -> dict[str, set[int]]:
    """Who follows whom: people of one interest, who follow more or less."""
    rng = np.random.default_rng(seed)
    at, home = rng.random(creators), rng.random(people)
    chance = 0.6 * np.exp(-(((at[:, None] - home) / 0.15) ** 2)) * rng.random(people)
    return {f"c{i}": set(np.flatnonzero(rng.random(people) < chance[i]).tolist()) for i in range(creators)}


def scenario(audiences: dict[str, set[int]], people: int, budget: float, **more: Any) -> dict[str, Any]:
    groups: dict[tuple[str, ...], int] = {}
    for person in range(people):
        key = tuple(name for name, of in audiences.items() if person in of)
        groups[key] = groups.get(key, 0) + 1
    return {
        "name": "followers",
        "objective": "reach",
        "budget": budget,
        "audience": {
            "people": people,
            "followers": {
                "file": "x.csv",
                "groups": [[list(key), n] for key, n in groups.items() if key],
            },
        },
        "offers": [
            {
                "name": name,
                "followers": len(of),
                "reach_rate": 1.0,
                "cost_per_post": 10.0 + len(of),
                "engagement_rate": 0.03,
                "posts_per_creator": 1,
                "creators": {"max": 1},
            }
            for name, of in audiences.items()
        ],
        **more,
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("part", [0.15, 0.4])
def test_no_plan_truly_reaches_more(seed: int, part: float) -> None:
    audiences = followers(seed, 16, 400)
    prices = [10.0 + len(of) for of in audiences.values()]
    data = scenario(audiences, 400, part * sum(prices))
    program = program_of(Scenario(**data))
    assert program.reach is not None
    assert len(program.reach.models) >= MANY
    plan = optimize(Scenario(**data), draws=0)
    true = len(set().union(*(audiences[line.offer] for line in plan.lines)))
    assert plan.status == "optimal"
    assert plan.totals.reach == pytest.approx(
        true, rel=1e-4
    )  # hardly anybody of a following is spread over everybody
    assert true >= most_reach(audiences, prices, data["budget"]) * (1 - 2e-4)


@pytest.mark.parametrize("seed", range(6))
def test_a_row_is_exact_where_it_was_made_and_above_every_plan(seed: int) -> None:
    rng = random.Random(f"rows {seed}")
    data = scenario(followers(seed, 12, 300), 300, 200.0)
    for offer in data["offers"]:
        offer["reach_rate"] = rng.choice([0.1, 0.5, 1.0])
    if seed % 2:
        for offer in data["offers"][:4]:
            offer["person"] = "ana" if offer["name"] in ("c0", "c1") else "bo"
    program = program_of(Scenario(**data))
    wish = program.reaching_goal(program.scenario.objective[0])
    assert wish is not None
    criterion = SummedReach(wish, sets_objective=True, whole_creators=True)
    made = [np.array([float(rng.random() < 0.3) for _ in data["offers"]]) for _ in range(10)]
    for counts in made:
        criterion.learn(counts)
    columns = program.packages.columns
    rows = criterion.rows(columns, columns, columns + 1, whole=True)
    for counts in [
        *made,
        *(np.array([float(rng.random() < 0.4) for _ in data["offers"]]) for _ in range(50)),
    ]:
        lowest = min((row.upper - row.coefficients[: len(counts)] @ counts) * criterion.scale for row in rows)
        worth = wish.worth(counts)
        assert lowest >= worth * (1 - 1e-9)
        if any(counts is one for one in made):
            assert lowest == pytest.approx(worth, rel=1e-6)


def test_nobody_booked_without_a_proof_is_not_called_the_best_plan() -> None:
    plan = optimize(Scenario(**scenario(followers(1, 8, 200), 200, 90.0)), draws=0)
    unproven = plan.model_copy(update={"lines": (), "status": "feasible"})
    assert headline(unproven) == "Nobody is booked: time was up before any better plan was found."
    assert headline(unproven.model_copy(update={"status": "optimal"})).startswith(
        "The best plan books nobody."
    )
