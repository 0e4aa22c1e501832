"""A plan against results: hand-solved campaigns, matching, exact sums, what is unknown, what runs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from optimizer import Plan, ScenarioError, optimize
from optimizer.actuals.result import Difference, Review
from optimizer.actuals.review import review
from tests.builders import offer, scenario
from tests.results_made import Row, as_planned, results


def exact(value: float) -> Decimal:
    return Decimal(repr(value))


def all_differences(found: Review) -> Iterator[Difference]:
    yield from (one.total for one in found.measures)
    for part in (*found.lines, *found.groups):
        yield from part.measures.values()


def assert_adds_up(found: Review) -> None:
    """Parts add up to changes, lines to the whole, tiers and platforms to the whole; to the last digit."""
    for one in all_differences(found):
        assert sum(map(exact, one.parts.values()), Decimal(0)) == exact(one.change)
        assert exact(one.actual) - exact(one.planned) == exact(one.change)
    for measure in found.measures:
        for get in (lambda d: d.planned, lambda d: d.actual, lambda d: d.change):
            total = exact(get(measure.total))
            assert (
                sum((exact(get(line.measures[measure.measure])) for line in found.lines), Decimal(0)) == total
            )
            for by in {group.by for group in found.groups}:
                mine = [group.measures[measure.measure] for group in found.groups if group.by == by]
                assert sum((exact(get(one)) for one in mine), Decimal(0)) == total


def parts_of(found: Review, measure: str) -> dict[str, float]:
    one = found.of(measure)
    assert one is not None
    return {name: value for name, value in one.total.parts.items() if value}


def small(**fields: Any) -> Plan:
    """Ten nano creators with two posts each: 200 views and 20 engagements a post, 50 a post, an hour a post."""
    nano = offer("nano", 50, tier="nano", platform="instagram", format="reel", most=10, least=10,
                 posts_per_creator=2, impressions_per_post=200, engagements_per_post=20,
                 hours_per_creator=0, hours_per_post=1)  # fmt: skip
    mega = offer("ada.example", 1000, tier="mega", platform="tiktok", format="video", most=1, least=1,
                 impressions_per_post=100_000, engagements_per_post=3000, hours_per_creator=5,
                 hours_per_post=0)  # fmt: skip
    return optimize(
        scenario(**{"budget": 5000, "objective": "engagements", "offers": [nano, mega], **fields})
    )


def nano(number: int, **fields: Any) -> Row:
    return {"offer": "nano", "creator": f"@nano_{number}", "posts": 2, "impressions": 400, "engagements": 40,
            "paid": 100, "hours": 2, **fields}  # fmt: skip


MEGA: Row = {
    "creator": "@Ada.Example",
    "posts": 1,
    "impressions": 100_000,
    "engagements": 3000,
    "paid": 1000,
    "hours": 5,
}


def test_a_campaign_that_came_as_planned_has_no_differences() -> None:
    found = review(small(), results([*(nano(n) for n in range(10)), MEGA]))
    assert [one.measure for one in found.measures] == ["engagements", "cost", "hours", "impressions"]
    assert all(one.change == 0 and not any(one.parts.values()) for one in all_differences(found))
    assert not found.missing
    assert not found.unmatched
    assert (found.creators_delivered, found.posts_delivered) == (11, 21)


def test_by_hand() -> None:
    # Of ten nano creators eight delivered and were paid, each with 500 views instead of 400, of which 8 % instead of
    # 10 % responded; the star asked 1,200 and was seen 90,000 times, of which 3 % responded, as planned.
    rows = [nano(n, impressions=500, engagements=40) for n in range(8)]
    rows += [
        nano(8, posts=0, impressions=0, engagements=0, paid=0, hours=0),
        {"offer": "nano", "creator": "@nano_9", "posts": 0, "paid": 0, "hours": 0},
    ]
    star = {**MEGA, "paid": 1200, "impressions": 90_000, "engagements": 2700}
    found = review(small(), results([*rows, star]))
    assert_adds_up(found)
    nano_line, star_line = (line.measures for line in found.lines)
    # 10 x 2 x 200 x 0.1 = 400 planned, 10 x 0.8 x 2 x 250 x 0.08 = 320: three factors 1 -> 0.8, 1 -> 1.25, 1 -> 0.8
    assert nano_line["engagements"].change == -80
    a, b = 0.8, 1.25
    of_views = 400 * (b - 1) * (2 * (1 + a * a) / 6 + 2 * a / 6)
    assert nano_line["engagements"].parts["views"] == pytest.approx(of_views, abs=1e-7)
    lost = nano_line["engagements"].parts
    assert [lost["delivery"], lost["response"]] == pytest.approx([(-80 - of_views) / 2] * 2, abs=1e-7)
    assert lost["mix"] == lost["posts"] == 0
    assert dict(star_line["engagements"].parts) == {
        "mix": 0,
        "delivery": 0,
        "posts": 0,
        "views": -300,
        "response": 0,
    }
    assert parts_of(found, "cost") == {"delivery": -200, "price": 200}
    assert parts_of(found, "hours") == {"delivery": -4}
    assert parts_of(found, "impressions")["delivery"] == pytest.approx(-400 * (1 + 1.25), abs=1e-7)
    assert (found.creators_planned, found.creators_delivered) == (11, 9)


def test_somebody_who_is_paid_and_delivers_nothing_costs_and_brings_nothing() -> None:
    rows = [nano(n) for n in range(9)] + [nano(9, posts=0, impressions=0, engagements=0)]
    found = review(small(), results([*rows, MEGA]))
    assert parts_of(found, "cost") == {}
    assert parts_of(found, "engagements") == {"delivery": -40}


def test_a_booking_without_a_row_did_not_deliver_and_was_not_paid() -> None:
    found = review(small(), results([nano(n) for n in range(10)]))
    assert [(one.offer, one.creators) for one in found.missing] == [("ada.example", 1)]
    assert parts_of(found, "engagements") == {"delivery": -3000}
    assert parts_of(found, "cost") == {"delivery": -1000}


def test_who_was_not_planned_is_the_mix() -> None:
    stranger = {
        "creator": "@other",
        "platform": "youtube",
        "posts": 1,
        "impressions": 700,
        "engagements": 70,
        "paid": 10,
    }
    found = review(small(), results([*(nano(n) for n in range(10)), MEGA, stranger]))
    assert_adds_up(found)
    assert parts_of(found, "engagements") == {"mix": 70}
    assert parts_of(found, "cost") == {"mix": 10}
    assert [(one.name, one.line, one.why) for one in found.unmatched] == [("@other", 13, "not in the plan")]
    assert found.lines[-1].planned is False
    assert [group.value for group in found.groups if group.by == "platform"] == [
        "instagram",
        "tiktok",
        "youtube",
    ]


def test_one_more_creator_than_booked_is_the_mix_too() -> None:
    found = review(small(), results([*(nano(n) for n in range(11)), MEGA]))
    assert parts_of(found, "engagements") == {"mix": 40}
    assert found.lines[0].creators_booked == 11


def test_rows_of_one_creator_add_up_whatever_their_order() -> None:
    rows = [nano(n) for n in range(9)]
    parts = [
        {"offer": "nano", "creator": "NANO_9", "post": "a", "impressions": 150, "engagements": 10, "paid": 100},
        {"offer": "nano", "creator": "https://www.instagram.com/nano_9/", "post": "b", "impressions": 250,
         "engagements": 30, "hours": 2},
    ]  # fmt: skip
    for order in (parts, parts[::-1]):
        found = review(small(), results([*order, *rows, MEGA]))
        assert all(one.change == 0 for one in all_differences(found))


def test_rows_of_an_offer_as_a_whole() -> None:
    whole = {
        "offer": "nano",
        "creators": 10,
        "posts": 20,
        "impressions": 4000,
        "engagements": 400,
        "paid": 1000,
        "hours": 20,
    }
    found = review(small(), results([whole, MEGA]))
    assert all(one.change == 0 for one in all_differences(found))
    without = {name: value for name, value in whole.items() if name != "creators"}
    assert review(small(), results([without, MEGA])).creators_delivered == 11  # twenty posts are those of ten


def test_creators_without_an_offer_are_matched_by_their_place_where_only_one_fits() -> None:
    rows = [
        {**{k: v for k, v in nano(n).items() if k != "offer"}, "platform": "Instagram", "tier": "nano"}
        for n in range(10)
    ]
    found = review(small(), results([*rows, MEGA]))
    assert found.matched_by_place == 10
    assert not found.unmatched
    assert all(one.change == 0 for one in all_differences(found))


def test_what_a_row_does_not_say_counts_as_planned_and_is_counted() -> None:
    rows = [nano(n) for n in range(10)]
    for name in ("impressions", "paid", "hours", "engagements"):
        silent = [{**row} for row in rows]
        del silent[3][name]
        found = review(small(), results([*silent, MEGA]))
        measure = {"paid": "cost"}.get(name, name)
        one = found.of(measure)
        assert one is not None
        assert one.bookings_as_planned == 1
        assert one.total.change == 0
    nobody_says = [{k: v for k, v in row.items() if k != "hours"} for row in [*rows, MEGA]]
    found = review(small(), results(nobody_says))
    assert found.of("hours") is None
    assert found.without_results == ("hours",)


def test_without_views_response_takes_the_difference() -> None:
    rows = [
        {k: v for k, v in row.items() if k != "impressions"} for row in [*(nano(n) for n in range(10)), MEGA]
    ]
    rows[0]["engagements"] = 60
    assert parts_of(review(small(), results(rows)), "engagements") == {"response": 20}


def test_kinds_of_engagement_are_weighted_and_only_real_people_count() -> None:
    plan = optimize(scenario(
        budget=1000, objective="engagements", engagement_weights={"likes": 1, "comments": 5},
        offers=[offer("a", 100, most=1, impressions_per_post=1000, engagements_per_post=100, authentic=0.8,
                      on_target=0.5, engagement_mix={"likes": "90%", "comments": "10%"}, hours_per_creator=1)],
    ))  # fmt: skip
    assert plan.totals.engagements == pytest.approx(0.4 * (90 + 50))
    found = review(plan, results([{"creator": "a", "likes": 100, "comments": 4}]))
    one = found.of("engagements")
    assert one is not None
    assert one.total.actual == pytest.approx(0.4 * (100 + 20))
    only_sum = review(plan, results([{"creator": "a", "engagements": 200}])).of("engagements")
    assert only_sum is not None
    assert only_sum.total.actual == pytest.approx(0.4 * 200 * 1.4)  # the planned weight of one engagement
    only_likes = review(plan, results([{"creator": "a", "likes": 45}])).of("engagements")
    assert only_likes is not None
    assert only_likes.total.actual == pytest.approx(
        0.4 * 70
    )  # half of the likes planned, so half of all planned


def test_fees_on_top_and_contingency_are_parts_of_the_cost() -> None:
    plan = small(fees={"agency": "10%", "contingency": "5%"})
    assert plan.totals.cost == pytest.approx(2000 * 1.15)
    found = review(plan, results([*(nano(n) for n in range(10)), MEGA]))
    cost = found.of("cost")
    assert cost is not None
    assert cost.total.actual == pytest.approx(2000 * 1.10)
    assert parts_of(found, "cost") == {"contingency": -100}


def test_several_numbers_of_posts_on_one_offer() -> None:
    plan = optimize(scenario(
        budget=700, objective="engagements", effort_hours=100,
        offers=[offer("a", 100, most=5, posts_per_creator={"min": 1, "max": 2}, impressions_per_post=100,
                      engagements_per_post=10, hours_per_creator=1)],
        limits=[{"measure": "creators", "min": 4}],
    ))  # fmt: skip
    assert [(line.posts_per_creator, line.creators) for line in plan.lines] == [(1, 1), (2, 3)]
    rows = [
        {"offer": "a", "creator": f"c{n}", "posts": 2 - (n == 3), "impressions": 100 * (2 - (n == 3))}
        for n in range(4)
    ]
    found = review(plan, results(rows))
    assert all(one.change == 0 for one in all_differences(found))
    one_short = review(plan, results([{**rows[0], "posts": 1, "impressions": 100}, *rows[1:]]))
    assert parts_of(one_short, "impressions") == {"posts": -100}


def test_money_in_another_currency() -> None:
    plan = small(exchange_rates={"EUR": 0.5})
    rows = [nano(n, paid=50) for n in range(10)] + [{**MEGA, "paid": 500}]
    found = review(plan, results(rows, currency="EUR"))
    cost = found.of("cost")
    assert cost is not None
    assert cost.total.change == 0
    with pytest.raises(ScenarioError, match="the results are in CHF"):
        review(plan, results(rows, currency="CHF"))


def test_a_running_campaign_compares_what_is_done_and_forecasts_the_rest() -> None:
    plan = small()
    rows = [nano(n, impressions=500, engagements=50) for n in range(4)]
    rows.append(
        {"offer": "nano", "creator": "@nano_4", "post": "first", "impressions": 200, "engagements": 20}
    )
    found = review(plan, results(rows), running=True)
    assert_adds_up(found)
    engagements = found.of("engagements")
    assert engagements is not None
    assert (engagements.total.planned, engagements.total.actual) == (180, 220)  # four and a half creators
    assert {name: value for name, value in engagements.total.parts.items() if value} == {"views": 40}
    assert found.creators_open == 6.5
    forecast = {one.measure: one for one in found.forecast}["engagements"]
    assert (forecast.done, forecast.to_come) == (220, 5.5 * 40 + 3000)
    assert forecast.end.p10 == forecast.end.p90 == 3440
    assert (forecast.promised, forecast.chance) == (3400, 1.0)


def test_a_forecast_has_the_range_of_what_is_still_to_come() -> None:
    plan = optimize(scenario(
        budget=1000, objective="engagements",
        offers=[offer("a", 100, most=10, spread=0.5, impressions_per_post=1000,
                      engagements_per_post=[50, 100, 200], hours_per_creator=1)],
    ))  # fmt: skip
    rows = [{"offer": "a", "creator": f"c{n}", "posts": 1, "engagements": 100} for n in range(10)]
    wide, narrow = (review(plan, results(rows[:done]), running=True).forecast[0].end for done in (2, 8))
    assert wide.p90 - wide.p10 > 2 * (narrow.p90 - narrow.p10) > 0
    half = review(plan, results(rows[:5]), running=True).forecast[0]
    rest = optimize(scenario(
        budget=500, objective="engagements",
        offers=[offer("a", 100, most=5, spread=0.5, impressions_per_post=1000,
                      engagements_per_post=[50, 100, 200], hours_per_creator=1)],
    ))  # fmt: skip
    assert rest.risk is not None
    of_rest = rest.risk.measures["engagements"]
    assert (half.end.p10, half.end.p90) == pytest.approx((500 + of_rest.p10, 500 + of_rest.p90), rel=1e-9)


def test_bookings_in_their_ranges() -> None:
    plan = optimize(scenario(
        budget=1000, objective="engagements",
        offers=[offer(f"creator{n}", 100, most=1, engagements_per_post=[50, 100, 200], hours_per_creator=1)
                for n in range(10)],
    ))  # fmt: skip
    came = [30, *[100] * 7, 190, 300]
    found = review(plan, results([{"creator": f"creator{n}", "engagements": e} for n, e in enumerate(came)]))
    one = found.of("engagements")
    assert one is not None
    assert one.ranges is not None
    assert (one.ranges.bookings, one.ranges.inside, one.ranges.below, one.ranges.above) == (10, 8, 1, 1)
    assert [b.name for b in found.bookings[:2]] == ["creator9", "creator8"]
    assert one.within is True


@pytest.mark.parametrize("seed", range(200))
def test_parts_add_up_for_random_plans_and_results(seed: int) -> None:
    rng = np.random.default_rng(seed)
    offers = [
        offer(
            f"o{n}", float(rng.integers(10, 500)), tier=str(rng.choice(["nano", "micro", "mega"])),
            platform=str(rng.choice(["instagram", "tiktok"])), most=int(rng.integers(1, 5)), least=1,
            impressions_per_post=float(rng.integers(50, 90_000)), engagements_per_post=float(rng.uniform(1, 3000)),
            completion=float(rng.choice([1.0, 0.83])), posts_per_creator={"min": 1, "max": int(rng.integers(1, 4))},
            hours_per_creator=1, click_rate=0.013, conversion_rate=0.07, value_per_conversion=31.7,
            authentic=0.77, commission=float(rng.choice([0, 0.1])),
        )
        for n in range(int(rng.integers(1, 6)))
    ]  # fmt: skip
    plan = optimize(scenario(budget=20_000, objective="revenue", offers=offers,
                             fees={"agency": "7%", "contingency": "3%"}), draws=0)  # fmt: skip
    rows = []
    for row in as_planned(plan):
        if rng.random() < 0.15:
            continue
        noisy = {k: v * rng.lognormal(0, 0.4) if isinstance(v, float) else v for k, v in row.items()}
        noisy["posts"] = int(rng.integers(0, 4))
        if rng.random() < 0.2:
            del noisy[str(rng.choice(["paid", "impressions", "clicks"]))]
        rows.append(noisy)
    rows.append({"creator": "stranger", "posts": 1, "impressions": 10, "engagements": 1, "paid": 1, "clicks": 1,
                 "conversions": 1, "revenue": 3})  # fmt: skip
    for running in (False, True):
        assert_adds_up(review(plan, results(rows), running=running, draws=100))
    shuffled = [rows[n] for n in rng.permutation(len(rows))]
    one, other = review(plan, results(rows)), review(plan, results(shuffled))
    assert {line.offer: line.measures for line in one.lines} == {
        line.offer: line.measures for line in other.lines
    }


def test_a_plan_that_books_nobody_is_refused() -> None:
    plan = optimize(
        scenario(budget=0, objective="engagements", offers=[offer("a", 10, most=1, engagements_per_post=1)])
    )
    with pytest.raises(ScenarioError, match="books nobody"):
        review(plan, results([{"creator": "a"}]))


def test_views_of_no_post_and_sales_without_a_click_are_of_the_last_step() -> None:
    found = review(small(), results([*(nano(n) for n in range(10)), {**MEGA, "posts": 0}]))
    assert_adds_up(found)
    assert parts_of(found, "engagements") == {"delivery": -3000, "response": 3000}
    assert parts_of(found, "impressions") == {"delivery": -100_000, "views": 100_000}


def test_a_list_of_everybody_with_blanks_for_those_who_are_still_to_come() -> None:
    rows: list[Row] = [nano(n) for n in range(4)] + [
        {"offer": "nano", "creator": f"@nano_{n}"} for n in range(4, 10)
    ]
    running = review(small(), results([*rows, {"creator": "ada.example", "paid": 1000}]), running=True)
    assert running.creators_open == 7
    assert running.paid_only == 1
    assert all(one.change == 0 for one in all_differences(running))
    over = review(small(), results([*rows, MEGA]))
    assert parts_of(over, "engagements") == {"delivery": -240}
    assert [(one.offer, one.creators) for one in over.missing] == []


def test_a_list_of_bills_says_nothing_of_posts() -> None:
    rows = [{"offer": "nano", "creator": f"@nano_{n}", "paid": 110} for n in range(10)] + [
        {"creator": "ada.example", "paid": 1000}
    ]
    found = review(small(), results(rows))
    assert [one.measure for one in found.measures] == ["cost"]
    assert parts_of(found, "cost") == {"price": 100}
    assert found.posts_as_planned == 11
    assert found.without_results == ("engagements", "hours", "impressions")


def test_a_row_that_says_no_post_takes_none_from_the_rows_beside_it() -> None:
    rows = [
        {"creator": "ada.example", "impressions": 100_000, "engagements": 3000, "paid": 1000, "hours": 5},
        {"creator": "ada.example", "posts": 0},
    ]
    found = review(small(), results([*(nano(n) for n in range(10)), *rows]))
    assert all(one.change == 0 for one in all_differences(found))
    told_once = [{"creator": "ada.example", "posts": 1}, {**rows[0]}]
    found = review(small(), results([*(nano(n) for n in range(10)), *told_once]))
    assert all(one.change == 0 for one in all_differences(found))
