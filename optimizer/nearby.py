"""Verified solves for questions about plans near the best: the scenario with rows and columns of their own.

`flow` answers the scenario; `alternatives`, `goal` and `replan` ask more of it ("the most money on TikTok
while at least 98 % of the best is kept") and share this.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.errors import Problem, ScenarioError, SolverError
from optimizer.flow import (
    MAX_TIGHTENINGS,
    NoPlanError,
    Outcome,
    Stage,
    cleaned,
    given_up,
    hold,
    keeps,
    solve_verified,
)
from optimizer.limits import Row
from optimizer.model import Extra, build_model
from optimizer.packages import Floats
from optimizer.plan import Plan, ScenarioStamp
from optimizer.prepare import Prepared, prepare
from optimizer.result import bookings_of, build_plan
from optimizer.scenario import Goal, Scenario
from optimizer.solve import solve
from optimizer.verify import verify


class UnlimitedError(Exception):
    """Nothing limits what was asked for."""


@dataclass(frozen=True)
class Near:
    """A verified plan that answers one question.

    Attributes:
        columns: creators per package, then switches, shape (columns,).
        value: linear objective of the question, recomputed from the columns where it has no others.
        bound: best that any plan could have; None where not known.
        proven: whether value is the best, within the gap asked for.
        seconds: time in the solver.
        raw_status: the solver's own word.
    """

    columns: Floats
    value: float
    bound: float | None
    proven: bool
    seconds: float
    raw_status: str


def solve_near(
    prepared: Prepared,
    objective: Floats,
    *,
    maximize: bool,
    seconds: float,
    rows: Sequence[Row] = (),
    extra: Sequence[Extra] = (),
    gap: float = 0.0,
    max_nodes: int | None = None,
) -> Near:
    """The best plan for one linear objective, exactly unless a gap is given, under all limits and further rows.

    As `flow.solve_verified`: recounted in decimal arithmetic, and solved again where a limit is broken by
    rounding.

    Args:
        prepared: the scenario.
        objective: value of one unit of each column, shape (columns,) or (columns + extra,).
        maximize: direction.
        seconds: time to spend.
        rows: further rows.
        extra: further columns.
        gap: relative gap to the bound at which it is good enough; 0 for the exact best.
        max_nodes: as in `solve`.

    Raises:
        NoPlanError: where there is none.
        UnlimitedError: where nothing limits the objective.
        SolverError: where time was up before any plan, or the solver failed.
    """
    scenario, packages = prepared.scenario, prepared.packages
    shape = prepared.reach.shape if prepared.reach else None
    own = [row for row in rows if len(row.coefficients) == packages.columns]
    tightened: dict[str, float] = {}
    deadline = time.perf_counter() + min(seconds, scenario.solver.time_limit)
    spent = 0.0
    for _ in range(MAX_TIGHTENINGS):
        left = deadline - time.perf_counter()
        if left <= 0:
            raise SolverError("time was up", timed_out=True)
        model = build_model(
            prepared,
            objective,
            maximize=maximize,
            rows=[*prepared.rows, *rows],
            tightened=tightened,
            extra=extra,
        )
        solution = solve(model, solver=scenario.solver.name, gap=gap, time_limit=left, max_nodes=max_nodes)
        spent += solution.seconds
        if solution.status == "infeasible" and not tightened:
            raise NoPlanError
        if solution.status == "unbounded":
            raise UnlimitedError
        if not len(solution.values):
            raise SolverError("time was up before any plan was found", timed_out=True)
        columns = cleaned(prepared, solution.values)
        broken = verify(scenario, packages.terms, bookings_of(prepared, columns), shape).violations
        if not broken and keeps(own, columns):
            counted = np.concatenate([columns, solution.values[packages.columns :]])[: len(objective)]
            value = float(objective @ counted)
            bound = solution.bound
            if bound is not None:  # the plan itself proves that nothing is bounded below it
                bound = max(bound, value) if maximize else min(bound, value)
            return Near(columns, value, bound, solution.status == "optimal", spent, solution.raw_status)
        for violation in broken:
            if not np.isfinite(violation.amount):
                raise SolverError(f"the solver's plan failed verification: {violation.text}")
            for row in prepared.rows_of(prepared.rules[violation.limit]):
                _tighten(tightened, row, violation.amount)
        for row in own:
            at = float(row.coefficients @ columns)
            _tighten(tightened, row, max(row.lower - at, at - row.upper, 0.0))
    raise SolverError("the solver's plans failed verification")


def _tighten(tightened: dict[str, float], row: Row, amount: float) -> None:
    if amount > 0:
        size = max(abs(side) for side in (row.lower, row.upper, 1.0) if np.isfinite(side))
        tightened[row.name] = 2 * (tightened.get(row.name, 0.0) + amount) + 1e-9 * size


@dataclass(frozen=True)
class Best:
    """The best value of the first objective.

    Attributes:
        goal: the first objective.
        linear: best value found, as the model has it (effective contacts, for reach).
        bound: no plan has more (less, when minimising); linear; None where not known.
        proven: whether it is proven.
        raw_status: the solver's own word.
    """

    goal: Goal
    linear: float
    bound: float | None
    proven: bool
    raw_status: str

    def row(self, prepared: Prepared, share: float) -> Row:
        """The row that keeps the first objective within a share of the best.

            maximise: value >= best - share |best|        minimise: value <= best + share |best|

        For reach the share is one of people, and the row is on the index that these people have.
        """
        least = given_up(prepared, self.goal.model_copy(update={"within": share}), self.linear)
        return hold(self.goal, prepared.goal_values(self.goal), least)

    def floor(self, prepared: Prepared, share: float) -> float:
        """The same in the objective's own unit: what is kept at least (spent at most, when minimising)."""
        goal = self.goal.model_copy(update={"within": share})
        return prepared.goal_amount(goal, given_up(prepared, goal, self.linear))


