"""The best result at every budget (or hours, or any number of the scenario): curves and maps, solved point by point.

Every point is a plan as `optimize` makes it, solved to gap 0. What solves is imported inside the functions, so that a
saved frontier can be read and drawn without a solver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from optimizer.__version__ import __version__
from optimizer.finance.frontier.axes import Over, axes_of, change_of, is_cap
from optimizer.finance.frontier.findings import sentences
from optimizer.finance.frontier.one_point import (
    RANGE_DRAWS,
    failed,
    mix_by,
    skipped,
    solve_point,
    solve_point_of_rows,
)
from optimizer.finance.frontier.result import Axis, Frontier, FrontierPoint, Stretch
from optimizer.finance.frontier.turning_points import marginals, stretches, turning_points
from optimizer.infeasible.conflicts import describe, find_conflict
from optimizer.jobs.runner import Runner
from optimizer.language.among import told_by
from optimizer.language.measures import unit_in
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.plan.stamp import stamp_of
from optimizer.program.checks import sure_places
from optimizer.program.draws import SEED, check_draws
from optimizer.program.program import Program
from optimizer.program.rules import Rule
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario
from optimizer.solve.kept import Rows, rows_of
from optimizer.solve.ready import ready

MOST_SECONDS = 20.0
"""Time for the plan without the cap that is varied."""
CONFLICT_SECONDS = 5.0
"""Time for finding out why a stretch has no plan."""
EXPLAINED = 3
"""Stretches without a plan whose reason is looked for."""


def frontier(
    scenario: Scenario,
    over: Over,
    *,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    draws: int = RANGE_DRAWS,
) -> Frontier:
    """The best plan at every point of one or two axes.

    Every point is what `optimize` finds for the changed scenario, with a gap of 0 unless the scenario sets
    `solver.gap` itself. A point without a plan says why; one whose worker failed is "failed" and takes no other along.

    Args:
        scenario: the scenario.
        over: what is varied: text as for `--over` ("budget=20k:120k:5k"), a mapping path -> rising numbers
            (`{"budget": [20_000, 40_000], "effort_hours": range(80, 401, 20)}`), or `Axis` objects; one or two.
        executor: any `concurrent.futures.Executor`; None solves in this process. The result is the same.
        time_limit: seconds for everything; points not solved by then are "skipped".
        on_progress: called with (points done, points in all).
        draws: cases that are drawn at each point to see what its first objective may come to, 100 to 1,000,000; 0
            leaves that out.

    Raises:
        ScenarioError: where an axis makes no sense, or the scenario cannot be planned at any value of it.
        ValueError: for a number of draws that means nothing.
    """
    check_draws(draws, SEED)
    refuse_over_cases(given_scenario(scenario), "a frontier shows")
    axes = axes_of(given_scenario(scenario), over)
    runner = Runner(executor, time_limit, on_progress, lambda job, error: failed(job[1], error))
    points, today = solved_points(scenario, axes, runner, draws)
    return assembled(scenario, axes, points, today, runner.clock.left, draws)


def solved_points(
    scenario: Scenario, axes: list[Axis], runner: Runner, draws: int = 0
) -> tuple[list[FrontierPoint], FrontierPoint | None]:
    """Every point, and today's; with the range of the first objective where `draws` asks for it."""
    from itertools import product

    rows = rows_for(scenario, axes)
    text, by, until = scenario.model_dump_json(exclude_unset=True), mix_by(scenario), runner.clock.moment
    # the proven best, unless the scenario itself says how near is near enough
    exact = _exact(scenario)
    places = [list(values) for values in product(*(axis.values for axis in axes))]
    jobs = []
    for at in places:
        change = dict(exact)
        for axis, value in zip(axes, at, strict=True):
            change |= change_of(axis, value)
        jobs.append((text, at, change, by, until, draws))
    now = [axis.today for axis in axes if axis.today is not None]
    # Budget and hours are plain numbers; others may be ranges or follow from the benchmark set.
    on_grid = now in places and all(axis.path in ("budget", "effort_hours") for axis in axes)
    beside = len(now) == len(axes) and not on_grid
    if beside:
        jobs.append((text, now, exact, by, until, draws))
    if rows is None:
        answers = runner.run(solve_point, jobs)
    else:
        shared, limit = runner.shared(rows), scenario.solver.time_limit
        answers = runner.run(solve_point_of_rows, [(shared, *job[1:], limit) for job in jobs])
    points = [
        skipped(job[1]) if answer is None else answer for job, answer in zip(jobs, answers, strict=True)
    ]
    today = points.pop() if beside else points[places.index(now)] if on_grid else None
    return points, today


