"""k of what has a confidence, set by the draws of the plan that it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

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
"""Of the normal k: where else plans are looked for."""
HALVINGS = 4
"""Further k of limits, between those whose plan breaks a limit by its own draws and those whose plan keeps all."""
MOST_RIVALS = 3
"""Other k that are solved for to the gap."""
ROUGH_SECONDS = 5.0
CLEARLY = 0.01
"""Share of the dependable result by which a plan for another k must be better: the draws are no finer."""
MOVED = 0.01
"""A k that moves by less is settled, as a share of it or of `SMALL_K`."""
SMALL_K = 0.2


@dataclass(frozen=True)
class _Tried:
    """A plan that is roughly the best for some k.

    Attributes:
        asked: those k.
        held: which of them make the difference.
        own: the k that its own draws ask for.
        outcome: the plan.
        worth: how dependable it is by its own k.
    """

    asked: Mapping[str, float]
    held: frozenset[str]
    own: Mapping[str, float]
    outcome: Outcome
    worth: tuple[bool, float]


def calibrated(
    program: Program,
    solved: Callable[[Program, Effort], Outcome],
    effort: Effort,
    say: Callable[[str], None] = lambda text: None,
) -> Outcome:
    """The best plan by mean - k sd, for the k at which it promises the most by its own draws.

    First for the k that its own draws ask for: solve, draw, set k = (mean - quantile) / sd, and solve again until it
    moves no more. Where a plan that is best for other k is clearly more dependable by its own draws, those k are solved
    for. Either way the proof is about the k that were solved for (`Outcome.multipliers`), the promise about the plan's
    own (`Outcome.drawn`), and limits are kept by both.

    Args:
        program: the scenario, with the k to begin with.
        solved: solves it for some k.
        effort: how much of the work to do.
        say: told of each step.

    Raises:
        NoPlanError: where there is none for the k that the draws ask for.
        Others: as `solved`.
    """
    if program.multipliers:
        return recounted(program, _agreed(program, solved, effort, None, say))
    tried = _tries(program, solved, replace(effort, gap=ROUGH, twice=False, lean=False))
    rivals = sorted((one for one in tried if one.worth[0]), key=lambda one: one.worth[1], reverse=True)
    begin, best = program, None
    if tried:
        first = rivals[0] if rivals else tried[0]
        begin = program.with_multipliers(first.own)
        if rivals:
            best = first.outcome
            best.multipliers = best.drawn = first.own
    outcome, worth, missing = None, (False, 0.0), NoPlanError()
    try:
        outcome = _agreed(begin, solved, effort, best, say)
        worth = _dependable(program, outcome.drawn, outcome)
    except NoPlanError as error:
        if not rivals:
            raise
        missing = error
    for rival in rivals[:MOST_RIVALS]:
        if outcome is not None and rival.worth <= (worth[0], worth[1] + CLEARLY * abs(worth[1])):
            break
        say("solving for what the draws say is more dependable")
        asked = program.with_multipliers({**rival.own, **{key: rival.asked[key] for key in rival.held}})
        with suppress(NoPlanError, SolverError):
            other = _agreed(asked, solved, effort, rival.outcome, say, rival.held)
            its_own = _dependable(program, other.drawn, other)
            if outcome is None or its_own > worth:
                other.seconds += 0.0 if outcome is None else outcome.seconds
                outcome, worth = other, its_own
    if outcome is None:
        raise missing
    return recounted(program, outcome)


def _agreed(
    program: Program,
    solved: Callable[[Program, Effort], Outcome],
    effort: Effort,
    best: Outcome | None,
    say: Callable[[str], None],
    held: frozenset[str] = frozenset(),
) -> Outcome:
    """Solve, draw, and solve again with the k of the plan found, until they move no more.

    Args:
        program: with the k to begin with.
        solved, effort, say: as `calibrated`.
        best: a plan to begin with; it is the answer where time is up before another is found.
        held: whose k stay as they are.
    """
    for number in range(ROUNDS):
        try:
            outcome = solved(program, effort if best is None else _from(effort, program, best))
        except NoPlanError:
            raise NoPlanError(program.multipliers) from None
        except SolverError:
            if best is None or not best.multipliers:
                raise
            return best  # time was up
        asked = {sure.key: program.multiplier(sure) for sure in sures_of_program(program)}
        drawn = multipliers_of(program, outcome.columns)
        settled = {key for key, k in asked.items() if abs(drawn[key] - k) <= MOVED * max(k, SMALL_K)}
        outcome.multipliers = asked
        outcome.drawn = {key: asked[key] if key in settled else k for key, k in drawn.items()}
        best = outcome
        if settled | held >= set(asked):
            break
        say("drawing what the plan may come to")
        if number + 2 == ROUNDS:  # two plans that ask for each other's k: the larger is safe for both
            drawn = {key: max(k, asked[key]) for key, k in drawn.items()}
        program = program.with_multipliers({**drawn, **{key: asked[key] for key in held}})
    assert best is not None
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


def _tries(program: Program, solved: Callable[[Program, Effort], Outcome], rough: Effort) -> list[_Tried]:
    """Plans that are roughly the best for several k, of the objective and of the limits; none where time was up.

    Plans that differ in how lopsided they are ask for different k, and each may be the best for its own.

    Raises:
        NoPlanError: where not even the means can be kept.
    """
    tried: list[_Tried] = []

    def found(asked: Mapping[str, float], held: frozenset[str], outcome: Outcome) -> _Tried:
        own = multipliers_of(program, outcome.columns)
        tried.append(_Tried(asked, held, own, outcome, _dependable(program, own, outcome)))
        return tried[-1]

    begin, outcome = _first(program, solved, rough)
    if outcome is None:
        return []
    sures = sures_of_program(program)
    first = found({sure.key: begin.multiplier(sure) for sure in sures}, frozenset(), outcome)

    def at(share: float, keys: frozenset[str]) -> _Tried | None:
        k = {s.key: share * normal_multiplier(s.confidence) for s in sures if s.key in keys}
        asked = {**first.own, **k}
        with suppress(NoPlanError, SolverError):
            return found(asked, keys, solved(program.with_multipliers(asked), rough))
        return None

    goals = frozenset(sure.key for sure in sures if not sure.rule)
    limits = frozenset(sure.key for sure in sures if sure.rule)
    if goals:
        for share in SHARES:
            at(share, goals)
    if limits:
        below, above = 0.0, 1.0
        for share in SHARES:
            one = at(share, limits)
            if one is not None and not one.worth[0]:
                below = share
        for _ in range(HALVINGS):  # the smallest k whose plan keeps every limit by its own draws
            middle = (below + above) / 2
            one = at(middle, limits)
            if one is not None and not one.worth[0]:
                below = middle
            else:
                above = middle
    return tried


def _first(
    program: Program, solved: Callable[[Program, Effort], Outcome], rough: Effort
) -> tuple[Program, Outcome | None]:
    """A plan for the normal k, and the program with the k that it was solved with; None where time was up.

    The normal k are often too large, because bad luck goes less far than good luck. So where they leave no plan, one is
    looked for that keeps the means.
    """
    means = {sure.key: 0.0 for sure in sures_of_program(program)}
    for begin in (program, program.with_multipliers(means)):
        try:
            return begin, solved(begin, rough)
        except NoPlanError:
            if begin is not program:
                raise NoPlanError(_typical(program)) from None
        except SolverError:
            return begin, None
    raise AssertionError("one of the two was returned or raised")


def _dependable(program: Program, own: Mapping[str, float], outcome: Outcome) -> tuple[bool, float]:
    """How good a plan is by its own k: whether it keeps the limits, then the first objective, the more the better."""
    program = program.with_multipliers(own)
    goal = program.scenario.objective[0]
    sign = 1.0 if goal.sense == "maximize" else -1.0
    return _keeps(program, outcome.columns), sign * program.goal_linear(goal, outcome.columns)


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
