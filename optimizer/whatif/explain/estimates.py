"""Where each offer would enter or leave the plan if creators could be fractions: one linear program for each offer.

In the linear program without an offer, limits have prices y. A creator of it brings c and takes a of each limit's row,
so it enters where c > y a. Fee and rate stand in c and a linearly, which gives the value at which it does. Cheap enough
for hundreds of offers: it says which are worth solving for, and is all there is to say of the others.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import ScenarioError
from optimizer.program.levers import Lever, fee_lever, rate_lever
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import linear_program, scenario_of
from optimizer.solve.model import Model
from optimizer.solve.ready import ready
from optimizer.solve.solver import row_prices
from optimizer.whatif.explain.thresholds import with_room


class Estimate(NamedTuple):
    """Where one offer turns, by the linear program of the first objective.

    Attributes:
        offer: its index.
        fee: highest cost_per_post at which it is in; None where no fee decides it.
        rate: lowest engagement rate (engagements per post) at which it is in; None likewise.
    """

    offer: int
    fee: float | None
    rate: float | None


def estimates_of(scenario_json: str, offers: tuple[int, ...], until: float = math.inf) -> list[Estimate]:
    """Estimates for some offers; a top-level function, so that any executor can run it.

    Raises:
        TimeoutError: where time was up.
    """
    scenario = scenario_of(scenario_json)
    clock = Clock.until(until)
    return [_estimate(scenario, index, clock) for index in offers]


def margins(program: Program, clock: Clock) -> Floats:
    """How far each offer is from turning at the prices y of the limits in the linear program, shape (offers,).

    The best package p of an offer has the margin (c_p - y a_p) / (|c_p| + |y| |a_p|), between -1 and 1: what it brings
    beyond what the limits it takes are worth. Above 0 it is worth booking, and the nearer to 0, the nearer to turning;
    -inf where none of its packages can be booked. All 0 where the linear program has no answer.

    Raises:
        TimeoutError: where time was up.
    """
    packages = program.packages
    found = linear_program(program, clock)
    if found.value is None:
        return np.zeros(len(packages.terms))
    prices = prices_of_rows(program, found.model)
    goal = program.scenario.objective[0]
    brings = program.goal_values(goal) if found.contributes is None else found.contributes
    brings = np.asarray(brings[: packages.count], dtype=float)
    taken, size = np.zeros(packages.count), np.abs(brings)
    for row in program.rows:
        priced = prices.get(row.name, 0.0) * row.coefficients[: packages.count]
        taken, size = taken + priced, size + np.abs(priced)
    worth = (brings - taken) * (1.0 if goal.sense == "maximize" else -1.0)
    share = np.divide(worth, size, out=np.zeros(packages.count), where=size > 0)
    share[program.excluded[: packages.count] != 0] = -np.inf
    best = np.full(len(packages.terms), -np.inf)
    np.maximum.at(best, packages.offer, share)
    best[packages.room_max == 0] = -np.inf
    return best


def _estimate(scenario: Scenario, index: int, clock: Clock) -> Estimate:
    program = program_of(scenario)
    without = with_room(program, index, most=0.0)
    if program.packages.room_min[index] > 0:
        return Estimate(index, None, None)
    found = linear_program(without, clock)
    if found.value is None:
        return Estimate(index, None, None)
    prices = prices_of_rows(program, found.model)
    fee, rate = fee_lever(scenario, index), rate_lever(scenario, index)
    return Estimate(
        index,
        None if fee is None else _turns(scenario, index, fee, prices, found.contributes, highest=True),
        None if rate is None else _turns(scenario, index, rate, prices, found.contributes, highest=False),
    )


def _turns(
    scenario: Scenario,
    index: int,
    lever: Lever,
    prices: dict[str, float],
    contributes: Floats | None,
    *,
    highest: bool,
) -> float | None:
    """Where the best package of the offer is worth nothing more; the highest (lowest) of its packages' values."""
    at = lever.number, lever.number * 1.25 or 1.0
    worths = []
    for value in at:
        try:
            worths.append(worth(ready(varied(scenario, lever.change(value))), index, prices, contributes))
        except ScenarioError:
            return None
    slope = (worths[1] - worths[0]) / (at[1] - at[0])
    with np.errstate(divide="ignore", invalid="ignore"):
        turns = at[0] - worths[0] / slope
    helps = (slope < 0) if highest else (slope > 0)
    known = turns[helps & np.isfinite(turns) & (turns >= 0)]
    if not len(known):
        return None
    return float(known.max() if highest else known.min())


def prices_of_rows(program: Program, model: Model) -> dict[str, float]:
    """Row -> change of the objective, in the direction asked for, per unit of its side; the program has been solved."""
    duals = row_prices(model)
    return {row.name: sum(duals[name] for name in model.rows.get(row.name, [])) for row in program.rows}


def worth(
    program: Program, index: int, prices: dict[str, float], contributes: Floats | None = None
) -> Floats:
    """What a creator of each package of the offer brings beyond what the limits it takes are worth.

    Where `contributes` says what it brings (see `LinearProgram`), that is by the numbers of another scenario, which has
    the same reach.
    """
    goal = program.scenario.objective[0]
    mine = np.flatnonzero((program.packages.offer == index) & (program.excluded == 0))
    value = (program.goal_values(goal) if contributes is None else contributes)[mine].astype(float)
    for row in program.rows:
        value = value - prices.get(row.name, 0.0) * row.coefficients[mine]
    return value if goal.sense == "maximize" else -value
