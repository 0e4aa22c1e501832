"""Numbers that multiply (fees, reach, engagement, hours), against the packaged figure: three levels on the log scale.

For row r of creator c in cell g (tier and format) of one platform, with x the result and T the packaged typical figure
for that size, platform and format,

    y_r = ln(x / T) = m_g - h s^2 / 2 + u_c + e_r - k d_r / 2

    m_g = b + a_g      b ~ N(0, p V_g)      the platform          V_g: variance of the packaged figure's own range
                       a_g ~ N(0, (1-p) V_g)  the cell            p:   share of it that is common (TOGETHER)
    u_c ~ N(0, h s^2)                       the creator           h:   1 / creators that a row stands for
    e_r ~ N(0, k d_r)                       the post or month     d_r: what is assumed of the row, k: by how much more

In a plan creators and posts have mean 1, hence the halves: exp(m_g) is what an average creator brings against T, a mean
and not a median. Given s and k everything is normal, and each level is `normal_normal` of the one below:

    creator   y_c = sum(y_r / d_r) / W + k n / (2 W),  v_c = k / W,  W = sum(1 / d_r) of his n rows
    cell      precision A = sum 1 / (h s^2 + v_c), mean B / A with B = sum (y_c + h s^2 / 2) / (h s^2 + v_c)
    platform  b is measured by every cell's B / A with variance 1 / A + (1-p) V_g
    back      cell: B / A against b;  creator: y_c against m_g - s^2 / 2, with weight s^2 / (s^2 + v_c)

Within a cell the packaged curve's slope by size may be wrong, too: a slope common to the platform is taken off first,
by least squares within the cells, against N(0, `SLOPE`^2), and given back to each creator by his own size.

k is `variance_factor` of rows around their creator, where creators have several. s is not fixed: its likelihood with
everything else integrated out, times a scaled inverse chi-square around the packaged spread that counts like `HELD`
creators, is worked out on a grid; all answers are averaged over it, so few results have wide ranges also
because s is not known.

Values too far out are moved to the border of what can be: a row to `FAR` deviations from its creator's median (from
three rows on); a creator, where he tells about others, to `FAR` deviations from the middle of his cell, of his
platform where the cell has fewer than `FEW` creators, and of the packaged figure where that has fewer, too. A row
beyond `ABSURD` deviations of such has no say: that is an error of units, and no result.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.learning.closed_forms import (
    Floats,
    Ints,
    limited,
    medians,
    normal_normal,
    sums,
    variance_factor,
)

Bools = NDArray[np.bool_]
TOGETHER = 0.5
"""Share of a packaged range's variance that is one platform's own, the rest being its tiers' and formats': the
strengths with which plans let numbers vary together (market 30 %, platform 20 %), on the page about ranges."""
HELD = 6.0
"""Creators, and repeated results, that the packaged spreads count like: one result does not overturn them, and a
hundred do. A choice."""
SLOPE = 0.15
"""Standard deviation of what the packaged curves' slopes by size may be wrong by (theirs: 0.05 to 0.23)."""
FAR = 3.0
"""Standard deviations from which a value is moved: of 370 normal values one is further out."""
ABSURD = 5.0
"""Standard deviations from which a row has no say at all: of two million normal values one is further out."""
NO_SAY = 1e9
"""Times the variance of such a row."""
FEW = 5
"""Creators by whom a middle is told."""
WIDE = 2.4
"""Natural logarithm of the furthest s against the packaged spread: from an eleventh to eleven times."""
LEAST = 0.05
"""Spread that is taken where a set says that creators do not differ at all: then no result could say otherwise."""
STEPS, ENOUGH = 31, 6
"""Values of s that are looked at, and how many of them must be probable."""
LIGHT = 1e-5
"""Probability, against that of the most probable s, from which one is."""


