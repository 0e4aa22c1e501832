"""The fitted benchmark model: source table, observations, the estimator against known answers, what the curves say."""

from __future__ import annotations

import json
import math
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from optimizer.benchmarks.lookup import Benchmarks, Place, benchmarks_of
from optimizer.benchmarks.making import source
from optimizer.benchmarks.making.compose import FIELDS, PACKAGED, as_json, compose, fingerprint, our_formats
from optimizer.benchmarks.making.fit import Variances, fit
from optimizer.benchmarks.making.observations import PLATFORMS, Observation, curve, observations
from optimizer.benchmarks.making.prices import price_level
from optimizer.benchmarks.making.quality import BOOKED_CPM, SIZES, implied_cpm
from optimizer.benchmarks.making.source import Row, source_rows
from optimizer.benchmarks.making.stated import stated
from optimizer.benchmarks.packaged import load_set
from optimizer.benchmarks.schema import BenchmarkSet
from optimizer.language.countries import COUNTRIES
from tests.pinned import QUALITY

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="module")
def packaged() -> BenchmarkSet:
    return load_set("global-2026")


@pytest.fixture(scope="module")
def sets(packaged: BenchmarkSet) -> Benchmarks:
    return Benchmarks(packaged)


def row(**parts: object) -> Row:
    defaults = {
        "line": 2, "metric": "cost_per_post", "tier": "", "follower_low": 10_000.0, "follower_high": 1_000_000.0,
        "platform": "instagram", "format": "post", "low": None, "typical": None, "high": None,
        "unit": "USD per post", "currency": "USD", "country": "", "year": 2025, "dated": "", "publisher": "A",
        "evidence": "rate card", "accounts": "", "left_out": "", "note": "",
    }  # fmt: skip
    return Row(**(defaults | parts))  # type: ignore[arg-type]


def observed(**parts: object) -> Observation:
    (one,) = observations([row(**parts)], stated())
    return one


# --- the source table


def test_source_table_is_whole():
    why = Counter(each.left_out for each in source_rows())
    assert why == {
        "": 775, "selected": 56, "other unit": 3, "low quality": 45, "not measured": 29, "template": 11, "repeat": 6, "outlier": 3,
    }  # fmt: skip
    for each in source_rows():
        if each.follower_low is not None and each.follower_high is not None:
            assert each.follower_low <= each.follower_high


@pytest.mark.skipif(not SHARED.exists(), reason="the tables of figures are not beside the project")
def test_every_row_of_both_tables_is_carried():
    import csv

    ours = Counter((r.metric, r.publisher, r.low, r.typical, r.high) for r in source_rows())
    theirs: Counter[tuple[object, ...]] = Counter()
    for name in ("benchmarks.csv", "benchmarks-more.csv"):
        with (SHARED / name).open(encoding="utf-8", newline="") as lines:
            for record in csv.DictReader(lines):
                numbers = [float(record[n]) if record[n] else None for n in ("low", "typical", "high")]
                theirs[(record["metric"], record["publisher"], *numbers)] += 1
    assert ours == theirs


def test_what_a_row_says():
    assert row(low=10.0, high=1000.0).middle == pytest.approx(100)
    assert row(low=10.0, typical=20.0, high=1000.0).middle == 20
    assert row(low=10.0).middle is None
    assert row().size == pytest.approx(0)  # 10k to 1M: 100k in the middle
    assert row(follower_low=1e6, follower_high=None).size == pytest.approx(1.5)  # an open band: up to 10M
    assert row(follower_low=0.0, follower_high=1e4).size == pytest.approx(-1.5)
    assert row(follower_low=None, follower_high=None).size is None
    assert row(currency="EUR", year=2021).dollars(84.5) == pytest.approx(100)
    assert row(currency="JPY", year=None).dollars(150) == pytest.approx(1)
    assert row(publisher="Klear (via Econsultancy)", year=2019).source == "Klear 2019"
    assert row(dated="about").source == "A about 2025"


# --- rows as observations


def test_a_fee_is_one_of_level_and_slope():
    one = observed(typical=500.0, follower_low=1e6, follower_high=1e6)
    assert (one.kind, one.size, one.value) == ("fee", 1.0, pytest.approx(math.log10(500)))
    assert one.coefficients == {
        "fee": 1.0, "fee/": 1.0, "fee@instagram": 1.0, "fee/@instagram": 1.0, "asked": 0.5,
    }  # fmt: skip


