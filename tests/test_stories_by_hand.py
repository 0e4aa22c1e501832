"""Stories that can be followed with pencil and paper: the quickstart, and where macro-vs-micro turns."""

from __future__ import annotations

import pytest

from optimizer import load_scenario
from tests.stories import FOLDER, booked, story
from tests.stories import plan_without_risk as plan
from tests.story_numbers import (
    M,
    numbers,
    rows,
    unit,
    value,
)

# --- by hand ----------------------------------------------------------------------------------------------


BUDGET, HOURS = 20_000, 160
TIERS = {
    "nano": (75, 5, 250),
    "micro": (400, 8, 1_000),
    "macro": (3_200, 16, 4_400),
    "mega": (18_000, 40, 13_200),
}
"""Cost, hours and engagements of one creator, as in the table of the quickstart's story."""


def test_the_quickstart_table_follows_from_the_file() -> None:
    for offer in load_scenario(FOLDER / "quickstart.yaml").offers:
        cost, hours, engagements = TIERS[offer.tier]
        followers, rate = offer.followers.typical, offer.engagement_rate.typical
        assert followers * rate == pytest.approx(engagements)
        assert (offer.cost_per_post.typical, offer.hours_per_creator.typical) == (cost, hours)
        told = next(numbers(line) for line in story("quickstart") if line.startswith(f"{offer.tier} "))
        per_dollar, per_hour = round(engagements / cost + 1e-9, 2), round(engagements / hours)
        assert told == pytest.approx(
            [followers, 100 * rate, engagements, cost, hours, per_dollar, per_hour], abs=0.006
        )


