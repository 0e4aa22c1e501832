"""What asking for a number costs, and what that money and those hours would have brought."""

from __future__ import annotations

from typing import NamedTuple

from optimizer.language.errors import KeyPath
from optimizer.language.numbers import gained, tidy
from optimizer.learning.numbers import Uncertain
from optimizer.program.program import Program
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import Answer


class Spent(NamedTuple):
    """Money, in the scenario's currency, and hours."""

    money: float
    hours: float


def cost_of_asking(program: Program, number: Uncertain, quote_hours: float) -> Spent | None:
    """Money and hours of asking for a number; None where nothing tells it."""
    terms, fees = program.packages.terms[number.offer], program.scenario.fees

    def get(field: str) -> float:
        value = terms.get(field)
        return 0.0 if value is None else value

    if number.way in ("quote", "question"):
        return Spent(0.0, quote_hours)
    if number.way == "time_sheet":
        return Spent(0.0, 0.0)
    if number.way == "none":
        return None
    paid = (get("cost_per_creator") + get("cost_per_post")) * (1 + fees.agency + fees.contingency)
    hours = get("hours_per_creator") + get("hours_per_post") + get("setup_hours")
    return Spent(tidy(paid + get("setup_cost")), tidy(hours))


def left_after(scenario: Scenario, cost: Spent) -> dict[KeyPath, object]:
    """The change that takes the money and hours of a test away; where there is less, nothing is left."""
    changes: dict[KeyPath, object] = {}
    for name, taken in (("budget", cost.money), ("effort_hours", cost.hours)):
        most: float | None = getattr(scenario, name)
        if most is not None and taken:
            changes[(name,)] = tidy(max(0.0, most - taken))
    return changes


def brought_by(program: Program, today: float, cost: Spent, answer: Answer) -> float | None:
    """What money and hours of a test would have brought; None where without them there is no plan.

    Args:
        program: of the scenario.
        today: value of its best plan.
        cost: of the test.
        answer: the best plan without that money and those hours.
    """
    goal, scenario = program.scenario.objective[0], program.scenario
    short = [
        most is not None and taken > most
        for most, taken in ((scenario.budget, cost.money), (scenario.effort_hours, cost.hours))
    ]
    if answer.value is None or any(short):
        return None
    sign = 1.0 if goal.sense == "maximize" else -1.0
    lost = max(0.0, -gained(answer.value, today, sign))
    itself = {"cost": cost.money, "profit": cost.money, "hours": cost.hours}.get(goal.measure, 0.0)
    return tidy(lost + itself)
