"""Prices by solving again, against complete enumeration."""

from __future__ import annotations

import copy

import pytest

from optimizer import Scenario
from optimizer.program.levers import LimitLever, limit_levers
from optimizer.program.program import program_of
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.prices import LimitPrice, price_of
from tests.builders import Data, offer, scenario
from tests.changes import best_by_counting, changed, same
from tests.random_scenarios import random_scenario

SEEDS = (120, 8, 24, 54, 268, 25, 278, 32, 161, 229, 145, 204, 75, 84)
"""Chosen among small scenarios so that together they turn every kind of limit, binding and not, in both directions."""

REACH: Data = {
    "name": "reach floor",
    "budget": 900,
    "objective": {"minimize": "cost"},
    "audience": {"people": 50_000, "overlap": "20%"},
    "offers": [
        {"name": "a", "followers": 9000, "cost_per_post": 90, "reach_rate": "30%", "creators": {"max": 4}},
        {"name": "b", "followers": 30_000, "cost_per_post": 210, "reach_rate": "25%", "creators": {"max": 3}},
    ],
    "limits": [{"measure": "reach", "min": 11_000}, {"measure": "cost", "where": {"name": "b"}, "min": "20% of cost"}],
    "solver": {"gap": 0},
}  # fmt: skip


def data_of(case: int | str) -> Data:
    return copy.deepcopy(REACH) if case == "reach" else random_scenario(int(case))


def written(lever: LimitLever, number: float) -> Data:
    """The change that sets a lever to a number, by its path as text."""
    (value,) = lever.change(number).values()
    return {lever.written: value}


class Turned:
    """Best value with one limit's number changed by so much, in the unit of its price (points, for shares)."""

    def __init__(self, data: Data, lever: LimitLever) -> None:
        self.data, self.lever = data, lever
        self.counted: dict[float, float | None] = {}

    def __call__(self, change: float) -> float | None:
        number = float(f"{self.lever.number + change / (100 if self.lever.of else 1):.12g}")
        if number not in self.counted:
            self.counted[number] = best_by_counting(changed(self.data, written(self.lever, number)))
        return self.counted[number]


def turned(data: Data) -> list[tuple[LimitLever, LimitPrice]]:
    """The price of every number that limits the plan."""
    plan = Scenario.model_validate(data)
    text = plan.model_dump_json(exclude_unset=True)
    base = best_by_counting(data)
    assert base is not None
    sense = plan.objective[0].sense
    return [
        (h, price_of(text, h, base, sense, "units", True, (None, None)))
        for h in limit_levers(program_of(plan))
    ]


CASES: tuple[int | str, ...] = ("reach", *SEEDS)


@pytest.mark.parametrize("case", CASES)
def test_prices_by_solving_again_are_those_of_counting_every_plan(case: int | str) -> None:
    data = data_of(case)
    base = best_by_counting(data)
    assert base is not None
    goal = Scenario.model_validate(data).objective[0]
    sign = 1 if goal.sense == "maximize" else -1
    for lever, price in turned(data):
        relaxing = 1 if lever.side == "max" else -1
        scale = 100 if lever.of else 1
        at = Turned(data, lever)
        assert price.points, lever
        for point in price.points:
            value = at(point.step)
            assert same(point.value, value), (lever, point, value)
            # A floor above its own ceiling is refused rather than infeasible.
            assert point.status in (("infeasible", "refused") if value is None else ("optimal",))
            if value is not None:
                assert point.gain == pytest.approx(sign * (value - base), rel=1e-8, abs=1e-8)
                assert point.per_unit == pytest.approx(point.gain / (relaxing * point.step))
                # Positive is helpful: relaxing never hurts, tightening never helps (unless a floor rises with it).
                if not any(str(limit).endswith(f"of {lever.written}'}}") for limit in data["limits"]):
                    assert point.per_unit >= -1e-9
        for way, size in ((relaxing, price.next_better), (-relaxing, price.next_worse)):
            if size is None:
                farthest = room_to_turn(lever, way) * scale
                assert farthest <= 0 or same(at(way * farthest), base), (lever, way)
                continue
            value = at(way * size)
            better = value is not None and sign * (value - base) > 0
            assert not same(value, base), (lever, way, size)
            assert better == (way == relaxing)
            step_nearer = size - price.resolution
            for share in (1.0, 0.6, 0.3):
                nearer = round(share * step_nearer) if lever.whole else share * step_nearer
                if nearer > 1e-9:
                    assert same(at(way * nearer), base), (lever, way, size, nearer)


