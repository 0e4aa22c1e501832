"""The bookings of an old plan as columns and rows of a new one: what is added, dropped and kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import SolverError
from optimizer.plan.plan import Plan
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Row
from optimizer.solve.exact import Best, best_for
from optimizer.solve.lexicographic import LEAN_NODES
from optimizer.solve.model import Extra
from optimizer.solve.question import Found, NoPlanError

KEEP_ALL_BUT = "keep_all_but"
"""Name of the row that says how many may be dropped."""
NOISE = 1e-6
"""Fewer creators than this are nobody (fractional creators carry the solver's rounding)."""


@dataclass(frozen=True)
class Book:
    """The bookings of the old plan as columns and rows.

    Attributes:
        program: the new scenario with the signed bookings among its rules.
        old: creators per package in the old plan, shape (packages,).
        gone: (offer, posts per creator, creators) of the old plan that the new scenario does not offer.
        allowed: how many of the packages still offered may be dropped; None for any number.
        extra: for each package of the old plan, creators added and creators dropped.
        rows: n_p - added_p + dropped_p = old_p; and what may be dropped at most.
        changes: creators added and dropped, over all columns.
    """

    program: Program
    old: Floats
    gone: list[tuple[str, int, float]]
    allowed: float | None
    extra: list[Extra]
    rows: list[Row]
    changes: Floats

    def changed(self, near: Found) -> float:
        """Creators added and dropped, recounted from the plan."""
        after = near.columns[: len(self.old)]
        return float(np.abs(after - self.old).sum() + sum(creators for _, _, creators in self.gone))

    def fewest(self, best: Best, share: float, clock: Clock) -> Found:
        """The plan within a share of the best that changes the fewest bookings."""
        row = best.row(self.program, share)
        return best_for(
            self.program,
            self.changes,
            maximize=False,
            seconds=clock.left,
            rows=[row, *self.rows],
            extra=self.extra,
        )

    def dropped(self) -> Floats:
        """Creators dropped, over all columns."""
        values = np.zeros(len(self.changes))
        values[self.program.packages.columns + 1 :: 2] = 1.0
        return values

    def lean(self, measure: str, best: Best, share: float, near: Found, clock: Clock) -> Found:
        """A plan with as few changes and less cost (then hours), if there is one."""
        values = self.program.packages.measures[measure]
        if np.isnan(values).any() or clock.over:
            return near
        held = [Row("changes", self.changes, -np.inf, float(self._still_offered(near)))]
        if measure == "hours":
            cost = self.program.packages.measures["cost"]
            if not np.isnan(cost).any():
                held.append(Row("cost", cost, -np.inf, float(cost @ near.columns)))
        row = best.row(self.program, share)
        try:
            found = best_for(
                self.program,
                values,
                maximize=False,
                seconds=clock.left,
                rows=[row, *held, *self.rows],
                extra=self.extra,
                max_nodes=LEAN_NODES if measure == "hours" else None,
            )
        except (NoPlanError, SolverError):
            return near
        better = values @ found.columns < values @ near.columns
        return found if better and self.changed(found) <= self.changed(near) + NOISE else near

    def _still_offered(self, near: Found) -> float:
        return float(np.abs(near.columns[: len(self.old)] - self.old).sum())


def book_of(program: Program, old: Plan, keep_all_but: float | None) -> Book:
    """The bookings of an old plan as they stand in the new scenario."""
    packages = program.packages
    index = {packages.key(p): p for p in range(packages.count)}
    before = np.zeros(packages.count)
    gone = []
    for line in old.lines:
        p = index.get((line.offer, line.posts_per_creator))
        if p is None:
            gone.append((line.offer, line.posts_per_creator, float(line.creators)))
        else:
            before[p] += line.creators
    booked = [int(p) for p in np.flatnonzero(before > 0)]
    extra: list[Extra] = []
    width = packages.columns + 2 * len(booked)
    changes = np.zeros(width)
    changes[: packages.count] = before == 0  # all creators of a new package are added
    rows = []
    for number, at_package in enumerate(booked):
        label = "_x".join(str(part) for part in packages.key(at_package))
        extra += [Extra(f"added_{label}"), Extra(f"dropped_{label}", upper=float(before[at_package]))]
        at = packages.columns + 2 * number
        row = np.zeros(width)
        row[[at_package, at, at + 1]] = 1.0, -1.0, 1.0
        changes[[at, at + 1]] = 1.0
        rows.append(Row(f"before {label}", row, float(before[at_package]), float(before[at_package])))
    allowed = None if keep_all_but is None else keep_all_but - sum(creators for _, _, creators in gone)
    book = Book(program, before, gone, allowed, extra, rows, changes)
    if allowed is not None:
        rows.append(Row(KEEP_ALL_BUT, book.dropped(), -np.inf, allowed))
    return book
