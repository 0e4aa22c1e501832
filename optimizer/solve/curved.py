"""Reach that no linear row says, as columns and rows: tangents of each segment's curve (`program.reaching`).

    contacts_g  =  sum of A z n  +  sum of A z y       y: what counts of a person who has several offers
    y <= n,   sum of y of one person <= 1              so that only the largest contacts booked count
    worth_g    <=  f_g(c) + f_g'(c) (contacts_g - c)   at any contacts c: f_g is concave and lies below its tangents
    worth_g    <=  sum of f_g(A z) n                   of whole creators: together they reach no more than each alone

The last one takes the place of the tangent at 0, f_g(c) <= f_g'(0) c, which allows more: a creator who reaches nearly
everybody in a segment has contacts for many times as many people.

So what the program allows is a little more than the scenario, and its bound is a true one. One segment is worth its
contacts, and needs no tangent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from optimizer.program.packages import Floats
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Bools, Row
from optimizer.solve.bookable import SAME
from optimizer.solve.model import Extra

AROUND = (0.5, 0.7, 0.84, 0.92, 1.08, 1.16, 1.35, 1.8)
"""Tangents are put at these multiples of the contacts of the continuous program's best plan: around it is where the
integer plans lie."""
ROOMY = 1.001
"""Columns may be at most so many times what they can come to. They need such a bound though rows imply it: without one,
HiGHS 1.15 cut off the best plans (of 40 creators and 15 segments, 2,039 people; it called 1,767 proven)."""
SAME_PLACE = 1e-6
"""Relative; a tangent as near as this to another one says nothing new."""
ALL = 1 - 1e-7
"""Of a segment, who counts as all of it."""
LEAST = 1e-6
"""Of a segment's most contacts; creators who have fewer there are left out of its rows, see `beyond`."""
MOST_LEARNT = 20
"""Plans kept from one solve to the next."""


class Tangent(NamedTuple):
    """A tangent to a segment's curve: where it touches it, how high that is, and how steep."""

    at: float
    worth: float
    slope: float

    def height(self, contacts: float) -> float:
        """How high it is elsewhere."""
        return float(self.worth + self.slope * (contacts - self.at))


