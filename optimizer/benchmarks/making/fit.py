"""One weighted, robust, partially pooled least squares over all observations.

Row i of publisher j and kind k:

    value[i] = A[i] . theta + u[j, k] + v[j, k] size[i] + e[i]

    theta  coefficients; those with a stated expectation (`stated.yaml`) are ridge-pulled to it: N(mean, sd^2)
    u, v   level and slope of a publisher's rows of one kind: N(0, tau[k]^2), N(0, tau_slope[k]^2), so that a
           publisher speaks once about the level however many rows it prints
    e      N(0, variance[i] sigma[k]^2)

The posterior mean solves (X' W X + P) z = X' W y + P m, X = [A | publishers], W = diag(1 / variances), P the
precisions of what is expected; its covariance is the inverse. tau, tau_slope and sigma of fee, reach and
engagement are estimated by expectation maximisation from rows of that kind alone, so that contradictions between
kinds do not count as disagreement within one; those of CPM and CPE are stated. Errors and publishers' levels have
Student t tails (4 degrees of freedom), by re-weighting with (nu + 1) / (nu + z^2). Units: log10.

Gelman et al., Bayesian Data Analysis (3rd ed.), ch. 15 (partial pooling) and 17 (t by re-weighting).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.benchmarks.making.observations import Coefficients, Kind, Observation
from optimizer.benchmarks.making.stated import Stated

FREEDOM = 4.0
"""Degrees of freedom of the t: heavy tails, and still a variance."""
_ROUNDS = 60
_STILL = 1e-4
"""Largest change of a coefficient at which the re-weighting has settled: 0.02 %."""
_LEAST = 0.03
"""Least standard deviation that is believed of publishers or rows: a factor of 1.07."""
_WIDE = 1e3
ESTIMATED: tuple[Kind, ...] = ("fee", "reach", "engagement")

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Variances:
    """Standard deviations of one kind of row, log10: publishers' levels, their slopes, rows."""

    level: float
    slope: float
    row: float


@dataclass(frozen=True)
class Fit:
    """The fitted model.

    Attributes:
        names: of the coefficients, in the order of `mean`.
        mean: coefficients, shape (n,), log10.
        covariance: of the coefficients, shape (n, n).
        hat: what each observation adds to each coefficient per unit of its value, shape (n, rows).
    """

    names: tuple[str, ...]
    mean: Vector
    covariance: Vector
    hat: Vector
    variances: dict[Kind, Variances]
    observations: tuple[Observation, ...]

    def row(self, parts: Coefficients) -> Vector:
        """Coefficients by name as a vector; names that no row and no format knows are left out."""
        return np.array([parts.get(name, 0.0) for name in self.names])

    def at(self, parts: Coefficients) -> tuple[float, float]:
        """log10 of a sum of coefficients, and its variance from the fit alone."""
        a = self.row(parts)
        return float(a @ self.mean), float(a @ self.covariance @ a)

    def weights(self, parts: Coefficients) -> Vector:
        """How much each observation counts for a sum of coefficients, shape (rows,), adding up to 1."""
        pull = np.abs(self.row(parts) @ self.hat)
        return pull / pull.sum() if pull.sum() > 0 else pull


def fit(
    observations: Sequence[Observation],
    stated: Stated,
    *,
    names: Sequence[str] = (),
    variances: dict[Kind, Variances] | None = None,
) -> Fit:
    """Fit the model.

    Args:
        names: coefficients that must be there although no row mentions them (formats without figures).
        variances: of publishers and rows where they are known already; estimated otherwise.
    """
    known = variances or _variances(observations, stated)
    return _solve(observations, stated, names, known, estimate=False)


def _variances(observations: Sequence[Observation], stated: Stated) -> dict[Kind, Variances]:
    found: dict[Kind, Variances] = {
        "cpm": Variances(stated.sd("cpm publisher"), stated.sd("cpm slope"), stated.sd("cpm row")),
        "cpe": Variances(stated.sd("cpe publisher"), stated.sd("cpe slope"), stated.sd("cpe row")),
    }
    for kind in ESTIMATED:
        own = [
            row
            for row in observations
            if row.kind == kind
            and (kind == "reach" or not any(n.startswith("reach") for n in row.coefficients))
        ]
        if own:
            start = {kind: Variances(0.25, 0.1, 0.15)}
            found[kind] = _solve(own, stated, (), start, estimate=True).variances[kind]
    return found


