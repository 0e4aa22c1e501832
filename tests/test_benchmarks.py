"""The benchmark set: what is left out, the medians, the order of lookup, the page."""

import math
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from optimizer.benchmarks.making import derive as derivation
from optimizer.benchmarks.making.source import READINGS, Row, counted, source_rows
from optimizer.benchmarks.making.tables import implied_cpe, implied_cpm, refresh
from optimizer.benchmarks.packaged import load_set
from optimizer.benchmarks.schema import FIELDS, BenchmarkSet, Figure
from optimizer.language.names import TIERS

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "benchmarks.md"
PLACES = [
    ("instagram", "post"),
    ("instagram", "reel"),
    ("instagram", "story"),
    ("tiktok", None),
    ("youtube", None),
    ("facebook", None),
    ("x", None),
]


@pytest.fixture(scope="module")
def derived() -> BenchmarkSet:
    return derivation.derive()


@pytest.fixture(scope="module")
def packaged() -> BenchmarkSet:
    return load_set("global-2025")


def row(low=None, typical=None, high=None, **parts) -> Row:
    defaults = {
        "metric": "cost_per_post", "tier": "nano", "platform": "instagram", "format": "post",
        "unit": "USD per post", "as_of": "2024", "publisher": "A", "note": "",
    }  # fmt: skip
    return Row(low=low, typical=typical, high=high, **(defaults | parts))


# --- the source table


def test_source_table_is_whole_and_the_exclusions_are_these():
    why = Counter(row.left_out for row in source_rows())
    assert why == {
        None: 540, "low quality": 45, "computed": 33, "not measured": 29, "template": 11,
        "outlier": 3, "repeat": 2, "other tiers": 2,
    }  # fmt: skip
    assert sum("LOW QUALITY" in row.note for row in source_rows()) == 43  # 2 more say it in small letters


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("LOW QUALITY: no sources", "low quality"),
        ("100k-1M; low quality", "low quality"),
        ("COMPUTED from the file", "computed"),
        ("median of the printed values, computed", None),
        ("content-farm style page", "template"),
        ("calculator assumptions, not measured", "not measured"),
        ("about 20; OUTLIER", "outlier"),
        ("no sample", None),
    ],
)
def test_why_a_row_is_left_out(note, reason):
    assert row(typical=1, note=note).left_out == reason


def test_rows_left_out_reach_no_median():
    bad = {row.source for row in source_rows() if row.left_out and "GitHub" in row.publisher}
    used = [source for f in derivation.derive().figures if f.kind == "benchmark" for source in f.sources]
    assert "bp-influence about 2026" in bad
    assert not bad & set(used)


def test_only_dollars_per_post_are_prices():
    fees = READINGS[0]
    counts = counted(fees, source_rows())
    assert {row.unit for row in counts} == {"USD per post", "USD per video", "USD per story"}
    assert not [row for row in counts if row.publisher.startswith("DeRev")]  # the euro rate cards
    assert (
        counted(fees, [row(10, None, 100, unit=unit) for unit in ("EUR per post", "USD per payment")]) == []
    )


@pytest.mark.parametrize(
    ("platform", "unit", "counts"),
    [
        ("instagram", "percent of followers", True),
        ("instagram", "percent", True),
        ("instagram", "percent of impressions", False),
        ("tiktok", "percent of views", True),
        ("tiktok", "percent", False),
        ("tiktok", "percent of followers", False),
        ("youtube", "percent", True),
        ("youtube", "percent of followers", False),
        ("facebook", "percent of reach", False),
    ],
)
def test_engagement_rates_of_two_bases_never_meet(platform, unit, counts):
    rates = next(reading for reading in READINGS if reading.field == "engagement_rate")
    format = "video" if platform in ("tiktok", "youtube") else "post"
    one = row(typical=3, metric="engagement_rate", platform=platform, unit=unit, format=format)
    assert bool(counted(rates, [one])) is counts


def test_what_a_row_says():
    assert row(10, None, 1000).triple == (10, 100, 1000)  # midpoint of factors
    assert row(10, None, None).triple == (10, None, None)  # open-ended
    assert row(800, 2300, None).triple == (None, 2300, None)  # a median beside a mean is no range
    assert row(typical=1, as_of="", note="source undated, about 2019 by context").source == "A about 2019"
    assert row(typical=1, publisher="HypeAuditor (via ION)").source == "HypeAuditor 2024"


# --- the derivation


def test_the_packaged_file_is_what_the_code_derives(derived, packaged):
    assert packaged == derived
    assert derivation.PACKAGED.read_text(encoding="utf-8") == derivation.as_yaml(derived)
    assert derivation.QUICK.read_text(encoding="utf-8") == derivation.as_json(derived)
    assert load_set(str(derivation.PACKAGED)) == load_set("global-2025") == derived


