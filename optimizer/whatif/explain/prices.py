"""What a limit costs: by re-solving with whole creators, with the local rate of the linear program beside it.

Price of a limit = improvement of the objective per unit of relaxing it; positive is helpful. For whole creators the
ordinary shadow price is wrong (a little more budget may buy nobody), so it is found by solving again.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import replace
from typing import Literal

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import KeyPath, ScenarioError
from optimizer.language.measures import MEASURES
from optimizer.language.numbers import gained, tidy
from optimizer.language.records import Record
from optimizer.plan.plan import Plan
from optimizer.program.levers import CAPS, LimitLever, limit_levers
from optimizer.program.program import Program, program_of
from optimizer.program.rules import Row
from optimizer.program.varied import varied
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import Answer, answer, answer_changed, linear_program, scenario_of
from optimizer.solve.lexicographic import BEST_VALUE
from optimizer.solve.ready import ready
from optimizer.solve.solver import row_prices
from optimizer.whatif.explain.thresholds import NOISE, keeps_limits

STEPS = (0.01, 0.05, 0.10)
"""Practical steps of money, hours and results: 1, 5 and 10 %."""
RESOLUTION = 0.005
"""How finely the next turning point is looked for, as a share of the limit."""
FARTHEST = 1.0
"""How far it is looked for: twice the limit, or none of it."""
SAME = 1e-9
"""Relative; values nearer to each other than this are the same."""
LOCAL_STEP = 1e-6
"""Relative step of the derivative of rows, which are linear or nearly so in their sides."""


class PricePoint(Record):
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


class LimitPrice(Record):
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
    points: tuple[PricePoint, ...]
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


def price_of(scenario_json: str, lever: LimitLever, base: float, sense: str, unit: str, binding: bool,
             local: tuple[float | None, float | None], until: float = math.inf,
             today: tuple[float, ...] = ()) -> LimitPrice:  # fmt: skip
    """Re-solve around one limit.

    Args:
        scenario_json: the scenario.
        lever: the number to turn.
        base: today's objective.
        sense: "maximize" or "minimize".
        unit: unit of the objective.
        binding: whether the limit holds today's plan.
        local: price and dual of the linear program.
        until: moment of `time.time()` at which to stop.
        today: creators per package in a plan with that objective; saves re-solves where it is still possible.

    Raises:
        TimeoutError: where time was up.
    """
    sign = 1.0 if sense == "maximize" else -1.0
    line = Line(scenario_json, lever, base, sign, today, Clock.until(until))
    points = []
    scale = 100.0 if lever.of else 1.0
    steps = sorted(_steps(lever))
    if not binding:  # where far more of it changes nothing, a little more does not either
        line.at(lever.number + lever.relaxing * _room(lever, +1))
    for step in steps:
        number = lever.number + step
        result = line.at(number)
        if result.status == "refused":
            continue  # a floor above its own ceiling is no scenario
        value = (
            result.value if result.status != "feasible" else None
        )  # stopped early: what it brings is not known
        gain = None if value is None else gained(value, base, sign)
        per_unit = None if gain is None else tidy(gain / (lever.relaxing * step * scale)) + 0.0
        points.append(
            PricePoint(
                step=tidy(step * scale),
                number=tidy(number),
                status=result.status,
                value=value,
                gain=gain,
                per_unit=per_unit,
            )
        )
    resolution = 1.0 if lever.whole else RESOLUTION * _unit_step(lever)
    better = _turning_point(lever, line, +1, resolution)
    worse = _turning_point(lever, line, -1, resolution)
    return LimitPrice(
        name=lever.name,
        path=lever.written,
        side=lever.side,
        text=lever.text,
        number=lever.number,
        of=lever.of,
        unit=lever.unit,
        objective_unit=unit,
        binding=binding,
        points=points,
        local_price=None if local[0] is None else float(f"{local[0] / scale:.9g}"),
        local_dual=None if local[1] is None else float(f"{local[1] / scale:.9g}"),
        next_better=None if better is None else tidy(better * scale),
        next_worse=None if worse is None else tidy(worse * scale),
        resolution=tidy(resolution * scale),
    )


def _unit_step(lever: LimitLever) -> float:
    """What 100 % of a step means: the number itself, a whole for shares and for limits at 0."""
    return 1.0 if lever.of or not lever.number else abs(lever.number)


def _steps(lever: LimitLever) -> list[float]:
    """Signed practical steps that keep the number possible."""
    if lever.whole:
        steps = [-1.0, 1.0]
    elif lever.of:
        steps = [-0.05, -0.01, 0.01, 0.05]
    else:
        steps = [sign * share * _unit_step(lever) for share in STEPS for sign in (-1, 1)]
    least = -math.inf if lever.number < 0 else 0.0
    return [s for s in steps if least <= lever.number + s <= max(lever.most, lever.number)]


class Line:
    """Best value along one limit's number, solved for where it does not follow from what is known.

    The objective is monotone in a limit. So today's plan, where it still keeps a tighter limit, is still the best, and
    between two numbers with the same value every number has it. Only the linear program's bound is needed to see that
    a tighter limit makes it worse. Not so for a budget (hours) that other limits are a share of.
    """

    def __init__(
        self,
        scenario_json: str,
        lever: LimitLever,
        base: float,
        sign: float,
        today: tuple[float, ...],
        clock: Clock,
    ) -> None:
        self.text, self.lever, self.base, self.sign, self.clock = scenario_json, lever, base, sign, clock
        self.scenario = scenario_of(scenario_json)
        bounds = [b for limit in self.scenario.limits for b in (limit.min, limit.max) if b is not None]
        self.monotone = not any((bound.of,) == lever.path for bound in bounds)
        self.same = Answer("optimal", base, creators=today)
        self.known: dict[float, Answer] = {tidy(lever.number): self.same}

    def at(self, number: float) -> Answer:
        """The best plan with that number.

        Raises:
            TimeoutError: where time was up.
        """
        number = tidy(number)
        if number not in self.known:
            self.known[number] = self.same if self._is_same(number) else self._solved(number)
        return self.known[number]

    def _solved(self, number: float) -> Answer:
        if self.clock.over:
            raise TimeoutError
        change = self.lever.change(number)
        effort = replace(BEST_VALUE, start=self.same.creators or None)
        try:
            return answer(varied(self.scenario, change), effort, self.clock)
        except ScenarioError:
            return answer_changed(self.text, change, BEST_VALUE)  # which says what kind of refusal it is

    def _is_same(self, number: float) -> bool:
        """Whether it is known without solving that the value there is today's."""
        if not self.monotone:
            return False
        alike = [n for n, found in self.known.items() if found.value is not None and not self._differs(found)]
        if min(alike) <= number <= max(alike):
            return True
        relaxed = self.lever.relaxing * (number - self.lever.number) > 0
        return not relaxed and bool(self.same.creators) and self._keeps_today(number)

    def _keeps_today(self, number: float) -> bool:
        try:
            program = ready(varied(self.scenario, self.lever.change(number)))
        except ScenarioError:
            return False
        return keeps_limits(program, self.same.creators)

    def _differs(self, found: Answer) -> bool:
        return found.value is None or abs(found.value - self.base) > SAME * max(1.0, abs(self.base))

    def turns(self, number: float, way: int) -> bool:
        """Whether the plan there is better (+1) or worse (-1) than today's; no plan is worse."""
        if way < 0 and tidy(number) not in self.known and self.monotone:
            if self._is_same(tidy(number)):
                return False
            if self._bound_is_worse(number):
                return True
        found = self.at(number)
        if found.value is None:
            # A floor above its own ceiling is refused rather than infeasible.
            return found.status in (("unlimited",) if way > 0 else ("infeasible", "refused"))
        return way * self.sign * (found.value - self.base) > SAME * max(1.0, abs(self.base))

    def _bound_is_worse(self, number: float) -> bool:
        try:
            program = ready(varied(self.scenario, self.lever.change(tidy(number))))
        except ScenarioError:
            return False
        relaxed = linear_program(program, self.clock)
        if relaxed.value is None:
            return relaxed.solution.status == "infeasible"
        bound = program.goal_amount(self.scenario.objective[0], relaxed.value)
        return self.sign * (bound - self.base) < -NOISE * max(1.0, abs(self.base))


