"""Quality flags: each fires where it should, with these words, and not just beside it."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from optimizer import Plan, optimize
from optimizer.plan import plausible
from optimizer.plan import review as module
from optimizer.plan.review import CHECKS, review
from optimizer.program.program import program_of
from tests.builders import Data, scenario

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
        "budget_below_prices", "budget-below-prices", "warning",
        ask(deal("dear", cost_per_post=140), deal(cost_per_post=80, setup_cost=20), budget=99),
        ask(deal("dear", cost_per_post=140), deal(cost_per_post=80, setup_cost=20), budget=100),
        "The budget is 99 USD; the cheapest booking, one, costs 100 USD.",
        "Check budget, prices and currency.",
    ),
    Case(  # the agency's fee is paid too, and who is not to be had is not the cheapest
        "budget_below_prices", "budget-below-prices", "warning",
        ask(deal(), deal("gone", cost_per_post=1, creators={"max": 0}), budget=109.99, fees={"agency": 0.1}),
        ask(deal(), deal("gone", cost_per_post=1, creators={"max": 0}), budget=110, fees={"agency": 0.1}),
        "The budget is 109.99 USD; the cheapest booking, one, costs 110.00 USD.",
        "Check budget, prices and currency.",
    ),
    Case(
        "rate_upside_down", "rate-upside-down", "warning",
        ask(deal(), deal("koc", cost_per_post=500_000, currency="VND"), exchange_rates={"VND": 0.00004}),
        ask(deal(), deal("koc", cost_per_post=500_000, currency="VND"), exchange_rates={"VND": 25_000}),
        "With 0.00004 VND for 1 USD, a post of koc costs 12,500,000,000 USD; the other way round it would be 20 USD.",
        "Check exchange_rates: how many VND make 1 USD? The other way round is {VND: 25_000}.",
    ),
    Case(  # a price that the whole budget pays a million times
        "rate_upside_down", "rate-upside-down", "warning",
        ask(deal(cost_per_post=100, currency="USD"), currency="VND", budget=250e6, exchange_rates={"USD": 25_000},
            limits=[{"measure": "creators", "max": 20}]),
        ask(deal(cost_per_post=100, currency="USD"), currency="VND", budget=250e6, exchange_rates={"USD": 0.00004},
            limits=[{"measure": "creators", "max": 20}]),
        "With 25,000 USD for 1 VND, a post of one costs 0.004 VND; the other way round it would be 2,500,000 VND.",
        "Check exchange_rates: how many USD make 1 VND? The other way round is {USD: 0.00004}.",
    ),
    Case(  # a rate nearer to 1 than 10 moves prices too little to tell
        "rate_upside_down", "rate-upside-down", "warning",
        ask(deal(), deal("ana", cost_per_post=9000, currency="INR"), exchange_rates={"INR": 0.0125}),
        ask(deal(), deal("ana", cost_per_post=9000, currency="INR"), exchange_rates={"INR": 8}),
        "With 0.0125 INR for 1 USD, a post of ana costs 720,000 USD; the other way round it would be 112.5 USD.",
        "Check exchange_rates: how many INR make 1 USD? The other way round is {INR: 80}.",
    ),
    Case(
        "on_target_assumed", "on-target-assumed", "warning",
        ask(deal(**SEEN), audience={"people": 4_999_999, "overlap": "1%"}),
        ask(deal(**SEEN), audience={"people": 5_000_000, "overlap": "1%"}),
        "Every follower of one is taken to belong to the audience of 4,999,999 people, which is smaller than a "
        "country.",
        "Set on_target, the share of followers in your market and age group; creators' own statistics show it.",
    ),
    Case(
        "on_target_assumed", "on-target-assumed", "warning",
        ask(deal(**SEEN), audience={"people": 200_000, "overlap": "1%"}),
        ask(deal(**SEEN, on_target=1), audience={"people": 200_000, "overlap": "1%"}),
        "Every follower of one is taken to belong to the audience of 200,000 people, which is smaller than a country.",
        "Set on_target, the share of followers in your market and age group; creators' own statistics show it.",
    ),
    Case(  # ten with 600,000 each are more than 5,900,000; half of them real are not
        "on_target_assumed", "on-target-assumed", "warning",
        ask(deal(followers=600_000, reach_rate=0.1), audience={"people": 5.9e6, "overlap": "10%"}),
        ask(deal(followers=600_000, reach_rate=0.1, authentic=0.5), audience={"people": 5.9e6, "overlap": "10%"}),
        "Every follower of one is taken to belong to the audience of 5,900,000 people, although they are 6,000,000 in "
        "all.",
        "Set on_target, the share of followers in your market and age group; creators' own statistics show it.",
    ),
    Case(  # 101 of 500 people, and 100 of them
        "engagement_above_reach", "engagement-above-reach", "warning",
        ask(deal(followers=1000, reach_rate=0.5, engagements_per_post=101)),
        ask(deal(followers=1000, reach_rate=0.5, engagements_per_post=100)),
        "One post engages more than 20 % of the people whom it reaches: one 20.2 %.",
        "Check engagement_rate and its base, reach_rate and followers.",
    ),
    Case(
        "unusual_cpm", "unusual-cpm", "warning",
        ask(deal(impressions_per_post=199)), ask(deal(impressions_per_post=200)),
        "The price per 1,000 impressions lies outside 1 to 500 USD: one 503.",
        "Check prices, currency, followers and reach_rate.",
    ),
    Case(
        "unusual_cpm", "unusual-cpm", "warning",
        ask(deal(impressions_per_post=125_000)), ask(deal(impressions_per_post=100_000)),
        "The price per 1,000 impressions lies outside 1 to 500 USD: one 0.8.",
        "Check prices, currency, followers and reach_rate.",
    ),
    Case(  # 100,000 yen at 0.0067 dollars are 670 dollars for 1,000 impressions; 67 for 10,000
        "unusual_cpm", "unusual-cpm", "warning",
        ask(deal(cost_per_post=100_000, impressions_per_post=1000), currency="JPY", budget=1e6,
            exchange_rates={"USD": 0.0067}),
        ask(deal(cost_per_post=100_000, impressions_per_post=10_000), currency="JPY", budget=1e6,
            exchange_rates={"USD": 0.0067}),
        "The price per 1,000 impressions lies outside 1 to 500 USD: one 670.",
        "Check prices, currency, followers and reach_rate.",
    ),
    Case(  # near the dollar, the currency itself will do; where no rate is known of yen, nothing is said
        "unusual_cpm", "unusual-cpm", "warning",
        ask(deal(impressions_per_post=100), currency="EUR"), ask(deal(impressions_per_post=100), currency="JPY"),
        "The price per 1,000 impressions lies outside 1 to 500 EUR: one 1,000.",
        "Check prices, currency, followers and reach_rate.",
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
    Case(  # two nano creators with nothing but the benchmarks: in no country, and in one
        "fees_of_no_country", "no-country", "note",
        ask({"tier": "nano", "platform": "instagram", "creators": {"max": 2}}, benchmarks="global-2026"),
        ask({"tier": "nano", "platform": "instagram", "creators": {"max": 2}}, benchmarks="global-2026", country="IT"),
        "No country is given, so the fees of nano-instagram are the mix of the public sources, mostly prices in the "
        "United States.",
        "Set country to the market, e.g. country: IT; elsewhere fees are down to a third.",
    ),
    Case(  # nobody publishes figures about Twitch; about X somebody does
        "platform_without_figures", "platform-without-figures", "warning",
        ask({"tier": "nano", "platform": "twitch", "creators": {"max": 2}}, benchmarks="global-2026", country="IT"),
        ask({"tier": "nano", "platform": "x", "creators": {"max": 2}}, benchmarks="global-2026", country="IT"),
        "The benchmarks have no figures about twitch, so nano-twitch is filled with those of Instagram, with a wider "
        "range.",
        "Give its fee, reach and engagement yourself.",
    ),
    Case(  # everything for nothing: a price below every coin is wrong whatever the other way round costs
        "rate_upside_down", "rate-upside-down", "warning",
        ask(deal(cost_per_post=100, currency="USD"), currency="VND", budget=20_000, exchange_rates={"USD": 25_000},
            limits=[{"measure": "creators", "max": 20}]),
        ask(deal(cost_per_post=100, currency="USD"), currency="VND", budget=250e6, exchange_rates={"USD": 0.00004},
            limits=[{"measure": "creators", "max": 20}]),
        "With 25,000 USD for 1 VND, a post of one costs 0.004 VND; the other way round it would be 2,500,000 VND.",
        "Check exchange_rates: how many USD make 1 VND? The other way round is {USD: 0.00004}.",
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


def reviewed(data: Data, edit: Callable[[Plan], Plan] | None = None) -> tuple[Any, Plan]:
    """The prepared scenario and its plan, with the flags of the plan as edited."""
    asked = scenario(**data)
    found = optimize(asked)
    program = program_of(asked)
    if edit is not None:
        found = edit(found)
        found = found.model_copy(update={"flags": review(program, found)})
    return program, found


@pytest.mark.parametrize("case", CASES, ids=[f"{c.code}-{i}" for i, c in enumerate(CASES)])
def test_a_flag_is_raised_in_these_words_and_not_just_beside(case: Case) -> None:
    program, found = reviewed(case.fires, case.edit)
    flags = [flag for flag in found.flags if flag.code == case.code]
    assert [(f.severity, f.message, f.advice) for f in flags] == [(case.severity, case.message, case.advice)]
    check = next(check for check in CHECKS if check.__name__ == case.check)
    assert flags == [flag for flag in check(program, found) if flag.code == case.code]
    assert case.code not in [flag.code for flag in reviewed(case.near)[1].flags]


def test_a_plan_about_which_nothing_is_left_unsaid_has_no_flags() -> None:
    assert reviewed(ask())[1].flags == ()


def test_every_check_and_every_code_has_a_case() -> None:
    """A new check or code needs a case in `CASES`."""
    tree = ast.parse(inspect.getsource(module) + inspect.getsource(plausible))
    codes = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("warn", "note")
        if isinstance(call.args[0], ast.Constant)
    }
    assert codes == {case.code for case in CASES}
    assert {check.__name__ for check in CHECKS} == {case.check for case in CASES}
    yielding = {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and node.returns
        and ast.unparse(node.returns) == "Iterator[Flag]"
    }
    assert yielding == {check.__name__ for check in CHECKS}


def test_warnings_come_before_notes() -> None:
    data = ask(deal(completion=None, hours_per_creator=None, cost_per_post=400, source=None), budget=4000)
    found = reviewed({**data, "limits": [{"measure": "creators", "max": 2}]})[1]
    severities = [flag.severity for flag in found.flags]
    assert severities == sorted(severities, key=["warning", "note"].index)
    assert set(severities) == {"warning", "note"}
    assert severities.index("note") > 1


def test_many_names_are_counted_not_listed() -> None:
    offers = [deal(f"o{i}", completion=None, creators={"max": 2}) for i in range(5)]
    found = reviewed(ask(*offers))[1]
    assert [f.message for f in found.flags] == [
        "Every booked creator of o0, o1, o2 and 2 more is taken to deliver."
    ]


def test_one_creator_alone_is_no_concentration() -> None:
    """Where one creator is the whole plan, everybody sees it."""
    found = reviewed(ask(deal(creators={"max": 1}, cost_per_post=900), budget=900))[1]
    assert found.flags == ()


def test_counting_creators_is_not_a_result_that_one_of_them_carries() -> None:
    found = reviewed(ask(deal(creators={"max": 3}), objective="creators", budget=300))[1]
    assert [f.code for f in found.flags] == ["one-creator-spend", "one-creator-result"]
    assert found.flags[1].message == "One creator of one carries 33 % of the engagements."


def test_a_rate_from_the_set_itself_is_never_outside_of_it() -> None:
    filled = {key: value for key, value in MICRO.items() if key != "engagement_rate"}
    found = reviewed(ask(deal(**filled), benchmarks=SET))[1]
    assert "rate-outside-benchmark" not in [f.code for f in found.flags]


def test_without_a_set_rates_are_held_against_the_packaged_one() -> None:
    found = reviewed(ask(deal(**MICRO, engagement_rate="60%")))[1]
    assert [f.code for f in found.flags] == ["rate-outside-benchmark"]
    assert found.flags[0].message.startswith("engagement_rate is above the public range: one 60 % (public ")


@pytest.mark.parametrize(
    ("price", "budget", "rate"),
    [
        (1_000_000_000_000, 1000, 0.00004),  # above the budget whichever way round
        (500_000, None, 25_000),  # nothing to hold it against, and more than a cent
    ],
)
def test_a_rate_that_is_no_better_the_other_way_round_is_not_doubted(
    price: float, budget: float | None, rate: float
) -> None:
    koc = deal("koc", cost_per_post=price, currency="VND", creators={"max": 1})
    data = ask(
        deal(creators={"max": 1}), koc, exchange_rates={"VND": rate}, budget=budget, objective="creators"
    )
    assert "rate-upside-down" not in [flag.code for flag in reviewed(data)[1].flags]


def test_one_price_that_fits_is_enough_to_trust_a_rate() -> None:
    dear = deal("dear", cost_per_post=9000, currency="INR")
    alone = reviewed(ask(dear, exchange_rates={"INR": 0.0125}))[1]
    assert "rate-upside-down" in [flag.code for flag in alone.flags]
    beside = reviewed(ask(dear, deal(cost_per_post=10, currency="INR"), exchange_rates={"INR": 0.0125}))[1]
    assert "rate-upside-down" not in [flag.code for flag in beside.flags]


def test_a_benchmark_set_in_a_currency_whose_rate_is_upside_down_is_seen_too() -> None:
    fee = {"field": "cost_per_post", "tier": "micro", "low": 80, "typical": 100, "high": 120, "kind": "assumption",
           "note": "a guess"}  # fmt: skip
    figures = {**SET, "figures": [fee]}
    dong = {
        "benchmarks": figures,
        "currency": "VND",
        "budget": 250e6,
        "limits": [{"measure": "creators", "max": 9}],
    }
    priced = deal(tier="micro", platform="instagram", cost_per_post=None)
    wrong = reviewed(ask(priced, **dong, exchange_rates={"USD": 25_000}))[1]
    assert "rate-upside-down" in [flag.code for flag in wrong.flags]
    right = reviewed(ask(priced, **dong, exchange_rates={"USD": 0.00004}))[1]
    assert "rate-upside-down" not in [flag.code for flag in right.flags]


def test_gifts_have_no_cpm_to_doubt() -> None:
    data = ask(deal(cost_per_post=0, impressions_per_post=1000), limits=[{"measure": "creators", "max": 3}])
    assert "unusual-cpm" not in [flag.code for flag in reviewed(data)[1].flags]


def test_the_flags_stand_in_text_and_json() -> None:
    from optimizer.report.formats import text

    plan = reviewed(ask(deal(impressions_per_post=100), budget=1000))[1]
    assert "lies outside 1 to 500 USD: one 1,000." in " ".join(text(plan).split())
    assert "unusual-cpm" in plan.model_dump_json()
