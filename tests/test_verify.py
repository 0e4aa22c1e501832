"""`verify` recounts plans exactly and catches every kind of broken limit, however little it is broken."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

import optimizer.solve.solver
from optimizer import Scenario, SolverError, optimize
from optimizer.program.terms import resolve
from optimizer.solve.verify import Booking, Recount, verify
from optimizer.solve.verify_reach import Fitted
from tests.builders import offer, scenario


def recount(plan: Scenario, *bookings: tuple[int, int, float], shape: float | None = None) -> Recount:
    """Recount (offer, posts, creators) bookings."""
    terms, problems = resolve(plan)
    assert not problems
    return verify(
        plan, terms, [Booking(*booking) for booking in bookings], None if shape is None else Fitted((shape,))
    )


# --- totals by hand ---

EVERYTHING = offer(
    "everything",
    100,
    cost_per_creator=20,
    bundle_discount={2: "10%"},
    commission="10%",
    setup_cost=70,
    setup_hours=3,
    reachable=4000,
    reach_rate="10%",
    impressions_per_post=1000,
    engagements_per_post=50,
    repeat_decay="20%",
    completion="90%",
    authentic="80%",
    on_target="50%",
    click_rate="2%",
    conversion_rate="5%",
    value_per_conversion=40,
    cost_per_conversion=15,
    engagement_mix={"likes": "50%", "reactions": "20%", "comments": "25%", "shares": "5%"},
    hours_per_creator=2,
    hours_per_post=0.5,
    posts_per_creator={"min": 1, "max": 2},
    measures={"samples": 4, "stories": -1.5},
)
PLAN = {
    "objective": "engagements",
    "budget": 1000,
    "fees": {"agency": "15%", "contingency": "5%"},
    "measures": {"samples": "creator", "stories": "post"},
    "audience": {"people": 10_000},
    "offers": [EVERYTHING, offer("plain", 10, followers=100, hours_per_post=1, impressions_per_post=50)],
}


def test_three_creators_with_two_posts_each_are_counted_to_the_last_digit() -> None:
    totals = recount(scenario(**PLAN), (0, 2, 3.0)).totals
    # One creator: paid 20 + 2 x 100 x 90 % = 200, with fees 240; 2 posts x 1,000 x 90 % = 1,800 impressions,
    # 36 clicks, 1.8 conversions, revenue 72, commission 7.20. The set-up of 70 and of 3 hours comes once and
    # without fees.
    assert totals["cost"] == 3 * Decimal("247.2") + 70
    assert totals["hours"] == 3 * 3 + 3
    assert totals["creators"] == 3
    assert totals["posts"] == 6
    assert totals["impressions"] == 5400
    assert totals["engagements"] == 3 * Decimal("0.36") * 50 * Decimal("1.8")
    assert totals["clicks"] == 108
    assert totals["conversions"] == Decimal("5.4")
    # 58.32 engagements each, of which 70 % are likes and reactions
    assert [totals[kind] for kind in ("likes", "comments", "shares", "saves")] == [
        share * totals["engagements"] for share in (Decimal("0.7"), Decimal("0.25"), Decimal("0.05"), 0)
    ]
    assert totals["revenue"] == 216
    assert totals["cost_of_goods"] == Decimal("5.4") * 15
    assert totals["profit"] == 216 - 81 - Decimal("811.6")
    assert totals["gross_reach"] == 3 * Decimal("0.36") * 4000 * Decimal("0.19")
    assert totals["samples"] == 12
    assert totals["stories"] == -9


def test_a_set_up_is_paid_once_and_a_discount_only_from_its_number_of_posts_on() -> None:
    totals = recount(scenario(**PLAN), (0, 1, 1.0), (0, 2, 1.0)).totals
    assert totals["cost"] == (20 + 100) * Decimal("1.2") + Decimal("3.6") + Decimal("247.2") + 70
    assert totals["hours"] == Decimal("2.5") + 3 + 3


def test_weights_count_kinds_of_engagement_by_their_share() -> None:
    mixed = offer(
        "mixed",
        1,
        engagements_per_post=1000,
        engagement_mix={"likes": "80%", "comments": "15%", "saves": "5%"},
    )
    totals = recount(
        scenario(
            budget=10, objective="engagements", offers=[mixed], engagement_weights={"likes": 0, "comments": 3}
        ),
        (0, 1, 1.0),
    ).totals
    assert float(totals["engagements"]) == pytest.approx(3 * 150 + 50, rel=1e-15)


def test_kinds_are_counted_by_their_share_whatever_they_weigh() -> None:
    mixed = offer("mixed", 1, engagements_per_post=1000, engagement_mix={"likes": "80%", "comments": "20%"})
    weighted = scenario(
        budget=10, objective="engagements", offers=[mixed], engagement_weights={"likes": 0, "comments": 3}
    )
    totals = recount(weighted, (0, 1, 2.0)).totals
    assert (totals["likes"], totals["comments"], totals["saves"]) == (1600, 400, 0)


def test_a_floor_on_a_kind_is_met_exactly_though_its_mix_is_scaled_to_a_whole() -> None:
    # 995 x 20 % / 99.5 % = 200, though 20 / 99.5 is no finite decimal
    mixed = offer("mixed", 1, engagements_per_post=995, engagement_mix={"likes": "79.5%", "comments": "20%"})
    asked = scenario(
        budget=9, objective="engagements", offers=[mixed], limits=[{"measure": "comments", "min": 200}]
    )
    assert recount(asked, (0, 1, 1.0)).violations == ()
    (short,) = recount(asked.with_changes({"limits[0].min": 200.001}), (0, 1, 1.0)).violations
    assert short.amount == pytest.approx(0.001)


def test_an_unknown_number_makes_its_total_unknown_and_no_other() -> None:
    totals = recount(scenario(**PLAN), (0, 1, 1.0), (1, 1, 1.0)).totals
    assert totals["engagements"] is None
    assert totals["revenue"] is None
    assert totals["gross_reach"] is not None
    assert totals["impressions"] == 950


def test_an_empty_plan_is_nothing() -> None:
    counted = recount(scenario(**PLAN), shape=math.inf)
    assert set(counted.totals.values()) == {Decimal(0)}
    assert counted.reach == 0
    assert counted.violations == ()


FIFTH = offer("a fifth", 1, reachable=4000, reach_rate="50%")
"""Reaches 2,000 of 10,000 people, one in five."""


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        # z = ((1 - 1/5)^-1 - 1) = 1/4 for a = 1; reach = A (1 - 1 / (1 + 2/4)) = A / 3
        (1.0, Decimal(10_000) / 3),
        # z = 2 ((4/5)^(-1/2) - 1) = sqrt 5 - 2 for a = 2; reach = A (1 - (sqrt 5 - 1)^-2)
        (2.0, 10_000 * (1 - 1 / (Decimal(5).sqrt() - 1) ** 2)),
        # independence: 1 - 0.8^2
        (math.inf, Decimal(3600)),
    ],
)
def test_two_creators_of_a_fifth_each_reach_what_the_formula_says(shape: float, expected: Decimal) -> None:
    plan = scenario(budget=9, objective="reach", audience={"people": 10_000}, offers=[FIFTH])
    assert float(recount(plan, (0, 1, 1.0), shape=shape).reach) == pytest.approx(2000, rel=1e-14)
    assert float(recount(plan, (0, 1, 2.0), shape=shape).reach) == pytest.approx(float(expected), rel=1e-14)


# --- planted violations ---

TWO = [
    offer("a", 100, tier="micro", platform="tiktok", engagements_per_post=40, hours_per_creator=2,
          impressions_per_post=5000, reachable=1000, reach_rate="50%", tags={"flight": "march"}, most=4),
    offer("b", 250, tier="macro", platform="x", engagements_per_post=90, hours_per_creator=3,
          impressions_per_post=9000, reachable=2000, reach_rate="50%", tags={"flight": "april"}, most=2,
          posts_per_creator={"min": 1, "max": 2}),
]  # fmt: skip
BASE = {"objective": "engagements", "offers": TWO, "audience": {"people": 10_000}}
# Two of a with 1 post and one of b with 2: cost 200 + 500 = 700, hours 4 + 3 = 7, engagements 80 + 180 = 260,
# impressions 10,000 + 18,000; reach of each a 500, of b 2,000 x 3/4 = 1,500.
BOOKED = ((0, 1, 2.0), (1, 2, 1.0))
REACH = 10_000 * (1 - 0.95**2 * 0.85)


def limits(*which: dict[str, Any], **fields: Any) -> Scenario:
    return scenario(**BASE, **({} if "budget" in fields else {"budget": 10_000}), **fields, limits=which)


@pytest.mark.parametrize(
    ("kept", "broken", "amount"),
    [
        pytest.param({"budget": 700}, {"budget": 699.99}, 0.01, id="budget by one cent"),
        pytest.param({"effort_hours": 7}, {"effort_hours": 6.99}, 0.01, id="hours"),
    ],
)
def test_a_cap_broken_a_little_is_caught(kept: dict[str, Any], broken: dict[str, Any], amount: float) -> None:
    assert recount(limits(**kept), *BOOKED, shape=math.inf).violations == ()
    (violation,) = recount(limits(**broken), *BOOKED, shape=math.inf).violations
    assert violation.amount == pytest.approx(amount)
    assert violation.limit == (0 if "budget" in broken else 1)
    assert ("budget" if "budget" in broken else "effort_hours") in violation.text


MICRO, MACRO, BOTH = {"tier": "micro"}, {"tier": "macro"}, {"tier": ["MICRO", "macro"]}
APRIL = {"platform": "x", "flight": "april"}
TIGHT = {
    # what is limited: (measure, more of the limit, side, bound that holds, bound that does not, amount)
    "floor": ("engagements", {}, "min", 260, 260.01, 0.01),
    "ceiling": ("engagements", {}, "max", 260, 259.99, 0.01),
    "filter": ("cost", {"where": MICRO}, "max", 200, 199.99, 0.01),
    "filter with a list": ("cost", {"where": BOTH}, "max", 700, 699.99, 0.01),
    "filter with two keys": ("cost", {"where": APRIL}, "max", 500, 499.99, 0.01),
    "share of budget": ("cost", {}, "max", "7% of budget", "6.99% of budget", 1),
    "share of cost": ("cost", {"where": MICRO}, "min", "28.57% of cost", "28.58% of cost", 0.06),
    "share of creators": ("creators", {"where": MACRO}, "max", "33.4% of creators", "33% of creators", 0.01),
    "cpe": ("cpe", {}, "max", 2.7, 2.69, 700 - 260 * 2.69),
    "cpm of one offer": ("cpm", {"where": {"name": "a"}}, "max", 20, 19.99, 100),
    "floor on cpm": ("cpm", {}, "min", 25, 25.01, 280),
    "per creator": ("cost", {"per": "creator"}, "max", 500, 499.99, 0.01),
    "floor per creator": ("cost", {"per": "creator"}, "min", 100, 100.01, 0.01),
    "per creator of budget": ("cost", {"per": "creator"}, "max", "5% of budget", "4.9% of budget", 10),
    "per creator of cost": ("cost", {"per": "creator"}, "max", "72% of cost", "71% of cost", 3),
    "cpe per creator": ("cpe", {"per": "creator"}, "max", 2.8, 2.7, 14),
    "reach per creator": ("reach", {"per": "creator"}, "min", 500, 501, 1),
    "reach floor": ("reach", {}, "min", 2328.7, 2329.7, 2329.7 - REACH),
    "reach ceiling": ("reach", {}, "max", 2329, 2328, REACH - 2328),
    "share of audience": ("reach", {}, "min", "23% of audience", "24% of audience", 2400 - REACH),
    "reach of some offers": ("reach", {"where": {"platform": "tiktok"}}, "min", 975, 976, 1),
}


@pytest.mark.parametrize("what", TIGHT)
def test_a_limit_broken_a_little_is_caught(what: str) -> None:
    measure, more, side, kept, broken, amount = TIGHT[what]
    assert recount(limits({"measure": measure, side: kept} | more), *BOOKED, shape=math.inf).violations == ()
    (violation,) = recount(
        limits({"measure": measure, side: broken} | more), *BOOKED, shape=math.inf
    ).violations
    assert violation.limit == 1  # the budget is number 0
    assert violation.amount == pytest.approx(amount, rel=1e-6)


@pytest.mark.parametrize("per", ["flight", "tier", "platform", "offer"])
def test_of_a_limit_for_each_value_the_broken_one_is_named(per: str) -> None:
    assert recount(limits({"measure": "cost", "per": per, "max": 500}), *BOOKED).violations == ()
    (violation,) = recount(limits({"measure": "cost", "per": per, "max": 499.99}), *BOOKED).violations
    assert violation.amount == pytest.approx(0.01)
    assert violation.limit == 2  # after the budget and the row of the first value
    expected = {"flight": "april", "tier": "macro", "platform": "x", "offer": "b"}[per]
    assert expected in violation.text


@pytest.mark.parametrize(
    ("bookings", "text"),
    [
        ([(0, 1, 5.0)], "5 creators of a, but at most 4"),
        ([(1, 1, 1.0), (1, 2, 2.0)], "3 creators of b, but at most 2"),
        ([(0, 2, 1.0)], "a: 1 creators with 2 posts"),
        ([(1, 3, 1.0)], "b: 1 creators with 3 posts"),
        ([(0, 1, 1.5)], "a: 1.5 is not a whole number of creators"),
        ([(0, 1, -1.0)], "a: -1 creators with 1 posts"),
    ],
)
def test_bookings_that_cannot_be_are_caught(bookings: list[tuple[int, int, float]], text: str) -> None:
    violations = recount(limits(), *bookings).violations
    assert text in [violation.text for violation in violations]
    assert not any(math.isfinite(violation.amount) for violation in violations)  # no tightening mends them


def test_a_booking_below_its_minimum_is_caught() -> None:
    booked = scenario(**{**BASE, "offers": [{**TWO[0], "creators": {"min": 2}}]}, budget=1000)
    assert recount(booked, (0, 1, 2.0)).violations == ()
    assert [v.text for v in recount(booked, (0, 1, 1.0)).violations] == ["1 creators of a, but at least 2"]
    assert [v.text for v in recount(booked).violations] == ["0 creators of a, but at least 2"]


def test_parts_of_creators_are_fine_where_they_are_asked_for() -> None:
    parts = limits(solver={"whole_creators": False})
    assert recount(parts, (0, 1, 1.5)).violations == ()
    assert len(recount(parts, (0, 1, 4.001)).violations) == 1


def test_all_broken_limits_are_reported() -> None:
    many = limits({"measure": "cpe", "max": 1}, {"measure": "posts", "min": 5}, budget=1, effort_hours=1)
    assert [v.limit for v in recount(many, *BOOKED).violations] == [0, 1, 2, 3]


def test_a_cent_counts_in_large_budgets_too() -> None:
    large = scenario(budget=89_999_999.99, objective="posts", offers=[offer("big", 30_000_000)])
    (violation,) = recount(large, (0, 1, 3.0)).violations
    assert violation.amount == pytest.approx(0.01)


def test_limits_met_to_the_last_digit_are_met() -> None:
    # 0.1 + 0.2 is 0.30000000000000004 in floating point, and a third of 10 has no end.
    third = offer("third", 0.1, cpm=0.3, reachable=1000)
    offers = [third, offer("other", 0.2, impressions_per_post=1)]
    floor = {"measure": "impressions", "min": 1000 * 0.1 / 0.3 + 1}
    plan = scenario(budget=0.3, objective="posts", offers=offers, limits=[floor])
    assert recount(plan, (0, 1, 1.0), (1, 1, 1.0)).violations == ()


def test_a_plan_that_breaks_a_limit_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = optimizer.solve.search.solve

    def one_creator_too_many(*args: Any, **options: Any) -> Any:
        solution = honest(*args, **options)
        return replace(solution, values=solution.values + 1) if len(solution.values) else solution

    monkeypatch.setattr(optimizer.solve.search, "solve", one_creator_too_many)
    with pytest.raises(SolverError, match="failed verification"):
        optimize(scenario(budget=1000, objective="engagements", offers=TWO))
