"""Workbooks as written, without a spreadsheet program: values, formulas, text, inputs, formats, print set-up."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import load_scenario, optimize
from optimizer.cli.commands import cli
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.finance.frontier.result import FrontierPoint
from optimizer.report.sections.plan import headline
from optimizer.report.workbook.book import sheet_name
from optimizer.report.workbook.cells import Range, Term, address, cell, either, number, total, total_where
from optimizer.report.workbook.workbooks import comparison_workbook, frontier_workbook, plan_workbook
from tests import workbooks
from tests.builders import offer, scenario
from tests.random_scenarios import random_scenario
from tests.stories import FOLDER, PLANNED, plan
from tests.workbooks import HOSTILE, Workbook

ALLOWED = {"ABS", "AND", "COUNT", "COUNTIF", "EXP", "IF", "IFERROR", "INDEX", "INT", "ISNUMBER", "ISTEXT", "LN",
           "MATCH", "MAX", "MIN", "OR", "ROUND", "ROW", "SUM", "SUMIFS", "SUMPRODUCT"}  # fmt: skip
"""All of them are older than the spreadsheets people have, LibreOffice 7.4 among them."""
YELLOW = "FFFFF6CC"


@cache
def quick(kind: str) -> bytes:
    base = load_scenario(FOLDER / "quickstart.yaml")
    if kind == "plan":
        return plan_workbook(plan("quickstart"))
    if kind == "comparison":
        others = [base.with_changes({"budget": 25_000}), base.with_changes({"budget": 0, "effort_hours": 1})]
        return comparison_workbook(compare([base, *others], names=["Base", "A" * 40, "A" * 39 + "B"]))
    over = ["budget=4k:12k:4k"] + (["effort_hours=80:160:80"] if kind == "map" else [])
    return frontier_workbook(frontier(base, over))


KINDS = ("plan", "comparison", "curve", "map")
SHEETS = {
    "plan": ["Summary", "Plan", "Limits", "Assumptions", "Checks", "As solved"],
    "comparison": ["Summary", "Compare", "Bridge", "Limits", "Assumptions", "Checks", "Plan 1 Base",
                   "Plan 2 AAAAAAAAAAAAAAAAAAAAAAAA", "Plan 3 AAAAAAAAAAAAAAAAAAAAAAAA", "As solved"],
    "curve": ["Summary", "Frontier", "Checks"],
    "map": ["Summary", "Frontier", "Checks"],
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_sheets_stand_in_the_order_a_reader_expects(kind: str) -> None:
    book = Workbook(quick(kind))
    assert book.sheets == SHEETS[kind]
    hidden = [sheet.title for sheet in book.written if sheet.sheet_state != "visible"]
    assert hidden == [name for name in SHEETS[kind] if name == "As solved"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_formula_carries_a_value_and_uses_old_functions_only(kind: str) -> None:
    formulas = list(Workbook(quick(kind)).formulas())
    assert formulas
    for formula in formulas:
        assert formula.value is not None, formula
        assert not str(formula.value).startswith("#"), formula
        assert set(re.findall(r"([A-Z][A-Z.]+)\(", formula.text)) <= ALLOWED, formula


@pytest.mark.parametrize("kind", KINDS)
def test_every_sheet_is_set_up_for_paper(kind: str) -> None:
    book = Workbook(quick(kind))
    for sheet in book.written:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)
        assert "Page &P of &N" in sheet.oddFooter.right.text
        assert "creatormix" in sheet.oddFooter.left.text
        assert "sha256" in sheet.oddFooter.left.text
        # LibreOffice 7.4 may crash when it prints a sheet that has both
        assert not (sheet.print_area and len(sheet.conditional_formatting))
    frozen = {"plan": "Plan", "comparison": "Compare", "curve": "Frontier"}.get(kind)
    if frozen:
        assert book.written[frozen].freeze_panes


def test_equal_plans_give_equal_bytes() -> None:
    assert plan_workbook(plan("quickstart")) == plan_workbook(plan("quickstart").model_copy(deep=True))
    with zipfile.ZipFile(io.BytesIO(quick("plan"))) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_counts_fees_and_rates_are_yellow_constants_and_everything_else_is_calculated() -> None:
    book = Workbook(plan_workbook(workbooks.set_up()))
    headers = {c.value: c.column_letter for c in book.values["Plan"][7] if c.value}
    inputs = (
        "Creators",
        "Posts each",
        "Followers",
        "Reach rate",
        "Engagement rate",
        "Fee per creator",
        "Hours per post",
    )
    results = ("Posts", "Paid to creators", "Agency fee", "Contingency", "Commission", "Set-up", "Cost", "CPM", "CPE",
               "Share of cost", "Hours", "Impressions", "Engagements", "Clicks", "Conversions", "Revenue", "Profit",
               "Gross reach", "samples", "CPC", "CPA", "Reachable people", "Engagements per post")  # fmt: skip
    for row in range(8, 11):
        for header in inputs:
            found = book.written["Plan"][f"{headers[header]}{row}"]
            assert found.data_type == "n", header
            assert found.fill.fgColor.rgb == YELLOW, header
        for header in results:
            found = book.written["Plan"][f"{headers[header]}{row}"]
            assert found.data_type == "f", header
            assert found.fill.fgColor.rgb != YELLOW, header
    assert all(book.written["Plan"][at].fill.fgColor.rgb == YELLOW for at in ("A3", "B4", "B5"))


@pytest.mark.parametrize("name", PLANNED)
def test_stored_totals_are_the_plans(name: str) -> None:
    made, book = plan(name), Workbook(plan_workbook(plan(name)))
    for measure, header in (("cost", "Cost"), ("hours", "Hours"), ("engagements", "Engagements")):
        assert book.value("Plan", "Total", header) == pytest.approx(getattr(made.totals, measure), rel=1e-9)
    status = [book.values["Summary"][at].value for at in ("A3", "A4", "A5", "A7")]
    ties = sum(group != "Limits are kept" for group, _ in book.checks()) - 1  # one is about what was entered
    limits = sum(group == "Limits are kept" for group, _ in book.checks())
    assert status == [f"All {ties} tie-outs TRUE", f"All {limits} limits kept",
                      "As solved: every input is the plan's, which is proven best.", headline(made)]  # fmt: skip
    assert all(book.checks().values())


@pytest.mark.parametrize("seed", [2, 13, 21, 58, 161, 212])
def test_random_plans_tie_out(seed: int) -> None:
    made = optimize(scenario(**random_scenario(seed)))
    answers = Workbook(plan_workbook(made)).checks()
    assert [check for check, true in answers.items() if not true] == []


def test_one_more_post_or_creator_is_not_free_of_charge() -> None:
    """The stored numbers follow the formulas, not the plan: a plan that does not add up is noticed."""
    made = plan("quickstart")
    totals = made.totals.model_copy(update={"cost": (made.totals.cost or 0) + 0.01})
    answers = Workbook(plan_workbook(made.model_copy(update={"totals": totals}))).checks()
    assert not answers["As the solver returned it", "cost"]
    assert answers["Adds up", "cost: lines to total"]


def test_unknown_numbers_are_dashes_and_make_their_totals_unknown() -> None:
    book = Workbook(plan_workbook(workbooks.unknown()))
    assert book.value("Plan", "half known", "Impressions") == "–"
    assert book.value("Plan", "known", "Impressions") > 0
    assert book.value("Plan", "Total", "Impressions") == "–"
    assert book.value("Plan", "Total", "CPM") == "–"
    assert book.value("Plan", "nano", "Impressions", below="By tier") > 0
    assert book.value("Plan", "micro", "Impressions", below="By tier") == "–"
    assert isinstance(book.value("Plan", "Total", "Cost"), int | float)
    assert book.value("Plan", "half known", "Click rate") == "–"


def test_a_plan_that_books_nobody_still_makes_a_workbook() -> None:
    book = Workbook(plan_workbook(workbooks.nobody()))
    assert book.value("Plan", "Total", "Cost") == book.value("Plan", "Total", "Creators") == 0
    rows = [book.value("Plan", unused.offer, "Creators") for unused in workbooks.nobody().unused]
    assert rows == [0] * len(rows) != []  # each can be tried
    assert all(book.checks().values())


def test_names_from_files_stay_text() -> None:
    book = Workbook(plan_workbook(workbooks.hostile()))
    offers = [book.written["Plan"].cell(row, 1) for row in range(8, 8 + len(workbooks.hostile().lines))]
    assert {found.data_type for found in offers} == {"s"}
    assert {found.value for found in offers} <= {
        name.replace("\x1b", "�").replace("\x07", "�") for name in HOSTILE
    }
    text = " ".join(formula.text for formula in book.formulas())
    assert not re.search(r"HYPERLINK|cmd|@|\[", text)
    assert book.written["Limits"]["A5"].data_type == "s"
    with zipfile.ZipFile(io.BytesIO(plan_workbook(workbooks.hostile()))) as file:
        assert not any("externalLink" in name for name in file.namelist())
        assert "hyperlink" not in file.read("xl/worksheets/sheet2.xml").decode()


def test_a_lone_surrogate_or_a_very_long_name_breaks_nothing() -> None:
    made = plan("quickstart")
    odd = made.scenario.model_copy(update={"name": "a\ud800b\ufffe" + "x" * 40_000})
    book = Workbook(plan_workbook(made.model_copy(update={"scenario": odd})))
    assert re.match(
        "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}x{1000}", book.values["Summary"]["A1"].value
    )


@pytest.mark.parametrize(
    ("text", "taken", "name"),
    [
        ("Plan 1 [a]:*?/\\", [], "Plan 1  a"),
        ("'quoted'", [], "quoted"),
        ("", [], "Sheet"),
        ("x" * 40, [], "x" * 31),
        ("x" * 40, ["X" * 31], "x" * 27 + " (2)"),
        ("history", [], "history (2)"),
    ],
)
def test_sheet_names_are_ones_that_spreadsheets_take(text: str, taken: list[str], name: str) -> None:
    assert sheet_name(text, taken) == name


@pytest.mark.parametrize(("currency", "form"), [("USD", "[$USD] #,##0.00"), ("VND", "[$VND] #,##0")])
def test_money_has_the_format_of_its_currency(currency: str, form: str) -> None:
    made = plan("quickstart").model_copy(update={"currency": currency})
    book = Workbook(plan_workbook(made))
    found = book.written["Plan"][book.find("Plan", "Total", "Cost")]
    assert found.number_format == form
    assert book.written["Plan"][book.find("Plan", "Total", "Share of cost")].number_format == "0.0%"


def test_columns_are_wide_enough_for_their_numbers() -> None:
    million = optimize(
        scenario(
            budget=9e9,
            currency="JPY",
            objective="engagements",
            offers=[offer("dear", 123_456_789.0, engagements_per_post=98_765_432, most=7, tier="mega")],
        )
    )
    book = Workbook(plan_workbook(million))
    at = book.find("Plan", "Total", "Cost")
    width = book.written["Plan"].column_dimensions[re.sub(r"\d", "", at)].width
    assert width >= len("JPY 864,197,523")


def test_charts_are_there_and_say_what_they_show() -> None:
    for kind, charts in (("plan", 1), ("comparison", 3), ("curve", 2), ("map", 0)):
        with zipfile.ZipFile(io.BytesIO(quick(kind))) as file:
            names = [name for name in file.namelist() if name.startswith("xl/charts/chart")]
            drawings = [file.read(n).decode() for n in file.namelist() if n.startswith("xl/drawings/drawing")]
        assert len(names) == charts, kind
        assert sum(text.count('descr="') for text in drawings) == charts, "a text for those who cannot see it"


def test_a_frontier_with_points_without_a_plan_shows_them() -> None:
    base = frontier(load_scenario(FOLDER / "quickstart.yaml"), ["budget=4k:12k:4k"])
    failed = FrontierPoint(at=base.points[1].at, status="failed", message="=worker lost")
    points = [base.points[0], failed, base.points[2]]
    book = Workbook(
        frontier_workbook(base.model_copy(update={"points": points, "marginals": [], "turns": []}))
    )
    cells = {str(found.value) for _, found in book.cells() if found.data_type == "s"}
    assert "failed: =worker lost" in cells
    assert all(book.checks().values())


# --- on the command line -----------------------------------------------------------------------------------


def invoke(*words: str) -> Any:
    return CliRunner().invoke(cli, list(words), prog_name="optimize")


def test_the_command_line_writes_workbooks(tmp_path: Path) -> None:
    scenario_file = str(FOLDER / "quickstart.yaml")
    for words, name in (
        ((scenario_file,), "plan.xlsx"),
        (("compare", scenario_file, scenario_file, "--jobs", "1"), "compare.xlsx"),
        (("frontier", scenario_file, "--over", "budget=4k:8k:4k", "--jobs", "1"), "frontier.xlsx"),
    ):
        target = tmp_path / name
        result = invoke(*words, "-o", str(target))
        assert result.exit_code == 0, result.output
        assert f"wrote {target}" in result.stderr
        assert Workbook(target.read_bytes()).checks()


def test_a_saved_plan_gives_the_same_workbook(tmp_path: Path) -> None:
    saved, first, second = (str(tmp_path / name) for name in ("plan.json", "one.xlsx", "two.xlsx"))
    invoke(str(FOLDER / "quickstart.yaml"), "-o", saved)
    assert invoke("report", saved, "-o", first).exit_code == 0
    assert invoke(str(FOLDER / "quickstart.yaml"), "-o", second).exit_code == 0
    assert Path(first).read_bytes() == Path(second).read_bytes()


# --- formulas that carry their value -----------------------------------------------------------------------


def column(*values: float | None) -> Range:
    return Range([cell("S", i, 0, value) for i, value in enumerate(values)])


@pytest.mark.parametrize(
    ("make", "text", "value"),
    [
        (lambda a, b: a + b * 2, "A1+B1*2", 11.0),
        (lambda a, b: (a + b) * 2, "(A1+B1)*2", 16.0),
        (lambda a, b: a - (b - 1), "A1-(B1-1)", 3.0),
        (lambda a, b: a / (b * 2), "A1/(B1*2)", 5 / 6),
        (lambda a, b: (1 - a) ** b, "(1-A1)^B1", -64.0),
        (lambda a, b: (-a) ** 2, "(0-A1)^2", 25.0),
        (lambda a, b: a / (b - 3), "A1/(B1-3)", None),
        (lambda a, b: either(a.above(b), a, 0), "IF(A1>B1,A1,0)", 5.0),
        (lambda a, b: number(1e-9) * a, "1E-09*A1", 5e-9),
        (lambda a, b: a * -0.5, "A1*(-0.5)", -2.5),
    ],
)
def test_text_and_value_of_a_formula_agree(
    make: Callable[[Term, Term], Term], text: str, value: float | None
) -> None:
    made = make(cell("S", 0, 0, 5.0), cell("S", 0, 1, 3.0))
    assert made.text.replace("'S'!", "") == text
    assert made.value == value


def test_what_is_calculated_with_an_unknown_number_is_unknown() -> None:
    known, unknown = cell("S", 0, 0, 5.0), cell("S", 0, 1, None)
    assert (known * unknown).value is None
    assert total(column(1.0, None)).value is None
    assert total(column(1.0, 2.0)).value == 3.0


def test_labels_that_sumifs_would_read_as_patterns_are_compared_instead() -> None:
    labels = Range([cell("S", i, 1, text) for i, text in enumerate(("*", "nano"))])
    starred = total_where(labels, cell("S", 5, 1, "*"), column(1.0, 2.0))
    assert "SUMIFS" not in starred.text
    assert starred.value == 1.0
    plain = Range([cell("S", i, 1, text) for i, text in enumerate(("micro", "nano"))])
    assert total_where(plain, cell("S", 5, 1, "nano"), column(1.0, 2.0)).text.endswith(
        ",SUMIFS('S'!$A$1:$A$2,'S'!$B$1:$B$2,'S'!B6))"
    )


def test_columns_are_lettered_as_in_a_spreadsheet() -> None:
    assert [address(0, c) for c in (0, 25, 26, 701, 702)] == ["A1", "Z1", "AA1", "ZZ1", "AAA1"]
    assert address(9, 27, fixed=True) == "$AB$10"