def room_to_turn(lever: LimitLever, way: int) -> float:
    """How far a number is turned at most: to twice of it, or to nothing; shares of a total up to all of it."""
    room = abs(lever.number) or 1.0
    if lever.of:
        room = 1.0
    if way < 0:
        room = min(room, lever.number)
    elif lever.of:
        room = min(room, 1.0 - lever.number)
    return float(int(room)) if lever.whole else room


def test_the_scenarios_turn_every_kind_of_limit() -> None:
    turned_there = [
        h for case in CASES for h in limit_levers(program_of(Scenario.model_validate(data_of(case))))
    ]
    met = {(lever.side, lever.of and "share", lever.unit) for lever in turned_there}
    for kind in (
        ("max", None, "USD"), ("max", None, "hours"), ("max", None, "creators"), ("max", None, "posts"),
        ("max", None, "people"), ("max", None, "USD per engagement"), ("max", None, "USD per 1,000 impressions"),
        ("min", None, "USD"), ("min", None, "creators"), ("min", None, "posts"), ("min", None, "people"),
        ("min", None, "engagements"), ("min", None, "USD per engagement"), ("max", "share", "point of budget"),
        ("max", "share", "point of cost"), ("min", "share", "point of cost"), ("max", "share", "point of creators"),
        ("min", "share", "point of effort_hours"), ("max", "share", "point of effort_hours"),
        ("min", "share", "point of engagements"), ("min", "share", "point of samples"),
    ):  # fmt: skip
        assert kind in met


def test_a_floor_that_is_a_share_of_the_budget_makes_more_budget_worse() -> None:
    # A share of the budget must go to tiktok, which has one creator of 60; a second b needs a budget of 100.
    offers = [
        offer("a", 60, engagements_per_post=50, platform="tiktok", most=1),
        offer("b", 20, engagements_per_post=40, platform="instagram", most=5),
    ]

    def budget(share: str) -> LimitPrice:
        floor = {"measure": "cost", "where": {"platform": "tiktok"}, "min": f"{share} of budget"}
        asked = scenario(budget=95, objective="engagements", offers=offers, limits=[floor])
        return next(p for p in explain(asked, sections=["prices"]).prices if p.path == "budget")

    wide = budget("57%")  # possible up to 105.26
    assert wide.next_better == pytest.approx(5, abs=wide.resolution)
    price = budget("62%")  # possible up to 96.77
    tight = {point.step: point for point in price.points}
    assert (tight[0.95].status, tight[0.95].gain) == ("optimal", 0)
    assert (tight[4.75].status, tight[4.75].gain) == ("infeasible", None)
    assert price.next_better is None, "what makes the plan impossible is not better"


def test_values_are_of_the_exact_best_although_the_plan_gives_some_of_it_up() -> None:
    # 10 % may be given up for posts, and the solver may stop 5 % early; neither shows in prices.
    offers = [
        offer("few", 50, engagements_per_post=100, most=4),
        offer("many", 10, engagements_per_post=15, most=20),
    ]
    asked = scenario(
        budget=200,
        objective=[{"maximize": "engagements", "within": "10%"}, {"maximize": "posts"}],
        offers=offers,
        solver={"gap": "5%"},
    )
    found = explain(asked, sections=["prices", "rules"])
    assert found.best == 400
    assert found.objective.measure == "engagements"
    by_path = {price.path: price for price in found.prices}
    (more,) = (point for point in by_path["budget"].points if point.step == 10)
    assert (more.value, more.gain, more.per_unit) == (415, 15, 1.5)


