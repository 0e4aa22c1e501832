"""Limits and objectives with a confidence, as columns and rows: what is added to a program that is solved by cuts.

The criterion of counts n is  mean . n - k sd(n),  sd(n)^2 = n' C n + d . n  (`program.moments`), which no linear row
says. Each gets further columns, in units of s:

    r >= sd / s,    t >= sqrt(d . n) / s,    D = d . n / s^2 = sum of D_i,  one interval i with y_i = 1

    t >= chord of the square root on the interval that D lies in. A chord lies below the root, so t is never too large.
    r >= (C m . n / s^2 + u t) / q  at any point (m, u), q = sqrt(m' C m / s^2 + u^2): sd is convex in (n, t), and a
         tangent lies below it (Cauchy and Schwarz), so r is never too large.

So what the program allows is a little more than the scenario, and its bound is a true one (`cutting`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.rules import Row
from optimizer.program.sure import Sure
from optimizer.solve.bookable import SAME
from optimizer.solve.curved import ROOMY
from optimizer.solve.model import Extra

RATIO = 1.25
"""Of the ends of one interval of d . n to those of the next; the chord is then at most 0.16 % of t too low."""
INTERVALS = 24
"""Between the largest d . n and where the first interval begins (a two-hundredth of it)."""
MOST_LEARNT = 60
"""Places kept from one solve to the next."""


@dataclass
class SureCriterion:
    """One limit or objective with a confidence while it is solved for; see `criterion.Criterion`."""

    sure: Sure
    k: float
    scale: float
    points: list[tuple[Floats, float]] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    most: float = math.inf
    """The largest sd, in units of s. Its column needs that bound though no plan comes near it: see `curved.ROOMY`."""
    guess: float = 1.0
    """Of sqrt(d . n) / s, where the continuous program takes the root's tangent."""
    sets_objective: bool = False

    @property
    def has_own(self) -> bool:
        """Whether creators differ, each by itself."""
        return len(self.ends) > 0

    def extra(self, number: int, *, whole: bool) -> list[Extra]:
        """Its columns; a number tells criteria apart."""
        columns = [Extra(f"sd_{number}", upper=self.most)]
        if self.has_own:  # the root's tangent, in the continuous program, lies above the root
            largest = float(np.sqrt(self.ends[-1])) * ROOMY if whole else math.inf
            columns.append(Extra(f"own_{number}", upper=largest))
        if self.has_own and whole:
            for i, end in enumerate(self.ends[1:]):
                columns.append(Extra(f"part_{number}_{i}", upper=end))
                columns.append(Extra(f"in_{number}_{i}", upper=1.0, whole=True))
        return columns

    def rows(self, columns: int, first: int, width: int, *, whole: bool) -> list[Row]:
        """Rows over all columns of the model; `first` is where its own begin."""
        moments, s = self.sure.moments, self.scale
        rows: list[Row] = []

        def row(name: str, lower: float, upper: float) -> Floats:
            coefficients = np.zeros(width)
            rows.append(Row(f"{self.sure.name} {name}", coefficients, lower, upper))
            return coefficients

        for number, (at, u) in enumerate(self.points):
            q = np.sqrt(max(0.0, float(at @ moments.cov @ at)) / s**2 + u**2)
            if q > 0:
                c = row(f"tangent {number}", 0.0, np.inf)
                c[:columns] = -(moments.cov @ at) / s**2 / q
                c[first] = 1.0
                if self.has_own:
                    c[first + 1] = -u / q
        if self.has_own and whole:
            c = row("own total", 0.0, 0.0)
            c[:columns] = moments.own / s**2
            one = row("one interval", 1.0, 1.0)
            chord = row("chord", 0.0, np.inf)
            chord[first + 1] = 1.0
            for i, (low, high) in enumerate(pairwise(self.ends)):
                part, inside = first + 2 + 2 * i, first + 3 + 2 * i
                c[part] = -1.0
                one[inside] = 1.0
                slope = 1 / (np.sqrt(low) + np.sqrt(high))
                chord[part] = -slope
                chord[inside] = -(np.sqrt(low) - slope * low)
                above = row(f"from {i}", 0.0, np.inf)
                above[part], above[inside] = 1.0, -low
                below = row(f"to {i}", -np.inf, 0.0)
                below[part], below[inside] = 1.0, -high
        elif self.has_own:
            c = row("root", self.guess / 2, np.inf)
            c[:columns] = -moments.own / s**2 / (2 * self.guess)
            c[first + 1] = 1.0
        if self.sure.bound is not None:
            c = row("kept", self.sure.least, np.inf)
            c[:columns] = self.sure.coefficients
            c[first] = -self.k * s
        return rows

    def weigh(self, objective: Floats, first: int) -> None:
        """Make an objective over all columns its own: mean - k sd, the mean being there."""
        objective[first] -= self.sure.sign * self.k * self.scale

    def spread(self, counts: Floats) -> tuple[float, float]:
        """sd and sqrt(d . n) of counts, in units of s."""
        own = max(0.0, float(self.sure.moments.own @ counts))
        return self.sure.moments.sd_of(counts) / self.scale, float(np.sqrt(own)) / self.scale

    def learn(self, counts: Floats, *, end: bool = True) -> float:
        """A tangent and, unless told otherwise, an end of a chord at some counts."""
        _, u = self.spread(counts)
        self.points.append((counts.copy(), u))
        self.guess = u or self.guess
        d = u * u
        if (
            end
            and self.has_own
            and 0 < d < self.ends[-1]
            and all(abs(d - end) > 1e-9 * end for end in self.ends[1:])
        ):
            self.ends = sorted([*self.ends, d])
        return 0.0

    def surround(self, counts: Floats) -> None:
        """Nothing: an integer plan is not near enough to a continuous one."""

    def remember(self, counts: Floats, *, whole: bool) -> None:
        """Keep some counts for the next solve."""
        self.sure.learnt.append((counts.copy(), whole))

    def recall(self) -> None:
        """Learn from the solves before."""
        for counts, whole in self.sure.learnt[-MOST_LEARNT:]:
            self.learn(counts, end=whole)

    def worth(self, counts: Floats) -> float:
        """The objective's true value."""
        return self.sure.sign * self.sure.worth(counts, self.k)

    def kept(self, counts: Floats) -> bool:
        """Whether a limit is kept, by the true sd."""
        return sure_kept(self.sure, self.k, counts)

    def start(self, counts: Floats) -> list[float]:
        """Values of its columns for whole counts."""
        r, u = self.spread(counts)
        if not self.has_own:
            return [r]
        values = [r, u]
        d = u * u
        placed = False
        for low, high in pairwise(self.ends):
            inside = not placed and low <= d <= high
            placed = placed or inside
            values += [d if inside else 0.0, 1.0 if inside else 0.0]
        return values


