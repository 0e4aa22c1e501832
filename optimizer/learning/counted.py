"""Numbers that are counted: clicks of impressions, sales of clicks, creators who deliver of those booked.

Shares of trials (sales, deliveries) are beta-binomial, events over an exposure (clicks) gamma-Poisson. Both have the
same levels, p_g the rate of a cell (platform, tier, format), r_c that of a creator in it, r_j that of his post or
booking j:

    p_g  mean as packaged, variance that of its range on the log scale
    r_c ~ Beta(M p_g, M (1 - p_g))  or  Gamma of mean p_g and shape a         how creators differ
    r_j   mean r_c, relative variance x d_j                                   how his posts and bookings differ
    k_j ~ Binomial(n_j, r_j)        or  Poisson(r_j n_j)                      what is counted

n_j counted trials tell about r_c only as much as posts differ: as n_j / (1 + x d_j r_c n_j), with which the relative
variance of k_j / n_j, 1 / (r_c n_j) + x d_j, is that of independent trials. So however many impressions one post had,
it counts like 1 / (x d_j) events at most. Likewise n_c trials of a creator tell about p_g only as much as creators
differ: as n_c (M + 1) / (M + n_c) trials of the cell's own (beta-binomial), as an exposure of n_c a / (a + p_g n_c)
(gamma-Poisson). With these the cell is closed form, and each creator against it:

    cell      `beta_binomial` of the sums of effective hits and trials, `gamma_poisson` likewise
    creator   (M p_g + k_c) / (M + n_c),   (a + k_c) / (a / p_g + n_c)

A creator's own k_c and n_c are taken at his own rate, so that his range is right wherever he stands; those by which he
tells about his cell at the cell's, so that no one weighs less for doing well. And his own n_c is divided by e^q, with q
the part of the variance of k_c / n_c that is his posts': ln of a mean of posts lies q / 2 below that of their rate, and
what is told by events adds another -q / 2.

The platform's own p is measured in the same way by all its creators, with the common part of the range (`TOGETHER`);
cells stand around it with the rest, so a cell that was never tried follows the platform.

How creators differ, M or a, is sought on a grid: the likelihood of all counts with r_c integrated out, times a scaled
inverse chi-square around the assumed spread (`spread`, standard deviation of ln r) that counts like `HELD` creators.
How posts differ, x, likewise, of the rows of creators who have several. Creators whose count is further than `FAR`
deviations from what the middle of their platform lets expect are moved to there, as with other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.learning.closed_forms import Floats, Ints, beta_binomial, gamma_poisson, log_gamma, sums
from optimizer.learning.hierarchy import FAR, FEW, HELD, TOGETHER, Levels

GRID = np.exp(np.linspace(-2.0, 1.4, 18))
"""Spread between creators against what is assumed."""
APART = np.exp(np.linspace(-2.4, 2.4, 17))
"""Variance between posts of a creator against what is assumed."""


@dataclass(frozen=True)
class Counts:
    """What was counted of one field on one platform.

    Attributes:
        hits: of each row, shape (rows,).
        trials: of each, or its exposure, above 0, shape (rows,).
        d: assumed variance of the logarithm of each row's rate around its creator's, 0 or more, shape (rows,).
        creator: of each row, shape (rows,), numbered from 0.
        cell: of each creator, numbered from 0, shape (creators,).
        typical: packaged figure of each cell, shape (cells,).
        range_variance: of its logarithm, shape (cells,).
        spread: between creators, sd of the logarithm; as assumed.
        events: whether these are events over an exposure, rather than a share of trials.
    """

    hits: Floats
    trials: Floats
    d: Floats
    creator: Ints
    cell: Ints
    typical: Floats
    range_variance: Floats
    spread: float
    events: bool


class _Counted(NamedTuple):
    """Hits and trials of each creator, shape (creators,): as counted, or as many as tell as much."""

    hits: Floats
    trials: Floats


def levels_of_counts(counts: Counts) -> Levels:
    """Platform, cells and creators after counting, as logarithms against the packaged figures; `moved` are creators."""
    form = _Events() if counts.events else _Shares()
    size, expected = len(counts.typical), counts.typical[counts.cell]
    whole = _sums(counts, np.ones(len(counts.hits)))
    usual = _middle(counts, whole)
    noise = _noise(counts, whole)
    alike = _told_at(counts, usual, noise)
    first = _limited(counts, form, alike, usual, counts.spread * 1.5)
    own = _own(counts, form, whole, first, usual, counts.spread, noise)
    spread = _spread_of(counts, form, own, usual)
    times = _limited(counts, form, alike, usual, spread)
    alike = alike._replace(hits=alike.hits * times)
    part, exact_of = form.effective(alike, usual, spread)

    # the platform: every creator's ratio to its packaged figure, which differ by cell in the part that is not common
    exact = sums(counts.cell, exact_of, size)
    ratio = sums(counts.cell, part, size) / np.where(exact > 0, exact * counts.typical, 1.0)
    some = exact > 0
    between = (1.0 - TOGETHER) * counts.range_variance
    common = TOGETHER * float(np.mean(counts.range_variance))
    relative = form.relative(np.where(some, exact, 1.0), counts.typical)
    weight = np.where(some, 1.0 / (relative + between), 0.0)
    middle = float(np.sum(weight * ratio) / np.sum(weight))
    shrunk = 1.0 / (1.0 + 1.0 / (common * float(np.sum(weight))))
    factor = 1.0 + shrunk * (middle - 1.0)
    b_var = common * (1.0 - shrunk)

    rate = np.clip(counts.typical * factor, 0.0, form.most)
    mean, variance = form.posterior(sums(counts.cell, part, size), exact, rate, between + b_var)
    cell_log = np.log(mean / counts.typical)
    cell_var = variance / mean**2
    of_cell = mean[counts.cell]
    own = _own(counts, form, whole, times, of_cell, spread, noise)
    theirs, apart = form.creators(own, of_cell, spread)
    trust = form.trust(own, of_cell, spread)
    shared = (1.0 - trust) ** 2 * cell_var[counts.cell]
    inner = apart / theirs**2
    return Levels(
        platform=(float(np.log(factor)), b_var),
        cells=(cell_log, cell_var),
        cell_weight=exact / (exact + form.held(rate, between + b_var)),
        creators=(np.log(theirs / expected) - inner / 2.0, inner + shared),
        shared=shared,
        weight=trust,
        spread=spread,
        noise=noise,
        slope=0.0,
        moved=np.flatnonzero(times < 1.0 - 1e-9),
    )


def _sums(counts: Counts, share: Floats) -> _Counted:
    """Of each creator, from a share of each row."""
    people = len(counts.cell)
    return _Counted(
        sums(counts.creator, counts.hits * share, people), sums(counts.creator, counts.trials * share, people)
    )


def _told_at(counts: Counts, rate: Floats, noise: float) -> _Counted:
    """What rows tell of their creator, where his rate is about so much, shape (creators,)."""
    return _sums(counts, 1.0 / (1.0 + noise * counts.d * rate[counts.creator] * counts.trials))


def _own(
    counts: Counts,
    form: _Shares | _Events,
    whole: _Counted,
    times: Floats,
    rate: Floats,
    spread: float,
    noise: float,
) -> _Counted:
    """What rows tell of their creator, at his own rate: that of all he counted, then twice what this tells.

    Args:
        counts, form: what was counted.
        whole: of each creator.
        times: by which his hits are moved, shape (creators,).
        rate: expected of each, shape (creators,).
        spread: between creators.
        noise: x.
    """
    found = whole._replace(hits=whole.hits * times)
    if not (counts.d > 0).any():
        return found
    for _ in range(3):
        theirs = form.creators(found, rate, spread)[0]
        share = 1.0 / (1.0 + noise * counts.d * theirs[counts.creator] * counts.trials)
        found = _sums(counts, share)
        found = found._replace(hits=found.hits * times)
    expected = np.maximum(theirs * found.trials, 1e-300)
    by_chance = theirs * sums(counts.creator, share**2 * counts.trials, len(theirs)) / expected**2
    trials = found.trials * np.exp(by_chance - 1.0 / expected)
    return found._replace(trials=np.maximum(trials, found.hits))  # a share of all trials stays one


def _noise(counts: Counts, whole: _Counted) -> float:
    """x, of rows around their creator: the negative binomial's profile likelihood, adjusted for his mean being taken
    from the same rows (Cox and Reid 1987), on a grid; of x the harmonic mean, which without results is 1."""
    people = len(counts.cell)
    rows = sums(counts.creator, np.ones(len(counts.hits)), people)
    several = (rows > 1) & (whole.hits > 0)
    mine = np.flatnonzero(several[counts.creator] & (counts.d > 0))
    if not len(mine):
        return 1.0
    of, d = np.unique(counts.creator[mine], return_inverse=True)[1], counts.d[mine]
    mean = (whole.hits / whole.trials)[counts.creator[mine]] * counts.trials[mine]
    hits = np.minimum(counts.hits[mine], mean * np.exp(FAR * np.sqrt(d + 1.0 / mean)))
    score = -HELD / 2.0 * (np.log(APART) + 1.0 / APART)
    for place, x in enumerate(APART):
        shape = 1.0 / (x * d)
        each = log_gamma(shape + hits) - log_gamma(shape)
        each += hits * np.log(mean / (shape + mean)) - shape * np.log1p(mean / shape)
        known = sums(of, mean * shape / (shape + mean), int(of.max()) + 1)
        score[place] += float(np.sum(each)) - 0.5 * float(np.sum(np.log(known)))
    p = np.exp(score - score.max())
    return float(np.sum(p) / np.sum(p / APART))


class _Shares:
    """Hits of trials."""

    most = 1.0 - 1e-9

    def size(self, rate: Floats, spread: float) -> Floats:
        """M with which the relative variance between creators, (1 - p) / (p (M + 1)), is that of the spread."""
        p = np.clip(rate, 1e-9, self.most)
        return np.asarray(np.maximum((1.0 - p) / (p * np.expm1(spread**2)) - 1.0, 0.5))

    def score(self, of: _Counted, rate: Floats, spread: float) -> Floats:
        """Logarithm of how likely each count is, without what does not depend on the spread."""
        (hits, n), p, m = of, np.clip(rate, 1e-9, self.most), self.size(rate, spread)
        top = log_gamma(m * p + hits) + log_gamma(m * (1 - p) + n - hits) - log_gamma(m + n)
        return top - log_gamma(m * p) - log_gamma(m * (1 - p)) + log_gamma(m)

    def deviation(self, trials: Floats, rate: Floats, spread: float) -> Floats:
        """Standard deviation of what is counted."""
        n, m = trials, self.size(rate, spread)
        p = np.clip(rate, 1e-9, self.most)
        return np.sqrt(n * p * (1 - p) * (m + n) / (m + 1))

    def effective(self, of: _Counted, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Hits and trials of the cell's own that tell as much."""
        (hits, n), m = of, self.size(rate, spread)
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

    def creators(self, of: _Counted, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Mean and variance of each creator's own."""
        return beta_binomial(of.hits, of.trials, rate, self.size(rate, spread))

    def trust(self, of: _Counted, rate: Floats, spread: float) -> Floats:
        """Weight of each creator's own record."""
        return np.asarray(of.trials / (of.trials + self.size(rate, spread)))


class _Events:
    """Events over an exposure."""

    most = np.inf

    def shape(self, spread: float) -> float:
        """a, of which the relative variance between creators is 1 / a."""
        return float(1.0 / np.expm1(spread**2))

    def score(self, of: _Counted, rate: Floats, spread: float) -> Floats:
        """Logarithm of the negative binomial, without what does not depend on the spread."""
        a, hits, expected = self.shape(spread), of.hits, rate * of.trials
        top = log_gamma(a + hits) - log_gamma(np.full(len(hits), a))
        return np.asarray(top - a * np.log1p(expected / a) + hits * np.log(expected / (a + expected)))

    def deviation(self, trials: Floats, rate: Floats, spread: float) -> Floats:
        """Standard deviation of what is counted."""
        expected = rate * trials
        return np.asarray(np.sqrt(expected + expected**2 / self.shape(spread)))

    def effective(self, of: _Counted, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Events and exposure of the cell's own that tell as much."""
        a = self.shape(spread)
        share = a / (a + rate * of.trials)
        return of.hits * share, of.trials * share

    def relative(self, exact: Floats, typical: Floats) -> Floats:
        """Relative variance of a cell's own rate, over so much effective exposure."""
        return 1.0 / (typical * exact)

    def posterior(self, part: Floats, whole: Floats, rate: Floats, variance: Floats) -> tuple[Floats, Floats]:
        """Mean and variance of the cells."""
        return gamma_poisson(part, whole, rate, 1.0 / np.expm1(variance))

    def held(self, rate: Floats, variance: Floats) -> Floats:
        """Exposure that what was known of the cells counts like."""
        return np.asarray(1.0 / np.expm1(variance) / rate)

    def creators(self, of: _Counted, rate: Floats, spread: float) -> tuple[Floats, Floats]:
        """Mean and variance of each creator's own."""
        return gamma_poisson(of.hits, of.trials, rate, self.shape(spread))

    def trust(self, of: _Counted, rate: Floats, spread: float) -> Floats:
        """Weight of each creator's own record."""
        expected = rate * of.trials
        return np.asarray(expected / (expected + self.shape(spread)))


def _spread_of(counts: Counts, form: _Shares | _Events, own: _Counted, rate: Floats) -> float:
    """How creators differ, root of the mean square over the grid."""
    spreads = counts.spread * GRID
    score = np.array([float(np.sum(form.score(own, rate, float(s)))) for s in spreads])
    score -= HELD / 2.0 * (np.log(GRID**2) + 1.0 / GRID**2)
    p = np.exp(score - score.max())
    return float(np.sqrt(np.sum(p * spreads**2) / np.sum(p)))


def _middle(counts: Counts, whole: _Counted) -> Floats:
    """The rate that is expected of each creator: packaged, times the middle of the platform's creators where they are
    enough."""
    expected = counts.typical[counts.cell]
    if len(expected) < FEW:
        return expected
    ratio = (whole.hits + 0.5 * expected) / (whole.trials + 0.5) / expected
    factor = float(np.average(np.clip(ratio, 0.0, 4.0 * np.median(ratio) + 1e-9), weights=None))
    return np.asarray(np.clip(expected * max(factor, 1e-6), 1e-9, 1.0 - 1e-9))


def _limited(counts: Counts, form: _Shares | _Events, told: _Counted, rate: Floats, spread: float) -> Floats:
    """By what hits are multiplied where they lie too far up, else 1, shape (creators,)."""
    expected = rate * told.trials
    wide = form.deviation(told.trials, rate, spread)
    if len(rate) < FEW:
        wide = np.hypot(wide, expected * np.sqrt(counts.range_variance[counts.cell]))
    # counts have a long upper side: deviations of the logarithm, at least of the count itself
    most = expected + np.maximum(FAR * wide, expected * np.expm1(FAR * spread))
    return np.asarray(np.minimum(1.0, most / np.maximum(told.hits, 1e-300)))
