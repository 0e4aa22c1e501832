"""`optimize risk` on the command line: what is said first, formats, mistakes and exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from optimizer import Safety, load_scenario, optimize, safety
from optimizer.cli.commands import cli
from optimizer.report import formats
from optimizer.report.page.safety_charts import bands_chart, trade_chart
from optimizer.report.sections.safety import bookings_table, plans_table, promises_table
from optimizer.risk.safety.findings import headline_promise, rounded
from tests import shell
from tests.once import jobs_done_once
from tests.risky import PAIR, STARS, Kind, pair, world
from tests.workbooks import Workbook

ONE = ("--jobs", "1")


solved_once = pytest.fixture(scope="module", autouse=True)(jobs_done_once)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("risk")
    (place / "stars.yaml").write_text(yaml.safe_dump(pair()), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def found(folder: Path) -> Safety:
    return safety(load_scenario(folder / "stars.yaml"), target="30k")


def run(folder: Path, *words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["risk", str(folder / "stars.yaml"), *(str(word) for word in words)])


def test_what_safety_costs_is_said_first(folder: Path, found: Safety) -> None:
    result = run(folder, "--target", "30k", *ONE)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "Stars"
    promise = headline_promise(found)
    assert " ".join(lines[1:3]).startswith("Safety costs ")
    assert f"9 of 10 cases reach {rounded(promise.dependable)} engagements" in " ".join(lines[1:4])
    order = ["Findings", "Plans from bold to safe", "What can be promised", "Who is booked"]
    places = [lines.index(title) for title in order]
    assert places == sorted(places)
    assert max(len(line) for line in lines) <= 80
    assert formats.text(found) == result.stdout


def test_the_same_in_every_format(folder: Path, found: Safety) -> None:
    told = Safety.model_validate_json(run(folder, "--target", "30k", "--format", "json", *ONE).stdout)
    assert told == found
    text = run(folder, "--target", "30000", "--format", "csv", *ONE).stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [int(row["plan"]) for row in rows] == [plan.number for plan in found.plans]
    for row, plan in zip(rows, found.plans, strict=True):
        assert (float(row["expected"]), float(row["p10"]), float(row["p90"])) == (
            plan.expected,
            plan.p10,
            plan.p90,
        )
        assert float(row["dependable_95"]) == plan.dependable[2]
        assert float(row["target_chance"]) == plan.target_chance
        assert row["today"] == str(int(plan.number == found.today))
        assert sum(float(row[f"share_{kind.name}"]) for kind in PAIR) == pytest.approx(1)
    promised = {level: int(row["plan"]) for row in rows for level in row["promise"].split("; ") if level}
    assert promised == {f"{100 * p.confidence:g}": p.plan for p in found.promises}
    page = run(folder, "--target", "30k", "--format", "md", *ONE).stdout
    assert page.startswith("# Stars\n")
    assert "## What can be promised" in page


def test_tables_say_what_the_record_has(found: Safety) -> None:
    table = plans_table(found)
    assert [row[0].strip("*") for row in table.rows] == [str(plan.number) for plan in found.plans]
    assert table.strong == {found.today - 1}
    at = {name: place for place, name in enumerate(table.columns)}
    for row, plan in zip(table.rows, found.plans, strict=True):
        assert row[at["bad case"]] == rounded(plan.p10)
        assert row[at["good case"]] == rounded(plan.p90)
        assert row[at["in budget"]] == "100 %"
    assert [row[1] for row in promises_table(found).rows] == [rounded(p.dependable) for p in found.promises]
    booked = bookings_table(found, everything=True)
    for place, name in enumerate(booked.columns[1:], 1):
        plan = found.plan_of(int(name.split(",")[0].removeprefix("plan ")))
        assert sum(int(row[place]) for row in booked.rows) == plan.creators


def test_the_workbook_has_the_plans_and_ties_out(found: Safety) -> None:
    book = Workbook(formats.workbook(found))
    assert book.sheets == ["Summary", "Plans", "Bookings", "Checks"]
    rows = list(book.values["Plans"].iter_rows(min_row=5, max_row=4 + len(found.plans), values_only=True))
    assert [row[0] for row in rows] == [plan.number for plan in found.plans]
    assert [row[3] for row in rows] == [plan.expected for plan in found.plans]
    assert [row[5] for row in rows] == [plan.p10 for plan in found.plans]
    assert book.values["Checks"]["B4"].value is True
    assert formats.workbook(found) == formats.workbook(found)


def test_the_page_draws_every_plan(found: Safety) -> None:
    trade, bands = trade_chart(found), bands_chart(found)
    assert trade is not None
    assert bands is not None
    drawn = [row for layer in trade.wide["layer"] for row in layer["data"]["values"]]
    for plan in found.plans:
        assert any(row["bad"] == plan.p10 and row["expected"] == plan.expected for row in drawn)
    names = [row["name"] for row in bands.wide["hconcat"][0]["data"]["values"]]
    assert names == [
        f"plan {p.number}" + (" (today)" if p.number == found.today else "") for p in found.plans
    ]
    for plan in found.plans:
        name = f"plan {plan.number}" + (" (today)" if plan.number == found.today else "")
        shares = [row["share"] for row in bands.wide["hconcat"][1]["data"]["values"] if row["name"] == name]
        assert sum(shares) == pytest.approx(1)
    page = formats.page(found)
    assert "What safety costs" in page
    assert found.sentences[0] in page


def test_a_saved_plan_gives_its_scenario(folder: Path, found: Safety) -> None:
    saved = folder / "plan.json"
    saved.write_text(optimize(load_scenario(folder / "stars.yaml")).model_dump_json(), encoding="utf-8")
    result = CliRunner().invoke(cli, ["risk", str(saved), "--target", "30k", "--format", "json", *ONE])
    assert Safety.model_validate_json(result.stdout).plans == found.plans


def test_options_change_the_scenario_and_the_question(folder: Path) -> None:
    result = run(folder, "--set", "budget=6000", "--confidence", "50, 97.5%,0.9", "--format", "json", *ONE)
    told = Safety.model_validate_json(result.stdout)
    assert told.confidences == (0.5, 0.9, 0.975)
    assert all((plan.cost or 0) <= 6_000 for plan in told.plans)
    assert told.target is None


def test_everything_wrong_is_said_at_once_and_nothing_is_solved(folder: Path) -> None:
    result = run(folder, "--confidence", "40,x", "--target", "lots", "--set", "solver.whole_creators=false")
    assert result.exit_code == 2
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 5
    assert lines[0].startswith("confidence: 40 % is no confidence")
    assert lines[1].startswith("confidence: 'x' is not a number")
    assert lines[2].startswith("target: 'lots' is not a number")
    assert "a fraction of a creator has no chance of its own" in lines[3]
    assert lines[4] == "4 problems; nothing was planned"


def test_nothing_varies_is_an_answer(tmp_path: Path) -> None:
    plain = [Kind(k.name, k.cost, k.brings, 1.0, 0.0, k.most) for k in STARS]
    (tmp_path / "stars.yaml").write_text(yaml.safe_dump(world(plain)), encoding="utf-8")
    result = run(tmp_path, *ONE)
    assert result.exit_code == 0
    assert "No number behind engagements has a range" in result.stdout
    assert "Plans from bold to safe" not in result.stdout
    told = Safety.model_validate_json(run(tmp_path, "--format", "json", *ONE).stdout)
    assert len(told.plans) == 1
    assert Workbook(formats.workbook(told)).values["Checks"]["B4"].value is True
    assert "No number behind engagements" in formats.page(told)


def test_processes_end_with_the_right_codes_and_the_same_bytes(folder: Path) -> None:
    one = shell.optimize("risk", "stars.yaml", "--format", "json", *ONE, cwd=folder)
    two = shell.optimize("risk", "stars.yaml", "-o", "out.json", "--jobs", "2", cwd=folder)
    assert (one.code, two.code) == (0, 0)
    assert len(json.loads(one.out)["plans"]) > 1
    assert two.out == b""
    assert (folder / "out.json").read_bytes() == one.out
    none = shell.optimize(
        "risk", "stars.yaml", "--set", "limits=[{measure: engagements, min: 1e9}]", cwd=folder
    )
    assert none.code == 3
    assert none.out == b""
    late = shell.optimize("risk", "stars.yaml", "--total-time", "0.1", *ONE, cwd=folder)
    assert late.code in (0, 4)  # today's plan was found in time, or it was not
    assert "in time" in late.message or "time was up" in late.message
    assert shell.optimize("risk", "missing.yaml", cwd=folder).code == 2