def rows_for(scenario: Scenario, axes: Sequence[Axis]) -> Rows | None:
    """All rows of large rosters, where they can be looked at again for each point: not where single offers vary."""
    return None if any(axis.path.startswith("offers") for axis in axes) else rows_of(scenario)


def assembled(
    scenario: Scenario,
    axes: list[Axis],
    points: list[FrontierPoint],
    today: FrontierPoint | None,
    seconds: float,
    draws: int = 0,
) -> Frontier:
    """The points with what is found in them."""
    curve = points if len(axes) == 1 else []
    goal = scenario.objective[0]
    ranged = any(point.range is not None for point in points)
    found = Frontier(
        scenario=stamp_of(scenario),
        currency=scenario.currency,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_in(goal.measure, scenario.currency, goal.segments),
        confidence=goal.confidence,
        axes=axes,
        points=points,
        today=None if today is None or today.value is None else today,
        mix_by=mix_by(scenario),
        marginals=marginals(curve),
        turns=turning_points(curve),
        stretches=_explained(scenario, axes, stretches(curve), seconds),
        most=_most(scenario, axes, curve, seconds),
        sentences=[],
        version=__version__,
        over_all=rows_for(scenario, axes) is not None,
        draws=draws if ranged else 0,
        seed=SEED if ranged else 0,
    )
    return found.model_copy(update={"sentences": sentences(found)})


def _exact(scenario: Scenario) -> dict[str, object]:
    """Solver options that prove a point to the last digit, where the scenario names no gap and nothing has a
    confidence: there the draws are coarser than that. Nor of very many creators, where that may take for ever."""
    given = "gap" in scenario.solver.model_fields_set
    return {} if given or sure_places(scenario) or rows_of(scenario) is not None else {"solver.gap": 0}


def _most(
    scenario: Scenario, axes: list[Axis], points: Sequence[FrontierPoint], seconds: float
) -> float | None:
    """The best without the limit that is varied, where a curve ends flat: whether more of it could bring anything."""
    last = [point.best for point in points[-2:]]
    if len(last) < 2 or None in last or last[0] != last[1] or not is_cap(axes[0]) or seconds <= 0:
        return None
    rows, until = rows_for(scenario, axes), time.time() + min(MOST_SECONDS, seconds)
    if rows is not None:
        return _best_without(rows, axes[0], until, scenario)
    data = scenario.model_dump(mode="json", exclude_unset=True)
    free = Scenario.model_validate({key: value for key, value in data.items() if key != axes[0].path})
    exact = _exact(scenario)
    found = solve_point(free.model_dump_json(exclude_unset=True), [], exact, mix_by(scenario), until)
    return found.best if found.status == "optimal" else None


def _best_without(rows: Rows, axis: Axis, until: float, scenario: Scenario) -> float | None:
    limit = scenario.solver.time_limit
    found = solve_point_of_rows(rows, [], {axis.path: None}, mix_by(scenario), until, limit=limit)
    return found.best if found.status == "optimal" else None


def _explained(scenario: Scenario, axes: list[Axis], found: list[Stretch], seconds: float) -> list[Stretch]:
    """The stretches without a plan with the limits that cannot hold together there."""
    explained = []
    for number, stretch in enumerate(found):
        if stretch.status == "infeasible" and number < EXPLAINED and seconds > 0:
            rows, change = rows_for(scenario, axes), change_of(axes[0], stretch.high)
            there = ready(scenario.with_changes(change) if rows is None else rows.anew(change))
            why = _why(there, min(CONFLICT_SECONDS, seconds))
            stretch = stretch.model_copy(update={"message": why})
        explained.append(stretch)
    return explained


def _why(program: Program, seconds: float) -> str:

    members, _ = find_conflict(program, seconds)
    known = program.scenario
    told = told_by(len(known.offers), int(known.chosen_from or 0))
    names = [("" if isinstance(m, Rule) else "the booking of ") + describe(program, m).name for m in members]
    if not names:
        return f"the creators available leave no plan{told}"
    if len(names) == 1:
        return f"the creators there are cannot meet {names[0]}{told}"
    return f"{', '.join(names[:-1])} and {names[-1]} cannot hold together{told}"
