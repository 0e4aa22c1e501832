"""The optimizer against complete enumeration: random small scenarios whose every plan is looked at."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import Any

import pytest
from enumeration import RATIOS, Answer, World
from random_scenarios import random_scenario

from optimizer import InfeasibleError, Plan, Scenario, optimize

SEEDS = range(300)
CLOSE = 1e-9
"""Relative; both sides add the same few numbers in another order."""


@lru_cache(maxsize=None)
def enumerated(seed: int) -> tuple[dict[str, Any], World, Answer]:
    data = random_scenario(seed)
    world = World(data)
    return data, world, world.solve()


def plan_in(world: World, plan: Plan) -> tuple[dict[str, Any], ...]:
    """The optimizer's plan as one of the enumerated plans."""
    options = []
    for o, offer in enumerate(world.offers):
        booked = {line.posts_per_creator: line.creators for line in plan.lines if line.offer == offer["name"]}
        counts = tuple(booked.get(package["posts"], 0) for package in world.packages[o])
        assert sum(counts) == sum(booked.values()), "a number of posts that the offer does not allow"
        options.append(next(option for option in world.options[o] if option["counts"] == counts))
    return tuple(options)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_plan_is_better_or_as_good_and_leaner(seed: int) -> None:
    data, world, answer = enumerated(seed)
    scenario = Scenario.model_validate(data)
    if not answer.feasible:
        with pytest.raises(InfeasibleError):
            optimize(scenario)
        return
    plan = optimize(scenario)
    found = plan_in(world, plan)
    assert world.keeps_limits(found)
    assert plan.status == "optimal"
    for objective, best in zip(plan.objectives, answer.best, strict=True):
        assert objective.best == pytest.approx(best, rel=CLOSE, abs=CLOSE), objective.measure
        assert objective.bound == pytest.approx(best, rel=CLOSE, abs=CLOSE), objective.measure
        assert objective.gap in (0, None)
        assert objective.value == pytest.approx(world.total(found, objective.measure), rel=CLOSE, abs=CLOSE)
    assert plan.totals.cost == pytest.approx(answer.cost, rel=CLOSE, abs=CLOSE)
    if answer.hours is not None:
        assert plan.totals.hours == pytest.approx(answer.hours, rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_of_the_plan_is_that_of_the_formulas(seed: int) -> None:
    ...


def test_the_scenarios_put_every_kind_of_limit_to_the_test() -> None:
    ...
