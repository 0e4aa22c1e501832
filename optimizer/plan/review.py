"""Quality flags: what a careful media planner would notice about a plan.

Each check is one small function in `CHECKS`; it looks at the program and the plan and yields flags.
Thresholds are judgement, named here, with the reason beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from optimizer.language.measures import RATIOS, REACH, coin_of
from optimizer.plan.contribution import contribution
from optimizer.plan.filled import rests_on_filled
from optimizer.plan.flags import amount_text, booked_terms, names_text, note, percent, warn
from optimizer.plan.measured import overlaps_fitted, overlaps_unlisted
from optimizer.plan.plan import Amounts, Flag, Plan
from optimizer.plan.plausible import (
    budget_below_prices,
    engagement_above_reach,
    fees_of_no_country,
    on_target_assumed,
    platform_without_figures,
    rate_upside_down,
    segments_assumed,
    unusual_cpm,
)
from optimizer.program.prices import too_dear
from optimizer.program.program import Program
from optimizer.program.rules import fixed

MAX_CREATOR_SHARE = 0.25
"""One person beyond a quarter of the money or the result is a bet on that person."""
MAX_AUDIENCE_SHARE = 0.5
"""Beyond half of the audience every reach model extrapolates."""
MAX_UNSOURCED_SHARE = 0.5
IDLE_BUDGET = 0.2
"""A fifth of the budget left over is money that could work elsewhere."""
DEAR = 5.0
DEAR_SHARE = 0.05
"""A line at five times the average price that takes a twentieth of the money is there for a rule, not for its worth."""
MANY_CREATORS = 100
"""Beyond this many a brief drifts; one public source counts 33 to 42 creators per full-time person by hand."""
RATES = ("engagement_rate", "reach_rate", "click_rate", "conversion_rate")
KEY_FIELDS = ("cost_per_post", "engagement_rate", "engagements_per_post", "reach_rate", "hours_per_creator")


def review(program: Program, plan: Plan) -> list[Flag]:
    """All flags of a plan, warnings first."""
    flags = [flag for check in CHECKS for flag in check(program, plan)]
    return sorted(flags, key=lambda flag: flag.severity != "warning")


def _amount(amounts: Amounts, measure: str) -> float | None:
    """A line's or the totals' amount of a measure, also of the user's own; reach is added up with duplicates."""
    return amounts.of("gross_reach" if measure == REACH.name else measure)


def empty_plan(program: Program, plan: Plan) -> Iterator[Flag]:
    """Nobody is booked, and it is not that nobody can be paid."""
    if not plan.lines and plan.status == "optimal" and too_dear(program) is None:
        yield warn(
            "nothing-booked", "The best plan books nobody.", "Check the sign of the objective and the limits."
        )


def not_proven(program: Program, plan: Plan) -> Iterator[Flag]:
    """The search stopped before the proof."""
    if plan.status != "optimal":
        yield warn(
            "not-proven",
            "The search stopped before the proof.",
            "Allow more time (--time-limit) or a wider gap (--gap).",
        )


def one_creator_spend(program: Program, plan: Plan) -> Iterator[Flag]:
    """One creator carries more than a set share of spend."""
    for line in plan.lines:
        if line.cost and plan.totals.cost and line.creators >= 1 and plan.totals.creators > 1:
            share = (line.cost - line.setup_cost) / line.creators / plan.totals.cost
            if share > MAX_CREATOR_SHARE:
                yield warn(
                    "one-creator-spend",
                    f"One creator of {line.offer} takes {percent(share)} of the money.",
                    "If they fail, that part of the campaign fails; "
                    "consider {measure: cost, per: creator, max: 25% of cost}.",
                )


def one_creator_result(program: Program, plan: Plan) -> Iterator[Flag]:
    """One creator carries more than a set share of the result."""
    goal = plan.objective
    no_result = goal.sense == "minimize" or goal.measure in ("cost", "hours", "creators", "posts")
    measure = "engagements" if no_result else goal.measure
    total = _amount(plan.totals, measure) or 0.0
    for line in plan.lines:
        if total > 0 and line.creators >= 1 and plan.totals.creators > 1:
            share = (_amount(line, measure) or 0.0) / line.creators / total
            if share > MAX_CREATOR_SHARE:
                word = "reach" if measure == "gross_reach" else measure
                yield warn(
                    "one-creator-result",
                    f"One creator of {line.offer} carries {percent(share)} of the {word}.",
                    "Have a second one ready, or set a limit per creator.",
                )


