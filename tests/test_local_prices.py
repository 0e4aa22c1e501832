"""Local prices, against published ones and finite differences."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Scenario, ScenarioError
from optimizer.program.levers import LimitLever, limit_levers
from optimizer.program.program import program_of
from optimizer.solve.model import build_model
from optimizer.solve.solver import solve
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.prices import local_prices
from optimizer.whatif.explain.result import Explanation
from tests.builders import Data, offer, program, scenario
from tests.random_scenarios import random_scenario
from tests.test_published import MIXES

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
