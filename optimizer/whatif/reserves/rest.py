"""Whoever fits beside bookings that stay: one program for each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import SolverError
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Row
from optimizer.solve.answer import scenario_of
from optimizer.solve.exact import best_for
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready


def whoever_fits(
    scenario_json: str, kept: tuple[float, ...], out: tuple[int, ...], until: float
) -> tuple[tuple[float, ...] | None, bool]:
    """The best plan that has certain bookings and none of some offers; a top-level function for any executor.

    Args:
        scenario_json: the scenario.
        kept: creators of each package that stay, shape (packages,).
        out: offers, by index, of which nobody comes in.
        until: moment of `time.time()` at which to stop; infinite for no limit.

    Returns:
        Creators of each package, None where there is no such plan; and whether that is proven.

    Raises:
        TimeoutError: where time was up.
    """
    clock = Clock.until(until)
    program = without(ready(scenario_of(scenario_json)), out)
    rows = kept_rows(program, np.array(kept))
    goal = program.scenario.objective[0]
    cut = clock.left < program.scenario.solver.time_limit
    try:
        found = best_for(
            program,
            program.goal_values(goal),
            maximize=goal.sense == "maximize",
            seconds=clock.left,
            rows=rows,
            reaching=program.reaching_goal(goal),
        )
    except NoPlanError:
        return None, True
    except SolverError:
        if cut:
            raise TimeoutError from None
        return None, False
    if cut and not found.proven:
        raise TimeoutError
    return tuple(float(n) for n in found.columns[: program.packages.count]), found.proven


def without(program: Program, out: Sequence[int]) -> Program:
    """The scenario with no room on some offers, by index; everything else, reach too, stays."""
    most = program.packages.room_max.copy()
    most[list(out)] = 0.0
    packages = replace(program.packages, room_max=most)
    return replace(program, packages=packages).relaxed(program.rules, packages.room_min)


def kept_rows(program: Program, kept: Floats) -> list[Row]:
    """Bookings that stay, as floors: n_p >= kept_p; `kept` has shape (packages,)."""
    rows = []
    for p in np.flatnonzero(kept > 0):
        mine = np.zeros(program.packages.columns)
        mine[p] = 1.0
        rows.append(Row(f"kept {p}", mine, float(kept[p]), np.inf))
    return rows