@dataclass(frozen=True)
class Measured:
    """Results of one field on one platform.

    Attributes:
        y: ln(result / packaged typical) of each row, shape (rows,).
        d: assumed variance of each row around its creator, above 0, shape (rows,).
        creator: of each row, shape (rows,), numbered from 0.
        cell: of each creator, shape (creators,), numbered from 0.
        h: 1 / creators that each stands for, shape (creators,).
        range_variance: of the packaged figure of each cell, shape (cells,).
        spread: packaged, between creators.
        size: ln(followers of each creator / those for which his cell is stated), NaN where not known, shape
            (creators,); None where the figure does not follow size.
    """

    y: Floats
    d: Floats
    creator: Ints
    cell: Ints
    h: Floats
    range_variance: Floats
    spread: float
    size: Floats | None = None


@dataclass(frozen=True)
class Levels:
    """What is known after the results; all on the log scale, against the packaged typical figures.

    Attributes:
        platform: mean and variance of b.
        cells: mean and variance of m_g, shape (cells,) each.
        cell_weight: of own results against the packaged figure, from 0 to 1, shape (cells,).
        creators: mean and variance of m_g - s^2 / 2 + u_c, shape (creators,) each.
        shared: part of the creators' variance that is their cell's, shape (creators,).
        weight: of each creator's own record, shape (creators,).
        spread: s, root of its mean square.
        noise: k.
        slope: by which the factor follows size within a cell.
        moved: rows that were moved to the border of what can be, shape (rows,).
    """

    platform: tuple[float, float]
    cells: tuple[Floats, Floats]
    cell_weight: Floats
    creators: tuple[Floats, Floats]
    shared: Floats
    weight: Floats
    spread: float
    noise: float
    slope: float
    moved: Ints


def levels_of(measured: Measured) -> Levels:
    """Platform, cells and creators after the results."""
    count = len(measured.cell)
    creator = measured.creator
    absurd = _absurd(measured)
    measured = replace(measured, d=np.where(absurd, measured.d * NO_SAY, measured.d))
    d = measured.d
    rows = sums(creator, ~absurd, count)
    noise = _noise(measured, rows)
    y = measured.y
    if (rows >= 3).any():
        middle = medians(creator, y, count)[creator]
        near = limited(y, middle, np.sqrt(noise * d), FAR)
        y = np.where(rows[creator] >= 3, near, y)
    exact = sums(creator, 1.0 / d, count)
    own = sums(creator, y / d, count) / exact
    v = noise / exact
    slope = _slope(measured, own, v)
    lean = np.zeros(count) if measured.size is None else slope * np.nan_to_num(measured.size)
    own = own - lean
    near = _near(measured, own, v)
    moved = absurd | (np.abs(y - measured.y) > 1e-9) | (np.abs(near - own) > 1e-9)[creator]
    mean_one = noise * rows / (2.0 * exact)
    own = own + mean_one

    like = _Alike(measured, near + mean_one, v)
    s2, p, found = _over_spreads(measured, like)
    b = float(sum(w * each.b for w, each in zip(p, found, strict=True)))
    b_var = float(sum(w * (each.b_var + (each.b - b) ** 2) for w, each in zip(p, found, strict=True)))
    m = np.array([each.m for each in found])
    m_mean = p @ m
    m_var = p @ (np.array([each.m_var for each in found]) + (m - m_mean) ** 2)

    # a creator is a + c y of those of his kind, with a and c of each s; mean and square over all s
    size = len(like.count)
    c1, c2, a1, a2, ac, inner, apart = (np.zeros(size) for _ in range(7))
    for w, one, each in zip(p, s2, found, strict=True):
        between = one * like.h
        share = between / (between + like.v)
        rest = (1.0 - share) * (each.m[like.cell] - between / 2.0)
        c1, c2, a1, a2, ac = (
            c1 + w * share, c2 + w * share**2, a1 + w * rest, a2 + w * rest**2, ac + w * share * rest
        )  # fmt: skip
        inner = inner + w * (1.0 - share) ** 2 * each.m_var[like.cell]
        apart = apart + w * share * like.v
    of, y = like.of, own
    mean = a1[of] + c1[of] * y
    theta = mean + lean
    square = a2[of] + 2.0 * ac[of] * y + c2[of] * y**2
    shared = inner[of]
    return Levels(
        platform=(b, b_var),
        cells=(m_mean, m_var),
        cell_weight=np.clip(1.0 - m_var / measured.range_variance, 0.0, 1.0),
        creators=(theta, apart[of] + shared + np.maximum(square - mean**2, 0.0)),
        shared=shared,
        weight=c1[of],
        spread=float(np.sqrt(p @ s2)),
        noise=noise,
        slope=slope,
        moved=np.flatnonzero(moved),
    )