def _solve(
    observations: Sequence[Observation],
    stated: Stated,
    more: Sequence[str],
    variances: dict[Kind, Variances],
    *,
    estimate: bool,
) -> Fit:
    names = tuple(sorted({name for row in observations for name in row.coefficients} | set(more)))
    groups = sorted({row.group for row in observations})
    n, rows, publishers = len(names), len(observations), len(groups)
    place = {name: i for i, name in enumerate(names)}
    at = {group: i for i, group in enumerate(groups)}
    member = np.array([at[row.group] for row in observations])
    x = np.zeros((rows, n + 2 * publishers))
    for i, row in enumerate(observations):
        for name, factor in row.coefficients.items():
            x[i, place[name]] = factor
        x[i, n + member[i]] = 1.0
        x[i, n + publishers + member[i]] = row.size
    y = np.array([row.value for row in observations])
    scale = np.array([row.variance for row in observations])
    expected = [stated.expected(name) or (0.0, _WIDE) for name in names]
    mean = np.concatenate([[m for m, _ in expected], np.zeros(2 * publishers)])
    precision = np.concatenate([[s**-2 for _, s in expected], np.zeros(2 * publishers)])
    kinds: list[Kind] = [row.kind for row in observations]
    of_group: list[Kind] = [kind for _, kind in groups]
    # an opinion's level counts less than a measured one, as its rows do
    trust = np.array([np.sqrt(scale[member == g].mean()) for g in range(publishers)])
    tails, group_tails, slope_tails = np.ones(rows), np.ones(publishers), np.ones(publishers)
    before = np.zeros(len(mean))
    for _ in range(_ROUNDS):
        level, slope, noise = (
            np.array([getattr(variances[k], part) for k in each])
            for part, each in (("level", of_group), ("slope", of_group), ("row", kinds))
        )
        precision[n : n + publishers] = group_tails / (level**2 * trust)
        precision[n + publishers :] = slope_tails / slope**2
        weight = tails / (noise**2 * scale)
        covariance = np.linalg.inv(x.T @ (x * weight[:, None]) + np.diag(precision))
        solution = covariance @ (x.T @ (weight * y) + precision * mean)
        residual = y - x @ solution
        levels, slopes = solution[n : n + publishers], solution[n + publishers :]
        if estimate:
            variances = _maximised(
                variances, kinds, of_group, x, covariance, residual, scale, trust, levels, slopes,
                (tails, group_tails, slope_tails),
            )  # fmt: skip
        if np.abs(solution - before).max() < _STILL:
            break
        before = solution
        tails = (FREEDOM + 1) / (FREEDOM + residual**2 / (noise**2 * scale))
        group_tails = (FREEDOM + 1) / (FREEDOM + levels**2 / level**2)
        slope_tails = (FREEDOM + 1) / (FREEDOM + slopes**2 / slope**2)
    hat = (covariance @ (x * weight[:, None]).T)[:n]
    return Fit(names, solution[:n], covariance[:n, :n], hat, variances, tuple(observations))


def _maximised(
    variances: dict[Kind, Variances],
    kinds: list[Kind],
    of_group: list[Kind],
    x: Vector,
    covariance: Vector,
    residual: Vector,
    scale: Vector,
    trust: Vector,
    levels: Vector,
    slopes: Vector,
    tails: tuple[Vector, Vector, Vector],
) -> dict[Kind, Variances]:
    """The M step: mean squares of what is left, each with the variance of its own estimate added."""
    publishers = len(of_group)
    n = covariance.shape[0] - 2 * publishers
    own = np.diag(covariance)
    leverage = np.einsum("ij,jk,ik->i", x, covariance, x)
    found = dict(variances)
    for kind, before in variances.items():
        rows = np.array([k == kind for k in kinds])
        groups = np.array([k == kind for k in of_group])
        squares: dict[str, Any] = {
            "row": (tails[0] / scale * (residual**2 + leverage))[rows],
            "level": (tails[1] / trust * (levels**2 + own[n : n + publishers]))[groups],
            "slope": (tails[2] * (slopes**2 + own[n + publishers :]))[groups],
        }
        found[kind] = replace(
            before, **{part: max(_LEAST, float(np.sqrt(s.mean()))) for part, s in squares.items()}
        )
    return found
