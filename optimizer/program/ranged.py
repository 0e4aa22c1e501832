"""A number with a range, as a random number.

`[low, typical, high]` are its 10th percentile, median and 90th percentile. With z standard normal and q = 1.2816 its
90th percentile, the number at z is

    amounts   typical (typical / low)^(z / q)  for z < 0,  typical (high / typical)^(z / q)  for z >= 0    (lognormal)
    shares    logit(number) = logit(typical) + z / q (logit(typical) - logit(low)), likewise above   (logit-normal)

so the three numbers are kept exactly, also where typical is not in the middle of the logarithm. A side whose logarithm
does not exist (low = 0, a share up to 100 %) is straight, typical + z / q (typical - low), and cut at 0 or 100 %; so
are both sides of a user's own measure, which may be negative, without a cut.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from optimizer.benchmarks.figures import TENTH

Floats = NDArray[np.float64]
Kind = Literal["amount", "share", "signed"]

FARTHEST = 12.0
"""Standard deviations up to which expectations are integrated."""
PANEL = 320
"""Intervals of each panel of the integration."""
ORDERS = 40
"""Hermite polynomials kept; what is left out is below correlation^40."""


@dataclass(frozen=True, slots=True)
class Ranged:
    """One number that varies."""

    low: float
    typical: float
    high: float
    kind: Kind

    def at(self, z: Floats) -> Floats:
        """The number at standard normal values; of the same shape."""
        steps = np.abs(z) / TENTH
        value = np.where(z < 0, self._towards(self.low, steps), self._towards(self.high, steps))
        if self.kind == "signed":
            return np.asarray(value)
        return np.asarray(np.clip(value, 0.0, 1.0 if self.kind == "share" else np.inf))

    def _towards(self, end: float, steps: Floats) -> Floats:
        """From typical at 0 steps to one end of the range at 1 step, and on."""
        start = self.typical
        if self.kind == "share" and 0 < end < 1 and 0 < start < 1:
            return np.asarray(1 / (1 + np.exp(-(_logit(start) + steps * (_logit(end) - _logit(start))))))
        logarithm = self.kind == "amount" or (self.kind == "signed" and self.low > 0)
        if logarithm and end > 0 and start > 0:
            return np.asarray(start * np.exp(steps * math.log(end / start)))
        return np.asarray(start + steps * (end - start))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


@cache
def nodes() -> tuple[Floats, Floats]:
    """Points and weights of expectations over a standard normal, shapes (points,): Simpson's rule on panels that end
    where numbers bend (0, and the 10th and 90th percentile); the weights add up to 1."""
    edges = (-FARTHEST, -TENTH, 0.0, TENTH, FARTHEST)
    points, weights = [], []
    for left, right in pairwise(edges):
        z = np.linspace(left, right, PANEL + 1)
        w = np.ones(PANEL + 1)
        w[1:-1:2], w[2:-1:2] = 4.0, 2.0
        points.append(z)
        weights.append(w * (right - left) / PANEL / 3 * np.exp(-z * z / 2) / math.sqrt(2 * math.pi))
    z, w = np.concatenate(points), np.concatenate(weights)
    return z, w / w.sum()


@cache
def _hermite() -> Floats:
    """Normalised Hermite polynomials at the points, times the weights, shape (points, ORDERS)."""
    z, w = nodes()
    values = [np.ones_like(z), z]
    for j in range(1, ORDERS - 1):
        values.append((z * values[j] - math.sqrt(j) * values[j - 1]) / math.sqrt(j + 1))
    return np.asarray(np.array(values).T * w[:, None])


def hermite_coefficients(functions: Floats) -> Floats:
    """c_j = E[g(z) h_j(z)] of functions given at the points, shape (functions, points) -> (functions, ORDERS).

    For standard normal z, z' with correlation r:  E[g(z) g'(z')] = sum_j c_j c'_j r^j  (Mehler 1866).
    """
    return np.asarray(functions @ _hermite())


def products_of(functions: Floats, coefficients: Floats, correlation: float) -> Floats:
    """E[g(z) g'(z')] for every pair of functions, shape (functions, functions)."""
    if correlation >= 1.0:
        return np.asarray((functions * nodes()[1]) @ functions.T)
    powers = correlation ** np.arange(ORDERS)
    return np.asarray((coefficients * powers) @ coefficients.T)