def rate_outside_benchmark(program: Program, plan: Plan) -> Iterator[Flag]:
    """A response rate of the user's own lies outside the benchmark's low to high."""
    mine = [t for t in booked_terms(program, plan) if t.tier and t.platform]
    mine = [t for t in mine if any(t.numbers[r].origin == "yours" for r in RATES if r in t.numbers)]
    if not mine:
        return
    from optimizer.benchmarks.lookup import Place, benchmarks_of

    figures = benchmarks_of(program.scenario.benchmarks or "global-2026")
    found: dict[tuple[str, str], list[str]] = {}
    for terms in mine:
        for rate in RATES:
            sourced = terms.numbers.get(rate)
            if sourced is None or sourced.origin != "yours":
                continue
            place = Place(terms.tier, terms.platform, terms.format, terms.get("followers"), terms.country)
            public = figures.figure(rate, place)
            if public is None or public.figure.kind != "benchmark":
                continue
            figure = public.figure
            if rate == "engagement_rate" and (figure.base or "followers") != terms.engagement_base:
                continue
            value = sourced.estimate.typical
            low, high = figure.range_of_creators
            if not low <= value <= high:
                side = "above" if value > high else "below"
                span = f"{100 * low:.3g} to {100 * high:.3g} %"
                found.setdefault((rate, side), []).append(f"{terms.name} {100 * value:.3g} % (public {span})")
    for (rate, side), offers in found.items():
        yield warn(
            "rate-outside-benchmark",
            f"{rate} is {side} the public range: {names_text(offers)}.",
            "Check it against the creators' own statistics before trusting the result.",
        )


def followers_outside_tier(program: Program, plan: Plan) -> Iterator[Flag]:
    """An offer's followers lie outside the borders of the tier it names."""
    for terms in booked_terms(program, plan):
        followers = terms.get("followers")
        if followers is None or terms.borders is None:
            continue
        low, high = terms.borders
        if followers < low or (high is not None and followers > high):
            upper = " or more" if high is None else f" to {high:,.0f}"
            yield warn(
                "followers-outside-tier",
                f"{terms.name}: {followers:,.0f} followers do not fit {terms.tier} ({low:,.0f}{upper}).",
                "Correct the tier, or set tier_borders to the definition you use.",
            )


def reach_of_audience(program: Program, plan: Plan) -> Iterator[Flag]:
    """Reach above half of the audience, or duplicates not corrected."""
    if plan.totals.reach is None or plan.audience is None:
        return
    share = plan.totals.reach / plan.audience.people
    if share > MAX_AUDIENCE_SHARE:
        yield warn(
            "reach-above-half",
            f"Reach is {percent(share)} of the audience; so much rests on the overlap model rather than on data.",
            "Check audience.people and on_target, and treat the reach as an upper estimate.",
        )
    if plan.audience.overlap is None:
        yield warn(
            "overlap-missing",
            "No audience overlap is given, so creators' audiences are taken as independent; real ones overlap more.",
            "Give audience.overlap; without it reach is overstated.",
        )
    elif plan.audience.chance is not None and program.reach is not None and program.reach.independent:
        yield note(
            "overlap-at-chance",
            f"The assumed overlap of {100 * plan.audience.overlap:.3g} % is not above chance "
            f"({100 * plan.audience.chance:.3g} %), so audiences are taken as independent.",
            "Check audience.overlap and audience.people.",
        )


def loss(program: Program, plan: Plan) -> Iterator[Flag]:
    """The plan brings less revenue than what is sold and booked costs."""
    parts = contribution(plan)
    if parts is None or (plan.totals.profit or 0.0) > -coin_of(plan.currency) / 2:
        return
    for_profit = any((goal.sense, goal.measure) == ("maximize", "profit") for goal in plan.objectives)
    goods = f"{parts.goods} of goods and " if parts.goods else ""
    yield warn(
        "loss",
        f"This plan brings {parts.revenue} {plan.currency} of revenue and loses "
        f"{parts.profit.removeprefix('-')} {plan.currency}, because it takes {goods}{parts.cost} of cost.",
        "A limit or creators.min asks for these bookings; check that rule."
        if for_profit
        else "Maximize profit instead, or limit the loss: {measure: profit, min: 0}.",
    )


