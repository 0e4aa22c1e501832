"""`optimize compare` on the command line: formats, names, mistakes and exit codes."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from optimizer import load_scenario, optimize
from optimizer.cli.commands import cli
from tests.builders import as_yaml, offer

SCENARIOS = Path(__file__).parents[1] / "scenarios"
QUICKSTART = load_scenario(SCENARIOS / "quickstart.yaml")
MORE = QUICKSTART.with_changes({"name": "More", "effort_hours": 240})


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["compare", *(str(word) for word in words)])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in {
        "less": "budget: 10_000",
        "more": "name: More hours\neffort_hours: 240",
        "euro": "name: In euro\ncurrency: EUR\nbudget: 20_000",
        "none": "name: Two stars\noffers: [{tier: mega, cost_per_post: 18_000, engagements_per_post: 1, "
        "hours_per_creator: 1, creators: {min: 2, max: 2}}]",
    }.items():
        base = SCENARIOS / "quickstart.yaml"
        (tmp_path / f"{name}.yaml").write_text(f"extends: {base}\n{text}\n", encoding="utf-8")
    return tmp_path


def test_the_command_prints_the_findings_first(files: Path) -> None:
    result = run(SCENARIOS / "quickstart.yaml", files / "less.yaml", files / "more.yaml", "--jobs", "1")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "less and More hours compared with quickstart"
    assert lines[1].startswith("less brings 10,600 fewer engagements than quickstart (-33.1 %)")
    order = ["Results", "Change from quickstart", "By tier", "Limits", "What differs in the inputs",
             "Bridge from quickstart to less", "Certificates"]  # fmt: skip
    places = [lines.index(title) for title in order]
    assert places == sorted(places)
    assert max(len(line) for line in lines) <= 80


def test_two_processes_say_the_same_as_one(files: Path) -> None:
    def dumped(jobs: int) -> Any:
        data = json.loads(
            run(SCENARIOS / "quickstart.yaml", files / "more.yaml", "--format", "json", "--jobs", jobs).stdout
        )
        for column in data["columns"]:
            column["plan"]["solver"]["seconds"] = 0
        return data

    assert dumped(1) == dumped(2)


def test_csv_has_stable_headers_and_every_figure(files: Path) -> None:
    result = run(SCENARIOS / "quickstart.yaml", files / "more.yaml", "--format", "csv", "--jobs", "1")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert list(rows[0]) == [
        "section",
        "item",
        "measure",
        "unit",
        "scenario",
        "value",
        "difference",
        "share",
        "note",
    ]
    chosen = [
        r
        for r in rows
        if (r["section"], r["measure"], r["scenario"]) == ("result", "engagements", "More hours")
    ]
    assert [(r["value"], r["difference"]) for r in chosen] == [("37200.0", "5200.0")]
    assert {r["section"] for r in rows} == {
        "status",
        "result",
        "tier",
        "platform",
        "limit",
        "input",
        "bridge",
    }


def test_saved_plans_and_scenarios_mix(files: Path) -> None:
    saved = files / "saved.json"
    saved.write_text(optimize(MORE).model_dump_json(), encoding="utf-8")
    result = run(SCENARIOS / "quickstart.yaml", saved, "--jobs", "1")
    assert result.exit_code == 0
    assert "More brings 5,200 more engagements than Quickstart" in result.stdout
    changed = run(SCENARIOS / "quickstart.yaml", saved, "--set", "budget=500", "--no-bridge", "--jobs", "1")
    assert changed.exit_code == 0
    assert "More brings the same engagements as Quickstart for the same cost" in changed.stdout


def test_a_saved_plan_that_was_changed_is_refused(files: Path) -> None:
    saved = files / "saved.json"
    plan = optimize(MORE)
    changed = plan.model_copy(update={"inputs": plan.inputs | {"budget": 5.0}})
    saved.write_text(changed.model_dump_json(), encoding="utf-8")
    result = run(SCENARIOS / "quickstart.yaml", saved)
    assert result.exit_code == 2
    assert "inputs: this is not the scenario that the plan was made from" in result.stderr
    broken = plan.model_copy(update={"inputs": {"offers": []}})
    saved.write_text(broken.model_dump_json(), encoding="utf-8")
    result = run(SCENARIOS / "quickstart.yaml", saved)
    assert result.exit_code == 2
    assert "this is not a plan saved by this version" in result.stderr


def test_infeasible_columns_and_exit_codes(files: Path) -> None:
    result = run(SCENARIOS / "quickstart.yaml", files / "none.yaml", "--jobs", "1")
    assert result.exit_code == 0
    assert "Two stars has no plan" in result.stdout
    base = run(files / "none.yaml", SCENARIOS / "quickstart.yaml", "--jobs", "1")
    assert base.exit_code == 3
    assert base.stderr.startswith(
        "The base, Two stars, has no plan, so nothing can be compared with it: these "
    )
    assert "cannot hold together: " in base.stderr
    assert base.stderr.strip() in " ".join(base.stdout.split())


def test_mistakes_are_told_with_what_to_write(files: Path) -> None:
    base = SCENARIOS / "quickstart.yaml"
    result = run(base, files / "euro.yaml")
    assert result.exit_code == 2
    assert "--rate EUR=" in result.stderr
    assert run(base, files / "euro.yaml", "--rate", "EUR=0.92", "--jobs", "1").exit_code == 0
    for rate, word in (("EUR", "CODE=NUMBER"), ("EUR=0", "above 0"), ("EUR=x", "not a number")):
        refused = run(base, files / "euro.yaml", "--rate", rate)
        assert refused.exit_code == 2
        assert word in refused.stderr
    assert run(base).exit_code == 2
    missing = run(base, files / "missing.yaml")
    assert missing.exit_code == 2
    assert "missing.yaml" in missing.stderr
    (files / "wrong.yaml").write_text("objective: x\noffers: []\n", encoding="utf-8")
    (files / "bad.yaml").write_text(
        "objective: creators\nbudget: -5\noffers: [{creators: {max: 3}}]\n", encoding="utf-8"
    )
    twice = run(base, files / "less.yaml", "--set", "budgett=1")
    assert twice.stderr.count("unknown key") == 1
    stdin = run("-", "-")
    assert stdin.exit_code == 2
    assert "only one scenario can come from standard input" in stdin.stderr
    for words in (("--rate", "USD=1.09"), ("--rate", "EUR=0.92", "--rate", "XYZ=3")):
        unused = run(base, files / "euro.yaml", *words)
        assert unused.exit_code == 2
        assert "write --rate EUR=" in unused.stderr
    both = run(base, files / "wrong.yaml", files / "bad.yaml")
    assert both.exit_code == 2
    assert "wrong.yaml" in both.stderr
    assert "bad.yaml:2" in both.stderr


def test_hostile_names_are_only_text(tmp_path: Path) -> None:
    data = {
        "name": "=cmd()\x1b[31m|x",
        "budget": 100,
        "objective": "engagements",
        "offers": [offer("=a|b", 10, engagements_per_post=3, most=3)],
    }
    for name, budget in (("a", 100), ("b", 20)):
        (tmp_path / f"{name}.yaml").write_text(as_yaml(data | {"budget": budget}), encoding="utf-8")
    for form in ("text", "csv", "md"):
        result = run(tmp_path / "a.yaml", tmp_path / "b.yaml", "--format", form, "--jobs", "1")
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
    rows = list(
        csv.reader(
            io.StringIO(
                run(tmp_path / "a.yaml", tmp_path / "b.yaml", "--format", "csv", "--jobs", "1").stdout
            )
        )
    )
    assert not any(cell.startswith("=") for row in rows for cell in row)
