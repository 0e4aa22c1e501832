"""What `optimize risk` is asked for: confidences, a target, a scenario that has an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from optimizer.language.errors import KeyPath, Problem, ScenarioError
from optimizer.language.measures import REACH
from optimizer.language.quantities import parse_number, plain
from optimizer.program.program import program_of
from optimizer.scenario.fields import parse_confidence
from optimizer.scenario.scenario import Goal, Scenario

CONFIDENCES = (0.8, 0.9, 0.95)
MOST = 20
"""Confidences in one question."""


def checked(
    scenario: Scenario, confidences: Sequence[float | str] | str, target: float | str | None
) -> tuple[list[float], float | None]:
    """The confidences, rising and each once, and the target.

    Args:
        scenario: what is asked about.
        confidences: shares such as 0.9 or "90%"; or text such as "80,90,95", where a bare number is a percentage.
        target: in the unit of the first objective; a number or text such as "50k".

    Raises:
        ScenarioError: with everything that is wrong with these, and with a scenario that this cannot be asked of.
    """
    problems: list[Problem] = []
    found: list[float] = []
    if isinstance(confidences, str):
        listed: Sequence[Any] = [_percent(part.strip()) for part in confidences.split(",")]
    else:
        listed = list(confidences)
    for each in listed:
        _read(problems, "confidence", each, parse_confidence, found)
    if not listed:
        problems.append(Problem(("confidence",), "no confidence is asked for", "write e.g. 80,90,95"))
    if len(listed) > MOST:
        problems.append(
            Problem(("confidence",), f"{len(listed)} confidences are too many", f"at most {MOST}")
        )
    wanted: list[float] = []
    if target is not None:
        _read(problems, "target", target, parse_number, wanted)
    problems += [scenario.locate(problem) for problem in _refusals(scenario)]
    goal = scenario.objective[0]
    audience = None if scenario.audience is None else scenario.audience.people
    if wanted and goal.measure == REACH.name and audience is not None and not 0 <= wanted[0] < audience:
        hint = f"ask for 0 or more people, and fewer than {plain(audience)}"
        problems.append(Problem(("target",), f"the audience has {plain(audience)} people", hint))
    if problems:
        raise ScenarioError(problems)
    return sorted(set(found)), (wanted[0] if wanted else None)


def _percent(text: str) -> str:
    """A bare number from 1 on as a percentage: 80 is 80 %, 0.8 and 80% stay."""
    try:
        bare = float(text)
    except ValueError:
        return text
    return f"{text}%" if bare >= 1 else text


def _read(problems: list[Problem], name: str, value: Any, parse: Any, into: list[float]) -> None:
    try:
        into.append(parse(value))
    except (TypeError, ValueError) as error:
        hint = (
            getattr(error, "hint", "")
            or {"confidence": "write e.g. 80,90,95", "target": "write e.g. 50k"}[name]
        )
        problems.append(Problem((name,), getattr(error, "message", str(error)), hint))


def _refusals(scenario: Scenario) -> list[Problem]:
    """Why nothing can be said about a scenario's risk."""
    problems = []
    if not scenario.solver.whole_creators:
        path: KeyPath = ("solver", "whole_creators")
        message = "a fraction of a creator has no chance of its own, so nothing can be said about its risk"
        problems.append(Problem(path, message, "leave whole_creators out, or set it to true"))
    goal = scenario.objective[0]
    if program_of(scenario).reaching_goal(goal) is not None:
        message = (
            "reach over several segments, or with several offers of one person, is no sum whose spread could be told "
            "before the plan is there, so nothing can be promised about it"
        )
        hint = (
            "take one segment alone, impressions or gross_reach, or look at the range that `optimize` shows"
        )
        problems.append(Problem(("objective", 0, goal.sense), message, hint))
    if scenario.objective[0].over is not None:
        message = "a result over stress cases has no chances: the cases are no draws"
        hint = "leave over and by out for this question, or ask with `optimize stress`"
        problems.append(Problem(("objective", 0, "over"), message, hint))
    return problems


def first_only(scenario: Scenario, confidence: float) -> Scenario:
    """The scenario with its first objective alone, which has a confidence."""
    goal = scenario.objective[0]
    sure = Goal.model_validate({goal.sense: goal.measure, "confidence": confidence})
    return scenario.model_copy(update={"objective": (sure,)})
