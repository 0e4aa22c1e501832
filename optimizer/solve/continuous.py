"""The program with fractions of creators, solved: where local rates, bounds and guesses come from.

Reach that no linear row says is there by tangents, which are added where the plan lies until the value moves no more:
its bound is then a true one, and its prices are those of the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row
from optimizer.scenario.scenario import Goal
from optimizer.solve.curved import ReachCriterion
from optimizer.solve.model import Extra, Model, build_model
from optimizer.solve.solver import Solution, row_prices, solve
from optimizer.solve.summed import SummedReach, reach_criterion

ROUNDS = 200
NEAR = 1e-7
"""Relative; a value that moves by less has its tangents where they are needed."""

Held = Row | Reaching
"""What keeps an objective in later solves."""


@dataclass(frozen=True)
class LinearProgram:
    """A program of fractions, solved.

    Attributes:
        model: the last one.
        solution: its status, and its plan, shape (columns,).
        value: best linear objective, which no plan beats; None where there is none.
        contributes: what one creator of each package adds to the objective there, and to reach that must be kept at its
            price, shape (columns,); None where the linear objective and the rows say it all.
    """

    model: Model
    solution: Solution
    value: float | None
    contributes: Floats | None = None


def continuous_program(program: Program, goal: Goal, rows: Sequence[Held], seconds: float) -> LinearProgram:
    """Solve one objective with fractions of creators.

    Args:
        program: the scenario.
        goal: the objective.
        rows: those of the limits, and what keeps earlier objectives.
        seconds: time to spend.
    """
    values, maximize = program.goal_values(goal), goal.sense == "maximize"
    wish = program.reaching_goal(goal) if goal.over is None else None
    floors = [*program.reachings, *(row for row in rows if isinstance(row, Reaching))]
    plain = [row for row in rows if isinstance(row, Row)]
    criteria = [
        reach_criterion(one, one is wish, False) for one in [*floors, *([] if wish is None else [wish])]
    ]
    if not criteria:
        model = build_model(program, values, maximize=maximize, rows=plain, continuous=True)
        solution = solve(model, solver="highs", gap=0.0, time_limit=seconds)
        best = float(values @ solution.values) if solution.status == "optimal" else None
        return LinearProgram(model, solution, best)
    before: float | None = None
    far = False
    for _ in range(ROUNDS):
        model, objective, own = _model(program, values, maximize, plain, criteria)
        solution = solve(model, solver="highs", gap=0.0, time_limit=seconds)
        if solution.status != "optimal":
            return LinearProgram(model, solution, None)
        best = float(objective @ solution.values[: len(objective)])
        columns = solution.values[: program.packages.columns]
        if before is not None and abs(best - before) <= NEAR * max(1.0, abs(best)) and not far:
            break
        before, far = best, False
        for criterion in criteria:
            far = criterion.learn(columns, end=False) > NEAR or far
    prices = row_prices(model)
    contributes = np.zeros(program.packages.columns) if wish is not None else values.copy()
    for row in own:
        price = sum(prices[name] for name in model.rows.get(row.name, []))
        contributes -= price * row.coefficients[: program.packages.columns]
    trimmed = Solution(
        solution.status, columns, solution.bound, solution.seconds, solution.raw_status, solution.nodes
    )
    return LinearProgram(model, trimmed, best, contributes)


def _model(
    program: Program,
    values: Floats,
    maximize: bool,
    plain: Sequence[Row],
    criteria: Sequence[ReachCriterion | SummedReach],
) -> tuple[Model, Floats, list[Row]]:
    """The model by the tangents there are, its objective over all columns, and the rows of the criteria."""
    extra: list[Extra] = []
    firsts = []
    for number, criterion in enumerate(criteria):
        firsts.append(program.packages.columns + len(extra))
        extra += criterion.extra(number, whole=False)
    width = program.packages.columns + len(extra)
    objective = np.zeros(width)
    objective[: len(values)] = values
    own: list[Row] = []
    for criterion, first in zip(criteria, firsts, strict=True):
        own += criterion.rows(program.packages.columns, first, width, whole=False)
        if criterion.sets_objective:
            criterion.weigh(objective, first)
    model = build_model(
        program, objective, maximize=maximize, rows=[*plain, *own], continuous=True, extra=extra
    )
    return model, objective, own
