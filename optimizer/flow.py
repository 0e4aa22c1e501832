"""Scenario -> plan, in one read: prepare, solve each objective in order, make the plan lean, verify, report."""

from __future__ import annotations

import os
from collections.abc import Callable

from optimizer.language.errors import Problem
from optimizer.plan.build import build_plan
from optimizer.plan.plan import Plan
from optimizer.plan.stamp import stamp_of
from optimizer.program.draws import DRAWS, SEED, check_draws
from optimizer.program.program import program_of, with_known
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario
from optimizer.solve.over_cases import over_cases
from optimizer.solve.question import NoPlanError, Question
from optimizer.solve.ready import problems_of, ready, refuse_confidence
from optimizer.solve.solved import solve_verified

CONFLICT_SECONDS = 20.0
"""Time for finding out why there is no plan, and the ways out."""


def optimize(
    scenario: Scenario,
    *,
    on_progress: Callable[[str], None] | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> Plan:
    """The best plan for a scenario, verified.

    Args:
        scenario: from `load_scenario`, or built in Python.
        on_progress: called with a short text at each step.
        draws: cases that are drawn to see what the plan may come to (`plan.risk`), 100 to 1,000,000; 0 leaves that
            out.
        seed: of these draws: the same seed draws the same cases again.

    Returns:
        A plan that keeps every limit; `plan.status` says whether it is proven to be the best.

    Raises:
        ScenarioError: where the scenario cannot be planned.
        InfeasibleError: where no plan satisfies every limit; names limits that cannot hold together.
        SolverError: where the time limit passed before any plan was found, or the solver failed.
        ValueError: for a number of draws, or a seed, that means nothing.
    """
    check_draws(draws, seed)
    say = on_progress or (lambda text: None)
    program = ready(scenario)
    try:
        outcome = solve_verified(program, say)
    except NoPlanError as error:
        say("looking for limits that cannot hold together")
        from optimizer.infeasible.ways_out import infeasible

        known = program_of(with_known(program.scenario, error.multipliers))
        raise infeasible(known, CONFLICT_SECONDS) from None
    plan = build_plan(program, outcome)
    if not draws:
        return plan
    say("drawing what the plan may come to")
    from optimizer.plan.simulated import with_risk

    return with_risk(program, plan, draws, seed)


def check(scenario: Scenario) -> tuple[Problem, ...]:
    """Every reason why a scenario cannot be planned; empty if it can. Does not solve it.

    Args:
        scenario: from `load_scenario`, or built in Python.
    """
    return tuple(scenario.locate(p) for p in problems_of(program_of(given_scenario(scenario))))


def save_lp(scenario: Scenario, path: str | os.PathLike[str]) -> None:
    """Write the program of the first objective as a CPLEX LP file, for other solvers and for curious readers.

    Of rosters too large to make an offer of each row it has the offers, as the name of the program says. Reach over
    several segments is in it by its tangents where the best plan lies, for which it is planned first.

    Args:
        scenario: from `load_scenario`, or built in Python.
        path: the file, which is replaced.

    Raises:
        ScenarioError: where the scenario cannot be planned, or has a confidence, which no such file can say.
        SolverError: for a regret, where time was up before the best plan of a case was found.
        OSError: where the file cannot be written.
    """
    from optimizer.solve.model import build_model

    refuse_confidence(scenario, "an LP file has typical numbers", "leave the file or confidence out")
    program = ready(scenario)
    goal = scenario.objective[0]
    question = Question(
        program,
        program.goal_values(goal),
        maximize=goal.sense == "maximize",
        gap=scenario.gap,
        reaching=program.reaching_goal(goal) if goal.over is None else None,
        twice=False,
    )
    over = over_cases(program, goal, scenario.solver.time_limit)
    if over is not None:
        question = over.asked(question)
    if question.all_reachings:
        from optimizer.solve.cutting import with_cuts

        question = with_cuts(question, scenario.solver.time_limit)
    few = (
        ""
        if scenario.chosen_from is None
        else f" ({len(scenario.offers)} of {scenario.chosen_from:.0f} creators)"
    )
    model = build_model(
        program,
        question.objective,
        maximize=question.maximize,
        rows=[*program.rows, *question.rows],
        extra=question.extra,
        name=scenario.title + few,
    )
    with open(path, "w", encoding="utf-8"):  # an OSError where PuLP 4 would raise one of its own
        pass
    model.problem.writeLP(os.fspath(path))


def optimize_within(scenario: Scenario, seconds: float, *, exact: bool = False) -> Plan:
    """`optimize` with the time that is left of a longer command; the plan answers the scenario as it stands.

    Args:
        scenario: the scenario.
        seconds: time left; the scenario's own limit counts where it is shorter.
        exact: solve to a gap of 0, whatever the scenario asks for.

    Raises:
        NoPlanError: where there is none.
        ScenarioError, SolverError: as `optimize`.
    """
    given = given_scenario(scenario)
    limit = max(0.01, min(given.solver.time_limit, seconds))
    solver = given.solver.model_copy(update={"time_limit": limit, "gap": 0.0 if exact else given.gap})
    program = ready(scenario.model_copy(update={"solver": solver}))
    plan = build_plan(program, solve_verified(program))
    inputs = scenario.model_dump(mode="json", exclude_unset=True)
    return plan.model_copy(update={"scenario": stamp_of(scenario), "inputs": inputs})
