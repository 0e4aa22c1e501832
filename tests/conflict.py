"""The conflict of the trade with default numbers: which tiers the best plan books, by money, hours and goal.

`python -m tests.conflict` prints the table that stands in `docs/explanation/benchmarks.md`: 54 plans, each proven,
of Instagram posts by nano, micro, macro and mega creators with nothing but the packaged benchmarks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from optimizer import Scenario, optimize

GOALS = ("engagements", "conversions", "gross_reach")
BUDGETS = (10_000, 30_000, 100_000)
HOURS = (50, 100, 200, 400, 800, 1_600)
ROOM = {"nano": 3_000, "micro": 600, "macro": 60, "mega": 6}
"""Creators who can be found of each tier."""


class Cell(NamedTuple):
    """One of the plans: share of the money that each tier gets, and of the budget that is spent."""

    goal: str
    budget: int
    hours: int
    shares: dict[str, float]
    spent: float


def cells() -> list[Cell]:
    """The plans, by goal, budget and hours."""
    return [_cell(goal, budget, hours) for goal in GOALS for budget in BUDGETS for hours in HOURS]


def _cell(goal: str, budget: int, hours: int) -> Cell:
    offers = [
        {"tier": tier, "platform": "instagram", "format": "post", "creators": {"max": room}}
        for tier, room in ROOM.items()
    ]
    plan = optimize(
        Scenario(
            budget=budget, effort_hours=hours, objective=goal, benchmarks="global-2026", offers=offers,
            solver={"gap": 0.001},
        )
    )  # fmt: skip
    assert plan.status == "optimal"
    cost: dict[str, float] = defaultdict(float)
    for line in plan.lines:
        cost[line.tier or ""] += line.cost
    whole = sum(cost.values())
    return Cell(goal, budget, hours, {tier: cost[tier] / whole for tier in ROOM}, whole / budget)


def table(found: Sequence[Cell]) -> str:
    """The plans as a Markdown table: nano / micro / macro / mega in percent of the money spent."""
    head = ("goal", "budget, USD", *(f"{hours:,} h" for hours in HOURS))
    lines = [head, ("---",) * len(head)]
    for goal in GOALS:
        for budget in BUDGETS:
            own = [cell for cell in found if (cell.goal, cell.budget) == (goal, budget)]
            lines.append((goal, f"{budget:,}", *(_text(cell) for cell in own)))
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _text(cell: Cell) -> str:
    mix = " / ".join(f"{100 * cell.shares[tier]:.0f}" for tier in ROOM)
    return mix + ("" if cell.spent > 0.98 else f" ({cell.spent:.0%} spent)")


if __name__ == "__main__":
    print(table(cells()), end="")
