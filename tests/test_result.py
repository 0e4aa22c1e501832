"""The numbers of a plan, by hand: objective and proof, money, totals, reach."""

from __future__ import annotations

import math
from typing import Any

import pytest

from optimizer import Plan, optimize
from optimizer.language.measures import COUNTED
from optimizer.language.numbers import tidy
from optimizer.plan.build import build_plan
from optimizer.plan.plan import LimitResult, ratios, sum_amounts
from optimizer.program.program import program_of
from optimizer.solve.lexicographic import Outcome, Stage
from optimizer.solve.solved import solve_verified
from tests.builders import Data, offer, scenario
from tests.stories import PLANNED, plan

every_scenario = pytest.mark.parametrize("name", PLANNED)


def planned(*offers: Data, **fields: Any) -> Plan:
    """A plan of exact optimum; two simple offers and 1,000 to spend unless said otherwise."""
    plain = (offer("one", 100, engagements_per_post=10, hours_per_creator=2),)
    return optimize(
        scenario(**{"budget": 1000, "objective": "engagements", "offers": offers or plain, **fields})
    )


def limit_of(found: Plan, name: str) -> LimitResult:
    return next(limit for limit in found.limits if limit.name == name)


# Objective and proof.


def outcome(
    bound: float | None,
    *,
    proven: bool = True,
    sense: str = "maximize",
    best: float = 100.0,
    gap: float = 0.0,
) -> Plan:
    """The plan of ten creators as if the solver had come to this bound."""
    program = program_of(
        scenario(
            budget=1000, objective={sense: "engagements"}, offers=[offer("one", 100, engagements_per_post=10)],
            limits=[{"measure": "creators", "min": 10}], solver={"gap": gap},
        )
    )  # fmt: skip
    columns = solve_verified(program).columns
    stage = Stage(program.scenario.objective[0], best, bound, proven, "Status")
    return build_plan(program, Outcome(columns, [stage], 1.23456))


@pytest.mark.parametrize(
    ("bound", "sense", "gap"),
    [
        (100.0, "maximize", 0.0),
        (150.0, "maximize", 0.5),
        (100.0 + 1e-8, "maximize", 0.0),
        (99.0, "maximize", 0.0),  # a bound that its own plan beats is rounding
        (80.0, "minimize", 0.2),
        (101.0, "minimize", 0.0),
        (None, "maximize", None),
    ],
)
def test_the_gap_is_the_distance_to_the_bound_and_never_negative(
    bound: float | None, sense: str, gap: float | None
) -> None:
    goal = outcome(bound, sense=sense).objective
    assert (goal.value, goal.best, goal.bound) == (100, 100, bound)
    assert goal.gap == (None if gap is None else pytest.approx(gap))


def test_a_gap_of_nothing_is_0_where_the_bound_is_too_and_unknown_where_it_is_not() -> None:
    assert outcome(0.0, best=0.0).objective.gap == 0
    assert outcome(5.0, best=0.0).objective.gap is None


@pytest.mark.parametrize(
    ("bound", "proven", "allowed", "status"),
    [
        (100.0, True, 0.0, "optimal"),
        (100.0, False, 0.0, "feasible"),
        (101.0, True, 0.0, "feasible"),
        (101.0, True, 0.01, "optimal"),
        (102.0, True, 0.01, "feasible"),
        (None, True, 0.01, "feasible"),
    ],
)
def test_optimal_means_proven_within_the_gap_asked_for(
    bound: float | None, proven: bool, allowed: float, status: str
) -> None:
    assert outcome(bound, proven=proven, gap=allowed).status == status


def test_a_plan_whose_later_objectives_were_not_solved_is_not_called_optimal() -> None:
    program = program_of(
        scenario(budget=1000, objective=["engagements", {"minimize": "hours"}],
                 offers=[offer("one", 100, engagements_per_post=10, hours_per_creator=1)])
    )  # fmt: skip
    solved = solve_verified(program)
    assert build_plan(program, solved).status == "optimal"
    assert build_plan(program, Outcome(solved.columns, solved.stages[:1])).status == "feasible"


def test_best_is_what_was_found_and_value_what_is_left_after_later_objectives() -> None:
    found = planned(
        offer("dear", 100, engagements_per_post=10, hours_per_creator=2),
        offer("slow", 100, engagements_per_post=9, hours_per_creator=1),
        objective=[{"maximize": "engagements", "within": "5%"}, {"minimize": "hours"}],
    )
    first, second = found.objectives
    assert found.objective == first
    assert (first.best, first.bound, first.gap, first.within, first.value) == (100, 100, 0, 0.05, 95)
    assert (second.measure, second.sense, second.value, second.best, second.within) == (
        "hours",
        "minimize",
        15,
        15,
        0,
    )


