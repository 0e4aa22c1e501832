"""Outcome of the solves -> Plan: the numbers of every line, total, limit and assumption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from optimizer.__version__ import __version__
from optimizer.language.measures import COUNTED, REACH
from optimizer.language.numbers import NOISE, tidy
from optimizer.language.statuses import PlanStatus
from optimizer.plan.assumptions import assumptions_of
from optimizer.plan.audience import ReachAssumptions
from optimizer.plan.certificate import ObjectiveResult, ProofChecks, SolverReport
from optimizer.plan.filled import filled_of
from optimizer.plan.limit_results import limit_result
from optimizer.plan.measured import measured_audience
from optimizer.plan.over_cases import decided, over_of, regretted
from optimizer.plan.plan import (
    CostParts,
    LimitResult,
    Line,
    Plan,
    Totals,
    Unused,
    ratios,
    sum_amounts,
)
from optimizer.plan.segments import segments_of_plan
from optimizer.plan.stamp import stamp_of
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import Row, Rule
from optimizer.program.rules import left_out as rule_leaves_out
from optimizer.scenario.scenario import Goal
from optimizer.solve.bookable import keeps

if TYPE_CHECKING:  # a saved plan is read without a solver
    from optimizer.solve.exact import Best
    from optimizer.solve.lexicographic import Outcome, Stage
    from optimizer.solve.question import Found

GAP_ROUNDING = 1e-9
"""A gap this small is rounding, not a gap."""


def build_plan(program: Program, outcome: Outcome) -> Plan:
    """The plan of an outcome that has been verified."""
    from optimizer.solve.solver import solver_version

    program = program.with_multipliers(outcome.multipliers, outcome.drawn) if outcome.multipliers else program
    scenario = program.scenario
    objectives = [_objective(program, stage, outcome.columns) for stage in outcome.stages]
    proven = all(
        s.proven and _within(o, scenario.gap) for s, o in zip(outcome.stages, objectives, strict=True)
    )
    proven = proven and len(outcome.stages) == len(scenario.objective)
    solver = SolverReport(
        name=scenario.solver.name,
        version=solver_version(scenario.solver.name),
        seconds=round(outcome.seconds, 3),
        raw_status=outcome.stages[0].raw_status,
        checked=ProofChecks(**asdict(outcome.stages[0].checked)),
    )
    return plan_from(program, outcome.columns, objectives, "optimal" if proven else "feasible", solver)


def plan_from(
    program: Program,
    columns: Floats,
    objectives: list[ObjectiveResult],
    status: PlanStatus,
    solver: SolverReport,
) -> Plan:
    """Everything about a plan that follows from its bookings, around what only the solver knows.

    Args:
        program: the scenario.
        columns: creators of each package, and switches, shape (columns,).
        objectives, status, solver: what was reached and proven.
    """
    from optimizer.plan.review import review

    scenario, packages, reach = program.scenario, program.packages, program.reach
    lines = _lines(program, columns)
    totals = _totals(program, columns, lines)
    limits = [limit_result(program, rule, columns) for rule in program.rules]
    plan = Plan(
        status=status,
        objective=objectives[0],
        objectives=objectives,
        lines=lines,
        totals=totals,
        limits=limits,
        unused=_unused(program, columns, limits),
        flags=[],
        assumptions=assumptions_of(program),
        audience=None
        if reach is None
        else ReachAssumptions(
            people=reach.people,
            overlap=reach.overlap,
            chance=None if reach.chance is None else tidy(reach.chance),
            shape=None if reach.one is None or math.isinf(reach.one.shape) else tidy(reach.one.shape),
        ),
        segments=segments_of_plan(program, columns),
        solver=solver,
        scenario=stamp_of(scenario),
        inputs=scenario.model_dump(mode="json", exclude_unset=True),
        currency=scenario.currency,
        whole_creators=scenario.solver.whole_creators,
        version=__version__,
    )
    assert len(packages.terms) == len(scenario.offers)
    plan = plan.model_copy(update={"measured": measured_audience(program, plan)})
    return plan.model_copy(update={"flags": review(program, plan)})


def _number(value: float) -> float | None:
    return None if math.isnan(value) else tidy(value)


def _count(value: float, whole: bool) -> float | int:
    return round(value) if whole else tidy(value)


def _lines(program: Program, columns: Floats) -> list[Line]:
    """One line per package booked, in the order of the offers; a set-up stands on its offer's first line."""
    packages = program.packages
    whole = program.scenario.solver.whole_creators
    setup_left = {offer: packages.count + s for s, offer in enumerate(packages.setup_of)}
    own = list(program.scenario.measures)
    lines = []
    for p in np.flatnonzero(columns[: packages.count] > 0):
        offer = int(packages.offer[p])
        terms = packages.terms[offer]
        creators = float(columns[p])
        setup = setup_left.pop(offer, None)

        def amount(
            measure: str, p: int = int(p), n: float = creators, setup: int | None = setup
        ) -> float | None:
            values = packages.measures[measure]
            return _number(float(values[p]) * n + (0.0 if setup is None else float(values[setup])))

        sums = {name: amount(name) for name in COUNTED}
        sums |= {
            "creators": _count(creators, whole),
            "posts": _count(creators * float(packages.posts[p]), whole),
        }
        lines.append(
            Line(
                offer=terms.name,
                tier=terms.tier,
                platform=terms.platform,
                format=terms.format,
                tags=dict(terms.tags),
                person=terms.person,
                posts_per_creator=int(packages.posts[p]),
                room=None if terms.creators_max is None else _count(terms.creators_max, whole),
                filled=filled_of(terms),
                setup_cost=0.0 if setup is None else float(packages.measures["cost"][setup]),
                measures={name: amount(name) for name in own},
                **sums,
                **ratios(sums["cost"], sums),
            )
        )
    return lines


