"""No plan: which limits cannot hold together, and the smallest change of each that makes a plan possible."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from optimizer.conflicts import Member, describe, find_conflict, impossible, most_possible
from optimizer.errors import Conflict, InfeasibleError, ScenarioError, WayOut
from optimizer.flow import BEST_VALUE
from optimizer.handles import Handle, handles
from optimizer.limits import Rule
from optimizer.measures import unit_of
from optimizer.model import build_model
from optimizer.plan import tidy
from optimizer.prepare import Prepared, prepare
from optimizer.quantities import nice_step
from optimizer.scenario import Scenario
from optimizer.solve import solve
from optimizer.whatif import Clock, answer

STEP = 0.001
"""Step of the smallest change as a share of the limit, rounded down to 1, 2 or 5 times a power of ten."""
FARTHEST = 1024.0
"""A ceiling raised this many times over is as good as none."""


def infeasible(prepared: Prepared, seconds: float) -> InfeasibleError:
    """The error for a scenario without any plan: the conflict and the ways out of it."""
    clock = Clock(seconds)
    members, minimal = find_conflict(prepared, clock.left)
    conflict = [describe(prepared, member) for member in members]
    if not conflict:
        return InfeasibleError("the creators available leave no plan")
    if len(conflict) == 1 and isinstance(members[0], Rule):
        message = "one limit cannot be met by the creators there are"
        most = most_possible(prepared, members[0])
        if most is not None:
            unit = unit_of(members[0].measure, prepared.scenario.currency)
            message += f", who bring at most {most:,.6g} {unit} to it"
    else:
        message = f"these {len(conflict)} limits cannot hold together"
    return InfeasibleError(
        message, conflict, minimal=minimal, ways_out=_ways_out(prepared, members, conflict, clock)
    )


def possible(scenario: Scenario) -> bool:
    """Whether a scenario has any plan; False where it cannot be planned or that was not found out in time."""
    prepared = prepare(scenario)
    if prepared.problems:
        return False
    options = scenario.solver
    model = build_model(prepared, np.zeros(prepared.packages.columns), maximize=False, rows=prepared.rows)
    return len(solve(model, solver=options.name, gap=1.0, time_limit=options.time_limit).values) > 0


def _ways_out(
    prepared: Prepared, members: Sequence[Member], conflict: Sequence[Conflict], clock: Clock
) -> list[WayOut]:
    """One way for each member that helps alone; else the smallest change of all of them together."""
    scenario = prepared.scenario
    every = list(handles(prepared))
    ways: list[WayOut] = []
    for member, shown in zip(members, conflict, strict=True):
        for handle in _handles_of(member, every):
            if clock.over:
                return ways
            number = _smallest_change(scenario, handle, clock)
            if number is None:
                text = f"changing {shown.name} alone does not help"
                ways.append(WayOut(text, possible=False))
            else:
                ways.append(_way(scenario, [(handle, number)]))
    if not any(way.possible for way in ways):
        joint = _joint(prepared, list(members), every, clock)
        if joint is not None:
            ways.append(joint)
    return sorted(ways, key=lambda way: not way.possible)


def _handles_of(member: Member, every: Sequence[Handle]) -> list[Handle]:
    if isinstance(member, Rule):
        if member.path[0] == "limits":
            sides = [f"limits[{member.path[1]}].{side}" for side in ("min", "max")]
            return [h for h in every if h.path in sides]
        return [h for h in every if h.path == str(member.path[0])]
    return [h for h in every if h.path == f"offers[{member}].creators.min"]


def _changed(scenario: Scenario, turned: Sequence[tuple[Handle, float]]) -> Scenario | None:
    changes: dict[str, object] = {}
    for handle, number in turned:
        changes |= handle.change(number)
    try:
        return scenario.with_changes(changes)
    except ScenarioError:
        return None


def _step(handle: Handle) -> float:
    if handle.whole:
        return 1.0
    return 0.001 if handle.of else nice_step((abs(handle.number) or 1000.0) * STEP)


def _at(handle: Handle, steps: int) -> float:
    """The handle's number, relaxed by so many steps; within what is possible for it."""
    number = handle.number + handle.relaxing * steps * _step(handle)
    if handle.of:
        number = min(number, 1.0)
    if handle.side == "min" and handle.number >= 0:
        number = max(number, 0.0)
    return tidy(number)


