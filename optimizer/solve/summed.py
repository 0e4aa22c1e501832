"""Reach over very many segments, as groups of followers are: one column, and rows that hold for all of them together.

    reach  <=  sum over segments g of b_g(n)

where b_g is the lower of two bounds of segment g, whichever is at some counts n*:

    f_g(c*) + f_g'(c*) (c_g(n) - c*)      the tangent at n*, with c* = c_g(n*)
    sum of f_g(A z) n                     of whole creators: together they reach no more than each alone

Both are linear in n, so each n* is worth one row of as many coefficients as there are packages, instead of two columns
and several rows for each segment (`curved`). At whole n* it is exact. This is a Benders decomposition by hand; for
groups in which everybody follows or nobody does, that of Cordeau, Furini and Ljubić, "Benders decomposition for very
large scale partial set covering and maximal covering location problems" (EJOR 275, 2019).

Of a person with several offers only the largest contacts count:

    largest z booked  <=  h + sum of max(0, z_p - h) n_p      for every h >= 0

with equality for the best of h = 0 and h = z_p, which is taken at n* in each segment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row
from optimizer.solve.bookable import SAME
from optimizer.solve.curved import MOST_LEARNT, ROOMY, ReachCriterion
from optimizer.solve.model import Extra

MANY = 60
"""Segments from which on they are summed."""
SAME_CUT = 1e-9
"""Relative; a row whose every number is as near as this to another one's says nothing new."""


TOO_MANY = 1500
"""Segments from which on rows for each of them take too long and too much memory."""
NOBODY = 1e-5
"""Contacts per head up to which nobody to speak of is reached: there both bounds are the same, but the tangent is so
steep that it says nothing of anywhere else. What that adds to a bound is at most half of this part of what is reached
there."""
STEP = 0.1
"""How far from the best counts of the continuous program so far towards those of the cuts there are, as a share."""
MOST_CUTS = 80
"""Rows of the continuous program: most of those that are left out never held it again."""


def reach_criterion(
    reaching: Reaching, objective: bool, whole: bool, *, together: bool = True
) -> ReachCriterion | SummedReach:
    """How some reach is solved for.

    Args:
        reaching: a floor, or the objective.
        objective: which of the two.
        whole: whether nobody can be booked in part.
        together: whether many segments are summed; there may be too many for anything else.
    """
    many = len(reaching.numbers) >= (MANY if together else TOO_MANY)
    return (SummedReach if many else ReachCriterion)(reaching, objective, whole)


@dataclass
class Linear:
    """A sum for each segment, `constant` + `values` @ counts; shapes (segments,) and (segments, packages)."""

    constant: Floats
    values: Floats

    def at(self, counts: Floats) -> Floats:
        """Its values, shape (segments,)."""
        return np.asarray(self.constant + self.values @ counts)


