"""Limits -> named linear rows over the model's columns. One mechanism for everything a planner can ask for.

A limit of the scenario becomes one or more rules (one per value where it says `per`); a rule becomes rows
lower <= coefficients . x <= upper:

    a measure between numbers           sum m x between them
    a share of another measure's total  sum m x - share sum m' x, at most (least) 0
    a ratio, cpm = 1000 cost / imp.     sum (1000 cost - bound imp) x, at most (least) 0
    reach                               sum A z x between A z(bounds): reach increases in the index
    per creator                         packages outside the bounds are left out
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimizer.audience import ReachModel
from optimizer.errors import PathItem, Problem
from optimizer.fields import Bound
from optimizer.limit_checks import known_measures as known_measures
from optimizer.limit_checks import label_values, limit_problems, selected
from optimizer.measures import RATIOS, REACH
from optimizer.packages import Floats, Packages
from optimizer.scenario import Limit, Scenario

Bools = NDArray[np.bool_]


ROUNDING = 1e-14
"""Relative; a difference this small between two products is rounding."""
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
    """

    name: str
    measure: str
    columns: Bools
    minimum: Bound | None
    maximum: Bound | None
    where: str
    per_creator: bool
    path: tuple[PathItem, ...]


@dataclass(frozen=True, eq=False)
class Row:
    """lower <= coefficients . x <= upper over all columns; sides may be infinite."""

    name: str
    coefficients: Floats
    lower: float
    upper: float


