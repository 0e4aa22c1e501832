"""How a figure is looked up: the most specific one, curves, points, corrections, one's own set over the packaged."""

from __future__ import annotations

import math

import pytest

from optimizer.benchmarks.curves import Country, Curve, Points
from optimizer.benchmarks.figures import Figure
from optimizer.benchmarks.lookup import Benchmarks, Place, benchmarks_of
from optimizer.benchmarks.schema import BenchmarkSet

CURVE = Curve(
    field="cost_per_post", platform="instagram", format="post", level=3.0, slope=1.0, variance=(0.01, 0.0, 0.01),
    spread=0.8, post_spread=0.0, kind="benchmark", sources=(("A 2025", 0.6), ("B 2024", 0.4)), figures=9,
    publishers=5, years="2024-2025",
)  # fmt: skip
ITALY = Country(code="IT", name="Italy", factor=0.5, sd=0.1, kind="benchmark", sources=("C 2021",))


def figure(typical, **parts) -> Figure:
    return Figure(**{"field": "cost_per_post", "typical": typical, **parts})


def alone(**parts) -> BenchmarkSet:
    return BenchmarkSet(**{"name": "s", "as_of": "2026", "over": None, **parts})


def test_lookup_takes_the_most_specific_figure():
    layers = [
        figure(1, tier="nano", platform="instagram", format="reel"),
        figure(2, tier="nano", platform="instagram"),
        figure(3, platform="instagram", format="reel"),
        figure(4, tier="nano"),
        figure(5, platform="instagram"),
        figure(6),
    ]
    for first in range(6):
        some = alone(figures=tuple(reversed(layers[first:])))
        assert some.lookup("cost_per_post", "nano", "instagram", "reel").typical == first + 1
    full = alone(figures=tuple(layers))
    assert full.lookup("cost_per_post", "nano", "instagram").typical == 2  # a post, not the reel
    assert full.lookup("cost_per_post", "Nano", "Instagram", "Reel").typical == 1
    assert full.lookup("cost_per_post", "nano", "snapchat").typical == 4
    assert full.lookup("cost_per_post", None, "instagram", "story").typical == 5
    assert full.lookup("cost_per_post", None, None).typical == 6
    assert full.lookup("reach_rate", "nano", "instagram") is None


def test_a_curve_by_hand():
    # level 3 at 100,000, slope 1: 1,000 there, 100 at 10,000; sd^2 = 0.01 + 0.01 x^2
    at = CURVE.at(100_000)
    half = 10 ** (1.28155 * 0.1)
    assert (at.low, at.typical, at.high) == pytest.approx((1000 / half, 1000, 1000 * half), rel=0.005)
    small = CURVE.at(10_000)
    half = 10 ** (1.28155 * math.sqrt(0.02))
    assert (small.low, small.typical, small.high) == pytest.approx((100 / half, 100, 100 * half), rel=0.005)
    assert small.source_text.startswith("curve: A 2025 counts 60 %, B 2024 counts 40 %; mix of countries")


def test_a_country_by_hand():
    at = CURVE.at(100_000, ITALY)
    half = 10 ** (1.28155 * math.sqrt(0.01 + 0.01))
    assert (at.typical, at.high) == pytest.approx((500, 500 * half), rel=0.005)
    assert "Italy x 0.5 of the mix of countries (C 2021)" in at.source_text


def test_points_are_straight_on_two_logarithmic_axes_and_level_outside():
    points = Points(
        field="hours_per_creator", followers=(1_000, 100_000), low=(1, 4), typical=(2, 8), high=(4, 16),
        kind="assumption", note="why",
    )  # fmt: skip
    assert [points.at(size).typical for size in (10, 1_000, 10_000, 100_000, 1e7)] == [2, 2, 4, 8, 8]
    assert (points.at(10_000).low, points.at(10_000).high) == (2, 8)


