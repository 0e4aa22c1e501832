"""The smallest change of one number of a scenario that makes a plan possible, or of several numbers together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import ScenarioError, SolverError
from optimizer.language.measures import coin_of
from optimizer.language.numbers import tidy
from optimizer.language.quantities import nice_step
from optimizer.program.levers import Handle
from optimizer.program.packages import Floats
from optimizer.program.program import Prepared, prepare
from optimizer.program.rules import Rule
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.question import NoPlanError, Question, UnlimitedError
from optimizer.solve.search import has_plan, search

if TYPE_CHECKING:
    from optimizer.infeasible.least_cap import Least

STEP = 0.001
"""Step of the smallest change as a share of the limit, rounded down to 1, 2 or 5 times a power of ten."""
FEW_STEPS = 20
"""A change of fewer steps is rounded in smaller ones, by at most 5 % of itself."""
FINEST = 1e-6
"""Smallest of those steps, as a share of the limit; of money it is the smallest coin."""
FARTHEST = 2.0**20
"""A ceiling raised this many times over is as good as none."""


def possible(scenario: Scenario) -> bool:
    """Whether a scenario has any plan; False where it cannot be planned or that was not found out in time."""
    return bool(_has_plan(scenario, math.inf))


def _has_plan(scenario: Scenario, seconds: float) -> bool | None:
    """The same; None where it was not found out in time."""
    prepared = prepare(scenario)
    if prepared.problems:
        return False
    # The way that is shown is planned once more; what does not help is a claim about a way, not about the scenario.
    return has_plan(prepared, max(0.1, min(scenario.solver.time_limit, seconds)), twice=False)


def with_turned(scenario: Scenario, turned: Sequence[tuple[Handle, float]]) -> Scenario | None:
    """The scenario with other numbers; None where it is not valid then."""
    changes: dict[str, object] = {}
    for handle, number in turned:
        changes |= handle.change(number)
    try:
        return varied(scenario, changes)
    except ScenarioError:
        return None


def step_of(handle: Handle) -> float:
    """The step in which a number is relaxed."""
    if handle.whole:
        return 1.0
    return 0.001 if handle.of else nice_step((abs(handle.number) or 1000.0) * STEP)


def _finest(handle: Handle, scenario: Scenario) -> float:
    """The smallest step that is worth saying."""
    if handle.whole or handle.of:
        return step_of(handle)
    return coin_of(scenario.currency) if handle.unit == scenario.currency else FINEST * abs(handle.number)


def relaxed_by(handle: Handle, steps: int) -> float:
    """The handle's number, relaxed by so many steps."""
    return _within(handle, handle.number + handle.relaxing * steps * step_of(handle))


def _within(handle: Handle, number: float) -> float:
    """The same number, or the nearest that is possible for the handle."""
    if handle.side == "min" and handle.number >= 0:
        number = max(number, 0.0)
    if handle.side == "max":
        number = min(number, max(handle.most, handle.number))
    return tidy(number)


def most_steps(handle: Handle) -> int:
    """Steps after which a number is as good as none."""
    if handle.side == "min" and handle.number >= 0:
        return math.ceil(handle.number / step_of(handle) - 1e-9)
    if handle.side == "max" and math.isfinite(handle.most):
        return math.ceil((handle.most - handle.number) / step_of(handle) - 1e-9)
    return math.ceil((abs(handle.number) or 1000.0) * FARTHEST / step_of(handle))


