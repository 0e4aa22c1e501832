"""Workbooks recalculated by LibreOffice: every formula comes to the value stored with it, and follows its inputs."""

from __future__ import annotations

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from optimizer import Plan, Scenario, load_scenario, optimize, safety
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.plan.build import totals_of
from optimizer.plan.limit_results import limit_result
from optimizer.program.program import program_of
from optimizer.report.workbook.workbooks import (
    comparison_workbook,
    frontier_workbook,
    plan_workbook,
    safety_workbook,
)
from tests import workbooks
from tests.builders import scenario
from tests.programs import needs
from tests.random_scenarios import random_scenario
from tests.risky import world
from tests.stories import FOLDER, plan
from tests.workbooks import Both, Workbook, both, convert, scenario_of, wrong_cells

STORIES = ("quickstart", "launch-us", "vietnam-launch", "traffic-and-leads", "always-on", "product-seeding")
OTHERS: dict[str, Callable[[], Plan]] = {
    "set-up": workbooks.set_up,
    "unknown": workbooks.unknown,
    "nobody": workbooks.nobody,
    "hostile": workbooks.hostile,
    "independent": workbooks.fractions,
    "nearly independent": lambda: workbooks.fractions(overlap="6.501%"),
    "random 3": lambda: optimize(scenario(**random_scenario(3))),
    "random 58": lambda: optimize(scenario(**random_scenario(58))),
    "or none": workbooks.or_none,
    "or none, nobody": lambda: workbooks.or_none(budget=50),
}


@cache
def plans() -> dict[str, Plan]:
    return {name: plan(name) for name in STORIES} | {name: make() for name, make in OTHERS.items()}


@cache
def plan_file(name: str) -> bytes:
    return plan_workbook(plans()[name])


def files() -> dict[str, bytes]:
    """Every workbook of this page, so that LibreOffice starts once."""
    base = load_scenario(FOLDER / "quickstart.yaml")
    dear = base.with_changes({"offers[1].cost_per_post": 900, "budget": 25_000, "effort_hours": 140})
    never = base.with_changes({"limits": [{"measure": "engagements", "min": 1e9}]})
    found = {name: plan_file(name) for name in plans()}
    found["comparison"] = comparison_workbook(
        compare([base, dear, never], names=["Today", "Dear [1]", "=Never"])
    )
    found["curve"] = frontier_workbook(frontier(base, ["budget=0:12k:4k"]))
    found["map"] = frontier_workbook(frontier(base, ["budget=4k:20k:8k", "effort_hours=80:160:80"]))
    safe = safety(Scenario.model_validate(world()), confidences=[0.8, 0.9], target=30_000)
    found["safety"] = safety_workbook(safe)
    found["planted"] = planted(found["quickstart"])
    found["error"] = edited(found["quickstart"], {("Plan", "A40"): "=XLOOKUP(1,B1:B2,B1:B2)"})
    first = plans()["quickstart"].lines[0]
    at = read(found["quickstart"]).find("Plan", first.offer, "Creators")
    found["one too many"] = edited(found["quickstart"], {("Plan", at): (first.room or 0) + 1})
    at = read(found["or none"]).find("Plan", "instagram", "Creators")
    found |= {f"or none, {n} left": edited(found["or none"], {("Plan", at): n}) for n in (2, 0)}
    found["row above the anchor"] = with_row(found["quickstart"], above_anchor=True)
    found["row above the total"] = with_row(found["quickstart"], above_anchor=False)
    book = read(found["quickstart"])
    tried = book.find("Plan", plans()["quickstart"].unused[0].offer, "Creators")
    found["tried"] = edited(found["quickstart"], {("Plan", tried): 2})
    places = some_inputs(book)
    for what, value in TYPED.items():
        found[f"typed {what}"] = edited(found["quickstart"], dict.fromkeys(places.values(), value))
    for name, place in places.items():
        found[f"text as {name}"] = edited(found["quickstart"], {place: "tbd"})
    return found | {f"changed {i}": changed(i) for i in range(len(CHANGES))}


