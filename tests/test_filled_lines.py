"""Lines that rest on a fee or a rate which nobody gave say so in every output."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from typing import Any

import openpyxl
import pytest

from optimizer import Reserves, optimize, reserves
from optimizer.plan.plan import Plan
from optimizer.report.formats import csv as csv_of
from optimizer.report.formats import markdown, page, text, workbook
from tests.builders import scenario

NAMED: dict[str, Any] = {
    "platform": "instagram",
    "format": "reel",
    "followers": 20_000,
    "creators": {"max": 1},
    "hours_per_creator": 1,
}
OFFERS = {
    "own": {**NAMED, "cost_per_post": 200, "engagement_rate": "3%"},
    "no fee": {**NAMED, "engagement_rate": "3%"},
    "no rate": {**NAMED, "cost_per_post": 190},
    "neither": NAMED,
    "count instead": {**NAMED, "cost_per_post": 180, "engagements_per_post": 700},
    "room for more": {**NAMED, "creators": {"max": 2}},
    "of a tier": {"platform": "instagram", "format": "reel", "tier": "micro", "creators": {"max": 1}},
    "too dear": {**NAMED, "followers": 3_000_000},
}
FILLED = {
    "own": (),
    "no fee": ("cost_per_post",),
    "no rate": ("engagement_rate",),
    "neither": ("cost_per_post", "engagement_rate"),
    "count instead": (),
    "room for more": (),
    "of a tier": (),
}
MARKS = {(): "", ("cost_per_post",): "fee?", ("engagement_rate",): "ER?", FILLED["neither"]: "fee? ER?"}


@cache
def plan() -> Plan:
    offers = [{"name": name, **fields} for name, fields in OFFERS.items()]
    asked = scenario(budget=8000, objective="creators", benchmarks="global-2026", offers=offers)
    return optimize(asked, draws=0)


@cache
def nothing_filled() -> Plan:
    offers = [{"name": "own", **OFFERS["own"]}]
    asked = scenario(budget=8000, objective="creators", benchmarks="global-2026", offers=offers)
    return optimize(asked, draws=0)


def test_fields_of_named_creators_that_nobody_gave() -> None:
    assert {line.offer: line.filled for line in plan().lines} == FILLED
    lines = json.loads(plan().model_dump_json())["lines"]
    assert {line["offer"]: tuple(line["filled"]) for line in lines} == FILLED


def test_flags_name_the_same_lines() -> None:
    flags = [flag.message for flag in plan().flags if flag.code == "filled-in"]
    assert len(flags) == 2
    assert flags[0].startswith("2 of 5 named creators booked")
    assert "(no fee, neither)" in flags[0]
    assert "(no rate, neither)" in flags[1]


@pytest.mark.parametrize("form", [text, markdown, page])
def test_marks_with_their_meaning(form: Any) -> None:
    shown = form(plan())
    for name, filled in FILLED.items():
        marked = f"{name} {MARKS[filled]}".rstrip()
        rows = [row for row in shown.splitlines() if f"{name} " in row or f"{name}<" in row]
        assert any(marked in row for row in rows), name
        assert filled or not any(f"{name} {mark}" in shown for mark in ("fee?", "ER?")), name
    words = " ".join(shown.split())
    assert "fee?: no fee given" in words
    assert "ER?: no engagement rate given" in words
    assert not any(mark in form(nothing_filled()) for mark in ("fee?", "ER?"))


def test_csv_and_records_have_a_column_where_there_is_something_to_say() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(plan()))))
    assert {row["offer"]: tuple(row["filled"].split()) for row in rows} == FILLED
    assert {row["offer"]: row["filled"] for row in plan().records()} == {
        name: " ".join(filled) or None for name, filled in FILLED.items()
    }
    assert "filled" not in csv_of(nothing_filled())
    assert "filled" not in nothing_filled().records()[0]


def test_the_plan_sheet_has_a_column_also_for_who_is_not_booked() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(plan())))["Plan"]
    rows = [list(row) for row in sheet.iter_rows(min_row=7, values_only=True)]
    at = rows[0].index("Usual, not given")
    found = {row[0]: row[at] or "" for row in rows[1:] if row[0] in OFFERS}
    words = {"cost_per_post": "fee", "engagement_rate": "engagement rate"}
    assert found.pop("too dear") == "fee, engagement rate"
    assert found == {name: ", ".join(words[field] for field in filled) for name, filled in FILLED.items()}
    other = openpyxl.load_workbook(io.BytesIO(workbook(nothing_filled())))["Plan"]
    assert not any("Usual, not given" in row for row in other.iter_rows(values_only=True))


def named(name: str, **fields: Any) -> dict[str, Any]:
    return {
        "name": name,
        **NAMED,
        "engagement_rate": "3%",
        "cost_per_post": 200,
        "hours_per_post": 0,
        **fields,
    }


@cache
def who_else() -> Reserves:
    offers = [
        named("ann", followers=40_000, person="P1"),
        named("ann on tiktok", followers=30_000, person="P1", platform="tiktok", format="video"),
        named("bea", followers=60_000, person="P2"),
        named("cleo", followers=30_000, cost_per_post=None),
        named("dina", engagement_rate=None),
        named("ella", followers=10_000, person="P3"),
    ]
    return reserves(
        scenario(effort_hours=3, objective="engagements", benchmarks="global-2026", offers=offers)
    )


def test_who_comes_in_is_marked_with_what_nobody_gave() -> None:
    found = who_else()
    shown = text(found)
    words = " ".join(shown.split())
    assert "cleo fee?" in words
    assert "dina ER?" in words
    assert "ella fee?" not in words
    assert "Marked fee?: no fee given; what creators of that size usually ask." in words
    assert "Marked ER?: no engagement rate given" in words
    rows = list(csv.DictReader(io.StringIO(csv_of(found))))
    filled = {row["book"]: row["book_filled"] for row in rows if row["book"]}
    assert (filled["cleo"], filled["dina"], filled["ella"]) == ("cost_per_post", "engagement_rate", "")
    assert {one.books.offer: one.books.filled for one in found.next}["cleo"] == ("cost_per_post",)


def test_who_says_no_is_called_by_the_account_and_a_person_on_several_by_both() -> None:
    found = who_else()
    assert {place.name for place in found.places} == {"P1", "P2"}
    shown = text(found)
    assert "P1 (ann + ann on tiktok)" in shown
    assert "P2" not in shown
    assert "bea" in shown
