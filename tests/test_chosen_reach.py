"""Plans chosen by overlaps of pairs, scored by the true reach of audiences whose members are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from optimizer.program.program import program_of
from optimizer.solve.curved import ReachCriterion
from tests.chosen_reach import KINDS, PEOPLE, Score, copied, scenario, score, scores, varied_prices
from tests.measure_reach import Pairs, random_plans, read_audiences
from tests.programs import needs_shared_data, shared_data

BEST = 0.98
"""Of the most that any plan truly reaches."""
CLOSE = 0.08
"""How far the estimate of a chosen plan may be off."""


def check(found: Score) -> None:
    assert found.status == "optimal", found
    assert found.true >= BEST * found.most, found
    assert found.estimated == pytest.approx(found.true, rel=CLOSE), found


@needs_shared_data
@pytest.mark.parametrize("name", ["davis", "facebook100"])
def test_plans_of_real_audiences_reach_nearly_the_most_there_is(name: str) -> None:
    folder = shared_data() / "overlap"
    audiences = read_audiences(folder / f"{name}_audience.csv")
    people = json.loads((folder / f"{name}_truth.json").read_text(encoding="utf-8"))["universe"]
    for _, found in scores(name, audiences, people, every=2):
        check(found)


@pytest.mark.parametrize(("kind", "part"), [("blocks", 0.4), ("copied", 0.15), ("power", 0.4)])
def test_plans_of_unseen_audiences_of_40_creators_reach_nearly_the_most_there_is(
    kind: str, part: float
) -> None:
    audiences = KINDS[kind](40, 1)
    check(score(audiences, PEOPLE, [1.0] * 40, 8))
    prices = varied_prices(audiences)
    check(score(audiences, PEOPLE, prices, part * sum(prices)))


@pytest.mark.parametrize(("seed", "part", "segments"), [(1, 0.4, 20), (2, 0.15, 15)])
def test_no_better_plan_is_cut_off_by_the_solver(seed: int, part: float, segments: int) -> None:
    """With columns of reach that had no upper bound, HiGHS called plans proven that reached 94 % of the most."""
    audiences = copied(40, seed)
    prices = varied_prices(audiences)
    check(score(audiences, PEOPLE, prices, part * sum(prices), segments))


def test_columns_of_reach_have_upper_bounds_that_every_plan_keeps() -> None:
    audiences = copied(6, 1)
    program = program_of(scenario(audiences, PEOPLE, [1.0] * 6, 6, 3))
    (goal,) = program.scenario.objective
    criterion = ReachCriterion(program.reaching_goal(goal), sets_objective=True)
    columns = criterion.extra(0, whole=True)
    assert all(np.isfinite(column.upper) for column in columns)
    values = criterion.start(np.ones(program.packages.columns))
    assert all(value <= column.upper for value, column in zip(values, columns, strict=True))


@pytest.mark.parametrize("kind", ["blocks", "power"])
def test_plans_of_unseen_audiences_of_150_creators_reach_nearly_the_most_there_is(kind: str) -> None:
    check(score(KINDS[kind](150, 1), PEOPLE, [1.0] * 150, 15))


@pytest.mark.parametrize("kind", KINDS)
def test_random_plans_of_unseen_audiences_are_estimated_within_two_percent(kind: str) -> None:
    audiences = {name: {str(m) for m in members} for name, members in KINDS[kind](40, 3).items()}
    pairs = Pairs(PEOPLE, audiences, 1.0)
    found = pairs.fitted()
    errors = [
        pairs.estimate(found, plan) / len(set().union(*(audiences[n] for n in plan))) - 1
        for size in (2, 3, 5, 10, 20)
        for plan in random_plans(audiences, size, 100)
    ]
    assert abs(float(np.median(errors))) < 0.02