def sure_kept(sure: Sure, k: float, counts: Floats) -> bool:
    """Whether counts keep a limit with a confidence, by the true sd; always for an objective."""
    if sure.bound is None:
        return True
    slack = SAME * max(1.0, abs(sure.least), abs(k * sure.moments.sd_of(counts)))
    return sure.worth(counts, k) >= sure.least - slack


def sure_criterion(
    sure: Sure, k: float, most_of: Callable[[Floats], float], *, objective: bool
) -> SureCriterion:
    """The criterion of a limit or objective with a confidence.

    Args:
        sure: which.
        k: how many standard deviations; above 0.
        most_of: the most that the continuous program allows of a linear objective, shape (columns,).
        objective: whether it is the objective.
    """
    criterion = SureCriterion(sure, k, _scale(sure), sets_objective=objective)
    own = sure.moments.own
    if own.any():
        most = most_of(own / criterion.scale**2) * (1 + 1e-6)
        if most > 0:
            criterion.ends = [0.0, *(most / RATIO**i for i in range(INTERVALS, -1, -1))]
    # n' C n is at most the square of sum of sqrt(C_ii) n_i, and a root of a sum at most the sum of the roots
    shared = most_of(np.sqrt(np.maximum(np.diag(sure.moments.cov), 0.0)) / criterion.scale)
    criterion.most = (shared + float(np.sqrt(criterion.ends[-1] if criterion.ends else 0.0))) * 2 * ROOMY
    return criterion


def _scale(sure: Sure) -> float:
    """A power of two near the sd of the plans in question: the sd if one creator of everything were booked."""
    size = np.sqrt(
        float(np.max(np.diag(sure.moments.cov), initial=0.0) + np.max(sure.moments.own, initial=0.0))
    )
    return float(2.0 ** np.round(np.log2(size))) if size > 0 else 1.0
