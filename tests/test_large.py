"""Scenarios of very many creators: planned by prices, with the same answer as whole, and everything around it works."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer import InfeasibleError, Plan, Scenario, optimize
from optimizer.plan.saved import read_plan
from optimizer.program.program import program_of
from optimizer.report.formats import text
from optimizer.solve import ask, large
from optimizer.solve.bookable import bookings_of
from optimizer.solve.exact import best_for
from optimizer.solve.large import as_roster, choice_of, columns_of, search_large, why_not
from optimizer.solve.model import Extra
from optimizer.solve.question import Found, NoPlanError, Question
from optimizer.solve.search import search_plain
from optimizer.solve.verify import verify
from tests.builders import offer, roster, scenario
from tests.roster_arrays import dense
from tests.test_published import ROSTER, needs_shared_data, shared_cases


def creators(number: int, seed: int = 1, **more: Any) -> dict[str, Any]:
    """A scenario of so many creators, one to three posts each, under seven rows."""
    rng = np.random.default_rng(seed)
    offers = []
    for i in range(number):
        followers = round(float(np.exp(rng.normal(10.5, 1.0))))
        offers.append(
            offer(
                f"creator {i}",
                round(0.3 * followers**0.8 * float(np.exp(rng.normal(0, 0.4))), 2),
                followers=followers,
                platform=("instagram", "tiktok", "youtube")[i % 3],
                country=str(rng.choice(["IT", "DE", "FR", "ES"])),
                engagement_rate=round(float(min(0.4, np.exp(rng.normal(-3.5, 0.5)))), 5),
                reach_rate="20%",
                hours_per_creator=round(float(rng.uniform(2, 8)), 1),
                hours_per_post=round(float(rng.uniform(0.5, 2)), 1),
                repeat_decay="10%",
                most=1,
                posts_per_creator={"min": 1, "max": 3},
            )
        )
    booked = max(5, number // 10)
    return {
        "budget": 3_000 * booked,
        "effort_hours": 12 * booked,
        "objective": "engagements",
        "limits": [
            {"measure": "cost", "per": "platform", "min": "15% of cost"},
            {"measure": "creators", "where": {"country": "IT"}, "min": booked // 6},
            {"measure": "cost", "where": {"country": "DE"}, "max": "30% of budget"},
        ],
        "offers": offers,
        **more,
    }


def question_of(plan: Scenario, **more: Any) -> Question:
    program = program_of(plan)
    goal = plan.objective[0]
    return Question(program, program.goal_values(goal), goal.sense == "maximize", gap=plan.gap, **more)


def by_prices(plan: Scenario, **more: Any) -> Found:
    found = search_large(question_of(plan, **more), 60.0)
    assert found is not None
    return found


@pytest.fixture
def any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prices for scenarios of any size."""
    monkeypatch.setattr(ask, "LARGE", 0)


@pytest.fixture(scope="module")
def planned() -> Plan:
    """Nearly four thousand packages."""
    return optimize(scenario(**creators(1_300), solver={"gap": 1e-4}))


def test_very_many_creators_are_proven_by_prices_and_the_certificate_says_so(planned: Plan) -> None:
    assert planned.status == "optimal"
    assert planned.objective.gap is not None
    assert planned.objective.gap <= 1e-4
    assert (planned.solver.checked.prices, planned.solver.checked.creators) == (7, 1_300)
    assert "checked: prices of 7 limits; bound over all 1,300 creators" in text(planned)
    assert all(limit.slack is None or limit.slack >= 0 for limit in planned.limits)


def test_prices_and_the_whole_program_agree_to_the_gap(planned: Plan) -> None:
    whole = search_plain(question_of(scenario(**creators(1_300), solver={"gap": 1e-4})), 120.0)
    assert whole.bound is not None
    assert planned.objective.bound is not None
    assert planned.objective.bound >= whole.value * (1 - 1e-12)
    assert planned.objective.value >= whole.value * (1 - 1.1e-4)
    assert planned.objective.value <= whole.bound * (1 + 1e-12)


def test_such_a_plan_can_be_saved_and_read(planned: Plan) -> None:
    again = read_plan(planned.model_dump_json(), "plan.json")
    assert again.solver.checked == planned.solver.checked


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("seed", range(6))
def test_small_scenarios_reach_the_same_optimum_by_prices(seed: int) -> None:
    case = scenario(**creators(40, seed))
    found = by_prices(case)
    truth = search_plain(question_of(case), 60.0)
    assert found.value == pytest.approx(truth.value, rel=1e-9)
    assert found.bound is not None
    assert found.bound >= truth.value * (1 - 1e-12)
    assert found.proven
    terms = program_of(case).packages.terms
    assert not verify(case, terms, bookings_of(program_of(case), found.columns)).violations


@pytest.mark.parametrize("name", ROSTER["caps"])
def test_the_published_roster_under_two_caps(name: str) -> None:
    caps = ROSTER["caps"][name]
    found = by_prices(Scenario.model_validate(roster(ROSTER["creators"], caps)))
    assert (found.value, found.proven) == (caps["engagements"], True)
    assert found.bound == pytest.approx(caps["engagements"], rel=1e-9)


@needs_shared_data
def test_every_shared_roster_under_two_caps() -> None:
    cases = [case for case in shared_cases() if case[0].startswith("roster ")]
    assert len(cases) >= 4
    for name, data, optimum in cases:
        found = by_prices(Scenario.model_validate(data))
        assert (name, found.value, found.proven) == (name, pytest.approx(optimum, rel=1e-9), True)


