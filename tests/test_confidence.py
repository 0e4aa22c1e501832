"""Confidence as it is written, refused, reported and read back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from optimizer import Plan, Scenario, ScenarioError, compare, explain, goal, optimize, parse_scenario
from optimizer.cli.commands import cli
from optimizer.plan.saved import read_plan
from optimizer.scenario.scenario import SURE_GAP
from tests.builders import Data, as_yaml, offer, scenario

SURE: Data = {
    "name": "Sure",
    "budget": {"max": "2_000", "confidence": "80%"},
    "objective": {"maximize": "engagements", "confidence": "90%"},
    "offers": [
        offer("a", [80, 100, 150], engagements_per_post=[50, 100, 200], spread=0.6, most=12),  # type: ignore[arg-type]
        offer("b", 450, engagements_per_post=[200, 500, 900], spread=0.9, completion=0.9, most=2),
    ],
    "limits": [{"measure": "cpe", "max": 2, "confidence": 0.7}],
}


def problems_of(data: Data) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        optimize(Scenario(**data))
    return [str(problem) for problem in caught.value.problems]


def test_a_cap_with_a_confidence_is_the_cap_and_how_sure_it_must_be() -> None:
    read = parse_scenario(as_yaml(SURE))
    assert (read.budget, read.budget_confidence) == (2000, 0.8)
    assert read.objective[0].confidence == 0.9
    assert read.limits[0].confidence == 0.7
    again = Scenario.model_validate(read.model_dump(mode="json", exclude_unset=True))
    assert again == read
    assert again.sha256() == read.sha256()


def test_the_gap_is_a_tenth_of_a_percent_unless_the_scenario_says_otherwise() -> None:
    plain = Scenario.model_validate({**SURE, "budget": 2000, "objective": "engagements", "limits": []})
    assert parse_scenario(as_yaml(SURE)).gap == SURE_GAP == 1e-3
    assert plain.gap == 1e-4
    assert Scenario.model_validate({**SURE, "solver": {"gap": 1e-5}}).gap == 1e-5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"objective": {"maximize": "engagements", "confidence": 90}},
         "objective[0].confidence: 90 is no confidence: it lies between 50 and 99.9 % (write 90%)"),
        ({"objective": {"maximize": "engagements", "confidence": 0.4}},
         "objective[0].confidence: 40 % is no confidence: it lies between 50 and 99.9 % "
         "(write e.g. 90%: in 9 of 10 cases)"),
        ({"budget": {"mx": 3}}, "budget.mx: unknown key 'mx' (write budget: {max: 1000, confidence: 90%})"),
        ({"budget": {"confidence": 0.9}},
         "budget: a cap needs its max (write budget: {max: 1000, confidence: 90%})"),
        ({"budget": None, "budget_confidence": 0.9},
         "budget_confidence: there is no budget to be sure of (write budget: {max: ...})"),
        ({"limits": [{"measure": "cost", "per": "creator", "max": 500, "confidence": 0.9}]},
         "limits[0].confidence: a limit per creator leaves creators out by their typical numbers and knows no chance "
         "(leave confidence out)"),
        ({"limits": [{"measure": "cost", "where": {"name": "a"}, "min": "30% of cost", "or_none": True,
                      "confidence": 0.9}]},
         "limits[0].confidence: at least 30% of cost or none cannot be combined with a confidence: where none is "
         "booked, what the others vary by would still count (write the floor as a number, or leave confidence or "
         "or_none out)"),
        ({"solver": {"whole_creators": False}},
         "budget: a fraction of a creator has no chance of its own, so nothing can be said with confidence (leave "
         "confidence out, or set solver: {whole_creators: true})"),
        ({"correlation": {"market": 0.7, "platform": 0.3}},
         "correlation: market 70 % + platform 30 % + tier 10 % is more than 100 % of what a number can be wrong by "
         "(lower one of them; those left out have their defaults)"),
        ({"offers": [offer("a", 100, engagements_per_post=100, spread=4)]},
         "offers[0].spread: 4 is no spread: it lies between 0 and 3 (it is the standard deviation of the natural "
         "logarithm; 0.7 means that 8 in 10 lie within a factor of 2.5)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(change: Data, said: str) -> None:
    assert said in problems_of({**SURE, **change})


def test_another_budget_leaves_how_sure_it_must_be() -> None:
    read = parse_scenario(as_yaml(SURE), {"budget": "1_500"})
    assert (read.budget, read.budget_confidence) == (1500, 0.8)
    assert parse_scenario(as_yaml(SURE), {"budget": {"max": 1500}}).budget_confidence is None
    assert read.with_changes({"budget": 900}).budget_confidence == 0.8


def test_a_confidence_is_added_to_what_is_written_short() -> None:
    short = as_yaml({**SURE, "objective": "engagements", "budget": 2000, "limits": []})
    read = parse_scenario(short, {"objective.confidence": "90%", "budget.confidence": "80%"})
    assert [(goal.maximize, goal.confidence) for goal in read.objective] == [("engagements", 0.9)]
    assert (read.budget, read.budget_confidence) == (2000, 0.8)


def test_an_lp_file_is_refused_and_none_is_written(tmp_path: Path) -> None:
    path, lp = tmp_path / "sure.yaml", tmp_path / "sure.lp"
    path.write_text(as_yaml(SURE), encoding="utf-8")
    result = CliRunner().invoke(cli, [str(path), "--save-lp", str(lp)])
    assert result.exit_code != 0
    assert "an LP file has typical numbers, which say nothing about a confidence" in result.stderr
    assert not lp.exists()


@pytest.mark.parametrize("command", ["explain", "alternatives", "goal", "replan", "reserves"])
def test_commands_by_typical_numbers_refuse_and_say_what_to_ask_instead(tmp_path: Path, command: str) -> None:
    path = tmp_path / "sure.yaml"
    path.write_text(as_yaml(SURE), encoding="utf-8")
    words = {"goal": ["--engagements", "500"]}.get(command, [])
    if command == "replan":
        saved = tmp_path / "plan.json"
        saved.write_text(optimize(parse_scenario(as_yaml(SURE))).model_dump_json(), encoding="utf-8")
        words = [str(path)]
        result = CliRunner().invoke(cli, [command, str(saved), *words])
    else:
        result = CliRunner().invoke(cli, [command, str(path), *words])
    assert result.exit_code != 0
    assert "which say nothing about a confidence" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_python_is_refused_the_same_way() -> None:
    sure = parse_scenario(as_yaml(SURE))
    with pytest.raises(ScenarioError, match="typical numbers"):
        explain(sure)
    with pytest.raises(ScenarioError, match="typical numbers"):
        goal(sure, {"engagements": 100})


def test_a_comparison_has_no_bridge_and_says_why() -> None:
    sure = parse_scenario(as_yaml({**SURE, "budget": 2000, "limits": []}))
    found = compare([sure, sure.with_changes({"budget": 1500})])
    (bridge,) = found.bridges
    assert bridge.measures == ()
    assert bridge.message == "a confidence rests on ranges, and a bridge is built of typical numbers"
    values = [column.plan.objective.dependable for column in found.columns if column.plan is not None]
    assert len(values) == 2
    assert values[0] > values[1]  # type: ignore[operator]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return optimize(parse_scenario(as_yaml(SURE)))


def test_the_certificate_has_the_dependable_value_its_bound_and_k(plan: Plan) -> None:
    goal = json.loads(plan.model_dump_json())["objective"]
    assert goal["confidence"] == 0.9
    assert goal["dependable"] == goal["value"] == pytest.approx(goal["mean"] - goal["k"] * goal["sd"])
    assert goal["bound"] >= goal["value"] * (1 - 1e-9)
    assert plan.risk is not None
    assert goal["dependable"] == pytest.approx(plan.risk.measures["engagements"].p10, rel=0.01)


def test_a_saved_plan_is_read_back_and_an_edited_k_is_noticed(plan: Plan) -> None:
    text = plan.model_dump_json()
    assert read_plan(text, "plan.json") == plan
    data: dict[str, Any] = json.loads(text)
    for objective in (data["objective"], data["objectives"][0]):
        objective["k"] *= 0.5
    with pytest.raises(ScenarioError):
        read_plan(json.dumps(data), "plan.json")


def test_text_promises_in_words(tmp_path: Path) -> None:
    path = tmp_path / "sure.yaml"
    path.write_text(as_yaml(SURE), encoding="utf-8")
    result = CliRunner().invoke(cli, [str(path)])
    assert result.exit_code == 0
    flat = " ".join(result.stdout.split())
    assert "In 9 of 10 cases at least" in flat
    assert "by typical numbers) for" in flat
    assert re.search(
        r"Proven best( to within [\d.]+ %)? by mean less [\d.]+ standard deviations: no plan", flat
    )
    assert "max 2,000 in 8 of 10 cases" in flat
    assert "dependable in 9 of 10 cases: mean" in flat


def test_no_plan_names_the_confidence_and_ways_out_that_work(tmp_path: Path) -> None:
    floor = {"measure": "engagements", "min": 900, "confidence": 0.9}
    path = tmp_path / "tight.yaml"
    path.write_text(
        as_yaml({**SURE, "budget": {"max": 900, "confidence": 0.9}, "limits": [floor]}), encoding="utf-8"
    )
    result = CliRunner().invoke(cli, [str(path)])
    assert result.exit_code == 3
    assert "engagements: at least 900 engagements, in 90 % of the cases" in result.stderr
    budget = next(line for line in result.stderr.splitlines() if "raise budget" in line)
    promised = re.search(r": at least ([\d,]+) engagements in 9 of 10 cases", budget)
    assert promised is not None
    needed = budget.split("(to ")[1].split(")")[0].replace(",", "")
    again = CliRunner().invoke(cli, [str(path), "--set", f"budget.max={needed}"])
    assert again.exit_code == 0, again.stderr
    dependable = re.search(r"In 9 of 10 cases at least ([\d,]+) engagements", " ".join(again.stdout.split()))
    assert dependable is not None
    told, found = (float(one.group(1).replace(",", "")) for one in (promised, dependable))
    assert told == pytest.approx(found, rel=0.02)


def test_the_frontier_of_a_dependable_plan_never_falls() -> None:
    from optimizer import frontier

    found = frontier(scenario(**{**SURE, "limits": []}), over={"budget": [1000, 1500, 2000]})
    values = [point.value for point in found.points]
    assert values == sorted(values, key=lambda value: value or 0.0)
    assert None not in values
