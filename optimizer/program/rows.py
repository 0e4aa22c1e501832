"""Rules -> named linear rows over the model's columns: the mathematics of every kind of limit.

A limit of the scenario becomes one or more rules (one per value where it says `per`); a rule becomes rows
lower <= coefficients . x <= upper:

    a measure between numbers           sum m x between them
    a share of another measure's total  sum m x - share sum m' x, at most (least) 0
    a ratio, cpm = 1000 cost / imp.     sum (1000 cost - bound imp) x, at most (least) 0
    reach                               sum A z x between A z(bounds): reach increases in the index
    per creator                         packages outside the bounds are left out
    a floor or none                     sum m x - floor y at least 0, with y = 1 where any of its packages is used

A floor that may be left out (`or_none`) holds only where its group is used at all. With a yes/no column y for the
group (a switch: n <= most y for each package of the group, y <= sum n over them):

    a number L       sum m n >= L y      y = 1: the floor; y = 0: nothing of the group is booked, and 0 >= 0,
                                         whatever the sign of L and of m
    reach            A sum z n >= A z(L) y
    a share of a     sum m n - share sum m' n >= -M (1 - y)     M: the most that the left side can fall below 0 while
    total                                nothing of the group is booked, share x most of m' of all the others
    nobody can L     y <= 0              e.g. a reach of the whole audience

Its ceiling is a row of its own and holds always. Ratios and limits per creator ask nothing of a group that is not used
anyway, so there `or_none` is refused; so it is where creators are fractions, because y is a yes/no column.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from optimizer.language.measures import FIXED, RATIOS, REACH
from optimizer.program.audiences import Audiences
from optimizer.program.packages import Floats, Packages
from optimizer.program.reach import ReachModel
from optimizer.program.rules import Bools, Row, Rule, fixed, needs_switch, values_of
from optimizer.scenario.fields import Bound
from optimizer.scenario.scenario import Scenario

Side = Literal["min", "max"]

ROUNDING = 1e-14
"""Relative; a difference this small between two products is rounding."""


def build_rows(
    rule: Rule, scenario: Scenario, packages: Packages, reach: Audiences | None, caps: Floats
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
    values = np.where(rule.columns, values_of(rule.measure, packages, reach, rule.segments), 0.0)
    low, high = fixed(rule.minimum, scenario), fixed(rule.maximum, scenario)
    if rule.measure == REACH.name and reach is not None:
        low, high = (contacts_of(side, reach, rule.segments) for side in (low, high))
    if rule.or_none:
        return _or_none_rows(rule, packages, values, (low, high), caps)
    rows = []
    if low is not None or high is not None:
        rows.append(
            Row(rule.name, values, -math.inf if low is None else low, math.inf if high is None else high)
        )
    for bound, side in _sides(rule):
        if fixed(bound, scenario) is None:
            share = bound.number * packages.measures[bound.of or ""]
            rows.append(_against_nothing(rule, side, _minus(values, share)))
    return rows


def _sides(rule: Rule) -> list[tuple[Bound, Side]]:
    """The sides that a rule has."""
    sides: list[tuple[Bound | None, Side]] = [(rule.minimum, "min"), (rule.maximum, "max")]
    return [(bound, side) for bound, side in sides if bound is not None]


def _against_nothing(rule: Rule, side: Side, coefficients: Floats) -> Row:
    """coefficients x >= 0 for a floor, <= 0 for a ceiling."""
    name = f"{rule.name} {side}" if rule.minimum and rule.maximum else rule.name
    return Row(name, coefficients, 0.0 if side == "min" else -math.inf, 0.0 if side == "max" else math.inf)


def _minus(one: Floats, other: Floats) -> Floats:
    """one - other, where rounding is all that is left of two equal numbers: exactly 0.

    An offer that meets a ratio exactly would otherwise look as if it broke it a little, and a row of nothing
    but such rounding would be scaled up to a real limit.
    """
    difference = one - other
    return np.where(np.abs(difference) <= ROUNDING * (np.abs(one) + np.abs(other)), 0.0, difference)


def contacts(people: float | None, reach: ReachModel) -> float | None:
    """A reach bound (people) as a bound on the index A z; a floor at the whole audience can never be met."""
    if people is None:
        return None
    if people >= reach.people:
        return math.inf
    return float(reach.people * reach.index(people))


def contacts_of(people: float | None, reach: Audiences, segments: Sequence[str]) -> float | None:
    """The same in some segments; in several, what a sum of contacts must be at least for so many people."""
    numbers = reach.numbers(segments)
    if len(numbers) == 1:
        return contacts(people, reach.models[numbers[0]])
    return math.inf if people is not None and people >= reach.size(segments) else people


def _ratio_rows(rule: Rule, packages: Packages) -> list[Row]:
    ratio = RATIOS[rule.measure]
    top = ratio.factor * packages.measures[ratio.numerator]
    bottom = packages.measures[ratio.denominator]
    return [
        _against_nothing(rule, side, np.where(rule.columns, _minus(top, bound.number * bottom), 0.0))
        for bound, side in _sides(rule)
    ]


def _switch_rows(rule: Rule, packages: Packages, caps: Floats) -> list[Row]:
    """For each package p with switch y: m_p <= share total, or share total <= m_p, where y = 1.

    Where y = 0 the row must say nothing, so it is loosened by M (1 - y), M being the most by which any plan
    could break it: m_p - least total, or most total - m_p.
    """
    rows = []
    values = packages.measures[rule.measure]
    first = packages.count + len(packages.setup_of)
    last = first + len(packages.share_of)
    most_of_each = np.concatenate([caps, np.ones(packages.columns - packages.count)])
    # Every row of a side is about the same share of the same total.
    shares = {
        side: bound.number * packages.measures[bound.of]
        for bound, side in ((rule.minimum, "min"), (rule.maximum, "max"))
        if bound is not None and bound.of is not None and bound.of in packages.measures
    }
    for column in range(first, last):
        package = int(packages.switches[column - packages.count][0])
        if not rule.columns[package]:
            continue
        offer, posts = packages.key(package)
        for bound, side in ((rule.minimum, "min"), (rule.maximum, "max")):
            if bound is None or bound.of in (None, *FIXED):
                continue
            row = shares[side].copy()
            helps = row > 0 if side == "min" else row < 0
            extreme = float(row[helps] @ most_of_each[helps])
            if math.isinf(extreme):  # only when limits are left out to find a conflict
                continue
            value = float(values[package])
            if side == "max":
                loose = max(0.0, value - extreme)
                row[column] -= loose
                rows.append(
                    Row(f"{rule.name}: {offer} x{posts}", row, value - loose, math.inf, shared=shares[side])
                )
            else:
                loose = max(0.0, extreme - value)
                row[column] += loose
                name = f"{rule.name}: {offer} x{posts} min"
                rows.append(Row(name, row, -math.inf, value + loose, shared=shares[side]))
    return rows


def _or_none_rows(
    rule: Rule,
    packages: Packages,
    values: Floats,
    sides: tuple[float | None, float | None],
    caps: Floats,
) -> list[Row]:
    """The floor where the group is used, the ceiling always; see the top of this file.

    Args:
        rule: one that is `or_none`.
        packages: with a switch for the rule's packages.
        values: the measure on the rule's columns, 0 elsewhere.
        sides: floor and ceiling as linear values, None where there is none or it is a share of a total.
        caps: most creators each package can have; inf where not known.
    """
    low, high = sides
    floor, ceiling = (f"{rule.name} {s}" if rule.maximum else rule.name for s in ("min", "max"))
    switch = packages.group_switch(rule.columns[: packages.count])
    assert switch is not None, "a rule that may be left out has a switch"
    rows: list[Row] = []
    if low is not None:
        coefficients = np.zeros(packages.columns) if math.isinf(low) else values.copy()
        if math.isinf(low):  # nobody can meet it, so nobody is booked
            coefficients[switch] = -1.0
        else:
            coefficients[switch] -= low
        rows.append(Row(floor, coefficients, 0.0, math.inf, switch))
    elif rule.minimum is not None:
        coefficients = _minus(values, rule.minimum.number * packages.measures[rule.minimum.of or ""])
        most_of_each = np.concatenate([caps, np.ones(packages.columns - packages.count)])
        falls = (coefficients < 0) & ~rule.columns
        loose = float(-coefficients[falls] @ most_of_each[falls])
        if math.isfinite(loose):  # else only where limits are left out to find a conflict
            coefficients[switch] -= loose
            rows.append(Row(floor, coefficients, -loose, math.inf, switch))
    if high is not None:
        rows.append(Row(ceiling, values, -math.inf, high))
    elif rule.maximum is not None:
        coefficients = _minus(values, rule.maximum.number * packages.measures[rule.maximum.of or ""])
        rows.append(Row(ceiling, coefficients, -math.inf, 0.0))
    return rows


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


def needs_caps(rule: Rule, scenario: Scenario, packages: Packages) -> Bools:
    """Packages of which the rule's rows must know the most creators there can be, shape (packages,).

    Those that turn a switch on are not among them; these are known to need it anyway.
    """
    needed = np.zeros(packages.count, dtype=bool)
    mine = rule.columns[: packages.count]
    for bound, sign in ((rule.minimum, 1.0), (rule.maximum, -1.0)):
        if bound is None or bound.of is None or fixed(bound, scenario) is not None:
            continue
        worth = sign * bound.number * packages.measures[bound.of][: packages.count]
        if rule.per_creator:
            needed |= worth > 0
        elif rule.or_none and sign > 0:
            needed |= (worth > 0) & ~mine
    return needed
