"""`optimize review` and `optimize replan --results` as a planner types them: what is printed, written and refused."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from optimizer import Review, read_results, review
from optimizer.plan.saved import read_plan
from optimizer.report.formats import markdown
from tests.test_cli import ROOT, in_process, run

SCENARIO = str(ROOT / "scenarios" / "after-the-campaign.yaml")
RESULTS = str(ROOT / "scenarios" / "after-the-campaign-results.csv")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("plan") / "plan.json")
    assert run("plan", SCENARIO, "-o", path).exit_code == 0
    return path


def test_the_most_important_line_is_the_first(plan: str) -> None:
    ran = run("review", plan, RESULTS)
    assert ran.exit_code == 0
    title, came, spent, who, *_ = ran.output.splitlines()
    assert title == "After the campaign: what came of it"
    assert came == "20,134 engagements came: 7 (0.035 %) more than the 20,127 engagements planned."
    assert spent == "9,180 EUR spent: 540 (5.6 %) less than the 9,720 EUR planned."
    assert who == "14 of 16 creators delivered, 24 of 27 posts are there."
    assert "rosa.quellmann: not in the plan" in " ".join(ran.output.split())
    assert "1 booking says no engagements and counts as planned." in " ".join(ran.output.split())


def test_what_is_printed_adds_up(plan: str) -> None:
    ran = run("review", plan, RESULTS)
    lines = ran.output.splitlines()
    start = lines.index("Why")
    table = lines[start + 3 : lines.index("", start)]
    first = [line[21:33].strip().replace(",", "") for line in table]
    numbers = [
        int(cell) for cell in first[: next(n for n, line in enumerate(table) if "came" in line) + 1] if cell
    ]
    assert sum(numbers[:-1]) == numbers[-1]


def test_json_is_the_record_and_adds_up(plan: str) -> None:
    ran = run("review", plan, RESULTS, "--format", "json")
    found = Review.model_validate_json(ran.stdout)
    assert found == review(read_plan(Path(plan).read_text(encoding="utf-8"), plan), read_results([RESULTS]))
    for one in found.measures:
        parts = sum(map(Decimal, map(repr, one.total.parts.values())), Decimal(0))
        assert parts == Decimal(repr(one.total.change))
    assert found.read is not None
    assert [(f.rows, f.kept, f.not_delivered) for f in found.read.files] == [(29, 26, 2)]


def test_csv_has_a_row_for_each_line_and_their_sum(plan: str) -> None:
    ran = run("review", plan, RESULTS, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    found = review(read_plan(Path(plan).read_text(encoding="utf-8"), plan), read_results([RESULTS]))
    assert len(rows) == len(found.lines) + 1
    for name in ("cost_change", "engagements_views", "hours_actual"):
        total = sum((Decimal(row[name]) for row in rows[:-1]), Decimal(0))
        assert total == Decimal(rows[-1][name])


def test_markdown_has_everything_and_escapes_names(plan: str, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("Creator,Posts,Engagements\nada.immenau,2,1800\n<b>|*x*,1,20\n", encoding="utf-8")
    found = review(read_plan(Path(plan).read_text(encoding="utf-8"), plan), read_results([str(path)]))
    shown = markdown(found)
    assert "<b>|" not in shown
    assert "rika_gruewald" in shown.replace("\\", "")  # every line, every booking without a row


def test_while_it_runs(plan: str, tmp_path: Path) -> None:
    path = tmp_path / "so far.csv"
    path.write_text(
        "Creator,Posts,Engagements,Paid,Hours\nada.immenau,1,1586,520,8\ntilo.delvino,2,11054,1220,16\n"
    )
    ran = run("review", plan, str(path), "--running")
    assert ran.exit_code == 0
    words = " ".join(ran.output.split())
    assert "2 of 16 creators delivered, 3 of 27 posts are there; 24 are still to come." in words
    assert "Likely to end at " in words
    assert " of the cases." in words
    again = run("replan", plan, SCENARIO, "--results", str(path))
    assert again.exit_code == 0
    words = " ".join(again.output.split())
    assert "2 of 16 creators are done or at work and stay booked." in words
    assert "They took 1,740 EUR, as planned." in words


def test_a_column_can_be_named(plan: str, tmp_path: Path) -> None:
    path = tmp_path / "results.csv"
    path.write_text("Creator,Posts,Net sum zzz,Engagements\nada.immenau,2,1100,1800\n", encoding="utf-8")
    assert "EUR spent" not in run("review", plan, str(path)).output
    named = run("review", plan, str(path), "--column", "paid=Net sum zzz")
    assert "1,100 EUR spent" in named.output
    wrong = run("review", plan, str(path), "--column", "paid")
    assert wrong.exit_code == 2
    assert "write FIELD=HEADER" in wrong.stderr
    unknown = run("review", plan, str(path), "--column", "paids=Net sum zzz")
    assert unknown.exit_code == 2
    assert "did you mean" in unknown.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("Colour,Size\nred,3\n", "creator"),
        ("Creator,Engagements\nada.immenau,lots\n", "'lots' is no number"),
    ],
)
def test_files_that_cannot_be_read_are_refused_with_the_place(
    plan: str, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "results.csv"
    path.write_text(text, encoding="utf-8")
    ran = in_process("review", plan, str(path))
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert "results.csv" in ran.stderr
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_scenario_is_no_plan(tmp_path: Path) -> None:
    ran = in_process("review", SCENARIO, RESULTS)
    assert ran.returncode == 2
    assert "not a plan" in ran.stderr
    assert "optimize scenario.yaml -o plan.json" in ran.stderr


def test_results_of_another_campaign_match_nothing_and_say_so(plan: str, tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("Creator,Posts,Engagements\nsomebody,1,10\n", encoding="utf-8")
    ran = run("review", plan, str(path))
    assert ran.exit_code == 0
    assert "0 of 16 creators delivered" in ran.output
    assert "somebody: not in the plan" in ran.output
    data = json.loads(run("review", plan, str(path), "--format", "json").stdout)
    assert sum(one["creators"] for one in data["missing"]) == 16
