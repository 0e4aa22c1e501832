"""A scenario that can be planned, or every reason why it cannot."""

from __future__ import annotations

import numpy as np

from optimizer.language.errors import Problem, ScenarioError, UnlimitedError
from optimizer.program.checks import sure_places
from optimizer.program.program import Program, program_of
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario


def problems_of(program: Program) -> tuple[Problem, ...]:
    """Why a program cannot be solved: what is wrong with it, else what nothing limits; empty if it can."""
    return program.problems or _unlimited(program)


def refusal_of(program: Program) -> ScenarioError | None:
    """The same as an error, located; None where it can be solved."""
    error = ScenarioError if program.problems else UnlimitedError
    problems = problems_of(program)
    return error(program.scenario.locate(p) for p in problems) if problems else None


def ready(scenario: Scenario) -> Program:
    """The program of a scenario that can be planned.

    Raises:
        UnlimitedError: where all that is wrong is that nothing limits an objective.
        ScenarioError: where it cannot be planned, with every problem.
    """
    program = program_of(given_scenario(scenario))
    refusal = refusal_of(program)
    if refusal is not None:
        raise refusal
    return program


def _unlimited(program: Program) -> tuple[Problem, ...]:
    """Asked once for each program: it takes a solve where anything has no cap."""
    if not program.unlimited:
        found: tuple[Problem, ...] = ()
        if np.isinf(program.caps).any():
            from optimizer.solve.unlimited import unlimited_problems  # most scenarios need no solver for this

            found = tuple(unlimited_problems(program))
        program.unlimited.append(found)
    return program.unlimited[0]


def refuse_confidence(scenario: Scenario, question: str, hint: str) -> None:
    """Say no to a question that has no answer where anything has a confidence.

    Args:
        scenario: whose limits and objectives are looked at.
        question: what is asked, such as "`explain` tells prices by typical numbers".
        hint: what to ask instead.

    Raises:
        ScenarioError: at the first confidence.
    """
    scenario = given_scenario(scenario)
    places = sure_places(scenario)
    if places:
        message = f"{question}, which say nothing about a confidence"
        raise ScenarioError([scenario.locate(Problem(places[0], message, hint))])
