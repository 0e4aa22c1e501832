"""Reach that no behaviour of people can leave: from sizes of audiences and overlaps of pairs alone.

Symbols: A people of the audience; r_i people reached by creator i; m_ij people reached by both i and j, known or
between two limits.

**At most** (D. Hunter, 1976, Journal of Applied Probability 13; K. J. Worsley, 1982, Biometrika 69): add creators one
by one along a tree of pairs; each adds at most its people less those it shares with its neighbour in the tree, so

    reach <= sum of r_i - sum of m_ij over the edges of a tree

for every tree, and the largest spanning tree bounds best. Any lower limit of m_ij will do in its place: of a pair that
is not known, max(0, r_i + r_j - A), because both must fit into the audience.

**At least** (H. Kuai, F. Alajaji & G. Takahara, 2000, Discrete Mathematics 215): reach is the sum over creators of the
people of i, each counted 1 / N, where N is by how many they are reached. On the people of i the mean of N is
b_i = sum of m_ij over j / r_i (with m_ii = r_i). N is whole and 1 / N convex, so the mean of 1 / N is least where N is
only floor(b_i) or one more:

    reach >= sum over i of r_i ((1 - t) / k + t / (k + 1)),      k = floor(b_i), t = b_i - k

That falls as b_i rises, so any upper limit of m_ij will do: of a pair that is not known, min(r_i, r_j). Leaving a
creator out gives a bound too, since reach only rises with one more; a creator whose overlaps are not known may cost
more than it brings, so creators are left out as long as that raises the bound.

Who of an audience is reached by a post is taken as chance: where a creator reaches the share f_i of the people who
follow them, of the m_ij who follow both f_i f_j m_ij are reached by both (`thinned`). The bounds then hold for what is
expected, whoever follows whom.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from optimizer.program.reach import Floats


class Bounds(NamedTuple):
    """Fewest and most people that can have been reached."""

    low: float
    high: float

    def nearest(self, estimate: float) -> float:
        """The estimate, or the bound that it lies beyond."""
        return min(max(estimate, self.low), self.high)


def thinned(shared: Floats, fractions: Floats) -> Floats:
    """People reached by both creators of each pair, where each reaches a random part of its audience.

    Args:
        shared: people who follow both, NaN where not known, shape (creators, creators).
        fractions: people a creator reaches / people who follow it, shape (creators,).
    """
    return np.asarray(shared * fractions[:, None] * fractions[None, :])


def union_bounds(people: float, reached: Floats, shared: Floats) -> Bounds:
    """Between which numbers the people reached by any of some creators lie.

    Overlaps that cannot be true beside the sizes (above the smaller, or below what the audience has no room for) are
    taken as the nearest that can.

    Args:
        people: A.
        reached: r of each creator, not above A, shape (creators,).
        shared: m of each pair, NaN where not known, symmetric, shape (creators, creators); the diagonal is not read.
    """
    if len(reached) == 0:
        return Bounds(0.0, 0.0)
    least = np.maximum(reached[:, None] + reached[None, :] - people, 0.0)
    most = np.minimum(reached[:, None], reached[None, :])
    known = np.clip(shared, least, most)
    low = _kuai_alajaji_takahara(reached, np.where(np.isnan(known), most, known))
    high = float(np.sum(reached)) - _largest_tree(np.where(np.isnan(known), least, known))
    low = max(low, float(np.max(reached)))
    return Bounds(min(low, people), max(min(high, people), low))


def _largest_tree(weights: Floats) -> float:
    """Sum of weights, none negative, of the largest spanning tree: Prim's way, shape (creators, creators)."""
    count, total = len(weights), 0.0
    best = weights[0].copy()
    best[0] = -np.inf
    for _ in range(count - 1):
        chosen = int(np.argmax(best))
        total += float(best[chosen])
        best = np.where(np.isneginf(best), best, np.maximum(best, weights[chosen]))
        best[chosen] = -np.inf
    return total


def _kuai_alajaji_takahara(reached: Floats, shared: Floats) -> float:
    """The best such bound found by leaving out creators one by one."""
    kept = np.flatnonzero(reached > 0)
    shared = shared.copy()
    np.fill_diagonal(shared, reached)
    best = 0.0
    while len(kept):
        among = shared[np.ix_(kept, kept)]
        sums = np.sum(among, axis=1)
        best_here = _counted(reached[kept], sums)
        best = max(best, best_here)
        if len(kept) == 1:
            break
        without = sums[None, :] - among  # row: who is left out
        parts = _parts(reached[kept][None, :], without)
        np.fill_diagonal(parts, 0.0)
        each = np.sum(parts, axis=1)
        worst = int(np.argmax(each))
        if each[worst] <= best_here:
            break
        kept = np.delete(kept, worst)
    return best


def _counted(reached: Floats, sums: Floats) -> float:
    return float(np.sum(_parts(reached, sums)))


def _parts(reached: Floats, sums: Floats) -> Floats:
    """r times the least mean of 1 / N, where the mean of N is sums / r."""
    mean = np.maximum(sums / reached, 1.0)
    whole = np.floor(mean)
    rest = mean - whole
    return np.asarray(reached * ((1 - rest) / whole + rest / (whole + 1)))
