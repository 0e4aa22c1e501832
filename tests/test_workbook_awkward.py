"""Workbooks where numbers are awkward: points without a plan, bridges below 0, billions, changes too small to show."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest

from optimizer import load_scenario, optimize
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.report.workbook.workbooks import comparison_workbook, frontier_workbook, plan_workbook
from tests.builders import offer, scenario
from tests.stories import FOLDER
from tests.workbooks import Workbook


def test_the_curve_has_no_line_through_points_without_a_plan() -> None:
    base = frontier(load_scenario(FOLDER / "quickstart.yaml"), ["budget=2k:12k:2k"])
    gone = base.points[2].model_copy(update={"status": "infeasible", "value": None, "best": None, "mix": []})
    book = frontier_workbook(base.model_copy(update={"points": [*base.points[:2], gone, *base.points[3:]]}))
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        chart = file.read("xl/charts/chart1.xml").decode()
    drawn = re.findall(r"<c:yVal><c:numRef><c:f>(?:[^<!]*)!([^<]*)</c:f>", chart)
    # the header is row 4, so the points are rows 5 to 10; row 7 has none, and a spreadsheet would draw its dash as 0
    assert drawn == ["$B$5:$B$6", "$B$8:$B$10"]
    assert re.findall(r'<c:legendEntry><c:idx val="(\d)"/><c:delete val="1"/>', chart) == ["1"]
    assert "yVal><c:strRef" not in chart


@pytest.mark.parametrize(("over", "check"), [
    (["budget=20k:30k:5k"], "more budget never takes more hours"),
    (["budget=20k:30k:5k", "effort_hours=160:200:40"], "more budget or hours never takes more hours"),
])  # fmt: skip
def test_what_is_minimized_is_called_least_not_best(over: list[str], check: str) -> None:
    least = load_scenario(FOLDER / "quickstart.yaml").with_changes(
        {"objective": {"minimize": "hours"}, "limits": [{"measure": "engagements", "min": 25_000}]}
    )
    book = Workbook(frontier_workbook(frontier(least, over)))
    texts = [str(found.value) for _, found in book.cells()]
    assert any("least hours" in text.lower() for text in texts)
    assert not [text for text in texts if "best hours" in text.lower()]
    assert book.checks()["Adds up", check] is True


def losses(price: float) -> Any:
    """Three creators who are booked, each for 20 of revenue, and who bring a loss where they cost more."""
    brings = {
        "impressions_per_post": 1_000,
        "click_rate": "1%",
        "conversion_rate": "5%",
        "value_per_conversion": 40,
    }
    booked = offer("booked", price, tier="nano", least=3, most=3, **brings)
    return scenario(name=f"At {price}", budget=5_000, objective={"maximize": "profit"}, offers=[booked])


@pytest.mark.parametrize(
    ("prices", "step"),
    [
        ((300, 5), [0, 0, 45, 0, -840, 0]),  # by hand: 3 x (20 - 300) = -840 to 3 x (20 - 5) = 45
        ((5, 300), [0, 0, 0, 45, 0, -840]),
        ((300, 100), [-240, 0, 0, 0, -600, 0]),
    ],
)
def test_a_bridge_below_0_has_a_chart_that_stacks_both_sides(
    prices: tuple[float, float], step: list[float]
) -> None:
    book = Workbook(comparison_workbook(compare([losses(price) for price in prices])))
    sheet = book.values["Bridge"]
    (header,) = [cell for row in sheet.iter_rows() for cell in row if cell.value == "Hidden"]
    columns = range(header.column, header.column + 6)
    assert [sheet.cell(header.row + 2, column).value for column in columns] == step
    ends = [sheet.cell(header.row + i, header.column + 1).value for i in (1, 3)]
    assert ends == [3 * (20 - price) for price in prices]
    with zipfile.ZipFile(io.BytesIO(book.content)) as file:
        chart = file.read("xl/charts/chart1.xml").decode()
    assert chart.count("<c:ser>") == 6
    assert '<c:tickLblPos val="low"/>' in chart, "names stand below the bars, not across them"


def test_a_summary_has_room_for_billions() -> None:
    million = load_scenario(FOLDER / "quickstart.yaml").with_changes(
        {"currency": "VND", "budget": 500_000_000_000, "offers[2].cost_per_post": 80_000_000_000}
    )
    book = Workbook(plan_workbook(optimize(million)))
    row = next(cell.row for cell in book.values["Summary"]["A"] if cell.value == "budget")
    assert book.values["Summary"][f"C{row}"].value == 500_000_000_000
    assert book.written["Summary"].column_dimensions["C"].width >= len("max VND 500,000,000,000")


def test_percent_of_a_change_that_is_shown_as_0_is_0() -> None:
    near = [
        scenario(budget=1_000, objective="engagements",
                 offers=[offer("one", price, tier="nano", engagements_per_post=100, most=1)])
        for price in (900, 900.004)
    ]  # fmt: skip
    book = Workbook(comparison_workbook(compare(near, names=["a", "b"], bridges=False)))
    row = book.find("Compare", "Cost", "change")[1:]
    assert [book.values["Compare"][f"{column}{row}"].value for column in "DE"] == [0, 0]
