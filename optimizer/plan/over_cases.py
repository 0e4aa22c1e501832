"""Objectives over stress cases in a plan: its value in each case, recounted, and which case decides."""

from __future__ import annotations

from collections.abc import Mapping

from optimizer.language.errors import Problem, ScenarioError
from optimizer.plan.objective import CaseOfObjective, OverCases
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.scenario.scenario import Goal, Scenario
from optimizer.solve.case_values import case_values, decisive


def over_of(
    program: Program, goal: Goal, columns: Floats, best_alone: Mapping[str, float] | None
) -> OverCases | None:
    """What an objective over stress cases comes to in each; None for any other objective.

    Args:
        program: of the scenario as it stands.
        goal: one of its objectives.
        columns: the plan, shape (columns,).
        best_alone: of a regret, case -> value of its best plan.
    """
    if goal.by is None:
        return None
    values = case_values(program, goal, columns, best_alone)
    listed = [
        CaseOfObjective(case=one.name, value=one.value, best=one.best, regret=one.regret(goal))
        for one in values
    ]
    return OverCases(by=goal.by, decides=decisive(goal, values).name, cases=tuple(listed))


def decided(over: OverCases) -> float:
    """The value of the objective: that of the case that decides."""
    (one,) = (case for case in over.cases if case.case == over.decides)
    return one.value if one.regret is None else one.regret


def regretted(over: OverCases | None) -> float | None:
    """Of a regret, what its gap is a share of: the largest best value of a case; None for any other objective."""
    if over is None or over.by == "worst":
        return None
    return max(abs(case.best or 0.0) for case in over.cases)


def refuse_over_cases(scenario: Scenario, what: str) -> None:
    """Refuse a question about one scenario where an objective is held against stress cases.

    Raises:
        ScenarioError: at each such objective.
    """
    problems = [
        Problem(
            ("objective", index, "over"),
            f"{what} {goal.measure} in one scenario, and this objective is held against stress cases",
            f"ask without over and by, e.g. --set objective={goal.measure}",
        )
        for index, goal in enumerate(scenario.objective)
        if goal.over is not None
    ]
    if problems:
        raise ScenarioError([scenario.locate(problem) for problem in problems])
