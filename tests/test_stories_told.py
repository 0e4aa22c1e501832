"""What the stories tell in sentences and tables beside single numbers: mixes, rules, warnings, sources."""

from __future__ import annotations

import pytest

from optimizer import Plan, load_scenario
from optimizer.benchmarks.lookup import Place, benchmarks_of
from tests.stories import FOLDER, booked, story
from tests.stories import plan_without_risk as plan
from tests.story_numbers import (
    CONVERSIONS,
    FACE_50,
    FACE_55,
    FREE,
    LESS_TIME,
    MORE_HOURS,
    MORE_MONEY,
    NO_FACE,
    NO_YOUTUBE,
    ONE_FACE,
    TIKTOK_BOOKED,
    A,
    B,
    L,
    P,
    T,
    V,
    X,
    best,
    bundles_of,
    of_tier,
    rows,
    unit,
)

# --- the rest of what is told -----------------------------------------------------------------------------


def binding(found: Plan) -> set[str]:
    return {limit.name for limit in found.limits if limit.binding}


def test_launch_us_mix_turns_with_what_is_short_as_its_table_says() -> None:
    told = rows(L, "hours    budget", 5)
    assert [row[:2] for row in told] == [
        [400, 100_000], [800, 50_000], [800, 100_000], [800, 150_000], [1_600, 100_000],
    ]  # fmt: skip
    for hours, budget, *shares, engagements in told:
        found = plan(L, f"effort_hours={hours:g}", f"budget={budget:g}")
        assert {line.tier for line in found.lines} <= {"nano", "micro", "mid", "macro"}
        for tier, share in zip(("nano", "micro", "mid", "macro"), shares, strict=True):
            assert 100 * of_tier("cost", tier)(found) / found.totals.cost == pytest.approx(share, abs=0.5)
        assert found.objective.value == pytest.approx(engagements, abs=50)
    first = next(i for i, text in enumerate(story(L)) if text.startswith("hours    budget")) + 1
    short = [text.split()[7].rstrip(":") for text in story(L)[first : first + 5]]
    held = [binding(plan(L, f"effort_hours={row[0]:g}", f"budget={row[1]:g}")) for row in told]
    words = {("budget",): "money", ("effort_hours",): "hours", ("budget", "effort_hours"): "both"}
    assert short == [words[tuple(sorted(each & {"budget", "effort_hours"}))] for each in held]


def test_launch_us_rules_out_mega_at_no_cost() -> None:
    rule = "limits.one creator.max=100% of budget"
    ruled_out = {unused.offer for unused in plan(L).unused if unused.reason == "left out by a limit"}
    assert ruled_out == {"mega-tiktok-video"}
    assert plan(L, rule).lines == plan(L).lines


def test_launch_us_says_of_a_micro_reel_what_the_benchmarks_say() -> None:
    fees = {
        each.offer: (each.value, each.low, each.high)
        for each in plan(L).assumptions
        if each.field == "cost_per_post"
    }
    assert fees["micro-instagram-reel"] == (482, 176, 1_320)
    assert 550 / fees["micro-instagram-reel"][0] - 1 == pytest.approx(0.14, abs=0.005)
    followers = {each.offer: each.value for each in plan(L).assumptions if each.field == "followers"}
    assert (followers["nano-instagram-reel"], followers["micro-instagram-reel"]) == (3_160, 31_600)
    told = " ".join(story(L))
    for words in (
        "482 USD",
        "176 to 1,320",
        "instead of 482",
        "14 % dearer",
        "3,160 followers",
        "31,600 followers",
    ):
        assert words in told


def test_launch_us_notes_the_dear_rule_and_warns_of_nothing() -> None:
    assert [(flag.code, flag.severity) for flag in plan(L).flags] == [("dear-line", "note")]


def test_launch_us_hours_are_those_its_story_counts() -> None:
    assert unit(L, "micro-instagram-reel")["hours"] == pytest.approx(8 + 3 * 2) == pytest.approx(14)
    single = bundles_of(1, "micro-instagram-reel")
    (line,) = (line for line in plan(L, *single).lines if line.offer == "micro-instagram-reel")
    assert line.hours / line.creators == pytest.approx(10)
    assert unit(L, "nano-instagram-reel")["hours"] == pytest.approx(8.5)


def test_launch_us_loses_next_to_nothing_by_buying_bundles_of_exactly_three() -> None:
    assert "the best plan has 0.5 % more" in " ".join(story(L))
    free = plan(L, *bundles_of("{min: 1, max: 3}"), "objective=engagements")
    assert free.objective.value / best(plan(L)) - 1 == pytest.approx(0.005, abs=5e-4)


