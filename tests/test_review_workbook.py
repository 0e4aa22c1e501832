"""A review as a workbook, as written: its sheets, live formulas, names that stay text, what was read of files.

`tests/test_workbook_recalculated.py` has LibreOffice calculate them, also after slips.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from optimizer.actuals.result import PARTS
from optimizer.report.workbook.workbooks import review_workbook
from tests.reviewed import REVIEWS, everything, from_export, of_two
from tests.test_cli import run
from tests.test_workbook import ALLOWED
from tests.workbooks import Workbook

every_review = pytest.mark.parametrize("name", REVIEWS)


@cache
def book(name: str) -> Workbook:
    return Workbook(review_workbook(REVIEWS[name]()))


def test_sheets_stand_in_the_order_a_reader_expects() -> None:
    groups = ["Summary", "Bridge", "Lines", "Tiers", "Platforms"]
    assert book("finished").sheets == [*groups, "Bookings", "Not matched", "Checks"]
    assert book("running").sheets == [*groups, "Bookings", "Not matched", "Forecast", "Checks"]
    assert book("nothing known").sheets == ["Summary", "Bridge", "Lines", "Not matched", "Checks"]


@every_review
def test_every_formula_carries_a_value_and_uses_old_functions_only(name: str) -> None:
    for formula in book(name).formulas():
        assert formula.value is not None, formula
        assert not str(formula.value).startswith("#"), formula
        assert set(re.findall(r"([A-Z][A-Z.]+)\(", formula.text)) <= ALLOWED, formula
    assert review_workbook(REVIEWS[name]()) == book(name).content


@every_review
def test_every_check_is_true_and_every_sheet_is_set_up_for_paper(name: str) -> None:
    found = book(name)
    assert [check for check, true in found.checks().items() if not true] == []
    assert found.values["Summary"]["A3"].value == f"All {len(found.checks())} tie-outs TRUE"
    for sheet in found.written:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "Page &P of &N" in sheet.oddFooter.right.text
        # LibreOffice 7.4 may crash when it prints a sheet that has both
        assert not (sheet.print_area and len(sheet.conditional_formatting))


def test_only_planned_actual_and_parts_of_lines_are_constants() -> None:
    found = book("everything")
    for one in everything().measures:
        name = one.measure.replace("_", " ").capitalize()
        for line in everything().lines:
            kinds = {
                key: found.written["Lines"][found.find("Lines", line.offer, f"{name}: {key}")].data_type
                for key in (
                    "planned",
                    "actual",
                    "change",
                    "not explained",
                    *(PARTS[p] for p in one.total.parts),
                )
            }
            assert {key for key, kind in kinds.items() if kind == "f"} == {"change", "not explained"}
        assert found.value("Lines", "Total", f"{name}: change") == pytest.approx(one.total.change, rel=1e-9)
    for sheet in ("Summary", "Bridge", "Tiers", "Platforms"):
        for row in found.written[sheet].iter_rows(min_row=4):
            muted = {cell.coordinate for cell in row if cell.font.color and cell.font.color.rgb == "FF5B6875"}
            typed = [cell.coordinate for cell in row if cell.data_type == "n" and cell.value is not None]
            # what was drawn is a constant and grey, and so are the zeros beneath the ends of a chart
            assert set(typed) <= muted, sheet


def test_the_summary_goes_from_planned_to_actual_part_by_part() -> None:
    found = book("finished")
    names = (
        "Planned",
        "Who was booked",
        "Who delivered",
        "Posts of each",
        "Views per post",
        "Response",
        "Actual",
    )
    row = {name: found.value("Summary", "Engagements", name) for name in names}
    *start_and_parts, actual = row.values()
    assert (row["Planned"], actual) == (3400, 1896)
    assert sum(start_and_parts) == pytest.approx(actual)
    assert found.value("Summary", "Cost, USD", "Change") == -20
    people = [found.value("Summary", label, name) for label in ("Creators of the plan", "Posts of everybody")
              for name in ("Planned", "Delivered")]  # fmt: skip
    assert people == [11, 9, 21, 17]
    bridge = [cell.value for cell in found.values["Bridge"]["A"][5:12]]
    assert bridge == ["planned", "who was booked", "who delivered", "posts of each", "views per post", "response",
                      "actual"]  # fmt: skip
    totals = [found.value("Tiers", "Cost: change", tier) for tier in ("nano", "mega", "–", "Total")]
    assert totals == [-200, 100, 80, -20]


def test_bookings_say_where_they_lie() -> None:
    review = from_export(running=False)
    found = Workbook(review_workbook(review))
    ranges = review.measures[0].ranges
    assert ranges is not None
    above = [found.values["Bookings"].cell(5, column).value for column in (2, 3, 4, 5)]
    assert above == [ranges.bookings, ranges.inside, ranges.below, ranges.above]
    names = [row[0] for row in found.values["Bookings"].iter_rows(min_row=8, values_only=True)]
    assert names == [one.name for one in review.bookings]
    first = review.bookings[0]
    assert found.value("Bookings", first.name, "Against range") == "above"
    assert found.value("Bookings", first.name, "Change") == pytest.approx(first.actual - first.planned)
    rows = [[cell.value for cell in row] for row in found.values["Not matched"].iter_rows(max_col=4)]
    assert ["guest", "not in the plan", "results.csv", 26] in rows
    assert [row[0] for row in rows[-2:]] == [one.offer for one in review.missing]


def test_names_from_files_stay_text() -> None:
    found = book("hostile")
    for sheet in ("Lines", "Bookings", "Not matched"):
        names = [
            cell for row in found.written[sheet].iter_rows(min_row=8, max_col=2) for cell in row if cell.value
        ]
        assert names
        assert {cell.data_type for cell in names} <= {"s", "n"}
    text = " ".join(formula.text for formula in found.formulas())
    assert not re.search(r"HYPERLINK|cmd|@", text)


def test_the_command_writes_it_with_what_was_read(tmp_path: Path) -> None:
    saved, results, out = (tmp_path / name for name in ("plan.json", "results.csv", "out.xlsx"))
    saved.write_text(of_two().model_dump_json(), encoding="utf-8")
    results.write_text(
        'Creator,Posts,Views,Engagements,Paid\n@ada.example,1,"90,000",1500,1100\nTotal,1,"90,000",1500,1100\n',
        encoding="utf-8",
    )
    ran = run("review", str(saved), str(results), "-o", str(out))
    assert ran.exit_code == 0, ran.output
    found = Workbook(out.read_bytes())
    rows = [[cell.value for cell in row] for row in found.values["Read"].iter_rows()]
    assert [row[1:4] + row[5:6] for row in rows if row[2] == "impressions"] == [
        ["Views", "impressions", 1, 90_000]
    ]
    assert rows[-1][1:3] == ["a line of totals", 3]
    assert found.values["Checks"]["B4"].value is True
    assert found.value("Lines", "ada.example", "Engagements: actual") == 1500
