"""No plan: which limits cannot hold together, and the smallest change of each that makes a plan possible."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

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
from optimizer.language.among import told_by
from optimizer.language.errors import Conflict, InfeasibleError, KeyPath, Turned, WayOut
from optimizer.language.measures import counted_in, unit_of
from optimizer.language.numbers import cases
from optimizer.language.quantities import grouped
from optimizer.program.levers import LimitLever, limit_levers
from optimizer.program.prices import too_dear, upside_down
from optimizer.program.program import Program
from optimizer.program.rules import Rule
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import answer
from optimizer.solve.lexicographic import BEST_VALUE

LEAST_SECONDS = 1.0
CONFLICT_SHARE = 0.5
"""Of the time, for the conflict itself; the rest is for the ways out."""


def infeasible(program: Program, seconds: float) -> InfeasibleError:
    """The error for a scenario without any plan: the conflict and the ways out of it."""
    # where little time is allowed for a solve, little is wanted for this
    clock = Clock(min(seconds, max(LEAST_SECONDS, program.scenario.solver.time_limit)))
    members, minimal = find_conflict(program, CONFLICT_SHARE * clock.left)
    conflict = [describe(program, member) for member in members]
    scenario = program.scenario
    told = told_by(len(scenario.offers), int(scenario.chosen_from or 0))
    if not conflict:
        return InfeasibleError(f"the creators available leave no plan{told}")
    if len(conflict) == 1 and isinstance(members[0], Rule):
        message = "one limit cannot be met by the creators there are"
        most = most_possible(program, members[0])
        if most is not None:
            unit = unit_of(members[0].measure, program.scenario.currency)
            message += f", who bring at most {counted_in(grouped(most, 6), unit)} to it"
    else:
        message = f"these {len(conflict)} limits cannot hold together"
    if any(isinstance(member, Rule) and member.path == ("budget",) for member in members):
        message += _about_prices(program)
    return InfeasibleError(
        message + told, conflict, minimal=minimal, ways_out=_ways_out(program, members, conflict, clock)
    )


def _about_prices(program: Program) -> str:
    """What makes a budget too small for anything: prices above all of it, or an exchange rate that is upside down."""
    dear, own = too_dear(program), program.scenario.currency
    text = "" if dear is None else f"; {dear.text}"
    for wrong in upside_down(program):
        text += f"; the exchange rate of {wrong.currency}, how many make 1 {own}, looks upside down"
    return text


def _ways_out(
    program: Program, members: Sequence[Member], conflict: Sequence[Conflict], clock: Clock
) -> list[WayOut]:
    """One way for each member that helps alone; for one that does not, what has to change along with it, if that is
    outside the conflict; and if nothing helps so far, the smallest change of all of them together."""
    scenario = program.scenario
    every = list(limit_levers(program))
    ways: list[WayOut] = []
    tried: set[KeyPath] = set()
    alone: list[Member] = []
    hopeless: list[Member] = []
    for member, shown in zip(members, conflict, strict=True):
        turned = [lever for lever in _levers_of(member, every) if lever.path not in tried]
        tried |= {lever.path for lever in turned}
        try:
            numbers = [(lever, smallest_change(scenario, lever, clock)) for lever in turned]
        except TimeoutError:
            continue  # nothing is known about it, so nothing is said
        helping = [(lever, number) for lever, number in numbers if number is not None]
        ways += [_way(scenario, [(lever, number)], clock) for lever, number in helping]
        if helping:
            alone.append(member)
        elif turned:
            hopeless.append(member)
            ways.append(WayOut(f"changing {shown.name} alone does not help", possible=False))
    for member in hopeless if alone else ():
        way = _with_others(program, member, alone, every, clock)
        if way is not None and all(way.turned != other.turned for other in ways):
            ways.append(way)
    if not any(way.possible for way in ways):
        joint = _joint(program, list(members), every, clock)
        if joint is not None:
            ways.append(joint)
    return sorted(ways, key=lambda way: not way.possible)


def _levers_of(member: Member, every: Sequence[LimitLever]) -> list[LimitLever]:
    if isinstance(member, Rule):
        if member.path[0] == "limits":
            return [h for h in every if h.path[:2] == member.path]
        return [h for h in every if h.path == member.path]
    return [h for h in every if h.path == ("offers", member, "creators", "min")]


def _with_others(
    program: Program, member: Member, alone: Sequence[Member], every: Sequence[LimitLever], clock: Clock
) -> WayOut | None:
    """What has to change along with a member that does not help alone: limits that conflict without it, too.

    Those that help alone are left as they are; None where it takes one of them.
    """
    loose: list[Member] = [member]
    while not clock.over:
        rest = [m for m in _all_members(program) if not any(m is one for one in loose)]
        if not impossible(program, rest, max(0.1, CONFLICT_SHARE * clock.left)):
            break
        more, _ = find_conflict(program, CONFLICT_SHARE * clock.left, without=loose)
        fresh = [m for m in more if not any(m is one for one in alone)]
        if not fresh:
            return None
        loose += fresh
    try:
        return _loosened_together(program.scenario, loose, every, clock, together=True)
    except TimeoutError:
        return None


def _joint(
    program: Program, members: list[Member], every: Sequence[LimitLever], clock: Clock
) -> WayOut | None:
    """The same relative change of all limits that conflict, as small as possible, less those it turns out not to need.

    Where several conflicts stand side by side, the members of all of them are loosened; all limits there are, where
    even that does not help (floors that are shares of a budget rise with it).
    """
    union = list(members)
    while not clock.over:
        rest = [m for m in _all_members(program) if not any(m is u for u in union)]
        if not impossible(program, rest, max(0.1, clock.left)):
            break
        more, _ = find_conflict(program, clock.left, without=union)
        if not more:
            break
        union += more
    try:
        for loose in (union, _all_members(program)):
            way = _loosened_together(program.scenario, loose, every, clock)
            if way is not None:
                return way
    except TimeoutError:
        pass
    return None


def _loosened_together(
    scenario: Scenario,
    members: Sequence[Member],
    every: Sequence[LimitLever],
    clock: Clock,
    together: bool = False,
) -> WayOut | None:
    by_path = {lever.path: lever for member in members for lever in _levers_of(member, every)}
    turned = list(by_path.values())

    def loosened(permille: int) -> list[tuple[LimitLever, float]]:
        result = []
        for lever in turned:
            size = (abs(lever.number) or 1.0) * permille / 1000
            steps = min(most_steps(lever), math.ceil(size / step_of(lever) - 1e-9))
            result.append((lever, relaxed_by(lever, steps)))
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
    scenario: Scenario, turned: list[tuple[LimitLever, float]], clock: Clock
) -> list[tuple[LimitLever, float]]:
    """Each of several changes as small as it can be beside the others."""
    result = list(turned)
    for place, (lever, number) in enumerate(turned):
        most = math.ceil(abs(number - lever.number) / step_of(lever) - 1e-9)

        def helps(steps: int, place: int = place, lever: LimitLever = lever) -> bool:
            wish = [*result[:place], (lever, relaxed_by(lever, steps)), *result[place + 1 :]]
            return makes_possible(scenario, wish, clock)

        result[place] = (lever, relaxed_by(lever, bisected(helps, 0, most)))
    return result


def _all_members(program: Program) -> list[Member]:
    return [*program.rules, *(int(o) for o in np.flatnonzero(program.packages.room_min > 0))]


def _way(scenario: Scenario, turned: Sequence[tuple[LimitLever, float]], clock: Clock) -> WayOut:
    """Changes that make a plan possible, in words and with the best plan there is then (if found in time)."""
    changed = with_turned(scenario, turned)
    steps = tuple(_step(scenario, lever, number) for lever, number in turned)
    text = " and ".join(step.text for step in steps)
    assert changed is not None, "a change that was found to help"
    seconds = max(0.1, min(scenario.solver.time_limit, clock.left))
    outcome = answer(varied(changed, {("solver", "time_limit"): seconds}), BEST_VALUE)
    goal = scenario.objective[0]
    result = ""
    if outcome.value is not None:
        result = counted_in(_rounded(outcome.value), unit_of(goal.measure, scenario.currency))
        if goal.confidence is not None:
            result = (
                f"at {'least' if goal.sense == 'maximize' else 'most'} {result} in {cases(goal.confidence)}"
            )
        if outcome.cost is not None and goal.measure != "cost":
            result += f" for {outcome.cost:,.0f} {scenario.currency}"
    return WayOut(text, steps, result=result, value=outcome.value)


def _step(scenario: Scenario, lever: LimitLever, number: float) -> Turned:
    changes = {scenario.path_to(*path): value for path, value in lever.change(number).items()}
    return Turned(lever.path, lever.number, number, changes, _in_words(lever, number))


def _in_words(lever: LimitLever, number: float) -> str:
    size = float(abs(Decimal(repr(number)) - Decimal(repr(lever.number))))
    verb = "raise" if lever.side == "max" else "lower"
    if lever.of:
        by = counted_in(grouped(100 * size, 4), "points")
        return f"{verb} {lever.name} by {by} (to {grouped(100 * number, 4)}% of {lever.of})"
    if lever.offer is not None and lever.side == "min":
        return f"book {grouped(size)} fewer of {lever.offer} (at least {grouped(number)})"
    name = "effort_hours" if lever.path == ("effort_hours",) else lever.name
    return f"{verb} {name} by {counted_in(grouped(size), lever.unit)} (to {grouped(number)})"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else grouped(value, 3)