def test_launch_us_uses_up_money_and_hours() -> None:
    assert binding(plan(L)) == {"budget", "effort_hours", "youtube share"}
    assert plan(L).totals.cost > 0.99 * 100_000


def test_launch_us_pays_11_percent_for_youtube_3_for_instagram_and_nothing_for_the_other_rules() -> None:
    for change, loss in ((*NO_YOUTUBE, 0.11), (*FREE, 0.03)):
        assert best(plan(L, change)) / best(plan(L)) - 1 == pytest.approx(loss, abs=0.005)
    for change in ("tiktok share.min=0% of cost", "community.min=0% of cost"):
        assert best(plan(L, f"limits.{change}")) == pytest.approx(best(plan(L)))


LOCAL = ("regulars", "food-bloggers", "city-guides", "city-tiktok")


def test_small_business_mix_follows_the_hours_as_its_table_says() -> None:
    told = rows(B, "hours   regulars", 8)
    assert [row[0] for row in told] == [10, 15, 25, 30, 38, 40, 49, 55]
    for hours, *row in told:
        found = plan(B, f"effort_hours={hours:g}")
        assert [booked(found, offer) for offer in LOCAL] == row[:4], hours
        assert found.objective.value == pytest.approx(row[4], abs=50)
        assert found.totals.cost == pytest.approx(row[5], abs=0.5)
    assert plan(B, "effort_hours=200").objective.value == pytest.approx(
        plan(B, "effort_hours=55").objective.value
    )


def test_small_business_tells_what_one_post_by_one_creator_is_worth() -> None:
    told = rows(B, "USD   hours   people nearby", 6)
    for offer, row in zip((*LOCAL, "texas-food", "food-show"), told, strict=True):
        of = unit(B, offer)
        assert row[:2] == pytest.approx([of["cost"], of["hours"]], rel=0.005)
        assert row[2] == pytest.approx(of["reach"], abs=5 if of["reach"] < 1_000 else 50)
    regular, _, guide, *_ = (people / hours for _, hours, people in told)
    assert guide / regular == pytest.approx(2, abs=0.2)


def test_small_business_show_looks_like_a_bargain_and_is_none() -> None:
    show = unit(B, "food-show")
    assert show["impressions"] == pytest.approx(70_000, rel=0.01)
    assert show["reach"] == pytest.approx(490, abs=5)
    assert show["cost"] > 0.7 * 2_500
    assert binding(plan(B)) == {"budget", "effort_hours"}


def test_small_business_leans_on_the_guides_fee_of_the_set() -> None:
    (fee,) = (a for a in plan(B).assumptions if (a.offer, a.field) == ("city-guides", "cost_per_post"))
    assert (fee.low, fee.value, fee.high) == (194, 527, 1_430)
    assert all(source in (fee.source or "") for source in ("EA Apps 2026", "Ryme.ai 2025"))


def test_product_seeding_prices_of_a_video_and_of_a_paid_order() -> None:
    parcel, pledged, paid = (unit(P, name) for name in ("parcel-nano", "pledged-nano", "paid-micro-story"))
    assert 60 / parcel["videos"] == pytest.approx(150)
    assert 60 / pledged["videos"] == pytest.approx(75)
    assert paid["cost"] / paid["conversions"] == pytest.approx(97, abs=0.5)
    assert binding(plan(P)) == {"budget", "videos", "accepted"}
    assert binding(plan(P, "budget=8_000")) == {"effort_hours", "accepted"}
    assert 0 > plan(P, "objective=profit").totals.profit > plan(P).totals.profit


def test_product_seeding_says_that_it_loses_money() -> None:
    (flag,) = (flag for flag in plan(P).flags if flag.code == "loss")
    assert flag.message.startswith("This plan brings 7,030.16 USD of revenue and loses 3,081.05 USD")


def test_product_seeding_gifts_stay_below_200_dollars_and_carry_no_fee() -> None:
    for offer in load_scenario(FOLDER / "product-seeding.yaml").offers:
        assert offer.cost_per_creator.typical < 200
        assert (offer.cost_per_post is None) == (offer.tags["deal"] == "paid")