@dataclass
class ReachCriterion:
    """One floor on reach, or reach as the objective, while it is solved for; see `criterion.Criterion`."""

    reaching: Reaching
    sets_objective: bool = False
    whole_creators: bool = False
    """Whether nobody can be booked in part: half a creator reaches more than half as many."""
    tightened: float = 0.0
    """By how much the floor is raised: plans broke it by rounding alone."""
    tangents: list[list[Tangent]] = field(default_factory=list)
    """Of each segment, the one at 0 first."""
    contacts: Floats = field(init=False)
    alone: Floats = field(init=False)
    """Worth of one creator alone in each segment, shape (segments, packages)."""
    beyond: Floats = field(init=False)
    """Worth of one creator alone in segments where hardly anybody is reached, which is counted as if nobody else were
    there, shape (packages,): so the rows of segments stay short."""
    full: Bools = field(init=False)
    """Segments in which whoever reaches anybody reaches all, shape (segments,): these need no tangents."""
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        self.contacts = self.reaching.contacts_of_one
        self.scale = self.reaching.unit
        slopes = self.reaching.slope(np.zeros(len(self.contacts)))
        self.tangents = [[Tangent(0.0, 0.0, float(slope))] for slope in slopes]
        self._person = np.zeros(self.contacts.shape[1], dtype=bool)
        for person in self.reaching.persons:
            self._person[list(person)] = True
        self._by_one = self.whole_creators and not self.reaching.linear
        self.alone = self.reaching.curve_of_one
        self.beyond = np.zeros(self.contacts.shape[1])
        if self._by_one:
            few = self.contacts < LEAST * self.contacts.max(axis=1, initial=0.0, keepdims=True)
            self.beyond = np.where(few, self.alone, 0.0).sum(axis=0)
            self.alone = np.where(few, 0.0, self.alone)
            self.contacts = np.where(few, 0.0, self.contacts)
        reaches = np.where(self.contacts > 0, self.alone, np.inf).min(axis=1, initial=np.inf)
        self.full = self._by_one & (reaches >= ALL * self.reaching.most[1])
        self._shares = [
            (g, [p for p in person if self.contacts[g, p] > 0])
            for g in range(len(self.tangents))
            for person in self.reaching.persons
        ]

    # --- columns: contacts of each segment, worth of each segment, then what counts of each person in each segment

    def extra(self, number: int, *, whole: bool) -> list[Extra]:
        """Its columns; a number tells criteria apart."""
        contacts, worth = (most / self.scale for most in self.reaching.most)
        columns = [Extra(f"contacts_{number}_{g}", upper=most * ROOMY) for g, most in enumerate(contacts)]
        columns += [Extra(f"reached_{number}_{g}", upper=most * ROOMY) for g, most in enumerate(worth)]
        for place, (g, packages) in enumerate(self._shares):
            columns += [Extra(f"counts_{number}_{g}_{place}_{p}", upper=1.0) for p in packages]
        return columns

    def rows(self, columns: int, first: int, width: int, *, whole: bool) -> list[Row]:
        """Rows over all columns of the model; `first` is where its own begin."""
        rows: list[Row] = []
        name = self.reaching.name

        def row(what: str, lower: float, upper: float) -> Floats:
            coefficients = np.zeros(width)
            rows.append(Row(f"{name} {what}", coefficients, lower, upper))
            return coefficients

        count, segments = self.contacts.shape[1], len(self.tangents)
        sums = []
        for g in range(segments):
            if self.full[g]:
                sums.append(np.zeros(width))
                continue
            c = row(f"contacts {g}", 0.0, 0.0)
            c[:count] = np.where(self._person, 0.0, self.contacts[g] / self.scale)
            c[first + g] = -1.0
            sums.append(c)
            for number, tangent in enumerate(self.tangents[g]):
                if tangent.at == 0 and self._by_one:
                    continue
                t = row(f"tangent {g} {number}", -np.inf, tangent.height(0.0) / self.scale)
                t[first + segments + g] = 1.0
                t[first + g] = -tangent.slope
        own = first + 2 * segments
        if self._by_one:
            for g in range(segments):
                each = row(f"alone {g}", -np.inf, 0.0)
                each[:count] = np.where(self._person, 0.0, -self.alone[g] / self.scale)
                each[first + segments + g] = 1.0
                at_person = own
                for other, packages in self._shares:
                    if other == g:
                        each[at_person : at_person + len(packages)] = -self.alone[g, packages] / self.scale
                    at_person += len(packages)
        for place, (g, packages) in enumerate(self._shares):
            one = row(f"once {place}", -np.inf, 1.0)
            for p in packages:
                sums[g][own] = self.contacts[g, p] / self.scale
                one[own] = 1.0
                booked = row(f"booked {place} {p}", -np.inf, 0.0)
                booked[own], booked[p] = 1.0, -1.0
                own += 1
        if self.reaching.bound is not None:
            worth = np.zeros(width)
            worth[:count] = self.beyond / self.scale
            worth[first + segments : first + 2 * segments] = 1.0
            rows.append(self.reaching.kept_by(worth, self.tightened, self.scale))
        return rows

    def weigh(self, objective: Floats, first: int) -> None:
        """Make an objective over all columns its own: the sum of what each segment is worth."""
        objective[:] = 0.0
        objective[: len(self.beyond)] = self.beyond
        segments = len(self.tangents)
        objective[first + segments : first + 2 * segments] = self.scale

    # --- what is known of it

    def learn(self, counts: Floats, *, end: bool = True) -> float:
        """Tangents where some counts lie."""
        self._put(counts, (1.0,))
        return 0.0

    def surround(self, counts: Floats) -> None:
        """Tangents around the best counts of the continuous program."""
        self._put(counts, AROUND)

    def _put(self, counts: Floats, multiples: tuple[float, ...]) -> None:
        if self.reaching.linear:
            return
        contacts = self.reaching.contacts(counts[: self.contacts.shape[1]])
        for at in (times * contacts for times in multiples):
            for g, new in enumerate(map(Tangent, at, self.reaching.curve(at), self.reaching.slope(at))):
                if not self.full[g] and all(
                    abs(new.at - old.at) > SAME_PLACE * max(new.at, old.at) for old in self.tangents[g]
                ):
                    self.tangents[g].append(new)

    def remember(self, counts: Floats, *, whole: bool) -> None:
        """Keep some counts for the next solve."""
        if whole:
            self.reaching.learnt.append(counts.copy())

    def recall(self) -> None:
        """Learn from the solves before."""
        for counts in self.reaching.learnt[-MOST_LEARNT:]:
            self.learn(counts)

    def _of_each(self, g: int, counts: Floats) -> float:
        """What a segment is worth if nobody in it is reached twice; of a person's offers the largest counts."""
        if not self._by_one:
            return math.inf
        count = self.contacts.shape[1]
        total = float(np.where(self._person, 0.0, self.alone[g]) @ counts[:count])
        for other, packages in self._shares:
            if other == g:
                total += max((self.alone[g, p] for p in packages if counts[p] > 0.5), default=0.0)
        return total

    def worth(self, counts: Floats) -> float:
        """The objective's true value."""
        return self.reaching.worth(counts)

    def kept(self, counts: Floats) -> bool:
        """Whether a floor is kept, by floats."""
        return self.reaching.kept(counts, SAME)

    def start(self, counts: Floats) -> list[float]:
        """Values of its columns for whole counts."""
        count = self.contacts.shape[1]
        at = np.where(self._person, 0.0, self.contacts) @ counts[:count]
        for g, packages in self._shares:
            at[g] += max((self.contacts[g, p] for p in packages if counts[p] > 0.5), default=0.0)
        most = self.reaching.most[1]
        worth = []
        for g, c in enumerate(at):
            heights = (tangent.height(c) for tangent in self.tangents[g])
            worth.append(min(*heights, float(most[g]), self._of_each(g, counts)))
        values = [*(at / self.scale), *(w / self.scale for w in worth)]
        for g, packages in self._shares:
            booked = [p for p in packages if counts[p] > 0.5]
            largest = max(booked, key=lambda p: self.contacts[g, p], default=None)
            values += [1.0 if p == largest else 0.0 for p in packages]
        return [float(v) for v in values]
