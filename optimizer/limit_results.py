"""Limits in a plan: value, slack, and whether they hold it."""

from __future__ import annotations

import numpy as np

from optimizer.limits import Rule, side, total
from optimizer.measures import RATIOS, REACH
from optimizer.packages import Floats
from optimizer.plan import LimitResult, tidy
from optimizer.prepare import Prepared

NEARLY = 0.02
"""Share of a limit that, left over, is too little to matter: 98 % of it is used."""


def limit_result(prepared: Prepared, rule: Rule, columns: Floats) -> LimitResult:
    """A limit's value, sides, slack and whether it holds the plan, in its measure's unit."""
    scenario, packages = prepared.scenario, prepared.packages
    low = side(rule.minimum, scenario, packages, columns)
    high = side(rule.maximum, scenario, packages, columns)
    value = (
        _worst_creator(prepared, rule, columns, low, high)
        if rule.per_creator
        else total(rule, packages, prepared.reach, columns)
    )
    below = None if value is None or low is None else value - low
    above = None if value is None or high is None else high - value
    gaps = [gap for gap in (below, above) if gap is not None]
    slack = min(gaps, default=None)
    if slack is not None and abs(slack) <= 1e-9 * max(1.0, abs(value or 0.0)):
        slack = 0.0
    shares = [b.text() for b in (rule.minimum, rule.maximum) if b is not None and b.of is not None]
    return LimitResult(
        name=rule.name,
        measure=rule.measure,
        value=None if value is None else tidy(value),
        min=None if low is None else tidy(low),
        max=None if high is None else tidy(high),
        slack=None if slack is None else tidy(slack),
        binding=_binding(prepared, rule, columns, slack, [s for s in (low, high) if s is not None]),
        text=" to ".join(str(s) for s in shares),
    )


def _worst_creator(
    prepared: Prepared, rule: Rule, columns: Floats, low: float | None, high: float | None
) -> float | None:
    """For a limit per creator: the booked creator nearest to a side."""
    packages = prepared.packages
    booked = np.flatnonzero((columns[: packages.count] > 0) & rule.columns[: packages.count])
    if not len(booked):
        return None
    if rule.measure == REACH.name:
        values = packages.reach[booked]
    elif rule.measure in RATIOS:
        ratio = RATIOS[rule.measure]
        bottom = packages.measures[ratio.denominator][booked]
        values = (
            ratio.factor * packages.measures[ratio.numerator][booked] / np.where(bottom > 0, bottom, np.nan)
        )
        values = values[~np.isnan(values)]
        if not len(values):
            return None
    else:
        values = packages.measures[rule.measure][booked]
    distance = np.minimum(
        np.inf if low is None else values - low,
        np.inf if high is None else high - values,
    ) * np.ones(len(values))
    return float(values[int(np.argmin(distance))])


def _binding(
    prepared: Prepared, rule: Rule, columns: Floats, slack: float | None, sides: list[float]
) -> bool:
    """Whether less is left than the smallest booking would use; with fractional creators, whether nothing is left.

    For a ceiling: any further creator would break it. For a floor: any creator fewer would break it. With fractions of
    creators: no slack. A limit with hardly any slack (`NEARLY` of its side) is taken to hold the plan too.
    """
    if slack is None or (
        not rule.per_creator and not any(np.any(row.coefficients) for row in prepared.rows_of(rule))
    ):
        return False
    if slack <= 0:
        return True
    if rule.per_creator or not prepared.scenario.solver.whole_creators:
        return slack <= 1e-6 * max(1.0, abs(slack))
    packages = prepared.packages
    creators = columns[: packages.count]
    booked = np.bincount(packages.offer, weights=creators, minlength=len(packages.terms))
    has_room = (booked < packages.room_max)[packages.offer] & ~(prepared.excluded > 0)
    goal = prepared.scenario.objective[0]
    if goal.sense == "maximize":  # room for a booking that nobody wants holds nothing back
        has_room &= prepared.goal_values(goal)[: packages.count] > 0
    for row in prepared.rows_of(rule):
        if not np.any(row.coefficients):
            continue
        coefficients = row.coefficients[: packages.count].copy()
        for s, offer in enumerate(packages.setup_of):  # a first creator of an offer brings its set-up along
            if booked[offer] == 0:
                coefficients[packages.offer == offer] += row.coefficients[packages.count + s]
        at = float(row.coefficients @ columns)
        # an infinite side is never nearer than a step
        if row.upper - at < _smallest_step(coefficients[has_room]):
            return True
        if at - row.lower < _smallest_step(coefficients[creators > 0]):
            return True
    return slack <= NEARLY * max(abs(s) for s in sides)


def _smallest_step(coefficients: Floats) -> float:
    """The least by which one creator of these raises a row; 0 where none does."""
    steps = coefficients[coefficients > 0]
    return float(steps.min()) * (1 - 1e-9) if len(steps) else 0.0
