"""No plan: which limits cannot hold together, and the smallest change of each that makes a plan possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from optimizer.infeasible.conflicts import Member, describe, find_conflict, impossible, most_possible
from optimizer.infeasible.smallest_change import (
    FARTHEST,
    bisected,
    makes_possible,
    most_steps,
    relaxed_by,
    smallest_change,
    step_of,
    with_turned,
)
from optimizer.jobs.clock import Clock
from optimizer.language.errors import Conflict, InfeasibleError, WayOut
from optimizer.language.measures import counted_in, unit_of
from optimizer.language.quantities import grouped
from optimizer.program.levers import Handle, handles
from optimizer.program.program import Prepared
from optimizer.program.rules import Rule
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import answer
from optimizer.solve.lexicographic import BEST_VALUE

if TYPE_CHECKING:
    pass

LEAST_SECONDS = 1.0
CONFLICT_SHARE = 0.5
"""Of the time, for the conflict itself; the rest is for the ways out."""


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
            numbers = [(handle, smallest_change(scenario, handle, clock)) for handle in turned]
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
            steps = min(most_steps(handle), math.ceil(size / step_of(handle) - 1e-9))
            result.append((handle, relaxed_by(handle, steps)))
        return result

    def helps(permille: int) -> bool:
        return makes_possible(scenario, loosened(permille), clock)

    low, high = 0, 1
    while not helps(high):
        low, high = high, high * 2
        if high > 1000 * FARTHEST:
            return None
    needed = [(h, n) for h, n in loosened(bisected(helps, low, high)) if n != h.number]
    for change in list(needed):
        fewer = [other for other in needed if other is not change]
        try:
            if fewer and makes_possible(scenario, fewer, clock):
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
        most = math.ceil(abs(number - handle.number) / step_of(handle) - 1e-9)

        def helps(steps: int, place: int = place, handle: Handle = handle) -> bool:
            wish = [*result[:place], (handle, relaxed_by(handle, steps)), *result[place + 1 :]]
            return makes_possible(scenario, wish, clock)

        result[place] = (handle, relaxed_by(handle, bisected(helps, 0, most)))
    return result


def _all_members(prepared: Prepared) -> list[Member]:
    return [*prepared.rules, *(int(o) for o in np.flatnonzero(prepared.packages.room_min > 0))]


def _way(scenario: Scenario, turned: Sequence[tuple[Handle, float]], clock: Clock) -> WayOut:
    """Changes that make a plan possible, in words and with the best plan there is then (if found in time)."""
    changed = with_turned(scenario, turned)
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
