"""Numbers changed the short way give the scenario, the columns, the rows and the errors of `with_changes`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import Scenario, ScenarioError, load_scenario
from optimizer.program.audiences import Audiences
from optimizer.program.levers import fee_lever, limit_levers, rate_lever
from optimizer.program.program import program_of
from optimizer.program.varied import varied
from tests.builders import offer, scenario
from tests.random_scenarios import random_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"


def either(change: Callable[[dict[str, Any]], Scenario], changes: dict[str, Any]) -> Scenario | set[str]:
    """The changed scenario, or what is wrong with it."""
    try:
        return change(changes)
    except ScenarioError as error:
        return {problem.message for problem in error.problems}


def assert_same_reach(one: Audiences | None, two: Audiences | None) -> None:
    assert (one is None) == (two is None)
    if one is None or two is None:
        return
    assert one.models == two.models
    assert one.segments.names == two.segments.names
    assert (one.persons, one.overlap, one.measured) == (two.persons, two.overlap, two.measured)
    for mine, theirs in (
        (one.segments.people, two.segments.people),
        (one.segments.shares, two.segments.shares),
        (one.alone, two.alone),
        (one.index, two.index),
    ):
        np.testing.assert_array_equal(mine, theirs)


def assert_alike(asked: Scenario, changes: dict[str, Any]) -> None:
    expected = either(asked.with_changes, changes)
    found = either(lambda changed: varied(asked, changed), changes)
    if not isinstance(expected, Scenario) or not isinstance(found, Scenario):
        assert found == expected
        return
    assert found == expected
    assert found.sha256() == expected.sha256()
    one, two = program_of(found), program_of(expected)
    assert one.packages.terms == two.packages.terms
    for measure, values in two.packages.measures.items():
        np.testing.assert_array_equal(one.packages.measures[measure], values)
    assert_same_reach(one.reach, two.reach)
    for mine, theirs in zip(one.rows, two.rows, strict=True):
        assert (mine.name, mine.lower, mine.upper) == (theirs.name, theirs.lower, theirs.upper)
        np.testing.assert_array_equal(mine.coefficients, theirs.coefficients)


@pytest.mark.parametrize("seed", [0, 3, 9, 24, 54, 120, 268])
def test_a_changed_number_is_the_same_either_way(seed: int) -> None:
    asked = Scenario.model_validate(random_scenario(seed))
    for lever in limit_levers(program_of(asked)):
        for number in (0.5 * lever.number, lever.number + 1, 3 * lever.number):
            assert_alike(asked, lever.change(number))
    for index in range(len(asked.offers)):
        for lever in (fee_lever(asked, index), rate_lever(asked, index)):
            if lever is not None:
                assert_alike(asked, lever.change(1.07 * lever.number))
                assert_alike(asked, lever.change(0.0))


def test_benchmarks_currencies_and_chains_of_changes_are_the_same_either_way() -> None:
    launch = load_scenario(SCENARIOS / "launch-us.yaml")
    for changes in (
        {"budget": 80_000},
        {"budget": None},
        {"offers[0].cost_per_post": [50, 60, 70], "effort_hours": 100},
        {"offers[1].followers": 44_000},
        {"offers[2].creators.max": 3, "offers[2].creators.min": 3, "solver.time_limit": 5},
        {"limits": []},
    ):
        assert_alike(launch, dict(changes))
        assert_alike(varied(launch, {"offers[0].engagement_rate": 0.05}), dict(changes))


def test_what_is_wrong_is_said_as_with_changes_says_it() -> None:
    asked = scenario(
        budget=100,
        objective="engagements",
        offers=[offer("a", 10, engagements_per_post=5, most=5)],
        limits=[{"name": "few", "measure": "creators", "min": 2, "max": 2}],
    )
    for wrong in (
        {"limits[0].min": 3},
        {"offers[0].creators.min": 9},
        {"offers[0].cost_per_post": -1},
        {"offers[7].cost_per_post": 1},
        {"offers[0].no_such_field": 1},
        {"limits[0].max": "20% of nothing"},
        {"budget": -5},
    ):
        assert_alike(asked, dict(wrong))
    assert varied(asked, {}) is asked