def planted(content: bytes) -> bytes:
    """The workbook with one stored value a cent too high: the total cost on the Plan sheet."""
    book = read(content)
    at = book.find("Plan", "Total", "Cost")
    value = book.values["Plan"][at].value
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "xl/worksheets/sheet2.xml":
                pattern = rf'(<c r="{at}"[^>]*><f>[^<]*</f><v>)[^<]*(</v>)'
                new, times = re.subn(pattern, rf"\g<1>{value + 0.01:.2f}\g<2>", data.decode())
                assert times == 1
                data = new.encode()
            copy.writestr(name, data)
    return target.getvalue()


CHANGES: list[tuple[str, dict[str, Any], list[tuple[str, str, str, Any]]]] = [
    ("launch-us", {"offers[micro-instagram-reel].cost_per_post": 400},
     [("Plan", "micro-instagram-reel", "Fee per post", 400)]),
    ("launch-us", {"fees.agency": 0.25}, [("Plan", "Agency fee", "", 0.25)]),
    ("launch-us", {"offers[micro-instagram-reel].engagement_rate": 0.05},
     [("Plan", "micro-instagram-reel", "Engagement rate", 0.05)]),
    ("launch-us", {"audience.people": 5_000_000, "offers[mid-tiktok-video].reach_rate": 0.5},
     [("Plan", "People in the audience", "", 5_000_000), ("Plan", "mid-tiktok-video", "Reach rate", 0.5)]),
    ("launch-us", {"budget": 90_000}, [("Limits", "budget", "Max", 90_000)]),
    ("product-seeding", {"offers[micro-story].commission": 0.3, "offers[micro-story].conversion_rate": 0.05},
     [("Plan", "micro-story", "Commission on revenue", 0.3), ("Plan", "micro-story", "Conversion rate", 0.05)]),
    ("set-up", {"offers[two].cpm": 30, "offers[one].hours_per_post": 2.5},
     [("Plan", "two", "CPM on the price list", 30), ("Plan", "one", "Hours per post", 2.5)]),
    ("set-up", {"offers[two].engagement_mix": {"likes": 0.7, "comments": 0.3}, "offers[one].cost_per_conversion": 22},
     [("Plan", "two", "Share of likes", 0.7), ("Plan", "two", "Share of comments", 0.3),
      ("Plan", "one", "Cost of goods per conversion", 22)]),
]  # fmt: skip
"""A plan, a change of its scenario, and the input cells that say the same: (sheet, row, column, value)."""


def changed(number: int) -> bytes:
    """A workbook after a reader has changed some inputs."""
    name, _, inputs = CHANGES[number]
    content = plan_file(name)
    book = read(content)
    cells = {}
    for sheet, row, column, value in inputs:
        at = book.find(sheet, row, column) if column else f"B{row_of(book, sheet, row)}"
        assert book.written[sheet][at].fill.fgColor.rgb == "FFFFF6CC", "an input cell is yellow"
        cells[sheet, at] = value
    return edited(content, cells)


@cache
def opened(content: bytes) -> Any:
    """A workbook to write into: opened once, which takes longer than to write it."""
    return openpyxl.load_workbook(io.BytesIO(content))


@cache
def read(content: bytes) -> Workbook:
    return Workbook(content)


def edited(content: bytes, cells: dict[tuple[str, str], Any]) -> bytes:
    """The workbook with other cells; openpyxl keeps formulas and drops all stored values."""
    book = opened(content)
    before = {(sheet, at): book[sheet][at].value for sheet, at in cells}
    for (sheet, at), value in cells.items():
        book[sheet][at] = value
    target = io.BytesIO()
    book.save(target)
    for (sheet, at), value in before.items():
        book[sheet][at] = value
    return target.getvalue()


def status_of(book: Workbook) -> list[str]:
    """What the lines on the Summary say besides that all is well, by their first words; so does the Plan sheet."""
    lines = [str(book.values["Summary"][f"A{row}"].value or "") for row in (3, 4, 5)]
    told = [
        line
        for line in lines
        if line.startswith(("As solved", "Edited", "No number")) or re.match(r"\d+ of", line)
    ]
    if "Plan" in book.sheets:
        assert book.values["Plan"]["A6"].value == lines[2]
    return [" ".join(line.replace(":", " ").split()[:2]) for line in told]


def some_inputs(book: Workbook) -> dict[str, tuple[str, str]]:
    """Cells of a plan's workbook that people type into."""
    line = plans()["quickstart"].lines[0].offer
    return {
        "creators": ("Plan", book.find("Plan", line, "Creators")),
        "agency fee": ("Plan", f"B{row_of(book, 'Plan', 'Agency fee')}"),
        "fee": ("Plan", book.find("Plan", line, "Fee per post")),
        "budget": ("Limits", book.find("Limits", "budget", "Max")),
    }