def test_summary_of_a_cell():
    # lows 10, 20 -> sqrt(200); typicals 20, 40, 80 -> 40; highs 40, 80 -> sqrt(3200)
    low, typical, high, assumed = derivation.summarize([(10, 20, 40), (20, 40, 80), (None, 80, None)])
    assert (low, typical, high) == pytest.approx((math.sqrt(200), 40, math.sqrt(3200)))
    assert not assumed
    # sources that disagree widen the range beyond what each calls ordinary: quartiles of 1, 10, 100
    low, _, high, _ = derivation.summarize([(0.9, 1, 1.1), (9, 10, 11), (90, 100, 110)])
    assert (low, high) == pytest.approx((math.sqrt(10), math.sqrt(1000)))
    assert derivation.summarize([(None, 5, None)]) == pytest.approx((2.5, 5, 10, True))
    # open-ended prices count for low only
    low, typical, high, assumed = derivation.summarize([(10, None, None), (None, 50, None)])
    assert (low, typical, high, assumed) == (pytest.approx(10), pytest.approx(50), pytest.approx(100), True)


def test_fee_of_a_nano_post_on_instagram_by_hand(packaged):
    # Word on the Block, A Little Class, Nubtle, GetHyped: 10-100 each; GetHyped later 20-200; IIDB 50-250;
    # Hootsuite 25-150; Klear 41; Harvard Business Review 50
    middles = sorted(
        [*[math.sqrt(10 * 100)] * 4, math.sqrt(20 * 200), math.sqrt(50 * 250), math.sqrt(25 * 150), 41, 50]
    )
    assert middles[4] == 41
    figure = packaged.lookup("cost_per_post", "nano", "instagram", "post")
    assert (figure.low, figure.typical, figure.high) == (
        10,
        41,
        100,
    )  # lows 10 10 10 10 20 25 50; highs 100 x4 150 200 250
    assert (figure.figures, len(figure.publishers), figure.years) == (9, 8, "2019-2026")
    assert figure.origin_text == "benchmark: median of 9 figures from 8 publishers, 2019-2026"
    assert figure.citation == "IIDB 2026, Harvard Business Review 2024 and 7 more"


def test_engagement_rate_of_a_mega_video_on_tiktok_by_hand(packaged):
    # of views: Untapper 1-2, TikTraining 2-3, KOLens 1.5-3.5, Captiv8 4.95
    # the middle two are sqrt(1.5 * 3.5) and sqrt(2 * 3)
    middle = math.sqrt(math.sqrt(1.5 * 3.5) * math.sqrt(2 * 3))
    figure = packaged.lookup("engagement_rate", "mega", "tiktok")
    assert figure.typical == pytest.approx(middle / 100, rel=5e-3)
    assert (figure.low, figure.high) == pytest.approx((0.015, 0.03))
    assert (figure.base, figure.figures) == ("impressions", 4)


def test_mix_of_a_reel_by_hand(packaged):
    # likes 1,541, comments 54, saves 194 of 2,009 engagements; the rest is shares
    mix = [
        packaged.lookup(f"engagement_mix.{kind}", None, "instagram", "reel").typical
        for kind in derivation.MIX_KINDS
    ]
    assert mix == pytest.approx([1541 / 2009, 54 / 2009, 220 / 2009, 194 / 2009], abs=1e-4)


@pytest.mark.parametrize(("platform", "format"), PLACES)
@pytest.mark.parametrize("tier", TIERS)
def test_every_field_of_every_place_is_filled(packaged, tier, platform, format):
    have = packaged.fill(tier, platform, format)
    assert set(have) == set(FIELDS)
    for figure in have.values():
        assert 0 <= figure.low <= figure.typical <= figure.high
        assert figure.note if figure.kind == "assumption" else figure.sources and figure.figures
    mix = [have[f"engagement_mix.{kind}"] for kind in derivation.MIX_KINDS]
    assert sum(figure.typical for figure in mix) == pytest.approx(1, abs=1e-9)
    assert len({figure.key[1:] for figure in mix}) == 1  # all four from one place
    assert have["engagement_rate"].base == (
        "impressions" if platform in ("tiktok", "youtube") or format == "story" else "followers"
    )


@pytest.mark.parametrize(("platform", "format"), PLACES)
def test_larger_creators_cost_more_and_take_more_hours_but_fewer_per_follower(packaged, platform, format):
    have = [packaged.fill(tier, platform, format) for tier in TIERS]
    for small, large in pairwise(have):
        for field in ("followers", "cost_per_post", "hours_per_creator", "hours_per_post"):
            assert small[field].typical < large[field].typical
        assert small["engagement_rate"].typical >= large["engagement_rate"].typical
        per_follower = [one["hours_per_creator"].typical / one["followers"].typical for one in (small, large)]
        assert per_follower[0] > per_follower[1]


