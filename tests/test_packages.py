"""Every formula of `build_packages` against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer import parse_scenario
from optimizer.program.packages import Packages
from optimizer.program.program import program_of
from optimizer.scenario.scenario import Scenario

ALL = ["cost", "hours", "creators", "posts", "impressions", "engagements", "clicks", "conversions", "revenue",
       "likes", "comments", "shares", "saves", "cost_of_goods", "profit", "gross_reach"]  # fmt: skip


def scenario(offer: str, more: str = "") -> Scenario:
    """One offer with room for three creators; `creators` is always known, so nothing else has to be."""
    return parse_scenario(
        f"objective: creators\n{more}\noffers:\n  - {{name: one, creators: {{max: 3}}, {offer}}}\n"
    )


def packages(offer: str, more: str = "") -> Packages:
    return program_of(scenario(offer, more)).packages


def column(offer: str, measure: str, more: str = "") -> list[float]:
    """Value of a measure for each allowed number of posts."""
    built = packages(offer, more)
    return built.measures[measure][: built.count].tolist()


# --- engagements ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "followers", "expected"), [("10%", "1_000", 100.0), ("3%", "80k", 2_400.0), ("0.5%", "2M", 1e4)]
)
def test_engagements_are_the_rate_times_followers(rate, followers, expected) -> None:
    offer = f"cost_per_post: 50, followers: {followers}, engagement_rate: {rate}"
    assert column(offer, "engagements") == [pytest.approx(expected)]


def test_a_rate_by_impressions_counts_impressions() -> None:
    """20,000 x 30 % = 6,000 impressions; 4 % of them are 240 engagements, not 4 % of followers (800)."""
    offer = "followers: 20k, reach_rate: 30%, engagement_rate: 4%, engagement_base: impressions"
    assert column(offer, "engagements") == [pytest.approx(240)]


def test_given_engagements_stand_as_they_are() -> None:
    assert column("engagements_per_post: 123, followers: 20k", "engagements") == [pytest.approx(123)]


def test_only_real_people_of_the_audience_who_are_delivered_to_count() -> None:
    """1,000 x 90 % delivered x 80 % authentic x 50 % on target = 360."""
    offer = "engagements_per_post: 1000, completion: 90%, authentic: 80%, on_target: 50%"
    assert column(offer, "engagements") == [pytest.approx(360)]


@pytest.mark.parametrize(
    ("decay", "expected"),
    [
        ("0", [100, 200, 300, 400]),
        ("30%", [100, 170, 219, 253.3]),  # 100 (1 + 0.7 + 0.49 + 0.343)
        ("1", [100, 100, 100, 100]),
        ("0.000001%", [100, 200 - 1e-6, 300 - 3e-6, 400 - 6e-6]),
    ],
)
def test_further_posts_bring_less_by_the_decay(decay, expected) -> None:
    offer = f"engagements_per_post: 100, repeat_decay: {decay}, posts_per_creator: {{min: 1, max: 4}}"
    assert column(offer, "engagements") == pytest.approx(expected, rel=1e-9)


def test_decay_leaves_impressions_and_clicks_alone() -> None:
    offer = (
        "impressions_per_post: 1000, click_rate: 2%, repeat_decay: 50%, posts_per_creator: {min: 1, max: 2}"
    )
    assert column(offer, "impressions") == [1000, 2000]
    assert column(offer, "clicks") == pytest.approx([20, 40])


def test_weights_count_by_the_mix() -> None:
    """80 % likes x 0 + 10 % comments x 3 + 6 % shares x 2 + 4 % saves x 1 (no weight given): 0.46."""
    offer = "engagements_per_post: 1000, engagement_mix: {likes: 80%, comments: 10%, shares: 6%, saves: 4%}"
    weights = "engagement_weights: {likes: 0, comments: 3, shares: 2}"
    assert column(offer, "engagements", weights) == [pytest.approx(460)]


def test_a_mix_that_rounds_to_not_quite_the_whole_is_scaled_to_it() -> None:
    """Shares of 79.5 % and 20 % are 0.795 / 0.995 and 0.2 / 0.995 of all."""
    offer = "engagements_per_post: 995, engagement_mix: {likes: 79.5%, comments: 20%}"
    assert column(offer, "engagements", "engagement_weights: {likes: 0}") == [pytest.approx(200)]


def test_equal_weights_need_no_mix_and_unequal_ones_without_it_leave_engagements_unknown() -> None:
    offer = "engagements_per_post: 1000"
    assert column(offer, "engagements", "engagement_weights: {likes: 1, saves: 1}") == [1000]
    assert np.isnan(column(offer, "engagements", "engagement_weights: {likes: 0}")).all()


# --- engagements by kind ----------------------------------------------------------------------------------

KINDS = ["likes", "comments", "shares", "saves"]


def kinds(offer: str, more: str = "") -> list[list[float]]:
    return [column(offer, kind, more) for kind in KINDS]


def test_kinds_are_their_share_of_the_engagements_that_are_delivered() -> None:
    """1,000 (1 + 0.5) x 90 % delivered x 80 % authentic x 50 % on target = 540: 80 %, 15 %, 0 and 5 % of it."""
    offer = (
        "engagements_per_post: 1000, completion: 90%, authentic: 80%, on_target: 50%, repeat_decay: 50%, "
        "posts_per_creator: 2, engagement_mix: {likes: 80%, comments: 15%, saves: 5%}"
    )
    assert kinds(offer) == [[pytest.approx(432)], [pytest.approx(81)], [0], [pytest.approx(27)]]
    assert column(offer, "engagements") == [pytest.approx(540)]


def test_kinds_are_counted_without_their_weights() -> None:
    offer = "engagements_per_post: 1000, engagement_mix: {likes: 80%, comments: 20%}"
    weights = "engagement_weights: {likes: 0, comments: 3}"
    assert kinds(offer, weights) == [[pytest.approx(800)], [pytest.approx(200)], [0], [0]]
    assert column(offer, "engagements", weights) == [pytest.approx(600)]


def test_reactions_count_as_likes() -> None:
    offer = "engagements_per_post: 1000, engagement_mix: {likes: 50%, reactions: 30%, shares: 20%}"
    assert kinds(offer) == [[pytest.approx(800)], [0], [pytest.approx(200)], [0]]


def test_kinds_of_a_mix_that_rounds_to_not_quite_the_whole_add_up_to_all_engagements() -> None:
    offer = "engagements_per_post: 995, engagement_mix: {likes: 79.5%, comments: 20%}"
    assert kinds(offer) == [[pytest.approx(795)], [pytest.approx(200)], [0], [0]]


@pytest.mark.parametrize(
    "offer", ["engagements_per_post: 1000", "engagement_mix: {likes: 80%, comments: 20%}"]
)
def test_kinds_are_unknown_where_engagements_or_their_mix_are(offer: str) -> None:
    assert np.isnan(kinds(offer)).all()


# --- money ------------------------------------------------------------------------------------------------


def test_cost_is_once_per_creator_and_each_post() -> None:
    offer = "cost_per_creator: 40, cost_per_post: 100, posts_per_creator: {min: 1, max: 3}"
    assert column(offer, "cost") == pytest.approx([140, 240, 340])


def test_bundle_discounts_count_from_their_number_of_posts_on_and_on_posts_only() -> None:
    """From 2 posts 5 %, from 4 posts 10 % off the posts: 2 x 95, 3 x 95, 4 x 90, 5 x 90, each plus 40."""
    offer = (
        "cost_per_creator: 40, cost_per_post: 100, bundle_discount: {4: 10%, 2: 5%}, "
        "posts_per_creator: {min: 1, max: 5}"
    )
    assert column(offer, "cost") == pytest.approx([140, 230, 325, 400, 490])


def test_a_discount_counts_even_where_its_own_number_of_posts_cannot_be_booked() -> None:
    offer = "cost_per_post: 100, bundle_discount: {2: 10%}, posts_per_creator: 3"
    assert column(offer, "cost") == pytest.approx([270])


def test_fees_come_on_what_creators_are_paid_not_on_commission_or_set_up() -> None:
    """(40 + 2 x 100) x 1.2 = 288 paid; revenue 2 x 1000 x 2 % x 5 % x 50 = 100, a tenth commission: 298."""
    offer = (
        "cost_per_creator: 40, cost_per_post: 100, posts_per_creator: 2, commission: 10%, setup_cost: 70, "
        "impressions_per_post: 1000, click_rate: 2%, conversion_rate: 5%, value_per_conversion: 50"
    )
    built = packages(offer, "budget: 1000\nfees: {agency: 15%, contingency: 5%}")
    assert built.measures["revenue"].tolist() == pytest.approx([100, 0])
    assert built.measures["cost"].tolist() == pytest.approx([298, 70])
    assert built.measures["profit"].tolist() == pytest.approx([-198, -70])


SOLD = "impressions_per_post: 10k, click_rate: 1%, conversion_rate: 5%, cost_per_post: 90, completion: 80%"
"""4 conversions of one post."""


def test_profit_is_what_revenue_leaves_after_goods_and_cost() -> None:
    """4 conversions at 30 are 120, their goods 4 x 12.50 = 50; commission is a tenth of the price."""
    offer = f"{SOLD}, value_per_conversion: 30, cost_per_conversion: 12.5, commission: 10%"
    assert column(offer, "revenue") == pytest.approx([120])
    assert column(offer, "cost_of_goods") == pytest.approx([50])
    assert column(offer, "cost") == pytest.approx([90 + 12])
    assert column(offer, "profit") == pytest.approx([120 - 50 - 102])


def test_goods_that_nobody_priced_cost_nothing_where_there_is_revenue_and_are_unknown_elsewhere() -> None:
    assert column(f"{SOLD}, value_per_conversion: 30", "cost_of_goods") == [0]
    assert column(f"{SOLD}, value_per_conversion: 30", "profit") == pytest.approx([30])
    assert np.isnan(column(SOLD, "cost_of_goods")).all()


def test_goods_cost_what_they_cost_though_nobody_says_what_they_sell_for() -> None:
    assert column(f"{SOLD}, cost_per_conversion: 12.5", "cost_of_goods") == pytest.approx([50])
    assert np.isnan(column(f"{SOLD}, cost_per_conversion: 12.5", "profit")).all()


def test_commission_on_unknown_revenue_leaves_cost_unknown() -> None:
    assert np.isnan(column("cost_per_post: 100, commission: 10%", "cost")).all()
    assert column("cost_per_post: 100, commission: 0", "cost") == [100]


def test_two_of_cost_cpm_and_impressions_give_the_third() -> None:
    assert column("cpm: 20, impressions_per_post: 5000", "cost") == pytest.approx([100])
    assert column("cpm: 20, cost_per_post: 100", "impressions") == pytest.approx([5000])
    assert column("cpm: 20, followers: 50k, reach_rate: 10%", "cost") == pytest.approx([100])


def test_prices_in_another_currency_are_converted_and_nothing_else_is() -> None:
    offer = (
        "currency: VND, cost_per_post: 2_540_000, cost_per_creator: 254k, setup_cost: 25.4M, "
        "impressions_per_post: 1000, click_rate: 10%, conversion_rate: 10%, value_per_conversion: 254k"
    )
    built = packages(offer, "exchange_rates: {VND: 25_400}")
    assert built.measures["cost"].tolist() == pytest.approx([110, 1000])
    assert built.measures["revenue"].tolist() == pytest.approx([100, 0])
    assert built.measures["impressions"].tolist() == [1000, 0]


# --- response, effort, own measures -----------------------------------------------------------------------


def test_people_reached_grow_with_posts_up_to_the_audience() -> None:
    """10,000 x 50 % x (1 - 0.6^k): 0.4, 0.64, 0.784 of 5,000."""
    offer = (
        "followers: 10k, reach_rate: 40%, completion: 50%, on_target: 100%, "
        "posts_per_creator: {min: 1, max: 3}"
    )
    assert column(offer, "gross_reach") == pytest.approx([2000, 3200, 3920])
    assert packages(offer).reach.tolist() == pytest.approx([2000, 3200, 3920])
    everybody = "followers: 10k, reach_rate: 100%, posts_per_creator: {min: 1, max: 2}"
    assert column(everybody, "gross_reach") == [10_000, 10_000]


def test_reachable_may_exceed_followers() -> None:
    offer = "followers: 10k, reachable: 200k, reach_rate: 10%"
    assert column(offer, "gross_reach") == pytest.approx([20_000])
    assert column(offer, "impressions") == pytest.approx([20_000])


def test_impressions_clicks_conversions_and_revenue_are_one_chain() -> None:
    offer = (
        "impressions_per_post: 10k, completion: 80%, click_rate: 1%, conversion_rate: 5%, "
        "value_per_conversion: 30, cost_per_post: 90, posts_per_creator: {min: 2, max: 3}, authentic: 10%"
    )
    assert column(offer, "impressions") == pytest.approx([16_000, 24_000])
    assert column(offer, "clicks") == pytest.approx([160, 240])
    assert column(offer, "conversions") == pytest.approx([8, 12])
    assert column(offer, "revenue") == pytest.approx([240, 360])
    assert column(offer, "profit") == pytest.approx([60, 90])


def test_hours_are_once_per_creator_and_each_post() -> None:
    offer = "hours_per_creator: 1.5, hours_per_post: 0.5, posts_per_creator: {min: 1, max: 3}, setup_hours: 8"
    built = packages(offer)
    assert built.measures["hours"].tolist() == [2.0, 2.5, 3.0, 8.0]
    assert built.setup_of == (0,)
    assert [turned_on.tolist() for turned_on in built.switches] == [[0, 1, 2]]


def test_own_measures_are_per_creator_or_per_post_and_may_be_negative() -> None:
    offer = "measures: {samples: 2, minutes: -30}, posts_per_creator: {min: 1, max: 3}"
    more = "measures: {samples: creator, minutes: post, other: creator}"
    assert column(offer, "samples", more) == [2, 2, 2]
    assert column(offer, "minutes", more) == [-30, -60, -90]
    assert column(offer, "other", more) == [0, 0, 0]  # not named beside others: none of it


def test_what_nobody_said_stays_unknown() -> None:
    built = packages("followers: 10k", "measures: {samples: creator}")
    unknown = [name for name in [*ALL, "samples"] if np.isnan(built.measures[name]).any()]
    assert unknown == [name for name in [*ALL, "samples"] if name not in ("creators", "posts")]


def test_a_measure_is_known_as_soon_as_its_own_numbers_are() -> None:
    known = {
        "cost": "cost_per_post: 0",
        "hours": "hours_per_post: 0",
        "impressions": "followers: 10k, reach_rate: 10%",
        "engagements": "engagements_per_post: 0",
        "gross_reach": "followers: 10k, reach_rate: 10%",
    }
    for measure, offer in known.items():
        assert not np.isnan(column(offer, measure)).any(), measure


def test_columns_follow_the_order_of_offers_and_posts() -> None:
    built = program_of(
        parse_scenario(
            "objective: creators\noffers:\n"
            "  - {name: b, posts_per_creator: {min: 2, max: 4}, creators: {min: 1, max: 3}}\n"
            "  - {name: a, posts_per_creator: 5, creators: {max: 2}}\n"
            "  - {name: c, creators: {max: 0}}\n"
        )
    ).packages
    assert [built.key(p) for p in range(built.count)] == [("b", 2), ("b", 3), ("b", 4), ("a", 5), ("c", 1)]
    assert built.measures["posts"].tolist() == [2, 3, 4, 5, 1]
    assert built.measures["creators"].tolist() == [1, 1, 1, 1, 1]
    assert built.room_min.tolist() == [1, 0, 0]
    assert built.room_max.tolist() == [3, 2, 0]


def test_a_switch_is_on_where_any_of_its_packages_is_used() -> None:
    built = packages("hours_per_creator: 1, setup_hours: 8, posts_per_creator: {min: 1, max: 3}")
    assert built.with_switches(np.array([0.0, 0.0, 0.0])).tolist() == [0, 0, 0, 0]
    assert built.with_switches(np.array([0.0, 2.0, 0.0])).tolist() == [0, 2, 0, 1]


def test_planning_uses_the_typical_number_of_a_range() -> None:
    assert column("cost_per_post: [80, 100, 150], hours_per_post: [1, 2, 5]", "cost") == [100]
    assert column("hours_per_post: [1, 2, 5]", "hours") == [2]