def with_row(content: bytes, *, above_anchor: bool) -> bytes:
    """The workbook after a spreadsheet has inserted a row with a cost of 1,000 above the total of the Plan sheet.

    Rows move down, and references with them: those that reach over the place grow, as in every spreadsheet.
    """
    book = openpyxl.load_workbook(io.BytesIO(content))
    stored = read(content)
    total = row_of(stored, "Plan", "Total")
    place = total - 1 if above_anchor else total
    cost = re.match("[A-Z]+", stored.find("Plan", "Total", "Cost"))
    assert cost is not None

    def moved(text: str, own: bool) -> str:
        pattern = r"('[^']+'!)?(\$?[A-Z]{1,2})(\$?)(\d+)\b"

        def shift(found: re.Match[str]) -> str:
            sheet, column, fixed, row = found.groups()
            here = own if sheet is None else sheet == "'Plan'!"
            if (
                sheet is None and text[found.start() - 1] == ":"
            ):  # the end of a range lies on the sheet of its beginning
                begin = re.search(r"('[^']+'!)?\$?[A-Z]{1,2}\$?\d+:$", text[: found.start()])
                here = own if begin is None or begin[1] is None else begin[1] == "'Plan'!"
            number = int(row) + (here and int(row) >= place)
            return f"{sheet or ''}{column}{fixed}{number}"

        return re.sub(pattern, shift, text)

    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    cell.value = moved(cell.value, sheet.title == "Plan")
    plan_sheet = book["Plan"]
    plan_sheet.insert_rows(place)
    plan_sheet[f"A{place}"] = "typed by hand"
    plan_sheet[f"{cost[0]}{place}"] = 1_000
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def row_of(book: Workbook, sheet: str, label: str) -> int:
    return int(next(cell.row for cell in book.values[sheet]["A"] if cell.value == label))


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    return both(files(), tmp_path_factory.mktemp("office"))


UNTOUCHED = [*STORIES, *OTHERS, "comparison", "curve", "map"]
pytestmark = needs("soffice")


@pytest.mark.parametrize("name", UNTOUCHED)
def test_every_formula_comes_to_the_value_stored_with_it(name: str, books: dict[str, Both]) -> None:
    stored = books[name].stored
    assert len(list(stored.formulas())) > 20
    assert wrong_cells(stored, books[name].fresh) == []


@pytest.mark.parametrize("name", UNTOUCHED)
def test_every_check_is_true(name: str, books: dict[str, Both]) -> None:
    answers = books[name].fresh.checks()
    assert answers
    assert [check for check, true in answers.items() if not true] == []
    assert books[name].fresh.values["Checks"]["B4"].value is True
    assert status_of(books[name].fresh) in ([], ["As solved"])


def test_a_planted_wrong_value_is_caught(books: dict[str, Both]) -> None:
    stored = books["planted"].stored
    at = stored.find("Plan", "Total", "Cost")
    (wrong,) = wrong_cells(stored, books["planted"].fresh)
    assert wrong.startswith(f"Plan!{at} =IFERROR(IF(SUMPRODUCT(")
    assert "stored 20000.01, is 20000" in wrong


def test_an_error_in_a_cell_is_caught(books: dict[str, Both]) -> None:
    wrong = wrong_cells(books["error"].stored, books["error"].fresh)
    assert [text for text in wrong if "is '#" in text] == [
        "Plan!A40 =XLOOKUP(1,B1:B2,B1:B2): stored None, is '#NAME?'"
    ]


