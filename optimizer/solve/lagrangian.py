"""The best plan of a very large roster, with a bound over all of it.

1. Prices of the rows (`box`): everybody but some hundred creators is decided by them.
2. L(y) over everybody, rounded upwards (`pricing.bound`), is what no plan can beat.
3. Those who are not decided, and those decided by the least, go to the solver as an integer program (`rest`); the rest
   of the plan stands. It is recounted, and where it breaks a row by rounding that row is tightened and solved again.
4. Where that is not near enough to the bound: whoever is decided by more than the distance between the two is so in
   every better plan, because another choice would cost more than that. If the others are few, the integer program
   over all of them proves the rest.

A row that no plan can keep shows in prices that grow without end: at prices d with a negative L(d) for packages that
are worth nothing there is no plan, because nothing is what each would be worth.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from optimizer.program.packages import Floats, Ints
from optimizer.solve.bookable import SAME
from optimizer.solve.box import FAR, Pricing, Settled, Sizes
from optimizer.solve.everybody import Everybody
from optimizer.solve.pricing import allowed_prices, bound, must_and_cannot, nearest
from optimizer.solve.rest import solve_rest
from optimizer.solve.roster import Choice, Roster
from optimizer.solve.solver import SETTINGS, Setting

MAX_TIGHTENINGS = 6
WHOLE = 1e-6
"""A share of a package this near to 0 or 1 is that."""
LOOSE = SETTINGS[0].loose
FIRST_OPINION = 0.6
"""Of the time that is left, for the first of two opinions on a core."""
LEAST_SECONDS, SHARE_OF_TIME = 2.0, 0.3
"""Time for an integer program that others may follow."""
NEARER = 0.5
"""Of the gap asked for: what is asked of integer programs, whose own bound is a little under that of the prices."""
MARGIN_ROUNDING = 1e-12
"""Relative to the value of the plan: what margins may be off, added up from a few numbers each."""

Broken = Callable[[Choice], Mapping[int, float]]
"""A plan -> rows that it breaks, with by how much."""


@dataclass(frozen=True)
class Planned:
    """What was found.

    Attributes:
        status: optimal (within the gap asked for), feasible (a plan, further from its bound), infeasible (proven),
            not_known (no plan was found, which does not mean there is none).
        choice: the plan, shape (creators,); empty without one.
        value: its value.
        bound: no plan has more; None where there is no plan at all.
        prices: of one unit of each row, at which the bound is taken, shape (rows,).
        proof: what the bound rests on: prices, or the integer program of a core that the prices leave.
        opinions: settings of the solver that agree on the core.
        undecided: creators in the last linear program.
        open: creators in the last integer program.
        passes: looks at everybody.
        seconds: altogether.
    """

    status: Literal["optimal", "feasible", "infeasible", "not_known"]
    choice: Choice
    value: float
    bound: float | None
    prices: Floats
    proof: Literal["prices", "core", "none"]
    opinions: int
    undecided: int
    open: int
    passes: int
    seconds: float

    @property
    def gap(self) -> float:
        """(bound - value) / |value|; infinite where it is not known."""
        if self.bound is None or self.status in ("infeasible", "not_known"):
            return math.inf
        return relative(self.bound, self.value)


def relative(above: float, value: float) -> float:
    """By what share of a value something is above it."""
    if above <= value:
        return 0.0
    return math.inf if value == 0 else (above - value) / abs(value)


def plan_roster(
    roster: Roster,
    *,
    gap: float,
    seconds: float,
    broken: Broken | None = None,
    outwards: Floats | None = None,
    start: Choice | None = None,
    max_nodes: int | None = None,
    sizes: Sizes | None = None,
    everybody: Everybody | None = None,
) -> Planned:
    """The best plan of a roster.

    Args:
        roster: the arrays.
        gap: relative gap between plan and bound that is near enough; what is rounding is near enough anyway.
        seconds: time to spend.
        broken: rows that a plan breaks; `Roster.broken`, with exact sums of the arrays, where nobody knows better.
        outwards: by how much the sides of rows move outwards for everything that proves, because the arrays are
            rounded, shape (rows,); None for nothing.
        start: a plan to be improved, shape (creators,).
        max_nodes: as in `solve`, for each integer program; there is no core then.
        sizes: how many creators are looked at together.
        everybody: the same roster, for passes over all of it; None makes them in this process.

    Raises:
        SolverError: where HiGHS fails, or workers that passes were given to.
    """
    wider = roster
    if outwards is not None:
        wider = replace(roster, lower=roster.lower - outwards, upper=roster.upper + outwards)
    planning = _Planning(
        everybody or Everybody(roster),
        wider,
        gap,
        seconds,
        broken or roster.broken,
        max_nodes,
        sizes or Sizes(),
    )
    if start is not None:
        planning.take(start)
    return planning.planned()


class _Planning:
    def __init__(
        self,
        everybody: Everybody,
        wider: Roster,
        gap: float,
        seconds: float,
        broken: Broken,
        max_nodes: int | None,
        sizes: Sizes,
    ) -> None:
        self.everybody = everybody
        self.roster = everybody.roster
        self.wider = wider
        self.gap = gap
        self.began = time.perf_counter()
        self.deadline = self.began + seconds
        self.broken = broken
        self.max_nodes = max_nodes
        self.sizes = sizes
        self.best: Choice | None = None
        self.value = -math.inf
        self.top = math.inf
        self.prices = np.zeros(self.roster.rows)
        self.undecided = self.open = self.passes = 0
        self.proof: Literal["prices", "core", "none"] = "prices"
        self.opinions = 1

    @property
    def left(self) -> float:
        return self.deadline - time.perf_counter()

    @property
    def enough(self) -> bool:
        return self.best is not None and relative(self.top, self.value) <= max(self.gap, SAME)

    def planned(self) -> Planned:
        if must_and_cannot(self.roster).any() or np.any(self.wider.lower > self.wider.upper):
            return self._said("infeasible")
        self.take(self.everybody.look(self.prices).choice)  # perhaps nothing binds
        self._lower(self.prices)
        if self.enough:
            return self._said()
        settled = self._settled()
        if settled == "infeasible":
            return self._said("infeasible")
        if settled is not None:
            self._fill(settled)
        if not self.enough and self.max_nodes is None:
            self._core()
        return self._said()

    def _said(self, status: Literal["infeasible"] | None = None) -> Planned:
        found: Literal["optimal", "feasible", "infeasible", "not_known"]
        if status is not None:
            found = status
        elif self.best is None:
            found = "not_known"
        else:
            found = "optimal" if self.enough else "feasible"
        nobody = np.zeros(0, dtype=np.int8)
        return Planned(
            found,
            nobody if self.best is None else self.best,
            self.value,
            None if self.best is None else max(self.top, self.value),
            self.prices,
            self.proof if found != "not_known" else "none",
            self.opinions,
            self.undecided,
            self.open,
            self.passes,
            time.perf_counter() - self.began,
        )

    # --- prices ------------------------------------------------------------------------------------------

    def _settled(self) -> Settled | Literal["infeasible"] | None:
        pricing = Pricing(self.everybody, self.sizes, self.gap, self.deadline)
        settled = None
        for far in FAR:
            found = pricing.settled(far)
            if found is None:
                break
            settled = found
            self._lower(settled.y)
            self.undecided, self.passes = len(settled.open), settled.passes
            if not settled.held:
                break
            if self._impossible(settled.y):
                return "infeasible"
            if self.roster.creators > self.sizes.undecided:
                break
        return settled

    def _lower(self, y: Floats) -> None:
        """The bound at other prices, where it is lower."""
        y = allowed_prices(self.roster, y)
        at = self.everybody.bound(y, self.wider)
        if at < self.top:
            self.top, self.prices = at, y

    def _impossible(self, y: Floats) -> bool:
        """Whether prices show that no plan keeps every row."""
        free = self.wider.without_value()
        steepest = float(np.max(np.abs(y) * self.roster.scales()[1], initial=0.0))
        towards = y / steepest if steepest else y
        if bound(free, towards) < 0:
            self.prices = towards
            return True
        pricing = Pricing(Everybody(free), self.sizes, 1e-6, self.deadline)
        found = pricing.settle(free, np.ones(free.creators), towards, far=1.0)
        if found is not None and bound(free, found.y) < 0:
            self.prices = allowed_prices(free, found.y)
            return True
        return False

    # --- plans -------------------------------------------------------------------------------------------

    def take(self, choice: Choice) -> Mapping[int, float]:
        """Keep a plan, if it is the best so far and breaks nothing; what it breaks."""
        broken = self.broken(choice)
        if self.roster.must is not None and np.any(choice[self.roster.must] == 0):
            return {-1: math.inf}
        if not broken:
            value = self.roster.worth(choice)
            if value > self.value:
                self.value, self.best = value, choice
        return broken

    def _fill(self, settled: Settled) -> None:
        """Integer programs over ever more of those who are not decided, until the plan is near its bound."""
        around = settled.choice.copy()
        share = settled.x
        whole = np.all((share < WHOLE) | (share > 1 - WHOLE), axis=0)
        decided = np.where(share.max(axis=0) > 1 - WHOLE, share.argmax(axis=0) + 1, 0)
        around[settled.open] = np.where(whole, decided, 0)
        order = np.argsort(np.where(whole, settled.distance, -1.0), kind="stable")
        count = max(self.sizes.rest, int((~whole).sum()))
        while self.left > 0:
            if count >= self.roster.creators and self.max_nodes is None:
                return  # everybody: the core
            count = min(count, len(order))
            last = count == len(order)
            seconds = self.left if last else max(LEAST_SECONDS, SHARE_OF_TIME * self.left)
            self._solve(np.sort(settled.open[order[:count]]), around, seconds)
            if self.enough or last or (self.max_nodes is not None and self.best is not None):
                return
            count *= 3
            if self.max_nodes is None and self.best is not None and len(self._undecided(count)[0]) <= count:
                return  # no better plan has anybody else in it: the core

    def _solve(self, open_: Ints, around: Choice, seconds: float) -> None:
        """The integer program over some creators, with the others as they are."""
        self.open = len(open_)
        fixed = around.copy()
        fixed[open_] = 0
        worth, used = self.roster.used(fixed)
        some = self.roster.part(open_)
        sides = (self.roster.lower - used, self.roster.upper - used)
        tightened: dict[int, float] = {}
        share = self._share_of_gap(worth)
        for _ in range(MAX_TIGHTENINGS):
            found = solve_rest(
                some,
                sides,
                gap=share,
                seconds=min(seconds, self.left),
                max_nodes=self.max_nodes,
                tightened=tightened,
            )
            if not len(found.choice):
                return
            plan = fixed.copy()
            plan[open_] = found.choice
            broken = self.take(plan)
            if not broken or -1 in broken:
                return
            for r, amount in broken.items():
                ends = (self.roster.lower[r], self.roster.upper[r], 1.0)
                size = max(abs(side) for side in ends if np.isfinite(side))
                tightened[r] = 2 * (tightened.get(r, 0.0) + amount) + 1e-12 * size

    def _share_of_gap(self, worth: float) -> float:
        """The gap to ask of an integer program whose value is only a part of the whole."""
        whole = self.top if math.isfinite(self.top) else worth
        part = abs(whole - worth)
        return 1.0 if part == 0 else min(1.0, NEARER * self.gap * abs(whole) / part)

    def _core(self) -> None:
        """The integer program over everybody whose best choice is not surely that of a better plan."""
        if self.best is None and self.roster.creators > self.sizes.core:
            seen = self.everybody.look(self.prices, near=self.sizes.core)
            self._solve(nearest(seen.distance, self.sizes.core), seen.choice, self.left)
        open_, choice = self._undecided(self.sizes.core)
        if self.enough or len(open_) > self.sizes.core:
            return
        fixed = choice.copy()
        fixed[open_] = 0
        bounds: list[float] = []
        seconds = FIRST_OPINION * self.left
        for setting in SETTINGS[:2]:
            began = time.perf_counter()
            above, ended = self._core_bound(open_, fixed, setting, seconds)
            if above is not None and (ended or not bounds):
                bounds.append(above)
            if not ended or self.left <= 0:  # a second opinion that does not end says nothing
                break
            seconds = min(self.left, max(LEAST_SECONDS, 2 * (time.perf_counter() - began)))
        if not bounds or self.best is None:
            return
        top = max([*bounds, self.value])
        top += MARGIN_ROUNDING * abs(top)
        if top < self.top:
            self.top, self.proof, self.opinions = top, "core", len(bounds)

    def _undecided(self, most: int) -> tuple[Ints, Choice]:
        """Everybody whose best choice may not be that of a better plan, or some of them where they are more than
        `most`; and the best choices of all."""
        seen = self.everybody.look(self.prices, near=most + 1)
        if self.best is None:
            return np.arange(self.roster.creators), seen.choice
        off = MARGIN_ROUNDING * (abs(self.top) + abs(self.value))
        return np.flatnonzero(seen.distance <= self.top - self.value + off), seen.choice

    def _core_bound(
        self, open_: Ints, fixed: Choice, setting: Setting, seconds: float
    ) -> tuple[float | None, bool]:
        """What no plan of the core can beat, by one setting of the solver, and whether it came to its end; its plan is
        kept where it is good."""
        self.open = len(open_)
        worth, used = self.roster.used(fixed)
        found = solve_rest(
            self.roster.part(open_),
            (self.roster.lower - used, self.roster.upper - used),
            gap=self._share_of_gap(worth),
            seconds=seconds,
            loose=setting.loose,
            start=None if self.best is None else self.best[open_],
            setting=setting,
        )
        if len(found.choice):
            plan = fixed.copy()
            plan[open_] = found.choice
            if self.take(plan):  # it makes use of what was let in
                self._solve(open_, fixed, self.left)
        if found.status == "infeasible" and self.best is not None:
            return self.value, True
        return None if found.bound is None else worth + found.bound, found.status == "optimal"
