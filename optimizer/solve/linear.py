"""The linear program over the creators that are not decided, straight to HiGHS, with prices that stay in a box.

    maximise    sum c x - sum high[r] over[r] + sum low[r] under[r]
    subject to  lower <= sum a x - over + under <= upper            for every row
                sum over k of x[k, i] <= weight[i]                  for every creator
                x, over, under >= 0

A row may be broken at the price high, and what is left unused is paid for at the price low: so the row's own price lies
between the two, whatever else is in the program, and there is always a solution. (The box of Marsten, Hogan and
Blankenship, 1975, read from the other side.) Where no row makes use of that, the prices are those without a box.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.program.rules import Bools
from optimizer.solve.highs import OverrunError, highs_version, run, shielded
from optimizer.solve.roster import Roster

_ALWAYS = (("output_flag", False), ("threads", 1), ("solver", "simplex"))
_FIRST, _SECOND = (("dual_feasibility_tolerance", 1e-9),), (("presolve", "off"),)
"""Prices finer than HiGHS has them by itself, because near the end packages differ by little; where it fails, as it
likes, without presolve."""
NOTHING = 1e-7
"""Of a row's typical coefficient; a row that is broken by less than that is kept."""


@dataclass(frozen=True)
class Prices:
    """What the linear program came to.

    Attributes:
        y: price of each row, shape (rows,).
        total: its value, with what broken rows cost.
        x: how much of each package, shape (packages of a creator, creators).
        held: whether any price stands at a side of its box, because a row is broken or paid for.
    """

    y: Floats
    total: float
    x: Floats
    held: bool


def linear_prices(
    roster: Roster,
    live: Bools,
    sides: tuple[Floats, Floats],
    box: tuple[Floats, Floats],
    weight: Floats,
    scales: tuple[float, Floats],
    seconds: float,
) -> Prices | None:
    """Solve the linear program of some creators; None where it took too long.

    Args:
        roster: these creators.
        live: which of their packages are looked at, shape (packages of a creator, creators).
        sides: lower and upper side of each row, less what others count, shape (rows,) each.
        box: least and highest price of each row, shape (rows,) each.
        weight: how many creators each stands for, shape (creators,).
        scales: typical sizes of values and of each row's coefficients (`Roster.scales`).
        seconds: time.

    Raises:
        SolverError: where HiGHS fails.
    """
    size, sizes = scales
    low, high = (side * sizes / size for side in box)
    rows, creators = roster.rows, roster.creators
    live = live & np.isfinite(roster.value)
    owner, package = np.nonzero(live.T)
    columns = len(owner)
    several = live.sum(axis=0) > 1
    if roster.must is not None:
        several |= roster.must & live.any(axis=0)
    own_row = np.where(several, rows + np.cumsum(several) - 1, -1)

    where, at, entries = [], [], []
    for family in roster.families:
        numbers = family.coefficients[package, owner].astype(float)
        row = np.full(columns, family.row) if isinstance(family.row, int) else family.row[owner]
        used = np.flatnonzero((numbers != 0) & (row >= 0))
        where.append(used)
        at.append(row[used])
        entries.append(numbers[used] / sizes[row[used]])
    grouped = np.flatnonzero(several[owner])
    every_row = np.arange(rows)
    where += [grouped, columns + every_row, columns + rows + every_row]
    at += [own_row[owner[grouped]], every_row, every_row]
    entries += [np.ones(len(grouped)), np.full(rows, -1.0), np.ones(rows)]
    column, row, entry = (np.concatenate(part) for part in (where, at, entries))
    order = np.argsort(column, kind="stable")

    wide = columns + 2 * rows
    demanded = np.zeros(creators) if roster.must is None else np.where(roster.must, weight, 0.0)
    values = np.concatenate([-roster.value[package, owner] / size, high, -low])
    upper = np.concatenate([weight[owner], np.full(2 * rows, np.inf)])
    row_lower = np.concatenate([sides[0] / sizes, np.where(demanded > 0, demanded, -np.inf)[several]])
    row_upper = np.concatenate([sides[1] / sizes, weight[several]])
    starts = np.searchsorted(column[order], np.arange(wide + 1))
    solution = _solved(
        wide, values, upper, (row_lower, row_upper), (starts, row[order], entry[order]), seconds
    )
    if solution is None:
        return None
    x, duals = solution
    share = np.zeros(live.shape)
    share[package, owner] = x[:columns]
    broken = x[columns:]
    return Prices(
        -duals[:rows] * size / sizes,
        -float(values @ x) * size,
        share,
        bool(np.any(broken > NOTHING)),
    )


def _solved(
    wide: int,
    values: Floats,
    upper: Floats,
    sides: tuple[Floats, Floats],
    matrix: tuple[Any, Any, Floats],
    seconds: float,
) -> tuple[Floats, Floats] | None:
    """Values of the columns and prices of the rows of a minimisation, by the simplex method."""
    import highspy

    ended = time.perf_counter() + seconds
    highs_version()
    make: Any = highspy.Highs
    program: Any = highspy.HighsLp()
    program.num_col_, program.num_row_ = wide, len(sides[0])
    program.col_cost_, program.col_lower_, program.col_upper_ = values, np.zeros(wide), upper
    program.row_lower_, program.row_upper_ = sides
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = matrix[0].astype(np.int32)
    program.a_matrix_.index_ = matrix[1].astype(np.int32)
    program.a_matrix_.value_ = matrix[2]
    status = ""
    for options in (_FIRST, _SECOND):
        with shielded(2):
            engine = make()
            for name, value in (*_ALWAYS, *options):
                engine.setOptionValue(name, value)
            engine.setOptionValue("time_limit", max(0.01, ended - time.perf_counter()))
            engine.passModel(program)
        try:
            run(engine, max(0.01, ended - time.perf_counter()))
        except OverrunError:
            return None
        status = engine.modelStatusToString(engine.getModelStatus())
        if status == "Time limit reached":
            return None
        if status == "Optimal":
            solution = engine.getSolution()
            return np.array(solution.col_value), np.array(solution.row_dual)
    raise SolverError(f"HiGHS failed: {status}")
