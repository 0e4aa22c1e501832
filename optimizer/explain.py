"""Why this plan: prices of limits, cost of rules, what to negotiate, which assumptions decide. By re-solving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Literal

from pydantic import BaseModel, ConfigDict

from optimizer import __version__
from optimizer.flow import BEST_VALUE, optimize
from optimizer.handles import binding_handles
from optimizer.measures import unit_of
from optimizer.negotiation import Kind, OfferNegotiation, negotiate
from optimizer.plan import ObjectiveResult, ScenarioStamp
from optimizer.prepare import prepare
from optimizer.prices import LimitPrice, RuleCost, local_prices, price_of, rule_cost, rule_costs_jobs
from optimizer.scenario import Scenario
from optimizer.tipping import TippingPoint, effects_of, most_influential, tipping_point
from optimizer.whatif import Runner, answer, answer_changed

Section = Literal["prices", "rules", "negotiation", "tipping"]
SECTIONS: tuple[Section, ...] = ("prices", "rules", "negotiation", "tipping")


class Explanation(BaseModel):
    """Why a plan is as it is. Values are of the first objective, in `unit`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scenario: ScenarioStamp
    currency: str
    objective: ObjectiveResult
    best: float
    """Best value of the first objective, found exactly and before anything is given up for later objectives; gains are
    measured from it."""
    unit: str
    cost: float | None
    hours: float | None
    sentences: list[str]
    """The findings in plain words, most important first."""
    prices: list[LimitPrice]
    rules: list[RuleCost]
    """What each rule costs, dearest first."""
    negotiation: list[OfferNegotiation]
    tipping: list[TippingPoint]
    """Assumptions by how close they are to changing who is booked."""
    unsettled: int
    """Questions that time did not allow to answer; 0 when all were."""
    version: str


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
    where = {"section": ""}

    def progress(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress(where["section"], done, total)

    runner = Runner(executor, time_limit, progress)
    plan = optimize(scenario)
    prepared = prepare(scenario)
    text = scenario.model_dump_json(exclude_unset=True)
    sense = plan.objective.sense
    base = answer(scenario, BEST_VALUE)
    best = plan.objective.best if base.value is None else base.value
    unit = unit_of(plan.objective.measure, scenario.currency)
    today = answer_changed(text, {}).creators
    until = runner.clock.moment
    prices: list[LimitPrice] = []
    rules: list[RuleCost] = []
    sheet: list[OfferNegotiation] = []
    tips: list[TippingPoint] = []
    if "prices" in sections:
        where["section"] = "prices"
        held = binding_handles(prepared, plan)
        local = local_prices(scenario, held)
        binding = {limit.name for limit in plan.limits if limit.binding}
        jobs = [
            (
                text,
                h,
                best,
                sense,
                unit,
                h.path not in ("budget", "effort_hours") or h.name in binding,
                local[h.path],
                until,
            )
            for h in held
        ]
        prices = [p for p in runner.run(price_of, jobs) if p is not None]
    if "rules" in sections:
        where["section"] = "rules"
        found = runner.run(
            rule_cost, [(text, rule, change, best, sense) for rule, change in rule_costs_jobs(prepared)]
        )
        rules = sorted(
            (r for r in found if r is not None), key=lambda r: (r.status != "unlimited", -(r.gain or 0.0))
        )
    if "negotiation" in sections:
        where["section"] = "negotiation"
        kinds: tuple[tuple[Kind, ...], ...] = (("fee",), ("rate",))
        jobs_n = [(text, i, today, kind, until) for i in range(len(scenario.offers)) for kind in kinds]
        halves = runner.run(negotiate, jobs_n)
        pairs = zip(halves[::2], halves[1::2], strict=True)
        sheet = [both for fee, rate in pairs if (both := _merged(fee, rate)) is not None]
    if "tipping" in sections:
        where["section"] = "tipping"
        effects = runner.run(effects_of, [(text, i) for i in range(len(scenario.offers))])
        chosen = most_influential([c for part in effects if part is not None for c in part])
        found_tips = runner.run(tipping_point, [(text, c, today, until) for c in chosen])
        tips = [t for t in found_tips if t is not None]
        tips.sort(key=lambda t: (t.distance is None, t.distance or 0.0))
    timed_out = sum(
        threshold is not None and threshold.reason == "time was up"
        for n in sheet
        for threshold in (n.stays_to, n.more_from, n.enters_at, n.must_show)
    )
    explanation = Explanation(
        scenario=plan.scenario,
        currency=scenario.currency,
        objective=plan.objective,
        best=best,
        unit=unit,
        cost=plan.totals.cost,
        hours=plan.totals.hours,
        sentences=[],
        prices=prices,
        rules=rules,
        negotiation=sheet,
        tipping=tips,
        unsettled=runner.skipped + timed_out,
        version=__version__,
    )
    from optimizer.report.explanation import sentences

    return explanation.model_copy(update={"sentences": sentences(explanation)})


def _merged(fee: OfferNegotiation | None, rate: OfferNegotiation | None) -> OfferNegotiation | None:
    """The fee half and the rate half of one offer, worked out side by side."""
    if fee is None or rate is None:
        return fee or rate
    found = {name: getattr(rate, name) for name in ("rate", "rate_name", "rate_step", "must_show")}
    return fee.model_copy(update=found)
