"""Cells that hold a range: the middle is the number, the ends its low and high; nothing else is taken for a range."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from optimizer import load_scenario, optimize
from optimizer.roster.figures import span
from tests.rosters import column, problems, reading, roster, saved, values

HEAD = "username;platform;followers;fee;er;avg views\n"


def with_cell(field: str, cell: str, before: str = "") -> str:
    given = {"followers": "12500", "fee": "300", "er": "3%", "views": "900"} | {field: cell}
    return HEAD + before + ";".join(["anna", "instagram", *given.values()]) + "\n"


def read(field: str, cell: str, before: str = "") -> tuple[Any, Any]:
    """(low, middle, high), and problems."""
    found = reading(with_cell(field, cell, before))
    if found.roster.problems:
        return None, problems(found.roster)
    anna = next(one for one in found.creators if one.name == "anna")
    name = {"fee": "cost_per_post", "er": "engagement_rate", "views": "impressions_per_post"}.get(
        field, field
    )
    low, high = anna.ranges.get(name, (None, None))
    return (low, anna.values[name], high), []


RANGES = {
    "500-800": ("500", "650", "800"),
    "500–800 $": ("500", "650", "800"),
    "$500 to $800": ("500", "650", "800"),
    "$500 - 800": ("500", "650", "800"),
    "500 bis 800 EUR": ("500", "650", "800"),
    "von 500 bis 800": ("500", "650", "800"),
    "de 500 à 800 €": ("500", "650", "800"),
    "500…800": ("500", "650", "800"),
    "từ 500 đến 800": ("500", "650", "800"),
    "Rp 500.000 s/d Rp 800.000": ("500000", "650000", "800000"),
    "1.200,50-1.500,50": ("1200.50", "1350.50", "1500.50"),
    "€ 1 200 – € 1 500": ("1200", "1350", "1500"),
    "1-2k": ("1000", "1500", "2000"),
    "1.5k-2k": ("1500", "1750", "2000"),
    "500-1k": ("500", "750", "1000"),
    "500-500": ("500", "500", "500"),
}


@pytest.mark.parametrize("cell", RANGES)
def test_the_middle_is_the_number_and_the_ends_are_low_and_high(cell: str) -> None:
    found, wrong = read("fee", cell)
    assert not wrong
    assert found == tuple(map(Decimal, RANGES[cell]))


def test_currency_and_percent_of_one_end_hold_for_both() -> None:
    found = reading(with_cell("fee", "€500-800"))
    assert found.creators[0].currency == "EUR"
    assert read("er", "2-3%")[0] == (Decimal("0.02"), Decimal("0.025"), Decimal("0.03"))
    assert read("er", "2% - 3%")[0] == (Decimal("0.02"), Decimal("0.025"), Decimal("0.03"))
    assert read("fee", "€500-$800")[1] == ["'€500-$800' is no number"]


def test_ranges_of_followers_and_views() -> None:
    assert read("followers", "10K-50K")[0] == (Decimal(10_000), Decimal(30_000), Decimal(50_000))
    assert read("views", "1.200–1.500", "ben;instagram;1.234.567;1;1%;1.234.567\n")[0] == (
        Decimal(1200), Decimal(1350), Decimal(1500),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("800-500", "'800-500' is no range"),
        ("0-500", "'0-500' is no range"),
        ("1-2024", "'1-2024' is no range: its ends are more than 100 times apart"),
        ("01-02", "'01-02' is no number"),
        ("2024-01-02", "'2024-01-02' is no number"),
        ("02.01.-03.01.", "'02.01.-03.01.' is no number"),
        ("+49-170", "'+49-170' is no number"),
        ("500-", "'500-' is no number"),
        ("500--800", "'500--800' is no number"),
        ("5-10-15", "'5-10-15' is no number"),
        ("500 and 800", "'500 and 800' is no number"),
        ("from 500", "'from 500' is no number"),
        ("2%-3%", "'2%-3%' is no number"),
    ],
)
def test_what_is_no_range_is_refused(cell: str, message: str) -> None:
    assert read("fee", cell)[1] == [message]


def test_a_range_that_can_be_read_in_two_ways_is_asked_back() -> None:
    (message,) = read("views", "1.200-1.500")[1]
    assert message.startswith("1.200 could mean 1,200 or 1.2")


def test_a_share_above_all_is_not_used() -> None:
    found = roster(with_cell("er", "80-130%"))
    (odd,) = column(found, "engagement_rate").odd
    assert (odd.value, odd.why) == ("80-130%", "above 100 %: not used")
    assert column(found, "engagement_rate").ranges == 0


def test_names_dates_and_labels_are_never_ranges() -> None:
    text = (
        "username;platform;followers;fee;niche;last post\n"
        "1-2;instagram;900;30;3-4;5-6\n7-8;instagram;800;40;3-4;1-2\n"
    )
    found = reading(text, columns={"tags.season": "last post"})
    assert [one.name for one in found.creators] == ["1-2", "7-8"]
    assert values(found, "tags.niche") == {"1-2": "3-4", "7-8": "3-4"}
    assert values(found, "tags.season") == {"1-2": "5-6", "7-8": "1-2"}
    assert not any(one.ranges for one in found.creators)
    assert span("1-2") is not None, "the cell alone would be one"


def test_the_account_says_how_many_and_sums_the_middles() -> None:
    found = roster(with_cell("fee", "500-800", "ben;instagram;9000;200;3%;900\n"))
    fee = column(found, "cost_per_post")
    assert (fee.ranges, fee.sum, fee.format) == (1, 850, "1234 (ranges: the middle)")
    assert column(found, "followers").ranges == 0


def test_rows_with_other_ranges_contradict_each_other() -> None:
    same = "anna;instagram;12500;500-800;3%;900\n"
    other = "anna;instagram;12500;600-700;3%;900\n"  # the same middle
    assert reading(HEAD + same + same).roster.kept == 1
    (message,) = problems(roster(HEAD + same + other))
    assert message.endswith("they differ: cost_per_post, low is 500 there and 600 here")


def test_keep_looks_at_the_middle() -> None:
    text = HEAD + "anna;instagram;12500;500-800;3%;900\nben;instagram;12500;100-200;3%;900\n"
    assert [one.name for one in reading(text, keep={"cost_per_post": {"min": 600}}).creators] == ["anna"]


def test_a_plan_has_the_range_among_its_assumptions(tmp_path: Path) -> None:
    plan_file = "budget: 1000\nobjective: engagements\nrosters: [creators.csv]\n"
    rows = HEAD + "anna;instagram;12500;500-800;2-3%;900\n"
    path = saved(tmp_path, {"plan.yaml": plan_file, "creators.csv": rows})
    plan = optimize(load_scenario(path), draws=200)
    assert plan.totals.cost == 650
    fee = next(a for a in plan.assumptions if a.field == "cost_per_post")
    assert (fee.low, fee.value, fee.high, fee.origin) == (500, 650, 800, "yours")
    assert plan.lines[0].filled == ()
    assert plan.risk is not None
    assert plan.risk.varies
