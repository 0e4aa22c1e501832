"""The same for flags about numbers that can hardly be meant (`optimizer.plan.plausible`)."""

from __future__ import annotations

from tests.flag_cases import SEEN, Case, ask, deal

CASES = [
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
        "segments_assumed", "segments-assumed", "warning",
        ask(deal(**SEEN), audience={"segments": {"young": 4e6, "old": 6e6}, "overlap": "1%"}),
        ask(deal(**SEEN, segments={"young": 0.5}), audience={"segments": {"young": 4e6, "old": 6e6}, "overlap": "1%"}),
        "How the audience of one is spread over the segments is not given: it is taken to be spread by their size.",
        "Give its segments, e.g. {young: 40%, old: 40%}; creators' own statistics show countries and ages.",
    ),
    Case(
        "segments_assumed", "segments-assumed", "warning",
        ask(deal(**SEEN, country="IT"), audience={"segments": {"Italy": 4e6, "ID": 6e6}, "overlap": "1%"}),
        ask(deal(**SEEN, country="IT"), audience={"people": 10e6, "overlap": "1%"}),
        "How the audience of one is spread over the segments is not given: all of it is taken to be in the segment of "
        "the creator's country.",
        "Give its segments, e.g. {Italy: 40%, ID: 40%}; creators' own statistics show countries and ages.",
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
]  # fmt: skip
