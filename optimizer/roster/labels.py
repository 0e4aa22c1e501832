"""A label of very many rows as numbers, and its few values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Labels:
    """One label of every row, or of every offer.

    Attributes:
        codes: position of each one's value in `values`, -1 where it has none, shape (rows,).
        values: each value once, in the order of the rows.
    """

    codes: Ints
    values: list[str]

    def among(self, wanted: Collection[str]) -> Bools:
        """Which rows have one of these values, shape (rows,)."""
        fits = np.array([value in wanted for value in self.values] + [False], dtype=bool)
        return np.asarray(fits[self.codes])

    def part(self, rows: Ints) -> Labels:
        """The same for some rows; values in their order, those that none of them has left out."""
        codes = self.codes[rows]
        first = np.full(len(self.values) + 1, len(codes), dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
        order = [int(code) for code in np.argsort(first[:-1], kind="stable") if first[code] < len(codes)]
        renumbered = np.full(len(self.values) + 1, -1, dtype=np.int64)
        renumbered[order] = np.arange(len(order))
        return Labels(renumbered[codes], [self.values[code] for code in order])

    def at(self, row: int) -> str | None:
        """The value of one row."""
        code = int(self.codes[row])
        return None if code < 0 else self.values[code]


def labels_of(found: Sequence[str | None]) -> Labels:
    """The labels of rows, one by one."""
    numbers: dict[str, int] = {}
    codes = [-1 if value is None else numbers.setdefault(value, len(numbers)) for value in found]
    return Labels(np.array(codes, dtype=np.int64), list(numbers))


def joined(parts: Sequence[Labels]) -> Labels:
    """The labels of several sets of rows, one behind another."""
    numbers: dict[str, int] = {}
    codes = []
    for part in parts:
        own = [numbers.setdefault(value, len(numbers)) for value in part.values]
        codes.append(np.array([*own, -1], dtype=np.int64)[part.codes])
    return Labels(np.concatenate(codes) if codes else np.zeros(0, dtype=np.int64), list(numbers))
