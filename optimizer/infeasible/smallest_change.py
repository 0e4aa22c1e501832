"""The smallest change of one number of a scenario that makes a plan possible, or of several numbers together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import KeyPath, ScenarioError, SolverError
from optimizer.language.measures import coin_of
from optimizer.language.numbers import tidy
from optimizer.language.quantities import nice_step
from optimizer.program.levers import LimitLever
from optimizer.program.packages import Floats
from optimizer.program.program import Program, program_of
from optimizer.program.rules import Rule
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.ask import has_plan, search
from optimizer.solve.lexicographic import Effort
from optimizer.solve.question import NoPlanError, Question, UnboundedError
from optimizer.solve.ready import problems_of, ready
from optimizer.solve.solved import solve_verified

if TYPE_CHECKING:
    from optimizer.infeasible.least_cap import Least

STEP = 0.001
"""Step of the smallest change as a share of the limit, rounded down to 1, 2 or 5 times a power of ten."""
FEW_STEPS = 20
"""A change of fewer steps is rounded in smaller ones, by at most 5 % of itself."""
FINEST = 1e-6
"""Smallest of those steps, as a share of the limit; of money it is the smallest coin."""
ANY_PLAN = Effort(first_only=True, gap=0.05, twice=False, lean=False)
"""Where only the existence of a plan is asked for."""
FARTHEST = 2.0**20
"""A ceiling raised this many times over is as good as none."""


def possible(scenario: Scenario) -> bool:
    """Whether a scenario has any plan; False where it cannot be planned or that was not found out in time."""
    return bool(_has_plan(scenario, math.inf))


def _has_plan(scenario: Scenario, seconds: float) -> bool | None:
    """The same; None where it was not found out in time."""
    program = program_of(scenario)
    if problems_of(program):
        return False
    if program.sures:  # whether a chance can be kept is known only of a plan that was drawn
        return _has_sure_plan(program, seconds)
    # The way that is shown is planned once more; what does not help is a claim about a way, not about the scenario.
    return has_plan(program, max(0.1, min(scenario.solver.time_limit, seconds)), twice=False)


def _has_sure_plan(program: Program, seconds: float) -> bool | None:
    limit = max(0.1, min(program.scenario.solver.time_limit, seconds))
    solver = program.scenario.solver.model_copy(update={"time_limit": limit})
    timed = replace(program, scenario=program.scenario.model_copy(update={"solver": solver}))
    try:
        solve_verified(timed, effort=ANY_PLAN)
    except NoPlanError:
        return False
    except SolverError:
        return None
    return True


def with_turned(scenario: Scenario, turned: Sequence[tuple[LimitLever, float]]) -> Scenario | None:
    """The scenario with other numbers; None where it cannot be planned then."""
    changes: dict[KeyPath, object] = {}
    for lever, number in turned:
        changes |= lever.change(number)
    try:
        return ready(varied(scenario, changes)).scenario
    except ScenarioError:
        return None


def step_of(lever: LimitLever) -> float:
    """The step in which a number is relaxed."""
    if lever.whole:
        return 1.0
    return 0.001 if lever.of else nice_step((abs(lever.number) or 1000.0) * STEP)


def _finest(lever: LimitLever, scenario: Scenario) -> float:
    """The smallest step that is worth saying."""
    if lever.whole or lever.of:
        return step_of(lever)
    return coin_of(scenario.currency) if lever.unit == scenario.currency else FINEST * abs(lever.number)


def relaxed_by(lever: LimitLever, steps: int) -> float:
    """The lever's number, relaxed by so many steps."""
    return _within(lever, lever.number + lever.relaxing * steps * step_of(lever))


def _within(lever: LimitLever, number: float) -> float:
    """The same number, or the nearest that is possible for the lever."""
    if lever.side == "min" and lever.number >= 0:
        number = max(number, 0.0)
    if lever.side == "max":
        number = min(number, max(lever.most, lever.number))
    return tidy(number)


def most_steps(lever: LimitLever) -> int:
    """Steps after which a number is as good as none."""
    if lever.side == "min" and lever.number >= 0:
        return math.ceil(lever.number / step_of(lever) - 1e-9)
    if lever.side == "max" and math.isfinite(lever.most):
        return math.ceil((lever.most - lever.number) / step_of(lever) - 1e-9)
    return math.ceil((abs(lever.number) or 1000.0) * FARTHEST / step_of(lever))


