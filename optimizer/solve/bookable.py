"""Plans as columns: made whole, written as bookings, held against rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Row
from optimizer.solve.verify import Booking
from optimizer.solve.verify_reach import Fitted

SAME = 1e-9
"""Relative; two sums of floats this near are the same."""


def loosened(row: Row, share: float) -> Row:
    """A row whose sides moved outwards by a share of its largest coefficient."""
    by = share * float(np.max(np.abs(row.coefficients), initial=0.0))
    return replace(row, lower=row.lower - by, upper=row.upper + by)


def distance(row: Row, columns: Floats) -> float:
    """By how much a plan breaks a row; negative where it keeps it."""
    at = float(row.coefficients @ columns)
    return max(row.lower - at, at - row.upper)


def keeps(rows: Sequence[Row], columns: Floats) -> bool:
    """Whether a plan keeps rows, up to the last digits."""
    for row in rows:
        value = float(row.coefficients @ columns)
        slack = SAME * max(1.0, abs(value))
        if value < row.lower - slack or value > row.upper + slack:
            return False
    return True


def cleaned(program: Program, values: Floats) -> Floats:
    """Creators as they are meant: whole where they are whole, no solver noise elsewhere; switches recomputed."""
    creators = values[: program.packages.count]
    creators = np.round(creators) if program.scenario.solver.whole_creators else np.round(creators, 9)
    return program.packages.with_switches(np.maximum(creators, 0.0))


def bookings_of(program: Program, columns: Floats) -> list[Booking]:
    """The packages that are booked."""
    packages = program.packages
    used = np.flatnonzero(columns[: packages.count] > 0)
    return [Booking(int(packages.offer[p]), int(packages.posts[p]), float(columns[p])) for p in used]


def fitted_of(program: Program) -> Fitted | None:
    """What a recount of reach has to take from the program; None where there is no audience."""
    reach = program.reach
    if reach is None:
        return None
    shapes = tuple(model.shape for model in reach.models)
    if not reach.segments.latent:
        return Fitted(shapes)
    shares = reach.segments.shares
    return Fitted(shapes, tuple(map(float, reach.segments.people)), lambda g, o: float(shares[o, g]))


def least_plan(program: Program) -> Floats:
    """Just the bookings that must be, each by the cheapest package that no limit rules out, shape (columns,)."""
    packages = program.packages
    creators = np.zeros(packages.count)
    cost = np.where(np.isnan(packages.measures["cost"]), 0.0, packages.measures["cost"])[: packages.count]
    for o in np.flatnonzero(packages.room_min > 0):
        mine = np.flatnonzero((packages.offer == o) & (program.excluded == 0))
        if len(mine):
            creators[mine[np.argmin(cost[mine])]] = packages.room_min[o]
    return packages.with_switches(creators)
