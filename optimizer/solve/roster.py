"""A very large set of offers with room for one creator each, as arrays: no Python object for a creator.

    maximise    sum c[k, i] x[k, i]
    subject to  lower[r] <= sum a[r, k, i] x[k, i] <= upper[r]      for every row r
                sum over k of x[k, i] <= 1                          for every creator i (= 1 where `must`)
                x[k, i] 0 or 1

k counts the packages of one creator. Rows come in families: a creator is in at most one row of a family, so hours by
market are one table and one row number for each creator, however many markets there are.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.program.packages import Floats, Ints
from optimizer.program.rules import Bools

Choice = NDArray[np.int8]
"""What is booked of each creator: 0 for nothing, k + 1 for package k; shape (creators,)."""
MANY = 20_000
"""Bookings from which on a quick sum is tried before the exact one."""
ROUNDED = 1e-8
"""Relative; a plain sum of a hundred million numbers is nearer than that to the exact one."""
CHUNK = 16_384
"""Creators looked at in one go: their numbers fit the cache."""


@dataclass(frozen=True)
class Family:
    """Rows of which no creator is in two.

    Attributes:
        coefficients: what one package counts, shape (packages of a creator, creators); a view that repeats one number
            or row will do.
        row: row number of each creator, shape (creators,), -1 for none; or the one row that all are in.
    """

    coefficients: NDArray[np.floating]
    row: Ints | int

    def sizes(self) -> Family:
        """The same without signs."""
        return replace(self, coefficients=np.abs(self.coefficients))

    def part(self, chosen: Ints | slice) -> Family:
        """The same for some creators."""
        row = self.row if isinstance(self.row, int) else self.row[chosen]
        return Family(self.coefficients[:, chosen], row)


@dataclass(frozen=True)
class Roster:
    """The arrays; all of shape (packages of a creator, creators) but for the rows' sides.

    Attributes:
        value: what is maximised; -inf where there is no such package.
        families: the rows' coefficients.
        lower, upper: sides of each row, which may be infinite, shape (rows,).
        must: creators who have to be booked, shape (creators,); None for nobody.
    """

    value: Floats
    families: tuple[Family, ...]
    lower: Floats
    upper: Floats
    must: Bools | None = None

    @property
    def creators(self) -> int:
        """Number of creators."""
        return int(self.value.shape[1])

    @property
    def width(self) -> int:
        """Most packages that a creator has."""
        return int(self.value.shape[0])

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.lower)

    def part(self, chosen: Ints | slice) -> Roster:
        """Some creators, under the same rows."""
        families = tuple(family.part(chosen) for family in self.families)
        must = None if self.must is None else self.must[chosen]
        return replace(self, value=self.value[:, chosen], families=families, must=must)

    def without_value(self) -> Roster:
        """The same where only the rows count: every package is worth 0."""
        return replace(self, value=np.where(np.isneginf(self.value), -np.inf, 0.0))

    def booked(self, choice: Choice) -> tuple[Ints, Ints]:
        """Creators of a plan and which package each has."""
        creators = np.flatnonzero(choice)
        return creators, choice[creators].astype(np.int64) - 1

    def worth(self, choice: Choice) -> float:
        """Value of a plan, correctly rounded."""
        creators, packages = self.booked(choice)
        return math.fsum(self.value[packages, creators])

    def terms_of(self, choice: Choice) -> list[list[float]]:
        """For each row, what the bookings of a plan count."""
        creators, packages = self.booked(choice)
        terms: list[list[float]] = [[] for _ in range(self.rows)]
        for family in self.families:
            counts = family.coefficients[packages, creators].astype(float)
            if isinstance(family.row, int):
                terms[family.row] += counts.tolist()
                continue
            rows = family.row[creators]
            for r in set(rows.tolist()) - {-1}:
                terms[r] += counts[rows == r].tolist()
        return terms

    def broken(self, choice: Choice) -> dict[int, float]:
        """Rows that a plan breaks, with by how much. Sums are exact: a row is kept, or it is here."""
        found = self._clearly_broken(choice)
        if found:
            return found
        for r, counts in enumerate(self.terms_of(choice)):
            over = math.fsum([*counts, -float(self.upper[r])])
            under = math.fsum([float(self.lower[r]), *(-count for count in counts)])
            off = max(over, under)
            if off > 0:
                found[r] = off
        return found

    def _clearly_broken(self, choice: Choice) -> dict[int, float]:
        """Rows that a plan of very many bookings breaks by more than rounding could be."""
        if np.count_nonzero(choice) < MANY:
            return {}
        used = self.used(choice)[1]
        sizes = replace(self, families=tuple(family.sizes() for family in self.families)).used(choice)[1]
        off = np.maximum(used - self.upper, self.lower - used)
        return {int(r): float(off[r]) for r in np.flatnonzero(off > ROUNDED * sizes)}

    def used(self, choice: Choice, weight: Floats | float = 1.0) -> tuple[float, Floats]:
        """Value of a plan and what it counts in each row, in floats; each creator with a weight."""
        creators, packages = self.booked(choice)
        times = np.broadcast_to(np.asarray(weight, dtype=float), (self.creators,))[creators]
        used = np.zeros(self.rows)
        for family in self.families:
            counts = family.coefficients[packages, creators] * times
            if isinstance(family.row, int):
                used[family.row] += counts.sum()
            else:
                rows = family.row[creators]
                used += np.bincount(rows + 1, weights=counts, minlength=self.rows + 1)[1:]
        return float(self.value[packages, creators] @ times), used

    def scales(self) -> tuple[float, Floats]:
        """A typical size of values, and of each row's coefficients, shape (rows,); 1 where there is none."""
        finite = self.value[np.isfinite(self.value)]
        value = float(np.abs(finite).mean()) if finite.size else 0.0
        total, count = np.zeros(self.rows), np.zeros(self.rows)
        for family in self.families:
            sizes = np.abs(family.coefficients).astype(float).sum(axis=0)
            there = (family.coefficients != 0).sum(axis=0).astype(float)
            if isinstance(family.row, int):
                total[family.row] += sizes.sum()
                count[family.row] += there.sum()
            else:
                total += np.bincount(family.row + 1, weights=sizes, minlength=self.rows + 1)[1:]
                count += np.bincount(family.row + 1, weights=there, minlength=self.rows + 1)[1:]
        rows = np.where(total > 0, total / np.maximum(count, 1.0), 1.0)
        return value or 1.0, rows

    def members(self) -> Floats:
        """How many creators each row counts anything of, shape (rows,)."""
        members = np.zeros(self.rows)
        for family in self.families:
            there = (family.coefficients != 0).any(axis=0)
            if isinstance(family.row, int):
                members[family.row] += there.sum()
            else:
                members += np.bincount(family.row[there] + 1, minlength=self.rows + 1)[1:]
        return members
