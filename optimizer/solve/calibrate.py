"""k of what has a confidence, set by the draws of the plan that it gives."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.language.measures import REACH
from optimizer.program.draws import Draws
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.rules import unused
from optimizer.program.sure import Sure, normal_multiplier
from optimizer.solve.bookable import SAME
from optimizer.solve.lexicographic import Effort, Outcome
from optimizer.solve.question import NoPlanError, Question, UnboundedError
from optimizer.solve.search import search_plain
from optimizer.solve.verify_sure import disagreements

ROUNDS = 5
ROUGH = 0.01
"""Relative gap of the solves whose plans give the first k."""
SHARES = (0.0, 0.2, 0.4, 0.65)
"""Of the normal k of the objective: where else plans are looked for."""
ROUGH_SECONDS = 5.0
CLEARLY = 0.05
"""Share of the dependable result by which a plan without a proof must be better than one with it."""
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

    Where the plan that is best for some k is clearly worse by its own draws than the one that asked for that k, the
    latter stays, with the bound that was proven for its k.

    Args:
        program: the scenario, with the k to begin with.
        solved: solves it for some k.
        effort: how much of the work to do.
        say: told of each step.

    Raises:
        NoPlanError: where there is none for the k that the draws ask for.
        Others: as `solved`.
    """
    best: Outcome | None = None
    if not program.multipliers:
        program, best = _begun(program, solved, replace(effort, gap=ROUGH, twice=False, lean=False))
    for number in range(ROUNDS):
        try:
            outcome = solved(program, effort if best is None else _from(effort, program, best))
        except NoPlanError:
            raise NoPlanError(program.multipliers) from None
        except SolverError:
            if best is None:
                raise
            return recounted(program, best)  # time was up; its k are those of its own plan
        outcome.multipliers = {sure.key: program.multiplier(sure) for sure in sures_of_program(program)}
        drawn = multipliers_of(program, outcome.columns)
        if all(abs(drawn[key] - k) <= MOVED * max(k, SMALL_K) for key, k in outcome.multipliers.items()):
            return recounted(program, outcome)
        other = program.with_multipliers(drawn)
        if best is not None and _at_its_own(program, best) and _clearly_better(program, best, other, outcome):
            return recounted(program, _bounded(program, best, outcome))
        say("drawing what the plan may come to")
        best = outcome
        if number + 2 == ROUNDS:  # two plans that ask for each other's k: the larger is safe for both
            drawn = {key: max(k, outcome.multipliers[key]) for key, k in drawn.items()}
        program = program.with_multipliers(drawn)
    assert best is not None
    return recounted(program, best)


def _at_its_own(program: Program, outcome: Outcome) -> bool:
    """Whether a plan may stand against others by its own k: one objective, with a confidence, and all limits kept."""
    goals = program.scenario.objective
    one = len(outcome.stages) == 1 and program.sure_goal(goals[0]) is not None
    return one and _keeps(program, outcome.columns)


def _clearly_better(program: Program, outcome: Outcome, others: Program, other: Outcome) -> bool:
    """Whether a plan is more dependable than another by more than `CLEARLY`, each by its own k."""
    (keeps, one), (also, two) = _dependable(program, outcome.columns), _dependable(others, other.columns)
    return (keeps, one) > (also, two + CLEARLY * abs(two))


def _bounded(program: Program, best: Outcome, outcome: Outcome) -> Outcome:
    """The plan that the draws say is the more dependable, with the bound that another one has by its k.

    That other one is better by mean - k sd, and worse by its own draws: it is less lopsided, so its own k is larger.
    """
    stage = outcome.stages[0]
    value = program.goal_linear(stage.goal, best.columns)
    bound = stage.bound
    near = bound is not None and abs(bound - value) <= program.scenario.gap * abs(value)
    best.stages = [replace(stage, best=value, proven=stage.proven and near)]
    best.multipliers = dict(program.multipliers)
    best.seconds += outcome.seconds
    best.settled = True
    return best


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
    """With the k of a plan that is only roughly solved for, and that plan where it keeps everything.

    Plans that differ in how lopsided they are ask for different k, and each may be the best for its own. So several k
    of the objective are tried, and the plan counts that the draws say is the most dependable.

    Raises:
        NoPlanError: where not even the means can be kept.
    """
    first, known = _first(program, solved, rough)
    if first is None:
        return program, None
    tried = [(known, first)]
    goal = program.sure_goal(program.scenario.objective[0])
    for share in SHARES if goal is not None else ():
        assert goal is not None
        k = share * normal_multiplier(goal.confidence)
        begin = program.with_multipliers({**known, goal.key: k})
        with suppress(NoPlanError, SolverError):
            found = solved(begin, rough)
            tried.append((multipliers_of(begin, found.columns), found))
    found_known, found = max(
        tried, key=lambda one: _dependable(program.with_multipliers(one[0]), one[1].columns)
    )
    better = program.with_multipliers(found_known)
    found.multipliers = found_known
    found.settled = False
    return better, found if _keeps(better, found.columns) else None


def _first(
    program: Program, solved: Callable[[Program, Effort], Outcome], rough: Effort
) -> tuple[Outcome | None, dict[str, float]]:
    """A plan for the normal k, and the k it asks for; None where time was up.

    The normal k are often too large, because bad luck goes less far than good luck. So where they leave no plan, one is
    looked for that keeps the means.
    """
    means = {sure.key: 0.0 for sure in sures_of_program(program)}
    for begin in (program, program.with_multipliers(means)):
        try:
            found = solved(begin, rough)
        except NoPlanError:
            if begin is not program:
                raise NoPlanError(_typical(program)) from None
        except SolverError:
            return None, {}
        else:
            return found, multipliers_of(begin, found.columns)
    raise AssertionError("one of the two was returned or raised")


def _dependable(program: Program, columns: Floats) -> tuple[bool, float]:
    """How good a plan is by its own k: whether it keeps the limits, then the first objective, the more the better."""
    goal = program.scenario.objective[0]
    sign = 1.0 if goal.sense == "maximize" else -1.0
    return _keeps(program, columns), sign * program.goal_linear(goal, columns)


def _keeps(program: Program, columns: Floats) -> bool:
    """Whether a plan keeps every limit with a confidence, by the program's k."""
    return all(
        sure.worth(columns, program.multiplier(sure)) >= sure.least - SAME * max(1.0, abs(sure.least))
        for rule in program.rules
        if not (rule.or_none and unused(rule, program.packages, columns))
        for sure in program.sures_of(rule)
    )


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
    reach = None if program.reach is None else program.reach.one
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
