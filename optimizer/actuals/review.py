"""A plan and its results -> what came of it, why, and how it will end: the door of this room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from optimizer.__version__ import __version__
from optimizer.actuals.came import Came, came_of
from optimizer.actuals.differences import Side, differences, sides
from optimizer.actuals.groups import Extra
from optimizer.actuals.planned import Floats, planned_of
from optimizer.actuals.ranges import bookings_of_one, forecasts, inside, open_of, ranges_of_each
from optimizer.actuals.result import (
    BookingReview,
    Difference,
    GroupReview,
    LineReview,
    MeasureReview,
    Missing,
    Review,
    UnmatchedRow,
    added,
)
from optimizer.language.errors import Problem, ScenarioError
from optimizer.language.measures import COUNTED, REACH, unit_of
from optimizer.language.numbers import tidy
from optimizer.plan.plan import Line, Plan, given_plan
from optimizer.plan.risk import Range
from optimizer.program.draws import DRAWS, SEED, check_draws
from optimizer.program.program import program_of
from optimizer.results.reading import ResultsReading
from optimizer.results.table import Results
from optimizer.scenario.scenario import Scenario

NOBODY = 1e-9
"""Fewer creators than this are nobody."""


def review(
    plan: Plan,
    results: ResultsReading | Results,
    *,
    running: bool = False,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Review:
    """Holds a plan against what came of it.

    Args:
        plan: made by `optimize`, or read back.
        results: of its bookings, from `read_results`.
        running: whether the campaign still runs: then a booking without a row is still to come, else it did not
            deliver.
        draws: cases for the forecast of a running campaign.
        seed: of these.

    Raises:
        ScenarioError: where money is in a currency for which the scenario has no rate, or the plan books nobody.
        ValueError: for impossible draws or seeds.
    """
    plan = given_plan(plan)
    check_draws(draws, seed)
    read, results = results if isinstance(results, ResultsReading) else (None, results)
    scenario = Scenario.model_validate(plan.inputs)
    if not plan.lines:
        raise ScenarioError([Problem((), "the plan books nobody, so there is nothing to review")])
    program = program_of(scenario)
    came = came_of(planned_of(program, plan), in_currency_of(scenario, results), running)
    before, after = sides(came, running)
    names = _measures(plan, came)
    by_line = {name: differences(name, came, before, after) for name in names}
    left = open_of(came) if running else np.zeros(len(plan.lines))
    posted = came.by_line(came.creators * (came.posts > 0))
    lines = _lines(came, after, by_line, posted, left)
    total = added(line.measures for line in lines)
    ranges = ranges_of_each(came, names, seed)
    first = names[0] if names else plan.objective.measure
    so_far = {name: total[name].actual for name in names}
    return Review(
        scenario=plan.scenario,
        files=results.files,
        read=read,
        currency=plan.currency,
        running=running,
        objective=plan.objective.measure,
        rows=results.rows,
        creators_planned=tidy(float(came.planned.creators.sum())),
        creators_delivered=tidy(float(posted[: len(plan.lines)].sum())),
        creators_open=tidy(float(left.sum())),
        posts_planned=tidy(float((came.planned.creators * came.planned.posts_each).sum())),
        posts_open=tidy(float((left * came.planned.posts_each).sum())),
        posts_delivered=tidy(float(after.posts.sum())),
        measures=[_measure(plan, came, name, total[name], ranges[name], running) for name in names],
        without_results=_without(plan, names),
        lines=lines,
        groups=_groups(lines),
        bookings=_bookings(came, first, ranges.get(first, [])),
        unmatched=[
            UnmatchedRow(
                file=results.files[int(results.file[one.row])],
                line=int(results.line[one.row]),
                name=one.name,
                why=one.why,
            )
            for one in came.rows.unmatched
        ],
        missing=_missing(came),
        matched_by_place=came.rows.by_place,
        posts_as_planned=came.posts_as_planned,
        paid_only=came.paid_only,
        forecast=forecasts(plan, came, so_far, draws, seed) if running else (),
        draws=draws if running else 0,
        seed=seed,
        version=__version__,
    )


def in_currency_of(scenario: Scenario, results: Results) -> Results:
    """The results with money in the currency of the scenario.

    Raises:
        ScenarioError: where it has no rate for theirs.
    """
    own = results.currency
    if own is None or own == scenario.currency:
        return results
    if own not in scenario.exchange_rates:
        raise ScenarioError(
            [
                Problem(
                    ("exchange_rates",),
                    f"the results are in {own}, the plan is in {scenario.currency}, and its scenario has no rate",
                    f"write exchange_rates: {{{own}: ...}} into the scenario: {own} for 1 {scenario.currency}",
                )
            ]
        )
    rate = scenario.exchange_rates[own]
    numbers = dict(results.numbers) | {name: results.numbers[name] / rate for name in ("paid", "revenue")}
    return Results(results.texts, numbers, results.file, results.line, results.files, scenario.currency)


def _measures(plan: Plan, came: Came) -> list[str]:
    """Measures that plan and results both know, the objective's first."""
    known = {name for name in came.amounts if name != "paid" and came.planned.known(name)}
    if "paid" in came.amounts and came.planned.known("cost"):
        known.add("cost")
    if "conversions" in known and came.planned.known("cost_of_goods"):
        known |= {"cost_of_goods"} if (came.planned.of("cost_of_goods") > 0).any() else set()
    if {"revenue", "cost"} <= known and came.planned.known("profit"):
        known.add("profit")
    first = [plan.objective.measure] if plan.objective.measure in known else []
    if plan.objective.measure == REACH.name and "gross_reach" in known:
        first = ["gross_reach"]
    return list(dict.fromkeys([*first, *(name for name in COUNTED if name in known)]))


