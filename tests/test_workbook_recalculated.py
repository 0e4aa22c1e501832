"""Workbooks recalculated by LibreOffice: every formula comes to the value stored with it, and follows its inputs."""

from __future__ import annotations

import re
import subprocess
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest

from optimizer import Plan, load_scenario
from optimizer.plan.build import totals_of
from optimizer.plan.limit_results import limit_result
from optimizer.program.program import program_of
from optimizer.report.workbook.workbooks import (
    plan_workbook,
)
from tests.edited_workbooks import CHANGES, OTHERS, SLIPS, STORIES, TYPED, files, plans, row_of, some_inputs
from tests.programs import needs
from tests.reviewed import REVIEWS
from tests.stories import FOLDER, plan
from tests.workbooks import Both, Workbook, both, convert, scenario_of, wrong_cells


def status_of(book: Workbook) -> list[str]:
    """What the lines on the Summary say besides that all is well, by their first words; so does the Plan sheet."""
    lines = [str(book.values["Summary"][f"A{row}"].value or "") for row in (3, 4, 5)]
    told = [
        line
        for line in takewhile(bool, lines)  # the answer stands below an empty row
        if line.startswith(("As solved", "Edited", "No number")) or re.match(r"\d+ of", line)
    ]
    if "Plan" in book.sheets:
        assert book.values["Plan"]["A6"].value == lines[2]
    return [" ".join(line.replace(":", " ").split()[:2]) for line in told]


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Both]:
    return both(files(), tmp_path_factory.mktemp("office"))


UNTOUCHED = [*STORIES, *OTHERS, "comparison", "curve", "map", "safety", "reserves"]
UNTOUCHED += [f"review, {name}" for name in REVIEWS]
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


MISSED = {
    "another actual": ["Engagements: actual: lines to total", "Engagements: change: lines to total",
                       "Engagements: lines whose parts miss the change", "Engagements: planned and parts to actual",
                       "Engagements: bridge to actual", "Bookings to the lines of the plan",
                       "Engagements: change of nano", "Engagements: change of instagram"],
    "another plan": ["Engagements: planned: lines to total", "Engagements: change: lines to total",
                     "Engagements: lines whose parts miss the change", "Engagements: planned and parts to actual",
                     "Engagements: bridge to actual", "Engagements: change of nano",
                     "Engagements: change of instagram"],
    "another part": ["Engagements: response: lines to total", "Engagements: lines whose parts miss the change",
                     "Engagements: planned and parts to actual", "Engagements: bridge to actual"],
    "another actual and part": ["Engagements: actual: lines to total", "Engagements: change: lines to total",
                                "Engagements: response: lines to total", "Bookings to the lines of the plan",
                                "Engagements: change of mega", "Engagements: change of tiktok"],
    "another booking": ["Bookings inside", "Bookings below", "Bookings to the lines of the plan"],
}  # fmt: skip
"""What was mistyped in the workbook of a review -> the checks that are FALSE then, and no others."""


@pytest.mark.parametrize("what", SLIPS)
def test_a_slip_in_a_review_is_noticed_where_it_is(what: str, books: dict[str, Both]) -> None:
    book = books[f"review with {what}"].fresh
    missed = {name for (_, name), true in book.checks().items() if not true}
    if what in MISSED:
        assert missed == set(MISSED[what])
    assert missed
    assert book.values["Checks"]["B4"].value is False
    assert book.values["Summary"]["A3"].value.startswith(f"{len(missed)} of ")
    errors = [cell.value for _, cell in book.shown() if str(cell.value).startswith(("#", "Err:"))]
    assert errors == []
    where = (
        book.value("Lines", "nano", "Engagements: not explained"),
        book.value("Lines", "ada.example", "Engagements: not explained"),
    )
    left = {
        "another actual": (74, 0),
        "another plan": (-10, 0),
        "another part": (0, -266.66667),
        "a text": ("–", 0),
    }
    assert where == pytest.approx(left.get(what, (0, 0))) or where == left.get(what)
    assert book.value("Bookings", "@Ada.Example", "Against range") == (
        "inside" if what == "another booking" else "below"
    )


def test_what_a_review_shows_on_its_first_page_follows_the_lines(books: dict[str, Both]) -> None:
    book = books["review with another actual and part"].fresh
    for name, value in (("Planned", 3400), ("Response", -1263.42921811), ("Actual", 1897), ("Change", -1503)):
        assert book.value("Summary", "Engagements", name) == pytest.approx(value), name
    assert book.value("Tiers", "Engagements: change", "mega") == -1499
    assert book.value("Platforms", "Engagements: actual", "Total") == 1897
    running = books["review, running"].fresh
    assert running.value("Forecast", "Engagements", "Done") == 1896
    assert running.value("Summary", "Engagements", "Done", below="How it will end") == 1896


@needs("pdftotext")
def test_nothing_is_cut_off_on_paper(books: dict[str, Both], tmp_path: Path) -> None:
    large = plan("launch-us").model_copy(update={"currency": "VND"})
    (tmp_path / "wide.xlsx").write_bytes(plan_workbook(large))
    names = {"comparison": "comparison", "review": "review, everything", "running": "review, running"}
    for name, of in names.items():
        (tmp_path / f"{name}.xlsx").write_bytes(books[of].stored.content)
    convert(tmp_path / "profile", "pdf", tmp_path, [tmp_path / f"{name}.xlsx" for name in ("wide", *names)])
    for name in ("wide", *names):
        text = subprocess.run(
            ["pdftotext", "-layout", str(tmp_path / f"{name}.pdf"), "-"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        assert "###" not in text
        assert text.count("\f") <= (24 if name == "review" else 16)  # fourteen measures, line by line
