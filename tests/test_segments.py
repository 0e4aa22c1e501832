"""Reach over segments and persons: the best plan is the best of all plans, counted one by one."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import pytest

from optimizer import InfeasibleError, Scenario, optimize, save_lp
from optimizer.plan.saved import columns_of_plan
from optimizer.program.program import program_of
from optimizer.solve.curved import ReachCriterion
from optimizer.solve.search import recounted_reach
from tests.by_segments import cost_of, plans, random_scenario, reach_of
from tests.quiet_highs import quiet_highs

NEAR = 2e-6
"""Relative; what is solved by cuts to a gap of 0 is solved to 1e-6 of it."""
MANY = range(12)


@pytest.fixture(params=["each", "together"])
def solved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Segments solved for each by itself, as a few are, and all together, as very many are."""
    if request.param == "together":
        monkeypatch.setattr("optimizer.solve.summed.MANY", 2)
    return str(request.param)


both_ways = pytest.mark.usefixtures("solved")


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


@both_ways
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


@both_ways
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


@both_ways
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


@both_ways
@pytest.mark.parametrize("seed", range(8))
def test_a_floor_or_none_of_some_offers_over_segments_is_kept_or_nobody_of_them_is_booked(seed: int) -> None:
    rng = random.Random(f"or none {seed}")
    data = random_scenario(rng, segments=2, persons=seed % 2 == 1)
    program = program_of(Scenario(**data))
    alone = max(reach_of(data, program, plan, of="o0") for plan in plans(program))
    least = alone * rng.uniform(0.5, 1.2)
    data["limits"] = [{"measure": "reach", "where": {"name": "o0"}, "min": least, "or_none": True}]
    found = optimize(Scenario(**data), draws=0)
    best = max(
        reach_of(data, program, plan)
        for plan in plans(program)
        if cost_of(program, plan) <= data["budget"]
        and (not (of_o0 := reach_of(data, program, plan, of="o0")) or of_o0 >= least)
    )
    assert found.totals.reach == pytest.approx(best, rel=NEAR, abs=1e-6)


