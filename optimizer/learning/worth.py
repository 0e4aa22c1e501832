"""What knowing a number is worth at one place of its range, and over all of it.

    gain(u)   value of the best plan where the number is at u, less that of today's plan there
    value     E[gain(u)],  u normal (`numbers.Belief`)

gain is known at `NODES` places, found by solving, and a straight line between them, so that its expectation under any
normal distribution is a sum of weights times gains: of full knowledge, and of what a test post tells.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import SolverError
from optimizer.language.numbers import gained
from optimizer.learning.numbers import Belief, Known, Uncertain, uncertain
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.rules import Row
from optimizer.solve.answer import answer_program, in_time, linear_program, scenario_of
from optimizer.solve.ask import search
from optimizer.solve.lexicographic import BEST_VALUE, Effort
from optimizer.solve.question import NoPlanError, Question
from optimizer.solve.ready import refusal_of
from optimizer.solve.search import allowed
from optimizer.whatif.explain.tipping import Relaxed

NODES = tuple(round(0.4 * step, 1) for step in range(-6, 7))
"""Places where a number is tried, in standard deviations of what is believed of it: 13 from -2.4 to 2.4, beyond which
gains stay as they are there. With 13 the value comes to within some 5 % of that with 200 (`tests/test_next.py`)."""
ENDS = (-1.2, 1.2)
"""Nodes by which numbers are put in order where there are too many to solve for all."""

Kept = Literal["as_booked", "fewer", "more", "broken", "no_plan"]
"""What becomes of today's plan: it stands, drops bookings, books more of the same, breaks a limit whatever is dropped
or added, or no plan at all keeps every limit."""


class Node(NamedTuple):
    """One place of a number's range.

    Attributes:
        gain: of the first objective, in its unit, 0 or more.
        kept: what becomes of today's plan there.
    """

    gain: float
    kept: Kept


def places(number: Uncertain) -> tuple[float, ...]:
    """Where a number is tried, on the scale of its range."""
    known = number.belief()
    return tuple(known.mean + known.deviation * node for node in NODES)


def weights(number: Uncertain, belief: Belief) -> Floats:
    """E[line through 1 at a node and 0 at the others] for each node, shape (nodes,); they add up to 1."""
    known = number.belief()
    at = np.array(NODES)
    mean = (belief.mean - known.mean) / known.deviation
    deviation = belief.deviation / known.deviation
    inner = [_above(node, mean, deviation) for node in at]
    slopes = np.diff(np.array(inner)) / np.diff(at)  # E[share of the way through each interval] is -slope
    through = -slopes
    return np.asarray(np.append(1.0, through) - np.append(through, 0.0))


def _above(node: float, mean: float, deviation: float) -> float:
    """E[max(0, x - node)] of a normal x."""
    if deviation <= 0:
        return max(0.0, mean - node)
    z = (mean - node) / deviation
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return (mean - node) * 0.5 * math.erfc(-z / math.sqrt(2)) + deviation * density


# --- one place -------------------------------------------------------------------------------------------------


def node_at(
    scenario_json: str,
    index: int,
    field: str,
    place: float,
    today: tuple[float, ...],
    until: float = math.inf,
) -> Node | None:
    """What knowing is worth at one place; None where the scenario there cannot be solved. For any executor.

    Args:
        scenario_json: the scenario, with its first objective alone.
        index, field: the number.
        place: on the scale of its range.
        today: creators per package in today's plan.
        until: moment of `time.time()` at which to stop.

    Raises:
        TimeoutError: where time was up.
    """
    scenario, clock = scenario_of(scenario_json), Clock.until(until)
    program = program_of(scenario)
    there = program_of(Known(program, uncertain(program, index, field)).at(place))
    if refusal_of(there) is not None:
        return None
    return node_of(there, np.array(today), clock)


def node_of(there: Program, today: Floats, clock: Clock) -> Node | None:
    """What another plan than today's is worth in a scenario; None where it cannot be solved.

    Raises:
        TimeoutError: where time was up.
    """
    goal = there.scenario.objective[0]
    sign = 1.0 if goal.sense == "maximize" else -1.0
    stands, kept = today_there(there, today, clock)
    effort = Effort(
        first_only=BEST_VALUE.first_only, gap=BEST_VALUE.gap, twice=False, lean=False,
        start=tuple(stands) if kept != "broken" else None,
    )  # fmt: skip
    best = answer_program(there, effort, clock)
    if best.status == "infeasible":
        return Node(0.0, "no_plan")
    if best.value is None:
        return None
    columns = there.packages.with_switches(stands)
    value = there.goal_amount(goal, there.goal_linear(goal, columns))
    return Node(max(0.0, gained(best.value, value, sign)), kept)


def today_there(there: Program, today: Floats, clock: Clock) -> tuple[Floats, Kept]:
    """What becomes of today's bookings in a scenario: as they are where they keep every limit, else the best that only
    drops some of them, else the best that only adds to them, else as they are, which breaks a limit.

    Args:
        there: the scenario.
        today: creators per package, shape (packages,).
        clock: the time there is.

    Raises:
        TimeoutError: where time was up.
    """
    goal = there.scenario.objective[0]
    values = there.goal_values(goal)
    maximize = goal.sense == "maximize"
    if allowed(Question(there, values, maximize), there.packages.with_switches(today)):
        return today, "as_booked"
    for kept in ("fewer", "more"):
        question = Question(there, values, maximize, rows=_held(there, today, kept), twice=False)
        limit = in_time(there, clock).scenario.solver.time_limit
        try:
            found = search(question, limit)
        except NoPlanError:
            continue
        except SolverError as error:
            if error.timed_out and clock.left < there.scenario.solver.time_limit:
                raise TimeoutError from None
            continue
        return found.columns[: there.packages.count], "fewer" if kept == "fewer" else "more"
    return today, "broken"


def _held(there: Program, today: Floats, kept: str) -> list[Row]:
    """Rows that keep each package at or below today's bookings, or at or above."""
    rows = []
    for package, booked in enumerate(today):
        one = np.zeros(there.packages.columns)
        one[package] = 1.0
        sides = (-np.inf, booked) if kept == "fewer" else (booked, np.inf)
        rows.append(Row(f"kept_{package}", one, *sides))
    return rows


