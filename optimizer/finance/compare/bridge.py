"""From one plan to another: how much of the change comes from which inputs.

The inputs that differ are switched from base to other group by group, and the plan is made anew after each switch. What
a group adds depends on what was switched before it, so it is averaged over orders.

With V(S) = the measure in the best plan of the scenario that has the groups of S from other and the rest from base,

    part of group g = average over orders of V(before g and g) - V(before g)

which is the Shapley value of g (Shapley 1953; as a rule of decomposition: Shorrocks 2013, "Decomposition procedures for
distributional analysis", J. Economic Inequality 11, 99-126). The sum of an order telescopes to V(all) - V(none), so the
parts add up to the change. Some mixtures have no plan (base's small budget with other's large floors): the average
is then over the orders that avoid them, as for games in which not every coalition can form (Faigle and Kern 1992, Int.
J. Game Theory 21, 249-266). Both keep three properties: parts add up, swapping base and other negates every part, and
nothing depends on the order in which groups are listed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import ValidationError

from optimizer.finance.compare.pinned import GROUPS, Pinned, groups_that_differ, hybrid, pinned
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.language.adding_up import adding_up, quantum_of
from optimizer.language.errors import OptimizerError, SolverError
from optimizer.language.measures import unit_of
from optimizer.language.records import Record
from optimizer.plan.plan import Plan, Totals, given_plan
from optimizer.program.checks import sure_places
from optimizer.program.program import program_of
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import in_time, scenario_of
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import problems_of
from optimizer.solve.solved import solve_verified


class BridgeGroup(Record):
    """Inputs that are switched together."""

    key: str
    """budget, effort_hours, prices, response, hours, limits, offers, objective or solver."""
    label: str
    """In words: "prices"."""
    changes: tuple[str, ...]
    """What differs, one line each: "budget: 60,000 -> 80,000 USD"."""


class MeasureBridge(Record):
    """One measure from base to other; the parts add up exactly to the change."""

    measure: str
    """The objective's, then cost, hours and cpe."""
    unit: str
    start: float
    """In the base plan."""
    end: float
    """In the other plan."""
    change: float
    """end - start."""
    parts: tuple[float, ...]
    """One for each group, in the order of `Bridge.groups`. As decimals (`Decimal(repr(part))`) they add up to `change`
    to the last digit."""
    orders: int
    """Orders of switching that the average is over."""
    of_orders: int
    """All orders there are; more than `orders` where some pass through a mixture that has no plan."""


class Bridge(Record):
    """What moved between two scenarios, and why."""

    base: str
    other: str
    groups: tuple[BridgeGroup, ...]
    """Those that differ, in a fixed order; empty for equal scenarios."""
    measures: tuple[MeasureBridge, ...]
    """The objective first. Measures that are not known in every plan needed are left out."""
    solved: int
    """Plans made for it, between the two."""
    without_plan: tuple[str, ...]
    """Combinations that have no plan, in words."""
    not_in_time: tuple[str, ...] = ()
    """Combinations that time did not allow, in words."""
    message: str
    """Why there is no bridge, "" where there is one."""


def bridge(
    base: Plan,
    other: Plan,
    *,
    names: tuple[str, str] | None = None,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Bridge:
    """How much of the change from one plan to another comes from which inputs.

    Args:
        base, other: plans in the same currency, made by `optimize`.
        names: what to call them; by default as their scenarios are called.
        executor: any `concurrent.futures.Executor` for the re-solves; None solves in this process.
        time_limit: seconds; orders through mixtures that are not solved by then are left out.
        on_progress: called with (plans made, plans in all).

    Raises:
        ValueError: for plans in different currencies.
    """
    base, other = given_plan(base), given_plan(other)
    if base.currency != other.currency:
        raise ValueError(f"a bridge from {base.currency} to {other.currency} needs both in one currency")
    called = names or (base.scenario.name, other.scenario.name)
    ends = [pinned(Scenario.model_validate(plan.inputs)) for plan in (base, other)]
    keys = groups_that_differ(*ends)
    full = (1 << len(keys)) - 1
    sure = [bool(sure_places(Scenario.model_validate(plan.inputs))) for plan in (base, other)]
    between = [mask for mask in _outside_in(len(keys)) if 0 < mask < full and not any(sure)]
    jobs = [_job(ends[0], ends[1], [key for i, key in enumerate(keys) if mask >> i & 1]) for mask in between]
    runner = Runner(
        executor, time_limit, on_progress, lambda job, error: None
    )  # lost with its worker: not in time
    found = runner.run(totals_of_hybrid, [(job, runner.clock.moment) for job in jobs])
    late = [mask for mask, answer in zip(between, found, strict=True) if answer is None]
    totals: dict[int, Totals | None] = dict.fromkeys(range(full + 1))
    totals |= {m: answer or None for m, answer in zip(between, found, strict=True)}
    totals |= {0: base.totals, full: other.totals}
    measures = [base.objective.measure, other.objective.measure, "engagements", "cost", "hours", "cpe"]
    bridged = [
        one
        for measure in dict.fromkeys(measures)
        if (one := _measure_bridge(measure, base.currency, totals, len(keys))) is not None
    ]
    from optimizer.finance.compare.differences import input_differences

    differences = input_differences(ends)
    message = ""
    if any(sure):
        bridged = []
        message = "a confidence rests on ranges, and a bridge is built of typical numbers"
    elif not bridged:
        message = "every way from one to the other passes through a mixture of inputs that has no plan"
        message += " or was not planned in time" if late else ""
    if not any(sure) and not keys and not _equally_good(base, other):
        bridged = []
        message = "the inputs are the same, the plans are not: one is of another version or was stopped early"
    return Bridge(
        base=called[0],
        other=called[1],
        groups=[
            BridgeGroup(
                key=key,
                label=GROUPS[key],
                changes=[f"{d.label}: {d.values[0]} -> {d.values[1]}" for d in differences if d.group == key],
            )
            for key in keys
        ],
        measures=bridged,
        solved=sum(isinstance(answer, Totals) for answer in found),
        without_plan=[_mixture(keys, m, called) for m in between if totals[m] is None and m not in late],
        not_in_time=[_mixture(keys, m, called) for m in late],
        message=message,
    )


def _equally_good(one: Plan, two: Plan) -> bool:
    values = [(one.totals.of(m), two.totals.of(m)) for m in (one.objective.measure, "cost")]
    if one.objective.segments:
        values[0] = (one.objective.value, two.objective.value)
    return all(a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6))
               for a, b in values)  # fmt: skip


