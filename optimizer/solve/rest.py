"""The integer program over the few creators that are left open, by the solver: a Roster -> Model."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pulp

from optimizer.program.packages import Floats, Ints
from optimizer.solve.model import Model, expression, power_of_two
from optimizer.solve.roster import Choice, Roster
from optimizer.solve.solver import SETTINGS, Setting, solve


@dataclass(frozen=True)
class Rest:
    """What the solver came to over some creators.

    Attributes:
        status: as in `Solution`.
        choice: what is booked of each, shape (creators,); empty without a plan.
        bound: the best value any plan of theirs could have; None where not known.
        seconds: time in the solver.
    """

    status: str
    choice: Choice
    bound: float | None
    seconds: float


def rest_model(roster: Roster, sides: tuple[Floats, Floats], loose: float) -> tuple[Model, tuple[Ints, Ints]]:
    """The integer program of some creators.

    Args:
        roster: these creators.
        sides: lower and upper side of each row, less what others count, shape (rows,) each.
        loose: by how much the sides move outwards, as a share of the row's largest coefficient.

    Returns:
        The model, and creator and package of each of its variables.
    """
    owner, package = np.nonzero(np.isfinite(roster.value).T)
    problem = pulp.LpProblem("rest", pulp.LpMinimize)
    variables = [problem.add_variable(f"x{j}", 0, 1, pulp.LpInteger) for j in range(len(owner))]
    values = roster.value[package, owner]
    scale = -power_of_two(values)
    problem.setObjective(expression(_terms(variables, scale * values)))
    for i in range(roster.creators):
        mine = [(variables[j], 1.0) for j in np.flatnonzero(owner == i)]
        if roster.must is not None and roster.must[i]:
            problem += (expression(mine) == 1, f"one_{i}")
        elif len(mine) > 1:
            problem += (expression(mine) <= 1, f"one_{i}")
    for r, numbers in enumerate(_rows(roster, owner, package)):
        by = loose * float(np.max(np.abs(numbers), initial=0.0))
        lower, upper = sides[0][r] - by, sides[1][r] + by
        factor = power_of_two(numbers)
        if not np.any(numbers):
            if lower > 0 or upper < 0:
                problem += (variables[0] <= -1, f"row_{r}")
            continue
        total = expression(_terms(variables, factor * numbers))
        if lower > -math.inf:
            problem += (total >= factor * lower, f"row_{r}_min")
        if upper < math.inf:
            problem += (total <= factor * upper, f"row_{r}_max")
    return Model(problem, variables, {}, scale, True), (owner, package)


def _rows(roster: Roster, owner: Ints, package: Ints) -> list[Floats]:
    rows = [np.zeros(len(owner)) for _ in range(roster.rows)]
    for family in roster.families:
        numbers = family.coefficients[package, owner].astype(float)
        row = np.full(len(owner), family.row) if isinstance(family.row, int) else family.row[owner]
        for r in set(row.tolist()) - {-1}:
            rows[r] += np.where(row == r, numbers, 0.0)
    return rows


def _terms(variables: list[Any], numbers: Floats) -> list[tuple[Any, float]]:
    return [(variables[j], float(numbers[j])) for j in np.flatnonzero(numbers).tolist()]


def solve_rest(
    roster: Roster,
    sides: tuple[Floats, Floats],
    *,
    gap: float,
    seconds: float,
    max_nodes: int | None = None,
    loose: float = 0.0,
    tightened: Mapping[int, float] | None = None,
    start: Choice | None = None,
    setting: Setting = SETTINGS[0],
) -> Rest:
    """The best plan of some creators.

    Args:
        roster: these creators.
        sides: lower and upper side of each row, less what others count, shape (rows,) each.
        gap: relative gap at which the search may stop.
        seconds: time.
        max_nodes: as in `solve`.
        loose: by how much the sides move outwards, as a share of the row's largest coefficient.
        tightened: row -> by how much its sides move inwards, because plans broke it by rounding.
        start: a plan of theirs to start from.
        setting: how the solver is asked.
    """
    inwards = np.zeros(roster.rows)
    for r, amount in (tightened or {}).items():
        inwards[r] = amount
    lower, upper = sides[0] + inwards, sides[1] - inwards
    if np.any(lower > upper) or not roster.creators or not np.isfinite(roster.value).any():
        return _of_nobody(roster, (lower, upper))
    model, (owner, package) = rest_model(roster, (lower, upper), loose)
    given = None if start is None else (start[owner] == package + 1).astype(float)
    solution = solve(
        model, solver="highs", gap=gap, time_limit=max(0.01, seconds), start=given,
        max_nodes=max_nodes, setting=setting,
    )  # fmt: skip
    if not len(solution.values):
        return Rest(solution.status, np.zeros(0, dtype=np.int8), None, solution.seconds)
    choice = np.zeros(roster.creators, dtype=np.int8)
    booked = np.flatnonzero(np.round(solution.values) > 0)
    choice[owner[booked]] = package[booked] + 1
    return Rest(solution.status, choice, solution.bound, solution.seconds)


def _of_nobody(roster: Roster, sides: tuple[Floats, Floats]) -> Rest:
    """The plan that books nobody, where there is nobody to book."""
    allowed = bool(np.all(sides[0] <= 0) and np.all(sides[1] >= 0))
    allowed &= roster.must is None or not roster.must.any()
    choice = np.zeros(roster.creators if allowed else 0, dtype=np.int8)
    return Rest("optimal" if allowed else "infeasible", choice, 0.0 if allowed else None, 0.0)
