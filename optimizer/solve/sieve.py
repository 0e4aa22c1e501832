"""A roster too large to make an offer of each row: planned by prices over all rows, then told by the nearest few.

The plan and its bound are over everybody. The scenario that everything else works with has the rows that are booked and
those that are nearest to being so; the others are further from any plan than these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from optimizer.language.errors import SolverError
from optimizer.language.measures import RATIOS, REACH, is_money
from optimizer.program.checks import sure_places
from optimizer.program.packages import Floats, Ints
from optimizer.program.program import Program
from optimizer.program.rules import Bools, needs_switch
from optimizer.scenario.scenario import Scenario
from optimizer.solve.bookable import SAME
from optimizer.solve.box import LEAST_SHARE
from optimizer.solve.everybody import Everybody, everybody
from optimizer.solve.lagrangian import Planned, plan_roster
from optimizer.solve.large import as_roster, why_not
from optimizer.solve.pricing import allowed_prices, nearest
from optimizer.solve.question import Checked, Found, NoPlanError, Question
from optimizer.solve.search import allowed

NEAREST = 600
"""Rows kept besides those that are booked."""
SHARE_OF_TIME = 0.6
"""Of the time limit, for all rows; the rest is for those that are kept."""
MOST_WHOLE = 20_000
"""Rows up to which a scenario that prices cannot plan has an offer for each and goes to the solver."""
_NOT_ASKED = frozenset(("name", "author", "notes", "dates", "solver", "stress"))
"""Fields of a scenario that the first objective's best value does not rest on."""


@dataclass(frozen=True)
class Sieved:
    """What was found over all rows, kept with the scenario of the nearest ones.

    Attributes:
        creators: rows and other offers that the bound is over.
        kept: those that the scenario has.
        status: as `Planned.status`.
        bound: no plan of all of them has more (less, where less is wanted), linear; None where there is none.
        checked: what the bound rests on.
        seconds: what it took.
        booked: name of an offer -> posts, of the plan found.
        parts: in how many parts the workers of a cluster looked at the rows; 0 where this process did.
        scenario: the scenario, as far as the bound holds for it.
    """

    creators: int
    kept: int
    status: Literal["optimal", "feasible", "infeasible", "not_known"]
    bound: float | None
    checked: Checked
    seconds: float
    booked: Mapping[str, int]
    parts: int = 0
    scenario: Mapping[str, Any] = field(default_factory=dict)

    def holds_for(self, scenario: Scenario) -> bool:
        """Whether a scenario asks the same of the same rows, so that the bound is one for it too."""
        return all(getattr(scenario, name) is value for name, value in self.scenario.items())


@dataclass(frozen=True)
class Sifted:
    """The rows that are kept: offers by position among all, rising; and what was found. `posts` is 0 for not booked,
    `parts` as in `Sieved`."""

    offers: Ints
    posts: Ints
    planned: Planned
    rows: int
    parts: int


def cannot(scenario: Scenario, program: Program | None = None) -> str:
    """Why a scenario of very many rows cannot be planned by prices over all of them; empty where it can.

    Args:
        scenario: the scenario.
        program: over all rows, where it is there already.
    """
    measures = [goal.measure for goal in scenario.objective] + [limit.measure for limit in scenario.limits]
    if sure_places(scenario):
        return "something has a confidence"
    if any(goal.over is not None for goal in scenario.objective):
        return "an objective is over stress cases"
    if REACH.name in measures:
        return "reach is asked for"
    if scenario.audience is not None and scenario.audience.many:
        return "the audience has segments"
    if any(limit.or_none for limit in scenario.limits):
        return "a limit may be left out (or_none)"
    if program is None:
        return ""
    if any(needs_switch(rule) for rule in program.rules):
        return "a limit for each creator is a share of a total"
    return why_not(question_of(program))


def question_of(program: Program) -> Question:
    """The first objective."""
    goal = program.scenario.objective[0]
    values = program.goal_values(goal)
    return Question(program, values, maximize=goal.sense == "maximize", gap=program.scenario.gap)


def sift(program: Program, own: int, executor: Executor | None = None) -> Sifted:
    """Plans all rows and says which ones to keep.

    Args:
        program: over all rows; `cannot` has nothing against it.
        own: offers, before all others, that are kept in any case.
        executor: a cluster whose workers look at the rows, where these are very many.

    Raises:
        SolverError: where the solver or a worker fails.
        ClusterError: where the cluster is lost.
    """
    question = question_of(program)
    asked = as_roster(question)
    if isinstance(asked, str):
        raise SolverError(asked)
    seconds = SHARE_OF_TIME * program.scenario.solver.time_limit
    packages = program.packages
    with everybody(asked.roster, executor) as all_:
        planned = plan_roster(
            asked.roster, gap=question.gap, seconds=seconds, outwards=asked.outwards, everybody=all_
        )
        chosen = planned.choice if len(planned.choice) else np.zeros(len(packages.offered), dtype=np.int8)
        booked = chosen > 0
        wanted = booked | (packages.room_min > 0)
        wanted[:own] = True
        wanted[_nearest(all_, planned, wanted)] = True
    offers = np.flatnonzero(wanted)
    first = packages.offered.posts[0][offers]
    posts = np.where(booked[offers], first + chosen[offers] - 1, 0)
    return Sifted(offers, posts.astype(np.int64), planned, asked.roster.rows, all_.parts)