def _job(base: Pinned, other: Pinned, switched: Sequence[str]) -> str | None:
    """A hybrid as JSON; None where the inputs of the two do not go together."""
    try:
        return hybrid(base, other, switched).model_dump_json(exclude_unset=True)
    except ValidationError:
        return None


def totals_of_hybrid(
    scenario_json: str | None, until: float = float("inf")
) -> Totals | Literal[False] | None:
    """Totals of the best plan of a scenario; False where it has none, None where none was found in time.

    A top-level function, so that any executor can run it.

    Raises:
        TimeoutError: where time was up before it began; `until` is a moment of `time.time()`.
    """
    from optimizer.plan.build import totals_of

    if scenario_json is None:
        return False
    clock = Clock.until(until)
    try:
        program = program_of(scenario_of(scenario_json))
        if problems_of(program):
            return False
        cut = clock.left < program.scenario.solver.time_limit
        outcome = solve_verified(in_time(program, clock))
        if cut and not all(stage.proven for stage in outcome.stages):
            return None  # another plan, with more time, would give another bridge
        return totals_of(program, outcome.columns)
    except SolverError as error:
        return None if error.timed_out else False
    except (NoPlanError, OptimizerError):
        return False


def _outside_in(groups: int) -> list[int]:
    """Every set of groups as a bit mask; first those of two whole orders, so that little time still gives a bridge."""
    chains = [(1 << n) - 1 for n in range(groups + 1)]
    chains += [(1 << groups) - (1 << n) for n in range(groups, -1, -1)]
    return list(dict.fromkeys([*chains, *range(1 << groups)]))


def _mixture(keys: Sequence[str], mask: int, names: tuple[str, str]) -> str:
    switched = [GROUPS[key] for i, key in enumerate(keys) if mask >> i & 1]
    kept = [GROUPS[key] for i, key in enumerate(keys) if not mask >> i & 1]
    return f"{' and '.join(switched)} of {names[1]} with {' and '.join(kept)} of {names[0]}"


def _measure_bridge(
    measure: str, currency: str, totals: Mapping[int, Totals | None], groups: int
) -> MeasureBridge | None:
    """The bridge of one measure; None where no order of switching knows it all the way."""
    values = {mask: None if t is None else t.of(measure) for mask, t in totals.items()}
    known = [abs(value) for value in values.values() if value is not None]
    first, last = values[0], values[(1 << groups) - 1]
    if first is None or last is None:
        return None
    quantum = quantum_of(max(known))
    exact = {m: None if v is None else Decimal(repr(float(v))).quantize(quantum) for m, v in values.items()}
    start, end = exact[0], exact[(1 << groups) - 1]
    assert start is not None
    assert end is not None
    parts, orders = average_over_orders(
        {m: None if v is None else Fraction(v) for m, v in exact.items()}, groups
    )
    if not orders:
        return None
    return MeasureBridge(
        measure=measure,
        unit=unit_of(measure, currency),
        start=float(start),
        end=float(end),
        change=float(end - start),
        parts=[float(part) for part in adding_up(parts, end - start, quantum)],
        orders=orders,
        of_orders=math.factorial(groups),
    )


def average_over_orders(values: Mapping[int, Fraction | None], groups: int) -> tuple[list[Fraction], int]:
    """What each group adds, averaged over the orders in which every step has a value.

    Args:
        values: set of groups as a bit mask -> value, None where there is none.
        groups: number of groups.

    Returns:
        One part for each group, and the number of orders that the average is over (0: there is none, parts are 0).

    Orders are counted rather than listed: with ways(S) from nothing to S and left(S) from S to all,
    part(g) = sum over S without g of ways(S) left(S + g) (V(S + g) - V(S)) / ways(all).
    """
    size = 1 << groups
    steps = [(mask, mask | 1 << g, g) for mask in range(size) for g in range(groups) if not mask >> g & 1]
    steps = [step for step in steps if values[step[0]] is not None and values[step[1]] is not None]
    ways, left = [0] * size, [0] * size
    ways[0] = int(values[0] is not None)
    left[size - 1] = int(values[size - 1] is not None)
    for mask, larger, _ in steps:
        ways[larger] += ways[mask]
    for mask, larger, _ in reversed(steps):
        left[mask] += left[larger]
    orders = ways[size - 1]
    parts = [Fraction(0)] * groups
    for mask, larger, g in steps:
        before, after = values[mask], values[larger]
        if before is not None and after is not None and orders:
            parts[g] += Fraction(ways[mask] * left[larger], orders) * (after - before)
    return parts, orders
