"""Published problems reach their published optimum, as they are printed and in a planner's own fields."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from optimizer import InfeasibleError, Plan, Scenario, optimize, parse_scenario
from optimizer.cli.commands import cli
from tests.builders import as_yaml, knapsack, offer, program, roster, scenario
from tests.planned import plan_or_none
from tests.programs import needs_shared_data, shared_data

HERE = Path(__file__).parent
PUBLISHED = HERE / "published"
CLOSE = 1e-9


def read(name: str) -> Any:
    return yaml.safe_load((PUBLISHED / name).read_text(encoding="utf-8"))


MIXES = {case["id"]: case for case in read("media_mix.yaml")}
KNAPSACKS = {case["id"]: knapsack(case) for case in read("knapsacks.yaml")}
ROSTER = read("roster.yaml")
SOLVABLE = [name for name, case in MIXES.items() if not case.get("infeasible")]


def assert_proven(plan: Plan, optimum: float) -> None:
    assert plan.status == "optimal"
    assert plan.objective.value == pytest.approx(optimum, rel=CLOSE)
    assert plan.objective.bound == pytest.approx(plan.objective.value, rel=CLOSE)
    assert plan.objective.gap == 0


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "with zeros"])
@pytest.mark.parametrize("kind", ["continuous", "whole"])
@pytest.mark.parametrize("name", SOLVABLE)
def test_a_media_mix_reaches_its_optimum(name: str, kind: str, sparse: bool) -> None:
    data = program(MIXES[name], whole=kind == "whole", sparse=sparse)
    assert_proven(optimize(Scenario.model_validate(data)), MIXES[name][kind])


@pytest.mark.parametrize("name", KNAPSACKS)
def test_a_knapsack_reaches_its_optimum(name: str) -> None:
    case = KNAPSACKS[name]
    assert_proven(optimize(Scenario.model_validate(program(case, whole=True))), case["whole"])
    relaxed = optimize(Scenario.model_validate(program(case, whole=False)))
    assert relaxed.objective.value > case["whole"]


@pytest.mark.parametrize("name", ROSTER["caps"])
def test_a_roster_under_two_caps_reaches_its_optimum(name: str) -> None:
    caps = ROSTER["caps"][name]
    plan = optimize(Scenario.model_validate(roster(ROSTER["creators"], caps)))
    assert_proven(plan, caps["engagements"])
    chosen = [ROSTER["creators"][int(line.offer.split()[1]) - 1] for line in plan.lines]
    assert [sum(column) for column in zip(*chosen, strict=True)] == [
        plan.totals.cost,
        plan.totals.hours,
        caps["engagements"],
    ]
    assert plan.totals.cost <= caps["budget"]
    assert plan.totals.hours <= caps["effort_hours"]


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "continuous"])
def test_floors_that_cannot_all_be_met_are_named_and_each_is_needed(whole: bool) -> None:
    case = MIXES["gsu_infeasible"]
    data = program(case, whole=whole)
    data["objective"] = {"minimize": "worth"}  # or dropping the ceiling would leave nothing that limits it
    with pytest.raises(InfeasibleError) as caught:
        optimize(Scenario.model_validate(data))
    members = [conflict.path[1] for conflict in caught.value.conflict]
    assert len(members) >= 2
    assert {conflict.path[0] for conflict in caught.value.conflict} == {"limits"}

    def only(kept: list[Any]) -> Scenario:
        return Scenario.model_validate(data | {"limits": [data["limits"][i] for i in kept]})

    with pytest.raises(InfeasibleError):
        optimize(only(members))
    for member in members:
        assert optimize(only([m for m in members if m != member])).status == "optimal"


# --- the same problems in a planner's fields ---


def creators(plan: Plan) -> dict[str, float]:
    return {line.offer: line.creators for line in plan.lines}


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "continuous"])
def test_westchester_with_shares_of_creators(whole: bool) -> None:
    plan = optimize(
        scenario(
            budget=18_200,
            objective="impressions",
            offers=[
                offer("T", 2000, impressions_per_post=100_000, most=10),
                offer("R", 300, impressions_per_post=18_000, most=20),
                offer("N", 600, impressions_per_post=40_000, most=10),
            ],
            limits=[
                {"measure": "creators", "where": {"name": "R"}, "max": "50% of creators"},
                {"measure": "creators", "where": {"name": "T"}, "min": "10% of creators"},
            ],
            solver={"whole_creators": whole},
        )
    )
    assert_proven(plan, 1_052_000)
    assert creators(plan) == pytest.approx({"T": 4, "R": 14, "N": 10})
    assert plan.totals.cost == pytest.approx(18_200)
    assert [limit.binding for limit in plan.limits[:2]] == [True, True]


@pytest.mark.parametrize("whole", [True, False], ids=["whole", "continuous"])
def test_relax_and_enjoy_with_tags_and_prices(whole: bool) -> None:
    # Exposure units stand as engagements, customers reached as impressions.
    columns = [("DTV", 1500, 65, 1000, 15), ("ETV", 3000, 90, 2000, 10), ("DN", 400, 40, 1500, 25),
               ("SN", 1000, 60, 2500, 4), ("R", 100, 20, 300, 30)]  # fmt: skip
    plan = optimize(
        scenario(
            budget=30_000,
            objective="engagements",
            offers=[
                offer(
                    name,
                    cost,
                    engagements_per_post=units,
                    impressions_per_post=seen,
                    most=most,
                    tags={"medium": "tv" if name.endswith("TV") else "other"},
                )
                for name, cost, units, seen, most in columns
            ],
            limits=[
                {"measure": "posts", "where": {"medium": "tv"}, "min": 10},
                {"measure": "cost", "where": {"medium": "tv"}, "max": "60% of budget"},
                {"measure": "impressions", "min": "50k"},
            ],
            solver={"whole_creators": whole},
        )
    )
    assert_proven(plan, 2370)
    assert creators(plan) == pytest.approx({"DTV": 10, "DN": 25, "SN": 2, "R": 30})
    assert [limit.slack for limit in plan.limits] == pytest.approx([0, 0, 3000, 11_500], abs=1e-6)


def test_ampl_with_money_and_person_weeks() -> None:
    plan = optimize(
        scenario(
            budget=1_000_000,
            effort_hours=100,
            objective="impressions",
            offers=[
                offer("tv", 20_000, impressions_per_post=1_800_000, hours_per_creator=1, least=10),
                offer("mag", 10_000, impressions_per_post=1_000_000, hours_per_creator=3),
            ],
        )
    )
    assert_proven(plan, 92_000_000)
    assert creators(plan) == {"tv": 40, "mag": 20}
    assert [limit.slack for limit in plan.limits] == [0, 0]


@pytest.mark.parametrize(("whole", "cost"), [(False, 320), (True, 400)], ids=["continuous", "whole"])
def test_dorian_as_the_cheapest_plan_for_two_floors(whole: bool, cost: float) -> None:
    # Millions of women as clicks and of men as engagements: any two measures that are not the objective.
    plan = optimize(
        scenario(
            objective={"minimize": "cost"},
            offers=[
                offer("comedy", 50, engagements_per_post=2, impressions_per_post=14, click_rate="50%"),
                offer("football", 100, engagements_per_post=12, impressions_per_post=4, click_rate="50%"),
            ],
            limits=[{"measure": "clicks", "min": 28}, {"measure": "engagements", "min": 24}],
            solver={"whole_creators": whole},
        )
    )
    assert_proven(plan, cost)
    if not whole:
        assert creators(plan) == pytest.approx({"comedy": 3.6, "football": 1.4})


@pytest.mark.parametrize(("whole", "best"), [(False, 6700 * 10270 / 590 + 136_800), (True, 250_700)])
def test_newspaper_and_radio_with_room_at_its_end(whole: bool, best: float) -> None:
    plan = optimize(
        scenario(
            budget=14_830,
            objective="gross_reach",
            offers=[
                offer("news", 190, reachable=5700, reach_rate="100%", most=24),
                offer("radio", 590, followers=13_400, reach_rate="50%", most=32),
            ],
            solver={"whole_creators": whole},
        )
    )
    assert_proven(plan, best)


# --- every case of the shared folder, through the text of a file and through the command line ---


def shared_cases() -> list[tuple[str, dict[str, Any], float | None]]:
    """(name, scenario as data, optimum or None where there is no plan) of every case."""
    folder = shared_data()
    cases = []
    for case in json.loads((folder / "textbook/textbook_media_mix_developers.json").read_text()):
        plain = {
            "id": case["id"],
            "sense": {"max": "maximize", "min": "minimize"}[case["sense"]],
            "worth": {v["name"]: v["objective"] for v in case["variables"]},
            "room": {v["name"]: (v["lower"] or 0, v["upper"]) for v in case["variables"]},
            "rows": {r["name"]: (r["coefficients"], r["op"], r["rhs"]) for r in case["constraints"]},
        }
        for kind in ("lp", "integer"):
            data = program(plain, whole=kind == "integer")
            cases.append((f"{case['id']} {kind}", data, case["verified"][kind].get("objective")))
    sets = json.loads((folder / "or_instances/sac94_developers.json").read_text())["instances"]
    knapsacks = [
        (i["name"], i["published_optimum"], i["profits"], i["weights"], i["capacities"]) for i in sets
    ]
    for name, optimum, worth, weights, capacities in [*knapsacks, *petersen(folder)]:
        rows = list(zip(weights, capacities, strict=True))
        case = knapsack({"id": name, "worth": worth, "rows": rows, "whole": optimum})
        cases.append((name, program(case, whole=True), optimum))
    rosters = json.loads((folder / "or_instances/two_cap_rosters_expected_developers.json").read_text())
    for name, caps in rosters.items():
        with open(folder / "or_instances" / caps["csv"], newline="") as file:
            people = [
                [float(row[key]) for key in ("fee", "hours", "engagements")] for row in csv.DictReader(file)
            ]
        data = roster(people, {"budget": caps["budget"], "effort_hours": caps["hours_cap"]})
        cases.append((f"roster {name}", data, caps["published_max_engagements"]))
    return cases


def petersen(folder: Path) -> list[tuple[str, float, list[float], list[list[float]], list[float]]]:
    """The problems of mknap1.txt: n, m, optimum, n profits, m rows of n weights, m capacities."""
    numbers = iter([float(word) for word in (folder / "or_instances/mknap1.txt").read_text().split()])

    def take(count: int) -> list[float]:
        return [next(numbers) for _ in range(count)]

    problems = []
    for number in range(1, int(next(numbers)) + 1):
        n, m, optimum = (int(next(numbers)), int(next(numbers)), next(numbers))
        problems.append((f"mknap1-{number}", optimum, take(n), [take(n) for _ in range(m)], take(m)))
    return problems


@needs_shared_data
def test_every_shared_case_reaches_its_optimum_from_the_text_of_a_file() -> None:
    wrong = []
    for name, data, optimum in shared_cases():
        plan = plan_or_none(parse_scenario(as_yaml(data)))
        if plan is None or optimum is None:
            right = plan is None and optimum is None
        else:
            right = plan.objective.value == pytest.approx(optimum, rel=CLOSE) and plan.status == "optimal"
        wrong += [] if right else [name]
    assert not wrong


@needs_shared_data
def test_every_shared_case_reaches_its_optimum_on_the_command_line(tmp_path: Path) -> None:
    wrong = []
    for name, data, optimum in shared_cases():
        path = tmp_path / "case.yaml"
        path.write_text(as_yaml(data), encoding="utf-8")
        result = CliRunner().invoke(cli, [str(path), "--format", "json"])
        answer = json.loads(result.stdout)
        if optimum is None:
            right = result.exit_code == 3 and answer["status"] == "infeasible"
        else:
            right = result.exit_code == 0 and answer["status"] == "optimal"
            right = right and answer["objective"]["value"] == pytest.approx(optimum, rel=CLOSE)
        wrong += [] if right else [f"{name}: exit code {result.exit_code}"]
    assert not wrong
