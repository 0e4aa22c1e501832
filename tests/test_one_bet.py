"""The story of one bet or many: its table, the difference that a confidence makes, and its cases drawn a second way."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from statistics import NormalDist, quantiles

import pytest

from optimizer import Plan
from optimizer.benchmarks.correlation import CORRELATION
from optimizer.benchmarks.lookup import Place, benchmarks_of
from optimizer.program.draws import DRAWS
from optimizer.scenario.scenario import SURE_GAP
from optimizer.solve import calibrate, dependable, verify_sure
from tests.stories import FOLDER, booked, plan, story
from tests.story_numbers import (
    CHEAPER,
    HER_OWN,
    HER_RATE,
    HER_SPREAD,
    SURE,
    SURE_120,
    SURE_200,
    D,
    drawn,
    line_share,
    numbers,
    rows,
    total,
)

TENTH = NormalDist().inv_cdf(0.9)
CASES = 8_000


def test_the_dependable_plan_promises_at_least_a_tenth_more_than_the_one_best_by_typical_numbers() -> None:
    assert drawn("p10")(plan(D, *SURE)) >= 1.1 * drawn("p10")(plan(D))
    assert plan(D).totals.engagements > plan(D, *SURE).totals.engagements
    assert plan(D).status == plan(D, *SURE).status == "optimal"


def test_the_table_says_what_the_plans_may_come_to() -> None:
    told = rows(D, "plan        ", 4)
    for row, changes in zip(told, ((), SURE, SURE_200, SURE_120), strict=True):
        found = plan(D, *changes)
        numbers = [total("hours"), total("engagements"), drawn("p10"), drawn("p50"), drawn("p90")]
        for number, of, rounding in zip(row, numbers, (0.5, 0.5, 50, 50, 50), strict=True):
            assert of(found) == pytest.approx(number, abs=rounding)


def test_the_middle_case_is_that_of_many_and_good_luck_is_the_stars() -> None:
    star, many = plan(D), plan(D, *SURE)
    assert drawn("p50")(many) > 1.2 * drawn("p50")(star)
    assert drawn("p90")(star) > 1.2 * drawn("p90")(many)
    assert 1.9 < drawn("p10")(many) / drawn("p10")(star) < 2.1


def test_the_star_is_left_out_whatever_the_hours_until_she_is_known() -> None:
    for hours in (82, 120, 200):
        assert booked(plan(D, *SURE, f"effort_hours={hours}"), "the star") == 0
    assert booked(plan(D, *SURE, *HER_OWN, "effort_hours=120"), "the star") == 1


def test_thirty_one_at_380_promise_more_than_thirty_and_are_not_more_hours_than_there_are() -> None:
    found = plan(D, *CHEAPER)
    assert drawn("p10")(found) > drawn("p10")(plan(D, *SURE))
    assert found.totals.hours <= 300


def test_the_fees_of_the_benchmark_set_are_those_the_story_compares_its_quotes_with() -> None:
    told = " ".join(story(D))
    for tier, followers, quote, usual in (("macro", 420_000, 9_500, 4_540), ("micro", 18_000, 400, 296)):
        place = Place(tier, "instagram", "reel", followers, "US")
        found = benchmarks_of("global-2026").figure("cost_per_post", place)
        assert found is not None
        assert found.figure.typical == pytest.approx(usual, rel=0.005)
        assert f"{usual:,}" in told
        assert f"{quote:,}" in told
        assert quote / usual == pytest.approx({"macro": 2, "micro": 4 / 3}[tier], rel=0.05)


# --- drawn a second way, one case and one creator after the other ------------------------------------------


def cases(found: Plan, seed: int) -> list[float]:
    """Engagements of a plan in drawn cases, from its JSON alone; the same luck for every plan of a seed."""
    known = {(each.offer, each.field): (each.low, each.value, each.high) for each in found.assumptions}
    return [case(found, known, f"{seed} {number}") for number in range(CASES)]


def case(found: Plan, known: Mapping[tuple[str, str], Sequence[float | None]], name: str) -> float:
    # The offers share market and platform (30 and 20 % of the variance), and their tier (10 %) only with their own.
    rng = random.Random(name)
    common = {field: rng.gauss(0, 1) for field in ("engagement_rate", "authentic", "completion")}
    total = 0.0
    for line in found.lines:
        own = random.Random(f"{name} {line.offer}")
        shares = {}
        for field, shared in common.items():
            z = math.sqrt(0.5) * shared + math.sqrt(0.5) * own.gauss(0, 1)
            shares[field] = share(known[line.offer, field], z)
        followers, spread, post_spread = (
            known[line.offer, field][1] or 0.0 for field in ("followers", "spread", "post_spread")
        )
        posted = followers * shares["engagement_rate"] * shares["authentic"]
        for _ in range(round(line.creators)):
            if own.random() < shares["completion"]:
                total += posted * math.prod(math.exp(own.gauss(-s * s / 2, s)) for s in (spread, post_spread))
    return total


def share(number: Sequence[float | None], z: float) -> float:
    """A share at z, whose low and high are its 10th and 90th percentile: straight in log odds on each side."""
    low, typical, high = (math.log(each / (1 - each)) for each in number if each is not None)
    odds = math.exp(typical + abs(z) / TENTH * ((high if z > 0 else low) - typical))
    return odds / (1 + odds)


@pytest.mark.parametrize(
    "changes", [(), SURE, SURE_200, HER_OWN], ids=["star", "thirty", "200 hours", "known"]
)
def test_a_second_sampler_agrees(changes: tuple[str, ...]) -> None:
    found = plan(D, *changes)
    tenths = quantiles(cases(found, seed=7), n=10)
    for percentile, theirs, off in (
        ("p10", tenths[0], 0.06),
        ("p50", tenths[4], 0.05),
        ("p90", tenths[8], 0.06),
    ):
        assert drawn(percentile)(found) == pytest.approx(theirs, rel=off), percentile


# --- what the pages say of it ------------------------------------------------------------------------------


def page(name: str) -> str:
    return (FOLDER.parent / "docs" / f"{name}.md").read_text(encoding="utf-8")


def cells(text: str, first: str) -> list[float]:
    """The numbers of a table's row, by its first cell."""
    (row,) = (line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return numbers(row.removeprefix(f"| {first} |"))


def test_the_how_to_says_in_words_what_its_outputs_show() -> None:
    text, star, many = " ".join(page("how-to/one-star-or-thirty").split()), plan(D), plan(D, *SURE)
    assert "one person takes 80 % of the money" in text
    assert line_share("cost", "the star")(star) == pytest.approx(0.8, abs=0.005)
    assert "anything from 2,390 to 24,300" in text
    assert (drawn("p10")(star), drawn("p90")(star)) == pytest.approx((2_390, 24_300), rel=0.002)
    assert "(73 % of the variance of the star's plan, 19 % here)" in text
    assert "4,700 instead of 2,390 in nine of ten cases" in text
    assert "they win in 62 % of the cases" in text
    wins = sum(m > s for m, s in zip(cases(many, seed=8), cases(star, seed=8), strict=True)) / CASES
    assert wins == pytest.approx(0.62, abs=0.015)
    assert "no plan with another mix has a mean less 1.08 standard deviations that is 0.1 % better" in text
    assert many.objective.k == pytest.approx(1.08, abs=0.005)
    assert many.objective.gap is not None
    assert many.objective.gap <= 0.001


def test_the_how_to_says_what_each_answer_of_the_agency_is_worth() -> None:
    text = " ".join(page("how-to/one-star-or-thirty").split())
    for words, changes in {
        "A narrower rate alone would not do (she stays above 2,964 in nine of ten cases)": HER_RATE,
        "neither would the smaller spread alone (3,431)": HER_SPREAD,
        "the thirty promise 5,667": (
            *SURE,
            "offers.micro creators.engagement_rate=[2.5%, 3%, 3.6%]",
        ),
    }.items():
        assert words in text
        assert f"{drawn('p10')(plan(D, *changes)):,.0f}" in words
    for spread, factor in ((0.8, 2.8), (0.2, 1.3)):
        assert math.exp(TENTH * spread) == pytest.approx(factor, abs=0.05)


def expected(found: Plan, offer: str, field: str, power: int) -> float:
    """E[share^power], by summing over the normal distribution."""
    (each,) = (a for a in found.assumptions if (a.offer, a.field) == (offer, field))
    points = [i / 200 for i in range(-1600, 1601)]
    weights = [math.exp(-z * z / 2) for z in points]
    values = [share((each.low, each.value, each.high), z) ** power for z in points]
    return sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights)


