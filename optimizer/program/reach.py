"""Reach without duplicates, still linear: the gamma-mixed (negative binomial) exposure model.

Symbols: A audience (people); s = r / A share reached by one creator alone; a shape of the gamma distribution
of personal exposure propensity (mean 1); z index of a creator; Z = sum of z over all creators booked.

    z     = a ((1 - s)^(-1/a) - 1)            so that one creator alone is exact
    reach = A (1 - (1 + Z/a)^(-a))            increasing in the linear index Z

As a grows without bound this is independence (Sainsbury): z = -ln(1 - s). Small a means audiences that
overlap more than chance. Source: design section 4; the negative binomial exposure model of media planning
(Goodhardt, Ehrenberg & Chatfield 1984; Sainsbury's formula as its limit); `docs/explanation/reach.md`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_SHAPE = 1e-4
"""Smallest shape tried, as a multiple of the smallest audience's share of all people: two audiences of that
size then overlap by 99.99 %. Whether such an index is of a size to solve with is for `program_of` to say."""
LARGEST_SHAPE = 1e6
"""Above this the model cannot be told from independence."""
MAX_SIZES = 400
"""Different audience sizes compared pair by pair when the shape is fitted; more are grouped into as many."""


@dataclass(frozen=True, slots=True)
class ReachModel:
    """How creators' audiences add up.

    Attributes:
        people: size of the audience A.
        shape: a; infinite for independence.
        overlap: the assumed overlap, None where none was given.
        chance: the overlap that independence would give; the shape is infinite where `overlap` is no higher.
    """

    people: float
    shape: float
    overlap: float | None
    chance: float | None

    def index(self, reached: Floats | float) -> Floats:
        """Index z of one creator who alone reaches that many people (fewer than A). Unit: 1."""
        log_missed = -np.log1p(-np.asarray(reached, dtype=float) / self.people)
        if math.isinf(self.shape):
            return np.asarray(log_missed)
        with np.errstate(over="ignore"):  # infinite where no float is large enough
            return np.asarray(self.shape * np.expm1(log_missed / self.shape))

    def reached(self, index: Floats | float) -> Floats:
        """People reached at least once by creators with that summed index Z."""
        return np.asarray(-self.people * np.expm1(self._log_missed(index)))

    def slope(self, index: Floats | float) -> Floats:
        """People reached for a little more index, as a share of all: d (reached / A) / dZ."""
        index = np.asarray(index, dtype=float)
        if math.isinf(self.shape):
            return np.exp(-index)
        return np.exp(-(self.shape + 1) * np.log1p(index / self.shape))

    def exactly_one(self, creators: Floats, indices: Floats) -> float:
        """People reached by exactly one of the creators booked.

        Args:
            creators: how many creators of each package, shape (packages,).
            indices: index z of each package, shape (packages,).

        A x sum over creators of (G(Z - z) - G(Z)), G(t) = (1 + t/a)^(-a): all others missed, this one not.
        """
        total = float(creators @ indices)
        without = np.exp(self._log_missed(np.maximum(total - indices, 0.0)))
        return float(self.people * (creators @ (without - np.exp(self._log_missed(total)))))

    def _log_missed(self, index: Floats | float) -> Floats:
        """ln G, the logarithm of the share of people missed."""
        index = np.asarray(index, dtype=float)
        if math.isinf(self.shape):
            return -index
        return np.asarray(-self.shape * np.log1p(index / self.shape))


@dataclass(frozen=True, eq=False)
class Curves:
    """The models of many segments at once.

    Attributes:
        people: A of each, shape (segments,).
        shapes: a of each; infinite for independence, shape (segments,).
    """

    people: Floats
    shapes: Floats

    @classmethod
    def of(cls, models: Sequence[ReachModel]) -> Curves:
        """Those of some models."""
        return cls(np.array([m.people for m in models]), np.array([m.shape for m in models]))

    def index(self, reached: Floats) -> Floats:
        """Index z of one creator who alone reaches that many people of each, shape (segments, packages)."""
        index = -np.log1p(-reached / self.people[:, None])
        if np.any(finite := np.isfinite(self.shapes)):
            shapes = self.shapes[finite, None]
            with np.errstate(over="ignore"):  # infinite where no float is large enough
                index[finite] = shapes * np.expm1(index[finite] / shapes)
        return np.asarray(index)

    def reached(self, index: Floats) -> Floats:
        """People of each reached at least once, shape (segments,) or (segments, packages) as the index Z is."""
        people, log_missed = self._beside(self.people, index), -index
        if np.any(finite := np.isfinite(self.shapes)):
            shapes = self._beside(self.shapes[finite], index)
            log_missed[finite] = -shapes * np.log1p(index[finite] / shapes)
        return np.asarray(-people * np.expm1(log_missed))

    def slope(self, index: Floats) -> Floats:
        """As that of a model, shape (segments,)."""
        slope = np.exp(-index)
        if np.any(finite := np.isfinite(self.shapes)):
            shapes = self.shapes[finite]
            slope[finite] = np.exp(-(shapes + 1) * np.log1p(index[finite] / shapes))
        return np.asarray(slope)

    @staticmethod
    def _beside(of_each: Floats, index: Floats) -> Floats:
        return of_each if index.ndim == 1 else of_each[:, None]


def fit(
    people: float, audiences: Sequence[float], room: Sequence[float], overlap: float | None
) -> ReachModel:
    """The reach model whose average pairwise overlap equals the assumed one.

    Args:
        people: size of the audience A.
        audiences: people of the audience in each offer's whole following (authentic x on_target x reachable).
        room: creators available on each offer; two of one offer count as a pair where there is room for two.
        overlap: share of the smaller of two audiences that also follows the other; None means independence.

    The overlap is averaged over pairs, weighted by the smaller audience: sum of intersections / sum of
    smaller ones. It falls from 1 (a -> 0) to chance (a -> infinity), so bisection on ln a finds the shape.
    """
    return _fitted(people, tuple(audiences), tuple(room), overlap)


@lru_cache(maxsize=64)
def _fitted(
    people: float, audiences: tuple[float, ...], room: tuple[float, ...], overlap: float | None
) -> ReachModel:
    """The same, kept: what-ifs change prices and limits far more often than audiences."""
    sizes = np.asarray(audiences, dtype=float)
    keep = np.isfinite(sizes) & (sizes > 0)
    shares = np.minimum(sizes[keep] / people, 1 - 1e-12)
    pairs = _Pairs(shares, np.asarray(room, dtype=float)[keep])
    if pairs.empty:
        return ReachModel(people, math.inf, overlap, None)
    chance = pairs.overlap(math.inf)
    if overlap is None or overlap <= chance * (1 + 1e-9):
        return ReachModel(people, math.inf, overlap, chance)
    low, high = math.log(SMALLEST_SHAPE * float(np.min(shares))), math.log(LARGEST_SHAPE)
    for _ in range(60):
        middle = (low + high) / 2
        if pairs.overlap(math.exp(middle)) > overlap:
            low = middle
        else:
            high = middle
    return ReachModel(people, math.exp((low + high) / 2), overlap, chance)


class _Pairs:
    """All pairs of audiences as a weighted grid of sizes."""

    def __init__(self, shares: Floats, room: Floats) -> None:
        sizes, where, counts = np.unique(shares, return_inverse=True, return_counts=True)
        doubles = np.bincount(where, weights=(room >= 2).astype(float), minlength=len(sizes))
        if len(sizes) > MAX_SIZES:
            groups = np.array_split(np.arange(len(sizes)), MAX_SIZES)
            means = [np.average(sizes[g], weights=counts[g]) for g in groups]
            doubles = np.array([doubles[g].sum() for g in groups])
            counts = np.array([counts[g].sum() for g in groups])
            sizes = np.array(means)
        pairs = np.triu(np.outer(counts, counts).astype(float), 1)
        pairs[np.diag_indices(len(sizes))] = counts * (counts - 1) / 2 + doubles
        self._one, self._other = np.nonzero(pairs)
        self.empty = len(self._one) == 0
        self._sizes, self._pairs = sizes, pairs[self._one, self._other]
        self._sums = sizes[self._one] + sizes[self._other]
        self._smaller = float(np.sum(self._pairs * np.minimum(sizes[self._one], sizes[self._other])))

    def overlap(self, shape: float) -> float:
        """Average overlap of the pairs under that shape."""
        alone = -np.log1p(-self._sizes)
        if math.isinf(shape):
            log_missed = -(alone[self._one] + alone[self._other])
        else:
            # (q1 + q2 - 1)^(-a) with q = (1 - s)^(-1/a). Small audiences need q - 1 without cancellation;
            # where a q is beyond e^300 and would soon overflow, ln(q1 + q2) is the same number.
            logs = alone / shape
            beyond = np.expm1(np.minimum(logs, 300.0))
            log_missed = -shape * np.log1p(beyond[self._one] + beyond[self._other])
            if np.max(logs) > 300.0:
                one, other = logs[self._one], logs[self._other]
                large = np.maximum(one, other) > 300.0
                log_missed[large] = -shape * np.logaddexp(one[large], other[large])
        shared = self._sums + np.expm1(log_missed)
        return float(np.sum(self._pairs * shared)) / self._smaller
