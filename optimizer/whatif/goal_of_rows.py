"""A goal for a scenario whose rosters are too large to make an offer of each row: planned over all rows, by prices.

What `goal` looks for is a question like any other, "minimize cost" with a floor: all rows are looked at again for it,
and the bound is over all of them. It is proven to within the scenario's gap, not to the last cent.
"""

from __future__ import annotations

from optimizer.flow import optimize_within
from optimizer.infeasible.least_cap import CAP, Least, Most
from optimizer.jobs.clock import Clock
from optimizer.language.errors import SolverError, UnlimitedError
from optimizer.scenario.scenario import Scenario
from optimizer.solve.kept import Rows
from optimizer.solve.question import NoPlanError


def asked_of_rows(scenario: Scenario, asked: Scenario, least: Least, clock: Clock) -> Scenario:
    """The scenario whose best plan answers a goal, with the offers that matter for it.

    Args:
        scenario: with all rows at hand.
        asked: the same question about the offers that it has.
        least: what is to be least; its cap is left out.
        clock: the time there is.

    Raises:
        ScenarioError: where all rows cannot be asked that.
        SolverError: where the solver fails.
    """
    limits = asked.model_dump(mode="json", exclude_unset=True)["limits"]
    return _anew(scenario, {"objective": {"minimize": least}, "limits": limits, CAP[least]: None}, clock)


def most_of_rows(scenario: Scenario, measure: str, least: Least, clock: Clock) -> tuple[Most, Scenario]:
    """The most of one measure that any plan of all rows brings at any money (hours); and the scenario in which it was
    looked for, with the offers that matter for it.

    Raises:
        ScenarioError, SolverError: as `asked_of_rows`.
    """
    try:
        there = _anew(scenario, {"objective": {"maximize": measure}, CAP[least]: None}, clock)
    except UnlimitedError:
        return Most(None, "unlimited"), scenario
    try:
        plan = optimize_within(there, clock.left)
    except NoPlanError:  # not even without the goal, which is told of the limits
        return Most(None, "proven"), there
    except SolverError:
        return Most(None, "time was up"), there
    proven = plan.status == "optimal"
    value = plan.objective.value if plan.objective.bound is None else plan.objective.bound
    return Most(value, "proven" if proven else "time was up"), there


def _anew(scenario: Scenario, changes: dict[str, object], clock: Clock) -> Scenario:
    rows: Rows = scenario._rows
    if clock.left < scenario.solver.time_limit:
        changes = {**changes, "solver.time_limit": max(0.01, clock.left)}
    found = rows.anew(changes)
    own = {path: mark for path, mark in scenario._marks.items() if path[:1] == ("limits",)}
    found._marks = {**found._marks, **own}
    return found
