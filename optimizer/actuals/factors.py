"""From planned to actual, factor by factor: what each brought of the difference.

A measure of one line is a product along a chain of quantities q_0 = 1, q_1, ..., q_m (creators booked, those who
delivered, posts, views, responses):

    M = product of f_i,   f_i = q_i / q_(i-1)

With a the planned factors and b the actual ones, the part of factor g in M(b) - M(a) is its Shapley value (Shapley
1953; as a rule of decomposition: Shorrocks 2013, J. Economic Inequality 11, 99-126), the average over all orders in
which the factors are switched from a to b one after the other:

    part_g = (b_g - a_g) sum over s of w(s) c_s,   w(s) = s! (m - 1 - s)! / m!

where c_s is the coefficient of t^s in the product over the other factors of (a_j + b_j t): the sum of all products in
which s of them are switched. The parts add up to M(b) - M(a), swapping a and b negates each of them, and the order in
which factors are named means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def factors(planned: Sequence[Floats], actual: Sequence[Floats]) -> tuple[Floats, Floats]:
    """The factors of both sides along a chain.

    Args:
        planned, actual: quantities along the chain, each of shape (lines,); the last is the measure.

    Returns:
        Factors of the plan and of what came, shape (lines, length of the chain). A factor that one side does not have
        (nobody delivered, so there are no posts of each) is the other side's: what is missing is then all the doing of
        the factor before. Where neither has it, it is 1.
    """
    a, b = _ratios(planned), _ratios(actual)
    a, b = np.where(np.isnan(a), b, a), np.where(np.isnan(b), a, b)
    return np.where(np.isnan(a), 1.0, a), np.where(np.isnan(b), 1.0, b)


def _ratios(quantities: Sequence[Floats]) -> Floats:
    steps = np.stack([np.ones_like(quantities[0]), *quantities], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(steps[:, :-1] > 0, steps[:, 1:] / steps[:, :-1], np.nan)


def shapley(a: Floats, b: Floats) -> Floats:
    """Part of each factor in product(b) - product(a).

    Args:
        a, b: factors, shape (lines, m).

    Returns:
        shape (lines, m). Swapping a and b negates every number to the last digit: each sum adds the same pairs.
    """
    lines, m = a.shape
    weights = [math.factorial(s) * math.factorial(m - 1 - s) / math.factorial(m) for s in range(m)]
    parts = np.empty((lines, m))
    for g in range(m):
        coefficients = [np.ones(lines)]
        for j in range(m):
            if j != g:
                higher = [np.zeros(lines), *(c * b[:, j] for c in coefficients)]
                lower = [*(c * a[:, j] for c in coefficients), np.zeros(lines)]
                coefficients = [low + high for low, high in zip(lower, higher, strict=True)]
        total = np.zeros(lines)
        for s in range((m + 1) // 2):
            mirror = m - 1 - s
            pair = coefficients[s] if s == mirror else coefficients[s] + coefficients[mirror]
            total = total + weights[s] * pair
        parts[:, g] = (b[:, g] - a[:, g]) * total
    return parts