def test_a_share_may_ask_for_more_than_all_of_another_measure() -> None:
    # Revenue of at least 150 % of cost: a floor above 100 % can be turned both ways.
    offers = [
        offer("sells", 100, impressions_per_post=1000, click_rate="10%", conversion_rate="10%",
              value_per_conversion=40, engagements_per_post=10, most=5),
        offer("shows", 100, impressions_per_post=1000, click_rate="1%", conversion_rate="10%",
              value_per_conversion=40, engagements_per_post=50, most=5),
    ]  # fmt: skip
    returns = {"measure": "revenue", "min": "150% of cost"}
    data = {
        "budget": 1000,
        "objective": "engagements",
        "offers": offers,
        "limits": [returns],
        "solver": {"gap": 0},
    }
    # s sells and h shows: 400 s + 40 h >= 150 (s + h), so h <= 2.27 s; at 150 %: 5 + 5.
    # Of all ten, 2,200 / 1,000 = 220 % is what they bring back.
    price = next(p for p in turned(data) if p[0].of)[1]
    assert [point.step for point in price.points] == [-5, -1, 1, 5]
    assert price.next_worse == pytest.approx(70, abs=price.resolution)


# --- what each rule costs ---


@pytest.mark.parametrize("case", [8, 24, 54, 278, 229, "reach"])
def test_a_rule_costs_what_planning_without_it_brings(case: int | str) -> None:
    data = data_of(case)
    base = best_by_counting(data)
    found = explain(Scenario.model_validate(data), sections=["rules"])
    assert base is not None
    assert same(found.best, base)
    limits = [f"limits[{i}]" for i in range(len(data["limits"]))]
    bookings = [f"offers[{i}].creators.min" for i, o in enumerate(data["offers"]) if o["creators"].get("min")]
    caps = [cap for cap in ("budget", "effort_hours") if cap in data]
    assert sorted(rule.path for rule in found.rules) == sorted(limits + bookings + caps)
    sign = 1 if found.objective.sense == "maximize" else -1
    for rule in found.rules:
        value = best_by_counting(changed(amounts_of(data, rule.path), {rule.path: None}))
        assert value is not None
        assert rule.status == "optimal"
        assert same(rule.value, value)
        assert rule.gain == pytest.approx(sign * (value - base), rel=1e-8, abs=1e-8)
        assert sign * (value - base) >= -1e-8
        assert rule.share == (pytest.approx(rule.gain / abs(base)) if base else None)
    gains = [rule.gain or 0.0 for rule in found.rules if rule.status != "unlimited"]
    assert gains == sorted(gains, reverse=True)


def amounts_of(data: Data, cap: str) -> Data:
    """The data with limits that are shares of the budget or the hours written as amounts."""
    result = copy.deepcopy(data)
    for limit in result["limits"]:
        for side in ("min", "max"):
            if str(limit.get(side)).endswith(f"% of {cap}"):
                limit[side] = float(limit[side].partition("%")[0]) / 100 * data[cap]
    return result


def test_a_rule_without_which_nothing_limits_the_plan_is_named_first_and_has_no_number() -> None:
    endless = [offer("a", 10, engagements_per_post=5), offer("b", 8, engagements_per_post=3, most=2)]
    few = {"measure": "creators", "where": {"name": "b"}, "max": 1}
    rules = explain(
        scenario(budget=100, objective="engagements", offers=endless, limits=[few]), sections=["rules"]
    ).rules
    assert [(rule.path, rule.status, rule.gain) for rule in rules] == [
        ("budget", "unlimited", None),
        ("limits[0]", "optimal", 0),
    ]


def test_a_booking_and_a_limit_with_two_sides_are_rules_too() -> None:
    offers = [
        offer("good", 10, engagements_per_post=50, most=5),
        offer("signed", 20, engagements_per_post=10, least=2, most=4),
    ]
    both = {"measure": "posts", "where": {"name": "good"}, "min": 1, "max": 2}
    rules = explain(
        scenario(budget=80, objective="engagements", offers=offers, limits=[both]), sections=["rules"]
    ).rules
    # Today: two good, two signed and one more of them: 2 x 50 + 3 x 10.
    assert [(rule.kind, rule.value, rule.gain) for rule in rules] == [
        ("floor and ceiling", 220, 90),  # four good, two signed
        ("ceiling", 140, 10),  # the budget: two good, four signed
        ("booking", 130, 0),
    ]