def test_micro_hours_meet_the_published_ones(packaged):
    # 14 hours per micro creator a year and 10-20 by hand: 8 + 2 a post is 10 with one post, 14 with three
    have = packaged.fill("micro", "instagram")
    hours = [have["hours_per_creator"].typical + posts * have["hours_per_post"].typical for posts in (1, 3)]
    assert hours == [10, 14]


def test_a_lone_figure_gives_way_to_an_assumption_and_two_do_not(tmp_path):
    assumed = tmp_path / "assumptions.yaml"
    assumed.write_text(
        "- {field: cost_per_post, platform: instagram, format: post, note: why,"
        " values: {nano: [1, 2, 3], micro: [1, 2, 3], macro: [1, 2, 3]}}",
        encoding="utf-8",
    )
    rows = [row(typical=50), row(typical=60, tier="micro"), row(typical=60, tier="micro", publisher="B")]
    made = derivation.derive(rows, assumed)
    found = {f.tier: (f.kind, f.typical) for f in made.figures}
    assert found == {"nano": ("assumption", 2), "micro": ("benchmark", 60), "macro": ("assumption", 2)}
    assert made.lookup("cost_per_post", "nano", "instagram").origin_text == "assumption: why"


def test_an_assumption_on_nothing_is_refused(tmp_path):
    assumed = tmp_path / "assumptions.yaml"
    assumed.write_text(
        "- {field: cost_per_post, platform: x, times: [1, 1, 1], of: {platform: instagram}, note: why}",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="refers to cost_per_post of nano on instagram, which has no figure"):
        derivation.derive([], assumed)


def test_anchors_of_assumptions_stand_in_the_source_table(packaged):
    known = {row.source for row in source_rows()}
    named = {source for figure in packaged.figures for source in figure.sources}
    assert named - known == set()


# --- lookup


def figure(typical, **parts) -> Figure:
    return Figure(**{"field": "cost_per_post", "typical": typical, **parts})


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
        some = BenchmarkSet(name="s", as_of="2026", figures=tuple(reversed(layers[first:])))
        assert some.lookup("cost_per_post", "nano", "instagram", "reel").typical == first + 1
    full = BenchmarkSet(name="s", as_of="2026", figures=tuple(layers))
    assert full.lookup("cost_per_post", "nano", "instagram").typical == 2  # a post, not the reel
    assert full.lookup("cost_per_post", "Nano", "Instagram", "Reel").typical == 1
    assert full.lookup("cost_per_post", "nano", "snapchat").typical == 4
    assert full.lookup("cost_per_post", None, "instagram", "story").typical == 5
    assert full.lookup("cost_per_post", None, None).typical == 6
    assert full.lookup("reach_rate", "nano", "instagram") is None


def test_no_format_means_the_usual_one(packaged):
    for platform, format in [("instagram", "post"), ("tiktok", "video"), ("youtube", "video"), ("x", "post")]:
        assert packaged.lookup("cost_per_post", "macro", platform) == packaged.lookup(
            "cost_per_post", "macro", platform, format
        )
    assert packaged.lookup("reach_rate", "nano", "snapchat") is None


# --- the page


def test_tables_of_the_page_are_current(packaged):
    page = PAGE.read_text(encoding="utf-8")
    assert refresh(page, packaged) == page, "run: python -m optimizer.benchmarks.making docs"
    assert page.count("<!-- table:") == 4


def test_cross_check_on_the_page_shows_the_set(packaged):
    rows = re.findall(
        r"^\| (\w+) \| ([\d,]+) \| [\d,-]+ \| ([\d.]+) % \| [\d.]+ % \| ([\d.]+) %",
        PAGE.read_text(encoding="utf-8"),
        re.M,
    )
    assert [tier for tier, *_ in rows] == list(TIERS)
    for tier, fee, engagement, reach in rows:
        have = packaged.fill(tier, "instagram")
        assert float(fee.replace(",", "")) == have["cost_per_post"].typical
        assert float(engagement) == pytest.approx(have["engagement_rate"].typical * 100)
        assert float(reach) == pytest.approx(have["reach_rate"].typical * 100)


def test_implied_prices():
    have = {
        "followers": figure(10_000, field="followers"), "cost_per_post": figure(100),
        "reach_rate": figure(0.2, field="reach_rate"),
        "engagement_rate": figure(0.05, field="engagement_rate", base="impressions"),
    }  # fmt: skip
    assert implied_cpm(have) == pytest.approx(50)  # 100 for 2,000 people
    assert implied_cpe(have) == pytest.approx(1)  # 5 % of 2,000
    have["engagement_rate"] = figure(0.05, field="engagement_rate", base="followers")
    assert implied_cpe(have) == pytest.approx(0.2)  # 5 % of 10,000
