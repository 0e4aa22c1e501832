"""Stress tests of a plan: as booked in every case, the best plan had one known, and which case hurts most."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import InfeasibleError, Scenario, ScenarioError, Stress, optimize, parse_scenario, stress
from optimizer.program.stressed import stressed
from tests.enumeration import World
from tests.more import more
from tests.near import in_world
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario
from tests.stress_by_hand import CASES, applies, by_hand

CLOSE = 1e-9

TEXT = """
budget: 1000
effort_hours: 40
objective: engagements
offers:
  - {name: star, platform: instagram, cost_per_post: 500, engagements_per_post: 1000, hours_per_creator: 10,
     creators: {max: 2}}
  - {name: small, platform: tiktok, cost_per_post: 100, engagements_per_post: 150, hours_per_creator: 4,
     creators: {max: 10}}
limits:
  - {name: enough, measure: engagements, min: 500}
stress:
  instagram turns: instagram engagements x0.4
  dearer: fees +20%
  nothing works: [engagements x0.1]
"""


def under(*changes: str, text: str | None = None) -> Stress:
    return stress(parse_scenario(text or TEXT), list(changes))


def case(result: Stress, name: str) -> Any:
    (found,) = (one for one in result.cases if one.name == name)
    return found


def test_a_case_that_costs_result_is_worked_out_by_hand() -> None:
    result = under()
    assert (result.planned.value, result.planned.cost, result.planned.hours) == (2000, 1000, 20)  # two stars
    one = case(result, "instagram turns")
    assert (one.booked.value, one.booked.cost, one.change) == (800, 1000, -1200)
    assert one.broken == ()
    assert one.touched == ("star",)
    assert (one.best.value, one.best.cost, one.status) == (1500, 1000, "optimal")  # ten small ones: 40 hours
    assert (one.regret, one.regret_share) == (700, pytest.approx(700 / 1500))
    assert [(b.offer, b.booked, b.best) for b in one.instead] == [("star", 2, 0), ("small", 0, 10)]


def test_a_case_that_breaks_the_budget_says_by_how_much() -> None:
    one = case(under(), "dearer")
    assert (one.booked.value, one.booked.cost, one.change) == (2000, 1200, 0)
    ((limit),) = one.broken
    assert (limit.name, limit.value, limit.max, limit.by) == ("budget", 1200, 1000, 200)
    # within 1,000: one star for 600 and three small for 360
    assert (one.best.value, one.best.cost) == (1450, 960)
    assert one.regret == -550  # ahead only because it breaks the budget


def test_a_case_without_any_plan_hurts_most() -> None:
    result = under()
    one = case(result, "nothing works")
    assert [(b.name, b.value, b.min, b.by) for b in one.broken] == [("enough", 200, 500, 300)]
    assert (one.best, one.status, one.regret) == (None, "infeasible", None)
    assert result.hurts_most == "nothing works"
    assert result.sentences[0] == (
        '"nothing works" hurts most: as booked the plan breaks enough (300 engagements too little), and no plan keeps '
        "every limit."
    )
    assert result.sentences[1] == (
        'As booked it keeps every limit in 1 of 3 cases; not in "dearer" and "nothing works".'
    )
    assert result.sentences[2].startswith(
        'Largest regret: in "instagram turns" the plan as booked is 700 engagements (46.7 %) behind'
    )


def test_what_is_left_decides_which_case_hurts_most() -> None:
    text = TEXT.replace("  nothing works: [engagements x0.1]\n", "")
    assert under(text=text).hurts_most == "instagram turns"  # 800 are left; 1,450 where fees rise
    one = under("star completion x0.9", text=text.replace("x0.4", "x0.95"))  # 1,900, 1,450, 1,800
    assert one.hurts_most == "dearer"
    assert one.sentences[0] == (
        '"dearer" hurts most: as booked the plan breaks budget (200 USD too much); the best plan that keeps every '
        "limit brings 1,450 engagements, 27.5 % less than planned."
    )


def test_nothing_hurts_where_all_is_better() -> None:
    result = under("fees -10%", text=TEXT.split("stress:")[0])
    assert result.hurts_most is None
    assert result.sentences[0].startswith("No case hurts")
    assert result.sentences[1] == "As booked it keeps every limit in this case."
    assert case(result, "fees -10%").regret == 150  # 900 USD; what is left buys a small one


def test_less_budget_and_hours_are_cases_too() -> None:
    result = under("budget -15%", "effort_hours = 15", text=TEXT.split("stress:")[0])
    by = {one.name: [(b.name, b.by) for b in one.broken] for one in result.cases}
    assert by == {"budget -15%": [("budget", 150)], "effort_hours = 15": [("effort_hours", 5)]}
    assert [one.touched for one in result.cases] == [(), ()]


def test_minimised_cost_rises() -> None:
    text = TEXT.replace("objective: engagements", "objective: {minimize: cost}").replace(
        "min: 500", "min: 800"
    )
    result = under("fees +20%", "star fees x3", text=text.split("stress:")[0])
    one = case(result, "star fees x3")
    assert (result.planned.value, one.booked.value, one.change) == (500, 1500, 1000)
    assert (one.best.value, one.regret) == (600, 900)  # six small ones
    assert "takes" in result.sentences[0]


def test_a_plan_is_taken_as_it_is_booked() -> None:
    scenario = parse_scenario(TEXT)
    plan = optimize(scenario, draws=0)
    assert stress(plan) == stress(scenario)
    other = optimize(scenario.with_changes({"objective": "creators"}), draws=0)
    assert [line.offer for line in other.lines] == ["small"]
    assert case(stress(other), "instagram turns").booked.value == 10


def test_the_best_plan_of_a_case_is_what_the_changed_scenario_gives() -> None:
    scenario = parse_scenario(TEXT)
    for one in stress(scenario).cases:
        changed = stressed(scenario, one.changes)
        if one.best is None:
            with pytest.raises(InfeasibleError):
                optimize(changed)
        else:
            plan = optimize(changed, draws=0)
            assert (plan.objective.value, plan.totals.cost) == (one.best.value, one.best.cost)


def test_an_objective_over_the_cases_is_tested_by_its_measure() -> None:
    text = TEXT.replace(
        "objective: engagements", "objective: {maximize: engagements, over: stress, by: worst}"
    )
    result = under(text=text.replace("  nothing works: [engagements x0.1]\n", ""))
    # 1,500 by ten small ones in both cases, but not under dearer fees: the scenario's own limits are kept, no others
    assert case(result, "instagram turns").booked.value == 1500
    assert result.planned.value == 1500


def test_a_dependable_plan_is_tested_by_typical_numbers() -> None:
    text = TEXT.replace("objective: engagements", "objective: {maximize: engagements, confidence: 80%}")
    text = text.replace("engagements_per_post: 1000", "engagements_per_post: [200, 1000, 2000]")
    text = text.replace(
        "  - {name: enough", "  - {name: sure, measure: cost, max: 1000, confidence: 90%}\n  - {name: enough"
    )
    scenario = parse_scenario(text)
    plan = optimize(scenario, draws=0)
    result = stress(plan)
    assert [line.offer for line in plan.lines] == ["small"]  # not the stars, which may bring 200
    assert case(result, "instagram turns").booked.value == 1500
    assert [b.name for b in case(result, "dearer").broken] == ["budget", "sure"]
    assert case(result, "instagram turns").best.value == 1500
    assert result.sentences[0].startswith("Counted by typical numbers")


def test_reach_is_recounted_with_the_people_and_overlap_of_the_case() -> None:
    text = """
