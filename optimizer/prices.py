"""What a limit costs: by re-solving with whole creators, with the local rate of the linear program beside it.

Price of a limit = improvement of the objective per unit of relaxing it; positive is helpful. For whole creators the
ordinary shadow price is wrong (a little more budget may buy nobody), so it is found by solving again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from optimizer.flow import BEST_VALUE
from optimizer.handles import Handle, limit_handles
from optimizer.limits import fixed
from optimizer.measures import MEASURES
from optimizer.plan import tidy
from optimizer.prepare import Prepared, prepare
from optimizer.scenario import Bound, Scenario
from optimizer.solve import row_prices
from optimizer.whatif import Answer, Clock, answer_changed, linear_program

STEPS = (0.01, 0.05, 0.10)
"""Practical steps of money, hours and results: 1, 5 and 10 %."""
RESOLUTION = 0.005
"""How finely the next turning point is looked for, as a share of the limit."""
FARTHEST = 1.0
"""How far it is looked for: twice the limit, or none of it."""
LOCAL_STEP = 1e-6
"""Relative step of the derivative of rows, which are linear or nearly so in their sides."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PricePoint(_Frozen):
    """The plan after one step."""

    step: float
    """Change of the number, signed, in its unit (in points for shares)."""
    number: float
    status: str
    value: float | None
    """Objective of the new plan."""
    gain: float | None
    """Improvement of the objective; negative where it gets worse."""
    per_unit: float | None
    """Improvement per unit of relaxing; positive is helpful."""


class LimitPrice(_Frozen):
    """What one limit costs."""

    name: str
    path: str
    side: Literal["min", "max"]
    text: str
    number: float
    of: str | None
    unit: str
    objective_unit: str
    binding: bool
    points: list[PricePoint]
    local_price: float | None
    """Local rate of the linear program, with fractions of creators: improvement per unit of relaxing."""
    local_dual: float | None
    """The same as textbooks print it: change of the objective per unit by which the number is raised."""
    next_better: float | None
    """Smallest relaxation found at which the plan gets better, in the limit's unit; None where none was found."""
    next_worse: float | None
    """Smallest tightening found at which it gets worse."""
    resolution: float
    """How finely those two were looked for, in the limit's unit."""


class RuleCost(_Frozen):
    """What one rule costs: how much better the plan would be without it."""

    name: str
    kind: Literal["ceiling", "floor", "floor and ceiling", "booking"]
    text: str
    path: str
    status: str
    value: float | None
    gain: float | None
    share: float | None
    """gain / today's value."""


def price_of(scenario_json: str, handle: Handle, base: float, sense: str, unit: str, binding: bool,
             local: tuple[float | None, float | None], until: float = math.inf) -> LimitPrice:  # fmt: skip
    """Re-solve around one limit.

    Args:
        scenario_json: the scenario.
        handle: the number to turn.
        base: today's objective.
        sense: "maximize" or "minimize".
        unit: unit of the objective.
        binding: whether the limit holds today's plan.
        local: price and dual of the linear program.
        until: moment of `time.time()` at which to stop.

    Raises:
        TimeoutError: where time was up.
    """
    clock = Clock.until(until)
    sign = 1.0 if sense == "maximize" else -1.0
    known: dict[float, Answer] = {}

    def solve_at(number: float) -> Answer:
        number = tidy(number)
        if number not in known:
            if clock.over:
                raise TimeoutError
            known[number] = answer_changed(scenario_json, handle.change(number), BEST_VALUE)
        return known[number]

    points = []
    scale = 100.0 if handle.of else 1.0
    for step in sorted(_steps(handle)):
        number = handle.number + step
        result = solve_at(number)
        gain = None if result.value is None else tidy(sign * (result.value - base)) + 0.0  # not -0.0
        per_unit = None if gain is None else tidy(gain / (handle.relaxing * step * scale)) + 0.0
        points.append(
            PricePoint(
                step=tidy(step * scale),
                number=tidy(number),
                status=result.status,
                value=result.value,
                gain=gain,
                per_unit=per_unit,
            )
        )
    resolution = 1.0 if handle.whole else RESOLUTION * _unit_step(handle)
    better = _turning_point(handle, solve_at, base, sign, +1, resolution)
    worse = _turning_point(handle, solve_at, base, sign, -1, resolution)
    return LimitPrice(
        name=handle.name,
        path=handle.path,
        side=handle.side,
        text=handle.text,
        number=handle.number,
        of=handle.of,
        unit=handle.unit,
        objective_unit=unit,
        binding=binding,
        points=points,
        local_price=None if local[0] is None else float(f"{local[0] / scale:.9g}"),
        local_dual=None if local[1] is None else float(f"{local[1] / scale:.9g}"),
        next_better=None if better is None else tidy(better * scale),
        next_worse=None if worse is None else tidy(worse * scale),
        resolution=tidy(resolution * scale),
    )


