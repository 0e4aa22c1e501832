"""Random rosters as arrays, small ones that a solver takes whole and very large ones made in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pulp

from optimizer.solve.roster import Family, Roster


@dataclass(frozen=True)
class Whole:
    """What HiGHS says of a roster taken whole: the best value, None where there is no plan; or a bound and a gap."""

    value: float | None
    bound: float | None
    status: str


def dense(roster: Roster) -> np.ndarray:
    """Every coefficient, shape (rows, packages of a creator, creators); by loops, unlike what it is a check of."""
    table = np.zeros((roster.rows, roster.width, roster.creators))
    for family in roster.families:
        for i in range(roster.creators):
            r = family.row if isinstance(family.row, int) else int(family.row[i])
            if r >= 0:
                table[r, :, i] += family.coefficients[:, i]
    return table


def whole(roster: Roster, seconds: float = 60.0, gap: float = 0.0) -> Whole:
    """HiGHS over everybody, with a model of its own."""
    table = dense(roster)
    problem = pulp.LpProblem("whole", pulp.LpMinimize)
    x = {
        (k, i): problem.add_variable(f"x_{k}_{i}", 0, 1, pulp.LpInteger)
        for i in range(roster.creators)
        for k in range(roster.width)
        if math.isfinite(roster.value[k, i])
    }
    problem.setObjective(pulp.lpSum([-float(roster.value[key]) * v for key, v in x.items()]))
    for i in range(roster.creators):
        mine = [x[k, i] for k in range(roster.width) if (k, i) in x]
        if roster.must is not None and roster.must[i]:
            problem += pulp.lpSum(mine) == 1
        else:
            problem += pulp.lpSum(mine) <= 1
    for r in range(roster.rows):
        total = pulp.lpSum([float(table[r][key]) * v for key, v in x.items()])
        if math.isfinite(roster.lower[r]):
            problem += total >= float(roster.lower[r])
        if math.isfinite(roster.upper[r]):
            problem += total <= float(roster.upper[r])
    problem.solve(
        pulp.HiGHS(
            msg=False, gapRel=gap, gapAbs=0.0, threads=1, timeLimit=seconds, mip_feasibility_tolerance=1e-9
        )
    )
    highs = problem.solverModel
    status = highs.modelStatusToString(highs.getModelStatus())
    info = highs.getInfo()
    if status == "Infeasible" or info.primal_solution_status != 2:
        return Whole(None, None, status)
    return Whole(-info.objective_function_value, -info.mip_dual_bound, status)


def small(seed: int) -> Roster:
    """Up to 60 creators, one to three packages, one to eight rows: caps, floors, shares, by group or for all; whole
    numbers, or not; some of which bind, some not; now and then a floor that nobody meets."""
    rng = np.random.default_rng([seed, 13])
    creators, width = int(rng.integers(1, 61)), int(rng.integers(1, 4))
    whole_numbers = rng.random() < 0.5

    def numbers(low: float, high: float) -> np.ndarray:
        drawn = np.exp(rng.uniform(np.log(low), np.log(high), creators)) * np.cumsum(
            rng.uniform(0.5, 1.0, (width, creators)), axis=0
        )
        return np.ceil(drawn) if whole_numbers else np.round(drawn, int(rng.integers(2, 9)))

    cost, hours = numbers(10, 1000), numbers(1, 20)
    value = numbers(5, 2000) if rng.random() < 0.5 else np.round(cost * rng.uniform(0.9, 1.1, cost.shape), 2)
    kind = rng.random()
    if kind < 0.1:
        value = value - np.median(value)
    elif kind < 0.15:
        value = np.zeros_like(value)
    elif kind < 0.25:  # ties
        value, cost, hours = (np.repeat(one[:, :1], creators, axis=1) for one in (value, cost, hours))
    value[rng.random(value.shape) < 0.1] = -np.inf
    families: list[Family] = []
    lower: list[float] = []
    upper: list[float] = []
    share = rng.uniform(0.05, 0.7)

    def row(coefficients: np.ndarray, low: float, high: float) -> None:
        families.append(Family(coefficients, len(lower)))
        lower.append(low)
        upper.append(high)

    count = int(rng.integers(1, 9))
    group = rng.integers(-1, 3, creators)
    while len(lower) < count:
        which = rng.choice(["budget", "hours", "floor", "share", "groups", "creators"])
        total = float(cost.max(axis=0).sum())
        if which == "budget":
            row(cost, -np.inf, np.round(share * total, 2))
        elif which == "hours":
            row(hours, -np.inf, np.round(rng.uniform(0.1, 1.2) * float(hours.max(axis=0).sum()), 2))
        elif which == "floor":
            measure = cost if rng.random() < 0.5 else hours
            row(measure, np.round(rng.uniform(0, 0.5) ** 2 * float(measure.max(axis=0).sum()), 2), np.inf)
        elif which == "share":  # at least, or at most, a share of the cost goes to one group
            mine = cost * (group == int(rng.integers(0, 3))) - np.round(rng.uniform(0.1, 0.6), 2) * cost
            row(mine, *((0.0, np.inf) if rng.random() < 0.5 else (-np.inf, 0.0)))
        elif which == "groups" and len(lower) + 3 <= count:
            numbers_of = np.broadcast_to(1.0, cost.shape) if rng.random() < 0.5 else cost
            size = float(numbers_of.max(axis=0).sum())
            families.append(Family(numbers_of, np.where(group < 0, -1, group + len(lower))))
            for _ in range(3):
                floor = np.round(rng.uniform(0, 0.1) * size) if rng.random() < 0.5 else -np.inf
                lower.append(floor)
                upper.append(np.round(rng.uniform(0.1, 0.3) * size) if rng.random() < 0.7 else np.inf)
        elif which == "creators":
            row(np.broadcast_to(1.0, cost.shape), -np.inf, float(rng.integers(1, creators + 1)))
    must = rng.random(creators) < 0.05 if rng.random() < 0.2 else None
    return Roster(value, tuple(families), np.array(lower), np.array(upper), must)


def large(creators: int, limits: int = 3, seed: int = 1) -> Roster:
    """Three packages each, with budget, hours and posts; with 23 limits also money and creators by market and tier,
    each at least and at most so much."""
    rng = np.random.default_rng([seed, creators])
    followers = np.exp(rng.normal(10.5, 1.2, creators))
    posts = np.arange(1.0, 4.0)[:, None]
    fee = 0.3 * followers**0.8 * np.exp(rng.normal(0, 0.4, creators))
    cost = np.round(50 + fee * posts * (1 - 0.05 * (posts - 1)), 2)
    hours = np.round(rng.uniform(2, 8, creators) + posts * rng.uniform(0.5, 2, creators), 1)
    value = followers * np.exp(rng.normal(-3.5, 0.5, creators)) * np.cumsum(0.9 ** np.arange(3))[:, None]
    booked = max(10.0, min(0.1 * creators, 3_000.0))
    budget = float(np.round(np.median(cost[1]) * booked))
    families = [Family(cost, 0), Family(hours, 1), Family(np.broadcast_to(posts, cost.shape), 2)]
    lower, upper = [-np.inf] * 3, [budget, np.round(12 * booked), np.round(2.2 * booked)]
    if limits > 3:
        one = np.broadcast_to(1.0, cost.shape)
        market = rng.choice(5, creators, p=(0.4, 0.25, 0.2, 0.1, 0.05))
        tier = np.digitize(followers, np.quantile(followers, (0.3, 0.6, 0.85, 0.97)))
        for group in (market, tier):
            for numbers, total in ((cost, budget), (one, booked)):
                families.append(Family(numbers, group + len(lower)))
                lower += [np.round(0.1 * total)] * 5
                upper += [np.round(0.3 * total)] * 5
    return Roster(value, tuple(families), np.array(lower), np.array(upper))