def smallest_change(scenario: Scenario, handle: Handle, clock: Clock) -> float | None:
    """The nearest number that makes a plan possible; None where none does.

    For a sum it is the least (most) that plans come to without the limit; else it is found by galloping and bisection:
    whether there is a plan is monotone in a limit. Not so where floors are shares of the budget (the hours), because a
    larger one then asks for more as well: see `_least_cap`.

    Raises:
        TimeoutError: where time was up before anything was known.
    """

    def helps(steps: int) -> bool:
        return makes_possible(scenario, [(handle, relaxed_by(handle, steps))], clock)

    most = most_steps(handle)
    if most < 1:
        return None
    sides = [bound for limit in scenario.limits for bound in (limit.min, limit.max) if bound is not None]
    if any(limit.min is not None and limit.min.of == handle.path for limit in scenario.limits):
        return _least_cap(scenario, handle, clock)
    if all(bound.of != handle.path for bound in sides):
        counted = _counted(prepare(scenario), handle)
        if counted is not None:
            with suppress(SolverError, UnlimitedError):
                return _least_that_helps(scenario, handle, *counted, clock)
    if not helps(most):
        return None
    low, high = 0, 1
    while not helps(high):
        low, high = high, min(most, high * 4)
    return relaxed_by(handle, bisected(helps, low, high))


def _counted(prepared: Prepared, handle: Handle) -> tuple[Rule, Floats] | None:
    """The limit and what it adds up, shape (columns,), where it is one sum and has one side."""
    rules = [rule for rule in prepared.rules if rule.path[:2] == handle.place[:2]]
    if len(rules) != 1 or handle.of or rules[0].per_creator or rules[0].or_none:
        return None
    values = prepared.packages.measures.get(rules[0].measure)
    if values is None or (rules[0].minimum and rules[0].maximum):
        return None
    return rules[0], np.where(rules[0].columns, values, 0.0)


def _least_that_helps(
    scenario: Scenario, handle: Handle, rule: Rule, values: Floats, clock: Clock
) -> float | None:
    prepared = prepare(scenario)
    others = prepared.relaxed(
        [each for each in prepared.rules if each is not rule], prepared.packages.room_min
    )
    if clock.over:
        raise TimeoutError
    question = Question(others, values, maximize=handle.side == "min", gap=0.0, twice=False)
    try:
        found = search(question, max(0.1, min(scenario.solver.time_limit, clock.left)))
    except NoPlanError:
        return None
    if not found.proven:
        raise SolverError("not found out in time", timed_out=True)
    return _outwards(scenario, handle, found.value, clock)


def _outwards(scenario: Scenario, handle: Handle, number: float, clock: Clock) -> float | None:
    """A number that helps, rounded to one that is easily said, by a small part of the change; None where it does not.

    Raises:
        TimeoutError: where that was not found out in time.
    """
    change = handle.relaxing * (number - handle.number)
    step = max(_finest(handle, scenario), min(step_of(handle), nice_step(change / FEW_STEPS)))
    rounded = _within(handle, handle.number + handle.relaxing * step * math.ceil(change / step - 1e-6))
    for wish in (rounded, tidy(number), tidy(number + handle.relaxing * 1e-9 * abs(number))):
        if makes_possible(scenario, [(handle, wish)], clock):
            return wish
    return None


def _least_cap(scenario: Scenario, handle: Handle, clock: Clock) -> float | None:
    """The least budget (hours) from today's on with a plan.

    Raises:
        TimeoutError: where it was not found out in time.
    """
    from optimizer.infeasible.least_cap import program_of

    least: Least = "cost" if handle.path == "budget" else "hours"
    asked = scenario.model_dump(mode="json", exclude_unset=True) | {"objective": [{"minimize": least}]}
    del asked[handle.path]
    try:
        program = program_of(Scenario.model_validate(asked), least)
    except ScenarioError:  # without the cap, something has no end
        return None
    only_the_cap = np.append(np.zeros(program.prepared.packages.columns), 1.0)
    solution = program.solve(only_the_cap, maximize=False, seconds=clock.left, cap_from=handle.number)
    if solution.status == "not_found":
        raise TimeoutError
    if not len(solution.values):
        return None
    return _outwards(scenario, handle, float(solution.values[-1]), clock)


def bisected(helps: Callable[[int], bool], low: int, high: int) -> int:
    """Smallest number of steps that helps, between one that does not and one that does; up to there if time is up."""
    try:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if helps(middle) else (middle, high)
    except TimeoutError:
        pass
    return high


def makes_possible(scenario: Scenario, turned: Sequence[tuple[Handle, float]], clock: Clock) -> bool:
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