def _most_steps(handle: Handle) -> int:
    if handle.side == "min" and handle.number >= 0:
        return math.ceil(handle.number / _step(handle) - 1e-9)
    if handle.of:
        return math.ceil((1.0 - handle.number) / _step(handle) - 1e-9)
    return math.ceil((abs(handle.number) or 1000.0) * FARTHEST / _step(handle))


def _smallest_change(scenario: Scenario, handle: Handle, clock: Clock) -> float | None:
    """The nearest number that makes a plan possible, by galloping and bisection; None where none does.

    Whether there is a plan is monotone in a limit, so this is exact up to the step.
    """

    def helps(steps: int) -> bool:
        changed = _changed(scenario, [(handle, _at(handle, steps))])
        return changed is not None and possible(changed)

    most = _most_steps(handle)
    if most < 1 or not helps(most):
        return None
    low, high = 0, 1
    while high < most and not helps(high):
        low, high = high, min(most, high * 4)
    while high - low > 1 and not clock.over:
        middle = (low + high) // 2
        low, high = (low, middle) if helps(middle) else (middle, high)
    return _at(handle, high)


def _joint(prepared: Prepared, members: list[Member], every: Sequence[Handle], clock: Clock) -> WayOut | None:
    """The same relative change of all limits that conflict, as small as possible.

    Where several conflicts stand side by side, the members of all of them are loosened.
    """
    union = list(members)
    while not clock.over:
        rest = [m for m in _all_members(prepared) if not any(m is u for u in union)]
        if not impossible(prepared, rest, max(0.1, clock.left)):
            break
        more, _ = find_conflict(prepared, clock.left, without=union)
        if not more:
            return None
        union += more
    turned = [handle for member in union for handle in _handles_of(member, every)]

    def loosened(permille: int) -> list[tuple[Handle, float]]:
        result = []
        for handle in turned:
            size = (abs(handle.number) or 1.0) * permille / 1000
            steps = min(_most_steps(handle), math.ceil(size / _step(handle) - 1e-9))
            result.append((handle, _at(handle, steps)))
        return result

    def helps(permille: int) -> bool:
        changed = _changed(prepared.scenario, loosened(permille))
        return changed is not None and possible(changed)

    low, high = 0, 1
    while not helps(high):
        low, high = high, high * 2
        if high > 1000 * FARTHEST or clock.over:
            return None
    while high - low > 1 and not clock.over:
        middle = (low + high) // 2
        low, high = (low, middle) if helps(middle) else (middle, high)
    return _way(prepared.scenario, [(h, n) for h, n in loosened(high) if n != h.number])


def _all_members(prepared: Prepared) -> list[Member]:
    return [*prepared.rules, *(int(o) for o in np.flatnonzero(prepared.packages.room_min > 0))]


def _way(scenario: Scenario, turned: Sequence[tuple[Handle, float]]) -> WayOut:
    changed = _changed(scenario, turned)
    changes: dict[str, object] = {}
    for handle, number in turned:
        changes |= handle.change(number)
    text = " and ".join(_in_words(handle, number) for handle, number in turned)
    if changed is None:
        return WayOut(text, changes, possible=False)
    outcome = answer(changed, BEST_VALUE)
    goal = scenario.objective[0]
    result = ""
    if outcome.value is not None:
        result = f"{_rounded(outcome.value)} {unit_of(goal.measure, scenario.currency)}"
        if outcome.cost is not None and goal.measure != "cost":
            result += f" for {outcome.cost:,.0f} {scenario.currency}"
    return WayOut(text, changes, possible=outcome.found, result=result, value=outcome.value)


def _in_words(handle: Handle, number: float) -> str:
    size = abs(number - handle.number)
    verb = "raise" if handle.side == "max" else "lower"
    if handle.of:
        return f"{verb} {handle.name} by {100 * size:.4g} points (to {100 * number:.4g}% of {handle.of})"
    if handle.path.endswith("creators.min"):
        return f"book {size:,.10g} fewer of {handle.name.removesuffix(': booked')} (at least {number:,.10g})"
    name = "effort_hours" if handle.path == "effort_hours" else handle.name
    return f"{verb} {name} by {size:,.10g} {handle.unit} (to {number:,.10g})"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
