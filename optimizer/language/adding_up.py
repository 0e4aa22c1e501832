"""Numbers rounded so that parts still add up to their total, to the last digit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

DIGITS = 12
"""Significant digits of the largest number that others beside it are given to."""

FARTHEST = 1_000
"""Steps for each part by which sums of floats may miss the change."""


def quantum_of(largest: float) -> Decimal:
    """The step in which numbers up to some size are given: `DIGITS` digits of that size."""
    return Decimal(1).scaleb(math.floor(math.log10(largest)) + 1 - DIGITS if largest else 0)


def stepped(value: float, quantum: Decimal) -> Decimal:
    """A number in whole steps; a half goes to the even step, so a negated number gives the negated steps."""
    return Decimal(round(Fraction(value) / Fraction(quantum))) * quantum


def adding_up(parts: Sequence[float | Fraction], change: Decimal, quantum: Decimal) -> list[Decimal]:
    """Parts in whole steps that add up to the change: rounded, and what is missing given to the largest remainders.

    Negated parts and change give negated results. Parts of 0 stay 0 where others can take what is missing.

    Raises:
        ValueError: where the parts do not come to the change but for rounding.
    """
    scaled = [Fraction(part) / Fraction(quantum) for part in parts]
    rounded = [round(part) for part in scaled]
    missing = int(change / quantum) - sum(rounded)
    if abs(missing) > FARTHEST * (len(parts) + 1):
        raise ValueError(f"parts come to {sum(map(float, parts))}, not to {change}")
    sign = 1 if missing > 0 else -1
    order = sorted(range(len(parts)), key=lambda i: (not scaled[i], -sign * (scaled[i] - rounded[i]), i))
    some = sum(1 for part in scaled if part) or len(order)
    for n in range(abs(missing)):
        rounded[order[n % some]] += sign
    return [(number * quantum).quantize(quantum) for number in rounded]
