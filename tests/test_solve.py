"""The solver layer: what it says, when it stops, and that its plans are right in any unit with any PuLP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pulp
import pytest

from optimizer import check, load_scenario, optimize, parse_scenario
from optimizer.language.errors import InfeasibleError, ScenarioError, SolverError
from optimizer.program.program import program_of
from optimizer.scenario.scenario import Scenario
from optimizer.solve import search
from optimizer.solve import solver as solve
from optimizer.solve.ask import has_plan
from optimizer.solve.model import Model, build_model
from tests.builders import offer, scenario
from tests.programs import needs_cbc


def small(solver: str = "", budget: str = "100", more: str = "") -> Scenario:
    """A knapsack: the best for 100 is 3 b (25 each) and 2 a (12 each): 3 x 30 + 2 x 13 = 116."""
    return parse_scenario(
        f"objective: engagements\nbudget: {budget}\nsolver: {{gap: 0{solver}}}\n{more}offers:\n"
        "  - {name: a, cost_per_post: 12, engagements_per_post: 13}\n"
        "  - {name: b, cost_per_post: 25, engagements_per_post: 30, creators: {max: 3}}\n"
    )


def model_of(scenario: Scenario):
    program = program_of(scenario)
    (goal, *_) = scenario.objective
    return build_model(
        program,
        program.goal_values(goal),
        maximize=goal.sense == "maximize",
        rows=program.rows,
    )


def hard(sense: str = "maximize", solver: str = "", offers: int = 60, rows: int = 5) -> Scenario:
    """A knapsack of strongly correlated weights in several rows, which takes minutes to prove."""
    rng = np.random.default_rng(11)
    weights = rng.integers(200, 1000, (rows, offers))
    worth = weights.sum(axis=0) // rows + rng.integers(0, 60, offers)
    goal = "{maximize: worth}" if sense == "maximize" else "{minimize: worth}"
    side = "max" if sense == "maximize" else "min"
    names = [f"w{i}" for i in range(rows)]
    lines = [f"objective: {goal}", f"solver: {{{solver}}}", "measures:", "  worth: creator"]
    lines += [f"  {name}: creator" for name in names]
    lines.append("offers:")
    for o in range(offers):
        values = ", ".join(f"{name}: {weights[i, o]}" for i, name in enumerate(names))
        lines.append(f"  - {{name: o{o}, creators: {{max: 1}}, measures: {{worth: {worth[o]}, {values}}}}}")
    lines.append("limits:")
    lines += [
        f"  - {{measure: {name}, {side}: {weights[i].sum() // 2 + 3 * i}}}" for i, name in enumerate(names)
    ]
    return parse_scenario("\n".join(lines))


def market_split() -> Scenario:
    """Equations that yes or no hardly ever satisfies (Cornuejols & Dawande 1999): no plan within reach."""
    rng = np.random.default_rng(3)
    rows, offers = 5, 40
    weights = rng.integers(1, 100, (rows, offers))
    lines = ["objective: creators", "solver: {time_limit: 0.3}", "measures:"]
    lines += [f"  w{i}: creator" for i in range(rows)]
    lines.append("offers:")
    for o in range(offers):
        values = ", ".join(f"w{i}: {weights[i, o]}" for i in range(rows))
        lines.append(f"  - {{name: o{o}, creators: {{max: 1}}, measures: {{{values}}}}}")
    lines.append("limits:")
    for i in range(rows):
        half = weights[i].sum() // 2
        lines.append(f"  - {{measure: w{i}, min: {half}, max: {half}}}")
    return parse_scenario("\n".join(lines))


# --- what it says -----------------------------------------------------------------------------------------


def test_optimal_comes_with_its_bound() -> None:
    plan = optimize(small())
    assert (plan.status, plan.objective.value, plan.objective.bound, plan.objective.gap) == (
        "optimal",
        116,
        116,
        0,
    )
    assert plan.solver.raw_status == "Optimal"
    assert plan.solver.version.startswith("HiGHS 1.")


def test_the_value_of_the_solver_is_that_of_its_columns() -> None:
    scenario = small()
    solution = solve.solve(model_of(scenario), solver="highs", gap=0, time_limit=10)
    assert solution.status == "optimal"
    assert solution.values.tolist() == pytest.approx([2, 3])
    assert solution.bound == pytest.approx(116)


def test_a_continuous_program_has_no_gap() -> None:
    """Without whole creators: 3 b for 75, 25 / 12 a: 90 + 13 x 25 / 12 = 117.083333."""
    plan = optimize(small(", whole_creators: false"))
    assert plan.status == "optimal"
    assert plan.objective.value == pytest.approx(90 + 13 * 25 / 12)
    assert plan.objective.gap == 0


def test_infeasible_is_said_so() -> None:
    with pytest.raises(InfeasibleError):
        optimize(small(more="limits: [{measure: engagements, min: 117}]\n"))
    scenario = small(more="limits: [{measure: engagements, min: 117}]\n")
    solution = solve.solve(model_of(scenario), solver="highs", gap=0, time_limit=10)
    assert (solution.status, solution.bound, len(solution.values)) == ("infeasible", None, 0)


def test_a_program_without_a_bound_is_not_called_infeasible() -> None:
    program = program_of(small())
    free = build_model(program, program.packages.measures["engagements"], maximize=True, rows=[])
    assert solve.solve(free, solver="highs", gap=0, time_limit=10).status == "unbounded"


@pytest.mark.parametrize("sense", ["maximize", "minimize"])
def test_at_the_time_limit_the_plan_comes_with_an_honest_gap(sense: str) -> None:
    plan = optimize(hard(sense, "gap: 0, time_limit: 0.5"))
    goal = plan.objective
    assert plan.status == "feasible"
    assert plan.solver.raw_status == "Time limit reached"
    assert goal.bound is not None
    assert goal.gap is not None
    assert goal.gap > 0
    better = goal.bound - goal.best if sense == "maximize" else goal.best - goal.bound
    assert better > 0
    assert goal.gap == pytest.approx(better / goal.best)
    assert plan.solver.seconds < 3


def test_the_gap_asked_for_is_where_the_search_stops() -> None:
    plan = optimize(hard(solver="gap: 5%, time_limit: 20"))
    assert plan.status == "optimal"
    assert plan.objective.gap is not None
    assert plan.objective.gap <= 0.05
    assert plan.solver.seconds < 15


def test_no_plan_in_time_is_neither_infeasible_nor_a_plan() -> None:
    with pytest.raises(SolverError, match=r"no plan was found in 0\.3 seconds") as error:
        optimize(market_split())
    assert error.value.timed_out


def test_a_limit_of_nodes_gives_the_best_plan_so_far_and_the_same_one_each_time() -> None:
    """PuLP 3.3 does not know this status of HiGHS (a KeyError inside PuLP)."""
    runs = [
        solve.solve(model_of(hard()), solver="highs", gap=0, time_limit=30, max_nodes=1) for _ in range(2)
    ]
    for solution in runs:
        assert (solution.status, solution.raw_status) == ("feasible", "Solution limit reached")
        assert solution.bound is not None
    assert runs[0].values.tolist() == runs[1].values.tolist()
    program = program_of(hard())
    values = program.packages.measures["worth"] @ runs[0].values
    assert 0 < values <= runs[0].bound
    for row in program.rows:
        assert row.coefficients @ runs[0].values <= row.upper + 1e-6


def test_the_starting_plan_is_used() -> None:
    """Where the search ends before it begins, a plan comes back only with a start, and none worse than it."""
    scenario = hard()
    better = solve.solve(model_of(scenario), solver="highs", gap=0, time_limit=0.5)
    cold = solve.solve(model_of(scenario), solver="highs", gap=0, time_limit=30, max_nodes=0)
    warm = solve.solve(
        model_of(scenario), solver="highs", gap=0, time_limit=30, max_nodes=0, start=better.values
    )
    worth = program_of(scenario).packages.measures["worth"]
    assert cold.status == "not_found"
    assert warm.status == "feasible"
    assert worth @ warm.values >= worth @ better.values > 0


@pytest.mark.parametrize("start", [[0.0, 0.0], [1.0, 3.0], [99.0, 99.0], [0.5, 0.5]])
def test_a_poor_or_impossible_starting_plan_does_no_harm(start) -> None:
    solution = solve.solve(
        model_of(small()), solver="highs", gap=0, time_limit=10, start=np.array(start, dtype=float)
    )
    assert solution.status == "optimal"
    assert solution.values.tolist() == pytest.approx([2, 3])


@pytest.mark.parametrize(("above", "status"), [(0.9e-4, "optimal"), (1.1e-4, "feasible")])
def test_a_search_that_is_stopped_within_the_gap_has_proven_it(
    above: float, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small models are solved closer than was asked, and time may be up on the way."""

    def stopped(model: Model, **options: Any) -> solve.Solution:
        found = solve.solve(model, **options)
        value = 32_000 * (1 + above)
        return replace(found, status="feasible", raw_status="Time limit reached", bound=value)

    monkeypatch.setattr(search, "solve", stopped)
    plan = optimize(load_scenario(Path(__file__).parents[1] / "scenarios" / "quickstart.yaml"))
    assert (plan.status, plan.objective.value) == (status, 32_000)
    assert plan.objective.bound == pytest.approx(32_000 * (1 + above))