def test_traffic_small_stories_are_cheap_and_mid_size_ones_quick() -> None:
    micro, mid = (
        next(line for line in plan(T).lines if (line.offer, line.posts_per_creator) == (offer, 4))
        for offer in ("story-micro", "story-mid")
    )
    for line, cpa, brought, hours in ((micro, 28, 16, 10), (mid, 40, 46, 14)):
        assert line.cpa == pytest.approx(cpa, abs=0.5)
        assert line.conversions / line.creators == pytest.approx(brought, abs=0.5)
        assert line.hours / line.creators == pytest.approx(hours)
    first = plan(T, *CONVERSIONS)
    assert booked(first, "youtube-mid") > booked(plan(T), "youtube-mid")
    for offer in ("x-micro", "tiktok-mid"):
        assert booked(first, offer) < booked(plan(T), offer)
    assert binding(plan(T)) == {"budget", "effort_hours", "cpa", "instagram share"}


def test_traffic_at_38_dollars_is_impossible_by_the_arithmetic_of_its_story() -> None:
    story_micro = next(line for line in plan(T).lines if line.offer == "story-micro").cpa
    units = [
        unit(T, offer.name)
        for offer in load_scenario(FOLDER / f"{T}.yaml").offers
        if offer.platform != "instagram"
    ]
    elsewhere = min(one["cost"] / one["conversions"] for one in units)
    assert (story_micro, elsewhere) == pytest.approx((28, 84), abs=0.5)
    assert 1 / (0.6 / story_micro + 0.4 / elsewhere) == pytest.approx(38.42, abs=0.005)
    assert "already come to 38.42 USD" in " ".join(story(T))


def test_traffic_story_viewers_tap_five_times_as_often_and_trials_are_2_4_times_sales() -> None:
    offers = {offer.name: offer for offer in load_scenario(FOLDER / f"{T}.yaml").offers}
    shares = {
        name: unit(T, name)["clicks"] / unit(T, name)["impressions"] for name in ("story-micro", "reel-micro")
    }
    assert shares["story-micro"] / shares["reel-micro"] == pytest.approx(5, abs=0.5)
    for name, of_shops in (("story-micro", 2.51), ("story-mid", 1.85), ("tiktok-macro", 1.55)):
        assert offers[name].conversion_rate.typical == pytest.approx(2.4 * of_shops / 100, rel=0.04)
    for video, other in (("youtube-micro", "story-micro"), ("youtube-mid", "story-mid")):
        assert offers[video].conversion_rate.typical == pytest.approx(
            1.5 * offers[other].conversion_rate.typical
        )


MONTHS = {"september": 1.08, "october": 1.30, "november": 1.45}
"""What fees are multiplied with, as in the always-on story."""


def test_always_on_books_each_month_what_its_table_says() -> None:
    found = plan(A)
    for month, row in zip(MONTHS, rows(A, "month         nano", 3), strict=True):
        mine = [line for line in found.lines if line.offer.endswith(month)]
        mix = [booked(found, f"{size}-{month}") for size in ("nano", "micro", "mid")]
        cost, hours = sum(line.cost for line in mine), sum(line.hours for line in mine)
        assert [*mix, cost, hours] == pytest.approx(row[:5], abs=0.5)
        assert {line.posts_per_creator for line in mine} == {2, 4}
        assert booked(found, f"ambassador-{month}") == 3
        small = [booked(plan(A, *LESS_TIME), f"{size}-{month}") for size in ("nano", "micro")]
        assert small == [6, 3]  # where a month has ten hours less


def by_month(found: Plan) -> dict[str, float]:
    """Engagements of each month."""
    return {m: sum(line.engagements for line in found.lines if line.offer.endswith(m)) for m in MONTHS}


def test_always_on_september_is_short_of_hours_and_november_of_money() -> None:
    today, richer, longer = (by_month(plan(A, *more)) for more in ((), MORE_MONEY, MORE_HOURS))
    by_money = {month: richer[month] / today[month] - 1 for month in MONTHS}
    by_hours = {month: longer[month] / today[month] - 1 for month in MONTHS}
    assert by_money["september"] == pytest.approx(0, abs=1e-6)
    assert by_money["november"] == pytest.approx(0.07, abs=0.005)
    assert max(by_money, key=by_money.__getitem__) == "november"
    assert max(by_hours, key=by_hours.__getitem__) == "september"
    assert {"month: october", "desk: october"} <= binding(plan(A))


def test_always_on_without_likes_tiktok_is_dear() -> None:
    def each(offer: str, overrides: dict[str, object] | None = None) -> float:
        of = unit(A, offer, overrides)
        return of["cost"] / of["engagements"]

    pair = ("tiktok-september", "mid-september")
    counted, weighted = ([each(offer, some) for offer in pair] for some in ({"engagement_weights": {}}, None))
    assert counted[0] / counted[1] - 1 == pytest.approx(0.37, abs=0.005)
    assert weighted[0] / weighted[1] == pytest.approx(4, abs=0.1)
    liked = next(
        a
        for a in plan(A, *TIKTOK_BOOKED).assumptions
        if a.field == "engagement_mix.likes" and a.offer == pair[0]
    )
    assert liked.value == pytest.approx(0.92, abs=0.005)


