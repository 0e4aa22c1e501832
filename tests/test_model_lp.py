"""The linear program of each kind of limit, as text that was checked by hand.

Each `tests/golden/lp/NAME.yaml` states the mathematics in its comments; `NAME.lp` is the program the model
builds, printed here in the same way under every version of PuLP. After a change of the model that is meant,
write the files anew with `python -m tests.test_model_lp` and check each difference by hand.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import highspy
import numpy as np
import pytest

from optimizer import check, load_scenario, parse_scenario
from optimizer.flow import save_lp
from optimizer.language.errors import ScenarioError
from optimizer.language.measures import REACH
from optimizer.program.program import Program, program_of
from optimizer.program.rules import known_measures
from optimizer.scenario.scenario import FILTER_KEYS, Goal, Limit, Scenario
from optimizer.solve.lexicographic import given_up, hold
from optimizer.solve.model import Model, build_model
from optimizer.solve.over_cases import over_cases
from optimizer.solve.question import Question
from optimizer.solve.solver import solve
from tests.programs import bundled_cbc, needs_cbc
from tests.quiet_highs import quiet_highs

FOLDER = Path(__file__).parent / "golden" / "lp"
CASES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
SENSES = {-1: "<=", 0: "=", 1: ">="}


def scenario_of(case: str) -> Scenario:
    return load_scenario(FOLDER / f"{case}.yaml")


def number(value: float) -> str:
    return f"{value:.12g}"


def linear(terms, columns: dict[str, int]) -> str:
    """Terms in the order of the columns, e.g. "100 n_a_x1 - n_b_x1"."""
    parts = []
    for variable, coefficient in sorted(terms, key=lambda term: columns[term[0].name]):
        sign = "-" if coefficient < 0 else "+"
        size = "" if abs(coefficient) == 1 else number(abs(coefficient)) + " "
        parts.append(f"{sign} {size}{variable.name}")
    return " ".join(parts).removeprefix("+ ") or "0"


def text_of(model: Model) -> str:
    """A model as text, from what PuLP 3.3 and 4 have in common."""
    columns = {variable.name: position for position, variable in enumerate(model.variables)}
    lines = ["minimise", f"  {linear(model.problem.objective.items(), columns)}", "subject to"]
    for constraint in model.problem.constraints():
        side = number(-constraint.constant + 0.0)
        lines.append(
            f"  {constraint.name}: {linear(constraint.items(), columns)} {SENSES[constraint.sense]} {side}"
        )
    lines.append("bounds")
    for variable in model.variables:
        low, high = variable.lowBound, variable.upBound
        top = "" if high is None or np.isinf(high) else f" <= {number(high)}"
        kind = " integer" if variable.cat == "Integer" else ""
        least = "-inf" if low is None or np.isinf(low) else number(low)
        lines.append(f"  {least} <= {variable.name}{top}{kind}")
    return "\n".join(lines) + "\n"


def models_of(program: Program) -> list[tuple[Goal, Model]]:
    """One program per objective; each later one holds what the earlier ones found."""
    rows, models = list(program.rows), []
    goals = program.scenario.objective
    for position, goal in enumerate(goals):
        values = program.goal_values(goal)
        question = Question(program, values, maximize=goal.sense == "maximize")
        over = over_cases(program, goal, 10)
        if over is not None:
            question = over.asked(question)
        model = build_model(
            program,
            question.objective,
            maximize=question.maximize,
            rows=[*rows, *question.rows],
            extra=question.extra,
        )
        models.append((goal, model))
        if position < len(goals) - 1:
            best = float(values @ solve(model, solver="highs", gap=0, time_limit=10).values)
            rows.append(hold(program, goal, given_up(program, goal, best)))
    return models


def golden_text(case: str) -> str:
    parts = [
        f"# {position}. {goal.sense} {goal.measure}\n{text_of(model)}"
        for position, (goal, model) in enumerate(models_of(program_of(scenario_of(case))), 1)
    ]
    return "\n".join(parts)


@pytest.mark.parametrize("case", CASES)
def test_the_program_is_the_one_that_was_checked_by_hand(case: str) -> None:
    assert golden_text(case) == (FOLDER / f"{case}.lp").read_text(encoding="utf-8")


def test_each_golden_program_has_its_scenario() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.lp")) == CASES


# --- nothing is without a case ----------------------------------------------------------------------------


def limits_of_all_cases() -> list[Limit]:
    return [limit for case in CASES for limit in scenario_of(case).limits]


def words_known_for(limit: str) -> set[str]:
    """The words a field of a limit takes, as the error for an unknown word lists them."""
    with pytest.raises(ScenarioError) as error:
        parse_scenario(
            "objective: creators\nbudget: 1\noffers: [{name: a, cost_per_post: 1}]\n"
            f"limits: [{{{limit}}}]\n"
        )
    (problem,) = error.value.problems
    known = re.search(r"known: (.*)", problem.hint)
    assert known, problem
    return set(known.group(1).split(", "))


def test_every_measure_has_a_case() -> None:
    limits = limits_of_all_cases()
    known = set(known_measures(parse_scenario("objective: creators\noffers: [{creators: {max: 1}}]")))
    used = {limit.measure for limit in limits}
    assert known <= used
    assert used - known == {"samples", "minutes", "dust"}, "the user's own measures have cases, too"


def test_every_ratio_has_a_floor_and_a_ceiling() -> None:
    limits = limits_of_all_cases()
    for ratio in ("cpm", "cpe", "cpc", "cpa"):
        assert any(limit.measure == ratio and limit.min for limit in limits)
        assert any(limit.measure == ratio and limit.max for limit in limits)


def test_every_value_of_per_has_a_case() -> None:
    known = words_known_for("measure: cost, max: 1, per: xxxxxxxxx")
    assert known == {"creator", "offer", "tier", "platform", "format", "country"}
    used = {limit.per for limit in limits_of_all_cases()}
    assert known <= used
    assert used - known == {None, "market", "flight"}


def test_every_share_has_a_floor_and_a_ceiling_or_is_a_plain_number() -> None:
    known = words_known_for("measure: cost, max: 10% of xxxxxxxxx")
    assert {"budget", "effort_hours", "audience", "cost", "engagements"} <= known
    limits = limits_of_all_cases()
    used = {bound.of for limit in limits for bound in (limit.min, limit.max) if bound is not None}
    assert known | {None, "samples", "minutes"} == used
    for of in (None, "budget", "effort_hours", "audience", "cost", "hours", "engagements"):
        if of != "cost":
            assert any(limit.max is not None and limit.max.of == of for limit in limits), of
        assert any(limit.min is not None and limit.min.of == of for limit in limits), of


def test_every_filter_and_every_field_of_a_limit_has_a_case() -> None:
    limits = limits_of_all_cases()
    assert set(FILTER_KEYS) <= {key for limit in limits for key in limit.where}
    used = {name for limit in limits for name in limit.model_fields_set}
    assert used == set(Limit.model_fields) - {"confidence"}  # no linear row: see test_dependable


def test_every_kind_of_objective_has_a_case() -> None:
    goals = [goal for case in CASES for goal in scenario_of(case).objective]
    used = {name for goal in goals for name in goal.model_fields_set}
    assert used == set(Goal.model_fields) - {"confidence"}  # tangents where plans lie: see test_dependable
    assert {goal.by for goal in goals} == {None, "worst", "regret"}
    assert {(goal.sense, goal.measure == REACH.name) for goal in goals} >= {
        ("maximize", True),
        ("maximize", False),
        ("minimize", False),
    }


# --- the file for other solvers ---------------------------------------------------------------------------


def highs_reading(path: Path) -> highspy.Highs:
    """HiGHS with the program of a file, read without as much as a warning."""
    highs = quiet_highs()
    assert highs.readModel(str(path)) == highspy.HighsStatus.kOk
    return highs


def highs_optimum(path: Path) -> tuple[str, float]:
    highs = highs_reading(path)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    return highs.modelStatusToString(highs.getModelStatus()), highs.getObjectiveValue()


@pytest.mark.parametrize("case", CASES)
def test_the_saved_file_has_the_same_optimum(case: str, tmp_path: Path) -> None:
    scenario = scenario_of(case)
    assert check(scenario) == ()
    save_lp(scenario, tmp_path / "plan.lp")
    status, value = highs_optimum(tmp_path / "plan.lp")
    program = program_of(scenario)
    _, model = models_of(program)[0]
    solution = solve(model, solver="highs", gap=0, time_limit=10)
    assert status.lower() == solution.status
    if solution.status == "optimal":
        goal = scenario.objective[0]
        within = 0.0
        if goal.over is None:
            linear_value = float(program.goal_values(goal) @ solution.values)
        else:  # its own column decides: two a and three b bring 34 and 38 (regret 4), three a and two b 31 and 42 (3)
            assert solution.bound is not None
            linear_value = solution.bound
            # a column that is not whole lies where its rows hold within HiGHS's tolerance of 1e-6
            within = 2e-6
            by_hand = {"worst": 34.0, "regret": 42.0 + 3.0}
            assert value / model.scale == pytest.approx(by_hand[goal.by or ""])
        assert value == pytest.approx(model.scale * linear_value, rel=1e-9, abs=within)


def test_names_that_mean_something_else_in_an_lp_file_are_made_harmless(tmp_path: Path) -> None:
    scenario = parse_scenario(
        "objective: engagements\nbudget: 100\nname: 'max: end\\n 3 x <= 4'\noffers:\n"
        "  - {name: 'end', cost_per_post: 10, engagements_per_post: 1}\n"
        "  - {name: 'free x + 3', cost_per_post: 10, engagements_per_post: 2, setup_cost: 5}\n"
        "  - {name: 'free/x*3', cost_per_post: 10, engagements_per_post: 3}\n"
        "  - {name: 'Ünï – 中文', cost_per_post: 10, engagements_per_post: 4}\n"
        "  - {name: '中文', cost_per_post: 10, engagements_per_post: 5}\n"
        "limits:\n  - {name: 'st:', measure: creators, max: 7}\n"
        "  - {name: 'bounds', measure: posts, max: 6}\n"
    )
    save_lp(scenario, tmp_path / "plan.lp")
    status, value = highs_optimum(tmp_path / "plan.lp")
    assert (status, value) == ("Optimal", -30.0)  # six posts of the last offer


def test_a_long_name_is_cut_and_stays_unique(tmp_path: Path) -> None:
    offers = "".join(
        f"  - {{name: {'x' * 300}{i}, cost_per_post: 10, engagements_per_post: {i}, creators: {{max: 1}}}}\n"
        for i in (1, 2, 3)
    )
    save_lp(parse_scenario(f"objective: engagements\nbudget: 20\noffers:\n{offers}"), tmp_path / "plan.lp")
    assert highs_optimum(tmp_path / "plan.lp") == ("Optimal", -5.0)


WORDS_OF_THE_FORMAT = [
    "max", "min", "maximize", "minimise", "obj", "st", "end", "free", "inf", "infinity", "nan", "bounds", "general",
    "generals", "int", "integer", "bin", "binary", "binaries", "semi", "sos1", "lazy", "e", "E", "e9", "E12",
]  # fmt: skip


def test_no_name_is_a_word_or_a_number_of_the_format(tmp_path: Path) -> None:
    """HiGHS up to 1.15 takes many of these for names and some not, 1.16 takes others; so do other readers."""
    limits = "".join(
        f"  - {{name: '{word}', measure: creators, max: {i}}}\n"
        for i, word in enumerate(WORDS_OF_THE_FORMAT, 5)
    )
    scenario = parse_scenario(
        "name: Maximize\nobjective: engagements\nbudget: 100\noffers:\n"
        f"  - {{name: end, cost_per_post: 10, engagements_per_post: 1}}\nlimits:\n{limits}"
    )
    save_lp(scenario, tmp_path / "plan.lp")
    read = highs_reading(tmp_path / "plan.lp").getLp()
    names = [*read.row_names_, *read.col_names_]
    assert len(names) == len(WORDS_OF_THE_FORMAT) + 2  # the budget, the offer
    assert {name.lower() for name in names}.isdisjoint(word.lower() for word in WORDS_OF_THE_FORMAT)
    assert highs_optimum(tmp_path / "plan.lp") == ("Optimal", -5.0)


@needs_cbc
def test_cbc_reads_the_same_programs_from_the_saved_files(tmp_path: Path) -> None:
    for case in CASES:
        path = tmp_path / f"{case}.lp"
        save_lp(scenario_of(case), path)
        status, value = highs_optimum(path)
        said = subprocess.run(
            [bundled_cbc(), path, "-ratioGap", "0", "-solve", "-quit"],
            capture_output=True,
            text=True,
        ).stdout
        found = re.findall(r"(?:Objective value:|Optimal objective) +(\S+)", said)
        if status == "Infeasible":
            assert "nfeasible" in said, (case, said)
        else:
            assert found, (case, said)
            assert float(found[-1]) == pytest.approx(value, rel=1e-6, abs=1e-6), case


if __name__ == "__main__":
    for name in CASES:
        (FOLDER / f"{name}.lp").write_text(golden_text(name), encoding="utf-8")
