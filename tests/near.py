"""Every plan near the best of a small scenario, one by one: for alternatives, goals and re-planning."""

from __future__ import annotations

import math
from typing import Any

from optimizer import Plan
from tests.enumeration import TOLERANCE, World


def allowed(world: World) -> list[Any]:
    """The plans that keep every limit."""
    return [plan for plan in world.plans() if world.keeps_limits(plan)]


def best_of(world: World, plans: list[Any]) -> float:
    """Best value of the first objective."""
    measure, sign, _ = world.goals[0]
    return sign * max(sign * world.total(plan, measure) for plan in plans)


def near_best(world: World, plans: list[Any], share: float) -> list[Any]:
    """The plans whose first objective is within a share of the best of them."""
    measure, sign, _ = world.goals[0]
    best = best_of(world, plans)
    floor = sign * best - share * abs(best)
    slack = TOLERANCE * max(1.0, abs(floor))
    return [plan for plan in plans if sign * world.total(plan, measure) >= floor - slack]


def in_world(world: World, plan: Plan) -> Any:
    """The optimizer's plan as one of the enumerated plans."""
    options = []
    for o, offer in enumerate(world.offers):
        booked = {line.posts_per_creator: line.creators for line in plan.lines if line.offer == offer["name"]}
        counts = tuple(booked.pop(package["posts"], 0) for package in world.packages[o])
        assert not booked, "a number of posts that the offer does not allow"
        options.append(next(option for option in world.options[o] if option["counts"] == counts))
    return tuple(options)


def amount(option: Any, measure: str) -> float:
    """What one offer has of a measure; nothing where nobody is booked."""
    return (option[measure] or 0.0) if option["booked"] else 0.0


def apart(one: Any, other: Any, base: Any) -> float:
    """Share of the base plan's money that is spent elsewhere; of its creators where it costs nothing."""
    measure = "cost" if sum(amount(option, "cost") for option in base) else "creators"
    size = sum(amount(option, measure) for option in base) or 1.0
    return (
        sum(abs(amount(a, measure) - amount(b, measure)) for a, b in zip(one, other, strict=True)) / 2 / size
    )


def changes(old: Any, new: Any) -> int:
    """Creators added and dropped, package by package."""
    return sum(
        abs(a - b)
        for one, other in zip(old, new, strict=True)
        for a, b in zip(one["counts"], other["counts"], strict=True)
    )


def dropped(old: Any, new: Any) -> int:
    return sum(
        max(0, a - b)
        for one, other in zip(old, new, strict=True)
        for a, b in zip(one["counts"], other["counts"], strict=True)
    )


def least_budget(world: World, measure: str, wanted: float, cap: str = "budget") -> float:
    """The least budget (hours) for which some plan reaches a floor, from every plan; inf where none does.

    `world` is the scenario without that cap; limits that are a share of it bound it for each plan from both
    sides.
    """
    of = {"budget": "cost", "effort_hours": "hours"}[cap]
    least = math.inf
    sharing = [rule for rule in world.rules if any(s and s[1] == cap for s in (rule.low, rule.high))]
    others = [rule for rule in world.rules if rule not in sharing]
    for plan in world.plans():
        if world.total(plan, measure) < wanted * (1 - TOLERANCE):
            continue
        if not all(world.holds(rule, plan) for rule in others):
            continue
        low, high = world.total(plan, of) or 0.0, math.inf
        for rule in sharing:
            if rule.per == "creator":
                values = [p[rule.measure] for o in rule.offers for _, p in plan[o]["booked"]]
            else:
                values = [world.total(plan, rule.measure, rule.offers) or 0.0]
            for value in values:
                if rule.high:
                    low = max(low, value / rule.high[0])
                if rule.low:
                    high = min(high, value / rule.low[0])
        if low <= high * (1 + TOLERANCE):
            least = min(least, low)
    return least