def _nearest(all_: Everybody, planned: Planned, taken: Bools) -> Ints:
    """Those that smallest changes of prices would book; where there is no plan, those of most worth at these too."""
    roster = all_.roster
    y = allowed_prices(roster, planned.prices)
    value, rows = roster.scales()
    radius = np.maximum(np.abs(y), LEAST_SHARE * value / rows)
    distance = all_.look(y, radius, near=NEAREST + int(np.count_nonzero(taken))).distance
    usable = np.isfinite(roster.value).any(axis=0) & ~taken
    found = _first(np.where(usable, distance, np.inf), NEAREST)
    if planned.status in ("optimal", "feasible"):
        return found
    best = np.where(usable, np.where(np.isfinite(roster.value), roster.value, -np.inf).max(axis=0), -np.inf)
    return np.concatenate([found, _first(-best, NEAREST)])


def _first(numbers: Floats, count: int) -> Ints:
    """Positions of the smallest numbers that are finite."""
    found = nearest(numbers, count)
    return found[np.isfinite(numbers[found])]


def among_kept(scenario: Scenario) -> Scenario:
    """The scenario as one of the rows that are kept alone, for questions whose answers are compared with each other:
    what was found over all rows is near the best, what is found among a few may be the very best of these."""
    if scenario._sieved is None:
        return scenario
    alone = scenario.model_copy()
    alone._sieved = None
    return alone


def attached(scenario: Scenario, known: Sieved) -> Scenario:
    """A scenario of the same rows, or of more of them, that was made anew, with what was found over all."""
    found = scenario.model_copy()
    kept = len(scenario.offers)
    checked = replace(known.checked, kept=kept)
    found._sieved = replace(known, kept=kept, checked=checked, scenario=_asked_of(found))
    return found


def known_over_all(scenario: Scenario) -> Sieved | None:
    """What was found over all rows, as it travels to other processes, where `attached` puts it back."""
    return None if scenario._sieved is None else replace(scenario._sieved, scenario={})


def told_for(same: Scenario, scenario: Scenario) -> Scenario:
    """A scenario that asks the same in another currency, with what was found over all rows; without where the first
    objective is money, of which the bound is then another number."""
    known = scenario._sieved
    if known is None or not known.holds_for(scenario):
        return same
    measure = scenario.objective[0].measure
    return same if is_money(measure) or measure in RATIOS else attached(same, known)


def _asked_of(scenario: Scenario) -> dict[str, Any]:
    return {name: getattr(scenario, name) for name in type(scenario).model_fields if name not in _NOT_ASKED}


def sieved(scenario: Scenario, sifted: Sifted, creators: int) -> Sieved:
    """What is kept with the scenario of the rows that are kept; `creators` is the number of all."""
    planned = sifted.planned
    maximize = scenario.objective[0].sense == "maximize"
    bound = planned.bound if planned.bound is None or maximize else -planned.bound
    names = scenario.offer_names()
    booked = {name: int(posts) for name, posts in zip(names, sifted.posts, strict=True) if posts}
    core = planned.open if planned.proof == "core" else 0
    checked = Checked(planned.opinions, prices=sifted.rows, creators=creators, core=core, kept=len(names))
    same = _asked_of(scenario)
    return Sieved(
        creators, len(names), planned.status, bound, checked, planned.seconds, booked, sifted.parts, same
    )


def over_all(question: Question, among_kept: Callable[[], Found]) -> Found:
    """The plan of a question about the rows that are kept; with the bound over all rows, where it is the question that
    was asked of these, and with none for any other about the same scenario.

    Args:
        question: about a scenario of a few rows of large rosters.
        among_kept: finds the plan among these.

    Raises:
        SolverError: where neither a plan was found nor that there is none.
        NoPlanError: where there is none; for another question, none among the rows that are kept.
    """
    known: Sieved = question.program.scenario._sieved
    if not _the_same(question, known):
        found = among_kept()
        if question.max_nodes is None and known.holds_for(question.program.scenario):
            return replace(
                found, bound=None, proven=False
            )  # a later objective: nothing is known of the other rows
        return found
    columns = _columns(question, known)
    if known.bound is not None and allowed(question, columns):
        found = Found(columns, question.value(columns, columns), None, False, known.seconds, "Feasible")
    else:  # the recount in decimals has something against it, or there is no plan yet
        try:
            found = among_kept()
        except NoPlanError:
            if known.status == "infeasible":
                raise
            message = f"no plan of the {known.creators:,} creators was found, which does not mean that there is none"
            raise SolverError(message) from None
    if known.bound is None:
        return replace(found, bound=None, proven=False)
    bound = question.best_of(known.bound, found.value)
    proven = abs(bound - found.value) <= max(question.gap, SAME) * abs(found.value)
    status = "Optimal" if proven else "Feasible"
    return replace(found, bound=bound, proven=proven, raw_status=status, checked=known.checked)


def _columns(question: Question, known: Sieved) -> Floats:
    """The plan found over all rows, shape (columns,)."""
    packages = question.program.packages
    columns = np.zeros(packages.columns)
    for package in range(packages.count):
        name, posts = packages.key(package)
        columns[package] = float(known.booked.get(name) == posts)
    return columns


def _the_same(question: Question, known: Sieved) -> bool:
    program = question.program
    goal = program.scenario.objective[0]
    return (
        known.holds_for(program.scenario)
        and program is program.scenario._program
        and not question.rows
        and question.recounted
        and question.max_nodes is None
        and question.maximize == (goal.sense == "maximize")
        and np.array_equal(question.objective, program.goal_values(goal))
    )