def test_a_minimum_is_found_too() -> None:
    data = creators(200) | {"objective": {"minimize": "cost"}}
    data["limits"] = [{"measure": "engagements", "min": 40_000}, {"measure": "creators", "min": 10}]
    case = scenario(**data, solver={"gap": 1e-4})
    found = by_prices(case)
    truth = search_plain(question_of(case), 60.0)
    assert found.bound is not None
    assert found.bound <= truth.value * (1 + 1e-12) <= found.value * (1 + 1e-12)
    assert found.value <= truth.value * (1 + 1.1e-4)


@pytest.mark.usefixtures("any_size")
def test_no_plan_is_proven_by_prices_and_then_explained() -> None:
    data = creators(60)
    data["limits"] = [{"measure": "creators", "where": {"country": "IT"}, "min": 40}]
    with pytest.raises(NoPlanError):
        search_large(question_of(scenario(**data)), 10.0)
    with pytest.raises(InfeasibleError, match="creators"):
        optimize(scenario(**data))


def test_a_creator_who_must_be_booked_is_and_one_left_out_is_not() -> None:
    data = creators(60)
    data["offers"][7]["creators"] = {"min": 1, "max": 1}
    data["offers"][8]["creators"] = {"max": 0}
    data["limits"].append({"measure": "cost", "per": "creator", "max": 4_000})
    case = scenario(**data)
    asked = as_roster(question_of(case))
    assert not isinstance(asked, str)
    program = program_of(case)
    dear = np.flatnonzero(program.packages.measures["cost"] > 4_000)
    assert len(dear)
    assert np.isneginf(asked.roster.value[:, 8]).all()
    found = by_prices(case)
    truth = search_plain(question_of(case), 60.0)
    assert found.value == pytest.approx(truth.value, rel=1e-9)
    assert not found.columns[dear].any()
    assert found.columns[program.packages.offer == 7].sum() == 1


def test_the_arrays_are_the_rows_of_the_scenario() -> None:
    case = scenario(**creators(30))
    question = question_of(case)
    asked = as_roster(question)
    assert not isinstance(asked, str)
    assert any(not isinstance(family.row, int) for family in asked.roster.families)  # shared by rows apart
    assert len(asked.roster.families) < len(asked.rows)
    table = dense(asked.roster)
    packages = question.program.packages
    for number, row in enumerate(question.program.rows):
        for p in range(packages.count):
            k = int(packages.posts[p]) - 1
            assert table[number, k, packages.offer[p]] == row.coefficients[p]
    columns = np.zeros(packages.count)
    columns[[4, 30]] = 1.0
    assert np.array_equal(columns_of(question, choice_of(question, columns)), columns)


def test_the_plan_is_made_lean_and_neighbours_can_be_asked_for(any_size: None) -> None:
    twins = [
        offer(name, cost, engagements_per_post=10, hours_per_creator=1, most=1)
        for name, cost in (("dear", 90), ("cheap", 50), ("middle", 70))
    ]
    case = scenario(budget=100, objective="engagements", offers=twins)
    assert [line.offer for line in optimize(case).lines] == ["cheap"]
    program = program_of(case)
    best = best_for(program, program.packages.measures["cost"], maximize=True, seconds=10.0)
    assert (best.value, best.checked.creators) == (90.0, 3)


# --- what it cannot take goes to the solver whole, with the reason ---


def two(**fields: Any) -> list[dict[str, Any]]:
    usual = {"engagements_per_post": 5, "hours_per_creator": 1, "most": 1}
    return [offer(name, 10, **usual | fields) for name in ("a", "b")]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"offers": two(most=2)}, "room for more than one"),
        ({"offers": two(setup_cost=5)}, "once for several packages"),
        ({"offers": two(), "solver": {"whole_creators": False}}, "fractions"),
        ({"offers": two(), "solver": {"name": "cbc"}}, "another solver"),
        (
            {"offers": two(), "limits": [{"measure": "cost", "per": "creator", "max": "60% of cost"}]},
            "once for several packages",
        ),
        (
            {"offers": two(engagements_per_post=[3, 5, 8]),
             "objective": {"maximize": "engagements", "confidence": "90%"}},
            "confidence",
        ),
        (
            {"offers": [offer(f"{i}", 1, engagements_per_post=1, most=1, posts_per_creator={"max": 1 if i else 100})
                        for i in range(12)]},
            "more packages",
        ),
    ],
)  # fmt: skip
def test_what_prices_cannot_take_is_said(data: dict[str, Any], reason: str) -> None:
    case = scenario(**{"budget": 100, "objective": "engagements"} | data)
    question = question_of(case)
    question = replace(question, sure=question.program.sure_goal(case.objective[0]))
    assert reason in why_not(question)
    assert search_large(question, 10.0) is None


def test_a_question_with_columns_of_its_own_goes_to_the_solver_whole() -> None:
    question = replace(
        question_of(scenario(budget=100, objective="engagements", offers=two())), extra=(Extra("t"),)
    )
    assert "columns of its own" in why_not(question)
    assert why_not(replace(question, extra=())) == ""


@pytest.mark.usefixtures("any_size")
def test_where_prices_find_no_plan_the_solver_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    case = scenario(budget=100, objective="engagements", offers=two())
    monkeypatch.setattr(large, "planned_for", lambda *_: replace(found, status="not_known", bound=None))
    asked = as_roster(question_of(case))
    assert not isinstance(asked, str)
    found = large.plan_roster(asked.roster, gap=0.0, seconds=5)
    assert search_large(question_of(case), 10.0) is None
    plan = optimize(case)
    assert (plan.objective.value, plan.solver.checked.prices) == (10.0, 0)
