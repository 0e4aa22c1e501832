"""When, by whom and with what a result was made, on pages and workbooks; no folder of this machine on either."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from optimizer import Plan, Scenario, load_scenario, optimize
from optimizer.__version__ import __version__
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.language.numbers import made_line
from optimizer.plan.saved import recounted
from optimizer.plan.stamp import today
from optimizer.report.page.bridges import bridge_chart
from optimizer.report.page.limits import limits_chart
from optimizer.report.page.pages import comparison_page, frontier_page, plan_page
from optimizer.report.workbook.workbooks import comparison_workbook, frontier_workbook, plan_workbook
from tests.stories import FOLDER

MADE = "3 May 2027 · Ana Silva"


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Scenario:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1809302400")  # 3 May 2027 in UTC
    return load_scenario(FOLDER / "quickstart.yaml").with_changes({"author": "Ana Silva"})


def cells(book: bytes) -> str:
    """Every text of a workbook's sheets, headers and footers among them."""
    read = openpyxl.load_workbook(io.BytesIO(book), data_only=True)
    shown = [
        str(cell.value)
        for sheet in read
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    return "\n".join([*shown, *(str(sheet.oddFooter.left.text) for sheet in read)])


def test_pages_and_workbooks_carry_day_author_and_version(ours: Scenario) -> None:
    made = optimize(ours)
    assert (made.scenario.made, made.scenario.author) == ("2027-05-03", "Ana Silva")
    both = compare([ours, ours.with_changes({"budget": 9_000, "author": "Bo Li", "name": "Lean"})])
    curve = frontier(ours, "budget=10k,20k")
    line = f"{MADE} · creatormix {__version__}"
    for page in (plan_page(made), frontier_page(curve)):
        assert page.count(f">{line}<") == 2, "under the title and at the foot"
    assert f"{MADE} · Bo Li · creatormix" in comparison_page(both)
    for book in (plan_workbook(made), frontier_workbook(curve)):
        text = cells(book)
        assert f" · {line}\n" in text, "on the Summary"
        assert f"{line} · sha256 " in text, "at the foot of every page"
    assert f"{MADE} · Bo Li · creatormix" in cells(comparison_workbook(both))


def test_a_saved_plan_gives_the_same_bytes_on_any_day(
    ours: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = optimize(ours)
    before = plan_page(made), plan_workbook(made)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1999999999")
    again = Plan.model_validate_json(made.model_dump_json())
    assert recounted(again, Scenario.model_validate(again.inputs)) == []  # a later day is no edit
    assert (plan_page(again), plan_workbook(again)) == before
    assert optimize(ours).scenario.made == "2033-05-18"


def test_today_is_a_day_also_where_the_epoch_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for epoch in ("", "yesterday", "-1"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", today())


def test_what_is_not_known_is_left_out() -> None:
    assert made_line("", [""], "1.0") == "creatormix 1.0"
    assert made_line("2026-01-09", ["", "A", "A"], "1.0") == "9 January 2026 · A · creatormix 1.0"


def test_no_folder_of_this_machine_is_on_a_page_or_workbook(tmp_path: Path, ours: Scenario) -> None:
    names = [str(tmp_path / "deep" / name) for name in ("base.yaml", "other.yaml")]
    both = compare([ours, ours.with_changes({"budget": 9_000})], sources=names)
    assert [column.source for column in both.columns] == ["base.yaml", "other.yaml"]
    with zipfile.ZipFile(io.BytesIO(comparison_workbook(both))) as file:
        written = b"".join(file.read(name) for name in file.namelist())
    for text in (comparison_page(both), written.decode(), both.model_dump_json()):
        assert str(tmp_path) not in text


def test_names_under_bars_break_between_words_and_are_not_cut(ours: Scenario) -> None:
    changes = {"budget": 15_000, "effort_hours": 150, "fees": {"agency": "5%"}, "offers[0].hours_per_creator": 4,
               "offers[0].followers": 5_500, "offers[1].creators": {"max": 9},
               "name": "Nearly everything differs"}  # fmt: skip
    both = compare([ours, ours.with_changes(changes)])
    chart = bridge_chart(both.bridges[0], "USD", "bridge")
    assert chart is not None
    drawn = json.dumps(chart.wide)
    for group in both.bridges[0].groups:
        for word in group.label.split():
            assert word in drawn
    words = {w for g in both.bridges[0].groups for w in g.label.split()}
    folded = re.search(r"\[\[.*?\]\]\[datum.value\]", drawn)
    if folded:
        lines = json.loads(folded[0].removesuffix("[datum.value]").replace('\\"', '"'))
        assert {w for name in lines for line in name for w in line.split()} >= words


def test_the_legend_of_limits_speaks_of_what_is_drawn(ours: Scenario) -> None:
    ceilings = limits_chart(optimize(ours))
    assert ceilings is not None
    assert ceilings.notes == ""
    floor = {"budget": None, "effort_hours": None, "objective": {"minimize": "cost"},
             "limits": [{"measure": "engagements", "min": 5_000}]}  # fmt: skip
    data = {
        k: v for k, v in (ours.model_dump(mode="json", exclude_unset=True) | floor).items() if v is not None
    }
    floors = limits_chart(optimize(Scenario.model_validate(data)))
    assert floors is not None
    assert floors.notes == "All are floors, which must reach the line."


def test_a_wide_table_shows_that_it_goes_on() -> None:
    style = (Path(__file__).parents[1] / "optimizer/report/page/templates/style.css").read_text(
        encoding="utf-8"
    )
    (rule,) = re.findall(r"^\.scroll \{.*?\}", style, re.DOTALL | re.MULTILINE)
    assert rule.count("no-repeat local") == rule.count("no-repeat scroll") == 2
    assert "overflow-wrap: anywhere" not in style, "words would be broken anywhere"