def test_prices_of_followers_open_prices_and_prices_that_are_none_of_a_post():
    rule = observed(metric="cost_per_1k_followers", typical=10.0, unit="USD per 1,000 followers")
    assert (10**rule.value, rule.size) == (pytest.approx(1000), 0.0)
    border = observed(low=10_000.0, follower_low=1e6, follower_high=None)
    assert (10**border.value, border.size) == (pytest.approx(10_000), pytest.approx(1.0))
    assert border.variance == 2 * observed(typical=5.0).variance
    assert observations([row(typical=5.0, unit="USD per payment"), row(low=0.0, high=9.0)], stated()) == []


def test_cpm_and_cpe_are_identities_of_the_curves():
    cpm = observed(metric="cpm", typical=40.0, unit="USD per 1000 impressions")
    assert cpm.value == pytest.approx(math.log10(40) - 3 + 5)  # fee / reach rate at 100,000 followers
    assert (cpm.coefficients["fee"], cpm.coefficients["reach"], cpm.coefficients["cpm quoted"]) == (1, -1, 1)
    booked = observed(metric="cpm", typical=40.0, evidence="transaction")
    assert "cpm quoted" not in booked.coefficients
    cpe = observed(metric="cpe", typical=0.4, platform="tiktok", format="video", unit="USD per engagement")
    assert (cpe.coefficients["engagement"], cpe.coefficients["reach"]) == (-1, -1)  # rates there are of views


@pytest.mark.parametrize(
    ("platform", "unit", "reach"),
    [
        ("instagram", "percent of followers", None),
        ("instagram", "percent", None),
        ("instagram", "percent of impressions", -1),
        ("tiktok", "percent of views", None),
        ("tiktok", "percent of followers", 1),
    ],
)
def test_engagement_rates_of_two_bases_meet_through_reach(platform, unit, reach):
    format = "video" if platform == "tiktok" else "post"
    one = observed(metric="engagement_rate", typical=3.0, unit=unit, platform=platform, format=format)
    assert one.value == pytest.approx(math.log10(0.03))
    assert one.coefficients.get("reach") == reach


def test_rows_left_out_and_unknown_formats_are_no_observations():
    rows = [
        row(typical=5.0, left_out="outlier"),
        row(typical=5.0, format="UGC"),
        row(typical=5.0, platform="vk"),
    ]
    assert observations(rows, stated()) == []


def test_country_and_price_level():
    one = observed(typical=100.0, country="India", currency="INR", year=2025)
    assert one.coefficients["fee #India"] == 1
    assert one.coefficients["fee price level"] == pytest.approx(math.log10(price_level("India")))
    assert "fee #USA" not in observed(typical=100.0, country="USA").coefficients


# --- the estimator


def synthetic(
    slope: float, level: float, publishers: dict[str, float], noise: float = 0.0
) -> list[Observation]:
    rng = np.random.default_rng(1)
    found = []
    for name, shift in publishers.items():
        for size in (-1.5, -0.5, 0.5, 1.5):
            parts = {"fee": 1.0, "fee/": size}
            value = level + slope * size + shift + noise * rng.standard_normal()
            found.append(Observation(row(publisher=name), "fee", value, parts, size, 1.0))
    return found


KNOWN = {"fee": Variances(0.2, 0.05, 0.1), "cpm": Variances(1, 1, 1), "cpe": Variances(1, 1, 1)}


def test_the_fit_finds_a_line_it_was_made_from():
    fitted = fit(synthetic(0.8, 3.0, {"A": 0.0, "B": 0.0, "C": 0.0}), stated(), variances=KNOWN)
    assert dict(zip(fitted.names, fitted.mean, strict=True)) == pytest.approx(
        {"fee": 3.0, "fee/": 0.8}, abs=1e-3
    )


def test_two_publishers_by_hand():
    """Two publishers with one row each at size 0, levels 0 and 1: by symmetry the level lies in the middle; the
    variance is half of tau^2 x tail weight + sigma^2, as of a mean of two."""
    rows = [
        Observation(row(publisher=name), "fee", value, {"fee": 1.0}, 0.0, 1.0)
        for name, value in (("A", 0.0), ("B", 1.0))
    ]
    fitted = fit(
        rows, stated(), variances={**KNOWN, "fee": Variances(10.0, 0.05, 10.0)}
    )  # nothing is an outlier
    assert fitted.mean[0] == pytest.approx(0.5, abs=1e-3)
    tails = 4 / 5  # (nu + z^2) / (nu + 1) with z near 0 widens nothing: the weight is 5/4
    assert fitted.covariance[0, 0] == pytest.approx(tails * (100 + 100) / 2, rel=0.01)


