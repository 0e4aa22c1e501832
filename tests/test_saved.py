"""Saved plans: recounted when they are read, refused where edited, accepted wherever a scenario is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from optimizer import InfeasibleError, Plan, ScenarioError, load_scenario, optimize
from optimizer.plan.saved import read_plan, recounted
from optimizer.scenario.scenario import Scenario
from optimizer.whatif.alternatives.alternatives import alternatives
from optimizer.whatif.goal import goal
from optimizer.whatif.replan.replan import replan
from tests.builders import offer, scenario
from tests.planned import plan_or_none
from tests.random_scenarios import random_scenario
from tests.stories import FOLDER, PLANNED, plan
from tests.test_cli import run
from tests.workbooks import fractions, hostile, nobody, or_none, set_up, unknown

SMALL = """
name: Small
budget: 100
objective: creators
offers:
  - {name: a, cost_per_post: 5, creators: {max: 3}}
  - {name: b, cost_per_post: 7, creators: {max: 2}}
"""


def text_of(made: Plan) -> str:
    return made.model_dump_json(indent=2) + "\n"


def assert_reads(made: Plan) -> None:
    assert read_plan(text_of(made), "p.json") == made


def problems_of(data: Any) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read_plan(json.dumps(data, indent=2), "p.json")
    return [str(problem) for problem in caught.value.problems]


# --- no plan of ours is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", PLANNED)
def test_every_story_reads_back(name: str) -> None:
    assert_reads(plan(name))


@pytest.mark.parametrize(
    "make", [set_up, unknown, nobody, hostile, fractions, or_none], ids=lambda f: f.__name__
)
def test_awkward_plans_read_back(make: Any) -> None:
    assert_reads(make())


@pytest.mark.parametrize("seed", [*range(0, 60, 2), *range(9000, 9010)])
def test_random_plans_read_back_whole_and_in_fractions(seed: int) -> None:
    data = random_scenario(seed)
    if plan_or_none(Scenario.model_validate(data)) is None:
        return
    assert_reads(optimize(Scenario.model_validate(data)))
    if seed < 9000 and not any("setup_cost" in o or "setup_hours" in o for o in data["offers"]):
        try:
            assert_reads(optimize(Scenario.model_validate(data | {"solver": {"whole_creators": False}})))
        except (InfeasibleError, ScenarioError):
            return  # fractions cannot keep a share per creator


def test_plans_of_other_commands_read_back() -> None:
    asked = load_scenario(FOLDER / "quickstart.yaml")
    around = alternatives(asked, plans=2, within=0.05)
    for made in (around.base, *(other.plan for other in around.plans)):
        assert_reads(made)
    found = goal(asked, {"engagements": 20_000})
    assert found.plan is not None
    assert_reads(found.plan)
    again = replan(
        plan("quickstart"), asked.with_changes({"budget": 15_000}), keep={"micro-instagram-post": 4}
    )
    assert_reads(again.plan)


def test_a_plan_that_was_stopped_early_reads_back() -> None:
    made = optimize(load_scenario(FOLDER / "launch-us.yaml", {"solver.time_limit": 0.05}))
    assert_reads(made)


def test_large_and_small_money_reads_back() -> None:
    for factor in (1e-4, 1.0, 25_400.0, 1e9):
        offers = [offer(n, round(p * factor, 7), engagements_per_post=e, most=9) for n, p, e in
                  (("a", 33.33, 7), ("b", 0.1, 0.3), ("c", 66.67, 13.7))]  # fmt: skip
        limits = [
            {"measure": "cost", "where": {"name": "a"}, "max": "33.3% of cost"},
            {"measure": "cpe", "max": 9e9},
        ]
        assert_reads(
            optimize(scenario(budget=777.77 * factor, objective="engagements", offers=offers, limits=limits))
        )


# --- every number that follows is recounted ----------------------------------------------------------------


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    if items is None:
        yield path, data
        return
    for key, value in items:
        yield from leaves(value, (*path, key))


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    result = copy.deepcopy(data)
    at = result
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return result


NOT_RECOUNTED = ("solver", "version", "risk")
"""How the plan was found, and what was drawn: another version of NumPy may draw other cases."""


def edits(value: Any) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value * 1.01 + 1, -value - 1] if isinstance(value, float) else [value + 1]
    return [1.5] if value is None else [f"{value} indeed"]


@pytest.mark.parametrize(
    "make", [set_up, or_none, lambda: plan("quickstart"), fractions], ids=["set up", "or none", "plain", "lp"]
)
def test_whatever_is_edited_is_refused(make: Any) -> None:
    """Each leaf of a plan in turn, by a little and by a lot; the bound only where it becomes worse than the plan."""
    made = make()
    data, asked = json.loads(text_of(made)), Scenario.model_validate(made.inputs)
    missed = []
    every = list(leaves(data))
    for path, value in every[:: 1 + len(every) // 250]:
        if path[0] in NOT_RECOUNTED or path[0] in ("inputs", "assumptions", "unused") or "bound" in path:
            continue
        for wrong in edits(value):
            if wrong == value:
                continue
            try:
                edited = Plan.model_validate_json(json.dumps(put(data, path, wrong)))
            except ValidationError:
                continue
            same = edited.scenario == made.scenario and not recounted(edited, asked)
            missed += [(path, value, wrong)] if same else []
    assert missed == []


def test_what_is_said_about_each_kind_of_edit(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(SMALL, encoding="utf-8")
    data = json.loads(text_of(optimize(load_scenario(file))))
    text = json.dumps(data, indent=2)
    at = text[: text.index('"cost": 29.0')].count("\n") + 1
    hint = "(a plan is not edited: change the scenario and plan it again)"
    assert problems_of(put(data, ("totals", "cost"), 1.0)) == [
        f"p.json:{at}:5: totals.cost: 1.00 does not match its lines (29.00) {hint}"
    ]
    assert problems_of(put(data, ("lines", 0, "creators"), 99))[0].endswith(
        f"lines[0]: 99 creators of a, but at most 3 {hint}"
    )
    for path, wrong, said in (
        (("lines", 1, "cost"), 1.0, "lines[1].cost: 1.00 does not match its bookings (14.00)"),
        (("lines", 1, "offer"), "c", "lines[1].offer: the scenario has no offer 'c'"),
        (
            ("lines", 1, "posts_per_creator"),
            2,
            "lines[1].posts_per_creator: b is not booked with 2 posts per creator",
        ),
        (("lines", 1, "offer"), "a", "lines[1]: a with 1 posts stands here twice"),
        (("limits", 0, "max"), 200.0, "limits[0].max: 200 does not match the plan (100)"),
        (("limits", 0, "slack"), 1.0, "limits[0].slack: 1 does not match the plan (71)"),
        (("objective", "value"), 6.0, "objective.value: 6 does not match the plan (5)"),
        (("objectives", 0, "bound"), 4.0, "bound: 4: no plan can do better, it says, but this one does (5)"),
        (("objectives", 0, "best"), 6.0, "best: 6 is more than this plan reaches (5)"),
        (("objectives", 0, "bound"), 9.0, "status: optimal, but the gap does not prove it"),
        (("objectives", 0, "gap"), 0.5, "gap: 0.5 does not match the plan (0)"),
        (("currency",), "EUR", "currency: 'EUR' does not match its inputs ('USD')"),
        (("inputs", "budget"), 200.0, "inputs: this is not the scenario that the plan was made from"),
    ):
        assert any(said in problem for problem in problems_of(put(data, path, wrong))), (path, said)
    shorter = put(data, ("lines",), data["lines"][:1])
    assert any(
        "totals.cost: 29.00 does not match its lines (15.00)" in problem for problem in problems_of(shorter)
    )
    assert any(
        "limits: there are 0, but 1 follow" in problem for problem in problems_of(put(data, ("limits",), []))
    )


def test_the_order_of_lines_says_nothing() -> None:
    data = json.loads(text_of(plan("quickstart")))
    data["lines"].reverse()
    assert read_plan(json.dumps(data), "p.json").totals == plan("quickstart").totals


def test_a_plan_of_another_version_may_word_its_findings_otherwise() -> None:
    data = json.loads(text_of(plan("quickstart"))) | {"flags": [], "version": "0.0.9"}
    assert read_plan(json.dumps(data), "p.json").flags == ()


# --- accepted wherever a scenario is -----------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yaml").write_text(SMALL, encoding="utf-8")
    assert run("s.yaml", "-o", "plan.json").exit_code == 0
    # not known by its name, and with the mark that some editors put in front
    (tmp_path / "plan.txt").write_bytes(
        b"\xef\xbb\xbf" + (tmp_path / "plan.json").read_bytes()
    )  # not known by its name
    return tmp_path


def test_commands_take_a_saved_plan_for_its_scenario(saved: Path) -> None:
    text = (saved / "plan.json").read_text(encoding="utf-8")
    one = ("--jobs", "1")
    for words in (
        ("{}", "--set", "budget=12"),
        ("plan", "{}", "--format", "csv"),
        ("check", "{}"),
        ("explain", "{}", "--only", "rules", *one),
        ("alternatives", "{}", "--plans", "0", *one),
        ("goal", "{}", "--creators", "2"),
        ("frontier", "{}", "--over", "budget=5:15:5", *one),
        ("risk", "{}", "--target", "2", *one),
        ("compare", "{}", "s.yaml", "--no-bridge", *one),
        ("compare", "s.yaml", "{}", "--set", "budget=12", "--no-bridge", *one),
        ("replan", "plan.json", "{}", "--set", "budget=12"),
    ):
        expected = run(*(word.format("s.yaml") for word in words))
        assert expected.exit_code == 0, expected.stderr
        for name in ("plan.txt", "-") if words[0] in ("{}", "check", "compare") else ("plan.txt",):
            found = run(*(word.format(name) for word in words), given=text if name == "-" else None)
            assert found.exit_code == 0, found.stderr
            if "compare" not in words:  # which calls columns of one title by their files
                assert without_seconds(found.stdout) == without_seconds(expected.stdout), words
    assert run("report", "plan.txt").stdout == run("report", "plan.json").stdout


def without_seconds(text: str) -> list[str]:
    return [line for line in text.splitlines() if "solver HiGHS" not in line]


def test_a_scenario_may_extend_a_saved_plan_and_the_library_reads_one(saved: Path) -> None:
    (saved / "child.yaml").write_text("extends: plan.json\nbudget: 12\n", encoding="utf-8")
    assert optimize(load_scenario("child.yaml")).totals.creators == 2
    assert load_scenario("plan.json") == load_scenario("s.yaml")
    assert load_scenario("plan.json", {"budget": 5}).budget == 5


def test_an_edited_plan_is_no_scenario_either(saved: Path) -> None:
    text = (saved / "plan.json").read_text(encoding="utf-8")
    at = text[: text.index('"cost": 29.0')].count("\n") + 1
    text = text.replace('"cost": 29.0', '"cost": 1.0')
    (saved / "edited.json").write_text(text, encoding="utf-8")
    for words in (("edited.json",), ("report", "edited.json"), ("compare", "s.yaml", "edited.json")):
        refused = run(*words)
        assert refused.exit_code == 2
        assert f"edited.json:{at}:5: totals.cost: 1.00 does not match its lines (29.00)" in refused.stderr


def test_problems_of_the_scenario_in_a_plan_are_told_at_their_line(saved: Path) -> None:
    refused = run(
        "plan.json", "--set", "offers.a.creators.min=3", "--set", "limits=[{measure: cost, max: 9}]"
    )
    assert refused.exit_code == 3
    assert "(--set limits)" in refused.stderr
    assert "(--set offers.a.creators.min)" in refused.stderr
    lines = (saved / "plan.json").read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(lines, 1) if line.startswith('    "budget": 100'))
    refused = run("plan.json", "--set", "offers.a.creators.min=30", "--set", "offers.a.creators.max=30")
    assert f"(plan.json:{at})" in refused.stderr