def build_rules(scenario: Scenario, packages: Packages) -> tuple[list[Rule], list[Problem]]:
    """The rules of a scenario: budget and effort_hours first, then the limits in their order."""
    everything = np.ones(packages.columns, dtype=bool)
    rules = []
    if scenario.budget is not None:
        rules.append(Rule("budget", "cost", everything, None, Bound(scenario.budget), "", False, ("budget",)))
    if scenario.effort_hours is not None:
        rules.append(
            Rule(
                "effort_hours",
                "hours",
                everything,
                None,
                Bound(scenario.effort_hours),
                "",
                False,
                ("effort_hours",),
            )
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
        result.append(
            Rule(
                name,
                rule.measure,
                rule.columns,
                rule.minimum,
                rule.maximum,
                rule.where,
                rule.per_creator,
                rule.path,
            )
        )
    return result


def _columns_of(packages: Packages, offers: Bools) -> Bools:
    """Columns (packages and set-up switches) that belong to the chosen offers."""
    switches = [bool(offers[packages.offer[turned_on[0]]]) for turned_on in packages.switches]
    return np.concatenate([offers[packages.offer], np.array(switches, dtype=bool)])


def _spell_out(packages: Packages, limit: Limit, index: int) -> Iterable[Rule]:
    offers = selected(packages, limit)
    where = ", ".join(" + ".join(values) for values in limit.where.values())
    path = ("limits", index)
    base = limit.name or limit.measure + (f" ({where})" if where else "")
    if limit.per is None or limit.per == "creator":
        per_creator = limit.per == "creator"
        name = (
            base
            if limit.name or not per_creator
            else f"{limit.measure} per creator" + (f" ({where})" if where else "")
        )
        yield Rule(
            name, limit.measure, _columns_of(packages, offers), limit.min, limit.max, where, per_creator, path
        )
        return
    for value in label_values(packages, limit.per):
        chosen = offers & np.array([t.labels(limit.per) == value for t in packages.terms])
        if chosen.any():
            name = (
                f"{limit.name}: {value}"
                if limit.name
                else f"{limit.measure} ({', '.join(p for p in (where, value) if p)})"
            )
            words = ", ".join(p for p in (where, value) if p)
            yield Rule(
                name, limit.measure, _columns_of(packages, chosen), limit.min, limit.max, words, False, path
            )


def needs_switch(rule: Rule) -> bool:
    """Whether the rule ties each creator to a share of a total, which needs a yes/no column per package."""
    return rule.per_creator and any(b is not None and b.of not in (None, "budget", "effort_hours", "audience")
                                    for b in (rule.minimum, rule.maximum))  # fmt: skip


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


def values_of(measure: str, packages: Packages, reach: ReachModel | None) -> Floats:
    """The linear column of a measure; for reach, A z ("effective contacts", of the size of people)."""
    if measure != REACH.name:
        return packages.measures[measure]
    if reach is None:
        return np.full(packages.columns, np.nan)
    index = np.zeros(packages.columns)
    index[: packages.count] = reach.people * reach.index(packages.reach)
    return index


def parts_of(measure: str) -> tuple[str, ...]:
    """The linear measures that a measure or ratio is made of."""
    return (RATIOS[measure].numerator, RATIOS[measure].denominator) if measure in RATIOS else (measure,)


def left_out(rule: Rule, scenario: Scenario, packages: Packages, reach: ReachModel | None) -> Bools:
    """Packages that a `per: creator` rule rules out, shape (packages,)."""
    out = np.zeros(packages.count, dtype=bool)
    if not rule.per_creator:
        return out
    if rule.measure == REACH.name:
        value = packages.reach
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


def build_rows(
    rule: Rule, scenario: Scenario, packages: Packages, reach: ReachModel | None, caps: Floats
) -> list[Row]:
    """The linear rows of a rule.

    Args:
        rule: the rule; every measure it uses must be known on its columns.
        caps: most creators each package can have, shape (packages,); needed by shares per creator only.
    """
    if rule.per_creator:
        return _switch_rows(rule, packages, caps) if needs_switch(rule) else []
    if rule.measure in RATIOS:
        return _ratio_rows(rule, packages)
    values = np.where(rule.columns, values_of(rule.measure, packages, reach), 0.0)
    low, high = fixed(rule.minimum, scenario), fixed(rule.maximum, scenario)
    if rule.measure == REACH.name and reach is not None:
        low, high = (_contacts(side, reach) for side in (low, high))
    rows = []
    if low is not None or high is not None:
        rows.append(
            Row(rule.name, values, -math.inf if low is None else low, math.inf if high is None else high)
        )
    sides: tuple[tuple[Bound | None, Literal["min", "max"]], ...] = (
        (rule.minimum, "min"),
        (rule.maximum, "max"),
    )
    for bound, side in sides:
        if bound is not None and fixed(bound, scenario) is None:
            coefficients = _minus(values, bound.number * packages.measures[bound.of or ""])
            name = f"{rule.name} {side}" if rule.minimum and rule.maximum else rule.name
            rows.append(
                Row(
                    name,
                    coefficients,
                    0.0 if side == "min" else -math.inf,
                    0.0 if side == "max" else math.inf,
                )
            )
    return rows


def _minus(one: Floats, other: Floats) -> Floats:
    """one - other, where rounding is all that is left of two equal numbers: exactly 0.

    An offer that meets a ratio exactly would otherwise look as if it broke it a little, and a row of nothing
    but such rounding would be scaled up to a real limit.
    """
    difference = one - other
    return np.where(np.abs(difference) <= ROUNDING * (np.abs(one) + np.abs(other)), 0.0, difference)


def _contacts(people: float | None, reach: ReachModel) -> float | None:
    """A reach bound as a bound on A z; a floor at the whole audience can never be met."""
    if people is None:
        return None
    if people >= reach.people:
        return math.inf
    return float(reach.people * reach.index(people))


def _ratio_rows(rule: Rule, packages: Packages) -> list[Row]:
    ratio = RATIOS[rule.measure]
    top = ratio.factor * packages.measures[ratio.numerator]
    bottom = packages.measures[ratio.denominator]
    rows = []
    for bound, side in ((rule.minimum, "min"), (rule.maximum, "max")):
        if bound is not None:
            coefficients = np.where(rule.columns, _minus(top, bound.number * bottom), 0.0)
            name = f"{rule.name} {side}" if rule.minimum and rule.maximum else rule.name
            rows.append(
                Row(
                    name,
                    coefficients,
                    0.0 if side == "min" else -math.inf,
                    0.0 if side == "max" else math.inf,
                )
            )
    return rows


def _switch_rows(rule: Rule, packages: Packages, caps: Floats) -> list[Row]:
    """For each package p with switch y: m_p <= share total, or share total <= m_p, where y = 1.

    Where y = 0 the row must say nothing, so it is loosened by M (1 - y), M being the most by which any plan
    could break it: m_p - least total, or most total - m_p.
    """
    rows = []
    values = packages.measures[rule.measure]
    first = packages.count + len(packages.setup_of)
    most_of_each = np.concatenate([caps, np.ones(packages.columns - packages.count)])
    for column in range(first, packages.columns):
        package = int(packages.switches[column - packages.count][0])
        if not rule.columns[package]:
            continue
        offer, posts = packages.key(package)
        for bound, side in ((rule.minimum, "min"), (rule.maximum, "max")):
            if bound is None or bound.of in (None, "budget", "effort_hours", "audience"):
                continue
            row = bound.number * packages.measures[bound.of]
            helps = row > 0 if side == "min" else row < 0
            extreme = float(row[helps] @ most_of_each[helps])
            if math.isinf(extreme):  # only when limits are left out to find a conflict
                continue
            value = float(values[package])
            if side == "max":
                loose = max(0.0, value - extreme)
                row[column] -= loose
                rows.append(Row(f"{rule.name}: {offer} x{posts}", row, value - loose, math.inf))
            else:
                loose = max(0.0, extreme - value)
                row[column] += loose
                rows.append(Row(f"{rule.name}: {offer} x{posts} min", row, -math.inf, value + loose))
    return rows


def total(rule: Rule, packages: Packages, reach: ReachModel | None, x: Floats) -> float | None:
    """Value of a rule's measure in a plan (of its columns together); None for a ratio of nothing."""

    def add(measure: str) -> float:
        values = np.where(rule.columns & (x != 0), values_of(measure, packages, reach), 0.0)
        return float(values @ x)

    if rule.measure == REACH.name:
        return None if reach is None else float(reach.reached(add(REACH.name) / reach.people))
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


def caps_from(rows: Sequence[Row], packages: Packages) -> Floats:
    """Most creators each package can have, by room and by every ceiling with no negative coefficient."""
    caps = packages.room_max[packages.offer].copy()
    for row in rows:
        if (
            math.isfinite(row.upper)
            and not np.any(row.coefficients < 0)
            and not np.any(np.isnan(row.coefficients))
        ):
            with np.errstate(divide="ignore"):
                most = np.where(
                    row.coefficients > 0,
                    row.upper / np.where(row.coefficients > 0, row.coefficients, 1.0),
                    np.inf,
                )
            caps = np.minimum(caps, np.floor(most[: packages.count] + 1e-9))
    return np.maximum(caps, 0.0)
