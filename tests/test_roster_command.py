"""`optimize roster`, `optimize new --from-roster`, `optimize check`: what a planner sees."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from optimizer import load_scenario, optimize
from optimizer.cli.commands import cli
from tests.rosters import saved

TEXT = (
    "Username;Platform;Country;Followers;Honorar (EUR);ER\n"
    "anna;Instagram;Deutschland;12,5K;350;3,2%\n"
    "ben;TikTok;Italien;8.400;;2,1%\n"
    "@ANNA;Instagram;DE;12,5K;350;3,2%\n"
    "cleo;Instagram;Atlantis;45,1K;90.000;350%\n"
    "dana;Instagram;IT;0;10;1%\n"
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return saved(tmp_path, {"creators.csv": TEXT})


def test_json_has_every_row_and_column(file: Path) -> None:
    done = run("roster", file, "--format", "json")
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert {
        "file",
        "encoding",
        "delimiter",
        "header_line",
        "rows",
        "kept",
        "dropped",
        "columns",
        "duplicates",
        "problems",
    } <= data.keys()
    assert (data["encoding"], data["delimiter"], data["header_line"]) == ("UTF-8", ";", 1)
    assert data["rows"] == data["kept"] + len(data["dropped"]) + len(data["refused"]) == 5
    assert data["dropped"] == [
        {"line": 4, "reason": "the same as line 2: ANNA"},
        {"line": 6, "reason": "0 followers"},
    ]
    assert data["duplicates"] == [{"name": "anna", "lines": [2, 4], "identical": True}]
    columns = {column["used_as"]: column for column in data["columns"]}
    assert all(
        c.keys() >= {"name", "used_as", "format", "values", "sum", "blanks", "odd"} for c in data["columns"]
    )
    assert (columns["followers"]["sum"], columns["followers"]["values"]) == (78_500, 5)
    assert (columns["cost_per_post"]["sum"], columns["cost_per_post"]["blanks"]) == (90_710, 1)
    odd = {(one["line"], one["value"]): one["why"] for c in data["columns"] for one in c["odd"]}
    assert "above 100 %" in odd[5, "350%"]
    assert "far above what 45,100 followers cost" in odd[5, "90.000"]
    assert "no country that is known" in odd[5, "Atlantis"]
    assert (6, "0") in odd


def test_text_says_the_same_to_people(file: Path) -> None:
    done = run("roster", file)
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert lines[1] == "5 rows: 3 can be offers, 2 left out."
    assert "line 4: the same as line 2: ANNA" in done.stdout
    assert "Honorar (EUR) cost_per_post" in done.stdout
    assert max(map(len, lines)) <= 80 or str(file) in lines[0]


def test_problems_are_shown_and_exit_with_2(tmp_path: Path) -> None:
    path = saved(tmp_path, {"c.csv": "username,followers\nanna,1.234\n", "b.csv": "x\n"})
    for form in ("text", "json"):
        done = run("roster", path, "--format", form)
        assert done.exit_code == 2
        assert "1.234 could mean 1,234 or 1.234" in done.stdout
        assert "1 problem to be mended" in done.stderr
    said = run(
        "roster", path, "--set", "columns.followers={from: followers, decimal: ','}", "--format", "json"
    )
    assert (said.exit_code, json.loads(said.stdout)["columns"][1]["sum"]) == (0, 1234)
    assert run("roster", tmp_path / "none.csv").exit_code == 2
    assert run("roster", tmp_path).exit_code == 2
    wrong = run("roster", path, "--set", "colums.followers=x")
    assert (wrong.exit_code, "did you mean 'columns'?" in wrong.stderr) == (2, True)


def test_the_offers_written_out_plan_as_the_file_does(file: Path, tmp_path: Path) -> None:
    done = run("roster", file, "-o", tmp_path / "roster.yaml", "--set", "keep.followers.max=20000")
    assert done.exit_code == 0, done.output
    written = load_scenario(tmp_path / "roster.yaml")
    assert [offer.name for offer in written.offers] == ["anna", "ben"]
    assert "rosters" not in (tmp_path / "roster.yaml").read_text(encoding="utf-8")
    assert optimize(written, draws=0).status == "optimal"


def test_a_new_scenario_from_a_roster_plans(file: Path, tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    target = tmp_path / "plans" / "spring.yaml"
    done = run("new", "--from-roster", file, target)
    assert done.exit_code == 0, done.output
    text = target.read_text(encoding="utf-8")
    assert 'file: "../creators.csv"' in text
    assert "currency: EUR" in text
    assert "exchange_rates: {USD: 1.1240}    # CHECK" in text  # 1 / 0.89
    planned = run(target, "--no-risk")
    assert planned.exit_code == 0, planned.output
    assert optimize(load_scenario(target), draws=0).lines
    refused = run(
        "new",
        "--from-roster",
        saved(tmp_path, {"c.csv": "username,followers\nanna,1.234\n"}),
        tmp_path / "x.yaml",
    )
    assert refused.exit_code == 2
    assert "c.csv:2:2: followers: 1.234 could mean" in refused.stderr
    assert not os.path.exists(tmp_path / "x.yaml")


def test_a_list_without_platforms_says_which_is_taken(tmp_path: Path) -> None:
    path = saved(tmp_path, {"list.csv": "username,followers,cost\nanna,12000,300\nben,9000,200\n"})
    assert run("new", "--from-roster", path, tmp_path / "a.yaml").exit_code == 0
    text = (tmp_path / "a.yaml").read_text(encoding="utf-8")
    assert "CHECK: no column says the platform, so instagram is taken" in text
    assert load_scenario(tmp_path / "a.yaml").offers[0].platform == "instagram"
    path = saved(tmp_path, {"tiktok_march.csv": "username,followers,cost\nanna,12000,300\nben,9000,200\n"})
    assert run("new", "--from-roster", path, tmp_path / "b.yaml").exit_code == 0
    assert load_scenario(tmp_path / "b.yaml").offers[0].platform == "tiktok"


def test_check_counts_the_rows(file: Path, tmp_path: Path) -> None:
    run("new", "--from-roster", file, tmp_path / "plan.yaml")
    done = run("check", tmp_path / "plan.yaml")
    assert done.exit_code == 0, done.output
    first, second = done.stdout.splitlines()
    assert "creators.csv: 5 rows, 3 creators, 2 left out" in first
    assert "3 offers" in second


def test_workbooks_are_read(tmp_path: Path) -> None:
    if not os.environ.get("CI"):
        pytest.importorskip("python_calamine")
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Creators of March"],
        [],
        ["Username", "Followers", "Fee", "ER", "Country"],
        ["anna", 12345, 1.5, 0.032, "Italy"],
        [4711, 8400.0, None, 0.021, "Germany"],
        ["@ANNA", 12345, 1.5, 0.032, "IT"],
    ):
        sheet.append(row)
    book.save(tmp_path / "c.xlsx")
    done = run("roster", tmp_path / "c.xlsx", "--format", "json")
    assert done.exit_code == 0, done.output
    data = json.loads(done.stdout)
    assert (data["rows"], data["kept"], data["header_line"], data["sheet"]) == (3, 2, 3, "Sheet")
    sums = {column["used_as"]: column["sum"] for column in data["columns"]}
    assert (sums["followers"], sums["cost_per_post"]) == (33_090, 3)
    assert sums["engagement_rate"] == pytest.approx(0.085)
    (tmp_path / "d.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    broken = run("roster", tmp_path / "d.xlsx")
    assert (broken.exit_code, "no workbook that can be read" in broken.stderr) == (2, True)


def test_without_its_package_a_workbook_is_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    (tmp_path / "c.xlsx").write_bytes(b"PK\x03\x04")
    done = run("roster", tmp_path / "c.xlsx")
    assert done.exit_code == 2
    assert "save the file as CSV UTF-8" in done.stderr
    assert "creatormix[xlsx]" in done.stderr