class _Alike:
    """Creators of one cell who are known equally well, as sums: all that the likelihood of s needs.

    Attributes:
        of: kind of each creator, shape (creators,).
        cell, h, v: of each kind, shape (kinds,).
        count, total, squares: creators, sum of y and of y^2 of each kind, shape (kinds,).
    """

    def __init__(self, measured: Measured, own: Floats, v: Floats) -> None:
        every = np.stack([measured.cell.astype(float), measured.h, v], axis=1)
        kinds, self.of = np.unique(every, axis=0, return_inverse=True)
        self.of = self.of.reshape(-1)
        self.cell, self.h, self.v = kinds[:, 0].astype(np.int64), kinds[:, 1], kinds[:, 2]
        size = len(kinds)
        self.count = sums(self.of, np.ones(len(own)), size)
        self.total, self.squares = sums(self.of, own, size), sums(self.of, own**2, size)


def _over_spreads(measured: Measured, like: _Alike) -> tuple[Floats, Floats, list[_Given]]:
    """Values of s^2, how probable each is, and what follows with it: `STEPS` values of s, evenly spread on the log
    scale where it is worth looking; closer together until several of them are probable."""
    usual = max(measured.spread, LEAST)
    low, high = -WIDE, WIDE
    while True:
        ratio = np.exp(np.linspace(low, high, STEPS))
        found = [_given(measured, like, float(s2)) for s2 in (usual * ratio) ** 2]
        score = np.array([each.score for each in found]) - HELD / 2.0 * (np.log(ratio**2) + 1.0 / ratio**2)
        p = np.exp(score - score.max())
        worth = np.flatnonzero(p > LIGHT)
        if len(worth) >= ENOUGH:
            return (usual * ratio) ** 2, p / p.sum(), found
        step = (high - low) / (STEPS - 1)
        low, high = low + step * (worth[0] - 1), low + step * (worth[-1] + 1)


def _noise(measured: Measured, rows: Floats) -> float:
    """k, of rows around the mean of their creator."""
    creator, w = measured.creator, 1.0 / measured.d
    total = sums(creator, w, len(rows))
    mean = sums(creator, w * measured.y, len(rows)) / total
    several = rows[creator] > 1
    free = (1.0 - w / total[creator])[several]
    squares = ((measured.y - mean[creator]) ** 2 * w)[several] / np.maximum(free, 1e-12)
    return variance_factor(squares, free, HELD)


def _slope(measured: Measured, own: Floats, v: Floats) -> float:
    """How results follow size within the cells, beyond the packaged curve: least squares with what is far out moved,
    and `normal_normal` against a slope of 0."""
    if measured.size is None:
        return 0.0
    known = np.flatnonzero(np.isfinite(measured.size))
    cell, x, y = measured.cell[known], measured.size[known], own[known]
    cells = len(measured.range_variance)
    if len(known) < FEW:
        return 0.0
    y = y - medians(cell, y, cells)[cell]
    wide = max(measured.spread, 1.4826 * float(np.median(np.abs(y))))
    variance = wide**2 * measured.h[known] + v[known]
    y = limited(y, 0.0, np.sqrt(variance), FAR)
    w = 1.0 / variance
    whole = sums(cell, w, cells)
    whole = np.where(whole > 0, whole, 1.0)
    x = x - (sums(cell, w * x, cells) / whole)[cell]
    y = y - (sums(cell, w * y, cells) / whole)[cell]
    exact = float(np.sum(w * x**2))
    if exact <= 0.0:
        return 0.0
    return float(normal_normal(float(np.sum(w * x * y)) / exact, 1.0 / exact, 0.0, SLOPE**2)[0])


