"""The smallest budget (or the fewest hours) for a goal: the scenario with `minimize: cost` and a floor.

The budget that is looked for leaves the scenario, everything else stays: hours, shares, bookings, other
floors. Without limits that are a share of that budget the answer is one call of the core. Limits that are
("at most 10% of budget for each creator") mean the budget that is looked for, not today's: `least_cap`
finds the least budget for which there is a plan, and the core's plan for the scenario with that budget is
the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal

import numpy as np

from optimizer.__version__ import __version__
from optimizer.flow import CONFLICT_SECONDS, optimize_within
from optimizer.infeasible.least_cap import (
    CAP,
    Least,
    cap_conflict,
    cap_program_of,
    most_of,
    same_places,
    shares_of,
)
from optimizer.jobs.clock import Clock
from optimizer.language.errors import (
    Conflict,
    InfeasibleError,
    PathItem,
    Problem,
    ScenarioError,
    SolverError,
    did_you_mean,
)
from optimizer.language.measures import MEASURES, RATIOS, REACH, coin_of, unit_of
from optimizer.language.names import composed
from optimizer.language.numbers import tidy
from optimizer.language.quantities import grouped
from optimizer.language.synonyms import measure_meant
from optimizer.plan.plan import Plan
from optimizer.plan.simulated import with_risk
from optimizer.program.draws import DRAWS, SEED, check_draws
from optimizer.program.program import program_of
from optimizer.scenario.given import given_scenario
from optimizer.scenario.scenario import Scenario
from optimizer.solve.ask import has_plan
from optimizer.solve.bookable import cleaned
from optimizer.solve.kept import rows_of
from optimizer.solve.question import NoPlanError
from optimizer.solve.ready import refuse_confidence
from optimizer.solve.sieve import among_kept
from optimizer.whatif.goal_of_rows import asked_of_rows, most_of_rows
from optimizer.whatif.goal_result import GoalAnswer, GoalFloor, Obstacle

MOST_TRIES = 6
"""How often the number that was found is moved by one unit before that is given up."""
ALITTLE = 1e-6
"""Relative; more than the most that can be reached, and more than rounding."""
GOAL = "goal: "
"""The names of the floors begin with this."""


_NO_CHANCES = (
    "`goal` looks for the least money to the cent, by typical numbers",
    "`optimize frontier --over budget=...` shows the dependable result at every budget",
)
"""Why a scenario with a confidence is refused, and what to ask instead."""


def goal(
    scenario: Scenario,
    floors: Mapping[str, float],
    *,
    least: Least = "cost",
    time_limit: float | None = None,
    on_progress: Callable[[str], None] | None = None,
    draws: int = DRAWS,
) -> GoalAnswer:
    """The least budget, or the fewest hours, that reaches all floors at once.

    Args:
        scenario: its objective does not matter; its budget (hours) is what is looked for.
        floors: measure -> at least this much, in the measure's unit: {"engagements": 50_000}. Any measure
            of the scenario, and reach.
        least: "cost" for the least budget under the effort cap, "hours" for the fewest hours under the
            budget.
        time_limit: seconds for everything.
        on_progress: called with a short text at each step.
        draws: cases to draw for what the plan may come to, the chance to reach the goal among it; 0 for none.

    Returns:
        The answer; without a plan where no money (hours) is enough, and then with the most that can be
        reached and what holds it there.

    Raises:
        ScenarioError: where a floor names no measure, or the scenario cannot be planned.
        InfeasibleError: where the scenario has no plan even without the goal and at any money (hours).
        SolverError: where time was up before any plan was found.
    """
    check_draws(draws, SEED)
    say = on_progress or (lambda text: None)
    clock = Clock(time_limit)
    own = given_scenario(scenario).own_measures()
    refuse_confidence(scenario, *_NO_CHANCES)
    floors = {measure_meant(composed(measure), own): wanted for measure, wanted in floors.items()}
    _check(scenario, floors, least)
    asked = goal_scenario(scenario, floors, least=least)
    shares = shares_of(asked, CAP[least])
    say(f"looking for the least {least}")
    rows = rows_of(scenario)
    if rows is not None and not shares:
        asked = asked_of_rows(scenario, asked, least, clock)
        if asked._sieved is not None:
            return _over_all(scenario, asked, floors, least, clock, draws)
        scenario = rows.whole()
        asked = goal_scenario(scenario, floors, least=least)
    scenario = among_kept(scenario)
    try:
        if shares:
            needed, bound, proven, plan = _with_shares(scenario, floors, least, clock)
        else:
            plan = optimize_within(asked, clock.left, exact=True)
            needed, bound = (
                rounded_up(plan.objective.value, smallest(least, scenario.currency)),
                plan.objective.bound,
            )
            proven = plan.status == "optimal"
        needed, proven, plan = _tried(scenario, floors, least, (needed, proven, plan), clock)
    except NoPlanError:
        say("looking for what stands in the way")
        return _out_of_reach(scenario, asked, floors, least, clock)
    moving = [asked.limits[i].name or asked.limits[i].measure for i in shares]
    return _answer(scenario, floors, least, (needed, bound, proven, plan), moving, draws)


def _over_all(
    scenario: Scenario, asked: Scenario, floors: Mapping[str, float], least: Least, clock: Clock, draws: int
) -> GoalAnswer:
    """The answer over all rows of large rosters; `asked` has the offers of those that matter for it."""
    unit = smallest(least, scenario.currency)
    try:
        plan = optimize_within(asked, clock.left)
    except NoPlanError:
        return _out_of_reach(scenario, asked, floors, least, clock)
    needed, bound = rounded_up(plan.objective.value, unit), plan.objective.bound
    proven = bound is not None and needed - unit < bound
    return _answer(scenario, floors, least, (needed, bound, proven, plan), [], draws)


def _answer(
    scenario: Scenario,
    floors: Mapping[str, float],
    least: Least,
    found: tuple[float, float | None, bool, Plan],
    moving: Sequence[str],
    draws: int,
) -> GoalAnswer:
    needed, bound, proven, plan = found
    if draws:
        plan = with_risk(program_of(Scenario.model_validate(plan.inputs)), plan, draws)
    return GoalAnswer(
        least=least,
        unit=unit_of(least, scenario.currency),
        goals=[
            GoalFloor(
                measure=measure,
                unit=unit_of(measure, scenario.currency),
                wanted=wanted,
                reached=plan.totals.of(measure),
            )
            for measure, wanted in floors.items()
        ],
        needed=needed,
        bound=None if bound is None else tidy(bound),
        proven=proven,
        today=getattr(scenario, CAP[least]),
        plan=plan,
        moving=moving,
        obstacles=[],
        version=__version__,
        creators=plan.scenario.creators,
        kept=0 if plan.solver.checked.kept else plan.scenario.kept,
    )


def goal_scenario(
    scenario: Scenario, floors: Mapping[str, float], *, least: Least = "cost", at: float | None = None
) -> Scenario:
    """The scenario whose best plan answers the goal: least cost (hours), with the floors as limits.

    `at` gives it a budget (hours); without, it has none. It may then have limits that are a share of a
    budget it does not have, see `goal`.
    """
    extra = [
        {"name": f"{GOAL}{measure}", "measure": measure, "min": wanted} for measure, wanted in floors.items()
    ]
    data = scenario.model_dump(mode="json", exclude_unset=True)
    data["objective"] = {"minimize": least}
    data["limits"] = [*data.get("limits", []), *extra]
    data.pop(CAP[least], None)
    if at is not None:
        data[CAP[least]] = at
    return same_places(Scenario.model_validate(data), scenario)


def smallest(least: Least, currency: str) -> float:
    """What is counted in: cents, whole units of a currency without cents, hundredths of an hour."""
    return coin_of(currency) if least == "cost" else 0.01


def rounded_up(number: float, unit: float) -> float:
    """To the next whole number of units; digits that are only noise do not count."""
    units = Decimal(repr(float(number))) / Decimal(repr(unit))
    nearest = round(units)
    if nearest < units - Decimal("1e-12") * max(Decimal(1), abs(units)):
        nearest += 1
    return float(nearest * Decimal(repr(unit)))


def _tried(
    scenario: Scenario,
    floors: Mapping[str, float],
    least: Least,
    found: tuple[float, bool, Plan],
    clock: Clock,
) -> tuple[float, bool, Plan]:
    """The least cap as it will be typed: enough, and one unit less is not, both shown by planning with it.

    Where one unit less is enough after all, what was found was not the least; the search goes on from there.
    """
    needed, proven, plan = found
    unit = Decimal(repr(smallest(least, scenario.currency)))

    def enough(cap: float) -> bool | None:
        return has_plan(
            program_of(goal_scenario(scenario, floors, least=least, at=cap)), max(0.1, clock.left)
        )

    def moved(cap: float, units: int) -> float:
        return float(Decimal(repr(float(cap))) + units * unit)

    for _ in range(MOST_TRIES):
        if enough(needed) is False:
            needed = moved(needed, 1)
            continue
        less = enough(moved(needed, -1)) if needed >= unit else False
        if not less:
            return needed, proven and less is False, plan
        needed = moved(needed, -1)
        with suppress(NoPlanError):
            plan = optimize_within(
                goal_scenario(scenario, floors, least=least, at=needed), clock.left, exact=True
            )
            needed = min(needed, rounded_up(plan.objective.value, float(unit)))
    return needed, False, plan


def _check(scenario: Scenario, floors: Mapping[str, float], least: Least) -> None:
    """Refuse what is no goal, all at once."""
    known = [*MEASURES, REACH.name, *scenario.measures]
    problems = []
    if not floors:
        problems.append(Problem(("goal",), "no goal is given", "e.g. engagements: 50000"))
    for measure, wanted in floors.items():
        path: tuple[PathItem, ...] = ("goal", measure)
        if measure in RATIOS:
            part = RATIOS[measure].denominator
            hint = f"ask for {part}, and set a limit on {measure} in the scenario"
            problems.append(Problem(path, f"{measure} is a ratio, not something to reach", hint))
        elif measure not in known:
            problems.append(Problem(path, f"unknown measure {measure!r}", did_you_mean(measure, known)))
        elif measure == least:
            problems.append(Problem(path, f"{measure} cannot be both the goal and what is to be least"))
        elif not (isinstance(wanted, int | float) and math.isfinite(wanted)):
            problems.append(Problem(path, f"{wanted!r} is not a number"))
        elif measure == REACH.name and scenario.audience is None:
            hint = "add audience: {people: 12M, overlap: 8%}"
            problems.append(Problem(path, "reach needs the size of the audience", hint))
    for index in shares_of(scenario, CAP[least]):
        if scenario.limits[index].per == "creator" and not scenario.solver.whole_creators:
            text = f"a share of {CAP[least]} for each creator, which is looked for, needs whole creators"
            hint = "write a number, or set solver: {whole_creators: true}"
            problems.append(scenario.locate(Problem(("limits", index), text, hint)))
    if problems:
        raise ScenarioError(problems)


def _with_shares(
    scenario: Scenario, floors: Mapping[str, float], least: Least, clock: Clock
) -> tuple[float, float | None, bool, Plan]:
    """The least cap R, a bound on it, whether it is proven, and the core's plan for it."""
    capped = cap_program_of(goal_scenario(scenario, floors, least=least), least)
    objective = np.append(np.zeros(capped.program.packages.columns), 1.0)
    solution = capped.solve(objective, maximize=False, seconds=clock.left)
    if solution.status == "infeasible":
        raise NoPlanError
    if not len(solution.values):
        raise SolverError(
            "time was up before any plan was found; that does not mean there is none", timed_out=True
        )
    columns = cleaned(capped.program, solution.values)
    cap = max(  # the least R that the plan's rows allow
        (float(row.coefficients[:-1] @ columns) - row.upper) / -row.coefficients[-1]
        for row in capped.rows()
        if math.isfinite(row.upper) and row.coefficients[-1] < 0
    )
    # Rounded up to the cent where that is allowed; a floor that is a share of R may forbid it.
    for wish in dict.fromkeys(
        (rounded_up(cap, smallest(least, scenario.currency)), tidy(cap), tidy(cap * (1 + 1e-9)))
    ):
        with suppress(NoPlanError):
            fitted = goal_scenario(scenario, floors, least=least, at=wish)
            plan = optimize_within(fitted, clock.left, exact=True)
            return wish, solution.bound, solution.status == "optimal", plan
    raise SolverError(f"the {CAP[least]} of {cap:,.2f} that was found left no plan when it was verified")