def _room(lever: LimitLever, way: int) -> float:
    """How far a number is turned, relaxing (+1) or tightening (-1)."""
    direction = lever.relaxing * way
    room = FARTHEST * _unit_step(lever)
    if direction < 0 and lever.number >= 0:
        room = min(room, lever.number)
    if direction > 0:
        room = min(room, max(0.0, lever.most - lever.number))
    return room


def _turning_point(lever: LimitLever, line: Line, way: int, resolution: float) -> float | None:
    """Smallest change in one direction (+1 relaxing, -1 tightening) at which the objective gets better (worse).

    The objective is monotone in the limit, so bisection between a change that does nothing and one that does is exact
    up to the resolution. The budget and the hours are an exception where floors are shares of them: what is found is
    then better, but perhaps not the nearest that is.
    """
    room = _room(lever, way)

    def differs(size: float) -> bool:
        return line.turns(lever.number + lever.relaxing * way * size, way)

    low, high = 0.0, None
    for share in (0.01, 0.05, 0.10, 0.25, 0.5, 1.0):
        size = max(1.0, round(share * room)) if lever.whole else share * room
        if size > room or size <= low:
            continue
        if differs(size):
            high = size
            break
        low = size
    if high is None:
        return None
    while high - low > resolution * (1 + 1e-9):
        middle = round((low + high) / 2) if lever.whole else (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if differs(middle) else (middle, high)
    return high


def local_prices(
    scenario: Scenario, chosen: list[LimitLever], clock: Clock | None = None
) -> dict[KeyPath, tuple[float | None, float | None]]:
    """Price and dual of the linear program for each lever, by its path.

    Envelope theorem: dV/dt = sum over rows of dual x (change of side - change of coefficients . x), which covers
    budgets that limits are a share of, shares, ratios and reach alike. For the first objective.
    """
    program = program_of(scenario)
    goal = scenario.objective[0]
    maximize = goal.sense == "maximize"
    found = linear_program(program, clock)
    model, solution = found.model, found.solution
    if found.value is None:
        return {lever.path: (None, None) for lever in chosen}
    duals = row_prices(model)
    slope = _amount_slope(program, found.value)
    result: dict[KeyPath, tuple[float | None, float | None]] = {}
    for lever in chosen:
        raised = _derivative(program, model.rows, duals, solution.values, lever)
        if raised is None:
            result[lever.path] = (None, None)
            continue
        dual = raised * slope
        result[lever.path] = ((1 if maximize else -1) * lever.relaxing * dual + 0.0, dual + 0.0)
    return result


def _amount_slope(program: Program, at: float) -> float:
    """d(objective in its unit) / d(linear objective): 1, except for reach."""
    goal = program.scenario.objective[0]
    step = max(1.0, abs(at)) * 1e-6
    if goal.measure in MEASURES or goal.measure in program.scenario.measures:
        return 1.0
    return (program.goal_amount(goal, at + step) - program.goal_amount(goal, at - step)) / (2 * step)


def _derivative(
    program: Program,
    names: dict[str, list[str]],
    duals: dict[str, float],
    columns: np.ndarray,
    lever: LimitLever,
) -> float | None:
    """d(linear objective) / d(the lever's number)."""
    if lever.path[0] == "offers":
        index = lever.path[1]
        return sum(duals[name] for name in names.get(f"room_{lever.side} {index}", []))
    step = LOCAL_STEP * _unit_step(lever)
    changed = None
    for way in (-1.0, 1.0) if lever.number + step > lever.most else (1.0, -1.0):
        with suppress(ScenarioError):  # a floor that is its own ceiling can only be lowered
            changed = ready(varied(program.scenario, lever.change(lever.number + way * step)))
            break
    if changed is None:
        return None
    total = 0.0
    for before, after in zip(program.rows, changed.rows, strict=True):
        moved_columns = float((after.coefficients - before.coefficients) @ columns)
        constraints = names.get(before.name, [])
        if before.lower == before.upper:
            total += _of_equality(program, before, after, duals, constraints, moved_columns)
            continue
        both = math.isfinite(before.lower) and math.isfinite(before.upper)
        for name in constraints:
            lower_side = math.isfinite(before.lower) and (not both or name == constraints[0])
            old, new = (before.lower, after.lower) if lower_side else (before.upper, after.upper)
            total += duals[name] * ((new - old) - moved_columns)
    for one, moved in zip(program.reachings, changed.reachings, strict=True):
        if one.bound is not None and moved.bound is not None:
            asked = 1.0 if one.switch is None else float(columns[one.switch])
            dual = sum(duals[name] for name in names.get(one.kept_row, []))
            total += dual * asked * (moved.bound - one.bound) / one.unit
    return total / (way * step)


def _of_equality(
    program: Program, before: Row, after: Row, duals: dict[str, float], names: list[str], moved: float
) -> float:
    """What turning one side of a row with equal sides does: nothing, unless it is the side that holds the plan.

    Its one dual is that of the floor where raising both sides makes the objective worse, else that of the ceiling.
    """
    dual = sum(duals[name] for name in names)
    maximize = program.scenario.objective[0].sense == "maximize"
    floor_holds = dual < 0 if maximize else dual > 0
    old, new = (before.lower, after.lower) if floor_holds else (before.upper, after.upper)
    return dual * ((new - old) - moved)


def binding_levers(program: Program, plan: Plan) -> list[LimitLever]:
    """Those that hold this plan; budget and hours always, because they are always asked about."""
    binding = {limit.name for limit in plan.limits if limit.binding}
    held = {rule.path for rule in program.rules if rule.name in binding}
    booked: dict[str, float] = {}
    for line in plan.lines:
        booked[line.offer] = booked.get(line.offer, 0.0) + line.creators
    chosen = []
    for lever in limit_levers(program):
        if lever.path in CAPS:
            chosen.append(lever)
        elif lever.path[0] == "limits":
            if lever.path[:2] in held:
                chosen.append(lever)
        elif booked.get(program.packages.terms[int(lever.path[1])].name, 0.0) == lever.number:
            chosen.append(lever)
    return chosen
