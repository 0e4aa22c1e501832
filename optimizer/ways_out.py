"""No plan: which limits cannot hold together, and the smallest change of each that makes a plan possible."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from optimizer.conflicts import Member, describe, find_conflict, impossible, most_possible
from optimizer.errors import Conflict, InfeasibleError, ScenarioError, WayOut
from optimizer.flow import BEST_VALUE
from optimizer.handles import Handle, handles
from optimizer.limits import Rule
from optimizer.measures import coin_of, counted_in, unit_of
from optimizer.plan import tidy
from optimizer.prepare import Prepared, prepare
from optimizer.quantities import grouped, nice_step
from optimizer.scenario import Scenario
from optimizer.search import has_plan
from optimizer.varied import varied
from optimizer.whatif import Clock, answer

if TYPE_CHECKING:
    from optimizer.least_cap import Least

STEP = 0.001
"""Step of the smallest change as a share of the limit, rounded down to 1, 2 or 5 times a power of ten."""
FEW_STEPS = 20
"""A change of so few steps is looked at more closely, in tenths of them, and again: it is known to 5 % of itself."""
FINEST = 1e-6
"""Step at which that ends, as a share of the limit; money ends at its smallest coin."""
LEAST_SECONDS = 1.0
CONFLICT_SHARE = 0.5
"""Of the time, for the conflict itself; the rest is for the ways out."""
FARTHEST = 2.0**20
"""A ceiling raised this many times over is as good as none."""


def infeasible(prepared: Prepared, seconds: float) -> InfeasibleError:
    """The error for a scenario without any plan: the conflict and the ways out of it."""
    # where little time is allowed for a solve, little is wanted for this
    clock = Clock(min(seconds, max(LEAST_SECONDS, prepared.scenario.solver.time_limit)))
    members, minimal = find_conflict(prepared, CONFLICT_SHARE * clock.left)
    conflict = [describe(prepared, member) for member in members]
    if not conflict:
        return InfeasibleError("the creators available leave no plan")
    if len(conflict) == 1 and isinstance(members[0], Rule):
        message = "one limit cannot be met by the creators there are"
        most = most_possible(prepared, members[0])
        if most is not None:
            unit = unit_of(members[0].measure, prepared.scenario.currency)
            message += f", who bring at most {counted_in(grouped(most, 6), unit)} to it"
    else:
        message = f"these {len(conflict)} limits cannot hold together"
    return InfeasibleError(
        message, conflict, minimal=minimal, ways_out=_ways_out(prepared, members, conflict, clock)
    )


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


def _ways_out(
    prepared: Prepared, members: Sequence[Member], conflict: Sequence[Conflict], clock: Clock
) -> list[WayOut]:
    """One way for each member that helps alone; for one that does not, what has to change along with it, if that is
    outside the conflict; and if nothing helps so far, the smallest change of all of them together."""
    scenario = prepared.scenario
    every = list(handles(prepared))
    ways: list[WayOut] = []
    tried: set[str] = set()
    alone: list[Member] = []
    hopeless: list[Member] = []
    for member, shown in zip(members, conflict, strict=True):
        turned = [handle for handle in _handles_of(member, every) if handle.path not in tried]
        tried |= {handle.path for handle in turned}
        try:
            numbers = [(handle, _smallest_change(scenario, handle, clock)) for handle in turned]
        except TimeoutError:
            continue  # nothing is known about it, so nothing is said
        helping = [(handle, number) for handle, number in numbers if number is not None]
        ways += [_way(scenario, [(handle, number)], clock) for handle, number in helping]
        if helping:
            alone.append(member)
        elif turned:
            hopeless.append(member)
            ways.append(WayOut(f"changing {shown.name} alone does not help", possible=False))
    for member in hopeless if alone else ():
        way = _with_others(prepared, member, alone, every, clock)
        if way is not None and all(way.text != other.text for other in ways):
            ways.append(way)
    if not any(way.possible for way in ways):
        joint = _joint(prepared, list(members), every, clock)
        if joint is not None:
            ways.append(joint)
    return sorted(ways, key=lambda way: not way.possible)


def _handles_of(member: Member, every: Sequence[Handle]) -> list[Handle]:
    if isinstance(member, Rule):
        if member.path[0] == "limits":
            return [h for h in every if h.place[:2] == member.path]
        return [h for h in every if h.path == str(member.path[0])]
    return [h for h in every if h.place == ("offers", member, "creators", "min")]


def _changed(scenario: Scenario, turned: Sequence[tuple[Handle, float]]) -> Scenario | None:
    changes: dict[str, object] = {}
    for handle, number in turned:
        changes |= handle.change(number)
    try:
        return varied(scenario, changes)
    except ScenarioError:
        return None


def _step(handle: Handle) -> float:
    if handle.whole:
        return 1.0
    return 0.001 if handle.of else nice_step((abs(handle.number) or 1000.0) * STEP)


def _finest(handle: Handle, scenario: Scenario) -> float:
    """The smallest step that is worth saying."""
    if handle.whole or handle.of:
        return _step(handle)
    return coin_of(scenario.currency) if handle.unit == scenario.currency else FINEST * abs(handle.number)


def _at(handle: Handle, steps: int, parts: int = 1) -> float:
    """The handle's number, relaxed by so many steps, or parts of a step; within what is possible for it."""
    number = handle.number + handle.relaxing * steps * _step(handle) / parts
    if handle.side == "min" and handle.number >= 0:
        number = max(number, 0.0)
    if handle.side == "max":
        number = min(number, max(handle.most, handle.number))
    return tidy(number)