def test_small_models_are_solved_to_the_best_plan_and_not_to_the_gap() -> None:
    base = load_scenario(Path(__file__).parents[1] / "scenarios" / "launch-us.yaml")
    for budget in (55_000, 60_000, 65_000):
        fine, exact = (
            optimize(base.with_changes({"budget": budget, "solver.gap": gap})) for gap in (1e-4, 0)
        )
        assert [goal.best for goal in fine.objectives] == pytest.approx(
            [goal.best for goal in exact.objectives], rel=2e-6
        )


def test_two_runs_give_the_same_plan_to_the_byte() -> None:
    texts = []
    for _ in range(2):
        plan = optimize(hard(solver="gap: 1%, time_limit: 30", offers=16, rows=3))
        report = plan.solver.model_copy(update={"seconds": 0.0})
        texts.append(plan.model_copy(update={"solver": report}).model_dump_json())
    assert texts[0] == texts[1]


# --- objectives that nothing limits -----------------------------------------------------------------------

UNBOUNDED = {
    "no limit at all": "objective: engagements\noffers: [{engagements_per_post: 5}]",
    "a limit on other offers only": (
        "objective: engagements\noffers:\n  - {name: a, engagements_per_post: 5}\n"
        "  - {name: b, engagements_per_post: 5}\n"
        "limits: [{measure: creators, where: {name: b}, max: 3}]"
    ),
    "a budget that free offers do not use": (
        "objective: engagements\nbudget: 100\noffers:\n"
        "  - {name: paid, cost_per_post: 10, engagements_per_post: 9}\n"
        "  - {name: free, cost_per_post: 0, engagements_per_post: 1}"
    ),
    "a share without a budget": (
        "objective: engagements\noffers:\n  - {name: a, cost_per_post: 10, engagements_per_post: 5}\n"
        "  - {name: b, cost_per_post: 20, engagements_per_post: 5}\n"
        "limits: [{measure: cost, where: {name: a}, max: 30% of cost}]"
    ),
    "only a combination grows for ever": (
        "objective: engagements\noffers:\n  - {name: a, cost_per_post: 10, engagements_per_post: 5}\n"
        "  - {name: b, cost_per_post: 20, engagements_per_post: 0}\n"
        "limits:\n  - {measure: cost, where: {name: a}, max: 50% of cost}\n"
        "  - {measure: cost, where: {name: b}, max: 60% of cost}"
    ),
    "a floor is no ceiling": (
        "objective: engagements\noffers: [{cost_per_post: 10, engagements_per_post: 5}]\n"
        "limits: [{measure: cost, min: 50}, {measure: cpe, max: 3}]"
    ),
    "less and less of a measure that may be negative": (
        "objective: {minimize: points}\nmeasures: {points: creator}\n"
        "offers: [{name: a, measures: {points: -1}}, {name: b, measures: {points: 2}}]"
    ),
    "a negative number buys room under a ceiling": (
        "objective: engagements\nmeasures: {points: creator}\noffers:\n"
        "  - {name: a, engagements_per_post: 5, measures: {points: 3}}\n"
        "  - {name: b, engagements_per_post: 0, measures: {points: -2}}\n"
        "limits: [{measure: points, max: 10}]"
    ),
    "reach": (
        "objective: {maximize: reach}\naudience: {people: 1M}\noffers: [{followers: 10k, reach_rate: 10%}]"
    ),
    "the second objective": (
        "objective: [{minimize: cost}, {maximize: engagements}]\noffers:\n"
        "  - {name: free, cost_per_post: 0, engagements_per_post: 1}"
    ),
}
HELD = {
    "a share of what has a ceiling": (
        "objective: engagements\noffers:\n"
        "  - {name: a, cost_per_post: 10, engagements_per_post: 5, creators: {max: 4}}\n"
        "  - {name: b, cost_per_post: 20, engagements_per_post: 5}\n"
        "limits: [{measure: cost, where: {name: b}, max: 50% of cost}]",
        4 * 5 + 2 * 5,
    ),
    "a chain of shares with a ceiling at its end": (
        "objective: engagements\noffers:\n"
        "  - {name: a, cost_per_post: 10, engagements_per_post: 1, creators: {max: 4}}\n"
        "  - {name: b, cost_per_post: 10, engagements_per_post: 1}\n"
        "  - {name: c, cost_per_post: 10, engagements_per_post: 1}\n"
        "limits:\n  - {measure: creators, where: {name: b}, max: 50% of creators}\n"
        "  - {measure: creators, where: {name: [c, a]}, max: 50% of creators}\n"
        "  - {measure: creators, where: {name: c}, max: 25% of creators}",
        16,
    ),
    "hours that nobody is without": (
        "objective: engagements\neffort_hours: 10\noffers: [{hours_per_creator: 3, engagements_per_post: 7}]",
        21,
    ),
    "an earlier objective": (
        "objective: [{minimize: cost}, {maximize: engagements}]\noffers:\n"
        "  - {name: a, cost_per_post: 2, engagements_per_post: 1}\n"
        "limits: [{measure: engagements, min: 3}]",
        6,
    ),
    "a ratio that more of it breaks": (
        "objective: impressions\noffers:\n"
        "  - {name: a, cost_per_post: 1, impressions_per_post: 1000, creators: {max: 2}}\n"
        "  - {name: b, cost_per_post: 3, impressions_per_post: 1000}\n"
        "limits: [{measure: cpm, max: 2}]",
        4000,
    ),
    "a negative number that has a ceiling itself": (
        "objective: engagements\nmeasures: {points: creator}\noffers:\n"
        "  - {name: a, engagements_per_post: 5, measures: {points: 3}}\n"
        "  - {name: b, engagements_per_post: 0, measures: {points: -2}, creators: {max: 4}}\n"
        "limits: [{measure: points, max: 10}]",
        30,
    ),
}