def test_the_quickstart_with_one_tier_alone_is_counted_right() -> None:
    for tier, (cost, hours, engagements) in TIERS.items():
        count = min(BUDGET // cost, HOURS // hours)
        told = next(numbers(line) for line in story("quickstart") if line.startswith(f"{tier} only"))
        assert told[-4:] == [count, count * engagements, count * cost, count * hours]


def test_the_quickstart_mixes_of_macro_and_micro_are_counted_right() -> None:
    told = rows("quickstart", "macro    money allows", 7)
    for macro, row in enumerate(told):
        money, hours = (BUDGET - 3_200 * macro) // 400, (HOURS - 16 * macro) // 8
        micro = min(money, hours)
        assert row == [macro, money, hours, micro, macro, 4_400, micro, 1_000, macro * 4_400 + micro * 1_000]
    assert max(told, key=lambda row: row[-1])[:4] == [5, 10, 10, 10]


def test_the_quickstart_proof_by_prices_holds_and_is_the_plan() -> None:
    dollar, hour = 1, 75
    worth = {tier: cost * dollar + hours * hour for tier, (cost, hours, _) in TIERS.items()}
    assert worth == {"nano": 450, "micro": 1_000, "macro": 4_400, "mega": 21_000}
    assert all(engagements <= worth[tier] for tier, (_, _, engagements) in TIERS.items())
    bound = BUDGET * dollar + HOURS * hour
    assert bound == 5 * 4_400 + 10 * 1_000 == 32_000
    found = plan("quickstart")
    assert found.objective.value == pytest.approx(bound)
    assert {line.tier: line.creators for line in found.lines} == {"macro": 5, "micro": 10}


# --- where the mix turns ----------------------------------------------------------------------------------


SIZES = ("nano", "micro", "macro", "mega")


def mix(hours: float) -> dict[str, float]:
    """Money on each tier at that many hours."""
    found = plan(M, f"effort_hours={hours:g}")
    return dict.fromkeys(SIZES, 0.0) | {line.offer: line.cost for line in found.lines}


def test_macro_vs_micro_turns_where_its_table_says() -> None:
    told = rows(M, "hours    nano micro macro mega", 11)
    assert [row[0] for row in told] == [48, 100, 220, 307, 308, 400, 737, 738, 1_030, 3_766, 6_452]
    for hours, *row in told:
        found = plan(M, f"effort_hours={hours:g}")
        shares = [round(100 * cost / found.totals.cost) for cost in mix(hours).values()]
        assert [*(booked(found, size) for size in SIZES), *shares] == row[:8], hours
        assert found.objective.value == pytest.approx(row[8], abs=0.5)


@pytest.mark.parametrize(
    "hours", [*range(50, 1_100, 50), 307, 308, 737, 738, 1_029, 1_030, 2_000, 3_765, 3_766]
)
def test_macro_vs_micro_turns_from_large_to_small_once_for_each_pair(hours: int) -> None:
    money = mix(hours)
    assert (money["mega"] > 0) == (hours <= 307)
    assert (money["micro"] > money["macro"]) == (hours >= 738)
    assert (money["macro"] == 0) == (hours >= 1_030 or hours == 50)  # 50: time for the mega creator alone
    assert (money["nano"] > money["micro"]) == (hours >= 3_766)


def test_macro_vs_micro_gives_nothing_but_size_and_format() -> None:
    for offer in load_scenario(FOLDER / f"{M}.yaml").offers:
        assert offer.model_fields_set == {"name", "tier", "platform", "format", "creators"}


def test_macro_vs_micro_tells_of_one_creator_what_the_set_says() -> None:
    for size, told in zip(SIZES, rows(M, "tier         fee", 4), strict=True):
        of = unit(M, size)
        each, per_1000 = of["cost"] / of["engagements"], 1_000 * of["hours"] / of["engagements"]
        assert told[:3] == pytest.approx([of["cost"], of["hours"], of["engagements"]], abs=0.5)
        assert told[3] == pytest.approx(each, abs=0.005)
        assert told[4] == pytest.approx(per_1000, rel=0.02)


def test_macro_vs_micro_says_what_an_hour_and_a_size_are_worth() -> None:
    at = {hours: value(plan(M, f"effort_hours={hours}")) for hours in (48, 220, 1_030, 6_452, 9_000)}
    assert (at[220] - at[48]) / (220 - 48) == pytest.approx(140, abs=0.5)
    an_hour = (at[1_030] - at[220]) / (1_030 - 220)
    assert an_hour == pytest.approx(8, abs=0.5)
    assert (at[6_452] - at[1_030]) / (6_452 - 1_030) == pytest.approx(0.7, abs=0.05)
    assert at[9_000] == pytest.approx(at[6_452])
    assert 5.5 < an_hour * plan(M).totals.cpe < 6
    nano, mega = (unit(M, size) for size in ("nano", "mega"))
    cheaper = nano["cost"] / nano["engagements"] / (mega["cost"] / mega["engagements"])
    assert 1 - cheaper == pytest.approx(0.21, abs=0.005)
    assert plan(M, "effort_hours=220").totals.cost > 0.99 * 36_000


def test_macro_vs_micro_names_the_evidence_of_the_set() -> None:
    taken = {(a.offer, a.field): a for a in plan(M).assumptions}
    fee = taken["micro", "cost_per_post"]
    assert (fee.low, fee.high) == (130, 938)
    assert fee.high / fee.low == pytest.approx(7, abs=0.5)
    for field, sources in (
        ("cost_per_post", ("CreatorScout 2025", "Word on the Block 2023")),
        ("engagement_rate", ("Organic Media Buying 2025", "Untapper 2026")),
    ):
        assert all(source in (taken["micro", field].source or "") for source in sources)
    rates = [taken[size, "engagement_rate"].value for size in ("micro", "macro")]
    assert rates == pytest.approx([0.0257, 0.017], abs=5e-5)


def test_macro_vs_micro_with_cheap_fees_books_as_with_much_money() -> None:
    cheap, rich = plan(M, "country=VN"), plan(M, "budget=100_000")
    assert [(line.offer, line.creators) for line in cheap.lines] == [
        (line.offer, line.creators) for line in rich.lines
    ]