def test_many_rows_of_one_publisher_speak_once():
    loud = (
        synthetic(0.8, 3.0, {"A": 0.0, "B": 0.0}) + synthetic(0.8, 3.3, {f"C{i}": 0.0 for i in range(1)}) * 5
    )
    fitted = fit(loud, stated(), variances=KNOWN)
    assert (
        3.0 < fitted.mean[0] < 3.17
    )  # 20 rows of C against 8 do not pull the level beyond a third and a bit


def test_an_outlying_publisher_counts_less_than_in_a_mean():
    fitted = fit(synthetic(0.8, 3.0, {"A": 0.0, "B": 0.0, "C": 0.0, "D": 3.0}), stated(), variances=KNOWN)
    assert fitted.mean[0] < 3.25  # the mean of publishers would be 3.75


def test_variances_are_found_from_the_rows():
    shifts = dict(zip("ABCDEFGHIJKLMNOP", np.random.default_rng(2).normal(0, 0.3, 16), strict=True))
    fitted = fit(synthetic(0.8, 3.0, shifts, noise=0.1), stated())
    assert 0.15 < fitted.variances["fee"].level < 0.45
    assert 0.05 < fitted.variances["fee"].row < 0.15


def test_weights_of_observations_add_up_and_favour_the_surer_row():
    rows = synthetic(0.8, 3.0, {"A": 0.0, "B": 0.0})
    rows[0] = Observation(rows[0].row, "fee", rows[0].value, rows[0].coefficients, rows[0].size, 100.0)
    weights = fit(rows, stated(), variances=KNOWN).weights({"fee": 1.0})
    assert weights.sum() == pytest.approx(1)
    assert weights[0] < weights[3] / 5  # both at the end of a publisher's line


# --- the packaged set


def test_the_packaged_file_is_what_the_code_makes(packaged):
    made = json.loads(PACKAGED.read_text(encoding="utf-8"))["made"]
    again = compose(made["widenings"], made["quality"])
    assert_alike(again.model_dump(mode="json"), packaged.model_dump(mode="json"), "")
    assert as_json(packaged) == PACKAGED.read_text(encoding="utf-8"), "run: make benchmarks"