budget: 1000
objective: reach
audience: {people: 100_000, overlap: 10%}
offers:
  - {name: a, cost_per_post: 100, followers: 10_000, reach_rate: 30%, creators: {max: 5}}
  - {name: b, cost_per_post: 150, followers: 20_000, reach_rate: 20%, creators: {max: 5}}
"""
    result = under("audience overlap +20 points", "audience people x0.5", "a reach x0.5", text=text)
    scenario = parse_scenario(text)
    plan = optimize(scenario, draws=0)
    for one in result.cases:
        data = {line.offer: line.creators for line in plan.lines}
        fixed = stressed(scenario, one.changes).with_changes(
            {
                f"offers[{i}].creators": {"min": data.get(n, 0), "max": data.get(n, 0)}
                for i, n in enumerate("ab")
            }
        )
        assert one.booked.value == pytest.approx(optimize(fixed, draws=0).totals.reach, rel=1e-9)


def test_the_result_is_read_back_equal() -> None:
    result = under("budget -15%; fees +5%")
    assert Stress.model_validate_json(result.model_dump_json()) == result
    assert result.cases[-1].changes == ("budget -15%", "fees +5%")


def test_what_is_wrong_is_said_all_at_once() -> None:
    with pytest.raises(ScenarioError) as caught:
        under("fees 20%", "foo +2%", "fees +5%", "budget +1 point")
    assert len(caught.value.problems) == 3
    with pytest.raises(ScenarioError, match="there is no case to test"):
        under(text=TEXT.split("stress:")[0])
    with pytest.raises(ScenarioError, match="two cases have this name"):
        stress(parse_scenario(TEXT), {"dearer": "fees +5%"})
    with pytest.raises(TypeError, match="a list of cases"):
        stress(parse_scenario(TEXT), "fees +5%")
    with pytest.raises(TypeError, match="a Scenario or a Plan"):
        stress("plan.json")  # type: ignore[arg-type]


def test_shares_that_were_cut_are_noted_with_their_case() -> None:
    text = TEXT.replace("hours_per_creator: 10", "hours_per_creator: 10, completion: 95%")
    one = case(under("completion +10 points", text=text), "completion +10 points")
    assert one.notes == ("completion of 1 offer is cut at 100 %",)


@pytest.mark.parametrize("seed", range(more(25, 300)))
def test_every_case_against_every_plan_of_small_scenarios(seed: int) -> None:
    data = random_scenario(seed)
    for offer in data["offers"]:
        offer["creators"] = {"max": 3, **offer.get("creators", {})}
    scenario = Scenario.model_validate(data)
    plan = plan_or_none(scenario)
    if plan is None:
        return
    names = [name for name in CASES if applies(data, name)]
    result = stress(plan, {name: CASES[name][0] for name in names})
    sign = 1.0 if result.sense == "maximize" else -1.0
    for one in result.cases:
        world = World(by_hand(data, one.name))
        booked = in_world(world, plan)
        assert one.booked.value == pytest.approx(world.total(booked, result.measure), rel=CLOSE, abs=1e-9)
        if one.booked.cost is not None:
            assert one.booked.cost == pytest.approx(world.total(booked, "cost"), rel=CLOSE)
        broken = [rule for rule in world.rules if not world.holds(rule, booked)]
        assert len(one.broken) == len(broken), one.name
        for limit in one.broken:
            side = limit.max if limit.max is not None and limit.value > limit.max else limit.min
            assert limit.by == pytest.approx(abs(limit.value - side), rel=1e-9)
        allowed = [sign * world.total(p, result.measure) for p in world.plans() if world.keeps_limits(p)]
        if not allowed:
            assert (one.best, one.status) == (None, "infeasible")
            continue
        assert one.best.value == pytest.approx(sign * max(allowed), rel=CLOSE, abs=1e-9)
        assert one.regret == pytest.approx(max(allowed) - sign * one.booked.value, rel=1e-7, abs=1e-7)
