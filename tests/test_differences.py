"""What counts as a difference between scenarios, and exchange rates as a cause of their own."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer import Scenario, optimize
from optimizer.finance.compare.bridge import Bridge, bridge
from optimizer.finance.compare.compare import compare
from optimizer.finance.compare.differences import input_differences
from optimizer.finance.compare.pinned import groups_that_differ, hybrid, pinned
from optimizer.report.layout.text import sections_text
from optimizer.report.sections.compare import comparison_sections

OFFER = {"name": "one", "tier": "nano", "platform": "tiktok", "cost_per_post": 100, "engagements_per_post": 50,
         "hours_per_creator": 2, "creators": {"max": 10}}  # fmt: skip


def scenario(offer: dict[str, Any] | None = None, **more: Any) -> Scenario:
    data = {"budget": 1000, "objective": "engagements", "offers": [{**OFFER, **(offer or {})}], **more}
    return Scenario.model_validate(data)


def limited(**limit: Any) -> Scenario:
    return scenario(limits=[{"measure": "cost", **limit}])


ANOTHER = {"measure": "hours", "max": 90}
SAME = {
    "a share and a percentage": (scenario(fees={"agency": 0.05}), scenario(fees={"agency": "5%"})),
    "no fee and a fee of 0": (scenario(), scenario(fees={"agency": 0, "contingency": "0%"})),
    "numbers with and without exponent": (scenario(budget="1e3"), scenario(budget="1k")),
    "room written out": (scenario(), scenario({"creators": {"min": 0, "max": 10}})),
    "one post written out": (scenario(), scenario({"posts_per_creator": {"min": 1, "max": 1}})),
    "nothing paid once": (scenario(), scenario({"setup_cost": 0, "commission": "0%", "repeat_decay": 0})),
    "order of filters": (
        limited(where={"tier": ["nano", "micro"], "platform": "tiktok"}, max=500),
        limited(where={"platform": ["tiktok"], "tier": ["micro", "nano"]}, max=500),
    ),
    "order of limits": (
        scenario(limits=[ANOTHER, {"measure": "cost", "max": 500}]),
        scenario(limits=[{"measure": "cost", "max": 500}, ANOTHER]),
    ),
    "names of limits": (limited(name="roof", max=500), limited(name="ceiling", max=500)),
    "shares of the budget": (limited(max="50% of budget"), limited(max="0.5 of budget")),
    "order of tags": (scenario({"tags": {"a": "1", "b": "2"}}), scenario({"tags": {"b": "2", "a": "1"}})),
    "one goal and a list of one": (scenario(), scenario(objective=[{"maximize": "engagements", "within": 0}])),
    "a rate and what follows from it": (
        scenario({"followers": 1000, "engagements_per_post": None, "engagement_rate": "5%"}),
        scenario({"followers": 1000, "engagements_per_post": 50}),
    ),
    "a price and a CPM": (
        scenario({"reach_rate": "20%", "followers": 10_000}),
        scenario({"reach_rate": "20%", "followers": 10_000, "cost_per_post": None, "cpm": 50}),
    ),
    "a currency and a rate": (
        scenario(),
        scenario({"currency": "EUR", "cost_per_post": 80}, exchange_rates={"EUR": 0.8}),
    ),
    "a rate that no offer needs": (scenario(exchange_rates={"EUR": 0.8}), scenario(exchange_rates={"EUR": 0.9})),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_what_is_only_written_differently_is_no_difference(name: str) -> None:
    one, two = (pinned(each) for each in SAME[name])
    assert groups_that_differ(one, two) == []
    assert input_differences([one, two]) == []


def test_what_differs_in_value_is_listed_under_its_group() -> None:
    one = limited(name="roof", where={"tier": "nano"}, max=500)
    two = scenario(
        limits=[{"name": "roof", "measure": "cost", "where": {"tier": "nano"}, "max": 400}, ANOTHER]
    )
    found = {d.label: list(d.values) for d in input_differences([pinned(one), pinned(two)])}
    assert found == {
        "limit roof (cost of nano)": ["at most 500", "at most 400"],
        "limit hours": ["–", "at most 90"],
    }
    assert groups_that_differ(pinned(one), pinned(two)) == ["limits"]


def dong(rate: float, fee: float = 2_500_000, **more: Any) -> Scenario:
    """Two offers, one of them paid in dong."""
    return Scenario.model_validate({
        "name": f"at {rate}", "currency": "USD", "exchange_rates": {"VND": rate}, "budget": 2_000,
        "objective": "engagements",
        "offers": [
            {"name": "hanoi", "tier": "nano", "currency": "VND", "cost_per_post": fee, "engagements_per_post": 400,
             "creators": {"max": 30}},
            {"name": "home", "tier": "micro", "cost_per_post": 300, "engagements_per_post": 1_000,
             "creators": {"max": 5}},
        ],
        **more,
    })  # fmt: skip


def bridged(one: Scenario, two: Scenario) -> Bridge:
    return bridge(optimize(one), optimize(two))


def test_an_exchange_rate_is_a_cause_of_its_own() -> None:
    found = bridged(dong(25_000), dong(20_000))
    assert [group.key for group in found.groups] == ["rates"]
    assert found.groups[0].changes == ("VND per USD: 25,000 -> 20,000",)
    assert found.measures[0].parts == (found.measures[0].change,) != (0.0,)


def test_prices_in_another_currency_are_told_apart_from_its_rate() -> None:
    one, two = dong(25_000), dong(20_000, 2_000_000)
    found = bridged(one, two)
    assert [group.key for group in found.groups] == ["prices", "rates"]
    assert found.groups[0].changes == ("cost_per_post of hanoi: 2,500,000 VND -> 2,000,000 VND",)
    # a fee of 2m at 20,000 is the 100 USD that 2.5m at 25,000 are: the two undo each other
    assert sum(found.measures[0].parts) == found.measures[0].change == 0
    assert found.measures[0].parts[0] == -found.measures[0].parts[1] > 0
    halfway = hybrid(pinned(one), pinned(two), ["rates"])
    assert {offer.name: offer.cost_per_post.typical for offer in halfway.offers if offer.cost_per_post} == {
        "hanoi": 125.0, "home": 300.0,
    }  # fmt: skip


def test_bars_of_rates_and_prices_change_sign_when_the_ends_change_places() -> None:
    one, two = dong(25_000), dong(21_000, 2_700_000, budget=2_500)
    there, back = bridged(one, two), bridged(two, one)
    assert [m.parts for m in there.measures] == [
        tuple(-part + 0.0 for part in m.parts) for m in back.measures
    ]
    assert [group.key for group in there.groups] == ["budget", "prices", "rates"]


def test_growth_from_a_loss_or_from_nothing_is_no_percentage() -> None:
    def shop(value: float, least: int = 2) -> Scenario:
        sells = {"clicks": None, "impressions_per_post": 1000, "click_rate": "10%", "conversion_rate": "10%"}
        del sells["clicks"]
        offer = {**OFFER, **sells, "value_per_conversion": value, "creators": {"min": least, "max": 4}}
        return Scenario.model_validate(
            {"name": f"{value:g} each", "budget": 900, "objective": "profit", "offers": [offer]}
        )

    found = compare([shop(5), shop(20), shop(4)])
    goal = found.figures[0]
    assert goal.values == (-100.0, 400.0, -120.0)
    assert goal.shares == (None, None, None)
    assert "20 each brings 500 USD of profit more than 5 each for" in found.sentences[0]
    text = sections_text("", comparison_sections(found))
    (line,) = (line for line in text.splitlines() if "profit, USD" in line and "+500" in line)
    assert "%" not in line
    even = compare([shop(10, 2), shop(20)]).figures[0]
    assert (even.values, even.shares) == ((0.0, 400.0), (None, None))
    gain = compare([shop(20), shop(5)]).figures[0]
    assert gain.shares == (0.0, pytest.approx(-1.25))


def test_a_bridge_over_few_orders_says_so_in_its_headline() -> None:
    star = {
        **OFFER,
        "name": "star",
        "cost_per_post": 900,
        "engagements_per_post": 300,
        "hours_per_creator": 30,
    }
    base = scenario(name="small", budget=800, effort_hours=20)
    data = base.model_dump(mode="json", exclude_unset=True)
    data |= {"name": "large", "budget": 2_000, "effort_hours": 60,
             "limits": [{"measure": "creators", "where": {"name": "star"}, "min": 1}]}  # fmt: skip
    pair = [Scenario.model_validate({**each, "offers": [OFFER, star]}) for each in (
        base.model_dump(mode="json", exclude_unset=True), data)]  # fmt: skip
    found = compare(pair)
    measure = found.bridges[0].measures[0]
    assert (measure.orders, measure.of_orders) == (2, 6)
    assert found.sentences[1].endswith(" (from 2 of 6 orders of switching).")


def test_one_cause_of_several_that_differ_is_told_as_the_cause() -> None:
    found = compare([scenario(name="base"), scenario(name="more", budget=500, effort_hours=500)])
    assert found.sentences[1] == "All of the change of -250 in more comes from budget."