@pytest.mark.parametrize("name", [*STORIES, *OTHERS])
def test_recalculated_totals_are_those_of_the_plan(name: str, books: dict[str, Both]) -> None:
    made = plans()[name]
    if not made.lines:
        assert books[name].fresh.value("Plan", "Total", "Cost") == 0
        return
    columns = {"cost": "Cost", "hours": "Hours", "impressions": "Impressions", "engagements": "Engagements",
               "likes": "Likes",
               "comments": "Comments", "shares": "Shares", "saves": "Saves", "conversions": "Conversions",
               "revenue": "Revenue", "cost_of_goods": "Cost of goods", "profit": "Profit"}  # fmt: skip
    shown = {cell.value for cell in books[name].fresh.values["Plan"][7]}
    for measure, column in columns.items():
        solved = getattr(made.totals, measure)
        if column in shown:
            found = books[name].fresh.value("Plan", "Total", column)
            assert found == ("–" if solved is None else pytest.approx(solved, rel=1e-9, abs=0.005)), measure
        else:
            assert solved is None, f"{measure} is missing"
    if made.totals.reach is not None:
        reach = (
            books[name]
            .fresh.values["Plan"][f"B{row_of(books[name].fresh, 'Plan', 'People reached at least once')}"]
            .value
        )
        assert reach == pytest.approx(made.totals.reach, rel=1e-6)


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=[str(change[1]) for change in CHANGES])
def test_a_changed_input_gives_what_the_optimizer_makes_of_the_same_bookings(
    number: int, books: dict[str, Both]
) -> None:
    name, changes, _ = CHANGES[number]
    book = books[f"changed {number}"].fresh
    made = plans()[name]
    program = program_of(
        scenario_of(made).with_changes({named(made, path): v for path, v in changes.items()})
    )
    packages = program.packages
    creators = np.zeros(packages.count)
    for line in made.lines:
        (at,) = (p for p in range(packages.count) if packages.key(p) == (line.offer, line.posts_per_creator))
        creators[at] = line.creators
    columns = packages.with_switches(creators)
    totals = totals_of(program, columns)
    for measure, column in (
        ("cost", "Cost"),
        ("hours", "Hours"),
        ("engagements", "Engagements"),
        ("likes", "Likes"),
        ("comments", "Comments"),
        ("cost_of_goods", "Cost of goods"),
        ("profit", "Profit"),
        ("cpe", "CPE"),
    ):
        if getattr(totals, measure) is None:
            continue
        assert book.value("Plan", "Total", column) == pytest.approx(getattr(totals, measure), rel=1e-9), (
            measure
        )
    if totals.reach is not None and "audience.people" not in changes:  # another audience has another shape
        reach = book.values["Plan"][f"B{row_of(book, 'Plan', 'People reached at least once')}"].value
        assert reach == pytest.approx(totals.reach, rel=1e-6)
    for rule in program.rules:
        if rule.measure == "reach" and "audience.people" in changes:
            continue
        expected = limit_result(program, rule, columns)
        assert book.value("Limits", rule.name, "In the plan") == pytest.approx(expected.value, rel=1e-6)
        assert book.value("Limits", rule.name, "Left") == pytest.approx(expected.slack, rel=1e-6, abs=1e-6)
        assert book.value("Limits", rule.name, "Kept") is (expected.slack is None or expected.slack >= -1e-9)


def named(made: Plan, path: str) -> str:
    """The path with the offer's place for its name."""
    names = list(dict.fromkeys(a.offer for a in made.assumptions if a.offer))
    return re.sub(r"\[(.+?)\]", lambda found: f"[{names.index(found[1])}]", path)


@pytest.mark.parametrize("number", range(len(CHANGES)), ids=[str(change[1]) for change in CHANGES])
def test_after_a_change_the_sums_still_tie_out_and_the_solver_check_says_so(
    number: int, books: dict[str, Both]
) -> None:
    book = books[f"changed {number}"].fresh
    answers = book.checks()
    adds_up = [true for (group, _), true in answers.items() if group == "Adds up"]
    assert adds_up
    assert all(adds_up)
    assert not any(group == "As the solver returned it" for group, _ in answers)  # "edited"
    broken = sum(not true for (group, _), true in answers.items() if group == "Limits are kept")
    if CHANGES[number][1] == {"budget": 90_000}:
        assert not answers["Limits are kept", "budget"]
    told = [f"{broken} of"] if broken else []
    assert status_of(book) == [*told, f"Edited ({len(CHANGES[number][2])})"]


def test_a_row_above_the_total_counts_or_turns_a_check_false(books: dict[str, Both]) -> None:
    for name in ("row above the anchor", "row above the total"):
        book = books[name].fresh
        total, answers = book.value("Plan", "Total", "Cost"), book.checks()
        counted = total == pytest.approx(plans()["quickstart"].totals.cost + 1_000)
        assert counted is (name == "row above the anchor")
        assert counted or not answers["Adds up", "cost: lines to total"], name
        assert not book.values["Checks"]["B4"].value
        assert "tie-outs FALSE" in book.values["Summary"]["A3"].value