def totals_of(program: Program, columns: Floats) -> Totals:
    """The totals of a plan, where nobody asks for the rest of it."""
    return _totals(program, columns, _lines(program, columns))


def _totals(program: Program, columns: Floats, lines: list[Line]) -> Totals:
    packages, reach = program.packages, program.reach
    if not lines:
        zero = dict.fromkeys(COUNTED, 0.0) | {"creators": 0, "posts": 0}
        own = dict.fromkeys(program.scenario.measures, 0.0)
        nobody = 0.0 if reach else None
        return Totals(
            **zero,
            measures=own,
            cost_parts=_cost_parts(program, columns),
            reach=nobody,
            reach_two_or_more=nobody if program.scenario.solver.whole_creators else None,
        )
    sums = sum_amounts(lines)
    reached = twice = frequency = None
    creators = columns[: packages.count]
    booked = creators > 0
    if reach is not None and not np.isnan(packages.reach[booked]).any():
        people = reach.reached(creators)
        reached = tidy(people)
        # A fraction of a creator has no "exactly one": the count is for whole people only.
        if program.scenario.solver.whole_creators:
            twice = people - reach.exactly_one(creators)
            twice = tidy(twice) if twice > 1e-6 else 0.0
        seen = float((packages.audience_impressions[booked]) @ creators[booked])
        if people > 0 and not np.isnan(seen):
            frequency = tidy(seen / people)
    return Totals(
        **sums.model_dump(),
        cost_parts=None if sums.cost is None else _cost_parts(program, columns),
        reach=reached,
        reach_two_or_more=twice,
        frequency=frequency,
    )


def _cost_parts(program: Program, columns: Floats) -> CostParts:
    packages, fees = program.packages, program.scenario.fees
    cost = packages.measures["cost"]
    creators = columns[: packages.count]
    booked = np.flatnonzero(creators > 0)
    rates = np.array([packages.terms[packages.offer[p]].get("commission") or 0.0 for p in booked])
    revenue = np.where(rates > 0, packages.measures["revenue"][booked], 0.0)
    commission = float((rates * revenue) @ creators[booked])
    with_fees = float(cost[booked] @ creators[booked]) - commission
    paid = with_fees / (1 + fees.agency + fees.contingency)
    setup = float(cost[packages.count :] @ columns[packages.count :])
    parts = (paid, paid * fees.agency, paid * fees.contingency, commission, setup)
    return CostParts(**dict(zip(CostParts.model_fields, (tidy(part) for part in parts), strict=True)))


def _objective(program: Program, stage: Stage, columns: Floats) -> ObjectiveResult:
    goal = stage.goal
    over = over_of(program, goal, columns, stage.best_alone)
    value = value_of(program.by_its_draws(), goal, columns) if over is None else decided(over)
    best = program.goal_amount(goal, stage.best)
    bound = None if stage.bound is None else program.goal_amount(goal, stage.bound)
    if over is not None:  # recounted in decimals, while best and bound are floats: their last digits differ
        near = NOISE * max(abs(value), regretted(over) or 0.0)
        best = value if abs(best - value) <= near else best
        bound = value if bound is not None and abs(bound - value) <= near else bound
    gap = gap_between(goal.result_sense, best, bound, regretted(over))
    return ObjectiveResult(
        measure=goal.measure,
        segments=goal.segments,
        sense=goal.result_sense,
        value=tidy(value),
        best=tidy(best),
        bound=None if bound is None else tidy(bound),
        gap=None if gap is None else tidy(gap),
        within=goal.within,
        over=over,
        **confidence_of(program, goal, columns),
    )


