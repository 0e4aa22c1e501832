"""The plan with the best chance to reach a result: the most (mean - T) / sd.

Dinkelbach (1967): solve for the most of mean - k sd; its plan has k' = (mean - T) / sd >= k; solve again with k', until
k moves no more. Then no plan has mean - k sd above T, which is to say that none has (mean - T) / sd above k. It needs
k >= 0: where T is above the best mean the criterion would look for the largest sd, which no cut proves.
Where less is wanted, all signs are turned.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from optimizer.program.rows import contacts
from optimizer.risk.safety.solving import Known, Pool, Solved

MOST_SOLVES = 20
SETTLED = 1e-9
"""Relative; a k that grows by less moves no more."""


@dataclass(frozen=True)
class Likeliest:
    """What the search came to.

    Attributes:
        plan: with the most (mean - T) / sd.
        ratio: that; infinite where nothing about it varies.
        solved: the solve that proves it; None where none was needed, or time was up.
    """

    plan: Known
    ratio: float
    solved: Solved | None


def linear_target(pool: Pool, target: float) -> float:
    """The target in the units of the criterion, signed."""
    reach = pool.program.model_of(pool.program.scenario.objective[0])
    if reach is not None:
        index = contacts(target, reach)
        assert index is not None
        return index
    return pool.sign * target


def likeliest(pool: Pool, target: float, solve: Callable[[float], Solved | None]) -> Likeliest | None:
    """The plan with the most (mean - T) / sd; None where no plan's mean reaches T.

    Args:
        pool: the plans that are there, the one with the best mean among them; grows.
        target: T in the measure's unit.
        solve: the plan with the most of mean - k sd for some k.

    Raises:
        As `solve`.
    """
    aim = linear_target(pool, target)

    def ratio(known: Known) -> float:
        above = pool.sign * known.mean - aim
        if known.sd > 0:
            return above / known.sd
        return math.inf if above >= 0 else -math.inf

    best = max(pool.plans, key=ratio)
    if ratio(best) < 0:
        return None
    solved: Solved | None = None
    for _ in range(MOST_SOLVES):
        k = ratio(best)
        if math.isinf(k):
            return Likeliest(best, k, None)
        solved = solve(k)
        if solved is None:
            break
        found = pool.add(solved.plan)
        if ratio(found) <= k * (1 + SETTLED):
            break
        best = found
    return Likeliest(best, ratio(best), solved)
