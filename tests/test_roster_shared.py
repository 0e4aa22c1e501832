"""Published lists, and the shipped made-up one: rows accounted for, sums as counted here without the reader."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from optimizer import load_scenario
from optimizer.roster.read import read_roster
from optimizer.roster.result import Roster
from optimizer.scenario.roster import RosterFile
from tests import made_roster
from tests.rosters import SHARED, column
from tests.stories import plan, story

RICH = SHARED / "instagram_rich_list_2023_cost_per_post.csv"
TOP = SHARED / "top_insta_200_km_percent_bom.csv"
NAME = "from-an-export"
there = pytest.mark.skipif(not SHARED.is_dir(), reason="the published lists are not part of the project")


def read(path: Path) -> Roster:
    return read_roster(path, RosterFile(file=str(path))).roster


def cells(path: Path, title: str) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return [row[title] for row in csv.DictReader(lines)]


@there
def test_the_rich_list_is_read_whole() -> None:
    found = read(RICH)
    assert (found.rows, found.kept, found.dropped, found.problems) == (100, 100, (), ())
    digits = {
        title: [int("".join(filter(str.isdigit, cell))) for cell in cells(RICH, title)]
        for title in ("Followers", "Cost Per Post")
    }
    assert column(found, "followers").sum == sum(digits["Followers"])
    assert column(found, "cost_per_post").sum == sum(digits["Cost Per Post"])
    assert column(found, "country").values == 100
    assert [c.used_as for c in found.columns] == [
        None,
        None,
        "name",
        "country",
        "followers",
        "cost_per_post",
        "tags.niche",
    ]


@there
def test_the_top_200_are_read_whole() -> None:
    found = read(TOP)
    assert (found.rows, found.kept, found.dropped, found.problems) == (200, 200, (), ())
    assert (found.encoding, found.delimiter, found.header_line) == ("UTF-8 with BOM", ",", 1)
    millions = sum(Decimal(cell.removesuffix("m")) for cell in cells(TOP, "followers"))
    assert column(found, "followers").sum == millions * 1_000_000
    rates = [cell for cell in cells(TOP, "60_day_eng_rate") if cell != "NaN%"]
    assert column(found, "engagement_rate").sum == pytest.approx(
        float(sum(Decimal(r.removesuffix("%")) for r in rates)) / 100
    )
    assert (column(found, "engagement_rate").blanks, column(found, "country").blanks) == (1, 62)


def test_the_made_up_roster_is_what_its_script_writes() -> None:
    assert made_roster.FILE.read_bytes() == made_roster.text().encode("utf-8-sig")
    assert len(made_roster.rows()) == made_roster.CREATORS + 2


def test_the_made_up_roster_is_read_as_it_was_made() -> None:
    found = read(made_roster.FILE)
    rows = made_roster.rows()
    assert (found.rows, found.kept, len(found.dropped), found.problems) == (304, 297, 7, ())
    assert [one.reason.split(":")[0] for one in found.dropped] == [
        "the same as line 25", "the same as line 80", "0 followers", "no followers", "no name in column 'Username'",
        "a line of totals", "a note",
    ]  # fmt: skip
    named = [row for row in rows if row[0]]

    def people(cell: str) -> Decimal:
        number, _, unit = cell.replace(" Mio", "M").replace("K", " K").replace("M", " M").partition(" ")
        return Decimal(number.replace(".", "").replace(",", ".")) * {"": 1, "K": 1000, "M": 1_000_000}[unit]

    assert column(found, "followers").sum == sum(people(row[5]) for row in named if row[5])
    fees = [
        row[8].removeprefix("€ ").replace(".", "").replace(",", ".")
        for row in named
        if row[8].startswith("€")
    ]
    assert column(found, "cost_per_post").sum == sum(map(Decimal, fees))
    assert column(found, "cost_per_post").values == len(fees)
    odd = {(one.line, one.value) for one in column(found, "cost_per_post").odd}
    assert {value for _, value in odd} == {"#VALUE!", "€ 8.500,00"}


def test_the_story_of_the_export_is_true() -> None:
    told = " ".join(story(NAME))
    scenario = load_scenario(made_roster.FILE.with_name(f"{NAME}.yaml"))
    (roster,) = scenario._rosters
    assert "304 rows, 297 creators, seven left out" in told
    assert f"{len(scenario.offers)} are in the three countries" in told
    assert roster.kept == len(scenario.offers)
    best = plan(NAME)
    assert "26 people with two posts each, 105,000 engagements" in told
    assert (best.totals.creators, best.totals.posts) == (26, 52)
    assert best.objective.value == pytest.approx(105_000, abs=500)
    assert "four hours are left" in told
    assert best.totals.hours == 156
    for words, changes, share in (
        ("own: 4 % fewer", ("rosters[0].keep.cost_per_post.min=1",), 0.04),
        ("only: 22 % fewer", ("rosters[0].keep.country=[IT]",), 0.22),
        ("less: 2 % fewer", ("effort_hours=120",), 0.02),
    ):
        assert words in told
        assert 1 - plan(NAME, *changes).objective.value / best.objective.value == pytest.approx(
            share, abs=0.005
        )
    flag = next(flag for flag in best.flags if flag.code == "filled-in")
    assert flag.message.startswith(
        "3 of 26 named creators booked, 22 % of the money, have no fee of their own"
    )
    assert "luca_kestrelx" in flag.message