def _unit_step(handle: Handle) -> float:
    """What 100 % of a step means: the number itself, a whole for shares and for limits at 0."""
    return 1.0 if handle.of or not handle.number else abs(handle.number)


def _steps(handle: Handle) -> list[float]:
    """Signed practical steps that keep the number possible."""
    if handle.whole:
        steps = [-1.0, 1.0]
    elif handle.of:
        steps = [-0.05, -0.01, 0.01, 0.05]
    else:
        steps = [sign * share * _unit_step(handle) for share in STEPS for sign in (-1, 1)]
    least = -math.inf if handle.number < 0 else 0.0
    return [s for s in steps if least <= handle.number + s <= max(handle.most, handle.number)]


def _turning_point(
    handle: Handle, solve_at: Callable[[float], Answer], base: float, sign: float, way: int, resolution: float
) -> float | None:
    """Smallest change in one direction (+1 relaxing, -1 tightening) at which the objective gets better (worse).

    The objective is monotone in the limit, so bisection between a change that does nothing and one that does is exact
    up to the resolution. The budget and the hours are an exception where floors are shares of them: what is found is
    then better, but perhaps not the nearest that is.
    """
    direction = handle.relaxing * way
    room = FARTHEST * _unit_step(handle)
    if direction < 0 and handle.number >= 0:
        room = min(room, handle.number)
    if direction > 0:
        room = min(room, handle.most - handle.number)

    def differs(size: float) -> bool:
        result: Answer = solve_at(handle.number + direction * size)
        if result.value is None:
            # A floor above its own ceiling is refused rather than infeasible.
            return result.status in (("unlimited",) if way > 0 else ("infeasible", "refused"))
        return way * sign * (result.value - base) > 1e-9 * max(1.0, abs(base))

    low, high = 0.0, None
    for share in (0.01, 0.05, 0.10, 0.25, 0.5, 1.0):
        size = max(1.0, round(share * room)) if handle.whole else share * room
        if size > room or size <= low:
            continue
        if differs(size):
            high = size
            break
        low = size
    if high is None:
        return None
    while high - low > resolution * (1 + 1e-9):
        middle = round((low + high) / 2) if handle.whole else (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if differs(middle) else (middle, high)
    return high


def local_prices(scenario: Scenario, chosen: list[Handle]) -> dict[str, tuple[float | None, float | None]]:
    """Price and dual of the linear program for each handle, by its path.

    Envelope theorem: dV/dt = sum over rows of dual x (change of side - change of coefficients . x), which covers
    budgets that limits are a share of, shares, ratios and reach alike. For the first objective.
    """
    prepared = prepare(scenario)
    goal = scenario.objective[0]
    maximize = goal.sense == "maximize"
    values = prepared.goal_values(goal)
    model, solution = linear_program(prepared)
    if solution.status != "optimal":
        return {handle.path: (None, None) for handle in chosen}
    duals = row_prices(model)
    slope = _amount_slope(prepared, values, solution.values)
    result: dict[str, tuple[float | None, float | None]] = {}
    for handle in chosen:
        raised = _derivative(prepared, model.rows, duals, solution.values, handle)
        if raised is None:
            result[handle.path] = (None, None)
            continue
        dual = raised * slope
        result[handle.path] = ((1 if maximize else -1) * handle.relaxing * dual + 0.0, dual + 0.0)
    return result


def _amount_slope(prepared: Prepared, values: np.ndarray, columns: np.ndarray) -> float:
    """d(objective in its unit) / d(linear objective): 1, except for reach."""
    goal = prepared.scenario.objective[0]
    at = float(values @ columns)
    step = max(1.0, abs(at)) * 1e-6
    if goal.measure in MEASURES or goal.measure in prepared.scenario.measures:
        return 1.0
    return (prepared.goal_amount(goal, at + step) - prepared.goal_amount(goal, at - step)) / (2 * step)


def _derivative(
    prepared: Prepared,
    names: dict[str, list[str]],
    duals: dict[str, float],
    columns: np.ndarray,
    handle: Handle,
) -> float | None:
    """d(linear objective) / d(the handle's number)."""
    if handle.place[0] == "offers":
        index = handle.place[1]
        return sum(duals[name] for name in names.get(f"room_{handle.side} {index}", []))
    step = LOCAL_STEP * _unit_step(handle)
    way = -1.0 if handle.number + step > handle.most else 1.0
    changed = prepare(prepared.scenario.with_changes(handle.change(handle.number + way * step)))
    total = 0.0
    for before, after in zip(prepared.rows, changed.rows, strict=True):
        moved_columns = float((after.coefficients - before.coefficients) @ columns)
        constraints = names.get(before.name, [])
        both = math.isfinite(before.lower) and math.isfinite(before.upper) and before.lower != before.upper
        for name in constraints:
            lower_side = math.isfinite(before.lower) and (not both or name == constraints[0])
            old, new = (before.lower, after.lower) if lower_side else (before.upper, after.upper)
            total += duals[name] * ((new - old) - moved_columns)
    return total / (way * step)


def rule_costs_jobs(prepared: Prepared) -> list[tuple[RuleCost, dict[str, object]]]:
    """Every rule with the change that removes it: budget, hours, limits, bookings."""
    scenario = prepared.scenario
    jobs: list[tuple[RuleCost, dict[str, object]]] = []

    def add(name: str, kind: str, text: str, path: str, change: dict[str, object]) -> None:
        rule = RuleCost(
            name=name, kind=kind, text=text, path=path, status="", value=None, gain=None, share=None
        )
        jobs.append((rule, change))

    for key in ("budget", "effort_hours"):
        number = getattr(scenario, key)
        if number is not None:
            add(key, "ceiling", f"at most {number:,.10g}", key, _without_cap(scenario, key))
    dumped = [limit.model_dump(mode="json", exclude_unset=True) for limit in scenario.limits]
    for index, limit in enumerate(scenario.limits):
        found = list(limit_handles(prepared, index, limit))
        if found:
            kind = (
                "floor and ceiling" if len(found) == 2 else "floor" if found[0].side == "min" else "ceiling"
            )
            rest = dumped[:index] + dumped[index + 1 :]
            text = " and ".join(h.text for h in found)
            add(found[0].name, kind, text, scenario.path_to("limits", index), {"limits": rest})
    for index, offer in enumerate(scenario.offers):
        if offer.creators.min:
            name = prepared.packages.terms[index].name
            path = scenario.path_to("offers", index, "creators", "min")
            add(name, "booking", f"{offer.creators.min:g} or more creators booked", path, {path: 0})
    return jobs


def _without_cap(scenario: Scenario, key: str) -> dict[str, object]:
    """No budget (hours) any more; limits that are a share of it keep the amount they have today."""
    limits = []
    for limit in scenario.limits:
        dumped = limit.model_dump(mode="json", exclude_unset=True)
        for side in ("min", "max"):
            bound: Bound | None = getattr(limit, side)
            if bound is not None and bound.of == key:
                dumped[side] = fixed(bound, scenario)
        limits.append(dumped)
    return {key: None, "limits": limits}


def rule_cost(
    scenario_json: str, rule: RuleCost, change: dict[str, object], base: float, sense: str
) -> RuleCost:
    """Plan without one rule."""
    result = answer_changed(scenario_json, change, BEST_VALUE)
    sign = 1.0 if sense == "maximize" else -1.0
    gain = None if result.value is None else tidy(max(0.0, sign * (result.value - base)))
    share = None if gain is None or not base else tidy(gain / abs(base))
    return rule.model_copy(
        update={"status": result.status, "value": result.value, "gain": gain, "share": share}
    )
