"""Near-optimal alternatives: what all good plans have in common, and good plans that differ the most.

Energy-system planners call this modelling to generate alternatives: the best plan of a model is rarely
the one that is carried out, because something the model does not know speaks for another. So all plans
within a small share of the best are explored. (a) For each part of the plan the least and the most it can
have: a part whose least is above nothing is a must-have, a part whose most is nothing is never needed,
the rest is a matter of taste. (b) Whole plans, one after the other as different as possible from all
those before.

Sources: E. D. Brill, "The use of optimization models in public-sector planning", Management Science
25(5), 1979; J. F. DeCarolis, "Using modeling to generate alternatives (MGA) to expand our thinking on
energy futures", Energy Economics 33(2), 2011. Distances are maximised exactly here, instead of the
weights that these papers vary.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Literal

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import CONFLICT_SECONDS, optimize_within
from optimizer.infeasible.ways_out import infeasible
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.language.errors import SolverError
from optimizer.language.measures import unit_in
from optimizer.language.numbers import tidy
from optimizer.language.quantities import grouped
from optimizer.language.records import Record
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.build import plan_of
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.plan.plan import Plan, ScenarioStamp
from optimizer.plan.stamp import stamp_of
from optimizer.program.program import Program
from optimizer.scenario.given import given_scenario, given_share
from optimizer.scenario.scenario import Scenario
from optimizer.solve.exact import Best, find_best
from optimizer.solve.question import NoPlanError, UnboundedError
from optimizer.solve.ready import ready, refuse_confidence
from optimizer.solve.sieve import among_kept
from optimizer.whatif.alternatives.ranges import (
    GroupRange,
    Ranges,
    group_ranges,
    groups_of,
    most_money,
    unsettled,
    verdict_of,
)
from optimizer.whatif.alternatives.spread import SAME, By, Farthest, distance, measured_by, most_different

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE_SHARE = 0.4
"""Of a time limit, for the base plan, and again of what is left for the exact best."""
RANGES_SHARE = 0.6
"""Of a time limit, for the ranges; the rest is for whole plans."""
KEPT = 1e-9
"""Relative; an objective this close to what must be kept keeps it."""
Progress = Callable[[str, int, int], None]


class Swap(Record):
    """What one package has more or less of than in the base plan."""

    offer: str
    posts_per_creator: int
    creators: float
    """Creators more (positive) or fewer (negative)."""
    several: bool
    """Whether the offer is sold with different numbers of posts, so that a name needs the number."""


class Alternative(Record):
    """A whole plan within the share."""

    name: str
    """A, B, C, ..."""
    plan: Plan
    """Verified. Its gap says how far it is from the best; status is "optimal" only where that is no
    distance."""
    value: float
    """First objective, in its unit."""
    given_up: float
    """How much worse than the best that is, as a share of the best; never negative but for rounding."""
    swaps: tuple[Swap, ...]
    """What turns the base plan into this one, the largest changes first."""
    apart: float
    """Least distance to the base plan and the alternatives before it (`spread.distance`); share of the base plan."""
    apart_bound: float | None
    """No plan within the share has a greater least distance; None where not known."""
    proven: bool
    """Whether no plan is further apart; False where time was up."""


class Kept(Record):
    """What all plans here keep of the first objective, in its unit."""

    measure: str
    sense: Literal["maximize", "minimize"]
    unit: str
    best: float
    """Best value, found exactly."""
    bound: float | None
    """No plan can do better."""
    proven: bool
    floor: float
    """What a plan must bring at least (may need at most, when minimising)."""


class Alternatives(Record):
    """Everything that is nearly as good as the best plan."""

    scenario: ScenarioStamp
    currency: str
    objective: Kept
    within: float
    """Share of the best that may be given up."""
    asked: float
    """What the caller asked for; less than `within` only where the scenario itself gives up more for its
    second objective."""
    base: Plan
    """The plan that `optimize` gives; solved exactly where its gap would be wider than the share."""
    groups: tuple[GroupRange, ...]
    """Tiers, platforms and offers, in the order of the scenario."""
    plans: tuple[Alternative, ...]
    measured_by: By
    """What distances count: cost, or creators where cost is not known."""
    distances: tuple[tuple[float, ...], ...]
    """Distance between any two plans, the base plan first, recomputed from the plans. Unit: share of the
    base plan's total."""
    unsettled: tuple[str, ...]
    """What time did not allow to settle, in words; empty when everything is proven."""
    notes: tuple[str, ...]
    """What else a reader should know."""
    version: str

    @property
    def names(self) -> list[str]:
        """Names of the plans in the order of `distances`."""
        return ["base", *(a.name for a in self.plans)]


_NO_CHANCES = (
    "`alternatives` looks for plans as good by typical numbers",
    "`optimize risk` shows plans from bold to safe",
)
"""Why a scenario with a confidence is refused, and what to ask instead."""