def test_reach_as_an_objective_is_in_people() -> None:
    sized = offer("one", 100, followers=1000, reach_rate=1, most=2)
    found = planned(sized, objective="reach", audience={"people": 10_000, "overlap": "10%"})
    assert found.objective.value == pytest.approx(1900)
    assert found.objective.value == found.totals.reach
    assert found.objective.bound == pytest.approx(1900)


# Money.


def test_the_parts_of_the_cost_by_hand() -> None:
    """Fees are on what creators are paid (product included), not on commission or set-up."""
    found = planned(
        offer("one", 100, cost_per_creator=20, impressions_per_post=10_000, click_rate="1%", conversion_rate="2%",
              value_per_conversion=50, commission="10%", setup_cost=70, most=3),
        fees={"agency": "15%", "contingency": "5%"}, objective="revenue",
    )  # fmt: skip
    parts = found.totals.cost_parts
    assert parts is not None
    assert parts.model_dump() == {
        "creators": 360,
        "agency": 54,
        "contingency": 18,
        "commission": 30,
        "setup": 70,
    }
    assert found.totals.cost == 532
    assert (found.totals.revenue, found.totals.profit) == (300, 300 - 532)


def test_without_fees_everything_goes_to_creators() -> None:
    parts = planned().totals.cost_parts
    assert parts is not None
    assert parts.model_dump() == {
        "creators": 1000,
        "agency": 0,
        "contingency": 0,
        "commission": 0,
        "setup": 0,
    }


def test_a_set_up_stands_on_the_first_line_of_its_offer_only() -> None:
    found = planned(
        offer("one", 100, engagements_per_post=10, repeat_decay="50%", setup_cost=40, setup_hours=5,
              hours_per_creator=1, most=3, posts_per_creator={"min": 1, "max": 2}),
        budget=540, effort_hours=100,
    )  # fmt: skip
    assert [(x.posts_per_creator, x.creators, x.cost, x.setup_cost, x.hours) for x in found.lines] == [
        (1, 1, 140, 40, 6),
        (2, 2, 400, 0, 2),
    ]
    assert found.totals.cost_parts is not None
    assert (found.totals.cost, found.totals.cost_parts.setup, found.totals.hours) == (540, 40, 8)


# Lines and totals.


@every_scenario
def test_totals_are_the_sums_of_the_lines(name: str) -> None:
    found = plan(name)
    totals = found.totals
    for measure in COUNTED:
        values = [getattr(line, measure) for line in found.lines]
        known = None if None in values else pytest.approx(math.fsum(values), rel=1e-12)
        assert getattr(totals, measure) == known, measure
    for own, value in totals.measures.items():
        assert value == pytest.approx(math.fsum(line.measures[own] or 0 for line in found.lines))
    assert totals.cost == pytest.approx(sum(totals.cost_parts.model_dump().values()), rel=1e-12)
    assert totals.profit is None or totals.profit == pytest.approx(
        totals.revenue - totals.cost_of_goods - totals.cost
    )
    for amounts in (totals, *found.lines):
        for ratio, factor, below in (("cpm", 1000, "impressions"), ("cpe", 1, "engagements"),
                                     ("cpc", 1, "clicks"), ("cpa", 1, "conversions")):  # fmt: skip
            bottom = getattr(amounts, below)
            price = None if not bottom else pytest.approx(factor * amounts.cost / bottom, rel=1e-12)
            assert getattr(amounts, ratio) == price
    for goal in found.objectives:
        whole = getattr(totals, goal.measure, None) if goal.measure != "reach" else totals.reach
        whole = totals.measures[goal.measure] if whole is None else whole
        assert goal.value == pytest.approx(whole, rel=1e-12)


@every_scenario
def test_subtotals_cover_every_line_once(name: str) -> None:
    found = plan(name)
    for keys in (("tier",), ("tier", "platform"), ("format",), ("offer",)):
        parts = [part for _, part in found.subtotals(*keys)]
        assert sum(part.creators for part in parts) == found.totals.creators
        assert math.fsum(part.cost for part in parts) == pytest.approx(found.totals.cost)
    assert len(found.subtotals("offer")) == len({line.offer for line in found.lines})


def test_what_is_not_known_is_none_and_not_0() -> None:
    found = planned(offer("known", 100, engagements_per_post=10, impressions_per_post=1000, most=1),
                    offer("other", 100, engagements_per_post=9, most=1))  # fmt: skip
    assert [line.impressions for line in found.lines] == [1000, None]
    totals = found.totals
    assert (totals.impressions, totals.cpm, totals.hours, totals.clicks, totals.revenue) == (None,) * 5
    assert (totals.gross_reach, totals.reach, totals.reach_two_or_more, totals.frequency) == (None,) * 4
    assert totals.engagements == 19