def test_always_on_fees_are_those_of_the_set_times_the_month() -> None:
    fees = {o.name: o.cost_per_post.typical for o in load_scenario(FOLDER / "always-on.yaml").offers}
    told = " ".join(story(A))
    assert "461 USD for a reel of an ambassador; 65.5, 482 and 1,950" in told
    assert "1,080 for a TikTok video" in told
    for size, base in {"ambassador": 461, "nano": 65.5, "micro": 482, "mid": 1_950, "tiktok": 1_080}.items():
        free = plan(
            A, f"offers.{size}-september.cost_per_post=null", f"offers.{size}-september.creators.min=1"
        )
        (fee,) = (a for a in free.assumptions if (a.offer, a.field) == (f"{size}-september", "cost_per_post"))
        assert fee.value == pytest.approx(base, abs=0.5)
        for month, factor in MONTHS.items():
            assert fees[f"{size}-{month}"] == pytest.approx(base * factor, abs=2.6)
    assert fees["micro-november"] / fees["micro-september"] == pytest.approx(4 / 3, abs=0.03)


def test_vietnam_singer_is_left_out_by_the_rule_for_one_face() -> None:
    reasons = {unused.offer: (unused.reason, unused.detail) for unused in plan(V).unused}
    assert reasons["singer-mega"] == ("left out by a limit", "one face")
    assert unit(V, "singer-mega")["cost"] == pytest.approx(7_800, abs=10)
    assert unit(V, "singer-mega")["reach"] == pytest.approx(50_000, abs=500)
    assert plan(V, *ONE_FACE).lines == plan(V).lines


def test_vietnam_mid_size_creators_reach_most_for_money_and_kol_in_an_hour() -> None:
    units = {offer.name: unit(V, offer.name) for offer in load_scenario(FOLDER / f"{V}.yaml").offers}
    assert max(units, key=lambda name: units[name]["reach"] / units[name]["cost"]) == "beauty-mid-hcmc"
    assert max(units, key=lambda name: units[name]["reach"] / units[name]["hours"]) == "kol-macro-hcmc"
    assert binding(plan(V)) == {"budget", "effort_hours", "north"}


def test_vietnam_mid_size_fees_are_the_benchmarks_for_vietnam_and_within_its_one_price_list() -> None:
    here, anywhere = (
        next(a.value for a in found.assumptions if (a.offer, a.field) == ("beauty-mid-hcmc", "cost_per_post"))
        for found in (plan(V), plan(V, "country=null"))
    )
    assert here == pytest.approx(609, abs=0.5)
    assert here / anywhere == pytest.approx(0.39, abs=0.005)
    assert 15e6 / 25_400 < here < 1_000 < 50e6 / 25_400


def test_vietnam_prices_in_dong_are_planned_in_dollars() -> None:
    assert unit(V, "koc-tiktok-hcmc")["cost"] == pytest.approx((700_000 + 250_000) / 25_400 * 1.1)


def test_too_tight_warns_of_the_face_and_pays_it_half_above_the_benchmark() -> None:
    warned = {"one-creator-spend", "one-creator-result", "filled-in"}  # the face's rate is the benchmarks'
    for ways in (FACE_50, FACE_55, ("offers.face.cost_per_post=8_690",)):
        assert {flag.code for flag in plan(X, *ways).flags} == warned
    assert plan(X, *NO_FACE).flags == ()
    place = Place(None, "instagram", "reel", 600_000, "US")
    found = benchmarks_of("global-2026").figure("cost_per_post", place)
    assert found is not None
    fee = found.figure
    assert (fee.typical, fee.low, fee.high) == pytest.approx((6_190, 2_140, 17_900), rel=0.003)
    told = " ".join(story(X))
    assert "half above the 6,190 USD" in told
    assert "2,140 to 17,900" in told
    assert 9_500 / fee.typical - 1 == pytest.approx(0.5, abs=0.05)
    assert plan(X, "offers.face.cost_per_post=6_190").status == "optimal"


@pytest.mark.parametrize("name", [T])
def test_the_warning_a_story_announces_is_given(name: str) -> None:
    assert "The plan warns that" in " ".join(story(name))
    assert "rate-outside-benchmark" in {flag.code for flag in plan(name).flags if flag.severity == "warning"}