@dataclass
class SummedReach:
    """One floor on reach, or reach as the objective, while it is solved for; see `criterion.Criterion`.

    Attributes are those of `curved.ReachCriterion`, but for `cuts`: a constant, and a slope for each package, of every
    row; and `centre`, where the continuous program was `best` so far.
    """

    reaching: Reaching
    sets_objective: bool = False
    whole_creators: bool = False
    tightened: float = 0.0
    cuts: list[tuple[float, Floats]] = field(default_factory=list)
    centre: Floats | None = None
    best: float = -math.inf
    contacts: Floats = field(init=False)
    alone: Floats = field(init=False)
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        self.contacts = self.reaching.contacts_of_one
        self.alone = self.reaching.curve_of_one
        self.scale = self.reaching.unit
        self._cut(np.zeros(self.contacts.shape[1]))

    @property
    def _most(self) -> float:
        """The most people there are to reach."""
        return float(np.sum(self.reaching.most[1]))

    def extra(self, number: int, *, whole: bool) -> list[Extra]:
        """Its column; a number tells criteria apart."""
        return [Extra(f"reached_{number}", upper=self._most / self.scale * ROOMY)]

    def rows(self, columns: int, first: int, width: int, *, whole: bool) -> list[Row]:
        """Rows over all columns of the model; `first` is its own."""
        rows = []
        count = self.contacts.shape[1]
        for number, (constant, slopes) in enumerate(self.cuts):
            coefficients = np.zeros(width)
            coefficients[:count] = -slopes / self.scale
            coefficients[first] = 1.0
            rows.append(
                Row(f"{self.reaching.name} cut {number}", coefficients, -np.inf, constant / self.scale)
            )
        if self.reaching.bound is not None:
            coefficients = np.zeros(width)
            coefficients[first] = 1.0
            rows.append(self.reaching.kept_by(coefficients, self.tightened, self.scale))
        return rows

    def weigh(self, objective: Floats, first: int) -> None:
        """Make an objective over all columns its own."""
        objective[:] = 0.0
        objective[first] = self.scale

    def learn(self, counts: Floats, *, end: bool = True) -> float:
        """A cut where some counts lie; of those of the continuous program one near the best so far too.

        The optimum of few cuts lies far out, and the next one on the other side; a step from the best one towards it
        is worth more, and moves it (an in-out method: Ben-Ameur & Neto, "Acceleration of cutting-plane and column
        generation algorithms", Networks 49, 2007).
        """
        counts = counts[: self.contacts.shape[1]]
        most = self._bound(counts)
        self._cut(counts)
        if end:
            return 0.0
        for near in [counts] if self.centre is None else [counts, STEP * counts + (1 - STEP) * self.centre]:
            self._cut(near)
            worth = self._bound(near)
            if self.centre is None or worth > self.best:
                self.centre, self.best = near, worth
        self._forget(counts)
        return 1.0 if self.best <= 0 else (most - self.best) / self.best

    def _forget(self, counts: Floats) -> None:
        """Keep the last rows, and those that are lowest at some counts or at the best so far."""
        if len(self.cuts) <= MOST_CUTS:
            return
        places = [counts, counts if self.centre is None else self.centre]
        height = [min(constant + float(slopes @ at) for at in places) for constant, slopes in self.cuts]
        lowest = set(np.argsort(height, kind="stable")[: MOST_CUTS // 2].tolist())
        last = len(self.cuts) - MOST_CUTS // 4
        self.cuts = [cut for number, cut in enumerate(self.cuts) if number >= last or number in lowest]

    def _bound(self, counts: Floats) -> float:
        heights = (constant + float(slopes @ counts) for constant, slopes in self.cuts)
        return min(heights, default=self._most)

    def _cut(self, counts: Floats) -> None:
        contacts = self._linear(self.contacts, counts)
        at = contacts.at(counts)
        worth, slope = self.reaching.curve(at), self.reaching.slope(at)
        by_one = np.zeros(len(at), dtype=bool)
        constant, slopes = 0.0, np.zeros(len(counts))
        if self.whole_creators:
            alone = self._linear(self.alone, counts)
            by_one = (alone.at(counts) < worth) | (at < NOBODY * self.reaching.curves.people)
            constant, slopes = float(np.sum(alone.constant[by_one])), by_one.astype(float) @ alone.values
        rest = np.where(by_one, 0.0, slope)
        heights = worth - slope * (at - contacts.constant)
        constant += math.fsum(heights[~by_one])
        slopes = slopes + rest @ contacts.values
        size = max(abs(constant), float(np.max(slopes, initial=0.0)))
        for other, values in self.cuts:
            if abs(other - constant) <= SAME_CUT * size and np.all(abs(values - slopes) <= SAME_CUT * size):
                return
        self.cuts.append((constant, slopes))

    def _linear(self, of_one: Floats, counts: Floats) -> Linear:
        """What some counts come to in each segment, as a linear bound that is exact there."""
        constant = np.zeros(len(of_one))
        if not self.reaching.persons:
            return Linear(constant, of_one)
        values = of_one.copy()
        for person in self.reaching.persons:
            mine = list(person)
            own, booked = of_one[:, mine], counts[mine]
            floors = np.concatenate([np.zeros((len(own), 1)), own], axis=1)
            bounds = np.stack([h + np.maximum(own - h[:, None], 0.0) @ booked for h in floors.T])
            best = floors[np.arange(len(own)), np.argmin(bounds, axis=0)]
            constant += best
            values[:, mine] = np.maximum(own - best[:, None], 0.0)
        return Linear(constant, values)

    def begin(self, counts: Floats) -> None:
        """Counts of a good plan, which the continuous program sets out from."""
        self.centre = counts[: self.contacts.shape[1]]
        self._cut(self.centre)
        self.best = self._bound(self.centre)

    def surround(self, counts: Floats) -> None:
        """Nothing: the cuts of the continuous program are where they are needed."""

    def remember(self, counts: Floats, *, whole: bool) -> None:
        """Keep some counts for the next solve."""
        self.reaching.learnt.append(counts.copy())

    def recall(self) -> None:
        """Learn from the solves before."""
        for counts in self.reaching.learnt[-MOST_LEARNT:]:
            self.learn(counts)

    def worth(self, counts: Floats) -> float:
        """The objective's true value."""
        return self.reaching.worth(counts)

    def kept(self, counts: Floats) -> bool:
        """Whether a floor is kept, by floats."""
        return self.reaching.kept(counts, SAME)

    def start(self, counts: Floats) -> list[float]:
        """The value of its column for whole counts."""
        own = counts[: self.contacts.shape[1]]
        return [min(self._bound(own), self._most) / self.scale]
