"""Why this plan: prices of limits, cost of rules, what to negotiate, which assumptions decide. By re-solving.

The most useful questions come first, so that little time answers those: binding limits, rules, offers that are booked
and nearest to leaving, offers nearest to coming in, assumptions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import CONFLICT_SECONDS, optimize_within
from optimizer.infeasible.ways_out import infeasible
from optimizer.jobs.clock import Clock
from optimizer.jobs.runner import Runner
from optimizer.language.measures import unit_in
from optimizer.plan.booked import columns_of_plan
from optimizer.plan.over_cases import refuse_over_cases
from optimizer.plan.plan import Plan
from optimizer.program.levers import CAPS
from optimizer.program.program import Program
from optimizer.scenario.given import given_scenario, given_words
from optimizer.scenario.scenario import Scenario
from optimizer.solve.answer import Answer, answer_program
from optimizer.solve.lexicographic import BEST_VALUE
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import ready, refuse_confidence
from optimizer.solve.sieve import among_kept
from optimizer.whatif.explain.estimates import Estimate, estimates_of, margins
from optimizer.whatif.explain.findings import sentences
from optimizer.whatif.explain.negotiation import OfferNegotiation, negotiate
from optimizer.whatif.explain.prices import LimitPrice, binding_levers, local_prices, price_of
from optimizer.whatif.explain.result import SECTIONS, Explanation, Section
from optimizer.whatif.explain.rule_costs import RuleCost, rule_cost, rule_costs_jobs
from optimizer.whatif.explain.tipping import (
    MOST,
    Candidate,
    TippingPoint,
    effects_of,
    most_influential,
    tipping_point,
)

BASE_SHARE = 0.5
"""Of a time limit, for the plan that is explained, and again of what is left for its exact best value."""
LEAST_SECONDS = 1.0
"""For the plan that is explained, however short the time: without one there is nothing to explain."""
PLANNED = 1200
"""Packages times offers that thresholds are planned for (and, of offers booked to the last creator, whose places are
priced), because each solve takes longer the more packages there are: 26 offers at 45 packages, four at 300."""
FEWEST = 4
"""Offers that are planned for whatever the size."""
TOGETHER = 8
"""Offers estimated in one job."""
BOOKED = 60
"""Offers that are booked and asked about, those nearest to leaving first."""
OTHERS = 20
"""Others that are asked about, those nearest to coming in first; more where fewer than `BOOKED` are booked."""


_NO_CHANCES = (
    "`explain` reads prices and turning points off typical numbers",
    "`optimize risk` shows what safety costs and where the mix turns",
)
"""Why a scenario with a confidence is refused, and what to ask instead."""


def explain(
    scenario: Scenario,
    *,
    sections: Sequence[Section] = SECTIONS,
    executor: Executor | None = None,
    time_limit: float | None = None,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Explanation:
    """Explain the best plan of a scenario.

    Args:
        scenario: the scenario.
        sections: which parts to work out.
        executor: any `concurrent.futures.Executor` for the independent re-solves; None solves in this process.
        time_limit: seconds for everything; what is not settled by then is left out and counted.
        on_progress: called with (section, jobs done, jobs in all).

    Raises:
        ScenarioError, InfeasibleError, SolverError: as `optimize`.
    """
    refuse_over_cases(given_scenario(scenario), "an explanation is about")
    refuse_confidence(scenario, *_NO_CHANCES)
    where = {"section": ""}

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(where["section"], done, total)

    runner = Runner(executor, time_limit, progress)
    given_words("section", sections, SECTIONS)
    base = _base(scenario, runner)
    parts = _Parts(base, runner)
    for section in SECTIONS:
        if section in sections:
            where["section"] = section
            getattr(parts, section)()
    plan = base.plan
    thresholds = [
        t for n in parts.found_negotiation for t in (n.stays_to, n.more_from, n.enters_at, n.must_show)
    ]
    explanation = Explanation(
        scenario=plan.scenario,
        currency=scenario.currency,
        objective=plan.objective,
        best=plan.objective.best if base.best is None else base.best,
        unit=base.unit,
        cost=plan.totals.cost,
        hours=plan.totals.hours,
        sentences=[],
        prices=parts.found_prices,
        rules=parts.found_rules,
        negotiation=parts.found_negotiation,
        tipping=parts.found_tipping,
        unsettled=parts.left_out + runner.skipped + sum(t is not None and not t.settled for t in thresholds),
        asked=parts.asked,
        not_priced=parts.not_priced,
        offers=len(scenario.offers),
        offers_asked=len(scenario.offers) if parts.chosen is None else len(parts.chosen),
        version=__version__,
    )

    return explanation.model_copy(update={"sentences": sentences(explanation)})


@dataclass(frozen=True)
class _Base:
    """The plan that is explained, and what all questions about it share.

    Attributes:
        best: best first objective, exactly; None where time was up before the proof.
        best_creators: creators per package in a plan that has it.
        creators: creators per package in the plan.
    """

    scenario: Scenario
    plan: Plan
    program: Program
    text: str
    unit: str
    best: float | None
    best_creators: tuple[float, ...]
    creators: tuple[float, ...]


def _base(scenario: Scenario, runner: Runner) -> _Base:
    clock = runner.clock
    program = ready(among_kept(scenario))  # prices are differences between answers among these
    try:
        plan = optimize_within(scenario, max(LEAST_SECONDS, BASE_SHARE * clock.left))
    except NoPlanError:
        raise infeasible(program, max(LEAST_SECONDS, min(CONFLICT_SECONDS, clock.left))) from None
    creators = tuple(float(n) for n in columns_of_plan(program, plan)[: program.packages.count])
    goal = plan.objective
    exact: Answer | None
    if plan.status == "optimal" and goal.gap == 0 and goal.best == goal.value:
        exact = Answer("optimal", goal.best, creators=creators)
    else:
        exact = _exact_best(program, creators, clock) if plan.status == "optimal" else None
    return _Base(
        scenario=program.scenario,
        plan=plan,
        program=program,
        text=scenario.model_dump_json(exclude_unset=True),
        unit=unit_in(goal.measure, scenario.currency, goal.segments),
        best=None if exact is None else exact.value,
        best_creators=() if exact is None else exact.creators,
        creators=creators,
    )


def _exact_best(program: Program, creators: tuple[float, ...], clock: Clock) -> Answer | None:
    """The exact best of the first objective, which prices are measured from; None where it takes too long."""
    share = clock if math.isinf(clock.left) else Clock(BASE_SHARE * clock.left)
    try:
        found = answer_program(program, replace(BEST_VALUE, start=creators), share)
    except TimeoutError:
        return None
    return found if found.status == "optimal" else None


class _Parts:
    """The sections of an explanation, one method each."""

    def __init__(self, base: _Base, runner: Runner) -> None:
        self.base, self.runner, self.until = base, runner, runner.clock.moment
        self.found_prices: list[LimitPrice] = []
        self.found_rules: list[RuleCost] = []
        self.found_negotiation: list[OfferNegotiation] = []
        self.found_tipping: list[TippingPoint] = []
        self.asked = self.left_out = self.not_priced = 0
        self.chosen: tuple[int, ...] | None = None
        self.most = max(FEWEST, PLANNED // max(1, base.program.packages.count))

    def _run(
        self, function: Callable[..., Any], jobs: Sequence[tuple[Any, ...]], known: bool = True
    ) -> list[Any]:
        """Results of the jobs; those of a plan that was not proven in time are not asked for."""
        self.asked += len(jobs)
        if known:
            return self.runner.run(function, jobs)
        self.left_out += len(jobs)
        return [None] * len(jobs)

    def prices(self) -> None:
        """Limits that hold the plan; of offers booked to the last creator those that cost most."""
        base = self.base
        held = binding_levers(base.program, base.plan)
        try:
            local = local_prices(base.scenario, held, self.runner.clock)
        except TimeoutError:
            local = {lever.path: (None, None) for lever in held}
        full = [h for h in held if h.path[0] == "offers" and h.side == "max"]
        dear = sorted(full, key=lambda h: -(local[h.path][0] or 0.0))[: self.most]
        self.not_priced = len(full) - len(dear)
        binding = {limit.name for limit in base.plan.limits if limit.binding}
        jobs = []
        for h in held:
            if h in full and h not in dear:
                continue
            holds = h.path not in CAPS or h.name in binding
            jobs.append((base.text, h, base.best, base.plan.objective.sense, base.unit, holds, local[h.path],
                         self.until, base.best_creators))  # fmt: skip
        found = self._run(price_of, jobs, base.best is not None)
        self.found_prices = [p for p in found if p is not None]

    def rules(self) -> None:
        """Every rule, dearest first."""
        base = self.base
        jobs = [
            (base.text, rule, change, base.best, base.plan.objective.sense, self.until, base.best_creators)
            for rule, change in rule_costs_jobs(base.program)
        ]
        found = self._run(rule_cost, jobs, base.best is not None)
        known = [r for r in found if r is not None]
        self.found_rules = sorted(known, key=lambda r: (r.status != "unlimited", -(r.gain or 0.0)))

    def negotiation(self) -> None:
        """Offers that are booked, nearest to leaving first, then those nearest to coming in."""
        base = self.base
        offers = self._offers()
        chunks = [tuple(offers[i : i + TOGETHER]) for i in range(0, len(offers), TOGETHER)]
        left = self.runner.clock.left
        helper = Runner(
            self.runner.executor, None if math.isinf(left) else left
        )  # these are no questions of their own
        parts = helper.run(estimates_of, [(base.text, chunk, self.until) for chunk in chunks])
        near = {e.offer: e for part in parts if part is not None for e in part}
        order = self._nearest([near.get(i, Estimate(i, None, None)) for i in offers])
        booked = [e for e in order if self._creators(e.offer) > 0]
        others = [e for e in order if self._creators(e.offer) == 0]
        half = max(self.most // 2, self.most - len(others))
        planned = booked[:half] + others[: self.most - len(booked[:half])]
        jobs = [
            (base.text, e.offer, base.creators, ("fee", "rate"), self.until, (e.fee, e.rate), e in planned)
            for e in [*planned, *(e for e in order if e not in planned)]
        ]
        found = self._run(negotiate, jobs, base.plan.status == "optimal")
        index = {terms.name: i for i, terms in enumerate(base.program.packages.terms)}
        self.found_negotiation = sorted((n for n in found if n is not None), key=lambda n: index[n.offer])

    def tipping(self) -> None:
        """The assumptions that move the objective most."""
        base = self.base
        offers = self._offers()
        found: list[Candidate] = []
        # numbers with a range come first, so that of many offers the others are looked at only where these are few
        for ranged in (None,) if len(offers) == len(base.scenario.offers) else (True, False):
            if len(found) < MOST:
                jobs = [(base.text, i, self.until, ranged) for i in offers]
                found += [c for part in self._run(effects_of, jobs) if part is not None for c in part]
        chosen = most_influential(found)
        turns = self._run(
            tipping_point,
            [(base.text, c, base.creators, self.until) for c in chosen],
            base.plan.status == "optimal",
        )
        known = [t for t in turns if t is not None]
        self.found_tipping = sorted(known, key=lambda t: (t.distance is None, t.distance or 0.0))

    def _offers(self) -> tuple[int, ...]:
        """Offers to ask about: those booked, nearest to leaving first, then those nearest to coming in.

        All of them, up to `BOOKED`: names on a list are hundreds, and few of them have a say in the plan.
        """
        if self.chosen is None:
            count = len(self.base.scenario.offers)
            try:
                margin = margins(self.base.program, self.runner.clock)
            except TimeoutError:
                margin = np.zeros(count)
            booked = sorted((i for i in range(count) if self._creators(i) > 0), key=lambda i: margin[i])
            others = sorted((i for i in range(count) if self._creators(i) == 0), key=lambda i: -margin[i])
            if count > BOOKED:
                booked = booked[:BOOKED]
                others = others[: max(OTHERS, BOOKED - len(booked))]
            self.chosen = (*booked, *others)
        return self.chosen

    def _nearest(self, estimates: Sequence[Estimate]) -> list[Estimate]:
        """Booked offers by the room they have to pay more, then the others by how much cheaper they must be."""
        packages = self.base.program.packages

        def place(e: Estimate) -> tuple[bool, float]:
            fee = packages.terms[e.offer].get("cost_per_post")
            booked = self._creators(e.offer) > 0
            share = e.fee / fee if e.fee is not None and fee else None
            if share is None:
                return not booked, math.inf
            return not booked, share if booked else -share

        return sorted(estimates, key=place)

    def _creators(self, offer: int) -> float:
        return float(np.asarray(self.base.creators)[self.base.program.packages.offer == offer].sum())
