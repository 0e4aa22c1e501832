"""The best result at every budget (or hours, or any number of the scenario): curves and maps, solved point by point.

Every point is a plan as `optimize` makes it, solved to gap 0. What solves is imported inside the functions, so that a
saved frontier can be read and drawn without a solver.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from optimizer.plan.plan import ScenarioStamp, Totals
from optimizer.solve.ready import ready

if TYPE_CHECKING:
    from optimizer.finance.frontier.axes import Over
    from optimizer.jobs.runner import Runner
    from optimizer.program.program import Program
    from optimizer.scenario.scenario import Scenario

PointStatus = Literal[
    "optimal", "feasible", "infeasible", "unlimited", "not_found", "refused", "failed", "skipped"
]
"""As a plan's and an answer's; "failed" where the worker that solved it did, "skipped" where time was up."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Axis(_Frozen):
    """A number of the scenario that is varied."""

    path: str
    """Where it stands, as for `--set`: "budget", "offers.NAME.cost_per_post", "limits.NAME.max"."""
    of: str | None = None
    """What the number is a share of, for limits such as "20% of cost"."""
    label: str
    """In words: "budget", "coordination hours", "cost_per_post of NAME"."""
    unit: str
    """Of the values: "USD", "hours", "creators"; "" for plain shares and rates."""
    values: list[float]
    """Rising."""
    today: float | None
    """The number in the scenario as it is; None where it has none, or one of another kind."""
    written: str = ""
    """The number in the scenario where it is of another kind than those of the axis: "30% of cost" beside numbers of
    USD."""


class MixShare(_Frozen):
    """What one tier (or platform, or offer) has in a plan."""

    group: str
    creators: float
    cost: float | None
    hours: float | None
    result: float | None
    """Of the objective's measure; None for reach, which does not add up."""


def amounts_of(mix: Sequence[MixShare]) -> tuple[Literal["money", "bookings"], dict[str, float]]:
    """What groups are compared by, and what each has: their cost, or their creators where no cost tells them apart."""
    costs = {share.group: share.cost for share in mix}
    if any(cost is None for cost in costs.values()) or not any(costs.values()):
        return "bookings", {share.group: share.creators for share in mix}
    return "money", {group: cost or 0.0 for group, cost in costs.items()}


class Booked(_Frozen):
    """Creators of one offer with so many posts each."""

    offer: str
    posts_per_creator: int
    creators: float


class FrontierPoint(_Frozen):
    """The best plan at one point."""

    at: list[float]
    """One number for each axis."""
    status: PointStatus
    message: str = ""
    """Why there is no plan."""
    value: float | None = None
    """First objective in this plan."""
    best: float | None = None
    """Best value of the first objective; differs from value where `within` gives some of it up."""
    gap: float | None = None
    totals: Totals | None = None
    binding: list[str] = Field(default_factory=list)
    """Names of the limits that hold the plan."""
    mix: list[MixShare] = Field(default_factory=list)
    """By `Frontier.mix_by`, in the order of tiers, small to large."""
    leader: str | None = None
    """The group with the largest share of the money (of the creators where cost is not known)."""
    bookings: list[Booked] = Field(default_factory=list)


class Marginal(_Frozen):
    """What one more unit brings between two neighbouring points of a curve."""

    low: float
    high: float
    gain: float
    """Change of the best value of the objective from low to high, signed as the measure is."""
    per_unit: float
    """gain / (high - low): by what is allowed, spent or not."""
    cost: float | None
    """Change of what the plans cost; None where that is not known."""
    cost_of_each: float | None
    """cost / change of what these same plans bring: what each further unit of the result costs. None where the two do
    not move the same way."""


class Turn(_Frozen):
    """Where the mix changes along a curve."""

    below: float
    """Last point of the old mix."""
    at: float
    """First point of the new one."""
    kind: Literal["turns", "enters", "leaves"]
    """turns: another group takes the largest share of the money."""
    group: str
    """The new leader, or the group that enters or leaves."""
    instead_of: str | None = None
    """The leader before."""


class Stretch(_Frozen):
    """Neighbouring points of a curve without a plan."""

    low: float
    high: float
    status: PointStatus
    message: str


class Frontier(_Frozen):
    """The best plan at every point of one or two axes."""

    scenario: ScenarioStamp
    currency: str
    measure: str
    """Of the first objective."""
    sense: Literal["maximize", "minimize"]
    unit: str
    axes: list[Axis]
    points: list[FrontierPoint]
    """Row by row: the last axis varies fastest."""
    today: FrontierPoint | None
    """The scenario as it is; None where it has no plan, or no number today on some axis."""
    mix_by: Literal["tier", "platform", "offer"]
    """The finest of these that has at least two values: tier where known, else platform, else offer."""
    marginals: list[Marginal]
    """Of a curve (one axis); empty for a map."""
    turns: list[Turn]
    """Of a curve; empty for a map."""
    stretches: list[Stretch]
    """Of a curve; empty for a map."""
    most: float | None = None
    """Best value of the objective however large the number that is varied: of a curve over budget or hours whose last
    points bring the same. None elsewhere, and where it was not found."""
    sentences: list[str]
    """The findings in plain words, most important first."""
    version: str