# --- a rough order ---------------------------------------------------------------------------------------------


def rough_values(
    scenario_json: str,
    numbers: tuple[tuple[int, str], ...],
    today: tuple[float, ...],
    until: float = math.inf,
) -> list[float]:
    """How much each number may matter, by linear programs at two places of its range; only for putting them in order.

    Where creators may be fractions, the best at a place, less today's best, less what today's bookings come to there
    more than today, with what they take more of limits at today's prices y:

        LP(u) - LP(0) - (l(n, u) - l(n, 0)),    l(n, u) = c(u) n - sum over rows of y (a(u) n - b)

    Raises:
        TimeoutError: where time was up.
    """
    scenario, clock = scenario_of(scenario_json), Clock.until(until)
    program = program_of(scenario)
    sign = 1.0 if scenario.objective[0].sense == "maximize" else -1.0
    relaxed = Relaxed.of(scenario_json, until)
    if relaxed.value is None:
        return [0.0] * len(numbers)
    columns = program.packages.with_switches(np.array(today))
    base = relaxed.value - _priced(program, columns, relaxed.prices)
    values = []
    for index, field in numbers:
        known = Known(program, uncertain(program, index, field))
        belief = known.number.belief()
        total = 0.0
        for node in ENDS:
            there = program_of(known.at(belief.mean + belief.deviation * node))
            best = None if refusal_of(there) is not None else linear_program(there, clock).value
            if best is not None:
                total += max(0.0, sign * (best - _priced(there, columns, relaxed.prices) - base))
        values.append(total)
    return values


def _priced(program: Program, columns: Floats, prices: dict[str, float]) -> float:
    """What bookings come to, with what they take of limits at these prices."""
    value = float(program.goal_values(program.scenario.objective[0]) @ columns)
    for row in program.rows:
        price = prices.get(row.name, 0.0)
        side = row.upper if np.isfinite(row.upper) else row.lower
        if price and np.isfinite(side):
            value -= price * (float(row.coefficients @ columns) - side)
    return value


def expected(gains: Sequence[float], number: Uncertain, told: float) -> float:
    """Expectation of the gains at the nodes, of full knowledge (1) or of what a test tells."""
    return float(weights(number, number.belief(told)) @ np.array(gains))
