"""Limits in a plan: value, slack, and whether they hold it."""

from __future__ import annotations

from typing import Literal

import numpy as np

from optimizer.language.errors import KeyPath
from optimizer.language.measures import RATIOS, REACH
from optimizer.language.numbers import tidy
from optimizer.plan.plan import LimitResult, LimitScope
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Bools, Row, Rule, fixed, side, total, unused

NEARLY = 0.02
"""Share of a limit that, left over, is too little to matter: 98 % of it is used."""


def limit_result(program: Program, rule: Rule, columns: Floats) -> LimitResult:
    """A limit's value, sides, slack and whether it holds the plan, in its measure's unit."""
    scenario, packages = program.scenario, program.packages
    low = side(rule.minimum, scenario, packages, columns)
    high = side(rule.maximum, scenario, packages, columns)
    value = (
        _worst_creator(program, rule, columns, low, high)
        if rule.per_creator
        else total(rule, packages, program.reach, columns)
    )
    nothing = rule.or_none and unused(rule, packages, columns)
    below = None if value is None or low is None or nothing else value - low
    above = None if value is None or high is None else high - value
    gaps = [gap for gap in (below, above) if gap is not None]
    slack = min(gaps, default=None)
    sures = program.sures_of(rule)
    drawn = program.by_its_draws()
    if sures and not nothing:
        slack = min(sure.worth(columns, drawn.multiplier(sure)) - sure.least for sure in sures)
    if slack is not None and abs(slack) <= 1e-9 * max(1.0, abs(value or 0.0)):
        slack = 0.0
    shares = [b.text() for b in (rule.minimum, rule.maximum) if b is not None and b.of is not None]
    dependable = _dependable(drawn, rule, columns)
    countable = slack if dependable is not None or not sures or nothing else None  # else of the linear row
    return LimitResult(
        name=rule.name,
        measure=rule.measure,
        value=None if value is None else tidy(value),
        min=None if low is None else tidy(low),
        max=None if high is None else tidy(high),
        slack=None if countable is None else tidy(countable),
        binding=(nothing and _keeps_out(program, rule, columns))
        or _binding(program, rule, columns, slack, [s for s in (low, high) if s is not None]),
        or_none=rule.or_none,
        unused=nothing,
        text=" to ".join(str(s) for s in shares),
        scope=_scope(program, rule),
        signed=rule.signed,
        confidence=rule.confidence,
        dependable=dependable,
        k=tidy(program.multiplier(sures[0])) if sures else None,
        drawn_k=tidy(drawn.multiplier(sures[0])) if sures else None,
    )


def _dependable(program: Program, rule: Rule, columns: Floats) -> float | None:
    """mean -+ k sd of a limit with a confidence, in its measure's unit, where its bound is a number."""
    for sure in program.sures_of(rule):
        bounds = [b for b in (rule.minimum, rule.maximum) if b is not None]
        if rule.measure in RATIOS or any(fixed(b, program.scenario) is None for b in bounds):
            return None
        mean, sd = sure.moments.mean_of(columns), sure.moments.sd_of(columns)
        value = mean - sure.sign * program.multiplier(sure) * sd
        if rule.measure == REACH.name and program.reach is not None and program.reach.one is not None:
            one = program.reach.one
            return tidy(float(one.reached(max(0.0, value) / one.people)))
        return tidy(value)
    return None


_CAPS: dict[KeyPath, Literal["budget", "effort_hours"]] = {
    ("budget",): "budget",
    ("effort_hours",): "effort_hours",
}


def _scope(program: Program, rule: Rule) -> LimitScope:
    packages = program.packages
    counted = set(packages.offer[rule.columns[: packages.count]].tolist())
    names = tuple(terms.name for terms in packages.terms if terms.index in counted)
    return LimitScope(
        cap=_CAPS.get(rule.path),
        where=rule.where,
        offers=None if len(counted) == len(packages.terms) else names,
        segments=rule.segments,
        per_creator=rule.per_creator,
        min=None if rule.minimum is None else rule.minimum.text(),
        max=None if rule.maximum is None else rule.maximum.text(),
    )


