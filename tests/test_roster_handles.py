"""Handles that look like formulas, numbers and dates are the same names from file to plan, CSV, reserves and offers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from optimizer import Plan, Scenario, load_scenario, optimize, reserves
from optimizer.language.csv_in import read_table
from optimizer.report.formats import csv as csv_of
from tests.rosters import reading, saved
from tests.test_cli import run

HANDLES = (
    "=cmd|' /C calc'!A0",
    "+491701234567",
    "007",
    "1e5",
    "-5",
    "MAR1",
    "3-4",
    "TRUE",
    "＝wide",
    "o'neil",
    "anna",
)
"""As they are in a plan: an @ in front says that it is a handle, and is not part of it."""
DIALECTS = ("plain", "excel", "excel-semicolon", "excel-comma")


def written(at: str = "") -> str:
    text = io.StringIO()
    rows = [[f"{at}{name}", 1000 + i, 10 + i, f"{2 + i / 10:.1f}%"] for i, name in enumerate(HANDLES)]
    csv.writer(text).writerows([["username", "followers", "fee", "ER"], *rows])
    return text.getvalue()


def scenario_of(folder: Path, content: str) -> Scenario:
    plan = "budget: 120\nobjective: engagements\nrosters: [{file: creators.csv, defaults: {platform: instagram}}]\n"
    return load_scenario(saved(folder, {"plan.yaml": plan, "creators.csv": content}))


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return optimize(scenario_of(tmp_path_factory.mktemp("handles"), written()), draws=0)


def test_a_handle_with_an_at_is_the_same(tmp_path: Path) -> None:
    assert {offer.name for offer in scenario_of(tmp_path, written("@")).offers} == set(HANDLES)


def names_in(text: str, column: str) -> set[str]:
    table = read_table(text, "t.csv")
    at = [cell.removeprefix("'") for cell in table.header.cells].index(column)
    cells = [row.cells[at] for row in table.rows]
    return {cell[1:] if cell[:1] == "'" else cell for cell in cells}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_csv_of_the_plan_names_them_as_they_are(dialect: str, plan: Plan) -> None:
    booked = {line.offer for line in plan.lines}
    assert len(booked) >= 6
    assert "=cmd|' /C calc'!A0" in {one.name for one in Scenario.model_validate(plan.inputs).offers}
    assert names_in(csv_of(plan, dialect), "offer") == booked  # type: ignore[arg-type]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_csv_of_reserves_names_them_as_they_are(dialect: str, plan: Plan) -> None:
    found = reserves(plan)
    text = csv_of(found, dialect)  # type: ignore[arg-type]
    told = names_in(text, "says_no") | {
        part for cell in names_in(text, "book") if cell for part in cell.split(" + ")
    }
    assert told <= set(HANDLES)
    assert {place.name for place in found.places} <= told


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_plan_written_as_csv_is_a_roster_of_the_same_names(dialect: str, plan: Plan) -> None:
    text = csv_of(plan, dialect)  # type: ignore[arg-type]
    read = reading(text, columns={"name": "offer", "impressions_per_post": "impressions"})
    assert {one.name for one in read.creators} == {line.offer for line in plan.lines}


def test_offers_written_out_are_the_same_names_and_plan_the_same(tmp_path: Path, plan: Plan) -> None:
    source, target = tmp_path / "creators.csv", tmp_path / "roster.yaml"
    source.write_text(written(), encoding="utf-8")
    ran = run("roster", str(source), "--set", "defaults.platform=instagram", "-o", str(target))
    assert ran.exit_code == 0, ran.output
    again = load_scenario(target, {"budget": 120})
    assert {offer.name for offer in again.offers} == set(HANDLES)
    found = optimize(again, draws=0)
    assert {line.offer for line in found.lines} == {line.offer for line in plan.lines}