def test_figures_stand_before_curves_and_curves_need_followers():
    both = alone(figures=(figure(7, tier="nano"),), curves=(CURVE,))
    assert both.lookup("cost_per_post", "nano", "instagram", followers=1e5).typical == 7
    assert both.lookup("cost_per_post", "micro", "instagram", followers=1e5).typical == 1000
    assert both.lookup("cost_per_post", "micro", "instagram") is None
    assert both.lookup("cost_per_post", "micro", "instagram", "reel", followers=1e5) is None  # no such curve


def test_own_figures_stand_over_the_packaged_set():
    own = Benchmarks(BenchmarkSet(name="house", as_of="2026", figures=(figure(7, tier="micro"),)))
    place = Place("micro", "instagram", "post", 50_000)
    assert own.figure("cost_per_post", place).figure.typical == 7
    packaged = benchmarks_of("global-2026")
    assert own.figure("reach_rate", place) == packaged.figure("reach_rate", place)
    assert own.figure("cost_per_post", place._replace(tier="macro")) == packaged.figure(
        "cost_per_post", place._replace(tier="macro")
    )
    lonely = Benchmarks(alone(figures=(figure(7, tier="micro"),)))
    assert lonely.figure("reach_rate", place) is None


def corrected(text: object) -> Benchmarks:
    return Benchmarks(BenchmarkSet(name="house", as_of="2026", corrections={"fee": text}))


@pytest.mark.parametrize(
    ("text", "place", "factor"),
    [
        ("x 0.8 for micro instagram", Place("micro", "instagram", "reel", 50_000), 0.8),
        ("x 0.8 for micro instagram", Place("macro", "instagram", "reel", 500_000), 1),
        ("x 0.8 for micro instagram", Place("micro", "tiktok", None, 50_000), 1),
        ("x 0.8 for instagram post", Place("micro", "instagram", None, 50_000), 0.8),  # the usual format
        ("x 80% for italy", Place("micro", "tiktok", None, 50_000, "IT"), 0.8),
        ("x 0.8 for IT", Place("micro", "tiktok", None, 50_000, "IT"), 0.8),
        ("x 0.8 for IT", Place("micro", "tiktok", None, 50_000, "FR"), 1),
        ("x 0.8 for micro on tiktok in South Korea", Place("micro", "tiktok", None, 50_000, "KR"), 0.8),
        ("x 0.8 for micro on tiktok in South Korea", Place("micro", "tiktok", None, 50_000, "IN"), 1),
        ("× 2", Place("micro", "x", None, 50_000), 2),
        (["x 2 for micro", "x 3 for reels"], Place("micro", "instagram", "reel", 50_000), 6),
    ],
)
def test_corrections_of_the_curve(text, place, factor):
    plain = benchmarks_of("global-2026").figure("cost_per_post", place).figure
    mine = corrected(text).figure("cost_per_post", place).figure
    for part in ("low", "typical", "high"):
        assert getattr(mine, part) == pytest.approx(factor * getattr(plain, part), rel=0.006)
    assert ("by house" in mine.note) == (factor != 1)


@pytest.mark.parametrize(
    ("corrections", "message"),
    [
        ({"fee": "0.8"}, "is no correction; write for instance x 0.8"),
        (
            {"fee": "x 0.8 for mircro"},
            "'mircro' is no tier, platform, format or country .did you mean 'micro'",
        ),
        ({"fee": "x 0.8 for foo"}, "'foo' is no tier.*a country by name, or by code in capitals"),
        (
            {"fee": "x 0.8 for instagram and tiktok"},
            "'and' is no tier.*write a list, one correction for each",
        ),
        ({"fee": 0.8}, "fee: 0.8 is no correction; write for instance x 0.8"),
        ({"fee": None}, "fee: None is no correction"),
        ("x 0.8", "wants fields with their factors"),
        ([{"fee": "x 0.8"}], "wants fields with their factors"),
        ({"followers": "x 2"}, "followers are not corrected; give a figure of followers"),
        ({"price of it": "x 2"}, "'price of it' is no figure a set can hold"),
        ({"fee": "x 0"}, "greater than 0"),
    ],
)
def test_wrong_corrections_say_what_is_wrong(corrections, message):
    with pytest.raises(ValueError, match=message):
        Benchmarks(BenchmarkSet(name="house", as_of="2026", corrections=corrections))