@pytest.mark.parametrize("case", UNBOUNDED)
def test_an_objective_that_nothing_limits_is_refused_before_solving(case: str, monkeypatch) -> None:
    def never(*arguments, **options):
        raise AssertionError("solved")

    monkeypatch.setattr(solve, "solve", never)
    with pytest.raises(ScenarioError, match="no limit holds"):
        optimize(parse_scenario(UNBOUNDED[case]))


@pytest.mark.parametrize("case", HELD)
def test_an_objective_that_is_held_in_a_roundabout_way_is_solved(case: str) -> None:
    text, value = HELD[case]
    scenario = parse_scenario(text)
    assert check(scenario) == ()
    assert optimize(scenario).objective.value == pytest.approx(value)


# --- the other solver ------------------------------------------------------------------------------------


@needs_cbc
def test_cbc_at_its_time_limit_does_not_claim_a_proof() -> None:
    plan = optimize(hard(solver="name: cbc, gap: 0, time_limit: 1"))
    assert plan.status == "feasible"
    assert plan.objective.gap is None or plan.objective.gap > 0


def test_cbc_that_is_missing_is_said_with_the_way_out(monkeypatch) -> None:
    for name in ("PULP_CBC_CMD", "COIN_CMD"):
        if hasattr(pulp, name):
            monkeypatch.setattr(getattr(pulp, name), "available", lambda self: False)
    with pytest.raises(SolverError, match=r"the solver CBC is not installed; use solver: \{name: highs\}"):
        optimize(small(", name: cbc"))


