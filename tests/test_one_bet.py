"""The story of one bet or many: its table, the difference that a confidence makes, and its cases drawn a second way."""

from __future__ import annotations

import math
import random
from statistics import NormalDist, quantiles

import pytest

from optimizer import Plan
from optimizer.benchmarks.lookup import Place, benchmarks_of
from tests.stories import booked, plan, story
from tests.story_numbers import CHEAPER, HER_OWN, SURE, SURE_120, SURE_200, D, drawn, rows, total

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
    """Engagements of a plan in drawn cases, from its JSON alone: everything above followers varies."""
    numbers: dict[tuple[str, str], tuple[float, float, float]] = {}
    for each in found.assumptions:
        numbers[each.offer, each.field] = (each.low, each.value, each.high)
    rng = random.Random(seed)
    return [case(found, numbers, rng) for _ in range(CASES)]


def case(
    found: Plan, numbers: dict[tuple[str, str], tuple[float, float, float]], rng: random.Random
) -> float:
    # The offers share market and platform (30 and 20 % of the variance), and their tier (10 %) only with their own.
    common = {field: rng.gauss(0, 1) for field in ("engagement_rate", "authentic", "completion")}
    total = 0.0
    for line in found.lines:
        shares = {}
        for field, shared in common.items():
            z = math.sqrt(0.5) * shared + math.sqrt(0.5) * rng.gauss(0, 1)
            shares[field] = share(numbers[line.offer, field], z)
        posted = numbers[line.offer, "followers"][1] * shares["engagement_rate"] * shares["authentic"]
        spread = numbers[line.offer, "spread"][1], numbers[line.offer, "post_spread"][1]
        for _ in range(round(line.creators)):
            if rng.random() < shares["completion"]:
                total += posted * math.prod(math.exp(rng.gauss(-s * s / 2, s)) for s in spread)
    return total


def share(number: tuple[float, float, float], z: float) -> float:
    """A share at z, whose low and high are its 10th and 90th percentile: straight in log odds on each side."""
    low, typical, high = (math.log(each / (1 - each)) for each in number)
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