def test_a_set_that_stands_alone_has_nothing_to_correct():
    with pytest.raises(ValueError, match="a correction needs a set below it"):
        Benchmarks(alone(corrections={"fee": "x 2"}))


def test_a_format_the_set_does_not_know():
    sets = benchmarks_of("global-2026")
    assert sets.unknown_format("instagram", "igtv") == (
        "global-2026 knows no instagram igtv; its formats there are post, carousel, reel, story"
    )
    assert sets.unknown_format("instagram", "reels") is None
    assert sets.unknown_format("twitch", "stream") is None
    assert sets.unknown_format(None, "igtv") is None


def test_a_country_no_set_knows():
    own = Benchmarks(alone(curves=(CURVE,), countries=(ITALY,)))
    with pytest.raises(ValueError, match="s knows no country 'FR'; it knows IT"):
        own.figure("cost_per_post", Place(None, "instagram", None, 1e5, "FR"))


def test_what_can_stand_below():
    assert BenchmarkSet(name="s", as_of="2026", over="none").over is None
    with pytest.raises(
        ValueError, match=r"s: over: no packaged set './x.yaml' \(known: global-2026, or none\)"
    ):
        Benchmarks(BenchmarkSet(name="s", as_of="2026", over="./x.yaml"))


def test_the_kinds_of_engagement_come_from_one_set():
    mix = [
        figure(share, field=f"engagement_mix.{kind}", platform="tiktok")
        for kind, share in (("likes", 0.9), ("comments", 0.1))
    ]
    own = Benchmarks(BenchmarkSet(name="house", as_of="2026", figures=mix))
    found = {
        field
        for field in own.fill(Place("micro", "tiktok", None, 50_000))
        if field.startswith("engagement_mix.")
    }
    assert found == {"engagement_mix.likes", "engagement_mix.comments"}  # not the packaged shares beside them
    elsewhere = own.fill(Place("micro", "instagram", None, 50_000))
    assert elsewhere["engagement_mix.saves"].figure.typical > 0


@pytest.mark.parametrize(
    ("platform", "said", "meant"),
    [
        ("tiktok", "post", "video"),
        ("YouTube", "Post", "video"),
        ("instagram", "video", "reel"),
        ("facebook", "videos", "reel"),
        ("instagram", None, "post"),
    ],
)
def test_a_word_for_a_format_that_is_usual_on_a_platform(platform, said, meant):
    sets = benchmarks_of("global-2026")
    assert sets.unknown_format(platform, said) is None
    for field in ("cost_per_post", "reach_rate", "engagement_rate", "click_rate"):
        asked = sets.figure(field, Place("micro", platform, said, 50_000))
        assert asked == sets.figure(field, Place("micro", platform.lower(), meant, 50_000))


def test_a_corrected_share_is_at_most_all():
    own = Benchmarks(
        BenchmarkSet(name="house", as_of="2026", corrections={"reach": "x 50", "completion": "x 3"})
    )
    for field in ("reach_rate", "completion"):
        found = own.figure(field, Place("micro", "instagram", "post", 50_000)).figure
        assert (found.typical, found.high) == (1, 1)
        low, high = found.range_of_creators
        assert low <= high <= 1


@pytest.mark.parametrize(
    ("platform", "meant"),
    [("instagrm", "instagram"), ("youtbe", "youtube"), ("twitch", None), ("instagram", None), ("IG", None)],
)
def test_a_misspelt_platform_is_told_from_a_foreign_one(platform, meant):
    assert benchmarks_of("global-2026").unknown_platform(platform) == meant