MOST_SECONDS = 20.0
"""Time for the plan without the cap that is varied."""
CONFLICT_SECONDS = 5.0
"""Time for finding out why a stretch has no plan."""
EXPLAINED = 3
"""Stretches without a plan whose reason is looked for."""
CURVE_SIZES = (13, 7, 5, 3)
"""Points of the curve around today, the most that time allows."""
MAP_SIDES = (7, 5, 3)
"""Points to a side of the map around today."""


def frontier(
    scenario: Scenario,
    over: Over,
    *,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Frontier:
    """The best plan at every point of one or two axes.

    Every point is what `optimize` finds for the changed scenario, with a gap of 0 unless the scenario sets
    `solver.gap` itself. A point without a plan says why; one whose worker failed is "failed" and takes no other along.

    Args:
        scenario: the scenario.
        over: what is varied: text as for `--over` ("budget=20k:120k:5k"), a mapping path -> rising numbers
            (`{"budget": [20_000, 40_000], "effort_hours": range(80, 401, 20)}`), or `Axis` objects; one or two.
        executor: any `concurrent.futures.Executor`; None solves in this process. The result is the same.
        time_limit: seconds for everything; points not solved by then are "skipped".
        on_progress: called with (points done, points in all).

    Raises:
        ScenarioError: where an axis makes no sense, or the scenario cannot be planned at any value of it.
    """
    from optimizer.finance.frontier.axes import axes_of
    from optimizer.finance.frontier.points import failed
    from optimizer.jobs.runner import Runner

    axes = axes_of(scenario, over)
    runner = Runner(executor, time_limit, on_progress, lambda job, error: failed(job[1], error))
    points, today = _solved(scenario, axes, runner)
    return _assembled(scenario, axes, points, today, runner.clock.left)


def _solved(
    scenario: Scenario, axes: list[Axis], runner: Runner
) -> tuple[list[FrontierPoint], FrontierPoint | None]:
    """Every point, and today's."""
    from itertools import product

    from optimizer.finance.frontier.axes import change_of
    from optimizer.finance.frontier.points import mix_by, skipped, solve_point

    text, by, until = scenario.model_dump_json(exclude_unset=True), mix_by(scenario), runner.clock.moment
    # the proven best, unless the scenario itself says how near is near enough
    exact: dict[str, object] = {} if "gap" in scenario.solver.model_fields_set else {"solver.gap": 0}
    places = [list(values) for values in product(*(axis.values for axis in axes))]
    jobs = []
    for at in places:
        change = dict(exact)
        for axis, value in zip(axes, at, strict=True):
            change |= change_of(axis, value)
        jobs.append((text, at, change, by, until))
    now = [axis.today for axis in axes if axis.today is not None]
    # Budget and hours are plain numbers; others may be ranges or follow from the benchmark set.
    on_grid = now in places and all(axis.path in ("budget", "effort_hours") for axis in axes)
    beside = len(now) == len(axes) and not on_grid
    if beside:
        jobs.append((text, now, exact, by, until))
    answers = runner.run(solve_point, jobs)
    points = [
        skipped(job[1]) if answer is None else answer for job, answer in zip(jobs, answers, strict=True)
    ]
    today = points.pop() if beside else points[places.index(now)] if on_grid else None
    return points, today


def _assembled(
    scenario: Scenario,
    axes: list[Axis],
    points: list[FrontierPoint],
    today: FrontierPoint | None,
    seconds: float,
) -> Frontier:
    """The points with what is found in them."""
    from optimizer.__version__ import __version__
    from optimizer.finance.frontier.findings import sentences
    from optimizer.finance.frontier.points import mix_by
    from optimizer.finance.frontier.turning_points import marginals, stretches, turns
    from optimizer.language.measures import unit_of
    from optimizer.plan.stamp import stamp_of

    curve = points if len(axes) == 1 else []
    goal = scenario.objective[0]
    found = Frontier(
        scenario=stamp_of(scenario),
        currency=scenario.currency,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_of(goal.measure, scenario.currency),
        axes=axes,
        points=points,
        today=None if today is None or today.value is None else today,
        mix_by=mix_by(scenario),
        marginals=marginals(curve),
        turns=turns(curve),
        stretches=_explained(scenario, axes, stretches(curve), seconds),
        most=_most(scenario, axes, curve, seconds),
        sentences=[],
        version=__version__,
    )
    return found.model_copy(update={"sentences": sentences(found)})


def _most(
    scenario: Scenario, axes: list[Axis], points: Sequence[FrontierPoint], seconds: float
) -> float | None:
    """The best without the limit that is varied, where a curve ends flat: whether more of it could bring anything."""
    from optimizer.finance.frontier.axes import is_cap
    from optimizer.finance.frontier.points import mix_by, solve_point
    from optimizer.scenario.scenario import Scenario

    last = [point.best for point in points[-2:]]
    if len(last) < 2 or None in last or last[0] != last[1] or not is_cap(axes[0]) or seconds <= 0:
        return None
    data = scenario.model_dump(mode="json", exclude_unset=True)
    free = Scenario.model_validate({key: value for key, value in data.items() if key != axes[0].path})
    exact: dict[str, object] = {} if "gap" in scenario.solver.model_fields_set else {"solver.gap": 0}
    until = time.time() + min(MOST_SECONDS, seconds)
    found = solve_point(free.model_dump_json(exclude_unset=True), [], exact, mix_by(scenario), until)
    return found.best if found.status == "optimal" else None


def _explained(scenario: Scenario, axes: list[Axis], found: list[Stretch], seconds: float) -> list[Stretch]:
    """The stretches without a plan with the limits that cannot hold together there."""
    from optimizer.finance.frontier.axes import change_of

    explained = []
    for number, stretch in enumerate(found):
        if stretch.status == "infeasible" and number < EXPLAINED and seconds > 0:
            there = ready(scenario.with_changes(change_of(axes[0], stretch.high)))
            why = _why(there, min(CONFLICT_SECONDS, seconds))
            stretch = stretch.model_copy(update={"message": why})
        explained.append(stretch)
    return explained


def _why(program: Program, seconds: float) -> str:
    from optimizer.infeasible.conflicts import describe, find_conflict
    from optimizer.program.rules import Rule

    members, _ = find_conflict(program, seconds)
    names = [("" if isinstance(m, Rule) else "the booking of ") + describe(program, m).name for m in members]
    if not names:
        return "the creators available leave no plan"
    if len(names) == 1:
        return f"the creators there are cannot meet {names[0]}"
    return f"{', '.join(names[:-1])} and {names[-1]} cannot hold together"


def around_today(
    scenario: Scenario, *, executor: Executor | None = None, time_limit: float | None = None
) -> tuple[Frontier | None, Frontier | None]:
    """A curve over the budget around today's, and a map of budget by hours, for the page of a plan.

    The curve has about 13 round numbers from a quarter to twice today's budget, and today's; over the hours where
    there is no budget; None where there is neither or no point has a plan. The map is about 7 by 7 and needs both.
    Where time is short, there are fewer points, and no map.

    Raises:
        ScenarioError: as `optimize`.
    """
    from optimizer.finance.frontier.axes import axes_of
    from optimizer.jobs.clock import Clock
    from optimizer.jobs.runner import Runner

    today = {path: number for path in ("budget", "effort_hours") if (number := getattr(scenario, path))}
    if not today:
        return None, None
    clock = Clock(time_limit)

    def left(share: float) -> float | None:
        return None if math.isinf(clock.left) else max(0.01, share * clock.left)

    def seconds_of(over: Mapping[str, list[float]], share: float) -> tuple[Frontier, float]:
        """A frontier without the points that time did not allow, and how long each point took."""
        began = time.perf_counter()
        axes = axes_of(scenario, over)
        points, now = _solved(scenario, axes, Runner(executor, left(share)))
        each = (time.perf_counter() - began) / len(points)
        if len(axes) == 1:
            points = [point for point in points if point.status != "skipped"]
            axes = [axes[0].model_copy(update={"values": [point.at[0] for point in points]})]
        return _assembled(scenario, axes, points, now, clock.left), each

    path, number = next(iter(today.items()))
    _, each = seconds_of({path: [number]}, 0.3)
    size = next((n for n in CURVE_SIZES if n * each <= 0.5 * clock.left), CURVE_SIZES[-1])
    curve, each = seconds_of({path: round_numbers(number, size)}, 0.6)
    if curve.today is None and not any(point.value is not None for point in curve.points):
        return None, None
    side = next((n for n in MAP_SIDES if n * n * each <= 0.8 * clock.left), 0)
    if len(today) < 2 or not side:
        return curve, None
    grid, _ = seconds_of({path: round_numbers(number, side) for path, number in today.items()}, 1.0)
    return curve, grid


def round_numbers(today: float, count: int) -> list[float]:
    """About so many round numbers from a quarter to twice today's, and today's exactly in place of its neighbours."""
    from optimizer.finance.frontier.axes import steps

    low, high = today / 4, 2 * today
    exponent = math.floor(math.log10((high - low) / count))

    def every(step: float) -> list[float]:
        numbers = steps(step, max(step, round(high / step) * step), step)[max(0, round(low / step) - 1) :]
        return sorted({number for number in numbers if abs(number - today) >= 0.4 * step} | {today})

    choices = [every(float(f"{digits}e{exponent}")) for digits in (1, 1.25, 2, 2.5, 5, 10)]
    return min(choices, key=lambda numbers: abs(len(numbers) - count))