def _most_steps(handle: Handle) -> int:
    if handle.side == "min" and handle.number >= 0:
        return math.ceil(handle.number / _step(handle) - 1e-9)
    if handle.side == "max" and math.isfinite(handle.most):
        return math.ceil((handle.most - handle.number) / _step(handle) - 1e-9)
    return math.ceil((abs(handle.number) or 1000.0) * FARTHEST / _step(handle))


def _smallest_change(scenario: Scenario, handle: Handle, clock: Clock) -> float | None:
    """The nearest number that makes a plan possible, by galloping and bisection; None where none does.

    Whether there is a plan is monotone in a limit, so this is exact up to the step, which is a small part of the change
    (`FEW_STEPS`). Not so where floors are shares of the budget (the hours), because a larger one then asks for more as
    well: see `_least_cap`.

    Raises:
        TimeoutError: where time was up before anything was known.
    """

    def helps(steps: int) -> bool:
        return _helps(scenario, [(handle, _at(handle, steps))], clock)

    most = _most_steps(handle)
    if most < 1:
        return None
    if any(limit.min is not None and limit.min.of == handle.path for limit in scenario.limits):
        return _least_cap(scenario, handle, clock)
    if not helps(most):
        return None
    low, high = 0, 1
    while not helps(high):
        low, high = high, min(most, high * 4)
    high, parts = _bisected(helps, low, high), 1
    while high <= FEW_STEPS and not clock.over:
        more = min(10, int(_step(handle) / parts / _finest(handle, scenario) + 1e-9))
        if more < 2:
            break
        low, high, parts = more * (high - 1), more * high, more * parts

        def closer(steps: int, parts: int = parts) -> bool:
            return _helps(scenario, [(handle, _at(handle, steps, parts))], clock)

        high = _bisected(closer, low, high)
    return _at(handle, high, parts)


def _least_cap(scenario: Scenario, handle: Handle, clock: Clock) -> float | None:
    """The least budget (hours) from today's on with a plan: rounded up, or as it is where that is too far.

    Raises:
        TimeoutError: where it was not found out in time.
    """
    from optimizer.least_cap import program_of

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
    number = float(solution.values[-1])
    step = max(_finest(handle, scenario), nice_step((number - handle.number) / FEW_STEPS))
    rounded = tidy(handle.number + step * math.ceil((number - handle.number) / step - 1e-6))
    for wish in (rounded, tidy(number), tidy(number * (1 + 1e-9))):
        if _helps(scenario, [(handle, wish)], clock):
            return wish
    return None


def _bisected(helps: Callable[[int], bool], low: int, high: int) -> int:
    """Smallest number of steps that helps, between one that does not and one that does; up to there if time is up."""
    try:
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if helps(middle) else (middle, high)
    except TimeoutError:
        pass
    return high


def _helps(scenario: Scenario, turned: Sequence[tuple[Handle, float]], clock: Clock) -> bool:
    changed = _changed(scenario, turned)
    if changed is None:
        return False
    found = None if clock.over else _has_plan(changed, clock.left)
    if found is None:
        raise TimeoutError
    return found


def _with_others(
    prepared: Prepared, member: Member, alone: Sequence[Member], every: Sequence[Handle], clock: Clock
) -> WayOut | None:
    """What has to change along with a member that does not help alone: limits that conflict without it, too.

    Those that help alone are left as they are; None where it takes one of them.
    """
    loose: list[Member] = [member]
    while not clock.over:
        rest = [m for m in _all_members(prepared) if not any(m is one for one in loose)]
        if not impossible(prepared, rest, max(0.1, CONFLICT_SHARE * clock.left)):
            break
        more, _ = find_conflict(prepared, CONFLICT_SHARE * clock.left, without=loose)
        fresh = [m for m in more if not any(m is one for one in alone)]
        if not fresh:
            return None
        loose += fresh
    try:
        return _loosened_together(prepared.scenario, loose, every, clock, together=True)
    except TimeoutError:
        return None


