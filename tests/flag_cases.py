"""Scenarios in which a flag about a plan is raised, and one beside each in which it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from optimizer import Plan
from tests.builders import Data

SET = {
    "name": "ours",
    "as_of": "2026-01-15",
    "currency": "USD",
    "figures": [
        {"field": "engagement_rate", "tier": "micro", "platform": "instagram", "base": "followers",
         "low": 0.02, "typical": 0.03, "high": 0.04, "kind": "benchmark", "sources": ["Panel"], "note": "a panel",
         "years": "2025"},
    ],
}  # fmt: skip


NAMED: Data = {"platform": "instagram", "followers": "20k", "creators": {"max": 1}}
"""One person whose followers are known."""


def deal(name: str = "one", **fields: Any) -> Data:
    """An offer about which nothing is left unsaid; None takes a field away."""
    known = {
        "name": name,
        "cost_per_post": 100,
        "engagements_per_post": 10,
        "hours_per_creator": 1,
        "completion": 1,
        "authentic": 1,
        "repeat_decay": 0,
        "source": "rate card 2026",
        "creators": {"max": 20},
    }
    return {key: value for key, value in {**known, **fields}.items() if value is not None}


def ask(*offers: Data, **fields: Any) -> Data:
    """A scenario that gives no cause for any flag, but for what is changed in it."""
    return {"budget": 1000, "objective": "engagements", "offers": list(offers or [deal()]), **fields}


@dataclass(frozen=True)
class Case:
    """A check and code, a scenario in which it fires with this message and advice, and one near it where it does not.

    `edit` changes a plan before it is reviewed.
    """

    check: str
    code: str
    severity: str
    fires: Data
    near: Data
    message: str
    advice: str
    edit: Callable[[Plan], Plan] | None = field(default=None)


BOOKED = {"creators": {"min": 1, "max": 1}}
SEEN = {"followers": 1000, "reach_rate": 1}
SALES = {
    "impressions_per_post": 10_000,
    "click_rate": "1%",
    "conversion_rate": "2%",
    "value_per_conversion": 30,
}
MICRO = {"tier": "micro", "platform": "instagram", "followers": 20_000, "engagements_per_post": None}

CASES = [
    Case(
        "empty_plan", "nothing-booked", "warning", ask(effort_hours=0.5), ask(effort_hours=1),
        "The best plan books nobody.", "Check the sign of the objective and the limits.",
    ),
    Case(
        "not_proven", "not-proven", "warning", ask(), ask(),
        "The search stopped before the proof.", "Allow more time (--time-limit) or a wider gap (--gap).",
        edit=lambda plan: plan.model_copy(update={"status": "feasible"}),
    ),
    Case(  # three of 300 against four of 250: exactly a quarter is allowed
        "one_creator_spend", "one-creator-spend", "warning",
        ask(deal(cost_per_post=300)), ask(deal(cost_per_post=250)),
        "One creator of one takes 33 % of the money.",
        "If they fail, that part of the campaign fails; consider {measure: cost, per: creator, max: 25% of cost}.",
    ),
    Case(  # a set-up is not paid to one creator
        "one_creator_spend", "one-creator-spend", "warning",
        ask(deal(cost_per_post=700, setup_cost=10), deal("two", creators={"max": 2})),
        ask(deal(cost_per_post=100, setup_cost=400)),
        "One creator of one takes 77 % of the money.",
        "If they fail, that part of the campaign fails; consider {measure: cost, per: creator, max: 25% of cost}.",
    ),
    Case(
        "one_creator_result", "one-creator-result", "warning",
        ask(deal(), deal("star", engagements_per_post=40, creators={"max": 1})),
        ask(deal(), deal("star", engagements_per_post=30, creators={"max": 1})),
        "One creator of star carries 31 % of the engagements.",
        "Have a second one ready, or set a limit per creator.",
    ),
    Case(
        "one_creator_result", "one-creator-result", "warning",
        ask(
            deal(**SEEN), deal("star", followers=5000, reach_rate=1, creators={"max": 1}),
            objective="reach", audience={"people": 500_000, "overlap": "1%"},
        ),
        ask(
            deal(**SEEN), deal("star", followers=2500, reach_rate=1, creators={"max": 1}),
            objective="reach", audience={"people": 500_000, "overlap": "1%"},
        ),
        "One creator of star carries 36 % of the reach.",
        "Have a second one ready, or set a limit per creator.",
    ),
    Case(  # the result is what the money is spent for, not the money
        "one_creator_result", "one-creator-result", "warning",
        ask(
            deal(), deal("star", engagements_per_post=70, creators={"min": 1, "max": 1}),
            objective={"minimize": "cost"}, limits=[{"measure": "engagements", "min": 140}],
        ),
        ask(deal(), objective={"minimize": "cost"}, limits=[{"measure": "engagements", "min": 40}]),
        "One creator of star carries 50 % of the engagements.",
        "Have a second one ready, or set a limit per creator.",
    ),
    Case(
        "rate_outside_benchmark", "rate-outside-benchmark", "warning",
        ask(deal(**MICRO, engagement_rate="5%"), benchmarks=SET),
        ask(deal(**MICRO, engagement_rate="4%"), benchmarks=SET),
        "engagement_rate is above the public range: one 5 % (public 2 to 4 %).",
        "Check it against the creators' own statistics before trusting the result.",
    ),
    Case(
        "rate_outside_benchmark", "rate-outside-benchmark", "warning",
        ask(deal(**MICRO, engagement_rate="1.5%"), benchmarks=SET),
        ask(deal(**MICRO, impressions_per_post=9000, engagement_rate="1.5%", engagement_base="impressions"),
            benchmarks=SET),
        "engagement_rate is below the public range: one 1.5 % (public 2 to 4 %).",
        "Check it against the creators' own statistics before trusting the result.",
    ),
    Case(
        "followers_outside_tier", "followers-outside-tier", "warning",
        ask(deal(tier="nano", followers=10_001)), ask(deal(tier="nano", followers=10_000)),
        "one: 10,001 followers do not fit nano (1,000 to 10,000).",
        "Correct the tier, or set tier_borders to the definition you use.",
    ),
    Case(
        "followers_outside_tier", "followers-outside-tier", "warning",
        ask(deal(tier="mega", followers=999_999)), ask(deal(tier="mega", followers=1_000_000)),
        "one: 999,999 followers do not fit mega (1,000,000 or more).",
        "Correct the tier, or set tier_borders to the definition you use.",
    ),
    Case(  # independent audiences: 1 - 0.9^10 = 65 %, and 1 - 0.95^10 = 40 %
        "reach_of_audience", "reach-above-half", "warning",
        ask(deal(**SEEN), audience={"people": 10_000, "overlap": "10%"}),
        ask(deal(**SEEN), audience={"people": 20_000, "overlap": "5%"}),
        "Reach is 65 % of the audience; so much rests on the overlap model rather than on data.",
        "Check audience.people and on_target, and treat the reach as an upper estimate.",
    ),
    Case(
        "reach_of_audience", "overlap-missing", "warning",
        ask(deal(**SEEN), audience={"people": 100_000}),
        ask(deal(**SEEN), audience={"people": 100_000, "overlap": "10%"}),
        "No audience overlap is given, so creators' audiences are taken as independent; real ones overlap more.",
        "Give audience.overlap; without it reach is overstated.",
    ),
    Case(
        "reach_of_audience", "overlap-at-chance", "note",
        ask(deal(**SEEN), audience={"people": 100_000, "overlap": "0.5%"}),
        ask(deal(**SEEN), audience={"people": 100_000, "overlap": "1.5%"}),
        "The assumed overlap of 0.5 % is not above chance (1 %), so audiences are taken as independent.",
        "Check audience.overlap and audience.people.",
    ),
    Case(
        "idle_limits", "idle-limit", "note",
        ask(limits=[{"measure": "creators", "max": 21}]), ask(limits=[{"measure": "creators", "max": 20}]),
        "creators can never bind: all creators together come to 20, and 21 are allowed.",
        "Remove it, or check the number of creators available.",
    ),
    Case(  # set-up counts: 20 x 100 + 50
        "idle_limits", "idle-limit", "note",
        ask(deal(setup_cost=50), budget=2051), ask(deal(setup_cost=50), budget=2050),
        "budget can never bind: all creators together come to 2,050, and 2,051 are allowed.",
        "Remove it, or check the number of creators available.",
    ),
    Case(
        "idle_limits", "idle-limit", "note",
        ask(limits=[{"measure": "posts", "min": 0}]), ask(limits=[{"measure": "posts", "min": 1}]),
        "posts can never bind: its floor is 0.", "Remove it.",
    ),
    Case(
        "idle_limits", "idle-limit", "note",
        ask(limits=[{"measure": "posts", "min": -12_345_678}]), ask(limits=[{"measure": "posts", "min": 1}]),
        "posts can never bind: its floor is -12,345,678.", "Remove it.",
    ),
    Case(
        "unsourced", "unsourced", "note",
        ask(deal(source=None, creators={"max": 6}), deal("two", engagements_per_post=9)),
        ask(deal(source=None, creators={"max": 5}), deal("two", engagements_per_post=9)),
        "60 % of the money goes to offers whose main numbers have no public source.",
        "Add `source:` to the offers, or name a benchmark set.",
    ),
    Case(
        "unsourced", "unsourced", "note",
        ask(deal(**MICRO, engagement_rate="3%", source=None), benchmarks=SET),
        ask(deal(**MICRO, engagement_rate="3%"), benchmarks=SET),
        "100 % of the money goes to offers whose main numbers have no public source.",
        "Replace the set's assumptions by figures of your own, with their source.",
    ),
    Case(
        "rests_on_filled", "filled-in", "warning",
        ask(deal(**NAMED, cost_per_post=None), benchmarks="global-2026"),
        ask(deal(**NAMED), benchmarks="global-2026"),
        "1 of 1 named creators booked, 100 % of the money, has no fee of their own: it is the benchmarks' for that "
        "size (one).",
        "Ask them for their price before you promise the plan.",
    ),
    Case(
        "ignored_effects", "completion-ignored", "note",
        ask(deal(completion=None)), ask(deal(completion="100%")),
        "Every booked creator of one is taken to deliver.",
        "Public figures: under 5 % of paid and about 20 % of gifted creators do not; set completion.",
    ),
    Case(
        "ignored_effects", "authenticity-ignored", "note",
        ask(deal(tier="micro", authentic=None)), ask(deal(tier="mid", authentic=None)),
        "All followers of one are taken as real people.", "Some small creators buy followers; set authentic.",
    ),
    Case(
        "ignored_effects", "repeat-decay-ignored", "note",
        ask(deal(repeat_decay=None, posts_per_creator=2)), ask(deal(repeat_decay=None, posts_per_creator=1)),
        "Further posts by one creator of one are taken to bring as much as the first.", "Set repeat_decay.",
    ),
    Case(
        "ignored_effects", "commission-ignored", "note",
        ask(deal(**SALES, tier="macro")), ask(deal(**SALES, tier="macro", commission="5%")),
        "No commission is planned for one, although revenue is.",
        "Macro and mega creators often ask for a share of sales on top of the fee; set commission.",
    ),
    Case(
        "ignored_effects", "goods-ignored", "note",
        ask(deal(**SALES)), ask(deal(**SALES, cost_per_conversion=0)),
        "No cost of goods is given for one: profit is before cost of goods.",
        "Set cost_per_conversion: what a conversion costs to make and to ship, or 0.",
    ),
    Case(  # each sells 2 for 30 and costs 100: ten bring 600, of which 10 x 2 x 5 are goods, and take 1,000
        "loss", "loss", "warning",
        ask(deal(**SALES, cost_per_conversion=5), objective="revenue"),
        ask(deal(**(SALES | {"value_per_conversion": 55}), cost_per_conversion=5), objective="revenue"),
        "This plan brings 600 USD of revenue and loses 500 USD, because it takes 100 of goods and 1,000 of cost.",
        "Maximize profit instead, or limit the loss: {measure: profit, min: 0}.",
    ),
    Case(  # before cost of goods
        "loss", "loss", "warning",
        ask(deal(**SALES), objective="conversions"),
        ask(deal(**(SALES | {"value_per_conversion": 50})), objective="conversions"),
        "This plan brings 600 USD of revenue and loses 400 USD, because it takes 1,000 of cost.",
        "Maximize profit instead, or limit the loss: {measure: profit, min: 0}.",
    ),
    Case(  # the best there is, with a creator who has to be booked
        "loss", "loss", "warning",
        ask(deal(**SALES, creators={"min": 1, "max": 5}), objective="profit"),
        ask(deal(**SALES, creators={"max": 5}), objective="profit"),
        "This plan brings 60 USD of revenue and loses 40 USD, because it takes 100 of cost.",
        "A limit or creators.min asks for these bookings; check that rule.",
    ),
    Case(
        "ignored_effects", "hours-unknown", "warning",
        ask(deal(hours_per_creator=None)), ask(deal(hours_per_creator=None, hours_per_post=1)),
        "No coordination hours are known for one, so the plan does not count that work.",
        "Give hours_per_creator and hours_per_post, and effort_hours as the limit.",
    ),
    Case(  # a fifth left over is allowed
        "idle_budget", "budget-left", "note",
        ask(deal(creators={"max": 7})), ask(deal(creators={"max": 8})),
        "30 % of the budget stays unspent; there is no more to buy.",
        "More hours or more offers would use it; otherwise return the money.",
    ),
    Case(
        "idle_budget", "budget-left", "note",
        ask(effort_hours=7), ask(effort_hours=8),
        "30 % of the budget stays unspent; effort_hours held it back.",
        "More hours or more offers would use it; otherwise return the money.",
    ),
    Case(
        "many_creators", "many-creators", "note",
        ask(deal(creators={"max": 500}), budget=10_100), ask(deal(creators={"max": 500}), budget=10_000),
        "101 creators have to be found, briefed and checked.",
        "Plan for templates and spot checks, or cap the number of creators.",
    ),
    Case(
        "lines_without_result", "no-result", "note",
        ask(deal(), deal("friend", engagements_per_post=0, **BOOKED)),
        ask(deal(), deal("friend", engagements_per_post=0.1, **BOOKED)),
        "friend brings nothing for the objective and is booked only because a limit or creators.min asks for it.",
        "Check that rule.",
    ),
    Case(
        "lines_without_result", "no-result", "note",
        ask(
            deal(measures={"samples": 1}), deal("friend", measures={"samples": 0}, **BOOKED),
            measures={"samples": {}}, objective="samples",
        ),
        ask(
            deal(measures={"samples": 1}), deal("friend", measures={"samples": 1}, **BOOKED),
            measures={"samples": {}}, objective="samples",
        ),
        "friend brings nothing for the objective and is booked only because a limit or creators.min asks for it.",
        "Check that rule.",
    ),
    Case(
        "fractions", "fractions", "warning",
        ask(budget=1050, solver={"whole_creators": False}), ask(budget=1000, solver={"whole_creators": False}),
        "This plan books fractions of creators: it is a bound on what is possible, not a plan to book.",
        "Set solver: {whole_creators: true} for a plan.",
    ),
    Case(  # 100 each against 1000 / 91 = 11; and 50 against 1000 / 92 = 10.9
        "dear_lines", "dear-line", "note",
        ask(deal(), deal("friend", engagements_per_post=1, **BOOKED)),
        ask(deal(), deal("friend", engagements_per_post=2, **BOOKED)),
        "friend takes 10 % of the money at 9 times the plan's cost per engagement: a rule asks for it.",
        "`optimize explain` says what that rule costs.",
    ),
]  # fmt: skip
