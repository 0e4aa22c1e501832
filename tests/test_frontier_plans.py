"""What stands side by side on a curve is of one plan, and is compared with its like."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest

from optimizer import Scenario, ScenarioError
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.result import Frontier
from optimizer.report.formats import csv as csv_of
from optimizer.report.layout.parts import Sentences, Table
from optimizer.report.page.curve import curve_table
from optimizer.report.sections.frontier import frontier_sections
from optimizer.report.workbook.workbooks import frontier_workbook

BIG, SMALL = (
    {
        "name": "big",
        "tier": "mega",
        "cost_per_post": 1_800,
        "engagements_per_post": 1_300,
        "creators": {"max": 2},
    },
    {
        "name": "small",
        "tier": "mid",
        "cost_per_post": 1_100,
        "engagements_per_post": 600,
        "creators": {"max": 2},
    },
)


def stars(**more: object) -> Scenario:
    """Two dear offers, so that a budget is seldom spent to the end."""
    data = {"name": "stars", "budget": 3_000, "objective": "engagements", "offers": [BIG, SMALL]}
    return Scenario.model_validate(data | more)


@pytest.fixture(scope="module")
def lean() -> Frontier:
    """A curve whose plans give some of the result up for fewer creators."""
    goals = [{"maximize": "engagements", "within": "35%"}, {"minimize": "cost"}]
    return frontier(stars(objective=goals), "budget=2k:6k:1k")


def headers(book: bytes) -> tuple[list[str], list[list[object]]]:
    """The labels of the table of points in a workbook, and its rows."""
    sheet = openpyxl.load_workbook(io.BytesIO(book), data_only=True)["Frontier"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    top = next(i for i, row in enumerate(rows) if row[0] and str(row[0]).startswith("Budget"))
    labels = [str(label) for label in rows[top] if label]
    return labels, [row for row in rows[top + 1 :] if isinstance(row[0], int | float)]


def test_each_further_one_costs_what_a_comparison_of_the_two_plans_says() -> None:
    found = frontier(stars(), "budget=3k,4k")
    assert "for 700 USD; each further engagement costs 1.00 USD." in found.sentences[0]
    two = compare([stars(), stars(name="more", budget=4_000)], bridges=False)
    assert two.sentences[0].endswith("for 700 USD more (+24.1 %); each further engagement costs 1.00 USD.")
    (step,) = found.marginals
    assert (step.gain, step.cost, step.cost_of_each) == (700, 700, 1.0)
    assert step.per_unit == 0.7  # by what the budget allows
    (text,) = (part for part in frontier_sections(found) if isinstance(part, Table))
    page = curve_table(found)
    labels, rows = headers(frontier_workbook(found))
    assert text.rows[1][text.columns.index("USD each")] == "1.00"
    assert page.rows[1][page.columns.index("USD each, by what is spent")] == "1.00"
    assert rows[1][labels.index("USD each, by what is spent")] == 1
    assert [row["cost_of_each"] for row in csv.DictReader(io.StringIO(csv_of(found)))] == ["", "1.0"]
    for columns in (text.columns, page.columns, labels):
        assert not [label for label in columns if label.startswith(("per USD", "For each"))]


def test_a_result_never_stands_beside_the_cost_of_another_plan(lean: Frontier) -> None:
    assert any(point.value != point.best for point in lean.points)
    labels, rows = headers(frontier_workbook(lean))
    (text,) = (part for part in frontier_sections(lean) if isinstance(part, Table))
    own, cost = text.columns.index("result"), text.columns.index("cost")
    for point, row, line in zip([*lean.points, lean.today], [*rows], [*text.rows, None], strict=True):
        assert point is not None
        assert point.totals is not None
        assert row[labels.index("Engagements of the plan")] == point.value == point.totals.engagements
        assert row[labels.index("Engagements, possible")] == point.best
        assert row[labels.index("Cost")] == point.totals.cost
        if line is not None:
            assert (line[own], line[cost]) == (f"{point.value:,.0f}", f"{point.totals.cost:,.0f}")
    answer = next(iter(frontier_sections(lean)))
    assert isinstance(answer, Sentences)
    assert "today (3,000 USD) 1,300 of 1,900 possible" in answer.lines[0]
    assert "at best; the plans bring" in lean.sentences[0]


def test_a_curve_held_by_its_own_axis_is_not_full() -> None:
    """From 3,600 to 4,600 a second small one does not fit; from 4,700 on one does."""
    flat = frontier(stars(), "budget=3k,4k,4500")
    assert flat.points[1].best == flat.points[2].best == 2_600
    assert flat.most == 3_800
    (line,) = (line for line in flat.sentences if line.startswith("Beyond"))
    assert line == (
        "Beyond 4,000 USD more budget brings nothing up to 4,500 USD (the last one tried), but later: 3,800 "
        "engagements without that cap."
    )
    full = frontier(stars(), "budget=3k,6k,7k")
    assert full.most == full.points[-1].best
    assert full.sentences[1] == (
        "Beyond 6,000 USD more budget brings nothing, however much: all that is worth booking is booked."
    )


CAPPED = stars(
    limits=[{"name": "few big", "measure": "cost", "where": {"name": "big"}, "max": "70% of cost"}]
)


@pytest.mark.parametrize(
    ("over", "today", "written"),
    [
        ("limits.few big.max=50% of cost,70% of cost", 0.7, ""),
        ("limits.few big.max=50%,90%", 0.7, ""),
        ("limits.few big.max=50% of budget,70% of budget", None, "70% of cost"),
        ("limits.few big.max=1800,3600", None, "70% of cost"),
    ],
)
def test_today_of_a_bound_is_compared_with_its_like(over: str, today: float | None, written: str) -> None:
    found = frontier(CAPPED, over)
    assert (found.axes[0].today, found.axes[0].written) == (today, written)
    assert (found.today is None) is (today is None)
    told = [line for line in found.sentences if "no number of this kind" in line]
    expected = ["Today the ceiling of few big is 70% of cost, which is no number of this kind."]
    assert told == (expected if written else [])
    answer = next(iter(frontier_sections(found)))
    assert isinstance(answer, Sentences)
    assert ("today" in answer.lines[0]) is (today is not None)


def test_an_amount_today_is_not_compared_with_shares() -> None:
    limit = {"name": "few big", "measure": "cost", "where": {"name": "big"}, "max": 1_800}
    found = frontier(stars(limits=[limit]), "limits.few big.max=50% of cost,100% of cost")
    assert (found.axes[0].today, found.axes[0].written) == (None, "1,800 USD")
    with pytest.raises(ScenarioError, match="50% of what"):
        frontier(stars(limits=[limit]), "limits.few big.max=20%,50%")


def test_notes_speak_of_what_the_table_shows() -> None:
    (one,) = (part for part in frontier_sections(frontier(stars(), "budget=3k")) if isinstance(part, Table))
    assert "each further" not in one.note
    assert "USD each" not in one.columns
