"""Where results lie in the ranges that were planned, and how a campaign that runs will end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.actuals.came import Came
from optimizer.actuals.planned import Floats
from optimizer.actuals.result import Forecast, Inside
from optimizer.language.measures import is_money, unit_of
from optimizer.language.numbers import tidy
from optimizer.plan.plan import Plan
from optimizer.plan.risk import Range
from optimizer.plan.simulated import range_in
from optimizer.program.draws import Draws
from optimizer.program.forms import form_of

ONE_BOOKING = 2_000
"""Draws for the range of one booking."""


def bookings_of_one(came: Came) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which bookings are one creator of the plan whose work is settled, shape (bookings,)."""
    mine = came.line < len(came.planned.lines)
    return np.asarray(mine & (came.creators == 1) & (came.done == 1))


def ranges_of_each(came: Came, measures: Sequence[str], seed: int) -> dict[str, list[Range | None]]:
    """Measure -> what one creator of each line of the plan may bring or take; None where nothing about it varies, and
    on lines without a booking of one creator."""
    program, package = came.planned.program, came.planned.package
    found: dict[str, list[Range | None]] = {measure: [None] * len(package) for measure in measures}
    if not program.varying.anything:
        return found
    forms = {measure: form_of(program.varying, measure) for measure in measures}
    for line in np.unique(came.line[bookings_of_one(came)]):
        counts = np.zeros(program.packages.columns)
        counts[package[line]] = 1.0
        drawn = Draws(program.varying, counts, ONE_BOOKING, seed)
        for measure, form in forms.items():
            one = range_in(drawn.total(form))
            found[measure][line] = one if one.p90 > one.p10 else None
    return found


def inside(came: Came, values: Floats, ranges: Sequence[Range | None]) -> Inside | None:
    """How many single bookings lie in the ranges of their lines.

    Args:
        came: the results.
        values: what each booking came to, shape (bookings,).
        ranges: of one creator of each line.
    """
    low, high = (
        np.array([np.nan if r is None else getattr(r, side) for r in ranges]) for side in ("p10", "p90")
    )
    some = np.flatnonzero(bookings_of_one(came))
    some = some[~np.isnan(low[came.line[some]])]
    if not len(some):
        return None
    below = int(np.sum(values[some] < low[came.line[some]]))
    above = int(np.sum(values[some] > high[came.line[some]]))
    return Inside(bookings=len(some), inside=len(some) - below - above, below=below, above=above)


def forecasts(plan: Plan, came: Came, so_far: dict[str, float], draws: int, seed: int) -> list[Forecast]:
    """How each measure will end.

        end = done + (the rest, drawn as for a new plan of so many creators)

    Args:
        plan: the plan.
        came: the results so far.
        so_far: measure -> what was done, set-ups included.
        draws, seed: of the rest.
    """
    planned = came.planned
    program = planned.program
    counts = np.zeros(program.packages.columns)  # set-ups are among what is done
    np.add.at(counts, planned.package, open_of(came))
    drawn = Draws(program.varying, counts, draws if program.varying.anything else 1, seed)
    goal = plan.objective
    found = []
    for measure, done in so_far.items():
        rest = drawn.total(drawn.form(measure))
        cap = {"cost": program.scenario.budget, "hours": program.scenario.effort_hours}.get(measure)
        promised, at_least = cap, False
        if measure == goal.measure and not goal.segments:
            promised, at_least = goal.dependable or goal.value, goal.sense == "maximize"
        elif cap is None:
            promised, at_least = (
                plan.totals.of(measure),
                not is_money(measure) or measure in ("revenue", "profit"),
            )
        end = done + rest
        kept = None
        if promised is not None:
            slack = 1e-9 * max(1.0, abs(promised))
            kept = tidy(float(np.mean(end >= promised - slack if at_least else end <= promised + slack)))
        found.append(
            Forecast(
                measure=measure,
                unit=unit_of(measure, plan.currency),
                done=tidy(done),
                to_come=tidy(float(program.packages.measures[measure] @ counts)),
                end=range_in(end),
                promised=promised,
                at_least=at_least,
                chance=kept,
            )
        )
    return found


def open_of(came: Came) -> Floats:
    """Creators of each line of the plan whose work is still to come, parts of one included, shape (lines,)."""
    lines = len(came.planned.lines)
    return np.maximum(0.0, came.planned.creators - came.by_line(came.done)[:lines])
