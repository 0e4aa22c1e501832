"""Questions about reach over segments and persons: each answer held against every plan, or against planning again."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from optimizer import (
    Scenario,
    ScenarioError,
    alternatives,
    compare,
    explain,
    frontier,
    goal,
    optimize,
    parse_scenario,
    replan,
    safety,
    stress,
)  # fmt: skip
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.saved import read_plan
from optimizer.program.draws import Draws
from optimizer.program.program import program_of
from optimizer.solve.answer import linear_program
from tests.by_segments import cost_of, plans, random_scenario, reach_of

NEAR = 2e-6


def some(name: str, *, persons: bool = True, **more: Any) -> dict[str, Any]:
    return random_scenario(random.Random(name), segments=2, persons=persons) | more


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_the_goal_of_reach_costs_what_the_cheapest_of_all_plans_does(name: str) -> None:
    data = some(f"goal {name}")
    program = program_of(Scenario(**data))
    wanted = 0.6 * max(reach_of(data, program, plan) for plan in plans(program))
    found = goal(Scenario(**data), {"reach": wanted}, draws=0)
    cheapest = min(cost_of(program, p) for p in plans(program) if reach_of(data, program, p) >= wanted)
    assert found.plan.totals.cost == pytest.approx(cheapest, abs=0.01)


def test_alternatives_keep_their_share_of_the_people_and_find_each_end() -> None:
    data = some("alternatives", persons=False)
    found = alternatives(Scenario(**data), within=0.1)
    program = program_of(Scenario(**data))
    allowed = [plan for plan in plans(program) if cost_of(program, plan) <= data["budget"]]
    floor = 0.9 * max(reach_of(data, program, plan) for plan in allowed)
    near = [plan for plan in allowed if reach_of(data, program, plan) >= floor]
    assert found.objective.floor == pytest.approx(floor, rel=NEAR)
    assert all(a.plan.totals.reach >= floor * (1 - NEAR) for a in found.plans)
    for group in (group for group in found.groups if group.kind == "offer"):
        mine = [p for p in range(program.packages.count) if program.packages.key(p)[0] == group.name]
        booked = [sum(plan[p] for p in mine) for plan in near]
        assert (group.creators.least.value, group.creators.most.value) == (min(booked), max(booked))


def test_the_local_rate_of_the_budget_is_what_a_little_more_brings() -> None:
    data = some("rate", solver={"gap": 0})
    found = explain(Scenario(**data), sections=["prices"])
    (price,) = [price for price in found.prices if price.name == "budget"]
    step = 0.01
    at = [
        linear_program(program_of(Scenario(**data | {"budget": data["budget"] + by}))).value
        for by in (-step, step)
    ]
    assert price.local_price == pytest.approx((at[1] - at[0]) / (2 * step), rel=1e-2)
    for point in price.points:
        again = optimize(Scenario(**data | {"budget": point.number}), draws=0)
        assert point.value == pytest.approx(again.totals.reach, rel=NEAR)


def test_the_linear_program_is_a_bound_and_falls_short_of_the_contacts_added_up() -> None:
    data = some("bound")
    program = program_of(Scenario(**data))
    best = max(reach_of(data, program, p) for p in plans(program) if cost_of(program, p) <= data["budget"])
    found = linear_program(program)
    assert found.value >= best * (1 - 1e-9)
    assert found.value <= float(program.goal_values(program.scenario.objective[0]) @ found.solution.values)


def test_a_frontier_has_the_plan_of_each_budget() -> None:
    data = some("frontier")
    budgets = [data["budget"] * by for by in (0.5, 1.0, 1.5)]
    over = f"budget={','.join(f'{b:g}' for b in budgets)}"
    points = frontier(Scenario(**data), over).points
    again = [optimize(Scenario(**data | {"budget": b}), draws=0).totals.reach for b in budgets]
    assert [p.value for p in points if p.value is not None][-3:] == pytest.approx(again, rel=NEAR)


def test_comparing_tells_which_shares_differ_and_who_is_a_person() -> None:
    one = some("compare")
    two = {**one, "offers": [dict(offer) for offer in one["offers"]]}
    two["offers"][0]["segments"] = {"s0": 0.1, "s1": 0.1}
    del two["offers"][1]["person"]
    found = compare([Scenario(**one), Scenario(**two)], draws=0)
    said = {line.label: line.values for line in found.inputs}
    assert said["segments of o0"][1] == "s0: 10 %, s1: 10 %"
    assert said["offer o1"] == ("micro by Kim Vale", "micro")


def test_replanning_keeps_what_is_signed_within_the_share() -> None:
    data = some("replan", persons=False)
    old = optimize(Scenario(**data), draws=0)
    more = Scenario(**data | {"budget": data["budget"] * 1.4})
    found = replan(old, more, within=0.05, draws=0)
    best = optimize(more, draws=0).totals.reach
    assert found.best == pytest.approx(best, rel=NEAR)
    assert found.plan.totals.reach >= 0.95 * best * (1 - NEAR)
    assert found.dropped + found.added <= found.changes_at_best + 1e-9


def test_draws_count_a_person_once_and_each_segment_by_itself() -> None:
    """Two offers of one person, each delivered in half of the cases: nobody, one of them, or the larger of both."""
    offer = {
        "followers": 10_000,
        "reach_rate": 1.0,
        "completion": 0.5,
        "creators": {"max": 1},
        "person": "Kim Vale",
    }
    data = {
        "objective": "reach",
        "audience": {"segments": {"x": 100_000, "y": 50_000}},
        "offers": [
            {**offer, "name": "a", "segments": {"x": 0.6, "y": 0.2}},
            {**offer, "name": "b", "segments": {"x": 0.3, "y": 0.5}},
        ],
    }
    program = program_of(Scenario(**data))
    drawn = Draws(program.varying, np.array([1.0, 1.0]), 40_000)
    x, y, both = (np.round(drawn.reach(segments=names)) for names in (["x"], ["y"], []))
    assert np.allclose(x + y, both)
    cases = {(0.0, 0.0): 0.25, (6000.0, 2000.0): 0.25, (3000.0, 5000.0): 0.25, (6000.0, 5000.0): 0.25}
    assert set(zip(x.tolist(), y.tolist(), strict=True)) == set(cases)
    for (one, other), share in cases.items():
        assert np.mean((x == one) & (y == other)) == pytest.approx(share, abs=0.01)


def test_a_plan_without_ranges_is_reached_in_every_draw() -> None:
    data = some("drawn")
    plan = optimize(Scenario(**data))
    program = program_of(Scenario(**data))
    drawn = Draws(program.varying, columns_of_plan(program, plan), 100)
    assert drawn.reach() == pytest.approx(plan.totals.reach, rel=1e-9)
    for one in plan.segments:
        assert drawn.reach(segments=[one.name]) == pytest.approx(one.reached, rel=1e-9)


def test_a_range_of_reach_in_one_segment_is_that_of_the_objective() -> None:
    data = some("one segment", persons=False, objective={"maximize": "reach", "segment": "s0"})
    for offer in data["offers"]:
        offer["reach_rate"] = [offer["reach_rate"] * by for by in (0.5, 1.0, 1.1)]
    plan = optimize(Scenario(**data))
    assert plan.risk.objective.p50 == pytest.approx(plan.risk.distribution[49])
    assert plan.risk.objective.p90 < plan.risk.measures["reach"].p90
    assert plan.objective.asked == "maximize reach in s0"


def test_less_of_every_audience_on_target_and_a_larger_audience_move_each_segment() -> None:
    data = some("stress", persons=False)
    plan = optimize(Scenario(**data), draws=0)
    found = stress(plan, ["on_target x0.5", "people x2"])
    people = {name: 2 * size for name, size in data["audience"]["segments"].items()}
    doubled = {**data, "audience": {**data["audience"], "segments": people}}
    shares = [{name: share / 2 for name, share in offer["segments"].items()} for offer in data["offers"]]
    offers = [{**offer, "segments": half} for offer, half in zip(data["offers"], shares, strict=True)]
    halved = {**data, "offers": offers}
    for case, changed in zip(found.cases, (halved, doubled), strict=True):
        program = program_of(Scenario(**changed))
        booked = tuple(int(n) for n in columns_of_plan(program, plan)[: program.packages.count])
        assert case.booked.value == pytest.approx(reach_of(changed, program, booked), rel=1e-9)


def test_a_saved_plan_is_read_again_and_a_changed_segment_is_found() -> None:
    plan = optimize(Scenario(**some("saved")), draws=0)
    text = plan.model_dump_json()
    assert read_plan(text, "plan.json") == plan
    first, second = plan.segments
    wrong = plan.model_copy(update={"segments": (first.model_copy(update={"reached": 1.0}), second)})
    with pytest.raises(ScenarioError, match=r"segments\[0\].reached"):
        read_plan(wrong.model_dump_json(), "plan.json")


def test_what_is_reached_over_segments_cannot_be_promised() -> None:
    with pytest.raises(ScenarioError, match="nothing can be promised about it"):
        safety(Scenario(**some("safety")))


def test_a_stopped_search_says_how_far_it_may_be_from_the_best() -> None:
    from tests.speed.reach import case

    scenario = case(100, 15, 1)
    plan = optimize(scenario.with_changes({"solver.time_limit": 0.4, "solver.gap": 0}), draws=0)
    assert plan.totals.cost <= scenario.budget
    assert plan.objective.bound is None or plan.objective.bound >= plan.objective.value


def test_a_country_is_its_segment_and_others_are_spread_by_size() -> None:
    scenario = parse_scenario(
        "objective: reach\n"
        "audience: {segments: {Italy: 1M, ID: 3M}}\n"
        "offers:\n"
        "  - {name: a, country: IT, on_target: 80%, followers: 100k, reach_rate: 50%, creators: {max: 1}}\n"
        "  - {name: b, country: VN, followers: 100k, reach_rate: 50%, creators: {max: 1}}\n"
    )
    program = program_of(scenario)
    assert program.reach.alone.tolist() == [[40_000, 12_500], [0, 37_500]]
    codes = [flag.code for flag in optimize(scenario).flags]
    assert codes.count("segments-assumed") == 2