def idle_limits(program: Program, plan: Plan) -> Iterator[Flag]:
    """A limit that no plan can ever touch, given the creators available."""
    packages = program.packages
    most = packages.room_max[packages.offer]
    for rule in program.rules:
        if rule.per_creator or rule.measure in RATIOS or rule.measure == REACH.name:
            continue
        values = np.where(rule.columns, packages.measures[rule.measure], 0.0)[: packages.count]
        ceiling, floor = fixed(rule.maximum, program.scenario), fixed(rule.minimum, program.scenario)
        if ceiling is not None and rule.minimum is None:
            best = np.zeros(len(packages.terms))
            with np.errstate(invalid="ignore"):
                np.maximum.at(best, packages.offer, np.where(values > 0, values * most, 0.0))
            once = np.where(rule.columns, packages.measures[rule.measure], 0.0)[packages.count :]
            top = float(best.sum() + np.maximum(once, 0.0).sum())
            if top < ceiling:
                yield note(
                    "idle-limit",
                    f"{rule.name} can never bind: all creators together come to {amount_text(top)}, "
                    f"and {amount_text(ceiling)} are allowed.",
                    "Remove it, or check the number of creators available.",
                )
        if floor is not None and floor <= 0 and rule.maximum is None and not np.any(values < 0):
            yield note(
                "idle-limit", f"{rule.name} can never bind: its floor is {amount_text(floor)}.", "Remove it."
            )


def unsourced(program: Program, plan: Plan) -> Iterator[Flag]:
    """Most of the plan's money rests on numbers without a source."""
    total = plan.totals.cost
    if not total:
        return
    loose = 0.0
    for terms in booked_terms(program, plan):
        known = [terms.numbers[name] for name in KEY_FIELDS if name in terms.numbers]
        bare = [s for s in known if s.origin == "assumption" or (s.origin == "yours" and not s.source)]
        if known and len(bare) > len(known) / 2:
            loose += sum(line.cost or 0.0 for line in plan.lines if line.offer == terms.name)
    if loose / total > MAX_UNSOURCED_SHARE:
        advice = "Add `source:` to the offers, or name a benchmark set."
        if program.scenario.benchmarks is not None:
            advice = "Replace the set's assumptions by figures of your own, with their source."
        yield note(
            "unsourced",
            f"{percent(loose / total)} of the money goes to offers whose main numbers have no public source.",
            advice,
        )


def ignored_effects(program: Program, plan: Plan) -> Iterator[Flag]:
    """Completion, authenticity, commission, repeat decay or hours that nobody gave."""
    booked = booked_terms(program, plan)

    def by_default(field: str) -> list[str]:
        return [t.name for t in booked if field in t.numbers and t.numbers[field].origin == "default"]

    late = by_default("completion")
    if late:
        yield note(
            "completion-ignored",
            f"Every booked creator of {names_text(late)} is taken to deliver.",
            "Public figures: under 5 % of paid and about 20 % of gifted creators do not; set completion.",
        )
    small = [
        t.name for t in booked if t.tier in ("nano", "micro") and t.numbers["authentic"].origin == "default"
    ]
    if small:
        yield note(
            "authenticity-ignored",
            f"All followers of {names_text(small)} are taken as real people.",
            "Some small creators buy followers; set authentic.",
        )
    repeated = {line.offer for line in plan.lines if line.posts_per_creator > 1} & set(
        by_default("repeat_decay")
    )
    if repeated:
        yield note(
            "repeat-decay-ignored",
            f"Further posts by one creator of {names_text(sorted(repeated))} are taken to bring as much as the first.",
            "Set repeat_decay.",
        )
    large = [t.name for t in booked if t.tier in ("macro", "mega") and not t.get("commission")]
    if large and plan.totals.revenue:
        yield note(
            "commission-ignored",
            f"No commission is planned for {names_text(large)}, although revenue is.",
            "Macro and mega creators often ask for a share of sales on top of the fee; set commission.",
        )
    free = by_default("cost_per_conversion")
    if free and plan.totals.revenue:
        yield note(
            "goods-ignored",
            f"No cost of goods is given for {names_text(free)}: profit is before cost of goods.",
            "Set cost_per_conversion: what a conversion costs to make and to ship, or 0.",
        )
    idle = [t.name for t in booked if t.get("hours_per_creator") is None]
    if idle and any(line.cost is not None for line in plan.lines):
        yield warn(
            "hours-unknown",
            f"No coordination hours are known for {names_text(idle)}, so the plan does not count that work.",
            "Give hours_per_creator and hours_per_post, and effort_hours as the limit.",
        )


