"""`optimize stress` on the command line, and filters in paths of `--set`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from optimizer import Stress, load_scenario, parse_scenario, stress
from optimizer.cli.commands import cli
from optimizer.language.paths import split_assignment, steps_of
from optimizer.report import formats
from tests.test_stress import TEXT


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["stress", *(str(word) for word in words)])


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text("name: Spring\n" + TEXT)
    return path


def test_the_case_that_hurts_most_comes_first(scenario: Path) -> None:
    found = run(scenario, "--change", "budget -15%")
    assert found.exit_code == 0, found.output
    lines = found.stdout.splitlines()
    assert lines[:2] == [
        "Spring",
        '"nothing works" hurts most: as booked the plan breaks enough (300 engagements',
    ]
    assert max(map(len, lines)) <= 80
    order = [
        "The plan as booked",
        "Had one known",
        "Limits that break as booked",
        "What one would have booked instead",
    ]
    assert [line for line in lines if line in order] == order
    (booked,) = (line for line in lines if line.split()[:1] == ["dearer"] and "breaks" in line)
    assert booked.split() == ["dearer", "2,000", "0", "%", "1,200", "20", "breaks", "budget"]
    assert "  dearer: budget (200 USD too much): 1,200, at most 1,000 USD allowed." in lines
    assert "  budget -15%: budget (150 USD too much): 1,000, at most 850 USD allowed." in lines


def test_a_saved_plan_gives_the_same_and_is_not_planned_again(scenario: Path, monkeypatch: Any) -> None:
    saved = scenario.with_suffix(".json")
    made = CliRunner().invoke(cli, ["plan", str(scenario), "-o", str(saved)])
    assert made.exit_code == 0, made.output
    first = run(scenario, "--format", "json")
    monkeypatch.setattr("optimizer.risk.stress.stress.optimize", None)
    again = run(saved, "--format", "json")
    assert again.exit_code == 0, again.output
    assert json.loads(first.stdout) == json.loads(again.stdout)


def test_set_plans_again(scenario: Path) -> None:
    found = run(scenario, "--set", "budget=500", "--format", "json")
    result = Stress.model_validate_json(found.stdout)
    assert (result.planned.value, result.planned.cost) == (1000, 500)


def test_each_change_is_a_case_and_semicolons_join(scenario: Path) -> None:
    found = run(scenario, "--change", "fees +5%; budget +5%", "--change", "hours x2", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(found.stdout)))
    assert [row["case"] for row in rows][3:] == ["fees +5%; budget +5%", "hours x2"]
    assert rows[3]["cost"] == "1050.0"
    assert (rows[1]["broken"], rows[1]["keeps_limits"], rows[1]["regret"]) == (
        "budget: 200.0",
        "no",
        "-550.0",
    )
    assert [row["hurts_most"] for row in rows] == ["no", "no", "yes", "no", "no"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--change", "fees 20%"], "'fees 20%' does not end in a change"),
        (["--change", "nanno fees +20%"], "'nanno fees +20%': no offer is 'nanno'"),
        (["--change", "small fees +20%", "--change", "foo x2"], "'foo x2': 'foo' is no number"),
        (["--change", "engagements x0"], None),
        (["-o", "x.docx"], "the ending .docx names no format"),
    ],
)
def test_mistakes_say_what_and_how_to_mend_it(scenario: Path, words: list[str], message: str | None) -> None:
    found = run(scenario, *words)
    assert found.exception is None or isinstance(found.exception, SystemExit)
    if message is None:
        assert found.exit_code == 0
        return
    assert found.exit_code == 2
    assert message in found.stderr
    assert found.stdout == ""


def test_no_case_and_no_plan_are_said(tmp_path: Path) -> None:
    bare = tmp_path / "bare.yaml"
    bare.write_text(TEXT.split("stress:")[0])
    found = run(bare)
    assert found.exit_code == 2
    assert "there is no case to test" in found.stderr
    bare.write_text(TEXT.replace("min: 500", "min: 5000"))
    assert run(bare).exit_code == 3


def test_every_format_is_written(scenario: Path, tmp_path: Path) -> None:
    for ending in ("txt", "json", "csv", "md", "html", "xlsx"):
        out = tmp_path / f"out.{ending}"
        found = run(scenario, "-o", out)
        assert found.exit_code == 0, found.output
        assert out.stat().st_size > 300
    assert (tmp_path / "out.md").read_text().startswith("# Spring\n")
    page = (tmp_path / "out.html").read_text()
    assert "Stress test" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert page.count("<svg") >= 2  # wide and narrow
    assert "as booked 800 engagements, limits all kept; best had one known 1,500 engagements" in page


def test_the_workbook_has_differences_as_formulas_and_ties_out(scenario: Path) -> None:
    content = formats.workbook(stress(load_scenario(scenario)))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Summary", "Cases", "Checks"]
    cases = book["Cases"]
    assert [cell.value for cell in cases["A"]][4:8] == [
        "as planned",
        "instagram turns",
        "dearer",
        "nothing works",
    ]
    assert (cases["C6"].value, cases["H6"].value) == ('=IFERROR(B6-B5,"–")', '=IFERROR(G6-B6,"–")')
    values = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    assert [values["Cases"][at].value for at in ("B6", "C6", "G6", "H6")] == [800, -1200, 1500, 700]
    assert values["Checks"]["B4"].value is True
    assert content == formats.workbook(stress(load_scenario(scenario)))


def test_a_plan_of_no_result_is_drawn_as_well() -> None:
    text = TEXT.replace("objective: engagements", "objective: {minimize: cost}").replace("min: 500", "min: 0")
    result = stress(parse_scenario(text))
    assert result.planned.value == 0
    for show in (formats.text, formats.markdown, formats.csv, formats.page, formats.workbook):
        assert show(result)


def test_names_in_cases_cannot_steer_a_terminal_or_a_page() -> None:
    text = TEXT.split("stress:")[0] + 'stress: {"<b>\\u001b[31mred": fees +20%}\n'
    result = stress(parse_scenario(text))
    assert "\x1b" not in formats.text(result) + formats.markdown(result)
    assert "<b>\ufffd[31m" not in formats.page(result)
    assert "&lt;b&gt;\ufffd[31mred" in formats.page(result)


# --- paths by filter -----------------------------------------------------------------------------------------

OFFERS = """
budget: 1000
objective: creators
offers:
  - {name: a, tier: nano, platform: ig, country: Italy, cost_per_post: 10, creators: {max: 3}}
  - {name: b, tier: nano, platform: tiktok, cost_per_post: 20, creators: {max: 3}, tags: {flight: "may, late"}}
  - {name: tier=nano, tier: macro, platform: tiktok, cost_per_post: 30, creators: {max: 3}, tags: {flight: june}}
  - {tier: micro, platform: tiktok, each: {market: [US, UK]}, cost_per_post: 40, creators: {max: 3}}