def assert_alike(ours: Any, theirs: Any, at: str) -> None:
    """Equal but for the last digits, which differ between versions of numpy and processors."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), at
        for key in ours:
            assert_alike(ours[key], theirs[key], f"{at}.{key}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), at
        for position, pair in enumerate(zip(ours, theirs, strict=True)):
            assert_alike(*pair, f"{at}[{position}]")
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=2e-3, abs=2e-3), at
    else:
        assert ours == theirs, at


def test_held_out_quality_is_current_and_pinned(packaged):
    quality = packaged.made["quality"]
    assert quality["rests_on"] == fingerprint(), "run: make benchmarks"
    assert {"measured_on": quality["measured_on"], "held_out": quality["held_out"]} == QUALITY


def test_fees_are_far_better_than_cell_medians_and_rates_no_worse(packaged):
    held = packaged.made["quality"]["held_out"]
    assert held["fee"]["same_rows_factor_error"] < 0.8 * held["fee"]["cell_median_factor_error"]
    for kind in ("reach", "engagement"):
        assert held[kind]["same_rows_factor_error"] < 1.05 * held[kind]["cell_median_factor_error"]
    for kind in ("fee", "reach", "engagement"):
        assert held[kind]["coverage"] >= 0.8
        assert held[kind]["median_factor_error"] < 2


@pytest.mark.parametrize("platform", PLATFORMS)
def test_common_sense_of_every_curve(sets, platform):
    for format in our_formats(platform):
        places = [Place(None, platform, format, 10**power) for power in np.linspace(3, 7, 17)]
        for field, rises in (("cost_per_post", True), ("reach_rate", False), ("engagement_rate", False)):
            numbers = [sets.figure(field, place).figure for place in places]
            for small, large in pairwise(numbers):
                assert small.typical < large.typical if rises else small.typical >= large.typical
            for figure in numbers:
                assert 0 < figure.low < figure.typical < figure.high
                assert field == "cost_per_post" or figure.high <= 1


@pytest.mark.parametrize("platform", BOOKED_CPM)
@pytest.mark.parametrize("followers", SIZES)
def test_cpm_lies_within_a_factor_of_two_of_bookings(packaged, platform, followers):
    low, high = BOOKED_CPM[platform]
    assert low / 2 <= implied_cpm(packaged, platform, followers) <= 2 * high


def test_cost_per_engagement_rises_with_size_on_instagram_and_effort_falls(sets):
    from optimizer.benchmarks.answer import answer

    for format in ("post", "reel", "carousel"):
        implied = [
            answer(sets, Place(tier, "instagram", format)).implied for tier in ("nano", "micro", "macro")
        ]
        for small, large in pairwise(implied):
            assert small.cpe < large.cpe
            assert small.hours_per_1000_engagements > large.hours_per_1000_engagements


def test_the_fee_is_continuous_and_a_tiers_name_changes_nothing(sets):
    def fee(followers: float, tier: str | None = None) -> float:
        return sets.figure("cost_per_post", Place(tier, "instagram", "post", followers)).figure.typical

    assert fee(101_000) / fee(99_000) < 1.03
    assert fee(10_001) / fee(9_999) < 1.005
    assert {fee(40_000, tier) for tier in (None, "nano", "micro", "mega", "stars")} == {fee(40_000)}


def test_engagement_is_less_than_a_fifth_of_reach(sets):
    from optimizer.benchmarks.answer import answer

    for platform, formats in sets.platforms.items():
        for format in formats:
            for tier in ("nano", "micro", "mid", "macro", "mega"):
                assert answer(sets, Place(tier, platform, format)).implied.engagements_of_reach < 0.2


def test_countries_move_fees_only(sets, packaged):
    assert set(sets.countries) == set(COUNTRIES)
    for field in FIELDS:
        mix = sets.figure(field, Place(None, "instagram", "reel", 45_000)).figure
        india = sets.figure(field, Place(None, "instagram", "reel", 45_000, "IN")).figure
        if field == "cost_per_post":
            assert 0.2 < india.typical / mix.typical < 0.6
            assert india.high / india.low > mix.high / mix.low  # a country is not known surely
            assert "India x" in india.note
            assert "mix of countries" in mix.note
        else:
            assert india == mix
    by_code = {country.code: country for country in packaged.countries}
    assert (by_code["US"].factor, by_code["US"].kind) == (1.0, "benchmark")
    assert by_code["IN"].kind == "benchmark"
    assert by_code["FR"].kind == "assumption"
    assert by_code["FR"].sd > by_code["ES"].sd  # a rule is less sure than a comparison


def test_a_platform_without_figures_is_told_so_and_widely(sets):
    twitch = sets.figure("cost_per_post", Place(None, "twitch", None, 50_000)).figure
    instagram = sets.figure("cost_per_post", Place(None, "instagram", None, 50_000)).figure
    assert twitch.typical == instagram.typical
    assert twitch.high > instagram.high
    assert (twitch.kind, "no figures about this platform" in twitch.note) == ("assumption", True)


def test_spread_between_creators_is_kept_apart(sets):
    fee = sets.figure("cost_per_post", Place(None, "instagram", "post", 50_000)).figure
    low, high = fee.range_of_creators
    assert low < fee.low
    assert high > fee.high
    assert math.log(high / fee.typical) == pytest.approx(
        math.hypot(math.log(fee.high / fee.typical), 1.2816 * fee.spread), rel=0.01
    )


def test_every_field_of_every_place_is_filled(sets):
    for platform, formats in sets.platforms.items():
        for format in formats:
            have = sets.fill(Place("micro", platform, format, 31_600))
            assert set(have) == set(source_fields())
            for found in have.values():
                figure = found.figure
                assert 0 <= figure.low <= figure.typical <= figure.high
                assert figure.note if figure.kind == "assumption" else figure.sources
            mix = [
                found.figure.typical for field, found in have.items() if field.startswith("engagement_mix.")
            ]
            assert sum(mix) == pytest.approx(1, abs=2e-4)


def source_fields() -> list[str]:
    from optimizer.benchmarks.figures import FIELDS as EVERY

    return [field for field in EVERY if field != "followers"]


def test_sources_of_assumptions_stand_in_the_source_table(packaged):
    known = {each.source for each in source_rows()}
    named = {name for figure in packaged.figures for name in figure.sources}
    named |= {name for points in packaged.points for name in points.sources}
    named |= {name for c in packaged.curves for name, _ in c.sources}
    assert named - known == set()


def test_micro_hours_meet_the_published_ones(sets):
    # 14 hours per micro creator a year and 10-20 by hand: 8 + 2 a post is 10 with one post, 14 with three
    have = sets.fill(Place("micro", "instagram", None, 31_600))
    hours = [
        have["hours_per_creator"].figure.typical + n * have["hours_per_post"].figure.typical for n in (1, 3)
    ]
    assert hours == [10, 14]


def test_the_scenario_names_one_set():
    assert benchmarks_of("global-2026").name == "global-2026"
    assert source.CENTRE == 5
    assert curve("fee", "tiktok", None, 0.5)["fee/@tiktok"] == 0.5