def test_highs_that_is_missing_is_said_with_the_way_out(monkeypatch) -> None:
    monkeypatch.setattr(pulp.HiGHS, "available", lambda self: False)
    with pytest.raises(SolverError, match="the solver HiGHS is not installed; run: pip install highspy"):
        optimize(small())


def test_nothing_that_c_code_prints_while_a_solver_runs_reaches_standard_output(capfd, monkeypatch):
    import os

    import highspy

    from optimizer.solve import highs

    calm = highspy.Highs.run

    def loud(self):
        os.write(1, b"printed by C code\n")
        return calm(self)

    monkeypatch.setattr(highspy.Highs, "run", loud)
    os.write(1, b"before\n")
    assert optimize(small()).status == "optimal"
    os.write(1, b"after\n")
    assert highs.highs_version().startswith("HiGHS ")
    out, err = capfd.readouterr()
    assert out == "before\nafter\n"
    assert "printed by C code" in err


def test_a_scheduler_of_several_threads_does_not_keep_us_from_solving():
    import highspy

    mine = highspy.Highs()  # as another library in the same process would
    mine.setOptionValue("output_flag", False)
    mine.addCol(-1.0, 0, 10, 0, [], [])
    mine.changeColIntegrality(0, highspy.HighsVarType.kInteger)
    mine.run()
    try:
        assert optimize(small()).status == "optimal"
    finally:
        highspy.Highs.resetGlobalScheduler(True)  # for whoever comes next in this process