def alternatives(
    scenario: Scenario,
    *,
    within: float = 0.02,
    plans: int = 3,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Progress | None = None,
) -> Alternatives:
    """Explore the plans whose first objective is within a share of the best. All limits hold in all of them.

    Args:
        scenario: the scenario.
        within: share of the best that may be given up, 0 to 1: with 0.02 a maximised objective keeps
            98 %, a minimised one may rise by 2 %; reach counts in people.
        plans: how many other plans to look for, at most; fewer are found where fewer exist.
        executor: any `concurrent.futures.Executor` for the ranges; None solves in this process. The plans
            depend on one another and are solved here.
        time_limit: seconds for everything; what is not settled by then is said in `unsettled`.
        on_progress: called with ("ranges" or "plans", done, all).

    Raises:
        ValueError: where `within` is no share, or `plans` is negative.
        ScenarioError, InfeasibleError, SolverError: as `optimize`.
    """
    within = given_share("within", within)
    if not 0 <= plans <= len(LETTERS):
        raise ValueError(f"plans must be between 0 and {len(LETTERS)}, not {plans!r}")
    refuse_over_cases(given_scenario(scenario), "alternatives give up")
    refuse_confidence(scenario, *_NO_CHANCES)
    say = on_progress or (lambda section, done, total: None)
    clock = Clock(time_limit)
    program = ready(among_kept(scenario))
    share = max(within, scenario.objective[0].within if len(scenario.objective) > 1 else 0.0)
    notes = []
    if share > within:
        notes.append(
            f"the scenario itself gives up {grouped(100 * share, 3)} % of {scenario.objective[0].measure} for its "
            f"next objective, so plans within {grouped(100 * share, 3)} % are shown"
        )
    try:
        base = optimize_within(scenario, BASE_SHARE * clock.left)
    except NoPlanError:
        raise infeasible(program, max(0.1, min(CONFLICT_SECONDS, clock.left))) from None
    best = _best(program, base, clock)
    if not _keeps(best, program, share, base.objective.value):
        base = optimize_within(scenario, clock.left, exact=True)
    left = clock.left * (RANGES_SHARE if plans else 1.0)
    runner = Runner(executor, None if left == float("inf") else left, lambda *at: say("ranges", *at))
    groups = _ranges(program, best, share, base, runner)
    found, late = _plans(program, best, share, base, groups, plans, clock, say)
    by = measured_by(program, base)
    every = [base, *(alternative.plan for alternative in found)]
    return Alternatives(
        scenario=stamp_of(scenario),
        currency=scenario.currency,
        objective=_kept(program, best, share),
        within=share,
        asked=within,
        base=base,
        groups=groups,
        plans=found,
        measured_by=by,
        distances=[[tidy(distance(one, other, base, by)) for other in every] for one in every],
        unsettled=_unsettled(best, groups, late, found),
        notes=notes if len(found) == plans or late else [*notes, _no_other(len(found))],
        version=__version__,
    )


def _best(program: Program, base: Plan, clock: Clock) -> Best:
    """The exact best, or what the base plan found where time is short."""
    goal = program.scenario.objective[0]
    try:
        return find_best(program, max(0.01, BASE_SHARE * clock.left))
    except SolverError as error:
        if not error.timed_out:
            raise
    linear = program.goal_linear(goal, columns_of_plan(program, base))
    return Best(goal, linear, None, proven=False, raw_status=base.solver.raw_status)


def _kept(program: Program, best: Best, share: float) -> Kept:
    goal = best.goal
    return Kept(
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_in(goal.measure, program.scenario.currency, goal.segments),
        best=tidy(program.goal_amount(goal, best.linear)),
        bound=None if best.bound is None else tidy(program.goal_amount(goal, best.bound)),
        proven=best.proven,
        floor=tidy(best.floor(program, share)),
    )


def _keeps(best: Best, program: Program, share: float, value: float) -> bool:
    floor = best.floor(program, share)
    slack = KEPT * max(1.0, abs(floor))
    return value >= floor - slack if best.goal.sense == "maximize" else value <= floor + slack


def _ranges(program: Program, best: Best, share: float, base: Plan, runner: Runner) -> list[GroupRange]:
    """One job for each distinct set of offers."""
    packages = program.packages
    groups = groups_of(program)
    text = program.scenario.model_dump_json(exclude_unset=True)
    creators = tuple(columns_of_plan(program, base)[: packages.count].tolist())
    distinct = list(dict.fromkeys(offers for _, _, offers in groups))
    left = runner.clock.left
    until = None if left == float("inf") else time.time() + left
    jobs = [(text, offers, best, share, creators, until) for offers in distinct]
    results: dict[tuple[int, ...], Ranges] = {}
    for offers, ranges in zip(distinct, runner.run(group_ranges, jobs), strict=True):
        results[offers] = unsettled(program, offers, creators) if ranges is None else ranges
    return [
        GroupRange(
            kind=kind,
            name=name,
            verdict=verdict_of(results[offers].creators),
            booked=tidy(float(sum(packages.room_min[o] for o in offers))),
            creators=results[offers].creators,
            cost=results[offers].cost,
        )
        for kind, name, offers in groups
    ]