def find_best(
    prepared: Prepared, seconds: float, rows: Sequence[Row] = (), extra: Sequence[Extra] = ()
) -> Best:
    """The best value of the first objective, found exactly.

    Raises:
        NoPlanError, SolverError: as `solve_near`.
        ScenarioError: where nothing limits the objective.
    """
    goal = prepared.scenario.objective[0]
    try:
        found = solve_near(
            prepared,
            prepared.goal_values(goal),
            maximize=goal.sense == "maximize",
            seconds=seconds,
            rows=rows,
            extra=extra,
        )
    except UnlimitedError:
        problem = Problem(("objective", 0, goal.sense), f"no limit holds {goal.measure}")
        raise ScenarioError([prepared.scenario.locate(problem)]) from None
    return Best(goal, found.value, found.bound, found.proven, found.raw_status)


def plan_of(prepared: Prepared, near: Near, best: Best) -> Plan:
    """The plan of a verified answer.

    Its objective carries its own value and the bound of the best plan, so that its gap says how far from
    the best it is; it counts as optimal only where that is within the gap the scenario asks for.
    """
    stages = []
    for number, goal in enumerate(prepared.scenario.objective):
        value = float(prepared.goal_values(goal) @ near.columns)
        bound = best.bound if number == 0 else None
        if bound is not None:
            bound = max(bound, value) if goal.sense == "maximize" else min(bound, value)
        stages.append(Stage(goal, value, bound, number == 0 and best.proven, near.raw_status))
    return build_plan(prepared, Outcome(near.columns, stages, near.seconds))


def optimize_within(scenario: Scenario, seconds: float, *, exact: bool = False) -> Plan:
    """`optimize` with the time that is left of a longer command; the plan answers the scenario as it stands.

    Args:
        scenario: the scenario.
        seconds: time left; the scenario's own limit counts where it is shorter.
        exact: solve to a gap of 0, whatever the scenario asks for.

    Raises:
        NoPlanError: where there is none.
        ScenarioError, SolverError: as `optimize`.
    """
    options = scenario.solver
    limit = max(0.01, min(options.time_limit, seconds))
    solver = options.model_copy(update={"time_limit": limit, "gap": 0.0 if exact else options.gap})
    prepared = prepare(scenario.model_copy(update={"solver": solver}))
    if prepared.problems:
        raise ScenarioError(scenario.locate(p) for p in prepared.problems)
    plan = build_plan(prepared, solve_verified(prepared))
    stamp = ScenarioStamp(name=scenario.title, sha256=scenario.sha256())
    return plan.model_copy(update={"scenario": stamp})


def total_of(plan: Plan, measure: str) -> float | None:
    """What a plan brings of any measure, also reach and the scenario's own; None where it is not known."""
    if measure in plan.totals.measures:
        return plan.totals.measures[measure]
    value: float | None = getattr(plan.totals, measure, None)
    return value
