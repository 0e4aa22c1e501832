"""Each objective in turn, holding those before it; then the plan is made lean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from optimizer.language.errors import Problem, SolverError, UnlimitedError
from optimizer.program.packages import Floats
from optimizer.program.program import Program
from optimizer.program.reaching import Reaching
from optimizer.program.rules import Row
from optimizer.program.sure import Sure
from optimizer.scenario.scenario import Goal
from optimizer.solve.ask import search
from optimizer.solve.bookable import SAME
from optimizer.solve.over_cases import over_cases
from optimizer.solve.question import Checked, NoPlanError, Question, UnboundedError

LEAN_NODES = 200


LEAN_WORK = 2_000
"""Branch-and-bound nodes spent on each re-solve that looks for a cheaper plan as good as the one found: so many, or
this many divided by the columns, but as many as the best plan took. Counts and not times, so that the same versions
give the same plan."""


@dataclass
class Stage:
    """One objective after its search; linear values (for reach: effective contacts).

    Of a regret over stress cases, `best_alone` has the value of the best plan of each case.
    """

    goal: Goal
    best: float
    bound: float | None
    proven: bool
    raw_status: str
    checked: Checked = field(default_factory=Checked)
    best_alone: dict[str, float] | None = None


@dataclass
class Outcome:
    """What the solves came to: creators per column, what was proven on the way, and what a next solve must keep."""

    columns: Floats
    stages: list[Stage] = field(default_factory=list)
    seconds: float = 0.0
    held: list[Row] = field(default_factory=list)
    reachings: tuple[Reaching, ...] = ()
    """What a next solve must keep of reach that no row says."""
    nodes: int = 0
    multipliers: Mapping[str, float] = field(default_factory=dict)
    """The k of what has a confidence, as it was solved for."""
    drawn: Mapping[str, float] = field(default_factory=dict)
    """The k that the draws of this very plan ask for; the same ones where they agree, or nothing was drawn."""


@dataclass(frozen=True)
class Effort:
    """How much of the work to do; all of it by default.

    Attributes:
        first_only: solve the first objective only: for questions about the best value rather than about the plan.
        gap: relative gap; None for the scenario's.
        twice: hear a second opinion on each proof; without, it rests on one search that was recounted and tried by one
            booking (none of 5,000 such answers of `tests.proofs` was false).
        lean: look for the cheapest among plans as good; without, equal plans may be told apart differently.
        start: creators per package to start from, shape (packages,); saves time where they are nearly a plan.
    """

    first_only: bool = False
    gap: float | None = None
    twice: bool = True
    lean: bool = True
    start: Sequence[float] | None = None


EVERYTHING = Effort()


BEST_VALUE = Effort(first_only=True, gap=0.0, twice=False, lean=False)
"""The best value of the first objective, exactly: for questions asked by the hundred."""


WHAT_IF = Effort(twice=False)
"""A whole plan that is only looked at, not handed out."""


def in_order(program: Program, say: Callable[[str], None], effort: Effort, deadline: float) -> Outcome:
    """Each objective in turn, holding those before it, for k as they are; then the least cost, then the fewest hours.

    Args:
        program: the scenario.
        say: told of each step.
        effort: how much of the work to do.
        deadline: moment of `time.perf_counter()` at which to stop.

    Raises:
        NoPlanError: where there is none.
        UnlimitedError: where nothing limits an objective.
        SolverError: as `optimize`.
    """
    options = program.scenario.solver
    goals = program.scenario.objective[:1] if effort.first_only else program.scenario.objective
    gap = program.scenario.gap if effort.gap is None else effort.gap
    given = effort.start
    start = None if given is None else program.packages.with_switches(np.asarray(given, dtype=float))
    rows: list[Row] = []
    sures: list[Sure] = []
    reachings: list[Reaching] = []
    outcome: Outcome | None = None
    for position, goal in enumerate(goals):
        left = max(0.01, deadline - time.perf_counter()) / (len(goals) - position)
        over = over_cases(program, goal, left, say)
        say(f"solving for {goal.measure}")
        values = program.goal_values(goal)
        question = Question(
            program,
            values,
            maximize=goal.sense == "maximize",
            rows=rows,
            gap=gap,
            start=outcome.columns if outcome else start,
            twice=effort.twice,
            sure=program.sure_goal(goal),
            sures=tuple(sures),
            reaching=program.reaching_goal(goal) if over is None else None,
            reachings=tuple(reachings),
        )
        left = max(0.01, deadline - time.perf_counter()) / (len(goals) - position)
        try:
            found = search(question, left) if over is None else over.found(search(over.asked(question), left))
        except UnboundedError:
            raise unlimited(program, position) from None
        except (NoPlanError, SolverError) as error:
            if outcome is None:
                raise _not_found(error, options.time_limit) from None
            # The plan that is there holds what was found so far; nothing is known about this objective.
            value = (
                program.goal_linear(goal, outcome.columns) if over is None else over.value(outcome.columns)
            )
            best = None if over is None else over.best_of()
            outcome.stages.append(Stage(goal, value, None, False, "not solved in time", best_alone=best))
        else:
            if outcome is None:
                outcome = Outcome(found.columns)
            outcome.columns = found.columns
            outcome.seconds += found.seconds
            outcome.nodes = max(outcome.nodes, found.nodes)
            best = None if over is None else over.best_of()
            outcome.stages.append(
                Stage(goal, found.value, found.bound, found.proven, found.raw_status, found.checked, best)
            )
        if over is not None:
            rows = [*rows, *over.held(over.given_up(over.value(outcome.columns)))]
            continue
        least = given_up(program, goal, program.goal_linear(goal, outcome.columns))
        if question.sure is not None:
            sures.append(question.sure.held(least))
            continue
        kept = hold(program, goal, least)
        if isinstance(kept, Row):
            rows = [*rows, kept]
        else:
            reachings.append(kept)
    assert outcome is not None
    outcome.held = rows
    outcome.reachings = tuple(reachings)
    if effort.lean and not (sures or program.sures):
        make_lean(program, outcome, deadline, say)
    return outcome


def unlimited(program: Program, position: int) -> UnlimitedError:
    """The error for an objective that nothing limits."""
    goal = program.scenario.objective[position]
    problem = Problem(("objective", position, goal.sense), f"no limit holds {goal.measure}")
    return UnlimitedError([program.scenario.locate(problem)])


def _not_found(error: NoPlanError | SolverError, time_limit: float) -> NoPlanError | SolverError:
    if isinstance(error, SolverError) and error.timed_out:
        text = f"no plan was found in {time_limit:g} seconds; that does not mean there is none"
        return SolverError(text, timed_out=True)
    return error


def make_lean(
    program: Program, outcome: Outcome, deadline: float, say: Callable[[str], None] = lambda text: None
) -> None:
    """The least cost among plans as good, then the fewest hours, as far as a limited search finds them.

    Where the least cost is known only to within a gap, there is no telling which plans are as cheap: the hours stay.

    Args:
        program: the scenario.
        outcome: a plan whose objectives are settled; changed.
        deadline: moment of `time.perf_counter()` at which to stop.
        say: told of each step.
    """
    rows, goal = outcome.held, outcome.stages[-1].goal
    last = goal.measure if goal.over is None else ""
    most = max(outcome.nodes, min(LEAN_NODES, LEAN_WORK // program.packages.columns), 1)
    for measure in ("cost", "hours"):
        values = program.packages.measures[measure]
        left = deadline - time.perf_counter()
        if np.isnan(values).any() or left < 0.05 or last == measure:
            continue
        say(f"looking for less {measure}")
        question = Question(
            program,
            values,
            maximize=False,
            rows=rows,
            gap=program.scenario.gap,
            max_nodes=most,
            start=outcome.columns,
            reachings=outcome.reachings,
        )
        with suppress(NoPlanError, SolverError, UnboundedError):  # the plan that is there stays
            found = search(question, left)
            outcome.seconds += found.seconds
            if found.value < float(values @ outcome.columns):
                outcome.columns = found.columns
            if found.bound is None or found.value - found.bound > SAME * max(1.0, abs(found.value)):
                return
        rows = [*rows, Row(f"lean_{measure}", values, -np.inf, float(values @ outcome.columns))]


def hold(program: Program, goal: Goal, least: float) -> Row | Reaching:
    """What keeps an objective at `least` or better (a linear value) in later solves."""
    reaching = program.reaching_goal(goal)
    if reaching is not None:
        return reaching.held(least)
    name, values = f"hold_{goal.measure}", program.goal_values(goal)
    return Row(name, values, least, np.inf) if goal.sense == "maximize" else Row(name, values, -np.inf, least)


def given_up(program: Program, goal: Goal, best: float) -> float:
    """The linear value that later solves must keep: best less `within` of it, in the measure's own unit."""
    if goal.within == 0:
        return best
    sign = -1.0 if goal.sense == "maximize" else 1.0
    model = program.model_of(goal)
    if model is not None:
        people = program.goal_amount(goal, best) * (1 + sign * goal.within)
        return float(model.people * model.index(min(people, model.people * (1 - 1e-12))))
    return float(best + sign * goal.within * abs(best))