def _worst_creator(
    program: Program, rule: Rule, columns: Floats, low: float | None, high: float | None
) -> float | None:
    """For a limit per creator: the booked creator nearest to a side."""
    packages = program.packages
    booked = np.flatnonzero((columns[: packages.count] > 0) & rule.columns[: packages.count])
    if not len(booked):
        return None
    if rule.measure == REACH.name:
        alone = packages.reach if program.reach is None else program.reach.of_one(rule.segments)
        values = alone[booked]
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


def _binding(program: Program, rule: Rule, columns: Floats, slack: float | None, sides: list[float]) -> bool:
    """Whether less is left than the smallest booking would use; with fractional creators, whether nothing is left.

    For a ceiling: any further creator would break it. For a floor: any creator fewer would break it. With fractions of
    creators: no slack. A limit with hardly any slack (`NEARLY` of its side) is taken to hold the plan too.
    """
    if slack is None or (
        not rule.per_creator and not any(np.any(row.coefficients) for row in program.rows_of(rule))
    ):
        return False
    if slack <= 0:
        return True
    if rule.per_creator or not program.scenario.solver.whole_creators:
        return slack <= 1e-6 * max(1.0, abs(slack))
    creators = columns[: program.packages.count]
    floor = program.reaching_of(rule)
    if floor is not None:
        least = _least_lost(floor, columns, creators)
        return slack < least or slack <= NEARLY * max(abs(s) for s in sides)
    has_room = _has_room(program, columns)
    for row in program.rows_of(rule):
        if not np.any(row.coefficients):
            continue
        coefficients = _of_one_more(program, row, columns)
        at = float(row.coefficients @ columns)
        # an infinite side is never nearer than a step
        if row.upper - at < _smallest_step(coefficients[has_room]):
            return True
        if at - row.lower < _smallest_step(coefficients[creators > 0]):
            return True
    return slack <= NEARLY * max(abs(s) for s in sides)


def _least_lost(floor: Reaching, columns: Floats, creators: Floats) -> float:
    """People that are reached no more without one of the creators booked, the fewest of any; 0 where none are."""
    at, lost = floor.people(columns), []
    for p in np.flatnonzero((creators > 0) & floor.counted):
        fewer = columns.copy()
        fewer[p] -= 1
        lost.append(at - floor.people(fewer))
    steps = [step for step in lost if step > 0]
    return min(steps) * (1 - 1e-9) if steps else 0.0


def _has_room(program: Program, columns: Floats) -> Bools:
    """Packages of which one more could be wanted, shape (packages,)."""
    packages = program.packages
    booked = np.bincount(packages.offer, weights=columns[: packages.count], minlength=len(packages.terms))
    has_room: Bools = (booked < packages.room_max)[packages.offer] & ~(program.excluded > 0)
    goal = program.scenario.objective[0]
    if goal.sense == "maximize":  # room for a booking that nobody wants holds nothing back
        has_room &= program.goal_values(goal)[: packages.count] > 0
    return has_room


def _of_one_more(program: Program, row: Row, columns: Floats) -> Floats:
    """By how much one more creator of each package raises a row, with the switches that turns on."""
    packages = program.packages
    coefficients = row.coefficients[: packages.count].copy()
    for s, turned_on in enumerate(packages.switches):
        if not columns[packages.count + s]:
            coefficients[turned_on] += row.coefficients[packages.count + s]
    return coefficients


def _keeps_out(program: Program, rule: Rule, columns: Floats) -> bool:
    """Of a floor or none: whether it keeps some creator out, who alone would be less than the floor."""
    wanted = _has_room(program, columns) & rule.columns[: program.packages.count]
    for row in program.rows_of(rule):
        after = float(row.coefficients @ columns) + _of_one_more(program, row, columns)
        if row.switch is not None and np.any(after[wanted] < row.lower - 1e-9 * max(1.0, abs(row.lower))):
            return True
    return False


def _smallest_step(coefficients: Floats) -> float:
    """The least by which one creator of these raises a row; 0 where none does."""
    steps = coefficients[coefficients > 0]
    return float(steps.min()) * (1 - 1e-9) if len(steps) else 0.0
