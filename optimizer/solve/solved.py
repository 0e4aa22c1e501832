"""A program -> its outcome: every objective in turn, with the k that its own plan asks for."""

from __future__ import annotations

import time
from collections.abc import Callable

from optimizer.program.program import Program
from optimizer.solve.calibrate import calibrated, recounted, sures_of_program
from optimizer.solve.lexicographic import EVERYTHING, Effort, Outcome, in_order


def solve_verified(
    program: Program, say: Callable[[str], None] = lambda text: None, *, effort: Effort = EVERYTHING
) -> Outcome:
    """Each objective in turn, holding those before it; then the least cost, then the fewest hours.

    Where anything has a confidence, its k are set by the draws of the plan found, and all is solved again, until they
    move no more (`calibrate`); such a plan is not made lean.

    Args:
        program: the scenario.
        say: told of each step.
        effort: how much of the work to do.

    Raises:
        NoPlanError: where there is none.
        UnlimitedError: where nothing limits an objective.
        SolverError: as `optimize`.
    """
    deadline = time.perf_counter() + program.scenario.solver.time_limit
    if not sures_of_program(program):
        return in_order(program, say, effort, deadline)
    return calibrated(program, lambda changed, much: in_order(changed, say, much, deadline), effort, say)


def solved_at(program: Program, k: float, effort: Effort = EVERYTHING) -> Outcome:
    """The plan of the first objective's mean - k sd (mean + k sd where less is wanted), for a k that is given.

    Args:
        program: the scenario; its first objective has a confidence.
        k: 0 for the mean.
        effort: how much of the work to do.

    Raises:
        As `solve_verified`.
    """
    deadline = time.perf_counter() + program.scenario.solver.time_limit
    fixed = program.with_multipliers({**program.multipliers, "objective 1": k})
    outcome = in_order(fixed, lambda text: None, effort, deadline)
    outcome.multipliers = {sure.key: fixed.multiplier(sure) for sure in sures_of_program(fixed)}
    return recounted(fixed, outcome)
