"""Scenario -> plan, in one read: prepare, solve each objective in order, make the plan lean, verify, report."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.errors import Problem, ScenarioError, SolverError
from optimizer.limits import Row
from optimizer.measures import REACH
from optimizer.packages import Floats
from optimizer.plan import Plan
from optimizer.prepare import Prepared, prepare
from optimizer.scenario import Goal, Scenario

LEAN_NODES = 200
"""Branch-and-bound nodes spent on each re-solve that looks for a cheaper plan as good as the one found. A count and
not a time, so that the same versions give the same plan."""
MAX_TIGHTENINGS = 6
CONFLICT_SECONDS = 20.0
"""Time for finding out why there is no plan, and the ways out."""


class NoPlanError(Exception):
    """No plan satisfies every limit; `optimize` turns it into an error that says which."""


@dataclass
class Stage:
    """One objective after its solve; linear values (for reach: effective contacts)."""

    goal: Goal
    best: float
    bound: float | None
    proven: bool
    raw_status: str


@dataclass
class Outcome:
    """What the solves came to: creators per column, and what was proven on the way."""

    columns: Floats
    stages: list[Stage] = field(default_factory=list)
    seconds: float = 0.0


def optimize(scenario: Scenario, *, on_progress: Callable[[str], None] | None = None) -> Plan:
    """The best plan for a scenario, verified.

    Args:
        scenario: from `load_scenario`, or built in Python.
        on_progress: called with a short text at each step.

    Returns:
        A plan that keeps every limit; `plan.status` says whether it is proven to be the best.

    Raises:
        ScenarioError: where the scenario cannot be planned.
        InfeasibleError: where no plan satisfies every limit; names limits that cannot hold together.
        SolverError: where the time limit passed before any plan was found, or the solver failed.
    """
    from optimizer.result import build_plan

    say = on_progress or (lambda text: None)
    prepared = prepare(scenario)
    if prepared.problems:
        raise ScenarioError(scenario.locate(p) for p in prepared.problems)
    try:
        outcome = solve_verified(prepared, say)
    except NoPlanError:
        say("looking for limits that cannot hold together")
        from optimizer.ways_out import infeasible

        raise infeasible(prepared, CONFLICT_SECONDS) from None
    return build_plan(prepared, outcome)


def check(scenario: Scenario) -> tuple[Problem, ...]:
    """Every reason why a scenario cannot be planned; empty if it can. Does not solve it."""
    return tuple(scenario.locate(p) for p in prepare(scenario).problems)


def save_lp(scenario: Scenario, path: str | os.PathLike[str]) -> None:
    """Write the program of the first objective as a CPLEX LP file, for other solvers and for curious readers."""
    from optimizer.model import build_model

    prepared = prepare(scenario)
    if prepared.problems:
        raise ScenarioError(scenario.locate(p) for p in prepared.problems)
    goal = scenario.objective[0]
    model = build_model(
        prepared,
        prepared.goal_values(goal),
        maximize=goal.sense == "maximize",
        rows=prepared.rows,
        name=scenario.title,
    )
    with open(path, "w", encoding="utf-8"):  # an OSError where PuLP 4 would raise one of its own
        pass
    model.problem.writeLP(os.fspath(path))


@dataclass(frozen=True)
class Effort:
    """How much of the work to do; all of it by default.

    Attributes:
        first_only: solve the first objective only: for questions about the best value rather than about the plan.
        gap: relative gap; None for the scenario's.
        lean: look for the cheapest among plans as good; without, equal plans may be told apart differently.
        start: creators per package to start from, shape (packages,); saves time where they are nearly a plan.
    """

    first_only: bool = False
    gap: float | None = None
    lean: bool = True
    start: Sequence[float] | None = None


EVERYTHING = Effort()
BEST_VALUE = Effort(first_only=True, gap=0.0, lean=False)
"""The best value of the first objective, exactly."""


def solve_verified(
    prepared: Prepared, say: Callable[[str], None] = lambda text: None, *, effort: Effort = EVERYTHING
) -> Outcome:
    """Solve, recount in decimal arithmetic, and where a limit is broken by rounding, tighten it and solve again.

    Args:
        prepared: the scenario.
        say: told of each step.
        effort: how much of the work to do.

    Raises:
        NoPlanError: where there is none.
        SolverError: as `optimize`.
    """
    from optimizer.result import bookings_of
    from optimizer.verify import verify

    shape = prepared.reach.shape if prepared.reach else None
    tightened: dict[str, float] = {}
    deadline = time.perf_counter() + prepared.scenario.solver.time_limit
    for _ in range(MAX_TIGHTENINGS):
        outcome = _solve_in_order(prepared, tightened, deadline, say, effort)
        say("verifying")
        bookings = bookings_of(prepared, outcome.columns)
        broken = verify(prepared.scenario, prepared.packages.terms, bookings, shape).violations
        if not broken:
            return outcome
        for violation in broken:
            if not np.isfinite(violation.amount):
                raise SolverError(f"the solver's plan failed verification: {violation.text}")
            for row in prepared.rows_of(prepared.rules[violation.limit]):
                size = max(abs(s) for s in (row.lower, row.upper, 1.0) if np.isfinite(s))
                tightened[row.name] = 2 * (tightened.get(row.name, 0.0) + violation.amount) + 1e-9 * size
    raise SolverError("the solver's plan failed verification: " + "; ".join(v.text for v in broken))


def _solve_in_order(
    prepared: Prepared,
    tightened: dict[str, float],
    deadline: float,
    say: Callable[[str], None],
    effort: Effort,
) -> Outcome:
    """Each objective in turn, holding those before it; then the least cost, then the fewest hours."""
    given = effort.start
    first = None if given is None else prepared.packages.with_switches(np.asarray(given, dtype=float))
    from optimizer.model import build_model
    from optimizer.solve import solve

    options = prepared.scenario.solver
    goals = prepared.scenario.objective[:1] if effort.first_only else prepared.scenario.objective
    gap = options.gap if effort.gap is None else effort.gap
    rows: list[Row] = list(prepared.rows)
    outcome: Outcome | None = None
    for position, goal in enumerate(goals):
        say(f"solving for {goal.measure}")
        values = prepared.goal_values(goal)
        maximize = goal.sense == "maximize"
        seconds = max(0.01, deadline - time.perf_counter()) / (len(goals) - position)
        model = build_model(prepared, values, maximize=maximize, rows=rows, tightened=tightened)
        start = outcome.columns if outcome else first
        solution = solve(model, solver=options.name, gap=gap, time_limit=seconds, start=start)
        if outcome is None:
            if solution.status == "infeasible":
                if tightened:
                    raise SolverError("the only plans there are break a limit by the solver's rounding")
                raise NoPlanError
            if solution.status == "unbounded":
                problem = Problem(("objective", position, goal.sense), f"no limit holds {goal.measure}")
                raise ScenarioError([prepared.scenario.locate(problem)])
            if solution.status == "not_found":
                text = (
                    f"no plan was found in {options.time_limit:g} seconds; that does not mean there is none"
                )
                raise SolverError(text, timed_out=True)
            outcome = Outcome(cleaned(prepared, solution.values))
        elif len(solution.values):
            columns = cleaned(prepared, solution.values)
            if keeps(rows[len(prepared.rows) :], columns):
                outcome.columns = columns
        best = float(values @ outcome.columns)
        bound = solution.bound
        if bound is not None:  # the plan itself proves that nothing is bounded below it
            bound = max(bound, best) if maximize else min(bound, best)
        stage = Stage(goal, best, bound, solution.status == "optimal", solution.raw_status)
        outcome.stages.append(stage)
        outcome.seconds += solution.seconds
        rows.append(hold(goal, values, given_up(prepared, goal, best)))
    assert outcome is not None
    for measure in ("cost", "hours") if effort.lean else ():
        values = prepared.packages.measures[measure]
        left = deadline - time.perf_counter()
        if np.isnan(values).any() or left < 0.05 or goals[-1].measure == measure:
            continue
        say(f"looking for less {measure}")
        model = build_model(prepared, values, maximize=False, rows=rows, tightened=tightened)
        solution = solve(
            model,
            solver=options.name,
            gap=options.gap,
            time_limit=left,
            start=outcome.columns,
            max_nodes=LEAN_NODES,
        )
        outcome.seconds += solution.seconds
        if len(solution.values):
            columns = cleaned(prepared, solution.values)
            better = values @ columns <= values @ outcome.columns
            if better and keeps(rows[len(prepared.rows) :], columns):
                outcome.columns = columns
        rows.append(Row(f"lean_{measure}", values, -np.inf, float(values @ outcome.columns)))
    return outcome


def cleaned(prepared: Prepared, values: Floats) -> Floats:
    """Creators as they are meant: whole where they are whole, no solver noise elsewhere; switches recomputed."""
    creators = values[: prepared.packages.count]
    creators = np.round(creators) if prepared.scenario.solver.whole_creators else np.round(creators, 9)
    return prepared.packages.with_switches(np.maximum(creators, 0.0))


def hold(goal: Goal, values: Floats, least: float) -> Row:
    """The row that keeps an objective at `least` or better (a linear value) in later solves."""
    name = f"hold_{goal.measure}"
    return Row(name, values, least, np.inf) if goal.sense == "maximize" else Row(name, values, -np.inf, least)


def given_up(prepared: Prepared, goal: Goal, best: float) -> float:
    """The linear value that later solves must keep: best less `within` of it, in the measure's own unit."""
    if goal.within == 0:
        return best
    sign = -1.0 if goal.sense == "maximize" else 1.0
    if goal.measure == REACH.name and prepared.reach is not None:
        people = prepared.goal_amount(goal, best) * (1 + sign * goal.within)
        return float(
            prepared.reach.people * prepared.reach.index(min(people, prepared.reach.people * (1 - 1e-12)))
        )
    return float(best + sign * goal.within * abs(best))


def keeps(rows: list[Row], columns: Floats) -> bool:
    """Whether a plan keeps earlier objectives, up to the last digits."""
    for row in rows:
        value = float(row.coefficients @ columns)
        slack = 1e-9 * max(1.0, abs(value))
        if value < row.lower - slack or value > row.upper + slack:
            return False
    return True
