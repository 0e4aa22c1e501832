"""What rows of results say of one field, as the levels take it: numbers that multiply, and numbers that are counted."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.learning.closed_forms import Floats, Ints


@dataclass(frozen=True)
class Cell:
    """A tier and format of a platform."""

    platform: str
    tier: str | None
    format: str | None


@dataclass(frozen=True)
class Logs:
    """Of one field: what `hierarchy.Measured` takes, over all platforms.

    Attributes:
        row: of each value, its row (or its booking's first), shape (values,).
        unit: of each, who is behind it, shape (values,), a number of `Observed.units`.
        y: ln(result / packaged typical), shape (values,).
        d: assumed variance, shape (values,).
    """

    row: Ints
    unit: Ints
    y: Floats
    d: Floats


@dataclass(frozen=True)
class Tallies:
    """Of one counted field: what `counted.Counts` takes, over all platforms.

    Attributes:
        row: of each value, its row, or its booking's first, shape (values,).
        unit: of each, who is behind it, shape (values,).
        hits, trials: what was counted, shape (values,).
        d: assumed variance of the logarithm around the creator's own rate, shape (values,).
    """

    row: Ints
    unit: Ints
    hits: Floats
    trials: Floats
    d: Floats