@both_ways
@pytest.mark.parametrize("seed", range(8))
def test_a_second_objective_gives_up_no_more_reach_than_was_allowed(seed: int) -> None:
    rng = random.Random(f"second {seed}")
    data = random_scenario(rng, segments=3, persons=seed % 2 == 1)
    data["objective"] = [{"maximize": "reach", "within": 0.1}, {"minimize": "cost"}]
    found = optimize(Scenario(**data), draws=0)
    program = program_of(Scenario(**data))
    allowed = [plan for plan in plans(program) if cost_of(program, plan) <= data["budget"]]
    floor = 0.9 * max(reach_of(data, program, plan) for plan in allowed)
    cheapest = min(cost_of(program, p) for p in allowed if reach_of(data, program, p) >= floor * (1 + 1e-6))
    least = min(cost_of(program, p) for p in allowed if reach_of(data, program, p) >= floor * (1 - 1e-5))
    assert least - 1e-6 <= found.totals.cost <= cheapest + 1e-6
    assert found.totals.reach >= floor * (1 - 1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_reach_of_one_segment_of_several_is_maximised_and_capped_exactly(seed: int) -> None:
    rng = random.Random(f"one of several {seed}")
    data = random_scenario(rng, segments=2)
    program = program_of(Scenario(**data))
    allowed = [plan for plan in plans(program) if cost_of(program, plan) <= data["budget"]]
    most = max(reach_of(data, program, plan, only="s1") for plan in allowed)
    data["objective"] = {"maximize": "reach", "segment": "s0"}
    data["limits"] = [{"measure": "reach", "segment": "s1", "max": most * 0.6}]
    found = optimize(Scenario(**data), draws=0)
    best = max(
        reach_of(data, program, plan, only="s0")
        for plan in allowed
        if reach_of(data, program, plan, only="s1") <= most * 0.6
    )
    assert found.objective.value == pytest.approx(best, rel=1e-9, abs=1e-6)
    assert found.objective.segments == ("s0",)


@pytest.mark.parametrize("seed", range(6))
def test_with_fractions_of_creators_no_whole_plan_reaches_more(seed: int) -> None:
    data = random_scenario(random.Random(f"fractions {seed}"), segments=2, persons=seed % 2 == 1)
    program = program_of(Scenario(**data))
    best = max(reach_of(data, program, p) for p in plans(program) if cost_of(program, p) <= data["budget"])
    data["solver"] = {"whole_creators": False, "gap": 1e-5}
    found = optimize(Scenario(**data), draws=0)
    assert found.status == "optimal"
    assert found.totals.reach >= best * (1 - 1e-5)
    assert found.totals.cost <= data["budget"] * (1 + 1e-6)
    assert found.objective.bound <= found.objective.value * (1 + 2e-5)


@pytest.mark.parametrize("seed", range(6))
def test_a_confidence_on_cost_and_reach_over_segments_hold_together(seed: int) -> None:
    """What is sure of the budget reaches no more than the same without, and keeps its floors."""
    rng = random.Random(f"sure {seed}")
    data = random_scenario(rng, segments=2)
    for offer in data["offers"]:
        offer["cost_per_post"] = [offer["cost_per_post"] * by for by in (0.8, 1.0, 1.6)]
    typical = optimize(Scenario(**data), draws=0)
    floor = typical.segments[0].reached * 0.3
    data |= {"budget": {"max": data["budget"], "confidence": 0.9}, "solver": {"gap": 1e-3}}
    data["limits"] = [{"measure": "reach", "segment": ["s0", "s1"], "min": floor}]
    sure = optimize(Scenario(**data))
    assert sure.status == "optimal"
    assert sure.totals.reach <= typical.totals.reach * (1 + 2e-6)
    assert sure.totals.reach >= floor
    assert sure.risk.chances[0].chance >= 0.88


def test_one_segment_is_the_audience_to_the_last_digit() -> None:
    one = random_scenario(random.Random(4), segments=1)
    whole: dict[str, Any] = {**one, "audience": {"people": one["audience"]["segments"]["s0"], "overlap": 0.3}}
    one["audience"]["overlap"] = 0.3
    whole["offers"] = [
        {**{k: v for k, v in offer.items() if k != "segments"}, "on_target": offer["segments"]["s0"]}
        for offer in one["offers"]
    ]
    named, plain = (optimize(Scenario(**data), draws=0) for data in (one, whole))
    assert named.totals == plain.totals
    assert named.lines == plain.lines
    assert named.objective == plain.objective
    assert named.audience == plain.audience
    assert [s.reached for s in named.segments] == [plain.totals.reach]


@pytest.mark.parametrize("seed", range(4))
def test_two_equal_halves_with_equal_shares_change_nothing(seed: int) -> None:
    one = random_scenario(random.Random(f"halves {seed}"), segments=1, persons=seed % 2 == 1)
    people = one["audience"]["segments"]["s0"]
    halves: dict[str, Any] = {
        **one,
        "audience": {**one["audience"], "segments": {"x": people / 2, "y": people / 2}},
    }
    halves["offers"] = [
        {**offer, "segments": {"x": offer["segments"]["s0"] / 2, "y": offer["segments"]["s0"] / 2}}
        for offer in one["offers"]
    ]
    whole, split = (optimize(Scenario(**data), draws=0) for data in (one, halves))
    assert split.totals.reach == pytest.approx(whole.totals.reach, rel=NEAR)
    assert split.totals.reach_two_or_more == pytest.approx(whole.totals.reach_two_or_more, rel=1e-6, abs=1e-3)
    assert [s.reached for s in split.segments] == pytest.approx([split.totals.reach / 2] * 2, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_more_budget_never_reaches_less(seed: int) -> None:
    data = random_scenario(random.Random(f"more {seed}"), segments=3, persons=True)
    budgets = [data["budget"] * by for by in (0.5, 0.8, 1.0, 1.3, 2.0)]
    reached = [optimize(Scenario(**data | {"budget": b}), draws=0).totals.reach for b in budgets]
    assert all(more >= less * (1 - NEAR) for less, more in itertools.pairwise(reached))


@pytest.mark.parametrize("persons", [False, True])
def test_decimals_count_the_same_reach_segment_by_segment(persons: bool) -> None:
    data = random_scenario(random.Random(f"decimals {persons}"), segments=3, persons=persons)
    plan = optimize(Scenario(**data), draws=0)
    program = program_of(Scenario(**data))
    columns = columns_of_plan(program, plan)
    for one in plan.segments:
        assert recounted_reach(program, columns, [one.name]) == pytest.approx(one.reached, rel=1e-12)
    assert recounted_reach(program, columns, []) == pytest.approx(plan.totals.reach, rel=1e-12)


def test_an_infeasible_floor_by_segment_names_it_the_most_there_is_and_a_way_out() -> None:
    data = random_scenario(random.Random("infeasible"), segments=2)
    data.pop("budget")
    program = program_of(Scenario(**data | {"budget": 1e6}))
    most = max(reach_of(data, program, plan) for plan in plans(program))
    data |= {"objective": {"minimize": "cost"}, "limits": [{"measure": "reach", "min": most * 1.05}]}
    with pytest.raises(InfeasibleError) as caught:
        optimize(Scenario(**data), draws=0)
    error = caught.value
    assert [one.name for one in error.conflict] == ["reach"]
    assert f"at most {most:,.1f} people" in str(error)
    (way,) = [way for way in error.ways_out if way.possible]
    turned = float(way.turned[0].after)
    assert most * 0.99 <= turned <= most
    optimize(Scenario(**data).with_changes(way.turned[0].changes), draws=0)


def test_the_program_that_is_saved_has_the_plan_as_its_answer(tmp_path: Path) -> None:
    data = random_scenario(random.Random("lp"), segments=2)
    plan = optimize(Scenario(**data), draws=0)
    file = tmp_path / "plan.lp"
    save_lp(Scenario(**data), file)
    solver = quiet_highs()
    solver.readModel(str(file))
    solver.run()
    assert -solver.getInfo().objective_function_value == pytest.approx(plan.totals.reach, rel=1e-5)


def test_every_plan_that_differs_by_one_booking_is_looked_at() -> None:
    data = random_scenario(random.Random("neighbours"), segments=2)
    plan = optimize(Scenario(**data), draws=0)
    assert plan.solver.checked.changes > 0
    assert plan.solver.checked.opinions == 2


@pytest.mark.parametrize("seed", range(4))
def test_a_limit_on_what_each_creator_reaches_of_a_segment_leaves_the_others_out(seed: int) -> None:
    data = random_scenario(random.Random(f"each {seed}"), segments=2)
    program = program_of(Scenario(**data))
    alone = [float(n) for n in program.reach.alone[1]]
    most = sorted(alone)[len(alone) // 2]
    data["limits"] = [{"measure": "reach", "segment": "s1", "per": "creator", "max": most}]
    found = optimize(Scenario(**data), draws=0)
    best = max(
        reach_of(data, program, plan)
        for plan in plans(program)
        if cost_of(program, plan) <= data["budget"]
        and all(not n or reached <= most for n, reached in zip(plan, alone, strict=True))
    )
    assert found.totals.reach == pytest.approx(best, rel=NEAR, abs=1e-6)


@pytest.mark.parametrize("by", ["worst", "regret"])
def test_a_floor_over_segments_holds_where_the_objective_is_over_stress_cases(by: str) -> None:
    data = random_scenario(random.Random("over"), segments=2, persons=True)
    for offer in data["offers"]:
        offer["measures"] = {"visits": offer["followers"]}
    data["measures"] = {"visits": {"per": "creator"}}
    program = program_of(Scenario(**data))
    allowed = [plan for plan in plans(program) if cost_of(program, plan) <= data["budget"]]
    least = 0.9 * max(reach_of(data, program, plan) for plan in allowed)
    data |= {
        "objective": {"maximize": "visits", "over": "stress", "by": by},
        "stress": {"fewer": "o0 visits x0.2", "none of the next": "o1 visits x0.1"},
        "limits": [{"measure": "reach", "min": least}],
    }
    found = optimize(Scenario(**data), draws=0)
    assert found.status == "optimal"
    assert found.totals.reach >= least * (1 - 1e-12)

    def shown(plan: tuple[int, ...], case: tuple[float, float]) -> float:
        factors = {0: case[0], 1: case[1]}
        per = [data["offers"][int(o)]["followers"] * factors.get(int(o), 1.0) for o in program.packages.offer]
        return sum(n * each for n, each in zip(plan, per, strict=True))

    cases = [(0.2, 1.0), (1.0, 0.1)]
    kept = [plan for plan in allowed if reach_of(data, program, plan) >= least]
    if by == "worst":
        best = max(min(shown(plan, case) for case in cases) for plan in kept)
    else:
        alone = [max(shown(plan, case) for plan in kept) for case in cases]
        best = min(max(a - shown(p, c) for a, c in zip(alone, cases, strict=True)) for p in kept)
    assert found.objective.value == pytest.approx(best, rel=1e-5, abs=1e-3)


ONE: dict[str, Any] = {
    "audience": {"segments": {"north": 1000, "south": 500}},
    "objective": {"maximize": "reach"},
    "offers": [
        {"name": "anna", "followers": 900, "reach_rate": 1.0, "cost_per_post": 100, "posts_per_creator": 1,
         "segments": {"north": 0.8, "south": 0.2}, "creators": {"max": 1}},
    ],
}  # fmt: skip


def test_half_a_creator_reaches_more_than_half_as_many() -> None:
    plan = optimize(Scenario(**ONE, budget=50, solver={"whole_creators": False, "gap": 1e-5}), draws=0)
    half = 1000 * (1 - (1 - 0.72) ** 0.5) + 500 * (1 - (1 - 0.36) ** 0.5)
    assert plan.status == "optimal"
    assert plan.objective.value == pytest.approx(half, rel=1e-5)
    assert plan.objective.bound >= half * (1 - 1e-9)


def test_whole_creators_reach_no_more_together_than_each_alone() -> None:
    """What the tangent at 0 lacks: without it groups of identical followers take a minute instead of seconds."""
    program = program_of(Scenario(**ONE, budget=100))
    goal = program.reaching_goal(program.scenario.objective[0])
    assert goal is not None
    for whole, names in ((True, ["alone 0", "alone 1"]), (False, ["tangent 0 0", "tangent 1 0"])):
        criterion = ReachCriterion(goal, sets_objective=True, whole_creators=whole)
        rows = {row.name.split(" ", 2)[2]: row for row in criterion.rows(1, 1, 5, whole=True)}
        assert [name for name in rows if name.startswith(("alone", "tangent"))] == names
    alone = ReachCriterion(goal, sets_objective=True, whole_creators=True)
    (north,) = (row for row in alone.rows(1, 1, 5, whole=True) if row.name.endswith("alone 0"))
    assert north.coefficients[0] * alone.scale == pytest.approx(-720)
