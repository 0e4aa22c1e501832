"""What a plan's numbers are made of, read back from the plan alone, is what the optimizer worked with."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from optimizer import Plan, Scenario, optimize
from optimizer.program.program import program_of
from optimizer.report.workbook.plan_numbers import plan_numbers
from tests.builders import scenario
from tests.random_scenarios import random_scenario
from tests.stories import PLANNED, plan
from tests.workbooks import hostile, set_up

SEEDS = (2, 3, 21, 58, 9003)
every_plan = pytest.mark.parametrize("case", [*PLANNED, "set up", "hostile", *SEEDS])


@cache
def planned(case: str | int) -> Plan:
    """Where a test asks for it: every process that collects tests would plan them all."""
    if isinstance(case, int):
        return optimize(scenario(**random_scenario(case)))
    return {"set up": set_up, "hostile": hostile}.get(case, lambda: plan(case))()


@every_plan
def test_limits_are_spelled_out_as_the_solver_had_them(case: str | int) -> None:
    made = planned(case)
    program = program_of(Scenario.model_validate(made.inputs))
    found = plan_numbers(made).limits
    assert [limit.result.name for limit in found] == [rule.name for rule in program.rules]
    names = np.array([terms.name for terms in program.packages.terms])
    for limit, rule in zip(found, program.rules, strict=True):
        counted = names[program.packages.offer[rule.columns[: program.packages.count]]]
        assert limit.offers == frozenset(counted)
        assert limit.everything == (len(limit.offers) == len(names))
        assert (limit.minimum, limit.maximum) == (rule.minimum, rule.maximum)
        assert (limit.per_creator, limit.where) == (rule.per_creator, rule.where)
        assert limit.or_none == rule.or_none


@every_plan
def test_numbers_are_those_the_solver_had(case: str | int) -> None:
    made = planned(case)
    program = program_of(Scenario.model_validate(made.inputs))
    found = plan_numbers(made)
    assert list(found.offers) == [terms.name for terms in program.packages.terms]
    for terms in program.packages.terms:
        own = found.offers[terms.name]
        for field in terms.numbers:
            assert own.numbers[field].value == pytest.approx(terms.get(field), rel=1e-12)
        assert own.weight == (None if terms.weight is None else pytest.approx(terms.weight, rel=1e-12))
        assert own.discounts == dict(terms.bundle_discount)
        assert own.creators == (terms.creators_min, terms.creators_max)
        assert own.posts == (terms.posts.start, terms.posts.stop - 1)


def test_fees_measures_and_dates_are_known() -> None:
    found = plan_numbers(set_up())
    assert (found.agency, found.contingency, found.per_post, found.dates) == (
        0.12,
        0.03,
        frozenset({"videos"}),
        None,
    )
    dated = plan("quickstart", "dates={start: 2026-03-01, end: 2026-04-30}")
    assert plan_numbers(dated).dates == ("2026-03-01", "2026-04-30")
