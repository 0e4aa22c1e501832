"""Reach over segments and persons: the best plan is the best of all plans, counted one by one."""

from __future__ import annotations

import random
from typing import Any

import pytest

from optimizer import InfeasibleError, Scenario, optimize
from optimizer.program.program import program_of
from tests.by_segments import cost_of, plans, random_scenario, reach_of

NEAR = 2e-6
"""Relative; what is solved by cuts to a gap of 0 is solved to 1e-6 of it."""
MANY = range(12)


def best_of_all(data: dict[str, Any], **floors: float) -> float | None:
    """The most reach of any plan within the budget that reaches so many people of the segments named."""
    program = program_of(Scenario(**data))
    found = [
        reach_of(data, program, plan)
        for plan in plans(program)
        if cost_of(program, plan) <= data["budget"] + 1e-9
        and all(reach_of(data, program, plan, only=name) >= least for name, least in floors.items())
    ]
    return max(found, default=None)


@pytest.mark.parametrize("seed", MANY)
@pytest.mark.parametrize(("segments", "persons"), [(2, False), (3, False), (2, True), (1, True)])
def test_no_plan_reaches_more_than_the_one_found(seed: int, segments: int, persons: bool) -> None:
    data = random_scenario(random.Random(f"{seed} {segments} {persons}"), segments=segments, persons=persons)
    plan = optimize(Scenario(**data), draws=0)
    best = best_of_all(data)
    assert plan.status == "optimal"
    assert plan.totals.reach == pytest.approx(best, rel=NEAR, abs=1e-6)
    assert plan.objective.value == pytest.approx(best, rel=NEAR, abs=1e-6)
    assert plan.objective.bound >= best * (1 - 1e-9)


@pytest.mark.parametrize("seed", MANY)
@pytest.mark.parametrize("persons", [False, True])
def test_floors_by_segment_are_kept_at_the_least_reach_given_up(seed: int, persons: bool) -> None:
    rng = random.Random(f"floors {seed} {persons}")
    data = random_scenario(rng, segments=2, persons=persons)
    free = optimize(Scenario(**data), draws=0)
    least = free.segments[0].reached * rng.uniform(1.0, 1.5)
    data["limits"] = [{"measure": "reach", "segment": "s0", "min": least}]
    best = best_of_all(data, s0=least)
    if best is None:
        with pytest.raises(InfeasibleError):
            optimize(Scenario(**data), draws=0)
        return
    plan = optimize(Scenario(**data), draws=0)
    assert plan.totals.reach == pytest.approx(best, rel=NEAR)
    assert plan.segments[0].reached >= least * (1 - 1e-9)


@pytest.mark.parametrize("seed", MANY)
@pytest.mark.parametrize("persons", [False, True])
def test_the_least_cost_of_a_floor_on_reach_over_segments_is_the_least(seed: int, persons: bool) -> None:
    rng = random.Random(f"cost {seed} {persons}")
    data = random_scenario(rng, segments=rng.choice([1, 2, 3]) if persons else 2, persons=persons)
    data.pop("budget")
    program = program_of(Scenario(**data | {"budget": 1e6}))
    most = max(reach_of(data, program, plan) for plan in plans(program))
    least = most * rng.uniform(0.3, 0.95)
    data |= {"objective": {"minimize": "cost"}, "limits": [{"measure": "reach", "min": least}]}
    found = optimize(Scenario(**data), draws=0)
    cheapest = min(
        cost_of(program, plan) for plan in plans(program) if reach_of(data, program, plan) >= least
    )
    assert found.status == "optimal"
    assert found.totals.cost == pytest.approx(cheapest, rel=1e-9)
    assert found.totals.reach >= least * (1 - 1e-12)