def _absurd(measured: Measured) -> Bools:
    """Rows that lie so far from the middle of the rows they are like that they are not to be believed."""
    cell = measured.cell[measured.creator]
    centre, sd = _middle(measured, measured.y, cell, measured.h[measured.creator], measured.d)
    return np.asarray(np.abs(measured.y - centre) > ABSURD * sd)


def _near(measured: Measured, own: Floats, v: Floats) -> Floats:
    """The creators' means, those moved that lie too far from the middle of the creators they are like."""
    centre, sd = _middle(measured, own, measured.cell, measured.h, v)
    return np.where(v > NO_SAY * LEAST, own, limited(own, centre, sd, FAR))


def _middle(measured: Measured, own: Floats, cell: Ints, h: Floats, v: Floats) -> tuple[Floats, Floats]:
    """Around what values of some cells are expected to lie, and their standard deviation."""
    cells = len(measured.range_variance)
    s2 = measured.spread**2
    members = np.bincount(cell, minlength=cells)[cell]
    centre = -s2 * h / 2.0
    variance = measured.range_variance[cell] + s2 * h + v
    if len(own) >= FEW:
        middle = float(np.median(own))
        centre = np.where(members >= FEW, medians(cell, own, cells)[cell], middle)
        wide = (1.4826 * float(np.median(np.abs(own - centre)))) ** 2
        rest = np.where(members >= FEW, 0.0, (1.0 - TOGETHER) * measured.range_variance[cell])
        variance = np.maximum(s2 * h + v, wide) + rest
    return centre, np.sqrt(variance)


@dataclass(frozen=True)
class _Given:
    """Platform and cells for one value of s, and the logarithm of how likely the results are with it."""

    score: float
    b: float
    b_var: float
    m: Floats
    m_var: Floats


def _given(measured: Measured, like: _Alike, s2: float) -> _Given:
    """See the module: creators -> cells -> platform -> back to cells."""
    cells = len(measured.range_variance)
    total = s2 * like.h + like.v
    half = s2 * like.h / 2.0
    y, squares = like.total + like.count * half, like.squares + 2.0 * half * like.total + like.count * half**2
    a = sums(like.cell, like.count / total, cells)
    some = a > 0
    mean = sums(like.cell, y / total, cells) / np.where(some, a, 1.0)
    apart = float(np.sum(squares / total) - np.sum(a * mean**2))
    score = -0.5 * (float(np.sum(like.count * np.log(total))) + apart)
    between = (1.0 - TOGETHER) * measured.range_variance
    common = TOGETHER * float(np.mean(measured.range_variance))
    with np.errstate(divide="ignore"):
        of_cell = np.where(some, 1.0 / a, np.inf) + between
    exact = float(np.sum(1.0 / of_cell))
    middle = float(np.sum(mean[some] / of_cell[some])) / exact
    b, b_var = normal_normal(middle, 1.0 / exact, 0.0, common)
    score -= 0.5 * float(np.sum(np.log(a[some]) + np.log(of_cell[some])))
    score -= 0.5 * float(np.sum((mean[some] - middle) ** 2 / of_cell[some]))
    score -= 0.5 * (np.log(common + 1.0 / exact) + np.log(exact) + middle**2 / (common + 1.0 / exact))
    weight = np.where(some, between / of_cell, 0.0)
    m = float(b) + weight * (mean - float(b))
    m_var = between * (1.0 - weight) + (1.0 - weight) ** 2 * float(b_var)
    return _Given(score, float(b), float(b_var), m, m_var)