def test_a_solver_that_does_not_stop_is_left_in_time(monkeypatch):
    import threading
    import time

    import highspy

    from optimizer.solve import highs

    release = threading.Event()
    monkeypatch.setattr(highspy.Highs, "run", lambda self: release.wait(60))
    monkeypatch.setattr(highs, "GRACE", 0.1)
    monkeypatch.setattr(highs, "INTERRUPT_GRACE", 0.1)
    scenario = small().with_changes({"solver.time_limit": 0.2})
    began = time.perf_counter()
    plan = optimize(scenario)  # nothing was found, but booking nobody is allowed
    assert (plan.status, plan.lines, plan.objective.bound) == ("feasible", (), None)
    assert time.perf_counter() - began < 30  # and not for ever
    release.set()


# Rounding.


def test_a_limit_tightened_until_no_plan_is_left_is_no_matter_of_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every plan is said to break a limit by rounding; once that is tightened there is none, which proves nothing."""
    asked = scenario(
        offers=[offer("one", 1, most=5)],
        objective="creators",
        limits=[{"measure": "creators", "min": 2, "max": 2}],
    )
    monkeypatch.setattr(search, "MAX_CUTS", 0)
    monkeypatch.setattr(search._Search, "_broken", lambda self, columns: [(self.program.rows[0], 1e-6)])
    monkeypatch.setattr(search._Search, "_allowed", lambda self, columns: False)
    with pytest.raises(SolverError, match="break a limit by rounding") as caught:
        optimize(asked)
    assert not caught.value.timed_out
    assert has_plan(program_of(asked), 10) is None