def test_an_offer_that_is_not_booked_is_tried_by_typing_a_number(books: dict[str, Both]) -> None:
    book, made = books["tried"].fresh, plans()["quickstart"]
    names = [unused.offer for unused in made.unused]
    assert names
    inputs = load_scenario(FOLDER / "quickstart.yaml")
    (offer,) = (o for o in inputs.offers if (o.name or o.default_name()) == names[0])
    assert offer.cost_per_post is not None
    assert book.value("Plan", "Total", "Cost") == pytest.approx(
        made.totals.cost + 2 * offer.cost_per_post.typical
    )
    assert book.value("Plan", names[0], "Engagements") > 0
    answers = book.checks()
    assert not answers["Limits are kept", "budget"]
    assert all(true for (group, _), true in answers.items() if group in ("Adds up", "What was entered"))
    assert status_of(book) == ["2 of", "Edited (1)"]
    untouched = books["quickstart"].fresh
    for name in names:
        assert untouched.value("Plan", name, "Creators") == untouched.value("Plan", name, "Cost") == 0


TYPED = {"text": "abc", "blank": None, "negative": -3, "nothing": 0, "huge": 1e15, "yes": True}
"""What someone may type into any input."""
PLACES = ("creators", "agency fee", "fee", "budget")


@pytest.mark.parametrize(
    "name", [f"typed {what}" for what in TYPED] + [f"text as {place}" for place in PLACES]
)
def test_sums_tie_out_whatever_is_entered(name: str, books: dict[str, Both]) -> None:
    book = books[name].fresh
    answers = book.checks()
    assert [check for (group, check), true in answers.items() if group == "Adds up" and not true] == []
    errors = [(sheet, cell.coordinate, cell.value) for sheet, cell in book.shown()
              if isinstance(cell.value, str) and cell.value.startswith(("#", "Err:"))]  # fmt: skip
    assert errors == []
    usable = name in ("typed negative", "typed nothing", "typed huge", "typed yes")  # yes is 1 in LibreOffice
    assert answers["What was entered", "every input is a number"] is usable
    assert "tie-outs TRUE" in book.values["Summary"]["A3"].value
    status = book.values["Summary"]["A5"].value
    if usable:
        assert status.startswith("Edited (")
        assert status.endswith("): numbers follow, the choice does not. The plan is no longer proven.")
    elif name.startswith("text as"):
        sheet, at = some_inputs(books["quickstart"].stored)[name.removeprefix("text as ")]
        assert status == f"No number in 1 input(s), first in {sheet}!{at}: what depends on it shows –."
    else:
        assert status.startswith("No number in ")


def test_a_creator_too_many_is_noticed(books: dict[str, Both]) -> None:
    answers = books["one too many"].fresh.checks()
    assert not answers["Limits are kept", "counts are within what each offer allows"]
    assert not answers["Limits are kept", "budget"]


def test_a_floor_that_may_be_left_out_is_kept_by_none_and_by_enough(books: dict[str, Both]) -> None:
    names = ("or none", "or none, 2 left", "or none, 0 left")
    kept = {name: books[name].fresh.value("Limits", "creators (instagram)", "Kept") for name in names}
    assert kept["or none"] is True
    assert kept["or none, 2 left"] is False
    assert kept["or none, 0 left"] is True
    assert books["or none"].fresh.value("Limits", "creators (tiktok)", "Kept") is True
    assert books["or none, 0 left"].fresh.value("Limits", "creators (instagram)", "Left") == "–"


@needs("pdftotext")
def test_nothing_is_cut_off_on_paper(books: dict[str, Both], tmp_path: Path) -> None:
    large = plan("launch-us").model_copy(update={"currency": "VND"})
    (tmp_path / "wide.xlsx").write_bytes(plan_workbook(large))
    (tmp_path / "comparison.xlsx").write_bytes(books["comparison"].stored.content)
    convert(tmp_path / "profile", "pdf", tmp_path, [tmp_path / "wide.xlsx", tmp_path / "comparison.xlsx"])
    for name in ("wide", "comparison"):
        text = subprocess.run(
            ["pdftotext", "-layout", str(tmp_path / f"{name}.pdf"), "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert "###" not in text
        assert text.count("\f") <= 16