def _without(plan: Plan, names: list[str]) -> list[str]:
    asked = [*(goal.measure for goal in plan.objectives), "cost", "hours", "impressions", "engagements"]
    return [
        name
        for name in dict.fromkeys(asked)
        if name not in (*names, "creators", "posts") and plan.totals.of(name) is not None
    ]


def _measure(
    plan: Plan, came: Came, name: str, total: Difference, ranges: Sequence[Range | None], running: bool
) -> MeasureReview:
    values = came.amounts.get(name)
    if name == "cost":
        values = came.amounts["paid"] * _on_top(came)
    told = {"cost": "paid", "profit": "revenue", "cost_of_goods": "conversions"}.get(name, name)
    planned_range = None if plan.risk is None or running else plan.risk.measures.get(name)
    within = None
    if planned_range is not None and planned_range.p90 > planned_range.p10:
        within = planned_range.p10 <= total.actual <= planned_range.p90
    return MeasureReview(
        measure=name,
        unit=unit_of(name, plan.currency),
        total=total,
        bookings_as_planned=came.as_planned.get(told, 0),
        planned_range=planned_range,
        within=within,
        ranges=None if values is None else inside(came, values, ranges),
    )


def _on_top(came: Came) -> float:
    """What a plan's cost of a creator is over what he is paid."""
    fees = came.planned.program.scenario.fees
    return 1 + fees.agency + fees.contingency


def _lines(
    came: Came, after: Side, by_line: Mapping[str, Sequence[Difference]], posted: Floats, left: Floats
) -> list[LineReview]:
    """Lines of the plan, then those beyond it.

    Args:
        came: the results.
        after: the same by line.
        by_line: measure -> its difference on each line.
        posted: creators who delivered anything, shape (lines,).
        left: creators whose work is still to come, shape (lines of the plan,).
    """
    found = []
    to_come = np.append(left, np.zeros(len(came.extras)))
    for n in range(came.lines):
        number = n - len(came.planned.lines)
        own: Line | Extra = came.planned.lines[n] if number < 0 else came.extras[number]
        posts_each = own.posts_per_creator if isinstance(own, Line) else None
        creators = float(came.planned.creators[n]) if number < 0 else 0.0
        found.append(
            LineReview(
                offer=own.offer,
                planned=posts_each is not None,
                tier=own.tier or None,
                platform=own.platform or None,
                format=own.format or None,
                posts_per_creator=posts_each,
                creators_planned=tidy(creators),
                creators_booked=tidy(float(after.booked[n] + to_come[n])),
                creators_delivered=tidy(float(posted[n])),
                posts_planned=tidy(creators * (posts_each or 0)),
                posts_delivered=tidy(float(after.posts[n])),
                open=tidy(float(to_come[n])),
                measures={name: each[n] for name, each in by_line.items()},
            )
        )
    return found


def _groups(lines: list[LineReview]) -> list[GroupReview]:
    keys: tuple[Literal["tier", "platform"], ...] = ("tier", "platform")
    found = []
    for by in keys:
        values = list(dict.fromkeys(getattr(line, by) for line in lines))
        for value in values if values != [None] else ():
            mine = [line.measures for line in lines if getattr(line, by) == value]
            found.append(GroupReview(by=by, value=value or "", measures=added(mine)))
    return found


def _bookings(came: Came, measure: str, ranges: Sequence[Range | None]) -> list[BookingReview]:
    if measure not in came.amounts:
        return []
    planned, one = came.planned, bookings_of_one(came)
    values = came.amounts[measure]
    each = planned.of(measure) / planned.creators
    found = []
    for b in np.flatnonzero(came.line < len(planned.lines)):
        line = int(came.line[b])
        known = ranges[line] if one[b] else None
        found.append(
            BookingReview(
                name=came.rows.names[int(came.group[b])],
                offer=planned.lines[line].offer,
                creators=tidy(float(came.creators[b])),
                posts=tidy(float(came.posts[b])),
                planned=tidy(float(each[line] * came.creators[b])),
                actual=tidy(float(values[b])),
                low=None if known is None else known.p10,
                high=None if known is None else known.p90,
            )
        )
    return sorted(found, key=lambda b: (-abs(b.actual - b.planned), b.name, b.offer))


def _missing(came: Came) -> list[Missing]:
    told = came.by_line(np.where(came.done > 0, came.creators, 0.0))
    return [
        Missing(
            offer=line.offer, posts_per_creator=line.posts_per_creator, creators=tidy(line.creators - told[n])
        )
        for n, line in enumerate(came.planned.lines)
        if line.creators - told[n] > NOBODY
    ]
