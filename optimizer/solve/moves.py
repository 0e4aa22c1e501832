"""Every plan that differs from a given one by one booking: one creator more, one fewer, or one in another's place.

One more post by a creator is such a swap too, between two packages of an offer. Which of them are better and
seem to be allowed is found with numpy; whoever asks recounts those exactly, and there are hardly ever any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Bools, Row

NEAR = 1e-9
"""Relative; a row that is broken by no more than this is left to the exact recount."""
MOST_CANDIDATES = 20


def better_by_one(
    program: Program,
    objective: Floats,
    maximize: bool,
    rows: Sequence[Row],
    columns: Floats,
    limit: float,
    *,
    worth: Reaching | None = None,
    floors: Sequence[Reaching] = (),
) -> tuple[int, list[Floats]]:
    """Plans one booking away whose objective is better than a limit and that seem to keep every row.

    Args:
        program: columns and room.
        objective: linear objective, shape (columns,).
        maximize: direction.
        rows: all rows, over the columns.
        columns: the plan, shape (columns,).
        limit: the value to beat.
        worth: the objective, where it is reach that no linear column says.
        floors: floors on such reach.

    Returns:
        How many plans were looked at, and the promising ones, best first, shape (columns,) each.
    """
    sign = 1.0 if maximize else -1.0
    packages = program.packages
    lower, upper = np.array([r.lower for r in rows]), np.array([r.upper for r in rows])
    table = np.array([r.coefficients for r in rows] or np.zeros((0, packages.columns)))
    at = table @ columns
    slack = NEAR * np.maximum(1.0, np.maximum(np.abs(at), np.where(np.isfinite(upper), np.abs(upper), 0.0)))
    bar = sign * limit + NEAR * max(1e-6, abs(limit))
    looked_at = 0
    promising: list[tuple[float, Floats]] = []
    for dropped, changed in _one_fewer(program, columns):
        base_at = at if dropped is None else table @ changed
        base_value = float(objective @ changed) if worth is None else worth.worth(changed)
        added = _addable(program, changed, dropped)
        looked_at += int(added.sum()) + (dropped is not None)
        if (
            dropped is not None
            and _enough(program, changed)
            and sign * base_value > bar
            and _kept(base_at, lower, upper, slack)
            and all(_floor_kept(floor, changed) for floor in floors)
        ):
            promising.append((sign * base_value, changed))
        gain, step = _one_more(program, objective, table, changed)
        if worth is not None:
            gain = worth.gains(changed)
        fitting = np.flatnonzero(added & (sign * (base_value + gain) > bar))
        for row in range(len(rows)):  # the budget first: few are left after it
            if not len(fitting):
                break
            after = base_at[row] + step[row, fitting]
            fitting = fitting[(after >= lower[row] - slack[row]) & (after <= upper[row] + slack[row])]
        for floor in floors:
            if len(fitting):
                reached = (floor.worth(changed) + floor.gains(changed))[fitting]
                least = floor.floor_after(changed)[fitting]
                fitting = fitting[reached >= least - NEAR * np.maximum(1.0, np.abs(reached))]
        for p in fitting:
            creators = changed[: packages.count].copy()
            creators[p] += 1
            promising.append((sign * (base_value + float(gain[p])), packages.with_switches(creators)))
    promising.sort(key=lambda found: -found[0])
    return looked_at, [found for _, found in promising[:MOST_CANDIDATES]]


def filled(program: Program, rows: Sequence[Row], columns: Floats, worth: Reaching) -> Floats:
    """A plan with one creator after another added, of what brings most reach for the part it takes of any limit's rest.

    Args:
        program: columns and room.
        rows: all rows, over the columns; none is broken that was not.
        columns: a plan to begin with, shape (columns,).
        worth: the reach.
    """
    packages = program.packages
    lower, upper = np.array([r.lower for r in rows]), np.array([r.upper for r in rows])
    table = np.array([r.coefficients for r in rows] or np.zeros((0, packages.columns)))
    while True:
        at = table @ columns
        gain, (_, step) = worth.gains(columns), _one_more(program, np.zeros(packages.columns), table, columns)
        after = at[:, None] + step
        keeps = (after <= upper[:, None]) | (step <= 0)
        keeps &= (after >= lower[:, None]) | (step >= 0)
        fits = _addable(program, columns, None) & np.all(keeps, axis=0) & (gain > 0)
        if not fits.any():
            return columns
        left = np.maximum(upper - at, 1e-12)[:, None]
        part = np.max(np.where(np.isfinite(left) & (step > 0), step / left, 0.0), axis=0, initial=1e-12)
        creators = columns[: packages.count].copy()
        creators[int(np.argmax(np.where(fits, gain / part, -np.inf)))] += 1
        columns = packages.with_switches(creators)


def _floor_kept(floor: Reaching, columns: Floats) -> bool:
    if floor.bound is None or (floor.switch is not None and columns[floor.switch] == 0):
        return True
    return floor.worth(columns) >= floor.bound - NEAR * max(1.0, abs(floor.bound))


def _one_fewer(program: Program, columns: Floats) -> Iterator[tuple[int | None, Floats]]:
    """The plan itself, and with one creator fewer on each package that is booked."""
    packages = program.packages
    yield None, columns
    for p in np.flatnonzero(columns[: packages.count] > 0):
        creators = columns[: packages.count].copy()
        creators[p] -= 1
        yield int(p), packages.with_switches(creators)


def _addable(program: Program, columns: Floats, dropped: int | None) -> Bools:
    """Packages that one more creator fits on, with room and bookings kept, shape (packages,)."""
    packages = program.packages
    booked = np.bincount(packages.offer, weights=columns[: packages.count], minlength=len(packages.terms))
    fits: Bools = (booked + 1 <= packages.room_max)[packages.offer] & (program.excluded == 0)
    short = booked < packages.room_min
    if short.any():  # only the offer that lost one can make up for it
        fits &= short[packages.offer]
    if dropped is not None:
        fits[dropped] = False
    return fits


def _enough(program: Program, columns: Floats) -> bool:
    """Whether every booking that must be is there."""
    packages = program.packages
    booked = np.bincount(packages.offer, weights=columns[: packages.count], minlength=len(packages.terms))
    return bool(np.all(booked >= packages.room_min))


def _kept(at: Floats, lower: Floats, upper: Floats, slack: Floats) -> bool:
    return bool(np.all(at >= lower - slack) and np.all(at <= upper + slack))


def _one_more(program: Program, objective: Floats, table: Floats, columns: Floats) -> tuple[Floats, Floats]:
    """What one more creator on each package adds to the objective, shape (packages,), and to each row,
    shape (rows, packages), with the switches that it turns on."""
    packages = program.packages
    gain, step = objective[: packages.count], table[:, : packages.count]
    off = [s for s in range(len(packages.switches)) if columns[packages.count + s] == 0]
    if off:
        gain, step = gain.copy(), step.copy()
        for s in off:
            turned_on = packages.switches[s]
            gain[turned_on] += objective[packages.count + s]
            step[:, turned_on] += table[:, packages.count + s][:, None]
    return gain, step
