"""Re-solving changed scenarios: the one tool behind prices, negotiation, ways out, alternatives and frontiers.

A what-if is a new Scenario. Answers are small and travel between processes; scenarios travel as JSON, never as
problem objects (solved PuLP problems cannot be pickled).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import KeyPath, OptimizerError, ScenarioError, SolverError, UnlimitedError
from optimizer.language.statuses import AnswerStatus
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Goal, Scenario
from optimizer.solve.continuous import Held, LinearProgram, continuous_program
from optimizer.solve.lexicographic import WHAT_IF, Effort, Outcome
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import refusal_of
from optimizer.solve.solved import solve_verified

Change = Mapping[KeyPath, Any]
"""Path -> value, as `varied` takes it."""


@dataclass(frozen=True)
class Answer:
    """The outcome of one re-solve.

    Attributes:
        status: as a plan's; "unlimited" where nothing limits the objective any more, "refused" where the changed
            scenario is not valid.
        value: first objective in its own unit, None without a plan.
        cost, hours: totals, None where not known.
        creators: creators per package, in the order of the packages.
        message: why there is no plan.
    """

    status: AnswerStatus
    value: float | None = None
    cost: float | None = None
    hours: float | None = None
    creators: tuple[float, ...] = ()
    message: str = ""

    @property
    def found(self) -> bool:
        """Whether there is a plan."""
        return self.value is not None


def answer(scenario: Scenario, effort: Effort = WHAT_IF, clock: Clock | None = None) -> Answer:
    """Plan a scenario and keep the essentials; never raises for a scenario without a plan.

    Raises:
        TimeoutError: where the clock ran out before the answer was proven.
    """
    return answer_program(program_of(scenario), effort, clock)


def answer_program(program: Program, effort: Effort = WHAT_IF, clock: Clock | None = None) -> Answer:
    """The same for the program of a scenario."""
    refusal = refusal_of(program)
    if refusal is not None:
        return _refused(refusal)
    try:
        return answer_of(program, proven_in_time(program, effort, clock))
    except NoPlanError:
        return Answer("infeasible", message="no plan satisfies every limit")
    except SolverError as error:
        return Answer("not_found", message=str(error))


def proven_in_time(program: Program, effort: Effort, clock: Clock | None) -> Outcome:
    """As `solve_verified`, in the time that is left of a longer command.

    Raises:
        TimeoutError: where that ran out before the answer was proven; the scenario's own time limit is another matter.
        NoPlanError, SolverError, ScenarioError: as `solve_verified`.
    """
    cut = clock is not None and clock.left < program.scenario.solver.time_limit
    try:
        outcome = solve_verified(in_time(program, clock), effort=effort)
    except SolverError:
        if cut:
            raise TimeoutError from None
        raise
    if cut and not all(stage.proven for stage in outcome.stages):
        raise TimeoutError
    return outcome


def in_time(program: Program, clock: Clock | None) -> Program:
    """The same scenario, to be solved in the time that is left of a longer command.

    Raises:
        TimeoutError: where none is left.
    """
    if clock is None or clock.left >= program.scenario.solver.time_limit:
        return program
    if clock.over:
        raise TimeoutError
    solver = program.scenario.solver.model_copy(update={"time_limit": clock.left})
    return replace(program, scenario=program.scenario.model_copy(update={"solver": solver}))


def answer_of(program: Program, outcome: Outcome) -> Answer:
    """The essentials of an outcome."""
    goal = outcome.stages[0].goal
    packages = program.packages
    by_draws = program.with_multipliers({**program.multipliers, **outcome.multipliers, **outcome.drawn})
    proven = all(stage.proven for stage in outcome.stages)
    return Answer(
        status="optimal" if proven else "feasible",
        value=program.goal_amount(goal, by_draws.goal_linear(goal, outcome.columns)),
        cost=_total(packages.measures["cost"], outcome.columns),
        hours=_total(packages.measures["hours"], outcome.columns),
        creators=tuple(float(n) for n in outcome.columns[: packages.count]),
    )


def _total(values: Floats, columns: Floats) -> float | None:
    total = float(np.where(columns != 0, values, 0.0) @ columns)
    return None if np.isnan(total) else total


@lru_cache(maxsize=8)
def scenario_of(text: str) -> Scenario:
    """A scenario from its JSON; the last ones are kept, with their programs."""
    return Scenario.model_validate_json(text)


def answer_changed(
    scenario_json: str, change: Change, effort: Effort = WHAT_IF, until: float = float("inf")
) -> Answer:
    """Plan a scenario (as JSON) with changes; a top-level function, so that any executor can run it.

    Raises:
        TimeoutError: where the answer was not proven `until` that moment of `time.time()`.
    """
    try:
        return answer(varied(scenario_of(scenario_json), change), effort, Clock.until(until))
    except ScenarioError as error:
        return _refused(error)
    except OptimizerError as error:
        return Answer("not_found", message=str(error))


def _refused(error: ScenarioError) -> Answer:
    status: AnswerStatus = "unlimited" if isinstance(error, UnlimitedError) else "refused"
    return Answer(status, message=str(error.problems[0]))


def linear_program(
    program: Program,
    clock: Clock | None = None,
    goal: Goal | None = None,
    rows: Sequence[Held] | None = None,
) -> LinearProgram:
    """The first objective with fractions of creators, solved: where local rates and bounds come from.

    Args:
        program: the scenario.
        clock: when to stop.
        goal: another objective.
        rows: other rows than those of its limits.

    Raises:
        TimeoutError: where the clock has run out.
    """
    program = in_time(program, clock)
    held = program.rows if rows is None else rows
    return continuous_program(
        program, goal or program.scenario.objective[0], held, program.scenario.solver.time_limit
    )