def confidence_of(program: Program, goal: Goal, columns: Floats) -> dict[str, float]:
    """What an objective with a confidence says besides; nothing of one without. Of reach, mean and sd are the index's,
    so they are left out."""
    sure = program.sure_goal(goal)
    if sure is None:
        return {}
    found = {
        "confidence": sure.confidence,
        "dependable": tidy(value_of(program.by_its_draws(), goal, columns)),
        "criterion": tidy(value_of(program, goal, columns)),
        "k": tidy(program.multiplier(sure)),
        "drawn_k": tidy(program.by_its_draws().multiplier(sure)),
    }
    if goal.measure != REACH.name:
        found["mean"] = tidy(sure.moments.mean_of(columns))
        found["sd"] = tidy(sure.moments.sd_of(columns))
    return found


def gap_between(sense: str, best: float, bound: float | None, of: float | None = None) -> float | None:
    """Share of `best`, or `of` another number, by which the bound is better.

    None where it is unknown, or that number is 0 and the bound is not the best.
    """
    if bound is None:
        return None
    difference = max(0.0, (bound - best) if sense == "maximize" else (best - bound))
    of = best if of is None else of
    if not of:
        return 0.0 if difference <= GAP_ROUNDING else None
    gap = difference / abs(of)
    return 0.0 if gap <= GAP_ROUNDING else gap


def value_of(program: Program, goal: Goal, columns: Floats) -> float:
    """What a plan brings of an objective, in the measure's unit."""
    return program.goal_amount(goal, program.goal_linear(goal, columns))


def _within(objective: ObjectiveResult, gap: float) -> bool:
    return objective.gap is not None and objective.gap <= gap + GAP_ROUNDING


def _unused(program: Program, columns: Floats, limits: Sequence[LimitResult]) -> list[Unused]:
    packages = program.packages
    booked = np.bincount(packages.offer, weights=columns[: packages.count], minlength=len(packages.terms))
    result = []
    for index, terms in enumerate(packages.terms):
        if booked[index] > 0:
            continue
        reason, detail = "not worth it here", ""
        alone = [
            limit.name
            for rule, limit in zip(program.rules, limits, strict=True)
            if limit.unused
            and limit.binding
            and rule.columns[: packages.count][packages.offer == index].all()
        ]
        if terms.creators_max == 0:
            reason = "no room"
        elif program.excluded[packages.offer == index].all():
            reason = "left out by a limit"
            detail = ", ".join(r.name for r in program.rules if _leaves_out(program, r, index))
        elif too_much := _too_much(program, index, nobody=not booked.any()):
            reason, detail = "left out by a limit", ", ".join(too_much)
        elif alone:  # a creator more would be too few for a floor
            reason, detail = "left out by a limit", ", ".join(alone)
        result.append(
            Unused(
                offer=terms.name,
                tier=terms.tier,
                platform=terms.platform,
                format=terms.format,
                tags=dict(terms.tags),
                reason=reason,
                detail=detail,
            )
        )
    return result


def _too_much(program: Program, offer: int, *, nobody: bool) -> list[str]:
    """Limits that one creator of the offer alone would break, whatever the package; empty where one would fit.

    Asked only where that is why the offer is not booked: where nobody is, so that nothing better took its place, or
    where a ceiling has no room for one creator whoever else is booked.
    """
    packages = program.packages
    mine = np.flatnonzero((packages.offer == offer) & (program.excluded == 0))
    wanted = nobody and program.scenario.objective[0].sense == "maximize"
    if not len(mine) or not (wanted or np.all(program.caps[mine] == 0)):
        return []
    found: dict[str, None] = {}
    for p in mine:
        creators = np.zeros(packages.count)
        creators[p] = 1.0
        columns = packages.with_switches(creators)
        broken = [
            rule.name
            for rule in program.rules
            for row in program.rows_of(rule)
            if not keeps([Row(row.name, row.coefficients, -np.inf, row.upper)], columns)
            or (row.lower <= 0 and not keeps([row], columns))
        ]
        if not broken:
            return []
        found |= dict.fromkeys(broken)
    return list(found)


def _leaves_out(program: Program, rule: Rule, offer: int) -> bool:
    packages = program.packages
    out = rule_leaves_out(rule, program.scenario, packages, program.reach)
    return bool(out[packages.offer == offer].any())


def plan_of(program: Program, near: Found, best: Best) -> Plan:
    """The plan of a verified answer.

    Its objective carries its own value and the bound of the best plan, so that its gap says how far from
    the best it is; it counts as optimal only where that is within the gap the scenario asks for.
    """
    from optimizer.solve.lexicographic import (  # reading a saved plan takes this file and no solver
        Outcome,
        Stage,
    )

    stages = []
    for number, goal in enumerate(program.scenario.objective):
        value = program.goal_linear(goal, near.columns)
        bound = best.bound if number == 0 else None
        if bound is not None:
            bound = max(bound, value) if goal.sense == "maximize" else min(bound, value)
        stages.append(Stage(goal, value, bound, number == 0 and best.proven, near.raw_status))
    return build_plan(program, Outcome(near.columns, stages, near.seconds))