def _plans(
    program: Program,
    best: Best,
    share: float,
    base: Plan,
    groups: list[GroupRange],
    wanted: int,
    clock: Clock,
    say: Progress,
) -> tuple[list[Alternative], str]:
    """Plans as different as possible, one by one; and why there are fewer, where time is the reason."""
    by = measured_by(program, base)
    spans = _spans(program, groups, by)
    if wanted and any(np.isinf(high) for _, high in spans):
        return [], "the most different plans, because nothing limits how much some offers may have"
    columns = [columns_of_plan(program, base)]
    found: list[Alternative] = []
    for number in range(wanted):
        if clock.over:
            return found, f"{wanted - number} of {wanted} other plans, because time was up"
        try:
            left = clock.left / (wanted - number)
            answer = most_different(program, best, share, columns, base, spans, left)
        except (NoPlanError, UnboundedError) as error:
            raise SolverError("no plan was found again within the share, which has at least one") from error
        except SolverError as error:
            return found, f"{wanted - number} of {wanted} other plans: {error}"
        plan = plan_of(program, answer.near, best)
        apart = min(distance(plan, other, base, by) for other in [base, *(a.plan for a in found)])
        if apart <= SAME:
            late = "" if answer.proven else f"{wanted - number} of {wanted} other plans, because time was up"
            return found, late
        found.append(_described(LETTERS[number], program, best, base, plan, apart, answer))
        columns.append(answer.near.columns)
        say("plans", number + 1, wanted)
    return found, ""


def _spans(program: Program, groups: list[GroupRange], by: By) -> list[tuple[float, float]]:
    """How far each offer can go within the share: from its range where proven, else from its room."""
    offers = {group.name: group for group in groups if group.kind == "offer"}
    result = []
    for index, terms in enumerate(program.packages.terms):
        group = offers[terms.name]
        span = group.creators if by == "creators" else group.cost
        assert span is not None
        room = most_money(program, (index,)) if by == "cost" else float(program.packages.room_max[index])
        low = 0.0 if span.least.bound is None else span.least.bound
        high = room if span.most.bound is None else span.most.bound
        result.append((low, high))
    return result


def _described(
    name: str, program: Program, best: Best, base: Plan, plan: Plan, apart: float, answer: Farthest
) -> Alternative:
    value = plan.objective.value
    top = program.goal_amount(best.goal, best.linear)
    worse = top - value if best.goal.sense == "maximize" else value - top
    return Alternative(
        name=name,
        plan=plan,
        value=value,
        given_up=tidy(worse / abs(top)) if top else 0.0,
        swaps=swaps(program, base, plan),
        apart=tidy(apart),
        apart_bound=None if answer.bound is None else tidy(max(answer.bound, apart)),
        proven=answer.proven,
    )


def swaps(program: Program, base: Plan, plan: Plan) -> list[Swap]:
    """What turns one plan of a scenario into another: additions first, the largest first."""
    packages = program.packages
    change = (columns_of_plan(program, plan) - columns_of_plan(program, base))[: packages.count]
    moved = [p for p in range(packages.count) if abs(change[p]) > SAME]
    result = []
    for p in sorted(moved, key=lambda p: (change[p] < 0, -abs(change[p]), p)):
        offer, posts = packages.key(p)
        several = int(np.sum(packages.offer == packages.offer[p])) > 1
        result.append(
            Swap(offer=offer, posts_per_creator=posts, creators=tidy(float(change[p])), several=several)
        )
    return result


def _no_other(found: int) -> str:
    if not found:
        return "no other plan within the share spends its money on other offers"
    plans = "plans differ" if found > 1 else "plan differs"
    return f"only {found} other {plans} within the share in where the money goes"


def _unsettled(best: Best, groups: list[GroupRange], late: str, plans: list[Alternative]) -> list[str]:
    result = []
    if not best.proven:
        result.append(f"the best {best.goal.measure}: the share is taken of the best that was found")
    for group in groups:
        spans = [("creators", group.creators)] + ([] if group.cost is None else [("money", group.cost)])
        for word, span in spans:
            for side, end in (("least", span.least), ("most", span.most)):
                if not end.proven and end.value is not None:
                    result.append(f"the {side} {word} of {group.kind} {group.name}: {end.reason}")
    result += [f"whether a plan further apart than {a.name} exists" for a in plans if not a.proven]
    return result + ([late] if late else [])
