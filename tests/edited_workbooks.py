"""Workbooks for LibreOffice: as they are written, and as people edit them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

import openpyxl

from optimizer import Plan, Scenario, load_scenario, optimize, reserves, safety
from optimizer.finance.compare.compare import compare
from optimizer.finance.frontier.frontier import frontier
from optimizer.report.workbook.workbooks import (
    comparison_workbook,
    frontier_workbook,
    plan_workbook,
    reserves_workbook,
    review_workbook,
    safety_workbook,
)
from tests import workbooks
from tests.builders import scenario
from tests.random_scenarios import random_scenario
from tests.reviewed import REVIEWS
from tests.risky import pair
from tests.stories import FOLDER, plan
from tests.test_reserves import people
from tests.workbooks import Workbook

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
    safe = safety(Scenario.model_validate(pair()), confidences=[0.8, 0.9], target=30_000)
    found["safety"] = safety_workbook(safe)
    found["reserves"] = reserves_workbook(reserves(people()))
    found |= {f"review, {name}": review_workbook(make()) for name, make in REVIEWS.items()}
    found |= {
        f"review with {what}": edited(found["review, finished"], cells) for what, cells in SLIPS.items()
    }
    found["planted"] = planted(found["quickstart"])
    found["error"] = with_a_formula_that_fails(found["quickstart"])
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


SLIPS: dict[str, dict[tuple[str, str], Any]] = {
    "another actual": {("Lines", "L5"): 400},
    "another plan": {("Lines", "K5"): 410},
    "another part": {("Lines", "R6"): -1_000},
    "another actual and part": {("Lines", "L6"): 1_501, ("Lines", "R6"): -1_265.66666667},
    "another booking": {("Bookings", "H8"): 3_000},
    "a text": {("Lines", "L5"): "tbd"},
}
"""What someone may mistype in the workbook of a review."""


def planted(content: bytes) -> bytes:
    """The workbook with one stored value a cent too high: the total cost on the Plan sheet."""
    book = read(content)
    at = book.find("Plan", "Total", "Cost")
    value = book.values["Plan"][at].value

    def change(name: str, text: str) -> str:
        if name != "xl/worksheets/sheet2.xml":
            return text
        pattern = rf'(<c r="{at}"[^>]*><f>[^<]*</f><v>)[^<]*(</v>)'
        new, times = re.subn(pattern, rf"\g<1>{value + 0.01:.2f}\g<2>", text)
        assert times == 1
        return new

    return rewritten(content, change)


def with_a_formula_that_fails(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Plan"]["A40"] = "=XLOOKUP(1,B1:B2,B1:B2)"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


CHANGES: list[tuple[str, dict[str, Any], list[tuple[str, str, str, Any]]]] = [
    ("launch-us", {"offers[micro-instagram-reel].cost_per_post": 400, "fees.agency": 0.25,
                   "offers[micro-instagram-reel].engagement_rate": 0.05},
     [("Plan", "micro-instagram-reel", "Fee per post", 400), ("Plan", "Agency fee", "", 0.25),
      ("Plan", "micro-instagram-reel", "Engagement rate", 0.05)]),
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
def read(content: bytes) -> Workbook:
    return Workbook(content)


def edited(content: bytes, cells: dict[tuple[str, str], Any]) -> bytes:
    """The workbook with other values in cells that it has; all others keep what is stored with them.

    In the XML itself: openpyxl takes as long to write a workbook as LibreOffice to calculate it.
    """
    files = {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in enumerate(read(content).sheets, 1)}

    def change(name: str, text: str) -> str:
        for (sheet, at), value in cells.items():
            if files.get(name) == sheet:
                pattern = rf'<c r="{at}"( s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)'
                text, times = re.subn(pattern, lambda cell, a=at, v=value: _cell(a, cell[1] or "", v), text)
                assert times == 1, (sheet, at)
        return text

    return rewritten(content, change)


def _cell(at: str, style: str, value: Any) -> str:
    start = f'<c r="{at}"{style}'
    if value is None:
        return f"{start}/>"
    if isinstance(value, bool):
        return f'{start} t="b"><v>{value:d}</v></c>'
    if isinstance(value, str):
        return f'{start} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"{start}><v>{value!r}</v></c>"


def rewritten(content: bytes, change: Callable[[str, str], str]) -> bytes:
    """The workbook with `change(name, text)` of each sheet's XML."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = change(name, data.decode()).encode()
            copy.writestr(name, data)
    return target.getvalue()


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


TYPED = {"text": "abc", "blank": None, "negative": -3, "nothing": 0, "huge": 1e15, "yes": True}
"""What someone may type into any input."""
