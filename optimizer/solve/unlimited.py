"""Whether anything limits an objective: a question for the solver."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pulp

from optimizer.program.packages import Floats
from optimizer.solve.highs import solve_problem

if TYPE_CHECKING:
    from optimizer.program.program import Program
    from optimizer.program.rules import Row
    from optimizer.scenario.scenario import Goal
from optimizer.language.errors import Problem
from optimizer.program.program import Program
from optimizer.program.rows import needs_caps
from optimizer.program.rules import Row
from optimizer.scenario.scenario import Goal
from optimizer.solve.model import expression


def unlimited_problems(program: Program) -> list[Problem]:
    """Objectives that nothing limits, and switches that nothing caps."""
    packages, scenario = program.packages, program.scenario
    problems = []
    uncapped = np.isinf(program.caps)
    asked = {int(p) for s in packages.switches for p in s}
    for rule in program.rules:
        asked |= set(np.flatnonzero(needs_caps(rule, scenario, packages)).tolist())
    for index in dict.fromkeys(int(packages.offer[p]) for p in sorted(asked) if uncapped[p]):
        problems.append(
            Problem(
                ("offers", index, "creators"),
                f"nothing limits how many creators {packages.terms[index].name} may have, "
                "which set-up costs, shares per creator and or_none need to know",
                "add creators: {max: ...}, or a budget",
            )
        )
    if problems or not uncapped.any():
        return problems

    for index, goal in enumerate(scenario.objective):
        values = program.goal_values(goal)[: packages.count]
        gain = values if goal.sense == "maximize" else -values
        if not np.any(gain[uncapped] > 0):
            continue
        direction = improving_direction(gain, uncapped, program.rows, scenario.objective[:index], program)
        if direction is not None:
            names = list(
                dict.fromkeys(packages.terms[packages.offer[p]].name for p in np.flatnonzero(direction))
            )
            more = "more" if goal.sense == "maximize" else "less"
            problems.append(
                Problem(
                    ("objective", index, goal.sense),
                    f"no limit holds {goal.measure}: {_listed(names)} could bring ever {more}",
                    "add a budget, effort_hours, creators: {max: ...} or another limit",
                )
            )
            break
    return problems


def _listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b, c and 2 others`."""
    if len(names) > 4:
        names = [*names[:3], f"{len(names) - 3} others"]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def improving_direction(
    gain: Floats, uncapped: Any, rows: Sequence[Row], earlier: Sequence[Goal], program: Program
) -> Floats | None:
    """Packages that could grow for ever while the objective improves, or None where a limit holds it.

    Solves max gain . d over 0 <= d <= 1 on the uncapped packages, every row with its finite sides replaced by
    0: a linear program is unbounded exactly if this is positive (and it is feasible), and with rational data
    so is the integer program.
    """
    count = len(gain)
    problem = pulp.LpProblem("direction", pulp.LpMinimize)
    free = np.flatnonzero(uncapped)
    growth = {int(p): problem.add_variable(f"d{p}", 0, 1) for p in free}
    norm = float(np.max(np.abs(gain[free]), initial=1.0))
    problem.setObjective(expression([(d, -float(gain[p]) / norm) for p, d in growth.items()]))
    held = [(row.coefficients[:count], math.isfinite(row.lower), math.isfinite(row.upper)) for row in rows]
    for goal in earlier:
        values = program.goal_values(goal)[:count]
        held.append((values, goal.sense == "maximize", goal.sense == "minimize"))
    for number, (coefficients, floor, ceiling) in enumerate(held):
        size = float(np.max(np.abs(coefficients[free]), initial=0.0))
        if size == 0:
            continue
        total = expression([(d, float(coefficients[p]) / size) for p, d in growth.items() if coefficients[p]])
        if floor:
            problem += (total >= 0, f"floor{number}")
        if ceiling:
            problem += (total <= 0, f"ceiling{number}")
    solve_problem(problem, seconds=math.inf, gap=0.0, start=None, options={})
    d = np.zeros(count)
    for p, variable in growth.items():
        d[p] = variable.varValue or 0.0
    return (d > 1e-9).astype(float) if gain @ d > 1e-7 * norm else None
