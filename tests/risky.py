"""Small worlds whose plans can all be counted, with means and deviations in closed form: nothing from `optimizer`.

Numbers are lognormal and as far up as down (low x high = typical squared), alone in their market, platform and tier;
all creators deliver. So with s = ln(high / typical) / 1.2816 and c the spread between creators, n creators bring

    mean      n v exp(s^2 / 2)
    variance  (n v)^2 exp(s^2) (exp(s^2) - 1)  +  n v^2 exp(2 s^2) (exp(c^2) - 1)
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

TENTH = NormalDist().inv_cdf(0.9)


@dataclass(frozen=True)
class Kind:
    """One offer: what it costs, brings (typically, and high / typical), how its creators differ, how many there are."""

    name: str
    cost: float
    brings: float
    factor: float
    spread: float
    most: int
    dear: float = 1.0
    """High / typical of the cost."""

    def moments(self, creators: int, *, cost: bool) -> tuple[float, float]:
        """Mean and variance of what so many creators bring, or cost."""
        typical, factor = (self.cost, self.dear) if cost else (self.brings, self.factor)
        s, c = math.log(factor) / TENTH, 0.0 if cost else self.spread
        mean = typical * math.exp(s * s / 2)
        common = (creators * mean) ** 2 * math.expm1(s * s)
        return creators * mean, common + creators * mean**2 * math.exp(s * s) * math.expm1(c * c)


STARS = [
    Kind("star", 3_000, 10_500, 2.2, 0.5, 3),
    Kind("middle", 1_100, 3_900, 1.7, 0.6, 8),
    Kind("small", 500, 1_700, 1.3, 0.3, 18),
]
BUDGET = 12_000.0
Plan = tuple[int, ...]


def world(kinds: list[Kind] = STARS, scale: float = 1.0, **fields: Any) -> dict[str, Any]:
    """The kinds as a scenario in plain data; `scale` is of money."""

    def ranged(typical: float, factor: float) -> Any:
        return typical if factor == 1 else [typical / factor, typical, typical * factor]

    offers = [
        {
            "name": kind.name,
            "cost_per_post": ranged(scale * kind.cost, kind.dear),
            "engagements_per_post": ranged(kind.brings, kind.factor),
            "spread": kind.spread,
            "post_spread": 0,
            "hours_per_creator": 1,
            "completion": 1,
            "creators": {"max": kind.most},
        }
        for kind in kinds
    ]
    base = {
        "name": "Stars",
        "budget": scale * BUDGET,
        "objective": "engagements",
        "correlation": {"market": 0, "platform": 0, "tier": 0},
        "offers": offers,
        "solver": {"gap": 0},
    }
    return base | fields


PAIR = [STARS[0], STARS[2]]


def pair(scale: float = 1.0, **fields: Any) -> dict[str, Any]:
    """Two kinds: four plans from bold to safe with two turns, in a third of the time that three kinds take."""
    return world(PAIR, scale, **{"budget": scale * 9_000} | fields)


def plans(kinds: list[Kind] = STARS, budget: float = BUDGET) -> list[Plan]:
    """Every plan within the budget, by typical costs."""
    rooms = [range(kind.most + 1) for kind in kinds]
    return [
        plan
        for plan in itertools.product(*rooms)
        if sum(n * kind.cost for n, kind in zip(plan, kinds, strict=True)) <= budget
    ]


def moments(plan: Plan, kinds: list[Kind] = STARS, *, cost: bool = False) -> tuple[float, float]:
    """Mean and standard deviation of a plan."""
    parts = [kind.moments(n, cost=cost) for n, kind in zip(plan, kinds, strict=True)]
    return sum(mean for mean, _ in parts), math.sqrt(sum(variance for _, variance in parts))


def drawn(plan: Plan, number: int, seed: int, kinds: list[Kind] = STARS) -> list[float]:
    """What a plan brings in so many cases, creator by creator, sorted."""
    rng = random.Random(seed)
    found = []
    for _ in range(number):
        total = 0.0
        for n, kind in zip(plan, kinds, strict=True):
            typical = kind.brings * math.exp(rng.gauss(0, 1) * math.log(kind.factor) / TENTH)
            c = kind.spread
            total += sum(typical * math.exp(rng.gauss(0, c) - c * c / 2) for _ in range(n))
        found.append(total)
    return sorted(found)
