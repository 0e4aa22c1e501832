"""Floors that hold only where their group is used: at least so much, or none."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import InfeasibleError, Plan, Scenario, optimize, parse_scenario
from optimizer.finance.frontier.frontier import frontier
from optimizer.program.program import program_of
from optimizer.report.formats import text as text_of
from optimizer.report.page.limits import limits_chart
from optimizer.solve.verify import Booking, verify
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.goal import goal
from tests.builders import offer, scenario
from tests.enumeration import World

BEST = [
    offer("tiktok", 100, engagements_per_post=300, hours_per_post=1, most=2),
    offer("ig", 90, engagements_per_post=150, hours_per_post=1, most=9),
]


def made(*limits: Any, **fields: Any) -> Scenario:
    data = {"budget": 1000, "objective": "engagements", "offers": BEST, "limits": list(limits)}
    return scenario(**(data | fields))


def booked(plan: Plan) -> dict[str, float]:
    return {line.offer: line.creators for line in plan.lines}


def test_too_few_to_meet_the_floor_are_left_out() -> None:
    plan = optimize(made({"measure": "creators", "per": "offer", "min": 3, "or_none": True}))
    assert (booked(plan), plan.totals.engagements) == ({"ig": 9}, 1350)
    out, used = plan.limits[1:]
    assert (out.name, out.value, out.min, out.slack) == ("creators (tiktok)", 0, 3, None)
    assert (out.or_none, out.unused, out.binding) == (True, True, True)
    assert (used.value, used.slack, used.unused, used.binding) == (9, 6, False, False)
    assert [(u.offer, u.reason, u.detail) for u in plan.unused] == [
        ("tiktok", "left out by a limit", "creators (tiktok)")
    ]
    text = text_of(plan)
    [row] = [line for line in text.splitlines() if "creators (tiktok)" in line and "min" in line]
    assert row.split() == ["creators", "(tiktok)", "0", "min", "3", "or", "none", "–", "binding"]
    chart = limits_chart(plan)
    assert chart is not None
    assert [row[0] for row in chart.table.rows] == ["budget", "creators (ig)"], "nothing is asked of tiktok"


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ({"measure": "creators", "where": {"name": "tiktok"}, "min": 2}, {"tiktok": 2, "ig": 8}),
        ({"measure": "cost", "where": {"name": "tiktok"}, "min": 201}, {"ig": 9}),
        ({"measure": "cost", "where": {"name": "tiktok"}, "min": "20% of budget"}, {"tiktok": 2, "ig": 8}),
        ({"measure": "cost", "where": {"name": "tiktok"}, "min": "21% of budget"}, {"ig": 9}),
        ({"measure": "cost", "where": {"name": "ig"}, "min": "80% of cost"}, {"tiktok": 1, "ig": 9}),
        ({"measure": "cost", "where": {"name": "tiktok"}, "min": "22% of cost"}, {"tiktok": 2, "ig": 7}),
        ({"measure": "hours", "where": {"name": "ig"}, "min": 9}, {"tiktok": 1, "ig": 9}),
        ({"measure": "engagements", "where": {"name": "tiktok"}, "min": 601}, {"ig": 9}),
        ({"measure": "creators", "where": {"name": "tiktok"}, "min": 0}, {"tiktok": 2, "ig": 8}),
        ({"measure": "creators", "where": {"name": "tiktok"}, "min": 1, "max": 1}, {"tiktok": 1, "ig": 9}),
        ({"measure": "creators", "where": {"name": "ig"}, "min": 3, "max": 8}, {"tiktok": 2, "ig": 8}),
    ],
    ids=str,
)
def test_each_kind_of_floor_is_met_or_nothing_is_booked(limit: Any, expected: dict[str, float]) -> None:
    """By hand: 2 tiktok and 8 ig are 920 for 1,800, 1 and 9 are 910 for 1,650, and 9 ig alone 810 for 1,350."""
    assert booked(optimize(made({**limit, "or_none": True}))) == expected


def test_a_booking_forces_the_group_and_then_its_floor() -> None:
    forced = [offer("tiktok", 100, engagements_per_post=30, least=1, most=5), BEST[1]]
    limit = {"measure": "creators", "where": {"name": "tiktok"}, "min": 3, "or_none": True}
    assert booked(optimize(made(limit, offers=forced))) == {"tiktok": 3, "ig": 7}
    few = [offer("tiktok", 100, engagements_per_post=30, least=1, most=2), BEST[1]]
    with pytest.raises(InfeasibleError) as caught:
        optimize(made(limit, offers=few))
    assert {c.text for c in caught.value.conflict} == {
        "creators of tiktok: at least 3 creators, or none",
        "creators of tiktok: at least 1 booked",
    }
    assert any(way.possible for way in caught.value.ways_out)


def test_negative_measures_and_floors_below_zero() -> None:
    """Profit may be negative: -300 for two of the dear ones, and none of them is no loss at all."""
    dear = offer("dear", 200, impressions_per_post=1000, click_rate="10%", conversion_rate="1%",
                 value_per_conversion=50, engagements_per_post=900, most=3)  # fmt: skip
    cheap = offer("cheap", 10, impressions_per_post=100, click_rate="10%", conversion_rate="1%",
                  value_per_conversion=50, engagements_per_post=1, most=3)  # fmt: skip

    def of(least: float) -> dict[str, float]:
        limit = {"measure": "profit", "where": {"name": "dear"}, "min": least, "or_none": True}
        return booked(optimize(made(limit, offers=[dear, cheap])))

    assert of(-300) == {"dear": 2, "cheap": 3}
    assert of(-100) == {"cheap": 3}
    assert of(0) == {"cheap": 3}


def test_nobody_reaches_the_whole_audience_so_nobody_is_booked() -> None:
    people = [offer(n, 50, followers=10_000, reach_rate="20%", most=3) for n in ("a", "b")]
    limit = {"measure": "reach", "where": {"name": "a"}, "min": "100% of audience", "or_none": True}
    plan = optimize(made(limit, offers=people, objective="reach", audience={"people": 100_000}))
    assert booked(plan) == {"b": 3}


def test_a_set_up_counts_towards_the_floor_of_its_group() -> None:
    dear = [offer("a", 100, engagements_per_post=300, setup_cost=150, most=2), BEST[1]]
    limit = {"measure": "cost", "where": {"name": "a"}, "min": 350, "or_none": True}
    assert booked(optimize(made(limit, offers=dear))) == {"a": 2, "ig": 7}
    assert booked(optimize(made(limit | {"min": 351}, offers=dear))) == {"ig": 9}


def test_the_recount_knows_the_rule_without_its_switch() -> None:
    asked = made({"measure": "creators", "per": "offer", "min": 3, "or_none": True})
    terms = program_of(asked).packages.terms
    for creators, broken in ((0, 0), (1, 1), (2, 1)):
        found = verify(asked, terms, [Booking(0, 1, creators), Booking(1, 1, 5)]).violations
        assert len(found) == broken
        assert not broken or found[0].text == f"creators of tiktok breaks its limit by {3 - creators}"


def test_a_goal_and_a_curve_keep_the_rule() -> None:
    limit = {"measure": "cost", "where": {"name": "tiktok"}, "min": "30% of budget", "or_none": True}
    asked = made(limit)
    # 600 engagements: two tiktok (200) need 30 % of the budget or less, so 200 does; 450 by ig alone is dearer.
    found = goal(asked, {"engagements": 600})
    assert (found.needed, found.plan and booked(found.plan)) == (200, {"tiktok": 2})
    # 1,350: nine ig cost 810; two tiktok and five ig 650, of which tiktok is 200, 30 % of at most 666.67.
    found = goal(asked, {"engagements": 1350})
    assert (found.needed, found.plan and booked(found.plan)) == (650, {"tiktok": 2, "ig": 5})
    # 1,500: ten posts of ig are not there; 2 tiktok and 6 ig are 740, of which 30 % is 222: never, so 9 ig and none.
    assert goal(asked, {"engagements": 1500}).plan is None
    curve = frontier(asked, ["budget=200:1000:200"])
    for point in curve.points:
        data = {"offers": BEST, "limits": [{**limit}], "budget": point.at[0], "objective": "engagements"}
        assert point.value == World(data).solve().best[0]


def test_explain_prices_the_floor_and_says_what_the_rule_costs() -> None:
    limit = {"measure": "creators", "where": {"name": "tiktok"}, "min": 3, "or_none": True}
    found = explain(made(limit))
    (price,) = [price for price in found.prices if price.path == "limits[0].min"]
    assert "at least 3, or none" in price.text
    (rule,) = [rule for rule in found.rules if rule.path == "limits[0]"]
    assert rule.gain == 450, "1,800 with two tiktok and eight ig, 1,350 without tiktok"


def test_a_limit_tightened_by_rounding_still_allows_none() -> None:
    """Prices that have no exact binary form: the floor is met to the last digit, and none stays allowed."""
    odd = [offer("a", 0.1, engagements_per_post=3, most=40), offer("b", 0.3, engagements_per_post=5, most=40)]
    for least in (0.3, 0.7, 1.1, 2.3, 3.3):
        limit = {"measure": "cost", "per": "offer", "min": least, "or_none": True}
        data = {"offers": [o | {"creators": {"max": 8}} for o in odd], "limits": [limit], "budget": 3.3,
                "objective": "engagements"}  # fmt: skip
        assert optimize(scenario(**data)).objective.value == World(data).solve().best[0]


def test_it_is_read_from_a_file_and_changed_from_the_command_line() -> None:
    text = """
budget: 1000
objective: engagements
offers:
  - {name: tiktok, cost_per_post: 100, engagements_per_post: 300, creators: {max: 2}}
  - {name: ig, cost_per_post: 90, engagements_per_post: 150, creators: {max: 9}}
limits:
  - {name: enough, measure: creators, per: offer, min: 3, or_none: true}
"""
    assert booked(optimize(parse_scenario(text))) == {"ig": 9}
    fewer = parse_scenario(text, {"limits.enough.min": 2})
    assert booked(optimize(fewer)) == {"tiktok": 2, "ig": 8}
    with pytest.raises(InfeasibleError):
        optimize(parse_scenario(text, {"limits.enough.or_none": False}))
