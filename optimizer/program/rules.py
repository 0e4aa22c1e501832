"""Limits -> rules, spelled out value by value; what they count, and what that comes to in a plan.

One mechanism for everything a planner can ask for: a limit of the scenario becomes one or more rules (one per value
where it says `per`), and a rule becomes linear rows (`optimizer.program.rows`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.language.errors import PathItem, Problem
from optimizer.language.measures import FIXED, RATIOS, REACH
from optimizer.program.audiences import Audiences
from optimizer.program.limit_checks import known_measures as known_measures
from optimizer.program.limit_checks import limit_problems, selected
from optimizer.program.packages import Floats, Packages
from optimizer.scenario.fields import Bound
from optimizer.scenario.scenario import Limit, Scenario
from optimizer.scenario.signed import Signed

Bools = NDArray[np.bool_]


KEPT = 1e-12
"""Relative; a creator this close to a bound keeps it, as in `verify.WHOLE_TOLERANCE`."""


@dataclass(frozen=True, eq=False)
class Rule:
    """One limit after `per` has been spelled out.

    Attributes:
        name: unique name, as in the plan.
        measure: measure, ratio or "reach".
        columns: which columns it counts, shape (columns,).
        minimum, maximum: the sides; None where there is none.
        where: the filter in plain words, "" for everything.
        per_creator: whether each creator must satisfy it, rather than the sum.
        path: where the limit stands in the scenario.
        or_none: whether the floor holds only where any package it counts is booked.
        signed: the signed booking that it holds, of a rule that stands for one.
        confidence: in what share of the cases it must be kept; None for by typical numbers.
        segments: of the audience in which reach is counted; none for all of it.
    """

    name: str
    measure: str
    columns: Bools
    minimum: Bound | None
    maximum: Bound | None
    where: str
    per_creator: bool
    path: tuple[PathItem, ...]
    or_none: bool = False
    signed: Signed | None = None
    confidence: float | None = None
    segments: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Row:
    """lower <= coefficients . x <= upper over all columns; sides may be infinite.

    `switch` is the column without which the row asks nothing, None where it always asks: whatever tightens the row
    must tighten it there, because 0 has to stay enough where the switch is off. `shared` is the part of the
    coefficients that many rows have in common (the same array in each), shape (columns,): a model writes it once.
    """

    name: str
    coefficients: Floats
    lower: float
    upper: float
    switch: int | None = None
    shared: Floats | None = None


def build_rules(scenario: Scenario, packages: Packages) -> tuple[list[Rule], list[Problem]]:
    """The rules of a scenario: budget and effort_hours first, then the limits in their order."""
    everything = np.ones(packages.columns, dtype=bool)
    rules = []
    for cap, measure in (("budget", "cost"), ("effort_hours", "hours")):
        most: float | None = getattr(scenario, cap)
        if most is not None:
            confidence: float | None = getattr(scenario, f"{cap}_confidence")
            rules.append(
                Rule(cap, measure, everything, None, Bound(most), "", False, (cap,), confidence=confidence)
            )
    problems: list[Problem] = []
    for index, limit in enumerate(scenario.limits):
        found = limit_problems(scenario, packages, limit, index)
        if found:
            problems += found
            continue
        rules += _spell_out(packages, limit, index)
    return _with_unique_names(rules, problems), problems


def _with_unique_names(rules: list[Rule], problems: list[Problem]) -> list[Rule]:
    taken: set[str] = set()
    result = []
    for rule in rules:
        name, number = rule.name, 2
        while name in taken:
            name, number = f"{rule.name} ({number})", number + 1
        taken.add(name)
        result.append(replace(rule, name=name))
    return result


def _columns_of(packages: Packages, offers: Bools) -> Bools:
    """Columns (packages and set-up switches) that belong to the chosen offers."""
    switches = [bool(offers[packages.offer[turned_on[0]]]) for turned_on in packages.switches]
    return np.concatenate([offers[packages.offer], np.array(switches, dtype=bool)])


def _spell_out(packages: Packages, limit: Limit, index: int) -> Iterable[Rule]:
    offers = selected(packages, limit)
    where = limit.where_text()
    path = ("limits", index)
    within = ", ".join(p for p in (" + ".join(limit.segments), where) if p)
    base = limit.name or limit.measure + (f" ({within})" if within else "")
    if limit.per is None or limit.per == "creator":
        per_creator = limit.per == "creator"
        name = (
            base
            if limit.name or not per_creator
            else f"{limit.measure} per creator" + (f" ({within})" if within else "")
        )
        columns = _columns_of(packages, offers)
        yield Rule(
            name, limit.measure, columns, limit.min, limit.max, where, per_creator, path, limit.or_none,
            confidence=limit.confidence, segments=limit.segments,
        )  # fmt: skip
        return
    labels = packages.offered.labels(limit.per)
    for number, value in enumerate(labels.values):
        chosen = offers & (labels.codes == number)
        if chosen.any():
            name = (
                f"{limit.name}: {value}"
                if limit.name
                else f"{limit.measure} ({', '.join(p for p in (within, value) if p)})"
            )
            words = ", ".join(p for p in (where, value) if p)
            columns = _columns_of(packages, chosen)
            yield Rule(
                name, limit.measure, columns, limit.min, limit.max, words, False, path, limit.or_none,
                confidence=limit.confidence, segments=limit.segments,
            )  # fmt: skip


def needs_switch(rule: Rule) -> bool:
    """Whether the rule ties each creator to a share of a total, which needs a yes/no column per package."""
    return rule.per_creator and any(b is not None and b.of not in (None, *FIXED)
                                    for b in (rule.minimum, rule.maximum))  # fmt: skip


def unused(rule: Rule, packages: Packages, x: Floats) -> bool:
    """Whether a plan books nothing of what a rule counts, so that its floor asks nothing if it is `or_none`."""
    return not np.any(x[: packages.count][rule.columns[: packages.count]] > 0)


def fixed(bound: Bound | None, scenario: Scenario) -> float | None:
    """A side as a number where it does not depend on the plan."""
    if bound is None or bound.of is None:
        return None if bound is None else bound.number
    if bound.of == "budget":
        return bound.number * (scenario.budget or 0.0)
    if bound.of == "effort_hours":
        return bound.number * (scenario.effort_hours or 0.0)
    if bound.of == "audience" and scenario.audience is not None:
        return bound.number * scenario.audience.people
    return None


def values_of(
    measure: str, packages: Packages, reach: Audiences | None, segments: Sequence[str] = ()
) -> Floats:
    """The linear column of a measure; for reach, A z ("effective contacts", of the size of people) in some segments."""
    if measure != REACH.name:
        return packages.measures[measure]
    if reach is None:
        return np.full(packages.columns, np.nan)
    contacts = np.zeros(packages.columns)
    contacts[: packages.count] = reach.contacts(segments)
    return contacts


def parts_of(measure: str) -> tuple[str, ...]:
    """The linear measures that a measure or ratio is made of."""
    return (RATIOS[measure].numerator, RATIOS[measure].denominator) if measure in RATIOS else (measure,)


def left_out(rule: Rule, scenario: Scenario, packages: Packages, reach: Audiences | None) -> Bools:
    """Packages that a `per: creator` rule rules out, shape (packages,)."""
    out = np.zeros(packages.count, dtype=bool)
    if not rule.per_creator:
        return out
    if rule.measure == REACH.name:
        value = packages.reach if reach is None else reach.of_one(rule.segments)
    elif rule.measure in RATIOS:
        ratio = RATIOS[rule.measure]
        top, bottom = packages.measures[ratio.numerator], packages.measures[ratio.denominator]
        with np.errstate(divide="ignore", invalid="ignore"):
            value = (ratio.factor * top / bottom)[: packages.count]
    else:
        value = packages.measures[rule.measure][: packages.count]
    slack = KEPT * np.maximum(1.0, np.abs(value))
    slack[np.isinf(slack)] = 0.0  # cost per engagement of a creator who brings none
    low, high = fixed(rule.minimum, scenario), fixed(rule.maximum, scenario)
    if low is not None:
        out |= value < low - slack
    if high is not None:
        out |= value > high + slack
    return out & rule.columns[: packages.count]


def total(rule: Rule, packages: Packages, reach: Audiences | None, x: Floats) -> float | None:
    """Value of a rule's measure in a plan (of its columns together); None for a ratio of nothing."""
    if rule.measure == REACH.name:
        if reach is None:
            return None
        return reach.reached(x[: packages.count], rule.segments, rule.columns[: packages.count])

    def add(measure: str) -> float:
        values = np.where(rule.columns & (x != 0), values_of(measure, packages, reach), 0.0)
        return float(values @ x)

    if rule.measure in RATIOS:
        ratio = RATIOS[rule.measure]
        bottom = add(ratio.denominator)
        return ratio.factor * add(ratio.numerator) / bottom if bottom else None
    return add(rule.measure)


def side(bound: Bound | None, scenario: Scenario, packages: Packages, x: Floats) -> float | None:
    """A side of a rule as a number in a given plan."""
    number = fixed(bound, scenario)
    if bound is None or number is not None:
        return number
    values = packages.measures[bound.of or ""]
    return bound.number * float(np.where(x != 0, values, 0.0) @ x)
