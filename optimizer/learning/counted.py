"""Numbers that are counted: clicks of impressions, sales of clicks, creators who deliver of those booked.

Shares of trials (sales, deliveries) are beta-binomial, events over an exposure (clicks) gamma-Poisson. Both have the
same three levels, p_g the rate of a cell (platform, tier, format) and r_c that of a creator in it:

    p_g  mean as packaged, variance that of its range on the log scale
    r_c ~ Beta(M p_g, M (1 - p_g))  or  Gamma of mean p_g and shape a         how creators differ
    k_c ~ Binomial(n_c, r_c)        or  Poisson(r_c e_c)                      what is counted

A creator's n_c trials tell about p_g only as much as creators differ: as n_c (M + 1) / (M + n_c) trials of the cell's
own (beta-binomial), as an exposure of e_c a / (a + p_g e_c) (gamma-Poisson): with these the variance of k_c / n_c is
that of independent trials. Then the cell is closed form, and each creator against it:

    cell      `beta_binomial` of the sums of effective hits and trials, `gamma_poisson` likewise
    creator   (M p_g + k_c) / (M + n_c),   (a + k_c) / (a / p_g + e_c)

The platform's own p is measured in the same way by all its creators, with the common part of the range (`TOGETHER`);
cells stand around it with the rest, so a cell that was never tried follows the platform.

How creators differ, M or a, is sought on a grid: the likelihood of all counts with r_c integrated out, times a scaled
inverse chi-square around the assumed spread (`spread`, standard deviation of ln r) that counts like `HELD` creators.
Creators whose count is further than `FAR` deviations from what the middle of their platform lets expect are moved to
there, as with other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.learning.closed_forms import Floats, Ints, beta_binomial, gamma_poisson, log_gamma, sums
from optimizer.learning.hierarchy import FAR, FEW, HELD, TOGETHER, Levels

GRID = np.exp(np.linspace(-2.0, 1.4, 18))
"""Spread between creators against what is assumed."""


@dataclass(frozen=True)
class Counts:
    """What was counted of one field on one platform.

    Attributes:
        hits: of each creator, shape (creators,).
        trials: of each, or his exposure, above 0, shape (creators,).
        cell: of each, numbered from 0, shape (creators,).
        typical: packaged figure of each cell, shape (cells,).
        range_variance: of its logarithm, shape (cells,).
        spread: between creators, sd of the logarithm; as assumed.
        events: whether these are events over an exposure, rather than a share of trials.
    """

    hits: Floats
    trials: Floats
    cell: Ints
    typical: Floats
    range_variance: Floats
    spread: float
    events: bool


def levels_of_counts(counts: Counts) -> Levels:
    """Platform, cells and creators after counting, as logarithms against the packaged figures; no row is moved here."""
    form = _Events(counts) if counts.events else _Shares(counts)
    spread = _spread_of(counts, form)
    hits, moved = _near(counts, form, spread)
    size = len(counts.typical)
    expected = counts.typical[counts.cell]
    part, whole = form.effective(hits, expected, spread)

    # the platform: every creator's ratio to its packaged figure, which differ by cell in the part that is not common
    exact = sums(counts.cell, whole, size)
    ratio = sums(counts.cell, part, size) / np.where(exact > 0, exact * counts.typical, 1.0)
    some = exact > 0
    own = (1.0 - TOGETHER) * counts.range_variance
    common = TOGETHER * float(np.mean(counts.range_variance))
    relative = form.relative(np.where(some, exact, 1.0), counts.typical)
    weight = np.where(some, 1.0 / (relative + own), 0.0)
    middle = float(np.sum(weight * ratio) / np.sum(weight))
    shrunk = 1.0 / (1.0 + 1.0 / (common * float(np.sum(weight))))
    factor = 1.0 + shrunk * (middle - 1.0)
    b_var = common * (1.0 - shrunk)

    rate = np.clip(counts.typical * factor, 0.0, form.most)
    mean, variance = form.posterior(sums(counts.cell, part, size), exact, rate, own + b_var)
    cell_log = np.log(mean / counts.typical)
    cell_var = variance / mean**2
    theirs, apart = form.creators(hits, mean[counts.cell], spread)
    trust = form.trust(mean[counts.cell], spread)
    shared = (1.0 - trust) ** 2 * cell_var[counts.cell]
    inner = apart / theirs**2
    return Levels(
        platform=(float(np.log(factor)), b_var),
        cells=(cell_log, cell_var),
        cell_weight=exact / (exact + form.held(rate, own + b_var)),
        creators=(np.log(theirs / expected) - inner / 2.0, inner + shared),
        shared=shared,
        weight=trust,
        spread=spread,
        noise=1.0,
        slope=0.0,
        moved=np.flatnonzero(moved),
    )


class _Shares:
    """Hits of trials."""

    most = 1.0 - 1e-9

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def size(self, rate: Floats, spread: float) -> Floats:
        """M with which the relative variance between creators, (1 - p) / (p (M + 1)), is that of the spread."""
        p = np.clip(rate, 1e-9, self.most)
        return np.asarray(np.maximum((1.0 - p) / (p * np.expm1(spread**2)) - 1.0, 0.5))

    def score(self, hits: Floats, rate: Floats, spread: float) -> Floats:
        """Logarithm of how likely each count is, without what does not depend on the spread."""
        p, n, m = np.clip(rate, 1e-9, self.most), self.counts.trials, self.size(rate, spread)
        top = log_gamma(m * p + hits) + log_gamma(m * (1 - p) + n - hits) - log_gamma(m + n)
        return top - log_gamma(m * p) - log_gamma(m * (1 - p)) + log_gamma(m)

    def deviation(self, rate: Floats, spread: float) -> Floats:
        """Standard deviation of what is counted."""
        n, m = self.counts.trials, self.size(rate, spread)
        p = np.clip(rate, 1e-9, self.most)
        return np.sqrt(n * p * (1 - p) * (m + n) / (m + 1))

    def effective(self, hits: Floats, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Hits and trials of the cell's own that tell as much."""
        n, m = self.counts.trials, self.size(rate, spread)
        whole = n * (m + 1) / (m + n)
        return np.asarray(hits / n * whole), np.asarray(whole)

    def relative(self, exact: Floats, typical: Floats) -> Floats:
        """Relative variance of a cell's own share, counted by so many effective trials."""
        return (1.0 - np.minimum(typical, self.most)) / (typical * exact)

    def posterior(self, part: Floats, whole: Floats, rate: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the cells."""
        return beta_binomial(part, whole, rate, self.held(rate, variance))

    def held(self, rate: Floats, variance: Floats) -> Floats:
        """Trials that what was known of the cells counts like."""
        return np.asarray(np.maximum((1.0 - rate) / (rate * np.expm1(variance)) - 1.0, 0.5))

    def creators(self, hits: Floats, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Mean and variance of each creator's own."""
        return beta_binomial(hits, self.counts.trials, rate, self.size(rate, spread))

    def trust(self, rate: Floats, spread: float) -> Floats:
        """Weight of each creator's own record."""
        return np.asarray(self.counts.trials / (self.counts.trials + self.size(rate, spread)))


class _Events:
    """Events over an exposure."""

    most = np.inf

    def __init__(self, counts: Counts) -> None:
        self.counts = counts

    def shape(self, spread: float) -> float:
        """a, of which the relative variance between creators is 1 / a."""
        return float(1.0 / np.expm1(spread**2))

    def score(self, hits: Floats, rate: Floats, spread: float) -> Floats:
        """Logarithm of the negative binomial, without what does not depend on the spread."""
        a, expected = self.shape(spread), rate * self.counts.trials
        top = log_gamma(a + hits) - log_gamma(np.full(len(hits), a))
        return np.asarray(top - a * np.log1p(expected / a) + hits * np.log(expected / (a + expected)))

    def deviation(self, rate: Floats, spread: float) -> Floats:
        """Standard deviation of what is counted."""
        expected = rate * self.counts.trials
        return np.asarray(np.sqrt(expected + expected**2 / self.shape(spread)))

    def effective(self, hits: Floats, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Events and exposure of the cell's own that tell as much."""
        a = self.shape(spread)
        share = a / (a + rate * self.counts.trials)
        return hits * share, self.counts.trials * share

    def relative(self, exact: Floats, typical: Floats) -> Floats:
        """Relative variance of a cell's own rate, over so much effective exposure."""
        return 1.0 / (typical * exact)

    def posterior(self, part: Floats, whole: Floats, rate: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the cells."""
        return gamma_poisson(part, whole, rate, 1.0 / np.expm1(variance))

    def held(self, rate: Floats, variance: Floats) -> Floats:
        """Exposure that what was known of the cells counts like."""
        return np.asarray(1.0 / np.expm1(variance) / rate)

    def creators(self, hits: Floats, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Mean and variance of each creator's own."""
        return gamma_poisson(hits, self.counts.trials, rate, self.shape(spread))

    def trust(self, rate: Floats, spread: float) -> Floats:
        """Weight of each creator's own record."""
        expected = rate * self.counts.trials
        return np.asarray(expected / (expected + self.shape(spread)))


def _spread_of(counts: Counts, form: _Shares | _Events) -> float:
    """How creators differ, root of the mean square over the grid."""
    rate = _middle(counts)
    hits = _limited(counts, form, rate, counts.spread * 1.5)
    spreads = counts.spread * GRID
    score = np.array([float(np.sum(form.score(hits, rate, float(s)))) for s in spreads])
    score -= HELD / 2.0 * (np.log(GRID**2) + 1.0 / GRID**2)
    p = np.exp(score - score.max())
    return float(np.sqrt(np.sum(p * spreads**2) / np.sum(p)))


def _middle(counts: Counts) -> Floats:
    """The rate that is expected of each creator: packaged, times the middle of the platform's creators where they are
    enough."""
    expected = counts.typical[counts.cell]
    if len(counts.hits) < FEW:
        return expected
    ratio = (counts.hits + 0.5 * expected) / (counts.trials + 0.5) / expected
    factor = float(np.average(np.clip(ratio, 0.0, 4.0 * np.median(ratio) + 1e-9), weights=None))
    return np.asarray(np.clip(expected * max(factor, 1e-6), 1e-9, 1.0 - 1e-9))


def _limited(counts: Counts, form: _Shares | _Events, rate: Floats, spread: float) -> Floats:
    wide = form.deviation(rate, spread)
    if len(counts.hits) < FEW:
        wide = np.hypot(wide, rate * counts.trials * np.sqrt(counts.range_variance[counts.cell]))
    # counts have a long upper side: deviations of the logarithm, at least of the count itself
    reach = np.maximum(FAR * wide, rate * counts.trials * np.expm1(FAR * spread))
    return np.asarray(np.minimum(counts.hits, rate * counts.trials + reach))


def _near(counts: Counts, form: _Shares | _Events, spread: float) -> tuple[Floats, Floats]:
    """Counts, those moved that lie too far up, and which they are."""
    hits = _limited(counts, form, _middle(counts), spread)
    return hits, (counts.hits - hits > 1e-9).astype(float)
