"""Estimators in closed form, on arrays: what a few results say, held by what was known before.

Each is the textbook posterior (Gelman et al., Bayesian Data Analysis, chapters 2, 3 and 5), with numpy alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def normal_normal(
    mean: ArrayLike, variance: ArrayLike, prior_mean: ArrayLike, prior_variance: ArrayLike
) -> tuple[Floats, Floats]:
    """Mean and variance of a number after one normal measurement of it.

    With y ~ N(m, v) and m ~ N(m0, v0), the product of both densities is normal in m again; adding what multiplies m
    and m^2 in the exponents gives precision 1/v + 1/v0 and mean (y/v + m0/v0) / (1/v + 1/v0).

    Args:
        mean: y; of n results of equal variance their mean.
        variance: v, above 0, infinite where nothing was measured; of n results that of their mean.
        prior_mean: m0.
        prior_variance: v0, above 0.
    """
    y, v = np.asarray(mean, dtype=float), np.asarray(variance, dtype=float)
    m0, v0 = np.asarray(prior_mean, dtype=float), np.asarray(prior_variance, dtype=float)
    weight = v0 / (v0 + v)
    return np.asarray(m0 + weight * (np.where(np.isinf(v), m0, y) - m0)), np.asarray(v0 * (1.0 - weight))


def beta_binomial(
    hits: ArrayLike, trials: ArrayLike, prior_mean: ArrayLike, prior_trials: ArrayLike
) -> tuple[Floats, Floats]:
    """Mean and variance of a share after counting.

    With k ~ Binomial(n, p) and p ~ Beta(M p0, M (1 - p0)), p is Beta(M p0 + k, M (1 - p0) + n - k): the prior counts
    like M trials of which M p0 hit. Mean (M p0 + k) / (M + n), variance mean (1 - mean) / (M + n + 1).

    Args:
        hits: k.
        trials: n, not less than k.
        prior_mean: p0, between 0 and 1.
        prior_trials: M, above 0.
    """
    k, n = np.asarray(hits, dtype=float), np.asarray(trials, dtype=float)
    before, p0 = np.asarray(prior_trials, dtype=float), np.asarray(prior_mean, dtype=float)
    size = before + n
    mean = (before * p0 + k) / size
    return np.asarray(mean), np.asarray(mean * (1.0 - mean) / (size + 1.0))


def gamma_poisson(
    count: ArrayLike, exposure: ArrayLike, prior_mean: ArrayLike, prior_count: ArrayLike
) -> tuple[Floats, Floats]:
    """Mean and variance of a rate of events after counting them.

    With k ~ Poisson(r e) and r ~ Gamma with mean r0 and shape a (rate a / r0), r is Gamma with shape a + k and rate
    a / r0 + e: the prior counts like a events over an exposure of a / r0.

    Args:
        count: k events.
        exposure: e over which they were counted, in impressions or the like.
        prior_mean: r0, above 0.
        prior_count: a, above 0; 1 / sqrt(a) is the relative standard deviation before counting.
    """
    before, r0 = np.asarray(prior_count, dtype=float), np.asarray(prior_mean, dtype=float)
    shape = before + np.asarray(count, dtype=float)
    rate = before / r0 + np.asarray(exposure, dtype=float)
    return np.asarray(shape / rate), np.asarray(shape / rate**2)


def log_gamma(x: ArrayLike) -> Floats:
    """ln Gamma(x) for x > 0, to 1e-10 (Stirling's series from x + 8 on, then down by Gamma(x + 1) = x Gamma(x))."""
    z = np.asarray(x, dtype=float)
    # one logarithm of four factors, and none that overflows below 1e70
    down = np.log(z * (z + 1) * (z + 2) * (z + 3)) + np.log((z + 4) * (z + 5) * (z + 6) * (z + 7))
    z = z + 8.0
    u = 1.0 / (z * z)
    series = (1 / 12 - u * (1 / 360 - u * (1 / 1260 - u / 1680))) / z
    return np.asarray((z - 0.5) * np.log(z) - z + 0.5 * math.log(2 * math.pi) + series - down)


def limited(values: Floats, centre: ArrayLike, sd: ArrayLike, at_most: float) -> Floats:
    """Values no further than `at_most` standard deviations from a centre (winsorised: moved to there, not dropped)."""
    half = at_most * np.asarray(sd, dtype=float)
    return np.clip(values, np.asarray(centre) - half, np.asarray(centre) + half)


def sums(of: Ints, values: ArrayLike, groups: int) -> Floats:
    """Sums of values over the group each is of, shape (groups,)."""
    return np.bincount(of, weights=np.asarray(values, dtype=float), minlength=groups).astype(float)


def medians(of: Ints, values: Floats, groups: int) -> Floats:
    """Medians of values over the group each is of, shape (groups,); NaN for a group without any."""
    found = np.full(groups, np.nan)
    if len(values):
        order = np.lexsort((values, of))
        counts = np.bincount(of, minlength=groups)
        start = np.cumsum(counts) - counts
        some = counts > 0
        low, high = start + (counts - 1) // 2, start + counts // 2
        ordered = values[order]
        found[some] = (ordered[low[some]] + ordered[high[some]]) / 2
    return found


def variance_factor(squares: Floats, free: Floats, held: float, at_most: float = 2.0) -> float:
    """By how much measured variances differ from assumed ones, held by them and not moved by a few absurd values.

    x solves  x = (held + sum of free_i min(z_i^2, c^2 x) / b) / (held + sum of free_i),  b = E[min(z^2, c^2)] for a
    standard normal z. Without the limit c it is the mean of a scaled inverse chi-square posterior: what is assumed
    counts like `held` measured degrees of freedom. The right side rises in x by less than x does, so stepping from 1
    ends at the solution.

    Args:
        squares: z_i^2, squared deviations over their assumed variances, shape (n,).
        free: degrees of freedom that each brings, shape (n,).
        held: degrees of freedom that the assumption counts like.
        at_most: c.
    """
    inside = math.erf(at_most / math.sqrt(2.0))
    density = math.exp(-at_most * at_most / 2.0) / math.sqrt(2.0 * math.pi)
    kept = inside - 2.0 * at_most * density + at_most * at_most * (1.0 - inside)
    factor, whole = 1.0, held + float(np.sum(free))
    for _ in range(60):
        new = (held + float(np.sum(free * np.minimum(squares, at_most**2 * factor))) / kept) / whole
        if abs(new - factor) <= 1e-12 * factor:
            break
        factor = new
    return factor
