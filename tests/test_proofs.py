"""What is called best, or impossible, is so: limits within a cent of what plans come to, every plan counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from optimizer import InfeasibleError, Scenario, optimize
from optimizer.program.program import program_of
from optimizer.solve import search
from optimizer.solve.bookable import cleaned
from optimizer.solve.cuts import cut_off
from optimizer.solve.moves import better_by_one
from optimizer.solve.question import Question
from optimizer.solve.solver import SETTINGS
from tests.builders import offer, scenario
from tests.proofs import Plans, faults, scenario_in_wait

SEEDS = range(240)


@pytest.mark.parametrize("first", range(0, len(SEEDS), 24))
def test_no_proof_is_false(first: int) -> None:
    assert [fault for seed in SEEDS[first : first + 24] if (fault := faults(seed)) is not None] == []


def test_the_scenarios_lie_in_wait_in_every_currency_and_kind() -> None:
    drawn = [scenario_in_wait(seed) for seed in SEEDS]
    assert {data["currency"] for data in drawn} == {"USD", "JPY", "VND"}
    kinds = {str(data["objective"]) for data in drawn}
    assert kinds == {"engagements", "profit", "creators", "{'minimize': 'cost'}"}
    truths = [Plans(data).solve() for data in drawn[:60]]
    assert 1 <= sum(truth.best is None for truth in truths) <= 20


def test_a_budget_a_fraction_of_a_cent_short_leaves_out_what_it_cannot_pay() -> None:
    two = [
        offer("a", 1_900_000, engagements_per_post=10, most=2),
        offer("b", 3, engagements_per_post=1, most=2),
    ]
    for short, booked in ((0.0, 20.0), (0.01, 12.0), (0.001, 12.0)):
        plan = optimize(scenario(budget=3_800_000 - short, objective="engagements", offers=two))
        assert (plan.status, plan.objective.value, plan.objective.bound) == ("optimal", booked, booked)


def lying(monkeypatch: pytest.MonkeyPatch, lie: Any) -> None:
    """Have the first opinion changed before anybody sees it."""
    honest = search.solve

    def solve(model: Any, **options: Any) -> Any:
        solution = honest(model, **options)
        return (
            lie(solution) if options["setting"] is SETTINGS[0] and options["max_nodes"] is None else solution
        )

    monkeypatch.setattr(search, "solve", solve)


def three() -> Scenario:
    return scenario(
        budget=1000,
        objective="engagements",
        solver={"gap": 0},
        offers=[
            offer("a", 300, engagements_per_post=40, most=3),
            offer("b", 200, engagements_per_post=25, most=5),
        ],
    )


def test_a_plan_called_best_that_one_booking_beats_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    lying(
        monkeypatch, lambda s: replace(s, values=np.array([3.0, 0.0]), bound=120.0)
    )  # 900: but one b for 100 left?
    plan = optimize(three().with_changes({"budget": 1100}))
    assert plan.objective.value == plan.objective.bound == 145.0
    assert plan.solver.checked.mistaken == 1


def test_a_plan_called_best_that_needs_two_changes_is_found_out_by_the_second_opinion(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    lying(monkeypatch, lambda s: replace(s, values=np.array([0.0, 5.0]), bound=125.0))
    plan = optimize(three())  # 2 a and 2 b bring 130: three dropped, two added
    assert plan.objective.value == plan.objective.bound == 130.0
    assert plan.status == "optimal"
    assert (plan.solver.checked.mistaken, plan.solver.checked.opinions) == (1, 2)


def test_a_plan_that_exists_is_not_called_impossible(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    lying(monkeypatch, lambda s: replace(s, status="infeasible", values=np.zeros(0), bound=None))
    assert optimize(three()).objective.value == 130.0


def test_a_cut_leaves_every_allowed_plan() -> None:
    """By complete enumeration: all plans that a cut forbids break the row it was made from."""
    for seed in range(30):
        data = scenario_in_wait(seed)
        program = program_of(Scenario.model_validate(data))
        plans, row = Plans(data), program.rows[0]  # the budget
        assert row.name == "budget"
        totals = plans.totals("cost")
        broken = np.flatnonzero(totals > row.upper * (1 + 1e-9))
        if not len(broken):
            continue
        columns = program.packages.with_switches(plans.counts[broken[0]].astype(float))
        cut = cut_off(
            program, row, columns, lambda row, x: float(row.coefficients @ x) > row.upper * (1 + 1e-9)
        )
        assert cut is not None
        forbidden = np.ones(len(plans.counts), dtype=bool)
        for package, creators, _ in cut.less:
            forbidden &= plans.counts[:, package] >= creators
        for package, creators in cut.more:
            forbidden &= plans.counts[:, package] <= creators
        assert forbidden[broken[0]]
        assert (totals[forbidden] > row.upper * (1 + 1e-10)).all()


def test_every_plan_one_booking_away_is_looked_at() -> None:
    """Against complete enumeration: a better plan is found exactly where one is one booking away."""
    found = 0
    for seed in range(40):
        data = scenario_in_wait(seed)
        program = program_of(Scenario.model_validate(data))
        plans = Plans(data)
        goal = program.scenario.objective[0]
        sign = 1 if goal.sense == "maximize" else -1
        allowed = plans.allowed()
        values = sign * plans.totals(goal.measure)
        for start in np.flatnonzero(allowed)[::17]:
            away = np.abs(plans.counts - plans.counts[start])
            steps = plans.counts - plans.counts[start]
            near = allowed & (away.sum(axis=1) <= 2) & (np.abs(steps.sum(axis=1)) <= 1)
            best = values[near].max()
            columns = program.packages.with_switches(plans.counts[start].astype(float))
            _, better = better_by_one(
                program, program.goal_values(goal), sign > 0, program.rows, columns, sign * values[start]
            )
            gain = best - values[start] > 1e-7 * max(1, abs(best))
            if gain:
                found += 1
                top = sign * float(program.goal_values(goal) @ better[0])
                assert top >= best - 1e-7 * max(1, abs(best))
    assert found > 20


def test_an_answer_of_a_search_is_a_plan_that_was_recounted() -> None:
    program = program_of(three())
    goal = program.scenario.objective[0]
    found = search.search_plain(Question(program, program.goal_values(goal), maximize=True), 10.0)
    assert np.array_equal(found.columns, cleaned(program, found.columns))
    assert found.proven
    assert found.bound == found.value == 130.0


def test_impossible_is_said_with_the_limits() -> None:
    with pytest.raises(InfeasibleError) as error:
        optimize(
            scenario(
                budget=999.99,
                objective="engagements",
                offers=[offer("a", 500, engagements_per_post=1, least=2, most=2)],
            )
        )
    assert {member.name for member in error.value.conflict} == {"budget", "a"}
