"""Pages for tests: plans with small curves and maps around them, made once."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from optimizer import Plan, Scenario, load_scenario, optimize, safety
from optimizer.finance.compare.compare import compare
from optimizer.finance.compare.comparison import Comparison
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.result import Frontier
from optimizer.report.page.pages import (
    comparison_page,
    explanation_page,
    frontier_page,
    plan_page,
    review_page,
    safety_page,
)
from optimizer.whatif.explain.explain import explain
from optimizer.whatif.explain.result import Explanation
from tests.builders import offer, scenario
from tests.reviewed import from_export
from tests.risky import pair

SCENARIOS = Path(__file__).parents[1] / "scenarios"
HOSTILE = "</script><script>window.bad=1</script><img src=x onerror=window.bad=1>\"'&{{7*7}}\u202eevil\u2028"
"""A name from a file that must stay a name."""
POINTS: dict[str, tuple[list[float], list[float]]] = {
    "quickstart": ([5_000, 10_000, 15_000, 20_000, 25_000, 30_000], [80, 120, 160, 200]),
    "launch-us": ([50_000, 75_000, 100_000, 125_000], [600, 800]),
}


@cache
def loaded(name: str) -> Scenario:
    return load_scenario(SCENARIOS / f"{name}.yaml")


@cache
def plan(name: str) -> Plan:
    return optimize(loaded(name))


@cache
def around(name: str) -> tuple[Frontier, Frontier]:
    """A curve and a map."""
    budgets, hours = POINTS[name]
    curve = frontier(loaded(name), {"budget": budgets})
    return curve, frontier(loaded(name), {"budget": budgets[1:4], "effort_hours": hours})


@cache
def page_of(name: str) -> str:
    """The whole page of a plan."""
    return plan_page(plan(name), *around(name))


@cache
def comparison() -> Comparison:
    base = loaded("quickstart")
    half: dict[str, Any] = {"name": "Half", "budget": 10_000, "offers[1].cost_per_post": 450}
    none: dict[str, Any] = {"name": "Too tight", "limits": [{"measure": "engagements", "min": 1e6}]}
    return compare([base, base.with_changes(half), base.with_changes(none)])


@cache
def comparing_page() -> str:
    return comparison_page(comparison())


@cache
def curve_page() -> str:
    """A curve with a stretch without a plan: a floor that small budgets cannot meet."""
    floor = {"limits": [{"measure": "engagements", "min": 9_000}]}
    return frontier_page(frontier(loaded("quickstart").with_changes(floor), "budget=1k:21k:2k"))


@cache
def map_page() -> str:
    return frontier_page(around("quickstart")[1])


@cache
def explanation() -> Explanation:
    return explain(loaded("quickstart"))


@cache
def why_page() -> str:
    return explanation_page(explanation())


@cache
def safe_page() -> str:
    found = safety(Scenario.model_validate(pair()), confidences=[0.8, 0.9], target=30_000)
    return safety_page(found)


@cache
def review_of_a_campaign() -> str:
    return review_page(from_export(running=True))


@cache
def hostile_plan() -> Plan:
    """A plan in which every text of the file is an attack."""
    measure = "'\"><b>m</b>"
    return optimize(
        scenario(
            name=HOSTILE,
            budget=1_000,
            objective="engagements",
            measures={measure: {"per": "creator"}},
            limits=[{"name": HOSTILE, "measure": "creators", "max": 4}],
            offers=[
                offer(f"{HOSTILE} {n}", 100, most=3, engagements_per_post=[5, 10 + n, 30], platform=f"<i>{n}",
                      source=f"https://example.com/{HOSTILE}", measures={measure: 1})
                for n in range(2)
            ],
        )
    )  # fmt: skip


@cache
def hostile_page() -> str:
    found = hostile_plan()
    again = Scenario.model_validate(found.inputs)
    return plan_page(found, frontier(again, "budget=200,400,600"))


PAGES = {
    "plan": lambda: page_of("quickstart"),
    "reach plan": lambda: page_of("launch-us"),
    "comparison": comparing_page,
    "curve": curve_page,
    "map": map_page,
    "explanation": why_page,
    "safety": safe_page,
    "review": review_of_a_campaign,
    "hostile": hostile_page,
}
"""One page of each kind."""
