"""The arithmetic of the pages about prices and negotiation: every mix of quickstart, and what the program says."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from optimizer import load_scenario, optimize
from optimizer.program.levers import CAPS, limit_levers
from optimizer.program.program import program_of
from optimizer.whatif.explain.negotiation import negotiate
from optimizer.whatif.explain.prices import local_prices, price_of

ROOT = Path(__file__).resolve().parents[1]
TIERS = ("nano", "micro", "macro", "mega")
ENGAGEMENTS = np.array([250, 1_000, 4_400, 13_200])
USD = np.array([75, 400, 3_200, 18_000])
HOURS = np.array([5, 8, 16, 40])
ROOM = (60, 40, 10, 2)
Table = list[dict[str, int]]


@cache
def every_mix() -> np.ndarray:
    """All 82,533 of them, shape (mixes, 4)."""
    return np.array(list(product(*(range(most + 1) for most in ROOM))))


def best(usd: float = 20_000, hours: float = 160) -> int:
    """Most engagements of any mix."""
    mixes = every_mix()
    return int((mixes @ ENGAGEMENTS)[(mixes @ USD <= usd) & (mixes @ HOURS <= hours)].max())


def tables() -> list[Table]:
    """Tables of the page whose columns are numbers of creators."""
    text = (ROOT / "docs/explanation/prices.md").read_text(encoding="utf-8")
    found = []
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        if "macro" in rows[0]:
            found.append(
                [
                    dict(zip(rows[0], (int(cell.replace(",", "")) for cell in row), strict=True))
                    for row in rows[2:]
                ]
            )
    return found


def mix_of(row: dict[str, int]) -> np.ndarray:
    return np.array([row.get(tier, 0) for tier in TIERS])


def test_the_page_has_its_three_tables() -> None:
    assert [len(table) for table in tables()] == [4, 7, 7]


def test_the_numbers_by_hand_are_those_of_the_scenario() -> None:
    packages = program_of(load_scenario(ROOT / "scenarios/quickstart.yaml")).packages
    assert [terms.name.split("-")[0] for terms in packages.terms] == list(TIERS)
    for measure, numbers in (("engagements", ENGAGEMENTS), ("cost", USD), ("hours", HOURS)):
        assert packages.measures[measure][: packages.count] == pytest.approx(numbers)
    assert tuple(packages.room_max) == ROOM


@pytest.mark.parametrize("number", range(3))
def test_the_arithmetic_of_every_row_is_right(number: int) -> None:
    for row in tables()[number]:
        mix = mix_of(row)
        assert (row["USD"], row["hours"], row["engagements"]) == (mix @ USD, mix @ HOURS, mix @ ENGAGEMENTS)
        assert row.get("more than today", 0) in (0, row["engagements"] - 32_000)


def test_ten_more_hours_bring_nothing_whatever_the_number_of_macro_creators() -> None:
    mixes = every_mix()
    allowed = mixes[(mixes @ USD <= 20_000) & (mixes @ HOURS <= 170)]
    for row in tables()[0]:
        mine = allowed[(allowed[:, 2] == row["macro"]) & (allowed[:, 3] == 0)]
        assert (mine @ ENGAGEMENTS).max() == row["engagements"]
    assert (allowed[allowed[:, 3] > 0] @ ENGAGEMENTS).max() < 20_000
    assert best(hours=170) == best() == 32_000


@pytest.mark.parametrize(("number", "unit"), [(1, "hours"), (2, "USD")])
def test_the_stairs_have_exactly_these_steps(number: int, unit: str) -> None:
    """Each row is the best from its number on, up to the next row's, and fits what it says it needs."""
    table, today = tables()[number], {"hours": 160, "USD": 20_000}[unit]
    column = f"for at least so many {unit} more"
    for row, after in pairwise(table):
        for more in (row[column], after[column] - 0.01):
            assert best(**{unit.lower(): today + more}) == row["engagements"]
        assert best(**{unit.lower(): today + after[column]}) == after["engagements"]
    for row in table:
        assert row["USD"] <= 20_000 + (row[column] if unit == "USD" else 0)
        assert row["hours"] <= 160 + (row[column] if unit == "hours" else 0)


def test_every_result_can_be_written_with_the_prices_of_the_linear_program() -> None:
    mixes = every_mix()
    for_hours, unspent = 75 * (mixes @ HOURS - 160), 20_000 - mixes @ USD
    assert (
        mixes @ ENGAGEMENTS == 32_000 + for_hours - unspent - 200 * mixes[:, 0] - 7_800 * mixes[:, 3]
    ).all()


