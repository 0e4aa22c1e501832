"""No plan, by hand: the limits named, the ways out in words, where they stand, and what is said when time is up."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer import InfeasibleError, Scenario, ScenarioError, SolverError, load_scenario, optimize
from optimizer.infeasible import conflicts, smallest_change, ways_out
from optimizer.program.program import program_of
from optimizer.solve.solver import Solution
from optimizer.whatif.explain.explain import explain
from tests.builders import Data, as_yaml, offer, scenario
from tests.test_conflicts import assert_smallest, assert_ways_work, refused

# --- by hand ---

PAIR: list[Data] = [
    offer("a", 100, engagements_per_post=50, platform="instagram", followers=5000, reach_rate="20%",
          hours_per_creator=5, most=6),
    offer("b", 150, engagements_per_post=60, platform="tiktok", followers=8000, reach_rate="20%",
          hours_per_creator=4, most=6),
]  # fmt: skip


def case(**fields: Any) -> Data:
    return {
        "objective": "engagements",
        "offers": copy.deepcopy(PAIR),
        "solver": {"gap": 0},
        "limits": [],
        **fields,
    }


def booking(name: str, least: int, **fields: Any) -> Data:
    data = case(**fields)
    for each in data["offers"]:
        if each["name"] == name:
            each["creators"]["min"] = least
    return data


HALVES = [
    {"name": "tiktok share", "measure": "cost", "where": {"platform": "tiktok"}, "min": "60% of cost"},
    {"name": "instagram share", "measure": "cost", "where": {"platform": "instagram"}, "min": "60% of cost"},
    {"measure": "posts", "min": 2},
]
HAND: dict[str, tuple[Data, set[str], list[str]]] = {
    "two shares above 100 %": (
        case(budget=1000, limits=HALVES),
        {"tiktok share", "instagram share", "posts"},
        [
            # Five of a and two of b: 500 to 300. Three of each: 300 to 450; four of each bring more.
            "lower tiktok share by 22.5 points (to 37.5% of cost): 370 engagements for 800 USD",
            "lower instagram share by 20 points (to 40% of cost): 440 engagements for 1,000 USD",
            "lower posts by 2 posts (to 0): 0 engagements for 0 USD",
        ],
    ),
    "a booking above the budget": (
        booking("b", 3, budget=400),
        {"budget", "b"},
        [
            "raise budget by 50 USD (to 450): 180 engagements for 450 USD",
            "book 1 fewer of b (at least 2): 170 engagements for 400 USD",
        ],
    ),
    "a floor above the supply": (
        case(budget=10_000, limits=[{"measure": "engagements", "min": 700}]),
        {"engagements"},
        ["lower engagements by 40 engagements (to 660): 660 engagements for 1,500 USD"],
    ),
    "a reach floor against the effort cap": (
        case(effort_hours=12, audience={"people": 100_000}, limits=[{"measure": "reach", "min": 5000}]),
        {"effort_hours", "reach"},
        [
            # Independent audiences: each of b leaves 98.4 % of the people; four of them reach 6,247, three 4,724.
            "raise effort_hours by 4 hours (to 16): 240 engagements for 600 USD",
            "lower reach by 280 people (to 4,720): 180 engagements for 450 USD",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HAND)
def test_a_conflict_made_by_hand(name: str) -> None:
    data, members, ways = HAND[name]
    error = refused(data)
    assert {each.name for each in error.conflict} == members
    assert_smallest(data, error)
    assert list(assert_ways_work(data, error))
    assert [f"{way.text}: {way.result}" for way in error.ways_out] == ways


def test_a_floor_above_the_supply_says_what_there_is() -> None:
    error = refused(HAND["a floor above the supply"][0])
    expected = "one limit cannot be met by the creators there are, who bring at most 660 engagements to it"
    assert error.message == expected
    assert str(error) == f"{expected}: engagements: at least 700 engagements"


def test_a_budget_below_every_price_names_the_cheapest_booking() -> None:
    reels = [
        offer("nano-reels", 140, engagements_per_post=90, most=5),
        offer("macro", 900, engagements_per_post=1),
    ]
    floor = [{"measure": "engagements", "min": 80}]
    error = refused({"budget": 100, "objective": "engagements", "offers": reels, "limits": floor})
    expected = "; the budget is 100 USD; the cheapest booking, nano-reels, costs 140 USD"
    assert error.message == f"these 2 limits cannot hold together{expected}"
    enough = refused(
        {"budget": 140, "objective": "engagements", "offers": reels, "limits": [{**floor[0], "min": 91}]}
    )
    assert enough.message == "these 2 limits cannot hold together"


def test_a_price_above_the_budget_is_not_said_where_the_budget_is_not_in_the_way() -> None:
    data = {
        "budget": 100,
        "objective": "engagements",
        "offers": [offer("a", 140, engagements_per_post=9, most=5)],
    }
    error = refused({**data, "limits": [{"measure": "engagements", "min": 46}]})
    assert error.message == (
        "one limit cannot be met by the creators there are, who bring at most 45 engagements to it"
    )


def test_an_exchange_rate_that_is_upside_down_is_named_as_what_to_check() -> None:
    koc = offer("koc", 500_000, engagements_per_post=90, currency="VND", most=5)
    data = {
        "budget": 100,
        "objective": "engagements",
        "offers": [koc],
        "limits": [{"measure": "creators", "min": 1}],
    }
    error = refused({**data, "exchange_rates": {"VND": 0.00004}})
    assert error.message.endswith("; the exchange rate of VND, how many make 1 USD, looks upside down")


def test_two_conflicts_side_by_side_are_resolved_together() -> None:
    # Hours: a booking of 3 b takes 12 of 8. Money of instagram: at least 300, at most 200.
    limits = [
        {"name": "some", "measure": "cost", "where": {"platform": "instagram"}, "min": 300},
        {"name": "little", "measure": "cost", "where": {"platform": "instagram"}, "max": 200},
    ]
    data = booking("b", 3, effort_hours=8, limits=limits)
    error = refused(data)
    assert_smallest(data, error)
    assert "joint" in list(assert_ways_work(data, error))
    (joint, *others) = error.ways_out
    assert not any(way.possible for way in others)
    assert {way.text.removesuffix(" alone does not help").removeprefix("changing ") for way in others} == {
        each.name for each in error.conflict
    }
    both = {"effort_hours", "offers[1].creators.min"}
    assert set(joint.changes) & both
    assert set(joint.changes) & {"limits[0].min", "limits[1].max"}
    assert " and " in joint.text


def test_a_ceiling_far_too_low_is_raised_however_far_it_takes() -> None:
    data = booking("b", 3, budget=0.1)
    error = refused(data)
    (way, _) = error.ways_out
    assert way.changes == {"budget": pytest.approx(450)}
    assert list(assert_ways_work(data, error))


@pytest.mark.parametrize(
    ("currency", "budget", "fee", "way"),
    [
        (
            "USD",
            793_103.21,
            264_367.74,
            "raise budget by 0.01 USD (to 793,103.22)",
        ),  # 3 x 264,367.74 = 793,103.22
        ("USD", 800_000, 266_700, "raise budget by 100 USD (to 800,100)"),
        ("USD", 800_000, 300_000, "raise budget by 100,000 USD (to 900,000)"),
        ("JPY", 800_000, 266_667, "raise budget by 1 JPY (to 800,001)"),
        ("JPY", 800_000, 266_671, "raise budget by 13 JPY (to 800,013)"),
    ],
)
def test_a_small_change_is_not_rounded_to_a_large_one(
    currency: str, budget: float, fee: float, way: str
) -> None:
    dear = offer("dear", fee, engagements_per_post=10, hours_per_creator=1, least=3, most=3)
    with pytest.raises(InfeasibleError) as caught:
        optimize(scenario(currency=currency, budget=budget, objective="engagements", offers=[dear]))
    assert caught.value.ways_out[0].text == way


def test_more_budget_where_a_floor_is_a_share_of_it() -> None:
    # Three b cost 450, n of a 100 n. Instagram must be 30 % of the budget: n = 1 wants 550 <= budget <= 333, n = 2
    # 650 to 666, n = 3 750 to 1,000, ... So not every larger budget will do.
    floor = {"measure": "cost", "where": {"platform": "instagram"}, "min": "30% of budget"}
    data = booking("b", 3, budget=500, limits=[floor])
    error = refused(data)
    assert {each.name for each in error.conflict} == {"budget", "b", "cost (instagram)"}
    ways = {path: value for way in error.ways_out for path, value in way.changes.items()}
    assert ways["budget"] == pytest.approx(650)
    assert ways["offers[1].creators.min"] == 2
    assert ways["limits[0].min"] == "0% of budget"
    assert list(assert_ways_work(data, error))


def test_a_limit_with_two_sides_is_loosened_on_the_side_that_helps() -> None:
    between = {"name": "between", "measure": "posts", "min": 1, "max": 2}
    data = booking("b", 3, budget=1000, limits=[between])
    error = refused(data)
    assert [way.text for way in error.ways_out] == [
        "raise between by 1 post (to 3)",
        "book 1 fewer of b (at least 2)",
    ]
    assert list(assert_ways_work(data, error))


def test_a_share_of_another_measure_may_be_raised_above_all_of_it() -> None:
    few = {"name": "few impressions", "measure": "impressions", "max": "100% of engagements"}
    data = booking("b", 1, budget=1000, limits=[few])
    for each in data["offers"]:
        each |= {"impressions_per_post": each.pop("followers") // 5}
        del each["reach_rate"]
    error = refused(data)
    assert {each.name for each in error.conflict} == {"few impressions", "b"}
    ways = {path: str(value) for way in error.ways_out for path, value in way.changes.items()}
    # One b shows 1,600 for 60 engagements, 2,667 %; with six a, 7,600 for 360, 2,112 %.
    assert ways["limits[0].max"] == "2111.2% of engagements"
    assert ways["offers[1].creators.min"] == "0.0"


def test_limits_spelled_out_for_each_platform_are_turned_once() -> None:
    per = {"name": "each platform", "measure": "posts", "per": "platform", "max": 1}
    data = case(budget=1000, limits=[per, {"name": "all", "measure": "posts", "min": 5}])
    error = refused(data)
    assert {each.name for each in error.conflict} == {
        "each platform: instagram",
        "each platform: tiktok",
        "all",
    }
    assert [way.text for way in error.ways_out] == [
        "raise each platform by 2 posts (to 3)",
        "lower all by 3 posts (to 2)",
    ]
    assert_smallest(data, error)


# --- where, when, how ---

TOO_TIGHT = Path(__file__).parents[1] / "scenarios" / "too-tight.yaml"


def test_each_member_has_its_file_and_line(tmp_path: Path) -> None:
    data = HAND["two shares above 100 %"][0]
    path = tmp_path / "shares.yaml"
    path.write_text(as_yaml(data), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(InfeasibleError) as caught:
        optimize(load_scenario(path))
    assert len(caught.value.conflict) == 3
    starts = [
        number
        for number, line in enumerate(lines, 1)
        if line.startswith("- ") and number > lines.index("limits:")
    ]
    for each in caught.value.conflict:
        assert each.place == f"{path}:{starts[int(each.path[1])]}"


def test_too_tight_names_its_three_limits_and_three_ways() -> None:
    with pytest.raises(InfeasibleError) as caught:
        optimize(load_scenario(TOO_TIGHT))
    text = TOO_TIGHT.read_text(encoding="utf-8").splitlines()
    for each, word in zip(
        caught.value.conflict, ("budget:", "community first", "creators: {min: 1"), strict=True
    ):
        assert word in text[int(each.place.rpartition(":")[2]) - 1]
    assert [way.possible for way in caught.value.ways_out] == [True, True, True]
    for way in caught.value.ways_out:
        plan = optimize(load_scenario(TOO_TIGHT, dict(way.changes) | {"solver.gap": 0}))
        assert plan.objective.value == pytest.approx(way.value)


def test_explain_raises_the_same_as_optimize() -> None:
    with pytest.raises(InfeasibleError) as caught:
        explain(Scenario.model_validate(HAND["a booking above the budget"][0]))
    assert len(caught.value.ways_out) == 2


def nothing_found(*args: object, **options: object) -> Solution:
    return Solution("not_found", np.zeros(0), None, 0.0, "Time limit reached")


def test_a_solve_that_finds_nothing_in_time_is_not_called_infeasible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.solve.search.solve", nothing_found)
    data = HAND["a booking above the budget"][0]
    with pytest.raises(SolverError, match="does not mean there is none") as caught:
        optimize(Scenario.model_validate(data))
    assert caught.value.timed_out
    with pytest.raises(SolverError):
        explain(Scenario.model_validate(data))


def test_where_nobody_need_be_booked_the_empty_plan_is_a_plan_when_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.solve.search.solve", nothing_found)
    plan = optimize(Scenario.model_validate(case(budget=1000)))
    assert (plan.status, plan.lines, plan.objective.bound) == ("feasible", (), None)


def test_what_was_not_found_out_in_time_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    # The conflict itself is proven (by `optimize`), but which members it needs, and what helps, is not.
    monkeypatch.setattr(conflicts, "has_plan", lambda program, seconds, **_: None)
    monkeypatch.setattr(smallest_change, "has_plan", lambda program, seconds, **_: None)

    def out_of_time(*_: object) -> None:
        raise SolverError("no time", timed_out=True)

    monkeypatch.setattr(smallest_change, "search", out_of_time)
    error = refused(booking("b", 3, budget=400, effort_hours=100))
    assert not error.minimal
    assert {each.name for each in error.conflict} == {"budget", "effort_hours", "b"}
    assert error.ways_out == ()


def test_no_time_for_a_conflict_leaves_every_limit_in_it() -> None:
    data = booking("b", 3, budget=400, effort_hours=100)
    error = ways_out.infeasible(program_of(Scenario.model_validate(data)), 0.0)
    assert not error.minimal
    assert len(error.conflict) == 3
    assert error.ways_out == ()


def test_possible_says_whether_there_is_any_plan() -> None:
    assert smallest_change.possible(scenario(**case(budget=1000)))
    assert not smallest_change.possible(scenario(**booking("b", 3, budget=400)))
    with pytest.raises(ScenarioError):
        optimize(scenario(objective="engagements", offers=[offer("a", 1, engagements_per_post=1)]))
