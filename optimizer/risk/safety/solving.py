"""One solve of a sweep as a job of its own, and what is known of the plan that it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from optimizer.jobs.clock import Clock
from optimizer.language.errors import SolverError
from optimizer.language.measures import REACH
from optimizer.language.statuses import PlanStatus
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.build import build_plan
from optimizer.plan.plan import Plan
from optimizer.plan.simulated import kept_in
from optimizer.program.draws import Draws
from optimizer.program.forms import form_of
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.sure import Sure
from optimizer.solve.answer import in_time, scenario_of
from optimizer.solve.lexicographic import Effort
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready
from optimizer.solve.solved import solve_verified, solved_at

Key = tuple[tuple[str, int, float], ...]
"""Bookings: offer, posts per creator, creators."""


class Solved(NamedTuple):
    """A plan that was solved for.

    Attributes:
        plan: the plan; its objective is mean - k sd.
        k: of the first objective.
        bound: best mean - k sd that any plan can have, in the measure's unit; None where not proven.
        status: whether it is proven within the scenario's gap.
    """

    plan: Plan
    k: float
    bound: float | None
    status: PlanStatus


def solve_safe(
    scenario_json: str, k: float | None, multipliers: Mapping[str, float], until: float = float("inf")
) -> Solved | None:
    """The plan of a scenario (as JSON) whose first objective has a confidence; a top-level function for executors.

    Args:
        scenario_json: the scenario.
        k: of the first objective; None to let the draws set it, and those of limits too.
        multipliers: k of limits, and of the objective, to begin with; none to find them.
        until: when time is up, as `time.time()` has it.

    Returns:
        None where time was up, or no plan keeps limits with a confidence for such k.

    Raises:
        ScenarioError: as `optimize`.
        SolverError: where the solver failed.
    """
    try:
        program = in_time(ready(scenario_of(scenario_json)), Clock.until(until))
        # What was learnt by another solve in this process might give another of two plans as good.
        program = replace(program, multipliers=dict(multipliers), _sures={})
        outcome = solve_verified(program) if k is None else solved_at(program, k, Effort(lean=False))
    except (NoPlanError, TimeoutError):
        return None
    except SolverError as error:
        if error.timed_out:
            return None
        raise
    plan = build_plan(program, outcome)
    goal = plan.objective
    return Solved(plan, goal.k or 0.0, goal.bound, plan.status)


@dataclass(eq=False)
class Known:
    """A plan and all that is drawn of it.

    Attributes:
        plan: the plan.
        counts: shape (columns,).
        mean, sd: of the linear criterion (of reach: the index), signed as the measure is.
        values: the first objective in each draw, in its unit, shape (draws,).
        kept: limit -> how often it is kept.
        all_kept: how often all of these are; None without any.
        origins: why it is told.
    """

    plan: Plan
    counts: Floats
    mean: float
    sd: float
    values: Floats
    kept: dict[str, float]
    all_kept: float | None
    origins: list[str] = field(default_factory=list)

    @property
    def expected(self) -> float:
        """Mean in the measure's unit."""
        return float(self.values.mean()) if self.plan.objective.measure == REACH.name else self.mean

    @property
    def deviation(self) -> float:
        """Standard deviation in the measure's unit."""
        return float(self.values.std()) if self.plan.objective.measure == REACH.name else self.sd

    def worth(self, k: float, sign: float) -> float:
        """sign x mean - k sd."""
        return sign * self.mean - k * self.sd

    def dependable(self, confidence: float, sign: float) -> float:
        """What it comes to or better in that share of the draws."""
        return float(np.quantile(self.values, 1 - confidence if sign > 0 else confidence))

    def chance(self, value: float, sign: float) -> float:
        """Share of the draws in which it comes to a value or better."""
        slack = 1e-9 * max(1.0, abs(value))
        return float(np.mean(sign * (self.values - value) >= -slack))


def key_of(plan: Plan) -> Key:
    """What tells plans apart."""
    return tuple(sorted((line.offer, line.posts_per_creator, line.creators) for line in plan.lines))


def known_of(program: Program, sure: Sure, plan: Plan, draws: int, seed: int) -> Known:
    """Everything about one plan.

    Args:
        program: of the first objective with a confidence.
        sure: that objective.
        plan: the plan.
        draws, seed: as for `plan.simulated`.
    """
    counts = columns_of_plan(program, plan)
    drawn = Draws(program.varying, counts, draws, seed)
    measure = program.scenario.objective[0].measure
    segments = program.scenario.objective[0].segments
    values = (
        drawn.reach(segments=segments)
        if measure == REACH.name
        else drawn.total(form_of(program.varying, measure))
    )
    kept = {}
    for rule in program.rules:
        found = kept_in(drawn, program, rule)
        if found is not None:
            kept[rule.name] = found
    return Known(
        plan=plan,
        counts=counts,
        mean=sure.moments.mean_of(counts),
        sd=sure.moments.sd_of(counts),
        values=values,
        kept={name: float(np.mean(each)) for name, each in kept.items()},
        all_kept=float(np.mean(np.all(list(kept.values()), axis=0))) if kept else None,
    )


class Pool:
    """The plans found so far, each once and drawn once.

    Attributes:
        program: of the first objective with a confidence.
        sure: that objective.
        sign: +1 where more is wanted.
    """

    def __init__(self, program: Program, draws: int, seed: int) -> None:
        goal = program.scenario.objective[0]
        sure = program.sure_goal(goal)
        assert sure is not None, "the first objective has a confidence"
        self.program, self.sure, self.sign = program, sure, sure.sign
        self._draws, self._seed = draws, seed
        self._known: dict[Key, Known] = {}

    def add(self, plan: Plan, origin: str = "") -> Known:
        """A plan, which may be there already."""
        key = key_of(plan)
        if key not in self._known:
            self._known[key] = known_of(self.program, self.sure, plan, self._draws, self._seed)
        known = self._known[key]
        if origin and origin not in known.origins:
            known.origins.append(origin)
        return known

    @property
    def plans(self) -> Sequence[Known]:
        """All of them, in the order in which they came."""
        return list(self._known.values())

    def best_at(self, k: float) -> Known:
        """The plan with the best mean - k sd. As these are the same plans for every k, mean and sd never rise in k."""
        return max(self.plans, key=lambda known: (known.worth(k, self.sign), -known.sd))

    def amount(self, linear: float) -> float:
        """A criterion in the measure's unit from its signed linear value."""
        return self.program.goal_amount(self.program.scenario.objective[0], self.sign * linear)