# --- where no money helps -----------------------------------------------------------------------------------


def _out_of_reach(
    scenario: Scenario, asked: Scenario, floors: Mapping[str, float], least: Least, clock: Clock
) -> GoalAnswer:
    """What stands in the way, and the most that can be reached of each measure.

    Of large rosters the most is over all rows; which limits hold it there is told by the offers that matter for it.
    """
    deadline = Clock(min(CONFLICT_SECONDS, clock.left))
    over_all = asked._sieved is not None
    obstacles = cap_conflict(asked, least, deadline)
    first = len(scenario.limits)
    if all(_goal_of(o, first) is None for o in obstacles):
        raise InfeasibleError(
            f"there is no plan even without the goal and with any {CAP[least]}",
            obstacles,
        )
    bare = goal_scenario(scenario, {}, least=least)
    capped = cap_program_of(bare, least)
    goals = []
    for measure, wanted in floors.items():
        there = scenario
        if over_all:
            most, there = most_of_rows(scenario, measure, least, clock)
        else:
            most = most_of(capped, measure, clock.left)
        held: list[str] = []
        if most.value is not None and most.value < wanted:
            # What holds it is what stands in the way of a little more than that, not of all that is wanted.
            more = wanted if most.status != "proven" else most.value + ALITTLE * max(1.0, abs(most.value))
            conflict = cap_conflict(goal_scenario(there, {measure: more}, least=least), least, deadline)
            held = [o.name for o in conflict if _goal_of(o, first) is None]
        goals.append(
            GoalFloor(
                measure=measure,
                unit=unit_of(measure, scenario.currency),
                wanted=wanted,
                reached=None,
                most=most.value,
                most_status=most.status,
                held_by=held,
            )
        )
    return GoalAnswer(
        least=least,
        unit=unit_of(least, scenario.currency),
        goals=goals,
        needed=None,
        bound=None,
        proven=True,
        today=getattr(scenario, CAP[least]),
        plan=None,
        moving=[bare.limits[i].name or bare.limits[i].measure for i in shares_of(bare, CAP[least])],
        obstacles=[_obstacle(o, _goal_of(o, first), floors, scenario.currency) for o in obstacles],
        version=__version__,
        creators=int(asked.chosen_from or 0),
        kept=0 if over_all or asked.chosen_from is None else len(asked.offers),
    )


def _goal_of(member: Conflict, first: int) -> int | None:
    """Which goal a member of a conflict is; None for what the scenario asks itself, whose limits come `first`."""
    position = member.path[1] if member.path[:1] == ("limits",) else -1
    return position - first if isinstance(position, int) and position >= first else None


def _obstacle(member: Conflict, goal: int | None, floors: Mapping[str, float], currency: str) -> Obstacle:
    if goal is None:
        return Obstacle(name=member.name, text=member.text, place=member.place)
    measure, wanted = list(floors.items())[goal]
    text = f"{measure}: at least {grouped(wanted)} {unit_of(measure, currency)}"
    return Obstacle(name=member.name, text=text, place="")