def test_what_the_page_says_beside_its_tables() -> None:
    assert best(usd=21_000) == best(usd=21_424) == 32_000
    assert best(usd=22_000) - best() == 1_400 == pytest.approx(0.70 * 2_000)
    assert (best(hours=159), best() - best(hours=159)) == (31_250, 750)
    assert best(hours=200) - best() == 2_600
    assert best(hours=240) - best() == 5_200


def test_the_program_says_the_same_with_whole_creators_and_with_fractions() -> None:
    scenario = load_scenario(ROOT / "scenarios/quickstart.yaml")

    def value(**changes: object) -> float:
        return optimize(scenario.with_changes(changes)).objective.value

    assert value(effort_hours=170) == value(effort_hours=176.99) == 32_000
    assert value(effort_hours=177) == 32_250
    fractions = optimize(scenario.with_changes({"effort_hours": 170, "solver.whole_creators": False}))
    assert fractions.objective.value == pytest.approx(32_750)
    booked = {line.tier: round(line.creators, 2) for line in fractions.lines}
    assert booked == {"micro": 11.67, "macro": 4.79}


@pytest.mark.parametrize(
    ("hours", "a_dollar", "an_hour"),
    [(160, 1, 75), (101, 1, 75), (339, 1, 75), (99, 0.22, 231), (341, 45 / 37, 50 - 15 * 45 / 37)],
)
def test_the_local_rates_are_1_per_usd_and_75_per_hour_from_100_to_340_hours(
    hours: float, a_dollar: float, an_hour: float
) -> None:
    scenario = load_scenario(ROOT / "scenarios/quickstart.yaml", {"effort_hours": hours})
    chosen = [h for h in limit_levers(program_of(scenario)) if h.path in CAPS]
    found = local_prices(scenario, chosen)
    assert found["budget",] == pytest.approx((a_dollar, a_dollar))
    assert found["effort_hours",] == pytest.approx((an_hour, an_hour))


@pytest.mark.parametrize(("path", "turns_at"), [("effort_hours", 17), ("budget", 1_425)])
def test_the_turning_point_that_explain_finds_is_at_most_its_resolution_above(
    path: str, turns_at: int
) -> None:
    scenario = load_scenario(ROOT / "scenarios/quickstart.yaml")
    lever = next(h for h in limit_levers(program_of(scenario)) if h.written == path)
    text = scenario.model_dump_json(exclude_unset=True)
    price = price_of(text, lever, 32_000, "maximize", "engagements", True, (None, None))
    assert price.next_better is not None
    assert turns_at <= price.next_better <= turns_at + price.resolution


def lean_mix(usd: np.ndarray, engagements: np.ndarray) -> np.ndarray:
    """The mix that brings most, then costs least, then takes the fewest hours, at other fees or rates."""
    mixes = every_mix()
    cost, hours, value = mixes @ usd, mixes @ HOURS, mixes @ engagements
    allowed = np.flatnonzero((cost <= 20_000) & (hours <= 160))
    order = np.lexsort((hours[allowed], cost[allowed], -value[allowed]))
    return np.asarray(mixes[allowed[order[0]]])


def at_fee(tier: str, fee: float) -> int:
    """Creators of a tier that the best mix books at another fee."""
    index = TIERS.index(tier)
    usd = USD.astype(float)
    usd[index] = fee
    return int(lean_mix(usd, ENGAGEMENTS)[index])


def test_what_the_negotiation_page_advises_is_right_by_every_mix() -> None:
    assert (at_fee("macro", 2_950), at_fee("macro", 3_100), at_fee("macro", 3_200)) == (6, 5, 5)
    assert (at_fee("mega", 9_600), at_fee("mega", 10_000)) == (1, 0)
    assert at_fee("nano", 0) == 0
    assert at_fee("macro", 13_550) >= 1 > at_fee("macro", 14_050)
    assert at_fee("macro", 3_600) < 5
    engagements = ENGAGEMENTS.astype(float)
    for rate, booked in ((0.11, False), (0.114, True)):
        engagements[0] = 5_000 * rate
        assert (lean_mix(USD, engagements)[0] > 0) == booked


@pytest.mark.parametrize("tier", TIERS)
def test_the_fees_of_the_negotiation_sheet_lie_where_every_mix_says(tier: str) -> None:
    scenario = load_scenario(ROOT / "scenarios/quickstart.yaml")
    text, today = scenario.model_dump_json(exclude_unset=True), (0.0, 10.0, 5.0, 0.0)
    sheet = negotiate(text, TIERS.index(tier), today, ("fee",))
    for threshold, more_than in (
        (sheet.stays_to, 0),
        (sheet.enters_at, 0),
        (sheet.more_from, sheet.creators),
    ):
        if threshold is not None and threshold.inside is not None and threshold.outside is not None:
            assert at_fee(tier, threshold.inside) > more_than >= at_fee(tier, threshold.outside)