def _joint(prepared: Prepared, members: list[Member], every: Sequence[Handle], clock: Clock) -> WayOut | None:
    """The same relative change of all limits that conflict, as small as possible, less those it turns out not to need.

    Where several conflicts stand side by side, the members of all of them are loosened; all limits there are, where
    even that does not help (floors that are shares of a budget rise with it).
    """
    union = list(members)
    while not clock.over:
        rest = [m for m in _all_members(prepared) if not any(m is u for u in union)]
        if not impossible(prepared, rest, max(0.1, clock.left)):
            break
        more, _ = find_conflict(prepared, clock.left, without=union)
        if not more:
            break
        union += more
    try:
        for loose in (union, _all_members(prepared)):
            way = _loosened_together(prepared.scenario, loose, every, clock)
            if way is not None:
                return way
    except TimeoutError:
        pass
    return None


def _loosened_together(
    scenario: Scenario,
    members: Sequence[Member],
    every: Sequence[Handle],
    clock: Clock,
    together: bool = False,
) -> WayOut | None:
    by_path = {handle.path: handle for member in members for handle in _handles_of(member, every)}
    turned = list(by_path.values())

    def loosened(permille: int) -> list[tuple[Handle, float]]:
        result = []
        for handle in turned:
            size = (abs(handle.number) or 1.0) * permille / 1000
            steps = min(_most_steps(handle), math.ceil(size / _step(handle) - 1e-9))
            result.append((handle, _at(handle, steps)))
        return result

    def helps(permille: int) -> bool:
        return _helps(scenario, loosened(permille), clock)

    low, high = 0, 1
    while not helps(high):
        low, high = high, high * 2
        if high > 1000 * FARTHEST:
            return None
    needed = [(h, n) for h, n in loosened(_bisected(helps, low, high)) if n != h.number]
    for change in list(needed):
        fewer = [other for other in needed if other is not change]
        try:
            if fewer and _helps(scenario, fewer, clock):
                needed = fewer
        except TimeoutError:
            break
    if together and len(needed) > 1:
        needed = _tightened(scenario, needed, clock)
        way = _way(scenario, needed, clock)
        return replace(way, text=f"{way.text} together")
    return _way(scenario, needed, clock)


def _tightened(
    scenario: Scenario, turned: list[tuple[Handle, float]], clock: Clock
) -> list[tuple[Handle, float]]:
    """Each of several changes as small as it can be beside the others."""
    result = list(turned)
    for place, (handle, number) in enumerate(turned):
        most = math.ceil(abs(number - handle.number) / _step(handle) - 1e-9)

        def helps(steps: int, place: int = place, handle: Handle = handle) -> bool:
            wish = [*result[:place], (handle, _at(handle, steps)), *result[place + 1 :]]
            return _helps(scenario, wish, clock)

        result[place] = (handle, _at(handle, _bisected(helps, 0, most)))
    return result


def _all_members(prepared: Prepared) -> list[Member]:
    return [*prepared.rules, *(int(o) for o in np.flatnonzero(prepared.packages.room_min > 0))]


def _way(scenario: Scenario, turned: Sequence[tuple[Handle, float]], clock: Clock) -> WayOut:
    """Changes that make a plan possible, in words and with the best plan there is then (if found in time)."""
    changed = _changed(scenario, turned)
    changes: dict[str, object] = {}
    for handle, number in turned:
        changes |= handle.change(number)
    text = " and ".join(_in_words(handle, number) for handle, number in turned)
    assert changed is not None, "a change that was found to help"
    seconds = max(0.1, min(scenario.solver.time_limit, clock.left))
    outcome = answer(varied(changed, {"solver.time_limit": seconds}), BEST_VALUE)
    goal = scenario.objective[0]
    result = ""
    if outcome.value is not None:
        result = counted_in(_rounded(outcome.value), unit_of(goal.measure, scenario.currency))
        if outcome.cost is not None and goal.measure != "cost":
            result += f" for {outcome.cost:,.0f} {scenario.currency}"
    return WayOut(text, changes, result=result, value=outcome.value)


def _in_words(handle: Handle, number: float) -> str:
    size = float(abs(Decimal(repr(number)) - Decimal(repr(handle.number))))
    verb = "raise" if handle.side == "max" else "lower"
    if handle.of:
        by = counted_in(grouped(100 * size, 4), "points")
        return f"{verb} {handle.name} by {by} (to {grouped(100 * number, 4)}% of {handle.of})"
    if handle.place[0] == "offers" and handle.side == "min":
        return f"book {grouped(size)} fewer of {handle.name.removesuffix(': booked')} (at least {grouped(number)})"
    name = "effort_hours" if handle.path == "effort_hours" else handle.name
    return f"{verb} {name} by {counted_in(grouped(size), handle.unit)} (to {grouped(number)})"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else grouped(value, 3)
