"""Plans that were found -> what is told of them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from optimizer.__version__ import __version__
from optimizer.finance.frontier.one_point import mix_by, mix_of
from optimizer.finance.frontier.result import Booked
from optimizer.language.measures import unit_of
from optimizer.language.numbers import tidy
from optimizer.plan.build import gap_between
from optimizer.plan.plan import MixBy
from optimizer.plan.risk import Chance
from optimizer.plan.stamp import stamp_of
from optimizer.program.sure import nothing_varies
from optimizer.risk.safety.findings import sentences
from optimizer.risk.safety.result import Criterion, Promise, SafePlan, Safety, Target
from optimizer.risk.safety.solving import Known, Pool, Solved
from optimizer.risk.safety.target import Likeliest
from optimizer.risk.safety.turns import turns_of
from optimizer.scenario.scenario import Scenario


@dataclass(eq=False)
class Found:
    """Everything that was solved for.

    Attributes:
        scenario: as it stands.
        pool: the plans.
        confidences: rising.
        target: None where none was asked for.
        today: the plan of the scenario as it stands.
        solves: each with its k.
        asked_for: confidence -> the solve whose k is set by the draws of its own plan.
        likeliest: to reach the target; None where its mean is out of reach.
        skipped: solves that time did not allow.
    """

    scenario: Scenario
    pool: Pool
    confidences: list[float]
    target: float | None
    today: Known
    solves: list[Solved] = field(default_factory=list)
    asked_for: dict[float, Solved] = field(default_factory=dict)
    likeliest: Likeliest | None = None
    skipped: int = 0

    def add(self, solved: Solved) -> None:
        """A solve, and its plan."""
        self.solves.append(solved)
        self.pool.add(solved.plan)


def told(found: Found, draws: int, seed: int) -> Safety:
    """The result as a record."""
    scenario, pool = found.scenario, found.pool
    goal, sign, by = scenario.objective[0], pool.sign, mix_by(scenario)
    best: dict[int, list[Solved]] = {}
    for solved in sorted(found.solves, key=lambda each: each.k):
        best.setdefault(id(pool.best_at(solved.k)), []).append(solved)
    promised = {level: _promised(pool, level) for level in found.confidences}
    likely = None
    if found.target is not None:
        likely = _likely(found, found.target)
        likely.origins.append("target")
    for known in promised.values():
        known.origins.append("promise")
    for solved in found.asked_for.values():
        pool.add(solved.plan, "confidence")
    told_of = [
        known
        for known in pool.plans
        if known.origins or id(known) in best or (found.likeliest and known is found.likeliest.plan)
    ]
    told_of.sort(key=lambda known: (-sign * known.mean, known.sd))
    numbers = {id(known): number for number, known in enumerate(told_of, 1)}
    plans = [_plan(found, known, numbers[id(known)], best.get(id(known), []), by) for known in told_of]
    sweep = [plans[numbers[key] - 1] for key in best]
    result = Safety(
        scenario=stamp_of(scenario),
        currency=scenario.currency,
        measure=goal.measure,
        sense=goal.sense,
        unit=unit_of(goal.measure, scenario.currency),
        varies=not nothing_varies(pool.sure),
        draws=draws,
        seed=seed,
        confidences=tuple(found.confidences),
        mix_by=by,
        plans=tuple(plans),
        today=numbers[id(found.today)],
        promises=tuple(
            _promise(found, level, known, told_of[0], numbers) for level, known in promised.items()
        ),
        turns=tuple(turns_of(sweep, by)),
        target=None if likely is None else _target(found, likely, numbers),
        left_out=tuple(later.measure for later in scenario.objective[1:]),
        skipped=found.skipped,
        sentences=(),
        version=__version__,
    )
    return result.model_copy(update={"sentences": sentences(result)})


def _promised(pool: Pool, level: float) -> Known:
    """The plan with the best result at a confidence; of equal ones the better mean. As these are the same plans for
    every confidence, more of it never promises more."""
    sign = pool.sign
    return max(pool.plans, key=lambda known: (sign * known.dependable(level, sign), sign * known.mean))


def _likely(found: Found, target: float) -> Known:
    """The plan with the best chance by the draws; of equal ones the one by the criterion, then the better mean."""
    pool, best = found.pool, found.likeliest
    return max(
        pool.plans,
        key=lambda known: (
            known.chance(target, pool.sign),
            best is not None and known is best.plan,
            pool.sign * known.mean,
        ),
    )


def _plan(found: Found, known: Known, number: int, solves: list[Solved], by: MixBy) -> SafePlan:
    sign, plan = found.pool.sign, known.plan
    first = solves[0] if solves else None
    criterion = None if first is None else _criterion(found, known, first)
    origins = [*(["sweep"] if solves else []), *dict.fromkeys(known.origins)]
    if found.likeliest is not None and known is found.likeliest.plan and "target" not in origins:
        origins.append("target")
    p10, p50, p90 = (known.dependable(level, 1.0) for level in (0.9, 0.5, 0.1))
    return SafePlan(
        number=number,
        origins=origins,
        criterion=criterion,
        k_to=solves[-1].k if solves else None,
        sureness=None if criterion is None else tidy(known.chance(criterion.value, sign)),
        expected=tidy(known.expected),
        sd=tidy(known.deviation),
        p10=tidy(p10),
        p50=tidy(p50),
        p90=tidy(p90),
        dependable=tuple(tidy(known.dependable(level, sign)) for level in found.confidences),
        target_chance=None if found.target is None else tidy(known.chance(found.target, sign)),
        chances=tuple(Chance(limit=name, chance=tidy(chance)) for name, chance in known.kept.items()),
        all_kept=None if known.all_kept is None else tidy(known.all_kept),
        cost=plan.totals.cost,
        hours=plan.totals.hours,
        creators=plan.totals.creators or 0.0,
        mix=tuple(mix_of(plan, by)),
        bookings=tuple(
            Booked(offer=line.offer, posts_per_creator=line.posts_per_creator, creators=line.creators)
            for line in plan.lines
        ),
    )


def _criterion(found: Found, known: Known, solved: Solved) -> Criterion:
    """What a solve proves of a plan, which may be as good as its own within the gap, or better."""
    pool, goal = found.pool, found.scenario.objective[0]
    value = pool.amount(known.worth(solved.k, pool.sign))
    bound = solved.bound
    if bound is not None:
        bound = max(bound, value) if pool.sign > 0 else min(bound, value)
    gap = gap_between(goal.sense, value, bound)
    return Criterion(
        k=tidy(solved.k),
        value=tidy(value),
        bound=None if bound is None else tidy(bound),
        gap=None if gap is None else tidy(gap),
        status=solved.status,
    )


def _promise(found: Found, level: float, known: Known, boldest: Known, numbers: dict[int, int]) -> Promise:
    sign, solved = found.pool.sign, found.asked_for.get(level)
    asked_for = None if solved is None else found.pool.add(solved.plan)
    dependable, bold = (each.dependable(level, sign) for each in (known, boldest))
    lost = max(0.0, sign * (boldest.expected - known.expected))
    return Promise(
        confidence=level,
        plan=numbers[id(known)],
        dependable=tidy(dependable),
        boldest=tidy(bold),
        gained=tidy(max(0.0, sign * (dependable - bold))),
        given_up=tidy(lost),
        given_up_share=tidy(lost / abs(boldest.expected)) if boldest.expected > 0 else None,
        asked_for=None if asked_for is None else numbers[id(asked_for)],
        asked_for_dependable=None if asked_for is None else tidy(asked_for.dependable(level, sign)),
        criterion=None if asked_for is None or solved is None else _criterion(found, asked_for, solved),
    )


def _target(found: Found, likely: Known, numbers: dict[int, int]) -> Target:
    target, sign, best = found.target or 0.0, found.pool.sign, found.likeliest
    proof = None
    if best is not None and best.solved is not None:
        proof = _criterion(found, best.plan, best.solved)
    return Target(
        value=target,
        today_chance=tidy(found.today.chance(target, sign)),
        plan=numbers[id(likely)],
        chance=tidy(likely.chance(target, sign)),
        by_criterion=None if best is None else numbers[id(best.plan)],
        ratio=None if best is None or math.isinf(best.ratio) else tidy(best.ratio),
        proof=proof,
    )