def test_a_plan_of_nobody_has_zeros() -> None:
    found = planned(budget=50, audience={"people": 1000}, measures={"own": {}})
    totals = found.totals
    assert [getattr(totals, measure) for measure in COUNTED] == [0] * len(COUNTED)
    assert (totals.reach, totals.reach_two_or_more, totals.frequency) == (0, 0, None)
    assert totals.measures == {"own": 0}
    assert (totals.cpe, totals.cpm) == (None, None)
    assert totals.cost_parts is not None
    assert set(totals.cost_parts.model_dump().values()) == {0}


def test_a_line_carries_what_its_offer_says() -> None:
    found = planned(
        offer("one", 50, tier="nano", platform="TikTok", format="Video", tags={"city": "Hue"}, most=3,
              engagements_per_post=10, posts_per_creator=2, measures={"samples": 3, "clips": 2}),
        offer("two", 100, engagements_per_post=10),
        measures={"samples": {"per": "creator"}, "clips": {"per": "post"}},
    )  # fmt: skip
    one, two = found.lines
    assert (one.offer, one.tier, one.platform, one.format, one.tags) == (
        "one", "nano", "tiktok", "video", {"city": "Hue"},
    )  # fmt: skip
    assert (one.creators, one.posts, one.posts_per_creator, one.room) == (3, 6, 2, 3)
    assert one.measures == {"samples": 9, "clips": 12}
    assert two.measures == {"samples": None, "clips": None}  # it has not said
    assert (two.tier, two.platform, two.format, two.tags, two.room) == (None, None, None, {}, None)
    assert found.totals.measures == {"samples": None, "clips": None}
    assert [type(x) for x in (one.creators, one.posts, one.room)] == [int, int, int]


def test_fractions_of_creators_stay_fractions() -> None:
    found = planned(budget=1050, solver={"whole_creators": False}, audience={"people": 1000})
    assert not found.whole_creators
    assert (found.totals.creators, found.totals.cost) == (10.5, 1050)
    assert found.totals.reach_two_or_more is None  # of people, not of fractions


def test_numbers_lose_the_noise_of_their_last_digits_only() -> None:
    assert tidy(0.1 + 0.2) == 0.3
    assert tidy(12345678901234567890) == 12345678901234567890
    assert tidy(1234567.891234) == 1234567.891234
    assert ratios(None, {"engagements": 5})["cpe"] is None
    assert ratios(10, {"engagements": 0})["cpe"] is None
    assert ratios(10, {"engagements": 4, "impressions": 500})["cpm"] == 20
    assert sum_amounts([]).cost == 0


# Reach.


def test_reach_frequency_and_reach_of_two_or_more_by_hand() -> None:
    """Two creators with a tenth of the audience each, independent: 19 % reached, 1 % by both."""
    sized = offer(
        "one", 100, followers=1000, reach_rate=1, impressions_per_post=2000, engagements_per_post=1, most=2
    )
    totals = planned(sized, audience={"people": 10_000, "overlap": "10%"}).totals
    assert totals.gross_reach == 2000
    assert totals.reach == pytest.approx(1900)
    assert totals.reach_two_or_more == pytest.approx(100)
    assert totals.frequency == pytest.approx(4000 / 1900)


def test_frequency_counts_impressions_on_real_people_of_the_audience() -> None:
    sized = offer("one", 100, followers=1000, reach_rate=1, impressions_per_post=2000, engagements_per_post=1,
                  authentic="50%", on_target="40%", completion="80%", most=1)  # fmt: skip
    totals = planned(sized, audience={"people": 10_000, "overlap": "10%"}).totals
    assert totals.impressions == 1600  # everybody's
    assert totals.reach == pytest.approx(160)
    assert totals.frequency == pytest.approx(320 / 160)
    assert totals.reach_two_or_more == 0


def test_more_overlap_means_fewer_people_and_more_of_them_twice() -> None:
    sized = offer("one", 100, followers=1000, reach_rate=1, engagements_per_post=1, most=5)
    low, high = (planned(sized, audience={"people": 10_000, "overlap": o}) for o in ("12%", "40%"))
    assert low.totals.reach > high.totals.reach
    assert low.totals.reach_two_or_more < high.totals.reach_two_or_more
    assert (low.audience.overlap, low.audience.people) == (0.12, 10_000)
    assert low.audience.chance == pytest.approx(0.1)
    assert low.audience.shape > high.audience.shape > 0


def test_independence_has_no_shape() -> None:
    sized = offer("one", 100, followers=1000, reach_rate=1, engagements_per_post=1, most=2)
    found = planned(sized, audience={"people": 10_000})
    assert found.audience is not None
    assert (found.audience.overlap, found.audience.shape) == (None, None)
    assert planned().audience is None