"""


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("offers[platform=instagram].cost_per_post", [0]),
        ("offers[platform=Insta].cost_per_post", [0]),
        ("offers[platform=tiktok].cost_per_post", [1, 2, 3, 4]),
        ("offers[tier=nano].cost_per_post", [2]),  # a name goes before a filter
        ("offers[tier=nano,platform=tiktok].cost_per_post", [1]),
        ("offers[tier=micro,tier=macro].cost_per_post", [2, 3, 4]),
        ("offers[country=IT].cost_per_post", [0]),
        ("offers[market=UK].cost_per_post", [4]),
        ("offers[flight='may, late'].cost_per_post", [1]),
        ('offers[flight="may, late"].cost_per_post', [1]),
        ("offers[name=b].cost_per_post", [1]),
        ("offers[offer=micro-tiktok-US].cost_per_post", [3]),
        ("offers[name='tier=nano'].cost_per_post", [2]),
    ],
)
def test_a_filter_sets_every_offer_that_fits(path: str, changed: list[int]) -> None:
    split = split_assignment(f"{path}=7")
    assert split == (path, "7")
    assert len(steps_of(path)) == 3
    for found in (parse_scenario(OFFERS, {path: 7}), parse_scenario(OFFERS).with_changes({path: 7})):
        prices = [offer.cost_per_post.typical for offer in found.offers if offer.cost_per_post]
        assert [i for i, price in enumerate(prices) if price == 7] == changed


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("offers[teir=nano].cpm", "no offer has a 'teir' to filter by (did you mean 'tier'?)"),
        ("offers[tier=nanno].cpm", "no offer is written with tier=nanno (did you mean 'nano'?)"),
        ("offers[tier=macro,platform=instagram].cpm", "no offer fits tier=macro,platform=instagram"),
        ("offers[tier=nano,].cpm", None),
        ("offers[tier=nano,tiktok].cpm", "is no filter (write e.g. [tier=nano,platform=tiktok])"),
    ],
)
def test_a_filter_that_fits_nothing_is_an_error(path: str, message: str | None, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(OFFERS.replace("name: tier=nano", "name: c"))
    found = CliRunner().invoke(cli, ["check", str(file), "--set", f"{path}=12"])
    if message is None:
        assert found.exit_code == 0, found.output
        return
    assert found.exit_code == 2
    assert f"--set {path}: " in found.stderr
    assert message in found.stderr


def test_a_value_behind_a_filter_may_be_removed_or_stand_deeper() -> None:
    found = parse_scenario(
        OFFERS, {"offers[platform=tiktok].creators.max": 9, "offers[platform=ig].tags.x": "y"}
    )
    assert [offer.creators.max for offer in found.offers] == [3, 9, 9, 9, 9]
    assert found.offers[0].tags == {"x": "y"}
