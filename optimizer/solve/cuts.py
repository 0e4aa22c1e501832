"""Cutting off a plan that breaks a limit, and nothing that is allowed.

Let a row say  sum a_p n_p <= b  and a plan x break it. Every plan that has at least x_p creators wherever a_p > 0
and at most x_p wherever a_p < 0 breaks it as well. So an allowed plan differs on some package:

    n_p <= x_p - 1     for some p with a_p > 0     (v_p = 1)
    n_p >= x_p + 1     for some p with a_p < 0     (u_p = 1)
    sum v + sum u >= 1

with M_p the most creators of p:  n_p + (M_p - x_p + 1) v_p <= M_p,  and  n_p >= (x_p + 1) u_p. Before that, x_p is
lowered where a_p > 0 and raised where a_p < 0 for as long as x still breaks the row, so that as much as possible is
cut off. A set-up counts towards the packages that turn it on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Bools, Row
from optimizer.solve.model import Extra


@dataclass(frozen=True)
class Cut:
    """One plan cut off.

    Attributes:
        less: (package, creators, most creators): fewer than that many would do.
        more: (package, creators): more than that many would do.
        number: for names.
    """

    less: tuple[tuple[int, float, float], ...]
    more: tuple[tuple[int, float], ...]
    number: int = 0

    def numbered(self, number: int) -> Cut:
        """The same cut under a number of its own."""
        return replace(self, number=number)

    @property
    def extra(self) -> list[Extra]:
        """Its yes/no columns."""
        count = len(self.less) + len(self.more)
        return [Extra(f"other_{self.number}_{i}", upper=1.0, whole=True) for i in range(count)]

    def rows(self, columns: int, before: int) -> list[Row]:
        """Its rows, over packages and switches, the further columns before it, and its own."""
        first = columns + before
        width = first + len(self.less) + len(self.more)
        rows = []
        some = np.zeros(width)
        for i, (package, creators, most) in enumerate(self.less):
            row = np.zeros(width)
            row[package], row[first + i] = 1.0, most - creators + 1
            rows.append(Row(f"fewer_{self.number}_{i}", row, -math.inf, most))
            some[first + i] = 1.0
        for i, (package, creators) in enumerate(self.more, start=len(self.less)):
            row = np.zeros(width)
            row[package], row[first + i] = 1.0, -(creators + 1)
            rows.append(Row(f"more_{self.number}_{i}", row, 0.0, math.inf))
            some[first + i] = 1.0
        rows.append(Row(f"other_{self.number}", some, 1.0, math.inf))
        return rows


def cut_off(program: Program, row: Row, columns: Floats, breaks: Callable[[Row, Floats], bool]) -> Cut | None:
    """The cut of a plan that breaks a row; None where that cannot be said in rows.

    Args:
        program: columns, and the most creators of each package.
        row: the row that is broken.
        columns: the plan, shape (columns,).
        breaks: whether a plan breaks the row, exactly.
    """
    packages = program.packages
    at = float(row.coefficients @ columns)
    sign = 1.0 if at - row.upper >= row.lower - at else -1.0  # as a row of the form <=
    weight = sign * row.coefficients
    up, down = weight[: packages.count] > 0, weight[: packages.count] < 0
    for s, turned_on in enumerate(packages.switches):
        up[turned_on] |= weight[packages.count + s] > 0
        down[turned_on] |= weight[packages.count + s] < 0
    most = np.minimum(program.caps, packages.room_max[packages.offer])
    if np.isinf(most[up | down]).any():
        return None
    most = np.maximum(most, columns[: packages.count])
    creators = _widened(
        program, row, columns[: packages.count].copy(), (up & ~down, down & ~up), most, breaks
    )
    less = [(int(p), float(creators[p]), float(most[p])) for p in np.flatnonzero(up & (creators > 0))]
    more = [(int(p), float(creators[p])) for p in np.flatnonzero(down & (creators < most))]
    return Cut(tuple(less), tuple(more))


def _widened(
    program: Program,
    row: Row,
    creators: Floats,
    ways: tuple[Bools, Bools],
    most: Floats,
    breaks: Callable[[Row, Floats], bool],
) -> Floats:
    """Fewer creators of packages that count towards what is broken, more of those that count against it, as far as
    the row is still broken; the largest numbers first."""
    fewer, more = ways

    def still(package: int, number: float) -> bool:
        changed = creators.copy()
        changed[package] = number
        return breaks(row, program.packages.with_switches(changed))

    for p in np.argsort(-creators, kind="stable"):
        if fewer[p]:
            low, high = -1, int(creators[p])  # not broken any more, broken
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if still(int(p), middle) else (middle, high)
            creators[p] = high
        elif more[p]:
            low, high = int(creators[p]), int(most[p]) + 1  # broken, not broken any more
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if still(int(p), middle) else (low, middle)
            creators[p] = low
    return creators
