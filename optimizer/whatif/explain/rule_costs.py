"""What each rule costs: how much better the plan would be without it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal

from optimizer.language.errors import KeyPath
from optimizer.language.numbers import gained, tidy
from optimizer.language.quantities import grouped
from optimizer.language.records import Record
from optimizer.program.levers import sides_of
from optimizer.program.program import Program
from optimizer.program.rules import fixed
from optimizer.scenario.scenario import Bound, Scenario
from optimizer.solve.answer import Answer, answer_changed
from optimizer.solve.lexicographic import BEST_VALUE


class RuleCost(Record):
    """What one rule costs: how much better the plan would be without it."""

    name: str
    kind: Literal["ceiling", "floor", "floor and ceiling", "booking"]
    text: str
    path: str
    status: str
    value: float | None
    gain: float | None
    share: float | None
    """gain / today's value."""


def rule_costs_jobs(program: Program) -> list[tuple[RuleCost, dict[KeyPath, object]]]:
    """Every rule with the change that removes it: budget, hours, limits, bookings."""
    scenario = program.scenario
    jobs: list[tuple[RuleCost, dict[KeyPath, object]]] = []

    def add(name: str, kind: str, text: str, path: str, change: dict[KeyPath, object]) -> None:
        rule = RuleCost(
            name=name, kind=kind, text=text, path=path, status="", value=None, gain=None, share=None
        )
        jobs.append((rule, change))

    for key in ("budget", "effort_hours"):
        number = getattr(scenario, key)
        if number is not None:
            add(key, "ceiling", f"at most {grouped(number)}", key, _without_cap(scenario, key))
    dumped = [limit.model_dump(mode="json", exclude_unset=True) for limit in scenario.limits]
    for index, limit in enumerate(scenario.limits):
        found = list(sides_of(program, index, limit))
        if found:
            kind = (
                "floor and ceiling" if len(found) == 2 else "floor" if found[0].side == "min" else "ceiling"
            )
            rest = dumped[:index] + dumped[index + 1 :]
            text = " and ".join(h.text for h in found)
            add(found[0].name, kind, text, scenario.path_to("limits", index), {("limits",): rest})
    for index, offer in enumerate(scenario.offers):
        if offer.creators.min:
            name = program.packages.terms[index].name
            path: KeyPath = ("offers", index, "creators", "min")
            words = f"{grouped(offer.creators.min)} or more creators booked"
            add(name, "booking", words, scenario.path_to(*path), {path: 0})
    return jobs


def _without_cap(scenario: Scenario, key: str) -> dict[KeyPath, object]:
    """No budget (hours) any more; limits that are a share of it keep the amount they have today."""
    limits = []
    for limit in scenario.limits:
        dumped = limit.model_dump(mode="json", exclude_unset=True)
        for side in ("min", "max"):
            bound: Bound | None = getattr(limit, side)
            if bound is not None and bound.of == key:
                dumped[side] = fixed(bound, scenario)
        limits.append(dumped)
    return {(key,): None, ("limits",): limits}


def rule_cost(
    scenario_json: str,
    rule: RuleCost,
    change: dict[KeyPath, object],
    base: float,
    sense: str,
    until: float = math.inf,
    today: tuple[float, ...] = (),
) -> RuleCost:
    """Plan without one rule; today's plan is one to start from.

    Raises:
        TimeoutError: where time was up.
    """
    result = answer_changed(scenario_json, change, replace(BEST_VALUE, start=today or None), until)
    if result.status == "feasible":  # stopped early: what it would bring is not known
        result = Answer("not_found")
    sign = 1.0 if sense == "maximize" else -1.0
    gain = None if result.value is None else max(0.0, gained(result.value, base, sign))
    share = None if gain is None or not base else tidy(gain / abs(base))
    return rule.model_copy(
        update={"status": result.status, "value": result.value, "gain": gain, "share": share}
    )
