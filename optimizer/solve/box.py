"""Prices of a roster's rows that leave hardly anything to be decided: from a sample, then in boxes, larger each time.

At prices y most creators are decided: one package, or none, is best by so much that it stays so for all prices near y.
The linear program over the others alone then has the right prices, as long as these are that near; if they are not, it
is done again around them. What it comes to is the least that any prices can show for the choices made, so the distance
to L(y) over everybody, computed afterwards, says how good the prices are. Nothing rests on it: L(y) is a bound for
any y.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np

from optimizer.program.packages import Floats, Ints
from optimizer.program.rules import Bools
from optimizer.solve.everybody import NOBODY, Everybody
from optimizer.solve.linear import Prices, linear_prices
from optimizer.solve.pricing import Looked, allowed_prices, look, nearest, weighed, worths
from optimizer.solve.roster import Choice, Roster

STEPS = 40
"""Boxes tried at one size of sample."""
FIRST_REACH, LEAST_REACH = 8.0, 0.01
"""How far prices may move, in boxes within which the choices made are surely best: at first, and before it is over."""
LEAST_SHARE = 0.02
"""Prices that are 0 may be off too: by that share of value per typical coefficient, relative to 1 for others."""
SAMPLE_FAR, FAR = 100.0, (1e3, 1e6)
"""Highest prices, in typical values per typical coefficient of the row: in the sample; at first in what is small, and
where that is not enough although nothing shows that there is no plan."""
FARTHEST = 1e5
"""Prices so high, in the same unit, do not come from values: some row cannot be kept, or hardly."""
RARE, MOST_RARE = 50, 400
"""A row that a sample has fewer creators of gets all of them, where these are not too many."""
TIED = 1e-9
"""Boxes so small are about ties."""
TOLERANCE = 0.1
"""Of the gap asked for: how far prices may be from the best."""
UNTIED, LEAST_UNTIED = 0.1, 1e-7
"""Values move by up to that share of the gap asked for (of a typical value, and so much at least), each its own way,
where many creators tie. The plan pays for it, not the bound."""


@dataclass(frozen=True)
class Sizes:
    """How many creators are looked at together.

    Attributes:
        sample: in the first linear program.
        growth: by how much samples grow until they are everybody.
        undecided: in each further linear program.
        rest: left open in the first integer program; three times as many in each further one.
        core: most creators of an integer program that proves something by itself.
    """

    sample: int = 2_000
    growth: int = 8
    undecided: int = 2_000
    rest: int = 200
    core: int = 2_500


@dataclass(frozen=True)
class Settled:
    """Where prices came to rest.

    Attributes:
        y: the prices, shape (rows,).
        total: L(y), in floats.
        exact: whether no prices are better by more than was asked.
        held: whether a row is still broken, or paid for, at the side of a box.
        open: creators of the last linear program, shape (open,).
        choice: the choices that it was solved for, nothing for the open ones, shape (creators,).
        x: its values, shape (packages of a creator, open).
        distance: of the open ones, by how much prices must move, relative to what they are, before something else is
            best, shape (open,). Not by how much value that is: by value the dearest creators look far away, of whom
            some must stay open to fill what is left of the rows that they are in.
        passes: looks at everybody.
    """

    y: Floats
    total: float
    exact: bool
    held: bool
    open: Ints
    choice: Choice
    x: Floats
    distance: Floats
    passes: int


class Pricing:
    """Finds prices of one roster."""

    def __init__(self, everybody: Everybody, sizes: Sizes, gap: float, deadline: float) -> None:
        self.everybody = everybody
        self.roster = roster = everybody.roster
        self.sizes = sizes
        self.gap = gap
        self.tolerance = TOLERANCE * gap
        self.deadline = deadline
        self.passes = 0
        self.first, self.weight = sample_of(roster, sizes.sample)
        self.scales = roster.part(self.first).scales()

    def settled(self, far: float = FAR[0]) -> Settled | None:
        """Prices over everybody; as `settle`."""
        y = np.zeros(self.roster.rows)
        if self.roster.creators > self.sizes.undecided:
            found = self._everyone(self.roster.part(self.first), y, self.weight, SAMPLE_FAR)
            if found is None:
                return None
            y = allowed_prices(self.roster, found.y)
        step = self.roster.creators // self.sizes.sample // self.sizes.growth
        while step > 1:
            part, weight = self._thinned(step)
            found_at = self.settle(part, weight, y)
            if found_at is None:
                return None
            y = found_at.y
            step //= self.sizes.growth
        self.passes = 0
        return self.settle(self.roster, np.ones(self.roster.creators), y, far)

    def _thinned(self, step: int) -> tuple[Roster, Floats]:
        chosen, weight = sample_of(self.roster, self.roster.creators // step)
        return self.roster.part(chosen), weight

    def settle(self, part: Roster, weight: Floats, y: Floats, far: float = FAR[0]) -> Settled | None:
        """Prices of a part of the roster; None where time was up before there were any.

        Args:
            part: some of the creators, or all.
            weight: how many each stands for.
            y: prices that are near, where there are many.
            far: how high prices may be where there are few, in typical values per typical coefficient of the row.
        """
        if part.creators <= self.sizes.undecided:
            return self._small(part, weight, y, far)
        reach = FIRST_REACH
        seen = self._look(part, y, weight)
        best: Settled | None = None
        for _ in range(STEPS):
            open_ = nearest(seen.distance, self.sizes.undecided)
            within = float(seen.distance[open_].max())
            if not within > TIED:
                part = untied(part, max(LEAST_UNTIED, UNTIED * self.gap))
                seen = self._look(part, y, weight)
                open_ = nearest(seen.distance, self.sizes.undecided)
                within = max(TIED, float(seen.distance[open_].max()))
            half = self.radius(y) * min(within, 1e3) * reach
            solved = self._linear(part, weight, y, seen, open_, half)
            if solved is None:
                return best
            found, least, choice = solved
            to = allowed_prices(part, found.y)
            after = self._look(part, to, weight, open_)
            exact = not found.held and after.total - least <= self.tolerance * abs(least)
            if after.total < seen.total or exact or best is None:
                best = Settled(
                    to,
                    after.total,
                    exact,
                    found.held,
                    open_,
                    choice,
                    found.x,
                    after.distance[open_],
                    self.passes,
                )
            if exact or self._far(to):
                return best
            if after.total < seen.total:
                y, seen = to, after
                reach *= 2.0 if found.held else 1.0
            else:
                reach = max(1.0, reach / 4.0) if reach > 1.0 else reach / 4.0
                if reach < LEAST_REACH:
                    return best
        return best

    def _small(self, part: Roster, weight: Floats, y: Floats, far: float) -> Settled | None:
        """Everybody at once."""
        found = self._everyone(part, y, weight, far)
        if found is None:
            return None
        to = allowed_prices(part, found.y)
        after = self._look(part, to, weight)
        exact = not found.held and after.total - found.total <= self.tolerance * abs(found.total)
        everybody, nobody = np.arange(part.creators), np.zeros(part.creators, dtype=np.int8)
        return Settled(
            to, after.total, exact, found.held, everybody, nobody, found.x, after.distance, self.passes
        )

    def _far(self, y: Floats) -> bool:
        size, sizes = self.scales
        return bool(np.any(np.abs(y) * sizes > FARTHEST * size))

    def radius(self, y: Floats) -> Floats:
        """How far each price may be off, relative to the others, shape (rows,)."""
        size, sizes = self.scales
        return np.maximum(np.abs(y), LEAST_SHARE * size / sizes)

    def _look(self, part: Roster, y: Floats, weight: Floats, at: Ints = NOBODY) -> Looked:
        self.passes += 1
        if part is self.roster:  # each stands for one
            return self.everybody.look(y, self.radius(y), near=self.sizes.undecided, at=at)
        return look(part, y, self.radius(y), weight)

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self.deadline - time.perf_counter()

    def _everyone(self, part: Roster, y: Floats, weight: Floats, far: float) -> Prices | None:
        half = far * self.scales[0] / self.scales[1]
        box = (allowed_prices(part, -half), allowed_prices(part, half))
        live = np.ones(part.value.shape, dtype=bool)
        if self.left <= 0:
            return None
        return linear_prices(part, live, (part.lower, part.upper), box, weight, self.scales, self.left)

    def _linear(
        self, part: Roster, weight: Floats, y: Floats, seen: Looked, open_: Ints, half: Floats
    ) -> tuple[Prices, float, Choice] | None:
        """The linear program over open creators; with the value of everything, and the choices of the others."""
        if self.left <= 0:
            return None
        choice = seen.choice.copy()
        choice[open_] = 0
        worth, used = part.used(choice, weight)
        some = part.part(open_)
        box = (allowed_prices(part, y - half), allowed_prices(part, y + half))
        found = linear_prices(
            some, live_packages(some, y, half), (part.lower - used, part.upper - used), box, weight[open_],
            self.scales, self.left,
        )  # fmt: skip
        return None if found is None else (found, worth + found.total, choice)


def live_packages(some: Roster, y: Floats, half: Floats) -> Bools:
    """Packages that can be the best of their creator for any prices within half of y."""
    v, speed = worths(some, y), weighed(some, half)
    least = (v - speed).max(axis=0)
    least = np.maximum(least, 0.0 if some.must is None else np.where(some.must, -np.inf, 0.0))
    live: Bools = v + speed >= least - 1e-9 * np.abs(least)
    return live


def sample_of(roster: Roster, wanted: int) -> tuple[Ints, Floats]:
    """Every n-th creator, and all of those whom a row has few of; with how many each stands for.

    Returns:
        Creators and weights, shape (sample,) each.
    """
    everybody = roster.creators
    step = max(1, everybody // max(1, wanted))
    if step == 1:
        return np.arange(everybody), np.ones(everybody)
    kept = np.zeros(everybody, dtype=bool)
    for family in roster.families:
        if isinstance(family.row, int):
            if np.count_nonzero((family.coefficients[:, ::step] != 0).any(axis=0)) < RARE:
                mine = np.flatnonzero((family.coefficients != 0).any(axis=0))
                if len(mine) <= MOST_RARE:
                    kept[mine] = True
        else:
            counts = np.bincount(family.row + 1, minlength=roster.rows + 1)[1:]
            rare = np.append((counts < RARE * step) & (counts <= MOST_RARE), False)
            if rare.any():
                kept |= rare[family.row]
    if roster.must is not None and np.count_nonzero(roster.must) <= MOST_RARE:
        kept |= roster.must
    every = np.zeros(everybody, dtype=bool)
    every[::step] = True
    every &= ~kept
    stands_for = float(everybody - np.count_nonzero(kept)) / max(1, int(np.count_nonzero(every)))
    chosen = np.flatnonzero(kept | every)
    return chosen, np.where(kept[chosen], 1.0, stands_for)


def untied(roster: Roster, by: float) -> Roster:
    """The same with values a little apart: by the golden ratio, so that neighbours are far from each other."""
    apart = (np.arange(roster.creators) * 0.6180339887498949) % 1.0
    finite = roster.value[np.isfinite(roster.value)]
    size = float(np.abs(finite).mean()) if finite.size else 0.0
    return replace(roster, value=roster.value + by * (size or 1.0) * (apart - 0.5))