def smallest_change(scenario: Scenario, lever: LimitLever, clock: Clock) -> float | None:
    """The nearest number that makes a plan possible; None where none does.

    For a sum it is the least (most) that plans come to without the limit; else it is found by galloping and bisection:
    whether there is a plan is monotone in a limit. Not so where floors are shares of the budget (the hours), because a
    larger one then asks for more as well: see `_least_cap`.

    Raises:
        TimeoutError: where time was up before anything was known.
    """

    def helps(steps: int) -> bool:
        return makes_possible(scenario, [(lever, relaxed_by(lever, steps))], clock)

    most = most_steps(lever)
    if most < 1:
        return None
    sides = [bound for limit in scenario.limits for bound in (limit.min, limit.max) if bound is not None]
    sure = bool(program_of(scenario).sures)  # a chance is no sum, so those are searched for
    if not sure and any(limit.min is not None and (limit.min.of,) == lever.path for limit in scenario.limits):
        return _least_cap(scenario, lever, clock)
    if all((bound.of,) != lever.path for bound in sides):
        counted = _counted(program_of(scenario), lever)
        if counted is not None:
            with suppress(SolverError, UnboundedError):
                return _least_that_helps(scenario, lever, *counted, clock)
    if not helps(most):
        return None
    low, high = 0, 1
    while not helps(high):
        low, high = high, min(most, high * 4)
    return relaxed_by(lever, bisected(helps, low, high))


def _counted(program: Program, lever: LimitLever) -> tuple[Rule, Floats] | None:
    """The limit and what it adds up, shape (columns,), where it is one sum and has one side."""
    rules = [rule for rule in program.rules if rule.path[:2] == lever.path[:2]]
    if len(rules) != 1 or lever.of or rules[0].per_creator or rules[0].or_none or rules[0].confidence:
        return None
    values = program.packages.measures.get(rules[0].measure)
    if values is None or (rules[0].minimum and rules[0].maximum):
        return None
    return rules[0], np.where(rules[0].columns, values, 0.0)


def _least_that_helps(
    scenario: Scenario, lever: LimitLever, rule: Rule, values: Floats, clock: Clock
) -> float | None:
    program = program_of(scenario)
    others = program.relaxed([each for each in program.rules if each is not rule], program.packages.room_min)
    if clock.over:
        raise TimeoutError
    question = Question(others, values, maximize=lever.side == "min", gap=0.0, twice=False)
    try:
        found = search(question, max(0.1, min(scenario.solver.time_limit, clock.left)))
    except NoPlanError:
        return None
    if not found.proven:
        raise SolverError("not found out in time", timed_out=True)
    return _outwards(scenario, lever, found.value, clock)


def _outwards(scenario: Scenario, lever: LimitLever, number: float, clock: Clock) -> float | None:
    """A number that helps, rounded to one that is easily said, by a small part of the change; None where it does not.

    Raises:
        TimeoutError: where that was not found out in time.
    """
    change = lever.relaxing * (number - lever.number)
    step = max(_finest(lever, scenario), min(step_of(lever), nice_step(change / FEW_STEPS)))
    rounded = _within(lever, lever.number + lever.relaxing * step * math.ceil(change / step - 1e-6))
    for wish in (rounded, tidy(number), tidy(number + lever.relaxing * 1e-9 * abs(number))):
        if makes_possible(scenario, [(lever, wish)], clock):
            return wish
    return None


def _least_cap(scenario: Scenario, lever: LimitLever, clock: Clock) -> float | None:
    """The least budget (hours) from today's on with a plan.

    Raises:
        TimeoutError: where it was not found out in time.
    """
    from optimizer.infeasible.least_cap import cap_program_of

    least: Least = "cost" if lever.path == ("budget",) else "hours"
    asked = scenario.model_dump(mode="json", exclude_unset=True) | {"objective": [{"minimize": least}]}
    del asked[str(lever.path[0])]
    try:
        capped = cap_program_of(Scenario.model_validate(asked), least)
    except ScenarioError:  # without the cap, something has no end
        return None
    only_the_cap = np.append(np.zeros(capped.program.packages.columns), 1.0)
    solution = capped.solve(only_the_cap, maximize=False, seconds=clock.left, cap_from=lever.number)
    if solution.status == "not_found":
        raise TimeoutError
    if not len(solution.values):
        return None
    return _outwards(scenario, lever, float(solution.values[-1]), clock)


def bisected(helps: Callable[[int], bool], low: int, high: int) -> int:
    """Smallest number of steps that helps, between one that does not and one that does; up to there if time is up."""
    try:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if helps(middle) else (middle, high)
    except TimeoutError:
        pass
    return high


def makes_possible(scenario: Scenario, turned: Sequence[tuple[LimitLever, float]], clock: Clock) -> bool:
    """Whether there is a plan with other numbers.

    Raises:
        TimeoutError: where that was not found out in time.
    """
    changed = with_turned(scenario, turned)
    if changed is None:
        return False
    found = None if clock.over else _has_plan(changed, clock.left)
    if found is None:
        raise TimeoutError
    return found