def test_mean_and_deviation_of_the_explanation_are_those_of_its_formulas() -> None:
    text = page("explanation/dependable")
    found, varying = plan(D), ("engagement_rate", "authentic", "completion")
    of = {}
    for offer, followers in (("the star", 420_000), ("micro creators", 18_000)):
        rate, real, there = (expected(found, offer, field, 1) for field in varying)
        rate2, real2, there2 = (expected(found, offer, field, 2) for field in varying)
        mean = followers * rate * real * there
        common = followers**2 * (rate2 * real2 * there2) - mean**2
        own = followers**2 * rate2 * real2 * (there * math.exp(0.8**2 + 0.3**2) - there2)
        assert cells(text, offer) == pytest.approx([mean, math.sqrt(common), math.sqrt(own)], rel=2e-4)
        of[offer] = mean, common, own
    mean, common, own = of["micro creators"]
    sd = math.sqrt(900 * common + 30 * own)
    goal = plan(D, *SURE).objective
    assert (goal.mean, goal.sd) == pytest.approx((30 * mean, sd), rel=2e-4)
    assert goal.k is not None
    assert (30 * mean, sd, goal.k) == pytest.approx((10_454, 5_324, 1.080), rel=3e-4)
    assert math.sqrt(common + own) / mean == pytest.approx(1.34, abs=0.005)
    assert sd / (30 * mean) == pytest.approx(0.51, abs=0.005)
    assert math.sqrt(common) / mean == pytest.approx(0.455, abs=5e-4)
    assert 30 * mean - NormalDist().inv_cdf(0.9) * sd == pytest.approx(3_630, abs=3)
    # The star and six: the same numbers of the two offers have half of their variance in common, so what the two
    # share is more than what each has by itself; the page says how much in all.
    assert drawn("p10")(found) == pytest.approx(11_568 - 0.650 * 14_126, abs=10)
    assert 11_568 - NormalDist().inv_cdf(0.9) * 14_126 == pytest.approx(-6_536, abs=3)


