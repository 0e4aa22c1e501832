"""k of what has a confidence, set by the draws of the plan that it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.language.measures import REACH
from optimizer.program.draws import Draws
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.sure import Sure
from optimizer.solve.lexicographic import Effort, Outcome
from optimizer.solve.question import NoPlanError, Question, UnboundedError
from optimizer.solve.search import search_plain
from optimizer.solve.verify_sure import disagreements

ROUNDS = 5
ROUGH = 0.02
"""Relative gap of the solve whose plan gives the first k."""
ROUGH_SECONDS = 5.0
MOVED = 0.01
"""A k that moves by less is settled, as a share of it or of `SMALL_K`."""
SMALL_K = 0.2


def calibrated(
    program: Program,
    solved: Callable[[Program, Effort], Outcome],
    effort: Effort,
    say: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """Solve, draw, set k = (mean - quantile) / sd, and solve again until k agrees with its own plan.

    Args:
        program: the scenario, with the k to begin with.
        solved: solves it for some k.
        effort: how much of the work to do.
        say: told of each step.

    Raises:
        NoPlanError: where there is none for the k that the draws ask for.
        Others: as `solved`.
    """
    last: Outcome | None = None
    if not program.multipliers:
        program, last = _begun(program, solved, replace(effort, gap=ROUGH, twice=False, lean=False))
        effort = effort if last is None else _from(effort, program, last)
    for number in range(ROUNDS):
        try:
            outcome = solved(program, effort)
        except NoPlanError:
            raise NoPlanError(program.multipliers) from None
        except SolverError:
            if last is None:
                raise
            return recounted(program, last)  # time was up; its k are those of an earlier plan
        outcome.multipliers = {sure.key: program.multiplier(sure) for sure in sures_of_program(program)}
        drawn = multipliers_of(program, outcome.columns)
        if all(abs(drawn[key] - k) <= MOVED * max(k, SMALL_K) for key, k in outcome.multipliers.items()):
            return recounted(program, outcome)
        outcome.settled = False
        say("drawing what the plan may come to")
        last = outcome
        if number + 2 == ROUNDS:  # two plans that ask for each other's k: the larger is safe for both
            drawn = {key: max(k, outcome.multipliers[key]) for key, k in drawn.items()}
        program = program.with_multipliers(drawn)
        effort = _from(effort, program, outcome)
    assert last is not None
    return recounted(program, last)


def _from(effort: Effort, program: Program, outcome: Outcome) -> Effort:
    """The same work, from a plan that is there."""
    return replace(effort, start=tuple(outcome.columns[: program.packages.count].tolist()))


def recounted(program: Program, outcome: Outcome) -> Outcome:
    """The outcome, once its means and standard deviations have been recounted.

    Raises:
        SolverError: where they are others.
    """
    wrong = disagreements(program, outcome.columns)
    if wrong:
        raise SolverError(f"the plan failed verification: {wrong[0]}")
    return outcome


def _begun(
    program: Program, solved: Callable[[Program, Effort], Outcome], rough: Effort
) -> tuple[Program, Outcome | None]:
    """With the k of a plan that is only roughly solved for: the normal k are often far off, and not worth a proof.

    They are often too large, because bad luck goes less far than good luck. So where they leave no plan, k are taken
    from a plan that keeps the means. The plan comes along where it keeps everything, by k as they were.

    Raises:
        NoPlanError: where not even the means can be kept.
    """
    means = {sure.key: 0.0 for sure in sures_of_program(program)}
    for begin in (program, program.with_multipliers(means)):
        try:
            found = solved(begin, rough)
        except NoPlanError:
            if begin is not program:
                raise NoPlanError(_typical(program)) from None
        except SolverError:
            return program, None
        else:
            found.multipliers = {sure.key: begin.multiplier(sure) for sure in sures_of_program(begin)}
            found.settled = False
            known = program.with_multipliers(multipliers_of(begin, found.columns))
            return known, found if begin is program else None
    raise AssertionError("one of the two was returned or raised")


def _typical(program: Program) -> dict[str, float]:
    """k of a plan that goes as far towards the floors as all else allows, by means: none keeps all of them."""
    floors = [rule for rule in program.rules if rule.confidence is not None and rule.minimum is not None]
    rest = [rule for rule in program.rules if not any(rule is floor for floor in floors)]
    relaxed = program.relaxed(rest, program.packages.room_min)
    wish = np.zeros(program.packages.columns)
    for floor in floors:
        for sure in program.sures_of(floor):
            if sure.sign > 0:
                wish += sure.moments.mean / max(abs(sure.bound or 0.0), 1.0)
    question = Question(relaxed, wish, maximize=True, gap=ROUGH, twice=False)
    try:
        found = search_plain(question, ROUGH_SECONDS)
    except (NoPlanError, SolverError, UnboundedError):
        return {}
    return multipliers_of(program, found.columns)


def sures_of_program(program: Program) -> list[Sure]:
    """Every limit and objective with a confidence."""
    goals = [program.sure_goal(goal) for goal in program.scenario.objective]
    return [*program.sures, *(sure for sure in goals if sure is not None)]


def multipliers_of(program: Program, columns: Floats) -> dict[str, float]:
    """k of each limit and objective with a confidence by the draws of one plan; of two sides, the larger one."""
    drawn = Draws(program.varying, columns)
    found: dict[str, float] = {}
    for sure in sures_of_program(program):
        sd = sure.moments.sd_of(columns)
        k = program.multiplier(sure)
        if sd > 0:
            worst = 1 - sure.confidence if sure.sign > 0 else sure.confidence
            k = sure.sign * (sure.moments.mean_of(columns) - _quantile(program, sure, drawn, worst)) / sd
        found[sure.key] = max(found.get(sure.key, 0.0), k, 0.0)
    return found


def _quantile(program: Program, sure: Sure, drawn: Draws, share: float) -> float:
    """What is undercut in that share of the draws; of reach as an index."""
    reach = program.reach
    counted = np.ones(len(drawn.counts), dtype=bool)
    for rule in program.rules:
        if rule.name == sure.rule:
            counted = rule.columns
    if reach is not None and _is_reach(program, sure):
        people = float(np.quantile(drawn.reach(counted), share))
        return float(reach.people * reach.index(min(people, reach.people * (1 - 1e-9))))
    return float(np.quantile(drawn.total(sure.form), share))


def _is_reach(program: Program, sure: Sure) -> bool:
    if sure.rule:
        return any(rule.name == sure.rule and rule.measure == REACH.name for rule in program.rules)
    goals = program.scenario.objective
    return any(goal.measure == REACH.name and program.sure_goal(goal) is sure for goal in goals)
