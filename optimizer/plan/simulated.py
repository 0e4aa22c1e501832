"""A plan -> its risk: every measure and limit in 10,000 drawn cases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.language.measures import COUNTED, RATIOS, REACH
from optimizer.language.numbers import tidy
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.plan import Plan
from optimizer.plan.risk import Chance, Driver, Range, Risk
from optimizer.program.draws import DRAWS, SEED, Draws, quantiles
from optimizer.program.forms import form_of, weighted
from optimizer.program.moments import variance_shares
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Bools, Rule, fixed, unused
from optimizer.scenario.fields import Bound

MOST_DRIVERS = 10
SMALLEST_SHARE = 0.001
ROUNDING = 1e-9
"""Relative; a limit that is missed by less is kept."""
SAME = 1e-9
"""Relative; two drawn values that are nearer are the same."""


def with_risk(program: Program, plan: Plan, draws: int = DRAWS, seed: int = SEED) -> Plan:
    """The plan with its risk."""
    return plan.model_copy(update={"risk": risk_of(program, plan, draws, seed)})


def risk_of(program: Program, plan: Plan, draws: int = DRAWS, seed: int = SEED) -> Risk:
    """What a plan of a scenario may come to."""
    columns = columns_of_plan(program, plan)
    cases = draws if program.varying.anything else 1  # one is as good as all
    drawn = Draws(program.varying, columns, cases, seed)
    measures = {}
    for name in (*COUNTED, *program.scenario.measures):
        if name not in ("creators", "posts") and plan.totals.of(name) is not None:
            measures[name] = range_in(drawn.total(drawn.form(name)))
    if plan.totals.reach is not None:
        measures[REACH.name] = range_in(drawn.reach())
    values = _measured(drawn, plan.objective.measure, plan.objective.segments)
    kept = {}
    for rule in program.rules:
        found = kept_in(drawn, program, rule)
        if found is not None:
            kept[rule.name] = found
    chances = [Chance(limit=name, chance=tidy(float(np.mean(each)))) for name, each in kept.items()]
    all_kept = tidy(float(np.mean(np.all(list(kept.values()), axis=0)))) if kept else None
    return Risk(
        draws=draws,
        seed=seed,
        varies=any(each.sd > 0 for each in measures.values()),
        measures=measures,
        objective=range_in(values) if plan.objective.segments else None,
        distribution=[tidy(float(q)) for q in quantiles(values, np.arange(1, 100) / 100)],
        chances=chances,
        all_kept=all_kept,
        drivers=_drivers(program, plan, columns) if range_in(values).sd > 0 else (),
    )


def range_of(program: Program, plan: Plan, draws: int, seed: int = SEED) -> Range | None:
    """The range of a plan's first objective alone; None where no number of the scenario varies."""
    if not program.varying.anything:
        return None
    drawn = Draws(program.varying, columns_of_plan(program, plan), draws, seed)
    return range_in(_measured(drawn, plan.objective.measure, plan.objective.segments))


def drawn_measures(
    program: Program, plan: Plan, measures: Sequence[str], draws: int = DRAWS, seed: int = SEED
) -> dict[str, Floats]:
    """What a plan comes to in each draw: measure -> shape (draws,); without those that the plan does not know.

    Plans drawn with the same seed share what they have in common (a number of an offer of the same name, a market), so
    that they can be compared draw by draw.
    """
    drawn = Draws(program.varying, columns_of_plan(program, plan), draws, seed)
    return {name: _measured(drawn, name) for name in measures if plan.totals.of(name) is not None}


def against(own: Floats, base: Floats, sense: str) -> tuple[float, float]:
    """In what share of the draws one plan is better than another, and in what share both come to the same.

    Args:
        own, base: what each comes to, drawn with the same seed, shape (draws,).
        sense: "maximize" or "minimize".
    """
    gain = own - base if sense == "maximize" else base - own
    same = np.abs(gain) <= SAME * np.maximum(np.abs(base), np.abs(own))
    return tidy(float(np.mean((gain > 0) & ~same))), tidy(float(np.mean(same)))


def _measured(drawn: Draws, measure: str, segments: Sequence[str] = ()) -> Floats:
    return drawn.reach(segments=segments) if measure == REACH.name else drawn.total(drawn.form(measure))


def range_in(values: Floats) -> Range:
    """The range of drawn values, shape (draws,)."""
    p10, p50, p90 = (tidy(float(q)) for q in quantiles(values, np.array([0.1, 0.5, 0.9])))
    if np.ptp(values) <= ROUNDING * abs(p50):
        return Range(p10=p50, p50=p50, p90=p50, mean=p50, sd=0.0)
    return Range(p10=p10, p50=p50, p90=p90, mean=tidy(float(values.mean())), sd=tidy(float(values.std())))


def kept_in(drawn: Draws, program: Program, rule: Rule) -> Bools | None:
    """In which draws a limit is kept, shape (draws,); None for one per creator, which knows no chance."""
    if rule.per_creator:
        return None
    everything = np.ones(drawn.draws, dtype=bool)
    value = _value(drawn, program, rule)
    if value is None:
        return None
    for bound, sign in ((rule.minimum, 1.0), (rule.maximum, -1.0)):
        if bound is None or (sign > 0 and rule.or_none and unused(rule, program.packages, drawn.counts)):
            continue
        side = _side(drawn, program, bound)
        slack = ROUNDING * np.maximum(1.0, np.abs(value))
        everything &= sign * (value - side) >= -slack
    return everything


def _value(drawn: Draws, program: Program, rule: Rule) -> Floats | None:
    if rule.measure == REACH.name:
        return drawn.reach(rule.columns, rule.segments)
    if rule.measure in RATIOS:
        ratio = RATIOS[rule.measure]
        top = drawn.total(weighted(drawn.form(ratio.numerator), rule.columns.astype(float)))
        bottom = drawn.total(weighted(drawn.form(ratio.denominator), rule.columns.astype(float)))
        if not np.any(top) and not np.any(bottom):
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(top > 0, ratio.factor * top / bottom, 0.0))
    return drawn.total(weighted(drawn.form(rule.measure), rule.columns.astype(float)))


def _side(drawn: Draws, program: Program, bound: Bound) -> Floats | float:
    number = fixed(bound, program.scenario)
    if number is not None:
        return number
    return bound.number * drawn.total(drawn.form(bound.of or ""))


def _drivers(program: Program, plan: Plan, columns: Floats) -> Sequence[Driver]:
    form = form_of(program.varying, plan.objective.measure)
    shares = variance_shares(program.varying, form, columns)
    names = [terms.name for terms in program.packages.terms]
    found = [
        Driver(
            assumption=f"{field} of {names[offer]}",
            offer=names[offer],
            field=field,
            share_of_variance=tidy(share),
        )
        for (field, offer), share in shares.items()
        if share >= SMALLEST_SHARE
    ]
    return sorted(found, key=lambda driver: -driver.share_of_variance)[:MOST_DRIVERS]