def idle_budget(program: Program, plan: Plan) -> Iterator[Flag]:
    """Much of the budget is left over."""
    budget, cost = program.scenario.budget, plan.totals.cost
    if (
        budget
        and plan.lines
        and cost is not None
        and plan.objective.sense == "maximize"
        and cost < budget * (1 - IDLE_BUDGET)
    ):
        holding = [limit.name for limit in plan.limits if limit.binding]
        by = f"; {names_text(holding)} held it back" if holding else "; there is no more to buy"
        yield note(
            "budget-left",
            f"{percent(1 - cost / budget)} of the budget stays unspent{by}.",
            "More hours or more offers would use it; otherwise return the money.",
        )


def many_creators(program: Program, plan: Plan) -> Iterator[Flag]:
    """So many creators that the message drifts."""
    if plan.totals.creators > MANY_CREATORS:
        yield note(
            "many-creators",
            f"{plan.totals.creators:,.0f} creators have to be found, briefed and checked.",
            "Plan for templates and spot checks, or cap the number of creators.",
        )


def fractions(program: Program, plan: Plan) -> Iterator[Flag]:
    """A linear program's plan cannot be booked."""
    if not plan.whole_creators and any(abs(x.creators - round(x.creators)) > 1e-6 for x in plan.lines):
        yield warn(
            "fractions",
            "This plan books fractions of creators: it is a bound on what is possible, not a plan to book.",
            "Set solver: {whole_creators: true} for a plan.",
        )


def dear_lines(program: Program, plan: Plan) -> Iterator[Flag]:
    """A line that is dear out of all proportion, there only because a rule asks for it."""
    if plan.objective.measure != "engagements" or not plan.totals.cpe or not plan.totals.cost:
        return
    for line in plan.lines:
        share = (line.cost or 0.0) / plan.totals.cost
        if line.cpe and line.cpe > DEAR * plan.totals.cpe and share > DEAR_SHARE:
            yield note(
                "dear-line",
                f"{line.offer} takes {percent(share)} of the money at {line.cpe / plan.totals.cpe:.0f} times "
                "the plan's cost per engagement: a rule asks for it.",
                "`optimize explain` says what that rule costs.",
            )


def lines_without_result(program: Program, plan: Plan) -> Iterator[Flag]:
    """Bookings that bring nothing for the objective."""
    names = [line.offer for line in plan.lines if _amount(line, plan.objective.measure) == 0]
    if names and plan.objective.sense == "maximize":
        yield note(
            "no-result",
            f"{names_text(names)} brings nothing for the objective and is booked only because a limit or creators.min "
            "asks for it.",
            "Check that rule.",
        )


CHECKS: tuple[Callable[[Program, Plan], Iterator[Flag]], ...] = (
    empty_plan,
    budget_below_prices,
    rate_upside_down,
    not_proven,
    one_creator_spend,
    one_creator_result,
    rate_outside_benchmark,
    followers_outside_tier,
    engagement_above_reach,
    unusual_cpm,
    on_target_assumed,
    segments_assumed,
    fees_of_no_country,
    platform_without_figures,
    reach_of_audience,
    loss,
    idle_limits,
    unsourced,
    rests_on_filled,
    ignored_effects,
    idle_budget,
    many_creators,
    lines_without_result,
    fractions,
    dear_lines,
    overlaps_fitted,
    overlaps_unlisted,
)
