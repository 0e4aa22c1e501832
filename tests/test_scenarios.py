"""The worked scenarios and the starter: they satisfy the schema and plan to the pinned result.

`python -m tests.test_scenarios "reason"` pins anew; what changed gets today's date and the reason.
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from optimizer import InfeasibleError, Plan, load_scenario, optimize
from optimizer.language.yaml12 import read_yaml
from optimizer.scenario.json_schema import schema_text
from tests.stories import FOLDER, INFEASIBLE, NAMES, PLANNED, plan, plan_without_risk, story, text, tries

EXPECTED = Path(__file__).parent / "expected"
STARTER = FOLDER.parent / "optimizer" / "starter.yaml"
EDITOR_LINE = "# yaml-language-server: $schema=scenario.schema.json"


def amounts(found: Plan) -> dict[str, Any]:
    """What is pinned of a plan; creators by offer and number of posts."""
    creators: dict[str, dict[str, float]] = {}
    for line in found.lines:
        creators.setdefault(line.offer, {})[str(line.posts_per_creator)] = line.creators
    return {
        "status": found.status,
        "objectives": {goal.measure: goal.value for goal in found.objectives},
        "cost": found.totals.cost,
        "hours": found.totals.hours,
        "creators": creators,
    }


def test_the_scenarios_that_the_readme_lists_are_those_there_are() -> None:
    listed = re.findall(r"^\| \[`([a-z-]+)\.yaml`\]", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == NAMES
    assert len(NAMES) == 13


def test_the_committed_schema_is_current() -> None:
    assert (FOLDER / "scenario.schema.json").read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_carries_the_editor_line_and_a_story_with_sources(name: str) -> None:
    assert text(name).splitlines()[0] == EDITOR_LINE
    told = "\n".join(story(name))
    for part in ("Who: ", "Wants: ", "The conflict", "eaches", "Try next", "assum"):
        assert part in told or name == "too-tight", part
    assert re.search(r"\b20(1\d|2\d)\b", told) or "source:" in text(name) or name == "too-tight"


@pytest.mark.parametrize("name", NAMES)
def test_a_scenario_satisfies_the_json_schema(name: str) -> None:
    schema = json.loads(schema_text())
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert [error.message for error in validator.iter_errors(read_yaml(text(name), name)[0])] == []


def test_the_json_schema_refuses_a_misspelt_key() -> None:
    data = read_yaml(text("quickstart"), "quickstart")[0] | {"budgett": 5}
    errors = list(jsonschema.Draft202012Validator(json.loads(schema_text())).iter_errors(data))
    assert any("budgett" in error.message for error in errors)


@pytest.mark.parametrize("name", PLANNED)
def test_a_scenario_plans_to_its_pinned_result(name: str) -> None:
    expected = json.loads((EXPECTED / f"{name}.json").read_text(encoding="utf-8"))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d: \S.*", entry) for entry in expected.pop("history"))
    found = amounts(plan(name))
    assert (found.pop("status"), expected.pop("status")) == ("optimal", "optimal")
    assert found.pop("creators") == expected.pop("creators")
    assert found.pop("objectives") == pytest.approx(expected.pop("objectives"), rel=1e-9)
    assert found == pytest.approx(expected, rel=1e-9)


def test_every_pinned_result_belongs_to_a_scenario() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.json")) == PLANNED


@pytest.mark.parametrize("name", NAMES)
def test_everything_a_story_says_to_try_has_a_proven_plan(name: str) -> None:
    options = tries(name)
    assert len(options) >= 3
    for changes in options:
        assert plan_without_risk(name, *changes).status == "optimal", changes


# --- the one without a plan -------------------------------------------------------------------------------

CONFLICT = {"budget", "community first", "face"}
WAYS_OUT = [  # enough, and a step less
    ("budget=21_860", "budget=21_850"),
    ("limits.community first.min=45% of cost", "limits.community first.min=46% of cost"),
    ("offers.face.cost_per_post=8_690", "offers.face.cost_per_post=8_696"),
    ("offers.face.creators.min=0", "offers.face.creators.min=1"),
]


def conflict(*changes: str) -> set[str]:
    with pytest.raises(InfeasibleError) as caught:
        plan(INFEASIBLE, *changes)
    return {member.name for member in caught.value.conflict}


def test_too_tight_exits_with_3_and_names_the_three_rules_with_their_lines() -> None:
    command = [
        sys.executable,
        "-c",
        "from optimizer.cli.main import main; main()",
        f"scenarios/{INFEASIBLE}.yaml",
    ]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    lines = text(INFEASIBLE).splitlines()
    for start, words in (
        ("budget:", "cost: at most 20,000 USD"),
        ("  - {name: community first", "community first: cost of nano + micro: at least 50% of cost"),
        ("     creators: {min: 1", "creators of face: at least 1 booked"),
    ):
        line = 1 + next(i for i, content in enumerate(lines) if content.startswith(start))
        assert re.search(rf"- {re.escape(words)} +\(scenarios/{INFEASIBLE}.yaml:{line}\)", done.stderr), words
    conflict, ways_out = done.stderr.split("Ways out:")
    assert conflict.count("\n  - ") == ways_out.count("\n  - ") == 3


def test_too_tight_conflicts_by_the_arithmetic_of_its_story() -> None:
    face = 9_500 * 1.15
    assert (face, 2 * face) == pytest.approx((10_925, 21_850))
    assert face / 20_000 == pytest.approx(0.546, abs=5e-4)
    told = " ".join(story(INFEASIBLE))
    for number in ("10,925", "21,850", "54.6 %", "10,000 / 1.15 is 8,695"):
        assert number in told
    assert conflict() == CONFLICT


@pytest.mark.parametrize(("enough", "too_little"), WAYS_OUT, ids=[way for way, _ in WAYS_OUT])
def test_each_way_out_of_too_tight_is_just_enough_by_itself(enough: str, too_little: str) -> None:
    assert (enough,) in tries(INFEASIBLE)
    assert plan(INFEASIBLE, enough).status == "optimal"
    assert conflict(too_little) == CONFLICT


def test_the_innocent_rules_of_too_tight_help_nothing() -> None:
    loosened = (
        "effort_hours=4_000",
        "limits.two platforms.min=0% of cost",
        "limits.one creator.max=100% of budget",
    )
    assert conflict(*loosened) == CONFLICT


def test_leaving_out_the_face_is_the_best_way_out_of_too_tight() -> None:
    best = [plan(INFEASIBLE, enough).objective.value for enough, _ in WAYS_OUT]
    assert max(best) == best[-1]


# --- the starter ------------------------------------------------------------------------------------------


def test_the_starter_plans_to_a_mix_of_all_tiers_held_by_hours_and_the_platform_limit() -> None:
    found = optimize(load_scenario(STARTER))
    assert found.status == "optimal"
    assert {line.tier for line in found.lines} == {"nano", "micro", "macro"}
    assert {limit.name for limit in found.limits if limit.binding} == {"effort_hours", "cost (tiktok)"}
    assert found.objective.value == pytest.approx(13_572)  # 5 nano x 324 + 8 micro x 912 + 2 macro x 2,328


def test_the_starters_overlap_is_above_chance() -> None:
    audience = optimize(load_scenario(STARTER)).audience
    assert audience is not None
    assert audience.overlap == 0.08
    assert audience.chance is not None
    assert audience.overlap > 1.2 * audience.chance
    assert audience.shape is not None


def test_the_starter_satisfies_the_json_schema() -> None:
    data = read_yaml(STARTER.read_text(encoding="utf-8"), "starter")[0]
    assert list(jsonschema.Draft202012Validator(json.loads(schema_text())).iter_errors(data)) == []


def pin(reason: str) -> None:
    """Write the results of today's code; a changed one gets a line in its history."""
    EXPECTED.mkdir(exist_ok=True)
    for name in PLANNED:
        path = EXPECTED / f"{name}.json"
        before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"history": []}
        history, found = before.pop("history"), amounts(plan(name))
        if found != before:
            entry = f"{datetime.date.today():%Y-%m-%d}: {reason}"
            content = json.dumps({"history": [*history, entry], **found}, indent=2)
            path.write_text(content + "\n", encoding="utf-8")


if __name__ == "__main__":
    pin(sys.argv[1])
