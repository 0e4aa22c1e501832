"""Reserves as a workbook: every way to fill every place, what is lost by formula, checks that tie out."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from optimizer import Reserves, reserves
from optimizer.report.workbook.workbooks import reserves_workbook
from tests.builders import as_yaml, offer, scenario
from tests.test_cli import run
from tests.test_reserves import people
from tests.workbooks import HOSTILE


@cache
def found() -> Reserves:
    return reserves(people())


def book(result: Reserves, *, values: bool = False) -> Any:
    return openpyxl.load_workbook(io.BytesIO(reserves_workbook(result)), data_only=values)


def rows(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(min_row=6, values_only=True)]


def test_every_way_to_fill_every_place_stands_there() -> None:
    made = book(found(), values=True)
    assert made.sheetnames == ["Summary", "Says no", "Ask next", "Checks"]
    shown = [[*row[:7], row[7], row[9]] for row in rows(made["Says no"])]
    assert shown == [
        ["ann", "several together", "dan + eve", 3, 630, 270, pytest.approx(0.3), 0, -2],
        ["ann", "one creator", "cat", 3, 590, 310, pytest.approx(31 / 90), -5, 1],
        ["ann", "nobody", "–", 3, 300, 600, pytest.approx(2 / 3), -60, -4],
        ["bob", "one creator", "dan", 2, 770, 130, pytest.approx(13 / 90), -10, -3],
        ["bob", "nobody", "–", 2, 600, 300, pytest.approx(1 / 3), -40, -4],
    ]
    asked = [[*row[:6], row[8], row[10]] for row in rows(made["Ask next"])]
    assert asked == [
        ["dan", 1, "bob", 2, 770, 130, 90, 5],
        ["eve", 2, "bob", 2, 760, 140, 90, 5],
        ["cat", 3, "ann", 1, 590, 310, 95, 9],
    ]
    assert [made["Says no"].cell(5, column).value for column in (1, 5, 9, 11)] == ["as booked", 900, 100, 8]
    assert made["Checks"]["B4"].value is True
    summary = [row[0] for row in made["Summary"].iter_rows(values_only=True) if row[0]]
    assert any(line.startswith("Hardest to replace: ann") for line in summary)


def test_what_is_lost_is_a_formula() -> None:
    sheet = book(found())["Says no"]
    assert (sheet["F6"].value, sheet["I6"].value) == ('=IFERROR(E5-E6,"–")', '=IFERROR(I5+H6,"–")')
    assert reserves_workbook(found()) == reserves_workbook(found())


def test_where_less_is_better_more_is_lost() -> None:
    offers = [
        offer(name, cost, engagements_per_post=10, most=1) for name, cost in (("a", 5), ("b", 8), ("c", 9))
    ]
    asked = scenario(
        objective={"minimize": "cost"}, offers=offers, limits=[{"measure": "engagements", "min": 20}]
    )
    made = book(reserves(asked), values=True)
    assert [row[:6] for row in rows(made["Says no"])] == [
        ["a", "one creator", "c", 1, 17, 4],
        ["b", "one creator", "c", 1, 14, 1],
    ]
    assert made["Checks"]["B4"].value is True


def test_nobody_fits_and_names_like_formulas() -> None:
    offers = [offer(name, 10 + n, engagements_per_post=100 - n, most=1) for n, name in enumerate(HOSTILE)]
    asked = scenario(budget=33, objective="engagements", offers=offers)
    asked = asked.with_changes({"limits": [{"name": "=all", "measure": "engagements", "min": 296}]})
    result = reserves(asked)
    assert any(place.best is None for place in result.places)
    made = book(result)
    names = {row[0] for row in rows(made["Says no"])}
    assert len(names) == len(result.places)
    assert not any(cell.data_type == "f" for sheet in made for row in sheet.iter_rows(max_col=3) for cell in row
                   if sheet.title in ("Says no", "Ask next"))  # fmt: skip
    values = book(result, values=True)
    none = [row for row in rows(values["Says no"]) if row[1] == "none"]
    assert len(none) == sum(place.best is None for place in result.places)
    assert all(row[4:] == ["–"] * 7 for row in none)
    assert values["Checks"]["B4"].value is True


def test_the_command_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "people.yaml"
    file.write_text(as_yaml(people().model_dump(mode="json", exclude_unset=True)), encoding="utf-8")
    ran = run("reserves", str(file), "-o", str(tmp_path / "people.xlsx"), "--jobs", "1")
    assert ran.exit_code == 0, ran.output
    assert openpyxl.load_workbook(tmp_path / "people.xlsx").sheetnames[1] == "Says no"