def test_the_star_at_4_500_is_the_lopsided_plan_of_the_explanation() -> None:
    found = plan(D, *SURE, "offers.the star.cost_per_post=4_500")
    goal, many = found.objective, plan(D, *SURE).objective
    assert found.status == "optimal"
    assert goal.k is not None
    assert goal.drawn_k is not None
    assert goal.mean is not None
    assert goal.sd is not None
    assert goal.bound is not None
    assert many.mean is not None
    assert many.sd is not None
    assert goal.value > 1.05 * many.value
    assert goal.value == pytest.approx(goal.mean - goal.drawn_k * goal.sd, rel=1e-6)
    told = " ".join(page("explanation/dependable").split())
    for k, shown in ((goal.drawn_k, f"{goal.drawn_k:.3f}"), (goal.k, f"{goal.k:.4f}")):
        assert f"k = {shown}" in told
        assert f"10,454 - {shown} × 5,324 = {many.mean - k * many.sd:,.0f}" in told
    assert (
        many.mean - goal.drawn_k * many.sd > goal.mean - goal.drawn_k * goal.sd
    )  # by her k the thirty are ahead
    assert f"15,749 - {goal.k:.4f} × 14,827 = {goal.mean - goal.k * goal.sd:,.0f}" in told
    assert goal.mean - goal.k * goal.sd <= goal.bound


def test_the_explanation_has_the_numbers_of_the_code() -> None:
    told = " ".join(page("explanation/dependable").split())
    for words in (
        f"each end {dependable.RATIO} times the one before, {dependable.INTERVALS} of them",
        "also with {:g}, {}, {} and {} of it".format(*calibrate.SHARES),
        f"roughly ({calibrate.ROUGH:.0%}), draw each plan".replace("%", " %"),
        f"by more than {calibrate.CLEARLY:.0%}, the k".replace("%", " %"),
        {3: "three"}[calibrate.MOST_RIVALS] + " of them at most",
        "halves " + {4: "four"}[calibrate.HALVINGS] + " times",
        f"take {calibrate.MOVED:.0%} (of k, or of {calibrate.SMALL_K}".replace("%", " %"),
        {5: "five"}[calibrate.ROUNDS] + " times at most",
        f"{DRAWS:,} drawn cases",
        f"{SURE_GAP:.1%} unless".replace("%", " %"),
        f"of more than {verify_sure.CLOSE:.2%} refuses".replace("%", " %"),
        *(
            f"{strength.share:.0%} by {name}".replace("%", " %")
            for name, strength in CORRELATION.items()
            if name != "market"
        ),
    ):
        assert words in told, words
    ratio = dependable.RATIO
    chord = 1 - 2 * ratio**0.25 / (
        1 + ratio**0.5
    )  # farthest below the root at the geometric middle of the ends
    assert 0.0015 < chord < 0.0016
