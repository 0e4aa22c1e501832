"""One point of a frontier: a full, verified plan, and the few numbers of it that a curve or a map shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from optimizer.finance.frontier.result import Booked, FrontierPoint, MixShare, amounts_of
from optimizer.jobs.clock import Clock
from optimizer.language.errors import OptimizerError, ScenarioError, SolverError, UnlimitedError
from optimizer.language.names import tier_order
from optimizer.language.paths import format_path
from optimizer.language.statuses import PointStatus
from optimizer.plan.build import build_plan
from optimizer.plan.plan import MixBy, Plan, told_apart_by
from optimizer.plan.simulated import range_of
from optimizer.program.program import program_of
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import scenario_of
from optimizer.solve.kept import Rows
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready
from optimizer.solve.solved import solve_verified

MESSAGE = 200
"""Characters of what a failed worker said."""


RANGE_DRAWS = 2_000
"""Cases drawn for the range of a point: fewer than for a plan of its own, since a band is read by eye; its edges are
then known to within some 3 % of their distance from the middle."""


def solve_point(
    scenario_json: str,
    at: list[float],
    change: Mapping[str, Any],
    by: MixBy,
    until: float = float("inf"),
    draws: int = 0,
) -> FrontierPoint:
    """Plan a scenario (as JSON) with changes; a top-level function, so that any executor can run it.

    Args:
        scenario_json: the scenario.
        at: where the point stands.
        change: what is different there.
        by: what the mix is told apart by.
        until: when time is up, as `time.time()` has it. A search that this ends early gives its best plan so far;
            without any the point counts as skipped.
        draws: cases to draw for the range of the first objective; 0 for none.
    """

    def changed(change: Mapping[str, Any]) -> Scenario:
        base = scenario_of(scenario_json)
        return base.with_changes(change) if change else base

    limit = scenario_of(scenario_json).solver.time_limit
    return _solved(changed, limit, at, change, by, until, draws)


def solve_point_of_rows(
    rows: Rows,
    at: list[float],
    change: Mapping[str, Any],
    by: MixBy,
    until: float = float("inf"),
    draws: int = 0,
    limit: float = float("inf"),
) -> FrontierPoint:
    """As `solve_point`, of rosters too large to make an offer of each row: all of them are looked at for this point.

    Args:
        rows: all rows.
        at, change, by, until, draws: as for `solve_point`.
        limit: the scenario's own time limit. Unit: seconds.
    """
    return _solved(rows.anew, limit, at, change, by, until, draws)


def _solved(
    changed: Callable[[Mapping[str, Any]], Scenario],
    limit: float,
    at: list[float],
    change: Mapping[str, Any],
    by: MixBy,
    until: float,
    draws: int,
) -> FrontierPoint:
    clock = Clock.until(until)
    if clock.over:
        return skipped(at)

    def none(status: PointStatus, message: str) -> FrontierPoint:
        return FrontierPoint(at=at, status=status, message=message)

    cut, known = clock.left < limit, None
    try:
        change = {**change, "solver.time_limit": max(0.01, clock.left)} if cut else change
        scenario = changed(change)
        known = scenario._sieved
        program = ready(scenario)
        plan = build_plan(program, solve_verified(program))
    except NoPlanError:
        return none("infeasible", "no plan satisfies every limit")
    except ScenarioError as error:
        first = error.problems[0]
        place = f"{format_path(first.path)}: " if first.path else ""
        return none("unlimited" if isinstance(error, UnlimitedError) else "refused", place + first.message)
    except SolverError as error:
        not_known = (
            known is not None and not known.booked
        )  # neither a plan of all rows nor that there is none
        if not (error.timed_out or not_known):
            return none("failed", str(error))
        return skipped(at) if cut else none("not_found", str(error))
    except OptimizerError as error:
        return none("failed", str(error))
    point = point_of(plan, at, by)
    return point.model_copy(update={"range": range_of(program, plan, draws)}) if draws else point


def point_of(plan: Plan, at: list[float], by: MixBy) -> FrontierPoint:
    """What a curve or a map shows of a plan."""
    mix = mix_of(plan, by)
    return FrontierPoint(
        at=at,
        status=plan.status,
        value=plan.objective.value,
        best=plan.objective.best,
        gap=plan.objective.gap,
        totals=plan.totals,
        binding=[limit.name for limit in plan.limits if limit.binding],
        mix=mix,
        leader=_leader(mix),
        bookings=[
            Booked(offer=line.offer, posts_per_creator=line.posts_per_creator, creators=line.creators)
            for line in plan.lines
        ],
    )


def skipped(at: list[float]) -> FrontierPoint:
    """A point that time did not allow."""
    return FrontierPoint(at=at, status="skipped", message="time was up")


def failed(at: list[float], error: BaseException) -> FrontierPoint:
    """A point whose worker failed, with one line on why."""
    words = " ".join(str(error).split())
    if not words and type(error).__name__ == "CancelledError":  # of asyncio or of concurrent.futures
        words = "cancelled before it was solved; has the cluster gone?"
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return FrontierPoint(at=at, status="failed", message=text[:MESSAGE])


def mix_of(plan: Plan, by: MixBy) -> list[MixShare]:
    """What each group has in a plan, tiers from small to large, other groups in the order of the plan."""
    measure = plan.objective.measure
    shares = []
    for (group,), sums in plan.subtotals(by):
        known: Any = sums.measures if measure in sums.measures else sums.__dict__
        shares.append(
            MixShare(
                group=group,
                creators=sums.creators,
                cost=sums.cost,
                hours=sums.hours,
                result=known.get(measure),
            )
        )
    order = {group: position for position, group in enumerate(in_order((s.group for s in shares), by))}
    return sorted(shares, key=lambda share: order[share.group])


def in_order(groups: Iterable[str], by: MixBy) -> list[str]:
    """Each group once: tiers from small to large, those of the scenario's own after them; others as they come."""
    seen = list(dict.fromkeys(groups))
    return sorted(seen, key=tier_order) if by == "tier" else seen


def _leader(mix: list[MixShare]) -> str | None:
    """The group that has most; the first of several."""
    _, amounts = amounts_of(mix)
    return max(amounts, key=lambda group: amounts[group]) if amounts else None


def mix_by(scenario: Scenario) -> MixBy:
    """What the mix of a scenario's plans is told apart by."""
    return told_apart_by(program_of(scenario).packages.terms)
