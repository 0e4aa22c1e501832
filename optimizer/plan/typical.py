"""The first objective's number with everything at its typical value, and its range, whatever it counts."""

from __future__ import annotations

from optimizer.plan.certificate import ObjectiveResult
from optimizer.plan.plan import Plan
from optimizer.plan.risk import Range, Risk


def typical_of(plan: Plan, objective: ObjectiveResult) -> float | None:
    """What a plan brings of an objective at typical values; of reach in some segments, in these alone."""
    return objective.value if objective.segments else plan.totals.of(objective.measure)


def first_range(plan: Plan, risk: Risk) -> Range | None:
    """Range of the first objective; None where it is not known."""
    return risk.objective or risk.measures.get(plan.objective.measure)
