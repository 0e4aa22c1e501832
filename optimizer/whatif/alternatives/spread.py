"""How different two plans are, and the plan that is as different as possible from some others.

    distance(A, B) = 1/2 sum over offers o of |money of o in A - money of o in B| / money of the base plan

which is the share of the base plan's money that is spent on something else (a move of 100 from one offer
to another counts 100, not 200). Where the cost of an offer is not known, or the base plan costs nothing,
creators stand for money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.plan.plan import Plan
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row
from optimizer.solve.exact import Best, best_for
from optimizer.solve.lexicographic import LEAN_NODES
from optimizer.solve.model import Extra
from optimizer.solve.question import Found, NoPlanError, UnboundedError

By = Literal["cost", "creators"]
SAME = 1e-9
"""A smaller distance is none (share of the base plan)."""


def measured_by(program: Program, base: Plan) -> By:
    """Money, where it is known and spent; else creators."""
    unknown = np.isnan(program.packages.measures["cost"]).any()
    return "creators" if unknown or not base.totals.cost else "cost"


def distance(one: Plan, other: Plan, base: Plan, by: By) -> float:
    """The formula above, from the lines of the plans. Unit: share of the base plan."""
    amounts = [_amounts(plan, by) for plan in (one, other)]
    offers = dict.fromkeys([*amounts[0], *amounts[1]])
    moved = sum(abs(amounts[0].get(o, 0.0) - amounts[1].get(o, 0.0)) for o in offers) / 2
    return float(moved / _size(base, by))


def _amounts(plan: Plan, by: By) -> dict[str, float]:
    result: dict[str, float] = {}
    for line in plan.lines:
        result[line.offer] = result.get(line.offer, 0.0) + float(getattr(line, by) or 0.0)
    return result


def _size(base: Plan, by: By) -> float:
    return float(getattr(base.totals, by) or 0.0) or 1.0


@dataclass(frozen=True)
class Farthest:
    """The plan that is as different as possible.

    Attributes:
        near: the plan, verified; its value is not a distance.
        bound: no plan within the share is further from the nearest of the others; share of the base plan.
        proven: whether no plan within the share is as far from all the others.
    """

    near: Found
    bound: float | None
    proven: bool


def most_different(
    program: Program,
    best: Best,
    share: float,
    others: Sequence[Floats],
    base: Plan,
    spans: Sequence[tuple[float, float]],
    seconds: float,
) -> Farthest:
    """The plan within the share whose least distance to the others is greatest.

        maximise    t
        subject to  t <= 1/2 sum_o d[o, r]                                  for every other plan r
                    d[o, r] <=  (m_o - m_or) + 2 (m_or - L_o) (1 - b[o, r])
                    d[o, r] <= -(m_o - m_or) + 2 (U_o - m_or) b[o, r]
                    b[o, r] in {0, 1}, every limit of the scenario, objective within the share of the best

    with m_o the money of offer o (linear in the plan), m_or that in plan r, and L_o <= m_o <= U_o the
    most it can move within the share, which makes the loosest valid constants: where b says "up", the
    second row must allow d = m_o - m_or, which exceeds its right side by 2 (m_o - m_or), at most
    2 (U_o - m_or); likewise "down". Where m_or is at an end of its span, the sign is known and no b is needed.
    Then, as far apart, the best first objective.

    Args:
        program: the scenario.
        best: best value of its first objective.
        share: how much of that may be given up.
        others: columns of the plans to differ from, the base plan first.
        base: the base plan, for the size of a distance.
        spans: (L_o, U_o) of every offer; U_o finite.
        seconds: time to spend.

    Raises:
        NoPlanError, UnboundedError, SolverError: as `best_for`.
    """
    by = measured_by(program, base)
    packages, size = program.packages, _size(base, by)
    total = packages.columns
    extra = [Extra("apart")]
    short_rows: list[tuple[str, dict[int, float], Floats, float]] = []
    money = {o: _of_offer(program, by, o) for o, (low, high) in enumerate(spans) if high - low > SAME * size}
    for r, other in enumerate(others):
        known, constant = np.zeros(total), 0.0
        parts: dict[int, float] = {0: 1.0}
        for o, values in money.items():
            (low, high), at = spans[o], float(values @ other)
            if at - low <= SAME * size or high - at <= SAME * size:
                sign = 1.0 if at - low <= high - at else -1.0
                known, constant = known + sign * values / 2, constant - sign * at / 2
                continue
            d, b = len(extra), len(extra) + 1
            extra += [Extra(f"d_{o}_{r}"), Extra(f"up_{o}_{r}", upper=1.0, whole=True)]
            up, down = 2 * (at - low), 2 * (high - at)
            short_rows.append((f"up {o} {r}", {d: 1.0, b: up}, -values, up - at))
            short_rows.append((f"down {o} {r}", {d: 1.0, b: -down}, values, at))
            parts[d] = -0.5
        short_rows.append((f"apart {r}", parts, -known, constant))
    rows: list[Row | Reaching] = [best.row(program, share)]
    rows += [
        Row(name, _joined(values, parts, len(extra)), -np.inf, upper)
        for name, parts, values, upper in short_rows
    ]
    objective = np.zeros(total + len(extra))
    objective[total] = 1.0
    first = best_for(program, objective, maximize=True, seconds=seconds, rows=rows, extra=extra)
    near = first
    if first.value > SAME * size:
        far_enough = Row("as far", objective, first.value * (1 - SAME), np.inf)
        near = _best_of_these(program, best, [*rows, far_enough], extra, seconds - first.seconds) or first
    bound = None if first.bound is None else first.bound / size
    return Farthest(near, bound, first.proven)


def _best_of_these(
    program: Program, best: Best, rows: Sequence[Row | Reaching], extra: Sequence[Extra], seconds: float
) -> Found | None:
    """Among plans as far apart the best by the first objective, if it is quickly found."""
    goal = best.goal
    try:
        return best_for(
            program,
            program.goal_values(goal),
            maximize=goal.sense == "maximize",
            seconds=seconds,
            rows=rows,
            extra=extra,
            max_nodes=LEAN_NODES,
            reaching=program.reaching_goal(goal),
        )
    except (NoPlanError, UnboundedError, SolverError):
        return None


def _of_offer(program: Program, by: By, offer: int) -> Floats:
    """Money (or creators) of one offer as a row over packages and switches."""
    packages = program.packages
    mine = packages.offer == offer
    columns = np.concatenate([mine, np.array([mine[s[0]] for s in packages.switches], dtype=bool)])
    return np.where(columns, packages.measures[by], 0.0)


def _joined(values: Floats, parts: dict[int, float], extra: int) -> Floats:
    tail = np.zeros(extra)
    for position, coefficient in parts.items():
        tail[position] = coefficient
    return np.concatenate([values, tail])
