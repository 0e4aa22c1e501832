"""A curve and a map around the numbers of today, for the page of a plan."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from concurrent.futures import Executor

from optimizer.finance.frontier.axes import axes_of, steps
from optimizer.finance.frontier.frontier import assembled, solved_points
from optimizer.finance.frontier.one_point import RANGE_DRAWS
from optimizer.finance.frontier.result import Frontier
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario

CURVE_SIZES = (13, 7, 5, 3)
"""Points of the curve around today, the most that time allows."""


MAP_SIDES = (7, 5, 3)
"""Points to a side of the map around today."""


def around_today(
    scenario: Scenario,
    *,
    executor: Executor | None = None,
    time_limit: float | None = None,
    draws: int = RANGE_DRAWS,
) -> tuple[Frontier | None, Frontier | None]:
    """A curve over the budget around today's, and a map of budget by hours, for the page of a plan.

    The curve has about 13 round numbers from a quarter to twice today's budget, and today's; over the hours where
    there is no budget; None where there is neither or no point has a plan. The map is about 7 by 7 and needs both.
    Where time is short, there are fewer points, and no map.

    Args:
        scenario: the scenario.
        executor: any `concurrent.futures.Executor`; None solves in this process.
        time_limit: seconds for both.
        draws: cases to draw for the range at each point of the curve; 0 for none.

    Raises:
        ScenarioError: as `optimize`.
    """
    given_scenario(scenario)
    refuse_over_cases(scenario, "the curve shows")
    today = {path: number for path in ("budget", "effort_hours") if (number := getattr(scenario, path))}
    if not today:
        return None, None
    clock = Clock(time_limit)

    def left(share: float) -> float | None:
        return None if math.isinf(clock.left) else max(0.01, share * clock.left)

    def seconds_of(over: Mapping[str, list[float]], share: float, draws: int) -> tuple[Frontier, float]:
        """A frontier without the points that time did not allow, and how long each point took."""
        began = time.perf_counter()
        axes = axes_of(scenario, over)
        points, now = solved_points(scenario, axes, Runner(executor, left(share)), draws)
        each = (time.perf_counter() - began) / len(points)
        if len(axes) == 1:
            points = [point for point in points if point.status != "skipped"]
            axes = [axes[0].model_copy(update={"values": [point.at[0] for point in points]})]
        return assembled(scenario, axes, points, now, clock.left, draws), each

    path, number = next(iter(today.items()))
    _, each = seconds_of({path: [number]}, 0.3, draws)
    size = next((n for n in CURVE_SIZES if n * each <= 0.5 * clock.left), CURVE_SIZES[-1])
    curve, each = seconds_of({path: round_numbers(number, size)}, 0.6, draws)
    if curve.today is None and not any(point.value is not None for point in curve.points):
        return None, None
    side = next((n for n in MAP_SIDES if n * n * each <= 0.8 * clock.left), 0)
    if len(today) < 2 or not side:
        return curve, None
    grid, _ = seconds_of({path: round_numbers(number, side) for path, number in today.items()}, 1.0, 0)
    return curve, grid


def round_numbers(today: float, count: int) -> list[float]:
    """About so many round numbers from a quarter to twice today's, and today's exactly in place of its neighbours."""
    low, high = today / 4, 2 * today
    exponent = math.floor(math.log10((high - low) / count))

    def every(step: float) -> list[float]:
        numbers = steps(step, max(step, round(high / step) * step), step)[max(0, round(low / step) - 1) :]
        return sorted({number for number in numbers if abs(number - today) >= 0.4 * step} | {today})

    choices = [every(float(f"{digits}e{exponent}")) for digits in (1, 1.25, 2, 2.5, 5, 10)]
    return min(choices, key=lambda numbers: abs(len(numbers) - count))
