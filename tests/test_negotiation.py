"""Fees and rates to negotiate: at one side of each threshold the plan has the offer, at the other it does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from optimizer import Scenario, load_scenario, optimize
from optimizer.program.levers import fee_lever, rate_lever
from optimizer.program.program import program_of
from optimizer.solve.answer import answer_changed
from optimizer.whatif.explain.negotiation import OfferNegotiation, Threshold, negotiate
from tests.builders import offer, scenario
from tests.more import more
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SEEDS = (0, 3, 5, 9, 12, 23, *more((), (19, 25, 55, 65)))
NAMES = ("stays_to", "more_from", "enters_at", "must_show")


def booked(asked: Scenario, name: str) -> float:
    """Creators of an offer in the plan that `optimize` makes; none where there is no plan, whatever the reason."""
    plan = plan_or_none(asked)
    return 0.0 if plan is None else sum(line.creators for line in plan.lines if line.offer == name)


def sheet(asked: Scenario, index: int, *kinds: str) -> OfferNegotiation:
    text = asked.model_dump_json(exclude_unset=True)
    chosen: Any = kinds or ("fee", "rate")
    return negotiate(text, index, answer_changed(text, {}).creators, chosen)


def assert_holds(asked: Scenario, index: int, *kinds: str) -> list[str]:
    """Every threshold of an offer is planned again on both sides; says what was found."""
    found = sheet(asked, index, *kinds)
    today = booked(asked, found.offer)
    assert found.creators == today
    assert found.used == (today > 0)
    outcomes = []
    for name in NAMES:
        threshold: Threshold | None = getattr(found, name)
        if threshold is None:
            continue
        outcomes.append(name)
        lever = rate_lever(asked, index) if name == "must_show" else fee_lever(asked, index)  # type: ignore[index]
        assert lever is not None
        wanted: Callable[[float], bool] = (
            (lambda n: n > today + 1e-6) if name == "more_from" else (lambda n: n > 1e-6)
        )

        def at(value: float, lever: Any = lever) -> float:
            return booked(asked.with_changes(lever.change(value)), found.offer)

        if threshold.inside is None or threshold.outside is None:
            outcomes[-1] += ": " + threshold.reason.split(" ")[0]
            words = threshold.reason.split()
            if words[-2:-1] in (["at"], ["to"]):  # "even at 0", "not even up to 1"
                assert wanted(at(float(words[-1].replace(",", "")))) == (words[0] == "even"), threshold
            else:
                assert threshold.reason == "all there are booked"
                assert today == program_of(asked).packages.room_max[index]
            continue
        assert wanted(at(threshold.inside)), (name, threshold)
        assert not wanted(at(threshold.outside)), (name, threshold)
        apart = abs(threshold.inside - threshold.outside)
        assert apart <= max(1.5 * lever.step, 0.05 * max(threshold.inside, threshold.outside)) * (1 + 1e-9)
        # A higher fee never helps an offer, a higher rate never hurts it.
        assert (threshold.inside > threshold.outside) == (name == "must_show")
    return outcomes


@cache
def quickstart() -> Scenario:
    return load_scenario(SCENARIOS / "quickstart.yaml")


@pytest.mark.parametrize("index", range(4))
def test_the_sheet_of_quickstart_holds_on_both_sides(index: int) -> None:
    found = assert_holds(quickstart(), index)
    expected = {
        0: ["enters_at: not", "must_show"],
        1: ["stays_to", "more_from: not", "must_show"],
        2: ["stays_to", "more_from", "must_show"],
        3: ["enters_at", "must_show"],
    }
    assert found == expected[index]


def test_the_fee_at_which_a_mega_creator_enters_quickstart_by_hand() -> None:
    # One mega creator at a fee f leaves 120 hours and 20,000 - f, which must bring 32,000 - 13,200 = 18,800.
    best = {
        usd: max(
            4400 * macro + 1000 * micro + 250 * nano
            for macro in range(8)
            for micro in range(16)
            for nano in range(25)
            if 3200 * macro + 400 * micro + 75 * nano <= usd and 16 * macro + 8 * micro + 5 * nano <= 120
        )
        for usd in range(9000, 12_001, 25)
    }
    enough = min(usd for usd, brought in best.items() if brought >= 18_800)
    threshold = sheet(quickstart(), 3, "fee").enters_at
    assert threshold is not None
    assert threshold.inside is not None
    assert threshold.outside is not None
    assert threshold.inside <= 20_000 - enough <= threshold.outside


def test_a_few_offers_of_launch_us_hold_on_both_sides() -> None:
    asked = load_scenario(SCENARIOS / "launch-us.yaml")
    names = [terms.name for terms in program_of(asked).packages.terms]
    used = {line.offer for line in optimize(asked).lines}
    first_used = next(i for i, name in enumerate(names) if name in used)
    first_unused = next(i for i, name in enumerate(names) if name not in used)
    assert assert_holds(asked, first_used, "rate")
    assert assert_holds(asked, first_unused, "fee")


@pytest.mark.parametrize("seed", SEEDS)
def test_random_scenarios_hold_on_both_sides(seed: int) -> None:
    asked = Scenario.model_validate(random_scenario(seed))
    for index in range(len(asked.offers)):
        assert_holds(asked, index)


def rivals(first: dict[str, Any], **fields: Any) -> Scenario:
    """One offer against a plain one: 40 engagements for 100, five creators each, money for five."""
    other = offer("plain", 100, engagements_per_post=40, impressions_per_post=1000, most=5)
    return scenario(**{"budget": 500, "objective": "engagements", "offers": [first, other], **fields})


def near(threshold: Threshold | None, value: float) -> bool:
    assert threshold is not None
    assert threshold.inside is not None
    assert threshold.outside is not None
    low, high = sorted((threshold.inside, threshold.outside))
    return low - 1e-9 <= value <= high + 1e-9


def test_a_price_per_thousand_impressions_is_negotiated_as_a_fee() -> None:
    # 2,000 impressions at 75 are 150 for 40 engagements. It enters at the price of the plain one, for 40 as well;
    # the impressions stay as they are, and so does what it brings.
    dear = offer(
        "dear", cpm=75, impressions_per_post=2000, engagement_rate="2%", engagement_base="impressions", most=5
    )
    asked = rivals(dear)
    assert assert_holds(asked, 0) == ["enters_at", "must_show"]
    found = sheet(asked, 0)
    assert (found.fee, found.rate, found.rate_name) == (150, 0.02, "engagement_rate")
    assert near(found.enters_at, 100)
    changed = asked.with_changes(fee_lever(asked, 0).change(90))  # type: ignore[union-attr]
    assert program_of(changed).packages.measures["impressions"][0] == 2000
    assert program_of(changed).packages.measures["engagements"][0] == 40
    # 60 engagements for 150 would be as good: 3 % of 2,000 impressions; whole creators ask for a little more or less.
    assert found.must_show is not None
    assert 0.025 < (found.must_show.inside or 0) < 0.035


def test_a_fee_and_a_price_per_thousand_that_give_the_impressions_leave_them_as_they_are() -> None:
    dear = offer("dear", 150, cpm=75, engagements_per_post=40, followers=5000, most=5)
    asked = rivals(dear, limits=[{"measure": "impressions", "min": 5000}])
    changed = asked.with_changes(fee_lever(asked, 0).change(90))  # type: ignore[union-attr]
    assert (
        program_of(changed).packages.measures["impressions"][0]
        == program_of(asked).packages.measures["impressions"][0]
    )
    assert assert_holds(asked, 0)


def test_fees_in_another_currency_are_negotiated_in_the_scenarios() -> None:
    dear = offer("dear", 3_810_000, currency="VND", engagements_per_post=40, most=5)  # 150 USD
    asked = rivals(dear, exchange_rates={"VND": 25_400})
    assert assert_holds(asked, 0) == ["enters_at", "must_show"]
    found = sheet(asked, 0)
    assert (found.fee, found.fee_step) == (pytest.approx(150), 2)
    assert near(found.enters_at, 100)
    assert (found.rate, found.rate_name) == (40, "engagements_per_post")


def test_a_fee_that_is_no_whole_number_of_steps_is_still_todays() -> None:
    # The step for 99.4 is 1; the plain offer's 100 is nearer to today's fee than the next step is.
    cheap = offer("cheap", 99.4, engagements_per_post=40, most=4)
    found = sheet(rivals(cheap), 0, "fee")
    assert found.stays_to is not None
    assert found.stays_to.inside == 99.4 or near(found.stays_to, 100)
    assert assert_holds(rivals(cheap), 0)


def test_a_booking_stays_at_any_fee_it_can_be_paid() -> None:
    signed = offer("signed", 10, engagements_per_post=1, least=1, most=2)
    asked = rivals(signed, budget=1000)
    found = sheet(asked, 0)
    assert found.stays_to is not None
    assert found.stays_to.reason == "even up to 640"
    assert found.must_show is not None
    assert found.must_show.reason == "even at 0"
    assert assert_holds(asked, 0)


def test_offers_without_a_fee_have_no_thresholds_of_one() -> None:
    gift = offer("gift", cost_per_creator=150, engagements_per_post=40, most=5)
    found = sheet(rivals(gift), 0)
    assert (found.fee, found.fee_step, found.stays_to, found.more_from, found.enters_at) == (
        0,
        0,
        None,
        None,
        None,
    ) or (found.fee == 0 and found.enters_at is None and found.stays_to is None)
    assert found.must_show is not None
    unknown = scenario(
        effort_hours=10,
        objective="engagements",
        offers=[offer("no price", engagements_per_post=5, hours_per_creator=1, most=20)],
    )
    assert sheet(unknown, 0).fee is None


def test_a_rate_that_nothing_asks_for_is_not_negotiated() -> None:
    asked = scenario(
        budget=500,
        objective="impressions",
        offers=[offer("a", 100, impressions_per_post=100, engagements_per_post=5, most=9)],
    )
    assert sheet(asked, 0).must_show is None
    floor = {"measure": "impressions", "min": "200% of engagements"}
    assert sheet(asked.with_changes({"limits": [floor]}), 0).must_show is not None


def test_for_nothing_an_offer_without_end_is_in_the_plan() -> None:
    # At a fee of 0 nothing limits it any more; that is no reason to say that it is not even in the plan at 0.
    endless = offer("endless", 100, engagements_per_post=1)
    found = sheet(rivals(endless), 0, "fee")
    assert found.enters_at is not None
    assert near(found.enters_at, 2.5)  # 40 for 100 is 1 for 2.50


def test_a_rate_that_cannot_rise_says_so() -> None:
    all_of_them = offer("a", 400, followers=10, engagement_rate="100%", most=2)
    found = sheet(rivals(all_of_them), 0, "rate")
    assert found.must_show is not None
    assert found.must_show.reason == "it is as high as it can be"


def test_when_time_is_up_that_is_the_reason() -> None:
    text = quickstart().model_dump_json(exclude_unset=True)
    found = negotiate(text, 2, answer_changed(text, {}).creators, until=0.0)
    for name in ("stays_to", "more_from", "must_show"):
        threshold = getattr(found, name)
        assert (threshold.inside, threshold.outside, threshold.reason) == (None, None, "time was up")


def test_creators_who_bring_nothing_break_a_ceiling_on_what_each_may_cost() -> None:
    # What the search met at an engagement rate of 0: a cost per engagement without end was not above the ceiling.
    idle = offer("idle", 10, engagements_per_post=0, impressions_per_post=100, most=3)
    busy = offer("busy", 10, engagements_per_post=5, impressions_per_post=10, most=3)
    each = {"measure": "cpe", "per": "creator", "max": 3}
    plan = optimize(scenario(budget=60, objective="impressions", offers=[idle, busy], limits=[each]))
    assert [(line.offer, line.creators) for line in plan.lines] == [("busy", 3)]
