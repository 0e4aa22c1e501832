"""`optimize explain` on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from optimizer.cli.commands import cli
from optimizer.whatif.explain.result import Explanation
from tests.builders import Data, as_yaml, offer

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SMALL: Data = {
    "name": "Two of them",
    "budget": 500,
    "effort_hours": 9,
    "objective": "engagements",
    "offers": [
        offer("a", 90, engagements_per_post=[30, 50, 60], hours_per_creator=2, most=4),
        offer("b", 160, engagements_per_post=[60, 80, 90], hours_per_creator=1, most=4),
    ],
    "limits": [{"name": "some", "measure": "posts", "min": 2}],
}


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["explain", *(str(word) for word in words)])


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(as_yaml(SMALL), encoding="utf-8")
    return path


def test_text_has_findings_first_and_tables_after(small: Path) -> None:
    result = run(small, "--jobs", "1")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.startswith("Two of them\n")
    order = ["Why this plan", "Findings", "Price of limits", "What each rule costs", "Negotiation sheet",
             "What decides it"]  # fmt: skip
    places = [result.stdout.index(word) for word in order]
    assert places == sorted(places)
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    assert "\x1b" not in result.stdout


def test_json_is_the_explanation(small: Path) -> None:
    result = run(small, "--jobs", "1", "--format", "json")
    assert result.exit_code == 0
    found = Explanation.model_validate_json(result.stdout)
    assert found.objective.measure == "engagements"
    assert found.unsettled == 0
    assert all((found.prices, found.rules, found.negotiation, found.tipping, found.sentences))


def test_two_processes_say_the_same_as_one(small: Path) -> None:
    one = run(small, "--jobs", "1", "--format", "json", "--only", "rules", "--only", "negotiation")
    two = run(small, "--jobs", "2", "--format", "json", "--only", "negotiation", "--only", "rules")
    assert two.exit_code == 0
    assert two.stdout == one.stdout


def test_markdown_and_text_files_by_their_ending(small: Path, tmp_path: Path) -> None:
    for ending, start in ((".md", "# Two of them\n"), (".txt", "Two of them\n"), (".json", "{")):
        path = tmp_path / f"why{ending}"
        result = run(small, "--jobs", "1", "--only", "rules", "-o", path)
        assert (result.exit_code, result.stdout, result.stderr) == (0, "", f"wrote {path}\n")
        assert path.read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize(
    ("part", "heading"),
    [
        ("prices", "Price of limits"),
        ("rules", "What each rule costs"),
        ("negotiation", "Negotiation sheet"),
        ("tipping", "What decides it"),
    ],
)
def test_only_one_part(small: Path, part: str, heading: str) -> None:
    result = run(small, "--jobs", "1", "--only", part)
    assert result.exit_code == 0
    tables = ("Price of limits", "What each rule costs", "Negotiation sheet", "What decides it")
    assert [table for table in tables if table in result.stdout] == [heading]


def test_changes_of_the_command_line_are_explained(small: Path) -> None:
    words = ("--jobs", "1", "--format", "json", "--only", "rules", "--set")
    found = Explanation.model_validate_json(run(small, *words, "budget=260").stdout)
    # 260 is one a and one b, 130 engagements; without the floor of two posts no more.
    assert (found.best, {rule.path: rule.gain for rule in found.rules}["limits[0]"]) == (130, 0)
    assert run(small, *words, "budget=170").exit_code == 3, "no two posts cost less than 180"


def test_a_csv_is_refused_before_anything_is_solved(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def solved(*args: Any, **options: Any) -> None:
        raise AssertionError("solved")

    monkeypatch.setattr("optimizer.whatif.explain.explain.explain", solved)
    for words in (("--format", "csv"), ("-o", "why.csv")):
        result = run(small, *words)
        assert result.exit_code == 2
        assert all(word in result.stderr for word in ("csv", "text", "json", "md"))


def test_total_time_is_kept_and_what_is_missing_is_said() -> None:
    result = run(SCENARIOS / "quickstart.yaml", "--jobs", "1", "--total-time", "0.1")
    assert result.exit_code == 0
    assert re.search(
        r"Time was up for (all|\d+ of) \d+ questions; allow more with --total-time", result.stdout
    )
    assert run(SCENARIOS / "quickstart.yaml", "--total-time", "0").exit_code == 2


def test_too_tight_gives_the_reason_and_the_ways_out_and_exit_3() -> None:
    result = run(SCENARIOS / "too-tight.yaml", "--jobs", "1")
    assert result.exit_code == 3
    assert result.stdout == ""
    first, *lines = result.stderr.splitlines()
    assert first == "No plan satisfies every limit: these 3 limits cannot hold together."
    at = lines.index("Ways out:")
    assert at == 3
    assert all(re.search(r"too-tight\.yaml:\d+", line) for line in lines[:at])
    assert [line.split()[1] for line in lines[at + 1 :]] == ["raise", "lower", "book"]


def test_too_tight_as_json_and_markdown() -> None:
    result = run(SCENARIOS / "too-tight.yaml", "--jobs", "1", "--format", "json")
    assert result.exit_code == 3
    record = json.loads(result.stdout)
    assert record["status"] == "infeasible"
    assert record["minimal"] is True
    assert [each["path"] for each in record["conflict"]] == ["budget", "limits[0]", "offers[4].creators.min"]
    assert [way["possible"] for way in record["ways_out"]] == [True] * 3
    assert [list(way["changes"]) for way in record["ways_out"]] == [
        ["budget"], ["limits[0].min"], ["offers[4].creators.min"],
    ]  # fmt: skip
    assert "Ways out:" in result.stderr
    markdown = run(SCENARIOS / "too-tight.yaml", "--jobs", "1", "--format", "md")
    assert markdown.exit_code == 3
    assert markdown.stdout.startswith("# No plan\n")
    assert "## Ways out" in markdown.stdout


def test_a_bad_scenario_is_exit_2_with_every_problem(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(as_yaml(SMALL | {"budgett": 5, "objective": "likes"}), encoding="utf-8")
    result = run(path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "unknown key 'budgett'" in result.stderr
    assert "nothing was planned" in result.stderr
    assert run(tmp_path / "none.yaml").exit_code == 2
    endless = SMALL | {"budget": None, "effort_hours": None, "limits": []}
    endless = {key: value for key, value in endless.items() if value is not None}
    endless["offers"] = [offer("a", 90, engagements_per_post=5)]
    path.write_text(as_yaml(endless), encoding="utf-8")
    result = run(path)
    assert result.exit_code == 2
    assert "no limit holds engagements" in result.stderr


def test_an_unknown_part_is_refused(small: Path) -> None:
    result = run(small, "--only", "price")
    assert result.exit_code == 2
    assert "prices" in result.stderr
