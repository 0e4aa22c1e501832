"""Prices by solving again against complete enumeration, local prices against published ones and finite differences."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from optimizer import Scenario, ScenarioError
from optimizer.program.levers import LimitLever, limit_levers
from optimizer.program.program import program_of
from optimizer.solve.model import build_model
from optimizer.solve.solver import solve
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.prices import LimitPrice, local_prices, price_of
from optimizer.whatif.explain.result import Explanation
from tests.builders import Data, offer, program, scenario
from tests.changes import best_by_counting, changed, same
from tests.random_scenarios import random_scenario
from tests.test_published import MIXES

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


# --- local prices ---

DUALS = {
    # Anderson, Sweeney, Williams, An Introduction to Management Science, figure 4.6: all nine, published.
    "relax_and_enjoy": {"avail_DTV": 0, "avail_ETV": 0, "avail_DN": 16, "avail_SN": 0, "avail_R": 14,
                        "budget": 0.06, "min_tv_ads": -25, "max_tv_spend": 0, "min_reach": 0},
    # The others: no table is published; d(objective)/d(side) by scipy 1.17.1 (HiGHS), the objective confirmed.
    "westchester_18200": {"budget": 51.304348, "radio_le_50pct": 5217.391304, "tv_ge_10pct": 0},
    "ampl_1_1a": {"budget": 100},
    "ampl_1_1b": {"budget": 88, "person_weeks": 40_000},
    "diversey_paint": {"city": 0, "suburb": 30833.333333},
    "algebra_newspaper_radio": {"budget": 11.355932},
    "dorian_auto": {"women": 5, "men": 7.5},
    "profit_gamble": {"stain": 1.333333, "liquid": 0.333333, "powder": 0},
    "acme_ads": {"budget": 28},
    "dairy_dmi": {"budget": 1.4},
    "buzz_cola": {"budget": 15},
}  # fmt: skip


def linear_best(asked: Scenario) -> float | None:
    """Optimum of the linear program of the first objective, by another solve."""
    prepared = program_of(asked)
    goal = asked.objective[0]
    values = prepared.goal_values(goal)
    model = build_model(
        prepared, values, maximize=goal.sense == "maximize", rows=prepared.rows, continuous=True
    )
    solution = solve(model, solver="highs", gap=0.0, time_limit=20.0)
    return (
        prepared.goal_amount(goal, float(values @ solution.values)) if solution.status == "optimal" else None
    )


def one_sided(asked: Scenario, lever: LimitLever, relative: float = 1e-5) -> list[float]:
    """Derivatives of that optimum to both sides, where there is a plan."""
    size = relative * (1.0 if lever.of or not lever.number else abs(lever.number))
    base = linear_best(asked)
    assert base is not None
    found = []
    for way in (1, -1):
        try:
            value = linear_best(asked.with_changes(lever.change(lever.number + way * size)))
        except ScenarioError:
            continue
        if value is not None:
            found.append(way * (value - base) / size)
    return found


@pytest.mark.parametrize("whole", [False, True], ids=["continuous", "whole"])
@pytest.mark.parametrize("name", DUALS)
def test_local_prices_are_the_published_ones(name: str, whole: bool) -> None:
    case = MIXES[name]
    asked = Scenario.model_validate(program(case, whole=whole))
    rows = list(case["rows"])
    by_path = {lever.written: lever for lever in limit_levers(program_of(asked))}
    local = local_prices(asked, list(by_path.values()))
    sign = 1 if case["sense"] == "maximize" else -1
    for row, expected in DUALS[name].items():
        (path,) = (p for p in by_path if p.startswith(f"limits[{rows.index(row)}]"))
        price, dual = local[by_path[path].path]
        assert dual == pytest.approx(expected, rel=2e-6, abs=1e-9), row
        assert price == pytest.approx(sign * by_path[path].relaxing * expected, rel=2e-6, abs=1e-9)
        assert price is not None
        assert price >= 0, "relaxing a limit never hurts"


def test_relax_and_enjoy_in_the_fields_of_a_planner_has_the_same_prices() -> None:
    # The five availabilities as creators.max, the money as budget, 60 % of it for television.
    columns = [("DTV", 1500, 65, 1000, 15), ("ETV", 3000, 90, 2000, 10), ("DN", 400, 40, 1500, 25),
               ("SN", 1000, 60, 2500, 4), ("R", 100, 20, 300, 30)]  # fmt: skip
    offers = [
        offer(name, cost, engagements_per_post=units, impressions_per_post=seen, most=most, platform=kind)
        for (name, cost, units, seen, most), kind in zip(columns, ["tv", "tv", "x", "x", "x"], strict=True)
    ]
    limits = [
        {"measure": "posts", "where": {"platform": "tv"}, "min": 10},
        {"measure": "cost", "where": {"platform": "tv"}, "max": "60% of budget"},
        {"measure": "impressions", "min": "50k"},
    ]
    asked = scenario(budget=30_000, objective="engagements", offers=offers, limits=limits)
    found = {price.path: price for price in explain(asked, sections=["prices"]).prices}
    assert (found["budget"].local_dual, found["budget"].local_price) == (0.06, 0.06)
    assert (found["limits[0].min"].local_dual, found["limits[0].min"].local_price) == (-25, 25)
    assert found["offers[2].creators.max"].local_price == pytest.approx(16)
    assert found["offers[4].creators.max"].local_price == pytest.approx(14)
    assert set(found) == {"budget", "limits[0].min", "offers[2].creators.max", "offers[4].creators.max"}


def test_a_price_that_is_not_unique_lies_between_the_rates_to_both_sides() -> None:
    # Bisschop's cover of six audiences has several dual solutions, so there is no one right number.
    asked = Scenario.model_validate(program(MIXES["aimms_cover"], whole=False))
    chosen = [lever for lever in limit_levers(program_of(asked)) if lever.path[0] == "limits"]
    assert len(chosen) == 6
    for path, (price, dual) in local_prices(asked, chosen).items():
        (lever,) = (h for h in chosen if h.path == path)
        rates = one_sided(asked, lever)
        assert dual is not None
        assert min(rates) - 1e-3 <= dual <= max(rates) + 1e-3
        assert price == pytest.approx(dual), "a floor of a plan at least cost: dearer by as much as it rises"


LINEAR = (0, 8, 14, 24, 27, 37, 49, 58, 64, 77, 83, 86)


def in_fractions(seed: int) -> Data:
    """A random scenario as a linear program."""
    data = random_scenario(seed)
    for each in data["offers"]:
        each.pop("setup_cost", None)
        each.pop("setup_hours", None)
    data["limits"] = [limit for limit in data["limits"] if limit.get("per") != "creator"]
    return data | {"solver": {"gap": 0, "whole_creators": False}}


def assert_derivatives(asked: Scenario) -> list[str]:
    """Every local price is the rate at which the optimum of the linear program changes; which were not 0."""
    chosen = list(limit_levers(program_of(asked)))
    local = local_prices(asked, chosen)
    felt = []
    for lever in chosen:
        price, dual = local[lever.path]
        assert dual is not None
        assert price is not None
        rates = one_sided(asked, lever)
        if len(rates) < 2:
            continue
        near = 2e-3 * max(map(abs, (dual, *rates))) + 1e-6 * abs(linear_best(asked) or 0.0)
        assert min(rates) - near <= dual <= max(rates) + near, (lever, dual, rates)
        goal = asked.objective[0].sense
        assert price == pytest.approx(dual * lever.relaxing * (1 if goal == "maximize" else -1))
        if abs(dual) > near:
            felt.append(str(lever.path[0]) + (" share" if lever.of else ""))
    return felt


def test_local_prices_are_the_derivatives_of_the_linear_program() -> None:
    felt = [
        kind for seed in LINEAR for kind in assert_derivatives(Scenario.model_validate(in_fractions(seed)))
    ]
    assert len(felt) >= 25
    assert {"budget", "effort_hours", "offers", "limits"} <= set(felt)


def linear(**fields: Any) -> Scenario:
    offers = [
        offer("a", 90, followers=9000, reach_rate="30%", engagements_per_post=200, most=6, platform="x"),
        offer("b", 210, followers=30_000, reach_rate="25%", engagements_per_post=350, most=5, platform="y"),
        offer("c", 400, followers=60_000, reach_rate="20%", engagements_per_post=500, most=4, platform="y"),
    ]
    audience = {"people": 80_000, "overlap": "15%"}
    solver = {"whole_creators": False}
    return scenario(offers=offers, audience=audience, solver=solver, **fields)


CHEAP = {"minimize": "cost"}
HALF = {"measure": "cost", "where": {"platform": "x"}}


@pytest.mark.parametrize(
    ("fields", "felt"),
    [
        ({"limits": [HALF | {"max": "20% of cost"}]}, "limits share"),
        ({"limits": [HALF | {"max": "20% of budget"}]}, "limits share"),
        ({"limits": [{"measure": "cost", "where": {"platform": "y"}, "min": "95% of cost"}]}, "limits share"),
        ({"limits": [{"measure": "cpe", "max": 0.55}], "budget": 2500}, "limits"),
        ({"limits": [{"measure": "reach", "min": 22_000}], "objective": CHEAP}, "limits"),
        ({"limits": [{"measure": "reach", "min": "28% of audience"}], "objective": CHEAP}, "limits share"),
        ({"limits": [{"measure": "reach", "max": 20_000}]}, "limits"),
        ({"objective": "reach", "limits": [HALF | {"min": 300}]}, "limits"),
        ({"objective": "reach"}, "budget"),
        ({"limits": [{"measure": "posts", "min": 8.5}], "objective": "reach"}, "limits"),
    ],
)  # fmt: skip
def test_shares_ratios_and_reach_have_their_derivatives(fields: Data, felt: str) -> None:
    asked = linear(**{"budget": 1500, "objective": "engagements", **fields})
    assert felt in assert_derivatives(asked)


def test_room_has_the_whole_price_whatever_else_bounds_the_creators() -> None:
    # Ten dollars buy one; there are three. A fourth would bring 5 for 10 dollars that now bring 2.
    offers = [
        offer("best", 10, engagements_per_post=5, most=3),
        offer("rest", 10, engagements_per_post=2, most=50),
    ]
    asked = scenario(budget=100, objective="engagements", offers=offers)
    price = next(p for p in explain(asked, sections=["prices"]).prices if p.path == "offers[0].creators.max")
    assert price.local_price == price.local_dual == 3
    assert [(point.step, point.per_unit) for point in price.points] == [(-1, 3), (1, 3)]
    assert (price.next_better, price.next_worse, price.resolution) == (1, 1, 1)


def test_points_of_a_share_are_priced_per_point() -> None:
    asked = linear(budget=1500, objective="engagements", limits=[HALF | {"max": "20% of cost"}])
    found: Explanation = explain(asked, sections=["prices"])
    (price,) = (p for p in found.prices if p.of)
    assert (price.number, price.unit, [p.step for p in price.points]) == (
        0.2,
        "point of cost",
        [-5, -1, 1, 5],
    )
    (up,) = (p for p in price.points if p.step == 1)
    # With fractions of creators the rate is nearly that of one point.
    assert up.per_unit == pytest.approx(price.local_price, rel=0.02)
    assert up.number == 0.21
