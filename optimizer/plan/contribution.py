"""What is left of a plan's revenue, in numbers that add up as they are printed."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.language.numbers import money_digits, number, round_to
from optimizer.plan.plan import Plan


class Contribution(NamedTuple):
    """Revenue - goods - cost = profit, as printed, in the plan's currency; goods are "" where they cost nothing."""

    revenue: str
    goods: str
    cost: str
    profit: str


def contribution(plan: Plan) -> Contribution | None:
    """The parts of a plan's profit; None where it is not known.

    Revenue, cost and profit stand elsewhere in a report too, each rounded by itself, so the last cent of the difference
    falls on the goods, which do not.
    """
    totals = plan.totals
    if totals.revenue is None or totals.cost is None or totals.profit is None:
        return None
    goods = totals.cost_of_goods or 0.0
    digits = money_digits([totals.revenue, goods, totals.cost, totals.profit], plan.currency)
    revenue, cost, profit = (round_to(v, digits) for v in (totals.revenue, totals.cost, totals.profit))
    left = number(revenue - cost - profit, digits) if goods else ""
    return Contribution(number(revenue, digits), left, number(cost, digits), number(profit, digits))
