"""How an offer's numbers come together: the price triangle, rates and bases, defaults, tiers, currencies."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Scenario
from optimizer.language.quantities import Estimate
from optimizer.program.filling import Sourced
from optimizer.program.program import program_of


def numbers(offer: dict[str, Any] | str, **scenario: Any) -> dict[str, Sourced]:
    """Everything that is known of one offer."""
    data = {"objective": "creators", "budget": None, "offers": [offer], **scenario}
    data["offers"][0].setdefault("creators", {"max": 1})  # type: ignore[union-attr]
    return program_of(Scenario.model_validate(data)).packages.terms[0].numbers


def tier(**offer: Any) -> str | None:
    borders = offer.pop("tier_borders", "grin")
    data = {"objective": "creators", "tier_borders": borders, "offers": [{**offer, "creators": {"max": 1}}]}
    return program_of(Scenario.model_validate(data)).packages.terms[0].tier


@pytest.mark.parametrize(
    ("offer", "cost", "cpm", "shown", "rate"),
    [
        # cpm = 1000 cost / impressions: two give the third
        ({"cost_per_post": 100, "impressions_per_post": 5000}, 100, None, 5000, None),
        ({"cost_per_post": 100, "cpm": 20}, 100, 20, 5000, None),
        ({"cpm": 20, "impressions_per_post": 5000}, 100, 20, 5000, None),
        # impressions = reachable x reach_rate
        ({"cost_per_post": 100, "followers": 10_000, "reach_rate": "50%"}, 100, None, 5000, 0.5),
        ({"cpm": 20, "followers": 10_000, "reach_rate": "50%"}, 100, 20, 5000, 0.5),
        ({"cpm": 20, "followers": 1000, "reachable": 10_000, "reach_rate": "50%"}, 100, 20, 5000, 0.5),
        # reach_rate = impressions / reachable, at most 1
        ({"cost_per_post": 100, "cpm": 20, "followers": 10_000}, 100, 20, 5000, 0.5),
        ({"cost_per_post": 100, "cpm": 20, "followers": 2000}, 100, 20, 5000, 1),
        (
            {"cost_per_post": 100, "impressions_per_post": 5000, "followers": 1000, "reach_rate": 1},
            100,
            None,
            5000,
            1,
        ),
        # all three within 5 %: each as given
        ({"cost_per_post": 100, "cpm": 20, "impressions_per_post": 5200}, 100, 20, 5200, None),
        # one alone stays alone
        ({"cpm": 20}, None, 20, None, None),
        ({"cost_per_post": 0, "cpm": 20}, 0, 20, 0, None),
    ],
)
def test_price_triangle(offer: dict[str, Any], cost: Any, cpm: Any, shown: Any, rate: Any) -> None:
    got = numbers(offer)
    fields = ("cost_per_post", "cpm", "impressions_per_post", "reach_rate")
    assert [got[f].estimate.typical if f in got else None for f in fields] == pytest.approx(
        [cost, cpm, shown, rate]
    )


def test_derived_numbers_say_from_what() -> None:
    got = numbers(
        {"cpm": 20, "followers": 10_000, "reach_rate": "50%", "engagement_rate": "3%", "source": "media kit"}
    )
    assert got["cpm"] == Sourced(Estimate(20, 20, 20), "yours", "media kit")
    assert got["reachable"][1:] == ("derived", "followers", ("followers",))
    shown = ("derived", "reachable x reach_rate", ("reachable", "reach_rate"))
    assert got["impressions_per_post"][1:] == shown
    paid = ("derived", "cpm x impressions_per_post / 1000", ("cpm", "impressions_per_post"))
    assert got["cost_per_post"][1:] == paid
    assert got["engagements_per_post"] == Sourced(
        Estimate(300, 300, 300), "derived", "engagement_rate x followers", ("engagement_rate", "followers")
    )


@pytest.mark.parametrize(
    ("offer", "engagements"),
    [
        ({"followers": 1000, "engagement_rate": "10%"}, 100),
        ({"impressions_per_post": 80_000, "engagement_rate": "3%", "engagement_base": "impressions"}, 2400),
        ({"engagements_per_post": 7, "followers": 1000}, 7),
        ({"engagement_rate": "10%"}, None),
        ({"followers": 1000, "engagement_rate": "3%", "engagement_base": "impressions"}, None),
    ],
)
def test_engagement_rate_has_its_base(offer: dict[str, Any], engagements: float | None) -> None:
    got = numbers(offer).get("engagements_per_post")
    assert (got and got.estimate.typical) == engagements


def test_defaults_are_on_record_with_their_origin() -> None:
    got = numbers({"cost_per_post": 5, "hours_per_creator": 2, "posts_per_creator": 2})
    one, zero = Estimate(1, 1, 1), Estimate(0, 0, 0)
    assert {field: s.estimate for field, s in got.items() if s.origin == "default"} == {
        "authentic": one,
        "on_target": one,
        "completion": one,
        "repeat_decay": zero,
        "cost_per_creator": zero,
        "hours_per_post": zero,
    }
    assert all(s.source for s in got.values() if s.origin == "default")


def test_what_nobody_says_is_unknown_and_not_zero() -> None:
    got = numbers({})
    assert not {
        "cost_per_post",
        "cost_per_creator",
        "hours_per_creator",
        "impressions_per_post",
        "click_rate",
    } & set(got)


@pytest.mark.parametrize(
    ("borders", "followers", "platform", "expected"),
    [
        ("grin", 9_999, None, "nano"),
        ("grin", 10_000, None, "micro"),
        ("grin", 100_000, None, "macro"),
        ("grin", 5_000_000, None, "mega"),
        ("grin", 999, None, None),  # below every tier
        ("mediakix", 150_000, "instagram", "macro"),
        ("mediakix", 150_000, "youtube", "micro"),
        ("mediakix", 250_000, "youtube", "macro"),
        ("micro-10k", 5_000, None, "micro"),
        ("micro-10k", 100_000, None, "mega"),
        ({"small": "1k", "big": "50k"}, 49_999, None, "small"),
        ({"small": "1k", "big": {"default": "50k", "youtube": "80k"}}, 60_000, "tiktok", "big"),
        ({"small": "1k", "big": {"default": "50k", "youtube": "80k"}}, 60_000, "YouTube", "small"),
        ({"Big": "50k", "small": "1k"}, 60_000, None, "big"),
    ],
)
def test_tier_from_followers(
    borders: Any, followers: int, platform: str | None, expected: str | None
) -> None:
    assert tier(tier_borders=borders, followers=followers, platform=platform) == expected


def test_tier_that_is_written_stays() -> None:
    assert tier(tier="mega", followers=5_000) == "mega"
    assert tier(tier="Mid", followers=5_000) == "mid"
    assert tier(tier="big", tier_borders={"big": "50k"}) == "big"


def test_money_is_converted_and_nothing_else() -> None:
    offer = {"cost_per_post": [500_000, 1_000_000, 2_000_000], "cpm": 250_000,
             "value_per_conversion": 50_000, "cost_per_conversion": 12_500, "setup_cost": 25_000,
             "cost_per_creator": 75_000, "followers": 9000, "currency": "VND"}  # fmt: skip
    got = numbers(offer, exchange_rates={"VND": 25_000})
    assert got["cost_per_post"].estimate == Estimate(20, 40, 80)
    assert got["cpm"].estimate.typical == 10
    assert got["value_per_conversion"].estimate.typical == 2
    assert got["cost_per_conversion"].estimate.typical == 0.5
    assert got["setup_cost"].estimate.typical == 1
    assert got["cost_per_creator"].estimate.typical == 3
    assert got["followers"].estimate.typical == 9000
    assert got["impressions_per_post"].estimate.typical == 4000


def test_offer_in_the_scenarios_own_currency_needs_no_rate() -> None:
    assert numbers({"cost_per_post": 5, "currency": "USD"})["cost_per_post"].estimate.typical == 5
