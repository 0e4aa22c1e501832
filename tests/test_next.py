"""What knowing a number and what a test post is worth: by hand, and against every plan."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

import pytest

from optimizer import InfeasibleError, NextTests, Scenario, ScenarioError, next_tests, optimize
from optimizer.learning.numbers import Known, entering, uncertain_numbers
from optimizer.learning.result import NumberWorth
from optimizer.learning.worth import NODES, weights
from optimizer.program.program import program_of
from tests import next_by_hand as by_hand
from tests.builders import Data, offer
from tests.enumeration import World
from tests.near import in_world
from tests.random_ranges import ranged_scenario

NEAR = {"rel": 1e-4, "abs": 1e-6}
"""The expectation of the tests is a sum over 8,000 parts."""


def two(**fields: Any) -> Data:
    """Ten creators can be paid. A known offer of 10 each, and one of 8, or 4, or 16."""
    return {
        "name": "Two",
        "budget": 1000,
        "objective": "engagements",
        "correlation": {"market": 0, "platform": 0, "tier": 0},
        "offers": [
            offer("sure", 100, engagements_per_post=10, most=20),
            offer("unsure", 100, engagements_per_post=[4, 8, 16], most=20),
        ],
        **fields,
    }


def the_one(found: NextTests, name: str, field: str) -> NumberWorth:
    (one,) = (n for n in found.numbers if (n.offer, n.field) == (name, field))
    return one


# --- by hand ---------------------------------------------------------------------------------------------------


def test_two_offers_by_hand() -> None:
    """Today's plan is 10 of the sure one: 100. Known to bring x > 10 each, 10 of the other bring 10 (x - 10) more.

    x = 8 * 2^(z/q), so x > 10 from z0 = q log2(10/8) = 0.4126 on; with b = ln 2 / q = 0.5409
    E[10 (x - 10)+] = 80 e^(b^2/2) P(z > z0 - b) - 100 P(z > z0) = 80 * 1.1575 * 0.5511 - 100 * 0.3400 = 17.03
    """
    found = next_tests(Scenario.model_validate(two()))
    assert (found.planned, found.unit) == (100, "engagements")
    one = the_one(found, "unsure", "engagements_per_post")
    normal, q = NormalDist(), NormalDist().inv_cdf(0.9)
    b, z0 = math.log(2) / q, q * math.log2(10 / 8)
    exact = 80 * math.exp(b * b / 2) * normal.cdf(b - z0) - 100 * normal.cdf(-z0)
    assert exact == pytest.approx(17.03, abs=0.01)
    assert one.value == pytest.approx(exact, rel=0.05)
    assert one.share == pytest.approx(one.value / 100)
    assert one.other_plan == pytest.approx(normal.cdf(-z0), abs=0.1)
    # a post costs a tenth of the money, which brings 10; nothing is said of creators who differ, so it tells all
    # but that 8 are counted, with a standard deviation of a root of 8
    rho2 = b**2 / (b**2 + 1 / 8)
    assert (one.way, one.cost, one.hours, one.brought) == ("test_post", 100, 0, 10)
    assert one.tells == pytest.approx(rho2)
    told = 80 * math.exp(b * b * rho2 / 2) * normal.cdf(math.sqrt(rho2) * b - z0 / math.sqrt(rho2)) - 100 * (
        normal.cdf(-z0 / math.sqrt(rho2))
    )
    assert one.test_value == pytest.approx(told, rel=0.08)
    assert one.net == pytest.approx(one.test_value - 10)
    assert not one.worth_it or one.net > 0


def test_a_test_is_worth_it_where_creators_are_alike_and_not_where_they_differ() -> None:
    many = two(budget=20_000)
    many["offers"] = [
        offer("sure", 100, engagements_per_post=1000, most=200),
        offer("unsure", 100, engagements_per_post=[400, 800, 1600], most=200),
    ]
    alike = the_one(next_tests(Scenario.model_validate(many)), "unsure", "engagements_per_post")
    assert alike.worth_it
    assert alike.brought == 1000
    many["offers"][1] |= {"spread": 3, "post_spread": 3}
    differ = the_one(next_tests(Scenario.model_validate(many)), "unsure", "engagements_per_post")
    assert differ.value == alike.value
    assert differ.tells < 0.05
    assert not differ.worth_it
    # of one creator, how she differs from others is what a test is for
    many["offers"][1] |= {"spread": 1, "post_spread": 0.3, "creators": {"max": 1}}
    star = the_one(next_tests(Scenario.model_validate(many)), "unsure", "engagements_per_post")
    assert star.one_creator
    assert star.tells > 0.9


def test_a_quote_is_exact_and_costs_hours_only() -> None:
    """Ten hours, one for each creator: ten of the sure one bring 100. Half an hour of asking leaves room for nine: six
    of the sure one and three of the other, who cost 990 and bring 93."""
    data = two(effort_hours=10)
    data["offers"] = [
        offer("sure", 100, engagements_per_post=10, hours_per_creator=1, most=20),
        offer("unsure", engagements_per_post=11, hours_per_creator=1, most=20)
        | {"cost_per_post": [80, 130, 200]},
    ]
    found = next_tests(Scenario.model_validate(data))
    one = the_one(found, "unsure", "cost_per_post")
    assert (one.way, one.cost, one.hours, one.tells) == ("quote", 0, 0.5, 1)
    assert one.test_value == one.value > 0
    assert one.brought == 7
    free = next_tests(Scenario.model_validate(data), quote_hours=0)
    assert the_one(free, "unsure", "cost_per_post").brought == 0
    assert the_one(free, "unsure", "cost_per_post").net == one.value


def test_today_s_plan_drops_bookings_where_a_fee_breaks_the_budget() -> None:
    """Ten at 100 are planned. At 125 eight can be paid, 80; the other offer then brings 10 x 9 = 90."""
    data = two()
    data["offers"] = [
        offer("unsure", engagements_per_post=10, most=20) | {"cost_per_post": [80, 100, 125]},
        offer("sure", 100, engagements_per_post=9, most=20),
    ]
    parsed = Scenario.model_validate(data)
    found = next_tests(parsed)
    one = the_one(found, "unsure", "cost_per_post")
    assert one.broken == 0
    today = [(10,), (0,)]
    known = NormalDist().inv_cdf(0.9)
    assert by_hand.gain(data, today, 0, "cost_per_post", known) == pytest.approx(10)
    # dearer: (what ten of the other bring) less (what is left of today's); cheaper: two or three creators more
    gains = {node: by_hand.gain(data, today, 0, "cost_per_post", node) for node in NODES}
    assert gains[0.0] == 0
    assert gains[-1.2] == 20
    assert one.value == pytest.approx(by_hand.expectation(gains, NormalDist()), **NEAR)


def test_less_is_wanted_and_a_floor_may_break() -> None:
    """90 engagements for the least money: nine at 100. Where one brings less than ten, more of the same are booked; a
    tenth offer that is dearer by one may then be the better one."""
    data = two(objective={"minimize": "cost"}, limits=[{"measure": "engagements", "min": 90}])
    del data["budget"]
    data["offers"] = [
        offer("unsure", 100, engagements_per_post=[7, 10, 12], most=10),
        offer("sure", 125, engagements_per_post=10, most=20),
    ]
    found = next_tests(Scenario.model_validate(data))
    one = the_one(found, "unsure", "engagements_per_post")
    assert (found.sense, found.planned) == ("minimize", 900)
    gains = {node: by_hand.gain(data, [(9,), (0,)], 0, "engagements_per_post", node) for node in NODES}
    assert one.value == pytest.approx(by_hand.expectation(gains, NormalDist()), **NEAR)
    # a test's own money is money
    assert one.brought == 100
    assert any("breaks a limit" in line for line in found.sentences) == (one.broken >= 0.005)


# --- against every plan ----------------------------------------------------------------------------------------


def small(seed: int) -> Data | None:
    """A random scenario with ranges that can be looked at plan by plan, its first objective alone; None for others."""
    data = ranged_scenario(seed)
    first = data["objective"][0] if isinstance(data["objective"], list) else data["objective"]
    if isinstance(first, dict):
        first = {key: value for key, value in first.items() if key != "within"}
    data = {**data, "objective": first, "solver": {"gap": 0}}
    prices = [o for o in data["offers"] if "cpm" in o and "cost_per_post" in o]
    return None if prices or World(data).size > 400 else data


@pytest.mark.parametrize("seeds", [range(1, 40), range(40, 80), range(80, 120), range(120, 160)])
def test_values_are_those_of_looking_at_every_plan(seeds: range) -> None:
    """Gains by complete enumeration at the same places, put together by another way of integrating."""
    tried = above = posts = 0
    for seed in seeds:
        data = small(seed)
        if data is None:
            continue
        try:
            parsed = Scenario.model_validate(data)
            found = next_tests(parsed)
            plan = optimize(parsed, draws=0)
        except (InfeasibleError, ScenarioError):
            continue
        today = [option["counts"] for option in in_world(World(data), plan)]
        assert found.unsettled == 0
        names = [one["name"] for one in data["offers"]]
        for one in sorted(found.numbers, key=lambda n: -n.value)[:2]:
            mine = data["offers"][names.index(one.offer)]
            law = by_hand.belief(mine, one.field)
            gains = {
                place: by_hand.gain(data, today, names.index(one.offer), one.field, place)
                for place in (law.mean + law.stdev * node for node in NODES)
            }
            label = f"{seed}: {one.field} of {one.offer}"
            assert one.value == pytest.approx(by_hand.expectation(gains, law), **NEAR), label
            tried += 1
            above += one.value > 0
            if one.way == "test_post":
                share = by_hand.told(mine, one.field, by_hand.counted(mine, one.field))
                assert one.tells == pytest.approx(share**2), label
                after = by_hand.expectation(gains, by_hand.belief(mine, one.field, share))
                assert one.test_value == pytest.approx(min(after, one.value), **NEAR), label
                posts += 1
    assert posts >= 1
    assert tried > 10
    assert above > 3


def test_numbers_that_enter_nothing_change_no_program() -> None:
    """What is said to be worth 0 without solving: neither objective nor limits have another number in them."""
    seen = 0
    for seed in range(1, 60):
        data = ranged_scenario(seed)
        program = program_of(Scenario.model_validate(data))
        if program.problems:
            continue
        matter = entering(program)
        for one in uncertain_numbers(program):
            if any(field == one.field for _, field in matter):  # others of its kind move along
                continue
            other = program_of(Known(program, one).at(2.0))
            goal = program.scenario.objective[0]
            assert (other.goal_values(goal) == program.goal_values(goal)).all(), (seed, one)
            for row, same in zip(other.rows, program.rows, strict=True):
                assert (row.coefficients == same.coefficients).all(), (seed, one)
                assert (row.lower, row.upper) == (same.lower, same.upper), (seed, one)
            seen += 1
    assert seen > 20


def test_straight_lines_between_thirteen_places_are_near_enough() -> None:
    """The by-hand case and one with a budget that a fee breaks, with 241 places instead of 13."""
    fine = [round(-4.8 + 0.04 * step, 2) for step in range(241)]
    for data, today, index, field in (
        (two(), [(10,), (0,)], 1, "engagements_per_post"),
        (
            two(offers=[
                offer("unsure", engagements_per_post=10, most=20) | {"cost_per_post": [60, 100, 180]},
                offer("sure", 100, engagements_per_post=9, most=20),
            ]),
            [(10,), (0,)], 0, "cost_per_post",
        ),
    ):  # fmt: skip
        one = the_one(next_tests(Scenario.model_validate(data)), data["offers"][index]["name"], field)
        gains = {place: by_hand.gain(data, today, index, field, place) for place in fine}
        assert one.value == pytest.approx(by_hand.expectation(gains, NormalDist()), rel=0.05)


def test_weights_are_those_of_a_normal_distribution() -> None:
    parsed = Scenario.model_validate(two())
    (number,) = uncertain_numbers(program_of(parsed))
    for told in (1.0, 0.6, 0.1):
        found = weights(number, number.belief(told))
        assert found.sum() == pytest.approx(1)
        assert (found >= -1e-12).all()
        squares = float(found @ [node**2 for node in NODES])
        assert squares == pytest.approx(
            told**2, abs=0.05
        )  # straight lines lie above a square, the ends below
        lines = {node: abs(node) for node in NODES}
        assert float(found @ [lines[node] for node in NODES]) == pytest.approx(
            by_hand.expectation(lines, NormalDist(0, told)), rel=1e-3
        )
